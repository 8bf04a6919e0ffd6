/* The load generator: it drives one server over many connections from one thread, and says what
 * each operation cost that server in CPU time. One JSON line on standard output is the result.
 *
 *   main.c       the command line and the table of modes
 *   run.c        turns, loops, and what a mode does from beginning to end
 *   conn.c       sockets, TLS, bytes
 *   measure.c    clocks, memory, latency, the result; measure.h
 *   http.c, websocket.c   the protocols: what is said, and how answers are checked
 *   languages.c  how one connects, joins and says something in each language of rooms; languages.h
 *   rooms.c      members of rooms, each in its language
 *   copies.c     messages to rooms: who has to get which, and whether they did; copies.h
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
 * With `--rate` the loop is open: message n is due n/rate seconds after the beginning, the senders
 * take turns, and each message leaves when it is due, whatever has come back. Latency counts from
 * that moment, so that a wait is not hidden by sending later. `late_share` is how many left more
 * than 0.5 ms after it, through the generator's own fault. It sleeps between the messages, and a
 * reply wakes it; with `--spin 1` it never sleeps, which costs the server less and sees replies
 * sooner, but takes a core. Its share is then without the time in which it only looked.
 * Opening connections costs the generator more than accepting them costs a good server, so there
 * `--burst 1` stops the server (SIGSTOP) while a window of connections and their requests arrive,
 * and lets it go on when they are all in its backlog: the rush after a lost network. A protocol
 * with several steps of opening takes each window through one step after the other.
 *
 * How it checks. Each reply is compared byte by byte: HTTP bodies with the first one, messages with
 * what their sender sent (each has its own text and counts what it says), upgrades by their accept
 * value. Anything else, a message that comes twice or too early, an early close or five seconds of
 * silence end the run with a message and status 1. */
#pragma once

#include "languages.h"
#include "measure.h"

#include <openssl/ssl.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
    EVENTS = 1024,         /* per epoll_wait */
    REQUEST_BYTES = 2048,  /* a GET with its head */
    IN_BYTES = 256 * 1024, /* one read: what a loaded server has gathered for a connection */
    FRAME_BYTES = 16 *
        1024, /* a longer frame tells how a room looks; only its start is looked at */
    SIZE_MAX_BYTES = 60000,
    MASK_BYTES = 4,
    PACKET_MAX = 256, /* of what is said, without the text of a message */
    BEGINNING = 128,  /* of a frame that is too long for us: as much is looked at */
    STEPS_MAX = 3,    /* of opening, behind the first */
    NUMBER_CHARS = 6, /* of a sender, a room, or a message */
    STALL_MS = 5000,  /* no reply on any connection: the run has failed */
};

struct options {
    const char *host;
    const char *path;
    const char *languages; /* languages.h: letters; connections take them in turn */
    const char *say;       /* languages.h: what a member says */
    double secs;
    double warm_secs;
    double rate;      /* messages per second of all senders; 0: the loop is closed */
    double hold_secs; /* how long idle connections are kept */
    long port;
    long pid; /* 0: the server's time and memory are not read */
    long conns;
    long slow;       /* further connections, in rooms, that read nothing once they are there */
    long size;       /* bytes of a message's text */
    long window;     /* connections being opened, or asked once, at a time */
    long sources;    /* client addresses 127.0.0.1 to 127.0.0.N, taken in turn */
    long room_size;  /* connections that follow each other share their rooms */
    long rooms_each; /* as many */
    long senders;    /* the first so many of a room send */
    long tls;        /* certificates are not verified */
    long lockstep;   /* see above */
    long burst;      /* see above */
    long spin;       /* see above */
    long threads_report;
};

struct load;
struct conn;

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
    unsigned char *in;   /* what came, while it is looked at: load.in */
    unsigned char *kept; /* owned; what was not whole, meanwhile */
    size_t kept_room;
    uint64_t began_at;
    unsigned steps_left; /* of opening */
    size_t skip;         /* bytes to come of a frame that is not looked at any more */
    const char *answer;  /* how the packet that is waited for begins; NULL: none is */

    /* rooms */
    size_t group; /* of those that share their rooms */
    size_t place; /* in it */
    size_t first_room;
    unsigned joined; /* rooms */
    int is_joining;
    unsigned said;   /* messages to its rooms */
    unsigned copies; /* of the last one, that have not arrived; closed loop */
    size_t turn;     /* among the speakers */
    unsigned *heard; /* by sender's place and by room: messages that came; in load.heard */
    int has_heard;   /* any of them: everybody is there */
    size_t mark_at;  /* in the last one: what is in front of its text */
    const struct language *language;
    const struct words *words;
    unsigned char *frame; /* owned; what it says, in its own language */
    size_t frame_len;
    size_t size;    /* of what the frame carries; where in that stand, 0: nowhere */
    size_t room_at; /* its room */
    size_t number_at;
    size_t flag_at;
};

