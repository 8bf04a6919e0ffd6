/* What language E says of the events of a room. It is a language of connections: a person with two
 * of them is two peers. Who offers depends on the two ids, so a join sounds in two ways. */
#include "dialect/call/parts.h"
#include "dialect/refusal.h"

/* Of KICKED; of JOINED and RETURNED; of APPROVED, where the ear is the number of the seat. */
enum { EAR_ANY, EAR_TARGET = 1, EAR_OFFERS = 1, EAR_LATER_SEAT = TONGUE_EARS - 1 };

static bool offers(struct slice seat, struct slice to)
{
    return slice_cmp(seat, to) < 0;
}

static struct slice seat_id(const struct link *l)
{
    return slice_str(CONTAINER_OF(l, const struct seat, link)->id);
}

/* Which of the person's connections it is, as far as ears go. */
static unsigned number_of(const struct member *m, const char *seat)
{
    unsigned n = 0;
    LIST_EACH(l, &m->seats) {
        if (n == EAR_LATER_SEAT || slice_eq(seat_id(l), slice_str(seat)))
            return n;
        n++;
    }
    return EAR_LATER_SEAT;
}

/* The other way round. Empty: it may be one of several. */
static struct slice seat_of(const struct member *m, unsigned number)
{
    unsigned n = 0;
    if (number == EAR_LATER_SEAT)
        return S("");
    LIST_EACH(l, &m->seats) {
        if (n++ == number)
            return seat_id(l);
    }
    return S("");
}

static unsigned ear(const struct room_news *news, const struct member *m, const char *seat)
{
    const struct event *e = news->event;
    if (e->type == EV_JOINED || e->type == EV_RETURNED)
        return offers(slice_str(seat), e->seat) ? EAR_OFFERS : EAR_ANY;
    if (e->type == EV_KICKED)
        return news->target == m ? EAR_TARGET : EAR_ANY;
    return e->type == EV_APPROVED ? number_of(m, seat) : EAR_ANY;
}

/* ---- parts ---- */

static void put_roles(struct json_writer *w, bool is_initiator)
{
    jw_field_bool(w, "initiator", is_initiator);
    jw_field_bool(w, "polite", !is_initiator);
}

static bool is_listed(const struct call_listener *to, const struct member *m)
{
    bool is_inside = m->status == MEMBER_APPROVED && m->is_present;
    return is_inside && !slice_eq(slice_str(m->user_id), to->but_user);
}

static void put_participant(struct json_writer *w, const struct member *m, struct slice seat,
    const struct call_listener *to)
{
    jw_object(w);
    jw_field_str(w, "peerId", seat);
    jw_field_str(w, "displayName", slice_str(m->name));
    jw_field_str(w, "userId", slice_str(m->user_id));
    if (to->seat.len > 0)
        put_roles(w, offers(to->seat, seat));
    jw_end(w);
}

static void put_seats(
    struct json_writer *w, const struct member *m, const struct call_listener *to, bool is_whole)
{
    LIST_EACH(l, &m->seats) {
        struct slice seat = seat_id(l);
        if (slice_eq(seat, to->seat))
            continue;
        if (is_whole)
            put_participant(w, m, seat, to);
        else
            jw_str(w, seat);
    }
}

/* Of everybody inside: whole objects, or the ids alone. */
static void put_list(
    struct json_writer *w, const struct room *r, const struct call_listener *to, bool is_whole)
{
    LIST_EACH(l, &r->members) {
        const struct member *m = CONTAINER_OF(l, struct member, link);
        if (is_listed(to, m))
            put_seats(w, m, to, is_whole);
    }
}

void call_peers(struct json_writer *w, const struct view *v, const struct call_listener *to)
{
    jw_field_array(w, "peers");
    put_list(w, v->room, to, false);
    jw_end(w);
    jw_field_str(w, "roomId", slice_str(v->room->id));
    jw_field_array(w, "participants");
    put_list(w, v->room, to, true);
    jw_end(w);
    jw_field_u64(w, "seq", v->room->seq);
    jw_field_str(w, "epoch", v->epoch);
}

