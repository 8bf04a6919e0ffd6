/* The SHA-256 of bytes that come in pieces, as 64 hexadecimal digits. Used by backup_writer and
 * backup_reader. */
#pragma once

#include "base/slice.h"

#define CHECKSUM_CHARS 64

struct checksum;

/* Returns owned. */
struct checksum *checksum_new(void);
void checksum_free(struct checksum *c); /* NULL is fine */

void checksum_add(struct checksum *c, struct slice s);

/* Of all that was added since the last one; NUL-terminated. */
void checksum_end(char out[CHECKSUM_CHARS + 1], struct checksum *c);
