/* Numbers of JSON (RFC 8259, section 6): their grammar, their value, their shortest spelling. Needs
 * the process to keep the "C" locale. Used by json_read, json_write and the field tables. */
#pragma once

#include "base/slice.h"

#include <stdint.h>

/* The shortest spelling of any double fits: sign, 17 digits, point, exponent, NUL. */
#define JSON_NUMBER_MAX_BYTES 32

/* Longer ones are refused: the largest double written out has 309 digits, and nobody needs more. */
#define JSON_NUMBER_MAX_INPUT_BYTES 512

/* Behind the number that begins at `p`; NULL when there is none, or one of too many bytes, or one
 * beyond the range of double. */
const char *json_number_end(const char *p, const char *end);

/* The exact value of a number, in any spelling: `10`, `10.0`, `1e1`. ERR_BAD_VALUE when it has a
 * fraction or does not fit. */
int json_number_int(int64_t *out, struct slice number) MUST_CHECK;

/* The nearest double; what is too small for one becomes 0. `number` is one that json_number_end()
 * accepted. ERR_BAD_VALUE: beyond the range of double. */
int json_number_double(double *out, struct slice number) MUST_CHECK;

/* Writes the fewest digits that read back as the same double, NUL behind them; gives the length.
 * `value` is finite. */
size_t json_number_format(char out[JSON_NUMBER_MAX_BYTES], double value);
