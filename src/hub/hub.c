/* The hub: its rooms by name, new ones, and what one may ask about them. */
#include "hub/hub.h"

#include "auth/mac.h"
#include "base/base64.h"
#include "base/hex.h"
#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "hub/parts.h"
#include "store/record.h"

#include <inttypes.h>
#include <stdio.h>

#define ROOM_ID_SHORT 6  /* where people are let in one by one, or everybody may come */
#define ROOM_ID_LONG  10 /* where knowing the id is enough */
#define ID_TRIES      32 /* for each loop: an id must be of this one */

#define KEY_LABEL "room:" /* keeps the uses of the server's secret apart */

static void on_part(void *arg)
{
    session_part_all(arg);
}

void hubs_init(struct hubs *all, const struct places *places)
{
    *all = (struct hubs){ .places = places };
}

struct hub *hub_new(
    struct hubs *all, unsigned place, struct store *store, const struct hub_settings *settings)
{
    struct hub *h = xalloc(sizeof *h);
    if (all->n_open++ == 0)
        purses_init(&all->purses);
    *h = (struct hub){
        .all = all,
        .place = place,
        .loop = all->places->loops[place],
        .store = store,
        .settings = settings,
    };
    all->at[place] = h;
    h->key = (struct map_key){ .k0 = random_u64(), .k1 = random_u64() };
    map_init(&h->rooms, h->key);
    map_init(&h->by_session_id, h->key);
    map_init(&h->users, h->key);
    slots_init(&h->sessions, settings->max_sessions);
    link_init(&h->empty_rooms);
    link_init(&h->idle_users);
    link_init(&h->parting);
    link_init(&h->snapshots);
    task_init(&h->part, on_part, h);
    arena_init(&h->arena, HUB_ARENA_BYTES);
    buf_init(&h->json, WORDS_MAX_BYTES);
    buf_init(&h->record, HUB_ARENA_BYTES);
    return h;
}

static void end_room(struct hub_room *r)
{
    tell_fail(r, ERR_DRAINING);
    hub_room_wake(r);
    while (!list_is_empty(&r->attendances))
        attendance_free(attendance_of_room(r->attendances.next));
    while (!list_is_empty(&r->appends))
        xfree(list_pop(&r->appends)); /* its link comes first */
    hub_room_free(r);
}

void hub_free(struct hub *h)
{
    struct hub_room *r;
    uint32_t at = 0;
    if (!h)
        return;
    while ((r = map_next(&h->rooms, &at)) != NULL) {
        end_room(r);
        at = 0;
    }
    snapshots_free(h);
    session_part_all(h);
    ASSERT(h->sessions.n == 0);
    link_leave(&h->part.link);
    users_free(h);
    if (--h->all->n_open == 0)
        purses_fini(&h->all->purses);
    deputy_lines_free(h);
    slots_fini(&h->sessions);
    map_fini(&h->rooms);
    map_fini(&h->by_session_id);
    map_fini(&h->users);
    arena_fini(&h->arena);
    buf_fini(&h->json);
    buf_fini(&h->record);
    xfree(h);
}

const struct hub_settings *hub_settings(const struct hub *h)
{
    return h->settings;
}

struct store *hub_store(const struct hub *h)
{
    return h->store;
}

struct loop *hub_loop(const struct hub *h)
{
    return h->loop;
}

const struct hub_stats *hub_stats(const struct hub *h)
{
    return &h->stats;
}

uint32_t hub_mesh_limit(const struct hub_settings *s, const struct room_settings *room)
{
    bool has_own = room->mode == MODE_CALL && room->max_participants > 0;
    return has_own ? room->max_participants : s->mesh_limit;
}

/* ---- finding ---- */

