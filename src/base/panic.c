#include "base/panic.h"

#include "version.h"

#include <errno.h>
#include <execinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { FRAMES_MAX = 64, MESSAGE_BYTES = 512, HEAD_BYTES = 1536, THREAD_NAME_BYTES = 16 };

struct place {
    const char *file;
    int line;
    const char *function;
};

static void say(const char *p, size_t len)
{
    ssize_t written = write(STDERR_FILENO, p, len);
    (void)written; /* there is nobody left to tell */
}

/* The message may hold bytes of a peer: none of them may reach a terminal as a command. */
static void make_plain(char *s)
{
    for (; *s != '\0'; s++)
        if (*s < ' ' || *s > '~')
            *s = '?';
}

static void say_head(const char *message, const struct place *at, int error)
{
    char head[HEAD_BYTES];
    char thread[THREAD_NAME_BYTES + 1] = "?";
    const char *name = strerrorname_np(error);
    const char *text = strerrordesc_np(error);

    (void)prctl(PR_GET_NAME, thread);
    make_plain(thread);
    int n = snprintf(head, sizeof(head),
        "stoa " STOA_VERSION " " STOA_COMMIT ": panic: %s\n"
        "  at %s:%d in %s()\n"
        "  thread %s of process %d, errno %d %s (%s)\n",
        message, at->file, at->line, at->function, thread, (int)getpid(), error, name ? name : "?",
        text ? text : "unknown");
    say(head, n < (int)sizeof(head) ? (size_t)n : sizeof(head) - 1);
}

/* Allocates nothing and takes no lock once panic_prepare() has run, so that it also works where a
 * signal or a broken heap brought us. */
__attribute__((noreturn)) static void die(const char *message, const struct place *at, int error)
{
    void *frames[FRAMES_MAX];
    say_head(message, at, error);
    int n = backtrace(frames, FRAMES_MAX);
    backtrace_symbols_fd(frames, n, STDERR_FILENO);
    abort();
}

void panic_prepare(void)
{
    void *frame;
    (void)backtrace(&frame, 1);
}

void panic_assert(const char *condition, const char *file, int line, const char *function)
{
    int error = errno;
    char message[MESSAGE_BYTES];
    snprintf(message, sizeof(message), "this should hold: %s", condition);
    die(message, &(struct place){ .file = file, .line = line, .function = function }, error);
}

void panic_at(const char *file, int line, const char *function, const char *format, ...)
{
    int error = errno;
    char message[MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    make_plain(message);
    die(message, &(struct place){ .file = file, .line = line, .function = function }, error);
}
