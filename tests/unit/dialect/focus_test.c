/* Language C by itself: its tables are sound, how a room looks in it, and what it says of each kind
 * of event. Whole conversations are in tests/wire/focus/. */
#include "dialect/focus/focus.h"

#include "dialect/registry.h"
#include "room/stage.h"

#define MINUTE  60000
#define TOLD_MS 1500

static const struct hub_settings settings = { .public_url = SLICE("https://rooms.example.org") };
static const struct hub_settings nameless = { .public_url = SLICE("") };

static const struct dialect *dialect(void)
{
    return focus_language.dialect;
}

static struct view view_of(const struct stage *s)
{
    return (struct view){
        .room = s->room, .settings = &settings, .epoch = SLICE("e1"), .now_ms = s->now_ms
    };
}

/* ---- tables ---- */

static void test_rows(void)
{
    unsigned unsound = 0;
    unsigned twice = 0;
    for (size_t i = 0; i < focus_language.n_rows; i++) {
        const struct row *r = &focus_language.rows[i];
        struct field_error error = { .text = "" };
        if (r->fields != NULL && fields_check(&error, r->fields, r->args_bytes) != 0) {
            note("%s: %s", r->name, error.text);
            unsound++;
        }
        unsound += r->handle == NULL || r->help == NULL || (r->fields == NULL) != !r->args_bytes;
        for (size_t j = 0; j < i; j++)
            twice += strcmp(focus_language.rows[j].name, r->name) == 0;
    }
    is_int(unsound, 0, "rows are whole, their fields sound");
    is_int(twice, 0, "no name stands twice");
    is_int(focus_language.n_rows, 13, "source C's ten, opening, timer:resume and ping");
}

/* An example is an object that begins with its own name. */
static bool is_example(const struct said *said, struct arena *arena)
{
    struct json j;
    struct json_value v;
    char start[64];
    snprintf(start, sizeof(start), "{\"type\":\"%s\"", said->name);
    json_init(&j, slice_str(said->example), arena);
    while (json_next(&v, &j) > JSON_END)
        ;
    return json_err(&j) == 0 && slice_starts(slice_str(said->example), slice_str(start));
}

static void test_said(void)
{
    struct arena arena;
    unsigned wrong = 0;
    arena_init(&arena, 65536);
    for (size_t i = 0; i < focus_language.n_said; i++) {
        const struct said *said = &focus_language.said[i];
        bool is_good = said->help != NULL && is_example(said, &arena);
        if (!is_good)
            note("%s: not an example", said->name);
        wrong += !is_good;
    }
    is_int(wrong, 0, "what it says has examples");
    is_int(focus_language.n_said, 6, "state, event, chat, media:update, error, pong");
    arena_fini(&arena);
}

/* ---- the state ---- */

static char *state_of(const struct view *v)
{
    struct buf json;
    struct json_writer w;
    buf_init(&json, 65536);
    jw_init(&w, &json);
    jw_object(&w);
    focus_state(&w, v);
    jw_end(&w);
    buf_add_char(&json, '\0');
    char *text = buf_err(&json) == 0 ? strdup(json.p) : strdup("");
    buf_fini(&json);
    return text;
}

/* The state at that moment has this in it. */
static void looks(struct stage *s, int64_t after_ms, const char *part, const char *what)
{
    struct view v = view_of(s);
    v.now_ms += after_ms;
    char *text = state_of(&v);
    if (!ok(strstr(text, part) != NULL, "%s", what))
        note("wanted %s in %s", part, text);
    free(text);
}

static void lacks(struct stage *s, const char *part, const char *what)
{
    struct view v = view_of(s);
    char *text = state_of(&v);
    if (!ok(strstr(text, part) == NULL, "%s", what))
        note("%s in %s", part, text);
    free(text);
}

static int act(struct stage *s, struct room_timer a)
{
    struct deed d = stage_deed(s, "ann");
    return stage_did(s, room_set_timer(&s->log, s->room, &d, &a));
}

