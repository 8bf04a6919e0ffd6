/* The REST interface of language C: /rooms. Rows for web/routes.c. */
#pragma once

#include "web/rest.h"

extern const struct rest_row rest_focus_put, rest_focus_list, rest_focus_show, rest_focus_reset;
