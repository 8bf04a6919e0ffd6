/* One upload: the signed address is judged at once, the store is asked for the row, a worker opens
 * the draft; then pieces of the body come into a buffer, and whenever there are enough of them,
 * and the worker is free, they are written from a second one. The peer is read no further while
 * the first one is full. At the end the draft is synced; when it is whole it is put in its place,
 * and last of all the row says so. From then on the file is there.
 *
 *   WAITING --> ASKING --> OPENING --> TAKING <--> writing --> SYNCING --> KEEPING --> answered
 *                 |                      |                        |
 *                 |                      +--> CLOSING (failed, or the client went) --> gone
 *                 +--> DROPPING (DELETE: what came goes, then the row) --> answered
 *
 * What comes in parts (tus 1.0) goes the same way for each part, and keeps what came when its
 * client goes. There is one upload of a file at a time; one that comes while another is under way
 * is its heir: that one is told to end, since its connection is probably a dead one, and the heir
 * begins when it has. So whoever cancels an upload need not wait until it has ended; and cancelling
 * goes on when the client has gone, which may be why it is done. */
#include "base/json_write.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "web/files_parts.h"
#include "web/front.h"
#include "web/lobby.h"
#include "web/reply.h"

#define UPLOAD_MAGIC 0x55504c44u
#define PIECE_BYTES  (128u * 1024) /* as many are written at a time, or a little more */
#define BUFFER_BYTES (PIECE_BYTES + LOOP_SCRATCH_BYTES)
#define ANSWER_BYTES 16384u
#define OFFSET_TYPE  "application/offset+octet-stream"

enum upload_phase { WAITING, ASKING, OPENING, TAKING, SYNCING, KEEPING, DROPPING, CLOSING };

enum upload_wish {
    TO_BRING,
    TO_LOOK,   /* HEAD: how much is there? */
    TO_CANCEL, /* DELETE */
};

struct upload {
    uint32_t magic;
    struct files_op op;
    enum upload_phase phase;
    struct request *request; /* NULL: it has gone, or was answered */
    struct upload *heir;
    char id[FILES_ID_BYTES + 1];
    enum files_draft draft;
    enum upload_wish wish;
    bool is_whole;  /* all that the client sends has come */
    bool is_cut;    /* nothing more will */
    uint64_t bytes; /* of the whole file */
    uint64_t from;  /* of a part: where it belongs */
    uint64_t at;    /* so much is in the draft */
    int fd;         /* -1: there is no draft (any more) */
    int err;        /* of the worker, or of the buffer */
    struct buf coming;
    struct buf going; /* the worker's while it works */
    struct files_row row;
};

static void advance(struct upload *u);
static void begin(struct upload *u);

static struct upload *upload_of(struct files_op *op)
{
    struct upload *u = CONTAINER_OF(op, struct upload, op);
    CHECK_MAGIC(u, UPLOAD_MAGIC);
    return u;
}

/* ---- answers ---- */

/* Nothing more is heard of the request: it is answered by the caller. NULL: there is none. */
static struct request *let_go(struct upload *u)
{
    struct request *r = u->request;
    u->request = NULL;
    if (r) {
        r->on_gone = NULL;
        r->handler_arg = NULL;
    }
    return r;
}

/* What clients of tus look for; pages elsewhere see it only when it is named. */
static void put_heads(struct reply *reply, enum files_draft draft)
{
    if (draft != DRAFT_PARTS)
        return;
    reply_header(reply, "Tus-Resumable", S("1.0.0"));
    reply_header(reply, "Access-Control-Expose-Headers",
        S("Tus-Resumable, Tus-Version, Upload-Offset, Upload-Length"));
}

static void put_number(struct reply *reply, const char *name, uint64_t n)
{
    struct buf text;
    buf_init(&text, 20);
    buf_add_u64(&text, n);
    reply_header(reply, name, buf_slice(&text));
    buf_fini(&text);
}

static void refuse(struct request *r, enum files_draft draft, int err, struct slice why)
{
    struct reply reply;
    reply_error_begin(&reply, r, err);
    put_heads(&reply, draft);
    if (err == ERR_PRECONDITION)
        reply_header(&reply, "Tus-Version", S("1.0.0"));
    reply_error_body(&reply, err, why.len > 0 ? why : slice_str(err_info(err)->text));
}

