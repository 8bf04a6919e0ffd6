/* One timer serves a session's heartbeat: it is armed for the next ping, then for the pong's
 * deadline. Deadlines are counted from when they were due, not from when the loop got to them, so
 * that lateness does not add up. Closing removes the session from the map at once; its memory goes
 * at the end of the turn, so that a carrier that is in the middle of a payload only has to look at
 * its own `session`. */
#include "sio/engine.h"

#include "base/base64.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/random.h"
#include "base/xalloc.h"
#include "proto/ws.h"

#define SESSION_MAGIC   0x45494f53u
#define CLOSING_US      (30 * 1000000u) /* for a poll that fetches the goodbye */
#define NUDGE_US        100000u         /* as the original: its client counts what it gets */
#define HANDSHAKE_BYTES 256
#define DECODE_ROOM     1024u /* beside a message's own bytes */

enum phase { OPEN, CLOSING, CLOSED };

struct eio_session {
    uint32_t magic;
    uint8_t phase;
    bool is_asked; /* a ping waits for its pong */
    struct carrier *carrier;
    struct carrier *probe;
    char sid[EIO_SID_BYTES];
    uint64_t seen_places; /* bit n: it was at place n, which knows where it went */
    struct eio_server *server;
    struct link link;
    uint64_t due_us;
    uint64_t probe_due_us;
    struct timer timer;
    struct timer upgrade;
    struct task free_task;
    struct ip admitted;
    void *arg; /* the user's */
};

static const char *const reason_texts[EIO_REASONS] = {
    [EIO_TRANSPORT_CLOSE] = "transport close",
    [EIO_TRANSPORT_ERROR] = "transport error",
    [EIO_PING_TIMEOUT] = "ping timeout",
    [EIO_PARSE_ERROR] = "parse error",
    [EIO_SERVER_CLOSE] = "forced server close",
    [EIO_SERVER_SHUTDOWN] = "server shutting down",
};

const char *eio_reason_text(enum eio_reason reason)
{
    return reason_texts[reason];
}

/* ---- the end ---- */

static void destroy(void *arg)
{
    struct eio_session *s = arg;
    CHECK_MAGIC(s, SESSION_MAGIC);
    s->magic = 0;
    xfree(s);
}

static void let_go(struct carrier **c, enum carrier_end how)
{
    struct carrier *gone = *c;
    *c = NULL;
    if (!gone)
        return;
    gone->session = NULL;
    gone->ops->close(gone, how);
}

/* ---- where it went ---- */

/* It was here, and is there. */
struct trail {
    unsigned place;
    char sid[EIO_SID_BYTES];
};

static struct slice trail_sid(const struct trail *t)
{
    return slice_of(t->sid, sizeof t->sid);
}

static void drop_trail(struct eio_server *e, struct slice sid)
{
    xfree(map_remove(&e->moved, sid));
}

static int leave_trail(struct eio_session *s, unsigned place)
{
    struct eio_server *e = s->server;
    struct trail *t = xtry(NULL, sizeof *t);
    if (!t)
        return ERR_NO_MEMORY;
    t->place = place;
    memcpy(t->sid, s->sid, sizeof t->sid);
    int err = map_put(&e->moved, trail_sid(t), t, NULL);
    if (err)
        xfree(t);
    else
        s->seen_places |= UINT64_C(1) << e->place;
    return err;
}

struct ending {
    struct mail mail;
    struct eio_server *to;
    char sid[EIO_SID_BYTES];
};

static void on_ending(struct mail *mail)
{
    struct ending *n = CONTAINER_OF(mail, struct ending, mail);
    drop_trail(n->to, slice_of(n->sid, sizeof n->sid));
    xfree(n);
}

static void forget_trail(const struct eio_session *s)
{
    const struct eio_servers *all = s->server->all;
    for (unsigned i = 0; i < all->places->n; i++) {
        if (!(s->seen_places >> i & 1) || i == s->server->place)
            continue;
        struct ending *n = xalloc(sizeof *n);
        *n = (struct ending){ .mail = { .fn = on_ending }, .to = all->at[i] };
        memcpy(n->sid, s->sid, sizeof n->sid);
        loop_post(n->to->loop, &n->mail);
    }
}

