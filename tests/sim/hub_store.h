/* The simulation's store: the one in memory behind it, answers that come late and, between rooms,
 * in any order, or fail; that is away for a while. What it is given goes into the ledger. */
#pragma once

#include "hub_snapshot.h"

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
    w->inner[p->loop]->ops->append(w->inner[p->loop], what, on_inner_stored, a);
}

static inline const struct store_status *sim_status(const struct store *s)
{
    return &CONTAINER_OF(s, const struct world, store)->status;
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
    struct store *inner = w->inner[p->loop];
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
        inner->ops->load(inner, slice_str(p->id), slice_str(a->epoch), on_inner_loaded, a);
    } else if (a->kind == ASKED_FORGET && !a->is_passed) {
        a->is_passed = true;
        inner->ops->forget(inner, slice_str(p->id), on_inner_forgotten, a);
    }
}

/* The hubs that asked are gone: nobody is answered. What went to the store behind stays. */
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
