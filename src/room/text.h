/* What a text from outside must be like before it becomes part of a room: valid UTF-8, measured in
 * characters, free of what does not print. Not a filter: a text passes as it is or not at all.
 * Used by the verbs of room/. */
#pragma once

#include "base/slice.h"

#define TEXT_URL_MAX 2048 /* characters of an address */

enum text_lines {
    TEXT_ONE_LINE, /* no control characters at all, nor what hides how the line is written */
    TEXT_LINES,    /* none but \n and \t */
    TEXT_ANY,      /* none but NUL is refused: programs */
};

/* Valid UTF-8 of `min` to `max` characters. ERR_BAD_FIELD. */
int text_check(struct slice s, size_t min, size_t max, enum text_lines lines) MUST_CHECK;

/* The name of something that the server or a client made: one line of 1 to 64 characters. */
int text_check_id(struct slice s) MUST_CHECK;

/* An address that a page may link to: of http or https, or a path on this server. Nothing that a
 * browser would read otherwise than we do: no other scheme, no `//host`, no backslash, no space.
 * ERR_BAD_FIELD. */
int text_check_url(struct slice s) MUST_CHECK;
