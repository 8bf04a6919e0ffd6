#include "web/eio_ws.h"

#include "base/panic.h"
#include "base/xalloc.h"
#include "web/eio.h"
#include "web/front.h"
#include "web/ws_conn.h"

#define NO_CODE 1005 /* a close frame without a code */

struct eio_ws {
    struct carrier carrier;
    struct ws_conn *ws;
    bool wants_base64; /* binary goes as text */
};

/* ---- as a carrier ---- */

static void send_base64(struct eio_ws *e, struct slice bytes)
{
    struct buf text;
    buf_init(&text, bytes.len / 3 * 4 + 8);
    eio_write_binary(&text, bytes);
    if (buf_err(&text)) /* a message missing would be worse than no more messages */
        ws_conn_close(e->ws, 1013, S(""));
    else
        ws_conn_send_message(e->ws, WS_TEXT, buf_slice(&text));
    buf_fini(&text);
}

static void on_send(struct carrier *c, struct blob *frame)
{
    struct eio_ws *e = CONTAINER_OF(c, struct eio_ws, carrier);
    bool is_binary = false;
    struct slice payload = { .p = NULL };
    if (e->wants_base64)
        payload = eio_frame_payload(frame, &is_binary);
    if (is_binary)
        send_base64(e, payload);
    else
        ws_conn_send(e->ws, frame);
}

static bool is_writable(const struct carrier *c)
{
    return !ws_conn_is_blocked(CONTAINER_OF(c, const struct eio_ws, carrier)->ws);
}

static bool is_slow(const struct carrier *c)
{
    return ws_conn_is_slow(CONTAINER_OF(c, const struct eio_ws, carrier)->ws);
}

static bool is_reachable(const struct carrier *c)
{
    (void)c;
    return true;
}

static void on_end(struct carrier *c, enum carrier_end how)
{
    (void)how; /* the close frame says it all */
    ws_conn_close(CONTAINER_OF(c, struct eio_ws, carrier)->ws, NO_CODE, S(""));
}

static bool may_leave(const struct carrier *c)
{
    return ws_conn_may_leave(CONTAINER_OF(c, const struct eio_ws, carrier)->ws);
}

static void leave(struct carrier *c)
{
    ws_conn_leave(CONTAINER_OF(c, struct eio_ws, carrier)->ws);
}

static void enter(struct carrier *c, unsigned place)
{
    ws_conn_enter(CONTAINER_OF(c, struct eio_ws, carrier)->ws, place);
}

static const struct carrier_ops eio_ws_ops = {
    .name = "websocket",
    .send = on_send,
    .is_writable = is_writable,
    .is_slow = is_slow,
    .is_reachable = is_reachable,
    .close = on_end,
    .may_leave = may_leave,
    .leave = leave,
    .enter = enter,
};

/* ---- as a WebSocket's user ---- */

static void on_message(void *arg, struct ws_conn *ws, enum ws_op op, struct slice payload)
{
    struct eio_ws *e = arg;
    (void)ws;
    if (op == WS_TEXT)
        eio_receive(&e->carrier, payload);
    else
        eio_receive_binary(&e->carrier, payload);
}

static void on_close(void *arg, struct ws_conn *ws, int err)
{
    struct eio_ws *e = arg;
    (void)ws;
    eio_carrier_lost(&e->carrier, err == ERR_CLOSED ? EIO_TRANSPORT_CLOSE : EIO_TRANSPORT_ERROR);
    xfree(e);
}

static const struct ws_user eio_ws_user = {
    .name = "engine.io",
    .on_message = on_message,
    .on_close = on_close,
};

void eio_ws_accept(struct request *r, struct eio_session *session, bool wants_base64)
{
    struct eio_server *engine = r->front->engine;
    struct eio_opening opening = eio_opening_of(r);
    struct eio_session *s;
    struct eio_ws *e = xalloc(sizeof *e);
    e->carrier.ops = &eio_ws_ops;
    e->wants_base64 = wants_base64;
    e->ws = ws_conn_accept(r, &eio_ws_user, e);
    if (!e->ws) {
        xfree(e);
        return;
    }
    ws_conn_set_quiet(e->ws);
    int err = session ? eio_attach_probe(session, &e->carrier)
                      : eio_open(&s, engine, &e->carrier, &opening);
    if (err)
        ws_conn_close(e->ws, session ? NO_CODE : (unsigned)err_info(err)->ws_close, S(""));
}
