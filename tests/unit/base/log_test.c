/* A test logs into a file in memory and looks at what stands there. */
#include "base/log.h"

#include "base/utf8.h"
#include "fault.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SAID_BYTES = 64 * 1024, THREADS = 4, LINES = 500 };

struct said {
    int fd;
    char text[SAID_BYTES];
    size_t len;
};

static void listen_to(struct said *s, enum log_form form)
{
    s->fd = memfd_create("log", MFD_CLOEXEC);
    s->len = 0;
    log_set_fd(s->fd);
    log_set_form(form);
    log_set_level(LOG_DEBUG);
}

static const char *stop(struct said *s)
{
    ssize_t n = pread(s->fd, s->text, sizeof(s->text) - 1, 0);
    s->len = n > 0 ? (size_t)n : 0;
    s->text[s->len] = '\0';
    log_set_fd(STDERR_FILENO);
    close(s->fd);
    return s->text;
}

/* What follows the time, which is judged apart. */
static const char *after_time(const char *line, const char *before)
{
    size_t at = strlen(before);
    bool is_shaped = strlen(line) > at + 24 && memcmp(line, before, at) == 0 &&
        line[at + 4] == '-' && line[at + 10] == 'T' && line[at + 19] == '.' && line[at + 23] == 'Z';
    ok(is_shaped, "the line begins with %s and a time in milliseconds", before);
    return is_shaped ? line + at + 24 : line;
}

static void json_lines(void)
{
    struct said s;
    listen_to(&s, LOG_FORM_JSON);
    log_info(LOG_NET, "listening", LOG_STR("address", "[::]:5050"), LOG_NUM("port", 5050));
    const char *line = stop(&s);
    is_str(after_time(line, "{\"ts\":\""),
        "\",\"level\":\"info\",\"source\":\"net\",\"msg\":\"listening\","
        "\"address\":\"[::]:5050\",\"port\":5050}\n",
        "a JSON line");

    listen_to(&s, LOG_FORM_AUTO);
    log_error(LOG_TLS, "no handshake", LOG_ERR(ERR_TOO_BIG), LOG_NUM("n", INT64_MIN));
    line = stop(&s);
    is_str(after_time(line, "{\"ts\":\""),
        "\",\"level\":\"error\",\"source\":\"tls\",\"msg\":\"no handshake\","
        "\"error\":\"TOO_BIG\",\"n\":-9223372036854775808}\n",
        "a file gets JSON by itself; an error has its name");
}

static void logfmt_lines(void)
{
    struct said s;
    listen_to(&s, LOG_FORM_LOGFMT);
    log_warning(LOG_HTTP, "slow", LOG_STR("path", "/a b"), LOG_STR("none", ""), LOG_ERR(0),
        LOG_STR("eq", "a=b"), LOG_STR("quote", "a\"b\\c"), LOG_NUM("n", -7));
    const char *line = stop(&s);
    is_str(after_time(line, "ts="),
        " level=warning source=http msg=slow path=\"/a b\" none=\"\" error=none eq=\"a=b\" "
        "quote=\"a\\\"b\\\\c\" n=-7\n",
        "a logfmt line, no colour in a file");
}

static void terminal_lines(void)
{
    struct said s;
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
        skip("no pseudo terminal here");
        return;
    }
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    log_set_form(LOG_FORM_AUTO);
    log_set_fd(slave);
    log_info(LOG_MAIN, "hello", LOG_STR("evil", "\x1b]0;title\x07"));
    ssize_t n = read(master, s.text, sizeof(s.text) - 1);
    s.text[n > 0 ? n : 0] = '\0';
    is_str(after_time(s.text, "ts="),
        " level=\033[32minfo\033[0m source=main msg=hello evil=\"\\u001b]0;title\\u0007\"\r\n",
        "a terminal gets logfmt with colour, and no escape of a field");
    log_set_form(LOG_FORM_JSON);
    log_info(LOG_MAIN, "hello");
    n = read(master, s.text, sizeof(s.text) - 1);
    s.text[n > 0 ? n : 0] = '\0';
    ok(strchr(s.text, '\033') == NULL, "no colour in JSON");
    log_set_fd(STDERR_FILENO);
    close(slave);
    close(master);
}

