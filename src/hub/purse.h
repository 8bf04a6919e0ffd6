/* How much somebody may still do, in all loops together: the buckets of one person or one address.
 * Each loop that knows somebody has the purse open; it goes with the last of them. From any thread.
 * Used by hub/user and hub/session. */
#pragma once

#include "base/map.h"
#include "hub/limits.h"
#include "room/room.h"

#include <pthread.h>

struct purse {
    pthread_mutex_t lock; /* of the buckets */
    struct bucket buckets[LIMITS];
    uint32_t users; /* that have it open; under the lock of all */
    char id[ROOM_USER_ID_MAX + 1];
};

struct purses {
    pthread_mutex_t lock;
    struct map by_id;
    struct purse common; /* of everybody together */
};

void purses_init(struct purses *all);
void purses_fini(struct purses *all); /* none is open */

/* One of at most ROOM_USER_ID_MAX bytes; a new one is full. NULL: no memory. */
struct purse *purse_open(struct purses *all, struct slice id) MUST_CHECK;
void purse_close(struct purses *all, struct purse *p);

struct spending {
    unsigned limit;
    const struct limit_rate *rate;
    unsigned times; /* as large and as fast */
    uint64_t now_us;
};

/* ERR_RATE_LIMITED, see bucket_take(). */
int purse_spend(uint64_t *retry_ms, struct purse *p, const struct spending *s) MUST_CHECK;
void purse_owe(struct purse *p, unsigned limit, uint32_t tokens);

/* A bucket as it is now; that of somebody whom nobody knows was never used. */
struct bucket purse_look(struct purse *p, unsigned limit);
struct bucket purses_look(struct purses *all, struct slice id, unsigned limit);
