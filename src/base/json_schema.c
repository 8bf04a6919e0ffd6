#include "base/json_schema.h"

#include "base/json_read.h"

/* Recursion is as deep as the reader lets a text of our own be: JSON_MAX_DEPTH. */
struct shape {
    struct json_writer *w;
    struct json json;
    struct arena arena;
    const char *any;
};

#define ARENA_BYTES 65536

static void put_value(struct shape *s, const struct json_value *v, bool is_member);

static bool is_any(const struct shape *s, struct slice name)
{
    struct slice rest = slice_str(s->any);
    struct slice one;
    while (slice_cut(&one, &rest, ',')) {
        if (slice_eq(slice_trim(one), name))
            return true;
    }
    return false;
}

static void put_anything(struct shape *s, const struct json_value *v)
{
    struct json_value rest = *v;
    if (v->type == JSON_OBJECT || v->type == JSON_ARRAY)
        json_read_rest(&rest, &s->json);
    jw_object(s->w);
    jw_end(s->w);
}

static void put_type(struct json_writer *w, const char *type, bool is_member)
{
    if (!is_member) {
        jw_field_str(w, "type", slice_str(type));
        return;
    }
    jw_field_array(w, "type");
    jw_str(w, slice_str(type));
    jw_str(w, S("null"));
    jw_end(w);
}

static void put_properties(struct shape *s)
{
    struct json_value key, value;
    jw_field_object(s->w, "properties");
    while (json_next(&key, &s->json) == JSON_KEY && json_next(&value, &s->json) > JSON_END) {
        jw_key(s->w, key.raw);
        if (is_any(s, key.raw))
            put_anything(s, &value);
        else
            put_value(s, &value, true);
    }
    jw_end(s->w);
}

/* As the first of them is. */
static void put_items(struct shape *s)
{
    struct json_value v;
    if (json_next(&v, &s->json) <= JSON_END || v.type == JSON_ARRAY_END)
        return;
    jw_key(s->w, S("items"));
    put_value(s, &v, false);
    while (json_next_whole(&v, &s->json) > JSON_END && v.type != JSON_ARRAY_END)
        ;
}

static void put_value(struct shape *s, const struct json_value *v, bool is_member)
{
    static const char *const types[] = {
        [JSON_OBJECT] = "object",
        [JSON_ARRAY] = "array",
        [JSON_STRING] = "string",
        [JSON_NUMBER] = "number",
        [JSON_TRUE] = "boolean",
        [JSON_FALSE] = "boolean",
        [JSON_NULL] = NULL,
    };
    jw_object(s->w);
    if (v->type > JSON_END && types[v->type])
        put_type(s->w, types[v->type], is_member);
    if (v->type == JSON_OBJECT)
        put_properties(s);
    else if (v->type == JSON_ARRAY)
        put_items(s);
    jw_end(s->w);
}

void json_schema(struct json_writer *w, struct slice example, const char *any)
{
    struct shape s = { .w = w, .any = any };
    struct json_value v;
    arena_init(&s.arena, ARENA_BYTES);
    json_init(&s.json, example, &s.arena);
    json_next(&v, &s.json);
    put_value(&s, &v, false);
    arena_fini(&s.arena);
}
