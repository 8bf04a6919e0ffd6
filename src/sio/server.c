/* A client's messages come here from its session: text is a packet, binary an attachment of the
 * packet before. What the protocol forbids is an error, for which the engine ends the session. */
#include "sio/server.h"

#include "base/base64.h"
#include "base/json_write.h"
#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "sio/parts.h"

#define QUERY_MAX_BYTES 4096u
#define ARENA_ROOM      4096u /* beside the packet itself: escaped names, large objects' keys */
#define MOST_FOLLOWS    2     /* to the loop that a pid names, and from there */

static void make_map(struct map *m)
{
    map_init(m, (struct map_key){ .k0 = random_u64(), .k1 = random_u64() });
}

void sio_make_id(char id[SIO_ID_BYTES])
{
    char bytes[SIO_ID_BYTES / 4 * 3];
    random_bytes(bytes, sizeof bytes);
    base64_encode(id, slice_of(bytes, sizeof bytes), BASE64_URL);
}

/* Offsets count up, so that no two are alike while the server lives; whoever asks for one that was
 * never sent to it finds nothing in its own history. */
void sio_make_offset(char offset[SIO_OFFSET_BYTES], struct sio_server *server)
{
    uint64_t n = server->next_offset++;
    for (unsigned i = SIO_OFFSET_BYTES; i > 0; i--) {
        offset[i - 1] = "0123456789abcdef"[n % 16];
        n /= 16;
    }
}

void sio_send_packet(struct sio_client *c, enum sio_type type, struct slice nsp, struct slice json)
{
    struct buf text;
    buf_init(&text, SIO_ANSWER_BYTES + nsp.len + json.len);
    sio_write_head(&text, type, 0, nsp, SIO_NO_ACK);
    buf_add_slice(&text, json);
    struct blob *frame = buf_err(&text) ? NULL : eio_text_frame(buf_slice(&text));
    if (frame && c->session)
        eio_send(c->session, frame);
    blob_unref(frame);
    buf_fini(&text);
}

/* ---- packets that wait ---- */

static void free_held(struct sio_client *c)
{
    while (!list_is_empty(&c->held))
        xfree(CONTAINER_OF(list_pop(&c->held), struct sio_held, link));
    c->held_bytes = 0;
}

static int hold(struct sio_client *c, struct link *before, struct slice bytes, bool is_binary)
{
    size_t size = sizeof(struct sio_held) + bytes.len;
    if (size > SIO_HELD_BYTES - c->held_bytes)
        return ERR_TOO_BIG;
    struct sio_held *h = xtry(NULL, size);
    if (!h)
        return ERR_NO_MEMORY;
    *h = (struct sio_held){ .is_binary = is_binary, .len = bytes.len };
    link_init(&h->link);
    if (bytes.len > 0)
        memcpy(h->bytes, bytes.p, bytes.len);
    list_push(before, &h->link);
    c->held_bytes += size;
    return 0;
}

/* ---- clients ---- */

static void destroy_client(void *arg)
{
    struct sio_client *c = arg;
    CHECK_MAGIC(c, SIO_CLIENT_MAGIC);
    blob_unref(c->query);
    blob_unref(c->cookie);
    c->magic = 0;
    xfree(c);
}

static void on_connect_timeout(void *arg)
{
    struct sio_client *c = arg;
    eio_close(c->session, EIO_SERVER_CLOSE);
}

void sio_arm_connect(struct sio_client *c)
{
    const struct sio_server *server = c->server;
    loop_arm(server->loop, &c->connect, server->settings->connect_timeout_ms * UINT64_C(1000));
}

static void *on_open(void *server_arg, struct eio_session *session, const struct eio_opening *o)
{
    struct sio_server *server = server_arg;
    struct sio_client *c = xalloc(sizeof *c);
    c->magic = SIO_CLIENT_MAGIC;
    c->server = server;
    c->session = session;
    c->peer = o->peer;
    c->is_secure = o->is_secure;
    c->query = blob_copy(slice_take(o->query, QUERY_MAX_BYTES));
    if (o->cookie.len > 0)
        c->cookie = blob_copy(o->cookie);
    link_init(&c->sockets);
    link_init(&c->held);
    timer_init(&c->connect, on_connect_timeout, c);
    task_init(&c->free_task, destroy_client, c);
    sio_arm_connect(c);
    return c;
}

