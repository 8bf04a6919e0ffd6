/* The embedded files: found by path, sent compressed where the client takes it, in part where it
 * asks, not at all where it has them already. */
#pragma once

#include "web/request.h"

/* Whether there is a file of that path. */
bool static_has(struct slice path);

/* Answers a request that no route took: with a file, with the app's page where the address is one
 * within the app, or with 404, which a browser is told by that page, too. */
void static_serve(struct request *r);
