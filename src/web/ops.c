#include "web/ops.h"

#include "base/json_write.h"
#include "base/xalloc.h"
#include "net/tour.h"
#include "web/front.h"
#include "web/lobby.h"
#include "web/metrics.h"
#include "web/reply.h"

#define HEALTH_BYTES  1024
#define METRICS_BYTES (256u * 1024)

static void answer(struct request *r, int status, const char *word)
{
    struct json_writer w;
    struct buf json;
    buf_init(&json, HEALTH_BYTES);
    jw_init(&w, &json);
    jw_object(&w);
    jw_field_str(&w, "status", slice_str(word));
    jw_end(&w);
    reply_json(r, status, &json);
    buf_fini(&json);
}

void ops_health(struct request *r)
{
    answer(r, 200, "ok");
}

static bool is_stored(const struct front *f)
{
    const struct store *store = f->lobby ? hub_store(f->lobby->hub) : NULL;
    return !store || !store->ops->status || store->ops->status(store)->state == STORE_UP;
}

void ops_ready(struct request *r)
{
    if (r->front->is_draining)
        answer(r, 503, "draining");
    else if (!is_stored(r->front))
        answer(r, 503, "storage unavailable");
    else
        answer(r, 200, "ready");
}

/* The sums are on their way round the loops. */
struct metrics_tour {
    struct tour tour;
    struct request *request; /* NULL: nobody waits for them any more */
    const struct fronts *fronts;
    struct metrics_sums sums;
};

static void on_gone(struct request *r)
{
    struct metrics_tour *t = r->handler_arg;
    t->request = NULL;
}

static void visit(struct tour *tour)
{
    struct metrics_tour *t = CONTAINER_OF(tour, struct metrics_tour, tour);
    metrics_add(&t->sums, t->fronts->at[tour->at]);
}

static void reply_metrics(struct request *r, const struct metrics_sums *sums)
{
    struct reply reply;
    struct buf text;
    buf_init(&text, METRICS_BYTES);
    metrics_write(&text, sums);
    if (buf_err(&text)) {
        reply_error(r, ERR_INTERNAL);
    } else {
        reply_begin(&reply, r, 200);
        reply_header(&reply, "Content-Type", S("text/plain; version=0.0.4; charset=utf-8"));
        reply_header(&reply, "Cache-Control", S("no-store"));
        reply_body(&reply, buf_slice(&text));
    }
    buf_fini(&text);
}

static void on_home(struct tour *tour)
{
    struct metrics_tour *t = CONTAINER_OF(tour, struct metrics_tour, tour);
    if (t->request) {
        t->request->on_gone = NULL;
        reply_metrics(t->request, &t->sums);
    }
    xfree(t);
}

void ops_metrics(struct request *r)
{
    struct metrics_tour *t = xalloc(sizeof *t);
    struct front *f = r->front;
    *t = (struct metrics_tour){ .request = r, .fronts = f->all };
    r->handler_arg = t;
    r->on_gone = on_gone;
    tour_begin(&t->tour, f->all->places, f->place, visit, on_home);
}
