#include "net/admission.h"

#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"

struct count {
    struct ip ip; /* the map's key */
    uint32_t n;
};

void admission_init(struct admission *a, uint32_t max, uint32_t max_per_address)
{
    *a = (struct admission){ .max = max, .max_per_address = max_per_address };
    struct map_key key = { .k0 = random_u64(), .k1 = random_u64() };
    map_init(&a->counts, key);
    pthread_mutex_init(&a->lock, NULL);
}

void admission_fini(struct admission *a)
{
    uint32_t at = 0;
    void *value;
    while ((value = map_next(&a->counts, &at)))
        xfree(value);
    map_fini(&a->counts);
    pthread_mutex_destroy(&a->lock);
}

static struct slice key_of(const struct ip *ip)
{
    return slice_of(ip->bytes, sizeof ip->bytes);
}

static bool is_exempt(const struct admission *a, struct ip ip)
{
    static const struct ip none;
    if (slice_eq(key_of(&ip), key_of(&none)))
        return true;
    for (size_t i = 0; i < a->n_exempt; i++) {
        if (ip_range_has(&a->exempt[i], ip))
            return true;
    }
    return false;
}

static int enter_address(struct admission *a, struct ip ip)
{
    struct ip hood = ip_neighbourhood(ip);
    struct count *c = map_find(&a->counts, key_of(&hood));
    if ((c ? c->n : 0) >= a->max_per_address)
        return ERR_RATE_LIMITED;
    if (!c) {
        void *old;
        c = xalloc(sizeof *c);
        c->ip = hood;
        int err = map_put(&a->counts, key_of(&c->ip), c, &old);
        if (err) {
            xfree(c);
            return err;
        }
    }
    c->n++;
    return 0;
}

int admission_enter(struct admission *a, struct ip ip)
{
    pthread_mutex_lock(&a->lock);
    int err = a->n >= a->max ? ERR_BUSY : 0;
    if (!err && !is_exempt(a, ip))
        err = enter_address(a, ip);
    if (err)
        a->refused++;
    else
        a->n++;
    pthread_mutex_unlock(&a->lock);
    return err;
}

static void leave_address(struct admission *a, struct ip ip)
{
    struct ip hood = ip_neighbourhood(ip);
    struct count *c = map_find(&a->counts, key_of(&hood));
    ASSERT(c && c->n > 0);
    if (--c->n == 0)
        xfree(map_remove(&a->counts, key_of(&hood)));
}

void admission_leave(struct admission *a, struct ip ip)
{
    pthread_mutex_lock(&a->lock);
    ASSERT(a->n > 0);
    a->n--;
    if (!is_exempt(a, ip))
        leave_address(a, ip);
    pthread_mutex_unlock(&a->lock);
}

uint32_t admission_n(struct admission *a)
{
    pthread_mutex_lock(&a->lock);
    uint32_t n = a->n;
    pthread_mutex_unlock(&a->lock);
    return n;
}

uint64_t admission_refused(struct admission *a)
{
    pthread_mutex_lock(&a->lock);
    uint64_t n = a->refused;
    pthread_mutex_unlock(&a->lock);
    return n;
}
