/* The objects of study.h, but for settings: users, rooms, messages, files, ICE servers. Ids and
 * names stand under each spelling that some client looks for. */
#include "auth/turn.h"
#include "dialect/join_link.h"
#include "dialect/study/parts.h"

/* ---- values ---- */

void study_text(struct json_writer *w, const char *key, struct slice text)
{
    if (text.len > 0)
        jw_field_str(w, key, text);
    else
        jw_field_null(w, key);
}

void study_knock(struct json_writer *w, const char *key, struct slice knock)
{
    if (knock.len > 0)
        jw_field_str(w, key, knock);
}

void study_at(struct json_writer *w, const char *key, int64_t ms)
{
    if (ms != 0)
        jw_field_time(w, key, ms);
    else
        jw_field_null(w, key);
}

void study_ms(struct json_writer *w, const char *key, int64_t ms)
{
    if (ms != 0)
        jw_field_i64(w, key, ms);
    else
        jw_field_null(w, key);
}

/* The same id under both names. */
static void put_ids(struct json_writer *w, struct slice id)
{
    jw_field_str(w, "_id", id);
    jw_field_str(w, "id", id);
}

/* ---- people ---- */

void study_user(struct json_writer *w, const struct study_user *u)
{
    put_ids(w, u->user_id);
    jw_field_str(w, "userId", u->user_id);
    jw_field_str(w, "name", u->name);
    jw_field_str(w, "displayName", u->name);
    study_text(w, "avatarUrl", u->avatar_url);
    jw_field_str(w, "role", slice_str(role_name(u->role)));
    jw_field_bool(w, "guest", u->is_guest);
}

struct study_user study_user_of(const struct member *m)
{
    return (struct study_user){
        .user_id = slice_str(m->user_id),
        .name = slice_str(m->name),
        .avatar_url = slice_str(m->avatar_url),
        .role = m->status == MEMBER_PENDING ? ROLE_WAITING : m->role,
        .is_guest = m->is_guest,
    };
}

struct slice study_name(const struct view *v, struct slice user_id)
{
    const struct member *m = user_id.len > 0 ? room_member(v->room, user_id) : NULL;
    return slice_str(m != NULL ? m->name : "");
}

struct slice study_only_seat(const struct member *m)
{
    if (list_is_empty(&m->seats) || m->seats.next != m->seats.prev)
        return S("");
    return slice_str(CONTAINER_OF(m->seats.next, struct seat, link)->id);
}

/* ---- rooms ---- */

static struct slice status_name(enum room_status status)
{
    static const struct slice names[] = {
        [ROOM_WAITING] = SLICE("WAITING"),
        [ROOM_LIVE] = SLICE("LIVE"),
        [ROOM_ENDED] = SLICE("ENDED"),
    };
    return names[status];
}

static void put_names(struct json_writer *w, const struct study_room *r)
{
    put_ids(w, r->id);
    jw_field_str(w, "roomId", r->id);
    jw_field_str(w, "code", r->id);
    jw_field_str(w, "title", r->title);
    jw_field_str(w, "name", r->title);
}

void study_door(struct json_writer *w, const struct study_room *r)
{
    put_names(w, r);
    jw_field_str(w, "status", status_name(r->status));
    jw_field_object(w, "settings");
    jw_field_bool(w, "approval", r->settings->approval);
    jw_field_bool(w, "locked", r->settings->is_locked);
    jw_end(w);
}

void study_room_facts(
    struct json_writer *w, const struct hub_settings *s, const struct study_room *r)
{
    const struct room *live = r->room;
    put_names(w, r);
    study_text(w, "ownerId", r->owner_id);
    jw_field_object(w, "settings");
    study_settings(w, r->settings);
    jw_end(w);
    jw_field_str(w, "status", status_name(r->status));
    jw_field_time(w, "createdAt", r->created_at_ms);
    study_at(w, "startedAt", live != NULL ? live->started_at_ms : 0);
    study_ms(w, "endsAt", live != NULL ? live->ends_at_ms : 0);
    study_at(w, "endedAt", live != NULL ? live->ended_at_ms : 0);
    join_link_put(w, s, r->id);
}

/* Everybody with a seat, once. */
static void put_people(struct json_writer *w, const struct room *r)
{
    LIST_EACH(l, &r->members) {
        const struct member *m = CONTAINER_OF(l, struct member, link);
        if (m->status != MEMBER_APPROVED || list_is_empty(&m->seats))
            continue;
        jw_object(w);
        jw_field_str(w, "userId", slice_str(m->user_id));
        jw_field_str(w, "name", slice_str(m->name));
        jw_field_time(w, "joinedAt", m->joined_at_ms);
        jw_end(w);
    }
}

