/* What somebody has done under ids that the page chose, so that the same, asked for again because
 * the answer got lost, is known: a text, a line for each, the newest last, as a member and the
 * snapshot of a room have it. Chat needs none: its messages are remembered themselves. Used by
 * room/exam.c.
 *
 *     1700000000000 a-1
 *     1700000004200 a-2 */
#pragma once

#include "base/slice.h"

/* When that was done, in milliseconds; 0: it is not remembered, or has no id. */
int64_t receipts_at(struct slice receipts, struct slice id);

/* Adds it to an owned text, and forgets the oldest beyond `max`. Without an id nothing is added. */
int receipts_add(char **receipts, struct slice id, int64_t at_ms, uint32_t max) MUST_CHECK;
