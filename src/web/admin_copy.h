/* Copies of everything the store has, for backups and for moves to another database: a call of the
 * admin socket. */
#pragma once

#include "web/rest.h"

extern const struct rest_row admin_copy;
