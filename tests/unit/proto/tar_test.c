/* What is written is read again, in pieces of every size; and nothing that was changed is. */
#include "proto/tar.h"

#include "tap.h"

#include <stdio.h>
#include <stdlib.h>

#define ARCHIVE_BYTES (1u << 20)
#define LONG_NAME     300u
#define GIB           (1ull << 30)

/* ---- a reader that writes down what it is told ---- */

struct told {
    struct buf text;
    int err;
    bool is_complete;
};

static const char *const types[] = {
    [TAR_FILE] = "file", [TAR_FOLDER] = "folder", [TAR_LINK] = "link", [TAR_OTHER] = "other"
};

static void note_event(struct told *t, const struct tar_event *e)
{
    const struct tar_member *m = &e->member;
    switch (e->type) {
    case TAR_MEMBER:
        buf_add_str(&t->text, types[m->type]);
        buf_add_char(&t->text, ' ');
        buf_add_slice(&t->text, m->name);
        buf_add_char(&t->text, ' ');
        buf_add_u64(&t->text, m->bytes);
        buf_add_str(&t->text, m->mode == 0600 ? " 0600 " : " ? ");
        buf_add_i64(&t->text, m->modified_s);
        buf_add_str(&t->text, " [");
        return;
    case TAR_DATA:
        buf_add_slice(&t->text, e->data);
        return;
    case TAR_MEMBER_END:
        buf_add_str(&t->text, "]\n");
        return;
    case TAR_END:
        buf_add_str(&t->text, "end\n");
        return;
    case TAR_NOTHING:
        buf_add_str(&t->text, "nothing?");
    }
}

static void read_pieces(struct told *t, struct slice in, size_t piece)
{
    struct tar_reader *r = malloc(sizeof(*r));
    struct tar_event e;
    tar_reader_init(r);
    buf_init(&t->text, 4 * ARCHIVE_BYTES);
    t->err = 0;
    while (in.len > 0 && (t->err == 0 || t->err == ERR_AGAIN)) {
        struct slice part = slice_take(in, piece);
        in = slice_drop(in, piece);
        while ((t->err = tar_read(&e, r, &part)) == 0)
            note_event(t, &e);
    }
    t->is_complete = tar_is_complete(r);
    free(r);
}

static void told_fini(struct told *t)
{
    buf_fini(&t->text);
}

/* ---- an archive ---- */

static void add(struct buf *out, const char *name, struct slice content)
{
    struct tar_member m = {
        .name = slice_str(name), .bytes = content.len, .mode = 0600, .modified_s = 1700000000
    };
    is_int(tar_write_head(out, &m), 0, "a head for a name of %zu bytes", strlen(name));
    buf_add_slice(out, content);
    tar_write_padding(out, content.len);
}

static void fill_name(char *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (char)('a' + i % 26);
    out[len] = '\0';
}

static void archive(struct buf *out, struct buf *says)
{
    char name[LONG_NAME + 1];
    char block[TAR_BLOCK_BYTES];
    memset(block, 'b', sizeof(block));
    fill_name(name, LONG_NAME);
    buf_init(out, ARCHIVE_BYTES);
    buf_init(says, ARCHIVE_BYTES);
    add(out, "one", S("content"));
    add(out, "empty", S(""));
    add(out, name, S("of a long name"));
    add(out, "whole/block", slice_of(block, sizeof(block)));
    tar_write_end(out);
    buf_add_str(
        says, "file one 7 0600 1700000000 [content]\nfile empty 0 0600 1700000000 []\nfile ");
    buf_add_str(says, name);
    buf_add_str(
        says, " 14 0600 1700000000 [of a long name]\nfile whole/block 512 0600 1700000000 [");
    buf_add(says, block, sizeof(block));
    buf_add_str(says, "]\nend\n");
    is_int(buf_err(out), 0, "an archive");
    is_int(out->len % TAR_BLOCK_BYTES, 0, "of whole blocks");
}

