/* Moments as text: `2026-11-21T10:40:45.123Z` (RFC 3339). Milliseconds since 1970 in UTC, as
 * everywhere in Stoa. Knows no locale and no time zone but the offset in the text. */
#pragma once

#include "base/slice.h"

#include <stdint.h>

#define RFC3339_LEN 24 /* of what rfc3339_format() writes, without its NUL */

/* 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z. */
#define RFC3339_MIN_MS (-62167219200000ll)
#define RFC3339_MAX_MS 253402300799999ll

/* Always UTC, always three decimals. A moment outside the years 0000 to 9999 is written as the
 * nearest one inside. */
void rfc3339_format(char out[RFC3339_LEN + 1], int64_t ms);

/* Date, `T`, time, up to nine decimals or none (beyond milliseconds they are cut), `Z` or an offset
 * such as `+05:30`; small `t` and `z` too. ERR_BAD_VALUE: anything else, a day that the month does
 * not have, a leap second (`:60`, which this time scale does not have), or a moment outside the
 * years 0000 to 9999 in UTC. */
int rfc3339_parse(int64_t *ms, struct slice text) MUST_CHECK;
