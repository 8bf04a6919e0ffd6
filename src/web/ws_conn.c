/* The one timer of a WebSocket is armed for whatever is due first: the next ping, the answer to the
 * last one, the end of a message that has begun, the peer's goodbye. It is not touched by every
 * message: those only note that the peer was heard, and the timer looks when it fires. */
#include "web/ws_conn.h"

#include "base/log.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "proto/deflate.h"
#include "web/conn.h"
#include "web/reply.h"

#define WS_CONN_MAGIC 0x5753434fu
#define GOODBYE_US    (5 * 1000000u)
#define WORK_PER_TURN (1u << 20) /* bytes of messages, then others get their turn */
#define ANSWER_BYTES  512

struct ws_conn {
    uint32_t magic;
    bool is_paused;     /* by the user */
    bool is_quiet;      /* no pings */
    bool is_closing;    /* our close frame is on its way */
    bool is_heard;      /* bytes came since the last ping */
    bool is_asked;      /* a ping waits for an answer */
    uint64_t began_us;  /* of the message under way; 0: none */
    uint64_t pinged_us; /* the last ping, or the start */
    struct front *front;
    struct stream *stream;
    struct link link; /* front->sockets */
    struct ip admitted;
    struct timer timer;
    struct task free_task;
    const struct ws_user *user;
    void *arg;
    struct deflate *deflate;
    struct rest *rest; /* NULL: all that came was looked at */
    struct ws_reader reader;
};

struct rest {
    struct buf bytes;
    struct task again;
};

static const char ping_frame[2] = { (char)(0x80 | WS_PING), 0 };

static void free_rest(struct rest *rest)
{
    if (!rest)
        return;
    link_leave(&rest->again.link);
    buf_fini(&rest->bytes);
    xfree(rest);
}

static void destroy(void *arg)
{
    struct ws_conn *ws = arg;
    CHECK_MAGIC(ws, WS_CONN_MAGIC);
    ws_reader_fini(&ws->reader);
    free_rest(ws->rest);
    deflate_free(ws->deflate);
    ws->magic = 0;
    xfree(ws);
}

/* ---- time ---- */

static void arm(struct ws_conn *ws)
{
    const struct web_settings *s = ws->front->settings;
    uint64_t now = loop_now_us(ws->front->loop);
    uint64_t due = UINT64_MAX;
    if (!ws->is_quiet)
        due = ws->pinged_us + (ws->is_asked ? s->ws_pong_us : s->ws_ping_us);
    if (ws->began_us && ws->began_us + s->ws_assembly_us < due)
        due = ws->began_us + s->ws_assembly_us;
    if (due == UINT64_MAX)
        loop_disarm(ws->front->loop, &ws->timer);
    else
        loop_arm(ws->front->loop, &ws->timer, due > now ? due - now : 0);
}

static void ping(struct ws_conn *ws, uint64_t now)
{
    ws->pinged_us = now;
    ws->is_heard = false;
    ws->is_asked = true;
    stream_send(ws->stream, NULL, slice_of(ping_frame, sizeof ping_frame));
}

static void on_timer(void *arg)
{
    struct ws_conn *ws = arg;
    const struct web_settings *s = ws->front->settings;
    uint64_t now = loop_now_us(ws->front->loop);
    bool is_late = ws->began_us && now - ws->began_us >= s->ws_assembly_us;
    bool is_silent = ws->is_asked && !ws->is_heard;
    if (is_silent && (stream_queued(ws->stream) || ws->is_paused)) {
        is_silent = false; /* our ping waits behind what it reads, or we do not listen */
        ws->pinged_us = now;
    }
    if (ws->is_closing || is_late || is_silent) {
        stream_close(ws->stream, ERR_TIMEOUT);
        return;
    }
    if (ws->is_asked) /* it answered: the next ping comes a full interval after the last */
        ws->is_asked = false;
    else if (!ws->is_quiet && now - ws->pinged_us >= s->ws_ping_us)
        ping(ws, now);
    arm(ws);
}

