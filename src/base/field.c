/* Per type of field: storing from JSON, storing from plain text, describing, and what a row of that
 * type needs. Values are written with memcpy, since `to` is the address of a member of any type. */
#include "base/field.h"

#include "base/utf8.h"

#include <stdio.h>

#define MAX_LENGTH (1u << 30) /* that a row may permit */

static bool is_called(struct slice name, const char *spelling)
{
    if (name.len == 0 || name.p[0] != spelling[0])
        return false;
    return strnlen(spelling, name.len + 1) == name.len && memcmp(spelling, name.p, name.len) == 0;
}

int field_spelling(const struct field *f, struct slice name)
{
    if (is_called(name, f->name))
        return 0;
    for (int i = 0; i < FIELD_MAX_ALIASES && f->aliases[i] != NULL; i++) {
        if (is_called(name, f->aliases[i]))
            return i + 1;
    }
    return -1;
}

static bool is_in_range(const struct field *f, double value)
{
    return (f->min == 0 && f->max == 0) || (value >= f->min && value <= f->max);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct slice trim(struct slice s)
{
    while (s.len > 0 && is_space(s.p[0]))
        s = slice_drop(s, 1);
    while (s.len > 0 && is_space(s.p[s.len - 1]))
        s.len--;
    return s;
}

/* No control characters (C0, DEL, C1), nor the separators U+2028 and U+2029, nor U+202D and U+202E,
 * behind which a name or a file's ending is shown as another. */
static bool is_one_line(struct slice s)
{
    uint32_t c = 0;
    while (s.len > 0) {
        size_t n = utf8_decode(&c, s);
        bool is_override = c == 0x202d || c == 0x202e;
        if (n == 0 || c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c | 1) == 0x2029 || is_override)
            return false;
        s = slice_drop(s, n);
    }
    return true;
}

static int store_str(void *to, const struct field *f, struct slice text)
{
    if (f->trim)
        text = trim(text);
    size_t n = text.len;
    if (n > (size_t)f->max || f->min > 1)
        n = utf8_count(text);
    if (n < (size_t)f->min || n > (size_t)f->max)
        return ERR_BAD_FIELD;
    if (!f->allow_nul && text.len > 0 && memchr(text.p, 0, text.len))
        return ERR_BAD_FIELD;
    if (f->one_line && !is_one_line(text))
        return ERR_BAD_FIELD;
    memcpy(to, &text, sizeof(text));
    return 0;
}

static bool is_id_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
        (c != '\0' && strchr("-_.:@+=~|", c));
}

static int store_id(void *to, const struct field *f, struct slice text)
{
    if (text.len < 1 || text.len > (size_t)f->max)
        return ERR_BAD_FIELD;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_id_char(text.p[i]))
            return ERR_BAD_FIELD;
    }
    memcpy(to, &text, sizeof(text));
    return 0;
}

static int store_enum(void *to, const struct field *f, struct slice text)
{
    for (int i = 0; f->names[i] != NULL; i++) {
        if (slice_eq(text, slice_str(f->names[i]))) {
            memcpy(to, &i, sizeof(i));
            return 0;
        }
    }
    return ERR_BAD_FIELD;
}

static int store_bool(void *to, bool value)
{
    memcpy(to, &value, sizeof(value));
    return 0;
}

static int store_number(void *to, const struct field *f, const struct json_value *v)
{
    int64_t whole = 0;
    double number = 0;
    int err = f->type == FIELD_INT ? json_int(&whole, v) : json_double(&number, v);
    if (err || !is_in_range(f, f->type == FIELD_INT ? (double)whole : number))
        return ERR_BAD_FIELD;
    if (f->type == FIELD_INT)
        memcpy(to, &whole, sizeof(whole));
    else
        memcpy(to, &number, sizeof(number));
    return 0;
}

static int store_raw(void *to, const struct field *f, const struct json_value *v)
{
    struct slice source = json_source(v);
    bool type_fits = f->type == FIELD_RAW ||
        v->type == (f->type == FIELD_OBJECT_RAW ? JSON_OBJECT : JSON_ARRAY);
    if (!type_fits || source.len > (size_t)f->max)
        return ERR_BAD_FIELD;
    memcpy(to, &source, sizeof(source));
    return 0;
}

static int store_words(void *to, const struct field *f, struct slice text)
{
    switch (f->type) {
    case FIELD_STR:
        return store_str(to, f, text);
    case FIELD_ID:
        return store_id(to, f, text);
    case FIELD_ENUM:
        return store_enum(to, f, text);
    default:
        return ERR_BAD_FIELD;
    }
}

static bool is_text_type(const struct field *f)
{
    return f->type == FIELD_STR || f->type == FIELD_ID || f->type == FIELD_ENUM;
}

static bool is_digits(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return true;
}

static int store_json_text(
    void *to, struct arena *arena, const struct field *f, const struct json_value *v)
{
    struct slice text;
    if (f->type == FIELD_ID && v->type == JSON_NUMBER && is_digits(v->raw))
        return store_id(to, f, v->raw);
    int err = json_text(&text, arena, v);
    if (err)
        return err == ERR_BAD_VALUE ? ERR_BAD_FIELD : err;
    return store_words(to, f, text);
}

