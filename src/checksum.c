#include "checksum.h"

#include "base/hex.h"
#include "base/panic.h"

#include <openssl/evp.h>

/* OpenSSL's own context, by another name. */
static EVP_MD_CTX *context(struct checksum *c)
{
    return (EVP_MD_CTX *)c;
}

static void begin(struct checksum *c)
{
    ASSERT(EVP_DigestInit_ex(context(c), EVP_sha256(), NULL) == 1);
}

struct checksum *checksum_new(void)
{
    struct checksum *c = (struct checksum *)EVP_MD_CTX_new();
    ASSERT(c != NULL);
    begin(c);
    return c;
}

void checksum_free(struct checksum *c)
{
    EVP_MD_CTX_free(context(c));
}

void checksum_add(struct checksum *c, struct slice s)
{
    ASSERT(EVP_DigestUpdate(context(c), s.p, s.len) == 1);
}

void checksum_end(char out[CHECKSUM_CHARS + 1], struct checksum *c)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned len;
    ASSERT(EVP_DigestFinal_ex(context(c), bytes, &len) == 1 && 2 * len == CHECKSUM_CHARS);
    hex_encode(out, slice_of(bytes, len));
    out[CHECKSUM_CHARS] = '\0';
    begin(c);
}
