#include "net/places.h"

#include "base/random.h"

#define LOOK_US     UINT64_C(1000) /* twice as long each time */
#define LOOK_MAX_US (100 * LOOK_US)
#define LOOKS       16

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

uint64_t places_look_us(unsigned n)
{
    if (n >= LOOKS)
        return 0;
    uint64_t us = LOOK_US << n;
    return us < LOOK_MAX_US ? us : LOOK_MAX_US;
}
