/* Plain streams over a pair of sockets: what a turn sends leaves in one write, slow readers go when
 * their time is over and not before, ends of all kinds, closing from inside every call, failing
 * calls, and every byte in its order however little the socket takes. */
#include "net/stream.h"

#include "fault.h"
#include "rig.h"

#include <sys/ioctl.h>

#define ROUNDS      4000
#define MODEL_BYTES (512 * 1024)

/* A pair of connected TCP sockets over loopback. */
static void tcp_pair(int fds[2])
{
    struct addr at;
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (addr_parse(&at, S("127.0.0.1"), 0) || bind(listening, &at.any, at.len) ||
        listen(listening, 1) || getsockname(listening, &at.any, &at.len))
        abort();
    fds[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fds[1], &at.any, at.len))
        abort();
    fds[0] = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    (void)fcntl(fds[1], F_SETFL, O_NONBLOCK);
    close(listening);
}

static void open_tcp(struct rig *r)
{
    int fds[2];
    tcp_pair(fds);
    rig_adopt(r, fds[0], fds[1]);
}

static void shrink(int fd)
{
    int least = 1; /* the kernel makes of it what it needs */
    ok(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof least) == 0, "a small send buffer");
}

/* Sends until the socket takes no more; gives how much waits then. */
static size_t block(struct rig *r)
{
    char bytes[1000];
    memset(bytes, 'x', sizeof bytes);
    for (int i = 0; i < 1000 && r->stream && stream_queued(r->stream) == 0; i++) {
        rig_send_bytes(r, bytes, sizeof bytes);
        rig_turn(r);
    }
    return r->stream ? stream_queued(r->stream) : 0;
}

/* ---- sending ---- */

static void test_gather(void)
{
    struct rig r;
    struct buf heard;
    rig_init(&r);
    rig_open(&r);
    buf_init(&heard, 1000);
    ok(stream_is_open(r.stream), "open at once");
    for (int i = 0; i < 50; i++)
        rig_send_str(&r, "frame ");
    stream_send(r.stream, NULL, S("static"));
    is_int(stream_queued(r.stream), 306, "what is sent waits");
    is_int(r.stats.writes, 0, "for the end of the turn");
    rig_turn(&r);
    is_int(r.stats.writes, 1, "many sends of one turn are one write");
    is_int(r.stats.sent_bytes, 306, "of all bytes");
    is_int(stream_queued(r.stream), 0, "nothing waits");
    is_int(r.told[AT_DRAINED], 1, "the user is told so");
    is_int(r.told[AT_OPEN], 0, "and not of an opening that took nothing");
    heard.max = 1 << 20;
    rig_hear(&r, &heard);
    is_int(heard.len, 306, "all arrives");
    ok(rig_is_idle(&r), "then the loop waits");
    is_int(r.stats.writes, 1, "and writes no more");
    buf_fini(&heard);
    rig_fini(&r);
    is_int(r.close_err, ERR_CLOSED, "closed");
}

static void test_many_parts(void)
{
    struct rig r;
    struct buf heard;
    size_t wrong = 0;
    rig_init(&r);
    rig_open(&r);
    buf_init(&heard, 1 << 20);
    for (int i = 0; i < 500; i++)
        stream_send(r.stream, NULL, S("abcdefg"));
    rig_turn(&r);
    rig_hear(&r, &heard);
    for (size_t i = 0; i < heard.len; i++)
        wrong += heard.p[i] != "abcdefg"[i % 7];
    ok(heard.len == 3500 && wrong == 0, "more parts than one call of the kernel takes");
    ok(r.stats.writes <= 8, "take few calls");
    buf_fini(&heard);
    rig_fini(&r);
}

static void send_again(struct rig *r)
{
    if (r->told[AT_DRAINED] < 100)
        stream_send(r->stream, NULL, S("more"));
}

