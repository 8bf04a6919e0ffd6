/* A call is a connection of its own: connect, or start a server and connect; say all, hear all.
 *
 *   connect --ok--> exchange --answer--> done
 *      | nobody         \--not a word: it was just ending--> connect
 *      v
 *   start --ready--> connect
 *      \--the folder is taken--> wait a little --> connect: who has it may be starting, or ending
 *
 * What a server that does not start has to say comes through the pipe that otherwise brings the
 * word that it is ready. */
#include "admin_client.h"

#include "base/clock.h"
#include "base/fields.h"
#include "base/xalloc.h"
#include "net/addr.h"
#include "operation.h"
#include "server.h"
#include "store/open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_BYTES (16u << 20)
#define SAID_BYTES   (256u << 10) /* by a server that does not start */
#define TRIES        3            /* of a server that ends before it says a word */
#define PATIENCE_MS  5000         /* with a folder that is taken */
#define PAUSE_MS     50
#define READY        "ready\n"

struct admin_client {
    const struct options *options;
    struct report *report;
    struct buf answer;
    pid_t helper; /* 0: none */
    bool may_begin;
};

struct admin_client *admin_client_new(const struct options *o, struct report *report)
{
    struct admin_client *c = xalloc(sizeof(*c));
    c->options = o;
    c->report = report;
    buf_init(&c->answer, ANSWER_BYTES);
    return c;
}

