/* Texts as rows of their tokens and errors, values of every type, and the limits: depth, members,
 * keys seen twice on many levels, memory. */
#include "base/json_read.h"

#include "base/buf.h"
#include "fault.h"
#include "tap.h"

#include <stdlib.h>

/* A text as one letter per token: `{ } [ ] k s n t f 0`, then `$` at its end or `!` at an error. */
static const char letters[] = {
    [JSON_ERROR] = '!',
    [JSON_END] = '$',
    [JSON_OBJECT] = '{',
    [JSON_OBJECT_END] = '}',
    [JSON_ARRAY] = '[',
    [JSON_ARRAY_END] = ']',
    [JSON_KEY] = 'k',
    [JSON_STRING] = 's',
    [JSON_NUMBER] = 'n',
    [JSON_TRUE] = 't',
    [JSON_FALSE] = 'f',
    [JSON_NULL] = '0',
};

static void tokens(char out[100], struct json *j)
{
    struct json_value v;
    size_t n = 0;
    do
        out[n++] = letters[json_next(&v, j)];
    while (v.type > JSON_END && n < 98);
    out[n] = '\0';
}

static const struct {
    struct slice text;
    const char *tokens;
    int err;
    size_t at; /* of the error */
} rows[] = {
    { SLICE("{}"), "{}$", 0, 0 },
    { SLICE("[]"), "[]$", 0, 0 },
    { SLICE(" \t\r\n[ ] "), "[]$", 0, 0 },
    { SLICE("null"), "0$", 0, 0 },
    { SLICE("true"), "t$", 0, 0 },
    { SLICE(" false "), "f$", 0, 0 },
    { SLICE("0"), "n$", 0, 0 },
    { SLICE("-1.5e+3"), "n$", 0, 0 },
    { SLICE("\"\""), "s$", 0, 0 },
    { SLICE("\"a\\u00e9\\ud83d\\ude00\xc3\xa9\""), "s$", 0, 0 },
    { SLICE("\"\x7f/'\""), "s$", 0, 0 },
    { SLICE("[1,\"a\",true,false,null,{},[]]"), "[nstf0{}[]]$", 0, 0 },
    { SLICE("{\"a\":1,\"b\":{\"a\":[2]},\"\":null}"), "{knk{k[n]}k0}$", 0, 0 },
    { SLICE("{ \"a\" : 1 , \"b\" : 2 }"), "{knkn}$", 0, 0 },
    { SLICE("[[],{\"a\":{}}]"), "[[]{k{}}]$", 0, 0 },
    /* documents that are none */
    { SLICE(""), "!", ERR_BAD_JSON, 0 },
    { SLICE("  "), "!", ERR_BAD_JSON, 2 },
    { SLICE("{"), "{!", ERR_BAD_JSON, 1 },
    { SLICE("["), "[!", ERR_BAD_JSON, 1 },
    { SLICE("}"), "!", ERR_BAD_JSON, 0 },
    { SLICE("]"), "!", ERR_BAD_JSON, 0 },
    { SLICE("[}"), "[!", ERR_BAD_JSON, 1 },
    { SLICE("{]"), "{!", ERR_BAD_JSON, 1 },
    { SLICE("[1}"), "[n!", ERR_BAD_JSON, 2 },
    { SLICE("{\"a\":1]"), "{kn!", ERR_BAD_JSON, 6 },
    { SLICE("[1"), "[n!", ERR_BAD_JSON, 2 },
    { SLICE("[1,"), "[n!", ERR_BAD_JSON, 3 },
    { SLICE("[1,]"), "[n!", ERR_BAD_JSON, 3 },
    { SLICE("[,1]"), "[!", ERR_BAD_JSON, 1 },
    { SLICE("[1 2]"), "[n!", ERR_BAD_JSON, 3 },
    { SLICE("[1,,2]"), "[n!", ERR_BAD_JSON, 3 },
    { SLICE("[1:2]"), "[n!", ERR_BAD_JSON, 2 },
    { SLICE("{\"a\"}"), "{!", ERR_BAD_JSON, 4 },
    { SLICE("{\"a\":}"), "{k!", ERR_BAD_JSON, 5 },
    { SLICE("{\"a\":1,}"), "{kn!", ERR_BAD_JSON, 7 },
    { SLICE("{,}"), "{!", ERR_BAD_JSON, 1 },
    { SLICE("{\"a\",1}"), "{!", ERR_BAD_JSON, 4 },
    { SLICE("{\"a\":1 \"b\":2}"), "{kn!", ERR_BAD_JSON, 7 },
    { SLICE("{\"a\"::1}"), "{k!", ERR_BAD_JSON, 5 },
    { SLICE("{a:1}"), "{!", ERR_BAD_JSON, 1 },
    { SLICE("{'a':1}"), "{!", ERR_BAD_JSON, 1 },
    { SLICE("{1:1}"), "{!", ERR_BAD_JSON, 1 },
    { SLICE("{\"a\""), "{!", ERR_BAD_JSON, 4 },
    { SLICE("{\"a\":"), "{k!", ERR_BAD_JSON, 5 },
    { SLICE("{\"a\":1"), "{kn!", ERR_BAD_JSON, 6 },
    { SLICE("1 2"), "n!", ERR_BAD_JSON, 2 },
    { SLICE("{}{}"), "{}!", ERR_BAD_JSON, 2 },
    { SLICE("[]]"), "[]!", ERR_BAD_JSON, 2 },
    { SLICE("null\0"), "0!", ERR_BAD_JSON, 4 },
    { SLICE("[1,/* no */2]"), "[n!", ERR_BAD_JSON, 3 },
    { SLICE("[\v1]"), "[!", ERR_BAD_JSON, 1 },
    { SLICE("[\xc2\xa0]"), "[!", ERR_BAD_JSON, 1 },
    { SLICE("\xef\xbb\xbf[]"), "!", ERR_BAD_JSON, 0 },
    /* words and numbers */
    { SLICE("nul"), "!", ERR_BAD_JSON, 0 },
    { SLICE("True"), "!", ERR_BAD_JSON, 0 },
    { SLICE("truee"), "t!", ERR_BAD_JSON, 4 },
    { SLICE("tru e"), "!", ERR_BAD_JSON, 0 },
    { SLICE("nan"), "!", ERR_BAD_JSON, 0 },
    { SLICE("undefined"), "!", ERR_BAD_JSON, 0 },
    { SLICE("01"), "n!", ERR_BAD_JSON, 1 },
    { SLICE("-"), "!", ERR_BAD_JSON, 0 },
    { SLICE("-01"), "n!", ERR_BAD_JSON, 2 },
    { SLICE("+1"), "!", ERR_BAD_JSON, 0 },
    { SLICE("1."), "!", ERR_BAD_JSON, 0 },
    { SLICE("1.5.2"), "n!", ERR_BAD_JSON, 3 },
    { SLICE("1e5e5"), "n!", ERR_BAD_JSON, 3 },
    { SLICE("0x10"), "n!", ERR_BAD_JSON, 1 },
    { SLICE("[1e999]"), "[!", ERR_BAD_JSON, 1 },
    /* strings */
    { SLICE("\""), "!", ERR_BAD_JSON, 1 },
    { SLICE("\"abc"), "!", ERR_BAD_JSON, 4 },
    { SLICE("\"abc\\\""), "!", ERR_BAD_JSON, 6 },
    { SLICE("\"a\nb\""), "!", ERR_BAD_JSON, 2 },
    { SLICE("\"a\0b\""), "!", ERR_BAD_JSON, 2 },
    { SLICE("\"\x1f\""), "!", ERR_BAD_JSON, 1 },
    { SLICE("\"0123456789\t\""), "!", ERR_BAD_JSON, 11 },
    { SLICE("\"\\x\""), "!", ERR_BAD_JSON, 1 },
    { SLICE("\"\\u12\""), "!", ERR_BAD_JSON, 1 },
    { SLICE("\"\\ud83d\\ude0\""), "!", ERR_BAD_JSON, 7 },
    { SLICE("\"a\\ude00\""), "s$", 0, 0 },
    { SLICE("\"ab\xff\""), "!", ERR_BAD_UTF8, 3 },
    { SLICE("\"\xc3\""), "!", ERR_BAD_UTF8, 1 },
    { SLICE("\"\xed\xa0\x80\""), "!", ERR_BAD_UTF8, 1 },
    { SLICE("{\"a\xff\":1}"), "{!", ERR_BAD_UTF8, 3 },
    { SLICE("\"\\n\xc0\xaf\""), "!", ERR_BAD_UTF8, 3 },
    /* keys seen twice */
    { SLICE("{\"a\":1,\"a\":1}"), "{kn!", ERR_BAD_JSON, 7 },
    { SLICE("{\"a\":1,\"\\u0061\":1}"), "{kn!", ERR_BAD_JSON, 7 },
    { SLICE("{\"\\u0061\":1,\"a\":1}"), "{kn!", ERR_BAD_JSON, 12 },
    { SLICE("{\"\":1,\"\":1}"), "{kn!", ERR_BAD_JSON, 6 },
    { SLICE("{\"a\":{\"a\":{}},\"b\":2,\"a\":1}"), "{k{k{}}kn!", ERR_BAD_JSON, 20 },
    { SLICE("{\"a\":{\"b\":1},\"b\":[{\"a\":1},{\"a\":1}]}"), "{k{kn}k[{kn}{kn}]}$", 0, 0 },
    { SLICE("{\"__proto__\":1,\"a\\u0000\":2,\"a\":3}"), "{knknkn}$", 0, 0 },
};

