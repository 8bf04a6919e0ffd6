/* Whoever has a file's address may read it: its id cannot be guessed. What it is, its first bytes
 * say, not who brought it; and what is not known to be harmless is an attachment without a type.
 * No browser makes more of it than that, nor runs what is in it, nor lets pages elsewhere have it.
 *
 *   the row (store) --> opened, its beginning read (a worker) --> head --> piece, piece, ...
 *
 * A piece is read when the one before it is written: as much memory as one piece has, however
 * slowly the client reads. */
#include "base/log.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "web/cors.h"
#include "web/files_name.h"
#include "web/files_parts.h"
#include "web/files_type.h"
#include "web/front.h"
#include "web/lobby.h"
#include "web/part.h"

#define DOWNLOAD_MAGIC    0x444f574eu
#define PIECE_BYTES       (128u * 1024)
#define TAG_BYTES         (FILES_ID_BYTES + 2)
#define DISPOSITION_BYTES 8192u

struct download {
    uint32_t magic;
    struct files_op op;
    struct request *request; /* NULL: the client has gone */
    struct files_row row;
    bool is_asking; /* the store: it cannot be told to forget it */
    int fd;
    uint64_t bytes;
    uint64_t at; /* of what is still to be sent */
    uint64_t end;
    struct blob *piece; /* the worker's while it works */
    size_t head_len;
    char head[FILES_HEAD_BYTES];
    int err;
};

static struct download *download_of(struct files_op *op)
{
    struct download *d = CONTAINER_OF(op, struct download, op);
    CHECK_MAGIC(d, DOWNLOAD_MAGIC);
    return d;
}

/* ---- the end ---- */

static void download_free(struct files_op *op)
{
    struct download *d = download_of(op);
    files_op_fini(op);
    if (d->fd >= 0)
        files_disk_leave(d->fd);
    blob_unref(d->piece);
    files_row_fini(&d->row);
    d->magic = 0;
    xfree(d);
}

static void on_gone(struct request *r)
{
    struct download *d = r->handler_arg;
    CHECK_MAGIC(d, DOWNLOAD_MAGIC);
    d->request = NULL;
    if (!d->is_asking && !d->op.is_working)
        download_free(&d->op);
}

/* The request, to be answered by the caller; what is under way is over. */
static struct request *let_go(struct download *d)
{
    struct request *r = d->request;
    r->on_gone = NULL;
    r->handler_arg = NULL;
    download_free(&d->op);
    return r;
}

static void fail(struct download *d, int err)
{
    reply_error(let_go(d), err);
}

/* Back from a worker or from the store: is there still somebody to answer? */
static bool is_wanted(struct download *d)
{
    if (d->request)
        return true;
    download_free(&d->op);
    return false;
}

/* ---- pieces ---- */

static void next_piece(struct download *d);

static void read_piece(struct files_op *op)
{
    struct download *d = download_of(op);
    d->err = files_disk_read(d->piece->bytes, d->fd, d->piece->len, d->at);
}

static void on_piece(struct files_op *op)
{
    struct download *d = download_of(op);
    if (op->files->is_closed || !is_wanted(d))
        return;
    int err = d->err;
    if (err) {
        log_warning(LOG_FILES, "a file could not be read", LOG_TEXT("id", d->row.file.id));
        reply_break(let_go(d), err);
        return;
    }
    reply_piece(d->request, d->piece);
    op->files->stats.bytes_out += d->piece->len;
    d->at += d->piece->len;
    blob_unref(d->piece);
    d->piece = NULL;
    if (d->at == d->end)
        reply_end(let_go(d));
}

static void next_piece(struct download *d)
{
    uint64_t left = d->end - d->at;
    d->piece = blob_new(left < PIECE_BYTES ? (size_t)left : PIECE_BYTES);
    if (d->piece)
        files_op_run(&d->op, read_piece, on_piece);
    else
        reply_break(let_go(d), ERR_NO_MEMORY);
}

