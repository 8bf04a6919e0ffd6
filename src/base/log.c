/* A line is built in one array on the stack, out of pieces that are put whole or not at all: an
 * escape is never halved, nor is a character, a key or a number. The first piece that does not fit
 * marks the line as cut, and then nothing but closing marks follows, for which the last TAIL_BYTES
 * are kept. So a cut line is still valid JSON or logfmt.
 *
 * The configuration is a handful of atomics that do not depend on each other: a thread that logs
 * while levels change sees the old or the new level of its source. */
#include "base/log.h"

#include "base/clock.h"
#include "base/rfc3339.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TAIL_BYTES = 32,
    BODY_BYTES = LOG_LINE_BYTES - TAIL_BYTES,
    PIECE_BYTES = 16,
    NUMBER_BYTES = 24
};

/* What the descriptor was found to be; 0: nobody looked yet. */
enum sink { SINK_UNKNOWN, SINK_PLAIN, SINK_TERMINAL, SINK_JOURNAL };

struct log_config {
    _Atomic int fd;
    _Atomic int form; /* enum log_form */
    _Atomic int sink;
    _Atomic int levels[LOG_SOURCE_COUNT];
};

static struct log_config log_config = {
    .fd = STDERR_FILENO,
    .form = LOG_FORM_AUTO,
    .levels = { [0 ... LOG_SOURCE_COUNT - 1] = LOG_INFO },
};

static const char *const source_names[] = {
#define X(id, name) [LOG_##id] = name,
    LOG_SOURCES(X)
#undef X
};

struct level_info {
    const char *name;
    const char *colour;   /* of a terminal */
    const char *priority; /* of the journal, as in syslog */
};

static const struct level_info levels[] = {
    [LOG_DEBUG] = { .name = "debug", .colour = "\033[2m", .priority = "<7>" },
    [LOG_INFO] = { .name = "info", .colour = "\033[32m", .priority = "<6>" },
    [LOG_WARNING] = { .name = "warning", .colour = "\033[33m", .priority = "<4>" },
    [LOG_ERROR] = { .name = "error", .colour = "\033[31m", .priority = "<3>" },
    [LOG_OFF] = { .name = "off", .colour = "", .priority = "" },
};

/* ---- configuration */

void log_set_form(enum log_form form)
{
    atomic_store(&log_config.form, (int)form);
}

void log_set_fd(int fd)
{
    atomic_store(&log_config.fd, fd);
    atomic_store(&log_config.sink, SINK_UNKNOWN);
}

void log_set_level(enum log_level level)
{
    for (unsigned i = 0; i < LOG_SOURCE_COUNT; i++)
        atomic_store_explicit(&log_config.levels[i], (int)level, memory_order_relaxed);
}

void log_set_source_level(enum log_source source, enum log_level level)
{
    atomic_store_explicit(&log_config.levels[source], (int)level, memory_order_relaxed);
}

bool log_is_on(enum log_level level, enum log_source source)
{
    return (int)level >= atomic_load_explicit(&log_config.levels[source], memory_order_relaxed);
}

static int find_level(int *out, struct slice name)
{
    for (int i = LOG_DEBUG; i <= LOG_OFF; i++) {
        if (slice_eq(name, slice_str(levels[i].name))) {
            *out = i;
            return 0;
        }
    }
    return ERR_BAD_VALUE;
}

static int find_source(unsigned *out, struct slice name)
{
    for (unsigned i = 0; i < LOG_SOURCE_COUNT; i++) {
        if (slice_eq(name, slice_str(source_names[i]))) {
            *out = i;
            return 0;
        }
    }
    return ERR_BAD_VALUE;
}

/* "http=debug", or a level for all, which may only come first: later it would undo the others. */
static int apply_word(int chosen[LOG_SOURCE_COUNT], struct slice word, bool is_first)
{
    struct slice name;
    struct slice rest = word;
    int level;
    unsigned source;

    if (slice_find(word, '=') < 0) {
        int err = is_first ? find_level(&level, slice_trim(word)) : ERR_BAD_VALUE;
        for (unsigned i = 0; !err && i < LOG_SOURCE_COUNT; i++)
            chosen[i] = level;
        return err;
    }
    if (!slice_cut(&name, &rest, '='))
        return ERR_BAD_VALUE;
    int err = find_source(&source, slice_trim(name));
    if (err)
        return err;
    err = find_level(&level, slice_trim(rest));
    if (err)
        return err;
    chosen[source] = level;
    return 0;
}

