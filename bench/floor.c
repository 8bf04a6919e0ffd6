/*
 * The floor: the least a server can do and still be spoken to by the same client. One thread,
 * level-triggered epoll, no timers, no queues, no limits, no copies.
 *
 *   accept    accept4, TCP_NODELAY, epoll_ctl
 *   upgrade   one read, the Sec-WebSocket-Accept of the key (RFC 6455, 4.2.2), one send
 *   message   one read, unmask in place, one send; the reply's header is written over the mask
 *   GET       any request without a key gets FILE with a fixed head: one read, one send
 *
 * Who upgrades under /rooms/ is in that room, and each text goes to everybody in it: the frame that
 * came, with its head written over the mask, in one send for each member. Who upgrades under
 * /socket.io/ is spoken to in Socket.IO. CONNECT and `join` get fixed answers. A `msg` becomes the
 * frame that the members of its room get: a new head is written in front of its text, where the
 * room's name stood. With `gather` the frames of a turn (what one epoll_wait tells of) are
 * collected in their room instead, and each member gets them in one send at the end of the turn: no
 * server has fewer system calls.
 *
 * It believes its client: a read holds exactly one request, or unfragmented frames as a whole, and
 * a send takes everything. Whenever that is not so the connection is closed, and the load generator
 * reports it; only what does not fit into the buffer of one who does not read is lost without a
 * word. So it is no server, only the cost below which none can go: what a real one spends beyond it
 * goes into being one.
 *
 * usage: floor PORT [FILE [gather]]
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
    ACCEPT_CHARS = 28,       /* base64 of a SHA-1 */
    ROOMS = 1000000,         /* numbers; a room comes to be when it is entered */
    GATHER_BYTES_MIN = 4096, /* of one room, in one turn */
};

enum speech { SPEAKS_HTTP, SPEAKS_WEBSOCKET, SPEAKS_ROOM, SPEAKS_SOCKETIO };

struct room {
    int *members;
    size_t n;
    size_t room;        /* of `members` */
    unsigned char *out; /* gathered */
    size_t out_len;
    size_t out_room;
};

struct peer {
    enum speech speech;
    struct room *room; /* NULL: in none */
    size_t place;      /* among its members */
};

