/* Which row of a table of routes an address and a method lead to. */
#include "web/route.h"

#include "tap.h"
#include "web/request.h"

#include <stdio.h>

/* clang-format off */
static const struct route table[] = {
    { .pattern = "/rooms", .method = HTTP1_GET },
    { .pattern = "/rooms", .method = HTTP1_POST },
    { .pattern = "/rooms/new", .method = HTTP1_GET },
    { .pattern = "/rooms/{room_id}", .method = HTTP1_GET },
    { .pattern = "/rooms/{room_id}", .method = HTTP1_DELETE },
    { .pattern = "/rooms/{room_id}/users/{user_id}", .method = HTTP1_PATCH },
    { .pattern = "/files/*", .method = HTTP1_GET },
    { .pattern = "/any/*", .is_any_method = true },
    { .pattern = "/", .method = HTTP1_PUT },
    { .pattern = "/{a}/{b}/{c}/{d}/deep", .method = HTTP1_GET },
};
/* clang-format on */
#define TABLE_N (sizeof table / sizeof *table)

#define NONE  (-1)
#define OTHER (-2)

static const struct {
    const char *path;
    enum http1_method method;
    int row; /* or NONE, OTHER */
    const char *params;
} lookups[] = {
    { "/rooms", HTTP1_GET, 0, "" },
    { "/rooms", HTTP1_HEAD, 0, "" },
    { "/rooms", HTTP1_POST, 1, "" },
    { "/rooms", HTTP1_PUT, OTHER, "" },
    { "/rooms", HTTP1_OPTIONS, OTHER, "" },
    { "/rooms", HTTP1_OTHER, OTHER, "" },
    { "/room", HTTP1_GET, NONE, "" },
    { "/roomss", HTTP1_GET, NONE, "" },
    { "/Rooms", HTTP1_GET, NONE, "" },
    { "rooms", HTTP1_GET, NONE, "" },
    { "", HTTP1_GET, NONE, "" },
    { "/rooms/new", HTTP1_GET, 2, "" },
    { "/rooms/new", HTTP1_DELETE, 4, "new" },
    { "/rooms/7", HTTP1_GET, 3, "7" },
    { "/rooms/7", HTTP1_HEAD, 3, "7" },
    { "/rooms/7", HTTP1_POST, OTHER, "" },
    { "/rooms/{room_id}", HTTP1_GET, 3, "{room_id}" },
    { "/rooms/", HTTP1_GET, 0, "" }, /* one slash at the end is none */
    { "/rooms/7/", HTTP1_GET, 3, "7" },
    { "/rooms//", HTTP1_GET, NONE, "" },
    { "//rooms", HTTP1_GET, NONE, "" },
    { "/rooms/7/users", HTTP1_GET, NONE, "" },
    { "/rooms/7/users/8", HTTP1_PATCH, 5, "7 8" },
    { "/rooms/7/users/8", HTTP1_GET, OTHER, "" },
    { "/rooms//users/8", HTTP1_PATCH, NONE, "" },
    { "/rooms/7/users/8/9", HTTP1_PATCH, NONE, "" },
    { "/files/", HTTP1_GET, 6, "" },
    { "/files/a", HTTP1_GET, 6, "" },
    { "/files/a/b/c", HTTP1_GET, 6, "" },
    { "/files/a", HTTP1_POST, OTHER, "" },
    { "/files", HTTP1_GET, NONE, "" },
    { "/filesa", HTTP1_GET, NONE, "" },
    { "/any/x", HTTP1_GET, 7, "" },
    { "/any/x", HTTP1_HEAD, 7, "" },
    { "/any/x", HTTP1_DELETE, 7, "" },
    { "/any/x", HTTP1_OPTIONS, 7, "" },
    { "/any/x", HTTP1_OTHER, 7, "" },
    { "/", HTTP1_PUT, 8, "" },
    { "/", HTTP1_GET, OTHER, "" },
    { "//", HTTP1_PUT, NONE, "" },
    { "/1/2/3/4/deep", HTTP1_GET, 9, "1 2 3 4" },
    { "/1/2/3/4/shallow", HTTP1_GET, NONE, "" },
};

static void join_params(char *out, size_t size, const struct request *r, unsigned n)
{
    size_t at = 0;
    out[0] = 0;
    for (unsigned i = 0; i < n; i++) {
        at += (size_t)snprintf(
            out + at, size - at, "%s%.*s", i ? " " : "", (int)r->params[i].len, r->params[i].p);
    }
}

static unsigned count_braces(const char *pattern)
{
    unsigned n = 0;
    for (; *pattern; pattern++)
        n += *pattern == '{';
    return n;
}

static int look_up(char *params, size_t size, const char *path, enum http1_method method)
{
    struct request r = { .path = slice_str(path), .head = { .method = method } };
    enum route_match match = route_find(&r, table, TABLE_N);
    params[0] = 0;
    if (match == ROUTE_NOT_FOUND || match == ROUTE_OTHER_METHOD) {
        ok(r.route == NULL, "no route is set for %s", path);
        return match == ROUTE_NOT_FOUND ? NONE : OTHER;
    }
    join_params(params, size, &r, count_braces(r.route->pattern));
    return (int)(r.route - table);
}

static void test_find(void)
{
    for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++) {
        char params[100];
        int row = look_up(params, sizeof params, lookups[i].path, lookups[i].method);
        is_int(row, lookups[i].row, "'%s' by method %u", lookups[i].path, lookups[i].method);
        is_str(params, lookups[i].params, "with its parameters");
    }
}

static const struct {
    const char *path;
    const char *methods;
} allows[] = {
    { "/rooms", "GET, HEAD, POST, OPTIONS" },
    { "/rooms/new", "GET, HEAD, DELETE, OPTIONS" },
    { "/rooms/7/users/8", "PATCH, OPTIONS" },
    { "/files/a", "GET, HEAD, OPTIONS" },
    { "/", "PUT, OPTIONS" },
    { "/any/x", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" },
    { "/none", "OPTIONS" },
};

static void test_methods(void)
{
    for (size_t i = 0; i < sizeof allows / sizeof *allows; i++) {
        struct request r = { .path = slice_str(allows[i].path) };
        struct buf out;
        buf_init(&out, 64);
        route_methods(&out, &r, table, TABLE_N);
        is_slice(out, allows[i].methods, "what %s takes", allows[i].path);
        buf_fini(&out);
    }
}

/* The product's own table. */
static void test_product(void)
{
    unsigned bad = 0;
    unsigned hidden = 0;
    for (size_t i = 0; i < routes_n; i++) {
        bad += routes[i].pattern[0] != '/' || !routes[i].handle || !routes[i].help;
        bad += count_braces(routes[i].pattern) > REQUEST_MAX_PARAMS;
        struct request r = { .path = slice_str(routes[i].pattern),
            .is_admin = routes[i].who == ROUTE_ADMIN,
            .head = { .method = routes[i].method } };
        hidden += route_find(&r, routes, routes_n) != ROUTE_FOUND || r.route != &routes[i];
    }
    is_int(bad, 0, "every row has a path, a handler and a sentence about it");
    is_int(hidden, 0, "no row stands in front of another");
}

int main(void)
{
    test_find();
    test_methods();
    test_product();
    return done();
}
