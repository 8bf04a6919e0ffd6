/* One HTTP request on its way through Stoa: its head, what the route decoded from it, its body, and
 * where the answer goes. Made by web/conn, given to a route's handler. It lives until it is
 * answered; when that is not at once (a body to come, a worker to wait for) web/conn moves its
 * bytes into its own memory. */
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
     * answer any more, and the request is gone when it returns. */
    void (*on_gone)(struct request *r);
    void *handler_arg; /* the handler's own */
    struct front *front;
    const struct route *route;
    struct request *next_spare;
    struct http1_head head;
    struct slice path;                       /* decoded and checked */
    struct slice params[REQUEST_MAX_PARAMS]; /* of the pattern, in order, decoded */
    struct ip peer;                          /* the real one, behind trusted proxies too */
    bool is_secure;                          /* the peer came by https, perhaps through a proxy */
    uint64_t body_max;                       /* of the route, unless its `begin` says otherwise */
    bool is_moved;                           /* its bytes are in `arena` */
    bool is_answered;
    struct slice body; /* of a route that wants it whole */
    struct buf body_buf;
    struct arena arena;
};

struct slice request_header(const struct request *r, struct slice name);

/* The first value of that name in the query, decoded; p is NULL without one. */
struct slice request_query(struct request *r, struct slice name);

/* Moves the head's bytes into the request's own memory. Once; ERR_TOO_BIG, ERR_NO_MEMORY. */
int request_move(struct request *r, struct slice head_bytes) MUST_CHECK;

/* Requests are used again: a request is large and most live for a few microseconds. */
struct request *request_new(struct front *f);
void request_free(struct request *r);
