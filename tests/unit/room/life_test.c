/* The life of a room: what it has unless told otherwise, what it may be told, when it is live, and
 * each way to end. */
#include "play.h"
#include "room/verb.h"

#define MINUTE_MS 60000

static void test_defaults(void)
{
    static const enum room_mode modes[] = { MODE_STUDY, MODE_FOCUS, MODE_CALL, MODE_INTERVIEW };
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        struct play p;
        is_int(play_init(&p, modes[i], ""), 0, "mode %zu: the default settings are good", i);
        is_int(p.room->settings.mode, modes[i], "the mode");
        is_int(p.room->status, modes[i] == MODE_INTERVIEW ? ROOM_WAITING : ROOM_LIVE, "the status");
        is_int(p.room->settings.approval, modes[i] == MODE_INTERVIEW, "approval");
        is_int(p.room->settings.focus_ms, 25 * MINUTE_MS, "the focus");
        is_int(room_next_due(p.room), INT64_MAX, "it is open");
        play_fini(&p);
    }
    is_int(room_default_settings(MODE_CALL).max_participants, 4, "a call is for four");
}

static void test_create(void)
{
    struct play p;
    struct room_settings s = room_default_settings(MODE_STUDY);
    s.duration_ms = 10 * MINUTE_MS;
    s.question = S("What is it?");
    play_init_bare(&p);
    is_int(play_create(&p, S("olga"), &s), 0, "a room is made");
    is_str(play_said(&p), "CREATED(olga)", "which nobody is told");
    const struct room *r = p.room;
    is_str(r->id, "room", "its id");
    is_str(r->title, "Room", "its title");
    is_str(r->owner_id, "olga", "its owner");
    is_slice(r->settings.question, "What is it?", "its question");
    ok(r->settings.question.p == r->question, "is its own");
    is_int(r->created_at_ms, PLAY_START_MS, "it was made then");
    is_int(r->started_at_ms, PLAY_START_MS, "it is live since then");
    is_int(r->ends_at_ms, PLAY_START_MS + 10 * MINUTE_MS, "it ends ten minutes later");
    is_int(r->seq, 1, "its first event");
    is_int(play_create(&p, S("ann"), &s), ERR_CONFLICT, "it is made once");
    play_fini(&p);
}

/* A change of good settings, and whether they are good still. */
struct settings_row {
    const char *what;
    int err;
    void (*change)(struct room_settings *s);
};

#define CHANGE(name, ...)                     \
    static void name(struct room_settings *s) \
    {                                         \
        __VA_ARGS__;                          \
    }

CHANGE(no_change, (void)s)
CHANGE(bad_mode, s->mode = (enum room_mode)4)
CHANGE(many, s->max_participants = ROOM_MAX_MEMBERS)
CHANGE(too_many, s->max_participants = ROOM_MAX_MEMBERS + 1)
CHANGE(short_focus, s->focus_ms = 600)
CHANGE(too_short_focus, s->focus_ms = 599)
CHANGE(no_break, s->break_ms = 0)
CHANGE(no_long_break, s->long_break_ms = 0)
CHANGE(long_focus, s->focus_ms = 86400000)
CHANGE(too_long_focus, s->focus_ms = 86400001)
CHANGE(no_rounds, s->rounds = 0)
CHANGE(short_duration, s->duration_ms = 600)
CHANGE(too_short_duration, s->duration_ms = 1)
CHANGE(bad_question, s->question = S("\xff"))

static const struct settings_row settings_rows[] = {
    { "as they are", 0, no_change },
    { "no such mode", ERR_BAD_FIELD, bad_mode },
    { "as many as are remembered", 0, many },
    { "one more", ERR_BAD_FIELD, too_many },
    { "a short focus", 0, short_focus },
    { "a focus too short", ERR_BAD_FIELD, too_short_focus },
    { "no break", ERR_BAD_FIELD, no_break },
    { "no long break", ERR_BAD_FIELD, no_long_break },
    { "a focus of a day", 0, long_focus },
    { "a focus too long", ERR_BAD_FIELD, too_long_focus },
    { "no rounds", ERR_BAD_FIELD, no_rounds },
    { "a short room", 0, short_duration },
    { "a room too short", ERR_BAD_FIELD, too_short_duration },
    { "a question that is no text", ERR_BAD_FIELD, bad_question },
};

