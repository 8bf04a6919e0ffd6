/* What a client of the simulation has missed is said again: exactly that, as long as the hub has to
 * know it, and under the name of the load in which the client was. Used by the driver. */
#pragma once

#include "hub_verbs.h"

struct replayed {
    struct world *world;
    const struct place *place;
    const struct member *member;
    uint64_t at; /* the last that was said again, or need not be */
};

/* By any of the person's connections. */
static inline bool is_to_hear_again(const struct event *e, const struct member *m)
{
    bool is_own = same(m->user_id, e->actor) && is_silent_to_doer(e->type);
    if (!is_own || e->type == EV_APPROVED)
        return is_to_hear(e, m, S("-"));
    LIST_EACH(l, &m->seats) {
        if (is_to_hear(e, m, slice_str(CONTAINER_OF(l, const struct seat, link)->id)))
            return true;
    }
    return false;
}

/* The next that is to be said again, or 0. */
static inline uint64_t next_missed(const struct replayed *r)
{
    const struct place *p = r->place;
    struct arena arena;
    uint64_t found = 0;
    arena_init(&arena, 1u << 20);
    for (uint64_t seq = r->at + 1; seq <= p->n_log && found == 0; seq++) {
        struct event e;
        int err = record_read(&e, &arena, seq, p->log[seq - 1].record);
        if (!err && is_to_hear_again(&e, r->member))
            found = seq;
    }
    arena_fini(&arena);
    return found;
}

static inline void on_replayed(void *arg, const struct room_news *news)
{
    const struct event *e = news->event;
    struct replayed *r = arg;
    demand(r->world, next_missed(r) == e->seq, "said again what was not missed, or not all");
    r->at = e->seq;
}

/* The first number that a room remembers, as tail.h says. */
static inline uint64_t first_remembered(const struct place *p)
{
    size_t bytes = 0;
    uint32_t n = 0;
    while (n < p->n_log) {
        bytes += p->log[p->n_log - n - 1].record.len;
        if (n > 0 && (n + 1 > TAIL_EVENTS || bytes > TAIL_BYTES))
            break;
        n++;
    }
    return n > 0 ? p->log[p->n_log - n].seq : UINT64_MAX;
}

static inline void step_replay(struct world *w, struct place *p)
{
    struct hub_room *r = hub_peek(hub_of(p), slice_str(p->id));
    const struct client *c = pick_sitting(w, p);
    const struct member *m = r && c ? room_member(r->room, c->session->identity.user_id) : NULL;
    if (!m || !is_inside(m))
        return;
    unsigned which = one_in(w, 2) ? p->n_pasts - 1 : draw(w, p->n_pasts);
    uint64_t end = which + 1 == p->n_pasts ? p->shadow->seq : p->pasts[which + 1].since;
    uint64_t low = one_in(w, 4) ? 1 : later(end, 12) - 10;
    uint64_t since = low + draw(w, (unsigned)(later(p->shadow->seq, low) - low) + 3);
    bool is_known = !one_in(w, 20);
    bool is_good = is_known && since <= end && since >= m->joined_seq &&
        first_remembered(p) <= since + 1;
    struct slice epoch = is_known ? slice_str(p->pasts[which].name) : S("another");
    struct replayed again = { .world = w, .place = p, .member = m, .at = since };
    int err = hub_replay(r, m, since, epoch, on_replayed, &again);
    demand(w, err == (is_good ? 0 : ERR_NOT_FOUND), "what was missed is said again, or not");
    demand(w, err || next_missed(&again) == 0, "not all that was missed is said again");
    w->counts[3] += !err;
}
