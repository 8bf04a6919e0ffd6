/* tar: what is read does not depend on the pieces that the bytes come in; a member's content is as
 * long as its head says; an archive is complete or not, once. What was read as a file can be
 * written, and is then read as the same. */
#include "proto/tar.h"

#include "fuzz.h"

#include <stdlib.h>

#define LOG_BYTES (8u << 20)

static void must(bool condition)
{
    if (!condition)
        abort();
}

/* The sums of heads are made right, or little would be behind them. */
static void mend(char *bytes, size_t size)
{
    for (size_t at = 0; at + TAR_BLOCK_BYTES <= size; at += TAR_BLOCK_BYTES) {
        char *h = bytes + at;
        unsigned sum = 0;
        if (memcmp(h + 257, "ustar", 5) != 0)
            continue;
        memset(h + 148, ' ', 8);
        for (size_t i = 0; i < TAR_BLOCK_BYTES; i++)
            sum += (unsigned char)h[i];
        for (size_t i = 6; i-- > 0; sum /= 8)
            h[148 + i] = (char)('0' + sum % 8);
        h[154] = '\0';
    }
}

static void check_written(const struct tar_member *m)
{
    struct tar_reader *r = malloc(sizeof(*r));
    struct tar_event e;
    struct buf out;
    buf_init(&out, TAR_HEAD_MAX);
    tar_reader_init(r);
    must(tar_write_head(&out, m) == 0);
    struct slice in = buf_slice(&out);
    must(tar_read(&e, r, &in) == 0 && e.type == TAR_MEMBER && in.len == 0);
    must(slice_eq(e.member.name, m->name) && e.member.bytes == m->bytes);
    must(e.member.mode == m->mode && e.member.modified_s == m->modified_s);
    buf_fini(&out);
    free(r);
}

struct reading {
    struct buf log; /* of all that was told */
    uint64_t left;
    bool is_in;
};

static void note_member(struct reading *n, const struct tar_member *m)
{
    must(!n->is_in && m->name.len > 0 && m->name.len <= TAR_NAME_MAX);
    must(m->type == TAR_FILE || m->bytes == 0);
    n->is_in = true;
    n->left = m->bytes;
    buf_add_slice(&n->log, m->name);
    buf_add_char(&n->log, '\0');
    buf_add_u64(&n->log, m->bytes);
    buf_add_u64(&n->log, m->type);
    if (m->type == TAR_FILE)
        check_written(m);
}

static void note_event(struct reading *n, const struct tar_event *e)
{
    must(e->type != TAR_NOTHING);
    if (e->type == TAR_MEMBER) {
        note_member(n, &e->member);
    } else if (e->type == TAR_DATA) {
        must(n->is_in && e->data.len > 0 && e->data.len <= n->left);
        n->left -= e->data.len;
        buf_add_slice(&n->log, e->data);
    } else if (e->type == TAR_MEMBER_END) {
        must(n->is_in && n->left == 0);
        n->is_in = false;
    } else {
        must(!n->is_in);
        buf_add_str(&n->log, "the end");
    }
}

static int read_all(struct reading *n, struct slice in, size_t piece)
{
    struct tar_reader *r = malloc(sizeof(*r));
    struct tar_event e;
    int err = ERR_AGAIN;
    *n = (struct reading){ .left = 0 };
    buf_init(&n->log, LOG_BYTES);
    tar_reader_init(r);
    while (in.len > 0 && err == ERR_AGAIN) {
        struct slice part = slice_take(in, piece);
        in = slice_drop(in, piece);
        while ((err = tar_read(&e, r, &part)) == 0)
            note_event(n, &e);
        must(err != ERR_AGAIN || part.len == 0);
    }
    buf_add_str(&n->log, tar_is_complete(r) ? "complete" : "not complete");
    free(r);
    return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reading whole, parts;
    if (size == 0)
        return 0;
    size_t piece = 1 + data[0] % 128 * 9;
    char *bytes = malloc(size);
    memcpy(bytes, data + 1, size - 1);
    if (data[0] & 0x80)
        mend(bytes, size - 1);
    int err = read_all(&whole, slice_of(bytes, size - 1), size);
    must(read_all(&parts, slice_of(bytes, size - 1), piece) == err);
    must(err == ERR_AGAIN || err == ERR_BAD_VALUE || err == ERR_TOO_BIG ||
        err == ERR_NOT_IMPLEMENTED);
    must(err != ERR_AGAIN || slice_eq(buf_slice(&whole.log), buf_slice(&parts.log)));
    buf_fini(&whole.log);
    buf_fini(&parts.log);
    free(bytes);
    return 0;
}
