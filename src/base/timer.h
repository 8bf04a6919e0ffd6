/* Many timers, soonest first: a 4-ary heap of links to timers that lie inside their owners. Knows
 * no clock: the loop says what time it is. Arming an armed timer moves it. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define TIMER_NEVER UINT64_MAX

/* Called once when the time has come; the timer is off by then and may be armed again or freed. */
typedef void(timer_fn)(void *arg);

struct timer {
    uint64_t at_us;
    timer_fn *fn;
    void *arg;
    uint32_t place; /* in the heap, counted from 1; 0: off */
};

/* A timer's time lies beside the link, so that comparing does not visit the timers. */
struct timer_link {
    uint64_t at_us;
    struct timer *timer;
};

struct timer_heap {
    struct timer_link *at; /* `n` in heap order from the front, `late` at the back */
    uint32_t n;
    uint32_t late; /* armed during a run for a time that has come */
    uint32_t cap;
    bool running;
    uint64_t run_us; /* the time of the current run */
};

void timer_heap_init(struct timer_heap *h);
void timer_heap_fini(struct timer_heap *h); /* armed timers are forgotten, not called */

void timer_init(struct timer *t, timer_fn *fn, void *arg);

static inline bool timer_is_armed(const struct timer *t)
{
    return t->place != 0;
}

/* Panics when there is no memory for its place: 16 bytes a timer. */
void timer_arm(struct timer_heap *h, struct timer *t, uint64_t at_us);
void timer_cancel(struct timer_heap *h, struct timer *t);

/* When the first one is due, TIMER_NEVER without any. */
uint64_t timer_next_us(const struct timer_heap *h);

/* Calls every timer due at `now_us`, in order of their times; timers armed by these calls for a
 * time that has come wait for the next run. Gives the number called. */
unsigned timer_run(struct timer_heap *h, uint64_t now_us);
