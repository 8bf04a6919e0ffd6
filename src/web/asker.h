/* Who is asking: from the token that a request shows, in `Authorization: Bearer` or, where the
 * client cannot set headers (a WebSocket of a browser), in the query. Used by the WebSocket lines
 * and the REST routes. */
#pragma once

#include "auth/identity.h"
#include "web/request.h"

struct asker {
    struct identity who; /* texts are in the request's arena; empty without a token */
    bool has_token;      /* a good one or not */
    bool is_known;       /* a good one */
    const char *why;     /* of ERR_UNAUTHORIZED: a sentence */
};

/* ERR_UNAUTHORIZED: the token is not to be believed, or there is none and the server wants one. */
int asker_find(struct asker *out, struct request *r) MUST_CHECK;
