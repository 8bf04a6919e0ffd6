/* A view of bytes that someone else owns: pointer and length, no terminator. Passed by value. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const char *p;
    size_t len;
};

/* A slice of a string literal; usable in constant tables. */
#define SLICE(literal)                              \
    {                                               \
        .p = "" literal, .len = sizeof(literal) - 1 \
    }
#define S(literal) ((struct slice)SLICE(literal))

static inline struct slice slice_of(const void *p, size_t len)
{
    return (struct slice){ .p = p, .len = len };
}

/* The empty slice for NULL. */
static inline struct slice slice_str(const char *s)
{
    return (struct slice){ .p = s, .len = s ? strlen(s) : 0 };
}

static inline bool slice_eq(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* The rest after `n` bytes; empty when there are no more. */
static inline struct slice slice_drop(struct slice s, size_t n)
{
    size_t cut = n < s.len ? n : s.len;
    return slice_of(cut > 0 ? s.p + cut : s.p, s.len - cut); /* NULL + 0 is not defined */
}

/* The first `n` bytes, or all when there are fewer. */
static inline struct slice slice_take(struct slice s, size_t n)
{
    return slice_of(s.p, n < s.len ? n : s.len);
}

/* ASCII letters compare without case. */
bool slice_eq_nocase(struct slice a, struct slice b);
int slice_cmp(struct slice a, struct slice b);
bool slice_starts(struct slice s, struct slice prefix);
bool slice_ends(struct slice s, struct slice suffix);

/* Index of the first `c`, or -1. */
ptrdiff_t slice_find(struct slice s, char c);

/* Without spaces and tabs at both ends. */
struct slice slice_trim(struct slice s);

/* Cuts the part before the next `sep` off `*rest` and gives it in `*part`. False when `*rest` is
 * used up: "a,,b" gives three parts, ",a" two, "a," one, "" none. */
bool slice_cut(struct slice *part, struct slice *rest, char sep);

/* Decimal digits only: no sign, no space, no overflow. ERR_BAD_VALUE leaves `*out` as it was. */
int slice_u64(uint64_t *out, struct slice s) MUST_CHECK;
int slice_i64(int64_t *out, struct slice s) MUST_CHECK; /* with an optional '-' */
