#include "auth/livekit.h"

#include "auth/jws.h"
#include "base/json_write.h"
#include "base/panic.h"

#define SECOND_MS 1000

static void write_video(struct json_writer *w, const struct livekit_grant *g)
{
    jw_field_object(w, "video");
    jw_field_str(w, "room", g->room);
    jw_field_bool(w, "roomJoin", true);
    jw_field_bool(w, "canPublish", g->can_publish);
    jw_field_bool(w, "canSubscribe", g->can_subscribe);
    jw_field_bool(w, "canPublishData", g->can_publish_data);
    jw_end(w);
}

/* LiveKit takes an absent permission for granted, so each is said. */
static void write_claims(struct buf *out, struct slice api_key, const struct livekit_grant *g)
{
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    jw_field_str(&w, "iss", api_key);
    jw_field_str(&w, "sub", g->identity);
    if (g->name.len > 0)
        jw_field_str(&w, "name", g->name);
    if (g->token_id.len > 0)
        jw_field_str(&w, "jti", g->token_id);
    jw_field_i64(&w, "nbf", g->now_ms / SECOND_MS);
    jw_field_i64(&w, "exp", (g->now_ms + (int64_t)g->ttl_ms) / SECOND_MS);
    write_video(&w, g);
    jw_end(&w);
}

int livekit_mint(struct slice *out, struct arena *arena, const struct livekit_key *key,
    const struct livekit_grant *grant)
{
    struct buf json;
    int64_t end_ms;
    ASSERT(key->api_key.len > 0 && key->api_secret.len > 0);
    bool has_time = grant->ttl_ms >= SECOND_MS && grant->ttl_ms <= INT64_MAX &&
        !__builtin_add_overflow(grant->now_ms, grant->ttl_ms, &end_ms);
    if (!has_time || grant->room.len == 0 || grant->identity.len == 0)
        return ERR_BAD_VALUE;
    buf_init(&json, JWS_MAX_BYTES);
    write_claims(&json, key->api_key, grant);
    int err = buf_err(&json);
    if (!err)
        err = jws_seal(out, arena, key->api_secret, buf_slice(&json));
    buf_fini(&json);
    return err;
}
