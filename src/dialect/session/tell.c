/* What language B says of the events of a room. It is a language of connections: a person with two
 * of them comes twice and leaves twice. An author is not told of the own message: the answer to it
 * has the same row, and a client that shows both would show it twice. */
#include "dialect/refusal.h"
#include "dialect/session/parts.h"

enum { EAR_ANY, EAR_SELF };

/* One that came by a route came from none of the author's connections, and was answered, too. */
static bool is_own(const struct event *e, const char *seat)
{
    return e->seat.len == 0 || slice_eq(e->seat, slice_str(seat));
}

static unsigned ear(const struct room_news *news, const struct member *m, const char *seat)
{
    const struct event *e = news->event;
    if (e->type == EV_CHAT)
        return news->actor == m && is_own(e, seat) ? EAR_SELF : EAR_ANY;
    return e->type == EV_KICKED && news->target == m ? EAR_SELF : EAR_ANY;
}

/* ---- parts ---- */

void session_say_participants(struct words *words, const struct session_roster *r)
{
    session_participants(words_begin_list(words, "existing-participants"), r);
    words_end(words);
}

void session_say_waiting(struct words *words, struct slice session_id)
{
    struct json_writer *w = words_begin(words, "waiting-approval");
    jw_field_str(w, "message", S("Please wait: the host has been asked to let you in."));
    jw_field_str(w, "sessionId", session_id);
    words_end(words);
}

static void put_person(struct json_writer *w, struct slice seat, struct slice id, struct slice name)
{
    jw_field_str(w, "socketId", seat);
    jw_field_str(w, "userId", id);
    jw_field_str(w, "userName", name);
}

static struct slice name_of(const struct view *v, struct slice user_id)
{
    const struct member *m = room_member(v->room, user_id);
    return slice_str(m ? m->name : "");
}

static void say_left(struct words *words, const struct view *v, const struct event *e,
    struct slice user_id, struct slice seat)
{
    struct json_writer *w = words_begin_event(words, "user-left", e);
    put_person(w, seat, user_id, name_of(v, user_id));
    words_end(words);
}

/* ---- events ---- */

typedef void(out_fn)(
    struct words *words, const struct view *v, const struct event *e, unsigned ear);

static void out_joined(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)v;
    (void)ear;
    struct json_writer *w = words_begin_event(words, "user-joined", e);
    put_person(w, e->seat, e->actor, e->person.name);
    jw_field_bool(w, "initiator", false);
    jw_field_bool(w, "polite", true);
    words_end(words);
}

/* Without a seat somebody's grace is over, and that the connection went was told before. */
static void out_left(struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    if (e->seat.len > 0)
        say_left(words, v, e, e->actor, e->seat);
}

static void out_kicked(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    struct slice seat, rest = e->kicked.seats;
    if (ear == EAR_SELF) {
        struct json_writer *w = words_begin_event(words, "kicked", e);
        jw_field_str(w, "reason", e->kicked.reason);
        jw_field_str(w, "sessionId", slice_str(v->room->id));
        words_end(words);
        return;
    }
    /* Of somebody who was not inside, the hosts alone are told: nobody has heard of a join. */
    while (e->audience == AUDIENCE_ALL && slice_cut(&seat, &rest, '\n'))
        say_left(words, v, e, e->target, seat);
}

/* The answer to the join that had to wait; the same for all connections that wait. */
static void out_approved(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    session_say_participants(
        words, &(struct session_roster){ .room = v->room, .but_user = e->target });
}

static void out_rejected(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    struct json_writer *w = words_begin_event(words, "join-rejected", e);
    jw_field_str(w, "message", S("The host did not let you in."));
    jw_field_str(w, "sessionId", slice_str(v->room->id));
    words_end(words);
}

static void out_ended(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    struct json_writer *w = words_begin_event(words, "session-ended", e);
    jw_field_str(w, "message", e->ended.message);
    jw_field_str(w, "sessionId", slice_str(v->room->id));
    words_end(words);
}

static void out_chat(struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    const struct store_message m = store_message_of(e);
    if (ear == EAR_SELF)
        return;
    session_message(words_begin_event(words, "chat-message", e), slice_str(v->room->id), &m);
    words_end(words);
}

/* A signal: who it is from, and what it carries. A key of its own for each kind, and `sdp`. */
static void say_signal(struct words *words, const struct view *v, const struct event *e,
    const char *name, const char *key)
{
    struct json_writer *w = words_begin(words, name);
    jw_field_str(w, "from", e->seat);
    jw_field_str(w, "fromSocketId", e->seat);
    jw_field_str(w, "userId", e->actor);
    jw_field_str(w, "userName", name_of(v, e->actor));
    jw_field_raw(w, key, e->signal.data);
}

static void out_signal(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    static const struct {
        struct slice kind;
        const char *name;
        const char *key;
        bool is_sdp;
    } kinds[] = {
        { .kind = SLICE("offer"), .name = "webrtc-offer", .key = "offer", .is_sdp = true },
        { .kind = SLICE("answer"), .name = "webrtc-answer", .key = "answer", .is_sdp = true },
        { .kind = SLICE("candidate"), .name = "webrtc-ice-candidate", .key = "candidate" },
    };
    (void)ear;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!slice_eq(kinds[i].kind, e->signal.kind))
            continue;
        say_signal(words, v, e, kinds[i].name, kinds[i].key);
        if (kinds[i].is_sdp)
            jw_field_raw(&words->writer, "sdp", e->signal.data);
        words_end(words);
    }
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

const struct dialect session_dialect = {
    .name = "session",
    .number = 1,
    .ear = ear,
    .tell = tell,
    .refuse = refusal_say,
};
