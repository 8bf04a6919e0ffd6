/* Dialect A: its tables are sound, its examples are what they say, settings go both ways, and what
 * a state holds is bounded and for the listener alone. What its messages do is tested by
 * tests/wire/study/. */
#include "auth/token.h"
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

/* ---- a room to tell of ---- */

#define SECRET "a secret of at least 32 bytes is long enough"
#define NOW_MS 1700000000000ll

struct scene {
    struct room *room;
    struct arena arena;
    struct events happened;
    struct hub_settings settings;
    struct view view;
    struct buf out;
    unsigned n_deeds;
};

static void scene_init(struct scene *s, enum room_mode mode)
{
    *s = (struct scene){ .settings = { .token_secret = S(SECRET), .token_ttl_ms = 60000 } };
    arena_init(&s->arena, 64u << 20);
    events_init(&s->happened, &s->arena);
    buf_init(&s->out, WORDS_MAX_BYTES);
    s->room = room_new(S("r1"), (struct map_key){ .k0 = 1 });
    s->view = (struct view){
        .room = s->room, .settings = &s->settings, .epoch = S("e1"), .now_ms = NOW_MS
    };
    struct room_create create = { .title = S("Room"), .settings = room_default_settings(mode) };
    struct deed d = { .at_ms = NOW_MS };
    is_int(room_create(&s->happened, s->room, &d, &create), 0, "a room");
}

static void scene_fini(struct scene *s)
{
    room_free(s->room);
    buf_fini(&s->out);
    arena_fini(&s->arena);
}

static struct deed deed_of(struct scene *s, const char *user, const char *seat)
{
    char id[32];
    struct deed d = { .user_id = slice_str(user), .seat = slice_str(seat), .at_ms = NOW_MS };
    snprintf(id, sizeof(id), "id%u", s->n_deeds++);
    is_int(arena_copy(&d.id, &s->arena, slice_str(id)), 0, "%s does something", user);
    return d;
}

static const struct member *join(struct scene *s, const char *user, const char *seat, bool is_guest)
{
    enum join_result joined;
    struct deed d = deed_of(s, user, seat);
    struct room_join as = { .name = slice_str(user), .is_guest = is_guest };
    is_int(room_join(&joined, &s->happened, s->room, &d, &as), 0, "%s joins", user);
    return room_member(s->room, slice_str(user));
}

static void say(struct scene *s, const char *user, const char *to, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        struct deed d = deed_of(s, user, "");
        struct room_chat chat = { .text = S("Hello"), .to = slice_str(to) };
        is_int(room_chat(&s->happened, s->room, &d, &chat), 0, "and says it");
    }
}

/* ---- what a newcomer is told ---- */

struct state {
    struct slice participants, messages, whiteboard, ice;
};

static const struct field state_list[] = {
    { .name = "participants",
        FIELD_MEMBER(struct state, participants),
        .type = FIELD_ARRAY_RAW,
        .required = true,
        .max = 1 << 24,
        .help = "-" },
    { .name = "messages",
        FIELD_MEMBER(struct state, messages),
        .type = FIELD_ARRAY_RAW,
        .required = true,
        .max = 1 << 24,
        .help = "-" },
    { .name = "whiteboard",
        FIELD_MEMBER(struct state, whiteboard),
        .type = FIELD_OBJECT_RAW,
        .max = 1 << 24,
        .help = "-" },
    { .name = "iceServers",
        FIELD_MEMBER(struct state, ice),
        .type = FIELD_ARRAY_RAW,
        .required = true,
        .max = 1 << 24,
        .help = "-" },
};
static const struct fields state_fields = FIELDS(state_list);

struct self {
    struct slice user_id, token, seat;
};

static const struct field self_list[] = {
    { .name = "userId",
        FIELD_MEMBER(struct self, user_id),
        .type = FIELD_STR,
        .max = 100,
        .required = true,
        .help = "-" },
    { .name = "token",
        FIELD_MEMBER(struct self, token),
        .type = FIELD_STR,
        .max = 5000,
        .help = "-" },
    { .name = "socketId",
        FIELD_MEMBER(struct self, seat),
        .type = FIELD_STR,
        .max = 100,
        .help = "-" },
};
static const struct fields self_fields = FIELDS(self_list);

struct joined {
    struct state state;
    struct state bare;
    struct self self;
};

static const struct field joined_list[] = {
    { .name = "roomState",
        FIELD_MEMBER(struct joined, state),
        .type = FIELD_OBJECT,
        .sub = &state_fields,
        .required = true,
        .help = "-" },
    { .name = "self",
        FIELD_MEMBER(struct joined, self),
        .type = FIELD_OBJECT,
        .sub = &self_fields,
        .required = true,
        .help = "-" },
};
static const struct fields joined_fields = FIELDS(joined_list);