static void test_fair(void)
{
    struct rig r;
    rig_init(&r);
    rig_open(&r);
    r.act_at = AT_DRAINED;
    r.act = send_again;
    stream_send(r.stream, NULL, S("first"));
    rig_turn(&r);
    ok(r.told[AT_DRAINED] <= 2, "who always sends more has one piece a turn");
    unsigned before = r.told[AT_DRAINED];
    loop_turn(r.loop, true);
    loop_turn(r.loop, true);
    is_int(r.told[AT_DRAINED], before + 2, "but the next turn does not wait");
    rig_turns(&r, 200);
    is_int(r.told[AT_DRAINED], 100, "and all goes out in the end");
    is_int(r.stats.sent_bytes, 5 + 99 * 4, "to the last byte");
    rig_fini(&r);
}

static void overflow_from_inside(struct rig *r)
{
    stream_send(r->stream, NULL, S("in the next turn"));
    for (int i = 0; i < 3; i++)
        rig_send_str(r, "123456");
}

static void test_hard_mark(void)
{
    struct rig r;
    rig_init(&r);
    r.limits.queue_hard_bytes = 12;
    rig_open(&r);
    rig_send_str(&r, "123456");
    rig_send_str(&r, "123456");
    rig_turn(&r);
    ok(r.stream && r.stats.sent_bytes == 12, "up to the hard mark all goes out");
    rig_send_str(&r, "123456");
    rig_send_str(&r, "1234567");
    ok(r.stream && r.told[AT_CLOSE] == 0, "past it nothing is closed under the sender's hands");
    rig_send_str(&r, "x");
    stream_send(r.stream, NULL, S("x"));
    is_int(stream_queued(r.stream), 6, "sending is ignored from then on");
    rig_turn(&r);
    is_int(r.told[AT_CLOSE], 1, "it is closed at the end of the turn");
    is_int(r.close_err, ERR_SLOW_READER, "as a slow reader");
    is_int(r.stats.slow_readers, 1, "which is counted");
    rig_fini(&r);

    rig_init(&r);
    r.limits.queue_hard_bytes = 12;
    rig_open(&r);
    r.act_at = AT_DRAINED;
    r.act = overflow_from_inside;
    rig_send_str(&r, "123456");
    rig_turn(&r);
    is_int(r.close_err, ERR_SLOW_READER, "the same from inside on_drained, in the same turn");
    rig_fini(&r);
}

static void test_hard_mark_blocked(void)
{
    struct rig r;
    char bytes[1000] = { 0 };
    rig_init(&r);
    r.limits.queue_hard_bytes = 5000;
    rig_open(&r);
    block(&r);
    for (int i = 0; i < 6; i++)
        rig_send_bytes(&r, bytes, sizeof bytes);
    is_int(r.told[AT_CLOSE], 0, "a blocked stream waits for the end of the turn as well");
    rig_turn(&r);
    is_int(r.close_err, ERR_SLOW_READER, "and is closed");
    rig_fini(&r);
}

/* ---- slow readers ---- */

static void test_stall(void)
{
    struct rig r;
    struct buf heard;
    rig_init(&r);
    buf_init(&heard, 1 << 20);
    rig_open(&r);
    ok(block(&r) > 0, "the peer does not read");
    ok(rig_is_idle(&r), "a blocked stream does not keep the loop busy");
    rig_pass(&r, RIG_STALL_US - 1);
    is_int(r.told[AT_CLOSE], 0, "it has time");
    rig_hear(&r, &heard);
    rig_turn(&r);
    is_int(stream_queued(r.stream), 0, "and may take it");
    rig_pass(&r, 10 * RIG_STALL_US);
    is_int(r.told[AT_CLOSE], 0, "nobody who has read all is slow");
    block(&r);
    rig_pass(&r, RIG_STALL_US / 2);
    rig_send_str(&r, "more");
    rig_pass(&r, RIG_STALL_US / 2 - 1);
    is_int(r.told[AT_CLOSE], 0, "until the deadline");
    rig_pass(&r, 1);
    is_int(r.close_err, ERR_SLOW_READER, "which what is sent meanwhile does not move");
    buf_fini(&heard);
    rig_fini(&r);
}

