/* A room as the store in memory keeps it: its log, in the batches in which it came, its epochs, and
 * the views that are read in other ways. Whatever can fail is done before anything changes: a batch
 * is made, then place for it is reserved, then it is added. Knows nothing of requests; store/memory
 * alone uses it. */
#pragma once

#include "base/list.h"
#include "store/store.h"

/* One append, copied: its events and what they change in the views. */
struct batch {
    struct link link;    /* kept_room->batches */
    struct link changes; /* of the views, until it is added */
    size_t bytes;        /* of its memory, without the changes */
    uint32_t n_messages; /* new ones */
    uint32_t n;
    struct stored_event events[];
};

/* What an event means to the views: a message or a state of the room, with texts of its own. */
struct change {
    struct link link;
    enum event_type type;
    int64_t at_ms;
    struct change *edit; /* of a message: the newest, which has its text */
    union {
        struct store_message message;
        struct store_room room;
    };
    char texts[];
};

struct kept_epoch {
    char name[STORE_EPOCH_MAX];
    size_t len;
    uint64_t since_seq;
};

struct kept_room {
    struct link batches;
    uint32_t n_events;
    uint64_t last_seq;
    size_t bytes; /* of its batches */
    struct kept_epoch epochs[STORE_EPOCHS];
    uint32_t n_epochs;
    bool is_broken; /* an append failed: no more until it is loaded */
    bool is_listed; /* the store's: it is in the list of rooms */
    bool is_started;
    bool is_ended;
    struct change *created;   /* NULL: not yet */
    struct change *updated;   /* NULL: never; its title and settings are the room's */
    struct change **messages; /* oldest first */
    uint32_t n_messages;
    uint32_t max_messages;
    size_t id_len;
    char id[];
};

/* The bytes that a batch of it will have; SIZE_MAX when that cannot be counted. */
size_t batch_bytes(const struct store_append *a);

/* *copies* all of it; returns owned. ERR_NO_MEMORY. */
int batch_new(struct batch **out, const struct store_append *a) MUST_CHECK;
void batch_free(struct batch *b); /* NULL is fine */

/* Without a log. NULL: no memory. */
struct kept_room *kept_new(struct slice id) MUST_CHECK;
void kept_free(struct kept_room *k);
struct slice kept_id(const struct kept_room *k);

/* Place for what the batch brings. ERR_NO_MEMORY. */
int kept_reserve(struct kept_room *k, const struct batch *b) MUST_CHECK;

/* *takes* the batch, whose numbers follow the log's. */
void kept_add(struct kept_room *k, struct batch *b);

/* A load that begins now; the oldest is forgotten when there are too many. */
void kept_begin_epoch(struct kept_room *k, struct slice name);
bool kept_is_epoch(const struct kept_room *k, struct slice name); /* the newest is called so */

/* All events, in one piece, which the caller owns. ERR_NO_MEMORY. */
int kept_log(struct stored_event **out, const struct kept_room *k) MUST_CHECK;

/* Both *borrow* from the room. A page is filled into `at`, which has place for `limit`. */
struct store_room kept_state(const struct kept_room *k);
struct store_messages kept_page(
    struct store_message *at, const struct kept_room *k, const struct store_message_query *q);
