/* What is asked of accounts and revoked tokens, as works. */
#include "base/panic.h"
#include "base/xalloc.h"
#include "store/change.h"
#include "store/keep.h"

#define PAGE_BYTES        (4u << 20)  /* of a page of accounts: 200 of them are far below */
#define REVOCATIONS_BYTES (64u << 20) /* all that are remembered at a time */
#define FIRST_REVOCATIONS 64u

/* ---- changing ---- */

struct work *work_put_user(
    enum store_put how, const struct store_user *u, store_done *done, void *arg)
{
    struct change *c = change_new(done, arg);
    if (c == NULL)
        return NULL;
    struct runs *runs = &c->runs;
    struct sql_value id = sql_text(runs_text(runs, u->id));
    struct sql_value name = sql_text(runs_text(runs, u->name));
    struct sql_value email = sql_text(runs_text(runs, u->email));
    struct sql_value hash = sql_text(runs_text(runs, u->password_hash));
    struct sql_value avatar = sql_text(runs_text(runs, u->avatar_url));
    struct sql_value created = sql_int(u->created_at_ms);
    struct sql_value is_admin = sql_int(u->is_admin), is_disabled = sql_int(u->is_disabled);
    if (how == STORE_ADD) {
        RUNS_ADD(runs, ADD_USER, id, name, email, hash, avatar, created, is_admin, is_disabled);
        c->missing = ERR_CONFLICT;
    } else {
        RUNS_ADD(runs, TOUCH_USER, id);
        RUNS_ADD(runs, CHANGE_USER, name, email, hash, avatar, created, is_admin, is_disabled, id);
        c->judged = 1;
        c->missing = ERR_NOT_FOUND;
        c->found = ERR_CONFLICT; /* the address is somebody else's */
    }
    return change_work(c);
}

struct work *work_drop_user(struct slice id, store_done *done, void *arg)
{
    struct change *c = change_new(done, arg);
    if (c == NULL)
        return NULL;
    struct sql_value key = sql_text(runs_text(&c->runs, id));
    RUNS_ADD(&c->runs, DROP_USER, key);
    RUNS_ADD(&c->runs, DROP_STRETCHES_OF_USER, key);
    c->missing = ERR_NOT_FOUND;
    return change_work(c);
}

struct work *work_revoke(const struct store_revocation *r, store_done *done, void *arg)
{
    struct change *c = change_new(done, arg);
    if (c == NULL)
        return NULL;
    RUNS_ADD(&c->runs, REVOKE, sql_text(runs_text(&c->runs, r->subject)), sql_int(r->before_ms),
        sql_int(r->until_ms));
    return change_work(c);
}

/* ---- pages ---- */

struct read_users {
    struct work work;
    enum sql_statement statement;
    struct runs texts; /* of the key alone */
    struct slice key;
    uint32_t limit; /* 0: there is one at most */
    struct arena arena;
    struct store_user at[STORE_PAGE_MAX];
    struct store_users page;
    store_users_done *done;
    void *arg;
};

static struct read_users *users_of(struct work *w)
{
    return CONTAINER_OF(w, struct read_users, work);
}

static int on_user(void *arg, const struct sql_value *at, unsigned n)
{
    struct read_users *r = arg;
    struct row_reader row = { .at = at, .arena = &r->arena };
    ASSERT(n == 8);
    if (r->limit > 0 && r->page.n == r->limit) {
        r->page.has_more = true;
        return 0;
    }
    ASSERT(r->page.n < STORE_PAGE_MAX);
    struct store_user *u = &r->at[r->page.n++];
    u->id = row_text(&row);
    u->name = row_text(&row);
    u->email = row_text(&row);
    u->password_hash = row_text(&row);
    u->avatar_url = row_text(&row);
    u->created_at_ms = row_number(&row);
    u->is_admin = row_bool(&row);
    u->is_disabled = row_bool(&row);
    return row.err;
}

static int users_read(struct work *w, struct sql *db)
{
    struct read_users *r = users_of(w);
    struct sql_value args[] = { sql_text(r->key), sql_int((int64_t)r->limit + 1) };
    arena_reset(&r->arena);
    r->page = (struct store_users){ .at = r->at };
    return db->ops->query(db, r->statement, args, r->limit > 0 ? 2 : 1, on_user, r);
}

static void users_answer(struct work *w, int err)
{
    struct read_users *r = users_of(w);
    r->done(r->arg, err, err ? NULL : &r->page);
}

