#include "proto/http1_chars.h"

#include <endian.h>

#define ONES (UINT64_MAX / 255) /* 0x01 in each byte; times x: x in each */
#define TOPS (ONES * 0x80)

#define NAME   (HTTP1_TOKEN | HTTP1_TARGET | HTTP1_HOST)
#define HEX    (NAME | HTTP1_IP6)
#define TOKEN  (HTTP1_TOKEN | HTTP1_TARGET)
#define TARGET HTTP1_TARGET

const uint8_t http1_classes[256] = {
    ['!'] = TOKEN,
    ['"'] = TARGET,
    ['#'] = HTTP1_TOKEN,
    ['$' ... '\''] = TOKEN,
    ['(' ... ')'] = TARGET,
    ['*' ... '+'] = TOKEN,
    [','] = TARGET,
    ['-'] = NAME,
    ['.'] = HEX,
    ['/'] = TARGET,
    ['0' ... '9'] = HEX,
    [':'] = TARGET | HTTP1_IP6,
    [';' ... '@'] = TARGET,
    ['A' ... 'F'] = HEX,
    ['G' ... 'Z'] = NAME,
    ['[' ... ']'] = TARGET,
    ['^'] = TOKEN,
    ['_'] = NAME,
    ['`'] = TOKEN,
    ['a' ... 'f'] = HEX,
    ['g' ... 'z'] = NAME,
    ['{'] = TARGET,
    ['|'] = TOKEN,
    ['}'] = TARGET,
    ['~'] = TOKEN,
};

/* Eight bytes at once: the top bit of every control character, HTAB among them. Above the first
 * such byte a borrow may mark others wrongly; only the first is looked at. */
static uint64_t controls(const char *p)
{
    uint64_t x;
    memcpy(&x, p, sizeof(x));
    x = le64toh(x);
    uint64_t del = x ^ (ONES * 0x7f);
    return (((x - ONES * 0x20) & ~x) | ((del - ONES) & ~del)) & TOPS;
}

static bool is_control(unsigned char c)
{
    return c < 0x20 || c == 0x7f;
}

/* The next control character, HTAB among them. */
static size_t find_any(struct slice s, size_t at)
{
    for (; s.len - at >= 8; at += 8) {
        uint64_t found = controls(s.p + at);
        if (found != 0)
            return at + (unsigned)__builtin_ctzll(found) / 8;
    }
    while (at < s.len && !is_control((unsigned char)s.p[at]))
        at++;
    return at;
}

size_t http1_find_control(struct slice s, size_t from)
{
    size_t at = find_any(s, from);
    while (at < s.len && s.p[at] == '\t')
        at = find_any(s, at + 1);
    return at;
}
