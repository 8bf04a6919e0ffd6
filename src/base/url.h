/* The parts of a URL that a server meets: percent-encoding, queries, and whether a path is clean
 * enough to be routed. Not a parser of whole URLs. Slices called *encoded* are as on the wire.
 *
 * What is decoded is text: valid UTF-8 without NUL, unless URL_ANY_BYTES says otherwise. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

enum url_flag {
    URL_PLUS = 1,      /* `+` is a space: names and values of queries and of forms */
    URL_ANY_BYTES = 2, /* NUL and invalid UTF-8 pass */
};

/* Gives a part of `encoded` itself when nothing in it is encoded, else a copy in the arena.
 * ERR_BAD_VALUE: a `%` without two hex digits, or a NUL; ERR_BAD_UTF8; ERR_TOO_BIG (arena). */
int url_decode(
    struct slice *out, struct arena *arena, struct slice encoded, unsigned flags) MUST_CHECK;

/* `encoded` means `text`. A broken `%` means nothing. */
bool url_eq(struct slice encoded, struct slice text, unsigned flags);

/* Adds `text` with everything encoded but letters, digits and `-._~`: fit for a segment of a path
 * and for a name or value of a query. */
void url_encode(struct buf *out, struct slice text);

/* Cuts the target of a request at its first `?`; `*query` is empty when there is none. */
void url_split(struct slice *path, struct slice *query, struct slice target);

/* Whether `path` (encoded, without query) may be routed. It begins with `/`; no segment is empty
 * but the last (a trailing slash); none, decoded, is `.` or `..` or invalid UTF-8; every `%` is
 * sound. No plain or encoded control character, NUL or `\`; no encoded `/`; no plain space, `"`,
 * `#`, `<`, `>`, `?` or byte above 0x7F. So a segment decoded later is never two and never leaves
 * the tree. ERR_NOT_FOUND for everything else: such an address names nothing here. */
int url_check_path(struct slice path) MUST_CHECK;

/* Cuts the next pair off `*rest`, which begins as the whole query; both parts encoded. Empty pairs
 * (`a=1&&b=2`) are left out; a name without `=` has an empty value. False: no more. */
bool url_query_next(struct slice *name, struct slice *value, struct slice *rest);

/* The decoded value of the last pair called `name`. ERR_NOT_FOUND, and what url_decode() says. */
int url_query_find(
    struct slice *value, struct arena *arena, struct slice query, struct slice name) MUST_CHECK;
