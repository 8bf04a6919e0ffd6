/* Cookies of a request. A browser sends them along with what any page asks for, so they count only
 * where the page is ours or one that was allowed. Used by the REST routes. */
#pragma once

#include "web/request.h"

/* The value of the first cookie of that name; p is NULL where there is none, or where the request
 * may be another site's doing: it has an Origin that may not connect here, or none and is no GET or
 * HEAD that the browser says came from our own page or from nobody's. */
struct slice cookie_find(const struct request *r, struct slice name);

/* The same in a Cookie header's value, whoever sent it. */
struct slice cookie_value(struct slice header, struct slice name);
