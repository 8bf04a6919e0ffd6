/* What the files of sio/server share. Only they include it: server.c (namespaces and clients),
 * socket.c (one client in one namespace), room.c, recovery.c. */
#pragma once

#include "sio/history.h"
#include "sio/server.h"

#define SIO_CLIENT_MAGIC 0x53434c49u
#define SIO_SOCKET_MAGIC 0x53534f43u
#define SIO_ANSWER_BYTES 4096u /* of packets that the server words itself */

struct sio_server {
    struct eio_server *engine;
    struct loop *loop;
    const struct sio_settings *settings;
    struct map namespaces;
    struct map lost;       /* sockets that may come back, by pid */
    struct link lost_list; /* the one lost first first */
    struct timer forget;   /* the next of them */
    uint64_t next_offset;
    uint32_t marks; /* for broadcasts: who has got it */
};

struct sio_namespace {
    struct slice name;
    const struct sio_app *app;
    struct sio_server *server;
    struct map sockets; /* by id */
    struct map rooms;   /* by name */
    uint64_t next_ack_id;
};

/* A packet that waits for its attachments. */
struct sio_pending {
    struct buf text;
    unsigned want;
    unsigned have;
    struct blob *attachments[SIO_MAX_ATTACHMENTS];
};

/* One Engine.IO session. */
struct sio_client {
    uint32_t magic;
    bool is_secure;
    struct sio_server *server;
    struct eio_session *session; /* NULL: over */
    struct link sockets;
    struct timer connect;
    struct task free_task;
    struct sio_pending *pending;
    struct ip peer;
    struct blob *query;
};

/* One client in one namespace. */
struct sio_socket {
    uint32_t magic;
    uint32_t mark;             /* of the last broadcast that met it */
    struct sio_client *client; /* NULL: disconnected */
    struct sio_namespace *nsp;
    struct link link;  /* client->sockets */
    struct link rooms; /* memberships */
    struct link asks;  /* questions that wait for an answer */
    struct task free_task;
    void *data;
    char id[SIO_ID_BYTES];
    char pid[SIO_ID_BYTES]; /* secret: who knows it may come back as this socket */
    struct history history;
};

/* A lost socket. */
struct sio_lost {
    struct link link;
    uint64_t until_us;
    struct sio_namespace *nsp;
    char id[SIO_ID_BYTES];
    char pid[SIO_ID_BYTES]; /* the map's key */
    struct history history;
    size_t n_rooms;
    struct slice *rooms; /* owned, in one piece with their names */
};

/* server.c */
void sio_make_id(char id[SIO_ID_BYTES]);
void sio_make_offset(char offset[SIO_OFFSET_BYTES], struct sio_server *server);
void sio_send_packet(struct sio_client *c, enum sio_type type, struct slice nsp, struct slice json);

/* socket.c */
void sio_socket_open(
    struct sio_client *c, struct sio_namespace *n, struct slice auth, struct arena *arena);
void sio_socket_close(struct sio_socket *s, const char *reason);
void sio_socket_on_event(struct sio_socket *s, const struct sio_packet *p,
    const struct slice *attachments, struct arena *arena);
void sio_socket_on_ack(struct sio_socket *s, const struct sio_packet *p,
    const struct slice *attachments, struct arena *arena);
struct sio_socket *sio_client_socket(const struct sio_client *c, struct slice nsp);

/* room.c */
void sio_leave_all(struct sio_socket *s);
size_t sio_rooms_of(const struct sio_socket *s, struct slice *out, size_t max);

/* recovery.c */
void sio_recovery_init(struct sio_server *server);
void sio_recovery_fini(struct sio_server *server);

/* Keeps what the socket needs to come back. */
void sio_remember(struct sio_socket *s);

/* Takes back what was kept for the pid that `auth` names, if `auth` also names an offset that the
 * history knows. Returns owned, NULL: nothing. `*missed` messages follow that offset. */
struct sio_lost *sio_recall(
    unsigned *missed, struct sio_namespace *n, struct slice auth, struct arena *arena);
void sio_lost_free(struct sio_lost *lost);
