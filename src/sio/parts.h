/* What the files of sio/server share. Only they include it: server.c (namespaces and clients),
 * socket.c (one client in one namespace), room.c, recovery.c. */
#pragma once

#include "sio/history.h"
#include "sio/server.h"

#define SIO_CLIENT_MAGIC 0x53434c49u
#define SIO_SOCKET_MAGIC 0x53534f43u
#define SIO_ANSWER_BYTES 4096u        /* of packets that the server words itself */
#define SIO_HELD_BYTES   (256u << 10) /* of packets that wait for a client to arrive */

struct sio_server {
    struct eio_server *engine;
    struct loop *loop;
    const struct sio_settings *settings;
    struct map namespaces;
    struct map lost;       /* sockets that may come back, by pid */
    struct link lost_list; /* the one lost first first */
    size_t lost_bytes;     /* of their histories */
    struct timer forget;   /* the next of them */
    struct map trails;     /* sockets that were made here and have moved on, by pid */
    uint64_t next_offset;
    uint64_t marks; /* for broadcasts: who has got it */
};

struct sio_namespace {
    struct slice name;
    const struct sio_app *app;
    struct sio_server *server;
    struct map sockets; /* by id; lost ones too */
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

/* A packet that waits until its client is where it is to be. */
struct sio_held {
    struct link link; /* client->held */
    bool is_binary;
    size_t len;
    char bytes[];
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
    struct sio_move *move; /* NULL: it stays */
    struct link held; /* struct sio_held: what it said since it is being led to a lost socket */
    size_t held_bytes;
    unsigned n_follows; /* how often it was led about for that */
    bool has_stayed;    /* it was to go, and could not for too long: not at the next try */
    struct ip peer;
    struct blob *query;
    struct blob *cookie; /* NULL: none */
};

/* One client in one namespace. One that is lost and may come back keeps its place: in its rooms
 * and, for what is sent there meanwhile, its history. */
struct sio_socket {
    uint32_t magic;
    bool is_lost;
    bool is_homeless;          /* it has come from another loop, and found no place */
    uint64_t mark;             /* of the last broadcast that met it */
    struct sio_client *client; /* NULL: disconnected, or lost */
    struct history history;    /* up to here it is what a broadcast touches */
    uint64_t until_us;         /* lost: then it is forgotten */
    struct sio_namespace *nsp;
    struct link link;  /* client->sockets, server->lost_list */
    struct link rooms; /* memberships */
    struct link asks;  /* questions that wait for an answer */
    struct task free_task;
    void *data;
    char id[SIO_ID_BYTES];
    char pid[SIO_ID_BYTES]; /* secret: who knows it may come back as this socket */
};

/* server.c */
void sio_arm_connect(struct sio_client *c); /* in time it connects to a namespace */
void sio_make_id(char id[SIO_ID_BYTES]);
void sio_go_on(struct sio_client *c); /* what it said and was held is heard now */
void sio_make_offset(char offset[SIO_OFFSET_BYTES], struct sio_server *server);
void sio_send_packet(struct sio_client *c, enum sio_type type, struct slice nsp, struct slice json);

/* socket.c */
void sio_socket_open(
    struct sio_client *c, struct sio_namespace *n, struct slice auth, struct arena *arena);
void sio_socket_close(struct sio_socket *s, const char *reason);
void sio_socket_lose(struct sio_socket *s, const char *reason); /* it may come back */
void sio_socket_forget(struct sio_socket *s); /* no name leads to it any more; freed later */
void sio_socket_on_event(struct sio_socket *s, const struct sio_packet *p,
    const struct slice *attachments, struct arena *arena);
void sio_socket_on_ack(struct sio_socket *s, const struct sio_packet *p,
    const struct slice *attachments, struct arena *arena);
struct sio_socket *sio_client_socket(const struct sio_client *c, struct slice nsp);

/* room.c */
void sio_leave_all(struct sio_socket *s);

/* move.c */
void sio_move_cancel(struct sio_client *c);
bool sio_move_client(struct sio_client *c, unsigned place); /* see sio_move() */

/* recovery.c */
void sio_recovery_init(struct sio_server *server);
void sio_recovery_fini(struct sio_server *server);

/* Counts the socket among the lost; false: it cannot come back. */
bool sio_remember(struct sio_socket *s);

/* The lost socket of the pid that `auth` names, if `auth` also names an offset that its history
 * knows; NULL: none. `*missed` messages follow that offset. */
struct sio_socket *sio_recall(
    unsigned *missed, struct sio_namespace *n, struct slice auth, struct arena *arena);

/* The loop where that socket is, as far as this one knows: whoever shows its pid is led there, by
 * way of the loop that the pid names, which knows where the socket has gone. Where `auth` shows no
 * pid, this loop. */
unsigned sio_recall_place(const struct sio_server *server, struct slice auth, struct arena *arena);

void sio_make_pid(char pid[SIO_ID_BYTES], const struct sio_server *server); /* one that names it */

/* The loop that its pid names hears that the socket goes to that place; that it has come; that it
 * has ended. */
void sio_note_going(const struct sio_socket *s, unsigned place);
void sio_note_coming(const struct sio_socket *s);
void sio_note_end(const struct sio_socket *s);

/* It is lost no more. */
void sio_regain(struct sio_socket *s);

/* It is lost, and will not come back. */
void sio_give_up(struct sio_socket *s);

/* For a socket that is not there. */
void sio_note_missed(struct sio_socket *s, struct sio_message *m);
