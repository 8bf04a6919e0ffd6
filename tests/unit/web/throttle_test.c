/* Tries at one account, from one address, wrong ones in a row; being at home; being forgotten. */
#include "web/throttle.h"

#include "base/log.h"
#include "fault.h"
#include "tap.h"

#include <stdio.h>

#define SEC_US  UINT64_C(1000000)
#define MIN_US  (60 * SEC_US)
#define HOUR_US (60 * MIN_US)

static const struct limit_rate five = { .per_s = 5, .burst = 5, .slower = 60 };
static const struct limit_rate thirty = { .per_s = 30, .burst = 30, .slower = 60 };
static const struct limit_rate plenty = { .per_s = 1000000, .burst = 1000000 };

static struct ip ip(const char *text)
{
    struct ip out;
    if (ip_parse(&out, slice_str(text)))
        ok(false, "%s is no address", text);
    return out;
}

static struct throttle_try which(const char *account, const char *from)
{
    return (struct throttle_try){ .account = slice_str(account), .from = ip(from) };
}

static int take(struct throttle *t, const char *account, const char *from, uint64_t now_us)
{
    struct throttle_try w = which(account, from);
    uint64_t retry_ms = 0;
    int err = throttle_take(&retry_ms, t, &w, now_us);
    if ((err == ERR_RATE_LIMITED) != (retry_ms > 0))
        ok(false, "%s after %llu ms", err_name(err), (unsigned long long)retry_ms);
    return err;
}

static uint64_t retry_ms(struct throttle *t, const char *account, const char *from, uint64_t now_us)
{
    struct throttle_try w = which(account, from);
    uint64_t ms = 0;
    int err = throttle_take(&ms, t, &w, now_us);
    return err ? ms : 0;
}

static unsigned drain(struct throttle *t, const char *account, const char *from, uint64_t now_us)
{
    unsigned n = 0;
    while (n < 1000 && take(t, account, from, now_us) == 0)
        n++;
    return n;
}

static void of_an_account(void)
{
    struct throttle *t = throttle_new(five, thirty);
    unsigned n = 0;
    char from[32];
    is_int(drain(t, "ada", "192.0.2.1", MIN_US), 5, "five tries at an account");
    for (unsigned i = 2; i < 200; i++) {
        snprintf(from, sizeof from, "192.0.2.%u", i);
        n += take(t, "ada", from, MIN_US) == 0;
    }
    is_int(n, 0, "wherever they come from");
    is_int(drain(t, "bob", "192.0.2.1", MIN_US), 5, "another account is another");
    is_int(take(t, "ada", "192.0.2.7", MIN_US + 11999 * 1000), ERR_RATE_LIMITED, "twelve seconds");
    is_int(take(t, "ada", "192.0.2.7", MIN_US + 12000 * 1000), 0, "later there is one more");
    throttle_free(t);
}

static void of_an_address(void)
{
    struct throttle *t = throttle_new(plenty, thirty);
    unsigned n = 0;
    char account[32];
    for (unsigned i = 0; i < 100; i++) {
        snprintf(account, sizeof account, "a%u", i);
        n += take(t, account, "192.0.2.1", MIN_US) == 0;
    }
    is_int(n, 30, "thirty from an address, whoever is tried");
    is_int(drain(t, "", "192.0.2.1", MIN_US), 0, "or nobody");
    is_int(drain(t, "", "192.0.2.2", MIN_US), 30, "another address is another");
    is_int(drain(t, "", "2001:db8::1", MIN_US), 30, "of the newer kind");
    is_int(drain(t, "", "2001:db8::2", MIN_US), 0, "64 bits of it count");
    is_int(take(t, "x", "192.0.2.1", 2 * MIN_US), 0, "a minute later all is well");
    throttle_free(t);
}

