/* What clients of language A may be told, with an example of each. */
#include "dialect/study/parts.h"

#define USER                                                                            \
    "{\"_id\":\"u1\",\"id\":\"u1\",\"userId\":\"u1\",\"name\":\"Ann\",\"displayName\":" \
    "\"Ann\",\"avatarUrl\":null,\"role\":\"participant\",\"guest\":false}"
#define MESSAGE                                                                          \
    "\"_id\":\"m1\",\"id\":\"m1\",\"roomId\":\"A7x9K2\",\"senderId\":\"u1\",\"userId\":" \
    "\"u1\",\"name\":\"Ann\",\"text\":\"Hello\",\"attachments\":[],\"timestamp\":"       \
    "1700000000000,\"createdAt\":\"2023-11-14T22:13:20.000Z\",\"kind\":\"text\""
#define TIMER_SETTINGS                                                              \
    "{\"focusMinutes\":25,\"breakMinutes\":5,\"longBreakMinutes\":15,\"rounds\":4," \
    "\"autoFocus\":false,\"hostsOnly\":false}"
#define SETTINGS                                                                         \
    "{\"mode\":\"study\",\"isPublic\":false,\"approval\":false,\"maxParticipants\":200," \
    "\"locked\":false,\"question\":\"\",\"durationMinutes\":0,\"timer\":" TIMER_SETTINGS \
    ",\"proctor\":{\"warnAt\":0,\"autoSubmitAt\":0},\"iceTransportPolicy\":\"all\"}"
#define TIMER                                                                  \
    "\"phase\":\"focus\",\"running\":true,\"remainingMs\":1500000,\"endsAt\":" \
    "1700001500000,\"serverNow\":1700000000000,\"round\":1,\"settings\":" TIMER_SETTINGS
#define IDLE                                                                  \
    "\"phase\":\"idle\",\"running\":false,\"remainingMs\":0,\"endsAt\":null," \
    "\"serverNow\":1700000000000,\"round\":0,\"settings\":" TIMER_SETTINGS
#define STATE                                                                                      \
    "\"_id\":\"A7x9K2\",\"id\":\"A7x9K2\",\"roomId\":\"A7x9K2\",\"code\":\"A7x9K2\","              \
    "\"title\":\"Algebra\",\"name\":\"Algebra\",\"ownerId\":\"u1\",\"settings\":" SETTINGS         \
    ",\"status\":\"LIVE\",\"createdAt\":\"2023-11-14T22:00:00.000Z\","                             \
    "\"startedAt\":\"2023-11-14T22:00:00.000Z\",\"endsAt\":null,\"endedAt\":null,"                 \
    "\"joinLink\":\"https://rooms.example.org/room/A7x9K2\",\"participants\":[{\"_id\":"           \
    "\"u1\",\"id\":\"u1\",\"userId\":\"u1\",\"name\":\"Ann\",\"displayName\":\"Ann\","             \
    "\"avatarUrl\":null,\"role\":\"host\",\"guest\":false,\"socketId\":\"s1\","                    \
    "\"media\":{\"audio\":false,\"video\":false,\"screen\":false},\"hand\":false,"                 \
    "\"handAt\":null,\"goal\":null,\"joinedAt\":\"2023-11-14T22:10:00.000Z\","                     \
    "\"initiator\":false,\"polite\":true}],\"messages\":[],\"files\":[],"                          \
    "\"whiteboard\":{\"snapshot\":null,\"ops\":[]},\"timer\":{" IDLE "},\"goal\":null,"            \
    "\"meshLimit\":4,\"iceServers\":[{\"urls\":[\"stun:stun.example.org:3478\"]}],\"violations\":" \
    "{\"total\":0,\"byType\":{\"FULLSCREEN_EXIT\":0,\"TAB_SWITCH\":0,\"PASTE\":0,"                 \
    "\"COPY\":0,\"DISCONNECT\":0}},\"ownCode\":null"
#define SELF                                                                            \
    "{\"_id\":\"g1\",\"id\":\"g1\",\"userId\":\"g1\",\"name\":\"Bob\",\"displayName\":" \
    "\"Bob\",\"avatarUrl\":null,\"role\":\"participant\",\"guest\":true,\"socketId\":"  \
    "\"s2\",\"token\":\"eyJhbGciOi...\"}"
#define ROOM     "\"roomId\":\"A7x9K2\""
#define NUMBERED "{\"seq\":12," ROOM
#define BY       ",\"by\":\"u1\",\"bySocketId\":\"s1\"}"
#define SIGNAL                                                                            \
    "{" ROOM ",\"fromSocketId\":\"s1\",\"from\":\"s1\",\"toSocketId\":\"s2\",\"userId\":" \
    "\"u1\",\"displayName\":\"Ann\",\"role\":\"host\","
