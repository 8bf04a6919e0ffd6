#include "base/timer.h"

#include "base/panic.h"
#include "base/xalloc.h"

#include <string.h>

#define FIRST_CAP 16u
#define WAYS      4u /* four children fill one cache line, and the heap is half as deep */

void timer_heap_init(struct timer_heap *h)
{
    *h = (struct timer_heap){ 0 };
}

static uint32_t late_start(const struct timer_heap *h)
{
    return h->cap - h->late;
}

void timer_heap_fini(struct timer_heap *h)
{
    ASSERT(!h->running);
    for (uint32_t i = 0; i < h->n; i++)
        h->at[i].timer->place = 0;
    xfree(h->at);
    timer_heap_init(h);
}

void timer_init(struct timer *t, timer_fn *fn, void *arg)
{
    *t = (struct timer){ .fn = fn, .arg = arg };
}

static void put(struct timer_heap *h, uint32_t i, struct timer_link link)
{
    h->at[i] = link;
    link.timer->place = i + 1;
}

static void sift_up(struct timer_heap *h, uint32_t i, struct timer_link link)
{
    while (i > 0) {
        uint32_t parent = (i - 1) / WAYS;
        if (h->at[parent].at_us <= link.at_us)
            break;
        put(h, i, h->at[parent]);
        i = parent;
    }
    put(h, i, link);
}

static uint32_t soonest_child(const struct timer_heap *h, uint32_t i)
{
    uint32_t first = i * WAYS + 1;
    uint32_t end = h->n - first < WAYS ? h->n : first + WAYS;
    uint32_t best = first;
    for (uint32_t child = first + 1; child < end; child++) {
        if (h->at[child].at_us < h->at[best].at_us)
            best = child;
    }
    return best;
}

static void sift_down(struct timer_heap *h, uint32_t i, struct timer_link link)
{
    while (i * WAYS + 1 < h->n) {
        uint32_t child = soonest_child(h, i);
        if (h->at[child].at_us >= link.at_us)
            break;
        put(h, i, h->at[child]);
        i = child;
    }
    put(h, i, link);
}

/* Puts a link to where it belongs, given that place `i` is free for it. */
static void settle(struct timer_heap *h, uint32_t i, struct timer_link link)
{
    if (i > 0 && link.at_us < h->at[(i - 1) / WAYS].at_us)
        sift_up(h, i, link);
    else
        sift_down(h, i, link);
}

static void grow(struct timer_heap *h)
{
    struct timer_heap old = *h;
    ASSERT(old.cap <= UINT32_MAX / 8); /* places and children stay within 32 bits */
    h->cap = old.cap > 0 ? old.cap * 2 : FIRST_CAP;
    h->at = xalloc(h->cap * sizeof(*h->at));
    if (old.n > 0)
        memcpy(h->at, old.at, old.n * sizeof(*h->at));
    for (uint32_t i = 0; i < old.late; i++)
        put(h, late_start(h) + i, old.at[late_start(&old) + i]);
    xfree(old.at);
}

static void add(struct timer_heap *h, struct timer_link link)
{
    h->n++;
    sift_up(h, h->n - 1, link);
}

static void add_late(struct timer_heap *h, struct timer_link link)
{
    h->late++;
    put(h, late_start(h), link);
}

static bool is_late(const struct timer_heap *h, const struct timer *t)
{
    return t->place > h->n;
}

void timer_arm(struct timer_heap *h, struct timer *t, uint64_t at_us)
{
    struct timer_link link = { .at_us = at_us, .timer = t };
    bool late = h->running && at_us <= h->run_us;
    if (timer_is_armed(t) && (late || is_late(h, t)))
        timer_cancel(h, t);
    t->at_us = at_us;
    if (timer_is_armed(t)) {
        settle(h, t->place - 1, link);
        return;
    }
    if (h->n + h->late == h->cap)
        grow(h);
    if (late)
        add_late(h, link);
    else
        add(h, link);
}

static void cancel_late(struct timer_heap *h, uint32_t i)
{
    struct timer_link first = h->at[late_start(h)];
    put(h, i, first);
    h->late--;
}

void timer_cancel(struct timer_heap *h, struct timer *t)
{
    if (!timer_is_armed(t))
        return;
    uint32_t i = t->place - 1;
    ASSERT(i < h->cap && h->at[i].timer == t);
    if (is_late(h, t)) {
        cancel_late(h, i);
    } else {
        h->n--;
        if (i < h->n)
            settle(h, i, h->at[h->n]);
    }
    t->place = 0;
}

uint64_t timer_next_us(const struct timer_heap *h)
{
    uint64_t next = h->n > 0 ? h->at[0].at_us : TIMER_NEVER;
    for (uint32_t i = late_start(h); i < h->cap; i++) {
        if (h->at[i].at_us < next)
            next = h->at[i].at_us;
    }
    return next;
}

/* The late ones join the heap for the next run. */
static void end_run(struct timer_heap *h)
{
    h->running = false;
    while (h->late > 0) {
        struct timer_link link = h->at[late_start(h)];
        h->late--;
        add(h, link);
    }
}

unsigned timer_run(struct timer_heap *h, uint64_t now_us)
{
    unsigned called = 0;
    ASSERT(!h->running);
    h->running = true;
    h->run_us = now_us;
    for (; h->n > 0 && h->at[0].at_us <= now_us; called++) {
        struct timer *t = h->at[0].timer;
        timer_cancel(h, t);
        t->fn(t->arg);
    }
    end_run(h);
    return called;
}
