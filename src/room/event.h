/* An event: something that has happened in a room. Verbs make them, room_fold() applies them, the
 * hub stores and tells them, dialects put them into words. Texts are *borrowed*: from the verb's
 * arguments, from the room or from the list's arena. */
#pragma once

#include "base/arena.h"
#include "room/terms.h"

enum event_type {
#define EVENT(id, durability, audience) EV_##id,
#include "room/event.def"
#undef EVENT
    EV_COUNT,
};

enum durability { DURABILITY_NONE, DURABILITY_LAZY, DURABILITY_COMMIT };

enum audience {
    AUDIENCE_ALL,
    AUDIENCE_OTHERS,
    AUDIENCE_HOSTS,
    AUDIENCE_TARGET,
    AUDIENCE_PAIR,
    AUDIENCE_NOBODY,
};

struct event_info {
    const char *name; /* "CHAT": stable, it stands in the log */
    enum durability durability;
    enum audience audience;
};

const struct event_info *event_info(enum event_type type);

struct event {
    enum event_type type;
    enum audience audience; /* of the type, unless narrowed */
    uint64_t seq;           /* 0 where the durability is NONE */
    int64_t at_ms;
    struct slice actor;  /* user id; empty: the room itself */
    struct slice seat;   /* the connection it came from; empty: none */
    struct slice target; /* user id; empty: nobody in particular */
    union {
        struct {
            struct slice title;
            struct slice owner_id; /* empty: nobody owns it */
            struct room_settings settings;
        } created;
        struct {
            struct slice title;
            struct room_settings settings;
        } updated;
        struct {
            int64_t ends_at_ms; /* 0: open */
        } started;
        struct {
            struct slice message;
        } ended;
        /* REQUESTED, JOINED, RETURNED. The actor comes, from `seat`. */
        struct {
            struct slice name;
            struct slice avatar_url;
            bool is_guest;
            enum role role;
            uint32_t seats;     /* of this person now; 1: it was not there before, or lost */
            struct slice knock; /* of REQUESTED: what it says to the hosts; often empty */
        } person;
        /* LOST, LEFT. The actor goes, from `seat`. */
        struct {
            uint32_t seats; /* that it still has; 0: the person is gone */
        } gone;
        struct {
            struct slice reason;
            struct slice seats; /* that it had, each but the last with a newline behind it */
        } kicked;
        struct {
            enum role role;
        } role;
        struct {
            struct slice kind; /* "audio", "video" */
        } muted;
        struct {
            bool is_raised;
        } hand;
        struct {
            bool audio;
            bool video;
            bool screen;
        } media;
        struct {
            bool is_typing;
        } typing;
        /* From `seat` to `to_seat`, opaque. */
        struct {
            struct slice to_seat;
            struct slice kind; /* "offer", "answer", "candidate", "data" */
            struct slice data; /* JSON */
        } signal;
        struct {
            struct slice id;
            struct slice name; /* of the author, as it was then */
            struct slice text;
            struct slice attachments; /* a JSON array, or empty */
            struct slice reply_to;
            enum message_kind kind;
            int64_t edited_at_ms; /* of KEPT_MESSAGE; 0: not yet */
            uint64_t said_seq; /* of the event that said it; of CHAT: 0. Stored with KEPT alone */
        } chat;                /* CHAT, CHAT_EDITED, CHAT_DELETED, KEPT_MESSAGE */
        struct {
            struct slice id;
            struct slice name; /* of the person */
            struct slice file_name;
            struct slice url;
            struct slice type;
            uint64_t bytes;
        } file; /* FILE, KEPT_FILE */
        struct {
            struct slice ops; /* a JSON array of objects, each with its id */
        } drew;
        struct {
            struct slice op_id;
        } undrew;
        struct {
            struct slice id;
            struct slice url; /* of a picture, or empty */
        } saved;
        struct {
            struct slice data; /* JSON */
        } cursor;
        struct {
            struct timer_state state;
            enum timer_cause cause;
        } timer;
        struct {
            bool is_shared; /* the room's; else the actor's own */
            bool is_done;
            struct slice text;
        } goal;
        struct {
            int64_t since_ms;
        } focused;
        struct {
            enum report_kind kind;
            uint32_t total; /* of this person, with this one */
            uint32_t of_kind;
            struct slice id; /* that the page gave its report, or empty */
        } violation;         /* VIOLATION, WARNED, VIOLATION_CLEARED */
        struct {
            struct slice id; /* of a submission */
            struct slice code;
            struct slice language;
            bool is_automatic; /* time ran out, or too many violations */
        } code;                /* CODE, SUBMITTED */
        /* At the moment when it was made. Of room.h's structs, the members of these names. */
        struct {
            struct slice title;
            struct slice owner_id;
            struct slice goal;
            struct room_settings settings;
            struct timer_state timer;
            enum room_status status;
            bool goal_done;
            int64_t started_at_ms;
            int64_t ends_at_ms;
            int64_t ended_at_ms;
            struct slice snapshot_id; /* of the board, as the following */
            struct slice snapshot_url;
            struct slice snapshot_by;
            int64_t snapshot_at_ms;
            uint64_t snapshot_number;
            uint64_t next_number;
        } kept_room;
        /* The actor, who came last or asked at that moment. */
        struct {
            struct slice name;
            struct slice avatar_url;
            struct slice knock;
            struct slice seats; /* as of KICKED */
            struct slice goal;
            struct slice code;
            struct slice language;
            struct slice reports;
            struct slice handed_in;
            enum member_status status;
            enum role role;
            bool is_guest;
            bool is_present;
            bool hand;
            bool goal_done;
            bool is_warned;
            bool has_submitted;
            bool is_auto_submitted;
            bool is_code_new;
            uint64_t joined_seq;
            int64_t lost_at_ms;
            int64_t left_at_ms;
            int64_t hand_at_ms;
            int64_t focus_since_ms;
            int64_t submitted_at_ms;
            uint32_t violations;
            uint32_t by_kind[REPORT_VIOLATIONS];
        } kept_member;
        struct {
            struct slice id;
            struct slice json;
            uint64_t number;
        } kept_op; /* the actor's */
    };
};

/* What a verb yields, in order. */
struct events {
    struct event *at;
    uint32_t n;
    uint32_t cap;
    struct arena *arena; /* *borrows* */
};

void events_init(struct events *list, struct arena *arena);

/* A zeroed event at the end of the list, with its type's audience. Valid until the next one is
 * added. NULL: the arena is used up. */
struct event *events_add(struct events *list, enum event_type type) MUST_CHECK;
