/* The chance of the simulation of the hub, and how its clients, rooms and loops are found: by names
 * that say their numbers. Used by the simulation's own files only. */
#pragma once

#include "hub_world.h"

/* ---- chance ---- */

static inline uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

static inline unsigned draw(struct world *w, unsigned below)
{
    w->random = mix(w->random);
    return (unsigned)((w->random >> 32) % below);
}

static inline bool one_in(struct world *w, unsigned n)
{
    return draw(w, n) == 0;
}

/* ---- names ---- */

/* The two numbers in a name like "s12-3" or "r7-1"; 0: it is none. */
static inline uint64_t numbers_of(struct slice name)
{
    uint64_t n[2] = { 0, 0 };
    unsigned at = 0;
    for (size_t i = 1; i < name.len; i++) {
        char c = name.p[i];
        if (c == '-' && at == 0)
            at = 1;
        else if (c >= '0' && c <= '9')
            n[at] = n[at] * 10 + (uint64_t)(c - '0');
        else
            return 0;
    }
    return at == 1 ? n[1] << 32 | n[0] : 0;
}

static inline uint64_t seat_of(const struct client *c)
{
    return (uint64_t)c->turn << 32 | c->number;
}

/* The client that a connection's name means, if it is the one of now. */
static inline struct client *client_at(struct world *w, uint64_t seat)
{
    uint32_t number = (uint32_t)seat;
    bool is_now = number < w->n_clients && seat_of(&w->clients[number]) == seat;
    return is_now && w->clients[number].session ? &w->clients[number] : NULL;
}

static inline struct place *place_at(struct world *w, struct slice room_id)
{
    uint64_t n = numbers_of(room_id);
    uint32_t number = (uint32_t)n;
    struct place *p = n != 0 && number < w->n_places ? &w->places[number] : NULL;
    return p && slice_eq(slice_str(p->id), room_id) ? p : NULL;
}

static inline bool client_sits(const struct client *c, const struct place *p)
{
    return (c->sits >> p->number & 1) != 0;
}

/* ---- loops ---- */

static inline struct hub *hub_of(const struct place *p)
{
    return p->world->hubs.at[p->loop];
}

/* What stands for it at that loop: the session itself, or its deputy; NULL: nothing does. */
static inline struct session *session_at(const struct client *c, unsigned loop)
{
    return c->session ? session_find(c->world->hubs.at[loop], slice_str(c->session->id)) : NULL;
}

static inline bool is_lost_at(const struct client *c, const struct place *p)
{
    return (c->lost_at >> p->loop & 1) != 0;
}

/* ---- growing ---- */

#define GROW(at, n, cap)                                           \
    do {                                                           \
        if ((n) == (cap)) {                                        \
            (cap) = (cap) > 0 ? 2 * (cap) : 8;                     \
            (at) = realloc((at), (size_t)(cap) * sizeof((at)[0])); \
        }                                                          \
    } while (0)
