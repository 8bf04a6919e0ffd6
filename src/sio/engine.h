/* Engine.IO sessions: a client that may change its carrier and not notice. Handshake, heartbeat,
 * upgrade and close; what the messages mean is its user's business (sio/server). Belongs to one
 * loop.
 *
 *   OPEN --(carrier lost, ping timeout, parse error, closed by either side)--> CLOSED
 *      \--eio_close() while no idle poll is there to tell--> CLOSING --a later poll, 30 s--> CLOSED
 */
#pragma once

#include "base/list.h"
#include "base/map.h"
#include "net/addr.h"
#include "net/admission.h"
#include "net/loop.h"
#include "net/places.h"
#include "proto/eio.h"
#include "sio/carrier.h"

struct eio_session;

struct eio_header {
    const char *name;
    struct slice value;
};

struct eio_settings {
    uint32_t ping_interval_ms;
    uint32_t ping_timeout_ms;
    uint32_t upgrade_timeout_ms;
    uint32_t max_payload;             /* bytes of a message, and of a long-polling body */
    uint32_t queue_bytes;             /* that may wait for a poll; more closes the session */
    const struct eio_header *headers; /* more of them where polling opens a session: cookies */
    unsigned n_headers;
    /* At once, in all and of one address; 0: no limit. A session that polls needs no connection, so
     * the limits on those do not bound it. */
    uint32_t sessions;
    uint32_t sessions_per_address;
};

/* Why a session ended; the texts are those that Socket.IO's applications know. */
enum eio_reason {
    EIO_TRANSPORT_CLOSE,
    EIO_TRANSPORT_ERROR,
    EIO_PING_TIMEOUT,
    EIO_PARSE_ERROR,
    EIO_SERVER_CLOSE,
    EIO_SERVER_SHUTDOWN,
    EIO_REASONS,
};
const char *eio_reason_text(enum eio_reason reason);

/* What came with the request that opened a session. All *borrowed* for the call. */
struct eio_opening {
    struct slice path;
    struct slice query;  /* not decoded */
    struct slice cookie; /* by which the carrier knows who opens it; empty: it does not */
    const struct http1_head *head;
    struct ip peer;
    bool is_secure;
};

struct eio_user {
    const char *name;
    /* A new session, which may be sent to, but not closed yet; gives what the other calls get as
     * `arg`. */
    void *(*on_open)(void *server_arg, struct eio_session *s, const struct eio_opening *o);
    /* A message, text or binary; *lends* the bytes. An error closes the session: the peer broke the
     * protocol above. */
    int (*on_message)(void *arg, struct slice data, bool is_binary) MUST_CHECK;
    void (*on_close)(void *arg, enum eio_reason reason);
};

/* Those of all loops. A session's id says where it was opened; when it has moved on, its server
 * there knows where to. */
struct eio_servers {
    const struct places *places;
    struct eio_server *at[PLACES_MAX];
    struct admission admission;
};

struct eio_server {
    struct eio_servers *all;
    unsigned place;
    struct loop *loop;
    const struct eio_settings *settings; /* *borrows* */
    const struct eio_user *user;
    void *user_arg;
    struct map sessions;
    struct map moved; /* sessions that were here, by id: where they went */
    struct link list;
    bool is_draining; /* who is still on the way here is closed, too */
    uint64_t opened;
    uint64_t closed[EIO_REASONS];
};

/* *borrows* both. */
void eio_servers_init(
    struct eio_servers *all, const struct places *places, const struct eio_settings *settings);
void eio_servers_fini(struct eio_servers *all); /* when they are all at an end */

/* The one of that place. */
void eio_server_init(struct eio_server *e, struct eio_servers *all, unsigned place,
    const struct eio_settings *settings);

/* Closes every session without a word. */
void eio_server_fini(struct eio_server *e);
void eio_server_set_user(struct eio_server *e, const struct eio_user *user, void *arg);

/* Closes every session politely: the server is going. */
void eio_server_drain(struct eio_server *e);

/* ---- for the carriers ---- */

/* A new session on that carrier, whose first packet, the handshake, it is given at once. ERR_BUSY,
 * ERR_RATE_LIMITED: there are too many already; ERR_NO_MEMORY. */
int eio_open(struct eio_session **out, struct eio_server *e, struct carrier *c,
    const struct eio_opening *o) MUST_CHECK;

/* Where that session is, if it is anywhere. */
unsigned eio_place_of(const struct eio_server *e, struct slice sid);

/* NULL: unknown here, or over. */
struct eio_session *eio_find(struct eio_server *e, struct slice sid);

/* The carrier that the session now has; never NULL. */
struct carrier *eio_carrier(const struct eio_session *s);
bool eio_is_closing(const struct eio_session *s);

/* A second carrier asks to take over. ERR_CONFLICT: there is one already that has or does. */
int eio_attach_probe(struct eio_session *s, struct carrier *c) MUST_CHECK;

/* Packets came in on `c`: one in text form, or the bytes of a binary message. The session may be
 * gone afterwards: then `c->session` is NULL. */
void eio_receive(struct carrier *c, struct slice text);
void eio_receive_binary(struct carrier *c, struct slice bytes);

/* The carrier is gone, or of no use. A probe is only forgotten. */
void eio_carrier_lost(struct carrier *c, enum eio_reason reason);

/* The peer misuses the carrier: its session ends. */
void eio_abort(struct carrier *c, enum eio_reason reason);

/* The peer of a session in phase CLOSING has been told. */
void eio_told(struct carrier *c);

/* ---- for the user ---- */

/* Queues a message's frame, as eio_text_frame() and eio_binary_frame() make it. */
void eio_send(struct eio_session *s, struct blob *frame);
bool eio_is_writable(const struct eio_session *s);
bool eio_is_slow(const struct eio_session *s); /* see carrier->is_slow */

/* Says goodbye. on_close is called before this returns. */
void eio_close(struct eio_session *s, enum eio_reason reason);

struct slice eio_sid(const struct eio_session *s);

/* To another loop, between two messages. When it has left, its user moves itself, and on that
 * loop's thread lets it in, last of all: it may end within. False: it has ended instead. */
bool eio_may_leave(const struct eio_session *s);
bool eio_leave(struct eio_session *s, unsigned place) MUST_CHECK;
void eio_enter(struct eio_session *s, unsigned place);

/* A WebSocket text frame with the packet `4` and `text`, or a binary frame. Return owned; NULL
 * without memory. */
struct blob *eio_text_frame(struct slice text) MUST_CHECK;
struct blob *eio_binary_frame(struct slice bytes) MUST_CHECK;

/* What such a frame carries. */
struct slice eio_frame_payload(const struct blob *frame, bool *is_binary);
