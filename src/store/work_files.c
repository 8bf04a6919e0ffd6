/* What is asked of files, as works.
 *
 * Quotas are part of the statement that adds a file: it adds none where one would be passed, so
 * that they hold whatever else is in the same transaction. The sums are those of two indexes, and
 * one total that every change keeps. A file whose room is gone is only to be dropped: changing it
 * finds nothing any more. */
#include "base/panic.h"
#include "base/xalloc.h"
#include "store/change.h"
#include "store/keep.h"

#define PAGE_BYTES     (4u << 20)   /* of a page of files: 200 of them are far below */
#define FILE_BYTES_MAX (1ull << 50) /* nobody has more, and sums of it do not overflow */

static const char *const purposes[] = {
    [FILE_SHARED] = "shared",
    [FILE_BOARD] = "board",
    [FILE_AVATAR] = "avatar",
};

#define PURPOSES (sizeof(purposes) / sizeof(purposes[0]))

/* ---- changing ---- */

/* Null where there is none: it is no room of that name. */
static struct sql_value room_value(struct runs *runs, struct slice room_id)
{
    return room_id.len > 0 ? sql_text(runs_text(runs, room_id)) : sql_null();
}

static struct sql_value limit_of(uint64_t quota)
{
    return sql_int(quota == 0 || quota > INT64_MAX ? INT64_MAX : (int64_t)quota);
}

static struct sql_value purpose_of(const struct store_file *f)
{
    ASSERT(f->use < PURPOSES);
    return sql_text(slice_str(purposes[f->use]));
}

static void add(struct change *c, const struct store_file *f, const struct store_quota *q)
{
    struct runs *runs = &c->runs;
    struct sql_value id = sql_text(runs_text(runs, f->id));
    c->judged = 1;
    c->missing = ERR_QUOTA;
    c->found = ERR_CONFLICT;
    RUNS_ADD(runs, TOUCH_FILE, id);
    RUNS_ADD(runs, ADD_FILE, id, room_value(runs, f->room_id),
        sql_text(runs_text(runs, f->user_id)), sql_text(runs_text(runs, f->name)),
        sql_text(runs_text(runs, f->type)), purpose_of(f), sql_int((int64_t)f->bytes),
        sql_int(f->is_complete), sql_int(f->is_remote), sql_int(f->is_doomed),
        sql_int(f->created_at_ms), limit_of(q->user_bytes), limit_of(q->room_bytes),
        limit_of(q->all_bytes));
    RUNS_ADD(runs, ADD_FILE_TOTAL, sql_int((int64_t)f->bytes));
}

static void change(struct change *c, const struct store_file *f)
{
    struct runs *runs = &c->runs;
    struct sql_value id = sql_text(runs_text(runs, f->id));
    RUNS_ADD(runs, CHANGE_FILE_TOTAL, sql_int((int64_t)f->bytes), id);
    RUNS_ADD(runs, CHANGE_FILE, room_value(runs, f->room_id), sql_text(runs_text(runs, f->user_id)),
        sql_text(runs_text(runs, f->name)), sql_text(runs_text(runs, f->type)), purpose_of(f),
        sql_int((int64_t)f->bytes), sql_int(f->is_complete), sql_int(f->is_remote),
        sql_int(f->is_doomed), sql_int(f->created_at_ms), id);
    c->judged = 1;
    c->missing = ERR_NOT_FOUND;
}

struct work *work_put_file(enum store_put how, const struct store_file *f,
    const struct store_quota *quota, store_done *done, void *arg)
{
    static const struct store_quota none = { .user_bytes = 0 };
    struct change *c = change_new(done, arg);
    if (c == NULL)
        return NULL;
    c->refusal = f->bytes > FILE_BYTES_MAX ? ERR_QUOTA : 0;
    if (how == STORE_ADD)
        add(c, f, quota != NULL ? quota : &none);
    else
        change(c, f);
    return change_work(c);
}

struct work *work_drop_file(struct slice id, store_done *done, void *arg)
{
    struct change *c = change_new(done, arg);
    if (c == NULL)
        return NULL;
    struct sql_value key = sql_text(runs_text(&c->runs, id));
    RUNS_ADD(&c->runs, DROP_FILE_TOTAL, key);
    RUNS_ADD(&c->runs, DROP_FILE, key);
    c->judged = 1;
    c->missing = ERR_NOT_FOUND;
    return change_work(c);
}

/* They count for their owner and for the total until they are dropped. */
void files_doom_room(struct sql *db, struct slice room_id)
{
    struct sql_value room = sql_text(room_id);
    db->ops->run(db, SQL_DOOM_FILES, &room, 1);
}

