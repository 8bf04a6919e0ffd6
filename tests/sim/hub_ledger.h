/* The simulation's own account: from each event that the store is given follows who has to be told
 * of it. The rooms of the ledger fail and are loaded as those of the hub must. */
#pragma once

#include "hub_dues.h"

/* ---- what the store is given ---- */

static inline uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static inline uint64_t joined(const struct place *p, struct slice user_id)
{
    const struct member *m = room_member(p->shadow, user_id);
    return m ? m->joined_seq : 0;
}

/* One event on its way to one client. `hears`: after it, and after all that happened with it. */
static inline void place_owe(
    struct place *p, struct client *c, const struct event *e, const bool hears[2])
{
    const struct member *m = place_member(p, c);
    unsigned language = c->language[p->number];
    struct due d = { .place = p->number,
        .life = p->life,
        .seq = e->seq,
        .needs = later(later(joined(p, e->actor), joined(p, e->target)), m ? m->joined_seq : 0),
        .step = p->world->steps,
        .seat = numbers_of(e->seat),
        .type = e->type,
        .words = words_of(language, e->type),
        .language = (uint8_t)language,
        .is_must = hears[0] && hears[1] };
    if (m && is_back(c, p) && room_seat(m, slice_str(c->session->id)) == NULL)
        d.is_must = false; /* it may find that it cannot come back */
    if (m == NULL || d.words == 0 || (!hears[0] && !hears[1]))
        return;
    if (language > 0)
        d.ear = (uint8_t)ear_of(e, m, slice_str(c->session->id));
    due_add(c, &d);
}

static inline void place_log(struct place *p, const struct stored_event *from)
{
    char *copy = malloc(from->record.len + 1);
    memcpy(copy, from->record.p, from->record.len);
    GROW(p->log, p->n_log, p->cap_log);
    p->log[p->n_log++] = (struct logged){ .seq = from->seq,
        .record = slice_of(copy, from->record.len) };
}

static inline uint32_t place_count(const struct place *p)
{
    uint32_t n = 0;
    LIST_EACH(l, &p->shadow->members) {
        const struct member *m = CONTAINER_OF(l, const struct member, link);
        bool is_staff = p->shadow->settings.mode == MODE_INTERVIEW && m->role >= ROLE_COHOST;
        n += is_inside(m) && !is_staff && strcmp(m->user_id, p->shadow->owner_id) != 0;
    }
    return n;
}

static inline void place_check_capacity(struct place *p, bool may_rise)
{
    uint32_t max = p->shadow->settings.max_participants;
    uint32_t n = place_count(p);
    bool is_over = max > 0 && n > max && n > p->counted;
    demand(p->world, !is_over || may_rise, "somebody got into a full room");
    p->counted = n;
}

/* Folds one, and notes in a row who would hear it then. */
static inline void place_fold(struct place *p, const struct event *e, bool *row)
{
    struct world *w = p->world;
    demand(w, e->seq == p->shadow->seq + 1, "a gap in the numbers");
    demand(w, room_fold(p->shadow, e) == 0, "what is stored cannot be folded");
    for (unsigned i = 0; i < p->n_sitting; i++) {
        const struct client *c = &w->clients[p->sitting[i]];
        row[i] = is_to_hear(e, place_member(p, c), slice_str(c->session->id));
    }
    if (must_be_stored(e->type))
        p->commit = e->seq;
}

static inline void place_happened(struct place *p, const struct event *events, uint32_t n)
{
    struct world *w = p->world;
    unsigned width = p->n_sitting > 0 ? p->n_sitting : 1;
    bool *rows = malloc(n * width), may_rise = false;
    for (uint32_t i = 0; i < n; i++) {
        place_fold(p, &events[i], &rows[i * width]);
        may_rise = may_rise || events[i].type == EV_UPDATED || events[i].type == EV_ROLE ||
            events[i].type == EV_CREATED;
    }
    for (uint32_t i = 0; i < n; i++) {
        for (unsigned k = 0; k < p->n_sitting; k++) {
            struct client *c = &w->clients[p->sitting[k]];
            struct slice seat = slice_str(c->session->id);
            bool hears[2] = { rows[i * width + k],
                n > 1 ? is_to_hear(&events[i], place_member(p, c), seat) : rows[i * width + k] };
            place_owe(p, c, &events[i], hears);
        }
    }
    free(rows);
    place_check_capacity(p, may_rise);
}

