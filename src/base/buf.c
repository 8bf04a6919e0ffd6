#include "base/buf.h"

#include "base/panic.h"
#include "base/xalloc.h"

/* The first allocation: most frames and headers fit. */
#define FIRST_BYTES 256

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){ .max = max };
}

void buf_fini(struct buf *b)
{
    buf_release(b);
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->err = 0;
}

void buf_release(struct buf *b)
{
    xfree(b->p);
    buf_init(b, b->max);
}

int buf_err(const struct buf *b)
{
    return b->err;
}

static void fail(struct buf *b, int err)
{
    buf_release(b);
    b->err = err;
}

/* To `need` bytes, at most `max`, by doubling. */
static bool enlarge(struct buf *b, size_t need)
{
    size_t cap = b->cap > 0 ? b->cap : FIRST_BYTES;
    while (cap < need)
        cap = cap <= b->max / 2 ? cap * 2 : b->max;
    if (cap > b->max)
        cap = b->max;
    char *p = xtry(b->p, cap);
    if (p == NULL) {
        fail(b, ERR_NO_MEMORY);
        return false;
    }
    b->p = p;
    b->cap = cap;
    return true;
}

char *buf_make_room(struct buf *b, size_t n)
{
    if (b->err)
        return NULL;
    if (n > b->max - b->len) {
        fail(b, ERR_TOO_BIG);
        return NULL;
    }
    if ((b->p == NULL || n > b->cap - b->len) && !enlarge(b, b->len + n))
        return NULL;
    return b->p + b->len;
}

void buf_grow(struct buf *b, size_t n)
{
    if (b->err)
        return;
    ASSERT(n <= b->cap - b->len);
    b->len += n;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
    char *to = n > 0 ? buf_room(b, n) : NULL;
    if (to == NULL)
        return;
    memcpy(to, p, n);
    b->len += n;
}

void buf_add_slice(struct buf *b, struct slice s)
{
    buf_add(b, s.p, s.len);
}

void buf_add_str(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_add_u64(struct buf *b, uint64_t n)
{
    char digits[20]; /* of UINT64_MAX */
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    buf_add(b, digits + at, sizeof(digits) - at);
}

void buf_add_i64(struct buf *b, int64_t n)
{
    if (n < 0)
        buf_add_char(b, '-');
    buf_add_u64(b, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

void buf_add_hex(struct buf *b, uint64_t n, unsigned digits)
{
    char text[16];
    ASSERT(digits <= sizeof(text));
    for (unsigned i = digits; i > 0; i--, n >>= 4)
        text[i - 1] = "0123456789abcdef"[n & 15];
    buf_add(b, text, digits);
}

void buf_drop(struct buf *b, size_t n)
{
    if (b->err)
        return;
    ASSERT(n <= b->len);
    b->len -= n;
    if (n > 0 && b->len > 0)
        memmove(b->p, b->p + n, b->len);
}

struct blob *buf_blob(struct buf *b, size_t head)
{
    if (b->err)
        return NULL;
    if (head > BLOB_MAX_BYTES || b->len > BLOB_MAX_BYTES - head) {
        fail(b, ERR_TOO_BIG);
        return NULL;
    }
    struct blob *blob = blob_new(head + b->len);
    if (blob == NULL) {
        fail(b, ERR_NO_MEMORY);
        return NULL;
    }
    if (b->len > 0)
        memcpy(blob->bytes + head, b->p, b->len);
    buf_reset(b);
    return blob;
}
