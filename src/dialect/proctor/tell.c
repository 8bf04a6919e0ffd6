/* What has happened in a room, in this dialect's words. It speaks of people, not of connections: of
 * somebody's second one nobody is told. An event that is not in the table has no word here. */
#include "dialect/proctor/parts.h"

#define SENTENCE_BYTES (ROOM_REASON_MAX * 4 + 100)

static bool is_about(const struct room_news *news, const struct member *m)
{
    return (news->event->target.len > 0 ? news->target : news->actor) == m;
}

/* By the end of the room that the event is. */
static bool was_submitted(const struct event *e, const struct member *m)
{
    return e->type == EV_ENDED && m->is_auto_submitted && m->submitted_at_ms == e->at_ms;
}

unsigned proctor_ear(const struct room_news *news, const struct member *m, const char *seat)
{
    (void)seat;
    if (was_submitted(news->event, m))
        return PROCTOR_EAR_SUBMITTED;
    return is_about(news, m) ? PROCTOR_EAR_OWN : PROCTOR_EAR_OTHERS;
}

/* A text of two parts. */
static void put_sentence(
    struct json_writer *w, const char *name, struct slice first, struct slice second)
{
    struct buf text;
    buf_init(&text, SENTENCE_BYTES);
    buf_add_slice(&text, first);
    buf_add_slice(&text, second);
    jw_field_str(w, name, buf_slice(&text));
    buf_fini(&text);
}

/* ---- the room ---- */

static void out_started(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    struct json_writer *json = proctor_begin(w, "ROOM_STARTED", e);
    jw_field_str(json, "roomId", slice_str(v->room->id));
    jw_field_time(json, "startedAt", e->at_ms);
    proctor_put_ends_at(json, v);
    proctor_put_duration(json, v);
    proctor_end(w);
}

static void out_ended(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    if (ear == PROCTOR_EAR_SUBMITTED)
        proctor_say_submitted(w, true);
    struct json_writer *json = words_begin_event(w, "ROOM_ENDED", e);
    jw_field_str(json, "message", e->ended.message);
    jw_field_str(json, "roomId", slice_str(v->room->id));
    words_end(w);
}

/* ---- coming and going ---- */

static void out_requested(
    struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    (void)v;
    (void)ear;
    struct json_writer *json = proctor_begin(w, "JOIN_REQUEST", e);
    jw_field_str(json, "userId", e->actor);
    jw_field_str(json, "username", e->person.name);
    jw_field_str(json, "socketId", e->seat);
    jw_field_i64(json, "timestamp", e->at_ms);
    proctor_end(w);
}

/* JOINED follows, and is not for the connection that the person comes with. */
static void out_approved(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    const struct member *m = room_member(v->room, e->target);
    if (!m || !proctor_is_inside(m))
        return;
    struct event joined = { .type = EV_JOINED, .seq = m->joined_seq, .actor = e->target };
    proctor_say_approved(w, v, m, false);
    proctor_say_count(w, v, "USER_JOINED", &joined);
}

static void out_rejected(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    struct json_writer *json = words_begin_event(w, "JOIN_REJECTED", e);
    jw_field_str(json, "message", S("The host has rejected your request to join the room"));
    jw_field_str(json, "roomId", slice_str(v->room->id));
    words_end(w);
}

/* Of one's own coming and going the answers to the requests tell, and APPROVED. */

static void out_joined(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    if (ear != PROCTOR_EAR_OWN)
        proctor_say_count(w, v, "USER_JOINED", e);
}

static void out_returned(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    if (ear != PROCTOR_EAR_OWN && e->person.seats == 1)
        proctor_say_count(w, v, "USER_RECONNECTED", e);
}

static void out_lost(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    if (ear != PROCTOR_EAR_OWN && e->gone.seats == 0)
        proctor_say_count(w, v, "USER_DISCONNECTED", e);
}

/* Without a seat it is the end of the grace, and everybody knows that the person is gone. */
static void out_left(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    if (ear != PROCTOR_EAR_OWN && e->gone.seats == 0 && e->seat.len > 0)
        proctor_say_count(w, v, "USER_LEFT", e);
}

/* Who becomes a host has not heard of those who wait. More than a few it finds in ROOM_STATUS. */
static void out_role(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    if (ear != PROCTOR_EAR_OWN || e->role.role < ROLE_COHOST)
        return;
    LIST_EACH(l, &v->room->members) {
        const struct member *m = proctor_member_of(l);
        if (m->status == MEMBER_PENDING && w->n < WORDS_MAX)
            proctor_say_pending(w, v, m);
    }
}

static void say_kicked(struct words *w, const struct view *v, const struct event *e)
{
    static const struct slice removed = SLICE("You have been removed from the room.");
    static const struct slice because = SLICE("You have been removed from the room. Reason: ");
    struct json_writer *json = words_begin_event(w, "KICKED", e);
    put_sentence(json, "message", e->kicked.reason.len > 0 ? because : removed, e->kicked.reason);
    jw_field_str(json, "roomId", slice_str(v->room->id));
    words_end(w);
}

