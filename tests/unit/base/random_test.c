#include "base/random.h"

#include "tap.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

enum { LONG_BYTES = 1000, DRAWS = 64, HUGE_BYTES = 64 << 20, TAIL_BYTES = 64 };

static void every_byte_is_drawn(void)
{
    unsigned char seen[LONG_BYTES] = { 0 };
    unsigned char bytes[LONG_BYTES];
    unsigned still_zero = 0;
    for (int i = 0; i < DRAWS; i++) {
        random_bytes(bytes, sizeof(bytes));
        for (int k = 0; k < LONG_BYTES; k++)
            seen[k] |= bytes[k];
    }
    for (int k = 0; k < LONG_BYTES; k++)
        still_zero += seen[k] != 0xff;
    is_int(still_zero, 0, "every bit of every byte is set in one of %d draws", DRAWS);
}

static void on_alarm(int signal)
{
    (void)signal;
}

/* A signal makes the kernel stop in the middle of a long draw. */
static void interrupted(void)
{
    unsigned char nothing[TAIL_BYTES] = { 0 };
    struct itimerval every_ms = { .it_interval.tv_usec = 1000, .it_value.tv_usec = 1000 };
    unsigned char *bytes = calloc(1, HUGE_BYTES);
    if (!ok(bytes != NULL, "memory"))
        return;
    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &every_ms, NULL);
    random_bytes(bytes, HUGE_BYTES);
    setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
    ok(memcmp(bytes + HUGE_BYTES - TAIL_BYTES, nothing, TAIL_BYTES) != 0,
        "a draw that is interrupted goes on to its end");
    free(bytes);
}

static void length_is_kept(void)
{
    char bytes[8] = "abcdefg";
    random_bytes(bytes, 0);
    is_str(bytes, "abcdefg", "no byte is written for length 0");
    unsigned changed = 0;
    for (int i = 0; i < DRAWS; i++) {
        random_bytes(bytes, 3);
        changed += memcmp(bytes + 3, "defg", 5) != 0;
    }
    is_int(changed, 0, "nothing behind the length is written");
}

static void numbers_differ(void)
{
    uint64_t all_or = 0;
    uint64_t all_and = UINT64_MAX;
    uint64_t last = random_u64();
    unsigned same = 0;
    for (int i = 0; i < DRAWS; i++) {
        uint64_t n = random_u64();
        same += n == last;
        all_or |= n;
        all_and &= n;
        last = n;
    }
    is_int(same, 0, "numbers differ from draw to draw");
    ok(all_or == UINT64_MAX && all_and == 0, "every bit is sometimes 1 and sometimes 0");
}

int main(void)
{
    every_byte_is_drawn();
    interrupted();
    length_is_kept();
    numbers_differ();
    return done();
}
