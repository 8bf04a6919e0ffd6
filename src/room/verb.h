/* What can be done in a room. Each verb checks who asks and in which state the room is, by the
 * table verb.def, and then what is asked; what happened comes out as events, already folded.
 *
 *     struct events happened;
 *     events_init(&happened, arena);
 *     err = room_chat(&happened, room, &deed, &chat);
 *
 * On an error nothing was changed, but for ERR_NO_MEMORY in the middle of a verb: then the room
 * must be loaded anew. Texts that do not fit their bounds are ERR_BAD_FIELD. Used by hub/ and,
 * through it, by the dialects. */
#pragma once

#include "room/room.h"

enum verb {
#define VERB(id, who, states, rate, durability) VERB_##id,
#include "room/verb.def"
#undef VERB
    VERB_COUNT,
};

enum rate_class {
    RATE_JOIN,
    RATE_CONTROL,
    RATE_PRESENCE,
    RATE_SIGNAL,
    RATE_CHAT,
    RATE_BOARD,
    RATE_PROCTOR,
    RATE_CODE,
    RATE_CLASSES,
};

#define VERB_BY_ROOM (1u << ROLE_COUNT) /* the room itself, and its owner while away */

struct verb_info {
    const char *name; /* "CHAT_EDIT" */
    uint32_t roles;   /* bit `1 << enum role`, VERB_BY_ROOM */
    uint32_t states;  /* bit `1 << enum room_status` */
    enum rate_class rate;
    enum durability durability; /* of what it leads to, at most */
};

const struct verb_info *verb_info(enum verb verb);

/* Who does it, from where, when; and an id of what it makes, or by which the asker knows it. */
struct deed {
    struct slice user_id; /* empty: the room itself */
    struct slice seat;
    int64_t at_ms;
    struct slice id;
};

/* ---- who may ---- */

/* 0, or why not: ERR_NOT_IN_ROOM, ERR_WAITING_APPROVAL, ERR_NOT_HOST by who asks, and then
 * ERR_ROOM_ENDED, ERR_CONFLICT by the state of the room. Without a user id the room itself asks. */
int room_may(const struct room *r, enum verb verb, struct slice user_id) MUST_CHECK;

/* ---- the room itself: room/life.c ---- */

/* What a room has unless told otherwise: of its mode. */
struct room_settings room_default_settings(enum room_mode mode);

struct room_create {
    struct slice title;
    struct slice owner_id;
    struct room_settings settings;
};
int room_create(struct events *out, struct room *r, const struct deed *d,
    const struct room_create *a) MUST_CHECK;

struct room_update {
    struct slice title; /* p NULL: as it is */
    struct room_settings settings;
};
int room_update(struct events *out, struct room *r, const struct deed *d,
    const struct room_update *a) MUST_CHECK;
int room_start(struct events *out, struct room *r, const struct deed *d) MUST_CHECK;

/* Without a message, one that says that the host did it. Unsent code stays unsent. */
int room_end(
    struct events *out, struct room *r, const struct deed *d, struct slice message) MUST_CHECK;

/* ---- coming and going: room/people.c ---- */

struct room_join {
    struct slice name;
    struct slice avatar_url;
    bool is_guest;
    struct slice knock; /* to the hosts, should one wait; p NULL: what one has said before */
};

enum join_result { JOIN_ENTERED, JOIN_RETURNED, JOIN_WAITS };

/* Takes the deed's seat. On one's own already nothing happens, unless `knock` is new. ERR_KICKED,
 * ERR_ROOM_LOCKED, ERR_ROOM_FULL, ERR_TOO_MANY (seats), ERR_CONFLICT (somebody else's seat). */
int room_join(enum join_result *result, struct events *out, struct room *r, const struct deed *d,
    const struct room_join *a) MUST_CHECK;

/* From the deed's seat; without one from all. ERR_NOT_IN_ROOM. */
int room_leave(struct events *out, struct room *r, const struct deed *d) MUST_CHECK;

/* The connection of that seat was lost: the place is kept for a while. In every state of the room.
 * ERR_NOT_IN_ROOM: the seat is not this user's (any more). Nobody is blamed for a loss of ours. */
enum loss { LOSS_THEIRS, LOSS_OURS };
int room_lose(struct events *out, struct room *r, const struct deed *d, enum loss whose) MUST_CHECK;

/* ERR_NOT_FOUND: the target does not wait. ERR_ROOM_FULL. */
int room_approve(struct events *out, struct room *r, const struct deed *d, struct slice target,
    bool is_approved) MUST_CHECK;

/* A ban until it is lifted, of anybody who has been or is waiting here. ERR_FORBIDDEN: the owner,
 * oneself, or, as a cohost, a host. ERR_NOT_FOUND, ERR_CONFLICT (is kicked). */
int room_kick(struct events *out, struct room *r, const struct deed *d, struct slice target,
    struct slice reason) MUST_CHECK;

/* The target may come as one who was approved. ERR_NOT_FOUND: is not kicked. */
int room_readmit(
    struct events *out, struct room *r, const struct deed *d, struct slice target) MUST_CHECK;