struct floor {
    int epfd;
    int listener;
    EVP_MD *sha1; /* fetched once: looking it up costs more than the hash */
    EVP_MD_CTX *digest;
    struct peer *peers;  /* by descriptor */
    struct room **rooms; /* by number; NULL: nobody was in it */
    int is_gathering;
    struct room
        *dirty[EVENTS]; /* that have gathered something in this turn, one a reader at most */
    size_t n_dirty;
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

static int send_all(int fd, const void *p, size_t n)
{
    return send(fd, p, n, MSG_NOSIGNAL) == (ssize_t)n ? 0 : -1;
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

/* Unmasks the frame at p; the length of its head, without the mask, or 0: it is not whole. */
static size_t take_frame(size_t *len, unsigned char *p, size_t n)
{
    unsigned char mask[MASK_BYTES];
    size_t head = 2;

    if (n < head + MASK_BYTES)
        return 0;
    *len = p[1] & 0x7f;
    if (*len == 126) {
        *len = (size_t)p[2] << 8 | p[3];
        head = 4;
    }
    if (n < head + MASK_BYTES + *len)
        return 0;
    memcpy(mask, p + head, MASK_BYTES);
    unmask(p + head + MASK_BYTES, *len, mask);
    return head;
}

/* The frame as a server sends it: its head stands where the mask did. */
static unsigned char *answer_frame(unsigned char *p, size_t head)
{
    memmove(p + MASK_BYTES, p, head);
    p[MASK_BYTES + 1] &= 0x7f;
    return p + MASK_BYTES;
}

/* --- rooms --- */

static void enter(struct floor *f, int fd, const char *name)
{
    size_t number = strtoul(name + 1, NULL, 10) % ROOMS;
    struct room *r = f->rooms[number];

    if (!r)
        r = f->rooms[number] = calloc(1, sizeof *r);
    must(r != NULL, "memory");
    if (r->n == r->room) {
        r->room = r->room ? r->room * 2 : 4;
        r->members = realloc(r->members, r->room * sizeof *r->members);
        must(r->members != NULL, "memory");
    }
    f->peers[fd].room = r;
    f->peers[fd].place = r->n;
    r->members[r->n++] = fd;
}

static void leave(struct floor *f, int fd)
{
    struct peer *p = &f->peers[fd];
    struct room *r = p->room;

    p->room = NULL;
    if (!r)
        return;
    r->members[p->place] = r->members[--r->n];
    f->peers[r->members[p->place]].place = p->place;
}

/* A member that is gone will be noticed when its end is read. */
static void tell_room(const struct room *r, const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < r->n; i++)
        (void)send(r->members[i], p, n, MSG_NOSIGNAL);
}

static void gather(struct floor *f, struct room *r, const unsigned char *p, size_t n)
{
    while (r->out_len + n > r->out_room) {
        r->out_room = r->out_room ? r->out_room * 2 : GATHER_BYTES_MIN;
        r->out = realloc(r->out, r->out_room);
        must(r->out != NULL, "memory");
    }
    if (r->out_len == 0)
        f->dirty[f->n_dirty++] = r;
    memcpy(r->out + r->out_len, p, n);
    r->out_len += n;
}

static void tell_gathered(struct floor *f)
{
    while (f->n_dirty > 0) {
        struct room *r = f->dirty[--f->n_dirty];

        tell_room(r, r->out, r->out_len);
        r->out_len = 0;
    }
}

static void say(struct floor *f, struct room *r, const unsigned char *p, size_t n)
{
    if (f->is_gathering)
        gather(f, r, p, n);
    else
        tell_room(r, p, n);
}

/* --- what is said --- */

static int on_packet(struct floor *f, int fd, unsigned char *packet, size_t len);

/* Everything that was read; -1: that was no frame, or not a whole one. */
static int on_frames(struct floor *f, int fd, size_t n)
{
    unsigned char *p = f->in;
    enum speech speech = f->peers[fd].speech;
    int err = 0;

    while (n > 0 && !err) {
        size_t len;
        size_t head = take_frame(&len, p, n);

        if (head == 0)
            return -1;
        if (speech == SPEAKS_SOCKETIO)
            err = on_packet(f, fd, p + head + MASK_BYTES, len);
        else if (speech == SPEAKS_ROOM)
            say(f, f->peers[fd].room, answer_frame(p, head), head + len);
        else
            err = send_all(fd, answer_frame(p, head), head + len);
        p += head + MASK_BYTES + len;
        n -= head + MASK_BYTES + len;
    }
    return err;
}

/* --- Socket.IO --- */

/* `42["msg","ROOM","TEXT"]` becomes `42["msg","TEXT"]`, in place. */
static int broadcast(struct floor *f, int fd, unsigned char *packet, size_t len)
{
    static const char start[] = "42[\"msg\",";
    unsigned char *room_end = memchr(packet + sizeof start, '"', len - sizeof start);
    struct room *r = f->peers[fd].room;
    size_t body;
    unsigned char *p;

    if (!r || !room_end)
        return -1;
    p = room_end + 2 - (sizeof start - 1); /* TEXT's quote, and in front of it the start */
    memcpy(p, start, sizeof start - 1);
    body = (size_t)(packet + len - p);
    if (body >= 126) {
        *--p = (unsigned char)body;
        *--p = (unsigned char)(body >> 8);
    }
    *--p = (unsigned char)(body < 126 ? body : 126);
    *--p = 0x81;
    say(f, r, p, (size_t)(packet + len - p));
    return 0;
}

static int on_packet(struct floor *f, int fd, unsigned char *packet, size_t len)
{
    static const char connected[] = "\x81\x20"
                                    "40{\"sid\":\"AAAAAAAAAAAAAAAAAAAA\"}";
    static const char joined[] = "\x81\x05"
                                 "430[]";
    static const char joining[] = "420[\"join\",\"";
    static const char saying[] = "42[\"msg\",\"";

    if (len > sizeof saying && memcmp(packet, saying, sizeof saying - 1) == 0)
        return broadcast(f, fd, packet, len);
    if (len > sizeof joining && memcmp(packet, joining, sizeof joining - 1) == 0) {
        enter(f, fd, (char *)packet + sizeof joining - 1);
        return send_all(fd, joined, sizeof joined - 1);
    }
    if (len == 2 && memcmp(packet, "40", 2) == 0)
        return send_all(fd, connected, sizeof connected - 1);
    return -1;
}

/* --- HTTP --- */

static int upgrade(struct floor *f, int fd, const char *key)
{
    static const char hello[] = "\x81\x6b"
                                "0{\"sid\":\"AAAAAAAAAAAAAAAAAAAA\",\"upgrades\":[],"
                                "\"pingInterval\":25000,\"pingTimeout\":20000,"
                                "\"maxPayload\":1000000}";
    static const char rooms[] = "GET /rooms/";
    int is_socketio = memcmp(f->in, "GET /socket.io/", 15) == 0;
    int is_room = memcmp(f->in, rooms, sizeof rooms - 1) == 0;
    char accept[ACCEPT_CHARS + 1];
    char out[320];
    int n;

    accept_of(f, accept, key, strcspn(key, "\r"));
    n = snprintf(out, sizeof out,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n%s",
        accept, is_socketio ? hello : "");
    f->peers[fd].speech = is_socketio ? SPEAKS_SOCKETIO : is_room ? SPEAKS_ROOM : SPEAKS_WEBSOCKET;
    if (is_room)
        enter(f, fd, (char *)f->in + sizeof rooms - 1);
    return send_all(fd, out, (size_t)n);
}

static int respond(struct floor *f, int fd, size_t n)
{
    static const char name[] = "\r\nSec-WebSocket-Key: ";
    const char *key;

    f->in[n] = 0;
    key = strstr((char *)f->in, name);
    if (key)
        return upgrade(f, fd, key + sizeof name - 1);
    return send_all(fd, f->reply, f->reply_len);
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
        f->peers[fd] = (struct peer){ .speech = SPEAKS_HTTP };
        watch(f, fd);
    }
}

