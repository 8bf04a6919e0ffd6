/*
 * The load generator. It drives one server over many connections from one thread, and says what
 * each operation cost that server in CPU time.
 *
 *   load http     keep-alive GETs, one request in flight per connection
 *   load echo     WebSocket messages that must come back, one in flight per connection
 *   load connect  opens and upgrades connections and keeps them: the cost of accepting one
 *   load idle     the same, and what a connection holds in the server's memory, fresh and used
 *
 * How it measures. `--pid` names the server's process; its CPU clock (nanoseconds, all threads) is
 * read at both ends of the measured window. On loopback the kernel's work for a packet is charged
 * to whoever sends it, so a server's time holds its own system calls and the arrival of its
 * replies at ours, the same for every server. The generator's own share of a core is reported too:
 * at 95 % or more it set the pace (`generator_bound`), and then latency and operations per second
 * say more about it than about the server. CPU per operation stays valid, since both of its terms
 * belong to the server.
 *
 * How it loads. Requests and frames are made before the window. A turn reads every reply that
 * epoll has to tell of and only then sends the next requests, all at once. So a server finds work
 * queued when it looks, as a busy one does, and two servers are not compared by how often they
 * happened to fall asleep between two messages. With `--lockstep 1` a turn lasts until every
 * connection has its reply: the batches are then as large as they can be, and the same for all.
 * Opening connections costs the generator more than accepting them costs a good server, so there
 * `--burst 1` stops the server (SIGSTOP) while a window of connections and their requests arrive,
 * and lets it go on when they are all in its backlog: the rush after a lost network.
 *
 * How it checks. Each reply is compared byte by byte: HTTP bodies with the first one, echoes with
 * what their own connection sent (each has its own text), upgrades by their accept value. Anything
 * else, an early close or five seconds of silence end the run with a message and status 1.
 *
 * The result is one line of JSON on standard output.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENTS = 1024,         /* per epoll_wait */
    REQUEST_BYTES = 2048,  /* a GET with its head */
    IN_BYTES_MIN = 4096,   /* per connection: the head of a 101 fits in any mode */
    HTTP_IN_BYTES = 65536, /* head and body of one HTTP reply */
    SIZE_MAX_BYTES = 60000,
    MASK_BYTES = 4,
    WARM_CONNS = 200,  /* opened and closed before memory is read, so that arenas exist */
    SHOWN_BYTES = 300, /* of a wrong reply */
    STALL_MS = 5000,   /* no reply on any connection: the run has failed */
    SETTLE_MS = 2000,  /* longest wait for a server to become quiet */
    SETTLE_STEP_MS = 50,
    HIST_SUB_BITS = 5, /* 32 steps per power of two: percentiles within 3 % */
    HIST_SLOTS = 64 << HIST_SUB_BITS,
};

#define NS_PER_S     1000000000ull
#define BOUND_SHARE  0.95                       /* of a core: the generator set the pace */
#define QUIET_SHARE  0.01                       /* of a core: the server has settled */
#define UPGRADE_KEY  "dGhlIHNhbXBsZSBub25jZQ==" /* RFC 6455, 1.3, with its accept value */
#define UPGRADE_SEAL "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

struct options {
    const char *host;
    const char *path;
    double secs;
    double warm_secs;
    long port;
    long pid; /* 0: the server's time and memory are not read */
    long conns;
    long size;     /* bytes of an echoed text */
    long window;   /* connections being opened, or asked once, at a time */
    long sources;  /* client addresses 127.0.0.1 to 127.0.0.N, taken in turn */
    long tls;      /* certificates are not verified */
    long lockstep; /* see above */
    long burst;    /* see above */
};

/* Log-linear counts of nanoseconds. */
struct hist {
    uint64_t n;
    uint64_t slots[HIST_SLOTS];
};

/* The three clocks of a measured window, in nanoseconds. */
struct clocks {
    uint64_t wall;
    uint64_t own;
    uint64_t server;
};

struct memory {
    long rss_kib;
    long pss_kib;
};

struct load;
struct conn;

/* Looks at what has arrived: 1 the reply is whole and right, 0 more must come. A wrong one ends
 * the program. */
typedef int(reply_check)(struct load *l, const struct conn *c);

