/* A store that does what a test wants: it keeps everything in memory, but gives its answers when
 * the test says so, in the order of each room and otherwise in any, or refuses to keep anything.
 * */
#pragma once

#include "base/list.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "room/room.h"
#include "store/memory.h"

#include <stdlib.h>
#include <string.h>

#define HELD_STORE_BROKEN 64 /* rooms that have failed and were not loaded since */

struct held_store {
    struct store store;
    struct store *inner;
    struct link answers; /* struct held_answer: of appends */
    unsigned n_answers;
    bool is_holding; /* answers wait for held_store_release() */
    bool is_full;    /* nothing is kept */
    struct store_status status;
    unsigned n_snapshots;       /* that were asked for */
    uint64_t snapshot_seq;      /* of the last of them */
    bool is_refusing_snapshots; /* they are answered with ERR_CONFLICT */
    bool is_fleeting;           /* said of the last new room */
    uint32_t n_loaded;          /* events of the last load */
    uint32_t n_loaded_snapshot; /* its records */
    char broken[HELD_STORE_BROKEN][ROOM_ID_MAX + 1];
    unsigned n_broken;
};

struct held_answer {
    struct link link;
    struct held_store *owner;
    char room_id[ROOM_ID_MAX + 1];
    bool is_ready; /* the store behind has answered */
    int err;
    store_done *done;
    void *arg;
};

static inline struct held_store *held_store_of(struct store *s)
{
    return CONTAINER_OF(s, struct held_store, store);
}

static inline void held_answer_give(struct held_answer *a)
{
    link_leave(&a->link);
    a->owner->n_answers--;
    a->done(a->arg, a->err);
    xfree(a);
}

static inline struct held_answer *held_answer(struct link *l)
{
    return CONTAINER_OF(l, struct held_answer, link);
}

/* The first answer of a room that is held; an answer behind it must wait. */
static inline bool held_is_first(const struct held_store *h, const struct held_answer *a)
{
    for (struct link *l = h->answers.next; l != &h->answers; l = l->next) {
        if (strcmp(held_answer(l)->room_id, a->room_id) == 0)
            return held_answer(l) == a;
    }
    return false;
}

/* Gives the n-th of the answers that may be given now, if there is one. */
static inline bool held_store_release(struct held_store *h, unsigned n)
{
    for (struct link *l = h->answers.next; l != &h->answers; l = l->next) {
        struct held_answer *a = held_answer(l);
        if (a->is_ready && held_is_first(h, a) && n-- == 0) {
            held_answer_give(a);
            return true;
        }
    }
    return false;
}

static inline void held_store_release_all(struct held_store *h)
{
    while (held_store_release(h, 0))
        ;
}

static inline void held_on_done(void *arg, int err)
{
    struct held_answer *a = arg;
    a->is_ready = true;
    a->err = err;
    if (!a->owner->is_holding)
        held_store_release_all(a->owner);
}

static inline int held_broken_at(const struct held_store *h, const char *room_id)
{
    for (unsigned i = 0; i < h->n_broken; i++) {
        if (strcmp(h->broken[i], room_id) == 0)
            return (int)i;
    }
    return -1;
}

static inline void held_append(
    struct store *s, const struct store_append *what, store_done *done, void *arg)
{
    struct held_store *h = held_store_of(s);
    struct held_answer *a = xalloc(sizeof *a);
    *a = (struct held_answer){ .owner = h, .done = done, .arg = arg };
    memcpy(a->room_id, what->room_id.p, what->room_id.len);
    link_init(&a->link);
    list_push(&h->answers, &a->link);
    h->n_answers++;
    h->is_fleeting = what->is_new ? what->is_fleeting : h->is_fleeting;
    if (!h->is_full && held_broken_at(h, a->room_id) < 0) {
        h->inner->ops->append(h->inner, what, held_on_done, a);
        return;
    }
    if (held_broken_at(h, a->room_id) < 0 && h->n_broken < HELD_STORE_BROKEN)
        memcpy(h->broken[h->n_broken++], a->room_id, sizeof a->room_id);
    a->is_ready = true;
    a->err = ERR_STORAGE_UNAVAILABLE;
    h->is_holding = true; /* never from within the request */
}

static inline const struct store_status *held_status(const struct store *s)
{
    return &CONTAINER_OF(s, const struct held_store, store)->status;
}

/* One of a number that is not stored is refused by the store behind. */
static inline void held_snapshot(
    struct store *s, const struct store_snapshot *what, store_done *done, void *arg)
{
    struct held_store *h = held_store_of(s);
    struct store_snapshot passed = *what;
    h->n_snapshots++;
    h->snapshot_seq = what->seq;
    passed.seq += h->is_refusing_snapshots ? 1000000 : 0;
    h->inner->ops->snapshot(h->inner, &passed, done, arg);
}

struct held_load {
    struct held_store *owner;
    store_log_done *done;
    void *arg;
};

static inline void held_on_loaded(void *arg, int err, const struct store_log *log)
{
    struct held_load *l = arg;
    struct held_load asked = *l;
    xfree(l);
    if (!err) {
        asked.owner->n_loaded = log->n;
        asked.owner->n_loaded_snapshot = log->n_snapshot;
    }
    asked.done(asked.arg, err, log);
}

static inline void held_load(
    struct store *s, struct slice room_id, struct slice epoch, store_log_done *done, void *arg)
{
    struct held_store *h = held_store_of(s);
    struct held_load *l = xalloc(sizeof *l);
    *l = (struct held_load){ .owner = h, .done = done, .arg = arg };
    char id[ROOM_ID_MAX + 1] = "";
    memcpy(id, room_id.p, room_id.len);
    int at = held_broken_at(h, id);
    if (at >= 0)
        memcpy(h->broken[at], h->broken[--h->n_broken], sizeof h->broken[0]);
    h->inner->ops->load(h->inner, room_id, epoch, held_on_loaded, l);
}

static inline void held_forget(struct store *s, struct slice room_id, store_done *done, void *arg)
{
    held_store_of(s)->inner->ops->forget(held_store_of(s)->inner, room_id, done, arg);
}

static inline void held_messages(
    struct store *s, const struct store_message_query *q, store_messages_done *done, void *arg)
{
    held_store_of(s)->inner->ops->messages(held_store_of(s)->inner, q, done, arg);
}

static inline void held_rooms(
    struct store *s, const struct store_room_query *q, store_rooms_done *done, void *arg)
{
    held_store_of(s)->inner->ops->rooms(held_store_of(s)->inner, q, done, arg);
}

static inline void held_history(
    struct store *s, struct slice room_id, store_history_done *done, void *arg)
{
    held_store_of(s)->inner->ops->history(held_store_of(s)->inner, room_id, done, arg);
}

static inline void held_close(struct store *s)
{
    struct held_store *h = held_store_of(s);
    while (!list_is_empty(&h->answers))
        xfree(held_answer(list_pop(&h->answers)));
    h->inner->ops->close(h->inner);
}

static inline void held_store_init(struct held_store *h, struct loop *loop)
{
    static const struct store_ops ops = {
        .name = "held",
        .status = held_status,
        .append = held_append,
        .snapshot = held_snapshot,
        .load = held_load,
        .forget = held_forget,
        .messages = held_messages,
        .rooms = held_rooms,
        .history = held_history,
        .close = held_close,
    };
    *h = (struct held_store){
        .store = { .ops = &ops }, .inner = store_memory_new(loop), .status = { .why = "" }
    };
    link_init(&h->answers);
}
