/* Whether a token lets its bearer in: signed by our key, in time, not revoked. One place for all
 * who are shown one: dialect/ask (tokens in messages), web/asker (requests and greetings). */
#pragma once

#include "auth/token.h"
#include "hub/hub.h"

/* ERR_UNAUTHORIZED, and `out->why` says why; ERR_TOO_BIG: the arena; ERR_NO_MEMORY. */
int pass_judge(
    struct token *out, struct arena *arena, const struct hub *h, struct slice text) MUST_CHECK;
