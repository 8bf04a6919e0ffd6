#include "dialect/session/session.h"

const char *const session_message_types[] = {
    [MESSAGE_TEXT] = "text",
    [MESSAGE_EMOJI] = "emoji",
    [MESSAGE_SYSTEM] = "system",
    NULL,
};

void session_message(struct json_writer *w, struct slice session_id, const struct store_message *m)
{
    jw_field_str(w, "id", m->id);
    jw_field_str(w, "_id", m->id);
    jw_field_str(w, "sessionId", session_id);
    jw_field_str(w, "userId", m->user_id);
    jw_field_str(w, "userName", m->name);
    jw_field_str(w, "message", m->text);
    jw_field_str(w, "messageType", slice_str(session_message_types[m->kind]));
    jw_field_time(w, "createdAt", m->at_ms);
    jw_field_time(w, "updatedAt", m->edited_at_ms ? m->edited_at_ms : m->at_ms);
    jw_field_i64(w, "timestamp", m->at_ms);
    if (m->to.len > 0)
        jw_field_str(w, "to", m->to);
}

static struct slice status_name(enum room_status status)
{
    static const struct slice names[] = {
        [ROOM_WAITING] = SLICE("waiting"),
        [ROOM_LIVE] = SLICE("live"),
        [ROOM_ENDED] = SLICE("ended"),
    };
    return names[status];
}

void session_card(struct json_writer *w, const struct store_room *s, const struct room *room)
{
    jw_field_str(w, "sessionId", s->id);
    jw_field_str(w, "title", s->title.len > 0 ? s->title : s->id);
    jw_field_u64(w, "participantCount", room ? room_connected(room) : 0);
    jw_field_time(w, "createdAt", s->created_at_ms);
    jw_field_str(w, "status", status_name(store_room_status(s)));
}

/* Who comes makes the offers, to everybody who was there before. */
static void put_participant(struct json_writer *w, const struct member *m, struct slice seat)
{
    jw_object(w);
    jw_field_str(w, "socketId", seat);
    jw_field_str(w, "userId", slice_str(m->user_id));
    jw_field_str(w, "userName", slice_str(m->name));
    jw_field_bool(w, "initiator", true);
    jw_field_bool(w, "polite", false);
    jw_end(w);
}

static bool is_listed(const struct session_roster *r, const struct member *m)
{
    bool is_inside = m->status == MEMBER_APPROVED && m->is_present;
    return is_inside && !slice_eq(slice_str(m->user_id), r->but_user);
}

void session_participants(struct json_writer *w, const struct session_roster *r)
{
    LIST_EACH(l, &r->room->members) {
        const struct member *m = CONTAINER_OF(l, struct member, link);
        if (!is_listed(r, m))
            continue;
        LIST_EACH(s, &m->seats) {
            struct slice seat = slice_str(CONTAINER_OF(s, struct seat, link)->id);
            if (!slice_eq(seat, r->but_seat))
                put_participant(w, m, seat);
        }
    }
}

struct slice session_claimed(struct slice json)
{
    bool is_text = json.len >= 2 && json.p[0] == '"';
    return is_text ? slice_of(json.p + 1, json.len - 2) : json;
}
