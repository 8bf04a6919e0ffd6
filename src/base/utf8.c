#include "base/utf8.h"

/* `need` of a text that was found to be bad. */
#define BROKEN 0xff

#define HIGH_BITS 0x8080808080808080ull

static uint64_t load64(const unsigned char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof(word));
    return word;
}

/* What must follow a lead byte. The narrower ranges exclude overlong forms (E0, F0), surrogates
 * (ED) and what lies above U+10FFFF (F4): RFC 3629, section 4. */
static struct utf8 after_lead(unsigned char c)
{
    if (c < 0x80)
        return (struct utf8){ .need = 0 };
    if (c >= 0xc2 && c <= 0xdf)
        return (struct utf8){ .need = 1, .low = 0x80, .high = 0xbf };
    if (c >= 0xe0 && c <= 0xef)
        return (struct utf8){
            .need = 2, .low = c == 0xe0 ? 0xa0 : 0x80, .high = c == 0xed ? 0x9f : 0xbf
        };
    if (c >= 0xf0 && c <= 0xf4)
        return (struct utf8){
            .need = 3, .low = c == 0xf0 ? 0x90 : 0x80, .high = c == 0xf4 ? 0x8f : 0xbf
        };
    return (struct utf8){ .need = BROKEN };
}

static bool is_tail(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* The length of the valid character of several bytes at `p`; 0 when there is none. */
static size_t sequence_len(const unsigned char *p, size_t left)
{
    if (left < 2)
        return 0;
    struct utf8 u = after_lead(p[0]);
    if (u.need == BROKEN || u.need >= left || p[1] < u.low || p[1] > u.high)
        return 0;
    if (u.need >= 2 && !is_tail(p[2]))
        return 0;
    if (u.need == 3 && !is_tail(p[3]))
        return 0;
    return u.need + 1u;
}

static const unsigned char *skip_ascii(const unsigned char *p, const unsigned char *end)
{
    while (end - p >= 32) {
        if ((load64(p) | load64(p + 8) | load64(p + 16) | load64(p + 24)) & HIGH_BITS)
            break;
        p += 32;
    }
    while (end - p >= 8 && !(load64(p) & HIGH_BITS))
        p += 8;
    while (p < end && *p < 0x80)
        p++;
    return p;
}

void utf8_init(struct utf8 *u)
{
    *u = (struct utf8){ .need = 0 };
}

static bool step(struct utf8 *u, unsigned char c)
{
    if (u->need == 0) {
        *u = after_lead(c);
        return u->need != BROKEN;
    }
    if (c < u->low || c > u->high) {
        u->need = BROKEN;
        return false;
    }
    *u = (struct utf8){ .need = (uint8_t)(u->need - 1), .low = 0x80, .high = 0xbf };
    return true;
}

int utf8_feed(struct utf8 *u, struct slice s)
{
    if (u->need == BROKEN)
        return ERR_BAD_UTF8;
    while (s.len > 0) {
        if (u->need == 0)
            s = slice_drop(s, utf8_valid_len(s));
        /* What is left begins in the middle of a character, or with a bad or unfinished one. */
        for (size_t i = 0; i < UTF8_MAX_BYTES && s.len > 0; i++) {
            if (!step(u, (unsigned char)*s.p))
                return ERR_BAD_UTF8;
            s = slice_drop(s, 1);
        }
    }
    return 0;
}

bool utf8_is_done(const struct utf8 *u)
{
    return u->need == 0;
}

bool utf8_is_valid(struct slice s)
{
    return utf8_valid_len(s) == s.len;
}

size_t utf8_valid_len(struct slice s)
{
    if (s.len == 0)
        return 0;
    const unsigned char *start = (const unsigned char *)s.p, *p = start, *end = p + s.len;
    while (p < end) {
        p = skip_ascii(p, end);
        while (p < end && *p >= 0x80) {
            size_t n = sequence_len(p, (size_t)(end - p));
            if (n == 0)
                return (size_t)(p - start);
            p += n;
        }
    }
    return s.len;
}

size_t utf8_decode(uint32_t *out, struct slice s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    if (s.len == 0)
        return 0;
    size_t n = p[0] < 0x80 ? 1 : sequence_len(p, s.len);
    uint32_t c = n == 1 ? p[0] : p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3f);
    if (n > 0)
        *out = c;
    return n;
}

size_t utf8_encode(char out[UTF8_MAX_BYTES], uint32_t c)
{
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        c = UTF8_REPLACEMENT;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)((0xf00u >> n & 0xff) | c);
    return n;
}

size_t utf8_count(struct slice s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += !is_tail((unsigned char)s.p[i]);
    return n;
}

struct slice utf8_take(struct slice s, size_t max_bytes)
{
    if (s.len <= max_bytes)
        return s;
    while (max_bytes > 0 && is_tail((unsigned char)s.p[max_bytes]))
        max_bytes--;
    return slice_of(s.p, max_bytes);
}

struct slice utf8_take_chars(struct slice s, size_t n)
{
    size_t i = 0;
    for (; i < s.len; i++) {
        if (!is_tail((unsigned char)s.p[i]) && n-- == 0)
            break;
    }
    return slice_of(s.p, i);
}
