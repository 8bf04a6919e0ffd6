#include "proto/tar_head.h"

#define PAX_MODE 0600

static void put_octal(char *field, size_t len, uint64_t n)
{
    for (size_t i = len - 1; i-- > 0; n /= 8)
        field[i] = (char)('0' + n % 8);
}

#define PUT_OCTAL(field, n) put_octal((field), sizeof(field), (n))

static void add_head(struct buf *out, char type, const struct tar_member *m)
{
    struct tar_head h = { .type = type };
    struct slice name = slice_take(m->name, sizeof(h.name));
    memcpy(h.name, name.p, name.len);
    PUT_OCTAL(h.mode, m->mode & 07777);
    PUT_OCTAL(h.uid, 0);
    PUT_OCTAL(h.gid, 0);
    PUT_OCTAL(h.size, m->bytes > TAR_SIZE_MAX ? 0 : m->bytes);
    PUT_OCTAL(h.mtime, (uint64_t)m->modified_s & TAR_SIZE_MAX);
    memcpy(h.magic, TAR_MAGIC, sizeof(h.magic));
    put_octal(h.sum, sizeof(h.sum) - 1, tar_sum(&h));
    h.sum[sizeof(h.sum) - 1] = ' ';
    buf_add(out, &h, sizeof(h));
}

static size_t digits_of(size_t n)
{
    size_t digits = 1;
    while (n >= 10) {
        n /= 10;
        digits++;
    }
    return digits;
}

/* A record begins with its own length, which counts the digits that say it. */
static void add_record(struct buf *out, const char *key, struct slice value)
{
    size_t rest = strlen(key) + value.len + strlen(" =\n");
    size_t len = rest + digits_of(rest);
    if (digits_of(len) > digits_of(rest))
        len = rest + digits_of(len);
    buf_add_u64(out, len);
    buf_add_char(out, ' ');
    buf_add_str(out, key);
    buf_add_char(out, '=');
    buf_add_slice(out, value);
    buf_add_char(out, '\n');
}

static void add_records(struct buf *out, const struct tar_member *m)
{
    char text[24];
    struct buf number;
    buf_init(&number, sizeof(text));
    buf_add_u64(&number, m->bytes);
    if (m->name.len > sizeof(((struct tar_head *)0)->name))
        add_record(out, "path", m->name);
    if (m->bytes > TAR_SIZE_MAX)
        add_record(out, "size", buf_slice(&number));
    buf_fini(&number);
}

static void add_extended_head(struct buf *out, const struct tar_member *m)
{
    struct buf records;
    struct tar_member pax = { .name = S("pax"), .mode = PAX_MODE };
    buf_init(&records, TAR_PAX_MAX);
    add_records(&records, m);
    pax.bytes = records.len;
    if (records.len > 0) {
        add_head(out, TAR_TYPE_PAX, &pax);
        buf_add_slice(out, buf_slice(&records));
        tar_write_padding(out, records.len);
    }
    buf_fini(&records);
}

int tar_write_head(struct buf *out, const struct tar_member *m)
{
    if (m->name.len == 0 || slice_find(m->name, '\0') >= 0 || m->modified_s < 0)
        return ERR_BAD_VALUE;
    if (m->name.len > TAR_NAME_MAX)
        return ERR_TOO_BIG;
    add_extended_head(out, m);
    add_head(out, TAR_TYPE_FILE, m);
    return buf_err(out);
}

static void add_zeros(struct buf *out, size_t n)
{
    static const char zeros[TAR_BLOCK_BYTES];
    buf_add(out, zeros, n);
}

void tar_write_padding(struct buf *out, uint64_t bytes)
{
    add_zeros(out, tar_padding(bytes));
}

void tar_write_end(struct buf *out)
{
    add_zeros(out, TAR_BLOCK_BYTES);
    add_zeros(out, TAR_BLOCK_BYTES);
}
