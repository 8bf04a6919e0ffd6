/* What changes a room's log: appending to it, and forgetting it.
 *
 * Every append stands behind a fence: the log's row is changed only if it is of the same load and
 * of the number just before. All it runs besides does no harm when the fence is shut, because
 * inserts pass over what is there; and then the engine takes it back. So an append that is tried
 * again, when nobody knows whether it was committed, finds out by the fence. */
#include "base/panic.h"
#include "base/xalloc.h"
#include "store/keep.h"
#include "store/projection.h"
#include "store/works.h"

/* ---- append ---- */

struct append {
    struct work work;
    struct slice room_id;
    struct slice epoch;
    uint64_t first_seq;
    uint64_t last_seq;
    bool is_new;
    bool was_right;   /* in an earlier try, which was perhaps committed */
    struct runs runs; /* the first is the fence */
    uint32_t fence;
    store_done *done;
    void *arg;
};

static struct append *append_of(struct work *w)
{
    return CONTAINER_OF(w, struct append, work);
}

static int append_write(struct work *w, struct sql *db)
{
    struct append *a = append_of(w);
    a->fence = runs_run(&a->runs, db);
    return 0;
}

struct log_state {
    bool is_there;
    bool is_ours; /* of the same load */
    uint64_t last_seq;
    struct slice epoch; /* that is asked for */
};

static int on_state(void *arg, const struct sql_value *at, unsigned n)
{
    struct log_state *s = arg;
    ASSERT(n == 2);
    s->is_there = true;
    s->is_ours = slice_eq(sql_string(&at[0]), s->epoch);
    s->last_seq = (uint64_t)sql_number(&at[1]);
    return 0;
}

static int why_shut(const struct append *a, const struct log_state *s)
{
    if (!s->is_there)
        return ERR_ROOM_NOT_FOUND;
    if (!s->is_ours)
        return ERR_CONFLICT;
    if (a->was_right && s->last_seq >= a->last_seq)
        return ERR_AGAIN;
    return a->is_new ? ERR_CONFLICT : ERR_STORAGE_UNAVAILABLE;
}

static int append_judge(struct work *w, struct sql *db)
{
    struct append *a = append_of(w);
    struct sql_value id = sql_text(a->room_id);
    struct log_state state = { .epoch = a->epoch };
    if (db->ops->changed(db, a->fence) == 1) {
        a->was_right = true;
        return 0;
    }
    int err = db->ops->query(db, SQL_LOG_STATE, &id, 1, on_state, &state);
    return err ? err : why_shut(a, &state);
}

static void append_answer(struct work *w, int err)
{
    struct append *a = append_of(w);
    a->done(a->arg, err);
}

static void append_free(struct work *w)
{
    struct append *a = append_of(w);
    runs_fini(&a->runs);
    xfree(a);
}

static const struct work_kind append_kind = {
    .name = "append",
    .is_patient = true,
    .write = append_write,
    .judge = append_judge,
    .answer = append_answer,
    .free = append_free,
};

static void add_fence(struct append *a, const struct store_append *what)
{
    struct sql_value room_id = sql_text(a->room_id), epoch = sql_text(a->epoch);
    struct sql_value last_seq = sql_int((int64_t)a->last_seq);
    struct sql_value at_ms = sql_int(what->events[what->n - 1].event->at_ms);
    if (!a->is_new) {
        RUNS_ADD(&a->runs, GO_ON_LOG, last_seq, at_ms, room_id, epoch,
            sql_int((int64_t)a->first_seq - 1));
        return;
    }
    RUNS_ADD(&a->runs, ADD_LOG, room_id, epoch, last_seq, sql_int(what->is_fleeting), at_ms);
    RUNS_ADD(&a->runs, ADD_EPOCH, room_id, sql_int(1), epoch, sql_int(0));
}

/* A record is valid text as it is: record_write() makes it so. */
static struct sql_value record_copy(struct runs *runs, struct slice record)
{
    struct slice kept = S("");
    if (!runs->err)
        runs->err = arena_copy(&kept, &runs->memory, record);
    return sql_text(kept);
}

