/* Rooms as language C sees them: all that there are, however they were made. The state of one in
 * memory is its own; of one that the store alone has, what a room is when nobody has been there
 * yet, for loading each room of a list would let a list load them all. */
#include "web/rest_focus.h"

#include "base/random.h"
#include "dialect/focus/focus.h"
#include "dialect/minutes.h"
#include "web/rest_access.h"
#include "web/rest_list.h"

#define ROUNDS_MAX 100

#define EXAMPLE_STATE                                                                          \
    "{\"room_id\":\"deep-work\",\"roomId\":\"deep-work\",\"name\":\"Deep work\","              \
    "\"joinLink\":\"https://rooms.example.org/room/deep-work\",\"phase\":\"focus\","           \
    "\"long_break\":false,\"round\":1,\"running\":true,\"remaining\":1500,"                    \
    "\"remaining_ms\":1499873,\"endsAt\":1795257645123,\"serverNow\":1795256145250,"           \
    "\"focus_minutes\":25,\"break_minutes\":5,\"long_break_minutes\":15,\"auto_focus\":false," \
    "\"goal\":\"Chapter 3\",\"participants\":[{\"id\":\"u1\",\"name\":\"Ada\","                \
    "\"joined_at\":\"2026-11-21T10:40:45.123Z\",\"media\":{\"audio\":true,\"video\":false,"    \
    "\"screen\":false}}],\"created_at\":\"2026-11-21T10:40:00.000Z\"}"

/* ---- how a room looks ---- */

static void put_door(struct json_writer *w, const struct study_room *r)
{
    jw_field_str(w, "room_id", r->id);
    jw_field_str(w, "roomId", r->id);
    jw_field_str(w, "name", r->title.len > 0 ? r->title : r->id);
    jw_field_bool(w, "waiting", false);
}

static void put_state(struct json_writer *w, const struct rest *c, const struct view *v)
{
    struct study_room r = study_room_of(v->room);
    struct view seen = *v;
    seen.settings = &c->settings;
    if (rest_sight(c, &r) == REST_SEES_ALL)
        focus_state(w, &seen);
    else
        put_door(w, &r);
}

static struct json_writer *answer_state(struct rest *c)
{
    struct view v = hub_view(c->room);
    struct json_writer *w = rest_object(c);
    put_state(w, c, &v);
    return w;
}

/* ---- make or change ---- */

struct put {
    struct slice room_id, name;
    double focus, pause, long_pause; /* minutes */
    int64_t rounds, max_participants;
    bool auto_focus, is_public;
    bool has_name, has_focus, has_pause, has_long_pause, has_rounds, has_max_participants;
    bool has_auto_focus, has_is_public;
};

static const struct field put_list[] = {
    { .name = "room_id",
        .aliases = { "id", "roomId" },
        FIELD_MEMBER(struct put, room_id),
        .type = FIELD_ID,
        .max = ROOM_ID_MAX,
        .help = "the room to make or to change; a new one when it is left out" },
    { .name = "name",
        .aliases = { "title", "roomname" },
        FIELD_MEMBER(struct put, name),
        FIELD_HAS(struct put, has_name),
        .type = FIELD_STR,
        .max = ROOM_TITLE_MAX,
        .trim = true,
        .one_line = true,
        .help = "what the room is called" },
    { .name = "focus_minutes",
        .aliases = { "focusMinutes" },
        FIELD_MEMBER(struct put, focus),
        FIELD_HAS(struct put, has_focus),
        .type = FIELD_DOUBLE,
        .min = MINUTES_MIN,
        .max = MINUTES_MAX,
        .help = "how long a focus is" },
    { .name = "break_minutes",
        .aliases = { "breakMinutes" },
        FIELD_MEMBER(struct put, pause),
        FIELD_HAS(struct put, has_pause),
        .type = FIELD_DOUBLE,
        .min = MINUTES_MIN,
        .max = MINUTES_MAX,
        .help = "how long a break is" },
    { .name = "long_break_minutes",
        .aliases = { "longBreakMinutes" },
        FIELD_MEMBER(struct put, long_pause),
        FIELD_HAS(struct put, has_long_pause),
        .type = FIELD_DOUBLE,
        .min = MINUTES_MIN,
        .max = MINUTES_MAX,
        .help = "how long the break after the last round is" },
    { .name = "rounds",
        FIELD_MEMBER(struct put, rounds),
        FIELD_HAS(struct put, has_rounds),
        .type = FIELD_INT,
        .min = 1,
        .max = ROUNDS_MAX,
        .help = "of focus before a long break" },
    { .name = "auto_focus",
        .aliases = { "autoFocus" },
        FIELD_MEMBER(struct put, auto_focus),
        FIELD_HAS(struct put, has_auto_focus),
        .type = FIELD_BOOL,
        .help = "whether the next focus begins by itself after a break" },
    { .name = "max_participants",
        .aliases = { "maxParticipants" },
        FIELD_MEMBER(struct put, max_participants),
        FIELD_HAS(struct put, has_max_participants),
        .type = FIELD_INT,
        .max = ROOM_MAX_MEMBERS,
        .help = "how many may be in it; 0: no limit" },
    { .name = "is_public",
        .aliases = { "isPublic" },
        FIELD_MEMBER(struct put, is_public),
        FIELD_HAS(struct put, has_is_public),
        .type = FIELD_BOOL,
        .help = "whether it is listed; if not told: one of nobody is, one of an account is not" },
};
static const struct fields put_fields = FIELDS(put_list);

