#include "dialect/ask.h"

#include "base/panic.h"
#include "hub/deputy.h"
#include "hub/pass.h"

int ask_do(struct ask *a, const struct command *c)
{
    ASSERT(a->room != NULL);
    return hub_do(&a->done, a->room, a->session, a->language->dialect, c);
}

int ask_too_many(struct ask *a)
{
    a->why = session_all_rooms(a->session) >= SESSION_MAX_ROOMS
        ? S("This connection is in as many rooms as it may be: leave one first.")
        : S("You are in this room with too many connections: close one first.");
    return ERR_TOO_MANY;
}

int ask_join_saying(struct ask *a, struct slice knock)
{
    const struct identity *who = &a->session->identity;
    const struct command c = {
        .verb = VERB_JOIN,
        .join = { .name = who->name,
            .avatar_url = who->avatar_url,
            .is_guest = who->is_guest,
            .knock = knock },
    };
    int err = ask_do(a, &c);
    return err == ERR_TOO_MANY ? ask_too_many(a) : err;
}

int ask_join(struct ask *a)
{
    return ask_join_saying(a, slice_of(NULL, 0));
}

const struct event *ask_event(const struct ask *a, enum event_type type)
{
    for (uint32_t i = 0; i < a->done.n; i++) {
        if (a->done.events[i].type == type)
            return &a->done.events[i];
    }
    return NULL;
}

/* As if it had been said now, from here. */
static struct event event_of(const struct ask *a, const struct message *m)
{
    return (struct event){
        .type = EV_CHAT,
        .audience = m->to[0] != '\0' ? AUDIENCE_PAIR : AUDIENCE_ALL,
        .seq = m->seq,
        .at_ms = m->at_ms,
        .actor = slice_str(m->user_id),
        .seat = slice_str(a->session->id),
        .target = slice_str(m->to),
        .chat = { .id = slice_str(m->id),
            .name = slice_str(m->name),
            .text = slice_str(m->text),
            .attachments = slice_str(m->attachments),
            .reply_to = slice_str(m->reply_to),
            .kind = m->kind,
            .edited_at_ms = m->edited_at_ms },
    };
}

static void say_again(struct ask *a, const struct event *said)
{
    const struct dialect *d = a->language->dialect;
    const struct view v = ask_view(a);
    struct event e = *said;
    e.seq = 0;
    const struct room_news news = room_news(v.room, &e);
    d->tell(&a->words, &v, &e, d->ear ? d->ear(&news, ask_member(a), a->session->id) : 0);
}

int ask_chat(struct event *said, struct ask *a, const struct command *c)
{
    int err = ask_do(a, c);
    if (err == ERR_CONFLICT)
        a->why = S("Somebody else has said something under this id; choose another.");
    if (err)
        return err;
    const struct event *e = ask_event(a, EV_CHAT);
    const struct message *m = e ? NULL : room_message(ask_view(a).room, a->done.id);
    if (e) {
        *said = *e;
        return 0;
    }
    if (m == NULL)
        return ERR_NOT_FOUND;
    *said = event_of(a, m);
    say_again(a, said);
    return 0;
}

int ask_create(struct ask *a, const struct hub_creation *c)
{
    struct hub_room *made;
    int err = session_spend(&a->retry_ms, a->session, LIMIT_CREATE);
    if (!err)
        err = hub_create(&made, a->session->hub, c);
    if (err)
        return err;
    a->room = made;
    a->room_id = hub_room_id(made);
    return 0;
}

int ask_user_at(struct slice *user_id, struct ask *a, struct slice seat)
{
    const struct room *r = ask_view(a).room;
    const struct member *m = r != NULL ? room_member_at(r, seat) : NULL;
    if (m == NULL)
        return ERR_NOT_FOUND;
    *user_id = slice_str(m->user_id);
    return 0;
}

int ask_identify(struct ask *a, struct slice token)
{
    struct token t;
    if (token.len == 0)
        return 0;
    int err = pass_judge(&t, a->arena, a->session->hub, token);
    if (err) {
        a->why = err == ERR_UNAUTHORIZED ? slice_str(t.why) : S("");
        return err;
    }
    err = session_identify(a->session, &t.who);
    if (err == ERR_CONFLICT)
        a->why = S("This connection is in a room as somebody else; leave that room first.");
    return err;
}

struct json_writer *ask_say(struct ask *a, const char *name)
{
    return words_begin(&a->words, name);
}

void ask_said(struct ask *a)
{
    words_end(&a->words);
}

void ask_flush(struct ask *a)
{
    const struct hub_answer answer = {
        .words = &a->words,
        .ack_id = TONGUE_NO_ACK,
        .dialect = a->language->dialect,
        .request = a->row->name,
    };
    hub_answer(a->room, a->session, &answer);
    words_init(&a->words, a->words.json, a->words.is_typed);
}

struct json_writer *ask_ack(struct ask *a)
{
    ASSERT(a->ack.n == 0);
    struct json_writer *w = words_begin(&a->ack, "ack");
    jw_field_bool(w, "ok", true);
    return w;
}

struct view ask_view(const struct ask *a)
{
    const struct hub *h = a->session->hub;
    if (a->room != NULL)
        return hub_view(a->room);
    return (struct view){ .settings = hub_settings(h), .now_ms = loop_wall_ms(hub_loop(h)) };
}

struct member *ask_member(const struct ask *a)
{
    const struct room *r = ask_view(a).room;
    return r != NULL ? room_member(r, a->session->identity.user_id) : NULL;
}
