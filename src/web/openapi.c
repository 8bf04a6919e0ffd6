/* Paths in the order of the route table, all methods of a path together. Bodies, queries and paths
 * are described by the field tables that decode them, answers by the shape of their examples. */
#include "web/openapi.h"

#include "base/fields_schema.h"
#include "base/json_schema.h"
#include "web/cookie.h"
#include "web/rest.h"
#include "web/route.h"

#define STATUS_DIGITS 3
#define ERROR_EXAMPLE \
    "{\"error\":{\"code\":\"ROOM_NOT_FOUND\",\"message\":\"There is no such room.\"}}"

static const struct {
    enum http1_method method;
    const char *name;
} methods[] = {
    { .method = HTTP1_GET, .name = "get" },
    { .method = HTTP1_HEAD, .name = "head" },
    { .method = HTTP1_POST, .name = "post" },
    { .method = HTTP1_PUT, .name = "put" },
    { .method = HTTP1_PATCH, .name = "patch" },
    { .method = HTTP1_DELETE, .name = "delete" },
};

#define METHODS (sizeof methods / sizeof *methods)

const char *openapi_method(const struct route *r)
{
    for (size_t i = 0; i < METHODS; i++) {
        if (methods[i].method == r->method)
            return methods[i].name;
    }
    return "get";
}

bool openapi_has(const struct route *r)
{
    return !r->is_any_method && !r->is_socket && r->who != ROUTE_ADMIN;
}

/* ---- what a call takes and gives ---- */

static const struct rest_row nothing;

static const struct rest_row *row_of(const struct route *r)
{
    return r->rest ? r->rest : &nothing;
}

const char *openapi_gives(const struct route *r)
{
    return r->rest ? r->rest->gives : r->gives;
}

static uint64_t status_of(const struct route *r)
{
    int status = r->rest ? r->rest->gives_status : 0;
    return status ? (uint64_t)status : 200;
}

struct fields_schema openapi_takes(const struct route *r)
{
    const struct rest_row *row = row_of(r);
    const struct fields *first = row->takes ? row->takes : row->also;
    return (struct fields_schema){
        .tables = { first, row->takes ? row->also : NULL },
        .elsewhere = slice_str(r->pattern),
    };
}

/* ---- parameters ---- */

static const struct field *find_field(const struct fields *table, struct slice name)
{
    for (size_t i = 0; table && i < table->n; i++) {
        if (field_spelling(&table->list[i], name) >= 0)
            return &table->list[i];
    }
    return NULL;
}

static void begin_param(struct json_writer *w, struct slice name, const char *in, bool required)
{
    jw_object(w);
    jw_field_str(w, "name", name);
    jw_field_str(w, "in", slice_str(in));
    jw_field_bool(w, "required", required);
    jw_key(w, S("schema"));
}

static void put_path_param(struct json_writer *w, struct slice name, const struct field *f)
{
    begin_param(w, name, "path", true);
    if (f) {
        field_schema(w, f);
    } else {
        jw_object(w);
        jw_field_str(w, "type", S("string"));
        jw_end(w);
    }
    jw_end(w);
}

static void put_query_param(struct json_writer *w, const struct field *f)
{
    begin_param(w, slice_str(f->name), "query", f->required);
    field_schema(w, f);
    jw_end(w);
}

static void put_params(struct json_writer *w, const struct route *r)
{
    struct slice name, rest = slice_str(r->pattern);
    const struct fields *takes = row_of(r)->takes;
    bool has_query = r->body_bytes == 0 && takes;
    jw_field_array(w, "parameters");
    while (fields_schema_param(&name, &rest))
        put_path_param(w, name, find_field(takes, name));
    for (size_t i = 0; has_query && i < takes->n; i++) {
        if (!fields_schema_is_in(&takes->list[i], slice_str(r->pattern)))
            put_query_param(w, &takes->list[i]);
    }
    jw_end(w);
}

/* ---- bodies ---- */

static void put_body(struct json_writer *w, const struct route *r)
{
    const struct fields_schema takes = openapi_takes(r);
    if (r->body_bytes == 0 || !takes.tables[0])
        return;
    jw_field_object(w, "requestBody");
    jw_field_object(w, "content");
    jw_field_object(w, "application/json");
    jw_key(w, S("schema"));
    fields_schema(w, &takes);
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
    jw_key(w, S("schema"));
    json_schema(w, slice_str(example), NULL);
    jw_field_raw(w, "example", slice_str(example));
    jw_end(w);
    jw_end(w);
}

static void put_responses(struct json_writer *w, const struct route *r)
{
    struct buf status;
    buf_init(&status, STATUS_DIGITS);
    buf_add_u64(&status, status_of(r));
    jw_field_object(w, "responses");
    jw_key(w, buf_slice(&status));
    buf_fini(&status);
    jw_object(w);
    jw_field_str(w, "description", S("It was done."));
    put_example(w, openapi_gives(r));
    jw_end(w);
    jw_field_object(w, "default");
    jw_field_str(w, "$ref", S("#/components/responses/Error"));
    jw_end(w);
    jw_end(w);
}