void admin_client_may_begin(struct admin_client *c)
{
    c->may_begin = true;
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

static void end_helper(struct admin_client *c)
{
    if (c->helper == 0)
        return;
    kill(c->helper, SIGTERM);
    wait_for(c->helper);
    c->helper = 0;
}

void admin_client_free(struct admin_client *c)
{
    if (c == NULL)
        return;
    end_helper(c);
    buf_fini(&c->answer);
    xfree(c);
}

static void pause_ms(unsigned ms)
{
    const struct timespec t = { .tv_nsec = ms * 1000000l };
    nanosleep(&t, NULL);
}

/* ---- a server of our own ---- */

struct helper {
    const struct options *options;
    int ready_fd;
};

static void on_ready(void *arg)
{
    struct helper *h = arg;
    ssize_t n = write(h->ready_fd, READY, strlen(READY));
    (void)n; /* else nobody waits for it any more */
    log_set_fd(STDERR_FILENO);
    log_set_form(h->options->log.form == LOG_FORM_AUTO ? LOG_FORM_LOGFMT : h->options->log.form);
    log_set_level(LOG_WARNING);
    close(h->ready_fd);
}

/* In the child, which does not outlive its parent. */
static _Noreturn void be_helper(const struct options *o, int ready_fd, pid_t parent)
{
    struct helper h = { .options = o, .ready_fd = ready_fd };
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(EXIT_SUCCESS);
    log_set_fd(ready_fd);
    log_set_form(LOG_FORM_JSON);
    log_set_level(LOG_ERROR);
    _exit(server_run_helper(o, on_ready, &h));
}

static void read_all(struct buf *out, int fd)
{
    ssize_t n = 1;
    char part[4096];
    while (n > 0 || (n < 0 && errno == EINTR)) {
        n = read(fd, part, sizeof(part));
        if (n > 0)
            buf_add(out, part, (size_t)n);
    }
}

struct said {
    struct slice msg;
    struct slice why;
};

static const struct field said_list[] = {
    { .name = "msg", FIELD_MEMBER(struct said, msg), .type = FIELD_STR, .max = SAID_BYTES },
    { .name = "why", FIELD_MEMBER(struct said, why), .type = FIELD_STR, .max = SAID_BYTES },
};
static const struct fields said_fields = FIELDS(said_list);

/* A line of the log as a sentence. */
static void say_line(struct report *report, struct slice line)
{
    struct said said;
    struct field_error error;
    struct arena a;
    arena_init(&a, SAID_BYTES);
    if (fields_decode(&said, &error, &a, &said_fields, line) == 0) {
        struct buf *out = report_error(report);
        buf_add_slice(out, said.msg);
        buf_add_str(out, said.why.len > 0 ? ": " : "");
        buf_add_slice(out, said.why);
        buf_add_str(out, slice_ends(said.why, S(".")) ? "\n" : ".\n");
    }
    arena_fini(&a);
}

static int judge_end(struct admin_client *c, struct slice said, int status, bool is_last)
{
    struct slice line;
    bool is_taken = WIFEXITED(status) && WEXITSTATUS(status) == SERVER_TAKEN;
    if (is_taken && !is_last)
        return ERR_BUSY;
    while (slice_cut(&line, &said, '\n'))
        say_line(c->report, line);
    if (c->report->n_errors == 0)
        REPORT_SAY(report_error(c->report), "no Stoa runs on ", c->options->data,
            ", and one that was to help ended at once.\n");
    return is_taken ? ERR_BUSY : ERR_BAD_CONFIG;
}

static int wait_until_ready(struct admin_client *c, int fd, bool is_last)
{
    struct buf said;
    int err = 0;
    buf_init(&said, SAID_BYTES);
    read_all(&said, fd);
    if (!slice_ends(buf_slice(&said), S(READY))) {
        int status = wait_for(c->helper);
        c->helper = 0;
        err = judge_end(c, buf_slice(&said), status, is_last);
    }
    buf_fini(&said);
    return err;
}

/* What a server of root's makes there is of no use to another one. */
static int check_owner(struct admin_client *c)
{
    struct stat st;
    const char *data = c->options->data;
    if (stat(data, &st) != 0 || st.st_uid == geteuid())
        return 0;
    REPORT_SAY(report_error(c->report), data, " ", OPERATION_NOT_OURS, ".\n");
    return ERR_FORBIDDEN;
}

/* A mistyped folder is not to become one. */
static int check_database(struct admin_client *c)
{
    char file[PATH_MAX];
    const char *url = c->options->database.url;
    bool is_file = url[0] == '\0' || strcmp(url, "sqlite:") == 0;
    snprintf(file, sizeof(file), "%s/" STORE_FILE, c->options->data);
    if (c->may_begin || !is_file || access(file, F_OK) == 0)
        return 0;
    REPORT_SAY(report_error(c->report), "there is no database in ", c->options->data,
        ", and no Stoa runs on it; see --data.\n");
    return ERR_NOT_FOUND;
}

/* ERR_BUSY: the folder is taken; only the last time that is told. */
static int start_helper(struct admin_client *c, bool is_last)
{
    int fds[2];
    pid_t parent = getpid();
    int err = check_database(c);
    if (!err)
        err = check_owner(c);
    if (err)
        return err;
    end_helper(c);
    if (pipe2(fds, O_CLOEXEC) != 0)
        return ERR_IO;
    fflush(NULL); /* or what is not written yet would be written twice */
    c->helper = fork();
    if (c->helper == 0) {
        close(fds[0]);
        be_helper(c->options, fds[1], parent);
    }
    close(fds[1]);
    if (c->helper > 0) {
        err = wait_until_ready(c, fds[0], is_last);
    } else {
        c->helper = 0;
        err = ERR_IO;
    }
    close(fds[0]);
    return err;
}

/* ---- a connection ---- */

static int connect_to(int *out, struct admin_client *c, const struct addr *at)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return ERR_IO;
    if (connect(fd, &at->any, at->len) == 0) {
        *out = fd;
        return 0;
    }
    int error = errno;
    close(fd);
    if (error == ENOENT || error == ECONNREFUSED)
        return ERR_NOT_FOUND;
    REPORT_SAY(report_error(c->report), c->options->data, "/" SERVER_ADMIN_SOCKET ": ",
        strerrordesc_np(error),
        error == EACCES ? "; run this as the user that Stoa runs as.\n" : ".\n");
    return error == EACCES ? ERR_FORBIDDEN : ERR_IO;
}

/* ERR_NOT_FOUND: nobody is there. */
static int try_connect(int *out, struct admin_client *c)
{
    struct addr at;
    struct slice folder = slice_str(c->options->data);
    int folder_fd = open(c->options->data, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0 && errno == ENOENT)
        return ERR_NOT_FOUND;
    if (folder_fd < 0) {
        REPORT_SAY(report_error(c->report), "the data folder ", c->options->data, ": ",
            strerrordesc_np(errno), ".\n");
        return ERR_IO;
    }
    int err = addr_local_in(&at, folder, folder_fd, SERVER_ADMIN_SOCKET);
    if (!err)
        err = connect_to(out, c, &at);
    close(folder_fd);
    return err;
}

static int connect_or_start(int *out, struct admin_client *c)
{
    uint64_t end_us = clock_mono_us(&clock_system) + PATIENCE_MS * 1000;
    for (;;) {
        int err = try_connect(out, c);
        if (err != ERR_NOT_FOUND)
            return err;
        bool is_last = clock_mono_us(&clock_system) > end_us;
        err = start_helper(c, is_last);
        if (!err)
            return try_connect(out, c);
        if (err != ERR_BUSY || is_last)
            return err;
        pause_ms(PAUSE_MS);
    }
}

/* ---- a call ---- */

