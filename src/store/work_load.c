/* Loading a room's log, and the snapshots that shorten it.
 *
 * A load is written first: its epoch is remembered, from which moment on no older load can append.
 * With that it learns what the answer is about: the epochs before it and the last number. So the
 * reader, who comes later, gives the log as it was then, whatever has been added since.
 *
 * The records of a snapshot are kept a line each, in parts of moderate size, since a row that is
 * too large is slow everywhere. No record has a newline in it: it is JSON on one line. */
#include "base/panic.h"
#include "base/xalloc.h"
#include "store/keep.h"
#include "store/runs.h"
#include "store/works.h"

#define PART_BYTES (1u << 20) /* of a snapshot; a record that is longer has one for itself */
#define FIRST_ROOM 64u        /* elements of a list that grows */
#define LIST_MAX   (1u << 26)
#define MAX_EPOCHS (STORE_EPOCHS + 1) /* with the load's own */

/* ---- snapshot ---- */

struct snapshot {
    struct work work;
    struct slice room_id;
    struct slice epoch;
    uint64_t seq;
    struct runs runs; /* the first is the fence */
    uint32_t fence;
    store_done *done;
    void *arg;
};

static struct snapshot *snapshot_of(struct work *w)
{
    return CONTAINER_OF(w, struct snapshot, work);
}

static int snapshot_write(struct work *w, struct sql *db)
{
    struct snapshot *s = snapshot_of(w);
    s->fence = runs_run(&s->runs, db);
    return 0;
}

static int on_any(void *arg, const struct sql_value *at, unsigned n)
{
    (void)at;
    (void)n;
    *(bool *)arg = true;
    return 0;
}

static int snapshot_judge(struct work *w, struct sql *db)
{
    struct snapshot *s = snapshot_of(w);
    struct sql_value id = sql_text(s->room_id);
    bool is_there = false;
    if (db->ops->changed(db, s->fence) == 1)
        return 0;
    int err = db->ops->query(db, SQL_LOG_STATE, &id, 1, on_any, &is_there);
    if (err)
        return err;
    return is_there ? ERR_CONFLICT : ERR_ROOM_NOT_FOUND;
}

static void snapshot_answer(struct work *w, int err)
{
    struct snapshot *s = snapshot_of(w);
    s->done(s->arg, err);
}

static void snapshot_free(struct work *w)
{
    struct snapshot *s = snapshot_of(w);
    runs_fini(&s->runs);
    xfree(s);
}

static const struct work_kind snapshot_kind = {
    .name = "snapshot",
    .is_patient = true,
    .write = snapshot_write,
    .judge = snapshot_judge,
    .answer = snapshot_answer,
    .free = snapshot_free,
};

/* How many of the records go into one part, and its length. */
static uint32_t measure_part(size_t *len, const struct slice *records, uint32_t n)
{
    uint32_t taken = 0;
    *len = 0;
    while (taken < n && (taken == 0 || *len + records[taken].len + 1 <= PART_BYTES))
        *len += records[taken++].len + 1;
    *len -= taken > 0;
    return taken;
}

static struct slice join_part(
    struct runs *runs, const struct slice *records, uint32_t n, size_t len)
{
    char *at = arena_alloc(&runs->memory, len + 1);
    struct slice part = slice_of(at, len);
    if (at == NULL) {
        runs->err = ERR_NO_MEMORY;
        return S("");
    }
    for (uint32_t i = 0; i < n; i++) {
        ASSERT(slice_find(records[i], '\n') < 0);
        if (i > 0)
            *at++ = '\n';
        memcpy(at, records[i].p, records[i].len);
        at += records[i].len;
    }
    return part;
}

static void note_snapshot(struct snapshot *s, const struct store_snapshot *what)
{
    struct runs *runs = &s->runs;
    struct sql_value seq = sql_int((int64_t)what->seq);
    s->room_id = runs_text(runs, what->room_id);
    s->epoch = runs_text(runs, what->epoch);
    RUNS_ADD(runs, SNAPSHOT_LOG, seq, sql_text(s->room_id), sql_text(s->epoch));
    RUNS_ADD(runs, DROP_SNAPSHOT, sql_text(s->room_id));
    for (uint32_t i = 0, part = 0; i < what->n && !runs->err; part++) {
        size_t len;
        uint32_t n = measure_part(&len, what->records + i, what->n - i);
        struct slice text = join_part(runs, what->records + i, n, len);
        RUNS_ADD(runs, ADD_SNAPSHOT_PART, sql_text(s->room_id), seq, sql_int(part), sql_text(text));
        i += n;
    }
    s->work.bytes = sizeof(*s) + runs->memory.used_bytes;
}

