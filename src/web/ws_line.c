#include "web/ws_line.h"

#include "base/panic.h"
#include "base/xalloc.h"
#include "dialect/registry.h"
#include "web/asker.h"
#include "web/front.h"
#include "web/lobby.h"
#include "web/reply.h"
#include "web/ws_conn.h"

#define CLIENT_MAGIC 0x57534c43u
#define LINE_NUMBER  0

/* One connection. */
struct ws_client {
    uint32_t magic;
    struct dispatch *dispatch;
    struct ws_conn *ws;
    struct session *session; /* NULL: it has not begun, or ended */
    char room_id[ROOM_ID_MAX + 1];
};

/* ---- what is said to it ---- */

static struct ws_client *client_of(const struct session *s)
{
    struct ws_client *c = s->carrier;
    CHECK_MAGIC(c, CLIENT_MAGIC);
    return c;
}

static struct frame *on_encode(const struct line *line, struct slice name, struct slice json)
{
    (void)line;
    (void)name; /* the JSON says it */
    return (struct frame *)ws_frame(WS_TEXT, json);
}

static void on_unref(struct frame *f)
{
    blob_unref((struct blob *)f);
}

static void on_send(struct session *s, struct frame *f)
{
    ws_conn_send(client_of(s)->ws, (struct blob *)f);
}

static bool on_is_slow(const struct session *s)
{
    return ws_conn_is_slow(client_of(s)->ws);
}

/* The session is gone at once; the connection when the client has heard why. */
static void on_end(struct session *s, int err)
{
    struct ws_client *c = client_of(s);
    const struct err_info *info = err_info(err);
    dispatch_drop(c->dispatch, s);
    session_end(s);
    c->session = NULL;
    ws_conn_close(c->ws, (unsigned)info->ws_close, slice_str(info->text));
}

static const struct line ws_line = {
    .name = "websocket",
    .number = LINE_NUMBER,
    .encode = on_encode,
    .unref = on_unref,
    .send = on_send,
    .is_slow = on_is_slow,
    .end = on_end,
};

/* ---- what it says ---- */

static const struct refusal not_text = { .err = ERR_UNSUPPORTED_MEDIA,
    .text = SLICE("Send messages as text frames, each one JSON object.") };

static void on_message(void *arg, struct ws_conn *ws, enum ws_op op, struct slice payload)
{
    struct ws_client *c = arg;
    CHECK_MAGIC(c, CLIENT_MAGIC);
    (void)ws;
    if (!c->session)
        return;
    if (op == WS_TEXT)
        dispatch_typed(c->dispatch, c->session, payload);
    else
        session_refuse(c->session, c->session->dialect, &not_text, TONGUE_NO_ACK);
}

static void on_close(void *arg, struct ws_conn *ws, int err)
{
    struct ws_client *c = arg;
    (void)ws;
    (void)err;
    CHECK_MAGIC(c, CLIENT_MAGIC);
    c->magic = 0;
    if (c->session) {
        dispatch_drop(c->dispatch, c->session);
        session_end(c->session);
    }
    xfree(c);
}

static const struct ws_user ws_line_user = {
    .name = "room",
    .on_message = on_message,
    .on_close = on_close,
};

/* ---- its beginning ---- */

static int begin_session(struct ws_client *c, struct request *r, const struct language *language,
    const struct asker *asker)
{
    struct session_options o = {
        .hub = r->front->lobby->hub,
        .line = &ws_line,
        .dialect = language->dialect,
        .carrier = c,
        .room_id = slice_str(c->room_id),
        .identity = asker->is_known ? &asker->who : NULL,
        .peer = r->peer,
    };
    return session_new(&c->session, &o);
}

/* The request is gone once it is accepted, so the session is made first. */
static struct ws_client *take_in(struct request *r, struct dispatch *dispatch,
    const struct language *language, struct slice room_id, const struct asker *asker)
{
    struct ws_client *c = xalloc(sizeof *c);
    *c = (struct ws_client){ .magic = CLIENT_MAGIC, .dispatch = dispatch };
    memcpy(c->room_id, room_id.p ? room_id.p : "", room_id.len);
    int err = begin_session(c, r, language, asker);
    if (err) {
        xfree(c);
        reply_error(r, err);
        return NULL;
    }
    c->ws = ws_conn_accept(r, &ws_line_user, c);
    if (c->ws)
        return c;
    session_end(c->session);
    c->magic = 0;
    xfree(c);
    return NULL;
}

void ws_line_focus(struct request *r)
{
    struct lobby *lobby = r->front->lobby;
    struct slice room_id = r->params[0];
    struct asker asker;
    int err = asker_find(&asker, r);
    if (err) {
        reply_error_text(r, err, slice_str(asker.why));
        return;
    }
    if (!hub_is_room_id(room_id)) {
        reply_error(r, ERR_ROOM_NOT_FOUND);
        return;
    }
    struct ws_client *c = take_in(r, lobby->focus, &focus_language, room_id, &asker);
    if (c)
        dispatch_message(lobby->focus, c->session, S("connect"), S("{}"), TONGUE_NO_ACK);
}

/* Tokens come with messages; one in the address or a header counts as well. */
void ws_line_proctor(struct request *r)
{
    struct asker asker;
    int err = asker_find(&asker, r);
    if (err && asker.has_token)
        reply_error_text(r, err, slice_str(asker.why));
    else
        take_in(r, r->front->lobby->proctor, &proctor_language, S(""), &asker);
}
