/* What time it is, in two kinds: monotonic for waiting, wall for people. A clock is passed to
 * whoever needs one, so that a test can turn its own. */
#pragma once

#include <stdint.h>

struct clock {
    const char *name;
    uint64_t (*mono_us)(const struct clock *c); /* never goes back */
    int64_t (*wall_ms)(const struct clock *c);  /* since 1970; jumps when somebody sets it */
};

/* The machine's own. */
extern const struct clock clock_system;

static inline uint64_t clock_mono_us(const struct clock *c)
{
    return c->mono_us(c);
}

static inline int64_t clock_wall_ms(const struct clock *c)
{
    return c->wall_ms(c);
}

/* A clock that stands until it is turned. `&t.clock` is the clock. */
struct test_clock {
    struct clock clock;
    uint64_t mono_us;
    int64_t wall_ms;
};

void test_clock_init(struct test_clock *t);
void test_clock_turn(struct test_clock *t, uint64_t by_us); /* both kinds */
