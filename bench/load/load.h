/* The load generator: it drives one server over many connections from one thread, and says what
 * each operation cost that server in CPU time. One JSON line on standard output is the result.
 *
 *   main.c      the command line and the table of modes
 *   run.c       turns, loops, and what a mode does from beginning to end
 *   conn.c      sockets, TLS, bytes
 *   measure.c   clocks, memory, latency
 *   http.c, websocket.c, socketio.c   the protocols: what is said, and how answers are checked
 *   rooms.c     the five languages of the server itself, one for each connection
 *   copies.c    messages to rooms: who has to get which, and whether they did
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
 * There it does not sleep until a reply wakes it, but looks every 0.1 ms: waking a sleeper costs a
 * server as much as sending a reply, and how often it had to would be an accident.
 * Opening connections costs the generator more than accepting them costs a good server, so there
 * `--burst 1` stops the server (SIGSTOP) while a window of connections and their requests arrive,
 * and lets it go on when they are all in its backlog: the rush after a lost network. A protocol
 * with several steps of opening takes each window through one step after the other.
 *
 * How it checks. Each reply is compared byte by byte: HTTP bodies with the first one, messages with
 * what their sender sent (each has its own text), upgrades by their accept value. Anything else, a
 * message that comes twice, an early close or five seconds of silence end the run with a message
 * and status 1. */
#pragma once

#include <openssl/ssl.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
    EVENTS = 1024,         /* per epoll_wait */
    REQUEST_BYTES = 2048,  /* a GET with its head */
    IN_BYTES_MIN = 4096,   /* per connection: the head of a 101 fits in any mode */
    HTTP_IN_BYTES = 65536, /* head and body of one HTTP reply */
    SIZE_MAX_BYTES = 60000,
    MASK_BYTES = 4,
    PACKET_MAX = 256,  /* of what is said, without the text of a message */
    BEGINNING = 128,   /* of a frame that is too long for us: as much is looked at */
    STEPS_MAX = 3,     /* of opening, behind the first */
    STALL_MS = 5000,   /* no reply on any connection: the run has failed */
    HIST_SUB_BITS = 5, /* 32 steps per power of two: percentiles within 3 % */
    HIST_SLOTS = 64 << HIST_SUB_BITS,
};

#define NS_PER_S 1000000000ull

struct options {
    const char *host;
    const char *path;
    const char *languages; /* rooms.c: letters; connections take them in turn */
    double secs;
    double warm_secs;
    long port;
    long pid; /* 0: the server's time and memory are not read */
    long conns;
    long size;      /* bytes of a message's text */
    long window;    /* connections being opened, or asked once, at a time */
    long sources;   /* client addresses 127.0.0.1 to 127.0.0.N, taken in turn */
    long room_size; /* connections that follow each other share a room */
    long senders;   /* the first so many of a room send */
    long tls;       /* certificates are not verified */
    long lockstep;  /* see above */
    long burst;     /* see above */
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
struct language; /* rooms.c */

/* Looks at what has arrived in c->in, and uses what is whole. What is wrong ends the program. */
typedef void(reply_fn)(struct load *l, struct conn *c);

/* Begins one operation. */
typedef void(op_fn)(struct load *l, struct conn *c);

/* What a frame carries, or the beginning of it. */
struct packet {
    const char *p;
    size_t len;
};

typedef void(packet_fn)(struct load *l, struct conn *c, struct packet packet);

struct conn {
    int fd;
    int handshaking; /* TLS only */
    SSL *ssl;        /* owned; NULL without TLS */
    reply_fn *on_reply;
    size_t got;
    unsigned char *in; /* owned, load.in_bytes long */
    uint64_t began_at;
    unsigned steps_left; /* of opening */
    size_t skip;         /* bytes to come of a frame that is not looked at any more */
    const char *answer;  /* how the packet that is waited for begins; NULL: none is */

