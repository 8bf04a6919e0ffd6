/* Every member makes its work. Where there is no memory for one, or nothing that could do it, a
 * refusal takes its place in the queue: it reads nothing and gives its error, so that answers keep
 * their order. */
#include "store/durable.h"

#include "base/panic.h"
#include "base/xalloc.h"
#include "store/works.h"

struct durable {
    struct store store;
    struct loop *loop;
    struct desk *desk;
    struct copier *copier; /* NULL: none */
    struct task task;      /* when it is closed, to be freed */
};

static struct durable *durable_of(struct store *s)
{
    return CONTAINER_OF(s, struct durable, store);
}

/* ---- refusals ---- */

struct refusal {
    struct work work;
    int err;
    union {
        store_done *done;
        store_log_done *log;
        store_messages_done *messages;
        store_rooms_done *rooms;
        store_history_done *history;
        store_dashboard_done *dashboard;
        store_users_done *users;
        store_revocations_done *revocations;
        store_files_done *files;
    };
    void *arg;
};

static struct refusal *refusal_of(struct work *w)
{
    return CONTAINER_OF(w, struct refusal, work);
}

static int refusal_read(struct work *w, struct sql *db)
{
    (void)db;
    return refusal_of(w)->err;
}

static void refusal_free(struct work *w)
{
    xfree(refusal_of(w));
}

#define REFUSAL(member, ...)                                                       \
    static void refuse_##member(struct work *w, int err)                           \
    {                                                                              \
        refusal_of(w)->member(refusal_of(w)->arg, err __VA_OPT__(, ) __VA_ARGS__); \
    }                                                                              \
    static const struct work_kind refusal_of_##member = {                          \
        .name = "refusal",                                                         \
        .read = refusal_read,                                                      \
        .answer = refuse_##member,                                                 \
        .free = refusal_free,                                                      \
    };

REFUSAL(done)
REFUSAL(log, NULL)
REFUSAL(messages, NULL)
REFUSAL(rooms, NULL)
REFUSAL(history, NULL)
REFUSAL(dashboard, NULL)
REFUSAL(users, NULL)
REFUSAL(revocations, NULL)
REFUSAL(files, NULL)

static void refuse(struct durable *d, const struct refusal *like)
{
    struct refusal *r = xalloc(sizeof(*r));
    *r = *like;
    r->work.bytes = sizeof(*r);
    desk_do(d->desk, &r->work);
}

