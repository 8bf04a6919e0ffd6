#include "web/eio.h"

#include "base/log.h"
#include "web/conn_move.h"
#include "web/cookie.h"
#include "web/cors.h"
#include "web/eio_ws.h"
#include "web/front.h"
#include "web/polling.h"
#include "web/reply.h"

#define REFUSAL_BYTES         128
#define UPGRADE_REFUSAL_BYTES 512

void eio_reply_begin(struct reply *reply, struct request *r, int status, const char *type)
{
    reply_begin(reply, r, status);
    if (type)
        reply_header(reply, "Content-Type", slice_str(type));
    reply_header(reply, "Cache-Control", S("no-store"));
}

void eio_reply_text(struct request *r, int status, const char *type, struct slice text)
{
    struct reply reply;
    eio_reply_begin(&reply, r, status, type);
    reply_body(&reply, text);
}

/* Who wanted a WebSocket gets words, not JSON, and the connection ends. */
static void refuse_upgrade(struct request *r, enum eio_refusal why)
{
    r->head.keep_alive = false;
    eio_reply_text(r, 400, "text/html", eio_refusal_text(why));
}

void eio_reply_refusal(struct request *r, enum eio_refusal why)
{
    struct buf json;
    if (why == EIO_UNSUPPORTED_VERSION)
        log_debug(
            LOG_SIO, "the client is too old: protocol 4 is needed, socket.io-client 3 or later");
    if (r->head.wants_upgrade) {
        refuse_upgrade(r, why);
        return;
    }
    buf_init(&json, REFUSAL_BYTES);
    eio_write_refusal(&json, why);
    eio_reply_text(r, why == EIO_FORBIDDEN ? 403 : 400, "application/json", buf_slice(&json));
    buf_fini(&json);
}

struct eio_opening eio_opening_of(const struct request *r)
{
    return (struct eio_opening){
        .path = r->path,
        .query = r->head.query,
        .cookie = cookie_session(r),
        .head = &r->head,
        .peer = r->peer,
        .is_secure = r->is_secure,
    };
}

/* What is asked, and of whom. */
struct asked {
    struct eio_query query;
    struct eio_session *session; /* NULL: a new one is wanted */
    int refusal;                 /* an eio_refusal, or -1 */
};

static int judge_new(const struct request *r, const struct eio_query *q)
{
    if (r->head.method != HTTP1_GET)
        return EIO_BAD_METHOD;
    if (q->transport == EIO_WEBSOCKET && !r->head.wants_upgrade)
        return EIO_BAD_REQUEST;
    return q->is_version_4 ? -1 : EIO_UNSUPPORTED_VERSION;
}

/* A WebSocket that cannot take over is answered all the same, and then closed: see eio_ws. */
static int judge_known(const struct request *r, const struct asked *a)
{
    bool is_polling = a->query.transport == EIO_POLLING;
    if (r->head.wants_upgrade)
        return is_polling || r->head.method != HTTP1_GET ? EIO_BAD_REQUEST : -1;
    return is_polling && polling_of(a->session) ? -1 : EIO_BAD_REQUEST;
}

/* In the original's order. */
static struct asked read_request(struct request *r)
{
    struct eio_server *e = r->front->engine;
    struct asked a = { .refusal = -1 };
    if (eio_read_query(&a.query, &r->arena, r->head.query))
        a.refusal = EIO_BAD_REQUEST;
    else if (a.query.transport == EIO_NO_TRANSPORT)
        a.refusal = EIO_TRANSPORT_UNKNOWN;
    else if (a.query.has_sid && !(a.session = eio_find(e, a.query.sid)))
        a.refusal = EIO_SESSION_UNKNOWN;
    else
        a.refusal = a.session ? judge_known(r, &a) : judge_new(r, &a.query);
    return a;
}

/* A new session begins where the kernel had its connection go, not where that was led to since: who
 * logged in was led to the first loop. */
unsigned eio_place(struct request *r)
{
    const struct eio_server *e = r->front->engine;
    struct eio_query query;
    bool is_alone = !e || e->all->places->n == 1;
    if (is_alone || conn_is_settled(r) || eio_read_query(&query, &r->arena, r->head.query))
        return r->front->place;
    return query.has_sid ? eio_place_of(e, query.sid) : r->conn->born;
}

void eio_begin(struct request *r)
{
    if (!r->front->engine) {
        reply_error(r, ERR_NOT_FOUND);
        return;
    }
    struct asked a = read_request(r);
    r->body_max = r->front->engine->settings->max_payload;
    if (a.refusal >= 0)
        eio_reply_refusal(r, (enum eio_refusal)a.refusal);
    else if (r->head.wants_upgrade && !cors_origin_may_connect(r))
        reply_error(r, ERR_BAD_ORIGIN);
    else if (a.session && r->head.method == HTTP1_POST)
        polling_begin_post(polling_of(a.session), r);
}

void eio_handle(struct request *r)
{
    if (r->head.method == HTTP1_POST && r->handler_arg) {
        polling_post(r);
        return;
    }
    if (eio_place(r) != r->front->place) { /* it went while the body came */
        conn_send_to(r->conn, eio_place(r), true);
        return;
    }
    struct asked a = read_request(r);
    if (a.refusal >= 0)
        eio_reply_refusal(r, (enum eio_refusal)a.refusal);
    else if (a.query.transport == EIO_WEBSOCKET)
        eio_ws_accept(r, a.session, a.query.wants_base64);
    else if (!a.session)
        polling_open(r);
    else if (r->head.method == HTTP1_GET)
        polling_get(polling_of(a.session), r);
    else if (r->head.method == HTTP1_POST)
        polling_post_late(polling_of(a.session), r);
    else
        eio_reply_text(r, 500, NULL, S(""));
}

/* A body that is too large is told so; the session goes on, the client decides. */
void eio_refuse(struct request *r, int err)
{
    polling_forget_post(r);
    eio_reply_text(r, err_info(err)->http_status, NULL, S(""));
}
