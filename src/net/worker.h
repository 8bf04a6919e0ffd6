/* A few threads for work that blocks or takes long (password hashes, files), so that loops never
 * do. A job is done on a worker and finished on the loop that asked. The queue is bounded. */
#pragma once

#include "net/loop.h"

struct workers;

/* Lies inside its owner, who must keep it until `done` has run. */
struct job {
    struct mail mail; /* brings it home; the workers' own */
    struct job *next;
    struct loop *loop;
    void (*work)(struct job *job); /* on a worker */
    void (*done)(struct job *job); /* on the loop */
};

struct workers *workers_new(unsigned n_threads, unsigned max_waiting);

/* Waits for the jobs that are being worked on; those still waiting are finished without work. No
 * loop may ask any more, and each turns once more to finish what came home. */
void workers_free(struct workers *w);

/* ERR_BUSY: too many wait already. */
int workers_run(struct workers *w, struct job *job, struct loop *home) MUST_CHECK;
