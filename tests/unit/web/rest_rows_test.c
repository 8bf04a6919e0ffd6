/* The rows of the REST interface are whole: their tables are sound, what the path names is taken,
 * examples are JSON, and everything says what it is for. */
#include "tap.h"
#include "web/rest.h"
#include "web/route.h"

#include <string.h>

static bool has_field(const struct fields *table, struct slice name)
{
    for (size_t i = 0; table && i < table->n; i++) {
        if (slice_eq(slice_str(table->list[i].name), name))
            return true;
    }
    return false;
}

static void check_path(const struct route *route)
{
    struct slice part, pattern = slice_str(route->pattern);
    while (slice_cut(&part, &pattern, '/')) {
        if (part.len == 0 || part.p[0] != '{')
            continue;
        struct slice name = slice_of(part.p + 1, part.len - 2);
        ok(has_field(route->rest->takes, name), "%s: its parameter is taken", route->pattern);
    }
}

static void check_fields(const struct route *route)
{
    const struct rest_row *row = route->rest;
    struct field_error error = { .text = "" };
    if (row->takes && fields_check(&error, row->takes, row->args_bytes))
        is_str(error.text, "", "%s: takes what is sound", route->pattern);
    if (row->also && fields_check(&error, row->also, row->args_bytes))
        is_str(error.text, "", "%s: and also", route->pattern);
    ok(row->room == REST_NO_ROOM || row->room_at < row->args_bytes, "%s: its room", route->pattern);
    ok(!row->also || route->body_bytes > 0, "%s: further fields are of a body", route->pattern);
}

static bool is_json(const char *text)
{
    struct arena arena;
    struct json_value v;
    arena_init(&arena, 1u << 20);
    int err = json_read_whole(&v, slice_str(text), &arena);
    arena_fini(&arena);
    return !err && (v.type == JSON_OBJECT || v.type == JSON_ARRAY);
}

static void check(const struct route *route)
{
    const struct rest_row *row = route->rest;
    ok(route->handle == rest_handle && row->act, "%s: is handled", route->pattern);
    ok(route->help && route->help[strlen(route->help) - 1] == '.', "%s: help", route->pattern);
    bool may_have_body = route->method != HTTP1_GET;
    bool must_have_body = may_have_body && route->method != HTTP1_DELETE;
    ok(route->body_bytes > 0 ? may_have_body : !must_have_body, "%s: a body where one belongs",
        route->pattern);
    if (row->gives_status == 204)
        ok(row->gives == NULL, "%s: gives nothing", route->pattern);
    else
        ok(row->gives && is_json(row->gives), "%s: gives JSON", route->pattern);
    check_fields(route);
    check_path(route);
}

int main(void)
{
    unsigned n = 0;
    for (size_t i = 0; i < routes_n; i++) {
        if (!routes[i].rest)
            continue;
        check(&routes[i]);
        n++;
    }
    ok(n >= 14, "all of them: %u", n);
    return done();
}
