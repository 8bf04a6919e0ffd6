/* What the tests of the Socket.IO server share: a server with namespaces whose
 * application writes down what it is told, and peers on fake carriers. Not for
 * anything else. */
#pragma once

#include "rig.h"
#include "sio/server.h"

#include <stdio.h>

#define TALK_CONNECT_MS 1000u
#define TALK_KEEP_MS    120000u

struct talk {
    struct rig rig;
    struct sio_settings settings;
    struct sio_server *server;
    struct buf heard;          /* what the application was told, each behind a '|' */
    struct sio_socket *newest; /* that connected */
    struct sio_socket *last;   /* whose event came last */
    bool is_shut;              /* nobody may connect */
    bool is_distrustful;       /* nobody may return */
    void (*on_end)(struct talk *t, struct sio_socket *s);
};

struct peer {
    struct fake fake;
    struct eio_session *session;
    struct sio_socket *socket;
    char id[SIO_ID_BYTES + 1];
    char pid[SIO_ID_BYTES + 1];
};

/* The one that the application's callbacks know. */
static struct talk *talk;

static inline void talk_note(const char *what, struct slice more)
{
    buf_add_char(&talk->heard, '|');
    buf_add_str(&talk->heard, what);
    buf_add_slice(&talk->heard, more);
}

static inline int talk_may_connect(void *arg, struct sio_greeting *g)
{
    (void)arg;
    talk_note(g->is_recovered ? "back? " : "may? ", g->auth);
    if (slice_eq(g->auth, S("{\"no\":1}"))) {
        g->message = S("Not \"you\"");
        g->data = S("{\"code\":5}");
        return ERR_FORBIDDEN;
    }
    return talk->is_shut || slice_eq(g->auth, S("{\"no\":2}")) ? ERR_UNAUTHORIZED : 0;
}

static inline bool talk_may_return(struct sio_socket *s, const struct sio_greeting *g)
{
    (void)s;
    (void)g;
    return !talk->is_distrustful;
}

static inline void talk_on_connect(struct sio_socket *s, const struct sio_greeting *g)
{
    talk->newest = s;
    talk_note(g->is_recovered ? "back" : "in", S(""));
    if (sio_data(s))
        talk_note("old data", S(""));
    sio_set_data(s, talk);
}

static inline void talk_on_event(struct sio_socket *s, const struct sio_event *e)
{
    talk->last = s;
    talk_note("", e->name);
    buf_add_char(&talk->heard, ' ');
    buf_add_slice(&talk->heard, e->args);
    for (unsigned i = 0; i < e->n_attachments; i++) {
        buf_add_char(&talk->heard, '#');
        buf_add_slice(&talk->heard, e->attachments[i]);
    }
    if (slice_eq(e->name, S("echo")))
        sio_answer_binary(s, e, e->args, e->attachments, e->n_attachments);
    else if (slice_eq(e->name, S("kick")))
        sio_disconnect(s, slice_eq(e->args, S("true")));
}

static inline void talk_on_disconnect(struct sio_socket *s, const char *reason)
{
    talk_note("out: ", slice_str(reason));
    if (sio_data(s) != talk)
        talk_note("lost data", S(""));
    if (talk->on_end)
        talk->on_end(talk, s);
}

static const struct sio_app talk_apps[] = {
    { .name = "/",
        .may_connect = talk_may_connect,
        .may_return = talk_may_return,
        .on_connect = talk_on_connect,
        .on_event = talk_on_event,
        .on_disconnect = talk_on_disconnect },
    { .name = "/other",
        .on_connect = talk_on_connect,
        .on_event = talk_on_event,
        .on_disconnect = talk_on_disconnect },
    { .name = "/bare", .on_event = talk_on_event },
};

static inline void talk_open(struct talk *t, uint32_t recovery_ms)
{
    *t = (struct talk){ .settings = {
                            .connect_timeout_ms = TALK_CONNECT_MS, .recovery_ms = recovery_ms } };
    rig_open(&t->rig);
    t->rig.settings.ping_interval_ms = 1u << 30; /* heartbeats are tested elsewhere */
    buf_init(&t->heard, 1u << 20);
    t->server = sio_server_new(&t->rig.engine, &t->settings);
    for (size_t i = 0; i < sizeof talk_apps / sizeof *talk_apps; i++) {
        if (sio_register(t->server, &talk_apps[i]))
            abort();
    }
    talk = t;
}

static inline void talk_close(struct talk *t)
{
    eio_server_fini(&t->rig.engine);
    eio_servers_fini(&t->rig.engines);
    sio_server_free(t->server);
    rig_close(&t->rig);
    buf_fini(&t->heard);
}

static inline bool talk_heard(struct talk *t, const char *want, const char *what)
{
    struct slice heard = buf_slice(&t->heard);
    bool is_same = is_slice(heard, want, "%s", what);
    buf_reset(&t->heard);
    return is_same;
}

static inline struct sio_namespace *talk_nsp(struct talk *t)
{
    return sio_find_namespace(t->server, S("/"));
}

/* A session whose handshake is over; ERR_NO_MEMORY. */
static inline int peer_try(struct peer *p, struct talk *t)
{
    const struct eio_opening opening = rig_opening();
    *p = (struct peer){ .id = "" };
    fake_init(&p->fake, &fake_socket_ops);
    int err = eio_open(&p->session, &t->rig.engine, &p->fake.carrier, &opening);
    buf_reset(&p->fake.got);
    return err;
}

static inline void peer_open(struct peer *p, struct talk *t)
{
    if (peer_try(p, t))
        abort();
}

static inline void peer_close(struct peer *p)
{
    fake_fini(&p->fake);
}

/* The field's value in what the peer got last; empty: there is none. */
static inline void peer_field(char out[SIO_ID_BYTES + 1], const struct peer *p, const char *key)
{
    const char *at = fake_find(&p->fake, key);
    out[0] = 0;
    if (!at)
        return;
    memcpy(out, at + strlen(key), SIO_ID_BYTES);
    out[SIO_ID_BYTES] = 0;
}

/* Connects to "/", with that as its auth; learns who it is. */
static inline void peer_connect(struct peer *p, struct talk *t, const char *auth)
{
    char packet[256];
    snprintf(packet, sizeof packet, "40%s", auth);
    talk->newest = NULL;
    fake_say(&p->fake, packet);
    p->socket = t->newest;
    peer_field(p->id, p, "40{\"sid\":\"");
    peer_field(p->pid, p, "\"pid\":\"");
}

/* Opened and connected, with nothing left to look at. */
static inline void peer_enter(struct peer *p, struct talk *t)
{
    peer_open(p, t);
    peer_connect(p, t, "");
    buf_reset(&p->fake.got);
    buf_reset(&t->heard);
}
