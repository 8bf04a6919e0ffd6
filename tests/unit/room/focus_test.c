/* The timer as tables of what is done and what it then shows, its ticks in time and late, who may;
 * and goals. */
#include "fault.h"
#include "room/room.h"
#include "stage.h"

#define MINUTE 60000
#define TICK   ((enum timer_act)99) /* no act: time goes on, room_tick() */

static int act(struct stage *s, const char *user, struct room_timer a)
{
    struct deed d = stage_deed(s, user);
    return stage_did(s, room_set_timer(&s->log, s->room, &d, &a));
}

static int start(struct stage *s, enum timer_phase phase, uint32_t length_ms)
{
    struct room_timer a = { .act = TIMER_ACT_START, .phase = phase, .length_ms = length_ms };
    return act(s, "ann", a);
}

static int tick(struct stage *s, int64_t at_ms)
{
    s->now_ms = at_ms;
    return stage_did(s, room_tick(&s->log, s->room, at_ms));
}

/* With short names, no people who could time out, and this setting. */
static void timer_init(struct stage *s, bool auto_focus)
{
    stage_init(s, MODE_FOCUS);
    STAGE_SET(s, focus_ms, 25 * MINUTE);
    STAGE_SET(s, break_ms, 5 * MINUTE);
    STAGE_SET(s, long_break_ms, 15 * MINUTE);
    STAGE_SET(s, rounds, 4);
    STAGE_SET(s, auto_focus, auto_focus);
}

static const char letters[] = {
    [TIMER_STARTED] = 'S',
    [TIMER_PAUSED] = 'P',
    [TIMER_RESUMED] = 'R',
    [TIMER_RESET] = '0',
    [TIMER_FOCUS_ENDED] = 'f',
    [TIMER_BREAK_STARTED] = 'B',
    [TIMER_BREAK_ENDED] = 'b',
    [TIMER_BREAK_SKIPPED] = 'K',
    [TIMER_CONFIGURED] = 'C',
};

/* Of the events since stage_clear(), those that are not FOCUSED (focused_test.c); the type EV_COUNT
 * when there is no n-th. */
static const struct event *timer_event(const struct stage *s, uint32_t n)
{
    uint32_t i = 0;
    while (stage_event(s, i)->type == EV_FOCUSED || (n > 0 && i < s->log.n))
        n -= stage_event(s, i++)->type != EV_FOCUSED;
    return stage_event(s, i);
}

static uint32_t timer_events(const struct stage *s)
{
    uint32_t n = 0;
    while (timer_event(s, n)->type != EV_COUNT)
        n++;
    return n;
}

/* The causes since stage_clear(), one letter each; `?` for an event of something else. */
static const char *causes(struct stage *s)
{
    char text[1024];
    uint32_t n = 0;
    for (; timer_event(s, n)->type != EV_COUNT && n < sizeof(text) - 1; n++) {
        const struct event *e = timer_event(s, n);
        bool fits = e->type == EV_TIMER && e->audience == AUDIENCE_ALL;
        text[n] = fits ? letters[e->timer.cause] : '?';
    }
    text[n] = '\0';
    return stage_text(s, text).p;
}

/* Minutes since the start of the test, then what is done, then what must be. */
struct step {
    double at;
    enum timer_act act;
    enum timer_phase phase;
    uint32_t length_ms;
    int err;
    const char *causes;
    enum timer_phase now;
    bool is_running;
    unsigned round;
    double left;
};

#define START(p)       .act = TIMER_ACT_START, .phase = TIMER_##p
#define RUNS(p, r, l)  .now = TIMER_##p, .is_running = true, .round = r, .left = l
#define RESTS(p, r, l) .now = TIMER_##p, .round = r, .left = l