/* A blocked stream of which the peer reads a little: enough for some to be written, not all. */
static void read_a_little(struct rig *r)
{
    char some[32 * 1024];
    size_t before = stream_queued(r->stream);
    for (int i = 0; i < 100 && r->stream && stream_queued(r->stream) == before; i++) {
        if (read(r->peer, some, sizeof some) < 0)
            break;
        rig_turn(r);
    }
}

static void fill(struct rig *r, size_t to)
{
    char bytes[1000] = { 0 };
    while (r->stream && stream_queued(r->stream) < to)
        rig_send_bytes(r, bytes, sizeof bytes);
}

static void test_progress(void)
{
    struct rig r;
    rig_init(&r);
    r.limits.queue_soft_us = UINT64_MAX;
    rig_open(&r);
    shrink(r.fd);
    block(&r);
    fill(&r, 500 * 1000);
    for (int i = 0; i < 4; i++) {
        rig_pass(&r, RIG_STALL_US - 1000);
        read_a_little(&r);
    }
    ok(r.stream && stream_queued(r.stream) > RIG_SOFT, "a peer that reads slowly is not stalled");
    rig_pass(&r, RIG_STALL_US - 1);
    is_int(r.told[AT_CLOSE], 0, "nor without a soft limit over any mark");
    rig_pass(&r, 1);
    is_int(r.close_err, ERR_SLOW_READER, "until it stops");
    rig_fini(&r);
}

static void test_soft_mark(void)
{
    struct rig r;
    struct buf heard;
    rig_init(&r);
    buf_init(&heard, 4 << 20);
    rig_open(&r);
    shrink(r.fd);
    block(&r);
    ok(!stream_is_over_soft_mark(r.stream), "under the soft mark");
    rig_pass(&r, RIG_SOFT_US / 2);
    fill(&r, RIG_SOFT + 1);
    ok(stream_is_over_soft_mark(r.stream), "over it");
    rig_turn(&r);
    rig_pass(&r, RIG_SOFT_US - 1);
    is_int(r.told[AT_CLOSE], 0, "the time runs from when it was passed");
    while (r.stream && stream_is_over_soft_mark(r.stream)) {
        rig_hear(&r, &heard);
        rig_turn(&r);
    }
    ok(r.stream && !stream_is_over_soft_mark(r.stream), "the peer catches up");
    block(&r);
    fill(&r, 3 * RIG_SOFT);
    rig_pass(&r, RIG_SOFT_US - 1);
    read_a_little(&r);
    ok(r.stream && stream_is_over_soft_mark(r.stream), "over it again; reads, but too slowly");
    rig_pass(&r, 1);
    is_int(r.close_err, ERR_SLOW_READER, "its time is over, in spite of the progress");
    is_int(r.stats.slow_readers, 1, "counted");
    buf_fini(&heard);
    rig_fini(&r);
}

/* Over the mark, then all is read, then over it again at once: the time begins anew. */
static void test_soft_mark_twice(void)
{
    struct rig r;
    struct buf heard;
    static char bytes[900 * 1000];
    rig_init(&r);
    r.limits.queue_soft_bytes = 100; /* so that the last write takes it from over to empty */
    buf_init(&heard, 4 << 20);
    rig_open(&r);
    for (int i = 0; i < 2; i++) {
        rig_send_bytes(&r, bytes, sizeof bytes);
        rig_turn(&r);
        ok(stream_is_over_soft_mark(r.stream), "much at once");
        rig_pass(&r, RIG_SOFT_US - 1);
        is_int(r.told[AT_CLOSE], 0, "has its time");
        for (int k = 0; k < 100 && r.stream && stream_queued(r.stream) > 0; k++) {
            rig_hear(&r, &heard);
            rig_turn(&r);
        }
        rig_pass(&r, 1);
    }
    is_int(r.told[AT_CLOSE], 0, "each time");
    buf_fini(&heard);
    rig_fini(&r);
}

