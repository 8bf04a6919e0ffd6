/* Chat and files: what was said and shared in a room, in lists that forget the oldest.
 *
 * A message that was deleted is gone from the list, as if it had dropped off; its event tells
 * everybody, and the store keeps what it wants to keep. A private message exists for two people
 * alone: to all others, hosts among them, it is not found. */
#include "base/json_read.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "room/parts.h"
#include "room/text.h"

/* ---- messages ---- */

static struct message *message_of(struct link *l)
{
    return CONTAINER_OF(l, struct message, link);
}

static void message_free(struct message *m)
{
    link_leave(&m->link);
    room_text_clear(&m->id);
    room_text_clear(&m->user_id);
    room_text_clear(&m->to);
    room_text_clear(&m->name);
    room_text_clear(&m->text);
    room_text_clear(&m->attachments);
    room_text_clear(&m->reply_to);
    xfree(m);
}

static void message_drop(struct room *r, struct message *m)
{
    map_remove(&r->messages_by_id, slice_str(m->id));
    message_free(m);
    r->n_messages--;
}

static struct message *message_new(void)
{
    struct message *m = xtry(NULL, sizeof(*m));
    if (m == NULL)
        return NULL;
    *m = (struct message){ .id = room_no_text,
        .user_id = room_no_text,
        .to = room_no_text,
        .name = room_no_text,
        .text = room_no_text,
        .attachments = room_no_text,
        .reply_to = room_no_text };
    link_init(&m->link);
    return m;
}

struct message *room_message(const struct room *r, struct slice id)
{
    return map_find(&r->messages_by_id, id);
}

static int message_fill(struct message *m, const struct event *e)
{
    bool is_kept = e->type == EV_KEPT_MESSAGE;
    m->kind = e->chat.kind;
    m->at_ms = e->at_ms;
    m->seq = is_kept ? e->chat.said_seq : e->seq;
    m->edited_at_ms = is_kept ? e->chat.edited_at_ms : 0;
    int err = room_text_set(&m->id, e->chat.id);
    if (!err)
        err = room_text_set(&m->user_id, e->actor);
    if (!err)
        err = room_text_set(&m->to, e->target);
    if (!err)
        err = room_text_set(&m->name, e->chat.name);
    if (!err)
        err = room_text_set(&m->text, e->chat.text);
    if (!err)
        err = room_text_set(&m->attachments, e->chat.attachments);
    if (!err)
        err = room_text_set(&m->reply_to, e->chat.reply_to);
    return err;
}

static int fold_chat(struct room *r, const struct event *e)
{
    struct message *m = message_new();
    if (m == NULL)
        return ERR_NO_MEMORY;
    struct message *same = room_message(r, e->chat.id);
    if (same != NULL)
        message_drop(r, same);
    int err = message_fill(m, e);
    if (!err)
        err = map_put(&r->messages_by_id, slice_str(m->id), m, NULL);
    if (err) {
        message_free(m);
        return err;
    }
    list_push(&r->messages, &m->link);
    r->n_messages++;
    if (r->n_messages > ROOM_KEEP_MESSAGES)
        message_drop(r, message_of(r->messages.next));
    return 0;
}

static int fold_edited(struct room *r, const struct event *e)
{
    struct message *m = room_message(r, e->chat.id);
    if (m == NULL)
        return 0;
    m->edited_at_ms = e->at_ms;
    return room_text_set(&m->text, e->chat.text);
}

static int fold_deleted(struct room *r, const struct event *e)
{
    struct message *m = room_message(r, e->chat.id);
    if (m != NULL)
        message_drop(r, m);
    return 0;
}

static bool is_author(const struct message *m, struct slice user_id)
{
    return slice_eq(slice_str(m->user_id), user_id);
}

/* ---- chat ---- */

/* The room itself may speak while it is open; people may not pretend to be it. */
static int may_chat(const struct room *r, const struct deed *d, enum message_kind kind)
{
    if (d->user_id.len == 0)
        return r->status == ROOM_ENDED ? ERR_ROOM_ENDED : 0;
    int err = room_may(r, VERB_CHAT, d->user_id);
    if (!err && kind == MESSAGE_SYSTEM)
        err = ERR_FORBIDDEN;
    return err;
}

static int check_attachments(struct slice json, struct arena *arena)
{
    struct json_value v;
    if (json.len == 0)
        return 0;
    if (json.len > ROOM_ATTACHMENTS_MAX)
        return ERR_TOO_BIG;
    int err = json_read_whole(&v, json, arena);
    if (!err && v.type != JSON_ARRAY)
        err = ERR_BAD_FIELD;
    return err;
}

static int check_chat(const struct room_chat *a, const struct deed *d, struct arena *arena)
{
    if (a->kind > MESSAGE_SYSTEM)
        return ERR_BAD_FIELD;
    int err = text_check_id(d->id);
    if (!err)
        err = text_check(a->text, 1, ROOM_TEXT_MAX, TEXT_LINES);
    if (!err && a->reply_to.len > 0)
        err = text_check_id(a->reply_to);
    if (!err)
        err = check_attachments(a->attachments, arena);
    return err;
}

