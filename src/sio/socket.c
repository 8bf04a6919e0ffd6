/* A socket's life: the greeting, what is sent to it, its questions and answers, its end. */
#include "base/json_write.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "sio/parts.h"

#define ID_FIELD_BYTES 128

/* A question that waits for its answer. */
struct ask {
    struct link link; /* socket->asks */
    uint64_t id;
    struct timer timer;
    struct sio_socket *socket;
    sio_ack_fn *fn;
    void *arg;
};

static bool is_recovering(const struct sio_server *server)
{
    return server->settings->recovery_ms > 0;
}

/* ---- the end ---- */

static void destroy(void *arg)
{
    struct sio_socket *s = arg;
    CHECK_MAGIC(s, SIO_SOCKET_MAGIC);
    s->magic = 0;
    history_fini(&s->history);
    xfree(s);
}

static void end_ask(struct ask *a, int err, const struct sio_event *answer)
{
    sio_ack_fn *fn = a->fn;
    void *arg = a->arg;
    link_leave(&a->link);
    loop_disarm(a->socket->nsp->server->loop, &a->timer);
    xfree(a);
    fn(arg, err, answer);
}

static void end_asks(struct sio_socket *s)
{
    while (!list_is_empty(&s->asks))
        end_ask(CONTAINER_OF(s->asks.next, struct ask, link), ERR_CLOSED, NULL);
}

static void leave_client(struct sio_socket *s)
{
    CHECK_MAGIC(s, SIO_SOCKET_MAGIC);
    s->client = NULL;
    link_leave(&s->link);
}

void sio_socket_forget(struct sio_socket *s)
{
    map_remove(&s->nsp->sockets, sio_id(s));
    sio_note_end(s);
    sio_leave_all(s);
    loop_free_later(s->nsp->server->loop, &s->free_task);
}

static void tell_application(struct sio_socket *s, const char *reason)
{
    const struct sio_app *app = s->nsp->app;
    end_asks(s);
    if (app->on_disconnect)
        app->on_disconnect(s, reason);
    if (!s->is_lost || !app->on_forget)
        s->data = NULL;
}

void sio_socket_close(struct sio_socket *s, const char *reason)
{
    leave_client(s);
    sio_socket_forget(s);
    tell_application(s, reason);
}

void sio_socket_lose(struct sio_socket *s, const char *reason)
{
    leave_client(s);
    if (!sio_remember(s))
        sio_socket_forget(s);
    tell_application(s, reason);
}

void sio_disconnect(struct sio_socket *s, bool is_all)
{
    struct sio_client *c = s->client;
    if (s->is_lost)
        sio_give_up(s);
    if (!c)
        return;
    if (!is_all) {
        sio_send_packet(c, SIO_DISCONNECT, s->nsp->name, S(""));
        sio_socket_close(s, "server namespace disconnect");
        return;
    }
    struct eio_session *session = c->session;
    while (!list_is_empty(&c->sockets)) {
        struct sio_socket *each = CONTAINER_OF(c->sockets.next, struct sio_socket, link);
        sio_send_packet(c, SIO_DISCONNECT, each->nsp->name, S(""));
        sio_socket_close(each, "server namespace disconnect");
    }
    if (session)
        eio_close(session, EIO_SERVER_CLOSE);
}

/* ---- the greeting ---- */

static void refuse(struct sio_client *c, const struct sio_namespace *n,
    const struct sio_greeting *greeting, int err)
{
    struct json_writer w;
    struct buf json;
    struct slice message = greeting->message;
    buf_init(&json, SIO_ANSWER_BYTES + greeting->data.len);
    jw_init(&w, &json);
    jw_object(&w);
    jw_field_str(&w, "message", message.len ? message : slice_str(err_info(err)->text));
    if (greeting->data.len) {
        jw_key(&w, S("data"));
        jw_raw(&w, greeting->data);
    }
    jw_end(&w);
    sio_send_packet(c, SIO_CONNECT_ERROR, n->name, buf_slice(&json));
    buf_fini(&json);
}

