/* The board: what may be drawn by whom, ids, replacing, undoing, clearing, snapshots, hostile JSON,
 * the limits. */
#include "base/buf.h"
#include "fault.h"
#include "room/room.h"
#include "stage.h"

/* p NULL: there was no memory to make them. */
static int draw_slice(struct stage *s, const char *user, struct slice ops)
{
    if (ops.p == NULL)
        return ERR_NO_MEMORY;
    struct deed d = stage_deed(s, user);
    return stage_did(s, room_draw(&s->log, s->room, &d, ops));
}

static int draw(struct stage *s, const char *user, const char *ops)
{
    return draw_slice(s, user, slice_str(ops));
}

static int undraw(struct stage *s, const char *user, const char *id)
{
    struct deed d = stage_deed(s, user);
    return stage_did(s, room_undraw(&s->log, s->room, &d, slice_str(id)));
}

static int clear(struct stage *s, const char *user)
{
    struct deed d = stage_deed(s, user);
    return stage_did(s, room_clear(&s->log, s->room, &d));
}

static int save(struct stage *s, const char *user, const char *url)
{
    struct deed d = stage_deed(s, user);
    return stage_did(s, room_save_board(&s->log, s->room, &d, slice_str(url)));
}

static int point(struct stage *s, const char *user, struct slice data)
{
    struct deed d = stage_deed(s, user);
    return stage_did(s, room_cursor(&s->log, s->room, &d, data));
}

/* The ids on the board in their order, with a bar behind those of the snapshot: "a b | c". */
static const char *layout(struct stage *s)
{
    struct buf b;
    uint32_t n = 0;
    const struct board *board = &s->room->board;
    buf_init(&b, 1 << 20);
    LIST_EACH(l, &board->ops) {
        if (n++ == board->n_in_snapshot)
            buf_add_str(&b, "| ");
        buf_add_str(&b, CONTAINER_OF(l, struct op, link)->id);
        buf_add_char(&b, ' ');
    }
    if (n == board->n_in_snapshot)
        buf_add_str(&b, "| ");
    buf_add_char(&b, '\0');
    const char *text = stage_text(s, b.p).p;
    buf_fini(&b);
    return text;
}

static const struct op *op_of(const struct stage *s, const char *id)
{
    return map_find(&s->room->board.by_id, slice_str(id));
}

static void test_draw(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    const char *ops = " [ {\"type\":\"stroke\",\"id\":\"a\",\"points\":[[1,2]]} , {\"id\":\"b\", "
                      "\"type\":\"text\"}]\n";
    is_int(draw(&s, "ann", ops), 0, "ann draws two");
    const struct event *e = stage_event(&s, 0);
    is_int(e->type, EV_DREW, "it is told");
    is_int(e->audience, AUDIENCE_OTHERS, "to the others");
    is_slice(e->actor, "ann", "who did it");
    is_slice(e->drew.ops,
        "[{\"type\":\"stroke\",\"id\":\"a\",\"points\":[[1,2]]},{\"id\":\"b\", \"type\":\"text\"}]",
        "and what, as sent");
    is_str(layout(&s), "| a b ", "both are on the board");
    is_str(op_of(&s, "a")->json, "{\"type\":\"stroke\",\"id\":\"a\",\"points\":[[1,2]]}", "whole");
    is_str(op_of(&s, "a")->user_id, "ann", "and hers");
    is_int(s.room->board.bytes, op_of(&s, "a")->json_len + op_of(&s, "b")->json_len, "counted");
    is_int(draw(&s, "zoe", ops), ERR_NOT_IN_ROOM, "outsiders do not draw");
    stage_fini(&s, "draw");
}

