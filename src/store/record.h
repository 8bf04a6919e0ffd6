/* An event as it is kept: one JSON object of short stable keys, the same bytes in every store.
 * Written and read by the same tables, without loss. Not the wire: dialects word events for
 * people's programs. Used by hub/, which writes what is stored and reads what is loaded.
 *
 *     {"type":"CHAT","at":1700000000000,"actor":"ann","seat":"s1","id":"m1","name":"Ann",
 *      "text":"Hello","kind":"text"}
 *
 * Moments and lengths are milliseconds; JSON that an event carries stands in a text. Keys that the
 * reader does not know are passed over, so that an older program reads what a newer one added. */
#pragma once

#include "base/buf.h"
#include "room/event.h"

/* The largest is a drawing: ROOM_DRAW_BYTES and ids, each byte escaped by another. */
#define RECORD_MAX_BYTES (3u << 20)

/* Adds it to `out`. The number is kept beside the record, not in it. */
void record_write(struct buf *out, const struct event *e);

/* `e` *borrows* from `record` and from the arena. ERR_BAD_VALUE: no record of an event, or of one
 * that this program does not know; ERR_TOO_BIG: the arena. */
int record_read(struct event *e, struct arena *arena, uint64_t seq, struct slice record) MUST_CHECK;
