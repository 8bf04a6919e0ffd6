/* POST /api/upload-url: who may is asked at once; then whether the disk has place (a worker), then
 * the store, which keeps the row if the quotas permit it, and for an upload in parts the draft is
 * made (a worker again). From the first moment on it counts as awaited, so that many offers at once
 * do not pass as one. A client that goes in the meantime has no use for the address: what was kept
 * for it is removed. */
#include "base/xalloc.h"
#include "web/files_name.h"
#include "web/files_parts.h"
#include "web/rest.h"
#include "web/rest_access.h"

struct offer_args {
    struct slice room_id;
    struct slice name;
    struct slice type;
    int64_t size;
    int use; /* enum store_file_use */
    bool is_resumable;
};

static const char *const uses[] = { "shared", "board", "avatar", NULL };

static const struct field offer_list[] = {
    { .name = "roomId",
        .aliases = { "room_id", "sessionId", "room" },
        FIELD_MEMBER(struct offer_args, room_id),
        .type = FIELD_STR,
        .max = REST_PARAM_MAX,
        .help = "the room that the file is for; only accounts upload without one" },
    { .name = "name",
        .aliases = { "fileName", "filename" },
        FIELD_MEMBER(struct offer_args, name),
        .type = FIELD_STR,
        .required = true,
        .min = 1,
        .max = ROOM_FILE_NAME_MAX,
        .one_line = true,
        .help = "what the file is called, without folders" },
    { .name = "size",
        .aliases = { "bytes" },
        FIELD_MEMBER(struct offer_args, size),
        .type = FIELD_INT,
        .required = true,
        .max = (double)ROOM_FILE_BYTES_MAX,
        .help = "how many bytes it has, exactly" },
    { .name = "type",
        .aliases = { "mimeType", "contentType" },
        FIELD_MEMBER(struct offer_args, type),
        .type = FIELD_STR,
        .max = ROOM_FILE_TYPE_MAX,
        .one_line = true,
        .help = "its media type; application/octet-stream without one" },
    { .name = "use",
        FIELD_MEMBER(struct offer_args, use),
        .type = FIELD_ENUM,
        .names = uses,
        .preset = "shared",
        .help = "what it is for: to be shared in the room, a picture of its board, or one of "
                "oneself" },
    { .name = "resumable",
        FIELD_MEMBER(struct offer_args, is_resumable),
        .type = FIELD_BOOL,
        .help = "whether it comes in parts, each with PATCH, and can be gone on with later (tus "
                "1.0)" },
};
static const struct fields offer_fields = FIELDS(offer_list);

/* An offer on its way. */
struct offer {
    struct files_op op;
    struct rest *call; /* may be gone: ask rest_is_back() first */
    struct files_row row;
    enum files_draft draft;
    int64_t now_ms;
    int64_t expires_at_ms;
    uint64_t bytes; /* that must find place: of this file and of all that are awaited */
    bool has_row;
    int err;
};

static struct offer *offer_of(struct files_op *op)
{
    return CONTAINER_OF(op, struct offer, op);
}

static void offer_free(struct files_op *op)
{
    struct offer *o = offer_of(op);
    files_op_fini(op);
    files_row_fini(&o->row);
    xfree(o);
}

/* ---- who may, and what ---- */

static int check_what(struct rest *c, const struct files *f, const struct offer_args *a)
{
    bool is_picture = a->type.len > 0 && slice_starts(a->type, S("image/"));
    c->why = S("");
    if (!files_is_name(a->name))
        c->why = S("A file's name is one line without / and \\.");
    else if (a->type.len > 0 && !files_is_type(a->type))
        c->why = S("\"type\" must be a media type, such as image/png.");
    else if (a->use != FILE_SHARED && !is_picture)
        c->why = S("Only pictures are used for this: \"type\" must begin with image/.");
    if (c->why.len > 0)
        return ERR_BAD_FIELD;
    if ((uint64_t)a->size <= f->settings.max_bytes)
        return 0;
    c->why = S("The file is larger than this server takes.");
    return ERR_TOO_BIG;
}

static int need_account(struct rest *c, struct slice why)
{
    if (rest_account(c).len > 0)
        return 0;
    c->why = why;
    return ERR_UNAUTHORIZED;
}