struct work *work_snapshot(const struct store_snapshot *what, store_done *done, void *arg)
{
    struct snapshot *s = xtry(NULL, sizeof(*s));
    if (s == NULL)
        return NULL;
    *s = (struct snapshot){
        .work = { .kind = &snapshot_kind },
        .seq = what->seq,
        .done = done,
        .arg = arg,
    };
    runs_init(&s->runs, WORK_MAX_BYTES);
    note_snapshot(s, what);
    if (runs_err(&s->runs)) {
        snapshot_free(&s->work);
        return NULL;
    }
    return &s->work;
}

/* ---- load ---- */

/* A list that grows, of elements of one size. */
struct list {
    void *at;
    uint32_t n;
    uint32_t cap;
};

struct epoch {
    uint64_t since_seq;
    size_t len;
    char name[STORE_EPOCH_MAX];
};

struct load {
    struct work work;
    struct slice room_id;
    struct slice epoch;
    /* As it was when it was written. */
    bool is_there;
    bool is_fleeting;
    int64_t loads;
    uint64_t last_seq;
    struct epoch epochs[MAX_EPOCHS]; /* the newest, oldest first */
    uint32_t n_epochs;
    uint32_t fence;
    bool is_written; /* an earlier try was committed */
    /* What is read. */
    struct arena arena;
    struct list snapshot; /* struct slice */
    uint64_t snapshot_seq;
    struct list events; /* struct stored_event */
    store_log_done *done;
    void *arg;
    char texts[];
};

static struct load *load_of(struct work *w)
{
    return CONTAINER_OF(w, struct load, work);
}

/* A zeroed element at the end, or NULL. */
static void *list_add(struct list *l, size_t size)
{
    if (l->n == l->cap) {
        uint32_t cap = l->cap > 0 ? l->cap * 2 : FIRST_ROOM;
        void *at = cap <= LIST_MAX ? xtry(l->at, cap * size) : NULL;
        if (at == NULL)
            return NULL;
        l->at = at;
        l->cap = cap;
    }
    char *added = (char *)l->at + l->n++ * size;
    memset(added, 0, size);
    return added;
}

/* ---- its writing ---- */

static void push_epoch(struct load *l, struct slice name, uint64_t since_seq)
{
    struct slice fits = slice_take(name, STORE_EPOCH_MAX);
    if (l->n_epochs == MAX_EPOCHS) {
        l->n_epochs--;
        memmove(&l->epochs[0], &l->epochs[1], l->n_epochs * sizeof(l->epochs[0]));
    }
    struct epoch *e = &l->epochs[l->n_epochs++];
    *e = (struct epoch){ .since_seq = since_seq, .len = fits.len };
    if (fits.len > 0)
        memcpy(e->name, fits.p, fits.len);
}

/* lastSeq, loads, isFleeting, and of each epoch number, name, sinceSeq. */
static int on_load(void *arg, const struct sql_value *at, unsigned n)
{
    struct load *l = arg;
    ASSERT(n == 6);
    l->is_there = true;
    l->last_seq = (uint64_t)sql_number(&at[0]);
    l->loads = sql_number(&at[1]);
    l->is_fleeting = sql_bool(&at[2]);
    if (at[3].type != SQL_NULL)
        push_epoch(l, sql_string(&at[4]), (uint64_t)sql_number(&at[5]));
    return 0;
}

static struct slice epoch_name(const struct epoch *e)
{
    return slice_of(e->name, e->len);
}

/* The newest is this load: an earlier try of it was committed. What it remembered counts. */
static bool find_own(struct load *l)
{
    const struct epoch *newest = l->n_epochs > 0 ? &l->epochs[l->n_epochs - 1] : NULL;
    if (newest == NULL || !slice_eq(epoch_name(newest), l->epoch))
        return false;
    l->last_seq = newest->since_seq;
    l->n_epochs--;
    return true;
}

static void begin_epoch(struct load *l, struct sql *db)
{
    struct sql_value id = sql_text(l->room_id), epoch = sql_text(l->epoch);
    struct sql_value next = sql_int(l->loads + 1);
    struct sql_value change[] = { epoch, next, id, sql_int(l->loads) };
    struct sql_value add[] = { id, next, epoch, sql_int((int64_t)l->last_seq) };
    struct sql_value drop[] = { id, sql_int(l->loads + 1 - STORE_EPOCHS) };
    l->fence = db->ops->run(db, SQL_LOAD_LOG, change, 4);
    db->ops->run(db, SQL_ADD_EPOCH, add, 4);
    db->ops->run(db, SQL_DROP_EPOCHS, drop, 2);
}

static int load_write(struct work *w, struct sql *db)
{
    struct load *l = load_of(w);
    struct sql_value id = sql_text(l->room_id);
    l->is_there = false;
    l->n_epochs = 0;
    int err = db->ops->query(db, SQL_LOADS, &id, 1, on_load, l);
    if (err)
        return err;
    l->is_written = find_own(l);
    if (l->is_there && !l->is_written)
        begin_epoch(l, db);
    return 0;
}

/* Somebody else loaded it in between, from another machine: it has to be asked for again. That
 * there is no such room is said by the reader: it is no reason to take the others' works back. */
