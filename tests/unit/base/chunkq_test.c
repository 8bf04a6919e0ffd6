/* The queue's order, limits and allocations; then random pushes and writes against a naive queue,
 * which is just the bytes that wait; and no memory. */
#include "base/chunkq.h"

#include "fault.h"
#include "tap.h"

#define BLOBS   8
#define MAX     3000 /* bytes in the queue of the random test */
#define MAX_IOV 64

/* The naive queue: all bytes that wait, one after the other. */
struct model {
    char bytes[MAX];
    size_t len;
};

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed % below;
}

static void test_order(void)
{
    struct chunkq q;
    struct iovec iov[4];
    struct blob *b = blob_copy(S("hello"));
    chunkq_init(&q, 100);
    ok(chunkq_is_empty(&q) && chunkq_iov(&q, iov, 4, 100) == 0, "an empty queue");
    is_int(chunkq_push(&q, NULL, S("GET ")), 0, "static bytes");
    is_int(chunkq_push(&q, b, slice_drop(blob_slice(b), 1)), 0, "part of a blob");
    is_int(chunkq_push(&q, b, slice_take(blob_slice(b), 0)), 0, "an empty part");
    is_int(q.n, 2, "is nothing");
    is_int(b->refs, 2, "the queue keeps the blob");
    is_int(q.bytes, 8, "bytes are counted");
    is_int(chunkq_iov(&q, iov, 4, 100), 2, "two entries");
    is_mem(iov[0].iov_base, "GET ", iov[0].iov_len, "the first");
    is_mem(iov[1].iov_base, "ello", iov[1].iov_len, "the second");
    is_int(chunkq_iov(&q, iov, 1, 100), 1, "no more entries than asked for");
    is_int(chunkq_iov(&q, iov, 4, 6), 2, "no more bytes than asked for");
    is_int(iov[1].iov_len, 2, "the last is cut");
    is_int(chunkq_iov(&q, iov, 4, 4), 1, "no empty entry at the cut");
    chunkq_drop(&q, 5);
    is_int(chunkq_iov(&q, iov, 4, 100), 1, "after a write, one is left");
    is_mem(iov[0].iov_base, "llo", iov[0].iov_len, "in part");
    chunkq_drop(&q, 3);
    ok(chunkq_is_empty(&q) && q.bytes == 0, "all written");
    is_int(b->refs, 1, "the blob is let go");
    blob_unref(b);
    chunkq_fini(&q);
}

static void test_limits(void)
{
    struct chunkq q;
    struct blob *b = blob_copy(S("0123456789"));
    chunkq_init(&q, 10);
    is_int(chunkq_push(&q, b, slice_take(blob_slice(b), 4)), 0, "some bytes");
    is_int(chunkq_push(&q, b, slice_take(blob_slice(b), 7)), ERR_TOO_BIG, "one byte too many");
    ok(q.n == 1 && q.bytes == 4 && b->refs == 2, "is not queued");
    is_int(chunkq_push(&q, b, slice_take(blob_slice(b), 6)), 0, "the last byte fits");
    chunkq_fini(&q);
    is_int(b->refs, 1, "an unfinished queue lets go as well");
    blob_unref(b);
}

static void test_giant(void)
{
    struct chunkq q;
    struct blob *b = blob_copy(S("0123456789"));
    chunkq_init(&q, 4);
    is_int(chunkq_push(&q, b, slice_take(blob_slice(b), 3)), 0, "a part");
    is_int(chunkq_push(&q, b, blob_slice(b)), 0, "one that is larger than the maximum goes in");
    is_int(chunkq_push(&q, b, blob_slice(b)), ERR_TOO_BIG, "once");
    is_int(q.bytes, 13, "all is queued");
    is_int(chunkq_backlog(&q), 3, "and it does not count");
    is_int(chunkq_push(&q, b, slice_take(blob_slice(b), 1)), 0, "others still go in behind it");
    is_int(chunkq_push(&q, b, slice_take(blob_slice(b), 1)), ERR_TOO_BIG, "as far as they may");
    chunkq_drop(&q, 5);
    is_int(chunkq_backlog(&q), 1, "what is written of it did not count either");
    chunkq_drop(&q, 9);
    ok(chunkq_is_empty(&q), "all is written");
    is_int(chunkq_push(&q, b, blob_slice(b)), 0, "then there may be another");
    chunkq_fini(&q);
    is_int(b->refs, 1, "which is let go with the queue");
    blob_unref(b);
}

