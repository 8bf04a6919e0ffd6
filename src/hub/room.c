/* The life of a room in memory: time passes in it, and it is given up when nobody has been in it
 * for a while. How it gets there is in load.c. */
#include "base/log.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "hub/parts.h"

#define US_PER_MS  UINT64_C(1000)
#define PUT_OFF_US (100 * US_PER_MS)  /* what is due, while the store is full */
#define EVICT_US   (5000 * US_PER_MS) /* a room is empty for so long before it makes place */
#define LOOK_US    (500 * US_PER_MS)  /* between two looks at the store, while something waits */

static void on_timer(void *arg);

static void destroy(void *arg)
{
    struct hub_room *r = arg;
    CHECK_MAGIC(r, HUB_ROOM_MAGIC);
    r->magic = 0;
    room_free(r->room);
    tail_fini(&r->tail);
    xfree(r);
}

struct hub_room *hub_room_new(struct hub *h, struct slice id)
{
    struct hub_room *r = xtry(NULL, sizeof *r);
    if (!r)
        return NULL;
    *r = (struct hub_room){
        .magic = HUB_ROOM_MAGIC, .hub = h, .pulse_at_us = UINT64_MAX, .phase = HUB_ROOM_BROKEN
    };
    memcpy(r->id, id.p, id.len);
    link_init(&r->empty);
    link_init(&r->attendances);
    link_init(&r->waits);
    link_init(&r->promises);
    link_init(&r->appends);
    tail_init(&r->tail);
    timer_init(&r->timer, on_timer, r);
    task_init(&r->free_task, destroy, r);
    r->idle_since_us = loop_now_us(h->loop);
    if (map_put(&h->rooms, slice_str(r->id), r, NULL)) {
        xfree(r);
        return NULL;
    }
    h->stats.rooms++;
    h->all->rooms++;
    return r;
}

void hub_room_free(struct hub_room *r)
{
    struct hub *h = r->hub;
    ASSERT(list_is_empty(&r->attendances) && list_is_empty(&r->appends));
    map_remove(&h->rooms, slice_str(r->id));
    link_leave(&r->empty);
    snapshot_forget(r);
    h->stats.rooms--;
    h->all->rooms--;
    loop_disarm(h->loop, &r->timer);
    loop_free_later(h->loop, &r->free_task);
}

/* ---- time ---- */

static int tick(uint32_t *n, struct hub_room *r, int64_t now)
{
    struct events happened;
    arena_reset(&r->hub->arena);
    events_init(&happened, &r->hub->arena);
    int err = room_tick(&happened, r->room, now);
    *n = happened.n;
    if (err) {
        hub_room_fail(r, err);
        return err;
    }
    return hub_settle(r, &happened);
}

/* What time brings must be stored, and there is no place for more. */
static bool is_put_off(const struct hub_room *r)
{
    return hub_store_state(r->hub) == STORE_FULL;
}

int hub_room_catch_up(struct hub_room *r)
{
    int64_t now = loop_wall_ms(r->hub->loop);
    uint32_t n = 1;
    int err = 0;
    while (!err && n > 0 && r->due_ms <= now && !is_put_off(r))
        err = tick(&n, r, now);
    return err;
}

static uint32_t shortest_pulse(const struct hub_room *r)
{
    uint32_t shortest = 0;
    LIST_EACH(l, &r->attendances) {
        uint32_t ms = attendance_of_room(l)->dialect->pulse_ms;
        if (ms > 0 && (shortest == 0 || ms < shortest))
            shortest = ms;
    }
    return shortest;
}

static void see_to_pulse(struct hub_room *r, uint64_t now_us)
{
    if (r->has_other_listeners)
        r->pulse_ms = shortest_pulse(r);
    r->has_other_listeners = false;
    if (r->pulse_ms == 0)
        r->pulse_at_us = UINT64_MAX;
    else if (r->pulse_at_us == UINT64_MAX)
        r->pulse_at_us = now_us + r->pulse_ms * US_PER_MS;
}

static bool is_settled(const struct hub_room *r)
{
    return list_is_empty(&r->waits) && list_is_empty(&r->promises) && list_is_empty(&r->appends) &&
        !r->snapshot;
}

/* Nobody is here, and nothing that must happen by itself is to come. */
static bool is_idle(const struct hub_room *r)
{
    bool will_end = r->room->ends_at_ms > 0 && r->room->status == ROOM_LIVE;
    return !will_end && list_is_empty(&r->attendances) && is_settled(r);
}

static uint64_t idle_ends_us(const struct hub_room *r)
{
    if (r->is_deleted)
        return is_settled(r) ? 0 : UINT64_MAX;
    return is_idle(r) ? r->idle_since_us + r->hub->settings->idle_ms * US_PER_MS : UINT64_MAX;
}

