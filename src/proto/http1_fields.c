#include "proto/http1.h"
#include "proto/http1_chars.h"

#define QUALITY_MAX 1000

/* ---- Range */

/* Digits only; what does not fit 64 bits is as far away as can be. */
static bool read_place(uint64_t *out, struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    if (slice_u64(out, s))
        *out = UINT64_MAX;
    return s.len > 0;
}

/* bytes=-5 */
static int last_bytes(uint64_t *first, uint64_t *last, uint64_t n, uint64_t size)
{
    if (n == 0 || size == 0)
        return ERR_BAD_RANGE;
    *first = n < size ? size - n : 0;
    *last = size - 1;
    return 0;
}

int http1_range(uint64_t *first, uint64_t *last, struct slice value, uint64_t size)
{
    static const struct slice unit = SLICE("bytes=");
    ptrdiff_t dash = slice_find(value, '-');
    if (dash < (ptrdiff_t)unit.len || !slice_eq_nocase(slice_take(value, unit.len), unit))
        return ERR_NOT_IMPLEMENTED;
    struct slice from = slice_drop(slice_take(value, (size_t)dash), unit.len);
    struct slice to = slice_drop(value, (size_t)dash + 1);
    uint64_t a = 0, b = UINT64_MAX;
    if ((from.len > 0 && !read_place(&a, from)) || (to.len > 0 && !read_place(&b, to)))
        return ERR_NOT_IMPLEMENTED;
    if (from.len == 0)
        return to.len == 0 ? ERR_NOT_IMPLEMENTED : last_bytes(first, last, b, size);
    if (b < a)
        return ERR_NOT_IMPLEMENTED;
    if (a >= size)
        return ERR_BAD_RANGE;
    *first = a;
    *last = b < size ? b : size - 1;
    return 0;
}

/* ---- If-None-Match */

static struct slice without_weakness(struct slice etag)
{
    return slice_starts(etag, S("W/")) ? slice_drop(etag, 2) : etag;
}

/* Cuts the next quoted tag off a list. A tag may hold commas, so only quotes end it. */
static bool cut_etag(struct slice *etag, struct slice *list)
{
    size_t at = 0;
    while (at < list->len && (list->p[at] == ',' || list->p[at] == ' ' || list->p[at] == '\t'))
        at++;
    struct slice rest = without_weakness(slice_drop(*list, at));
    if (rest.len == 0 || rest.p[0] != '"')
        return false;
    ptrdiff_t end = slice_find(slice_drop(rest, 1), '"');
    if (end < 0)
        return false;
    *etag = slice_take(rest, (size_t)end + 2);
    *list = slice_drop(rest, etag->len);
    return true;
}

bool http1_etag_matches(struct slice value, struct slice etag)
{
    struct slice one;
    value = slice_trim(value);
    if (slice_eq(value, S("*")))
        return true;
    etag = without_weakness(etag);
    while (cut_etag(&one, &value)) {
        if (slice_eq(one, etag))
            return true;
    }
    return false;
}

/* ---- Accept-Encoding */

/* 0, 1, 0.5, 0.123, 1.000; anything else is 0: what cannot be read is not used. */
static unsigned read_quality(struct slice s)
{
    unsigned n = 0, unit = QUALITY_MAX;
    for (size_t i = 0; i < s.len; i++) {
        if (i == 1 && s.p[i] == '.')
            continue;
        if (i == 1 || i > 4 || s.p[i] < '0' || s.p[i] > '9')
            return 0;
        n += (unsigned)(s.p[i] - '0') * unit;
        unit /= 10;
    }
    return n <= QUALITY_MAX ? n : 0;
}

/* Of what stands behind a coding's ';'. */
static unsigned read_weight(struct slice s)
{
    s = slice_trim(s);
    return slice_eq_nocase(slice_take(s, 2), S("q=")) ? read_quality(slice_drop(s, 2)) : 0;
}

unsigned http1_encoding_quality(struct slice value, struct slice coding)
{
    struct slice part;
    unsigned others = slice_eq_nocase(coding, S("identity")) ? 1 : 0;
    while (slice_cut(&part, &value, ',')) {
        ptrdiff_t at = slice_find(part, ';');
        struct slice name = slice_trim(at < 0 ? part : slice_take(part, (size_t)at));
        unsigned quality = at < 0 ? QUALITY_MAX : read_weight(slice_drop(part, (size_t)at + 1));
        if (slice_eq_nocase(name, coding))
            return quality;
        if (slice_eq(name, S("*")))
            others = quality;
    }
    return others;
}
