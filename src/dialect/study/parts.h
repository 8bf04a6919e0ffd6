/* What the files of study/ share; only they and their test include it. A file for each subject has
 * what clients may say about it (a table of fields, a handler) and how its events are put into
 * words: rooms.c, people.c, talk.c, board.c, signal.c, focus.c, exam.c. rows.c, said.c and tell.c
 * bind them together, state.c writes what a newcomer is told, write.c and settings.c the objects of
 * study.h. */
#pragma once

#include "dialect/replay.h"
#include "dialect/study/study.h"

/* ---- arguments ---- */

/* Of a message that says which room it is about, and nothing more. */
struct study_plain {
    struct slice room_id;
};

struct study_join {
    struct slice room_id;
    struct slice name;
    struct slice role;
    struct slice knock;
    struct replay_point from;
};

struct study_update {
    struct slice room_id;
    struct slice title;
    bool has_title;
    struct study_wishes settings;
};

struct study_end {
    struct slice room_id;
    struct slice message;
};

/* About a person, by a seat or a user id. */
struct study_person {
    struct slice room_id;
    struct slice seat;
    struct slice user_id;
};

struct study_approve {
    struct slice room_id;
    struct slice user_id;
    bool is_approved;
};

struct study_mute {
    struct study_person of;
    int kind; /* index: audio, video, screen */
};

struct study_kick {
    struct study_person of;
    struct slice reason;
};

struct study_role {
    struct study_person of;
    int role; /* index: participant, cohost, host */
};

struct study_hand {
    struct slice room_id;
    bool is_raised;
};

struct study_media {
    struct slice room_id;
    bool audio, video, screen;
    bool has_audio, has_video, has_screen;
};

struct study_typing {
    struct slice room_id;
    bool is_typing;
};

struct study_signal {
    struct slice room_id;
    struct slice to_seat;
    struct slice data; /* JSON; empty: null */
};

struct study_chat {
    struct slice room_id;
    struct slice id;
    struct slice text;
    struct slice attachments;
    struct slice to;
    struct slice to_seat;
    struct slice reply_to;
    int kind; /* index: text, emoji */
};

struct study_edit {
    struct slice room_id;
    struct slice message_id;
    struct slice text;
};

struct study_upload {
    struct slice room_id;
    struct slice url;
    struct slice name;
    struct slice type;
    int64_t size;
};

struct study_draw {
    struct slice room_id;
    struct slice ops;
};

struct study_undo {
    struct slice room_id;
    struct slice op_id;
};

struct study_save {
    struct slice room_id;
    struct slice url;
};

struct study_cursor {
    struct slice room_id;
    struct slice cursor;
};

struct study_start_timer {
    struct slice room_id;
    int phase; /* index: focus, break, longBreak, long_break */
    double minutes;
};

struct study_goal {
    struct slice room_id;
    struct slice text;
    bool is_done;
    bool is_shared;
};

struct study_report {
    struct slice room_id;
    struct slice id;
    int kind; /* index of exam.c */
};

struct study_code {
    struct slice room_id;
    struct slice id; /* of code:submit */
    struct slice code;
    struct slice language;
};

/* A table's row for the room that a message is about. */
/* clang-format off */
#define STUDY_ROOM_FIELD(struct_type)                                                              \
    { .name = "roomId", .aliases = { "room_id", "sessionId", "room" },                             \
      FIELD_MEMBER(struct_type, room_id), .type = FIELD_ID, .max = ROOM_ID_MAX,                    \
      .help = "the room; when left out, the only one that you are in" }
/* clang-format on */

extern const struct fields study_plain_fields, study_join_fields, study_update_fields,
    study_end_fields, study_person_fields, study_approve_fields, study_mute_fields,
    study_kick_fields, study_role_fields, study_hand_fields, study_media_fields,
    study_typing_fields, study_sdp_fields, study_ice_fields, study_data_fields, study_chat_fields,
    study_edit_fields, study_delete_fields, study_upload_fields, study_draw_fields,
    study_undo_fields, study_save_fields, study_cursor_fields, study_start_timer_fields,
    study_goal_fields, study_report_fields, study_code_fields, study_submit_fields;

/* ---- handlers ---- */

typedef int(study_in)(struct ask *a);

study_in study_in_join, study_in_leave, study_in_update, study_in_start, study_in_end,
    study_in_approve;
study_in study_in_mute, study_in_kick, study_in_readmit, study_in_role, study_in_hand,
    study_in_media, study_in_typing;
study_in study_in_offer, study_in_answer, study_in_ice, study_in_data;
study_in study_in_chat, study_in_edit, study_in_delete, study_in_upload;
study_in study_in_draw, study_in_clear, study_in_undo, study_in_save, study_in_cursor;
study_in study_in_timer_start, study_in_timer_pause, study_in_timer_resume, study_in_timer_reset,
    study_in_timer_skip, study_in_goal;
study_in study_in_report, study_in_code, study_in_submit;

/* ---- events ---- */

/* Listeners that hear other words than everybody else. */
enum study_ear { STUDY_EAR_ANY, STUDY_EAR_TARGET };

typedef void(study_out)(
    struct words *w, const struct view *v, const struct event *e, enum study_ear ear);

study_out study_out_updated, study_out_started, study_out_ended, study_out_requested,
    study_out_approved, study_out_rejected, study_out_came, study_out_gone;
study_out study_out_role, study_out_muted, study_out_kicked, study_out_hand, study_out_media,
    study_out_typing;
study_out study_out_signal;
study_out study_out_chat, study_out_edited, study_out_deleted, study_out_file;
study_out study_out_drew, study_out_undrew, study_out_cleared, study_out_saved, study_out_cursor;
study_out study_out_timer, study_out_goal;
study_out study_out_violation, study_out_warned, study_out_violation_cleared, study_out_code,
    study_out_submitted;

/* Opens a message about an event: with its number, and the room. */
struct json_writer *study_begin(
    struct words *w, const char *name, const struct view *v, const struct event *e);

/* What an event tells, as the dialect says it. For one listener. */
void study_tell(struct words *w, const struct view *v, const struct event *e, unsigned ear);
unsigned study_ear(const struct room_news *news, const struct member *m, const char *seat);
extern const struct dialect study_dialect;

/* What clients may be told, for the documentation. */
#define STUDY_SAID 36
extern const struct said study_said[STUDY_SAID];

/* ---- what they need ---- */

/* A text, or null when it is empty; what is said at the door, or nothing. */
void study_text(struct json_writer *w, const char *key, struct slice text);
void study_knock(struct json_writer *w, const char *key, struct slice knock);
/* A moment as ISO 8601, or null when it is 0; the same in milliseconds. */
void study_at(struct json_writer *w, const char *key, int64_t ms);
void study_ms(struct json_writer *w, const char *key, int64_t ms);

/* Of somebody who is or was in the room; empty: unknown. */
struct slice study_name(const struct view *v, struct slice user_id);

/* The members of how many violations somebody has: in all, and by kind. */
void study_violations(struct json_writer *w, const struct member *m);

/* The only seat of a member; empty: it has none, or several. */
struct slice study_only_seat(const struct member *m);

/* { socketId, token, and a user object }: who the listener is. */
void study_self(
    struct json_writer *w, const struct view *v, const struct member *m, struct slice seat);

/* All members of `joined`. `missed` is a JSON array, or empty: null. */
struct study_newcomer {
    const struct member *member;
    struct slice seat; /* empty: one of several */
    struct slice missed;
};
void study_joined(struct json_writer *w, const struct view *v, const struct study_newcomer *n);
