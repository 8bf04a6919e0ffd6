/* Who is told what, and when. An event is put into words once for each dialect and ear, and made
 * into frames once for each line, at the moment it happens: its texts are the room's, and the next
 * verb may change them. What must be stored first waits, as a promise with its listeners.
 *
 * Events with numbers are told in their order, because whoever comes back says the last one that he
 * heard. So those that need not be stored first wait all the same behind those that must. That is
 * for milliseconds, unless the store is away. Then strokes, hands and the timer go ahead, without
 * their numbers: who comes back is told them once more, and misses nothing of what waited. Those
 * that were waiting already when it went are worded once more, from their records in the tail.
 * Newcomers, who wait for the answer to their coming, hear everything in its order behind that.
 * What is said of the room beside such an event, as by the pulse, is what it is at that moment,
 * also where that waits for the store. */
#include "base/panic.h"
#include "base/xalloc.h"
#include "hub/parts.h"
#include "store/record.h"

/* Somebody to be told, once it may be told. A session is named, not held: it may go meanwhile. */
struct receipt {
    uint64_t handle;
    struct encoded *what;
};

struct delivery {
    struct hub_promise promise;
    struct hub_room *room;
    uint64_t lively_seq; /* of an event that may go ahead when the store is away; else 0 */
    struct receipt *to;
    uint32_t n;
    uint32_t cap;
};

/* To whom an event goes ahead, and to whom in its turn. */
enum listeners { LISTENERS_ALL, LISTENERS_READY, LISTENERS_WAITING };

#define TONGUES (TONGUE_DIALECTS * TONGUE_EARS)

/* One event on its way. What is said of it lies in the order in which somebody first heard it, in
 * arrays that are far larger than nearly every event needs: they are not cleared, only where
 * things are in them is. */
struct telling {
    struct hub_room *room;
    struct view view;
    struct room_news news;
    const struct event *worded; /* news.event, or the same without its number */
    enum listeners to;
    bool is_volatile;          /* left out for whoever reads slowly */
    bool is_held;              /* until what was before it is stored */
    struct delivery *delivery; /* of those who cannot be told at once; NULL: nobody yet */
    unsigned n_words;
    unsigned n_encoded;
    uint16_t words_at[TONGUE_DIALECTS][TONGUE_EARS]; /* from 1; 0: nowhere yet */
    uint16_t encoded_at[TONGUE_DIALECTS][TONGUE_EARS][TONGUE_LINES];
    struct words words[TONGUES];
    struct encoded *encoded[TONGUES * TONGUE_LINES];
};

/* ---- frames ---- */

struct encoded *encoded_new(const struct line *line, const struct words *words, bool is_lasting)
{
    if (words->n == 0 || words_err(words))
        return NULL;
    struct encoded *e = xalloc(sizeof *e + words->n * sizeof e->frames[0]);
    e->refs = 1;
    e->line = line;
    for (unsigned i = 0; i < words->n; i++) {
        struct frame *f = line->encode(
            line, slice_str(words->at[i].name), words_json(words, i), is_lasting);
        if (f)
            e->frames[e->n++] = f;
    }
    return e;
}

void encoded_unref(struct encoded *e)
{
    if (!e || --e->refs > 0)
        return;
    for (unsigned i = 0; i < e->n; i++)
        e->line->unref(e->frames[i]);
    xfree(e);
}

void encoded_send(struct hub *h, const struct encoded *e, struct session *s)
{
    for (unsigned i = 0; i < e->n && !s->is_ended; i++)
        s->line->send(s, e->frames[i]);
    h->stats.deliveries += e->n;
}

/* ---- what waits ---- */

static void delivery_free(struct delivery *d)
{
    link_leave(&d->promise.link);
    d->room->n_lively -= d->lively_seq != 0;
    for (uint32_t i = 0; i < d->n; i++)
        encoded_unref(d->to[i].what);
    xfree(d->to);
    xfree(d);
}

