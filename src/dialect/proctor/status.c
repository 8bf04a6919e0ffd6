/* GET_ROOM_STATUS: what there is to know of a room. A host sees everybody whom the room remembers,
 * with what they have done; a guest those who are in; who waits, no more than that. */
#include "dialect/proctor/parts.h"

static const struct slice member_statuses[] = {
    [MEMBER_PENDING] = SLICE("PENDING"),
    [MEMBER_APPROVED] = SLICE("APPROVED"),
    [MEMBER_REJECTED] = SLICE("REJECTED"),
    [MEMBER_KICKED] = SLICE("KICKED"),
};

static void put_participant(struct json_writer *w, const struct member *m, bool is_to_host)
{
    jw_object(w);
    jw_field_str(w, "userId", slice_str(m->user_id));
    jw_field_str(w, "username", slice_str(m->name));
    if (is_to_host)
        jw_field_str(w, "status", member_statuses[m->status]);
    jw_field_bool(w, "connected", !list_is_empty(&m->seats));
    if (is_to_host) {
        jw_field_u64(w, "violationCount", m->violations);
        jw_field_bool(w, "hasSubmitted", m->has_submitted);
    }
    jw_end(w);
}

static void put_participants(struct json_writer *w, const struct view *v, bool is_to_host)
{
    jw_field_array(w, "participants");
    LIST_EACH(l, &v->room->members) {
        const struct member *m = proctor_member_of(l);
        if (is_to_host || proctor_is_inside(m))
            put_participant(w, m, is_to_host);
    }
    jw_end(w);
}

static void put_remaining(struct json_writer *w, const struct view *v)
{
    int64_t left = v->room->ends_at_ms - v->now_ms;
    if (v->room->status != ROOM_LIVE || v->room->ends_at_ms == 0)
        jw_field_null(w, "remainingMs");
    else
        jw_field_i64(w, "remainingMs", left > 0 ? left : 0);
}

static void put_name(struct json_writer *w, const struct view *v)
{
    jw_field_str(w, "roomId", slice_str(v->room->id));
    jw_field_str(w, "roomname", slice_str(v->room->title));
    proctor_put_status(w, v);
}

static void put_rest(struct json_writer *w, const struct view *v)
{
    const struct room *r = v->room;
    proctor_put_host(w, v);
    proctor_put_duration(w, v);
    jw_field_u64(w, "maxGuests", r->settings.max_participants);
    jw_field_bool(w, "isPublic", r->settings.is_public);
    jw_field_time(w, "createdAt", r->created_at_ms);
    proctor_put_time(w, "startedAt", r->started_at_ms);
    proctor_put_time(w, "endedAt", r->ended_at_ms);
    proctor_put_ends_at(w, v);
    put_remaining(w, v);
    jw_field_u64(w, "connectedCount", room_connected(r));
}

int proctor_in_status(struct ask *a)
{
    struct view v = ask_view(a);
    enum role role = room_role(v.room, a->session->identity.user_id);
    if (role == ROLE_OUTSIDER)
        return ERR_NOT_IN_ROOM;
    struct json_writer *w = proctor_begin(&a->words, "ROOM_STATUS", NULL);
    put_name(w, &v);
    if (role == ROLE_WAITING) {
        jw_field_bool(w, "waiting", true);
    } else {
        put_rest(w, &v);
        put_participants(w, &v, role >= ROLE_COHOST);
        proctor_put_point(w, &v);
    }
    proctor_end(&a->words);
    return 0;
}