static int check_who(struct rest *c, const struct offer_args *a)
{
    if (a->use == FILE_AVATAR)
        return need_account(c, S("Only accounts have a picture: log in first."));
    if (c->room)
        return rest_may_write(c);
    if (a->room_id.len > 0) {
        rest_count_miss(c);
        return ERR_ROOM_NOT_FOUND;
    }
    if (a->use == FILE_SHARED)
        return need_account(c, S("Name the room that the file is for, or log in."));
    c->why = S("Name the room whose board this is.");
    return ERR_BAD_FIELD;
}

/* The asker as the one who uploads, in the request's arena. */
static int find_uploader(struct slice *out, struct rest *c)
{
    struct buf name;
    *out = c->asker.who.user_id;
    if (c->asker.is_known)
        return 0;
    buf_init(&name, FILES_USER_MAX);
    files_add_peer(&name, c->request->peer);
    int err = buf_err(&name);
    if (!err)
        err = arena_copy(out, &c->request->arena, buf_slice(&name));
    buf_fini(&name);
    return err;
}

/* ---- the end ---- */

static int put_upload_url(struct buf *out, const struct offer *o)
{
    const struct files *f = o->op.files;
    const struct store_file *file = &o->row.file;
    const struct signed_upload what = {
        .method = o->draft == DRAFT_PARTS ? S("PATCH") : S("PUT"),
        .id = file->id,
        .bytes = file->bytes,
        .type = file->type,
        .user_id = file->user_id,
        .expires_at_ms = o->expires_at_ms,
    };
    if (file->is_remote)
        return files_s3_add_put(
            out, &f->settings.s3, file, FILES_EXPIRES_MS / 1000, loop_wall_ms(f->loop));
    buf_add_slice(out, o->call->settings.public_url);
    buf_add_str(out, "/api/files/");
    buf_add_slice(out, file->id);
    buf_add_char(out, '?');
    return signed_url_write(out, &f->key, &what);
}

static void put_headers(struct json_writer *w, const struct offer *o)
{
    jw_field_object(w, "headers");
    if (o->draft == DRAFT_PARTS) {
        jw_field_str(w, "Content-Type", S("application/offset+octet-stream"));
        jw_field_str(w, "Tus-Resumable", S("1.0.0"));
        jw_field_str(w, "Upload-Offset", S("0"));
    } else {
        jw_field_str(w, "Content-Type", o->row.file.type);
    }
    jw_end(w);
}

static int answer(struct offer *o)
{
    struct buf upload, file;
    buf_init(&upload, FILES_URL_BYTES);
    buf_init(&file, FILES_URL_BYTES);
    int err = put_upload_url(&upload, o);
    files_add_url(&file, o->op.files, o->call->settings.public_url, &o->row.file);
    if (!err)
        err = buf_err(&file);
    if (!err) {
        struct json_writer *w = rest_object(o->call);
        jw_field_str(w, "uploadUrl", buf_slice(&upload));
        jw_field_str(w, "method", o->draft == DRAFT_PARTS ? S("PATCH") : S("PUT"));
        put_headers(w, o);
        jw_field_str(w, "fileUrl", buf_slice(&file));
        jw_field_str(w, "fileId", o->row.file.id);
        jw_field_time(w, "expiresAt", o->expires_at_ms);
    }
    buf_fini(&upload);
    buf_fini(&file);
    return err;
}

static void withdraw(struct offer *o)
{
    struct slice id = o->row.file.id;
    files_no_longer_await(o->op.files, id);
    if (o->has_row)
        files_retire(o->op.files, id);
}

static void end(struct offer *o, int err)
{
    struct rest *c = o->call;
    bool is_back = !o->op.files->is_closed && rest_is_back(c);
    if (is_back && !err)
        err = answer(o);
    if (!is_back || err)
        withdraw(o);
    offer_free(&o->op);
    if (is_back)
        rest_go_on(c, err);
}

/* ---- its way ---- */

static void reserve(struct files_op *op)
{
    struct offer *o = offer_of(op);
    o->err = files_disk_reserve(&op->files->disk, o->row.file.id);
}

static void on_reserved(struct files_op *op)
{
    struct offer *o = offer_of(op);
    end(o, o->err);
}

static void on_kept(void *arg, int err)
{
    struct offer *o = arg;
    o->has_row = !err;
    if (err || o->draft != DRAFT_PARTS)
        end(o, err);
    else
        files_op_run(&o->op, reserve, on_reserved);
}

static void keep(struct offer *o)
{
    struct store *store = o->op.files->store;
    store->ops->put_file(store, STORE_ADD, &o->row.file, &o->op.files->settings.quota, on_kept, o);
}

