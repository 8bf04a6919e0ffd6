#include "base/blob.h"

#include "base/panic.h"
#include "base/xalloc.h"

struct blob *blob_new(size_t len)
{
    if (len > BLOB_MAX_BYTES)
        return NULL;
    struct blob *b = xtry(NULL, sizeof(*b) + len);
    if (b == NULL)
        return NULL;
    atomic_init(&b->refs, 1);
    b->len = (uint32_t)len;
    return b;
}

struct blob *blob_copy(struct slice s)
{
    struct blob *b = blob_new(s.len);
    if (b != NULL && s.len > 0)
        memcpy(b->bytes, s.p, s.len);
    return b;
}

void blob_trim(struct blob *b, size_t len)
{
    ASSERT(len <= b->len && atomic_load_explicit(&b->refs, memory_order_relaxed) == 1);
    b->len = (uint32_t)len;
}

struct blob *blob_ref(struct blob *b)
{
    uint32_t before = atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
    ASSERT(before > 0 && before < UINT32_MAX);
    return b;
}

void blob_unref(struct blob *b)
{
    if (b == NULL)
        return;
    /* Whoever sees itself as the last needs no locked instruction: nobody else can add one. */
    if (atomic_load_explicit(&b->refs, memory_order_acquire) == 1 ||
        atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) == 1)
        xfree(b);
}