static void answer_part(struct upload *u)
{
    struct reply reply;
    bool is_question = u->wish == TO_LOOK;
    struct request *r = let_go(u);
    if (!r)
        return;
    reply_begin(&reply, r, is_question ? 200 : 204);
    put_heads(&reply, u->draft);
    reply_header(&reply, "Cache-Control", S("no-store"));
    put_number(&reply, "Upload-Offset", u->at);
    if (is_question)
        put_number(&reply, "Upload-Length", u->bytes);
    reply_no_body(&reply);
}

static void answer_cancelled(struct upload *u)
{
    struct reply reply;
    struct request *r = let_go(u);
    if (!r)
        return;
    reply_begin(&reply, r, 204);
    put_heads(&reply, u->draft);
    reply_no_body(&reply);
}

static void put_file(struct json_writer *w, struct upload *u, struct request *r)
{
    const struct store_file *file = &u->row.file;
    struct buf url;
    buf_init(&url, FILES_URL_BYTES);
    files_add_url(&url, u->op.files, files_origin(r), file);
    jw_object(w);
    jw_field_str(w, "fileUrl", buf_slice(&url));
    jw_field_str(w, "fileId", file->id);
    jw_field_str(w, "name", file->name);
    jw_field_u64(w, "size", file->bytes);
    jw_field_str(w, "type", file->type);
    jw_end(w);
    buf_fini(&url);
}

static void answer_whole(struct upload *u)
{
    struct json_writer w;
    struct buf json;
    struct request *r = let_go(u);
    if (!r)
        return;
    buf_init(&json, ANSWER_BYTES);
    jw_init(&w, &json);
    put_file(&w, u, r);
    reply_json(r, 201, &json);
    buf_fini(&json);
}

/* ---- the end ---- */

static void upload_free(struct files_op *op)
{
    struct upload *u = upload_of(op);
    files_op_fini(op);
    if (u->fd >= 0)
        files_disk_leave(u->fd);
    buf_fini(&u->coming);
    buf_fini(&u->going);
    files_row_fini(&u->row);
    u->magic = 0;
    xfree(u);
}

/* The heir takes the place. */
static void end(struct upload *u)
{
    struct files *f = u->op.files;
    struct upload *heir = u->heir;
    map_remove(&f->uploads, slice_str(u->id));
    upload_free(&u->op);
    if (!heir)
        return;
    if (map_put(&f->uploads, slice_str(heir->id), heir, NULL)) {
        struct request *r = let_go(heir);
        enum files_draft draft = heir->draft;
        upload_free(&heir->op);
        refuse(r, draft, ERR_NO_MEMORY, S(""));
        return;
    }
    begin(heir);
}

static void clean_up(struct files_op *op)
{
    struct upload *u = upload_of(op);
    if (u->fd >= 0)
        files_disk_leave(u->fd);
    u->fd = -1;
    if (u->err == ERR_NOT_FOUND)
        u->err = files_disk_remove(&op->files->disk, slice_str(u->id));
    else if (u->draft == DRAFT_WHOLE)
        u->err = files_disk_remove_draft(&op->files->disk, slice_str(u->id));
}

static void on_clean(struct files_op *op)
{
    end(upload_of(op));
}

/* Closes what is open, removes what is of no use, and ends. */
static void close_up(struct upload *u)
{
    u->phase = CLOSING;
    files_op_run(&u->op, clean_up, on_clean);
}

static void fail(struct upload *u, int err, struct slice why)
{
    struct request *r = let_go(u);
    enum files_draft draft = u->draft;
    if (err == ERR_IO)
        log_warning(LOG_FILES, "an upload could not be written", LOG_STR("id", u->id));
    u->err = err;
    close_up(u);
    if (r)
        refuse(r, draft, err, why);
}

/* ---- keeping ---- */

static void on_kept(void *arg, int err)
{
    struct upload *u = arg;
    struct files *f = u->op.files;
    if (f->is_closed)
        return;
    if (err) { /* ERR_NOT_FOUND: its room went meanwhile, and so does what came */
        fail(u, err, S(""));
        return;
    }
    f->stats.uploads++;
    files_no_longer_await(f, slice_str(u->id));
    log_debug(LOG_FILES, "uploaded", LOG_STR("id", u->id), LOG_NUM("bytes", u->bytes));
    if (u->draft == DRAFT_PARTS)
        answer_part(u);
    else
        answer_whole(u);
    end(u);
}

static void keep(struct upload *u)
{
    struct store *store = u->op.files->store;
    u->phase = KEEPING;
    u->row.file.is_complete = true;
    store->ops->put_file(store, STORE_CHANGE, &u->row.file, NULL, on_kept, u);
}

