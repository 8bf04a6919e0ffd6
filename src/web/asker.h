/* Who is asking: from the token that a request shows, in `Authorization: Bearer` or, where the
 * client cannot set headers (a WebSocket of a browser), in the query; or that it sends elsewhere.
 * Used by the lines and the REST routes. */
#pragma once

#include "auth/identity.h"
#include "web/request.h"

struct hub;

struct asker {
    struct identity who; /* texts are in the arena; empty without a token */
    bool has_token;      /* a good one or not */
    bool is_known;       /* a good one */
    const char *why;     /* of ERR_UNAUTHORIZED: a sentence */
};

/* ERR_UNAUTHORIZED: the token is not to be believed, or there is none and the server wants one. */
int asker_find(struct asker *out, struct request *r) MUST_CHECK;

/* The same by a token that came otherwise; empty: there is none. */
int asker_judge(
    struct asker *out, struct arena *arena, const struct hub *hub, struct slice token) MUST_CHECK;
