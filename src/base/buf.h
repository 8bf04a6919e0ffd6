/* A growing byte buffer with a maximum, stated where it is made. Writing past the maximum, or
 * without memory, makes it *failed*: it drops its bytes, ignores further writes, and buf_err() says
 * why. So a writer checks once, at the end. */
#pragma once

#include "base/blob.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

struct buf {
    char *p;
    size_t len;
    size_t cap;
    size_t max;
    int err; /* 0, ERR_TOO_BIG, ERR_NO_MEMORY */
};

void buf_init(struct buf *b, size_t max);
void buf_fini(struct buf *b);

/* Empty and usable again, memory kept. */
void buf_reset(struct buf *b);

/* Empty and usable again, memory returned: for connections that go idle. */
void buf_release(struct buf *b);

int buf_err(const struct buf *b) MUST_CHECK;

static inline struct slice buf_slice(const struct buf *b)
{
    return slice_of(b->p, b->len);
}

/* Room for `n` more bytes behind the end, which the caller fills and then adds with buf_grow().
 * NULL when it cannot be had (the buffer is then failed). */
char *buf_make_room(struct buf *b, size_t n) MUST_CHECK;
MUST_CHECK static inline char *buf_room(struct buf *b, size_t n)
{
    bool is_there = b->p != NULL && n <= b->cap - b->len;
    return is_there ? b->p + b->len : buf_make_room(b, n);
}
void buf_grow(struct buf *b, size_t n);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_add_slice(struct buf *b, struct slice s);
void buf_add_str(struct buf *b, const char *s);
static inline void buf_add_char(struct buf *b, char c)
{
    char *to = buf_room(b, 1);
    if (to != NULL) {
        *to = c;
        b->len++;
    }
}
void buf_add_u64(struct buf *b, uint64_t n);
void buf_add_i64(struct buf *b, int64_t n);
void buf_add_hex(struct buf *b, uint64_t n, unsigned digits); /* the last `digits`, at most 16 */

/* Cuts `n` bytes off the front and moves the rest there: once per turn, not once per message. */
void buf_drop(struct buf *b, size_t n);

/* Returns owned: the contents as a blob with `head` unused bytes in front of them; the buffer is
 * reset. NULL when the buffer has failed, or fails now: buf_err() says why. */
struct blob *buf_blob(struct buf *b, size_t head) MUST_CHECK;
