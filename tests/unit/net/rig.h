/* What the tests of net/ share: a loop with a clock that the test turns, a stream on one end of a
 * pair of sockets, and a stream user that writes down what it is told. Not for anything else. */
#pragma once

#include "base/buf.h"
#include "base/log.h"
#include "net/stream.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND_US    1000000u
#define RIG_HARD     (1u << 20)
#define RIG_SOFT     (64u * 1024)
#define RIG_SOFT_US  (10ull * SECOND_US)
#define RIG_STALL_US (30ull * SECOND_US)
#define RIG_OPEN_US  (10ull * SECOND_US)
#define RIG_IDLE_US  4000 /* how long a turn must wait to count as one that waits */

enum rig_moment { AT_NEVER, AT_OPEN, AT_DATA, AT_EOF, AT_DRAINED, AT_CLOSE };

struct rig {
    struct test_clock clock;
    struct loop *loop;
    struct stream_limits limits;
    struct stream_stats stats;
    struct tls *tls; /* *borrows* */
    bool expects_proxy;
    struct stream *stream;
    int fd;   /* the stream's */
    int peer; /* the other end, non-blocking; -1: closed */
    struct buf got;
    unsigned told[AT_CLOSE + 1];
    int close_err;
    enum rig_moment act_at;
    void (*act)(struct rig *r);
};

static inline void rig_tell(struct rig *r, enum rig_moment moment)
{
    r->told[moment]++;
    if (moment == r->act_at)
        r->act(r);
}

static inline void rig_on_open(void *arg)
{
    rig_tell(arg, AT_OPEN);
}

static inline void rig_on_data(void *arg, char *p, size_t len)
{
    struct rig *r = arg;
    buf_add(&r->got, p, len);
    memset(p, '!', len); /* lent bytes may be changed */
    rig_tell(r, AT_DATA);
}

static inline void rig_on_eof(void *arg)
{
    rig_tell(arg, AT_EOF);
}

static inline void rig_on_drained(void *arg)
{
    rig_tell(arg, AT_DRAINED);
}

static inline void rig_on_close(void *arg, int err)
{
    struct rig *r = arg;
    r->close_err = err;
    r->stream = NULL;
    rig_tell(r, AT_CLOSE);
}

static const struct stream_user rig_user = {
    .name = "rig",
    .on_open = rig_on_open,
    .on_data = rig_on_data,
    .on_eof = rig_on_eof,
    .on_drained = rig_on_drained,
    .on_close = rig_on_close,
};

/* A test that hangs must end. */
static inline void rig_prepare(void)
{
    signal(SIGPIPE, SIG_IGN);
    log_set_level(LOG_OFF);
    alarm(120);
}

static inline void rig_init(struct rig *r)
{
    *r = (struct rig){
        .limits = { .queue_hard_bytes = RIG_HARD,
            .queue_soft_bytes = RIG_SOFT,
            .queue_soft_us = RIG_SOFT_US,
            .stall_us = RIG_STALL_US,
            .handshake_us = RIG_OPEN_US },
        .peer = -1,
    };
    test_clock_init(&r->clock);
    buf_init(&r->got, 64u << 20);
    if (loop_new(&r->loop, &r->clock.clock))
        abort();
}

/* Opens the stream on a descriptor of which `peer` is the other end. */
static inline void rig_adopt(struct rig *r, int fd, int peer)
{
    const struct addr unknown = { .any.sa_family = AF_UNIX };
    const struct stream_options options = {
        .loop = r->loop,
        .fd = fd,
        .peer = &unknown,
        .limits = &r->limits,
        .stats = &r->stats,
        .tls = r->tls,
        .expects_proxy = r->expects_proxy,
        .user = &rig_user,
        .arg = r,
    };
    r->fd = fd;
    r->peer = peer;
    if (stream_new(&r->stream, &options))
        abort();
}

static inline void rig_open(struct rig *r)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds))
        abort();
    rig_adopt(r, fds[0], fds[1]);
}

static inline void rig_turns(struct rig *r, unsigned n)
{
    while (n-- > 0)
        loop_turn(r->loop, false);
}

static inline void rig_turn(struct rig *r)
{
    rig_turns(r, 1);
}

/* The time moves, then a turn. */
static inline void rig_pass(struct rig *r, uint64_t us)
{
    test_clock_turn(&r->clock, us);
    rig_turn(r);
}

static inline void rig_hang_up(struct rig *r)
{
    if (r->peer >= 0)
        close(r->peer);
    r->peer = -1;
}

static inline void rig_fini(struct rig *r)
{
    if (r->stream)
        stream_close(r->stream, ERR_CLOSED);
    rig_hang_up(r);
    rig_turn(r);
    loop_free(r->loop);
    buf_fini(&r->got);
}

static inline void rig_do_nothing(void *arg)
{
    (void)arg;
}

/* Nothing goes round: a turn that may wait does wait. */
static inline bool rig_is_idle(struct rig *r)
{
    struct timer timer;
    struct timespec from, to;
    rig_turns(r, 3);
    timer_init(&timer, rig_do_nothing, NULL);
    loop_arm(r->loop, &timer, RIG_IDLE_US);
    clock_gettime(CLOCK_MONOTONIC, &from);
    loop_turn(r->loop, true);
    clock_gettime(CLOCK_MONOTONIC, &to);
    loop_disarm(r->loop, &timer);
    return (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000 >= RIG_IDLE_US;
}

static inline void rig_send_bytes(struct rig *r, const void *p, size_t len)
{
    struct blob *b = blob_copy(slice_of(p, len));
    stream_send(r->stream, b, blob_slice(b));
    blob_unref(b);
}

static inline void rig_send_str(struct rig *r, const char *text)
{
    rig_send_bytes(r, text, strlen(text));
}

/* The other end writes; all of it, or the test is wrong. */
static inline void rig_say(struct rig *r, const void *p, size_t len)
{
    if (write(r->peer, p, len) != (ssize_t)len)
        abort();
}

static inline void rig_say_str(struct rig *r, const char *text)
{
    rig_say(r, text, strlen(text));
}

/* What the other end can read now, appended; gives false at the end of the stream. */
static inline bool rig_hear(struct rig *r, struct buf *out)
{
    for (;;) {
        char *p = buf_room(out, 64 * 1024);
        ssize_t n = p ? read(r->peer, p, 64 * 1024) : -1;
        if (n <= 0)
            return n < 0;
        buf_grow(out, (size_t)n);
    }
}

static inline uint64_t rig_draw(uint64_t *seed, uint64_t below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed % below;
}
