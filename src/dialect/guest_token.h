/* By its token a guest comes back as the same person, in this language or another, and shows the
 * REST routes who it is. */
#pragma once

#include "hub/hub.h"

/* `token`, into an open object; nothing for somebody who has an account. */
void guest_token_put(struct json_writer *w, const struct view *v, const struct member *m);
