/* Statements that change something, noted on the loop with copies of their arguments, and run on
 * the writer as often as it takes. Used by the works of store/. */
#pragma once

#include "base/arena.h"
#include "store/sql.h"

struct run;

struct runs {
    struct arena memory;
    struct run *first;
    struct run *last;
    uint32_t n;
    int err; /* the first; nothing is added behind it */
};

void runs_init(struct runs *r, size_t max_bytes);
void runs_fini(struct runs *r);

/* `args` are *copied*, but the texts in them are *borrowed* until the end: the two below make such
 * texts. */
void runs_add(struct runs *r, enum sql_statement st, const struct sql_value *args, unsigned n);

#define RUNS_ARGS(...)         \
    (const struct sql_value[]) \
    {                          \
        __VA_ARGS__            \
    }
#define RUNS_ADD(r, id, ...)                      \
    runs_add(r, SQL_##id, RUNS_ARGS(__VA_ARGS__), \
        (unsigned)(sizeof(RUNS_ARGS(__VA_ARGS__)) / sizeof(struct sql_value)))

/* A copy. What no database takes in a text, NUL and bytes that are not UTF-8, becomes U+FFFD. */
struct slice runs_text(struct runs *r, struct slice text);

/* A text that is only looked for: itself, or the empty one if no database can have it, so that it
 * finds nothing. */
struct slice runs_sought(struct slice text);

/* "a:b", clean already. */
struct slice runs_pair(struct runs *r, struct slice a, struct slice b);
struct slice runs_pair_u64(struct runs *r, struct slice a, uint64_t b);

/* ERR_NO_MEMORY, ERR_TOO_BIG. */
int runs_err(const struct runs *r) MUST_CHECK;

/* Gives the number of the first; the others follow. */
uint32_t runs_run(const struct runs *r, struct sql *db);
