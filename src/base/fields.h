/* Field tables: what a message or request may carry, as rows of name, type, limits and place in a
 * struct. From a table come the decoding of JSON objects, queries and path parameters, the sentence
 * that tells a client what is wrong, and the generated documentation. Used by the dispatcher of the
 * dialects and by the HTTP routes.
 *
 *     struct join { struct slice room_id, name; int64_t seats; bool has_seats; };
 *
 *     static const struct field join_list[] = {
 *         { .name = "roomId", .aliases = { "room" }, FIELD_MEMBER(struct join, room_id),
 *           .type = FIELD_ID, .required = true, .max = 64, .help = "the room to enter" },
 *         { .name = "seats", FIELD_MEMBER(struct join, seats), FIELD_HAS(struct join, has_seats),
 *           .type = FIELD_INT, .min = 1, .max = 50, .preset = "4", .help = "how many may sit" },
 *     };
 *     static const struct fields join_fields = FIELDS(join_list);
 *
 * Extra fields of the input are ignored, `null` counts as absent, an absent field is its preset or
 * zero. Work is linear in the input; slices *borrow* from the input, from the table (presets) or,
 * where text was escaped, from the arena. */
#pragma once

#include "base/field.h"

#define FIELDS_MAX       64 /* rows of a table */
#define FIELDS_MAX_DEPTH 4  /* tables within tables */

struct fields {
    const struct field *list;
    size_t n;
};

#define FIELDS(array)                                            \
    {                                                            \
        .list = (array), .n = sizeof(array) / sizeof((array)[0]) \
    }

/* Why decoding failed, in a sentence for the client. Never repeats what the client sent. */
struct field_error {
    const struct field *field; /* NULL: the input as a whole */
    char text[FIELD_TEXT_BYTES];
};

/* `out` from one JSON object, or from one query (encoded, without its `?`; the last of several
 * equal names wins, an empty value is absent unless the field is text). All fields of the table are
 * set, to zero at least; other members of the struct are not touched. On failure `out` is partly
 * set and `error` filled.
 * ERR_BAD_FIELD; the errors of json_err() or url_decode(); ERR_TOO_BIG: the arena. */
int fields_decode(void *out, struct field_error *error, struct arena *arena,
    const struct fields *table, struct slice json) MUST_CHECK;
/* The same from JSON that has been read whole once: see json_init_known(). */
int fields_decode_known(void *out, struct field_error *error, struct arena *arena,
    const struct fields *table, struct slice json) MUST_CHECK;
int fields_decode_query(void *out, struct field_error *error, struct arena *arena,
    const struct fields *table, struct slice query) MUST_CHECK;

/* Several sources for one struct: begin, add each, end. A field that an earlier source gave is not
 * taken from a later one, so add the path's parameters before the body. Stop at the first error. */
struct fields_decoder {
    char *out;
    struct field_error *error;
    struct arena *arena;
    const struct fields *table;
    const struct fields_decoder *parent; /* of a table within a table */
    const struct field *within;          /* the parent's row */
    bool optional;                       /* nothing is required: the whole was not sent */
    bool is_known;                       /* the JSON has been read before */
    uint8_t source;                      /* counted from 0 */
    uint8_t rank[FIELDS_MAX];            /* by source and spelling, less is stronger; 0: not set */
    uint64_t bad;                        /* bit i: field i has a wrong value */
};

void fields_begin(struct fields_decoder *d, void *out, struct field_error *error,
    struct arena *arena, const struct fields *table);
int fields_add_json(struct fields_decoder *d, struct slice json) MUST_CHECK;
int fields_add_query(struct fields_decoder *d, struct slice query) MUST_CHECK;

/* One decoded value, a path parameter. A name that the table lacks is ignored. */
int fields_add_text(struct fields_decoder *d, struct slice name, struct slice value) MUST_CHECK;
int fields_end(struct fields_decoder *d) MUST_CHECK;

/* Whether the table is sound for a struct of that size: rows complete (name, help, limits), names
 * unique, members inside the struct and of the row's type, presets valid. For tests; says in
 * `error` what is wrong. ERR_BAD_VALUE. */
int fields_check(
    struct field_error *error, const struct fields *table, size_t struct_bytes) MUST_CHECK;
