#include "web/rest_gather.h"

#include "base/xalloc.h"
#include "net/tour.h"
#include "web/front.h"

#define ARENA_BYTES (8u << 20) /* rows with the longest questions, and what becomes of them */

struct gather {
    struct tour tour;
    struct rest *call;   /* at home only */
    struct rest visitor; /* what the writers see: a copy, of texts that are its own */
    const struct fronts *fronts;
    struct arena arena;
    struct rest_item *items;
    uint32_t n;
    int err;
    rest_put_fn *put;
    rest_gathered_fn *done;
};

/* ---- copies ---- */

static int copy_all(struct arena *arena, struct slice *const *texts, size_t n)
{
    int err = 0;
    for (size_t i = 0; i < n && !err; i++)
        err = arena_copy(texts[i], arena, *texts[i]);
    return err;
}

static int copy_asker(struct gather *g, const struct rest *c)
{
    struct rest *v = &g->visitor;
    struct identity *who = &v->asker.who;
    *v = (struct rest){ .asker = c->asker, .settings = c->settings, .keys = c->keys };
    struct slice *texts[] = { &who->user_id, &who->name, &who->avatar_url, &who->token_id,
        &v->settings.public_url, &v->keys.shown, &v->keys.cookie };
    return copy_all(&g->arena, texts, sizeof texts / sizeof *texts);
}

static int copy_item(struct gather *g, const struct store_room *room, const struct store_visit *v)
{
    struct rest_item *item = &g->items[g->n];
    struct store_room *r = &item->room;
    *item = (struct rest_item){ .room = v ? *v->room : *room };
    if (v) {
        item->seen_at_ms = v->seen_at_ms;
        item->role = v->role;
    }
    struct slice *texts[] = { &r->id, &r->title, &r->owner_id, &r->settings.question, &item->role };
    g->n++;
    return copy_all(&g->arena, texts, sizeof texts / sizeof *texts);
}

/* ---- the tour ---- */

static int write_item(struct gather *g, struct rest_item *item)
{
    struct json_writer w;
    struct buf json;
    buf_init(&json, REST_ANSWER_BYTES);
    jw_init(&w, &json);
    jw_object(&w);
    g->put(&w, &g->visitor, item);
    jw_end(&w);
    int err = buf_err(&json);
    if (!err)
        err = arena_copy(&item->json, &g->arena, buf_slice(&json));
    buf_fini(&json);
    return err;
}

static void visit(struct tour *t)
{
    struct gather *g = CONTAINER_OF(t, struct gather, tour);
    g->visitor.lobby = g->fronts->at[t->at]->lobby;
    for (uint32_t i = 0; i < g->n && !g->err; i++) {
        struct rest_item *item = &g->items[i];
        if (places_of(t->places, item->room.id) == t->at)
            g->err = write_item(g, item);
    }
}

static void on_home(struct tour *t)
{
    struct gather *g = CONTAINER_OF(t, struct gather, tour);
    struct rest *c = g->call;
    if (rest_is_back(c))
        g->done(c, g->err, g->items, g->n);
    arena_fini(&g->arena);
    xfree(g->items);
    xfree(g);
}

void rest_gather(struct rest *c, const struct store_room *rooms, const struct store_visit *visits,
    uint32_t n, rest_put_fn *put, rest_gathered_fn *done)
{
    struct gather *g = xalloc(sizeof *g);
    struct front *f = c->request->front;
    *g = (struct gather){ .call = c, .fronts = f->all, .put = put, .done = done };
    g->items = xalloc((n + 1) * sizeof *g->items);
    arena_init(&g->arena, ARENA_BYTES);
    g->err = copy_asker(g, c);
    for (uint32_t i = 0; i < n && !g->err; i++)
        g->err = copy_item(g, rooms ? &rooms[i] : NULL, visits ? &visits[i] : NULL);
    rest_wait_for_store(c); /* it is not to go before we are back */
    tour_begin(&g->tour, f->all->places, f->place, visit, on_home);
}
