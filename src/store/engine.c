/* The desks, the writer and the reader share their lists under one lock: works that wait to be
 * written, works that wait to be read, and each desk's works that are finished. What the lists hold
 * belongs to whoever took it out; the connections belong to their threads.
 *
 * Works get their numbers under the lock, so the queue is sorted by them, and a read waits until
 * nothing up to its number is queued or in the transaction that runs. While a transaction is tried,
 * its works are in no list; when the database turns out to be away they go back to the head of the
 * queue, so that the order is kept and those that must not wait for ever can be taken out.
 *
 * A desk that was closed leaves works behind. They have no outbox any more, are written like the
 * others, and freed at once when they are finished. */
#include "store/engine.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "net/thread.h"
#include "store/batch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define GATHER_MIN    16u   /* works of a transaction behind which one waits for more */
#define GATHER_PART   4u    /* for so much of the time it took */
#define GATHER_MAX_US 2000u /* and no longer */
#define FULL_EIGHTH   7u    /* of what may wait: from there on nothing more is asked for */

struct engine {
    struct engine_settings settings;

    pthread_mutex_t lock;
    pthread_cond_t to_write;
    pthread_cond_t to_read;
    uint32_t n_desks;
    uint64_t last_number;
    struct link queue;
    uint32_t n_urgent; /* of the queue */
    struct link reads;
    struct link orphans;  /* of desks that were closed, by work->pending */
    uint64_t gathered_us; /* the next transaction begins no sooner */
    uint64_t running;     /* number of the first work of the transaction; 0: there is none */
    uint64_t close_us;    /* when writing ends, whatever waits; 0: it goes on */
    bool is_ending;       /* nothing more comes */

    /* Not under the lock: the status is asked for often. */
    atomic_uint_fast64_t waiting_bytes;
    atomic_uint n_waiting;
    atomic_bool is_away;
    atomic_uint_fast64_t commits; /* the four are counted by the writer alone */
    atomic_uint_fast64_t written;
    atomic_uint_fast64_t commit_us;
    atomic_uint_fast64_t longest_us;
    atomic_uint_fast64_t running_since_us; /* 0: no transaction */
    pthread_t writer;
    pthread_t reader;
};

static uint64_t now_us(void)
{
    return clock_mono_us(&clock_system);
}

/* ---- waiting ---- */

static void lock(struct engine *e)
{
    pthread_mutex_lock(&e->lock);
}

static void unlock(struct engine *e)
{
    pthread_mutex_unlock(&e->lock);
}

static void wait_until(struct engine *e, pthread_cond_t *c, uint64_t at_us)
{
    struct timespec at = { .tv_sec = (time_t)(at_us / 1000000),
        .tv_nsec = (long)(at_us % 1000000) * 1000 };
    pthread_cond_timedwait(c, &e->lock, &at);
}

void engine_uncount(struct engine *e, const struct work *w)
{
    e->waiting_bytes -= w->bytes;
    e->n_waiting--;
}

static void finish(struct engine *e, struct work *w)
{
    struct outbox *to = w->outbox;
    w->place = WORK_DONE;
    if (!to) {
        link_leave(&w->pending);
        engine_uncount(e, w);
        w->kind->free(w);
        return;
    }
    bool is_first = list_is_empty(&to->works);
    list_push(&to->works, &w->link);
    if (is_first && to->event >= 0)
        eventfd_write(to->event, 1);
}

/* Nobody needs to know what it would read, if its desk was closed. */
static bool is_to_read(const struct work *w)
{
    return w->kind->read && !w->err && w->outbox;
}

/* ---- the writer ---- */

static struct work *first_of(struct link *list)
{
    return list_is_empty(list) ? NULL : work_of(list->next);
}

/* The time at which the next transaction may begin; UINT64_MAX: nothing waits. */
static uint64_t batch_due_us(struct engine *e)
{
    const struct work *first = first_of(&e->queue);
    if (!first)
        return UINT64_MAX;
    if (e->is_ending)
        return 0;
    return e->n_urgent > 0 ? e->gathered_us : first->asked_us + ENGINE_LAZY_US;
}

