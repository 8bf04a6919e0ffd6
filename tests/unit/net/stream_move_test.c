/* A plain stream that goes from loop to loop: what was queued before, what the peer says or does on
 * the way, deadlines that go along, who may not leave, and every byte in its order however often it
 * moves. TLS is in tls_test.c. */
#include "fault.h"
#include "rig.h"

#define ROUNDS      3000
#define MODEL_BYTES (256 * 1024)

/* The rig's loop is where the stream is; the other one is where it goes next. */
struct trip {
    struct rig r;
    struct loop *other;
    struct stream_stats stats[2];
    unsigned at;
};

static void trip_init(struct trip *t)
{
    *t = (struct trip){ .at = 0 };
    rig_init(&t->r);
    if (loop_new(&t->other, &t->r.clock.clock))
        abort();
}

static void trip_open(struct trip *t)
{
    trip_init(t);
    rig_open(&t->r);
}

static void trip_fini(struct trip *t)
{
    loop_turn(t->other, false);
    rig_fini(&t->r);
    loop_free(t->other);
}

static bool depart(struct trip *t)
{
    bool may = t->r.stream && stream_may_leave(t->r.stream);
    if (may)
        stream_leave(t->r.stream);
    return may;
}

static int arrive(struct trip *t)
{
    struct loop *from = t->r.loop;
    t->r.loop = t->other;
    t->other = from;
    t->at ^= 1;
    return stream_enter(t->r.stream, t->r.loop, &t->stats[t->at]);
}

static void hop(struct trip *t, const char *what)
{
    ok(depart(t), "%s: it leaves", what);
    loop_turn(t->other, false);
    loop_turn(t->r.loop, false);
    is_int(arrive(t), 0, "%s: it arrives", what);
    ok(stream_loop(t->r.stream) == t->r.loop, "%s: there", what);
}

static void shrink(int fd)
{
    int least = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof least))
        abort();
}

/* Sends until the socket takes no more; gives how much waits then. */
static size_t block(struct rig *r)
{
    char bytes[1000];
    memset(bytes, 'x', sizeof bytes);
    for (int i = 0; i < 1000 && stream_queued(r->stream) == 0; i++) {
        rig_send_bytes(r, bytes, sizeof bytes);
        rig_turn(r);
    }
    return stream_queued(r->stream);
}

/* ---- what happens before, and on the way ---- */

enum deed {
    DEED_NOTHING,
    DEED_SEND,
    DEED_SAY,
    DEED_HANG_UP,
    DEED_SHUT,
    DEED_PAUSE,
};

static void happen(struct rig *r, enum deed deed)
{
    switch (deed) {
    case DEED_NOTHING:
        return;
    case DEED_SEND:
        rig_send_str(r, "to the peer");
        return;
    case DEED_SAY:
        rig_say_str(r, "from the peer");
        return;
    case DEED_HANG_UP:
        rig_hang_up(r);
        return;
    case DEED_SHUT:
        shutdown(r->peer, SHUT_WR);
        return;
    case DEED_PAUSE:
        stream_pause(r->stream);
    }
}

struct leg {
    const char *what;
    enum deed before[2];
    enum deed on_the_way[2];
    const char *heard; /* by the peer */
    const char *got;
    unsigned told[AT_CLOSE + 1];
    int close_err;
};

