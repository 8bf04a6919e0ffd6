/* The line of the toy language's clients: it writes down what it is given, "name {json}" for a
 * message, "#7 {json}" for an answer, each with a newline behind it. Used by toy.h. */
#pragma once

#include "dialect/dispatch.h"
#include "hub/rig.h"

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

/* Not from xtry: what a test hears does not depend on which allocation fails. */
struct frame {
    unsigned refs;
    size_t len;
    char text[];
};

static inline struct frame *toy_encode(
    const struct line *line, struct slice name, struct slice json, bool is_lasting)
{
    (void)is_lasting;
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