static void users_free(struct work *w)
{
    struct read_users *r = users_of(w);
    runs_fini(&r->texts);
    arena_fini(&r->arena);
    xfree(r);
}

static const struct work_kind users_kind = {
    .name = "users",
    .read = users_read,
    .answer = users_answer,
    .free = users_free,
};

static void choose_users(struct read_users *r, const struct store_user_query *q)
{
    if (q->id.len > 0) {
        r->statement = SQL_USER_BY_ID;
        r->key = runs_text(&r->texts, q->id);
    } else if (q->email.len > 0) {
        r->statement = SQL_USER_BY_EMAIL;
        r->key = runs_text(&r->texts, q->email);
    } else {
        ASSERT(q->limit > 0 && q->limit <= STORE_PAGE_MAX);
        r->statement = SQL_USERS_PAGE;
        r->key = runs_text(&r->texts, q->after);
        r->limit = q->limit;
    }
}

struct work *work_users(const struct store_user_query *q, store_users_done *done, void *arg)
{
    struct read_users *r = xtry(NULL, sizeof(*r));
    if (r == NULL)
        return NULL;
    memset(r, 0, sizeof(*r));
    r->work = (struct work){ .kind = &users_kind, .bytes = sizeof(*r), .is_urgent = true };
    r->done = done;
    r->arg = arg;
    arena_init(&r->arena, PAGE_BYTES);
    runs_init(&r->texts, PAGE_BYTES);
    choose_users(r, q);
    if (runs_err(&r->texts)) {
        users_free(&r->work);
        return NULL;
    }
    return &r->work;
}

/* ---- what is revoked ---- */

struct read_revocations {
    struct work work;
    int64_t now_ms;
    struct arena arena;
    struct store_revocation *at;
    uint32_t n;
    uint32_t cap;
    store_revocations_done *done;
    void *arg;
};

static struct read_revocations *revocations_of(struct work *w)
{
    return CONTAINER_OF(w, struct read_revocations, work);
}

static int reserve_revocation(struct read_revocations *r)
{
    uint32_t cap = r->cap > 0 ? r->cap * 2 : FIRST_REVOCATIONS;
    if (r->n < r->cap)
        return 0;
    if (r->cap >= REVOCATIONS_BYTES / sizeof(*r->at))
        return ERR_TOO_BIG;
    struct store_revocation *at = xtry(r->at, cap * sizeof(*at));
    if (at == NULL)
        return ERR_NO_MEMORY;
    r->at = at;
    r->cap = cap;
    return 0;
}

static int on_revocation(void *arg, const struct sql_value *at, unsigned n)
{
    struct read_revocations *r = arg;
    struct row_reader row = { .at = at, .arena = &r->arena };
    ASSERT(n == 3);
    int err = reserve_revocation(r);
    if (err)
        return err;
    struct store_revocation *v = &r->at[r->n++];
    v->subject = row_text(&row);
    v->before_ms = row_number(&row);
    v->until_ms = row_number(&row);
    return row.err;
}

static int revocations_read(struct work *w, struct sql *db)
{
    struct read_revocations *r = revocations_of(w);
    struct sql_value now = sql_int(r->now_ms);
    arena_reset(&r->arena);
    r->n = 0;
    return db->ops->query(db, SQL_REVOCATIONS, &now, 1, on_revocation, r);
}

static void revocations_answer(struct work *w, int err)
{
    struct read_revocations *r = revocations_of(w);
    struct store_revocations all = { .at = r->at, .n = r->n };
    r->done(r->arg, err, err ? NULL : &all);
}

static void revocations_free(struct work *w)
{
    struct read_revocations *r = revocations_of(w);
    arena_fini(&r->arena);
    xfree(r->at);
    xfree(r);
}

static const struct work_kind revocations_kind = {
    .name = "revocations",
    .read = revocations_read,
    .answer = revocations_answer,
    .free = revocations_free,
};

struct work *work_revocations(int64_t now_ms, store_revocations_done *done, void *arg)
{
    struct read_revocations *r = xtry(NULL, sizeof(*r));
    if (r == NULL)
        return NULL;
    *r = (struct read_revocations){
        .work = { .kind = &revocations_kind, .bytes = sizeof(*r), .is_urgent = true },
        .now_ms = now_ms,
        .done = done,
        .arg = arg,
    };
    arena_init(&r->arena, REVOCATIONS_BYTES);
    return &r->work;
}
