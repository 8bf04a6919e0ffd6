/* The newest records of a room, so that a client that comes back can be told what it missed without
 * asking the store. No gaps. Bounded in number and bytes: the oldest go first. */
#pragma once

#include "base/list.h"
#include "base/slice.h"

#include <stdint.h>

#define TAIL_EVENTS 2000
#define TAIL_BYTES  (1u << 20)

struct tail {
    struct link records; /* struct tail_record, oldest first */
    uint32_t n;
    size_t bytes;
};

struct tail_record {
    struct link link;
    uint64_t seq;
    size_t len;
    char bytes[];
};

void tail_init(struct tail *t);
void tail_fini(struct tail *t);

/* The next one. It begins anew with one that does not follow, and, without memory, behind it. */
void tail_add(struct tail *t, uint64_t seq, struct slice record);

/* The first number that is there; UINT64_MAX when it is empty. */
uint64_t tail_first(const struct tail *t);

/* The one of that number, or NULL. */
const struct tail_record *tail_find(const struct tail *t, uint64_t seq);

static inline struct tail_record *tail_record(struct link *l)
{
    return CONTAINER_OF(l, struct tail_record, link);
}

static inline struct slice tail_bytes(const struct tail_record *r)
{
    return slice_of(r->bytes, r->len);
}