static void set_minutes(uint32_t *ms, bool has, double minutes)
{
    if (has)
        *ms = minutes_to_ms(minutes);
}

static void grant(struct room_settings *s, const struct put *a)
{
    set_minutes(&s->focus_ms, a->has_focus, a->focus);
    set_minutes(&s->break_ms, a->has_pause, a->pause);
    set_minutes(&s->long_break_ms, a->has_long_pause, a->long_pause);
    if (a->has_rounds)
        s->rounds = (uint32_t)a->rounds;
    if (a->has_max_participants)
        s->max_participants = (uint32_t)a->max_participants;
    if (a->has_auto_focus)
        s->auto_focus = a->auto_focus;
    if (a->has_is_public)
        s->is_public = a->is_public;
}

static int make(struct rest *c)
{
    const struct put *a = c->args;
    struct hub_creation what = {
        .id = a->room_id,
        .by = c->asker.who.user_id,
        .room = { .title = a->has_name ? a->name : a->room_id,
            .owner_id = rest_account(c),
            .settings = room_default_settings(MODE_FOCUS) },
    };
    what.room.settings.is_public = rest_account(c).len == 0;
    grant(&what.room.settings, a);
    int err = hub_create(&c->room, rest_hub(c), &what);
    if (err)
        return err;
    rest_give_key(c, answer_state(c));
    rest_locate(c, "/rooms/");
    c->status = 201;
    return 0;
}

/* In C's own world nobody owns a room and everybody sets it up; so it stays for focus rooms that
 * nobody owns and everybody may enter. */
static int change_as(struct slice *as, struct rest *c)
{
    const struct room *r = hub_view(c->room).room;
    bool is_anybodys = r->owner_id[0] == '\0' && r->settings.mode == MODE_FOCUS;
    *as = S("");
    return is_anybodys && rest_may_read(c) == 0 ? 0 : rest_rule(as, c);
}

static bool is_same(const struct room_update *u, const struct room *r)
{
    const struct room_settings *old = &r->settings, *new = &u->settings;
    return (!u->title.p || slice_eq(u->title, slice_str(r->title))) &&
        old->focus_ms == new->focus_ms && old->break_ms == new->break_ms &&
        old->long_break_ms == new->long_break_ms && old->rounds == new->rounds &&
        old->max_participants == new->max_participants && old->auto_focus == new->auto_focus &&
        old->is_public == new->is_public;
}

static int change(struct rest *c)
{
    const struct put *a = c->args;
    const struct room *r = hub_view(c->room).room;
    struct command what = { .verb = VERB_UPDATE, .update = { .settings = r->settings } };
    struct outcome ignored;
    struct slice as;
    int err = change_as(&as, c);
    if (err)
        return err;
    if (a->has_name)
        what.update.title = a->name;
    grant(&what.update.settings, a);
    if (!is_same(&what.update, r))
        err = hub_do_as(&ignored, c->room, as, &what);
    if (!err)
        answer_state(c);
    return err;
}

