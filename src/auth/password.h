/* Passwords as they are kept and compared: hashed with Argon2id (RFC 9106), in the spelling of
 * libsodium's crypto_pwhash_str(). A hash takes tens of milliseconds and megabytes on purpose, so
 * threads of their own make it, with a short queue before them: how many passwords are hashed at
 * once is bounded, and with that the memory. Knows no accounts. Used by auth/accounts.
 *
 *   password_make(), password_verify() --> queue --> a worker --> work->done() on the loop
 */
#pragma once

#include "net/worker.h"
#include "store/accounts.h"

#define PASSWORD_MIN_BYTES 8
#define PASSWORD_MAX_BYTES 1024 /* hashing more would be work for nothing */
#define PASSWORD_WAITING   64   /* in the queue: seconds of work, and nobody waits for longer */

struct passwords;

struct password_settings {
    uint64_t memory_bytes; /* of one hash */
    uint64_t passes;
    unsigned threads; /* 0: one for each core */
};

/* *borrows* the loop. Returns owned. */
struct passwords *passwords_new(struct loop *loop, const struct password_settings *settings);

/* Waits for what is being hashed; every work is done, with ERR_DRAINING where it was not begun. The
 * loop turns once for that. */
void passwords_free(struct passwords *p);

/* One that is hashed or compared; lies inside its owner, who keeps it until `done`. */
struct password_work {
    struct job job;
    const struct passwords *by;
    bool is_verifying;
    bool is_pointless; /* there is nothing to compare with: it only takes its time */
    size_t len;
    char text[PASSWORD_MAX_BYTES]; /* wiped as soon as it is hashed */

    void (*done)(struct password_work *w); /* its owner sets it before */
    char hash[STORE_HASH_MAX];             /* NUL-terminated */
    bool is_right;
    bool is_renewed; /* right, and hashed anew as the settings now say: `hash` is another */
    int err;         /* 0; ERR_NO_MEMORY; ERR_DRAINING */
};

/* Whether it may be somebody's: length, UTF-8. ERR_BAD_VALUE. */
int password_check(struct slice text) MUST_CHECK;

/* Both copy the text, which has passed password_check(). ERR_BUSY: too many wait; then `done` is
 * not called. With an empty hash, verifying takes as long as with any, and finds it wrong: nobody
 * is to learn from the time who has an account. A hash that is not one of ours is wrong. */
int password_make(struct password_work *w, struct passwords *p, struct slice text) MUST_CHECK;
int password_verify(
    struct password_work *w, struct passwords *p, struct slice text, struct slice hash) MUST_CHECK;
