/* The order of a turn, what may be put off until when, watches that go away under way, timers under
 * a clock that the test turns; then threads: mail keeps each sender's order, loops post to each
 * other. */
#include "net/loop.h"

#include "base/xalloc.h"
#include "rig.h"

#include <pthread.h>

#define SENDERS    4
#define MAILS_EACH 10000
#define ROUNDS     5000

/* Writes down a letter for each thing that runs. */
struct trace {
    char text[64];
    size_t len;
};

struct letter {
    struct task task;
    struct trace *trace;
    struct loop *loop;
    struct letter *next; /* to be put off when this one runs */
    void (*put_off)(struct loop *l, struct task *t);
    char c;
};

static void add_letter(struct trace *t, char c)
{
    if (t->len < sizeof t->text - 1)
        t->text[t->len++] = c;
}

static void run_letter(void *arg)
{
    struct letter *l = arg;
    add_letter(l->trace, l->c);
    if (l->next)
        l->put_off(l->loop, &l->next->task);
}

static struct letter letter(struct trace *t, struct loop *l, char c)
{
    return (struct letter){ .trace = t, .loop = l, .c = c };
}

static void letter_init(struct letter *l)
{
    task_init(&l->task, run_letter, l);
}

static void new_loop(struct loop **l, struct test_clock *clock)
{
    test_clock_init(clock);
    if (loop_new(l, &clock->clock))
        abort();
}

/* ---- the order of a turn ---- */

struct letter_mail {
    struct mail mail;
    struct trace *trace;
};

static void on_letter_mail(struct mail *mail)
{
    add_letter(CONTAINER_OF(mail, struct letter_mail, mail)->trace, 'm');
}

static void on_letter_ready(void *arg, uint32_t events)
{
    if (events & EPOLLIN)
        add_letter(arg, 'd');
}

static void on_letter_timer(void *arg)
{
    add_letter(arg, 't');
}

static void test_order(void)
{
    struct test_clock clock;
    struct loop *l;
    struct trace t = { .len = 0 };
    struct timer timer;
    int fds[2];
    new_loop(&l, &clock);
    struct letter end = letter(&t, l, 'e'), soon = letter(&t, l, 's'), last = letter(&t, l, 'f');
    struct letter_mail mail = { .mail = { .fn = on_letter_mail }, .trace = &t };
    ok(pipe2(fds, O_CLOEXEC) == 0 && write(fds[1], "x", 1) == 1, "a pipe with something in it");
    struct watch w = { .fd = fds[0], .fn = on_letter_ready, .arg = &t };
    letter_init(&end);
    letter_init(&soon);
    letter_init(&last);
    timer_init(&timer, on_letter_timer, &t);

    loop_free_later(l, &last.task);
    loop_at_end(l, &end.task);
    loop_soon(l, &soon.task);
    loop_arm(l, &timer, 0);
    loop_post(l, &mail.mail);
    is_int(loop_watch(l, &w, EPOLLIN), 0, "watched");
    loop_turn(l, true);
    is_str(t.text, "mdtsef", "mail, descriptors, timers, soon, at the end, freed");
    is_int(loop_stats(l)->turns, 1, "one turn");
    is_int(loop_stats(l)->mails, 1, "one mail");
    is_int(loop_stats(l)->events, 2, "two descriptors: the pipe and the mailbox");
    loop_turn(l, false);
    is_str(t.text, "mdtsefd", "what is left unread is told again, the rest is done");
    loop_unwatch(l, &w);
    is_int(w.fd, -1, "unwatched");
    loop_unwatch(l, &w);
    loop_turn(l, false);
    is_str(t.text, "mdtsefd", "and told no more");
    loop_free(l);
    close(fds[0]);
    close(fds[1]);
}

/* ---- put off ---- */

static void test_soon(void)
{
    struct test_clock clock;
    struct loop *l;
    struct trace t = { .len = 0 };
    new_loop(&l, &clock);
    struct letter a = letter(&t, l, 'a'), b = letter(&t, l, 'b');
    letter_init(&a);
    letter_init(&b);
    a.next = &b;
    a.put_off = loop_soon;
    loop_soon(l, &a.task);
    loop_soon(l, &a.task);
    loop_turn(l, true);
    is_str(t.text, "a", "soon, twice, is once; what it puts off waits for the next turn");
    loop_turn(l, true);
    is_str(t.text, "ab", "which does not wait");
    b.next = &b; /* itself, again and again */
    b.put_off = loop_soon;
    loop_soon(l, &b.task);
    loop_turn(l, true);
    loop_turn(l, true);
    is_str(t.text, "abbb", "a task may come again, once a turn");
    link_leave(&b.task.link);
    loop_turn(l, false);
    is_str(t.text, "abbb", "until it leaves");
    loop_free(l);
}