static int start(struct stage *s, enum timer_phase phase, uint32_t length_ms)
{
    return act(
        s, (struct room_timer){ .act = TIMER_ACT_START, .phase = phase, .length_ms = length_ms });
}

static void test_state(void)
{
    struct stage s;
    stage_init(&s, MODE_FOCUS);
    struct view v = view_of(&s);
    char *text = state_of(&v);
    const char *want =
        "{\"room_id\":\"stage\",\"roomId\":\"stage\",\"name\":\"Stage\","
        "\"joinLink\":\"https://rooms.example.org/room/stage\",\"phase\":\"idle\","
        "\"long_break\":false,\"round\":0,\"running\":false,\"remaining\":0,\"remaining_ms\":0,"
        "\"endsAt\":null,\"serverNow\":1700000000000,\"focus_minutes\":25,\"break_minutes\":5,"
        "\"long_break_minutes\":15,\"auto_focus\":false,\"goal\":\"\",\"participants\":["
        "{\"id\":\"host\",\"name\":\"Hannah\",\"joined_at\":\"2023-11-14T22:13:20.000Z\","
        "\"media\":{\"audio\":false,\"video\":false,\"screen\":false}},"
        "{\"id\":\"co\",";
    is_slice(slice_take(slice_str(text), strlen(want)), want, "an idle room, from the beginning");
    ok(strstr(text, "}}],\"created_at\":\"2023-11-14T22:13:20.000Z\"}") != NULL, "to the end");
    free(text);
    v.settings = &nameless;
    text = state_of(&v);
    ok(strstr(text, "\"joinLink\":\"/room/stage\"") != NULL, "a server that has no name");
    free(text);
    struct deed d = stage_deed(&s, "host");
    struct room_update update = { .title = S(""), .settings = s.room->settings };
    is_int(stage_did(&s, room_update(&s.log, s.room, &d, &update)), 0, "its title is taken away");
    looks(&s, 0, "\"name\":\"stage\"", "a room without a title is called by its id");
    stage_fini(&s, "state");
}

static void test_timer(void)
{
    struct stage s;
    stage_init(&s, MODE_FOCUS);
    STAGE_SET(&s, focus_ms, 90000);
    looks(&s, 0, "\"focus_minutes\":1.5,", "minutes are fractions");
    is_int(start(&s, TIMER_FOCUS, 0), 0, "a focus starts");
    looks(&s, 0,
        "\"phase\":\"focus\",\"long_break\":false,\"round\":1,\"running\":true,"
        "\"remaining\":90,\"remaining_ms\":90000,\"endsAt\":1700000090000,"
        "\"serverNow\":1700000000000",
        "it runs from its beginning");
    looks(&s, 1, "\"remaining\":90,\"remaining_ms\":89999,", "seconds are rounded up");
    looks(&s, 1000, "\"remaining\":89,\"remaining_ms\":89000,", "whole ones stay whole");
    looks(&s, 99000, "\"remaining\":0,\"remaining_ms\":0,", "never below zero");
    s.now_ms += 2500;
    is_int(act(&s, (struct room_timer){ .act = TIMER_ACT_PAUSE }), 0, "it is paused");
    looks(&s, 5000, "\"running\":false,\"remaining\":88,\"remaining_ms\":87500,\"endsAt\":null,",
        "paused, time does not matter");
    is_int(start(&s, TIMER_LONG_BREAK, 600), 0, "a long break starts");
    looks(&s, 0, "\"phase\":\"break\",\"long_break\":true,", "a long break is a break");
    is_int(start(&s, TIMER_BREAK, 60000), 0, "a break starts");
    looks(&s, 0, "\"phase\":\"break\",\"long_break\":false,", "and a short one");
    struct deed d = stage_deed(&s, "host");
    s.now_ms += TOLD_MS;
    d.at_ms = s.now_ms;
    is_int(stage_did(&s, room_end(&s.log, s.room, &d, S(""))), 0, "the room ends");
    looks(&s, 9000, "\"running\":false,\"remaining\":59,\"remaining_ms\":58500,\"endsAt\":null,",
        "and its timer with it");
    stage_fini(&s, "timer");
}

