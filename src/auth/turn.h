/* What lets a user pass a TURN server for a while, without the server knowing users: the scheme of
 * shared secrets that coturn calls `use-auth-secret`. The name says until when it is good and for
 * whom, the credential is the name's MAC under the secret that we share with the server:
 *
 *     username   = "<seconds since 1970>:<user id>"
 *     credential = base64(HMAC-SHA1(secret, username))
 *
 * SHA-1 is the scheme's choice; in an HMAC it is not broken. No I/O, no clock. Used by whatever
 * tells clients their ICE servers. */
#pragma once

#include "base/slice.h"

#define TURN_LIFETIME_S     (12 * 3600) /* a long day's call: servers look when it is set up anew */
#define TURN_USER_MAX       64          /* bytes of a user id */
#define TURN_NAME_BYTES     (20 + 1 + TURN_USER_MAX)
#define TURN_PASSWORD_BYTES 28 /* of 20 bytes in base64 */

struct turn_pass {
    char username[TURN_NAME_BYTES + 1];
    char credential[TURN_PASSWORD_BYTES + 1];
    int64_t expires_at_ms;
};

/* ERR_BAD_VALUE: no secret, no user or one that is too long, or a time before 1970; ERR_NO_MEMORY.
 * On an error `*out` is empty texts. */
int turn_mint(
    struct turn_pass *out, struct slice secret, struct slice user_id, int64_t now_ms) MUST_CHECK;
