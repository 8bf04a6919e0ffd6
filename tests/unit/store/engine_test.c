/* Works of one transaction do not disturb each other, an outage loses and doubles nothing, order
 * holds, and what was asked when the engine is closed is written. The database is a false one; the
 * threads are real, and wait for each other, never for time (but for the one test about time). */
#include "store/engine.h"

#include "base/log.h"
#include "base/xalloc.h"
#include "false_sql.h"
#include "store/desk.h"
#include "tap.h"

#include <sched.h>
#include <stdlib.h>

#define MANY 500

enum wish { WISH_NONE, WISH_FAIL, WISH_FAIL_LATE, WISH_KNOWN };

struct world {
    struct loop *loop;
    struct false_sql writer;
    struct false_sql reader;
    struct desk *desk;
    uint32_t n_answered;
    uint32_t n_freed;
    int64_t answered[MANY * 2]; /* numbers, in order */
    int errs[MANY * 2];
    int64_t seen; /* by the newest that was answered */
    bool closes;  /* the next answer closes the engine */
};

struct note {
    struct work work;
    struct world *world;
    int64_t number;
    enum wish wish;
    int64_t seen; /* how many were kept, to the reader */
};

static struct note *note_of(struct work *w)
{
    return CONTAINER_OF(w, struct note, work);
}

static int note_write(struct work *w, struct sql *db)
{
    struct note *n = note_of(w);
    struct sql_value arg = sql_int(n->number);
    db->ops->run(db, 0, &arg, 1);
    return n->wish == WISH_FAIL ? ERR_CONFLICT : 0;
}

/* Whether it is kept already, as a fence would tell. */
static bool is_kept(const struct false_sql *f, int64_t number)
{
    for (uint32_t i = 0; i < f->n_kept; i++) {
        if (f->kept[i] == number)
            return true;
    }
    return false;
}

static int note_judge(struct work *w, struct sql *db)
{
    struct note *n = note_of(w);
    if (n->wish == WISH_FAIL_LATE)
        return ERR_STORAGE_UNAVAILABLE; /* its own: the database is well */
    return n->wish == WISH_KNOWN && is_kept(false_of(db), n->number) ? ERR_AGAIN : 0;
}

static int on_row(void *arg, const struct sql_value *at, unsigned n)
{
    (void)n;
    *(int64_t *)arg = at->number;
    return 0;
}

static int note_read(struct work *w, struct sql *db)
{
    struct note *n = note_of(w);
    (void)db;
    return n->world->writer.sql.ops->query(&n->world->writer.sql, 0, NULL, 0, on_row, &n->seen);
}

static void note_answer(struct work *w, int err)
{
    struct note *n = note_of(w);
    struct world *v = n->world;
    v->answered[v->n_answered] = n->number;
    v->errs[v->n_answered++] = err;
    if (w->kind->read)
        v->seen = n->seen;
    if (v->closes) {
        v->closes = false;
        desk_close(v->desk);
    }
}

static void note_free(struct work *w)
{
    note_of(w)->world->n_freed++;
    xfree(w);
}

static const struct work_kind patient = { .name = "patient",
    .is_patient = true,
    .write = note_write,
    .judge = note_judge,
    .answer = note_answer,
    .free = note_free };
static const struct work_kind impatient = {
    .name = "impatient", .write = note_write, .answer = note_answer, .free = note_free
};
static const struct work_kind reading = {
    .name = "reading", .read = note_read, .answer = note_answer, .free = note_free
};

static void ask(struct world *v, const struct work_kind *kind, int64_t number, enum wish wish)
{
    struct note *n = xalloc(sizeof *n);
    *n = (struct note){
        .work = { .kind = kind, .bytes = 100, .is_urgent = true },
        .world = v,
        .number = number,
        .wish = wish,
    };
    desk_do(v->desk, &n->work);
}

static void begin(struct world *v, struct engine_settings settings)
{
    *v = (struct world){ 0 };
    false_init(&v->writer);
    false_init(&v->reader);
    settings.writer = &v->writer.sql;
    settings.reader = &v->reader.sql;
    if (loop_new(&v->loop, &clock_system) || desk_new(&v->desk, v->loop, &settings))
        abort();
}

static const struct engine_settings usual = { .batch_max = 1000, .max_waiting_bytes = 1u << 20 };

static void await(struct world *v, uint32_t n)
{
    while (v->n_answered < n)
        loop_turn(v->loop, true);
}

