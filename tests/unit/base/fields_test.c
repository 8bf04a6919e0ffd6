/* One table with two tables inside, decoded from JSON, from queries and from several sources; the
 * sentence for every way in which the input can be wrong; and what fields_check() finds. */
#include "base/fields.h"

#include "base/buf.h"
#include "fault.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>

enum role { ROLE_GUEST, ROLE_HOST };

static const char *const roles[] = { "guest", "host", NULL };

struct settings {
    int64_t seats;
    bool is_public;
    bool has_seats;
    struct {
        double x;
    } deep;
};

struct join {
    int untouched;
    struct slice room, name, ops;
    double duration;
    enum role role;
    struct settings settings;
    bool has_name, has_duration, has_settings;
};

#define DEEP(member) FIELD_MEMBER(__typeof__(((struct settings *)0)->deep), member)

static const struct field deep_list[] = {
    { .name = "x", DEEP(x), .type = FIELD_DOUBLE, .max = 1, .required = true, .help = "how far" },
};
static const struct fields deep_fields = FIELDS(deep_list);

static const struct field settings_list[] = {
    { .name = "seats",
        FIELD_MEMBER(struct settings, seats),
        FIELD_HAS(struct settings, has_seats),
        .type = FIELD_INT,
        .min = 1,
        .max = 50,
        .preset = "4",
        .help = "how many may sit" },
    { .name = "isPublic",
        FIELD_MEMBER(struct settings, is_public),
        .type = FIELD_BOOL,
        .required = true,
        .help = "anybody may come" },
    { .name = "deep",
        FIELD_MEMBER(struct settings, deep),
        .type = FIELD_OBJECT,
        .sub = &deep_fields,
        .help = "a table within a table within a table" },
};
static const struct fields settings_fields = FIELDS(settings_list);

static const struct field join_list[] = {
    { .name = "roomId",
        .aliases = { "room", "id" },
        FIELD_MEMBER(struct join, room),
        .type = FIELD_ID,
        .required = true,
        .max = 16,
        .help = "the room" },
    { .name = "name",
        FIELD_MEMBER(struct join, name),
        FIELD_HAS(struct join, has_name),
        .type = FIELD_STR,
        .max = 8,
        .preset = "guest",
        .help = "what to be called" },
    { .name = "duration",
        FIELD_MEMBER(struct join, duration),
        FIELD_HAS(struct join, has_duration),
        .type = FIELD_DOUBLE,
        .min = 0.01,
        .max = 1440,
        .help = "minutes" },
    { .name = "role",
        FIELD_MEMBER(struct join, role),
        .type = FIELD_ENUM,
        .names = roles,
        .help = "as what" },
    { .name = "ops",
        FIELD_MEMBER(struct join, ops),
        .type = FIELD_ARRAY_RAW,
        .max = 100,
        .help = "passed on as they are" },
    { .name = "settings",
        .aliases = { "options" },
        FIELD_MEMBER(struct join, settings),
        FIELD_HAS(struct join, has_settings),
        .type = FIELD_OBJECT,
        .sub = &settings_fields,
        .help = "of the room" },
};
static const struct fields join_fields = FIELDS(join_list);

/* Fills the struct with garbage first: what is not sent must not keep it. */
static int decode(struct join *j, struct field_error *e, struct arena *a, const char *json)
{
    arena_init(a, 10000);
    memset(j, 0x5a, sizeof(*j));
    char *copy = malloc(strlen(json) + 1); /* ASan sees a read past its end */
    memcpy(copy, json, strlen(json));
    struct slice in, s = slice_of(copy, strlen(json));
    int err = arena_copy(&in, a, s) ? ERR_NO_MEMORY : fields_decode(j, e, a, &join_fields, in);
    free(copy);
    return err;
}

