/* Addresses that permit one request to a service that speaks S3: AWS Signature Version 4, in the
 * query, with an unsigned payload. No I/O, no clock. Used by web/files, for uploads and downloads
 * that do not pass through this server. */
#pragma once

#include "base/buf.h"

#define SIGV4_PAIRS_MAX   24     /* of a query, with the five of the signature, and of headers */
#define SIGV4_EXPIRES_MAX 604800 /* seconds: a week, as AWS takes it */

/* *borrows*; none is empty. */
struct sigv4_key {
    struct slice access_key;
    struct slice secret_key;
    struct slice region;
};

/* Names consist of letters, digits and `-._~`; those of headers are in lower case. */
struct sigv4_pair {
    struct slice name;
    struct slice value;
};

/* *borrows*. */
struct sigv4_request {
    struct slice method;
    struct slice origin; /* "https://host", with its port where it is not the usual one */
    struct slice path;   /* begins with "/", not encoded */
    const struct sigv4_pair *query;
    size_t n_query;
    const struct sigv4_pair *headers; /* that whoever makes the request must send, beside Host */
    size_t n_headers;
    uint32_t expires_s;
};

/* Adds the address. ERR_BAD_VALUE: too many pairs, or no such time; ERR_TOO_BIG, ERR_NO_MEMORY. */
int sigv4_presign(struct buf *url, const struct sigv4_key *key, const struct sigv4_request *r,
    int64_t now_ms) MUST_CHECK;
