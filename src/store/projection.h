/* What the tables that people ask for by name say of an event: the rows that it makes or changes.
 * Used by the works of store/, which run it in the transaction that stores the event, and read the
 * words that stand in the columns. */
#pragma once

#include "room/event.h"
#include "store/runs.h"

/* The event's own, of a room; many have none. `room_id` is *borrowed* until the runs end. */
void projection_add(struct runs *out, struct slice room_id, const struct event *e);

/* What is in rooms.mode and messages.kind; the first word if it is none of them. */
enum room_mode projection_mode(struct slice word);
enum message_kind projection_kind(struct slice word);