/* Begins one operation: 1 it is complete already, 0 the reply will complete it. */
typedef int(op_start)(struct load *l, struct conn *c);

struct conn {
    int fd;
    SSL *ssl;                 /* owned; NULL without TLS */
    int handshaking;          /* TLS only */
    const unsigned char *out; /* the next request; borrowed from struct load */
    size_t out_len;
    reply_check *check;
    size_t got;
    unsigned char *in; /* owned, load.in_bytes long */
    uint64_t began_at;
};

struct load {
    struct options opt;
    const struct mode *mode;
    int epfd;
    int has_server_clock;
    clockid_t server_clock;
    SSL_CTX *tls;
    struct conn *conns;
    struct conn *ready[EVENTS]; /* completed in this turn */
    size_t in_bytes;
    char request[REQUEST_BYTES]; /* the GET or the upgrade */
    size_t request_len;
    unsigned char *frames; /* opt.conns masked frames */
    size_t frame_len;
    unsigned char *echoes; /* opt.conns frames as they must come back */
    size_t echo_len;
    unsigned char *body; /* of the first HTTP reply */
    size_t body_len;
    struct hist latency;
};

struct mode {
    const char *name;
    void (*run)(struct load *l);
    int is_websocket;
    const char *help;
};

static void __attribute__((noreturn, format(printf, 2, 3)))
die(const struct load *l, const char *format, ...)
{
    va_list ap;

    fprintf(stderr, "load %s %s:%ld: ", l->mode->name, l->opt.host, l->opt.port);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

static void *xcalloc(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size);

    if (!p)
        err(1, "memory");
    return p;
}

/* --- clocks and memory --- */

