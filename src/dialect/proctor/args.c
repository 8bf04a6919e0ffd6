/* What a message may carry. The `userId` that clients send about themselves, and a `token` anywhere
 * but in CREATE_ROOM and JOIN_ROOM, are in no table: whoever asks is whom the connection knows. */
#include "auth/jws.h"
#include "dialect/proctor/parts.h"

#define ROOM_ID_FIELD(struct_type)                                                    \
    .name = "roomId", FIELD_MEMBER(struct_type, room_id), .type = FIELD_ID, .min = 1, \
    .max = ROOM_ID_MAX

#define IN_ROOM_FIELD(struct_type) \
    ROOM_ID_FIELD(struct_type), .help = "the room; without it the one that the connection is in"

#define USER_ID_FIELD(struct_type)                                                    \
    .name = "userId", FIELD_MEMBER(struct_type, user_id), .type = FIELD_ID, .min = 1, \
    .max = ROOM_USER_ID_MAX, .required = true

#define TOKEN_FIELD(struct_type)                                                                \
    .name = "token", FIELD_MEMBER(struct_type, token), .type = FIELD_STR, .max = JWS_MAX_BYTES, \
    .trim = true, .help = "who asks; without it a guest, if guests may"

#define USERNAME_FIELD(struct_type)                                             \
    .name = "username", FIELD_MEMBER(struct_type, username), .type = FIELD_STR, \
    .max = ROOM_NAME_MAX, .trim = true, .one_line = true, .help = "what a guest is called"

static const struct field create_list[] = {
    { TOKEN_FIELD(struct proctor_create) },
    { USERNAME_FIELD(struct proctor_create) },
    { .name = "roomname",
        .aliases = { "roomName", "title" },
        FIELD_MEMBER(struct proctor_create, roomname),
        .type = FIELD_STR,
        .required = true,
        .trim = true,
        .one_line = true,
        .min = 1,
        .max = ROOM_TITLE_MAX,
        .help = "what the room is called" },
    { .name = "maxGuests",
        FIELD_MEMBER(struct proctor_create, max_guests),
        .type = FIELD_INT,
        .required = true,
        .min = 1,
        .max = ROOM_MAX_MEMBERS,
        .help = "how many candidates may be in at a time" },
    { .name = "question",
        FIELD_MEMBER(struct proctor_create, question),
        .type = FIELD_STR,
        .required = true,
        .max = ROOM_QUESTION_MAX,
        .help = "what candidates are asked" },
    { .name = "duration",
        FIELD_MEMBER(struct proctor_create, duration),
        .type = FIELD_DOUBLE,
        .required = true,
        .min = MINUTES_MIN,
        .max = PROCTOR_DURATION,
        .help = "minutes from START_ROOM to the end" },
    { .name = "isPublic",
        FIELD_MEMBER(struct proctor_create, is_public),
        .type = FIELD_BOOL,
        .help = "whether lists of rooms show it" },
    { .name = "autoApprove",
        FIELD_MEMBER(struct proctor_create, auto_approve),
        .type = FIELD_BOOL,
        .help = "whether candidates come in without being approved" },
};
const struct fields proctor_create_fields = FIELDS(create_list);

static const struct field join_list[] = {
    { TOKEN_FIELD(struct proctor_join) },
    { .aliases = { "name" }, USERNAME_FIELD(struct proctor_join) },
    { ROOM_ID_FIELD(struct proctor_join), .required = true, .help = "the room to come into" },
    REPLAY_FIELDS(struct proctor_join, from),
};
const struct fields proctor_join_fields = FIELDS(join_list);

static const struct field in_room_list[] = {
    { IN_ROOM_FIELD(struct proctor_in_room) },
};
const struct fields proctor_in_room_fields = FIELDS(in_room_list);

static const struct field approve_list[] = {
    { IN_ROOM_FIELD(struct proctor_approve) },
    { USER_ID_FIELD(struct proctor_approve), .help = "who waits" },
    { .name = "approve",
        FIELD_MEMBER(struct proctor_approve, approve),
        .type = FIELD_BOOL,
        .required = true,
        .help = "true lets in, false rejects" },
};
const struct fields proctor_approve_fields = FIELDS(approve_list);

static const struct field kick_list[] = {
    { IN_ROOM_FIELD(struct proctor_kick) },
    { USER_ID_FIELD(struct proctor_kick), .help = "who has to go" },
    { .name = "reason",
        FIELD_MEMBER(struct proctor_kick, reason),
        .type = FIELD_STR,
        .trim = true,
        .max = ROOM_REASON_MAX,
        .help = "why, as everybody is told" },
};
const struct fields proctor_kick_fields = FIELDS(kick_list);

static const struct field code_list[] = {
    { IN_ROOM_FIELD(struct proctor_code) },
    { .name = "code",
        FIELD_MEMBER(struct proctor_code, code),
        .type = FIELD_STR,
        .required = true,
        .max = ROOM_CODE_MAX,
        .help = "the whole program" },
    { .name = "language",
        FIELD_MEMBER(struct proctor_code, language),
        .type = FIELD_STR,
        .required = true,
        .trim = true,
        .one_line = true,
        .min = 1,
        .max = ROOM_LANGUAGE_MAX,
        .help = "what it is written in" },
};
const struct fields proctor_code_fields = FIELDS(code_list);

static const struct field chat_list[] = {
    { IN_ROOM_FIELD(struct proctor_chat) },
    ASK_CHAT_ID(struct proctor_chat, id),
    { .name = "text",
        .aliases = { "message" },
        FIELD_MEMBER(struct proctor_chat, text),
        .type = FIELD_STR,
        .required = true,
        .min = 1,
        .max = ROOM_TEXT_MAX,
        .help = "what is said to all" },
};
const struct fields proctor_chat_fields = FIELDS(chat_list);
