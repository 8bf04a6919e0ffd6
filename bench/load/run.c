/* A turn waits for replies and reads them all; loops are made of turns. `pending` counts the
 * replies that are still to come, whoever gets them, so a loop need not know what an operation
 * is. */
#include "load.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
    LOOK_US = 100,     /* between two looks */
    LATE_NS = 500000,  /* a message that leaves so long after it was due */
    SENT_AT_ONCE = 64, /* of those that are overdue, before replies are read */
    WARM_CONNS = 200,  /* opened and closed before memory is read, so that arenas exist */
};

/* ---- what a protocol tells */

void step_ended(struct load *l, struct conn *c)
{
    l->pending--;
    if (--c->steps_left > 0)
        return;
    tally_op(l, c->began_at, now());
    if (c >= l->conns + l->opt.conns)
        conn_ignore(l, c);
}

void reply_came(struct load *l, uint64_t asked_at)
{
    l->pending--;
    tally_op(l, asked_at, l->read_at);
}

void became_ready(struct load *l, struct conn *c)
{
    l->ready[l->n_ready++] = c;
}

uint64_t due_at(const struct load *l, uint64_t n)
{
    return l->opened_at + (uint64_t)((double)n * (double)NS_PER_S / l->opt.rate);
}

/* ---- turns */

/* In lockstep nobody has to wake us: see load.h. */
static int look_for_replies(const struct load *l, struct epoll_event *events)
{
    for (int waited_us = 0; waited_us < STALL_MS * 1000; waited_us += LOOK_US) {
        int n = epoll_wait(l->epfd, events, EVENTS, 0);

        if (n)
            return n;
        usleep(LOOK_US);
    }
    return 0;
}

static int spin_until(struct load *l, struct epoll_event *events, uint64_t until)
{
    uint64_t began_at = own_cpu_now();
    int n;

    do
        n = epoll_wait(l->epfd, events, EVENTS, 0);
    while (n == 0 && now() < until);
    l->tally.idle_ns += own_cpu_now() - began_at;
    return n;
}

/* The replies that are there, or come until then; 0: none. */
static int wait_until(struct load *l, struct epoll_event *events, uint64_t until)
{
    uint64_t at = now();
    uint64_t ns = until > at ? until - at : 0;
    struct timespec t = {
        .tv_sec = (time_t)(ns / NS_PER_S),
        .tv_nsec = (long)(ns % NS_PER_S),
    };

    if (l->opt.spin && ns > 0)
        return spin_until(l, events, until);
    return epoll_pwait2(l->epfd, events, EVENTS, &t, NULL);
}

static void take_replies(struct load *l, const struct epoll_event *events, int n)
{
    l->n_ready = 0;
    for (int i = 0; i < n; i++) {
        struct conn *c = events[i].data.ptr;

        if (c->handshaking)
            conn_handshake(l, c);
        else
            conn_take(l, c);
    }
}

static void turn(struct load *l)
{
    struct epoll_event events[EVENTS];
    int n = l->opt.lockstep ? look_for_replies(l, events)
                            : wait_until(l, events, now() + STALL_MS * 1000000ull);

    if (n <= 0)
        die(l, "no reply within %d ms, %zu are missing", STALL_MS, l->pending);
    take_replies(l, events, n);
}

/* A turn that may end without a reply. */
static void turn_until(struct load *l, uint64_t until)
{
    struct epoll_event events[EVENTS];

    take_replies(l, events, wait_until(l, events, until));
}

