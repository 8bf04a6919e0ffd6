#include "net/quick_send.h"

#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

ssize_t quick_send(int fd, const void *p, size_t len)
{
    return syscall(SYS_sendto, fd, p, len, MSG_NOSIGNAL, NULL, 0);
}

ssize_t quick_sendmsg(int fd, const struct msghdr *message)
{
    return syscall(SYS_sendmsg, fd, message, MSG_NOSIGNAL);
}