static void test_tokens(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct json j;
        char got[100];
        struct slice s = rows[i].text;
        char *copy = malloc(s.len + 1); /* ASan sees a read past its end */
        memcpy(copy, s.p, s.len);
        copy = realloc(copy, s.len > 0 ? s.len : 1);
        json_init(&j, slice_of(copy, s.len), NULL);
        tokens(got, &j);
        is_str(got, rows[i].tokens, "tokens of %s", s.p);
        is_int(json_err(&j), rows[i].err, "%s: %s", s.p, err_name(rows[i].err));
        if (rows[i].err)
            is_int(json_at(&j), rows[i].at, "where");
        struct json_value v;
        int again = json_next(&v, &j);
        is_int(again, rows[i].err ? JSON_ERROR : JSON_END, "and so it stays");
        is_int(json_read_whole(&v, slice_of(copy, s.len), NULL), rows[i].err, "as a whole, too");
        free(copy);
    }
}

static void test_values(void)
{
    struct json j;
    struct json_value v;
    struct arena a;
    struct slice text = { .p = NULL };
    struct slice in = S(
        "{\"k\\u0065y\" : [ \"a\\nb\", \"plain\", 12e1, {\"x\":[1,2]} ,[3], true]}");
    int64_t n = 0;
    double d = 0;
    arena_init(&a, 1000);
    json_init(&j, in, &a);
    json_next(&v, &j);
    is_int(json_next(&v, &j), JSON_KEY, "a key");
    ok(v.escaped && json_is(&v, S("key")), "spelled with an escape");
    ok(!json_is(&v, S("k\\u0065y")) && !json_is(&v, S("ke")), "is called key and nothing else");
    is_slice(json_source(&v), "\"k\\u0065y\"", "its source");
    is_int(json_next(&v, &j), JSON_ARRAY, "an array");
    is_int(json_text(&text, &a, &v), ERR_BAD_VALUE, "is no text");
    json_next(&v, &j);
    is_int(json_text(&text, &a, &v), 0, "a text");
    is_slice(text, "a\nb", "decoded");
    json_next_whole(&v, &j);
    is_int(json_text(&text, &a, &v), 0, "another");
    ok(text.p > in.p && text.p < in.p + in.len, "lies in the input");
    is_int(json_int(&n, &v), ERR_BAD_VALUE, "and is no number");
    is_int(json_double(&d, &v), ERR_BAD_VALUE, "of any kind");
    json_next_whole(&v, &j);
    is_int(json_int(&n, &v), 0, "a number");
    is_int(n, 120, "exactly");
    is_int(json_double(&d, &v), 0, "or as a double");
    ok(d == 120, "of the same value");
    is_slice(json_source(&v), "12e1", "and its source");
    is_int(json_next_whole(&v, &j), JSON_OBJECT, "an object");
    is_slice(v.raw, "{\"x\":[1,2]}", "whole");
    is_int(json_next(&v, &j), JSON_ARRAY, "an array");
    is_int(json_read_rest(&v, &j), JSON_ARRAY, "begun and finished");
    is_slice(json_source(&v), "[3]", "is whole, too");
    is_int(json_next_whole(&v, &j), JSON_TRUE, "a word");
    is_slice(json_source(&v), "true", "is its source");
    is_int(json_next_whole(&v, &j), JSON_ARRAY_END, "the array's end");
    is_int(json_next_whole(&v, &j), JSON_OBJECT_END, "the object's");
    is_int(json_next_whole(&v, &j), JSON_END, "the text's");
    is_int(json_at(&j), in.len, "all of it");
    arena_fini(&a);
}

