/* What an address asks for when it is bound, what becomes of files that are in the way of a unix
 * socket, and how it rests when there are no descriptors left. Accepting is the same for all. */
#include "net/listener.h"

#include "base/log.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG          4096
#define ACCEPTS_PER_TURN 64
#define REST_US          (200 * 1000u) /* out of descriptors: a fifth of a second, no CPU */

struct listener_use {
    listener_fn *fn;
    void *arg;
};

struct listener {
    struct loop *loop;
    struct watch watch;
    struct timer rest;
    struct task free_task;
    listener_fn *fn;
    void *arg;
    struct addr at;
    bool owns_file;
};

static void rest(struct listener *s)
{
    log_warning(LOG_NET, "cannot accept, new connections wait", LOG_NUM("errno", errno));
    loop_rewatch(s->loop, &s->watch, 0);
    loop_arm(s->loop, &s->rest, REST_US);
}

static void on_rested(void *arg)
{
    struct listener *s = arg;
    loop_rewatch(s->loop, &s->watch, EPOLLIN);
}

static void on_readable(void *arg, uint32_t events)
{
    struct listener *s = arg;
    (void)events;
    for (unsigned i = 0; i < ACCEPTS_PER_TURN && s->watch.fd >= 0; i++) {
        struct addr peer = { .len = sizeof peer.local };
        int fd = accept4(s->watch.fd, &peer.any, &peer.len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            s->fn(s->arg, fd, &peer);
        } else if (errno == EAGAIN) {
            return; /* no one waits */
        } else if (errno != EINTR && errno != ECONNABORTED) {
            rest(s); /* mostly EMFILE; whatever it is, it stays for a while */
            return;
        }
    }
}

/* A file that nobody listens behind is left over from a server that was killed. One whose queue is
 * full is alive, and must not keep us waiting. */
static void remove_stale_file(const struct addr *at)
{
    struct stat st;
    if (lstat(at->local.sun_path, &st) || !S_ISSOCK(st.st_mode))
        return;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (connect(fd, &at->any, at->len) && errno == ECONNREFUSED)
        unlink(at->local.sun_path);
    close(fd);
}

static int set_options(int fd, const struct addr *at)
{
    int on = 1;
    if (at->any.sa_family == AF_UNIX)
        return 0;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on))
        return ERR_IO;
    if (at->any.sa_family == AF_INET6)
        return setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) ? ERR_IO : 0;
    return 0;
}

static int bind_error(void)
{
    if (errno == EADDRINUSE)
        return ERR_CONFLICT;
    return errno == EACCES || errno == EPERM ? ERR_FORBIDDEN : ERR_IO;
}

/* Asks as one who does not share: such a socket cannot be bound beside one that listens. */
bool listener_is_taken(const struct addr *at)
{
    int on = 1;
    if (at->any.sa_family == AF_UNIX || addr_port(at) == 0)
        return false;
    int fd = socket(at->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool is_set = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
    if (is_set && at->any.sa_family == AF_INET6)
        is_set = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0;
    bool is_taken = is_set && bind(fd, &at->any, at->len) && errno == EADDRINUSE;
    close(fd);
    return is_taken;
}

/* *takes* `fd`, a socket. */
static int listen_at(
    struct listener **out, struct loop *l, int fd, const struct addr *at, struct listener_use use)
{
    if (at->any.sa_family == AF_UNIX)
        remove_stale_file(at);
    int err = set_options(fd, at);
    if (!err && bind(fd, &at->any, at->len))
        err = bind_error();
    if (!err && listen(fd, BACKLOG))
        err = bind_error();
    if (err) {
        close(fd);
        return err;
    }
    err = listener_adopt(out, l, fd, use.fn, use.arg);
    if (!err)
        (*out)->owns_file = at->any.sa_family == AF_UNIX;
    return err;
}

static int new_socket(const struct addr *at)
{
    return socket(at->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int listener_open(
    struct listener **out, struct loop *l, const struct addr *at, listener_fn *fn, void *arg)
{
    int fd = new_socket(at);
    return fd < 0 ? ERR_IO
                  : listen_at(out, l, fd, at, (struct listener_use){ .fn = fn, .arg = arg });
}

/* The file gets the mode that the socket has when it is bound, so nobody is ever faster. */
int listener_open_private(
    struct listener **out, struct loop *l, const struct addr *at, listener_fn *fn, void *arg)
{
    int fd = new_socket(at);
    if (fd < 0)
        return ERR_IO;
    if (fchmod(fd, S_IRUSR | S_IWUSR)) {
        close(fd);
        return ERR_IO;
    }
    return listen_at(out, l, fd, at, (struct listener_use){ .fn = fn, .arg = arg });
}

/* Connections inherit what is set here, which saves a call for each. What cannot accept would be
 * "readable" for ever. */
static int prepare(struct listener *s)
{
    int fd = s->watch.fd;
    int on = 1;
    int accepts = 0;
    socklen_t len = sizeof accepts;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
        return ERR_IO;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &len) || !accepts)
        return ERR_IO;
    if (getsockname(fd, &s->at.any, &s->at.len))
        return ERR_IO;
    bool is_tcp = s->at.any.sa_family != AF_UNIX;
    return is_tcp && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) ? ERR_IO : 0;
}

int listener_adopt(struct listener **out, struct loop *l, int fd, listener_fn *fn, void *arg)
{
    struct listener *s = xalloc(sizeof *s);
    s->loop = l;
    s->fn = fn;
    s->arg = arg;
    s->watch = (struct watch){ .fd = fd, .fn = on_readable, .arg = s };
    timer_init(&s->rest, on_rested, s);
    task_init(&s->free_task, xfree, s);
    s->at.len = sizeof s->at.local;
    if (prepare(s) || loop_watch(l, &s->watch, EPOLLIN)) {
        close(fd);
        xfree(s);
        return ERR_IO;
    }
    *out = s;
    return 0;
}

void listener_close(struct listener *s)
{
    if (!s)
        return;
    int fd = s->watch.fd;
    loop_disarm(s->loop, &s->rest);
    loop_unwatch(s->loop, &s->watch);
    close(fd);
    if (s->owns_file)
        unlink(s->at.local.sun_path);
    loop_free_later(s->loop, &s->free_task);
}

struct addr listener_addr(const struct listener *s)
{
    return s->at;
}
