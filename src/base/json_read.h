/* Reads JSON (RFC 8259) token by token out of a slice: no tree, no recursion, no copies, constant
 * stack. Prefix `json_`. Used by every dialect, by REST, Socket.IO and the field tables; most
 * callers want fields_decode() instead.
 *
 *     struct json j;
 *     struct json_value v;
 *     json_init(&j, text, arena);
 *     while (json_next(&v, &j) > JSON_END)
 *         ...
 *     return json_err(&j);
 *
 * Refused, though the RFC would permit it: more than JSON_MAX_DEPTH levels, more than
 * JSON_MAX_MEMBERS members of an object, a key twice in one object (compared as decoded), invalid
 * UTF-8, numbers beyond the range of double or longer than JSON_NUMBER_MAX_INPUT_BYTES, a byte
 * order mark. Arrays have no limit but the size of the text, which is the caller's to bound.
 * `\u0000` is read; the field tables refuse it by default. Half a surrogate pair, escaped, is read
 * as U+FFFD: JavaScript writes one when a text was cut in the middle of an emoji. */
#pragma once

#include "base/arena.h"

#define JSON_MAX_DEPTH     32
#define JSON_MAX_MEMBERS   256
#define JSON_KEYS_BUILT_IN 32 /* of open objects, kept without the arena */

enum json_type {
    JSON_ERROR, /* and so is every further token; see json_err() */
    JSON_END,   /* the text was one value and nothing more */
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_ARRAY,
    JSON_ARRAY_END,
    JSON_KEY, /* the member's value is the next token */
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
};

/* *borrows* from the text. */
struct json_value {
    enum json_type type;
    bool escaped;     /* strings and keys: `raw` holds escapes */
    struct slice raw; /* as written; strings and keys without their quotes */
};

/* A key of an open object, to find a second one like it. */
struct json_seen {
    uint32_t at; /* offset in the text */
    uint32_t len;
    uint32_t hash;
};

struct json_level {
    uint64_t seen_bits;  /* bit h: a key whose hash begins with h was seen */
    uint32_t first_seen; /* index of the object's first key */
};

/* Refers to itself: it cannot be copied. Most of it needs no initialization. */
struct json {
    const char *p;
    const char *start;
    const char *end;
    struct arena *arena;
    struct json_seen *seen; /* `built_in`, or in the arena */
    uint32_t seen_n;
    uint32_t seen_max;
    uint32_t objects; /* bit d: level d is an object, not an array */
    uint8_t depth;
    uint8_t expect;
    bool is_known; /* the text has been read before */
    int err;
    struct json_level levels[JSON_MAX_DEPTH];
    struct json_seen built_in[JSON_KEYS_BUILT_IN];
};

/* *borrows* `text`, of less than 4 GiB, and `arena`, which only objects with many keys need; NULL
 * makes ERR_TOO_MANY of those. */
void json_init(struct json *j, struct slice text, struct arena *arena);

/* The same for text that has been read whole once, without an error: objects and arrays that are
 * passed over are not checked again, which is most of the work where much is passed on untouched.
 * Of other text it may give as a whole what is none, but never more than there is. */
void json_init_known(struct json *j, struct slice text, struct arena *arena);

/* The next token; also the result. */
enum json_type json_next(struct json_value *v, struct json *j);

/* The same, but an object or array comes whole, checked and unread: JSON_OBJECT or JSON_ARRAY with
 * all of it as `raw`. The ends are those of the object or array that the reader is in. */
enum json_type json_next_whole(struct json_value *v, struct json *j);

/* Makes the JSON_OBJECT or JSON_ARRAY that json_next() gave just now whole. */
enum json_type json_read_rest(struct json_value *v, struct json *j);

/* 0, ERR_BAD_JSON, ERR_BAD_UTF8, ERR_TOO_DEEP, ERR_TOO_MANY (members), ERR_TOO_BIG (the arena). */
int json_err(const struct json *j) MUST_CHECK;

/* How far it read; after an error, the offset of the byte or token that cannot be. */
size_t json_at(const struct json *j);

/* The whole of `text` is one value of this type; gives the value, an object or array whole. */
int json_read_whole(struct json_value *v, struct slice text, struct arena *arena) MUST_CHECK;

/* A string's or key's text: a part of the input where it has no escapes, else a copy in the arena.
 * May hold NUL. ERR_BAD_VALUE: no text; ERR_TOO_BIG: the arena. */
int json_text(struct slice *out, struct arena *arena, const struct json_value *v) MUST_CHECK;

/* A string or key that means `text`. */
bool json_is(const struct json_value *v, struct slice text);

/* A number's exact value, `10` as well as `1e1`; its nearest double. ERR_BAD_VALUE: no number, or
 * no whole one, or too large. */
int json_int(int64_t *out, const struct json_value *v) MUST_CHECK;
int json_double(double *out, const struct json_value *v) MUST_CHECK;

/* The value as it stands in the text, quotes included: to be passed on untouched. */
struct slice json_source(const struct json_value *v);
