/* The language as data: what clients may say, what they are told, and the vtable. */
#include "dialect/proctor/parts.h"
#include "dialect/registry.h"

#define IN_ROOM                                               \
    ROW_ARGS(struct proctor_in_room, proctor_in_room_fields), \
        .room = ASK_ROOM, ROW_ROOM(struct proctor_in_room, room_id)

static const struct row rows[] = {
    { .name = "CREATE_ROOM",
        ROW_ARGS(struct proctor_create, proctor_create_fields),
        .room = ASK_NO_ROOM,
        .is_free = true,
        .limit = RATE_JOIN,
        .is_join = true,
        .handle = proctor_in_create,
        .help = "Makes a room that waits to be started; who makes it is its host, and in it.",
        .answers = "ROOM_CREATED" },
    { .name = "JOIN_ROOM",
        ROW_ARGS(struct proctor_join, proctor_join_fields),
        .room = ASK_ROOM,
        ROW_ROOM(struct proctor_join, room_id),
        .verb = VERB_JOIN,
        .is_join = true,
        .handle = proctor_in_join,
        .help = "Comes into a room, or comes back to it; where hosts let people in, asks them.",
        .answers = "JOIN_APPROVED,WAITING_APPROVAL" },
    { .name = "APPROVE_JOIN",
        ROW_ARGS(struct proctor_approve, proctor_approve_fields),
        .room = ASK_ROOM,
        ROW_ROOM(struct proctor_approve, room_id),
        .verb = VERB_APPROVE,
        .handle = proctor_in_approve,
        .help = "Of a host: lets somebody in who waits, or rejects." },
    { .name = "START_ROOM",
        IN_ROOM,
        .verb = VERB_START,
        .handle = proctor_in_start,
        .help = "Of a host: the room is live, and its duration runs.",
        .answers = "ROOM_STARTED" },
    { .name = "LEAVE_ROOM",
        IN_ROOM,
        .verb = VERB_LEAVE,
        .handle = proctor_in_leave,
        .help = "Goes, with this connection.",
        .answers = "ROOM_LEFT" },
    { .name = "END_ROOM",
        IN_ROOM,
        .verb = VERB_END,
        .handle = proctor_in_end,
        .help = "Of a host: the room is over for everybody.",
        .answers = "ROOM_ENDED" },
    { .name = "GET_ROOM_STATUS",
        IN_ROOM,
        .is_free = true,
        .limit = RATE_CONTROL,
        .handle = proctor_in_status,
        .help = "Asks how the room stands and who is in it.",
        .answers = "ROOM_STATUS" },
    { .name = "FULLSCREEN_EXIT",
        IN_ROOM,
        .verb = VERB_REPORT,
        .handle = proctor_in_fullscreen_exit,
        .help = "Of a candidate's page: it is not in fullscreen mode any more." },
    { .name = "FULLSCREEN_ENTER",
        IN_ROOM,
        .verb = VERB_REPORT,
        .handle = proctor_in_fullscreen_enter,
        .help = "Of a candidate's page: it is in fullscreen mode." },
    { .name = "TAB_BLUR",
        IN_ROOM,
        .verb = VERB_REPORT,
        .handle = proctor_in_tab_blur,
        .help = "Of a candidate's page: another tab is in front." },
    { .name = "TAB_FOCUS",
        IN_ROOM,
        .verb = VERB_REPORT,
        .handle = proctor_in_tab_focus,
        .help = "Of a candidate's page: it is in front again." },
    { .name = "CODE_CHANGE",
        ROW_ARGS(struct proctor_code, proctor_code_fields),
        .room = ASK_ROOM,
        ROW_ROOM(struct proctor_code, room_id),
        .verb = VERB_CODE,
        .handle = proctor_in_code,
        .help = "The program as it is now: hosts see it." },
    { .name = "SUBMIT_CODE",
        ROW_ARGS(struct proctor_code, proctor_code_fields),
        .room = ASK_ROOM,
        ROW_ROOM(struct proctor_code, room_id),
        .verb = VERB_SUBMIT,
        .handle = proctor_in_submit,
        .help = "Hands the program in; the latest counts.",
        .answers = "SUBMISSION_RECEIVED" },
    { .name = "KICK_USER",
        ROW_ARGS(struct proctor_kick, proctor_kick_fields),
        .room = ASK_ROOM,
        ROW_ROOM(struct proctor_kick, room_id),
        .verb = VERB_KICK,
        .handle = proctor_in_kick,
        .help = "Of a host: puts somebody out for good.",
        .answers = "USER_KICKED" },
    { .name = "CHAT_MESSAGE",
        ROW_ARGS(struct proctor_chat, proctor_chat_fields),
        .room = ASK_ROOM,
        ROW_ROOM(struct proctor_chat, room_id),
        .verb = VERB_CHAT,
        .handle = proctor_in_chat,
        .help = "Says something to everybody in the room.",
        .answers = "CHAT_MESSAGE" },
    { .name = "HEARTBEAT",
        .room = ASK_NO_ROOM,
        .is_free = true,
        .limit = RATE_PRESENCE,
        .handle = proctor_in_heartbeat,
        .help = "Asks for a sign of life.",
        .answers = "HEARTBEAT_ACK" },
};

