#include "gzip_in.h"

#include "base/panic.h"
#include "base/xalloc.h"
#include "interruption.h"

#include <errno.h>
#include <unistd.h>
#include <zlib.h>

#define PIECE_BYTES (64u << 10)
#define GZIP_BITS   (15 + 16) /* zlib's way to ask for gzip */

struct gzip_in {
    int fd;
    bool has_begun;
    bool is_gzip;
    bool is_full; /* the last piece was, so there may be more of it */
    bool is_over; /* the end of the gzip was seen */
    z_stream z;
    unsigned char in[PIECE_BYTES];
    unsigned char out[PIECE_BYTES];
};

struct gzip_in *gzip_in_new(int fd)
{
    struct gzip_in *g = xalloc(sizeof(*g));
    g->fd = fd;
    return g;
}

void gzip_in_free(struct gzip_in *g)
{
    if (g != NULL && g->is_gzip)
        inflateEnd(&g->z);
    xfree(g);
}

/* A whole piece, but for the last one: a pipe gives less. */
static int fill(size_t *len, struct gzip_in *g)
{
    ssize_t n = 1;
    *len = 0;
    while (*len < PIECE_BYTES && n != 0) {
        if (!interruption_wait(g->fd))
            return ERR_DRAINING;
        n = read(g->fd, g->in + *len, PIECE_BYTES - *len);
        if (n < 0 && errno != EINTR)
            return ERR_IO;
        *len += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static void begin(struct gzip_in *g, size_t len)
{
    g->has_begun = true;
    g->is_gzip = len >= 2 && g->in[0] == 0x1f && g->in[1] == 0x8b;
    if (g->is_gzip)
        ASSERT(inflateInit2(&g->z, GZIP_BITS) == Z_OK);
}

/* ERR_AGAIN: nothing came of what was there. */
static int inflate_some(struct slice *out, struct gzip_in *g)
{
    g->z.next_out = g->out;
    g->z.avail_out = PIECE_BYTES;
    int code = inflate(&g->z, Z_NO_FLUSH);
    *out = slice_of(g->out, PIECE_BYTES - g->z.avail_out);
    g->is_full = g->z.avail_out == 0;
    g->is_over = code == Z_STREAM_END;
    bool is_good = code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR;
    if (!is_good || (g->is_over && g->z.avail_in > 0))
        return ERR_BAD_VALUE;
    return out->len > 0 ? 0 : ERR_AGAIN;
}

/* Behind the end of the gzip there is nothing; before it there is more. */
static int refill(struct gzip_in *g)
{
    size_t len;
    int err = fill(&len, g);
    g->z.next_in = g->in;
    g->z.avail_in = (unsigned)len;
    if (err)
        return err;
    return g->is_over == (len == 0) ? 0 : ERR_BAD_VALUE;
}

static int read_gzip(struct slice *out, struct gzip_in *g)
{
    int err = ERR_AGAIN;
    while (err == ERR_AGAIN && !g->is_over) {
        err = g->z.avail_in > 0 || g->is_full ? 0 : refill(g);
        if (!err)
            err = inflate_some(out, g);
    }
    if (err != ERR_AGAIN)
        return err;
    *out = S("");
    return refill(g);
}

int gzip_in_read(struct slice *out, struct gzip_in *g)
{
    size_t len;
    *out = S("");
    if (g->is_gzip)
        return read_gzip(out, g);
    int err = fill(&len, g);
    if (err)
        return err;
    if (!g->has_begun)
        begin(g, len);
    if (!g->is_gzip) {
        *out = slice_of(g->in, len);
        return 0;
    }
    g->z.next_in = g->in;
    g->z.avail_in = (unsigned)len;
    return read_gzip(out, g);
}
