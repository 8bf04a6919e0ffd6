/* Memory for the life of one message: many small allocations, freed at once. Bounded. The first
 * chunk is kept over a reset, so that a busy connection or loop does not allocate. */
#pragma once

#include "base/slice.h"

#include <stddef.h>

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* newest first */
    size_t used_bytes;          /* given out since the last reset, with gaps for alignment */
    size_t max_bytes;
};

void arena_init(struct arena *a, size_t max_bytes);
void arena_fini(struct arena *a);

/* Everything given out is gone. */
void arena_reset(struct arena *a);

/* Zeroed, aligned for any object; NULL when the arena would pass its maximum or memory ends. */
void *arena_alloc(struct arena *a, size_t size) MUST_CHECK;

/* A copy of the bytes with a NUL behind them (not counted in len). ERR_TOO_BIG, ERR_NO_MEMORY. */
int arena_copy(struct slice *out, struct arena *a, struct slice s) MUST_CHECK;

/* Gives back the tail of the newest allocation: `p` came from arena_alloc last, only `keep` of its
 * `size` bytes are needed. */
void arena_trim(struct arena *a, void *p, size_t size, size_t keep);
