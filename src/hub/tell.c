/* Who is told what, and when. An event is put into words once for each dialect and ear, and made
 * into frames once for each line, at the moment it happens: its texts are the room's, and the next
 * verb may change them. What must be stored first waits, as a promise with its listeners. */
#include "base/panic.h"
#include "base/xalloc.h"
#include "hub/parts.h"

/* Somebody to be told, once it may be told. A session is named, not held: it may go meanwhile. */
struct receipt {
    uint64_t handle;
    struct encoded *what;
};

struct delivery {
    struct hub_promise promise;
    struct hub *hub;
    struct receipt *to;
    uint32_t n;
    uint32_t cap;
};

/* One event on its way. */
struct telling {
    struct hub_room *room;
    struct view view;
    const struct event *event;
    bool is_volatile;          /* left out for whoever reads slowly */
    bool is_held;              /* until what was before it is stored */
    struct delivery *delivery; /* of those who cannot be told at once; NULL: nobody yet */
    struct words words[TONGUE_DIALECTS][TONGUE_EARS];
    bool is_worded[TONGUE_DIALECTS][TONGUE_EARS];
    struct encoded *encoded[TONGUE_DIALECTS][TONGUE_EARS][TONGUE_LINES];
};

/* ---- frames ---- */

struct encoded *encoded_new(const struct line *line, const struct words *words)
{
    if (words->n == 0 || words_err(words))
        return NULL;
    struct encoded *e = xalloc(sizeof *e);
    *e = (struct encoded){ .refs = 1, .line = line };
    for (unsigned i = 0; i < words->n; i++) {
        struct frame *f = line->encode(line, slice_str(words->at[i].name), words_json(words, i));
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
    for (uint32_t i = 0; i < d->n; i++)
        encoded_unref(d->to[i].what);
    xfree(d->to);
    xfree(d);
}

static void on_deliver(struct hub_promise *p, int err)
{
    struct delivery *d = CONTAINER_OF(p, struct delivery, promise);
    for (uint32_t i = 0; i < d->n && !err; i++) {
        struct session *s = session_by_handle(d->hub, d->to[i].handle);
        if (s)
            encoded_send(d->hub, d->to[i].what, s);
    }
    delivery_free(d);
}

static struct delivery *delivery_new(struct hub *h)
{
    struct delivery *d = xalloc(sizeof *d);
    *d = (struct delivery){ .promise = { .fn = on_deliver }, .hub = h };
    link_init(&d->promise.link);
    return d;
}

/* Without memory the listener misses it; the state that it gets when it joins again is whole. */
static void delivery_add(struct delivery *d, const struct session *s, struct encoded *what)
{
    if (d->n == d->cap) {
        uint32_t cap = d->cap ? d->cap * 2 : 16;
        struct receipt *to = xtry(d->to, cap * sizeof *to);
        if (!to)
            return;
        d->to = to;
        d->cap = cap;
    }
    what->refs++;
    d->to[d->n++] = (struct receipt){ .handle = s->handle, .what = what };
}

/* Also while those are being told who have waited: they come first. */
static bool must_wait(const struct hub_room *r)
{
    return r->commit_seq > r->stored_seq || !list_is_empty(&r->promises);
}

void hub_when_stored(struct hub_room *r, struct hub_promise *p)
{
    int err = hub_room_err(r);
    link_init(&p->link);
    if (err) {
        p->fn(p, err);
    } else if (must_wait(r)) {
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

static const struct words *words_for(struct telling *t, const struct dialect *d, unsigned ear)
{
    struct words *w = &t->words[d->number][ear];
    ASSERT(ear < TONGUE_EARS);
    if (!t->is_worded[d->number][ear]) {
        words_init(w, &t->room->hub->json, d->is_typed);
        d->tell(w, &t->view, t->event, ear);
        t->is_worded[d->number][ear] = true;
    }
    return w;
}

/* NULL: this listener's language has no word for it. */
static struct encoded *encoded_for(struct telling *t, const struct attendance *a)
{
    const struct dialect *d = a->dialect;
    const struct session *s = a->session;
    unsigned ear = d->ear ? d->ear(t->event, a->member, session_slice(s)) : 0;
    const struct words *w = words_for(t, d, ear);
    struct encoded **e = &t->encoded[d->number][ear][s->line->number];
    if (!*e && w->n > 0) {
        *e = encoded_new(s->line, w);
        t->room->hub->stats.frames += *e ? (*e)->n : 0;
    }
    return *e;
}

/* Whose own coming is not stored yet hears nothing before the answer to it. */
static bool must_listener_wait(const struct telling *t, const struct attendance *a)
{
    const struct hub_room *r = t->room;
    return t->is_held || (must_wait(r) && a->member->joined_seq > r->stored_seq);
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
    } else if (must_listener_wait(t, a)) {
        if (!t->delivery)
            t->delivery = delivery_new(h);
        delivery_add(t->delivery, s, e);
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
    const struct seat seat = { .id = a->session->id };
    return a->member && !a->session->is_ended && room_seat_is_told(t->event, a->member, &seat);
}

/* People who came in with something that is not stored yet cannot be spoken of before; what comes
 * from a connection, or is for it, and lasts, not before that connection was. And what has no
 * number keeps its order, too. */
static bool must_event_wait(const struct hub_room *r, const struct event *e)
{
    if (!must_wait(r))
        return false;
    if (e->seq != 0 || r->held_seq > r->stored_seq)
        return true;
    if (!is_volatile(e) && r->people_seq > r->stored_seq)
        return true;
    const struct member *actor = room_member(r->room, e->actor);
    const struct member *target = room_member(r->room, e->target);
    return (actor && actor->joined_seq > r->stored_seq) ||
        (target && target->joined_seq > r->stored_seq);
}

static void tell_all(struct telling *t)
{
    LIST_EACH(l, &t->room->attendances) {
        struct attendance *a = attendance_of_room(l);
        if (is_told(t, a))
            pass_on(t, a);
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

static void forget_frames(struct telling *t)
{
    for (unsigned d = 0; d < TONGUE_DIALECTS; d++) {
        for (unsigned i = 0; i < TONGUE_EARS * TONGUE_LINES; i++)
            encoded_unref(t->encoded[d][i / TONGUE_LINES][i % TONGUE_LINES]);
    }
}

static void put_in_line(struct hub_room *r, const struct event *e, struct delivery *d)
{
    d->promise.seq = r->commit_seq;
    if (e->seq == 0)
        r->held_seq = r->commit_seq;
    list_push(&r->promises, &d->promise.link);
}

static void tell_event(struct hub_room *r, const struct event *e)
{
    struct telling t = {
        .room = r,
        .view = hub_view(r),
        .event = e,
        .is_volatile = is_volatile(e),
        .is_held = must_event_wait(r, e),
    };
    if (e->audience == AUDIENCE_NOBODY)
        ;
    else if (e->type == EV_SIGNAL)
        tell_one(&t, e->signal.to_seat);
    else
        tell_all(&t);
    if (t.delivery)
        put_in_line(r, e, t.delivery);
    forget_frames(&t);
    buf_reset(&r->hub->json);
    r->hub->stats.events++;
}

void tell_events(struct hub_room *r, const struct events *happened)
{
    for (uint32_t i = 0; i < happened->n; i++)
        tell_event(r, &happened->at[i]);
}

/* ---- the pulse ---- */

void tell_pulse(struct hub_room *r)
{
    struct encoded *encoded[TONGUE_DIALECTS][TONGUE_LINES] = { 0 };
    struct view view = hub_view(r);
    if (must_wait(r))
        return; /* the next one is soon */
    LIST_EACH(l, &r->attendances) {
        const struct attendance *a = attendance_of_room(l);
        const struct dialect *d = a->dialect;
        struct encoded **e = &encoded[d->number][a->session->line->number];
        if (!d->pulse || !a->member || a->member->status != MEMBER_APPROVED)
            continue;
        if (!*e) {
            struct words w;
            words_init(&w, &r->hub->json, d->is_typed);
            d->pulse(&w, &view);
            *e = encoded_new(a->session->line, &w);
        }
        if (*e)
            encoded_send(r->hub, *e, a->session);
    }
    for (unsigned i = 0; i < TONGUE_DIALECTS * TONGUE_LINES; i++)
        encoded_unref(encoded[i / TONGUE_LINES][i % TONGUE_LINES]);
    buf_reset(&r->hub->json);
}