/* Of somebody approved, here or away. ERR_FORBIDDEN: of the owner; to or from host in an owned
 * room, but by the owner or from oneself; from the last host of a room that nobody owns. */
int room_set_role(struct events *out, struct room *r, const struct deed *d, struct slice target,
    enum role role) MUST_CHECK;

/* ---- with a seat: room/presence.c ---- */

/* `kind` is audio, video or screen. ERR_NOT_FOUND: the target is not here. */
int room_mute(struct events *out, struct room *r, const struct deed *d, struct slice target,
    struct slice kind) MUST_CHECK;

/* These need the deed's seat: ERR_NOT_IN_ROOM. */
int room_hand(struct events *out, struct room *r, const struct deed *d, bool is_raised) MUST_CHECK;

struct room_media {
    bool audio, video, screen;
};
int room_set_media(struct events *out, struct room *r, const struct deed *d,
    const struct room_media *a) MUST_CHECK;
int room_typing(
    struct events *out, struct room *r, const struct deed *d, bool is_typing) MUST_CHECK;

struct room_signal {
    struct slice to_seat, kind, data;
};
/* ERR_NOT_FOUND: nobody sits there. */
int room_signal(struct events *out, struct room *r, const struct deed *d,
    const struct room_signal *a) MUST_CHECK;

/* ---- talk: room/talk.c ---- */

struct room_chat {
    struct slice text;
    struct slice to; /* user id of a private message, or empty */
    struct slice attachments;
    struct slice reply_to;
    enum message_kind kind;
};
/* Said again under an id that the room remembers, nothing happens. ERR_CONFLICT: it is somebody
 * else's. ERR_NOT_FOUND: `to`. */
int room_chat(
    struct events *out, struct room *r, const struct deed *d, const struct room_chat *a) MUST_CHECK;

/* By a member, or by somebody outside by that name, where everybody may come in at any time: not
 * where hosts let people in, not in a locked room or an interview. ERR_NOT_IN_ROOM, ERR_KICKED. */
struct room_say {
    struct slice name;
    struct room_chat chat;
};
int room_say(
    struct events *out, struct room *r, const struct deed *d, const struct room_say *a) MUST_CHECK;

/* Edited by its author alone, deleted by hosts, too. A private one exists for its two people only.
 * ERR_NOT_FOUND, ERR_FORBIDDEN. */
int room_chat_edit(struct events *out, struct room *r, const struct deed *d, struct slice id,
    struct slice text) MUST_CHECK;
int room_chat_delete(
    struct events *out, struct room *r, const struct deed *d, struct slice id) MUST_CHECK;

struct room_file {
    struct slice file_name;
    struct slice url;
    struct slice type;
    uint64_t bytes;
};
int room_share(
    struct events *out, struct room *r, const struct deed *d, const struct room_file *a) MUST_CHECK;

/* ---- the board: room/board.c ---- */

/* `ops` is a JSON array of objects with a `type`; those without an `id` get the deed's and their
 * place: "d7-0". One whose id the board has replaces that op in its place, by its author or a host.
 * ERR_TOO_MANY: more than the board holds. */
int room_draw(
    struct events *out, struct room *r, const struct deed *d, struct slice ops) MUST_CHECK;

/* One's own, or, as a host, anybody's. */
int room_undraw(
    struct events *out, struct room *r, const struct deed *d, struct slice op_id) MUST_CHECK;
int room_clear(struct events *out, struct room *r, const struct deed *d) MUST_CHECK;
int room_save_board(
    struct events *out, struct room *r, const struct deed *d, struct slice url) MUST_CHECK;
int room_cursor(
    struct events *out, struct room *r, const struct deed *d, struct slice data) MUST_CHECK;

/* ---- time: room/focus.c ---- */

enum timer_act {
    TIMER_ACT_START,
    TIMER_ACT_PAUSE,
    TIMER_ACT_RESUME,
    TIMER_ACT_RESET,
    TIMER_ACT_SKIP
};

struct room_timer {
    enum timer_act act;
    enum timer_phase phase; /* of START */
    uint32_t length_ms;     /* of START; 0: as the settings say */
};
int room_set_timer(struct events *out, struct room *r, const struct deed *d,
    const struct room_timer *a) MUST_CHECK;
/* Of the phase; 0 when it is idle. */
int64_t room_timer_left(const struct room *r, int64_t at_ms);

struct room_goal {
    bool is_shared;
    bool is_done;
    struct slice text;
};
int room_set_goal(
    struct events *out, struct room *r, const struct deed *d, const struct room_goal *a) MUST_CHECK;

/* ---- interviews: room/exam.c ---- */

/* REPORT, SUBMIT: again under an id that is remembered of this person, nothing happens. Reports
 * need none: then each is another one. */
int room_report(
    struct events *out, struct room *r, const struct deed *d, enum report_kind kind) MUST_CHECK;

struct room_code {
    struct slice code;
    struct slice language;
};
int room_code(
    struct events *out, struct room *r, const struct deed *d, const struct room_code *a) MUST_CHECK;
int room_submit(
    struct events *out, struct room *r, const struct deed *d, const struct room_code *a) MUST_CHECK;
