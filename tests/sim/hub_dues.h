/* Who sits where in the simulation, and what each client is still to be told. Used by the ledger
 * and by the lines, which take what is due. */
#pragma once

#include "hub_oracle.h"

/* ---- dues ---- */

static inline void due_add(struct client *c, const struct due *d)
{
    GROW(c->dues, c->n_dues, c->cap_dues);
    c->dues[c->n_dues++] = *d;
    c->world->places[d->place].n_must += d->is_must;
}

static inline void due_drop(struct client *c, unsigned at)
{
    c->world->places[c->dues[at].place].n_must -= c->dues[at].is_must;
    memmove(&c->dues[at], &c->dues[at + 1], (--c->n_dues - at) * sizeof(c->dues[0]));
}

static inline void dues_drop_all(struct client *c)
{
    while (c->n_dues > 0)
        due_drop(c, c->n_dues - 1);
}

static inline void place_drop_dues(struct place *p)
{
    for (unsigned i = 0; i < p->world->n_clients; i++) {
        struct client *c = &p->world->clients[i];
        for (unsigned at = c->n_dues; at > 0; at--) {
            if (c->dues[at - 1].place == p->number)
                due_drop(c, at - 1);
        }
    }
    demand(p->world, p->n_must == 0, "the simulation has miscounted");
}

/* ---- who sits ---- */

static inline void place_seat(struct place *p, struct client *c)
{
    if (client_sits(c, p))
        return;
    GROW(p->sitting, p->n_sitting, p->cap_sitting);
    p->sitting[p->n_sitting++] = c->number;
    c->sits |= UINT64_C(1) << p->number;
}

static inline void place_unseat(struct place *p, struct client *c)
{
    for (unsigned i = 0; i < p->n_sitting; i++) {
        if (p->sitting[i] == c->number)
            p->sitting[i] = p->sitting[--p->n_sitting];
    }
    if (client_sits(c, p))
        c->left_life[p->number] = p->life;
    c->sits &= ~(UINT64_C(1) << p->number);
}

static inline bool is_back(const struct client *c, const struct place *p)
{
    return (c->is_back >> p->number & 1) != 0;
}

static inline const struct member *place_member(const struct place *p, const struct client *c)
{
    return p->shadow ? room_member(p->shadow, c->session->identity.user_id) : NULL;
}

static inline bool has_place(const struct place *p, const struct client *c)
{
    const struct member *m = place_member(p, c);
    bool is_kept = is_lost_at(c, p) || is_back(c, p);
    if (m == NULL)
        return false;
    return room_seat(m, slice_str(c->session->id)) != NULL || (is_kept && is_inside(m));
}

static inline void place_sweep(struct place *p)
{
    for (unsigned i = p->n_sitting; i > 0; i--) {
        struct client *c = &p->world->clients[p->sitting[i - 1]];
        if (!has_place(p, c))
            place_unseat(p, c);
    }
}
