/* Bytes come from the stream, or from `in` when earlier ones were left over. consume() works on
 * them until they are used up or something has to be waited for: more bytes, a worker's answer, a
 * disk that is slower than the peer, a peer that does not read. What is left is kept in `in`, and
 * the stream is paused unless more bytes are what is missing.
 *
 * A handler answers before it returns (most do) or later. conn_answered() follows the answer up: at
 * once when it comes later, else when consume() has the handler's stack frame behind it. */
#include "web/conn.h"

#include "base/log.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "web/conn_move.h"
#include "web/gate.h"
#include "web/reply.h"
#include "web/static.h"
#include "web/ws_conn.h"

#define CONN_MAGIC    0x434f4e4eu
#define BODY_GRACE_US (5 * 1000000u) /* before the body's rate is judged, and between judgements */

static void destroy(void *arg)
{
    struct conn *c = arg;
    CHECK_MAGIC(c, CONN_MAGIC);
    buf_fini(&c->in);
    c->magic = 0;
    xfree(c);
}

/* Takes it off the front; its memory goes at the end of the turn. */
static void unlink_conn(struct conn *c)
{
    loop_disarm(c->front->loop, &c->timer);
    link_leave(&c->link);
    loop_free_later(c->front->loop, &c->free_task);
}

static void arm(struct conn *c, uint64_t after_us)
{
    loop_arm(c->front->loop, &c->timer, after_us);
}

/* ---- answers ---- */

bool conn_keeps_alive(const struct conn *c)
{
    const struct request *r = c->request;
    bool is_read = http1_body_is_done(&c->body);
    return r->head.keep_alive && is_read && !c->is_last && !c->front->is_draining;
}

static void finish(struct conn *c)
{
    c->phase = CONN_FINISHED;
    loop_disarm(c->front->loop, &c->timer);
    stream_finish(c->stream);
}

/* What follows an answer: the next request, or the end. */
static void go_on(struct conn *c)
{
    bool keeps_alive = conn_keeps_alive(c);
    request_free(c->request);
    c->request = NULL;
    if (!keeps_alive) {
        finish(c);
        return;
    }
    c->phase = CONN_IDLE;
    c->is_blocked = stream_is_over_soft_mark(c->stream);
    arm(c, c->front->settings->keep_alive_us);
}

/* Stands for a request whose head could not be read. */
static struct request *request_unread(struct conn *c)
{
    struct request *r = request_new(c->front);
    r->conn = c;
    r->is_secure = stream_is_secure(c->stream);
    r->is_admin = c->is_admin;
    r->head.method = HTTP1_GET;
    r->head.n_headers = 0;
    return r;
}

/* The rest of a body in pieces will not come: its handler has no more to do with it. */
static void tell_handler(struct request *r)
{
    if (!r->on_piece)
        return;
    r->on_gone(r);
    r->on_gone = NULL;
    r->on_piece = NULL;
}

/* Answers what cannot be served, and takes no more. */
static void refuse(struct conn *c, int err)
{
    struct request *r = c->request ? c->request : request_unread(c);
    const struct route *route = r->route;
    tell_handler(r);
    r->head.keep_alive = false;
    c->request = r;
    c->phase = CONN_HANDLING;
    log_debug(LOG_HTTP, "request refused", LOG_ERR(err));
    if (route && route->refuse)
        route->refuse(r, err);
    else
        reply_error(r, err);
}

/* ---- heads ---- */

static void handle(struct conn *c)
{
    struct request *r = c->request;
    c->phase = CONN_HANDLING;
    loop_disarm(c->front->loop, &c->timer);
    r->route->handle(r);
}

static int begin_body(struct conn *c)
{
    struct request *r = c->request;
    int err = http1_body_init(&c->body, &r->head, r->body_max);
    if (err || http1_body_is_done(&c->body))
        return err;
    if (!r->on_piece)
        buf_init(&r->body_buf, r->body_max);
    c->phase = CONN_BODY;
    c->body_began_us = loop_now_us(c->front->loop);
    arm(c, BODY_GRACE_US);
    return 0;
}

/* The client may wait with its body until it is wanted. */
static void say_continue(struct conn *c)
{
    struct request *r = c->request;
    if (r->head.expects_continue && c->body.total == 0)
        stream_send(c->stream, NULL, S("HTTP/1.1 100 Continue\r\n\r\n"));
    r->head.expects_continue = false;
}