void call_chat(struct json_writer *w, const struct view *v, const struct event *e)
{
    jw_field_str(w, "id", e->chat.id);
    jw_field_str(w, "from", e->seat.len > 0 ? e->seat : e->actor);
    jw_field_str(w, "displayName", e->chat.name);
    jw_field_str(w, "text", e->chat.text);
    jw_field_i64(w, "timestamp", e->at_ms);
    jw_field_str(w, "roomId", slice_str(v->room->id));
    if (e->target.len > 0)
        jw_field_str(w, "to", e->target);
}

void call_say_waiting(struct words *words, struct slice room_id)
{
    struct json_writer *w = words_begin(words, "waiting-approval");
    jw_field_str(w, "message", S("Please wait: the host has been asked to let you in."));
    jw_field_str(w, "roomId", room_id);
    words_end(words);
}

static void say_left(struct words *words, const struct event *e, struct slice seat)
{
    jw_field_str(words_begin_event(words, "peer-left", e), "peerId", seat);
    words_end(words);
}

/* ---- events ---- */

typedef void(out_fn)(
    struct words *words, const struct view *v, const struct event *e, unsigned ear);

static void out_joined(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    struct json_writer *w = words_begin_event(words, "peer-joined", e);
    jw_field_str(w, "peerId", e->seat);
    jw_field_str(w, "displayName", e->person.name);
    jw_field_str(w, "userId", e->actor);
    jw_field_str(w, "roomId", slice_str(v->room->id));
    put_roles(w, ear == EAR_OFFERS);
    words_end(words);
}

/* Without a seat somebody's grace is over, and that the connection went was told before. */
static void out_left(struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)v;
    (void)ear;
    if (e->seat.len > 0)
        say_left(words, e, e->seat);
}

static void out_kicked(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    struct slice seat, rest = e->kicked.seats;
    if (ear == EAR_TARGET) {
        struct json_writer *w = words_begin_event(words, "kicked", e);
        jw_field_str(w, "reason", e->kicked.reason);
        jw_field_str(w, "roomId", slice_str(v->room->id));
        words_end(words);
        return;
    }
    /* Of somebody who was not inside, the hosts alone are told: nobody has heard of a join. */
    while (e->audience == AUDIENCE_ALL && slice_cut(&seat, &rest, '\n'))
        say_left(words, e, seat);
}

/* The answer to the join that had to wait. */
static void out_approved(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    const struct member *m = room_member(v->room, e->target);
    struct call_listener to = { .but_user = e->target, .seat = m ? seat_of(m, ear) : S("") };
    call_peers(words_begin(words, "peers"), v, &to);
    words_end(words);
}

static void out_rejected(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    struct json_writer *w = words_begin_event(words, "join-rejected", e);
    jw_field_str(w, "message", S("The host did not let you in."));
    jw_field_str(w, "roomId", slice_str(v->room->id));
    words_end(words);
}

static void out_ended(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    struct json_writer *w = words_begin_event(words, "room-ended", e);
    jw_field_str(w, "message", e->ended.message);
    jw_field_str(w, "roomId", slice_str(v->room->id));
    words_end(words);
}

static void out_signal(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)v;
    (void)ear;
    struct json_writer *w = words_begin(words, "signal");
    jw_field_str(w, "from", e->seat);
    jw_field_raw(w, "data", e->signal.data);
    words_end(words);
}

static void out_chat(struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    call_chat(words_begin_event(words, "chat", e), v, e);
    words_end(words);
}

/* Events that are not here have no word in this language. */
static out_fn *const outs[EV_COUNT] = {
    [EV_ENDED] = out_ended,
    [EV_APPROVED] = out_approved,
    [EV_REJECTED] = out_rejected,
    [EV_JOINED] = out_joined,
    [EV_RETURNED] = out_joined,
    [EV_LOST] = out_left,
    [EV_LEFT] = out_left,
    [EV_KICKED] = out_kicked,
    [EV_SIGNAL] = out_signal,
    [EV_CHAT] = out_chat,
};

static void tell(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    if (outs[e->type])
        outs[e->type](w, v, e, ear);
}

const struct dialect call_dialect = {
    .name = "call",
    .number = 4,
    .ear = ear,
    .tell = tell,
    .refuse = refusal_say,
};