/* Many who were just answered have something more to say at once. Who waits a moment for them has
 * all of them in one transaction, not half of them in each. */
static uint64_t gather_until(uint64_t began_us, uint64_t ended_us, uint32_t n)
{
    uint64_t wait = (ended_us - began_us) / GATHER_PART;
    if (n < GATHER_MIN)
        return 0;
    return ended_us + (wait < GATHER_MAX_US ? wait : GATHER_MAX_US);
}

static uint32_t take_batch(struct engine *e, struct link *batch)
{
    uint32_t n = 0;
    e->running = work_of(e->queue.next)->number;
    for (; n < e->settings.batch_max && !list_is_empty(&e->queue); n++) {
        struct work *w = work_of(list_pop(&e->queue));
        w->place = WORK_BUSY;
        e->n_urgent -= w->is_urgent;
        list_push(batch, &w->link);
    }
    return n;
}

static void put_back(struct engine *e, struct link *batch)
{
    LIST_EACH(l, batch) {
        work_of(l)->place = WORK_QUEUED;
        e->n_urgent += work_of(l)->is_urgent;
    }
    list_splice(batch, &e->queue);
    list_splice(&e->queue, batch);
    e->running = 0;
}

static void pass_on(struct engine *e, struct link *batch)
{
    while (!list_is_empty(batch)) {
        struct work *w = work_of(list_pop(batch));
        e->written++;
        if (is_to_read(w)) {
            w->place = WORK_TO_READ;
            list_push(&e->reads, &w->link);
        } else {
            finish(e, w);
        }
    }
    e->running = 0;
    pthread_cond_signal(&e->to_read);
}

static void count_commit(struct engine *e, uint64_t took_us)
{
    e->commits++;
    e->commit_us += took_us;
    if (took_us > e->longest_us)
        e->longest_us = took_us;
}

static void say_away(struct engine *e, const char *why)
{
    if (!atomic_exchange(&e->is_away, true))
        log_error(
            LOG_STORE, "the database is away; what must be stored is refused", LOG_STR("why", why));
}

static void say_back(struct engine *e)
{
    if (atomic_exchange(&e->is_away, false))
        log_info(LOG_STORE, "the database is back");
}

/* The lock is held before and after, not while it works. */
static int write_batch(struct engine *e)
{
    struct link batch;
    struct sql *db = e->settings.writer;
    uint64_t began = now_us();
    link_init(&batch);
    uint32_t n = take_batch(e, &batch);
    unlock(e);
    atomic_store(&e->running_since_us, began);
    int err = batch_write(db, &batch);
    atomic_store(&e->running_since_us, 0);
    if (err)
        say_away(e, db->ops->why(db));
    else
        say_back(e);
    lock(e);
    if (err) {
        put_back(e, &batch);
    } else {
        uint64_t ended = now_us();
        count_commit(e, ended - began);
        e->gathered_us = gather_until(began, ended, n);
        pass_on(e, &batch);
    }
    return err;
}

static bool is_over(const struct engine *e)
{
    return e->is_ending && (list_is_empty(&e->queue) || now_us() >= e->close_us);
}

/* Until it is worth trying again. */
static void wait_for_database(struct engine *e)
{
    struct sql *db = e->settings.writer;
    int err = ERR_STORAGE_UNAVAILABLE;
    while (err && !is_over(e)) {
        wait_until(e, &e->to_write, now_us() + ENGINE_RETRY_US);
        unlock(e);
        err = db->ops->revive(db);
        lock(e);
    }
}

static void *write_all(void *arg)
{
    struct engine *e = arg;
    pthread_setname_np(pthread_self(), "stoa-writer");
    lock(e);
    while (!is_over(e)) {
        uint64_t due = batch_due_us(e);
        if (due == UINT64_MAX)
            pthread_cond_wait(&e->to_write, &e->lock);
        else if (due > now_us())
            wait_until(e, &e->to_write, due);
        else if (write_batch(e))
            wait_for_database(e);
    }
    unlock(e);
    return NULL;
}

/* ---- the reader ---- */

