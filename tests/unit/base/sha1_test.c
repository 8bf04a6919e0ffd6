/* SHA-1 against the examples of FIPS 180-4 and RFC 3174, and around the borders of its blocks. */
#include "base/sha1.h"

#include "base/buf.h"
#include "tap.h"

static const struct {
    const char *name;
    const char *part; /* repeated `times` */
    size_t times;
    const char *want;
} rows[] = {
    { "nothing", "", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
    { "three bytes", "abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d" },
    { "56 bytes: the length needs a second block",
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1" },
    { "80 times 8 bytes: ten whole blocks", "01234567", 80,
        "dea356a2cddd90c7a7ecedc5ebb563934f460452" },
    { "a million bytes", "aaaaaaaaaa", 100000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f" },
    { "55 bytes: the last that need one block", "a", 55,
        "c1c8bbdc22796e28c0e15163d20899b65621d65a" },
    { "63 bytes", "a", 63, "03f09f5b158a7a8cdad920bddc29b81c18a551f5" },
    { "64 bytes", "a", 64, "0098ba824b5c16427bd7a1122a5a442a25ec644d" },
    { "65 bytes", "a", 65, "11655326c708d70319be2610e8a57d9a5b959d3b" },
    { "the key of RFC 6455 1.3", "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 1,
        "b37a4f2cc0624f1690f64606cf385945b2bec4ea" },
};

int main(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct buf in, hex;
        buf_init(&in, 1 << 20);
        buf_init(&hex, 2 * SHA1_BYTES);
        for (size_t n = 0; n < rows[i].times; n++)
            buf_add_str(&in, rows[i].part);
        uint8_t hash[SHA1_BYTES];
        sha1(hash, buf_slice(&in));
        for (size_t n = 0; n < SHA1_BYTES; n++)
            buf_add_hex(&hex, hash[n], 2);
        is_slice(hex, rows[i].want, "%s", rows[i].name);
        buf_fini(&in);
        buf_fini(&hex);
    }
    return done();
}
