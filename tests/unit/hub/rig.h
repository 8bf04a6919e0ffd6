/*
 * A hub with a store that a test holds, a clock that it turns, and clients whose language says the
 * events' names: "JOINED:alice", then nothing but what they were told.
 */
#pragma once

#include "held_store.h"
#include "hub/parts.h"
#include "tap.h"

#define RIG_HEARD_BYTES 65536

struct rig {
    struct test_clock clock;
    struct loop *loop;
    struct held_store held;
    struct hub_settings settings;
    struct places places;
    struct hubs hubs;
    struct hub *hub;
};

struct rig_client {
    struct session *session;
    char heard[RIG_HEARD_BYTES]; /* names, each with a space behind it */
    bool is_kept;                /* while lost: its line keeps what it misses */
};

static inline void rig_tell(
    struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    (void)v;
    (void)ear;
    jw_field_str(words_begin_event(w, event_info(e->type)->name, e), "actor", e->actor);
    words_end(w);
}

static inline void rig_pulse(struct words *w, const struct view *v)
{
    (void)v;
    words_begin(w, "PULSE");
    words_end(w);
}

static inline void rig_refuse(struct words *w, const struct refusal *r)
{
    jw_field_str(words_begin(w, "REFUSED"), "code", slice_str(err_name(r->err)));
    words_end(w);
}

static const struct dialect rig_dialect = {
    .name = "rig", .number = 0, .tell = rig_tell, .refuse = rig_refuse
};
static const struct dialect rig_pulsing = { .name = "pulsing",
    .number = 1,
    .tell = rig_tell,
    .refuse = rig_refuse,
    .pulse_ms = 5000,
    .pulse = rig_pulse };

static inline struct frame *rig_encode(
    const struct line *line, struct slice name, struct slice json, bool is_lasting)
{
    (void)is_lasting;
    (void)line;
    (void)json;
    return (struct frame *)blob_copy(name);
}

static inline void rig_unref(struct frame *f)
{
    blob_unref((struct blob *)f);
}

static inline void rig_send(struct session *s, struct frame *f)
{
    struct rig_client *c = s->carrier;
    struct blob *b = (struct blob *)f;
    size_t at = strlen(c->heard);
    if (at + b->len + 2 > sizeof c->heard)
        return;
    memcpy(c->heard + at, b->bytes, b->len);
    memcpy(c->heard + at + b->len, " ", 2);
}

static inline void rig_answer(struct session *s, uint64_t ack_id, struct slice json)
{
    (void)ack_id;
    struct blob *b = blob_copy(json);
    rig_send(s, (struct frame *)b);
    blob_unref(b);
}

static const struct line rig_line = { .name = "rig",
    .number = 0,
    .encode = rig_encode,
    .unref = rig_unref,
    .send = rig_send,
    .answer = rig_answer };

static inline void rig_init(struct rig *r)
{
    *r = (struct rig){ 0 };
    test_clock_init(&r->clock);
    if (loop_new(&r->loop, &r->clock.clock))
        abort();
    held_store_init(&r->held, r->loop);
    r->settings = (struct hub_settings){ .max_rooms = 100,
        .max_sessions = 1000,
        .idle_ms = 60000,
        .grace_ms = 10000,
        .mesh_limit = 4,
        .token_secret = S("0123456789abcdef0123456789abcdef"),
        .token_ttl_ms = 3600000 };
    places_alone(&r->places, r->loop);
    hubs_init(&r->hubs, &r->places);
    r->hub = hub_new(&r->hubs, 0, &r->held.store, &r->settings);
}

/* Until nothing is left to do. */
static inline void rig_settle(struct rig *r)
{
    for (int i = 0; i < 12; i++)
        loop_turn(r->loop, false);
}

static inline void rig_pass(struct rig *r, uint64_t ms)
{
    test_clock_turn(&r->clock, ms * 1000);
    rig_settle(r);
}

/* The server is started anew, hard, over the same store. Sessions have ended, of which the rooms do
 * not hear; nothing is on its way to the store. */
static inline void rig_restart(struct rig *r)
{
    hub_free(r->hub);
    loop_turn(r->loop, false);
    r->hub = hub_new(&r->hubs, 0, &r->held.store, &r->settings);
}

static inline void rig_fini(struct rig *r)
{
    rig_settle(r);
    r->held.store.ops->close(&r->held.store);
    hub_free(r->hub);
    loop_turn(r->loop, false);
    loop_free(r->loop);
}

/* Without a name: a guest. */
static inline void rig_connect(struct rig *r, struct rig_client *c, const char *name)
{
    *c = (struct rig_client){ 0 };
    struct slice text = name ? slice_str(name) : S("");
    struct identity who = { .user_id = text, .name = text };
    struct session_options o = { .hub = r->hub,
        .line = &rig_line,
        .dialect = &rig_dialect,
        .carrier = c,
        .identity = name ? &who : NULL };
    if (session_new(&c->session, &o))
        abort();
}

static inline void rig_end(struct rig *r, struct rig_client *c)
{
    session_end(c->session);
    c->session = NULL;
    rig_settle(r);
}

static inline void rig_no_wait(struct hub_wait *w)
{
    (void)w;
}

/* The room, loaded if need be; NULL: there is none. */
static inline struct hub_room *rig_open(struct rig *r, const char *id)
{
    struct hub_room *room = NULL;
    struct hub_wait wait = { .fn = rig_no_wait };
    link_init(&wait.link);
    int err = hub_open(&room, r->hub, slice_str(id), &wait);
    rig_settle(r);
    link_leave(&wait.link);
    return err == ERR_AGAIN ? hub_peek(r->hub, slice_str(id)) : room;
}

static inline struct hub_room *rig_create(struct rig *r, const char *id, const char *owner)
{
    struct hub_room *room = NULL;
    struct hub_creation c = { .id = slice_str(id),
        .by = slice_str(owner),
        .room = { .title = S("Room"),
            .owner_id = slice_str(owner),
            .settings = room_default_settings(MODE_STUDY) } };
    if (hub_create(&room, r->hub, &c))
        return NULL;
    return room;
}

static inline int rig_do(struct hub_room *room, struct rig_client *c, const struct command *what)
{
    struct outcome ignored;
    return hub_do(&ignored, room, c->session, &rig_dialect, what);
}

static inline int rig_join(struct hub_room *room, struct rig_client *c)
{
    struct command join = { .verb = VERB_JOIN,
        .join = { .name = c->session->identity.name, .avatar_url = S("") } };
    return rig_do(room, c, &join);
}

static inline int rig_chat(struct hub_room *room, struct rig_client *c, const char *text)
{
    struct command chat = { .verb = VERB_CHAT, .chat = { .text = slice_str(text) } };
    return rig_do(room, c, &chat);
}

static inline int rig_type(struct hub_room *room, struct rig_client *c)
{
    struct command typing = { .verb = VERB_TYPING, .typing = { .is_typing = true } };
    return rig_do(room, c, &typing);
}

static inline void rig_forget(struct rig_client *c)
{
    c->heard[0] = '\0';
}