static void free_pending(struct sio_client *c)
{
    struct sio_pending *p = c->pending;
    c->pending = NULL;
    if (!p)
        return;
    for (unsigned i = 0; i < p->have; i++)
        blob_unref(p->attachments[i]);
    buf_fini(&p->text);
    xfree(p);
}

static void on_close(void *arg, enum eio_reason reason)
{
    struct sio_client *c = arg;
    CHECK_MAGIC(c, SIO_CLIENT_MAGIC);
    c->session = NULL;
    sio_move_cancel(c);
    loop_disarm(c->server->loop, &c->connect);
    free_pending(c);
    free_held(c);
    struct link *link;
    while ((link = c->sockets.next) != &c->sockets) {
        struct sio_socket *s = CONTAINER_OF(link, struct sio_socket, link);
        /* A client that broke the protocol does not get its place back. */
        if (reason == EIO_PARSE_ERROR)
            sio_socket_close(s, eio_reason_text(reason));
        else
            sio_socket_lose(s, eio_reason_text(reason));
    }
    loop_free_later(c->server->loop, &c->free_task);
}

/* ---- packets ---- */

static void refuse(struct sio_client *c, struct slice nsp)
{
    sio_send_packet(c, SIO_CONNECT_ERROR, nsp, S("{\"message\":\"Invalid namespace\"}"));
}

/* To the loop where its socket was lost; at the end of the second way at most it connects. */
static bool is_led_elsewhere(struct sio_client *c, struct slice auth, struct arena *arena)
{
    unsigned place = sio_recall_place(c->server, auth, arena);
    bool is_far = place != c->server->engine->place && c->n_follows < MOST_FOLLOWS;
    bool is_led = is_far && sio_move_client(c, place);
    c->n_follows = is_led ? c->n_follows + 1 : 0;
    return is_led;
}

/* ERR_AGAIN: when it is elsewhere. */
static int connect_to(struct sio_client *c, const struct sio_packet *p, struct arena *arena)
{
    if (sio_client_socket(c, p->nsp))
        return ERR_PROTOCOL;
    if (is_led_elsewhere(c, p->data, arena))
        return ERR_AGAIN;
    struct sio_namespace *n = sio_find_namespace(c->server, p->nsp);
    if (n)
        sio_socket_open(c, n, p->data, arena);
    else
        refuse(c, p->nsp);
    return 0;
}

static int act(struct sio_client *c, const struct sio_packet *p, const struct slice *attachments,
    struct arena *arena)
{
    if (p->type == SIO_CONNECT)
        return connect_to(c, p, arena);
    struct sio_socket *s = sio_client_socket(c, p->nsp);
    if (!s || p->type == SIO_CONNECT_ERROR)
        return ERR_PROTOCOL;
    if (p->type == SIO_DISCONNECT)
        sio_socket_close(s, "client namespace disconnect");
    else if (p->type == SIO_EVENT || p->type == SIO_BINARY_EVENT)
        sio_socket_on_event(s, p, attachments, arena);
    else
        sio_socket_on_ack(s, p, attachments, arena);
    return 0;
}

static int wait_for_attachments(struct sio_client *c, struct slice text, unsigned n)
{
    struct sio_pending *p = xalloc(sizeof *p);
    buf_init(&p->text, text.len);
    buf_add_slice(&p->text, text);
    p->want = n;
    c->pending = p;
    return buf_err(&p->text);
}

static int on_text(struct sio_client *c, struct slice text, struct arena *arena)
{
    struct sio_packet packet;
    if (c->pending)
        return ERR_PROTOCOL; /* an attachment was due */
    int err = sio_read(&packet, arena, text);
    if (err)
        return err;
    if (packet.n_attachments)
        return wait_for_attachments(c, text, packet.n_attachments);
    err = act(c, &packet, NULL, arena);
    return err == ERR_AGAIN ? hold(c, c->held.next, text, false) : err;
}

