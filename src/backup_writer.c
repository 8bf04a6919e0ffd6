/* The manifest is written while members are added: it is an open object with the open list of
 * members as its last part. What is missing gathers beside it. */
#include "backup_writer.h"

#include "backup_manifest.h"
#include "base/xalloc.h"
#include "gzip_out.h"
#include "interruption.h"
#include "proto/tar.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define MODE        0600
#define PIECE_BYTES (256u << 10)

struct backup_writer {
    struct gzip_out *out;
    struct checksum *sum;
    struct buf head; /* of a member, or what is behind it */
    struct buf manifest;
    struct json_writer w;
    struct buf missing;
    struct json_writer missing_w;
    uint64_t remote_files;
    int64_t now_ms;
    bool has_members;
    char piece[PIECE_BYTES];
};

struct backup_writer *backup_writer_new(const struct backup_writer_settings *s)
{
    struct backup_writer *w = xalloc(sizeof(*w));
    w->out = gzip_out_new(s->fd, s->is_gzip);
    w->sum = checksum_new();
    w->now_ms = s->now_ms;
    buf_init(&w->head, TAR_HEAD_MAX);
    buf_init(&w->manifest, BACKUP_MANIFEST_BYTES);
    buf_init(&w->missing, BACKUP_MANIFEST_BYTES);
    jw_init(&w->w, &w->manifest);
    jw_init(&w->missing_w, &w->missing);
    jw_array(&w->missing_w);
    jw_object(&w->w);
    jw_field_i64(&w->w, "format", BACKUP_FORMAT);
    jw_field_str(&w->w, "stoa", slice_str(s->stoa));
    jw_field_u64(&w->w, "schema", s->schema);
    jw_field_time(&w->w, "createdAt", s->now_ms);
    jw_field_object(&w->w, "rows");
    return w;
}

void backup_writer_free(struct backup_writer *w)
{
    if (w == NULL)
        return;
    gzip_out_free(w->out);
    checksum_free(w->sum);
    buf_fini(&w->head);
    buf_fini(&w->manifest);
    buf_fini(&w->missing);
    xfree(w);
}

void backup_writer_rows(struct backup_writer *w, const char *table, uint64_t rows)
{
    jw_field_u64(&w->w, table, rows);
}

/* The list of members begins where the tables end. */
static void begin_members(struct backup_writer *w)
{
    if (w->has_members)
        return;
    w->has_members = true;
    jw_end(&w->w);
    jw_field_array(&w->w, "members");
}

static void list_member(struct backup_writer *w, const char *name, uint64_t bytes)
{
    char sum[CHECKSUM_CHARS + 1];
    checksum_end(sum, w->sum);
    begin_members(w);
    jw_object(&w->w);
    jw_field_str(&w->w, "name", slice_str(name));
    jw_field_u64(&w->w, "bytes", bytes);
    jw_field_str(&w->w, "sha256", slice_str(sum));
    jw_end(&w->w);
}

void backup_writer_miss(struct backup_writer *w, struct slice id, uint64_t bytes)
{
    jw_object(&w->missing_w);
    jw_field_str(&w->missing_w, "id", id);
    jw_field_u64(&w->missing_w, "bytes", bytes);
    jw_end(&w->missing_w);
}

void backup_writer_pass_over(struct backup_writer *w)
{
    w->remote_files++;
}

/* ---- members ---- */

/* Sends what is in `head`. */
static int send(struct backup_writer *w)
{
    int err = buf_err(&w->head);
    if (!err)
        err = gzip_out_add(w->out, buf_slice(&w->head));
    buf_reset(&w->head);
    return err;
}

static int send_head(struct backup_writer *w, const char *name, uint64_t bytes)
{
    const struct tar_member m = {
        .name = slice_str(name),
        .bytes = bytes,
        .mode = MODE,
        .modified_s = w->now_ms / 1000,
    };
    int err = tar_write_head(&w->head, &m);
    return err ? err : send(w);
}

static int send_padding(struct backup_writer *w, uint64_t bytes)
{
    tar_write_padding(&w->head, bytes);
    return send(w);
}

static int send_piece(struct backup_writer *w, struct slice piece)
{
    if (interruption_is_due())
        return ERR_DRAINING;
    checksum_add(w->sum, piece);
    return gzip_out_add(w->out, piece);
}

static int send_content(struct backup_writer *w, int fd, uint64_t bytes)
{
    int err = 0;
    while (bytes > 0 && !err) {
        ssize_t n = read(fd, w->piece, bytes < PIECE_BYTES ? (size_t)bytes : PIECE_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 ? ERR_CLOSED : ERR_IO;
        bytes -= (uint64_t)n;
        err = send_piece(w, slice_of(w->piece, (size_t)n));
    }
    return err;
}

int backup_writer_add(struct backup_writer *w, const char *name, int fd, uint64_t bytes)
{
    int err = send_head(w, name, bytes);
    if (!err)
        err = send_content(w, fd, bytes);
    if (!err)
        err = send_padding(w, bytes);
    if (!err)
        list_member(w, name, bytes);
    return err;
}

/* ---- the end ---- */

static int send_text(struct backup_writer *w, const char *name, struct slice text)
{
    int err = send_head(w, name, text.len);
    if (!err)
        err = send_piece(w, text);
    return err ? err : send_padding(w, text.len);
}

static void end_manifest(struct backup_writer *w)
{
    begin_members(w);
    jw_end(&w->w);
    jw_end(&w->missing_w);
    jw_field_raw(&w->w, "missing", buf_slice(&w->missing));
    jw_field_u64(&w->w, "remoteFiles", w->remote_files);
    jw_end(&w->w);
    buf_add_char(&w->manifest, '\n');
}

static int send_manifest(struct backup_writer *w)
{
    char sum[CHECKSUM_CHARS + 1];
    char line[CHECKSUM_CHARS + sizeof("  " BACKUP_MANIFEST "\n")];
    end_manifest(w);
    int err = buf_err(&w->missing);
    if (!err)
        err = buf_err(&w->manifest);
    if (!err)
        err = send_text(w, BACKUP_MANIFEST, buf_slice(&w->manifest));
    if (err)
        return err;
    checksum_end(sum, w->sum);
    snprintf(line, sizeof(line), "%s  " BACKUP_MANIFEST "\n", sum);
    return send_text(w, BACKUP_MANIFEST_SUM, slice_str(line));
}

int backup_writer_end(struct backup_writer *w)
{
    int err = send_manifest(w);
    if (err)
        return err;
    tar_write_end(&w->head);
    err = send(w);
    return err ? err : gzip_out_end(w->out);
}
