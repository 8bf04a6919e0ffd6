/* A request of the store on its way through the engine: what it runs on the writer and on the
 * reader, and how it is answered. Used by store/ alone. */
#pragma once

#include "base/list.h"
#include "store/sql.h"

#include <stdbool.h>
#include <stdint.h>

struct outbox;
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
    /* On the loop, once; it may ask for more. Not called when the desk was closed. An error may
     * come while a thread still has the work: then it looks at nothing that threads change. */
    void (*answer)(struct work *w, int err);
    void (*free)(struct work *w); /* on the loop; or, when its desk was closed, on another */
};

enum work_place {
    WORK_QUEUED,  /* waits to be written */
    WORK_TO_READ, /* waits to be read */
    WORK_BUSY,    /* a thread has it */
    WORK_DONE,    /* lies in its outbox, or its loop has it */
};

/* Lies first inside what it does. Zeroed but for the first three. */
struct work {
    const struct work_kind *kind;
    size_t bytes;   /* that it keeps in memory while it waits */
    bool is_urgent; /* somebody waits for it: it starts a transaction at once */
    /* The engine's and the desk's own. */
    enum work_place place;
    bool is_answered; /* on the loop: it is only to be freed when it comes back */
    bool is_judged;   /* on the writer: not part of the transaction any more */
    int err;
    uint64_t asked_us;
    uint64_t number;       /* of works that write; of one that only reads: of the last before it */
    struct outbox *outbox; /* NULL: its desk was closed, nobody waits for it */
    struct link link;      /* of a list of the engine, a transaction, an outbox */
    struct link pending;   /* of its desk; of the engine, when that was closed */
};

static inline struct work *work_of(struct link *l)
{
    return CONTAINER_OF(l, struct work, link);
}

static inline struct work *work_of_pending(struct link *l)
{
    return CONTAINER_OF(l, struct work, pending);
}
