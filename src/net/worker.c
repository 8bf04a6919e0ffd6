#include "net/worker.h"

#include "base/panic.h"
#include "base/xalloc.h"
#include "net/thread.h"

#include <pthread.h>

struct workers {
    pthread_mutex_t lock; /* over all below */
    pthread_cond_t work_there;
    struct job *first;
    struct job **last;
    unsigned n_waiting;
    unsigned max_waiting;
    bool is_ending;
    unsigned n_threads;
    pthread_t threads[];
};

static void come_home(struct mail *mail)
{
    struct job *job = CONTAINER_OF(mail, struct job, mail);
    job->done(job);
}

static struct job *take(struct workers *w)
{
    while (!w->first && !w->is_ending)
        pthread_cond_wait(&w->work_there, &w->lock);
    struct job *job = w->is_ending ? NULL : w->first;
    if (job) {
        w->first = job->next;
        if (!w->first)
            w->last = &w->first;
        w->n_waiting--;
    }
    return job;
}

static void *run(void *arg)
{
    struct workers *w = arg;
    pthread_setname_np(pthread_self(), "stoa-worker");
    for (;;) {
        pthread_mutex_lock(&w->lock);
        struct job *job = take(w);
        pthread_mutex_unlock(&w->lock);
        if (!job)
            return NULL;
        job->work(job);
        loop_post(job->loop, &job->mail);
    }
}

struct workers *workers_new(unsigned n_threads, unsigned max_waiting)
{
    struct workers *w = xalloc(sizeof *w + n_threads * sizeof w->threads[0]);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work_there, NULL);
    w->last = &w->first;
    w->max_waiting = max_waiting;
    w->n_threads = n_threads;
    for (unsigned i = 0; i < n_threads; i++)
        ASSERT(thread_start(&w->threads[i], run, w) == 0);
    return w;
}

void workers_free(struct workers *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->is_ending = true;
    pthread_cond_broadcast(&w->work_there);
    pthread_mutex_unlock(&w->lock);
    for (unsigned i = 0; i < w->n_threads; i++)
        pthread_join(w->threads[i], NULL);
    while (w->first) {
        struct job *job = w->first;
        w->first = job->next;
        loop_post(job->loop, &job->mail);
    }
    pthread_cond_destroy(&w->work_there);
    pthread_mutex_destroy(&w->lock);
    xfree(w);
}

int workers_run(struct workers *w, struct job *job, struct loop *home)
{
    int err = 0;
    job->mail = (struct mail){ .fn = come_home };
    job->loop = home;
    job->next = NULL;
    pthread_mutex_lock(&w->lock);
    if (w->n_waiting >= w->max_waiting) {
        err = ERR_BUSY;
    } else {
        *w->last = job;
        w->last = &job->next;
        w->n_waiting++;
        pthread_cond_signal(&w->work_there);
    }
    pthread_mutex_unlock(&w->lock);
    return err;
}
