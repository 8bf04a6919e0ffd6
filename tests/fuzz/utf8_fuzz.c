/* utf8: the fast check, the check in pieces and the decoding of single characters agree with each
 * other, and with a reference here that goes by code points instead of byte ranges. */
#include "base/utf8.h"

#include "fuzz.h"

#include <stdlib.h>

static void must(bool condition)
{
    if (!condition)
        abort();
}

/* The length of the character at `p`, or 0: any 1 to 4 bytes of the right shape whose code point
 * needs that many and exists. */
static size_t reference_len(const uint8_t *p, size_t left)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t n = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0;
    if (n <= 1 || n > left)
        return n > left ? 0 : n;
    uint32_t c = p[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if (p[i] >> 6 != 2)
            return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    return c >= least[n] && c <= 0x10ffff && c >> 11 != 27 ? n : 0;
}

static size_t reference_valid_len(const uint8_t *p, size_t len)
{
    size_t at = 0;
    while (at < len) {
        size_t n = reference_len(p + at, len - at);
        if (n == 0)
            break;
        at += n;
    }
    return at;
}

/* Some valid text begins with these bytes: they are whole characters, and then at most three more
 * that some continuation makes one. */
static bool can_begin(const uint8_t *p, size_t len)
{
    static const uint8_t tails[] = { 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf };
    size_t at = reference_valid_len(p, len), left = len - at;
    uint8_t whole[UTF8_MAX_BYTES];
    if (left == 0 || left >= UTF8_MAX_BYTES)
        return left == 0;
    for (size_t i = 0; i < sizeof(tails); i++) {
        memset(whole, 0x80, sizeof(whole));
        memcpy(whole, p + at, left);
        whole[left] = tails[i];
        for (size_t n = left + 1; n <= UTF8_MAX_BYTES; n++) {
            if (reference_len(whole, n) == n)
                return true;
        }
    }
    return false;
}

/* Pieces of the lengths that the first bytes choose. */
static void check_pieces(const uint8_t *data, size_t size)
{
    struct utf8 bytewise, pieces;
    size_t bad = size;
    utf8_init(&bytewise);
    for (size_t i = 0; i < size && bad == size; i++) {
        if (utf8_feed(&bytewise, slice_of(data + i, 1)))
            bad = i;
    }
    must(can_begin(data, bad) && (bad == size || !can_begin(data, bad + 1)));
    must(utf8_is_done(&bytewise) == (reference_valid_len(data, size) == size));
    utf8_init(&pieces);
    for (size_t i = 0, n; i < size; i += n) {
        n = data[i] % 23 + 1u;
        n = n < size - i ? n : size - i;
        must((utf8_feed(&pieces, slice_of(data + i, n)) != 0) == (bad < i + n));
    }
    must(utf8_is_done(&pieces) == utf8_is_done(&bytewise));
}

static void check_characters(struct slice s)
{
    size_t count = utf8_count(s), n = 0;
    for (struct slice rest = s; rest.len > 0; n++) {
        char back[UTF8_MAX_BYTES];
        uint32_t c;
        size_t len = utf8_decode(&c, rest);
        must(len > 0 && utf8_encode(back, c) == len && memcmp(back, rest.p, len) == 0);
        must(utf8_take_chars(s, n + 1).len == s.len - rest.len + len);
        must(utf8_take(s, s.len - rest.len + len - 1).len == s.len - rest.len);
        rest = slice_drop(rest, len);
        if (n > 64)
            return; /* quadratic */
    }
    must(n == count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice s = slice_of(data, size);
    size_t valid = reference_valid_len(data, size);
    must(utf8_valid_len(s) == valid);
    must(utf8_is_valid(s) == (valid == size));
    check_pieces(data, size);
    check_characters(slice_take(s, valid));
    return 0;
}
