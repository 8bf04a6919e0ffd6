/* What a room's report is read from. All of it comes the newest first, so that each number of rows
 * cuts the oldest, and is hung before what came already, so that it is given the oldest first. Of
 * submissions first everything but their code comes: its length says how many of them there is
 * place for. What is about somebody who is not among the people is left out. */
#include "base/panic.h"
#include "base/xalloc.h"
#include "store/keep.h"
#include "store/runs.h"
#include "store/works.h"

#include <stdlib.h>

struct read_history {
    struct work work;
    struct slice room_id;
    struct arena arena;
    struct store_person at[STORE_PEOPLE]; /* filled from the end */
    struct store_person *by_id[STORE_PEOPLE];
    uint32_t n;
    uint32_t n_violations;
    uint32_t n_submissions;
    uint32_t n_kicks;
    bool is_cut;
    bool is_there;
    struct store_submission *newest;
    struct store_submission *oldest;
    struct store_submission *next_code; /* that is to be read */
    uint64_t codes_from;                /* the number of the oldest that there is place for */
    int64_t chars_left;
    store_history_done *done;
    void *arg;
    char texts[];
};

static struct read_history *history_of(struct work *w)
{
    return CONTAINER_OF(w, struct read_history, work);
}

/* A row that is one too many only says that there are more. */
static bool is_full(struct read_history *r, uint32_t n, uint32_t max)
{
    r->is_cut = r->is_cut || n == max;
    return n == max;
}

/* ---- people ---- */

static int on_person(void *arg, const struct sql_value *at, unsigned n)
{
    struct read_history *r = arg;
    struct row_reader row = { .at = at, .arena = &r->arena };
    ASSERT(n == 7);
    if (is_full(r, r->n, STORE_PEOPLE))
        return 0;
    struct store_person *p = &r->at[STORE_PEOPLE - ++r->n];
    *p = (struct store_person){ .user_id = row_text(&row) };
    p->name = row_text(&row);
    p->status = row_text(&row);
    p->joined_at_ms = row_number(&row);
    p->left_at_ms = row_number(&row);
    p->violations = (uint32_t)row_number(&row);
    p->has_submitted = row_bool(&row);
    return row.err;
}

static int by_id(const void *a, const void *b)
{
    const struct store_person *const *x = a, *const *y = b;
    return slice_cmp((*x)->user_id, (*y)->user_id);
}

static void sort_people(struct read_history *r)
{
    for (uint32_t i = 0; i < r->n; i++)
        r->by_id[i] = &r->at[STORE_PEOPLE - r->n + i];
    qsort(r->by_id, r->n, sizeof(r->by_id[0]), by_id);
}

static struct store_person *find_person(struct read_history *r, struct slice user_id)
{
    const struct store_person key = { .user_id = user_id }, *sought = &key;
    struct store_person **found = bsearch(&sought, r->by_id, r->n, sizeof(r->by_id[0]), by_id);
    return found != NULL ? *found : NULL;
}

/* ---- what they did ---- */

static int on_violation(void *arg, const struct sql_value *at, unsigned n)
{
    struct read_history *r = arg;
    struct row_reader row = { .at = at + 1, .arena = &r->arena };
    struct store_person *p = find_person(r, sql_string(&at[0]));
    ASSERT(n == 6);
    if (is_full(r, r->n_violations, STORE_VIOLATIONS) || p == NULL)
        return 0;
    struct store_violation *v = arena_alloc(&r->arena, sizeof(*v));
    if (v == NULL)
        return ERR_NO_MEMORY;
    r->n_violations++;
    *v = (struct store_violation){ .next = p->first_violation, .id = row_text(&row) };
    p->first_violation = v;
    v->type = row_text(&row);
    v->at_ms = row_number(&row);
    v->total = (uint32_t)row_number(&row);
    v->of_type = (uint32_t)row_number(&row);
    return row.err;
}

static int on_kick(void *arg, const struct sql_value *at, unsigned n)
{
    struct read_history *r = arg;
    struct row_reader row = { .at = at + 1, .arena = &r->arena };
    struct store_person *p = find_person(r, sql_string(&at[0]));
    ASSERT(n == 4);
    if (is_full(r, r->n_kicks, STORE_KICKS) || p == NULL)
        return 0;
    struct store_kick *k = arena_alloc(&r->arena, sizeof(*k));
    if (k == NULL)
        return ERR_NO_MEMORY;
    r->n_kicks++;
    *k = (struct store_kick){ .next = p->first_kick, .by = row_text(&row) };
    p->first_kick = k;
    k->reason = row_text(&row);
    k->at_ms = row_number(&row);
    return row.err;
}

/* ---- submissions ---- */

/* Whether there is place for a code; when there was none for a newer one, there is none. */
static bool has_place(struct read_history *r, int64_t chars)
{
    r->chars_left = chars <= r->chars_left ? r->chars_left - chars : -1;
    r->is_cut = r->is_cut || r->chars_left < 0;
    return r->chars_left >= 0;
}

static void add_submission(struct read_history *r, struct store_submission *s)
{
    if (r->oldest != NULL)
        r->oldest->older = s;
    else
        r->newest = s;
    r->oldest = s;
    r->n_submissions++;
}

