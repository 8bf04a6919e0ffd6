/* What clients of language E may say. */
#include "dialect/call/parts.h"
#include "dialect/registry.h"
#include "dialect/replay.h"

#define ROOM_FIELD(of, is_required)                                                         \
    {                                                                                       \
        .name = "roomId", .aliases = { "room", "room_id" }, FIELD_MEMBER(of, room_id),      \
        .type = FIELD_ID, .max = ROOM_ID_MAX, .required = (is_required), .help = "the room" \
    }

/* ---- coming and going ---- */

struct join {
    struct slice room_id, name;
    struct replay_point from;
};

static const struct field join_list[] = {
    ROOM_FIELD(struct join, true),
    { .name = "displayName",
        .aliases = { "name", "userName", "username" },
        FIELD_MEMBER(struct join, name),
        .type = FIELD_STR,
        .max = ROOM_NAME_MAX,
        .trim = true,
        .one_line = true,
        .help = "what a guest wants to be called; an account keeps its name" },
    REPLAY_FIELDS(struct join, from),
};
static const struct fields join_fields = FIELDS(join_list);

struct leave {
    struct slice room_id;
};

static const struct field leave_list[] = { ROOM_FIELD(struct leave, false) };
static const struct fields leave_fields = FIELDS(leave_list);

/* Who is in it may join again. */
static bool is_mesh_full(const struct ask *a)
{
    const struct view v = ask_view(a);
    uint32_t limit = hub_mesh_limit(v.settings, &v.room->settings);
    if (limit == 0 || session_attendance(a->session, a->room))
        return false;
    return hub_attending(a->room, &call_dialect) >= limit;
}

static bool is_chat(const struct event *e)
{
    return e->type == EV_CHAT;
}

static void put_self(struct json_writer *w, const struct ask *a)
{
    const struct identity *who = &a->session->identity;
    jw_field_object(w, "self");
    jw_field_str(w, "peerId", slice_str(a->session->id));
    jw_field_str(w, "displayName", who->name);
    jw_field_str(w, "userId", who->user_id);
    jw_end(w);
}

static void answer_join(struct ask *a)
{
    const struct join *args = a->args;
    const struct view v = ask_view(a);
    const struct call_listener self = { .seat = slice_str(a->session->id) };
    call_peers(ask_say(a, "peers"), &v, &self);
    ask_said(a);
    bool is_whole = replay_missed(a, &args->from, is_chat);
    struct json_writer *w = ask_ack(a);
    call_peers(w, &v, &self);
    if (args->from.has_since)
        jw_field_bool(w, "resumed", is_whole);
    put_self(w, a);
}

static void answer_waiting(struct ask *a)
{
    call_say_waiting(&a->words, a->room_id);
    struct json_writer *w = ask_ack(a);
    jw_field_bool(w, "waiting", true);
    jw_field_str(w, "roomId", a->room_id);
}

static int in_join(struct ask *a)
{
    const struct join *args = a->args;
    if (is_mesh_full(a)) {
        a->why = S("The call is full; try again when somebody has left.");
        return ERR_ROOM_FULL;
    }
    int err = session_set_name(a->session, args->name);
    if (!err)
        err = ask_join(a);
    if (err)
        return err;
    if (a->done.joined == JOIN_WAITS)
        answer_waiting(a);
    else
        answer_join(a);
    return 0;
}

static int in_leave(struct ask *a)
{
    const struct command c = { .verb = VERB_LEAVE };
    int err = ask_do(a, &c);
    if (err)
        return err;
    jw_field_str(ask_ack(a), "roomId", a->room_id);
    return 0;
}

/* ---- signals ---- */

struct signal {
    struct slice to, room_id, data;
};

static const struct field signal_list[] = {
    { .name = "to",
        FIELD_MEMBER(struct signal, to),
        .type = FIELD_ID,
        .max = SESSION_ID_BYTES,
        .required = true,
        .help = "the peer's id" },
    ROOM_FIELD(struct signal, false),
    { .name = "data",
        FIELD_MEMBER(struct signal, data),
        .type = FIELD_RAW,
        .max = ROW_SIGNAL_MAX,
        .required = true,
        .help = "a description, a candidate, or whatever peers agree on; passed on as it is" },
};
static const struct fields signal_fields = FIELDS(signal_list);

static int in_signal(struct ask *a)
{
    const struct signal *args = a->args;
    const struct command c = {
        .verb = VERB_SIGNAL,
        .signal = { .to_seat = args->to, .kind = S("data"), .data = args->data },
    };
    int err = ask_do(a, &c);
    if (err == ERR_NOT_FOUND)
        a->why = S("Nobody in this room has that id; perhaps the peer has left.");
    return err;
}

/* ---- chat ---- */

struct chat {
    struct slice id, text, room_id;
};

static const struct field chat_list[] = {
    ASK_CHAT_ID(struct chat, id),
    { .name = "text",
        .aliases = { "message" },
        FIELD_MEMBER(struct chat, text),
        .type = FIELD_STR,
        .min = 1,
        .max = ROOM_TEXT_MAX,
        .required = true,
        .help = "what is said" },
    ROOM_FIELD(struct chat, false),
};
static const struct fields chat_fields = FIELDS(chat_list);

