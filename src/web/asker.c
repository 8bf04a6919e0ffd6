#include "web/asker.h"

#include "auth/token.h"
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

int asker_judge(struct asker *out, struct arena *arena, const struct hub *hub, struct slice text)
{
    const struct hub_settings *settings = hub_settings(hub);
    struct token_key key = { .secret = settings->token_secret };
    struct token token = { .why = wants_token };
    int err = 0;
    *out = (struct asker){ .has_token = text.len > 0 };
    if (out->has_token)
        err = token_verify(&token, arena, &key, text, loop_wall_ms(hub_loop(hub)));
    out->who = token.who;
    out->why = token.why;
    out->is_known = out->has_token && !err;
    bool is_guest = !out->is_known || token.who.is_guest;
    if (err || !is_guest || settings->auth_mode != AUTH_REQUIRED)
        return err;
    out->why = wants_token;
    return ERR_UNAUTHORIZED;
}

int asker_find(struct asker *out, struct request *r)
{
    return asker_judge(out, &r->arena, r->front->lobby->hub, find_token(r));
}
