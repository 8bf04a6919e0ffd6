/* Connection state recovery: a socket that is lost is kept for a while, with its id, its rooms and
 * its history, which goes on. The client proves itself by a secret (pid) and says what it saw last
 * (offset). How many are kept is bounded, in number and in bytes: those lost first are forgotten
 * first.
 *
 * Where loops are several, the client comes back to any of them. A pid names the loop where it was
 * made; when its socket moves on, that loop keeps a trail: where it is now. So from anywhere it is
 * two ways at most. */
#include "base/json_read.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "sio/parts.h"

#define LOST_MAX       16384u
#define LOST_MAX_BYTES (64u << 20)

static struct slice pid_of(const struct sio_socket *s)
{
    return slice_of(s->pid, sizeof s->pid);
}

/* ---- where they are ---- */

struct trail {
    unsigned place;
    char pid[SIO_ID_BYTES];
};

/* What becomes of a trail. */
struct news {
    struct mail mail;
    struct eio_server *to;
    unsigned place;
    char pid[SIO_ID_BYTES];
};

static unsigned place_named_by(const struct sio_server *server, struct slice pid)
{
    return places_of(server->engine->all->places, pid);
}

void sio_make_pid(char pid[SIO_ID_BYTES], const struct sio_server *server)
{
    do
        sio_make_id(pid);
    while (place_named_by(server, slice_of(pid, SIO_ID_BYTES)) != server->engine->place);
}

/* Without memory there is none, and who comes back begins anew. */
static void set_trail(struct sio_server *server, struct slice pid, unsigned place)
{
    struct trail *t = map_find(&server->trails, pid);
    if (t) {
        t->place = place;
        return;
    }
    t = xtry(NULL, sizeof *t);
    if (!t)
        return;
    t->place = place;
    memcpy(t->pid, pid.p, sizeof t->pid);
    if (map_put(&server->trails, slice_of(t->pid, sizeof t->pid), t, NULL))
        xfree(t);
}

static void learn(struct sio_server *server, struct slice pid, unsigned place)
{
    if (place == server->engine->place)
        xfree(map_remove(&server->trails, pid));
    else
        set_trail(server, pid, place);
}

static void on_news(struct mail *mail)
{
    struct news *n = CONTAINER_OF(mail, struct news, mail);
    if (n->to->user_arg) /* else the server ends */
        learn(n->to->user_arg, slice_of(n->pid, sizeof n->pid), n->place);
    xfree(n);
}

/* To the loop that its pid names. */
static void tell(const struct sio_socket *s, unsigned place)
{
    struct sio_server *server = s->nsp->server;
    const struct eio_servers *all = server->engine->all;
    unsigned home = place_named_by(server, pid_of(s));
    if (all->places->n == 1 || server->settings->recovery_ms == 0)
        return;
    if (home == server->engine->place) {
        learn(server, pid_of(s), place);
        return;
    }
    struct news *n = xtry(NULL, sizeof *n);
    if (!n)
        return;
    *n = (struct news){ .mail = { .fn = on_news }, .to = all->at[home], .place = place };
    memcpy(n->pid, s->pid, sizeof n->pid);
    loop_post(n->to->loop, &n->mail);
}

void sio_note_going(const struct sio_socket *s, unsigned place)
{
    if (place != place_named_by(s->nsp->server, pid_of(s)))
        tell(s, place);
}

void sio_note_coming(const struct sio_socket *s)
{
    const struct sio_server *server = s->nsp->server;
    if (server->engine->place == place_named_by(server, pid_of(s)))
        tell(s, server->engine->place);
}

void sio_note_end(const struct sio_socket *s)
{
    tell(s, place_named_by(s->nsp->server, pid_of(s)));
}

/* ---- the lost ---- */

static struct sio_socket *first_lost(const struct sio_server *server)
{
    return CONTAINER_OF(server->lost_list.next, struct sio_socket, link);
}

static bool are_too_large(const struct sio_server *server)
{
    return server->lost.n > LOST_MAX || server->lost_bytes > LOST_MAX_BYTES;
}

static void arm_forget(struct sio_server *server)
{
    uint64_t now = loop_now_us(server->loop);
    if (list_is_empty(&server->lost_list)) {
        loop_disarm(server->loop, &server->forget);
        return;
    }
    uint64_t due = are_too_large(server) ? now : first_lost(server)->until_us;
    loop_arm(server->loop, &server->forget, due > now ? due - now : 0);
}

