/* A server is started top down (data folder, certificate, loop, listeners) and ends in two ways: a
 * first SIGTERM drains it, a second one, or the deadline, ends it at once.
 *
 *   SERVING --SIGTERM--> WAITING (not ready, still listening: drain.delay)
 *           --> CLOSING (listeners closed, clients told) --nobody left, or drain.deadline--> end
 */
#include "server.h"

#include "auth/accounts.h"
#include "auth/secret.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "dialect/registry.h"
#include "net/signals.h"
#include "net/systemd.h"
#include "net/tls_dev.h"
#include "server_settings.h"
#include "store/open.h"
#include "upkeep.h"
#include "version.h"
#include "web/files.h"
#include "web/front.h"
#include "web/lobby.h"
#include "web/rest.h"
#include "web/sio_line.h"
#include "web/throttle.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXIT_CONFIG    78
#define SETTINGS_BYTES (1u << 20)
#define DRAIN_LOOK_US  (20 * 1000u)
#define FILE_WORKERS   2    /* threads that wait for the disk */
#define FILE_JOBS      1024 /* that may wait for them */
#define PATH_BYTES     4096
#define WHY_BYTES      160

enum server_phase { SERVER_SERVING, SERVER_WAITING, SERVER_CLOSING };

struct server {
    const struct options *options;
    enum server_phase phase;
    bool is_helper; /* serves the admin socket alone */
    int data_fd;    /* the data folder, open as long as the admin socket is; -1: not open */
    struct loop *loop;
    struct signals *signals;
    struct tls *tls;
    struct eio_settings eio_settings;
    struct sio_settings sio_settings;
    struct eio_server engine;
    struct sio_server *sockets;
    struct sio_lines *lines;
    struct hub_settings hub_settings;
    struct store *store;
    struct upkeep upkeep;
    struct lobby lobby;
    struct files_settings files_settings;
    struct workers *workers; /* of files */
    int revocations_err;     /* of loading them; ERR_AGAIN: they are being loaded */
    struct front *front;
    struct timer drain;
    uint64_t drain_ends_us;
    struct arena memory;
};

/* ---- the end ---- */

static void close_up(struct server *s)
{
    s->phase = SERVER_CLOSING;
    front_close_listeners(s->front);
    s->drain_ends_us = loop_now_us(s->loop) + s->options->drain.deadline_ms * 1000;
    if (s->is_helper) /* no machine that goes down, but somebody who needs it no more, ends it */
        s->drain_ends_us = UINT64_MAX;
    loop_arm(s->loop, &s->drain, 0);
}

static void on_drain_timer(void *arg)
{
    struct server *s = arg;
    if (s->phase == SERVER_WAITING) {
        close_up(s);
        return;
    }
    unsigned left = front_connections(s->front);
    if (left && loop_now_us(s->loop) < s->drain_ends_us) {
        loop_arm(s->loop, &s->drain, DRAIN_LOOK_US);
        return;
    }
    log_info(LOG_MAIN, "stopped", LOG_NUM("connections_cut", left));
    loop_stop(s->loop);
}

static void drain(struct server *s)
{
    log_info(LOG_MAIN, "draining", LOG_NUM("connections", front_connections(s->front)));
    if (!s->is_helper)
        systemd_notify("STOPPING=1");
    s->phase = SERVER_WAITING;
    front_drain(s->front);
    loop_arm(s->loop, &s->drain, s->is_helper ? 0 : s->options->drain.delay_ms * 1000);
}

static void reload(struct server *s)
{
    char why[WHY_BYTES];
    if (!s->tls) {
        log_info(LOG_MAIN, "nothing to reload");
        return;
    }
    if (tls_reload(s->tls, why))
        log_error(LOG_TLS, "the old certificate stays in force", LOG_STR("why", why));
    else
        log_info(LOG_TLS, "certificate reloaded");
}

static void on_signal(void *arg, int number)
{
    struct server *s = arg;
    if (number == SIGHUP) {
        reload(s);
    } else if (s->phase == SERVER_SERVING) {
        drain(s);
    } else {
        log_warning(LOG_MAIN, "stopped at once by a second signal");
        loop_stop(s->loop);
    }
}

/* ---- the beginning ---- */