static void test_made_ids(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    struct deed d = stage_deed(&s, "ann");
    d.id = S("d\"7");
    int err = room_draw(&s.log, s.room, &d,
        S("[{\"type\":\"t\"},{\"type\":\"t\",\"id\":\"x\"},{ \"type\":\"t\",\"n\":{\"id\":1}}]"));
    is_int(stage_did(&s, err), 0, "ops without ids");
    is_slice(stage_event(&s, 0)->drew.ops,
        "[{\"id\":\"d\\\"7-0\",\"type\":\"t\"},{\"type\":\"t\",\"id\":\"x\"},"
        "{\"id\":\"d\\\"7-2\", \"type\":\"t\",\"n\":{\"id\":1}}]",
        "get the deed's and their places");
    is_str(layout(&s), "| d\"7-0 x d\"7-2 ", "on the board");
    is_int(undraw(&s, "ann", "d\"7-0"), 0, "and can be named by them");
    d.id = S("");
    is_int(stage_did(&s, room_draw(&s.log, s.room, &d, S("[{\"type\":\"t\"}]"))), ERR_BAD_FIELD,
        "a deed without an id has none to give");
    is_int(stage_did(&s, room_draw(&s.log, s.room, &d, S("[{\"type\":\"t\",\"id\":\"y\"}]"))), 0,
        "and need not");
    stage_fini(&s, "made ids");
}

static void test_replace(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    draw(&s, "ann", "[{\"type\":\"t\",\"id\":\"a\"},{\"type\":\"t\",\"id\":\"b\"}]");
    is_int(draw(&s, "ann", "[{\"type\":\"t\",\"id\":\"a\",\"x\":1}]"), 0, "ann moves hers");
    is_str(layout(&s), "| a b ", "it keeps its place");
    is_str(op_of(&s, "a")->json, "{\"type\":\"t\",\"id\":\"a\",\"x\":1}", "and is the new one");
    is_int(s.room->board.bytes, op_of(&s, "a")->json_len + op_of(&s, "b")->json_len, "counted");
    is_int(draw(&s, "bob", "[{\"type\":\"t\",\"id\":\"c\"},{\"type\":\"t\",\"id\":\"b\"}]"),
        ERR_FORBIDDEN, "bob may not move it");
    is_int(draw(&s, "bob", "[{\"type\":\"t\",\"id\":\"\\u0062\"}]"), ERR_FORBIDDEN,
        "however he writes its id");
    is_str(layout(&s), "| a b ", "and none of his array came");
    is_int(draw(&s, "co", "[{\"type\":\"t\",\"id\":\"b\",\"x\":2}]"), 0, "a cohost may");
    is_str(op_of(&s, "b")->user_id, "ann", "it stays ann's");
    is_int(draw(&s, "ann", "[{\"type\":\"t\",\"id\":\"b\",\"x\":3}]"), 0, "who moves it again");
    is_int(draw(&s, "bob",
               "[{\"type\":\"t\",\"id\":\"c\"},{\"type\":\"t\",\"id\":\"d\"},"
               "{\"type\":\"t\",\"id\":\"c\",\"x\":4}]"),
        0, "one op twice in an array");
    is_str(layout(&s), "| a b c d ", "has the first's place");
    is_str(op_of(&s, "c")->json, "{\"type\":\"t\",\"id\":\"c\",\"x\":4}", "and the last's shape");
    stage_fini(&s, "replace");
}

static void test_undraw(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    draw(&s, "ann", "[{\"type\":\"t\",\"id\":\"a\"},{\"type\":\"t\",\"id\":\"b\"}]");
    draw(&s, "host", "[{\"type\":\"t\",\"id\":\"c\"}]");
    is_int(undraw(&s, "bob", "a"), ERR_FORBIDDEN, "not somebody else's");
    is_int(undraw(&s, "bob", "z"), ERR_NOT_FOUND, "not what is not there");
    is_int(undraw(&s, "bob", ""), ERR_NOT_FOUND, "nor nothing");
    is_int(undraw(&s, "ann", "a"), 0, "one's own");
    const struct event *e = stage_event(&s, 2);
    is_int(e->type, EV_UNDREW, "it is told");
    is_int(e->audience, AUDIENCE_ALL, "to all");
    is_slice(e->undrew.op_id, "a", "which");
    is_int(undraw(&s, "ann", "a"), ERR_NOT_FOUND, "not twice");
    is_int(undraw(&s, "ann", "c"), ERR_FORBIDDEN, "not the host's");
    is_int(undraw(&s, "co", "c"), 0, "a cohost anybody's");
    is_str(layout(&s), "| b ", "one is left");
    is_int(s.room->board.bytes, op_of(&s, "b")->json_len, "and counted");
    stage_fini(&s, "undraw");
}

