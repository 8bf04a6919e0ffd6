/* Socket.IO over the sessions of sio/engine: namespaces, events, acknowledgements, rooms, and
 * clients that come back to what they missed. An application registers a namespace and gets its
 * sockets' events; it sends messages that many sockets may share. Belongs to one loop.
 *
 *   client connects to a namespace --may_connect--> on_connect --on_event...--> on_disconnect
 */
#pragma once

#include "sio/engine.h"
#include "sio/message.h"

#define SIO_ID_BYTES EIO_SID_BYTES

struct sio_server;
struct sio_namespace;
struct sio_socket;

struct sio_settings {
    uint32_t connect_timeout_ms; /* from the opening to the first namespace */
    uint32_t recovery_ms;        /* how long a lost socket may come back; 0: never */
};

/* What a client says when it connects to a namespace. *Borrowed* for the call. */
struct sio_greeting {
    struct slice auth;   /* a JSON object, or empty */
    struct slice query;  /* of the opening request, not decoded */
    struct slice cookie; /* likewise: see struct eio_opening */
    struct ip peer;
    bool is_secure;
    bool is_recovered; /* the same socket as before, with its id and rooms, and what it missed */
    struct arena *arena;
    /* For a refusal: what CONNECT_ERROR says. `data` is JSON or empty. */
    struct slice message;
    struct slice data;
};

struct sio_event {
    struct slice name;
    struct slice args; /* JSON values separated by commas, with placeholders */
    const struct slice *attachments;
    unsigned n_attachments;
    uint64_t ack_id; /* SIO_NO_ACK: no answer is asked for */
    struct arena *arena;
};

/* A namespace's application. */
struct sio_app {
    const char *name; /* "/", "/rooms" */
    /* Whether the client may come in. An error keeps it out, with greeting->message, or the error's
     * own sentence. NULL: everybody may. */
    int (*may_connect)(void *app_arg, struct sio_greeting *greeting);
    /* Whether that lost socket is this client's: it has shown the secret, and says who it is.
     * False: it becomes another one, as if the lost one had been forgotten. NULL: the secret is
     * enough. */
    bool (*may_return)(struct sio_socket *s, const struct sio_greeting *greeting);
    /* It is in, and knows. May be NULL. */
    void (*on_connect)(struct sio_socket *s, const struct sio_greeting *greeting);
    void (*on_event)(struct sio_socket *s, const struct sio_event *event);
    /* The last call for that socket, and for what sio_set_data() gave it: if it comes back, it
     * starts with on_connect. May be NULL. */
    void (*on_disconnect)(struct sio_socket *s, const char *reason);
    /* With it, a socket that may come back keeps its data, and what is sent to it is kept for it:
     * sio_is_lost() in on_disconnect. Then either on_connect follows, recovered, or this, as the
     * last call. May be NULL. */
    void (*on_forget)(struct sio_socket *s);
    /* For one that can go to another loop: whether it may now. ERR_AGAIN: soon; another error: it
     * stays where it is. Then, on this loop, either on_stay or on_leave follows, and after that
     * on_enter on the other one; with an error the socket ends. NULL, all: it stays. */
    int (*may_leave)(const struct sio_socket *s);
    void (*on_stay)(struct sio_socket *s);
    void (*on_leave)(struct sio_socket *s);
    int (*on_enter)(struct sio_socket *s);
    void *arg;
};

/* Registers itself as the engine's user; *borrows* both. Returns owned. */
struct sio_server *sio_server_new(struct eio_server *engine, const struct sio_settings *settings);
void sio_server_free(struct sio_server *server); /* after the engine's sessions are gone */

/* *borrows* `app`. ERR_CONFLICT: the name is taken; ERR_NO_MEMORY. */
int sio_register(struct sio_server *server, const struct sio_app *app) MUST_CHECK;
struct sio_namespace *sio_find_namespace(struct sio_server *server, struct slice name);

/* ---- one socket ---- */

struct slice sio_id(const struct sio_socket *s); /* public: others address it by this */
struct sio_namespace *sio_namespace(const struct sio_socket *s);
void *sio_app_arg(const struct sio_socket *s); /* of its namespace's application */
bool sio_is_lost(const struct sio_socket *s);  /* its connection, but it may come back */
bool sio_is_slow(const struct sio_socket *s);  /* it does not take what it is sent, or is gone */
void *sio_data(const struct sio_socket *s);    /* the application's own */
void sio_set_data(struct sio_socket *s, void *data);

/* NULL: no socket of that id is connected here. */
struct sio_socket *sio_find(const struct sio_namespace *n, struct slice id);

/* Encodes an event for sockets of this namespace. With `is_lasting`, clients that come back are
 * given what they missed of it. Returns owned; NULL without memory. */
struct sio_message *sio_event_new(
    struct sio_namespace *n, struct slice name, struct slice args, bool is_lasting) MUST_CHECK;
struct sio_message *sio_binary_event_new(
    struct sio_namespace *n, const struct sio_event *like, bool is_lasting) MUST_CHECK;

void sio_send(struct sio_socket *s, struct sio_message *m);

/* Sends it only if it leaves at once. */
void sio_send_volatile(struct sio_socket *s, struct sio_message *m);

/* The same in one call, for a single socket. */
void sio_emit(struct sio_socket *s, struct slice name, struct slice args);

/* An event that asks for an answer. `fn` is called once: with the answer's JSON values, or with an
 * error: ERR_TIMEOUT, ERR_CLOSED. */
typedef void(sio_ack_fn)(void *arg, int err, const struct sio_event *answer);
void sio_ask(struct sio_socket *s, struct slice name, struct slice args, uint32_t timeout_ms,
    sio_ack_fn *fn, void *arg);

/* Answers an event that has an ack id; without one nothing is sent. */
void sio_answer(struct sio_socket *s, const struct sio_event *event, struct slice args);
void sio_answer_binary(struct sio_socket *s, const struct sio_event *event, struct slice args,
    const struct slice *attachments, unsigned n_attachments);

/* Ends the socket; with `is_all` the client's whole connection. on_disconnect follows at once. One
 * that is lost does not come back: on_forget follows, where there is one. */
void sio_disconnect(struct sio_socket *s, bool is_all);

/* Its client goes to another loop, with all its sockets, at the end of this turn or as soon as they
 * may. False: some must stay. */
bool sio_move(struct sio_socket *s, unsigned place);

/* ---- many sockets ---- */

/* A socket's rooms are left when it goes; if it comes back, it is in them again. ERR_NO_MEMORY;
 * ERR_CLOSED: it has gone. */
int sio_join(struct sio_socket *s, struct slice room) MUST_CHECK;
void sio_leave(struct sio_socket *s, struct slice room);

/* Who is meant: the union of `rooms` (none: everybody; a socket's id is a room of its own), without
 * those in any of `except`. */
struct sio_audience {
    const struct slice *rooms;
    size_t n_rooms;
    const struct slice *except;
    size_t n_except;
    bool is_volatile;
};

/* Every socket once. */
void sio_broadcast(struct sio_namespace *n, const struct sio_audience *to, struct sio_message *m);
