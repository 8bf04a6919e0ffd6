/* Hashing and comparing on workers: right and wrong ones, other settings, a full queue, an end in
 * the middle, and 10,000 hashes that something has gnawed at. */
#include "auth/password.h"

#include "base/log.h"
#include "base/xalloc.h"
#include "tap.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CHEAP_BYTES 8192u

static const struct password_settings cheap = {
    .memory_bytes = CHEAP_BYTES, .passes = 1, .threads = 2
};

struct rig {
    struct test_clock clock;
    struct loop *loop;
    struct passwords *passwords;
};

struct trial {
    struct password_work work;
    unsigned done;
};

static void start(struct rig *r, const struct password_settings *settings)
{
    test_clock_init(&r->clock);
    if (loop_new(&r->loop, &r->clock.clock))
        abort();
    r->passwords = passwords_new(r->loop, settings);
}

static void stop(struct rig *r)
{
    passwords_free(r->passwords);
    loop_free(r->loop);
}

static void on_done(struct password_work *w)
{
    CONTAINER_OF(w, struct trial, work)->done++;
}

static void wait_for(struct rig *r, const struct trial *t)
{
    while (t->done == 0)
        loop_turn(r->loop, true);
}

static const char *hash(struct rig *r, struct trial *t, const char *text)
{
    *t = (struct trial){ .work = { .done = on_done } };
    is_int(password_make(&t->work, r->passwords, slice_str(text)), 0, "'%s' is hashed", text);
    wait_for(r, t);
    is_int(t->work.err, 0, "well");
    return t->work.hash;
}

static bool matches(struct rig *r, struct trial *t, struct slice text, struct slice with)
{
    *t = (struct trial){ .work = { .done = on_done } };
    if (password_verify(&t->work, r->passwords, text, with))
        abort();
    wait_for(r, t);
    return t->work.err == 0 && t->work.is_right;
}

static bool is_wiped(const struct trial *t)
{
    for (size_t i = 0; i < sizeof t->work.text; i++) {
        if (t->work.text[i] != 0)
            return false;
    }
    return true;
}

static void right_and_wrong(void)
{
    static const char *const wrong[] = { "correct horsf", "correct hors", "correct horse ",
        "Correct horse", " correct horse", "correct  horse", "xxxxxxxx" };
    struct rig r;
    struct trial made, t;
    start(&r, &cheap);
    const char *h = hash(&r, &made, "correct horse");
    ok(strncmp(h, "$argon2id$v=19$m=8,t=1,p=1$", 27) == 0, "in the known spelling: %s", h);
    ok(is_wiped(&made), "and the text is gone");
    ok(matches(&r, &t, S("correct horse"), slice_str(h)), "the same is right");
    ok(is_wiped(&t) && !t.work.is_renewed, "and gone, too");
    is_str(t.work.hash, h, "the hash stays");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ok(!matches(&r, &t, slice_str(wrong[i]), slice_str(h)), "'%s' is not", wrong[i]);
    ok(!matches(&r, &t, S("correct horse"), S("")), "nothing is right where nobody is");
    ok(is_wiped(&t), "but wiped");
    struct trial again;
    ok(strcmp(hash(&r, &again, "correct horse"), h) != 0, "no two hashes are alike");
    stop(&r);
}

/* A stock hash of the same library, as an operator may have set it. */
static void other_settings(void)
{
    struct rig r;
    struct trial t;
    char old[crypto_pwhash_STRBYTES];
    if (sodium_init() < 0 || crypto_pwhash_str(old, "correct horse", 13, 2, 16384))
        abort();
    start(&r, &cheap);
    ok(matches(&r, &t, S("correct horse"), slice_str(old)), "a hash by other settings is right");
    ok(t.work.is_renewed && strcmp(t.work.hash, old) != 0, "and made anew");
    char renewed[STORE_HASH_MAX];
    memcpy(renewed, t.work.hash, sizeof renewed);
    ok(matches(&r, &t, S("correct horse"), slice_str(renewed)), "which is right, too");
    ok(!t.work.is_renewed, "and stays");
    ok(!matches(&r, &t, S("correct horsf"), slice_str(old)), "a wrong one is wrong");
    ok(!t.work.is_renewed && strcmp(t.work.hash, old) == 0, "and nothing is made anew for it");
    stop(&r);
}

static void what_may_be_one(void)
{
    static char text[1025];
    memset(text, 'x', sizeof text);
    is_int(password_check(S("1234567")), ERR_BAD_VALUE, "seven bytes are too few");
    is_int(password_check(S("12345678")), 0, "eight are enough");
    is_int(password_check(S("\xf0\x9f\xa6\x8a\xf0\x9f\xa6\x8a")), 0, "of any alphabet");
    is_int(password_check(S("1234567\xff")), ERR_BAD_VALUE, "if it is one");
    is_int(password_check(S("1234567\xc3")), ERR_BAD_VALUE, "and whole");
    is_int(password_check(slice_of(text, 1024)), 0, "1024 bytes are not too many");
    is_int(password_check(slice_of(text, 1025)), ERR_BAD_VALUE, "1025 are");
    is_int(password_check(S("")), ERR_BAD_VALUE, "nothing is none");
}

