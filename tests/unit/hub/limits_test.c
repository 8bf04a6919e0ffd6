/* The bucket against a slow and simple one, its waiting times, and the ends of every range. */
#include "hub/limits.h"

#include "tap.h"

#define MS  1000ull
#define SEC 1000000ull

static bool takes(struct bucket *b, const struct limit_rate *rate, uint64_t now_us)
{
    uint64_t retry_ms = 99;
    int err = bucket_take(&retry_ms, b, rate, 1, now_us);
    return err == 0 && retry_ms == 0;
}

static unsigned drain(struct bucket *b, const struct limit_rate *rate, unsigned times, uint64_t now)
{
    uint64_t retry_ms;
    unsigned n = 0;
    while (n < 100000 && bucket_take(&retry_ms, b, rate, times, now) == 0)
        n++;
    return n;
}

static void test_burst(void)
{
    static const struct {
        const char *name;
        struct limit_rate rate;
        unsigned times;
        unsigned n;
    } rows[] = {
        { "a burst", { .per_s = 5, .burst = 10 }, 1, 10 },
        { "twice of it", { .per_s = 5, .burst = 10 }, 2, 20 },
        { "no burst is one", { .per_s = 5 }, 1, 1 },
        { "no limit", { .per_s = 0, .burst = 3 }, 1, 100000 },
        { "a large one", { .per_s = 1, .burst = UINT32_MAX }, 7, 100000 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bucket b = { 0 };
        is_int(drain(&b, &rows[i].rate, rows[i].times, 77 * SEC), rows[i].n, "%s", rows[i].name);
    }
}

/* After so many milliseconds the take succeeds, and not one earlier. */
static void test_retry(void)
{
    static const uint32_t speeds[] = { 1, 2, 3, 7, 30, 999, 1000, 1001, 5000 };
    static const uint32_t slower[] = { 0, 1, 60 };
    unsigned wrong = 0;
    for (size_t i = 0; i < 3 * sizeof(speeds) / sizeof(speeds[0]); i++) {
        struct limit_rate rate = { .per_s = speeds[i / 3], .burst = 3, .slower = slower[i % 3] };
        struct bucket b = { 0 };
        uint64_t now = 123456789;
        for (int n = 0; n < 500; n++, now += (uint64_t)n * 137 % 2500) {
            uint64_t retry_ms, ignored;
            drain(&b, &rate, 1, now);
            if (bucket_take(&retry_ms, &b, &rate, 1, now) != ERR_RATE_LIMITED || retry_ms == 0)
                wrong++;
            struct bucket early = b, late = b;
            wrong += bucket_take(&ignored, &early, &rate, 1, now + (retry_ms - 1) * MS) == 0;
            wrong += bucket_take(&ignored, &late, &rate, 1, now + retry_ms * MS) != 0;
        }
    }
    is_int(wrong, 0, "the time to wait is exact");
    struct bucket b = { 0 };
    struct limit_rate rate = { .per_s = 2, .burst = 1 };
    uint64_t retry_ms;
    (void)drain(&b, &rate, 1, 5 * SEC);
    is_int(bucket_take(&retry_ms, &b, &rate, 1, 5 * SEC), ERR_RATE_LIMITED, "none is left");
    is_int(retry_ms, 500, "half a second");
    rate = (struct limit_rate){ .per_s = 5, .burst = 5, .slower = 60 };
    b = (struct bucket){ 0 };
    is_int(drain(&b, &rate, 1, SEC), 5, "five a minute: five at once");
    is_int(bucket_take(&retry_ms, &b, &rate, 1, SEC), ERR_RATE_LIMITED, "and not the sixth");
    is_int(retry_ms, 12000, "which may come after a fifth of the minute");
    is_int(drain(&b, &rate, 1, 61 * SEC), 5, "in the next one five again");
}

/* Whoever asks all the time gets per_s in a second, however the asking falls. */
static void test_no_drift(void)
{
    static const uint64_t steps[] = { 1, 7, 333, 999, 1000, 1001, 333333, 999999 };
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct limit_rate rate = { .per_s = 3, .burst = 10 };
        struct bucket b = { 0 };
        unsigned n = 0, seconds = steps[i] < 100 ? 2 : 3000;
        (void)drain(&b, &rate, 1, SEC);
        for (uint64_t now = SEC; now <= (1 + seconds) * SEC; now += steps[i])
            n += drain(&b, &rate, 1, now);
        ok(n <= 3 * seconds && n + 4 > 3 * seconds, "asked every %d us: %u in %u s", (int)steps[i],
            n, seconds);
    }
}

