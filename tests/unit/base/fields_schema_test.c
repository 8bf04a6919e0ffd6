/* Every type of field as a schema, and what goes around them. */
#include "base/fields_schema.h"

#include "tap.h"

struct inner {
    struct slice x;
};

struct all {
    struct slice text, id, raw, object, array;
    int64_t n;
    double d;
    bool yes;
    int kind;
    struct inner inner;
};

static const char *const kinds[] = { "one", "two", NULL };

static const struct field inner_list[] = {
    { .name = "x",
        FIELD_MEMBER(struct inner, x),
        .type = FIELD_STR,
        .max = 3,
        .required = true,
        .help = "inside" },
};
static const struct fields inner_fields = FIELDS(inner_list);

#define ROW(name_, member, type_) .name = name_, FIELD_MEMBER(struct all, member), .type = type_

static const struct form_case {
    struct field field;
    const char *want;
} forms[] = {
    { { ROW("a", text, FIELD_STR), .min = 1, .max = 9, .help = "h" },
        "{\"type\":\"string\",\"minLength\":1,\"maxLength\":9,\"description\":\"h\"}" },
    { { ROW("a", text, FIELD_STR), .max = 9, .aliases = { "b", "c" }, .help = "h" },
        "{\"type\":\"string\",\"maxLength\":9,\"description\":\"h (also: b, c)\"}" },
    { { ROW("a", id, FIELD_ID), .max = 5, .help = "h" },
        "{\"type\":\"string\",\"minLength\":1,\"maxLength\":5,"
        "\"pattern\":\"^[A-Za-z0-9_.:@+=~|-]+$\",\"description\":\"h\"}" },
    { { ROW("a", n, FIELD_INT), .min = 1, .max = 50, .preset = "4", .help = "h" },
        "{\"type\":\"integer\",\"minimum\":1,\"maximum\":50,\"default\":4,\"description\":\"h\"}" },
    { { ROW("a", n, FIELD_INT), .help = "h" }, "{\"type\":\"integer\",\"description\":\"h\"}" },
    { { ROW("a", d, FIELD_DOUBLE), .min = 0.01, .max = 1440, .help = "h" },
        "{\"type\":\"number\",\"minimum\":0.01,\"maximum\":1440,\"description\":\"h\"}" },
    { { ROW("a", yes, FIELD_BOOL), .preset = "true", .help = "h" },
        "{\"type\":\"boolean\",\"default\":true,\"description\":\"h\"}" },
    { { ROW("a", kind, FIELD_ENUM), .names = kinds, .preset = "two", .help = "h" },
        "{\"type\":\"string\",\"enum\":[\"one\",\"two\"],\"default\":\"two\","
        "\"description\":\"h\"}" },
    { { ROW("a", raw, FIELD_RAW), .max = 9, .help = "h" }, "{\"description\":\"h\"}" },
    { { ROW("a", object, FIELD_OBJECT_RAW), .max = 9, .help = "h" },
        "{\"type\":\"object\",\"description\":\"h\"}" },
    { { ROW("a", array, FIELD_ARRAY_RAW), .max = 9, .help = "h" },
        "{\"type\":\"array\",\"description\":\"h\"}" },
    { { ROW("a", inner, FIELD_OBJECT), .sub = &inner_fields, .help = "h" },
        "{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"string\",\"maxLength\":3,"
        "\"description\":\"inside\"}},\"required\":[\"x\"],\"description\":\"h\"}" },
};

static void test_forms(void)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct buf out;
        struct json_writer w;
        buf_init(&out, 4096);
        jw_init(&w, &out);
        field_schema(&w, &forms[i].field);
        is_slice(buf_slice(&out), forms[i].want, "form %zu", i);
        buf_fini(&out);
    }
}

static const struct field first_list[] = {
    { ROW("room", id, FIELD_ID), .aliases = { "room_id" }, .max = 9, .required = true,
        .help = "h" },
    { ROW("yes", yes, FIELD_BOOL), .required = true, .help = "h" },
};
static const struct fields first = FIELDS(first_list);

static const struct field second_list[] = {
    { ROW("raw", raw, FIELD_RAW), .max = 9, .help = "h" },
};
static const struct fields second = FIELDS(second_list);

#define ROOM                                                              \
    "\"room\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":9,"      \
    "\"pattern\":\"^[A-Za-z0-9_.:@+=~|-]+$\",\"description\":\"h (also: " \
    "room_id)\"}"
#define YES "\"yes\":{\"type\":\"boolean\",\"description\":\"h\"}"
#define RAW "\"raw\":{\"description\":\"h\"}"

static const struct object_case {
    struct fields_schema of;
    const char *want;
} objects[] = {
    { { .tables = { NULL } }, "{\"type\":\"object\",\"properties\":{}}" },
    { { .tables = { &second } }, "{\"type\":\"object\",\"properties\":{" RAW "}}" },
    { { .tables = { &first, &second } },
        "{\"type\":\"object\",\"properties\":{" ROOM "," YES "," RAW
        "},\"required\":[\"room\",\"yes\"]}" },
    { { .tables = { &second }, .type = "CHAT" },
        "{\"type\":\"object\",\"properties\":{\"type\":{\"const\":\"CHAT\"}," RAW
        "},\"required\":[\"type\"]}" },
    { { .tables = { &first }, .elsewhere = SLICE("/rooms/{room_id}/reset") },
        "{\"type\":\"object\",\"properties\":{" YES "},\"required\":[\"yes\"]}" },
    { { .tables = { &first }, .elsewhere = SLICE("/yes/{id}") },
        "{\"type\":\"object\",\"properties\":{" ROOM "," YES "},\"required\":[\"room\",\"yes\"]}" },
};

static void test_objects(void)
{
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        struct buf out;
        struct json_writer w;
        buf_init(&out, 4096);
        jw_init(&w, &out);
        fields_schema(&w, &objects[i].of);
        is_slice(buf_slice(&out), objects[i].want, "object %zu", i);
        buf_fini(&out);
    }
}

static void test_params(void)
{
    struct slice name, path = S("/a/{b}/c/{d_e}/f");
    ok(fields_schema_param(&name, &path), "a first one");
    is_slice(name, "b", "of that name");
    ok(fields_schema_param(&name, &path), "a second one");
    is_slice(name, "d_e", "of that name");
    ok(!fields_schema_param(&name, &path), "and no third");
    static const char *const bad[] = { "", "/", "/{", "/}a{", "/a}" };
    unsigned found = 0;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        path = slice_str(bad[i]);
        found += fields_schema_param(&name, &path);
    }
    is_int(found, 0, "half braces hold nothing");
}

int main(void)
{
    test_forms();
    test_objects();
    test_params();
    return done();
}