static bool is_all_there(const struct upload *u)
{
    return u->at == u->bytes;
}

static void sync_up(struct files_op *op)
{
    struct upload *u = upload_of(op);
    u->err = files_disk_sync(u->fd);
    if (!u->err && is_all_there(u))
        u->err = files_disk_publish(&op->files->disk, slice_str(u->id), u->draft);
    files_disk_leave(u->fd);
    u->fd = -1;
}

static void on_synced(struct files_op *op)
{
    struct upload *u = upload_of(op);
    if (op->files->is_closed)
        return;
    if (u->err) {
        fail(u, u->err, S(""));
    } else if (is_all_there(u)) {
        keep(u);
    } else {
        answer_part(u);
        end(u);
    }
}

static void end_draft(struct upload *u)
{
    u->phase = SYNCING;
    files_op_run(&u->op, sync_up, on_synced);
}

/* ---- taking ---- */

static void write_out(struct files_op *op)
{
    struct upload *u = upload_of(op);
    u->err = files_disk_write(u->fd, buf_slice(&u->going), u->at);
}

static void on_written(struct files_op *op)
{
    struct upload *u = upload_of(op);
    if (op->files->is_closed)
        return;
    if (u->err) {
        fail(u, u->err, S(""));
        return;
    }
    u->at += u->going.len;
    buf_reset(&u->going);
    advance(u);
}

/* The buffers change places, and there is room again. */
static void write_more(struct upload *u)
{
    struct buf full = u->coming;
    u->coming = u->going;
    u->going = full;
    files_op_run(&u->op, write_out, on_written);
    if (u->request)
        request_go_on(u->request);
}

/* What came in one piece and is cut short is of no use; of a part, all that came is. */
static void advance(struct upload *u)
{
    bool is_over = u->is_whole || u->is_cut;
    if (u->phase != TAKING || u->op.is_working)
        return;
    if (buf_err(&u->coming))
        fail(u, buf_err(&u->coming), S(""));
    else if (u->is_cut && u->draft == DRAFT_WHOLE && !u->is_whole)
        close_up(u);
    else if (u->coming.len >= PIECE_BYTES || (is_over && u->coming.len > 0))
        write_more(u);
    else if (is_over)
        end_draft(u);
}

static void on_piece(struct request *r, struct slice piece)
{
    struct upload *u = r->handler_arg;
    CHECK_MAGIC(u, UPLOAD_MAGIC);
    buf_add_slice(&u->coming, piece);
    u->op.files->stats.bytes_in += piece.len;
    if (u->coming.len >= PIECE_BYTES)
        request_hold(r);
    advance(u);
}

/* ---- cancelling ---- */

static void on_dropped(void *arg, int err)
{
    struct upload *u = arg;
    struct files *f = u->op.files;
    if (f->is_closed)
        return;
    if (err) {
        fail(u, err, S(""));
        return;
    }
    files_no_longer_await(f, slice_str(u->id));
    answer_cancelled(u);
    end(u);
}

static void remove_it(struct files_op *op)
{
    struct upload *u = upload_of(op);
    u->err = files_disk_remove(&op->files->disk, slice_str(u->id));
}

/* First what there is of it, then its row, see files_retire.c. */
static void on_removed(struct files_op *op)
{
    struct upload *u = upload_of(op);
    struct store *store = op->files->store;
    if (op->files->is_closed)
        return;
    if (u->err)
        fail(u, u->err, S(""));
    else
        store->ops->drop_file(store, slice_str(u->id), on_dropped, u);
}

static void cancel(struct upload *u)
{
    u->phase = DROPPING;
    files_op_run(&u->op, remove_it, on_removed);
}

/* ---- beginning ---- */

static void on_open(struct files_op *op)
{
    struct upload *u = upload_of(op);
    if (op->files->is_closed)
        return;
    if (u->err == ERR_CONFLICT) { /* put in its place, and then the row was not kept */
        u->at = u->bytes;
        u->err = 0;
    }
    if (u->err) {
        fail(u, u->err, S(""));
    } else if (u->fd < 0) {
        keep(u);
    } else if (u->wish == TO_LOOK) {
        end_draft(u);
    } else if (u->draft == DRAFT_PARTS && u->from != u->at) {
        fail(u, ERR_CONFLICT, S("The part begins elsewhere than what is there ends: ask by HEAD."));
    } else {
        u->phase = TAKING;
        if (u->request)
            request_go_on(u->request);
        advance(u);
    }
}

