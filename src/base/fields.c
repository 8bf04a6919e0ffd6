/* Decoding goes in two steps. Reading: each pair of the input is looked up in the table, and its
 * value is stored; a value that does not fit marks its field bad. Ending: the table is walked once,
 * and its first bad or missing field is the error (one of an inner table before the others'), so
 * that what a client is told does not depend on the order of its members.
 *
 * A table within a table is read by the same reader, with a decoder of its own on the stack; tables
 * nest FIELDS_MAX_DEPTH deep, whatever the input does. */
#include "base/fields.h"

#include "base/panic.h"
#include "base/url.h"

#include <stdarg.h>
#include <stdio.h>

#define MAX_SOURCES (UINT8_MAX / FIELD_SPELLINGS) /* so that a rank fits into its byte */

__attribute__((format(printf, 3, 4))) static void say(
    struct field_error *error, const struct field *f, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(error->text, sizeof(error->text), format, args);
    va_end(args);
    error->field = f;
}

static void begin(struct fields_decoder *d)
{
    const struct fields *table = d->table;
    ASSERT(table->n <= FIELDS_MAX);
    for (size_t i = 0; i < table->n; i++) {
        const struct field *f = &table->list[i];
        memset(d->out + f->offset, 0, f->size);
        if (f->has)
            memset(d->out + f->has - 1, 0, sizeof(bool));
    }
}

void fields_begin(struct fields_decoder *d, void *out, struct field_error *error,
    struct arena *arena, const struct fields *table)
{
    *d = (struct fields_decoder){ .out = out, .error = error, .arena = arena, .table = table };
    *error = (struct field_error){ .field = NULL };
    begin(d);
}

/* The field that takes a value of this name, or NULL: none has it, or it has a stronger one. */
static const struct field *find(uint8_t *rank, const struct fields_decoder *d, struct slice name)
{
    for (size_t i = 0; i < d->table->n; i++) {
        int spelling = field_spelling(&d->table->list[i], name);
        if (spelling < 0)
            continue;
        *rank = (uint8_t)(1 + d->source * FIELD_SPELLINGS + spelling);
        bool weaker = d->rank[i] != 0 && d->rank[i] < *rank;
        return weaker ? NULL : &d->table->list[i];
    }
    return NULL;
}

/* A value for the field was read: `err` says how it went. */
static int settle(struct fields_decoder *d, const struct field *f, uint8_t rank, int err)
{
    size_t i = (size_t)(f - d->table->list);
    bool fits = err == 0;
    if (err && err != ERR_BAD_FIELD)
        return err;
    if (fits && d->bad >> i & 1) /* what an inner table said of a weaker spelling is void */
        *d->error = (struct field_error){ .field = NULL };
    d->rank[i] = rank;
    d->bad = fits ? d->bad & ~(1ull << i) : d->bad | 1ull << i;
    if (f->has)
        memcpy(d->out + f->has - 1, &fits, sizeof(fits));
    return 0;
}

static void next_source(struct fields_decoder *d)
{
    d->source++;
    ASSERT(d->source < MAX_SOURCES);
}

static int read_members(struct fields_decoder *d, struct json *j);

static void begin_sub(
    struct fields_decoder *sub, const struct fields_decoder *d, const struct field *f)
{
    *sub = (struct fields_decoder){
        .out = d->out + f->offset,
        .error = d->error,
        .arena = d->arena,
        .table = f->sub,
        .parent = d,
        .within = f,
    };
    begin(sub);
}

static int read_sub(struct fields_decoder *d, const struct field *f, struct json *j)
{
    struct fields_decoder sub;
    begin_sub(&sub, d, f);
    int err = read_members(&sub, j);
    return err ? err : fields_end(&sub);
}

/* The value behind a key, which is already read as far as `v` goes. */
static int read_value(
    struct fields_decoder *d, struct json_value *v, struct json *j, struct slice name)
{
    uint8_t rank = 0;
    const struct field *f = find(&rank, d, name);
    bool opens = v->type == JSON_OBJECT || v->type == JSON_ARRAY;
    if (f != NULL && f->type == FIELD_OBJECT && v->type == JSON_OBJECT)
        return settle(d, f, rank, read_sub(d, f, j));
    if (opens && json_read_rest(v, j) == JSON_ERROR)
        return json_err(j);
    if (f == NULL || v->type == JSON_NULL)
        return 0;
    return settle(d, f, rank, field_store_json(d->out + f->offset, d->arena, f, v));
}

