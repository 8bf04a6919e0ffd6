/* Decoding, encoding, queries; and the paths that may be routed beside those that may not. */
#include "base/url.h"

#include "fault.h"
#include "tap.h"

static void test_decode(void)
{
    static const struct {
        struct slice encoded;
        unsigned flags;
        int err;
        struct slice text;
    } rows[] = {
        { SLICE(""), 0, 0, SLICE("") },
        { SLICE("plain"), 0, 0, SLICE("plain") },
        { SLICE("a%20b"), 0, 0, SLICE("a b") },
        { SLICE("%41%6a%4A"), 0, 0, SLICE("AjJ") },
        { SLICE("%C3%a9"), 0, 0, SLICE("\xc3\xa9") },
        { SLICE("a+b%2B"), 0, 0, SLICE("a+b+") },
        { SLICE("a+b%2B"), URL_PLUS, 0, SLICE("a b+") },
        { SLICE("%2541"), 0, 0, SLICE("%41") }, /* decoded once, not twice */
        { SLICE("%"), 0, ERR_BAD_VALUE, SLICE("") },
        { SLICE("%4"), 0, ERR_BAD_VALUE, SLICE("") },
        { SLICE("x%4"), 0, ERR_BAD_VALUE, SLICE("") },
        { SLICE("%4g"), 0, ERR_BAD_VALUE, SLICE("") },
        { SLICE("%g4"), 0, ERR_BAD_VALUE, SLICE("") },
        { SLICE("%u0041"), 0, ERR_BAD_VALUE, SLICE("") },
        { SLICE("a%%20"), 0, ERR_BAD_VALUE, SLICE("") },
        { SLICE("a%00b"), 0, ERR_BAD_VALUE, SLICE("") },
        { SLICE("a\0b"), 0, ERR_BAD_VALUE, SLICE("") },
        { SLICE("a%00b"), URL_ANY_BYTES, 0, SLICE("a\0b") },
        { SLICE("%ff"), 0, ERR_BAD_UTF8, SLICE("") },
        { SLICE("\xff"), 0, ERR_BAD_UTF8, SLICE("") },
        { SLICE("%c0%af"), 0, ERR_BAD_UTF8, SLICE("") },
        { SLICE("%ff"), URL_ANY_BYTES, 0, SLICE("\xff") },
        { SLICE("%"), URL_ANY_BYTES, ERR_BAD_VALUE, SLICE("") },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a;
        struct slice out = { .p = "" };
        arena_init(&a, 100);
        int err = url_decode(&out, &a, rows[i].encoded, rows[i].flags);
        is_int(err, rows[i].err, "\"%s\": %s", rows[i].encoded.p, err_name(err));
        ok(slice_eq(out, rows[i].text), "\"%s\": the text", rows[i].encoded.p);
        arena_fini(&a);
    }
}

static void test_no_copy(void)
{
    struct arena a;
    struct slice out, in = S("a+b");
    arena_init(&a, 2);
    is_int(url_decode(&out, &a, in, 0), 0, "nothing encoded");
    ok(out.p == in.p, "is given as it is");
    is_int(url_decode(&out, &a, in, URL_PLUS), ERR_TOO_BIG, "the arena's limit holds");
    arena_fini(&a);
}

static void test_eq(void)
{
    ok(url_eq(S("a%62c"), S("abc"), 0), "encoded and plain");
    ok(!url_eq(S("a%62c"), S("ab"), 0), "longer");
    ok(!url_eq(S("a%62"), S("abc"), 0), "shorter");
    ok(!url_eq(S("a%6"), S("a%6"), 0), "a broken one means nothing");
    ok(!url_eq(S("%\xff"), S("\xff\xff"), 0), "not even a byte of 0xff");
    ok(url_eq(S("a+b"), S("a b"), URL_PLUS), "plus is a space in queries");
    ok(!url_eq(S("a+b"), S("a b"), 0), "and only there");
    ok(url_eq(S(""), S(""), 0), "nothing is nothing");
}

static void test_encode(void)
{
    struct buf b;
    struct arena a;
    char all[256];
    struct slice back;
    buf_init(&b, 1000);
    arena_init(&a, 1000);
    url_encode(&b, S("a/b c?d&e=f+g%\xc3\xa9~-._Z9\x01"));
    is_slice(buf_slice(&b), "a%2Fb%20c%3Fd%26e%3Df%2Bg%25%C3%A9~-._Z9%01", "encoded");
    buf_reset(&b);
    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = (char)i;
    url_encode(&b, slice_of(all, sizeof(all)));
    is_int(url_decode(&back, &a, buf_slice(&b), URL_PLUS | URL_ANY_BYTES), 0, "every byte");
    ok(slice_eq(back, slice_of(all, sizeof(all))), "comes back");
    arena_fini(&a);
    buf_fini(&b);
}

