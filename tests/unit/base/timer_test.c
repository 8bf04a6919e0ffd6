/* Order, and what a call may do to other timers: arm, move, cancel, free. Then random timers that
 * do all of it against a naive table, which predicts every call. */
#include "base/timer.h"

#include "tap.h"

#include <stdlib.h>

#define TIMERS 120 /* of the random test */
#define HEAPS  200
#define TURNS  100
#define NOTED  16

/* Timers that note their names when called, and do one thing more. */
struct bench {
    struct timer_heap heap;
    char called[NOTED];
    unsigned n;
};

struct alarm {
    struct timer timer;
    struct bench *bench;
    char name;
    struct alarm *arms; /* at `arms_us` */
    uint64_t arms_us;
    struct alarm *cancels;
    struct alarm *frees;
};

static void on_alarm(void *arg)
{
    struct alarm *a = arg;
    struct bench *b = a->bench;
    if (b->n < NOTED - 1)
        b->called[b->n++] = a->name;
    if (a->arms != NULL)
        timer_arm(&b->heap, &a->arms->timer, a->arms_us);
    if (a->cancels != NULL)
        timer_cancel(&b->heap, &a->cancels->timer);
    free(a->frees); /* last: may be the alarm itself */
}

static void alarm_init(struct alarm *a, struct bench *b, char name)
{
    *a = (struct alarm){ .bench = b, .name = name };
    timer_init(&a->timer, on_alarm, a);
}

/* Runs, and gives the names of those called. */
static const char *run(struct bench *b, uint64_t now_us)
{
    b->n = 0;
    unsigned n = timer_run(&b->heap, now_us);
    b->called[b->n] = '\0';
    return n == b->n ? b->called : "wrong number";
}

static void bench_init(struct bench *b, struct alarm *alarms, unsigned n)
{
    *b = (struct bench){ .n = 0 };
    timer_heap_init(&b->heap);
    for (unsigned i = 0; i < n; i++)
        alarm_init(&alarms[i], b, (char)('a' + (char)i));
}

static void test_order(void)
{
    struct bench b;
    struct alarm a[5];
    bench_init(&b, a, 5);
    ok(timer_next_us(&b.heap) == TIMER_NEVER, "none is due, ever");
    is_str(run(&b, 100), "", "and none is called");
    timer_arm(&b.heap, &a[0].timer, 30);
    timer_arm(&b.heap, &a[1].timer, 10);
    timer_arm(&b.heap, &a[2].timer, 20);
    timer_arm(&b.heap, &a[3].timer, 40);
    is_int(timer_next_us(&b.heap), 10, "the soonest is known");
    is_str(run(&b, 9), "", "too early");
    is_str(run(&b, 30), "bca", "in order of time, that of the run included");
    ok(!timer_is_armed(&a[0].timer) && timer_is_armed(&a[3].timer), "the called ones are off");
    timer_arm(&b.heap, &a[3].timer, 60);
    timer_arm(&b.heap, &a[4].timer, 50);
    is_int(timer_next_us(&b.heap), 50, "arming again moves");
    timer_arm(&b.heap, &a[3].timer, 45);
    is_int(timer_next_us(&b.heap), 45, "either way");
    timer_cancel(&b.heap, &a[3].timer);
    timer_cancel(&b.heap, &a[3].timer);
    is_str(run(&b, 100), "e", "a cancelled one is not called");
    timer_arm(&b.heap, &a[0].timer, 1);
    timer_heap_fini(&b.heap);
    ok(!timer_is_armed(&a[0].timer), "the end of the heap turns timers off");
}

static void test_armed_during_run(void)
{
    struct bench b;
    struct alarm a[4];
    bench_init(&b, a, 4);
    for (unsigned i = 0; i < 3; i++)
        timer_arm(&b.heap, &a[i].timer, 10 + i);
    a[0].arms = &a[0], a[0].arms_us = 5;
    a[1].arms = &a[3], a[1].arms_us = 20;
    is_str(run(&b, 20), "abc", "what is armed for a time that has come waits");
    is_int(timer_next_us(&b.heap), 5, "it is due at once");
    a[0].arms = NULL;
    is_str(run(&b, 20), "ad", "and called in the next run, at the same time even");
    timer_arm(&b.heap, &a[0].timer, 30);
    timer_arm(&b.heap, &a[1].timer, 31);
    a[0].arms = &a[2], a[0].arms_us = 41;
    a[1].arms = &a[2], a[1].arms_us = 35;
    is_str(run(&b, 40), "ab", "moved from later to due during a run");
    is_str(run(&b, 40), "c", "is called in the next");
    timer_arm(&b.heap, &a[0].timer, 50);
    timer_arm(&b.heap, &a[1].timer, 51);
    timer_arm(&b.heap, &a[2].timer, 52);
    a[0].arms = &a[2], a[0].arms_us = 49;
    a[1].arms = &a[2], a[1].arms_us = 99;
    is_str(run(&b, 60), "ab", "moved from waiting to later");
    is_str(run(&b, 98), "", "does not come too early");
    is_str(run(&b, 99), "c", "but then");
    timer_heap_fini(&b.heap);
}

