/* What clients of language B may say. Who they claim to be counts for nothing but the meeting of a
 * chat message with its second copy (dialect/claims.h). */
#include "dialect/claims.h"
#include "dialect/registry.h"
#include "dialect/replay.h"
#include "dialect/session/parts.h"

#define SESSION_ID(of, is_required)                                                            \
    {                                                                                          \
        .name = "sessionId", .aliases = { "roomId", "room_id" }, FIELD_MEMBER(of, session_id), \
        .type = FIELD_ID, .max = ROOM_ID_MAX, .required = (is_required), .help = "the session" \
    }

/* ---- coming and going ---- */

struct join {
    struct slice session_id, user_id, user_name;
    struct replay_point from;
};

static const struct field join_list[] = {
    SESSION_ID(struct join, true),
    { .name = "userId",
        FIELD_MEMBER(struct join, user_id),
        .type = FIELD_RAW,
        .max = SESSION_CLAIM_MAX,
        .help = "not believed: the connection's own identity counts" },
    { .name = "userName",
        .aliases = { "username", "name", "displayName" },
        FIELD_MEMBER(struct join, user_name),
        .type = FIELD_STR,
        .max = ROOM_NAME_MAX,
        .trim = true,
        .one_line = true,
        .help = "what a guest wants to be called; an account keeps its name" },
    REPLAY_FIELDS(struct join, from),
};
static const struct fields join_fields = FIELDS(join_list);

struct leave {
    struct slice session_id;
};

static const struct field leave_list[] = { SESSION_ID(struct leave, false) };
static const struct fields leave_fields = FIELDS(leave_list);

/* The first to join makes the session; when nobody is in it any more it goes. */
static int create(struct ask *a)
{
    const struct hub_creation c = {
        .id = a->room_id,
        .by = a->session->identity.user_id,
        .is_fleeting = true,
        .room = { .settings = room_default_settings(MODE_STUDY) },
    };
    return ask_create(a, &c);
}

static bool is_chat(const struct event *e)
{
    return e->type == EV_CHAT;
}

static struct session_roster roster_of(const struct ask *a)
{
    return (
        struct session_roster){ .room = ask_view(a).room, .but_seat = slice_str(a->session->id) };
}

static void put_self(struct json_writer *w, const struct ask *a)
{
    const struct identity *who = &a->session->identity;
    enum role role = room_role(ask_view(a).room, who->user_id);
    jw_field_object(w, "self");
    jw_field_str(w, "socketId", slice_str(a->session->id));
    jw_field_str(w, "userId", who->user_id);
    jw_field_str(w, "userName", who->name);
    jw_field_str(w, "role", slice_str(role_name(role)));
    jw_end(w);
}

static void answer_join(struct ask *a)
{
    const struct join *args = a->args;
    const struct view v = ask_view(a);
    const struct session_roster roster = roster_of(a);
    session_say_participants(&a->words, &roster);
    bool is_whole = replay_missed(a, &args->from, is_chat);
    struct json_writer *w = ask_ack(a);
    jw_field_str(w, "sessionId", slice_str(v.room->id));
    jw_field_u64(w, "seq", v.room->seq);
    jw_field_str(w, "epoch", v.epoch);
    if (args->from.has_since)
        jw_field_bool(w, "resumed", is_whole);
    jw_field_array(w, "participants");
    session_participants(w, &roster);
    jw_end(w);
    put_self(w, a);
}

static void answer_waiting(struct ask *a)
{
    session_say_waiting(&a->words, a->room_id);
    struct json_writer *w = ask_ack(a);
    jw_field_bool(w, "waiting", true);
    jw_field_str(w, "sessionId", a->room_id);
}

static int in_join(struct ask *a)
{
    const struct join *args = a->args;
    int err = session_set_name(a->session, args->user_name);
    if (!err && !a->room)
        err = create(a);
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
    jw_field_str(ask_ack(a), "sessionId", a->room_id);
    return 0;
}

/* ---- signals ---- */

struct signal {
    struct slice to, session_id, data;
};

#define SIGNAL_TO                                                                                 \
    {                                                                                             \
        .name = "to", .aliases = { "targetSocketId", "target" }, FIELD_MEMBER(struct signal, to), \
        .type = FIELD_ID, .max = SESSION_ID_BYTES, .required = true,                              \
        .help = "the socket id of the peer"                                                       \
    }

#define SIGNAL_DESCRIPTION(what)                                                                  \
    {                                                                                             \
        .name = what, .aliases = { "sdp" }, FIELD_MEMBER(struct signal, data), .type = FIELD_RAW, \
        .max = ROW_SIGNAL_MAX, .required = true, .help = "passed on as it is"                     \
    }

