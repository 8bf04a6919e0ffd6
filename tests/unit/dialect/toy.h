/* A small language with a row for each kind of room, and a typed one beside it, over the real hub
 * and a store in memory.
 *
 *     toy_init(&t);
 *     toy_connect(&t, &a, "alice");
 *     is_str(toy_ask(&a, "echo", "{}", 7), "echo {\"text\":\"\"}\n#7 {\"ok\":true}\n", "said");
 */
#pragma once

#include "toy_handlers.h"

/* ---- the languages ---- */

static inline void toy_tell(
    struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    (void)v;
    (void)ear;
    if (e->type != EV_CHAT)
        return;
    jw_field_str(words_begin(w, "talked"), "text", e->chat.text);
    words_end(w);
}

static inline void toy_refuse(struct words *w, const struct refusal *r)
{
    struct json_writer *j = words_begin(w, "no");
    jw_field_str(j, "code", slice_str(err_name(r->err)));
    jw_field_str(j, "text", r->text);
    if (r->request)
        jw_field_str(j, "request", slice_str(r->request));
    if (r->retry_ms)
        jw_field_u64(j, "retry", r->retry_ms);
    if (r->is_acked)
        jw_field_bool(j, "acked", true);
    words_end(w);
}

/* Says a refusal only where nothing else says it. */
static inline void toy_refuse_quietly(struct words *w, const struct refusal *r)
{
    if (!r->is_acked)
        toy_refuse(w, r);
}

static const struct dialect toy_dialect = {
    .name = "toy", .number = 2, .tell = toy_tell, .refuse = toy_refuse
};
static const struct dialect toy_typed_dialect = {
    .name = "typed", .number = 3, .is_typed = true, .tell = toy_tell, .refuse = toy_refuse_quietly
};

#define TOY_ARGS ROW_ARGS(struct toy_args, toy_fields)
#define TOY_ROOM ROW_ROOM(struct toy_args, room)
#define TOY_SEAT ROW_TARGET(struct toy_args, seat)

static const struct row toy_rows[] = {
    { .name = "make",
        TOY_ARGS,
        .room = ASK_NO_ROOM,
        .is_free = true,
        .limit = RATE_CONTROL,
        .handle = toy_in_make },
    { .name = "enter",
        TOY_ARGS,
        TOY_ROOM,
        .verb = VERB_JOIN,
        .is_join = true,
        .handle = toy_in_enter },
    { .name = "enter-new",
        TOY_ARGS,
        TOY_ROOM,
        .room = ASK_ROOM_OR_NEW,
        .verb = VERB_JOIN,
        .is_join = true,
        .handle = toy_in_enter },
    { .name = "talk", TOY_ARGS, TOY_ROOM, .verb = VERB_CHAT, .handle = toy_in_talk },
    { .name = "wave",
        TOY_ARGS,
        TOY_ROOM,
        TOY_SEAT,
        .room = ASK_ROOM_OF_TARGET,
        .verb = VERB_SIGNAL,
        .handle = toy_in_wave },
    { .name = "fail", TOY_ARGS, TOY_ROOM, .verb = VERB_CHAT, .handle = toy_in_fail },
    { .name = "echo",
        TOY_ARGS,
        .room = ASK_NO_ROOM,
        .is_free = true,
        .limit = RATE_PRESENCE,
        .handle = toy_in_echo },
    { .name = "bare",
        .room = ASK_NO_ROOM,
        .is_free = true,
        .limit = RATE_PRESENCE,
        .handle = toy_in_echo },
    { .name = "strict",
        ROW_ARGS(struct toy_args, toy_strict_fields),
        .room = ASK_NO_ROOM,
        .is_free = true,
        .limit = RATE_PRESENCE,
        .handle = toy_in_echo },
    { .name = "be",
        TOY_ARGS,
        .room = ASK_NO_ROOM,
        .is_free = true,
        .limit = RATE_PRESENCE,
        .handle = toy_in_be },
    { .name = "vanish",
        TOY_ARGS,
        .room = ASK_NO_ROOM,
        .is_free = true,
        .limit = RATE_PRESENCE,
        .handle = toy_in_vanish },
    { .name = "wake",
        TOY_ARGS,
        .room = ASK_NO_ROOM,
        .is_free = true,
        .limit = RATE_PRESENCE,
        .handle = toy_in_wake },
    { .name = "flood", TOY_ARGS, TOY_ROOM, .verb = VERB_CHAT, .handle = toy_in_flood },
};

