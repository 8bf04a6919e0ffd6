/* The languages' tables as AsyncAPI: docs/asyncapi.json. A channel for each language, a message for
 * each row and for each thing that may be said. */
#pragma once

#include "base/buf.h"

/* AsyncAPI 3.0, JSON. */
void asyncapi_write(struct buf *out, struct slice version);
