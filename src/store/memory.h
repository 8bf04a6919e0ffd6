/* A store that is gone with the program, for tests: the durable one over a database in memory,
 * without threads. It answers in the loop's next turn, all requests in the order in which they
 * came; each sees what those before it have done and nothing of those behind. It may be shared by
 * several loops, if one thread turns them all: whichever turns first does all that was asked, and
 * each answers its own in its next turn. */
#pragma once

#include "net/loop.h"
#include "store/store.h"

/* Of requests that wait. One beyond it is ERR_STORAGE_UNAVAILABLE. */
#define STORE_MEMORY_MAX_BYTES ((size_t)1 << 30)

/* *borrows* the loop. Returns owned; ends with its close(). */
struct store *store_memory_new(struct loop *loop);
