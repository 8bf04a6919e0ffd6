/* The simulation's store: the one in memory behind it, answers that come late and, between rooms,
 * in any order, or fail; that is away for a while. What it is given goes into the ledger. */
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

/* The first number that is waited for, and must be stored before it is told; UINT64_MAX: none. */
static inline uint64_t place_awaits(const struct place *p)
{
    LIST_EACH(l, &p->asked) {
        const struct asked *a = asked_of(l);
        if (a->commit != 0 && !a->is_void)
            return a->commit;
    }
    return UINT64_MAX;
}

static inline void on_inner_stored(void *arg, int err)
{
    struct asked *a = arg;
    demand(a->place->world, err == 0, "the store behind refuses");
    a->is_ready = true;
    if (a->is_dropped) {
        link_leave(&a->link);
        free(a);
    }
}

static inline void sim_append(
    struct store *s, const struct store_append *what, store_done *done, void *arg)
{
    struct world *w = world_of_store(s);
    struct asked *a = asked_new(s, what->room_id, ASKED_APPEND);
    struct place *p = a->place;
    a->on_done = done;
    a->arg = arg;
    a->last = what->events[what->n - 1].seq;
    for (uint32_t i = what->n; i > 0; i--) {
        if (must_be_stored(what->events[i - 1].event->type))
            a->commit = what->events[i - 1].seq;
    }
    if (what->is_new) {
        demand(w, p->shadow == NULL, "a room is made twice");
        p->shadow = room_new(slice_str(p->id), (struct map_key){ .k0 = 1, .k1 = 2 });
        p->shadow->grace_ms = w->settings.grace_ms;
        place_begin_life(p, what->epoch);
    }
    place_append(p, what);
    p->is_broken = p->is_broken || w->is_down || (w->failing > 0 && one_in(w, w->failing));
    if (p->is_broken) {
        a->is_ready = true;
        a->err = ERR_STORAGE_UNAVAILABLE;
        return;
    }
    a->is_passed = true;
    w->inner->ops->append(w->inner, what, on_inner_stored, a);
}

static inline const struct store_status *sim_status(const struct store *s)
{
    return &CONTAINER_OF(s, const struct world, store)->status;
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
    w->inner->ops->snapshot(w->inner, what, on_inner_snapshot, a);
}

static inline void sim_load(
    struct store *s, struct slice room_id, struct slice epoch, store_log_done *done, void *arg)
{
    struct asked *a = asked_new(s, room_id, ASKED_LOAD);
    struct place *p = a->place;
    a->on_log = done;
    a->arg = arg;
    memcpy(a->epoch, epoch.p, epoch.len);
    demand(p->world, !p->is_open || p->n_sitting == 0, "a room is dropped under its people");
    demand(p->world, !p->is_open || !p->is_fleeting, "a fleeting room is kept");
    p->is_open = false;
}

static inline void sim_forget(struct store *s, struct slice room_id, store_done *done, void *arg)
{
    struct asked *a = asked_new(s, room_id, ASKED_FORGET);
    a->on_done = done;
    a->arg = arg;
    demand(a->place->world, a->place->n_sitting == 0, "a room is forgotten under its people");
    demand(a->place->world, a->place->may_go, "a room that is to stay is forgotten");
    a->place->is_open = a->place->is_fleeting = false;
}

/* ---- answers ---- */

static inline void answer_append(struct asked *a)
{
    struct place *p = a->place;
    bool has_failed = a->err && !a->is_void;
    if (!a->is_void && !a->err) {
        demand(p->world, a->last > p->stored, "the store's answers have lost their order");
        p->stored = a->last;
    }
    if (has_failed) {
        place_back(p);
        LIST_EACH(l, &p->asked)
            asked_of(l)->is_void = true;
        p->world->counts[0]++;
    }
    a->on_done(a->arg, a->err);
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

static inline void on_inner_loaded(void *arg, int err, const struct store_log *log)
{
    struct asked *a = arg;
    struct place *p = a->place;
    link_leave(&a->link);
    if (a->is_dropped) {
        if (!err)
            place_begin_life(p, slice_str(a->epoch)); /* which the store remembers */
        p->is_open = false;
        free(a);
        return;
    }
    if (!err) {
        check_log(p, log);
        place_loaded(p, slice_str(a->epoch));
    } else {
        demand(p->world, err == ERR_ROOM_NOT_FOUND && p->n_log == 0, "a room is lost");
        place_gone(p);
    }
    p->world->counts[1] += !err;
    a->on_log(a->arg, err, log);
    for (unsigned i = 0; i < p->world->n_clients; i++)
        p->world->clients[i].is_back &= ~(UINT64_C(1) << p->number);
    if (p->is_open)
        place_sweep(p);
    free(a);
}

static inline void on_inner_forgotten(void *arg, int err)
{
    struct asked *a = arg;
    link_leave(&a->link);
    place_gone(a->place);
    if (!a->is_dropped)
        a->on_done(a->arg, err);
    free(a);
}

/* The first of a room's requests is answered, if it can be. */
static inline void place_answer(struct place *p)
{
    struct world *w = p->world;
    if (list_is_empty(&p->asked))
        return;
    struct asked *a = asked_of(p->asked.next);
    if (is_away(w) && a->kind != ASKED_LOAD)
        return;
    if (a->kind == ASKED_APPEND && a->is_ready) {
        link_leave(&a->link);
        answer_append(a);
        free(a);
    } else if (a->kind == ASKED_SNAPSHOT && a->is_ready) {
        link_leave(&a->link);
        a->on_done(a->arg, a->err);
        free(a);
    } else if (a->kind == ASKED_LOAD && !a->is_passed && (w->is_down || is_away(w))) {
        link_leave(&a->link);
        a->on_log(a->arg, ERR_STORAGE_UNAVAILABLE, NULL);
        free(a);
    } else if (a->kind == ASKED_LOAD && !a->is_passed) {
        a->is_passed = true;
        w->inner->ops->load(w->inner, slice_str(p->id), slice_str(a->epoch), on_inner_loaded, a);
    } else if (a->kind == ASKED_FORGET && !a->is_passed) {
        a->is_passed = true;
        w->inner->ops->forget(w->inner, slice_str(p->id), on_inner_forgotten, a);
    }
}

/* The hub that asked is gone: nothing is answered any more. What went to the store behind stays. */
static inline void store_drop_asked(struct world *w)
{
    for (unsigned i = 0; i < w->n_places; i++) {
        struct place *p = &w->places[i];
        struct link *l;
        while ((l = list_pop(&p->asked)) != NULL) {
            struct asked *a = asked_of(l);
            bool is_kept = a->kind == ASKED_APPEND && !a->is_void && !a->err;
            if (is_kept)
                p->stored = a->last;
            a->is_dropped = true;
            if (a->is_passed && !a->is_ready)
                list_push(&w->dropped, &a->link);
            else
                free(a);
        }
    }
}

static const struct store_ops sim_store_ops = { .name = "late",
    .status = sim_status,
    .append = sim_append,
    .snapshot = sim_snapshot,
    .load = sim_load,
    .forget = sim_forget };
