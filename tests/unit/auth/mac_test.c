/* The vectors of RFC 4231 and RFC 2202, and comparing. */
#include "auth/mac.h"

#include "base/hex.h"
#include "tap.h"

#include <string.h>

/* 131 bytes, longer than a block: it is hashed first. */
#define AA_10    "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
#define AA_60    AA_10 AA_10 AA_10 AA_10 AA_10 AA_10
#define LONG_KEY AA_60 AA_60 AA_10 "\xaa"

static const struct {
    struct slice secret;
    const char *text;
    const char *sha256;
    const char *sha1;
} vectors[] = {
    { .secret = SLICE("Jefe"),
        .text = "what do ya want for nothing?",
        .sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        .sha1 = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
    { .secret = SLICE(LONG_KEY),
        .text = "Test Using Larger Than Block-Size Key - Hash Key First",
        .sha256 = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
};

static void hex_is(const unsigned char *mac, size_t len, const char *want, const char *what)
{
    char hex[2 * MAC_BYTES + 1];
    hex_encode(hex, slice_of(mac, len));
    hex[2 * len] = '\0';
    is_str(hex, want, "%s", what);
}

static void test_vectors(void)
{
    unsigned char mac[MAC_BYTES];
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        is_int(mac_sha256(mac, vectors[i].secret, slice_str(vectors[i].text)), 0, "vector %zu", i);
        hex_is(mac, MAC_BYTES, vectors[i].sha256, "SHA-256");
        if (!vectors[i].sha1)
            continue;
        is_int(mac_sha1(mac, vectors[i].secret, slice_str(vectors[i].text)), 0, "vector %zu", i);
        hex_is(mac, MAC_SHA1_BYTES, vectors[i].sha1, "SHA-1");
    }
    is_int(mac_sha256(mac, S("Jefe"), S("")), 0, "of nothing there is one, too");
}

static void test_equal(void)
{
    ok(mac_is_equal(S("abc"), S("abc")), "the same");
    ok(!mac_is_equal(S("abc"), S("abd")), "another end");
    ok(!mac_is_equal(S("abc"), S("xbc")), "another beginning");
    ok(!mac_is_equal(S("abc"), S("ab")), "shorter");
    ok(!mac_is_equal(S(""), S("a")), "nothing and something");
    ok(mac_is_equal(S(""), S("")), "nothing twice");
}

int main(void)
{
    test_vectors();
    test_equal();
    return done();
}