static void test_all_given(void)
{
    struct join j;
    struct arena a;
    struct field_error e;
    is_int(decode(&j, &e, &a,
               "{\"settings\":{\"isPublic\":true,\"seats\":7,\"deep\":{\"x\":0.5}},\"ops\":[1, {}],"
               "\"r\\u006fle\":\"host\",\"duration\":1.5,\"name\":\"a\\tb\",\"roomId\":\"r1\","
               "\"more\":{\"a\":[1]}}"),
        0, "all fields in another order, one spelled with an escape, one unknown");
    is_int(j.untouched, 0x5a5a5a5a, "what is in no row keeps its value");
    is_slice(j.room, "r1", "an id");
    is_slice(j.name, "a\tb", "a text");
    ok(j.has_name && j.has_duration && j.has_settings && j.settings.has_seats, "were sent");
    ok(j.duration == 1.5, "a number");
    is_int(j.role, ROLE_HOST, "a name of a list");
    is_slice(j.ops, "[1, {}]", "a value as written");
    is_int(j.settings.seats, 7, "in an inner table");
    ok(j.settings.is_public, "a bool");
    ok(j.settings.deep.x == 0.5, "in a table in an inner table");
    is_str(e.text, "", "and no complaint");
    arena_fini(&a);
}

static void test_absent(void)
{
    static const char *const texts[] = { "{\"roomId\":7}",
        "{\"roomId\":7,\"name\":null,\"duration\":null,\"role\":null,\"ops\":null,"
        "\"settings\":null}" };
    for (size_t i = 0; i < 2; i++) {
        struct join j;
        struct arena a;
        struct field_error e;
        is_int(decode(&j, &e, &a, texts[i]), 0, "absent %s", i == 0 ? "by silence" : "by null");
        is_slice(j.room, "7", "a number as an id");
        is_slice(j.name, "guest", "a preset");
        ok(!j.has_name && !j.has_duration && !j.has_settings, "were not sent");
        ok(j.duration == 0 && j.role == ROLE_GUEST, "zero without a preset");
        ok(j.ops.p == NULL && j.ops.len == 0, "and empty");
        is_int(j.settings.seats, 4, "a preset of an inner table that was not sent");
        ok(!j.settings.has_seats && !j.settings.is_public, "whose required fields may miss");
        arena_fini(&a);
    }
}

