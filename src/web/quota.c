#include "web/quota.h"

#include "base/list.h"
#include "base/map.h"
#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"

struct caller {
    struct link link; /* quota->callers, the longest quiet first */
    struct ip ip;     /* the map's key */
    struct bucket buckets[QUOTA_KINDS];
};

struct quota {
    struct map by_ip;
    struct link callers;
    uint32_t max;
};

struct quota *quota_new(uint32_t max)
{
    struct quota *q = xalloc(sizeof *q);
    *q = (struct quota){ .max = max };
    ASSERT(max > 0);
    map_init(&q->by_ip, (struct map_key){ .k0 = random_u64(), .k1 = random_u64() });
    link_init(&q->callers);
    return q;
}

static struct slice key_of(const struct ip *ip)
{
    return slice_of(ip->bytes, sizeof ip->bytes);
}

static void forget(struct quota *q, struct caller *c)
{
    map_remove(&q->by_ip, key_of(&c->ip));
    link_leave(&c->link);
    xfree(c);
}

static struct caller *quietest(const struct quota *q)
{
    return CONTAINER_OF(q->callers.next, struct caller, link);
}

void quota_free(struct quota *q)
{
    if (!q)
        return;
    while (!list_is_empty(&q->callers))
        forget(q, quietest(q));
    map_fini(&q->by_ip);
    xfree(q);
}

static struct caller *add(struct quota *q, struct ip ip)
{
    if (q->by_ip.n >= q->max)
        forget(q, quietest(q));
    struct caller *c = xtry(NULL, sizeof *c);
    if (!c)
        return NULL;
    *c = (struct caller){ .ip = ip };
    link_init(&c->link);
    if (map_put(&q->by_ip, key_of(&c->ip), c, NULL)) {
        xfree(c);
        return NULL;
    }
    return c;
}

int quota_take(
    struct quota *q, struct ip from, unsigned kind, const struct limit_rate *rate, uint64_t now_us)
{
    struct ip ip = ip_neighbourhood(from);
    struct caller *c = map_find(&q->by_ip, key_of(&ip));
    uint64_t retry_ms;
    ASSERT(kind < QUOTA_KINDS);
    if (!c)
        c = add(q, ip);
    if (!c)
        return ERR_NO_MEMORY;
    link_leave(&c->link);
    list_push(&q->callers, &c->link);
    return bucket_take(&retry_ms, &c->buckets[kind], rate, 1, now_us);
}

int quota_ask(
    struct quota *q, struct ip from, unsigned kind, const struct limit_rate *rate, uint64_t now_us)
{
    struct ip ip = ip_neighbourhood(from);
    const struct caller *c = map_find(&q->by_ip, key_of(&ip));
    uint64_t retry_ms;
    ASSERT(kind < QUOTA_KINDS);
    if (!c)
        return 0;
    struct bucket copy = c->buckets[kind];
    return bucket_take(&retry_ms, &copy, rate, 1, now_us);
}
