/* What people do in the simulation: a verb with arguments that are mostly good. */
#pragma once

#include "hub_line.h"

static inline struct slice pick_text(struct world *w)
{
    static const struct slice texts[] = { SLICE("hello"), SLICE("h\xc3\xa9llo"), SLICE("a\nb"),
        SLICE("x"), SLICE("") };
    return texts[draw(w, 5)];
}

static inline struct room_settings pick_settings(struct world *w)
{
    static const uint32_t limits[] = { 0, 0, 200, 40, 5, 2 };
    struct room_settings set = room_default_settings((enum room_mode)draw(w, 4));
    set.approval = one_in(w, 5);
    set.is_locked = one_in(w, 40);
    set.max_participants = limits[draw(w, 6)];
    set.duration_ms = one_in(w, 6) ? 60000 + draw(w, 600000) : 0;
    set.focus_ms = 2000 + draw(w, 60000);
    set.break_ms = 1000 + draw(w, 10000);
    set.auto_focus = one_in(w, 3);
    set.timer_by_hosts = one_in(w, 2);
    set.warn_at = draw(w, 4);
    set.auto_submit_at = draw(w, 5);
    set.question = S("");
    return set;
}

/* Somebody who sits there, or NULL. */
static inline struct client *pick_sitting(struct world *w, const struct place *p)
{
    return p->n_sitting > 0 ? &w->clients[p->sitting[draw(w, p->n_sitting)]] : NULL;
}

static inline bool is_staff(const struct place *p, const struct client *c)
{
    const struct member *m = place_member(p, c);
    return m && is_inside(m) && m->role >= ROLE_COHOST;
}

/* It is connected, and nothing else that it said is on its way. */
static inline bool may_speak(const struct client *c)
{
    return !c->is_lost && !c->is_moving && !c->is_handed;
}

/* Likewise, and may speak; `staff`: a host, if there is one. */
static inline struct client *pick_actor(struct world *w, const struct place *p, bool staff)
{
    unsigned from = p->n_sitting > 0 ? draw(w, p->n_sitting) : 0;
    for (unsigned i = 0; i < p->n_sitting; i++) {
        struct client *c = &w->clients[p->sitting[(from + i) % p->n_sitting]];
        if (may_speak(c) && (!staff || is_staff(p, c)))
            return c;
    }
    return NULL;
}

/* A member's id: of those who sit there, and of those who do not. */
static inline struct slice pick_user(struct world *w, const struct place *p)
{
    const struct client *c = pick_sitting(w, p);
    unsigned at = draw(w, p->shadow->n_members + 1);
    if (c && !one_in(w, 3))
        return c->session->identity.user_id;
    LIST_EACH(l, &p->shadow->members) {
        if (at-- == 0)
            return slice_str(CONTAINER_OF(l, const struct member, link)->user_id);
    }
    return S("nobody");
}

static inline struct slice pick_waiting(struct world *w, const struct place *p)
{
    LIST_EACH(l, &p->shadow->members) {
        const struct member *m = CONTAINER_OF(l, const struct member, link);
        if (m->status == MEMBER_PENDING && one_in(w, 2))
            return slice_str(m->user_id);
    }
    return pick_user(w, p);
}

static inline struct slice pick_message(struct world *w, const struct place *p)
{
    unsigned back = draw(w, 5);
    for (struct link *l = p->shadow->messages.prev; l != &p->shadow->messages; l = l->prev) {
        if (back-- == 0)
            return slice_str(CONTAINER_OF(l, const struct message, link)->id);
    }
    return S("none");
}

static inline struct slice pick_seat(struct world *w, const struct place *p)
{
    const struct client *c = pick_sitting(w, p);
    return c ? slice_str(c->session->id) : S("s0-9");
}

static inline enum verb pick_verb(struct world *w)
{
    static const enum verb often[] = { VERB_CHAT, VERB_CHAT, VERB_CHAT, VERB_CHAT, VERB_DRAW,
        VERB_DRAW, VERB_MEDIA, VERB_MEDIA, VERB_TYPING, VERB_SIGNAL, VERB_SIGNAL, VERB_CURSOR,
        VERB_REPORT, VERB_CODE, VERB_CODE, VERB_HAND, VERB_APPROVE, VERB_APPROVE, VERB_ROLE,
        VERB_LEAVE, VERB_GOAL, VERB_TIMER };
    if (!one_in(w, 4))
        return often[draw(w, sizeof(often) / sizeof(often[0]))];
    enum verb verb = (enum verb)draw(w, VERB_COUNT);
    bool is_rare = verb == VERB_END || verb == VERB_UPDATE || verb == VERB_CLEAR;
    return verb == VERB_JOIN || (is_rare && !one_in(w, verb == VERB_END ? 40 : 6)) ? VERB_CHAT
                                                                                   : verb;
}

