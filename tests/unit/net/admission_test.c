/* Caps on all, on one address, on 64 bits of IPv6; who is exempt; and many addresses at random
 * against plain counting. */
#include "net/admission.h"

#include "fault.h"
#include "tap.h"

#define ADDRESSES 200
#define ROUNDS    20000

static struct ip ip_of(const char *text)
{
    struct ip ip = { { 0 } };
    ok(ip_parse(&ip, slice_str(text)) == 0, "%s", text);
    return ip;
}

static void test_caps(void)
{
    struct admission a;
    struct ip one = ip_of("192.0.2.1"), two = ip_of("192.0.2.2");
    admission_init(&a, 3, 2);
    is_int(admission_enter(&a, one), 0, "one of an address");
    is_int(admission_enter(&a, one), 0, "two of it");
    is_int(admission_enter(&a, one), ERR_RATE_LIMITED, "three are too many");
    is_int(admission_enter(&a, two), 0, "its neighbour may");
    is_int(admission_enter(&a, two), ERR_BUSY, "until the server is full");
    is_int(a.refused, 2, "the refused are counted");
    is_int(a.n, 3, "and not let in");
    admission_leave(&a, one);
    is_int(admission_enter(&a, one), 0, "who leaves makes room");
    admission_leave(&a, two);
    is_int(a.counts.n, 1, "an address without anyone is forgotten");
    is_int(admission_enter(&a, one), ERR_RATE_LIMITED, "the other is not");
    admission_fini(&a);

    admission_init(&a, 10, 0);
    is_int(admission_enter(&a, one), ERR_RATE_LIMITED, "a cap of none lets none in");
    admission_fini(&a);
    admission_init(&a, 0, 10);
    is_int(admission_enter(&a, one), ERR_BUSY, "of all as well");
    admission_fini(&a);
}

static void test_ipv6(void)
{
    struct admission a;
    struct ip first = ip_of("2001:db8:1:2::1"), second = ip_of("2001:db8:1:2:ffff::9");
    struct ip other = ip_of("2001:db8:1:3::1");
    admission_init(&a, 10, 1);
    is_int(admission_enter(&a, first), 0, "an IPv6 address");
    is_int(admission_enter(&a, second), ERR_RATE_LIMITED, "one of the same 64 bits is the same");
    is_int(admission_enter(&a, other), 0, "of others it is not");
    admission_leave(&a, first);
    is_int(admission_enter(&a, second), 0, "and leaves for the other");
    admission_leave(&a, second);
    admission_leave(&a, other);
    is_int(a.counts.n, 0, "all gone");
    admission_fini(&a);
}

static void test_exempt(void)
{
    struct admission a;
    struct ip_range trusted[2];
    struct ip proxy = ip_of("10.1.2.3"), other = ip_of("11.1.2.3");
    struct ip local = { { 0 } };
    ok(ip_range_parse(&trusted[0], S("fd00::/8")) == 0, "a range");
    ok(ip_range_parse(&trusted[1], S("10.0.0.0/8")) == 0, "another");
    admission_init(&a, 5, 1);
    a.exempt = trusted;
    a.n_exempt = 2;
    is_int(admission_enter(&a, proxy), 0, "a trusted proxy");
    is_int(admission_enter(&a, proxy), 0, "may come twice");
    is_int(admission_enter(&a, local), 0, "a unix socket");
    is_int(admission_enter(&a, local), 0, "too");
    is_int(admission_enter(&a, other), 0, "another may not");
    admission_leave(&a, other);
    is_int(admission_enter(&a, proxy), 0, "all count for the whole");
    is_int(admission_enter(&a, proxy), ERR_BUSY, "which is full");
    is_int(a.counts.n, 0, "they are not counted one by one");
    for (int i = 0; i < 3; i++)
        admission_leave(&a, proxy);
    admission_leave(&a, local);
    admission_leave(&a, local);
    is_int(a.n, 0, "all gone");
    admission_fini(&a);
}

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed % below;
}

static void test_model(void)
{
    struct admission a;
    unsigned counts[ADDRESSES] = { 0 };
    unsigned all = 0, wrong = 0;
    uint64_t seed = 88172645463325252;
    admission_init(&a, 500, 4);
    for (int i = 0; i < ROUNDS; i++) {
        size_t at = draw(&seed, ADDRESSES);
        struct ip ip = { { [10] = 0xff, 0xff, 192, 0, 2, (uint8_t)at } };
        if (counts[at] > 0 && draw(&seed, 2)) {
            admission_leave(&a, ip);
            counts[at]--;
            all--;
            continue;
        }
        int want = all >= 500 ? ERR_BUSY : counts[at] >= 4 ? ERR_RATE_LIMITED : 0;
        int got = admission_enter(&a, ip);
        wrong += got != want;
        counts[at] += got == 0;
        all += got == 0;
    }
    is_int(wrong, 0, "many come and go as plain counting says");
    is_int(a.n, all, "and as many are in");
    admission_fini(&a);
}

static void fill(void *arg)
{
    unsigned *bad = arg;
    struct admission a;
    unsigned in = 0;
    admission_init(&a, 100, 4);
    for (int i = 0; i < 40; i++) {
        struct ip ip = { { [0] = 0x20, [7] = (uint8_t)i } };
        int err = admission_enter(&a, ip);
        *bad += err != 0 && err != ERR_NO_MEMORY;
        in += err == 0;
    }
    *bad += in != a.n || in != a.counts.n || (in == 40) == fault_hit();
    admission_fini(&a);
}

int main(void)
{
    unsigned bad = 0;
    test_caps();
    test_ipv6();
    test_exempt();
    test_model();
    fault_each(FAULT_ALLOC, fill, &bad);
    is_int(bad, 0, "no memory lets nobody in by half");
    return done();
}
