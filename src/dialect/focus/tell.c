/* What language C says of the events of a room. It is a language of people: of somebody's second
 * connection it says nothing. Most events are followed by the `state` that they led to. */
#include "base/panic.h"
#include "dialect/focus/parts.h"

enum { EAR_ANY, EAR_TARGET };

static unsigned ear_of(const struct room_news *news, const struct member *m, const char *seat)
{
    (void)seat;
    return news->event->type == EV_KICKED && news->target == m ? EAR_TARGET : EAR_ANY;
}

/* ---- parts ---- */

struct json_writer *focus_begin_event(struct words *words, const char *name, const struct event *e)
{
    struct json_writer *w = e != NULL ? words_begin_event(words, "event", e)
                                      : words_begin(words, "event");
    jw_field_str(w, "event", slice_str(name));
    return w;
}

void focus_end_event(struct words *words, int64_t at_ms)
{
    jw_field_i64(&words->writer, "timestamp", at_ms);
    words_end(words);
}

/* The name is of now; of one who has been forgotten since, none. */
static void put_person(struct json_writer *w, const struct view *v, struct slice user_id)
{
    const struct member *m = room_member(v->room, user_id);
    jw_field_str(w, "user_id", user_id);
    jw_field_str(w, "name", slice_str(m != NULL ? m->name : ""));
}

static void say_person(
    struct words *words, const struct view *v, const struct event *e, const char *name)
{
    struct json_writer *w = focus_begin_event(words, name, e);
    put_person(w, v, e->actor);
    focus_end_event(words, e->at_ms);
}

/* ---- the room ---- */

static void out_updated(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    struct json_writer *w = focus_begin_event(words, "room_updated", e);
    jw_field_str(w, "room_id", slice_str(v->room->id));
    jw_field_str(w, "room_name", e->updated.title);
    if (e->actor.len > 0)
        put_person(w, v, e->actor);
    focus_end_event(words, e->at_ms);
}

static void out_started(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    struct json_writer *w = focus_begin_event(words, "room_started", e);
    jw_field_str(w, "room_id", slice_str(v->room->id));
    jw_field_time(w, "startedAt", e->at_ms);
    if (e->started.ends_at_ms > 0)
        jw_field_i64(w, "endsAt", e->started.ends_at_ms);
    else
        jw_field_null(w, "endsAt");
    focus_end_event(words, e->at_ms);
}

static void out_ended(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    struct json_writer *w = focus_begin_event(words, "room_ended", e);
    jw_field_str(w, "room_id", slice_str(v->room->id));
    jw_field_str(w, "message", e->ended.message);
    jw_field_time(w, "endedAt", e->at_ms);
    focus_end_event(words, e->at_ms);
}

/* ---- people ---- */

/* The answer to the `join` that had to wait. */
static void out_approved(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    const struct member *self = room_member(v->room, e->target);
    if (self != NULL)
        focus_say_joined(words, v, self, e->seq);
}

static void out_rejected(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    struct json_writer *w = focus_begin_event(words, "join_rejected", e);
    jw_field_str(w, "room_id", slice_str(v->room->id));
    jw_field_str(w, "message", S("The host did not let you in."));
    focus_end_event(words, e->at_ms);
}

static void out_came(struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    say_person(words, v, e, "user_joined");
}

static void out_gone(struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    say_person(words, v, e, "user_left");
}

static void out_kicked(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    struct json_writer *w = focus_begin_event(words, "kicked", e);
    jw_field_str(w, "room_id", slice_str(v->room->id));
    if (ear != EAR_TARGET)
        put_person(w, v, e->target);
    jw_field_str(w, "reason", e->kicked.reason);
    focus_end_event(words, e->at_ms);
}

static void out_media(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    const struct member *m = room_member(v->room, e->actor);
    if (m == NULL)
        return;
    struct room_media media = focus_media(m);
    struct json_writer *w = words_begin_event(words, "media:update", e);
    put_person(w, v, e->actor);
    focus_put_media(w, &media);
    jw_field_i64(w, "timestamp", e->at_ms);
    words_end(words);
}

/* ---- talk, time ---- */

