#include "base/chunkq.h"

#include "base/panic.h"
#include "base/xalloc.h"

#define FIRST_CAP 8u     /* of an allocated ring */
#define KEEP_CAP  16u    /* a larger ring is given back when the queue is empty */
#define MAX_CAP   65536u /* many tiny parts must not cost much more memory than their bytes */

static void use_built_in(struct chunkq *q)
{
    q->ring = q->few;
    q->cap = CHUNKQ_BUILT_IN;
}

void chunkq_init(struct chunkq *q, uint32_t max_bytes)
{
    *q = (struct chunkq){ .max_bytes = max_bytes };
    use_built_in(q);
}

static struct chunk *chunk_at(const struct chunkq *q, uint32_t i)
{
    return &q->ring[(q->head + i) & (q->cap - 1)];
}

static void free_ring(struct chunkq *q)
{
    if (q->ring != q->few)
        xfree(q->ring);
    use_built_in(q);
}

void chunkq_count_giants(struct chunkq *q, size_t *total)
{
    if (q->giants != NULL)
        *q->giants -= q->giant_bytes;
    q->giants = total;
    if (q->giants != NULL)
        *q->giants += q->giant_bytes;
}

static void add_giant(struct chunkq *q, size_t bytes)
{
    q->giant_bytes = bytes;
    if (q->giants != NULL)
        *q->giants += bytes;
}

static void drop_giant(struct chunkq *q, size_t bytes)
{
    q->giant_bytes -= bytes;
    if (q->giants != NULL)
        *q->giants -= bytes;
}

void chunkq_fini(struct chunkq *q)
{
    size_t *giants = q->giants;
    for (uint32_t i = 0; i < q->n; i++)
        blob_unref(chunk_at(q, i)->blob);
    drop_giant(q, q->giant_bytes);
    free_ring(q);
    chunkq_init(q, q->max_bytes);
    q->giants = giants;
}

static int grow(struct chunkq *q)
{
    uint32_t cap = q->cap < FIRST_CAP ? FIRST_CAP : q->cap * 2;
    if (cap > MAX_CAP)
        return ERR_TOO_BIG;
    struct chunk *ring = xtry(NULL, cap * sizeof(*ring));
    if (ring == NULL)
        return ERR_NO_MEMORY;
    for (uint32_t i = 0; i < q->n; i++)
        ring[i] = *chunk_at(q, i);
    free_ring(q);
    q->ring = ring;
    q->cap = cap;
    q->head = 0;
    return 0;
}

static bool fits(const struct chunkq *q, struct slice part)
{
    size_t backlog = chunkq_backlog(q);
    if (part.len <= q->max_bytes)
        return backlog <= q->max_bytes && part.len <= q->max_bytes - backlog;
    size_t giants = q->giants != NULL ? *q->giants : 0;
    return q->giant_bytes == 0 && backlog <= q->max_bytes && giants <= CHUNKQ_GIANTS_MAX &&
        part.len <= CHUNKQ_GIANTS_MAX - giants;
}

int chunkq_push(struct chunkq *q, struct blob *blob, struct slice part)
{
    if (blob != NULL && !fits(q, part))
        return ERR_TOO_BIG;
    if (part.len == 0)
        return 0;
    int err = q->n == q->cap ? grow(q) : 0;
    if (err)
        return err;
    bool is_giant = blob != NULL && part.len > q->max_bytes;
    ASSERT(part.len <= UINT32_MAX);
    *chunk_at(q, q->n++) = (struct chunk){
        .blob = blob != NULL ? blob_ref(blob) : NULL,
        .p = part.p,
        .len = (uint32_t)part.len,
        .is_giant = is_giant,
    };
    q->bytes += part.len;
    if (is_giant)
        add_giant(q, part.len);
    return 0;
}

const struct chunk *chunkq_first(const struct chunkq *q)
{
    ASSERT(q->n > 0);
    return chunk_at(q, 0);
}

unsigned chunkq_iov(const struct chunkq *q, struct iovec *iov, unsigned max, size_t max_bytes)
{
    unsigned n = 0;
    for (; n < max && n < q->n && max_bytes > 0; n++) {
        const struct chunk *c = chunk_at(q, n);
        size_t len = c->len < max_bytes ? c->len : max_bytes;
        /* writev only reads, but its type does not say so. */
        iov[n] = (struct iovec){ .iov_base = (void *)(uintptr_t)c->p, .iov_len = len };
        max_bytes -= len;
    }
    return n;
}

static void drop_first(struct chunkq *q)
{
    blob_unref(q->ring[q->head].blob);
    q->head = (q->head + 1) & (q->cap - 1);
    q->n--;
}

void chunkq_drop(struct chunkq *q, size_t n)
{
    ASSERT(n <= q->bytes);
    q->bytes -= n;
    while (n > 0) {
        struct chunk *c = &q->ring[q->head];
        if (c->is_giant)
            drop_giant(q, n < c->len ? n : c->len);
        if (n < c->len) {
            c->p += n;
            c->len -= (uint32_t)n;
            return;
        }
        n -= c->len;
        drop_first(q);
    }
    if (q->n > 0)
        return;
    q->head = 0; /* the same few places again: they are in the cache */
    if (q->cap > KEEP_CAP)
        free_ring(q);
}
