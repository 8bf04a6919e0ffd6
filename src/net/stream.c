/* A stream is driven by three things: events of its descriptor, the end of the turn (flush), and
 * one timer. All ways out lead to stream_close(): it tells the user, lets the descriptor go, and
 * puts the memory on the loop's list of things to free; so every function here may call the user
 * and only has to look at the phase when it is back. */
#include "net/stream.h"

#include "base/panic.h"
#include "base/xalloc.h"
#include "net/quick_send.h"
#include "net/stream_io.h"
#include "net/tls.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define IOV_PER_WRITE  64
#define READS_PER_TURN 8              /* then others get their turn */
#define MANY_PARTS     8192           /* that wait to be written: each costs more than its bytes */
#define LINGER_US      (2 * 1000000u) /* to hear a peer out that we have finished with */

static bool is_closed(const struct stream *s)
{
    return s->phase == STREAM_CLOSED;
}

/* ---- the plain transport ---- */

static int plain_read(size_t *got, struct stream *s, char *p, size_t room)
{
    ssize_t n = recv(s->watch.fd, p, room, 0);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? ERR_AGAIN : ERR_RESET;
    *got = (size_t)n;
    return 0;
}

static ssize_t send_many(const struct stream *s)
{
    struct iovec iov[IOV_PER_WRITE] NOT_CLEARED;
    unsigned n = chunkq_iov(&s->out, iov, IOV_PER_WRITE, SIZE_MAX);
    const struct msghdr message = { .msg_iov = iov, .msg_iovlen = n };
    return quick_sendmsg(s->watch.fd, &message);
}

/* Mostly there is one; then making a list of many would cost more than all else here. */
static ssize_t send_one(const struct stream *s)
{
    const struct chunk *c = chunkq_first(&s->out);
    return quick_send(s->watch.fd, c->p, c->len);
}

/* Sends, since write() looks at more of what the descriptor might be. */
static int plain_write(struct stream *s)
{
    while (!chunkq_is_empty(&s->out)) {
        ssize_t wrote = s->out.n == 1 ? send_one(s) : send_many(s);
        s->stats->writes++;
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return errno == EAGAIN ? ERR_AGAIN : ERR_RESET;
        s->stats->sent_bytes += (uint64_t)wrote;
        chunkq_drop(&s->out, (size_t)wrote);
    }
    return 0;
}

static int plain_peek_end(bool *is_end, struct stream *s)
{
    char byte;
    ssize_t n = recv(s->watch.fd, &byte, 1, MSG_PEEK);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? ERR_AGAIN : ERR_RESET;
    *is_end = n == 0;
    return 0;
}

static int plain_shutdown(struct stream *s)
{
    shutdown(s->watch.fd, SHUT_WR);
    return 0;
}

static void plain_free(struct stream *s)
{
    (void)s;
}

const struct stream_io stream_io_plain = {
    .name = "plain",
    .read = plain_read,
    .write = plain_write,
    .peek_end = plain_peek_end,
    .shutdown = plain_shutdown,
    .free = plain_free,
};

/* ---- what is watched for ---- */

static uint32_t wanted(const struct stream *s, bool wants_write)
{
    uint32_t events = 0;
    if (s->phase == STREAM_OPENING)
        return s->opening_events;
    if (!s->is_paused && !s->is_ended)
        events |= EPOLLIN; /* told at the end, too */
    if (s->is_paused && !s->is_ended && !s->is_end_ahead)
        events |= EPOLLRDHUP;
    if (wants_write)
        events |= EPOLLOUT;
    return events;
}

static void rewatch(struct stream *s)
{
    bool wants_write = s->watch.events & EPOLLOUT;
    loop_rewatch(s->loop, &s->watch, wanted(s, wants_write));
}

/* ---- the end ---- */

static void destroy(void *arg)
{
    struct stream *s = arg;
    CHECK_MAGIC(s, STREAM_MAGIC);
    s->io->free(s);
    stream_open_fini(s);
    tls_unref(s->tls);
    chunkq_fini(&s->out);
    s->magic = 0;
    xfree(s);
}

