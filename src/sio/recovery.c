/* Connection state recovery: a socket that is lost is kept for a while, with its id, its rooms and
 * what was last sent to it. The client proves itself by a secret (pid) and says what it saw last
 * (offset); what is kept is handed out once. */
#include "base/json_read.h"
#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "sio/parts.h"

static void forget(struct sio_server *server, struct sio_lost *lost)
{
    map_remove(&server->lost, slice_of(lost->pid, sizeof lost->pid));
    link_leave(&lost->link);
}

static void arm_forget(struct sio_server *server)
{
    uint64_t now = loop_now_us(server->loop);
    if (list_is_empty(&server->lost_list))
        return;
    struct sio_lost *first = CONTAINER_OF(server->lost_list.next, struct sio_lost, link);
    loop_arm(server->loop, &server->forget, first->until_us > now ? first->until_us - now : 0);
}

static void on_forget(void *arg)
{
    struct sio_server *server = arg;
    uint64_t now = loop_now_us(server->loop);
    while (!list_is_empty(&server->lost_list)) {
        struct sio_lost *lost = CONTAINER_OF(server->lost_list.next, struct sio_lost, link);
        if (lost->until_us > now)
            break;
        forget(server, lost);
        sio_lost_free(lost);
    }
    arm_forget(server);
}

void sio_recovery_init(struct sio_server *server)
{
    map_init(&server->lost, (struct map_key){ .k0 = random_u64(), .k1 = random_u64() });
    link_init(&server->lost_list);
    timer_init(&server->forget, on_forget, server);
}

void sio_recovery_fini(struct sio_server *server)
{
    loop_disarm(server->loop, &server->forget);
    while (!list_is_empty(&server->lost_list)) {
        struct sio_lost *lost = CONTAINER_OF(server->lost_list.next, struct sio_lost, link);
        forget(server, lost);
        sio_lost_free(lost);
    }
    map_fini(&server->lost);
}

void sio_lost_free(struct sio_lost *lost)
{
    if (!lost)
        return;
    history_fini(&lost->history);
    xfree(lost->rooms);
    xfree(lost);
}

/* Names and slices in one piece of memory. */
static int copy_rooms(struct sio_lost *lost, const struct sio_socket *s)
{
    size_t n = sio_rooms_of(s, NULL, 0);
    size_t bytes = n * sizeof(struct slice);
    if (n == 0)
        return 0;
    struct slice *rooms = xtry(NULL, bytes);
    if (!rooms)
        return ERR_NO_MEMORY;
    sio_rooms_of(s, rooms, n);
    for (size_t i = 0; i < n; i++)
        bytes += rooms[i].len;
    struct slice *whole = xtry(rooms, bytes);
    if (!whole) {
        xfree(rooms);
        return ERR_NO_MEMORY;
    }
    char *p = (char *)(whole + n);
    for (size_t i = 0; i < n; i++) {
        memcpy(p, whole[i].p, whole[i].len);
        whole[i].p = p;
        p += whole[i].len;
    }
    lost->rooms = whole;
    lost->n_rooms = n;
    return 0;
}

/* A socket that was sent nothing has no offset to name, so it cannot come back. */
void sio_remember(struct sio_socket *s)
{
    struct sio_server *server = s->nsp->server;
    void *old;
    if (s->history.n == 0)
        return;
    struct sio_lost *lost = xalloc(sizeof *lost);
    link_init(&lost->link);
    memcpy(lost->id, s->id, sizeof lost->id);
    memcpy(lost->pid, s->pid, sizeof lost->pid);
    lost->nsp = s->nsp;
    lost->until_us = loop_now_us(server->loop) + server->settings->recovery_ms * UINT64_C(1000);
    if (copy_rooms(lost, s) ||
        map_put(&server->lost, slice_of(lost->pid, sizeof lost->pid), lost, &old)) {
        sio_lost_free(lost);
        return;
    }
    lost->history = s->history;
    history_init(&s->history);
    list_push(&server->lost_list, &lost->link);
    arm_forget(server);
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

struct sio_lost *sio_recall(
    unsigned *missed, struct sio_namespace *n, struct slice auth, struct arena *arena)
{
    struct slice pid;
    struct slice offset;
    struct sio_server *server = n->server;
    if (server->lost.n == 0 || auth.len == 0 || read_claim(&pid, &offset, auth, arena))
        return NULL;
    struct sio_lost *lost = map_find(&server->lost, pid);
    if (!lost || lost->nsp != n || history_find(missed, &lost->history, offset))
        return NULL;
    forget(server, lost);
    return lost;
}
