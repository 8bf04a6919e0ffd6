/* What is read of rooms without loading them: messages and rooms, in pages. Each asks for one row
 * more than it may give, to know whether there are more. */
#include "base/panic.h"
#include "base/xalloc.h"
#include "store/keep.h"
#include "store/projection.h"
#include "store/works.h"

static struct sql_value text_or_null(struct slice s)
{
    return s.len > 0 ? sql_text(s) : sql_null();
}

static int on_any(void *arg, const struct sql_value *at, unsigned n)
{
    (void)at;
    (void)n;
    *(bool *)arg = true;
    return 0;
}

/* ---- messages ---- */

struct read_messages {
    struct work work;
    struct store_message_query query;
    struct arena arena;
    struct store_message at[STORE_PAGE_MAX]; /* filled from the end: the newest comes first */
    uint32_t n;
    bool has_more;
    bool is_search;
    uint64_t beyond_seq; /* of a search: what is not newer is not looked at. 0: all is */
    store_messages_done *done;
    void *arg;
    char texts[];
};

static struct read_messages *messages_of(struct work *w)
{
    return CONTAINER_OF(w, struct read_messages, work);
}

static int on_message(void *arg, const struct sql_value *at, unsigned n)
{
    struct read_messages *r = arg;
    struct row_reader row = { .at = at, .arena = &r->arena };
    ASSERT(n == 11);
    r->has_more = r->n == r->query.limit;
    if (r->has_more)
        return 0;
    struct store_message *m = &r->at[r->query.limit - ++r->n];
    m->id = row_text(&row);
    m->user_id = row_text(&row);
    m->name = row_text(&row);
    m->to = row_text(&row);
    m->text = row_text(&row);
    m->attachments = row_text(&row);
    m->reply_to = row_text(&row);
    m->kind = projection_kind(sql_string(row.at++));
    m->seq = (uint64_t)row_number(&row);
    m->at_ms = row_number(&row);
    m->edited_at_ms = row_number(&row);
    return row.err;
}

static int64_t before_of(const struct store_message_query *q)
{
    return q->before_seq > 0 ? (int64_t)q->before_seq : INT64_MAX;
}

static int read_page(struct read_messages *r, struct sql *db)
{
    const struct store_message_query *q = &r->query;
    const struct sql_value args[] = {
        sql_text(q->room_id),
        sql_int(before_of(q)),
        text_or_null(q->viewer),
        sql_int((int64_t)q->limit + 1),
    };
    return db->ops->query(db, SQL_MESSAGES_BEFORE, args, 4, on_message, r);
}

static int on_span(void *arg, const struct sql_value *at, unsigned n)
{
    struct read_messages *r = arg;
    ASSERT(n == 2);
    r->beyond_seq = sql_number(&at[0]) > STORE_SEARCH_MAX ? (uint64_t)sql_number(&at[1]) : 0;
    return 0;
}

/* So many messages may have nothing of it that a page ends before one is found. */
static int search(struct read_messages *r, struct sql *db)
{
    const struct store_message_query *q = &r->query;
    const struct sql_value span[] = { sql_text(q->room_id), sql_int(before_of(q)),
        sql_int(STORE_SEARCH_MAX + 1) };
    int err = db->ops->query(db, SQL_MESSAGES_SPAN, span, 3, on_span, r);
    const struct sql_value args[] = {
        sql_text(q->room_id),
        sql_int(before_of(q)),
        sql_int((int64_t)r->beyond_seq),
        text_or_null(q->viewer),
        sql_text(q->sought),
        sql_int((int64_t)q->limit + 1),
    };
    return err ? err : db->ops->query(db, SQL_MESSAGES_WITH, args, 6, on_message, r);
}

static int messages_read(struct work *w, struct sql *db)
{
    struct read_messages *r = messages_of(w);
    const struct sql_value room_id = sql_text(r->query.room_id);
    bool is_there = false;
    arena_reset(&r->arena);
    r->n = 0;
    r->has_more = false;
    r->beyond_seq = 0;
    int err = db->ops->query(db, SQL_LOG_STATE, &room_id, 1, on_any, &is_there);
    if (!err && !is_there)
        err = ERR_ROOM_NOT_FOUND;
    if (err)
        return err;
    return r->is_search ? search(r, db) : read_page(r, db);
}

static void messages_answer(struct work *w, int err)
{
    struct read_messages *r = messages_of(w);
    struct store_messages page = {
        .at = &r->at[r->query.limit - r->n],
        .n = r->n,
        .has_more = r->has_more || r->beyond_seq > 0,
    };
    if (page.has_more)
        page.before_seq = r->has_more ? page.at[0].seq : r->beyond_seq + 1;
    r->done(r->arg, err, err ? NULL : &page);
}

static void messages_free(struct work *w)
{
    struct read_messages *r = messages_of(w);
    arena_fini(&r->arena);
    xfree(r);
}

static const struct work_kind messages_kind = {
    .name = "messages",
    .read = messages_read,
    .answer = messages_answer,
    .free = messages_free,
};

struct work *work_messages(
    const struct store_message_query *q, store_messages_done *done, void *arg)
{
    size_t bytes = sizeof(struct read_messages) + q->room_id.len + q->viewer.len + q->sought.len;
    struct read_messages *r = xtry(NULL, bytes);
    if (r == NULL)
        return NULL;
    memset(r, 0, sizeof(*r));
    r->work = (struct work){ .kind = &messages_kind, .bytes = bytes, .is_urgent = true };
    r->query = *q;
    r->query.room_id = runs_sought(q->room_id);
    r->query.viewer = runs_sought(q->viewer);
    r->query.sought = runs_sought(q->sought);
    r->is_search = q->sought.len > 0;
    r->done = done;
    r->arg = arg;
    arena_init(&r->arena, WORK_MAX_BYTES);
    char *end = r->texts;
    keep_text(&r->query.room_id, &end);
    keep_text(&r->query.viewer, &end);
    keep_text(&r->query.sought, &end);
    return &r->work;
}

