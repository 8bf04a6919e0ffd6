/* Writes JSON into a bounded buffer: commas, quotes and escapes come by themselves, and what comes
 * out is always valid JSON in valid UTF-8. Prefix `jw_`. Used by everything that answers.
 *
 *     struct json_writer w;
 *     jw_init(&w, &buf);
 *     jw_object(&w);
 *     jw_field_str(&w, "name", name);
 *     jw_key(&w, S("ids"));
 *     jw_array(&w);
 *     jw_u64(&w, 7);
 *     jw_end(&w);
 *     jw_end(&w);
 *     err = buf_err(&buf);
 *
 * Nothing fails but the buffer, which the caller asks once at the end. Calls in a wrong order (a
 * value without its key, an end too many) are our own mistake: they panic. */
#pragma once

#include "base/buf.h"

#define JW_MAX_DEPTH 64

struct json_writer {
    struct buf *out;
    uint64_t objects;  /* bit d: level d is an object, not an array */
    uint64_t nonempty; /* bit d: level d has a member, the next needs a comma */
    uint8_t depth;
    bool has_key;
};

/* *borrows* `out`, and adds to what it holds. */
void jw_init(struct json_writer *w, struct buf *out);

/* Every object and array was ended. */
bool jw_is_done(const struct json_writer *w);

void jw_object(struct json_writer *w);
void jw_array(struct json_writer *w);
void jw_end(struct json_writer *w); /* of the innermost of either */

/* Between jw_object() and its end, before each value. Keys are not looked at for doubles. */
void jw_key(struct json_writer *w, struct slice key);

/* A byte that belongs to no valid character becomes U+FFFD. */
void jw_str(struct json_writer *w, struct slice text);

/* Above 2^53 JavaScript reads the nearest double. */
void jw_i64(struct json_writer *w, int64_t value);
void jw_u64(struct json_writer *w, uint64_t value);

/* The fewest digits that read back as the same double; null for NaN and the infinities. */
void jw_double(struct json_writer *w, double value);
void jw_bool(struct json_writer *w, bool value);
void jw_null(struct json_writer *w);

/* A moment in milliseconds since 1970 as the text of rfc3339_format(). */
void jw_time(struct json_writer *w, int64_t ms);

/* One value that is JSON already, as json_source() gives it; null when it is empty. */
void jw_raw(struct json_writer *w, struct slice json);

/* A key and its value in one call. */
void jw_field_str(struct json_writer *w, const char *name, struct slice text);
void jw_field_i64(struct json_writer *w, const char *name, int64_t value);
void jw_field_u64(struct json_writer *w, const char *name, uint64_t value);
void jw_field_double(struct json_writer *w, const char *name, double value);
void jw_field_bool(struct json_writer *w, const char *name, bool value);
void jw_field_null(struct json_writer *w, const char *name);
void jw_field_time(struct json_writer *w, const char *name, int64_t ms);
void jw_field_raw(struct json_writer *w, const char *name, struct slice json);
void jw_field_object(struct json_writer *w, const char *name);
void jw_field_array(struct json_writer *w, const char *name);
