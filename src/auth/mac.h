/* Message authentication codes (HMAC, RFC 2104), and comparing them without telling how far they
 * agree. Secrets and texts are of any length; a secret is not empty. Used by auth/jws, auth/turn
 * and hub/ (creation keys). */
#pragma once

#include "base/slice.h"

#define MAC_BYTES      32 /* of SHA-256 */
#define MAC_SHA1_BYTES 20 /* where a scheme of others wants SHA-1 */

/* ERR_NO_MEMORY. */
int mac_sha256(unsigned char out[MAC_BYTES], struct slice secret, struct slice text) MUST_CHECK;
int mac_sha1(unsigned char out[MAC_SHA1_BYTES], struct slice secret, struct slice text) MUST_CHECK;

bool mac_is_equal(struct slice a, struct slice b);