/* ---- rooms ---- */

struct read_rooms {
    struct work work;
    struct store_room_query query;
    bool is_first;     /* page: from the newest */
    int64_t before_ms; /* only those made before, or then and of a smaller id than query.after */
    struct arena arena;
    struct store_room at[STORE_PAGE_MAX];
    struct store_rooms page;
    store_rooms_done *done;
    void *arg;
    char texts[];
};

static struct read_rooms *rooms_of(struct work *w)
{
    return CONTAINER_OF(w, struct read_rooms, work);
}

static void read_settings(struct room_settings *s, struct row_reader *row)
{
    s->mode = projection_mode(sql_string(row->at++));
    s->approval = row_bool(row);
    s->is_locked = row_bool(row);
    s->relay_only = row_bool(row);
    s->timer_by_hosts = row_bool(row);
    s->duration_ms = (uint32_t)row_number(row);
    s->focus_ms = (uint32_t)row_number(row);
    s->break_ms = (uint32_t)row_number(row);
    s->long_break_ms = (uint32_t)row_number(row);
    s->rounds = (uint32_t)row_number(row);
    s->auto_focus = row_bool(row);
    s->warn_at = (uint32_t)row_number(row);
    s->auto_submit_at = (uint32_t)row_number(row);
}

void pages_room(struct store_room *room, struct row_reader *row)
{
    room->id = row_text(row);
    room->owner_id = row_text(row);
    room->title = row_text(row);
    room->settings.max_participants = (uint32_t)row_number(row);
    room->settings.question = row_text(row);
    room->settings.is_public = row_bool(row);
    room->created_at_ms = row_number(row);
    room->is_started = (row->at++)->type != SQL_NULL;
    room->is_ended = (row->at++)->type != SQL_NULL;
    read_settings(&room->settings, row);
}

static int on_room(void *arg, const struct sql_value *at, unsigned n)
{
    struct read_rooms *r = arg;
    struct row_reader row = { .at = at, .arena = &r->arena };
    ASSERT(n == PAGES_ROOM_COLUMNS);
    r->page.has_more = r->page.n == r->query.limit;
    if (r->page.has_more)
        return 0;
    pages_room(&r->at[r->page.n++], &row);
    return row.err;
}

static int on_created_at(void *arg, const struct sql_value *at, unsigned n)
{
    struct read_rooms *r = arg;
    ASSERT(n == 1);
    r->before_ms = sql_number(&at[0]);
    return 0;
}

/* Where the page begins. A room that nobody has made has no moment. */
static int find_start(struct read_rooms *r, struct sql *db)
{
    struct sql_value after = sql_text(r->query.after);
    if (r->is_first) {
        r->before_ms = INT64_MAX;
        return 0;
    }
    r->before_ms = INT64_MIN;
    int err = db->ops->query(db, SQL_ROOM_CREATED_AT, &after, 1, on_created_at, r);
    return !err && r->before_ms == INT64_MIN ? ERR_ROOM_NOT_FOUND : err;
}

static int rooms_read(struct work *w, struct sql *db)
{
    struct read_rooms *r = rooms_of(w);
    const struct store_room_query *q = &r->query;
    arena_reset(&r->arena);
    r->page = (struct store_rooms){ .at = r->at };
    int err = find_start(r, db);
    if (err)
        return err;
    struct sql_value args[] = {
        sql_int(r->before_ms),
        sql_text(q->after),
        sql_int((int64_t)q->limit + 1),
        text_or_null(q->viewer),
    };
    if (q->is_all)
        return db->ops->query(db, SQL_ROOMS_OF_ALL, args, 3, on_room, r);
    return db->ops->query(db, SQL_ROOMS_SHOWN, args, 4, on_room, r);
}

static void rooms_answer(struct work *w, int err)
{
    struct read_rooms *r = rooms_of(w);
    r->done(r->arg, err, err ? NULL : &r->page);
}

static void rooms_free(struct work *w)
{
    struct read_rooms *r = rooms_of(w);
    arena_fini(&r->arena);
    xfree(r);
}

static const struct work_kind rooms_kind = {
    .name = "rooms",
    .read = rooms_read,
    .answer = rooms_answer,
    .free = rooms_free,
};

struct work *work_rooms(const struct store_room_query *q, store_rooms_done *done, void *arg)
{
    size_t bytes = sizeof(struct read_rooms) + q->after.len + q->viewer.len;
    struct read_rooms *r = xtry(NULL, bytes);
    if (r == NULL)
        return NULL;
    memset(r, 0, sizeof(*r));
    r->work = (struct work){ .kind = &rooms_kind, .bytes = bytes, .is_urgent = true };
    r->query = *q;
    r->query.after = runs_sought(q->after);
    r->query.viewer = runs_sought(q->viewer);
    r->is_first = q->after.len == 0;
    r->done = done;
    r->arg = arg;
    arena_init(&r->arena, WORK_MAX_BYTES);
    char *end = r->texts;
    keep_text(&r->query.after, &end);
    keep_text(&r->query.viewer, &end);
    return &r->work;
}
