#include "base/hex.h"

#include "tap.h"

static void test_digits(void)
{
    int sum = 0, wrong = 0;
    for (int c = 0; c < 256; c++) {
        const char *at = c != 0 ? strchr("0123456789abcdefABCDEF", c) : NULL;
        int digit = hex_digit((char)c);
        wrong += (digit >= 0) != (at != NULL);
        sum += digit > 0 ? digit : 0;
    }
    is_int(wrong, 0, "22 characters are digits, no other is");
    is_int(sum, 45 + 2 * 75, "with the right values");
}

static void test_encode(void)
{
    char out[9] = "xxxxxxxx";
    hex_encode(out, S("\x00\x0f\xa5"));
    is_str(out, "000fa5xx", "lower case, no NUL behind it");
    hex_encode(out, S(""));
    is_str(out, "000fa5xx", "nothing of nothing");
}

static void test_decode(void)
{
    static const struct {
        const char *text;
        int err;
        struct slice bytes;
    } rows[] = {
        { "", 0, SLICE("") },
        { "000fa5", 0, SLICE("\x00\x0f\xa5") },
        { "FfAa", 0, SLICE("\xff\xaa") },
        { "00112233", 0, SLICE("\x00\x11\x22\x33") },
        { "0011223344", ERR_TOO_BIG, SLICE("") },
        { "0", ERR_BAD_VALUE, SLICE("") },
        { "0g", ERR_BAD_VALUE, SLICE("") },
        { "g0", ERR_BAD_VALUE, SLICE("") },
        { "0 ", ERR_BAD_VALUE, SLICE("") },
        { "0x", ERR_BAD_VALUE, SLICE("") },
        { "\xc3\xa9", ERR_BAD_VALUE, SLICE("") },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[4];
        size_t len = 0;
        int err = hex_decode(&len, out, sizeof(out), slice_str(rows[i].text));
        is_int(err, rows[i].err, "\"%s\": %s", rows[i].text, err_name(err));
        is_mem(out, rows[i].bytes.p, err ? 0 : len, "\"%s\": the bytes", rows[i].text);
        is_int(err ? 0 : len, rows[i].bytes.len, "\"%s\": all of them", rows[i].text);
    }
}

int main(void)
{
    test_digits();
    test_encode();
    test_decode();
    return done();
}