static void test_at_end(void)
{
    struct test_clock clock;
    struct loop *l;
    struct trace t = { .len = 0 };
    new_loop(&l, &clock);
    struct letter a = letter(&t, l, 'a'), b = letter(&t, l, 'b'), c = letter(&t, l, 'c');
    letter_init(&a);
    letter_init(&b);
    letter_init(&c);
    a.next = &b;
    a.put_off = loop_at_end;
    b.next = &c;
    b.put_off = loop_free_later;
    loop_soon(l, &a.task);
    loop_turn(l, false);
    is_str(t.text, "abc", "from soon to the end to being freed, in one turn");
    loop_at_end(l, &a.task);
    loop_at_end(l, &a.task);
    loop_at_end(l, &b.task);
    loop_turn(l, true);
    is_str(t.text, "abcabc", "put off between turns it does not wait either; twice is once");
    loop_free(l);
}

static void test_free_with_loop(void)
{
    struct test_clock clock;
    struct loop *l;
    struct trace t = { .len = 0 };
    new_loop(&l, &clock);
    struct letter a = letter(&t, l, 'a'), b = letter(&t, l, 'b');
    letter_init(&a);
    letter_init(&b);
    loop_free_later(l, &a.task);
    loop_soon(l, &b.task);
    loop_free(l);
    is_str(t.text, "a", "a loop that ends frees what waits for it, and runs nothing else");
    loop_free(NULL);
}

/* ---- watches ---- */

/* Two that are ready in the same turn: the first to be told takes away the other and its memory. */
struct rival {
    struct watch watch;
    struct task free_task;
    struct loop *loop;
    struct rival **self;
    struct rival **other;
    unsigned *calls;
};

static void rival_end(struct rival *r)
{
    *r->self = NULL;
    close(r->watch.fd);
    r->watch.fd = -1;
    loop_free_later(r->loop, &r->free_task);
}

static void on_rival(void *arg, uint32_t events)
{
    struct rival *r = arg;
    (void)events;
    ++*r->calls;
    if (!*r->other)
        return;
    struct rival *other = *r->other;
    int fd = other->watch.fd;
    loop_unwatch(r->loop, &other->watch);
    other->watch.fd = fd;
    rival_end(other);
}

static struct rival *rival_new(struct rival *pair[2], int i, struct loop *l, unsigned *calls)
{
    int fds[2];
    struct rival *r = xalloc(sizeof *r);
    if (pipe2(fds, O_CLOEXEC) || write(fds[1], "x", 1) != 1)
        abort();
    close(fds[1]);
    *r = (struct rival){ .watch = { .fd = fds[0], .fn = on_rival, .arg = r },
        .loop = l,
        .self = &pair[i],
        .other = &pair[1 - i],
        .calls = calls };
    task_init(&r->free_task, xfree, r);
    if (loop_watch(l, &r->watch, EPOLLIN))
        abort();
    return r;
}

static void test_unwatch_in_batch(void)
{
    struct test_clock clock;
    struct loop *l;
    struct rival *pair[2];
    unsigned calls = 0;
    new_loop(&l, &clock);
    for (int i = 0; i < 2; i++)
        pair[i] = rival_new(pair, i, l, &calls);
    loop_turn(l, false);
    is_int(calls, 1, "one unwatched earlier in the turn is not told");
    ok((pair[0] == NULL) != (pair[1] == NULL), "one is left");
    loop_turn(l, false);
    is_int(calls, 2, "and is told again");
    struct rival *left = pair[0] ? pair[0] : pair[1];
    int fd = left->watch.fd;
    loop_unwatch(l, &left->watch);
    left->watch.fd = fd;
    rival_end(left);
    loop_free(l);
}

/* Reads its byte, puts much off, and lets the next one have a byte. */
struct busy {
    struct watch watch;
    struct loop *loop;
    struct trace *trace;
    struct letter *tasks;
    unsigned n_tasks;
    int next;
};