static uint64_t read_clock(clockid_t clock)
{
    struct timespec t;

    if (clock_gettime(clock, &t))
        return 0; /* the server is gone; its next reply will say so */
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static uint64_t now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static struct clocks clocks_now(const struct load *l)
{
    return (struct clocks){
        .wall = now(),
        .own = read_clock(CLOCK_PROCESS_CPUTIME_ID),
        .server = l->has_server_clock ? read_clock(l->server_clock) : 0,
    };
}

static struct clocks clocks_since(const struct load *l, const struct clocks *start)
{
    struct clocks t = clocks_now(l);

    t.wall -= start->wall;
    t.own -= start->own;
    t.server -= start->server;
    return t;
}

/* Waits until the server has done what the last operations left behind. */
static void settle(const struct load *l)
{
    for (int waited = 0; waited < SETTLE_MS; waited += SETTLE_STEP_MS) {
        struct clocks start = clocks_now(l);
        struct clocks t;

        poll(NULL, 0, SETTLE_STEP_MS);
        t = clocks_since(l, &start);
        if ((double)t.server < (double)t.wall * QUIET_SHARE && waited > SETTLE_STEP_MS)
            return;
    }
}

static struct memory memory_now(const struct load *l)
{
    struct memory m = { 0 };
    char line[256];
    FILE *f;

    if (!l->opt.pid)
        return m;
    snprintf(line, sizeof line, "/proc/%ld/smaps_rollup", l->opt.pid);
    f = fopen(line, "r");
    if (!f)
        die(l, "%s: %s", line, strerror(errno));
    while (fgets(line, sizeof line, f)) {
        if (strncmp(line, "Rss:", 4) == 0)
            m.rss_kib = strtol(line + 4, NULL, 10);
        if (strncmp(line, "Pss:", 4) == 0)
            m.pss_kib = strtol(line + 4, NULL, 10);
    }
    fclose(f);
    return m;
}

/* --- latency --- */

static size_t hist_slot(uint64_t ns)
{
    unsigned shift;

    if (ns < 1u << HIST_SUB_BITS)
        return ns;
    shift = 63u - (unsigned)__builtin_clzll(ns) - HIST_SUB_BITS;
    return ((size_t)shift << HIST_SUB_BITS) + (ns >> shift);
}

static double hist_slot_us(size_t slot)
{
    size_t shift = slot >> HIST_SUB_BITS;

    if (shift == 0)
        return (double)slot / 1e3;
    shift -= 1;
    return (double)((uint64_t)(slot - (shift << HIST_SUB_BITS)) << shift) / 1e3;
}

static double hist_us(const struct hist *h, double share)
{
    uint64_t want = (uint64_t)((double)h->n * share);
    uint64_t seen = 0;

    for (size_t i = 0; i < HIST_SLOTS; i++) {
        seen += h->slots[i];
        if (seen > want)
            return hist_slot_us(i);
    }
    return 0;
}

static void complete(struct load *l, const struct conn *c)
{
    l->latency.slots[hist_slot(now() - c->began_at)]++;
    l->latency.n++;
}

/* --- bytes --- */

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
static void send_request(struct load *l, struct conn *c)
{
    c->got = 0;
    if (c->ssl) {
        if (SSL_write(c->ssl, c->out, (int)c->out_len) != (int)c->out_len)
            die_of_tls(l);
    } else if (send(c->fd, c->out, c->out_len, MSG_NOSIGNAL) != (ssize_t)c->out_len) {
        die(l, "send: %s", strerror(errno));
    }
}

static void fill_tls(struct load *l, struct conn *c)
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

static void fill(struct load *l, struct conn *c)
{
    ssize_t n;

    if (c->got == l->in_bytes)
        die(l, "a reply longer than %zu bytes", l->in_bytes);
    if (c->ssl) {
        fill_tls(l, c);
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

/* --- replies --- */

/* The length of an HTTP head with its empty line, 0 while it is not whole. */
static size_t head_len(const struct conn *c)
{
    const unsigned char *end = memmem(c->in, c->got, "\r\n\r\n", 4);

    return end ? (size_t)(end - c->in) + 4 : 0;
}

static int head_starts(const struct conn *c, const char *what)
{
    return strncmp((const char *)c->in, what, strlen(what)) == 0;
}

static void die_of_reply(const struct load *l, const struct conn *c)
{
    char shown[SHOWN_BYTES + 1] = { 0 };

    for (size_t i = 0; i < c->got && i < SHOWN_BYTES; i++)
        shown[i] = c->in[i] >= ' ' && c->in[i] < 0x7f ? (char)c->in[i] : '.';
    die(l, "unexpected reply of %zu bytes: %s", c->got, shown);
}

static int check_upgrade(struct load *l, const struct conn *c)
{
    size_t head = head_len(c);

    if (head == 0)
        return 0;
    if (!head_starts(c, "HTTP/1.1 101 ") || head != c->got ||
        !memmem(c->in, head, UPGRADE_SEAL, sizeof UPGRADE_SEAL - 1))
        die_of_reply(l, c);
    return 1;
}

/* Remembers the first reply's body, which every later one must equal. */
static void learn_body(struct load *l, const struct conn *c, size_t head)
{
    static const char name[] = "\r\ncontent-length:";
    const char *p = NULL;

    for (size_t i = 0; i + sizeof name < head && !p; i++) {
        if (strncasecmp((const char *)c->in + i, name, sizeof name - 1) == 0)
            p = (const char *)c->in + i + sizeof name - 1;
    }
    if (!p)
        die_of_reply(l, c);
    l->body_len = strtoul(p, NULL, 10);
    if (l->body_len == 0 || l->body_len > l->in_bytes - head)
        die_of_reply(l, c);
}

static int check_http(struct load *l, const struct conn *c)
{
    size_t head = head_len(c);

    if (head == 0)
        return 0;
    if (!head_starts(c, "HTTP/1.1 200 "))
        die_of_reply(l, c);
    if (l->body_len == 0)
        learn_body(l, c, head);
    if (c->got < head + l->body_len)
        return 0;
    if (!l->body) {
        l->body = xcalloc(l->body_len, 1);
        memcpy(l->body, c->in + head, l->body_len);
    }
    if (c->got != head + l->body_len || memcmp(c->in + head, l->body, l->body_len) != 0)
        die_of_reply(l, c);
    return 1;
}

static int check_echo(struct load *l, const struct conn *c)
{
    const unsigned char *want = l->echoes + (size_t)(c - l->conns) * l->echo_len;

    if (c->got < l->echo_len)
        return 0;
    if (c->got != l->echo_len || memcmp(c->in, want, l->echo_len) != 0)
        die_of_reply(l, c);
    return 1;
}

/* --- connections --- */

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

/* Blocking: on loopback the kernel completes the connection before the server has looked, unless
 * its backlog is full. */
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

/* What a connection is opened for: the upgrade, or for plain HTTP nothing yet. */
static int on_connected(struct load *l, struct conn *c)
{
    if (!l->mode->is_websocket)
        return 1;
    c->check = check_upgrade;
    send_request(l, c);
    return 0;
}

static int shake_hands(struct load *l, struct conn *c)
{
    int n = SSL_connect(c->ssl);

    if (n == 1) {
        c->handshaking = 0;
        return on_connected(l, c);
    }
    if (!tls_wants_more(c, n))
        die_of_tls(l);
    return 0;
}

static int start_open(struct load *l, struct conn *c)
{
    struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };

    c->began_at = now();
    c->fd = dial(l, (size_t)(c - l->conns));
    c->out = (const unsigned char *)l->request;
    c->out_len = l->request_len;
    if (!c->in)
        c->in = xcalloc(l->in_bytes, 1);
    if (epoll_ctl(l->epfd, EPOLL_CTL_ADD, c->fd, &ev))
        die(l, "epoll_ctl: %s", strerror(errno));
    if (!l->tls)
        return on_connected(l, c);
    c->ssl = SSL_new(l->tls);
    if (!c->ssl || !SSL_set_fd(c->ssl, c->fd))
        die_of_tls(l);
    c->handshaking = 1;
    return shake_hands(l, c);
}

static int start_http(struct load *l, struct conn *c)
{
    c->check = check_http;
    c->began_at = now();
    send_request(l, c);
    return 0;
}

static int start_echo(struct load *l, struct conn *c)
{
    c->check = check_echo;
    c->out = l->frames + (size_t)(c - l->conns) * l->frame_len;
    c->out_len = l->frame_len;
    c->began_at = now();
    send_request(l, c);
    return 0;
}

static void close_conns(struct load *l, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct conn *c = &l->conns[i];

        SSL_free(c->ssl);
        c->ssl = NULL;
        close(c->fd);
    }
}

/* --- the two ways of loading --- */

/* Waits for replies and reads them: the number of connections in l->ready that got theirs. */
static size_t turn(struct load *l)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(l->epfd, events, EVENTS, STALL_MS);
    size_t n_ready = 0;

    if (n <= 0)
        die(l, "no reply within %d ms", STALL_MS);
    for (int i = 0; i < n; i++) {
        struct conn *c = events[i].data.ptr;
        int whole;

        if (c->handshaking) {
            whole = shake_hands(l, c);
        } else {
            fill(l, c);
            whole = c->got > 0 && c->check && c->check(l, c);
        }
        if (!whole)
            continue;
        complete(l, c);
        l->ready[n_ready++] = c;
    }
    return n_ready;
}

