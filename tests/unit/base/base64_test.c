#include "base/base64.h"

#include "fault.h"
#include "tap.h"

static const char *const names[] = { "standard", "url", "url padded", "lenient" };

/* RFC 4648, section 10, and bytes that need the last two letters of the alphabet. */
static void test_encode(void)
{
    static const struct {
        struct slice bytes;
        const char *text[4];
    } rows[] = {
        { SLICE(""), { "", "", "", "" } },
        { SLICE("f"), { "Zg==", "Zg", "Zg==", "Zg==" } },
        { SLICE("fo"), { "Zm8=", "Zm8", "Zm8=", "Zm8=" } },
        { SLICE("foo"), { "Zm9v", "Zm9v", "Zm9v", "Zm9v" } },
        { SLICE("foob"), { "Zm9vYg==", "Zm9vYg", "Zm9vYg==", "Zm9vYg==" } },
        { SLICE("fooba"), { "Zm9vYmE=", "Zm9vYmE", "Zm9vYmE=", "Zm9vYmE=" } },
        { SLICE("foobar"), { "Zm9vYmFy", "Zm9vYmFy", "Zm9vYmFy", "Zm9vYmFy" } },
        { SLICE("\xfb\xff\xbf"), { "+/+/", "-_-_", "-_-_", "+/+/" } },
        { SLICE("\xff"), { "/w==", "_w", "_w==", "/w==" } },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (enum base64_form f = BASE64_STANDARD; f <= BASE64_LENIENT; f++) {
            struct buf b;
            buf_init(&b, 100);
            base64_add(&b, rows[i].bytes, f);
            is_slice(buf_slice(&b), rows[i].text[f], "%s: %s", names[f], rows[i].text[f]);
            is_int(base64_encoded_len(rows[i].bytes.len, f), strlen(rows[i].text[f]), "its length");
            char out[16];
            size_t len = 0;
            int err = base64_decode(&len, out, sizeof(out), slice_str(rows[i].text[f]), f);
            is_int(err, 0, "%s: %s is read", names[f], rows[i].text[f]);
            ok(slice_eq(slice_of(out, len), rows[i].bytes), "and gives the bytes");
            buf_fini(&b);
        }
    }
}

/* 1: accepted. In the order of the forms. */
static void test_strictness(void)
{
    static const struct {
        const char *text;
        bool accepted[4];
    } rows[] = {
        { "Zg==", { 1, 0, 1, 1 } },
        { "Zg", { 0, 1, 0, 1 } },
        { "Zg=", { 0, 0, 0, 0 } },
        { "Zg===", { 0, 0, 0, 0 } },
        { "Zm8=", { 1, 0, 1, 1 } },
        { "Zm8", { 0, 1, 0, 1 } },
        { "Zm8==", { 0, 0, 0, 0 } },
        { "Zm9v=", { 0, 0, 0, 0 } },
        { "Zm9v==", { 0, 0, 0, 0 } },
        { "Zm9v====", { 0, 0, 0, 0 } },
        { "=", { 0, 0, 0, 0 } },
        { "==", { 0, 0, 0, 0 } },
        { "Z", { 0, 0, 0, 0 } },
        { "Z===", { 0, 0, 0, 0 } },
        { "Zm9vZ", { 0, 0, 0, 0 } },
        { "Zh==", { 0, 0, 0, 1 } }, /* unused bits */
        { "Zo==", { 0, 0, 0, 1 } },
        { "Zm9=", { 0, 0, 0, 1 } },
        { "Zh", { 0, 0, 0, 1 } },
        { "+/+/", { 1, 0, 0, 1 } },
        { "-_-_", { 0, 1, 1, 1 } },
        { "+/-_", { 0, 0, 0, 1 } },
        { "Zm 9v", { 0, 0, 0, 0 } },
        { "Zm9v\n", { 0, 0, 0, 0 } },
        { "Z=9v", { 0, 0, 0, 0 } },
        { "Zg==Zg==", { 0, 0, 0, 0 } },
        { "Zm9\x80", { 0, 0, 0, 0 } },
        { "Z!==", { 0, 0, 0, 0 } },
        { "!g==", { 0, 0, 0, 0 } },
        { "Zm!=", { 0, 0, 0, 0 } },
        { "Zm9!", { 0, 0, 0, 0 } },
        { "!m9v", { 0, 0, 0, 0 } },
        { "Z!9v", { 0, 0, 0, 0 } },
        { "Zm!v", { 0, 0, 0, 0 } },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (enum base64_form f = BASE64_STANDARD; f <= BASE64_LENIENT; f++) {
            char out[16];
            size_t len = 0;
            int err = base64_decode(&len, out, sizeof(out), slice_str(rows[i].text), f);
            is_int(err, rows[i].accepted[f] ? 0 : ERR_BAD_VALUE, "%s: \"%s\" is %s", names[f],
                rows[i].text, rows[i].accepted[f] ? "accepted" : "refused");
        }
    }
}

/* All lengths and all byte values survive, and the room is never overrun. */
static void test_round_trip(void)
{
    char bytes[256], text[400], back[256];
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 37);
    for (enum base64_form f = BASE64_STANDARD; f <= BASE64_LENIENT; f++) {
        for (size_t n = 0; n <= sizeof(bytes); n++) {
            size_t len = 0, text_len = base64_encoded_len(n, f);
            base64_encode(text, slice_of(bytes, n), f);
            wrong += base64_decode(&len, back, n, slice_of(text, text_len), f) != 0;
            wrong += len != n || memcmp(back, bytes, n) != 0;
            wrong += base64_decoded_max(text_len) < n;
            if (n > 0)
                wrong += base64_decode(&len, back, n - 1, slice_of(text, text_len), f) !=
                    ERR_TOO_BIG;
        }
    }
    is_int(wrong, 0, "bytes of every length come back, and only where there is room");
}

static void in_arena(void *arg)
{
    (void)arg;
    struct arena a;
    struct slice out = { .p = NULL };
    arena_init(&a, 1000);
    int err = base64_decode_arena(&out, &a, S("Zm9vYg=="), BASE64_STANDARD);
    if (fault_hit()) {
        is_int(err, ERR_TOO_BIG, "no memory is a clean error");
    } else {
        is_int(err, 0, "decoded");
        is_slice(out, "foob", "into the arena");
        is_int(base64_decode_arena(&out, &a, S("Zm9vY==="), BASE64_STANDARD), ERR_BAD_VALUE, "bad");
    }
    arena_fini(&a);
}

static void test_bounds(void)
{
    struct buf b;
    buf_init(&b, 7);
    base64_add(&b, S("foob"), BASE64_STANDARD);
    is_int(buf_err(&b), ERR_TOO_BIG, "the buffer's limit holds");
    buf_fini(&b);
    struct arena a;
    struct slice out;
    arena_init(&a, 4);
    is_int(
        base64_decode_arena(&out, &a, S("Zm9vYmFy"), BASE64_URL), ERR_TOO_BIG, "the arena's too");
    arena_fini(&a);
}

int main(void)
{
    test_encode();
    test_strictness();
    test_round_trip();
    test_bounds();
    fault_each(FAULT_ALLOC, in_arena, NULL);
    return done();
}