static void round_trip(void)
{
    static const size_t pieces[] = { 1, 2, 7, 511, 512, 513, 4096, ARCHIVE_BYTES };
    struct buf out, says;
    archive(&out, &says);
    for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
        struct told t;
        read_pieces(&t, buf_slice(&out), pieces[i]);
        is_int(t.err, ERR_AGAIN, "read in pieces of %zu", pieces[i]);
        ok(t.is_complete, "to its end");
        ok(slice_eq(buf_slice(&t.text), buf_slice(&says)), "as it was written");
        told_fini(&t);
    }
    buf_fini(&out);
    buf_fini(&says);
}

/* A changed byte of a content is another content, and one of the records, which have no sum, may be
 * another name, or another key. All other bytes are watched over. */
static void changed_bytes(void)
{
    struct buf out, says;
    struct told t;
    unsigned unseen = 0, same = 0;
    archive(&out, &says);
    for (size_t i = 0; i < out.len; i++) {
        out.p[i] ^= 0x10;
        read_pieces(&t, buf_slice(&out), ARCHIVE_BYTES);
        bool is_read = t.err == ERR_AGAIN && t.is_complete;
        unseen += is_read;
        same += is_read && slice_eq(buf_slice(&t.text), buf_slice(&says));
        out.p[i] ^= 0x10;
        told_fini(&t);
    }
    is_int(unseen, 7 + 14 + TAR_BLOCK_BYTES + LONG_NAME + strlen("path"), "what can be changed");
    is_int(same, 0, "is another archive then");
    buf_fini(&out);
    buf_fini(&says);
}

static void cut_short(void)
{
    struct buf out, says;
    struct told t;
    unsigned complete = 0, faults = 0;
    archive(&out, &says);
    for (size_t len = 0; len < out.len; len++) {
        read_pieces(&t, slice_of(out.p, len), 4096);
        complete += t.is_complete;
        faults += len > 0 && t.err != ERR_AGAIN;
        told_fini(&t);
    }
    is_int(complete, 0, "no part of an archive is an archive");
    is_int(faults, 0, "it only waits for more");
    for (size_t i = 0; i < 20; i++)
        tar_write_end(&out);
    read_pieces(&t, buf_slice(&out), 4096);
    ok(t.is_complete && t.err == ERR_AGAIN, "zeros may follow the end");
    told_fini(&t);
    buf_add_char(&out, 'x');
    read_pieces(&t, buf_slice(&out), 4096);
    is_int(t.err, ERR_BAD_VALUE, "nothing else may");
    told_fini(&t);
    buf_fini(&out);
    buf_fini(&says);
}

/* ---- large and long ---- */

static void sizes(void)
{
    static const uint64_t bytes[] = { 8 * GIB - 1, 8 * GIB, 9 * GIB, 1ull << 50, INT64_MAX };
    for (size_t i = 0; i < sizeof(bytes) / sizeof(*bytes); i++) {
        struct tar_member m = { .name = S("large"), .bytes = bytes[i], .mode = 0600 };
        struct tar_reader r;
        struct tar_event e;
        struct buf out;
        buf_init(&out, TAR_HEAD_MAX);
        tar_reader_init(&r);
        is_int(
            tar_write_head(&out, &m), 0, "a content of %llu bytes", (unsigned long long)bytes[i]);
        is_int(out.len, bytes[i] < 8 * GIB ? 512 : 1536, "has an extended head if it must");
        struct slice in = buf_slice(&out);
        is_int(tar_read(&e, &r, &in), 0, "which is read");
        ok(e.type == TAR_MEMBER && e.member.bytes == bytes[i], "as the same");
        is_int(tar_read(&e, &r, &in), ERR_AGAIN, "and its content waited for");
        buf_fini(&out);
    }
}

