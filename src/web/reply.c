/* An answer is written into the loop's one buffer for heads and goes from there into a blob of its
 * own, a small body with it. What comes in pieces is queued on the stream as it comes; its handler
 * asks for no more than the stream has written. */
#include "web/reply.h"

#include "base/json_write.h"
#include "base/panic.h"
#include "web/conn.h"
#include "web/cors.h"

#define SMALL_BODY_BYTES 16384u /* travels in one piece with its head */
#define ERROR_BYTES      1024u

/* On every answer: what browsers must not do with it. Pages get more, see web/static. */
static void write_policy(struct buf *out, const struct request *r)
{
    http1_write_header(out, "X-Content-Type-Options", S("nosniff"));
    http1_write_header(out, "Referrer-Policy", S("same-origin"));
    if (r->is_secure && !r->front->settings->is_dev_tls)
        http1_write_header(out, "Strict-Transport-Security", S("max-age=31536000"));
}

void reply_begin(struct reply *reply, struct request *r, int status)
{
    struct buf *head = &r->front->head;
    *reply = (struct reply){ .request = r, .head = head, .status = status };
    buf_reset(head);
    http1_write_status(head, status);
    http1_write_header(head, "Date", front_date(r->front));
    write_policy(head, r);
    cors_write(head, r);
    if (r->conn && !conn_keeps_alive(r->conn))
        http1_write_header(head, "Connection", S("close"));
    else if (r->head.minor == 0)
        http1_write_header(head, "Connection", S("keep-alive"));
}

void reply_header(struct reply *reply, const char *name, struct slice value)
{
    http1_write_header(reply->head, name, value);
}

/* Sends the head, with `small` behind it in the same piece; false: it became too large, or there is
 * no memory. */
static bool send_head(struct reply *reply, struct slice small)
{
    struct request *r = reply->request;
    http1_write_end(reply->head);
    buf_add_slice(reply->head, small);
    struct blob *blob = buf_blob(reply->head, 0);
    if (blob)
        stream_send(r->conn->stream, blob, blob_slice(blob));
    blob_unref(blob);
    return blob;
}

void reply_break(struct request *r, int err)
{
    conn_break(r->conn, err);
}

static void count(const struct reply *reply)
{
    reply->request->front->stats.responses[reply->status / 100 % 6]++;
}

static void send_answer(struct reply *reply, struct blob *blob, struct slice body)
{
    struct request *r = reply->request;
    count(reply);
    if (!r->conn) { /* the peer has gone */
        request_free(r);
        return;
    }
    struct conn *c = r->conn;
    bool is_small = body.len <= SMALL_BODY_BYTES;
    if (r->head.method == HTTP1_HEAD)
        body = S("");
    if (!send_head(reply, is_small ? body : S(""))) {
        reply_break(r, ERR_NO_MEMORY);
        return;
    }
    if (!is_small && body.len)
        stream_send(c->stream, blob, body);
    conn_answered(c);
}

void reply_static_body(struct reply *reply, struct slice body)
{
    reply_shared_body(reply, NULL, body);
}

void reply_shared_body(struct reply *reply, struct blob *blob, struct slice body)
{
    http1_write_number(reply->head, "Content-Length", body.len);
    send_answer(reply, blob, body);
}

void reply_body(struct reply *reply, struct slice body)
{
    struct blob *blob = body.len > SMALL_BODY_BYTES ? blob_copy(body) : NULL;
    if (body.len > SMALL_BODY_BYTES && !blob) {
        reply_error(reply->request, ERR_NO_MEMORY);
        return;
    }
    reply_shared_body(reply, blob, blob ? blob_slice(blob) : body);
    blob_unref(blob);
}

void reply_no_body(struct reply *reply)
{
    if (reply->status != 204 && reply->status != 304)
        http1_write_number(reply->head, "Content-Length", 0);
    send_answer(reply, NULL, S(""));
}

void reply_length(struct reply *reply, uint64_t length)
{
    ASSERT(reply->request->head.method == HTTP1_HEAD);
    http1_write_number(reply->head, "Content-Length", length);
    send_answer(reply, NULL, S(""));
}

int reply_pieces(struct reply *reply, uint64_t length, void (*on_room)(struct request *r))
{
    struct request *r = reply->request;
    ASSERT(r->conn && r->on_gone && r->head.method != HTTP1_HEAD);
    count(reply);
    http1_write_number(reply->head, "Content-Length", length);
    if (!send_head(reply, S(""))) {
        reply_break(r, ERR_NO_MEMORY);
        return ERR_NO_MEMORY;
    }
    r->on_room = on_room;
    return 0;
}

void reply_piece(struct request *r, struct blob *blob)
{
    stream_send(r->conn->stream, blob, blob_slice(blob));
}

void reply_end(struct request *r)
{
    r->on_gone = NULL;
    r->on_room = NULL;
    conn_answered(r->conn);
}

void reply_json(struct request *r, int status, const struct buf *json)
{
    struct reply reply;
    if (json->err) {
        reply_error(r, json->err);
        return;
    }
    reply_begin(&reply, r, status);
    reply_header(&reply, "Content-Type", S("application/json; charset=utf-8"));
    reply_header(&reply, "Cache-Control", S("no-store"));
    reply_body(&reply, buf_slice(json));
}

void reply_error_begin(struct reply *reply, struct request *r, int err)
{
    reply_error_later(reply, r, err, 1);
}

void reply_error_later(struct reply *reply, struct request *r, int err, uint64_t seconds)
{
    int status = err_info(err)->http_status;
    reply_begin(reply, r, status);
    reply_header(reply, "Content-Type", S("application/json; charset=utf-8"));
    reply_header(reply, "Cache-Control", S("no-store"));
    if (status == 429 || status == 503)
        http1_write_number(reply->head, "Retry-After", seconds);
}

void reply_error_body(struct reply *reply, int err, struct slice message)
{
    struct json_writer w;
    struct buf json;
    buf_init(&json, ERROR_BYTES);
    jw_init(&w, &json);
    jw_object(&w);
    jw_key(&w, S("error"));
    jw_object(&w);
    jw_field_str(&w, "code", slice_str(err_name(err)));
    jw_field_str(&w, "message", message);
    jw_end(&w);
    jw_end(&w);
    reply_body(reply, buf_slice(&json));
    buf_fini(&json);
}

void reply_error_text(struct request *r, int err, struct slice message)
{
    struct reply reply;
    reply_error_begin(&reply, r, err);
    reply_error_body(&reply, err, message);
}

void reply_error(struct request *r, int err)
{
    reply_error_text(r, err, slice_str(err_info(err)->text));
}

void reply_redirect(struct request *r, int status, struct slice to)
{
    struct reply reply;
    reply_begin(&reply, r, status);
    reply_header(&reply, "Location", to);
    reply_no_body(&reply);
}