/* ---- paths ---- */

static const struct tag {
    const char *name;
    const char *under; /* addresses that begin so; NULL: the others */
    const char *help;
} tags[] = {
    { .name = "accounts", .under = "/api/auth/", .help = "Coming, going, and who one is." },
    { .name = "rooms", .help = "What clients ask of rooms, beside what they say in them." },
    { .name = "server", .help = "The server itself: its health, its documents." },
};

static const struct tag *tag_of(const struct route *r)
{
    size_t n = sizeof tags / sizeof *tags;
    for (size_t i = 0; i < n; i++) {
        if (tags[i].under && slice_starts(slice_str(r->pattern), slice_str(tags[i].under)))
            return &tags[i];
    }
    return &tags[r->rest ? n - 2 : n - 1];
}

static void put_operation(struct json_writer *w, const struct route *r)
{
    jw_key(w, slice_str(openapi_method(r)));
    jw_object(w);
    jw_field_str(w, "summary", slice_str(r->help));
    jw_field_array(w, "tags");
    jw_str(w, slice_str(tag_of(r)->name));
    jw_end(w);
    put_params(w, r);
    put_body(w, r);
    put_responses(w, r);
    jw_end(w);
}

static bool is_first_of_path(size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (openapi_has(&routes[k]) && strcmp(routes[k].pattern, routes[i].pattern) == 0)
            return false;
    }
    return true;
}

static void put_path(struct json_writer *w, const char *pattern)
{
    jw_field_object(w, pattern);
    for (size_t i = 0; i < routes_n; i++) {
        if (openapi_has(&routes[i]) && strcmp(routes[i].pattern, pattern) == 0)
            put_operation(w, &routes[i]);
    }
    jw_end(w);
}

static void put_paths(struct json_writer *w)
{
    jw_field_object(w, "paths");
    for (size_t i = 0; i < routes_n; i++) {
        if (openapi_has(&routes[i]) && is_first_of_path(i))
            put_path(w, routes[i].pattern);
    }
    jw_end(w);
}

/* ---- the rest ---- */

static void put_info(struct json_writer *w, struct slice version)
{
    jw_field_object(w, "info");
    jw_field_str(w, "title", S("Stoa"));
    jw_field_str(w, "version", version);
    jw_field_str(w, "description",
        S("Rooms, by HTTP. What is said in them goes over Socket.IO and WebSocket: "
          "/docs/asyncapi.json."));
    jw_end(w);
    jw_field_array(w, "servers");
    jw_object(w);
    jw_field_str(w, "url", S("/"));
    jw_end(w);
    jw_end(w);
    jw_field_array(w, "tags");
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        jw_object(w);
        jw_field_str(w, "name", slice_str(tags[i].name));
        jw_field_str(w, "description", slice_str(tags[i].help));
        jw_end(w);
    }
    jw_end(w);
}

static void put_components(struct json_writer *w)
{
    jw_field_object(w, "components");
    jw_field_object(w, "responses");
    jw_field_object(w, "Error");
    jw_field_str(w, "description", S("It was not done: a stable code, and a sentence for people."));
    put_example(w, ERROR_EXAMPLE);
    jw_end(w);
    jw_end(w);
    jw_field_object(w, "securitySchemes");
    jw_field_object(w, "token");
    jw_field_str(w, "type", S("http"));
    jw_field_str(w, "scheme", S("bearer"));
    jw_field_str(w, "bearerFormat", S("JWT"));
    jw_end(w);
    jw_field_object(w, "cookie");
    jw_field_str(w, "type", S("apiKey"));
    jw_field_str(w, "in", S("cookie"));
    jw_field_str(w, "name", S(COOKIE_SESSION));
    jw_field_str(w, "description",
        S("What a log-in gives to a browser; under TLS it is called " COOKIE_SESSION_TLS
          ". It counts where the request's Origin is this server's own or a configured one."));
    jw_end(w);
    jw_end(w);
    jw_end(w);
}

/* A token says who asks; without one a guest does, where guests are let in. */
static void put_security(struct json_writer *w)
{
    static const char *const schemes[] = { "token", "cookie" };
    jw_field_array(w, "security");
    jw_object(w);
    jw_end(w);
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        jw_object(w);
        jw_field_array(w, schemes[i]);
        jw_end(w);
        jw_end(w);
    }
    jw_end(w);
}

void openapi_write(struct buf *out, struct slice version)
{
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    jw_field_str(&w, "openapi", S("3.1.0"));
    put_info(&w, version);
    put_paths(&w);
    put_components(&w);
    put_security(&w);
    jw_end(&w);
}
