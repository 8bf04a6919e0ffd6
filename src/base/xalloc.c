#include "base/xalloc.h"

#include "base/panic.h"

#include <stdlib.h>
#include <string.h>

/* Zero bytes are asked for as one, since NULL must mean failure alone. */
static size_t at_least_one(size_t size)
{
    return size > 0 ? size : 1;
}

void *xalloc(size_t size)
{
    void *p = calloc(1, at_least_one(size));
    if (p == NULL)
        PANIC("no memory for %zu bytes", size);
    return p;
}

void *xalloc_line(size_t size)
{
    size_t whole = (at_least_one(size) + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    void *p = aligned_alloc(CACHE_LINE, whole);
    if (p == NULL)
        PANIC("no memory for %zu bytes", size);
    return memset(p, 0, whole);
}

void *xtry(void *old, size_t size)
{
    return realloc(old, at_least_one(size));
}

void xfree(void *p)
{
    free(p);
}

char *xstrdup(const char *s)
{
    size_t size = strlen(s) + 1;
    return memcpy(xalloc(size), s, size);
}