static void longer_each_time(void)
{
    static const uint64_t waits_s[] = { 15, 30, 60, 120, 240, 480, 900, 900, 900 };
    struct throttle *t = throttle_new(plenty, plenty);
    uint64_t now = MIN_US;
    for (unsigned i = 0; i < THROTTLE_FREE; i++)
        is_int(take(t, "ada", "192.0.2.1", now), 0, "a wrong try");
    for (size_t i = 0; i < sizeof waits_s / sizeof *waits_s; i++) {
        is_int(take(t, "ada", "192.0.2.1", now), 0, "one more");
        is_int(retry_ms(t, "ada", "192.0.2.1", now), waits_s[i] * 1000, "and then a while none");
        is_int(take(t, "ada", "192.0.2.1", now + waits_s[i] * SEC_US - 1), ERR_RATE_LIMITED, "so");
        is_int(take(t, "ada", "192.0.2.2", now), 0, "from elsewhere it is another matter");
        is_int(take(t, "bob", "192.0.2.1", now), 0, "and so are others");
        struct throttle_try undone = which("ada", "192.0.2.2"), too = which("bob", "192.0.2.1");
        throttle_undo(t, &undone);
        throttle_undo(t, &too);
        now += waits_s[i] * SEC_US;
    }
    is_int(take(t, "ada", "192.0.2.1", now), 0, "the next");
    struct throttle_try ada = which("ada", "192.0.2.1");
    throttle_forgive(t, &ada);
    is_int(drain(t, "ada", "192.0.2.1", now), THROTTLE_FREE + 1, "was right: all is forgiven");
    is_int(take(t, "ada", "192.0.2.1", now + HOUR_US + 901 * SEC_US), 0, "after an hour");
    is_int(drain(t, "ada", "192.0.2.1", now + HOUR_US + 901 * SEC_US), THROTTLE_FREE,
        "it is forgotten, too");
    throttle_free(t);
}

static void what_nobody_looked_at(void)
{
    struct throttle *t = throttle_new(plenty, plenty);
    struct throttle_try ada = which("ada", "192.0.2.1");
    unsigned n = 0;
    for (unsigned i = 0; i < 100; i++) {
        n += take(t, "ada", "192.0.2.1", MIN_US) == 0;
        throttle_undo(t, &ada);
    }
    is_int(n, 100, "a try that nobody looked at is none");
    throttle_undo(t, &ada);
    is_int(drain(t, "ada", "192.0.2.1", MIN_US), THROTTLE_FREE + 1, "nor less than none");
    ada = which("nobody", "192.0.2.9");
    throttle_undo(t, &ada);
    throttle_forgive(t, &ada);
    is_int(drain(t, "nobody", "192.0.2.9", MIN_US), THROTTLE_FREE + 1, "nor of nobody");
    throttle_free(t);
}

/* Nobody keeps others out of their account by trying it. */
static void at_home(void)
{
    struct throttle *t = throttle_new(five, plenty);
    struct throttle_try ada = which("ada", "192.0.2.1");
    is_int(take(t, "ada", "192.0.2.1", MIN_US), 0, "she logs in");
    throttle_forgive(t, &ada);
    is_int(drain(t, "ada", "192.0.2.66", MIN_US), 4, "somebody else tries all that is left");
    is_int(drain(t, "ada", "192.0.2.1", MIN_US), 4, "she has as many of her own");
    is_int(drain(t, "ada", "192.0.2.1", MIN_US), 0, "and no more");
    is_int(drain(t, "ada", "192.0.2.2", MIN_US), 0, "elsewhere she is a stranger");
    throttle_free(t);
}

static void a_flood(void)
{
    struct throttle *t = throttle_new(five, plenty);
    struct throttle_try ada = which("ada", "192.0.2.1");
    char account[32];
    unsigned refused = 0;
    is_int(take(t, "ada", "192.0.2.1", MIN_US), 0, "she logs in");
    throttle_forgive(t, &ada);
    drain(t, "ada", "192.0.2.1", MIN_US);
    for (unsigned i = 0; i < 200000; i++) {
        snprintf(account, sizeof account, "x%u", i);
        refused += take(t, account, "192.0.2.66", MIN_US + i) != 0;
    }
    is_int(refused, 0, "two hundred thousand names are tried once");
    ok(fault_live() < 4 * THROTTLE_MAX, "not all are remembered: %ld", fault_live());
    is_int(take(t, "ada", "192.0.2.1", MIN_US + SEC_US), ERR_RATE_LIMITED, "homes are");
    throttle_free(t);
}

static void without_memory(void *arg)
{
    struct throttle *t = throttle_new(five, thirty);
    (void)arg;
    int err = take(t, "ada", "192.0.2.1", MIN_US);
    if (fault_hit())
        is_int(err, ERR_NO_MEMORY, "no memory is said");
    throttle_free(t);
}

int main(void)
{
    log_set_level(LOG_OFF);
    of_an_account();
    of_an_address();
    longer_each_time();
    what_nobody_looked_at();
    at_home();
    a_flood();
    fault_each(FAULT_ALLOC, without_memory, NULL);
    return done();
}
