#include "base/xalloc.h"
#include "stage_parts.h"

#include <stdio.h>

struct frame {
    unsigned refs;
    struct slice name;
    struct slice json;
};

static struct frame *line_encode(
    const struct line *line, struct slice name, struct slice json, bool is_lasting)
{
    (void)is_lasting;
    struct frame *f = xtry(NULL, sizeof(*f) + name.len + json.len);
    (void)line;
    if (f == NULL)
        return NULL;
    char *texts = (char *)(f + 1);
    *f = (struct frame){ .refs = 1, .name = slice_of(texts, name.len) };
    f->json = slice_of(texts + name.len, json.len);
    memcpy(texts, name.p, name.len);
    memcpy(texts + name.len, json.p, json.len);
    return f;
}

static void line_unref(struct frame *f)
{
    if (--f->refs == 0)
        xfree(f);
}

void loopback_trace(const struct client *c, const char *mark, struct slice name, struct slice json)
{
    if (c->stage->is_loud)
        printf("# %.*s %s %.*s%s%.*s\n", TEXT(c->name), mark, TEXT(name), name.len > 0 ? " " : "",
            TEXT(json));
}

static void hear(struct client *c, struct link *queue, struct heard what)
{
    struct heard *h = arena_alloc(&c->stage->arena, sizeof(*h));
    if (h == NULL) {
        stage_fail(c->stage, 1, "the stage has no memory left");
        return;
    }
    h->name = stage_keep(c->stage, what.name);
    h->json = stage_keep(c->stage, what.json);
    h->ack_id = what.ack_id;
    list_push(queue, &h->link);
}

static void line_send(struct session *session, struct frame *f)
{
    struct client *c = session->carrier;
    bool is_raw = c->language->dialect->is_typed;
    loopback_trace(c, "<", is_raw ? S("") : f->name, f->json);
    hear(c, &c->messages, (struct heard){ .name = f->name, .json = f->json });
}

static void line_answer(struct session *session, uint64_t ack_id, struct slice json)
{
    struct client *c = session->carrier;
    loopback_trace(c, "<?", S(""), json);
    hear(c, &c->acks, (struct heard){ .json = json, .ack_id = ack_id });
}

void loopback_init(struct line lines[STAGE_LINES])
{
    static const char *const names[STAGE_LINES] = { "/", "/rooms", "raw" };
    for (unsigned i = 0; i < STAGE_LINES; i++) {
        lines[i] = (struct line){
            .name = names[i],
            .number = i,
            .encode = line_encode,
            .unref = line_unref,
            .send = line_send,
            .answer = i < 2 ? line_answer : NULL,
        };
    }
}

struct heard *loopback_take(struct link *queue)
{
    struct link *l = list_pop(queue);
    return l != NULL ? CONTAINER_OF(l, struct heard, link) : NULL;
}