static void test_complaints(void)
{
    static const struct {
        const char *json;
        int err;
        const char *text;
    } rows[] = {
        { "{}", ERR_BAD_FIELD,
            "\"roomId\" is missing: it must be an id of 1 to 16 letters, digits or -_.:@+=~|." },
        { "{\"roomId\":null}", ERR_BAD_FIELD,
            "\"roomId\" is missing: it must be an id of 1 to 16 letters, digits or -_.:@+=~|." },
        { "{\"roomId\":\"a b\"}", ERR_BAD_FIELD,
            "\"roomId\" must be an id of 1 to 16 letters, digits or -_.:@+=~|." },
        { "{\"room\":\"\"}", ERR_BAD_FIELD,
            "\"roomId\" must be an id of 1 to 16 letters, digits or -_.:@+=~|." },
        { "{\"roomId\":\"a\",\"duration\":0}", ERR_BAD_FIELD,
            "\"duration\" must be a number from 0.01 to 1440." },
        { "{\"roomId\":\"a\",\"duration\":[]}", ERR_BAD_FIELD,
            "\"duration\" must be a number from 0.01 to 1440." },
        { "{\"roomId\":\"a\",\"name\":\"123456789\"}", ERR_BAD_FIELD,
            "\"name\" must be text of 0 to 8 characters." },
        { "{\"roomId\":\"a\",\"role\":\"owner\"}", ERR_BAD_FIELD,
            "\"role\" must be one of \"guest\", \"host\"." },
        { "{\"roomId\":\"a\",\"ops\":{}}", ERR_BAD_FIELD,
            "\"ops\" must be a list of at most 100 bytes." },
        { "{\"duration\":0,\"name\":5,\"roomId\":\"a\"}", ERR_BAD_FIELD, /* the table's order */
            "\"name\" must be text of 0 to 8 characters." },
        { "{\"roomId\":\"a\",\"settings\":[]}", ERR_BAD_FIELD, "\"settings\" must be an object." },
        { "{\"roomId\":\"a\",\"settings\":7}", ERR_BAD_FIELD, "\"settings\" must be an object." },
        { "{\"roomId\":\"a\",\"settings\":{}}", ERR_BAD_FIELD,
            "\"settings.isPublic\" is missing: it must be true or false." },
        { "{\"roomId\":\"a\",\"settings\":{\"seats\":0,\"isPublic\":true}}", ERR_BAD_FIELD,
            "\"settings.seats\" must be a whole number from 1 to 50." },
        { "{\"roomId\":\"a\",\"settings\":{\"isPublic\":true,\"deep\":{\"x\":2}}}", ERR_BAD_FIELD,
            "\"settings.deep.x\" must be a number from 0 to 1." },
        { "{\"settings\":{\"isPublic\":true,\"deep\":{}},\"roomId\":\"\"}", ERR_BAD_FIELD,
            "\"settings.deep.x\" is missing: it must be a number from 0 to 1." },
        { "[]", ERR_BAD_FIELD, "An object with named fields was expected." },
        { "[{\"roomId\":\"a\"}]", ERR_BAD_FIELD, "An object with named fields was expected." },
        { "\"roomId\"", ERR_BAD_FIELD, "An object with named fields was expected." },
        { "null", ERR_BAD_FIELD, "An object with named fields was expected." },
        { "", ERR_BAD_JSON, "The text is not valid JSON." },
        { "{\"roomId\":\"a\"", ERR_BAD_JSON, "The text is not valid JSON." },
        { "{\"roomId\":\"a\"}}", ERR_BAD_JSON, "The text is not valid JSON." },
        { "[1", ERR_BAD_JSON, "The text is not valid JSON." },
        { "[1]]", ERR_BAD_JSON, "The text is not valid JSON." },
        { "7 7", ERR_BAD_JSON, "The text is not valid JSON." },
        { "{\"roomId\":5.5,\"x\":[}", ERR_BAD_JSON, "The text is not valid JSON." },
        { "{\"settings\":{\"isPublic\":1},\"x\":[}", ERR_BAD_JSON, "The text is not valid JSON." },
        { "{\"settings\":{\"isPublic\":1", ERR_BAD_JSON, "The text is not valid JSON." },
        { "{\"roomId\":\"a\",\"roomId\":\"a\"}", ERR_BAD_JSON, "The text is not valid JSON." },
        { "{\"x\":\"\xff\"}", ERR_BAD_UTF8, "The text is not valid UTF-8." },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct join j;
        struct arena a;
        struct field_error e;
        is_int(decode(&j, &e, &a, rows[i].json), rows[i].err, "%s", rows[i].json);
        is_str(e.text, rows[i].text, "the sentence");
        ok((e.field != NULL) == (e.text[0] == '"'), "and the field, when it is about one");
        arena_fini(&a);
    }
}

