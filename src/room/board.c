/* The whiteboard: elements, called ops, in the order in which they were first drawn.
 *
 * An op is a JSON object that the page understands; here only its `id` and `type` are looked at. An
 * op whose id the board has already replaces the former one in its place, and stays its author's:
 * so elements are moved and edited, by the author or a host.
 *
 * A snapshot is a mark, not a copy: the ops drawn before it, as they are now. What a late joiner
 * gets, the ops before the mark and the ops behind it, is therefore always the board, whatever was
 * replaced or undone since. A cleared board has no snapshot; the pictures made before stay in the
 * store. */
#include "base/json_read.h"
#include "base/json_text.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "room/parts.h"
#include "room/text.h"

/* Of an id as written: 64 characters, each as two \uXXXX. */
#define ID_RAW_MAX 768

/* The reader's, for objects with many keys on many levels, and for ids written with escapes. */
#define FOLD_BYTES (1u << 20)

/* ---- reading ---- */

/* An op as it came. */
struct drawn {
    struct slice id; /* empty: it has none yet */
    struct slice json;
};

static int read_id(struct slice *id, struct arena *arena, const struct json_value *v)
{
    if (v->type != JSON_STRING || v->raw.len > ID_RAW_MAX)
        return ERR_BAD_FIELD;
    int err = json_text(id, arena, v);
    return err ? err : text_check_id(*id);
}

static int check_type(struct arena *arena, const struct json_value *v)
{
    struct slice type;
    if (v->type != JSON_STRING || v->raw.len > ID_RAW_MAX)
        return ERR_BAD_FIELD;
    int err = json_text(&type, arena, v);
    return err ? err : text_check(type, 1, ROOM_OP_TYPE_MAX, TEXT_ONE_LINE);
}

/* The members of an object that was opened, up to its end, which is left in `*v`. */
static int read_members(struct drawn *op, struct json_value *v, struct json *j)
{
    struct json_value value;
    bool has_type = false;
    while (json_next_whole(v, j) == JSON_KEY) {
        bool is_id = json_is(v, S("id")), is_type = json_is(v, S("type"));
        if (json_next_whole(&value, j) == JSON_ERROR)
            break;
        int err = is_id ? read_id(&op->id, j->arena, &value) : 0;
        if (!err && is_type)
            err = check_type(j->arena, &value);
        if (err)
            return err;
        has_type = has_type || is_type;
    }
    int err = json_err(j);
    return err || has_type ? err : ERR_BAD_FIELD;
}

/* The next op of an array that was opened; `*more` is false behind the last. */
static int read_op(struct drawn *op, bool *more, struct json *j)
{
    struct json_value v;
    *op = (struct drawn){ .id = S("") };
    *more = json_next(&v, j) != JSON_ARRAY_END;
    if (!*more)
        return 0;
    if (v.type != JSON_OBJECT)
        return json_err(j) ? json_err(j) : ERR_BAD_FIELD;
    const char *start = v.raw.p;
    int err = read_members(op, &v, j);
    if (err)
        return err;
    op->json = slice_of(start, (size_t)(v.raw.p + v.raw.len - start));
    return 0;
}

static int open_array(struct json *j)
{
    struct json_value v;
    if (json_next(&v, j) == JSON_ARRAY)
        return 0;
    return json_err(j) ? json_err(j) : ERR_BAD_FIELD;
}

/* Nothing follows the array. */
static int close_array(struct json *j)
{
    struct json_value v;
    json_next(&v, j);
    return json_err(j);
}

/* ---- checking ---- */

/* An op as it will be on the board. */
struct weight {
    struct slice id;
    size_t bytes;
};

struct drawing {
    struct weight *at;
    uint32_t n;
    struct buf json;    /* the array, every op with its id */
    uint32_t n_after;   /* ops on the board, when these are drawn */
    size_t bytes_after; /* of them */
};

/* An id for an op that has none: of the deed, and the op's place in the array, from 0. */
static int make_id(struct slice *id, struct arena *arena, struct slice deed_id, uint32_t n)
{
    struct buf text;
    int err = text_check_id(deed_id);
    if (err)
        return err;
    buf_init(&text, ROOM_OP_BYTES);
    buf_add_slice(&text, deed_id);
    buf_add_char(&text, '-');
    buf_add_u64(&text, n);
    err = buf_err(&text);
    if (!err)
        err = arena_copy(id, arena, buf_slice(&text));
    buf_fini(&text);
    return err ? err : text_check_id(*id);
}

