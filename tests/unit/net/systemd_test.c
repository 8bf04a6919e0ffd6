/* What systemd hands over and is told: each case in a child, which has an environment and
 * descriptors of its own. */
#include "net/systemd.h"

#include "rig.h"

#include <sys/stat.h>
#include <sys/wait.h>

#define CRASHED 99

/* Runs in a child; gives what the child gave. */
static int in_child(int (*fn)(void))
{
    int status = 0;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        _exit(fn());
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return CRASHED;
    return WEXITSTATUS(status);
}

static void set_number(const char *name, long n)
{
    char text[32];
    snprintf(text, sizeof text, "%ld", n);
    setenv(name, text, 1);
}

/* Descriptors 3 and up: `n` that are open and survive exec. */
static void hand_over(long pid, int n)
{
    close_range(SYSTEMD_FIRST_FD, ~0u, 0);
    for (int i = 0; i < n; i++) {
        if (dup2(0, SYSTEMD_FIRST_FD + i) < 0)
            _exit(CRASHED);
    }
    set_number("LISTEN_PID", pid);
    set_number("LISTEN_FDS", n);
    setenv("LISTEN_FDNAMES", "http:https", 1);
}

static int two(void)
{
    hand_over(getpid(), 2);
    if (systemd_listen_fds() != 2)
        return 1;
    for (int i = 0; i < 2; i++) {
        if (!(fcntl(SYSTEMD_FIRST_FD + i, F_GETFD) & FD_CLOEXEC))
            return 2;
    }
    if (getenv("LISTEN_PID") || getenv("LISTEN_FDS") || getenv("LISTEN_FDNAMES"))
        return 3;
    return systemd_listen_fds() == 0 ? 0 : 4;
}

static int another(void)
{
    hand_over(getppid(), 2);
    return (int)systemd_listen_fds();
}

static int nobody(void)
{
    unsetenv("LISTEN_PID");
    setenv("LISTEN_FDS", "2", 1);
    return (int)systemd_listen_fds();
}

static int nonsense(void)
{
    static const char *const bad[] = { "", "-1", "two", "2 ", "65", "99999999999999999999" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        hand_over(getpid(), 2);
        setenv("LISTEN_FDS", bad[i], 1);
        if (systemd_listen_fds() != 0)
            return (int)i + 1;
    }
    return 0;
}

static int missing(void)
{
    hand_over(getpid(), 3);
    close(SYSTEMD_FIRST_FD + 1);
    return (int)systemd_listen_fds();
}

static void test_listen_fds(void)
{
    is_int(in_child(two), 0, "two sockets are handed over, once");
    is_int(in_child(another), 0, "those of another process are not ours");
    is_int(in_child(nobody), 0, "nor those of nobody");
    is_int(in_child(nonsense), 0, "nonsense is none");
    is_int(in_child(missing), 1, "one that is not open ends the row");
}

static int listener_at(struct addr *at, const char *path, bool is_abstract)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (addr_local(at, slice_str(path)))
        abort();
    if (is_abstract)
        at->local.sun_path[0] = '\0';
    at->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (bind(fd, &at->any, at->len))
        abort();
    return fd;
}

static void check_notify(const char *path, bool is_abstract)
{
    struct addr at;
    char got[64];
    int fd = listener_at(&at, path, is_abstract);
    setenv("NOTIFY_SOCKET", path, 1);
    systemd_notify("READY=1");
    systemd_notify("STOPPING=1");
    ssize_t n = recv(fd, got, sizeof got, 0);
    ok(n == 7 && memcmp(got, "READY=1", 7) == 0, "systemd is told");
    n = recv(fd, got, sizeof got, 0);
    ok(n == 10 && memcmp(got, "STOPPING=1", 10) == 0, "each time");
    unsetenv("NOTIFY_SOCKET");
    systemd_notify("READY=1");
    is_int(recv(fd, got, sizeof got, 0), -1, "without its address nobody is");
    close(fd);
}

static void test_notify(const char *folder)
{
    char path[100];
    char abstract[64];
    snprintf(path, sizeof path, "%s/notify", folder);
    check_notify(path, false);
    setenv("NOTIFY_SOCKET", path, 1);
    int first = dup(0);
    close(first);
    systemd_notify("READY=1");
    unlink(path);
    systemd_notify("READY=1");
    snprintf(abstract, sizeof abstract, "@stoa-test-%d", (int)getpid());
    check_notify(abstract, true);
    memset(abstract, 'x', sizeof abstract);
    char too_long[200];
    memset(too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    setenv("NOTIFY_SOCKET", too_long, 1);
    systemd_notify("READY=1");
    setenv("NOTIFY_SOCKET", "", 1);
    systemd_notify("READY=1");
    unsetenv("NOTIFY_SOCKET");
    int last = dup(0);
    close(last);
    is_int(last, first, "no descriptor is left open");
}

int main(void)
{
    const char *temp = getenv("TMPDIR");
    char folder[64];
    rig_prepare();
    snprintf(folder, sizeof folder, "%.32s/stoa-sd-XXXXXX", temp ? temp : "/tmp");
    if (!mkdtemp(folder))
        abort();
    test_listen_fds();
    test_notify(folder);
    ok(rmdir(folder) == 0, "no file is left behind");
    return done();
}
