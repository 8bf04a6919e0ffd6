/* A field table as a JSON Schema (2020-12), for documents that other programs read. */
#pragma once

#include "base/fields.h"
#include "base/json_write.h"

/* Writes one value: an object schema. */
void fields_schema(struct json_writer *w, const struct fields *table);

/* What that field must be, without its name: for parameters. */
void field_schema(struct json_writer *w, const struct field *f);
