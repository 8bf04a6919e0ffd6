/* The event loop: one thread that waits for descriptors (epoll), timers and mail from other
 * threads, and does one turn of work after another. Everything that belongs to a loop is touched by
 * its thread only; loop_post() and loop_stop() alone may be called from others.
 *
 * A turn: wait; mail; descriptors, and once more where much is to be written, which may have come
 * meanwhile; timers; tasks of loop_soon(); then what was put off to the end of the turn
 * (connections write what the turn queued); last, memory that was let go during the
 * turn is freed, so that nothing dies under the hands of a caller.
 */
#pragma once

#include "base/clock.h"
#include "base/list.h"
#include "base/timer.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define LOOP_SCRATCH_BYTES (64u * 1024) /* one read of a fast peer */

struct loop;

/* `events` are those of epoll. */
typedef void(watch_fn)(void *arg, uint32_t events);

/* A watched descriptor; lies inside its owner, whose memory must live until the end of the turn in
 * which it is unwatched. */
struct watch {
    int fd; /* -1: not watched */
    uint32_t events;
    watch_fn *fn;
    void *arg;
};

/* Something to do later in this turn or in the next; lies inside its owner. */
typedef void(task_fn)(void *arg);

struct task {
    struct link link;
    task_fn *fn;
    void *arg;
};

/* A message to a loop. The receiver owns it from loop_post() on; `fn` runs on the loop's thread. */
struct mail;
typedef void(mail_fn)(struct mail *mail);

struct mail {
    struct mail *next;
    mail_fn *fn;
};

/* Counters, kept by the loop's thread; others may read them roughly. */
struct loop_stats {
    uint64_t turns;
    uint64_t events;
    uint64_t mails;
    uint64_t busy_us;    /* time not spent waiting */
    uint64_t longest_us; /* the longest turn since the start */
};

/* *borrows* `clock`. ERR_IO: no descriptors left. */
int loop_new(struct loop **out, const struct clock *clock) MUST_CHECK;

/* Frees what was put to be freed; mail that is still in the box is dropped unread; timers, watches
 * and other tasks are forgotten. Threads that post to it or stop it have ended before. */
void loop_free(struct loop *l);

/* Turns until loop_stop(). */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/* One turn. `wait`: until something happens; else only what is there already. */
void loop_turn(struct loop *l, bool wait);

/* Of a loop that runs no more: reads its mail, does what was put off, frees what was let go, and
 * looks at nothing else. False: there was no mail. */
bool loop_settle(struct loop *l);

/* The time at which this turn began. */
uint64_t loop_now_us(const struct loop *l);
int64_t loop_wall_ms(const struct loop *l);

/* ERR_IO: the kernel refuses to watch more. */
int loop_watch(struct loop *l, struct watch *w, uint32_t events) MUST_CHECK;
void loop_rewatch(struct loop *l, struct watch *w, uint32_t events);
void loop_unwatch(struct loop *l, struct watch *w);

/* UINT64_MAX: never. */
void loop_arm(struct loop *l, struct timer *t, uint64_t after_us);
void loop_disarm(struct loop *l, struct timer *t);

void task_init(struct task *t, task_fn *fn, void *arg);

/* Once, at the end of this turn; a second call before it runs changes nothing. A call from a task
 * that runs at the end of the turn is still for this turn: do not go round in it. */
void loop_at_end(struct loop *l, struct task *t);

/* Once, in the next turn, which then does not wait. */
void loop_soon(struct loop *l, struct task *t);

/* After everything else of this turn: for giving memory back. The task must be in no other list. */
void loop_free_later(struct loop *l, struct task *t);

/* From any thread. *takes* the mail; it wakes the loop once per turn. */
void loop_post(struct loop *l, struct mail *mail);

/* LOOP_SCRATCH_BYTES of memory that anyone may use until it returns to the loop. */
char *loop_scratch(struct loop *l);

const struct loop_stats *loop_stats(const struct loop *l);
