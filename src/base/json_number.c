/* A number is read into up to 19 digits and a power of ten. Where both are exact in a double, one
 * operation gives the nearest double; that is nearly every number that people and programs write.
 * Everything else goes through strtod, from a copy of bounded length. Writing tries few decimals
 * first, by the same reasoning, and snprintf after that. */
#include "base/json_number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Integers up to here are exact in a double. */
#define EXACT_MAX (1ull << 53)

/* Exponents are counted no further: beyond, every number is 0 or out of range. */
#define EXPONENT_MAX 100000

/* A number this short and without an exponent is within the range of double. */
#define SAFE_BYTES 300

static const double powers_of_ten[] = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22, /* exact in a double up to here */
};

#define EXACT_POWER_MAX 22

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* Behind one or more digits, or NULL. */
static const char *digits_end(const char *p, const char *end)
{
    const char *start = p;
    while (p < end && is_digit(*p))
        p++;
    return p > start ? p : NULL;
}

static const char *exponent_end(const char *p, const char *end)
{
    p++;
    if (p < end && (*p == '+' || *p == '-'))
        p++;
    return digits_end(p, end);
}

const char *json_number_end(const char *p, const char *end)
{
    const char *start = p;
    bool exponent = false;
    if (p < end && *p == '-')
        p++;
    p = p < end && *p == '0' ? p + 1 : digits_end(p, end);
    if (p != NULL && p < end && *p == '.')
        p = digits_end(p + 1, end);
    if (p != NULL && p < end && (*p == 'e' || *p == 'E')) {
        exponent = true;
        p = exponent_end(p, end);
    }
    if (p == NULL || p - start > JSON_NUMBER_MAX_INPUT_BYTES)
        return NULL;
    if (!exponent && p - start < SAFE_BYTES)
        return p;
    double value;
    return json_number_double(&value, slice_of(start, (size_t)(p - start))) ? NULL : p;
}

/* A number as digits * 10^exponent. Zeros at the end of the digits are in the exponent. */
struct decimal {
    bool negative;
    bool too_long; /* more than 19 digits: `digits` is not all of them */
    uint64_t digits;
    int64_t exponent;
};

static int64_t read_exponent(struct slice s)
{
    bool negative = s.len > 0 && s.p[0] == '-';
    int64_t n = 0;
    for (size_t i = negative || s.p[0] == '+'; i < s.len && n < EXPONENT_MAX; i++)
        n = n * 10 + (s.p[i] - '0');
    return negative ? -n : n;
}

/* Zeros join only before another digit, so that 1000 is 1 * 10^3. */
static void add_digit(struct decimal *d, unsigned digit, unsigned *zeros)
{
    if (digit == 0) {
        ++*zeros;
        return;
    }
    for (; *zeros > 0 && !d->too_long; --*zeros)
        d->too_long = __builtin_mul_overflow(d->digits, 10u, &d->digits);
    d->too_long = d->too_long || __builtin_mul_overflow(d->digits, 10u, &d->digits) ||
        __builtin_add_overflow(d->digits, digit, &d->digits);
}

static struct decimal read_decimal(struct slice s)
{
    struct decimal d = { .negative = s.len > 0 && s.p[0] == '-' };
    unsigned zeros = 0;
    size_t i = d.negative;
    bool fraction = false;
    for (; i < s.len && (is_digit(s.p[i]) || s.p[i] == '.'); i++) {
        if (s.p[i] == '.') {
            fraction = true;
            continue;
        }
        d.exponent -= fraction;
        add_digit(&d, (unsigned)(s.p[i] - '0'), &zeros);
    }
    d.exponent += zeros;
    if (i < s.len)
        d.exponent += read_exponent(slice_drop(s, i + 1));
    return d;
}

int json_number_int(int64_t *out, struct slice number)
{
    struct decimal d = read_decimal(number);
    if (d.digits == 0 && !d.too_long) {
        *out = 0;
        return 0;
    }
    if (d.too_long || d.exponent < 0 || d.exponent > 19)
        return ERR_BAD_VALUE;
    for (; d.exponent > 0; d.exponent--) {
        if (__builtin_mul_overflow(d.digits, 10u, &d.digits))
            return ERR_BAD_VALUE;
    }
    if (d.digits > (uint64_t)INT64_MAX + d.negative)
        return ERR_BAD_VALUE;
    *out = (int64_t)(d.negative ? -d.digits : d.digits);
    return 0;
}

static int by_strtod(double *out, struct slice number)
{
    char text[JSON_NUMBER_MAX_INPUT_BYTES + 1], *end;
    if (number.len >= sizeof(text))
        return ERR_BAD_VALUE;
    memcpy(text, number.p, number.len);
    text[number.len] = '\0';
    double value = strtod(text, &end);
    if (end != text + number.len || !isfinite(value))
        return ERR_BAD_VALUE;
    *out = value;
    return 0;
}

int json_number_double(double *out, struct slice number)
{
    struct decimal d = read_decimal(number);
    if (d.digits == 0 && !d.too_long) {
        *out = d.negative ? -0.0 : 0.0;
        return 0;
    }
    /* Both operands exact, one rounding: the result is the nearest double. */
    bool exact = !d.too_long && d.digits <= EXACT_MAX && d.exponent >= -EXACT_POWER_MAX &&
        d.exponent <= EXACT_POWER_MAX;
    if (!exact)
        return by_strtod(out, number);
    double value = (double)d.digits;
    value = d.exponent < 0 ? value / powers_of_ten[-d.exponent] : value * powers_of_ten[d.exponent];
    *out = d.negative ? -value : value;
    return 0;
}

/* Writes `value` with `decimals` digits behind the point, when it has no more than that. */
static size_t format_decimals(char *out, double value, int decimals)
{
    double scaled = fabs(value) * powers_of_ten[decimals];
    if (scaled >= (double)EXACT_MAX)
        return 0;
    uint64_t whole = (uint64_t)(scaled + 0.5);
    if ((double)whole / powers_of_ten[decimals] != fabs(value))
        return 0;
    char digits[24]; /* last digit first */
    size_t n = 0, len = 0;
    for (; whole > 0 || n <= (size_t)decimals; whole /= 10)
        digits[n++] = (char)('0' + whole % 10);
    if (signbit(value))
        out[len++] = '-';
    while (n > 0) {
        out[len++] = digits[--n];
        if (n > 0 && n == (size_t)decimals)
            out[len++] = '.';
    }
    out[len] = '\0';
    return len;
}

size_t json_number_format(char out[JSON_NUMBER_MAX_BYTES], double value)
{
    /* Coordinates and times have few decimals, and few integers need an exponent. */
    for (int decimals = 0; decimals <= 6; decimals++) {
        size_t n = format_decimals(out, value, decimals);
        if (n > 0)
            return n;
    }
    /* Any spelling of up to 15 digits is its double's own (but near 0 doubles lie less densely);
     * 17 always read back. */
    int len = 0, precision = fabs(value) < DBL_MIN ? 1 : 15;
    do
        len = snprintf(out, JSON_NUMBER_MAX_BYTES, "%.*g", precision, value);
    while (++precision <= 17 && strtod(out, NULL) != value);
    return (size_t)len;
}