static int on_bytes(struct floor *f, int fd, size_t n)
{
    return f->peers[fd].speech == SPEAKS_HTTP ? respond(f, fd, n) : on_frames(f, fd, n);
}

static void on_readable(struct floor *f, int fd)
{
    ssize_t n = recv(fd, f->in, sizeof f->in - 1, 0);

    if (n < 0 && errno == EAGAIN)
        return;
    if (n > 0 && on_bytes(f, fd, (size_t)n) == 0)
        return;
    leave(f, fd);
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

static struct floor *floor_new(int port, const char *file, int is_gathering)
{
    struct floor *f = calloc(1, sizeof *f);

    must(f != NULL, "memory");
    f->peers = calloc(raise_descriptors(), sizeof *f->peers);
    f->rooms = calloc(ROOMS, sizeof *f->rooms);
    f->is_gathering = is_gathering;
    f->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    f->digest = EVP_MD_CTX_new();
    f->epfd = epoll_create1(EPOLL_CLOEXEC);
    must(f->peers && f->rooms && f->sha1 && f->digest && f->epfd >= 0, "start");
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
        errx(2, "usage: floor PORT [FILE [gather]]");
    f = floor_new((int)strtol(argv[1], NULL, 10), argc > 2 ? argv[2] : NULL, argc > 3);
    for (;;) {
        int n = epoll_wait(f->epfd, events, EVENTS, -1);

        for (int i = 0; i < n; i++) {
            if (events[i].data.fd == f->listener)
                on_listener(f);
            else
                on_readable(f, events[i].data.fd);
        }
        tell_gathered(f);
    }
}