/* In bursts the server is stopped while a window of operations is begun. */
static void hold_server(const struct load *l, int signal)
{
    if (l->opt.burst && kill((pid_t)l->opt.pid, signal))
        die(l, "kill: %s", strerror(errno));
}

/* One operation on each of the first n connections, opt.window of them at a time. */
static void once_each(struct load *l, size_t n, op_start *start)
{
    size_t started = 0;
    size_t done = 0;

    while (done < n) {
        if (!l->opt.burst || done == started) {
            hold_server(l, SIGSTOP);
            while (started < n && started - done < (size_t)l->opt.window)
                done += (size_t)start(l, &l->conns[started++]);
            hold_server(l, SIGCONT);
        }
        if (done < n)
            done += turn(l);
    }
}

/* The connections of one turn, or of as many turns as it takes to hear from all of them. */
static void closed_loop(struct load *l, double secs, op_start *start)
{
    uint64_t end = now() + (uint64_t)(secs * (double)NS_PER_S);
    size_t n_conns = (size_t)l->opt.conns;

    while (now() < end) {
        size_t n = turn(l);

        if (!l->opt.lockstep) {
            for (size_t i = 0; i < n; i++)
                start(l, l->ready[i]);
            continue;
        }
        while (n < n_conns)
            n += turn(l);
        for (size_t i = 0; i < n_conns; i++)
            start(l, &l->conns[i]);
    }
}

