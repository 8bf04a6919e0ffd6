#include "base/clock.h"

#include "base/panic.h"

#include <stddef.h>
#include <time.h>

/* Where a test clock starts: not at zero, which often means "never", and at a date that reads
 * well in a failed test: 2026-01-01T00:00:00.000Z. */
#define TEST_MONO_US 1000000u
#define TEST_WALL_MS 1767225600000

static struct timespec read_clock(clockid_t id)
{
    struct timespec t;
    ASSERT(clock_gettime(id, &t) == 0);
    return t;
}

static uint64_t system_mono_us(const struct clock *c)
{
    (void)c;
    struct timespec t = read_clock(CLOCK_MONOTONIC);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static int64_t system_wall_ms(const struct clock *c)
{
    (void)c;
    struct timespec t = read_clock(CLOCK_REALTIME);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const struct clock clock_system = {
    .name = "system",
    .mono_us = system_mono_us,
    .wall_ms = system_wall_ms,
};

static const struct test_clock *test_clock_of(const struct clock *c)
{
    return (const struct test_clock *)(const void *)((const char *)c -
        offsetof(struct test_clock, clock));
}

static uint64_t test_mono_us(const struct clock *c)
{
    return test_clock_of(c)->mono_us;
}

static int64_t test_wall_ms(const struct clock *c)
{
    return test_clock_of(c)->wall_ms;
}

void test_clock_init(struct test_clock *t)
{
    *t = (struct test_clock){
        .clock = { .name = "test", .mono_us = test_mono_us, .wall_ms = test_wall_ms },
        .mono_us = TEST_MONO_US,
        .wall_ms = TEST_WALL_MS,
    };
}

/* Many turns shorter than a millisecond move the wall clock as far as one long turn. */
void test_clock_turn(struct test_clock *t, uint64_t by_us)
{
    uint64_t before_ms = t->mono_us / 1000;
    t->mono_us += by_us;
    t->wall_ms += (int64_t)(t->mono_us / 1000 - before_ms);
}
