/* A client of B says its messages twice, as an event and here; the second time it gets the message
 * that there is (dialect/claims.h). The request may overtake the event, so one that says `userId`,
 * as such clients do, waits for it a moment. What was not said before is said now, by a member or,
 * where everybody may come in, by anybody. */
#include "web/rest_chat.h"

#include "dialect/ask.h"
#include "dialect/claims.h"
#include "dialect/session/session.h"
#include "web/rest_access.h"
#include "web/rest_list.h"

/* How long a client's event may be behind its request, which took another connection. */
#define EVENT_MS 300

/* ---- say ---- */

struct say {
    struct slice session_id, id, text, user_id, user_name, client_id;
    enum message_kind kind;
};

static const struct field say_list[] = {
    { .name = "sessionId",
        .aliases = { "roomId", "room_id" },
        FIELD_MEMBER(struct say, session_id),
        .type = FIELD_ID,
        .required = true,
        .max = ROOM_ID_MAX,
        .help = "the session" },
    ASK_CHAT_ID(struct say, id),
    { .name = "message",
        .aliases = { "text" },
        FIELD_MEMBER(struct say, text),
        .type = FIELD_STR,
        .required = true,
        .min = 1,
        .max = ROOM_TEXT_MAX,
        .help = "what is said" },
    { .name = "messageType",
        FIELD_MEMBER(struct say, kind),
        .type = FIELD_ENUM,
        .names = session_message_types,
        .preset = "text",
        .help = "what it is; system messages come from the server alone" },
    { .name = "userId",
        FIELD_MEMBER(struct say, user_id),
        .type = FIELD_RAW,
        .max = SESSION_CLAIM_MAX,
        .help = "not believed; finds the chat-message that was sent with the same one" },
    { .name = "userName",
        .aliases = { "username" },
        FIELD_MEMBER(struct say, user_name),
        .type = FIELD_STR,
        .max = ROOM_NAME_MAX,
        .trim = true,
        .one_line = true,
        .help = "what a guest is called; an account keeps its name" },
    { .name = "clientId",
        FIELD_MEMBER(struct say, client_id),
        .type = FIELD_RAW,
        .max = SESSION_CLAIM_MAX,
        .help = "the client's own id of the message, if chat-message had one" },
};
static const struct fields say_fields = FIELDS(say_list);

static int give(struct rest *c, struct slice id)
{
    const struct message *m = room_message(hub_view(c->room).room, id);
    if (!m) {
        c->why = S("This message was deleted.");
        return ERR_NOT_FOUND;
    }
    const struct store_message row = study_message_of(m);
    session_message(rest_object(c), c->room_id, &row);
    return 0;
}

/* Said a moment ago, as an event. */
static bool was_said(char id[CLAIMS_ID_BYTES + 1], struct rest *c)
{
    const struct say *a = c->args;
    const struct claim claim = {
        .room_id = c->room_id,
        .user_id = a->user_id.len > 0 ? session_claimed(a->user_id) : c->asker.who.user_id,
        .text = a->text,
        .client_id = session_claimed(a->client_id),
    };
    return claims_take(id, dispatch_claims(c->lobby->socket), &claim, rest_now_ms(c));
}

static struct slice author_name(const struct rest *c)
{
    const struct say *a = c->args;
    if (rest_account(c).len == 0 && a->user_name.len > 0)
        return a->user_name;
    return c->asker.is_known ? c->asker.who.name : S("Guest");
}

static int speak(struct rest *c)
{
    const struct say *a = c->args;
    char guest[SESSION_GUEST_BYTES + 1];
    const struct command what = {
        .verb = VERB_SAY,
        .id = a->id,
        .say = { .name = author_name(c), .chat = { .text = a->text, .kind = a->kind } },
    };
    struct outcome done;
    session_make_guest_id(guest);
    struct slice as = c->asker.is_known ? c->asker.who.user_id : slice_str(guest);
    int err = rest_spend(c, RATE_CHAT);
    if (!err)
        err = hub_do_as(&done, c->room, as, &what);
    if (err == ERR_CONFLICT)
        c->why = S("Somebody else has said something under this id; choose another.");
    return err ? err : give(c, done.id);
}

static int say(struct rest *c)
{
    const struct say *a = c->args;
    char id[CLAIMS_ID_BYTES + 1];
    if (a->kind == MESSAGE_SYSTEM) {
        c->why = S("System messages come from the server; send messageType text or emoji.");
        return ERR_FORBIDDEN;
    }
    if (was_said(id, c))
        return give(c, slice_str(id));
    bool may_come = a->user_id.len > 0 && !c->has_paused;
    return may_come ? rest_pause(c, EVENT_MS) : speak(c);
}

#define EXAMPLE_MESSAGE                                                                      \
    "{\"id\":\"Qb3x\",\"_id\":\"Qb3x\",\"sessionId\":\"algebra\",\"userId\":\"u1\","         \
    "\"userName\":\"Ada\",\"message\":\"Hello\",\"messageType\":\"text\","                   \
    "\"createdAt\":\"2026-01-02T03:04:05.678Z\",\"updatedAt\":\"2026-01-02T03:04:05.678Z\"," \
    "\"timestamp\":1767323045678}"

const struct rest_row rest_chat_say = {
    REST_ARGS(struct say, say_fields),
    REST_IN_ROOM(REST_ROOM, struct say, session_id),
    .act = say,
    .gives_status = 201,
    .gives = EXAMPLE_MESSAGE,
};

/* ---- history ---- */

struct history {
    struct rest_page page;
    struct slice session_id;
};

static const struct field history_list[] = {
    { .name = "sessionId",
        FIELD_MEMBER(struct history, session_id),
        .type = FIELD_STR,
        .max = REST_PARAM_MAX,
        .help = "the session" },
    REST_PAGE_LIMIT(struct history, page.limit),
    REST_PAGE_BEFORE(struct history, page.cursor),
};
static const struct fields history_fields = FIELDS(history_list);

static int history(struct rest *c)
{
    static const struct rest_list said = { .name = "messages", .put_message = session_message };
    const struct history *a = c->args;
    return rest_list_messages(c, &said, &a->page);
}

const struct rest_row rest_chat_history = {
    REST_ARGS(struct history, history_fields),
    REST_IN_ROOM(REST_ROOM, struct history, session_id),
    .act = history,
    .gives_status = 200,
    .gives = "{\"messages\":[" EXAMPLE_MESSAGE "],\"nextCursor\":null}",
};

/* ---- sessions ---- */

/* Who is in a guarded one is not for everybody. */
static void put_card(struct json_writer *w, struct rest *c, const struct rest_item *item)
{
    const struct store_room *s = &item->room;
    const struct hub_room *live = hub_peek(rest_hub(c), s->id);
    const struct room *room = live ? hub_view(live).room : NULL;
    struct study_room r = room ? study_room_of(room) : rest_stored_room(s);
    session_card(w, s, rest_sight(c, &r) == REST_SEES_ALL ? room : NULL);
}

static int sessions(struct rest *c)
{
    static const struct rest_list cards = { .name = "sessions", .put_room = put_card };
    return rest_list_rooms(c, &cards, c->args);
}

const struct rest_row rest_sessions_list = {
    REST_ARGS(struct rest_page, rest_page_fields),
    .act = sessions,
    .gives_status = 200,
    .gives = "{\"sessions\":[{\"sessionId\":\"algebra\",\"title\":\"Algebra\","
             "\"participantCount\":3,\"createdAt\":\"2026-01-02T03:04:05.678Z\","
             "\"status\":\"live\"}],\"nextCursor\":null}",
};
