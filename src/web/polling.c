/* The queue lives here, between one poll and the next. A poll that waits is answered at the end of
 * the turn in which something was sent, so that all of that goes in one payload.
 *
 * A request that waits knows its polling (`handler_arg`) and is known by it; whoever goes first
 * tells the other. */
#include "web/polling.h"

#include "base/panic.h"
#include "base/xalloc.h"
#include "proto/ws.h"
#include "web/eio.h"
#include "web/front.h"
#include "web/reply.h"

#define POLLING_MAGIC 0x504f4c4cu
#define TEXT_TYPE     "text/plain; charset=UTF-8"

struct polling {
    uint32_t magic;
    struct carrier carrier;
    struct front *front;
    struct chunkq out;    /* whole frames */
    struct request *poll; /* waits for packets */
    struct request *post; /* its body is on its way */
    bool is_new;          /* the answer that opens the session is not given yet */
    bool is_overfull;     /* something was not queued: the session is about to end */
    struct task flush;
    struct task free_task;
};

static const struct carrier_ops polling_ops;

struct polling *polling_of(const struct eio_session *s)
{
    struct carrier *c = eio_carrier(s);
    return c->ops == &polling_ops ? CONTAINER_OF(c, struct polling, carrier) : NULL;
}

/* ---- the payload ---- */

static void write_packet(struct buf *out, const struct blob *frame)
{
    bool is_binary;
    struct slice payload = eio_frame_payload(frame, &is_binary);
    if (out->len)
        buf_add_char(out, EIO_SEPARATOR);
    if (is_binary)
        eio_write_binary(out, payload);
    else
        buf_add_slice(out, payload);
}

/* Every chunk of the queue is one whole frame. */
static void write_payload(struct buf *out, struct chunkq *q)
{
    while (!chunkq_is_empty(q)) {
        const struct chunk *first = chunkq_first(q);
        write_packet(out, first->blob);
        chunkq_drop(q, first->len);
    }
}

static struct request *take_poll(struct polling *p)
{
    struct request *r = p->poll;
    p->poll = NULL;
    r->on_gone = NULL;
    r->handler_arg = NULL;
    return r;
}

static void reply_payload(struct polling *p, struct request *r, struct slice text)
{
    const struct eio_settings *settings = p->front->engine->settings;
    struct reply reply;
    eio_reply_begin(&reply, r, 200, TEXT_TYPE);
    for (unsigned i = 0; p->is_new && i < settings->n_headers; i++)
        reply_header(&reply, settings->headers[i].name, settings->headers[i].value);
    p->is_new = false;
    reply_body(&reply, text);
}

static void answer_poll(struct polling *p)
{
    struct request *r = take_poll(p);
    struct buf text;
    buf_init(&text, p->out.bytes * 3 / 2 + 4 * (size_t)p->out.n + 1);
    write_payload(&text, &p->out);
    int err = buf_err(&text);
    if (err) {
        reply_error(r, err);
        eio_abort(&p->carrier, EIO_TRANSPORT_ERROR); /* what was queued is lost */
    } else {
        reply_payload(p, r, buf_slice(&text));
    }
    buf_fini(&text);
}

static void flush(void *arg)
{
    struct polling *p = arg;
    if (p->is_overfull) /* it does not fetch what it is sent */
        eio_abort(&p->carrier, EIO_TRANSPORT_ERROR);
    else if (p->poll && !chunkq_is_empty(&p->out))
        answer_poll(p);
}

/* ---- as a carrier ---- */

static void on_send(struct carrier *c, struct blob *frame)
{
    struct polling *p = CONTAINER_OF(c, struct polling, carrier);
    if (!p->is_overfull && chunkq_push(&p->out, frame, blob_slice(frame)))
        p->is_overfull = true;
    if (p->poll || p->is_overfull)
        loop_at_end(p->front->loop, &p->flush);
}

/* A poll waits, and nothing is about to answer it. */
static bool is_waited_for(const struct carrier *c)
{
    const struct polling *p = CONTAINER_OF(c, const struct polling, carrier);
    return p->poll && chunkq_is_empty(&p->out);
}

/* A quarter of what closes it, as with the marks of a stream. */
static bool is_slow(const struct carrier *c)
{
    const struct polling *p = CONTAINER_OF(c, const struct polling, carrier);
    return chunkq_backlog(&p->out) > p->out.max_bytes / 4;
}

static void destroy(void *arg)
{
    struct polling *p = arg;
    CHECK_MAGIC(p, POLLING_MAGIC);
    p->magic = 0;
    chunkq_fini(&p->out);
    xfree(p);
}

static void let_go(struct polling *p)
{
    link_leave(&p->flush.link);
    if (p->post) {
        p->post->on_gone = NULL;
        p->post->handler_arg = NULL;
        p->post = NULL;
    }
    loop_free_later(p->front->loop, &p->free_task);
}

/* Where the queue is full, this is worth more than what is lost anyway. */
static void push_text(struct polling *p, const char *text)
{
    struct blob *frame = ws_frame(WS_TEXT, slice_str(text));
    int err = frame ? chunkq_push(&p->out, frame, blob_slice(frame)) : 0;
    if (err) {
        chunkq_fini(&p->out);
        err = chunkq_push(&p->out, frame, blob_slice(frame));
        ASSERT(!err); /* the built-in places need no memory */
    }
    blob_unref(frame);
}

/* A poll that waits gets "close" or, if the peer said goodbye itself, a packet without meaning. */
static void on_end(struct carrier *c, enum carrier_end how)
{
    struct polling *p = CONTAINER_OF(c, struct polling, carrier);
    if (p->poll && how == CARRIER_GOODBYE)
        push_text(p, "1");
    else if (p->poll && how == CARRIER_RELEASE && chunkq_is_empty(&p->out))
        push_text(p, "6");
    if (p->poll && how != CARRIER_DROP)
        answer_poll(p);
    else if (p->poll)
        eio_reply_refusal(take_poll(p), EIO_SESSION_UNKNOWN);
    let_go(p);
}

