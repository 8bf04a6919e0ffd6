/* How often somebody may do something: a token bucket for each class of deeds. A bucket is two
 * numbers; time comes in with each question. */
#pragma once

#include "base/err.h"
#include "room/verb.h"

/* Beside the classes of enum rate_class, which come first, by their numbers. */
enum limit {
    LIMIT_CREATE = RATE_CLASSES,
    LIMIT_MISS,   /* rooms that were looked for in vain; of an address, whoever asks */
    LIMIT_MISSES, /* the same of all addresses together, see hub_spend_from() */
    LIMITS,
};

struct limit_rate {
    uint32_t per_s; /* 0: no limit */
    uint32_t burst;
    uint32_t slower; /* so many times slower; 0 is as 1. 60: per_s are those of a minute */
};

struct bucket {
    uint64_t at_us;    /* when it was last looked at */
    uint32_t spent_mt; /* thousandths of a token that are missing */
    uint32_t owed_mt;  /* beside them */
};

/* Takes one token. ERR_RATE_LIMITED: there is none; `*retry_ms` says when there will be. `times`
 * makes the bucket that many times as large and fast. */
int bucket_take(uint64_t *retry_ms, struct bucket *b, const struct limit_rate *rate, unsigned times,
    uint64_t now_us) MUST_CHECK;

/* What was taken is worth so many tokens more. If they are not there they are owed: nothing can be
 * taken until they have come back. At most LIMIT_DEBT_MAX are. */
#define LIMIT_DEBT_MAX 256
void bucket_owe(struct bucket *b, uint32_t tokens);