/* Makes the folder and those above it. */
static int make_folder(const char *path)
{
    char part[PATH_BYTES];
    size_t len = strlen(path);
    if (len >= sizeof part)
        return ERR_TOO_BIG;
    memcpy(part, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        char end = part[i];
        part[i] = '\0';
        if (mkdir(part, 0700) && errno != EEXIST)
            return ERR_IO;
        part[i] = end;
    }
    return 0;
}

/* The kernel's soft limit is for programs that use select(); we do not. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int open_tls(struct server *s)
{
    char cert[PATH_BYTES];
    char key[PATH_BYTES];
    char why[WHY_BYTES] = "";
    int err = 0;
    if (s->options->dev_tls) {
        snprintf(cert, sizeof cert, "%s/dev-cert.pem", s->options->data);
        snprintf(key, sizeof key, "%s/dev-key.pem", s->options->data);
        err = tls_dev_make(cert, key, why);
    } else {
        snprintf(cert, sizeof cert, "%s", s->options->tls.cert);
        snprintf(key, sizeof key, "%s", s->options->tls.key);
    }
    if (!err && cert[0])
        err = tls_new(&s->tls, cert, key, why);
    if (err)
        log_error(LOG_TLS, "no TLS, so no start", LOG_STR("why", why));
    return err;
}

static int try_listen(struct server *s, const struct addr *at)
{
    return listener_is_taken(at) ? ERR_CONFLICT : front_listen(s->front, at);
}

static int listen_at(struct server *s, const struct addr *at)
{
    char text[ADDR_TEXT_BYTES];
    int err = try_listen(s, at);
    if (!err)
        return 0;
    addr_text(text, at);
    const char *what = err == ERR_CONFLICT
        ? "the address is taken: stop who has it, or choose another --port"
        : err == ERR_FORBIDDEN ? "not permitted to listen there: choose a --port above 1023"
                               : "cannot listen there: see --host";
    log_error(LOG_NET, what, LOG_STR("address", text));
    return err;
}

static int listen_at_host(struct server *s, struct slice host, uint16_t port)
{
    struct addr at;
    int err = addr_parse(&at, host, port);
    return err ? err : listen_at(s, &at);
}

/* All addresses: IPv6 and IPv4, each with a socket of its own; a machine may lack either. */
static int listen_everywhere(struct server *s)
{
    uint16_t port = s->options->port;
    struct addr at;
    int err = addr_parse(&at, S("::"), port);
    int err6 = err ? err : try_listen(s, &at);
    if (err6 == ERR_CONFLICT)
        return listen_at(s, &at); /* says so */
    if (!err6 && port == 0) {
        at = listener_addr(s->front->listeners[0]);
        port = addr_port(&at);
    }
    err = listen_at_host(s, S("0.0.0.0"), port);
    return err6 || err == ERR_CONFLICT ? err : 0;
}

static int listen_at_socket(struct server *s)
{
    struct addr at;
    if (!s->options->socket[0])
        return 0;
    int err = addr_local(&at, slice_str(s->options->socket));
    return err ? err : listen_at(s, &at);
}

static int open_listeners(struct server *s)
{
    unsigned inherited = systemd_listen_fds();
    for (unsigned i = 0; i < inherited; i++) {
        int err = front_adopt(s->front, SYSTEMD_FIRST_FD + (int)i);
        if (err) {
            log_error(LOG_NET, "an inherited descriptor is no socket that listens",
                LOG_NUM("descriptor", SYSTEMD_FIRST_FD + (int)i));
            return err;
        }
    }
    if (inherited)
        return 0;
    const struct option_list *hosts = &s->options->host;
    int err = hosts->n ? 0 : listen_everywhere(s);
    for (size_t i = 0; i < hosts->n && !err; i++)
        err = listen_at_host(s, slice_str(hosts->at[i]), s->options->port);
    return err ? err : listen_at_socket(s);
}