static const struct field offer_list[] = {
    SIGNAL_TO,
    SESSION_ID(struct signal, false),
    SIGNAL_DESCRIPTION("offer"),
};
static const struct fields offer_fields = FIELDS(offer_list);

static const struct field answer_list[] = {
    SIGNAL_TO,
    SESSION_ID(struct signal, false),
    SIGNAL_DESCRIPTION("answer"),
};
static const struct fields answer_fields = FIELDS(answer_list);

static const struct field candidate_list[] = {
    SIGNAL_TO,
    SESSION_ID(struct signal, false),
    { .name = "candidate",
        FIELD_MEMBER(struct signal, data),
        .type = FIELD_RAW,
        .max = ROW_SIGNAL_MAX,
        .help = "passed on as it is; null, as browsers say at the end, too" },
};
static const struct fields candidate_fields = FIELDS(candidate_list);

static int relay(struct ask *a, struct slice kind)
{
    const struct signal *args = a->args;
    const struct command c = {
        .verb = VERB_SIGNAL,
        .signal = { .to_seat = args->to, .kind = kind, .data = args->data },
    };
    int err = ask_do(a, &c);
    if (err == ERR_NOT_FOUND)
        a->why = S("Nobody in this session has that socket id; perhaps the peer has left.");
    return err;
}

static int in_offer(struct ask *a)
{
    return relay(a, S("offer"));
}

static int in_answer(struct ask *a)
{
    return relay(a, S("answer"));
}

static int in_candidate(struct ask *a)
{
    return relay(a, S("candidate"));
}

/* ---- chat ---- */

struct chat {
    struct slice session_id, id, text, user_id, user_name, client_id;
    enum message_kind kind;
};

static const struct field chat_list[] = {
    SESSION_ID(struct chat, true),
    ASK_CHAT_ID(struct chat, id),
    { .name = "message",
        .aliases = { "text" },
        FIELD_MEMBER(struct chat, text),
        .type = FIELD_STR,
        .min = 1,
        .max = ROOM_TEXT_MAX,
        .required = true,
        .help = "what is said" },
    { .name = "messageType",
        FIELD_MEMBER(struct chat, kind),
        .type = FIELD_ENUM,
        .names = session_message_types,
        .preset = "text",
        .help = "what it is; system messages come from the server alone" },
    { .name = "userId",
        FIELD_MEMBER(struct chat, user_id),
        .type = FIELD_RAW,
        .max = SESSION_CLAIM_MAX,
        .help = "not believed; POST /api/chat with the same one finds this message" },
    { .name = "userName",
        FIELD_MEMBER(struct chat, user_name),
        .type = FIELD_RAW,
        .max = SESSION_CLAIM_MAX,
        .help = "not believed" },
    { .name = "clientId",
        FIELD_MEMBER(struct chat, client_id),
        .type = FIELD_RAW,
        .max = SESSION_CLAIM_MAX,
        .help = "the client's own id of the message, to be found by as well" },
};
static const struct fields chat_fields = FIELDS(chat_list);

static void remember(const struct ask *a)
{
    const struct chat *args = a->args;
    const struct claim said = {
        .room_id = a->room_id,
        .user_id = args->user_id.len > 0 ? session_claimed(args->user_id)
                                         : a->session->identity.user_id,
        .text = args->text,
        .client_id = session_claimed(args->client_id),
    };
    claims_add(a->claims, &said, a->done.id, ask_view(a).now_ms);
}

static int in_chat(struct ask *a)
{
    const struct chat *args = a->args;
    const struct command c = {
        .verb = VERB_CHAT,
        .id = args->id,
        .chat = { .text = args->text, .kind = args->kind },
    };
    struct event e;
    if (args->kind == MESSAGE_SYSTEM) {
        a->why = S("System messages come from the server; send messageType text or emoji.");
        return ERR_FORBIDDEN;
    }
    int err = ask_chat(&e, a, &c);
    if (err)
        return err;
    remember(a);
    const struct store_message m = store_message_of(&e);
    struct json_writer *w = ask_ack(a);
    jw_field_u64(w, "seq", e.seq);
    session_message(w, a->room_id, &m);
    return 0;
}

/* ---- tables ---- */

