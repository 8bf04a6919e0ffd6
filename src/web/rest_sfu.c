#include "web/rest_sfu.h"

#include "web/rest_access.h"

struct ask_token {
    struct slice room_id, identity, name;
};

static const struct field token_list[] = {
    { .name = "room_id",
        .aliases = { "room", "roomId", "roomName" },
        FIELD_MEMBER(struct ask_token, room_id),
        .type = FIELD_ID,
        .required = true,
        .max = ROOM_ID_MAX,
        .help = "the room, which is made if it does not exist" },
    { .name = "identity",
        .aliases = { "user_id", "userId" },
        FIELD_MEMBER(struct ask_token, identity),
        .type = FIELD_ID,
        .max = ROOM_USER_ID_MAX,
        .help = "who a guest wants to be there; an account is itself. One is made if left out" },
    { .name = "name",
        .aliases = { "username", "participantName" },
        FIELD_MEMBER(struct ask_token, name),
        .type = FIELD_STR,
        .max = ROOM_NAME_MAX,
        .trim = true,
        .one_line = true,
        .help = "what a guest is called; an account keeps its name" },
};
static const struct fields token_fields = FIELDS(token_list);

static int ensure_room(struct rest *c)
{
    const struct hub_creation what = {
        .id = c->room_id,
        .by = c->asker.who.user_id,
        .is_fleeting = true,
        .room = { .title = c->room_id, .settings = room_default_settings(MODE_FOCUS) },
    };
    if (c->room)
        return 0;
    int err = rest_spend(c, LIMIT_CREATE);
    return err ? err : hub_create(&c->room, rest_hub(c), &what);
}

/* As one who joins: in, or able to come in at once. */
static int may_join(struct rest *c)
{
    const struct room *r = hub_view(c->room).room;
    const struct member *m = rest_member(c);
    int err = rest_may_read(c);
    if (r->status == ROOM_ENDED)
        return ERR_ROOM_ENDED;
    if (m && m->status == MEMBER_KICKED)
        return ERR_KICKED;
    return err == ERR_NOT_IN_ROOM && r->settings.is_locked ? ERR_ROOM_LOCKED : err;
}

/* A second connection of one identity ends the first: nobody may be somebody of that room. */
static int check_identity(const struct rest *c, struct slice identity)
{
    const struct room *r = hub_view(c->room).room;
    bool is_owner = slice_eq(identity, slice_str(r->owner_id));
    return is_owner || room_member(r, identity) ? ERR_FORBIDDEN : 0;
}

/* Who the token is for: the asker, or a guest by a name of its choice. */
static int find_identity(struct livekit_grant *g, struct rest *c)
{
    const struct ask_token *a = c->args;
    char guest[SESSION_GUEST_BYTES + 1];
    g->identity = c->asker.is_known ? c->asker.who.user_id : a->identity;
    g->name = c->asker.is_known ? c->asker.who.name : a->name;
    if (c->asker.is_known)
        return 0;
    if (g->identity.len == 0) {
        session_make_guest_id(guest);
        return arena_copy(&g->identity, &c->request->arena, slice_str(guest));
    }
    int err = check_identity(c, g->identity);
    if (err)
        c->why = S("This identity is somebody's in this room: choose another, or show its token.");
    return err;
}

static int mint(struct slice *token, struct livekit_grant *g, struct rest *c)
{
    const struct lobby *lobby = c->lobby;
    g->room = c->room_id;
    g->now_ms = rest_now_ms(c);
    g->ttl_ms = lobby->livekit_ttl_ms;
    g->can_publish = g->can_subscribe = g->can_publish_data = true;
    return livekit_mint(token, &c->request->arena, &lobby->livekit, g);
}

static int give_token(struct rest *c)
{
    struct livekit_grant g = { .token_id = S("") };
    struct slice token;
    if (c->lobby->livekit.api_key.len == 0) {
        c->why = S("No LiveKit server is configured here; see the options livekit.*.");
        return ERR_NOT_IMPLEMENTED;
    }
    int err = ensure_room(c);
    if (!err)
        err = may_join(c);
    if (!err)
        err = find_identity(&g, c);
    if (!err)
        err = mint(&token, &g, c);
    if (err)
        return err;
    struct json_writer *w = rest_object(c);
    jw_field_str(w, "token", token);
    jw_field_str(w, "url", c->lobby->livekit_url);
    jw_field_str(w, "room", c->room_id);
    jw_field_str(w, "identity", g.identity);
    return 0;
}

const struct rest_row rest_sfu_token = {
    REST_ARGS(struct ask_token, token_fields),
    REST_IN_ROOM(REST_ROOM_OR_NEW, struct ask_token, room_id),
    .limit = REST_LIMIT(RATE_JOIN),
    .act = give_token,
    .gives_status = 200,
    .gives = "{\"token\":\"eyJhbGciOiJIUzI1NiJ9.e30.c2ln\",\"url\":\"wss://sfu.example.org\","
             "\"room\":\"deep-work\",\"identity\":\"g_8sTq2LxPz0aB\"}",
};
