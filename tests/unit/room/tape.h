/* A log of events with texts of its own, as a store would keep it: what has a number is taped, and
 * can be folded again. For the tests of room/ and the simulation. */
#pragma once

#include "room/room.h"
#include "room_equal.h"

#include <stdlib.h>

struct tape {
    struct event *at;
    uint32_t n;
    uint32_t cap;
    struct slice *owned; /* of each event, the memory of its texts */
};

#define TAPE_TEXTS 10 /* of one event, the common three among them */
#define TAPE_AT(f) offsetof(struct event, f)

/* Where the texts are that an event has in its payload. */
static const size_t tape_texts[EV_COUNT][TAPE_TEXTS] = {
    [EV_CREATED] = { TAPE_AT(created.title), TAPE_AT(created.owner_id),
        TAPE_AT(created.settings.question) },
    [EV_UPDATED] = { TAPE_AT(updated.title), TAPE_AT(updated.settings.question) },
    [EV_ENDED] = { TAPE_AT(ended.message) },
    [EV_REQUESTED] = { TAPE_AT(person.name), TAPE_AT(person.avatar_url), TAPE_AT(person.knock) },
    [EV_JOINED] = { TAPE_AT(person.name), TAPE_AT(person.avatar_url) },
    [EV_RETURNED] = { TAPE_AT(person.name), TAPE_AT(person.avatar_url) },
    [EV_MUTED] = { TAPE_AT(muted.kind) },
    [EV_KICKED] = { TAPE_AT(kicked.reason), TAPE_AT(kicked.seats) },
    [EV_SIGNAL] = { TAPE_AT(signal.to_seat), TAPE_AT(signal.kind), TAPE_AT(signal.data) },
    [EV_CHAT] = { TAPE_AT(chat.id), TAPE_AT(chat.name), TAPE_AT(chat.text),
        TAPE_AT(chat.attachments), TAPE_AT(chat.reply_to) },
    [EV_CHAT_EDITED] = { TAPE_AT(chat.id), TAPE_AT(chat.name), TAPE_AT(chat.text),
        TAPE_AT(chat.attachments), TAPE_AT(chat.reply_to) },
    [EV_CHAT_DELETED] = { TAPE_AT(chat.id), TAPE_AT(chat.name), TAPE_AT(chat.text),
        TAPE_AT(chat.attachments), TAPE_AT(chat.reply_to) },
    [EV_FILE] = { TAPE_AT(file.id), TAPE_AT(file.name), TAPE_AT(file.file_name), TAPE_AT(file.url),
        TAPE_AT(file.type) },
    [EV_DREW] = { TAPE_AT(drew.ops) },
    [EV_UNDREW] = { TAPE_AT(undrew.op_id) },
    [EV_BOARD_SAVED] = { TAPE_AT(saved.id), TAPE_AT(saved.url) },
    [EV_CURSOR] = { TAPE_AT(cursor.data) },
    [EV_GOAL] = { TAPE_AT(goal.text) },
    [EV_VIOLATION] = { TAPE_AT(violation.id) },
    [EV_WARNED] = { TAPE_AT(violation.id) },
    [EV_VIOLATION_CLEARED] = { TAPE_AT(violation.id) },
    [EV_CODE] = { TAPE_AT(code.id), TAPE_AT(code.code), TAPE_AT(code.language) },
    [EV_SUBMITTED] = { TAPE_AT(code.id), TAPE_AT(code.code), TAPE_AT(code.language) },
    [EV_KEPT_ROOM] = { TAPE_AT(kept_room.title), TAPE_AT(kept_room.owner_id),
        TAPE_AT(kept_room.goal), TAPE_AT(kept_room.settings.question),
        TAPE_AT(kept_room.snapshot_id), TAPE_AT(kept_room.snapshot_url),
        TAPE_AT(kept_room.snapshot_by) },
    [EV_KEPT_MEMBER] = { TAPE_AT(kept_member.name), TAPE_AT(kept_member.avatar_url),
        TAPE_AT(kept_member.seats), TAPE_AT(kept_member.goal), TAPE_AT(kept_member.code),
        TAPE_AT(kept_member.language), TAPE_AT(kept_member.knock), TAPE_AT(kept_member.reports),
        TAPE_AT(kept_member.handed_in) },
    [EV_KEPT_MESSAGE] = { TAPE_AT(chat.id), TAPE_AT(chat.name), TAPE_AT(chat.text),
        TAPE_AT(chat.attachments), TAPE_AT(chat.reply_to) },
    [EV_KEPT_FILE] = { TAPE_AT(file.id), TAPE_AT(file.name), TAPE_AT(file.file_name),
        TAPE_AT(file.url), TAPE_AT(file.type) },
    [EV_KEPT_OP] = { TAPE_AT(kept_op.id), TAPE_AT(kept_op.json) },
};

/* The n-th text of the event, or NULL behind the last. */
static inline struct slice *tape_text(struct event *e, size_t n)
{
    struct slice *common[] = { &e->actor, &e->seat, &e->target };
    if (n < 3)
        return common[n];
    size_t at = n - 3 < TAPE_TEXTS ? tape_texts[e->type][n - 3] : 0;
    return at != 0 ? (struct slice *)(void *)((char *)e + at) : NULL;
}

/* Copies the texts, exactly, so that a read behind one is found; gives their memory. */
static inline struct slice tape_own(struct event *e)
{
    size_t len = 0;
    for (size_t n = 0; tape_text(e, n) != NULL; n++)
        len += tape_text(e, n)->len;
    char *memory = malloc(len > 0 ? len : 1);
    char *to = memory;
    for (size_t n = 0; tape_text(e, n) != NULL; n++) {
        struct slice *text = tape_text(e, n);
        if (text->len > 0)
            memcpy(to, text->p, text->len);
        text->p = to;
        to += text->len;
    }
    return slice_of(memory, len);
}

static inline void tape_add(struct tape *t, const struct event *e)
{
    if (t->n == t->cap) {
        t->cap = t->cap > 0 ? 2 * t->cap : 64;
        t->at = realloc(t->at, t->cap * sizeof(*t->at));
        t->owned = realloc(t->owned, t->cap * sizeof(*t->owned));
    }
    t->at[t->n] = *e;
    t->owned[t->n] = tape_own(&t->at[t->n]);
    t->n++;
}

static inline void tape_clear(struct tape *t)
{
    for (uint32_t i = 0; i < t->n; i++)
        free((char *)t->owned[i].p);
    free(t->owned);
    free(t->at);
    *t = (struct tape){ .n = 0 };
}

static inline struct map_key tape_key(void)
{
    return (struct map_key){ .k0 = 3, .k1 = 4 };
}

/* Folds the tape into an empty room. */
static inline int tape_fold(struct room *r, const struct tape *t)
{
    int err = 0;
    for (uint32_t i = 0; i < t->n && !err; i++)
        err = room_fold(r, &t->at[i]);
    return err;
}

/* Whether the tape, folded again, gives that room; else `why`. */
static inline bool tape_gives(const struct tape *t, const struct room *r, char why[128])
{
    struct room *again = room_new(slice_str(r->id), tape_key());
    again->grace_ms = r->grace_ms;
    int err = tape_fold(again, t);
    bool same = !err && room_equal(r, again, why);
    if (err)
        snprintf(why, 128, "folding: %s", err_name(err));
    room_free(again);
    return same;
}
