/* Who is to be told of what: read from event.def and room.h anew, and asked of a room that is
 * folded from what the store was given. It does not call room_is_told() or anything of hub/. */
#pragma once

#include "hub_chance.h"

static inline bool same(const char *id, struct slice text)
{
    return slice_eq(slice_str(id), text);
}

static inline bool is_inside(const struct member *m)
{
    return m->status == MEMBER_APPROVED && m->is_present;
}

/* What only some of those inside may know. */
static inline bool may_know(const struct event *e, const struct member *m)
{
    bool is_staff = m->role == ROLE_HOST || m->role == ROLE_COHOST;
    bool is_target = same(m->user_id, e->target);
    switch (e->type) {
    case EV_CREATED:
    case EV_READMITTED:
    case EV_FOCUSED:
        return false;
    case EV_REQUESTED:
    case EV_VIOLATION:
    case EV_VIOLATION_CLEARED:
    case EV_CODE:
    case EV_SUBMITTED:
        return is_staff;
    case EV_KICKED: /* of somebody who was not inside, hosts alone know */
        return e->audience == AUDIENCE_ALL || is_staff;
    case EV_APPROVED:
    case EV_REJECTED:
    case EV_WARNED:
    case EV_SIGNAL:
        return is_target;
    case EV_CHAT:
    case EV_CHAT_EDITED:
    case EV_CHAT_DELETED: /* private to two */
        return e->target.len == 0 || is_target || same(m->user_id, e->actor);
    default:
        return true;
    }
}

/* What somebody who waits, was refused or put out may know. */
static inline bool may_outsider_know(const struct event *e, const struct member *m)
{
    bool is_target = same(m->user_id, e->target);
    switch (e->type) {
    case EV_ENDED:
        return m->status == MEMBER_PENDING;
    case EV_KICKED:
        return is_target && m->status == MEMBER_KICKED;
    case EV_APPROVED:
    case EV_REJECTED:
        return is_target && m->status != MEMBER_KICKED;
    default:
        return false;
    }
}

/* What the connection knows that did it, and is not told. */
static inline bool is_silent_to_doer(enum event_type type)
{
    switch (type) {
    case EV_JOINED:
    case EV_RETURNED:
    case EV_LOST:
    case EV_LEFT:
    case EV_TYPING:
    case EV_DREW:
    case EV_CURSOR:
    case EV_APPROVED: /* who asked for it with this very connection is answered */
        return true;
    default:
        return false;
    }
}

/* A person who goes without a connection has none that could be told of it. */
static inline bool is_own_going(const struct event *e, const struct member *m)
{
    bool is_own = same(m->user_id, e->actor) && e->seat.len == 0;
    return is_own && is_silent_to_doer(e->type) && e->type != EV_APPROVED;
}

/* `m` is of the room as it was when that had happened. */
static inline bool is_to_hear(const struct event *e, const struct member *m, struct slice seat)
{
    if (m == NULL || e->audience == AUDIENCE_NOBODY)
        return false;
    if (!is_inside(m))
        return may_outsider_know(e, m);
    bool was_before = e->seq != 0 && e->seq < m->joined_seq && e->type != EV_APPROVED;
    if (was_before || !may_know(e, m) || is_own_going(e, m))
        return false;
    if (e->type == EV_SIGNAL)
        return slice_eq(e->signal.to_seat, seat);
    return !(is_silent_to_doer(e->type) && slice_eq(e->seat, seat));
}

/* The kinds of listener that the second and third language tell apart. */
static inline unsigned ear_of(const struct event *e, const struct member *m, struct slice seat)
{
    if (slice_eq(e->seat, seat))
        return 1;
    if (same(m->user_id, e->target))
        return 2;
    return m->role >= ROLE_COHOST ? 3 : 0;
}

/* How many messages a language makes of it. */
static inline uint8_t words_of(unsigned language, enum event_type type)
{
    if (language == 1 && type == EV_GOAL)
        return 0;
    return language == 1 && type == EV_CHAT ? 2 : 1;
}

/* What may be told ahead, without its number, while the store is away. */
static inline bool is_lively(enum event_type type)
{
    switch (type) {
    case EV_HAND:
    case EV_DREW:
    case EV_UNDREW:
    case EV_CLEARED:
    case EV_TIMER:
    case EV_GOAL:
    case EV_CODE:
        return true;
    default:
        return false;
    }
}

/* What is refused while the store is away, of somebody inside or not. */
static inline bool is_refused(enum store_state state, enum verb verb, bool is_inside)
{
    switch (verb) {
    case VERB_LEAVE:
    case VERB_MEDIA:
    case VERB_TYPING:
    case VERB_SIGNAL:
    case VERB_CURSOR:
        return false;
    case VERB_JOIN:
        return state != STORE_UP && !is_inside;
    case VERB_MUTE:
    case VERB_HAND:
    case VERB_DRAW:
    case VERB_UNDRAW:
    case VERB_CLEAR:
    case VERB_TIMER:
    case VERB_GOAL:
    case VERB_CODE:
        return state == STORE_FULL;
    default:
        return state != STORE_UP;
    }
}

static inline bool is_volatile(enum event_type type)
{
    return type == EV_TYPING || type == EV_CURSOR;
}

static inline bool must_be_stored(enum event_type type)
{
    switch (type) {
    case EV_RETURNED:
    case EV_LOST:
    case EV_MUTED:
    case EV_HAND:
    case EV_DREW:
    case EV_UNDREW:
    case EV_CLEARED:
    case EV_TIMER:
    case EV_GOAL:
    case EV_FOCUSED:
    case EV_VIOLATION_CLEARED:
    case EV_CODE:
    case EV_MEDIA:
    case EV_TYPING:
    case EV_SIGNAL:
    case EV_CURSOR:
        return false;
    default:
        return true;
    }
}
