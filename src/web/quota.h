/* How often an address may do something: token buckets for each address (of IPv6: for each 64 bits
 * of it), of those that asked last. For who has no account, and for what is counted by address
 * whoever asks. Used by the REST routes. */
#pragma once

#include "hub/limits.h"
#include "net/addr.h"

#define QUOTA_ADDRESSES 8192 /* remembered at once; the one that was quiet longest is forgotten */

/* Beside the limits of hub/limits.h: rooms that were looked for in vain. */
enum quota_kind { QUOTA_MISSES = LIMITS, QUOTA_KINDS };

struct quota;

/* Returns owned. `max` addresses, at least one. */
struct quota *quota_new(uint32_t max);
void quota_free(struct quota *q);

/* One more of `kind`. ERR_RATE_LIMITED, ERR_NO_MEMORY. */
int quota_take(struct quota *q, struct ip from, unsigned kind, const struct limit_rate *rate,
    uint64_t now_us) MUST_CHECK;

/* The same question, and nothing is counted. */
int quota_ask(struct quota *q, struct ip from, unsigned kind, const struct limit_rate *rate,
    uint64_t now_us) MUST_CHECK;
