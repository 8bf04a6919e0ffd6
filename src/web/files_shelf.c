/* What the languages ask (dialect/shelf.h): whether there is a file at an address, and to keep a
 * picture of a board. A picture goes the way of an upload: a row that says that it is awaited, the
 * content, and then the row again. */
#include "base/base64.h"
#include "base/xalloc.h"
#include "room/room.h"
#include "web/files_parts.h"
#include "web/files_type.h"

#include <stdio.h>

#define PICTURE_START "data:image/"
#define PICTURE_FORM  ";base64,"
#define NAME_BYTES    32

/* Something that was asked. */
struct errand {
    struct files_op op;
    shelf_done *done;
    void *arg;
    char user_id[FILES_USER_MAX + 1];
    char peer[FILES_USER_MAX + 1]; /* the same, of who has no token */
    char room_id[ROOM_ID_MAX + 1];
    struct files_row row;
    struct buf url;
    struct buf content; /* of a picture */
    uint64_t reserved;
    int err;
};

static struct files *files_of(const struct shelf *s)
{
    return CONTAINER_OF(s, struct files, shelf);
}

static struct errand *errand_of(struct files_op *op)
{
    return CONTAINER_OF(op, struct errand, op);
}

static bool is_ours(const struct shelf *s, struct slice url)
{
    return files_id_of_url(files_of(s), url).len > 0;
}

/* ---- beginning and end ---- */

static void errand_free(struct files_op *op)
{
    struct errand *e = errand_of(op);
    files_op_fini(op);
    files_row_fini(&e->row);
    buf_fini(&e->url);
    buf_fini(&e->content);
    xfree(e);
}

static void copy(char *to, size_t max, struct slice from)
{
    struct slice s = slice_take(from, max);
    if (s.len > 0)
        memcpy(to, s.p, s.len);
    to[s.len] = '\0';
}

static void set_asker(struct errand *e, const struct shelf_asker *asker)
{
    struct buf peer;
    buf_init(&peer, FILES_USER_MAX);
    files_add_peer(&peer, asker->peer);
    copy(e->user_id, FILES_USER_MAX, asker->user_id);
    copy(e->room_id, ROOM_ID_MAX, asker->room_id);
    copy(e->peer, FILES_USER_MAX, buf_slice(&peer));
    buf_fini(&peer);
}

static struct errand *errand_new(
    struct files *f, const struct shelf_asker *asker, shelf_done *done, void *arg)
{
    struct errand *e = xalloc(sizeof *e);
    *e = (struct errand){ .done = done, .arg = arg };
    files_op_init(&e->op, f, errand_free);
    files_row_init(&e->row);
    buf_init(&e->url, FILES_URL_BYTES);
    buf_init(&e->content, (size_t)f->settings.max_bytes);
    set_asker(e, asker);
    return e;
}

static void end(struct errand *e, int err)
{
    struct files *files = e->op.files;
    const struct store_file *f = &e->row.file;
    if (!err) {
        files_add_url(&e->url, files, files->settings.public_url, f);
        err = buf_err(&e->url);
    }
    const struct shelf_file file = {
        .url = buf_slice(&e->url), .name = f->name, .type = f->type, .bytes = f->bytes
    };
    if (!files->is_closed)
        e->done(e->arg, err, err ? NULL : &file);
    errand_free(&e->op);
}

/* An answer is never given from within the question. */
static void do_nothing(struct files_op *op)
{
    (void)op;
}

static void on_nothing(struct files_op *op)
{
    end(errand_of(op), errand_of(op)->err);
}

static void end_later(struct errand *e, int err)
{
    e->err = err;
    files_op_run(&e->op, do_nothing, on_nothing);
}

/* ---- find ---- */

static void on_confirmed(void *arg, int err)
{
    end(arg, err);
}

static bool is_theirs(const struct errand *e, const struct store_file *f)
{
    bool is_by = slice_eq(f->user_id, slice_str(e->user_id)) ||
        slice_eq(f->user_id, slice_str(e->peer));
    return is_by && slice_eq(f->room_id, slice_str(e->room_id));
}

static void on_row(void *arg, int err, const struct store_files *page)
{
    struct errand *e = arg;
    struct files *f = e->op.files;
    if (f->is_closed)
        return;
    const struct store_file *file = err ? NULL : files_found_of(page);
    bool is_there = file && is_theirs(e, file) && (file->is_complete || file->is_remote);
    if (!err)
        err = is_there ? files_row_set(&e->row, file) : ERR_NOT_FOUND;
    if (!err && !e->row.file.is_complete)
        files_confirm(f, &e->row.file, on_confirmed, e);
    else
        end(e, err);
}

