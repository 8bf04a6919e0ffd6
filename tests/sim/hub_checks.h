/* What must hold in the simulation whenever somebody looks: the hub's rooms are those of the
 * ledger, and what has been stored has been told. Used by the driver. */
#pragma once

#include "hub_line.h"

#define CROWD 16 /* people; of rooms with more, all is looked at every CROWD steps */

static inline unsigned check_session(const struct client *c, const struct session *s)
{
    struct world *w = c->world;
    unsigned n = 0;
    LIST_EACH(l, &s->attendances) {
        const struct place *p = place_at(w, hub_room_id(attendance_of_session(l)->room));
        demand(w, p && client_sits(c, p), "somebody attends without a place");
        n++;
    }
    demand(w, n == s->n_rooms, "a session's rooms are miscounted");
    return n;
}

static inline void check_client(const struct client *c)
{
    struct world *w = c->world;
    unsigned n = 0;
    for (unsigned i = 0; i < w->loops.n; i++) {
        const struct session *s = session_at(c, i);
        n += s ? check_session(c, s) : 0;
    }
    demand(w, n == (unsigned)__builtin_popcountll(c->sits) || !c->session,
        "somebody has a place, and hears nothing");
}

/* As many attend as sit there, whatever state the room is in; not counting deputies whose client
 * has gone, which they do not know yet. */
static inline void check_attendance(struct place *p)
{
    const struct hub_room *r = map_find(&hub_of(p)->rooms, slice_str(p->id));
    unsigned n = 0;
    if (r) {
        LIST_EACH(l, &r->attendances) {
            const struct session *s = attendance_of_room(l)->session;
            n += !s->is_ended && client_at(p->world, numbers_of(slice_str(s->id))) != NULL;
        }
    }
    demand(p->world, n == p->n_sitting, "somebody attends without a place, or has one in vain");
}

/* Who has not been told of what. */
static inline void blame_untold(struct place *p)
{
    struct world *w = p->world;
    for (unsigned i = 0; i < w->n_clients && !w->wrong; i++) {
        const struct client *c = &w->clients[i];
        for (unsigned k = 0; k < c->n_dues && !w->wrong; k++) {
            const struct due *d = &c->dues[k];
            if (d->place != p->number || !d->is_must)
                continue;
            snprintf(w->why, sizeof(w->why),
                "all is stored: client %u of room %u is not told of %ju %s", i, p->number,
                (uintmax_t)d->seq, event_info(d->type)->name);
            w->wrong = w->why;
        }
    }
}

static inline void check_place(struct place *p)
{
    struct world *w = p->world;
    const struct hub_room *r = hub_peek(hub_of(p), slice_str(p->id));
    if (place_awaits(p) == UINT64_MAX) {
        if (p->n_must > 0)
            blame_untold(p);
        demand(w, p->n_answers == 0, "all is stored, and somebody is not answered");
        demand(w, p->n_vows == 0, "all is stored, and a promise is not kept");
    }
    check_attendance(p);
    bool look_at_all = p->n_sitting < CROWD || w->steps % CROWD == 0;
    if (!r || w->wrong || !look_at_all)
        return;
    demand(w, p->shadow != NULL, "a room that was never stored");
    if (p->shadow && !room_equal(r->room, p->shadow, w->why))
        blame(w, w->why);
}

/* The log, folded from its beginning, gives the room. */
static inline void check_fold(struct place *p)
{
    struct world *w = p->world;
    if (!p->shadow || w->wrong)
        return;
    struct room *again = place_fold_log(p);
    if (!room_equal(p->shadow, again, w->why))
        blame(w, w->why);
    room_free(again);
}

static inline void check_all(struct world *w)
{
    for (unsigned i = 0; i < w->n_clients; i++)
        check_client(&w->clients[i]);
    for (unsigned i = 0; i < w->n_places; i++)
        check_place(&w->places[i]);
}
