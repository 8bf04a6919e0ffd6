/* Jobs are done elsewhere and finished at home, in order, no more than may wait; and nothing is
 * left behind when the workers go. */
#include "net/worker.h"

#include "rig.h"

#include <pthread.h>

#define JOBS    64
#define MANY    4000
#define THREADS 4

struct order {
    struct loop *loop;
    unsigned done[JOBS]; /* in this order they came home */
    unsigned n_done;
    pthread_t home;
    unsigned away_from_home; /* finished on another thread */
    _Atomic unsigned worked;
    _Atomic unsigned at_home; /* worked on at home */
};

struct numbered {
    struct job job;
    struct order *order;
    unsigned number;
    pthread_mutex_t *gate; /* work waits for it; may be NULL */
};

static void work(struct job *job)
{
    struct numbered *n = CONTAINER_OF(job, struct numbered, job);
    n->order->at_home += pthread_equal(n->order->home, pthread_self()) != 0;
    if (n->gate) {
        pthread_mutex_lock(n->gate);
        pthread_mutex_unlock(n->gate);
    }
    n->order->worked++;
}

static void finish(struct job *job)
{
    struct numbered *n = CONTAINER_OF(job, struct numbered, job);
    struct order *o = n->order;
    o->away_from_home += !pthread_equal(o->home, pthread_self());
    o->done[o->n_done++ % JOBS] = n->number;
}

static void order_init(struct order *o)
{
    *o = (struct order){ .home = pthread_self() };
    if (loop_new(&o->loop, &clock_system))
        abort();
}

static void numbered_init(struct numbered *n, struct order *o, unsigned number)
{
    *n = (struct numbered){ .job = { .work = work, .done = finish }, .order = o, .number = number };
}

static void await(struct order *o, unsigned n)
{
    while (o->n_done < n)
        loop_turn(o->loop, true);
}

static unsigned out_of_order(const struct order *o)
{
    unsigned wrong = 0;
    for (unsigned i = 0; i < o->n_done; i++)
        wrong += o->done[i] != i;
    return wrong;
}

static void test_order(void)
{
    struct order o;
    struct numbered jobs[JOBS];
    struct workers *w = workers_new(1, JOBS);
    unsigned refused = 0;
    order_init(&o);
    for (unsigned i = 0; i < JOBS; i++) {
        numbered_init(&jobs[i], &o, i);
        refused += workers_run(w, &jobs[i].job, o.loop) != 0;
    }
    await(&o, JOBS);
    is_int(refused, 0, "as many as may wait are taken");
    is_int(out_of_order(&o), 0, "one worker keeps their order");
    is_int(o.worked, JOBS, "all are worked on");
    is_int(o.at_home, 0, "elsewhere");
    is_int(o.away_from_home, 0, "and finished at home");
    workers_free(w);
    loop_free(o.loop);
}

/* The only worker stands at a closed gate: what comes now waits. */
static void test_bound(void)
{
    struct order o;
    struct numbered jobs[4];
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    struct workers *w = workers_new(1, 2);
    order_init(&o);
    for (unsigned i = 0; i < 4; i++)
        numbered_init(&jobs[i], &o, i);
    pthread_mutex_lock(&gate);
    jobs[0].gate = &gate;
    is_int(workers_run(w, &jobs[0].job, o.loop), 0, "one is worked on");
    int err = 0;
    for (unsigned i = 1; i < 3; i++) {
        do /* until the worker has taken the first */
            err = workers_run(w, &jobs[i].job, o.loop);
        while (err && sched_yield() == 0);
    }
    is_int(workers_run(w, &jobs[3].job, o.loop), ERR_BUSY, "two wait, a third may not");
    is_int(o.n_done, 0, "none is done");
    pthread_mutex_unlock(&gate);
    await(&o, 3);
    is_int(out_of_order(&o), 0, "then those taken are done, in order");
    is_int(workers_run(w, &jobs[3].job, o.loop), 0, "and there is room again");
    await(&o, 4);
    workers_free(w);
    loop_free(o.loop);
}

static void test_free(void)
{
    struct order o;
    struct numbered jobs[3];
    struct workers *w = workers_new(1, JOBS);
    order_init(&o);
    for (unsigned i = 0; i < 3; i++)
        numbered_init(&jobs[i], &o, i);
    for (unsigned i = 0; i < 3; i++) {
        if (workers_run(w, &jobs[i].job, o.loop))
            abort();
    }
    workers_free(w);
    loop_turn(o.loop, false);
    is_int(o.n_done, 3, "whatever was asked for comes home when the workers go");
    is_int(out_of_order(&o), 0, "in order");
    ok(o.worked <= 3, "%u of them worked on", o.worked);
    loop_free(o.loop);
    workers_free(NULL);
    workers_free(workers_new(3, 1));
    ok(true, "workers without work go at once");
}

static void test_free_waiting(void)
{
    struct order o;
    struct numbered jobs[JOBS], one_more;
    struct workers *idle = workers_new(0, JOBS); /* nobody works here: all wait */
    order_init(&o);
    for (unsigned i = 0; i < JOBS; i++) {
        numbered_init(&jobs[i], &o, i);
        if (workers_run(idle, &jobs[i].job, o.loop))
            abort();
    }
    numbered_init(&one_more, &o, JOBS);
    is_int(workers_run(idle, &one_more.job, o.loop), ERR_BUSY, "full");
    workers_free(idle);
    loop_turn(o.loop, true);
    is_int(o.n_done, JOBS, "those that wait are finished");
    is_int(o.worked, 0, "without work");
    is_int(out_of_order(&o), 0, "in order");
    loop_free(o.loop);
}

/* Job after job from a set that comes home in any order. */
static void test_many(void)
{
    struct order o;
    struct numbered jobs[JOBS];
    struct workers *w = workers_new(THREADS, JOBS);
    unsigned asked = 0, refused = 0;
    order_init(&o);
    while (asked < MANY) {
        for (unsigned i = 0; i < JOBS; i++, asked++) {
            numbered_init(&jobs[i], &o, i);
            refused += workers_run(w, &jobs[i].job, o.loop) != 0;
        }
        await(&o, asked);
    }
    is_int(refused, 0, "many jobs by many workers");
    is_int(o.worked, asked, "are worked on once each");
    is_int(o.away_from_home, 0, "and finished at home");
    workers_free(w);
    loop_free(o.loop);
}

int main(void)
{
    rig_prepare();
    test_order();
    test_bound();
    test_free();
    test_free_waiting();
    test_many();
    return done();
}
