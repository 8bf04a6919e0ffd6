/* A store on a loop, asked in short words; its answers are written down in their order:
 *
 *     rig_put(&r, 'a', &room, events, 2);
 *     rig_load(&r, 'b', "room", "e2");
 *     is_str(rig_turn(&r), "a:ok b:[1 CREATED,2 CHAT](e1@0) ", "what was appended is loaded");
 *
 * What is appended lies in memory that is given back as soon as append returns. */
#pragma once

#include "rig_events.h"
#include "rig_said.h"
#include "room/tape.h"

#define RECORD_BYTES 64
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- asking ---- */

static inline struct rig_asked *rig_ask(struct rig *r, char label)
{
    if (r->n_asked == RIG_ASKED)
        abort();
    r->asked[r->n_asked] = (struct rig_asked){ .rig = r, .label = label };
    return &r->asked[r->n_asked++];
}

static inline void rig_wait(struct rig *r)
{
    while (r->n_answered < r->n_asked && r->store != NULL)
        loop_turn(r->loop, true);
}

/* Where what is asked later may be done before what is read. */
static inline void rig_wait_for_readers(struct rig *r)
{
    if (r->is_threaded)
        rig_wait(r);
}

/* Where an append goes, and how it goes on: its numbers follow `seq`. */
struct rig_room {
    const char *id;
    const char *epoch;
    uint64_t seq;
    bool is_new;
    bool is_fleeting;
};

static inline void rig_record(
    struct stored_event *out, char text[RECORD_BYTES], const struct event *e)
{
    int len = snprintf(text, RECORD_BYTES, "%ju %s", (uintmax_t)e->seq, event_info(e->type)->name);
    out->seq = e->seq;
    out->record = slice_of(text, (size_t)len);
    out->event = e;
}

/* The room's next numbers are given to the events, if they are kept or not. */
static inline void rig_put(
    struct rig *r, char label, struct rig_room *room, const struct event *events, uint32_t n)
{
    struct tape tape = { .n = 0 };
    struct stored_event *stored = malloc(n * sizeof(*stored));
    char(*records)[RECORD_BYTES] = malloc(n * sizeof(*records));
    char *id = strdup(room->id), *epoch = strdup(room->epoch);
    for (uint32_t i = 0; i < n; i++) {
        struct event e;
        memcpy(&e, &events[i], sizeof(e));
        e.seq = ++room->seq;
        tape_add(&tape, &e);
    }
    for (uint32_t i = 0; i < n; i++)
        rig_record(&stored[i], records[i], &tape.at[i]);
    struct store_append a = {
        .room_id = slice_str(id),
        .epoch = slice_str(epoch),
        .events = stored,
        .n = n,
        .is_new = room->is_new,
        .is_fleeting = room->is_fleeting,
    };
    room->is_new = false;
    r->store->ops->append(r->store, &a, rig_on_done, rig_ask(r, label));
    tape_clear(&tape);
    free(records);
    free(stored);
    free(epoch);
    free(id);
}

static inline void rig_load(struct rig *r, char label, const char *room, const char *epoch)
{
    char *id = strdup(room), *name = strdup(epoch);
    r->store->ops->load(r->store, slice_str(id), slice_str(name), rig_on_log, rig_ask(r, label));
    free(name);
    free(id);
}

/* Of the load `room->epoch`, up to its number `seq`. A NULL ends the records. */
static inline void rig_snapshot(struct rig *r, char label, const struct rig_room *room,
    uint64_t seq, const char *const *records)
{
    struct slice *copies = malloc(RIG_ASKED * sizeof(*copies));
    struct store_snapshot n = {
        .room_id = slice_str(room->id),
        .epoch = slice_str(room->epoch),
        .seq = seq,
        .records = copies,
    };
    for (; records[n.n] != NULL; n.n++)
        copies[n.n] = slice_str(strdup(records[n.n]));
    r->store->ops->snapshot(r->store, &n, rig_on_done, rig_ask(r, label));
    for (uint32_t i = 0; i < n.n; i++)
        free((char *)(uintptr_t)copies[i].p);
    free(copies);
}

static inline void rig_forget(struct rig *r, char label, const char *room)
{
    char *id = strdup(room);
    rig_wait_for_readers(r);
    r->store->ops->forget(r->store, slice_str(id), rig_on_done, rig_ask(r, label));
    free(id);
}

static inline void rig_messages(struct rig *r, char label, const struct store_message_query *q)
{
    r->store->ops->messages(r->store, q, rig_on_messages, rig_ask(r, label));
    rig_wait_for_readers(r);
}

static inline void rig_rooms(struct rig *r, char label, const struct store_room_query *q)
{
    r->store->ops->rooms(r->store, q, rig_on_rooms, rig_ask(r, label));
    rig_wait_for_readers(r);
}

static inline void rig_sort(struct rig *r)
{
    size_t len = 0;
    for (unsigned i = 0; i < r->n_asked; i++) {
        const struct rig_asked *a = &r->asked[i];
        memcpy(r->sorted + len, r->said + a->from, a->to - a->from);
        len += a->to - a->from;
    }
    r->sorted[len] = '\0';
}

/* Turns until all is answered, and gives what was said since the last time. */
static inline const char *rig_turn(struct rig *r)
{
    r->said[r->len] = '\0';
    rig_wait(r);
    rig_sort(r);
    r->n_asked = r->n_answered = 0;
    r->len = 0;
    return r->is_threaded ? r->sorted : r->said;
}

/* ---- beginning and end ---- */

/* Without a store. */
static inline void rig_init(struct rig *r)
{
    memset(r, 0, sizeof(*r));
    test_clock_init(&r->clock);
    if (loop_new(&r->loop, &r->clock.clock))
        abort();
}

static inline void rig_fini(struct rig *r)
{
    rig_close(r);
    loop_free(r->loop);
}

/* A room with its CREATED event, and that answered. */
static inline struct rig_room rig_begin(struct rig *r, const char *id, int64_t at_ms)
{
    struct rig_room room = { .id = id, .epoch = "e1", .is_new = true };
    struct event created = rig_created(at_ms, "host", true);
    rig_put(r, '-', &room, &created, 1);
    rig_turn(r);
    return room;
}
