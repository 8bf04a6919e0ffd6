#include "base/slice.h"

#include "tap.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const struct slice none = { .p = NULL, .len = 0 };

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void test_compare(void)
{
    static const struct {
        struct slice a, b;
        int order;
        bool same_letters;
    } rows[] = {
        { SLICE(""), SLICE(""), 0, true },
        { SLICE("a"), SLICE(""), 1, false },
        { SLICE("abc"), SLICE("abc"), 0, true },
        { SLICE("abc"), SLICE("abd"), -1, false },
        { SLICE("ab"), SLICE("abc"), -1, false },
        { SLICE("b"), SLICE("abc"), 1, false },
        { SLICE("aBc"), SLICE("AbC"), 1, true },
        { SLICE("Z{`@["), SLICE("z{`@["), -1, true },
        { SLICE("@"), SLICE("`"), -1, false },
        { SLICE("["), SLICE("{"), -1, false },
        { SLICE("\xc3\x84"), SLICE("\xc3\xa4"), -1, false }, /* only ASCII has two cases */
        { SLICE("\x7f"), SLICE("\x80"), -1, false },         /* bytes are unsigned */
        { SLICE("a\0b"), SLICE("a\0c"), -1, false },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct slice a = rows[i].a, b = rows[i].b;
        is_int(sign(slice_cmp(a, b)), rows[i].order, "row %zu: order", i);
        is_int(sign(slice_cmp(b, a)), -rows[i].order, "row %zu: order the other way", i);
        is_int(slice_eq(a, b), rows[i].order == 0, "row %zu: equality", i);
        is_int(slice_eq_nocase(a, b), rows[i].same_letters, "row %zu: without case", i);
    }
}

static void test_parts(void)
{
    static const struct {
        struct slice s, part;
        bool starts, ends;
    } rows[] = {
        { SLICE(""), SLICE(""), true, true },
        { SLICE("a"), SLICE(""), true, true },
        { SLICE(""), SLICE("a"), false, false },
        { SLICE("abab"), SLICE("ab"), true, true },
        { SLICE("abc"), SLICE("ab"), true, false },
        { SLICE("abc"), SLICE("bc"), false, true },
        { SLICE("abc"), SLICE("abc"), true, true },
        { SLICE("bc"), SLICE("abc"), false, false },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        is_int(slice_starts(rows[i].s, rows[i].part), rows[i].starts, "row %zu: starts", i);
        is_int(slice_ends(rows[i].s, rows[i].part), rows[i].ends, "row %zu: ends", i);
    }
}

static void test_take_drop(void)
{
    struct slice s = S("hello");
    is_slice(slice_take(s, 0), "", "take nothing");
    is_slice(slice_take(s, 2), "he", "take two");
    is_slice(slice_take(s, 9), "hello", "take more than there is");
    is_slice(slice_drop(s, 0), "hello", "drop nothing");
    is_slice(slice_drop(s, 2), "llo", "drop two");
    is_slice(slice_drop(s, 5), "", "drop all");
    is_slice(slice_drop(s, SIZE_MAX), "", "drop more than there is");
    ok(slice_drop(s, 9).p == s.p + 5, "the rest then points to the end");
    is_int(slice_find(s, 'l'), 2, "the first of two");
    is_int(slice_find(s, 'x'), -1, "none");
    is_int(slice_find(slice_take(s, 2), 'l'), -1, "not behind the end");
}

