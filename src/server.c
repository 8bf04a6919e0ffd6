/* A server is started top down (data folder, certificate, loops, listeners) and ends in two ways: a
 * first SIGTERM drains it, a second one, or the deadline, ends it at once. Its first loop runs on
 * the main thread, hears the signals, and has the others begin and end.
 *
 *   SERVING --SIGTERM--> WAITING (not ready, still listening: drain.delay)
 *           --> CLOSING (listeners closed, clients told) --nobody left, or drain.deadline--> end
 */
#include "server.h"

#include "auth/secret.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "net/signals.h"
#include "net/systemd.h"
#include "net/tls_dev.h"
#include "station.h"
#include "store/open.h"
#include "upkeep.h"
#include "version.h"

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
    struct station_common common;
    struct station stations[PLACES_MAX];
    unsigned n_open;   /* of them */
    struct loop *loop; /* the first */
    struct signals *signals;
    struct upkeep upkeep;
    struct timer drain;
    uint64_t drain_ends_us;
    struct arena memory;
};

static struct front *first_front(const struct server *s)
{
    return s->stations[PLACES_FIRST].front;
}

static void tell_all(struct server *s, station_fn *fn)
{
    for (unsigned i = 0; i < s->n_open; i++)
        station_tell(&s->stations[i], fn);
}

/* ---- the end ---- */

static void close_listeners(struct station *s)
{
    if (s->front) /* else it ends already */
        front_close_listeners(s->front);
}

static void close_up(struct server *s)
{
    s->phase = SERVER_CLOSING;
    tell_all(s, close_listeners);
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
    unsigned left = front_connections(first_front(s));
    if (left && loop_now_us(s->loop) < s->drain_ends_us) {
        loop_arm(s->loop, &s->drain, DRAIN_LOOK_US);
        return;
    }
    log_info(LOG_MAIN, "stopped", LOG_NUM("connections_cut", left));
    loop_stop(s->loop);
}

static void begin_drain(struct station *s)
{
    if (s->front)
        front_drain(s->front);
}

static void drain(struct server *s)
{
    log_info(LOG_MAIN, "draining", LOG_NUM("connections", front_connections(first_front(s))));
    if (!s->is_helper)
        systemd_notify("STOPPING=1");
    s->phase = SERVER_WAITING;
    tell_all(s, begin_drain);
    loop_arm(s->loop, &s->drain, s->is_helper ? 0 : s->options->drain.delay_ms * 1000);
}

static void reload(struct server *s)
{
    char why[WHY_BYTES];
    if (!s->common.tls) {
        log_info(LOG_MAIN, "nothing to reload");
        return;
    }
    if (tls_reload(s->common.tls, why))
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
        err = tls_new(&s->common.tls, cert, key, why);
    if (err)
        log_error(LOG_TLS, "no TLS, so no start", LOG_STR("why", why));
    return err;
}

/* Each loop has a socket of its own there; the kernel shares out who comes. */
static int try_listen(struct server *s, const struct addr *at)
{
    if (listener_is_taken(at))
        return ERR_CONFLICT;
    int err = front_listen(first_front(s), at);
    bool is_shared = at->any.sa_family != AF_UNIX;
    struct addr same = *at;
    if (!err && addr_port(at) == 0)
        same = front_address(first_front(s), first_front(s)->n_listeners - 1);
    for (unsigned i = 1; i < s->n_open && is_shared && !err; i++)
        err = front_listen(s->stations[i].front, &same);
    return err;
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
        at = front_address(first_front(s), 0);
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
        int err = front_adopt(first_front(s), SYSTEMD_FIRST_FD + (int)i);
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
    return err ? err : front_listen_admin(first_front(s), &at);
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

static int add_loop(struct server *s)
{
    struct loop *l;
    int err = loop_new(&l, &clock_system);
    return err ? err : places_add(&s->common.places, l);
}

static unsigned count_loops(const struct server *s)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t n = s->options->threads > 0 ? s->options->threads : cores > 0 ? (uint64_t)cores : 1;
    return s->is_helper ? 1 : n < PLACES_MAX ? (unsigned)n : PLACES_MAX;
}

static int open_loops(struct server *s)
{
    unsigned n = count_loops(s);
    int err = 0;
    places_init(&s->common.places);
    while (s->common.places.n < n && !err)
        err = add_loop(s);
    s->loop = s->common.places.loops[PLACES_FIRST];
    if (!err)
        err = signals_open(&s->signals, s->loop, on_signal, s);
    if (err)
        log_error(LOG_MAIN, "no descriptors for the event loops: raise the limit of open files",
            LOG_STR("why", strerror(errno)));
    return err;
}

/* The one that was set, or the data folder's own. */
static int find_secret(struct server *s)
{
    struct slice *out = &s->common.secret;
    char why[SECRET_WHY_BYTES];
    *out = slice_str(s->options->jwt.secret);
    int err = out->len > 0 ? 0 : secret_load(out, &s->memory, s->options->data, why);
    if (err)
        log_error(LOG_MAIN, "no secret for tokens, so no start", LOG_STR("why", why));
    return err;
}