/* ---- the end of one ---- */

/* The map forgets it, the carriers are let go. */
static void finish(struct eio_session *s, enum carrier_end how)
{
    struct eio_server *e = s->server;
    s->phase = CLOSED;
    map_remove(&e->sessions, eio_sid(s));
    forget_trail(s);
    admission_leave(&e->all->admission, s->admitted);
    link_leave(&s->link);
    loop_disarm(e->loop, &s->timer);
    loop_disarm(e->loop, &s->upgrade);
    let_go(&s->probe, CARRIER_DROP);
    let_go(&s->carrier, how);
    loop_free_later(e->loop, &s->free_task);
}

static void tell_user(struct eio_session *s, enum eio_reason reason)
{
    struct eio_server *e = s->server;
    e->closed[reason]++;
    log_debug(LOG_SIO, "session closed", LOG_STR("reason", eio_reason_text(reason)));
    e->user->on_close(s->arg, reason);
}

/* The peer is gone or not worth talking to. */
static void abandon(struct eio_session *s, enum eio_reason reason, enum carrier_end how)
{
    if (s->phase == CLOSED)
        return;
    bool is_news = s->phase == OPEN;
    finish(s, how);
    if (is_news)
        tell_user(s, reason);
}

void eio_close(struct eio_session *s, enum eio_reason reason)
{
    if (s->phase != OPEN)
        return;
    if (s->carrier->ops->is_reachable(s->carrier)) {
        abandon(s, reason, CARRIER_GOODBYE);
        return;
    }
    s->phase = CLOSING; /* the next poll will be told */
    loop_disarm(s->server->loop, &s->upgrade);
    let_go(&s->probe, CARRIER_DROP);
    loop_arm(s->server->loop, &s->timer, CLOSING_US);
    tell_user(s, reason);
}

/* ---- heartbeat ---- */

static void arm_at(struct eio_session *s, uint64_t due_us)
{
    uint64_t now = loop_now_us(s->server->loop);
    s->due_us = due_us;
    loop_arm(s->server->loop, &s->timer, due_us > now ? due_us - now : 0);
}

static void expect_ping(struct eio_session *s)
{
    const struct eio_settings *settings = s->server->settings;
    s->is_asked = false;
    arm_at(s, loop_now_us(s->server->loop) + settings->ping_interval_ms * UINT64_C(1000));
}

static void send_packet(struct carrier *c, struct slice text)
{
    struct blob *frame = ws_frame(WS_TEXT, text);
    if (frame)
        c->ops->send(c, frame);
    blob_unref(frame);
}

static void on_timer(void *arg)
{
    struct eio_session *s = arg;
    const struct eio_settings *settings = s->server->settings;
    if (s->phase == CLOSING || s->is_asked) {
        abandon(s, EIO_PING_TIMEOUT, CARRIER_GOODBYE);
        return;
    }
    s->is_asked = true;
    arm_at(s, s->due_us + settings->ping_timeout_ms * UINT64_C(1000));
    send_packet(s->carrier, S("2"));
}

/* ---- opening ---- */

static void arm_nudge(struct eio_session *s)
{
    uint64_t now = loop_now_us(s->server->loop);
    uint64_t left_us = s->probe_due_us > now ? s->probe_due_us - now : 0;
    loop_arm(s->server->loop, &s->upgrade, left_us < NUDGE_US ? left_us : NUDGE_US);
}

/* The client goes over when its poll has been answered, so that one is: by a packet that says
 * nothing. */
static void on_upgrade_timer(void *arg)
{
    struct eio_session *s = arg;
    if (s->probe_due_us <= loop_now_us(s->server->loop)) {
        let_go(&s->probe, CARRIER_DROP);
        return;
    }
    if (s->carrier->ops->is_reachable(s->carrier))
        send_packet(s->carrier, S("6"));
    arm_nudge(s);
}

static unsigned birthplace(const struct eio_server *e, struct slice sid)
{
    return places_of(e->all->places, sid);
}