/* ---- what they are told ---- */

#define SAID(said_name, rest) "{\"type\":\"" said_name "\"," rest "}"
#define PERSON                "\"userId\":\"user456\",\"username\":\"John Doe\""
#define PERSON_COUNT          "\"data\":{" PERSON ",\"connectedCount\":3}"
#define AT                    "1706543210000"

static const struct said saids[] = {
    { .name = "ROOM_CREATED",
        .help = "The room is there, and the asker is in it as its host.",
        .example = SAID("ROOM_CREATED",
            "\"data\":{\"roomId\":\"A7x9K2\",\"roomname\":\"Technical Interview - React\","
            "\"message\":\"Room created successfully\",\"seq\":2,\"epoch\":\"bWVtb3J5\"}") },
    { .name = "WAITING_APPROVAL",
        .help = "The hosts were asked; JOIN_APPROVED or JOIN_REJECTED follows.",
        .example = SAID("WAITING_APPROVAL",
            "\"message\":\"Waiting for host approval to join the room\","
            "\"roomId\":\"A7x9K2\"") },
    { .name = "JOIN_REQUEST",
        .help = "To hosts: somebody waits to be let in.",
        .example = SAID("JOIN_REQUEST",
            "\"seq\":3,\"data\":{" PERSON
            ",\"socketId\":\"5f0c6c1e-7a52-4c4b-9c55-0d0f7a0e6f11\",\"timestamp\":" AT "}") },
    { .name = "JOIN_APPROVED",
        .help = "The one who hears it is in. The fields from `reconnected` to `language` are there "
                "only for somebody who has been in before.",
        .example = SAID("JOIN_APPROVED",
            "\"data\":{\"roomId\":\"A7x9K2\",\"roomname\":\"Technical Interview - React\","
            "\"question\":\"Implement a React custom hook\",\"duration\":60,"
            "\"hostId\":\"user123\",\"hostName\":\"Admin\"," PERSON ",\"status\":\"LIVE\","
            "\"endsAt\":1706546810000,\"reconnected\":true,\"violationCount\":2,"
            "\"hasSubmitted\":false,\"code\":\"const a = 1\",\"language\":\"javascript\","
            "\"seq\":5,\"epoch\":\"bWVtb3J5\"}") },
    { .name = "JOIN_REJECTED",
        .help = "A host has said no.",
        .example = SAID("JOIN_REJECTED",
            "\"seq\":4,\"message\":\"The host has rejected your request to join the room\","
            "\"roomId\":\"A7x9K2\"") },
    { .name = "USER_JOINED",
        .help = "Somebody has come in; who has, hears it, too.",
        .example = SAID("USER_JOINED", "\"seq\":5," PERSON_COUNT) },
    { .name = "USER_RECONNECTED",
        .help = "Somebody whose connection was lost is back.",
        .example = SAID("USER_RECONNECTED", "\"seq\":7," PERSON_COUNT) },
    { .name = "USER_DISCONNECTED",
        .help = "Somebody's connection was lost; the place is kept for a while.",
        .example = SAID("USER_DISCONNECTED", "\"seq\":6," PERSON_COUNT) },
    { .name = "USER_LEFT",
        .help = "Somebody has left.",
        .example = SAID("USER_LEFT", "\"seq\":8," PERSON_COUNT) },
    { .name = "ROOM_LEFT",
        .help = "The asker has left.",
        .example = SAID("ROOM_LEFT", "\"roomId\":\"A7x9K2\"") },
    { .name = "ROOM_STARTED",
        .help = "The room is live. `endsAt` is null in a room without an end.",
        .example = SAID("ROOM_STARTED",
            "\"seq\":9,\"data\":{\"roomId\":\"A7x9K2\","
            "\"startedAt\":\"2024-01-29T15:46:50.000Z\",\"endsAt\":1706546810000,"
            "\"duration\":60}") },
    { .name = "ROOM_ENDED",
        .help = "The room is over: a host has ended it, or its time has.",
        .example = SAID("ROOM_ENDED",
            "\"seq\":20,\"message\":\"The room has been ended by the host\","
            "\"roomId\":\"A7x9K2\"") },
    { .name = "ROOM_STATUS",
        .help = "How the room stands. A guest sees of the others `userId`, `username` and "
                "`connected`; who waits, sees `roomId`, `roomname`, `status` and `waiting`.",
        .example = SAID("ROOM_STATUS",
            "\"data\":{\"roomId\":\"A7x9K2\",\"roomname\":\"Technical Interview - React\","
            "\"status\":\"LIVE\",\"hostId\":\"user123\",\"hostName\":\"Admin\",\"duration\":60,"
            "\"maxGuests\":5,\"isPublic\":false,\"createdAt\":\"2024-01-29T15:40:00.000Z\","
            "\"startedAt\":\"2024-01-29T15:46:50.000Z\",\"endedAt\":null,"
            "\"endsAt\":1706546810000,\"remainingMs\":3600000,\"connectedCount\":2,"
            "\"participants\":[{" PERSON ",\"status\":\"APPROVED\",\"connected\":true,"
            "\"violationCount\":2,\"hasSubmitted\":false}],\"seq\":9,"
            "\"epoch\":\"bWVtb3J5\"}") },
    { .name = "VIOLATION_DETECTED",
        .help = "To hosts: what a candidate's page has reported. `violationCount` is the "
                "candidate's total, `typeCount` that of this type.",
        .example = SAID("VIOLATION_DETECTED",
            "\"seq\":10,\"data\":{" PERSON ",\"violationType\":\"FULLSCREEN_EXIT\","
            "\"violationCount\":2,\"typeCount\":1,\"timestamp\":" AT ","
            "\"message\":\"John Doe exited fullscreen mode\"}") },
    { .name = "VIOLATION_CLEARED",
        .help = "To hosts: it is over.",
        .example = SAID("VIOLATION_CLEARED",
            "\"seq\":11,\"data\":{" PERSON ",\"violationType\":\"FULLSCREEN_EXIT\","
            "\"timestamp\":" AT "}") },
    { .name = "VIOLATION_WARNING",
        .help = "To a candidate whose violations have become as many as the room warns at.",
        .example = SAID("VIOLATION_WARNING",
            "\"seq\":12,\"data\":{\"violationType\":\"TAB_SWITCH\",\"violationCount\":3,"
            "\"message\":\"Please stay in fullscreen mode and in this tab\"}") },
    { .name = "CODE_UPDATE",
        .help = "To hosts: a candidate's program as it is now.",
        .example = SAID("CODE_UPDATE",
            "\"seq\":13,\"data\":{" PERSON ",\"code\":\"function customHook() { ... }\","
            "\"language\":\"javascript\",\"timestamp\":" AT "}") },
    { .name = "SUBMISSION_RECEIVED",
        .help = "The program was handed in: by the one who hears it or, with `automatic` true, in "
                "its place when the time was over or there were too many violations.",
        .example = SAID(
            "SUBMISSION_RECEIVED", "\"message\":\"Your code has been submitted successfully\"") },
    { .name = "USER_SUBMITTED",
        .help = "To hosts: a program was handed in. `automatic` is true when the room did it.",
        .example = SAID("USER_SUBMITTED",
            "\"seq\":14,\"data\":{" PERSON ",\"submissionTime\":" AT ","
            "\"code\":\"function customHook() { ... }\",\"language\":\"javascript\"}") },
    { .name = "KICKED",
        .help = "A host has put out the one who hears it.",
        .example = SAID("KICKED",
            "\"seq\":15,\"message\":\"You have been removed from the room. Reason: Multiple "
            "violations\",\"roomId\":\"A7x9K2\"") },
    { .name = "USER_KICKED",
        .help = "A host has put somebody out.",
        .example = SAID("USER_KICKED",
            "\"seq\":15,\"data\":{" PERSON ",\"reason\":\"Multiple violations\","
            "\"connectedCount\":1}") },
    { .name = "CHAT_MESSAGE",
        .help = "Somebody has said something. `to` is there in a private message.",
        .example = SAID("CHAT_MESSAGE",
            "\"seq\":16,\"data\":{\"id\":\"s3Jq0Vd8mWc1Zt5RyK2B\"," PERSON
            ",\"text\":\"Hello\",\"timestamp\":" AT "}") },
    { .name = "HEARTBEAT_ACK",
        .help = "A sign of life.",
        .example = SAID("HEARTBEAT_ACK", "\"timestamp\":" AT) },
    { .name = "ERROR",
        .help = "A request was not carried out. `requestType` is null where it has none.",
        .example = SAID("ERROR",
            "\"code\":\"NOT_HOST\",\"message\":\"Only a host may do this.\","
            "\"requestType\":\"START_ROOM\"") },
};

/* ---- the dialect ---- */

static void refuse(struct words *w, const struct refusal *r)
{
    struct json_writer *json = words_begin(w, "ERROR");
    jw_field_str(json, "code", slice_str(err_name(r->err)));
    jw_field_str(json, "message", r->text);
    if (r->request)
        jw_field_str(json, "requestType", slice_str(r->request));
    else
        jw_field_null(json, "requestType");
    if (r->retry_ms > 0)
        jw_field_u64(json, "retryAfterMs", r->retry_ms);
    words_end(w);
}

static const struct dialect dialect = {
    .name = "proctor",
    .number = 3,
    .is_typed = true,
    .ear = proctor_ear,
    .tell = proctor_tell,
    .refuse = refuse,
};

const struct language proctor_language = {
    .dialect = &dialect,
    .title = "The language of proctored rooms",
    .address = "/",
    .help = "Typed JSON messages over one WebSocket at the server's root: interviews in which a "
            "host lets candidates in, sees what they write and what their pages report.",
    LANGUAGE_ROWS(rows),
    LANGUAGE_SAID(saids),
};