static int on_submission(void *arg, const struct sql_value *at, unsigned n)
{
    struct read_history *r = arg;
    struct row_reader row = { .at = at + 1, .arena = &r->arena };
    struct store_person *p = find_person(r, sql_string(&at[0]));
    ASSERT(n == 7);
    if (is_full(r, r->n_submissions, STORE_SUBMISSIONS) || p == NULL)
        return 0;
    struct store_submission *s = arena_alloc(&r->arena, sizeof(*s));
    if (s == NULL)
        return ERR_NO_MEMORY;
    *s = (struct store_submission){ .next = p->first_submission, .id = row_text(&row) };
    p->first_submission = s;
    s->language = row_text(&row);
    s->at_ms = row_number(&row);
    s->is_automatic = row_bool(&row);
    s->seq = (uint64_t)row_number(&row);
    if (has_place(r, row_number(&row)))
        r->codes_from = s->seq;
    add_submission(r, s);
    return row.err;
}

static int on_code(void *arg, const struct sql_value *at, unsigned n)
{
    struct read_history *r = arg;
    struct row_reader row = { .at = at, .arena = &r->arena };
    ASSERT(n == 2);
    uint64_t seq = (uint64_t)row_number(&row);
    struct store_submission *s = r->next_code;
    if (s == NULL || s->seq != seq)
        return 0;
    r->next_code = s->older;
    s->code = row_text(&row);
    s->has_code = true;
    return row.err;
}

static int read_codes(struct read_history *r, struct sql *db)
{
    const struct sql_value args[] = { sql_text(r->room_id), sql_int((int64_t)r->codes_from) };
    r->next_code = r->newest;
    if (r->codes_from == 0)
        return 0;
    return db->ops->query(db, SQL_SUBMITTED_CODES, args, 2, on_code, r);
}

/* ---- all of it ---- */

static int on_there(void *arg, const struct sql_value *at, unsigned n)
{
    (void)at;
    (void)n;
    *(bool *)arg = true;
    return 0;
}

/* One row more than may be given, to know whether there are more. */
static int read_rows(
    struct read_history *r, struct sql *db, enum sql_statement st, uint32_t max, sql_row_fn *fn)
{
    const struct sql_value args[] = { sql_text(r->room_id), sql_int((int64_t)max + 1) };
    return db->ops->query(db, st, args, 2, fn, r);
}

static int read_violations(struct read_history *r, struct sql *db)
{
    const struct sql_value args[] = { sql_text(r->room_id), sql_int(STORE_VIOLATIONS_OF_ONE),
        sql_int(STORE_VIOLATIONS + 1) };
    return db->ops->query(db, SQL_VIOLATIONS, args, 3, on_violation, r);
}

static void begin_again(struct read_history *r)
{
    arena_reset(&r->arena);
    r->n = r->n_violations = r->n_submissions = r->n_kicks = 0;
    r->is_cut = r->is_there = false;
    r->newest = r->oldest = NULL;
    r->codes_from = 0;
    r->chars_left = STORE_CODE_CHARS;
}

static int history_read(struct work *w, struct sql *db)
{
    struct read_history *r = history_of(w);
    const struct sql_value room_id = sql_text(r->room_id);
    begin_again(r);
    int err = db->ops->query(db, SQL_LOG_STATE, &room_id, 1, on_there, &r->is_there);
    if (!err && !r->is_there)
        err = ERR_ROOM_NOT_FOUND;
    if (!err)
        err = read_rows(r, db, SQL_PEOPLE, STORE_PEOPLE, on_person);
    if (err)
        return err;
    sort_people(r);
    err = read_violations(r, db);
    if (!err)
        err = read_rows(r, db, SQL_KICKS, STORE_KICKS, on_kick);
    if (!err)
        err = read_rows(r, db, SQL_SUBMISSIONS, STORE_SUBMISSIONS, on_submission);
    return err ? err : read_codes(r, db);
}

static void history_answer(struct work *w, int err)
{
    struct read_history *r = history_of(w);
    const struct store_history history = {
        .at = &r->at[STORE_PEOPLE - r->n], .n = r->n, .newest = r->newest, .is_cut = r->is_cut
    };
    r->done(r->arg, err, err ? NULL : &history);
}

static void history_free(struct work *w)
{
    struct read_history *r = history_of(w);
    arena_fini(&r->arena);
    xfree(r);
}

static const struct work_kind history_kind = {
    .name = "history",
    .read = history_read,
    .answer = history_answer,
    .free = history_free,
};

struct work *work_history(struct slice room_id, store_history_done *done, void *arg)
{
    size_t bytes = sizeof(struct read_history) + room_id.len;
    struct read_history *r = xtry(NULL, bytes);
    if (r == NULL)
        return NULL;
    memset(r, 0, sizeof(*r));
    r->work = (struct work){ .kind = &history_kind, .bytes = bytes, .is_urgent = true };
    r->room_id = runs_sought(room_id);
    r->done = done;
    r->arg = arg;
    arena_init(&r->arena, WORK_MAX_BYTES);
    char *end = r->texts;
    keep_text(&r->room_id, &end);
    return &r->work;
}
