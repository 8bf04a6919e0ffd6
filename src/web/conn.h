/* One HTTP connection: cuts requests out of the bytes, finds their routes, waits for their bodies,
 * calls the handlers one after another, and keeps the deadlines. Used by front (which makes them),
 * reply (which answers) and ws_conn (which takes the stream over).
 *
 *      HEAD ---> BODY ---> HANDLING ---> IDLE ---> HEAD ...
 *        \________/____________/__________/------> FINISHED
 *                              \-----------------> UPGRADED
 */
#pragma once

#include "base/list.h"
#include "web/front.h"
#include "web/request.h"

enum conn_phase {
    CONN_IDLE,
    CONN_HEAD, /* also before the very first byte */
    CONN_BODY,
    CONN_HANDLING,
    CONN_FINISHED,
    CONN_UPGRADED,
};

struct ws_conn;

struct conn {
    uint32_t magic;
    enum conn_phase phase;
    bool is_consuming; /* answers given now are followed up when the handler is back */
    bool is_admin;     /* came by the admin socket */
    bool is_blocked;   /* the peer asks faster than it reads the answers */
    bool is_last;      /* no further request is taken */
    bool is_ended;     /* nor comes any: what is in `in` is all */
    struct front *front;
    unsigned born; /* the place where it was accepted */
    struct stream *stream;
    struct link link;   /* front->conns */
    struct ip admitted; /* as admission knows it: the proxy, where there is one */
    struct timer timer;
    struct task free_task;
    struct request *request; /* while BODY or HANDLING */
    struct http1_body body;
    uint64_t body_began_us; /* later by the time that nobody wanted more of it */
    uint64_t held_since_us; /* while the request is held */
    struct buf in;          /* bytes that could not be used yet */
    uint64_t scanned;       /* of the incomplete head at the start of `in` */
    struct ws_conn *ws;
};

/* *takes* `fd`. */
void conn_new(struct front *f, int fd, const struct addr *peer);
void conn_new_admin(struct front *f, int fd, const struct addr *peer); /* see front_listen_admin */

/* Whether the connection lives on after this answer. */
bool conn_keeps_alive(const struct conn *c);

/* The answer is queued. Called by reply only. */
void conn_answered(struct conn *c);

/* Nothing more can be said: the connection is closed, the request gone, its handler not told.
 * Called by reply only. */
void conn_break(struct conn *c, int err);

/* The body's next piece is not wanted yet; it is. Called by request only. */
void conn_hold(struct conn *c);
void conn_go_on(struct conn *c);

/* The request has come from another loop: serves it, as far as that has not begun yet. Called by
 * conn_move only. */
void conn_go_on_here(struct conn *c, bool is_begun);

/* Gives the stream to a WebSocket; the connection is gone when the handler returns. */
struct stream *conn_upgrade(struct conn *c, struct ws_conn *ws);

/* No further request: closes it now when it is idle, after the answer under way otherwise. */
void conn_drain(struct conn *c);