/* Somebody who was let in, here or away. */
static bool is_reachable(const struct room *r, struct slice user_id)
{
    const struct member *m = room_member(r, user_id);
    return m != NULL && m->status == MEMBER_APPROVED;
}

static struct slice name_of(const struct room *r, struct slice user_id)
{
    const struct member *m = user_id.len > 0 ? room_member(r, user_id) : NULL;
    return slice_str(m != NULL ? m->name : "");
}

static int emit_chat(struct events *out, struct room *r, const struct deed *d,
    const struct room_chat *a, struct slice name)
{
    int err = check_chat(a, d, out->arena);
    if (err)
        return err;
    const struct message *same = room_message(r, d->id);
    if (same != NULL)
        return is_author(same, d->user_id) ? 0 : ERR_CONFLICT;
    if (a->to.len > 0 && !is_reachable(r, a->to))
        return ERR_NOT_FOUND;
    struct event *e = room_begin(out, EV_CHAT, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    if (a->to.len > 0)
        e->audience = AUDIENCE_PAIR;
    e->target = a->to;
    e->chat.id = d->id;
    e->chat.name = name;
    e->chat.text = a->text;
    e->chat.attachments = a->attachments;
    e->chat.reply_to = a->reply_to;
    e->chat.kind = a->kind;
    return room_emit(r, e);
}

int room_chat(struct events *out, struct room *r, const struct deed *d, const struct room_chat *a)
{
    int err = may_chat(r, d, a->kind);
    return err ? err : emit_chat(out, r, d, a, name_of(r, d->user_id));
}

/* Everybody may come in here, so anybody may speak in here; but who was removed, nowhere. */
static int may_say_from_outside(const struct room *r, struct slice user_id)
{
    const struct room_settings *s = &r->settings;
    const struct member *m = room_member(r, user_id);
    bool is_closed = s->approval || s->is_locked || s->mode == MODE_INTERVIEW;
    if (m != NULL && m->status == MEMBER_KICKED)
        return ERR_KICKED;
    return is_closed && !member_is_owner(r, user_id) ? ERR_NOT_IN_ROOM : 0;
}

int room_say(struct events *out, struct room *r, const struct deed *d, const struct room_say *a)
{
    bool is_outside = room_role(r, d->user_id) == ROLE_OUTSIDER;
    int err = room_may(r, VERB_SAY, d->user_id);
    if (!err && a->chat.kind == MESSAGE_SYSTEM)
        err = ERR_FORBIDDEN;
    if (!err && is_outside)
        err = may_say_from_outside(r, d->user_id);
    if (!err)
        err = text_check_id(d->user_id);
    if (!err && is_outside)
        err = text_check(a->name, 1, ROOM_NAME_MAX, TEXT_ONE_LINE);
    if (err)
        return err;
    return emit_chat(out, r, d, &a->chat, is_outside ? a->name : name_of(r, d->user_id));
}

/* ---- edit and delete ---- */

/* The message, if it exists for that person. */
static struct message *message_seen(const struct room *r, struct slice id, struct slice user_id)
{
    struct message *m = room_message(r, id);
    if (m == NULL || m->to[0] == '\0' || is_author(m, user_id))
        return m;
    return slice_eq(slice_str(m->to), user_id) ? m : NULL;
}

/* The other one of the two that a private message is between; empty when it is public. */
static struct slice other_of(const struct message *m, struct slice user_id)
{
    bool sent = is_author(m, user_id) && m->to[0] != '\0';
    return slice_str(sent || m->to[0] == '\0' ? m->to : m->user_id);
}

/* The event of a change, told to those to whom the message was told. */
static struct event *begin_change(
    struct events *out, enum event_type type, const struct deed *d, struct slice other)
{
    struct event *e = room_begin(out, type, d);
    if (e == NULL)
        return NULL;
    if (other.len > 0)
        e->audience = AUDIENCE_PAIR;
    e->target = other;
    return e;
}

int room_chat_edit(
    struct events *out, struct room *r, const struct deed *d, struct slice id, struct slice text)
{
    int err = room_may(r, VERB_CHAT_EDIT, d->user_id);
    if (!err)
        err = text_check(text, 1, ROOM_TEXT_MAX, TEXT_LINES);
    if (err)
        return err;
    const struct message *m = message_seen(r, id, d->user_id);
    if (m == NULL)
        return ERR_NOT_FOUND;
    if (!is_author(m, d->user_id))
        return ERR_FORBIDDEN;
    struct event *e = begin_change(out, EV_CHAT_EDITED, d, other_of(m, d->user_id));
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->chat.id = id;
    e->chat.name = slice_str(m->name);
    e->chat.text = text;
    e->chat.attachments = slice_str(m->attachments);
    e->chat.reply_to = slice_str(m->reply_to);
    e->chat.kind = m->kind;
    e->chat.said_seq = m->seq;
    return room_emit(r, e);
}

/* The message is gone when its event is told, so the event gets copies. */
static int emit_deleted(
    struct events *out, struct room *r, const struct deed *d, const struct message *m)
{
    struct slice id, name, other;
    int err = arena_copy(&id, out->arena, slice_str(m->id));
    if (!err)
        err = arena_copy(&name, out->arena, slice_str(m->name));
    if (!err)
        err = arena_copy(&other, out->arena, other_of(m, d->user_id));
    if (err)
        return err;
    struct event *e = begin_change(out, EV_CHAT_DELETED, d, other);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->chat.id = id;
    e->chat.name = name;
    e->chat.kind = m->kind;
    e->chat.said_seq = m->seq;
    return room_emit(r, e);
}

int room_chat_delete(struct events *out, struct room *r, const struct deed *d, struct slice id)
{
    int err = room_may(r, VERB_CHAT_DELETE, d->user_id);
    if (err)
        return err;
    const struct message *m = message_seen(r, id, d->user_id);
    if (m == NULL)
        return ERR_NOT_FOUND;
    if (!is_author(m, d->user_id) && room_role(r, d->user_id) < ROLE_COHOST)
        return ERR_FORBIDDEN;
    return emit_deleted(out, r, d, m);
}

/* ---- files ---- */

static void file_free(struct shared_file *f)
{
    link_leave(&f->link);
    room_text_clear(&f->id);
    room_text_clear(&f->user_id);
    room_text_clear(&f->name);
    room_text_clear(&f->file_name);
    room_text_clear(&f->url);
    room_text_clear(&f->type);
    xfree(f);
}

static void file_drop_oldest(struct room *r)
{
    file_free(CONTAINER_OF(r->files.next, struct shared_file, link));
    r->n_files--;
}

static struct shared_file *file_new(void)
{
    struct shared_file *f = xtry(NULL, sizeof(*f));
    if (f == NULL)
        return NULL;
    *f = (struct shared_file){ .id = room_no_text,
        .user_id = room_no_text,
        .name = room_no_text,
        .file_name = room_no_text,
        .url = room_no_text,
        .type = room_no_text };
    link_init(&f->link);
    return f;
}

static int file_fill(struct shared_file *f, const struct event *e)
{
    f->bytes = e->file.bytes;
    f->at_ms = e->at_ms;
    int err = room_text_set(&f->id, e->file.id);
    if (!err)
        err = room_text_set(&f->user_id, e->actor);
    if (!err)
        err = room_text_set(&f->name, e->file.name);
    if (!err)
        err = room_text_set(&f->file_name, e->file.file_name);
    if (!err)
        err = room_text_set(&f->url, e->file.url);
    if (!err)
        err = room_text_set(&f->type, e->file.type);
    return err;
}

static int fold_file(struct room *r, const struct event *e)
{
    struct shared_file *f = file_new();
    if (f == NULL)
        return ERR_NO_MEMORY;
    int err = file_fill(f, e);
    if (err) {
        file_free(f);
        return err;
    }
    list_push(&r->files, &f->link);
    r->n_files++;
    if (r->n_files > ROOM_KEEP_FILES)
        file_drop_oldest(r);
    return 0;
}

/* A name, not a path. */
static int check_file_name(struct slice name)
{
    if (slice_find(name, '/') >= 0 || slice_find(name, '\\') >= 0)
        return ERR_BAD_FIELD;
    return text_check(name, 1, ROOM_FILE_NAME_MAX, TEXT_ONE_LINE);
}

static int check_file(const struct room_file *a, const struct deed *d)
{
    if (a->bytes > ROOM_FILE_BYTES_MAX)
        return ERR_BAD_FIELD;
    int err = text_check_id(d->id);
    if (!err)
        err = check_file_name(a->file_name);
    if (!err)
        err = text_check_url(a->url);
    if (!err)
        err = text_check(a->type, 0, ROOM_FILE_TYPE_MAX, TEXT_ONE_LINE);
    return err;
}

int room_share(struct events *out, struct room *r, const struct deed *d, const struct room_file *a)
{
    int err = room_may(r, VERB_FILE, d->user_id);
    if (!err)
        err = check_file(a, d);
    if (err)
        return err;
    struct event *e = room_begin(out, EV_FILE, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->file.id = d->id;
    e->file.name = name_of(r, d->user_id);
    e->file.file_name = a->file_name;
    e->file.url = a->url;
    e->file.type = a->type;
    e->file.bytes = a->bytes;
    return room_emit(r, e);
}

/* ---- the room's ---- */

int talk_fold(struct room *r, const struct event *e)
{
    switch (e->type) {
    case EV_CHAT:
    case EV_KEPT_MESSAGE:
        return fold_chat(r, e);
    case EV_CHAT_EDITED:
        return fold_edited(r, e);
    case EV_CHAT_DELETED:
        return fold_deleted(r, e);
    case EV_FILE:
    case EV_KEPT_FILE:
        return fold_file(r, e);
    default:
        PANIC("not of talk: %s", event_info(e->type)->name);
    }
}

void talk_free(struct room *r)
{
    LIST_EACH(l, &r->messages)
        message_drop(r, message_of(l));
    map_fini(&r->messages_by_id);
    while (!list_is_empty(&r->files))
        file_drop_oldest(r);
}
