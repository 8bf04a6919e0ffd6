/* Several desks of one engine: each is answered on its own thread alone and in its order, what is
 * read has seen what was asked at any of them, they share a bound, and may be closed in any order.
 * The database is a false one; the threads are real, and wait for each other, never for time (but
 * for the one test about time). */
#include "store/desk.h"

#include "base/log.h"
#include "base/xalloc.h"
#include "false_sql.h"
#include "fault.h"
#include "tap.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define DESKS      3
#define MANY       3000
#define AT_ONCE    100
#define READ_EVERY 7
#define READ       (-1)    /* instead of a number */
#define NUMBERS    1000000 /* of a desk */
#define ENOUGH     50000

struct world;

struct side {
    struct world *world;
    struct loop *loop;
    struct desk *desk; /* NULL: closed */
    pthread_t thread;  /* that turns the loop */
    int64_t base;
    int64_t n_asked; /* of those that write */
    int64_t next;    /* of them, to be answered */
    uint32_t n_answered;
    uint32_t n_refused;
    uint32_t wrong_thread;
    uint32_t wrong_order;
    uint32_t too_early; /* reads that had not seen all */
    uint32_t n_waiting;
    bool closes; /* in its next answer */
    bool asks;   /* one more, in each answer */
};

struct world {
    struct false_sql writer;
    struct false_sql reader;
    struct side sides[DESKS];
    atomic_uint n_asked; /* works that write */
    atomic_uint n_freed;
    atomic_bool is_over;
};

struct note {
    struct work work;
    struct side *side;
    int64_t number;
    uint32_t before; /* to be seen, at least */
    uint32_t seen;
};

static struct note *note_of(struct work *w)
{
    return CONTAINER_OF(w, struct note, work);
}

static void ask(struct side *s, int64_t number);

static int note_write(struct work *w, struct sql *db)
{
    struct sql_value arg = sql_int(note_of(w)->number);
    db->ops->run(db, 0, &arg, 1);
    return 0;
}

static int note_read(struct work *w, struct sql *db)
{
    (void)db;
    note_of(w)->seen = note_of(w)->side->world->writer.n_kept;
    return 0;
}

static void check_answer(struct side *s, const struct note *n, int err)
{
    s->n_refused += err != 0;
    if (n->number == READ)
        s->too_early += !err && n->seen < n->before;
    else
        s->wrong_order += !err && n->number != s->base + s->next++;
}

static void note_answer(struct work *w, int err)
{
    struct note *n = note_of(w);
    struct side *s = n->side;
    s->wrong_thread += !pthread_equal(pthread_self(), s->thread);
    s->n_answered++;
    s->n_waiting--;
    check_answer(s, n, err);
    if (s->closes) {
        s->closes = false;
        desk_close(s->desk);
        s->desk = NULL;
    }
    if (s->desk)
        s->wrong_order += desk_status(s->desk)->waiting == 0; /* itself, at least */
    if (s->asks && s->desk && s->n_asked < ENOUGH)
        ask(s, s->n_asked);
}

static void note_free(struct work *w)
{
    note_of(w)->side->world->n_freed++;
    xfree(w);
}

static const struct work_kind writing = { .name = "writing",
    .is_patient = true,
    .write = note_write,
    .answer = note_answer,
    .free = note_free };
static const struct work_kind reading = {
    .name = "reading", .read = note_read, .answer = note_answer, .free = note_free
};

static void ask(struct side *s, int64_t number)
{
    struct note *n = xalloc(sizeof *n);
    *n = (struct note){
        .work = { .kind = number == READ ? &reading : &writing, .bytes = 100, .is_urgent = true },
        .side = s,
        .number = number == READ ? READ : s->base + number,
        .before = s->world->n_asked,
    };
    s->n_waiting++;
    desk_do(s->desk, &n->work);
    if (number == READ)
        return;
    s->n_asked++;
    s->world->n_asked++;
}

