#include "base/fields_schema.h"

#define ID_PATTERN "^[A-Za-z0-9_.:@+=~|-]+$"
#define HELP_BYTES 512

static void put_limits(
    struct json_writer *w, const struct field *f, const char *least, const char *most)
{
    if (f->min > 0)
        jw_field_double(w, least, f->min);
    if (f->max > 0)
        jw_field_double(w, most, f->max);
}

static void put_text(struct json_writer *w, const struct field *f)
{
    jw_field_str(w, "type", S("string"));
    put_limits(w, f, "minLength", "maxLength");
}

static void put_id(struct json_writer *w, const struct field *f)
{
    jw_field_str(w, "type", S("string"));
    jw_field_i64(w, "minLength", 1);
    jw_field_double(w, "maxLength", f->max);
    jw_field_str(w, "pattern", S(ID_PATTERN));
}

static void put_number(struct json_writer *w, const struct field *f)
{
    jw_field_str(w, "type", f->type == FIELD_INT ? S("integer") : S("number"));
    if (f->min == 0 && f->max == 0)
        return;
    jw_field_double(w, "minimum", f->min);
    jw_field_double(w, "maximum", f->max);
}

static void put_bool(struct json_writer *w, const struct field *f)
{
    (void)f;
    jw_field_str(w, "type", S("boolean"));
}

static void put_enum(struct json_writer *w, const struct field *f)
{
    jw_field_str(w, "type", S("string"));
    jw_field_array(w, "enum");
    for (const char *const *name = f->names; *name; name++)
        jw_str(w, slice_str(*name));
    jw_end(w);
}

static void put_anything(struct json_writer *w, const struct field *f)
{
    (void)w;
    (void)f;
}

static void put_object(struct json_writer *w, const struct field *f)
{
    (void)f;
    jw_field_str(w, "type", S("object"));
}

static void put_array(struct json_writer *w, const struct field *f)
{
    (void)f;
    jw_field_str(w, "type", S("array"));
}

static void put_members(struct json_writer *w, const struct fields *table);

static void put_sub(struct json_writer *w, const struct field *f)
{
    put_members(w, f->sub);
}

static void (*const forms[])(struct json_writer *w, const struct field *f) = {
    [FIELD_STR] = put_text,
    [FIELD_ID] = put_id,
    [FIELD_INT] = put_number,
    [FIELD_DOUBLE] = put_number,
    [FIELD_BOOL] = put_bool,
    [FIELD_ENUM] = put_enum,
    [FIELD_RAW] = put_anything,
    [FIELD_OBJECT_RAW] = put_object,
    [FIELD_ARRAY_RAW] = put_array,
    [FIELD_OBJECT] = put_sub,
};

static void put_help(struct json_writer *w, const struct field *f)
{
    struct buf text;
    buf_init(&text, HELP_BYTES);
    buf_add_str(&text, f->help);
    for (size_t i = 0; i < FIELD_MAX_ALIASES && f->aliases[i]; i++) {
        buf_add_str(&text, i == 0 ? " (also: " : ", ");
        buf_add_str(&text, f->aliases[i]);
    }
    if (f->aliases[0])
        buf_add_char(&text, ')');
    jw_field_str(w, "description", buf_slice(&text));
    buf_fini(&text);
}

void field_schema(struct json_writer *w, const struct field *f)
{
    jw_object(w);
    forms[f->type](w, f);
    put_help(w, f);
    jw_end(w);
}

static bool needs_something(const struct fields *table)
{
    for (size_t i = 0; i < table->n; i++) {
        if (table->list[i].required)
            return true;
    }
    return false;
}

static void put_members(struct json_writer *w, const struct fields *table)
{
    jw_field_str(w, "type", S("object"));
    jw_field_object(w, "properties");
    for (size_t i = 0; i < table->n; i++) {
        jw_key(w, slice_str(table->list[i].name));
        field_schema(w, &table->list[i]);
    }
    jw_end(w);
    if (!needs_something(table))
        return;
    jw_field_array(w, "required");
    for (size_t i = 0; i < table->n; i++) {
        if (table->list[i].required)
            jw_str(w, slice_str(table->list[i].name));
    }
    jw_end(w);
}

void fields_schema(struct json_writer *w, const struct fields *table)
{
    jw_object(w);
    put_members(w, table);
    jw_end(w);
}
