/* Access tokens for the LiveKit server that source C sends its media through. A row for
 * web/routes.c. */
#pragma once

#include "web/rest.h"

extern const struct rest_row rest_sfu_token;
