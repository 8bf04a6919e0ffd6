#include "web/front.h"

#include "base/log.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "sio/engine.h"
#include "web/conn.h"
#include "web/request.h"
#include "web/ws_conn.h"

#include <unistd.h>

#define HEAD_BYTES (64u * 1024) /* of an answer, with its body when that is small */

void fronts_init(
    struct fronts *all, const struct places *places, const struct web_settings *settings)
{
    *all = (struct fronts){ .places = places };
    admission_init(&all->admission, settings->connections, settings->connections_per_address);
    all->admission.exempt = settings->proxies;
    all->admission.n_exempt = settings->n_proxies;
}

void fronts_fini(struct fronts *all)
{
    admission_fini(&all->admission);
}

struct front *front_new(
    struct fronts *all, unsigned place, const struct web_settings *settings, struct tls *tls)
{
    struct front *f = xalloc(sizeof *f);
    f->all = all;
    f->place = place;
    f->loop = all->places->loops[place];
    f->settings = settings;
    f->tls = tls ? tls_ref(tls) : NULL;
    f->date_s = -1;
    all->at[place] = f;
    link_init(&f->conns);
    link_init(&f->sockets);
    buf_init(&f->head, HEAD_BYTES);
    return f;
}

static void close_listeners(struct front *f)
{
    for (unsigned i = 0; i < f->n_listeners; i++)
        listener_close(f->listeners[i]);
    f->n_listeners = 0;
    listener_close(f->admin);
    f->admin = NULL;
}

static void free_spare_requests(struct front *f)
{
    while (f->spare) {
        struct request *r = f->spare;
        f->spare = r->next_spare;
        arena_fini(&r->arena);
        xfree(r);
    }
}

void front_free(struct front *f)
{
    if (!f)
        return;
    close_listeners(f);
    LIST_EACH(link, &f->conns)
        stream_close(CONTAINER_OF(link, struct conn, link)->stream, ERR_DRAINING);
    LIST_EACH(link, &f->sockets)
        ws_conn_abort(link);
    loop_turn(f->loop, false); /* what was let go is freed here */
    free_spare_requests(f);
    tls_unref(f->tls);
    buf_fini(&f->head);
    xfree(f);
}

/* A full server hangs up at once: that costs nothing, and the client comes again. */
static void on_accept(void *arg, int fd, const struct addr *peer)
{
    struct front *f = arg;
    int err = 0;
    if (f->stats.net.half_open >= f->settings->tls_half_open)
        err = ERR_BUSY;
    if (!err)
        err = admission_enter(&f->all->admission, addr_ip(peer));
    if (err) {
        log_debug(LOG_NET, "connection refused", LOG_ERR(err));
        close(fd);
        return;
    }
    conn_new(f, fd, peer);
}

static void announce(const struct listener *listener)
{
    char text[ADDR_TEXT_BYTES];
    struct addr at = listener_addr(listener);
    addr_text(text, &at);
    log_info(LOG_NET, "listening", LOG_STR("address", text));
}

static int add(struct front *f, struct listener *listener)
{
    f->listeners[f->n_listeners++] = listener;
    if (f->place == PLACES_FIRST) /* the others listen there as well */
        announce(listener);
    return 0;
}

int front_listen(struct front *f, const struct addr *at)
{
    struct listener *listener;
    if (f->n_listeners == FRONT_MAX_LISTENERS)
        return ERR_TOO_MANY;
    int err = listener_open(&listener, f->loop, at, on_accept, f);
    return err ? err : add(f, listener);
}

struct addr front_address(const struct front *f, unsigned i)
{
    return listener_addr(f->listeners[i]);
}

int front_adopt(struct front *f, int fd)
{
    struct listener *listener;
    if (f->n_listeners == FRONT_MAX_LISTENERS)
        return ERR_TOO_MANY;
    int err = listener_adopt(&listener, f->loop, fd, on_accept, f);
    return err ? err : add(f, listener);
}

/* Who is one too many is told so by the end of the connection, and comes again. */
static void on_accept_admin(void *arg, int fd, const struct addr *peer)
{
    struct front *f = arg;
    if (f->n_admin < FRONT_MAX_ADMIN)
        conn_new_admin(f, fd, peer);
    else
        close(fd);
}

int front_listen_admin(struct front *f, const struct addr *at)
{
    return listener_open_private(&f->admin, f->loop, at, on_accept_admin, f);
}

void front_drain(struct front *f)
{
    f->is_draining = true;
}

void front_close_listeners(struct front *f)
{
    close_listeners(f);
    f->is_closed = true;
    LIST_EACH(link, &f->conns)
        conn_drain(CONTAINER_OF(link, struct conn, link));
    if (f->engine)
        eio_server_drain(f->engine);
    LIST_EACH(link, &f->sockets)
        ws_conn_drain(link);
}

unsigned front_connections(const struct front *f)
{
    return admission_n(&f->all->admission) + f->n_admin;
}

struct slice front_date(struct front *f)
{
    int64_t now_ms = loop_wall_ms(f->loop);
    if (now_ms / 1000 != f->date_s) {
        f->date_s = now_ms / 1000;
        http1_date(f->date, now_ms);
    }
    return slice_of(f->date, sizeof f->date);
}
