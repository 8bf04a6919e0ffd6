/* Message authentication codes (HMAC, RFC 2104), and comparing them without telling how far they
 * agree. Used by hub/ (creation keys). */
#pragma once

#include "base/slice.h"

#define MAC_BYTES 32 /* of SHA-256 */

/* Of `label` and `text`, one behind the other: the label keeps the uses of one secret apart. */
void mac_sha256(
    unsigned char out[MAC_BYTES], struct slice secret, struct slice label, struct slice text);

bool mac_is_equal(struct slice a, struct slice b);
