/* Connections: opening them, with TLS or without, and moving bytes. Blocking while they connect
 * (on loopback the kernel completes a connection before the server has looked, unless its backlog
 * is full), not afterwards.
 *
 * All connections are read into one large buffer, which so stays in the processor's cache; what is
 * not whole yet waits in the connection's own. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SLOW_IN_BYTES = 4096, /* what the kernel keeps for one who does not read, about */
    STATE_FIELD = 4,      /* of /proc/net/tcp, behind two addresses with their ports */
};

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
    while (c->got < IN_BYTES) {
        int n = SSL_read(c->ssl, c->in + c->got, (int)(IN_BYTES - c->got));

        if (n > 0)
            c->got += (size_t)n;
        else if (tls_wants_more(c, n))
            return;
        else
            die_of_tls(l);
    }
}

static void read_plain(struct load *l, struct conn *c)
{
    ssize_t n = recv(c->fd, c->in + c->got, IN_BYTES - c->got, 0);

    if (n > 0)
        c->got += (size_t)n;
    else if (n == 0)
        die(l, "the server closed a connection");
    else if (errno != EAGAIN)
        die(l, "recv: %s", strerror(errno));
}

static void keep(struct conn *c)
{
    if (c->got > c->kept_room) {
        c->kept_room = c->got * 2;
        free(c->kept);
        c->kept = xcalloc(c->kept_room, 1);
    }
    memcpy(c->kept, c->in, c->got);
}

/* Returns whether there may be more. */
static int take(struct load *l, struct conn *c)
{
    int is_full;

    if (c->got == IN_BYTES)
        die(l, "a reply longer than %d bytes", IN_BYTES);
    c->in = l->in;
    if (c->got > 0)
        memcpy(c->in, c->kept, c->got);
    if (c->ssl)
        read_tls(l, c);
    else
        read_plain(l, c);
    is_full = c->got == IN_BYTES;
    l->read_at = now();
    if (c->got > 0 && c->on_reply)
        c->on_reply(l, c);
    if (c->got > 0)
        keep(c);
    return is_full;
}

/* Events are told once (EPOLLET), so everything has to be read that is there. */
void conn_take(struct load *l, struct conn *c)
{
    while (take(l, c))
        ;
}

/* ---- opening */

static void set_options(const struct load *l, int fd, size_t index)
{
    struct linger reset = { .l_onoff = 1 }; /* closing leaves no TIME_WAIT behind */
    struct timeval limit = { .tv_sec = STALL_MS / 1000 };
    int on = 1;
    int small = SLOW_IN_BYTES;
    struct sockaddr_in from = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(index % (size_t)l->opt.sources)),
    };

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (index >= (size_t)l->opt.conns)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
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
    if (l->protocol->on_connected)
        l->protocol->on_connected(l, c);
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
    struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data.ptr = c };

    c->began_at = now();
    c->got = 0;
    c->skip = 0;
    c->on_reply = NULL;
    c->fd = dial(l, (size_t)(c - l->conns));
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

void conn_ignore(struct load *l, struct conn *c)
{
    if (epoll_ctl(l->epfd, EPOLL_CTL_DEL, c->fd, NULL))
        die(l, "epoll_ctl: %s", strerror(errno));
}

void conn_close(struct conn *c)
{
    SSL_free(c->ssl);
    c->ssl = NULL;
    close(c->fd);
}

/* ---- those who read nothing */

struct slow {
    unsigned address; /* this and the port as /proc/net/tcp writes them */
    unsigned port;
    int is_open;
};

/* Returns owned. */
static struct slow *find_slow(const struct load *l)
{
    struct slow *slow = xcalloc((size_t)l->opt.slow, sizeof *slow);

    for (long i = 0; i < l->opt.slow; i++) {
        struct sockaddr_in a = { 0 };
        socklen_t len = sizeof a;

        getsockname(l->conns[l->opt.conns + i].fd, (struct sockaddr *)&a, &len);
        slow[i] = (struct slow){ .address = a.sin_addr.s_addr, .port = ntohs(a.sin_port) };
    }
    return slow;
}

/* The file may show one twice. */
static void mark_open(struct slow *slow, const struct load *l, unsigned address, unsigned port)
{
    for (long i = 0; i < l->opt.slow; i++) {
        if (slow[i].address == address && slow[i].port == port)
            slow[i].is_open = 1;
    }
}

/* That the server has closed one cannot be seen at our end, as long as nothing is read there. */
size_t conn_count_slow(const struct load *l)
{
    struct slow *slow = find_slow(l);
    FILE *f = fopen("/proc/net/tcp", "r");
    char line[256];
    size_t n = 0;

    if (!f)
        die(l, "/proc/net/tcp: %s", strerror(errno));
    while (fgets(line, sizeof line, f)) {
        char *p = strchr(line, ':');
        unsigned field[STATE_FIELD + 1] = { 0 };

        for (int i = 0; p && i <= STATE_FIELD; i++)
            field[i] = (unsigned)strtoul(p + 1, &p, 16);
        if (field[1] == (unsigned)l->opt.port && field[STATE_FIELD] == TCP_ESTABLISHED)
            mark_open(slow, l, field[2], field[3]);
    }
    fclose(f);
    for (long i = 0; i < l->opt.slow; i++)
        n += (size_t)slow[i].is_open;
    free(slow);
    return n;
}
