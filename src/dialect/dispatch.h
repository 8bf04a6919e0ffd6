/* The way of a message from a line to its handler: the row of its name, the limits, its fields, its
 * room (which may have to be loaded first: then it waits, and what comes behind it waits, too), and
 * what the asker is told. Used by the lines of web/. */
#pragma once

#include "dialect/ask.h"

struct shelf;

/* Languages that share their lines: no two rows have one name. */
struct dispatch;

/* *borrows* all. Returns owned. */
struct dispatch *dispatch_new(struct hub *hub, const struct language *const *languages, size_t n);
void dispatch_free(struct dispatch *d);

/* Those of the same languages at all places; *borrows*. Before the loops run. */
void dispatch_join(struct dispatch *d, struct dispatch *const *peers);
struct claims *dispatch_claims(struct dispatch *d); /* for the routes of language B */

/* *borrows*: files, for those who speak of them. Closed before dispatch_free(). */
void dispatch_set_shelf(struct dispatch *d, struct shelf *shelf);

/* A message of the session: `json` is the payload, which has been read whole once (see
 * json_init_known()), or empty for none. What must wait for a room waits,
 * and what comes behind it, too. */
void dispatch_message(
    struct dispatch *d, struct session *s, struct slice name, struct slice json, uint64_t ack_id);

/* The same for typed dialects: an object whose "type" is the name. */
void dispatch_typed(struct dispatch *d, struct session *s, struct slice json);

/* One that its line cannot hand over: refused with ERR_BAD_FIELD and this sentence. */
void dispatch_refuse(
    struct dispatch *d, struct session *s, struct slice name, struct slice why, uint64_t ack_id);

/* The session goes to another loop, with what waits: whether it may now (ERR_AGAIN: soon;
 * ERR_CONFLICT), and, on that loop, where it goes on, or is gone with an error. What waits
 * because it was to go, and stays after all, goes on here. */
int dispatch_may_leave(const struct session *s) MUST_CHECK;
void dispatch_leave(struct session *s);
int dispatch_enter(struct dispatch *d, struct session *s, const struct line *line) MUST_CHECK;
void dispatch_stay(struct session *s);

/* The session ends: what waits is dropped. Before session_end(). */
void dispatch_drop(struct dispatch *d, struct session *s);