static void set_media(struct stage *s, const char *seat, struct room_media m)
{
    struct deed d = stage_deed(s, "ann");
    d.seat = slice_str(seat);
    is_int(stage_did(s, room_set_media(&s->log, s->room, &d, &m)), 0, "media at %s", seat);
}

static int sit(struct stage *s, const char *user, const char *seat)
{
    enum join_result result;
    struct deed d = stage_deed(s, user);
    struct room_join a = { .name = S("Ann") };
    d.seat = slice_str(seat);
    return stage_did(s, room_join(&result, &s->log, s->room, &d, &a));
}

static void test_people(void)
{
    struct stage s;
    stage_init(&s, MODE_FOCUS);
    is_int(sit(&s, "ann", "ann2"), 0, "a second connection");
    set_media(&s, "ann", (struct room_media){ .audio = true });
    set_media(&s, "ann2", (struct room_media){ .screen = true });
    looks(&s, 0,
        "\"name\":\"Ann\",\"joined_at\":\"2023-11-14T22:13:20.000Z\",\"media\":{"
        "\"audio\":true,\"video\":false,\"screen\":true}},{\"id\":\"bob\"",
        "one entry a person, with what any connection sends");
    struct deed d = stage_deed(&s, "bob");
    is_int(stage_did(&s, room_lose(&s.log, s.room, &d, LOSS_THEIRS)), 0, "bob is lost");
    lacks(&s, "\"bob\"", "whose place is only kept is not there");
    d = stage_deed(&s, "host");
    is_int(stage_did(&s, room_kick(&s.log, s.room, &d, S("co"), S("loud"))), 0, "co is kicked");
    lacks(&s, "\"co\"", "nor one who was kicked");
    stage_fini(&s, "people");
}

/* ---- what is told ---- */

/* All messages, a line each: what a listener of that kind is told of the n-th event. */
static char *told(const struct stage *s, uint32_t n, unsigned ear)
{
    struct buf json;
    struct buf lines;
    struct words words;
    struct view v = view_of(s);
    buf_init(&json, 65536);
    buf_init(&lines, 65536);
    words_init(&words, &json, true);
    dialect()->tell(&words, &v, stage_event(s, n), ear);
    for (unsigned i = 0; i < words.n; i++) {
        struct slice one = words_json(&words, i);
        ptrdiff_t state = slice_eq(slice_str(words.at[i].name), S("state")) ? 15 : -1;
        buf_add_slice(&lines, state < 0 ? one : slice_take(one, (size_t)state));
        buf_add_char(&lines, '\n');
    }
    buf_add_char(&lines, '\0');
    char *text = strdup(words_err(&words) ? "failed" : lines.p);
    buf_fini(&json);
    buf_fini(&lines);
    return text;
}

#define STATE "{\"type\":\"state\"\n"

static void says(const struct stage *s, uint32_t n, unsigned ear, const char *want)
{
    char *text = told(s, n, ear);
    is_str(text, want, "event %u, ear %u", n, ear);
    free(text);
}

static unsigned ear_of(const struct stage *s, const char *user)
{
    const struct member *m = room_member(s->room, slice_str(user));
    const struct room_news news = room_news(s->room, stage_event(s, 0));
    return dialect()->ear(&news, m, user);
}