static const struct step by_hand[] = {
    { 0, .act = TIMER_ACT_PAUSE, .err = ERR_CONFLICT, RESTS(IDLE, 0, 0) },
    { 0, .act = TIMER_ACT_RESUME, .err = ERR_CONFLICT, RESTS(IDLE, 0, 0) },
    { 0, .act = TIMER_ACT_SKIP, .err = ERR_CONFLICT, RESTS(IDLE, 0, 0) },
    { 0, .act = TIMER_ACT_RESET, .causes = "0", RESTS(IDLE, 0, 0) },
    { 1, START(FOCUS), .causes = "S", RUNS(FOCUS, 1, 25) },
    { 2, .act = TIMER_ACT_RESUME, .err = ERR_CONFLICT, RUNS(FOCUS, 1, 24) },
    { 3, .act = TIMER_ACT_PAUSE, .causes = "P", RESTS(FOCUS, 1, 23) },
    { 9, .act = TIMER_ACT_PAUSE, .err = ERR_CONFLICT, RESTS(FOCUS, 1, 23) },
    { 90, .act = TICK, RESTS(FOCUS, 1, 23) },
    { 100, .act = TIMER_ACT_RESUME, .causes = "R", RUNS(FOCUS, 1, 23) },
    { 110, START(FOCUS), .causes = "S", RUNS(FOCUS, 1, 25) },
    { 111, .act = TIMER_ACT_SKIP, .causes = "fB", RUNS(BREAK, 1, 5) },
    { 112, .act = TIMER_ACT_PAUSE, .causes = "P", RESTS(BREAK, 1, 4) },
    { 113, .act = TIMER_ACT_SKIP, .causes = "K", RUNS(FOCUS, 2, 25) },
    { 114, .act = TIMER_ACT_PAUSE, .causes = "P", RESTS(FOCUS, 2, 24) },
    { 115, .act = TIMER_ACT_SKIP, .causes = "fB", RUNS(BREAK, 2, 5) },
    { 116, START(BREAK), .length_ms = 7 * MINUTE, .causes = "B", RUNS(BREAK, 2, 7) },
    { 117, START(LONG_BREAK), .causes = "B", RUNS(LONG_BREAK, 2, 15) },
    { 118, START(FOCUS), .length_ms = 50 * MINUTE, .causes = "S", RUNS(FOCUS, 3, 50) },
    { 119, .act = TIMER_ACT_RESET, .causes = "0", RESTS(IDLE, 0, 0) },
    { 120, START(BREAK), .causes = "B", RUNS(BREAK, 0, 5) },
    { 125, .act = TICK, .causes = "b", RESTS(IDLE, 0, 0) },
    { 126, START(IDLE), .err = ERR_BAD_FIELD, RESTS(IDLE, 0, 0) },
    { 126, .act = TIMER_ACT_START, .phase = TIMER_LONG_BREAK + 1, .err = ERR_BAD_FIELD,
        RESTS(IDLE, 0, 0) },
    { 126, START(FOCUS), .length_ms = 599, .err = ERR_BAD_FIELD, RESTS(IDLE, 0, 0) },
    { 126, START(FOCUS), .length_ms = 600, .causes = "S", RUNS(FOCUS, 1, 0.01) },
    { 126, START(FOCUS), .length_ms = 86400001, .err = ERR_BAD_FIELD, RUNS(FOCUS, 1, 0.01) },
    { 126, START(FOCUS), .length_ms = 86400000, .causes = "S", RUNS(FOCUS, 1, 1440) },
    { 127, .act = TIMER_ACT_SKIP + 1, .err = ERR_BAD_FIELD, RUNS(FOCUS, 1, 1439) },
};

