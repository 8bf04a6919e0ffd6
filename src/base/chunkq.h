/* A bounded queue of byte ranges that wait to be written: each a part of a shared blob (which it
 * keeps alive) or of static memory. Every connection has one. Two places are built in, so that
 * queueing a frame and writing it in the same turn allocates nothing. */
#pragma once

#include "base/blob.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#define CHUNKQ_BUILT_IN 2
#define CHUNKQ_GIANTS_MAX \
    (256u << 20) /* bytes of giants, over all queues that count them together */

struct chunk {
    struct blob *blob; /* NULL: the bytes are static */
    const char *p;
    uint32_t len;
    bool is_giant;
};

struct chunkq {
    struct chunk *ring; /* `few`, or owned memory of `cap` chunks */
    uint32_t head;
    uint32_t n;
    uint32_t cap; /* a power of two */
    uint32_t max_bytes;
    size_t bytes;       /* queued, over all chunks */
    size_t giant_bytes; /* of them in the one chunk that was larger than the maximum */
    struct chunk few[CHUNKQ_BUILT_IN];
    size_t *giants; /* *borrows*: of all queues that count them together; NULL: nobody counts */
};

void chunkq_init(struct chunkq *q, uint32_t max_bytes);

/* Giants are counted there from now on, and refused beyond CHUNKQ_GIANTS_MAX: many clients that do
 * not read what they are sent once must not take all memory together. NULL: nobody counts. */
void chunkq_count_giants(struct chunkq *q, size_t *total);
void chunkq_fini(struct chunkq *q);

/* Queues `part`, which lies in `blob` (a reference is taken) or in static memory (`blob` NULL).
 * ERR_TOO_BIG when the queue would pass its maximum, of bytes or of 65,536 parts; ERR_NO_MEMORY.
 * Then nothing is queued. An empty part is nothing. A part that is larger than the maximum is taken
 * all the same while no other such part waits, and does not count: it is a room's whole state for
 * one who comes in, it exists already, and the maximum is about what piles up. It is a giant. */
int chunkq_push(struct chunkq *q, struct blob *blob, struct slice part) MUST_CHECK;

/* Fills `iov` from the front, at most `max` entries and `max_bytes` bytes (the last entry is cut);
 * gives the number filled. */
unsigned chunkq_iov(const struct chunkq *q, struct iovec *iov, unsigned max, size_t max_bytes);

/* The first chunk of a queue that is not empty; it lives until the next call. */
const struct chunk *chunkq_first(const struct chunkq *q);

/* The first `n` bytes are written: their chunks are let go. */
void chunkq_drop(struct chunkq *q, size_t n);

/* What has piled up. */
static inline size_t chunkq_backlog(const struct chunkq *q)
{
    return q->bytes - q->giant_bytes;
}

static inline bool chunkq_is_empty(const struct chunkq *q)
{
    return q->n == 0;
}
