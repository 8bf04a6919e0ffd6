/* What clients may say in language C. A connection is for one room, which comes to be when the
 * first of them opens it, and again when somebody joins after it was forgotten. What happens in a
 * room is told to all of it, the asker included, by tell.c; so most handlers say nothing. */
#include "dialect/focus/parts.h"
#include "dialect/minutes.h"
#include "dialect/registry.h"
#include "dialect/replay.h"

#define USER_ID_BYTES 1024 /* as JSON; it is not used */

/* ---- the room, and who may see it ---- */

static int ensure_room(struct ask *a)
{
    if (a->room != NULL)
        return 0;
    struct hub_creation c = {
        .id = a->room_id,
        .by = a->session->identity.user_id,
        .is_fleeting = true,
        .room = { .title = a->room_id, .settings = room_default_settings(MODE_FOCUS) },
    };
    return ask_create(a, &c);
}

/* Of a room whose hosts let people in, others see the door only. */
static bool may_see(const struct ask *a)
{
    const struct room *r = ask_view(a).room;
    const struct identity *who = &a->session->identity;
    const struct member *m = ask_member(a);
    bool is_approved = m != NULL && m->status == MEMBER_APPROVED;
    bool is_owner = slice_eq(slice_str(r->owner_id), who->user_id);
    return !r->settings.approval || is_approved || is_owner || who->is_admin;
}

static bool is_waiting(const struct member *m)
{
    return m != NULL && m->status == MEMBER_PENDING && !list_is_empty(&m->seats);
}

static void say_what_may_be_seen(struct ask *a)
{
    struct view v = ask_view(a);
    if (may_see(a))
        focus_say_state(&a->words, &v, NULL);
    else
        focus_say_door(&a->words, &v, is_waiting(ask_member(a)));
}

static int in_connect(struct ask *a)
{
    int err = ensure_room(a);
    if (err)
        return err;
    const struct member *m = ask_member(a);
    if (m != NULL && m->status == MEMBER_KICKED)
        return ERR_KICKED;
    say_what_may_be_seen(a);
    return 0;
}

/* ---- coming and going ---- */

struct join {
    struct slice name;
    struct slice user_id;
    struct replay_point from;
};

static const struct field join_list[] = {
    { .name = "name",
        .aliases = { "username", "user" },
        FIELD_MEMBER(struct join, name),
        .type = FIELD_STR,
        .required = true,
        .trim = true,
        .one_line = true,
        .min = 1,
        .max = ROOM_NAME_MAX,
        .help = "what a guest is called; an account keeps its own name" },
    { .name = "user_id",
        .aliases = { "userId" },
        FIELD_MEMBER(struct join, user_id),
        .type = FIELD_RAW,
        .max = USER_ID_BYTES,
        .help = "not used: the connection says who somebody is" },
    REPLAY_FIELDS(struct join, from),
};
static const struct fields join_fields = FIELDS(join_list);

/* What the state that answers a join does not tell. */
static bool is_worth_repeating(const struct event *e)
{
    return e->type == EV_CHAT || e->type == EV_STARTED;
}

static void say_wait(struct ask *a)
{
    struct view v = ask_view(a);
    struct json_writer *w = focus_begin_event(&a->words, "waiting_approval", NULL);
    jw_field_str(w, "room_id", slice_str(v.room->id));
    jw_field_str(w, "message", S("Wait until a host lets you in."));
    focus_end_event(&a->words, v.now_ms);
    focus_say_door(&a->words, &v, true);
}

static int in_join(struct ask *a)
{
    const struct join *args = a->args;
    int err = session_set_name(a->session, args->name);
    if (!err)
        err = ensure_room(a);
    if (!err)
        err = ask_join(a);
    if (err)
        return err;
    if (a->done.joined == JOIN_WAITS) {
        say_wait(a);
        return 0;
    }
    struct view v = ask_view(a);
    focus_say_joined(&a->words, &v, ask_member(a), v.room->seq);
    /* When it was too long ago, the state is all there is. */
    (void)replay_missed(a, &args->from, is_worth_repeating);
    return 0;
}

