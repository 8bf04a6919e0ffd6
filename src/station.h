/* All that one loop has of its own: the loop, its way into the store, its rooms, its sessions, its
 * web face. A server has one for each of --threads; the first has what there is once, too: accounts
 * and the admin socket. Used by server.c alone. */
#pragma once

#include "options.h"
#include "server_settings.h"
#include "web/files.h"
#include "web/front.h"
#include "web/lobby.h"

#include <pthread.h>

struct station;

/* What all of them share. Nothing in it changes while they run, but for what says so itself. */
struct station_common {
    const struct options *options;
    struct slice secret; /* of tokens */
    const struct web_settings *web;
    struct eio_settings eio;
    struct sio_settings sio;
    struct hub_settings hub;
    struct files_settings files;
    struct files_tally tally;
    struct tls *tls; /* NULL: plain only */
    struct workers *workers;
    struct places places;
    struct fronts fronts;
    struct eio_servers engines;
    struct hubs hubs;
    struct dispatch *socket[PLACES_MAX]; /* dispatchers, by place */
    struct dispatch *focus[PLACES_MAX];
    struct dispatch *proctor[PLACES_MAX];
    struct station *stations; /* places.n */
};

struct station {
    struct station_common *common;
    unsigned place;
    struct loop *loop;
    struct store *store;
    struct hub_settings hub_settings; /* with the revocations of this loop */
    struct eio_server engine;
    struct sio_server *sockets;
    struct sio_lines *lines;
    struct lobby lobby;
    struct front *front;
    int err; /* of loading what was revoked; ERR_AGAIN: it is being loaded */
    bool has_thread;
    pthread_t thread;
};

/* All but the files; *takes* the store. When every loop is in its place. Turns the loop, which then
 * knows what was revoked. What failed is said in the log; station_close() is for that case, too. */
int station_open(struct station *s, struct station_common *common, unsigned place,
    struct store *store) MUST_CHECK;
int station_open_files(struct station *s) MUST_CHECK;

/* On a thread of its own, until station_join(). */
int station_start(struct station *s) MUST_CHECK;
void station_join(struct station *s);

/* Calls `fn` on its loop, soon; from any thread. */
typedef void(station_fn)(struct station *s);
void station_tell(struct station *s, station_fn *fn);

/* The end, in three steps of all stations, on one thread, when no other runs: no connections any
 * more; nothing under way in files, whose workers have ended; nothing at all. */
void station_hang_up(struct station *s);
void station_close_files(struct station *s);
void station_close(struct station *s);
