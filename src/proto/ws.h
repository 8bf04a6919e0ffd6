/* WebSocket (RFC 6455) framing, the server's side: masked frames in, messages and control frames
 * out; frames out are plain. Sans-I/O. Compression is proto/deflate's. web/ws_conn uses both.
 * Reading is ws_read.c, writing ws_write.c. */
#pragma once

#include "base/buf.h"
#include "base/slice.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <stdint.h>

#define WS_HEAD_MAX        10 /* bytes of the largest frame head we send */
#define WS_CLIENT_HEAD_MAX 14 /* and of the largest that we get: with a mask */
#define WS_CONTROL_MAX     125
#define WS_ACCEPT_BYTES    28   /* of a Sec-WebSocket-Accept value */
#define WS_NO_CLOSE_CODE   1005 /* stands for a close frame without one; never on the wire */

enum ws_op { WS_CONT = 0, WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };

struct ws_limits {
    uint32_t
        message_bytes;  /* checked from the head, before anything is stored; inflated bytes too */
    uint32_t fragments; /* per message, empty ones count */
};

struct deflate;

struct ws_event {
    enum ws_op op;        /* TEXT and BINARY: a whole message; CLOSE, PING, PONG */
    uint16_t close_code;  /* WS_NO_CLOSE_CODE when the peer gave none */
    struct slice payload; /* lives until the next call; of CLOSE: the reason */
};

/* Reading frames. Holds no memory while no message is under way, and is small itself, since every
 * idle connection has one. */
struct ws_reader {
    struct ws_limits limits;
    struct deflate *deflate; /* *borrows*; NULL: compressed frames are a protocol error */
    struct buf message; /* the message so far, when it came in fragments, pieces or compressed */
    struct buf control; /* a split control frame */
    struct utf8 utf8;   /* of the text message under way */
    uint64_t left;      /* payload bytes of this frame still to come */
    uint64_t declared;  /* payload bytes that the heads of this message promised */
    uint32_t fragments; /* of this message, so far */
    uint8_t head[WS_CLIENT_HEAD_MAX];
    uint8_t head_len; /* bytes of `head` that are here */
    uint8_t mask[4];
    uint8_t mask_at;    /* which mask byte is next */
    uint8_t op;         /* of this frame */
    uint8_t message_op; /* of the message under way; 0: none */
    bool in_payload;
    bool is_final;
    bool is_compressed; /* the message under way */
    bool is_done;       /* a close frame or an error was seen: the rest is ignored */
    bool has_event;     /* the last call's event may still use `message` or `control` */
};

void ws_reader_init(struct ws_reader *r, const struct ws_limits *limits, struct deflate *deflate);
void ws_reader_fini(struct ws_reader *r);

/* Whether a message or a frame has begun and not ended: the carrier then has a deadline. */
bool ws_reader_is_busy(const struct ws_reader *r);

/* Takes from the front of [*p, *p + *len), which it may change (unmasking in place), up to the next
 * event. 0: `*event` holds one; call again, also with no bytes left, which frees its payload.
 * ERR_AGAIN: all bytes are used. ERR_PROTOCOL, ERR_BAD_UTF8, ERR_TOO_BIG, ERR_TOO_MANY,
 * ERR_NO_MEMORY: close with err_info()->ws_close. */
int ws_read(struct ws_event *event, struct ws_reader *r, char **p, size_t *len) MUST_CHECK;

/* Writes a frame head in front of a payload of `len` bytes: into the bytes that END at `end`. Gives
 * its length, so that the frame starts at `end - length`. */
unsigned ws_put_head(char *end, enum ws_op op, bool is_compressed, uint64_t len);

/* Whether a close code may stand on the wire: 1000-1003, 1007-1014, 3000-4999 (RFC 6455 7.4). */
bool ws_is_close_code(unsigned code);

/* Returns owned: a frame whose last `len` bytes, the payload, are the caller's to fill; NULL when
 * there is no memory. */
struct blob *ws_frame_new(enum ws_op op, size_t len) MUST_CHECK;

/* What a frame made here carries. */
struct slice ws_frame_payload(enum ws_op *op, const struct blob *frame);

/* Returns owned: a whole frame, ready to queue; NULL when there is no memory. */
struct blob *ws_frame(enum ws_op op, struct slice payload) MUST_CHECK;

/* The same for a close frame; a code that must not be on the wire gives an empty payload. The
 * reason is cut to what fits, on a character border; one that is not UTF-8 is left out. */
struct blob *ws_close_frame(unsigned code, struct slice reason) MUST_CHECK;

/* The Sec-WebSocket-Accept value for a client's key. ERR_BAD_REQUEST: the key is not 16 bytes. */
int ws_accept_key(char out[WS_ACCEPT_BYTES], struct slice key) MUST_CHECK;
