/* An encoded emission that any number of sockets may share: the packet's frame and the frames of
 * its attachments. Immutable, reference-counted, on any thread. */
#pragma once

#include "base/blob.h"
#include "proto/sio.h"

#define SIO_OFFSET_BYTES 12 /* of the opaque name by which a client says what it saw last */

struct sio_message {
    _Atomic uint32_t refs;
    bool is_remembered;            /* kept for clients that come back: it has an offset */
    char offset[SIO_OFFSET_BYTES]; /* also the last argument in the packet */
    unsigned n_parts;
    size_t bytes;         /* of all parts */
    struct blob *parts[]; /* text, then binaries */
};

/* What to encode. `args` are JSON values separated by commas, perhaps none; where attachments
 * belong they hold placeholders. */
struct sio_emission {
    enum sio_type type; /* EVENT or ACK; their binary forms follow from the attachments */
    struct slice nsp;
    struct slice name; /* of an event: text */
    struct slice args;
    uint64_t ack_id; /* SIO_NO_ACK */
    const struct slice *attachments;
    unsigned n_attachments;
    const char *offset; /* SIO_OFFSET_BYTES, or NULL: not remembered */
};

/* Returns owned; NULL without memory. */
struct sio_message *sio_message_new(const struct sio_emission *e) MUST_CHECK;
struct sio_message *sio_message_ref(struct sio_message *m);
void sio_message_unref(struct sio_message *m); /* NULL is fine */