static void test_broken_inside(void)
{
    struct json j;
    struct json_value v;
    json_init(&j, S("[{\"a\":[1,}]"), NULL);
    json_next(&v, &j);
    is_int(json_next_whole(&v, &j), JSON_ERROR, "a whole object that is broken inside");
    is_int(v.type, JSON_ERROR, "is an error in the value, too");
    is_int(json_next_whole(&v, &j), JSON_ERROR, "and every token after it");
}

/* Repeats `open` n times, then `inner`, then `close` n times. */
static int nested(struct buf *b, size_t n, const char *open, const char *inner, const char *close)
{
    struct json_value v;
    buf_reset(b);
    for (size_t i = 0; i < n; i++)
        buf_add_str(b, open);
    buf_add_str(b, inner);
    for (size_t i = 0; i < n; i++)
        buf_add_str(b, close);
    return json_read_whole(&v, buf_slice(b), NULL);
}

static void test_depth(void)
{
    struct buf b;
    buf_init(&b, 10 << 20);
    is_int(nested(&b, 32, "[", "1", "]"), 0, "32 arrays");
    is_int(nested(&b, 33, "[", "1", "]"), ERR_TOO_DEEP, "33 arrays");
    is_int(nested(&b, 32, "{\"a\":", "1", "}"), 0, "32 objects");
    is_int(nested(&b, 33, "{\"a\":", "1", "}"), ERR_TOO_DEEP, "33 objects");
    is_int(nested(&b, 16, "[{\"a\":", "1", "}]"), 0, "32 of both");
    is_int(nested(&b, 31, "{\"a\":", "[[]]", "}"), ERR_TOO_DEEP, "33 of both");
    is_int(nested(&b, 1000000, "[", "", "]"), ERR_TOO_DEEP, "a million");
    is_int(nested(&b, 1000000, "{\"a\":", "", ""), ERR_TOO_DEEP, "a million that stay open");
    is_int(
        nested(&b, 1, "[", "[],{},[],{},[],{},[],{},[],{},[],{},[],{},[],{},[],{},[],{},[]", "]"),
        0, "many beside each other");
    buf_fini(&b);
}

