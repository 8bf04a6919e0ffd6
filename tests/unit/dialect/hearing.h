/* For the tests of the languages that share Socket.IO: whether a language's tables are sound, and
 * what somebody on the stage hears of an event. */
#pragma once

#include "dialect/dispatch.h"
#include "room/stage.h"

/* ---- tables ---- */

static inline bool row_is_sound(const struct row *r)
{
    struct field_error error = { .text = "" };
    if (fields_check(&error, r->fields, r->args_bytes)) {
        note("%s: %s", r->name, error.text);
        return false;
    }
    bool has_room = r->room_at > 0 && (r->room == ASK_ROOM_OF_TARGET) == (r->target_at > 0);
    return has_room && r->handle && r->help && r->is_join == (r->verb == VERB_JOIN);
}

static inline bool example_is_sound(const struct said *said)
{
    struct arena arena;
    struct json_value v;
    arena_init(&arena, 65536);
    bool is_sound = json_read_whole(&v, slice_str(said->example), &arena) == 0 &&
        (v.type == JSON_OBJECT || v.type == JSON_ARRAY) && said->help;
    arena_fini(&arena);
    return is_sound;
}

static inline unsigned times_said(const struct language *l, struct slice name)
{
    unsigned n = 0;
    for (size_t i = 0; i < l->n_said; i++)
        n += slice_eq(slice_str(l->said[i].name), name);
    return n;
}

static inline unsigned times_rowed(const struct language *l, const char *name)
{
    unsigned n = 0;
    for (size_t i = 0; i < l->n_rows; i++)
        n += strcmp(l->rows[i].name, name) == 0;
    return n;
}

static inline bool answers_are_said(const struct language *l, const struct row *r)
{
    struct slice name, rest = slice_str(r->answers);
    while (slice_cut(&name, &rest, ',')) {
        if (times_said(l, name) != 1)
            return false;
    }
    return true;
}

static inline void language_is_sound(const struct language *l)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < l->n_rows; i++) {
        const struct row *r = &l->rows[i];
        bool is_good = row_is_sound(r) && times_rowed(l, r->name) == 1 && answers_are_said(l, r);
        if (!is_good)
            note("the row %s", r->name);
        wrong += !is_good;
    }
    for (size_t i = 0; i < l->n_said; i++) {
        const struct said *s = &l->said[i];
        bool is_good = example_is_sound(s) && times_said(l, slice_str(s->name)) == 1;
        if (!is_good)
            note("what is said as %s", s->name);
        wrong += !is_good;
    }
    is_int(wrong, 0, "%s: the tables are sound", l->dialect->name);
}

/* ---- hearing ---- */

#define HEARD_BYTES 65536

struct hearing {
    struct buf json;
    char text[HEARD_BYTES]; /* "name payload", each on its line */
};

/* What that person hears of it by that seat; "" where it is not told, or in no words. */
static inline const char *hear(struct hearing *h, const struct dialect *d, const struct stage *s,
    const struct event *e, const char *user, const char *seat)
{
    static const struct hub_settings settings = { .mesh_limit = 4 };
    const struct view v = {
        .room = s->room, .settings = &settings, .epoch = SLICE("e1"), .now_ms = s->now_ms
    };
    const struct room_news news = room_news(s->room, e);
    struct words words;
    struct buf out;
    const struct member *m = room_member(s->room, slice_str(user));
    h->text[0] = '\0';
    if (!m || !room_seat_is_told(&news, m, seat))
        return h->text;
    buf_init(&h->json, HEARD_BYTES);
    buf_init(&out, HEARD_BYTES - 1);
    words_init(&words, &h->json, d->is_typed);
    d->tell(&words, &v, e, d->ear(&news, m, seat));
    for (unsigned i = 0; i < words.n; i++) {
        buf_add_str(&out, i > 0 ? "\n" : "");
        buf_add_str(&out, words.at[i].name);
        buf_add_char(&out, ' ');
        buf_add_slice(&out, words_json(&words, i));
    }
    if (out.len > 0)
        memcpy(h->text, out.p, out.len);
    h->text[out.len] = '\0';
    buf_fini(&out);
    buf_fini(&h->json);
    return h->text;
}

/* One more connection of somebody. */
static inline int hear_join(struct stage *s, const char *user, const char *seat)
{
    enum join_result result;
    struct deed d = stage_deed(s, user);
    d.seat = slice_str(seat);
    return stage_did(s,
        room_join(&result, &s->log, s->room, &d, &(struct room_join){ .name = slice_str(user) }));
}

/* A signal from ann's first seat to bob's. */
static inline int hear_signal(struct stage *s, struct slice kind, struct slice data)
{
    struct deed d = stage_deed(s, "ann");
    const struct room_signal a = { .to_seat = S("bob"), .kind = kind, .data = data };
    return stage_did(s, room_signal(&s->log, s->room, &d, &a));
}

static inline int hear_chat(struct stage *s, const char *user, const char *seat, struct slice to)
{
    struct deed d = stage_deed(s, user);
    d.seat = slice_str(seat);
    const struct room_chat a = { .text = S("Hello"), .to = to };
    return stage_did(s, room_chat(&s->log, s->room, &d, &a));
}

/* Somebody waits and is turned away; then the room ends: what people are told, as hear() has it. */
static inline void hear_rejection(const struct dialect *d, const char *rejected, const char *ended)
{
    static struct hearing h;
    struct stage s;
    stage_init(&s, MODE_STUDY);
    STAGE_SET(&s, approval, true);
    is_int(hear_join(&s, "eve", "eve1"), 0, "eve waits");
    stage_clear(&s);
    struct deed by = stage_deed(&s, "host");
    is_int(stage_did(&s, room_approve(&s.log, s.room, &by, S("eve"), false)), 0, "in vain");
    is_str(hear(&h, d, &s, stage_event(&s, 0), "eve", "eve1"), rejected, "she is told");
    stage_clear(&s);
    is_int(stage_did(&s, room_end(&s.log, s.room, &by, S("Over."))), 0, "it ends");
    is_str(hear(&h, d, &s, stage_event(&s, 0), "bob", "bob"), ended, "all are told");
    stage_fini(&s, "rejected, ended");
}