/* Here: does a body come first? Of a request that came from another loop the head is moved. */
static void serve(struct conn *c, struct slice head_bytes)
{
    struct request *r = c->request;
    r->body_max = r->route->body_bytes;
    if (r->route->begin)
        r->route->begin(r);
    if (c->phase != CONN_HANDLING || r->is_answered) /* the answer may have ended the connection */
        return;
    int err = begin_body(c);
    if (!err && c->phase == CONN_BODY && !r->is_moved)
        err = request_move(r, head_bytes);
    if (err)
        refuse(c, err);
    else if (c->phase != CONN_BODY)
        handle(c);
    else if (!r->is_held)
        say_continue(c);
}

/* By which loop? One that it was sent to may know better. */
static void serve_in_place(struct conn *c, struct slice head_bytes)
{
    const struct route *route = c->request->route;
    unsigned place = route->place ? route->place(c->request) : c->front->place;
    if (place == c->front->place || conn_is_settled(c->request))
        serve(c, head_bytes);
    else
        conn_send_to(c, place, false);
}

/* The head is complete: is it to be served? */
static void begin(struct conn *c, struct request *r, struct slice head_bytes)
{
    r->conn = c;
    r->peer = stream_peer(c->stream);
    r->is_secure = stream_is_secure(c->stream);
    r->is_admin = c->is_admin;
    c->request = r;
    c->phase = CONN_HANDLING;
    c->front->stats.requests++;
    /* Until the route is known, the body counts as unread: an early answer ends the connection. */
    c->body = (struct http1_body){ .state = HTTP1_BODY_SIZED };
    if (!r->head.is_chunked && r->head.length == 0)
        c->body.state = HTTP1_BODY_DONE;
    if (gate_admit(r))
        serve_in_place(c, head_bytes);
}

static int take_head(struct conn *c, struct slice *in)
{
    size_t used;
    struct request *r = request_new(c->front);
    int err = http1_read_head(&r->head, &used, &c->scanned, *in, &c->front->settings->http);
    if (!err) {
        struct slice head_bytes = slice_take(*in, used);
        *in = slice_drop(*in, used);
        c->scanned = 0;
        begin(c, r, head_bytes);
        return 0;
    }
    request_free(r);
    if (err == ERR_AGAIN && c->phase == CONN_IDLE) {
        c->phase = CONN_HEAD;
        arm(c, c->front->settings->header_deadline_us);
    }
    return err;
}

/* ---- bodies ---- */

/* The handler may answer, or close the stream, which takes the request from us. */
static int hand_on(struct conn *c, struct slice data)
{
    struct request *r = c->request;
    if (data.len)
        r->on_piece(r, data);
    bool is_wanted = c->request == r && !r->is_answered;
    if (is_wanted && http1_body_is_done(&c->body))
        handle(c);
    return 0;
}

static int take_body(struct conn *c, struct slice *in)
{
    struct request *r = c->request;
    struct slice data;
    int err = http1_body_read(&data, &c->body, in);
    if (err)
        return err;
    if (r->on_piece)
        return hand_on(c, data);
    buf_add_slice(&r->body_buf, data);
    err = buf_err(&r->body_buf);
    if (err || !http1_body_is_done(&c->body))
        return err;
    r->body = buf_slice(&r->body_buf);
    handle(c);
    return 0;
}

/* ---- the bytes ---- */

static bool is_held(const struct conn *c)
{
    return c->phase == CONN_BODY && c->request->is_held;
}

static bool can_read(const struct conn *c)
{
    return c->phase <= CONN_BODY && !c->is_blocked && !is_held(c);
}

/* Keeps what was not used. `in` is the end of what is in `c->in`, or of foreign bytes. */
static void keep_rest(struct conn *c, struct slice in)
{
    if (c->in.len)
        buf_drop(&c->in, c->in.len - in.len);
    else
        buf_add_slice(&c->in, in);
    if (c->in.len == 0)
        buf_release(&c->in);
}

/* A handler that has not answered yet keeps the request: its bytes must outlive this turn. */
static void wait_for_answer(struct conn *c, struct slice all, struct slice rest)
{
    struct request *r = c->request;
    int err = 0;
    if (!r->is_moved)
        err = request_move(r, slice_of(all.p, (size_t)(rest.p - all.p)));
    if (err)
        stream_close(c->stream, err);
    else
        stream_pause(c->stream);
}