static void journal_lines(void)
{
    struct said s;
    struct stat st;
    char stream[64];
    listen_to(&s, LOG_FORM_AUTO);
    fstat(s.fd, &st);
    snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_error(LOG_MAIN, "one");
    ok(strncmp(stop(&s), "<3>{\"ts\":", 9) == 0, "the journal gets a priority");
    setenv("JOURNAL_STREAM", "1:2", 1);
    listen_to(&s, LOG_FORM_AUTO);
    log_error(LOG_MAIN, "two");
    ok(stop(&s)[0] == '{', "another file does not");
    setenv("JOURNAL_STREAM", "1:", 1);
    listen_to(&s, LOG_FORM_AUTO);
    log_error(LOG_MAIN, "three");
    ok(stop(&s)[0] == '{', "nor does a malformed JOURNAL_STREAM");
    unsetenv("JOURNAL_STREAM");
}

struct escape {
    const char *name;
    struct slice text;
    const char *json;
    const char *logfmt;
};

static const struct escape escapes[] = {
    { .name = "a quote and a backslash",
        .text = SLICE("\"\\"),
        .json = "\\\"\\\\",
        .logfmt = "\\\"\\\\" },
    { .name = "newlines",
        .text = SLICE("a\nb\r\tc"),
        .json = "a\\nb\\r\\tc",
        .logfmt = "a\\nb\\r\\tc" },
    { .name = "NUL", .text = SLICE("a\0b"), .json = "a\\u0000b", .logfmt = "a\\u0000b" },
    { .name = "ESC and BEL",
        .text = SLICE("\x1b[2J\a"),
        .json = "\\u001b[2J\\u0007",
        .logfmt = "\\u001b[2J\\u0007" },
    { .name = "DEL", .text = SLICE("\x7f"), .json = "\\u007f", .logfmt = "\\u007f" },
    { .name = "C1: CSI in UTF-8",
        .text = SLICE("\xc2\x9b"
                      "2J"),
        .json = "\\u009b2J",
        .logfmt = "\\u009b2J" },
    { .name = "C1: CSI as a byte",
        .text = SLICE("\x9b"
                      "2J"),
        .json = "\\\\x9b2J",
        .logfmt = "\\x9b2J" },
    { .name = "a line separator",
        .text = SLICE("\xe2\x80\xa8"),
        .json = "\\u2028",
        .logfmt = "\\u2028" },
    { .name = "right to left",
        .text = SLICE("\xe2\x80\xae"
                      "txt"),
        .json = "\\u202etxt",
        .logfmt = "\\u202etxt" },
    { .name = "half a character", .text = SLICE("\xc3"), .json = "\\\\xc3", .logfmt = "\\xc3" },
    { .name = "an overlong newline",
        .text = SLICE("\xc0\x8a"),
        .json = "\\\\xc0\\\\x8a",
        .logfmt = "\\xc0\\x8a" },
    { .name = "a surrogate",
        .text = SLICE("\xed\xa0\x80"),
        .json = "\\\\xed\\\\xa0\\\\x80",
        .logfmt = "\\xed\\xa0\\x80" },
    { .name = "good UTF-8 as it is", .text = SLICE("ñ日😀"), .json = "ñ日😀", .logfmt = "ñ日😀" },
};

static void is_said(enum log_form form, const struct escape *e, const char *want, const char *close)
{
    struct said s;
    char value[128];
    listen_to(&s, form);
    log_info(LOG_MAIN, "m", LOG_TEXT("k", e->text));
    const char *line = stop(&s);
    snprintf(value, sizeof(value), form == LOG_FORM_JSON ? "\"k\":\"%s\"%s" : " k=\"%s\"%s", want,
        close);
    if (!ok(strstr(line, value) != NULL, "%s, form %d", e->name, (int)form))
        note("got %s\nwant %s", line, value);
}

static void every_escape(void)
{
    for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++) {
        is_said(LOG_FORM_JSON, &escapes[i], escapes[i].json, "}\n");
        is_said(LOG_FORM_LOGFMT, &escapes[i], escapes[i].logfmt, "\n");
    }
    struct said s;
    listen_to(&s, LOG_FORM_LOGFMT);
    log_info(LOG_MAIN, "two\nlines");
    ok(strstr(stop(&s), "msg=\"two\\nlines\"\n") != NULL, "the message is escaped as well");
}

/* No byte that a terminal or a line reader could take for a command, whatever the field holds. */
static void every_byte_pair(void)
{
    struct said s;
    unsigned bad = 0;
    for (unsigned i = 0; i < 65536; i++) {
        char pair[2] = { (char)(i >> 8), (char)i };
        listen_to(&s, i & 1 ? LOG_FORM_JSON : LOG_FORM_LOGFMT);
        log_info(LOG_MAIN, "m", LOG_TEXT("k", slice_of(pair, 2)));
        stop(&s);
        for (size_t k = 0; k + 1 < s.len; k++)
            bad += (unsigned char)s.text[k] < ' ' || s.text[k] == 0x7f;
        bad += s.text[s.len - 1] != '\n' || !utf8_is_valid(slice_of(s.text, s.len));
        bad += strstr(s.text, "\xc2\x80") != NULL || strstr(s.text, "\xc2\x9b") != NULL;
    }
    is_int(bad, 0, "all pairs of bytes: one line of valid UTF-8 without controls");
}

