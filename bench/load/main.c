/* The command line: a mode, then options by the table of rows. */
#include "load.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#define SHOWN_BYTES 300 /* of a wrong reply */

static const struct mode modes[] = {
    { .name = "http",
        .run = run_closed_loop,
        .protocol = &http,
        .help = "GETs on kept connections, one in flight on each" },
    { .name = "echo",
        .run = run_closed_loop,
        .protocol = &websocket,
        .help = "WebSocket texts that must come back, one in flight on each" },
    { .name = "connect",
        .run = run_connect,
        .protocol = &websocket,
        .help = "opens WebSockets and keeps them: the cost of accepting one" },
    { .name = "idle",
        .run = run_idle,
        .protocol = &websocket,
        .help = "the same, and what one holds in the server's memory, fresh and used" },
    { .name = "sio-rooms",
        .run = run_closed_loop,
        .protocol = &socketio,
        .help = "Socket.IO messages to rooms; each copy that arrives is an operation" },
    { .name = "sio-connect",
        .run = run_connect,
        .protocol = &socketio,
        .help = "connects to a namespace and joins a room" },
    { .name = "sio-idle",
        .run = run_idle,
        .protocol = &socketio,
        .help = "the same, and what one holds in the server's memory" },
    { .name = "rooms",
        .run = run_closed_loop,
        .protocol = &rooms,
        .help = "messages in the server's own languages; each copy that arrives is an operation" },
    { .name = "rooms-connect",
        .run = run_connect,
        .protocol = &rooms,
        .help = "connects and joins in one of these; rooms that need a request are made before" },
    { .name = "rooms-idle",
        .run = run_idle,
        .protocol = &rooms,
        .help = "the same, and what one holds in the server's memory" },
};

/* ---- failing */

void die(const struct load *l, const char *format, ...)
{
    va_list ap;

    fprintf(stderr, "load %s %s:%ld: ", l->mode->name, l->opt.host, l->opt.port);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(1);
}

void die_of_reply(const struct load *l, const struct conn *c)
{
    char shown[SHOWN_BYTES + 1] = { 0 };

    for (size_t i = 0; i < c->got && i < SHOWN_BYTES; i++)
        shown[i] = c->in[i] >= ' ' && c->in[i] < 0x7f ? (char)c->in[i] : '.';
    die(l, "unexpected reply of %zu bytes: %s", c->got, shown);
}

void *xcalloc(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size);

    if (!p)
        err(1, "memory");
    return p;
}

/* ---- options */

enum kind { KIND_WHOLE, KIND_REAL, KIND_TEXT };

struct option_row {
    const char *name;
    enum kind kind;
    size_t offset;
    double min;
    double max;
    const char *help;
};

#define WHOLE(m) .kind = KIND_WHOLE, .offset = offsetof(struct options, m)
#define REAL(m)  .kind = KIND_REAL, .offset = offsetof(struct options, m)
#define TEXT(m)  .kind = KIND_TEXT, .offset = offsetof(struct options, m)

static const struct option_row rows[] = {
    { "--host", TEXT(host), .help = "IPv4 address of the server" },
    { "--port", WHOLE(port), .min = 1, .max = 65535, .help = "of the server" },
    { "--pid", WHOLE(pid), .min = 1, .max = INT32_MAX, .help = "of the server" },
    { "--path", TEXT(path), .help = "of the file or the endpoint" },
    { "--conns", WHOLE(conns), .min = 1, .max = 1e6, .help = "connections" },
    { "--size", WHOLE(size), .min = 1, .max = SIZE_MAX_BYTES, .help = "bytes of a message" },
    { "--secs", REAL(secs), .min = 0.01, .max = 3600, .help = "measured by the closed loops" },
    { "--warm", REAL(warm_secs), .max = 3600, .help = "seconds of load before these" },
    { "--window", WHOLE(window), .min = 1, .max = EVENTS, .help = "connections opened at a time" },
    { "--sources", WHOLE(sources), .min = 1, .max = 250, .help = "addresses to connect from" },
    { "--room-size", WHOLE(room_size), .min = 1, .max = 1e6, .help = "members of a room" },
    { "--rooms-each", WHOLE(rooms_each), .min = 1, .max = 1e4, .help = "rooms of a member" },
    { "--languages", TEXT(languages), .help = "of rooms' members, in turn: of abcdesw" },
    { "--say", TEXT(say), .help = "what they say: chat, typing, media or stroke" },
    { "--senders", WHOLE(senders), .min = 1, .max = 1e6, .help = "of a room's members who send" },
    { "--rate", REAL(rate), .min = 0.01, .max = 1e7, .help = "messages a second: an open loop" },
    { "--slow", WHOLE(slow), .max = 1e6, .help = "more connections in rooms, that read nothing" },
    { "--hold", REAL(hold_secs), .max = 3600, .help = "seconds that idle connections are kept" },
    { "--tls", WHOLE(tls), .max = 1, .help = "1: speak TLS" },
    { "--lockstep", WHOLE(lockstep), .max = 1, .help = "1: everybody sends, then receives" },
    { "--burst", WHOLE(burst), .max = 1, .help = "1: each window arrives at once" },
    { "--spin", WHOLE(spin), .max = 1, .help = "1: an open loop looks for replies all the time" },
    { "--threads-report", WHOLE(threads_report), .max = 1, .help = "1: CPU of each thread" },
};

