/* How a room comes into memory: from a snapshot and what has happened since, as the store has them,
 * or new. Who sits in it then: the hub's sessions go on where they sat; others, who sat there when
 * it was last in memory, were lost by our doing, and have their grace from now on. */
#include "base/log.h"
#include "base/panic.h"
#include "hub/parts.h"
#include "store/record.h"

#define RETRY_US    UINT64_C(1000000) /* between two tries, of a room that people sit in */
#define EPOCH_BYTES 16
#define LOAD_BYTES  (4u << 20) /* arena for decoding a record */

static void make_epoch(struct hub_room *r)
{
    char id[HUB_ID_BYTES + 1];
    hub_make_id(id);
    memcpy(r->epoch, id, EPOCH_BYTES);
    r->epoch[EPOCH_BYTES] = '\0';
}

void hub_room_wake(struct hub_room *r)
{
    struct link now;
    link_init(&now);
    list_splice(&now, &r->waits);
    while (!list_is_empty(&now)) {
        struct hub_wait *w = CONTAINER_OF(list_pop(&now), struct hub_wait, link);
        w->fn(w);
    }
}

static void open_up(struct hub_room *r, struct room *room, uint64_t snapshot_seq)
{
    r->room = room;
    r->room->grace_ms = r->hub->settings->grace_ms;
    r->phase = HUB_ROOM_OPEN;
    r->err = 0;
    r->epoch_since = r->stored_seq = r->commit_seq = room->seq;
    r->due_ms = room_next_due(room);
    r->kept_seq = snapshot_seq;
    r->snapshot_due_seq = snapshot_seq + r->hub->settings->snapshot_events;
    if (list_is_empty(&r->attendances) && !link_is_in(&r->empty))
        list_push(&r->hub->empty_rooms, &r->empty);
}

void hub_room_begin(struct hub_room *r)
{
    struct hub *h = r->hub;
    make_epoch(r);
    r->n_epochs = 0;
    open_up(r, room_new(slice_str(r->id), h->key), 0);
    r->idle_since_us = loop_now_us(h->loop);
}

/* ---- who sits there ---- */

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
            return hub_leave_seat(r, slice_str(m->user_id), id, LOSS_OURS) == 0;
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

/* ---- what is known of it ---- */

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

/* ---- folding ---- */

struct loading {
    struct hub_room *hub_room;
    struct room *room;
    struct arena arena;    /* of one record */
    uint64_t snapshot_seq; /* what happened until then is in the room already */
    int64_t oldest_ms;     /* of messages that are not too old; INT64_MIN: none is */
};

static bool is_too_old(const struct loading *l, const struct event *e)
{
    switch (e->type) {
    case EV_CHAT:
    case EV_CHAT_EDITED:
    case EV_CHAT_DELETED:
    case EV_KEPT_MESSAGE:
        return e->at_ms < l->oldest_ms;
    default:
        return false;
    }
}

static int fold_kept(struct loading *l, struct slice record)
{
    struct event e;
    arena_reset(&l->arena);
    int err = record_read(&e, &l->arena, l->snapshot_seq, record);
    return err || is_too_old(l, &e) ? err : room_fold(l->room, &e);
}

/* What is in the snapshot is for those who come back, and was told, alone. */
static int fold_event(struct loading *l, const struct stored_event *from)
{
    bool is_kept = from->seq <= l->snapshot_seq;
    bool is_old = false;
    struct event e;
    int err = 0;
    arena_reset(&l->arena);
    if (!is_kept || l->oldest_ms > INT64_MIN) {
        err = record_read(&e, &l->arena, from->seq, from->record);
        is_old = !err && is_too_old(l, &e);
    }
    if (!err && !is_kept)
        err = is_old ? room_skip(l->room, from->seq) : room_fold(l->room, &e);
    if (!err && !is_old)
        tail_add(&l->hub_room->tail, from->seq, from->record);
    return err;
}

static int fold_all(struct room *room, struct hub_room *r, const struct store_log *log)
{
    uint64_t age_ms = r->hub->settings->message_age_ms;
    struct loading l = { .hub_room = r,
        .room = room,
        .snapshot_seq = log->snapshot_seq,
        .oldest_ms = age_ms > 0 ? loop_wall_ms(r->hub->loop) - (int64_t)age_ms : INT64_MIN };
    int err = 0;
    arena_init(&l.arena, LOAD_BYTES);
    for (uint32_t i = 0; i < log->n_snapshot && !err; i++)
        err = fold_kept(&l, log->snapshot[i]);
    for (uint32_t i = 0; i < log->n && !err; i++)
        err = fold_event(&l, &log->events[i]);
    arena_fini(&l.arena);
    return err;
}

/* ---- the way ---- */

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
    hub_room_wake(r);
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
    r->is_fleeting = r->is_fleeting || log->is_fleeting;
    open_up(r, room, log->snapshot_seq);
    take_all_back(r);
    hub_sweep(r);
    seat_returned(r);
    part_unattended(r);
    hub_room_wake(r);
    hub_room_wind(r);
}

void hub_room_load(struct hub_room *r)
{
    struct store *store = r->hub->store;
    LIST_EACH(l, &r->attendances) {
        attendance_of_room(l)->member = NULL;
        attendance_of_room(l)->after_seq = 0;
    }
    room_free(r->room);
    r->room = NULL;
    tail_fini(&r->tail);
    tail_init(&r->tail);
    make_epoch(r);
    r->phase = HUB_ROOM_LOADING;
    store->ops->load(store, slice_str(r->id), slice_str(r->epoch), on_loaded, r);
}
