/* What the files of dialect/focus/ share. Only they include it. */
#pragma once

#include "dialect/focus/focus.h"
#include "room/verb.h"

extern const struct dialect focus_dialect; /* tell.c */

/* ---- state.c ---- */

/* `state` to whoever is inside; with the number of the event that it follows, NULL: of none. */
void focus_say_state(struct words *w, const struct view *v, const struct event *e);

/* The same to one who has just come in or come back: who it is, and what its client needs to go on
 * from here later. `seq`: of the newest event that it has heard or need not hear. */
void focus_say_joined(
    struct words *w, const struct view *v, const struct member *self, uint64_t seq);

/* To one who may know no more of the room than that it is there. */
void focus_say_door(struct words *w, const struct view *v, bool is_waiting);

void focus_pulse(struct words *w, const struct view *v);

/* Parts of messages. */
void focus_put_phase(struct json_writer *w, const struct timer_state *t);
void focus_put_media(struct json_writer *w, const struct room_media *m);

/* Of a person, who may sit there with several connections. */
struct room_media focus_media(const struct member *m);

/* ---- tell.c ---- */

/* An `event` opens with its name, and ends with its moment. */
struct json_writer *focus_begin_event(struct words *w, const char *name, const struct event *e);
void focus_end_event(struct words *w, int64_t at_ms);
