/* The languages' tables as pages for people: the messages of each README, and of /docs. Nothing in
 * them is written twice: what a client may say are the rows that are dispatched. */
#pragma once

#include "dialect/markup.h"
#include "dialect/registry.h"

#define DOCUMENT_KEY_BYTES 96

/* A message's name among those of all languages, made of letters, digits, dots, dashes and
 * underscores: "study.in.chat.message". `direction`: "in", what clients say, or "out". It lies in
 * `key`. */
struct slice document_key(char key[DOCUMENT_KEY_BYTES], const struct language *l,
    const char *direction, struct slice name);

/* What clients say, what they are told. */
void document_messages(struct buf *out, const struct markup *m, const struct language *l);

/* A table of fields: open, rows, closed. */
void document_fields(struct buf *out, const struct markup *m, const struct fields *table);

/* JSON in a block of its own. */
void document_json(struct buf *out, const struct markup *m, const char *json);