static const struct leg legs[] = {
    { .what = "nothing happens", .heard = "", .got = "" },
    { .what = "something was queued",
        .before = { DEED_SEND, DEED_SEND },
        .heard = "to the peerto the peer",
        .got = "",
        .told = { [AT_DRAINED] = 1 } },
    { .what = "the peer had said something",
        .before = { DEED_SAY },
        .heard = "",
        .got = "from the peer",
        .told = { [AT_DATA] = 1 } },
    { .what = "the peer says something",
        .on_the_way = { DEED_SAY },
        .heard = "",
        .got = "from the peer",
        .told = { [AT_DATA] = 1 } },
    { .what = "both ways",
        .before = { DEED_SEND, DEED_SAY },
        .on_the_way = { DEED_SAY },
        .heard = "to the peer",
        .got = "from the peerfrom the peer",
        .told = { [AT_DATA] = 1, [AT_DRAINED] = 1 } },
    { .what = "the peer hangs up",
        .on_the_way = { DEED_HANG_UP },
        .heard = "",
        .got = "",
        .told = { [AT_CLOSE] = 1 },
        .close_err = ERR_RESET },
    { .what = "the peer speaks and hangs up",
        .before = { DEED_SAY },
        .on_the_way = { DEED_HANG_UP },
        .heard = "",
        .got = "from the peer",
        .told = { [AT_DATA] = 1, [AT_CLOSE] = 1 },
        .close_err = ERR_RESET },
    { .what = "the peer says no more",
        .before = { DEED_SEND },
        .on_the_way = { DEED_SAY, DEED_SHUT },
        .heard = "to the peer",
        .got = "from the peer",
        .told = { [AT_DATA] = 1, [AT_EOF] = 1, [AT_DRAINED] = 1 } },
    { .what = "nobody listens",
        .before = { DEED_PAUSE, DEED_SAY },
        .on_the_way = { DEED_SAY },
        .heard = "",
        .got = "" },
    { .what = "nobody listens, and the peer hangs up",
        .before = { DEED_PAUSE },
        .on_the_way = { DEED_HANG_UP },
        .heard = "",
        .got = "",
        .told = { [AT_CLOSE] = 1 },
        .close_err = ERR_RESET },
};

static void check_told(const struct rig *r, const struct leg *l)
{
    for (unsigned i = AT_DATA; i <= AT_CLOSE; i++) {
        bool is_end = l->told[AT_CLOSE] > 0 && i == AT_EOF; /* whether it is seen first is open */
        ok(is_end || r->told[i] == l->told[i], "%s: moment %u is told %u times, not %u", l->what, i,
            l->told[i], r->told[i]);
    }
    is_int(r->close_err, l->close_err, "%s: how it ends", l->what);
}

static void test_leg(const struct leg *l)
{
    struct trip t;
    struct buf heard;
    trip_open(&t);
    buf_init(&heard, 1 << 20);
    for (unsigned i = 0; i < 2; i++)
        happen(&t.r, l->before[i]);
    ok(depart(&t), "%s: it leaves", l->what);
    for (unsigned i = 0; i < 2; i++)
        happen(&t.r, l->on_the_way[i]);
    rig_turns(&t.r, 2);
    loop_turn(t.other, false);
    ok(t.r.got.len == 0 && t.r.told[AT_CLOSE] == 0, "%s: nobody is told on the way", l->what);
    if (t.r.peer >= 0)
        rig_hear(&t.r, &heard);
    is_int((int)heard.len, 0, "%s: nor is anything written", l->what);
    is_int(arrive(&t), 0, "%s: it arrives", l->what);
    rig_turns(&t.r, 4);
    if (t.r.peer >= 0)
        rig_hear(&t.r, &heard);
    is_slice(heard, l->heard, "%s: what the peer hears", l->what);
    is_slice(t.r.got, l->got, "%s: what it says", l->what);
    check_told(&t.r, l);
    buf_fini(&heard);
    trip_fini(&t);
}

static void test_paused(void)
{
    struct trip t;
    trip_open(&t);
    stream_pause(t.r.stream);
    rig_say_str(&t.r, "early");
    hop(&t, "paused");
    rig_turns(&t.r, 2);
    is_int((int)t.r.got.len, 0, "it is paused there, too");
    ok(rig_is_idle(&t.r), "and nothing goes round");
    stream_resume(t.r.stream);
    rig_turn(&t.r);
    is_slice(t.r.got, "early", "until it is resumed");
    trip_fini(&t);
}

/* ---- who stays ---- */

