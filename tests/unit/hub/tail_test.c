/* The newest records of a room: in order, without a gap, bounded in number and bytes. */
#include "hub/tail.h"

#include "fault.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether the numbers from `first` on are there, and each says its own. */
static bool holds(const struct tail *t, uint64_t first, uint64_t last)
{
    uint64_t next = first;
    size_t bytes = 0;
    LIST_EACH(l, &t->records) {
        char text[24];
        snprintf(text, sizeof(text), "<%ju>", (uintmax_t)tail_record(l)->seq);
        if (tail_record(l)->seq != next++ || !slice_eq(tail_bytes(tail_record(l)), slice_str(text)))
            return false;
        bytes += tail_record(l)->len;
    }
    return next == last + 1 && t->n == last + 1 - first && t->bytes == bytes;
}

static void add(struct tail *t, uint64_t seq)
{
    char text[24];
    snprintf(text, sizeof(text), "<%ju>", (uintmax_t)seq);
    tail_add(t, seq, slice_str(text));
}

static void keeps_what_comes(void)
{
    struct tail t;
    tail_init(&t);
    ok(tail_first(&t) == UINT64_MAX, "an empty one has no first");
    for (uint64_t seq = 5; seq <= 9; seq++)
        add(&t, seq);
    is_int(tail_first(&t), 5, "the first is the one that came first");
    ok(holds(&t, 5, 9), "all are there, in order, with their bytes");
    tail_fini(&t);
    ok(tail_first(&t) == UINT64_MAX && t.n == 0 && t.bytes == 0, "nothing is left behind");
    add(&t, 20);
    ok(holds(&t, 20, 20), "it may be filled again");
    tail_fini(&t);
}

static void has_no_gaps(void)
{
    struct tail t;
    tail_init(&t);
    for (uint64_t seq = 5; seq <= 9; seq++)
        add(&t, seq);
    ok(tail_find(&t, 4) == NULL && tail_find(&t, 10) == NULL, "what is not there is not found");
    ok(tail_find(&t, 7) && tail_find(&t, 7)->seq == 7, "what is there is");
    ok(tail_find(&t, 5) && tail_find(&t, 9), "the first and the last, too");
    add(&t, 11);
    ok(holds(&t, 11, 11), "one that does not follow begins anew");
    add(&t, 12);
    ok(holds(&t, 11, 12), "and goes on");
    tail_fini(&t);
    ok(tail_find(&t, 12) == NULL, "in an empty one there is nothing");
}

static void is_bounded_in_number(void)
{
    struct tail t;
    tail_init(&t);
    for (uint64_t seq = 1; seq <= TAIL_EVENTS; seq++)
        add(&t, seq);
    ok(holds(&t, 1, TAIL_EVENTS), "as many as there may be");
    add(&t, TAIL_EVENTS + 1);
    ok(holds(&t, 2, TAIL_EVENTS + 1), "for one more the oldest goes");
    tail_fini(&t);
}

static void is_bounded_in_bytes(void)
{
    struct tail t;
    size_t half = TAIL_BYTES / 2;
    char *bytes = calloc(1, TAIL_BYTES + 1);
    tail_init(&t);
    tail_add(&t, 1, slice_of(bytes, half));
    tail_add(&t, 2, slice_of(bytes, half));
    is_int(tail_first(&t), 1, "two halves fit");
    tail_add(&t, 3, slice_of(bytes, 1));
    is_int(tail_first(&t), 2, "a byte more, and the oldest goes");
    is_int(t.bytes, half + 1, "with its bytes");
    tail_add(&t, 4, slice_of(bytes, TAIL_BYTES + 1));
    is_int(tail_first(&t), 4, "one that is larger than all stands alone");
    is_int(t.n, 1, "and is kept");
    tail_add(&t, 5, slice_of(NULL, 0));
    is_int(tail_first(&t), 5, "until the next one");
    tail_fini(&t);
    free(bytes);
}

static void begins_anew_without_memory(void)
{
    struct tail t;
    tail_init(&t);
    for (uint64_t seq = 1; seq <= 3; seq++)
        add(&t, seq);
    fault_alloc_at(1);
    add(&t, 4);
    ok(fault_hit(), "there is no memory for one");
    fault_off();
    ok(tail_first(&t) == UINT64_MAX, "those before it are gone, too: there is no gap");
    add(&t, 5);
    add(&t, 6);
    ok(holds(&t, 5, 6), "it begins anew behind it");
    tail_fini(&t);
}

int main(void)
{
    keeps_what_comes();
    has_no_gaps();
    is_bounded_in_number();
    is_bounded_in_bytes();
    begins_anew_without_memory();
    return done();
}
