#include "store/migrate.h"

#include "base/panic.h"

#include <stdio.h>

#define TRIES     5   /* two programs that begin at once get in each other's way */
#define SHOWN_MAX 100 /* of a step, in a sentence */

static const char schema_version[] =
    "create table if not exists schema_version ("
    " number bigint not null primary key, name text not null, appliedAt bigint not null)";

/* What the database says of itself. */
struct history {
    const struct migration *all;
    unsigned n;
    unsigned n_done;
    char *why;
};

static int too_new(struct history *h, int64_t number)
{
    snprintf(h->why, MIGRATE_WHY_BYTES,
        "The database was brought to schema %jd by a newer program; this one knows %u.",
        (intmax_t)number, h->n);
    return ERR_BAD_CONFIG;
}

static int of_another(struct history *h, int64_t number, struct slice name)
{
    struct slice shown = slice_take(name, SHOWN_MAX);
    snprintf(h->why, MIGRATE_WHY_BYTES,
        "Step %jd of the database's schema is \"%.*s\", which is not this program's.",
        (intmax_t)number, (int)shown.len, shown.p);
    return ERR_BAD_CONFIG;
}

static int on_step(void *arg, const struct sql_value *at, unsigned n)
{
    struct history *h = arg;
    ASSERT(n == 2);
    int64_t number = sql_number(&at[0]);
    struct slice name = sql_string(&at[1]);
    if (number > h->n)
        return too_new(h, number);
    const struct migration *next = &h->all[h->n_done];
    if (number != next->number || !slice_eq(name, slice_str(next->name)))
        return of_another(h, number, name);
    h->n_done++;
    return 0;
}

static int commit(struct sql *db, int err)
{
    if (!err)
        err = db->ops->settle(db);
    if (!err)
        err = db->ops->commit(db);
    if (err)
        db->ops->rollback(db);
    return err;
}

static int make_table(struct sql *db)
{
    int err = db->ops->begin(db, SQL_WRITING);
    if (!err)
        err = db->ops->script(db, schema_version);
    return commit(db, err);
}

/* It is recorded first, so that only one of two programs does it. */
static int run_step(struct sql *db, const struct migration *step, int64_t now_ms)
{
    struct sql_value args[] = {
        sql_int(step->number),
        sql_text(slice_str(step->name)),
        sql_int(now_ms),
    };
    db->ops->run(db, SQL_ADD_SCHEMA_STEP, args, 3);
    int err = db->ops->settle(db);
    return err ? err : db->ops->script(db, step->text);
}

static int do_step(struct sql *db, const struct migration *step, int64_t now_ms)
{
    int err = db->ops->begin(db, SQL_WRITING);
    if (!err)
        err = run_step(db, step, now_ms);
    return commit(db, err);
}

static int go_on(struct history *h, struct sql *db, int64_t now_ms)
{
    h->n_done = 0;
    int err = make_table(db);
    if (!err)
        err = db->ops->query(db, SQL_SCHEMA_STEPS, NULL, 0, on_step, h);
    while (!err && h->n_done < h->n) {
        err = do_step(db, &h->all[h->n_done], now_ms);
        h->n_done += !err;
    }
    return err;
}

int migrate_with(char why[MIGRATE_WHY_BYTES], struct sql *db, const struct migration *all,
    unsigned n, int64_t now_ms)
{
    struct history h = { .all = all, .n = n, .why = why };
    int err = ERR_CONFLICT;
    why[0] = '\0';
    for (int i = 0; i < TRIES && err == ERR_CONFLICT; i++)
        err = go_on(&h, db, now_ms);
    if (err && why[0] == '\0')
        snprintf(why, MIGRATE_WHY_BYTES, "Step %u of the schema failed. %s", h.n_done + 1,
            db->ops->why(db));
    return err;
}

int migrate(char why[MIGRATE_WHY_BYTES], struct sql *db, int64_t now_ms)
{
    return migrate_with(why, db, schema_migrations, schema_migrations_n, now_ms);
}

int migrate_empty(struct sql *db, int64_t now_ms)
{
    int err = db->ops->script(db, schema_version);
    for (unsigned i = 0; i < schema_migrations_n && !err; i++)
        err = run_step(db, &schema_migrations[i], now_ms);
    return err ? err : db->ops->settle(db);
}
