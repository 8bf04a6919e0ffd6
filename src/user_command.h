/* `stoa user`: accounts, for whoever runs the server. Asks the server that has them. Used by main
 * alone. */
#pragma once

#include "operation.h"

extern const struct operation_command user_command;