static void test_snapshot(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    is_int(save(&s, "ann", "/picture.png"), 0, "an empty board is saved");
    is_str(s.room->board.snapshot_by, "ann", "by her");
    is_str(s.room->board.snapshot_url, "/picture.png", "with a picture");
    const struct event *e = stage_event(&s, 0);
    ok(e->type == EV_BOARD_SAVED && e->audience == AUDIENCE_ALL, "it is told to all");
    is_slice(e->saved.id, s.room->board.snapshot_id, "with its id");
    is_slice(e->saved.url, "/picture.png", "and the picture's address");
    draw(&s, "ann", "[{\"type\":\"t\",\"id\":\"a\"},{\"type\":\"t\",\"id\":\"b\"}]");
    draw(&s, "bob", "[{\"type\":\"t\",\"id\":\"c\"}]");
    is_str(layout(&s), "| a b c ", "the snapshot holds nothing");
    is_int(save(&s, "bob", ""), 0, "saved again, without a picture");
    is_str(s.room->board.snapshot_url, "", "there is none");
    is_str(layout(&s), "a b c | ", "it holds all");
    draw(&s, "ann", "[{\"type\":\"t\",\"id\":\"d\"},{\"type\":\"t\",\"id\":\"b\",\"x\":1}]");
    is_str(layout(&s), "a b c | d ", "but what came later; a moved one stays in it");
    undraw(&s, "ann", "a");
    is_str(layout(&s), "b c | d ", "an undone one leaves it");
    undraw(&s, "ann", "d");
    is_str(layout(&s), "b c | ", "and one behind it does not count");
    draw(&s, "ann", "[{\"type\":\"t\",\"id\":\"a\"}]");
    is_str(layout(&s), "b c | a ", "an undone one that is drawn anew comes behind it");
    is_int(s.room->board.snapshot_at_ms, s.now_ms, "the time is kept");
    is_int(save(&s, "ann", ""), 0, "saved after some were undone");
    undraw(&s, "ann", "a");
    is_str(layout(&s), "b c | ", "the last one leaves the snapshot, too");
    is_int(save(&s, "ann", "javascript:x"), ERR_BAD_FIELD, "a picture is a proper address");
    struct deed d = stage_deed(&s, "ann");
    d.id = S("");
    is_int(stage_did(&s, room_save_board(&s.log, s.room, &d, S(""))), ERR_BAD_FIELD,
        "a snapshot has an id");
    stage_fini(&s, "snapshot");
}

static void test_clear(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    draw(&s, "ann", "[{\"type\":\"t\",\"id\":\"a\"},{\"type\":\"t\",\"id\":\"b\"}]");
    save(&s, "ann", "/picture.png");
    is_int(clear(&s, "ann"), ERR_NOT_HOST, "participants do not clear");
    is_int(s.room->board.n, 2, "all is there");
    is_int(clear(&s, "co"), 0, "a cohost does");
    const struct event *e = stage_event(&s, 2);
    ok(e->type == EV_CLEARED && e->audience == AUDIENCE_ALL, "it is told to all");
    is_int(s.room->board.n, 0, "nothing is left");
    is_int(s.room->board.bytes, 0, "nor counted");
    is_str(s.room->board.snapshot_id, "", "nor is a snapshot");
    is_str(s.room->board.snapshot_url, "", "with an old picture");
    is_int(draw(&s, "bob", "[{\"type\":\"t\",\"id\":\"a\"}]"), 0, "bob may have ann's old id");
    is_str(layout(&s), "| a ", "the board begins anew");
    is_int(undraw(&s, "bob", "a"), 0, "and goes on");
    is_int(clear(&s, "host"), 0, "an empty one can be cleared");
    stage_fini(&s, "clear");
}

