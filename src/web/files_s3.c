#include "web/files_s3.h"

#include "web/files_name.h"
#include "web/files_s3_call.h"
#include "web/files_type.h"

#define TEXT_BYTES   4096
#define LENGTH_BYTES 20
#define CALL_S       60 /* for which an address of our own calls is good */

void files_s3_add_origin(struct buf *out, const struct files_s3 *s3)
{
    ptrdiff_t colon = slice_find(s3->endpoint, ':');
    size_t host_at = (size_t)colon + strlen("://");
    if (s3->is_path_style) {
        buf_add_slice(out, s3->endpoint);
        return;
    }
    buf_add_slice(out, slice_take(s3->endpoint, host_at));
    buf_add_slice(out, s3->bucket);
    buf_add_char(out, '.');
    buf_add_slice(out, slice_drop(s3->endpoint, host_at));
}

static void add_path(struct buf *out, const struct files_s3 *s3, struct slice id)
{
    buf_add_char(out, '/');
    if (s3->is_path_style) {
        buf_add_slice(out, s3->bucket);
        buf_add_char(out, '/');
    }
    buf_add_slice(out, id);
}

/* Origin and path are the same for all that is asked of a file. */
static int presign(struct buf *url, const struct files_s3 *s3, struct slice id,
    struct sigv4_request *request, int64_t now_ms)
{
    struct buf origin, path;
    buf_init(&origin, TEXT_BYTES);
    buf_init(&path, TEXT_BYTES);
    files_s3_add_origin(&origin, s3);
    add_path(&path, s3, id);
    int err = buf_err(&origin);
    if (!err)
        err = buf_err(&path);
    request->origin = buf_slice(&origin);
    request->path = buf_slice(&path);
    if (!err)
        err = sigv4_presign(url, &s3->key, request, now_ms);
    buf_fini(&origin);
    buf_fini(&path);
    return err;
}

int files_s3_add_put(struct buf *url, const struct files_s3 *s3, const struct store_file *file,
    uint32_t expires_s, int64_t now_ms)
{
    struct buf length;
    buf_init(&length, LENGTH_BYTES);
    buf_add_u64(&length, file->bytes);
    int err = buf_err(&length);
    const struct sigv4_pair headers[] = {
        { .name = S("content-type"), .value = file->type },
        { .name = S("content-length"), .value = buf_slice(&length) },
    };
    struct sigv4_request request = {
        .method = S("PUT"),
        .headers = headers,
        .n_headers = sizeof headers / sizeof *headers,
        .expires_s = expires_s,
    };
    if (!err)
        err = presign(url, s3, file->id, &request, now_ms);
    buf_fini(&length);
    return err;
}

int files_s3_add_get(
    struct buf *url, const struct files_s3 *s3, const struct store_file *file, int64_t now_ms)
{
    bool is_shown = files_is_shown(file->type);
    struct buf disposition;
    buf_init(&disposition, TEXT_BYTES);
    files_add_disposition(&disposition, is_shown ? "inline" : "attachment", file->name);
    int err = buf_err(&disposition);
    const struct sigv4_pair query[] = {
        { .name = S("response-content-disposition"), .value = buf_slice(&disposition) },
        { .name = S("response-content-type"),
            .value = is_shown ? file->type : S("application/octet-stream") },
    };
    struct sigv4_request request = {
        .method = S("GET"),
        .query = query,
        .n_query = sizeof query / sizeof *query,
        .expires_s = FILES_S3_READ_S,
    };
    if (!err)
        err = presign(url, s3, file->id, &request, now_ms);
    buf_fini(&disposition);
    return err;
}

static int call(const struct files_s3 *s3, struct slice method, struct slice id, int64_t now_ms)
{
    struct sigv4_request request = { .method = method, .expires_s = CALL_S };
    struct buf url;
    int status = 0;
    buf_init(&url, TEXT_BYTES);
    int err = presign(&url, s3, id, &request, now_ms);
    if (!err)
        err = files_s3_call(&status, method, buf_slice(&url));
    buf_fini(&url);
    if (err || status / 100 == 2)
        return err;
    return status == 404 ? ERR_NOT_FOUND : ERR_IO;
}

int files_s3_find(const struct files_s3 *s3, struct slice id, int64_t now_ms)
{
    return call(s3, S("HEAD"), id, now_ms);
}

int files_s3_remove(const struct files_s3 *s3, struct slice id, int64_t now_ms)
{
    int err = files_s3_is_on(s3) ? call(s3, S("DELETE"), id, now_ms) : 0;
    return err == ERR_NOT_FOUND ? 0 : err;
}