/* ---- the end ---- */

static void send_close(struct ws_conn *ws, unsigned code, struct slice reason)
{
    struct blob *frame = ws_close_frame(code, reason);
    ws->is_closing = true;
    if (frame)
        stream_send(ws->stream, frame, blob_slice(frame));
    blob_unref(frame);
}

static void hear_nothing(void *arg, struct ws_conn *ws)
{
    (void)arg;
    (void)ws;
}

static const struct ws_user nobody = { .name = "nobody", .on_drained = hear_nothing };

void ws_conn_close(struct ws_conn *ws, unsigned code, struct slice reason)
{
    if (ws->is_closing || ws->user == &nobody)
        return;
    send_close(ws, code, reason);
    loop_arm(ws->front->loop, &ws->timer, GOODBYE_US);
}

/* Once; the connection may live on for a moment, to hear the peer out. */
static void tell_user(struct ws_conn *ws, int err)
{
    const struct ws_user *user = ws->user;
    ws->user = &nobody;
    if (user->on_close)
        user->on_close(ws->arg, ws, err);
}

/* The peer's goodbye: answered, unless it is an answer. Then the server hangs up first. */
static void on_goodbye(struct ws_conn *ws, const struct ws_event *event)
{
    if (!ws->is_closing)
        send_close(ws, event->close_code, S(""));
    tell_user(ws, ERR_CLOSED);
    stream_finish(ws->stream);
}

static void fail(struct ws_conn *ws, int err)
{
    struct slice why = ws->is_quiet ? S("") : slice_str(err_info(err)->text);
    log_debug(LOG_WS, "closed for what the peer sent", LOG_ERR(err));
    if (!ws->is_closing)
        send_close(ws, (unsigned)err_info(err)->ws_close, why);
    tell_user(ws, err);
    stream_finish(ws->stream);
}

/* ---- messages ---- */

static void on_rest(void *arg);

static void send_pong(struct ws_conn *ws, struct slice payload)
{
    struct blob *frame = ws_frame(WS_PONG, payload);
    if (frame && !ws->is_closing)
        stream_send(ws->stream, frame, blob_slice(frame));
    blob_unref(frame);
}

static void on_event(struct ws_conn *ws, const struct ws_event *event)
{
    switch (event->op) {
    case WS_TEXT:
    case WS_BINARY:
        ws->front->stats.ws_received++;
        ws->began_us = 0; /* what follows in the same bytes is another message */
        if (!ws->is_closing)
            ws->user->on_message(ws->arg, ws, event->op, event->payload);
        return;
    case WS_PING:
        send_pong(ws, event->payload);
        return;
    case WS_CLOSE:
        on_goodbye(ws, event);
        return;
    case WS_PONG:
    case WS_CONT:
        return;
    }
}

/* Notes when a message begins that does not end with these bytes. */
static void watch_assembly(struct ws_conn *ws)
{
    bool is_busy = ws_reader_is_busy(&ws->reader);
    if (is_busy && !ws->began_us) {
        ws->began_us = loop_now_us(ws->front->loop);
        if (!ws->is_closing)
            arm(ws);
    } else if (!is_busy) {
        ws->began_us = 0;
    }
}

/* What is read but not looked at: the user wants no more for now, or others are to have their turn
 * first. A few bytes may inflate to many messages. */
static void keep_rest(struct ws_conn *ws, const char *p, size_t len)
{
    struct rest *rest = xalloc(sizeof *rest);
    buf_init(&rest->bytes, LOOP_SCRATCH_BYTES);
    buf_add(&rest->bytes, p, len);
    task_init(&rest->again, on_rest, ws);
    ws->rest = rest;
    stream_pause(ws->stream);
    if (rest->bytes.err)
        stream_close(ws->stream, rest->bytes.err);
    else if (!ws->is_paused)
        loop_soon(ws->front->loop, &rest->again);
}

