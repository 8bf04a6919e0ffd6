/*
 * The floor: the least a server can do and still be spoken to by the same client. One thread,
 * level-triggered epoll, no timers, no queues, no limits, no copies.
 *
 *   accept    accept4, TCP_NODELAY, epoll_ctl
 *   upgrade   one read, the Sec-WebSocket-Accept of the key (RFC 6455, 4.2.2), one send
 *   message   one read, unmask in place, one send; the reply's header is written over the mask
 *   GET       any request without a key gets FILE with a fixed head: one read, one send
 *
 * It believes its client: a read holds exactly one request or one unfragmented frame, and a send
 * takes everything. Whenever that is not so the connection is closed, and the load generator
 * reports it. So it is no server, only the cost below which none can go: what a real one spends
 * beyond it goes into being one.
 *
 * usage: floor PORT [FILE]
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_BYTES = 64 * 1024,  /* one read: more than the largest frame with a 16-bit length */
    REPLY_BYTES = 16 * 1024, /* the canned HTTP reply, head included */
    EVENTS = 512,            /* per epoll_wait */
    BACKLOG = 4096,
    MASK_BYTES = 4,
    ACCEPT_CHARS = 28, /* base64 of a SHA-1 */
};

struct floor {
    int epfd;
    int listener;
    EVP_MD *sha1; /* fetched once: looking it up costs more than the hash */
    EVP_MD_CTX *digest;
    unsigned char *upgraded; /* by descriptor */
    size_t reply_len;
    char reply[REPLY_BYTES];
    unsigned char in[READ_BYTES];
};

static void must(int ok, const char *what)
{
    if (!ok)
        err(1, "floor: %s", what);
}

/* --- WebSocket --- */

static void accept_of(struct floor *f, char out[ACCEPT_CHARS + 1], const char *key, size_t len)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char hash[EVP_MAX_MD_SIZE];

    EVP_DigestInit_ex2(f->digest, f->sha1, NULL);
    EVP_DigestUpdate(f->digest, key, len);
    EVP_DigestUpdate(f->digest, guid, sizeof guid - 1);
    EVP_DigestFinal_ex(f->digest, hash, NULL);
    EVP_EncodeBlock((unsigned char *)out, hash, 20);
}

static int upgrade(struct floor *f, int fd, const char *key)
{
    char accept[ACCEPT_CHARS + 1];
    char out[160];
    int n;

    accept_of(f, accept, key, strcspn(key, "\r"));
    n = snprintf(out, sizeof out,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
        accept);
    f->upgraded[fd] = 1;
    return send(fd, out, (size_t)n, MSG_NOSIGNAL) == n ? 0 : -1;
}

static void unmask(unsigned char *p, size_t n, const unsigned char mask[MASK_BYTES])
{
    uint32_t m32;
    uint64_t m64;
    size_t i = 0;

    memcpy(&m32, mask, sizeof m32);
    m64 = (uint64_t)m32 << 32 | m32;
    for (; i + 8 <= n; i += 8) {
        uint64_t w;

        memcpy(&w, p + i, sizeof w);
        w ^= m64;
        memcpy(p + i, &w, sizeof w);
    }
    for (; i < n; i++)
        p[i] ^= mask[i % MASK_BYTES];
}

static int echo(struct floor *f, int fd, size_t n)
{
    unsigned char *p = f->in;
    unsigned char mask[MASK_BYTES];
    size_t head = 2;
    size_t len;

    if (n < head + MASK_BYTES)
        return -1;
    len = p[1] & 0x7f;
    if (len == 126) {
        len = (size_t)p[2] << 8 | p[3];
        head = 4;
    }
    if (n != head + MASK_BYTES + len)
        return -1;
    memcpy(mask, p + head, MASK_BYTES);
    unmask(p + head + MASK_BYTES, len, mask);
    memmove(p + MASK_BYTES, p, head);
    p[MASK_BYTES + 1] &= 0x7f;
    return send(fd, p + MASK_BYTES, head + len, MSG_NOSIGNAL) == (ssize_t)(head + len) ? 0 : -1;
}

/* --- HTTP --- */

static int respond(struct floor *f, int fd, size_t n)
{
    static const char name[] = "\r\nSec-WebSocket-Key: ";
    const char *key;

    f->in[n] = 0;
    key = strstr((char *)f->in, name);
    if (key)
        return upgrade(f, fd, key + sizeof name - 1);
    return send(fd, f->reply, f->reply_len, MSG_NOSIGNAL) == (ssize_t)f->reply_len ? 0 : -1;
}

static void load_reply(struct floor *f, const char *path)
{
    char body[REPLY_BYTES - 256];
    size_t len = 0;
    int head;

    if (path) {
        FILE *file = fopen(path, "rb");

        must(file != NULL, path);
        len = fread(body, 1, sizeof body, file);
        fclose(file);
    }
    head = snprintf(f->reply, sizeof f->reply,
        "HTTP/1.1 200 OK\r\nContent-Type: image/svg+xml\r\n"
        "Content-Length: %zu\r\n\r\n",
        len);
    memcpy(f->reply + head, body, len);
    f->reply_len = (size_t)head + len;
}

/* --- connections --- */

static void watch(struct floor *f, int fd)
{
    struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

    must(epoll_ctl(f->epfd, EPOLL_CTL_ADD, fd, &ev) == 0, "epoll_ctl");
}

static void on_listener(struct floor *f)
{
    int on = 1;

    for (;;) {
        int fd = accept4(f->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0)
            return;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        f->upgraded[fd] = 0;
        watch(f, fd);
    }
}

static void on_readable(struct floor *f, int fd)
{
    ssize_t n = recv(fd, f->in, sizeof f->in - 1, 0);
    int e = -1;

    if (n < 0 && errno == EAGAIN)
        return;
    if (n > 0)
        e = f->upgraded[fd] ? echo(f, fd, (size_t)n) : respond(f, fd, (size_t)n);
    if (e)
        close(fd);
}

static int listen_on(int port)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;

    must(fd >= 0, "socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    must(bind(fd, (struct sockaddr *)&a, sizeof a) == 0, "bind");
    must(listen(fd, BACKLOG) == 0, "listen");
    return fd;
}

static size_t raise_descriptors(void)
{
    struct rlimit r;

    must(getrlimit(RLIMIT_NOFILE, &r) == 0, "getrlimit");
    r.rlim_cur = r.rlim_max;
    must(setrlimit(RLIMIT_NOFILE, &r) == 0, "setrlimit");
    return r.rlim_cur;
}

static struct floor *floor_new(int port, const char *file)
{
    struct floor *f = calloc(1, sizeof *f);

    must(f != NULL, "memory");
    f->upgraded = calloc(raise_descriptors(), 1);
    f->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    f->digest = EVP_MD_CTX_new();
    f->epfd = epoll_create1(EPOLL_CLOEXEC);
    must(f->upgraded && f->sha1 && f->digest && f->epfd >= 0, "start");
    load_reply(f, file);
    f->listener = listen_on(port);
    watch(f, f->listener);
    return f;
}

int main(int argc, char **argv)
{
    struct epoll_event events[EVENTS];
    struct floor *f;

    if (argc < 2)
        errx(2, "usage: floor PORT [FILE]");
    f = floor_new((int)strtol(argv[1], NULL, 10), argc > 2 ? argv[2] : NULL);
    for (;;) {
        int n = epoll_wait(f->epfd, events, EVENTS, -1);

        for (int i = 0; i < n; i++) {
            if (events[i].data.fd == f->listener)
                on_listener(f);
            else
                on_readable(f, events[i].data.fd);
        }
    }
}
