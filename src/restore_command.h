/* `stoa restore`: puts a backup into a data folder that has no database, or only looks whether it
 * is good. Needs no server. Used by main alone. */
#pragma once

#include "operation.h"

extern const struct operation_command restore_command;