/* --- modes --- */

/* Prints the fields that every mode has, without the closing brace. */
static void report(const struct load *l, const struct clocks *t)
{
    double secs = (double)t->wall / (double)NS_PER_S;
    double ops = (double)l->latency.n;
    double own = (double)t->own / (double)t->wall;

    printf("{\"mode\":\"%s\",\"conns\":%ld,\"tls\":%s,\"ops\":%.0f,\"secs\":%.4f,"
           "\"ops_per_sec\":%.0f,",
        l->mode->name, l->opt.conns, l->tls ? "true" : "false", ops, secs, ops / secs);
    if (l->has_server_clock)
        printf("\"server_cpu_us_per_op\":%.4f,\"server_cpu\":%.3f,", (double)t->server / 1e3 / ops,
            (double)t->server / (double)t->wall);
    printf("\"own_cpu\":%.3f,\"generator_bound\":%s,\"p50_us\":%.1f,\"p99_us\":%.1f", own,
        own >= BOUND_SHARE ? "true" : "false", hist_us(&l->latency, 0.50),
        hist_us(&l->latency, 0.99));
}

static void run_closed_loop(struct load *l, op_start *start)
{
    struct clocks before;
    struct clocks t;

    once_each(l, (size_t)l->opt.conns, start_open);
    for (long i = 0; i < l->opt.conns; i++)
        start(l, &l->conns[i]);
    closed_loop(l, l->opt.warm_secs, start);
    l->latency = (struct hist){ 0 };
    before = clocks_now(l);
    closed_loop(l, l->opt.secs, start);
    t = clocks_since(l, &before);
    report(l, &t);
    printf("}\n");
}

static void run_http(struct load *l)
{
    run_closed_loop(l, start_http);
}

static void run_echo(struct load *l)
{
    run_closed_loop(l, start_echo);
}

/* Leaves opt.conns open connections, the server warm, and in t what opening them took. */
static void open_measured(struct load *l, struct clocks *t, struct memory *fresh)
{
    size_t n_warm = l->opt.conns < WARM_CONNS ? (size_t)l->opt.conns : WARM_CONNS;
    struct clocks before;

    once_each(l, n_warm, start_open);
    once_each(l, n_warm, start_echo);
    close_conns(l, n_warm);
    settle(l);
    l->latency = (struct hist){ 0 };
    *fresh = memory_now(l);
    before = clocks_now(l);
    once_each(l, (size_t)l->opt.conns, start_open);
    *t = clocks_since(l, &before);
}

static void run_connect(struct load *l)
{
    struct memory fresh;
    struct clocks t;

    open_measured(l, &t, &fresh);
    report(l, &t);
    printf("}\n");
}

static void report_memory(const struct load *l, const char *when, const struct memory *before)
{
    struct memory m = memory_now(l);
    double n = (double)l->opt.conns;

    if (!l->opt.pid)
        return;
    printf(",\"rss_bytes_per_conn_%s\":%.0f,\"pss_bytes_per_conn_%s\":%.0f", when,
        (double)(m.rss_kib - before->rss_kib) * 1024 / n, when,
        (double)(m.pss_kib - before->pss_kib) * 1024 / n);
}

static void run_idle(struct load *l)
{
    struct memory before;
    struct clocks t;

    open_measured(l, &t, &before);
    settle(l);
    report(l, &t);
    report_memory(l, "fresh", &before);
    once_each(l, (size_t)l->opt.conns, start_echo);
    settle(l);
    report_memory(l, "used", &before);
    printf("}\n");
}

static const struct mode modes[] = {
    { .name = "http", .run = run_http, .is_websocket = 0, .help = "GETs on kept connections" },
    { .name = "echo", .run = run_echo, .is_websocket = 1, .help = "WebSocket echoes" },
    { .name = "connect", .run = run_connect, .is_websocket = 1, .help = "accept and upgrade" },
    { .name = "idle", .run = run_idle, .is_websocket = 1, .help = "memory of idle WebSockets" },
};

/* --- what is sent --- */

