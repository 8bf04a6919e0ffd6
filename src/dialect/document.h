/* The languages' tables as documents: a page of messages for each README, and docs/asyncapi.json.
 * Nothing in them is written twice: what a client may say are the rows that are dispatched. */
#pragma once

#include "dialect/registry.h"

/* Markdown: what clients say, what they are told. */
void document_messages(struct buf *out, const struct language *l);

/* AsyncAPI 3.0, JSON. */
void document_asyncapi(struct buf *out, struct slice version);
