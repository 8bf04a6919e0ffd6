/* How a room looks in language C, and the messages that hold nothing else. */
#include "base/panic.h"
#include "dialect/focus/parts.h"
#include "dialect/guest_token.h"
#include "dialect/join_link.h"
#include "dialect/minutes.h"
#include "hub/hub.h"

#define SECOND_MS 1000

static const char *phase_name(enum timer_phase phase)
{
    static const char *const names[] = {
        [TIMER_IDLE] = "idle",
        [TIMER_FOCUS] = "focus",
        [TIMER_BREAK] = "break",
        [TIMER_LONG_BREAK] = "break",
    };
    ASSERT(phase <= TIMER_LONG_BREAK);
    return names[phase];
}

static struct slice name_of(const struct room *r)
{
    return slice_str(r->title[0] != '\0' ? r->title : r->id);
}

/* ---- the timer ---- */

/* An ended room's timer stands still, whatever it was doing. */
static bool is_running(const struct room *r)
{
    return r->timer.is_running && r->status != ROOM_ENDED;
}

static int64_t left_ms(const struct view *v)
{
    const struct room *r = v->room;
    bool is_ended = r->status == ROOM_ENDED;
    return room_timer_left(r, is_ended ? r->ended_at_ms : v->now_ms);
}

void focus_put_phase(struct json_writer *w, const struct timer_state *t)
{
    jw_field_str(w, "phase", slice_str(phase_name(t->phase)));
    jw_field_bool(w, "long_break", t->phase == TIMER_LONG_BREAK);
    jw_field_u64(w, "round", t->round);
}

static void put_timer(struct json_writer *w, const struct view *v)
{
    const struct room *r = v->room;
    int64_t left = left_ms(v);
    focus_put_phase(w, &r->timer);
    jw_field_bool(w, "running", is_running(r));
    jw_field_i64(w, "remaining", (left + SECOND_MS - 1) / SECOND_MS);
    jw_field_i64(w, "remaining_ms", left);
    if (is_running(r))
        jw_field_i64(w, "endsAt", r->timer.ends_at_ms);
    else
        jw_field_null(w, "endsAt");
    jw_field_i64(w, "serverNow", v->now_ms);
}

static void put_lengths(struct json_writer *w, const struct room_settings *s)
{
    jw_field_double(w, "focus_minutes", minutes_of_ms(s->focus_ms));
    jw_field_double(w, "break_minutes", minutes_of_ms(s->break_ms));
    jw_field_double(w, "long_break_minutes", minutes_of_ms(s->long_break_ms));
    jw_field_bool(w, "auto_focus", s->auto_focus);
}

/* ---- the people ---- */

struct room_media focus_media(const struct member *m)
{
    struct room_media all = { 0 };
    LIST_EACH(l, &m->seats) {
        const struct seat *s = CONTAINER_OF(l, struct seat, link);
        all.audio |= s->audio;
        all.video |= s->video;
        all.screen |= s->screen;
    }
    return all;
}

void focus_put_media(struct json_writer *w, const struct room_media *m)
{
    jw_field_bool(w, "audio", m->audio);
    jw_field_bool(w, "video", m->video);
    jw_field_bool(w, "screen", m->screen);
}

static void put_participant(struct json_writer *w, const struct member *m)
{
    struct room_media media = focus_media(m);
    jw_object(w);
    jw_field_str(w, "id", slice_str(m->user_id));
    jw_field_str(w, "name", slice_str(m->name));
    jw_field_time(w, "joined_at", m->joined_at_ms);
    jw_field_object(w, "media");
    focus_put_media(w, &media);
    jw_end(w);
    jw_end(w);
}

static void put_participants(struct json_writer *w, const struct room *r)
{
    jw_field_array(w, "participants");
    LIST_EACH(l, &r->members) {
        const struct member *m = CONTAINER_OF(l, struct member, link);
        bool is_inside = m->status == MEMBER_APPROVED && m->is_present;
        if (is_inside && !list_is_empty(&m->seats))
            put_participant(w, m);
    }
    jw_end(w);
}

/* ---- the room ---- */

void focus_state(struct json_writer *w, const struct view *v)
{
    const struct room *r = v->room;
    jw_field_str(w, "room_id", slice_str(r->id));
    jw_field_str(w, "roomId", slice_str(r->id));
    jw_field_str(w, "name", name_of(r));
    join_link_put(w, v->settings, slice_str(r->id));
    put_timer(w, v);
    put_lengths(w, &r->settings);
    jw_field_str(w, "goal", slice_str(r->goal));
    put_participants(w, r);
    jw_field_time(w, "created_at", r->created_at_ms);
}

/* ---- messages ---- */

void focus_say_state(struct words *words, const struct view *v, const struct event *e)
{
    struct json_writer *w = e != NULL ? words_begin_event(words, "state", e)
                                      : words_begin(words, "state");
    jw_field_object(w, "state");
    focus_state(w, v);
    jw_end(w);
    words_end(words);
}

void focus_say_joined(
    struct words *words, const struct view *v, const struct member *self, uint64_t seq)
{
    struct slice user_id = slice_str(self->user_id);
    struct json_writer *w = words_begin(words, "state");
    jw_field_u64(w, "seq", seq);
    jw_field_object(w, "self");
    jw_field_str(w, "id", user_id);
    jw_field_str(w, "name", slice_str(self->name));
    jw_field_str(w, "role", slice_str(role_name(room_role(v->room, user_id))));
    guest_token_put(w, v, self);
    jw_end(w);
    jw_field_object(w, "state");
    focus_state(w, v);
    jw_field_u64(w, "seq", seq);
    jw_field_str(w, "epoch", v->epoch);
    jw_end(w);
    words_end(words);
}

void focus_say_door(struct words *words, const struct view *v, bool is_waiting)
{
    struct json_writer *w = words_begin(words, "state");
    jw_field_object(w, "state");
    jw_field_str(w, "room_id", slice_str(v->room->id));
    jw_field_str(w, "name", name_of(v->room));
    jw_field_bool(w, "waiting", is_waiting);
    jw_end(w);
    words_end(words);
}

void focus_pulse(struct words *w, const struct view *v)
{
    if (is_running(v->room))
        focus_say_state(w, v, NULL);
}