static void prepare_request(struct load *l)
{
    static const char upgrade[] = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                  "Sec-WebSocket-Key: " UPGRADE_KEY "\r\n"
                                  "Sec-WebSocket-Version: 13\r\n";
    int n = snprintf(l->request, sizeof l->request,
        "GET %s HTTP/1.1\r\nHost: localhost:%ld\r\n%s\r\n", l->opt.path, l->opt.port,
        l->mode->is_websocket ? upgrade : "");

    if (n < 0 || n >= (int)sizeof l->request)
        die(l, "the path is too long");
    l->request_len = (size_t)n;
}

/* Writes a frame head (RFC 6455, 5.2: final, text) and returns its length. */
static size_t put_frame_head(unsigned char *p, size_t size, int masked)
{
    p[0] = 0x81;
    p[1] = (unsigned char)((masked ? 0x80 : 0) | (size < 126 ? size : 126));
    if (size < 126)
        return 2;
    p[2] = (unsigned char)(size >> 8);
    p[3] = (unsigned char)size;
    return 4;
}

static void prepare_message(struct load *l, size_t index)
{
    size_t size = (size_t)l->opt.size;
    unsigned char *out = l->frames + index * l->frame_len;
    unsigned char *back = l->echoes + index * l->echo_len;
    uint32_t mask = (uint32_t)(index + 1) * 2654435761u; /* spread over all four bytes */
    uint32_t letters = mask;

    back += put_frame_head(back, size, 0);
    for (size_t i = 0; i < size; i++) {
        letters = letters * 1664525u + 1013904223u;
        back[i] = (unsigned char)('a' + (letters >> 16) % 26);
    }
    out += put_frame_head(out, size, 1);
    memcpy(out, &mask, MASK_BYTES);
    for (size_t i = 0; i < size; i++)
        out[MASK_BYTES + i] = back[i] ^ out[i % MASK_BYTES];
}

static void prepare_messages(struct load *l)
{
    size_t n = (size_t)l->opt.conns;
    size_t head = l->opt.size < 126 ? 2 : 4;

    l->echo_len = head + (size_t)l->opt.size;
    l->frame_len = l->echo_len + MASK_BYTES;
    l->echoes = xcalloc(n, l->echo_len);
    l->frames = xcalloc(n, l->frame_len);
    for (size_t i = 0; i < n; i++)
        prepare_message(l, i);
}

static void prepare(struct load *l)
{
    prepare_request(l);
    prepare_messages(l);
    l->in_bytes = HTTP_IN_BYTES;
    if (l->mode->is_websocket)
        l->in_bytes = l->echo_len < IN_BYTES_MIN ? IN_BYTES_MIN : l->echo_len + 1;
    l->conns = xcalloc((size_t)l->opt.conns, sizeof *l->conns);
    l->epfd = epoll_create1(EPOLL_CLOEXEC);
    if (l->epfd < 0)
        err(1, "epoll_create1");
    if (l->opt.pid && clock_getcpuclockid((pid_t)l->opt.pid, &l->server_clock))
        die(l, "no process %ld", l->opt.pid);
    l->has_server_clock = l->opt.pid != 0;
    if (!l->opt.tls)
        return;
    l->tls = SSL_CTX_new(TLS_client_method());
    if (!l->tls)
        die_of_tls(l);
    SSL_CTX_set_mode(l->tls, SSL_MODE_RELEASE_BUFFERS);
}

/* --- the command line --- */

enum kind { KIND_WHOLE, KIND_SECONDS, KIND_TEXT };

struct option_row {
    const char *name;
    enum kind kind;
    size_t offset;
    double min;
    double max;
    const char *help;
};

#define WHOLE(m)   .kind = KIND_WHOLE, .offset = offsetof(struct options, m)
#define SECONDS(m) .kind = KIND_SECONDS, .offset = offsetof(struct options, m)
#define TEXT(m)    .kind = KIND_TEXT, .offset = offsetof(struct options, m)

