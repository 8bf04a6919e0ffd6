#include "base/random.h"

#include "base/panic.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/types.h>

/* More than 256 bytes may come in parts, and a signal may interrupt the wait at boot. */
void random_bytes(void *out, size_t len)
{
    char *p = out;
    while (len > 0) {
        ssize_t n = getrandom(p, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            PANIC("the kernel gives no random bytes");
        p += n;
        len -= (size_t)n;
    }
}

uint64_t random_u64(void)
{
    uint64_t n;
    random_bytes(&n, sizeof(n));
    return n;
}