static int open_store(struct store **out, struct server *s)
{
    char why[SQL_WHY_BYTES];
    const struct store_settings settings = {
        .url = s->options->database.url,
        .data = s->options->data,
        .batch_max = (uint32_t)s->options->database.batch,
        .max_waiting_bytes = s->options->database.queue_bytes,
    };
    int err = store_open(out, s->loop, &settings, why);
    if (err)
        log_error(LOG_STORE, "no database, so no start", LOG_STR("why", why));
    return err;
}

/* ---- the stations ---- */

static void open_common(struct server *s)
{
    struct station_common *c = &s->common;
    c->options = s->options;
    c->stations = s->stations;
    c->eio = server_eio_settings(s->options);
    c->sio = server_sio_settings(s->options);
    c->hub = server_hub_settings(s->options, c->secret);
    c->files = server_files_settings(s->options);
    fronts_init(&c->fronts, &c->places, c->web);
    eio_servers_init(&c->engines, &c->places, &c->eio);
    hubs_init(&c->hubs, &c->places);
    files_tally_init(&c->tally);
}

static int open_stations(struct server *s)
{
    struct station_common *c = &s->common;
    struct store *store;
    int err = open_store(&store, s);
    for (unsigned i = 0; i < c->places.n && !err; i++) {
        if (i != PLACES_FIRST)
            err = store->ops->share(&store, store, c->places.loops[i]);
        if (!err)
            err = station_open(&s->stations[s->n_open++], c, i, store);
    }
    return err;
}

static int open_files(struct server *s)
{
    int err = 0;
    s->common.workers = workers_new(FILE_WORKERS, FILE_JOBS);
    for (unsigned i = 0; i < s->n_open && !err; i++)
        err = station_open_files(&s->stations[i]);
    return err;
}

static int start_others(struct server *s)
{
    int err = 0;
    for (unsigned i = 1; i < s->n_open && !err; i++)
        err = station_start(&s->stations[i]);
    if (err)
        log_error(LOG_MAIN, "no threads for the event loops", LOG_ERR(err));
    return err;
}

/* What one loop has sent another comes to its place before that ends. */
static void settle_mail(struct server *s)
{
    bool any = true;
    while (any) {
        any = false;
        for (unsigned i = 0; i < s->n_open; i++)
            any = loop_settle(s->stations[i].loop) || any;
    }
}

static void close_stations(struct server *s)
{
    for (unsigned i = 1; i < s->n_open; i++)
        station_join(&s->stations[i]);
    settle_mail(s);
    for (unsigned i = 0; i < s->n_open; i++)
        station_hang_up(&s->stations[i]);
    settle_mail(s);
    workers_free(s->common.workers);
    for (unsigned i = 0; i < s->n_open; i++)
        station_close_files(&s->stations[i]);
    if (s->upkeep.store)
        upkeep_end(&s->upkeep);
    for (unsigned i = s->n_open; i-- > 0;)
        station_close(&s->stations[i]);
}

static void close_common(struct server *s)
{
    struct station_common *c = &s->common;
    if (c->stations) {
        eio_servers_fini(&c->engines);
        fronts_fini(&c->fronts);
        files_tally_fini(&c->tally);
    }
    for (unsigned i = 0; i < c->places.n; i++)
        loop_free(c->places.loops[i]);
    tls_unref(c->tls);
}

static int start(struct server *s)
{
    struct web_settings *web;
    timer_init(&s->drain, on_drain_timer, s);
    raise_descriptor_limit();
    int err = make_folder(s->options->data);
    if (err) {
        log_error(LOG_MAIN, "the data folder cannot be made", LOG_STR("folder", s->options->data),
            LOG_STR("why", strerror(errno)));
        return err;
    }
    err = s->is_helper ? 0 : open_tls(s);
    if (!err)
        err = server_settings(&web, &s->memory, s->options);
    if (!err)
        err = find_secret(s);
    if (!err)
        err = open_loops(s);
    if (err)
        return err;
    s->common.web = web;
    open_common(s);
    err = open_stations(s);
    if (err)
        return err;
    upkeep_begin(&s->upkeep, s->loop, s->stations[PLACES_FIRST].store, s->options);
    err = s->is_helper ? 0 : open_files(s);
    if (!err && !s->is_helper)
        err = open_listeners(s);
    if (!err)
        err = listen_for_admin(s);
    return err ? err : start_others(s);
}

static void stop(struct server *s)
{
    if (s->loop)
        loop_disarm(s->loop, &s->drain);
    close_stations(s);
    if (s->data_fd >= 0)
        close(s->data_fd);
    signals_close(s->signals);
    close_common(s);
    arena_fini(&s->memory);
}

static void announce(const struct server *s)
{
    const struct options *o = s->options;
    const struct addr at = front_address(first_front(s), 0);
    char url[64];
    snprintf(
        url, sizeof url, "%s://localhost:%u", s->common.tls ? "https" : "http", addr_port(&at));
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
