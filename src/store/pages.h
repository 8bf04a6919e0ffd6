/* What is read from a store in pages: a room's messages, the list of rooms. Part of store/store.h.
 */
#pragma once

#include "room/room.h"

#include <stdbool.h>

#define STORE_PAGE_MAX   200  /* rows of a page */
#define STORE_SEARCH_MAX 5000 /* messages that one page looks through for a text */

/* A chat message as it reads now. */
struct store_message {
    struct slice id;
    struct slice user_id;
    struct slice name;
    struct slice to; /* user id of a private message, or empty */
    struct slice text;
    struct slice attachments; /* a JSON array, or empty */
    struct slice reply_to;
    enum message_kind kind;
    uint64_t seq;
    int64_t at_ms;
    int64_t edited_at_ms; /* 0: never */
};

/* As it was said: of EV_CHAT. *Borrows* the event's texts. */
static inline struct store_message store_message_of(const struct event *e)
{
    return (struct store_message){
        .id = e->chat.id,
        .user_id = e->actor,
        .name = e->chat.name,
        .to = e->target,
        .text = e->chat.text,
        .attachments = e->chat.attachments,
        .reply_to = e->chat.reply_to,
        .kind = e->chat.kind,
        .seq = e->seq,
        .at_ms = e->at_ms,
        .edited_at_ms = e->chat.edited_at_ms,
    };
}

struct store_message_query {
    struct slice room_id;
    struct slice viewer; /* user id: private messages of others are left out; may be empty */
    struct slice sought; /* only those with this in their text, in whatever case; empty: all */
    uint64_t before_seq; /* only older ones; 0: from the newest */
    uint32_t limit;      /* 1 to STORE_PAGE_MAX */
};

/* Oldest first; `has_more`: there are older ones. *Lent* for the call. */
struct store_messages {
    const struct store_message *at;
    uint32_t n;
    bool has_more;
    uint64_t before_seq; /* where the next page begins, if there is one */
};

struct store_room {
    struct slice id;
    struct slice title;
    struct slice owner_id;
    struct room_settings settings;
    bool is_started;
    bool is_ended;
    int64_t created_at_ms;
};

/* Only an interview waits to be started. */
static inline enum room_status store_room_status(const struct store_room *r)
{
    if (r->is_ended)
        return ROOM_ENDED;
    return r->is_started || r->settings.mode != MODE_INTERVIEW ? ROOM_LIVE : ROOM_WAITING;
}

struct store_room_query {
    struct slice viewer; /* public rooms and this user's own; may be empty: public ones alone */
    bool is_all;         /* every room */
    struct slice after;  /* the id that the last page ended with; empty: from the newest */
    uint32_t limit;      /* 1 to STORE_PAGE_MAX */
};

/* Newest first (by creation, then id, both falling), without ended ones. *Lent* for the call. */
struct store_rooms {
    const struct store_room *at;
    uint32_t n;
    bool has_more;
};

typedef void(store_messages_done)(void *arg, int err, const struct store_messages *page);
typedef void(store_rooms_done)(void *arg, int err, const struct store_rooms *page);