/* An object of `n` members; `same` is the index of one whose name is that of the first. */
static int members(struct buf *b, struct arena *a, size_t n, size_t same)
{
    struct json_value v;
    buf_reset(b);
    buf_add_char(b, '{');
    for (size_t i = 0; i < n; i++) {
        buf_add_str(b, i > 0 ? ",\"k" : "\"k");
        buf_add_u64(b, i == same ? 0 : i);
        buf_add_str(b, "\":0");
    }
    buf_add_char(b, '}');
    return json_read_whole(&v, buf_slice(b), a);
}

static void test_members(void)
{
    struct buf b;
    struct arena a;
    size_t missed = 0;
    buf_init(&b, 100000);
    arena_init(&a, 100000);
    is_int(members(&b, NULL, JSON_KEYS_BUILT_IN, 0), 0, "32 members need no arena");
    is_int(members(&b, NULL, JSON_KEYS_BUILT_IN + 1, 0), ERR_TOO_MANY, "33 do");
    is_int(members(&b, &a, JSON_KEYS_BUILT_IN + 1, 0), 0, "and get it");
    is_int(members(&b, &a, 256, 0), 0, "256 members");
    is_int(members(&b, &a, 257, 0), ERR_TOO_MANY, "257 members");
    for (size_t same = 1; same < 256; same++) {
        arena_reset(&a);
        missed += members(&b, &a, 256, same) != ERR_BAD_JSON;
    }
    is_int(missed, 0, "a second key is found wherever it is");
    arena_fini(&a);
    arena_init(&a, 1000);
    is_int(members(&b, &a, 256, 0), ERR_TOO_BIG, "the arena's limit holds");
    arena_fini(&a);
    buf_fini(&b);
}

