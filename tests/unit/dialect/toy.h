/*
 * A small language with a row for each kind of room, over the real hub, a store in memory, and a
 * line that writes down what it is given: "name {json}" for a message, "#7 {json}" for an answer,
 * each with a newline behind it.
 */
#pragma once

#include "../hub/rig.h"
#include "dialect/dispatch.h"

#include <stdio.h>

#define TOY_HEARD_BYTES 65536

struct toy {
    struct rig rig;
    struct dispatch *dispatch;
};

struct toy_client {
    struct toy *toy;
    struct session *session;
    char heard[TOY_HEARD_BYTES];
    size_t len;
    unsigned acks;
    bool is_broken; /* something was said or answered that is no JSON */
};

/* ---- the line ---- */

/* Not from xtry: what a test hears does not depend on which allocation fails. */
struct frame {
    unsigned refs;
    size_t len;
    char text[];
};

static inline struct frame *toy_encode(
    const struct line *line, struct slice name, struct slice json)
{
    struct frame *f = malloc(sizeof(*f) + name.len + json.len + 2);
    (void)line;
    *f = (struct frame){ .refs = 1, .len = name.len + json.len + 2 };
    memcpy(f->text, name.p, name.len);
    f->text[name.len] = ' ';
    memcpy(f->text + name.len + 1, json.p, json.len);
    f->text[f->len - 1] = '\n';
    return f;
}

static inline void toy_unref(struct frame *f)
{
    if (--f->refs == 0)
        free(f);
}

static inline void toy_write(struct toy_client *c, const char *text, size_t len)
{
    if (c->len + len >= sizeof(c->heard))
        return;
    if (len > 0)
        memcpy(c->heard + c->len, text, len);
    c->len += len;
    c->heard[c->len] = '\0';
}

static inline void toy_send(struct session *s, struct frame *f)
{
    toy_write(s->carrier, f->text, f->len);
}

static inline void toy_answer(struct session *s, uint64_t ack_id, struct slice json)
{
    struct toy_client *c = s->carrier;
    struct json_value v;
    char head[32];
    int n = snprintf(head, sizeof(head), "#%u ", (unsigned)ack_id);
    toy_write(c, head, (size_t)n);
    toy_write(c, json.p, json.len);
    toy_write(c, "\n", 1);
    c->acks++;
    c->is_broken |= json_read_whole(&v, json, NULL) != 0;
}

static const struct line toy_line = { .name = "toy",
    .number = 1,
    .encode = toy_encode,
    .unref = toy_unref,
    .send = toy_send,
    .answer = toy_answer };

/* One that knows no answers. */
static const struct line toy_mute_line = {
    .name = "mute", .number = 2, .encode = toy_encode, .unref = toy_unref, .send = toy_send
};

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

struct toy_args {
    struct slice room;
    struct slice seat;
    struct slice text;
    int64_t n;
};

static const struct field toy_list[] = {
    { .name = "room",
        FIELD_MEMBER(struct toy_args, room),
        .type = FIELD_STR,
        .max = 100,
        .help = "the room" },
    { .name = "seat",
        FIELD_MEMBER(struct toy_args, seat),
        .type = FIELD_STR,
        .max = 100,
        .help = "a seat" },
    { .name = "text",
        FIELD_MEMBER(struct toy_args, text),
        .type = FIELD_STR,
        .max = 2000000,
        .help = "a text" },
    { .name = "n",
        FIELD_MEMBER(struct toy_args, n),
        .type = FIELD_INT,
        .min = 0,
        .max = 9,
        .help = "a number" },
};
static const struct fields toy_fields = FIELDS(toy_list);

static const struct field toy_strict_list[] = {
    { .name = "text",
        FIELD_MEMBER(struct toy_args, text),
        .type = FIELD_STR,
        .required = true,
        .min = 1,
        .max = 10,
        .help = "a text" },
};
static const struct fields toy_strict_fields = FIELDS(toy_strict_list);

static inline int toy_create(struct ask *a)
{
    const struct toy_args *args = a->args;
    struct hub_creation c = { .id = args->room,
        .by = a->session->identity.user_id,
        .room = { .title = S("Toy"),
            .owner_id = a->session->identity.user_id,
            .settings = room_default_settings(MODE_STUDY) } };
    return ask_create(a, &c);
}

static inline int toy_in_make(struct ask *a)
{
    int err = toy_create(a);
    if (err)
        return err;
    jw_field_str(ask_ack(a), "room", a->room_id);
    return 0;
}

static inline int toy_in_enter(struct ask *a)
{
    const struct identity *who = &a->session->identity;
    struct command c = { .verb = VERB_JOIN,
        .join = { .name = who->name, .avatar_url = S(""), .is_guest = who->is_guest } };
    int err = a->room ? 0 : toy_create(a);
    if (!err)
        err = ask_do(a, &c);
    if (err)
        return err;
    jw_field_str(ask_say(a, "entered"), "room", a->room_id);
    ask_said(a);
    jw_field_str(ask_ack(a), "you", slice_str(ask_member(a)->user_id));
    return 0;
}

static inline int toy_in_talk(struct ask *a)
{
    const struct toy_args *args = a->args;
    struct command c = { .verb = VERB_CHAT, .chat = { .text = args->text } };
    return ask_do(a, &c);
}

static inline int toy_in_wave(struct ask *a)
{
    const struct toy_args *args = a->args;
    struct slice user;
    int err = ask_user_at(&user, a, args->seat);
    if (err)
        return err;
    jw_field_str(ask_say(a, "waved"), "to", user);
    ask_said(a);
    return 0;
}

static inline int toy_in_fail(struct ask *a)
{
    const struct toy_args *args = a->args;
    jw_field_bool(ask_say(a, "unsaid"), "ever", true);
    ask_said(a);
    jw_field_bool(ask_ack(a), "ever", true);
    if (args->n == 0)
        a->why = S("You know why.");
    return ERR_FORBIDDEN;
}

static inline int toy_in_echo(struct ask *a)
{
    const struct toy_args *args = a->args;
    jw_field_str(ask_say(a, "echo"), "text", args ? args->text : S("none"));
    ask_said(a);
    return 0;
}

static inline int toy_in_be(struct ask *a)
{
    const struct toy_args *args = a->args;
    int err = ask_identify(a, args->text);
    if (err)
        return err;
    jw_field_str(ask_ack(a), "you", a->session->identity.user_id);
    return 0;
}

/* As if the line had found it gone. */
static inline int toy_in_vanish(struct ask *a)
{
    struct toy_client *c = a->session->carrier;
    dispatch_drop(c->toy->dispatch, a->session);
    session_end(a->session);
    c->session = NULL;
    return toy_in_echo(a);
}

/* As if the store had answered at this very moment: those who wait for the room are called. */
static inline int toy_in_wake(struct ask *a)
{
    const struct toy_args *args = a->args;
    struct hub_room *r = map_find(&a->session->hub->rooms, args->room);
    while (r != NULL && !list_is_empty(&r->waits)) {
        struct hub_wait *w = CONTAINER_OF(list_pop(&r->waits), struct hub_wait, link);
        w->fn(w);
    }
    return 0;
}

/* More than an answer may be. */
static inline int toy_in_flood(struct ask *a)
{
    static char text[1 << 20];
    struct json_writer *w = ask_ack(a);
    memset(text, 'x', sizeof(text));
    jw_field_array(w, "much");
    for (int i = 0; i < 25; i++)
        jw_str(w, slice_of(text, sizeof(text)));
    jw_end(w);
    return 0;
}

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
