/* The hash against a second implementation and known values; the table against a naive one, under
 * random puts and removals; two names of one hash; the flood of names that a weaker hash would let
 * collide; and no memory. */
#include "base/map.h"

#include "fault.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define KEYS       600    /* of the random test */
#define NAMES      100000 /* of the flood */
#define LENGTH     34     /* of a name in the flood */
#define NAME_BYTES 32     /* room for a numbered name */

static const struct map_key test_key = { .k0 = 0x0706050403020100, .k1 = 0x0f0e0d0c0b0a0908 };

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed % below;
}

/* SipHash-c-d a second time, in the words of its paper: message padded first, then word by word. */
static uint64_t left(uint64_t x, int b)
{
    return (x << b) | (x >> (64 - b));
}

static void rounds(uint64_t *v0, uint64_t *v1, uint64_t *v2, uint64_t *v3, int n)
{
    for (; n > 0; n--) {
        *v0 += *v1, *v1 = left(*v1, 13), *v1 ^= *v0, *v0 = left(*v0, 32);
        *v2 += *v3, *v3 = left(*v3, 16), *v3 ^= *v2;
        *v0 += *v3, *v3 = left(*v3, 21), *v3 ^= *v0;
        *v2 += *v1, *v1 = left(*v1, 17), *v1 ^= *v2, *v2 = left(*v2, 32);
    }
}

static uint64_t siphash(int c, int d, struct map_key key, const unsigned char *m, size_t len)
{
    unsigned char padded[512] = { 0 };
    size_t words = len / 8 + 1;
    memcpy(padded, m, len);
    padded[words * 8 - 1] = (unsigned char)(len % 256);
    uint64_t v0 = key.k0 ^ 0x736f6d6570736575, v1 = key.k1 ^ 0x646f72616e646f6d;
    uint64_t v2 = key.k0 ^ 0x6c7967656e657261, v3 = key.k1 ^ 0x7465646279746573;
    for (size_t w = 0; w < words; w++) {
        uint64_t word = 0;
        for (int i = 7; i >= 0; i--)
            word = word << 8 | padded[w * 8 + (size_t)i];
        v3 ^= word;
        rounds(&v0, &v1, &v2, &v3, c);
        v0 ^= word;
    }
    v2 ^= 0xff;
    rounds(&v0, &v1, &v2, &v3, d);
    return v0 ^ v1 ^ v2 ^ v3;
}

