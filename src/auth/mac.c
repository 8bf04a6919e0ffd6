#include "auth/mac.h"

#include "base/panic.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

static int compute(
    unsigned char *out, unsigned bytes, const EVP_MD *md, struct slice secret, struct slice text)
{
    unsigned len = bytes;
    ASSERT(secret.len > 0 && secret.len <= INT32_MAX);
    bool is_done = HMAC(md, secret.p, (int)secret.len, (const unsigned char *)text.p, text.len, out,
                       &len) != NULL;
    return is_done && len == bytes ? 0 : ERR_NO_MEMORY;
}

int mac_sha256(unsigned char out[MAC_BYTES], struct slice secret, struct slice text)
{
    return compute(out, MAC_BYTES, EVP_sha256(), secret, text);
}

int mac_sha1(unsigned char out[MAC_SHA1_BYTES], struct slice secret, struct slice text)
{
    return compute(out, MAC_SHA1_BYTES, EVP_sha1(), secret, text);
}

bool mac_is_equal(struct slice a, struct slice b)
{
    return a.len == b.len && CRYPTO_memcmp(a.p, b.p, a.len) == 0;
}
