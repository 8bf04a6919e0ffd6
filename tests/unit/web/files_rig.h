/* A server of files alone, over the false network of rig.h: its store in memory, its workers real,
 * a folder of its own. */
#pragma once

#include "auth/token.h"
#include "hub/hub.h"
#include "rig.h"
#include "store/memory.h"
#include "web/files_parts.h"
#include "web/lobby.h"
#include "web/rest.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET      "0123456789abcdef0123456789abcdef"
#define MINUTE_US   (60 * SECOND_US)
#define PATIENCE    200000u /* turns */
#define QUICK_TURNS 2000u   /* of nothing; from then on each takes a moment */
#define BIG         700000u

struct files_rig {
    struct rig web;
    char folder[40];
    struct workers *workers;
    struct files_tally tally;
    struct hub_settings hub_settings;
    struct files_settings settings;
    struct lobby lobby;
    struct store *store;
    unsigned idle_turns;
    bool is_brief; /* much never comes: PATIENCE lasts for turns alone */
};

/* ---- the server ---- */

static inline void open_files(struct files_rig *r)
{
    const struct files_options o = {
        .settings = &r->settings,
        .places = &r->web.places,
        .tally = &r->tally,
        .store = r->store,
        .workers = r->workers,
        .data_folder = r->folder,
        .secret = S(SECRET),
    };
    r->workers = workers_new(2, 100);
    struct files_options with = o;
    with.workers = r->workers;
    if (files_new(&r->lobby.files, &with))
        abort();
}

static inline void close_files(struct files_rig *r)
{
    files_close(r->lobby.files);
    workers_free(r->workers);
    test_clock_turn(&r->web.clock, 100000);
    loop_turn(r->web.loop, false);
}

static inline void init(struct files_rig *r)
{
    *r = (struct files_rig){
        .folder = "/tmp/stoa-files-XXXXXX",
        .hub_settings = { .max_rooms = 100,
            .max_sessions = 10,
            .idle_ms = 60000,
            .auth_mode = AUTH_OPTIONAL,
            .token_secret = SLICE(SECRET) },
        .settings = { .max_bytes = 1u << 20, .uploads = 4 },
    };
    if (!mkdtemp(r->folder))
        abort();
    rig_init(&r->web);
    r->web.settings.connections = 50;
    r->web.settings.connections_per_address = 50;
    rig_start(&r->web);
}

static inline void start(struct files_rig *r)
{
    static const struct language none = { .title = "none" };
    const struct language *languages[] = { &none };
    r->store = store_memory_new(r->web.loop);
    r->lobby.rests = rests_new();
    r->lobby.hub = hub_new(&r->web.hubs, 0, r->store, &r->hub_settings);
    r->lobby.socket = dispatch_new(r->lobby.hub, languages, 1);
    r->web.front->lobby = &r->lobby;
    files_tally_init(&r->tally);
    open_files(r);
}

static inline int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

/* As the server ends. */
static inline void stop(struct files_rig *r)
{
    struct loop *loop = r->web.loop;
    rig_hang_up(&r->web);
    front_free(r->web.front);
    fronts_fini(&r->web.fronts);
    close_files(r);
    dispatch_free(r->lobby.socket);
    r->store->ops->close(r->store);
    rests_free(r->lobby.rests);
    files_free(r->lobby.files);
    files_tally_fini(&r->tally);
    hub_free(r->lobby.hub);
    test_clock_turn(&r->web.clock, 2 * 60 * MINUTE_US); /* and nothing of it is left to happen */
    loop_turn(loop, false);
    loop_free(loop);
    free(r->web.heard);
    nftw(r->folder, remove_one, 10, FTW_DEPTH | FTW_PHYS);
}
