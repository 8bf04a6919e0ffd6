/* A room to play with: who does a verb is written "user@seat", what happened comes as one line of
 * text, what is stored is taped. For the tests of room/ and the simulation.
 *
 *     struct play p;
 *     play_init(&p, MODE_STUDY, "");
 *     is_int(play(&p, VERB_KICK, "hal@h", "bob"), 0, "a host may");
 *     is_str(play_said(&p), "KICKED(hal@h>bob)", "and it is told");
 *     play_fini(&p);
 */
#pragma once

#include "play_verbs.h"
#include "tap.h"

#include <stdarg.h>

#define PLAY_START_MS  1700000000000
#define PLAY_ARENA_MAX (64u << 20)

/* ---- acting ---- */

/* What happened last is forgotten, so that what happens now is the list. */
static inline void play_forget(struct play *p)
{
    arena_reset(&p->arena);
    events_init(&p->happened, &p->arena);
}

/* Passes the error on. What happened is taped; an error must not have changed anything, unless it
 * is memory that ended. */
static inline int play_settle(struct play *p, int err)
{
    for (uint32_t i = 0; !err && i < p->happened.n; i++) {
        if (p->happened.at[i].seq != 0)
            tape_add(&p->tape, &p->happened.at[i]);
    }
    if (err && err != ERR_NO_MEMORY && p->happened.n > 0)
        ok(false, "an error, and yet something happened");
    return err;
}

/* "user@seat"; without '@' no seat, without anything the room itself. */
static inline struct deed play_deed(const struct play *p, const char *who)
{
    struct slice rest = slice_str(who), user = S("");
    (void)slice_cut(&user, &rest, '@');
    return (struct deed){ .user_id = user, .seat = rest, .at_ms = p->now_ms, .id = p->args.id };
}

static inline int play(struct play *p, enum verb verb, const char *who, const char *target)
{
    struct deed d = play_deed(p, who);
    play_forget(p);
    return play_settle(p, play_verbs[verb](p, &d, slice_str(target)));
}

static inline int play_lose_by(struct play *p, const char *who, enum loss whose)
{
    struct deed d = play_deed(p, who);
    play_forget(p);
    return play_settle(p, room_lose(&p->happened, p->room, &d, whose));
}

static inline int play_lose(struct play *p, const char *who)
{
    return play_lose_by(p, who, LOSS_THEIRS);
}

/* Time goes on by so much, and the room is told. */
static inline int play_wait(struct play *p, int64_t ms)
{
    p->now_ms += ms;
    play_forget(p);
    return play_settle(p, room_tick(&p->happened, p->room, p->now_ms));
}

static inline int play_role(struct play *p, const char *who, const char *target, enum role role)
{
    p->args.role = role;
    return play(p, VERB_ROLE, who, target);
}

static inline int play_approve(struct play *p, const char *who, const char *target, bool yes)
{
    p->args.yes = yes;
    return play(p, VERB_APPROVE, who, target);
}

/* ---- beginning and end ---- */

/* An empty room, and arguments that every verb takes. */
static inline void play_init_bare(struct play *p)
{
    *p = (struct play){ .now_ms = PLAY_START_MS,
        .room = room_new(S("room"), tape_key()),
        .args = { .id = S("id"),
            .text = S("text"),
            .ops = S("[{\"id\":\"id\",\"type\":\"line\"}]"),
            .yes = true,
            .role = ROLE_COHOST,
            .timer = { .act = TIMER_ACT_START, .phase = TIMER_FOCUS } } };
    arena_init(&p->arena, PLAY_ARENA_MAX);
    play_forget(p);
}

static inline int play_create(struct play *p, struct slice owner, const struct room_settings *s)
{
    struct room_create a = { .title = S("Room"), .owner_id = owner, .settings = *s };
    struct deed d = { .user_id = owner, .at_ms = p->now_ms };
    p->args.update.settings = *s;
    play_forget(p);
    return play_settle(p, room_create(&p->happened, p->room, &d, &a));
}

/* Owned by that person, "" by nobody. */
static inline int play_init(struct play *p, enum room_mode mode, const char *owner)
{
    struct room_settings settings = room_default_settings(mode);
    play_init_bare(p);
    return play_create(p, slice_str(owner), &settings);
}

static inline void play_free(struct play *p)
{
    room_free(p->room);
    tape_clear(&p->tape);
    arena_fini(&p->arena);
}

/* With a check: the tape, folded again, gives the room. */
static inline void play_fini(struct play *p)
{
    char why[128] = "";
    if (!ok(tape_gives(&p->tape, p->room, why), "the events, folded again, give the room"))
        note("%s", why);
    play_free(p);
}

/* ---- what happened ---- */

static inline void say(struct play *p, const char *format, ...) TAP_FMT(2, 3);
static inline void say(struct play *p, const char *format, ...)
{
    size_t len = strlen(p->said);
    va_list args;
    va_start(args, format);
    vsnprintf(p->said + len, sizeof(p->said) - len, format, args);
    va_end(args);
}

static inline void say_payload(struct play *p, const struct event *e)
{
    switch (e->type) {
    case EV_JOINED:
    case EV_RETURNED:
    case EV_REQUESTED:
        say(p, " %s %u", role_name(e->person.role), e->person.seats);
        if (e->person.knock.len > 0)
            say(p, " '%.*s'", (int)e->person.knock.len, e->person.knock.p);
        return;
    case EV_LOST:
    case EV_LEFT:
        say(p, " %u", e->gone.seats);
        return;
    case EV_ROLE:
        say(p, " %s", role_name(e->role.role));
        return;
    case EV_FOCUSED: /* seconds since the beginning */
        say(p, " %g-%g", (double)(e->focused.since_ms - PLAY_START_MS) / 1000,
            (double)(e->at_ms - PLAY_START_MS) / 1000);
        return;
    case EV_ENDED:
        say(p, " '%.*s'", (int)e->ended.message.len, e->ended.message.p);
        return;
    default:
        return;
    }
}

/* "JOINED(ann@a participant 1) ROLE(>ann host)"; an audience that the verb narrowed stands before
 * the name: "hosts:KICKED(hal@h>bob)". */
static inline const char *play_said(struct play *p)
{
    static const char *const audiences[] = { "all", "others", "hosts", "target", "pair", "log" };
    p->said[0] = '\0';
    for (uint32_t i = 0; i < p->happened.n; i++) {
        const struct event *e = &p->happened.at[i];
        say(p, "%s", i > 0 ? " " : "");
        if (e->audience != event_info(e->type)->audience)
            say(p, "%s:", audiences[e->audience]);
        say(p, "%s(%.*s", event_info(e->type)->name, (int)e->actor.len, e->actor.p);
        if (e->seat.len > 0)
            say(p, "@%.*s", (int)e->seat.len, e->seat.p);
        if (e->target.len > 0)
            say(p, ">%.*s", (int)e->target.len, e->target.p);
        say_payload(p, e);
        say(p, ")");
    }
    return p->said;
}