#define KNOCK  "I am new in your class."
#define PERSON ",\"userId\":\"g1\",\"name\":\"Bob\",\"timestamp\":1700000000000"

const struct said study_said[STUDY_SAID] = {
    { .name = "joined",
        .help = "You are in: the room as it is, twice (in roomState and beside it), and what you "
                "missed since the number you named, or null.",
        .example = "{\"seq\":12,\"epoch\":\"k3Jd\",\"self\":" SELF ",\"missed\":null,"
                   "\"roomState\":{" STATE "}," STATE "}" },
    { .name = "room:waiting",
        .help =
            "The hosts have been asked; joined or room:rejected follows. ownMessage is what they "
            "read of you, if you said something.",
        .example = "{" ROOM ",\"message\":\"Wait until a host lets you in.\",\"self\":" SELF
                   ",\"ownMessage\":\"" KNOCK "\"}" },
    { .name = "room:rejected",
        .help = "A host has turned your request down.",
        .example = NUMBERED ",\"message\":\"A host has turned down your request to join.\"}" },
    { .name = "room:joinRequest",
        .help =
            "To hosts: somebody waits to be let in, and what that person says, if anything; once "
            "more when it is something else.",
        .example = NUMBERED ",\"userId\":\"g1\",\"name\":\"Bob\",\"socketId\":\"s2\","
                            "\"timestamp\":1700000000000,\"message\":\"" KNOCK "\"}" },
    { .name = "user:joined",
        .help = "Somebody came, or came back, or opened one more connection. Make the offer.",
        .example = NUMBERED ",\"socketId\":\"s2\",\"userId\":\"u1\",\"user\":" USER ","
                            "\"joinedAt\":\"2023-11-14T22:13:20.000Z\",\"returned\":false,"
                            "\"initiator\":true,\"polite\":false}" },
    { .name = "user:left",
        .help = "A connection has gone, on purpose or lost.",
        .example = NUMBERED ",\"socketId\":\"s2\",\"userId\":\"u1\",\"lost\":false}" },
    { .name = "user:updated",
        .help = "Somebody has another role; once for each of the person's connections.",
        .example = NUMBERED ",\"socketId\":\"s2\",\"userId\":\"u1\",\"user\":" USER BY },
    { .name = "room:updated",
        .help = "The room has another title or other settings.",
        .example = NUMBERED ",\"title\":\"Algebra\",\"name\":\"Algebra\",\"settings\":" SETTINGS
                            "}" },
    { .name = "room:started",
        .help = "The interview has begun.",
        .example = NUMBERED ",\"startedAt\":\"2023-11-14T22:13:20.000Z\",\"endsAt\":null}" },
    { .name = "room:ended",
        .help = "The room is over.",
        .example = NUMBERED ",\"message\":\"The room has been ended by the host\",\"endedAt\":"
                            "\"2023-11-14T22:13:20.000Z\"}" },
    { .name = "presence:hand",
        .help = "Somebody raised or lowered the hand.",
        .example = NUMBERED ",\"socketId\":\"s2\",\"userId\":\"u1\",\"name\":\"Ann\","
                            "\"raised\":true,\"at\":1700000000000}" },
    { .name = "presence:typing",
        .help = "Somebody else begins or stops to write.",
        .example = "{" ROOM ",\"socketId\":\"s2\",\"userId\":\"u1\",\"name\":\"Ann\","
                   "\"isTyping\":true}" },
    { .name = "media:update",
        .help = "Which devices of a connection are on.",
        .example = "{" ROOM ",\"socketId\":\"s2\",\"userId\":\"u1\",\"name\":\"Ann\","
                   "\"audio\":true,\"video\":false,\"screen\":false}" },
    { .name = "control:muted",
        .help = "A host wants that connection silent; its page obeys, and says media:update.",
        .example = NUMBERED ",\"targetSocketId\":\"s2\",\"userId\":\"g1\",\"kind\":\"audio\"" BY },
    { .name = "control:kicked",
        .help = "Somebody was removed; once for each connection. The others hear user:left, too.",
        .example = NUMBERED ",\"targetSocketId\":\"s2\",\"userId\":\"g1\",\"reason\":\"\"" BY },
    { .name = "signal:offer",
        .help = "An offer from another connection.",
        .any = "sdp",
        .example = SIGNAL "\"sdp\":{\"type\":\"offer\",\"sdp\":\"v=0...\"}}" },
    { .name = "signal:answer",
        .help = "An answer from another connection.",
        .any = "sdp",
        .example = SIGNAL "\"sdp\":{\"type\":\"answer\",\"sdp\":\"v=0...\"}}" },
    { .name = "signal:ice",
        .help = "A candidate from another connection; null: there are no more.",
        .any = "candidate",
        .example = SIGNAL "\"candidate\":{\"candidate\":\"candidate:1 1 UDP ...\"}}" },
    { .name = "signal:data",
        .help = "Something else from another connection.",
        .any = "data",
        .example = SIGNAL "\"data\":{\"any\":\"thing\"}}" },
    { .name = "chat:message",
        .help = "Something was said, to everybody or to you. The members of message are beside "
                "it, too.",
        .example = "{\"seq\":12,\"message\":{" MESSAGE "}," MESSAGE "}" },
    { .name = "chat:edited",
        .help = "A message has another text.",
        .example = NUMBERED ",\"messageId\":\"m1\",\"id\":\"m1\",\"userId\":\"u1\","
                            "\"text\":\"Hello!\",\"editedAt\":\"2023-11-14T22:13:20.000Z\"}" },
    { .name = "chat:deleted",
        .help = "A message was taken back.",
        .example = NUMBERED ",\"messageId\":\"m1\",\"id\":\"m1\",\"by\":\"u1\"}" },
    { .name = "file:shared",
        .help = "A file was shared.",
        .example = NUMBERED
        ",\"fileMeta\":{\"_id\":\"f1\",\"id\":\"f1\"," ROOM ",\"userId\":\"u1\","
        "\"userName\":\"Ann\",\"name\":\"notes.pdf\",\"fileName\":\"notes.pdf\","
        "\"fileUrl\":\"/files/f1\",\"url\":\"/files/f1\",\"size\":1024,"
        "\"type\":\"application/pdf\",\"timestamp\":1700000000000,"
        "\"createdAt\":\"2023-11-14T22:13:20.000Z\"}}" },
    { .name = "whiteboard:update",
        .help = "Somebody else drew.",
        .any = "ops",
        .example = NUMBERED ",\"ops\":[{\"id\":\"d1-0\",\"type\":\"stroke\",\"points\":[[0,0],"
                            "[9,9]],\"color\":\"#000\",\"width\":2}]" BY },
    { .name = "whiteboard:cleared",
        .help = "The board is empty.",
        .example = NUMBERED ",\"by\":\"u1\"}" },
    { .name = "whiteboard:undone",
        .help = "An op has gone.",
        .example = NUMBERED ",\"opId\":\"d1-0\",\"by\":\"u1\"}" },
    { .name = "whiteboard:saved",
        .help = "The board was kept as it is.",
        .example = NUMBERED ",\"snapshotId\":\"b1\",\"savedBy\":\"u1\",\"createdAt\":"
                            "\"2023-11-14T22:13:20.000Z\",\"dataUrl\":null}" },
    { .name = "whiteboard:cursor",
        .help = "Where somebody else points.",
        .any = "cursor",
        .example = "{" ROOM ",\"socketId\":\"s2\",\"userId\":\"u1\",\"name\":\"Ann\","
                   "\"cursor\":{\"x\":1,\"y\":2}}" },
    { .name = "timer:state",
        .help = "The timer has changed.",
        .example = NUMBERED "," TIMER ",\"cause\":\"started\",\"by\":\"u1\"}" },
    { .name = "goal:updated",
        .help = "Somebody has another goal, or the room has.",
        .example = NUMBERED ",\"userId\":\"u1\",\"text\":\"Page 40\",\"done\":false,"
                            "\"shared\":false}" },
    { .name = "proctor:violation",
        .help = "To hosts: a candidate left the page, copied or pasted, or was lost.",
        .example = NUMBERED PERSON ",\"violationType\":\"TAB_SWITCH\",\"violationCount\":2,"
                                   "\"typeCount\":1,\"message\":\"Bob switched to another tab\"}" },
    { .name = "proctor:warning",
        .help = "To a candidate: there were as many violations as the room warns at.",
        .example = NUMBERED
        ",\"violationType\":\"TAB_SWITCH\",\"violationCount\":3,\"message\":"
        "\"Stay in this window, in fullscreen mode: leaving it is counted.\"}" },
    { .name = "proctor:cleared",
        .help = "To hosts: a candidate has come back to the page.",
        .example = NUMBERED PERSON ",\"violationType\":\"TAB_SWITCH\"}" },
    { .name = "code:changed",
        .help = "To hosts: what a candidate has written.",
        .example = NUMBERED PERSON ",\"code\":\"print(1)\",\"language\":\"python\"}" },
    { .name = "code:submitted",
        .help = "To hosts: a candidate has handed in, or the room did instead.",
        .example = NUMBERED PERSON ",\"submissionId\":\"c1\",\"code\":\"print(1)\",\"language\":"
                                   "\"python\",\"submissionTime\":1700000000000,"
                                   "\"automatic\":false}" },
    { .name = "error",
        .help = "A message that asked for no answer could not be followed.",
        .example = "{\"code\":\"NOT_IN_ROOM\",\"message\":\"Join the room first.\",\"event\":"
                   "\"chat:message\"," ROOM "}" },
};
