/*
 * The bytes of permessage-deflate, by zlib. Each direction has a context, which is made when it is
 * first needed and, without context takeover, dropped behind each message: an idle connection has
 * none then. zlib allocates by the windows that the peer offered, through functions that may fail.
 * Output comes in steps, so that a maximum is met exactly, by what was made and not by what was
 * read.
 */
#include "proto/deflate.h"

#include "base/panic.h"
#include "base/xalloc.h"

#include <limits.h>
#include <zlib.h>

#define STEP_BYTES 16384 /* of output at a time */
#define TAIL_BYTES 4     /* 00 00 ff ff: RFC 7692 7.2.1 cuts it off a message, 7.2.2 puts it back */
#define LEVEL      3     /* on JSON 5 to 10 % larger than by level 6, and up to 1.4 times as fast */

/* How zlib says (inflate's data_type) that it stands behind a block that was not the last, on a
 * byte border. */
#define AT_BLOCK_BORDER 128

static const char tail[TAIL_BYTES] = { 0x00, 0x00, (char)0xff, (char)0xff };

struct deflate {
    struct deflate_params params;
    z_stream in;
    z_stream out;
    bool has_in; /* the context exists */
    bool has_out;
    bool is_begun;  /* bytes of a message were inflated */
    bool was_final; /* and so far they end with a block that said it is the last one */
};

struct deflate *deflate_new(const struct deflate_params *params)
{
    ASSERT(params->server_bits >= DEFLATE_MIN_BITS && params->server_bits <= DEFLATE_MAX_BITS);
    ASSERT(params->client_bits <= DEFLATE_MAX_BITS);
    struct deflate *d = xalloc(sizeof(*d));
    d->params = *params;
    return d;
}

static void drop_in(struct deflate *d)
{
    if (d->has_in)
        inflateEnd(&d->in);
    d->has_in = false;
}

static void drop_out(struct deflate *d)
{
    if (d->has_out)
        deflateEnd(&d->out);
    d->has_out = false;
}

void deflate_free(struct deflate *d)
{
    if (d == NULL)
        return;
    drop_in(d);
    drop_out(d);
    xfree(d);
}

/* zlib's memory is a peer's doing: it may fail. */
static void *z_alloc(void *opaque, uInt items, uInt size)
{
    (void)opaque;
    return xtry(NULL, (size_t)items * size);
}

static void z_free(void *opaque, void *p)
{
    (void)opaque;
    xfree(p);
}

/* Memory for output follows the input: a few bytes do not get a whole step. 0: `out` is full. */
static size_t step_bytes(const struct buf *out, size_t in_len)
{
    size_t want = in_len < STEP_BYTES / 4 ? 4 * in_len + 256 : STEP_BYTES;
    size_t left = out->max - out->len;
    return want < left ? want : left;
}

/* ---- inflating */

/* Clients whose zlib is old use 9 bits when they say 8; a larger window reads both. */
static int need_in(struct deflate *d)
{
    if (d->has_in)
        return 0;
    int bits = d->params.client_bits < DEFLATE_MIN_BITS ? DEFLATE_MIN_BITS : d->params.client_bits;
    d->in = (z_stream){ .zalloc = z_alloc, .zfree = z_free };
    if (inflateInit2(&d->in, -bits) != Z_OK)
        return ERR_NO_MEMORY;
    d->has_in = true;
    return 0;
}

/* One call of inflate(). A full `out` gets a spare byte, which must stay unused: only so do exactly
 * as many bytes as allowed pass. ERR_AGAIN: call again. */
static int inflate_step(struct buf *out, struct deflate *d)
{
    char spare;
    size_t room = step_bytes(out, d->in.avail_in), given = room > 0 ? room : sizeof(spare);
    char *p = room > 0 ? buf_room(out, room) : &spare;
    if (p == NULL)
        return buf_err(out);
    d->in.next_out = (Bytef *)p;
    d->in.avail_out = (uInt)given;
    int ret = inflate(&d->in, Z_SYNC_FLUSH);
    size_t made = given - d->in.avail_out;
    if (room > 0)
        buf_grow(out, made);
    else if (made > 0)
        return ERR_TOO_BIG;
    d->was_final = ret == Z_STREAM_END;
    /* A last block ends the stream for zlib, but not the message (RFC 7692 7.2.3.5). This forgets
     * the end and keeps the window, at no cost; a message may be full of such blocks. */
    if (d->was_final && inflateResetKeep(&d->in) != Z_OK)
        return ERR_INTERNAL;
    if (ret == Z_MEM_ERROR)
        return ERR_NO_MEMORY;
    if (ret != Z_OK && ret != Z_STREAM_END && ret != Z_BUF_ERROR)
        return ERR_PROTOCOL;
    bool may_hold_more = d->in.avail_out == 0 && !d->was_final;
    return d->in.avail_in > 0 || may_hold_more ? ERR_AGAIN : 0;
}

