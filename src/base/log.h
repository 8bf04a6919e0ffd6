/* Says what happens, to standard error: logfmt on a terminal, one JSON object a line otherwise.
 * A line has a level, a source (the part of Stoa that speaks) and typed fields. Never a secret:
 * no token, cookie, password or SDP goes into a field. Codecs do not log.
 *
 *     log_info(LOG_NET, "listening", LOG_STR("address", text), LOG_NUM("port", 5050));
 *
 * {"ts":"2026-11-21T10:40:45.123Z","level":"info","source":"net","msg":"listening","port":5050}
 *
 * Any thread may log. A line is one write(2); what does not fit is cut with an ellipsis. Control
 * characters, line separators, characters that turn the direction of text and bytes that are not
 * UTF-8 are escaped, so that nothing in a field can forge a line or command a terminal. In the
 * journal each line carries its priority. */
#pragma once

#include "base/err.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define LOG_LINE_BYTES 4096 /* with its newline: what a pipe takes in one piece */

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_OFF };

/* Name, what it speaks of. */
#define LOG_SOURCES(X)  \
    X(MAIN, "main")     \
    X(CONFIG, "config") \
    X(NET, "net")       \
    X(TLS, "tls")       \
    X(HTTP, "http")     \
    X(WS, "ws")         \
    X(SIO, "sio")       \
    X(STORE, "store")   \
    X(AUTH, "auth")     \
    X(HUB, "hub")       \
    X(FILES, "files")

enum log_source {
#define X(id, name) LOG_##id,
    LOG_SOURCES(X)
#undef X
        LOG_SOURCE_COUNT,
};

enum log_kind { LOG_KIND_END, LOG_KIND_TEXT, LOG_KIND_NUMBER, LOG_KIND_ERR };

struct log_field {
    const char *key; /* ours, plain ASCII; not ts, level, source, msg or cut */
    enum log_kind kind;
    struct slice text; /* any bytes: control characters and bad UTF-8 are escaped */
    int64_t number;
};

#define LOG_TEXT(name, slice_value)                                 \
    {                                                               \
        .key = (name), .kind = LOG_KIND_TEXT, .text = (slice_value) \
    }
#define LOG_STR(name, c_string) LOG_TEXT(name, slice_str(c_string))
#define LOG_NUM(name, value)                                               \
    {                                                                      \
        .key = (name), .kind = LOG_KIND_NUMBER, .number = (int64_t)(value) \
    }
#define LOG_ERR(value)                                          \
    {                                                           \
        .key = "error", .kind = LOG_KIND_ERR, .number = (value) \
    }

#define LOG_WRITE(level, source, message, ...)                                                     \
    do {                                                                                           \
        if (log_is_on(level, source))                                                              \
            log_write(level, source, message,                                                      \
                (const struct log_field[]){ __VA_ARGS__ __VA_OPT__(, ){ .kind = LOG_KIND_END } }); \
    } while (0)

#define log_debug(...)   LOG_WRITE(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)    LOG_WRITE(LOG_INFO, __VA_ARGS__)
#define log_warning(...) LOG_WRITE(LOG_WARNING, __VA_ARGS__)
#define log_error(...)   LOG_WRITE(LOG_ERROR, __VA_ARGS__)

enum log_form { LOG_FORM_AUTO, LOG_FORM_LOGFMT, LOG_FORM_JSON };

/* The one mutable thing that is global: set at start, levels again at run time. At first: info and
 * above, to standard error, in the form that suits it. */
void log_set_form(enum log_form form);
void log_set_fd(int fd);                  /* tests read what was said */
void log_set_level(enum log_level level); /* of every source */
void log_set_source_level(enum log_source source, enum log_level level);

/* "info", or "info,http=debug,net=warning": a level for all, then for single sources.
 * ERR_BAD_VALUE and nothing changed when a word is unknown. */
int log_set_levels(struct slice text) MUST_CHECK;
int log_check_levels(struct slice text) MUST_CHECK; /* the same judgement, nothing set */

bool log_is_on(enum log_level level, enum log_source source);
/* errno is as it was afterwards: a line may stand between a failed call and its report. */
void log_write(enum log_level level, enum log_source source, const char *message,
    const struct log_field *fields);
