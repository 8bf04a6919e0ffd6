/* A session: one client on one line, whoever it is, and the rooms it sits in. Its id is the socket
 * id that other clients address it by, and its seat in each of its rooms.
 *
 *   OPEN --session_lose()--> LOST --session_regain()--> OPEN
 *     \------session_end()-----/---> gone
 */
#pragma once

#include "auth/identity.h"
#include "base/list.h"
#include "hub/limits.h"
#include "hub/tongue.h"
#include "net/addr.h"
#include "net/loop.h"

#define SESSION_ID_BYTES      36 /* a UUID */
#define SESSION_GUEST_BYTES   14 /* of a guest's user id: "g_" and 12 letters and digits */
#define SESSION_MAX_ROOMS     16
#define SESSION_WAITING       64 /* messages that wait for a room to be loaded */
#define SESSION_WAITING_BYTES (4u << 20)

struct hub;
struct revocation;
struct hub_room;
struct hub_user;
struct attendance;

struct session {
    /* What whoever tells it something looks at comes first: it is mostly met cold. */
    uint32_t magic;
    bool is_lost;
    bool is_ended;
    const struct line *line;
    void *carrier;   /* the line's own */
    uint64_t handle; /* finds it in hub->sessions as long as it lives */
    unsigned n_owed; /* what it will be told when something is stored */
    unsigned n_rooms;
    struct hub *hub;

    const struct dialect
        *dialect;         /* in which it is refused, and speaks unless it joins in another */
    void *listener;       /* dialect/dispatch's own: messages that wait */
    struct slice room_id; /* of a connection that is for one room; else empty */
    char id[SESSION_ID_BYTES + 1];
    struct identity identity;  /* texts are its own */
    uint32_t identity_changes; /* how often it became another */
    struct hub_user *user;
    struct link of_user; /* user->present */
    struct ip peer;
    struct bucket buckets[LIMITS];
    struct link attendances; /* struct attendance */
    struct link away;        /* struct away: where else it sits, see hub/deputy.h */
    unsigned n_elsewhere;    /* of a deputy: rooms that its home sits in, but not here */
    struct link parting;     /* hub->parting: its rooms have not been told yet */
    struct task free_task;
};

struct session_options {
    struct hub *hub;
    const struct line *line;
    const struct dialect *dialect;
    void *carrier;
    struct slice id; /* empty: a UUID is made */
    struct slice room_id;
    const struct identity *identity; /* NULL: a guest, who gets a user id */
    struct slice guest_name;         /* of a guest */
    struct ip peer;
};

/* Returns owned, ends with session_end(). ERR_BUSY: there are too many; ERR_NO_MEMORY. Whether
 * guests are let in is asked when they join. */
int session_new(struct session **out, const struct session_options *o) MUST_CHECK;

/* The user id of a new guest: nobody has had it. */
void session_make_guest_id(char id[SESSION_GUEST_BYTES + 1]);

/* By its id, open or lost; NULL: there is none. */
struct session *session_find(const struct hub *h, struct slice id);

/* Another person from now on, or the same by a newer token. ERR_CONFLICT: it sits in a room as
 * somebody else. */
int session_identify(struct session *s, const struct identity *as) MUST_CHECK;

/* What a guest wants to be called; accounts keep their name. Empty: no change. */
int session_set_name(struct session *s, struct slice name) MUST_CHECK;

/* One deed of this class by this session and its user; LIMIT_CREATE: by its user, or by a guest's
 * address. ERR_RATE_LIMITED. */
int session_spend(uint64_t *retry_ms, struct session *s, unsigned limit) MUST_CHECK;

/* What was just spent is for a message of so many bytes, of which each SESSION_TOKEN_BYTES are a
 * deed more: everybody in a room is sent them. */
#define SESSION_TOKEN_BYTES 16384
void session_spend_bytes(struct session *s, unsigned limit, size_t bytes);

/* Says it now, whatever the state of any room. */
void session_say(struct session *s, const struct words *words);

/* Answers a request now; where nobody waits for it, or the line knows no answers, nothing. */
void session_answer(struct session *s, uint64_t ack_id, struct slice json);

/* Refuses a request in that dialect, and answers it with the same if it asked for an answer
 * (`ack_id` is not TONGUE_NO_ACK). Without a text, the error's own sentence is said. */
void session_refuse(
    struct session *s, const struct dialect *dialect, const struct refusal *why, uint64_t ack_id);

/* The connection is gone, but may come back as this session: what it misses meanwhile goes to its
 * line all the same, which keeps it. Its rooms are told in the next turn. */
void session_lose(struct session *s);
void session_regain(struct session *s);

/* The last call: its carrier is gone, or it is lost and will not come back. Its rooms are told in
 * the next turn, as of a lost connection: leaving is something that people say. */
void session_end(struct session *s);

/* Ends those who are here by a token that was revoked, and tells them. */
void hub_send_away(struct hub *h, const struct revocation *what);

/* To another loop's hub, with its line and what it waits for, when it sits nowhere here and nothing
 * is owed to it: ERR_AGAIN, it is still; ERR_CONFLICT, it sits or is at its end. Its handle is
 * another one there. session_enter() may fail (ERR_NO_MEMORY, ERR_BUSY, ERR_CONFLICT): then the
 * session is gone. */
int session_may_leave(const struct session *s) MUST_CHECK;
void session_leave(struct session *s);
int session_enter(struct session *s, struct hub *h, const struct line *line) MUST_CHECK;

/* Its place in that room, or NULL; a room that both sit in, or NULL. */
struct attendance *session_attendance(const struct session *s, const struct hub_room *r);
struct hub_room *session_common_room(const struct session *s, struct slice other_id);

/* The room of a session that sits in one only; else NULL. */
struct hub_room *session_only_room(const struct session *s);