int deflate_inflate_part(struct buf *out, struct deflate *d, struct slice in)
{
    if (in.len == 0)
        return 0;
    if (in.len > UINT_MAX)
        return ERR_TOO_BIG;
    int err = need_in(d);
    if (err)
        return err;
    d->is_begun = true;
    d->in.next_in = (Bytef *)in.p;
    d->in.avail_in = (uInt)in.len;
    do
        err = inflate_step(out, d);
    while (err == ERR_AGAIN);
    return err;
}

/* Puts the tail back, after which zlib must stand at the end of a block. Some clients end with a
 * last block and nothing behind it, or send an empty message as no bytes at all: no tail then. */
int deflate_inflate_end(struct buf *out, struct deflate *d)
{
    int err = 0;
    if (d->is_begun && !d->was_final) {
        err = deflate_inflate_part(out, d, slice_of(tail, sizeof(tail)));
        if (!err && !d->was_final && d->in.data_type != AT_BLOCK_BORDER)
            err = ERR_PROTOCOL;
    }
    d->is_begun = false;
    if (d->params.client_no_takeover)
        drop_in(d);
    return err;
}

int deflate_inflate(struct buf *out, struct deflate *d, struct slice in)
{
    int err = deflate_inflate_part(out, d, in);
    return err ? err : deflate_inflate_end(out, d);
}

/* ---- deflating */

/* zlib takes 2^(bits + 2) + 2^(mem_level + 9) bytes: a small window gets small tables too, and a
 * connection with 12 bits costs 32 KiB instead of 144. */
static int need_out(struct deflate *d)
{
    if (d->has_out)
        return 0;
    int bits = d->params.server_bits, mem_level = bits > 12 ? 8 : bits - 7;
    d->out = (z_stream){ .zalloc = z_alloc, .zfree = z_free };
    if (deflateInit2(&d->out, LEVEL, Z_DEFLATED, -bits, mem_level, Z_DEFAULT_STRATEGY) != Z_OK)
        return ERR_NO_MEMORY;
    d->has_out = true;
    return 0;
}

/* A step that ends exactly with its room makes zlib add a second flush mark: harmless, it is an
 * empty block. */
static int deflate_all(struct buf *out, struct deflate *d, struct slice in)
{
    d->out.next_in = (Bytef *)in.p;
    d->out.avail_in = (uInt)in.len;
    do {
        size_t room = step_bytes(out, d->out.avail_in);
        char *p = room > 0 ? buf_room(out, room) : NULL;
        if (p == NULL)
            return room > 0 ? buf_err(out) : ERR_TOO_BIG;
        d->out.next_out = (Bytef *)p;
        d->out.avail_out = (uInt)room;
        int ret = deflate(&d->out, Z_SYNC_FLUSH);
        if (ret != Z_OK && ret != Z_BUF_ERROR)
            return ERR_INTERNAL;
        buf_grow(out, room - d->out.avail_out);
    } while (d->out.avail_out == 0);
    return 0;
}

int deflate_deflate(struct buf *out, struct deflate *d, struct slice in)
{
    if (in.len == 0) { /* an empty block without its tail: RFC 7692 7.2.3.6 */
        buf_add_char(out, 0);
        return buf_err(out);
    }
    if (in.len > UINT_MAX)
        return ERR_TOO_BIG;
    size_t before = out->len;
    int err = need_out(d);
    if (!err)
        err = deflate_all(out, d, in);
    /* After an error the peer never sees these bytes: the next message must not refer to them. */
    if (err || d->params.server_no_takeover)
        drop_out(d);
    if (err) {
        out->len = out->len > before ? before : out->len;
        return err;
    }
    ASSERT(out->len - before >= TAIL_BYTES);
    out->len -= TAIL_BYTES;
    return 0;
}
