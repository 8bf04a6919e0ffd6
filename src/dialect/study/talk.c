/* Chat and files. A message comes back to everybody, its sender included; the answer to the
 * sender's request carries it, too. */
#include "dialect/errand.h"
#include "dialect/study/parts.h"
#include "room/text.h"

#define MAX_ATTACHMENTS 20 /* of a message */

static const char *const kinds[] = { "text", "emoji", NULL };

/* ---- fields ---- */

static const struct field chat_list[] = {
    STUDY_ROOM_FIELD(struct study_chat),
    ASK_CHAT_ID(struct study_chat, id),
    { .name = "text",
        .aliases = { "message" },
        FIELD_MEMBER(struct study_chat, text),
        .type = FIELD_STR,
        .required = true,
        .min = 1,
        .max = ROOM_TEXT_MAX,
        .help = "what is said" },
    { .name = "attachments",
        FIELD_MEMBER(struct study_chat, attachments),
        .type = FIELD_ARRAY_RAW,
        .max = ROOM_ATTACHMENTS_MAX,
        .help = "addresses, or objects that have one as url or fileUrl" },
    { .name = "to",
        .aliases = { "toUserId" },
        FIELD_MEMBER(struct study_chat, to),
        .type = FIELD_ID,
        .max = ROOM_USER_ID_MAX,
        .help = "a user id: a message for this person alone" },
    { .name = "toSocketId",
        FIELD_MEMBER(struct study_chat, to_seat),
        .type = FIELD_ID,
        .max = ROOM_SEAT_MAX,
        .help = "the same, by a connection of the person" },
    { .name = "replyTo",
        FIELD_MEMBER(struct study_chat, reply_to),
        .type = FIELD_ID,
        .max = 64,
        .help = "the id of the message that this one answers" },
    { .name = "kind",
        .aliases = { "messageType" },
        FIELD_MEMBER(struct study_chat, kind),
        .type = FIELD_ENUM,
        .names = kinds,
        .preset = "text",
        .help = "emoji: to be shown large" },
};
const struct fields study_chat_fields = FIELDS(chat_list);

/* clang-format off */
#define MESSAGE_FIELDS                                                                             \
    STUDY_ROOM_FIELD(struct study_edit),                                                           \
    { .name = "messageId", .aliases = { "id", "_id" },                                             \
      FIELD_MEMBER(struct study_edit, message_id), .type = FIELD_ID, .max = 64, .required = true,  \
      .help = "the message" }
/* clang-format on */

static const struct field edit_list[] = {
    MESSAGE_FIELDS,
    { .name = "text",
        FIELD_MEMBER(struct study_edit, text),
        .type = FIELD_STR,
        .required = true,
        .min = 1,
        .max = ROOM_TEXT_MAX,
        .help = "what it is to say" },
};
const struct fields study_edit_fields = FIELDS(edit_list);

static const struct field delete_list[] = { MESSAGE_FIELDS };
const struct fields study_delete_fields = FIELDS(delete_list);

static const struct field upload_list[] = {
    STUDY_ROOM_FIELD(struct study_upload),
    { .name = "fileUrl",
        .aliases = { "url" },
        FIELD_MEMBER(struct study_upload, url),
        .type = FIELD_STR,
        .required = true,
        .min = 1,
        .max = TEXT_URL_MAX,
        .help = "where the file is: http, https, or a path on this server" },
    { .name = "name",
        .aliases = { "fileName" },
        FIELD_MEMBER(struct study_upload, name),
        .type = FIELD_STR,
        .required = true,
        .min = 1,
        .max = ROOM_FILE_NAME_MAX,
        .one_line = true,
        .help = "what the file is called, without folders" },
    { .name = "size",
        .aliases = { "bytes" },
        FIELD_MEMBER(struct study_upload, size),
        .type = FIELD_INT,
        .required = true,
        .max = (double)ROOM_FILE_BYTES_MAX,
        .help = "how many bytes it has" },
    { .name = "type",
        .aliases = { "mimeType", "contentType" },
        FIELD_MEMBER(struct study_upload, type),
        .type = FIELD_STR,
        .max = ROOM_FILE_TYPE_MAX,
        .one_line = true,
        .help = "its media type" },
};
const struct fields study_upload_fields = FIELDS(upload_list);

/* ---- attachments ---- */

static int check_address(struct arena *arena, const struct json_value *v)
{
    struct slice text;
    if (v->type != JSON_STRING)
        return ERR_BAD_FIELD;
    int err = json_text(&text, arena, v);
    return err ? err : text_check_url(text);
}

static bool is_address(const struct json_value *key)
{
    return json_is(key, S("url")) || json_is(key, S("fileUrl"));
}

/* The members of an object that was opened. */
static int check_members(struct json *j, struct arena *arena)
{
    struct json_value key, v;
    while (json_next(&key, j) == JSON_KEY) {
        if (json_next_whole(&v, j) == JSON_ERROR)
            break;
        int err = is_address(&key) ? check_address(arena, &v) : 0;
        if (err)
            return err;
    }
    return json_err(j);
}

static int check_attachment(struct json *j, struct arena *arena, const struct json_value *v)
{
    if (v->type == JSON_OBJECT)
        return check_members(j, arena);
    return check_address(arena, v);
}