int field_store_json(
    void *to, struct arena *arena, const struct field *f, const struct json_value *v)
{
    switch (f->type) {
    case FIELD_STR:
    case FIELD_ID:
    case FIELD_ENUM:
        return store_json_text(to, arena, f, v);
    case FIELD_INT:
    case FIELD_DOUBLE:
        return store_number(to, f, v);
    case FIELD_BOOL:
        if (v->type != JSON_TRUE && v->type != JSON_FALSE)
            return ERR_BAD_FIELD;
        return store_bool(to, v->type == JSON_TRUE);
    case FIELD_RAW:
    case FIELD_OBJECT_RAW:
    case FIELD_ARRAY_RAW:
        return store_raw(to, f, v);
    case FIELD_OBJECT:
        break;
    }
    return ERR_BAD_FIELD;
}

int field_store_text(void *to, struct arena *arena, const struct field *f, struct slice text)
{
    struct json_value v;
    if (is_text_type(f))
        return store_words(to, f, text);
    if (f->type == FIELD_BOOL && text.len == 1 && (text.p[0] == '0' || text.p[0] == '1'))
        return store_bool(to, text.p[0] == '1');
    int err = json_read_whole(&v, text, arena);
    if (err)
        return err == ERR_TOO_BIG ? err : ERR_BAD_FIELD;
    return field_store_json(to, arena, f, &v);
}

static void describe_names(char *out, const struct field *f)
{
    size_t len = (size_t)snprintf(out, FIELD_TEXT_BYTES, "one of");
    for (size_t i = 0; f->names[i] != NULL && len < FIELD_TEXT_BYTES; i++) {
        const char *comma = i > 0 ? "," : "";
        int n = snprintf(out + len, FIELD_TEXT_BYTES - len, "%s \"%s\"", comma, f->names[i]);
        len += (size_t)n;
    }
}

static void describe_number(char *out, const struct field *f)
{
    const char *what = f->type == FIELD_INT ? "a whole number" : "a number";
    if (f->min == 0 && f->max == 0)
        snprintf(out, FIELD_TEXT_BYTES, "%s", what);
    else
        snprintf(out, FIELD_TEXT_BYTES, "%s from %.16g to %.16g", what, f->min, f->max);
}

void field_describe(char out[FIELD_TEXT_BYTES], const struct field *f)
{
    static const char *const raw_names[] = {
        [FIELD_RAW] = "any value", [FIELD_OBJECT_RAW] = "an object", [FIELD_ARRAY_RAW] = "a list"
    };
    switch (f->type) {
    case FIELD_STR:
        snprintf(out, FIELD_TEXT_BYTES, "%s of %.15g to %.15g characters",
            f->one_line ? "one line" : "text", f->min, f->max);
        break;
    case FIELD_ID:
        snprintf(out, FIELD_TEXT_BYTES, "an id of 1 to %.15g letters, digits or -_.:@+=~|", f->max);
        break;
    case FIELD_INT:
    case FIELD_DOUBLE:
        describe_number(out, f);
        break;
    case FIELD_BOOL:
        snprintf(out, FIELD_TEXT_BYTES, "true or false");
        break;
    case FIELD_ENUM:
        describe_names(out, f);
        break;
    case FIELD_RAW:
    case FIELD_OBJECT_RAW:
    case FIELD_ARRAY_RAW:
        snprintf(out, FIELD_TEXT_BYTES, "%s of at most %.15g bytes", raw_names[f->type], f->max);
        break;
    case FIELD_OBJECT:
        snprintf(out, FIELD_TEXT_BYTES, "an object");
        break;
    }
}

static const char *limits_fault(const struct field *f)
{
    switch (f->type) {
    case FIELD_STR:
    case FIELD_ID:
    case FIELD_RAW:
    case FIELD_OBJECT_RAW:
    case FIELD_ARRAY_RAW:
        return f->min < 0 || f->max < 1 || f->max < f->min || f->max > MAX_LENGTH
            ? "the length has no sensible limits"
            : NULL;
    case FIELD_INT:
    case FIELD_DOUBLE:
        return f->min > f->max ? "min is above max" : NULL;
    case FIELD_ENUM:
        return f->names == NULL || f->names[0] == NULL ? "names are missing" : NULL;
    case FIELD_OBJECT:
        return f->sub == NULL ? "sub is missing" : NULL;
    case FIELD_BOOL:
        break;
    }
    return NULL;
}

static const char *preset_fault(const struct field *f)
{
    union {
        struct slice slice;
        int64_t whole;
        double number;
        int index;
        bool flag;
    } to;
    if (f->preset == NULL)
        return NULL;
    if (f->required)
        return "what is required needs no preset";
    return field_store_text(&to, NULL, f, slice_str(f->preset)) ? "the preset is not valid" : NULL;
}

const char *field_fault(const struct field *f)
{
    static const enum field_holds wanted[] = {
        [FIELD_STR] = HOLDS_SLICE,
        [FIELD_ID] = HOLDS_SLICE,
        [FIELD_INT] = HOLDS_INT64,
        [FIELD_DOUBLE] = HOLDS_DOUBLE,
        [FIELD_BOOL] = HOLDS_BOOL,
        [FIELD_ENUM] = HOLDS_ENUM,
        [FIELD_RAW] = HOLDS_SLICE,
        [FIELD_OBJECT_RAW] = HOLDS_SLICE,
        [FIELD_ARRAY_RAW] = HOLDS_SLICE,
        [FIELD_OBJECT] = HOLDS_STRUCT,
    };
    if (f->name == NULL || f->name[0] == '\0')
        return "the name is missing";
    if (f->help == NULL || f->help[0] == '\0')
        return "the help is missing";
    if (f->size == 0 || f->holds != wanted[f->type])
        return "the member is not of the row's type";
    const char *fault = limits_fault(f);
    return fault != NULL ? fault : preset_fault(f);
}
