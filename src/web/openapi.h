/* The route table as a document: docs/openapi.json. */
#pragma once

#include "base/buf.h"

/* OpenAPI 3.1, JSON. */
void openapi_write(struct buf *out, struct slice version);
