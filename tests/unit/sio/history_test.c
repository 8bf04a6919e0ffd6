#include "sio/history.h"

#include "fault.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>

static void number(char out[SIO_OFFSET_BYTES + 1], unsigned n)
{
    snprintf(out, SIO_OFFSET_BYTES + 1, "%012u", n);
}

/* With the number as its offset, and arguments of that size. */
static struct sio_message *message(unsigned n, size_t bytes)
{
    char offset[SIO_OFFSET_BYTES + 1];
    char *args = malloc(bytes + 1);
    number(offset, n);
    memset(args, '7', bytes + 1);
    const struct sio_emission e = { .type = SIO_EVENT,
        .nsp = S("/"),
        .name = S("e"),
        .args = slice_of(args, bytes),
        .ack_id = SIO_NO_ACK,
        .offset = offset };
    struct sio_message *m = sio_message_new(&e);
    free(args);
    return m;
}

static void add(struct history *h, unsigned n, size_t bytes)
{
    struct sio_message *m = message(n, bytes);
    if (m)
        history_add(h, m);
    sio_message_unref(m);
}

/* How many follow the message of that number; -1: it is not remembered. */
static int missed(const struct history *h, unsigned n)
{
    char offset[SIO_OFFSET_BYTES + 1];
    unsigned behind = 0;
    number(offset, n);
    return history_find(&behind, h, slice_of(offset, SIO_OFFSET_BYTES)) ? -1 : (int)behind;
}

static unsigned number_at(const struct history *h, unsigned back)
{
    char offset[SIO_OFFSET_BYTES + 1] = "";
    memcpy(offset, history_at(h, back)->offset, SIO_OFFSET_BYTES);
    return (unsigned)strtoul(offset, NULL, 10);
}

/* Each step of filling it and of going round, looked at from both ends. */
static void test_ring(void)
{
    struct history h;
    unsigned wrong = 0;
    history_init(&h);
    is_int(missed(&h, 1), -1, "empty");
    ok(!h.ring, "and without memory");
    for (unsigned n = 1; n <= 3 * HISTORY_MAX + 5; n++) {
        unsigned kept = n < HISTORY_MAX ? n : HISTORY_MAX;
        add(&h, n, 1);
        wrong += h.n != kept;
        for (unsigned back = 0; back < kept; back++)
            wrong += missed(&h, n - back) != (int)back || number_at(&h, back) != n - back;
        wrong += missed(&h, n - kept) != -1 || missed(&h, n + 1) != -1;
    }
    is_int(wrong, 0, "always the last %u, in order", HISTORY_MAX);
    unsigned behind;
    is_int(history_find(&behind, &h, S("00000000001")), ERR_NOT_FOUND, "no shorter offset");
    is_int(history_find(&behind, &h, S("")), ERR_NOT_FOUND, "no empty one");
    history_fini(&h);
    ok(!h.ring && h.n == 0 && h.bytes == 0, "empty again");
    add(&h, 5, 1);
    is_int(missed(&h, 5), 0, "and usable");
    history_fini(&h);
}

static void test_bytes(void)
{
    struct history h;
    unsigned above = 0;
    history_init(&h);
    for (unsigned n = 1; n <= 40; n++) {
        size_t sum = 0;
        add(&h, n, n % 4 ? 20000 : 1);
        for (unsigned back = 0; back < h.n; back++)
            sum += history_at(&h, back)->bytes;
        above += sum != h.bytes || sum > HISTORY_MAX_BYTES || missed(&h, n) != 0;
    }
    is_int(above, 0, "never more bytes than it may hold");
    ok(h.bytes > HISTORY_MAX_BYTES - 2 * 20000, "and not much less");
    add(&h, 41, HISTORY_MAX_BYTES - 2000);
    ok(missed(&h, 41) == 0 && missed(&h, 39) == -1, "for a large one the others go");
    add(&h, 42, HISTORY_MAX_BYTES);
    ok(h.n == 0 && h.bytes == 0 && missed(&h, 41) == -1, "one too large leaves no gap");
    add(&h, 43, 10);
    is_int(missed(&h, 43), 0, "then it begins anew");
    history_fini(&h);
}

static void fill(void *arg)
{
    struct history h;
    unsigned gaps = 0;
    (void)arg;
    history_init(&h);
    for (unsigned n = 1; n <= 20; n++) {
        add(&h, n, 1);
        for (unsigned back = 1; back < h.n; back++)
            gaps += number_at(&h, back) >= number_at(&h, back - 1);
    }
    is_int(gaps, 0, "in order");
    history_fini(&h);
}

/* The ring grows, or forgets everything. */
static void test_growth_fails(void)
{
    struct sio_message *all[10];
    struct history h;
    history_init(&h);
    for (unsigned n = 0; n < 10; n++)
        all[n] = message(n, 1);
    for (unsigned n = 0; n < 4; n++)
        history_add(&h, all[n]);
    fault_alloc_at(1);
    history_add(&h, all[4]);
    ok(fault_hit() && h.n == 0, "no memory, no history");
    fault_off();
    for (unsigned n = 5; n < 10; n++)
        history_add(&h, all[n]);
    ok(missed(&h, 5) == 4 && missed(&h, 3) == -1, "without a gap");
    history_fini(&h);
    for (unsigned n = 0; n < 10; n++)
        sio_message_unref(all[n]);
}

int main(void)
{
    test_ring();
    test_bytes();
    test_growth_fails();
    fault_each(FAULT_ALLOC, fill, NULL);
    return done();
}
