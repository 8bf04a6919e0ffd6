/* Dialect A: its tables are sound, its examples are what they say, settings go both ways, and what
 * a state holds is bounded and for the listener alone. What its messages do is tested by
 * tests/wire/study/. */
#include "dialect/registry.h"
#include "dialect/study/parts.h"
#include "tap.h"

#include <stdio.h>

/* ---- tables ---- */

static void test_rows(void)
{
    const struct language *lang = &study_language;
    for (size_t i = 0; i < lang->n_rows; i++) {
        const struct row *row = &lang->rows[i];
        struct field_error error = { .text = "" };
        int err = fields_check(&error, row->fields, row->args_bytes);
        ok(err == 0, "%s: its fields are sound: %s", row->name, error.text);
        ok(row->handle != NULL && row->help != NULL, "%s has a handler and help", row->name);
        ok(row->room_at == 1, "%s says its room first", row->name);
    }
    is_int(lang->n_rows, 35, "as many messages as there are");
}

static bool is_said(struct slice name)
{
    for (size_t i = 0; i < study_language.n_said; i++) {
        if (slice_eq(slice_str(study_language.said[i].name), name))
            return true;
    }
    return false;
}

static void test_answers(void)
{
    for (size_t i = 0; i < study_language.n_rows; i++) {
        const struct row *row = &study_language.rows[i];
        struct slice rest = slice_str(row->answers), name;
        while (slice_cut(&name, &rest, ','))
            ok(is_said(name), "%s is answered by %.*s", row->name, (int)name.len, name.p);
    }
}

static void test_said(void)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < study_language.n_said; i++) {
        const struct said *s = &study_language.said[i];
        struct json_value v = { .type = JSON_ERROR };
        if (!ok(s->name != NULL && s->help != NULL && s->example != NULL, "said %zu is whole", i))
            continue;
        int err = json_read_whole(&v, slice_str(s->example), &arena);
        ok(err == 0 && v.type == JSON_OBJECT, "the example of %s is an object", s->name);
    }
    arena_fini(&arena);
}

/* ---- settings ---- */

static int wish(struct room_settings *s, const char *json)
{
    struct study_wishes wishes;
    struct field_error error;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    int err = fields_decode(&wishes, &error, &arena, &study_wishes_fields, slice_str(json));
    if (!err)
        study_grant(s, &wishes);
    arena_fini(&arena);
    return err;
}

static void test_wishes(void)
{
    struct room_settings s = room_default_settings(MODE_STUDY);
    s.question = S("Why?");
    const struct room_settings before = s;
    is_int(wish(&s, "{}"), 0, "no wish");
    ok(memcmp(&s, &before, sizeof(s)) == 0, "leaves all as it is");
    is_int(wish(&s, "{\"locked\":true,\"timer\":{\"breakMinutes\":0.02}}"), 0, "two wishes");
    ok(s.is_locked, "the room is locked");
    is_int(s.break_ms, 1200, "the break is short");
    is_int(s.focus_ms, before.focus_ms, "the focus is as it was");
    ok(!s.approval && s.rounds == before.rounds, "and all the rest");
    is_slice(s.question, "Why?", "the question, too");
    is_int(wish(&s, "{\"question\":\"\",\"timer\":{\"rounds\":2,\"autoFocus\":true}}"), 0, "more");
    is_int(s.question.len, 0, "the question is gone");
    is_int(s.rounds, 2, "fewer rounds");
    ok(s.auto_focus && s.is_locked, "what was wished before is still there");
}

static void test_bad_wishes(void)
{
    static const char *const bad[] = {
        "{\"mode\":\"party\"}",
        "{\"maxParticipants\":2001}",
        "{\"maxParticipants\":-1}",
        "{\"durationMinutes\":43201}",
        "{\"timer\":{\"focusMinutes\":0}}",
        "{\"timer\":{\"focusMinutes\":1441}}",
        "{\"timer\":{\"rounds\":0}}",
        "{\"timer\":7}",
        "{\"proctor\":{\"warnAt\":1.5}}",
        "{\"iceTransportPolicy\":\"none\"}",
        "{\"approval\":\"yes\"}",
    };
    struct room_settings s = room_default_settings(MODE_STUDY);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        is_int(wish(&s, bad[i]), ERR_BAD_FIELD, "%s", bad[i]);
}

/* What is said of settings can be wished for, and is then the same. */
static void test_round_trip(void)
{
    struct room_settings s = room_default_settings(MODE_INTERVIEW);
    struct room_settings copy = room_default_settings(MODE_STUDY);
    struct buf out;
    struct json_writer w;
    s.relay_only = s.is_public = s.auto_focus = s.is_locked = true;
    s.max_participants = 7;
    s.duration_ms = 90000;
    s.focus_ms = 600;
    s.break_ms = 61234;
    s.long_break_ms = 86400000;
    s.warn_at = 2;
    s.auto_submit_at = 5;
    s.question = S("Why \"?\"");
    buf_init(&out, 4096);
    jw_init(&w, &out);
    jw_object(&w);
    study_settings(&w, &s);
    jw_end(&w);
    buf_add_char(&out, '\0');
    is_int(wish(&copy, out.p), 0, "%s", out.p);
    copy.question = s.question; /* its text was in the arena */
    ok(memcmp(&s, &copy, sizeof(s)) == 0, "the settings are the same");
    buf_fini(&out);
}

int main(void)
{
    test_rows();
    test_answers();
    test_said();
    test_wishes();
    test_bad_wishes();
    test_round_trip();
    return done();
}
