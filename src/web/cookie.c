#include "web/cookie.h"

#include "auth/jws.h"
#include "web/cors.h"

#define SESSION_COOKIE_BYTES (JWS_MAX_BYTES + 128)

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

static const char *session_name(const struct request *r)
{
    return r->is_secure ? COOKIE_SESSION_TLS : COOKIE_SESSION;
}

struct slice cookie_session(const struct request *r)
{
    return cookie_find(r, slice_str(session_name(r)));
}

int cookie_give_session(struct slice *out, struct request *r, struct slice token, uint64_t seconds)
{
    struct buf value;
    buf_init(&value, SESSION_COOKIE_BYTES);
    buf_add_str(&value, session_name(r));
    buf_add_char(&value, '=');
    buf_add_slice(&value, token);
    buf_add_str(&value, "; Max-Age=");
    buf_add_u64(&value, token.len > 0 ? seconds : 0);
    buf_add_str(&value, "; Path=/; HttpOnly; SameSite=Lax");
    if (r->is_secure)
        buf_add_str(&value, "; Secure");
    int err = buf_err(&value);
    if (!err)
        err = arena_copy(out, &r->arena, buf_slice(&value));
    buf_fini(&value);
    return err;
}
