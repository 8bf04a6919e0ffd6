/* A connection that carries bytes: TCP or a unix socket, plain or under TLS. Reads are handed up as
 * they come; what is sent in a turn leaves together at its end in one write. Belongs to one loop.
 * Knows nothing of HTTP; web/conn sits on it.
 *
 *   OPENING --(PROXY header, first byte, TLS handshake)--> OPEN --finish--> FINISHING --> closed
 *      \________________________________ close, or the peer, or a deadline ________________^
 */
#pragma once

#include "base/chunkq.h"
#include "net/addr.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct stream;
struct tls;

/* What the layer above is told. Any of them may close the stream. */
struct stream_user {
    const char *name;
    /* Opening took more than accepting it (PROXY header, TLS) and is over. May be NULL. */
    void (*on_open)(void *arg);
    /* *lends* the bytes, which may be changed; what is not used now must be copied. */
    void (*on_data)(void *arg, char *p, size_t len);
    /* The peer will send no more; it may still read. */
    void (*on_eof)(void *arg);
    /* Everything queued has been written. What is sent from inside leaves in the next turn, so that
     * a fast reader of something long leaves time for others. May be NULL. */
    void (*on_drained)(void *arg);
    /* The last call: the stream is gone when it returns. `err` is why: ERR_CLOSED for the normal
     * end. */
    void (*on_close)(void *arg, int err);
};

struct stream_limits {
    uint32_t queue_hard_bytes; /* more unsent bytes close it, ERR_SLOW_READER */
    uint32_t queue_soft_bytes; /* more than this for queue_soft_us closes it as well */
    uint64_t queue_soft_us;    /* UINT64_MAX, here and below: never */
    uint64_t stall_us;         /* without a byte written while some wait, ERR_SLOW_READER */
    uint64_t handshake_us;     /* until open, ERR_TIMEOUT */
};

/* Counters of all streams of a loop. */
struct stream_stats {
    uint64_t received_bytes;
    uint64_t sent_bytes;
    uint64_t writes;
    uint64_t tls_handshakes;
    uint64_t tls_failures;
    uint64_t slow_readers; /* closed for being one */
    size_t giant_bytes;    /* now queued, see base/chunkq */
    uint64_t half_open;    /* now in phase OPENING */
};

enum stream_phase { STREAM_OPENING, STREAM_OPEN, STREAM_FINISHING, STREAM_CLOSED };

struct stream_options {
    struct loop *loop;
    int fd; /* *takes* */
    const struct addr *peer;
    const struct stream_limits *limits; /* *borrows* */
    struct stream_stats *stats;         /* *borrows* */
    struct tls *tls;                    /* NULL: plain. *takes a reference* */
    bool expects_proxy;                 /* a PROXY protocol v2 header comes first */
    const struct stream_user *user;
    void *arg;
};

/* ERR_IO: the kernel refuses; the descriptor is closed. Nothing is called from inside this call. */
int stream_new(struct stream **out, const struct stream_options *o) MUST_CHECK;

/* Hands the stream to another layer, between two of its calls. */
void stream_set_user(struct stream *s, const struct stream_user *user, void *arg);

/* To another loop, between two of its calls, unless it is about to end. When it has left, nothing
 * may be asked of it and nobody is called until that loop's thread lets it in. ERR_IO: the kernel
 * refuses; stream_close() is all that may follow. */
bool stream_may_leave(const struct stream *s);
void stream_leave(struct stream *s);
int stream_enter(struct stream *s, struct loop *l, struct stream_stats *stats) MUST_CHECK;

/* Other limits from now on; *borrows*. */
void stream_set_limits(struct stream *s, const struct stream_limits *limits);

/* Queues bytes of a blob (takes a reference) or of static memory. When the queue would pass its
 * hard mark the stream is closed before the turn ends; until then, and after it, sending is
 * ignored. */
void stream_send(struct stream *s, struct blob *blob, struct slice part);

/* No more on_data until resumed. The peer's vanishing is still noticed, unless bytes that it sent
 * before are unread: its end comes behind them. */
void stream_pause(struct stream *s);
void stream_resume(struct stream *s);

/* Ends it well: what is queued is written, then the sending side closed; what the peer still says
 * is read and ignored for a moment so that it gets to see the answer. on_close follows. */
void stream_finish(struct stream *s);

/* Ends it now; on_close is called before this returns. Closing twice is fine. */
void stream_close(struct stream *s, int err);

bool stream_is_open(const struct stream *s);
size_t stream_queued(const struct stream *s);
bool stream_is_blocked(const struct stream *s); /* the kernel takes no more for now */
bool stream_is_over_soft_mark(const struct stream *s);
bool stream_is_secure(const struct stream *s);       /* TLS is on */
bool stream_is_plain_on_tls(const struct stream *s); /* came without TLS to a port that has it */
struct ip stream_peer(const struct stream *s);
struct loop *stream_loop(const struct stream *s);
