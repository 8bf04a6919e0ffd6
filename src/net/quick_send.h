/* Sending to a socket without being a point where the thread may be cancelled, as send() and
 * sendmsg() must be by POSIX: nobody cancels threads here, and making ready for it would cost a
 * tenth of what a send takes outside the kernel. Used by streams, which send more than all else. */
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

/* As send() and sendmsg(), with MSG_NOSIGNAL. */
ssize_t quick_send(int fd, const void *p, size_t len);
ssize_t quick_sendmsg(int fd, const struct msghdr *message);