static void make_sid(char sid[EIO_SID_BYTES], const struct eio_server *e)
{
    char bytes[EIO_SID_BYTES / 4 * 3];
    do {
        random_bytes(bytes, sizeof bytes);
        base64_encode(sid, slice_of(bytes, sizeof bytes), BASE64_URL);
    } while (birthplace(e, slice_of(sid, EIO_SID_BYTES)) != e->place);
}

static void send_handshake(struct eio_session *s)
{
    const struct eio_settings *settings = s->server->settings;
    const struct eio_handshake h = {
        .sid = eio_sid(s),
        .can_upgrade = s->carrier->ops->hand_over != NULL,
        .ping_interval_ms = settings->ping_interval_ms,
        .ping_timeout_ms = settings->ping_timeout_ms,
        .max_payload = settings->max_payload,
    };
    struct buf text;
    buf_init(&text, HANDSHAKE_BYTES);
    eio_write_handshake(&text, &h);
    send_packet(s->carrier, buf_slice(&text));
    buf_fini(&text);
}

int eio_open(
    struct eio_session **out, struct eio_server *e, struct carrier *c, const struct eio_opening *o)
{
    void *old;
    int err = admission_enter(&e->all->admission, o->peer);
    if (err)
        return err;
    struct eio_session *s = xalloc(sizeof *s);
    make_sid(s->sid, e);
    err = map_put(&e->sessions, eio_sid(s), s, &old);
    if (err) {
        admission_leave(&e->all->admission, o->peer);
        xfree(s);
        return err;
    }
    s->server = e;
    s->admitted = o->peer;
    s->magic = SESSION_MAGIC;
    s->carrier = c;
    c->session = s;
    timer_init(&s->timer, on_timer, s);
    timer_init(&s->upgrade, on_upgrade_timer, s);
    task_init(&s->free_task, destroy, s);
    list_push(&e->list, &s->link);
    e->opened++;
    expect_ping(s);
    send_handshake(s);
    s->arg = e->user->on_open(e->user_arg, s, o);
    *out = s;
    return 0;
}

unsigned eio_place_of(const struct eio_server *e, struct slice sid)
{
    const struct trail *t = map_find(&e->moved, sid);
    if (map_find(&e->sessions, sid))
        return e->place;
    return t ? t->place : birthplace(e, sid);
}

struct eio_session *eio_find(struct eio_server *e, struct slice sid)
{
    struct eio_session *s = map_find(&e->sessions, sid);
    /* A deadline that has passed counts, even when its timer has not fired yet. */
    if (s && s->phase == OPEN && s->is_asked && s->due_us <= loop_now_us(e->loop)) {
        abandon(s, EIO_PING_TIMEOUT, CARRIER_GOODBYE);
        return NULL;
    }
    return s;
}

/* ---- upgrading ---- */

int eio_attach_probe(struct eio_session *s, struct carrier *c)
{
    bool can_upgrade = s->phase == OPEN && s->carrier->ops->hand_over != NULL;
    if (s->probe || !can_upgrade)
        return ERR_CONFLICT;
    uint64_t timeout_us = s->server->settings->upgrade_timeout_ms * UINT64_C(1000);
    s->probe = c;
    c->session = s;
    s->probe_due_us = loop_now_us(s->server->loop) + timeout_us;
    loop_arm(s->server->loop, &s->upgrade, timeout_us);
    return 0;
}

static void upgrade(struct eio_session *s)
{
    struct carrier *old = s->carrier;
    loop_disarm(s->server->loop, &s->upgrade);
    s->carrier = s->probe;
    s->probe = NULL;
    old->session = NULL;
    old->ops->hand_over(old, s->carrier);
}

/* The only packets of a carrier that is not in charge yet. */
static void receive_probe(struct eio_session *s, struct slice text)
{
    if (slice_eq(text, S("2probe"))) {
        send_packet(s->probe, S("3probe"));
        arm_nudge(s);
    } else if (slice_eq(text, S("5"))) {
        upgrade(s);
    } else {
        loop_disarm(s->server->loop, &s->upgrade);
        let_go(&s->probe, CARRIER_DROP);
    }
}

/* ---- packets ---- */