void stream_close(struct stream *s, int err)
{
    if (is_closed(s))
        return;
    if (s->phase == STREAM_OPENING)
        s->stats->half_open--;
    if (err == ERR_SLOW_READER)
        s->stats->slow_readers++;
    s->phase = STREAM_CLOSED;
    loop_disarm(s->loop, &s->timer);
    link_leave(&s->flush.link);
    link_leave(&s->again.link);
    int fd = s->watch.fd;
    loop_unwatch(s->loop, &s->watch);
    s->user->on_close(s->arg, err);
    if (fd >= 0)
        close(fd);
    s->flush.fn = destroy;
    loop_free_later(s->loop, &s->flush);
}

/* ---- writing ---- */

static uint64_t after(uint64_t at_us, uint64_t by_us)
{
    return by_us < TIMER_NEVER - at_us ? at_us + by_us : TIMER_NEVER;
}

/* Arms the one timer for whichever comes first of the two ways to be a slow reader. */
static void watch_reader(struct stream *s)
{
    uint64_t now = loop_now_us(s->loop);
    uint64_t due = after(s->progress_at_us, s->limits->stall_us);
    bool is_over = stream_is_over_soft_mark(s);
    if (!is_over)
        s->over_soft_at_us = 0;
    else if (!s->over_soft_at_us)
        s->over_soft_at_us = now;
    uint64_t soft_due = is_over ? after(s->over_soft_at_us, s->limits->queue_soft_us) : TIMER_NEVER;
    if (soft_due < due)
        due = soft_due;
    loop_arm(s->loop, &s->timer, due > now ? due - now : 0);
}

static void on_blocked(struct stream *s, size_t before)
{
    bool was_blocked = s->watch.events & EPOLLOUT;
    if (!was_blocked || s->out.bytes < before)
        s->progress_at_us = loop_now_us(s->loop);
    loop_rewatch(s->loop, &s->watch, wanted(s, true));
    watch_reader(s);
}

/* Ends our side and waits for the end of theirs. */
static void end_sending(struct stream *s)
{
    int err = s->io->shutdown(s);
    loop_arm(s->loop, &s->timer, LINGER_US);
    if (s->is_ended)
        stream_close(s, ERR_CLOSED);
    else if (err == ERR_AGAIN)
        loop_rewatch(s->loop, &s->watch, wanted(s, true));
}

static void on_written(struct stream *s)
{
    if (s->watch.events & EPOLLOUT) {
        loop_rewatch(s->loop, &s->watch, wanted(s, false));
        loop_disarm(s->loop, &s->timer);
        s->over_soft_at_us = 0;
    }
    if (s->phase == STREAM_FINISHING) {
        end_sending(s);
    } else if (s->user->on_drained) {
        s->is_draining = true;
        s->user->on_drained(s->arg);
        s->is_draining = false;
    }
}

static void flush(void *arg)
{
    struct stream *s = arg;
    if (is_closed(s) || s->phase == STREAM_OPENING)
        return;
    size_t before = s->out.bytes;
    int err = s->io->write(s);
    if (err == ERR_AGAIN)
        on_blocked(s, before);
    else if (err)
        stream_close(s, err);
    else
        on_written(s);
}

void stream_set_limits(struct stream *s, const struct stream_limits *limits)
{
    s->limits = limits;
    s->out.max_bytes = limits->queue_hard_bytes;
    if (s->phase == STREAM_OPEN && (s->watch.events & EPOLLOUT))
        watch_reader(s);
}

static void on_overflow(void *arg)
{
    stream_close(arg, ERR_SLOW_READER);
}

/* Closing waits for the end of the turn: the sender may be walking a list of streams. */
static void overflow(struct stream *s)
{
    s->flush.fn = on_overflow;
    link_leave(&s->flush.link);
    loop_at_end(s->loop, &s->flush);
}

void stream_send(struct stream *s, struct blob *blob, struct slice part)
{
    bool is_blocked = s->watch.events & EPOLLOUT;
    if (s->phase != STREAM_OPEN || s->flush.fn == on_overflow)
        return;
    if (chunkq_push(&s->out, blob, part)) {
        overflow(s);
    } else if (is_blocked) { /* the descriptor will say when it takes more */
        if (!s->over_soft_at_us && stream_is_over_soft_mark(s))
            watch_reader(s);
    } else if (s->is_draining) {
        loop_soon(s->loop, &s->flush);
    } else {
        loop_at_end(s->loop, &s->flush);
    }
}

/* ---- reading ---- */

