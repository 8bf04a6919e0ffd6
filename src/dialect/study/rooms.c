/* A room, and coming into it: join, leave, approve, update, start, end. */
#include "dialect/study/parts.h"

#define MISSED_BYTES (2u << 20) /* told once more; above it the whole state has to do */

/* ---- fields ---- */

static const struct field plain_list[] = { STUDY_ROOM_FIELD(struct study_plain) };
const struct fields study_plain_fields = FIELDS(plain_list);

static const struct field join_list[] = {
    { .name = "roomId",
        .aliases = { "code", "room_id", "room" },
        FIELD_MEMBER(struct study_join, room_id),
        .type = FIELD_ID,
        .required = true,
        .max = ROOM_ID_MAX,
        .help = "the room to enter" },
    { .name = "name",
        .aliases = { "displayName", "userName", "username" },
        FIELD_MEMBER(struct study_join, name),
        .type = FIELD_STR,
        .max = ROOM_NAME_MAX,
        .trim = true,
        .one_line = true,
        .help = "what a guest wants to be called; an account keeps its name" },
    { .name = "role",
        FIELD_MEMBER(struct study_join, role),
        .type = FIELD_RAW,
        .max = 1000,
        .help = "a wish; the room decides" },
    { .name = "message",
        FIELD_MEMBER(struct study_join, knock),
        .type = FIELD_STR,
        .max = ROOM_KNOCK_MAX,
        .trim = true,
        .one_line = true,
        .help = "where hosts let people in: what they are to read of you; when left out, what you "
                "said before" },
    REPLAY_FIELDS(struct study_join, from),
};
const struct fields study_join_fields = FIELDS(join_list);

static const struct field update_list[] = {
    STUDY_ROOM_FIELD(struct study_update),
    { .name = "title",
        .aliases = { "name", "roomname" },
        FIELD_MEMBER(struct study_update, title),
        FIELD_HAS(struct study_update, has_title),
        .type = FIELD_STR,
        .max = ROOM_TITLE_MAX,
        .trim = true,
        .one_line = true,
        .help = "the new title" },
    { .name = "settings",
        FIELD_MEMBER(struct study_update, settings),
        .type = FIELD_OBJECT,
        .sub = &study_wishes_fields,
        .help = "those that change" },
};
const struct fields study_update_fields = FIELDS(update_list);

static const struct field end_list[] = {
    STUDY_ROOM_FIELD(struct study_end),
    { .name = "message",
        FIELD_MEMBER(struct study_end, message),
        .type = FIELD_STR,
        .max = ROOM_REASON_MAX,
        .help = "what everybody is told" },
};
const struct fields study_end_fields = FIELDS(end_list);

static const struct field approve_list[] = {
    STUDY_ROOM_FIELD(struct study_approve),
    { .name = "userId",
        FIELD_MEMBER(struct study_approve, user_id),
        .type = FIELD_ID,
        .required = true,
        .max = ROOM_USER_ID_MAX,
        .help = "who waits" },
    { .name = "approve",
        .aliases = { "approved" },
        FIELD_MEMBER(struct study_approve, is_approved),
        .type = FIELD_BOOL,
        .required = true,
        .help = "false: is turned away" },
};
const struct fields study_approve_fields = FIELDS(approve_list);

/* ---- joining ---- */

/* What somebody missed, as it would have been told. */
struct missed {
    struct view view;
    const struct member *member;
    const char *seat;
    struct buf said; /* of one event */
    struct buf json; /* the array */
    struct json_writer w;
};

static void put_missed(void *arg, const struct room_news *news)
{
    struct missed *m = arg;
    const struct event *e = news->event;
    struct words words;
    if (e->type == EV_APPROVED || e->type == EV_REJECTED)
        return; /* the state says it */
    buf_reset(&m->said);
    words_init(&words, &m->said, false);
    study_tell(&words, &m->view, e, study_ear(news, m->member, m->seat));
    if (words_err(&words))
        return;
    for (unsigned i = 0; i < words.n; i++) {
        jw_object(&m->w);
        jw_field_u64(&m->w, "seq", e->seq);
        jw_field_str(&m->w, "event", slice_str(words.at[i].name));
        jw_field_raw(&m->w, "payload", words_json(&words, i));
        jw_end(&m->w);
    }
}

static void missed_init(struct missed *m, const struct ask *a)
{
    m->view = ask_view(a);
    m->member = ask_member(a);
    m->seat = a->session->id;
    buf_init(&m->said, WORDS_MAX_BYTES);
    buf_init(&m->json, MISSED_BYTES);
    jw_init(&m->w, &m->json);
}

static void missed_fini(struct missed *m)
{
    buf_fini(&m->said);
    buf_fini(&m->json);
}

/* The array; empty when nobody asked, or when it was too long ago or too much. */
static struct slice missed_json(struct missed *m, const struct ask *a)
{
    const struct study_join *args = a->args;
    const struct replay_point *from = &args->from;
    if (!from->has_since)
        return S("");
    jw_array(&m->w);
    int err = hub_replay(a->room, m->member, (uint64_t)from->since, from->epoch, put_missed, m);
    jw_end(&m->w);
    if (!err)
        err = buf_err(&m->json);
    return err ? S("") : buf_slice(&m->json);
}

static void say_joined(struct ask *a)
{
    struct missed missed;
    missed_init(&missed, a);
    struct study_newcomer newcomer = {
        .member = missed.member,
        .seat = slice_str(missed.seat),
        .missed = missed_json(&missed, a),
    };
    study_joined(ask_say(a, "joined"), &missed.view, &newcomer);
    ask_said(a);
    missed_fini(&missed);
}

