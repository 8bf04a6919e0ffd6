/* A room with people in it, on which verbs are tried: host, co (a cohost), ann and bob. Beside it
 * stands a twin that is never acted upon and only folds the events that the verbs yield; the two
 * must stay equal. For the tests of talk, board, focus and exam.
 *
 *     struct stage s;
 *     stage_init(&s, MODE_STUDY);
 *     struct deed d = stage_deed(&s, "ann");
 *     is_int(stage_did(&s, room_clear(&s.log, s.room, &d)), ERR_NOT_HOST, "participants may not");
 *     stage_fini(&s, "clear");
 *
 * stage_did() folds what happened and passes the error on. Its checks are quiet: what it finds is
 * told by stage_fini(). */
#pragma once

#include "base/arena.h"
#include "room/verb.h"
#include "room_equal.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>

#define STAGE_START_MS 1700000000000

struct stage {
    struct arena arena;
    struct events log; /* since stage_clear() */
    uint32_t folded;   /* of them, by the twin */
    struct room *room;
    struct room *twin;
    int64_t now_ms;
    unsigned ids;
    int err;         /* of making it */
    char wrong[128]; /* the first thing found to be wrong, or "" */
};

static inline struct map_key stage_key(void)
{
    return (struct map_key){ .k0 = 1, .k1 = 2 };
}

/* ---- acting ---- */

static inline void stage_blame(struct stage *s, const char *what)
{
    if (s->wrong[0] == '\0')
        snprintf(s->wrong, sizeof(s->wrong), "%s", what);
}

/* What happened is folded; after an error nothing may have happened. */
static inline int stage_did(struct stage *s, int err)
{
    if (err && s->log.n != s->folded)
        stage_blame(s, "events in spite of an error");
    for (; !err && s->folded < s->log.n; s->folded++) {
        const struct event *e = &s->log.at[s->folded];
        if ((e->seq != 0) != (event_info(e->type)->durability != DURABILITY_NONE))
            stage_blame(s, "a number that should not be, or none that should");
        int fold_err = room_fold(s->twin, e);
        if (fold_err)
            stage_blame(s, "an event that cannot be folded");
        if (fold_err)
            return fold_err;
    }
    if (s->wrong[0] == '\0')
        (void)room_equal(s->room, s->twin, s->wrong);
    return err;
}

/* The events so far are forgotten, so that those that follow are the log's first. */
static inline void stage_clear(struct stage *s)
{
    arena_reset(&s->arena);
    events_init(&s->log, &s->arena);
    s->folded = 0;
}

/* The n-th event since stage_clear(); the type EV_COUNT when there is none. */
static inline const struct event *stage_event(const struct stage *s, uint32_t n)
{
    static const struct event none = { .type = EV_COUNT };
    return n < s->log.n ? &s->log.at[n] : &none;
}

/* A text for as long as the events. */
static inline struct slice stage_text(struct stage *s, const char *text)
{
    struct slice copy = S("");
    return arena_copy(&copy, &s->arena, slice_str(text)) == 0 ? copy : S("");
}

/* With an id of its own, from the person's first seat. */
static inline struct deed stage_deed(struct stage *s, const char *user)
{
    char id[32];
    snprintf(id, sizeof(id), "id%u", ++s->ids);
    return (struct deed){ .user_id = slice_str(user),
        .seat = slice_str(user),
        .at_ms = s->now_ms,
        .id = stage_text(s, id) };
}

static inline int stage_join(struct stage *s, const char *user, const char *name)
{
    enum join_result result;
    struct deed d = stage_deed(s, user);
    struct room_join a = { .name = slice_str(name) };
    return stage_did(s, room_join(&result, &s->log, s->room, &d, &a));
}

/* Settings are changed behind the back of both, where a test is not about changing them. */
#define STAGE_SET(s, setting, value)           \
    do {                                       \
        (s)->room->settings.setting = (value); \
        (s)->twin->settings.setting = (value); \
    } while (0)

static inline int stage_fill(struct stage *s, enum room_mode mode)
{
    struct deed d = stage_deed(s, "host");
    struct room_create a = {
        .title = S("Stage"), .owner_id = S("host"), .settings = room_default_settings(mode)
    };
    a.settings.approval = false;
    int err = stage_did(s, room_create(&s->log, s->room, &d, &a));
    if (!err)
        err = stage_join(s, "host", "Hannah");
    if (!err)
        err = stage_join(s, "co", "Cole");
    if (!err)
        err = stage_join(s, "ann", "Ann");
    if (!err)
        err = stage_join(s, "bob", "Bob");
    if (!err)
        err = stage_did(s, room_set_role(&s->log, s->room, &d, S("co"), ROLE_COHOST));
    return err;
}

/* 0, or ERR_NO_MEMORY under faults. */
static inline int stage_init(struct stage *s, enum room_mode mode)
{
    *s = (struct stage){ .now_ms = STAGE_START_MS };
    arena_init(&s->arena, 256u << 20);
    events_init(&s->log, &s->arena);
    s->room = room_new(S("stage"), stage_key());
    s->twin = room_new(S("stage"), stage_key());
    s->err = stage_fill(s, mode);
    if (!s->err)
        stage_clear(s);
    return s->err;
}

static inline void stage_free(struct stage *s)
{
    room_free(s->room);
    room_free(s->twin);
    arena_fini(&s->arena);
}

static inline void stage_fini(struct stage *s, const char *name)
{
    is_str(s->wrong, "", "%s: the events folded give the room", name);
    is_int(s->err, 0, "%s: it was made", name);
    stage_free(s);
}

/* `len` bytes of `c`, to be freed. */
static inline char *stage_many(char c, size_t len)
{
    char *p = malloc(len + 1);
    memset(p, c, len);
    p[len] = '\0';
    return p;
}