static void welcome(struct sio_socket *s)
{
    struct json_writer w;
    struct buf json;
    buf_init(&json, ID_FIELD_BYTES);
    jw_init(&w, &json);
    jw_object(&w);
    jw_field_str(&w, "sid", sio_id(s));
    if (is_recovering(s->nsp->server))
        jw_field_str(&w, "pid", slice_of(s->pid, sizeof s->pid));
    jw_end(&w);
    sio_send_packet(s->client, SIO_CONNECT, s->nsp->name, buf_slice(&json));
    buf_fini(&json);
}

static struct sio_socket *make(struct sio_namespace *n)
{
    struct sio_socket *s = xalloc(sizeof *s);
    void *old;
    s->magic = SIO_SOCKET_MAGIC;
    s->nsp = n;
    link_init(&s->rooms);
    link_init(&s->asks);
    link_init(&s->link);
    task_init(&s->free_task, destroy, s);
    history_init(&s->history);
    sio_make_id(s->id);
    sio_make_pid(s->pid, n->server);
    if (map_put(&n->sockets, sio_id(s), s, &old)) {
        xfree(s);
        return NULL;
    }
    return s;
}

static void send_parts(struct sio_socket *s, const struct sio_message *m)
{
    struct eio_session *session = s->client->session;
    for (unsigned i = 0; session && i < m->n_parts; i++)
        eio_send(session, m->parts[i]);
}

/* What was missed goes out before the welcome: the client holds it back until then. */
static void enter(struct sio_client *c, struct sio_socket *s, unsigned missed)
{
    loop_disarm(s->nsp->server->loop, &c->connect);
    s->client = c;
    list_push(&c->sockets, &s->link);
    for (unsigned back = missed; back > 0; back--)
        send_parts(s, history_at(&s->history, back - 1));
    welcome(s);
}

void sio_socket_open(
    struct sio_client *c, struct sio_namespace *n, struct slice auth, struct arena *arena)
{
    unsigned missed = 0;
    struct sio_socket *s = sio_recall(&missed, n, auth, arena);
    struct sio_greeting greeting = {
        .auth = auth,
        .query = c->query ? blob_slice(c->query) : S(""),
        .cookie = c->cookie ? blob_slice(c->cookie) : S(""),
        .peer = c->peer,
        .is_secure = c->is_secure,
        .is_recovered = s != NULL,
        .arena = arena,
    };
    if (s && n->app->may_return && !n->app->may_return(s, &greeting)) {
        s = NULL;
        greeting.is_recovered = false;
    }
    int err = n->app->may_connect ? n->app->may_connect(n->app->arg, &greeting) : 0;
    if (!err && s)
        sio_regain(s);
    else if (!err)
        err = (s = make(n)) ? 0 : ERR_NO_MEMORY;
    if (err) {
        refuse(c, n, &greeting, err);
        return;
    }
    enter(c, s, greeting.is_recovered ? missed : 0);
    if (n->app->on_connect)
        n->app->on_connect(s, &greeting);
}

struct sio_socket *sio_client_socket(const struct sio_client *c, struct slice nsp)
{
    LIST_EACH(link, &c->sockets) {
        struct sio_socket *s = CONTAINER_OF(link, struct sio_socket, link);
        if (slice_eq(s->nsp->name, nsp))
            return s;
    }
    return NULL;
}

/* ---- what it says ---- */

static struct sio_event event_of(
    const struct sio_packet *p, const struct slice *attachments, struct arena *arena)
{
    return (struct sio_event){
        .name = p->name,
        .args = p->args,
        .attachments = attachments,
        .n_attachments = p->n_attachments,
        .ack_id = p->ack_id,
        .arena = arena,
    };
}

void sio_socket_on_event(struct sio_socket *s, const struct sio_packet *p,
    const struct slice *attachments, struct arena *arena)
{
    const struct sio_event event = event_of(p, attachments, arena);
    s->nsp->app->on_event(s, &event);
}

/* An answer to nothing that was asked is ignored: it may have come too late. */
void sio_socket_on_ack(struct sio_socket *s, const struct sio_packet *p,
    const struct slice *attachments, struct arena *arena)
{
    LIST_EACH(link, &s->asks) {
        struct ask *a = CONTAINER_OF(link, struct ask, link);
        if (a->id != p->ack_id)
            continue;
        const struct sio_event answer = event_of(p, attachments, arena);
        end_ask(a, 0, &answer);
        return;
    }
}

