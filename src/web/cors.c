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

/* Without its port; an IPv6 address keeps its brackets. */
static struct slice name_of(struct slice host)
{
    size_t at = host.len;
    while (at > 0 && host.p[at - 1] >= '0' && host.p[at - 1] <= '9')
        at--;
    bool has_port = at > 0 && host.p[at - 1] == ':';
    return has_port ? slice_take(host, at - 1) : host;
}

static bool is_address(struct slice host)
{
    struct ip ip;
    struct slice name = name_of(host);
    return slice_eq_nocase(name, S("localhost")) || ip_parse(&ip, name) == 0;
}

/* With or without the port that its scheme implies. */
static bool is_public(const struct web_settings *s, struct slice host)
{
    bool is_https = slice_starts(s->public_url, S("https:"));
    struct slice usual = is_https ? S(":443") : S(":80");
    if (slice_ends(host, usual))
        host = slice_take(host, host.len - usual.len);
    return s->public_url.len && slice_eq_nocase(s->public_host, host);
}

bool cors_is_for_files(const struct request *r)
{
    struct slice host = r->front->settings->files_host;
    return host.len > 0 && slice_eq_nocase(r->head.host, host);
}

/* Health checks and the machine itself call by address. */
bool cors_host_is_ours(const struct request *r)
{
    const struct web_settings *s = r->front->settings;
    struct slice host = r->head.host;
    if (!s->public_url.len || is_public(s, host) || cors_is_for_files(r))
        return true;
    return is_address(host) && ip_is_private(r->peer);
}

bool cors_host_is_safe(const struct request *r, struct slice host)
{
    return is_public(r->front->settings, host) || is_address(host);
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
