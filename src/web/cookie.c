#include "web/cookie.h"

#include "web/cors.h"

struct slice cookie_value(struct slice header, struct slice name)
{
    struct slice pair;
    while (slice_cut(&pair, &header, ';')) {
        pair = slice_trim(pair);
        ptrdiff_t at = slice_find(pair, '=');
        if (at >= 0 && slice_eq(slice_take(pair, (size_t)at), name))
            return slice_drop(pair, (size_t)at + 1);
    }
    return (struct slice){ .p = NULL };
}

static bool is_read(const struct request *r)
{
    return r->head.method == HTTP1_GET || r->head.method == HTTP1_HEAD;
}

static bool counts(const struct request *r)
{
    struct slice site = request_header(r, S("Sec-Fetch-Site"));
    if (request_header(r, S("Origin")).p)
        return cors_origin_may_connect(r);
    return is_read(r) && (slice_eq(site, S("same-origin")) || slice_eq(site, S("none")));
}

struct slice cookie_find(const struct request *r, struct slice name)
{
    struct slice header = request_header(r, S("Cookie"));
    if (!header.p || !counts(r))
        return (struct slice){ .p = NULL };
    return cookie_value(header, name);
}
