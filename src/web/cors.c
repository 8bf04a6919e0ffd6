#include "web/cors.h"

#include "web/front.h"
#include "web/reply.h"

static struct slice origin_of(const struct request *r)
{
    return request_header(r, S("Origin"));
}

static bool is_listed(const struct request *r, struct slice origin)
{
    const struct web_settings *s = r->front->settings;
    for (size_t i = 0; i < s->n_origins; i++) {
        if (slice_eq_nocase(s->origins[i], origin))
            return true;
    }
    return false;
}

/* Where no public address is configured, a page is ours when it names the host it calls. */
static bool is_own(const struct request *r, struct slice origin)
{
    const struct web_settings *s = r->front->settings;
    if (s->public_url.len)
        return slice_eq_nocase(s->public_url, origin);
    struct slice scheme = r->is_secure ? S("https://") : S("http://");
    return slice_starts(origin, scheme) &&
        slice_eq_nocase(slice_drop(origin, scheme.len), r->head.host);
}

bool cors_host_is_ours(const struct request *r)
{
    const struct web_settings *s = r->front->settings;
    struct slice host = r->head.host;
    if (!s->public_url.len || slice_eq_nocase(s->public_host, host))
        return true;
    /* Health checks and the machine itself call by address. */
    struct ip ip;
    struct slice name = host;
    ptrdiff_t colon = -1;
    for (size_t i = 0; i < host.len; i++) {
        if (host.p[i] == ':')
            colon = (ptrdiff_t)i;
    }
    if (colon >= 0 && host.p[host.len - 1] != ']')
        name = slice_take(host, (size_t)colon);
    bool is_local = slice_eq_nocase(name, S("localhost")) || ip_parse(&ip, name) == 0;
    return is_local && ip_is_private(r->peer);
}

bool cors_origin_may_connect(const struct request *r)
{
    struct slice origin = origin_of(r);
    return !origin.p || is_own(r, origin) || is_listed(r, origin);
}

void cors_write(struct buf *out, const struct request *r)
{
    if (r->front->settings->n_origins == 0)
        return;
    struct slice origin = origin_of(r);
    http1_write_header(out, "Vary", S("Origin"));
    if (!origin.p || !is_listed(r, origin))
        return;
    http1_write_header(out, "Access-Control-Allow-Origin", origin);
    http1_write_header(out, "Access-Control-Allow-Credentials", S("true"));
}

void cors_preflight(struct request *r, struct slice methods)
{
    struct reply reply;
    struct slice origin = origin_of(r);
    struct slice headers = request_header(r, S("Access-Control-Request-Headers"));
    reply_begin(&reply, r, 204);
    reply_header(&reply, "Allow", methods);
    if (origin.p && is_listed(r, origin)) {
        reply_header(&reply, "Access-Control-Allow-Methods", methods);
        if (headers.len)
            reply_header(&reply, "Access-Control-Allow-Headers", headers);
        reply_header(&reply, "Access-Control-Max-Age", S("600"));
    }
    reply_no_body(&reply);
}
