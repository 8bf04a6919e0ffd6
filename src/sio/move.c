/* A client goes to another loop with all that is its own: the session below, the sockets above. Its
 * sockets sit in no rooms there and have asked nothing, or they stay. One that comes back to a lost
 * socket of another loop goes there before it connects. */
#include "base/panic.h"
#include "base/xalloc.h"
#include "sio/parts.h"

struct sio_move {
    struct mail mail;
    struct task task;
    struct timer again;
    unsigned n_looks;
    struct sio_client *client;
    unsigned place;
};

static struct sio_socket *socket_of(struct link *l)
{
    return CONTAINER_OF(l, struct sio_socket, link);
}

static int may_socket_leave(const struct sio_socket *s)
{
    const struct sio_app *app = s->nsp->app;
    bool is_bound = !list_is_empty(&s->rooms) || !list_is_empty(&s->asks);
    return is_bound || !app->may_leave ? ERR_CONFLICT : app->may_leave(s);
}

static int may_leave(const struct sio_client *c)
{
    bool is_soon = !eio_may_leave(c->session);
    LIST_EACH(l, &c->sockets) {
        int err = may_socket_leave(socket_of(l));
        if (err && err != ERR_AGAIN)
            return err;
        is_soon = is_soon || err;
    }
    return is_soon ? ERR_AGAIN : 0;
}

static void move_free(struct sio_move *m)
{
    link_leave(&m->task.link);
    loop_disarm(m->client->server->loop, &m->again);
    m->client->move = NULL;
    xfree(m);
}

void sio_move_cancel(struct sio_client *c)
{
    if (c->move)
        move_free(c->move);
}

/* ---- there ---- */

static int enter(struct sio_socket *s, struct sio_server *server)
{
    struct sio_namespace *n = sio_find_namespace(server, s->nsp->name);
    s->nsp = n;
    s->mark = 0; /* which broadcast it was told of last: each server counts its own */
    sio_note_coming(s);
    return map_put(&n->sockets, sio_id(s), s, NULL);
}

static void enter_all(struct sio_client *c)
{
    LIST_EACH(l, &c->sockets) {
        struct sio_socket *s = socket_of(l);
        int err = enter(s, c->server);
        int app_err = s->nsp->app->on_enter(s);
        s->is_homeless = err || app_err;
    }
}

/* Who found no place can be told so only now. */
static void end_homeless(struct sio_client *c)
{
    LIST_EACH(l, &c->sockets) {
        if (socket_of(l)->is_homeless)
            sio_disconnect(socket_of(l), false);
    }
}

static void arrive(struct mail *mail)
{
    struct sio_move *m = CONTAINER_OF(mail, struct sio_move, mail);
    struct sio_client *c = m->client;
    unsigned place = m->place;
    struct eio_server *engine = c->server->engine->all->at[place];
    xfree(m);
    c->server = engine->user_arg;
    if (list_is_empty(&c->sockets))
        sio_arm_connect(c);
    enter_all(c);
    eio_enter(c->session, place);
    end_homeless(c);
    sio_go_on(c);
}

/* ---- here ---- */

static void stay(struct sio_move *m)
{
    struct sio_client *c = m->client;
    move_free(m);
    LIST_EACH(l, &c->sockets) {
        struct sio_socket *s = socket_of(l);
        if (s->nsp->app->on_stay)
            s->nsp->app->on_stay(s);
    }
    sio_go_on(c);
}

static void leave_all(struct sio_client *c, unsigned place)
{
    loop_disarm(c->server->loop, &c->connect);
    LIST_EACH(l, &c->sockets) {
        struct sio_socket *s = socket_of(l);
        s->nsp->app->on_leave(s);
        sio_note_going(s, place);
        map_remove(&s->nsp->sockets, sio_id(s));
    }
}

/* Where the session ends on the way out, this has been cancelled. */
static void depart(void *arg)
{
    struct sio_move *m = arg;
    struct sio_client *c = m->client;
    unsigned place = m->place;
    int err = may_leave(c);
    uint64_t look_us = err == ERR_AGAIN ? places_look_us(m->n_looks++) : 0;
    if (look_us > 0) {
        loop_arm(c->server->loop, &m->again, look_us);
    } else if (err) {
        c->has_stayed = err == ERR_AGAIN;
        stay(m);
    } else if (eio_leave(c->session, place)) {
        c->move = NULL;
        leave_all(c, place);
        m->mail.fn = arrive;
        loop_post(c->server->engine->all->places->loops[place], &m->mail);
    }
}

static void on_again(void *arg)
{
    depart(arg);
}

bool sio_move(struct sio_socket *s, unsigned place)
{
    return s->client && sio_move_client(s->client, place);
}

bool sio_move_client(struct sio_client *c, unsigned place)
{
    int err = c->session ? may_leave(c) : ERR_CONFLICT;
    if (err && err != ERR_AGAIN)
        return false;
    if (c->move)
        return c->move->place == place;
    if (c->has_stayed) {
        c->has_stayed = false;
        return false;
    }
    struct sio_move *m = xalloc(sizeof *m);
    *m = (struct sio_move){ .client = c, .place = place };
    task_init(&m->task, depart, m);
    timer_init(&m->again, on_again, m);
    c->move = m;
    loop_at_end(c->server->loop, &m->task);
    return true;
}
