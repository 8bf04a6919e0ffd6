/* Making rooms and coming into them. Only here may a message carry a token: whom it names is who
 * the connection belongs to from then on. */
#include "dialect/proctor/parts.h"
#include "hub/deputy.h"

static int come_as(struct ask *a, struct slice token, struct slice username)
{
    int err = ask_identify(a, token);
    return err ? err : session_set_name(a->session, username);
}

/* ---- a new room ---- */

/* What would keep its maker out, before it is made. */
static int may_create(struct ask *a)
{
    const struct session *s = a->session;
    bool is_stranger = hub_settings(s->hub)->auth_mode == AUTH_REQUIRED && s->identity.is_guest;
    if (is_stranger)
        return ERR_UNAUTHORIZED;
    return session_all_rooms(s) >= SESSION_MAX_ROOMS ? ask_too_many(a) : 0;
}

static int create(struct ask *a, const struct proctor_create *args)
{
    struct hub_creation c = {
        .by = a->session->identity.user_id,
        .room = { .title = args->roomname,
            .owner_id = a->session->identity.user_id,
            .settings = room_default_settings(MODE_INTERVIEW) },
    };
    struct room_settings *s = &c.room.settings;
    s->is_public = args->is_public;
    s->approval = !args->auto_approve;
    s->max_participants = (uint32_t)args->max_guests;
    s->duration_ms = minutes_to_ms(args->duration);
    s->question = args->question;
    return ask_create(a, &c);
}

static void say_created(struct ask *a)
{
    struct view v = ask_view(a);
    struct json_writer *w = proctor_begin(&a->words, "ROOM_CREATED", NULL);
    jw_field_str(w, "roomId", slice_str(v.room->id));
    jw_field_str(w, "roomname", slice_str(v.room->title));
    jw_field_str(w, "message", S("Room created successfully"));
    proctor_put_point(w, &v);
    proctor_end(&a->words);
}

int proctor_in_create(struct ask *a)
{
    const struct proctor_create *args = a->args;
    int err = come_as(a, args->token, args->username);
    if (!err)
        err = may_create(a);
    if (!err)
        err = create(a, args);
    if (!err)
        err = ask_join(a);
    if (!err)
        say_created(a);
    return err;
}

/* ---- what a newcomer is told ---- */

static void say_waiting(struct ask *a)
{
    struct json_writer *w = ask_say(a, "WAITING_APPROVAL");
    jw_field_str(w, "message", S("Waiting for host approval to join the room"));
    jw_field_str(w, "roomId", slice_str(ask_view(a).room->id));
    ask_said(a);
}

/* Everybody hears that somebody has come, the newcomer, too. */
static void say_own_joining(struct ask *a, const struct view *v)
{
    for (uint32_t i = 0; i < a->done.n; i++) {
        const struct event *e = &a->done.events[i];
        if (e->type == EV_JOINED)
            proctor_say_count(&a->words, v, "USER_JOINED", e);
    }
}

static void say_all_pending(struct ask *a, const struct view *v)
{
    LIST_EACH(l, &v->room->members) {
        const struct member *m = proctor_member_of(l);
        if (m->status != MEMBER_PENDING)
            continue;
        if (a->words.n == WORDS_MAX)
            ask_flush(a);
        proctor_say_pending(&a->words, v, m);
    }
}

/* Not who waits: the answer has said it already. */
static bool is_missed(const struct event *e)
{
    return e->type != EV_REQUESTED && e->type != EV_ROLE;
}

/* ---- coming in ---- */

static bool has_been_here(const struct member *m)
{
    return m && m->joined_seq > 0;
}

static void welcome(struct ask *a, bool is_back)
{
    const struct proctor_join *args = a->args;
    struct view v = ask_view(a);
    const struct member *m = ask_member(a);
    proctor_say_approved(&a->words, &v, m, is_back);
    say_own_joining(a, &v);
    if (m->role >= ROLE_COHOST)
        say_all_pending(a, &v);
    /* When it was too long ago, the answer is all there is. */
    (void)replay_missed(a, &args->from, is_missed);
}

int proctor_in_join(struct ask *a)
{
    const struct proctor_join *args = a->args;
    int err = come_as(a, args->token, args->username);
    if (err)
        return err;
    bool is_back = has_been_here(ask_member(a));
    err = ask_join(a);
    if (err)
        return err;
    if (a->done.joined == JOIN_WAITS)
        say_waiting(a);
    else
        welcome(a, is_back);
    return 0;
}
