/* A room: what it is, what can be done in it, and what follows from that. Deterministic: no I/O, no
 * clock, no random numbers; times and ids come in with each deed, events come out. The state is
 * what one gets by folding the events, and every verb changes it in that way only.
 *
 *     struct events happened;
 *     events_init(&happened, arena);
 *     err = room_chat(&happened, room, &deed, &chat);
 *
 * On success the events are in the list and already folded into the room. On an error nothing was
 * changed, but for ERR_NO_MEMORY in the middle of a verb: then the room must be loaded anew. */
#pragma once

#include "base/list.h"
#include "base/map.h"
#include "room/event.h"

#define ROOM_ID_MAX        64
#define ROOM_TITLE_MAX     200   /* characters */
#define ROOM_USER_ID_MAX   50
#define ROOM_NAME_MAX      100
#define ROOM_SEAT_MAX      64
#define ROOM_TEXT_MAX      8000  /* characters of a chat message */
#define ROOM_CODE_MAX      200000 /* bytes of a program */
#define ROOM_KEEP_MESSAGES 500   /* the newest, for joining and editing; all are in the store */
#define ROOM_KEEP_FILES    500
#define ROOM_MAX_MEMBERS   2000  /* present or remembered */
#define ROOM_MAX_SEATS     8     /* connections of one person */
#define ROOM_MAX_OPS       20000
#define ROOM_BOARD_BYTES   (8u << 20)
#define ROOM_GRACE_MS      120000 /* a lost place is kept so long, unless told otherwise */

enum room_status { ROOM_WAITING, ROOM_LIVE, ROOM_ENDED };

