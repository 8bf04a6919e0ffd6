/* A work that changes something and is answered by an error alone. It is right if one of its runs
 * changes a row. Why it did not, other runs of its own must say: when it is judged, later works of
 * the same transaction have been run, too. Used by the works of store/.
 *
 * When that run changes none, the work was wrong, or an earlier try of it was committed though
 * nobody knew: then a former judgement had found it right, since nobody else writes in between. */
#pragma once

#include "store/runs.h"
#include "store/works.h"

struct change {
    struct work work;
    struct runs runs;
    /* To be set by its maker. */
    int refusal;     /* known before it is tried; 0: none */
    uint32_t judged; /* which of the runs */
    int missing;     /* when it changed no row; 0: it is right anyway */
    int found; /* the same, if the first run did: it touches what may be there. 0: it does not */

    bool was_right;
    uint32_t run; /* the first */
    store_done *done;
    void *arg;
};

/* Without runs. NULL: no memory. */
struct change *change_new(store_done *done, void *arg) MUST_CHECK;

/* *takes* it, when all that it runs has been added. NULL: there was no memory for that. */
struct work *change_work(struct change *c) MUST_CHECK;
