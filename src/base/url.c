#include "base/url.h"

#include "base/hex.h"
#include "base/utf8.h"

/* The next decoded byte of `*s`, or -1 for a broken `%`. */
static int take_byte(struct slice *s, unsigned flags)
{
    char c = s->p[0];
    size_t n = 1;
    int byte = (unsigned char)c;
    if (c == '%') {
        int high = s->len >= 3 ? hex_digit(s->p[1]) : -1;
        int low = s->len >= 3 ? hex_digit(s->p[2]) : -1;
        byte = high < 0 || low < 0 ? -1 : high << 4 | low;
        n = byte < 0 ? 1 : 3;
    } else if (c == '+' && flags & URL_PLUS) {
        byte = ' ';
    }
    *s = slice_drop(*s, n);
    return byte;
}

static bool is_encoded(struct slice s, unsigned flags)
{
    if (s.len == 0)
        return false;
    return memchr(s.p, '%', s.len) || (flags & URL_PLUS && memchr(s.p, '+', s.len));
}

static int decode_to(struct slice *out, char *to, struct slice encoded, unsigned flags)
{
    size_t len = 0;
    while (encoded.len > 0) {
        int byte = take_byte(&encoded, flags);
        if (byte < 0)
            return ERR_BAD_VALUE;
        to[len++] = (char)byte;
    }
    *out = slice_of(to, len);
    return 0;
}

static int check_text(struct slice s)
{
    if (s.len > 0 && memchr(s.p, 0, s.len))
        return ERR_BAD_VALUE;
    return utf8_is_valid(s) ? 0 : ERR_BAD_UTF8;
}

int url_decode(struct slice *out, struct arena *arena, struct slice encoded, unsigned flags)
{
    struct slice text = encoded;
    if (is_encoded(encoded, flags)) {
        char *p = arena_alloc(arena, encoded.len);
        if (p == NULL)
            return ERR_TOO_BIG;
        int err = decode_to(&text, p, encoded, flags);
        if (err)
            return err;
        arena_trim(arena, p, encoded.len, text.len);
    }
    int err = flags & URL_ANY_BYTES ? 0 : check_text(text);
    if (!err)
        *out = text;
    return err;
}

bool url_eq(struct slice encoded, struct slice text, unsigned flags)
{
    while (encoded.len > 0 && text.len > 0) {
        if (take_byte(&encoded, flags) != (unsigned char)text.p[0])
            return false;
        text = slice_drop(text, 1);
    }
    return encoded.len == 0 && text.len == 0;
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_unreserved(char c)
{
    return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void url_encode(struct buf *out, struct slice text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (is_unreserved(text.p[i]))
            buf_add_char(out, text.p[i]);
        else
            buf_add(out, (char[]){ '%', digits[c >> 4], digits[c & 15] }, 3);
    }
}

void url_split(struct slice *path, struct slice *query, struct slice target)
{
    ptrdiff_t at = slice_find(target, '?');
    size_t len = at < 0 ? target.len : (size_t)at;
    *path = slice_take(target, len);
    *query = slice_of(NULL, 0);
    if (at >= 0)
        *query = slice_drop(target, len + 1);
}

/* What may stand in a path as it is. */
static bool is_plain_path_byte(char c)
{
    static const bool refused[128] = { ['"'] = true,
        ['#'] = true,
        ['%'] = true,
        ['<'] = true,
        ['>'] = true,
        ['?'] = true,
        ['\\'] = true,
        [0x7f] = true };
    unsigned char u = (unsigned char)c;
    return u > ' ' && u < 0x80 && !refused[u];
}

static bool is_plain_segment(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_plain_path_byte(s.p[i]))
            return false;
    }
    return true;
}

/* A segment in which something is encoded. */
static bool is_clean_encoded(struct slice s)
{
    struct utf8 text = { .need = 0 };
    size_t len = 0, dots = 0;
    for (; s.len > 0; len++) {
        bool encoded = s.p[0] == '%';
        if (!encoded && !is_plain_path_byte(s.p[0]))
            return false;
        int byte = take_byte(&s, 0);
        if (byte < 0x20 || byte == 0x7f || byte == '\\' || (encoded && byte == '/'))
            return false;
        if (utf8_feed(&text, slice_of((char[]){ (char)byte }, 1)))
            return false;
        dots += byte == '.';
    }
    return utf8_is_done(&text) && !(dots == len && len <= 2);
}

static bool is_clean_segment(struct slice s)
{
    if (!is_plain_segment(s))
        return is_clean_encoded(s);
    return s.len > 0 && !slice_eq(s, S(".")) && !slice_eq(s, S(".."));
}

int url_check_path(struct slice path)
{
    struct slice segment, rest;
    if (path.len == 0 || path.p[0] != '/')
        return ERR_NOT_FOUND;
    rest = slice_drop(path, 1);
    while (slice_cut(&segment, &rest, '/')) { /* gives no part behind a trailing slash */
        if (!is_clean_segment(segment))
            return ERR_NOT_FOUND;
    }
    return 0;
}

bool url_query_next(struct slice *name, struct slice *value, struct slice *rest)
{
    struct slice pair;
    do {
        if (!slice_cut(&pair, rest, '&'))
            return false;
    } while (pair.len == 0);
    ptrdiff_t at = slice_find(pair, '=');
    size_t len = at < 0 ? pair.len : (size_t)at;
    *name = slice_take(pair, len);
    *value = slice_drop(pair, len + 1);
    return true;
}

int url_query_find(struct slice *value, struct arena *arena, struct slice query, struct slice name)
{
    struct slice key, encoded, found = { .p = NULL };
    while (url_query_next(&key, &encoded, &query)) {
        if (url_eq(key, name, URL_PLUS))
            found = encoded;
    }
    return found.p == NULL ? ERR_NOT_FOUND : url_decode(value, arena, found, URL_PLUS);
}
