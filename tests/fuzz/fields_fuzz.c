/* fields: a table of all types decodes JSON (what begins with `{`, `[` or a space) or a query.
 * Success means that every member keeps its row's promise; failure that there is a sentence. */
#include "base/fields.h"

#include "base/utf8.h"
#include "fuzz.h"

#include <stdlib.h>

#define ARENA_BYTES (1u << 20)

static void must(bool condition)
{
    if (!condition)
        abort();
}

struct inner {
    int64_t seats;
    struct slice note;
    bool has_seats;
};

struct outer {
    struct slice id, name, line, raw, object, array;
    int64_t count;
    double minutes;
    int colour;
    struct inner inner;
    bool flag, has_id, has_minutes;
};

static const char *const colours[] = { "red", "green", NULL };

static const struct field inner_list[] = {
    { .name = "seats",
        FIELD_MEMBER(struct inner, seats),
        FIELD_HAS(struct inner, has_seats),
        .type = FIELD_INT,
        .required = true,
        .min = 1,
        .max = 50,
        .help = "seats" },
    { .name = "note",
        FIELD_MEMBER(struct inner, note),
        .type = FIELD_STR,
        .max = 4,
        .preset = "none",
        .allow_nul = true,
        .help = "note" },
};
static const struct fields inner_fields = FIELDS(inner_list);

#define OUTER(member) FIELD_MEMBER(struct outer, member), .help = #member

static const struct field outer_list[] = {
    { .name = "id",
        .aliases = { "i", "roomId" },
        OUTER(id),
        FIELD_HAS(struct outer, has_id),
        .type = FIELD_ID,
        .max = 8 },
    { .name = "name",
        .aliases = { "n" },
        OUTER(name),
        .type = FIELD_STR,
        .min = 1,
        .max = 8,
        .preset = "guest" },
    { .name = "line",
        .aliases = { "l" },
        OUTER(line),
        .type = FIELD_STR,
        .max = 8,
        .trim = true,
        .one_line = true },
    { .name = "count", .aliases = { "c" }, OUTER(count), .type = FIELD_INT },
    { .name = "minutes",
        .aliases = { "m" },
        OUTER(minutes),
        FIELD_HAS(struct outer, has_minutes),
        .type = FIELD_DOUBLE,
        .min = 0.01,
        .max = 1440 },
    { .name = "flag", .aliases = { "f" }, OUTER(flag), .type = FIELD_BOOL, .preset = "true" },
    { .name = "colour", OUTER(colour), .type = FIELD_ENUM, .names = colours, .preset = "green" },
    { .name = "raw", .aliases = { "r" }, OUTER(raw), .type = FIELD_RAW, .max = 40 },
    { .name = "object", .aliases = { "o" }, OUTER(object), .type = FIELD_OBJECT_RAW, .max = 40 },
    { .name = "array", .aliases = { "a" }, OUTER(array), .type = FIELD_ARRAY_RAW, .max = 40 },
    { .name = "inner",
        .aliases = { "s" },
        OUTER(inner),
        .type = FIELD_OBJECT,
        .sub = &inner_fields },
};
static const struct fields outer_fields = FIELDS(outer_list);

static void check_text(struct slice s, size_t min, size_t max)
{
    must(utf8_is_valid(s));
    must(utf8_count(s) >= min && utf8_count(s) <= max);
}

static void check_raw(struct arena *a, struct slice s, char first)
{
    struct json_value v;
    if (s.p == NULL)
        return;
    must(s.len <= 40 && json_read_whole(&v, s, a) == 0);
    must(first == 0 || s.p[0] == first);
}

static void check(struct arena *a, const struct outer *o)
{
    must(o->has_id == (o->id.p != NULL));
    check_text(o->id, o->has_id, 8);
    check_text(o->name, 1, 8);
    check_text(o->line, 0, 8);
    must(slice_find(o->name, 0) < 0 && slice_find(o->line, '\n') < 0);
    must(o->has_minutes ? o->minutes >= 0.01 && o->minutes <= 1440 : o->minutes == 0);
    must(o->colour == 0 || o->colour == 1);
    check_raw(a, o->raw, 0);
    check_raw(a, o->object, '{');
    check_raw(a, o->array, '[');
    must(o->inner.has_seats ? o->inner.seats >= 1 && o->inner.seats <= 50 : o->inner.seats == 0);
    check_text(o->inner.note, 0, 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outer o;
    struct arena a;
    struct field_error e;
    struct slice s = slice_of(data, size);
    bool is_json = size > 0 && strchr("{[ ", data[0]) && data[0] != 0;
    arena_init(&a, ARENA_BYTES);
    memset(&o, 0xa5, sizeof(o));
    int err = is_json ? fields_decode(&o, &e, &a, &outer_fields, s)
                      : fields_decode_query(&o, &e, &a, &outer_fields, s);
    must((err != 0) == (e.text[0] != '\0'));
    must(strlen(e.text) < sizeof(e.text) && utf8_is_valid(slice_str(e.text)));
    must(e.field == NULL || err == ERR_BAD_FIELD);
    if (!err)
        check(&a, &o);
    must(fields_check(&e, &outer_fields, sizeof(o)) == 0);
    arena_fini(&a);
    return 0;
}
