/* The simulation's lines: whatever a client is sent is held against what is due to it, at once.
 * Used by the simulation's driver. */
#pragma once

#include "hub_frame.h"

/* ---- what clients are sent ---- */

static inline void take_pulse(struct client *c, const struct frame *f)
{
    struct world *w = c->world;
    struct place *p = &w->places[f->place];
    const struct member *m = place_member(p, c);
    demand(w, client_sits(c, p) && m && is_inside(m), "an outsider feels the pulse");
    demand(w, c->language[f->place] == 2, "a pulse in a language that has none");
    demand(w, place_awaits(p) == UINT64_MAX || is_away(w), "a pulse while something is not stored");
    demand(w, p->stored >= m->joined_seq, "a pulse before the answer");
}

/* Spoken of before it was introduced: that is still due, as one of the first `n`. */
static inline bool is_unknown(const struct client *c, const struct frame *f, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const struct due *d = &c->dues[i];
        bool is_coming = d->type == EV_JOINED || d->type == EV_RETURNED;
        if (is_coming && d->is_must && d->place == f->place && d->seat == f->seat)
            return true;
    }
    return false;
}

static inline bool is_ahead(const struct frame *f)
{
    return f->seq == 0 && is_lively((enum event_type)f->type);
}

/* The same of what is told without the number that it has: the oldest like it, and no other that
 * could have been told so before it is left. */
static inline int find_lively(struct client *c, const struct frame *f)
{
    for (unsigned i = 0; i < c->n_dues; i++) {
        const struct due *d = &c->dues[i];
        if (d->place != f->place || d->seq == 0 || !is_lively(d->type))
            continue;
        if (d->type == f->type && d->seat == f->seat)
            return (int)i;
        if (d->is_must)
            return -1;
    }
    return -1;
}

/* The one that it is, or -1; those before it that need not be told are dropped. */
static inline int find_due(struct client *c, const struct frame *f)
{
    unsigned i = 0;
    while (i < c->n_dues) {
        const struct due *d = &c->dues[i];
        bool is_like = d->place == f->place && (d->seq == 0) == (f->seq == 0);
        bool is_it = is_like && d->seq == f->seq && d->type == f->type && d->seat == f->seat;
        if (is_it)
            return (int)i;
        if (is_like && f->seq != 0 && d->is_must)
            return -1;
        if (is_like && f->seq != 0)
            due_drop(c, i);
        else
            i++;
    }
    return -1;
}

static inline void blame_frame(struct client *c, const struct frame *f, const char *what)
{
    struct world *w = c->world;
    const struct due *next = NULL;
    for (unsigned i = 0; i < c->n_dues && !next; i++)
        next = c->dues[i].place == f->place ? &c->dues[i] : NULL;
    if (w->wrong)
        return;
    snprintf(w->why, sizeof(w->why), "%s: client %u of room %u hears %ju %s, due is %ju %s", what,
        c->number, (unsigned)f->place, (uintmax_t)f->seq,
        event_info((enum event_type)f->type)->name, next ? (uintmax_t)next->seq : 0,
        next ? event_info(next->type)->name : "nothing");
    w->wrong = w->why;
}

static inline void check_due(struct client *c, const struct due *d, const struct frame *f)
{
    struct world *w = c->world;
    const struct place *p = &w->places[f->place];
    demand(w, d->life == f->life, "something of a former life is told");
    if (d->ear != f->ear)
        blame_frame(c, f, "words for another ear");
    demand(w, d->language == f->language, "words of another language");
    if (f->seq == 0)
        demand(w, p->stored >= d->needs, "told of somebody, or to somebody, who is not stored yet");
    demand(w, !is_ahead(f) || is_away(w) || w->away_step >= d->step, "told ahead for nothing");
    if (f->seq != 0 && must_be_stored(d->type))
        demand(w, p->stored >= d->seq, "told before it is stored");
    if (f->seq != 0)
        demand(w, place_awaits(p) > d->seq, "told before what comes before it is stored");
}

