#include "web/docs.h"

#include "dialect/document.h"
#include "version.h"
#include "web/openapi.h"
#include "web/reply.h"

#define DOCS_BYTES (1u << 20)

/* Inside HTML. */
static void add_text(struct buf *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c == '<')
            buf_add_str(out, "&lt;");
        else if (*c == '&')
            buf_add_str(out, "&amp;");
        else
            buf_add_char(out, *c);
    }
}

static void add_language(struct buf *out, const struct language *l)
{
    buf_add_str(out, "<h2>");
    add_text(out, l->title);
    buf_add_str(out, "</h2><p>");
    add_text(out, l->help);
    buf_add_str(out, " At <code>");
    add_text(out, l->address);
    buf_add_str(out, "</code>.</p><table><tr><th>what clients say<th>");
    for (size_t i = 0; i < l->n_rows; i++) {
        buf_add_str(out, "<tr><td><code>");
        add_text(out, l->rows[i].name);
        buf_add_str(out, "</code><td>");
        add_text(out, l->rows[i].help);
    }
    buf_add_str(out, "<tr><th>what they are told<th>");
    for (size_t i = 0; i < l->n_said; i++) {
        buf_add_str(out, "<tr><td><code>");
        add_text(out, l->said[i].name);
        buf_add_str(out, "</code><td>");
        add_text(out, l->said[i].help);
    }
    buf_add_str(out, "</table>");
}

static void answer(struct request *r, struct buf *text, struct slice type)
{
    struct reply reply;
    if (buf_err(text)) {
        reply_error(r, ERR_INTERNAL);
    } else {
        reply_begin(&reply, r, 200);
        reply_header(&reply, "Content-Type", type);
        reply_body(&reply, buf_slice(text));
    }
    buf_fini(text);
}

void docs_page(struct request *r)
{
    struct buf page;
    buf_init(&page, DOCS_BYTES);
    buf_add_str(&page,
        "<!doctype html><html lang=en><meta charset=utf-8><title>Stoa: its interface</title>"
        "<meta name=viewport content='width=device-width'><h1>Stoa: its interface</h1>"
        "<p>For programs: <a href=/docs/openapi.json>openapi.json</a> (HTTP), "
        "<a href=/docs/asyncapi.json>asyncapi.json</a> (messages).</p>");
    for (size_t i = 0; i < REGISTRY_ALL; i++)
        add_language(&page, registry_all[i]);
    buf_add_str(&page, "</html>\n");
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
    document_asyncapi(&json, S(STOA_VERSION));
    answer(r, &json, S("application/json"));
}