/* Has the work done, or, where there is none, tells `done`, a callback of that kind, so. */
#define DO(store, maybe_work, member_, done_, arg_)                           \
    do {                                                                      \
        struct durable *d_ = durable_of(store);                               \
        struct work *w_ = (maybe_work);                                       \
        if (w_ != NULL)                                                       \
            desk_do(d_->desk, w_);                                            \
        else                                                                  \
            refuse(d_,                                                        \
                &(struct refusal){ .work = { .kind = &refusal_of_##member_ }, \
                    .err = ERR_NO_MEMORY,                                     \
                    .member_ = (done_),                                       \
                    .arg = (arg_) });                                         \
    } while (0)

/* ---- rooms ---- */

static const struct store_status *durable_status(const struct store *s)
{
    return desk_status(CONTAINER_OF(s, struct durable, store)->desk);
}

static void check_append(const struct store_append *a)
{
    ASSERT(a->n > 0 && a->n <= STORE_APPEND_MAX && a->room_id.len > 0);
    ASSERT(a->epoch.len <= STORE_EPOCH_MAX);
    for (uint32_t i = 0; i < a->n; i++) {
        const struct stored_event *e = &a->events[i];
        ASSERT(e->seq == a->events[0].seq + i);
        ASSERT(e->event != NULL && e->event->seq == e->seq);
    }
}

static void durable_append(
    struct store *s, const struct store_append *a, store_done *done, void *arg)
{
    check_append(a);
    DO(s, work_append(a, done, arg), done, done, arg);
}

static void durable_snapshot(
    struct store *s, const struct store_snapshot *n, store_done *done, void *arg)
{
    ASSERT(n->seq > 0 && n->n > 0);
    DO(s, work_snapshot(n, done, arg), done, done, arg);
}

static void durable_load(
    struct store *s, struct slice room_id, struct slice epoch, store_log_done *done, void *arg)
{
    ASSERT(epoch.len <= STORE_EPOCH_MAX);
    DO(s, work_load(room_id, epoch, done, arg), log, done, arg);
}

static void durable_forget(struct store *s, struct slice room_id, store_done *done, void *arg)
{
    DO(s, work_forget(room_id, done, arg), done, done, arg);
}

static void durable_messages(
    struct store *s, const struct store_message_query *q, store_messages_done *done, void *arg)
{
    ASSERT(q->limit > 0 && q->limit <= STORE_PAGE_MAX);
    DO(s, work_messages(q, done, arg), messages, done, arg);
}

static void durable_rooms(
    struct store *s, const struct store_room_query *q, store_rooms_done *done, void *arg)
{
    ASSERT(q->limit > 0 && q->limit <= STORE_PAGE_MAX);
    DO(s, work_rooms(q, done, arg), rooms, done, arg);
}

static void durable_history(
    struct store *s, struct slice room_id, store_history_done *done, void *arg)
{
    DO(s, work_history(room_id, done, arg), history, done, arg);
}

static void durable_dashboard(
    struct store *s, const struct store_dashboard_query *q, store_dashboard_done *done, void *arg)
{
    ASSERT(q->user_id.len > 0);
    DO(s, work_dashboard(q, done, arg), dashboard, done, arg);
}

/* ---- accounts ---- */

static void durable_put_user(
    struct store *s, enum store_put how, const struct store_user *u, store_done *done, void *arg)
{
    DO(s, work_put_user(how, u, done, arg), done, done, arg);
}

static void durable_users(
    struct store *s, const struct store_user_query *q, store_users_done *done, void *arg)
{
    DO(s, work_users(q, done, arg), users, done, arg);
}

static void durable_drop_user(struct store *s, struct slice id, store_done *done, void *arg)
{
    DO(s, work_drop_user(id, done, arg), done, done, arg);
}

static void durable_revoke(
    struct store *s, const struct store_revocation *r, store_done *done, void *arg)
{
    DO(s, work_revoke(r, done, arg), done, done, arg);
}

static void durable_revocations(
    struct store *s, int64_t now_ms, store_revocations_done *done, void *arg)
{
    DO(s, work_revocations(now_ms, done, arg), revocations, done, arg);
}

/* ---- files ---- */

static void durable_put_file(struct store *s, enum store_put how, const struct store_file *f,
    const struct store_quota *quota, store_done *done, void *arg)
{
    DO(s, work_put_file(how, f, quota, done, arg), done, done, arg);
}

static void durable_files(
    struct store *s, const struct store_file_query *q, store_files_done *done, void *arg)
{
    DO(s, work_files(q, done, arg), files, done, arg);
}

static void durable_drop_file(struct store *s, struct slice id, store_done *done, void *arg)
{
    DO(s, work_drop_file(id, done, arg), done, done, arg);
}

/* ---- all of it ---- */

static void durable_sweep(
    struct store *s, const struct store_retention *r, store_done *done, void *arg)
{
    DO(s, work_sweep(durable_of(s)->desk, r, done, arg), done, done, arg);
}

static void durable_copy(struct store *s, const struct store_copy *to, store_done *done, void *arg)
{
    struct durable *d = durable_of(s);
    if (d->copier != NULL)
        copier_copy(d->copier, to, done, arg);
    else
        refuse(d,
            &(struct refusal){ .work = { .kind = &refusal_of_done },
                .err = ERR_NOT_IMPLEMENTED,
                .done = done,
                .arg = arg });
}

static int durable_share(struct store **out, struct store *s, struct loop *loop)
{
    const struct durable *d = durable_of(s);
    struct desk *desk = NULL;
    int err = desk_share(&desk, d->desk, loop);
    if (err)
        return err;
    *out = store_durable_new(loop, desk, d->copier ? copier_share(d->copier, loop) : NULL);
    return 0;
}

static void free_it(void *arg)
{
    struct durable *d = arg;
    xfree(d);
}

static void durable_close(struct store *s)
{
    struct durable *d = durable_of(s);
    if (d->copier != NULL)
        copier_free(d->copier);
    desk_close(d->desk);
    d->copier = NULL;
    d->desk = NULL;
    loop_free_later(d->loop, &d->task);
}

static const struct store_ops durable_ops = {
    .name = "durable",
    .status = durable_status,
    .append = durable_append,
    .snapshot = durable_snapshot,
    .load = durable_load,
    .forget = durable_forget,
    .messages = durable_messages,
    .rooms = durable_rooms,
    .history = durable_history,
    .dashboard = durable_dashboard,
    .put_user = durable_put_user,
    .users = durable_users,
    .drop_user = durable_drop_user,
    .revoke = durable_revoke,
    .revocations = durable_revocations,
    .put_file = durable_put_file,
    .files = durable_files,
    .drop_file = durable_drop_file,
    .sweep = durable_sweep,
    .copy = durable_copy,
    .share = durable_share,
    .close = durable_close,
};

struct store *store_durable_new(struct loop *loop, struct desk *desk, struct copier *copier)
{
    struct durable *d = xalloc(sizeof(*d));
    *d = (struct durable){
        .store = { .ops = &durable_ops }, .loop = loop, .desk = desk, .copier = copier
    };
    task_init(&d->task, free_it, d);
    return &d->store;
}
