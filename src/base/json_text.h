/* Strings of JSON: finding their end, decoding, comparing, writing. Shared by json_read and
 * json_write; *raw* is the text between the quotes, as it stands in a document that the reader
 * accepted. The functions are fast on text without escapes and never copy that. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

/* The first `"`, `\` or control character; `end` when there is none. */
const char *json_text_plain_end(const char *p, const char *end);

/* Behind the escape sequence (or pair of them, for characters above U+FFFF) that begins at `p`;
 * NULL when it is not a valid one. Half a surrogate pair is one: it means U+FFFD. */
const char *json_text_escape_end(const char *p, const char *end);

/* Decodes raw text into the arena. May give NUL characters, from \u0000. ERR_TOO_BIG. */
int json_text_decode(struct slice *out, struct arena *arena, struct slice raw) MUST_CHECK;

/* Both mean the same text; `raw` means the plain `text`. */
bool json_text_eq(struct slice raw, struct slice other_raw);
bool json_text_means(struct slice raw, struct slice text);

/* Of the decoded text, so that two spellings have one hash. Not keyed: bound its use. */
uint32_t json_text_hash(struct slice raw);

/* Adds the text in quotes, escaped where JSON demands it and nowhere else. A byte that belongs to
 * no valid character becomes U+FFFD: what is written is always valid. */
void json_text_quote(struct buf *out, struct slice text);
