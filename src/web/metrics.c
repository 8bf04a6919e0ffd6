/* The table of metrics and Prometheus' text of it. What is counted is counted elsewhere, in the
 * structs of those who do it; a row here has its name and a getter. */
#include "web/metrics.h"

#include "base/json_write.h"
#include "sio/engine.h"
#include "web/files.h"
#include "web/front.h"
#include "web/lobby.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* A getter for each row; what is plainly counted needs no more than its name. */
#define COUNT(name, expression)               \
    static double name(const struct front *f) \
    {                                         \
        return (double)(expression);          \
    }

COUNT(connections_open, admission_n(&f->all->admission))
COUNT(connections_opened, f->stats.connections_opened)
COUNT(connections_refused, admission_refused(&f->all->admission))
COUNT(half_open, f->stats.net.half_open)
COUNT(received_bytes, f->stats.net.received_bytes)
COUNT(sent_bytes, f->stats.net.sent_bytes)
COUNT(writes, f->stats.net.writes)
COUNT(slow_readers, f->stats.net.slow_readers)
COUNT(tls_handshakes, f->stats.net.tls_handshakes)
COUNT(tls_failures, f->stats.net.tls_failures)
COUNT(requests, f->stats.requests)
COUNT(responses_2xx, f->stats.responses[2] + f->stats.responses[1])
COUNT(responses_3xx, f->stats.responses[3])
COUNT(responses_4xx, f->stats.responses[4])
COUNT(responses_5xx, f->stats.responses[5])
COUNT(ws_open, f->stats.ws_open)
COUNT(ws_opened, f->stats.ws_opened)
COUNT(ws_received, f->stats.ws_received)
COUNT(ws_sent, f->stats.ws_sent)
COUNT(sessions, f->engine ? f->engine->sessions.n : 0)
COUNT(sessions_opened, f->engine ? f->engine->opened : 0)
#define HUB(name, member) COUNT(name, f->lobby ? (double)hub_stats(f->lobby->hub)->member : 0)

HUB(hub_rooms, rooms)
HUB(hub_sessions, sessions)
HUB(hub_verbs, verbs)
HUB(hub_refused, refused)
HUB(hub_events, events)
HUB(hub_frames, frames)
HUB(hub_deliveries, deliveries)
HUB(hub_dropped, dropped)
HUB(hub_rate_limited, rate_limited)

static struct store_status store_status(const struct front *f)
{
    const struct store *store = f->lobby ? hub_store(f->lobby->hub) : NULL;
    return store && store->ops->status ? *store->ops->status(store) : (struct store_status){ 0 };
}

COUNT(store_up, store_status(f).state == STORE_UP)
COUNT(store_waiting, store_status(f).waiting)
COUNT(store_waiting_bytes, store_status(f).waiting_bytes)
COUNT(store_commits, store_status(f).commits)
COUNT(store_written, store_status(f).written)
COUNT(store_commit_seconds, (double)store_status(f).commit_us / 1e6)
COUNT(store_longest_commit, (double)store_status(f).longest_us / 1e6)

#define FILES(name, member) \
    COUNT(name, f->lobby && f->lobby->files ? (double)files_stats(f->lobby->files)->member : 0)

FILES(files_uploads, uploads)
FILES(files_awaited, awaited)
FILES(files_downloads, downloads)
FILES(files_bytes_in, bytes_in)
FILES(files_bytes_out, bytes_out)
FILES(files_removed, removed)

COUNT(loop_turns, loop_stats(f->loop)->turns)
COUNT(loop_longest, (double)loop_stats(f->loop)->longest_us / 1e6)
COUNT(ready, !f->is_draining)

static double resident_bytes(const struct front *f)
{
    char text[128]; /* "size resident ...", in pages */
    uint64_t pages = 0;
    (void)f;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text);
    struct slice rest = slice_of(text, n > 0 ? (size_t)n : 0);
    struct slice word;
    if (fd >= 0)
        close(fd);
    if (!slice_cut(&word, &rest, ' ') || !slice_cut(&word, &rest, ' ') || slice_u64(&pages, word))
        return 0;
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

#define ROW(name_, kind_, value_, ...)                                                  \
    {                                                                                   \
        .name = (name_), .kind = METRIC_##kind_, .value = (value_), .help = __VA_ARGS__ \
    }
#define CLASS(class_, value_)                                                             \
    {                                                                                     \
        .name = "stoa_http_responses_total", .label = "class=\"" class_ "\"",             \
        .kind = METRIC_COUNTER, .value = (value_), .help = "Answers, by class of status." \
    }

