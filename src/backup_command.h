/* `stoa backup`: everything a Stoa keeps in one file, while people go on using it. Used by main
 * alone. */
#pragma once

#include "operation.h"

extern const struct operation_command backup_command;
