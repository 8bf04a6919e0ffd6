/* Socket.IO, protocol 5: packets with namespaces, event names, acknowledgement ids and binary
 * attachments, inside the messages of Engine.IO. Sans-I/O. sio/server gives them meaning. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define SIO_MAX_ATTACHMENTS 10
#define SIO_NO_ACK          UINT64_MAX /* ids go to 2^53 - 1 */

enum sio_type {
    SIO_CONNECT,
    SIO_DISCONNECT,
    SIO_EVENT,
    SIO_ACK,
    SIO_CONNECT_ERROR,
    SIO_BINARY_EVENT,
    SIO_BINARY_ACK,
};

/* All slices lie in the packet's text, but an escaped name, which lies in the arena. */
struct sio_packet {
    enum sio_type type;
    unsigned n_attachments; /* that follow, each a binary message */
    struct slice nsp;       /* "/" where none is written; not decoded */
    uint64_t ack_id;        /* SIO_NO_ACK: none */
    struct slice data;      /* the JSON as it stands; empty: absent */
    struct slice name;      /* of an event; a number as its digits */
    struct slice args;      /* behind the name, or all of an ack: `{"a":1},2`, without brackets */
};

/* Reads the text of a packet from a client. Everything that the original's parser refuses is
 * ERR_PROTOCOL or ERR_BAD_JSON, ERR_TOO_DEEP ...: the connection is to be closed. Placeholders are
 * checked: as many as attachments, each number from 0 to n-1 once, and none in a packet without.
 * Reserved event names are refused. */
int sio_read(struct sio_packet *out, struct arena *a, struct slice text) MUST_CHECK;

/* Writes a packet up to its JSON: "42/rooms,7" without the Engine.IO "4" in front. */
void sio_write_head(
    struct buf *out, enum sio_type type, unsigned n_attachments, struct slice nsp, uint64_t ack_id);

/* {"_placeholder":true,"num":k} */
void sio_write_placeholder(struct buf *out, unsigned num);
