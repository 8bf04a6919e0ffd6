/* Which pages may talk to this server, and which names it goes by. An origin is a page's scheme,
 * host and port; the browser tells it, other programs tell none. */
#pragma once

#include "base/buf.h"
#include "web/request.h"

/* The request's Host is one that this server answers for (T-07). */
bool cors_host_is_ours(const struct request *r);

/* It came to the host that is for people's files alone. */
bool cors_is_for_files(const struct request *r);

/* A link to that host leads to this server, whatever the request says: the public name, this
 * machine, or an address. */
bool cors_host_is_safe(const struct request *r, struct slice host);

/* No Origin, our own, or a configured one: an upgrade may go on (T-13). */
bool cors_origin_may_connect(const struct request *r);

/* The headers that let a configured origin's page read the answer. Nothing for others. */
void cors_write(struct buf *out, const struct request *r);

/* Answers OPTIONS. */
void cors_preflight(struct request *r, struct slice methods);
