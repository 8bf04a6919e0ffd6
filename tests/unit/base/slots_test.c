#include "base/slots.h"

#include "fault.h"
#include "tap.h"

#include <stddef.h>
#include <stdlib.h>

#define MAX   50
#define STALE 2000

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed % below;
}

static void test_life(void)
{
    struct slots s;
    int one, two;
    uint64_t a, b, c;
    slots_init(&s, 10);
    ok(slots_find(&s, SLOTS_NO_ID) == NULL && slots_remove(&s, 1) == NULL, "nothing yet");
    is_int(slots_add(&a, &s, &one), 0, "one object");
    is_int(slots_add(&b, &s, &two), 0, "another");
    ok(a != b && a != SLOTS_NO_ID && b != SLOTS_NO_ID, "have ids");
    ok(slots_find(&s, a) == &one && slots_find(&s, b) == &two && s.n == 2, "that find them");
    ok(slots_remove(&s, a) == &one && s.n == 1, "one is removed");
    ok(slots_find(&s, a) == NULL && slots_remove(&s, a) == NULL, "its id is stale");
    is_int(slots_add(&c, &s, &one), 0, "its place is given again");
    ok((uint32_t)c == (uint32_t)a && c != a, "under another generation");
    ok(slots_find(&s, c) == &one && slots_find(&s, a) == NULL, "the stale id finds nothing");
    slots_fini(&s);
    ok(slots_find(&s, c) == NULL, "nothing after the end");
}

static void test_strange_ids(void)
{
    struct slots s;
    uint64_t id;
    int one;
    slots_init(&s, 10);
    is_int(slots_add(&id, &s, &one), 0, "one object");
    static const uint64_t strange[] = { 0, 1, 2, 1ull << 32, 11 | 1ull << 32, 16 | 1ull << 32,
        1 | 2ull << 32, 2 | 1ull << 32, UINT32_MAX, UINT64_MAX, UINT64_MAX << 32 };
    unsigned found = 0;
    for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
        found += slots_find(&s, strange[i]) != NULL || slots_remove(&s, strange[i]) != NULL;
    is_int(found, 0, "invented ids find nothing");
    ok(slots_find(&s, id) == &one && s.n == 1, "the true one does");
    slots_fini(&s);
}

static void test_maximum(void)
{
    struct slots s;
    uint64_t id = 0;
    int object;
    unsigned failed = 0;
    slots_init(&s, 40);
    for (int i = 0; i < 40; i++)
        failed += slots_add(&id, &s, &object) != 0;
    is_int(failed, 0, "as many as the maximum");
    is_int(s.cap, 40, "in as much memory");
    is_int(slots_add(&id, &s, &object), ERR_TOO_MANY, "one more is too many");
    ok(slots_remove(&s, id) == &object, "when one goes");
    is_int(slots_add(&id, &s, &object), 0, "one can come");
    slots_fini(&s);
    slots_init(&s, 0);
    is_int(slots_add(&id, &s, &object), ERR_TOO_MANY, "none at all, if the maximum is 0");
    slots_fini(&s);
}

static void test_generation_wraps(void)
{
    struct slots s;
    uint64_t last, next;
    int object;
    slots_init(&s, 1);
    ok(slots_add(&last, &s, &object) == 0 && slots_remove(&s, last) == &object, "a place");
    s.at[0].generation = UINT32_MAX;
    ok(slots_add(&last, &s, &object) == 0 && last >> 32 == UINT32_MAX, "in its last generation");
    ok(slots_remove(&s, last) == &object, "is freed");
    is_int(slots_add(&next, &s, &object), 0, "and given again");
    is_int(next >> 32, 1, "in the first generation, not in number 0");
    ok(slots_find(&s, next) == &object && slots_find(&s, last) == NULL, "and found");
    slots_fini(&s);
}

/* Against a table of ids, living and stale. */
static void test_random(void)
{
    struct slots s;
    uint64_t seed = 42, ids[MAX] = { 0 }, stale[STALE] = { 0 };
    int objects[MAX];
    unsigned wrong = 0, n = 0, gone = 0;
    slots_init(&s, MAX);
    for (int turn = 0; turn < 100000; turn++) {
        uint64_t i = draw(&seed, MAX);
        if (ids[i] == 0) {
            wrong += slots_add(&ids[i], &s, &objects[i]) != 0 || ids[i] == 0;
            n++;
        } else if (draw(&seed, 2) == 0) {
            wrong += slots_find(&s, ids[i]) != &objects[i];
        } else {
            wrong += slots_remove(&s, ids[i]) != &objects[i];
            stale[gone++ % STALE] = ids[i];
            ids[i] = 0;
            n--;
        }
        wrong += slots_find(&s, stale[draw(&seed, STALE)]) != NULL || s.n != n;
    }
    is_int(wrong, 0, "random additions and removals behave as the model does");
    ok(gone > STALE && n > 0, "%u were removed", gone);
    slots_fini(&s);
}

static void without_memory(void *arg)
{
    unsigned *clean = arg;
    struct slots s;
    uint64_t ids[100];
    unsigned failed = 0, found = 0;
    slots_init(&s, 100);
    for (unsigned i = 0; i < 100; i++) {
        int err = slots_add(&ids[i], &s, &ids[i]);
        failed += err == ERR_NO_MEMORY;
        ids[i] = err ? 0 : ids[i];
    }
    for (unsigned i = 0; i < 100; i++)
        found += slots_find(&s, ids[i]) == &ids[i];
    *clean += failed == fault_hit() && found == 100 - failed && s.n == found;
    slots_fini(&s);
}

static void test_faults(void)
{
    unsigned clean = 0;
    unsigned runs = fault_each(FAULT_ALLOC, without_memory, &clean);
    is_int(clean, runs + 1, "one object is refused, the others are found");
}

int main(void)
{
    test_life();
    test_strange_ids();
    test_maximum();
    test_generation_wraps();
    test_random();
    test_faults();
    return done();
}