static const struct {
    const char *name;
    struct slice ops;
    int err;
} hostile[] = {
    { "nothing", SLICE(""), ERR_BAD_JSON },
    { "null", SLICE("null"), ERR_BAD_FIELD },
    { "an object", SLICE("{\"type\":\"t\"}"), ERR_BAD_FIELD },
    { "a text", SLICE("\"[]\""), ERR_BAD_FIELD },
    { "no ops", SLICE("[]"), ERR_BAD_FIELD },
    { "no ops and more", SLICE("[]]"), ERR_BAD_JSON },
    { "a number", SLICE("[1]"), ERR_BAD_FIELD },
    { "an array", SLICE("[[{\"type\":\"t\"}]]"), ERR_BAD_FIELD },
    { "an empty op", SLICE("[{}]"), ERR_BAD_FIELD },
    { "no type", SLICE("[{\"id\":\"a\"}]"), ERR_BAD_FIELD },
    { "an inner type only", SLICE("[{\"a\":{\"type\":\"t\"}}]"), ERR_BAD_FIELD },
    { "a type that is none", SLICE("[{\"type\":1}]"), ERR_BAD_FIELD },
    { "an empty type", SLICE("[{\"type\":\"\"}]"), ERR_BAD_FIELD },
    { "a type with NUL", SLICE("[{\"type\":\"\\u0000\"}]"), ERR_BAD_FIELD },
    { "an id that is none", SLICE("[{\"type\":\"t\",\"id\":1}]"), ERR_BAD_FIELD },
    { "a null id", SLICE("[{\"type\":\"t\",\"id\":null}]"), ERR_BAD_FIELD },
    { "an empty id", SLICE("[{\"type\":\"t\",\"id\":\"\"}]"), ERR_BAD_FIELD },
    { "an id with NUL", SLICE("[{\"type\":\"t\",\"id\":\"a\\u0000\"}]"), ERR_BAD_FIELD },
    { "an id with a new line", SLICE("[{\"type\":\"t\",\"id\":\"a\\n\"}]"), ERR_BAD_FIELD },
    { "two ids", SLICE("[{\"type\":\"t\",\"id\":\"a\",\"id\":\"b\"}]"), ERR_BAD_JSON },
    { "two ids, one escaped", SLICE("[{\"type\":\"t\",\"id\":\"a\",\"i\\u0064\":\"b\"}]"),
        ERR_BAD_JSON },
    { "a good one and a bad one", SLICE("[{\"type\":\"t\"},{\"type\":2}]"), ERR_BAD_FIELD },
    { "a good one and a cut one", SLICE("[{\"type\":\"t\"},{\"type\":\"t\""), ERR_BAD_JSON },
    { "a good one and a comma", SLICE("[{\"type\":\"t\"},]"), ERR_BAD_JSON },
    { "more behind it", SLICE("[{\"type\":\"t\"}] x"), ERR_BAD_JSON },
    { "two arrays", SLICE("[{\"type\":\"t\"}][]"), ERR_BAD_JSON },
    { "invalid UTF-8", SLICE("[{\"type\":\"t\",\"a\":\"\xff\"}]"), ERR_BAD_UTF8 },
    { "half an escape", SLICE("[{\"type\":\"t\",\"a\":\"\\ud80\"}]"), ERR_BAD_JSON },
    { "a huge number", SLICE("[{\"type\":\"t\",\"a\":1e999}]"), ERR_BAD_JSON },
    { "NUL behind it", SLICE("[{\"type\":\"t\"}]\0"), ERR_BAD_JSON },
};

static void test_hostile(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        struct slice ops = hostile[i].ops;
        char *copy = malloc(ops.len > 0 ? ops.len : 1); /* ASan sees a read past its end */
        memcpy(copy, ops.p, ops.len);
        is_int(
            draw_slice(&s, "ann", slice_of(copy, ops.len)), hostile[i].err, "%s", hostile[i].name);
        free(copy);
    }
    is_int(s.room->board.n, 0, "nothing was drawn");
    is_int(s.room->seq, s.twin->seq, "nothing happened");
    is_int(draw(&s, "ann", "[{\"t\\u0079pe\":\"\\u0074\",\"\\u0069d\":\"\\u00e9\"}]"), 0,
        "escapes are read");
    is_str(layout(&s), "| \xc3\xa9 ", "for what they mean");
    stage_fini(&s, "hostile");
}

/* `[{"type":"t","a":` with `depth` arrays in one another. */
static int draw_deep(struct stage *s, int depth)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add_str(&b, "[{\"type\":\"t\",\"a\":");
    for (int i = 0; i < depth; i++)
        buf_add_char(&b, '[');
    for (int i = 0; i < depth; i++)
        buf_add_char(&b, ']');
    buf_add_str(&b, "}]");
    int err = draw_slice(s, "ann", buf_slice(&b));
    buf_fini(&b);
    return err;
}

