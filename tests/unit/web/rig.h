/* What the tests of web/ share: a front on a clock that the test turns, and clients on the other
 * ends of pairs of sockets, from whatever address a test likes. Not for anything else. */
#pragma once

#include "base/buf.h"
#include "base/log.h"
#include "fault.h"
#include "hub/hub.h"
#include "net/loop.h"
#include "tap.h"
#include "web/conn.h"
#include "web/front.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define SECOND_US       1000000ull
#define RIG_HEARD_BYTES (32u << 20)
#define RIG_TURNS       6 /* enough for what was said to be answered */
#define RIG_CLIENT      "192.0.2.7"
#define GET(path)       "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

struct rig {
    struct test_clock clock;
    struct loop *loop;
    struct web_settings settings;
    struct places places;
    struct fronts fronts;
    struct hubs hubs; /* of those who have a hub */
    struct front *front;
    int peer;    /* the client, non-blocking; -1: none */
    bool is_end; /* the server has closed */
    char *heard; /* RIG_HEARD_BYTES: not of the memory that a test makes fail */
    size_t len;
};

static const struct stream_limits rig_limits = {
    .queue_hard_bytes = 64u << 20,
    .queue_soft_bytes = 64u * 1024,
    .queue_soft_us = UINT64_MAX,
    .stall_us = UINT64_MAX,
    .handshake_us = 10 * SECOND_US,
};

/* A test that hangs must end. */
static inline void rig_prepare(void)
{
    signal(SIGPIPE, SIG_IGN);
    log_set_level(LOG_OFF);
    alarm(120);
}

/* Settings may be changed until rig_start(). */
static inline void rig_init(struct rig *r)
{
    *r = (struct rig){
        .settings = { .http = { .line_bytes = 1024, .header_bytes = 4096, .header_count = 50 },
            .body_bytes = 10000,
            .header_deadline_us = 10 * SECOND_US,
            .keep_alive_us = 60 * SECOND_US,
            .body_rate = 1000,
            .ws = { .message_bytes = 2u << 20, .fragments = 64 },
            .ws_assembly_us = 30 * SECOND_US,
            .ws_ping_us = 15 * SECOND_US,
            .ws_pong_us = 10 * SECOND_US,
            .ws_echo = true,
            .http_stream = rig_limits,
            .ws_stream = rig_limits,
            .tls_half_open = 10,
            .connections = 10,
            .connections_per_address = 4 },
        .peer = -1,
    };
    test_clock_init(&r->clock);
    r->heard = malloc(RIG_HEARD_BYTES);
    if (!r->heard || loop_new(&r->loop, &r->clock.clock))
        abort();
}

static inline void rig_start(struct rig *r)
{
    places_alone(&r->places, r->loop);
    hubs_init(&r->hubs, &r->places);
    fronts_init(&r->fronts, &r->places, &r->settings);
    r->front = front_new(&r->fronts, 0, &r->settings, NULL);
}

static inline void rig_turns(struct rig *r, unsigned n)
{
    while (n-- > 0)
        loop_turn(r->loop, false);
}

/* The time moves, then a turn. */
static inline void rig_pass(struct rig *r, uint64_t us)
{
    test_clock_turn(&r->clock, us);
    loop_turn(r->loop, false);
}

static inline void rig_hang_up(struct rig *r)
{
    if (r->peer >= 0)
        close(r->peer);
    r->peer = -1;
}

/* A new client from this address, "" for a unix socket; the one before it has gone, unless its
 * descriptor was taken away. What enters is counted; false: it was not let in. */
static inline bool rig_connect_from(struct rig *r, const char *from)
{
    int fds[2];
    struct addr at = { .any.sa_family = AF_UNIX };
    rig_hang_up(r);
    r->len = 0;
    r->is_end = false;
    if (*from && addr_parse(&at, slice_str(from), 4000))
        abort();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds))
        abort();
    r->peer = fds[1];
    if (admission_enter(&r->fronts.admission, addr_ip(&at))) {
        close(fds[0]);
        return false;
    }
    conn_new(r->front, fds[0], &at);
    return true;
}

static inline void rig_connect(struct rig *r)
{
    if (!rig_connect_from(r, RIG_CLIENT) && !fault_hit())
        abort();
}

/* The calls that a test can make fail are not for the client. */
static inline void rig_say_bytes(struct rig *r, const void *p, size_t len)
{
    ssize_t n = sendto(r->peer, p, len, MSG_NOSIGNAL, NULL, 0);
    if (n >= 0 && n != (ssize_t)len)
        abort();
}

static inline void rig_say(struct rig *r, const char *text)
{
    rig_say_bytes(r, text, strlen(text));
}

/* Adds what can be read now to `heard`. */
static inline void rig_read(struct rig *r)
{
    ssize_t n = 1;
    while (n > 0) {
        n = recvfrom(r->peer, r->heard + r->len, RIG_HEARD_BYTES - 1 - r->len, 0, NULL, NULL);
        if (n > 0)
            r->len += (size_t)n;
        r->is_end = r->is_end || n == 0 || (n < 0 && errno != EAGAIN);
    }
}

/* Everything since the connection began, or the last rig_forget(), as a string. */
static inline const char *rig_hear(struct rig *r)
{
    for (unsigned i = 0; i < RIG_TURNS; i++) {
        loop_turn(r->loop, false);
        rig_read(r);
    }
    r->heard[r->len] = 0;
    return r->heard;
}

static inline void rig_forget(struct rig *r)
{
    r->len = 0;
}

/* Asks on a connection of its own. */
static inline const char *rig_ask(struct rig *r, const char *request)
{
    rig_connect(r);
    rig_say(r, request);
    return rig_hear(r);
}

/* The status of the first answer in `heard`; 0: there is none. */
static inline int rig_status(const struct rig *r)
{
    struct slice s = slice_of(r->heard, r->len);
    uint64_t status = 0;
    if (!slice_starts(s, S("HTTP/1.1 ")) || slice_u64(&status, slice_take(slice_drop(s, 9), 3)))
        return 0;
    return (int)status;
}

static inline bool rig_has(const struct rig *r, const char *text)
{
    return r->len && memmem(r->heard, r->len, text, strlen(text));
}

static inline unsigned rig_count(const struct rig *r, const char *text)
{
    unsigned n = 0;
    size_t len = strlen(text);
    for (size_t i = 0; i + len <= r->len; i++)
        n += memcmp(r->heard + i, text, len) == 0;
    return n;
}

static inline void rig_fini(struct rig *r)
{
    rig_hang_up(r);
    front_free(r->front);
    fronts_fini(&r->fronts);
    loop_turn(r->loop, false);
    loop_free(r->loop);
    free(r->heard);
}