bool hub_is_room_id(struct slice id)
{
    for (size_t i = 0; i < id.len; i++) {
        char c = id.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return id.len > 0 && id.len <= ROOM_ID_MAX;
}

unsigned hub_place_of(const struct hub *h, struct slice room_id)
{
    return places_of(h->all->places, room_id);
}

unsigned hub_place(const struct hub *h)
{
    return h->place;
}

bool hub_is_here(const struct hub *h, struct slice room_id)
{
    return hub_place_of(h, room_id) == h->place;
}

struct slice hub_room_id(const struct hub_room *r)
{
    return slice_str(r->id);
}

struct hub_room *hub_peek(const struct hub *h, struct slice id)
{
    struct hub_room *r = map_find(&h->rooms, id);
    return r && r->phase == HUB_ROOM_OPEN && !r->is_deleted ? r : NULL;
}

int hub_open(struct hub_room **out, struct hub *h, struct slice id, struct hub_wait *wait)
{
    struct hub_room *r = map_find(&h->rooms, id);
    *out = NULL;
    if (!r && !hub_is_room_id(id))
        return ERR_ROOM_NOT_FOUND;
    ASSERT(r || hub_is_here(h, id));
    if (!r) {
        if (h->all->rooms >= h->settings->max_rooms)
            (void)hub_room_evict(h); /* the limit refuses new rooms, not those that there are */
        r = hub_room_new(h, id);
        if (!r)
            return ERR_NO_MEMORY;
        hub_room_load(r);
    }
    if (r->phase == HUB_ROOM_BROKEN)
        return r->err;
    if (r->is_deleted)
        return ERR_ROOM_NOT_FOUND;
    if (r->phase == HUB_ROOM_LOADING) {
        list_push(&r->waits, &wait->link);
        return ERR_AGAIN;
    }
    *out = r;
    return 0;
}

/* ---- making ---- */

void hub_make_id(char id[HUB_ID_BYTES + 1])
{
    unsigned char bytes[HUB_ID_BYTES * 3 / 4];
    random_bytes(bytes, sizeof bytes);
    base64_encode(id, slice_of(bytes, sizeof bytes), BASE64_URL);
    id[HUB_ID_BYTES] = '\0';
}

/* Letters and digits, as in A7x9K2: to be read out and typed. */
static void make_room_id(char *id, size_t len)
{
    static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
    unsigned char bytes[ROOM_ID_LONG];
    random_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < len; i++)
        id[i] = alphabet[bytes[i] % (sizeof alphabet - 1)];
    id[len] = '\0';
}

static int choose_id(char id[ROOM_ID_MAX + 1], const struct hub *h, const struct hub_creation *c)
{
    const struct room_settings *s = &c->room.settings;
    size_t len = s->is_public || s->approval ? ROOM_ID_SHORT : ROOM_ID_LONG;
    if (c->id.len > 0) {
        if (!hub_is_room_id(c->id))
            return ERR_BAD_FIELD;
        memcpy(id, c->id.p, c->id.len);
        id[c->id.len] = '\0';
        return 0;
    }
    for (unsigned i = 0; i < ID_TRIES * h->all->places->n; i++) {
        make_room_id(id, len);
        if (hub_is_here(h, slice_str(id)) && !map_find(&h->rooms, slice_str(id)))
            return 0;
    }
    return ERR_CONFLICT;
}

/* One that is to be: a new one, or one that was looked for in vain a moment ago. */
static int find_place(struct hub_room **out, struct hub *h, struct slice id)
{
    struct hub_room *r = map_find(&h->rooms, id);
    if (r && (r->phase != HUB_ROOM_BROKEN || r->err != ERR_ROOM_NOT_FOUND))
        return ERR_CONFLICT;
    bool is_full = h->all->rooms - (r != NULL) >= h->settings->max_rooms;
    if (is_full && !hub_room_evict(h)) {
        hub_room_evict_elsewhere(h);
        return ERR_ROOM_LIMIT;
    }
    if (!r)
        r = hub_room_new(h, id);
    *out = r;
    return r ? 0 : ERR_NO_MEMORY;
}

static int create(struct hub_room *r, const struct hub_creation *c)
{
    struct hub *h = r->hub;
    struct events happened;
    struct deed d = { .user_id = c->by, .at_ms = loop_wall_ms(h->loop) };
    hub_room_begin(r);
    r->is_fleeting = c->is_fleeting;
    arena_reset(&h->arena);
    events_init(&happened, &h->arena);
    int err = room_create(&happened, r->room, &d, &c->room);
    if (!err)
        return hub_settle(r, &happened);
    hub_room_abandon(r);
    return err;
}

int hub_create(struct hub_room **out, struct hub *h, const struct hub_creation *c)
{
    char id[ROOM_ID_MAX + 1];
    struct hub_room *r;
    if (hub_store_state(h) != STORE_UP)
        return ERR_STORAGE_UNAVAILABLE;
    int err = choose_id(id, h, c);
    if (!err)
        err = find_place(&r, h, slice_str(id));
    if (!err)
        err = create(r, c);
    if (!err)
        *out = r;
    return err;
}

