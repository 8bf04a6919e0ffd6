/* The room's timer, and goals. */
#include "dialect/minutes.h"
#include "dialect/study/parts.h"

static const char *const phases[] = { "focus", "break", "longBreak", "long_break", NULL };

/* ---- fields ---- */

static const struct field start_list[] = {
    STUDY_ROOM_FIELD(struct study_start_timer),
    { .name = "phase",
        FIELD_MEMBER(struct study_start_timer, phase),
        .type = FIELD_ENUM,
        .names = phases,
        .preset = "focus",
        .help = "what begins" },
    { .name = "minutes",
        FIELD_MEMBER(struct study_start_timer, minutes),
        .type = FIELD_DOUBLE,
        .min = MINUTES_MIN,
        .max = MINUTES_MAX,
        .help = "how long; when left out, as the settings say" },
};
const struct fields study_start_timer_fields = FIELDS(start_list);

static const struct field goal_list[] = {
    STUDY_ROOM_FIELD(struct study_goal),
    { .name = "text",
        .aliases = { "goal" },
        FIELD_MEMBER(struct study_goal, text),
        .type = FIELD_STR,
        .required = true,
        .max = ROOM_GOAL_MAX,
        .help = "the goal; empty: none" },
    { .name = "done",
        FIELD_MEMBER(struct study_goal, is_done),
        .type = FIELD_BOOL,
        .help = "whether it is reached" },
    { .name = "shared",
        FIELD_MEMBER(struct study_goal, is_shared),
        .type = FIELD_BOOL,
        .help = "the room's goal, not one's own" },
};
const struct fields study_goal_fields = FIELDS(goal_list);

/* ---- said by clients ---- */

int study_in_timer_start(struct ask *a)
{
    static const enum timer_phase meant[] = { TIMER_FOCUS, TIMER_BREAK, TIMER_LONG_BREAK,
        TIMER_LONG_BREAK };
    const struct study_start_timer *args = a->args;
    struct command c = { .verb = VERB_TIMER,
        .timer = { .act = TIMER_ACT_START,
            .phase = meant[args->phase],
            .length_ms = minutes_to_ms(args->minutes) } };
    return ask_do(a, &c);
}

static int turn(struct ask *a, enum timer_act act)
{
    return ask_do(a, &(struct command){ .verb = VERB_TIMER, .timer = { .act = act } });
}

int study_in_timer_pause(struct ask *a)
{
    return turn(a, TIMER_ACT_PAUSE);
}

int study_in_timer_resume(struct ask *a)
{
    return turn(a, TIMER_ACT_RESUME);
}

int study_in_timer_reset(struct ask *a)
{
    return turn(a, TIMER_ACT_RESET);
}

int study_in_timer_skip(struct ask *a)
{
    return turn(a, TIMER_ACT_SKIP);
}

int study_in_goal(struct ask *a)
{
    const struct study_goal *args = a->args;
    struct command c = { .verb = VERB_GOAL,
        .goal = { .is_shared = args->is_shared, .is_done = args->is_done, .text = args->text } };
    return ask_do(a, &c);
}

/* ---- told by the room ---- */

static struct slice cause_name(enum timer_cause cause)
{
    static const struct slice names[] = {
        [TIMER_STARTED] = SLICE("started"),
        [TIMER_PAUSED] = SLICE("paused"),
        [TIMER_RESUMED] = SLICE("resumed"),
        [TIMER_RESET] = SLICE("reset"),
        [TIMER_FOCUS_ENDED] = SLICE("focusEnded"),
        [TIMER_BREAK_STARTED] = SLICE("breakStarted"),
        [TIMER_BREAK_ENDED] = SLICE("breakEnded"),
        [TIMER_BREAK_SKIPPED] = SLICE("breakSkipped"),
        [TIMER_CONFIGURED] = SLICE("configured"),
    };
    return names[cause];
}

void study_out_timer(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = study_begin(words, "timer:state", v, e);
    study_timer(w, &e->timer.state, &v->room->settings, v->now_ms);
    jw_field_str(w, "cause", cause_name(e->timer.cause));
    study_text(w, "by", e->actor);
    words_end(words);
}

void study_out_goal(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = study_begin(words, "goal:updated", v, e);
    jw_field_str(w, "userId", e->actor);
    jw_field_str(w, "text", e->goal.text);
    jw_field_bool(w, "done", e->goal.is_done);
    jw_field_bool(w, "shared", e->goal.is_shared);
    words_end(words);
}
