#include "web/conn_move.h"

#include "base/panic.h"
#include "base/xalloc.h"

struct conn_move {
    struct mail mail;
    struct task task;
    struct conn *conn;
    struct front *to;
    bool is_begun;
};

/* The peer has gone before we have: that is all there is to it. */
static void on_gone(struct request *r)
{
    struct conn_move *m = r->handler_arg;
    if (m)
        link_leave(&m->task.link);
    xfree(m);
}

static void arrive(struct mail *mail)
{
    struct conn_move *m = CONTAINER_OF(mail, struct conn_move, mail);
    struct conn *c = m->conn;
    struct front *f = m->to;
    bool is_begun = m->is_begun;
    xfree(m);
    c->front = f;
    c->request->front = f;
    c->request->handler_arg = NULL;
    list_push(&f->conns, &c->link);
    int err = stream_enter(c->stream, f->loop, &f->stats.net);
    if (err) {
        stream_close(c->stream, err);
        return;
    }
    c->request->on_gone = NULL;
    c->is_last = c->is_last || f->is_closed;
    conn_go_on_here(c, is_begun);
}

/* One that is about to end stays, and takes its request with it. */
static void depart(void *arg)
{
    struct conn_move *m = arg;
    struct conn *c = m->conn;
    if (!stream_may_leave(c->stream)) {
        c->request->handler_arg = NULL;
        xfree(m);
        return;
    }
    stream_leave(c->stream);
    loop_disarm(c->front->loop, &c->timer);
    link_leave(&c->link);
    m->mail.fn = arrive;
    loop_post(m->to->loop, &m->mail);
}

bool conn_is_settled(const struct request *r)
{
    return r->n_moves > r->front->all->places->n;
}

void conn_send_to(struct conn *c, unsigned place, bool is_begun)
{
    struct conn_move *m = xalloc(sizeof *m);
    struct request *r = c->request;
    ASSERT(c->phase == CONN_HANDLING && !r->is_answered && place != c->front->place);
    *m = (struct conn_move){ .conn = c, .to = c->front->all->at[place], .is_begun = is_begun };
    task_init(&m->task, depart, m);
    r->n_moves++;
    r->on_gone = on_gone;
    r->handler_arg = m;
    loop_at_end(c->front->loop, &m->task);
}
