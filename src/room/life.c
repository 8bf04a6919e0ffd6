/* The life of a room: WAITING, until an interview is started; LIVE; ENDED, by a host, by the room
 * itself, or because its time is over. When time ends, unsent code is submitted; when a host ends
 * the room, it stays what it is, the latest text. */
#include "base/panic.h"
#include "room/parts.h"
#include "room/text.h"

/* ---- settings ---- */

#define MINUTE_MS 60000u

struct room_settings room_default_settings(enum room_mode mode)
{
    bool is_interview = mode == MODE_INTERVIEW;
    return (struct room_settings){
        .mode = mode,
        .is_public = mode == MODE_FOCUS || mode == MODE_CALL,
        .approval = is_interview,
        .timer_by_hosts = is_interview,
        .max_participants = mode == MODE_CALL ? 4 : 200,
        .focus_ms = 25 * MINUTE_MS,
        .break_ms = 5 * MINUTE_MS,
        .long_break_ms = 15 * MINUTE_MS,
        .rounds = 4,
        .warn_at = is_interview ? 3 : 0,
    };
}

static bool is_phase_length(uint32_t ms)
{
    return ms >= ROOM_PHASE_MIN_MS && ms <= ROOM_PHASE_MAX_MS;
}

static bool are_lengths(const struct room_settings *s)
{
    return is_phase_length(s->focus_ms) && is_phase_length(s->break_ms) &&
        is_phase_length(s->long_break_ms) && s->rounds > 0 &&
        (s->duration_ms == 0 || s->duration_ms >= ROOM_PHASE_MIN_MS);
}

static int check(struct slice title, const struct room_settings *s)
{
    if (s->mode > MODE_INTERVIEW || s->max_participants > ROOM_MAX_MEMBERS || !are_lengths(s))
        return ERR_BAD_FIELD;
    int err = text_check(title, 0, ROOM_TITLE_MAX, TEXT_ONE_LINE);
    return err ? err : text_check(s->question, 0, ROOM_QUESTION_MAX, TEXT_LINES);
}

/* ---- verbs ---- */

