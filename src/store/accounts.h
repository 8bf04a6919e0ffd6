/* What a store keeps of accounts: people with a password here. Part of store/store.h. */
#pragma once

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define STORE_EMAIL_MAX 254
#define STORE_HASH_MAX  128 /* crypto_pwhash_STRBYTES */

struct store_user {
    struct slice id;
    struct slice email; /* lower case */
    struct slice name;
    struct slice avatar_url;
    struct slice password_hash;
    bool is_admin;
    bool is_disabled;
    int64_t created_at_ms;
};

/* By id, else by e-mail, else a page of all, sorted by id. */
struct store_user_query {
    struct slice id;
    struct slice email;
    struct slice after; /* the id that the last page ended with */
    uint32_t limit;     /* of a page: 1 to STORE_PAGE_MAX */
};

struct store_users {
    const struct store_user *at;
    uint32_t n;
    bool has_more;
};

/* Tokens that do not hold any more, though they are not over: all of a person that were made before
 * a moment ("user:<id>"), or a single one ("token:<its id>"). */
struct store_revocation {
    struct slice subject;
    int64_t before_ms;
    int64_t until_ms; /* the last of them is over then: no need to remember it longer */
};

struct store_revocations {
    const struct store_revocation *at;
    uint32_t n;
};

typedef void(store_users_done)(void *arg, int err, const struct store_users *page);
typedef void(store_revocations_done)(void *arg, int err, const struct store_revocations *all);
