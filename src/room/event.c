#include "room/event.h"

#include "base/panic.h"

#define FIRST_CAP 8u /* events: more than nearly every verb yields */

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

const char *role_name(enum role role)
{
    static const char *const names[ROLE_COUNT] = {
        [ROLE_OUTSIDER] = "outsider",
        [ROLE_WAITING] = "waiting",
        [ROLE_PARTICIPANT] = "participant",
        [ROLE_COHOST] = "cohost",
        [ROLE_HOST] = "host",
    };
    ASSERT(role < ROLE_COUNT);
    return names[role];
}

const char *report_name(enum report_kind kind)
{
    static const char *const names[] = {
        [REPORT_FULLSCREEN_EXIT] = "FULLSCREEN_EXIT",
        [REPORT_TAB_SWITCH] = "TAB_SWITCH",
        [REPORT_PASTE] = "PASTE",
        [REPORT_COPY] = "COPY",
        [REPORT_DISCONNECT] = "DISCONNECT",
        [REPORT_FULLSCREEN_ENTER] = "FULLSCREEN_ENTER",
        [REPORT_TAB_FOCUS] = "TAB_FOCUS",
    };
    ASSERT(kind < sizeof(names) / sizeof(names[0]));
    return names[kind];
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
