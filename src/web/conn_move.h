/* A connection goes to another loop with the request that it brought: what a room, an account or a
 * polling session is asked, its own loop answers. It stays there, so that what follows mostly finds
 * it in the right place. Used by conn, before a request is served, and by rest, when it knows which
 * room the request is about. */
#pragma once

#include "web/conn.h"

/* At the end of the turn. Called instead of answering; `is_begun`: the body is read, the handler is
 * called once more there. */
void conn_send_to(struct conn *c, unsigned place, bool is_begun);

/* It was sent about so often that it is served where it is: nobody knows better. */
bool conn_is_settled(const struct request *r);
