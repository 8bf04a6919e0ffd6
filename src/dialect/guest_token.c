#include "dialect/guest_token.h"

#include "auth/token.h"

void guest_token_put(struct json_writer *w, const struct view *v, const struct member *m)
{
    const struct token_key key = { .secret = v->settings->token_secret };
    struct token_claims claims = {
        .who = { .user_id = slice_str(m->user_id),
            .name = slice_str(m->name),
            .avatar_url = slice_str(m->avatar_url),
            .is_guest = true },
        .now_ms = v->now_ms,
        .ttl_ms = v->settings->token_ttl_ms,
    };
    struct arena arena;
    struct slice token;
    if (!m->is_guest || key.secret.len == 0)
        return;
    arena_init(&arena, TOKEN_ARENA_BYTES);
    if (token_mint(&token, &arena, &key, &claims) == 0)
        jw_field_str(w, "token", token);
    arena_fini(&arena);
}