int room_create(
    struct events *out, struct room *r, const struct deed *d, const struct room_create *a)
{
    int err = check(a->title, &a->settings);
    if (!err)
        err = text_check(a->owner_id, 0, ROOM_USER_ID_MAX, TEXT_ONE_LINE);
    if (err)
        return err;
    if (r->seq != 0)
        return ERR_CONFLICT;
    struct event *e = room_begin(out, EV_CREATED, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->created.title = a->title;
    e->created.owner_id = a->owner_id;
    e->created.settings = a->settings;
    return room_emit(r, e);
}

int room_update(
    struct events *out, struct room *r, const struct deed *d, const struct room_update *a)
{
    struct slice title = a->title.p != NULL ? a->title : slice_str(r->title);
    bool approval_ends = r->settings.approval && !a->settings.approval;
    int err = room_may(r, VERB_UPDATE, d->user_id);
    if (!err)
        err = check(title, &a->settings);
    if (err)
        return err;
    struct event *e = room_begin(out, EV_UPDATED, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->updated.title = title;
    e->updated.settings = a->settings;
    err = room_emit(r, e);
    return err || !approval_ends ? err : people_admit_all(out, r, d->at_ms);
}

/* When a room that is live since then ends; 0: open. */
static int64_t end_of(int64_t started_at_ms, const struct room_settings *s)
{
    return s->duration_ms > 0 ? started_at_ms + s->duration_ms : 0;
}

int room_start(struct events *out, struct room *r, const struct deed *d)
{
    int err = room_may(r, VERB_START, d->user_id);
    if (err)
        return err;
    struct event *e = room_begin(out, EV_STARTED, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->started.ends_at_ms = end_of(d->at_ms, &r->settings);
    return room_emit(r, e);
}

static int emit_ended(
    struct events *out, struct room *r, const struct deed *d, struct slice message)
{
    int err = focus_note_all(out, r, d->at_ms);
    if (err)
        return err;
    struct event *e = room_begin(out, EV_ENDED, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->ended.message = message;
    return room_emit(r, e);
}

int room_end(struct events *out, struct room *r, const struct deed *d, struct slice message)
{
    int err = room_may(r, VERB_END, d->user_id);
    if (!err)
        err = text_check(message, 0, ROOM_REASON_MAX, TEXT_LINES);
    if (err)
        return err;
    if (message.len == 0)
        message = S("The room has been ended by the host");
    return emit_ended(out, r, d, message);
}

/* ---- time ---- */

int64_t life_next_due(const struct room *r)
{
    bool ends = r->status == ROOM_LIVE && r->ends_at_ms > 0;
    return ends ? r->ends_at_ms : INT64_MAX;
}

int life_tick(struct events *out, struct room *r, int64_t at_ms)
{
    struct deed room = { .at_ms = at_ms };
    bool more;
    if (life_next_due(r) > at_ms)
        return 0;
    int err = exam_submit_some(&more, out, r, at_ms);
    return err || more ? err : emit_ended(out, r, &room, S("The time is over"));
}

/* ---- folding ---- */

static int set_settings(struct room *r, const struct room_settings *s)
{
    int err = room_text_set(&r->question, s->question);
    if (err)
        return err;
    r->settings = *s;
    r->settings.question = slice_str(r->question);
    return 0;
}

static void go_live(struct room *r, int64_t at_ms, int64_t ends_at_ms)
{
    r->status = ROOM_LIVE;
    r->started_at_ms = at_ms;
    r->ends_at_ms = ends_at_ms;
}

static int fold_created(struct room *r, const struct event *e)
{
    const struct room_settings *s = &e->created.settings;
    r->created_at_ms = e->at_ms;
    if (s->mode != MODE_INTERVIEW)
        go_live(r, e->at_ms, end_of(e->at_ms, s));
    int err = room_text_set(&r->title, e->created.title);
    if (!err)
        err = room_text_set(&r->owner_id, e->created.owner_id);
    return err ? err : set_settings(r, s);
}

/* A new duration counts from the start, as the former one did. */
static int fold_updated(struct room *r, const struct event *e)
{
    const struct room_settings *s = &e->updated.settings;
    if (r->status == ROOM_LIVE)
        r->ends_at_ms = end_of(r->started_at_ms, s);
    int err = room_text_set(&r->title, e->updated.title);
    return err ? err : set_settings(r, s);
}

static int fold_kept(struct room *r, const struct event *e)
{
    r->created_at_ms = e->at_ms;
    r->status = e->kept_room.status;
    r->started_at_ms = e->kept_room.started_at_ms;
    r->ends_at_ms = e->kept_room.ends_at_ms;
    r->ended_at_ms = e->kept_room.ended_at_ms;
    r->timer = e->kept_room.timer;
    r->goal_done = e->kept_room.goal_done;
    int err = room_text_set(&r->title, e->kept_room.title);
    if (!err)
        err = room_text_set(&r->owner_id, e->kept_room.owner_id);
    if (!err)
        err = room_text_set(&r->goal, e->kept_room.goal);
    if (!err)
        err = set_settings(r, &e->kept_room.settings);
    return err ? err : board_keep(&r->board, e);
}

int life_fold(struct room *r, const struct event *e)
{
    switch (e->type) {
    case EV_KEPT_ROOM:
        return fold_kept(r, e);
    case EV_CREATED:
        return fold_created(r, e);
    case EV_UPDATED:
        return fold_updated(r, e);
    case EV_STARTED:
        go_live(r, e->at_ms, e->started.ends_at_ms);
        return 0;
    case EV_ENDED:
        r->status = ROOM_ENDED;
        r->ended_at_ms = e->at_ms;
        focus_watch_all(r, e->at_ms);
        return 0;
    default:
        PANIC("not of life: %s", event_info(e->type)->name);
    }
}