/* What a member is told that comes in with this seat; good until the next. */
static struct joined tell_joined(struct scene *s, const struct member *m, const char *seat)
{
    struct joined joined;
    struct field_error error;
    struct json_writer w;
    struct study_newcomer newcomer = { .member = m, .seat = slice_str(seat) };
    buf_reset(&s->out);
    jw_init(&w, &s->out);
    jw_object(&w);
    study_joined(&w, &s->view, &newcomer);
    jw_end(&w);
    is_int(buf_err(&s->out), 0, "the state fits");
    int err = fields_decode(&joined, &error, &s->arena, &joined_fields, buf_slice(&s->out));
    is_int(err, 0, "it is a whole object %s", error.text);
    err = fields_decode(&joined.bare, &error, &s->arena, &state_fields, buf_slice(&s->out));
    is_int(err, 0, "the state is there without roomState, too %s", error.text);
    return joined;
}

static unsigned count(struct slice array)
{
    struct json j;
    struct json_value v;
    unsigned n = 0;
    json_init(&j, array, NULL);
    json_next(&v, &j);
    while (json_next_whole(&v, &j) > JSON_END && v.type != JSON_ARRAY_END)
        n++;
    return n;
}

static bool has(struct slice text, const char *part)
{
    return memmem(text.p, text.len, part, strlen(part)) != NULL;
}

static void test_messages(void)
{
    struct scene s;
    scene_init(&s, MODE_STUDY);
    const struct member *ann = join(&s, "ann", "a1", false);
    const struct member *bob = join(&s, "bob", "b1", false);
    join(&s, "cy", "c1", false);
    say(&s, "ann", "", 3);
    is_int(count(tell_joined(&s, bob, "b1").state.messages), 3, "three messages");
    say(&s, "ann", "cy", 60);
    is_int(count(tell_joined(&s, bob, "b1").state.messages), 3, "and none that is for others");
    struct joined joined = tell_joined(&s, ann, "a1");
    is_int(count(joined.state.messages), STUDY_STATE_MESSAGES, "their author gets the newest");
    is_int(count(joined.bare.messages), STUDY_STATE_MESSAGES, "twice");
    ok(!has(joined.state.messages, "\"id\":\"id4\""), "not the oldest");
    ok(has(joined.state.messages, "\"id\":\"id65\""), "but the newest");
    is_int(count(joined.state.participants), 3, "three people");
    scene_fini(&s);
}

static void test_seats(void)
{
    struct scene s;
    scene_init(&s, MODE_STUDY);
    const struct member *ann = join(&s, "ann", "a1", false);
    join(&s, "ann", "a2", false);
    join(&s, "bob", "b1", false);
    struct joined joined = tell_joined(&s, ann, "a2");
    is_int(count(joined.state.participants), 3, "one entry for each connection");
    is_slice(joined.self.seat, "a2", "and one is one's own");
    is_int(study_only_seat(ann).len, 0, "somebody with two has no only one");
    is_slice(study_only_seat(room_member(s.room, S("bob"))), "b1", "somebody with one has");
    struct buf out;
    struct json_writer w;
    struct study_room room = study_room_of(s.room);
    buf_init(&out, 1 << 16);
    jw_init(&w, &out);
    jw_object(&w);
    study_room(&w, &s.settings, &room);
    jw_end(&w);
    struct slice text = buf_slice(&out);
    ok(has(text, "\"joinLink\":\"/room/r1\""), "without an address the link is a path");
    ok(!has(text, "\"a2\""), "a room's object has people, not connections");
    buf_fini(&out);
    scene_fini(&s);
}

static void draw(struct scene *s, size_t bytes)
{
    struct buf op;
    struct deed d = deed_of(s, "ann", "a1");
    buf_init(&op, 1 << 20);
    buf_add_str(&op, "[{\"type\":\"");
    buf_add_str(&op, "text\",\"text\":\"");
    for (size_t i = 0; i < bytes; i++)
        buf_add_char(&op, 'x');
    buf_add_str(&op, "\"}]");
    is_int(room_draw(&s->happened, s->room, &d, buf_slice(&op)), 0, "ann draws");
    buf_fini(&op);
}

static void test_board(void)
{
    struct scene s;
    scene_init(&s, MODE_STUDY);
    const struct member *ann = join(&s, "ann", "a1", false);
    draw(&s, 50);
    struct joined joined = tell_joined(&s, ann, "a1");
    ok(has(joined.state.whiteboard, "xxxx") && has(joined.bare.whiteboard, "xxxx"),
        "a small board is there twice");
    for (int i = 0; i < 6; i++)
        draw(&s, 50000);
    joined = tell_joined(&s, ann, "a1");
    ok(joined.state.whiteboard.len > 300000, "a large one is in roomState");
    is_int(joined.bare.whiteboard.len, 0, "and nowhere else");
    scene_fini(&s);
}

