/* Long polling as a carrier: packets to the client wait until it asks (GET), or it waits until
 * there are some; packets from the client come in bodies (POST). One of each at a time. */
#pragma once

#include "sio/engine.h"
#include "web/request.h"

struct polling;

/* The session's long polling, NULL when it has gone over to something else. */
struct polling *polling_of(const struct eio_session *s);

/* A GET that opens a session; its answer is the handshake. */
void polling_open(struct request *r);

void polling_get(struct polling *p, struct request *r);

/* A POST's head is here; then, unless this answered, its body. */
void polling_begin_post(struct polling *p, struct request *r);
void polling_post(struct request *r);
void polling_post_late(struct polling *p, struct request *r); /* its body is here already */

/* The POST will not come to its end, but its connection lives. */
void polling_forget_post(struct request *r);
