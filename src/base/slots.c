#include "base/slots.h"

#include "base/panic.h"
#include "base/xalloc.h"

#include <stddef.h>

#define FIRST_CAP 16u

void slots_init(struct slots *s, uint32_t max)
{
    ASSERT(max < UINT32_MAX);
    *s = (struct slots){ .max = max };
}

void slots_fini(struct slots *s)
{
    xfree(s->at);
    slots_init(s, s->max);
}

static int grow(struct slots *s)
{
    uint32_t cap = s->cap == 0 ? FIRST_CAP : s->cap <= s->max / 2 ? s->cap * 2 : s->max;
    if (s->cap == s->max)
        return ERR_TOO_MANY;
    if (cap > s->max)
        cap = s->max;
    struct slot *at = xtry(s->at, cap * sizeof(*at));
    if (at == NULL)
        return ERR_NO_MEMORY;
    for (uint32_t i = s->cap; i < cap; i++)
        at[i] = (struct slot){ .generation = 1, .next_free = i + 1 < cap ? i + 2 : 0 };
    s->free = s->cap + 1;
    s->at = at;
    s->cap = cap;
    return 0;
}

int slots_add(uint64_t *id, struct slots *s, void *object)
{
    ASSERT(object != NULL);
    int err = s->free == 0 ? grow(s) : 0;
    if (err)
        return err;
    uint32_t place = s->free;
    struct slot *slot = &s->at[place - 1];
    s->free = slot->next_free;
    s->n++;
    slot->object = object;
    *id = (uint64_t)slot->generation << 32 | place;
    return 0;
}

/* The slot that the id names, or NULL when it is free or another object's. */
static struct slot *seek(const struct slots *s, uint64_t id)
{
    uint32_t place = (uint32_t)id;
    if (place == 0 || place > s->cap)
        return NULL;
    struct slot *slot = &s->at[place - 1];
    return slot->object != NULL && slot->generation == id >> 32 ? slot : NULL;
}

void *slots_find(const struct slots *s, uint64_t id)
{
    const struct slot *slot = seek(s, id);
    return slot != NULL ? slot->object : NULL;
}

void *slots_remove(struct slots *s, uint64_t id)
{
    struct slot *slot = seek(s, id);
    if (slot == NULL)
        return NULL;
    void *object = slot->object;
    slot->object = NULL;
    slot->generation = slot->generation < UINT32_MAX ? slot->generation + 1 : 1;
    slot->next_free = s->free;
    s->free = (uint32_t)id;
    s->n--;
    return object;
}
