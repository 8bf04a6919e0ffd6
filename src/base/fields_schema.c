/* Stricter than the tables are: of several spellings only the first is in the schema, null is none
 * of them, and an id is text. Whoever does as it says is understood. */
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

static void put_members(struct json_writer *w, const struct fields_schema *of);

static void put_sub(struct json_writer *w, const struct field *f)
{
    put_members(w, &(struct fields_schema){ .tables = { f->sub } });
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

/* Presets are written as in a query: what is no text is JSON as it stands. */
static void put_preset(struct json_writer *w, const struct field *f)
{
    bool is_text = f->type == FIELD_STR || f->type == FIELD_ID || f->type == FIELD_ENUM;
    if (!f->preset)
        return;
    if (is_text)
        jw_field_str(w, "default", slice_str(f->preset));
    else
        jw_field_raw(w, "default", slice_str(f->preset));
}

void field_schema(struct json_writer *w, const struct field *f)
{
    jw_object(w);
    forms[f->type](w, f);
    put_preset(w, f);
    put_help(w, f);
    jw_end(w);
}

/* ---- objects ---- */

bool fields_schema_param(struct slice *name, struct slice *path)
{
    ptrdiff_t from = slice_find(*path, '{');
    ptrdiff_t to = slice_find(*path, '}');
    if (from < 0 || to < from)
        return false;
    *name = slice_of(path->p + from + 1, (size_t)(to - from - 1));
    *path = slice_drop(*path, (size_t)to + 1);
    return true;
}

bool fields_schema_is_in(const struct field *f, struct slice path)
{
    struct slice name;
    while (fields_schema_param(&name, &path)) {
        if (field_spelling(f, name) >= 0)
            return true;
    }
    return false;
}

static bool is_left_out(const struct fields_schema *of, const struct field *f)
{
    return of->elsewhere.len > 0 && fields_schema_is_in(f, of->elsewhere);
}

static void put_type(struct json_writer *w, const char *type)
{
    jw_field_object(w, "type");
    jw_field_str(w, "const", slice_str(type));
    jw_end(w);
}

static void put_properties(struct json_writer *w, const struct fields_schema *of)
{
    jw_field_object(w, "properties");
    if (of->type)
        put_type(w, of->type);
    for (size_t t = 0; t < FIELDS_SCHEMA_TABLES && of->tables[t]; t++) {
        for (size_t i = 0; i < of->tables[t]->n; i++) {
            const struct field *f = &of->tables[t]->list[i];
            if (is_left_out(of, f))
                continue;
            jw_key(w, slice_str(f->name));
            field_schema(w, f);
        }
    }
    jw_end(w);
}

static bool needs(const struct fields_schema *of, const struct field *f)
{
    return f->required && !is_left_out(of, f);
}

/* Opens the list with the first of them: there is no empty one. */
static void add_required(struct json_writer *w, bool *is_open, const char *name)
{
    if (!*is_open)
        jw_field_array(w, "required");
    *is_open = true;
    jw_str(w, slice_str(name));
}

static void put_required(struct json_writer *w, const struct fields_schema *of)
{
    bool is_open = false;
    if (of->type)
        add_required(w, &is_open, "type");
    for (size_t t = 0; t < FIELDS_SCHEMA_TABLES && of->tables[t]; t++) {
        for (size_t i = 0; i < of->tables[t]->n; i++) {
            if (needs(of, &of->tables[t]->list[i]))
                add_required(w, &is_open, of->tables[t]->list[i].name);
        }
    }
    if (is_open)
        jw_end(w);
}

static void put_members(struct json_writer *w, const struct fields_schema *of)
{
    jw_field_str(w, "type", S("object"));
    put_properties(w, of);
    put_required(w, of);
}

void fields_schema(struct json_writer *w, const struct fields_schema *of)
{
    jw_object(w);
    put_members(w, of);
    jw_end(w);
}