static void open_draft(struct files_op *op)
{
    struct upload *u = upload_of(op);
    u->err = files_disk_draft(&u->fd, &u->at, &op->files->disk, slice_str(u->id), u->draft);
    if (u->err)
        u->fd = -1;
}

/* What is there already is told to those who go on with it; a second time it is not taken. */
static void meet_complete(struct upload *u)
{
    bool is_known = u->wish == TO_LOOK || (u->wish == TO_BRING && u->from == u->bytes);
    u->at = u->bytes;
    if (u->draft == DRAFT_PARTS && is_known) {
        answer_part(u);
        end(u);
    } else {
        fail(u, ERR_CONFLICT, S("This file is there already."));
    }
}

static int judge_row(struct upload *u, const struct store_files *page)
{
    const struct store_file *file = files_found_of(page);
    if (!file || file->is_remote || file->bytes != u->bytes)
        return ERR_NOT_FOUND;
    return files_row_set(&u->row, file);
}

static void on_row(void *arg, int err, const struct store_files *page)
{
    struct upload *u = arg;
    CHECK_MAGIC(u, UPLOAD_MAGIC);
    if (u->op.files->is_closed)
        return;
    if (!err)
        err = judge_row(u, page);
    if (err) {
        fail(u, err, S(""));
    } else if (u->row.file.is_complete) {
        meet_complete(u);
    } else if (u->wish == TO_CANCEL) {
        cancel(u);
    } else if (u->is_cut) {
        close_up(u);
    } else {
        u->phase = OPENING;
        files_op_run(&u->op, open_draft, on_open);
    }
}

static void begin(struct upload *u)
{
    u->phase = ASKING;
    files_find(u->op.files, slice_str(u->id), on_row, u);
}

/* ---- the request ---- */

/* Its client has gone, or another connection took over. */
static void cut(struct upload *u)
{
    u->request = NULL;
    u->is_cut = true;
    if (u->phase != WAITING || u->wish == TO_CANCEL) {
        advance(u);
        return;
    }
    struct upload *before = map_find(&u->op.files->uploads, slice_str(u->id));
    before->heir = NULL;
    upload_free(&u->op);
}

static void on_gone(struct request *r)
{
    struct upload *u = r->handler_arg;
    CHECK_MAGIC(u, UPLOAD_MAGIC);
    cut(u);
}

static void give_way(struct upload *u)
{
    bool goes_on = u->is_whole || u->wish == TO_CANCEL;
    struct request *r = goes_on ? NULL : let_go(u);
    enum files_draft draft = u->draft;
    if (!r)
        return;
    cut(u);
    refuse(r, draft, ERR_CONFLICT, S("This upload goes on by another connection."));
}

/* ERR_BUSY: one waits already. */
static int enter(struct upload *u)
{
    struct files *f = u->op.files;
    struct upload *before = map_find(&f->uploads, slice_str(u->id));
    if (!before)
        return map_put(&f->uploads, slice_str(u->id), u, NULL);
    if (before->heir)
        return ERR_BUSY;
    before->heir = u;
    u->phase = WAITING;
    return 0;
}

static struct upload *upload_new(struct files *f, struct request *r)
{
    struct upload *u = xtry(NULL, sizeof *u);
    if (!u)
        return NULL;
    *u = (struct upload){ .magic = UPLOAD_MAGIC, .phase = ASKING, .request = r, .fd = -1 };
    files_op_init(&u->op, f, upload_free);
    buf_init(&u->coming, BUFFER_BYTES);
    buf_init(&u->going, BUFFER_BYTES);
    files_row_init(&u->row);
    return u;
}

/* What the request says, judged before anything is looked for. */
struct asked {
    struct signed_upload what;
    enum upload_wish wish;
    enum files_draft draft;
    uint64_t from;
    struct slice why;
};

static struct asked asked_by(const struct request *r)
{
    switch (r->head.method) {
    case HTTP1_PUT:
        return (struct asked){ .draft = DRAFT_WHOLE };
    case HTTP1_HEAD:
        return (struct asked){ .wish = TO_LOOK, .draft = DRAFT_PARTS };
    case HTTP1_DELETE:
        return (struct asked){ .wish = TO_CANCEL, .draft = DRAFT_PARTS };
    default:
        return (struct asked){ .draft = DRAFT_PARTS };
    }
}

