/* The simulation's frames, and those of them that are on their way: what a deputy is told must come
 * to its client's home, all of it and in order. Used by the lines. */
#pragma once

#include "hub_tongue.h"

/* ---- frames ---- */

/* The numbers behind the colons. */
static inline void read_numbers(uint64_t *numbers, struct slice json)
{
    unsigned n = 0;
    for (size_t i = 0; i + 1 < json.len && n < FRAME_NUMBERS; i++) {
        bool begins = json.p[i] == ':' && json.p[i + 1] >= '0' && json.p[i + 1] <= '9';
        if (!begins)
            continue;
        uint64_t v = 0;
        for (size_t k = i + 1; k < json.len && json.p[k] >= '0' && json.p[k] <= '9'; k++)
            v = v * 10 + (uint64_t)(json.p[k] - '0');
        numbers[n++] = v;
    }
}

static inline struct frame *line_encode(
    const struct line *line, struct slice name, struct slice json, bool is_lasting)
{
    (void)is_lasting;
    uint64_t n[FRAME_NUMBERS] = { FRAME_SAID };
    struct frame *f = xalloc(sizeof(*f));
    (void)name;
    read_numbers(n, json);
    *f = (struct frame){ .refs = 1,
        .line = line,
        .kind = n[0],
        .place = n[1],
        .life = n[2],
        .seq = n[3],
        .type = n[4],
        .seat = n[5],
        .language = n[6],
        .ear = n[7] };
    return f;
}

static inline void line_ref(struct frame *f)
{
    f->refs++;
}

static inline void line_unref(struct frame *f)
{
    if (--f->refs == 0)
        xfree(f);
}

/* ---- on the way home ---- */

static inline void posted_forget(struct client *c, unsigned at)
{
    memmove(&c->posted[at], &c->posted[at + 1], (--c->n_posted - at) * sizeof(c->posted[0]));
}

static inline void posted_add(struct client *c, const struct posted *what)
{
    GROW(c->posted, c->n_posted, c->cap_posted);
    c->posted[c->n_posted++] = *what;
}

/* The answers of a client that is lost: nobody waits for them. */
static inline void posted_void(struct client *c)
{
    for (unsigned i = 0; i < c->n_posted; i++)
        c->posted[i].is_must = c->posted[i].is_must && c->posted[i].frame != NULL;
}

/* What has come, if it was on its way: it must be the next of its loop. */
static inline bool posted_take(struct client *c, const struct frame *f, uint64_t ack_id)
{
    unsigned at = 0;
    while (at < c->n_posted && (c->posted[at].frame != f || c->posted[at].ack_id != ack_id))
        at++;
    if (at == c->n_posted)
        return false;
    unsigned loop = c->posted[at].loop;
    for (unsigned i = at; i > 0; i--) {
        const struct posted *before = &c->posted[i - 1];
        if (before->loop != loop)
            continue;
        demand(c->world, !before->is_must, "something was lost, or overtaken, on its way home");
        posted_forget(c, i - 1);
        at--;
    }
    posted_forget(c, at);
    c->world->counts[9]++;
    return true;
}