static void test_split(void)
{
    static const struct {
        const char *target, *path, *query;
    } rows[] = {
        { "/a?b=c", "/a", "b=c" },
        { "/a", "/a", "" },
        { "/a?", "/a", "" },
        { "/a?b?c", "/a", "b?c" },
        { "?", "", "" },
        { "", "", "" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct slice path, query;
        url_split(&path, &query, slice_str(rows[i].target));
        is_slice(path, rows[i].path, "\"%s\": path", rows[i].target);
        is_slice(query, rows[i].query, "\"%s\": query", rows[i].target);
    }
}

static void test_clean_paths(void)
{
    static const char *const clean[] = {
        "/",
        "/a",
        "/a/",
        "/a/b.c",
        "/.well-known/x",
        "/...",
        "/a..b/..c/d..",
        "/%2e%2e%2e",
        "/a%20b",
        "/%C3%A9",
        "/%F0%9F%98%80",
        "/a:b@c!$&'()*+,;=~",
        "/a|b[c]^{d}`",
        "/%2541", /* decoded once it is %41, which is a fine name */
        "/%25",
        "/%252e%252e/x",
    };
    for (size_t i = 0; i < sizeof(clean) / sizeof(clean[0]); i++)
        is_int(url_check_path(slice_str(clean[i])), 0, "clean: %s", clean[i]);
}

static void test_unclean_paths(void)
{
    static const struct slice unclean[] = {
        SLICE(""),
        SLICE("a"),
        SLICE("a/b"),
        SLICE("*"),
        SLICE("//"),
        SLICE("//a"),
        SLICE("/a//b"),
        SLICE("/a//"),
        SLICE("/."),
        SLICE("/.."),
        SLICE("/./"),
        SLICE("/../"),
        SLICE("/../etc/passwd"),
        SLICE("/a/.."),
        SLICE("/a/../b"),
        SLICE("/a/./b"),
        SLICE("/%2e"),
        SLICE("/%2E%2e"),
        SLICE("/.%2e/x"),
        SLICE("/%2e./x"),
        SLICE("/a%2fb"),
        SLICE("/a%2Fb"),
        SLICE("/..%2fx"),
        SLICE("/%2e%2e%2fetc"),
        SLICE("/a\\b"),
        SLICE("/a%5cb"),
        SLICE("/..%5Cx"),
        SLICE("/..\\x"),
        SLICE("/%00"),
        SLICE("/a%00.html"),
        SLICE("/a\0b"),
        SLICE("/a%0ab"),
        SLICE("/a%7f"),
        SLICE("/a\x7f"),
        SLICE("/a\nb"),
        SLICE("/a b"),
        SLICE("/a\tb"),
        SLICE("/a?b"),
        SLICE("/a#b"),
        SLICE("/a<b"),
        SLICE("/a>b"),
        SLICE("/a\"b"),
        SLICE("/%"),
        SLICE("/%2"),
        SLICE("/%g0"),
        SLICE("/%u002e"),
        SLICE("/%%32%65"),
        SLICE("/\xc3\xa9"),
        SLICE("/%c0%ae%c0%ae/x"),
        SLICE("/%c0%af"),
        SLICE("/%e0%80%af"),
        SLICE("/%ff"),
        SLICE("/%c3"),
        SLICE("/%c3/%a9"),
        SLICE("/%c3a"),
        SLICE("/%ed%a0%80"),
    };
    for (size_t i = 0; i < sizeof(unclean) / sizeof(unclean[0]); i++)
        is_int(url_check_path(unclean[i]), ERR_NOT_FOUND, "unclean: %s", unclean[i].p);
}

static void test_query(void)
{
    struct slice rest = S("a=1&&b&=x&c=%3D=2&"), name, value;
    static const char *const pairs[][2] = { { "a", "1" }, { "b", "" }, { "", "x" },
        { "c", "%3D=2" } };
    for (size_t i = 0; i < 4; i++) {
        if (!ok(url_query_next(&name, &value, &rest), "pair %zu", i))
            return;
        is_slice(name, pairs[i][0], "its name");
        is_slice(value, pairs[i][1], "its value");
    }
    ok(!url_query_next(&name, &value, &rest), "and no more");
    ok(!url_query_next(&name, &value, &rest), "nor later");
}

static void find(void *arg)
{
    (void)arg;
    struct arena a;
    struct slice value = { .p = NULL }, query = S("x=1&na%6de=a+b&x=%32&empty&bad=%&x%=3");
    arena_init(&a, 1000);
    int err = url_query_find(&value, &a, query, S("name"));
    if (fault_hit()) {
        is_int(err, ERR_TOO_BIG, "no memory is a clean error");
    } else {
        is_int(err, 0, "found under an encoded name");
        is_slice(value, "a b", "decoded");
        is_int(url_query_find(&value, &a, query, S("x")), 0, "found three times");
        is_slice(value, "2", "the last wins");
        is_int(url_query_find(&value, &a, query, S("empty")), 0, "found without a value");
        is_slice(value, "", "which is empty");
        is_int(url_query_find(&value, &a, query, S("bad")), ERR_BAD_VALUE, "a broken value");
        is_int(url_query_find(&value, &a, query, S("y")), ERR_NOT_FOUND, "not there");
        is_int(url_query_find(&value, &a, S(""), S("y")), ERR_NOT_FOUND, "nothing there");
    }
    arena_fini(&a);
}

int main(void)
{
    test_decode();
    test_no_copy();
    test_eq();
    test_encode();
    test_split();
    test_clean_paths();
    test_unclean_paths();
    test_query();
    fault_each(FAULT_ALLOC, find, NULL);
    return done();
}
