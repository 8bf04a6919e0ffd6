/* A WebSocket as a carrier of Engine.IO: frames go out as they are, shared with everyone. */
#pragma once

#include "sio/engine.h"
#include "web/request.h"

/* Opens a session on a WebSocket or, with `session`, tries to take it over. */
void eio_ws_accept(struct request *r, struct eio_session *session, bool wants_base64);