static void test_cancelled_during_run(void)
{
    struct bench b;
    struct alarm a[4];
    bench_init(&b, a, 4);
    for (unsigned i = 0; i < 3; i++)
        timer_arm(&b.heap, &a[i].timer, 10 + i);
    a[0].cancels = &a[1];
    a[0].arms = &a[3];
    a[2].cancels = &a[3];
    is_str(run(&b, 20), "ac", "a due one is cancelled by one before it");
    is_str(run(&b, 20), "", "and a waiting one too");
    ok(!timer_is_armed(&a[3].timer), "it is off");
    timer_heap_fini(&b.heap);
}

static void test_freed_during_run(void)
{
    struct bench b;
    struct alarm a[2], *self = malloc(sizeof(*self)), *other = malloc(sizeof(*other));
    bench_init(&b, a, 2);
    alarm_init(self, &b, 's');
    alarm_init(other, &b, 'o');
    timer_arm(&b.heap, &self->timer, 1);
    timer_arm(&b.heap, &a[0].timer, 2);
    timer_arm(&b.heap, &other->timer, 3);
    timer_arm(&b.heap, &a[1].timer, 4);
    self->frees = self;
    a[0].cancels = a[0].frees = other;
    is_str(run(&b, 10), "sab", "timers are freed by themselves and by others");
    timer_heap_fini(&b.heap);
}

/* The random test: a naive table of what is armed, which predicts every call. */
struct sim {
    struct timer_heap heap;
    struct timer timers[TIMERS];
    struct {
        bool armed;
        bool waits; /* armed during this run for a time that has come */
        uint64_t at_us;
    } model[TIMERS];
    struct {
        struct sim *sim;
        unsigned i;
    } args[TIMERS];
    bool running;
    uint64_t now_us;
    uint64_t seed;
    unsigned arms_of_8; /* how often a timer is armed, not cancelled */
    unsigned wrong;
};

static uint64_t draw(struct sim *s, uint64_t below)
{
    s->seed ^= s->seed << 13;
    s->seed ^= s->seed >> 7;
    s->seed ^= s->seed << 17;
    return s->seed % below;
}

static bool is_due(const struct sim *s, unsigned i)
{
    return s->model[i].armed && !s->model[i].waits && s->model[i].at_us <= s->now_us;
}

static void act(struct sim *s)
{
    unsigned i = (unsigned)draw(s, TIMERS);
    uint64_t at_us = s->now_us + draw(s, 300) - 100;
    bool arms = draw(s, 8) < s->arms_of_8;
    s->model[i].armed = arms;
    s->model[i].waits = arms && s->running && at_us <= s->now_us;
    s->model[i].at_us = at_us;
    if (arms)
        timer_arm(&s->heap, &s->timers[i], at_us);
    else
        timer_cancel(&s->heap, &s->timers[i]);
}

static void on_sim_timer(void *arg)
{
    struct {
        struct sim *sim;
        unsigned i;
    } *who = arg;
    struct sim *s = who->sim;
    s->wrong += !is_due(s, who->i) || timer_is_armed(&s->timers[who->i]);
    for (unsigned i = 0; i < TIMERS; i++)
        s->wrong += is_due(s, i) && s->model[i].at_us < s->model[who->i].at_us;
    s->model[who->i].armed = false;
    for (uint64_t n = draw(s, 4); n > 0; n--)
        act(s);
}

static void check(struct sim *s)
{
    uint64_t next = TIMER_NEVER;
    for (unsigned i = 0; i < TIMERS; i++) {
        s->wrong += s->model[i].armed != timer_is_armed(&s->timers[i]) || is_due(s, i);
        s->model[i].waits = false;
        if (s->model[i].armed && s->model[i].at_us < next)
            next = s->model[i].at_us;
    }
    s->wrong += timer_next_us(&s->heap) != next;
}

static unsigned simulate(struct sim *s)
{
    unsigned called = 0;
    timer_heap_init(&s->heap);
    for (unsigned i = 0; i < TIMERS; i++) {
        s->args[i].sim = s;
        s->args[i].i = i;
        timer_init(&s->timers[i], on_sim_timer, &s->args[i]);
    }
    for (int turn = 0; turn < TURNS; turn++) {
        for (uint64_t n = draw(s, 4); n > 0; n--)
            act(s);
        s->now_us += draw(s, 50);
        s->running = true;
        called += timer_run(&s->heap, s->now_us);
        s->running = false;
        check(s);
    }
    timer_heap_fini(&s->heap);
    return called;
}

/* Many small heaps, since most can go wrong while they grow; every other one is nearly empty. */
static void test_random(void)
{
    struct sim *s = calloc(1, sizeof(*s));
    unsigned called = 0, wrong = 0;
    for (unsigned i = 0; i < HEAPS; i++) {
        *s = (struct sim){ .seed = 1234567 + i, .now_us = 1000, .arms_of_8 = i % 2 ? 7 : 3 };
        called += simulate(s);
        wrong += s->wrong;
    }
    is_int(wrong, 0, "random timers behave as the model does");
    ok(called > 10000, "%u were called", called);
    free(s);
}

int main(void)
{
    test_order();
    test_armed_during_run();
    test_cancelled_during_run();
    test_freed_during_run();
    test_random();
    return done();
}