static void read_messages(struct ws_conn *ws, char *p, size_t len)
{
    int err = 0;
    size_t done = 0;
    while (!err && done < WORK_PER_TURN && !ws->is_paused && stream_is_open(ws->stream)) {
        struct ws_event event;
        err = ws_read(&event, &ws->reader, &p, &len);
        if (err)
            break;
        done += event.payload.len;
        on_event(ws, &event);
    }
    if (!stream_is_open(ws->stream))
        return;
    if (err && err != ERR_AGAIN)
        fail(ws, err);
    else
        watch_assembly(ws);
    if (!err && len && stream_is_open(ws->stream))
        keep_rest(ws, p, len);
}

static void on_data(void *arg, char *p, size_t len)
{
    struct ws_conn *ws = arg;
    CHECK_MAGIC(ws, WS_CONN_MAGIC);
    ws->is_heard = true;
    read_messages(ws, p, len);
}

static void on_rest(void *arg)
{
    struct ws_conn *ws = arg;
    struct rest *rest = ws->rest;
    ws->rest = NULL;
    read_messages(ws, rest->bytes.p, rest->bytes.len);
    free_rest(rest);
    if (!ws->rest && !ws->is_paused)
        stream_resume(ws->stream);
}

static void on_eof(void *arg)
{
    struct ws_conn *ws = arg;
    stream_close(ws->stream, ws->is_closing ? ERR_CLOSED : ERR_RESET);
}

static void on_drained(void *arg)
{
    struct ws_conn *ws = arg;
    ws->user->on_drained(ws->arg, ws);
}

static void on_close(void *arg, int err)
{
    struct ws_conn *ws = arg;
    struct front *f = ws->front;
    log_debug(LOG_WS, "connection closed", LOG_ERR(err));
    f->stats.closed[-err]++;
    f->stats.ws_open--;
    admission_leave(&f->all->admission, ws->admitted);
    loop_disarm(f->loop, &ws->timer);
    link_leave(&ws->link);
    if (ws->rest)
        link_leave(&ws->rest->again.link);
    tell_user(ws, err);
    loop_free_later(f->loop, &ws->free_task);
}

static const struct stream_user ws_stream_user = {
    .name = "ws",
    .on_data = on_data,
    .on_eof = on_eof,
    .on_close = on_close,
};

/* For users who want to know. The others are not looked at again behind every write: in a fan-out
 * they are out of the cache by then. */
static const struct stream_user ws_stream_user_drained = {
    .name = "ws",
    .on_data = on_data,
    .on_eof = on_eof,
    .on_drained = on_drained,
    .on_close = on_close,
};

/* ---- the opening handshake ---- */

static int check_request(char key[WS_ACCEPT_BYTES], const struct request *r)
{
    if (!r->head.wants_upgrade || !http1_has_token(&r->head, S("Upgrade"), S("websocket")))
        return ERR_UPGRADE_REQUIRED;
    if (!slice_eq(request_header(r, S("Sec-WebSocket-Version")), S("13")))
        return ERR_UPGRADE_REQUIRED;
    if (r->head.minor == 0 || r->head.method != HTTP1_GET)
        return ERR_BAD_REQUEST;
    if (r->conn->is_last) /* who is let in now would not be told to go */
        return ERR_DRAINING;
    return ws_accept_key(key, request_header(r, S("Sec-WebSocket-Key")));
}

/* 426 tells a client of another version which one is spoken. */
static void refuse(struct request *r, int err)
{
    struct reply reply;
    if (err != ERR_UPGRADE_REQUIRED) {
        reply_error(r, err);
        return;
    }
    reply_error_begin(&reply, r, err);
    reply_header(&reply, "Sec-WebSocket-Version", S("13"));
    reply_header(&reply, "Upgrade", S("websocket"));
    reply_error_body(&reply, err, S("This address speaks WebSocket, version 13."));
}

/* Small windows and none that outlives a message: compression then holds no memory between two of
 * them, and no peer makes us keep more. */
