#include "net/places.h"

#include "base/random.h"

void places_init(struct places *p)
{
    *p = (struct places){ .n = 0 };
    p->key = (struct map_key){ .k0 = random_u64(), .k1 = random_u64() };
}

void places_alone(struct places *p, struct loop *l)
{
    places_init(p);
    p->loops[p->n++] = l;
}

int places_add(struct places *p, struct loop *l)
{
    if (p->n == PLACES_MAX)
        return ERR_TOO_MANY;
    p->loops[p->n++] = l;
    return 0;
}

unsigned places_of(const struct places *p, struct slice id)
{
    return p->n > 1 ? (unsigned)(map_siphash(p->key, id) % p->n) : PLACES_FIRST;
}
