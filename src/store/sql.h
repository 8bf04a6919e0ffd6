/* A connection to an SQL database, as far as the store needs one: prepared statements by number,
 * texts and integers, one transaction at a time. Two drivers fill it in: store/sqlite.h and
 * store/postgres.h. A connection belongs to the thread that uses it, and blocks: no loop calls it.
 * Used by store/ alone.
 *
 * Statements are written once, for both (store/sql/): parameters are $1, $2, ... , first used in
 * this order; names are unquoted; a boolean is 0 or 1, also where a driver knows better. */
#pragma once

#include "base/err.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define SQL_WHY_BYTES   400
#define SQL_MAX_ARGS    24
#define SQL_MAX_COLUMNS 26

enum sql_type { SQL_NULL, SQL_INT, SQL_TEXT };

struct sql_value {
    enum sql_type type;
    int64_t number;
    struct slice text; /* UTF-8 without NUL */
};

static inline struct sql_value sql_int(int64_t n)
{
    return (struct sql_value){ .type = SQL_INT, .number = n };
}

static inline struct sql_value sql_text(struct slice s)
{
    return (struct sql_value){ .type = SQL_TEXT, .text = s };
}

static inline struct sql_value sql_null(void)
{
    return (struct sql_value){ .type = SQL_NULL };
}

enum sql_statement {
#define SQL(id, text) SQL_##id,
#include "store/sql/all.def"
#undef SQL
    SQL_STATEMENTS,
};

const char *sql_statement_text(enum sql_statement st);

/* Reading: one moment's view, for all its queries. Copying: writing more than fits into memory;
 * changed() knows nothing of it. */
enum sql_mode { SQL_READING, SQL_WRITING, SQL_COPYING };

/* A row of an answer, *lent* for the call. Numbers may come as texts of digits, see sql_number().
 * Another value than 0 ends the query with it. */
typedef int(sql_row_fn)(void *arg, const struct sql_value *at, unsigned n);

struct sql {
    const struct sql_ops *ops;
};

/* Errors. ERR_STORAGE_UNAVAILABLE: not now (the connection is lost, the disk is full, it took too
 * long); of a commit: nobody knows whether it happened. ERR_CONFLICT: a constraint forbids it.
 * ERR_IO: the data cannot be read. ERR_NO_MEMORY. ERR_INTERNAL: the statement is wrong. After any
 * of them the transaction is to be rolled back. */
struct sql_ops {
    const char *name; /* "sqlite" */

    int (*begin)(struct sql *db, enum sql_mode mode);

    /* One change of the transaction, done by the time settle() returns; arguments are *copied* or
     * used at once. Gives its number within the transaction, from 0. */
    uint32_t (*run)(
        struct sql *db, enum sql_statement st, const struct sql_value *args, unsigned n);

    /* The first error since the transaction began, of what was run and of queries alike. */
    int (*settle)(struct sql *db);

    /* How many rows that run changed; after settle(). */
    uint64_t (*changed)(const struct sql *db, uint32_t run);

    /* Settles, and gives the rows to `fn`. Also without a transaction. */
    int (*query)(struct sql *db, enum sql_statement st, const struct sql_value *args, unsigned n,
        sql_row_fn *fn, void *arg);

    /* Settles. When it gives 0, all of it survives a power cut. */
    int (*commit)(struct sql *db);

    void (*rollback)(struct sql *db);

    /* Several statements of our own without parameters (a migration), within a transaction. */
    int (*script)(struct sql *db, const char *text);

    /* After ERR_STORAGE_UNAVAILABLE and the rollback: 0 when it is worth trying again. It may
     * connect anew. */
    int (*revive)(struct sql *db);

    /* What was last wrong, for the log: a sentence without secrets. "" if nothing was. */
    const char *(*why)(const struct sql *db);

    void (*close)(struct sql *db); /* NULL is not fine */
};

/* An integer column, however the driver gives it; 0 of NULL. */
int64_t sql_number(const struct sql_value *v);
bool sql_bool(const struct sql_value *v);           /* 1, t, true */
struct slice sql_string(const struct sql_value *v); /* empty of NULL */
