/* The route table as a document: docs/openapi.json, and what the page at /docs needs to say the
 * same. */
#pragma once

#include "base/fields_schema.h"
#include "web/route.h"

/* OpenAPI 3.1, JSON. */
void openapi_write(struct buf *out, struct slice version);

/* Files, and what Socket.IO's own clients and WebSockets speak, are no interface of this kind. */
bool openapi_has(const struct route *r);

const char *openapi_method(const struct route *r); /* "get" */

/* What its body holds, or, of a route without one, its query. */
struct fields_schema openapi_takes(const struct route *r);

/* An example of its answer, JSON; NULL: it has none. */
const char *openapi_gives(const struct route *r);
