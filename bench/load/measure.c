/* See measure.h. A process's CPU clock can be read from outside in nanoseconds, its user time in
 * clock ticks only, and the time of single threads in nanoseconds again (schedstat). */
#include "load.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SETTLE_MS = 2000, /* longest wait for a server to become quiet */
    SETTLE_STEP_MS = 50,
    STAT_BYTES = 1024,   /* of /proc/PID/stat */
    STAT_USER_TIME = 11, /* fields behind the one that follows the name */
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

uint64_t own_cpu_now(void)
{
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

/* The file's beginning, as text; empty: it cannot be read. */
static void read_file(char *out, size_t room, const char *path)
{
    FILE *f = fopen(path, "r");
    size_t n = 0;

    if (f) {
        n = fread(out, 1, room - 1, f);
        fclose(f);
    }
    out[n] = 0;
}

static uint64_t server_user_now(const struct load *l)
{
    char path[64];
    char text[STAT_BYTES];
    char *p;

    snprintf(path, sizeof path, "/proc/%ld/stat", l->opt.pid);
    read_file(text, sizeof text, path);
    p = strrchr(text, ')'); /* a name may hold anything */
    for (int i = 0; p && i <= STAT_USER_TIME; i++)
        p = strchr(p + 1, ' ');
    return p ? strtoull(p + 1, NULL, 10) * (NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK)) : 0;
}

struct clocks clocks_now(const struct load *l)
{
    return (struct clocks){
        .wall = now(),
        .own = own_cpu_now(),
        .server = l->has_server_clock ? read_clock(l->server_clock) : 0,
        .server_user = l->has_server_clock ? server_user_now(l) : 0,
        .ops = l->tally.ops,
        .idle = l->tally.idle_ns,
    };
}

struct clocks clocks_since(const struct load *l, const struct clocks *start)
{
    struct clocks t = clocks_now(l);

    t.wall -= start->wall;
    t.own -= start->own;
    t.server -= start->server;
    t.server_user -= start->server_user;
    t.ops -= start->ops;
    t.idle -= start->idle;
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

/* ---- threads */

static void read_thread(struct thread *out, const struct load *l, long id)
{
    char path[96];
    char text[64];

    out->id = id;
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/schedstat", l->opt.pid, id);
    read_file(text, sizeof text, path);
    out->cpu = strtoull(text, NULL, 10);
    snprintf(path, sizeof path, "/proc/%ld/task/%ld/comm", l->opt.pid, id);
    read_file(out->name, sizeof out->name, path);
    out->name[strcspn(out->name, "\n\"\\")] = 0;
}

void threads_now(struct threads *out, const struct load *l)
{
    char path[64];
    const struct dirent *entry;
    DIR *tasks;

    out->n = 0;
    if (!l->opt.threads_report)
        return;
    snprintf(path, sizeof path, "/proc/%ld/task", l->opt.pid);
    tasks = opendir(path);
    if (!tasks)
        die(l, "%s: %s", path, strerror(errno));
    while ((entry = readdir(tasks)) && out->n < THREADS_MAX) {
        if (entry->d_name[0] != '.')
            read_thread(&out->at[out->n++], l, strtol(entry->d_name, NULL, 10));
    }
    closedir(tasks);
}

static uint64_t cpu_of(const struct threads *threads, long id)
{
    for (size_t i = 0; i < threads->n; i++) {
        if (threads->at[i].id == id)
            return threads->at[i].cpu;
    }
    return 0;
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

void tally_begin(struct load *l)
{
    memset(&l->tally, 0, sizeof l->tally);
}

void tally_op(struct load *l, uint64_t began_at, uint64_t ended_at)
{
    struct hist *h = &l->tally.latency;
    uint64_t ns = ended_at > began_at ? ended_at - began_at : 0;

    l->tally.ops++;
    if (began_at < l->tally.from)
        return;
    h->slots[slot_of(ns)]++;
    h->n++;
    if (ns > h->max)
        h->max = ns;
}

/* ---- the result */

static void report_server(const struct load *l, const struct clocks *t)
{
    double ops = t->ops > 0 ? (double)t->ops : 1;

    if (!l->has_server_clock)
        return;
    printf("\"server_cpu_us_per_op\":%.4f,\"server_user_us_per_op\":%.4f,"
           "\"server_rss_bytes\":%ld,",
        (double)t->server / 1e3 / ops, (double)t->server_user / 1e3 / ops,
        memory_now(l).rss_kib * 1024);
    if (!l->opt.hold_secs)
        printf("\"server_cpu\":%.3f,", (double)t->server / (double)t->wall);
}

void report(const struct load *l, const struct clocks *t)
{
    const struct hist *h = &l->tally.latency;
    double secs = (double)t->wall / (double)NS_PER_S;
    double own = ((double)t->own - (double)t->idle) / (double)t->wall;

    printf("{\"mode\":\"%s\",\"conns\":%ld,\"tls\":%s,\"ops\":%llu,\"secs\":%.4f,"
           "\"ops_per_sec\":%.0f,",
        l->mode->name, l->opt.conns, l->tls ? "true" : "false", (unsigned long long)t->ops, secs,
        (double)t->ops / secs);
    report_server(l, t);
    printf("\"own_cpu\":%.3f,\"generator_bound\":%s,\"p50_us\":%.1f,\"p99_us\":%.1f,"
           "\"max_us\":%.1f",
        own, own >= BOUND_SHARE ? "true" : "false", hist_us(h, 0.50), hist_us(h, 0.99),
        (double)h->max / 1e3);
}

void report_open_loop(const struct load *l)
{
    const struct tally *t = &l->tally;

    printf(",\"rate\":%g,\"sent\":%llu,\"late_share\":%.4f", l->opt.rate,
        (unsigned long long)t->sent, t->sent > 0 ? (double)t->late / (double)t->sent : 0);
}

void report_hold(const struct load *l, const struct clocks *t)
{
    printf(",\"hold_secs\":%.1f,\"server_cpu\":%.5f,\"hold_own_cpu\":%.5f,\"pings\":%llu",
        (double)t->wall / (double)NS_PER_S, (double)t->server / (double)t->wall,
        (double)t->own / (double)t->wall, (unsigned long long)l->pings);
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

void report_threads(
    const struct threads *before, const struct threads *after, const struct clocks *t)
{
    for (size_t i = 0; i < after->n; i++) {
        const struct thread *thread = &after->at[i];
        uint64_t cpu = thread->cpu - cpu_of(before, thread->id);

        printf("%s{\"name\":\"%s\",\"cpu\":%.4f}", i == 0 ? ",\"threads\":[" : ",", thread->name,
            (double)cpu / (double)t->wall);
    }
    if (after->n > 0)
        putchar(']');
}
