/* Connections: opening them, with TLS or without, and moving bytes. Blocking while they connect
 * (on loopback the kernel completes a connection before the server has looked, unless its backlog
 * is full), not afterwards. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- bytes */

static void die_of_tls(const struct load *l)
{
    unsigned long e = ERR_get_error();

    die(l, "TLS: %s", e ? ERR_reason_error_string(e) : strerror(errno));
}

static int tls_wants_more(struct conn *c, int result)
{
    int e = SSL_get_error(c->ssl, result);

    return e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE;
}

/* Requests are far smaller than a socket's buffer, and one is in flight: a short write is a
 * failure. */
void conn_send(struct load *l, struct conn *c, const void *p, size_t len)
{
    if (c->ssl) {
        if (SSL_write(c->ssl, p, (int)len) != (int)len)
            die_of_tls(l);
    } else if (send(c->fd, p, len, MSG_NOSIGNAL) != (ssize_t)len) {
        die(l, "send: %s", strerror(errno));
    }
}

static void read_tls(struct load *l, struct conn *c)
{
    do {
        int n = SSL_read(c->ssl, c->in + c->got, (int)(l->in_bytes - c->got));

        if (n > 0)
            c->got += (size_t)n;
        else if (tls_wants_more(c, n))
            return;
        else
            die_of_tls(l);
    } while (SSL_pending(c->ssl) > 0 && c->got < l->in_bytes);
}

void conn_read(struct load *l, struct conn *c)
{
    ssize_t n;

    if (c->got == l->in_bytes)
        die(l, "a reply longer than %zu bytes", l->in_bytes);
    if (c->ssl) {
        read_tls(l, c);
        return;
    }
    n = recv(c->fd, c->in + c->got, l->in_bytes - c->got, 0);
    if (n > 0)
        c->got += (size_t)n;
    else if (n == 0)
        die(l, "the server closed a connection");
    else if (errno != EAGAIN)
        die(l, "recv: %s", strerror(errno));
}

/* ---- opening */

static void set_options(const struct load *l, int fd, size_t index)
{
    struct linger reset = { .l_onoff = 1 }; /* closing leaves no TIME_WAIT behind */
    struct timeval limit = { .tv_sec = STALL_MS / 1000 };
    int on = 1;
    struct sockaddr_in from = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(index % (size_t)l->opt.sources)),
    };

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (l->opt.sources == 1)
        return;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&from, sizeof from))
        die(l, "bind: %s", strerror(errno));
}

static int dial(const struct load *l, size_t index)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)l->opt.port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || inet_pton(AF_INET, l->opt.host, &to.sin_addr) != 1)
        die(l, "no socket for this address: %s", strerror(errno));
    set_options(l, fd, index);
    if (connect(fd, (struct sockaddr *)&to, sizeof to))
        die(l, "connect: %s", strerror(errno));
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void on_connected(struct load *l, struct conn *c)
{
    if (l->mode->protocol->on_connected)
        l->mode->protocol->on_connected(l, c);
    else
        step_ended(l, c);
}

void conn_handshake(struct load *l, struct conn *c)
{
    int n = SSL_connect(c->ssl);

    if (n == 1) {
        c->handshaking = 0;
        on_connected(l, c);
    } else if (!tls_wants_more(c, n)) {
        die_of_tls(l);
    }
}

void conn_open(struct load *l, struct conn *c)
{
    struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };

    c->began_at = now();
    c->got = 0;
    c->skip = 0;
    c->on_reply = NULL;
    c->fd = dial(l, (size_t)(c - l->conns));
    if (!c->in)
        c->in = xcalloc(l->in_bytes, 1);
    if (epoll_ctl(l->epfd, EPOLL_CTL_ADD, c->fd, &ev))
        die(l, "epoll_ctl: %s", strerror(errno));
    if (!l->tls) {
        on_connected(l, c);
        return;
    }
    c->ssl = SSL_new(l->tls);
    if (!c->ssl || !SSL_set_fd(c->ssl, c->fd))
        die_of_tls(l);
    c->handshaking = 1;
    conn_handshake(l, c);
}

void conn_close(struct conn *c)
{
    SSL_free(c->ssl);
    c->ssl = NULL;
    close(c->fd);
}