static int load_judge(struct work *w, struct sql *db)
{
    struct load *l = load_of(w);
    bool is_done = !l->is_there || l->is_written || db->ops->changed(db, l->fence) == 1;
    return is_done ? 0 : ERR_STORAGE_UNAVAILABLE;
}

/* ---- its reading ---- */

static int split_part(struct load *l, struct slice part)
{
    struct slice line;
    while (slice_cut(&line, &part, '\n')) {
        struct slice *record = list_add(&l->snapshot, sizeof(*record));
        if (record == NULL)
            return ERR_NO_MEMORY;
        *record = line;
    }
    return 0;
}

static int on_part(void *arg, const struct sql_value *at, unsigned n)
{
    struct load *l = arg;
    struct row_reader row = { .at = at, .arena = &l->arena };
    ASSERT(n == 2);
    l->snapshot_seq = (uint64_t)row_number(&row);
    struct slice part = row_text(&row);
    return row.err ? row.err : split_part(l, part);
}

static int on_event(void *arg, const struct sql_value *at, unsigned n)
{
    struct load *l = arg;
    struct row_reader row = { .at = at, .arena = &l->arena };
    ASSERT(n == 2);
    struct stored_event *e = list_add(&l->events, sizeof(*e));
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->seq = (uint64_t)row_number(&row);
    e->record = row_text(&row);
    return row.err;
}

static void forget_read(struct load *l)
{
    arena_reset(&l->arena);
    l->snapshot.n = 0;
    l->snapshot_seq = 0;
    l->events.n = 0;
}

/* A snapshot that is newer than the log was is somebody else's who has loaded the room since; a log
 * of which nothing is left was forgotten since. */
static int load_read(struct work *w, struct sql *db)
{
    struct load *l = load_of(w);
    struct sql_value id = sql_text(l->room_id);
    forget_read(l);
    if (!l->is_there)
        return ERR_ROOM_NOT_FOUND;
    int err = db->ops->query(db, SQL_SNAPSHOT_PARTS, &id, 1, on_part, l);
    if (!err && l->snapshot_seq > l->last_seq)
        err = ERR_STORAGE_UNAVAILABLE;
    if (err)
        return err;
    uint64_t from = l->snapshot_seq > STORE_TAIL ? l->snapshot_seq - STORE_TAIL : 0;
    struct sql_value args[] = { id, sql_int((int64_t)from), sql_int((int64_t)l->last_seq) };
    err = db->ops->query(db, SQL_EVENTS_BETWEEN, args, 3, on_event, l);
    if (!err && l->events.n == 0 && l->snapshot.n == 0)
        err = ERR_ROOM_NOT_FOUND;
    return err;
}

/* ---- its answer ---- */

static void lend_log(struct load *l)
{
    struct store_epoch epochs[STORE_EPOCHS];
    uint32_t first = l->n_epochs > STORE_EPOCHS ? l->n_epochs - STORE_EPOCHS : 0;
    struct store_log log = {
        .epochs = epochs,
        .n_epochs = l->n_epochs - first,
        .snapshot = l->snapshot.at,
        .n_snapshot = l->snapshot.n,
        .snapshot_seq = l->snapshot_seq,
        .events = l->events.at,
        .n = l->events.n,
        .is_fleeting = l->is_fleeting,
    };
    for (uint32_t i = 0; i < log.n_epochs; i++) {
        const struct epoch *e = &l->epochs[first + i];
        epochs[i] = (struct store_epoch){ .name = epoch_name(e), .since_seq = e->since_seq };
    }
    l->done(l->arg, 0, &log);
}

static void load_answer(struct work *w, int err)
{
    struct load *l = load_of(w);
    if (err)
        l->done(l->arg, err, NULL);
    else
        lend_log(l);
}

static void load_free(struct work *w)
{
    struct load *l = load_of(w);
    arena_fini(&l->arena);
    xfree(l->snapshot.at);
    xfree(l->events.at);
    xfree(l);
}

static const struct work_kind load_kind = {
    .name = "load",
    .write = load_write,
    .judge = load_judge,
    .read = load_read,
    .answer = load_answer,
    .free = load_free,
};

struct work *work_load(struct slice room_id, struct slice epoch, store_log_done *done, void *arg)
{
    size_t bytes = sizeof(struct load) + room_id.len + epoch.len;
    struct load *l = xtry(NULL, bytes);
    if (l == NULL)
        return NULL;
    *l = (struct load){
        .work = { .kind = &load_kind, .bytes = bytes, .is_urgent = true },
        .room_id = runs_sought(room_id),
        .epoch = epoch,
        .done = done,
        .arg = arg,
    };
    arena_init(&l->arena, WORK_MAX_BYTES);
    char *end = l->texts;
    keep_text(&l->room_id, &end);
    keep_text(&l->epoch, &end);
    return &l->work;
}
