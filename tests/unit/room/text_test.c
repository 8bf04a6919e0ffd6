/* What may pass as a text, an id, an address, at both ends of each limit. */
#include "room/text.h"

#include "tap.h"

#include <stdlib.h>

static const struct {
    const char *name;
    struct slice text;
    bool one_line;
    bool lines;
    bool any;
} texts[] = {
    { "nothing", SLICE(""), false, false, false },
    { "one letter", SLICE("a"), true, true, true },
    { "two bytes, one character", SLICE("\xc3\xa9"), true, true, true },
    { "four bytes, one character", SLICE("\xf0\x9f\x98\x80"), true, true, true },
    { "five characters", SLICE("abcd\xc3\xa9"), true, true, true },
    { "six characters", SLICE("abcdef"), false, false, false },
    { "five of four bytes",
        SLICE("\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"),
        true, true, true },
    { "a space", SLICE(" "), true, true, true },
    { "a new line", SLICE("a\nb"), false, true, true },
    { "a tab", SLICE("a\tb"), false, true, true },
    { "a carriage return", SLICE("a\rb"), false, false, true },
    { "a bell", SLICE("\a"), false, false, true },
    { "U+001F", SLICE("\x1f"), false, false, true },
    { "delete", SLICE("a\x7f"), false, false, true },
    { "U+0080", SLICE("\xc2\x80"), false, false, true },
    { "U+009F", SLICE("a\xc2\x9f"), false, false, true },
    { "U+00A0", SLICE("\xc2\xa0"), true, true, true },
    { "U+0700, whose second byte is like that of a control", SLICE("\xdc\x80"), true, true, true },
    { "U+2028, a line of its own", SLICE("a\xe2\x80\xa8"), false, true, true },
    { "U+2029, a paragraph", SLICE("\xe2\x80\xa9"), false, true, true },
    { "U+202A, an embedding", SLICE("\xe2\x80\xaa"), false, true, true },
    { "U+202D, an override of direction", SLICE("\xe2\x80\xad"), false, true, true },
    { "U+202E, the other one", SLICE("a\xe2\x80\xae"), false, true, true },
    { "U+200F, a mark of direction", SLICE("a\xe2\x80\x8f"), true, true, true },
    { "U+2068, an isolate", SLICE("\xe2\x81\xa8"), true, true, true },
    { "NUL", SLICE("a\0b"), false, false, false },
    { "a lone tail", SLICE("a\x80"), false, false, false },
    { "a cut character", SLICE("a\xc2"), false, false, false },
    { "half a surrogate pair", SLICE("\xed\xa0\x80"), false, false, false },
};

static void check_row(size_t i)
{
    struct slice s = texts[i].text;
    char *copy = malloc(s.len > 0 ? s.len : 1); /* ASan sees a read past its end */
    memcpy(copy, s.p, s.len);
    s.p = copy;
    bool got[] = {
        text_check(s, 1, 5, TEXT_ONE_LINE) == 0,
        text_check(s, 1, 5, TEXT_LINES) == 0,
        text_check(s, 1, 5, TEXT_ANY) == 0,
    };
    ok(got[0] == texts[i].one_line && got[1] == texts[i].lines && got[2] == texts[i].any,
        "%s: %d %d %d", texts[i].name, got[0], got[1], got[2]);
    free(copy);
}

static void test_texts(void)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        check_row(i);
    is_int(text_check(S(""), 0, 5, TEXT_ONE_LINE), 0, "nothing, where that may be");
    is_int(text_check(S("ab"), 3, 5, TEXT_ONE_LINE), ERR_BAD_FIELD, "two, and three are asked for");
}

static const struct {
    struct slice url;
    bool is_good;
} urls[] = {
    { SLICE("https://example.org/a.png"), true },
    { SLICE("http://example.org"), true },
    { SLICE("http://h"), true },
    { SLICE("/files/a.png?b=c#d"), true },
    { SLICE("/"), true },
    { SLICE("https://example.org/\xc3\xa9"), true },
    { SLICE(""), false },
    { SLICE("https://"), false },
    { SLICE("http:///path"), false },
    { SLICE("//example.org/a.png"), false },
    { SLICE("/\\example.org/a.png"), false },
    { SLICE("/\t/example.org"), false },
    { SLICE("\\\\example.org"), false },
    { SLICE("files/a.png"), false },
    { SLICE("ftp://example.org/a"), false },
    { SLICE("javascript:alert(1)"), false },
    { SLICE("data:image/png;base64,AAAA"), false },
    { SLICE(" https://example.org"), false },
    { SLICE("https://example.org/a b"), false },
    { SLICE("https://example.org/\""), false },
    { SLICE("https://example.org/<b>"), false },
    { SLICE("https://example.org/\n"), false },
    { SLICE("https://example.org/\0"), false },
    { SLICE("https://example.org/\xff"), false },
};

static void test_urls(void)
{
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
        is_int(text_check_url(urls[i].url), urls[i].is_good ? 0 : ERR_BAD_FIELD, "address %s",
            urls[i].url.p);
    char url[TEXT_URL_MAX + 1];
    memset(url, 'a', sizeof(url));
    url[0] = '/';
    is_int(text_check_url(slice_of(url, TEXT_URL_MAX)), 0, "an address as long as may be");
    is_int(text_check_url(slice_of(url, TEXT_URL_MAX + 1)), ERR_BAD_FIELD, "and a longer one");
}

static void test_ids(void)
{
    char id[65];
    memset(id, 'a', sizeof(id));
    is_int(text_check_id(slice_of(id, 64)), 0, "an id of 64 characters");
    is_int(text_check_id(slice_of(id, 65)), ERR_BAD_FIELD, "of 65");
    is_int(text_check_id(S("")), ERR_BAD_FIELD, "of none");
    is_int(text_check_id(S("a\tb")), ERR_BAD_FIELD, "of two columns");
}

int main(void)
{
    test_texts();
    test_urls();
    test_ids();
    return done();
}