static void on_end(struct stream *s)
{
    s->is_ended = true;
    rewatch(s);
    if (s->phase == STREAM_FINISHING && chunkq_is_empty(&s->out))
        stream_close(s, ERR_CLOSED);
    else if (s->phase == STREAM_OPEN)
        s->user->on_eof(s->arg);
}

/* One read; false when there is no more for now. */
static bool read_once(struct stream *s)
{
    size_t got = 0;
    char *p = loop_scratch(s->loop);
    int err = s->io->read(&got, s, p, LOOP_SCRATCH_BYTES);
    if (err == ERR_AGAIN)
        return false;
    if (err) {
        stream_close(s, err);
        return false;
    }
    if (got == 0) {
        on_end(s);
        return false;
    }
    s->stats->received_bytes += got;
    if (s->phase == STREAM_OPEN)
        s->user->on_data(s->arg, p, got);
    /* A short read of a descriptor says that it is empty; TLS gives a record at a time. */
    return s->io == &stream_io_tls || got == LOOP_SCRATCH_BYTES;
}

static void read_some(void *arg)
{
    struct stream *s = arg;
    for (unsigned i = 0; i == 0 || (i < READS_PER_TURN && !stream_is_over_soft_mark(s)); i++) {
        if (is_closed(s) || s->is_paused || s->is_ended || !read_once(s))
            return;
    }
}

/* While paused, data is not looked at; but a peer that has gone is. Bytes that it sent before are
 * not lost: then its end waits until they are read. */
static void on_end_while_paused(struct stream *s)
{
    bool is_end = false;
    int err = s->io->peek_end(&is_end, s);
    if (err && err != ERR_AGAIN) {
        stream_close(s, err);
    } else if (is_end) {
        on_end(s);
    } else {
        s->is_end_ahead = true;
        rewatch(s);
    }
}

/* A hang-up is both sides' end. It is told again and again, so it must end the stream, unless
 * reading goes on and will get to the end by itself. */
static void notice_end(struct stream *s, uint32_t events)
{
    bool is_reading = wanted(s, false) & events & EPOLLIN;
    bool is_done = s->phase == STREAM_FINISHING && chunkq_is_empty(&s->out);
    if (events & EPOLLERR)
        stream_close(s, ERR_RESET);
    else if ((events & EPOLLHUP) && !is_reading)
        stream_close(s, is_done ? ERR_CLOSED : ERR_RESET);
    else if ((events & EPOLLRDHUP) && s->is_paused && !s->is_ended)
        on_end_while_paused(s);
}

static void open_some(struct stream *s)
{
    int err = 0;
    while (s->step && !err)
        err = s->step(s);
    if (err == ERR_AGAIN) {
        loop_rewatch(s->loop, &s->watch, s->opening_events);
        return;
    }
    if (err) {
        stream_close(s, err);
        return;
    }
    s->stats->half_open--;
    s->phase = STREAM_OPEN;
    loop_disarm(s->loop, &s->timer);
    stream_open_fini(s);
    loop_rewatch(s->loop, &s->watch, wanted(s, false));
    if (s->user->on_open)
        s->user->on_open(s->arg);
    if (!is_closed(s))
        read_some(s); /* the first request often comes with the end of the handshake */
}

static void on_events(void *arg, uint32_t events)
{
    struct stream *s = arg;
    CHECK_MAGIC(s, STREAM_MAGIC);
    if (s->phase == STREAM_OPENING) {
        open_some(s);
        return;
    }
    if (events & EPOLLOUT)
        flush(s);
    if (!is_closed(s) && (events & EPOLLIN))
        read_some(s);
    if (!is_closed(s))
        notice_end(s, events);
}

static void on_timer(void *arg)
{
    struct stream *s = arg;
    if (s->phase == STREAM_OPENING)
        stream_close(s, ERR_TIMEOUT);
    else if (s->phase == STREAM_FINISHING && chunkq_is_empty(&s->out))
        stream_close(s, ERR_CLOSED);
    else
        stream_close(s, ERR_SLOW_READER);
}

/* ---- life ---- */

