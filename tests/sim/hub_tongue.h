/* The simulation's languages. Their words are numbers that say which event they are of, so that the
 * lines (hub_line.h) can hold them against the ledger. */
#pragma once

#include "hub_store.h"

enum frame_kind { FRAME_EVENT, FRAME_PULSE, FRAME_REFUSED, FRAME_SAID };

struct frame {
    unsigned refs;
    const struct line *line;
    uint64_t kind;
    uint64_t place;
    uint64_t life;
    uint64_t seq;
    uint64_t type;
    uint64_t seat;
    uint64_t language;
    uint64_t ear;
};

#define FRAME_NUMBERS 8

static inline struct world *world_of_view(const struct view *v)
{
    return (struct world *)(uintptr_t)CONTAINER_OF(v->settings, const struct world, settings);
}

/* ---- languages ---- */

static inline void say_numbers(struct words *w, const char *name, const uint64_t *numbers)
{
    static const char *const names[FRAME_NUMBERS] = { "a", "b", "c", "d", "e", "f", "g", "h" };
    struct json_writer *j = words_begin(w, name);
    for (unsigned i = 0; i < FRAME_NUMBERS; i++)
        jw_field_u64(j, names[i], numbers[i]);
    words_end(w);
}

static inline void tell_as(
    struct words *words, const struct view *v, const struct event *e, unsigned ear_and_language)
{
    struct world *w = world_of_view(v);
    struct place *p = place_at(w, slice_str(v->room->id));
    unsigned language = ear_and_language >> 8, ear = ear_and_language & 255;
    uint64_t numbers[FRAME_NUMBERS] = { FRAME_EVENT, p->number, p->life, e->seq, e->type,
        numbers_of(e->seat), language, ear };
    demand(w, slice_eq(v->epoch, slice_str(p->pasts[p->n_pasts - 1].name)), "a view is outdated");
    for (unsigned i = words_of(language, e->type); i > 0; i--)
        say_numbers(words, event_info(e->type)->name, numbers);
}

static inline void people_tell(
    struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    tell_as(w, v, e, ear);
}

static inline void seats_tell(
    struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    tell_as(w, v, e, 1 << 8 | ear);
}

static inline void pulsing_tell(
    struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    tell_as(w, v, e, 2 << 8 | ear);
}

static inline void pulse(struct words *w, const struct view *v)
{
    const struct place *p = place_at(world_of_view(v), slice_str(v->room->id));
    uint64_t numbers[FRAME_NUMBERS] = { FRAME_PULSE, p->number, p->life, 0, 0, 0, 2, 0 };
    say_numbers(w, "PULSE", numbers);
}

static inline void refuse(struct words *w, const struct refusal *r)
{
    uint64_t numbers[FRAME_NUMBERS] = { FRAME_REFUSED, r->is_acked };
    say_numbers(w, "REFUSED", numbers);
}

static inline unsigned told_ear(
    const struct room_news *news, const struct member *m, const char *seat)
{
    return ear_of(news->event, m, slice_str(seat));
}

static const struct dialect languages[LANGUAGES] = {
    { .name = "people", .number = 0, .tell = people_tell, .refuse = refuse },
    { .name = "seats",
        .number = 1,
        .is_typed = true,
        .ear = told_ear,
        .tell = seats_tell,
        .refuse = refuse },
    { .name = "pulsing",
        .number = 2,
        .ear = told_ear,
        .tell = pulsing_tell,
        .refuse = refuse,
        .pulse_ms = 5000,
        .pulse = pulse },
};