static void test_no_limits(void)
{
    struct rig r;
    rig_init(&r);
    r.limits.queue_soft_us = UINT64_MAX;
    r.limits.stall_us = UINT64_MAX;
    rig_open(&r);
    block(&r);
    fill(&r, RIG_SOFT + 1);
    rig_pass(&r, 1ull << 45);
    rig_pass(&r, 1ull << 45);
    is_int(r.told[AT_CLOSE], 0, "limits of UINT64_MAX close nothing");
    struct stream_limits others = r.limits;
    others.stall_us = 1000;
    stream_set_limits(r.stream, &others);
    rig_pass(&r, 1000);
    is_int(r.close_err, ERR_SLOW_READER, "other limits hold at once");
    rig_fini(&r);
}

/* ---- reading ---- */

static void test_data(void)
{
    struct rig r;
    rig_init(&r);
    open_tcp(&r);
    rig_say_str(&r, "hello ");
    rig_turn(&r);
    rig_say_str(&r, "there");
    rig_turn(&r);
    is_slice(r.got, "hello there", "bytes come as they arrive");
    is_int(r.told[AT_DATA], 2, "in two pieces");
    is_int(r.stats.received_bytes, 11, "counted");
    ok(!stream_is_secure(r.stream) && !stream_is_plain_on_tls(r.stream), "nothing is TLS here");
    ok(stream_loop(r.stream) == r.loop, "it belongs to its loop");
    shutdown(r.peer, SHUT_WR);
    rig_turns(&r, 2);
    is_int(r.told[AT_EOF], 1, "the end of what the peer sends");
    ok(rig_is_idle(&r), "is told once");
    rig_send_str(&r, "still here");
    rig_turn(&r);
    struct buf heard;
    buf_init(&heard, 1 << 20);
    ok(rig_hear(&r, &heard), "our side is open");
    is_slice(heard, "still here", "the peer still reads");
    stream_finish(r.stream);
    rig_turn(&r);
    is_int(r.close_err, ERR_CLOSED, "finishing needs no lingering then");
    ok(!rig_hear(&r, &heard), "the peer sees the end");
    buf_fini(&heard);
    rig_fini(&r);
}

static void test_fair_reader(void)
{
    struct rig r;
    static char bytes[64 * 1024];
    int big = 4 << 20;
    rig_init(&r);
    rig_open(&r);
    setsockopt(r.peer, SOL_SOCKET, SO_SNDBUFFORCE, &big, sizeof big);
    size_t said = 0;
    for (ssize_t n = 0; n >= 0 && said < (2u << 20); said += (size_t)(n > 0 ? n : 0))
        n = write(r.peer, bytes, sizeof bytes);
    if (said < (1u << 20)) {
        skip("the kernel grants no large buffer");
    } else {
        rig_turn(&r);
        ok(r.got.len > 0 && r.got.len <= 8 * LOOP_SCRATCH_BYTES, "one turn reads so much");
        rig_turns(&r, 10);
        is_int(r.got.len, said, "more turns read the rest");
    }
    rig_fini(&r);
}

static void pause_it(struct rig *r)
{
    stream_pause(r->stream);
}

static void test_pause(void)
{
    struct rig r;
    rig_init(&r);
    rig_open(&r);
    r.act_at = AT_DATA;
    r.act = pause_it;
    rig_say_str(&r, "one");
    rig_turn(&r);
    rig_say_str(&r, "two");
    ok(rig_is_idle(&r), "a paused stream does not keep the loop busy");
    is_slice(r.got, "one", "nothing comes while it is paused");
    stream_pause(r.stream);
    stream_resume(r.stream);
    rig_turn(&r);
    is_slice(r.got, "onetwo", "what waited comes after");
    rig_say_str(&r, "three");
    stream_resume(r.stream);
    stream_resume(r.stream);
    stream_pause(r.stream);
    rig_turn(&r);
    is_slice(r.got, "onetwo", "paused again");
    rig_hang_up(&r);
    rig_turn(&r);
    is_int(r.told[AT_CLOSE], 1, "a peer that is gone for good is noticed");
    is_int(r.close_err, ERR_RESET, "and cannot be answered");
    rig_fini(&r);
}