static int put(struct rest *c)
{
    return c->room ? change(c) : make(c);
}

const struct rest_row rest_focus_put = {
    REST_ARGS(struct put, put_fields),
    REST_IN_ROOM(REST_ROOM_OR_NEW, struct put, room_id),
    .limit = REST_LIMIT(LIMIT_CREATE),
    .act = put,
    .gives_status = 200,
    .gives = EXAMPLE_STATE,
};

/* ---- list ---- */

/* A room that is not in memory has nobody in it, and its timer stands still. */
static struct room *room_at_rest(const struct store_room *s)
{
    struct room *r = room_new(s->id, (struct map_key){ .k0 = random_u64(), .k1 = random_u64() });
    const struct event created = {
        .type = EV_CREATED,
        .seq = 1,
        .at_ms = s->created_at_ms,
        .created = { .title = s->title, .owner_id = s->owner_id, .settings = s->settings },
    };
    if (!room_fold(r, &created))
        return r;
    room_free(r);
    return NULL;
}

static void put_listed(struct json_writer *w, struct rest *c, const struct rest_item *item)
{
    const struct store_room *s = &item->room;
    const struct hub_room *live = hub_peek(rest_hub(c), s->id);
    struct room *resting = live ? NULL : room_at_rest(s);
    struct view v = {
        .room = resting, .settings = &c->settings, .epoch = S(""), .now_ms = rest_now_ms(c)
    };
    if (live)
        v = hub_view(live);
    if (v.room)
        put_state(w, c, &v);
    room_free(resting);
}

static int list(struct rest *c)
{
    static const struct rest_list rooms = { .name = "rooms", .put_room = put_listed };
    return rest_list_rooms(c, &rooms, c->args);
}

const struct rest_row rest_focus_list = {
    REST_ARGS(struct rest_page, rest_page_fields),
    .act = list,
    .gives_status = 200,
    .gives = "{\"rooms\":[" EXAMPLE_STATE "],\"nextCursor\":null}",
};

/* ---- one of them ---- */

struct one {
    struct slice room_id;
};

static const struct field one_list[] = {
    { .name = "room_id",
        FIELD_MEMBER(struct one, room_id),
        .type = FIELD_STR,
        .max = REST_PARAM_MAX,
        .help = "the room's" },
};
static const struct fields one_fields = FIELDS(one_list);

static int show(struct rest *c)
{
    answer_state(c);
    return 0;
}

const struct rest_row rest_focus_show = {
    REST_ARGS(struct one, one_fields),
    REST_IN_ROOM(REST_ROOM, struct one, room_id),
    .act = show,
    .gives_status = 200,
    .gives = EXAMPLE_STATE,
};

/* Whoever may set the timer in the room; and anybody, where it is everybody's and nobody's room. */
static int reset_as(struct slice *as, struct rest *c)
{
    const struct room *r = hub_view(c->room).room;
    struct slice user_id = c->asker.who.user_id;
    bool is_inside = c->asker.is_known && room_role(r, user_id) >= ROLE_PARTICIPANT;
    bool is_anybodys = r->owner_id[0] == '\0' && !r->settings.timer_by_hosts;
    int err = rest_may_read(c);
    if (err)
        return err;
    *as = is_inside ? user_id : S("");
    return is_inside || is_anybodys ? 0 : rest_rule(as, c);
}

static int reset(struct rest *c)
{
    const struct command what = { .verb = VERB_TIMER, .timer = { .act = TIMER_ACT_RESET } };
    struct outcome ignored;
    struct slice as;
    int err = reset_as(&as, c);
    if (!err)
        err = hub_do_as(&ignored, c->room, as, &what);
    if (!err)
        answer_state(c);
    return err;
}

const struct rest_row rest_focus_reset = {
    REST_ARGS(struct one, one_fields),
    REST_IN_ROOM(REST_ROOM, struct one, room_id),
    .limit = REST_LIMIT(RATE_CONTROL),
    .act = reset,
    .gives_status = 200,
    .gives = EXAMPLE_STATE,
};
