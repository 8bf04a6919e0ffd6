/* What the files of dialect/proctor/ share; only they and their test include it. Language D:
 * proctored rooms, typed JSON messages over one WebSocket (README.md). rows.c has what clients may
 * say, with rooms.c, join.c, status.c, exam.c and talk.c behind it; tell.c what happened in a room,
 * in words; say.c the messages that both a handler and an event can lead to. */
#pragma once

#include "dialect/minutes.h"
#include "dialect/replay.h"

#define PROCTOR_DURATION (30 * 24 * 60) /* minutes: a month, for tasks to be done at home */

/* ---- what clients send: the tables are in args.c ---- */

struct proctor_create {
    struct slice token;
    struct slice username; /* of a guest */
    struct slice roomname;
    struct slice question;
    int64_t max_guests;
    double duration; /* minutes */
    bool is_public;
    bool auto_approve;
};

struct proctor_join {
    struct slice token;
    struct slice username; /* of a guest */
    struct slice room_id;
    struct replay_point from;
};

/* Of all that need no more. */
struct proctor_in_room {
    struct slice room_id;
};

struct proctor_approve {
    struct slice room_id;
    struct slice user_id;
    bool approve;
};

struct proctor_kick {
    struct slice room_id;
    struct slice user_id;
    struct slice reason;
};

struct proctor_code {
    struct slice room_id;
    struct slice code;
    struct slice language;
};

struct proctor_chat {
    struct slice room_id;
    struct slice id;
    struct slice text;
};

extern const struct fields proctor_create_fields;
extern const struct fields proctor_join_fields;
extern const struct fields proctor_in_room_fields;
extern const struct fields proctor_approve_fields;
extern const struct fields proctor_kick_fields;
extern const struct fields proctor_code_fields;
extern const struct fields proctor_chat_fields;

/* ---- handlers ---- */

int proctor_in_create(struct ask *a) MUST_CHECK;
int proctor_in_join(struct ask *a) MUST_CHECK;
int proctor_in_approve(struct ask *a) MUST_CHECK;
int proctor_in_start(struct ask *a) MUST_CHECK;
int proctor_in_leave(struct ask *a) MUST_CHECK;
int proctor_in_end(struct ask *a) MUST_CHECK;
int proctor_in_kick(struct ask *a) MUST_CHECK;
int proctor_in_status(struct ask *a) MUST_CHECK;
int proctor_in_fullscreen_exit(struct ask *a) MUST_CHECK;
int proctor_in_fullscreen_enter(struct ask *a) MUST_CHECK;
int proctor_in_tab_blur(struct ask *a) MUST_CHECK;
int proctor_in_tab_focus(struct ask *a) MUST_CHECK;
int proctor_in_code(struct ask *a) MUST_CHECK;
int proctor_in_submit(struct ask *a) MUST_CHECK;
int proctor_in_chat(struct ask *a) MUST_CHECK;
int proctor_in_heartbeat(struct ask *a) MUST_CHECK;

/* ---- events: tell.c ---- */

/* Whose ear it is. */
enum proctor_ear {
    PROCTOR_EAR_OTHERS,
    PROCTOR_EAR_OWN,       /* of the one whom the event is about */
    PROCTOR_EAR_SUBMITTED, /* of one whose code was submitted by the end of the room */
};

unsigned proctor_ear(const struct room_news *news, const struct member *m, const char *seat);
void proctor_tell(struct words *w, const struct view *v, const struct event *e, unsigned ear);

/* ---- messages: say.c ---- */

/* Opens a message and its `data`; with the number of the event, where there is one. */
struct json_writer *proctor_begin(struct words *w, const char *name, const struct event *e);
void proctor_end(struct words *w);

/* userId, username. */
void proctor_put_user(struct json_writer *w, const struct view *v, struct slice user_id);

/* The point in the room's history that a client stands at, to be given back when it returns. */
void proctor_put_point(struct json_writer *w, const struct view *v);

/* hostId, hostName: the owner, or without one a host who is present. */
void proctor_put_host(struct json_writer *w, const struct view *v);
void proctor_put_duration(struct json_writer *w, const struct view *v);
void proctor_put_ends_at(struct json_writer *w, const struct view *v);
void proctor_put_status(struct json_writer *w, const struct view *v);

/* Null for 0. */
void proctor_put_time(struct json_writer *w, const char *name, int64_t at_ms);

/* To a member that is let in. `is_back`: it has been here before. */
void proctor_say_approved(
    struct words *w, const struct view *v, const struct member *m, bool is_back);

/* A person and how many there are now: USER_JOINED and the like. */
void proctor_say_count(
    struct words *w, const struct view *v, const char *name, const struct event *e);

/* JOIN_REQUEST of somebody who waits already. */
void proctor_say_pending(struct words *w, const struct view *v, const struct member *m);
void proctor_say_submitted(struct words *w, bool is_automatic);

static inline bool proctor_is_inside(const struct member *m)
{
    return m->status == MEMBER_APPROVED && m->is_present;
}

static inline struct member *proctor_member_of(struct link *l)
{
    return CONTAINER_OF(l, struct member, link);
}
