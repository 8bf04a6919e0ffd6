/* A request is a copy of what was asked. The task of the next turn carries out and answers one
 * after the other, so that each sees what those before it have done and nothing of those behind;
 * what the answered ask for in turn waits for the turn after. Closing only marks the store: its
 * memory is returned at the end of the turn, since somebody up the stack may be reading a log.
 *
 * Rooms that are listed stand in one array, sorted by creation and id, the newest last: adding a
 * new one is nearly always a push, and a page is a walk from where the last one ended. */
#include "store/memory.h"

#include "base/map.h"
#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "store/kept.h"

#define NAME_MAX_BYTES 255u /* longer than any id: ROOM_ID_MAX, ROOM_USER_ID_MAX characters */
#define FIRST_LISTED   64u

struct memory {
    struct store store;
    struct loop *loop;
    struct task task;  /* to answer; when it is closed, to be freed */
    struct link asked; /* requests */
    bool is_closed;
    size_t bytes; /* of all batches */
    struct map rooms;
    struct kept_room **listed; /* oldest first */
    uint32_t n_listed;
    uint32_t max_listed;
};

struct name {
    size_t len;
    char at[NAME_MAX_BYTES];
};

struct request {
    struct link link;
    void (*answer)(struct memory *m, struct request *r);
    int err; /* known when it was asked */
    struct name room_id;
    struct name epoch;
    struct name viewer;
    struct batch *batch; /* of an append, until it is kept */
    bool is_new;
    bool is_all;
    uint32_t limit;
    uint64_t before_seq;
    union {
        store_done *done;
        store_log_done *log_done;
        store_messages_done *messages_done;
        store_rooms_done *rooms_done;
    };
    void *arg;
};

static struct memory *memory_of(struct store *s)
{
    return CONTAINER_OF(s, struct memory, store);
}

/* ---- names ---- */

static struct slice name(const struct name *n)
{
    return slice_of(n->at, n->len);
}

/* False: too long to be the name of anything. */
static bool name_set(struct name *n, struct slice s)
{
    if (s.len > NAME_MAX_BYTES)
        return false;
    n->len = s.len;
    if (s.len > 0)
        memcpy(n->at, s.p, s.len);
    return true;
}

/* ---- the list of rooms ---- */