static void receive_message(struct eio_session *s, struct slice data, bool is_binary)
{
    int err = s->server->user->on_message(s->arg, data, is_binary);
    if (!err || s->phase != OPEN)
        return;
    log_debug(LOG_SIO, "closed for what the peer sent", LOG_ERR(err));
    abandon(s, EIO_PARSE_ERROR, CARRIER_GOODBYE);
}

static void receive_packet(struct eio_session *s, const struct eio_packet *p)
{
    switch (p->type) {
    case EIO_MESSAGE:
        receive_message(s, p->data, p->is_binary);
        return;
    case EIO_PONG:
        expect_ping(s);
        return;
    case EIO_CLOSE:
        abandon(s, EIO_TRANSPORT_CLOSE, CARRIER_RELEASE);
        return;
    case EIO_PING: /* heartbeats go the other way since version 4 */
        abandon(s, EIO_TRANSPORT_ERROR, CARRIER_GOODBYE);
        return;
    case EIO_OPEN:
    case EIO_UPGRADE:
    case EIO_NOOP:
        return;
    }
}

void eio_receive(struct carrier *c, struct slice text)
{
    struct eio_session *s = c->session;
    struct eio_packet packet;
    struct arena arena;
    if (!s || s->phase != OPEN)
        return;
    if (c == s->probe) {
        receive_probe(s, text);
        return;
    }
    arena_init(&arena, text.len + DECODE_ROOM);
    int err = eio_read(&packet, &arena, text);
    if (err) {
        log_debug(LOG_SIO, "not a packet", LOG_ERR(err));
        abandon(s, EIO_PARSE_ERROR, CARRIER_GOODBYE);
    } else {
        receive_packet(s, &packet);
    }
    arena_fini(&arena);
}

void eio_receive_binary(struct carrier *c, struct slice bytes)
{
    struct eio_session *s = c->session;
    if (!s || s->phase != OPEN)
        return;
    if (c == s->probe) {
        loop_disarm(s->server->loop, &s->upgrade);
        let_go(&s->probe, CARRIER_DROP);
        return;
    }
    receive_message(s, bytes, true);
}

void eio_carrier_lost(struct carrier *c, enum eio_reason reason)
{
    struct eio_session *s = c->session;
    c->session = NULL;
    if (!s)
        return;
    if (c == s->probe) {
        s->probe = NULL;
        loop_disarm(s->server->loop, &s->upgrade);
        return;
    }
    s->carrier = NULL;
    abandon(s, reason, CARRIER_DROP);
}

void eio_abort(struct carrier *c, enum eio_reason reason)
{
    if (c->session)
        abandon(c->session, reason, CARRIER_GOODBYE);
}

void eio_told(struct carrier *c)
{
    if (c->session)
        abandon(c->session, EIO_SERVER_CLOSE, CARRIER_RELEASE);
}

/* ---- for the user ---- */

void eio_send(struct eio_session *s, struct blob *frame)
{
    if (s->phase == OPEN)
        s->carrier->ops->send(s->carrier, frame);
}

bool eio_is_writable(const struct eio_session *s)
{
    return s->phase == OPEN && s->carrier->ops->is_writable(s->carrier);
}

bool eio_is_slow(const struct eio_session *s)
{
    return s->phase != OPEN || s->carrier->ops->is_slow(s->carrier);
}

struct slice eio_sid(const struct eio_session *s)
{
    return slice_of(s->sid, sizeof s->sid);
}

struct carrier *eio_carrier(const struct eio_session *s)
{
    return s->carrier;
}

bool eio_is_closing(const struct eio_session *s)
{
    return s->phase == CLOSING;
}

struct blob *eio_text_frame(struct slice text)
{
    struct blob *frame = ws_frame_new(WS_TEXT, text.len + 1);
    if (!frame)
        return NULL;
    char *payload = frame->bytes + frame->len - text.len - 1;
    payload[0] = '4';
    memcpy(payload + 1, text.p, text.len);
    return frame;
}

struct blob *eio_binary_frame(struct slice bytes)
{
    return ws_frame(WS_BINARY, bytes);
}

struct slice eio_frame_payload(const struct blob *frame, bool *is_binary)
{
    enum ws_op op = WS_TEXT;
    struct slice payload = ws_frame_payload(&op, frame);
    *is_binary = op == WS_BINARY;
    return payload;
}

