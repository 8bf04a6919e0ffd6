#include "web/asker.h"

#include "hub/pass.h"
#include "web/cookie.h"
#include "web/front.h"
#include "web/lobby.h"

static const char wants_token[] = "This server lets nobody in without a token: log in first.";

/* p is NULL where there is none. */
static struct slice find_token(struct request *r)
{
    struct slice scheme = S("Bearer ");
    struct slice header = request_header(r, S("Authorization"));
    if (slice_eq_nocase(slice_take(header, scheme.len), scheme))
        return slice_trim(slice_drop(header, scheme.len));
    return request_query(r, S("token"));
}

static int judge(struct asker *out, struct arena *arena, const struct hub *hub, struct slice text)
{
    struct token token;
    int err = pass_judge(&token, arena, hub, text);
    out->who = token.who;
    out->expires_at_ms = token.expires_at_ms;
    out->why = token.why;
    out->is_known = !err;
    return err;
}

static int judge_cookie(
    struct asker *out, struct arena *arena, const struct hub *hub, struct slice cookie)
{
    int err = judge(out, arena, hub, cookie);
    out->has_bad_cookie = err == ERR_UNAUTHORIZED;
    return out->has_bad_cookie ? 0 : err;
}

int asker_judge(struct asker *out, struct arena *arena, const struct hub *hub, struct slice token,
    struct slice cookie)
{
    bool wants = hub_settings(hub)->auth_mode == AUTH_REQUIRED;
    int err = 0;
    *out = (struct asker){ .has_token = token.len > 0, .why = "" };
    if (token.len > 0)
        err = judge(out, arena, hub, token);
    else if (cookie.len > 0)
        err = judge_cookie(out, arena, hub, cookie);
    bool is_guest = !out->is_known || out->who.is_guest;
    if (err || !wants || !is_guest)
        return err;
    out->why = wants_token;
    return ERR_UNAUTHORIZED;
}

int asker_find(struct asker *out, struct request *r)
{
    return asker_judge(out, &r->arena, r->front->lobby->hub, find_token(r), cookie_session(r));
}
