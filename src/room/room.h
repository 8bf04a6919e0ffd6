/* A room: what it is, who is in it, what an event makes of it, what time brings. What people do in
 * it is in room/verb.h. Deterministic: no I/O, no clock, no random numbers; times and ids come in
 * with each deed, events come out. The state is what one gets by folding the events, and every verb
 * changes it in that way only. Used by hub/, read by the dialects. */
#pragma once

#include "base/list.h"
#include "base/map.h"
#include "room/event.h"

#define ROOM_ID_MAX          64
#define ROOM_TITLE_MAX       200 /* characters */
#define ROOM_USER_ID_MAX     50
#define ROOM_NAME_MAX        100
#define ROOM_KNOCK_MAX       200   /* characters: what somebody who waits says to the hosts */
#define ROOM_REASON_MAX      500   /* characters: why somebody is kicked, with what a room ends */
#define ROOM_QUESTION_MAX    20000 /* characters */
#define ROOM_SEAT_MAX        64
#define ROOM_TEXT_MAX        8000   /* characters of a chat message */
#define ROOM_CODE_MAX        200000 /* bytes of a program */
#define ROOM_ATTACHMENTS_MAX 16384  /* bytes of JSON beside a chat message */
#define ROOM_FILE_NAME_MAX   255    /* characters */
#define ROOM_FILE_TYPE_MAX   127
#define ROOM_FILE_BYTES_MAX  (1ull << 40)
#define ROOM_GOAL_MAX        500 /* characters */
#define ROOM_LANGUAGE_MAX    50
#define ROOM_KEEP_MESSAGES   500 /* the newest, for joining and editing; all are in the store */
#define ROOM_KEEP_FILES      500
#define ROOM_KEEP_REPORTS    64 /* the newest ids of one person: a page repeats what it sent last */
#define ROOM_KEEP_HANDED_IN  16 /* likewise */
#define ROOM_MAX_MEMBERS     2000 /* present or remembered */
#define ROOM_MAX_SEATS       8    /* connections of one person */
#define ROOM_MAX_OPS         20000
#define ROOM_BOARD_BYTES     (8u << 20)
#define ROOM_DRAW_OPS        200         /* in one verb */
#define ROOM_DRAW_BYTES      (1u << 20)  /* all of them, as sent */
#define ROOM_OP_BYTES        (64u << 10) /* one, with its id */
#define ROOM_OP_TYPE_MAX     32          /* characters */
#define ROOM_CURSOR_MAX      1024        /* bytes of JSON */
#define ROOM_PHASE_MIN_MS    600 /* a hundredth of a minute: of the timer's phases, of a room */
#define ROOM_PHASE_MAX_MS    86400000 /* a day: of the timer's phases */
#define ROOM_FOCUSED_MIN_MS \
    1000                     /* shorter is not noted: whoever may stop the timer could fill
                                         the log */
#define ROOM_GRACE_MS 120000 /* a lost place is kept so long, unless told otherwise */

/* One connection of a member. */
struct seat {
    struct link link;
    char *id;
    bool audio; /* media: not stored, false after a restart */
    bool video;
    bool screen;
};

struct member {
    /* What is asked whenever somebody is told something comes first: it is mostly met cold. */
    struct link link; /* room->members, in order of their first coming */
    enum member_status status;
    enum role role;
    bool is_present; /* has a seat, or had one a moment ago */
    bool is_guest;
    bool hand;
    bool goal_done;
    bool has_submitted;
    uint64_t joined_seq; /* of the event it came with: it is not told what was before */
    struct link seats;
    char *user_id; /* the map's key */

    char *name;
    char *avatar_url;
    char *knock;          /* what it says to the hosts while it waits */
    int64_t joined_at_ms; /* the last time it came, or, while it waits, asked */
    int64_t lost_at_ms;   /* the last seat went; 0: it has one, or left */
    int64_t left_at_ms;
    int64_t hand_at_ms;
    int64_t focus_since_ms; /* connected while a focus runs, and not noted yet; 0: it is not so */
    char *goal;
    uint32_t violations; /* all kinds */
    uint32_t by_kind[REPORT_VIOLATIONS];
    bool is_warned;         /* of its violations */
    bool is_auto_submitted; /* for its violations */
    bool is_code_new;       /* changed since it was last submitted */
    char *code;             /* the latest */
    size_t code_len;
    char *language;
    int64_t submitted_at_ms;
    char *reports;   /* the newest that have ids: room/receipts.h */
    char *handed_in; /* the newest submissions, likewise */
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
    uint64_t seq; /* of the event that said it */
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
    uint64_t number; /* counts up along `ops` */
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
    uint32_t n_in_snapshot;   /* how many of `ops`, from the first, the snapshot holds */
    uint64_t next_number;     /* of a new op */
    uint64_t snapshot_number; /* ops with smaller ones are the snapshot's */
};

