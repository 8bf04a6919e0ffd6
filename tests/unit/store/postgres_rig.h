/* What the tests of the PostgreSQL driver share: statements of their own, which take the place of
 * store/sql_statement.c, and short words for asking. */
#pragma once

#include "pg_server.h"
#include "store/postgres.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGS(...)              \
    (const struct sql_value[]) \
    {                          \
        __VA_ARGS__            \
    }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum test_statement {
    T_ADD,
    T_FENCE,
    T_LAST,
    T_SUM,
    T_ECHO,
    T_FAIL,
    T_WARN,
    T_SETTING,
    T_PID,
    T_PREPARED,
    T_LATE,
    T_WRONG,
    T_MANY,
    T_COUNT,
};

_Static_assert((int)T_COUNT <= (int)SQL_STATEMENTS, "drivers keep so many statements");

const char *sql_statement_text(enum sql_statement st)
{
    static const char *const texts[T_COUNT] = {
        [T_ADD] = "insert into kept (n, note) values ($1, $2)",
        [T_FENCE] = "update fence set last = $1 where last = $2",
        [T_LAST] = "select last from fence",
        [T_SUM] = "select count(*), count(distinct n), coalesce(max(n), 0) from kept",
        [T_ECHO] = "select cast($1 as text)",
        [T_FAIL] = "select fail($1)",
        [T_WARN] = "select warn($1)",
        [T_SETTING] = "select current_setting($1)",
        [T_PID] = "select pg_backend_pid()",
        [T_PREPARED] = "select count(*) from pg_prepared_statements",
        [T_LATE] = "update kept set note = $1",
        [T_WRONG] = "selec wrong",
        [T_MANY] = "select n, repeat('x', 1000) from generate_series(1, $1) as n",
    };
    return texts[st];
}

/* `kept` has no key: what is added twice is there twice. */
static const char tables[] = "create table kept (n bigint not null, note text);"
                             "create table fence (last bigint not null);"
                             "insert into fence (last) values (0);"
                             "create function fail(state text) returns void language plpgsql as $$"
                             " begin raise exception 'told to fail' using errcode = state; end $$;"
                             "create function warn(words text) returns void language plpgsql as $$"
                             " begin raise warning '%', words; end $$;";

static inline bool is_soak(void)
{
    const char *soak = getenv("SOAK");
    return soak && strcmp(soak, "0") != 0 && *soak;
}

static inline uint32_t run(
    struct sql *db, enum test_statement st, const struct sql_value *args, unsigned n)
{
    return db->ops->run(db, (enum sql_statement)st, args, n);
}

static inline void add(struct sql *db, int64_t n)
{
    run(db, T_ADD, ARGS(sql_int(n), sql_null()), 2);
}

struct told {
    char text[256]; /* of the last row: a|b */
    unsigned rows;
};

static inline int tell(void *arg, const struct sql_value *at, unsigned n)
{
    struct told *t = arg;
    size_t len = 0;
    t->text[0] = '\0';
    t->rows++;
    for (unsigned i = 0; i < n && len < sizeof(t->text); i++) {
        const char *bar = i > 0 ? "|" : "";
        if (at[i].type == SQL_TEXT)
            len += (size_t)snprintf(t->text + len, sizeof(t->text) - len, "%s%.*s", bar,
                (int)slice_take(at[i].text, 100).len, at[i].text.p);
        else
            len += (size_t)snprintf(
                t->text + len, sizeof(t->text) - len, "%s%jd", bar, (intmax_t)at[i].number);
    }
    return 0;
}

/* The last row, or the error's name; lives as long as `t`. */
static inline const char *ask(struct told *t, struct sql *db, enum test_statement st,
    const struct sql_value *args, unsigned n)
{
    *t = (struct told){ .rows = 0 };
    int err = db->ops->query(db, (enum sql_statement)st, args, n, tell, t);
    return err ? err_name(err) : t->text;
}

static inline const char *setting(struct told *t, struct sql *db, const char *name)
{
    return ask(t, db, T_SETTING, ARGS(sql_text(slice_str(name))), 1);
}

static inline void begin(struct sql *db)
{
    int err = db->ops->begin(db, SQL_WRITING);
    if (err)
        is_int(err, 0, "a transaction begins: %s", db->ops->why(db));
}

static inline struct sql *open_at(const char *url)
{
    struct sql *db = NULL;
    char why[SQL_WHY_BYTES];
    int err = postgres_open(&db, url, why);
    if (err) {
        is_int(err, 0, "a connection: %s", why);
        exit(done());
    }
    return db;
}

/* In a new database, with the tables. */
static inline struct sql *open_fresh(struct pg_server *server, const char **url)
{
    *url = pg_server_fresh(server);
    struct sql *db = open_at(*url);
    begin(db);
    is_int(db->ops->script(db, tables), 0, "tables: %s", db->ops->why(db));
    is_int(db->ops->commit(db), 0, "are made");
    return db;
}