static void end(struct world *v)
{
    desk_close(v->desk);
    loop_free(v->loop);
    ok(v->writer.is_closed && v->reader.is_closed, "the connections are closed");
}

static unsigned wrong_order(const struct world *v, int64_t first, uint32_t n)
{
    unsigned wrong = 0;
    for (uint32_t i = 0; i < n; i++)
        wrong += v->answered[i] != first + i || v->errs[i] != 0;
    return wrong;
}

static void hold(struct world *v)
{
    pthread_mutex_lock(&v->writer.gate);
}

static void let_go(struct world *v)
{
    pthread_mutex_unlock(&v->writer.gate);
}

/* Until the writer is in its n-th transaction. */
static void await_begin(struct world *v, unsigned n)
{
    while (v->writer.began < n)
        sched_yield();
}

static void test_group(void)
{
    struct world v;
    begin(&v, usual);
    hold(&v);
    ask(&v, &patient, 0, WISH_NONE);
    await_begin(&v, 1);
    for (int i = 1; i < MANY; i++)
        ask(&v, &patient, i, WISH_NONE);
    is_int(v.n_answered, 0, "nothing is answered before its commit");
    let_go(&v);
    await(&v, MANY);
    is_int(wrong_order(&v, 0, MANY), 0, "all are answered, in order");
    is_int(v.writer.n_commits, 2, "what came during one transaction is the next");
    is_int(v.writer.sizes[1], MANY - 1, "all of it");
    is_int(desk_status(v.desk)->written, MANY, "and counted");
    end(&v);
    is_int(v.n_freed, MANY, "and freed");
}

static void test_batch_max(void)
{
    struct world v;
    struct engine_settings one = usual;
    one.batch_max = 1;
    begin(&v, one);
    hold(&v);
    for (int i = 0; i < 50; i++)
        ask(&v, &patient, i, WISH_NONE);
    let_go(&v);
    await(&v, 50);
    is_int(v.writer.n_commits, 50, "a batch of one is a commit for each");
    end(&v);
}

