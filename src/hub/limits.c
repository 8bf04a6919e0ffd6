/* Tokens come back by the millisecond, or by the `slower` milliseconds: each gives `per_s`
 * thousandths. So every number is whole, what is left of a step counts next time, and nothing
 * drifts. */
#include "hub/limits.h"

#define TOKEN_MT 1000u
#define MS_US    1000u

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

struct pace {
    uint64_t mt_per_step;
    uint64_t step_ms;
};

/* What of `missing_mt` is missing still. */
static uint64_t refill(struct bucket *b, uint64_t missing_mt, struct pace pace, uint64_t now_us)
{
    uint64_t step_us = pace.step_ms * MS_US;
    uint64_t steps = now_us > b->at_us ? (now_us - b->at_us) / step_us : 0;
    if (steps > missing_mt / pace.mt_per_step) { /* full, and what would run over is lost */
        b->at_us = now_us;
        return 0;
    }
    b->at_us += steps * step_us;
    return missing_mt - steps * pace.mt_per_step;
}

/* How long it takes until what is lacking has come back. */
static uint64_t wait_ms(const struct bucket *b, uint64_t lacking_mt, struct pace p, uint64_t now_us)
{
    uint64_t steps = (lacking_mt + p.mt_per_step - 1) / p.mt_per_step;
    uint64_t begun_ms = now_us > b->at_us ? (now_us - b->at_us) / MS_US : 0;
    return steps * p.step_ms - least(begun_ms, p.step_ms - 1);
}

int bucket_take(uint64_t *retry_ms, struct bucket *b, const struct limit_rate *rate, unsigned times,
    uint64_t now_us)
{
    const struct pace pace = { .mt_per_step = (uint64_t)rate->per_s * times,
        .step_ms = rate->slower > 0 ? rate->slower : 1 };
    uint32_t size = size_mt(rate, times);
    *retry_ms = 0;
    if (pace.mt_per_step == 0)
        return 0;
    /* The rate may be another than before. */
    uint64_t missing_mt = least(b->spent_mt, size) + b->owed_mt;
    missing_mt = refill(b, missing_mt, pace, now_us);
    bool has_one = missing_mt + TOKEN_MT <= size;
    if (has_one)
        missing_mt += TOKEN_MT;
    b->spent_mt = (uint32_t)least(missing_mt, size);
    b->owed_mt = (uint32_t)(missing_mt - b->spent_mt);
    if (has_one)
        return 0;
    *retry_ms = wait_ms(b, missing_mt + TOKEN_MT - size, pace, now_us);
    return ERR_RATE_LIMITED;
}

void bucket_owe(struct bucket *b, uint32_t tokens)
{
    uint64_t owed_mt = b->owed_mt + (uint64_t)tokens * TOKEN_MT;
    b->owed_mt = (uint32_t)least(owed_mt, LIMIT_DEBT_MAX * TOKEN_MT);
}
