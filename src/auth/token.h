/* Tokens that say who somebody is: JSON Web Tokens (RFC 7519) in the envelope of auth/jws. Ours and
 * those of any issuer that shares the secret: the claims go by the names that such systems use. No
 * I/O, no clock, no log. Used by hub/, dialect/, web/ and `stoa token`.
 *
 * What is read:
 *
 *     userId, id, sub, _id           who; the first that is there. Of a number, its digits
 *     username, name, displayName    the name, in this order; without one the id
 *     avatarUrl                      a picture
 *     guest                          true: a guest, whatever else is said
 *     admin, role                    true, or the text "admin": an administrator
 *     exp, nbf, iat                  seconds since 1970; exp and nbf hold with TOKEN_LEEWAY_S
 *     ms                             0 to 999: milliseconds that iat, a whole second, leaves out
 *     jti                            what the token is called; its signature is, without one
 *
 * A claim that is there in another form than this makes the token void, but for ms and jti, which
 * others may use otherwise and which are then as if absent; null is as if absent, but for times;
 * other claims are ignored. */
#pragma once

#include "auth/identity.h"
#include "base/arena.h"

#define TOKEN_LEEWAY_S    60         /* clocks of different machines may differ so much */
#define TOKEN_ARENA_BYTES (32 << 10) /* enough for reading or making any one token */

/* *borrows* the secret, of at least JWS_MIN_SECRET_BYTES (auth/jws.h). One algorithm: HS256. */
struct token_key {
    struct slice secret;
};

/* What a good token says; its texts are in the arena. Of a bad one only `why`. */
struct token {
    struct identity who;
    int64_t expires_at_ms; /* without the leeway; INT64_MAX: never */
    const char *why;       /* a sentence for people that says what is wrong; "" of a good one */
};

/* ERR_UNAUTHORIZED: it is not to be believed, for whatever reason; ERR_TOO_BIG: the arena;
 * ERR_NO_MEMORY. */
int token_verify(struct token *out, struct arena *arena, const struct token_key *key,
    struct slice text, int64_t now_ms) MUST_CHECK;

/* What a token of ours is to say. */
struct token_claims {
    struct identity who; /* its issued_at_ms does not count */
    int64_t now_ms;
    uint64_t ttl_ms; /* how long it holds, at least a second */
};

/* Gives a token that token_verify() takes until its time is over; with a token id it is called so.
 * ERR_BAD_VALUE: no sound identity or no time; ERR_TOO_BIG: longer than JWS_MAX_BYTES, or the
 * arena; ERR_NO_MEMORY. */
int token_mint(struct slice *out, struct arena *arena, const struct token_key *key,
    const struct token_claims *claims) MUST_CHECK;