struct room {
    char *id;
    char *title;
    char *owner_id; /* "" where nobody owns it */
    char *question; /* settings.question points to it */
    struct room_settings settings;
    enum room_status status;
    uint64_t seq;     /* of the newest event that has one */
    bool is_recalled; /* nothing has been folded but what room_recall() gave */
    int64_t created_at_ms;
    int64_t started_at_ms;
    int64_t ends_at_ms; /* 0: open */
    int64_t ended_at_ms;
    uint32_t grace_ms;
    struct link members;
    struct map by_user;
    struct member *recent; /* found last: a verb asks for its actor half a dozen times */
    uint32_t n_members;
    struct link messages; /* oldest first */
    struct map messages_by_id;
    uint32_t n_messages;
    struct link files;
    uint32_t n_files;
    struct board board;
    struct timer_state timer;
    char *goal;
    bool goal_done;
};

/* ---- life ---- */

/* An empty room, before its first event. *copies* the id. */
struct room *room_new(struct slice id, struct map_key key);
void room_free(struct room *r);

/* Applies an event, as made here or read from the log, which may have lost older ones: what is
 * about something unknown changes nothing. ERR_NO_MEMORY: the room must be loaded anew;
 * ERR_CONFLICT: it is not newer than the newest folded. */
int room_fold(struct room *r, const struct event *e) MUST_CHECK;

/* An event of that number was there and is to be forgotten. ERR_CONFLICT as above. */
int room_skip(struct room *r, uint64_t seq) MUST_CHECK;

/* The whole room as it is, in events that give the same room when they are folded into an empty one
 * (where nothing else has been folded, or ERR_CONFLICT): all but what a restart ends (what a seat's
 * camera does) and `grace_ms`, which the room is told. None of a room that has no events yet. Texts
 * are *borrowed* from the room. ERR_NO_MEMORY, ERR_TOO_BIG: the arena. */
int room_recall(struct events *out, const struct room *r) MUST_CHECK;

/* Does what time brings: the end of a phase, of the room, of somebody's grace. Call it whenever
 * room_next_due() has come; earlier calls do nothing. What would be too much for one append is left
 * for the next call: it is due at once. */
int room_tick(struct events *out, struct room *r, int64_t at_ms) MUST_CHECK;
int64_t room_next_due(const struct room *r); /* INT64_MAX: nothing is due */

/* ---- questions ---- */

struct member *room_member(const struct room *r, struct slice user_id); /* NULL: unknown here */

struct message *room_message(const struct room *r, struct slice id); /* NULL: not remembered */

/* When somebody handed in under that id; 0: never, or too many ago. */
int64_t room_handed_in_ms(const struct room *r, struct slice user_id, struct slice id);

/* What somebody is now: an outsider while away, whatever the role that waits for the return. */
enum role room_role(const struct room *r, struct slice user_id);
struct seat *room_seat(const struct member *m, struct slice seat);

/* The member that sits there, or NULL. */
struct member *room_member_at(const struct room *r, struct slice seat);
unsigned room_connected(const struct room *r); /* people inside with a seat */

/* An event that has been folded, with the members it is from and about: looked for once for all who
 * may be told. NULL: nobody, or unknown here. */
struct room_news {
    const struct event *event;
    const struct member *actor;
    const struct member *target;
};

struct room_news room_news(const struct room *r, const struct event *e);

/* Whether that member is among those who are told; whether that seat of it is. Those who wait hear
 * only what is about themselves, and the end; those who were kicked hear that, and nothing more. */
bool room_is_told(const struct room_news *news, const struct member *m);
bool room_seat_is_told(const struct room_news *news, const struct member *m, const char *seat);
