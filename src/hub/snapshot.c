/* Snapshots: a whole room in records, so that loading it need not begin with its first event. The
 * store answers what it is asked about a room in order; so a room may be recalled while some of its
 * events are on their way: if they do not arrive, the store refuses the snapshot, too. */
#include "base/log.h"
#include "base/xalloc.h"
#include "hub/parts.h"
#include "store/record.h"

struct snapshot {
    struct link link;      /* hub->snapshots */
    struct hub_room *room; /* NULL: it is gone from memory */
    char room_id[ROOM_ID_MAX + 1];
    uint64_t seq;
};

static bool is_wanted(const struct hub *h)
{
    return h->settings->snapshot_events > 0 && h->store->ops->snapshot &&
        hub_store_state(h) == STORE_UP;
}

static void put_off(struct hub_room *r)
{
    r->snapshot_due_seq = r->room->seq + r->hub->settings->snapshot_events;
}

static void snapshot_free(struct snapshot *s)
{
    link_leave(&s->link);
    xfree(s);
}

static void on_done(void *arg, int err)
{
    struct snapshot *s = arg;
    struct hub_room *r = s->room;
    if (err)
        log_warning(LOG_HUB, "a snapshot was not stored", LOG_STR("room", s->room_id), LOG_ERR(err),
            LOG_NUM("seq", s->seq));
    if (r) {
        r->snapshot = NULL;
        if (!err)
            r->kept_seq = s->seq;
        hub_room_wind(r);
    }
    snapshot_free(s);
}

/* One behind the other; the slices know their lengths only, until nothing moves any more. */
static int write_records(struct slice *out, struct buf *records, const struct events *all)
{
    for (uint32_t i = 0; i < all->n; i++) {
        size_t before = records->len;
        record_write(records, &all->at[i]);
        out[i] = slice_of(NULL, records->len - before);
    }
    const char *p = records->p;
    int err = buf_err(records);
    for (uint32_t i = 0; i < all->n && !err; i++) {
        out[i].p = p;
        p += out[i].len;
    }
    return err;
}

static void ask_store(struct hub_room *r, const struct slice *records, uint32_t n)
{
    struct store *store = r->hub->store;
    struct snapshot *s = xalloc(sizeof *s);
    *s = (struct snapshot){ .room = r, .seq = r->room->seq };
    memcpy(s->room_id, r->id, sizeof s->room_id);
    link_init(&s->link);
    list_push(&r->hub->snapshots, &s->link);
    r->snapshot = s;
    const struct store_snapshot what = {
        .room_id = slice_str(r->id),
        .epoch = slice_str(r->epoch),
        .seq = s->seq,
        .records = records,
        .n = n,
    };
    store->ops->snapshot(store, &what, on_done, s);
}

/* Memory of its own: verbs use the hub's, and a room is snapshot between any two of them. */
static int take(struct hub_room *r)
{
    struct arena arena;
    struct buf records;
    struct events all;
    arena_init(&arena, HUB_ARENA_BYTES);
    buf_init(&records, HUB_ARENA_BYTES);
    events_init(&all, &arena);
    int err = room_recall(&all, r->room);
    struct slice *at = err ? NULL : arena_alloc(&arena, (all.n + 1) * sizeof *at);
    if (!err)
        err = at ? write_records(at, &records, &all) : ERR_NO_MEMORY;
    if (!err)
        ask_store(r, at, all.n);
    buf_fini(&records);
    arena_fini(&arena);
    return err;
}

static void try(struct hub_room *r)
{
    int err = take(r);
    put_off(r);
    if (err)
        log_warning(
            LOG_HUB, "a room is too large for a snapshot", LOG_STR("room", r->id), LOG_ERR(err));
}

void snapshot_if_due(struct hub_room *r)
{
    bool may = r->phase == HUB_ROOM_OPEN && !r->snapshot && !r->is_deleted && is_wanted(r->hub);
    if (may && r->room->seq >= r->snapshot_due_seq)
        try(r);
}

void snapshot_last(struct hub_room *r)
{
    if (!r->snapshot && is_wanted(r->hub) && r->room->seq > r->kept_seq)
        try(r);
}

void snapshot_forget(struct hub_room *r)
{
    if (r->snapshot)
        r->snapshot->room = NULL;
    r->snapshot = NULL;
}

void snapshots_free(struct hub *h)
{
    while (!list_is_empty(&h->snapshots))
        snapshot_free(CONTAINER_OF(h->snapshots.next, struct snapshot, link));
}