/* In time: each phase ends in an idle timer, or goes on to its break. */
static const struct step in_time[] = {
    { 0, START(FOCUS), .causes = "S", RUNS(FOCUS, 1, 25) },
    { 24.999, .act = TICK, RUNS(FOCUS, 1, 0.001) },
    { 25, .act = TICK, .causes = "fB", RUNS(BREAK, 1, 5) },
    { 25, .act = TICK, RUNS(BREAK, 1, 5) },
    { 30, .act = TICK, .causes = "b", RESTS(IDLE, 1, 0) },
    { 99, .act = TICK, RESTS(IDLE, 1, 0) },
    { 100, START(FOCUS), .causes = "S", RUNS(FOCUS, 2, 25) },
    { 125, .act = TICK, .causes = "fB", RUNS(BREAK, 2, 5) },
    { 126, START(FOCUS), .causes = "S", RUNS(FOCUS, 3, 25) },
    { 151, .act = TICK, .causes = "fB", RUNS(BREAK, 3, 5) },
    { 152, START(FOCUS), .causes = "S", RUNS(FOCUS, 4, 25) },
    { 177, .act = TICK, .causes = "fB", RUNS(LONG_BREAK, 4, 15) },
    { 192, .act = TICK, .causes = "b", RESTS(IDLE, 4, 0) },
    { 200, START(FOCUS), .causes = "S", RUNS(FOCUS, 5, 25) },
    { 225, .act = TICK, .causes = "fB", RUNS(BREAK, 5, 5) },
    /* months late: the break is over, and that is all */
    { 300000, .act = TICK, .causes = "b", RESTS(IDLE, 5, 0) },
    { 300001, START(FOCUS), .causes = "S", RUNS(FOCUS, 6, 25) },
    { 900000, .act = TICK, .causes = "fBb", RESTS(IDLE, 6, 0) },
};

static const struct step by_itself[] = {
    { 0, START(FOCUS), .causes = "S", RUNS(FOCUS, 1, 25) },
    { 30, .act = TICK, .causes = "fBbS", RUNS(FOCUS, 2, 25) },
    { 36, .act = TICK, RUNS(FOCUS, 2, 19) },
    { 90.5, .act = TICK, .causes = "fBbSfBbS", RUNS(FOCUS, 4, 24.5) },
    { 129, .act = TICK, .causes = "fB", RUNS(LONG_BREAK, 4, 1) },
    { 130, .act = TIMER_ACT_PAUSE, .causes = "P", RESTS(LONG_BREAK, 4, 0) },
    { 131, .act = TIMER_ACT_RESUME, .causes = "R", RUNS(LONG_BREAK, 4, 0) },
    { 132, .act = TICK, .causes = "bS", RUNS(FOCUS, 5, 24) },
    { 133, .act = TIMER_ACT_RESET, .causes = "0", RESTS(IDLE, 0, 0) },
    { 999999, .act = TICK, RESTS(IDLE, 0, 0) },
};

static void run_step(struct stage *s, const struct step *p, const char *name, size_t i)
{
    stage_clear(s);
    s->now_ms = STAGE_START_MS + (int64_t)(p->at * MINUTE + 0.5);
    struct room_timer a = { .act = p->act, .phase = p->phase, .length_ms = p->length_ms };
    int err = p->act == TICK ? tick(s, s->now_ms) : act(s, "ann", a);
    const struct timer_state *t = &s->room->timer;
    is_int(err, p->err, "%s, row %zu", name, i);
    is_str(causes(s), p->causes != NULL ? p->causes : "", "%s, row %zu: causes", name, i);
    ok(t->phase == p->now && t->is_running == p->is_running && t->round == p->round,
        "%s, row %zu: phase %d, runs %d, round %u", name, i, t->phase, t->is_running, t->round);
    ok(t->is_running ? t->remaining_ms == 0 : t->ends_at_ms == 0,
        "%s, row %zu: what does not count is 0", name, i);
    is_int(room_timer_left(s->room, s->now_ms), (int64_t)(p->left * MINUTE + 0.5),
        "%s, row %zu: left", name, i);
}

static void run_steps(const char *name, const struct step *steps, size_t n, bool auto_focus)
{
    struct stage s;
    timer_init(&s, auto_focus);
    for (size_t i = 0; i < n; i++)
        run_step(&s, &steps[i], name, i);
    stage_fini(&s, name);
}

