/* What was last sent to one socket, newest last: so that a client that comes back can be given what
 * it missed. Bounded in messages and in bytes; empty, it holds no memory. */
#pragma once

#include "sio/message.h"

#define HISTORY_MAX       128u
#define HISTORY_MAX_BYTES (256u * 1024) /* of messages, though others may share them */

struct history {
    struct sio_message **ring;
    uint16_t cap; /* 0 or a power of two */
    uint16_t head;
    uint16_t n;
    size_t bytes;
};

void history_init(struct history *h);
void history_fini(struct history *h);

/* Takes a reference; the oldest are forgotten when it is full. A message that is too large, or for
 * which there is no memory, is forgotten with all before it: a gap would be worse than no history.
 */
void history_add(struct history *h, struct sio_message *m);

/* How many messages follow the one with that offset; ERR_NOT_FOUND: it is not remembered. */
int history_find(unsigned *missed, const struct history *h, struct slice offset) MUST_CHECK;

/* The message that `back` others follow. */
struct sio_message *history_at(const struct history *h, unsigned back);