/* The published values of SipHash-2-4 prove the second implementation. */
static void test_second_siphash(const unsigned char *bytes)
{
    static const struct {
        size_t len;
        uint64_t want;
    } rows[] = {
        { 0, 0x726fdb47dd0e0e31 },
        { 1, 0x74f839c593dc67fd },
        { 7, 0xab0200f58b01d137 },
        { 8, 0x93f5f5799a932462 },
        { 15, 0xa129ca6149be45e5 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ok(siphash(2, 4, test_key, bytes, rows[i].len) == rows[i].want,
            "SipHash-2-4 of %zu bytes as published", rows[i].len);
}

static void test_siphash(void)
{
    static const struct {
        struct slice in;
        uint64_t want;
    } rows[] = {
        { SLICE("a"), 0x407448d2b89b1813 },
        { SLICE("abc"), 0xc03bc3a0042630f2 },
        { SLICE("0123456"), 0x810aaf7acf670379 },
        { SLICE("01234567"), 0xda3dcedf84ea6cc6 },
        { SLICE("the quick brown fox"), 0x5a17575ad3449cba },
    };
    unsigned char bytes[300];
    unsigned differ = 0;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)i;
    test_second_siphash(bytes);
    for (size_t len = 0; len <= sizeof(bytes); len++)
        differ += map_siphash(test_key, slice_of(bytes, len)) !=
            siphash(1, 3, test_key, bytes, len);
    is_int(differ, 0, "SipHash-1-3 of 0 to 300 bytes is the same twice");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ok(map_siphash((struct map_key){ 0 }, rows[i].in) == rows[i].want,
            "SipHash-1-3 under the zero key, row %zu", i);
}

static void test_basics(void)
{
    struct map m;
    int one, two;
    void *old = &two;
    uint32_t at = 0;
    map_init(&m, test_key);
    ok(map_find(&m, S("a")) == NULL && map_remove(&m, S("a")) == NULL, "an empty map");
    ok(map_next(&m, &at) == NULL, "a walk through it");
    is_int(map_put(&m, S("a"), &one, &old), 0, "a first entry");
    ok(old == NULL && map_find(&m, S("a")) == &one, "is found");
    is_int(map_put(&m, S(""), &two, NULL), 0, "the empty key");
    ok(map_find(&m, slice_str(NULL)) == &two && m.n == 2, "is a key");
    ok(map_find(&m, S("a\0")) == NULL, "a longer key is another");
    is_int(map_put(&m, S("a"), &two, &old), 0, "an entry is replaced");
    ok(old == &one && map_find(&m, S("a")) == &two && m.n == 2, "the old value comes out");
    ok(map_remove(&m, S("a")) == &two && map_remove(&m, S("a")) == NULL, "removed once");
    is_int(m.n, 1, "one is left");
    map_fini(&m);
    ok(map_find(&m, S("")) == NULL, "nothing after the end");
}

/* Two names whose hashes agree in their low 32 bits, which is all that a slot remembers. */
struct hashed {
    uint32_t hash;
    uint32_t number;
};

static int by_hash(const void *a, const void *b)
{
    const struct hashed *x = a, *y = b;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

static struct slice numbered(char out[NAME_BYTES], uint32_t number)
{
    return slice_of(out, (size_t)snprintf(out, NAME_BYTES, "name-%u", number));
}

static bool find_twins(uint32_t *a, uint32_t *b)
{
    const uint32_t n = 300000;
    struct hashed *all = calloc(n, sizeof(*all));
    char name[NAME_BYTES];
    bool found = false;
    for (uint32_t i = 0; i < n; i++) {
        all[i].hash = (uint32_t)map_siphash(test_key, numbered(name, i));
        all[i].number = i;
    }
    qsort(all, n, sizeof(*all), by_hash);
    for (uint32_t i = 1; i < n && !found; i++) {
        found = all[i].hash == all[i - 1].hash;
        *a = all[i - 1].number;
        *b = all[i].number;
    }
    free(all);
    return found;
}

static void test_same_hash(void)
{
    uint32_t a, b;
    char name_a[NAME_BYTES], name_b[NAME_BYTES];
    int one, two;
    struct map m;
    map_init(&m, test_key);
    if (!ok(find_twins(&a, &b), "two names of one hash"))
        return;
    struct slice key_a = numbered(name_a, a), key_b = numbered(name_b, b);
    ok(map_put(&m, key_a, &one, NULL) == 0 && map_find(&m, key_b) == NULL, "are two names");
    ok(map_put(&m, key_b, &two, NULL) == 0 && m.n == 2, "two entries");
    ok(map_find(&m, key_a) == &one && map_find(&m, key_b) == &two, "both are found");
    ok(map_remove(&m, key_a) == &one && map_find(&m, key_b) == &two, "one stays");
    map_fini(&m);
}

/* An entry of the random test holds its own key, so a stale key shows under ASan. */
struct entry {
    unsigned number;
    char key[8];
};

struct model {
    struct entry *entries[KEYS];
    uint32_t n;
};

static struct slice key_of(char key[8], uint64_t i)
{
    return slice_of(key, (size_t)snprintf(key, 8, "k%u", (unsigned)i));
}

static bool put_both(struct map *m, struct model *model, uint64_t i)
{
    struct entry *e = calloc(1, sizeof(*e)), *was = model->entries[i];
    void *old;
    e->number = (unsigned)i;
    if (map_put(m, key_of(e->key, i), e, &old) != 0 || old != was)
        return false;
    model->n += was == NULL;
    model->entries[i] = e;
    free(was);
    return true;
}

static bool remove_both(struct map *m, struct model *model, uint64_t i)
{
    struct entry *was = model->entries[i];
    char key[8];
    if (map_remove(m, key_of(key, i)) != was)
        return false;
    model->n -= was != NULL;
    model->entries[i] = NULL;
    free(was);
    return true;
}

static bool all_same(const struct map *m, const struct model *model)
{
    uint32_t walked = 0, at = 0;
    char key[8];
    for (uint64_t i = 0; i < KEYS; i++) {
        if (map_find(m, key_of(key, i)) != model->entries[i])
            return false;
    }
    for (struct entry *e; (e = map_next(m, &at)) != NULL; walked++) {
        if (model->entries[e->number] != e)
            return false;
    }
    return walked == model->n && m->n == model->n;
}

/* Puts prevail for a while, then removals, so that the table grows and shrinks. */
static bool step(struct map *m, struct model *model, uint64_t *seed, unsigned i)
{
    uint64_t key = draw(seed, KEYS);
    bool growing = i / 4000 % 2 == 0;
    bool good = draw(seed, 8) < (growing ? 7 : 1) ? put_both(m, model, key)
                                                  : remove_both(m, model, key);
    return good && (i % 97 != 0 || all_same(m, model));
}

static void test_random(void)
{
    uint64_t seed = 19700101;
    struct model model = { .n = 0 };
    struct map m;
    unsigned i = 0, good = 1;
    uint32_t largest = 0;
    map_init(&m, test_key);
    for (; i < 80000 && good; i++) {
        good = step(&m, &model, &seed, i);
        largest = m.cap > largest ? m.cap : largest;
    }
    is_int(i, 80000, "random puts and removals behave as the model does");
    is_int(largest, 1024, "in a table that grew");
    for (uint64_t k = 0; k < KEYS; k++)
        good = good && remove_both(&m, &model, k);
    ok(good && m.n == 0, "all can be removed");
    is_int(m.cap, 8, "and the table is small again");
    map_fini(&m);
}

/* In CPU time. */
static double insert_ms(char (*names)[LENGTH])
{
    struct map m;
    struct timespec from, to;
    unsigned failed = 0;
    map_init(&m, test_key);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    for (unsigned i = 0; i < NAMES; i++)
        failed += map_put(&m, slice_of(names[i], LENGTH), names[i], NULL) != 0;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    ok(failed == 0 && m.n == NAMES, "%u names", m.n);
    map_fini(&m);
    return (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
}

static uint32_t djb2(struct slice s)
{
    uint32_t h = 5381;
    for (size_t i = 0; i < s.len; i++)
        h = h * 33 + (unsigned char)s.p[i];
    return h;
}

/* "Ez" and "FY" hash alike under djb2, and so do all words made of them. */
static void make_colliding(char (*names)[LENGTH])
{
    for (unsigned i = 0; i < NAMES; i++) {
        for (unsigned bit = 0; bit < LENGTH / 2; bit++)
            memcpy(names[i] + bit * 2, i >> bit & 1 ? "FY" : "Ez", 2);
    }
}

static void make_random(char (*names)[LENGTH])
{
    uint64_t seed = 33;
    for (unsigned i = 0; i < NAMES; i++) {
        for (unsigned at = 0; at < LENGTH; at++)
            names[i][at] = (char)('A' + draw(&seed, 58));
    }
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

/* The ratio is 1 on a quiet machine and over 1000 for a table that is flooded. The best of five
 * turns of each, taken in turn, keeps a busy machine out of it. */
static void test_flood(void)
{
    char(*usual)[LENGTH] = calloc(NAMES, LENGTH), (*flood)[LENGTH] = calloc(NAMES, LENGTH);
    double usual_ms = 1e9, flood_ms = 1e9;
    unsigned apart = 0;
    make_random(usual);
    make_colliding(flood);
    for (unsigned i = 1; i < NAMES; i++)
        apart += djb2(slice_of(flood[i], LENGTH)) != djb2(slice_of(flood[0], LENGTH));
    is_int(apart, 0, "%d names that collide under djb2", NAMES);
    for (int turn = 0; turn < 5; turn++) {
        usual_ms = least(usual_ms, insert_ms(usual));
        flood_ms = least(flood_ms, insert_ms(flood));
    }
    ok(flood_ms < usual_ms * 5, "take %.2f times as long as random ones", flood_ms / usual_ms);
    free(usual);
    free(flood);
}

static void without_memory(void *arg)
{
    unsigned *clean = arg;
    struct map m;
    char keys[100][8];
    unsigned failed = 0, found = 0, left_over = 0;
    map_init(&m, test_key);
    for (unsigned i = 0; i < 100; i++) {
        uint32_t n = m.n;
        int err = map_put(&m, key_of(keys[i], i), keys[i], NULL);
        failed += err == ERR_NO_MEMORY && m.n == n;
        found += err == 0 && map_find(&m, key_of(keys[i], i)) == keys[i];
    }
    for (unsigned i = 0; i < 100; i++)
        left_over += map_remove(&m, key_of(keys[i], i)) == keys[i];
    /* A fault while shrinking is nobody's error: the table just stays large. */
    *clean += failed <= fault_hit() && found == 100 - failed && left_over == found && m.n == 0;
    map_fini(&m);
}

static void test_faults(void)
{
    unsigned clean = 0;
    unsigned runs = fault_each(FAULT_ALLOC, without_memory, &clean);
    is_int(clean, runs + 1, "one entry is refused, the others stay");
}

int main(void)
{
    test_siphash();
    test_basics();
    test_same_hash();
    test_random();
    test_flood();
    test_faults();
    return done();
}