/* One step; false when there is nothing to do for now. */
static bool step(struct conn *c, struct slice *in)
{
    struct slice all = *in;
    bool in_body = c->phase == CONN_BODY;
    int err = in_body ? take_body(c, in) : take_head(c, in);
    if (err == ERR_AGAIN)
        return false;
    if (err)
        refuse(c, err);
    if (c->request && c->request->is_answered)
        go_on(c);
    else if (c->phase == CONN_HANDLING)
        wait_for_answer(c, all, *in);
    return can_read(c);
}

static void become_socket(struct conn *c, struct slice in)
{
    ws_conn_feed(c->ws, in);
    unlink_conn(c);
}

static void consume(struct conn *c, struct slice in)
{
    c->is_consuming = true;
    while (in.len > 0 && can_read(c) && step(c, &in))
        continue;
    c->is_consuming = false;
    if (c->phase == CONN_UPGRADED) {
        become_socket(c, in);
        return;
    }
    if (c->phase == CONN_FINISHED)
        return;
    keep_rest(c, in);
    if (c->is_blocked || is_held(c))
        stream_pause(c->stream);
    if (c->in.err)
        stream_close(c->stream, c->in.err);
}

static void on_data(void *arg, char *p, size_t len)
{
    struct conn *c = arg;
    CHECK_MAGIC(c, CONN_MAGIC);
    struct slice in = slice_of(p, len);
    if (c->in.len) {
        buf_add_slice(&c->in, in);
        if (c->in.err) {
            stream_close(c->stream, c->in.err);
            return;
        }
        in = buf_slice(&c->in);
    }
    consume(c, in);
}

/* What was left over is looked at now; then the stream may bring more. */
static void resume(struct conn *c)
{
    stream_resume(c->stream);
    if (c->in.len)
        consume(c, buf_slice(&c->in));
}

void conn_go_on_here(struct conn *c, bool is_begun)
{
    c->is_consuming = true;
    if (is_begun)
        handle(c);
    else
        serve_in_place(c, S(""));
    if (c->request && c->request->is_answered)
        go_on(c);
    c->is_consuming = false;
    if (c->phase == CONN_UPGRADED) {
        stream_resume(c->stream);
        become_socket(c, buf_slice(&c->in));
    } else if (can_read(c)) {
        resume(c);
    }
}

void conn_answered(struct conn *c)
{
    c->request->is_answered = true;
    if (c->is_consuming)
        return;
    go_on(c);
    if (can_read(c))
        resume(c);
}

void conn_break(struct conn *c, int err)
{
    struct request *r = c->request;
    c->request = NULL;
    stream_close(c->stream, err);
    request_free(r);
}

void conn_hold(struct conn *c)
{
    c->held_since_us = loop_now_us(c->front->loop);
}

/* Where the handler stands below consume(), that goes on by itself. */
void conn_go_on(struct conn *c)
{
    c->body_began_us += loop_now_us(c->front->loop) - c->held_since_us;
    if (c->phase != CONN_BODY || c->is_consuming)
        return;
    say_continue(c);
    resume(c);
}

static void on_drained(void *arg)
{
    struct conn *c = arg;
    if (c->phase == CONN_HANDLING && c->request->on_room) {
        c->request->on_room(c->request);
        return;
    }
    if (!c->is_blocked)
        return;
    c->is_blocked = false;
    resume(c);
    if (c->is_ended && can_read(c))
        finish(c);
}

/* ---- deadlines ---- */

static void judge_rate(struct conn *c)
{
    uint64_t elapsed_us = loop_now_us(c->front->loop) - c->body_began_us;
    uint64_t late_us = elapsed_us > BODY_GRACE_US ? elapsed_us - BODY_GRACE_US : 0;
    uint64_t owed = late_us / 1000 * c->front->settings->body_rate / 1000;
    if (c->body.total < owed && !is_held(c))
        refuse(c, ERR_TOO_SLOW);
    else
        arm(c, BODY_GRACE_US);
}

static void on_timer(void *arg)
{
    struct conn *c = arg;
    if (c->phase == CONN_IDLE && stream_queued(c->stream) > 0)
        arm(c, c->front->settings->keep_alive_us); /* it reads on, as net/stream sees to */
    else if (c->phase == CONN_IDLE || (c->phase == CONN_HEAD && c->in.len == 0))
        stream_close(c->stream, ERR_TIMEOUT);
    else if (c->phase == CONN_HEAD)
        refuse(c, ERR_TIMEOUT);
    else if (c->phase == CONN_BODY)
        judge_rate(c);
}

