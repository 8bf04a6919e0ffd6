/* A room as a snapshot of it gives it back: recalled, each event written as its record, read from
 * that, and folded into an empty room. For the tests of room/ and the simulations. */
#pragma once

#include "room_equal.h"
#include "store/record.h"

#define RECALLED_BYTES (256u << 20)

/* One event, by way of its record. */
static inline int recalled_fold(struct room *again, const struct event *e)
{
    struct arena arena;
    struct buf record;
    struct event back;
    arena_init(&arena, RECALLED_BYTES);
    buf_init(&record, RECORD_MAX_BYTES);
    record_write(&record, e);
    int err = buf_err(&record);
    if (!err)
        err = record_read(&back, &arena, e->seq, buf_slice(&record));
    if (!err)
        err = room_fold(again, &back);
    buf_fini(&record);
    arena_fini(&arena);
    return err;
}

/* Returns owned, also where something failed. */
static inline struct room *recalled(int *err, const struct room *r, struct map_key key)
{
    struct room *again = room_new(slice_str(r->id), key);
    struct arena arena;
    struct events all;
    arena_init(&arena, RECALLED_BYTES);
    events_init(&all, &arena);
    again->grace_ms = r->grace_ms;
    *err = room_recall(&all, r);
    for (uint32_t i = 0; i < all.n && !*err; i++)
        *err = recalled_fold(again, &all.at[i]);
    arena_fini(&arena);
    return again;
}

/* Whether that is the same room; else `why`. */
static inline bool recalled_is_same(const struct room *r, char why[128])
{
    int err;
    struct room *again = recalled(&err, r, (struct map_key){ .k0 = 5, .k1 = 6 });
    bool same = !err && room_equal(r, again, why);
    if (err)
        snprintf(why, 128, "recalling: %s", err_name(err));
    room_free(again);
    return same;
}
