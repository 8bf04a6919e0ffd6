/* Three readings in one: the rooms of somebody, the stretches of their focus, their files. The
 * stretches are all that there are, and taken in pages: a page begins with the moment that the last
 * one ended with, since several may begin then, and adding one twice adds nothing. */
#include "base/panic.h"
#include "base/xalloc.h"
#include "store/keep.h"
#include "store/runs.h"
#include "store/works.h"

#define ARENA_BYTES  (8u << 20) /* twenty rooms with the longest questions, and files */
#define STRETCH_ROWS 1000       /* of a page */

struct read_dashboard {
    struct work work;
    struct store_dashboard_query query;
    struct arena arena;
    struct store_room rooms[STORE_DASHBOARD_ROOMS];
    struct store_visit visits[STORE_DASHBOARD_ROOMS];
    struct store_file files[STORE_DASHBOARD_FILES];
    struct focus_sum focus;
    int64_t since_ms; /* of the last stretch */
    uint32_t n_page;  /* stretches */
    struct store_dashboard all;
    store_dashboard_done *done;
    void *arg;
    char texts[];
};

static struct read_dashboard *dashboard_of(struct work *w)
{
    return CONTAINER_OF(w, struct read_dashboard, work);
}

/* ---- rooms ---- */

/* Behind the room: role, when they left (both null of who never came), when it was last alive. */
static int on_visit(void *arg, const struct sql_value *at, unsigned n)
{
    struct read_dashboard *r = arg;
    struct row_reader row = { .at = at, .arena = &r->arena };
    struct store_room *room = &r->rooms[r->all.n_visits];
    ASSERT(n == PAGES_ROOM_COLUMNS + 3 && r->all.n_visits < STORE_DASHBOARD_ROOMS);
    pages_room(room, &row);
    bool was_there = row.at[0].type != SQL_NULL;
    bool has_left = row.at[1].type != SQL_NULL;
    struct store_visit *v = &r->visits[r->all.n_visits++];
    v->room = room;
    v->role = row_text(&row);
    int64_t left_at_ms = row_number(&row);
    int64_t active_at_ms = row_number(&row);
    v->seen_at_ms = has_left ? left_at_ms : was_there ? active_at_ms : room->created_at_ms;
    return row.err;
}

static int read_visits(struct read_dashboard *r, struct sql *db)
{
    const struct sql_value args[] = { sql_text(r->query.user_id), sql_int(STORE_DASHBOARD_ROOMS) };
    return db->ops->query(db, SQL_ROOMS_OF_USER, args, 2, on_visit, r);
}

/* ---- focus ---- */

static int on_stretch(void *arg, const struct sql_value *at, unsigned n)
{
    struct read_dashboard *r = arg;
    ASSERT(n == 2);
    r->since_ms = sql_number(&at[0]);
    r->n_page++;
    focus_sum_add(&r->focus, r->since_ms, sql_number(&at[1]));
    return 0;
}

static int read_page(struct read_dashboard *r, struct sql *db, int64_t since_ms)
{
    const struct sql_value args[] = { sql_text(r->query.user_id), sql_int(since_ms),
        sql_int(STRETCH_ROWS) };
    r->n_page = 0;
    return db->ops->query(db, SQL_STRETCHES_OF_USER, args, 3, on_stretch, r);
}

/* A page of stretches that all begin at one moment, in a thousand rooms, would be the next one,
 * too. */
static int read_focus(struct read_dashboard *r, struct sql *db)
{
    int64_t from_ms = 0;
    focus_sum_init(&r->focus, r->query.now_ms, r->query.offset_minutes);
    int err = read_page(r, db, from_ms);
    while (!err && r->n_page == STRETCH_ROWS) {
        from_ms = r->since_ms > from_ms ? r->since_ms : from_ms + 1;
        err = read_page(r, db, from_ms);
    }
    return err;
}

/* ---- files ---- */

static int on_file(void *arg, const struct sql_value *at, unsigned n)
{
    struct read_dashboard *r = arg;
    struct row_reader row = { .at = at, .arena = &r->arena };
    ASSERT(n == FILES_COLUMNS && r->all.n_files < STORE_DASHBOARD_FILES);
    return files_row(&r->files[r->all.n_files++], &row);
}

static int read_files(struct read_dashboard *r, struct sql *db)
{
    const struct sql_value args[] = { sql_text(r->query.user_id), sql_int(STORE_DASHBOARD_FILES) };
    return db->ops->query(db, SQL_NEWEST_FILES_OF_USER, args, 2, on_file, r);
}

/* ---- all of it ---- */

static int dashboard_read(struct work *w, struct sql *db)
{
    struct read_dashboard *r = dashboard_of(w);
    arena_reset(&r->arena);
    r->all = (struct store_dashboard){ .visits = r->visits, .files = r->files, .focus = &r->focus };
    int err = read_visits(r, db);
    if (!err)
        err = read_focus(r, db);
    return err ? err : read_files(r, db);
}

static void dashboard_answer(struct work *w, int err)
{
    struct read_dashboard *r = dashboard_of(w);
    r->done(r->arg, err, err ? NULL : &r->all);
}

static void dashboard_free(struct work *w)
{
    struct read_dashboard *r = dashboard_of(w);
    arena_fini(&r->arena);
    xfree(r);
}

static const struct work_kind dashboard_kind = {
    .name = "dashboard",
    .read = dashboard_read,
    .answer = dashboard_answer,
    .free = dashboard_free,
};

struct work *work_dashboard(
    const struct store_dashboard_query *q, store_dashboard_done *done, void *arg)
{
    size_t bytes = sizeof(struct read_dashboard) + q->user_id.len;
    struct read_dashboard *r = xtry(NULL, bytes);
    if (r == NULL)
        return NULL;
    memset(r, 0, sizeof(*r));
    r->work = (struct work){ .kind = &dashboard_kind, .bytes = bytes, .is_urgent = true };
    r->query = *q;
    r->query.user_id = runs_sought(q->user_id);
    r->done = done;
    r->arg = arg;
    arena_init(&r->arena, ARENA_BYTES);
    char *end = r->texts;
    keep_text(&r->query.user_id, &end);
    return &r->work;
}
