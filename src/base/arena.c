#include "base/arena.h"

#include "base/panic.h"
#include "base/xalloc.h"

#include <sanitizer/asan_interface.h>
#include <stdalign.h>

/* Bytes in a chunk: the first serves nearly every message, the last keeps the number of chunks
 * small without leaving much unused. */
#define FIRST_CAP 4096u
#define LAST_CAP  65536u

struct arena_chunk {
    struct arena_chunk *next; /* older */
    size_t cap;
    size_t used;
    alignas(max_align_t) char bytes[];
};

void arena_init(struct arena *a, size_t max_bytes)
{
    ASSERT(max_bytes <= SIZE_MAX / 2); /* so that no size overflows below */
    *a = (struct arena){ .max_bytes = max_bytes };
}

static void free_chunks(struct arena_chunk *c)
{
    while (c != NULL) {
        struct arena_chunk *next = c->next;
        xfree(c);
        c = next;
    }
}

void arena_fini(struct arena *a)
{
    free_chunks(a->chunks);
    a->chunks = NULL;
    a->used_bytes = 0;
}

/* Takes the chunk worth keeping over a reset out of the list: one of the first size. */
static struct arena_chunk *keep_one(struct arena *a)
{
    for (struct arena_chunk **at = &a->chunks; *at != NULL; at = &(*at)->next) {
        struct arena_chunk *c = *at;
        if (c->cap != FIRST_CAP)
            continue;
        *at = c->next;
        return c;
    }
    return NULL;
}

void arena_reset(struct arena *a)
{
    struct arena_chunk *kept = keep_one(a);
    arena_fini(a);
    if (kept == NULL)
        return;
    kept->next = NULL;
    kept->used = 0;
    ASAN_POISON_MEMORY_REGION(kept->bytes, kept->cap);
    a->chunks = kept;
}

static struct arena_chunk *chunk_new(size_t cap)
{
    struct arena_chunk *c = xtry(NULL, sizeof(*c) + cap);
    if (c == NULL)
        return NULL;
    c->next = NULL;
    c->cap = cap;
    c->used = 0;
    ASAN_POISON_MEMORY_REGION(c->bytes, cap);
    return c;
}

static bool add_chunk(struct arena_chunk **at, size_t cap)
{
    struct arena_chunk *c = chunk_new(cap);
    if (c == NULL)
        return false;
    c->next = *at;
    *at = c;
    return true;
}

/* How many bytes to leave out so that the chunk's next one is aligned. */
static size_t gap_of(const struct arena_chunk *c, size_t align)
{
    return -c->used & (align - 1);
}

static bool fits(const struct arena_chunk *c, size_t size, size_t align)
{
    size_t left = c->cap - c->used;
    size_t gap = gap_of(c, align);
    return gap <= left && size <= left - gap;
}

/* The chunk to take `size` bytes from. A large piece gets one of its own, behind the newest, so
 * that the room left in the newest is not lost; else chunks double. */
static struct arena_chunk *chunk_for(struct arena *a, size_t size, size_t align)
{
    if (a->chunks == NULL && !add_chunk(&a->chunks, FIRST_CAP))
        return NULL;
    if (fits(a->chunks, size, align))
        return a->chunks;
    size_t cap = a->chunks->cap < LAST_CAP ? a->chunks->cap * 2 : LAST_CAP;
    if (size > cap / 4)
        return add_chunk(&a->chunks->next, size) ? a->chunks->next : NULL;
    return add_chunk(&a->chunks, cap) ? a->chunks : NULL;
}

static void *take(struct arena *a, size_t size, size_t align)
{
    size_t left = a->max_bytes - a->used_bytes;
    struct arena_chunk *c = size <= left ? chunk_for(a, size, align) : NULL;
    if (c == NULL)
        return NULL;
    size_t gap = gap_of(c, align);
    if (gap > left - size)
        return NULL;
    char *p = c->bytes + c->used + gap;
    c->used += gap + size;
    a->used_bytes += gap + size;
    ASAN_UNPOISON_MEMORY_REGION(p, size);
    return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
    void *p = take(a, size, alignof(max_align_t));
    return p != NULL ? memset(p, 0, size) : NULL;
}

int arena_copy(struct slice *out, struct arena *a, struct slice s)
{
    if (s.len >= a->max_bytes - a->used_bytes)
        return ERR_TOO_BIG;
    char *p = take(a, s.len + 1, 1);
    if (p == NULL)
        return ERR_NO_MEMORY;
    if (s.len > 0)
        memcpy(p, s.p, s.len);
    p[s.len] = '\0';
    *out = slice_of(p, s.len);
    return 0;
}

void arena_trim(struct arena *a, void *p, size_t size, size_t keep)
{
    char *end = (char *)p + size;
    struct arena_chunk *c = a->chunks;
    ASSERT(c != NULL && keep <= size);
    if (c->bytes + c->used != end)
        c = c->next; /* a large piece, behind the newest */
    ASSERT(c != NULL && c->bytes + c->used == end);
    c->used -= size - keep;
    a->used_bytes -= size - keep;
    ASAN_POISON_MEMORY_REGION((char *)p + keep, size - keep);
}