/* Fields of every length around the limit, in one, two and three byte characters and escapes. */
static void long_lines(enum log_form form, const char *unit)
{
    static char text[8192];
    struct said s;
    unsigned too_long = 0, torn = 0, unclosed = 0, unmarked = 0, halved = 0;
    const char *close = form == LOG_FORM_JSON ? "}\n" : "\n";
    size_t unit_len = strlen(unit);
    for (size_t len = 3700 / unit_len; len < 4200 / unit_len; len++) {
        for (size_t i = 0; i < len; i++)
            memcpy(text + i * unit_len, unit, unit_len);
        listen_to(&s, form);
        log_info(LOG_MAIN, "m", LOG_TEXT("k", slice_of(text, len * unit_len)),
            LOG_NUM("n", 123456789), LOG_STR("last", "here"));
        stop(&s);
        bool is_whole = strstr(s.text, "here") != NULL;
        bool is_marked = strstr(s.text, form == LOG_FORM_JSON ? ",\"cut\":true}\n" : " …\n") !=
            NULL;
        too_long += s.len > LOG_LINE_BYTES;
        torn += !utf8_is_valid(slice_of(s.text, s.len));
        unclosed += !slice_ends(slice_of(s.text, s.len), slice_str(close));
        unmarked += is_whole == is_marked;
        halved += strstr(s.text, "\":,") != NULL || strstr(s.text, "= ") != NULL;
    }
    is_int(too_long, 0, "no line is longer than %d bytes", LOG_LINE_BYTES);
    is_int(torn, 0, "no character is torn");
    is_int(unclosed, 0, "every line is closed");
    is_int(halved, 0, "no key stands without its value");
    is_int(unmarked, 0, "a line says exactly then that it is cut");
}

static void cut_line(void)
{
    char text[5000];
    struct said s;
    memset(text, 'x', sizeof(text));
    listen_to(&s, LOG_FORM_JSON);
    log_info(LOG_MAIN, "m", LOG_TEXT("k", slice_of(text, sizeof(text))), LOG_STR("after", "a"));
    stop(&s);
    ok(slice_ends(slice_of(s.text, s.len), S("xxx…\",\"cut\":true}\n")), "the cut value is marked");
    ok(s.len > LOG_LINE_BYTES - 40, "and not cut earlier than it must be");
    listen_to(&s, LOG_FORM_LOGFMT);
    log_info(LOG_MAIN, "m", LOG_TEXT("k", slice_of(text, sizeof(text))), LOG_STR("after", "a"));
    stop(&s);
    ok(slice_ends(slice_of(s.text, s.len), S("xxx…\" …\n")), "in logfmt too");
}

/* Each closing quote comes out of the last bytes: many must not add up to more than those. */
static void many_fields(void)
{
    struct said s;
    struct log_field fields[2001];
    for (size_t i = 0; i < 2000; i++)
        fields[i] = (struct log_field)LOG_STR("k", "");
    fields[2000] = (struct log_field){ .kind = LOG_KIND_END };
    listen_to(&s, LOG_FORM_JSON);
    log_write(LOG_INFO, LOG_MAIN, "m", fields);
    stop(&s);
    ok(s.len <= LOG_LINE_BYTES, "2,000 fields: one line within its limit");
    ok(slice_ends(slice_of(s.text, s.len), S("\"k\":\"\",\"cut\":true}\n")), "cut behind a field");
}

struct levels_case {
    char text[32];
    int err;
    enum log_level net;
    enum log_level http;
};