/* n ops; `pad` more bytes in each; ids from `first`, or none where it is negative. */
static struct slice many_ops(struct stage *s, int n, size_t pad, int first)
{
    struct buf b;
    struct slice ops = { .p = NULL };
    char *space = stage_many(' ', pad);
    buf_init(&b, 64u << 20);
    for (int i = 0; i < n; i++) {
        buf_add_str(&b, i == 0 ? "[{\"type\":\"t\"" : ",{\"type\":\"t\"");
        if (first >= 0) {
            buf_add_str(&b, ",\"id\":\"");
            buf_add_u64(&b, (uint64_t)(first + i));
            buf_add_char(&b, '"');
        }
        buf_add(&b, space, pad);
        buf_add_char(&b, '}');
    }
    buf_add_char(&b, ']');
    free(space);
    if (buf_err(&b) || arena_copy(&ops, &s->arena, buf_slice(&b)) != 0)
        ops.p = NULL;
    buf_fini(&b);
    return ops;
}

/* An op whose `member` is a text of n characters, written `as`. */
static int draw_long(struct stage *s, const char *member, const char *as, int n)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add_str(&b, strcmp(member, "type") == 0 ? "[{\"" : "[{\"type\":\"t\",\"");
    buf_add_str(&b, member);
    buf_add_str(&b, "\":\"");
    for (int i = 0; i < n; i++)
        buf_add_str(&b, as);
    buf_add_str(&b, "\"}]");
    int err = draw_slice(s, "ann", buf_slice(&b));
    buf_fini(&b);
    return err;
}

static void test_limits_of_op(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    is_int(draw_deep(&s, 30), 0, "as deep as the reader goes");
    is_int(draw_deep(&s, 31), ERR_TOO_DEEP, "deeper");
    is_int(draw_deep(&s, 100000), ERR_TOO_DEEP, "much deeper");
    is_int(draw_long(&s, "type", "a", 32), 0, "a type of 32 characters");
    is_int(draw_long(&s, "type", "a", 33), ERR_BAD_FIELD, "of 33");
    is_int(draw_long(&s, "type", "\\u00e9", 32), 0, "of 32 written with escapes");
    is_int(draw_long(&s, "id", "a", 64), 0, "an id of 64 characters");
    is_int(draw_long(&s, "id", "a", 65), ERR_BAD_FIELD, "of 65");
    is_int(draw_long(&s, "id", "\\ud83d\\ude00", 64), 0, "of 64 written as pairs");
    is_int(draw_long(&s, "id", "\\ud83d\\ude00", 65), ERR_BAD_FIELD, "of 65");
    is_int(draw_long(&s, "id", "a", 60000), ERR_BAD_FIELD, "of many");
    size_t least = strlen("{\"type\":\"t\",\"id\":\"1\"}");
    is_int(draw_slice(&s, "ann", many_ops(&s, 1, ROOM_OP_BYTES - least - 1, 1)), 0,
        "a byte less than an op may have");
    is_int(draw_slice(&s, "ann", many_ops(&s, 1, ROOM_OP_BYTES - least, 2)), 0, "as many");
    is_int(draw_slice(&s, "ann", many_ops(&s, 1, ROOM_OP_BYTES - least + 1, 3)), ERR_TOO_BIG,
        "one more");
    size_t made = strlen("{\"id\":\"id99-0\",\"type\":\"t\"}");
    s.ids = 98;
    is_int(draw_slice(&s, "ann", many_ops(&s, 1, ROOM_OP_BYTES - made, -1)), 0, "an id counts");
    s.ids = 98;
    is_int(draw_slice(&s, "ann", many_ops(&s, 1, ROOM_OP_BYTES - made + 1, -1)), ERR_TOO_BIG,
        "even one that we made");
    stage_fini(&s, "limits of an op");
}