static void on_deliver(struct hub_promise *p, int err)
{
    struct delivery *d = CONTAINER_OF(p, struct delivery, promise);
    for (uint32_t i = 0; i < d->n; i++) {
        struct session *s = session_by_handle(d->room->hub, d->to[i].handle);
        if (s && !err)
            encoded_send(d->room->hub, d->to[i].what, s);
        if (s)
            session_is_paid(s);
    }
    delivery_free(d);
}

static struct delivery *delivery_new(struct hub_room *r)
{
    struct delivery *d = xalloc(sizeof *d);
    *d = (struct delivery){ .promise = { .fn = on_deliver }, .room = r };
    link_init(&d->promise.link);
    return d;
}

/* Without memory the listener misses it; the state that it gets when it joins again is whole. */
static void delivery_add(struct delivery *d, struct session *s, struct encoded *what)
{
    if (d->n == d->cap) {
        uint32_t cap = d->cap ? d->cap * 2 : d->room->n_attendances + 1;
        struct receipt *to = xtry(d->to, cap * sizeof *to);
        if (!to)
            return;
        d->to = to;
        d->cap = cap;
    }
    what->refs++;
    s->n_owed++;
    d->to[d->n++] = (struct receipt){ .handle = s->handle, .what = what };
}

bool tell_must_wait(const struct hub_room *r)
{
    return r->commit_seq > r->stored_seq || !list_is_empty(&r->promises);
}

void hub_when_stored(struct hub_room *r, struct hub_promise *p)
{
    int err = hub_room_err(r);
    link_init(&p->link);
    if (err) {
        p->fn(p, err);
    } else if (tell_must_wait(r)) {
        p->seq = r->commit_seq;
        list_push(&r->promises, &p->link);
    } else {
        p->fn(p, 0);
    }
}

void tell_release(struct hub_room *r)
{
    while (!list_is_empty(&r->promises)) {
        struct hub_promise *p = CONTAINER_OF(r->promises.next, struct hub_promise, link);
        if (p->seq > r->stored_seq)
            return;
        link_leave(&p->link);
        p->fn(p, 0);
    }
}

void tell_fail(struct hub_room *r, int err)
{
    while (!list_is_empty(&r->promises)) {
        struct hub_promise *p = CONTAINER_OF(list_pop(&r->promises), struct hub_promise, link);
        p->fn(p, err);
    }
}

/* ---- an event ---- */

static void telling_init(struct telling *t, struct hub_room *r, const struct event *e)
{
    t->room = r;
    t->view = hub_view(r);
    t->news = room_news(r->room, e);
    t->worded = e;
    t->to = LISTENERS_ALL;
    t->is_volatile = false;
    t->is_held = false;
    t->delivery = NULL;
    t->n_words = 0;
    t->n_encoded = 0;
    memset(t->words_at, 0, sizeof t->words_at);
    memset(t->encoded_at, 0, sizeof t->encoded_at);
}

static const struct words *words_for(struct telling *t, const struct dialect *d, unsigned ear)
{
    uint16_t *at = &t->words_at[d->number][ear];
    if (*at > 0)
        return &t->words[*at - 1];
    struct words *w = &t->words[t->n_words++];
    *at = (uint16_t)t->n_words;
    words_init(w, &t->room->hub->json, d->is_typed);
    d->tell(w, &t->view, t->worded, ear);
    return w;
}

/* NULL: the language has no word for it, or there is no memory. */
static struct encoded *encoded_as(
    struct telling *t, const struct dialect *d, unsigned ear, const struct line *line)
{
    ASSERT(ear < TONGUE_EARS);
    uint16_t *at = &t->encoded_at[d->number][ear][line->number];
    if (*at > 0)
        return t->encoded[*at - 1];
    struct encoded *e = encoded_new(line, words_for(t, d, ear), !t->is_volatile);
    t->encoded[t->n_encoded++] = e;
    *at = (uint16_t)t->n_encoded;
    if (e) {
        e->dialect = d;
        e->ear = ear;
        t->room->hub->stats.frames += e->n;
    }
    return e;
}

