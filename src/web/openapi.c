/* Paths in the order of the route table, all methods of a path together. Bodies and queries are
 * described by the field tables that decode them, answers by the rows' examples. */
#include "web/openapi.h"

#include "base/fields_schema.h"
#include "web/route.h"

static const struct {
    enum http1_method method;
    const char *name;
} methods[] = {
    { .method = HTTP1_GET, .name = "get" },
    { .method = HTTP1_POST, .name = "post" },
    { .method = HTTP1_PUT, .name = "put" },
    { .method = HTTP1_PATCH, .name = "patch" },
    { .method = HTTP1_DELETE, .name = "delete" },
};

#define METHODS (sizeof methods / sizeof *methods)

static struct slice method_name(const struct route *r)
{
    for (size_t i = 0; i < METHODS; i++) {
        if (methods[i].method == r->method)
            return slice_str(methods[i].name);
    }
    return S("get");
}

/* Files and what Socket.IO's own clients speak are no interface of this kind. */
static bool is_documented(const struct route *r)
{
    return !r->is_any_method && !r->is_socket;
}

/* ---- parameters ---- */

/* The next name in braces; false when there is no more. */
static bool next_param(struct slice *name, struct slice *pattern)
{
    ptrdiff_t from = slice_find(*pattern, '{');
    ptrdiff_t to = slice_find(*pattern, '}');
    if (from < 0 || to < from)
        return false;
    *name = slice_of(pattern->p + from + 1, (size_t)(to - from - 1));
    *pattern = slice_drop(*pattern, (size_t)to + 1);
    return true;
}

static void put_path_param(struct json_writer *w, struct slice name)
{
    jw_object(w);
    jw_field_str(w, "name", name);
    jw_field_str(w, "in", S("path"));
    jw_field_bool(w, "required", true);
    jw_field_object(w, "schema");
    jw_field_str(w, "type", S("string"));
    jw_end(w);
    jw_end(w);
}

static void put_query_param(struct json_writer *w, const struct field *f)
{
    jw_object(w);
    jw_field_str(w, "name", slice_str(f->name));
    jw_field_str(w, "in", S("query"));
    jw_field_bool(w, "required", f->required);
    jw_field_str(w, "description", slice_str(f->help));
    jw_key(w, S("schema"));
    field_schema(w, f);
    jw_end(w);
}

static void put_params(struct json_writer *w, const struct route *r)
{
    struct slice name;
    struct slice rest = slice_str(r->pattern);
    bool has_query = r->body_bytes == 0 && r->takes;
    jw_field_array(w, "parameters");
    while (next_param(&name, &rest))
        put_path_param(w, name);
    for (size_t i = 0; has_query && i < r->takes->n; i++)
        put_query_param(w, &r->takes->list[i]);
    jw_end(w);
}

/* ---- bodies ---- */

static void put_body(struct json_writer *w, const struct route *r)
{
    if (r->body_bytes == 0 || !r->takes)
        return;
    jw_field_object(w, "requestBody");
    jw_field_object(w, "content");
    jw_field_object(w, "application/json");
    jw_key(w, S("schema"));
    fields_schema(w, r->takes);
    jw_end(w);
    jw_end(w);
    jw_end(w);
}

static void put_example(struct json_writer *w, const char *example)
{
    if (!example)
        return;
    jw_field_object(w, "content");
    jw_field_object(w, "application/json");
    jw_field_raw(w, "example", slice_str(example));
    jw_end(w);
    jw_end(w);
}

static void put_responses(struct json_writer *w, const struct route *r)
{
    char status[8];
    struct buf text;
    buf_init(&text, sizeof status - 1);
    buf_add_u64(&text, (uint64_t)(r->gives_status ? r->gives_status : 200));
    jw_field_object(w, "responses");
    jw_key(w, buf_slice(&text));
    buf_fini(&text);
    jw_object(w);
    jw_field_str(w, "description", S("It was done."));
    put_example(w, r->gives);
    jw_end(w);
    jw_field_object(w, "default");
    jw_field_str(w, "$ref", S("#/components/responses/Error"));
    jw_end(w);
    jw_end(w);
}

/* ---- paths ---- */

static void put_operation(struct json_writer *w, const struct route *r)
{
    jw_key(w, method_name(r));
    jw_object(w);
    jw_field_str(w, "summary", slice_str(r->help));
    put_params(w, r);
    put_body(w, r);
    put_responses(w, r);
    jw_end(w);
}

static bool is_first_of_path(size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (is_documented(&routes[k]) && strcmp(routes[k].pattern, routes[i].pattern) == 0)
            return false;
    }
    return true;
}

static void put_path(struct json_writer *w, const char *pattern)
{
    jw_field_object(w, pattern);
    for (size_t i = 0; i < routes_n; i++) {
        if (is_documented(&routes[i]) && strcmp(routes[i].pattern, pattern) == 0)
            put_operation(w, &routes[i]);
    }
    jw_end(w);
}

static void put_components(struct json_writer *w)
{
    jw_field_object(w, "components");
    jw_field_object(w, "responses");
    jw_field_object(w, "Error");
    jw_field_str(w, "description", S("It was not done: a stable code, and a sentence for people."));
    put_example(
        w, "{\"error\":{\"code\":\"ROOM_NOT_FOUND\",\"message\":\"There is no such room.\"}}");
    jw_end(w);
    jw_end(w);
    jw_field_object(w, "securitySchemes");
    jw_field_object(w, "token");
    jw_field_str(w, "type", S("http"));
    jw_field_str(w, "scheme", S("bearer"));
    jw_field_str(w, "bearerFormat", S("JWT"));
    jw_end(w);
    jw_end(w);
    jw_end(w);
}

void openapi_write(struct buf *out, struct slice version)
{
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    jw_field_str(&w, "openapi", S("3.1.0"));
    jw_field_object(&w, "info");
    jw_field_str(&w, "title", S("Stoa"));
    jw_field_str(&w, "version", version);
    jw_end(&w);
    jw_field_object(&w, "paths");
    for (size_t i = 0; i < routes_n; i++) {
        if (is_documented(&routes[i]) && is_first_of_path(i))
            put_path(&w, routes[i].pattern);
    }
    jw_end(&w);
    put_components(&w);
    /* A token says who asks; without one a guest does, where guests are let in. */
    jw_field_array(&w, "security");
    jw_object(&w);
    jw_end(&w);
    jw_object(&w);
    jw_field_array(&w, "token");
    jw_end(&w);
    jw_end(&w);
    jw_end(&w);
    jw_end(&w);
}
