/* Who is asking: from the token that a request shows, in `Authorization: Bearer`, or, where the
 * client cannot set headers (a WebSocket of a browser), in the query, or in the cookie that a
 * log-in gave it; or that it sends elsewhere. A cookie comes without anybody's doing, so one that
 * does not count (any more) is as if there were none. Used by the lines and the REST routes. */
#pragma once

#include "auth/identity.h"
#include "web/request.h"

struct hub;

struct asker {
    struct identity who;   /* texts are in the arena; empty without a token */
    int64_t expires_at_ms; /* of the token */
    bool has_token;        /* a good one or not, but not as a cookie */
    bool has_bad_cookie;   /* its browser had better forget it */
    bool is_known;         /* by a good token or cookie */
    const char *why;       /* of ERR_UNAUTHORIZED: a sentence */
};

/* ERR_UNAUTHORIZED: the token is not to be believed, or there is none and the server wants one. */
int asker_find(struct asker *out, struct request *r) MUST_CHECK;

/* The same by what came otherwise; empty: there is none. The token counts, if there is one. */
int asker_judge(struct asker *out, struct arena *arena, const struct hub *hub, struct slice token,
    struct slice cookie) MUST_CHECK;
