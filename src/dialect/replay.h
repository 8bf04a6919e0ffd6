/* What a client missed while it was away: how it says where it was, and for dialects that have no
 * place in the answer to its join, what it missed said again in its language behind that answer. */
#pragma once

#include "dialect/ask.h"

/* Among the arguments of a join. */
struct replay_point {
    struct slice epoch;
    int64_t since;
    bool has_since; /* else it is new, and asks for nothing */
};

#define REPLAY_SINCE_MAX 9007199254740991.0 /* what JavaScript counts to */

/* clang-format off */
#define REPLAY_FIELDS(type_, member)                                                               \
    { .name = "since", FIELD_MEMBER(type_, member.since), FIELD_HAS(type_, member.has_since),      \
      .type = FIELD_INT, .max = REPLAY_SINCE_MAX,                                                  \
      .help = "on coming back: the greatest `seq` that was seen, to be told what came after it" }, \
    { .name = "epoch", FIELD_MEMBER(type_, member.epoch), .type = FIELD_STR,                       \
      .max = REPLAY_EPOCH_MAX,                                                                     \
      .help = "beside `since`: the `epoch` that came with the answer to the last join" }
/* clang-format on */

/* Longer than one of ours, so that an epoch of something else is no mistake. */
#define REPLAY_EPOCH_MAX 64

/* Which events are said again. What the answer's own state tells should not be: a client that hears
 * of a peer twice calls it twice. */
typedef bool(replay_wants_fn)(const struct event *e);

/* Behind what the handler said so far: events after `from` that `wants` picks, as far as the asker
 * may know. False: nobody asked, it is too long ago, or the epoch is another's; nothing is said
 * then, and the state that the client has just got must do. Before ask_ack(). */
bool replay_missed(struct ask *a, const struct replay_point *from, replay_wants_fn *wants);
