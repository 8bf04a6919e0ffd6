/* Each namespace is a line. A socket that is lost and may come back keeps its session: what it
 * misses goes to its history, and its seat is taken again when it returns. */
#include "web/sio_line.h"

#include "auth/jws.h"
#include "base/fields.h"
#include "base/json_read.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "dialect/registry.h"
#include "hub/deputy.h"
#include "web/asker.h"
#include "web/lobby.h"

#define FIRST_NUMBER 1    /* of a line: others have the smaller ones */
#define USER_BYTES   4096 /* of JSON; a name counts, and is checked by itself */

struct sio_line {
    struct line line;
    struct sio_app app;
    struct sio_namespace *nsp;
    struct lobby *lobby;
};

struct sio_lines {
    struct sio_line at[REGISTRY_NAMESPACES];
};

/* ---- what is said to it ---- */

static struct sio_socket *socket_of(const struct session *s)
{
    return s->carrier;
}

static struct frame *on_encode(
    const struct line *line, struct slice name, struct slice json, bool is_lasting)
{
    const struct sio_line *l = CONTAINER_OF(line, const struct sio_line, line);
    return (struct frame *)sio_event_new(l->nsp, name, json, is_lasting);
}

static void on_ref(struct frame *f)
{
    sio_message_ref((struct sio_message *)f);
}

static void on_unref(struct frame *f)
{
    sio_message_unref((struct sio_message *)f);
}

static void on_send(struct session *s, struct frame *f)
{
    sio_send(socket_of(s), (struct sio_message *)f);
}

static bool on_is_slow(const struct session *s)
{
    return sio_is_slow(socket_of(s));
}

static void on_end(struct session *s, int err)
{
    (void)err; /* it was told */
    sio_disconnect(socket_of(s), false);
}

static void on_answer(struct session *s, uint64_t ack_id, struct slice json)
{
    const struct sio_event event = { .ack_id = ack_id };
    sio_answer(socket_of(s), &event, json);
}

/* ---- who it is ---- */

struct greeting {
    struct slice token;
    struct slice user; /* of clients that send one instead of a token: its name counts */
};

static const struct field greeting_list[] = {
    { .name = "token",
        FIELD_MEMBER(struct greeting, token),
        .type = FIELD_STR,
        .max = JWS_MAX_BYTES,
        .help = "who the client is" },
    { .name = "user",
        FIELD_MEMBER(struct greeting, user),
        .type = FIELD_RAW,
        .max = USER_BYTES,
        .help = "what a guest is called: a name, or an object with one" },
};
static const struct fields greeting_fields = FIELDS(greeting_list);

struct named {
    struct slice name;
};

static const struct field named_list[] = {
    { .name = "name",
        .aliases = { "displayName", "userName", "username" },
        FIELD_MEMBER(struct named, name),
        .type = FIELD_STR,
        .max = ROOM_NAME_MAX,
        .trim = true,
        .one_line = true,
        .help = "the name" },
};
static const struct fields named_fields = FIELDS(named_list);

static struct slice guest_name(const struct greeting *g, struct arena *arena)
{
    struct json_value v;
    struct named named = { 0 };
    struct field_error ignored;
    struct slice name = S("");
    if (g->user.len == 0 || json_read_whole(&v, g->user, arena))
        return name;
    if (v.type == JSON_OBJECT && !fields_decode(&named, &ignored, arena, &named_fields, g->user))
        return named.name;
    return v.type == JSON_STRING && !json_text(&name, arena, &v) ? name : S("");
}

struct visitor {
    struct asker asker;
    struct slice name; /* of a guest */
};

static int find_visitor(
    struct visitor *out, const struct lobby *lobby, const struct sio_greeting *hello)
{
    struct greeting g = { 0 };
    struct field_error ignored;
    *out = (struct visitor){ .name = S("") };
    if (hello->auth.len > 0 &&
        fields_decode(&g, &ignored, hello->arena, &greeting_fields, hello->auth)) {
        out->asker.why = "The token is not a text of at most 4096 characters.";
        return ERR_UNAUTHORIZED;
    }
    out->name = guest_name(&g, hello->arena);
    return asker_judge(&out->asker, hello->arena, lobby->hub, g.token, hello->cookie);
}

static int may_connect(void *app_arg, struct sio_greeting *hello)
{
    const struct sio_line *l = app_arg;
    struct visitor visitor;
    int err = find_visitor(&visitor, l->lobby, hello);
    if (err == ERR_UNAUTHORIZED) {
        hello->message = slice_str(visitor.asker.why);
        hello->data = S("{\"code\":\"UNAUTHORIZED\"}");
    }
    return err;
}

/* Whoever knows the secret of a socket that was lost must be who that was; a guest is nobody else
 * than the one who knows it. */
static bool may_return(struct sio_socket *socket, const struct sio_greeting *hello)
{
    const struct sio_line *l = sio_app_arg(socket);
    const struct session *s = sio_data(socket);
    struct visitor visitor;
    if (!s || find_visitor(&visitor, l->lobby, hello))
        return false;
    if (!visitor.asker.is_known)
        return s->identity.token_id.len == 0;
    return slice_eq(visitor.asker.who.user_id, s->identity.user_id);
}