/* Those of all queues that count them together have a maximum, too. */
static void test_giants(void)
{
    static char bytes[CHUNKQ_GIANTS_MAX / 4];
    struct chunkq q[5];
    struct blob *b = blob_copy(slice_of(bytes, sizeof(bytes)));
    size_t total = 0;
    for (int i = 0; i < 5; i++) {
        chunkq_init(&q[i], 8);
        chunkq_count_giants(&q[i], &total);
    }
    for (int i = 0; i < 4; i++)
        is_int(chunkq_push(&q[i], b, blob_slice(b)), 0, "giant %d", i);
    is_int(total, CHUNKQ_GIANTS_MAX, "all of them count");
    is_int(chunkq_push(&q[4], b, slice_take(blob_slice(b), 9)), ERR_TOO_BIG, "and no more fits");
    is_int(chunkq_push(&q[4], b, slice_take(blob_slice(b), 8)), 0, "what is no giant does");
    chunkq_drop(&q[0], 9);
    is_int(total, CHUNKQ_GIANTS_MAX - 9, "what is written counts no more");
    is_int(chunkq_push(&q[4], b, slice_take(blob_slice(b), 9)), 0, "so there is place again");
    chunkq_fini(&q[1]);
    is_int(total, CHUNKQ_GIANTS_MAX / 4 * 3, "nor does what is dropped");
    is_int(chunkq_push(&q[1], b, blob_slice(b)), 0, "an emptied queue goes on counting");
    is_int(total, CHUNKQ_GIANTS_MAX, "as before");
    for (int i = 0; i < 5; i++)
        chunkq_fini(&q[i]);
    is_int(total, 0, "nothing is left");
    is_int(b->refs, 1, "of any");
    blob_unref(b);
}

static void test_many_parts(void)
{
    struct chunkq q;
    unsigned pushed = 0;
    int err = 0;
    chunkq_init(&q, 1 << 20);
    while ((err = chunkq_push(&q, NULL, S("x"))) == 0)
        pushed++;
    is_int(err, ERR_TOO_BIG, "tiny parts reach a limit before the bytes do");
    is_int(pushed, 65536, "of their number");
    chunkq_drop(&q, pushed);
    ok(q.ring == q.few, "the ring is given back when all is written");
    chunkq_fini(&q);
}

/* One turn of a connection: some frames queued, then written. */
static void turn(struct chunkq *q, struct blob *b, unsigned frames)
{
    struct iovec iov[MAX_IOV];
    for (unsigned i = 0; i < frames; i++) {
        if (chunkq_push(q, b, blob_slice(b)) != 0)
            return;
    }
    chunkq_iov(q, iov, MAX_IOV, SIZE_MAX);
    chunkq_drop(q, q->bytes);
}

static void test_allocations(void)
{
    struct chunkq q;
    struct blob *b = blob_copy(S("frame"));
    chunkq_init(&q, 1 << 20);
    fault_off();
    for (int i = 0; i < 100; i++)
        turn(&q, b, 2);
    is_int(fault_calls(FAULT_ALLOC), 0, "two frames a turn allocate nothing");
    for (int i = 0; i < 100; i++)
        turn(&q, b, 16);
    is_int(fault_calls(FAULT_ALLOC), 2, "a small ring is kept from turn to turn");
    ok(q.ring != q.few, "(it is one)");
    turn(&q, b, 17);
    ok(q.ring == q.few, "a larger one is given back");
    is_int(b->refs, 1, "all are written");
    blob_unref(b);
    chunkq_fini(&q);
}

static struct slice random_part(uint64_t *seed, struct slice of)
{
    of = slice_drop(of, draw(seed, of.len + 1));
    return slice_take(of, draw(seed, of.len + 1));
}

static bool push_both(struct chunkq *q, struct model *m, struct blob *b, struct slice part)
{
    bool fits = part.len <= MAX - m->len;
    if (chunkq_push(q, b, part) != (fits ? 0 : ERR_TOO_BIG))
        return false;
    if (fits && part.len > 0)
        memcpy(m->bytes + m->len, part.p, part.len);
    m->len += fits ? part.len : 0;
    return true;
}

