/* The grammar, exact integers, nearest doubles (beside strtod), and that what is written reads back
 * as the same bits. */
#include "base/json_number.h"

#include "tap.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

static void test_grammar(void)
{
    static const struct {
        const char *text;
        ptrdiff_t len; /* of the number at its beginning; -1: none */
    } rows[] = {
        { "0", 1 },
        { "-0", 2 },
        { "7,", 1 },
        { "10]", 2 },
        { "01", 1 }, /* the reader refuses what follows */
        { "1.5", 3 },
        { "1.50e+10 ", 8 },
        { "-1E-2x", 5 },
        { "0e0", 3 },
        { "1e400", -1 },
        { "-1e400", -1 },
        { "1e308", 5 },
        { "1.7976931348623157e308", 22 },
        { "1.7976931348623159e308", -1 }, /* rounds to infinity */
        { "1e-400", 6 },                  /* rounds to 0 */
        { "0e999999999999999999999", 23 },
        { "1e-999999999999999999999", 24 },
        { "1e999999999999999999999", -1 },
        { "", -1 },
        { "-", -1 },
        { "+1", -1 },
        { ".5", -1 },
        { "-.5", -1 },
        { "1.", -1 },
        { "1.e5", -1 },
        { "1e", -1 },
        { "1e+", -1 },
        { "1e+x", -1 },
        { "-x", -1 },
        { "NaN", -1 },
        { "Infinity", -1 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *p = rows[i].text, *end = json_number_end(p, p + strlen(p));
        is_int(end != NULL ? end - p : -1, rows[i].len, "\"%s\"", p);
    }
}

static ptrdiff_t end_of_digits(size_t n, char first, char rest)
{
    char text[JSON_NUMBER_MAX_INPUT_BYTES + 2];
    memset(text, rest, sizeof(text));
    text[0] = first;
    const char *end = json_number_end(text, text + n);
    return end != NULL ? end - text : -1;
}

static void test_long(void)
{
    is_int(end_of_digits(308, '9', '9'), 308, "308 nines are a double");
    is_int(end_of_digits(309, '1', '0'), 309, "10^308 written out too");
    is_int(end_of_digits(309, '2', '0'), -1, "2 * 10^308 is none");
    is_int(end_of_digits(310, '1', '0'), -1, "10^309 neither");
    char text[JSON_NUMBER_MAX_INPUT_BYTES + 1] = "0.";
    memset(text + 2, '1', sizeof(text) - 2);
    ok(json_number_end(text, text + sizeof(text) - 1) == text + sizeof(text) - 1, "the longest");
    ok(json_number_end(text, text + sizeof(text)) == NULL, "one byte more");
}

static void test_int(void)
{
    static const struct {
        const char *text;
        int err;
        int64_t value;
    } rows[] = {
        { "0", 0, 0 },
        { "-0", 0, 0 },
        { "0.000", 0, 0 },
        { "0e5", 0, 0 },
        { "-0.0e-7", 0, 0 },
        { "10", 0, 10 },
        { "10.0", 0, 10 },
        { "1e1", 0, 10 },
        { "1E+1", 0, 10 },
        { "100e-1", 0, 10 },
        { "1.50e2", 0, 150 },
        { "0.00015e6", 0, 150 },
        { "-12.5e1", 0, -125 },
        { "1005", 0, 1005 },
        { "10.05e2", 0, 1005 },
        { "9007199254740993", 0, 9007199254740993 },
        { "9223372036854775807", 0, INT64_MAX },
        { "9223372036854775807.000", 0, INT64_MAX },
        { "-9223372036854775808", 0, INT64_MIN },
        { "-9.223372036854775808e18", 0, INT64_MIN },
        { "9e18", 0, 9000000000000000000 },
        { "9223372036854775808", ERR_BAD_VALUE, 0 },
        { "-9223372036854775809", ERR_BAD_VALUE, 0 },
        { "18446744073709551615", ERR_BAD_VALUE, 0 },
        { "18446744073709551616", ERR_BAD_VALUE, 0 },
        { "36893488147419103232", ERR_BAD_VALUE, 0 },
        { "100000000000000000000000000000000001", ERR_BAD_VALUE, 0 },
        { "10e18", ERR_BAD_VALUE, 0 },
        { "1e19", ERR_BAD_VALUE, 0 },
        { "1e300", ERR_BAD_VALUE, 0 },
        { "1e99999999999999999999", ERR_BAD_VALUE, 0 },
        { "1e-99999999999999999999", ERR_BAD_VALUE, 0 },
        { "1.5", ERR_BAD_VALUE, 0 },
        { "10.01", ERR_BAD_VALUE, 0 },
        { "15e-1", ERR_BAD_VALUE, 0 },
        { "0.0000000000000000000000000001", ERR_BAD_VALUE, 0 },
        { "1.00000000000000000000000000001", ERR_BAD_VALUE, 0 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t value = 0;
        is_int(json_number_int(&value, slice_str(rows[i].text)), rows[i].err, "%s: %s",
            rows[i].text, rows[i].err ? "no int64" : "is one");
        is_int(value, rows[i].value, "%s: the value", rows[i].text);
    }
}

/* Those that cannot be read by one exact operation, and their neighbours. */
static void test_double(void)
{
    static const char *const texts[] = { "0", "-0", "1", "-1.5", "0.1", "123.456",
        "9007199254740992", "9007199254740993", "9007199254740995", "1e22", "1e23", "-1e-22",
        "1e-23", "8.5e-7", "4.35", "0.3", "2.2250738585072014e-308", "4.9e-324", "2.4e-324",
        "1.7976931348623157e308", "123456789012345678901234567890", "0.1e-400", "5e-400",
        "18446744073709551616", "36893488147419103232.5", "1.00000000000000011102230246251565404",
        "9999999999999999999999999999999999999999e-40", "-0.000000000000000000000001e24" };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        double value = 7;
        struct slice text = slice_of(texts[i], strlen(texts[i]));
        is_int(json_number_double(&value, text), 0, "%s is a double", texts[i]);
        double want = strtod(texts[i], NULL);
        ok(memcmp(&value, &want, sizeof(value)) == 0, "%s is the nearest: %.17g", texts[i], value);
    }
    double value = 7;
    is_int(json_number_double(&value, S("1e309")), ERR_BAD_VALUE, "1e309 is none");
    is_int(json_number_double(&value, S("-2e308")), ERR_BAD_VALUE, "nor -2e308");
    ok(value == 7, "and nothing is given");
}

static void test_format(void)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        { 0, "0" },
        { -0.0, "-0" },
        { 1, "1" },
        { -1, "-1" },
        { 10, "10" },
        { 1440, "1440" },
        { 0.5, "0.5" },
        { -0.05, "-0.05" },
        { 0.1, "0.1" },
        { 0.3, "0.3" },
        { 123.456, "123.456" },
        { 100.25, "100.25" },
        { 0.000001, "0.000001" },
        { 1.5e-7, "1.5e-07" },
        { 4503599627370495.5, "4503599627370495.5" },
        { 9007199254740991, "9007199254740991" },
        { 1e15, "1000000000000000" },
        { 9007199254740992, "9007199254740992" },
        { 1e21, "1e+21" },
        { 1e300, "1e+300" },
        { 5e-324, "5e-324" },
        { DBL_MAX, "1.7976931348623157e+308" },
        { DBL_MIN, "2.2250738585072014e-308" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { 1.0 / 3, "0.3333333333333333" },
        { -1234567.0000001, "-1234567.0000001" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[JSON_NUMBER_MAX_BYTES];
        size_t len = json_number_format(out, rows[i].value);
        is_str(out, rows[i].text, "%.17g", rows[i].value);
        is_int(len, strlen(out), "its length");
    }
}

/* Gives how many doubles, spread over all bit patterns, do not come back as they were. */
static size_t lost(uint64_t step)
{
    size_t n = 0;
    uint64_t bits = 0x123456789abcdef;
    for (int i = 0; i < 100000; i++, bits += step) {
        char out[JSON_NUMBER_MAX_BYTES];
        double value, back;
        memcpy(&value, &bits, sizeof(value));
        if (!isfinite(value))
            continue;
        size_t len = json_number_format(out, value);
        n += json_number_end(out, out + len) != out + len;
        n += json_number_double(&back, slice_of(out, len)) != 0;
        n += memcmp(&back, &value, sizeof(back)) != 0;
    }
    return n;
}

/* As whiteboards and timers write them. */
static size_t lost_decimals(void)
{
    size_t n = 0;
    for (int i = -200000; i < 200000; i += 3) {
        char out[JSON_NUMBER_MAX_BYTES];
        double value = i / 1000.0, back = 0;
        size_t len = json_number_format(out, value);
        n += json_number_double(&back, slice_of(out, len)) != 0 || back != value;
        n += len > 8;
    }
    return n;
}

int main(void)
{
    test_grammar();
    test_long();
    test_int();
    test_double();
    test_format();
    is_int(lost(0x9e3779b97f4a7c15), 0, "doubles of every kind come back");
    is_int(lost(0x0000001000000001), 0, "neighbouring ones too");
    is_int(lost_decimals(), 0, "three decimals stay three decimals");
    return done();
}