/* ---- its life ---- */

static struct sio_line *line_of(const struct sio_socket *s)
{
    return sio_app_arg(s);
}

/* The token may be another one than the socket had before. */
static void come_back(struct session *s, const struct visitor *visitor)
{
    if (visitor->asker.is_known && session_identify(s, &visitor->asker.who))
        log_debug(LOG_SIO, "a token could not be kept");
    session_regain(s);
}

static void on_connect(struct sio_socket *socket, const struct sio_greeting *hello)
{
    struct sio_line *l = line_of(socket);
    struct visitor visitor;
    struct session *s = sio_data(socket);
    if (find_visitor(&visitor, l->lobby, hello)) {
        sio_disconnect(socket, false);
        return;
    }
    if (s) {
        come_back(s, &visitor);
        return;
    }
    struct session_options o = {
        .hub = l->lobby->hub,
        .line = &l->line,
        .dialect = study_language.dialect,
        .carrier = socket,
        .id = sio_id(socket),
        .identity = visitor.asker.is_known ? &visitor.asker.who : NULL,
        .guest_name = visitor.name,
        .peer = hello->peer,
    };
    if (session_new(&s, &o))
        sio_disconnect(socket, false);
    else
        sio_set_data(socket, s);
}

static void end(struct sio_socket *socket)
{
    struct session *s = sio_data(socket);
    if (!s)
        return;
    dispatch_drop(line_of(socket)->lobby->socket, s);
    session_end(s);
    sio_set_data(socket, NULL);
}

static void on_disconnect(struct sio_socket *socket, const char *reason)
{
    struct session *s = sio_data(socket);
    (void)reason;
    if (s && sio_is_lost(socket))
        session_lose(s);
    else
        end(socket);
}

/* The first argument counts; who sends none sends nothing. */
static struct slice first_argument(const struct sio_event *e)
{
    struct json j;
    struct json_value v;
    json_init_known(&j, e->args, e->arena);
    return json_next_whole(&v, &j) > JSON_END ? json_source(&v) : S("");
}

/* What is kept and told is JSON: bytes would be lost on the way. */
static void on_event(struct sio_socket *socket, const struct sio_event *e)
{
    struct dispatch *d = line_of(socket)->lobby->socket;
    struct session *s = sio_data(socket);
    uint64_t ack_id = e->ack_id == SIO_NO_ACK ? TONGUE_NO_ACK : e->ack_id;
    if (!s)
        return;
    if (e->n_attachments > 0)
        dispatch_refuse(d, s, e->name, S("Binary data is not taken: send it as text."), ack_id);
    else
        dispatch_message(d, s, e->name, first_argument(e), ack_id);
}

/* ---- to another loop ---- */

static bool on_move(struct session *s, unsigned place)
{
    return sio_move(socket_of(s), place);
}

static int may_leave(const struct sio_socket *socket)
{
    const struct session *s = sio_data(socket);
    return s ? dispatch_may_leave(s) : 0;
}

static void on_stay(struct sio_socket *socket)
{
    struct session *s = sio_data(socket);
    if (s)
        dispatch_stay(s);
}

static void on_leave(struct sio_socket *socket)
{
    struct session *s = sio_data(socket);
    if (s)
        dispatch_leave(s);
}

/* Where there is no place for the session, the socket ends as well. */
static int on_enter(struct sio_socket *socket)
{
    struct sio_line *l = line_of(socket);
    struct session *s = sio_data(socket);
    int err = s ? dispatch_enter(l->lobby->socket, s, &l->line) : 0;
    if (err)
        sio_set_data(socket, NULL);
    return err;
}

/* ---- the namespaces ---- */

static void open_line(struct sio_line *l, struct sio_server *server, const char *name)
{
    l->line.name = name;
    l->app = (struct sio_app){
        .name = name,
        .may_connect = may_connect,
        .may_return = may_return,
        .on_connect = on_connect,
        .on_event = on_event,
        .on_disconnect = on_disconnect,
        .on_forget = end,
        .may_leave = may_leave,
        .on_stay = on_stay,
        .on_leave = on_leave,
        .on_enter = on_enter,
        .arg = l,
    };
    ASSERT(sio_register(server, &l->app) == 0);
    l->nsp = sio_find_namespace(server, slice_str(name));
}

struct sio_lines *sio_lines_new(struct sio_server *server, struct lobby *lobby)
{
    struct sio_lines *lines = xalloc(sizeof *lines);
    for (unsigned i = 0; i < REGISTRY_NAMESPACES; i++) {
        lines->at[i] = (struct sio_line){
            .line = { .number = FIRST_NUMBER + i,
                .encode = on_encode,
                .ref = on_ref,
                .unref = on_unref,
                .send = on_send,
                .is_slow = on_is_slow,
                .answer = on_answer,
                .end = on_end,
                .move = on_move },
            .lobby = lobby,
        };
        open_line(&lines->at[i], server, registry_namespaces[i]);
        hub_add_line(lobby->hub, &lines->at[i].line);
    }
    return lines;
}

void sio_lines_free(struct sio_lines *l)
{
    xfree(l);
}