int stream_new(struct stream **out, const struct stream_options *o)
{
    struct stream *s = xalloc_line(sizeof *s);
    *s = (struct stream){
        .magic = STREAM_MAGIC,
        .phase = STREAM_OPEN,
        .opening_events = EPOLLIN,
        .io = &stream_io_plain,
        .loop = o->loop,
        .limits = o->limits,
        .stats = o->stats,
        .user = o->user,
        .arg = o->arg,
        .watch = { .fd = o->fd, .fn = on_events, .arg = s },
        .peer = addr_ip(o->peer),
    };
    chunkq_init(&s->out, o->limits->queue_hard_bytes);
    chunkq_count_giants(&s->out, &o->stats->giant_bytes);
    timer_init(&s->timer, on_timer, s);
    task_init(&s->flush, flush, s);
    task_init(&s->again, read_some, s);
    if (loop_watch(o->loop, &s->watch, EPOLLIN)) {
        close(o->fd);
        chunkq_fini(&s->out);
        xfree(s);
        return ERR_IO;
    }
    if (o->tls)
        s->tls = tls_ref(o->tls);
    stream_open_begin(s, o->expects_proxy);
    if (s->step) {
        s->phase = STREAM_OPENING;
        s->stats->half_open++;
        loop_arm(s->loop, &s->timer, s->limits->handshake_us);
    }
    *out = s;
    return 0;
}

bool stream_may_leave(const struct stream *s)
{
    return s->phase == STREAM_OPEN && s->flush.fn != on_overflow;
}

/* What its descriptor has to tell is told again where it is watched next; bytes that TLS has taken
 * off it already are not. */
void stream_leave(struct stream *s)
{
    ASSERT(stream_may_leave(s));
    int fd = s->watch.fd;
    s->was_blocked = s->watch.events & EPOLLOUT;
    link_leave(&s->flush.link);
    link_leave(&s->again.link);
    loop_disarm(s->loop, &s->timer);
    loop_unwatch(s->loop, &s->watch);
    s->watch.fd = fd;
    chunkq_count_giants(&s->out, NULL);
    s->loop = NULL;
    s->stats = NULL;
}

int stream_enter(struct stream *s, struct loop *l, struct stream_stats *stats)
{
    bool is_blocked = s->was_blocked;
    s->loop = l;
    s->stats = stats;
    chunkq_count_giants(&s->out, &stats->giant_bytes);
    if (loop_watch(l, &s->watch, wanted(s, is_blocked))) {
        close(s->watch.fd);
        s->watch.fd = -1;
        return ERR_IO;
    }
    if (is_blocked)
        watch_reader(s);
    else if (!chunkq_is_empty(&s->out))
        loop_at_end(l, &s->flush);
    if (s->io == &stream_io_tls && !s->is_paused)
        loop_soon(l, &s->again);
    return 0;
}

void stream_set_user(struct stream *s, const struct stream_user *user, void *arg)
{
    s->user = user;
    s->arg = arg;
}

void stream_pause(struct stream *s)
{
    if (is_closed(s) || s->phase == STREAM_FINISHING || s->is_paused)
        return;
    s->is_paused = true;
    rewatch(s);
}

void stream_resume(struct stream *s)
{
    if (is_closed(s) || !s->is_paused)
        return;
    s->is_paused = false;
    s->is_end_ahead = false;
    rewatch(s);
    if (s->io == &stream_io_tls)
        loop_soon(s->loop, &s->again); /* peek_end() may have taken bytes off the descriptor */
}

void stream_finish(struct stream *s)
{
    if (s->phase == STREAM_OPENING) {
        stream_close(s, ERR_CLOSED);
        return;
    }
    if (s->phase != STREAM_OPEN)
        return;
    s->phase = STREAM_FINISHING;
    s->is_paused = false;
    rewatch(s);
    if (!(s->watch.events & EPOLLOUT))
        loop_at_end(s->loop, &s->flush);
}

bool stream_is_open(const struct stream *s)
{
    return s->phase == STREAM_OPEN;
}

size_t stream_queued(const struct stream *s)
{
    return s->out.bytes;
}

bool stream_is_blocked(const struct stream *s)
{
    return s->watch.events & EPOLLOUT;
}

bool stream_is_over_soft_mark(const struct stream *s)
{
    return chunkq_backlog(&s->out) > s->limits->queue_soft_bytes || s->out.n > MANY_PARTS;
}

bool stream_is_secure(const struct stream *s)
{
    return s->io == &stream_io_tls;
}

bool stream_is_plain_on_tls(const struct stream *s)
{
    return s->is_plain_on_tls;
}

struct ip stream_peer(const struct stream *s)
{
    return s->peer;
}

struct loop *stream_loop(const struct stream *s)
{
    return s->loop;
}
