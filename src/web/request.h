/* One HTTP request on its way through Stoa: its head, what the route decoded from it, its body, and
 * where the answer goes. Made by web/conn, given to a route's handler. It lives until it is
 * answered; when that is not at once (a body to come, a worker to wait for) web/conn moves its
 * bytes into its own memory.
 *
 * A body is collected, or handed on in pieces: its route's `begin` says so by setting `on_piece`
 * and `on_gone`. Pieces come until request_hold(), which also `begin` may call, and again from
 * request_go_on() on; meanwhile the peer is not read, and its slowness is not counted. `handle` is
 * called when there are no more, held or not. The handler may answer at any time before that, which
 * ends the connection. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "net/addr.h"
#include "proto/http1.h"
#include "web/route.h"

#define REQUEST_MAX_PARAMS  4
#define REQUEST_ARENA_BYTES (256u * 1024)

struct conn;
struct front;

struct request {
    uint32_t magic;
    struct conn *conn; /* NULL: the peer has gone; an answer goes nowhere */
    /* Set by a handler that answers later and wants to know when the peer goes: then it must not
     * answer any more, and the request is gone when it returns. Also called when the rest of a body
     * in pieces will not come (it is malformed, or too slow), which web/conn answers. */
    void (*on_gone)(struct request *r);
    void (*on_piece)(struct request *r, struct slice piece); /* *lends* it; it is not empty */
    void (*on_room)(struct request *r); /* of an answer in pieces, see reply_pieces() */
    void *handler_arg;                  /* the handler's own */
    struct front *front;
    const struct route *route;
    struct request *next_spare;
    struct http1_head head;
    struct slice path;                       /* decoded and checked */
    struct slice params[REQUEST_MAX_PARAMS]; /* of the pattern, in order, decoded */
    struct ip peer;                          /* the real one, behind trusted proxies too */
    bool is_secure;                          /* the peer came by https, perhaps through a proxy */
    bool is_admin;                           /* it came by the admin socket */
    uint64_t body_max;                       /* of the route, unless its `begin` says otherwise */
    uint8_t n_moves;                         /* to other loops */
    bool is_moved;                           /* its bytes are in `arena` */
    bool is_answered;
    bool is_held;      /* no piece is wanted */
    struct slice body; /* of a route that wants it whole */
    struct buf body_buf;
    struct arena arena;
};

struct slice request_header(const struct request *r, struct slice name);

/* The first value of that name in the query, decoded; p is NULL without one. */
struct slice request_query(struct request *r, struct slice name);

/* Moves the head's bytes into the request's own memory. Once; ERR_TOO_BIG, ERR_NO_MEMORY. */
int request_move(struct request *r, struct slice head_bytes) MUST_CHECK;

/* See above. The second one may hand on pieces, and call `handle`, before it returns. */
void request_hold(struct request *r);
void request_go_on(struct request *r);

/* Requests are used again: a request is large and most live for a few microseconds. */
struct request *request_new(struct front *f);
void request_free(struct request *r);
