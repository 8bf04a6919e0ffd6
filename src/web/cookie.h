/* Cookies of a request. A browser sends them along with what any page asks for, so they count only
 * where the page is ours or one that was allowed. Used by the REST routes and the lines. */
#pragma once

#include "web/request.h"

/* The value of the first cookie of that name; p is NULL where there is none, or where the request
 * may be another site's doing: it has an Origin that may not connect here, or none and is no GET or
 * HEAD that the browser says came from our own page or from nobody's. */
struct slice cookie_find(const struct request *r, struct slice name);

/* The same in a Cookie header's value, whoever sent it. */
struct slice cookie_value(struct slice header, struct slice name);

/* The cookie that holds somebody's token: no script reads it, no other site's page brings it along.
 * Under TLS its name says that no other host and no plain connection has set it (RFC 6265bis,
 * 4.1.3.2). Like cookie_find(). */
#define COOKIE_SESSION     "stoa_session"
#define COOKIE_SESSION_TLS "__Host-" COOKIE_SESSION
struct slice cookie_session(const struct request *r);

/* The value of a Set-Cookie header that gives it for so long, or with an empty token takes it away;
 * in the request's arena. ERR_TOO_BIG, ERR_NO_MEMORY. */
int cookie_give_session(
    struct slice *out, struct request *r, struct slice token, uint64_t seconds) MUST_CHECK;