static int parse_levels(int chosen[LOG_SOURCE_COUNT], struct slice text)
{
    bool is_first = true;
    struct slice word;
    if (text.len == 0 || text.p[text.len - 1] == ',')
        return ERR_BAD_VALUE;
    while (slice_cut(&word, &text, ',')) {
        int err = apply_word(chosen, word, is_first);
        if (err)
            return err;
        is_first = false;
    }
    return 0;
}

int log_set_levels(struct slice text)
{
    int chosen[LOG_SOURCE_COUNT];
    for (unsigned i = 0; i < LOG_SOURCE_COUNT; i++)
        chosen[i] = atomic_load(&log_config.levels[i]);
    int err = parse_levels(chosen, text);
    if (err)
        return err;
    for (unsigned i = 0; i < LOG_SOURCE_COUNT; i++)
        log_set_source_level(i, (enum log_level)chosen[i]);
    return 0;
}

int log_check_levels(struct slice text)
{
    int chosen[LOG_SOURCE_COUNT];
    return parse_levels(chosen, text);
}

/* systemd names the journal's stream as "device:inode", so that a program whose standard error was
 * sent elsewhere is not fooled. */
static bool is_journal(int fd)
{
    struct stat st;
    struct slice device;
    struct slice inode = slice_str(getenv("JOURNAL_STREAM"));
    uint64_t dev;
    uint64_t ino;
    if (!slice_cut(&device, &inode, ':') || fstat(fd, &st) != 0)
        return false;
    if (slice_u64(&dev, device) != 0 || slice_u64(&ino, inode) != 0)
        return false;
    return st.st_dev == dev && st.st_ino == ino;
}

/* Two threads that look at once find the same. */
static enum sink find_sink(int fd)
{
    int sink = atomic_load(&log_config.sink);
    if (sink == SINK_UNKNOWN) {
        sink = isatty(fd) ? SINK_TERMINAL : is_journal(fd) ? SINK_JOURNAL : SINK_PLAIN;
        atomic_store(&log_config.sink, sink);
    }
    return (enum sink)sink;
}

/* ---- a line */

struct line {
    char bytes[LOG_LINE_BYTES];
    size_t len;
    bool is_cut;
    bool is_json;
};

/* Whole, or not at all. */
static void put(struct line *l, const char *p, size_t n)
{
    if (l->is_cut || l->len + n > BODY_BYTES) {
        l->is_cut = true;
        return;
    }
    memcpy(l->bytes + l->len, p, n);
    l->len += n;
}

static void put_str(struct line *l, const char *s)
{
    put(l, s, strlen(s));
}

/* A closing mark, into the bytes that are kept for it. */
static void close_with(struct line *l, const char *s)
{
    size_t n = strlen(s);
    memcpy(l->bytes + l->len, s, n);
    l->len += n;
}

/* Controls, line and paragraph separator, and what turns the direction of text. */
static bool is_unsafe(uint32_t c)
{
    return c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x061c || (c >= 0x200e && c <= 0x200f) ||
        (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static const char *short_escape(uint32_t c)
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return NULL;
    }
}

/* Puts the first character of `s`, or its first byte when that begins none, in a form that is safe
 * between double quotes. Gives the bytes of `s` that it stands for. */
static size_t put_char(struct line *l, struct slice s)
{
    char piece[PIECE_BYTES];
    uint32_t c;
    size_t n = utf8_decode(&c, s);
    if (n == 0) {
        snprintf(piece, sizeof(piece), l->is_json ? "\\\\x%02x" : "\\x%02x", (unsigned char)*s.p);
        put_str(l, piece);
        return 1;
    }
    const char *escape = short_escape(c);
    if (escape == NULL && !is_unsafe(c)) {
        put(l, s.p, n);
        return n;
    }
    if (escape == NULL) {
        snprintf(piece, sizeof(piece), "\\u%04x", (unsigned)c);
        escape = piece;
    }
    put_str(l, escape);
    return n;
}

