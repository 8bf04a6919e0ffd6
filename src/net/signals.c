#include "net/signals.h"

#include "base/xalloc.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct signals {
    struct loop *loop;
    struct watch watch;
    struct task free_task;
    signals_fn *fn;
    void *arg;
};

static void on_readable(void *arg, uint32_t events)
{
    struct signals *s = arg;
    struct signalfd_siginfo info;
    (void)events;
    if (read(s->watch.fd, &info, sizeof info) == sizeof info)
        s->fn(s->arg, (int)info.ssi_signo);
}

int signals_open(struct signals **out, struct loop *l, signals_fn *fn, void *arg)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL))
        return ERR_IO;
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        return ERR_IO;
    struct signals *s = xalloc(sizeof *s);
    *s = (struct signals){
        .loop = l, .watch = { .fd = fd, .fn = on_readable, .arg = s }, .fn = fn, .arg = arg
    };
    task_init(&s->free_task, xfree, s);
    if (loop_watch(l, &s->watch, EPOLLIN)) {
        close(fd);
        xfree(s);
        return ERR_IO;
    }
    *out = s;
    return 0;
}

void signals_close(struct signals *s)
{
    if (!s)
        return;
    int fd = s->watch.fd;
    loop_unwatch(s->loop, &s->watch);
    close(fd);
    loop_free_later(s->loop, &s->free_task);
}
