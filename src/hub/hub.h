/* Where rooms live: finds or loads them, runs their verbs, has what happened stored, tells it to
 * those who may know, when it is as safe as its row of event.def demands. Belongs to one loop.
 *
 *   room:  LOADING --> OPEN --idle for a while--> gone (the store has it)
 *             ^          |
 *             +----------+ the store failed: back to what is stored
 */
#pragma once

#include "hub/command.h"
#include "hub/purse.h"
#include "hub/session.h"
#include "net/places.h"
#include "store/store.h"

struct revocations;

struct hub_ice {
    const char **stun; /* URLs */
    size_t n_stun;
    const char **turn;
    size_t n_turn;
    struct slice turn_secret; /* empty: no credentials */
};

struct hub_settings {
    enum auth_mode auth_mode;
    uint32_t max_rooms;
    uint32_t max_sessions;
    uint32_t idle_ms;         /* an empty room is dropped from memory after */
    uint32_t grace_ms;        /* a lost place is kept so long */
    uint32_t mesh_limit;      /* how many may join a call's mesh */
    uint32_t snapshot_events; /* a room is kept whole after so many; 0: never */
    uint64_t message_age_ms;  /* older messages are not loaded; 0: all are */
    struct limit_rate rates[LIMITS];
    struct slice public_url; /* "https://rooms.example.org", without a slash; may be empty */
    struct slice token_secret;
    uint64_t token_ttl_ms;
    const struct revocations *revocations; /* NULL: no token is ever revoked */
    struct hub_ice ice;
};

/* The hubs of all loops: a room belongs to one of them, whose id says which. */
struct hubs {
    const struct places *places;
    struct hub *at[PLACES_MAX];
    _Atomic uint32_t rooms; /* of all together: the limits are of the server */
    _Atomic uint32_t sessions;
    struct purses purses;
    unsigned n_open; /* hubs */
};

void hubs_init(struct hubs *all, const struct places *places); /* *borrows* */

/* The one of that place. *borrows* all; the store answers on that loop. Returns owned. */
struct hub *hub_new(
    struct hubs *all, unsigned place, struct store *store, const struct hub_settings *settings);
void hub_free(struct hub *h); /* sessions have ended, and the store is closed */

const struct hub_settings *hub_settings(const struct hub *h);
struct store *hub_store(const struct hub *h);

/* How many may be in a room's call; 0: no limit. Everybody sends to everybody, so a mesh ends
 * sooner than a room, unless the room was made for a call and says itself how many it takes. */
uint32_t hub_mesh_limit(const struct hub_settings *s, const struct room_settings *room);

struct loop *hub_loop(const struct hub *h);

/* ---- rooms ---- */

/* Somebody who waits for a room; lies inside its owner, who leaves by link_leave(&w->link). */
struct hub_wait {
    struct link link;
    void (*fn)(struct hub_wait *w); /* try again: loaded, or it could not be; `w` is off the list */
};

/* Finds it, or has it loaded. ERR_AGAIN: `wait` is called. ERR_ROOM_NOT_FOUND,
 * ERR_STORAGE_UNAVAILABLE. */
int hub_open(
    struct hub_room **out, struct hub *h, struct slice id, struct hub_wait *wait) MUST_CHECK;

/* The place of the room of that id, whether or not there is one: only there it may be opened. */
unsigned hub_place_of(const struct hub *h, struct slice room_id);
unsigned hub_place(const struct hub *h); /* its own */
bool hub_is_here(const struct hub *h, struct slice room_id);

/* What may be a room's id: 1 to ROOM_ID_MAX letters, digits, '-' and '_'. */
bool hub_is_room_id(struct slice id);

/* In whatever state it is. */
struct slice hub_room_id(const struct hub_room *r);

/* One that is in memory and open; else NULL, whatever the store has. */
struct hub_room *hub_peek(const struct hub *h, struct slice id);

struct hub_creation {
    struct slice id;  /* hub_open() said ERR_ROOM_NOT_FOUND; empty: one is made */
    struct slice by;  /* user id of who makes it */
    bool is_fleeting; /* nobody made it on purpose: when it is idle, all of it goes */
    struct room_create room;
};

/* ERR_ROOM_LIMIT, ERR_BAD_FIELD, ERR_CONFLICT, ERR_STORAGE_UNAVAILABLE. The caller has asked the
 * limit LIMIT_CREATE. */
int hub_create(struct hub_room **out, struct hub *h, const struct hub_creation *c) MUST_CHECK;

