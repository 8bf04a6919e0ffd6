/* What a client missed while it was away, said again in its language behind the answer to its join.
 * For dialects that have no place in that answer for it. */
#pragma once

#include "dialect/dispatch.h"

/* Which events are said again. What the answer's own state tells should not be: a client that hears
 * of a peer twice calls it twice. */
typedef bool(replay_wants_fn)(const struct event *e);

/* Behind what the handler said so far: events after `since` that `wants` picks, as far as the asker
 * may know. False: it is too long ago, or the epoch is another's; nothing is said then, and the
 * state that the client has just got must do. Before ask_ack(). */
bool replay_missed(struct ask *a, uint64_t since, struct slice epoch, replay_wants_fn *wants);
