/* Signals arrive as events, each kind once a turn, and end with whoever closes them. */
#include "net/signals.h"

#include "rig.h"

struct heard {
    int numbers[8];
    unsigned n;
    struct signals *to_close;
};

static void on_signal(void *arg, int number)
{
    struct heard *h = arg;
    h->numbers[h->n++ % 8] = number;
    if (h->to_close)
        signals_close(h->to_close);
    h->to_close = NULL;
}

static void new_loop(struct loop **l)
{
    if (loop_new(l, &clock_system))
        abort();
}

static void turns(struct loop *l)
{
    for (int i = 0; i < 4; i++)
        loop_turn(l, false);
}

static bool has_heard(const struct heard *h, int number)
{
    for (unsigned i = 0; i < h->n && i < 8; i++) {
        if (h->numbers[i] == number)
            return true;
    }
    return false;
}

static void test_arrive(void)
{
    struct loop *l;
    struct heard h = { .n = 0 };
    struct signals *s = NULL;
    new_loop(&l);
    is_int(signals_open(&s, l, on_signal, &h), 0, "open");
    turns(l);
    is_int(h.n, 0, "nothing yet");
    raise(SIGHUP);
    is_int(h.n, 0, "a signal waits");
    loop_turn(l, true);
    ok(h.n == 1 && h.numbers[0] == SIGHUP, "for the loop");
    raise(SIGTERM);
    raise(SIGINT);
    raise(SIGHUP);
    turns(l);
    is_int(h.n, 4, "several arrive");
    ok(has_heard(&h, SIGTERM) && has_heard(&h, SIGINT), "one of each");
    raise(SIGTERM);
    turns(l);
    is_int(h.n, 5, "a second one of a kind arrives later");
    raise(SIGPIPE);
    turns(l);
    is_int(h.n, 5, "a broken pipe is nothing");
    signals_close(s);
    signals_close(NULL);
    raise(SIGHUP);
    turns(l);
    is_int(h.n, 5, "closed, none is told");
    loop_free(l);
}

static void test_close_inside(void)
{
    struct loop *l;
    struct heard h = { .n = 0 };
    new_loop(&l);
    is_int(signals_open(&h.to_close, l, on_signal, &h), 0, "open again: one waited");
    raise(SIGTERM);
    turns(l);
    is_int(h.n, 1, "closed by the first, the second is not told");
    loop_free(l);
}

static void close_signals(void *arg, uint32_t events)
{
    struct heard *h = arg;
    (void)events;
    signals_close(h->to_close);
    h->to_close = NULL;
}

/* Another event of the same turn closes them. */
static void test_close_beside(void)
{
    struct loop *l;
    struct heard h = { .n = 0 };
    struct signals *s;
    int fds[2];
    new_loop(&l);
    if (pipe2(fds, O_CLOEXEC) || signals_open(&s, l, on_signal, &h))
        abort();
    turns(l);
    h = (struct heard){ .to_close = s };
    struct watch w = { .fd = fds[0], .fn = close_signals, .arg = &h };
    if (loop_watch(l, &w, EPOLLIN) || write(fds[1], "x", 1) != 1)
        abort();
    raise(SIGHUP);
    loop_turn(l, false);
    loop_unwatch(l, &w);
    turns(l);
    is_int(h.n, 0, "closed earlier in the turn, none is told");
    close(fds[0]);
    close(fds[1]);
    loop_free(l);
}

static void test_no_descriptors(void)
{
    struct loop *l;
    struct rlimit limit;
    struct signals *s = NULL;
    new_loop(&l);
    getrlimit(RLIMIT_NOFILE, &limit);
    int next = dup(0);
    close(next);
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){ (rlim_t)next, limit.rlim_max });
    is_int(signals_open(&s, l, on_signal, NULL), ERR_IO, "without descriptors there are none");
    setrlimit(RLIMIT_NOFILE, &limit);
    loop_free(l);
}

int main(void)
{
    rig_prepare();
    test_arrive();
    test_close_inside();
    test_close_beside();
    test_no_descriptors();
    return done();
}