/* Of a room that has ended: nobody finds it from now on, and when all is stored and told, nothing
 * of it is left, here or in the store. */
void hub_delete(struct hub_room *r);

/* A key that gives power over a room that nobody owns, and over no later one of its name. It says
 * when the room was made; with the room's id and the server's secret that makes the rest, so it is
 * kept nowhere. */
#define HUB_KEY_TIME_BYTES 12 /* hexadecimal digits of created_at_ms */
#define HUB_KEY_BYTES      (HUB_KEY_TIME_BYTES + 32)
void hub_creation_key(
    char key[HUB_KEY_BYTES + 1], const struct hub *h, struct slice room_id, int64_t created_at_ms);

/* `created_at_ms` 0: of any room of that id, at any time. */
bool hub_is_creation_key(
    const struct hub *h, struct slice room_id, int64_t created_at_ms, struct slice key);

struct view hub_view(const struct hub_room *r);

/* How many sessions sit in it that speak this language, not counting who waits or was lost. */
unsigned hub_attending(const struct hub_room *r, const struct dialect *d);

/* ---- deeds ---- */

/* What a verb led to. *Borrowed* from the room until its next verb. */
struct outcome {
    enum join_result joined;
    struct slice id; /* of what was made */
    const struct event *events;
    uint32_t n;
};

/* By a session, from its seat. JOIN makes it attend the room, in `dialect`. While the store is
 * away, what must be stored to be told is ERR_STORAGE_UNAVAILABLE, but for going, and for coming
 * back to a place that one has; while it can take no more, so is whatever would be stored. */
int hub_do(struct outcome *out, struct hub_room *r, struct session *s,
    const struct dialect *dialect, const struct command *c) MUST_CHECK;

/* By somebody who has no seat here (a route): `user_id` empty is the room itself. */
int hub_do_as(struct outcome *out, struct hub_room *r, struct slice user_id,
    const struct command *c) MUST_CHECK;

/* What the asker is told, when everything that has happened so far is stored: messages, and the
 * answer if the request asked for one. When that fails, `refusal` in the session's dialect. */
struct hub_answer {
    const struct words *words;
    struct slice ack; /* JSON */
    uint64_t ack_id;  /* TONGUE_NO_ACK */
    const struct dialect *dialect;
    const char *request;
    bool is_light; /* of nothing that must be stored: while the store is away it need not wait */
};
void hub_answer(struct hub_room *r, struct session *s, const struct hub_answer *a);

/* Calls `fn` once: with 0 when everything that has happened so far is stored, or with an error;
 * perhaps at once. Until then `p` is not to be given again. */
struct hub_promise {
    struct link link; /* its owner leaves by link_leave() */
    void (*fn)(struct hub_promise *p, int err);
    uint64_t seq;
};
void hub_when_stored(struct hub_room *r, struct hub_promise *p);

/* Says again what happened after `since`, as far as that member may know, in order. ERR_NOT_FOUND:
 * too long ago, or another epoch's. */
typedef void(hub_replay_fn)(void *arg, const struct room_news *news);
int hub_replay(struct hub_room *r, const struct member *m, uint64_t since, struct slice epoch,
    hub_replay_fn *fn, void *arg) MUST_CHECK;

/* One deed of this class by somebody who has no session (a route): what the sessions of that user
 * do counts, too. ERR_RATE_LIMITED, ERR_NO_MEMORY. */
int hub_spend(uint64_t *retry_ms, struct hub *h, struct slice user_id, unsigned limit) MUST_CHECK;

/* The same for an address (of IPv6: for 64 bits of it), where somebody else each time could come
 * from one; and the same question when nothing is to be counted. LIMIT_MISS counts for all
 * addresses together, too. When those have missed too often, only who has missed in the last minute
 * is told so: others may look for what they know, whoever guesses meanwhile. */
int hub_spend_from(uint64_t *retry_ms, struct hub *h, struct ip from, unsigned limit) MUST_CHECK;
int hub_ask_from(uint64_t *retry_ms, struct hub *h, struct ip from, unsigned limit) MUST_CHECK;

/* ---- for metrics ---- */

struct hub_stats {
    uint32_t rooms;
    uint32_t sessions;
    uint64_t verbs;
    uint64_t refused;
    uint64_t events;
    uint64_t frames;     /* encoded */
    uint64_t deliveries; /* queued at a session */
    uint64_t dropped;    /* not said to slow readers */
    uint64_t rate_limited;
};
const struct hub_stats *hub_stats(const struct hub *h);