/* The packet was read before, so it reads again. */
static int complete(struct sio_client *c, struct arena *arena)
{
    struct sio_pending *p = c->pending;
    struct sio_packet packet;
    struct slice attachments[SIO_MAX_ATTACHMENTS];
    c->pending = NULL;
    int err = sio_read(&packet, arena, buf_slice(&p->text));
    for (unsigned i = 0; i < p->have; i++)
        attachments[i] = blob_slice(p->attachments[i]);
    if (!err)
        err = act(c, &packet, attachments, arena);
    for (unsigned i = 0; i < p->have; i++)
        blob_unref(p->attachments[i]);
    buf_fini(&p->text);
    xfree(p);
    return err;
}

static int on_attachment(struct sio_client *c, struct slice bytes, struct arena *arena)
{
    struct sio_pending *p = c->pending;
    if (!p)
        return ERR_PROTOCOL;
    p->attachments[p->have] = blob_copy(bytes);
    if (!p->attachments[p->have])
        return ERR_NO_MEMORY;
    p->have++;
    return p->have == p->want ? complete(c, arena) : 0;
}

static int receive(struct sio_client *c, struct slice data, bool is_binary)
{
    struct arena arena;
    size_t text_len = c->pending ? c->pending->text.len : data.len;
    arena_init(&arena, 2 * text_len + ARENA_ROOM);
    int err = is_binary ? on_attachment(c, data, &arena) : on_text(c, data, &arena);
    arena_fini(&arena);
    return err;
}

static int on_message(void *arg, struct slice data, bool is_binary)
{
    struct sio_client *c = arg;
    CHECK_MAGIC(c, SIO_CLIENT_MAGIC);
    if (!list_is_empty(&c->held))
        return hold(c, &c->held, data, is_binary);
    return receive(c, data, is_binary);
}

/* One of them may lead it away again. */
void sio_go_on(struct sio_client *c)
{
    while (c->session && !c->move && !list_is_empty(&c->held)) {
        struct sio_held *h = CONTAINER_OF(list_pop(&c->held), struct sio_held, link);
        c->held_bytes -= sizeof *h + h->len;
        int err = receive(c, slice_of(h->bytes, h->len), h->is_binary);
        xfree(h);
        if (err && c->session)
            eio_abort(eio_carrier(c->session), EIO_PARSE_ERROR);
    }
}

static const struct eio_user sio_engine_user = {
    .name = "socket.io",
    .on_open = on_open,
    .on_message = on_message,
    .on_close = on_close,
};

/* ---- the server ---- */

struct sio_server *sio_server_new(struct eio_server *engine, const struct sio_settings *settings)
{
    struct sio_server *server = xalloc(sizeof *server);
    server->engine = engine;
    server->loop = engine->loop;
    server->settings = settings;
    server->next_offset = random_u64();
    make_map(&server->namespaces);
    sio_recovery_init(server);
    eio_server_set_user(engine, &sio_engine_user, server);
    return server;
}

void sio_server_free(struct sio_server *server)
{
    uint32_t at = 0;
    struct sio_namespace *n;
    if (!server)
        return;
    sio_recovery_fini(server);
    while ((n = map_next(&server->namespaces, &at))) {
        ASSERT(n->sockets.n == 0 && n->rooms.n == 0);
        map_fini(&n->sockets);
        map_fini(&n->rooms);
        xfree(n);
    }
    map_fini(&server->namespaces);
    server->engine->user_arg = NULL;
    xfree(server);
}

int sio_register(struct sio_server *server, const struct sio_app *app)
{
    struct slice name = slice_str(app->name);
    void *old;
    if (sio_find_namespace(server, name))
        return ERR_CONFLICT;
    struct sio_namespace *n = xalloc(sizeof *n);
    n->name = name;
    n->app = app;
    n->server = server;
    make_map(&n->sockets);
    make_map(&n->rooms);
    int err = map_put(&server->namespaces, n->name, n, &old);
    if (err)
        xfree(n);
    return err;
}

struct sio_namespace *sio_find_namespace(struct sio_server *server, struct slice name)
{
    return map_find(&server->namespaces, name);
}

struct sio_socket *sio_find(const struct sio_namespace *n, struct slice id)
{
    struct sio_socket *s = map_find(&n->sockets, id);
    return s && s->client ? s : NULL;
}
