/* UTF-8 (RFC 3629): whole texts, text that arrives in pieces, single characters. No other encoding,
 * no normalization, no case. Used by JSON, WebSocket, URLs and the field tables. A *character* is a
 * Unicode code point, here and wherever Stoa counts characters. */
#pragma once

#include "base/slice.h"

#include <stdint.h>

#define UTF8_MAX_BYTES   4       /* of one character */
#define UTF8_REPLACEMENT 0xFFFDu /* stands where something unreadable was */

/* Text in pieces: a piece may end inside a character. Zeroed is the start of a text. */
struct utf8 {
    uint8_t need; /* continuation bytes still to come */
    uint8_t low;  /* the range of the next one */
    uint8_t high;
};

void utf8_init(struct utf8 *u);

/* The text goes on with `s`. ERR_BAD_UTF8 with the first byte that no valid text can have here, not
 * later; and from then on for every further piece. */
int utf8_feed(struct utf8 *u, struct slice s) MUST_CHECK;

/* No character is left open: the text may end here. */
bool utf8_is_done(const struct utf8 *u);

bool utf8_is_valid(struct slice s);

/* The length of the longest beginning that consists of whole valid characters. */
size_t utf8_valid_len(struct slice s);

/* The first character. Gives its length in bytes, or 0 when `s` does not begin with a valid one. */
size_t utf8_decode(uint32_t *out, struct slice s);

/* Gives the number of bytes written. What is no character becomes UTF8_REPLACEMENT. */
size_t utf8_encode(char out[UTF8_MAX_BYTES], uint32_t character);

/* Characters in valid text. */
size_t utf8_count(struct slice s);

/* The beginning of valid text: as many whole characters as fit into `max_bytes`; the first `n`. */
struct slice utf8_take(struct slice s, size_t max_bytes);
struct slice utf8_take_chars(struct slice s, size_t n);
