/* Events for the tests of store/, made in one line each. Their texts are *borrowed*. */
#pragma once

#include "room/event.h"

static inline struct event rig_event(enum event_type type, int64_t at_ms, const char *actor)
{
    struct event e;
    memset(&e, 0, sizeof(e));
    e.type = type;
    e.audience = event_info(type)->audience;
    e.at_ms = at_ms;
    e.actor = slice_str(actor);
    return e;
}

static inline struct event rig_created(int64_t at_ms, const char *owner, bool is_public)
{
    struct event e = rig_event(EV_CREATED, at_ms, owner);
    e.created.title = S("Title");
    e.created.owner_id = slice_str(owner);
    e.created.settings.is_public = is_public;
    e.created.settings.question = S("Why?");
    return e;
}

static inline struct event rig_updated(const char *title, bool is_public)
{
    struct event e = rig_event(EV_UPDATED, 2, "host");
    e.updated.title = slice_str(title);
    e.updated.settings.is_public = is_public;
    e.updated.settings.question = S("How?");
    return e;
}

/* `to` is a user id, or "". */
static inline struct event rig_chat(
    const char *id, const char *user, const char *to, const char *text)
{
    struct event e = rig_event(EV_CHAT, 3, user);
    e.target = slice_str(to);
    e.chat.id = slice_str(id);
    e.chat.name = S("Name");
    e.chat.text = slice_str(text);
    return e;
}

/* Of the message that was said with that number. */
static inline struct event rig_edited(int64_t at_ms, uint64_t said_seq, const char *text)
{
    struct event e = rig_event(EV_CHAT_EDITED, at_ms, "ann");
    e.chat.said_seq = said_seq;
    e.chat.text = slice_str(text);
    return e;
}

static inline struct event rig_deleted(uint64_t said_seq)
{
    struct event e = rig_event(EV_CHAT_DELETED, 5, "host");
    e.chat.said_seq = said_seq;
    return e;
}