static void test_end_while_paused(void)
{
    struct rig r;
    rig_init(&r);
    open_tcp(&r);
    stream_pause(r.stream);
    rig_turn(&r);
    shutdown(r.peer, SHUT_WR);
    rig_turn(&r);
    is_int(r.told[AT_EOF], 1, "a peer that leaves while we are paused is noticed");
    ok(rig_is_idle(&r), "once");
    stream_resume(r.stream);
    rig_turns(&r, 2);
    is_int(r.told[AT_EOF], 1, "and not again");
    rig_fini(&r);

    rig_init(&r);
    open_tcp(&r);
    stream_pause(r.stream);
    rig_say_str(&r, "last words");
    shutdown(r.peer, SHUT_WR);
    rig_turn(&r);
    is_int(r.told[AT_EOF], 0, "unread bytes come before the end");
    ok(rig_is_idle(&r), "which does not keep the loop busy");
    r.act_at = AT_DATA;
    r.act = pause_it;
    stream_resume(r.stream);
    rig_turn(&r);
    is_slice(r.got, "last words", "they are not lost");
    rig_turns(&r, 2);
    is_int(r.told[AT_EOF], 1, "then the end is told, though paused again");
    is_int(r.told[AT_CLOSE], 0, "the stream is still ours");
    rig_fini(&r);
}