const struct metric metrics[] = {
    ROW("stoa_ready", GAUGE, ready, "1 while this server wants clients, 0 while it drains.",
        .sum = METRIC_COMMON),
    ROW("stoa_connections", GAUGE, connections_open, "Connections that are open.",
        .sum = METRIC_COMMON),
    ROW("stoa_connections_opened_total", COUNTER, connections_opened, "Connections accepted."),
    ROW("stoa_connections_refused_total", COUNTER, connections_refused,
        "Connections closed at once: too many in all, or from one address.", .sum = METRIC_COMMON),
    ROW("stoa_connections_half_open", GAUGE, half_open,
        "Connections that have not finished their TLS handshake or PROXY header."),
    ROW("stoa_received_bytes_total", COUNTER, received_bytes, "Bytes read, without TLS."),
    ROW("stoa_sent_bytes_total", COUNTER, sent_bytes, "Bytes written, without TLS."),
    ROW("stoa_writes_total", COUNTER, writes, "System calls or TLS records that wrote."),
    ROW("stoa_slow_readers_total", COUNTER, slow_readers,
        "Connections closed because their peer did not read."),
    ROW("stoa_tls_handshakes_total", COUNTER, tls_handshakes, "TLS handshakes that succeeded."),
    ROW("stoa_tls_failures_total", COUNTER, tls_failures, "TLS handshakes that failed."),
    ROW("stoa_http_requests_total", COUNTER, requests, "Requests whose head was read."),
    CLASS("2xx", responses_2xx),
    CLASS("3xx", responses_3xx),
    CLASS("4xx", responses_4xx),
    CLASS("5xx", responses_5xx),
    ROW("stoa_websockets", GAUGE, ws_open, "WebSockets that are open."),
    ROW("stoa_websockets_opened_total", COUNTER, ws_opened, "Upgrades to WebSocket."),
    ROW("stoa_websocket_received_total", COUNTER, ws_received, "WebSocket messages received."),
    ROW("stoa_websocket_sent_total", COUNTER, ws_sent, "WebSocket messages sent."),
    ROW("stoa_sessions", GAUGE, sessions, "Engine.IO sessions that are open."),
    ROW("stoa_sessions_opened_total", COUNTER, sessions_opened, "Engine.IO sessions opened."),
    ROW("stoa_rooms", GAUGE, hub_rooms, "Rooms in memory."),
    ROW("stoa_clients", GAUGE, hub_sessions,
        "Clients of the rooms, with those that were lost and may come back."),
    ROW("stoa_deeds_total", COUNTER, hub_verbs, "What clients asked rooms for."),
    ROW("stoa_deeds_refused_total", COUNTER, hub_refused, "What rooms refused."),
    ROW("stoa_events_total", COUNTER, hub_events, "What happened in rooms."),
    ROW("stoa_frames_total", COUNTER, hub_frames, "Events put into a language and framed."),
    ROW("stoa_deliveries_total", COUNTER, hub_deliveries, "Frames queued for a client."),
    ROW("stoa_deliveries_dropped_total", COUNTER, hub_dropped,
        "What does not last and was left out for slow readers."),
    ROW("stoa_rate_limited_total", COUNTER, hub_rate_limited,
        "Messages refused because there were too many."),
    ROW("stoa_store_up", GAUGE, store_up, "1 while what happens can be stored.",
        .sum = METRIC_COMMON),
    ROW("stoa_store_waiting", GAUGE, store_waiting, "Requests that the database has not done.",
        .sum = METRIC_COMMON),
    ROW("stoa_store_waiting_bytes", GAUGE, store_waiting_bytes, "Their memory.",
        .sum = METRIC_COMMON),
    ROW("stoa_store_commits_total", COUNTER, store_commits, "Transactions that were committed.",
        .sum = METRIC_COMMON),
    ROW("stoa_store_written_total", COUNTER, store_written, "Requests that they carried.",
        .sum = METRIC_COMMON),
    ROW("stoa_store_commit_seconds_total", COUNTER, store_commit_seconds,
        "Time that transactions took, from begin to commit.", .sum = METRIC_COMMON),
    ROW("stoa_store_longest_commit_seconds", GAUGE, store_longest_commit,
        "The longest transaction so far.", .sum = METRIC_COMMON),
    ROW("stoa_files_uploaded_total", COUNTER, files_uploads, "Files that were uploaded, whole."),
    ROW("stoa_files_awaited", GAUGE, files_awaited, "Uploads that were permitted and are to come."),
    ROW("stoa_files_read_total", COUNTER, files_downloads, "Files that were asked for and given."),
    ROW("stoa_files_received_bytes_total", COUNTER, files_bytes_in, "Bytes of uploads."),
    ROW("stoa_files_sent_bytes_total", COUNTER, files_bytes_out, "Bytes of files that were read."),
    ROW("stoa_files_removed_total", COUNTER, files_removed,
        "Files removed: not wanted any more, or never completed."),
    ROW("stoa_loop_turns_total", COUNTER, loop_turns, "Turns of the event loop."),
    ROW("stoa_loop_longest_turn_seconds", GAUGE, loop_longest, "The longest turn so far.",
        .sum = METRIC_LARGEST),
    ROW("stoa_resident_bytes", GAUGE, resident_bytes, "Memory of the process in RAM.",
        .sum = METRIC_COMMON),
};

