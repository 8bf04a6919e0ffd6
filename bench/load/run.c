/* A turn waits for replies and reads them all; loops are made of turns. `pending` counts the
 * replies that are still to come, whoever gets them, so a loop need not know what an operation
 * is. */
#include "load.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define LOOK_US    100  /* between two looks */
#define WARM_CONNS 200u /* opened and closed before memory is read, so that arenas exist */

/* ---- what a protocol tells */

void step_ended(struct load *l, struct conn *c)
{
    l->pending--;
    if (--c->steps_left == 0)
        hist_add(&l->latency, now() - c->began_at);
}

void reply_came(struct load *l, const struct conn *asker)
{
    l->pending--;
    hist_add(&l->latency, l->read_at - asker->began_at);
}

void became_ready(struct load *l, struct conn *c)
{
    l->ready[l->n_ready++] = c;
}

/* ---- loops */

/* In lockstep nobody has to wake us: see load.h. */
static int wait_for_replies(const struct load *l, struct epoll_event *events)
{
    if (!l->opt.lockstep)
        return epoll_wait(l->epfd, events, EVENTS, STALL_MS);
    for (int waited_us = 0; waited_us < STALL_MS * 1000; waited_us += LOOK_US) {
        int n = epoll_wait(l->epfd, events, EVENTS, 0);

        if (n)
            return n;
        usleep(LOOK_US);
    }
    return 0;
}

static void turn(struct load *l)
{
    struct epoll_event events[EVENTS];
    int n = wait_for_replies(l, events);

    if (n <= 0)
        die(l, "no reply within %d ms", STALL_MS);
    l->n_ready = 0;
    for (int i = 0; i < n; i++) {
        struct conn *c = events[i].data.ptr;

        if (c->handshaking) {
            conn_handshake(l, c);
            continue;
        }
        conn_read(l, c);
        l->read_at = now();
        if (c->got > 0 && c->on_reply)
            c->on_reply(l, c);
    }
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
    c->steps_left = 1 + count_steps(l->mode->protocol);
    conn_open(l, c);
}

static void open_conns(struct load *l, size_t n_conns)
{
    const struct protocol *p = l->mode->protocol;
    unsigned n_steps = count_steps(p);

    for (size_t first = 0; first < n_conns; first += (size_t)l->opt.window) {
        size_t n = smaller(n_conns - first, (size_t)l->opt.window);

        once_each(l, first, n, open_one);
        for (unsigned i = 0; i < n_steps; i++)
            once_each(l, first, n, p->steps[i]);
    }
}

static void start_all(struct load *l)
{
    for (size_t i = 0; i < (size_t)l->opt.conns; i++) {
        if (i % (size_t)l->opt.room_size < (size_t)l->opt.senders)
            l->mode->protocol->start(l, &l->conns[i]);
    }
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

/* ---- modes */

void run_closed_loop(struct load *l)
{
    struct clocks before;
    struct clocks t;

    open_conns(l, (size_t)l->opt.conns);
    start_all(l);
    closed_loop(l, l->opt.warm_secs);
    l->latency = (struct hist){ 0 };
    before = clocks_now(l);
    closed_loop(l, l->opt.secs);
    t = clocks_since(l, &before);
    report(l, &t);
    printf("}\n");
}

/* Leaves opt.conns open connections, the server warm, and in t what opening them took. */
static void open_measured(struct load *l, struct clocks *t, struct memory *fresh)
{
    size_t n_warm = smaller((size_t)l->opt.conns, WARM_CONNS);
    struct clocks before;

    open_conns(l, n_warm);
    once_each(l, 0, n_warm, l->mode->protocol->start);
    for (size_t i = 0; i < n_warm; i++)
        conn_close(&l->conns[i]);
    settle(l);
    l->latency = (struct hist){ 0 };
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

void run_idle(struct load *l)
{
    struct memory before;
    struct clocks t;

    open_measured(l, &t, &before);
    settle(l);
    report(l, &t);
    report_memory(l, "fresh", &before);
    once_each(l, 0, (size_t)l->opt.conns, l->mode->protocol->start);
    settle(l);
    report_memory(l, "used", &before);
    printf("}\n");
}
