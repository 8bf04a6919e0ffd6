/*
 * A client's bytes, read whole and then in pieces: the same events and the same end must come of
 * both, and each event must keep what the reader promises.
 *
 * Input: a byte of settings, a byte that says how to cut, the stream.
 */
#include "proto/ws.h"

#include "base/panic.h"
#include "fuzz.h"
#include "proto/deflate.h"

#include <stdlib.h>

#define WITH_DEFLATE 1
#define SMALL_LIMITS 2
#define NO_TAKEOVER  4

struct outcome {
    uint64_t hash; /* of the events */
    unsigned events;
    int err;
};

static const struct ws_limits limits[] = {
    { .message_bytes = 65536, .fragments = 1000 },
    { .message_bytes = 200, .fragments = 3 },
};

static void mix(struct outcome *o, struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        o->hash = (o->hash ^ (uint8_t)s.p[i]) * 0x100000001b3;
}

static void check_event(const struct ws_event *e, const struct ws_reader *r)
{
    switch (e->op) {
    case WS_TEXT:
        ASSERT(utf8_is_valid(e->payload));
        __attribute__((fallthrough));
    case WS_BINARY:
        ASSERT(e->payload.len <= r->limits.message_bytes);
        break;
    case WS_CLOSE:
        ASSERT(e->close_code == WS_NO_CLOSE_CODE || ws_is_close_code(e->close_code));
        ASSERT(utf8_is_valid(e->payload));
        __attribute__((fallthrough));
    default:
        ASSERT(e->payload.len <= WS_CONTROL_MAX);
    }
}

/* One piece, in memory of its own, to the end. */
static void feed(struct outcome *o, struct ws_reader *r, struct slice piece)
{
    char *copy = malloc(piece.len > 0 ? piece.len : 1), *p = copy;
    size_t len = piece.len;
    ASSERT(copy != NULL);
    memcpy(copy, piece.p, piece.len);
    struct ws_event e;
    int err;
    while ((err = ws_read(&e, r, &p, &len)) == 0) {
        check_event(&e, r);
        mix(o, slice_of(&e.op, sizeof(e.op)));
        mix(o, slice_of(&e.close_code, sizeof(e.close_code)));
        mix(o, slice_of(&e.payload.len, sizeof(e.payload.len)));
        mix(o, e.payload);
        o->events++;
    }
    if (err != ERR_AGAIN)
        o->err = err;
    else
        ASSERT(len == 0 && p == copy + piece.len);
    if (!ws_reader_is_busy(r))
        ASSERT(r->message.p == NULL && r->control.p == NULL);
    ASSERT(r->message.cap <= r->limits.message_bytes);
    free(copy);
}

/* Pieces of 1 to `most` bytes. */
static struct outcome run(struct slice stream, unsigned settings, size_t most)
{
    struct deflate_params params = { .server_bits = 15, .client_bits = 15 };
    params.client_no_takeover = settings & NO_TAKEOVER;
    struct deflate *deflate = settings & WITH_DEFLATE ? deflate_new(&params) : NULL;
    struct ws_reader r;
    ws_reader_init(&r, &limits[settings & SMALL_LIMITS ? 1 : 0], deflate);
    struct outcome o = { .hash = 0xcbf29ce484222325 };
    uint32_t random = (uint32_t)most;
    while (stream.len > 0) {
        random = random * 1664525 + 1013904223;
        size_t n = most == SIZE_MAX ? stream.len : 1 + (random >> 16) % most;
        feed(&o, &r, slice_take(stream, n));
        stream = slice_drop(stream, n);
    }
    ws_reader_fini(&r);
    deflate_free(deflate);
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct slice stream = slice_of(data + 2, size - 2);
    struct outcome whole = run(stream, data[0], SIZE_MAX);
    struct outcome pieces = run(stream, data[0], 1 + data[1] % 64);
    ASSERT(whole.err == pieces.err);
    ASSERT(whole.events == pieces.events && whole.hash == pieces.hash);
    return 0;
}
