/* What a file is called: whether it may be called so, how its name stands in an address and in a
 * Content-Disposition header (RFC 6266). Pure. Used by web/files*. */
#pragma once

#include "base/buf.h"

#define FILES_SEGMENT_MAX 180 /* bytes of a name in an address, encoded */

/* A name that is one segment of a path, of 1 to ROOM_FILE_NAME_MAX characters on one line. */
bool files_is_name(struct slice name);

/* Something like "image/png", with parameters or without, of at most ROOM_FILE_TYPE_MAX
 * characters. */
bool files_is_type(struct slice type);

/* Adds the name, or its last part when it is long: it is for people, and its ending for programs.
 */
void files_add_segment(struct buf *out, struct slice name);

/* `attachment; filename="caf_.png"; filename*=UTF-8''caf%C3%A9.png`. The second one only where the
 * first does not say it all. */
void files_add_disposition(struct buf *out, const char *kind, struct slice name);
