/* The store that is in use, as one loop has it: what is asked becomes a work (works.h) for the
 * loop's desk, and is done in a transaction with others; without memory for one it is refused, in
 * its turn. It knows no SQL and neither database. Made by store/open and store/memory. */
#pragma once

#include "store/copy.h"
#include "store/desk.h"

/* *borrows* the loop, *takes* the desk and the copier; without one there are no copies
 * (ERR_NOT_IMPLEMENTED). Returns owned; ends with its close(). */
struct store *store_durable_new(struct loop *loop, struct desk *desk, struct copier *copier);