/* ---- what is none of ours ---- */

static void foreign_hashes(void)
{
    static const char *const rows[] = { "correct horse", "x", "$", "$argon2id$", "$argon2id$v=19$",
        "$argon2id$v=19$m=8,t=1,p=1$$", "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$",
        "$argon2i$v=19$m=8,t=3,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAA", "*", "!", "NULL", "\n",
        /* ones that would take all memory, and all time */
        "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=8,t=4294967295,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=1048577,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=8,t=1,p=2$c2FsdHNhbHRzYWx0c2FsdA$"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
    struct rig r;
    struct trial t;
    start(&r, &cheap);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ok(!matches(&r, &t, S("correct horse"), slice_str(rows[i])), "'%.60s' lets nobody in",
            rows[i]);
    stop(&r);
}

/* Digits of its parameters stay small, so that a damaged one is not merely slow. */
static void damage(char out[STORE_HASH_MAX], const char *h, unsigned n)
{
    static const char other[] = "$,=0123456789abcdefghijABCDEFGHIJ+/ \n\x01\xff";
    size_t len = strlen(h);
    size_t at = n % len;
    memset(out, 0, STORE_HASH_MAX);
    memcpy(out, h, len);
    if (n / len % 4 == 3)
        out[at] = '\0'; /* cut off */
    else if (n / len % 4 == 2)
        memmove(out + at, out + at + 1, len - at); /* one is missing */
    else
        out[at] = other[(n * 7u + n / len) % (sizeof other - 1)];
}

static void damaged_hashes(void)
{
    struct rig r;
    struct trial made, t;
    unsigned tried = 0, right = 0, n = 0;
    char text[STORE_HASH_MAX];
    start(&r, &cheap);
    const char *h = hash(&r, &made, "correct horse");
    for (; tried < 10000; n++) {
        damage(text, h, n);
        if (strcmp(text, h) == 0)
            continue;
        tried++;
        if (text[0] == '\0') /* that is nobody's, by definition */
            continue;
        bool is_right = matches(&r, &t, S("correct horse"), slice_str(text));
        if (is_right)
            note("taken: %s", text);
        right += is_right;
    }
    is_int(right, 0, "none of %u damaged hashes lets anybody in", tried);
    stop(&r);
}

/* ---- many at once ---- */

#define MANY 100

static const struct password_settings slow = {
    .memory_bytes = 8u << 20, .passes = 3, .threads = 1
};

static void too_many(void)
{
    static struct trial many[MANY];
    struct rig r;
    unsigned taken = 0, busy = 0, wiped = 0;
    start(&r, &slow);
    for (unsigned i = 0; i < MANY; i++) {
        many[i] = (struct trial){ .work = { .done = on_done } };
        int err = password_make(&many[i].work, r.passwords, S("correct horse"));
        taken += err == 0;
        busy += err == ERR_BUSY;
        wiped += err == ERR_BUSY && is_wiped(&many[i]);
    }
    /* Two are begun at once, more of them only if this thread has to wait amid its loop. */
    ok(taken >= PASSWORD_WAITING && taken < MANY, "the queue takes %u", taken);
    is_int(taken + busy, MANY, "the others are told to come again");
    is_int(wiped, busy, "and what they said is forgotten");
    stop(&r);
    unsigned done_once = 0, given_up = 0, left = 0;
    for (unsigned i = 0; i < MANY; i++) {
        done_once += many[i].done == 1;
        given_up += many[i].done && many[i].work.err == ERR_DRAINING;
        left += !is_wiped(&many[i]);
    }
    is_int(done_once, taken, "at the end everybody is answered");
    ok(given_up > 0, "%u of them without having been hashed", given_up);
    is_int(left, 0, "nothing is left of what they said");
}

/* Of all threads: it does not matter who else uses the machine. */
static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double cost_ms(struct rig *r, struct slice with)
{
    struct trial t;
    double began = cpu_ms();
    matches(r, &t, S("correct horsf"), with);
    return cpu_ms() - began;
}

/* Comparing with nobody's hash is the same work as with somebody's. */
static void as_long_for_nobody(void)
{
    struct rig r;
    struct trial made;
    start(&r, &slow);
    const char *h = hash(&r, &made, "correct horse");
    double somebody = 1e9, nobody = 1e9;
    for (unsigned i = 0; i < 12; i++) {
        double a = cost_ms(&r, slice_str(h)), b = cost_ms(&r, S(""));
        somebody = a < somebody ? a : somebody;
        nobody = b < nobody ? b : nobody;
    }
    ok(nobody > somebody * 0.7 && nobody < somebody * 1.4, "%.2f ms for nobody, %.2f for somebody",
        nobody, somebody);
    stop(&r);
}

int main(void)
{
    log_set_level(LOG_OFF);
    what_may_be_one();
    right_and_wrong();
    other_settings();
    foreign_hashes();
    damaged_hashes();
    too_many();
    as_long_for_nobody();
    return done();
}
