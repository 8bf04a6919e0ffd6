#include "base/sha1.h"

#define BLOCK_BYTES  64
#define LENGTH_BYTES 8 /* the input's length in bits ends the last block */

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

static uint32_t get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_u32(uint8_t *p, uint32_t x)
{
    for (int i = 3; i >= 0; i--, x >>= 8)
        p[i] = (uint8_t)x;
}

/* FIPS 180-4, 4.1.1 and 4.2.1: function and constant of round t. */
static uint32_t mix(const uint32_t s[5], unsigned t)
{
    uint32_t b = s[1], c = s[2], d = s[3];
    switch (t / 20) {
    case 0:
        return ((b & c) | (~b & d)) + 0x5a827999;
    case 1:
        return (b ^ c ^ d) + 0x6ed9eba1;
    case 2:
        return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    default:
        return (b ^ c ^ d) + 0xca62c1d6;
    }
}

static void add_block(uint32_t hash[5], const uint8_t *block)
{
    uint32_t w[80];
    for (unsigned t = 0; t < 16; t++)
        w[t] = get_u32(block + 4 * (size_t)t);
    for (unsigned t = 16; t < 80; t++)
        w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);

    uint32_t s[5];
    memcpy(s, hash, sizeof(s));
    for (unsigned t = 0; t < 80; t++) {
        uint32_t next = rotate(s[0], 5) + mix(s, t) + s[4] + w[t];
        s[4] = s[3];
        s[3] = s[2];
        s[2] = rotate(s[1], 30);
        s[1] = s[0];
        s[0] = next;
    }
    for (unsigned i = 0; i < 5; i++)
        hash[i] += s[i];
}

/* The rest of the input, a one bit, zeros and the length: one block or two. */
static void add_last(uint32_t hash[5], struct slice rest, uint64_t len)
{
    uint8_t last[2 * BLOCK_BYTES] = { 0 };
    if (rest.len > 0)
        memcpy(last, rest.p, rest.len);
    last[rest.len] = 0x80;
    size_t size = rest.len + 1 + LENGTH_BYTES <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;
    put_u32(last + size - 8, (uint32_t)(len >> 29));
    put_u32(last + size - 4, (uint32_t)(len << 3));
    for (size_t at = 0; at < size; at += BLOCK_BYTES)
        add_block(hash, last + at);
}

void sha1(uint8_t out[SHA1_BYTES], struct slice in)
{
    uint32_t hash[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
    struct slice rest = in;
    for (; rest.len >= BLOCK_BYTES; rest = slice_drop(rest, BLOCK_BYTES))
        add_block(hash, (const uint8_t *)rest.p);
    add_last(hash, rest, in.len);
    for (size_t i = 0; i < 5; i++)
        put_u32(out + 4 * i, hash[i]);
}