static void put_quoted(struct line *l, struct slice s)
{
    put(l, "\"", 1);
    if (l->is_cut)
        return;
    while (s.len > 0 && !l->is_cut)
        s = slice_drop(s, put_char(l, s));
    close_with(l, l->is_cut ? "…\"" : "\"");
}

/* What logfmt may show without quotes. */
static bool is_word(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '"' || s.p[i] == '=' || s.p[i] == '\\')
            return false;
    return s.len > 0;
}

/* A key that did not fit leaves nothing behind. */
static bool put_key(struct line *l, const char *key)
{
    size_t start = l->len;
    if (l->is_cut)
        return false;
    put_str(l, l->is_json ? ",\"" : " ");
    put_str(l, key);
    put_str(l, l->is_json ? "\":" : "=");
    if (l->is_cut)
        l->len = start;
    return !l->is_cut;
}

static void put_text(struct line *l, const char *key, struct slice s)
{
    size_t start = l->len;
    if (!put_key(l, key))
        return;
    if (!l->is_json && is_word(s) && l->len + s.len <= BODY_BYTES) {
        put(l, s.p, s.len);
        return;
    }
    size_t opened = l->len;
    put_quoted(l, s);
    if (l->len == opened)
        l->len = start;
}

static void put_number(struct line *l, const char *key, int64_t number)
{
    char text[NUMBER_BYTES];
    size_t start = l->len;
    snprintf(text, sizeof(text), "%lld", (long long)number);
    if (put_key(l, key))
        put_str(l, text);
    if (l->is_cut)
        l->len = start;
}

static void put_field(struct line *l, const struct log_field *f)
{
    switch (f->kind) {
    case LOG_KIND_TEXT:
        put_text(l, f->key, f->text);
        return;
    case LOG_KIND_NUMBER:
        put_number(l, f->key, f->number);
        return;
    case LOG_KIND_ERR:
        put_text(l, f->key, slice_str(f->number == 0 ? "none" : err_name((int)f->number)));
        return;
    case LOG_KIND_END:
        return;
    }
}

static void put_head(struct line *l, enum log_level level, enum sink sink)
{
    char ts[RFC3339_LEN + 1];
    bool is_coloured = sink == SINK_TERMINAL && !l->is_json;
    rfc3339_format(ts, clock_wall_ms(&clock_system));
    if (sink == SINK_JOURNAL)
        put_str(l, levels[level].priority);
    put_str(l, l->is_json ? "{\"ts\":\"" : "ts=");
    put_str(l, ts);
    put_str(l, l->is_json ? "\",\"level\":\"" : " level=");
    put_str(l, is_coloured ? levels[level].colour : "");
    put_str(l, levels[level].name);
    put_str(l, is_coloured ? "\033[0m" : l->is_json ? "\"" : "");
}

static void close_line(struct line *l)
{
    if (l->is_json)
        close_with(l, l->is_cut ? ",\"cut\":true}" : "}");
    else if (l->is_cut)
        close_with(l, " …");
    close_with(l, "\n");
}

void log_write(enum log_level level, enum log_source source, const char *message,
    const struct log_field *fields)
{
    int error = errno;
    struct line l; /* not zeroed: only the first `len` bytes are ever read */
    int fd = atomic_load(&log_config.fd);
    enum sink sink = find_sink(fd);
    int form = atomic_load(&log_config.form);

    l.len = 0;
    l.is_cut = false;
    l.is_json = form == LOG_FORM_JSON || (form == LOG_FORM_AUTO && sink != SINK_TERMINAL);
    put_head(&l, level, sink);
    put_text(&l, "source", slice_str(source_names[source]));
    put_text(&l, "msg", slice_str(message));
    for (const struct log_field *f = fields; f->kind != LOG_KIND_END; f++)
        put_field(&l, f);
    close_line(&l);
    while (write(fd, l.bytes, l.len) < 0 && errno == EINTR)
        ;
    errno = error;
}