static inline void take_event(struct client *c, const struct frame *f)
{
    struct world *w = c->world;
    struct place *p = &w->places[f->place];
    int i = is_ahead(f) ? find_lively(c, f) : find_due(c, f);
    unsigned n_before = i < 0 ? c->n_dues : (unsigned)i;
    if (f->seq == 0 && !is_volatile((enum event_type)f->type) && is_unknown(c, f, n_before))
        blame_frame(c, f, "told of a connection before its coming");
    w->counts[6] += is_ahead(f);
    if (i >= 0 && f->seq == 0 && !is_ahead(f) && w->in_verb == p)
        blame_frame(c, f, "told at once, before one like it that waits");
    if (i < 0 && f->seq == 0 && !is_ahead(f) && w->in_verb == p) {
        GROW(w->heard, w->n_heard, w->cap_heard);
        w->heard[w->n_heard++] = (struct heard){
            .client = c->number, .type = (enum event_type)f->type, .seat = f->seat
        };
        return;
    }
    if (i < 0) {
        blame_frame(c, f, "told what is not due");
        return;
    }
    check_due(c, &c->dues[i], f);
    if (--c->dues[i].words == 0)
        due_drop(c, (unsigned)i);
}

/* By the hub of the room, to the session itself or to its deputy. */
static inline void take_frame(struct client *c, const struct session *s, const struct frame *f)
{
    struct world *w = c->world;
    bool is_of_room = f->kind == FRAME_EVENT || f->kind == FRAME_PULSE;
    demand(w, s->line->number == f->line->number, "a frame of another line");
    demand(w, !is_of_room || w->places[f->place].loop == s->hub->place, "told by another loop");
    if (f->kind == FRAME_EVENT)
        take_event(c, f);
    else if (f->kind == FRAME_PULSE)
        take_pulse(c, f);
    else if (f->kind == FRAME_SAID)
        demand(w, w->places[f->place].stored >= f->seq, "answered in words before it is stored");
}

static inline void line_send(struct session *s, struct frame *f)
{
    struct client *c = s->carrier;
    struct world *w = c->world;
    w->told++;
    demand(w, c->session == s, "an ended session is told something");
    demand(w, !c->is_moving, "told while it is on its way");
    if (!posted_take(c, f, TONGUE_NO_ACK))
        take_frame(c, s, f);
}

static inline bool line_is_slow(const struct session *s)
{
    const struct client *c = s->carrier;
    return c->is_slow;
}

/* ---- answers ---- */

static inline void answer_forget(struct world *w, unsigned i)
{
    w->places[w->answers[i].place].n_answers -= !w->answers[i].is_void;
    w->answers[i] = w->answers[--w->n_answers];
}

static inline void take_answer(struct client *c, uint64_t ack_id, struct slice json)
{
    struct world *w = c->world;
    bool is_good = slice_eq(json, S("{\"ok\":true}"));
    unsigned i = 0;
    while (i < w->n_answers && w->answers[i].ack_id != ack_id)
        i++;
    if (i == w->n_answers) {
        blame(w, "answered twice, or what nobody asked");
        return;
    }
    const struct answer *a = &w->answers[i];
    const struct place *p = &w->places[a->place];
    demand(w, a->client == c->number && a->client_turn == c->turn, "somebody else is answered");
    demand(w, !is_good || p->stored >= a->seq, "answered before it is stored");
    demand(w, is_good || !p->is_open, "refused what is stored");
    answer_forget(w, i);
}

static inline void line_answer(struct session *s, uint64_t ack_id, struct slice json)
{
    struct client *c = s->carrier;
    demand(c->world, !c->is_lost, "a lost connection is answered");
    if (!posted_take(c, NULL, ack_id))
        take_answer(c, ack_id, json);
}

/* A client that is lost need not be answered, one that has ended must not be. */
static inline void answers_void(struct world *w, const struct client *c, bool is_over)
{
    for (unsigned i = w->n_answers; i > 0; i--) {
        struct answer *a = &w->answers[i - 1];
        if (a->client != c->number)
            continue;
        w->places[a->place].n_answers -= !a->is_void;
        a->is_void = true;
        if (is_over)
            answer_forget(w, i - 1);
    }
}

/* ---- lines ---- */

static const struct line lines[LINES] = {
    { .name = "asking",
        .number = 0,
        .encode = line_encode,
        .ref = line_ref,
        .unref = line_unref,
        .send = line_send,
        .is_slow = line_is_slow,
        .answer = line_answer },
    { .name = "mute",
        .number = 1,
        .encode = line_encode,
        .ref = line_ref,
        .unref = line_unref,
        .send = line_send },
};
