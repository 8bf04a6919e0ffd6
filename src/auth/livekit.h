/* Access tokens for a LiveKit server: who may enter which of its rooms, and what they may do there.
 * LiveKit knows them by the API key that is named in them and checks them with the secret of that
 * key; Stoa never reads one. No I/O, no clock. Used by the routes that hand them out. */
#pragma once

#include "base/arena.h"

/* *borrows*; neither is empty. */
struct livekit_key {
    struct slice api_key;
    struct slice api_secret;
};

/* *borrows* its texts. */
struct livekit_grant {
    struct slice room;     /* not empty */
    struct slice identity; /* not empty: unique in the room, a second one with it ends the first */
    struct slice name;     /* what others see; "" leaves it out */
    struct slice token_id; /* `jti`; "" leaves it out */
    int64_t now_ms;
    uint64_t ttl_ms; /* at least a second; who is connected stays longer */
    bool can_publish;
    bool can_subscribe;
    bool can_publish_data;
};

/* ERR_BAD_VALUE: a room, an identity or the time is missing; ERR_TOO_BIG: longer than JWS_MAX_BYTES
 * (auth/jws.h), or the arena; ERR_NO_MEMORY. */
int livekit_mint(struct slice *out, struct arena *arena, const struct livekit_key *key,
    const struct livekit_grant *grant) MUST_CHECK;
