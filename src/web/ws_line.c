/* A client is a WebSocket and a session. When its first room is at another loop, both go there: the
 * message that asked for the room waits, with what comes behind it, and is taken up on arrival. */
#include "web/ws_line.h"

#include "base/panic.h"
#include "base/xalloc.h"
#include "dialect/registry.h"
#include "hub/deputy.h"
#include "web/asker.h"
#include "web/front.h"
#include "web/lobby.h"
#include "web/reply.h"
#include "web/ws_conn.h"

#define CLIENT_MAGIC 0x57534c43u
#define LINE_NUMBER  0

struct ws_move;

/* One connection. */
struct ws_client {
    uint32_t magic;
    struct dispatch *dispatch;
    struct ws_conn *ws;
    struct session *session; /* NULL: it has not begun, or ended */
    struct ws_move *move;    /* NULL: it stays */
    bool has_stayed;         /* it was to go, and could not for too long: not at the next try */
    char room_id[ROOM_ID_MAX + 1];
};

static void move_free(struct ws_move *m);

/* ---- what is said to it ---- */

static struct ws_client *client_of(const struct session *s)
{
    struct ws_client *c = s->carrier;
    CHECK_MAGIC(c, CLIENT_MAGIC);
    return c;
}

static struct frame *on_encode(
    const struct line *line, struct slice name, struct slice json, bool is_lasting)
{
    (void)is_lasting;
    (void)line;
    (void)name; /* the JSON says it */
    return (struct frame *)ws_frame(WS_TEXT, json);
}

static void on_ref(struct frame *f)
{
    blob_ref((struct blob *)f);
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
    move_free(c->move);
    session_end(s);
    c->session = NULL;
    ws_conn_close(c->ws, (unsigned)info->ws_close, slice_str(info->text));
}

static bool on_move(struct session *s, unsigned place);

static const struct line ws_line = {
    .name = "websocket",
    .number = LINE_NUMBER,
    .encode = on_encode,
    .ref = on_ref,
    .unref = on_unref,
    .send = on_send,
    .is_slow = on_is_slow,
    .end = on_end,
    .move = on_move,
};

/* ---- to another loop ---- */

struct ws_move {
    struct mail mail;
    struct task task;
    struct timer again;
    unsigned n_looks;
    struct ws_client *client;
    struct front *from;
    struct front *to;
};

static void move_free(struct ws_move *m)
{
    if (!m)
        return;
    link_leave(&m->task.link);
    loop_disarm(m->from->loop, &m->again);
    m->client->move = NULL;
    xfree(m);
}

/* The dispatcher of the same languages there. */
static struct dispatch *dispatch_at(const struct front *to, const struct ws_move *m)
{
    bool is_focus = m->client->dispatch == m->from->lobby->focus;
    return is_focus ? to->lobby->focus : to->lobby->proctor;
}

static void arrive(struct mail *mail)
{
    struct ws_move *m = CONTAINER_OF(mail, struct ws_move, mail);
    struct ws_client *c = m->client;
    struct ws_conn *ws = c->ws;
    unsigned place = m->to->place;
    c->dispatch = dispatch_at(m->to, m);
    xfree(m);
    int err = dispatch_enter(c->dispatch, c->session, &ws_line);
    if (err)
        c->session = NULL;
    ws_conn_enter(ws, place); /* the client may end within */
    if (err)
        ws_conn_close(ws, (unsigned)err_info(err)->ws_close, slice_str(err_info(err)->text));
}

static void depart(void *arg)
{
    struct ws_move *m = arg;
    struct ws_client *c = m->client;
    int err = dispatch_may_leave(c->session);
    if (!err && !ws_conn_may_leave(c->ws))
        err = ERR_AGAIN;
    uint64_t look_us = err == ERR_AGAIN ? places_look_us(m->n_looks++) : 0;
    if (look_us > 0) {
        loop_arm(m->from->loop, &m->again, look_us);
        return;
    }
    if (err) {
        c->has_stayed = err == ERR_AGAIN;
        move_free(m);
        dispatch_stay(c->session);
        return;
    }
    c->move = NULL;
    dispatch_leave(c->session);
    ws_conn_leave(c->ws);
    m->mail.fn = arrive;
    loop_post(m->to->loop, &m->mail);
}

static bool on_move(struct session *s, unsigned place)
{
    struct ws_client *c = client_of(s);
    struct front *from = ws_conn_front(c->ws);
    if (dispatch_may_leave(s) == ERR_CONFLICT)
        return false;
    if (c->move)
        return c->move->to->place == place;
    if (c->has_stayed) {
        c->has_stayed = false;
        return false;
    }
    struct ws_move *m = xalloc(sizeof *m);
    *m = (struct ws_move){ .client = c, .from = from, .to = from->all->at[place] };
    task_init(&m->task, depart, m);
    timer_init(&m->again, depart, m);
    c->move = m;
    loop_at_end(from->loop, &m->task);
    return true;
}

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
    move_free(c->move);
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

void ws_line_open(struct hub *h)
{
    hub_add_line(h, &ws_line);
}

unsigned ws_line_focus_place(struct request *r)
{
    return places_of(r->front->all->places, r->params[0]);
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
