#include "hub/purse.h"

#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"

static void init(struct purse *p)
{
    *p = (struct purse){ .users = 0 };
    pthread_mutex_init(&p->lock, NULL);
}

void purses_init(struct purses *all)
{
    pthread_mutex_init(&all->lock, NULL);
    map_init(&all->by_id, (struct map_key){ .k0 = random_u64(), .k1 = random_u64() });
    init(&all->common);
}

void purses_fini(struct purses *all)
{
    ASSERT(all->by_id.n == 0);
    map_fini(&all->by_id);
    pthread_mutex_destroy(&all->common.lock);
    pthread_mutex_destroy(&all->lock);
}

static struct purse *purse_new(struct purses *all, struct slice id)
{
    struct purse *p = xtry(NULL, sizeof *p);
    if (!p)
        return NULL;
    ASSERT(id.len <= ROOM_USER_ID_MAX);
    init(p);
    if (id.len > 0)
        memcpy(p->id, id.p, id.len);
    if (map_put(&all->by_id, slice_str(p->id), p, NULL)) {
        pthread_mutex_destroy(&p->lock);
        xfree(p);
        return NULL;
    }
    return p;
}

struct purse *purse_open(struct purses *all, struct slice id)
{
    pthread_mutex_lock(&all->lock);
    struct purse *p = map_find(&all->by_id, id);
    if (!p)
        p = purse_new(all, id);
    if (p)
        p->users++;
    pthread_mutex_unlock(&all->lock);
    return p;
}

void purse_close(struct purses *all, struct purse *p)
{
    pthread_mutex_lock(&all->lock);
    bool is_last = --p->users == 0;
    if (is_last)
        map_remove(&all->by_id, slice_str(p->id));
    pthread_mutex_unlock(&all->lock);
    if (!is_last)
        return;
    pthread_mutex_destroy(&p->lock);
    xfree(p);
}

int purse_spend(uint64_t *retry_ms, struct purse *p, const struct spending *s)
{
    pthread_mutex_lock(&p->lock);
    int err = bucket_take(retry_ms, &p->buckets[s->limit], s->rate, s->times, s->now_us);
    pthread_mutex_unlock(&p->lock);
    return err;
}

void purse_owe(struct purse *p, unsigned limit, uint32_t tokens)
{
    pthread_mutex_lock(&p->lock);
    bucket_owe(&p->buckets[limit], tokens);
    pthread_mutex_unlock(&p->lock);
}

struct bucket purse_look(struct purse *p, unsigned limit)
{
    pthread_mutex_lock(&p->lock);
    struct bucket b = p->buckets[limit];
    pthread_mutex_unlock(&p->lock);
    return b;
}

struct bucket purses_look(struct purses *all, struct slice id, unsigned limit)
{
    struct bucket b = { .at_us = 0 };
    pthread_mutex_lock(&all->lock);
    struct purse *p = map_find(&all->by_id, id);
    if (p)
        b = purse_look(p, limit);
    pthread_mutex_unlock(&all->lock);
    return b;
}