/* ---- beginning and end ---- */

static const struct engine_settings usual = { .batch_max = 1000, .max_waiting_bytes = 1u << 20 };

static void begin(struct world *v, struct engine_settings settings)
{
    memset(v, 0, sizeof *v);
    false_init(&v->writer);
    false_init(&v->reader);
    settings.writer = &v->writer.sql;
    settings.reader = &v->reader.sql;
    for (int i = 0; i < DESKS; i++) {
        struct side *s = &v->sides[i];
        s->world = v;
        s->base = i * NUMBERS;
        s->thread = pthread_self();
        if (loop_new(&s->loop, &clock_system))
            abort();
        if (i == 0 ? desk_new(&s->desk, s->loop, &settings)
                   : desk_share(&s->desk, v->sides[0].desk, s->loop))
            abort();
    }
}

static void shut(struct side *s)
{
    if (s->desk)
        desk_close(s->desk);
    s->desk = NULL;
}

static void end(struct world *v)
{
    for (int i = 0; i < DESKS; i++)
        shut(&v->sides[i]);
    ok(v->writer.is_closed && v->reader.is_closed, "the connections are closed with the last");
    for (int i = 0; i < DESKS; i++) {
        loop_turn(v->sides[i].loop, false);
        loop_free(v->sides[i].loop);
    }
}

static void await(struct side *s, uint32_t n)
{
    while (s->n_answered < n)
        loop_turn(s->loop, true);
}

static void hold(struct world *v)
{
    pthread_mutex_lock(&v->writer.gate);
}

static void let_go(struct world *v)
{
    pthread_mutex_unlock(&v->writer.gate);
}

static void await_begin(struct world *v, unsigned n)
{
    while (v->writer.began < n)
        sched_yield();
}

static void await_kept(struct world *v, unsigned n)
{
    while (v->writer.n_kept < n)
        sched_yield();
}

static void check_sides(const struct world *v)
{
    uint32_t wrong_thread = 0, wrong_order = 0, too_early = 0, refused = 0;
    for (int i = 0; i < DESKS; i++) {
        wrong_thread += v->sides[i].wrong_thread;
        wrong_order += v->sides[i].wrong_order;
        too_early += v->sides[i].too_early;
        refused += v->sides[i].n_refused;
    }
    is_int(wrong_thread, 0, "all is answered on the thread of its desk");
    is_int(wrong_order, 0, "in the order of the desk");
    is_int(too_early, 0, "what was read had seen all that was asked before, at any desk");
    is_int(refused, 0, "nothing was refused");
}

/* Those of each desk are in its order. */
static unsigned kept_wrong(const struct world *v)
{
    int64_t next[DESKS] = { 0 };
    unsigned wrong = 0;
    for (uint32_t i = 0; i < v->writer.n_kept; i++) {
        int64_t number = v->writer.kept[i];
        wrong += number % NUMBERS != next[number / NUMBERS]++;
    }
    return wrong;
}

/* ---- threads ---- */

static void *hammer(void *arg)
{
    struct side *s = arg;
    s->thread = pthread_self();
    while (s->n_asked < MANY) {
        ask(s, s->n_asked);
        if (s->n_asked % READ_EVERY == 0)
            ask(s, READ);
        while (s->n_waiting >= AT_ONCE)
            loop_turn(s->loop, true);
    }
    while (s->n_waiting > 0)
        loop_turn(s->loop, true);
    return NULL;
}

static pthread_t start(struct side *s, void *(*run)(void *arg))
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, s))
        abort();
    return thread;
}

static void *hammer_and_close(void *arg)
{
    struct side *s = arg;
    hammer(s);
    shut(s);
    return NULL;
}