static int in_leave(struct ask *a)
{
    struct command c = { .verb = VERB_LEAVE };
    int err = ask_do(a, &c);
    if (!err)
        say_what_may_be_seen(a);
    return err;
}

/* ---- the timer ---- */

struct start {
    double minutes;
};

static const struct field start_list[] = {
    { .name = "minutes",
        FIELD_MEMBER(struct start, minutes),
        .type = FIELD_DOUBLE,
        .min = MINUTES_MIN,
        .max = MINUTES_MAX,
        .help = "how long, if not as the room's settings say" },
};
static const struct fields start_fields = FIELDS(start_list);

/* Clients may know a word for pausing and none for going on: to start the phase that is paused,
 * without saying for how long, goes on with it. */
static int start(struct ask *a, enum timer_phase phase)
{
    const struct start *args = a->args;
    const struct timer_state *now = &ask_view(a).room->timer;
    bool is_paused = !now->is_running && now->phase == phase;
    struct command resume = { .verb = VERB_TIMER, .timer = { .act = TIMER_ACT_RESUME } };
    if (is_paused && args->minutes == 0)
        return ask_do(a, &resume);
    struct command c = { .verb = VERB_TIMER,
        .timer = {
            .act = TIMER_ACT_START, .phase = phase, .length_ms = minutes_to_ms(args->minutes) } };
    return ask_do(a, &c);
}

static int in_start_focus(struct ask *a)
{
    return start(a, TIMER_FOCUS);
}

static int in_start_break(struct ask *a)
{
    return start(a, TIMER_BREAK);
}

/* `why`: what it means that the timer is not in the state for it. */
static int act(struct ask *a, enum timer_act what, struct slice why)
{
    struct command c = { .verb = VERB_TIMER, .timer = { .act = what } };
    int err = ask_do(a, &c);
    if (err == ERR_CONFLICT)
        a->why = why;
    return err;
}

static int in_pause(struct ask *a)
{
    return act(a, TIMER_ACT_PAUSE, S("The timer is not running."));
}

static int in_resume(struct ask *a)
{
    return act(a, TIMER_ACT_RESUME, S("The timer is not paused."));
}

static int in_reset(struct ask *a)
{
    return act(a, TIMER_ACT_RESET, S("The timer cannot be reset now."));
}

/* The engine would skip a focus, too; this language has no word for that. */
static int in_skip_break(struct ask *a)
{
    const struct room *r = ask_view(a).room;
    bool is_break = r->timer.phase == TIMER_BREAK || r->timer.phase == TIMER_LONG_BREAK;
    struct slice why = S("There is no break to skip.");
    int err = room_may(r, VERB_TIMER, a->session->identity.user_id);
    if (err || is_break)
        return err ? err : act(a, TIMER_ACT_SKIP, why);
    a->why = why;
    return ERR_CONFLICT;
}

/* ---- talk, goal, media ---- */

struct say {
    struct slice id; /* of `chat` alone */
    struct slice text;
};

static const struct field chat_list[] = {
    ASK_CHAT_ID(struct say, id),
    { .name = "text",
        .aliases = { "message" },
        FIELD_MEMBER(struct say, text),
        .type = FIELD_STR,
        .required = true,
        .min = 1,
        .max = ROOM_TEXT_MAX,
        .help = "what is said" },
};
static const struct fields chat_fields = FIELDS(chat_list);

static int in_chat(struct ask *a)
{
    const struct say *args = a->args;
    const struct command c = {
        .verb = VERB_CHAT, .id = args->id, .chat = { .text = args->text, .kind = MESSAGE_TEXT }
    };
    struct event said;
    return ask_chat(&said, a, &c);
}

static const struct field goal_list[] = {
    { .name = "goal",
        .aliases = { "text" },
        FIELD_MEMBER(struct say, text),
        .type = FIELD_STR,
        .required = true,
        .max = ROOM_GOAL_MAX,
        .help = "what the room works towards; empty: nothing in particular" },
};
static const struct fields goal_fields = FIELDS(goal_list);

static int in_goal(struct ask *a)
{
    const struct say *args = a->args;
    struct command c = { .verb = VERB_GOAL, .goal = { .is_shared = true, .text = args->text } };
    return ask_do(a, &c);
}

