/* Bytes on their way into a descriptor, through gzip where that is wanted. Blocks. Used by
 * backup_writer alone. */
#pragma once

#include "base/slice.h"

#include <stdbool.h>

struct gzip_out;

/* *borrows* the descriptor. Returns owned. */
struct gzip_out *gzip_out_new(int fd, bool is_gzip);
void gzip_out_free(struct gzip_out *g); /* NULL is fine */

/* ERR_IO, and errno says why. An error stays. */
int gzip_out_add(struct gzip_out *g, struct slice s) MUST_CHECK;

/* Everything is written after this, once. */
int gzip_out_end(struct gzip_out *g) MUST_CHECK;
