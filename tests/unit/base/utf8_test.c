#include "base/utf8.h"

#include "tap.h"

#include <stdlib.h>

static const struct {
    const char *name;
    struct slice text;
    size_t valid; /* bytes before the first bad character */
    size_t bad;   /* bytes that utf8_feed() takes: up to the first that cannot be; -1: all */
} rows[] = {
    { "nothing", SLICE(""), 0, -1u },
    { "ASCII with NUL", SLICE("a\0b\x7f"), 4, -1u },
    { "two bytes, first", SLICE("\xc2\x80"), 2, -1u },
    { "two bytes, last", SLICE("\xdf\xbf"), 2, -1u },
    { "three bytes, first", SLICE("\xe0\xa0\x80"), 3, -1u },
    { "below the surrogates", SLICE("\xed\x9f\xbf"), 3, -1u },
    { "above the surrogates", SLICE("\xee\x80\x80"), 3, -1u },
    { "three bytes, last", SLICE("\xef\xbf\xbf"), 3, -1u },
    { "four bytes, first", SLICE("\xf0\x90\x80\x80"), 4, -1u },
    { "four bytes, last", SLICE("\xf4\x8f\xbf\xbf"), 4, -1u },
    { "byte order mark", SLICE("\xef\xbb\xbfx"), 4, -1u },
    { "long ASCII, then two bytes", SLICE("0123456789abcdef0123456789abcdef0123\xc3\xa9"), 38,
        -1u },
    { "lone tail", SLICE("ab\x80"), 2, 2 },
    { "lone tail BF", SLICE("\xbf"), 0, 0 },
    { "overlong C0", SLICE("a\xc0\xaf"), 1, 1 },
    { "overlong C1", SLICE("\xc1\xbf"), 0, 0 },
    { "overlong E0", SLICE("\xe0\x9f\xbf"), 0, 1 },
    { "overlong F0", SLICE("\xf0\x8f\xbf\xbf"), 0, 1 },
    { "surrogate, first", SLICE("\xed\xa0\x80"), 0, 1 },
    { "surrogate, last", SLICE("\xed\xbf\xbf"), 0, 1 },
    { "above U+10FFFF", SLICE("\xf4\x90\x80\x80"), 0, 1 },
    { "lead F5", SLICE("x\xf5\x80\x80\x80"), 1, 1 },
    { "FE", SLICE("\xfe"), 0, 0 },
    { "FF", SLICE("\xff"), 0, 0 },
    { "two bytes, cut by ASCII", SLICE("\xc3x"), 0, 1 },
    { "three bytes, cut by ASCII", SLICE("\xe2\x82x"), 0, 2 },
    { "four bytes, cut by ASCII", SLICE("\xf0\x9f\x98x"), 0, 3 },
    { "four bytes, cut by a lead", SLICE("\xf0\x9f\xc3\xa9"), 0, 2 },
    { "bad behind long ASCII", SLICE("0123456789abcdef0123456789abcdef\xff"), 32, 32 },
    { "two bytes, unfinished", SLICE("a\xc3"), 1, -1u },
    { "three bytes, unfinished", SLICE("a\xe2\x82"), 1, -1u },
    { "four bytes, unfinished", SLICE("\xf0\x9f\x98"), 0, -1u },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void test_whole(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        is_int(utf8_valid_len(rows[i].text), rows[i].valid, "%s: valid length", rows[i].name);
        bool valid = rows[i].valid == rows[i].text.len;
        is_int(
            utf8_is_valid(rows[i].text), valid, "%s: is %svalid", rows[i].name, valid ? "" : "in");
    }
}

/* The same in pieces of `step` bytes. Gives the bytes that were taken. */
static size_t feed(struct utf8 *u, struct slice s, size_t step)
{
    size_t taken = 0;
    while (s.len > 0) {
        struct slice piece = slice_take(s, step);
        if (utf8_feed(u, piece))
            return taken;
        taken += piece.len;
        s = slice_drop(s, step);
    }
    return taken;
}

static void test_pieces(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        struct utf8 bytewise, u;
        size_t all = rows[i].text.len, bad = rows[i].bad == -1u ? all : rows[i].bad, wrong = 0;
        utf8_init(&bytewise);
        is_int(feed(&bytewise, rows[i].text, 1), bad, "%s: the first byte that cannot be",
            rows[i].name);
        bool done = bad == all && rows[i].valid == all;
        is_int(utf8_is_done(&bytewise), done, "%s: may end here or not", rows[i].name);
        for (size_t step = 2; step <= 9; step++) {
            utf8_init(&u);
            size_t taken = feed(&u, rows[i].text, step);
            wrong += taken != (bad == all ? all : bad / step * step);
            wrong += utf8_is_done(&u) != done;
        }
        is_int(wrong, 0, "%s: the same in pieces of 2 to 9 bytes", rows[i].name);
    }
}

static void test_stays_bad(void)
{
    struct utf8 u;
    utf8_init(&u);
    is_int(utf8_feed(&u, S("\xff")), ERR_BAD_UTF8, "a bad byte");
    is_int(utf8_feed(&u, S("fine")), ERR_BAD_UTF8, "good text behind it does not help");
    is_int(utf8_feed(&u, S("")), ERR_BAD_UTF8, "nor does nothing");
    ok(!utf8_is_done(&u), "nor may the text end");
}

/* Every code point, and every number that is none. */
static void test_characters(void)
{
    size_t wrong = 0;
    for (uint32_t c = 0; c < 0x110100; c++) {
        char bytes[UTF8_MAX_BYTES];
        uint32_t back = 0;
        bool exists = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
        size_t n = utf8_encode(bytes, c);
        wrong += utf8_decode(&back, slice_of(bytes, n)) != n;
        wrong += back != (exists ? c : UTF8_REPLACEMENT);
        wrong += n != (!exists ? 3 : c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4);
        wrong += !utf8_is_valid(slice_of(bytes, n));
        wrong += n > 1 && utf8_decode(&back, slice_of(bytes, n - 1)) != 0;
    }
    is_int(wrong, 0, "every character is written and read back");
    uint32_t c = 7;
    is_int(utf8_decode(&c, S("")), 0, "no character in nothing");
    is_int(utf8_decode(&c, S("\xe2\x82x")), 0, "none in a broken one");
    is_int(c, 7, "and nothing given");
}

static void test_counting(void)
{
    struct slice s = S("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z"); /* 1, 2, 3, 4, 1 bytes */
    is_int(utf8_count(s), 5, "five characters");
    is_int(utf8_count(S("")), 0, "none in nothing");
    static const size_t by_bytes[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11 };
    for (size_t i = 0; i < sizeof(by_bytes) / sizeof(by_bytes[0]); i++)
        is_int(utf8_take(s, i).len, by_bytes[i], "at most %zu bytes of it", i);
    static const size_t by_chars[] = { 0, 1, 3, 6, 10, 11, 11 };
    for (size_t i = 0; i < sizeof(by_chars) / sizeof(by_chars[0]); i++)
        is_int(utf8_take_chars(s, i).len, by_chars[i], "%zu characters of it", i);
}

int main(void)
{
    test_whole();
    test_pieces();
    test_stays_bad();
    test_characters();
    test_counting();
    return done();
}