static void add_event(struct append *a, const struct stored_event *stored)
{
    const struct event *e = stored->event;
    RUNS_ADD(&a->runs, ADD_EVENT, sql_text(a->room_id), sql_int((int64_t)stored->seq),
        sql_text(slice_str(event_info(e->type)->name)), sql_int(e->at_ms),
        record_copy(&a->runs, stored->record));
    projection_add(&a->runs, a->room_id, e);
}

static bool is_waited_for(const struct store_append *what)
{
    for (uint32_t i = 0; i < what->n; i++) {
        if (event_info(what->events[i].event->type)->durability == DURABILITY_COMMIT)
            return true;
    }
    return false;
}

static void note_all(struct append *a, const struct store_append *what)
{
    a->room_id = runs_text(&a->runs, what->room_id);
    a->epoch = runs_text(&a->runs, what->epoch);
    add_fence(a, what);
    for (uint32_t i = 0; i < what->n; i++)
        add_event(a, &what->events[i]);
    a->work.bytes = sizeof(*a) + a->runs.memory.used_bytes;
}

struct work *work_append(const struct store_append *what, store_done *done, void *arg)
{
    struct append *a = xtry(NULL, sizeof(*a));
    if (a == NULL)
        return NULL;
    *a = (struct append){
        .work = { .kind = &append_kind, .is_urgent = is_waited_for(what) },
        .first_seq = what->events[0].seq,
        .last_seq = what->events[what->n - 1].seq,
        .is_new = what->is_new,
        .done = done,
        .arg = arg,
    };
    runs_init(&a->runs, WORK_MAX_BYTES);
    note_all(a, what);
    if (runs_err(&a->runs)) {
        append_free(&a->work);
        return NULL;
    }
    return &a->work;
}

/* ---- forget ---- */

struct forget {
    struct work work;
    struct slice room_id;
    uint32_t run;
    bool was_right; /* as of an append */
    store_done *done;
    void *arg;
    char texts[];
};

static struct forget *forget_of(struct work *w)
{
    return CONTAINER_OF(w, struct forget, work);
}

uint32_t rooms_forget(struct sql *db, struct slice room_id)
{
    static const enum sql_statement rest[] = {
        SQL_DROP_LOG_EPOCHS,
        SQL_DROP_LOG_EVENTS,
        SQL_DROP_SNAPSHOT,
        SQL_DROP_ROOM,
        SQL_DROP_ROOM_USERS,
        SQL_DROP_MESSAGES,
        SQL_DROP_WHITEBOARD_SNAPSHOTS,
        SQL_DROP_VIOLATIONS,
        SQL_DROP_SUBMISSIONS,
        SQL_DROP_JOIN_ATTEMPTS,
        SQL_DROP_KICK_EVENTS,
    };
    struct sql_value id = sql_text(room_id);
    uint32_t run = db->ops->run(db, SQL_DROP_LOG, &id, 1);
    for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
        db->ops->run(db, rest[i], &id, 1);
    files_doom_room(db, room_id);
    return run;
}

static int forget_write(struct work *w, struct sql *db)
{
    struct forget *f = forget_of(w);
    f->run = rooms_forget(db, f->room_id);
    return 0;
}

static int forget_judge(struct work *w, struct sql *db)
{
    struct forget *f = forget_of(w);
    if (db->ops->changed(db, f->run) == 1) {
        f->was_right = true;
        return 0;
    }
    return f->was_right ? ERR_AGAIN : ERR_ROOM_NOT_FOUND;
}

static void forget_answer(struct work *w, int err)
{
    struct forget *f = forget_of(w);
    f->done(f->arg, err);
}

static void forget_free(struct work *w)
{
    xfree(forget_of(w));
}

static const struct work_kind forget_kind = {
    .name = "forget",
    .is_patient = true,
    .write = forget_write,
    .judge = forget_judge,
    .answer = forget_answer,
    .free = forget_free,
};

struct work *work_forget(struct slice room_id, store_done *done, void *arg)
{
    size_t bytes = sizeof(struct forget) + room_id.len;
    struct forget *f = xtry(NULL, bytes);
    if (f == NULL)
        return NULL;
    *f = (struct forget){
        .work = { .kind = &forget_kind, .bytes = bytes, .is_urgent = true },
        .room_id = runs_sought(room_id),
        .done = done,
        .arg = arg,
    };
    char *end = f->texts;
    keep_text(&f->room_id, &end);
    return &f->work;
}