/* Adds the op to the array. An id that we made goes before the first member: there is one, the
 * type. */
static int add_op(struct drawing *g, struct arena *arena, struct slice deed_id, struct drawn op)
{
    struct buf *json = &g->json;
    bool is_made = op.id.len == 0;
    int err = is_made ? make_id(&op.id, arena, deed_id, g->n) : 0;
    if (err)
        return err;
    buf_add_char(json, g->n == 0 ? '[' : ',');
    size_t before = json->len;
    if (is_made) {
        buf_add_str(json, "{\"id\":");
        json_text_quote(json, op.id);
        buf_add_char(json, ',');
    }
    buf_add_slice(json, slice_drop(op.json, is_made));
    err = buf_err(json);
    if (!err && json->len - before > ROOM_OP_BYTES)
        err = ERR_TOO_BIG;
    if (err)
        return err;
    g->at[g->n++] = (struct weight){ .id = op.id, .bytes = json->len - before };
    return 0;
}

static int read_ops(struct drawing *g, struct arena *arena, struct slice deed_id, struct slice ops)
{
    struct json j;
    struct drawn op;
    bool more = true;
    json_init(&j, ops, arena);
    int err = open_array(&j);
    while (!err) {
        err = read_op(&op, &more, &j);
        if (err || !more)
            break;
        if (g->n == ROOM_DRAW_OPS)
            return ERR_TOO_MANY;
        err = add_op(g, arena, deed_id, op);
    }
    if (err)
        return err;
    buf_add_char(&g->json, ']');
    err = close_array(&j);
    return err || g->n > 0 ? err : ERR_BAD_FIELD;
}

/* The op of the same id that comes before the i-th in the same array, or NULL. */
static const struct weight *earlier(const struct drawing *g, uint32_t i)
{
    for (uint32_t k = i; k > 0; k--) {
        if (slice_eq(g->at[k - 1].id, g->at[i].id))
            return &g->at[k - 1];
    }
    return NULL;
}

static bool may_touch(const struct room *r, const struct op *op, struct slice user_id)
{
    return slice_eq(slice_str(op->user_id), user_id) || room_role(r, user_id) >= ROLE_COHOST;
}

/* What the board will hold; and whether all that is replaced may be. */
static int weigh(struct drawing *g, const struct room *r, struct slice user_id)
{
    g->n_after = r->board.n;
    g->bytes_after = r->board.bytes;
    for (uint32_t i = 0; i < g->n; i++) {
        const struct weight *before = earlier(g, i);
        const struct op *old = map_find(&r->board.by_id, g->at[i].id);
        if (old != NULL && !may_touch(r, old, user_id))
            return ERR_FORBIDDEN;
        if (before != NULL)
            g->bytes_after -= before->bytes;
        else if (old != NULL)
            g->bytes_after -= old->json_len;
        else
            g->n_after++;
        g->bytes_after += g->at[i].bytes;
    }
    bool fits = g->n_after <= ROOM_MAX_OPS && g->bytes_after <= ROOM_BOARD_BYTES;
    return fits ? 0 : ERR_TOO_MANY;
}

/* What is told and folded: the ops, each with its id, in the arena. */
static int check_drawing(struct slice *complete, struct arena *arena, const struct room *r,
    const struct deed *d, struct slice ops)
{
    struct drawing g = { .n = 0 };
    if (ops.len > ROOM_DRAW_BYTES)
        return ERR_TOO_BIG;
    g.at = arena_alloc(arena, ROOM_DRAW_OPS * sizeof(*g.at));
    if (g.at == NULL)
        return ERR_NO_MEMORY;
    buf_init(&g.json, 2 * ROOM_DRAW_BYTES);
    int err = read_ops(&g, arena, d->id, ops);
    if (!err)
        err = weigh(&g, r, d->user_id);
    if (!err)
        err = buf_err(&g.json);
    if (!err)
        err = arena_copy(complete, arena, buf_slice(&g.json));
    buf_fini(&g.json);
    return err;
}