static void test_trim(void)
{
    static const struct {
        struct slice in;
        const char *out;
    } rows[] = {
        { SLICE(""), "" },
        { SLICE(" \t "), "" },
        { SLICE("a"), "a" },
        { SLICE("\t a b \t"), "a b" },
        { SLICE("\n a\r"), "\n a\r" },
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        is_slice(slice_trim(rows[i].in), rows[i].out, "trim, row %zu", i);
}

static void test_cut(void)
{
    static const struct {
        struct slice in;
        unsigned n;
        const char *parts[3];
    } rows[] = {
        { SLICE(""), 0, { NULL } },
        { SLICE("a"), 1, { "a" } },
        { SLICE("a,,b"), 3, { "a", "", "b" } },
        { SLICE(",a"), 2, { "", "a" } },
        { SLICE("a,"), 1, { "a" } },
        { SLICE(","), 1, { "" } },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct slice rest = rows[i].in, part;
        unsigned n = 0;
        for (; slice_cut(&part, &rest, ','); n++) {
            if (n < 3 && rows[i].parts[n] != NULL)
                is_slice(part, rows[i].parts[n], "row %zu, part %u", i, n);
        }
        is_int(n, rows[i].n, "row %zu: number of parts", i);
    }
}

static void test_numbers(void)
{
    static const struct {
        struct slice in;
        int err_u64, err_i64;
        uint64_t u64;
        int64_t i64;
    } rows[] = {
        { SLICE("0"), 0, 0, 0, 0 },
        { SLICE("007"), 0, 0, 7, 7 },
        { SLICE("-0"), ERR_BAD_VALUE, 0, 0, 0 },
        { SLICE("-12"), ERR_BAD_VALUE, 0, 0, -12 },
        { SLICE("9223372036854775807"), 0, 0, INT64_MAX, INT64_MAX },
        { SLICE("9223372036854775808"), 0, ERR_BAD_VALUE, (uint64_t)INT64_MAX + 1, 0 },
        { SLICE("-9223372036854775808"), ERR_BAD_VALUE, 0, 0, INT64_MIN },
        { SLICE("-9223372036854775809"), ERR_BAD_VALUE, ERR_BAD_VALUE, 0, 0 },
        { SLICE("18446744073709551615"), 0, ERR_BAD_VALUE, UINT64_MAX, 0 },
        { SLICE("18446744073709551616"), ERR_BAD_VALUE, ERR_BAD_VALUE, 0, 0 },
        { SLICE("18446744073709551620"), ERR_BAD_VALUE, ERR_BAD_VALUE, 0, 0 },
        { SLICE("99999999999999999999999"), ERR_BAD_VALUE, ERR_BAD_VALUE, 0, 0 },
        { SLICE(""), ERR_BAD_VALUE, ERR_BAD_VALUE, 0, 0 },
        { SLICE("-"), ERR_BAD_VALUE, ERR_BAD_VALUE, 0, 0 },
        { SLICE("--1"), ERR_BAD_VALUE, ERR_BAD_VALUE, 0, 0 },
        { SLICE("+1"), ERR_BAD_VALUE, ERR_BAD_VALUE, 0, 0 },
        { SLICE(" 1"), ERR_BAD_VALUE, ERR_BAD_VALUE, 0, 0 },
        { SLICE("1 "), ERR_BAD_VALUE, ERR_BAD_VALUE, 0, 0 },
        { SLICE("1a"), ERR_BAD_VALUE, ERR_BAD_VALUE, 0, 0 },
        { SLICE("1/"), ERR_BAD_VALUE, ERR_BAD_VALUE, 0, 0 },
        { SLICE("1:"), ERR_BAD_VALUE, ERR_BAD_VALUE, 0, 0 },
        { SLICE("\xb1"), ERR_BAD_VALUE, ERR_BAD_VALUE, 0, 0 },
        { SLICE("1\0"), ERR_BAD_VALUE, ERR_BAD_VALUE, 0, 0 },
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        uint64_t u64 = 77;
        int64_t i64 = 77;
        int err_u64 = slice_u64(&u64, rows[i].in), err_i64 = slice_i64(&i64, rows[i].in);
        is_int(err_u64, rows[i].err_u64, "row %zu: unsigned", i);
        is_int(err_i64, rows[i].err_i64, "row %zu: signed", i);
        ok(u64 == (err_u64 ? 77 : rows[i].u64), "row %zu: unsigned value", i);
        ok(i64 == (err_i64 ? 77 : rows[i].i64), "row %zu: signed value", i);
    }
}

/* Everything takes the empty slice without bytes; UBSan watches. */
static void test_null(void)
{
    struct slice rest = none, part;
    uint64_t n;
    ok(slice_str(NULL).len == 0, "NULL is the empty string");
    ok(slice_eq(none, S("")) && slice_eq_nocase(none, S("")), "equal to any empty one");
    is_int(slice_cmp(none, S("")), 0, "in order as well");
    ok(slice_starts(none, none) && slice_ends(S("a"), none), "part of everything");
    is_int(slice_find(none, 'a'), -1, "nothing in it");
    is_int(slice_trim(none).len + slice_drop(none, 1).len + slice_take(none, 1).len, 0, "no part");
    ok(!slice_cut(&part, &rest, ','), "nothing to cut");
    is_int(slice_u64(&n, none), ERR_BAD_VALUE, "no number");
}

int main(void)
{
    test_compare();
    test_parts();
    test_take_drop();
    test_trim();
    test_cut();
    test_numbers();
    test_null();
    return done();
}
