/* Clients come as the carriers of the product let them in: with a token, or as guests. */
#include "auth/token.h"
#include "stage_parts.h"

#include <stdio.h>
#include <stdlib.h>

#define SID_BYTES  20 /* as Socket.IO's */
#define SID_DIGITS 4

struct client *client_find(struct stage *s, struct slice name)
{
    LIST_EACH(l, &s->clients) {
        struct client *c = CONTAINER_OF(l, struct client, link);
        if (slice_eq(c->name, name))
            return c;
    }
    return NULL;
}

static const struct language *language_find(struct slice name)
{
    for (size_t i = 0; i < REGISTRY_ALL; i++) {
        if (slice_eq(slice_str(registry_all[i]->dialect->name), name))
            return registry_all[i];
    }
    return NULL;
}

static struct slice mint(struct stage *s, const struct identity *who, int64_t at_ms)
{
    struct slice token = S("");
    const struct token_key key = { .secret = S(STAGE_SECRET) };
    const struct token_claims claims = {
        .who = *who, .now_ms = at_ms, .ttl_ms = STAGE_TOKEN_TTL_MS
    };
    if (token_mint(&token, &s->arena, &key, &claims))
        FAIL(s, "no token can be made for '%.*s'", TEXT(who->user_id));
    return token;
}

static struct slice joined(struct stage *s, struct slice name, const char *suffix)
{
    char text[200];
    snprintf(text, sizeof(text), "%.*s%s", TEXT(name), suffix);
    return stage_keep(s, slice_str(text));
}

static void name_value(struct stage *s, struct slice name, const char *suffix, struct slice text)
{
    if (names_set_text(&s->names, joined(s, name, suffix), text))
        FAIL(s, "there are too many names");
}

/* An account of that name, and its tokens as $name.token and $name.expired. */
static struct identity make_account(struct stage *s, struct slice name, const struct step *step)
{
    const struct script_client *o = &step->client;
    int64_t now_ms = loop_wall_ms(s->loop);
    struct identity who = { .user_id = o->user.len > 0 ? o->user : name, .avatar_url = S("") };
    who.name = o->name.len > 0 ? o->name : who.user_id;
    who.is_admin = o->is_admin;
    name_value(s, name, ".token", mint(s, &who, now_ms));
    name_value(s, name, ".expired", mint(s, &who, now_ms - 2 * STAGE_TOKEN_TTL_MS));
    return who;
}

/* What a connection's token says: as the carriers look at it. Those of proctor come in messages. */
static int identify(struct identity *who, bool *is_guest, struct stage *s, const struct step *step)
{
    const struct script_client *o = &step->client;
    const struct token_key key = { .secret = S(STAGE_SECRET) };
    struct token token;
    struct slice text = o->token;
    struct identity account = make_account(s, step->name, step);
    bool is_late = slice_eq(o->dialect, slice_str(proctor_language.dialect->name));
    *is_guest = text.len == 0 && o->user.len == 0;
    if (*is_guest)
        return s->settings.auth_mode == AUTH_REQUIRED && !is_late ? ERR_UNAUTHORIZED : 0;
    if (text.len == 0)
        text = mint(s, &account, loop_wall_ms(s->loop));
    int err = token_verify(&token, &s->arena, &key, text, loop_wall_ms(s->loop));
    *who = token.who;
    return err;
}

/* Ids of Socket.IO are chosen by the line: here so that one sees whose they are. */
static struct slice make_sid(struct stage *s, struct slice name)
{
    char id[SID_BYTES + 1];
    struct slice front = slice_take(name, SID_BYTES - SID_DIGITS - 1);
    memset(id, '-', SID_BYTES);
    memcpy(id, front.p, front.len);
    snprintf(id + SID_BYTES - SID_DIGITS, SID_DIGITS + 1, "%0*u", SID_DIGITS,
        ++s->n_connections % 10000);
    return stage_keep(s, slice_str(id));
}

/* A room may have a name that was heard: "$room". */
static struct slice room_of(struct stage *s, const struct script_client *o)
{
    const struct slice *json = NULL;
    if (!slice_starts(o->room, S("$")))
        return stage_keep(s, o->room);
    json = names_find(&s->names, slice_drop(o->room, 1));
    if (json == NULL || json->len < 2) {
        FAIL(s, "nothing is called %.*s yet", TEXT(o->room));
        return S("");
    }
    return slice_of(json->p + 1, json->len - 2);
}

static unsigned line_number(const struct client *c, const struct script_client *o)
{
    if (c->language->dialect->is_typed)
        return 2;
    if (o->on.len > 0)
        return slice_eq(o->on, S("/rooms")) ? 1 : 0;
    return c->language == &study_language ? 1 : 0;
}

static struct dispatch *dispatch_for(struct stage *s, const struct language *language)
{
    if (language == &focus_language)
        return s->focus;
    return language == &proctor_language ? s->proctor : s->socket;
}

/* What opening a connection for one room means is a message of its own. */
static void open_room(struct client *c)
{
    (void)stage_cover_row(c->stage, c->language, S("connect"));
    dispatch_typed(c->dispatch, c->session, S("{\"type\":\"connect\"}"));
}

static void dial(struct client *c, const struct step *step)
{
    struct stage *s = c->stage;
    const struct script_client *o = &step->client;
    struct identity who;
    bool is_guest = true;
    unsigned line = line_number(c, o);
    bool is_late = c->language == &proctor_language; /* it says who it is when it asks something */
    c->refused = identify(&who, &is_guest, s, step);
    if (c->refused)
        return;
    c->refused = session_new(&c->session,
        &(struct session_options){
            .hub = s->hub,
            .line = &s->lines[line],
            .dialect = line < 2 ? study_language.dialect : c->language->dialect,
            .carrier = c,
            .id = line < 2 ? make_sid(s, c->name) : S(""),
            .room_id = room_of(s, o),
            .identity = is_guest || is_late ? NULL : &who,
            .guest_name = o->name,
        });
    if (c->refused)
        return;
    if (c->language == &focus_language)
        open_room(c);
    name_value(s, c->name, ".id", slice_str(c->session->id));
    name_value(s, c->name, ".user", is_guest ? c->session->identity.user_id : who.user_id);
    if (line == 2)
        names_hide(&s->names, joined(s, c->name, ".id"));
    if (is_guest)
        names_hide(&s->names, joined(s, c->name, ".user"));
}

void client_connect(struct stage *s, struct client *c, const struct step *step)
{
    if (c != NULL && c->session != NULL) {
        FAIL(s, "%.*s is connected already", TEXT(step->name));
        return;
    }
    if (c != NULL && !stage_has_nothing_left(s, c))
        return;
    if (c == NULL) {
        c = arena_alloc(&s->arena, sizeof(*c));
        if (c == NULL)
            abort();
        *c = (struct client){ .stage = s, .name = step->name };
        link_init(&c->link);
        list_push(&s->clients, &c->link);
    }
    c->language = language_find(step->client.dialect);
    if (c->language == NULL) {
        FAIL(s, "there is no language '%.*s': study, session, focus, proctor, call",
            TEXT(step->client.dialect));
        return;
    }
    link_init(&c->messages);
    link_init(&c->acks);
    c->dispatch = dispatch_for(s, c->language);
    c->asked = c->answered = 0;
    s->current = c;
    dial(c, step);
}

void client_hang_up(struct client *c)
{
    if (c->session == NULL)
        return;
    dispatch_drop(c->dispatch, c->session);
    session_end(c->session);
    c->session = NULL;
}
