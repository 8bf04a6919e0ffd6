#include "load.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SETTLE_MS = 2000, /* longest wait for a server to become quiet */
    SETTLE_STEP_MS = 50,
};

#define BOUND_SHARE 0.95 /* of a core: the generator set the pace */
#define QUIET_SHARE 0.01 /* of a core: the server has settled */

/* ---- clocks */

static uint64_t read_clock(clockid_t clock)
{
    struct timespec t;

    if (clock_gettime(clock, &t))
        return 0; /* the server is gone; its next reply will say so */
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

uint64_t now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

struct clocks clocks_now(const struct load *l)
{
    return (struct clocks){
        .wall = now(),
        .own = read_clock(CLOCK_PROCESS_CPUTIME_ID),
        .server = l->has_server_clock ? read_clock(l->server_clock) : 0,
    };
}

struct clocks clocks_since(const struct load *l, const struct clocks *start)
{
    struct clocks t = clocks_now(l);

    t.wall -= start->wall;
    t.own -= start->own;
    t.server -= start->server;
    return t;
}

void settle(const struct load *l)
{
    for (int waited = 0; waited < SETTLE_MS; waited += SETTLE_STEP_MS) {
        struct clocks start = clocks_now(l);
        struct clocks t;

        poll(NULL, 0, SETTLE_STEP_MS);
        t = clocks_since(l, &start);
        if ((double)t.server < (double)t.wall * QUIET_SHARE && waited > SETTLE_STEP_MS)
            return;
    }
}

/* ---- memory */

struct memory memory_now(const struct load *l)
{
    struct memory m = { 0 };
    char line[256];
    FILE *f;

    if (!l->opt.pid)
        return m;
    snprintf(line, sizeof line, "/proc/%ld/smaps_rollup", l->opt.pid);
    f = fopen(line, "r");
    if (!f)
        die(l, "%s: %s", line, strerror(errno));
    while (fgets(line, sizeof line, f)) {
        if (strncmp(line, "Rss:", 4) == 0)
            m.rss_kib = strtol(line + 4, NULL, 10);
        if (strncmp(line, "Pss:", 4) == 0)
            m.pss_kib = strtol(line + 4, NULL, 10);
    }
    fclose(f);
    return m;
}

/* ---- latency */

static size_t slot_of(uint64_t ns)
{
    unsigned shift;

    if (ns < 1u << HIST_SUB_BITS)
        return ns;
    shift = 63u - (unsigned)__builtin_clzll(ns) - HIST_SUB_BITS;
    return ((size_t)shift << HIST_SUB_BITS) + (ns >> shift);
}

static double slot_us(size_t slot)
{
    size_t shift = slot >> HIST_SUB_BITS;

    if (shift == 0)
        return (double)slot / 1e3;
    shift -= 1;
    return (double)((uint64_t)(slot - (shift << HIST_SUB_BITS)) << shift) / 1e3;
}

void hist_add(struct hist *h, uint64_t ns)
{
    h->slots[slot_of(ns)]++;
    h->n++;
}

static double hist_us(const struct hist *h, double share)
{
    uint64_t want = (uint64_t)((double)h->n * share);
    uint64_t seen = 0;

    for (size_t i = 0; i < HIST_SLOTS; i++) {
        seen += h->slots[i];
        if (seen > want)
            return slot_us(i);
    }
    return 0;
}

/* ---- the result */

void report(const struct load *l, const struct clocks *t)
{
    double secs = (double)t->wall / (double)NS_PER_S;
    double ops = (double)l->latency.n;
    double own = (double)t->own / (double)t->wall;

    printf("{\"mode\":\"%s\",\"conns\":%ld,\"tls\":%s,\"ops\":%.0f,\"secs\":%.4f,"
           "\"ops_per_sec\":%.0f,",
        l->mode->name, l->opt.conns, l->tls ? "true" : "false", ops, secs, ops / secs);
    if (l->has_server_clock)
        printf("\"server_cpu_us_per_op\":%.4f,\"server_cpu\":%.3f,", (double)t->server / 1e3 / ops,
            (double)t->server / (double)t->wall);
    printf("\"own_cpu\":%.3f,\"generator_bound\":%s,\"p50_us\":%.1f,\"p99_us\":%.1f", own,
        own >= BOUND_SHARE ? "true" : "false", hist_us(&l->latency, 0.50),
        hist_us(&l->latency, 0.99));
}

void report_memory(const struct load *l, const char *when, const struct memory *before)
{
    struct memory m = memory_now(l);
    double n = (double)l->opt.conns;

    if (!l->opt.pid)
        return;
    printf(",\"rss_bytes_per_conn_%s\":%.0f,\"pss_bytes_per_conn_%s\":%.0f", when,
        (double)(m.rss_kib - before->rss_kib) * 1024 / n, when,
        (double)(m.pss_kib - before->pss_kib) * 1024 / n);
}