static void names(void)
{
    char name[TAR_NAME_MAX + 2];
    unsigned bad = 0;
    for (size_t len = 1; len <= TAR_NAME_MAX; len++) {
        struct tar_member m = { .mode = 0600 };
        struct tar_reader r;
        struct tar_event e;
        struct buf out;
        fill_name(name, len);
        m.name = slice_str(name);
        buf_init(&out, TAR_HEAD_MAX);
        tar_reader_init(&r);
        bad += tar_write_head(&out, &m) != 0;
        struct slice in = buf_slice(&out);
        bad += tar_read(&e, &r, &in) != 0 || !slice_eq(e.member.name, m.name);
        buf_fini(&out);
    }
    is_int(bad, 0, "names of every length up to %u bytes", TAR_NAME_MAX);
    fill_name(name, TAR_NAME_MAX + 1);
    struct buf out;
    buf_init(&out, TAR_HEAD_MAX);
    is_int(tar_write_head(&out, &(struct tar_member){ .name = slice_str(name) }), ERR_TOO_BIG,
        "longer ones are not");
    is_int(tar_write_head(&out, &(struct tar_member){ .name = S("") }), ERR_BAD_VALUE, "nor none");
    is_int(tar_write_head(&out, &(struct tar_member){ .name = S("a\0b") }), ERR_BAD_VALUE,
        "nor one with a NUL");
    is_int(tar_write_head(&out, &(struct tar_member){ .name = S("a"), .modified_s = -1 }),
        ERR_BAD_VALUE, "nor times before there were files");
    is_int(out.len, 0, "and nothing is written of them");
    buf_init(&out, 100);
    is_int(tar_write_head(&out, &(struct tar_member){ .name = S("a") }), ERR_TOO_BIG, "no place");
    buf_fini(&out);
}

/* ---- what others write ---- */

struct head {
    const char *name;
    char type;
    const char *size; /* NULL: "0" */
    const char *magic;
    const char *prefix;
    int err; /* 0: it is read */
    const char *says;
};

static const struct head heads[] = {
    { .name = "a", .type = '0', .says = "file a 0 ? 0 []\n" },
    { .name = "a", .type = '\0', .says = "file a 0 ? 0 []\n" },
    { .name = "a", .type = '0', .prefix = "in/it", .says = "file in/it/a 0 ? 0 []\n" },
    { .name = "../a", .type = '0', .says = "file ../a 0 ? 0 []\n" },
    { .name = "a", .type = '1', .says = "link a 0 ? 0 []\n" },
    { .name = "a", .type = '2', .says = "link a 0 ? 0 []\n" },
    { .name = "a/", .type = '5', .says = "folder a/ 0 ? 0 []\n" },
    { .name = "a", .type = '3', .says = "other a 0 ? 0 []\n" },
    { .name = "a", .type = 'g', .says = "other a 0 ? 0 []\n" },
    { .name = "a", .type = 'L', .says = "other a 0 ? 0 []\n" },
    { .name = "", .type = '0', .err = ERR_BAD_VALUE },
    { .name = "a", .type = '2', .size = "7", .err = ERR_BAD_VALUE },
    { .name = "a", .type = 'L', .size = "7", .err = ERR_BAD_VALUE },
    { .name = "a", .type = '0', .size = "", .err = ERR_BAD_VALUE },
    { .name = "a", .type = '0', .size = "8", .err = ERR_BAD_VALUE },
    { .name = "a", .type = '0', .size = "-1", .err = ERR_BAD_VALUE },
    { .name = "a", .type = '0', .size = " 1", .err = ERR_BAD_VALUE },
    { .name = "a", .type = '0', .size = "0 1", .err = ERR_BAD_VALUE },
    { .name = "a", .type = '0', .size = "777777777777", .err = ERR_BAD_VALUE },
    { .name = "a", .type = '0', .size = "\x80", .err = ERR_BAD_VALUE },
    { .name = "a", .type = '0', .magic = "ustar  ", .err = ERR_NOT_IMPLEMENTED },
    { .name = "a", .type = '0', .magic = "", .err = ERR_NOT_IMPLEMENTED },
    { .name = "a", .type = 'x', .err = ERR_BAD_VALUE },
    { .name = "a", .type = 'x', .size = "10001", .err = ERR_TOO_BIG },
};

