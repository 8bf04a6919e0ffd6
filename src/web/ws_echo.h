/* The connection test: a WebSocket that says back what it is told. A page that gets its words back
 * knows that nothing between it and the server stands in the way of WebSocket. */
#pragma once

#include "web/request.h"

void ws_echo_handle(struct request *r);