static bool drop_both(struct chunkq *q, struct model *m, size_t n)
{
    chunkq_drop(q, n);
    m->len -= n;
    memmove(m->bytes, m->bytes + n, m->len);
    return q->bytes == m->len && chunkq_is_empty(q) == (m->len == 0);
}

/* What the entries show is the front of the waiting bytes, and as much of it as was asked for. */
static bool shows_front(const struct chunkq *q, const struct model *m, unsigned max, size_t bytes)
{
    struct iovec iov[MAX_IOV];
    size_t at = 0;
    unsigned n = chunkq_iov(q, iov, max, bytes);
    for (unsigned i = 0; i < n; i++) {
        if (iov[i].iov_len == 0 || iov[i].iov_len > m->len - at ||
            memcmp(m->bytes + at, iov[i].iov_base, iov[i].iov_len) != 0)
            return false;
        at += iov[i].iov_len;
    }
    size_t all = bytes < m->len ? bytes : m->len;
    return at == all || (at < all && n == max);
}

static bool step(struct chunkq *q, struct model *m, struct blob **blobs, uint64_t *seed)
{
    struct blob *b = blobs[draw(seed, BLOBS)];
    switch (draw(seed, 4)) {
    case 0:
        return push_both(q, m, NULL, random_part(seed, S("bytes that live for ever")));
    case 1:
    case 2:
        return push_both(q, m, b, random_part(seed, blob_slice(b)));
    default:
        if (!shows_front(q, m, 1 + (unsigned)draw(seed, MAX_IOV - 1), draw(seed, 2 * MAX)))
            return false;
        return drop_both(q, m, draw(seed, 8) > 0 ? draw(seed, m->len + 1) : m->len);
    }
}

static void make_blobs(struct blob **blobs, uint64_t *seed)
{
    for (unsigned i = 0; i < BLOBS; i++) {
        blobs[i] = blob_new(1 + i * i * 5);
        for (size_t at = 0; at < blobs[i]->len; at++)
            blobs[i]->bytes[at] = (char)draw(seed, 256);
    }
}

static void test_random(void)
{
    uint64_t seed = 20240229;
    struct model m = { .len = 0 };
    struct blob *blobs[BLOBS];
    struct chunkq q;
    unsigned wrong = 0;
    uint32_t largest = 0;
    uint32_t refs = 0;
    make_blobs(blobs, &seed);
    chunkq_init(&q, MAX);
    for (int i = 0; i < 100000 && wrong == 0; i++) {
        wrong += !step(&q, &m, blobs, &seed);
        largest = q.cap > largest ? q.cap : largest;
    }
    is_int(wrong, 0, "random pushes and writes behave as the model does");
    ok(largest > 16, "with rings of up to %u places", largest);
    chunkq_fini(&q);
    for (unsigned i = 0; i < BLOBS; i++) {
        refs += blobs[i]->refs;
        blob_unref(blobs[i]);
    }
    is_int(refs, BLOBS, "every reference came back");
}

static void without_memory(void *arg)
{
    unsigned *clean = arg;
    struct chunkq q;
    struct blob *b = blob_copy(S("frame"));
    unsigned failed = 0, pushed = 0;
    if (b == NULL)
        return;
    chunkq_init(&q, 1 << 20);
    for (int i = 0; i < 100; i++) {
        int err = chunkq_push(&q, b, blob_slice(b));
        failed += err == ERR_NO_MEMORY;
        pushed += err == 0;
    }
    *clean += failed == fault_hit() && pushed == 100 - failed && b->refs == 1 + pushed &&
        q.bytes == pushed * 5;
    chunkq_fini(&q);
    blob_unref(b);
}

static void test_faults(void)
{
    unsigned clean = 0;
    unsigned runs = fault_each(FAULT_ALLOC, without_memory, &clean);
    is_int(clean, runs, "one frame is refused, the others wait"); /* the first run has no blob */
}

int main(void)
{
    test_order();
    test_limits();
    test_giant();
    test_giants();
    test_many_parts();
    test_allocations();
    test_random();
    test_faults();
    return done();
}
