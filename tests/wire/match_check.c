#include "match_check.h"

#include "match.h"
#include "tap.h"

static const struct {
    const char *want;
    const char *got;
    bool is_match;
} table[] = {
    { "{\"a\":1,\"b\":[true,null]}", "{\"b\":[true,null],\"a\":1.0}", true },
    { "{\"a\":1}", "{\"a\":2}", false },
    { "{\"a\":1}", "{\"a\":\"1\"}", false },
    { "{\"a\":9007199254740993}", "{\"a\":9007199254740992}", false },
    { "{\"a\":true}", "{\"a\":false}", false },
    { "{\"a\":null}", "{}", false },
    { "{\"a\":1}", "{\"a\":1,\"b\":2}", false },
    { "{\"a\":1,\"*\":\"*\"}", "{\"a\":1,\"b\":2}", true },
    { "{\"a\":1,\"*\":\"*\"}", "{\"b\":2}", false },
    { "{\"a\":\"*\"}", "{\"a\":{\"b\":[]}}", true },
    { "{\"a\":\"*\"}", "{}", false },
    { "[1,2]", "[1,2]", true },
    { "[1,2]", "[2,1]", false },
    { "[1,2]", "[1]", false },
    { "[1]", "[1,2]", false },
    { "[]", "[1]", false },
    { "[1,\"...\"]", "[1,2,3]", true },
    { "[1,\"...\"]", "[1]", true },
    { "[1,\"...\"]", "[]", false },
    { "[\"...\"]", "[]", true },
    { "[]", "{}", false },
    { "\"a\\u0041\"", "\"aA\"", true },
    { "{\"a\\u0041\":1}", "{\"aA\":1}", true },
    { "\"$new\"", "{\"any\":[1]}", true },
    { "[\"$new\",\"$new\"]", "[\"x\",\"x\"]", true },
    { "[\"$new\",\"$new\"]", "[\"x\",\"y\"]", false },
    { "[\"$new\",\"$new\"]", "[{\"a\":1},{\"a\":1}]", true },
    { "[\"$new\",\"$new\"]", "[{\"a\":1},{\"a\":2}]", false },
    { "\"$known\"", "\"a \\\"value\\\"\"", true },
    { "\"$known\"", "\"another\"", false },
    { "\"$known\"", "7", false },
    { "\"$$known\"", "\"$known\"", true },
    { "\"$*\"", "\"*\"", true },
    { "\"$*\"", "\"x\"", false },
    { "\"$\"", "\"$\"", true },
    { "{", "{}", false },
    { "{}", "{", false },
};

static const struct {
    const char *json;
    const char *filled; /* NULL: it cannot be */
} fillings[] = {
    { "{\"a\":\"$known\", \"b\":[1,\"$number\"]}", "{\"a\":\"a \\\"value\\\"\",\"b\":[1,7]}" },
    { "{\"a\":\"$nobody\"}", NULL },
    { "\"$$known\"", "\"$known\"" },
    { "\"*\"", "\"*\"" },
    { "{\"a\":", "{\"a\":" },
    { "{\"a\":\"$known\"", "{\"a\":\"$known\"" },
};

static void begin(struct names *n, struct arena *arena)
{
    arena_init(arena, 1 << 20);
    *n = (struct names){ .arena = arena };
    ok(names_set_text(n, S("known"), S("another")) == 0 &&
            names_set_text(n, S("known"), S("a \"value\"")) == 0 &&
            names_set(n, S("number"), S("7")) == 0 && n->n == 2,
        "values are remembered, and replaced");
}

static void check_matches(void)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct arena arena;
        struct names names;
        struct buf diff;
        arena_init(&arena, 1 << 20);
        buf_init(&diff, 1 << 16);
        names = (struct names){ .arena = &arena };
        bool is_set = names_set_text(&names, S("known"), S("a \"value\"")) == 0;
        bool is_match = match_json(
            &diff, &names, slice_str(table[i].want), slice_str(table[i].got));
        bool is_right = is_set && is_match == table[i].is_match && is_match == (diff.len == 0);
        if (!is_right)
            note("%s against %s: %.*s", table[i].want, table[i].got, (int)diff.len, diff.p);
        wrong += !is_right;
        buf_fini(&diff);
        arena_fini(&arena);
    }
    is_int(wrong, 0, "what matches, and what does not, with a difference to show");
}

static void check_fillings(void)
{
    struct arena arena;
    struct names names;
    begin(&names, &arena);
    for (size_t i = 0; i < sizeof(fillings) / sizeof(fillings[0]); i++) {
        struct slice out = S(""), unknown = S("");
        int err = names_fill(&out, &unknown, &names, slice_str(fillings[i].json));
        if (fillings[i].filled != NULL)
            is_slice(out, fillings[i].filled, "%s is filled in", fillings[i].json);
        else
            is_int(err, ERR_NOT_FOUND, "%s cannot be filled in", fillings[i].json);
    }
    arena_fini(&arena);
}

void match_check(void)
{
    check_matches();
    check_fillings();
}
