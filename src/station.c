/* A station is opened on the main thread, one after the other, while no loop runs; then each but
 * the first gets a thread. What one revokes the others are sent by mail before anybody is told
 * that it is done. At the end the threads are joined, and all is taken apart on the main thread
 * again. */
#include "station.h"

#include "auth/accounts.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "dialect/registry.h"
#include "hub/deputy.h"
#include "net/thread.h"
#include "sio/server.h"
#include "web/files.h"
#include "web/rest.h"
#include "web/sio_line.h"
#include "web/throttle.h"
#include "web/ws_line.h"

#include <errno.h>
#include <stdio.h>

/* ---- revocations ---- */

/* One that is on its way to another loop. */
struct news {
    struct mail mail;
    struct station *to;
    struct revocation what;
    char user_id[ROOM_USER_ID_MAX];
    char token_id[IDENTITY_TOKEN_MAX];
};

static struct slice keep(char *to, struct slice text)
{
    if (text.len > 0)
        memcpy(to, text.p, text.len);
    return slice_of(to, text.len);
}

static void on_news(struct mail *mail)
{
    struct news *n = CONTAINER_OF(mail, struct news, mail);
    struct station *s = n->to;
    if (revocations_learn(s->lobby.revocations, &n->what, loop_wall_ms(s->loop)))
        log_error(LOG_AUTH, "no memory for what was revoked", LOG_TEXT("user", n->what.user_id));
    hub_send_away(s->lobby.hub, &n->what);
    xfree(n);
}

static void send_news(struct station *to, const struct revocation *what)
{
    struct news *n = xalloc(sizeof *n);
    *n = (struct news){ .mail = { .fn = on_news }, .to = to, .what = *what };
    n->what.user_id = keep(n->user_id, what->user_id);
    n->what.token_id = keep(n->token_id, what->token_id);
    loop_post(to->loop, &n->mail);
}

/* It holds here already. */
static void on_revoked(void *arg, const struct revocation *what)
{
    const struct station *s = arg;
    struct station_common *common = s->common;
    hub_send_away(s->lobby.hub, what);
    for (unsigned i = 0; i < common->places.n; i++) {
        if (i != s->place)
            send_news(&common->stations[i], what);
    }
}

static void on_loaded(void *arg, int err)
{
    struct station *s = arg;
    s->err = err;
}

/* Before anybody can come, or tokens that do not hold would. */
static int load_revocations(struct station *s)
{
    s->err = ERR_AGAIN;
    revocations_load(s->lobby.revocations, loop_wall_ms(s->loop), on_loaded, s);
    while (s->err == ERR_AGAIN)
        loop_turn(s->loop, true);
    if (s->err)
        log_error(
            LOG_AUTH, "it is not known which tokens were revoked, so no start", LOG_ERR(s->err));
    return s->err;
}

/* ---- beginning ---- */

static void open_accounts(struct station *s)
{
    const struct options *o = s->common->options;
    struct lobby *lobby = &s->lobby;
    const struct accounts_settings settings = {
        .loop = s->loop,
        .store = s->store,
        .revocations = lobby->revocations,
        .passwords = { .memory_bytes = o->auth.password_memory,
            .passes = o->auth.password_passes,
            .threads = (unsigned)o->auth.password_workers },
    };
    revocations_set_listener(lobby->revocations, on_revoked, s);
    lobby->accounts = accounts_new(&settings);
    lobby->throttle = throttle_new(
        server_try_rate(o->rate.login), server_try_rate(o->rate.login_address));
}

static void open_lobby(struct station *s)
{
    struct station_common *common = s->common;
    const struct options *o = common->options;
    const struct language *focus = &focus_language;
    const struct language *proctor = &proctor_language;
    struct revocations *revocations = revocations_new(s->store);
    s->hub_settings = common->hub;
    s->hub_settings.revocations = revocations;
    struct hub *hub = hub_new(&common->hubs, s->place, s->store, &s->hub_settings);
    s->lobby = (struct lobby){
        .hub = hub,
        .revocations = revocations,
        .rests = rests_new(),
        .is_signup_open = o->auth.signup,
        .socket = dispatch_new(hub, registry_socket, REGISTRY_SOCKET),
        .focus = dispatch_new(hub, &focus, 1),
        .proctor = dispatch_new(hub, &proctor, 1),
        .livekit = { .api_key = slice_str(o->livekit.api_key),
            .api_secret = slice_str(o->livekit.api_secret) },
        .livekit_url = slice_str(o->livekit.url),
        .livekit_ttl_ms = o->auth.token_ttl_ms,
    };
    dispatch_join(common->socket[s->place] = s->lobby.socket, common->socket);
    dispatch_join(common->focus[s->place] = s->lobby.focus, common->focus);
    dispatch_join(common->proctor[s->place] = s->lobby.proctor, common->proctor);
    s->lines = sio_lines_new(s->sockets, &s->lobby);
    ws_line_open(hub);
    s->front->lobby = &s->lobby;
}

