/* The shape of an example as a JSON Schema (draft 07 and later), for documents: what an object
 * holds and of which type it is. An example shows what there is when everything is there, so any
 * member may also be null or missing, and others may stand beside it; a number may be no whole one.
 * Used by dialect/asyncapi and web/openapi, on texts of our own tables. */
#pragma once

#include "base/json_write.h"

/* Writes one value. `any`: names of members that may hold any JSON, wherever they stand, separated
 * by commas, or NULL. What is not JSON has no shape: {}. */
void json_schema(struct json_writer *w, struct slice example, const char *any);
