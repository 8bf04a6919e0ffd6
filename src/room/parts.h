/* What the files of room/ share. Only they include it. Each file has verbs and the fold of the
 * events that they make; room.c knows which event is folded where. */
#pragma once

#include "room/verb.h"

/* A new event of this deed at the end of the list, without payload. NULL: no memory. */
struct event *room_begin(struct events *out, enum event_type type, const struct deed *d) MUST_CHECK;

/* Numbers the event and folds it. */
int room_emit(struct room *r, struct event *e) MUST_CHECK;

/* Owned texts. They are never NULL: what is not set is room_no_text, which nobody writes to or
 * frees. Setting what is set already keeps the memory, so that slices of it stay good. */
extern const char room_empty[1];
#define room_no_text ((char *)room_empty)
int room_text_set(char **to, struct slice text) MUST_CHECK;
void room_text_clear(char **text);

/* Whether one more can be remembered: there is place, or somebody who can be forgotten. */
bool member_fits(const struct room *r);
bool member_is_owner(const struct room *r, struct slice user_id);
bool member_is_inside(const struct member *m); /* let in, and there or lost a moment ago */
bool member_is_lost(const struct member *m);   /* of those inside: no seat, within the grace */
uint32_t member_seats(const struct member *m);

/* Their ids, in order, each but the last with a newline behind it. */
int member_list_seats(struct slice *out, struct arena *arena, const struct member *m) MUST_CHECK;

int people_fold(struct room *r, const struct event *e) MUST_CHECK; /* member.c */
void people_free(struct room *r);
int people_tick(struct events *out, struct room *r, int64_t at_ms) MUST_CHECK;
int64_t people_next_due(const struct room *r);

/* Approval is no longer asked for: whoever waits with a seat comes in, as long as there is room. */
int people_admit_all(struct events *out, struct room *r, int64_t at_ms) MUST_CHECK;

int life_fold(struct room *r, const struct event *e) MUST_CHECK;
int life_tick(struct events *out, struct room *r, int64_t at_ms) MUST_CHECK;
int64_t life_next_due(const struct room *r);

int talk_fold(struct room *r, const struct event *e) MUST_CHECK;
void talk_free(struct room *r);

void board_init(struct room *r, struct map_key key);
int board_keep(struct board *b, const struct event *e) MUST_CHECK; /* of KEPT_ROOM */
int board_fold(struct room *r, const struct event *e) MUST_CHECK;
void board_free(struct room *r);

int focus_fold(struct room *r, const struct event *e) MUST_CHECK;
int focus_tick(struct events *out, struct room *r, int64_t at_ms) MUST_CHECK;
int64_t focus_next_due(const struct room *r);

/* Notes, before something ends it, that a focus ran until that moment for that member, or for all
 * for whom one does. */
int focus_note(
    struct events *out, struct room *r, const struct member *m, int64_t at_ms) MUST_CHECK;
int focus_note_all(struct events *out, struct room *r, int64_t at_ms) MUST_CHECK;

/* While folding: the member, or the room's status, is another since then. */
void focus_watch(const struct room *r, struct member *m, int64_t at_ms);
void focus_watch_all(struct room *r, int64_t at_ms);

int exam_fold(struct room *r, const struct event *e) MUST_CHECK;

/* When the room ends: whoever has code and has not submitted it does now, as many of them as fit in
 * one append. `*more`: to be called again. */
int exam_submit_some(bool *more, struct events *out, struct room *r, int64_t at_ms) MUST_CHECK;

/* In a live interview a lost connection is a violation. */
int exam_on_lost(struct events *out, struct room *r, const struct deed *d) MUST_CHECK;