enum verb {
#define VERB(id, who, states, rate) VERB_##id,
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

struct verb_info {
    const char *name; /* "CHAT_EDIT" */
    uint32_t roles;   /* bit `1 << enum role` */
    uint32_t states;  /* bit `1 << enum room_status` */
    enum rate_class rate;
};

const struct verb_info *verb_info(enum verb verb);

/* One connection of a member. */
struct seat {
    struct link link;
    char *id;
    bool audio; /* media: not stored, false after a restart */
    bool video;
    bool screen;
};

enum member_status { MEMBER_PENDING, MEMBER_APPROVED, MEMBER_REJECTED, MEMBER_KICKED };

struct member {
    struct link link; /* room->members, in order of their first coming */
    char *user_id;    /* the map's key */
    char *name;
    char *avatar_url;
    bool is_guest;
    bool is_present; /* has a seat, or had one a moment ago */
    bool hand;
    bool goal_done;
    bool has_submitted;
    enum member_status status;
    enum role role;
    struct link seats;
    int64_t joined_at_ms; /* the last time it came */
    int64_t lost_at_ms;   /* the last seat went; 0: it has one, or left */
    int64_t left_at_ms;
    int64_t hand_at_ms;
    char *goal;
    uint32_t violations; /* all kinds */
    uint32_t by_kind[REPORT_VIOLATIONS];
    char *code;
    size_t code_len;
    char *language;
    int64_t submitted_at_ms;
};

struct message {
    struct link link; /* room->messages */
    char *id;
    char *user_id;
    char *to; /* user id of a private message, or "" */
    char *name;
    char *text;
    char *attachments;
    char *reply_to;
    enum message_kind kind;
    int64_t at_ms;
    int64_t edited_at_ms; /* 0: never */
};

struct shared_file {
    struct link link; /* room->files */
    char *id;
    char *user_id;
    char *name;
    char *file_name;
    char *url;
    char *type;
    uint64_t bytes;
    int64_t at_ms;
};

/* An element of the board. */
struct op {
    struct link link; /* board->ops */
    char *id;         /* the map's key */
    char *user_id;
    char *json; /* the object, with its id */
    size_t json_len;
};

struct board {
    struct link ops;
    struct map by_id;
    uint32_t n;
    size_t bytes;
    char *snapshot_id; /* "" before the first */
    char *snapshot_url;
    char *snapshot_by;
    int64_t snapshot_at_ms;
    uint32_t n_in_snapshot; /* how many of `ops`, from the first, the snapshot holds */
};

struct room {
    char *id;
    char *title;
    char *owner_id; /* "" where nobody owns it */
    char *question; /* settings.question points to it */
    struct room_settings settings;
    enum room_status status;
    uint64_t seq; /* of the newest event that has one */
    int64_t created_at_ms;
    int64_t started_at_ms;
    int64_t ends_at_ms; /* 0: open */
    int64_t ended_at_ms;
    uint32_t grace_ms;
    struct link members;
    struct map by_user;
    uint32_t n_members;
    struct link messages; /* oldest first */
    uint32_t n_messages;
    struct link files;
    uint32_t n_files;
    struct board board;
    struct timer_state timer;
    char *goal;
    bool goal_done;
};

/* Who does it, from where, when; and an id for what it makes, if it makes something. */
struct deed {
    struct slice user_id; /* empty: the room itself */
    struct slice seat;
    int64_t at_ms;
    struct slice id;
};

/* ---- life ---- */

/* An empty room, before its first event. *copies* the id. */
struct room *room_new(struct slice id, struct map_key key);
void room_free(struct room *r);

/* Applies an event, as made here or read from the log. ERR_NO_MEMORY. */
int room_fold(struct room *r, const struct event *e) MUST_CHECK;

/* What a room has unless told otherwise: of its mode. */
struct room_settings room_default_settings(enum room_mode mode);

struct room_create {
    struct slice title;
    struct slice owner_id;
    struct room_settings settings;
};
int room_create(struct events *out, struct room *r, const struct deed *d,
    const struct room_create *a) MUST_CHECK;

/* Does what time brings: the end of a phase, of the room, of somebody's grace. Call it whenever
 * room_next_due() has come; earlier calls do nothing. */
int room_tick(struct events *out, struct room *r, int64_t at_ms) MUST_CHECK;
int64_t room_next_due(const struct room *r); /* INT64_MAX: nothing is due */

/* ---- who may ---- */

/* 0, or why not: ERR_NOT_IN_ROOM, ERR_WAITING_APPROVAL, ERR_NOT_HOST, ERR_ROOM_ENDED, ERR_CONFLICT
 * (not in this state of the room). */
int room_may(const struct room *r, enum verb verb, struct slice user_id) MUST_CHECK;

struct member *room_member(const struct room *r, struct slice user_id); /* NULL: unknown here */
enum role room_role(const struct room *r, struct slice user_id);
struct seat *room_seat(const struct member *m, struct slice seat);

/* The member that sits there, or NULL. */
struct member *room_member_at(const struct room *r, struct slice seat);
unsigned room_connected(const struct room *r); /* people with a seat */

/* Whether that member is among those who are told. */
bool room_is_told(const struct room *r, const struct event *e, const struct member *m);

/* ---- coming and going: room/people.c ---- */

struct room_join {
    struct slice name;
    struct slice avatar_url;
    bool is_guest;
};

enum join_result { JOIN_ENTERED, JOIN_RETURNED, JOIN_WAITS };

/* Takes the deed's seat. ERR_KICKED, ERR_ROOM_LOCKED, ERR_ROOM_FULL, ERR_TOO_MANY (seats). */
int room_join(enum join_result *result, struct events *out, struct room *r, const struct deed *d,
    const struct room_join *a) MUST_CHECK;
int room_leave(struct events *out, struct room *r, const struct deed *d) MUST_CHECK;

/* The connection of that seat was lost: the place is kept for a while. */
int room_lose(struct events *out, struct room *r, const struct deed *d) MUST_CHECK;

int room_approve(struct events *out, struct room *r, const struct deed *d, struct slice target,
    bool is_approved) MUST_CHECK;
int room_kick(struct events *out, struct room *r, const struct deed *d, struct slice target,
    struct slice reason) MUST_CHECK;
int room_readmit(struct events *out, struct room *r, const struct deed *d,
    struct slice target) MUST_CHECK;
int room_set_role(struct events *out, struct room *r, const struct deed *d, struct slice target,
    enum role role) MUST_CHECK;
int room_mute(struct events *out, struct room *r, const struct deed *d, struct slice target,
    struct slice kind) MUST_CHECK;
int room_hand(struct events *out, struct room *r, const struct deed *d, bool is_raised) MUST_CHECK;

struct room_media {
    bool audio;
    bool video;
    bool screen;
};
int room_set_media(struct events *out, struct room *r, const struct deed *d,
    const struct room_media *a) MUST_CHECK;
int room_typing(struct events *out, struct room *r, const struct deed *d, bool is_typing) MUST_CHECK;

struct room_signal {
    struct slice to_seat;
    struct slice kind;
    struct slice data;
};
/* ERR_NOT_FOUND: nobody sits there. */
int room_signal(struct events *out, struct room *r, const struct deed *d,
    const struct room_signal *a) MUST_CHECK;

/* ---- the room itself: room/life.c ---- */

struct room_update {
    struct slice title; /* p NULL: as it is */
    struct room_settings settings;
};
int room_update(struct events *out, struct room *r, const struct deed *d,
    const struct room_update *a) MUST_CHECK;
int room_start(struct events *out, struct room *r, const struct deed *d) MUST_CHECK;
int room_end(struct events *out, struct room *r, const struct deed *d,
    struct slice message) MUST_CHECK;

/* ---- talk: room/talk.c ---- */

struct room_chat {
    struct slice text;
    struct slice to; /* user id of a private message, or empty */
    struct slice attachments;
    struct slice reply_to;
    enum message_kind kind;
};
int room_chat(struct events *out, struct room *r, const struct deed *d,
    const struct room_chat *a) MUST_CHECK;

/* By its author, or by a host. ERR_NOT_FOUND, ERR_FORBIDDEN. */
int room_chat_edit(struct events *out, struct room *r, const struct deed *d, struct slice id,
    struct slice text) MUST_CHECK;
int room_chat_delete(struct events *out, struct room *r, const struct deed *d,
    struct slice id) MUST_CHECK;

struct room_file {
    struct slice file_name;
    struct slice url;
    struct slice type;
    uint64_t bytes;
};
int room_share(struct events *out, struct room *r, const struct deed *d,
    const struct room_file *a) MUST_CHECK;

/* ---- the board: room/board.c ---- */

/* `ops` is a JSON array of objects; those without an id get one from the deed's. */
int room_draw(struct events *out, struct room *r, const struct deed *d, struct slice ops) MUST_CHECK;

/* One's own, or, as a host, anybody's. */
int room_undraw(struct events *out, struct room *r, const struct deed *d,
    struct slice op_id) MUST_CHECK;
int room_clear(struct events *out, struct room *r, const struct deed *d) MUST_CHECK;
int room_save_board(struct events *out, struct room *r, const struct deed *d,
    struct slice url) MUST_CHECK;
int room_cursor(struct events *out, struct room *r, const struct deed *d,
    struct slice data) MUST_CHECK;

/* ---- time: room/focus.c ---- */

enum timer_act { TIMER_ACT_START, TIMER_ACT_PAUSE, TIMER_ACT_RESUME, TIMER_ACT_RESET, TIMER_ACT_SKIP };

struct room_timer {
    enum timer_act act;
    enum timer_phase phase; /* of START */
    uint32_t length_ms;     /* of START; 0: as the settings say */
};
int room_set_timer(struct events *out, struct room *r, const struct deed *d,
    const struct room_timer *a) MUST_CHECK;
int64_t room_timer_left(const struct room *r, int64_t at_ms);

struct room_goal {
    bool is_shared;
    bool is_done;
    struct slice text;
};
int room_set_goal(struct events *out, struct room *r, const struct deed *d,
    const struct room_goal *a) MUST_CHECK;

/* ---- interviews: room/exam.c ---- */

int room_report(struct events *out, struct room *r, const struct deed *d,
    enum report_kind kind) MUST_CHECK;

struct room_code {
    struct slice code;
    struct slice language;
};
int room_code(struct events *out, struct room *r, const struct deed *d,
    const struct room_code *a) MUST_CHECK;
int room_submit(struct events *out, struct room *r, const struct deed *d,
    const struct room_code *a) MUST_CHECK;