static void test_who_stays(void)
{
    struct trip t;
    char bytes[1000] = { 0 };
    trip_init(&t);
    t.r.expects_proxy = true;
    rig_open(&t.r);
    ok(!depart(&t), "nobody leaves while it opens");
    trip_fini(&t);

    trip_open(&t);
    stream_finish(t.r.stream);
    ok(!depart(&t), "nor at its end");
    trip_fini(&t);

    trip_init(&t);
    t.r.limits.queue_hard_bytes = 1500;
    rig_open(&t.r);
    rig_send_bytes(&t.r, bytes, sizeof bytes);
    ok(stream_may_leave(t.r.stream), "with something queued");
    rig_send_bytes(&t.r, bytes, sizeof bytes);
    ok(!depart(&t), "but not with too much: it is about to end");
    rig_turn(&t.r);
    is_int(t.r.close_err, ERR_SLOW_READER, "and does so where it is");
    trip_fini(&t);
}

/* ---- readers that are slow ---- */

static void test_blocked(void)
{
    struct trip t;
    struct buf heard;
    trip_open(&t);
    buf_init(&heard, 64 << 20);
    ok(block(&t.r) > 0, "the peer does not read");
    size_t queued = stream_queued(t.r.stream);
    hop(&t, "blocked");
    ok(stream_is_blocked(t.r.stream), "it is blocked there, too");
    is_int((int)stream_queued(t.r.stream), (int)queued, "with what waits");
    ok(rig_is_idle(&t.r), "which does not keep the loop busy");
    rig_send_str(&t.r, "!");
    rig_hear(&t.r, &heard);
    rig_turns(&t.r, 2);
    rig_hear(&t.r, &heard);
    ok(heard.len > queued && heard.p[heard.len - 1] == '!', "all of it is written");
    is_int((int)stream_queued(t.r.stream), 0, "and nothing left");
    buf_fini(&heard);
    trip_fini(&t);
}

struct patience {
    const char *what;
    uint64_t soft_us;
    uint64_t there_us; /* when its time is over, at the latest */
};

/* Who does not read has its time again where it goes, and no more. */
static const struct patience patiences[] = {
    { "stalled", UINT64_MAX, RIG_STALL_US },
    { "over the soft mark", RIG_SOFT_US, RIG_SOFT_US },
};

static void test_deadlines(const struct patience *p)
{
    struct trip t;
    char bytes[1000] = { 0 };
    trip_init(&t);
    t.r.limits.queue_soft_us = p->soft_us;
    rig_open(&t.r);
    block(&t.r);
    while (stream_queued(t.r.stream) <= RIG_SOFT)
        rig_send_bytes(&t.r, bytes, sizeof bytes);
    rig_turn(&t.r);
    rig_pass(&t.r, p->there_us / 2);
    hop(&t, p->what);
    rig_turn(&t.r);
    is_int(t.r.told[AT_CLOSE], 0, "%s: it is in time", p->what);
    rig_pass(&t.r, p->there_us);
    is_int(t.r.close_err, ERR_SLOW_READER, "%s: it ends there", p->what);
    is_int((int)t.stats[1].slow_readers, 1, "%s: and is counted there", p->what);
    trip_fini(&t);
}

/* ---- what is counted ---- */

static void test_giants(void)
{
    struct trip t;
    trip_init(&t);
    rig_open(&t.r);
    char *bytes = calloc(1, 8u << 20);
    rig_send_bytes(&t.r, bytes, 8u << 20);
    size_t giant = t.r.stats.giant_bytes;
    ok(giant > 0, "much is queued");
    hop(&t, "giant");
    is_int((int)t.r.stats.giant_bytes, 0, "which the first loop counts no more");
    is_int((int)t.stats[1].giant_bytes, (int)giant, "but the second");
    stream_close(t.r.stream, ERR_CLOSED);
    rig_turn(&t.r);
    is_int((int)t.stats[1].giant_bytes, 0, "until it ends");
    free(bytes);
    trip_fini(&t);
}

