/* What is measured: clocks of the server and of the generator, memory, latency; and the line of
 * JSON that says so. Knows nothing of connections and protocols. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
    HIST_SUB_BITS = 5, /* 32 steps per power of two: percentiles within 3 % */
    HIST_SLOTS = 64 << HIST_SUB_BITS,
    THREADS_MAX = 80, /* of the server, that are reported */
    THREAD_NAME_BYTES = 32,
};

#define NS_PER_S 1000000000ull

struct load;

/* Log-linear counts of nanoseconds. */
struct hist {
    uint64_t n;
    uint64_t max;
    uint64_t slots[HIST_SLOTS];
};

/* What happened since the counting began. */
struct tally {
    uint64_t from; /* operations that began before are no part of `latency` */
    uint64_t ops;
    uint64_t sent;    /* messages, in an open loop */
    uint64_t late;    /* of these, too long after they were due */
    uint64_t idle_ns; /* spent with looking in vain, where that is not sleeping */
    struct hist latency;
};

/* The clocks of a measured window, in nanoseconds, and the tally at its end. */
struct clocks {
    uint64_t wall;
    uint64_t own;
    uint64_t server;
    uint64_t server_user; /* in steps of a clock tick, 10 ms; the others are exact */
    uint64_t ops;
    uint64_t idle;
};

struct memory {
    long rss_kib;
    long pss_kib;
};

/* CPU time of each of the server's threads. */
struct threads {
    size_t n;
    struct thread {
        long id;
        uint64_t cpu; /* nanoseconds */
        char name[THREAD_NAME_BYTES];
    } at[THREADS_MAX];
};

uint64_t now(void);
uint64_t own_cpu_now(void);
struct clocks clocks_now(const struct load *l);
struct clocks clocks_since(const struct load *l, const struct clocks *start);
void settle(const struct load *l); /* until the server has done what was left behind */
struct memory memory_now(const struct load *l);
void threads_now(struct threads *out, const struct load *l); /* without --threads-report: none */
void tally_begin(struct load *l);
void tally_op(struct load *l, uint64_t began_at, uint64_t ended_at);

/* The result, all but the closing brace. */
void report(const struct load *l, const struct clocks *t);
void report_open_loop(const struct load *l);
void report_hold(const struct load *l, const struct clocks *t);
void report_memory(const struct load *l, const char *when, const struct memory *before);
void report_threads(
    const struct threads *before, const struct threads *after, const struct clocks *t);
