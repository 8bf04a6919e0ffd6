/* Immutable bytes with a reference count: an encoded frame that many queues share, on any thread.
 * Whoever makes one may write to it until the first time it is shared. */
#pragma once

#include "base/slice.h"

#include <stdatomic.h>
#include <stdint.h>

/* A blob's length limit; larger contents travel as several blobs. */
#define BLOB_MAX_BYTES (64u << 20)

struct blob {
    _Atomic uint32_t refs;
    uint32_t len;
    char bytes[];
};

/* Returns owned, not initialized, with one reference; NULL when there is no memory. */
struct blob *blob_new(size_t len) MUST_CHECK;
struct blob *blob_copy(struct slice s) MUST_CHECK;

/* Makes it shorter (its memory stays): only before the blob is shared. */
void blob_trim(struct blob *b, size_t len);

struct blob *blob_ref(struct blob *b);
void blob_unref(struct blob *b); /* NULL is fine */

static inline struct slice blob_slice(const struct blob *b)
{
    return slice_of(b->bytes, b->len);
}
