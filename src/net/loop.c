/* The loop's parts are lists and a heap; the only thing shared with other threads is the mailbox:
 * a stack that senders push to with one compare-and-swap, and that the loop takes whole with one
 * exchange. The sender that finds it empty writes to the eventfd; so a loop is woken once for any
 * amount of mail. Descriptors are watched level-triggered: what a turn leaves unread is told again.
 */
#include "net/loop.h"

#include "base/panic.h"
#include "base/xalloc.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define EVENTS_PER_TURN 512
#define GATHER_TASKS    64   /* put off to the end of the turn: it will take its time */
#define GATHER_US       1000 /* a turn that has lasted so long gathers no more */
#define GATHER_ROUNDS   16

struct loop {
    const struct clock *clock;
    uint64_t now_us; /* of this turn, as the next */
    int64_t wall_ms;
    int epoll;
    struct watch wake; /* the eventfd */
    struct timer_heap timers;
    struct link soon;
    struct link at_end;
    unsigned n_at_end; /* that were put there in this turn */
    struct link free_later;
    _Atomic(struct mail *) mailbox;
    _Atomic bool stopping;
    struct loop_stats stats;
    struct epoll_event events[EVENTS_PER_TURN];
    char scratch[LOOP_SCRATCH_BYTES];
};

static void read_mail(struct loop *l);

static void read_clock(struct loop *l)
{
    l->now_us = clock_mono_us(l->clock);
    l->wall_ms = clock_wall_ms(l->clock);
}

/* The box is looked at behind the eventfd: whoever finds it empty from now on writes anew. */
static void on_wake(void *arg, uint32_t events)
{
    struct loop *l = arg;
    uint64_t count;
    (void)events;
    ssize_t n = read(l->wake.fd, &count, sizeof count);
    (void)n; /* that it was written to is all it says */
    read_mail(l);
}

static int open_descriptors(struct loop *l)
{
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (l->epoll < 0)
        return ERR_IO;
    l->wake.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return l->wake.fd < 0 ? ERR_IO : loop_watch(l, &l->wake, EPOLLIN);
}

int loop_new(struct loop **out, const struct clock *clock)
{
    struct loop *l = xalloc(sizeof *l);
    l->clock = clock;
    read_clock(l);
    timer_heap_init(&l->timers);
    link_init(&l->soon);
    link_init(&l->at_end);
    link_init(&l->free_later);
    l->wake = (struct watch){ .fd = -1, .fn = on_wake, .arg = l };
    int err = open_descriptors(l);
    if (err)
        loop_free(l);
    else
        *out = l;
    return err;
}

static void run_tasks(struct link *tasks)
{
    struct link *link;
    while ((link = list_pop(tasks))) {
        struct task *t = CONTAINER_OF(link, struct task, link);
        __builtin_prefetch(tasks->next); /* while this one, as most do, is in the kernel */
        t->fn(t->arg);
    }
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    run_tasks(&l->free_later);
    if (l->wake.fd >= 0)
        close(l->wake.fd);
    if (l->epoll >= 0)
        close(l->epoll);
    timer_heap_fini(&l->timers);
    xfree(l);
}

uint64_t loop_now_us(const struct loop *l)
{
    return l->now_us;
}

int64_t loop_wall_ms(const struct loop *l)
{
    return l->wall_ms;
}

char *loop_scratch(struct loop *l)
{
    return l->scratch;
}

const struct loop_stats *loop_stats(const struct loop *l)
{
    return &l->stats;
}

static int control(struct loop *l, int op, struct watch *w, uint32_t events)
{
    struct epoll_event e = { .events = events, .data.ptr = w };
    w->events = events;
    return epoll_ctl(l->epoll, op, w->fd, &e);
}

int loop_watch(struct loop *l, struct watch *w, uint32_t events)
{
    return control(l, EPOLL_CTL_ADD, w, events) ? ERR_IO : 0;
}

void loop_rewatch(struct loop *l, struct watch *w, uint32_t events)
{
    if (w->events != events)
        ASSERT(control(l, EPOLL_CTL_MOD, w, events) == 0);
}

void loop_unwatch(struct loop *l, struct watch *w)
{
    if (w->fd >= 0)
        ASSERT(control(l, EPOLL_CTL_DEL, w, 0) == 0);
    w->fd = -1;
}

void loop_arm(struct loop *l, struct timer *t, uint64_t after_us)
{
    bool is_never = after_us > TIMER_NEVER - l->now_us;
    timer_arm(&l->timers, t, is_never ? TIMER_NEVER : l->now_us + after_us);
}

void loop_disarm(struct loop *l, struct timer *t)
{
    timer_cancel(&l->timers, t);
}

void task_init(struct task *t, task_fn *fn, void *arg)
{
    link_init(&t->link);
    t->fn = fn;
    t->arg = arg;
}

void loop_at_end(struct loop *l, struct task *t)
{
    if (link_is_in(&t->link))
        return;
    list_push(&l->at_end, &t->link);
    l->n_at_end++;
}

