/* Bytes as hexadecimal digits. Numbers are buf_add_hex()'s. */
#pragma once

#include "base/slice.h"

/* The value of one digit of either case, or -1. */
static inline int hex_digit(char c)
{
    unsigned char digit = (unsigned char)(c - '0'), letter = (unsigned char)((c | 0x20) - 'a');
    return digit < 10 ? digit : letter < 6 ? letter + 10 : -1;
}

/* Writes 2 * s.len lower-case digits to `out`, without a NUL. */
void hex_encode(char *out, struct slice s);

/* Reads digits of either case into at most `max` bytes; `*len` is how many it gave.
 * ERR_BAD_VALUE: an odd number of digits or something else among them; ERR_TOO_BIG. */
int hex_decode(size_t *len, void *out, size_t max, struct slice text) MUST_CHECK;
