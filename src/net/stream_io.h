/* What the parts of a stream share: its struct, and the transports below it (plain in stream.c, TLS
 * in stream_tls.c) with the steps that come before the first byte (stream_open.c). Only these
 * include it. */
#pragma once

#include "base/xalloc.h"
#include "net/stream.h"

#include <stdalign.h>

#define STREAM_MAGIC 0x53545245u

/* A transport. */
struct stream_io {
    const char *name;
    /* 0 and `*got` bytes, none at the end of what the peer sends. ERR_AGAIN, ERR_RESET, ERR_TLS. */
    int (*read)(size_t *got, struct stream *s, char *p, size_t room) MUST_CHECK;
    /* Writes from the front of the queue and drops what is written. 0: the queue is empty.
     * ERR_AGAIN, ERR_RESET, ERR_TLS. */
    int (*write)(struct stream *s) MUST_CHECK;
    /* Whether nothing is left to read but the end. ERR_AGAIN: it cannot be known yet; ERR_RESET,
     * ERR_TLS. */
    int (*peek_end)(bool *is_end, struct stream *s) MUST_CHECK;
    /* The sending side, once the queue is empty. ERR_AGAIN: again when it can be written to. */
    int (*shutdown)(struct stream *s) MUST_CHECK;
    void (*free)(struct stream *s);
};

/* A step of opening. 0: done, go on with the next. ERR_AGAIN: wait for `s->opening_events`. */
typedef int(stream_step)(struct stream *s);

struct opening; /* bytes of a PROXY header, so far */

struct stream {
    /* What every send touches comes first, in three lines of the cache: a fan-out meets each stream
     * cold, twice. */
    alignas(CACHE_LINE) struct task flush; /* mostly at the end of the turn; frees, once closed */
    struct watch watch;
    enum stream_phase phase;
    bool is_paused;
    bool is_ended;     /* the peer sends no more, and the user was told */
    bool is_end_ahead; /* the peer sends no more, but there are bytes to read before that */
    bool is_draining;  /* in on_drained() */
    struct chunkq out;
    const struct stream_io *io;
    struct loop *loop;
    struct stream_stats *stats;
    const struct stream_user *user;

    void *arg;
    uint32_t magic;
    uint32_t opening_events;
    bool was_blocked; /* when it left its loop */
    bool is_plain_on_tls;
    const struct stream_limits *limits;
    stream_step *step;        /* while OPENING */
    struct timer timer;       /* of opening, then of a peer that does not read, then of lingering */
    struct task again;        /* reads in the next turn, whatever the descriptor says */
    uint64_t progress_at_us;  /* the last byte written, while some wait */
    uint64_t over_soft_at_us; /* 0: it is not */
    struct ip peer;
    struct tls *tls;
    struct ssl_st *ssl;
    struct opening *opening;
};

extern const struct stream_io stream_io_plain;
extern const struct stream_io stream_io_tls;

/* The first step for a stream that has any: `s->step`. */
void stream_open_begin(struct stream *s, bool expects_proxy);
void stream_open_fini(struct stream *s);

/* The TLS handshake as a step. */
int stream_tls_start(struct stream *s) MUST_CHECK;
int stream_tls_step(struct stream *s);