struct protocol {
    const char *path;        /* unless the command line has one */
    const char *headers;     /* of the opening request */
    op_fn *on_connected;     /* the first thing to say; NULL: none, it is open */
    op_fn *steps[STEPS_MAX]; /* of opening, after that */
    op_fn *start;            /* an operation on an open connection */
    void (*prepare)(struct load *l);
    void (*before)(struct load *l, size_t n_conns); /* they are opened; NULL: nothing */
};

struct mode {
    const char *name;
    void (*run)(struct load *l);
    const struct protocol *protocol;
    const char *help;
};

struct load {
    struct options opt;
    enum say say; /* opt.say */
    const struct mode *mode;
    const struct protocol *protocol; /* the mode's, unless another is used for a while */
    int epfd;
    int has_server_clock;
    clockid_t server_clock;
    SSL_CTX *tls;
    struct conn *conns;  /* opt.conns, then opt.slow */
    size_t pending;      /* replies that are waited for */
    struct conn **ready; /* whose operation ended in this turn */
    size_t n_ready;
    uint64_t read_at; /* when the newest bytes were read */
    struct tally tally;
    uint64_t pings; /* that were answered */
    unsigned char *in;
    size_t frame_max;            /* longer frames are not kept until they are whole */
    char request[REQUEST_BYTES]; /* the GET or the upgrade */
    size_t request_len;
    char *texts;         /* opt.conns texts of opt.size bytes, as they must come back */
    unsigned char *body; /* of the first HTTP reply */
    size_t body_len;

    struct conn **speakers; /* in the order of their turns */
    size_t n_speakers;
    uint64_t opened_at; /* the open loop: when message 0 was due */
    uint64_t n_due;     /* the next message */

    /* rooms */
    unsigned *heard;    /* of all connections */
    size_t heard_each;  /* of one */
    size_t n_heard;     /* senders of a room */
    size_t number_wrap; /* numbers of messages begin anew there; a multiple of opt.rooms_each */
    char room_letter;   /* the first of a room's name */
    size_t rooms_to_make;
    size_t rooms_made;
};

extern const struct protocol http, websocket, socketio, rooms;

void die(const struct load *l, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));
void die_of_reply(const struct load *l, const struct conn *c) __attribute__((noreturn));
void *xcalloc(size_t n, size_t size);

/* run.c: the modes, and what a protocol tells them. */
void run_closed_loop(struct load *l); /* open, with --rate */
void run_connect(struct load *l);
void run_idle(struct load *l);
void run_alone(struct load *l, const struct protocol *p, size_t n); /* opens n, and closes them */
void step_ended(struct load *l, struct conn *c);                    /* of opening it */
void reply_came(struct load *l, uint64_t asked_at);
void became_ready(struct load *l, struct conn *c); /* for its next operation */
uint64_t due_at(const struct load *l, uint64_t n); /* message n of the open loop */

/* conn.c */
void conn_open(struct load *l, struct conn *c);
void conn_handshake(struct load *l, struct conn *c);
void conn_send(struct load *l, struct conn *c, const void *p, size_t len);
void conn_take(struct load *l, struct conn *c); /* reads, and has it looked at */
void conn_ignore(struct load *l, struct conn *c);
size_t conn_count_slow(const struct load *l); /* that the server has kept */
void conn_close(struct conn *c);

/* http.c */
size_t http_put_get(char out[REQUEST_BYTES], const struct load *l, const char *path);
size_t http_head_len(const struct conn *c); /* with its empty line; 0: not whole */
int http_head_starts(const struct conn *c, const char *what);
int http_take_reply(struct load *l, struct conn *c); /* 1: a 2xx came, and is used up */

/* websocket.c */
extern const char websocket_headers[];
int websocket_take_upgrade(struct load *l, struct conn *c); /* 1: it came, and is used up */
void websocket_make_texts(struct load *l);
size_t websocket_frame_len(size_t size); /* with its mask */
void websocket_put_frame(unsigned char *out, const char *text, size_t size, uint32_t mask);
void websocket_overwrite(unsigned char *frame, size_t size, size_t at, struct packet with);
void websocket_say(struct load *l, struct conn *c, const char *packet); /* PACKET_MAX long */
void websocket_take_frames(struct load *l, struct conn *c, packet_fn *on_packet);
int packet_starts(struct packet packet, const char *with);
