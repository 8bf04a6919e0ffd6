/* A thread beside the loop: no signal reaches it, since signals belong to the loop that reads them.
 * Used by net/worker and by store/. */
#pragma once

#include "base/err.h"

#include <pthread.h>

/* ERR_NO_MEMORY: there is none for one more. */
int thread_start(pthread_t *out, void *(*run)(void *arg), void *arg) MUST_CHECK;