static void out_chat(struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    (void)v;
    (void)ear;
    struct json_writer *w = words_begin_event(words, "chat", e);
    jw_field_str(w, "id", e->chat.id);
    jw_field_str(w, "from", e->actor);
    jw_field_str(w, "name", e->chat.name);
    jw_field_str(w, "text", e->chat.text);
    if (e->target.len > 0)
        jw_field_str(w, "to", e->target);
    if (e->chat.attachments.len > 0)
        jw_field_raw(w, "attachments", e->chat.attachments);
    jw_field_i64(w, "timestamp", e->at_ms);
    words_end(words);
}

static void out_timer(
    struct words *words, const struct view *v, const struct event *e, unsigned ear)
{
    static const char *const names[] = {
        [TIMER_STARTED] = "timer_started",
        [TIMER_PAUSED] = "timer_paused",
        [TIMER_RESUMED] = "timer_started",
        [TIMER_RESET] = "timer_reset",
        [TIMER_FOCUS_ENDED] = "focus_ended",
        [TIMER_BREAK_STARTED] = "break_started",
        [TIMER_BREAK_ENDED] = "break_ended",
        [TIMER_BREAK_SKIPPED] = "break_skipped",
        [TIMER_CONFIGURED] = NULL,
    };
    (void)ear;
    ASSERT(e->timer.cause <= TIMER_CONFIGURED);
    const char *name = names[e->timer.cause];
    if (name == NULL)
        return;
    struct json_writer *w = focus_begin_event(words, name, e);
    focus_put_phase(w, &e->timer.state);
    if (e->actor.len > 0)
        put_person(w, v, e->actor);
    focus_end_event(words, e->at_ms);
}

/* ---- which is told how ---- */

static bool is_first_seat(const struct event *e)
{
    return e->person.seats == 1;
}

/* One whose place was only kept had gone when the connection was lost, and that was told. */
static bool is_last_seat(const struct event *e)
{
    return e->gone.seats == 0 && e->seat.len > 0;
}

static bool is_shared_goal(const struct event *e)
{
    return e->goal.is_shared;
}

/* Events that are not here have no word in this language. */
static const struct telling {
    void (*out)(struct words *words, const struct view *v, const struct event *e, unsigned ear);
    bool (*is_told)(const struct event *e); /* NULL: always */
    bool has_state;                         /* follows, but to the target */
} tellings[EV_COUNT] = {
    [EV_UPDATED] = { .out = out_updated, .has_state = true },
    [EV_STARTED] = { .out = out_started },
    [EV_ENDED] = { .out = out_ended },
    [EV_APPROVED] = { .out = out_approved },
    [EV_REJECTED] = { .out = out_rejected },
    [EV_JOINED] = { .out = out_came, .is_told = is_first_seat, .has_state = true },
    [EV_RETURNED] = { .out = out_came, .is_told = is_first_seat, .has_state = true },
    [EV_LOST] = { .out = out_gone, .is_told = is_last_seat, .has_state = true },
    [EV_LEFT] = { .out = out_gone, .is_told = is_last_seat, .has_state = true },
    [EV_KICKED] = { .out = out_kicked, .has_state = true },
    [EV_MEDIA] = { .out = out_media },
    [EV_CHAT] = { .out = out_chat },
    [EV_TIMER] = { .out = out_timer, .has_state = true },
    [EV_GOAL] = { .is_told = is_shared_goal, .has_state = true },
};

static void tell(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    const struct telling *t = &tellings[e->type];
    if (t->is_told != NULL && !t->is_told(e))
        return;
    if (t->out != NULL)
        t->out(w, v, e, ear);
    if (t->has_state && ear != EAR_TARGET)
        focus_say_state(w, v, e);
}

static void refuse(struct words *words, const struct refusal *r)
{
    struct json_writer *w = words_begin(words, "error");
    jw_field_str(w, "code", slice_str(err_name(r->err)));
    jw_field_str(w, "message", r->text);
    if (r->request != NULL)
        jw_field_str(w, "request", slice_str(r->request));
    if (r->retry_ms > 0)
        jw_field_u64(w, "retryAfterMs", r->retry_ms);
    words_end(words);
}

const struct dialect focus_dialect = {
    .name = "focus",
    .number = 2,
    .is_typed = true,
    .pulse_ms = FOCUS_PULSE_MS,
    .ear = ear_of,
    .tell = tell,
    .pulse = focus_pulse,
    .refuse = refuse,
};