static void out_kicked(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    if (ear == PROCTOR_EAR_OWN) {
        say_kicked(w, v, e);
        return;
    }
    struct json_writer *json = proctor_begin(w, "USER_KICKED", e);
    proctor_put_user(json, v, e->target);
    jw_field_str(json, "reason", e->kicked.reason);
    jw_field_u64(json, "connectedCount", room_connected(v->room));
    proctor_end(w);
}

/* ---- talk ---- */

static void out_chat(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    (void)v;
    (void)ear;
    struct json_writer *json = proctor_begin(w, "CHAT_MESSAGE", e);
    jw_field_str(json, "id", e->chat.id);
    jw_field_str(json, "userId", e->actor);
    jw_field_str(json, "username", e->chat.name);
    jw_field_str(json, "text", e->chat.text);
    jw_field_i64(json, "timestamp", e->at_ms);
    if (e->target.len > 0)
        jw_field_str(json, "to", e->target);
    if (e->chat.attachments.len > 0)
        jw_field_raw(json, "attachments", e->chat.attachments);
    proctor_end(w);
}

/* ---- interviews ---- */

/* What somebody did, behind the name. */
static const struct slice deeds[REPORT_VIOLATIONS] = {
    [REPORT_FULLSCREEN_EXIT] = SLICE(" exited fullscreen mode"),
    [REPORT_TAB_SWITCH] = SLICE(" switched to another tab"),
    [REPORT_PASTE] = SLICE(" pasted text"),
    [REPORT_COPY] = SLICE(" copied text"),
    [REPORT_DISCONNECT] = SLICE(" disconnected"),
};

static void out_violation(
    struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    const struct member *m = room_member(v->room, e->actor);
    struct json_writer *json = proctor_begin(w, "VIOLATION_DETECTED", e);
    proctor_put_user(json, v, e->actor);
    jw_field_str(json, "violationType", slice_str(report_name(e->violation.kind)));
    jw_field_u64(json, "violationCount", e->violation.total);
    jw_field_u64(json, "typeCount", e->violation.of_kind);
    jw_field_i64(json, "timestamp", e->at_ms);
    put_sentence(json, "message", m ? slice_str(m->name) : S("Somebody"), deeds[e->violation.kind]);
    proctor_end(w);
}

static void out_warned(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    (void)v;
    (void)ear;
    struct json_writer *json = proctor_begin(w, "VIOLATION_WARNING", e);
    jw_field_str(json, "violationType", slice_str(report_name(e->violation.kind)));
    jw_field_u64(json, "violationCount", e->violation.total);
    jw_field_str(json, "message", S("Please stay in fullscreen mode and in this tab"));
    proctor_end(w);
}

static void out_violation_cleared(
    struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    struct json_writer *json = proctor_begin(w, "VIOLATION_CLEARED", e);
    proctor_put_user(json, v, e->actor);
    jw_field_str(json, "violationType", slice_str(report_name(e->violation.kind)));
    jw_field_i64(json, "timestamp", e->at_ms);
    proctor_end(w);
}

/* A host who writes code knows it. */
static void out_code(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    if (ear == PROCTOR_EAR_OWN)
        return;
    struct json_writer *json = proctor_begin(w, "CODE_UPDATE", e);
    proctor_put_user(json, v, e->actor);
    jw_field_str(json, "code", e->code.code);
    jw_field_str(json, "language", e->code.language);
    jw_field_i64(json, "timestamp", e->at_ms);
    proctor_end(w);
}

static void out_submitted(
    struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    struct json_writer *json = proctor_begin(w, "USER_SUBMITTED", e);
    proctor_put_user(json, v, e->actor);
    jw_field_i64(json, "submissionTime", e->at_ms);
    jw_field_str(json, "code", e->code.code);
    jw_field_str(json, "language", e->code.language);
    if (e->code.is_automatic)
        jw_field_bool(json, "automatic", true);
    proctor_end(w);
}

/* ---- the table ---- */

typedef void(out_fn)(struct words *w, const struct view *v, const struct event *e, unsigned ear);

static out_fn *const outs[EV_COUNT] = {
    [EV_STARTED] = out_started,
    [EV_ENDED] = out_ended,
    [EV_REQUESTED] = out_requested,
    [EV_APPROVED] = out_approved,
    [EV_REJECTED] = out_rejected,
    [EV_JOINED] = out_joined,
    [EV_RETURNED] = out_returned,
    [EV_LOST] = out_lost,
    [EV_LEFT] = out_left,
    [EV_ROLE] = out_role,
    [EV_KICKED] = out_kicked,
    [EV_CHAT] = out_chat,
    [EV_VIOLATION] = out_violation,
    [EV_WARNED] = out_warned,
    [EV_VIOLATION_CLEARED] = out_violation_cleared,
    [EV_CODE] = out_code,
    [EV_SUBMITTED] = out_submitted,
};

void proctor_tell(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    if (outs[e->type])
        outs[e->type](w, v, e, ear);
}
