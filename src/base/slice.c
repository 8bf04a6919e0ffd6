#include "base/slice.h"

static unsigned char lower(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? (unsigned char)(u | 0x20) : u;
}

bool slice_eq_nocase(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    }
    return true;
}

int slice_cmp(struct slice a, struct slice b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common > 0 ? memcmp(a.p, b.p, common) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

bool slice_starts(struct slice s, struct slice prefix)
{
    return slice_eq(slice_take(s, prefix.len), prefix);
}

bool slice_ends(struct slice s, struct slice suffix)
{
    return s.len >= suffix.len && slice_eq(slice_drop(s, s.len - suffix.len), suffix);
}

ptrdiff_t slice_find(struct slice s, char c)
{
    const char *at = s.len > 0 ? memchr(s.p, c, s.len) : NULL;
    return at != NULL ? at - s.p : -1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct slice slice_trim(struct slice s)
{
    while (s.len > 0 && is_blank(s.p[0]))
        s = slice_drop(s, 1);
    while (s.len > 0 && is_blank(s.p[s.len - 1]))
        s.len--;
    return s;
}

bool slice_cut(struct slice *part, struct slice *rest, char sep)
{
    if (rest->len == 0)
        return false;
    ptrdiff_t at = slice_find(*rest, sep);
    size_t len = at >= 0 ? (size_t)at : rest->len;
    *part = slice_take(*rest, len);
    *rest = slice_drop(*rest, len + 1);
    return true;
}

int slice_u64(uint64_t *out, struct slice s)
{
    uint64_t n = 0;
    if (s.len == 0)
        return ERR_BAD_VALUE;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';
        if (digit > 9 || __builtin_mul_overflow(n, 10u, &n) || __builtin_add_overflow(n, digit, &n))
            return ERR_BAD_VALUE;
    }
    *out = n;
    return 0;
}

int slice_i64(int64_t *out, struct slice s)
{
    bool negative = s.len > 0 && s.p[0] == '-';
    uint64_t size;
    int err = slice_u64(&size, slice_drop(s, negative));
    if (err)
        return err;
    if (size > (uint64_t)INT64_MAX + negative)
        return ERR_BAD_VALUE;
    *out = (int64_t)(negative ? -size : size);
    return 0;
}
