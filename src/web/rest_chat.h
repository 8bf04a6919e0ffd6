/* The REST interface of language B: messages and sessions. Rows for web/routes.c. */
#pragma once

#include "web/rest.h"

extern const struct rest_row rest_chat_say, rest_chat_history, rest_sessions_list;