static void put(char *block, size_t at, const char *text, size_t len)
{
    if (text != NULL)
        memcpy(block + at, text, len);
}

static void make_head(char block[TAR_BLOCK_BYTES], const struct head *h)
{
    const char *size = h->size != NULL ? h->size : "0";
    unsigned sum = 0;
    memset(block, 0, TAR_BLOCK_BYTES);
    put(block, 0, h->name, strlen(h->name));
    put(block, 100, "0000644", 7);
    put(block, 124, size, strlen(size));
    put(block, 136, "0", 1);
    block[156] = h->type;
    memcpy(block + 257, "ustar\00000", 8);
    if (h->magic != NULL)
        snprintf(block + 257, 8, "%s", h->magic);
    put(block, 345, h->prefix, h->prefix != NULL ? strlen(h->prefix) : 0);
    memset(block + 148, ' ', 8);
    for (size_t i = 0; i < TAR_BLOCK_BYTES; i++)
        sum += (unsigned char)block[i];
    snprintf(block + 148, 7, "%06o", sum);
}

static void foreign_heads(void)
{
    for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
        char bytes[3 * TAR_BLOCK_BYTES] = { 0 };
        struct told t;
        make_head(bytes, &heads[i]);
        read_pieces(&t, slice_of(bytes, sizeof(bytes)), 100);
        is_int(t.err, heads[i].err ? heads[i].err : ERR_AGAIN, "head %zu: name \"%s\", type %d", i,
            heads[i].name, heads[i].type);
        if (!heads[i].err)
            ok(slice_starts(buf_slice(&t.text), slice_str(heads[i].says)), "%s", heads[i].says);
        told_fini(&t);
    }
}

struct records {
    struct slice text;
    int err;
    const char *says; /* of the file "a" with 5 bytes behind it */
};

static const struct records records[] = {
    { SLICE("11 path=bb\n"), 0, "file bb 5 ? 0 [12345]\n" },
    { SLICE("10 size=5\n11 path=bb\n"), 0, "file bb 5 ? 0 [12345]\n" },
    { SLICE("20 mtime=123.456789\n"), 0, "file a 5 ? 0 [12345]\n" },
    { SLICE("5 =x\n"), 0, "file a 5 ? 0 [12345]\n" },
    { SLICE("10 path=b\n10 path=c\n"), 0, "file c 5 ? 0 [12345]\n" },
    { SLICE("9 path=\n"), ERR_BAD_VALUE, NULL },
    { SLICE("8 path=\n"), ERR_BAD_VALUE, NULL },
    { SLICE("10 path=b"), ERR_BAD_VALUE, NULL },
    { SLICE("10 path=bb"), ERR_BAD_VALUE, NULL },
    { SLICE("11 path=b\0\n"), ERR_BAD_VALUE, NULL },
    { SLICE("10 path=b\n3"), ERR_BAD_VALUE, NULL },
    { SLICE("10 path b\n"), ERR_BAD_VALUE, NULL },
    { SLICE("path=b\n"), ERR_BAD_VALUE, NULL },
    { SLICE(" path=b\n"), ERR_BAD_VALUE, NULL },
    { SLICE("0 path=b\n"), ERR_BAD_VALUE, NULL },
    { SLICE("2 path=b\n"), ERR_BAD_VALUE, NULL },
    { SLICE("-9 path=b\n"), ERR_BAD_VALUE, NULL },
    { SLICE("99999999999999999999999 path=b\n"), ERR_BAD_VALUE, NULL },
    { SLICE("10 size=x\n"), ERR_BAD_VALUE, NULL },
    { SLICE("9 size=\n"), ERR_BAD_VALUE, NULL },
    { SLICE("28 size=9223372036854775808\n"), ERR_BAD_VALUE, NULL },
    { SLICE("22 GNU.sparse.major=1\n"), ERR_NOT_IMPLEMENTED, NULL },
    { SLICE("23 GNU.sparse.major=1\n"), ERR_BAD_VALUE, NULL },
    { SLICE("25 GNU.sparse.realsize=1\n"), ERR_NOT_IMPLEMENTED, NULL },
};