/* In bursts the server is stopped while a window of operations is begun. */
static void hold_server(const struct load *l, int signal)
{
    if (l->opt.burst && kill((pid_t)l->opt.pid, signal))
        die(l, "kill: %s", strerror(errno));
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One operation on each of n connections from `first` on, opt.window of them at a time. */
static void once_each(struct load *l, size_t first, size_t n, op_fn *start)
{
    size_t end = first + n;

    while (first < end) {
        size_t next = smaller(end, first + (size_t)l->opt.window);

        hold_server(l, SIGSTOP);
        while (first < next)
            start(l, &l->conns[first++]);
        hold_server(l, SIGCONT);
        while (l->pending > 0)
            turn(l);
    }
}

static unsigned count_steps(const struct protocol *p)
{
    unsigned n = 0;

    while (n < STEPS_MAX && p->steps[n])
        n++;
    return n;
}

static void open_one(struct load *l, struct conn *c)
{
    l->pending++;
    c->steps_left = 1 + count_steps(l->protocol);
    conn_open(l, c);
}

static void open_conns(struct load *l, size_t n_conns)
{
    const struct protocol *p = l->protocol;
    unsigned n_steps = count_steps(p);

    for (size_t first = 0; first < n_conns; first += (size_t)l->opt.window) {
        size_t n = smaller(n_conns - first, (size_t)l->opt.window);

        once_each(l, first, n, open_one);
        for (unsigned i = 0; i < n_steps; i++)
            once_each(l, first, n, p->steps[i]);
    }
}

static void close_conns(struct load *l, size_t n)
{
    for (size_t i = 0; i < n; i++)
        conn_close(&l->conns[i]);
}

void run_alone(struct load *l, const struct protocol *p, size_t n)
{
    l->protocol = p;
    open_conns(l, n);
    close_conns(l, n);
    l->protocol = l->mode->protocol;
}

static void prepare_opening(struct load *l, char room_letter, size_t n_conns)
{
    l->room_letter = room_letter;
    if (l->protocol->before)
        l->protocol->before(l, n_conns);
}

/* ---- loops */

static void add_speaker(struct load *l, size_t index)
{
    l->conns[index].turn = l->n_speakers;
    l->speakers[l->n_speakers++] = &l->conns[index];
}

/* In a closed loop a room's senders speak together; in an open loop, where messages are apart,
 * those who follow each other are of different rooms. */
static void find_speakers(struct load *l)
{
    size_t conns = (size_t)l->opt.conns;
    size_t room_size = (size_t)l->opt.room_size;
    size_t senders = smaller((size_t)l->opt.senders, room_size);

    l->speakers = xcalloc(conns, sizeof(struct conn *));
    for (size_t place = 0; l->opt.rate > 0 && place < senders; place++) {
        for (size_t i = place; i < conns; i += room_size)
            add_speaker(l, i);
    }
    for (size_t i = 0; l->opt.rate == 0 && i < conns; i++) {
        if (i % room_size < senders)
            add_speaker(l, i);
    }
}

static void start_all(struct load *l)
{
    for (size_t i = 0; i < l->n_speakers; i++)
        l->protocol->start(l, l->speakers[i]);
}

/* What one turn made ready begins anew; in lockstep everything does, once nothing is pending. */
static void closed_loop(struct load *l, double secs)
{
    uint64_t end = now() + (uint64_t)(secs * (double)NS_PER_S);

    while (now() < end) {
        turn(l);
        for (size_t i = 0; i < l->n_ready && !l->opt.lockstep; i++)
            l->mode->protocol->start(l, l->ready[i]);
        while (l->opt.lockstep && l->pending > 0)
            turn(l);
        if (l->opt.lockstep)
            start_all(l);
    }
}

static void send_due(struct load *l)
{
    for (int i = 0; i < SENT_AT_ONCE; i++) {
        uint64_t due = due_at(l, l->n_due);
        uint64_t at = now();

        if (due > at)
            return;
        if (l->pending == 0)
            l->read_at = at; /* until now there was nothing to read */
        l->tally.sent++;
        l->tally.late += at > due + LATE_NS;
        l->protocol->start(l, l->speakers[l->n_due++ % l->n_speakers]);
    }
}

/* What has not come at its end is still to come. */
static void open_loop(struct load *l, double secs)
{
    uint64_t end = now() + (uint64_t)(secs * (double)NS_PER_S);
    uint64_t at;

    while ((at = now()) < end) {
        uint64_t next = due_at(l, l->n_due);

        if (next <= at)
            send_due(l);
        turn_until(l, next < end ? next : end);
        if (l->pending > 0 && now() > l->read_at + STALL_MS * 1000000ull)
            die(l, "no reply within %d ms, %zu are missing", STALL_MS, l->pending);
    }
}

static void begin_open_loop(struct load *l)
{
    prctl(PR_SET_TIMERSLACK, 1ul); /* nanoseconds: wake us when it is time */
    l->opened_at = l->read_at = now();
    open_loop(l, l->opt.warm_secs);
}

/* ---- modes */

static void measure_loop(struct load *l, struct clocks *t)
{
    void (*loop)(struct load * l, double secs) = l->opt.rate > 0 ? open_loop : closed_loop;
    struct clocks before;

    tally_begin(l);
    if (l->opt.rate > 0)
        l->tally.from = due_at(l, l->n_due);
    before = clocks_now(l);
    loop(l, l->opt.secs);
    *t = clocks_since(l, &before);
}

/* A copy that was lost shows here at the latest; and latency of what was due in the window of an
 * open loop is known when all of it has come. */
static void drain(struct load *l)
{
    while (l->pending > 0)
        turn(l);
}

void run_closed_loop(struct load *l)
{
    struct threads *before = xcalloc(2, sizeof *before);
    struct threads *after = before + 1;
    struct clocks t;

    prepare_opening(l, 'r', (size_t)l->opt.conns);
    open_conns(l, (size_t)(l->opt.conns + l->opt.slow));
    find_speakers(l);
    if (l->opt.rate > 0) {
        begin_open_loop(l);
    } else {
        start_all(l);
        closed_loop(l, l->opt.warm_secs);
    }
    threads_now(before, l);
    measure_loop(l, &t);
    threads_now(after, l);
    drain(l);
    report(l, &t);
    if (l->opt.rate > 0)
        report_open_loop(l);
    if (l->opt.slow)
        printf(",\"slow\":%ld,\"slow_open\":%zu", l->opt.slow, conn_count_slow(l));
    report_threads(before, after, &t);
    printf("}\n");
    free(before);
}

/* Leaves opt.conns open connections, the server warm, and in t what opening them took. */
static void open_measured(struct load *l, struct clocks *t, struct memory *fresh)
{
    size_t n_warm = smaller((size_t)l->opt.conns, WARM_CONNS);
    struct clocks before;

    prepare_opening(l, 't', n_warm);
    open_conns(l, n_warm);
    once_each(l, 0, n_warm, l->protocol->start);
    close_conns(l, n_warm);
    prepare_opening(l, 'r', (size_t)l->opt.conns);
    settle(l);
    tally_begin(l);
    *fresh = memory_now(l);
    before = clocks_now(l);
    open_conns(l, (size_t)l->opt.conns);
    *t = clocks_since(l, &before);
}

void run_connect(struct load *l)
{
    struct memory fresh;
    struct clocks t;

    open_measured(l, &t, &fresh);
    report(l, &t);
    printf("}\n");
}

/* What the server does for connections that say nothing; pings are answered. */
static void hold(struct load *l)
{
    uint64_t end = now() + (uint64_t)(l->opt.hold_secs * (double)NS_PER_S);
    struct clocks before = clocks_now(l);
    struct clocks t;

    l->pings = 0;
    while (now() < end)
        turn_until(l, end);
    t = clocks_since(l, &before);
    report_hold(l, &t);
}

void run_idle(struct load *l)
{
    struct memory before;
    struct clocks t;

    open_measured(l, &t, &before);
    settle(l);
    report(l, &t);
    report_memory(l, "fresh", &before);
    once_each(l, 0, (size_t)l->opt.conns, l->protocol->start);
    settle(l);
    report_memory(l, "used", &before);
    if (l->opt.hold_secs > 0)
        hold(l);
    printf("}\n");
}
