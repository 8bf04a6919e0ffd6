/* Files at a service that speaks S3: the addresses by which clients bring and fetch them there, and
 * their removal, which is this server's alone. A file is called there as its id. Used by
 * web/files*. */
#pragma once

#include "auth/sigv4.h"
#include "store/files.h"

#define FILES_S3_READ_S 3600 /* seconds for which an address to read from is good */

/* *Borrows*. */
struct files_s3 {
    struct slice endpoint; /* "https://s3.eu-central-1.amazonaws.com"; empty: there is none */
    struct slice bucket;
    struct sigv4_key key;
    bool is_path_style; /* the bucket stands in the path, not before the host */
};

static inline bool files_s3_is_on(const struct files_s3 *s3)
{
    return s3->endpoint.len > 0;
}

/* The origin to which a browser goes. */
void files_s3_add_origin(struct buf *out, const struct files_s3 *s3);

/* Adds an address for one upload of exactly that size and type, with PUT. */
int files_s3_add_put(struct buf *url, const struct files_s3 *s3, const struct store_file *file,
    uint32_t expires_s, int64_t now_ms) MUST_CHECK;

/* Adds an address to read it from. What was not said to be a picture, film or sound comes as an
 * attachment: nobody here has looked into it. */
int files_s3_add_get(struct buf *url, const struct files_s3 *s3, const struct store_file *file,
    int64_t now_ms) MUST_CHECK;

/* Both block: for workers. ERR_NOT_FOUND; ERR_IO: the service does not do it, or does not answer.
 */
int files_s3_find(const struct files_s3 *s3, struct slice id, int64_t now_ms) MUST_CHECK;

/* That it is not there is fine. */
int files_s3_remove(const struct files_s3 *s3, struct slice id, int64_t now_ms) MUST_CHECK;