/* ---- what is said to it ---- */

void sio_send(struct sio_socket *s, struct sio_message *m)
{
    if (!s->client) {
        sio_note_missed(s, m);
        return;
    }
    if (m->is_remembered)
        history_add(&s->history, m);
    send_parts(s, m);
}

void sio_send_volatile(struct sio_socket *s, struct sio_message *m)
{
    const struct eio_session *session = s->client ? s->client->session : NULL;
    if (session && eio_is_writable(session))
        sio_send(s, m);
}

static struct sio_message *encode(struct sio_namespace *n, struct sio_emission *e, bool is_lasting)
{
    char offset[SIO_OFFSET_BYTES];
    e->nsp = n->name;
    if (is_lasting && is_recovering(n->server)) {
        sio_make_offset(offset, n->server);
        e->offset = offset;
    }
    return sio_message_new(e);
}

struct sio_message *sio_event_new(
    struct sio_namespace *n, struct slice name, struct slice args, bool is_lasting)
{
    struct sio_emission e = { .type = SIO_EVENT, .name = name, .args = args, .ack_id = SIO_NO_ACK };
    return encode(n, &e, is_lasting);
}

struct sio_message *sio_binary_event_new(
    struct sio_namespace *n, const struct sio_event *like, bool is_lasting)
{
    struct sio_emission e = {
        .type = SIO_EVENT,
        .name = like->name,
        .args = like->args,
        .ack_id = SIO_NO_ACK,
        .attachments = like->attachments,
        .n_attachments = like->n_attachments,
    };
    return encode(n, &e, is_lasting);
}

static void send_once(struct sio_socket *s, struct sio_message *m)
{
    if (m)
        sio_send(s, m);
    sio_message_unref(m);
}

void sio_emit(struct sio_socket *s, struct slice name, struct slice args)
{
    send_once(s, sio_event_new(s->nsp, name, args, true));
}

void sio_answer_binary(struct sio_socket *s, const struct sio_event *event, struct slice args,
    const struct slice *attachments, unsigned n_attachments)
{
    struct sio_emission e = {
        .type = SIO_ACK,
        .args = args,
        .ack_id = event->ack_id,
        .attachments = attachments,
        .n_attachments = n_attachments,
    };
    if (event->ack_id != SIO_NO_ACK)
        send_once(s, encode(s->nsp, &e, false));
}

void sio_answer(struct sio_socket *s, const struct sio_event *event, struct slice args)
{
    sio_answer_binary(s, event, args, NULL, 0);
}

static void on_ask_timeout(void *arg)
{
    end_ask(arg, ERR_TIMEOUT, NULL);
}

void sio_ask(struct sio_socket *s, struct slice name, struct slice args, uint32_t timeout_ms,
    sio_ack_fn *fn, void *arg)
{
    struct sio_emission e = {
        .type = SIO_EVENT, .name = name, .args = args, .ack_id = s->nsp->next_ack_id++
    };
    if (!s->client) {
        fn(arg, ERR_CLOSED, NULL);
        return;
    }
    struct ask *a = xalloc(sizeof *a);
    a->id = e.ack_id;
    a->socket = s;
    a->fn = fn;
    a->arg = arg;
    timer_init(&a->timer, on_ask_timeout, a);
    list_push(&s->asks, &a->link);
    loop_arm(s->nsp->server->loop, &a->timer, timeout_ms * UINT64_C(1000));
    send_once(s, encode(s->nsp, &e, false));
}

/* ---- what it is ---- */

struct slice sio_id(const struct sio_socket *s)
{
    return slice_of(s->id, sizeof s->id);
}

struct sio_namespace *sio_namespace(const struct sio_socket *s)
{
    return s->nsp;
}

void *sio_app_arg(const struct sio_socket *s)
{
    return s->nsp->app->arg;
}

bool sio_is_lost(const struct sio_socket *s)
{
    return s->is_lost;
}

bool sio_is_slow(const struct sio_socket *s)
{
    const struct eio_session *session = s->client ? s->client->session : NULL;
    return !session || eio_is_slow(session);
}

void *sio_data(const struct sio_socket *s)
{
    return s->data;
}

void sio_set_data(struct sio_socket *s, void *data)
{
    s->data = data;
}