static void on_busy(void *arg, uint32_t events)
{
    struct busy *b = arg;
    char byte;
    (void)events;
    add_letter(b->trace, 'e');
    ok(read(b->watch.fd, &byte, 1) == 1, "it is told of a byte");
    for (unsigned i = 0; i < b->n_tasks; i++)
        loop_at_end(b->loop, &b->tasks[i].task);
    if (b->next >= 0 && write(b->next, "x", 1) != 1)
        abort();
}

static void gather_behind(unsigned n_tasks, const char *want, const char *name)
{
    struct test_clock clock;
    struct loop *l;
    struct trace t = { .len = 0 };
    static struct letter tasks[100];
    int first[2], second[2];
    new_loop(&l, &clock);
    if (pipe(first) || pipe(second) || write(first[1], "x", 1) != 1)
        abort();
    for (unsigned i = 0; i < n_tasks; i++) {
        tasks[i] = letter(&t, l, 't');
        letter_init(&tasks[i]);
    }
    struct busy a = { .watch = { .fd = first[0], .fn = on_busy, .arg = &a },
        .loop = l,
        .trace = &t,
        .tasks = tasks,
        .n_tasks = n_tasks,
        .next = second[1] };
    struct busy b = {
        .watch = { .fd = second[0], .fn = on_busy, .arg = &b }, .loop = l, .trace = &t, .next = -1
    };
    if (loop_watch(l, &a.watch, EPOLLIN) || loop_watch(l, &b.watch, EPOLLIN))
        abort();
    loop_turn(l, false);
    t.text[3] = '\0';
    is_str(t.text, want, "%s", name);
    loop_turn(l, false);
    loop_unwatch(l, &a.watch);
    loop_unwatch(l, &b.watch);
    for (unsigned i = 0; i < 2; i++) {
        close(first[i]);
        close(second[i]);
    }
    loop_free(l);
}

static void test_gather(void)
{
    gather_behind(64, "eet", "before much is written, what has come meanwhile is read");
    gather_behind(63, "ett", "little is written at once");
}

static void on_events(void *arg, uint32_t events)
{
    *(uint32_t *)arg = events;
}

static void test_rewatch(void)
{
    struct test_clock clock;
    struct loop *l;
    uint32_t seen = 0;
    int fds[2];
    new_loop(&l, &clock);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
        abort();
    struct watch w = { .fd = fds[0], .fn = on_events, .arg = &seen };
    is_int(loop_watch(l, &w, 0), 0, "watched for nothing");
    loop_turn(l, false);
    is_int(seen, 0, "nothing is told");
    loop_rewatch(l, &w, EPOLLOUT);
    loop_turn(l, false);
    is_int(seen, EPOLLOUT, "room to write is told");
    loop_rewatch(l, &w, EPOLLIN);
    seen = 0;
    loop_turn(l, false);
    is_int(seen, 0, "no more");
    if (write(fds[1], "x", 1) != 1)
        abort();
    loop_turn(l, false);
    is_int(seen, EPOLLIN, "bytes to read are");
    loop_unwatch(l, &w);
    close(fds[0]);
    close(fds[1]);
    loop_free(l);
}

static void test_no_descriptors(void)
{
    struct rlimit limit;
    struct loop *l = NULL;
    unsigned fails = 0;
    getrlimit(RLIMIT_NOFILE, &limit);
    int next = dup(0);
    close(next);
    for (unsigned spare = 0; spare < 2; spare++) {
        setrlimit(RLIMIT_NOFILE, &(struct rlimit){ (rlim_t)next + spare, limit.rlim_max });
        fails += loop_new(&l, &clock_system) == ERR_IO;
    }
    setrlimit(RLIMIT_NOFILE, &limit);
    is_int(fails, 2, "without descriptors there is no loop");
    int now = dup(0);
    is_int(now, next, "and none is lost");
    close(now);
}

/* Asked for by a descriptor, mail or timer of this turn, soon is the next turn. */
static void on_ready_soon(void *arg, uint32_t events)
{
    struct letter *l = arg;
    (void)events;
    add_letter(l->trace, 'd');
    loop_soon(l->loop, &l->task);
}

