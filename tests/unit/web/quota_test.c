/* How often an address may do something: by kind, by neighbourhood, and forgetting the quiet. */
#include "web/quota.h"

#include "fault.h"
#include "tap.h"

static const struct limit_rate rate = { .per_s = 1, .burst = 2 };

static struct ip ip_of(const char *text)
{
    struct ip ip = { .bytes = { 0 } };
    if (ip_parse(&ip, slice_str(text)))
        is_str(text, "", "an address");
    return ip;
}

static int take(struct quota *q, const char *from, unsigned kind, uint64_t now_us)
{
    return quota_take(q, ip_of(from), kind, &rate, now_us);
}

static int asks(struct quota *q, const char *from, unsigned kind, uint64_t now_us)
{
    return quota_ask(q, ip_of(from), kind, &rate, now_us);
}

static void test_counts(void)
{
    struct quota *q = quota_new(10);
    is_int(asks(q, "192.0.2.1", QUOTA_MISSES, 0), 0, "who has done nothing may");
    is_int(take(q, "192.0.2.1", QUOTA_MISSES, 0), 0, "once");
    is_int(take(q, "192.0.2.1", QUOTA_MISSES, 0), 0, "twice");
    is_int(asks(q, "192.0.2.1", QUOTA_MISSES, 0), ERR_RATE_LIMITED, "not a third time");
    is_int(take(q, "192.0.2.1", QUOTA_MISSES, 0), ERR_RATE_LIMITED, "really not");
    is_int(take(q, "192.0.2.1", LIMIT_CREATE, 0), 0, "another kind is another matter");
    is_int(take(q, "192.0.2.2", QUOTA_MISSES, 0), 0, "so is another address");
    is_int(asks(q, "192.0.2.1", QUOTA_MISSES, 1000000), 0, "a second later it may again");
    is_int(asks(q, "192.0.2.1", QUOTA_MISSES, 1000000), 0, "asking takes nothing");
    is_int(take(q, "192.0.2.1", QUOTA_MISSES, 1000000), 0, "taking does");
    is_int(asks(q, "192.0.2.1", QUOTA_MISSES, 1000000), ERR_RATE_LIMITED, "it was one");
    quota_free(q);
}

static void test_neighbourhoods(void)
{
    struct quota *q = quota_new(10);
    is_int(take(q, "2001:db8:1:2::1", 0, 0) + take(q, "2001:db8:1:2:ffff::9", 0, 0), 0,
        "two addresses of one network");
    is_int(take(q, "2001:db8:1:2::7", 0, 0), ERR_RATE_LIMITED, "count together");
    is_int(take(q, "2001:db8:1:3::1", 0, 0), 0, "those of the next one do not");
    quota_free(q);
}

static void test_forgets(void)
{
    struct quota *q = quota_new(2);
    is_int(take(q, "192.0.2.1", 0, 0) + take(q, "192.0.2.1", 0, 0), 0, "one uses all it has");
    is_int(take(q, "192.0.2.2", 0, 0) + take(q, "192.0.2.2", 0, 0), 0, "and another");
    is_int(take(q, "192.0.2.1", 0, 0), ERR_RATE_LIMITED, "the first is heard of again");
    is_int(take(q, "192.0.2.3", 0, 0), 0, "a third has no place");
    is_int(asks(q, "192.0.2.1", 0, 0), ERR_RATE_LIMITED, "but that of the quietest");
    is_int(asks(q, "192.0.2.2", 0, 0), 0, "which is forgotten");
    quota_free(q);
    quota_free(NULL);
}

static void under_fault(void *arg)
{
    struct quota *q = arg;
    static const char *const from[] = { "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4" };
    for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
        int err = take(q, from[i], 1, 0);
        if (err && err != ERR_NO_MEMORY)
            is_int(err, ERR_NO_MEMORY, "why it fails");
    }
}

static void body(void *arg)
{
    (void)arg;
    struct quota *q = quota_new(3);
    under_fault(q);
    quota_free(q);
}

int main(void)
{
    test_counts();
    test_neighbourhoods();
    test_forgets();
    fault_each(FAULT_ALLOC, body, NULL);
    return done();
}
