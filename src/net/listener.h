/* Accepts connections: on a TCP address, on a unix socket, or on a descriptor inherited from
 * systemd. Out of descriptors it rests for a moment instead of spinning; who waits in the kernel's
 * queue is served when some are free again. */
#pragma once

#include "net/addr.h"
#include "net/loop.h"

struct listener;

/* *takes* `fd`, which is non-blocking and close-on-exec. */
typedef void(listener_fn)(void *arg, int fd, const struct addr *peer);

/* Several listeners of one process, one per loop, may share an address: SO_REUSEPORT. A unix
 * socket's file is replaced when no server answers on it. ERR_CONFLICT: the address is taken;
 * ERR_FORBIDDEN; ERR_IO. */
int listener_open(struct listener **out, struct loop *l, const struct addr *at, listener_fn *fn,
    void *arg) MUST_CHECK;

/* The same at a unix socket that only this user may connect to. */
int listener_open_private(struct listener **out, struct loop *l, const struct addr *at,
    listener_fn *fn, void *arg) MUST_CHECK;

/* Whether somebody listens at this TCP address already: a second server of the same user would get
 * a share of its connections unasked. Port 0 and unix sockets never are. */
bool listener_is_taken(const struct addr *at);

/* *takes* `fd`, a listening socket. ERR_IO: it is none. */
int listener_adopt(
    struct listener **out, struct loop *l, int fd, listener_fn *fn, void *arg) MUST_CHECK;

/* Accepts no more; a unix socket's file is removed. NULL is fine. */
void listener_close(struct listener *s);

/* Where it listens, with the port that the kernel chose for port 0. */
struct addr listener_addr(const struct listener *s);
