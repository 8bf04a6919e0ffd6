/* Rows of every type, each with values that fit and values that do not; what is said of them; and
 * what fields_check() finds in a row. */
#include "base/field.h"

#include "base/fields.h"
#include "fault.h"
#include "tap.h"

/* A member of every type at once. */
union value {
    struct slice text;
    int64_t whole;
    double number;
    int index;
    bool flag;
};

static const char *const colours[] = { "red", "light green", "blue", NULL };

static const struct field name = { .type = FIELD_STR, .min = 1, .max = 5 };
static const struct field line = {
    .type = FIELD_STR, .min = 2, .max = 5, .one_line = true, .trim = true
};
static const struct field anything = { .type = FIELD_STR, .max = 9, .allow_nul = true };
static const struct field id = { .type = FIELD_ID, .max = 8 };
static const struct field seats = { .type = FIELD_INT, .min = 1, .max = 50 };
static const struct field below = { .type = FIELD_INT, .min = -5, .max = 0 };
static const struct field any_int = { .type = FIELD_INT };
static const struct field minutes = { .type = FIELD_DOUBLE, .min = 0.01, .max = 1440 };
static const struct field any_double = { .type = FIELD_DOUBLE };
static const struct field flag = { .type = FIELD_BOOL };
static const struct field colour = { .type = FIELD_ENUM, .names = colours };
static const struct field raw = { .type = FIELD_RAW, .max = 8 };
static const struct field object = { .type = FIELD_OBJECT_RAW, .max = 8 };
static const struct field array = { .type = FIELD_ARRAY_RAW, .max = 8 };
static const struct field sub = { .type = FIELD_OBJECT };

