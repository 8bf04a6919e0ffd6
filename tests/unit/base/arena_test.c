#include "base/arena.h"

#include "fault.h"
#include "tap.h"

#include <stdalign.h>

static bool is_zero(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (p[i] != 0)
            return false;
    }
    return true;
}

/* Fills whatever it gets, so that memory handed out twice or unzeroed shows. */
static unsigned bad_pieces(struct arena *a, unsigned n, size_t step)
{
    unsigned bad = 0;
    for (unsigned i = 0; i < n; i++) {
        size_t size = i * step % 1500;
        char *p = arena_alloc(a, size);
        bad += p == NULL || (uintptr_t)p % alignof(max_align_t) != 0 || !is_zero(p, size);
        if (p != NULL)
            memset(p, 0xff, size);
    }
    return bad;
}

static void test_pieces(void)
{
    struct arena a;
    arena_init(&a, 10 << 20);
    is_int(bad_pieces(&a, 2000, 7), 0, "pieces are aligned and zeroed");
    ok(a.used_bytes >= 2000 * 700, "and counted");
    arena_reset(&a);
    is_int(a.used_bytes, 0, "a reset takes all back");
    is_int(bad_pieces(&a, 20, 7), 0, "pieces are zeroed again after a reset");
    arena_fini(&a);
}

static void test_maximum(void)
{
    struct arena a;
    struct slice s;
    arena_init(&a, 100);
    ok(arena_alloc(&a, 101) == NULL, "one byte over the maximum");
    ok(arena_alloc(&a, SIZE_MAX) == NULL, "everything");
    ok(arena_alloc(&a, 100) != NULL, "the maximum itself");
    ok(arena_alloc(&a, 1) == NULL, "then nothing more");
    is_int(arena_copy(&s, &a, S("")), ERR_TOO_BIG, "not even a NUL");
    arena_reset(&a);
    is_int(arena_copy(&s, &a, slice_take(S("0123456789"), 10)), 0, "again after a reset");
    ok(arena_alloc(&a, 85) == NULL, "the gap for alignment counts");
    ok(arena_alloc(&a, 84) != NULL, "up to the last byte");
    arena_fini(&a);
}

static void test_copy(void)
{
    struct arena a;
    struct slice one, two, empty;
    arena_init(&a, 1000);
    is_int(arena_copy(&one, &a, S("a\0b")), 0, "a copy");
    is_int(arena_copy(&two, &a, S("longer")), 0, "another");
    is_int(arena_copy(&empty, &a, slice_str(NULL)), 0, "of nothing");
    is_mem(one.p, "a\0b", 4, "bytes and a NUL behind them");
    is_str(two.p, "longer", "a C string");
    is_str(empty.p, "", "an empty C string");
    is_int(a.used_bytes, 4 + 7 + 1, "copies lie close together");
    arena_fini(&a);
}

static void test_trim(void)
{
    struct arena a;
    arena_init(&a, 100000);
    char *p = arena_alloc(&a, 1000);
    memset(p, 'x', 1000);
    arena_trim(&a, p, 1000, 16);
    is_int(a.used_bytes, 16, "only what is kept counts");
    char *next = arena_alloc(&a, 32);
    ok(next == p + 16 && is_zero(next, 32), "the next piece takes the tail, zeroed");
    char *large = arena_alloc(&a, 6000);
    arena_trim(&a, large, 6000, 10);
    is_int(a.used_bytes, 16 + 32 + 10, "the tail of a large piece comes back");
    ok(arena_alloc(&a, 8) == next + 32, "the newest chunk is still in use behind it");
    arena_trim(&a, next + 32, 8, 0);
    is_int(a.used_bytes, 16 + 32 + 10, "all of a piece can come back");
    arena_fini(&a);
}

static void test_allocations(void)
{
    struct arena a;
    struct slice s;
    unsigned failed = 0;
    arena_init(&a, 2 << 20);
    fault_off();
    for (int turn = 0; turn < 1000; turn++) {
        arena_reset(&a);
        for (int i = 0; i < 40; i++)
            failed += arena_alloc(&a, 64) == NULL || arena_copy(&s, &a, S("text")) != 0;
    }
    is_int(fault_calls(FAULT_ALLOC), 1, "a thousand messages share one allocation");
    fault_off();
    for (int i = 0; i < 16384; i++)
        failed += arena_alloc(&a, 64) == NULL;
    ok(fault_calls(FAULT_ALLOC) <= 24, "a megabyte takes %u chunks", fault_calls(FAULT_ALLOC));
    arena_reset(&a);
    fault_off();
    failed += arena_alloc(&a, 4096) == NULL;
    is_int(fault_calls(FAULT_ALLOC), 0, "the first chunk outlives the reset");
    is_int(failed, 0, "nothing failed");
    arena_fini(&a);
}

static void test_large_first(void)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    char *large = arena_alloc(&a, 200000);
    char *small = arena_alloc(&a, 16);
    ok(large != NULL && small != NULL, "a large piece comes first");
    arena_reset(&a);
    fault_off();
    ok(arena_alloc(&a, 16) == small, "the small chunk is the one that is kept");
    is_int(fault_calls(FAULT_ALLOC), 0, "without an allocation");
    arena_fini(&a);
}

static void without_memory(void *arg)
{
    unsigned *clean = arg;
    struct arena a;
    struct slice s;
    int failed = 0;
    arena_init(&a, 1 << 20);
    for (int i = 0; i < 20; i++) {
        failed += arena_alloc(&a, 900) == NULL;
        failed += arena_alloc(&a, 5000) == NULL;
        int err = arena_copy(&s, &a, S("text"));
        failed += err == ERR_NO_MEMORY;
        *clean += err == 0 && slice_eq(s, S("text"));
    }
    *clean += failed == fault_hit();
    arena_reset(&a);
    *clean += arena_alloc(&a, 10) != NULL || fault_hit();
    arena_fini(&a);
}

static void test_faults(void)
{
    unsigned clean = 0;
    unsigned runs = fault_each(FAULT_ALLOC, without_memory, &clean);
    ok(clean >= runs * 21 + 22, "one piece is missing, the others are whole");
}

int main(void)
{
    test_pieces();
    test_maximum();
    test_copy();
    test_trim();
    test_allocations();
    test_large_first();
    test_faults();
    return done();
}
