#include "room/event.h"

#include "base/panic.h"

#define FIRST_CAP 2u /* events: as many as nearly every verb yields */

static const struct event_info infos[EV_COUNT] = {
#define EVENT(id, durability_, audience_)                                                     \
    [EV_##id] = {                                                                             \
        .name = #id, .durability = DURABILITY_##durability_, .audience = AUDIENCE_##audience_ \
    },
#include "room/event.def"
#undef EVENT
};

const struct event_info *event_info(enum event_type type)
{
    ASSERT(type < EV_COUNT);
    return &infos[type];
}

void events_init(struct events *list, struct arena *arena)
{
    *list = (struct events){ .arena = arena };
}

/* What was stays in the arena, as every piece of it does. */
static bool grow(struct events *list)
{
    uint32_t cap = list->cap > 0 ? list->cap * 2 : FIRST_CAP;
    struct event *at = arena_alloc(list->arena, cap * sizeof(*at));
    if (at == NULL)
        return false;
    if (list->n > 0)
        memcpy(at, list->at, list->n * sizeof(*at));
    list->at = at;
    list->cap = cap;
    return true;
}

struct event *events_add(struct events *list, enum event_type type)
{
    if (list->n == list->cap && !grow(list))
        return NULL;
    struct event *e = &list->at[list->n++];
    *e = (struct event){ .type = type, .audience = event_info(type)->audience };
    return e;
}
