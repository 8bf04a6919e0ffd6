/* The table of metrics and the text that is made of it. */
#include "web/metrics.h"

#include "rig.h"

static bool is_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz_");
    return name[n] == 0 && strncmp(name, "stoa_", 5) == 0;
}

static bool is_total(const char *name)
{
    size_t n = strlen(name);
    return n > 6 && strcmp(name + n - 6, "_total") == 0;
}

/* Rows of one name stand together, are of one kind, and differ in their label. */
static bool is_family(size_t a, size_t b)
{
    const struct metric *m = metrics;
    bool are_together = true;
    if (strcmp(m[a].name, m[b].name) != 0)
        return true;
    for (size_t i = a; i < b; i++)
        are_together = are_together && strcmp(m[i].name, m[a].name) == 0;
    return are_together && m[a].kind == m[b].kind && strcmp(m[a].help, m[b].help) == 0 &&
        m[a].label && m[b].label && strcmp(m[a].label, m[b].label) != 0;
}

static void test_table(void)
{
    unsigned names = 0, kinds = 0, helps = 0, families = 0;
    for (size_t i = 0; i < metrics_n; i++) {
        const struct metric *m = &metrics[i];
        names += !is_name(m->name);
        kinds += is_total(m->name) != (m->kind == METRIC_COUNTER) || !m->value;
        helps += !m->help || strlen(m->help) < 10 || m->help[strlen(m->help) - 1] != '.' ||
            strpbrk(m->help, "\n\\");
        for (size_t k = 0; k < i; k++)
            families += !is_family(k, i);
    }
    ok(metrics_n > 10, "there are metrics");
    is_int(names, 0, "names are of our form");
    is_int(kinds, 0, "counters, and they alone, are totals");
    is_int(helps, 0, "every one is explained in a sentence");
    is_int(families, 0, "names are unique, or stand together with a label each");
}

/* ---- the text ---- */

/* What one line says of the family whose head came last. */
struct reader {
    struct slice family;
    bool has_type;
    unsigned heads, series, wrong;
};

static void read_head(struct reader *r, struct slice line)
{
    struct slice hash, word, name;
    slice_cut(&hash, &line, ' ');
    slice_cut(&word, &line, ' ');
    slice_cut(&name, &line, ' ');
    if (slice_eq(word, S("HELP"))) {
        r->family = name;
        r->has_type = false;
        r->heads++;
        r->wrong += line.len == 0;
    } else {
        r->wrong += !slice_eq(word, S("TYPE")) || !slice_eq(name, r->family) || r->has_type;
        r->wrong += !slice_eq(line, S("counter")) && !slice_eq(line, S("gauge"));
        r->has_type = true;
    }
}

static void read_value(struct reader *r, struct slice line)
{
    struct slice series;
    char text[40] = "";
    char *end = text;
    size_t at = line.len;
    while (at > 0 && line.p[at - 1] != ' ') /* a label may have spaces */
        at--;
    series = slice_take(line, at > 0 ? at - 1 : 0);
    line = slice_drop(line, at);
    memcpy(text, line.p, line.len < sizeof text ? line.len : 0);
    r->wrong += strtod(text, &end) < 0 || end == text || *end;
    r->wrong += !slice_starts(series, r->family) || !r->has_type;
    struct slice label = slice_drop(series, r->family.len);
    r->wrong += label.len && (label.p[0] != '{' || !slice_ends(label, S("\"}")));
    r->series++;
}

static void test_text(void)
{
    struct rig r;
    struct buf text;
    struct reader reader = { .heads = 0 };
    struct slice line;
    unsigned labelled = 0;
    rig_init(&r);
    rig_start(&r);
    r.front->stats.closed[-ERR_TIMEOUT] = 7;
    r.front->stats.responses[4] = 1234567;
    buf_init(&text, 1u << 20);
    struct metrics_sums sums = { .n = 0 };
    metrics_add(&sums, r.front);
    metrics_write(&text, &sums);
    struct slice rest = buf_slice(&text);
    ok(slice_ends(rest, S("\n")), "the last line ends");
    while (slice_cut(&line, &rest, '\n')) {
        if (line.len && line.p[0] == '#')
            read_head(&reader, line);
        else
            read_value(&reader, line);
        labelled += slice_starts(line, S("stoa_connections_closed_total{reason=\""));
    }
    is_int(reader.wrong, 0, "every line is of the format");
    is_int(labelled, ERR_INDEX_END - 1, "a series for each reason to end");
    is_int(reader.series, metrics_n + ERR_INDEX_END - 1 + EIO_REASONS + 1,
        "and one for each row, reason and loop");
    ok(memmem(text.p, text.len, "{reason=\"TIMEOUT\"} 7\n", 21), "a reason is counted");
    ok(memmem(text.p, text.len, "_total{class=\"4xx\"} 1234567\n", 28), "whole numbers stay whole");
    buf_fini(&text);
    rig_fini(&r);
}

/* ---- what is counted ---- */

static double value_of(const struct rig *r, const char *name)
{
    for (size_t i = 0; i < metrics_n; i++) {
        if (strcmp(metrics[i].name, name) == 0)
            return metrics[i].value(r->front);
    }
    return -1;
}

static void test_counts(void)
{
    struct rig r;
    rig_init(&r);
    rig_start(&r);
    rig_ask(&r, GET("/healthz"));
    is_int(value_of(&r, "stoa_connections"), 1, "a connection is open");
    is_int(value_of(&r, "stoa_http_requests_total"), 1, "it asked once");
    is_int(value_of(&r, "stoa_http_responses_total"), 1, "and was answered");
    is_int(value_of(&r, "stoa_received_bytes_total"), strlen(GET("/healthz")), "bytes came");
    is_int(value_of(&r, "stoa_sent_bytes_total"), (intmax_t)r.len, "bytes went");
    ok(value_of(&r, "stoa_resident_bytes") > 1e6, "the process is in memory");
    is_int(value_of(&r, "stoa_ready"), 1, "clients are welcome");
    front_drain(r.front);
    is_int(value_of(&r, "stoa_ready"), 0, "or not");
    rig_hang_up(&r);
    rig_turns(&r, 2);
    is_int(value_of(&r, "stoa_connections"), 0, "none is left");
    is_int(value_of(&r, "stoa_connections_opened_total"), 1, "but there was one");
    rig_fini(&r);
}

static void write_all(void *arg)
{
    struct rig *r = arg;
    struct buf text;
    buf_init(&text, 1u << 20);
    struct metrics_sums sums = { .n = 0 };
    metrics_add(&sums, r->front);
    metrics_write(&text, &sums);
    if (fault_hit())
        is_int(buf_err(&text), ERR_NO_MEMORY, "a clean error");
    buf_fini(&text);
}

static void test_faults(void)
{
    struct rig r;
    rig_init(&r);
    rig_start(&r);
    fault_each(FAULT_ALLOC, write_all, &r);
    rig_fini(&r);
}

int main(void)
{
    rig_prepare();
    test_table();
    test_text();
    test_counts();
    test_faults();
    return done();
}
