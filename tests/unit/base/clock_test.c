#include "base/clock.h"

#include "tap.h"

#include <time.h>

static void system_clock_agrees(void)
{
    const struct clock *c = &clock_system;
    int64_t before = (int64_t)time(NULL) * 1000;
    int64_t wall = clock_wall_ms(c);
    int64_t after = ((int64_t)time(NULL) + 2) * 1000;
    ok(wall >= before - 1000 && wall <= after, "wall time is that of time()");

    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    uint64_t low = (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
    uint64_t mono = clock_mono_us(c);
    clock_gettime(CLOCK_MONOTONIC, &t);
    uint64_t high = (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
    ok(mono >= low && mono <= high, "monotonic time lies between two readings");

    unsigned back = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t next = clock_mono_us(c);
        back += next < mono;
        mono = next;
    }
    is_int(back, 0, "monotonic time never goes back");
}

static void test_clock_stands_until_turned(void)
{
    struct test_clock t;
    test_clock_init(&t);
    const struct clock *c = &t.clock;
    uint64_t mono = clock_mono_us(c);
    int64_t wall = clock_wall_ms(c);
    ok(mono > 0, "it does not start at the moment that means never");
    is_int(clock_mono_us(c), mono, "it stands");
    is_int(clock_wall_ms(c), wall, "its wall time stands");

    test_clock_turn(&t, 1500000);
    is_int(clock_mono_us(c) - mono, 1500000, "turned by 1.5 s");
    is_int(clock_wall_ms(c) - wall, 1500, "wall time turned as far");
}

static void short_turns_add_up(void)
{
    struct test_clock t;
    test_clock_init(&t);
    int64_t wall = clock_wall_ms(&t.clock);
    for (int i = 0; i < 10000; i++)
        test_clock_turn(&t, 300);
    is_int(clock_wall_ms(&t.clock) - wall, 3000, "10,000 turns of 0.3 ms are 3 s");
}

static void wall_time_can_be_set(void)
{
    struct test_clock t;
    test_clock_init(&t);
    uint64_t mono = clock_mono_us(&t.clock);
    t.wall_ms = 5;
    test_clock_turn(&t, 2000);
    is_int(clock_wall_ms(&t.clock), 7, "wall time goes on from where it was set");
    is_int(clock_mono_us(&t.clock) - mono, 2000, "monotonic time did not jump");
}

int main(void)
{
    system_clock_agrees();
    test_clock_stands_until_turned();
    short_turns_add_up();
    wall_time_can_be_set();
    return done();
}
