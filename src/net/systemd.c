#include "net/systemd.h"

#include "base/slice.h"
#include "net/addr.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_INHERITED 64

unsigned systemd_listen_fds(void)
{
    uint64_t pid;
    uint64_t n;
    int err = slice_u64(&pid, slice_str(getenv("LISTEN_PID")));
    if (!err)
        err = slice_u64(&n, slice_str(getenv("LISTEN_FDS")));
    if (err || pid != (uint64_t)getpid() || n > MAX_INHERITED)
        return 0;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    unsigned open = 0; /* a number that is not open now would soon be something else's */
    while (open < n && fcntl(SYSTEMD_FIRST_FD + (int)open, F_SETFD, FD_CLOEXEC) == 0)
        open++;
    return open;
}

void systemd_notify(const char *state)
{
    struct addr to;
    struct slice path = slice_str(getenv("NOTIFY_SOCKET"));
    if (path.len == 0 || addr_local(&to, path))
        return;
    if (to.local.sun_path[0] == '@')
        to.local.sun_path[0] = '\0'; /* Linux's abstract names */
    to.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.len);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    ssize_t n = sendto(fd, state, strlen(state), MSG_NOSIGNAL, &to.any, to.len);
    (void)n; /* systemd that does not listen is not our concern */
    close(fd);
}