static void say_waiting(struct ask *a)
{
    struct view v = ask_view(a);
    const struct member *m = ask_member(a);
    struct json_writer *w = ask_say(a, "room:waiting");
    jw_field_str(w, "roomId", a->room_id);
    jw_field_str(w, "message", S("Wait until a host lets you in."));
    jw_field_object(w, "self");
    study_self(w, &v, m, slice_str(a->session->id));
    jw_end(w);
    study_knock(w, "ownMessage", slice_str(m->knock));
    ask_said(a);
}

int study_in_join(struct ask *a)
{
    const struct study_join *args = a->args;
    int err = session_set_name(a->session, args->name);
    if (!err)
        err = ask_join_saying(a, args->knock);
    if (err)
        return err;
    bool waits = a->done.joined == JOIN_WAITS;
    if (waits)
        say_waiting(a);
    else
        say_joined(a);
    struct json_writer *w = ask_ack(a);
    jw_field_str(w, "roomId", a->room_id);
    jw_field_str(w, "socketId", slice_str(a->session->id));
    jw_field_str(w, "userId", a->session->identity.user_id);
    if (waits)
        jw_field_bool(w, "waiting", true);
    return 0;
}

int study_in_leave(struct ask *a)
{
    return ask_do(a, &(struct command){ .verb = VERB_LEAVE });
}

int study_in_approve(struct ask *a)
{
    const struct study_approve *args = a->args;
    struct command c = { .verb = VERB_APPROVE,
        .approve = { .user_id = args->user_id, .is_approved = args->is_approved } };
    return ask_do(a, &c);
}

/* ---- the room itself ---- */

int study_in_update(struct ask *a)
{
    const struct study_update *args = a->args;
    struct command c = { .verb = VERB_UPDATE,
        .update = { .settings = ask_view(a).room->settings } };
    if (args->has_title)
        c.update.title = args->title.len > 0 ? args->title : S("");
    study_grant(&c.update.settings, &args->settings);
    return ask_do(a, &c);
}

int study_in_start(struct ask *a)
{
    return ask_do(a, &(struct command){ .verb = VERB_START });
}

int study_in_end(struct ask *a)
{
    const struct study_end *args = a->args;
    return ask_do(a, &(struct command){ .verb = VERB_END, .end = { .message = args->message } });
}

void study_out_updated(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = study_begin(words, "room:updated", v, e);
    jw_field_str(w, "title", e->updated.title);
    jw_field_str(w, "name", e->updated.title);
    jw_field_object(w, "settings");
    study_settings(w, &e->updated.settings);
    jw_end(w);
    words_end(words);
}

void study_out_started(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = study_begin(words, "room:started", v, e);
    jw_field_time(w, "startedAt", e->at_ms);
    study_ms(w, "endsAt", e->started.ends_at_ms);
    words_end(words);
}

void study_out_ended(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = study_begin(words, "room:ended", v, e);
    jw_field_str(w, "message", e->ended.message);
    jw_field_time(w, "endedAt", e->at_ms);
    words_end(words);
}

/* ---- coming and going ---- */

void study_out_requested(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = study_begin(words, "room:joinRequest", v, e);
    jw_field_str(w, "userId", e->actor);
    jw_field_str(w, "name", e->person.name);
    jw_field_str(w, "socketId", e->seat);
    jw_field_i64(w, "timestamp", e->at_ms);
    study_knock(w, "message", e->person.knock);
    words_end(words);
}

/* The answer to the join that had to wait. All connections of the person hear the same, so which
 * of them it is can be said only when there is one. */
void study_out_approved(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    const struct member *m = room_member(v->room, e->target);
    if (m == NULL)
        return;
    struct study_newcomer newcomer = { .member = m, .seat = study_only_seat(m) };
    study_joined(words_begin(words, "joined"), v, &newcomer);
    words_end(words);
}

void study_out_rejected(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct json_writer *w = study_begin(words, "room:rejected", v, e);
    jw_field_str(w, "message", S("A host has turned down your request to join."));
    words_end(words);
}

/* JOINED, RETURNED. */
void study_out_came(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    struct study_user user = {
        .user_id = e->actor,
        .name = e->person.name,
        .avatar_url = e->person.avatar_url,
        .role = e->person.role,
        .is_guest = e->person.is_guest,
    };
    struct json_writer *w = study_begin(words, "user:joined", v, e);
    jw_field_str(w, "socketId", e->seat);
    jw_field_str(w, "userId", e->actor);
    jw_field_object(w, "user");
    study_user(w, &user);
    jw_end(w);
    jw_field_time(w, "joinedAt", e->at_ms);
    jw_field_bool(w, "returned", e->type == EV_RETURNED && e->person.seats == 1);
    jw_field_bool(w, "initiator", true);
    jw_field_bool(w, "polite", false);
    words_end(words);
}

/* LOST, LEFT. Without a seat the grace is over, and the loss was told. */
void study_out_gone(
    struct words *words, const struct view *v, const struct event *e, enum study_ear ear)
{
    (void)ear;
    if (e->seat.len == 0)
        return;
    struct json_writer *w = study_begin(words, "user:left", v, e);
    jw_field_str(w, "socketId", e->seat);
    jw_field_str(w, "userId", e->actor);
    jw_field_bool(w, "lost", e->type == EV_LOST);
    words_end(words);
}
