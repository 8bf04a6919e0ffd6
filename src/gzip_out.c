#include "gzip_out.h"

#include "base/panic.h"
#include "base/xalloc.h"

#include <errno.h>
#include <unistd.h>
#include <zlib.h>

#define OUT_BYTES (64u << 10)
#define LEVEL     6
#define GZIP_BITS (15 + 16) /* zlib's way to ask for gzip */
#define MEMORY    8
#define PIECE_MAX (1u << 30) /* zlib counts in 32 bits */

struct gzip_out {
    int fd;
    bool is_gzip;
    int err;
    z_stream z;
    unsigned char out[OUT_BYTES];
};

struct gzip_out *gzip_out_new(int fd, bool is_gzip)
{
    struct gzip_out *g = xalloc(sizeof(*g));
    g->fd = fd;
    g->is_gzip = is_gzip;
    if (is_gzip)
        ASSERT(
            deflateInit2(&g->z, LEVEL, Z_DEFLATED, GZIP_BITS, MEMORY, Z_DEFAULT_STRATEGY) == Z_OK);
    return g;
}

void gzip_out_free(struct gzip_out *g)
{
    if (g != NULL && g->is_gzip)
        deflateEnd(&g->z);
    xfree(g);
}

static int write_all(struct gzip_out *g, struct slice s)
{
    while (s.len > 0 && !g->err) {
        ssize_t n = write(g->fd, s.p, s.len);
        if (n < 0 && errno != EINTR)
            g->err = ERR_IO;
        s = slice_drop(s, n > 0 ? (size_t)n : 0);
    }
    return g->err;
}

static int deflate_all(struct gzip_out *g, struct slice s, int flush)
{
    g->z.next_in = (unsigned char *)(uintptr_t)s.p;
    g->z.avail_in = (unsigned)s.len;
    do {
        g->z.next_out = g->out;
        g->z.avail_out = OUT_BYTES;
        int code = deflate(&g->z, flush);
        ASSERT(code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR);
        write_all(g, slice_of(g->out, OUT_BYTES - g->z.avail_out));
    } while (g->z.avail_out == 0 && !g->err);
    return g->err;
}

int gzip_out_add(struct gzip_out *g, struct slice s)
{
    if (!g->is_gzip)
        return write_all(g, s);
    while (s.len > 0 && !g->err) {
        struct slice piece = slice_take(s, PIECE_MAX);
        deflate_all(g, piece, Z_NO_FLUSH);
        s = slice_drop(s, piece.len);
    }
    return g->err;
}

int gzip_out_end(struct gzip_out *g)
{
    return g->is_gzip && !g->err ? deflate_all(g, S(""), Z_FINISH) : g->err;
}