/* The members of an object that was just begun, and its end. */
static int read_members(struct fields_decoder *d, struct json *j)
{
    struct json_value v;
    struct slice name;
    while (json_next(&v, j) == JSON_KEY) {
        int err = json_text(&name, d->arena, &v);
        if (err)
            return err;
        if (json_next(&v, j) == JSON_ERROR)
            return json_err(j);
        err = read_value(d, &v, j, name);
        if (err)
            return err;
    }
    return json_err(j);
}

/* Fills `error` for what is no single field's fault. */
static int whole_input(struct fields_decoder *d, int err)
{
    if (err && err != ERR_BAD_FIELD)
        say(d->error, NULL, "%s", err_info(err)->text);
    return err;
}

int fields_add_json(struct fields_decoder *d, struct slice json)
{
    struct json j;
    struct json_value v;
    if (d->is_known)
        json_init_known(&j, json, d->arena);
    else
        json_init(&j, json, d->arena);
    enum json_type type = json_next(&v, &j);
    if (type == JSON_ARRAY)
        json_read_rest(&v, &j);
    int err = type == JSON_OBJECT ? read_members(d, &j) : json_err(&j);
    if (!err && json_next(&v, &j) != JSON_END)
        err = json_err(&j);
    if (!err && type != JSON_OBJECT) {
        say(d->error, NULL, "An object with named fields was expected.");
        return ERR_BAD_FIELD;
    }
    next_source(d);
    return whole_input(d, err);
}

static int add_text(struct fields_decoder *d, struct slice name, struct slice value)
{
    uint8_t rank = 0;
    const struct field *f = find(&rank, d, name);
    if (f == NULL || (value.len == 0 && f->type != FIELD_STR))
        return 0;
    return settle(d, f, rank, field_store_text(d->out + f->offset, d->arena, f, value));
}

int fields_add_text(struct fields_decoder *d, struct slice name, struct slice value)
{
    int err = add_text(d, name, value);
    next_source(d);
    return whole_input(d, err);
}

static int add_pair(struct fields_decoder *d, struct slice name, struct slice value)
{
    int err = url_decode(&name, d->arena, name, URL_PLUS);
    if (err)
        return err;
    err = url_decode(&value, d->arena, value, URL_PLUS);
    return err ? err : add_text(d, name, value);
}

int fields_add_query(struct fields_decoder *d, struct slice query)
{
    struct slice name, value;
    int err = 0;
    while (!err && url_query_next(&name, &value, &query))
        err = add_pair(d, name, value);
    next_source(d);
    return whole_input(d, err);
}

/* `settings.seats`, from the outermost table inwards. */
static void full_name(char out[FIELD_TEXT_BYTES], const struct fields_decoder *d, const char *name)
{
    const char *parts[FIELDS_MAX_DEPTH];
    size_t n = 0, len = 0;
    for (; d->parent != NULL && n < FIELDS_MAX_DEPTH; d = d->parent)
        parts[n++] = d->within->name;
    while (n > 0 && len < FIELD_TEXT_BYTES)
        len += (size_t)snprintf(out + len, FIELD_TEXT_BYTES - len, "%s.", parts[--n]);
    if (len < FIELD_TEXT_BYTES)
        snprintf(out + len, FIELD_TEXT_BYTES - len, "%s", name);
}

static int refuse(struct fields_decoder *d, const struct field *f, const char *words)
{
    char name[FIELD_TEXT_BYTES], what[FIELD_TEXT_BYTES];
    if (d->error->field != NULL)
        return ERR_BAD_FIELD; /* an inner table has said it */
    full_name(name, d, f->name);
    field_describe(what, f);
    say(d->error, f, "\"%s\" %s %s.", name, words, what);
    return ERR_BAD_FIELD;
}

