/* What the messages of the toy language carry, and what they do. Used by toy.h. */
#pragma once

#include "toy_line.h"

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
