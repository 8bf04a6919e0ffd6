/* Rooms as the app and languages A and E see them. Each call is a table of fields, a handler of a
 * few lines, and the row that binds them. */
#include "web/rest_rooms.h"

#include "web/rest_access.h"
#include "web/rest_list.h"

/* ---- make ---- */

/* Settings stand in an object of their own, or beside the title; the object's win. */
struct create {
    struct study_wishes top; /* first: see `also` */
    struct study_wishes settings;
    struct slice id;
    struct slice title;
};

static const struct field create_list[] = {
    { .name = "title",
        .aliases = { "name", "roomname" },
        FIELD_MEMBER(struct create, title),
        .type = FIELD_STR,
        .max = ROOM_TITLE_MAX,
        .trim = true,
        .one_line = true,
        .help = "what the room is called" },
    { .name = "id",
        .aliases = { "roomId", "room_id", "code" },
        FIELD_MEMBER(struct create, id),
        .type = FIELD_ID,
        .max = ROOM_ID_MAX,
        .help = "letters, digits, - and _; one is made when it is left out" },
    { .name = "settings",
        FIELD_MEMBER(struct create, settings),
        .type = FIELD_OBJECT,
        .sub = &study_wishes_fields,
        .help = "settings of the room; each may also stand beside the title" },
};
static const struct fields create_fields = FIELDS(create_list);

/* Without an account a room is listed, or nobody else would find it; an interview never is unless
 * somebody says so. */
static struct room_settings settings_of(const struct rest *c, const struct create *a)
{
    struct room_settings s = room_default_settings(MODE_STUDY);
    study_grant(&s, &a->top);
    study_grant(&s, &a->settings);
    s = room_default_settings(s.mode); /* which is what its other settings begin with */
    s.is_public = rest_account(c).len == 0 && s.mode != MODE_INTERVIEW;
    study_grant(&s, &a->top);
    study_grant(&s, &a->settings);
    return s;
}

static int create(struct rest *c)
{
    const struct create *a = c->args;
    const struct hub_creation what = {
        .id = a->id,
        .by = c->asker.who.user_id,
        .room = { .title = a->title, .owner_id = rest_account(c), .settings = settings_of(c, a) },
    };
    if (c->room) {
        c->why = S("There is a room of this id already.");
        return ERR_CONFLICT;
    }
    int err = hub_create(&c->room, rest_hub(c), &what);
    if (err == ERR_BAD_FIELD)
        c->why = S("The settings do not go together; a duration is at least 0.01 minutes.");
    if (err)
        return err;
    struct study_room r = study_room_of(hub_view(c->room).room);
    struct json_writer *w = rest_object(c);
    study_room(w, &c->settings, &r);
    rest_give_key(c, w);
    rest_locate(c, "/api/rooms/");
    return 0;
}

const struct rest_row rest_rooms_create = {
    REST_ARGS(struct create, create_fields),
    .also = &study_wishes_fields,
    REST_IN_ROOM(REST_ROOM_OR_NEW, struct create, id),
    .limit = REST_LIMIT(LIMIT_CREATE),
    .act = create,
    .gives_status = 201,
    .gives = "{" REST_ROOM_EXAMPLE
             ",\"creationKey\":\"019af1c2d3e40123456789abcdef0123456789abcdef\"}",
};

/* ---- list ---- */

static void put_listed(struct json_writer *w, struct rest *c, const struct rest_item *item)
{
    const struct store_room *s = &item->room;
    const struct hub_room *live = hub_peek(rest_hub(c), s->id);
    struct study_room r = live ? study_room_of(hub_view(live).room) : rest_stored_room(s);
    rest_put_room(w, c, &r);
}

static int list(struct rest *c)
{
    static const struct rest_list rooms = { .name = "rooms", .put_room = put_listed };
    return rest_list_rooms(c, &rooms, c->args);
}

const struct rest_row rest_rooms_list = {
    REST_ARGS(struct rest_page, rest_page_fields),
    .act = list,
    .gives_status = 200,
    .gives = "{\"rooms\":[{" REST_ROOM_EXAMPLE ",\"participantCount\":1}],\"nextCursor\":null}",
};

