/* The deeds of the simulation: a verb by a session of a room's own loop, whatever it stands for,
 * and what must be told of it within. Used by the driver. */
#pragma once

#include "hub_away.h"
#include "hub_verbs.h"

/* What was told without a number must be what happened, to whom it is for. */
static inline void check_unnumbered(struct place *p, struct client *c, const struct event *e)
{
    struct world *w = p->world;
    struct slice seat = slice_str(c->session->id);
    const struct member *m = place_member(p, c);
    struct heard *heard = NULL;
    bool is_due = is_to_hear(e, m, seat) && words_of(c->language[p->number], e->type) > 0;
    const struct session *s = session_at(c, p->loop);
    bool is_left_out = is_volatile(e->type) && s->line->is_slow && s->line->is_slow(s);
    for (unsigned i = 0; i < w->n_heard && !heard; i++) {
        bool is_it = w->heard[i].client == c->number && w->heard[i].type == e->type;
        if (is_it && w->heard[i].seat == numbers_of(e->seat) && !w->heard[i].is_taken)
            heard = &w->heard[i];
    }
    uint64_t needs = later(joined(p, e->actor), joined(p, e->target));
    needs = later(needs, m ? m->joined_seq : 0);
    if (heard) {
        heard->is_taken = true;
        demand(w, is_due, "told what is not for it, and has no number");
        demand(w, p->stored >= needs, "told of somebody, or to somebody, who is not stored yet");
        demand(w, !is_left_out, "a slow reader gets what does not last");
    } else if (is_due && !is_left_out) {
        struct due d = { .place = p->number,
            .life = p->life,
            .needs = needs,
            .seat = numbers_of(e->seat),
            .type = e->type,
            .words = 1,
            .language = c->language[p->number],
            .ear = c->language[p->number] > 0 ? (uint8_t)ear_of(e, m, seat) : 0,
            .is_must = true };
        demand(w, place_awaits(p) != UINT64_MAX, "not told, and nothing to wait for");
        due_add(c, &d);
    }
}

static inline void check_heard(struct place *p, const struct outcome *out)
{
    struct world *w = p->world;
    for (uint32_t i = 0; out && i < out->n; i++) {
        for (unsigned k = 0; k < p->n_sitting && out->events[i].seq == 0; k++)
            check_unnumbered(p, &w->clients[p->sitting[k]], &out->events[i]);
    }
    for (unsigned i = 0; i < w->n_heard; i++)
        demand(w, w->heard[i].is_taken, "told of what has not happened");
    w->n_heard = 0;
}

/* Until the time is up for it, which may be noticed within a verb. */
static inline bool is_inside_now(const struct place *p, const struct session *s)
{
    const struct member *m = s && p->shadow ? room_member(p->shadow, s->identity.user_id) : NULL;
    return m && is_inside(m);
}

/* By a session, whose client may have gone meanwhile, or by the room. */
static inline int act(
    struct place *p, struct hub_room *r, struct session *s, const struct command *what)
{
    struct world *w = p->world;
    struct outcome out = { .n = 0 };
    const struct dialect *language =
        &languages[s && what->verb == VERB_JOIN ? draw(w, LANGUAGES) : 0];
    bool is_no = is_refused(w->status.state, what->verb, is_inside_now(p, s));
    w->in_verb = p;
    int err = s ? hub_do(&out, r, s, language, what) : hub_do_as(&out, r, S(""), what);
    w->in_verb = NULL;
    check_heard(p, err ? NULL : &out);
    demand(w, err != ERR_NO_MEMORY, "memory has ended");
    demand(w, err || !is_no, "what must be stored is taken while the store is away");
    is_no = is_no || is_refused(w->status.state, what->verb, is_inside_now(p, s));
    demand(w, err != ERR_STORAGE_UNAVAILABLE || is_no || !p->is_open, "refused for nothing");
    w->counts[2] += !err;
    struct client *c = s ? client_of(s) : NULL;
    if (err || what->verb != VERB_JOIN || !c)
        return err;
    place_seat(p, c);
    c->language[p->number] = (uint8_t)language->number;
    demand(w, has_place(p, c), "somebody came in without a seat");
    return err;
}

/* Asks for an answer in words and, where the line knows that, by an ack. */
static inline void ask_answer(
    struct place *p, struct hub_room *r, struct session *s, enum verb verb)
{
    struct world *w = p->world;
    struct words words;
    struct buf json;
    const struct client *c = client_of(s);
    bool is_acked = c && s->line->answer != NULL && !one_in(w, 4);
    bool is_light = verb_info(verb)->durability != DURABILITY_COMMIT;
    uint64_t seq = is_light && is_away(w) ? joined(p, s->identity.user_id) : p->commit;
    uint64_t numbers[FRAME_NUMBERS] = { FRAME_SAID, p->number, p->life, seq };
    struct hub_answer a = { .words = &words,
        .ack = S("{\"ok\":true}"),
        .ack_id = is_acked ? w->next_ack : TONGUE_NO_ACK,
        .dialect = &languages[0],
        .request = "it",
        .is_light = is_light };
    buf_init(&json, 1024);
    words_init(&words, &json, false);
    say_numbers(&words, "SAID", numbers);
    if (is_acked) {
        GROW(w->answers, w->n_answers, w->cap_answers);
        w->answers[w->n_answers++] = (struct answer){ .ack_id = w->next_ack++,
            .client = c->number,
            .client_turn = c->turn,
            .place = p->number,
            .seq = seq,
            .is_void = c->is_lost };
        p->n_answers += !c->is_lost;
    }
    hub_answer(r, s, &a);
    buf_fini(&json);
}

static inline void act_somehow(
    struct place *p, struct hub_room *r, struct session *s, enum verb verb)
{
    struct command what = { .verb = verb };
    pick_args(&what, p->world, p);
    if (act(p, r, s, &what) == 0 && s && one_in(p->world, 3))
        ask_answer(p, r, s, verb);
}
