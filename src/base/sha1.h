/* SHA-1 (FIPS 180-4), for the one place that demands it: the Sec-WebSocket-Accept value of RFC
 * 6455, where it protects nothing. Not for passwords, signatures or tokens: it is broken there. */
#pragma once

#include "base/slice.h"

#include <stdint.h>

#define SHA1_BYTES 20

void sha1(uint8_t out[SHA1_BYTES], struct slice in);