static void test_settings(void)
{
    for (size_t i = 0; i < sizeof(settings_rows) / sizeof(settings_rows[0]); i++) {
        const struct settings_row *row = &settings_rows[i];
        struct play p;
        play_init_bare(&p);
        struct room_settings s = room_default_settings(MODE_STUDY);
        row->change(&s);
        is_int(play_create(&p, S("olga"), &s), row->err, "made with %s", row->what);
        play_free(&p);
        is_int(play_init(&p, MODE_STUDY, "olga"), 0, "a room");
        row->change(&p.args.update.settings);
        is_int(play(&p, VERB_UPDATE, "olga", ""), row->err, "updated to %s", row->what);
        play_fini(&p);
    }
}

static void test_titles(void)
{
    char many[ROOM_TITLE_MAX + 1];
    struct play p;
    is_int(play_init(&p, MODE_STUDY, "olga"), 0, "a room");
    memset(many, 'x', sizeof(many));
    p.args.update.title = slice_of(many, sizeof(many));
    is_int(play(&p, VERB_UPDATE, "olga", ""), ERR_BAD_FIELD, "a title too long");
    p.args.update.title = slice_of(many, sizeof(many) - 1);
    is_int(play(&p, VERB_UPDATE, "olga", ""), 0, "a long title");
    p.args.update.title = S("two\nlines");
    is_int(play(&p, VERB_UPDATE, "olga", ""), ERR_BAD_FIELD, "a title of two lines");
    p.args.update.title = slice_of(NULL, 0);
    is_int(play(&p, VERB_UPDATE, "olga", ""), 0, "no new title");
    is_int(strlen(p.room->title), ROOM_TITLE_MAX, "leaves the old one");
    is_int(p.happened.at[0].updated.title.len, ROOM_TITLE_MAX, "which is told");
    p.args.update.title = S("");
    is_int(play(&p, VERB_UPDATE, "olga", ""), 0, "an empty one");
    is_str(p.room->title, "", "is one");
    play_fini(&p);
}

/* What was read from the room may be given back to it. */
static void test_question_stays(void)
{
    struct play p;
    is_int(play_init(&p, MODE_STUDY, "olga"), 0, "a room");
    p.args.update.settings.question = S("Why?");
    is_int(play(&p, VERB_UPDATE, "olga", ""), 0, "gets a question");
    p.args.update.settings = p.room->settings;
    p.args.update.settings.is_locked = true;
    is_int(play(&p, VERB_UPDATE, "olga", ""), 0, "and is locked, with its own settings");
    is_slice(p.happened.at[0].updated.settings.question, "Why?", "told with the question");
    is_str(p.room->question, "Why?", "which it keeps");
    ok(p.room->settings.question.p == p.room->question, "as its own");
    play_fini(&p);
}

static void test_start(void)
{
    struct play p;
    is_int(play_init(&p, MODE_INTERVIEW, "olga"), 0, "an interview");
    p.args.update.settings.duration_ms = 30 * MINUTE_MS;
    is_int(play(&p, VERB_UPDATE, "olga", ""), 0, "of half an hour");
    is_int(p.room->ends_at_ms, 0, "which does not run yet");
    is_int(room_next_due(p.room), INT64_MAX, "nothing is due");
    p.now_ms += MINUTE_MS;
    is_int(play(&p, VERB_START, "olga", ""), 0, "it starts");
    is_str(play_said(&p), "STARTED(olga)", "and all are told");
    is_int(p.happened.at[0].started.ends_at_ms, p.now_ms + 30 * MINUTE_MS, "when it ends");
    is_int(p.room->status, ROOM_LIVE, "it is live");
    is_int(p.room->started_at_ms, p.now_ms, "since now");
    is_int(room_next_due(p.room), p.now_ms + 30 * MINUTE_MS, "its end is due");
    is_int(play(&p, VERB_START, "olga", ""), ERR_CONFLICT, "it starts once");
    p.now_ms += MINUTE_MS;
    p.args.update.settings.duration_ms = 45 * MINUTE_MS;
    is_int(play(&p, VERB_UPDATE, "olga", ""), 0, "more time");
    is_int(p.room->ends_at_ms, p.room->started_at_ms + 45 * MINUTE_MS, "counted from the start");
    p.args.update.settings.duration_ms = 0;
    is_int(play(&p, VERB_UPDATE, "olga", ""), 0, "all the time");
    is_int(room_next_due(p.room), INT64_MAX, "no end");
    play_fini(&p);
}