/* With `closes`, each thread closes its own desk, whichever comes to that last. */
static void test_threads(struct world *v, bool closes)
{
    pthread_t threads[DESKS];
    begin(v, usual);
    for (int i = 0; i < DESKS; i++)
        threads[i] = start(&v->sides[i], closes ? hammer_and_close : hammer);
    for (int i = 0; i < DESKS; i++)
        pthread_join(threads[i], NULL);
    check_sides(v);
    is_int(v->writer.n_kept, DESKS * MANY, "all is kept");
    is_int(kept_wrong(v), 0, "in the order in which each desk asked");
    end(v);
    is_int(v->n_freed, DESKS * (MANY + MANY / READ_EVERY), "and freed");
}

static void *go_on(void *arg)
{
    struct side *s = arg;
    s->thread = pthread_self();
    s->asks = true;
    for (int i = 0; i < 10; i++)
        ask(s, s->n_asked);
    while (!s->world->is_over)
        loop_turn(s->loop, true);
    s->asks = false;
    while (s->n_waiting > 0)
        loop_turn(s->loop, true);
    return NULL;
}

/* One desk after the other comes, asks a lot and goes, while another thread goes on. */
static void test_come_and_go(struct world *v)
{
    struct side *stays = &v->sides[1];
    struct side *goes = &v->sides[2];
    begin(v, usual);
    pthread_t thread = start(stays, go_on);
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 20; i++)
            ask(goes, goes->n_asked);
        ask(goes, READ);
        if (round % 2 == 0)
            await(goes, goes->n_answered + 1);
        goes->next = goes->n_asked;
        goes->n_waiting = 0;
        shut(goes);
        loop_turn(goes->loop, false);
        if (desk_share(&goes->desk, v->sides[0].desk, goes->loop))
            abort();
    }
    v->is_over = true;
    pthread_join(thread, NULL);
    int64_t n_stays = stays->n_asked;
    is_int(stays->next, n_stays, "who stays is answered everything");
    is_int(v->sides[0].n_answered, 0, "who asked nothing hears nothing");
    check_sides(v);
    end(v);
    is_int(v->writer.n_kept, n_stays + 50 * 20, "what those who went had asked is kept");
    is_int(kept_wrong(v), 0, "in order");
    is_int(v->n_freed, n_stays + 50 * 21, "and all is freed");
}

/* ---- one thread ---- */

static void test_order(struct world *v)
{
    unsigned wrong = 0;
    begin(v, usual);
    hold(v);
    for (int i = 0; i < 90; i++)
        ask(&v->sides[i % DESKS], i / DESKS);
    ask(&v->sides[2], READ);
    let_go(v);
    await(&v->sides[2], 31);
    is_int(v->sides[0].n_answered + v->sides[1].n_answered, 0, "a loop answers its own alone");
    await(&v->sides[1], 30);
    await(&v->sides[0], 30);
    for (int i = 0; i < 90; i++)
        wrong += v->writer.kept[i] != i % DESKS * NUMBERS + i / DESKS;
    is_int(wrong, 0, "what several desks ask is done in the order in which it came");
    check_sides(v);
    end(v);
}

static void test_bound(struct world *v)
{
    struct engine_settings small = usual;
    small.max_waiting_bytes = 1000;
    begin(v, small);
    hold(v);
    for (int i = 0; i < 10; i++)
        ask(&v->sides[i % 2], i / 2);
    is_int(desk_state(v->sides[2].desk), STORE_FULL, "what waits is counted for all together");
    const struct store_status *one = desk_status(v->sides[0].desk);
    const struct store_status *two = desk_status(v->sides[2].desk);
    ok(one != two && one->waiting == 10 && two->waiting == 10, "and told at each");
    ask(&v->sides[2], 0);
    await(&v->sides[2], 1);
    is_int(v->sides[2].n_refused, 1, "so is the bound");
    v->sides[2].n_refused = 0;
    let_go(v);
    await(&v->sides[0], 5);
    await(&v->sides[1], 5);
    ask(&v->sides[2], 0);
    await(&v->sides[2], 2);
    is_int(desk_status(v->sides[1].desk)->waiting, 0, "then nothing waits");
    check_sides(v);
    end(v);
}