/* An address that a page will make a link of must be one that a page may link to. */
static int check_attachments(struct ask *a, struct slice json)
{
    struct json j;
    struct json_value v;
    unsigned n = 0;
    int err = 0;
    json_init(&j, json, a->arena);
    json_next(&v, &j);
    while (!err && json_next(&v, &j) > JSON_END && v.type != JSON_ARRAY_END)
        err = n++ == MAX_ATTACHMENTS ? ERR_TOO_MANY : check_attachment(&j, a->arena, &v);
    if (!err)
        err = json_err(&j);
    if (err == ERR_TOO_MANY)
        a->why = S("A message takes at most 20 attachments.");
    if (err == ERR_BAD_FIELD)
        a->why = S("Each attachment is an address of http, https or this server, or an object "
                   "that has one as url.");
    return err;
}

/* ---- said by clients ---- */

static void ack_message(struct ask *a, const struct event *e)
{
    struct store_message m = store_message_of(e);
    struct json_writer *w = ask_ack(a);
    jw_field_object(w, "message");
    study_message(w, a->room_id, &m);
    jw_end(w);
}

int study_in_chat(struct ask *a)
{
    const struct study_chat *args = a->args;
    struct event said;
    struct command c = { .verb = VERB_CHAT,
        .id = args->id,
        .chat = { .text = args->text,
            .to = args->to,
            .attachments = args->attachments,
            .reply_to = args->reply_to,
            .kind = args->kind == 1 ? MESSAGE_EMOJI : MESSAGE_TEXT } };
    int err = args->to_seat.len > 0 ? ask_user_at(&c.chat.to, a, args->to_seat) : 0;
    if (!err && args->attachments.len > 0)
        err = check_attachments(a, args->attachments);
    if (!err)
        err = ask_chat(&said, a, &c);
    if (!err)
        ack_message(a, &said);
    return err;
}

int study_in_edit(struct ask *a)
{
    const struct study_edit *args = a->args;
    struct command c = { .verb = VERB_CHAT_EDIT,
        .message = { .id = args->message_id, .text = args->text } };
    return ask_do(a, &c);
}

int study_in_delete(struct ask *a)
{
    const struct study_edit *args = a->args;
    struct command c = { .verb = VERB_CHAT_DELETE, .message = { .id = args->message_id } };
    return ask_do(a, &c);
}

static struct study_file file_of(const struct event *e)
{
    return (struct study_file){
        .id = e->file.id,
        .user_id = e->actor,
        .user_name = e->file.name,
        .file_name = e->file.file_name,
        .url = e->file.url,
        .type = e->file.type,
        .bytes = e->file.bytes,
        .at_ms = e->at_ms,
    };
}

static void put_file_meta(struct json_writer *w, struct slice room_id, const struct event *e)
{
    struct study_file file = file_of(e);
    jw_field_object(w, "fileMeta");
    study_file(w, room_id, &file);
    jw_end(w);
}

/* Of a file that lies here, not the client says what it is. */
static int describe(struct room_file *f, struct ask *a)
{
    const struct shelf_file *file;
    int err = errand_find(&file, a, f->url);
    if (err == ERR_NOT_FOUND)
        a->why = S("You have uploaded no such file to this room, or not all of it.");
    if (err || !file)
        return err;
    f->file_name = file->name;
    f->type = file->type;
    f->bytes = file->bytes;
    return 0;
}

int study_in_upload(struct ask *a)
{
    const struct study_upload *args = a->args;
    struct command c = { .verb = VERB_FILE,
        .file = { .file_name = args->name,
            .url = args->url,
            .type = args->type,
            .bytes = (uint64_t)args->size } };
    int err = describe(&c.file, a);
    if (!err)
        err = ask_do(a, &c);
    if (!err)
        put_file_meta(ask_ack(a), a->room_id, &a->done.events[0]);
    return err;
}

/* ---- told by the room ---- */

void study_out_chat(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct slice room_id = slice_str(v->room->id);
    struct store_message m = store_message_of(e);
    struct json_writer *w = words_begin_event(words, "chat:message", e);
    jw_field_object(w, "message");
    study_message(w, room_id, &m);
    jw_end(w);
    study_message(w, room_id, &m);
    words_end(words);
}

/* The event's actor edits or deletes; of a private message the target is the other one. */
static struct json_writer *begin_change(
    struct words *words, const char *name, const struct view *v, const struct event *e)
{
    struct json_writer *w = study_begin(words, name, v, e);
    jw_field_str(w, "messageId", e->chat.id);
    jw_field_str(w, "id", e->chat.id);
    return w;
}

void study_out_edited(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = begin_change(words, "chat:edited", v, e);
    jw_field_str(w, "userId", e->actor);
    jw_field_str(w, "text", e->chat.text);
    jw_field_time(w, "editedAt", e->at_ms);
    words_end(words);
}

void study_out_deleted(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = begin_change(words, "chat:deleted", v, e);
    study_text(w, "by", e->actor);
    words_end(words);
}

void study_out_file(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = study_begin(words, "file:shared", v, e);
    put_file_meta(w, slice_str(v->room->id), e);
    words_end(words);
}
