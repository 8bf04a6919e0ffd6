/* Clients of the simulation that sit in rooms of several loops. What a deputy is told is checked
 * there, at the moment when it is told, and then has to come home (hub_frame.h). Whoever is lost is
 * so elsewhere only when the word of that has come there: notes travel beside the hub's own mail,
 * and keep the ledger's knowledge as old as the other loop's. Used by the driver. */
#pragma once

#include "hub_checks.h"

/* ---- what deputies are told ---- */

static inline struct world *world_of_session(const struct session *s)
{
    return (struct world *)(uintptr_t)CONTAINER_OF(s->hub->settings, const struct world, settings);
}

/* Whom it stands for, if that is still there. */
static inline struct client *client_of(const struct session *s)
{
    return client_at(world_of_session(s), numbers_of(slice_str(s->id)));
}

static inline bool is_deputy(const struct session *s)
{
    return s->line != &lines[s->line->number];
}

static inline void on_deputy_told(struct session *s, struct frame *f)
{
    struct client *c = client_of(s);
    if (c) {
        take_frame(c, s, f);
        posted_add(c,
            &(struct posted){
                .frame = f, .ack_id = TONGUE_NO_ACK, .loop = s->hub->place, .is_must = true });
    }
    world_of_session(s)->send_home(s, f);
}

static inline void on_deputy_answered(struct session *s, uint64_t ack_id, struct slice json)
{
    struct client *c = client_of(s);
    if (c) {
        take_answer(c, ack_id, json);
        posted_add(
            c, &(struct posted){ .ack_id = ack_id, .loop = s->hub->place, .is_must = !c->is_lost });
    }
    world_of_session(s)->answer_home(s, ack_id, json);
}

/* The deputies' line is the hub's own: it is listened in on. */
static inline void listen_in(struct world *w, struct hub *h, const struct line *real)
{
    hub_add_line(h, real);
    struct line *l = (struct line *)(uintptr_t)h->deputy_lines[real->number];
    w->send_home = l->send;
    l->send = on_deputy_told;
    if (real->answer) {
        w->answer_home = l->answer;
        l->answer = on_deputy_answered;
    }
}

/* ---- what reaches other loops later ---- */

static inline uint64_t places_at(const struct world *w, unsigned loop)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < w->n_places; i++)
        bits |= (uint64_t)(w->places[i].loop == loop) << i;
    return bits;
}

static inline void forget_dues(struct client *c, const struct place *p)
{
    for (unsigned i = c->n_dues; i > 0; i--) {
        if (c->dues[i - 1].place == p->number)
            due_drop(c, i - 1);
    }
}

/* It went, its deputy was let go, and a room that has failed since knows nothing of its going: it
 * sits there again, and nobody at its home may hear that in time. */
static inline bool is_taken_back(const struct client *c, unsigned loop)
{
    const struct world *w = c->world;
    bool any = false;
    for (unsigned i = 0; i < w->n_places; i++) {
        const struct place *p = &w->places[i];
        any = any || (p->loop == loop && client_sits(c, p) && p->life > c->left_life[i]);
    }
    return any;
}

/* It is let go while its client is there, so it must sit nowhere. */
static inline void unseat_deputy(struct client *c, unsigned loop)
{
    struct world *w = c->world;
    c->lost_at &= ~(1u << loop);
    for (unsigned i = 0; i < w->n_places; i++) {
        struct place *p = &w->places[i];
        if (p->loop != loop || !client_sits(c, p))
            continue;
        demand(w, is_taken_back(c, loop), "a deputy is let go while it sits");
        w->counts[12]++;
        forget_dues(c, p);
        place_unseat(p, c);
    }
}

enum tidings { TIDINGS_LOST, TIDINGS_RETURNS, TIDINGS_BACK };