/* The two seconds are the engine's. */
static void test_slow(struct world *v)
{
    begin(v, usual);
    hold(v);
    ask(&v->sides[0], 0);
    await_begin(v, 1);
    ask(&v->sides[1], READ);
    ask(&v->sides[2], READ);
    await(&v->sides[1], 1);
    is_int(v->sides[1].n_refused, 1, "a read that waits is refused");
    is_int(v->sides[2].n_answered, 0, "on its own loop");
    is_int(desk_state(v->sides[2].desk), STORE_DOWN, "all are told of the outage");
    await(&v->sides[2], 1);
    is_int(v->sides[2].n_refused, 1, "so is another's");
    loop_turn(v->sides[0].loop, false);
    is_int(v->sides[0].n_answered, 0, "what is written is waited for");
    let_go(v);
    await(&v->sides[0], 1);
    v->sides[1].n_refused = v->sides[2].n_refused = 0;
    ask(&v->sides[1], READ);
    await(&v->sides[1], 2);
    check_sides(v);
    end(v);
    is_int(v->n_freed, 4, "all is freed");
}

/* ---- closing ---- */

static const int orders[][DESKS] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 },
    { 2, 0, 1 }, { 2, 1, 0 } };

#define ORDERS (sizeof orders / sizeof *orders)

static void ask_some(struct world *v)
{
    for (int i = 0; i < 90; i++) {
        ask(&v->sides[i % DESKS], i / DESKS);
        if (i % 10 == 0)
            ask(&v->sides[i % DESKS], READ);
    }
}

/* While nothing can be written; or when all has been, and waits to be told. */
static void test_close(struct world *v, const int order[DESKS], bool is_done)
{
    begin(v, usual);
    hold(v);
    ask_some(v);
    if (is_done) {
        let_go(v);
        await_kept(v, 90);
    }
    shut(&v->sides[order[0]]);
    loop_turn(v->sides[order[0]].loop, false);
    shut(&v->sides[order[1]]);
    ok(!v->writer.is_closed && !v->reader.is_closed, "the engine stays for the last");
    if (!is_done)
        let_go(v);
    end(v);
    is_int(v->writer.n_kept, 90, "what was asked at desks that are closed is kept");
    is_int(kept_wrong(v), 0, "in order");
    uint32_t answered = 0;
    for (int i = 0; i < DESKS; i++)
        answered += v->sides[i].n_answered;
    is_int(answered, 0, "and not answered");
    is_int(v->n_freed, 99, "but freed");
}

/* The others' are answered when one is gone. */
static void test_close_one(struct world *v, int which)
{
    begin(v, usual);
    hold(v);
    ask_some(v);
    shut(&v->sides[which]);
    let_go(v);
    for (int i = 0; i < DESKS; i++) {
        if (i != which)
            await(&v->sides[i], 33);
    }
    is_int(v->sides[which].n_answered, 0, "a closed desk hears nothing");
    is_int(desk_status(v->sides[(which + 1) % DESKS].desk)->waiting, 0, "nothing is left of it");
    check_sides(v);
    is_int(v->writer.n_kept, 90, "all is kept");
    end(v);
    is_int(v->n_freed, 99, "all is freed");
}

static void test_close_in_answer(struct world *v, bool is_inline)
{
    struct engine_settings settings = usual;
    settings.is_inline = is_inline;
    begin(v, settings);
    for (int i = 0; i < 15; i++)
        ask(&v->sides[i % DESKS], i / DESKS);
    for (int i = 0; i < DESKS; i++) {
        v->sides[i].closes = true;
        await(&v->sides[i], 1);
        loop_turn(v->sides[i].loop, false);
        is_int(v->sides[i].n_answered, 1, "an answer closes its desk, and is the last");
        is_int(v->writer.is_closed, i == DESKS - 1, "and the engine, if it is the last desk's");
    }
    end(v);
    is_int(v->writer.n_kept, 15, "nothing is lost");
    is_int(v->n_freed, 15, "or left");
}

