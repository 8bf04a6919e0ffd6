/* What the tests of sio/ share: a loop with a clock that the test turns, the
 * engine, and carriers that write down what their peer gets. Not for anything
 * else. */
#pragma once

#include "base/buf.h"
#include "base/log.h"
#include "net/loop.h"
#include "sio/engine.h"
#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

#define FAKE_QUEUE    64
#define FAKE_OPEN     (-1)
#define RIG_PING_MS   300u
#define RIG_PONG_MS   200u
#define RIG_PROBE_MS  10000u
#define RIG_MAX_BYTES 1000u

/* A carrier. A polling one keeps what is sent until its peer polls. */
struct fake {
    struct carrier carrier;
    struct buf got; /* packets, each behind a '|'; a binary one has a '#' before
                     its bytes */
    struct blob *queue[FAKE_QUEUE];
    unsigned n_queued;
    bool has_poll;
    bool is_blocked;
    int ended; /* an enum carrier_end */
};

static inline struct fake *fake_of(const struct carrier *c)
{
    return CONTAINER_OF(c, struct fake, carrier);
}

static inline void fake_get(struct fake *f, const struct blob *frame)
{
    bool is_binary;
    struct slice payload = eio_frame_payload(frame, &is_binary);
    buf_add_char(&f->got, '|');
    if (is_binary)
        buf_add_char(&f->got, '#');
    buf_add_slice(&f->got, payload);
}

static inline void fake_send(struct carrier *c, struct blob *frame)
{
    struct fake *f = fake_of(c);
    if (f->has_poll)
        fake_get(f, frame);
    else if (f->n_queued < FAKE_QUEUE)
        f->queue[f->n_queued++] = blob_ref(frame);
}

static inline bool fake_is_reachable(const struct carrier *c)
{
    return fake_of(c)->has_poll;
}

static inline bool fake_is_writable(const struct carrier *c)
{
    return fake_of(c)->has_poll && !fake_of(c)->is_blocked;
}

static inline void fake_close(struct carrier *c, enum carrier_end how)
{
    fake_of(c)->ended = (int)how;
}

static inline void fake_hand_over(struct carrier *c, struct carrier *to)
{
    struct fake *f = fake_of(c);
    for (unsigned i = 0; i < f->n_queued; i++) {
        to->ops->send(to, f->queue[i]);
        blob_unref(f->queue[i]);
    }
    f->n_queued = 0;
    fake_close(c, CARRIER_RELEASE);
}

static const struct carrier_ops fake_socket_ops = {
    .name = "socket",
    .send = fake_send,
    .is_writable = fake_is_writable,
    .is_reachable = fake_is_reachable,
    .close = fake_close,
};

static const struct carrier_ops fake_polling_ops = {
    .name = "polling",
    .send = fake_send,
    .is_writable = fake_is_writable,
    .is_reachable = fake_is_reachable,
    .close = fake_close,
    .hand_over = fake_hand_over,
};

static inline void fake_init(struct fake *f, const struct carrier_ops *ops)
{
    *f = (struct fake){ .carrier = { .ops = ops }, .ended = FAKE_OPEN };
    f->has_poll = ops == &fake_socket_ops;
    buf_init(&f->got, 1u << 20);
}

static inline void fake_fini(struct fake *f)
{
    for (unsigned i = 0; i < f->n_queued; i++)
        blob_unref(f->queue[i]);
    buf_fini(&f->got);
}

/* The peer asks, and goes on asking until the test sets `has_poll` back. */
static inline void fake_poll(struct fake *f)
{
    f->has_poll = true;
    for (unsigned i = 0; i < f->n_queued; i++) {
        fake_get(f, f->queue[i]);
        blob_unref(f->queue[i]);
    }
    f->n_queued = 0;
}

/* Where a text begins in what the peer got; NULL: nowhere. */
static inline const char *fake_find(const struct fake *f, const char *text)
{
    return f->got.len ? memmem(f->got.p, f->got.len, text, strlen(text)) : NULL;
}

/* What the peer got since it was last asked. */
static inline bool fake_got(struct fake *f, const char *want, const char *what)
{
    struct slice got = buf_slice(&f->got);
    bool is_same = is_slice(got, want, "%s", what);
    buf_reset(&f->got);
    return is_same;
}

static inline void fake_say(struct fake *f, const char *text)
{
    eio_receive(&f->carrier, slice_str(text));
}

struct rig {
    struct test_clock clock;
    struct loop *loop;
    struct eio_settings settings;
    struct places places;
    struct eio_servers engines;
    struct eio_server engine;
};

static inline void rig_open(struct rig *r)
{
    *r = (struct rig){
        .settings = { .ping_interval_ms = RIG_PING_MS,
            .ping_timeout_ms = RIG_PONG_MS,
            .upgrade_timeout_ms = RIG_PROBE_MS,
            .max_payload = RIG_MAX_BYTES },
    };
    test_clock_init(&r->clock);
    if (loop_new(&r->loop, &r->clock.clock))
        abort();
    places_alone(&r->places, r->loop);
    eio_servers_init(&r->engines, &r->places, &r->settings);
    eio_server_init(&r->engine, &r->engines, 0, &r->settings);
}

static inline void rig_turn(struct rig *r)
{
    loop_turn(r->loop, false);
}

static inline void rig_pass_us(struct rig *r, uint64_t us)
{
    test_clock_turn(&r->clock, us);
    rig_turn(r);
}

static inline void rig_pass_ms(struct rig *r, uint64_t ms)
{
    rig_pass_us(r, ms * 1000);
}

static inline void rig_close(struct rig *r)
{
    eio_server_fini(&r->engine);
    eio_servers_fini(&r->engines);
    rig_turn(r);
    loop_free(r->loop);
}

/* A test that hangs must end. */
static inline void rig_prepare(void)
{
    log_set_level(LOG_OFF);
    alarm(120);
}

static inline struct eio_opening rig_opening(void)
{
    return (struct eio_opening){ .path = SLICE("/socket.io/"), .query = SLICE("EIO=4") };
}
