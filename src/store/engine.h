/* What makes a store durable: a queue of works, one thread that writes and one that reads. The
 * writer puts whatever has come in while it was busy into its next transaction (group commit), so
 * that one fsync serves all of it; a work that only lasts lazily waits up to 50 ms for company.
 * Works are answered on the loop, in their order, when their transaction is safe. It knows no SQL
 * and no rooms. Used by store/ alone.
 *
 *    loop --> queue --> writer: begin, write.., settle, judge.., commit --> loop: answer
 *                          |  a work was judged wrong: rollback, and again without it
 *                          |  the database is away: rollback, wait, revive, and again
 *                          +--> reader: read --> loop: answer
 *
 * While the database is away nothing that came in is lost or answered: it waits, up to a bound of
 * bytes. The status says so, and whoever asks for something that must last is refused before.
 * Reads are refused after a while.
 */
#pragma once

#include "base/list.h"
#include "net/loop.h"
#include "store/sql.h"
#include "store/store.h"

struct engine;
struct work;

struct work_kind {
    const char *name;
    bool is_patient; /* waits however long the database is away; others are refused after a while */
    /* On the writer, in a transaction with others: runs its statements. May be called again, when
     * the transaction was rolled back for another's sake or for its own. NULL: writes nothing. */
    int (*write)(struct work *w, struct sql *db);
    /* When all statements are settled: whether they did what they should. NULL: they did. A work
     * that finds that an earlier try was committed after all gives ERR_AGAIN: it is done, but what
     * it ran just now must not stay. */
    int (*judge)(struct work *w, struct sql *db);
    /* On the reader, in a transaction, after everything asked for before it was committed. May be
     * called again. NULL: reads nothing. */
    int (*read)(struct work *w, struct sql *db);
    /* On the loop, once. Not called when the engine was closed. It may ask for more. */
    void (*answer)(struct work *w, int err);
    void (*free)(struct work *w); /* on the loop, or when the engine is closed */
};

enum work_place { WORK_BUSY, WORK_QUEUED, WORK_TO_READ }; /* busy: a thread has it, or it is done */

/* Lies first inside what it does. Zeroed but for the first three. */
struct work {
    const struct work_kind *kind;
    size_t bytes;   /* that it keeps in memory while it waits */
    bool is_urgent; /* somebody waits for it: it starts a transaction at once */
    /* The engine's own. */
    enum work_place place;
    bool is_answered; /* on the loop: it is only to be freed when it comes back */
    bool is_judged;   /* on the writer: not part of the transaction any more */
    int err;
    uint64_t asked_us;
    uint64_t number; /* of works that write; of one that only reads: of the last before it */
    struct link link;
    struct link pending; /* engine->pending */
};

struct engine_settings {
    struct sql *writer; /* *takes* both */
    struct sql *reader;
    int lock;           /* a descriptor to close when both are closed; 0: none */
    uint32_t batch_max; /* works of one transaction; 1: a commit for each */
    uint64_t max_waiting_bytes;
    bool is_inline; /* no threads: works are done in a task of the loop. For tests */
};

#define ENGINE_LAZY_US  (50 * 1000u)        /* the longest that nobody's work waits for company */
#define ENGINE_SLOW_US  (1000 * 1000u)      /* a transaction that takes longer is an outage */
#define ENGINE_RETRY_US (500 * 1000u)       /* between two tries while it is away */
#define ENGINE_READ_US  (2 * 1000 * 1000u)  /* after which a read that waits is refused */
#define ENGINE_CLOSE_US (10 * 1000 * 1000u) /* for what waits when it is closed */

/* Starts the threads. Returns owned. ERR_IO: no descriptors left; the connections are closed. */
int engine_new(
    struct engine **out, struct loop *loop, const struct engine_settings *settings) MUST_CHECK;

/* *takes* the work, and answers it later: with ERR_STORAGE_UNAVAILABLE when as much as may waits
 * already. */
void engine_do(struct engine *e, struct work *w);

enum store_state engine_state(const struct engine *e);
const struct store_status *engine_status(struct engine *e);

/* Writes what still waits, if the database lets it, and stops the threads. Nothing is answered any
 * more. */
void engine_free(struct engine *e);
