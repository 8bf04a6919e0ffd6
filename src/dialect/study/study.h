/* The objects of language A, which the app and the REST routes speak: users, rooms, messages,
 * files, the settings of a room. Each writer adds its members to an object that is open, in time
 * and size linear in what it writes. Used by this folder and by web/. The language itself is
 * study_language (dialect/registry.h). */
#pragma once

#include "base/fields.h"
#include "hub/hub.h"

#define STUDY_STATE_MESSAGES 50  /* newest ones that a state has */
#define STUDY_STATE_FILES    100 /* likewise */

/* { _id, id, userId, name, displayName, avatarUrl, role, guest } */
struct study_user {
    struct slice user_id;
    struct slice name;
    struct slice avatar_url; /* may be empty: null */
    enum role role;
    bool is_guest;
};
void study_user(struct json_writer *w, const struct study_user *u);
struct study_user study_user_of(const struct member *m);

/* { _id, id, roomId, code, title, name, ownerId, settings, status, participants, createdAt,
 * joinLink, startedAt, endsAt, endedAt }. `room` is NULL of one that is not in memory: its
 * participants are none, and what only it knows is null. */
struct study_room {
    struct slice id;
    struct slice title;
    struct slice owner_id; /* may be empty: null */
    const struct room_settings *settings;
    enum room_status status;
    int64_t created_at_ms;
    const struct room *room;
};
void study_room(struct json_writer *w, const struct hub_settings *s, const struct study_room *r);
struct study_room study_room_of(const struct room *r);

/* The same without `participants`. */
void study_room_facts(
    struct json_writer *w, const struct hub_settings *s, const struct study_room *r);

/* What everybody may know of it: { _id, id, roomId, code, title, name, status,
 * settings: { approval, locked } } */
void study_door(struct json_writer *w, const struct study_room *r);

/* { mode, isPublic, approval, maxParticipants, locked, question, durationMinutes, timer:
 * { focusMinutes, breakMinutes, longBreakMinutes, rounds, autoFocus, hostsOnly }, proctor:
 * { warnAt, autoSubmitAt }, iceTransportPolicy } */
void study_settings(struct json_writer *w, const struct room_settings *s);

/* { phase, running, remainingMs, endsAt, serverNow, round, settings }; the latter are what
 * study_settings() calls `timer` */
void study_timer(struct json_writer *w, const struct timer_state *t, const struct room_settings *s,
    int64_t now_ms);

/* { _id, id, roomId, senderId, userId, name, text, attachments, timestamp, createdAt, kind,
 * editedAt?, replyTo?, to? } */
void study_message(struct json_writer *w, struct slice room_id, const struct store_message *m);
struct store_message study_message_of(const struct message *m);

/* { _id, id, roomId, userId, userName, name, fileName, fileUrl, url, size, type, timestamp,
 * createdAt } */
struct study_file {
    struct slice id;
    struct slice user_id;
    struct slice user_name;
    struct slice file_name;
    struct slice url;
    struct slice type;
    uint64_t bytes;
    int64_t at_ms;
};
void study_file(struct json_writer *w, struct slice room_id, const struct study_file *f);

/* An array of { urls, username?, credential? }, as RTCPeerConnection takes it: STUN servers, and
 * TURN servers with what that user may pass them by for half a day. */
void study_ice_servers(
    struct json_writer *w, const struct hub_settings *s, struct slice user_id, int64_t now_ms);

/* What a client wants settings to be: of each member whether it was said. */
struct study_wishes {
    enum room_mode mode;
    bool is_public, approval, is_locked;
    int64_t max_participants;
    int64_t max_peers;
    struct slice question;
    double duration_minutes;
    int relay; /* index: all, relay */
    struct study_timer_wishes {
        double focus_minutes, break_minutes, long_break_minutes;
        int64_t rounds;
        bool auto_focus, hosts_only;
        bool has_focus, has_break, has_long_break, has_rounds, has_auto_focus, has_hosts_only;
    } timer;
    struct study_proctor_wishes {
        int64_t warn_at, auto_submit_at;
        bool has_warn_at, has_auto_submit_at;
    } proctor;
    bool has_mode, has_is_public, has_approval, has_is_locked, has_max_participants;
    bool has_max_peers;
    bool has_question, has_duration, has_relay;
};
extern const struct fields study_wishes_fields;

/* What was said, over what is there; the question is *borrowed*. */
void study_grant(struct room_settings *s, const struct study_wishes *wishes);