static void test_tables(void)
{
    run_steps("by hand", by_hand, sizeof(by_hand) / sizeof(by_hand[0]), false);
    run_steps("in time", in_time, sizeof(in_time) / sizeof(in_time[0]), false);
    run_steps("by itself", by_itself, sizeof(by_itself) / sizeof(by_itself[0]), true);
}

/* An overdue timer ticked once yields what it yields ticked at each moment: the same events, at the
 * same times. */
static void test_late_is_in_time(void)
{
    struct stage late, prompt;
    timer_init(&late, true);
    timer_init(&prompt, true);
    start(&late, TIMER_FOCUS, 0);
    start(&prompt, TIMER_FOCUS, 0);
    int64_t end = STAGE_START_MS + 5 * 60 * MINUTE;
    for (int64_t at = STAGE_START_MS; at <= end; at += MINUTE)
        is_int(tick(&prompt, at), 0, "a tick in time");
    is_int(tick(&late, end), 0, "a tick after five hours");
    is_int(timer_events(&late), timer_events(&prompt), "yields as many events");
    int unlike = 0;
    for (uint32_t i = 0; i < timer_events(&late); i++) {
        const struct event *a = timer_event(&late, i), *b = timer_event(&prompt, i);
        unlike += a->at_ms != b->at_ms || a->timer.cause != b->timer.cause ||
            a->timer.state.ends_at_ms != b->timer.state.ends_at_ms;
    }
    is_int(unlike, 0, "the same ones at the same moments");
    is_int(timer_event(&late, 1)->at_ms, STAGE_START_MS + 25 * MINUTE, "the first when it was due");
    is_int(timer_event(&late, 2)->timer.state.ends_at_ms, STAGE_START_MS + 30 * MINUTE,
        "and the break's end from then");
    ok(memcmp(&late.room->timer, &prompt.room->timer, sizeof(late.room->timer)) == 0,
        "and the same timer");
    stage_fini(&late, "late");
    stage_fini(&prompt, "in time");
}

/* With the shortest phase a minute, whichever it is, 64 minutes behind are too many. */
static void test_forgotten(void)
{
    static const struct {
        int64_t behind_ms;
        uint32_t minutes[3]; /* of focus, break, long break */
        bool auto_focus;
        bool is_reset;
    } rows[] = {
        { 64 * MINUTE - 1, { 1, 1, 1 }, true, false },
        { 64 * MINUTE, { 1, 1, 1 }, true, true },
        { 64 * MINUTE, { 1, 2, 3 }, true, true },
        { 64 * MINUTE, { 3, 1, 2 }, true, true },
        { 64 * MINUTE, { 2, 3, 1 }, true, true },
        { 64 * MINUTE, { 2, 2, 2 }, true, false },
        { 365ll * 24 * 60 * MINUTE, { 1, 1, 1 }, true, true },
        { 365ll * 24 * 60 * MINUTE, { 1, 1, 1 }, false, false },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct stage s;
        timer_init(&s, rows[i].auto_focus);
        STAGE_SET(&s, focus_ms, rows[i].minutes[0] * MINUTE);
        STAGE_SET(&s, break_ms, rows[i].minutes[1] * MINUTE);
        STAGE_SET(&s, long_break_ms, rows[i].minutes[2] * MINUTE);
        start(&s, TIMER_FOCUS, 10 * MINUTE);
        stage_clear(&s);
        is_int(tick(&s, s.now_ms + 10 * MINUTE + rows[i].behind_ms), 0, "%lld ms behind",
            (long long)rows[i].behind_ms);
        ok(timer_events(&s) <= 2 * 64, "%u events are not too many", timer_events(&s));
        if (rows[i].is_reset)
            is_str(causes(&s), "0", "it is reset");
        else
            is_int(timer_event(&s, 0)->timer.cause, TIMER_FOCUS_ENDED, "it goes on");
        ok(room_next_due(s.room) > s.now_ms, "nothing is overdue");
        stage_fini(&s, "forgotten");
    }
}

