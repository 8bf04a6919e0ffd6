#include "base/blob.h"

#include "fault.h"
#include "tap.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

static void test_life(void)
{
    struct blob *b = blob_copy(S("hello"));
    is_slice(blob_slice(b), "hello", "a copy");
    is_int(b->refs, 1, "with one reference");
    blob_trim(b, 4);
    is_slice(blob_slice(b), "hell", "made shorter");
    ok(blob_ref(b) == b, "a reference is the blob");
    is_int(b->refs, 2, "counted");
    blob_unref(b);
    is_int(b->refs, 1, "and given back");
    blob_unref(b);
    blob_unref(NULL);
}

static void test_sizes(void)
{
    struct blob *empty = blob_copy(slice_str(NULL));
    struct blob *most = blob_new(BLOB_MAX_BYTES);
    is_int(empty->len, 0, "an empty one");
    ok(most != NULL && most->len == BLOB_MAX_BYTES, "the longest");
    ok(blob_new(BLOB_MAX_BYTES + 1) == NULL, "one byte longer");
    ok(blob_new(SIZE_MAX) == NULL, "much longer");
    blob_unref(empty);
    blob_unref(most);
}

static void test_no_memory(void)
{
    fault_alloc_at(1);
    ok(blob_new(10) == NULL && fault_hit(), "no memory for a new one");
    fault_alloc_at(1);
    ok(blob_copy(S("hello")) == NULL && fault_hit(), "nor for a copy");
    fault_off();
}

/* Each thread owns one reference, and the last to let go frees the blob. */
static void *share(void *arg)
{
    struct blob *b = arg;
    for (int i = 0; i < 20000; i++) {
        struct blob *mine = blob_ref(b);
        if (blob_slice(mine).len != 5)
            return NULL;
        blob_unref(mine);
    }
    blob_unref(b);
    return arg;
}

static void test_threads(void)
{
    pthread_t threads[3];
    int finished = 0;
    struct blob *b = blob_copy(S("hello"));
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, share, blob_ref(b));
    blob_unref(b);
    for (int i = 0; i < 3; i++) {
        void *result;
        pthread_join(threads[i], &result);
        finished += result != NULL;
    }
    is_int(finished, 3, "three threads share one blob");
}

#define SHARED 5000

struct pair {
    atomic_uint arrived;
    struct blob *blobs[SHARED];
};

static void *let_go(void *arg)
{
    struct pair *p = arg;
    for (unsigned i = 0; i < SHARED; i++) {
        p->arrived++;
        while (p->arrived < 2 * (i + 1))
            sched_yield(); /* for the other one */
        blob_unref(p->blobs[i]);
    }
    return NULL;
}

/* Two holders let go at the same moment: one of them frees, and only one; ASan counts. */
static void test_last_two(void)
{
    struct pair *p = calloc(1, sizeof(*p));
    pthread_t other;
    for (unsigned i = 0; i < SHARED; i++)
        p->blobs[i] = blob_ref(blob_copy(S("x")));
    pthread_create(&other, NULL, let_go, p);
    let_go(p);
    is_int(pthread_join(other, NULL), 0, "two threads let go of the same blobs");
    free(p);
}

int main(void)
{
    test_life();
    test_sizes();
    test_no_memory();
    test_threads();
    test_last_two();
    return done();
}
