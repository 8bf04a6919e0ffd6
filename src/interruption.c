#include "interruption.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };

enum { NUMBERS = sizeof(numbers) / sizeof(*numbers) };

static void fill(sigset_t *set)
{
    sigemptyset(set);
    for (size_t k = 0; k < NUMBERS; k++)
        sigaddset(set, numbers[k]);
}

void interruption_begin(struct interruption *i)
{
    sigset_t set;
    fill(&set);
    sigprocmask(SIG_BLOCK, &set, &i->before);
}

bool interruption_is_due(void)
{
    sigset_t set;
    bool is_due = false;
    sigpending(&set);
    for (size_t k = 0; k < NUMBERS; k++)
        is_due = is_due || sigismember(&set, numbers[k]) == 1;
    return is_due;
}

/* The descriptor only tells that there is one: it stays until it is let in. */
bool interruption_wait(int fd)
{
    sigset_t set;
    fill(&set);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);
    struct pollfd fds[] = {
        { .fd = fd, .events = POLLIN },
        { .fd = signals, .events = POLLIN },
    };
    while (poll(fds, 2, -1) < 0 && errno == EINTR)
        continue;
    if (signals >= 0)
        close(signals);
    return fds[1].revents == 0;
}

void interruption_end(const struct interruption *i)
{
    sigprocmask(SIG_SETMASK, &i->before, NULL);
}