static void on_room(struct request *r)
{
    struct download *d = r->handler_arg;
    CHECK_MAGIC(d, DOWNLOAD_MAGIC);
    if (!d->op.is_working)
        next_piece(d);
}

/* ---- heads ---- */

static void write_tag(char out[TAG_BYTES], const struct download *d)
{
    out[0] = '"';
    memcpy(out + 1, d->row.file.id.p, FILES_ID_BYTES);
    out[TAG_BYTES - 1] = '"';
}

/* Of a file of that id there will never be another content. */
static void put_life(struct reply *reply, struct slice etag)
{
    reply_header(reply, "ETag", etag);
    reply_header(reply, "Cache-Control", S("private, max-age=31536000, immutable"));
}

/* From an origin of their own they are to be shown in this server's pages. */
static void put_policy(struct reply *reply, const struct request *r)
{
    reply_header(reply, "Content-Security-Policy", S("sandbox; default-src 'none'"));
    reply_header(reply, "Cross-Origin-Resource-Policy",
        cors_is_for_files(r) ? S("cross-origin") : S("same-origin"));
}

static void put_what(struct reply *reply, const struct download *d)
{
    struct buf text;
    const char *type = files_sniff(slice_of(d->head, d->head_len));
    buf_init(&text, DISPOSITION_BYTES);
    files_add_disposition(&text, type ? "inline" : "attachment", d->row.file.name);
    reply_header(reply, "Content-Type", slice_str(type ? type : "application/octet-stream"));
    reply_header(reply, "Content-Disposition", buf_err(&text) ? S("attachment") : buf_slice(&text));
    reply_header(reply, "Accept-Ranges", S("bytes"));
    buf_fini(&text);
}

static void answer_unchanged(struct request *r, struct slice etag)
{
    struct reply reply;
    reply_begin(&reply, r, 304);
    put_life(&reply, etag);
    reply_no_body(&reply);
}

static void answer(struct download *d, const struct part *p, struct slice etag)
{
    struct reply reply;
    struct request *r = d->request;
    reply_begin(&reply, r, p->kind == PART_RANGE ? 206 : 200);
    put_what(&reply, d);
    put_life(&reply, etag);
    put_policy(&reply, r);
    if (p->kind == PART_RANGE)
        part_put_range(&reply, p);
    d->op.files->stats.downloads++;
    if (r->head.method == HTTP1_HEAD) {
        let_go(d);
        reply_length(&reply, p->len);
    } else if (p->len == 0) {
        let_go(d);
        reply_static_body(&reply, S(""));
    } else if (reply_pieces(&reply, p->len, on_room)) {
        download_free(&d->op);
    } else {
        next_piece(d);
    }
}

/* ---- finding it ---- */

static void open_file(struct files_op *op)
{
    struct download *d = download_of(op);
    uint64_t bytes = 0;
    d->err = files_disk_read_open(&d->fd, &bytes, &op->files->disk, d->row.file.id);
    if (d->err) {
        d->fd = -1;
        return;
    }
    d->head_len = bytes < sizeof d->head ? (size_t)bytes : sizeof d->head;
    d->err = bytes == d->bytes ? files_disk_read(d->head, d->fd, d->head_len, 0) : ERR_IO;
}

static void on_open(struct files_op *op)
{
    char tag[TAG_BYTES];
    struct download *d = download_of(op);
    if (op->files->is_closed || !is_wanted(d))
        return;
    if (d->err) {
        log_warning(LOG_FILES, "a file is not as it was kept", LOG_TEXT("id", d->row.file.id),
            LOG_ERR(d->err));
        fail(d, d->err);
        return;
    }
    write_tag(tag, d);
    struct slice etag = slice_of(tag, sizeof tag);
    struct part p = part_wanted(d->request, etag, d->bytes);
    d->at = p.first;
    d->end = p.first + p.len;
    if (p.kind == PART_UNCHANGED)
        answer_unchanged(let_go(d), etag);
    else if (p.kind == PART_NOWHERE)
        part_refuse(let_go(d), &p);
    else
        answer(d, &p, etag);
}