/* ---- pages ---- */

struct read_files {
    struct work work;
    struct store_file_query query; /* its limit is 1 of one file */
    struct runs texts;             /* of its keys alone */
    struct arena arena;
    struct store_file at[STORE_PAGE_MAX];
    struct store_files page;
    store_files_done *done;
    void *arg;
};

static struct read_files *files_of(struct work *w)
{
    return CONTAINER_OF(w, struct read_files, work);
}

static int read_purpose(enum store_file_use *use, struct slice name)
{
    for (size_t i = 0; i < PURPOSES; i++) {
        if (slice_eq(name, slice_str(purposes[i]))) {
            *use = (enum store_file_use)i;
            return 0;
        }
    }
    return ERR_IO;
}

int files_row(struct store_file *f, struct row_reader *row)
{
    f->id = row_text(row);
    f->room_id = row_text(row);
    f->user_id = row_text(row);
    f->name = row_text(row);
    f->type = row_text(row);
    int err = read_purpose(&f->use, sql_string(row->at++));
    f->bytes = (uint64_t)row_number(row);
    f->is_complete = row_bool(row);
    f->is_remote = row_bool(row);
    f->is_doomed = row_bool(row);
    f->created_at_ms = row_number(row);
    return row->err ? row->err : err;
}

static int on_file(void *arg, const struct sql_value *at, unsigned n)
{
    struct read_files *r = arg;
    struct row_reader row = { .at = at, .arena = &r->arena };
    ASSERT(n == FILES_COLUMNS);
    if (r->page.n == r->query.limit) {
        r->page.has_more = true;
        return 0;
    }
    return files_row(&r->at[r->page.n++], &row);
}

static int query_files(struct read_files *r, struct sql *db)
{
    const struct store_file_query *q = &r->query;
    struct sql_value key = sql_text(q->key);
    struct sql_value after = sql_text(q->after);
    struct sql_value limit = sql_int((int64_t)q->limit + 1);
    struct sql_value keyed[] = { key, after, limit };
    struct sql_value aged[] = { sql_int(q->before_ms), after, limit };
    struct sql_value all[] = { after, limit };
    switch (q->which) {
    case FILES_BY_ID:
        return db->ops->query(db, SQL_FILE_BY_ID, &key, 1, on_file, r);
    case FILES_OF_ROOM:
        return db->ops->query(db, SQL_FILES_OF_ROOM, keyed, 3, on_file, r);
    case FILES_OF_USER:
        return db->ops->query(db, SQL_FILES_OF_USER, keyed, 3, on_file, r);
    case FILES_DOOMED:
        return db->ops->query(db, SQL_FILES_DOOMED, all, 2, on_file, r);
    case FILES_AWAITED:
        return db->ops->query(db, SQL_FILES_AWAITED, aged, 3, on_file, r);
    }
    PANIC("no such files");
}

static int files_read(struct work *w, struct sql *db)
{
    struct read_files *r = files_of(w);
    arena_reset(&r->arena);
    r->page = (struct store_files){ .at = r->at };
    return query_files(r, db);
}

static void files_answer(struct work *w, int err)
{
    struct read_files *r = files_of(w);
    r->done(r->arg, err, err ? NULL : &r->page);
}

static void files_free(struct work *w)
{
    struct read_files *r = files_of(w);
    runs_fini(&r->texts);
    arena_fini(&r->arena);
    xfree(r);
}

static const struct work_kind files_kind = {
    .name = "files",
    .read = files_read,
    .answer = files_answer,
    .free = files_free,
};

struct work *work_files(const struct store_file_query *q, store_files_done *done, void *arg)
{
    bool is_page = q->which != FILES_BY_ID;
    struct read_files *r = xtry(NULL, sizeof(*r));
    ASSERT(!is_page || (q->limit > 0 && q->limit <= STORE_PAGE_MAX));
    if (r == NULL)
        return NULL;
    memset(r, 0, sizeof(*r));
    r->work = (struct work){ .kind = &files_kind, .bytes = sizeof(*r), .is_urgent = true };
    r->done = done;
    r->arg = arg;
    arena_init(&r->arena, PAGE_BYTES);
    runs_init(&r->texts, PAGE_BYTES);
    r->query = *q;
    r->query.limit = is_page ? q->limit : 1;
    r->query.key = runs_text(&r->texts, q->key);
    r->query.after = runs_text(&r->texts, q->after);
    if (runs_err(&r->texts)) {
        files_free(&r->work);
        return NULL;
    }
    return &r->work;
}
