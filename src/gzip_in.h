/* Bytes out of a descriptor, out of gzip if that is what is there. Blocks. Used by backup_reader
 * alone. */
#pragma once

#include "base/slice.h"

#include <stdbool.h>

struct gzip_in;

/* *borrows* the descriptor. Returns owned. */
struct gzip_in *gzip_in_new(int fd);
void gzip_in_free(struct gzip_in *g); /* NULL is fine */

/* The next piece, which lives until the next call; it is empty at the end. ERR_IO: errno says why;
 * ERR_BAD_VALUE: the gzip is damaged, ends too early, or has something behind it; ERR_DRAINING:
 * somebody wants this to end (interruption.h). */
int gzip_in_read(struct slice *out, struct gzip_in *g) MUST_CHECK;
