/* The loops of one process, side by side, each a thread. What has an id (a room, a session that
 * polls) belongs to one of them, its place, which anybody finds from the id alone. Nothing here
 * changes once the loops run. Used by whatever has a part on each loop. */
#pragma once

#include "base/map.h"
#include "net/loop.h"

#define PLACES_MAX   64
#define PLACES_FIRST 0 /* where there is one of a kind for all: accounts, the admin socket */

struct places {
    unsigned n;
    struct loop *loops[PLACES_MAX];
    struct map_key key;
};

void places_init(struct places *p);
void places_alone(struct places *p, struct loop *l); /* one loop is all there is */

/* *borrows*. ERR_TOO_MANY: PLACES_MAX are there. */
int places_add(struct places *p, struct loop *l) MUST_CHECK;

unsigned places_of(const struct places *p, struct slice id);

/* Who is to go to another loop may be kept here for a moment. How long until it looks for the n-th
 * time (from 0 on) whether it may go; 0: it has waited for about a second, and stays. */
uint64_t places_look_us(unsigned n);