static void test_limits_of_draw(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    is_int(draw_slice(&s, "ann", many_ops(&s, ROOM_DRAW_OPS - 1, 0, -1)), 0, "199 ops");
    is_int(draw_slice(&s, "ann", many_ops(&s, ROOM_DRAW_OPS, 0, -1)), 0, "200");
    is_int(draw_slice(&s, "ann", many_ops(&s, ROOM_DRAW_OPS + 1, 0, -1)), ERR_TOO_MANY, "201");
    is_int(draw_slice(&s, "ann", many_ops(&s, 50000, 0, -1)), ERR_TOO_MANY, "thousands");
    is_int(s.room->board.n, 2 * ROOM_DRAW_OPS - 1, "as many as passed");
    struct slice ops = many_ops(&s, ROOM_DRAW_OPS, 5200, -1);
    ok(ops.len < ROOM_DRAW_BYTES, "nearly as many bytes as a drawing may have");
    char *padded = stage_many(' ', ROOM_DRAW_BYTES + 1);
    memcpy(padded, ops.p, ops.len);
    is_int(draw_slice(&s, "ann", slice_of(padded, ROOM_DRAW_BYTES)), 0, "as many");
    is_int(draw_slice(&s, "ann", slice_of(padded, ROOM_DRAW_BYTES + 1)), ERR_TOO_BIG, "one more");
    free(padded);
    stage_clear(&s);
    stage_fini(&s, "limits of a drawing");
}

static void test_limit_of_ops(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    int failed = 0;
    for (int i = 0; i < ROOM_MAX_OPS; i += ROOM_DRAW_OPS) {
        failed += draw_slice(&s, "ann", many_ops(&s, ROOM_DRAW_OPS, 0, i)) != 0;
        stage_clear(&s);
    }
    is_int(failed, 0, "the board is filled");
    is_int(undraw(&s, "ann", "7"), 0, "one less than may be");
    is_int(
        draw(&s, "bob", "[{\"type\":\"t\"},{\"type\":\"t\"}]"), ERR_TOO_MANY, "two are too many");
    is_int(s.room->board.n, ROOM_MAX_OPS - 1, "not even one of them came");
    is_int(draw(&s, "bob", "[{\"type\":\"t\",\"id\":\"x\"},{\"type\":\"t\",\"id\":\"x\"}]"), 0,
        "one is not, though sent twice");
    is_int(draw(&s, "bob", "[{\"type\":\"t\"}]"), ERR_TOO_MANY, "then it is full");
    is_int(draw(&s, "bob", "[{\"type\":\"u\",\"id\":\"x\"}]"), 0, "replacing goes on");
    is_int(clear(&s, "host"), 0, "until it is cleared");
    is_int(draw(&s, "bob", "[{\"type\":\"t\"}]"), 0, "and begins anew");
    stage_fini(&s, "limit of ops");
}

/* The board's bytes, up to `less` of them, in ops whose ids begin at 1000. */
static int fill_bytes(struct stage *s, size_t less)
{
    size_t least = strlen("{\"type\":\"t\",\"id\":\"1000\"}");
    int err = 0;
    int id = 1000;
    while (!err && s->room->board.bytes < ROOM_BOARD_BYTES - less) {
        size_t left = ROOM_BOARD_BYTES - less - s->room->board.bytes;
        size_t size = left > 2 * ROOM_OP_BYTES ? ROOM_OP_BYTES
            : left > ROOM_OP_BYTES             ? left / 2
                                               : left;
        err = draw_slice(s, "ann", many_ops(s, 1, size - least, id++));
        stage_clear(s);
    }
    return err;
}

static void test_limit_of_bytes(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    struct slice x = S("{\"type\":\"t\",\"id\":\"x\"}");
    is_int(fill_bytes(&s, x.len), 0, "the board is filled but for one op");
    is_int(draw(&s, "bob", "[{\"type\":\"t\",\"id\":\"xx\"}]"), ERR_TOO_MANY, "one byte too many");
    is_int(draw(&s, "bob", "[{\"type\":\"t\",\"id\":\"x\"}]"), 0, "exactly as many");
    is_int(s.room->board.bytes, ROOM_BOARD_BYTES, "now it is full");
    is_int(draw(&s, "bob", "[{\"type\":\"tt\",\"id\":\"x\"}]"), ERR_TOO_MANY, "it does not grow");
    is_int(draw(&s, "bob", "[{\"type\":\"u\",\"id\":\"x\"}]"), 0, "of the same size it is");
    is_int(undraw(&s, "bob", "x"), 0, "one is undone");
    is_int(s.room->board.bytes, ROOM_BOARD_BYTES - x.len, "and there is room again");
    stage_fini(&s, "limit of bytes");
}

