/* A WebSocket on a stream: what is left when an HTTP connection was upgraded. It reads messages,
 * answers pings, notices peers that are gone, and says goodbye properly. What the messages mean is
 * its user's business.
 *
 *   OPEN --ws_conn_close()--> CLOSING --peer's close frame, or a moment--> gone
 *      \---peer's close frame, protocol error, lost connection------------^
 */
#pragma once

#include "base/list.h"
#include "proto/ws.h"
#include "web/request.h"

struct ws_conn;

struct ws_user {
    const char *name;
    /* A whole message, TEXT or BINARY; *lends* the payload. */
    void (*on_message)(void *arg, struct ws_conn *ws, enum ws_op op, struct slice payload);
    /* All that was queued is written. May be NULL. */
    void (*on_drained)(void *arg, struct ws_conn *ws);
    /* The last call. `err`: ERR_CLOSED for the normal end. May be NULL. */
    void (*on_close)(void *arg, struct ws_conn *ws, int err);
};

/* Answers an upgrade request: 101 and the WebSocket, or an HTTP error and NULL. Only while the
 * request's handler runs. */
struct ws_conn *ws_conn_accept(struct request *r, const struct ws_user *user, void *arg);

/* Queues a frame as ws_frame() makes it; many connections may share one. */
void ws_conn_send(struct ws_conn *ws, struct blob *frame);

/* Queues a message, compressed where that was agreed and is worth it. */
void ws_conn_send_message(struct ws_conn *ws, enum ws_op op, struct slice payload);

/* Says goodbye, and hangs up when the peer has answered or a moment has passed. */
void ws_conn_close(struct ws_conn *ws, unsigned code, struct slice reason);

/* The user has a heartbeat and words of its own: no pings, and errors are told by code alone. */
void ws_conn_set_quiet(struct ws_conn *ws);

/* The peer does not take what is queued: now, or so much that more must not be added lightly. */
bool ws_conn_is_blocked(const struct ws_conn *ws);
bool ws_conn_is_slow(const struct ws_conn *ws);
void ws_conn_pause(struct ws_conn *ws);
void ws_conn_resume(struct ws_conn *ws);

/* Bytes that came with the upgrade request. For web/conn. */
void ws_conn_feed(struct ws_conn *ws, struct slice in);

/* The server is going: close code 1001. For web/front, which knows the links only. */
/* To another loop, between two of its calls, unless it is about to end; its user moves itself. What
 * fails there is on_close's. */
struct front *ws_conn_front(const struct ws_conn *ws);
bool ws_conn_may_leave(const struct ws_conn *ws);
void ws_conn_leave(struct ws_conn *ws);
void ws_conn_enter(struct ws_conn *ws, unsigned place);

void ws_conn_drain(struct link *link);
void ws_conn_abort(struct link *link);