static void find(
    struct shelf *s, const struct shelf_asker *asker, struct slice url, shelf_done *done, void *arg)
{
    struct files *f = files_of(s);
    struct slice id = files_id_of_url(f, url);
    struct errand *e = errand_new(f, asker, done, arg);
    if (id.len > 0)
        files_find(f, id, on_row, e);
    else
        end_later(e, ERR_NOT_FOUND);
}

/* ---- keep ---- */

static void on_kept(void *arg, int err)
{
    struct errand *e = arg;
    struct files *f = e->op.files;
    if (f->is_closed)
        return;
    if (err)
        files_retire(f, e->row.file.id);
    else
        f->stats.uploads++;
    end(e, err);
}

static int write_content(const struct errand *e, const struct files_disk *d)
{
    int fd;
    uint64_t at;
    int err = files_disk_draft(&fd, &at, d, e->row.file.id, DRAFT_WHOLE);
    if (err)
        return err;
    err = files_disk_write(fd, buf_slice(&e->content), at);
    if (!err)
        err = files_disk_sync(fd);
    files_disk_leave(fd);
    return err ? err : files_disk_publish(d, e->row.file.id, DRAFT_WHOLE);
}

static void write_picture(struct files_op *op)
{
    struct errand *e = errand_of(op);
    const struct files *f = op->files;
    e->err = files_disk_check_space(&f->disk, e->reserved, f->settings.free_bytes);
    if (!e->err)
        e->err = write_content(e, &f->disk);
}

static void on_written(struct files_op *op)
{
    struct errand *e = errand_of(op);
    struct store *store = op->files->store;
    if (op->files->is_closed)
        return;
    if (e->err) {
        files_retire(op->files, e->row.file.id);
        end(e, e->err);
        return;
    }
    e->row.file.is_complete = true;
    store->ops->put_file(store, STORE_CHANGE, &e->row.file, NULL, on_kept, e);
}

static void on_row_kept(void *arg, int err)
{
    struct errand *e = arg;
    struct files *f = e->op.files;
    if (f->is_closed)
        return;
    e->reserved = files_awaited_bytes(f) + e->row.file.bytes;
    if (err)
        end(e, err);
    else
        files_op_run(&e->op, write_picture, on_written);
}

/* data:image/png;base64,iVBORw0KGgo... What it is, its bytes say. */
static int read_picture(struct errand *e, const char **type, struct slice picture)
{
    size_t len = 0;
    struct slice form;
    struct slice rest = slice_drop(picture, strlen(PICTURE_START));
    ptrdiff_t at = slice_find(rest, ';');
    form = slice_drop(rest, at < 0 ? rest.len : (size_t)at);
    if (!slice_eq_nocase(slice_take(picture, strlen(PICTURE_START)), S(PICTURE_START)) ||
        !slice_starts(form, S(PICTURE_FORM)))
        return ERR_BAD_FIELD;
    struct slice text = slice_drop(form, strlen(PICTURE_FORM));
    char *to = buf_room(&e->content, base64_decoded_max(text.len));
    if (!to)
        return buf_err(&e->content);
    if (base64_decode(&len, to, base64_decoded_max(text.len), text, BASE64_STANDARD))
        return ERR_BAD_FIELD;
    buf_grow(&e->content, len);
    *type = files_sniff(slice_take(buf_slice(&e->content), FILES_HEAD_BYTES));
    return files_is_picture(*type) ? 0 : ERR_BAD_FIELD;
}

static int set_row(struct errand *e, const char *type)
{
    char id[FILES_ID_BYTES + 1];
    char name[NAME_BYTES];
    files_make_id(id, e->op.files);
    snprintf(name, sizeof name, "board.%s", type + strlen("image/"));
    const struct store_file file = {
        .id = slice_str(id),
        .room_id = slice_str(e->room_id),
        .user_id = slice_str(e->user_id),
        .name = slice_str(name),
        .type = slice_str(type),
        .use = FILE_BOARD,
        .bytes = e->content.len,
        .created_at_ms = loop_wall_ms(e->op.files->loop),
    };
    return files_row_set(&e->row, &file);
}

static void keep(struct shelf *s, const struct shelf_asker *asker, struct slice picture,
    shelf_done *done, void *arg)
{
    struct files *f = files_of(s);
    struct errand *e = errand_new(f, asker, done, arg);
    const char *type = NULL;
    int err = files_can_keep(f) ? read_picture(e, &type, picture) : ERR_STORAGE_UNAVAILABLE;
    if (!err)
        err = set_row(e, type);
    if (err)
        end_later(e, err);
    else
        f->store->ops->put_file(
            f->store, STORE_ADD, &e->row.file, &f->settings.quota, on_row_kept, e);
}

const struct shelf_ops files_shelf_ops = {
    .name = "files",
    .is_ours = is_ours,
    .find = find,
    .keep = keep,
};
