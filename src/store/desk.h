/* A loop's desk at the engine: what it asks is done by the engine's threads, together with what the
 * other loops ask, and answered on this loop. A desk belongs to its loop's thread; no two threads
 * use one at a time. It knows no SQL and no rooms. Used by store/ alone.
 *
 * Works of one desk are answered in the order in which they were asked, but for those that only
 * read, which come when they are read. A read sees all that was asked before it, at any desk.
 * While the database is away works wait; whoever asks for something that must last is refused
 * before, as the status says. Reads are refused after a while.
 */
#pragma once

#include "net/loop.h"
#include "store/engine.h"

#define DESK_WAIT_US (2 * 1000 * 1000u) /* after which a read that waits is refused */

struct desk;

/* The first desk of a new engine. *borrows* the loop. Returns owned. ERR_IO: no descriptors left;
 * the connections are closed. */
int desk_new(
    struct desk **out, struct loop *loop, const struct engine_settings *settings) MUST_CHECK;

/* One more at the same engine. On the thread of `loop`, or where nobody turns it; `d`, which may be
 * another thread's, is not closed meanwhile. Returns owned. ERR_IO. */
int desk_share(struct desk **out, const struct desk *d, struct loop *loop) MUST_CHECK;

/* *takes* the work, and answers it later: with ERR_STORAGE_UNAVAILABLE when as much as may waits
 * already. */
void desk_do(struct desk *d, struct work *w);

enum store_state desk_state(const struct desk *d);
const struct store_status *desk_status(struct desk *d); /* valid until asked again */

/* Nothing is answered any more; what is to be written is written all the same, at the latest when
 * the last desk is closed, which ends the engine. In any order. */
void desk_close(struct desk *d);
