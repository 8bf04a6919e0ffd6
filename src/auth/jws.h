/* The envelope of every token: a JSON Web Signature in compact form (RFC 7515), signed with HS256
 * and with nothing else. Knows no claims, does no I/O, never asks anybody for a key. Used by
 * auth/token and auth/livekit.
 *
 * The verifier decides by which algorithm a signature counts, not the token: a header that names
 * another one, or that offers a key or asks for an extension, is refused. */
#pragma once

#include "base/arena.h"

#define JWS_MAX_BYTES        4096 /* of a whole token: it travels in a header or in an address */
#define JWS_MIN_SECRET_BYTES 32 /* of a secret that we trust: as long as the MAC (RFC 7518, 3.2) */

/* Opens `text`: *gives* the payload, whose bytes are the signer's, in the arena. The secret has at
 * least JWS_MIN_SECRET_BYTES. ERR_UNAUTHORIZED, and then `why` is a sentence for people;
 * ERR_TOO_BIG: the arena. */
int jws_open(struct slice *payload, const char **why, struct arena *arena, struct slice secret,
    struct slice text) MUST_CHECK;

/* Signs `payload`, a JSON object, with any secret that is not empty: others than ours may be
 * shorter. ERR_TOO_BIG: it, or the arena. */
int jws_seal(
    struct slice *out, struct arena *arena, struct slice secret, struct slice payload) MUST_CHECK;
