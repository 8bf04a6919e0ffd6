/* The whiteboard: ops come in groups and go to the others; the sender's answer names them. */
#include "dialect/errand.h"
#include "dialect/study/parts.h"
#include "room/text.h"

#define PICTURE_MAX \
    (8u << 20) /* characters of an address, so that a picture gets its own refusal */

/* ---- fields ---- */

static const struct field draw_list[] = {
    STUDY_ROOM_FIELD(struct study_draw),
    { .name = "ops",
        FIELD_MEMBER(struct study_draw, ops),
        .type = FIELD_ARRAY_RAW,
        .required = true,
        .max = ROOM_DRAW_BYTES,
        .help = "objects with a type and, if they have one, an id; "
                "one whose id is on the board replaces that" },
};
const struct fields study_draw_fields = FIELDS(draw_list);

static const struct field undo_list[] = {
    STUDY_ROOM_FIELD(struct study_undo),
    { .name = "opId",
        .aliases = { "id" },
        FIELD_MEMBER(struct study_undo, op_id),
        .type = FIELD_STR,
        .required = true,
        .min = 1,
        .max = 64,
        .help = "the op that goes" },
};
const struct fields study_undo_fields = FIELDS(undo_list);

static const struct field save_list[] = {
    STUDY_ROOM_FIELD(struct study_save),
    { .name = "dataUrl",
        .aliases = { "url" },
        FIELD_MEMBER(struct study_save, url),
        .type = FIELD_STR,
        .max = PICTURE_MAX,
        .help = "a picture of the board, which is kept as a file, as data:image/png;base64,...; "
                "or where one is: http, https, or a path on this server" },
};
const struct fields study_save_fields = FIELDS(save_list);

static const struct field cursor_list[] = {
    STUDY_ROOM_FIELD(struct study_cursor),
    { .name = "cursor",
        .aliases = { "position", "data" },
        FIELD_MEMBER(struct study_cursor, cursor),
        .type = FIELD_RAW,
        .required = true,
        .max = ROOM_CURSOR_MAX,
        .help = "where one points, as the pages have agreed on" },
};
const struct fields study_cursor_fields = FIELDS(cursor_list);

/* ---- said by clients ---- */

/* The `id` of an op that was opened. */
static void put_id_of(struct json_writer *w, struct json *j, struct arena *arena)
{
    struct json_value key, v;
    struct slice id;
    while (json_next(&key, j) == JSON_KEY && json_next_whole(&v, j) != JSON_ERROR) {
        if (json_is(&key, S("id")) && json_text(&id, arena, &v) == 0)
            jw_str(w, id);
    }
}

/* The ops come from the event, where each has an id. */
static void put_ids(struct json_writer *w, struct slice ops, struct arena *arena)
{
    struct json j;
    struct json_value v;
    jw_field_array(w, "ids");
    json_init_known(&j, ops, arena);
    json_next(&v, &j);
    while (json_next(&v, &j) == JSON_OBJECT)
        put_id_of(w, &j, arena);
    jw_end(w);
}

/* What is wrong with ops, in a sentence; empty: the error's own will do. */
static struct slice why_not(int err)
{
    switch (err) {
    case ERR_BAD_FIELD:
        return S("Send one op at least; each is an object with a \"type\" and, if it has one, "
                 "an \"id\" of at most 64 characters.");
    case ERR_TOO_MANY:
        return S("Send at most 200 ops at a time; if these are fewer, the board is full.");
    case ERR_TOO_BIG:
        return S("An op is too large: send it in parts.");
    default:
        return S("");
    }
}

int study_in_draw(struct ask *a)
{
    const struct study_draw *args = a->args;
    int err = ask_do(a, &(struct command){ .verb = VERB_DRAW, .draw = { .ops = args->ops } });
    if (err) {
        a->why = why_not(err);
        return err;
    }
    const struct event *e = &a->done.events[0];
    struct json_writer *w = ask_ack(a);
    put_ids(w, e->drew.ops, a->arena);
    jw_field_u64(w, "seq", e->seq);
    return 0;
}

int study_in_clear(struct ask *a)
{
    return ask_do(a, &(struct command){ .verb = VERB_CLEAR });
}

int study_in_undo(struct ask *a)
{
    const struct study_undo *args = a->args;
    struct command c = { .verb = VERB_UNDRAW, .undraw = { .op_id = args->op_id } };
    return ask_do(a, &c);
}

static struct slice why_not_kept(int err)
{
    switch (err) {
    case ERR_BAD_FIELD:
        return S("A picture is sent as data:image/png;base64,... and is PNG, JPEG, WebP or GIF.");
    case ERR_TOO_BIG:
        return S("The picture is larger than this server takes.");
    case ERR_NOT_IMPLEMENTED:
        return S("Pictures cannot be stored here: save without one, or send its address as url.");
    default:
        return S("");
    }
}

/* A picture becomes a file, for those who may save. */
static int keep_picture(struct slice *url, struct ask *a)
{
    const struct shelf_file *file = NULL;
    if (!slice_eq_nocase(slice_take(*url, 5), S("data:")))
        return 0;
    int err = room_may(ask_view(a).room, VERB_BOARD_SAVE, a->session->identity.user_id);
    if (err)
        return err;
    err = errand_keep(&file, a, *url);
    if (err)
        a->why = why_not_kept(err);
    else
        *url = file->url;
    return err;
}

int study_in_save(struct ask *a)
{
    const struct study_save *args = a->args;
    struct command c = { .verb = VERB_BOARD_SAVE, .save = { .url = args->url } };
    int err = keep_picture(&c.save.url, a);
    if (!err)
        err = ask_do(a, &c);
    if (err)
        return err;
    struct json_writer *w = ask_ack(a);
    jw_field_str(w, "snapshotId", a->done.id);
    jw_field_time(w, "createdAt", a->done.events[0].at_ms);
    return 0;
}

int study_in_cursor(struct ask *a)
{
    const struct study_cursor *args = a->args;
    struct command c = { .verb = VERB_CURSOR, .cursor = { .data = args->cursor } };
    return ask_do(a, &c);
}

/* ---- told by the room ---- */

void study_out_drew(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = study_begin(words, "whiteboard:update", v, e);
    jw_field_raw(w, "ops", e->drew.ops);
    jw_field_str(w, "by", e->actor);
    study_text(w, "bySocketId", e->seat);
    words_end(words);
}

void study_out_undrew(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = study_begin(words, "whiteboard:undone", v, e);
    jw_field_str(w, "opId", e->undrew.op_id);
    jw_field_str(w, "by", e->actor);
    words_end(words);
}

void study_out_cleared(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = study_begin(words, "whiteboard:cleared", v, e);
    jw_field_str(w, "by", e->actor);
    words_end(words);
}

void study_out_saved(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = study_begin(words, "whiteboard:saved", v, e);
    jw_field_str(w, "snapshotId", e->saved.id);
    jw_field_str(w, "savedBy", e->actor);
    jw_field_time(w, "createdAt", e->at_ms);
    study_text(w, "dataUrl", e->saved.url);
    words_end(words);
}

void study_out_cursor(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = study_begin(words, "whiteboard:cursor", v, e);
    jw_field_str(w, "socketId", e->seat);
    jw_field_str(w, "userId", e->actor);
    jw_field_str(w, "name", study_name(v, e->actor));
    jw_field_raw(w, "cursor", e->cursor.data);
    words_end(words);
}