static void test_coming(void)
{
    struct stage s;
    stage_init(&s, MODE_FOCUS);
    is_int(stage_join(&s, "zoe", "Zoe"), 0, "zoe comes");
    says(&s, 0, 0,
        "{\"type\":\"event\",\"seq\":7,\"event\":\"user_joined\",\"user_id\":\"zoe\","
        "\"name\":\"Zoe\",\"timestamp\":1700000000000}\n" STATE);
    stage_clear(&s);
    is_int(sit(&s, "zoe", "zoe2"), 0, "with a second connection");
    says(&s, 0, 0, "");
    stage_clear(&s);
    struct deed d = stage_deed(&s, "zoe");
    is_int(stage_did(&s, room_leave(&s.log, s.room, &d)), 0, "leaves with one");
    says(&s, 0, 0, "");
    stage_clear(&s);
    d.seat = S("zoe2");
    is_int(stage_did(&s, room_lose(&s.log, s.room, &d, LOSS_THEIRS)), 0, "loses the other");
    says(&s, 0, 0,
        "{\"type\":\"event\",\"seq\":10,\"event\":\"user_left\",\"user_id\":\"zoe\","
        "\"name\":\"Ann\",\"timestamp\":1700000000000}\n" STATE);
    stage_clear(&s);
    is_int(stage_did(&s, room_tick(&s.log, s.room, s.now_ms + ROOM_GRACE_MS)), 0, "time passes");
    is_int(stage_event(&s, 0)->type, EV_LEFT, "the place is not kept any longer");
    says(&s, 0, 0, "");
    stage_fini(&s, "coming");
}

static void test_kick(void)
{
    struct stage s;
    stage_init(&s, MODE_FOCUS);
    struct deed d = stage_deed(&s, "host");
    is_int(stage_did(&s, room_kick(&s.log, s.room, &d, S("ann"), S("loud"))), 0, "ann is kicked");
    ok(ear_of(&s, "ann") != ear_of(&s, "bob"), "she is told other words than bob");
    is_int(ear_of(&s, "bob"), ear_of(&s, "host"), "who is told the same as the host");
    says(&s, 0, ear_of(&s, "ann"),
        "{\"type\":\"event\",\"seq\":7,\"event\":\"kicked\",\"room_id\":\"stage\","
        "\"reason\":\"loud\",\"timestamp\":1700000000000}\n");
    says(&s, 0, ear_of(&s, "bob"),
        "{\"type\":\"event\",\"seq\":7,\"event\":\"kicked\",\"room_id\":\"stage\","
        "\"user_id\":\"ann\",\"name\":\"Ann\",\"reason\":\"loud\",\"timestamp\":1700000000000}"
        "\n" STATE);
    stage_fini(&s, "kick");
}

/* The names of the events that follow what was done and are told, each behind a space. */
static void names(struct stage *s, const char *want, const char *what)
{
    struct buf all;
    buf_init(&all, 4096);
    for (uint32_t i = 0; i < s->log.n; i++) {
        if (s->log.at[i].audience == AUDIENCE_NOBODY)
            continue;
        char *text = told(s, i, 0);
        const char *at = strstr(text, "\"event\":\"");
        const char *end = at != NULL ? strchr(at + 9, '"') : NULL;
        buf_add_char(&all, ' ');
        if (end != NULL)
            buf_add(&all, at + 9, (size_t)(end - at - 9));
        if (strstr(text, STATE) == NULL)
            buf_add_str(&all, "(no state)");
        free(text);
    }
    is_slice(buf_slice(&all), want, "%s", what);
    buf_fini(&all);
    stage_clear(s);
}

static void test_timer_events(void)
{
    struct stage s;
    stage_init(&s, MODE_FOCUS);
    is_int(start(&s, TIMER_FOCUS, 0), 0, "start");
    says(&s, 0, 0,
        "{\"type\":\"event\",\"seq\":7,\"event\":\"timer_started\",\"phase\":\"focus\","
        "\"long_break\":false,\"round\":1,\"user_id\":\"ann\",\"name\":\"Ann\","
        "\"timestamp\":1700000000000}\n" STATE);
    names(&s, " timer_started", "a focus");
    is_int(act(&s, (struct room_timer){ .act = TIMER_ACT_PAUSE }), 0, "pause");
    names(&s, " timer_paused", "a pause");
    is_int(act(&s, (struct room_timer){ .act = TIMER_ACT_RESUME }), 0, "resume");
    names(&s, " timer_started", "it goes on");
    is_int(stage_did(&s, room_tick(&s.log, s.room, s.now_ms + 25 * MINUTE)), 0, "25 minutes");
    names(&s, " focus_ended break_started", "the focus is over");
    is_int(act(&s, (struct room_timer){ .act = TIMER_ACT_SKIP }), 0, "skip");
    names(&s, " break_skipped", "no break");
    is_int(start(&s, TIMER_BREAK, 1000), 0, "break");
    names(&s, " break_started", "a break");
    is_int(stage_did(&s, room_tick(&s.log, s.room, s.now_ms + MINUTE)), 0, "a minute");
    names(&s, " break_ended", "the break is over");
    is_int(act(&s, (struct room_timer){ .act = TIMER_ACT_RESET }), 0, "reset");
    names(&s, " timer_reset", "from the beginning");
    stage_fini(&s, "timer events");
}