static const struct deflate_params deflate_wishes = {
    .server_bits = 12,
    .client_bits = 12,
    .server_no_takeover = true,
    .client_no_takeover = true,
};

/* All offers of the client, joined as if they had come in one header. */
static int agree_on_deflate(
    struct deflate_params *params, struct buf *answer, const struct request *r)
{
    struct buf offers;
    if (!r->front->settings->ws_deflate)
        return ERR_NOT_FOUND;
    buf_init(&offers, r->front->settings->http.header_bytes);
    for (unsigned i = 0; i < r->head.n_headers; i++) {
        const struct http1_header *h = &r->head.headers[i];
        if (!slice_eq_nocase(h->name, S("Sec-WebSocket-Extensions")))
            continue;
        if (offers.len)
            buf_add_char(&offers, ',');
        buf_add_slice(&offers, h->value);
    }
    int err = buf_err(&offers);
    if (!err)
        err = deflate_negotiate_within(params, answer, &deflate_wishes, buf_slice(&offers));
    buf_fini(&offers);
    return err;
}

static struct blob *write_answer(const char key[WS_ACCEPT_BYTES], struct slice extensions)
{
    struct buf out;
    buf_init(&out, ANSWER_BYTES);
    http1_write_status(&out, 101);
    http1_write_header(&out, "Upgrade", S("websocket"));
    http1_write_header(&out, "Connection", S("Upgrade"));
    http1_write_header(&out, "Sec-WebSocket-Accept", slice_of(key, WS_ACCEPT_BYTES));
    if (extensions.len)
        http1_write_header(&out, "Sec-WebSocket-Extensions", extensions);
    http1_write_end(&out);
    struct blob *blob = buf_blob(&out, 0);
    buf_fini(&out);
    return blob;
}

static struct ws_conn *take_over(
    struct request *r, const struct ws_user *user, void *arg, const struct deflate_params *deflate)
{
    struct front *f = r->front;
    struct ws_conn *ws = xalloc(sizeof *ws);
    ws->magic = WS_CONN_MAGIC;
    ws->front = f;
    ws->user = user;
    ws->arg = arg;
    ws->admitted = r->conn->admitted;
    ws->pinged_us = loop_now_us(f->loop);
    ws->deflate = deflate ? deflate_new(deflate) : NULL;
    ws_reader_init(&ws->reader, &f->settings->ws, ws->deflate);
    timer_init(&ws->timer, on_timer, ws);
    task_init(&ws->free_task, destroy, ws);
    list_push(&f->sockets, &ws->link);
    ws->stream = conn_upgrade(r->conn, ws);
    stream_set_user(ws->stream, user->on_drained ? &ws_stream_user_drained : &ws_stream_user, ws);
    stream_set_limits(ws->stream, &f->settings->ws_stream);
    f->stats.ws_opened++;
    f->stats.ws_open++;
    f->stats.responses[1]++;
    arm(ws);
    return ws;
}

struct ws_conn *ws_conn_accept(struct request *r, const struct ws_user *user, void *arg)
{
    char key[WS_ACCEPT_BYTES];
    struct deflate_params params;
    struct buf extensions;
    int err = check_request(key, r);
    if (err) {
        refuse(r, err);
        return NULL;
    }
    buf_init(&extensions, ANSWER_BYTES / 2);
    bool is_deflated = agree_on_deflate(&params, &extensions, r) == 0;
    struct blob *answer = write_answer(key, buf_slice(&extensions));
    buf_fini(&extensions);
    if (!answer) {
        reply_error(r, ERR_NO_MEMORY);
        return NULL;
    }
    struct ws_conn *ws = take_over(r, user, arg, is_deflated ? &params : NULL);
    stream_send(ws->stream, answer, blob_slice(answer));
    blob_unref(answer);
    return ws;
}

/* ---- sending ---- */

void ws_conn_send(struct ws_conn *ws, struct blob *frame)
{
    if (ws->is_closing)
        return;
    ws->front->stats.ws_sent++;
    stream_send(ws->stream, frame, blob_slice(frame));
}