/* 0: accepted; then what is in the member. */
static const struct {
    const struct field *field;
    struct slice json;
    int err;
    struct slice text;
    double number;
} rows[] = {
    { &name, SLICE("\"a\""), 0, SLICE("a"), 0 },
    { &name, SLICE("\"abcde\""), 0, SLICE("abcde"), 0 },
    { &name, SLICE("\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\""), 0,
        SLICE("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"), 0 },
    { &name, SLICE("\"\\ud83d\\ude00\\n\""), 0, SLICE("\xf0\x9f\x98\x80\n"), 0 },
    { &name, SLICE("\"\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &name, SLICE("\"abcdef\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &name, SLICE("\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9x\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &name, SLICE("\"a\\u0000\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &name, SLICE("5"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &name, SLICE("true"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &name, SLICE("[\"a\"]"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &name, SLICE("{}"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &line, SLICE("\" \\t ab\\r\\n\""), 0, SLICE("ab"), 0 },
    { &line, SLICE("\"a b\xc3\xa9\""), 0, SLICE("a b\xc3\xa9"), 0 },
    { &line, SLICE("\"\xc3\xa9\""), ERR_BAD_FIELD, SLICE(""), 0 }, /* one character */
    { &line, SLICE("\" a \""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &line, SLICE("\"      \""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &line, SLICE("\"a\\nb\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &line, SLICE("\"a\\u001bb\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &line, SLICE("\"a\x7f\x62\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &line, SLICE("\"a\\u0085b\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &line, SLICE("\"a\\u2028b\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &line, SLICE("\"a\\u2029b\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &line, SLICE("\"a\\u202db\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &line, SLICE("\"a\\u202eb\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &line, SLICE("\"a\\u200fb\""), 0, SLICE("a\xe2\x80\x8f\x62"), 0 },
    { &line, SLICE("\"a\\u2027b\""), 0, SLICE("a\xe2\x80\xa7\x62"), 0 },
    { &line, SLICE("\"a\\u00a0b\""), 0, SLICE("a\xc2\xa0\x62"), 0 },
    { &anything, SLICE("\"\""), 0, SLICE(""), 0 },
    { &anything, SLICE("\"a\\u0000b\""), 0, SLICE("a\0b"), 0 },
    { &id, SLICE("\"aZ09-_.:\""), 0, SLICE("aZ09-_.:"), 0 },
    { &id, SLICE("\"@+=~|\""), 0, SLICE("@+=~|"), 0 },
    { &id, SLICE("\"\\u0061\""), 0, SLICE("a"), 0 },
    { &id, SLICE("42"), 0, SLICE("42"), 0 },
    { &id, SLICE("0"), 0, SLICE("0"), 0 },
    { &id, SLICE("123456789"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &id, SLICE("-1"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &id, SLICE("1.0"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &id, SLICE("1e2"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &id, SLICE("\"\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &id, SLICE("\"123456789\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &id, SLICE("\"a b\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &id, SLICE("\"a/b\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &id, SLICE("\"a\\u0000\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &id, SLICE("\"\xc3\xa9\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &seats, SLICE("1"), 0, SLICE(""), 1 },
    { &seats, SLICE("50.0"), 0, SLICE(""), 50 },
    { &seats, SLICE("5e1"), 0, SLICE(""), 50 },
    { &seats, SLICE("0"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &seats, SLICE("51"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &seats, SLICE("1.5"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &seats, SLICE("\"5\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &seats, SLICE("1e300"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &seats, SLICE("true"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &below, SLICE("-5"), 0, SLICE(""), -5 },
    { &below, SLICE("-6"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &below, SLICE("1"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &any_int, SLICE("-1000000"), 0, SLICE(""), -1e6 },
    { &minutes, SLICE("0.01"), 0, SLICE(""), 0.01 },
    { &minutes, SLICE("1440"), 0, SLICE(""), 1440 },
    { &minutes, SLICE("0.009"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &minutes, SLICE("1440.5"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &minutes, SLICE("\"60\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &any_double, SLICE("-1e300"), 0, SLICE(""), -1e300 },
    { &flag, SLICE("true"), 0, SLICE(""), 1 },
    { &flag, SLICE("false"), 0, SLICE(""), 0 },
    { &flag, SLICE("1"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &flag, SLICE("\"true\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &colour, SLICE("\"red\""), 0, SLICE(""), 0 },
    { &colour, SLICE("\"light\\u0020green\""), 0, SLICE(""), 1 },
    { &colour, SLICE("\"blue\""), 0, SLICE(""), 2 },
    { &colour, SLICE("\"Blue\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &colour, SLICE("\"\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &colour, SLICE("1"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &raw, SLICE("\"a\\nbc\""), 0, SLICE("\"a\\nbc\""), 0 },
    { &raw, SLICE(" [ 1, 2 ] "), 0, SLICE("[ 1, 2 ]"), 0 },
    { &raw, SLICE("-1.50"), 0, SLICE("-1.50"), 0 },
    { &raw, SLICE("true"), 0, SLICE("true"), 0 },
    { &raw, SLICE("\"1234567\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &object, SLICE("{\"a\":1}"), 0, SLICE("{\"a\":1}"), 0 },
    { &object, SLICE("[1]"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &object, SLICE("{\"a\":123}"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &object, SLICE("\"{}\""), ERR_BAD_FIELD, SLICE(""), 0 },
    { &array, SLICE("[1,[2]]"), 0, SLICE("[1,[2]]"), 0 },
    { &array, SLICE("{}"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &array, SLICE("[1,2,3,4]"), ERR_BAD_FIELD, SLICE(""), 0 },
    { &sub, SLICE("{}"), ERR_BAD_FIELD, SLICE(""), 0 },
};

static double number_in(const union value *v, enum field_type type)
{
    switch (type) {
    case FIELD_INT:
        return (double)v->whole;
    case FIELD_DOUBLE:
        return v->number;
    case FIELD_BOOL:
        return v->flag;
    case FIELD_ENUM:
        return v->index;
    default:
        return 0;
    }
}

static bool holds_text(enum field_type type)
{
    return type == FIELD_STR || type == FIELD_ID || (type >= FIELD_RAW && type != FIELD_OBJECT);
}

static void test_json(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a;
        struct json_value v;
        union value out = { .text = { .p = "untouched", .len = 9 } };
        const struct field *f = rows[i].field;
        char what[FIELD_TEXT_BYTES];
        field_describe(what, f);
        arena_init(&a, 1000);
        is_int(json_read_whole(&v, rows[i].json, &a), 0, "%s is read", rows[i].json.p);
        int err = field_store_json(&out, &a, f, &v);
        is_int(err, rows[i].err, "%s is %s%s", rows[i].json.p, rows[i].err ? "not " : "", what);
        if (err)
            is_slice(out.text, "untouched", "and nothing is stored");
        else if (holds_text(f->type))
            ok(slice_eq(out.text, rows[i].text), "and stored");
        else
            ok(number_in(&out, f->type) == rows[i].number, "and stored: %g", rows[i].number);
        arena_fini(&a);
    }
}

static void test_text(void)
{
    static const struct {
        const struct field *field;
        const char *text;
        int err;
        double number;
    } texts[] = {
        { &name, "true", 0, 0 },
        { &name, "abcdef", ERR_BAD_FIELD, 0 },
        { &id, "42", 0, 0 },
        { &id, "a b", ERR_BAD_FIELD, 0 },
        { &colour, "light green", 0, 1 },
        { &colour, "\"red\"", ERR_BAD_FIELD, 0 },
        { &seats, "7", 0, 7 },
        { &seats, "7.0", 0, 7 },
        { &seats, "+7", ERR_BAD_FIELD, 0 },
        { &seats, "\"7\"", ERR_BAD_FIELD, 0 },
        { &seats, "7x", ERR_BAD_FIELD, 0 },
        { &seats, "7 8", ERR_BAD_FIELD, 0 },
        { &seats, "null", ERR_BAD_FIELD, 0 },
        { &seats, "0x7", ERR_BAD_FIELD, 0 },
        { &seats, "51", ERR_BAD_FIELD, 0 },
        { &minutes, "0.5", 0, 0.5 },
        { &minutes, "NaN", ERR_BAD_FIELD, 0 },
        { &minutes, "1e999", ERR_BAD_FIELD, 0 },
        { &flag, "true", 0, 1 },
        { &flag, "false", 0, 0 },
        { &flag, "1", 0, 1 },
        { &flag, "0", 0, 0 },
        { &flag, "2", ERR_BAD_FIELD, 0 },
        { &flag, "10", ERR_BAD_FIELD, 0 },
        { &flag, "yes", ERR_BAD_FIELD, 0 },
        { &flag, "TRUE", ERR_BAD_FIELD, 0 },
        { &raw, "{\"a\":1}", 0, 0 },
        { &raw, "{\"a\":1", ERR_BAD_FIELD, 0 },
        { &raw, "a", ERR_BAD_FIELD, 0 },
        { &array, "[1]", 0, 0 },
        { &array, "1", ERR_BAD_FIELD, 0 },
        { &sub, "{}", ERR_BAD_FIELD, 0 },
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct arena a;
        union value out = { .text = { .p = NULL } };
        const struct field *f = texts[i].field;
        arena_init(&a, 1000);
        int err = field_store_text(&out, &a, f, slice_str(texts[i].text));
        is_int(err, texts[i].err, "plain %s: %s", texts[i].text, err_name(err));
        if (!err && holds_text(f->type))
            is_slice(out.text, texts[i].text, "is itself");
        else
            ok(number_in(&out, f->type) == texts[i].number, "is %g", texts[i].number);
        arena_fini(&a);
    }
}

static void test_spellings(void)
{
    static const struct field f = { .name = "to", .aliases = { "toSocketId", "t" } };
    static const struct field full = { .name = "a", .aliases = { "b", "c", "d" } };
    is_int(field_spelling(&f, S("to")), 0, "the name");
    is_int(field_spelling(&f, S("toSocketId")), 1, "the first alias");
    is_int(field_spelling(&f, S("t")), 2, "the second");
    is_int(field_spelling(&f, S("toS")), -1, "a beginning");
    is_int(field_spelling(&f, S("too")), -1, "a continuation");
    is_int(field_spelling(&f, S("To")), -1, "another case");
    is_int(field_spelling(&f, S("")), -1, "nothing");
    is_int(field_spelling(&f, S("to\0")), -1, "a NUL behind it");
    is_int(field_spelling(&f, S("to\0SocketId")), -1, "a NUL within");
    is_int(field_spelling(&full, S("d")), 3, "the last of three aliases");
}

static void test_describe(void)
{
    static const struct {
        const struct field *field;
        const char *text;
    } words[] = {
        { &name, "text of 1 to 5 characters" },
        { &line, "one line of 2 to 5 characters" },
        { &id, "an id of 1 to 8 letters, digits or -_.:@+=~|" },
        { &seats, "a whole number from 1 to 50" },
        { &any_int, "a whole number" },
        { &minutes, "a number from 0.01 to 1440" },
        { &any_double, "a number" },
        { &flag, "true or false" },
        { &colour, "one of \"red\", \"light green\", \"blue\"" },
        { &raw, "any value of at most 8 bytes" },
        { &object, "an object of at most 8 bytes" },
        { &array, "a list of at most 8 bytes" },
        { &sub, "an object" },
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        char out[FIELD_TEXT_BYTES];
        field_describe(out, words[i].field);
        is_str(out, words[i].text, "%s", words[i].text);
    }
    static const char *const many[] = {
        "0123456789012345678901234567890123456789012345678901234567",
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567",
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567",
        "01234567890123456789012345678901234567890123456789012345678901234567890123456789", NULL
    };
    const struct field long_one = { .type = FIELD_ENUM, .names = many };
    char out[FIELD_TEXT_BYTES];
    field_describe(out, &long_one);
    is_int(strlen(out), FIELD_TEXT_BYTES - 1, "what is too long is cut");
}

struct all {
    struct slice text;
    int64_t whole;
    double number;
    bool flag;
    enum { RED, GREEN } colour;
    struct {
        int64_t x;
    } inner;
};

static void test_fault(void)
{
    static const struct field one[] = { { .name = "x" } };
    static const struct fields inner = FIELDS(one);
    static const char *const none[] = { NULL };
#define TEXT   .name = "t", .help = "h", FIELD_MEMBER(struct all, text)
#define WHOLE  .name = "w", .help = "h", FIELD_MEMBER(struct all, whole), .type = FIELD_INT
#define COLOUR .name = "c", .help = "h", FIELD_MEMBER(struct all, colour), .type = FIELD_ENUM
#define INNER  .name = "i", .help = "h", FIELD_MEMBER(struct all, inner), .type = FIELD_OBJECT
    static const struct {
        struct field field;
        const char *fault;
    } faults[] = {
        { { TEXT, .type = FIELD_STR, .max = 5 }, NULL },
        { { TEXT, .type = FIELD_ID, .max = 5, .preset = "abc" }, NULL },
        { { TEXT, .type = FIELD_RAW, .max = 5, .preset = "[1]" }, NULL },
        { { WHOLE }, NULL },
        { { WHOLE, .min = 1, .max = 5, .preset = "5" }, NULL },
        { { .name = "d", .help = "h", FIELD_MEMBER(struct all, number), .type = FIELD_DOUBLE },
            NULL },
        { { .name = "b", .help = "h", FIELD_MEMBER(struct all, flag), .type = FIELD_BOOL }, NULL },
        { { COLOUR, .names = colours, .preset = "blue" }, NULL },
        { { INNER, .sub = &inner }, NULL },
        { { .help = "h", FIELD_MEMBER(struct all, whole), .type = FIELD_INT },
            "the name is missing" },
        { { .name = "", .help = "h", FIELD_MEMBER(struct all, whole), .type = FIELD_INT },
            "the name is missing" },
        { { .name = "w", FIELD_MEMBER(struct all, whole), .type = FIELD_INT },
            "the help is missing" },
        { { .name = "w", .help = "h", .type = FIELD_INT }, "the member is not of the row's type" },
        { { TEXT, .type = FIELD_INT }, "the member is not of the row's type" },
        { { .name = "w", .help = "h", FIELD_MEMBER(struct all, whole), .type = FIELD_DOUBLE },
            "the member is not of the row's type" },
        { { TEXT, .type = FIELD_STR }, "the length has no sensible limits" },
        { { TEXT, .type = FIELD_STR, .min = 6, .max = 5 }, "the length has no sensible limits" },
        { { TEXT, .type = FIELD_STR, .min = -1, .max = 5 }, "the length has no sensible limits" },
        { { TEXT, .type = FIELD_RAW, .max = 1e12 }, "the length has no sensible limits" },
        { { WHOLE, .min = 5, .max = 4 }, "min is above max" },
        { { WHOLE, .min = 1 }, "min is above max" },
        { { COLOUR }, "names are missing" },
        { { COLOUR, .names = none }, "names are missing" },
        { { INNER }, "sub is missing" },
        { { WHOLE, .preset = "1", .required = true }, "what is required needs no preset" },
        { { WHOLE, .min = 1, .max = 5, .preset = "6" }, "the preset is not valid" },
        { { WHOLE, .preset = "x" }, "the preset is not valid" },
        { { COLOUR, .names = colours, .preset = "pink" }, "the preset is not valid" },
        { { TEXT, .type = FIELD_STR, .max = 2, .preset = "abc" }, "the preset is not valid" },
        { { INNER, .sub = &inner, .preset = "{}" }, "the preset is not valid" },
    };
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        is_str(field_fault(&faults[i].field), faults[i].fault, "row %zu: %s", i,
            faults[i].fault ? faults[i].fault : "sound");
}

static void escaped(void *arg)
{
    (void)arg;
    struct arena a;
    struct json_value v;
    union value out;
    arena_init(&a, 1000);
    int err = json_read_whole(&v, S("\"\\n\""), &a);
    is_int(err, 0, "an escaped text");
    err = field_store_json(&out, &a, &name, &v);
    is_int(err, fault_hit() ? ERR_TOO_BIG : 0, "is stored, or no memory is a clean error");
    arena_fini(&a);
}

int main(void)
{
    test_json();
    test_text();
    test_spellings();
    test_describe();
    test_fault();
    fault_each(FAULT_ALLOC, escaped, NULL);
    return done();
}