/* ---- to another loop ---- */

bool eio_may_leave(const struct eio_session *s)
{
    const struct carrier *c = s->carrier;
    const struct carrier *probe = s->probe;
    return s->phase == OPEN && c->ops->may_leave(c) && (!probe || probe->ops->may_leave(probe));
}

/* No name leads to it from here on, before a poll is answered: what the client asks behind that, on
 * the same connection, is sent after it. Answering may end it. */
bool eio_leave(struct eio_session *s, unsigned place)
{
    struct eio_server *e = s->server;
    if (leave_trail(s, place)) {
        abandon(s, EIO_SERVER_CLOSE, CARRIER_GOODBYE);
        return false;
    }
    map_remove(&e->sessions, eio_sid(s));
    s->carrier->ops->leave(s->carrier);
    if (s->phase != OPEN) {
        drop_trail(e, eio_sid(s));
        return false;
    }
    if (s->probe)
        s->probe->ops->leave(s->probe);
    link_leave(&s->link);
    loop_disarm(e->loop, &s->timer);
    loop_disarm(e->loop, &s->upgrade);
    return true;
}

void eio_enter(struct eio_session *s, unsigned place)
{
    struct eio_server *e = s->server->all->at[place];
    struct carrier *probe = s->probe;
    s->server = e;
    drop_trail(e, eio_sid(s));
    s->seen_places &= ~(UINT64_C(1) << place);
    list_push(&e->list, &s->link);
    arm_at(s, s->due_us);
    if (probe)
        arm_nudge(s);
    int err = map_put(&e->sessions, eio_sid(s), s, NULL);
    if (probe) /* first: the other's loss would end both */
        probe->ops->enter(probe, place);
    s->carrier->ops->enter(s->carrier, place);
    if (err)
        abandon(s, EIO_SERVER_CLOSE, CARRIER_GOODBYE);
    else if (e->is_draining)
        eio_close(s, EIO_SERVER_SHUTDOWN);
}

/* ---- the server ---- */

static uint32_t limit(uint32_t n)
{
    return n ? n : UINT32_MAX;
}

void eio_servers_init(
    struct eio_servers *all, const struct places *places, const struct eio_settings *settings)
{
    *all = (struct eio_servers){ .places = places };
    admission_init(
        &all->admission, limit(settings->sessions), limit(settings->sessions_per_address));
}

void eio_servers_fini(struct eio_servers *all)
{
    admission_fini(&all->admission);
}

void eio_server_init(struct eio_server *e, struct eio_servers *all, unsigned place,
    const struct eio_settings *settings)
{
    *e = (struct eio_server){
        .all = all, .place = place, .loop = all->places->loops[place], .settings = settings
    };
    all->at[place] = e;
    map_init(&e->sessions, (struct map_key){ .k0 = random_u64(), .k1 = random_u64() });
    map_init(&e->moved, (struct map_key){ .k0 = random_u64(), .k1 = random_u64() });
    link_init(&e->list);
}

void eio_server_set_user(struct eio_server *e, const struct eio_user *user, void *arg)
{
    e->user = user;
    e->user_arg = arg;
}

/* Telling the user of one's end may end others: so each is taken off a list of those to come. */
static void close_all(struct eio_server *e, bool is_polite)
{
    struct link todo;
    struct link *link;
    link_init(&todo);
    list_splice(&todo, &e->list);
    while ((link = list_pop(&todo))) {
        struct eio_session *s = CONTAINER_OF(link, struct eio_session, link);
        list_push(&e->list, link);
        if (is_polite)
            eio_close(s, EIO_SERVER_SHUTDOWN);
        else
            abandon(s, EIO_SERVER_SHUTDOWN, CARRIER_DROP);
    }
}

void eio_server_drain(struct eio_server *e)
{
    e->is_draining = true;
    close_all(e, true);
}

void eio_server_fini(struct eio_server *e)
{
    close_all(e, false);
    map_fini(&e->sessions);
    uint32_t at = 0;
    void *trail;
    while ((trail = map_next(&e->moved, &at)))
        xfree(trail);
    map_fini(&e->moved);
}
