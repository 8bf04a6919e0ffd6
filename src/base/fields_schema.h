/* A field table as a JSON Schema (2020-12), for documents that other programs read. */
#pragma once

#include "base/fields.h"
#include "base/json_write.h"

#define FIELDS_SCHEMA_TABLES 2

/* An object and what it is made of. */
struct fields_schema {
    const struct fields *tables[FIELDS_SCHEMA_TABLES]; /* in order of appearance; NULL: none */
    const char *type;       /* it has a "type" that says this; NULL: it has none */
    struct slice elsewhere; /* a path: fields that stand in it are left out */
};

/* Writes one value: an object schema. */
void fields_schema(struct json_writer *w, const struct fields_schema *of);

/* The next name in braces: cuts it off the path. False when there is no more. */
bool fields_schema_param(struct slice *name, struct slice *path);

/* Whether a path names the field, in any of its spellings: "/rooms/{room_id}". */
bool fields_schema_is_in(const struct field *f, struct slice path);

/* What that field must be, without its name: for parameters. */
void field_schema(struct json_writer *w, const struct field *f);
