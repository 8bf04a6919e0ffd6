/* Three counts: of the account, of the address, of the two together. A try is taken as wrong when
 * it begins, so that hanging up does not help. What was used longest ago is forgotten first, homes
 * among themselves, so that a flood of strangers drives nobody out. */
#include "web/throttle.h"

#include "base/list.h"
#include "base/map.h"
#include "base/random.h"
#include "base/xalloc.h"

#define MS_US UINT64_C(1000)

/* By keyed hashes: what is remembered is of one size, and names nobody. */
struct key {
    uint64_t a;
    uint64_t b;
};

struct entry {
    struct link link; /* throttle->strangers, throttle->homes */
    struct key key;
    struct bucket bucket;
    uint64_t used_at_us;
    uint64_t locked_until_us;
    uint32_t wrong;
    bool is_home; /* of an account and an address: somebody has logged in from there */
};

struct throttle {
    struct limit_rate account;
    struct limit_rate address;
    struct map_key keys[2];
    struct map by_key;
    struct link strangers; /* the one that was used longest ago first */
    struct link homes;     /* likewise */
    uint32_t n_homes;
};

/* ---- entries ---- */

static struct key hash(const struct throttle *t, struct slice account, const struct ip *from)
{
    struct key k[2] = { 0 };
    for (unsigned i = 0; i < 2; i++) {
        struct slice address = from ? slice_of(from->bytes, sizeof from->bytes) : S("");
        k[i].a = map_siphash(t->keys[i], account);
        k[i].b = map_siphash(t->keys[i], address);
    }
    return (struct key){ .a = map_siphash(t->keys[0], slice_of(k, sizeof k)),
        .b = map_siphash(t->keys[1], slice_of(k, sizeof k)) };
}

static struct slice key_slice(const struct key *k)
{
    return slice_of(k, sizeof *k);
}

static struct entry *first(struct link *list)
{
    return list_is_empty(list) ? NULL : CONTAINER_OF(list->next, struct entry, link);
}

static void drop(struct throttle *t, struct entry *e)
{
    map_remove(&t->by_key, key_slice(&e->key));
    link_leave(&e->link);
    t->n_homes -= e->is_home;
    xfree(e);
}

static bool is_old(const struct entry *e, uint64_t now_us)
{
    return e->used_at_us + THROTTLE_KEEP_MS * MS_US < now_us;
}

static void forget_old(struct throttle *t, uint64_t now_us)
{
    struct entry *e;
    while ((e = first(&t->strangers)) &&
        (is_old(e, now_us) || t->by_key.n - t->n_homes > THROTTLE_MAX))
        drop(t, e);
    while ((e = first(&t->homes)) && t->n_homes > THROTTLE_HOMES)
        drop(t, e);
}

static struct entry *take(struct throttle *t, struct key key, uint64_t now_us)
{
    struct entry *e = map_find(&t->by_key, key_slice(&key));
    if (!e) {
        e = xtry(NULL, sizeof *e);
        if (!e)
            return NULL;
        *e = (struct entry){ .key = key };
        link_init(&e->link);
        if (map_put(&t->by_key, key_slice(&e->key), e, NULL)) {
            xfree(e);
            return NULL;
        }
    }
    if (is_old(e, now_us))
        e->wrong = 0;
    link_leave(&e->link);
    list_push(e->is_home ? &t->homes : &t->strangers, &e->link);
    e->used_at_us = now_us;
    return e;
}

static struct entry *find_pair(const struct throttle *t, const struct throttle_try *which)
{
    struct ip from = ip_neighbourhood(which->from);
    struct key key = hash(t, which->account, &from);
    return map_find(&t->by_key, key_slice(&key));
}

/* ---- tries ---- */

static uint64_t wait_us(uint32_t wrong)
{
    uint64_t ms = THROTTLE_FIRST_MS;
    if (wrong <= THROTTLE_FREE)
        return 0;
    for (uint32_t n = THROTTLE_FREE + 1; n < wrong && ms < THROTTLE_LAST_MS; n++)
        ms *= 2;
    return (ms < THROTTLE_LAST_MS ? ms : THROTTLE_LAST_MS) * MS_US;
}

static int spend_account(
    uint64_t *retry_ms, struct throttle *t, const struct throttle_try *which, uint64_t now_us)
{
    struct ip from = ip_neighbourhood(which->from);
    struct entry *all = take(t, hash(t, which->account, NULL), now_us);
    struct entry *pair = take(t, hash(t, which->account, &from), now_us);
    if (!all || !pair)
        return ERR_NO_MEMORY;
    if (pair->locked_until_us > now_us) {
        *retry_ms = (pair->locked_until_us - now_us + MS_US - 1) / MS_US;
        return ERR_RATE_LIMITED;
    }
    struct bucket *b = pair->is_home ? &pair->bucket : &all->bucket;
    int err = bucket_take(retry_ms, b, &t->account, 1, now_us);
    if (err)
        return err;
    if (!pair->is_home)
        pair->bucket = all->bucket;
    pair->wrong++;
    pair->locked_until_us = now_us + wait_us(pair->wrong);
    return 0;
}

int throttle_take(
    uint64_t *retry_ms, struct throttle *t, const struct throttle_try *which, uint64_t now_us)
{
    struct ip from = ip_neighbourhood(which->from);
    *retry_ms = 0;
    forget_old(t, now_us);
    struct entry *address = take(t, hash(t, S(""), &from), now_us);
    if (!address)
        return ERR_NO_MEMORY;
    int err = bucket_take(retry_ms, &address->bucket, &t->address, 1, now_us);
    if (err || which->account.len == 0)
        return err;
    return spend_account(retry_ms, t, which, now_us);
}

void throttle_forgive(struct throttle *t, const struct throttle_try *which)
{
    struct entry *pair = find_pair(t, which);
    if (!pair)
        return;
    pair->wrong = 0;
    pair->locked_until_us = 0;
    t->n_homes += !pair->is_home;
    pair->is_home = true;
    link_leave(&pair->link);
    list_push(&t->homes, &pair->link);
}

void throttle_undo(struct throttle *t, const struct throttle_try *which)
{
    struct entry *pair = find_pair(t, which);
    if (!pair || pair->wrong == 0)
        return;
    pair->wrong--;
    pair->locked_until_us = 0;
}

/* ---- beginning and end ---- */

struct throttle *throttle_new(struct limit_rate account, struct limit_rate address)
{
    struct throttle *t = xalloc(sizeof *t);
    *t = (struct throttle){ .account = account, .address = address };
    random_bytes(t->keys, sizeof t->keys);
    map_init(&t->by_key, (struct map_key){ .k0 = random_u64(), .k1 = random_u64() });
    link_init(&t->strangers);
    link_init(&t->homes);
    return t;
}

void throttle_free(struct throttle *t)
{
    if (!t)
        return;
    struct entry *e;
    while ((e = first(&t->strangers)) || (e = first(&t->homes)))
        drop(t, e);
    map_fini(&t->by_key);
    xfree(t);
}
