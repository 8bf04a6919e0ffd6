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

/* All slices lie in the packet's text, but an escaped name, which lies in the arena, and the "/" of
 * `nsp`. They are valid UTF-8. */
struct sio_packet {
    enum sio_type type;
    unsigned n_attachments; /* that follow, each a binary message */
    struct slice nsp;       /* "/" where none is written; not decoded */
    uint64_t ack_id;        /* SIO_NO_ACK: none */
    struct slice data;      /* the JSON as it stands; empty: absent */
    struct slice name;      /* of an event; a number as written */
    struct slice args;      /* behind the name, or all of an ack: `{"a":1},2`, without brackets and
                               white space around */
};

/* Reads the text of a packet from a client, of less than 4 GiB. Everything that the original's
 * parser refuses is ERR_PROTOCOL, ERR_TOO_MANY (attachments, members) or an error of the JSON: the
 * connection is to be closed. No id is needed for an ack, and CONNECT_ERROR is read: whether they
 * mean anything is the caller's to say. ERR_TOO_BIG: the arena, which only escaped names and
 * objects with many keys use.
 *
 * Refused beyond that, as no client writes it: what base/json_read.h refuses; an empty text; an
 * event or ack without its array; attachments not counted in plain digits; white space before an id
 * or the JSON; ids above 2^53 - 1; the event name `__proto__`; in a packet with attachments,
 * placeholders that are not exactly `_placeholder` and `num`, or do not name each attachment once.
 * In a packet without attachments, what looks like a placeholder is just data. */
int sio_read(struct sio_packet *out, struct arena *a, struct slice text) MUST_CHECK;

/* Writes a packet up to its JSON: "42/rooms,7" without the Engine.IO "4" in front. Attachments, at
 * least one and at most SIO_MAX_ATTACHMENTS, have the binary types and no others. */
void sio_write_head(
    struct buf *out, enum sio_type type, unsigned n_attachments, struct slice nsp, uint64_t ack_id);

/* {"_placeholder":true,"num":k} */
void sio_write_placeholder(struct buf *out, unsigned num);
