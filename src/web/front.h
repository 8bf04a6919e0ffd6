/* The web face of one loop: its listeners, its connections, and what they share. Everything in it
 * belongs to that loop's thread. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "net/admission.h"
#include "net/listener.h"
#include "net/loop.h"
#include "net/places.h"
#include "net/tls.h"
#include "web/settings.h"
#include "web/stats.h"

#define FRONT_MAX_LISTENERS 16
#define FRONT_MAX_ADMIN     32 /* connections by the admin socket */

struct eio_server;
struct lobby;
struct request;

/* The web faces of all loops. */
struct fronts {
    const struct places *places;
    struct front *at[PLACES_MAX];
    struct admission admission;
};

struct front {
    struct fronts *all;
    unsigned place;
    struct loop *loop;
    const struct web_settings *settings;
    struct tls *tls; /* NULL: plain only */
    struct listener *listeners[FRONT_MAX_LISTENERS];
    unsigned n_listeners;
    struct listener *admin; /* NULL: none */
    unsigned n_admin;       /* its connections */
    struct link conns;      /* struct conn, of HTTP */
    struct link sockets;    /* struct ws_conn */
    struct request *spare;  /* for the next requests */
    unsigned n_spare;
    struct buf head; /* of the answer being written */
    char date[HTTP1_DATE_BYTES];
    int64_t date_s;            /* the second that `date` is of */
    struct eio_server *engine; /* *borrows*, finished before the front is freed; NULL: none */
    struct lobby *lobby;       /* *borrows*; NULL: this face leads to no rooms */
    bool is_draining;          /* readiness is off, connections are not kept */
    bool is_closed;            /* and who is still on the way here is told to come again */
    struct web_stats stats;
};

/* *borrows* the places, which are all there already. */
void fronts_init(
    struct fronts *all, const struct places *places, const struct web_settings *settings);
void fronts_fini(struct fronts *all); /* when they are all freed */

/* The one of that place. *borrows* the settings, *takes a reference* of `tls`. Returns owned. */
struct front *front_new(
    struct fronts *all, unsigned place, const struct web_settings *settings, struct tls *tls);

/* Closes what is still open, without further ado. The loop must turn once more afterwards. */
void front_free(struct front *f);

int front_listen(struct front *f, const struct addr *at) MUST_CHECK;
struct addr front_address(const struct front *f, unsigned i); /* of its i-th listener */
int front_adopt(struct front *f, int fd) MUST_CHECK;          /* *takes* */

/* At a unix socket for whoever runs this server: the routes of ROUTE_ADMIN, and no others. Its
 * clients are plain, believed, and no part of any limit but their own. */
int front_listen_admin(struct front *f, const struct addr *at) MUST_CHECK;

/* Tells the load balancer to look elsewhere: /readyz says no, answers close their connection. */
void front_drain(struct front *f);

/* No new connections; idle ones are closed, busy ones after their answer, and WebSocket clients are
 * told to come again. */
void front_close_listeners(struct front *f);

/* Connections of either kind that are still there. */
unsigned front_connections(const struct front *f);

/* The Date header's value, made anew once a second. */
struct slice front_date(struct front *f);
