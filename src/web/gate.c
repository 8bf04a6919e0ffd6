#include "web/gate.h"

#include "base/url.h"
#include "web/conn.h"
#include "web/cors.h"
#include "web/reply.h"
#include "web/static.h"

#include <openssl/crypto.h>

#define METHODS_BYTES  64
#define LOCATION_BYTES 8192 /* longer links are not followed by everyone anyway */

/* A browser that typed http:// on a port with TLS is sent to https://; nothing else is served
 * there in the clear. The name to go to is only taken from where it cannot lead astray. */
static void send_to_tls(struct request *r)
{
    const struct web_settings *s = r->front->settings;
    struct buf to;
    struct slice host = s->public_host.len ? s->public_host : r->head.host;
    buf_init(&to, LOCATION_BYTES);
    buf_add_str(&to, "https://");
    buf_add_slice(&to, host);
    buf_add_slice(&to, r->head.path);
    if (r->head.query.len) {
        buf_add_char(&to, '?');
        buf_add_slice(&to, r->head.query);
    }
    bool is_safe = r->head.method == HTTP1_GET || r->head.method == HTTP1_HEAD;
    if (is_safe && cors_host_is_safe(r, host) && !buf_err(&to) &&
        slice_starts(r->head.path, S("/")))
        reply_redirect(r, 308, buf_slice(&to));
    else
        reply_error_text(r, ERR_BAD_REQUEST, S("This port speaks https."));
    buf_fini(&to);
}

/* Secrets are compared in a time that does not tell how much of them was right. */
static bool shows_token(const struct request *r)
{
    struct slice token = r->front->settings->metrics_token;
    struct slice given = request_header(r, S("Authorization"));
    struct slice scheme = S("Bearer ");
    if (!token.len || !slice_eq_nocase(slice_take(given, scheme.len), scheme))
        return false;
    given = slice_drop(given, scheme.len);
    return given.len == token.len && CRYPTO_memcmp(given.p, token.p, token.len) == 0;
}

/* A peer that forwards for somebody without being trusted to may be anybody's messenger: a proxy on
 * this machine of which we were not told. */
static bool is_near(const struct request *r)
{
    bool is_forwarded = request_header(r, S("X-Forwarded-For")).p != NULL;
    bool is_known = gate_is_proxy(r->front->settings, stream_peer(r->conn->stream));
    return ip_is_private(r->peer) && (is_known || !is_forwarded);
}

static int may_call(const struct request *r)
{
    if (r->route->who == ROUTE_OPERATOR && !is_near(r) && !shows_token(r))
        return ERR_FORBIDDEN;
    return 0;
}

bool gate_is_proxy(const struct web_settings *s, struct ip ip)
{
    static const struct ip unix_socket;
    if (memcmp(&ip, &unix_socket, sizeof ip) == 0)
        return true;
    for (size_t i = 0; i < s->n_proxies; i++) {
        if (ip_range_has(&s->proxies[i], ip))
            return true;
    }
    return false;
}

/* Cuts off what stands behind the last comma; false when nothing is left. */
static bool cut_last(struct slice *hop, struct slice *list)
{
    size_t at = list->len;
    while (at > 0 && list->p[at - 1] != ',')
        at--;
    *hop = slice_trim(slice_drop(*list, at));
    bool is_one = list->len > 0;
    *list = slice_take(*list, at ? at - 1 : 0);
    return is_one;
}

/* Behind a trusted proxy the peer is the nearest hop that is not one. Each proxy writes behind what
 * came to it, in the same line or in one of its own; so the way is gone backwards, and what lies
 * before the nearest stranger may be his invention. A hop that is no address is a stranger too. */
static void find_peer(struct request *r)
{
    static const struct ip stranger = { .bytes = { [10] = 0xff, 0xff } }; /* 0.0.0.0 */
    const struct web_settings *s = r->front->settings;
    if (!gate_is_proxy(s, r->peer))
        return;
    for (unsigned i = r->head.n_headers; i-- > 0;) {
        struct slice list = r->head.headers[i].value;
        struct slice hop;
        if (!slice_eq_nocase(r->head.headers[i].name, S("X-Forwarded-For")))
            continue;
        while (gate_is_proxy(s, r->peer) && cut_last(&hop, &list)) {
            if (ip_parse(&r->peer, hop))
                r->peer = stranger;
        }
    }
    struct slice scheme = request_header(r, S("X-Forwarded-Proto"));
    r->is_secure = r->is_secure || slice_eq_nocase(scheme, S("https"));
}

static int find_path(struct request *r)
{
    int err = url_check_path(r->head.path);
    if (err)
        return err;
    return url_decode(&r->path, &r->arena, r->head.path, 0);
}

static void refuse_method(struct request *r)
{
    struct slice methods_advice = S("This address does not take this method; see Allow.");
    struct reply reply;
    struct buf methods;
    buf_init(&methods, METHODS_BYTES);
    route_methods(&methods, r, routes, routes_n);
    if (r->head.method == HTTP1_OPTIONS) {
        cors_preflight(r, buf_slice(&methods));
    } else {
        reply_error_begin(&reply, r, ERR_METHOD_NOT_ALLOWED);
        reply_header(&reply, "Allow", buf_slice(&methods));
        reply_error_body(&reply, ERR_METHOD_NOT_ALLOWED, methods_advice);
    }
    buf_fini(&methods);
}

static bool is_plain_refused(const struct request *r)
{
    bool is_plain_safe = r->route && r->route->is_plain_safe && ip_is_private(r->peer);
    return stream_is_plain_on_tls(r->conn->stream) && !is_plain_safe;
}

static bool admit_to_route(struct request *r)
{
    const struct route *route = r->route;
    int err = may_call(r);
    if (!err && route->is_socket && !cors_origin_may_connect(r))
        err = ERR_BAD_ORIGIN;
    if (err)
        reply_error(r, err);
    return !err;
}

bool gate_admit(struct request *r)
{
    int err = 0;
    find_peer(r);
    if (!cors_host_is_ours(r))
        err = ERR_MISDIRECTED;
    if (!err && slice_eq(r->head.path, S("*"))) {
        cors_preflight(r, S("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
        return false;
    }
    if (!err)
        err = find_path(r);
    if (err) {
        reply_error(r, err);
        return false;
    }
    enum route_match match = ROUTE_NOT_FOUND;
    if (r->head.wants_upgrade || r->is_admin || !static_has(r->path))
        match = route_find(r, routes, routes_n);
    bool is_strange = cors_is_for_files(r) && !(match == ROUTE_FOUND && r->route->is_files);
    if (is_plain_refused(r))
        send_to_tls(r);
    else if (is_strange)
        reply_error(r, ERR_NOT_FOUND);
    else if (match == ROUTE_FOUND)
        return admit_to_route(r);
    else if (match == ROUTE_OTHER_METHOD)
        refuse_method(r);
    else if (r->is_admin)
        reply_error(r, ERR_NOT_FOUND);
    else
        static_serve(r);
    return false;
}
