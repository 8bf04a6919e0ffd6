#include "web/request.h"

#include "base/panic.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "web/conn.h"

#define REQUEST_MAGIC 0x52455155u
#define MAX_SPARE     16

struct request *request_new(struct front *f)
{
    struct request *r = f->spare;
    if (r) {
        f->spare = r->next_spare;
        f->n_spare--;
    } else {
        r = xalloc(sizeof *r);
        arena_init(&r->arena, REQUEST_ARENA_BYTES);
        buf_init(&r->body_buf, 0);
    }
    r->magic = REQUEST_MAGIC;
    r->front = f;
    r->conn = NULL;
    r->route = NULL;
    r->on_gone = NULL;
    r->on_piece = NULL;
    r->on_room = NULL;
    r->handler_arg = NULL;
    r->is_moved = false;
    r->n_moves = 0;
    r->is_answered = false;
    r->is_held = false;
    r->body = (struct slice){ .p = NULL };
    memset(r->params, 0, sizeof r->params);
    return r;
}

void request_free(struct request *r)
{
    struct front *f = r->front;
    CHECK_MAGIC(r, REQUEST_MAGIC);
    r->magic = 0;
    arena_reset(&r->arena);
    buf_fini(&r->body_buf);
    buf_init(&r->body_buf, 0);
    if (f->n_spare < MAX_SPARE) {
        r->next_spare = f->spare;
        f->spare = r;
        f->n_spare++;
        return;
    }
    arena_fini(&r->arena);
    xfree(r);
}

struct slice request_header(const struct request *r, struct slice name)
{
    return http1_header(&r->head, name);
}

struct slice request_query(struct request *r, struct slice name)
{
    struct slice value = { .p = NULL };
    if (url_query_find(&value, &r->arena, r->head.query, name))
        return (struct slice){ .p = NULL };
    return value;
}

/* A slice that lay in `from` lies at the same place of the copy. */
static void move(struct slice *s, struct slice from, struct slice to)
{
    if (s->p >= from.p && s->p <= from.p + from.len)
        s->p = to.p + (s->p - from.p);
}

int request_move(struct request *r, struct slice from)
{
    struct http1_head *h = &r->head;
    struct slice to;
    int err = arena_copy(&to, &r->arena, from);
    if (err)
        return err;
    struct slice *slices[] = { &h->method_name, &h->target, &h->path, &h->query, &h->host,
        &r->path };
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++)
        move(slices[i], from, to);
    for (unsigned i = 0; i < h->n_headers; i++) {
        move(&h->headers[i].name, from, to);
        move(&h->headers[i].value, from, to);
    }
    for (unsigned i = 0; i < REQUEST_MAX_PARAMS; i++)
        move(&r->params[i], from, to);
    r->is_moved = true;
    return 0;
}

void request_hold(struct request *r)
{
    ASSERT(r->on_piece);
    if (!r->is_held)
        conn_hold(r->conn);
    r->is_held = true;
}

void request_go_on(struct request *r)
{
    bool was_held = r->is_held;
    r->is_held = false;
    if (was_held)
        conn_go_on(r->conn);
}
