/* Access tokens for the LiveKit server that clients of language C send their media through. A row
 * for web/routes.c. */
#pragma once

#include "web/rest.h"

extern const struct rest_row rest_sfu_token;