static int try_listen_for_admin(struct server *s)
{
    const char *data = s->options->data;
    struct addr at;
    s->data_fd = open(data, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (s->data_fd < 0)
        return ERR_IO;
    int err = addr_local_in(&at, slice_str(data), s->data_fd, SERVER_ADMIN_SOCKET);
    return err ? err : front_listen_admin(s->front, &at);
}

/* There are folders that hold no sockets; people can be served all the same. */
static int listen_for_admin(struct server *s)
{
    int err = try_listen_for_admin(s);
    if (!err)
        return 0;
    if (s->is_helper)
        log_error(LOG_NET, "the data folder takes no socket", LOG_STR("folder", s->options->data));
    else
        log_warning(LOG_NET, "no admin socket, so `stoa backup` and `stoa user` do not reach this",
            LOG_STR("folder", s->options->data), LOG_ERR(err));
    return s->is_helper ? err : 0;
}

static int open_loop(struct server *s)
{
    int err = loop_new(&s->loop, &clock_system);
    if (!err)
        err = signals_open(&s->signals, s->loop, on_signal, s);
    if (err)
        log_error(LOG_MAIN, "no descriptors for the event loop: raise the limit of open files",
            LOG_STR("why", strerror(errno)));
    return err;
}

/* The one that was set, or the data folder's own. */
static int find_secret(struct slice *out, struct server *s)
{
    char why[SECRET_WHY_BYTES];
    *out = slice_str(s->options->jwt.secret);
    int err = out->len > 0 ? 0 : secret_load(out, &s->memory, s->options->data, why);
    if (err)
        log_error(LOG_MAIN, "no secret for tokens, so no start", LOG_STR("why", why));
    return err;
}

static int open_store(struct server *s)
{
    char why[SQL_WHY_BYTES];
    const struct store_settings settings = {
        .url = s->options->database.url,
        .data = s->options->data,
        .batch_max = (uint32_t)s->options->database.batch,
        .max_waiting_bytes = s->options->database.queue_bytes,
    };
    int err = store_open(&s->store, s->loop, &settings, why);
    if (err)
        log_error(LOG_STORE, "no database, so no start", LOG_STR("why", why));
    return err;
}

/* ---- accounts ---- */

static void on_revoked(void *arg, const struct revocation *what)
{
    const struct server *s = arg;
    hub_send_away(s->lobby.hub, what);
}

static void on_revocations(void *arg, int err)
{
    struct server *s = arg;
    s->revocations_err = err;
}

/* Before anybody can come, or tokens that do not hold would. */
static int load_revocations(struct server *s)
{
    s->revocations_err = ERR_AGAIN;
    revocations_load(s->lobby.revocations, loop_wall_ms(s->loop), on_revocations, s);
    while (s->revocations_err == ERR_AGAIN)
        loop_turn(s->loop, true);
    if (s->revocations_err)
        log_error(LOG_AUTH, "it is not known which tokens were revoked, so no start",
            LOG_ERR(s->revocations_err));
    return s->revocations_err;
}

static void open_accounts(struct server *s)
{
    const struct options *o = s->options;
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
    lobby->is_signup_open = o->auth.signup;
}

/* ---- files ---- */

static int open_files(struct server *s, struct slice secret)
{
    const struct files_options options = {
        .settings = &s->files_settings,
        .loop = s->loop,
        .store = s->store,
        .workers = s->workers = workers_new(FILE_WORKERS, FILE_JOBS),
        .data_folder = s->options->data,
        .secret = secret,
    };
    s->files_settings = server_files_settings(s->options);
    int err = files_new(&s->lobby.files, &options);
    if (err)
        log_error(LOG_FILES, "no folder for files, so no start",
            LOG_STR("folder", s->options->data), LOG_STR("why", strerror(errno)));
    else
        dispatch_set_shelf(s->lobby.socket, files_shelf(s->lobby.files));
    return err;
}

/* What workers have done comes home in one more turn; then nothing more is done. */
static void close_files(struct server *s)
{
    if (s->lobby.files)
        files_close(s->lobby.files);
    workers_free(s->workers);
    if (s->lobby.files)
        loop_turn(s->loop, false);
}

/* ---- rooms ---- */

static void open_lobby(struct server *s, struct slice secret)
{
    const struct options *o = s->options;
    const struct language *focus = &focus_language;
    const struct language *proctor = &proctor_language;
    struct revocations *revocations = revocations_new(s->store);
    s->hub_settings = server_hub_settings(o, secret);
    s->hub_settings.revocations = revocations;
    struct hub *hub = hub_new(s->loop, s->store, &s->hub_settings);
    s->lobby = (struct lobby){
        .hub = hub,
        .revocations = revocations,
        .rests = rests_new(),
        .socket = dispatch_new(hub, registry_socket, REGISTRY_SOCKET),
        .focus = dispatch_new(hub, &focus, 1),
        .proctor = dispatch_new(hub, &proctor, 1),
        .livekit = { .api_key = slice_str(o->livekit.api_key),
            .api_secret = slice_str(o->livekit.api_secret) },
        .livekit_url = slice_str(o->livekit.url),
        .livekit_ttl_ms = o->auth.token_ttl_ms,
    };
    open_accounts(s);
    s->lines = sio_lines_new(s->sockets, &s->lobby);
    s->front->lobby = &s->lobby;
}

static void close_hub(struct server *s)
{
    dispatch_free(s->lobby.socket);
    dispatch_free(s->lobby.focus);
    dispatch_free(s->lobby.proctor);
    s->store->ops->close(s->store);
    rests_free(s->lobby.rests);
    files_free(s->lobby.files);
    hub_free(s->lobby.hub);
    revocations_free(s->lobby.revocations);
    throttle_free(s->lobby.throttle);
}

static void close_lobby(struct server *s)
{
    if (s->upkeep.store)
        upkeep_end(&s->upkeep);
    if (s->lobby.hub)
        close_hub(s);
    else if (s->store)
        s->store->ops->close(s->store);
    sio_lines_free(s->lines); /* late: what the hub had still to tell is in their words */
}

static int start(struct server *s)
{
    struct slice secret;
    struct web_settings *settings;
    raise_descriptor_limit();
    int err = make_folder(s->options->data);
    if (err) {
        log_error(LOG_MAIN, "the data folder cannot be made", LOG_STR("folder", s->options->data),
            LOG_STR("why", strerror(errno)));
        return err;
    }
    err = s->is_helper ? 0 : open_tls(s);
    if (!err)
        err = server_settings(&settings, &s->memory, s->options);
    if (!err)
        err = find_secret(&secret, s);
    if (!err)
        err = open_loop(s);
    if (!err)
        err = open_store(s);
    if (err)
        return err;
    s->eio_settings = server_eio_settings(s->options);
    s->sio_settings = server_sio_settings(s->options);
    eio_server_init(&s->engine, s->loop, &s->eio_settings);
    s->sockets = sio_server_new(&s->engine, &s->sio_settings);
    s->front = front_new(s->loop, settings, s->tls);
    s->front->engine = &s->engine;
    open_lobby(s, secret);
    upkeep_begin(&s->upkeep, s->loop, s->store, s->options);
    timer_init(&s->drain, on_drain_timer, s);
    err = load_revocations(s);
    if (!err && !s->is_helper)
        err = open_files(s, secret);
    if (!err && !s->is_helper)
        err = open_listeners(s);
    return err ? err : listen_for_admin(s);
}

static void stop(struct server *s)
{
    if (s->loop)
        loop_disarm(s->loop, &s->drain);
    if (s->front)
        eio_server_fini(&s->engine);
    front_free(s->front);
    close_files(s);
    accounts_free(s->lobby.accounts);
    if (s->data_fd >= 0)
        close(s->data_fd);
    sio_server_free(s->sockets);
    close_lobby(s);
    signals_close(s->signals);
    loop_free(s->loop);
    tls_unref(s->tls);
    arena_fini(&s->memory);
}

static void announce(const struct server *s)
{
    const struct options *o = s->options;
    const struct addr at = listener_addr(s->front->listeners[0]);
    char url[64];
    snprintf(url, sizeof url, "%s://localhost:%u", s->tls ? "https" : "http", addr_port(&at));
    log_info(LOG_MAIN, "ready", LOG_STR("version", STOA_VERSION),
        LOG_STR("url", o->public_url[0] ? o->public_url : url), LOG_STR("data", o->data));
    systemd_notify("READY=1");
}

int server_run(const struct options *o)
{
    struct server s = { .options = o, .data_fd = -1 };
    arena_init(&s.memory, SETTINGS_BYTES);
    int err = start(&s);
    if (!err) {
        announce(&s);
        loop_run(s.loop);
    }
    stop(&s);
    return err ? EXIT_CONFIG : 0;
}

int server_run_helper(const struct options *o, void (*on_ready)(void *arg), void *arg)
{
    struct server s = { .options = o, .is_helper = true, .data_fd = -1 };
    arena_init(&s.memory, SETTINGS_BYTES);
    int err = start(&s);
    if (!err) {
        on_ready(arg);
        loop_run(s.loop);
    }
    stop(&s);
    if (err == ERR_CONFLICT)
        return SERVER_TAKEN;
    return err ? EXIT_CONFIG : 0;
}
