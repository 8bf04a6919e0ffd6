/* What moves the packets of an Engine.IO session: a WebSocket or a series of long polls (both in
 * web/). A session has one carrier, and a second one while it is being upgraded; the session cannot
 * tell which kind it has. A carrier lives inside its owner and knows its session until one of the
 * two lets go. */
#pragma once

#include "base/blob.h"

#include <stdbool.h>

struct carrier;
struct eio_session;

enum carrier_end {
    CARRIER_DROP,    /* without a word */
    CARRIER_RELEASE, /* the peer knows: only what hangs is answered */
    CARRIER_GOODBYE, /* the peer is told */
};

struct carrier_ops {
    const char *name; /* "polling", "websocket" */
    /* Queues a packet: a whole WebSocket frame, from which other forms are derived. It never ends
     * the session before it returns: the sender may be walking a list of them. */
    void (*send)(struct carrier *c, struct blob *frame);
    /* What is sent now need not wait for anything that was sent before: what can be missed is only
     * sent then. */
    bool (*is_writable)(const struct carrier *c);
    /* So much waits already that what can be missed had better be left out. */
    bool (*is_slow)(const struct carrier *c);
    /* What is sent now need not wait for the peer to ask for it, and is read behind all else: a
     * client that reads "close" forgets the messages that came with it. */
    bool (*is_reachable)(const struct carrier *c);
    /* The session is at an end, `c->session` NULL already. */
    void (*close)(struct carrier *c, enum carrier_end how);
    /* A better carrier takes over: what is queued here goes to it, in order; then as close(). NULL
     * where there is none better. */
    void (*hand_over)(struct carrier *c, struct carrier *to);
    /* To another loop, with its session. It may not while it is about to end. What fails on the way
     * in is a carrier lost. */
    bool (*may_leave)(const struct carrier *c);
    void (*leave)(struct carrier *c);
    void (*enter)(struct carrier *c, unsigned place);
};

struct carrier {
    const struct carrier_ops *ops;
    struct eio_session *session; /* NULL: none, or no more */
};
