/* Addresses that permit one upload: the query says for whom, how many bytes of which type, until
 * when, and a MAC (HMAC-SHA256) over all of it binds that to one method and one file. A query is
 * read as strictly as it is written: each part once, nothing else. No I/O, no clock, no store: that
 * an address is used once, and by whom, others look after. Used by web/files.
 *
 *     size=52428800&type=video%2Fmp4&user=u1&expires=1767323045&key=1f0a93c2&signature=9f86...
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

#define SIGNED_URL_KEY_ID 8                   /* characters */
#define SIGNED_URL_MAX    4096                /* bytes of a query */
#define SIGNED_URL_BYTES  ((uint64_t)1 << 60) /* the largest size that is written or read */

/* Made from the server's secret: whoever learns one address' MAC learns nothing of it. */
struct signed_key {
    char id[SIGNED_URL_KEY_ID + 1];
    unsigned char secret[32];
};

/* What is permitted. *Borrows* its texts. */
struct signed_upload {
    struct slice method; /* "PUT"; "PATCH" is of what may be resumed */
    struct slice id;     /* of the file */
    uint64_t bytes;
    struct slice type;
    struct slice user_id;
    int64_t expires_at_ms; /* whole seconds: what is below is cut */
};

/* ERR_NO_MEMORY. */
int signed_key_derive(struct signed_key *out, struct slice server_secret) MUST_CHECK;

/* Adds the query. ERR_BAD_VALUE: a size or a time that cannot be said; ERR_TOO_BIG,
 * ERR_NO_MEMORY. */
int signed_url_write(
    struct buf *query, const struct signed_key *key, const struct signed_upload *what) MUST_CHECK;

/* What signed_url_write() wrote for that method and file with one of the keys, the newest first, of
 * which the older ones are no longer written with. The texts lie in the arena or in the query.
 * ERR_FORBIDDEN, with a sentence in `*why`: it is not to be believed, or no longer; ERR_TOO_BIG,
 * ERR_NO_MEMORY: the arena. */
struct signed_check {
    struct slice method;
    struct slice id;
    struct slice query;
    int64_t now_ms;
    const struct signed_key *keys;
    size_t n_keys;
};
int signed_url_read(struct signed_upload *out, const char **why, struct arena *arena,
    const struct signed_check *check) MUST_CHECK;