/* A log may hold settings that no verb lets through any more. */
static void test_no_lengths(void)
{
    struct stage s;
    timer_init(&s, true);
    STAGE_SET(&s, focus_ms, 0);
    STAGE_SET(&s, break_ms, 0);
    STAGE_SET(&s, long_break_ms, 0);
    STAGE_SET(&s, rounds, 0);
    is_int(start(&s, TIMER_FOCUS, 0), 0, "a focus of no length");
    is_int(room_timer_left(s.room, s.now_ms), 600, "has the least");
    is_int(tick(&s, s.now_ms + 1000000), 0, "its tick comes to an end");
    ok(timer_events(&s) <= 1 + 2 * 64, "after %u events", timer_events(&s));
    start(&s, TIMER_FOCUS, 0);
    is_int(tick(&s, s.now_ms + 600), 0, "with no rounds");
    is_int(s.room->timer.phase, TIMER_BREAK, "no break is long");
    stage_fini(&s, "no lengths");
}

static void test_due(void)
{
    struct stage s;
    timer_init(&s, false);
    is_int(room_next_due(s.room), INT64_MAX, "an idle timer is never due");
    start(&s, TIMER_FOCUS, 0);
    is_int(room_next_due(s.room), s.now_ms + 25 * MINUTE, "a running one at its end");
    act(&s, "ann", (struct room_timer){ .act = TIMER_ACT_PAUSE });
    is_int(room_next_due(s.room), INT64_MAX, "a paused one never");
    act(&s, "ann", (struct room_timer){ .act = TIMER_ACT_RESUME });
    struct deed d = stage_deed(&s, "host");
    is_int(stage_did(&s, room_end(&s.log, s.room, &d, S(""))), 0, "the room ends");
    is_int(room_next_due(s.room), INT64_MAX, "and then never");
    stage_clear(&s);
    is_int(tick(&s, s.now_ms + 1000 * MINUTE), 0, "a tick");
    is_int(s.log.n, 0, "does nothing");
    is_int(start(&s, TIMER_FOCUS, 0), ERR_ROOM_ENDED, "nor does anybody");
    stage_fini(&s, "due");
}

static void test_who(void)
{
    struct stage s;
    timer_init(&s, false);
    struct room_timer reset = { .act = TIMER_ACT_RESET };
    is_int(act(&s, "ann", reset), 0, "anybody");
    is_slice(stage_event(&s, 0)->actor, "ann", "whose deed it is");
    is_int(act(&s, "zoe", reset), ERR_NOT_IN_ROOM, "but no outsider");
    is_int(act(&s, "", reset), 0, "and the room itself");
    STAGE_SET(&s, timer_by_hosts, true);
    is_int(act(&s, "ann", reset), ERR_NOT_HOST, "by hosts: no participant");
    is_int(act(&s, "co", reset), 0, "a cohost");
    is_int(act(&s, "host", reset), 0, "a host");
    is_int(act(&s, "", reset), 0, "and still the room itself");
    start(&s, TIMER_FOCUS, 600);
    is_int(s.room->timer.phase, TIMER_IDLE, "a refused start starts nothing");
    stage_fini(&s, "who");
}

static void test_tick_is_the_rooms(void)
{
    struct stage s;
    timer_init(&s, false);
    start(&s, TIMER_FOCUS, 0);
    stage_clear(&s);
    tick(&s, s.now_ms + 26 * MINUTE);
    is_slice(timer_event(&s, 0)->actor, "", "nobody did it");
    is_slice(timer_event(&s, 0)->seat, "", "from nowhere");
    is_int(timer_event(&s, 0)->timer.state.phase, TIMER_IDLE, "the focus that ended left it idle");
    is_int(timer_event(&s, 0)->timer.state.round, 1, "in its round");
    is_int(timer_event(&s, 1)->timer.state.phase, TIMER_BREAK, "until the break");
    stage_fini(&s, "ticks");
}