void hub_creation_key(
    char key[HUB_KEY_BYTES + 1], const struct hub *h, struct slice room_id, int64_t created_at_ms)
{
    unsigned char mac[MAC_BYTES];
    char text[sizeof KEY_LABEL + HUB_KEY_TIME_BYTES + ROOM_ID_MAX];
    ASSERT(room_id.len <= ROOM_ID_MAX);
    uint64_t time = (uint64_t)created_at_ms & (UINT64_MAX >> (64 - 4 * HUB_KEY_TIME_BYTES));
    snprintf(key, HUB_KEY_TIME_BYTES + 1, "%0*" PRIx64, HUB_KEY_TIME_BYTES, time);
    int n = snprintf(text, sizeof text, KEY_LABEL "%s%.*s", key, (int)room_id.len, room_id.p);
    ASSERT(mac_sha256(mac, h->settings->token_secret, slice_of(text, (size_t)n)) == 0);
    hex_encode(key + HUB_KEY_TIME_BYTES, slice_of(mac, (HUB_KEY_BYTES - HUB_KEY_TIME_BYTES) / 2));
    key[HUB_KEY_BYTES] = '\0';
}

/* The time that the key says. */
static int64_t key_time(struct slice key)
{
    int64_t time = 0;
    for (size_t i = 0; i < HUB_KEY_TIME_BYTES && i < key.len; i++) {
        int digit = hex_digit(key.p[i]);
        time = time * 16 + (digit < 0 ? 0 : digit);
    }
    return time;
}

bool hub_is_creation_key(
    const struct hub *h, struct slice room_id, int64_t created_at_ms, struct slice key)
{
    char own[HUB_KEY_BYTES + 1];
    hub_creation_key(own, h, room_id, created_at_ms ? created_at_ms : key_time(key));
    return mac_is_equal(slice_str(own), key);
}

/* ---- asking ---- */

struct view hub_view(const struct hub_room *r)
{
    return (struct view){
        .room = r->room,
        .settings = r->hub->settings,
        .epoch = slice_str(r->epoch),
        .now_ms = loop_wall_ms(r->hub->loop),
    };
}

/* Not one who waits, nor one who was lost. */
static bool has_seat(const struct attendance *a)
{
    const struct member *m = a->member;
    return m && m->status == MEMBER_APPROVED && room_seat(m, session_slice(a->session));
}

unsigned hub_attending(const struct hub_room *r, const struct dialect *d)
{
    unsigned n = 0;
    LIST_EACH(l, &r->attendances) {
        const struct attendance *a = attendance_of_room(l);
        n += a->dialect == d && has_seat(a);
    }
    return n;
}

/* The last number that is sure to have been stored under that epoch; 0: it is not known. */
static uint64_t epoch_end(const struct hub_room *r, struct slice epoch)
{
    if (slice_eq(epoch, slice_str(r->epoch)))
        return r->room->seq;
    for (uint32_t i = 0; i < r->n_epochs; i++) {
        bool is_last = i + 1 == r->n_epochs;
        if (slice_eq(epoch, r->epochs[i].name))
            return is_last ? r->epoch_since : r->epochs[i + 1].since_seq;
    }
    return 0;
}

static int replay(const struct room *r, const struct member *m, const struct tail_record *from,
    hub_replay_fn *fn, void *arg)
{
    struct arena arena;
    struct event e;
    arena_init(&arena, HUB_ARENA_BYTES);
    int err = record_read(&e, &arena, from->seq, tail_bytes(from));
    if (!err) {
        const struct room_news news = room_news(r, &e);
        if (room_is_told(&news, m))
            fn(arg, &news);
    }
    arena_fini(&arena);
    return err;
}

int hub_replay(struct hub_room *r, const struct member *m, uint64_t since, struct slice epoch,
    hub_replay_fn *fn, void *arg)
{
    bool is_remembered = since == r->room->seq || tail_first(&r->tail) <= since + 1;
    if (since > epoch_end(r, epoch) || since < m->joined_seq || !is_remembered)
        return ERR_NOT_FOUND;
    int err = 0;
    LIST_EACH(l, &r->tail.records) {
        if (tail_record(l)->seq > since && !err)
            err = replay(r->room, m, tail_record(l), fn, arg);
    }
    return err;
}
