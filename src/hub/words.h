/* Messages to clients being put together: a few JSON values, each with a name. What a dialect says
 * of an event, what a handler answers. Lines (hub/tongue.h) make frames of them.
 *
 *     struct json_writer *w = words_begin(words, "user:left");
 *     jw_field_str(w, "socketId", id);
 *     words_end(words);
 */
#pragma once

#include "base/json_write.h"
#include "room/event.h"

#define WORDS_MAX       16          /* messages: two for each seat of a person */
#define WORDS_MAX_BYTES (24u << 20) /* of all: a full board, with its frame */

struct word {
    const char *name; /* static */
    size_t at;        /* in `json` */
    size_t len;
};

struct words {
    struct buf *json; /* *borrows*; every writer adds to its end */
    bool is_typed;    /* each message is an object that begins with its name as "type" */
    bool is_ended;    /* no message is open */
    unsigned n;
    struct json_writer writer;
    struct word at[WORDS_MAX];
};

void words_init(struct words *w, struct buf *json, bool is_typed);

/* Opens the next message, an object. The writer is good until words_end(). */
struct json_writer *words_begin(struct words *w, const char *name);

/* The same for an event that has a number: with it as "seq". */
struct json_writer *words_begin_event(struct words *w, const char *name, const struct event *e);

/* Opens one that is an array. Not where messages are typed. */
struct json_writer *words_begin_list(struct words *w, const char *name);
void words_end(struct words *w);

/* 0 or why the buffer failed. */
int words_err(const struct words *w) MUST_CHECK;
struct slice words_json(const struct words *w, unsigned i);