/* Whoever is back on a seat sits there, even if its place had been given up meanwhile. */
static inline void place_take_returned(struct place *p, const struct event *e)
{
    bool has_come = e->type == EV_JOINED || e->type == EV_RETURNED;
    struct client *c = has_come ? client_at(p->world, numbers_of(e->seat)) : NULL;
    if (c && is_back(c, p))
        place_seat(p, c);
}

static inline void place_append(struct place *p, const struct store_append *a)
{
    struct arena arena;
    struct event *events = calloc(a->n, sizeof(*events));
    arena_init(&arena, 64u << 20);
    demand(p->world, slice_eq(a->epoch, slice_str(p->pasts[p->n_pasts - 1].name)),
        "something is stored under another load's name");
    demand(p->world, p->is_open, "something happens in a room that is not loaded");
    for (uint32_t i = 0; i < a->n; i++) {
        int err = record_read(&events[i], &arena, a->events[i].seq, a->events[i].record);
        demand(p->world, err == 0, "a record cannot be read");
        place_log(p, &a->events[i]);
    }
    place_happened(p, events, a->n);
    for (uint32_t i = 0; i < a->n; i++)
        place_take_returned(p, &events[i]);
    place_sweep(p);
    free(events);
    arena_fini(&arena);
}

/* ---- loading, failing ---- */

static inline void place_begin_life(struct place *p, struct slice epoch)
{
    if (p->n_pasts == PASTS)
        memmove(&p->pasts[0], &p->pasts[1], --p->n_pasts * sizeof(p->pasts[0]));
    struct past *now = &p->pasts[p->n_pasts++];
    *now = (struct past){ .since = p->stored };
    memcpy(now->name, epoch.p, epoch.len);
    p->life++;
    p->is_open = true;
    p->is_broken = false;
}

static inline struct room *place_fold_log(const struct place *p)
{
    struct room *r = room_new(slice_str(p->id), (struct map_key){ .k0 = 1, .k1 = 2 });
    struct arena arena;
    arena_init(&arena, 64u << 20);
    r->grace_ms = p->world->settings.grace_ms;
    for (uint32_t i = 0; i < p->n_log; i++) {
        struct event e;
        arena_reset(&arena);
        int err = record_read(&e, &arena, p->log[i].seq, p->log[i].record);
        demand(p->world, !err && room_fold(r, &e) == 0, "the log cannot be folded");
    }
    arena_fini(&arena);
    return r;
}

static inline void place_forget_log(struct place *p, uint64_t behind)
{
    while (p->n_log > 0 && p->log[p->n_log - 1].seq > behind)
        free((char *)(uintptr_t)p->log[--p->n_log].record.p);
}

/* Back to what is stored. */
static inline void place_back(struct place *p)
{
    place_drop_dues(p);
    place_forget_log(p, p->stored);
    room_free(p->shadow);
    p->shadow = p->n_log > 0 ? place_fold_log(p) : NULL;
    p->commit = p->stored;
    p->counted = p->shadow ? place_count(p) : 0;
    p->is_open = false;
}

static inline void place_empty(struct place *p)
{
    while (p->n_sitting > 0)
        place_unseat(p, &p->world->clients[p->sitting[0]]);
}

/* Nothing of it is kept. */
static inline void place_gone(struct place *p)
{
    p->stored = 0;
    p->n_pasts = 0;
    p->is_fleeting = p->may_go = false;
    place_back(p);
    place_empty(p);
}

/* Whoever is connected and has a seat, as the log says, sits there. */
static inline void place_take_back(struct place *p)
{
    LIST_EACH(l, &p->shadow->members) {
        const struct member *m = CONTAINER_OF(l, const struct member, link);
        LIST_EACH(k, &m->seats) {
            struct slice seat = slice_str(CONTAINER_OF(k, const struct seat, link)->id);
            struct client *c = client_at(p->world, numbers_of(seat));
            const struct session *s = c ? session_at(c, p->loop) : NULL;
            if (s == NULL || is_lost_at(c, p) || client_sits(c, p) ||
                s->n_rooms >= SESSION_MAX_ROOMS)
                continue;
            place_seat(p, c);
            c->language[p->number] = (uint8_t)s->dialect->number;
        }
    }
}

static inline void place_loaded(struct place *p, struct slice epoch)
{
    demand(p->world, !p->is_open, "a room is loaded twice");
    place_begin_life(p, epoch);
    place_take_back(p);
    place_sweep(p);
}
