/* The fault injection itself: counts, fails once, recovers. */
#include "fault.h"

#include "base/xalloc.h"
#include "tap.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static void three_allocations(void *arg)
{
    int *clean = arg;
    void *p[3] = { NULL };
    int got = 0;
    for (int i = 0; i < 3; i++) {
        p[i] = xtry(NULL, 8);
        got += p[i] != NULL;
    }
    for (int i = 0; i < 3; i++)
        xfree(p[i]);
    *clean += got == (fault_hit() ? 2 : 3);
}

static void test_each(void)
{
    int clean = 0;
    unsigned runs = fault_each(FAULT_ALLOC, three_allocations, &clean);
    is_int(runs, 3, "three allocations, three faults");
    is_int(clean, 4, "in each run exactly the one failed, and in the last none");
}

static void test_write(int fds[2])
{
    char ab[] = "ab", cd[] = "cd";
    struct iovec two[2] = { { .iov_base = ab, .iov_len = 2 }, { .iov_base = cd, .iov_len = 2 } };
    fault_write_at(2);
    is_int(writev(fds[0], two, 2), 4, "the first write goes through");
    is_int(writev(fds[0], two, 2), -1, "the second fails");
    is_int(errno, ECONNRESET, "with its errno");
    ok(fault_hit(), "and is known to have happened");
    is_int(send(fds[0], "ef", 2, 0), 2, "the third goes through");
    is_int(fault_calls(FAULT_WRITE), 3, "all were counted");
}

static void test_trickle(int fds[2])
{
    char in[16];
    char ghi[] = "ghi";
    struct iovec two[2] = { { .iov_base = ghi, .iov_len = 0 }, { .iov_base = ghi, .iov_len = 3 } };
    fault_trickle(2);
    is_int(read(fds[1], in, sizeof(in)), 2, "a read is short");
    is_int(writev(fds[0], two, 2), 2, "a write is short");
    fault_off();
    is_int(recv(fds[1], in, sizeof(in), 0), 6, "what was written is all there");
    is_mem(in, "cdefgh", 6, "in order");
    fault_read_at(1);
    is_int(recv(fds[1], in, sizeof(in), MSG_DONTWAIT), -1, "a read fails when told");
    is_int(errno, ECONNRESET, "with its errno");
    fault_off();
}

int main(void)
{
    int fds[2];
    if (!is_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0, "a pair of sockets"))
        return done();
    test_each();
    test_write(fds);
    test_trickle(fds);
    close(fds[0]);
    close(fds[1]);
    return done();
}