struct media {
    struct room_media is;
    bool has_audio;
    bool has_video;
    bool has_screen;
};

static const struct field media_list[] = {
    { .name = "audio",
        FIELD_MEMBER(struct media, is.audio),
        FIELD_HAS(struct media, has_audio),
        .type = FIELD_BOOL,
        .help = "the microphone is on; absent: as it was" },
    { .name = "video",
        FIELD_MEMBER(struct media, is.video),
        FIELD_HAS(struct media, has_video),
        .type = FIELD_BOOL,
        .help = "the camera is on; absent: as it was" },
    { .name = "screen",
        FIELD_MEMBER(struct media, is.screen),
        FIELD_HAS(struct media, has_screen),
        .type = FIELD_BOOL,
        .help = "a screen is being shared; absent: as it was" },
};
static const struct fields media_fields = FIELDS(media_list);

static int in_media(struct ask *a)
{
    const struct media *args = a->args;
    const struct member *m = ask_member(a);
    const struct seat *was = m != NULL ? room_seat(m, slice_str(a->session->id)) : NULL;
    struct command c = { .verb = VERB_MEDIA, .media = args->is };
    if (was != NULL && !args->has_audio)
        c.media.audio = was->audio;
    if (was != NULL && !args->has_video)
        c.media.video = was->video;
    if (was != NULL && !args->has_screen)
        c.media.screen = was->screen;
    return ask_do(a, &c);
}

static int in_ping(struct ask *a)
{
    struct json_writer *w = ask_say(a, "pong");
    jw_field_i64(w, "timestamp", ask_view(a).now_ms);
    ask_said(a);
    return 0;
}

/* ---- the tables ---- */

#define TIMER_ANSWERS "event,state"

static const struct row rows[] = {
    { .name = "connect",
        .room = ASK_ROOM_OR_NEW,
        .is_free = true,
        .limit = RATE_JOIN,
        .handle = in_connect,
        .help = "What opening the WebSocket does; a client need not say it. The room comes to be "
                "when there is none of that name.",
        .answers = "state" },
    { .name = "join",
        ROW_ARGS(struct join, join_fields),
        .room = ASK_ROOM_OR_NEW,
        .verb = VERB_JOIN,
        .is_join = true,
        .handle = in_join,
        .help = "Takes a place in the room; from then on one hears what happens there.",
        .answers = "state,event" },
    { .name = "leave",
        .verb = VERB_LEAVE,
        .handle = in_leave,
        .help = "Gives up the place; the connection stays.",
        .answers = "state" },
    { .name = "timer:start_focus",
        ROW_ARGS(struct start, start_fields),
        .verb = VERB_TIMER,
        .handle = in_start_focus,
        .help =
            "Starts a focus phase; a break follows by itself. While a focus is paused, and without "
            "`minutes`, goes on with it.",
        .answers = TIMER_ANSWERS },
    { .name = "timer:start_break",
        ROW_ARGS(struct start, start_fields),
        .verb = VERB_TIMER,
        .handle = in_start_break,
        .help = "Starts a break. While a break is paused, and without `minutes`, goes on with it.",
        .answers = TIMER_ANSWERS },
    { .name = "timer:pause",
        .verb = VERB_TIMER,
        .handle = in_pause,
        .help = "Stops the timer where it is.",
        .answers = TIMER_ANSWERS },
    { .name = "timer:resume",
        .verb = VERB_TIMER,
        .handle = in_resume,
        .help = "Lets a paused timer run on.",
        .answers = TIMER_ANSWERS },
    { .name = "timer:reset",
        .verb = VERB_TIMER,
        .handle = in_reset,
        .help = "Back to idle, before the first round.",
        .answers = TIMER_ANSWERS },
    { .name = "timer:skip_break",
        .verb = VERB_TIMER,
        .handle = in_skip_break,
        .help = "Ends a break, and starts the next focus.",
        .answers = TIMER_ANSWERS },
    { .name = "chat",
        ROW_ARGS(struct say, chat_fields),
        .verb = VERB_CHAT,
        .handle = in_chat,
        .help = "Says something to everybody in the room, the sender included.",
        .answers = "chat" },
    { .name = "goal:update",
        ROW_ARGS(struct say, goal_fields),
        .verb = VERB_GOAL,
        .handle = in_goal,
        .help = "Sets the goal that the room shares.",
        .answers = "state" },
    { .name = "media:update",
        ROW_ARGS(struct media, media_fields),
        .verb = VERB_MEDIA,
        .handle = in_media,
        .help = "Says which of one's microphone, camera and screen are on.",
        .answers = "media:update" },
    { .name = "ping",
        .room = ASK_NO_ROOM,
        .is_free = true,
        .limit = RATE_PRESENCE,
        .handle = in_ping,
        .help = "Keeps a connection alive through proxies that close silent ones.",
        .answers = "pong" },
};