static void test_cursor(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    uint64_t seq = s.room->seq;
    is_int(point(&s, "ann", S("{\"x\":1}")), 0, "ann points");
    const struct event *e = stage_event(&s, 0);
    ok(e->type == EV_CURSOR && e->audience == AUDIENCE_OTHERS && e->seq == 0, "the others see it");
    is_slice(e->cursor.data, "{\"x\":1}", "as sent");
    is_int(s.room->seq, seq, "nothing is kept");
    is_int(point(&s, "ann", S("")), ERR_BAD_JSON, "not at nothing");
    is_int(point(&s, "ann", S("{")), ERR_BAD_JSON, "nor at half of it");
    is_int(point(&s, "zoe", S("1")), ERR_NOT_IN_ROOM, "nor from outside");
    char *many = stage_many('1', ROOM_CURSOR_MAX + 1);
    memset(many + 1, ' ', ROOM_CURSOR_MAX);
    is_int(point(&s, "ann", slice_of(many, ROOM_CURSOR_MAX)), 0, "as long as may be");
    is_int(point(&s, "ann", slice_of(many, ROOM_CURSOR_MAX + 1)), ERR_TOO_BIG, "longer");
    free(many);
    stage_clear(&s);
    stage_fini(&s, "cursor");
}

/* An op with so many keys that the reader needs memory of its own, in the verb and in the fold. */
static struct slice wide_op(struct stage *s, int keys)
{
    struct buf b;
    struct slice ops = { .p = NULL };
    buf_init(&b, 1 << 20);
    buf_add_str(&b, "[{\"type\":\"t\",\"\\u0069d\":\"\\u0061\"");
    for (int i = 0; i < keys; i++) {
        buf_add_str(&b, ",\"");
        buf_add_u64(&b, (uint64_t)i);
        buf_add_str(&b, "\":0");
    }
    buf_add_str(&b, "}]");
    if (buf_err(&b) || arena_copy(&ops, &s->arena, buf_slice(&b)) != 0)
        ops.p = NULL;
    buf_fini(&b);
    return ops;
}

static void test_wide(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    is_int(draw_slice(&s, "ann", wide_op(&s, 254)), 0, "256 members");
    is_int(draw_slice(&s, "ann", wide_op(&s, 255)), ERR_TOO_MANY, "257");
    is_str(layout(&s), "| a ", "one is on the board");
    stage_fini(&s, "wide");
}

static int draw_a_while(struct stage *s)
{
    int err = draw(s, "ann", "[{\"type\":\"t\"},{\"type\":\"t\",\"id\":\"b\"}]");
    if (!err)
        err = draw(s, "ann", "[{\"type\":\"t\",\"id\":\"b\",\"x\":1}]");
    if (!err)
        err = draw_slice(s, "ann", many_ops(s, 20, 0, 0));
    if (!err)
        err = save(s, "ann", "/a");
    if (!err)
        err = undraw(s, "ann", "b");
    if (!err)
        err = draw_slice(s, "ann", wide_op(s, 100));
    return err ? err : clear(s, "host");
}

static void draw_with_fault(void *arg)
{
    struct stage s;
    (void)arg;
    int err = stage_init(&s, MODE_STUDY);
    if (!err)
        err = draw_a_while(&s);
    if (fault_hit() && err != 0 && err != ERR_NO_MEMORY && err != ERR_TOO_BIG)
        ok(false, "a fault gives %s", err_name(err));
    stage_free(&s);
}

int main(void)
{
    test_draw();
    test_made_ids();
    test_replace();
    test_undraw();
    test_snapshot();
    test_clear();
    test_hostile();
    test_limits_of_op();
    test_limits_of_draw();
    test_limit_of_ops();
    test_limit_of_bytes();
    test_cursor();
    test_wide();
    fault_each(FAULT_ALLOC, draw_with_fault, NULL);
    return done();
}
