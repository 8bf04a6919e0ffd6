#include "base/json_write.h"

#include "base/json_number.h"
#include "base/json_text.h"
#include "base/panic.h"
#include "base/rfc3339.h"

#include <math.h>

void jw_init(struct json_writer *w, struct buf *out)
{
    *w = (struct json_writer){ .out = out };
}

bool jw_is_done(const struct json_writer *w)
{
    return w->depth == 0;
}

static uint64_t level_bit(const struct json_writer *w)
{
    return 1ull << (w->depth - 1);
}

static bool in_object(const struct json_writer *w)
{
    return w->depth > 0 && w->objects & level_bit(w);
}

static void comma(struct json_writer *w)
{
    if (w->depth == 0)
        return;
    if (w->nonempty & level_bit(w))
        buf_add_char(w->out, ',');
    w->nonempty |= level_bit(w);
}

/* What comes before any value. */
static void before_value(struct json_writer *w)
{
    ASSERT(w->has_key == in_object(w));
    if (!w->has_key)
        comma(w);
    w->has_key = false;
}

static void open_level(struct json_writer *w, bool object)
{
    before_value(w);
    ASSERT(w->depth < JW_MAX_DEPTH);
    w->depth++;
    w->objects = object ? w->objects | level_bit(w) : w->objects & ~level_bit(w);
    w->nonempty &= ~level_bit(w);
    buf_add_char(w->out, object ? '{' : '[');
}

void jw_object(struct json_writer *w)
{
    open_level(w, true);
}

void jw_array(struct json_writer *w)
{
    open_level(w, false);
}

void jw_end(struct json_writer *w)
{
    ASSERT(w->depth > 0 && !w->has_key);
    buf_add_char(w->out, in_object(w) ? '}' : ']');
    w->depth--;
}

void jw_key(struct json_writer *w, struct slice key)
{
    ASSERT(in_object(w) && !w->has_key);
    comma(w);
    json_text_quote(w->out, key);
    buf_add_char(w->out, ':');
    w->has_key = true;
}

void jw_str(struct json_writer *w, struct slice text)
{
    before_value(w);
    json_text_quote(w->out, text);
}

void jw_i64(struct json_writer *w, int64_t value)
{
    before_value(w);
    buf_add_i64(w->out, value);
}

void jw_u64(struct json_writer *w, uint64_t value)
{
    before_value(w);
    buf_add_u64(w->out, value);
}

void jw_double(struct json_writer *w, double value)
{
    char text[JSON_NUMBER_MAX_BYTES];
    if (isfinite(value))
        jw_raw(w, slice_of(text, json_number_format(text, value)));
    else
        jw_null(w);
}

void jw_bool(struct json_writer *w, bool value)
{
    jw_raw(w, value ? S("true") : S("false"));
}

void jw_null(struct json_writer *w)
{
    jw_raw(w, S("null"));
}

void jw_time(struct json_writer *w, int64_t ms)
{
    char text[RFC3339_LEN + 1];
    rfc3339_format(text, ms);
    jw_str(w, slice_of(text, RFC3339_LEN));
}

void jw_raw(struct json_writer *w, struct slice json)
{
    before_value(w);
    buf_add_slice(w->out, json.len > 0 ? json : S("null"));
}

static void key(struct json_writer *w, const char *name)
{
    jw_key(w, slice_str(name));
}

void jw_field_str(struct json_writer *w, const char *name, struct slice text)
{
    key(w, name);
    jw_str(w, text);
}

void jw_field_i64(struct json_writer *w, const char *name, int64_t value)
{
    key(w, name);
    jw_i64(w, value);
}

void jw_field_u64(struct json_writer *w, const char *name, uint64_t value)
{
    key(w, name);
    jw_u64(w, value);
}

void jw_field_double(struct json_writer *w, const char *name, double value)
{
    key(w, name);
    jw_double(w, value);
}

void jw_field_bool(struct json_writer *w, const char *name, bool value)
{
    key(w, name);
    jw_bool(w, value);
}

void jw_field_null(struct json_writer *w, const char *name)
{
    key(w, name);
    jw_null(w);
}

void jw_field_time(struct json_writer *w, const char *name, int64_t ms)
{
    key(w, name);
    jw_time(w, ms);
}

void jw_field_raw(struct json_writer *w, const char *name, struct slice json)
{
    key(w, name);
    jw_raw(w, json);
}

void jw_field_object(struct json_writer *w, const char *name)
{
    key(w, name);
    jw_object(w);
}

void jw_field_array(struct json_writer *w, const char *name)
{
    key(w, name);
    jw_array(w);
}