void sio_regain(struct sio_socket *s)
{
    struct sio_server *server = s->nsp->server;
    map_remove(&server->lost, pid_of(s));
    link_leave(&s->link);
    server->lost_bytes -= s->history.bytes;
    s->is_lost = false;
    arm_forget(server);
}

void sio_give_up(struct sio_socket *s)
{
    const struct sio_app *app = s->nsp->app;
    sio_regain(s);
    sio_socket_forget(s);
    if (s->data && app->on_forget)
        app->on_forget(s);
    s->data = NULL;
}

static void forget_first(struct sio_server *server)
{
    sio_give_up(first_lost(server));
}

static void on_forget(void *arg)
{
    struct sio_server *server = arg;
    uint64_t now = loop_now_us(server->loop);
    while (!list_is_empty(&server->lost_list) &&
        (first_lost(server)->until_us <= now || are_too_large(server)))
        forget_first(server);
    arm_forget(server);
}

void sio_recovery_init(struct sio_server *server)
{
    map_init(&server->lost, (struct map_key){ .k0 = random_u64(), .k1 = random_u64() });
    map_init(&server->trails, (struct map_key){ .k0 = random_u64(), .k1 = random_u64() });
    link_init(&server->lost_list);
    timer_init(&server->forget, on_forget, server);
}

void sio_recovery_fini(struct sio_server *server)
{
    while (!list_is_empty(&server->lost_list))
        forget_first(server);
    map_fini(&server->lost);
    uint32_t at = 0;
    void *trail;
    while ((trail = map_next(&server->trails, &at)))
        xfree(trail);
    map_fini(&server->trails);
}

/* A socket that was sent nothing has no offset to name, so it cannot come back. */
bool sio_remember(struct sio_socket *s)
{
    struct sio_server *server = s->nsp->server;
    uint64_t keep_us = server->settings->recovery_ms * UINT64_C(1000);
    void *old;
    if (s->history.n == 0 || map_put(&server->lost, pid_of(s), s, &old))
        return false;
    s->is_lost = true;
    s->until_us = loop_now_us(server->loop) + keep_us;
    list_push(&server->lost_list, &s->link);
    server->lost_bytes += s->history.bytes;
    while (are_too_large(server))
        forget_first(server); /* never this one: a history is far smaller */
    arm_forget(server);
    return true;
}

void sio_note_missed(struct sio_socket *s, struct sio_message *m)
{
    struct sio_server *server = s->nsp->server;
    if (!s->is_lost || !m->is_remembered)
        return;
    server->lost_bytes -= s->history.bytes;
    history_add(&s->history, m);
    server->lost_bytes += s->history.bytes;
    if (are_too_large(server))
        arm_forget(server); /* later: whoever sends may be walking a list of them */
}

/* The two texts that the client adds to its auth object. */
static int read_claim(
    struct slice *pid, struct slice *offset, struct slice auth, struct arena *arena)
{
    struct json j;
    struct json_value v;
    struct slice ignored;
    *pid = *offset = S("");
    json_init(&j, auth, arena);
    if (json_next(&v, &j) != JSON_OBJECT)
        return ERR_BAD_JSON;
    while (json_next(&v, &j) == JSON_KEY) {
        struct slice *to = json_is(&v, S("pid")) ? pid
            : json_is(&v, S("offset"))           ? offset
                                                 : &ignored;
        if (json_next_whole(&v, &j) != JSON_STRING || to == &ignored)
            continue;
        int err = json_text(to, arena, &v);
        if (err)
            return err;
    }
    return json_err(&j);
}

struct sio_socket *sio_recall(
    unsigned *missed, struct sio_namespace *n, struct slice auth, struct arena *arena)
{
    struct slice pid;
    struct slice offset;
    struct sio_server *server = n->server;
    if (server->lost.n == 0 || auth.len == 0 || read_claim(&pid, &offset, auth, arena))
        return NULL;
    struct sio_socket *s = map_find(&server->lost, pid);
    if (!s || s->nsp != n || history_find(missed, &s->history, offset))
        return NULL;
    return s;
}

unsigned sio_recall_place(const struct sio_server *server, struct slice auth, struct arena *arena)
{
    struct slice pid;
    struct slice offset;
    unsigned here = server->engine->place;
    bool is_alone = server->engine->all->places->n == 1 || server->settings->recovery_ms == 0;
    if (is_alone || auth.len == 0 || read_claim(&pid, &offset, auth, arena))
        return here;
    if (pid.len != SIO_ID_BYTES || offset.len == 0 || map_find(&server->lost, pid))
        return here;
    const struct trail *t = map_find(&server->trails, pid);
    return t ? t->place : place_named_by(server, pid);
}