static void test_counts(void)
{
    struct trip t;
    trip_open(&t);
    rig_say_str(&t.r, "12345");
    rig_turn(&t.r);
    hop(&t, "counted");
    rig_say_str(&t.r, "1234567");
    rig_send_str(&t.r, "123");
    rig_turn(&t.r);
    is_int((int)t.r.stats.received_bytes, 5, "what came before is the first loop's");
    is_int((int)t.stats[1].received_bytes, 7, "what comes there is the second's");
    is_int((int)t.stats[1].sent_bytes, 3, "as is what goes");
    trip_fini(&t);
}

/* The kernel watches no more there: its descriptor goes, and it can only be closed. */
static void test_no_watch(void)
{
    struct trip t;
    trip_open(&t);
    rig_send_str(&t.r, "never");
    ok(depart(&t), "it leaves");
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC); /* epoll watches no files */
    if (dup3(file, t.r.fd, O_CLOEXEC) < 0)
        abort();
    close(file);
    is_int(arrive(&t), ERR_IO, "and cannot be watched there");
    ok(fcntl(t.r.fd, F_GETFD) == -1, "so it is closed");
    stream_close(t.r.stream, ERR_IO);
    is_int(t.r.close_err, ERR_IO, "and ends");
    rig_turns(&t.r, 2);
    trip_fini(&t);
}

/* ---- order ---- */

struct model {
    char bytes[MODEL_BYTES];
    size_t len;
    unsigned hops;
};

static void wander(struct trip *t, struct model *m, uint64_t *seed)
{
    if (!depart(t))
        return;
    if (rig_draw(seed, 2))
        loop_turn(t->r.loop, false);
    if (arrive(t))
        abort();
    m->hops++;
}

/* Random sends, reads, turns of either loop and moves against what must come: just the bytes. */
static void run_model(struct trip *t, struct model *m, struct buf *heard, uint64_t seed)
{
    for (int i = 0; i < ROUNDS && m->len < MODEL_BYTES - 2000; i++) {
        size_t len = rig_draw(&seed, rig_draw(&seed, 8) ? 100 : 1500);
        for (size_t k = 0; k < len; k++)
            m->bytes[m->len + k] = (char)rig_draw(&seed, 256);
        if (len > 0)
            rig_send_bytes(&t->r, m->bytes + m->len, len);
        m->len += len;
        if (rig_draw(&seed, 3) == 0)
            rig_turn(&t->r);
        if (rig_draw(&seed, 4) == 0)
            wander(t, m, &seed);
        char some[3000];
        ssize_t n = rig_draw(&seed, 3) ? 0 : read(t->r.peer, some, 1 + rig_draw(&seed, 2999));
        if (n > 0)
            buf_add(heard, some, (size_t)n);
    }
    stream_finish(t->r.stream);
    rig_turn(&t->r);
    while (rig_hear(&t->r, heard))
        rig_turn(&t->r);
}

static void test_model(void)
{
    static struct model m;
    for (unsigned i = 0; i < 3; i++) {
        struct trip t;
        struct buf heard;
        trip_init(&t);
        t.r.limits.queue_soft_us = UINT64_MAX;
        rig_open(&t.r);
        buf_init(&heard, 4 << 20);
        m.len = m.hops = 0;
        if (i == 0)
            fault_trickle(7);
        else
            shrink(t.r.fd);
        run_model(&t, &m, &heard, UINT64_C(88172645463325252) + i);
        fault_off();
        ok(heard.len == m.len && memcmp(heard.p, m.bytes, m.len) == 0,
            "all %zu bytes in their order, in %u moves", m.len, m.hops);
        uint64_t sent = t.r.stats.sent_bytes + t.stats[0].sent_bytes + t.stats[1].sent_bytes;
        is_int((int)sent, (int)m.len, "and counted somewhere");
        buf_fini(&heard);
        trip_fini(&t);
    }
}

int main(void)
{
    rig_prepare();
    for (size_t i = 0; i < sizeof legs / sizeof *legs; i++)
        test_leg(&legs[i]);
    test_paused();
    test_who_stays();
    test_blocked();
    for (size_t i = 0; i < sizeof patiences / sizeof *patiences; i++)
        test_deadlines(&patiences[i]);
    test_giants();
    test_counts();
    test_no_watch();
    test_model();
    return done();
}
