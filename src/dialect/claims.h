/* Clients of language B say a chat message twice: as an event, and with POST /api/chat. What was
 * said as an event is remembered for a moment, so that the request finds it and is not a second
 * message. The author is the one that the client claims to be: it says the same in both, and it
 * counts for nothing else. Bounded: the oldest are forgotten first. Used by dialect/session/ and
 * web/rest_chat; the dispatcher owns it, since both reach that. */
#pragma once

#include "base/slice.h"

#include <stdint.h>

#define CLAIMS_MAX      4096
#define CLAIMS_MS       10000
#define CLAIMS_ID_BYTES 40

struct claims;

struct claim {
    struct slice room_id;
    struct slice user_id; /* claimed */
    struct slice text;
    struct slice client_id; /* the client's own id of the message; may be empty */
};

struct claims *claims_new(void);
void claims_free(struct claims *c);

void claims_add(
    struct claims *c, const struct claim *said, struct slice message_id, int64_t now_ms);

/* Finds the oldest one that matches and forgets it: the message's id, or false. Room and author
 * must be the same, and the client ids, or, where one side has none, the texts. */
bool claims_take(char message_id[CLAIMS_ID_BYTES + 1], struct claims *c, const struct claim *said,
    int64_t now_ms);
