/* Base64 (RFC 4648) in the forms that Stoa meets: WebSocket handshakes and HTTP (standard), tokens
 * (URL), Engine.IO payloads (lenient). Strict reading accepts exactly one spelling of each value:
 * padding as the form demands, unused bits zero, no white space. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

enum base64_form {
    BASE64_STANDARD,   /* A-Z a-z 0-9 + /, padded with = */
    BASE64_URL,        /* A-Z a-z 0-9 - _, never padded */
    BASE64_URL_PADDED, /* the same, padded */
    BASE64_LENIENT,    /* reads either alphabet, padded or not, unused bits of any value; writes as
                          BASE64_STANDARD */
};

/* The exact length of what base64_encode() writes for `len` bytes. */
size_t base64_encoded_len(size_t len, enum base64_form form);

/* At least the length of what any `len` characters decode to. */
size_t base64_decoded_max(size_t len);

/* Writes base64_encoded_len() characters to `out`, without a NUL. */
void base64_encode(char *out, struct slice s, enum base64_form form);
void base64_add(struct buf *out, struct slice s, enum base64_form form);

/* Gives at most `max` bytes; `*len` is how many. ERR_BAD_VALUE, ERR_TOO_BIG. */
int base64_decode(
    size_t *len, void *out, size_t max, struct slice text, enum base64_form form) MUST_CHECK;

/* The same into the arena. ERR_BAD_VALUE, ERR_TOO_BIG. */
int base64_decode_arena(
    struct slice *out, struct arena *arena, struct slice text, enum base64_form form) MUST_CHECK;