static void test_room_events(void)
{
    struct stage s;
    stage_init(&s, MODE_INTERVIEW);
    struct deed d = stage_deed(&s, "host");
    struct room_update update = { .title = S("Exam"), .settings = s.room->settings };
    update.settings.duration_ms = 2 * MINUTE;
    is_int(stage_did(&s, room_update(&s.log, s.room, &d, &update)), 0, "a new name");
    says(&s, 0, 0,
        "{\"type\":\"event\",\"seq\":7,\"event\":\"room_updated\",\"room_id\":"
        "\"stage\",\"room_name\":\"Exam\",\"user_id\":\"host\",\"name\":\"Hannah\","
        "\"timestamp\":1700000000000}\n" STATE);
    stage_clear(&s);
    is_int(stage_did(&s, room_start(&s.log, s.room, &d)), 0, "it starts");
    says(&s, 0, 0,
        "{\"type\":\"event\",\"seq\":8,\"event\":\"room_started\",\"room_id\":"
        "\"stage\",\"startedAt\":\"2023-11-14T22:13:20.000Z\","
        "\"endsAt\":1700000120000,\"timestamp\":1700000000000}\n");
    stage_clear(&s);
    is_int(stage_did(&s, room_end(&s.log, s.room, &d, S("Bye"))), 0, "it ends");
    says(&s, 0, 0,
        "{\"type\":\"event\",\"seq\":9,\"event\":\"room_ended\",\"room_id\":"
        "\"stage\",\"message\":\"Bye\",\"endedAt\":\"2023-11-14T22:13:20.000Z\","
        "\"timestamp\":1700000000000}\n");
    stage_fini(&s, "room events");
}

static void test_open_end(void)
{
    struct stage s;
    stage_init(&s, MODE_INTERVIEW);
    struct deed d = stage_deed(&s, "host");
    is_int(stage_did(&s, room_start(&s.log, s.room, &d)), 0, "it starts");
    char *text = told(&s, 0, 0);
    ok(strstr(text, "\"endsAt\":null,") != NULL, "without an end");
    free(text);
    stage_fini(&s, "open end");
}

static void test_chat(void)
{
    struct stage s;
    stage_init(&s, MODE_FOCUS);
    struct deed d = stage_deed(&s, "ann");
    struct room_chat chat = { .text = S("Hi"), .to = S("bob"), .attachments = S("[{\"a\":1}]") };
    d.id = S("m1");
    is_int(stage_did(&s, room_chat(&s.log, s.room, &d, &chat)), 0, "ann to bob alone");
    says(&s, 0, 0,
        "{\"type\":\"chat\",\"seq\":7,\"id\":\"m1\",\"from\":\"ann\",\"name\":\"Ann\","
        "\"text\":\"Hi\",\"to\":\"bob\",\"attachments\":[{\"a\":1}],"
        "\"timestamp\":1700000000000}\n");
    stage_clear(&s);
    is_int(stage_did(&s, room_chat_delete(&s.log, s.room, &d, S("m1"))), 0, "deleted");
    says(&s, 0, 0, "");
    stage_fini(&s, "chat");
}