static const struct option_row rows[] = {
    { "--host", TEXT(host), .help = "IPv4 address of the server" },
    { "--port", WHOLE(port), .min = 1, .max = 65535, .help = "of the server" },
    { "--pid", WHOLE(pid), .min = 1, .max = INT32_MAX, .help = "of the server" },
    { "--path", TEXT(path), .help = "of the file or the endpoint" },
    { "--conns", WHOLE(conns), .min = 1, .max = 1e6, .help = "connections" },
    { "--size", WHOLE(size), .min = 1, .max = SIZE_MAX_BYTES, .help = "bytes of an echoed text" },
    { "--secs", SECONDS(secs), .min = 0.01, .max = 3600, .help = "measured by http and echo" },
    { "--warm", SECONDS(warm_secs), .max = 3600, .help = "seconds of load before these" },
    { "--window", WHOLE(window), .min = 1, .max = EVENTS, .help = "connections opened at a time" },
    { "--sources", WHOLE(sources), .min = 1, .max = 250, .help = "addresses to connect from" },
    { "--tls", WHOLE(tls), .max = 1, .help = "1: speak TLS" },
    { "--lockstep", WHOLE(lockstep), .max = 1, .help = "1: everybody sends, then receives" },
    { "--burst", WHOLE(burst), .max = 1, .help = "1: each window arrives at once" },
};

#define N_ROWS  (sizeof rows / sizeof rows[0])
#define N_MODES (sizeof modes / sizeof modes[0])

static void usage(void)
{
    fprintf(stderr, "usage: load MODE [--option value]...\n");
    for (size_t i = 0; i < N_MODES; i++)
        fprintf(stderr, "  %-12s %s\n", modes[i].name, modes[i].help);
    for (size_t i = 0; i < N_ROWS; i++)
        fprintf(stderr, "  %-12s %s\n", rows[i].name, rows[i].help);
    exit(2);
}

static void set_option(struct options *opt, const struct option_row *row, const char *value)
{
    char *field = (char *)opt + row->offset;
    char *end;
    double number;
    long whole;

    if (row->kind == KIND_TEXT) {
        memcpy(field, &value, sizeof value);
        return;
    }
    number = strtod(value, &end);
    if (end == value || *end || !(number >= row->min && number <= row->max))
        errx(2, "%s takes %g to %g, not '%s'", row->name, row->min, row->max, value);
    whole = (long)number;
    if (row->kind == KIND_SECONDS)
        memcpy(field, &number, sizeof number);
    else
        memcpy(field, &whole, sizeof whole);
}

static void parse(struct load *l, int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < N_MODES; i++) {
        if (strcmp(argv[1], modes[i].name) == 0)
            l->mode = &modes[i];
    }
    if (!l->mode)
        usage();
    for (int i = 2; i < argc; i += 2) {
        const struct option_row *row = NULL;

        for (size_t k = 0; k < N_ROWS; k++) {
            if (strcmp(argv[i], rows[k].name) == 0)
                row = &rows[k];
        }
        if (!row || i + 1 == argc)
            errx(2, "%s: %s", argv[i], row ? "its value is missing" : "no such option");
        set_option(&l->opt, row, argv[i + 1]);
    }
    if (!l->opt.port)
        errx(2, "--port is needed");
    if (l->opt.burst && (!l->opt.pid || l->opt.tls))
        errx(2, "--burst needs --pid and no TLS, whose handshake needs the server");
    if (!l->opt.path)
        l->opt.path = l->mode->is_websocket ? "/ws/echo" : "/favicon.svg";
}

static void raise_descriptors(const struct load *l)
{
    struct rlimit r;

    if (getrlimit(RLIMIT_NOFILE, &r))
        err(1, "getrlimit");
    r.rlim_cur = r.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &r))
        err(1, "setrlimit");
    if (r.rlim_cur < (rlim_t)l->opt.conns + 16)
        die(l, "%ld connections need a descriptor limit above %lu (ulimit -Hn)", l->opt.conns,
            (unsigned long)r.rlim_cur);
}

int main(int argc, char **argv)
{
    struct load *l = xcalloc(1, sizeof *l);

    l->opt = (struct options){
        .host = "127.0.0.1",
        .conns = 64,
        .size = 125,
        .secs = 2,
        .warm_secs = 0.3,
        .window = 64,
        .sources = 1,
    };
    parse(l, argc, argv);
    raise_descriptors(l);
    prepare(l);
    l->mode->run(l);
    return 0; /* the kernel closes what is open, with a reset */
}
