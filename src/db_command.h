/* `stoa db`: moves between SQLite and PostgreSQL, and which schema a database has. Used by main
 * alone. */
#pragma once

#include "operation.h"

extern const struct operation_command db_command;