/* ---- life ---- */

static void on_open(void *arg)
{
    struct conn *c = arg;
    arm(c, c->front->settings->header_deadline_us);
}

/* A client that ends its side while it waits has hung up; one that has yet to read is given all it
 * asked for. */
static void on_eof(void *arg)
{
    struct conn *c = arg;
    if (c->is_blocked && c->phase == CONN_IDLE)
        c->is_ended = true;
    else if (c->phase == CONN_HANDLING || stream_queued(c->stream) == 0)
        stream_close(c->stream, ERR_CLOSED);
    else
        finish(c);
}

static void abandon(struct request *r, bool is_handled)
{
    bool is_wanted = is_handled && !r->on_gone; /* its handler will still answer, to nobody */
    r->conn = NULL;
    if (r->on_gone)
        r->on_gone(r);
    if (!is_wanted)
        request_free(r);
}

static void leave(const struct conn *c)
{
    if (c->is_admin)
        c->front->n_admin--;
    else
        admission_leave(&c->front->all->admission, c->admitted);
}

static void on_close(void *arg, int err)
{
    struct conn *c = arg;
    struct front *f = c->front;
    log_debug(LOG_HTTP, "connection closed", LOG_ERR(err));
    f->stats.closed[-err]++;
    leave(c);
    if (c->request)
        abandon(c->request, c->phase == CONN_HANDLING);
    c->request = NULL;
    c->phase = CONN_FINISHED;
    unlink_conn(c);
}

static const struct stream_user conn_stream_user = {
    .name = "http",
    .on_open = on_open,
    .on_data = on_data,
    .on_eof = on_eof,
    .on_drained = on_drained,
    .on_close = on_close,
};

static int open_stream(struct conn *c, int fd, const struct addr *peer)
{
    struct front *f = c->front;
    const struct web_settings *settings = f->settings;
    bool is_proxy = !c->is_admin && gate_is_proxy(settings, addr_ip(peer));
    const struct stream_options options = {
        .loop = f->loop,
        .fd = fd,
        .peer = peer,
        .limits = &settings->http_stream,
        .stats = &f->stats.net,
        .tls = c->is_admin ? NULL : f->tls,
        .expects_proxy = settings->expects_proxy && is_proxy,
        .user = &conn_stream_user,
        .arg = c,
    };
    return stream_new(&c->stream, &options);
}

/* *takes* `c`. */
static void begin_life(struct conn *c, int fd, const struct addr *peer)
{
    struct front *f = c->front;
    const struct web_settings *settings = f->settings;
    c->magic = CONN_MAGIC;
    c->phase = CONN_HEAD;
    c->admitted = addr_ip(peer);
    c->born = f->place;
    if (open_stream(c, fd, peer)) {
        leave(c);
        xfree(c);
        return;
    }
    buf_init(&c->in, settings->http.line_bytes + settings->http.header_bytes + LOOP_SCRATCH_BYTES);
    timer_init(&c->timer, on_timer, c);
    task_init(&c->free_task, destroy, c);
    list_push(&f->conns, &c->link);
    f->stats.connections_opened++;
    if (stream_is_open(c->stream))
        arm(c, settings->header_deadline_us);
}

void conn_new(struct front *f, int fd, const struct addr *peer)
{
    struct conn *c = xalloc(sizeof *c);
    c->front = f;
    begin_life(c, fd, peer);
}

void conn_new_admin(struct front *f, int fd, const struct addr *peer)
{
    struct conn *c = xalloc(sizeof *c);
    c->front = f;
    c->is_admin = true;
    f->n_admin++;
    begin_life(c, fd, peer);
}

struct stream *conn_upgrade(struct conn *c, struct ws_conn *ws)
{
    ASSERT(c->is_consuming && c->phase == CONN_HANDLING);
    c->phase = CONN_UPGRADED;
    c->ws = ws;
    request_free(c->request);
    c->request = NULL;
    return c->stream;
}

void conn_drain(struct conn *c)
{
    c->is_last = true;
    if (c->phase == CONN_IDLE || (c->phase == CONN_HEAD && c->in.len == 0))
        finish(c);
}