/* ---- no threads ---- */

static void test_inline(struct world *v)
{
    struct engine_settings settings = usual;
    settings.is_inline = true;
    begin(v, settings);
    ask(&v->sides[1], 0);
    ask(&v->sides[0], 0);
    ask(&v->sides[2], READ);
    ask(&v->sides[1], 1);
    is_int(v->writer.n_kept, 0, "inline, nothing is done at once");
    loop_turn(v->sides[2].loop, false);
    is_int(v->writer.n_kept, 3, "but all, in the next turn of any loop");
    is_int(v->writer.kept[0], NUMBERS, "in the order");
    is_int(v->writer.kept[1], 0, "in which");
    is_int(v->writer.kept[2], NUMBERS + 1, "it was asked");
    is_int(v->sides[2].n_answered, 1, "which answers its own");
    is_int(v->sides[0].n_answered + v->sides[1].n_answered, 0, "and no others");
    loop_turn(v->sides[1].loop, true);
    loop_turn(v->sides[0].loop, true);
    is_int(v->sides[1].n_answered, 2, "these come in the next turn");
    is_int(v->sides[0].n_answered, 1, "of their loops");
    check_sides(v);
    ask(&v->sides[1], 2);
    ask(&v->sides[1], READ);
    shut(&v->sides[1]);
    ask(&v->sides[0], READ);
    loop_turn(v->sides[0].loop, false);
    is_int(v->writer.n_kept, 4, "what a closed desk had asked is done");
    is_int(v->sides[1].n_answered, 2, "unanswered");
    check_sides(v);
    ask(&v->sides[2], 0);
    end(v);
    is_int(v->writer.n_kept, 5, "also at the end");
    is_int(v->n_freed, 8, "all is freed");
}

/* ---- no descriptors ---- */

static void limit_descriptors(rlim_t n)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = n;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void test_no_descriptors(struct world *v)
{
    struct rlimit usually;
    struct desk *desk = NULL;
    struct engine_settings settings = usual;
    getrlimit(RLIMIT_NOFILE, &usually);
    begin(v, usual);
    limit_descriptors(0);
    is_int(desk_share(&desk, v->sides[0].desk, v->sides[1].loop), ERR_IO, "none is left to share");
    limit_descriptors(usually.rlim_cur);
    ask(&v->sides[0], 0);
    await(&v->sides[0], 1);
    check_sides(v);
    ok(!v->writer.is_closed, "that harms nobody");
    end(v);
    false_init(&v->writer);
    false_init(&v->reader);
    settings.writer = &v->writer.sql;
    settings.reader = &v->reader.sql;
    if (loop_new(&v->sides[0].loop, &clock_system))
        abort();
    limit_descriptors(0);
    is_int(desk_new(&desk, v->sides[0].loop, &settings), ERR_IO, "none is left to begin");
    limit_descriptors(usually.rlim_cur);
    ok(v->writer.is_closed && v->reader.is_closed, "the connections are closed");
    loop_free(v->sides[0].loop);
}

int main(void)
{
    struct world *v = malloc(sizeof *v);
    long before = fault_live();
    log_set_level(LOG_OFF);
    test_threads(v, false);
    test_threads(v, true);
    test_come_and_go(v);
    test_order(v);
    test_bound(v);
    test_slow(v);
    for (size_t i = 0; i < ORDERS; i++) {
        test_close(v, orders[i], false);
        test_close(v, orders[i], true);
    }
    for (int i = 0; i < DESKS; i++)
        test_close_one(v, i);
    test_close_in_answer(v, false);
    test_close_in_answer(v, true);
    test_inline(v);
    test_no_descriptors(v);
    is_int(fault_live(), before, "nothing is left");
    free(v);
    return done();
}