static struct encoded *encoded_for(struct telling *t, const struct attendance *a)
{
    const struct dialect *d = a->dialect;
    const struct session *s = a->session;
    unsigned ear = d->ear ? d->ear(&t->news, a->member, s->id) : 0;
    return encoded_as(t, d, ear, s->line);
}

/* Whose own coming is not stored yet hears nothing before the answer to it, nor does who has to
 * hear something else first. */
static bool is_waiting(const struct hub_room *r, const struct attendance *a)
{
    return tell_must_wait(r) &&
        (a->member->joined_seq > r->stored_seq || a->after_seq > r->stored_seq);
}

static void put_off(struct telling *t, struct attendance *a, struct encoded *what)
{
    if (!t->delivery)
        t->delivery = delivery_new(t->room);
    if (!t->is_held || t->to == LISTENERS_WAITING)
        a->after_seq = t->room->commit_seq;
    delivery_add(t->delivery, a->session, what);
}

static void pass_on(struct telling *t, struct attendance *a)
{
    struct hub *h = t->room->hub;
    struct session *s = a->session;
    struct encoded *e = encoded_for(t, a);
    if (!e)
        return;
    if (t->is_volatile && s->line->is_slow && s->line->is_slow(s)) {
        h->stats.dropped++;
    } else if (t->is_held || is_waiting(t->room, a)) {
        put_off(t, a, e);
    } else {
        encoded_send(h, e, s);
    }
}

static bool is_volatile(const struct event *e)
{
    return e->type == EV_TYPING || e->type == EV_CURSOR;
}

static bool is_told(const struct telling *t, const struct attendance *a)
{
    if (t->to != LISTENERS_ALL && a->member &&
        is_waiting(t->room, a) != (t->to == LISTENERS_WAITING))
        return false;
    return a->member && !a->session->is_ended &&
        room_seat_is_told(&t->news, a->member, a->session->id);
}

static struct attendance *attendance_at(const struct hub_room *r, struct slice seat)
{
    const struct session *s = seat.len > 0 ? session_find(r->hub, seat) : NULL;
    return s ? session_attendance(s, r) : NULL;
}

/* For whom it is, where that is one connection. */
static struct slice seat_for(const struct event *e)
{
    return e->type == EV_SIGNAL ? e->signal.to_seat : S("");
}

static bool is_new(const struct hub_room *r, struct slice user_id, struct slice seat)
{
    const struct member *m = user_id.len > 0 ? room_member(r->room, user_id) : NULL;
    const struct attendance *a = attendance_at(r, seat);
    return (m && m->joined_seq > r->stored_seq) || (a && a->after_seq > r->stored_seq);
}

/* People who came in with something that is not stored yet cannot be spoken of before, nor what
 * comes from a connection, or is for it, before that connection was. */
static bool is_of_newcomers(const struct hub_room *r, const struct event *e)
{
    return is_new(r, e->actor, e->seat) || is_new(r, e->target, seat_for(e));
}

/* What has a number, but may be told ahead of others, and once more: it says how something is, and
 * nobody's coming or going. */
static bool is_lively(const struct event *e)
{
    switch (e->type) {
    case EV_HAND:
    case EV_DREW:
    case EV_UNDREW:
    case EV_CLEARED:
    case EV_TIMER:
    case EV_GOAL:
    case EV_CODE:
        return true;
    default:
        return false;
    }
}

static bool may_go_ahead(const struct hub_room *r, const struct event *e)
{
    return hub_store_state(r->hub) != STORE_UP && is_lively(e) && r->n_lively == 0;
}

static bool must_event_wait(const struct hub_room *r, const struct event *e)
{
    if (!tell_must_wait(r))
        return false;
    if (e->seq != 0 && !may_go_ahead(r, e))
        return true;
    return is_of_newcomers(r, e);
}

/* What follows of a newcomer does not overtake it. */
static void keep_order(struct hub_room *r, struct slice user_id, struct slice seat)
{
    struct attendance *a = attendance_at(r, seat);
    if (a && is_new(r, user_id, seat))
        a->after_seq = r->commit_seq;
}

/* What telling the next one begins with is on its way to the cache while this one is told: most of
 * the time that telling takes is waiting for memory. */
