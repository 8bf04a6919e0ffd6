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
 * be more than CATCH_UP_PHASES behind is reset instead. Nobody has watched it. */
#include "base/panic.h"
#include "room/parts.h"
#include "room/text.h"

/* With breaks of 5 minutes the timer goes on by itself for at least 5 hours unseen. Each phase
 * makes two events. */
#define CATCH_UP_PHASES 64

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
    int err = 0;
    if (focus_next_due(r) <= at_ms && is_forgotten(r, at_ms))
        return emit(out, r, &d, TIMER_RESET, idle_in(0));
    while (!err && focus_next_due(r) <= at_ms) {
        d.at_ms = r->timer.ends_at_ms;
        err = r->timer.phase == TIMER_FOCUS ? end_focus(out, r, &d) : end_break(out, r, &d);
    }
    return err;
}

int64_t room_timer_left(const struct room *r, int64_t at_ms)
{
    if (!r->timer.is_running)
        return r->timer.remaining_ms;
    return r->timer.ends_at_ms > at_ms ? r->timer.ends_at_ms - at_ms : 0;
}

/* ---- what people do with it ---- */

static int start(
    struct events *out, struct room *r, const struct deed *d, const struct room_timer *a)
{
    bool is_phase = a->phase > TIMER_IDLE && a->phase <= TIMER_LONG_BREAK;
    bool is_length = a->length_ms == 0 ||
        (a->length_ms >= ROOM_PHASE_MIN_MS && a->length_ms <= ROOM_PHASE_MAX_MS);
    if (!is_phase || !is_length)
        return ERR_BAD_FIELD;
    bool is_break = a->phase != TIMER_FOCUS;
    return emit(out, r, d, is_break ? TIMER_BREAK_STARTED : TIMER_STARTED,
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
    return emit(out, r, d, TIMER_PAUSED, paused);
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
    if (r->timer.phase == TIMER_FOCUS)
        return end_focus(out, r, d);
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
        return emit(out, r, d, TIMER_RESET, idle_in(0));
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

int focus_fold(struct room *r, const struct event *e)
{
    switch (e->type) {
    case EV_TIMER:
        r->timer = e->timer.state;
        return 0;
    case EV_GOAL:
        return fold_goal(r, e);
    default:
        PANIC("not of time: %s", event_info(e->type)->name);
    }
}