#define N_ROWS  (sizeof rows / sizeof rows[0])
#define N_MODES (sizeof modes / sizeof modes[0])

static void usage(void)
{
    fprintf(stderr, "usage: load MODE [--option value]...\n");
    for (size_t i = 0; i < N_MODES; i++)
        fprintf(stderr, "  %-16s %s\n", modes[i].name, modes[i].help);
    for (size_t i = 0; i < N_ROWS; i++)
        fprintf(stderr, "  %-16s %s\n", rows[i].name, rows[i].help);
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
    if (row->kind == KIND_REAL)
        memcpy(field, &number, sizeof number);
    else
        memcpy(field, &whole, sizeof whole);
}

static void check_options(struct load *l)
{
    if (!l->opt.port)
        errx(2, "--port is needed");
    if (l->opt.burst && (!l->opt.pid || l->opt.tls))
        errx(2, "--burst needs --pid and no TLS, whose handshake needs the server");
    if (l->opt.rate > 0 && (l->protocol != &rooms && l->protocol != &socketio))
        errx(2, "--rate is for messages to rooms");
    if (l->opt.rate > 0 && l->opt.lockstep)
        errx(2, "--rate sends what is due; --lockstep waits for replies");
    if (l->opt.threads_report && !l->opt.pid)
        errx(2, "--threads-report needs --pid");
    if (!l->opt.path)
        l->opt.path = l->protocol->path;
}

static void parse(struct load *l, int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < N_MODES; i++) {
        if (strcmp(argv[1], modes[i].name) == 0)
            l->mode = &modes[i];
    }
    if (!l->mode)
        usage();
    l->protocol = l->mode->protocol;
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
    check_options(l);
}

/* ---- beginning */

static void raise_descriptors(const struct load *l)
{
    rlim_t needed = (rlim_t)(l->opt.conns + l->opt.slow + 16);
    struct rlimit r;

    if (getrlimit(RLIMIT_NOFILE, &r))
        err(1, "getrlimit");
    r.rlim_cur = r.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &r))
        err(1, "setrlimit");
    if (r.rlim_cur < needed)
        die(l, "a limit of %lu descriptors is needed, and is %lu (ulimit -Hn)",
            (unsigned long)needed, (unsigned long)r.rlim_cur);
}

static void prepare(struct load *l)
{
    l->request_len = http_put_get(l->request, l, l->opt.path);
    l->conns = xcalloc((size_t)(l->opt.conns + l->opt.slow), sizeof *l->conns);
    l->ready = xcalloc((size_t)l->opt.conns, sizeof(struct conn *));
    l->in = xcalloc(IN_BYTES, 1);
    if (l->protocol->prepare)
        l->protocol->prepare(l);
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
        errx(1, "no TLS");
    SSL_CTX_set_mode(l->tls, SSL_MODE_RELEASE_BUFFERS);
}

int main(int argc, char **argv)
{
    struct load *l = xcalloc(1, sizeof *l);

    l->opt = (struct options){
        .host = "127.0.0.1",
        .languages = "abcde",
        .say = "chat",
        .conns = 64,
        .size = 125,
        .secs = 2,
        .warm_secs = 0.3,
        .window = 64,
        .sources = 1,
        .room_size = 1,
        .rooms_each = 1,
        .senders = 1,
    };
    parse(l, argc, argv);
    raise_descriptors(l);
    prepare(l);
    l->mode->run(l);
    return 0; /* the kernel closes what is open, with a reset */
}