static void test_aliases(void)
{
    static const struct {
        const char *json, *room;
    } rows[] = {
        { "{\"id\":\"3\"}", "3" },
        { "{\"room\":\"2\",\"id\":\"3\"}", "2" },
        { "{\"id\":\"3\",\"room\":\"2\"}", "2" },
        { "{\"id\":\"3\",\"roomId\":\"1\",\"room\":\"2\"}", "1" },
        { "{\"roomId\":null,\"room\":\"2\"}", "2" },
        { "{\"room\":\"2\",\"roomId\":null}", "2" },
        { "{\"roomId\":\"1\",\"room\":\"not an id\"}", "1" },
        { "{\"room\":\"not an id\",\"roomId\":\"1\"}", "1" },
        { "{\"roomId\":\"1\",\"options\":{},\"settings\":{\"isPublic\":true}}", "1" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct join j;
        struct arena a;
        struct field_error e;
        is_int(decode(&j, &e, &a, rows[i].json), 0, "%s", rows[i].json);
        is_slice(j.room, rows[i].room, "the earlier spelling wins");
        is_str(e.text, "", "and no complaint is left");
        arena_fini(&a);
    }
}

static void test_query(void)
{
    static const struct {
        const char *query;
        int err;
        const char *room, *name;
        double duration;
    } rows[] = {
        { "roomId=a&name=b+c%21&duration=2.5", 0, "a", "b c!", 2.5 },
        { "room%49d=a&x=%20&role=host", 0, "a", "guest", 0 },
        { "roomId=a&roomId=b", 0, "b", "guest", 0 },
        { "roomId=a%20b&roomId=b", 0, "b", "guest", 0 },
        { "room=a&roomId=b&room=c", 0, "b", "guest", 0 },
        { "roomId=a&duration=&name=", 0, "a", "", 0 },
        { "ops=%5B1%5D&roomId=a", 0, "a", "guest", 0 },
        { "", ERR_BAD_FIELD, "", "", 0 },
        { "roomId=", ERR_BAD_FIELD, "", "", 0 },
        { "roomId=a&duration=x", ERR_BAD_FIELD, "", "", 0 },
        { "roomId=b&roomId=a%20b", ERR_BAD_FIELD, "", "", 0 },
        { "roomId=a&settings=%7B%7D", ERR_BAD_FIELD, "", "", 0 },
        { "roomId=%", ERR_BAD_VALUE, "", "", 0 },
        { "roomId=a&x=%zz", ERR_BAD_VALUE, "", "", 0 },
        { "roomId=a&name=%00", ERR_BAD_VALUE, "", "", 0 },
        { "roomId=a&name=%ff", ERR_BAD_UTF8, "", "", 0 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct join j;
        struct arena a;
        struct field_error e;
        arena_init(&a, 1000);
        int err = fields_decode_query(&j, &e, &a, &join_fields, slice_str(rows[i].query));
        is_int(err, rows[i].err, "?%s", rows[i].query);
        ok((err != 0) == (e.text[0] != '\0'), "%s", err ? e.text : "no complaint");
        if (!err) {
            is_slice(j.room, rows[i].room, "room");
            is_slice(j.name, rows[i].name, "name");
            ok(j.duration == rows[i].duration, "duration");
        }
        arena_fini(&a);
    }
}

static void test_sources(void)
{
    struct join j;
    struct arena a;
    struct field_error e;
    struct fields_decoder d;
    arena_init(&a, 1000);
    fields_begin(&d, &j, &e, &a, &join_fields);
    is_int(fields_add_text(&d, S("id"), S("path")), 0, "from the path");
    is_int(fields_add_text(&d, S("other"), S("?")), 0, "what the table lacks is ignored");
    is_int(fields_add_json(&d, S("{\"roomId\":\"body\",\"name\":\"body\"}")), 0, "from the body");
    is_int(fields_add_query(&d, S("roomId=query&name=query&duration=3")), 0, "from the query");
    is_int(fields_end(&d), 0, "together");
    is_slice(j.room, "path", "the first source wins, whatever the spelling");
    is_slice(j.name, "body", "then the second");
    ok(j.duration == 3, "then the third");
    fields_begin(&d, &j, &e, &a, &join_fields);
    is_int(fields_add_text(&d, S("id"), S("a b")), 0, "a bad path parameter");
    is_int(fields_add_json(&d, S("{\"roomId\":\"good\"}")), 0, "is not mended by the body");
    is_int(fields_end(&d), ERR_BAD_FIELD, "and refused at the end");
    arena_fini(&a);
}

static void decode_escaped(void *arg)
{
    (void)arg;
    struct join j;
    struct arena a;
    struct field_error e;
    arena_init(&a, 1000);
    int err = fields_decode(&j, &e, &a, &join_fields,
        S("{\"r\\u006fomId\":\"\\u0061\",\"settings\":{\"isPublic\":true},\"name\":\"\\n\"}"));
    is_int(err, fault_hit() ? ERR_TOO_BIG : 0, "decoded, or no memory is a clean error");
    is_str(e.text, err ? "The message is larger than this server accepts." : "", "and said");
    arena_fini(&a);
}

static void test_limits(void)
{
    struct join j;
    struct arena a;
    struct field_error e;
    arena_init(&a, 0);
    is_int(fields_decode(&j, &e, &a, &join_fields, S("{\"roomId\":\"a\",\"name\":\"b\",\"x\":{}}")),
        0, "plain text needs no arena");
    is_int(fields_decode(&j, &e, &a, &join_fields, S("{\"roomId\":\"\\u0061\"}")), ERR_TOO_BIG,
        "escaped text does");
    is_int(a.used_bytes, 0, "which was not used");
    arena_fini(&a);
    struct buf b;
    buf_init(&b, 10000);
    arena_init(&a, 10000);
    buf_add_str(&b, "{\"settings\":{\"deep\":");
    for (int i = 0; i < 31; i++)
        buf_add_str(&b, "{\"deep\":");
    is_int(
        fields_decode(&j, &e, &a, &join_fields, buf_slice(&b)), ERR_TOO_DEEP, "depth is bounded");
    buf_fini(&b);
    arena_fini(&a);
}

static void test_check(void)
{
    struct field_error e;
    is_int(fields_check(&e, &join_fields, sizeof(struct join)), 0, "a sound table");
    is_int(fields_check(&e, &join_fields, 40), ERR_BAD_VALUE, "a smaller struct");
    is_str(e.text, "name: the member lies outside the struct", "says which");

    struct field two[2] = { join_list[0], join_list[1] };
    const struct fields table = FIELDS(two);
    two[1].name = "room";
    is_int(fields_check(&e, &table, sizeof(struct join)), ERR_BAD_VALUE, "a name that is an alias");
    is_str(e.text, "roomId: the name is there twice", "says which");
    two[1].name = "roomId";
    is_int(fields_check(&e, &table, sizeof(struct join)), ERR_BAD_VALUE, "a name twice");
    two[1].name = "name";
    two[1].aliases[0] = "name";
    is_int(fields_check(&e, &table, sizeof(struct join)), ERR_BAD_VALUE, "an alias of itself");
    two[1].aliases[0] = NULL;
    is_int(fields_check(&e, &table, sizeof(struct join)), 0, "sound again");
    two[1].has = sizeof(struct join) + 1;
    is_int(fields_check(&e, &table, sizeof(struct join)), ERR_BAD_VALUE, "a has outside");
    two[1].has = sizeof(struct join);
    is_int(fields_check(&e, &table, sizeof(struct join)), 0, "at the very end is inside");
    two[1].max = 0;
    is_int(fields_check(&e, &table, sizeof(struct join)), ERR_BAD_VALUE, "an unsound row");
    is_str(e.text, "name: the length has no sensible limits", "says what");
    const struct fields many = { .list = join_list, .n = FIELDS_MAX + 1 };
    is_int(fields_check(&e, &many, sizeof(struct join)), ERR_BAD_VALUE, "too many rows");
}

/* A struct that begins with its own kind, so that tables can nest without end. */
struct nest {
    struct {
        int64_t x;
    } inner;
};

static void test_check_depth(void)
{
    struct field_error e;
    struct field row[5];
    struct fields table[5];
    for (int i = 4; i >= 0; i--) {
        row[i] = (struct field){ .name = "n",
            .help = "h",
            FIELD_MEMBER(struct nest, inner),
            .type = FIELD_OBJECT,
            .sub = &table[i < 4 ? i + 1 : 4] };
        table[i] = (struct fields){ .list = &row[i], .n = i < 4 ? 1 : 0 };
    }
    is_int(fields_check(&e, &table[0], sizeof(struct nest)), ERR_BAD_VALUE, "four inner tables");
    is_int(fields_check(&e, &table[1], sizeof(struct nest)), 0, "three");
}

int main(void)
{
    test_all_given();
    test_absent();
    test_complaints();
    test_aliases();
    test_query();
    test_sources();
    test_limits();
    test_check();
    test_check_depth();
    fault_each(FAULT_ALLOC, decode_escaped, NULL);
    return done();
}