static void look_for_space(struct files_op *op)
{
    struct offer *o = offer_of(op);
    const struct files *f = op->files;
    o->err = files_disk_check_space(&f->disk, o->bytes, f->settings.free_bytes);
}

static void on_space(struct files_op *op)
{
    struct offer *o = offer_of(op);
    if (o->err || op->files->is_closed)
        end(o, o->err);
    else
        keep(o);
}

static int fill(struct offer *o, const struct offer_args *a, struct slice user_id)
{
    char id[FILES_ID_BYTES + 1];
    const struct files *f = o->op.files;
    bool is_default = a->type.len == 0;
    files_make_id(id, f);
    const struct store_file file = {
        .id = slice_str(id),
        .room_id = a->use == FILE_AVATAR ? S("") : a->room_id,
        .user_id = user_id,
        .name = a->name,
        .type = is_default ? S("application/octet-stream") : a->type,
        .use = (enum store_file_use)a->use,
        .bytes = (uint64_t)a->size,
        .is_remote = files_s3_is_on(&f->settings.s3),
        .created_at_ms = o->now_ms,
    };
    o->draft = a->is_resumable && !file.is_remote ? DRAFT_PARTS : DRAFT_WHOLE;
    o->expires_at_ms = o->now_ms +
        (o->draft == DRAFT_PARTS ? FILES_EXPIRES_PARTS_MS : FILES_EXPIRES_MS);
    return files_row_set(&o->row, &file);
}

static int await_it(struct offer *o)
{
    const struct files_awaiting what = {
        .id = o->row.file.id,
        .user_id = o->row.file.user_id,
        .bytes = o->row.file.is_remote ? 0 : o->row.file.bytes,
        .expires_at_ms = o->expires_at_ms,
    };
    int err = files_await(o->op.files, &what);
    o->bytes = files_awaited_bytes(o->op.files);
    return err;
}

static struct offer *offer_new(struct files *f, struct rest *c)
{
    struct offer *o = xtry(NULL, sizeof *o);
    if (!o)
        return NULL;
    *o = (struct offer){ .call = c, .now_ms = loop_wall_ms(f->loop) };
    files_op_init(&o->op, f, offer_free);
    files_row_init(&o->row);
    return o;
}

static int begin(struct rest *c, struct files *f, const struct offer_args *a, struct slice user_id)
{
    struct offer *o = offer_new(f, c);
    if (!o)
        return ERR_NO_MEMORY;
    int err = fill(o, a, user_id);
    if (!err)
        err = await_it(o);
    if (err) {
        offer_free(&o->op);
        return err;
    }
    rest_wait_for_store(c);
    if (o->row.file.is_remote)
        keep(o);
    else
        files_op_run(&o->op, look_for_space, on_space);
    return 0;
}

static int offer(struct rest *c)
{
    const struct offer_args *a = c->args;
    struct files *f = c->lobby->files;
    struct slice user_id;
    if (!f)
        return ERR_NOT_FOUND;
    int err = files_can_keep(f) ? check_who(c, a) : ERR_STORAGE_UNAVAILABLE;
    if (!err)
        err = check_what(c, f, a);
    if (!err)
        err = find_uploader(&user_id, c);
    if (err)
        return err;
    if (files_awaited_by(f, user_id) >= f->settings.uploads) {
        c->why = S("Too many uploads are awaited of you: finish them first.");
        return ERR_RATE_LIMITED;
    }
    return begin(c, f, a, user_id);
}

const struct rest_row files_offer = {
    REST_ARGS(struct offer_args, offer_fields),
    REST_IN_ROOM(REST_ROOM_OR_NEW, struct offer_args, room_id),
    .limit = REST_LIMIT(LIMIT_CREATE),
    .act = offer,
    .gives_status = 200,
    .gives = "{\"uploadUrl\":\"https://rooms.example.org/api/files/"
             "0123456789abcdef0123456789abcdef?size=4096&type=image%2Fpng&user=u1&"
             "expires=1767323645&key=1f0a93c2&signature=9f86d081\",\"method\":\"PUT\","
             "\"headers\":{\"Content-Type\":\"image/png\"},"
             "\"fileUrl\":\"https://rooms.example.org/files/"
             "0123456789abcdef0123456789abcdef/cat.png\","
             "\"fileId\":\"0123456789abcdef0123456789abcdef\","
             "\"expiresAt\":\"2026-01-02T03:14:05.000Z\"}",
};