/* ---- tokens and servers ---- */

static void test_token(void)
{
    struct scene s;
    struct token token;
    struct token_key key = { .secret = S(SECRET) };
    scene_init(&s, MODE_STUDY);
    const struct member *ann = join(&s, "ann", "a1", false);
    const struct member *gus = join(&s, "g_gus", "g1", true);
    is_int(tell_joined(&s, ann, "a1").self.token.len, 0, "an account has its token already");
    struct slice text = tell_joined(&s, gus, "g1").self.token;
    is_int(token_verify(&token, &s.arena, &key, text, NOW_MS), 0, "a guest gets one");
    is_slice(token.who.user_id, "g_gus", "of the same person");
    ok(token.who.is_guest && !token.who.is_admin, "who is a guest still");
    is_int(token.expires_at_ms, NOW_MS + 60000, "for as long as tokens are good");
    s.settings.token_secret = S("");
    is_int(tell_joined(&s, gus, "g1").self.token.len, 0, "without a secret there is none");
    scene_fini(&s);
}

static void test_ice(void)
{
    static const char *stun[] = { "stun:a", "stun:b" };
    static const char *turn[] = { "turn:a" };
    struct scene s;
    scene_init(&s, MODE_STUDY);
    const struct member *ann = join(&s, "ann", "a1", false);
    is_slice(tell_joined(&s, ann, "a1").state.ice, "[]", "no servers");
    s.settings.ice = (struct hub_ice){ .stun = stun, .n_stun = 2 };
    is_slice(tell_joined(&s, ann, "a1").state.ice, "[{\"urls\":[\"stun:a\",\"stun:b\"]}]",
        "STUN servers");
    s.settings.ice = (struct hub_ice){ .turn = turn, .n_turn = 1 };
    is_slice(tell_joined(&s, ann, "a1").state.ice, "[{\"urls\":[\"turn:a\"]}]",
        "a TURN server that asks nobody");
    s.settings.ice.turn_secret = S("north");
    is_slice(tell_joined(&s, ann, "a1").state.ice,
        "[{\"urls\":[\"turn:a\"],\"username\":\"1700043200:ann\",\"credential\":"
        "\"Y815wedbqVOoE/qJ5d8csukTVCk=\"}]",
        "one that does");
    scene_fini(&s);
}

/* ---- events ---- */

/* Of people that are not known, with nothing in it. */
static void test_every_event(void)
{
    struct scene s;
    scene_init(&s, MODE_STUDY);
    for (int type = 0; type < EV_COUNT; type++) {
        struct words words;
        struct event e = { .type = (enum event_type)type,
            .at_ms = NOW_MS,
            .actor = S("nobody"),
            .target = S("none"),
            .seat = S("s"),
            .seq = 7 };
        if (type == EV_SIGNAL)
            e.signal.kind = S("offer");
        buf_reset(&s.out);
        words_init(&words, &s.out, false);
        study_tell(&words, &s.view, &e, STUDY_EAR_ANY);
        is_int(words_err(&words), 0, "%s of people unknown", event_info(e.type)->name);
        for (unsigned i = 0; i < words.n; i++) {
            ok(is_said(slice_str(words.at[i].name)), "%s is documented", words.at[i].name);
            ok(has(words_json(&words, i), "\"seq\":7"), "and has its number");
        }
    }
    scene_fini(&s);
}

static unsigned n_told(struct scene *s, const char *seats, unsigned ear)
{
    struct words words;
    struct event e = { .type = EV_KICKED,
        .actor = S("ann"),
        .target = S("bob"),
        .kicked = { .seats = slice_str(seats) } };
    buf_reset(&s->out);
    words_init(&words, &s->out, false);
    study_tell(&words, &s->view, &e, ear);
    return words.n;
}

static void test_kicked(void)
{
    struct scene s;
    scene_init(&s, MODE_STUDY);
    is_int(n_told(&s, "", STUDY_EAR_ANY), 1, "somebody away is removed");
    is_int(n_told(&s, "a", STUDY_EAR_ANY), 2, "somebody here is, and leaves");
    is_int(n_told(&s, "a", STUDY_EAR_TARGET), 1, "the target knows");
    is_int(n_told(&s, "a\nb\nc\nd\ne\nf\ng\nh", STUDY_EAR_ANY), 2 * ROOM_MAX_SEATS,
        "with as many connections as one may have");
    scene_fini(&s);
}

int main(void)
{
    test_rows();
    test_answers();
    test_said();
    test_wishes();
    test_bad_wishes();
    test_round_trip();
    test_messages();
    test_seats();
    test_board();
    test_token();
    test_ice();
    test_every_event();
    test_kicked();
    return done();
}