/* Everything up to that number has been written or refused. */
static bool is_settled(struct engine *e, uint64_t number)
{
    const struct work *next = first_of(&e->queue);
    bool is_running = e->running > 0 && e->running <= number;
    return !is_running && !(next && next->number <= number);
}

static struct work *next_read(struct engine *e)
{
    struct work *w = first_of(&e->reads);
    return w && is_settled(e, w->number) ? w : NULL;
}

static int read_one(struct sql *db, struct work *w)
{
    int err = batch_read(db, w);
    if (err == ERR_STORAGE_UNAVAILABLE && db->ops->revive(db) == 0)
        err = batch_read(db, w);
    return err;
}

static void *read_all(void *arg)
{
    struct engine *e = arg;
    pthread_setname_np(pthread_self(), "stoa-reader");
    lock(e);
    while (!e->is_ending) {
        struct work *w = next_read(e);
        if (!w) {
            pthread_cond_wait(&e->to_read, &e->lock);
            continue;
        }
        link_leave(&w->link);
        w->place = WORK_BUSY;
        unlock(e);
        w->err = read_one(e->settings.reader, w);
        lock(e);
        finish(e, w);
    }
    unlock(e);
    return NULL;
}

/* ---- the desks ---- */

static void enqueue(struct engine *e, struct work *w)
{
    bool is_write = w->kind->write != NULL || e->settings.is_inline;
    w->place = is_write ? WORK_QUEUED : WORK_TO_READ;
    list_push(is_write ? &e->queue : &e->reads, &w->link);
    if (is_write)
        e->n_urgent += w->is_urgent;
    pthread_cond_signal(is_write ? &e->to_write : &e->to_read);
}

int engine_take(struct engine *e, struct work *w)
{
    w->asked_us = now_us();
    w->place = WORK_DONE;
    lock(e);
    bool is_too_much = e->waiting_bytes >= e->settings.max_waiting_bytes; /* one may be large */
    e->waiting_bytes += w->bytes;
    e->n_waiting++;
    w->number = w->kind->write ? ++e->last_number : e->last_number;
    if (!is_too_much)
        enqueue(e, w);
    unlock(e);
    return is_too_much ? ERR_STORAGE_UNAVAILABLE : 0;
}

bool engine_take_back(struct engine *e, struct work *w)
{
    lock(e);
    bool was_waiting = w->place == WORK_QUEUED || w->place == WORK_TO_READ;
    if (w->place == WORK_QUEUED)
        e->n_urgent -= w->is_urgent;
    if (was_waiting) {
        link_leave(&w->link);
        w->place = WORK_DONE;
        pthread_cond_signal(&e->to_read); /* what had to wait for it */
    }
    unlock(e);
    return was_waiting;
}

void engine_fetch(struct link *works, struct engine *e, struct outbox *from)
{
    lock(e);
    list_splice(works, &from->works);
    unlock(e);
}

/* Each by itself, so that it sees what those before it have done and nothing of those behind. */
void engine_turn(struct engine *e)
{
    struct link one;
    struct work *w;
    link_init(&one);
    while ((w = first_of(&e->queue)) != NULL) {
        link_leave(&w->link);
        list_push(&one, &w->link);
        w->place = WORK_BUSY;
        e->n_urgent -= w->is_urgent;
        if (w->kind->write && batch_write(e->settings.writer, &one))
            w->err = ERR_STORAGE_UNAVAILABLE;
        e->commits++;
        e->written++;
        if (is_to_read(w))
            w->err = batch_read(e->settings.reader, w);
        link_leave(&w->link);
        finish(e, w);
    }
}

/* ---- the status ---- */

static bool is_slow(const struct engine *e)
{
    uint64_t since = atomic_load(&e->running_since_us);
    return since > 0 && now_us() > since + ENGINE_SLOW_US;
}

static bool is_full(const struct engine *e)
{
    return e->waiting_bytes > e->settings.max_waiting_bytes / 8 * FULL_EIGHTH;
}

enum store_state engine_state(const struct engine *e)
{
    if (is_full(e))
        return STORE_FULL;
    return atomic_load(&e->is_away) || is_slow(e) ? STORE_DOWN : STORE_UP;
}

