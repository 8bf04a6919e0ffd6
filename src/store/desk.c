/* Each work stands in `pending` from being asked until it is freed. One that has waited too long
 * may be in the hands of a thread just then: it is answered all the same, and freed when it comes
 * back. An answer may close the desk, and callers up the stack still hold it, so its memory goes at
 * the end of the turn; from then on the engine is somebody else's, or gone. */
#include "store/desk.h"

#include "base/panic.h"
#include "base/xalloc.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LOOK_US (250 * 1000u) /* for works that have waited too long */

struct desk {
    struct engine *engine; /* NULL: closed */
    struct loop *loop;
    bool is_inline;
    struct outbox outbox;
    struct watch watch; /* its event */
    struct link pending;
    struct link refused;   /* to be answered in the next turn */
    struct link answering; /* what has come back, now */
    struct task task;      /* answers the refused; inline, has works done */
    struct task free_task;
    struct timer look;
    struct store_status status;
};

/* ---- answering ---- */

static void work_gone(struct desk *d, struct work *w)
{
    link_leave(&w->pending);
    engine_uncount(d->engine, w);
    w->kind->free(w);
}

static void answer(struct work *w, int err)
{
    if (w->is_answered)
        return;
    w->is_answered = true;
    w->kind->answer(w, err);
}

static void answer_all(struct desk *d)
{
    while (d->engine && !list_is_empty(&d->answering)) {
        struct work *w = work_of(list_pop(&d->answering));
        answer(w, w->err);
        if (d->engine)
            work_gone(d, w);
    }
}

static void answer_finished(struct desk *d)
{
    engine_fetch(&d->answering, d->engine, &d->outbox);
    answer_all(d);
}

static void on_event(void *arg, uint32_t events)
{
    struct desk *d = arg;
    eventfd_t n;
    (void)events;
    eventfd_read(d->outbox.event, &n);
    answer_finished(d);
}

static void on_task(void *arg)
{
    struct desk *d = arg;
    list_splice(&d->answering, &d->refused);
    answer_all(d);
    if (!d->is_inline || !d->engine)
        return;
    engine_turn(d->engine);
    answer_finished(d);
}

/* ---- what waits too long ---- */

static void refuse_old(struct desk *d)
{
    uint64_t now = clock_mono_us(&clock_system);
    LIST_EACH(l, &d->pending) {
        struct work *w = work_of_pending(l);
        if (now - w->asked_us < DESK_WAIT_US)
            return;
        if (w->kind->is_patient || w->is_answered)
            continue;
        bool is_ours = engine_take_back(d->engine, w);
        answer(w, ERR_STORAGE_UNAVAILABLE);
        if (!d->engine)
            return;
        if (is_ours)
            work_gone(d, w);
    }
}

static void on_look(void *arg)
{
    struct desk *d = arg;
    refuse_old(d);
    if (d->engine && !list_is_empty(&d->pending))
        loop_arm(d->loop, &d->look, LOOK_US);
}

/* ---- asking ---- */

void desk_do(struct desk *d, struct work *w)
{
    bool is_first = list_is_empty(&d->pending);
    ASSERT(d->engine);
    link_init(&w->link);
    link_init(&w->pending);
    list_push(&d->pending, &w->pending);
    w->outbox = &d->outbox;
    int err = engine_take(d->engine, w);
    if (err) {
        w->err = err;
        list_push(&d->refused, &w->link);
    }
    if (err || d->is_inline)
        loop_soon(d->loop, &d->task);
    else if (is_first)
        loop_arm(d->loop, &d->look, LOOK_US);
}

enum store_state desk_state(const struct desk *d)
{
    return engine_state(d->engine);
}

const struct store_status *desk_status(struct desk *d)
{
    engine_status(&d->status, d->engine);
    return &d->status;
}

/* ---- beginning and end ---- */

static void destroy(void *arg)
{
    struct desk *d = arg;
    LIST_EACH(l, &d->pending)
        work_of_pending(l)->kind->free(work_of_pending(l));
    xfree(d);
}

static int watch_outbox(struct desk *d)
{
    d->outbox.event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (d->outbox.event < 0)
        return ERR_IO;
    d->watch = (struct watch){ .fd = d->outbox.event, .fn = on_event, .arg = d };
    int err = loop_watch(d->loop, &d->watch, EPOLLIN);
    if (err)
        d->watch.fd = -1;
    return err;
}

/* *takes* a place at the engine. */
static int open_desk(struct desk **out, struct engine *e, struct loop *loop, bool is_inline)
{
    struct desk *d = xalloc(sizeof *d);
    *d = (struct desk){
        .engine = e,
        .loop = loop,
        .is_inline = is_inline,
        .outbox = { .event = -1 },
        .watch = { .fd = -1 },
    };
    link_init(&d->outbox.works);
    link_init(&d->pending);
    link_init(&d->refused);
    link_init(&d->answering);
    task_init(&d->task, on_task, d);
    task_init(&d->free_task, destroy, d);
    timer_init(&d->look, on_look, d);
    int err = is_inline ? 0 : watch_outbox(d);
    if (err)
        desk_close(d);
    else
        *out = d;
    return err;
}

int desk_new(struct desk **out, struct loop *loop, const struct engine_settings *settings)
{
    return open_desk(out, engine_new(settings), loop, settings->is_inline);
}

int desk_share(struct desk **out, const struct desk *d, struct loop *loop)
{
    ASSERT(d->engine);
    engine_join(d->engine);
    return open_desk(out, d->engine, loop, d->is_inline);
}

void desk_close(struct desk *d)
{
    struct engine *e = d->engine;
    ASSERT(e);
    d->engine = NULL;
    engine_leave(e, &d->pending);
    loop_unwatch(d->loop, &d->watch);
    if (d->outbox.event >= 0)
        close(d->outbox.event);
    loop_disarm(d->loop, &d->look);
    link_leave(&d->task.link);
    loop_free_later(d->loop, &d->free_task);
}