const size_t metrics_n = sizeof metrics / sizeof *metrics;

static void write_head(struct buf *out, const char *name, enum metric_kind kind, const char *help)
{
    buf_add_str(out, "# HELP ");
    buf_add_str(out, name);
    buf_add_char(out, ' ');
    buf_add_str(out, help);
    buf_add_str(out, "\n# TYPE ");
    buf_add_str(out, name);
    buf_add_str(out, kind == METRIC_COUNTER ? " counter\n" : " gauge\n");
}

static void write_value(struct buf *out, double value)
{
    struct json_writer number; /* JSON's form of a number is Prometheus' too */
    buf_add_char(out, ' ');
    jw_init(&number, out);
    jw_double(&number, value);
    buf_add_char(out, '\n');
}

static void write_reason(struct buf *out, const char *name, const char *reason, uint64_t count)
{
    buf_add_str(out, name);
    buf_add_str(out, "{reason=\"");
    buf_add_str(out, reason);
    buf_add_str(out, "\"}");
    write_value(out, (double)count);
}

static void write_labelled(struct buf *out, const char *name, const char *label, double value)
{
    buf_add_str(out, name);
    buf_add_char(out, '{');
    buf_add_str(out, label);
    buf_add_char(out, '}');
    write_value(out, value);
}

/* Why connections and sessions ended: one series for each row of their tables. */
static void write_reasons(struct buf *out, const struct metrics_sums *sums)
{
    const char *name = "stoa_connections_closed_total";
    write_head(out, name, METRIC_COUNTER, "Connections that ended, by why.");
    for (int i = 1; i < ERR_INDEX_END; i++)
        write_reason(out, name, err_name(-i), sums->closed[i]);
    name = "stoa_sessions_closed_total";
    write_head(out, name, METRIC_COUNTER, "Engine.IO sessions that ended, by why.");
    for (int i = 0; i < EIO_REASONS; i++)
        write_reason(out, name, eio_reason_text((enum eio_reason)i), sums->ended[i]);
}

static void write_loops(struct buf *out, const struct metrics_sums *sums)
{
    const char *name = "stoa_loop_busy_seconds_total";
    write_head(out, name, METRIC_COUNTER, "Time that each loop did not wait.");
    for (unsigned i = 0; i < sums->n; i++) {
        char label[32];
        snprintf(label, sizeof label, "loop=\"%u\"", i);
        write_labelled(out, name, label, sums->busy_s[i]);
    }
}

static void add(double *to, enum metric_sum how, double value, bool is_first)
{
    if (how == METRIC_ADDED)
        *to += value;
    else if (is_first || (how == METRIC_LARGEST && value > *to))
        *to = value;
}

void metrics_add(struct metrics_sums *sums, const struct front *f)
{
    _Static_assert(sizeof metrics / sizeof *metrics <= METRICS_MAX, "each has its place");
    for (size_t i = 0; i < metrics_n; i++)
        add(&sums->values[i], metrics[i].sum, metrics[i].value(f), sums->n == 0);
    for (int i = 1; i < ERR_INDEX_END; i++)
        sums->closed[i] += f->stats.closed[i];
    for (int i = 0; i < EIO_REASONS && f->engine; i++)
        sums->ended[i] += f->engine->closed[i];
    sums->busy_s[f->place] = (double)loop_stats(f->loop)->busy_us / 1e6;
    sums->n++;
}

void metrics_write(struct buf *out, const struct metrics_sums *sums)
{
    for (size_t i = 0; i < metrics_n; i++) {
        const struct metric *m = &metrics[i];
        bool is_first = i == 0 || strcmp(metrics[i - 1].name, m->name) != 0;
        if (is_first)
            write_head(out, m->name, m->kind, m->help);
        if (m->label) {
            write_labelled(out, m->name, m->label, sums->values[i]);
        } else {
            buf_add_str(out, m->name);
            write_value(out, sums->values[i]);
        }
    }
    write_loops(out, sums);
    write_reasons(out, sums);
}
