#include "dialect/proctor/parts.h"

/* ---- parts of messages ---- */

struct json_writer *proctor_begin(struct words *w, const char *name, const struct event *e)
{
    struct json_writer *json = e ? words_begin_event(w, name, e) : words_begin(w, name);
    jw_field_object(json, "data");
    return json;
}

void proctor_end(struct words *w)
{
    jw_end(&w->writer);
    words_end(w);
}

void proctor_put_user(struct json_writer *w, const struct view *v, struct slice user_id)
{
    const struct member *m = room_member(v->room, user_id);
    jw_field_str(w, "userId", user_id);
    jw_field_str(w, "username", m ? slice_str(m->name) : S(""));
}

void proctor_put_point(struct json_writer *w, const struct view *v)
{
    jw_field_u64(w, "seq", v->room->seq);
    jw_field_str(w, "epoch", v->epoch);
}

static const struct member *present_host(const struct room *r)
{
    LIST_EACH(l, &r->members) {
        const struct member *m = proctor_member_of(l);
        if (proctor_is_inside(m) && m->role == ROLE_HOST)
            return m;
    }
    return NULL;
}

void proctor_put_host(struct json_writer *w, const struct view *v)
{
    struct slice owner = slice_str(v->room->owner_id);
    const struct member *m = room_member(v->room, owner);
    if (!m)
        m = present_host(v->room);
    jw_field_str(w, "hostId", m && owner.len == 0 ? slice_str(m->user_id) : owner);
    jw_field_str(w, "hostName", m ? slice_str(m->name) : S(""));
}

void proctor_put_duration(struct json_writer *w, const struct view *v)
{
    jw_field_double(w, "duration", minutes_of_ms(v->room->settings.duration_ms));
}

void proctor_put_ends_at(struct json_writer *w, const struct view *v)
{
    if (v->room->ends_at_ms > 0)
        jw_field_i64(w, "endsAt", v->room->ends_at_ms);
    else
        jw_field_null(w, "endsAt");
}

void proctor_put_status(struct json_writer *w, const struct view *v)
{
    static const char *const names[] = {
        [ROOM_WAITING] = "WAITING",
        [ROOM_LIVE] = "LIVE",
        [ROOM_ENDED] = "ENDED",
    };
    jw_field_str(w, "status", slice_str(names[v->room->status]));
}

void proctor_put_time(struct json_writer *w, const char *name, int64_t at_ms)
{
    if (at_ms > 0)
        jw_field_time(w, name, at_ms);
    else
        jw_field_null(w, name);
}

/* ---- messages ---- */

/* What a page that begins anew has to know of its user. */
static void put_state(struct json_writer *w, const struct member *m)
{
    jw_field_bool(w, "reconnected", true);
    jw_field_u64(w, "violationCount", m->violations);
    jw_field_bool(w, "hasSubmitted", m->has_submitted);
    jw_field_str(w, "code", slice_of(m->code, m->code_len));
    jw_field_str(w, "language", slice_str(m->language));
}

void proctor_say_approved(
    struct words *w, const struct view *v, const struct member *m, bool is_back)
{
    struct json_writer *json = proctor_begin(w, "JOIN_APPROVED", NULL);
    jw_field_str(json, "roomId", slice_str(v->room->id));
    jw_field_str(json, "roomname", slice_str(v->room->title));
    jw_field_str(json, "question", v->room->settings.question);
    proctor_put_duration(json, v);
    proctor_put_host(json, v);
    proctor_put_user(json, v, slice_str(m->user_id));
    proctor_put_status(json, v);
    proctor_put_ends_at(json, v);
    if (is_back)
        put_state(json, m);
    proctor_put_point(json, v);
    proctor_end(w);
}

void proctor_say_count(
    struct words *w, const struct view *v, const char *name, const struct event *e)
{
    struct json_writer *json = proctor_begin(w, name, e);
    proctor_put_user(json, v, e->actor);
    jw_field_u64(json, "connectedCount", room_connected(v->room));
    proctor_end(w);
}

/* Somebody who has asked before. */
void proctor_say_pending(struct words *w, const struct view *v, const struct member *m)
{
    bool is_here = !list_is_empty(&m->seats);
    const struct seat *s = is_here ? CONTAINER_OF(m->seats.next, struct seat, link) : NULL;
    struct json_writer *json = proctor_begin(w, "JOIN_REQUEST", NULL);
    proctor_put_user(json, v, slice_str(m->user_id));
    jw_field_str(json, "socketId", s ? slice_str(s->id) : S(""));
    jw_field_i64(json, "timestamp", m->joined_at_ms);
    proctor_end(w);
}

void proctor_say_submitted(struct words *w, bool is_automatic)
{
    struct json_writer *json = words_begin(w, "SUBMISSION_RECEIVED");
    if (is_automatic) {
        jw_field_str(json, "message", S("Your code has been submitted automatically"));
        jw_field_bool(json, "automatic", true);
    } else {
        jw_field_str(json, "message", S("Your code has been submitted successfully"));
    }
    words_end(w);
}
