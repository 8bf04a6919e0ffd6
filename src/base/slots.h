/* Ids for objects that others may only name, never hold: a 64-bit id of place and generation. An id
 * of a removed object finds nothing, even after its place was given to another. */
#pragma once

#include "base/err.h"

#include <stdint.h>

#define SLOTS_NO_ID 0 /* never given */

/* Free when `object` is NULL; the generation is then the one of the next object here. */
struct slot {
    void *object;
    uint32_t generation; /* never 0 */
    uint32_t next_free;  /* counted from 1; 0: none */
};

struct slots {
    struct slot *at;
    uint32_t n; /* objects in it */
    uint32_t cap;
    uint32_t max;
    uint32_t free; /* first free place, counted from 1; 0: none */
};

void slots_init(struct slots *s, uint32_t max);
void slots_fini(struct slots *s);

/* Gives the id that finds `object` (not NULL) until it is removed. ERR_TOO_MANY, ERR_NO_MEMORY. */
int slots_add(uint64_t *id, struct slots *s, void *object) MUST_CHECK;
void *slots_find(const struct slots *s, uint64_t id);

/* Gives the object, or NULL when the id is stale. */
void *slots_remove(struct slots *s, uint64_t id);
