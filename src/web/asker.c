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

int asker_find(struct asker *out, struct request *r)
{
    const struct hub *hub = r->front->lobby->hub;
    struct slice text = find_token(r);
    struct token token;
    struct token_key key = { .secret = hub_settings(hub)->token_secret };
    *out = (struct asker){ .why = "" };
    if (text.len == 0) {
        out->why = wants_token;
        return hub_settings(hub)->auth_mode == AUTH_REQUIRED ? ERR_UNAUTHORIZED : 0;
    }
    int err = token_verify(&token, &r->arena, &key, text, loop_wall_ms(r->front->loop));
    out->has_token = true;
    out->why = token.why;
    out->who = token.who;
    out->is_known = !err;
    if (!err && token.who.is_guest && hub_settings(hub)->auth_mode == AUTH_REQUIRED) {
        out->why = wants_token;
        err = ERR_UNAUTHORIZED;
    }
    return err;
}
