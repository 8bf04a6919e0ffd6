/* What makes a store durable: a queue of works, one thread that writes and one that reads. The
 * writer puts whatever has come in while it was busy into its next transaction (group commit), so
 * that one fsync serves all of it; a work that only lasts lazily waits up to 50 ms for company. It
 * knows no SQL, no rooms and no loop: each loop has a desk (store/desk.h), which brings works and
 * finds them in its outbox when their transaction is safe. All desks share the queue: works are
 * done in the order in which they came, wherever they came from. Used by store/desk alone.
 *
 *    desks --> queue --> writer: begin, write.., settle, judge.., commit --> outboxes
 *                           |  a work was judged wrong: rollback, and again without it
 *                           |  the database is away: rollback, wait, revive, and again
 *                           +--> reader: read --> outboxes
 *
 * While the database is away nothing that came in is lost: it waits, up to a bound of bytes that
 * holds for all desks together.
 */
#pragma once

#include "store/store.h"
#include "store/work.h"

struct engine;

struct engine_settings {
    struct sql *writer; /* *takes* both */
    struct sql *reader;
    int lock;           /* a descriptor to close when both are closed; 0: none */
    uint32_t batch_max; /* works of one transaction; 1: a commit for each */
    uint64_t max_waiting_bytes;
    bool is_inline; /* no threads: works are done in a task of a loop. For tests */
};

#define ENGINE_LAZY_US  (50 * 1000u)        /* the longest that nobody's work waits for company */
#define ENGINE_SLOW_US  (1000 * 1000u)      /* a transaction that takes longer is an outage */
#define ENGINE_RETRY_US (500 * 1000u)       /* between two tries while it is away */
#define ENGINE_CLOSE_US (10 * 1000 * 1000u) /* for what waits when it ends */

/* Where finished works lie until their desk fetches them. Under the engine's lock. */
struct outbox {
    struct link works;
    int event; /* an eventfd, written to when it is empty no more; -1: none */
};

/* Starts the threads. Returns owned, with one desk: ends when the last has left. */
struct engine *engine_new(const struct engine_settings *settings) MUST_CHECK;

/* There is one desk more. From any thread, while another desk stays. */
void engine_join(struct engine *e);

/* *takes* the work until it lies in its outbox, and gives it its number. ERR_STORAGE_UNAVAILABLE:
 * as much as may waits already; it is not taken, but it counts as waiting like all others, until
 * engine_uncount(). From any thread. */
int engine_take(struct engine *e, struct work *w) MUST_CHECK;

/* The work is answered, and waits no more. */
void engine_uncount(struct engine *e, const struct work *w);

/* True: the work was waiting, and nobody will do it. False: a thread has it, or has had it. */
bool engine_take_back(struct engine *e, struct work *w);

/* Moves what is finished to the end of a list. */
void engine_fetch(struct link *works, struct engine *e, struct outbox *from);

/* Inline: does all that is queued, whichever desk asked for it. */
void engine_turn(struct engine *e);

enum store_state engine_state(const struct engine *e);
void engine_status(struct store_status *out, const struct engine *e);

/* A desk goes, with all its works. Those that are still to be written, or that a thread has, leave
 * `pending` and are the engine's: nobody hears of them, but they are written. The others stay in
 * `pending`, for the desk to free. When it was the last desk, what waits is written, if the
 * database lets it, and the threads are stopped, the connections closed, the engine freed. */
void engine_leave(struct engine *e, struct link *pending);