void study_room(struct json_writer *w, const struct hub_settings *s, const struct study_room *r)
{
    study_room_facts(w, s, r);
    jw_field_array(w, "participants");
    if (r->room != NULL)
        put_people(w, r->room);
    jw_end(w);
}

struct study_room study_room_of(const struct room *r)
{
    return (struct study_room){
        .id = slice_str(r->id),
        .title = slice_str(r->title),
        .owner_id = slice_str(r->owner_id),
        .settings = &r->settings,
        .status = r->status,
        .created_at_ms = r->created_at_ms,
        .room = r,
    };
}

/* ---- talk ---- */

static struct slice kind_name(enum message_kind kind)
{
    static const struct slice names[] = {
        [MESSAGE_TEXT] = SLICE("text"),
        [MESSAGE_EMOJI] = SLICE("emoji"),
        [MESSAGE_SYSTEM] = SLICE("system"),
    };
    return names[kind];
}

void study_message(struct json_writer *w, struct slice room_id, const struct store_message *m)
{
    put_ids(w, m->id);
    jw_field_str(w, "roomId", room_id);
    study_text(w, "senderId", m->user_id);
    study_text(w, "userId", m->user_id);
    jw_field_str(w, "name", m->name);
    jw_field_str(w, "text", m->text);
    jw_field_raw(w, "attachments", m->attachments.len > 0 ? m->attachments : S("[]"));
    jw_field_i64(w, "timestamp", m->at_ms);
    jw_field_time(w, "createdAt", m->at_ms);
    jw_field_str(w, "kind", kind_name(m->kind));
    if (m->edited_at_ms != 0)
        jw_field_time(w, "editedAt", m->edited_at_ms);
    if (m->reply_to.len > 0)
        jw_field_str(w, "replyTo", m->reply_to);
    if (m->to.len > 0)
        jw_field_str(w, "to", m->to);
}

struct store_message study_message_of(const struct message *m)
{
    return (struct store_message){
        .id = slice_str(m->id),
        .user_id = slice_str(m->user_id),
        .name = slice_str(m->name),
        .to = slice_str(m->to),
        .text = slice_str(m->text),
        .attachments = slice_str(m->attachments),
        .reply_to = slice_str(m->reply_to),
        .kind = m->kind,
        .seq = m->seq,
        .at_ms = m->at_ms,
        .edited_at_ms = m->edited_at_ms,
    };
}

void study_file(struct json_writer *w, struct slice room_id, const struct study_file *f)
{
    put_ids(w, f->id);
    jw_field_str(w, "roomId", room_id);
    jw_field_str(w, "userId", f->user_id);
    jw_field_str(w, "userName", f->user_name);
    jw_field_str(w, "name", f->file_name);
    jw_field_str(w, "fileName", f->file_name);
    jw_field_str(w, "fileUrl", f->url);
    jw_field_str(w, "url", f->url);
    jw_field_u64(w, "size", f->bytes);
    study_text(w, "type", f->type);
    jw_field_i64(w, "timestamp", f->at_ms);
    jw_field_time(w, "createdAt", f->at_ms);
}

/* ---- calls ---- */

static void put_servers(struct json_writer *w, const char *const *urls, size_t n)
{
    jw_field_array(w, "urls");
    for (size_t i = 0; i < n; i++)
        jw_str(w, slice_str(urls[i]));
    jw_end(w);
}

static void put_turn(
    struct json_writer *w, const struct hub_ice *ice, struct slice user_id, int64_t now_ms)
{
    struct turn_pass pass;
    bool has_pass = ice->turn_secret.len > 0;
    if (has_pass && turn_mint(&pass, ice->turn_secret, user_id, now_ms) != 0)
        return; /* a server that would refuse is of no use */
    jw_object(w);
    put_servers(w, ice->turn, ice->n_turn);
    if (has_pass) {
        jw_field_str(w, "username", slice_str(pass.username));
        jw_field_str(w, "credential", slice_str(pass.credential));
    }
    jw_end(w);
}

void study_ice_servers(
    struct json_writer *w, const struct hub_settings *s, struct slice user_id, int64_t now_ms)
{
    const struct hub_ice *ice = &s->ice;
    jw_array(w);
    if (ice->n_stun > 0) {
        jw_object(w);
        put_servers(w, ice->stun, ice->n_stun);
        jw_end(w);
    }
    if (ice->n_turn > 0)
        put_turn(w, ice, user_id, now_ms);
    jw_end(w);
}