/* One of a hundred fails in some way; the others are kept. */
static void test_failing(void)
{
    static const struct {
        enum wish wish;
        int64_t number;
        int err;
        const char *label;
    } rows[] = {
        { WISH_FAIL, 50, ERR_CONFLICT, "in writing" },
        { WISH_FAIL_LATE, 50, ERR_STORAGE_UNAVAILABLE, "in judging" },
        { WISH_NONE, FALSE_SQL_BAD, ERR_CONFLICT, "in the database" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world v;
        begin(&v, usual);
        hold(&v);
        ask(&v, &patient, 1000, WISH_NONE);
        await_begin(&v, 1);
        for (int k = 0; k < 100; k++) {
            bool is_it = k == 50;
            ask(&v, &patient, is_it ? rows[i].number : k, is_it ? rows[i].wish : WISH_NONE);
        }
        let_go(&v);
        await(&v, 101);
        is_int(v.writer.n_kept, 100, "one fails %s: the others are kept", rows[i].label);
        ok(!is_kept(&v.writer, rows[i].number), "it is not");
        is_int(v.errs[51], rows[i].err, "and it is told so, in its place");
        is_int(desk_state(v.desk), STORE_UP, "that is no outage");
        end(&v);
    }
}

static void test_lost_answer(void)
{
    struct world v;
    begin(&v, usual);
    v.writer.loses_answer = true;
    hold(&v);
    for (int i = 0; i < 20; i++)
        ask(&v, &patient, i, WISH_KNOWN);
    let_go(&v);
    await(&v, 20);
    is_int(wrong_order(&v, 0, 20), 0, "a commit whose answer was lost is found out");
    is_int(v.writer.n_kept, 20, "and not repeated");
    end(&v);
}

static void test_outage(void)
{
    struct world v;
    begin(&v, usual);
    v.writer.is_away = true;
    for (int i = 0; i < 10; i++)
        ask(&v, &patient, i, WISH_KNOWN);
    await_begin(&v, 1);
    while (desk_state(v.desk) != STORE_DOWN)
        sched_yield();
    ok(desk_status(v.desk)->why[0] != '\0', "an outage is told");
    for (int i = 10; i < 20; i++)
        ask(&v, &patient, i, WISH_KNOWN);
    ask(&v, &impatient, 100, WISH_NONE);
    ask(&v, &reading, 101, WISH_NONE);
    await(&v, 2);
    is_int(v.answered[0], 100, "what must not wait for ever is refused first");
    is_int(v.answered[1], 101, "then what reads");
    is_int(v.errs[0], ERR_STORAGE_UNAVAILABLE, "by an error");
    is_int(v.errs[1], ERR_STORAGE_UNAVAILABLE, "both of them");
    v.writer.is_away = false;
    await(&v, 22);
    is_int(v.writer.n_kept, 20, "when it is back what waited is kept");
    unsigned wrong = 0;
    for (uint32_t i = 0; i < 20; i++)
        wrong += v.answered[i + 2] != i || v.errs[i + 2] != 0 || v.writer.kept[i] != i;
    is_int(wrong, 0, "once, in order, and told");
    ok(!is_kept(&v.writer, 100), "what was refused is not");
    is_int(desk_state(v.desk), STORE_UP, "the outage is over");
    end(&v);
    is_int(v.n_freed, 22, "all is freed");
}

static void test_read_after_write(void)
{
    struct world v;
    begin(&v, usual);
    hold(&v);
    ask(&v, &patient, 1, WISH_NONE);
    await_begin(&v, 1);
    ask(&v, &patient, 2, WISH_NONE);
    ask(&v, &reading, 3, WISH_NONE);
    ask(&v, &patient, 4, WISH_NONE);
    let_go(&v);
    await(&v, 3);
    while (v.seen == 0)
        loop_turn(v.loop, true);
    ok(v.seen >= 2, "a read sees what was asked before it");
    await(&v, 4);
    end(&v);
}

static void test_bound(void)
{
    struct world v;
    struct engine_settings small = usual;
    small.max_waiting_bytes = 1000;
    begin(&v, small);
    hold(&v);
    for (int i = 0; i < 9; i++)
        ask(&v, &patient, i, WISH_NONE);
    is_int(desk_state(v.desk), STORE_FULL, "before it is full it says so");
    ask(&v, &patient, 9, WISH_NONE);
    ask(&v, &patient, 10, WISH_NONE);
    await(&v, 1);
    is_int(v.answered[0], 10, "beyond the bound nothing may wait");
    is_int(v.errs[0], ERR_STORAGE_UNAVAILABLE, "by an error");
    let_go(&v);
    await(&v, 11);
    is_int(v.writer.n_kept, 10, "the others are kept");
    is_int(desk_state(v.desk), STORE_UP, "and there is place again");
    end(&v);
}

static void test_close(void)
{
    struct world v;
    begin(&v, usual);
    hold(&v);
    for (int i = 0; i < 30; i++)
        ask(&v, &patient, i, WISH_NONE);
    ask(&v, &reading, 100, WISH_NONE);
    let_go(&v);
    end(&v);
    is_int(v.writer.n_kept, 30, "what was asked is kept when it is closed");
    is_int(v.n_answered, 0, "and not answered any more");
    is_int(v.n_freed, 31, "but freed");
}

static void test_close_in_answer(bool is_inline)
{
    struct world v;
    struct engine_settings settings = usual;
    settings.is_inline = is_inline;
    begin(&v, settings);
    v.closes = true;
    for (int i = 0; i < 5; i++)
        ask(&v, &patient, i, WISH_NONE);
    while (v.n_answered == 0)
        loop_turn(v.loop, true);
    is_int(v.n_answered, 1, "an answer may close it");
    loop_turn(v.loop, false);
    loop_free(v.loop);
    is_int(v.n_freed, 5, "and nothing is left");
    is_int(v.writer.n_kept, 5, "nor lost");
}

static void test_inline(void)
{
    struct world v;
    struct engine_settings settings = usual;
    settings.is_inline = true;
    begin(&v, settings);
    ask(&v, &patient, 1, WISH_NONE);
    ask(&v, &reading, 2, WISH_NONE);
    ask(&v, &patient, 3, WISH_FAIL);
    is_int(v.n_answered, 0, "inline, nothing is answered at once");
    loop_turn(v.loop, false);
    is_int(v.n_answered, 3, "but in the next turn");
    is_int(v.seen, 1, "a read sees what was before it, and not what is behind");
    is_int(v.errs[2], ERR_CONFLICT, "errors come as from a thread");
    end(&v);
}

int main(void)
{
    log_set_level(LOG_OFF);
    test_group();
    test_batch_max();
    test_failing();
    test_lost_answer();
    test_outage();
    test_read_after_write();
    test_bound();
    test_close();
    test_close_in_answer(false);
    test_close_in_answer(true);
    test_inline();
    return done();
}