static void test_soon_from_event(void)
{
    struct test_clock clock;
    struct loop *l;
    struct trace t = { .len = 0 };
    int fds[2];
    new_loop(&l, &clock);
    struct letter a = letter(&t, l, 'a');
    letter_init(&a);
    if (pipe2(fds, O_CLOEXEC) || write(fds[1], "x", 1) != 1)
        abort();
    struct watch w = { .fd = fds[0], .fn = on_ready_soon, .arg = &a };
    is_int(loop_watch(l, &w, EPOLLIN), 0, "watched");
    loop_turn(l, false);
    is_str(t.text, "d", "soon is not in this turn");
    loop_turn(l, false);
    is_str(t.text, "dda", "but in the next");
    loop_unwatch(l, &w);
    close(fds[0]);
    close(fds[1]);
    loop_free(l);
}

/* ---- timers ---- */

struct alarm {
    struct timer timer;
    struct loop *loop;
    struct trace *trace;
    struct alarm *victim;
    char c;
    bool is_repeating;
};

static void on_alarm(void *arg)
{
    struct alarm *a = arg;
    add_letter(a->trace, a->c);
    if (a->victim)
        loop_disarm(a->loop, &a->victim->timer);
    if (a->is_repeating)
        loop_arm(a->loop, &a->timer, 0);
}

static void turn_by(struct loop *l, struct test_clock *clock, uint64_t us)
{
    test_clock_turn(clock, us);
    loop_turn(l, false);
}

static void test_timers(void)
{
    struct test_clock clock;
    struct loop *l;
    struct trace t = { .len = 0 };
    struct alarm a[4];
    new_loop(&l, &clock);
    for (int i = 0; i < 4; i++) {
        a[i] = (struct alarm){ .loop = l, .trace = &t, .c = (char)('a' + i) };
        timer_init(&a[i].timer, on_alarm, &a[i]);
    }
    loop_arm(l, &a[0].timer, 3000);
    loop_arm(l, &a[1].timer, 1000);
    loop_arm(l, &a[2].timer, 2000);
    loop_arm(l, &a[3].timer, UINT64_MAX);
    turn_by(l, &clock, 999);
    is_str(t.text, "", "no timer runs early");
    turn_by(l, &clock, 1);
    is_str(t.text, "b", "it runs when its time has come");
    turn_by(l, &clock, 5000);
    is_str(t.text, "bca", "late ones in the order of their times");
    turn_by(l, &clock, 1ull << 50);
    is_str(t.text, "bca", "one armed for never does not run");
    loop_arm(l, &a[0].timer, 1000);
    loop_arm(l, &a[0].timer, 3000);
    loop_arm(l, &a[1].timer, 2000);
    a[1].victim = &a[0];
    turn_by(l, &clock, 4000);
    is_str(t.text, "bcab", "arming moves, and one may disarm another that is due");
    a[2].is_repeating = true;
    loop_arm(l, &a[2].timer, 0);
    loop_turn(l, true);
    is_str(t.text, "bcabc", "armed again for now, it waits for the next turn");
    loop_turn(l, true);
    is_str(t.text, "bcabcc", "which does not wait");
    loop_free(l);
    ok(!timer_is_armed(&a[2].timer), "a loop that ends forgets its timers");
}

static void test_time(void)
{
    struct test_clock clock;
    struct loop *l;
    new_loop(&l, &clock);
    uint64_t us = loop_now_us(l);
    int64_t ms = loop_wall_ms(l);
    test_clock_turn(&clock, 5000);
    is_int(loop_now_us(l) - us, 0, "time stands during a turn");
    loop_turn(l, false);
    is_int(loop_now_us(l) - us, 5000, "and goes on with the next");
    is_int(loop_wall_ms(l) - ms, 5, "the wall's as well");
    memset(loop_scratch(l), 'x', LOOP_SCRATCH_BYTES);
    loop_free(l);
}

/* ---- threads ---- */

struct letter_box {
    struct loop *loop;
    unsigned next[SENDERS]; /* the number that must come next */
    unsigned wrong;
    unsigned total;
};

struct numbered {
    struct mail mail;
    struct letter_box *box;
    unsigned sender;
    unsigned number;
};

struct sender {
    pthread_t thread;
    struct letter_box *box;
    unsigned id;
};

