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

static void refill(struct bucket *b, uint64_t mt_per_step, uint64_t now_us)
{
    uint64_t steps = now_us > b->at_us ? (now_us - b->at_us) / STEP_US : 0;
    if (steps > b->spent_mt / mt_per_step) { /* full, and what would run over is lost */
        b->spent_mt = 0;
        b->at_us = now_us;
        return;
    }
    b->spent_mt -= (uint32_t)(steps * mt_per_step);
    b->at_us += steps * STEP_US;
}

int bucket_take(uint64_t *retry_ms, struct bucket *b, const struct limit_rate *rate, unsigned times,
    uint64_t now_us)
{
    uint64_t mt_per_step = (uint64_t)rate->per_s * times;
    uint32_t size = size_mt(rate, times);
    uint64_t most = (uint64_t)size + LIMIT_DEBT_MAX * TOKEN_MT;
    *retry_ms = 0;
    if (mt_per_step == 0)
        return 0;
    refill(b, mt_per_step, now_us);
    b->spent_mt = (uint32_t)least(b->spent_mt, most); /* the rate may be another than before */
    if ((uint64_t)b->spent_mt + TOKEN_MT <= size) {
        b->spent_mt += TOKEN_MT;
        return 0;
    }
    uint64_t lacking_mt = (uint64_t)b->spent_mt + TOKEN_MT - size;
    *retry_ms = (lacking_mt + mt_per_step - 1) / mt_per_step;
    return ERR_RATE_LIMITED;
}

void bucket_owe(struct bucket *b, uint32_t tokens)
{
    uint64_t spent = b->spent_mt + least(tokens, LIMIT_DEBT_MAX) * TOKEN_MT;
    b->spent_mt = (uint32_t)least(spent, UINT32_MAX - TOKEN_MT);
}