static const struct row toy_typed_rows[] = {
    { .name = "t-enter",
        TOY_ARGS,
        TOY_ROOM,
        .verb = VERB_JOIN,
        .is_join = true,
        .handle = toy_in_enter },
    { .name = "t-echo",
        TOY_ARGS,
        .room = ASK_NO_ROOM,
        .is_free = true,
        .limit = RATE_PRESENCE,
        .handle = toy_in_echo },
};

static const struct language toy_language = { .dialect = &toy_dialect, LANGUAGE_ROWS(toy_rows) };
static const struct language toy_typed_language = { .dialect = &toy_typed_dialect,
    LANGUAGE_ROWS(toy_typed_rows) };
static const struct language *const toy_languages[] = { &toy_language, &toy_typed_language };

/* ---- playing ---- */

static inline void toy_init(struct toy *t)
{
    rig_init(&t->rig);
    t->dispatch = dispatch_new(t->rig.hub, toy_languages, 2);
}

static inline void toy_fini(struct toy *t)
{
    rig_settle(&t->rig);
    dispatch_free(t->dispatch);
    rig_fini(&t->rig);
}

/* An account; `room_id` is what its connection is for, or "". */
static inline void toy_connect_to(
    struct toy *t, struct toy_client *c, const char *name, const char *room_id)
{
    struct identity who = { .user_id = slice_str(name), .name = slice_str(name) };
    struct session_options o = { .hub = t->rig.hub,
        .line = &toy_line,
        .dialect = &toy_dialect,
        .carrier = c,
        .room_id = slice_str(room_id),
        .identity = &who };
    *c = (struct toy_client){ .toy = t };
    if (session_new(&c->session, &o))
        abort();
}

static inline void toy_connect(struct toy *t, struct toy_client *c, const char *name)
{
    toy_connect_to(t, c, name, "");
}

static inline void toy_end(struct toy_client *c)
{
    if (c->session == NULL)
        return;
    dispatch_drop(c->toy->dispatch, c->session);
    session_end(c->session);
    c->session = NULL;
    rig_settle(&c->toy->rig);
}

static inline void toy_forget(struct toy_client *c)
{
    c->len = 0;
    c->heard[0] = '\0';
}

/* Nothing turns: what must wait for something waits. */
static inline void toy_post(struct toy_client *c, const char *name, const char *json, uint64_t ack)
{
    dispatch_message(c->toy->dispatch, c->session, slice_str(name), slice_str(json), ack);
}

/* All that comes of it, and nothing from before. */
static inline const char *toy_ask(
    struct toy_client *c, const char *name, const char *json, uint64_t ack)
{
    toy_forget(c);
    toy_post(c, name, json, ack);
    rig_settle(&c->toy->rig);
    return c->heard;
}

static inline const char *toy_say(struct toy_client *c, const char *name, const char *json)
{
    return toy_ask(c, name, json, TONGUE_NO_ACK);
}

static inline const char *toy_type(struct toy_client *c, const char *json)
{
    toy_forget(c);
    dispatch_typed(c->toy->dispatch, c->session, slice_str(json));
    rig_settle(&c->toy->rig);
    return c->heard;
}

/* Nobody is in any room, and after a while none is in memory. */
static inline void toy_idle(struct toy *t)
{
    rig_pass(&t->rig, 15000);
    rig_pass(&t->rig, 65000);
}
