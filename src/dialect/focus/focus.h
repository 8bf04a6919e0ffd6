/* Language C: focus rooms over a plain WebSocket, one connection for each room. This is how such a
 * room looks to its clients; the routes of the same language answer with it, too. What clients may
 * say is in rows.c, what they are told in tell.c; README.md is written for their authors. */
#pragma once

#include "hub/tongue.h"

#define FOCUS_PULSE_MS 5000 /* of the state, while the timer runs: what clients expect */

/* The members of RoomState, into an object that is open. Says everything about the room: whether
 * the listener may know is asked before. */
void focus_state(struct json_writer *w, const struct view *v);
