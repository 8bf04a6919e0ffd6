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

static enum http1_method served_as(enum http1_method method)
{
    return method == HTTP1_HEAD ? HTTP1_GET : method;
}

enum route_match route_find(struct request *r, const struct route *table, size_t n)
{
    enum route_match result = ROUTE_NOT_FOUND;
    enum http1_method method = served_as(r->head.method);
    for (size_t i = 0; i < n; i++) {
        if (!matches(r->params, slice_str(table[i].pattern), r->path))
            continue;
        result = ROUTE_OTHER_METHOD;
        if (table[i].method != method && !table[i].is_any_method)
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
    { .method = HTTP1_GET, .name = "GET, HEAD" },
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
        if (matches(params, slice_str(table[i].pattern), r->path))
            taken |= table[i].is_any_method ? ~0u : 1u << table[i].method;
    }
    for (size_t i = 0; i < sizeof method_names / sizeof *method_names; i++) {
        if (!(taken & 1u << method_names[i].method))
            continue;
        buf_add_str(out, method_names[i].name);
        buf_add_str(out, ", ");
    }
    buf_add_str(out, "OPTIONS");
}
