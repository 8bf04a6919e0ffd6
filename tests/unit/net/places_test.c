#include "net/places.h"

#include "base/clock.h"
#include "net/tour.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>

#define LOOPS 5
#define IDS   5000

struct town {
    struct test_clock clock;
    struct places places;
};

static void found(struct town *t, unsigned n)
{
    test_clock_init(&t->clock);
    places_init(&t->places);
    for (unsigned i = 0; i < n; i++) {
        struct loop *l;
        if (loop_new(&l, &t->clock.clock) || places_add(&t->places, l))
            abort();
    }
}

static void raze(struct town *t)
{
    for (unsigned i = 0; i < t->places.n; i++)
        loop_free(t->places.loops[i]);
}

/* ---- places ---- */

static void test_one(void)
{
    struct town t;
    found(&t, 1);
    is_int(places_of(&t.places, S("any")), 0, "one loop has everything");
    raze(&t);
}

static void test_many(void)
{
    struct town t;
    unsigned has[LOOPS] = { 0 };
    unsigned moved = 0;
    found(&t, LOOPS);
    for (unsigned i = 0; i < IDS; i++) {
        char id[24];
        snprintf(id, sizeof id, "room-%u", i);
        unsigned place = places_of(&t.places, slice_str(id));
        moved += place != places_of(&t.places, slice_str(id));
        has[place < LOOPS ? place : 0]++;
    }
    is_int(moved, 0, "an id stays where it is");
    for (unsigned i = 0; i < LOOPS; i++)
        ok(has[i] > IDS / LOOPS * 8 / 10 && has[i] < IDS / LOOPS * 12 / 10,
            "loop %u has about as much as the others: %u", i, has[i]);
    raze(&t);
}

static void test_too_many(void)
{
    struct town t;
    found(&t, PLACES_MAX);
    is_int(places_add(&t.places, t.places.loops[0]), ERR_TOO_MANY, "there is an end to them");
    raze(&t);
}

/* ---- looking ---- */

static void test_looks(void)
{
    uint64_t us, last_us = 0, sum_us = 0;
    unsigned n = 0, shorter = 0;
    while ((us = places_look_us(n)) > 0 && n < 1000) {
        shorter += us < last_us;
        last_us = us;
        sum_us += us;
        n++;
    }
    is_int(places_look_us(0), 1000, "the first look is soon");
    is_int(shorter, 0, "the next ones never sooner");
    is_int(last_us, 100000, "ten times in a second at the end");
    ok(sum_us > 900000 && sum_us < 1200000, "which comes after about one: %u looks", n);
    is_int(places_look_us(n + 1000), 0, "and is the end");
}

/* ---- tours ---- */

struct journey {
    struct tour tour;
    unsigned order[LOOPS + 1];
    unsigned n;
    unsigned homes;
};

static void visit(struct tour *t)
{
    struct journey *j = CONTAINER_OF(t, struct journey, tour);
    j->order[j->n++ % (LOOPS + 1)] = t->at;
}

static void come_home(struct tour *t)
{
    CONTAINER_OF(t, struct journey, tour)->homes++;
}

static void test_tour(void)
{
    struct town t;
    struct journey j = { .n = 0 };
    found(&t, LOOPS);
    tour_begin(&j.tour, &t.places, 3, visit, come_home);
    is_int(j.n, 1, "it begins at home, at once");
    for (unsigned i = 0; i < LOOPS; i++) {
        unsigned at = (3 + 1 + i) % LOOPS;
        is_int(j.homes, 0, "and is not back");
        loop_turn(t.places.loops[at], false);
        if (i + 1 < LOOPS)
            is_int(j.order[i + 1], at, "then comes loop %u", at);
    }
    is_int(j.n, LOOPS, "each once");
    is_int(j.homes, 1, "and home");
    raze(&t);
}

static void test_short_tour(void)
{
    struct town t;
    struct journey j = { .n = 0 };
    found(&t, 1);
    tour_begin(&j.tour, &t.places, 0, visit, come_home);
    ok(j.n == 1 && j.homes == 1, "where there is nowhere to go it is home at once");
    raze(&t);
}

int main(void)
{
    test_one();
    test_many();
    test_too_many();
    test_looks();
    test_tour();
    test_short_tour();
    return done();
}