static const struct said said[] = {
    { .name = "state",
        .help = "The room as it is now: on opening, in answer to `join` (then with `self`, `seq` "
                "and `epoch`), after most events, and every 5 seconds while the timer runs. Who "
                "waits to be let in is told `room_id`, `name` and `waiting` only.",
        .example = "{\"type\":\"state\",\"seq\":7,\"state\":{\"room_id\":\"deep-work\","
                   "\"roomId\":\"deep-work\",\"name\":\"Deep work\","
                   "\"joinLink\":\"https://rooms.example.org/room/deep-work\",\"phase\":\"focus\","
                   "\"long_break\":false,\"round\":1,\"running\":true,\"remaining\":1500,"
                   "\"remaining_ms\":1499873,\"endsAt\":1795257645123,"
                   "\"serverNow\":1795256145250,\"focus_minutes\":25,\"break_minutes\":5,"
                   "\"long_break_minutes\":15,\"auto_focus\":false,\"goal\":\"Chapter 3\","
                   "\"participants\":[{\"id\":\"u1\",\"name\":\"Alice\","
                   "\"joined_at\":\"2026-11-21T10:40:45.123Z\",\"media\":{\"audio\":true,"
                   "\"video\":false,\"screen\":false}}],"
                   "\"created_at\":\"2026-11-21T10:40:00.000Z\"}}" },
    { .name = "event",
        .help = "Something happened; `event` says what: `user_joined`, `user_left`, "
                "`timer_started`, `timer_paused`, `timer_reset`, `focus_ended`, `break_started`, "
                "`break_ended`, `break_skipped`, `room_updated`, `room_started`, `room_ended`, "
                "`kicked`, `waiting_approval` or `join_rejected`.",
        .example = "{\"type\":\"event\",\"seq\":8,\"event\":\"user_joined\",\"user_id\":\"u2\","
                   "\"name\":\"Bob\",\"timestamp\":1795256145250}" },
    { .name = "chat",
        .help = "Somebody said something; `from` is a user id. A message that was written to one "
                "person only has that one as `to`.",
        .example = "{\"type\":\"chat\",\"seq\":9,\"id\":\"Jx2fK0w5yQm1nT8aVbC3\",\"from\":\"u2\","
                   "\"name\":\"Bob\",\"text\":\"Hello\",\"timestamp\":1795256145250}" },
    { .name = "media:update",
        .help = "Somebody's microphone, camera or screen was switched on or off.",
        .example = "{\"type\":\"media:update\",\"user_id\":\"u2\",\"name\":\"Bob\",\"audio\":true,"
                   "\"video\":false,\"screen\":false,\"timestamp\":1795256145250}" },
    { .name = "error",
        .help = "The message named by `request` was not carried out; the connection stays.",
        .example = "{\"type\":\"error\",\"code\":\"CONFLICT\",\"message\":\"There is no break to "
                   "skip.\",\"request\":\"timer:skip_break\"}" },
    { .name = "pong",
        .help = "Answers `ping`, with the server's clock.",
        .example = "{\"type\":\"pong\",\"timestamp\":1795256145250}" },
};

const struct language focus_language = {
    .dialect = &focus_dialect,
    .title = "Focus rooms",
    .address = "/ws/rooms/{room_id}",
    .help = "A shared timer with a goal and a chat, over a plain WebSocket at /ws/rooms/{room_id}. "
            "Messages are JSON objects with a `type`.",
    LANGUAGE_ROWS(rows),
    LANGUAGE_SAID(said),
};