/* ---- verbs ---- */

int room_draw(struct events *out, struct room *r, const struct deed *d, struct slice ops)
{
    struct slice complete;
    int err = room_may(r, VERB_DRAW, d->user_id);
    if (!err)
        err = check_drawing(&complete, out->arena, r, d, ops);
    if (err)
        return err;
    struct event *e = room_begin(out, EV_DREW, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->drew.ops = complete;
    return room_emit(r, e);
}

int room_undraw(struct events *out, struct room *r, const struct deed *d, struct slice op_id)
{
    int err = room_may(r, VERB_UNDRAW, d->user_id);
    if (err)
        return err;
    const struct op *op = map_find(&r->board.by_id, op_id);
    if (op == NULL)
        return ERR_NOT_FOUND;
    if (!may_touch(r, op, d->user_id))
        return ERR_FORBIDDEN;
    struct event *e = room_begin(out, EV_UNDREW, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->undrew.op_id = op_id;
    return room_emit(r, e);
}

int room_clear(struct events *out, struct room *r, const struct deed *d)
{
    int err = room_may(r, VERB_CLEAR, d->user_id);
    if (err)
        return err;
    struct event *e = room_begin(out, EV_CLEARED, d);
    return e != NULL ? room_emit(r, e) : ERR_NO_MEMORY;
}

int room_save_board(struct events *out, struct room *r, const struct deed *d, struct slice url)
{
    int err = room_may(r, VERB_BOARD_SAVE, d->user_id);
    if (!err)
        err = text_check_id(d->id);
    if (!err && url.len > 0)
        err = text_check_url(url);
    if (err)
        return err;
    struct event *e = room_begin(out, EV_BOARD_SAVED, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->saved.id = d->id;
    e->saved.url = url;
    return room_emit(r, e);
}

int room_cursor(struct events *out, struct room *r, const struct deed *d, struct slice data)
{
    struct json_value v;
    int err = room_may(r, VERB_CURSOR, d->user_id);
    if (!err && data.len > ROOM_CURSOR_MAX)
        err = ERR_TOO_BIG;
    if (!err)
        err = json_read_whole(&v, data, out->arena);
    if (err)
        return err;
    struct event *e = room_begin(out, EV_CURSOR, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->cursor.data = data;
    return room_emit(r, e);
}

/* ---- folding ---- */

static void op_free(struct op *op)
{
    link_leave(&op->link);
    room_text_clear(&op->id);
    room_text_clear(&op->user_id);
    room_text_clear(&op->json);
    xfree(op);
}

static void op_remove(struct board *b, struct op *op)
{
    map_remove(&b->by_id, slice_str(op->id));
    b->n--;
    b->bytes -= op->json_len;
    if (op->number < b->snapshot_number)
        b->n_in_snapshot--;
    op_free(op);
}

static int op_set_json(struct board *b, struct op *op, struct slice json)
{
    int err = room_text_set(&op->json, json);
    if (err)
        return err;
    b->bytes += json.len - op->json_len;
    op->json_len = json.len;
    return 0;
}

static int op_fill(struct op *op, struct board *b, struct slice user_id, const struct drawn *as)
{
    int err = room_text_set(&op->id, as->id);
    if (!err)
        err = room_text_set(&op->user_id, user_id);
    if (!err)
        err = map_put(&b->by_id, slice_str(op->id), op, NULL);
    return err;
}

static int op_add(struct board *b, struct slice user_id, const struct drawn *as, uint64_t number)
{
    struct op *op = xtry(NULL, sizeof(*op));
    if (op == NULL)
        return ERR_NO_MEMORY;
    *op = (struct op){ .id = room_no_text, .user_id = room_no_text, .json = room_no_text };
    link_init(&op->link);
    int err = op_fill(op, b, user_id, as);
    if (err) {
        op_free(op);
        return err;
    }
    op->number = number;
    list_push(&b->ops, &op->link);
    b->n++;
    return op_set_json(b, op, as->json);
}

static int fold_drew(struct board *b, const struct event *e, struct arena *arena)
{
    struct json j;
    struct drawn as;
    bool more;
    json_init_known(&j, e->drew.ops, arena);
    int err = open_array(&j);
    while (!err) {
        err = read_op(&as, &more, &j);
        if (err || !more)
            return err;
        if (as.id.len == 0)
            return ERR_BAD_FIELD;
        struct op *old = map_find(&b->by_id, as.id);
        err = old != NULL ? op_set_json(b, old, as.json)
                          : op_add(b, e->actor, &as, b->next_number++);
    }
    return err;
}

/* What the verb could read fits, so that whatever is too big here is for want of memory. */
static int fold_drew_within(struct board *b, const struct event *e)
{
    struct arena arena;
    arena_init(&arena, FOLD_BYTES);
    int err = fold_drew(b, e, &arena);
    arena_fini(&arena);
    return err == ERR_TOO_BIG ? ERR_NO_MEMORY : err;
}

static void forget_snapshot(struct board *b)
{
    room_text_clear(&b->snapshot_id);
    room_text_clear(&b->snapshot_url);
    room_text_clear(&b->snapshot_by);
    b->snapshot_at_ms = 0;
    b->n_in_snapshot = 0;
    b->snapshot_number = 0;
}

static int fold_undrew(struct board *b, const struct event *e)
{
    struct op *op = map_find(&b->by_id, e->undrew.op_id);
    if (op != NULL)
        op_remove(b, op);
    return 0;
}

static int fold_cleared(struct board *b)
{
    while (!list_is_empty(&b->ops))
        op_free(CONTAINER_OF(b->ops.next, struct op, link));
    map_fini(&b->by_id);
    b->n = 0;
    b->bytes = 0;
    forget_snapshot(b);
    return 0;
}

static int fold_saved(struct board *b, const struct event *e)
{
    b->snapshot_at_ms = e->at_ms;
    b->snapshot_number = b->next_number;
    b->n_in_snapshot = b->n;
    int err = room_text_set(&b->snapshot_id, e->saved.id);
    if (!err)
        err = room_text_set(&b->snapshot_url, e->saved.url);
    if (!err)
        err = room_text_set(&b->snapshot_by, e->actor);
    return err;
}

int board_keep(struct board *b, const struct event *e)
{
    b->next_number = e->kept_room.next_number;
    b->snapshot_number = e->kept_room.snapshot_number;
    b->snapshot_at_ms = e->kept_room.snapshot_at_ms;
    int err = room_text_set(&b->snapshot_id, e->kept_room.snapshot_id);
    if (!err)
        err = room_text_set(&b->snapshot_url, e->kept_room.snapshot_url);
    if (!err)
        err = room_text_set(&b->snapshot_by, e->kept_room.snapshot_by);
    return err;
}

static uint64_t last_number(const struct board *b)
{
    return CONTAINER_OF(b->ops.prev, const struct op, link)->number;
}

static int fold_kept(struct board *b, const struct event *e)
{
    const struct drawn as = { .id = e->kept_op.id, .json = e->kept_op.json };
    uint64_t number = e->kept_op.number;
    bool is_next = list_is_empty(&b->ops) || number > last_number(b);
    if (!is_next || number >= b->next_number)
        return ERR_BAD_VALUE;
    if (map_find(&b->by_id, as.id) != NULL)
        return ERR_CONFLICT;
    b->n_in_snapshot += number < b->snapshot_number;
    return op_add(b, e->actor, &as, number);
}

int board_fold(struct room *r, const struct event *e)
{
    switch (e->type) {
    case EV_KEPT_OP:
        return fold_kept(&r->board, e);
    case EV_DREW:
        return fold_drew_within(&r->board, e);
    case EV_UNDREW:
        return fold_undrew(&r->board, e);
    case EV_CLEARED:
        return fold_cleared(&r->board);
    case EV_BOARD_SAVED:
        return fold_saved(&r->board, e);
    case EV_CURSOR:
        return 0;
    default:
        PANIC("not of the board: %s", event_info(e->type)->name);
    }
}

void board_init(struct room *r, struct map_key key)
{
    r->board = (struct board){
        .snapshot_id = room_no_text, .snapshot_url = room_no_text, .snapshot_by = room_no_text
    };
    link_init(&r->board.ops);
    map_init(&r->board.by_id, key);
}

void board_free(struct room *r)
{
    (void)fold_cleared(&r->board);
}
