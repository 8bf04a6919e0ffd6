/* Tokens come back by the millisecond: each gives `per_s` thousandths. So every number is whole,
 * what is left of a millisecond counts next time, and nothing drifts. */
#include "hub/limits.h"

#define TOKEN_MT 1000u
#define STEP_US  1000u

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* How much a full bucket holds: one token at least, or nobody would ever get one. */
static uint32_t size_mt(const struct limit_rate *rate, unsigned times)
{
    uint64_t tokens = (uint64_t)rate->burst * times;
    if (tokens == 0)
        tokens = 1;
    return (uint32_t)(least(tokens, UINT32_MAX / TOKEN_MT) * TOKEN_MT);
}

/* What of `missing_mt` is missing still. */
static uint64_t refill(struct bucket *b, uint64_t missing_mt, uint64_t mt_per_step, uint64_t now_us)
{
    uint64_t steps = now_us > b->at_us ? (now_us - b->at_us) / STEP_US : 0;
    if (steps > missing_mt / mt_per_step) { /* full, and what would run over is lost */
        b->at_us = now_us;
        return 0;
    }
    b->at_us += steps * STEP_US;
    return missing_mt - steps * mt_per_step;
}

int bucket_take(uint64_t *retry_ms, struct bucket *b, const struct limit_rate *rate, unsigned times,
    uint64_t now_us)
{
    uint64_t mt_per_step = (uint64_t)rate->per_s * times;
    uint32_t size = size_mt(rate, times);
    *retry_ms = 0;
    if (mt_per_step == 0)
        return 0;
    /* The rate may be another than before. */
    uint64_t missing_mt = least(b->spent_mt, size) + b->owed_mt;
    missing_mt = refill(b, missing_mt, mt_per_step, now_us);
    bool has_one = missing_mt + TOKEN_MT <= size;
    if (has_one)
        missing_mt += TOKEN_MT;
    b->spent_mt = (uint32_t)least(missing_mt, size);
    b->owed_mt = (uint32_t)(missing_mt - b->spent_mt);
    if (has_one)
        return 0;
    uint64_t lacking_mt = missing_mt + TOKEN_MT - size;
    *retry_ms = (lacking_mt + mt_per_step - 1) / mt_per_step;
    return ERR_RATE_LIMITED;
}

void bucket_owe(struct bucket *b, uint32_t tokens)
{
    uint64_t owed_mt = b->owed_mt + (uint64_t)tokens * TOKEN_MT;
    b->owed_mt = (uint32_t)least(owed_mt, LIMIT_DEBT_MAX * TOKEN_MT);
}