static int set_goal(struct stage *s, const char *user, struct room_goal a)
{
    struct deed d = stage_deed(s, user);
    return stage_did(s, room_set_goal(&s->log, s->room, &d, &a));
}

static void test_goals(void)
{
    struct stage s;
    stage_init(&s, MODE_FOCUS);
    struct room_goal shared = { .is_shared = true, .text = S("Read\nchapter 2") };
    struct room_goal own = { .is_done = true, .text = S("Sleep") };
    is_int(set_goal(&s, "bob", shared), 0, "anybody sets the room's");
    is_str(s.room->goal, "Read\nchapter 2", "it is kept");
    is_int(set_goal(&s, "ann", own), 0, "and everybody one's own");
    const struct event *e = stage_event(&s, 1);
    ok(e->type == EV_GOAL && e->audience == AUDIENCE_ALL, "it is told to all");
    ok(!e->goal.is_shared && e->goal.is_done && slice_eq(e->goal.text, S("Sleep")), "as it is");
    is_str(room_member(s.room, S("ann"))->goal, "Sleep", "it is hers");
    ok(room_member(s.room, S("ann"))->goal_done, "and done");
    is_str(room_member(s.room, S("bob"))->goal, "", "not bob's");
    is_str(s.room->goal, "Read\nchapter 2", "nor the room's");
    ok(!s.room->goal_done, "which is not done");
    shared.is_done = true;
    is_int(set_goal(&s, "ann", shared), 0, "it gets done");
    ok(s.room->goal_done, "now it is");
    shared.text = S("");
    is_int(set_goal(&s, "ann", shared), 0, "a goal may be none");
    is_str(s.room->goal, "", "then there is none");
    is_int(set_goal(&s, "zoe", shared), ERR_NOT_IN_ROOM, "outsiders have none");
    shared.text = S("a\a");
    is_int(set_goal(&s, "ann", shared), ERR_BAD_FIELD, "it is a proper text");
    stage_fini(&s, "goals");
}

static void test_goal_lengths(void)
{
    struct stage s;
    stage_init(&s, MODE_FOCUS);
    char *text = stage_many('g', ROOM_GOAL_MAX + 1);
    struct room_goal a = { .text = slice_of(text, ROOM_GOAL_MAX - 1) };
    is_int(set_goal(&s, "ann", a), 0, "a character less than may be");
    a.text.len++;
    is_int(set_goal(&s, "ann", a), 0, "as many");
    a.text.len++;
    is_int(set_goal(&s, "ann", a), ERR_BAD_FIELD, "one more");
    free(text);
    stage_clear(&s);
    stage_fini(&s, "lengths of goals");
}

static void focus_with_fault(void *arg)
{
    struct stage s;
    (void)arg;
    int err = stage_init(&s, MODE_FOCUS);
    STAGE_SET(&s, auto_focus, true);
    if (!err)
        err = start(&s, TIMER_FOCUS, 0);
    if (!err)
        err = set_goal(&s, "ann", (struct room_goal){ .text = S("a") });
    if (!err)
        err = set_goal(&s, "ann", (struct room_goal){ .text = S("b"), .is_shared = true });
    if (!err)
        err = tick(&s, s.now_ms + 5 * 60 * MINUTE);
    if (fault_hit() && err != 0 && err != ERR_NO_MEMORY)
        ok(false, "a fault gives %s", err_name(err));
    stage_free(&s);
}

int main(void)
{
    test_tables();
    test_late_is_in_time();
    test_forgotten();
    test_no_lengths();
    test_due();
    test_who();
    test_tick_is_the_rooms();
    test_goals();
    test_goal_lengths();
    fault_each(FAULT_ALLOC, focus_with_fault, NULL);
    return done();
}
