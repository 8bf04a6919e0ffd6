/* board: ops are refused and nothing has changed, or they are drawn; then what is told is JSON in
 * which every op has its id, a twin that folds it has the same board, drawing it again changes
 * nothing, and undoing all of it leaves nothing. */
#include "base/json_read.h"
#include "fuzz.h"
#include "room/verb.h"

#include <stdlib.h>

#define ARENA_BYTES (16u << 20)

static void must(bool condition)
{
    if (!condition)
        abort();
}

static const struct deed deed = {
    .user_id = SLICE("ann"), .seat = SLICE("s"), .at_ms = 1, .id = SLICE("deed")
};

/* A room on whose board ann, its host, has drawn `a` and `b`. */
static struct room *make_room(struct events *out)
{
    enum join_result result;
    struct room *r = room_new(S("fuzz"), (struct map_key){ .k0 = 1, .k1 = 2 });
    struct room_create create = {
        .title = S("Fuzz"), .owner_id = S("ann"), .settings = room_default_settings(MODE_STUDY)
    };
    struct room_join join = { .name = S("Ann") };
    must(room_create(out, r, &deed, &create) == 0);
    must(room_join(&result, out, r, &deed, &join) == 0);
    must(room_draw(out, r, &deed, S("[{\"type\":\"t\",\"id\":\"a\"},{\"type\":\"t\"}]")) == 0);
    return r;
}

static void check_op(struct json *j, struct arena *a)
{
    struct json_value key, value;
    struct slice id = S("");
    bool has_type = false;
    while (json_next_whole(&key, j) == JSON_KEY) {
        must(json_next_whole(&value, j) > JSON_END);
        if (json_is(&key, S("id")))
            must(value.type == JSON_STRING && json_text(&id, a, &value) == 0);
        has_type = has_type || (json_is(&key, S("type")) && value.type == JSON_STRING);
    }
    must(key.type == JSON_OBJECT_END && id.len > 0 && has_type);
}

static void check_told(struct slice ops, struct arena *a)
{
    struct json j;
    struct json_value v;
    unsigned n = 0;
    json_init(&j, ops, a);
    must(json_next(&v, &j) == JSON_ARRAY);
    for (; json_next(&v, &j) == JSON_OBJECT; n++)
        check_op(&j, a);
    must(v.type == JSON_ARRAY_END && json_next(&v, &j) == JSON_END && n > 0 && n <= ROOM_DRAW_OPS);
}

static void check_sums(const struct board *b)
{
    uint32_t n = 0;
    size_t bytes = 0;
    LIST_EACH(l, &b->ops) {
        struct op *op = CONTAINER_OF(l, struct op, link);
        must(map_find(&b->by_id, slice_str(op->id)) == op);
        must(op->json_len == strlen(op->json) && op->json_len <= ROOM_OP_BYTES);
        bytes += op->json_len;
        n++;
    }
    must(n == b->n && n == b->by_id.n && bytes == b->bytes && n <= ROOM_MAX_OPS);
}

static void check_alike(const struct board *a, const struct board *b)
{
    const struct link *la = a->ops.next, *lb = b->ops.next;
    must(a->n == b->n && a->bytes == b->bytes);
    for (; la != &a->ops; la = la->next, lb = lb->next) {
        const struct op *oa = CONTAINER_OF(la, struct op, link);
        const struct op *ob = CONTAINER_OF(lb, struct op, link);
        must(strcmp(oa->id, ob->id) == 0 && strcmp(oa->json, ob->json) == 0);
    }
}

static void undo_all(struct events *out, struct room *r)
{
    struct slice id;
    while (!list_is_empty(&r->board.ops)) {
        struct op *op = CONTAINER_OF(r->board.ops.next, struct op, link);
        must(arena_copy(&id, out->arena, slice_str(op->id)) == 0);
        must(room_undraw(out, r, &deed, id) == 0);
    }
    must(r->board.n == 0 && r->board.bytes == 0);
}

static void check_drawn(struct events *out, struct room *r, struct room *twin)
{
    const struct event *e = &out->at[out->n - 1];
    struct slice told = e->drew.ops;
    must(e->type == EV_DREW);
    check_told(told, out->arena);
    check_sums(&r->board);
    must(room_fold(twin, e) == 0);
    check_alike(&r->board, &twin->board);
    must(room_draw(out, r, &deed, told) == 0);
    check_alike(&r->board, &twin->board);
    undo_all(out, r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct events out;
    arena_init(&a, ARENA_BYTES);
    events_init(&out, &a);
    struct room *r = make_room(&out), *twin = make_room(&out);
    uint32_t n = out.n;
    int err = room_draw(&out, r, &deed, slice_of(data, size));
    if (!err) {
        check_drawn(&out, r, twin);
    } else {
        must(out.n == n && r->seq == twin->seq);
        check_alike(&r->board, &twin->board);
    }
    room_free(r);
    room_free(twin);
    arena_fini(&a);
    return 0;
}
