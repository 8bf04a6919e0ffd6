/* What goes through gzip_out comes out of gzip_in, compressed or not, and nothing that was damaged
 * does. */
#include "base/buf.h"
#include "gzip_in.h"
#include "gzip_out.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_BYTES (8u << 20)

static int memory_file(struct slice s)
{
    int fd = memfd_create("gzip", MFD_CLOEXEC);
    if (fd < 0 || write(fd, s.p, s.len) != (ssize_t)s.len || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    return fd;
}

static int read_all(struct buf *out, int fd)
{
    struct gzip_in *g = gzip_in_new(fd);
    struct slice piece = S("");
    int err;
    while ((err = gzip_in_read(&piece, g)) == 0 && piece.len > 0)
        buf_add_slice(out, piece);
    if (!err)
        err = gzip_in_read(&piece, g);
    gzip_in_free(g);
    close(fd);
    return err;
}

static int read_bytes(struct buf *out, struct slice s)
{
    buf_init(out, MAX_BYTES);
    return read_all(out, memory_file(s));
}

static void compress_to(struct buf *out, struct slice s, bool is_gzip, size_t piece)
{
    int fd = memfd_create("gzip", MFD_CLOEXEC);
    struct gzip_out *g = gzip_out_new(fd, is_gzip);
    int err = 0;
    for (; s.len > 0 && !err; s = slice_drop(s, piece))
        err = gzip_out_add(g, slice_take(s, piece));
    if (!err)
        err = gzip_out_end(g);
    is_int(err, 0, "written");
    gzip_out_free(g);
    off_t len = lseek(fd, 0, SEEK_END);
    buf_init(out, MAX_BYTES);
    char *p = buf_room(out, (size_t)len + 1);
    if (p == NULL || pread(fd, p, (size_t)len, 0) != len)
        abort();
    buf_grow(out, (size_t)len);
    close(fd);
}

/* Half of it compresses well, half not at all. */
static void fill(struct buf *b, size_t len)
{
    uint32_t x = 1;
    buf_init(b, MAX_BYTES);
    for (size_t i = 0; i < len; i++) {
        x = x * 1103515245u + 12345u;
        buf_add_char(b, i / 5000 % 2 ? 'a' : (char)(x >> 16));
    }
}

static void round_trips(void)
{
    static const size_t lengths[] = { 0, 1, 2, 511, 65535, 65536, 65537, 131072, 1000000 };
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        for (unsigned is_gzip = 0; is_gzip <= 1; is_gzip++) {
            struct buf in, packed, out;
            fill(&in, lengths[i]);
            compress_to(&packed, buf_slice(&in), is_gzip, 7001);
            is_int(
                read_bytes(&out, buf_slice(&packed)), 0, "%zu bytes, gzip %u", lengths[i], is_gzip);
            ok(slice_eq(buf_slice(&out), buf_slice(&in)), "come back");
            buf_fini(&in);
            buf_fini(&packed);
            buf_fini(&out);
        }
    }
}

/* Far more comes out than goes in. */
static void much_of_little(void)
{
    struct buf in, packed, out;
    buf_init(&in, MAX_BYTES);
    for (unsigned i = 0; i < 3000000; i++)
        buf_add_char(&in, '\0');
    compress_to(&packed, buf_slice(&in), true, 1 << 20);
    ok(packed.len < 10000, "%zu bytes", packed.len);
    is_int(read_bytes(&out, buf_slice(&packed)), 0, "are three million");
    ok(slice_eq(buf_slice(&out), buf_slice(&in)), "zeros");
    buf_fini(&in);
    buf_fini(&packed);
    buf_fini(&out);
}

static void damaged(void)
{
    struct buf in, packed, out;
    unsigned good = 0, unseen = 0;
    fill(&in, 3000);
    compress_to(&packed, buf_slice(&in), true, 3000);
    for (size_t len = 2; len < packed.len; len++) {
        good += read_bytes(&out, slice_of(packed.p, len)) == 0;
        buf_fini(&out);
    }
    is_int(good, 0, "no part of a gzip is one");
    for (size_t i = 0; i < packed.len; i++) { /* some bits mean nothing: a time, a few at the end */
        packed.p[i] ^= 0x40;
        int err = read_bytes(&out, buf_slice(&packed));
        unseen += i > 1 && err == 0 && !slice_eq(buf_slice(&out), buf_slice(&in));
        packed.p[i] ^= 0x40;
        buf_fini(&out);
    }
    is_int(unseen, 0, "and no change of it is a change of the content");
    buf_add_char(&packed, '\0');
    is_int(read_bytes(&out, buf_slice(&packed)), ERR_BAD_VALUE, "nor is there anything behind it");
    buf_fini(&out);
    buf_fini(&in);
    buf_fini(&packed);
}

/* A pipe brings what it has. */
static void from_a_pipe(void)
{
    struct buf in, packed, out;
    int fds[2];
    fill(&in, 20000);
    compress_to(&packed, buf_slice(&in), true, 20000);
    if (pipe2(fds, O_CLOEXEC) || write(fds[1], packed.p, packed.len) != (ssize_t)packed.len)
        abort();
    close(fds[1]);
    buf_init(&out, MAX_BYTES);
    is_int(read_all(&out, fds[0]), 0, "from a pipe");
    ok(slice_eq(buf_slice(&out), buf_slice(&in)), "as from a file");
    buf_fini(&in);
    buf_fini(&packed);
    buf_fini(&out);
}

static void full_disk(void)
{
    struct buf in;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    fill(&in, 1000000);
    for (unsigned is_gzip = 0; is_gzip <= 1; is_gzip++) {
        struct gzip_out *g = gzip_out_new(fd, is_gzip);
        is_int(gzip_out_add(g, buf_slice(&in)), ERR_IO, "a full disk");
        is_int(errno, ENOSPC, "is known as one");
        is_int(gzip_out_add(g, S("x")), ERR_IO, "and stays one");
        is_int(gzip_out_end(g), ERR_IO, "to the end");
        gzip_out_free(g);
    }
    close(fd);
    buf_fini(&in);
    buf_init(&in, MAX_BYTES);
    is_int(read_all(&in, open("/", O_RDONLY | O_CLOEXEC)), ERR_IO, "a folder cannot be read");
    buf_fini(&in);
}

int main(void)
{
    round_trips();
    much_of_little();
    damaged();
    from_a_pipe();
    full_disk();
    return done();
}
