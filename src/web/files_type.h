/* What a content is, by how it begins, for those few types that a browser may show as they are:
 * what they say they are, and no browser runs. Pure. Used by web/files_download and the board. */
#pragma once

#include "base/slice.h"

#define FILES_HEAD_BYTES 128 /* as much as is looked at */

/* The type of a picture, film or sound, as a Content-Type; NULL: something else. */
const char *files_sniff(struct slice head);

/* Whether a picture may be of that type: PNG, JPEG, WebP or GIF. */
bool files_is_picture(const char *type);

/* Whether a type that somebody named (parameters do not count) is one that files_sniff() gives. */
bool files_is_shown(struct slice type);
