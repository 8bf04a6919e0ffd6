/* Tokens with any header and any claims, signed with any key: what token_mint() never makes. The
 * MAC is OpenSSL's, put together here and not by the code under test. */
#pragma once
#include "base/base64.h"
#include "base/buf.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#define FORGE_SECRET "an-unguessable-secret-of-32-byte"
#define FORGE_HEAD   "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

static inline void forge_sign(struct buf *out, struct slice secret)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    HMAC(EVP_sha256(), secret.p, (int)secret.len, (const unsigned char *)out->p, out->len, mac,
        &len);
    buf_add_char(out, '.');
    base64_add(out, slice_of(mac, len), BASE64_URL);
}

/* Replaces what `out` holds. */
static inline struct slice forge(
    struct buf *out, struct slice head, struct slice payload, struct slice secret)
{
    buf_reset(out);
    base64_add(out, head, BASE64_URL);
    buf_add_char(out, '.');
    base64_add(out, payload, BASE64_URL);
    forge_sign(out, secret);
    return buf_slice(out);
}
