/* The calls that may fail, and memory that is asked for and given back: each passes through here on
 * its way to the real one. The linker puts `__wrap_x` in place of `x` in every object. */
#include "fault.h"

#include "tap.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* Atomic, because worker threads allocate and write too. */
static struct {
    atomic_uint calls[FAULT_KINDS];
    atomic_uint fail_at[FAULT_KINDS]; /* 0: never */
    atomic_int error;
    atomic_bool hit;
    atomic_size_t trickle;
    atomic_long live; /* pieces of memory that were asked for and not given back */
} state;

void fault_off(void)
{
    for (int k = 0; k < FAULT_KINDS; k++) {
        state.calls[k] = 0;
        state.fail_at[k] = 0;
    }
    state.hit = false;
    state.trickle = 0;
}

void fault_at(enum fault_kind kind, unsigned n, int error)
{
    state.calls[kind] = 0;
    state.error = error;
    state.hit = false;
    state.fail_at[kind] = n;
}

void fault_alloc_at(unsigned n)
{
    fault_at(FAULT_ALLOC, n, ENOMEM);
}

void fault_write_at(unsigned n)
{
    fault_at(FAULT_WRITE, n, ECONNRESET);
}

void fault_read_at(unsigned n)
{
    fault_at(FAULT_READ, n, ECONNRESET);
}

void fault_trickle(size_t max_bytes)
{
    state.trickle = max_bytes;
}

bool fault_hit(void)
{
    return state.hit;
}

unsigned fault_calls(enum fault_kind kind)
{
    return state.calls[kind];
}

unsigned fault_each(enum fault_kind kind, fault_body *body, void *arg)
{
    static const int errors[] = {
        [FAULT_ALLOC] = ENOMEM,
        [FAULT_WRITE] = ECONNRESET,
        [FAULT_READ] = ECONNRESET,
        [FAULT_ACCEPT] = EMFILE,
    };
    unsigned n = 0;
    bool reached;
    do {
        fault_off();
        fault_at(kind, ++n, errors[kind]);
        body(arg);
        reached = fault_hit();
    } while (reached && n < FAULT_RUNS_MAX);
    fault_off();
    ok(n > 1 && !reached, "the fault was reached %u times, then not any more", n - 1);
    return n - 1;
}

static bool fails(enum fault_kind kind)
{
    unsigned n = atomic_fetch_add(&state.calls[kind], 1) + 1;
    if (n != state.fail_at[kind])
        return false;
    state.hit = true;
    errno = state.error;
    return true;
}

static size_t limited(size_t len)
{
    size_t max = state.trickle;
    return max != 0 && len > max ? max : len;
}

/* The linker sends every call of x here as __wrap_x, and the real one is __real_x. */

void *__real_xtry(void *old, size_t size) __attribute__((weak));
ssize_t __real_read(int fd, void *buf, size_t len);
ssize_t __real_recv(int fd, void *buf, size_t len, int flags);
ssize_t __real_recvmsg(int fd, struct msghdr *msg, int flags);
ssize_t __real_write(int fd, const void *buf, size_t len);
ssize_t __real_writev(int fd, const struct iovec *iov, int n);
ssize_t __real_send(int fd, const void *buf, size_t len, int flags);
ssize_t __real_quick_send(int fd, const void *buf, size_t len);
ssize_t __real_quick_sendmsg(int fd, const struct msghdr *msg);
int __real_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);

void *__wrap_xtry(void *old, size_t size);
void *__wrap_xalloc(size_t size);
void *__wrap_xalloc_line(size_t size);
char *__wrap_xstrdup(const char *s);
void __wrap_xfree(void *p);
void *__real_xalloc(size_t size);
void *__real_xalloc_line(size_t size);
char *__real_xstrdup(const char *s);
void __real_xfree(void *p);
ssize_t __wrap_read(int fd, void *buf, size_t len);
ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags);
ssize_t __wrap_write(int fd, const void *buf, size_t len);
ssize_t __wrap_writev(int fd, const struct iovec *iov, int n);
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags);
ssize_t __wrap_quick_send(int fd, const void *buf, size_t len);
ssize_t __wrap_quick_sendmsg(int fd, const struct msghdr *msg);
int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);

void *__wrap_xtry(void *old, size_t size)
{
    void *p = fails(FAULT_ALLOC) ? NULL : __real_xtry(old, size);
    state.live += p != NULL && old == NULL;
    return p;
}

void *__wrap_xalloc(size_t size)
{
    state.live++;
    return __real_xalloc(size);
}

void *__wrap_xalloc_line(size_t size)
{
    state.live++;
    return __real_xalloc_line(size);
}

char *__wrap_xstrdup(const char *s)
{
    state.live++;
    return __real_xstrdup(s);
}

void __wrap_xfree(void *p)
{
    state.live -= p != NULL;
    __real_xfree(p);
}

long fault_live(void)
{
    return state.live;
}

ssize_t __wrap_read(int fd, void *buf, size_t len)
{
    return fails(FAULT_READ) ? -1 : __real_read(fd, buf, limited(len));
}

ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags)
{
    return fails(FAULT_READ) ? -1 : __real_recv(fd, buf, limited(len), flags);
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
    return fails(FAULT_READ) ? -1 : __real_recvmsg(fd, msg, flags);
}

ssize_t __wrap_write(int fd, const void *buf, size_t len)
{
    return fails(FAULT_WRITE) ? -1 : __real_write(fd, buf, limited(len));
}

/* Under fault_trickle only the head of the first non-empty piece goes out. */
ssize_t __wrap_writev(int fd, const struct iovec *iov, int n)
{
    if (fails(FAULT_WRITE))
        return -1;
    if (state.trickle == 0)
        return __real_writev(fd, iov, n);
    while (n > 1 && iov->iov_len == 0)
        iov++, n--;
    return n == 0 ? 0 : __real_write(fd, iov->iov_base, limited(iov->iov_len));
}

ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
    return fails(FAULT_WRITE) ? -1 : __real_send(fd, buf, limited(len), flags);
}

ssize_t __wrap_quick_send(int fd, const void *buf, size_t len)
{
    return fails(FAULT_WRITE) ? -1 : __real_quick_send(fd, buf, limited(len));
}

ssize_t __wrap_quick_sendmsg(int fd, const struct msghdr *msg)
{
    if (fails(FAULT_WRITE))
        return -1;
    if (state.trickle == 0 || msg->msg_iovlen == 0)
        return __real_quick_sendmsg(fd, msg);
    struct iovec first = { .iov_base = msg->msg_iov[0].iov_base,
        .iov_len = limited(msg->msg_iov[0].iov_len) };
    struct msghdr head = *msg;
    head.msg_iov = &first;
    head.msg_iovlen = 1;
    return __real_quick_sendmsg(fd, &head);
}

int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
    return fails(FAULT_ACCEPT) ? -1 : __real_accept4(fd, addr, len, flags);
}