static inline bool is_of_hosts(enum verb verb)
{
    return (verb_info(verb)->roles & 1u << ROLE_PARTICIPANT) == 0;
}

static inline void pick_people(struct command *c, struct world *w, const struct place *p)
{
    struct slice user = pick_user(w, p);
    switch (c->verb) {
    case VERB_APPROVE:
        c->approve.user_id = pick_waiting(w, p);
        c->approve.is_approved = !one_in(w, 4);
        return;
    case VERB_ROLE:
        c->role.user_id = user;
        c->role.role = ROLE_PARTICIPANT + (enum role)draw(w, 3);
        return;
    case VERB_MUTE:
        c->mute.user_id = user;
        c->mute.kind = S("audio");
        return;
    case VERB_KICK:
        c->kick.user_id = user;
        c->kick.reason = pick_text(w);
        return;
    default:
        c->readmit.user_id = user;
    }
}

static inline void pick_talk(struct command *c, struct world *w, const struct place *p)
{
    switch (c->verb) {
    case VERB_SIGNAL:
        c->signal.to_seat = pick_seat(w, p);
        c->signal.kind = S("offer");
        c->signal.data = S("{}");
        return;
    case VERB_CHAT:
        c->chat.text = pick_text(w);
        if (one_in(w, 3))
            c->chat.to = pick_user(w, p);
        return;
    case VERB_CHAT_EDIT:
    case VERB_CHAT_DELETE:
        c->message.id = pick_message(w, p);
        c->message.text = pick_text(w);
        return;
    default:
        c->file = (struct room_file){ .file_name = S("a"), .url = S("/a"), .type = S("a/b") };
    }
}

static inline void pick_work(struct command *c, struct world *w)
{
    static const struct slice ops[] = { SLICE("[{\"type\":\"t\"}]"),
        SLICE("[{\"id\":\"o1\",\"type\":\"t\"}]"), SLICE("[{\"id\":\"o2\",\"type\":\"t\"},{}]") };
    switch (c->verb) {
    case VERB_DRAW:
        c->draw.ops = ops[draw(w, 3)];
        return;
    case VERB_UNDRAW:
        c->undraw.op_id = one_in(w, 2) ? S("o1") : S("o2");
        return;
    case VERB_BOARD_SAVE:
        c->save.url = S("");
        return;
    case VERB_CURSOR:
        c->cursor.data = S("{}");
        return;
    case VERB_GOAL:
        c->goal = (struct room_goal){ .is_shared = one_in(w, 2), .text = pick_text(w) };
        return;
    case VERB_REPORT:
        c->report.kind = (enum report_kind)draw(w, REPORT_TAB_FOCUS + 1);
        return;
    default:
        c->code.code = pick_text(w);
        c->code.language = S("c");
    }
}

static inline void pick_args(struct command *c, struct world *w, const struct place *p)
{
    switch (c->verb) {
    case VERB_LEAVE:
    case VERB_START:
    case VERB_CLEAR:
        return;
    case VERB_END:
        c->end.message = pick_text(w);
        return;
    case VERB_UPDATE:
        c->update = (struct room_update){ .title = S("New"), .settings = pick_settings(w) };
        return;
    case VERB_HAND:
        c->hand.is_raised = one_in(w, 2);
        return;
    case VERB_MEDIA:
        c->media.audio = one_in(w, 2);
        return;
    case VERB_TYPING:
        c->typing.is_typing = one_in(w, 2);
        return;
    case VERB_TIMER:
        c->timer.act = (enum timer_act)draw(w, TIMER_ACT_SKIP + 1);
        c->timer.phase = TIMER_FOCUS + (enum timer_phase)draw(w, 3);
        return;
    case VERB_APPROVE:
    case VERB_ROLE:
    case VERB_MUTE:
    case VERB_KICK:
    case VERB_READMIT:
        pick_people(c, w, p);
        return;
    case VERB_SIGNAL:
    case VERB_CHAT:
    case VERB_CHAT_EDIT:
    case VERB_CHAT_DELETE:
    case VERB_FILE:
        pick_talk(c, w, p);
        return;
    default:
        pick_work(c, w);
    }
}