/* The members of an object that was not sent. */
static int end_absent_sub(struct fields_decoder *d, const struct field *f)
{
    struct fields_decoder sub;
    begin_sub(&sub, d, f);
    sub.optional = true;
    return fields_end(&sub);
}

static int end_field(struct fields_decoder *d, size_t i)
{
    const struct field *f = &d->table->list[i];
    if (d->bad >> i & 1)
        return refuse(d, f, "must be");
    if (d->rank[i] != 0)
        return 0;
    if (f->required && !d->optional)
        return refuse(d, f, "is missing: it must be");
    if (f->preset != NULL)
        return field_store_text(d->out + f->offset, d->arena, f, slice_str(f->preset));
    return f->type == FIELD_OBJECT ? end_absent_sub(d, f) : 0;
}

int fields_end(struct fields_decoder *d)
{
    for (size_t i = 0; i < d->table->n; i++) {
        int err = end_field(d, i);
        if (err)
            return err;
    }
    return 0;
}

static int decode(struct fields_decoder *d, struct slice json)
{
    int err = fields_add_json(d, json);
    return err ? err : fields_end(d);
}

int fields_decode(void *out, struct field_error *error, struct arena *arena,
    const struct fields *table, struct slice json)
{
    struct fields_decoder d;
    fields_begin(&d, out, error, arena, table);
    return decode(&d, json);
}

int fields_decode_known(void *out, struct field_error *error, struct arena *arena,
    const struct fields *table, struct slice json)
{
    struct fields_decoder d;
    fields_begin(&d, out, error, arena, table);
    d.is_known = true;
    return decode(&d, json);
}

int fields_decode_query(void *out, struct field_error *error, struct arena *arena,
    const struct fields *table, struct slice query)
{
    struct fields_decoder d;
    fields_begin(&d, out, error, arena, table);
    int err = fields_add_query(&d, query);
    return err ? err : fields_end(&d);
}

static int unsound(struct field_error *error, const struct field *f, const char *fault)
{
    say(error, f, "%s: %s", f->name != NULL ? f->name : "(no name)", fault);
    return ERR_BAD_VALUE;
}

/* The table has this name once, which is in row `f`. */
static bool is_unique(const struct fields *table, const char *name)
{
    unsigned n = 0;
    for (size_t i = 0; i < table->n; i++) {
        const struct field *f = &table->list[i];
        n += strcmp(f->name, name) == 0;
        for (unsigned k = 0; k < FIELD_MAX_ALIASES && f->aliases[k] != NULL; k++)
            n += strcmp(f->aliases[k], name) == 0;
    }
    return n == 1;
}

static bool is_each_unique(const struct fields *table, const struct field *f)
{
    bool unique = is_unique(table, f->name);
    for (unsigned k = 0; k < FIELD_MAX_ALIASES && f->aliases[k] != NULL; k++)
        unique = unique && is_unique(table, f->aliases[k]);
    return unique;
}

static int check_table(
    struct field_error *error, const struct fields *table, size_t struct_bytes, unsigned depth)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct field *f = &table->list[i];
        const char *fault = field_fault(f);
        if (fault != NULL)
            return unsound(error, f, fault);
        if ((size_t)f->offset + f->size > struct_bytes || f->has > struct_bytes)
            return unsound(error, f, "the member lies outside the struct");
        if (f->type == FIELD_OBJECT && depth + 1 == FIELDS_MAX_DEPTH)
            return unsound(error, f, "too many tables within tables");
        int err = f->type == FIELD_OBJECT ? check_table(error, f->sub, f->size, depth + 1) : 0;
        if (err)
            return err;
    }
    for (size_t i = 0; i < table->n; i++) {
        if (!is_each_unique(table, &table->list[i]))
            return unsound(error, &table->list[i], "the name is there twice");
    }
    return 0;
}

int fields_check(struct field_error *error, const struct fields *table, size_t struct_bytes)
{
    *error = (struct field_error){ .field = NULL };
    if (table->n > FIELDS_MAX) {
        say(error, NULL, "The table has more than %d rows.", FIELDS_MAX);
        return ERR_BAD_VALUE;
    }
    return check_table(error, table, struct_bytes, 0);
}