static void on_numbered(struct mail *mail)
{
    struct numbered *m = CONTAINER_OF(mail, struct numbered, mail);
    struct letter_box *box = m->box;
    box->wrong += box->next[m->sender]++ != m->number;
    if (++box->total == SENDERS * MAILS_EACH)
        loop_stop(box->loop);
    xfree(m);
}

static void *send_all(void *arg)
{
    struct sender *s = arg;
    for (unsigned i = 0; i < MAILS_EACH; i++) {
        struct numbered *m = xalloc(sizeof *m);
        *m = (struct numbered){
            .mail = { .fn = on_numbered }, .box = s->box, .sender = s->id, .number = i
        };
        loop_post(s->box->loop, &m->mail);
    }
    return NULL;
}

static void test_mail(void)
{
    struct letter_box box = { .total = 0 };
    struct sender senders[SENDERS];
    if (loop_new(&box.loop, &clock_system))
        abort();
    for (unsigned i = 0; i < SENDERS; i++) {
        senders[i] = (struct sender){ .box = &box, .id = i };
        if (pthread_create(&senders[i].thread, NULL, send_all, &senders[i]))
            abort();
    }
    loop_run(box.loop);
    for (unsigned i = 0; i < SENDERS; i++)
        pthread_join(senders[i].thread, NULL);
    is_int(box.total, SENDERS * MAILS_EACH, "all mail of four threads arrives");
    is_int(box.wrong, 0, "each sender's in order");
    is_int(loop_stats(box.loop)->mails, SENDERS * MAILS_EACH, "and is counted");
    loop_free(box.loop);
}

/* A ball that two loops throw to each other until it has been thrown often enough. */
struct court {
    struct loop *loops[2];
    struct ball {
        struct mail mail;
        struct court *court;
        unsigned thrown;
        pthread_t seen[2];
        unsigned wrong; /* caught by another thread than before */
    } balls[2];
    _Atomic unsigned done;
};

static void on_ball(struct mail *mail)
{
    struct ball *b = CONTAINER_OF(mail, struct ball, mail);
    struct court *c = b->court;
    unsigned side = (unsigned)(b - c->balls + b->thrown) % 2;
    if (b->thrown < 2)
        b->seen[side] = pthread_self();
    b->wrong += !pthread_equal(b->seen[side], pthread_self());
    if (++b->thrown < ROUNDS) {
        loop_post(c->loops[1 - side], mail);
    } else if (++c->done == 2) {
        loop_stop(c->loops[0]);
        loop_stop(c->loops[1]);
    }
}

static void *run_loop(void *arg)
{
    loop_run(arg);
    return NULL;
}

static void test_two_loops(void)
{
    struct court c = { .done = 0 };
    pthread_t threads[2];
    for (unsigned i = 0; i < 2; i++) {
        if (loop_new(&c.loops[i], &clock_system))
            abort();
        c.balls[i] = (struct ball){ .mail = { .fn = on_ball }, .court = &c };
    }
    for (unsigned i = 0; i < 2; i++) {
        loop_post(c.loops[i], &c.balls[i].mail);
        if (pthread_create(&threads[i], NULL, run_loop, c.loops[i]))
            abort();
    }
    for (unsigned i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    is_int(c.balls[0].thrown + c.balls[1].thrown, 2 * ROUNDS, "two loops post to each other");
    is_int(c.balls[0].wrong + c.balls[1].wrong, 0, "each catches on its own thread");
    loop_free(c.loops[0]);
    loop_free(c.loops[1]);
}

static void test_stop(void)
{
    struct loop *l;
    pthread_t thread;
    if (loop_new(&l, &clock_system) || pthread_create(&thread, NULL, run_loop, l))
        abort();
    loop_stop(l);
    pthread_join(thread, NULL);
    ok(true, "a loop that waits is stopped by another thread");
    uint64_t turns = loop_stats(l)->turns;
    loop_run(l);
    is_int(loop_stats(l)->turns, turns, "a stopped loop does not run again");
    loop_free(l);
}

int main(void)
{
    rig_prepare();
    test_order();
    test_soon();
    test_at_end();
    test_gather();
    test_free_with_loop();
    test_soon_from_event();
    test_unwatch_in_batch();
    test_rewatch();
    test_no_descriptors();
    test_timers();
    test_time();
    test_mail();
    test_two_loops();
    test_stop();
    return done();
}
