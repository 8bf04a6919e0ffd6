/* The address of a room's page, that people hand to each other: whole where the server knows its
 * own (--public-url), else from the root. */
#pragma once

#include "hub/hub.h"

/* `joinLink`, into an open object. */
void join_link_put(struct json_writer *w, const struct hub_settings *s, struct slice room_id);