int station_open(
    struct station *s, struct station_common *common, unsigned place, struct store *store)
{
    *s = (struct station){ .common = common, .place = place, .store = store };
    s->loop = common->places.loops[place];
    eio_server_init(&s->engine, &common->engines, place, &common->eio);
    s->sockets = sio_server_new(&s->engine, &common->sio);
    s->front = front_new(&common->fronts, place, common->web, common->tls);
    s->front->engine = &s->engine;
    open_lobby(s);
    if (place == PLACES_FIRST)
        open_accounts(s);
    return load_revocations(s);
}

int station_open_files(struct station *s)
{
    struct station_common *common = s->common;
    const struct files_options options = {
        .settings = &common->files,
        .places = &common->places,
        .place = s->place,
        .tally = &common->tally,
        .store = s->store,
        .workers = common->workers,
        .data_folder = common->options->data,
        .secret = common->secret,
    };
    int err = files_new(&s->lobby.files, &options);
    if (err)
        log_error(LOG_FILES, "no folder for files, so no start",
            LOG_STR("folder", common->options->data), LOG_STR("why", strerror(errno)));
    else
        dispatch_set_shelf(s->lobby.socket, files_shelf(s->lobby.files));
    return err;
}

/* ---- its thread ---- */

static void *run(void *arg)
{
    struct station *s = arg;
    char name[16];
    snprintf(name, sizeof name, "stoa-loop-%u", s->place);
    pthread_setname_np(pthread_self(), name);
    loop_run(s->loop);
    return NULL;
}

int station_start(struct station *s)
{
    int err = thread_start(&s->thread, run, s);
    s->has_thread = !err;
    return err;
}

void station_join(struct station *s)
{
    if (!s->has_thread)
        return;
    loop_stop(s->loop);
    pthread_join(s->thread, NULL);
    s->has_thread = false;
}

struct call {
    struct mail mail;
    struct station *station;
    station_fn *fn;
};

static void on_call(struct mail *mail)
{
    struct call *c = CONTAINER_OF(mail, struct call, mail);
    c->fn(c->station);
    xfree(c);
}

void station_tell(struct station *s, station_fn *fn)
{
    struct call *c = xalloc(sizeof *c);
    *c = (struct call){ .mail = { .fn = on_call }, .station = s, .fn = fn };
    loop_post(s->loop, &c->mail);
}

/* ---- the end ---- */

void station_hang_up(struct station *s)
{
    if (!s->front)
        return;
    eio_server_fini(&s->engine);
    front_free(s->front);
    s->front = NULL;
    deputies_end_all(s->lobby.hub);
    sio_server_free(s->sockets); /* those that were lost end, too, while every hub is there */
    s->sockets = NULL;
    if (s->lobby.files)
        files_close(s->lobby.files);
}

void station_close_files(struct station *s)
{
    if (s->lobby.files)
        loop_turn(s->loop, false);
    accounts_free(s->lobby.accounts);
    s->lobby.accounts = NULL;
}

void station_close(struct station *s)
{
    struct lobby *lobby = &s->lobby;
    if (lobby->hub) {
        dispatch_free(lobby->socket);
        dispatch_free(lobby->focus);
        dispatch_free(lobby->proctor);
        s->store->ops->close(s->store);
        rests_free(lobby->rests);
        files_free(lobby->files);
        hub_free(lobby->hub);
        revocations_free(lobby->revocations);
        throttle_free(lobby->throttle);
    }
    sio_lines_free(s->lines); /* late: what the hub had still to tell is in their words */
}