/* How many listed rooms are older than one of that creation and id. */
static uint32_t count_older(const struct memory *m, int64_t created_at_ms, struct slice id)
{
    uint32_t low = 0, high = m->n_listed;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct kept_room *k = m->listed[middle];
        int64_t at_ms = k->created->at_ms;
        if (at_ms < created_at_ms || (at_ms == created_at_ms && slice_cmp(kept_id(k), id) < 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int reserve_listed(struct memory *m)
{
    uint32_t max = m->max_listed > 0 ? m->max_listed * 2 : FIRST_LISTED;
    if (m->n_listed < m->max_listed)
        return 0;
    struct kept_room **listed = xtry(m->listed, max * sizeof(struct kept_room *));
    if (listed == NULL)
        return ERR_NO_MEMORY;
    m->listed = listed;
    m->max_listed = max;
    return 0;
}

static void list(struct memory *m, struct kept_room *k)
{
    ASSERT(m->n_listed < m->max_listed);
    uint32_t i = count_older(m, k->created->at_ms, kept_id(k));
    memmove(&m->listed[i + 1], &m->listed[i], (m->n_listed - i) * sizeof(struct kept_room *));
    m->listed[i] = k;
    m->n_listed++;
    k->is_listed = true;
}

static void unlist(struct memory *m, struct kept_room *k)
{
    uint32_t i = count_older(m, k->created->at_ms, kept_id(k));
    ASSERT(i < m->n_listed && m->listed[i] == k);
    m->n_listed--;
    memmove(&m->listed[i], &m->listed[i + 1], (m->n_listed - i) * sizeof(struct kept_room *));
    k->is_listed = false;
}

/* As its state is after an append. Place was reserved. */
static void relist(struct memory *m, struct kept_room *k)
{
    bool is_due = k->created != NULL && !k->is_ended;
    if (is_due && !k->is_listed)
        list(m, k);
    else if (!is_due && k->is_listed)
        unlist(m, k);
}

/* ---- requests ---- */

static struct kept_room *find(const struct memory *m, const struct request *r)
{
    return map_find(&m->rooms, name(&r->room_id));
}

static void drop_batch(struct memory *m, struct batch *b)
{
    if (b != NULL)
        m->bytes -= b->bytes;
    batch_free(b);
}

static void request_free(struct memory *m, struct request *r)
{
    drop_batch(m, r->batch);
    xfree(r);
}

static void on_turn(void *arg)
{
    struct memory *m = arg;
    struct link now, *l;
    link_init(&now);
    list_splice(&now, &m->asked);
    while (!m->is_closed && (l = list_pop(&now))) {
        struct request *r = CONTAINER_OF(l, struct request, link);
        r->answer(m, r);
        request_free(m, r);
    }
    list_splice(&m->asked, &now); /* closed on the way: to be freed with it */
}

static struct request *ask(struct store *s, void (*answer)(struct memory *m, struct request *r),
    struct slice room_id, void *arg)
{
    struct memory *m = memory_of(s);
    struct request *r = xalloc(sizeof(*r));
    ASSERT(!m->is_closed);
    r->answer = answer;
    r->arg = arg;
    if (!name_set(&r->room_id, room_id))
        r->err = ERR_ROOM_NOT_FOUND;
    list_push(&m->asked, &r->link);
    loop_soon(m->loop, &m->task);
    return r;
}

static void set_epoch(struct request *r, struct slice epoch)
{
    bool fits = epoch.len <= STORE_EPOCH_MAX && name_set(&r->epoch, epoch);
    ASSERT(fits);
}

/* ---- append ---- */

/* The room that the append begins. It is in nothing yet. */
static int begin_room(struct kept_room **out, struct memory *m, const struct request *r)
{
    struct kept_room *k = kept_new(name(&r->room_id));
    if (k == NULL)
        return ERR_NO_MEMORY;
    int err = kept_reserve(k, r->batch);
    if (!err)
        err = reserve_listed(m);
    if (!err)
        err = map_put(&m->rooms, kept_id(k), k, NULL);
    if (err) {
        kept_free(k);
        return err;
    }
    kept_begin_epoch(k, name(&r->epoch));
    *out = k;
    return 0;
}

/* A failure breaks the room for this load of it alone: whoever has loaded it since goes on. */
static int go_on(struct kept_room *k, struct memory *m, const struct request *r)
{
    if (!kept_is_epoch(k, name(&r->epoch)))
        return ERR_CONFLICT;
    if (k->is_broken)
        return ERR_STORAGE_UNAVAILABLE;
    int err = r->err;
    if (!err)
        err = kept_reserve(k, r->batch);
    if (!err)
        err = reserve_listed(m);
    k->is_broken = err != 0;
    return err;
}

/* Finds or makes the room, with place for the batch. */
static int prepare(struct kept_room **out, struct memory *m, const struct request *r)
{
    struct kept_room *k = find(m, r);
    *out = k;
    if (k != NULL)
        return r->is_new ? ERR_CONFLICT : go_on(k, m, r);
    if (r->err)
        return r->err;
    return r->is_new ? begin_room(out, m, r) : ERR_ROOM_NOT_FOUND;
}

static void answer_append(struct memory *m, struct request *r)
{
    struct kept_room *k;
    int err = prepare(&k, m, r);
    if (!err) {
        kept_add(k, r->batch);
        r->batch = NULL;
        relist(m, k);
    }
    r->done(r->arg, err);
}

static void check_append(const struct store_append *a)
{
    ASSERT(a->n > 0 && a->n <= STORE_APPEND_MAX && a->room_id.len > 0);
    for (uint32_t i = 0; i < a->n; i++) {
        const struct stored_event *e = &a->events[i];
        ASSERT(e->seq == a->events[0].seq + i);
        ASSERT(e->event != NULL && e->event->seq == e->seq);
    }
}

static int take_batch(struct request *r, struct memory *m, const struct store_append *a)
{
    if (batch_bytes(a) > STORE_MEMORY_MAX_BYTES - m->bytes)
        return ERR_STORAGE_UNAVAILABLE;
    int err = batch_new(&r->batch, a);
    if (!err)
        m->bytes += r->batch->bytes;
    return err;
}

static void memory_append(
    struct store *s, const struct store_append *a, store_done *done, void *arg)
{
    check_append(a);
    struct request *r = ask(s, answer_append, a->room_id, arg);
    ASSERT(!r->err);
    set_epoch(r, a->epoch);
    r->done = done;
    r->is_new = a->is_new;
    r->err = take_batch(r, memory_of(s), a);
}

/* ---- load ---- */

static void lend_log(
    const struct kept_room *k, const struct stored_event *events, const struct request *r)
{
    struct store_epoch epochs[STORE_EPOCHS];
    for (uint32_t i = 0; i < k->n_epochs; i++) {
        const struct kept_epoch *e = &k->epochs[i];
        epochs[i] = (struct store_epoch){
            .name = slice_of(e->name, e->len),
            .since_seq = e->since_seq,
        };
    }
    struct store_log log = {
        .epochs = epochs,
        .n_epochs = k->n_epochs,
        .events = events,
        .n = k->n_events,
    };
    r->log_done(r->arg, 0, &log);
}

/* The new epoch comes behind those that the answer shows. Nobody sees the order: whatever the
 * answered ask for comes later. */
static void answer_load(struct memory *m, struct request *r)
{
    struct kept_room *k = find(m, r);
    struct stored_event *events = NULL;
    int err = r->err;
    if (!err)
        err = k != NULL ? kept_log(&events, k) : ERR_ROOM_NOT_FOUND;
    if (err) {
        r->log_done(r->arg, err, NULL);
        return;
    }
    lend_log(k, events, r);
    xfree(events);
    kept_begin_epoch(k, name(&r->epoch));
    k->is_broken = false;
}

static void memory_load(
    struct store *s, struct slice room_id, struct slice epoch, store_log_done *done, void *arg)
{
    struct request *r = ask(s, answer_load, room_id, arg);
    set_epoch(r, epoch);
    r->log_done = done;
}

/* ---- forget ---- */

static void answer_forget(struct memory *m, struct request *r)
{
    struct kept_room *k = find(m, r);
    int err = r->err || k == NULL ? ERR_ROOM_NOT_FOUND : 0;
    if (!err) {
        if (k->is_listed)
            unlist(m, k);
        map_remove(&m->rooms, kept_id(k));
        m->bytes -= k->bytes;
        kept_free(k);
    }
    r->done(r->arg, err);
}

static void memory_forget(struct store *s, struct slice room_id, store_done *done, void *arg)
{
    struct request *r = ask(s, answer_forget, room_id, arg);
    r->done = done;
}

/* ---- messages ---- */

static void answer_messages(struct memory *m, struct request *r)
{
    const struct kept_room *k = find(m, r);
    struct store_message at[STORE_PAGE_MAX];
    struct store_message_query q = {
        .viewer = name(&r->viewer),
        .before_seq = r->before_seq,
        .limit = r->limit,
    };
    if (r->err || k == NULL) {
        r->messages_done(r->arg, ERR_ROOM_NOT_FOUND, NULL);
        return;
    }
    struct store_messages page = kept_page(at, k, &q);
    r->messages_done(r->arg, 0, &page);
}

/* A viewer whose name is too long is nobody. */
static void set_page(struct request *r, struct slice viewer, uint32_t limit)
{
    ASSERT(limit > 0 && limit <= STORE_PAGE_MAX);
    r->limit = limit;
    (void)name_set(&r->viewer, viewer);
}

static void memory_messages(
    struct store *s, const struct store_message_query *q, store_messages_done *done, void *arg)
{
    struct request *r = ask(s, answer_messages, q->room_id, arg);
    set_page(r, q->viewer, q->limit);
    r->before_seq = q->before_seq;
    r->messages_done = done;
}

/* ---- rooms ---- */

static bool is_shown(const struct store_room *room, const struct request *r)
{
    struct slice viewer = name(&r->viewer);
    bool is_own = viewer.len > 0 && slice_eq(room->owner_id, viewer);
    return r->is_all || room->settings.is_public || is_own;
}

static void fill_rooms(struct store_rooms *page, struct store_room *at, const struct memory *m,
    const struct request *r)
{
    const struct kept_room *after = find(m, r);
    uint32_t i = after != NULL ? count_older(m, after->created->at_ms, kept_id(after))
                               : m->n_listed;
    *page = (struct store_rooms){ .at = at };
    for (; i > 0 && !page->has_more; i--) {
        struct store_room room = kept_state(m->listed[i - 1]);
        if (!is_shown(&room, r))
            continue;
        page->has_more = page->n == r->limit;
        if (!page->has_more)
            at[page->n++] = room;
    }
}

/* The room after which the page begins may have ended in between, but it has to be known. */
static void answer_rooms(struct memory *m, struct request *r)
{
    const struct kept_room *after = find(m, r);
    struct store_room at[STORE_PAGE_MAX];
    struct store_rooms page;
    if (r->err || (r->room_id.len > 0 && (after == NULL || after->created == NULL))) {
        r->rooms_done(r->arg, ERR_ROOM_NOT_FOUND, NULL);
        return;
    }
    fill_rooms(&page, at, m, r);
    r->rooms_done(r->arg, 0, &page);
}

static void memory_rooms(
    struct store *s, const struct store_room_query *q, store_rooms_done *done, void *arg)
{
    struct request *r = ask(s, answer_rooms, q->after, arg);
    set_page(r, q->viewer, q->limit);
    r->is_all = q->is_all;
    r->rooms_done = done;
}

/* ---- beginning and end ---- */

static void free_all(void *arg)
{
    struct memory *m = arg;
    struct kept_room *k;
    struct link *l;
    uint32_t at = 0;
    while ((l = list_pop(&m->asked)))
        request_free(m, CONTAINER_OF(l, struct request, link));
    while ((k = map_next(&m->rooms, &at)))
        kept_free(k);
    map_fini(&m->rooms);
    xfree(m->listed);
    xfree(m);
}

static void memory_close(struct store *s)
{
    struct memory *m = memory_of(s);
    ASSERT(!m->is_closed);
    m->is_closed = true;
    link_leave(&m->task.link);
    m->task.fn = free_all;
    loop_free_later(m->loop, &m->task);
}

static const struct store_ops memory_ops = {
    .name = "memory",
    .append = memory_append,
    .load = memory_load,
    .forget = memory_forget,
    .messages = memory_messages,
    .rooms = memory_rooms,
    .close = memory_close,
};

struct store *store_memory_new(struct loop *loop)
{
    struct memory *m = xalloc(sizeof(*m));
    struct map_key key;
    random_bytes(&key, sizeof(key));
    m->store.ops = &memory_ops;
    m->loop = loop;
    link_init(&m->asked);
    map_init(&m->rooms, key);
    task_init(&m->task, on_turn, m);
    return &m->store;
}