static void test_reset(void)
{
    struct rig r;
    struct linger hard = { .l_onoff = 1 };
    rig_init(&r);
    open_tcp(&r);
    setsockopt(r.peer, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    rig_hang_up(&r);
    rig_turn(&r);
    is_int(r.close_err, ERR_RESET, "a reset is an error");
    rig_fini(&r);

    rig_init(&r);
    open_tcp(&r);
    setsockopt(r.peer, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    stream_pause(r.stream);
    rig_turn(&r);
    rig_hang_up(&r);
    rig_turn(&r);
    is_int(r.close_err, ERR_RESET, "also while paused");
    rig_fini(&r);
}

static void finish_it(struct rig *r)
{
    stream_finish(r->stream);
}

/* A unix peer that says something and closes: hang-up and bytes in one event. */
static void test_hang_up(void)
{
    struct rig r;
    rig_init(&r);
    rig_open(&r);
    rig_say_str(&r, "bye");
    rig_hang_up(&r);
    rig_turn(&r);
    is_slice(r.got, "bye", "bytes before a hang-up are read");
    rig_turns(&r, 2);
    is_int(r.told[AT_EOF], 1, "the end is told");
    is_int(r.told[AT_CLOSE], 1, "nobody is left, so it closes");
    is_int(r.close_err, ERR_RESET, "though we had not finished");
    rig_fini(&r);

    rig_init(&r);
    rig_open(&r);
    r.act_at = AT_EOF;
    r.act = finish_it;
    rig_hang_up(&r);
    rig_turn(&r);
    is_int(r.close_err, ERR_CLOSED, "unless we finish then, with nothing left to say");
    rig_fini(&r);
}

/* ---- finishing ---- */

static void test_finish(void)
{
    struct rig r;
    struct buf heard;
    rig_init(&r);
    open_tcp(&r);
    buf_init(&heard, 1 << 20);
    rig_send_str(&r, "the answer");
    stream_finish(r.stream);
    stream_finish(r.stream);
    rig_send_str(&r, "too late");
    ok(!stream_is_open(r.stream), "finishing is not open");
    rig_turn(&r);
    rig_turn(&r);
    ok(!rig_hear(&r, &heard), "our side ends");
    is_slice(heard, "the answer", "after all that was queued before");
    rig_say_str(&r, "still talking");
    stream_pause(r.stream);
    rig_turn(&r);
    is_int(r.got.len, 0, "what the peer still says is ignored");
    int unread = 0;
    rig_pass(&r, 2 * SECOND_US - 1);
    is_int(r.told[AT_CLOSE], 0, "for a moment");
    rig_pass(&r, 1);
    is_int(r.close_err, ERR_CLOSED, "then it is over");
    rig_turn(&r);
    ok(ioctl(r.peer, FIONREAD, &unread) == 0 && send(r.peer, "x", 1, 0) == 1, "closed, not reset");
    buf_fini(&heard);
    rig_fini(&r);
}

static void test_finish_and_end(void)
{
    static const char *const last[] = { "", "last words" };
    for (int i = 0; i < 2; i++) {
        struct rig r;
        rig_init(&r);
        open_tcp(&r);
        stream_finish(r.stream);
        rig_turn(&r);
        rig_say_str(&r, last[i]);
        rig_hang_up(&r);
        rig_turns(&r, 3);
        is_int(r.told[AT_CLOSE], 1, "the peer's end ends it at once");
        is_int(r.close_err, ERR_CLOSED, "well, after '%s'", last[i]);
        is_int(r.told[AT_EOF], 0, "and nothing else is told");
        rig_fini(&r);
    }
}

static void test_finish_blocked(void)
{
    struct rig r;
    struct buf heard;
    rig_init(&r);
    buf_init(&heard, 4 << 20);
    rig_open(&r);
    block(&r);
    fill(&r, 100 * 1000);
    stream_finish(r.stream);
    rig_turn(&r);
    ok(rig_is_idle(&r), "finishing a blocked stream waits for the peer");
    for (int i = 0; i < 100 && rig_hear(&r, &heard); i++)
        rig_turn(&r);
    is_int(heard.len, r.stats.sent_bytes, "who gets everything");
    shutdown(r.peer, SHUT_WR);
    rig_turns(&r, 2);
    is_int(r.close_err, ERR_CLOSED, "and then the end");
    rig_fini(&r);

    rig_init(&r);
    rig_open(&r);
    block(&r);
    stream_finish(r.stream);
    rig_pass(&r, RIG_STALL_US);
    is_int(r.close_err, ERR_SLOW_READER, "or runs out of time");
    buf_fini(&heard);
    rig_fini(&r);
}

/* ---- closing inside ---- */

static void close_it(struct rig *r)
{
    struct stream *s = r->stream;
    stream_close(s, ERR_BUSY);
    stream_close(s, ERR_IO);
    stream_send(s, NULL, S("too late"));
    stream_pause(s);
    stream_resume(s);
    stream_finish(s);
}

static void happen(struct rig *r, enum rig_moment moment)
{
    if (moment == AT_DRAINED)
        rig_send_str(r, "something");
    if (moment == AT_DATA)
        rig_say_str(r, "something");
    if (moment == AT_EOF)
        shutdown(r->peer, SHUT_WR);
    rig_turn(r);
}

static void test_close_inside(void)
{
    static const char *const names[] = {
        [AT_DATA] = "on_data", [AT_EOF] = "on_eof", [AT_DRAINED] = "on_drained"
    };
    for (enum rig_moment moment = AT_DATA; moment <= AT_DRAINED; moment++) {
        struct rig r;
        rig_init(&r);
        rig_open(&r);
        r.act_at = moment;
        r.act = close_it;
        happen(&r, moment);
        ok(r.told[AT_CLOSE] == 1 && r.close_err == ERR_BUSY, "closed inside %s", names[moment]);
        rig_turns(&r, 2);
        is_int(r.told[moment], 1, "nothing follows");
        rig_fini(&r);
        is_int(r.told[AT_CLOSE], 1, "closed once");
    }
}

static void test_finish_inside(void)
{
    for (enum rig_moment moment = AT_DATA; moment <= AT_DRAINED; moment++) {
        struct rig r;
        struct buf heard;
        rig_init(&r);
        open_tcp(&r);
        buf_init(&heard, 1 << 20);
        r.act_at = moment;
        r.act = finish_it;
        happen(&r, moment);
        rig_turns(&r, 3);
        ok(!rig_hear(&r, &heard), "finished inside a call: our side ends");
        rig_hang_up(&r);
        rig_turns(&r, 3);
        is_int(r.close_err, ERR_CLOSED, "and the peer's ends it");
        buf_fini(&heard);
        rig_fini(&r);
    }
}

static void other_on_data(void *arg, char *p, size_t len)
{
    buf_add(arg, p, len);
}

static void other_on_close(void *arg, int err)
{
    buf_add_str(arg, err == ERR_CLOSED ? "." : "?");
}

static const struct stream_user other_user = {
    .name = "other", .on_data = other_on_data, .on_eof = rig_do_nothing, .on_close = other_on_close
};

static void test_set_user(void)
{
    struct rig r;
    struct buf other;
    rig_init(&r);
    rig_open(&r);
    buf_init(&other, 100);
    rig_say_str(&r, "one");
    rig_turn(&r);
    stream_set_user(r.stream, &other_user, &other);
    rig_say_str(&r, "two");
    rig_send_str(&r, "drained without anyone to tell");
    rig_turn(&r);
    stream_close(r.stream, ERR_CLOSED);
    is_slice(r.got, "one", "before, the one user is told");
    is_slice(other, "two.", "after, the other");
    is_int(r.told[AT_CLOSE], 0, "and nobody else");
    r.stream = NULL;
    buf_fini(&other);
    rig_fini(&r);
}

/* ---- failing calls ---- */

/* A conversation; whatever fails, it closes once, cleanly, and nothing is lost or freed twice. */
static void converse(void *arg)
{
    unsigned *bad = arg;
    struct rig r;
    struct buf heard;
    rig_init(&r);
    rig_open(&r);
    buf_init(&heard, 1 << 20);
    for (int i = 0; i < 12 && r.stream; i++) {
        for (int k = 0; k < 5 && r.stream; k++)
            rig_send_str(&r, "frame");
        rig_turn(&r);
        if (send(r.peer, "x", 1, MSG_NOSIGNAL) < 0)
            break;
        rig_turn(&r);
    }
    if (r.stream)
        stream_finish(r.stream);
    rig_turn(&r);
    shutdown(r.peer, SHUT_WR);
    rig_turns(&r, 3);
    *bad += r.told[AT_CLOSE] != 1;
    bool is_clean = r.close_err == ERR_CLOSED || r.close_err == ERR_RESET;
    *bad += !is_clean && r.close_err != ERR_SLOW_READER;
    *bad += !fault_hit() && r.close_err != ERR_CLOSED;
    buf_fini(&heard);
    rig_fini(&r);
}

/* Only the queue may ask for memory that can fail: everything sent in a turn, without a blob. */
static void queue_much(void *arg)
{
    unsigned *bad = arg;
    struct rig r;
    rig_init(&r);
    rig_open(&r);
    for (int i = 0; i < 100; i++)
        stream_send(r.stream, NULL, S("frame"));
    rig_turn(&r);
    *bad += fault_hit() != (r.told[AT_CLOSE] == 1);
    *bad += fault_hit() && r.close_err != ERR_SLOW_READER;
    rig_fini(&r);
}

static void test_faults(void)
{
    unsigned bad = 0;
    fault_each(FAULT_WRITE, converse, &bad);
    is_int(bad, 0, "a failing write is a clean close");
    fault_each(FAULT_READ, converse, &bad);
    is_int(bad, 0, "a failing read as well");
    fault_each(FAULT_ALLOC, queue_much, &bad);
    is_int(bad, 0, "no memory for the queue as well");
}

static void test_interrupts(void)
{
    struct rig r;
    rig_init(&r);
    rig_open(&r);
    fault_at(FAULT_WRITE, 1, EINTR);
    rig_send_str(&r, "hello");
    rig_turn(&r);
    ok(fault_hit() && r.stats.sent_bytes == 5, "an interrupted write is repeated");
    fault_off();
    rig_say_str(&r, "hello");
    fault_at(FAULT_READ, 1, EINTR);
    rig_turns(&r, 2);
    ok(fault_hit() && r.got.len == 5, "an interrupted read as well");
    fault_off();
    rig_fini(&r);
}

static void test_no_watch(void)
{
    struct rig r;
    struct stream *s = NULL;
    const struct addr unknown = { .any.sa_family = AF_UNIX };
    rig_init(&r);
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC); /* epoll watches no files */
    const struct stream_options options = {
        .loop = r.loop,
        .fd = file,
        .peer = &unknown,
        .limits = &r.limits,
        .stats = &r.stats,
        .expects_proxy = true,
        .user = &rig_user,
        .arg = &r,
    };
    is_int(stream_new(&s, &options), ERR_IO, "a descriptor that cannot be watched");
    ok(fcntl(file, F_GETFD) == -1, "is closed");
    ok(r.told[AT_CLOSE] == 0 && r.stats.half_open == 0, "and nobody is told");
    rig_fini(&r);
}

/* ---- order ---- */

struct model {
    char bytes[MODEL_BYTES];
    size_t len;
};

/* Random sends, reads and turns against what must come: just the bytes. */
static void run_model(struct rig *r, struct model *m, struct buf *heard, uint64_t seed)
{
    for (int i = 0; i < ROUNDS && m->len < MODEL_BYTES - 2000; i++) {
        size_t len = rig_draw(&seed, rig_draw(&seed, 8) ? 100 : 1500);
        for (size_t k = 0; k < len; k++)
            m->bytes[m->len + k] = (char)rig_draw(&seed, 256);
        if (len > 0)
            rig_send_bytes(r, m->bytes + m->len, len);
        m->len += len;
        if (rig_draw(&seed, 3) == 0)
            rig_turn(r);
        char some[3000];
        ssize_t n = rig_draw(&seed, 3) ? 0 : read(r->peer, some, 1 + rig_draw(&seed, 2999));
        if (n > 0)
            buf_add(heard, some, (size_t)n);
    }
    stream_finish(r->stream);
    rig_turn(r);
    while (rig_hear(r, heard))
        rig_turn(r);
}

static void test_model(void)
{
    static struct model m;
    for (int i = 0; i < 4; i++) {
        struct rig r;
        struct buf heard;
        rig_init(&r);
        r.limits.queue_soft_us = UINT64_MAX;
        if (i < 2)
            rig_open(&r);
        else
            open_tcp(&r);
        buf_init(&heard, 4 << 20);
        m.len = 0;
        if (i == 0)
            fault_trickle(7);
        else
            shrink(r.fd);
        run_model(&r, &m, &heard, 88172645463325252ull + (uint64_t)i);
        fault_off();
        ok(heard.len == m.len && memcmp(heard.p, m.bytes, m.len) == 0,
            "all %zu bytes in their order", m.len);
        is_int(r.stats.sent_bytes, m.len, "and counted");
        buf_fini(&heard);
        rig_fini(&r);
    }
}

static unsigned open_descriptors(void)
{
    unsigned n = 0;
    for (int fd = 0; fd < 1000; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

int main(void)
{
    unsigned before = open_descriptors();
    rig_prepare();
    test_gather();
    test_many_parts();
    test_fair();
    test_hard_mark();
    test_hard_mark_blocked();
    test_stall();
    test_progress();
    test_soft_mark();
    test_soft_mark_twice();
    test_no_limits();
    test_data();
    test_fair_reader();
    test_pause();
    test_end_while_paused();
    test_reset();
    test_hang_up();
    test_finish();
    test_finish_and_end();
    test_finish_blocked();
    test_close_inside();
    test_finish_inside();
    test_set_user();
    test_faults();
    test_interrupts();
    test_no_watch();
    test_model();
    is_int(open_descriptors(), before, "no descriptor is left open");
    return done();
}