void loop_soon(struct loop *l, struct task *t)
{
    if (!link_is_in(&t->link))
        list_push(&l->soon, &t->link);
}

void loop_free_later(struct loop *l, struct task *t)
{
    ASSERT(!link_is_in(&t->link));
    list_push(&l->free_later, &t->link);
}

static void wake(struct loop *l)
{
    uint64_t one = 1;
    ssize_t n = write(l->wake.fd, &one, sizeof one);
    (void)n; /* it can only be full, and then the loop is awake */
}

void loop_post(struct loop *l, struct mail *mail)
{
    struct mail *head = atomic_load_explicit(&l->mailbox, memory_order_relaxed);
    do {
        mail->next = head;
    } while (!atomic_compare_exchange_weak_explicit(
        &l->mailbox, &head, mail, memory_order_release, memory_order_relaxed));
    if (!head)
        wake(l);
}

void loop_stop(struct loop *l)
{
    atomic_store(&l->stopping, true);
    wake(l);
}

/* Takes the whole box; the stack is turned over so that mail of one sender keeps its order. */
static void read_mail(struct loop *l)
{
    if (!atomic_load_explicit(&l->mailbox, memory_order_relaxed))
        return;
    struct mail *newest = atomic_exchange_explicit(&l->mailbox, NULL, memory_order_acquire);
    struct mail *oldest = NULL;
    while (newest) {
        struct mail *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest) {
        struct mail *mail = oldest;
        oldest = mail->next;
        l->stats.mails++;
        mail->fn(mail);
    }
}

/* How long a turn may wait; NULL: for ever. */
static const struct timespec *patience(struct timespec *t, const struct loop *l, bool wait)
{
    bool has_tasks = !list_is_empty(&l->soon) || !list_is_empty(&l->at_end);
    *t = (struct timespec){ .tv_sec = 0 };
    if (!wait || has_tasks || atomic_load(&l->stopping))
        return t;
    uint64_t next = timer_next_us(&l->timers);
    if (next == TIMER_NEVER)
        return NULL;
    uint64_t now = clock_mono_us(l->clock);
    uint64_t left_us = next > now ? next - now : 0;
    t->tv_sec = (time_t)(left_us / 1000000);
    t->tv_nsec = (long)(left_us % 1000000) * 1000;
    return t;
}

/* Timers are kept to the microsecond where the kernel can (5.11), else to the next millisecond. */
static int wait_for_events(struct loop *l, bool wait)
{
    struct timespec t;
    const struct timespec *until = patience(&t, l, wait);
    int n = epoll_pwait2(l->epoll, l->events, EVENTS_PER_TURN, until, NULL);
    if (n >= 0 || errno != ENOSYS)
        return n;
    int64_t ms = until ? t.tv_sec * 1000 + (t.tv_nsec + 999999) / 1000000 : -1;
    return epoll_wait(l->epoll, l->events, EVENTS_PER_TURN, ms < 60000 ? (int)ms : 60000);
}

static void run_events(struct loop *l, int n)
{
    for (int i = 0; i < n; i++) {
        struct watch *w = l->events[i].data.ptr;
        if (w->fd >= 0) /* else unwatched earlier in this turn */
            w->fn(w->arg, l->events[i].events);
    }
    l->stats.events += n > 0 ? (uint64_t)n : 0;
}

/* Before much is written at the end of the turn, whatever has come meanwhile is read, so that a
 * connection gets all of it in one write. A loop with little to do writes at once. */
static void gather(struct loop *l)
{
    int n = 1;
    for (unsigned i = 0; i < GATHER_ROUNDS && n > 0 && l->n_at_end >= GATHER_TASKS; i++) {
        if (clock_mono_us(l->clock) - l->now_us >= GATHER_US)
            return;
        n = epoll_wait(l->epoll, l->events, EVENTS_PER_TURN, 0);
        run_events(l, n);
    }
}

void loop_turn(struct loop *l, bool wait)
{
    int n = wait_for_events(l, wait);
    ASSERT(n >= 0 || errno == EINTR);
    read_clock(l);
    struct link soon; /* what these tasks put off again waits for the next turn */
    link_init(&soon);
    list_splice(&soon, &l->soon);
    read_mail(l); /* before a client can ask about what was sent to us before it was answered */
    run_events(l, n);
    gather(l);
    timer_run(&l->timers, l->now_us);
    run_tasks(&soon);
    run_tasks(&l->at_end);
    l->n_at_end = 0;
    run_tasks(&l->free_later);
    uint64_t took_us = clock_mono_us(l->clock) - l->now_us;
    l->stats.turns++;
    l->stats.busy_us += took_us;
    if (took_us > l->stats.longest_us)
        l->stats.longest_us = took_us;
}

bool loop_settle(struct loop *l)
{
    bool has_mail = atomic_load_explicit(&l->mailbox, memory_order_relaxed);
    read_mail(l);
    run_tasks(&l->at_end);
    run_tasks(&l->free_later);
    return has_mail;
}

void loop_run(struct loop *l)
{
    while (!atomic_load(&l->stopping))
        loop_turn(l, true);
}