/* All start from warning everywhere. */
static const struct levels_case levels_cases[] = {
    { .text = "info", .net = LOG_INFO, .http = LOG_INFO },
    { .text = "off", .net = LOG_OFF, .http = LOG_OFF },
    { .text = "info,http=debug", .net = LOG_INFO, .http = LOG_DEBUG },
    { .text = "error, http = info , net=debug", .net = LOG_DEBUG, .http = LOG_INFO },
    { .text = "http=error", .net = LOG_WARNING, .http = LOG_ERROR },
    { .text = "", .err = ERR_BAD_VALUE, .net = LOG_WARNING, .http = LOG_WARNING },
    { .text = "info,", .err = ERR_BAD_VALUE, .net = LOG_WARNING, .http = LOG_WARNING },
    { .text = "info,http=loud", .err = ERR_BAD_VALUE, .net = LOG_WARNING, .http = LOG_WARNING },
    { .text = "info,htp=debug", .err = ERR_BAD_VALUE, .net = LOG_WARNING, .http = LOG_WARNING },
    { .text = "http=debug,info", .err = ERR_BAD_VALUE, .net = LOG_WARNING, .http = LOG_WARNING },
    { .text = "INFO", .err = ERR_BAD_VALUE, .net = LOG_WARNING, .http = LOG_WARNING },
    { .text = "=info", .err = ERR_BAD_VALUE, .net = LOG_WARNING, .http = LOG_WARNING },
    { .text = "http=", .err = ERR_BAD_VALUE, .net = LOG_WARNING, .http = LOG_WARNING },
};

static bool is_level(enum log_source source, enum log_level level)
{
    bool is_on_here = level == LOG_OFF || log_is_on(level, source);
    return is_on_here && (level == LOG_DEBUG || !log_is_on(level - 1, source));
}

static void levels(void)
{
    for (size_t i = 0; i < sizeof(levels_cases) / sizeof(*levels_cases); i++) {
        const struct levels_case *c = &levels_cases[i];
        log_set_level(LOG_WARNING);
        is_int(log_check_levels(slice_str(c->text)), c->err, "\"%s\" is judged", c->text);
        ok(is_level(LOG_NET, LOG_WARNING), "and not set by that");
        is_int(log_set_levels(slice_str(c->text)), c->err, "\"%s\" is set", c->text);
        ok(is_level(LOG_NET, c->net) && is_level(LOG_HTTP, c->http), "to the levels it says");
    }
    struct said s;
    listen_to(&s, LOG_FORM_JSON);
    log_set_level(LOG_WARNING);
    log_set_source_level(LOG_WS, LOG_DEBUG);
    log_info(LOG_NET, "not said");
    log_debug(LOG_WS, "said");
    stop(&s);
    ok(strstr(s.text, "not said") == NULL && strstr(s.text, "\"said\"") != NULL,
        "a line below its source's level is not written");
}

static void errno_is_kept(void)
{
    struct said s;
    listen_to(&s, LOG_FORM_JSON);
    fault_at(FAULT_WRITE, 1, EINTR);
    errno = ENOENT;
    log_info(LOG_MAIN, "interrupted");
    int error = errno;
    fault_off();
    ok(strstr(stop(&s), "interrupted") != NULL, "an interrupted write is repeated");
    is_int(error, ENOENT, "errno is as before");
    listen_to(&s, LOG_FORM_JSON);
    fault_at(FAULT_WRITE, 1, EAGAIN);
    log_info(LOG_MAIN, "lost");
    is_int(fault_calls(FAULT_WRITE), 1, "a full pipe holds nobody up: the line is lost");
    fault_off();
    stop(&s);
}

static void *speak(void *arg)
{
    for (int i = 0; i < LINES; i++) {
        log_info(LOG_NET, "line", LOG_NUM("n", i), LOG_STR("of", (const char *)arg));
        if (i % 50 == 0 && log_set_levels(S("info,http=debug")) != 0)
            break;
    }
    return NULL;
}

static void threads(void)
{
    static char text[THREADS * LINES * 160];
    pthread_t t[THREADS];
    char name[] = "thread";
    struct said s;
    listen_to(&s, LOG_FORM_JSON);
    fcntl(s.fd, F_SETFL, O_APPEND); /* a file in memory has no lock on its position */
    for (int i = 0; i < THREADS; i++)
        pthread_create(&t[i], NULL, speak, name);
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    ssize_t n = pread(s.fd, text, sizeof(text), 0);
    stop(&s);
    struct slice rest = slice_of(text, n > 0 ? (size_t)n : 0);
    struct slice line;
    unsigned whole = 0;
    while (slice_cut(&line, &rest, '\n'))
        whole += slice_starts(line, S("{\"ts\":")) && slice_ends(line, S("\"of\":\"thread\"}"));
    is_int(whole, THREADS * LINES, "threads that log at once do not mix their lines");
}

int main(void)
{
    json_lines();
    logfmt_lines();
    terminal_lines();
    journal_lines();
    every_escape();
    every_byte_pair();
    static const char *const units[] = { "x", "ñ", "日", "\n", "\x9b" };
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
        long_lines(LOG_FORM_JSON, units[i]);
        long_lines(LOG_FORM_LOGFMT, units[i]);
    }
    cut_line();
    many_fields();
    levels();
    errno_is_kept();
    threads();
    return done();
}