static const char *why_of(const struct engine *e, enum store_state state)
{
    if (state == STORE_UP)
        return "";
    if (atomic_load(&e->is_away))
        return "The database cannot be written to.";
    return state == STORE_FULL ? "Too much waits to be stored." : "The database is slow.";
}

void engine_status(struct store_status *out, const struct engine *e)
{
    enum store_state state = engine_state(e);
    *out = (struct store_status){
        .state = state,
        .why = why_of(e, state),
        .waiting = e->n_waiting,
        .waiting_bytes = e->waiting_bytes,
        .commits = e->commits,
        .written = e->written,
        .commit_us = e->commit_us,
        .longest_us = e->longest_us,
    };
}

/* ---- beginning and end ---- */

static void init_cond(pthread_cond_t *c)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(c, &attr);
    pthread_condattr_destroy(&attr);
}

static void start_threads(struct engine *e)
{
    ASSERT(thread_start(&e->writer, write_all, e) == 0);
    ASSERT(thread_start(&e->reader, read_all, e) == 0);
}

struct engine *engine_new(const struct engine_settings *settings)
{
    struct engine *e = xalloc(sizeof *e);
    *e = (struct engine){ .settings = *settings, .n_desks = 1 };
    link_init(&e->queue);
    link_init(&e->reads);
    link_init(&e->orphans);
    pthread_mutex_init(&e->lock, NULL);
    init_cond(&e->to_write);
    init_cond(&e->to_read);
    if (!settings->is_inline)
        start_threads(e);
    return e;
}

void engine_join(struct engine *e)
{
    lock(e);
    e->n_desks++;
    unlock(e);
}

static void stop_threads(struct engine *e)
{
    lock(e);
    e->is_ending = true;
    e->close_us = now_us() + ENGINE_CLOSE_US;
    pthread_cond_broadcast(&e->to_write);
    pthread_cond_broadcast(&e->to_read);
    unlock(e);
    pthread_join(e->writer, NULL);
    pthread_join(e->reader, NULL);
}

/* Inline. */
static int write_the_rest(struct engine *e)
{
    return list_is_empty(&e->queue) ? 0 : batch_write(e->settings.writer, &e->queue);
}

static void finish_writing(struct engine *e)
{
    bool is_rest = false;
    if (e->settings.is_inline) {
        is_rest = write_the_rest(e) != 0;
    } else {
        stop_threads(e);
        is_rest = !list_is_empty(&e->queue);
    }
    if (is_rest)
        log_error(
            LOG_STORE, "what was asked last was not stored", LOG_NUM("requests", e->n_waiting));
}

static void close_connections(struct engine *e)
{
    struct sql *writer = e->settings.writer;
    struct sql *reader = e->settings.reader;
    if (reader != writer)
        reader->ops->close(reader);
    writer->ops->close(writer);
    if (e->settings.lock)
        close(e->settings.lock);
}

static void end(struct engine *e)
{
    finish_writing(e);
    close_connections(e);
    LIST_EACH(l, &e->orphans)
        work_of_pending(l)->kind->free(work_of_pending(l));
    pthread_cond_destroy(&e->to_read);
    pthread_cond_destroy(&e->to_write);
    pthread_mutex_destroy(&e->lock);
    xfree(e);
}

/* True: nobody hears of it, but it goes on. */
static bool is_going_on(const struct work *w)
{
    return w->place == WORK_QUEUED || w->place == WORK_BUSY;
}

static void leave_behind(struct engine *e, struct work *w)
{
    if (is_going_on(w)) {
        w->outbox = NULL;
        link_leave(&w->pending);
        list_push(&e->orphans, &w->pending);
        return;
    }
    if (w->place == WORK_TO_READ)
        link_leave(&w->link);
    w->place = WORK_DONE;
    engine_uncount(e, w);
}

void engine_leave(struct engine *e, struct link *pending)
{
    lock(e);
    LIST_EACH(l, pending)
        leave_behind(e, work_of_pending(l));
    bool is_last = --e->n_desks == 0;
    unlock(e);
    if (is_last)
        end(e);
}