    /* rooms */
    unsigned said;   /* messages sent to its room */
    unsigned copies; /* of the last one, that have not arrived */
    unsigned *heard; /* owned; by the sender's place in the room: messages that came */
    int has_heard;   /* any of them: everybody is there */
    const struct language *language;
    unsigned char *frame; /* owned; its message, in its own language */
    size_t frame_len;
};

struct protocol {
    const char *path;        /* unless the command line has one */
    const char *headers;     /* of the opening request */
    op_fn *on_connected;     /* the first thing to say; NULL: none, it is open */
    op_fn *steps[STEPS_MAX]; /* of opening, after that */
    op_fn *start;            /* an operation on an open connection */
    void (*prepare)(struct load *l);
};

struct mode {
    const char *name;
    void (*run)(struct load *l);
    const struct protocol *protocol;
    const char *help;
};

struct load {
    struct options opt;
    const struct mode *mode;
    int epfd;
    int has_server_clock;
    clockid_t server_clock;
    SSL_CTX *tls;
    struct conn *conns;
    size_t pending;      /* replies that are waited for */
    struct conn **ready; /* whose operation ended in this turn */
    size_t n_ready;
    uint64_t read_at; /* when the newest bytes were read */
    size_t in_bytes;
    char request[REQUEST_BYTES]; /* the GET or the upgrade */
    size_t request_len;
    unsigned char *frames; /* opt.conns masked frames */
    size_t frame_len;
    char *texts;         /* opt.conns texts of opt.size bytes, as they must come back */
    unsigned char *body; /* of the first HTTP reply */
    size_t body_len;
    struct hist latency;
};

extern const struct protocol http, websocket, socketio, rooms;

void die(const struct load *l, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));
void die_of_reply(const struct load *l, const struct conn *c) __attribute__((noreturn));
void *xcalloc(size_t n, size_t size);

/* run.c: the modes, and what a protocol tells them. */
void run_closed_loop(struct load *l);
void run_connect(struct load *l);
void run_idle(struct load *l);
void step_ended(struct load *l, struct conn *c); /* of opening it */
void reply_came(struct load *l, const struct conn *asker);
void became_ready(struct load *l, struct conn *c); /* for its next operation */

/* conn.c */
void conn_open(struct load *l, struct conn *c);
void conn_handshake(struct load *l, struct conn *c);
void conn_send(struct load *l, struct conn *c, const void *p, size_t len);
void conn_read(struct load *l, struct conn *c);
void conn_close(struct conn *c);

/* measure.c */
uint64_t now(void);
struct clocks clocks_now(const struct load *l);
struct clocks clocks_since(const struct load *l, const struct clocks *start);
void settle(const struct load *l); /* until the server has done what was left behind */
struct memory memory_now(const struct load *l);
void hist_add(struct hist *h, uint64_t ns);
void report(const struct load *l, const struct clocks *t); /* all but the closing brace */
void report_memory(const struct load *l, const char *when, const struct memory *before);

/* http.c */
size_t http_put_get(char out[REQUEST_BYTES], const struct load *l, const char *path);
size_t http_head_len(const struct conn *c); /* with its empty line; 0: not whole */
int http_head_starts(const struct conn *c, const char *what);
int http_take_reply(struct load *l, struct conn *c); /* 1: a 2xx came, and is used up */

/* websocket.c */
extern const char websocket_headers[];
void websocket_upgrade(struct load *l, struct conn *c, reply_fn *on_reply);
int websocket_take_upgrade(struct load *l, struct conn *c); /* 1: it came, and is used up */
void websocket_make_texts(struct load *l);
size_t websocket_frame_len(size_t size); /* with its mask */
void websocket_put_frame(unsigned char *out, const char *text, size_t size, uint32_t mask);
void websocket_say(struct load *l, struct conn *c, const char *packet); /* PACKET_MAX long */
void websocket_take_frames(struct load *l, struct conn *c, packet_fn *on_packet);
int packet_starts(struct packet packet, const char *with);

/* copies.c */
size_t copies_room(const struct load *l, size_t index);
void copies_prepare(struct load *l); /* texts that say who sent them */
void copies_connected(struct load *l, struct conn *c);
void copies_begin(struct load *l, struct conn *c); /* c says its text to its room */
void copies_came(struct load *l, struct conn *c, const char *text); /* opt.size bytes to read */
