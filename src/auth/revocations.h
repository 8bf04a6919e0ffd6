/* Tokens that do not hold any more though their time is not over: all of a person that were made
 * before a moment (another password, a disabled account), or a single one (a log-out). In memory,
 * so that whoever judges a token asks at once; in the store, so that a restart forgets none. Each
 * loop has its own, and all know the same. Used by auth/accounts, which revokes, by hub/pass, which
 * asks, and by the stations, which load and spread them. */
#pragma once

#include "auth/token.h"
#include "store/store.h"

#define REVOCATIONS_TOKENS_MAX 262144u /* beyond it a log-out revokes all of that person's */
#define REVOCATIONS_MAX        (4 * REVOCATIONS_TOKENS_MAX)
#define REVOCATIONS_KEPT_FREE  REVOCATIONS_TOKENS_MAX /* of them, by log-outs: passwords change */
#define REVOKED_FOR_MS         (INT64_C(3661) * 24 * 60 * 60 * 1000) /* no token lasts longer */

struct revocations;

struct revocation {
    struct slice user_id;
    struct slice token_id; /* empty: all tokens of that person */
    int64_t before_ms;     /* that were made before this */
    int64_t until_ms;      /* the last of them is over; 0: REVOKED_FOR_MS from now on */
};

/* It is stored, and nobody is let in by such a token any more; those who are in may be sent away
 * now. *Lent* for the call. */
typedef void(revoked_fn)(void *arg, const struct revocation *what);

/* *borrows* the store. `fn` may be NULL. Returns owned. */
struct revocations *revocations_new(struct store *store);
void revocations_free(struct revocations *r); /* when the store is closed */
void revocations_set_listener(struct revocations *r, revoked_fn *fn, void *arg);

/* Another loop's have stored it, and it is in force from now on. ERR_NO_MEMORY. */
int revocations_learn(
    struct revocations *r, const struct revocation *what, int64_t now_ms) MUST_CHECK;

/* What the store has; nobody is to be judged before that. */
void revocations_load(struct revocations *r, int64_t now_ms, store_done *done, void *arg);

/* Now, as a moment that nobody else was given: what is done by two calls can be told apart. */
int64_t revocations_moment(struct revocations *r, int64_t now_ms);

/* Of a token that was verified. ERR_UNAUTHORIZED, and `why` is set: it was revoked. */
int revocations_judge(const struct revocations *r, struct token *t) MUST_CHECK;

/* Asks the store; `done` is called later, when it is in force or could not be stored.
 * ERR_NO_MEMORY, ERR_BUSY: then it is not called. */
int revocations_add(struct revocations *r, const struct revocation *what, int64_t now_ms,
    store_done *done, void *arg) MUST_CHECK;
