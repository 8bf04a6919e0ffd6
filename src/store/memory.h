/* A store in memory, gone with the program: for tests, and for running without a data file. Answers
 * in the loop's next turn, all requests in the order in which they came. */
#pragma once

#include "net/loop.h"
#include "store/store.h"

/* Of all batches, kept or waiting. An append beyond it is ERR_STORAGE_UNAVAILABLE. */
#define STORE_MEMORY_MAX_BYTES ((size_t)1 << 30)

/* *borrows* the loop. Returns owned; ends with its close(). */
struct store *store_memory_new(struct loop *loop);
