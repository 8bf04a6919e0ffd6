#include "base/panic.h"

#include "tap.h"
#include "version.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_BYTES = 16384 };

struct death {
    int status;
    char said[SAID_BYTES];
};

struct object {
    uint32_t magic;
};

static void read_all(struct death *d, int fd)
{
    size_t len = 0;
    ssize_t n = 1;
    while (n > 0 && len < sizeof(d->said) - 1) {
        n = read(fd, d->said + len, sizeof(d->said) - 1 - len);
        len += n > 0 ? (size_t)n : 0;
    }
    d->said[len] = '\0';
}

/* Lets a child die by `how` and keeps what it said on the way. */
static void die_by(struct death *d, void (*how)(void))
{
    int ends[2];
    *d = (struct death){ 0 };
    if (!ok(pipe(ends) == 0, "a pipe"))
        return;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
        dup2(ends[1], STDERR_FILENO);
        how();
        _exit(0);
    }
    close(ends[1]);
    read_all(d, ends[0]);
    close(ends[0]);
    waitpid(child, &d->status, 0);
}

static void assert_two_is_three(void)
{
    int two = 2;
    prctl(PR_SET_NAME, "loop-7");
    errno = ENOSPC;
    ASSERT(two == 3);
}

static void panic_with_numbers(void)
{
    panic_prepare();
    PANIC("room %s has %d members", "A7x9", -1);
}

static void panic_with_hostile_text(void)
{
    PANIC("a%sb", "\x1b[2J\n\xc2\x9b");
}

static void panic_at_length(void)
{
    char text[8192];
    memset(text, 'y', sizeof(text));
    PANIC("%.8000s", text);
}

static void wrong_magic(void)
{
    struct object o = { .magic = 1 };
    struct object *p = &o;
    CHECK_MAGIC(p, 2);
}

static void no_object(void)
{
    struct object *p = NULL;
    CHECK_MAGIC(p, 2);
}

static void nothing_wrong(void)
{
    struct object o = { .magic = 2 };
    struct object *p = &o;
    CHECK_MAGIC(p, 2);
    ASSERT(p->magic == 2);
}

static void says(const struct death *d, const char *text)
{
    if (!ok(strstr(d->said, text) != NULL, "the dump holds: %s", text))
        note("it says:\n%s", d->said);
}

static void aborts(const struct death *d, const char *name)
{
    ok(WIFSIGNALED(d->status) && WTERMSIG(d->status) == SIGABRT, "%s: dies by SIGABRT", name);
}

static void failed_assertion(void)
{
    struct death d;
    die_by(&d, assert_two_is_three);
    aborts(&d, "a failed assertion");
    says(&d, "stoa " STOA_VERSION " ");
    says(&d, "this should hold: two == 3\n");
    says(&d, "panic_test.c:");
    says(&d, " in assert_two_is_three()\n");
    says(&d, "thread loop-7 of process ");
    says(&d, "errno 28 ENOSPC (No space left on device)");
    says(&d, "panic_test("); /* a frame of the backtrace */
}

static void panics(void)
{
    struct death d;
    die_by(&d, panic_with_numbers);
    aborts(&d, "PANIC");
    says(&d, "panic: room A7x9 has -1 members\n");

    die_by(&d, panic_with_hostile_text);
    aborts(&d, "PANIC with a peer's text");
    says(&d, "panic: a?[2J???b\n");

    die_by(&d, panic_at_length);
    aborts(&d, "PANIC with a long text");
    says(&d, "yyy\n  at ");
}

static void magic(void)
{
    struct death d;
    die_by(&d, wrong_magic);
    aborts(&d, "a wrong magic word");
    die_by(&d, no_object);
    aborts(&d, "no object");
    die_by(&d, nothing_wrong);
    ok(WIFEXITED(d.status) && WEXITSTATUS(d.status) == 0, "what holds does not panic");
    is_str(d.said, "", "and says nothing");
}

int main(void)
{
    failed_assertion();
    panics();
    magic();
    return done();
}
