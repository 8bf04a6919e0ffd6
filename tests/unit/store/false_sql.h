/* A connection that remembers in memory what was committed, does what the test says, and can be
 * held in the middle of a commit. Only the first argument of a statement matters. */
#pragma once

#include "base/panic.h"
#include "store/sql.h"

#include <pthread.h>
#include <stdatomic.h>

#define FALSE_SQL_MAX 100000
#define FALSE_SQL_BAD (-7) /* a statement with this argument is refused by the database */

struct false_sql {
    struct sql sql;
    pthread_mutex_t gate; /* a commit passes it */
    int64_t kept[FALSE_SQL_MAX];
    atomic_uint n_kept;
    int64_t open[FALSE_SQL_MAX];
    uint32_t n_open;
    uint32_t sizes[FALSE_SQL_MAX]; /* of the transactions */
    uint32_t n_commits;
    int err; /* of this transaction */
    atomic_bool is_away;
    atomic_bool loses_answer; /* the next commit happens, but says it is away */
    atomic_uint began;
    atomic_bool is_closed;
};

static struct false_sql *false_of(const struct sql *db)
{
    return (struct false_sql *)(uintptr_t)db;
}

static int false_begin(struct sql *db, enum sql_mode mode)
{
    struct false_sql *f = false_of(db);
    (void)mode;
    f->began++;
    f->n_open = 0;
    f->err = f->is_away ? ERR_STORAGE_UNAVAILABLE : 0;
    return f->err;
}

static uint32_t false_run(
    struct sql *db, enum sql_statement st, const struct sql_value *args, unsigned n)
{
    struct false_sql *f = false_of(db);
    (void)st;
    ASSERT(n == 1 && f->n_open < FALSE_SQL_MAX);
    if (args[0].number == FALSE_SQL_BAD && !f->err)
        f->err = ERR_CONFLICT;
    if (f->is_away && !f->err)
        f->err = ERR_STORAGE_UNAVAILABLE;
    f->open[f->n_open] = args[0].number;
    return f->n_open++;
}

static int false_settle(struct sql *db)
{
    return false_of(db)->err;
}

static uint64_t false_changed(const struct sql *db, uint32_t run)
{
    (void)db;
    (void)run;
    return 1;
}

static int false_query(struct sql *db, enum sql_statement st, const struct sql_value *args,
    unsigned n, sql_row_fn *fn, void *arg)
{
    struct false_sql *f = false_of(db);
    (void)st;
    (void)args;
    (void)n;
    if (f->is_away)
        f->err = ERR_STORAGE_UNAVAILABLE;
    struct sql_value kept = sql_int(f->n_kept);
    return f->err ? f->err : fn(arg, &kept, 1);
}

static int false_commit(struct sql *db)
{
    struct false_sql *f = false_of(db);
    pthread_mutex_lock(&f->gate);
    pthread_mutex_unlock(&f->gate);
    if (f->is_away && !f->err)
        f->err = ERR_STORAGE_UNAVAILABLE;
    if (f->err)
        return f->err;
    for (uint32_t i = 0; i < f->n_open; i++)
        f->kept[f->n_kept++] = f->open[i];
    f->sizes[f->n_commits++] = f->n_open;
    if (atomic_exchange(&f->loses_answer, false))
        f->err = ERR_STORAGE_UNAVAILABLE;
    return f->err;
}

static void false_rollback(struct sql *db)
{
    false_of(db)->n_open = 0;
    false_of(db)->err = 0;
}

static int false_script(struct sql *db, const char *text)
{
    (void)db;
    (void)text;
    return 0;
}

static int false_revive(struct sql *db)
{
    return false_of(db)->is_away ? ERR_STORAGE_UNAVAILABLE : 0;
}

static const char *false_why(const struct sql *db)
{
    (void)db;
    return "it was told to be away";
}

static void false_close(struct sql *db)
{
    false_of(db)->is_closed = true;
}

static const struct sql_ops false_ops = {
    .name = "false",
    .begin = false_begin,
    .run = false_run,
    .settle = false_settle,
    .changed = false_changed,
    .query = false_query,
    .commit = false_commit,
    .rollback = false_rollback,
    .script = false_script,
    .revive = false_revive,
    .why = false_why,
    .close = false_close,
};

static inline void false_init(struct false_sql *f)
{
    *f = (struct false_sql){ .sql = { .ops = &false_ops } };
    pthread_mutex_init(&f->gate, NULL);
}