static void test_times(void)
{
    struct limit_rate rate = { .per_s = 4, .burst = 8 };
    struct bucket b = { 0 };
    is_int(drain(&b, &rate, 1, 0), 8, "at the beginning of time");
    is_int(drain(&b, &rate, 1, 0), 0, "a clock that stands gives nothing");
    is_int(drain(&b, &rate, 1, SEC), 4, "a second later");
    is_int(drain(&b, &rate, 1, SEC / 2), 0, "a clock that went back gives nothing");
    is_int(drain(&b, &rate, 1, SEC + SEC / 4), 1, "and goes on where it was");
    is_int(drain(&b, &rate, 1, UINT64_MAX - SEC), 8, "at the end of time it is full, no more");
    is_int(drain(&b, &rate, 1, UINT64_MAX), 4, "and goes on");
    rate = (struct limit_rate){ .per_s = UINT32_MAX, .burst = UINT32_MAX };
    b = (struct bucket){ .spent_mt = UINT32_MAX };
    ok(takes(&b, &rate, UINT64_MAX), "the largest numbers");
    rate = (struct limit_rate){ .per_s = 1u << 31, .burst = 1 };
    b = (struct bucket){ .spent_mt = 2000 };
    is_int(drain(&b, &rate, 2, (1ull << 32) * MS), 2, "more came back than 64 bits count");
}

static void test_change(void)
{
    struct limit_rate large = { .per_s = 10, .burst = 100 }, small = { .per_s = 10, .burst = 2 };
    struct bucket b = { 0 };
    uint64_t retry_ms;
    (void)drain(&b, &large, 1, SEC);
    is_int(bucket_take(&retry_ms, &b, &small, 1, SEC), ERR_RATE_LIMITED, "a smaller rate");
    is_int(retry_ms, 100, "owes no more than it holds");
}

/* What one token was not enough for. */
static void test_debts(void)
{
    struct limit_rate rate = { .per_s = 10, .burst = 4 };
    struct bucket b = { 0 };
    uint64_t retry_ms;
    ok(takes(&b, &rate, SEC), "one of four");
    bucket_owe(&b, 2);
    is_int(drain(&b, &rate, 1, SEC), 1, "worth three");
    ok(takes(&b, &rate, 2 * SEC), "a full bucket again");
    bucket_owe(&b, 13);
    is_int(bucket_take(&retry_ms, &b, &rate, 1, 2 * SEC), ERR_RATE_LIMITED, "worth fourteen");
    is_int(retry_ms, 1100, "ten are owed, and one is wanted");
    is_int(drain(&b, &rate, 1, 2 * SEC + 1099 * MS), 0, "not before");
    is_int(drain(&b, &rate, 1, 2 * SEC + 1100 * MS), 1, "but then");
    is_int(drain(&b, &rate, 1, 4 * SEC), 4, "and no more than it holds");
    bucket_owe(&b, UINT32_MAX);
    bucket_owe(&b, UINT32_MAX);
    is_int(bucket_take(&retry_ms, &b, &rate, 1, 4 * SEC), ERR_RATE_LIMITED, "a large debt");
    is_int(retry_ms, (LIMIT_DEBT_MAX + 1) * 100, "has an end");
    rate.per_s = 0;
    ok(takes(&b, &rate, 4 * SEC), "where there is no limit, debts mean nothing");
}

int main(void)
{
    test_burst();
    test_retry();
    test_no_drift();
    test_times();
    test_change();
    test_debts();
    return done();
}
