/* permessage-deflate (RFC 7692): what to answer to a client's offers (deflate_offer.c), and the two
 * directions of compression (deflate.c). Off by default. A deflate object belongs to one
 * connection; with server_no_context_takeover one compressed frame serves everybody of the same
 * window. proto/ws_read and web/ws_conn use it. */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define DEFLATE_MIN_BYTES 1024 /* smaller messages are sent as they are */
#define DEFLATE_MIN_BITS  9    /* zlib cannot compress with a window of 2^8 bytes */
#define DEFLATE_MAX_BITS  15

struct deflate_params {
    uint8_t server_bits; /* 9..15; an offer that asks for 8 is passed over */
    uint8_t client_bits; /* 8..15 */
    bool server_no_takeover;
    bool client_no_takeover;
};

/* Picks the first acceptable offer of a Sec-WebSocket-Extensions value (all headers of that name,
 * joined by commas) and writes the answer's value. 0: agreed. ERR_NOT_FOUND: none is acceptable, go
 * on without; ERR_TOO_BIG, ERR_NO_MEMORY: the answer did not fit. Linear in the header's length. */
int deflate_negotiate(
    struct deflate_params *out, struct buf *answer, struct slice offers) MUST_CHECK;

/* The same for a server with wishes: no window larger than those of `most` (the client's as far as
 * it offers that), and no takeover where `most` has none. */
int deflate_negotiate_within(struct deflate_params *out, struct buf *answer,
    const struct deflate_params *most, struct slice offers) MUST_CHECK;

struct deflate;

/* Returns owned. Contexts are made on first use and, without takeover, live for one message. */
struct deflate *deflate_new(const struct deflate_params *params);
void deflate_free(struct deflate *d); /* NULL is fine */

/* A whole message's compressed payload to plain bytes behind those in `out`, whose maximum is the
 * exact cap: ERR_TOO_BIG beyond. ERR_PROTOCOL for bad data, ERR_NO_MEMORY. After an error the
 * connection has to end. */
int deflate_inflate(struct buf *out, struct deflate *d, struct slice in) MUST_CHECK;

/* The same as a message arrives: any number of parts, then the end. What a part says is in `out`
 * when the call returns, also what came before an error. */
int deflate_inflate_part(struct buf *out, struct deflate *d, struct slice in) MUST_CHECK;
int deflate_inflate_end(struct buf *out, struct deflate *d) MUST_CHECK;

/* A message's payload, compressed, behind the bytes in `out`, without the trailing 00 00 ff ff.
 * ERR_TOO_BIG, ERR_NO_MEMORY: the message can still go out as it is. With takeover, what this gives
 * must be sent, and in this order. */
int deflate_deflate(struct buf *out, struct deflate *d, struct slice in) MUST_CHECK;
