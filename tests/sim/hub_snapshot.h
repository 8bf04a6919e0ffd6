/* What the simulation's store is asked, and snapshots: each must be the room of the ledger, and
 * what is loaded later must be that and all that came behind. Used by the simulation's store. */
#pragma once

#include "hub_ledger.h"

enum asked_kind { ASKED_APPEND, ASKED_SNAPSHOT, ASKED_LOAD, ASKED_FORGET };

struct asked {
    struct link link; /* place->asked; world->dropped */
    struct place *place;
    enum asked_kind kind;
    uint64_t last;   /* number of an append */
    uint64_t commit; /* the first that must be stored before it is told; 0: none */
    bool is_ready;
    bool is_passed; /* to the store behind */
    bool is_void;   /* the room has failed since */
    bool is_dropped;
    int err;
    char epoch[STORE_EPOCH_MAX + 1];
    store_done *on_done;
    store_log_done *on_log;
    void *arg;
};

static inline struct world *world_of_store(struct store *s)
{
    return CONTAINER_OF(s, struct world, store);
}

static inline struct asked *asked_of(struct link *l)
{
    return CONTAINER_OF(l, struct asked, link);
}

static inline struct asked *asked_new(struct store *s, struct slice room_id, enum asked_kind kind)
{
    struct asked *a = calloc(1, sizeof(*a));
    a->kind = kind;
    a->place = place_at(world_of_store(s), room_id);
    ASSERT(a->place != NULL);
    link_init(&a->link);
    list_push(&a->place->asked, &a->link);
    return a;
}

static inline void on_inner_snapshot(void *arg, int err)
{
    struct asked *a = arg;
    a->is_ready = true;
    a->err = err;
    if (a->is_dropped) {
        link_leave(&a->link);
        free(a);
    }
}

/* The room that it gives. */
static inline struct room *fold_snapshot(struct place *p, const struct store_snapshot *what)
{
    struct room *r = room_new(slice_str(p->id), (struct map_key){ .k0 = 1, .k1 = 2 });
    struct arena arena;
    arena_init(&arena, 64u << 20);
    r->grace_ms = p->world->settings.grace_ms;
    for (uint32_t i = 0; i < what->n; i++) {
        struct event e;
        arena_reset(&arena);
        int err = record_read(&e, &arena, what->seq, what->records[i]);
        demand(p->world, !err && room_fold(r, &e) == 0, "a snapshot cannot be folded");
    }
    arena_fini(&arena);
    return r;
}

static inline void sim_snapshot(
    struct store *s, const struct store_snapshot *what, store_done *done, void *arg)
{
    struct world *w = world_of_store(s);
    struct asked *a = asked_new(s, what->room_id, ASKED_SNAPSHOT);
    struct place *p = a->place;
    a->on_done = done;
    a->arg = arg;
    a->is_passed = true;
    demand(w, p->is_open && p->shadow, "a snapshot of a room that is not there");
    demand(w, !is_away(w), "a snapshot while the store is away");
    demand(w, slice_eq(what->epoch, slice_str(p->pasts[p->n_pasts - 1].name)), "of another load");
    if (!w->wrong) {
        struct room *kept = fold_snapshot(p, what);
        if (!room_equal(p->shadow, kept, w->why))
            blame(w, w->why);
        room_free(kept);
    }
    w->counts[7]++;
    w->inner[p->loop]->ops->snapshot(w->inner[p->loop], what, on_inner_snapshot, a);
}

/* The newest snapshot, and all that the ledger has behind it; of what is before it the end. */
static inline void check_log(struct place *p, const struct store_log *log)
{
    struct world *w = p->world;
    uint64_t first = log->n > 0 ? log->events[0].seq : p->n_log + 1;
    demand(w, first + log->n == p->n_log + 1, "the log is not what was stored");
    demand(w, log->snapshot_seq <= p->n_log && first <= log->snapshot_seq + 1, "it has a gap");
    demand(w, (log->n_snapshot > 0) == (log->snapshot_seq > 0), "half a snapshot");
    for (uint32_t i = 0; i < log->n && !w->wrong; i++) {
        struct slice record = p->log[first - 1 + i].record;
        demand(w, slice_eq(log->events[i].record, record), "a record has changed");
    }
    w->counts[8] += log->snapshot_seq > 0;
}