static uint64_t due_us(const struct hub_room *r, uint64_t now_us)
{
    int64_t now_ms = loop_wall_ms(r->hub->loop);
    if (r->due_ms == INT64_MAX)
        return UINT64_MAX;
    if (r->due_ms > now_ms)
        return now_us + (uint64_t)(r->due_ms - now_ms) * US_PER_MS;
    return is_put_off(r) ? now_us + PUT_OFF_US : now_us;
}

void hub_room_wind(struct hub_room *r)
{
    struct loop *loop = r->hub->loop;
    uint64_t now = loop_now_us(loop);
    uint64_t at;
    if (r->phase != HUB_ROOM_OPEN)
        return;
    see_to_pulse(r, now);
    at = due_us(r, now);
    if (r->pulse_at_us < at)
        at = r->pulse_at_us;
    if (idle_ends_us(r) < at)
        at = idle_ends_us(r);
    if (!list_is_empty(&r->promises) && now + LOOK_US < at)
        at = now + LOOK_US;
    if (at == UINT64_MAX)
        loop_disarm(loop, &r->timer);
    else
        loop_arm(loop, &r->timer, at > now ? at - now : 0);
}

static void on_forgotten(void *arg, int err)
{
    (void)arg;
    if (err && err != ERR_ROOM_NOT_FOUND)
        log_warning(LOG_HUB, "an empty room could not be removed", LOG_ERR(err));
}

static void drop(struct hub_room *r)
{
    struct store *store = r->hub->store;
    bool is_of_no_use = r->is_fleeting && r->room->owner_id[0] == '\0';
    log_debug(LOG_HUB, "room dropped", LOG_STR("room", r->id));
    while (!list_is_empty(&r->attendances))
        attendance_free(attendance_of_room(r->attendances.next));
    if (r->is_deleted || is_of_no_use)
        store->ops->forget(store, slice_str(r->id), on_forgotten, NULL);
    else
        snapshot_last(r);
    hub_room_free(r);
}

/* One that was just made waits for who made it. */
static bool may_evict(const struct hub_room *r)
{
    bool is_unused = list_is_empty(&r->attendances) && is_settled(r);
    uint64_t empty_us = loop_now_us(r->hub->loop) - r->idle_since_us;
    return r->phase == HUB_ROOM_OPEN && is_unused && empty_us >= EVICT_US;
}

/* Rooms that will end go, too, or whoever makes many of them takes the place of all others; such a
 * room ends when somebody next looks at it. */
bool hub_room_evict(struct hub *h)
{
    LIST_EACH(l, &h->empty_rooms) {
        struct hub_room *r = CONTAINER_OF(l, struct hub_room, empty);
        if (may_evict(r)) {
            drop(r);
            return true;
        }
    }
    return false;
}

/* Another loop is asked for a place. */
struct plea {
    struct mail mail;
    struct hub *to;
};

static void on_plea(struct mail *mail)
{
    struct plea *p = CONTAINER_OF(mail, struct plea, mail);
    if (p->to->all->rooms >= p->to->settings->max_rooms)
        (void)hub_room_evict(p->to);
    xfree(p);
}

/* So who asks in vain now may find a place in a moment. */
void hub_room_evict_elsewhere(struct hub *h)
{
    const struct places *places = h->all->places;
    for (unsigned i = 0; i < places->n; i++) {
        if (i == h->place)
            continue;
        struct plea *p = xalloc(sizeof *p);
        *p = (struct plea){ .mail = { .fn = on_plea }, .to = h->all->at[i] };
        loop_post(places->loops[i], &p->mail);
    }
}

static void on_open_timer(struct hub_room *r)
{
    uint64_t now = loop_now_us(r->hub->loop);
    if (hub_room_catch_up(r))
        return;
    tell_lively(r);
    if (r->pulse_at_us <= now) {
        r->pulse_at_us = UINT64_MAX;
        tell_pulse(r);
    }
    if (idle_ends_us(r) <= now)
        drop(r);
    else
        hub_room_wind(r);
}

static void on_timer(void *arg)
{
    struct hub_room *r = arg;
    CHECK_MAGIC(r, HUB_ROOM_MAGIC);
    if (r->phase == HUB_ROOM_OPEN)
        on_open_timer(r);
    else if (r->phase == HUB_ROOM_BROKEN && !list_is_empty(&r->attendances))
        hub_room_load(r);
    else if (r->phase == HUB_ROOM_BROKEN && list_is_empty(&r->appends))
        hub_room_free(r);
}

void hub_delete(struct hub_room *r)
{
    r->is_deleted = true;
    hub_room_wind(r);
}
