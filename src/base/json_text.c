/* Two ways to look at raw text. Scanning asks only where a string ends, eight bytes at a time:
 * most strings are short and hold nothing special. Decoding, comparing and hashing see it as runs
 * (next_run): a stretch of plain input, or the few bytes that one escape means; so text with
 * escapes is compared with no buffer of its own. */
#include "base/json_text.h"

#include "base/hex.h"
#include "base/utf8.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first byte is the lowest");

#define ONES  0x0101010101010101ull
#define HIGHS 0x8080808080808080ull

#define REPLACEMENT 0xfffdu

static uint64_t load64(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof(word));
    return word;
}

/* The high bit of every byte that is `"`, `\` or a control character. Bytes above the lowest that
 * is marked may be marked wrongly (a borrow), so only the lowest counts. */
static uint64_t special_bytes(uint64_t w)
{
    uint64_t quote = w ^ ONES * '"', backslash = w ^ ONES * '\\';
    return ((w - ONES * 0x20) & ~w & HIGHS) | ((quote - ONES) & ~quote & HIGHS) |
        ((backslash - ONES) & ~backslash & HIGHS);
}

static bool is_special(char c)
{
    return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

const char *json_text_plain_end(const char *p, const char *end)
{
    for (; end - p >= 8; p += 8) {
        uint64_t special = special_bytes(load64(p));
        if (special)
            return p + __builtin_ctzll(special) / 8;
    }
    while (p < end && !is_special(*p))
        p++;
    return p;
}

/* The number of `XXXX` in `\uXXXX`, or -1. */
static int hex4(const char *p, const char *end)
{
    int value = 0;
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* The letter's meaning behind a backslash, or 0. */
static char short_escape(char letter)
{
    switch (letter) {
    case '"':
    case '\\':
    case '/':
        return letter;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

/* What the escape at `p` means, and its length (0: none). Half a surrogate pair is the replacement
 * character: JavaScript writes one when a text was cut in the middle of an emoji. */
static uint32_t read_escape(size_t *len, const char *p, const char *end)
{
    *len = 0;
    if (end - p >= 2 && p[1] != 'u') {
        char c = short_escape(p[1]);
        *len = c != 0 ? 2 : 0;
        return (unsigned char)c;
    }
    int unit = hex4(p, end);
    if (unit < 0)
        return 0;
    *len = 6;
    if (unit < 0xd800 || unit > 0xdfff)
        return (uint32_t)unit;
    int second = unit <= 0xdbff ? hex4(p + 6, end) : -1;
    if (second < 0xdc00 || second > 0xdfff)
        return REPLACEMENT;
    *len = 12;
    return 0x10000u + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(second - 0xdc00);
}

const char *json_text_escape_end(const char *p, const char *end)
{
    size_t len;
    read_escape(&len, p, end);
    return len > 0 ? p + len : NULL;
}

/* Raw text read as decoded bytes: a run of the input, or the bytes of one escape. */
struct decoder {
    const char *p;
    const char *end;
    char bytes[UTF8_MAX_BYTES];
};

static bool next_run(struct slice *run, struct decoder *d)
{
    if (d->p == d->end)
        return false;
    if (*d->p == '\\') {
        size_t len;
        uint32_t c = read_escape(&len, d->p, d->end);
        d->p = len > 0 ? d->p + len : d->end; /* never 0 in accepted text */
        *run = slice_of(d->bytes, utf8_encode(d->bytes, c));
        return true;
    }
    const char *end = memchr(d->p, '\\', (size_t)(d->end - d->p));
    end = end != NULL ? end : d->end;
    *run = slice_of(d->p, (size_t)(end - d->p));
    d->p = end;
    return true;
}

static struct decoder decoder_of(struct slice raw)
{
    return (struct decoder){ .p = raw.p, .end = raw.len > 0 ? raw.p + raw.len : raw.p };
}

int json_text_decode(struct slice *out, struct arena *arena, struct slice raw)
{
    struct decoder d = decoder_of(raw);
    struct slice run;
    size_t len = 0;
    char *p = arena_alloc(arena, raw.len); /* no escape is shorter than what it means */
    if (p == NULL)
        return ERR_TOO_BIG;
    while (next_run(&run, &d)) {
        memcpy(p + len, run.p, run.len);
        len += run.len;
    }
    arena_trim(arena, p, raw.len, len);
    *out = slice_of(p, len);
    return 0;
}

static bool has_escape(struct slice raw)
{
    return raw.len > 0 && memchr(raw.p, '\\', raw.len) != NULL;
}

bool json_text_means(struct slice raw, struct slice text)
{
    struct decoder d = decoder_of(raw);
    struct slice run;
    while (next_run(&run, &d)) {
        if (!slice_starts(text, run))
            return false;
        text = slice_drop(text, run.len);
    }
    return text.len == 0;
}

bool json_text_eq(struct slice raw, struct slice other_raw)
{
    if (!has_escape(raw))
        return json_text_means(other_raw, raw);
    if (!has_escape(other_raw))
        return json_text_means(raw, other_raw);
    struct decoder a = decoder_of(raw), b = decoder_of(other_raw);
    struct slice x = { .p = NULL }, y = { .p = NULL };
    for (;;) {
        bool more_x = x.len > 0 || next_run(&x, &a), more_y = y.len > 0 || next_run(&y, &b);
        if (!more_x || !more_y)
            return more_x == more_y;
        size_t n = x.len < y.len ? x.len : y.len;
        if (memcmp(x.p, y.p, n) != 0)
            return false;
        x = slice_drop(x, n);
        y = slice_drop(y, n);
    }
}

/* Eight bytes at a time; the last word is filled up with zeros and the length joins at the end. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
    return hash ^ hash >> 29;
}

static uint64_t hash_plain(struct slice s)
{
    uint64_t hash = 0;
    size_t i = 0;
    for (; i + 8 <= s.len; i += 8)
        hash = mix(hash, load64(s.p + i));
    uint64_t last = 0;
    for (unsigned shift = 0; i < s.len; i++, shift += 8)
        last |= (uint64_t)(unsigned char)s.p[i] << shift;
    return mix(mix(hash, last), s.len);
}

static uint64_t hash_decoded(struct slice raw)
{
    struct decoder d = decoder_of(raw);
    struct slice run;
    uint64_t hash = 0, word = 0, len = 0;
    while (next_run(&run, &d)) {
        for (size_t i = 0; i < run.len; i++, len++) {
            if (len > 0 && len % 8 == 0) {
                hash = mix(hash, word);
                word = 0;
            }
            word |= (uint64_t)(unsigned char)run.p[i] << (len % 8 * 8);
        }
    }
    if (len > 0 && len % 8 == 0) {
        hash = mix(hash, word);
        word = 0;
    }
    return mix(mix(hash, word), len);
}

uint32_t json_text_hash(struct slice raw)
{
    return (uint32_t)((has_escape(raw) ? hash_decoded(raw) : hash_plain(raw)) >> 32);
}

static void add_escape(struct buf *out, char c)
{
    static const char letters[0x20] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'
    };
    unsigned char u = (unsigned char)c;
    char letter = u < 0x20 ? letters[u] : c;
    if (letter != 0) {
        buf_add(out, (char[]){ '\\', letter }, 2);
        return;
    }
    buf_add(out, "\\u", 2);
    buf_add_hex(out, u, 4);
}

/* Valid UTF-8 without the quotes around it. */
static void add_valid(struct buf *out, struct slice s)
{
    const char *p = s.p, *end = s.p + s.len;
    while (p < end) {
        const char *stop = json_text_plain_end(p, end);
        buf_add(out, p, (size_t)(stop - p));
        if (stop < end)
            add_escape(out, *stop++);
        p = stop;
    }
}

/* All of one to seven bytes, some of them twice. */
static uint64_t load_few(const char *p, size_t len)
{
    uint32_t first, last;
    if (len < 4)
        return (uint64_t)(unsigned char)p[0] | (uint64_t)(unsigned char)p[len / 2] << 8 |
            (uint64_t)(unsigned char)p[len - 1] << 16 | ONES * ' ' << 24;
    memcpy(&first, p, 4);
    memcpy(&last, p + len - 4, 4);
    return first | (uint64_t)last << 32;
}

/* Whether any of eight bytes is not ASCII, or needs an escape. */
static bool is_any_odd(uint64_t word)
{
    return ((word & HIGHS) | special_bytes(word)) != 0;
}

static bool is_plain_ascii(struct slice s)
{
    if (s.len < 8)
        return !is_any_odd(load_few(s.p, s.len));
    for (size_t i = 0; i + 8 < s.len; i += 8) {
        if (is_any_odd(load64(s.p + i)))
            return false;
    }
    return !is_any_odd(load64(s.p + s.len - 8));
}

/* Most texts, and all keys, need nothing but their quotes. */
static bool quote_plain(struct buf *out, struct slice text)
{
    if (!is_plain_ascii(text))
        return false;
    char *p = buf_room(out, text.len + 2);
    if (p == NULL)
        return true;
    p[0] = '"';
    memcpy(p + 1, text.p, text.len);
    p[text.len + 1] = '"';
    buf_grow(out, text.len + 2);
    return true;
}

void json_text_quote(struct buf *out, struct slice text)
{
    if (text.len > 0 && quote_plain(out, text))
        return;
    buf_add_char(out, '"');
    while (text.len > 0) {
        size_t valid = utf8_valid_len(text);
        if (valid > 0)
            add_valid(out, slice_take(text, valid));
        if (valid < text.len)
            buf_add(out, "\xef\xbf\xbd", 3);
        text = slice_drop(text, valid + 1);
    }
    buf_add_char(out, '"');
}
