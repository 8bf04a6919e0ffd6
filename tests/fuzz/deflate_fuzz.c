/*
 * permessage-deflate. The first byte says what the rest is: a header of offers, a client's
 * messages, or plain bytes to send there and back.
 */
#include "proto/deflate.h"

#include "base/panic.h"
#include "fuzz.h"

#define CAP       60000
#define MAX_BYTES (1u << 22)

static bool same_params(const struct deflate_params *a, const struct deflate_params *b)
{
    return a->server_bits == b->server_bits && a->client_bits == b->client_bits &&
        a->server_no_takeover == b->server_no_takeover &&
        a->client_no_takeover == b->client_no_takeover;
}

/* An answer, read as an offer, is one that we would give the same answer to. */
static void negotiate(struct slice offers)
{
    struct deflate_params params, again;
    struct buf answer, second;
    buf_init(&answer, 1000);
    buf_init(&second, 1000);
    int err = deflate_negotiate(&params, &answer, offers);
    ASSERT(err == 0 || (err == ERR_NOT_FOUND && answer.len == 0));
    if (!err) {
        ASSERT(params.server_bits >= DEFLATE_MIN_BITS && params.server_bits <= DEFLATE_MAX_BITS);
        ASSERT(params.client_bits >= 8 && params.client_bits <= DEFLATE_MAX_BITS);
        ASSERT(deflate_negotiate(&again, &second, buf_slice(&answer)) == 0);
        ASSERT(same_params(&params, &again));
        ASSERT(slice_eq(buf_slice(&answer), buf_slice(&second)));
    }
    buf_fini(&answer);
    buf_fini(&second);
}

static int inflate_parts(struct buf *out, struct deflate *d, struct slice in, size_t step)
{
    int err = 0;
    for (; in.len > 0 && !err; in = slice_drop(in, step))
        err = deflate_inflate_part(out, d, slice_take(in, step));
    return err ? err : deflate_inflate_end(out, d);
}

/* Messages, each behind its length in two bytes; whole and in parts, the same must come of both. */
static void inflate_messages(struct slice s, size_t step)
{
    struct deflate_params params = { .server_bits = 15, .client_bits = 15 };
    struct deflate *a = deflate_new(&params), *b = deflate_new(&params);
    int err = 0;
    while (s.len >= 2 && !err) {
        size_t len = (size_t)(uint8_t)s.p[0] << 8 | (uint8_t)s.p[1];
        struct slice message = slice_take(slice_drop(s, 2), len);
        struct buf whole, parts;
        buf_init(&whole, CAP);
        buf_init(&parts, CAP);
        err = deflate_inflate(&whole, a, message);
        ASSERT(err == 0 || err == ERR_PROTOCOL || err == ERR_TOO_BIG);
        ASSERT(inflate_parts(&parts, b, message, step) == err);
        ASSERT(slice_eq(buf_slice(&whole), buf_slice(&parts)));
        ASSERT(whole.len <= CAP && whole.cap <= CAP);
        buf_fini(&whole);
        buf_fini(&parts);
        s = slice_drop(slice_drop(s, 2), len);
    }
    deflate_free(a);
    deflate_free(b);
}

/* The bytes as messages of `len`, compressed with these parameters and read by a peer's. */
static void there_and_back(struct slice s, uint8_t how, size_t len)
{
    struct deflate_params params = { .server_bits = (uint8_t)(9 + how % 7), .client_bits = 15 };
    params.server_no_takeover = how & 0x80;
    struct deflate_params mirrored = { .server_bits = 15, .client_bits = params.server_bits };
    mirrored.client_no_takeover = params.server_no_takeover;
    struct deflate *d = deflate_new(&params), *peer = deflate_new(&mirrored);
    do {
        struct slice message = slice_take(s, len);
        struct buf packed, back;
        buf_init(&packed, MAX_BYTES);
        buf_init(&back, message.len);
        ASSERT(deflate_deflate(&packed, d, message) == 0);
        ASSERT(packed.len > 0);
        ASSERT(deflate_inflate(&back, peer, buf_slice(&packed)) == 0);
        ASSERT(slice_eq(buf_slice(&back), message));
        buf_fini(&packed);
        buf_fini(&back);
        s = slice_drop(s, len);
    } while (s.len > 0);
    deflate_free(d);
    deflate_free(peer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct slice rest = slice_of(data + 1, size - 1);
    if (data[0] == 'o')
        negotiate(rest);
    else if (data[0] == 'i' && rest.len > 0)
        inflate_messages(slice_drop(rest, 1), 1 + data[1]);
    else if (data[0] == 'b' && rest.len > 1)
        there_and_back(slice_drop(rest, 2), data[1], 1 + (size_t)data[2] * 16);
    return 0;
}
