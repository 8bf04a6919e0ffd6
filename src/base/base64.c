#include "base/base64.h"

/* The value of each character plus one; 0: not in the alphabet. */
#define LETTERS_AND_DIGITS                                                                         \
    ['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6, ['G'] = 7, ['H'] = 8,        \
    ['I'] = 9, ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, \
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23,            \
    ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,            \
    ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37,            \
    ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44,            \
    ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49, ['x'] = 50, ['y'] = 51,            \
    ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58,            \
    ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62

static const uint8_t standard_values[256] = { LETTERS_AND_DIGITS, ['+'] = 63, ['/'] = 64 };
static const uint8_t url_values[256] = { LETTERS_AND_DIGITS, ['-'] = 63, ['_'] = 64 };
static const uint8_t either_values[256] = {
    LETTERS_AND_DIGITS, ['+'] = 63, ['/'] = 64, ['-'] = 63, ['_'] = 64
};

static const char standard_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

enum padding { PADDING_NEVER, PADDING_ALWAYS, PADDING_EITHER };

struct form {
    const uint8_t *values;
    const char *alphabet;
    enum padding padding;
    bool any_unused_bits;
};

static const struct form forms[] = {
    [BASE64_STANDARD] = {
        .values = standard_values, .alphabet = standard_alphabet, .padding = PADDING_ALWAYS
    },
    [BASE64_URL] = { .values = url_values, .alphabet = url_alphabet, .padding = PADDING_NEVER },
    [BASE64_URL_PADDED] = {
        .values = url_values, .alphabet = url_alphabet, .padding = PADDING_ALWAYS
    },
    [BASE64_LENIENT] = {
        .values = either_values,
        .alphabet = standard_alphabet,
        .padding = PADDING_EITHER,
        .any_unused_bits = true,
    },
};

size_t base64_encoded_len(size_t len, enum base64_form form)
{
    size_t rest = len % 3;
    if (forms[form].padding == PADDING_NEVER)
        return len / 3 * 4 + (rest > 0 ? rest + 1 : 0);
    return len / 3 * 4 + (rest > 0 ? 4 : 0);
}

size_t base64_decoded_max(size_t len)
{
    return len / 4 * 3 + len % 4;
}

void base64_encode(char *out, struct slice s, enum base64_form form)
{
    const unsigned char *p = (const unsigned char *)s.p;
    const char *a = forms[form].alphabet;
    size_t left = s.len;
    for (; left >= 3; left -= 3, p += 3) {
        *out++ = a[p[0] >> 2];
        *out++ = a[(p[0] & 3) << 4 | p[1] >> 4];
        *out++ = a[(p[1] & 15) << 2 | p[2] >> 6];
        *out++ = a[p[2] & 63];
    }
    if (left == 0)
        return;
    unsigned second = left == 2 ? p[1] : 0;
    *out++ = a[p[0] >> 2];
    *out++ = a[(p[0] & 3) << 4 | second >> 4];
    if (left == 2)
        *out++ = a[(second & 15) << 2];
    if (forms[form].padding != PADDING_NEVER)
        memcpy(out, "==", 3 - left);
}

void base64_add(struct buf *out, struct slice s, enum base64_form form)
{
    size_t len = base64_encoded_len(s.len, form);
    char *room = buf_room(out, len);
    if (room == NULL)
        return;
    base64_encode(room, s, form);
    buf_grow(out, len);
}

/* The text without its padding, which must be as the form demands. */
static int cut_padding(struct slice *text, enum padding padding)
{
    struct slice s = *text;
    while (s.len > 0 && s.p[s.len - 1] == '=')
        s.len--;
    size_t have = text->len - s.len, rest = s.len % 4, want = rest > 0 ? 4 - rest : 0;
    if (rest == 1)
        return ERR_BAD_VALUE;
    if (padding == PADDING_EITHER ? have != 0 && have != want
                                  : have != (padding == PADDING_ALWAYS ? want : 0))
        return ERR_BAD_VALUE;
    *text = s;
    return 0;
}

/* The last two or three characters, which carry one or two bytes. */
static int decode_rest(unsigned char *to, const unsigned char *p, size_t n, const struct form *f)
{
    unsigned a = f->values[p[0]], b = f->values[p[1]], c = n == 3 ? f->values[p[2]] : 1;
    if (a == 0 || b == 0 || c == 0)
        return ERR_BAD_VALUE;
    unsigned bits = (a - 1) << 12 | (b - 1) << 6 | (c - 1);
    unsigned unused = n == 3 ? bits & 3 : bits >> 6 & 15;
    if (unused != 0 && !f->any_unused_bits)
        return ERR_BAD_VALUE;
    to[0] = (unsigned char)(bits >> 10);
    if (n == 3)
        to[1] = (unsigned char)(bits >> 2);
    return 0;
}

int base64_decode(size_t *len, void *out, size_t max, struct slice text, enum base64_form form)
{
    const struct form *f = &forms[form];
    int err = cut_padding(&text, f->padding);
    if (err)
        return err;
    size_t rest = text.len % 4, total = text.len / 4 * 3 + (rest > 0 ? rest - 1 : 0);
    if (total > max)
        return ERR_TOO_BIG;
    const unsigned char *p = (const unsigned char *)text.p;
    unsigned char *to = out;
    for (size_t quads = text.len / 4; quads > 0; quads--, p += 4, to += 3) {
        unsigned a = f->values[p[0]], b = f->values[p[1]], c = f->values[p[2]], d = f->values[p[3]];
        if (a == 0 || b == 0 || c == 0 || d == 0)
            return ERR_BAD_VALUE;
        unsigned bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
        to[0] = (unsigned char)(bits >> 16);
        to[1] = (unsigned char)(bits >> 8);
        to[2] = (unsigned char)bits;
    }
    *len = total;
    return rest > 0 ? decode_rest(to, p, rest, f) : 0;
}

int base64_decode_arena(
    struct slice *out, struct arena *arena, struct slice text, enum base64_form form)
{
    size_t max = base64_decoded_max(text.len), len = 0;
    char *p = arena_alloc(arena, max + 1);
    if (p == NULL)
        return ERR_TOO_BIG;
    int err = base64_decode(&len, p, max, text, form);
    if (err)
        return err;
    arena_trim(arena, p, max + 1, len + 1);
    *out = slice_of(p, len);
    return 0;
}