static void hand_over(struct carrier *c, struct carrier *to)
{
    struct polling *p = CONTAINER_OF(c, struct polling, carrier);
    while (!chunkq_is_empty(&p->out)) {
        const struct chunk *first = chunkq_first(&p->out);
        to->ops->send(to, first->blob);
        chunkq_drop(&p->out, first->len);
    }
    if (p->is_overfull)
        eio_abort(to, EIO_TRANSPORT_ERROR);
    on_end(c, CARRIER_RELEASE);
}

static bool may_leave(const struct carrier *c)
{
    return !CONTAINER_OF(c, const struct polling, carrier)->is_overfull;
}

/* The client asks again, and is led to where we are by then. A body that is on its way finds us
 * there, too. */
static void leave(struct carrier *c)
{
    struct polling *p = CONTAINER_OF(c, struct polling, carrier);
    link_leave(&p->flush.link);
    if (p->post)
        polling_forget_post(p->post);
    if (p->poll && chunkq_is_empty(&p->out))
        push_text(p, "6");
    if (p->poll)
        answer_poll(p);
    chunkq_count_giants(&p->out, NULL);
    ASSERT(!p->poll && !p->post);
}

static void enter(struct carrier *c, unsigned place)
{
    struct polling *p = CONTAINER_OF(c, struct polling, carrier);
    p->front = p->front->all->at[place];
    chunkq_count_giants(&p->out, &p->front->stats.net.giant_bytes);
}

static const struct carrier_ops polling_ops = {
    .name = "polling",
    .send = on_send,
    .is_writable = is_waited_for,
    .is_slow = is_slow,
    .is_reachable = is_waited_for,
    .close = on_end,
    .hand_over = hand_over,
    .may_leave = may_leave,
    .leave = leave,
    .enter = enter,
};

/* ---- GET ---- */

/* A client that hangs up while it waits has gone. */
static void on_poll_gone(struct request *r)
{
    struct polling *p = r->handler_arg;
    r->handler_arg = NULL;
    p->poll = NULL;
    eio_carrier_lost(&p->carrier, EIO_TRANSPORT_ERROR);
    let_go(p);
}

static void wait(struct polling *p, struct request *r)
{
    p->poll = r;
    r->handler_arg = p;
    r->on_gone = on_poll_gone;
}

void polling_open(struct request *r)
{
    struct polling *p = xalloc(sizeof *p);
    struct eio_session *s;
    struct eio_opening opening = eio_opening_of(r);
    p->magic = POLLING_MAGIC;
    p->carrier.ops = &polling_ops;
    p->front = r->front;
    p->is_new = true;
    chunkq_init(&p->out, r->front->engine->settings->queue_bytes);
    chunkq_count_giants(&p->out, &r->front->stats.net.giant_bytes);
    task_init(&p->flush, flush, p);
    task_init(&p->free_task, destroy, p);
    wait(p, r);
    int err = eio_open(&s, r->front->engine, &p->carrier, &opening);
    if (err) {
        reply_error(take_poll(p), err);
        let_go(p);
        return;
    }
    if (p->poll) /* the handshake, and what the session's user said at once */
        answer_poll(p);
}

void polling_get(struct polling *p, struct request *r)
{
    struct eio_session *s = p->carrier.session;
    if (p->poll) {
        eio_abort(&p->carrier, EIO_TRANSPORT_ERROR);
        eio_reply_text(r, 400, NULL, S(""));
        return;
    }
    wait(p, r);
    if (!chunkq_is_empty(&p->out)) {
        answer_poll(p);
    } else if (eio_is_closing(s)) {
        push_text(p, "1");
        answer_poll(p);
        eio_told(&p->carrier);
    }
}

/* ---- POST ---- */

static void on_post_gone(struct request *r)
{
    struct polling *p = r->handler_arg;
    r->handler_arg = NULL;
    p->post = NULL;
    eio_abort(&p->carrier, EIO_TRANSPORT_ERROR);
}

void polling_begin_post(struct polling *p, struct request *r)
{
    if (p->post) {
        eio_abort(&p->carrier, EIO_TRANSPORT_ERROR);
        eio_reply_text(r, 400, NULL, S(""));
        return;
    }
    p->post = r;
    r->handler_arg = p;
    r->on_gone = on_post_gone;
}

void polling_forget_post(struct request *r)
{
    struct polling *p = r->handler_arg;
    r->on_gone = NULL;
    r->handler_arg = NULL;
    if (p)
        p->post = NULL;
}

static void receive(struct polling *p, struct slice rest)
{
    struct slice packet;
    if (!rest.p)
        rest = S(""); /* an empty body is a payload, too, and not a sound one */
    while (p->carrier.session && eio_cut(&packet, &rest))
        eio_receive(&p->carrier, packet);
}

void polling_post_late(struct polling *p, struct request *r)
{
    polling_begin_post(p, r);
    if (r->handler_arg)
        polling_post(r);
}

void polling_post(struct request *r)
{
    struct polling *p = r->handler_arg;
    struct slice type = request_header(r, S("Content-Type"));
    polling_forget_post(r);
    if (slice_eq_nocase(type, S("application/octet-stream"))) {
        eio_abort(&p->carrier, EIO_TRANSPORT_ERROR);
        eio_reply_text(r, 400, NULL, S(""));
    } else {
        receive(p, r->body);
        eio_reply_text(r, 200, "text/html", S("ok"));
    }
}
