/* Answers. Each handler gives exactly one, now or later; errors look alike everywhere:
 * `{"error":{"code":"NOT_FOUND","message":"..."}}`. */
#pragma once

#include "base/buf.h"
#include "web/request.h"

/* A reply under construction: the loop's head buffer is lent to it until reply_*_body(). */
struct reply {
    struct request *request;
    struct buf *head;
    int status;
};

void reply_begin(struct reply *reply, struct request *r, int status);
void reply_header(struct reply *reply, const char *name, struct slice value);

/* The last call: sends it. The body is copied, or is part of a blob, or static memory. A HEAD
 * request gets the head alone. */
void reply_body(struct reply *reply, struct slice body);
void reply_shared_body(struct reply *reply, struct blob *blob, struct slice body);
void reply_static_body(struct reply *reply, struct slice body);
void reply_no_body(struct reply *reply);

/* The answer to HEAD: a body of that length would follow. */
void reply_length(struct reply *reply, uint64_t length);

/* The last call, too: sends the head of an answer whose body comes in pieces, `length` bytes in
 * all; on_gone is set. Then reply_piece() once, and again whenever on_room says that what was sent
 * is written; behind the last one reply_end(). ERR_NO_MEMORY: the connection is closed, and the
 * request gone. */
int reply_pieces(
    struct reply *reply, uint64_t length, void (*on_room)(struct request *r)) MUST_CHECK;
void reply_piece(struct request *r, struct blob *blob);
void reply_end(struct request *r);

/* What is missing will not come: the connection is closed. */
void reply_break(struct request *r, int err);

/* Whole answers in one call. */
void reply_json(struct request *r, int status, const struct buf *json);
void reply_error(struct request *r, int err);
void reply_error_text(struct request *r, int err, struct slice message);

/* An error with headers of its own: begin, reply_header()s, body. Where trying again helps, the
 * client is told to do so after a second, or after so many. */
void reply_error_begin(struct reply *reply, struct request *r, int err);
void reply_error_later(struct reply *reply, struct request *r, int err, uint64_t seconds);
void reply_error_body(struct reply *reply, int err, struct slice message);
void reply_redirect(struct request *r, int status, struct slice to);