/* NULL: not worth it, or no memory; then the message goes as it is. */
static struct blob *compress(struct ws_conn *ws, enum ws_op op, struct slice payload)
{
    struct buf out;
    struct blob *blob = NULL;
    if (!ws->deflate || payload.len < DEFLATE_MIN_BYTES)
        return NULL;
    buf_init(&out, payload.len + payload.len / 8 + 64);
    if (deflate_deflate(&out, ws->deflate, payload) == 0) {
        char head[WS_HEAD_MAX];
        unsigned n = ws_put_head(head + WS_HEAD_MAX, op, true, out.len);
        blob = buf_blob(&out, n);
        if (blob)
            memcpy(blob->bytes, head + WS_HEAD_MAX - n, n);
    }
    buf_fini(&out);
    return blob;
}

void ws_conn_send_message(struct ws_conn *ws, enum ws_op op, struct slice payload)
{
    struct blob *frame = compress(ws, op, payload);
    if (!frame)
        frame = ws_frame(op, payload);
    if (frame)
        ws_conn_send(ws, frame);
    else
        ws_conn_close(ws, 1013, S("out of memory"));
    blob_unref(frame);
}

void ws_conn_set_quiet(struct ws_conn *ws)
{
    ws->is_quiet = true;
    if (!ws->is_closing) /* then the timer is the goodbye's */
        arm(ws);
}

bool ws_conn_is_blocked(const struct ws_conn *ws)
{
    return stream_is_blocked(ws->stream);
}

bool ws_conn_is_slow(const struct ws_conn *ws)
{
    return stream_is_over_soft_mark(ws->stream);
}

void ws_conn_pause(struct ws_conn *ws)
{
    ws->is_paused = true;
    stream_pause(ws->stream);
}

void ws_conn_resume(struct ws_conn *ws)
{
    if (!ws->is_paused)
        return;
    ws->is_paused = false;
    if (ws->rest)
        loop_soon(ws->front->loop, &ws->rest->again);
    else
        stream_resume(ws->stream);
}

void ws_conn_feed(struct ws_conn *ws, struct slice in)
{
    if (in.len) /* the connection's own memory, no longer used by it */
        on_data(ws, (char *)(uintptr_t)in.p, in.len);
}

struct front *ws_conn_front(const struct ws_conn *ws)
{
    return ws->front;
}

bool ws_conn_may_leave(const struct ws_conn *ws)
{
    return !ws->is_closing && ws->user != &nobody && stream_may_leave(ws->stream);
}

void ws_conn_leave(struct ws_conn *ws)
{
    struct front *f = ws->front;
    stream_leave(ws->stream);
    loop_disarm(f->loop, &ws->timer);
    link_leave(&ws->link);
    if (ws->rest)
        link_leave(&ws->rest->again.link);
    f->stats.ws_open--;
}

void ws_conn_enter(struct ws_conn *ws, unsigned place)
{
    struct front *f = ws->front->all->at[place];
    ws->front = f;
    list_push(&f->sockets, &ws->link);
    f->stats.ws_open++;
    int err = stream_enter(ws->stream, f->loop, &f->stats.net);
    if (err) {
        stream_close(ws->stream, err);
        return;
    }
    if (ws->rest && !ws->is_paused)
        loop_soon(f->loop, &ws->rest->again);
    arm(ws);
    if (f->is_closed)
        ws_conn_drain(&ws->link);
}

void ws_conn_drain(struct link *link)
{
    struct ws_conn *ws = CONTAINER_OF(link, struct ws_conn, link);
    ws_conn_close(ws, 1001, slice_str(err_info(ERR_DRAINING)->text));
}

void ws_conn_abort(struct link *link)
{
    struct ws_conn *ws = CONTAINER_OF(link, struct ws_conn, link);
    stream_close(ws->stream, ERR_DRAINING);
}