static const struct session *fetch_next(const struct link *next, const struct hub_room *r)
{
    if (next == &r->attendances)
        return NULL;
    const struct attendance *a = CONTAINER_OF(next, const struct attendance, of_room);
    __builtin_prefetch(a->session);
    __builtin_prefetch(a->member);
    return a->session;
}

static void tell_all(struct telling *t)
{
    LIST_EACH(l, &t->room->attendances) {
        struct attendance *a = attendance_of_room(l);
        const struct session *next = fetch_next(l_next, t->room);
        if (is_told(t, a))
            pass_on(t, a);
        if (next)
            __builtin_prefetch(next->carrier);
    }
}

/* A signal is for one connection, which need not be looked for. */
static void tell_one(struct telling *t, struct slice seat)
{
    const struct session *s = session_find(t->room->hub, seat);
    struct attendance *a = s ? session_attendance(s, t->room) : NULL;
    if (a && is_told(t, a))
        pass_on(t, a);
}

static void telling_fini(struct telling *t)
{
    for (unsigned i = 0; i < t->n_encoded; i++)
        encoded_unref(t->encoded[i]);
    buf_reset(&t->room->hub->json);
}

static void put_in_line(struct telling *t)
{
    struct hub_room *r = t->room;
    struct delivery *d = t->delivery;
    d->promise.seq = r->commit_seq;
    if (t->to == LISTENERS_ALL && t->is_held && is_lively(t->news.event)) {
        d->lively_seq = t->news.event->seq;
        r->n_lively++;
    }
    list_push(&r->promises, &d->promise.link);
}

static void tell_now(struct telling *t)
{
    const struct event *e = t->news.event;
    if (e->type == EV_SIGNAL)
        tell_one(t, e->signal.to_seat);
    else
        tell_all(t);
    if (t->delivery)
        put_in_line(t);
    telling_fini(t);
}

/* Before its turn, so without its number. */
static void tell_ahead(struct hub_room *r, const struct event *e)
{
    struct event bare = *e;
    struct telling t NOT_CLEARED;
    bare.seq = 0;
    telling_init(&t, r, e);
    t.worded = &bare;
    t.to = LISTENERS_READY;
    tell_now(&t);
}

static void tell_in_turn(struct hub_room *r, const struct event *e, enum listeners to, bool is_held)
{
    struct telling t NOT_CLEARED;
    telling_init(&t, r, e);
    t.is_volatile = is_volatile(e);
    t.is_held = is_held;
    t.to = to;
    tell_now(&t);
}

static void tell_event(struct hub_room *r, const struct event *e)
{
    bool is_held = must_event_wait(r, e);
    if (e->audience == AUDIENCE_NOBODY)
        return;
    if (is_held && e->seq == 0) {
        keep_order(r, e->actor, e->seat);
        keep_order(r, e->target, seat_for(e));
    }
    if (is_held || e->seq == 0 || !tell_must_wait(r)) {
        tell_in_turn(r, e, LISTENERS_ALL, is_held);
    } else {
        tell_in_turn(r, e, LISTENERS_WAITING, true);
        tell_ahead(r, e);
    }
}

/* ---- while the store is away ---- */

/* Of whoever is told now. */
static void send_again(struct telling *t, const struct encoded *what, struct session *s)
{
    const struct encoded *bare = encoded_as(t, what->dialect, what->ear, what->line);
    if (bare)
        encoded_send(t->room->hub, bare, s);
}

/* It stays for those alone who wait anyway, where what follows does not overtake it; and for those
 * who have gone, who have no hurry. */
static bool keeps_waiting(const struct delivery *d, const struct session *s)
{
    struct attendance *a = s ? session_attendance(s, d->room) : NULL;
    if (!a || !a->member)
        return s != NULL;
    if (!is_waiting(d->room, a))
        return false;
    if (a->after_seq < d->promise.seq)
        a->after_seq = d->promise.seq;
    return true;
}