/* It lies at a service: there is an address for a while. */
static void send_there(struct download *d)
{
    const struct files *f = d->op.files;
    struct reply reply;
    struct buf url;
    buf_init(&url, FILES_URL_BYTES);
    int err = files_s3_add_get(&url, &f->settings.s3, &d->row.file, loop_wall_ms(f->loop));
    struct request *r = let_go(d);
    if (err) {
        reply_error(r, err);
    } else {
        reply_begin(&reply, r, 302);
        reply_header(&reply, "Location", buf_slice(&url));
        reply_header(&reply, "Cache-Control", S("private, max-age=1800"));
        reply_no_body(&reply);
    }
    buf_fini(&url);
}

static void on_confirmed(void *arg, int err)
{
    struct download *d = arg;
    CHECK_MAGIC(d, DOWNLOAD_MAGIC);
    d->is_asking = false;
    if (!is_wanted(d))
        return;
    if (err)
        fail(d, err);
    else
        send_there(d);
}

static void go_there(struct download *d)
{
    const struct files *f = d->op.files;
    if (!files_s3_is_on(&f->settings.s3)) {
        fail(d, ERR_NOT_FOUND);
        return;
    }
    if (d->row.file.is_complete) {
        send_there(d);
        return;
    }
    d->is_asking = true;
    files_confirm(d->op.files, &d->row.file, on_confirmed, d);
}

static void on_row(void *arg, int err, const struct store_files *page)
{
    struct download *d = arg;
    CHECK_MAGIC(d, DOWNLOAD_MAGIC);
    d->is_asking = false;
    if (d->op.files->is_closed || !is_wanted(d))
        return;
    const struct store_file *file = err ? NULL : files_found_of(page);
    if (!err && (!file || (!file->is_complete && !file->is_remote)))
        err = ERR_NOT_FOUND;
    if (!err)
        err = files_row_set(&d->row, file);
    if (err) {
        fail(d, err);
        return;
    }
    d->bytes = d->row.file.bytes;
    if (d->row.file.is_remote)
        go_there(d);
    else
        files_op_run(&d->op, open_file, on_open);
}

/* ---- the request ---- */

static void start(struct files *f, struct request *r, struct slice id)
{
    struct download *d = xtry(NULL, sizeof *d);
    if (!d) {
        reply_error(r, ERR_NO_MEMORY);
        return;
    }
    *d = (struct download){ .magic = DOWNLOAD_MAGIC, .request = r, .fd = -1, .is_asking = true };
    files_op_init(&d->op, f, download_free);
    files_row_init(&d->row);
    r->handler_arg = d;
    r->on_gone = on_gone;
    files_find(f, id, on_row, d);
}

/* Where they have an origin of their own, they are given out there alone. */
static bool is_elsewhere(const struct files *f, const struct request *r)
{
    return f->settings.url.len > 0 && !cors_is_for_files(r);
}

static void send_to_origin(const struct files *f, struct request *r)
{
    struct buf url;
    buf_init(&url, FILES_URL_BYTES);
    buf_add_slice(&url, f->settings.url);
    buf_add_slice(&url, r->head.path);
    if (buf_err(&url))
        reply_error(r, ERR_NOT_FOUND);
    else
        reply_redirect(r, 308, buf_slice(&url));
    buf_fini(&url);
}

void files_download(struct request *r)
{
    struct files *f = r->front->lobby ? r->front->lobby->files : NULL;
    struct slice id = r->params[0];
    if (!f || f->is_closed || !files_is_id(id))
        reply_error(r, ERR_NOT_FOUND);
    else if (is_elsewhere(f, r))
        send_to_origin(f, r);
    else
        start(f, r, id);
}
