/* What a refusal looks like in the languages that say it as an event of Socket.IO: whatever else a
 * dialect adds, these members are the same. */
#pragma once

#include "hub/tongue.h"

/* { code, message, event, retryAfterMs? }, into an open object. */
void refusal_put(struct json_writer *w, const struct refusal *r);

/* The whole message, `error`. */
void refusal_say(struct words *words, const struct refusal *r);