static int in_chat(struct ask *a)
{
    const struct chat *args = a->args;
    const struct command c = { .verb = VERB_CHAT, .id = args->id, .chat = { .text = args->text } };
    struct event e;
    int err = ask_chat(&e, a, &c);
    if (err)
        return err;
    const struct view v = ask_view(a);
    struct json_writer *w = ask_ack(a);
    jw_field_u64(w, "seq", e.seq);
    call_chat(w, &v, &e);
    return 0;
}

/* ---- tables ---- */

static const struct row rows[] = {
    { .name = "join-room",
        ROW_ARGS(struct join, join_fields),
        .room = ASK_ROOM,
        ROW_ROOM(struct join, room_id),
        .verb = VERB_JOIN,
        .is_join = true,
        .handle = in_join,
        .help = "Enters a room, which has been made before, by POST /api/rooms or elsewhere.",
        .answers = "peers,waiting-approval" },
    { .name = "leave-room",
        ROW_ARGS(struct leave, leave_fields),
        .room = ASK_ROOM,
        ROW_ROOM(struct leave, room_id),
        .verb = VERB_LEAVE,
        .handle = in_leave,
        .help = "Leaves a room; the connection stays." },
    { .name = "signal",
        ROW_ARGS(struct signal, signal_fields),
        .room = ASK_ROOM_OF_TARGET,
        ROW_ROOM(struct signal, room_id),
        ROW_TARGET(struct signal, to),
        .verb = VERB_SIGNAL,
        .handle = in_signal,
        .help = "Hands something to one peer." },
    { .name = "chat",
        ROW_ARGS(struct chat, chat_fields),
        .room = ASK_ROOM,
        ROW_ROOM(struct chat, room_id),
        .verb = VERB_CHAT,
        .handle = in_chat,
        .help = "Says something to everybody in the room, oneself among them.",
        .answers = "chat" },
};

static const struct said said[] = {
    { .name = "peers",
        .help = "To who has joined: every other connection in the room.",
        .example = "{\"peers\":[\"x7Kd\"],\"roomId\":\"A7x9K2\",\"participants\":[{"
                   "\"peerId\":\"x7Kd\",\"displayName\":\"Ada\",\"userId\":\"u1\","
                   "\"initiator\":true,\"polite\":false}],\"seq\":4,\"epoch\":\"e1\"}" },
    { .name = "peer-joined",
        .help = "A peer came, or came back; `initiator` says whether you make the offer.",
        .example = "{\"seq\":4,\"peerId\":\"x7Kd\",\"displayName\":\"Ada\",\"userId\":\"u1\","
                   "\"roomId\":\"A7x9K2\",\"initiator\":false,\"polite\":true}" },
    { .name = "peer-left",
        .help = "A peer has left, was lost, or its person was removed.",
        .example = "{\"seq\":9,\"peerId\":\"x7Kd\"}" },
    { .name = "signal",
        .help = "Something from one peer, as it was sent.",
        .any = "data",
        .example = "{\"from\":\"x7Kd\",\"data\":{\"type\":\"offer\",\"sdp\":\"v=0\"}}" },
    { .name = "chat",
        .help = "Somebody said something; `to` is there in a private message.",
        .example = "{\"seq\":7,\"id\":\"Qb3x\",\"from\":\"x7Kd\",\"displayName\":\"Ada\","
                   "\"text\":\"Hello\",\"timestamp\":1767323045678,\"roomId\":\"A7x9K2\"}" },
    { .name = "waiting-approval",
        .help = "The join waits for a host; peers or join-rejected follows.",
        .example = "{\"message\":\"Please wait: the host has been asked to let you in.\","
                   "\"roomId\":\"A7x9K2\"}" },
    { .name = "join-rejected",
        .help = "A host did not let you in.",
        .example = "{\"seq\":5,\"message\":\"The host did not let you in.\","
                   "\"roomId\":\"A7x9K2\"}" },
    { .name = "kicked",
        .help = "You were removed from the room; the connection stays.",
        .example = "{\"seq\":8,\"reason\":\"Please stay on topic.\",\"roomId\":\"A7x9K2\"}" },
    { .name = "room-ended",
        .help = "The room is over for everybody.",
        .example = "{\"seq\":12,\"message\":\"The room has been ended by the host\","
                   "\"roomId\":\"A7x9K2\"}" },
    { .name = "error",
        .help = "A request was not carried out; `event` is its name.",
        .example = "{\"code\":\"ROOM_NOT_FOUND\",\"message\":\"There is no such room.\","
                   "\"event\":\"join-room\"}" },
};

const struct language call_language = {
    .dialect = &call_dialect,
    .title = "Calls",
    .address = "/socket.io/",
    .help = "Video calls from browser to browser for a handful of people, over Socket.IO.",
    LANGUAGE_ROWS(rows),
    LANGUAGE_SAID(said),
};