#define SIGNAL_ROW(what)                                                 \
    ROW_ARGS(struct signal, what##_fields),                              \
        .room = ASK_ROOM_OF_TARGET, ROW_ROOM(struct signal, session_id), \
        ROW_TARGET(struct signal, to), .verb = VERB_SIGNAL, .handle = in_##what

static const struct row rows[] = {
    { .name = "join-session",
        ROW_ARGS(struct join, join_fields),
        .room = ASK_ROOM_OR_NEW,
        ROW_ROOM(struct join, session_id),
        .verb = VERB_JOIN,
        .is_join = true,
        .handle = in_join,
        .help = "Enters a session; the first one to name it makes it.",
        .answers = "existing-participants,waiting-approval" },
    { .name = "leave-session",
        ROW_ARGS(struct leave, leave_fields),
        .room = ASK_ROOM,
        ROW_ROOM(struct leave, session_id),
        .verb = VERB_LEAVE,
        .handle = in_leave,
        .help = "Leaves a session; the connection stays." },
    { .name = "webrtc-offer", SIGNAL_ROW(offer), .help = "Hands an offer to one connection." },
    { .name = "webrtc-answer", SIGNAL_ROW(answer), .help = "Hands an answer to one connection." },
    { .name = "webrtc-ice-candidate",
        SIGNAL_ROW(candidate),
        .help = "Hands an ICE candidate to one connection." },
    { .name = "chat-message",
        ROW_ARGS(struct chat, chat_fields),
        .room = ASK_ROOM,
        ROW_ROOM(struct chat, session_id),
        .verb = VERB_CHAT,
        .handle = in_chat,
        .help = "Says something to the others; the answer is the stored message." },
};

#define PERSON "\"socketId\":\"x7Kd\",\"userId\":\"u1\",\"userName\":\"Ada\""
#define SENDER "\"from\":\"x7Kd\",\"fromSocketId\":\"x7Kd\",\"userId\":\"u1\",\"userName\":\"Ada\""

static const struct said said[] = {
    { .name = "existing-participants",
        .help = "To who has joined: every other connection in the session.",
        .example = "[{" PERSON ",\"initiator\":true,\"polite\":false}]" },
    { .name = "user-joined",
        .help = "Somebody came, or came back, with this connection.",
        .example = "{\"seq\":4," PERSON ",\"initiator\":false,\"polite\":true}" },
    { .name = "user-left",
        .help = "This connection has left, was lost, or its person was removed.",
        .example = "{\"seq\":9," PERSON "}" },
    { .name = "webrtc-offer",
        .help = "An offer of that connection.",
        .any = "offer,sdp",
        .example = "{" SENDER ",\"offer\":{\"type\":\"offer\",\"sdp\":\"v=0\"},"
                   "\"sdp\":{\"type\":\"offer\",\"sdp\":\"v=0\"}}" },
    { .name = "webrtc-answer",
        .help = "An answer of that connection.",
        .any = "answer,sdp",
        .example = "{" SENDER ",\"answer\":{\"type\":\"answer\",\"sdp\":\"v=0\"},"
                   "\"sdp\":{\"type\":\"answer\",\"sdp\":\"v=0\"}}" },
    { .name = "webrtc-ice-candidate",
        .help = "An ICE candidate of that connection.",
        .any = "candidate",
        .example = "{" SENDER ",\"candidate\":{\"candidate\":\"\",\"sdpMid\":\"0\"}}" },
    { .name = "chat-message",
        .help = "Somebody else said something; `to` is there in a private message.",
        .example = "{\"seq\":7,\"id\":\"Qb3x\",\"_id\":\"Qb3x\",\"sessionId\":\"algebra\","
                   "\"userId\":\"u1\",\"userName\":\"Ada\",\"message\":\"Hello\","
                   "\"messageType\":\"text\",\"createdAt\":\"2026-01-02T03:04:05.678Z\","
                   "\"updatedAt\":\"2026-01-02T03:04:05.678Z\",\"timestamp\":1767323045678}" },
    { .name = "waiting-approval",
        .help = "The join waits for a host; existing-participants or join-rejected follows.",
        .example = "{\"message\":\"Please wait: the host has been asked to let you in.\","
                   "\"sessionId\":\"algebra\"}" },
    { .name = "join-rejected",
        .help = "A host did not let you in.",
        .example = "{\"seq\":5,\"message\":\"The host did not let you in.\","
                   "\"sessionId\":\"algebra\"}" },
    { .name = "kicked",
        .help = "You were removed from the session; the connection stays.",
        .example = "{\"seq\":8,\"reason\":\"Please stay on topic.\",\"sessionId\":\"algebra\"}" },
    { .name = "session-ended",
        .help = "The session is over for everybody.",
        .example = "{\"seq\":12,\"message\":\"The room has been ended by the host\","
                   "\"sessionId\":\"algebra\"}" },
    { .name = "error",
        .help = "A request was not carried out; `event` is its name.",
        .example = "{\"code\":\"NOT_IN_ROOM\",\"message\":\"Join the room first.\","
                   "\"event\":\"chat-message\"}" },
};

const struct language session_language = {
    .dialect = &session_dialect,
    .title = "Study sessions",
    .address = "/socket.io/",
    .help = "Sessions with video from browser to browser and a chat, over Socket.IO.",
    LANGUAGE_ROWS(rows),
    LANGUAGE_SAID(said),
};