static void test_goals(void)
{
    struct stage s;
    stage_init(&s, MODE_FOCUS);
    struct deed d = stage_deed(&s, "ann");
    struct room_goal goal = { .is_shared = true, .text = S("Chapter 3") };
    is_int(stage_did(&s, room_set_goal(&s.log, s.room, &d, &goal)), 0, "the room's goal");
    says(&s, 0, 0, STATE);
    looks(&s, 0, "\"goal\":\"Chapter 3\"", "is in the state");
    stage_clear(&s);
    goal.is_shared = false;
    is_int(stage_did(&s, room_set_goal(&s.log, s.room, &d, &goal)), 0, "one's own goal");
    says(&s, 0, 0, "");
    stage_fini(&s, "goals");
}

/* Alone in a room that is guarded: nobody hears of it but who waits. */
static void test_waiting(void)
{
    struct stage s;
    stage_init(&s, MODE_FOCUS);
    STAGE_SET(&s, approval, true);
    is_int(stage_join(&s, "zoe", "Zoe"), 0, "zoe knocks");
    says(&s, 0, 0, "");
    lacks(&s, "\"zoe\"", "she is no participant");
    stage_clear(&s);
    struct deed d = stage_deed(&s, "host");
    is_int(stage_did(&s, room_approve(&s.log, s.room, &d, S("zoe"), true)), 0, "and is let in");
    char *text = told(&s, 0, 0);
    is_str(text, STATE, "her join is answered");
    free(text);
    stage_clear(&s);
    is_int(stage_join(&s, "yan", "Yan"), 0, "yan knocks");
    stage_clear(&s);
    is_int(stage_did(&s, room_approve(&s.log, s.room, &d, S("yan"), false)), 0, "and is not");
    says(&s, 0, 0,
        "{\"type\":\"event\",\"seq\":11,\"event\":\"join_rejected\",\"room_id\":"
        "\"stage\",\"message\":\"The host did not let you in.\","
        "\"timestamp\":1700000000000}\n");
    stage_fini(&s, "waiting");
}

static void test_pulse(void)
{
    struct stage s;
    struct buf json;
    struct words words;
    stage_init(&s, MODE_FOCUS);
    buf_init(&json, 65536);
    struct view v = view_of(&s);
    is_int(dialect()->pulse_ms, 5000, "every 5 seconds");
    words_init(&words, &json, true);
    dialect()->pulse(&words, &v);
    is_int(words.n, 0, "nothing while nothing runs");
    is_int(start(&s, TIMER_FOCUS, 0), 0, "start");
    dialect()->pulse(&words, &v);
    is_int(words.n, 1, "the state while the timer runs");
    ok(slice_starts(words_json(&words, 0), S("{\"type\":\"state\",\"state\":{")), "of no event");
    buf_fini(&json);
    stage_fini(&s, "pulse");
}

static void test_refusal(void)
{
    struct buf json;
    struct words words;
    buf_init(&json, 4096);
    words_init(&words, &json, true);
    dialect()->refuse(&words,
        &(struct refusal){
            .err = ERR_RATE_LIMITED, .text = S("Wait."), .request = "chat", .retry_ms = 70 });
    dialect()->refuse(&words, &(struct refusal){ .err = ERR_BAD_JSON, .text = S("No JSON.") });
    is_slice(words_json(&words, 0),
        "{\"type\":\"error\",\"code\":\"RATE_LIMITED\",\"message\":\"Wait.\",\"request\":\"chat\","
        "\"retryAfterMs\":70}",
        "with all it may have");
    is_slice(words_json(&words, 1),
        "{\"type\":\"error\",\"code\":\"BAD_JSON\",\"message\":\"No JSON.\"}", "with the least");
    buf_fini(&json);
}

int main(void)
{
    test_rows();
    test_said();
    test_state();
    test_timer();
    test_people();
    test_coming();
    test_kick();
    test_timer_events();
    test_room_events();
    test_open_end();
    test_chat();
    test_goals();
    test_waiting();
    test_pulse();
    test_refusal();
    return done();
}