static inline void note_tidings(struct client *c, unsigned loop, enum tidings what)
{
    struct world *w = c->world;
    switch (what) {
    case TIDINGS_LOST:
        c->is_back &= ~places_at(w, loop);
        c->lost_at |= session_at(c, loop) ? 1u << loop : 0;
        return;
    case TIDINGS_RETURNS:
        c->is_back |= c->sits & places_at(w, loop);
        return;
    case TIDINGS_BACK:
        c->lost_at &= ~(1u << loop);
    }
    for (unsigned i = 0; i < w->n_places; i++) {
        struct place *p = &w->places[i];
        if (!p->is_open || p->loop != loop)
            continue;
        c->is_back &= ~(UINT64_C(1) << i);
        if (client_sits(c, p) && !has_place(p, c))
            place_unseat(p, c);
    }
}

struct note {
    struct mail mail;
    struct world *world;
    uint64_t seat;
    unsigned loop;
    enum tidings what;
};

static inline void on_note(struct mail *mail)
{
    struct note *n = CONTAINER_OF(mail, struct note, mail);
    struct client *c = client_at(n->world, n->seat);
    if (c)
        note_tidings(c, n->loop, n->what);
    free(n);
}

/* At its home now, and where its deputies are when mail that is posted now comes there. */
static inline void spread_tidings(struct client *c, enum tidings what)
{
    struct world *w = c->world;
    note_tidings(c, c->home, what);
    LIST_EACH(l, &c->session->away) {
        struct note *n = malloc(sizeof(*n));
        *n = (struct note){ .mail = { .fn = on_note },
            .world = w,
            .seat = seat_of(c),
            .loop = CONTAINER_OF(l, struct away, link)->place,
            .what = what };
        loop_post(w->loops.loops[n->loop], &n->mail);
    }
}

/* ---- when all mail has come ---- */

/* False: nothing came anywhere. What is said at the end of a turn comes in the next. */
static inline bool turn_all(struct world *w)
{
    uint64_t before = 0, after = 0;
    for (unsigned i = 0; i < w->loops.n; i++)
        before += loop_stats(w->loops.loops[i])->mails;
    for (unsigned i = 0; i < 2 * w->loops.n; i++)
        loop_turn(w->loops.loops[i % w->loops.n], false);
    for (unsigned i = 0; i < w->loops.n; i++)
        after += loop_stats(w->loops.loops[i])->mails;
    return after != before;
}

static inline void check_deputy(const struct client *c, unsigned loop)
{
    struct world *w = c->world;
    const struct session *s = session_at(c, loop);
    const struct away *a = session_away_at(c->session, loop);
    demand(w, (s != NULL) == (a != NULL), "a deputy that its home does not know, or without one");
    if (!s || !a)
        return;
    demand(w, is_deputy(s), "two sessions of one name");
    demand(w, a->n_rooms == s->n_rooms, "its home does not know where it sits");
    demand(w, a->n_rooms > 0 || a->is_busy || s->n_owed > 0, "a deputy is kept for nothing");
    demand(w, s->is_lost == c->is_lost, "a deputy is lost, or back, without its client");
    demand(w, !a->is_busy || c->is_handed, "busy with nothing");
}

/* Nothing is on its way: home and deputies agree. */
static inline void check_calm(struct world *w)
{
    unsigned n = 0;
    while (turn_all(w))
        ;
    for (unsigned i = 0; i < w->n_clients; i++) {
        struct client *c = &w->clients[i];
        unsigned rooms = c->session ? session_all_rooms(c->session) : 0;
        n += c->session != NULL;
        demand(w, rooms == (unsigned)__builtin_popcountll(c->sits), "its rooms are miscounted");
        for (unsigned k = 0; k < w->loops.n && c->session; k++) {
            if (k == c->home)
                continue;
            check_deputy(c, k);
            n += session_at(c, k) != NULL;
        }
        for (unsigned k = 0; k < c->n_posted; k++)
            demand(w, !c->posted[k].is_must, "what a deputy was told has not come home");
        c->n_posted = 0;
        demand(w, !c->is_moving, "somebody is on the way for ever");
    }
    demand(w, w->hubs.sessions == n, "sessions that belong to nobody, or are miscounted");
}