/* An extended head with these records, as others could write it, then a file. */
static size_t make_extended(char *bytes, struct slice text)
{
    char size[16];
    size_t at = TAR_BLOCK_BYTES;
    snprintf(size, sizeof(size), "%zo", text.len);
    make_head(bytes, &(struct head){ .name = "x", .type = 'x', .size = size });
    memcpy(bytes + at, text.p, text.len);
    at += TAR_BLOCK_BYTES;
    make_head(bytes + at, &(struct head){ .name = "a", .type = '0', .size = "5" });
    memcpy(bytes + at + TAR_BLOCK_BYTES, "12345", 5);
    return at + 4 * TAR_BLOCK_BYTES;
}

static void extended_heads(void)
{
    char bytes[8 * TAR_BLOCK_BYTES];
    struct told t;
    for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++) {
        memset(bytes, 0, sizeof(bytes));
        size_t len = make_extended(bytes, records[i].text);
        read_pieces(&t, slice_of(bytes, len), 77);
        is_int(t.err, records[i].err ? records[i].err : ERR_AGAIN, "records %zu: %s", i,
            records[i].text.p);
        if (!records[i].err)
            ok(t.is_complete && slice_starts(buf_slice(&t.text), slice_str(records[i].says)), "%s",
                records[i].says);
        told_fini(&t);
    }
    memset(bytes, 0, sizeof(bytes));
    make_extended(bytes, S("10 path=b\n"));
    memset(bytes + 2 * TAR_BLOCK_BYTES, 0, 2 * TAR_BLOCK_BYTES);
    read_pieces(&t, slice_of(bytes, sizeof(bytes)), 512);
    is_int(t.err, ERR_BAD_VALUE, "an extended head and no member");
    told_fini(&t);
    memset(bytes, 0, sizeof(bytes));
    make_extended(bytes, S("10 path=b\n"));
    memcpy(bytes + 2 * TAR_BLOCK_BYTES, bytes, 2 * TAR_BLOCK_BYTES);
    read_pieces(&t, slice_of(bytes, sizeof(bytes)), 512);
    is_int(t.err, ERR_BAD_VALUE, "two extended heads for one member");
    told_fini(&t);
}

static void errors_stay(void)
{
    char bytes[TAR_BLOCK_BYTES];
    struct tar_reader r;
    struct tar_event e;
    struct slice in = slice_of(bytes, sizeof(bytes));
    memset(bytes, 'x', sizeof(bytes));
    tar_reader_init(&r);
    is_int(tar_read(&e, &r, &in), ERR_BAD_VALUE, "no archive");
    memset(bytes, 0, sizeof(bytes));
    in = slice_of(bytes, sizeof(bytes));
    is_int(tar_read(&e, &r, &in), ERR_BAD_VALUE, "and none later");
    ok(!tar_is_complete(&r), "nor complete");
    in = S("");
    tar_reader_init(&r);
    is_int(tar_read(&e, &r, &in), ERR_AGAIN, "nothing is the beginning of anything");
    ok(!tar_is_complete(&r), "but complete it is not");
}

int main(void)
{
    round_trip();
    changed_bytes();
    cut_short();
    sizes();
    names();
    foreign_heads();
    extended_heads();
    errors_stay();
    return done();
}
