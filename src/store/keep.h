/* Texts that outlive the call that brought them: behind the work that was asked, or in an arena of
 * what it reads. Used by the works of store/. */
#pragma once

#include "base/arena.h"
#include "store/sql.h"

/* Moves a text to `*end`, where there is place for it, and `*end` behind it. */
static inline void keep_text(struct slice *text, char **end)
{
    if (text->len == 0)
        return;
    memcpy(*end, text->p, text->len);
    text->p = *end;
    *end += text->len;
}

/* One column after the other of a row that is lent. The first failure is remembered. */
struct row_reader {
    const struct sql_value *at;
    struct arena *arena;
    int err;
};

static inline struct slice row_text(struct row_reader *r)
{
    struct slice kept = S("");
    struct slice text = sql_string(r->at++);
    if (!r->err && text.len > 0)
        r->err = arena_copy(&kept, r->arena, text);
    return kept;
}

static inline int64_t row_number(struct row_reader *r)
{
    return sql_number(r->at++);
}

static inline bool row_bool(struct row_reader *r)
{
    return sql_bool(r->at++);
}
