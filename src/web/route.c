#include "web/route.h"

#include "web/request.h"

/* Whether `path` is of the pattern's form; its parameters go to `params`. */
static bool matches(
    struct slice params[REQUEST_MAX_PARAMS], struct slice pattern, struct slice path)
{
    unsigned n = 0;
    struct slice want;
    struct slice have;
    if (slice_ends(pattern, S("/*")))
        return slice_starts(path, slice_take(pattern, pattern.len - 1));
    for (;;) {
        bool more_pattern = slice_cut(&want, &pattern, '/');
        bool more_path = slice_cut(&have, &path, '/');
        if (!more_pattern || !more_path)
            return more_pattern == more_path;
        if (want.len && want.p[0] == '{' && have.len && n < REQUEST_MAX_PARAMS)
            params[n++] = have;
        else if (!slice_eq(want, have))
            return false;
    }
}

bool route_fits(struct slice pattern, struct slice path)
{
    struct slice params[REQUEST_MAX_PARAMS];
    return matches(params, pattern, path);
}

/* Each kind of socket has addresses of its own. */
static bool is_here(const struct request *r, const struct route *route)
{
    return (route->who == ROUTE_ADMIN) == r->is_admin;
}

static bool serves(const struct route *route, enum http1_method method)
{
    bool is_head_of_get = method == HTTP1_HEAD && route->method == HTTP1_GET;
    return route->is_any_method || route->method == method || is_head_of_get;
}

enum route_match route_find(struct request *r, const struct route *table, size_t n)
{
    enum route_match result = ROUTE_NOT_FOUND;
    for (size_t i = 0; i < n; i++) {
        if (!is_here(r, &table[i]) || !matches(r->params, slice_str(table[i].pattern), r->path))
            continue;
        result = ROUTE_OTHER_METHOD;
        if (!serves(&table[i], r->head.method))
            continue;
        r->route = &table[i];
        return ROUTE_FOUND;
    }
    return result;
}

static const struct {
    enum http1_method method;
    const char *name;
} method_names[] = {
    { .method = HTTP1_GET, .name = "GET" },
    { .method = HTTP1_HEAD, .name = "HEAD" },
    { .method = HTTP1_POST, .name = "POST" },
    { .method = HTTP1_PUT, .name = "PUT" },
    { .method = HTTP1_PATCH, .name = "PATCH" },
    { .method = HTTP1_DELETE, .name = "DELETE" },
};

void route_methods(struct buf *out, const struct request *r, const struct route *table, size_t n)
{
    struct slice params[REQUEST_MAX_PARAMS];
    unsigned taken = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_here(r, &table[i]) && matches(params, slice_str(table[i].pattern), r->path))
            taken |= table[i].is_any_method ? ~0u : 1u << table[i].method;
    }
    if (taken & 1u << HTTP1_GET)
        taken |= 1u << HTTP1_HEAD;
    for (size_t i = 0; i < sizeof method_names / sizeof *method_names; i++) {
        if (!(taken & 1u << method_names[i].method))
            continue;
        buf_add_str(out, method_names[i].name);
        buf_add_str(out, ", ");
    }
    buf_add_str(out, "OPTIONS");
}
