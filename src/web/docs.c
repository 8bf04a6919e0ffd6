/* The page has the same messages as the READMEs, marked up as HTML, and the calls of HTTP before
 * them. It is made anew for everybody who asks: few do. */
#include "web/docs.h"

#include "dialect/asyncapi.h"
#include "dialect/document.h"
#include "version.h"
#include "web/openapi.h"
#include "web/reply.h"

#include <stdio.h>

#define DOCS_BYTES       (1u << 20)
#define ROUTE_NAME_BYTES 128

/* It shows what is on it, and does nothing. */
#define PAGE_POLICY                                                           \
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; " \
    "form-action 'none'; frame-ancestors 'self'"

#define HEAD                                                                            \
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"                 \
    "<title>Stoa: its interface</title>"                                                \
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"          \
    "<link rel=\"icon\" href=\"/favicon.svg\">"                                         \
    "<link rel=\"stylesheet\" href=\"/docs.css\"></head>\n"                             \
    "<body><header><h1>Stoa: its interface</h1>"                                        \
    "<p class=\"lead\">What can be asked by HTTP, and what can be said in each of the " \
    "languages. For programs: <a href=\"/docs/openapi.json\">openapi.json</a> and "     \
    "<a href=\"/docs/asyncapi.json\">asyncapi.json</a>.</p></header>\n"

/* ---- where everything is ---- */

/* A name that leads to its place on the page. */
static void add_link(struct buf *out, struct slice anchor, const char *name)
{
    buf_add_str(out, "<li><a href=\"#");
    markup_escape(out, anchor);
    buf_add_str(out, "\">");
    markup_escape(out, slice_str(name));
    buf_add_str(out, "</a></li>\n");
}

static void add_message_links(struct buf *out, const struct language *l)
{
    char key[DOCUMENT_KEY_BYTES];
    buf_add_str(out, "<p>Clients say</p><ul class=\"index\">\n");
    for (size_t i = 0; i < l->n_rows; i++) {
        const char *name = l->rows[i].name;
        add_link(out, document_key(key, l, "in", slice_str(name)), name);
    }
    buf_add_str(out, "</ul><p>and are told</p><ul class=\"index\">\n");
    for (size_t i = 0; i < l->n_said; i++) {
        const char *name = l->said[i].name;
        add_link(out, document_key(key, l, "out", slice_str(name)), name);
    }
    buf_add_str(out, "</ul>\n");
}

static void add_contents(struct buf *out)
{
    buf_add_str(out, "<nav aria-label=\"Contents\"><ul>\n");
    add_link(out, S("http"), "HTTP");
    for (size_t i = 0; i < REGISTRY_ALL; i++)
        add_link(out, slice_str(registry_all[i]->dialect->name), registry_all[i]->title);
    buf_add_str(out, "</ul></nav>\n");
}

/* ---- HTTP ---- */

/* "GET /rooms/{room_id}", and "GET_rooms_room_id", which an address can hold as it is. */
struct route_name {
    char name[ROUTE_NAME_BYTES];
    char text[ROUTE_NAME_BYTES];
    struct slice anchor; /* in `text` */
};

static void name_route(struct route_name *n, const struct route *r)
{
    size_t len = 0;
    snprintf(n->name, sizeof n->name, "%s %s", openapi_method(r), r->pattern);
    for (char *c = n->name; *c != ' '; c++)
        *c = (char)(*c - 'a' + 'A');
    for (const char *c = n->name; *c; c++) {
        if (*c == '/' || *c == '.')
            n->text[len++] = '_';
        else if (*c != ' ' && *c != '{' && *c != '}')
            n->text[len++] = *c;
    }
    n->anchor = slice_of(n->text, len);
}

static void add_takes(struct buf *out, const struct route *r)
{
    const struct fields_schema takes = openapi_takes(r);
    for (size_t i = 0; i < FIELDS_SCHEMA_TABLES && takes.tables[i]; i++)
        document_fields(out, &markup_html, takes.tables[i]);
}

static void add_route(struct buf *out, const struct route *r)
{
    struct route_name n;
    name_route(&n, r);
    markup_html.begin(out, n.anchor, slice_str(n.name));
    buf_add_str(out, markup_html.paragraph[0]);
    markup_html.text(out, slice_str(r->help));
    buf_add_str(out, markup_html.paragraph[1]);
    add_takes(out, r);
    if (openapi_gives(r))
        document_json(out, &markup_html, openapi_gives(r));
    buf_add_str(out, markup_html.end);
}

static void add_route_links(struct buf *out)
{
    buf_add_str(out, "<ul class=\"index\">\n");
    for (size_t i = 0; i < routes_n; i++) {
        struct route_name n;
        if (openapi_has(&routes[i])) {
            name_route(&n, &routes[i]);
            add_link(out, n.anchor, n.name);
        }
    }
    buf_add_str(out, "</ul>\n");
}

static void add_http(struct buf *out)
{
    buf_add_str(out,
        "<section id=\"http\"><h2>HTTP</h2><p>Bodies and answers are JSON. A token goes into "
        "<code>Authorization: Bearer</code>; a browser that has logged in shows its cookie; "
        "without either a guest asks. What was not done is "
        "answered by its status and <code>{\"error\":{\"code\":..., \"message\":...}}</code>."
        "</p>\n");
    add_route_links(out);
    for (size_t i = 0; i < routes_n; i++) {
        if (openapi_has(&routes[i]))
            add_route(out, &routes[i]);
    }
    buf_add_str(out, "</section>\n");
}

/* ---- languages ---- */

static void add_language(struct buf *out, const struct language *l)
{
    buf_add_str(out, "<section id=\"");
    markup_escape(out, slice_str(l->dialect->name));
    buf_add_str(out, "\"><h2>");
    markup_escape(out, slice_str(l->title));
    buf_add_str(out, "</h2><p>");
    markup_html.text(out, slice_str(l->help));
    buf_add_str(out, " At <code>");
    markup_escape(out, slice_str(l->address));
    buf_add_str(out, "</code>.</p>\n");
    add_message_links(out, l);
    document_messages(out, &markup_html, l);
    buf_add_str(out, "</section>\n");
}

/* ---- answers ---- */

static void answer(struct request *r, struct buf *text, struct slice type)
{
    struct reply reply;
    if (buf_err(text)) {
        reply_error(r, ERR_INTERNAL);
    } else {
        reply_begin(&reply, r, 200);
        reply_header(&reply, "Content-Type", type);
        reply_header(&reply, "Cache-Control", S("no-cache"));
        reply_header(&reply, "Content-Security-Policy", S(PAGE_POLICY));
        reply_body(&reply, buf_slice(text));
    }
    buf_fini(text);
}

void docs_page(struct request *r)
{
    struct buf page;
    buf_init(&page, DOCS_BYTES);
    buf_add_str(&page, HEAD);
    add_contents(&page);
    buf_add_str(&page, "<main>\n");
    add_http(&page);
    for (size_t i = 0; i < REGISTRY_ALL; i++)
        add_language(&page, registry_all[i]);
    buf_add_str(&page, "</main></body></html>\n");
    answer(r, &page, S("text/html; charset=utf-8"));
}

void docs_openapi(struct request *r)
{
    struct buf json;
    buf_init(&json, DOCS_BYTES);
    openapi_write(&json, S(STOA_VERSION));
    answer(r, &json, S("application/json"));
}

void docs_asyncapi(struct request *r)
{
    struct buf json;
    buf_init(&json, DOCS_BYTES);
    asyncapi_write(&json, S(STOA_VERSION));
    answer(r, &json, S("application/json"));
}
