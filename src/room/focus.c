/* The room's timer, and goals.
 *
 *     idle --start--> focus --over--> break --over--> idle, or the next focus (auto_focus)
 *
 * Every `rounds`-th focus is followed by a long break. A focus that begins from anywhere but a
 * focus begins the next round; started anew, it stays in its round. Reset goes to idle, round 0.
 *
 * Time is not counted down, it is compared: `ends_at_ms` is exact, and phases that are over by the
 * time somebody looks are gone through one by one, each event at the moment when it was due. A
 * timer that goes on by itself may have been left alone for long, the server asleep: one that could
 * be more than CATCH_UP_PHASES behind is reset instead. Nobody has watched it.
 *
 * Whoever is connected while a focus runs has focused: from its start or from coming, until it ends
 * or the person goes. Each such stretch is noted as an event of its own (FOCUSED), for what counts
 * people's time. A focus that the timer went on to and that was over before anybody looked, or had
 * run for more than LATE_MS, is not noted until then. */
#include "base/panic.h"
#include "room/parts.h"
#include "room/text.h"

/* With breaks of 5 minutes the timer goes on by itself for at least 5 hours unseen. Each phase
 * makes two events. */
#define CATCH_UP_PHASES 64
#define LATE_MS         60000

/* ---- phases ---- */

static uint32_t length_of(const struct room_settings *s, enum timer_phase phase)
{
    uint32_t ms = phase == TIMER_FOCUS ? s->focus_ms
        : phase == TIMER_BREAK         ? s->break_ms
                                       : s->long_break_ms;
    return ms < ROOM_PHASE_MIN_MS ? ROOM_PHASE_MIN_MS : ms;
}

static enum timer_phase break_after(const struct room *r)
{
    uint32_t rounds = r->settings.rounds;
    return rounds > 0 && r->timer.round % rounds == 0 ? TIMER_LONG_BREAK : TIMER_BREAK;
}

static struct timer_state idle_in(uint32_t round)
{
    return (struct timer_state){ .phase = TIMER_IDLE, .round = round };
}

/* The phase from its beginning at that moment; length 0: as the settings say. */
static struct timer_state running(
    const struct room *r, enum timer_phase phase, uint32_t length_ms, int64_t at_ms)
{
    bool is_next = phase == TIMER_FOCUS && r->timer.phase != TIMER_FOCUS;
    return (struct timer_state){
        .phase = phase,
        .is_running = true,
        .round = r->timer.round + is_next,
        .ends_at_ms = at_ms + (length_ms > 0 ? length_ms : length_of(&r->settings, phase)),
    };
}