static bool send_all(int fd, struct slice s)
{
    while (s.len > 0) {
        ssize_t n = send(fd, s.p, s.len, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR)
            return false;
        s = slice_drop(s, n > 0 ? (size_t)n : 0);
    }
    return true;
}

static void write_request(struct buf *out, const char *path, const struct buf *body)
{
    buf_add_str(out, body != NULL ? "POST " : "GET ");
    buf_add_str(out, path);
    buf_add_str(out, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    if (body != NULL) {
        buf_add_str(out, "Content-Type: application/json\r\nContent-Length: ");
        buf_add_u64(out, body->len);
        buf_add_str(out, "\r\n");
    }
    buf_add_str(out, "\r\n");
    if (body != NULL)
        buf_add_slice(out, buf_slice(body));
}

/* ERR_AGAIN: not a word came back. */
static int exchange(struct admin_client *c, int fd, const char *path, const struct buf *body)
{
    struct buf request;
    buf_init(&request, ANSWER_BYTES);
    write_request(&request, path, body);
    int err = buf_err(&request);
    buf_reset(&c->answer);
    if (!err && send_all(fd, buf_slice(&request)))
        read_all(&c->answer, fd);
    if (!err)
        err = buf_err(&c->answer);
    if (!err && c->answer.len == 0)
        err = ERR_AGAIN;
    buf_fini(&request);
    return err;
}

/* ---- the answer ---- */

struct answer {
    uint64_t status;
    uint64_t length;
    struct slice body;
};

/* Of our own server, which always says how long its answer is. ERR_RESET: it is not whole. */
static int read_answer(struct answer *out, struct slice text)
{
    struct slice line, first, start = S("HTTP/1.1 "), length = S("Content-Length: ");
    bool has_length = false;
    if (!slice_starts(text, start) || !slice_cut(&first, &text, '\n') ||
        slice_u64(&out->status, slice_take(slice_drop(first, start.len), 3)))
        return ERR_RESET;
    while (slice_cut(&line, &text, '\n') && line.len > 1) {
        line.len -= 1; /* its CR */
        if (slice_starts(line, length))
            has_length = slice_u64(&out->length, slice_drop(line, length.len)) == 0;
    }
    out->body = text;
    return has_length && out->length == text.len ? 0 : ERR_RESET;
}

struct failure {
    struct slice code;
    struct slice message;
};

struct failed {
    struct failure error;
};

static const struct field failure_list[] = {
    { .name = "code", FIELD_MEMBER(struct failure, code), .type = FIELD_STR, .max = 100 },
    { .name = "message", FIELD_MEMBER(struct failure, message), .type = FIELD_STR, .max = 4096 },
};
static const struct fields failure_fields = FIELDS(failure_list);
static const struct field failed_list[] = {
    { .name = "error",
        FIELD_MEMBER(struct failed, error),
        .type = FIELD_OBJECT,
        .sub = &failure_fields },
};
static const struct fields failed_fields = FIELDS(failed_list);

static int find_error(struct slice code)
{
    for (int i = 1; i < ERR_INDEX_END; i++)
        if (slice_eq(slice_str(err_name(-i)), code))
            return -i;
    return ERR_INTERNAL;
}

static int tell_failure(struct admin_client *c, struct slice body)
{
    struct failed f;
    struct field_error error;
    struct arena a;
    arena_init(&a, ANSWER_BYTES);
    int err = fields_decode(&f, &error, &a, &failed_fields, body);
    if (!err) {
        struct buf *out = report_error(c->report);
        err = find_error(f.error.code);
        buf_add_slice(out, f.error.message);
        buf_add_char(out, '\n');
    }
    arena_fini(&a);
    return err;
}

static int ask_once(struct admin_client *c, const char *path, const struct buf *body)
{
    int fd;
    int err = connect_or_start(&fd, c);
    if (err)
        return err;
    err = exchange(c, fd, path, body);
    close(fd);
    return err;
}

int admin_client_ask(
    struct slice *out, struct admin_client *c, const char *path, const struct buf *body)
{
    struct answer answer;
    int err = ERR_AGAIN;
    for (unsigned i = 0; i < TRIES && err == ERR_AGAIN; i++)
        err = ask_once(c, path, body);
    if (err == ERR_AGAIN)
        err = ERR_RESET;
    if (!err)
        err = read_answer(&answer, buf_slice(&c->answer));
    if (err == ERR_RESET)
        REPORT_SAY(report_error(c->report),
            "Stoa ended before it had answered; whether it has done what you asked, its own list "
            "can tell.\n");
    if (err)
        return err;
    *out = answer.body;
    return answer.status < 300 ? 0 : tell_failure(c, answer.body);
}
