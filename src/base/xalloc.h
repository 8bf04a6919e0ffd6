/* Memory of two kinds. `xalloc` is for small objects of fixed size: it dies when there is none, so
 * nobody checks. `xtry` is for everything whose size a peer influences: it may fail, and callers
 * (buf, arena, blob, chunkq, map) turn that into ERR_NO_MEMORY. */
#pragma once

#include "base/err.h"

#include <stddef.h>

/* Of a large local that is set piece by piece, as far as it is used: release builds clear all
 * others (-ftrivial-auto-var-init), which may cost more than what is done with it. */
#define NOT_CLEARED __attribute__((uninitialized))

/* Returns owned, zeroed memory; panics when there is none. */
void *xalloc(size_t size) __attribute__((malloc, returns_nonnull, warn_unused_result));

/* Like realloc: takes `old` (or NULL), returns owned memory or NULL, and then `old` still lives.
 * The bytes beyond the old size are not initialized. */
void *xtry(void *old, size_t size) MUST_CHECK;

/* Takes memory of either kind; NULL is fine. */
void xfree(void *p);

/* Returns an owned copy of a C string; panics when there is no memory. */
char *xstrdup(const char *s) __attribute__((returns_nonnull, warn_unused_result));
