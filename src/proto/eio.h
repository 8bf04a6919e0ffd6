/* Engine.IO, protocol 4: the packets under Socket.IO, as they stand in WebSocket messages and in
 * long-polling payloads. Sans-I/O. sio/engine runs the sessions, web/polling and web/ws_conn carry
 * them. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define EIO_PROTOCOL  4
#define EIO_SID_BYTES 20 /* of a session id: base64url of 15 random bytes */
#define EIO_SEPARATOR '\x1e'

enum eio_type {
    EIO_OPEN,
    EIO_CLOSE,
    EIO_PING,
    EIO_PONG,
    EIO_MESSAGE,
    EIO_UPGRADE,
    EIO_NOOP,
};

struct eio_packet {
    enum eio_type type; /* MESSAGE where it is binary */
    bool is_binary;
    struct slice data;
};

/* One packet in its text form. A binary one ("b" and base64, both alphabets, padded or not) is
 * decoded into the arena; other data are part of `text`. ERR_PROTOCOL: empty, an unknown type, bad
 * base64. ERR_TOO_BIG: the arena. */
int eio_read(struct eio_packet *out, struct arena *a, struct slice text) MUST_CHECK;

/* Cuts the next packet off a long-polling payload. An empty payload, or one that ends with a
 * separator, has an empty packet, which eio_read() refuses. False: there are no more. `*rest`
 * starts as the payload; its p is NULL when it is used up, so an empty payload needs a p. */
bool eio_cut(struct slice *packet, struct slice *rest);

/* "b" and standard base64 with padding. */
void eio_write_binary(struct buf *out, struct slice data);

struct eio_handshake {
    struct slice sid;
    bool can_upgrade; /* lists "websocket" among the upgrades */
    uint32_t ping_interval_ms;
    uint32_t ping_timeout_ms;
    uint32_t max_payload;
};

/* The text of the OPEN packet, type digit and all: exactly the five keys. */
void eio_write_handshake(struct buf *out, const struct eio_handshake *h);

/* What a request's query says. Unknown keys are the application's. */
enum eio_transport { EIO_NO_TRANSPORT, EIO_POLLING, EIO_WEBSOCKET };

struct eio_query {
    enum eio_transport transport; /* NO_TRANSPORT: missing or unknown */
    bool is_version_4;            /* EIO is exactly "4" */
    bool is_version_3;            /* an old client, to be told so */
    bool wants_base64;            /* b64=1 (or any value but 0, false, empty) */
    bool has_sid;
    struct slice sid;
};

/* Of keys given twice the last counts; an empty sid is none. ERR_BAD_REQUEST, where the encoding of
 * any key or value is broken; ERR_TOO_BIG: the arena. */
int eio_read_query(struct eio_query *out, struct arena *a, struct slice query) MUST_CHECK;

/* The refusals of a request, as the original words them. */
enum eio_refusal {
    EIO_TRANSPORT_UNKNOWN,
    EIO_SESSION_UNKNOWN,
    EIO_BAD_METHOD,
    EIO_BAD_REQUEST,
    EIO_FORBIDDEN,
    EIO_UNSUPPORTED_VERSION,
};

/* "Session ID unknown" */
struct slice eio_refusal_text(enum eio_refusal why);

/* {"code":1,"message":"Session ID unknown"}, byte for byte. */
void eio_write_refusal(struct buf *out, enum eio_refusal why);
