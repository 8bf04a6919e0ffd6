/* The REST interface of languages A and E: /api/rooms and what belongs to it. Rows for
 * web/routes.c. */
#pragma once

#include "web/rest.h"

extern const struct rest_row rest_rooms_create, rest_rooms_list, rest_rooms_show, rest_rooms_end,
    rest_rooms_messages, rest_ice_servers;
