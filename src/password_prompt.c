/* A terminal must show again what is typed, whatever happens: so signals that would end the program
 * wait while it does not. */
#include "password_prompt.h"

#include "interruption.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

struct prompt {
    int fd; /* of the terminal */
    struct report *report;
    struct termios shown; /* as it was */
};

static int refuse(struct report *report, const char *says)
{
    REPORT_SAY(report_error(report), says, "\n");
    return ERR_BAD_REQUEST;
}

/* Up to a newline, or the end; byte by byte, since what follows is somebody else's. */
static int read_line(struct buf *out, int fd)
{
    char c = '\0';
    while (c != '\n') {
        ssize_t n = read(fd, &c, 1);
        if (n < 0 && errno != EINTR)
            return ERR_IO;
        if (n == 0)
            break;
        if (n > 0 && c != '\n')
            buf_add_char(out, c);
    }
    if (out->len > 0 && out->p[out->len - 1] == '\r')
        out->len--;
    return 0;
}

static int judge(const struct buf *line, struct report *report, int err)
{
    if (err == ERR_IO)
        REPORT_SAY(
            report_error(report), "the password cannot be read: ", strerrordesc_np(errno), ".\n");
    if (err)
        return err;
    if (line->err == ERR_TOO_BIG)
        return refuse(report, "the password is too long.");
    return line->len > 0 ? buf_err(line) : refuse(report, "the password is empty.");
}

/* ---- a terminal ---- */

static void say(const struct prompt *p, const char *text)
{
    ssize_t n = write(p->fd, text, strlen(text));
    (void)n; /* the terminal is gone; reading from it will tell */
}

static int set_echo(const struct prompt *p, bool is_on)
{
    struct termios t = p->shown;
    if (!is_on)
        t.c_lflag &= ~(tcflag_t)ECHO;
    return tcsetattr(p->fd, TCSADRAIN, &t) == 0 ? 0 : ERR_IO;
}

/* Nothing is shown from before the question on: some type as soon as they see it. */
static int read_hidden(struct buf *out, const struct prompt *p, const char *question)
{
    struct interruption interruption;
    interruption_begin(&interruption);
    int err = set_echo(p, false);
    say(p, question);
    if (!err)
        err = interruption_wait(p->fd) ? read_line(out, p->fd) : ERR_CLOSED;
    (void)set_echo(p, true);
    say(p, "\n");
    interruption_end(&interruption);
    return err;
}

static int ask(struct buf *out, const struct prompt *p, const char *question)
{
    int err = read_hidden(out, p, question);
    return err == ERR_CLOSED ? refuse(p->report, "no password was given.")
                             : judge(out, p->report, err);
}

static int ask_twice(struct buf *out, const struct prompt *p)
{
    struct buf again;
    buf_init(&again, PASSWORD_LINE_BYTES);
    int err = ask(out, p, "Password: ");
    if (!err)
        err = ask(&again, p, "The same again: ");
    if (!err && !slice_eq(buf_slice(out), buf_slice(&again)))
        err = refuse(p->report, "these were two different passwords.");
    if (again.p != NULL)
        explicit_bzero(again.p, again.cap);
    buf_fini(&again);
    return err;
}

int password_prompt(struct buf *out, struct report *report, bool is_stdin)
{
    struct prompt p = { .report = report };
    if (is_stdin || !isatty(STDIN_FILENO))
        return judge(out, report, read_line(out, STDIN_FILENO));
    p.fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (p.fd < 0)
        return judge(out, report, ERR_IO);
    int err = tcgetattr(p.fd, &p.shown) == 0 ? ask_twice(out, &p) : judge(out, report, ERR_IO);
    close(p.fd);
    return err;
}