static int emit(struct events *out, struct room *r, const struct deed *d, enum timer_cause cause,
    struct timer_state state)
{
    struct event *e = room_begin(out, EV_TIMER, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->timer.cause = cause;
    e->timer.state = state;
    return room_emit(r, e);
}

/* ---- who has focused ---- */

static struct member *member_of(struct link *l)
{
    return CONTAINER_OF(l, struct member, link);
}

static bool is_focusing(const struct room *r, const struct member *m)
{
    bool runs = r->timer.phase == TIMER_FOCUS && r->timer.is_running && r->status != ROOM_ENDED;
    return runs && member_is_inside(m) && !member_is_lost(m);
}

void focus_watch(const struct room *r, struct member *m, int64_t at_ms)
{
    if (!is_focusing(r, m))
        m->focus_since_ms = 0;
    else if (m->focus_since_ms == 0)
        m->focus_since_ms = at_ms;
}

void focus_watch_all(struct room *r, int64_t at_ms)
{
    LIST_EACH(l, &r->members)
        focus_watch(r, member_of(l), at_ms);
}

static int emit_focused(
    struct events *out, struct room *r, const struct member *m, int64_t since_ms, int64_t until_ms)
{
    struct deed own = { .user_id = slice_str(m->user_id), .at_ms = until_ms };
    struct event *e = room_begin(out, EV_FOCUSED, &own);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->focused.since_ms = since_ms;
    return room_emit(r, e);
}

int focus_note(struct events *out, struct room *r, const struct member *m, int64_t at_ms)
{
    int64_t ends_ms = r->timer.ends_at_ms;
    int64_t until_ms = ends_ms < at_ms ? ends_ms : at_ms;
    if (m->focus_since_ms == 0 || until_ms - m->focus_since_ms < ROOM_FOCUSED_MIN_MS)
        return 0;
    return emit_focused(out, r, m, m->focus_since_ms, until_ms);
}

int focus_note_all(struct events *out, struct room *r, int64_t at_ms)
{
    int err = 0;
    LIST_EACH(l, &r->members)
        err = err ? err : focus_note(out, r, member_of(l), at_ms);
    return err;
}

/* A stretch of no length for everybody: what was before that moment counts for nothing. */
static int begin_anew(struct events *out, struct room *r, int64_t at_ms)
{
    int err = 0;
    LIST_EACH(l, &r->members) {
        const struct member *m = member_of(l);
        if (!err && m->focus_since_ms != 0)
            err = emit_focused(out, r, m, at_ms, at_ms);
    }
    return err;
}

/* ---- phases that end ---- */

/* The focus is over, now: the break begins. */
static int end_focus(struct events *out, struct room *r, const struct deed *d)
{
    enum timer_phase next = break_after(r);
    int err = emit(out, r, d, TIMER_FOCUS_ENDED, idle_in(r->timer.round));
    return err ? err : emit(out, r, d, TIMER_BREAK_STARTED, running(r, next, 0, d->at_ms));
}

static int end_break(struct events *out, struct room *r, const struct deed *d)
{
    int err = emit(out, r, d, TIMER_BREAK_ENDED, idle_in(r->timer.round));
    if (err || !r->settings.auto_focus)
        return err;
    return emit(out, r, d, TIMER_STARTED, running(r, TIMER_FOCUS, 0, d->at_ms));
}

/* ---- the room's clock ---- */

int64_t focus_next_due(const struct room *r)
{
    bool runs = r->timer.is_running && r->status != ROOM_ENDED;
    return runs ? r->timer.ends_at_ms : INT64_MAX;
}

static int64_t shortest(const struct room_settings *s)
{
    uint32_t ms = length_of(s, TIMER_FOCUS);
    if (length_of(s, TIMER_BREAK) < ms)
        ms = length_of(s, TIMER_BREAK);
    if (length_of(s, TIMER_LONG_BREAK) < ms)
        ms = length_of(s, TIMER_LONG_BREAK);
    return ms;
}

static bool is_forgotten(const struct room *r, int64_t at_ms)
{
    int64_t behind = at_ms - r->timer.ends_at_ms;
    return r->settings.auto_focus && behind / shortest(&r->settings) >= CATCH_UP_PHASES;
}

int focus_tick(struct events *out, struct room *r, int64_t at_ms)
{
    struct deed d = { .at_ms = at_ms };
    if (focus_next_due(r) > at_ms)
        return 0;
    int err = focus_note_all(out, r, at_ms);
    if (!err && is_forgotten(r, at_ms))
        return emit(out, r, &d, TIMER_RESET, idle_in(0));
    while (!err && focus_next_due(r) <= at_ms) {
        d.at_ms = r->timer.ends_at_ms;
        err = r->timer.phase == TIMER_FOCUS ? end_focus(out, r, &d) : end_break(out, r, &d);
    }
    return err || at_ms - d.at_ms <= LATE_MS ? err : begin_anew(out, r, at_ms);
}

int64_t room_timer_left(const struct room *r, int64_t at_ms)
{
    if (!r->timer.is_running)
        return r->timer.remaining_ms;
    return r->timer.ends_at_ms > at_ms ? r->timer.ends_at_ms - at_ms : 0;
}

/* ---- what people do with it ---- */

/* Another state of the timer, and what it ends. */
static int change(struct events *out, struct room *r, const struct deed *d, enum timer_cause cause,
    struct timer_state state)
{
    int err = focus_note_all(out, r, d->at_ms);
    return err ? err : emit(out, r, d, cause, state);
}

static int start(
    struct events *out, struct room *r, const struct deed *d, const struct room_timer *a)
{
    bool is_phase = a->phase > TIMER_IDLE && a->phase <= TIMER_LONG_BREAK;
    bool is_length = a->length_ms == 0 ||
        (a->length_ms >= ROOM_PHASE_MIN_MS && a->length_ms <= ROOM_PHASE_MAX_MS);
    if (!is_phase || !is_length)
        return ERR_BAD_FIELD;
    bool is_break = a->phase != TIMER_FOCUS;
    return change(out, r, d, is_break ? TIMER_BREAK_STARTED : TIMER_STARTED,
        running(r, a->phase, a->length_ms, d->at_ms));
}

static int pause_timer(struct events *out, struct room *r, const struct deed *d)
{
    struct timer_state paused = r->timer;
    if (!r->timer.is_running)
        return ERR_CONFLICT;
    paused.is_running = false;
    paused.ends_at_ms = 0;
    paused.remaining_ms = room_timer_left(r, d->at_ms);
    return change(out, r, d, TIMER_PAUSED, paused);
}

static int resume(struct events *out, struct room *r, const struct deed *d)
{
    struct timer_state again = r->timer;
    if (r->timer.is_running || r->timer.phase == TIMER_IDLE)
        return ERR_CONFLICT;
    again.is_running = true;
    again.ends_at_ms = d->at_ms + r->timer.remaining_ms;
    again.remaining_ms = 0;
    return emit(out, r, d, TIMER_RESUMED, again);
}

/* A focus ends as if its time were over; from a break one goes back to focus. */
static int skip(struct events *out, struct room *r, const struct deed *d)
{
    if (r->timer.phase == TIMER_IDLE)
        return ERR_CONFLICT;
    if (r->timer.phase == TIMER_FOCUS) {
        int err = focus_note_all(out, r, d->at_ms);
        return err ? err : end_focus(out, r, d);
    }
    return emit(out, r, d, TIMER_BREAK_SKIPPED, running(r, TIMER_FOCUS, 0, d->at_ms));
}

static int may_set(const struct room *r, struct slice user_id)
{
    int err = room_may(r, VERB_TIMER, user_id);
    if (!err && r->settings.timer_by_hosts && room_role(r, user_id) == ROLE_PARTICIPANT)
        err = ERR_NOT_HOST;
    return err;
}

int room_set_timer(
    struct events *out, struct room *r, const struct deed *d, const struct room_timer *a)
{
    int err = may_set(r, d->user_id);
    if (err)
        return err;
    switch (a->act) {
    case TIMER_ACT_START:
        return start(out, r, d, a);
    case TIMER_ACT_PAUSE:
        return pause_timer(out, r, d);
    case TIMER_ACT_RESUME:
        return resume(out, r, d);
    case TIMER_ACT_RESET:
        return change(out, r, d, TIMER_RESET, idle_in(0));
    case TIMER_ACT_SKIP:
        return skip(out, r, d);
    }
    return ERR_BAD_FIELD;
}

/* ---- goals ---- */

int room_set_goal(
    struct events *out, struct room *r, const struct deed *d, const struct room_goal *a)
{
    int err = room_may(r, VERB_GOAL, d->user_id);
    if (!err)
        err = text_check(a->text, 0, ROOM_GOAL_MAX, TEXT_LINES);
    if (err)
        return err;
    struct event *e = room_begin(out, EV_GOAL, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->goal.is_shared = a->is_shared;
    e->goal.is_done = a->is_done;
    e->goal.text = a->text;
    return room_emit(r, e);
}

static int fold_goal(struct room *r, const struct event *e)
{
    struct member *m = e->goal.is_shared ? NULL : room_member(r, e->actor);
    if (e->goal.is_shared) {
        r->goal_done = e->goal.is_done;
        return room_text_set(&r->goal, e->goal.text);
    }
    if (m == NULL)
        return 0;
    m->goal_done = e->goal.is_done;
    return room_text_set(&m->goal, e->goal.text);
}

/* What was before has been noted, or counts for nothing. */
static void fold_timer(struct room *r, const struct event *e)
{
    r->timer = e->timer.state;
    LIST_EACH(l, &r->members)
        member_of(l)->focus_since_ms = 0;
    focus_watch_all(r, e->at_ms);
}

static void fold_focused(struct room *r, const struct event *e)
{
    struct member *m = room_member(r, e->actor);
    if (m != NULL && m->focus_since_ms != 0)
        m->focus_since_ms = e->at_ms;
}

int focus_fold(struct room *r, const struct event *e)
{
    switch (e->type) {
    case EV_TIMER:
        fold_timer(r, e);
        return 0;
    case EV_FOCUSED:
        fold_focused(r, e);
        return 0;
    case EV_GOAL:
        return fold_goal(r, e);
    default:
        PANIC("not of time: %s", event_info(e->type)->name);
    }
}
