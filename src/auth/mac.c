#include "auth/mac.h"

#include "base/panic.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define LABEL_MAX 16
#define TEXT_MAX  256

void mac_sha256(
    unsigned char out[MAC_BYTES], struct slice secret, struct slice label, struct slice text)
{
    unsigned char message[LABEL_MAX + TEXT_MAX];
    unsigned len = MAC_BYTES;
    ASSERT(label.len <= LABEL_MAX && text.len <= TEXT_MAX);
    memcpy(message, label.p, label.len);
    if (text.len > 0)
        memcpy(message + label.len, text.p, text.len);
    ASSERT(
        HMAC(EVP_sha256(), secret.p, (int)secret.len, message, label.len + text.len, out, &len) &&
        len == MAC_BYTES);
}

bool mac_is_equal(struct slice a, struct slice b)
{
    return a.len == b.len && CRYPTO_memcmp(a.p, b.p, a.len) == 0;
}