static int judge_address(struct asked *a, struct request *r, const struct files *f)
{
    const char *why = "";
    const struct signed_check check = {
        .method = a->draft == DRAFT_PARTS ? S("PATCH") : S("PUT"),
        .id = r->params[0],
        .query = r->head.query,
        .now_ms = loop_wall_ms(f->loop),
        .keys = &f->key,
        .n_keys = 1,
    };
    if (!files_is_id(check.id))
        return ERR_NOT_FOUND;
    int err = signed_url_read(&a->what, &why, &r->arena, &check);
    a->why = slice_str(err == ERR_FORBIDDEN ? why : "");
    return err;
}

/* Who may bring a file may cancel that, in whichever way it was to come. */
static int judge_cancelling(struct asked *a, struct request *r, const struct files *f)
{
    a->draft = DRAFT_WHOLE;
    int err = judge_address(a, r, f);
    if (err != ERR_FORBIDDEN)
        return err;
    a->draft = DRAFT_PARTS;
    return judge_address(a, r, f);
}

static int judge_whole(struct asked *a, const struct request *r)
{
    if (!slice_eq_nocase(request_header(r, S("Content-Type")), a->what.type)) {
        a->why = S("Send the Content-Type that the address was given for.");
        return ERR_UNSUPPORTED_MEDIA;
    }
    if (r->head.length == a->what.bytes && !r->head.is_chunked)
        return 0;
    a->why = S("Send the Content-Length that the address was given for.");
    return r->head.length > a->what.bytes ? ERR_TOO_BIG : ERR_BAD_REQUEST;
}

static int judge_part(struct asked *a, const struct request *r)
{
    struct slice offset = request_header(r, S("Upload-Offset"));
    if (!slice_eq_nocase(request_header(r, S("Content-Type")), S(OFFSET_TYPE))) {
        a->why = S("Parts are sent as " OFFSET_TYPE ".");
        return ERR_UNSUPPORTED_MEDIA;
    }
    if (slice_u64(&a->from, offset)) {
        a->why = S("Upload-Offset must say where the part begins.");
        return ERR_BAD_REQUEST;
    }
    if (a->from > a->what.bytes)
        return ERR_CONFLICT;
    if (r->head.length <= a->what.bytes - a->from)
        return 0;
    a->why = S("The part is longer than what is missing.");
    return ERR_TOO_BIG;
}

static int judge_body(struct asked *a, const struct request *r)
{
    if (a->wish == TO_CANCEL)
        return r->head.length > 0 ? ERR_TOO_BIG : 0;
    return a->draft == DRAFT_PARTS ? judge_part(a, r) : judge_whole(a, r);
}

static int judge(struct asked *a, struct request *r, const struct files *f)
{
    struct slice version = request_header(r, S("Tus-Resumable"));
    int err = a->wish == TO_CANCEL ? judge_cancelling(a, r, f) : judge_address(a, r, f);
    if (!err && a->draft == DRAFT_PARTS && version.p && !slice_eq(version, S("1.0.0")))
        err = ERR_PRECONDITION;
    if (err || a->wish == TO_LOOK)
        return err;
    return files_can_keep(f) ? judge_body(a, r) : ERR_STORAGE_UNAVAILABLE;
}

static void set_up(struct upload *u, const struct asked *a)
{
    struct request *r = u->request;
    memcpy(u->id, a->what.id.p, FILES_ID_BYTES);
    u->draft = a->draft;
    u->wish = a->wish;
    u->bytes = a->what.bytes;
    u->from = a->from;
    r->handler_arg = u;
    r->on_gone = on_gone;
    r->on_piece = on_piece;
    r->body_max = u->wish == TO_BRING ? u->bytes - u->from : 0;
}

static int start(struct files *f, struct request *r, const struct asked *a)
{
    struct upload *u = upload_new(f, r);
    if (!u)
        return ERR_NO_MEMORY;
    set_up(u, a);
    int err = enter(u);
    if (err) {
        let_go(u);
        r->on_piece = NULL;
        upload_free(&u->op);
        return err;
    }
    request_hold(r);
    if (u->phase == WAITING)
        give_way(map_find(&f->uploads, slice_str(u->id)));
    else
        begin(u);
    return 0;
}

void files_upload_begin(struct request *r)
{
    struct files *f = r->front->lobby ? r->front->lobby->files : NULL;
    struct asked a = asked_by(r);
    int err = f && !f->is_closed ? judge(&a, r, f) : ERR_NOT_FOUND;
    if (!err)
        err = start(f, r, &a);
    if (err)
        refuse(r, a.draft, err, a.why);
}

void files_upload(struct request *r)
{
    struct upload *u = r->handler_arg;
    CHECK_MAGIC(u, UPLOAD_MAGIC);
    u->is_whole = true;
    advance(u);
}
