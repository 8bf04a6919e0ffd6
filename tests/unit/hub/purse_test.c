/* Purses: one for each id, however many have it open and from however many threads; what one spends
 * the others lack; the last one who closes it takes it along. */
#include "hub/purse.h"

#include "fault.h"
#include "tap.h"

#define THREADS 4
#define TRIES   20000
#define BURST   1000

static const struct limit_rate ten = { .per_s = 10, .burst = 10 };

static struct spending chat(uint64_t now_us)
{
    return (struct spending){
        .limit = RATE_CHAT, .rate = &ten, .times = 1, .now_us = now_us + 1000000
    };
}

static void test_shared(void)
{
    struct purses all;
    uint64_t retry_ms;
    unsigned n = 0;
    purses_init(&all);
    struct purse *here = purse_open(&all, S("ann"));
    struct purse *there = purse_open(&all, S("ann"));
    struct purse *bob = purse_open(&all, S("bob"));
    ok(here && here == there && bob != here, "one for each person");
    const struct spending s = chat(0);
    while (n < 100 && purse_spend(&retry_ms, n % 2 ? here : there, &s) == 0)
        n++;
    is_int(n, 10, "what is spent in one loop is missing in the other");
    is_int(retry_ms, 100, "and comes back when it does");
    is_int(purse_spend(&retry_ms, bob, &s), 0, "others have their own");
    const struct spending later = chat(200000);
    is_int(purse_spend(&retry_ms, here, &later), 0, "later there is more");
    purse_close(&all, here);
    struct bucket b = purses_look(&all, S("ann"), RATE_CHAT);
    ok(b.spent_mt > 0, "it stays while one has it open");
    purse_close(&all, there);
    b = purses_look(&all, S("ann"), RATE_CHAT);
    ok(b.spent_mt == 0 && b.at_us == 0, "and goes with the last one");
    purse_owe(bob, RATE_CHAT, 5);
    is_int(purses_look(&all, S("bob"), RATE_CHAT).owed_mt, 5000, "one may owe");
    purse_close(&all, bob);
    purses_fini(&all);
}

struct crowd {
    struct purses *all;
    unsigned got;
};

/* Time stands still. */
static void *spend_much(void *arg)
{
    static const struct limit_rate rate = { .per_s = 1, .burst = BURST };
    const struct spending s = { .limit = RATE_CHAT, .rate = &rate, .times = 1, .now_us = 1000000 };
    struct crowd *c = arg;
    uint64_t retry_ms;
    for (unsigned i = 0; i < TRIES; i++) {
        struct purse *p = purse_open(c->all, S("ann"));
        c->got += p && purse_spend(&retry_ms, p, &s) == 0;
        if (p)
            purse_close(c->all, p);
    }
    return NULL;
}

static void test_threads(void)
{
    struct purses all;
    struct crowd crowds[THREADS];
    pthread_t threads[THREADS];
    unsigned got = 0;
    purses_init(&all);
    struct purse *p = purse_open(&all, S("ann"));
    for (unsigned i = 0; i < THREADS; i++) {
        crowds[i] = (struct crowd){ .all = &all };
        if (pthread_create(&threads[i], NULL, spend_much, &crowds[i]))
            return;
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        got += crowds[i].got;
    }
    is_int(got, BURST, "all threads together have got what there was");
    purse_close(&all, p);
    purses_fini(&all);
}

static void test_no_memory(void)
{
    struct purses all;
    unsigned n = 0;
    purses_init(&all);
    for (unsigned i = 1; i < 4; i++) {
        fault_alloc_at(i);
        struct purse *p = purse_open(&all, S("ann"));
        fault_off();
        n += p == NULL;
        if (p)
            purse_close(&all, p);
    }
    ok(n > 0, "without memory there is none");
    purses_fini(&all);
}

int main(void)
{
    test_shared();
    test_threads();
    test_no_memory();
    return done();
}