static void send_all_again(struct delivery *d, const struct event *e)
{
    struct event bare = *e;
    struct telling t NOT_CLEARED;
    uint32_t kept = 0;
    bare.seq = 0;
    telling_init(&t, d->room, e);
    t.worded = &bare;
    for (uint32_t i = 0; i < d->n; i++) {
        struct session *s = session_by_handle(d->room->hub, d->to[i].handle);
        if (keeps_waiting(d, s)) {
            d->to[kept++] = d->to[i];
            continue;
        }
        if (s) {
            send_again(&t, d->to[i].what, s);
            session_is_paid(s);
        }
        encoded_unref(d->to[i].what);
    }
    d->n = kept;
    d->lively_seq = 0;
    d->room->n_lively--;
    telling_fini(&t);
}

/* Whether all know the connection that it comes from. Of one that is gone, nobody knows. */
static bool is_introduced(const struct hub_room *r, const struct event *e)
{
    return !is_of_newcomers(r, e) && (e->seat.len == 0 || attendance_at(r, e->seat));
}

/* False: it has to wait for its turn. */
static bool tell_again(struct delivery *d)
{
    const struct tail_record *from = tail_find(&d->room->tail, d->lively_seq);
    struct arena arena;
    struct event e;
    if (!from)
        return false;
    arena_init(&arena, HUB_ARENA_BYTES);
    int err = record_read(&e, &arena, d->lively_seq, tail_bytes(from));
    bool may = !err && is_introduced(d->room, &e);
    if (may)
        send_all_again(d, &e);
    arena_fini(&arena);
    return may;
}

void tell_lively(struct hub_room *r)
{
    if (r->n_lively == 0 || hub_store_state(r->hub) == STORE_UP)
        return;
    LIST_EACH(l, &r->promises) {
        struct hub_promise *p = CONTAINER_OF(l, struct hub_promise, link);
        struct delivery *d = CONTAINER_OF(p, struct delivery, promise);
        if (p->fn != on_deliver || d->lively_seq == 0)
            continue;
        if (!tell_again(d))
            return; /* nor may those behind it overtake it */
        if (d->n == 0)
            delivery_free(d);
    }
}

void tell_events(struct hub_room *r, const struct events *happened)
{
    tell_lively(r);
    r->hub->stats.events += happened->n;
    for (uint32_t i = 0; i < happened->n; i++)
        tell_event(r, &happened->at[i]);
}

void tell_newcomer(struct attendance *a)
{
    a->after_seq = tell_must_wait(a->room) ? a->room->commit_seq : 0;
}

bool tell_may_answer(const struct hub_room *r, const struct session *s)
{
    const struct attendance *a = session_attendance(s, r);
    bool is_away = r->phase == HUB_ROOM_OPEN && hub_store_state(r->hub) != STORE_UP;
    return is_away && a && a->member && !is_new(r, slice_str(a->member->user_id), session_slice(s));
}

/* ---- the pulse ---- */

void tell_pulse(struct hub_room *r)
{
    struct encoded *encoded[TONGUE_DIALECTS][TONGUE_LINES] = { 0 };
    struct view view = hub_view(r);
    if (tell_must_wait(r) && hub_store_state(r->hub) == STORE_UP)
        return; /* the next one is soon */
    LIST_EACH(l, &r->attendances) {
        const struct attendance *a = attendance_of_room(l);
        const struct dialect *d = a->dialect;
        struct encoded **e = &encoded[d->number][a->session->line->number];
        if (!d->pulse || !a->member || a->member->status != MEMBER_APPROVED)
            continue;
        if (is_new(r, slice_str(a->member->user_id), session_slice(a->session)))
            continue;
        if (!*e) {
            struct words w;
            words_init(&w, &r->hub->json, d->is_typed);
            d->pulse(&w, &view);
            *e = encoded_new(a->session->line, &w, false);
        }
        if (*e)
            encoded_send(r->hub, *e, a->session);
    }
    for (unsigned i = 0; i < TONGUE_DIALECTS * TONGUE_LINES; i++)
        encoded_unref(encoded[i / TONGUE_LINES][i % TONGUE_LINES]);
    buf_reset(&r->hub->json);
}
