/* The life of a room in memory: it is loaded, time passes in it, it is given up when nobody has
 * been in it for a while, and it goes back to what is stored when the store could not keep up. */
#include "base/log.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "hub/parts.h"
#include "store/record.h"

#define US_PER_MS   UINT64_C(1000)
#define RETRY_US    (1000 * US_PER_MS) /* to load a room that people sit in */
#define EVICT_US    (5000 * US_PER_MS) /* a room is empty for so long before it makes place */
#define EPOCH_BYTES 16
#define LOAD_BYTES  (4u << 20) /* arena for decoding a record */

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

static void make_epoch(struct hub_room *r)
{
    char id[HUB_ID_BYTES + 1];
    hub_make_id(id);
    memcpy(r->epoch, id, EPOCH_BYTES);
    r->epoch[EPOCH_BYTES] = '\0';
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
    return r;
}

void hub_room_free(struct hub_room *r)
{
    struct hub *h = r->hub;
    ASSERT(list_is_empty(&r->attendances) && list_is_empty(&r->appends));
    map_remove(&h->rooms, slice_str(r->id));
    link_leave(&r->empty);
    h->stats.rooms--;
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

int hub_room_catch_up(struct hub_room *r)
{
    int64_t now = loop_wall_ms(r->hub->loop);
    uint32_t n = 1;
    int err = 0;
    while (!err && n > 0 && r->due_ms <= now)
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
    return list_is_empty(&r->waits) && list_is_empty(&r->promises) && list_is_empty(&r->appends);
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
    return r->due_ms > now_ms ? now_us + (uint64_t)(r->due_ms - now_ms) * US_PER_MS : now_us;
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

static void on_open_timer(struct hub_room *r)
{
    uint64_t now = loop_now_us(r->hub->loop);
    if (hub_room_catch_up(r))
        return;
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

/* ---- loading ---- */

static void wake(struct hub_room *r)
{
    struct link now;
    link_init(&now);
    list_splice(&now, &r->waits);
    while (!list_is_empty(&now)) {
        struct hub_wait *w = CONTAINER_OF(list_pop(&now), struct hub_wait, link);
        w->fn(w);
    }
}

static void open_up(struct hub_room *r, struct room *room)
{
    r->room = room;
    r->room->grace_ms = r->hub->settings->grace_ms;
    r->phase = HUB_ROOM_OPEN;
    r->err = 0;
    r->epoch_since = r->stored_seq = r->commit_seq = room->seq;
    r->due_ms = room_next_due(room);
    r->people_seq = r->held_seq = room->seq;
    if (list_is_empty(&r->attendances) && !link_is_in(&r->empty))
        list_push(&r->hub->empty_rooms, &r->empty);
}

void hub_room_begin(struct hub_room *r)
{
    struct hub *h = r->hub;
    make_epoch(r);
    r->n_epochs = 0;
    open_up(r, room_new(slice_str(r->id), h->key));
    r->idle_since_us = loop_now_us(h->loop);
}

static bool is_attended(const struct hub_room *r, const struct seat *seat)
{
    const struct session *s = session_find(r->hub, slice_str(seat->id));
    return s && !s->is_lost && session_attendance(s, r);
}

#define SEAT_BYTES (4 * ROOM_SEAT_MAX)

/* The seat's own goes when its leaving is folded, and is stored and told after that. */
static struct slice own_seat(char copy[SEAT_BYTES], const struct seat *seat)
{
    struct slice id = slice_take(slice_str(seat->id), SEAT_BYTES);
    memcpy(copy, id.p, id.len);
    return slice_of(copy, id.len);
}

/* Somebody who went with something that could not be stored has not gone. */
static void take_back(struct hub_room *r, const struct member *m, const struct seat *seat)
{
    struct session *s = session_find(r->hub, slice_str(seat->id));
    bool is_here = s && !s->is_lost && slice_eq(s->identity.user_id, slice_str(m->user_id));
    if (is_here && !session_attendance(s, r) && s->n_rooms < SESSION_MAX_ROOMS)
        attendance_new(r, s, s->dialect);
}

static void take_all_back(struct hub_room *r)
{
    LIST_EACH(l, &r->room->members) {
        const struct member *m = CONTAINER_OF(l, struct member, link);
        LIST_EACH(k, &m->seats)
            take_back(r, m, CONTAINER_OF(k, struct seat, link));
    }
}

/* Those who came back while the room was not open. */
static struct attendance *first_back(const struct hub_room *r)
{
    LIST_EACH(l, &r->attendances) {
        struct attendance *a = attendance_of_room(l);
        if (a->is_back && !a->session->is_lost && !a->session->is_ended)
            return a;
    }
    return NULL;
}

static void seat_returned(struct hub_room *r)
{
    struct attendance *a;
    while (r->phase == HUB_ROOM_OPEN && (a = first_back(r)) != NULL)
        session_sit_again(a);
}

static bool part_one(struct hub_room *r)
{
    char copy[SEAT_BYTES];
    LIST_EACH(l, &r->room->members) {
        const struct member *m = CONTAINER_OF(l, struct member, link);
        LIST_EACH(k, &m->seats) {
            const struct seat *seat = CONTAINER_OF(k, struct seat, link);
            if (is_attended(r, seat))
                continue;
            struct slice id = own_seat(copy, seat);
            return hub_leave_seat(r, slice_str(m->user_id), id) == 0;
        }
    }
    return false;
}

/* Those who sat here when the room was last in memory, and are not connected now, are lost. */
static void part_unattended(struct hub_room *r)
{
    while (r->phase == HUB_ROOM_OPEN && part_one(r))
        ;
}

static void remember_epochs(struct hub_room *r, const struct store_log *log)
{
    r->n_epochs = 0;
    for (uint32_t i = 0; i < log->n_epochs && i < STORE_EPOCHS; i++) {
        struct slice name = slice_take(log->epochs[i].name, STORE_EPOCH_MAX);
        char *own = r->epoch_names[i];
        memcpy(own, name.p, name.len);
        own[name.len] = '\0';
        r->epochs[r->n_epochs++] = (struct store_epoch){ .name = slice_str(own),
            .since_seq = log->epochs[i].since_seq };
    }
}

static int fold_all(struct room *room, struct hub_room *r, const struct store_log *log)
{
    struct arena arena;
    int err = 0;
    arena_init(&arena, LOAD_BYTES);
    for (uint32_t i = 0; i < log->n && !err; i++) {
        struct event e;
        arena_reset(&arena);
        err = record_read(&e, &arena, log->events[i].seq, log->events[i].record);
        if (!err)
            err = room_fold(room, &e);
        if (!err)
            tail_add(&r->tail, log->events[i].seq, log->events[i].record);
    }
    arena_fini(&arena);
    return err;
}

void hub_room_abandon(struct hub_room *r)
{
    room_free(r->room);
    r->room = NULL;
    r->phase = HUB_ROOM_BROKEN;
    r->err = ERR_ROOM_NOT_FOUND;
    loop_arm(r->hub->loop, &r->timer, 0);
}

static void give_up(struct hub_room *r, int err)
{
    r->phase = HUB_ROOM_BROKEN;
    r->err = err;
    if (err != ERR_ROOM_NOT_FOUND)
        log_error(LOG_HUB, "a room cannot be loaded", LOG_STR("room", r->id), LOG_ERR(err));
    while (err == ERR_ROOM_NOT_FOUND && !list_is_empty(&r->attendances))
        attendance_free(attendance_of_room(r->attendances.next));
    wake(r);
    if (r->phase == HUB_ROOM_BROKEN)
        loop_arm(r->hub->loop, &r->timer, list_is_empty(&r->attendances) ? 0 : RETRY_US);
}

static void on_loaded(void *arg, int err, const struct store_log *log)
{
    struct hub_room *r = arg;
    CHECK_MAGIC(r, HUB_ROOM_MAGIC);
    if (err) {
        give_up(r, err);
        return;
    }
    struct room *room = room_new(slice_str(r->id), r->hub->key);
    err = fold_all(room, r, log);
    if (err) {
        room_free(room);
        give_up(r, err);
        return;
    }
    remember_epochs(r, log);
    open_up(r, room);
    take_all_back(r);
    hub_sweep(r);
    seat_returned(r);
    part_unattended(r);
    wake(r);
    hub_room_wind(r);
}

void hub_room_load(struct hub_room *r)
{
    struct store *store = r->hub->store;
    LIST_EACH(l, &r->attendances)
        attendance_of_room(l)->member = NULL;
    room_free(r->room);
    r->room = NULL;
    tail_fini(&r->tail);
    tail_init(&r->tail);
    make_epoch(r);
    r->phase = HUB_ROOM_LOADING;
    store->ops->load(store, slice_str(r->id), slice_str(r->epoch), on_loaded, r);
}