/* Keys of outer objects are not forgotten while inner ones use up and free the places. */
static void test_members_of_many_levels(void)
{
    struct buf b;
    struct arena a;
    struct json_value v;
    buf_init(&b, 1 << 20);
    arena_init(&a, 1 << 20);
    for (int level = 0; level < 20; level++) {
        buf_add_char(&b, '{');
        for (int i = 0; i < 100; i++) {
            buf_add_str(&b, "\"m");
            buf_add_u64(&b, (uint64_t)i);
            buf_add_str(&b, "\":{\"x\":1,\"y\":2},");
        }
        buf_add_str(&b, "\"z\":");
    }
    buf_add_str(&b, "0");
    for (int level = 0; level < 19; level++)
        buf_add_str(&b, ",\"w\":1}");
    size_t len = b.len;
    buf_add_str(&b, ",\"w\":1}");
    is_int(json_read_whole(&v, buf_slice(&b), &a), 0, "2,000 keys in 20 open objects");
    b.len = len;
    buf_add_str(&b, ",\"m99\":1}");
    is_int(json_read_whole(&v, buf_slice(&b), &a), ERR_BAD_JSON, "the outermost knows its own");
    is_int(json_read_whole(&v, buf_slice(&b), NULL), ERR_TOO_MANY, "without an arena it does not");
    arena_fini(&a);
    buf_fini(&b);
}

static void read_many(void *arg)
{
    struct buf *b = arg;
    struct arena a;
    arena_init(&a, 100000);
    struct json_value v;
    int err = json_read_whole(&v, buf_slice(b), &a);
    is_int(err, fault_hit() ? ERR_TOO_BIG : 0, "256 members, or a clean error");
    arena_fini(&a);
}

static void test_no_memory(void)
{
    struct buf b;
    struct arena a;
    buf_init(&b, 100000);
    arena_init(&a, 100000);
    is_int(members(&b, &a, 256, 0), 0, "256 members");
    arena_fini(&a);
    fault_each(FAULT_ALLOC, read_many, &b);
    buf_fini(&b);
}

/* Every beginning of a good text is refused, and read no further than it goes. */
static void test_beginnings(void)
{
    struct slice s = S(
        " {\"a\\u00e9\":[1.5e3,true,\"\xc3\xa9\\ud83d\\ude00\"],\"b\":{\"c\":null}}");
    size_t accepted = 0;
    for (size_t n = 0; n < s.len; n++) {
        struct json_value v;
        char *copy = malloc(n > 0 ? n : 1);
        memcpy(copy, s.p, n);
        accepted += json_read_whole(&v, slice_of(copy, n), NULL) == 0;
        free(copy);
    }
    is_int(accepted, 0, "no part of a text is a text");
}

/* What is passed over in text that is known ends where it would end if it were read. */
static void test_known(void)
{
    static const struct {
        const char *text;
        const char *want; /* the element behind; NULL: it is no JSON, and found out */
    } texts[] = {
        { "[[], 1]", "1" },
        { "[{}, 2]", "2" },
        { "[[1.5,[2,[3]],{\"a\":[4]}] ,\"x\"]", "x" },
        { "[{\"]\":\"}\"},true]", "true" },
        { "[[\"\\\"]\",\"\\\\\"],7]", "7" },
        { "[[\"[{\"],null]", "null" },
        { "[[1,2", NULL },
        { "[[\"1]", NULL },
        { "[[\"\\", NULL },
        { "[{\"a\":[}", NULL },
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct json j;
        struct json_value v;
        json_init_known(&j, slice_str(texts[i].text), NULL);
        is_int(json_next(&v, &j), JSON_ARRAY, "%s", texts[i].text);
        enum json_type first = json_next_whole(&v, &j);
        if (texts[i].want == NULL) {
            is_int(first, JSON_ERROR, "does not end");
            is_int(json_err(&j), ERR_BAD_JSON, "that is an error");
            continue;
        }
        ok(first == JSON_ARRAY || first == JSON_OBJECT, "passed over");
        json_next(&v, &j);
        is_slice(v.raw, texts[i].want, "what follows");
        is_int(json_next(&v, &j), JSON_ARRAY_END, "the end of the list");
        is_int(json_next(&v, &j), JSON_END, "and of the text");
    }
}

int main(void)
{
    test_known();
    test_tokens();
    test_values();
    test_broken_inside();
    test_depth();
    test_members();
    test_members_of_many_levels();
    test_no_memory();
    test_beginnings();
    return done();
}
