/* A connection that passes everything on to another, and goes wrong when it is told to. */
#pragma once

#include "store/sql.h"

#include <stdatomic.h>

struct lossy {
    struct sql sql;
    struct sql *db;            /* *taken* */
    atomic_uint loses_commits; /* so many happen, but say that the database is away */
    atomic_uint lost_commits;
    atomic_uint fails_query; /* of those from now on the n-th gives all its rows, and then fails; 0:
                              * none does */
    enum sql_statement skipped; /* is not run */
    bool is_skipping;
};

static inline struct lossy *lossy_of(const struct sql *db)
{
    return (struct lossy *)(uintptr_t)db;
}

static inline int lossy_begin(struct sql *db, enum sql_mode mode)
{
    struct lossy *l = lossy_of(db);
    return l->db->ops->begin(l->db, mode);
}

static inline uint32_t lossy_run(
    struct sql *db, enum sql_statement st, const struct sql_value *args, unsigned n)
{
    struct lossy *l = lossy_of(db);
    bool is_skipped = l->is_skipping && st == l->skipped;
    l->is_skipping = l->is_skipping && !is_skipped;
    return is_skipped ? 0 : l->db->ops->run(l->db, st, args, n);
}

static inline int lossy_settle(struct sql *db)
{
    struct lossy *l = lossy_of(db);
    return l->db->ops->settle(l->db);
}

static inline uint64_t lossy_changed(const struct sql *db, uint32_t run)
{
    const struct lossy *l = lossy_of(db);
    return l->db->ops->changed(l->db, run);
}

static inline int lossy_query(struct sql *db, enum sql_statement st, const struct sql_value *args,
    unsigned n, sql_row_fn *fn, void *arg)
{
    struct lossy *l = lossy_of(db);
    int err = l->db->ops->query(l->db, st, args, n, fn, arg);
    bool fails = l->fails_query > 0 && atomic_fetch_sub(&l->fails_query, 1) == 1;
    return !err && fails ? ERR_STORAGE_UNAVAILABLE : err;
}

static inline int lossy_commit(struct sql *db)
{
    struct lossy *l = lossy_of(db);
    int err = l->db->ops->commit(l->db);
    if (err || atomic_load(&l->loses_commits) == 0)
        return err;
    atomic_fetch_sub(&l->loses_commits, 1);
    atomic_fetch_add(&l->lost_commits, 1);
    return ERR_STORAGE_UNAVAILABLE;
}

static inline void lossy_rollback(struct sql *db)
{
    struct lossy *l = lossy_of(db);
    l->db->ops->rollback(l->db);
}

static inline int lossy_script(struct sql *db, const char *text)
{
    struct lossy *l = lossy_of(db);
    return l->db->ops->script(l->db, text);
}

static inline int lossy_revive(struct sql *db)
{
    struct lossy *l = lossy_of(db);
    return l->db->ops->revive(l->db);
}

static inline const char *lossy_why(const struct sql *db)
{
    const struct lossy *l = lossy_of(db);
    return l->db->ops->why(l->db);
}

/* Leaves itself. */
static inline void lossy_close(struct sql *db)
{
    struct lossy *l = lossy_of(db);
    l->db->ops->close(l->db);
}

static inline struct sql *lossy_init(struct lossy *l, struct sql *db)
{
    static const struct sql_ops ops = {
        .name = "lossy",
        .begin = lossy_begin,
        .run = lossy_run,
        .settle = lossy_settle,
        .changed = lossy_changed,
        .query = lossy_query,
        .commit = lossy_commit,
        .rollback = lossy_rollback,
        .script = lossy_script,
        .revive = lossy_revive,
        .why = lossy_why,
        .close = lossy_close,
    };
    l->sql.ops = &ops;
    l->db = db;
    l->loses_commits = 0;
    l->lost_commits = 0;
    l->fails_query = 0;
    l->is_skipping = false;
    return &l->sql;
}
