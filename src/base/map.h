/* A hash table from bytes to pointers, hashed with SipHash-1-3 under a key of its own, so that a
 * peer who chooses the names cannot choose the buckets. Open addressing, linear probing. It owns
 * neither the keys nor the values: a key usually lies inside its value. */
#pragma once

#include "base/slice.h"

#include <stdint.h>

struct map_slot;

struct map_key {
    uint64_t k0;
    uint64_t k1;
};

struct map {
    struct map_slot *slots;
    uint32_t n;
    uint32_t cap; /* 0 or a power of two */
    struct map_key key;
};

uint64_t map_siphash(struct map_key key, struct slice s);

void map_init(struct map *m, struct map_key key); /* key: random_bytes() in the product */
void map_fini(struct map *m);

/* The value, or NULL. */
void *map_find(const struct map *m, struct slice key);

/* *borrows* `key` until the entry is removed. An entry of the same key is replaced, its value given
 * in `*old` (may be NULL). `value` is not NULL. ERR_NO_MEMORY: nothing changed. */
int map_put(struct map *m, struct slice key, void *value, void **old) MUST_CHECK;

/* Gives the removed value, or NULL. */
void *map_remove(struct map *m, struct slice key);

/* Walks: starts with *at = 0, gives values in no order, NULL at the end. No put or remove during a
 * walk. */
void *map_next(const struct map *m, uint32_t *at);