/* ---- one of them ---- */

struct one {
    struct slice id;
};

#define ID_FIELD(struct_type, member)                                                              \
    {                                                                                              \
        .name = "id", FIELD_MEMBER(struct_type, member), .type = FIELD_STR, .max = REST_PARAM_MAX, \
        .help = "the room's"                                                                       \
    }

static const struct field one_list[] = { ID_FIELD(struct one, id) };
static const struct fields one_fields = FIELDS(one_list);

static int show(struct rest *c)
{
    struct study_room r = study_room_of(hub_view(c->room).room);
    rest_put_room(rest_object(c), c, &r);
    return 0;
}

const struct rest_row rest_rooms_show = {
    REST_ARGS(struct one, one_fields),
    REST_IN_ROOM(REST_ROOM, struct one, id),
    .act = show,
    .gives_status = 200,
    .gives = "{" REST_ROOM_EXAMPLE ",\"participantCount\":1}",
};

static int end(struct rest *c)
{
    const struct command what = { .verb = VERB_END };
    struct outcome ignored;
    struct slice as;
    int err = rest_rule(&as, c);
    if (!err)
        err = hub_do_as(&ignored, c->room, as, &what);
    if (err && err != ERR_ROOM_ENDED)
        return err;
    hub_delete(c->room);
    return 0;
}

const struct rest_row rest_rooms_end = {
    REST_ARGS(struct one, one_fields),
    REST_IN_ROOM(REST_ROOM, struct one, id),
    .limit = REST_LIMIT(RATE_CONTROL),
    .act = end,
    .gives_status = 204,
};

/* ---- its messages ---- */

#define SOUGHT_MAX 200 /* characters */

struct messages {
    struct rest_page page;
    struct slice id;
};

static const struct field messages_list[] = {
    ID_FIELD(struct messages, id),
    REST_PAGE_LIMIT(struct messages, page.limit),
    REST_PAGE_BEFORE(struct messages, page.cursor),
    { .name = "q",
        FIELD_MEMBER(struct messages, page.sought),
        .type = FIELD_STR,
        .min = 1,
        .max = SOUGHT_MAX,
        .help =
            "only messages whose text has this in it. Upper and lower case are the same: A to Z "
            "always, other letters as the database knows them. A page may be short, or empty, "
            "and still have a nextCursor" },
};
static const struct fields messages_fields = FIELDS(messages_list);

static int messages(struct rest *c)
{
    static const struct rest_list said = { .name = "messages", .put_message = study_message };
    const struct messages *a = c->args;
    return rest_list_messages(c, &said, &a->page);
}

const struct rest_row rest_rooms_messages = {
    REST_ARGS(struct messages, messages_fields),
    REST_IN_ROOM(REST_ROOM, struct messages, id),
    .act = messages,
    .gives_status = 200,
    .gives = "{\"messages\":[{\"_id\":\"Qb3x\",\"id\":\"Qb3x\",\"roomId\":\"A7x9K2\","
             "\"senderId\":\"u1\",\"userId\":\"u1\",\"name\":\"Ada\",\"text\":\"Hello\","
             "\"attachments\":[],\"timestamp\":1767323045678,"
             "\"createdAt\":\"2026-01-02T03:04:05.678Z\",\"kind\":\"text\"}],"
             "\"nextCursor\":\"17\"}",
};

/* ---- calls ---- */

/* TURN servers know users by a name; who has none shares one. */
static int ice_servers(struct rest *c)
{
    struct slice user_id = c->asker.is_known ? c->asker.who.user_id : S("guest");
    struct json_writer *w = &c->writer;
    study_ice_servers(w, hub_settings(rest_hub(c)), user_id, rest_now_ms(c));
    return 0;
}

const struct rest_row rest_ice_servers = {
    .act = ice_servers,
    .gives_status = 200,
    .gives = "[{\"urls\":[\"stun:stun.example.org:3478\"]},{\"urls\":[\"turn:turn.example.org\"],"
             "\"username\":\"1767366245:u1\",\"credential\":\"c2VjcmV0IGZvciBoYWxmIGEgZGF5\"}]",
};
