/* What waits belongs to the session's listener, which is made with the session's first message,
 * goes with it to other loops, and ends with dispatch_drop(). The first of those that wait is being
 * asked about: its room is loaded, a file is looked for, a deputy has it. */
#include "base/panic.h"
#include "base/xalloc.h"
#include "dialect/dispatch_parts.h"

/* ---- the queue ---- */

static struct waiting *waiting_of(struct link *l)
{
    return CONTAINER_OF(l, struct waiting, link);
}

static void enqueue(struct listener *l, struct link *before, struct waiting *w)
{
    list_push(before, &w->link);
    l->n++;
    l->bytes += w->request.json.len;
}

struct waiting *listener_pop(struct listener *l)
{
    struct waiting *w = waiting_of(list_pop(&l->waiting));
    l->n--;
    l->bytes -= w->request.json.len;
    return w;
}

/* What a deputy drops is done, as far as its home is concerned. */
static void drop_all(struct listener *l)
{
    while (l->n > 0) {
        struct waiting *w = listener_pop(l);
        if (l->is_deputy)
            deputy_done(l->session, w->request.serial, 0);
        xfree(w);
    }
    l->is_handed = false;
    l->tried = 0;
    errand_desk_clear(&l->desk);
}

/* ERR_BUSY: too many wait already, or too much. */
static int put_off(struct listener *l, const struct request *r)
{
    size_t len = r->json.len;
    if (l->n >= SESSION_WAITING || len > SESSION_WAITING_BYTES - l->bytes)
        return ERR_BUSY;
    struct waiting *w = xtry(NULL, sizeof(*w) + len);
    if (w == NULL)
        return ERR_NO_MEMORY;
    link_init(&w->link);
    if (len > 0)
        memcpy(w->json, r->json.p, len);
    w->request = *r;
    w->request.json = slice_of(w->json, len);
    enqueue(l, &l->waiting, w);
    return 0;
}

/* A connection that was lost meanwhile has nothing more to ask: what it did not hear an answer to
 * did not happen. */
static void go_on(struct listener *l)
{
    struct dispatch *d = l->dispatch;
    struct session *s = l->session;
    if (s->is_lost)
        drop_all(l);
    while (s->listener == l && l->n > 0 && !l->is_handed) {
        struct waiting *w = listener_pop(l);
        if (dispatch_handle(d, s, &w->request) == ERR_AGAIN) {
            enqueue(l, l->waiting.next, w);
            return;
        }
        xfree(w);
        if (s->listener == l)
            l->tried = 0;
    }
}

static void on_task(void *arg)
{
    go_on(arg);
}

void listener_wake(struct listener *l)
{
    if (l->dispatch->is_busy)
        loop_soon(hub_loop(l->dispatch->hub), &l->task);
    else
        go_on(l);
}

static void on_wake(struct hub_wait *w)
{
    listener_wake(CONTAINER_OF(w, struct listener, wait));
}

static void on_back(void *arg)
{
    listener_wake(arg);
}

int listener_make(struct dispatch *d, struct session *s)
{
    if (s->listener != NULL)
        return 0;
    struct listener *l = xtry(NULL, sizeof(*l));
    if (l == NULL)
        return ERR_NO_MEMORY;
    *l = (struct listener){ .dispatch = d, .session = s, .wait = { .fn = on_wake } };
    link_init(&l->waiting);
    link_init(&l->wait.link);
    task_init(&l->task, on_task, l);
    l->desk = (struct errand_desk){ .all = &d->errands, .on_back = on_back, .arg = l };
    s->listener = l;
    return 0;
}

int listener_take(struct dispatch *d, struct session *s, const struct request *r)
{
    struct listener *l = s->listener;
    if (l->n > 0)
        return put_off(l, r);
    int err = dispatch_handle(d, s, r);
    if (err != ERR_AGAIN)
        return err;
    err = put_off(l, r);
    if (err) {
        l->is_handed = false; /* whatever becomes of it there */
        link_leave(&l->wait.link);
        errand_desk_clear(&l->desk);
    }
    return err;
}

/* ---- to another loop ---- */

int dispatch_may_leave(const struct session *s)
{
    const struct listener *l = s->listener;
    bool is_asking = l && (link_is_in(&l->wait.link) || l->desk.errand);
    return is_asking ? ERR_AGAIN : session_may_leave(s);
}

void dispatch_leave(struct session *s)
{
    struct listener *l = s->listener;
    if (l)
        link_leave(&l->task.link);
    session_leave(s);
}

int dispatch_enter(struct dispatch *d, struct session *s, const struct line *line)
{
    struct listener *l = s->listener;
    if (l) {
        l->dispatch = d;
        l->desk.all = &d->errands;
    }
    int err = session_enter(s, d->hub, line);
    if (err)
        dispatch_drop(d, s);
    else
        dispatch_stay(s);
    return err;
}

void dispatch_stay(struct session *s)
{
    struct listener *l = s->listener;
    if (l)
        loop_soon(hub_loop(s->hub), &l->task);
}

/* ---- the end ---- */

void dispatch_drop(struct dispatch *d, struct session *s)
{
    struct listener *l = s->listener;
    if (l == NULL)
        return;
    ASSERT(l->dispatch == d);
    drop_all(l);
    link_leave(&l->wait.link);
    link_leave(&l->task.link);
    xfree(l);
    s->listener = NULL;
}