/* An interview of one minute with three candidates, two of whom have written something. */
static void interview(struct play *p)
{
    struct room_settings s = room_default_settings(MODE_INTERVIEW);
    s.approval = false;
    s.duration_ms = MINUTE_MS;
    play_init_bare(p);
    int bad = play_create(p, S("olga"), &s) != 0;
    bad += play(p, VERB_JOIN, "olga@o", "") != 0;
    bad += play(p, VERB_JOIN, "ann@a", "") != 0;
    bad += play(p, VERB_JOIN, "bob@b", "") != 0;
    bad += play(p, VERB_JOIN, "cat@c", "") != 0;
    bad += play(p, VERB_START, "olga", "") != 0;
    bad += play(p, VERB_CODE, "ann@a", "") != 0;
    bad += play(p, VERB_SUBMIT, "bob@b", "") != 0;
    is_int(bad, 0, "an interview of a minute");
}

static void test_time_is_over(void)
{
    struct play p;
    interview(&p);
    is_int(play_wait(&p, MINUTE_MS - 1), 0, "the last moment");
    is_str(play_said(&p), "", "nothing happens");
    is_int(play_wait(&p, 1), 0, "the end");
    is_str(play_said(&p), "SUBMITTED(ann) ENDED( 'The time is over')",
        "what was not sent is, then the room ends");
    is_int(p.room->status, ROOM_ENDED, "it has ended");
    is_int(p.room->ended_at_ms, p.now_ms, "now");
    is_int(room_next_due(p.room), INT64_MAX, "for good");
    is_int(play(&p, VERB_CODE, "ann@a", ""), ERR_ROOM_ENDED, "nobody writes any more");
    is_int(play_wait(&p, MINUTE_MS), 0, "later");
    is_str(play_said(&p), "", "nothing happens");
    play_fini(&p);
}

static void test_host_ends(void)
{
    struct play p;
    interview(&p);
    is_int(play(&p, VERB_END, "ann@a", ""), ERR_NOT_HOST, "a candidate does not end it");
    is_int(play(&p, VERB_END, "olga@o", ""), 0, "a host does");
    is_str(play_said(&p), "ENDED(olga@o 'The room has been ended by the host')",
        "what was not sent stays unsent");
    ok(!room_member(p.room, S("ann"))->has_submitted, "ann has submitted nothing");
    is_str(room_member(p.room, S("ann"))->code, "text", "her code is kept");
    is_int(play_wait(&p, MINUTE_MS), 0, "when time would be over");
    is_str(play_said(&p), "", "nothing happens");
    is_int(play_lose(&p, "ann@a"), 0, "ann is lost");
    is_str(play_said(&p), "LOST(ann@a 0)", "which is no violation now");
    is_int(play_wait(&p, ROOM_GRACE_MS), 0, "and after the grace");
    is_str(play_said(&p), "LEFT(ann 0)", "she has left");
    is_int(play(&p, VERB_LEAVE, "bob@b", ""), 0, "bob leaves");
    play_fini(&p);
}

static void test_end_messages(void)
{
    char many[ROOM_REASON_MAX + 1];
    struct play p;
    is_int(play_init(&p, MODE_STUDY, "olga"), 0, "a room");
    struct deed d = play_deed(&p, "olga");
    play_forget(&p);
    memset(many, 'x', sizeof(many));
    is_int(room_end(&p.happened, p.room, &d, slice_of(many, sizeof(many))), ERR_BAD_FIELD,
        "too much to say");
    is_int(play_settle(&p, room_end(&p.happened, p.room, &d, S("Bye"))), 0, "a word");
    is_str(play_said(&p), "ENDED(olga 'Bye')", "is told");
    play_fini(&p);
}

/* In a live interview who loses the connection has a violation. */
static void test_disconnect(void)
{
    struct play p;
    interview(&p);
    is_int(play_lose(&p, "ann@a"), 0, "a candidate is lost");
    is_str(play_said(&p), "LOST(ann@a 0) VIOLATION(ann@a)", "which counts");
    is_int(play(&p, VERB_JOIN, "bob@b2", ""), 0, "another has two connections");
    is_int(play_lose(&p, "bob@b"), 0, "and loses one");
    is_str(play_said(&p), "LOST(bob@b 1)", "which does not");
    is_int(play_lose(&p, "olga@o"), 0, "the host is lost");
    is_str(play_said(&p), "LOST(olga@o 0)", "which does not either");
    play_fini(&p);
}

int main(void)
{
    test_defaults();
    test_create();
    test_settings();
    test_titles();
    test_question_stays();
    test_start();
    test_time_is_over();
    test_host_ends();
    test_end_messages();
    test_disconnect();
    return done();
}
