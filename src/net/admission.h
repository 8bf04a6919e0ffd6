/* Who may connect: a cap on all connections and one for each address (of IPv6: for each 64 bits of
 * it). Addresses that come through a trusted proxy are told apart only behind it, so the proxy
 * itself is exempt. One of a kind for all loops: it may be asked from any thread. */
#pragma once

#include "base/map.h"
#include "net/addr.h"

#include <pthread.h>

struct admission {
    pthread_mutex_t lock; /* over what changes: counts, n, refused */
    struct map counts;    /* by neighbourhood */
    uint32_t n;
    uint32_t max;
    uint32_t max_per_address;
    const struct ip_range *exempt; /* *borrows*; stays as it is while anyone is in */
    size_t n_exempt;
    uint64_t refused;
};

void admission_init(struct admission *a, uint32_t max, uint32_t max_per_address);
void admission_fini(struct admission *a);

/* 0: one more is in. ERR_BUSY: the server is full; ERR_RATE_LIMITED: the address is; ERR_NO_MEMORY.
 * Unix sockets (no address) count for the whole only. */
int admission_enter(struct admission *a, struct ip ip) MUST_CHECK;

/* `ip` is the one that entered, whatever a PROXY header said since. */
void admission_leave(struct admission *a, struct ip ip);

uint32_t admission_n(struct admission *a);
uint64_t admission_refused(struct admission *a);
