/* Engine.IO's address: checks what a request asks of the sessions of sio/engine, and gives it to
 * the carrier that it is for. The refusals are the original's, byte for byte. */
#pragma once

#include "sio/engine.h"
#include "web/request.h"

struct reply;

/* For the rows of the route table: one pattern, every method. */
unsigned eio_place(struct request *r);
void eio_begin(struct request *r);
void eio_handle(struct request *r);
void eio_refuse(struct request *r, int err);

/* For the carriers. */
void eio_reply_refusal(struct request *r, enum eio_refusal why);
void eio_reply_begin(struct reply *reply, struct request *r, int status, const char *type);
void eio_reply_text(struct request *r, int status, const char *type, struct slice text);
struct eio_opening eio_opening_of(const struct request *r);
