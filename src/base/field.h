/* One row of a field table: a named value, its type and limits, its place in a struct; how a value
 * of JSON or plain text gets there, and what to call it. Tables, and how to write them, are
 * fields.h. */
#pragma once

#include "base/json_read.h"

#define FIELD_TEXT_BYTES  256 /* of a description or an error; longer ones are cut */
#define FIELD_MAX_ALIASES 3
#define FIELD_SPELLINGS   (1 + FIELD_MAX_ALIASES)

enum field_type {
    FIELD_STR,        /* struct slice: text of min to max characters */
    FIELD_ID,         /* struct slice: 1 to max letters, digits and - _ . : @ + = ~ |; a JSON number
                         of digits alone is taken as its digits */
    FIELD_INT,        /* int64_t: a whole number in any spelling, from min to max */
    FIELD_DOUBLE,     /* double: from min to max */
    FIELD_BOOL,       /* bool; in queries `true`, `false`, `1` or `0` */
    FIELD_ENUM,       /* int or enum: index of the text in `names`; 0 when absent */
    FIELD_RAW,        /* struct slice: any JSON value as written, at most max bytes */
    FIELD_OBJECT_RAW, /* struct slice: the same, an object */
    FIELD_ARRAY_RAW,  /* struct slice: the same, an array */
    FIELD_OBJECT,     /* a struct: an object decoded by `sub` */
};

/* The C type of a member, so that fields_check() finds a row of another type. */
enum field_holds { HOLDS_STRUCT, HOLDS_SLICE, HOLDS_INT64, HOLDS_DOUBLE, HOLDS_BOOL, HOLDS_ENUM };

struct fields;

struct field {
    const char *name;
    const char *aliases[FIELD_MAX_ALIASES]; /* other spellings; an earlier spelling wins */
    const char *help;                       /* half a sentence for the documentation */
    const char *preset;                     /* when absent: text as in a query */
    const char *const *names;               /* FIELD_ENUM: ends with NULL */
    const struct fields *sub;               /* FIELD_OBJECT */
    double min;                             /* numbers: both 0 is no limit; texts: characters */
    double max;
    uint32_t offset;
    uint32_t size;
    uint32_t has; /* 1 + offset of a bool that says whether the field was sent; 0: none */
    enum field_type type;
    enum field_holds holds;
    bool required;
    bool trim;      /* text: white space (ASCII) at both ends is cut before it is measured */
    bool one_line;  /* text: no control characters, line separators, overrides of direction */
    bool allow_nul; /* text: may hold U+0000, which is refused otherwise */
};

/* clang-format off */
#define FIELD_HOLDS(lvalue)                                                                        \
    _Generic((lvalue), struct slice: HOLDS_SLICE, int64_t: HOLDS_INT64, double: HOLDS_DOUBLE,      \
        bool: HOLDS_BOOL, int: HOLDS_ENUM, unsigned: HOLDS_ENUM, default: HOLDS_STRUCT)
/* clang-format on */

/* Where the value goes, and where it is said whether there was one. */
#define FIELD_MEMBER(struct_type, member)                                                \
    .offset = offsetof(struct_type, member), .size = sizeof(((struct_type *)0)->member), \
    .holds = FIELD_HOLDS(((struct_type *)0)->member)
#define FIELD_HAS(struct_type, member) .has = 1 + offsetof(struct_type, member)

/* Which spelling `name` is: 0 for the name, i for the i-th alias; -1 for none. */
int field_spelling(const struct field *f, struct slice name);

/* Both write to `to`, the member. ERR_BAD_FIELD: not what the row asks for; ERR_TOO_BIG: the arena.
 * FIELD_OBJECT is not theirs. Plain text is what queries, paths and presets hold: texts are
 * themselves, everything else is read as JSON. */
int field_store_json(
    void *to, struct arena *arena, const struct field *f, const struct json_value *v) MUST_CHECK;
int field_store_text(
    void *to, struct arena *arena, const struct field *f, struct slice text) MUST_CHECK;

/* What a value must be, as in "a number from 0.01 to 1440", for sentences and documentation. */
void field_describe(char out[FIELD_TEXT_BYTES], const struct field *f);

/* What is wrong with the row itself, for tests; NULL: nothing. */
const char *field_fault(const struct field *f);
