#include "dialect/markup.h"

void markup_add(struct buf *out, const char *const marks[2], struct slice what)
{
    buf_add_str(out, marks[0]);
    buf_add_slice(out, what);
    buf_add_str(out, marks[1]);
}

/* ---- Markdown ---- */

/* A bar would end the cell. */
static void markdown_cell(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '|')
            buf_add_char(out, '\\');
        buf_add_char(out, text.p[i]);
    }
}

/* Its anchor is made by whatever shows it. */
static void markdown_begin(struct buf *out, struct slice anchor, struct slice name)
{
    (void)anchor;
    buf_add_str(out, "\n### `");
    buf_add_slice(out, name);
    buf_add_str(out, "`\n");
}

const struct markup markup_markdown = {
    .text = buf_add_slice,
    .cell_text = markdown_cell,
    .begin = markdown_begin,
    .end = "",
    .part = { "\n## ", "\n" },
    .paragraph = { "\n", "\n" },
    .code = { "`", "`" },
    .stressed = { "*", "*" },
    .table = { "\n| field | required | value | meaning |\n|---|---|---|---|\n", "" },
    .row = { "| ", " |\n" },
    .cell = " | ",
    .json = { "\n```json\n", "\n```\n" },
};

/* ---- HTML ---- */

static void add_escaped(struct buf *out, char c)
{
    static const struct {
        char c;
        const char *as;
    } escapes[] = {
        { .c = '<', .as = "&lt;" },
        { .c = '>', .as = "&gt;" },
        { .c = '&', .as = "&amp;" },
        { .c = '"', .as = "&quot;" },
    };
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++) {
        if (escapes[i].c == c) {
            buf_add_str(out, escapes[i].as);
            return;
        }
    }
    buf_add_char(out, c);
}

void markup_escape(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        add_escaped(out, text.p[i]);
}

static void html_text(struct buf *out, struct slice text)
{
    bool is_code = false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] != '`') {
            add_escaped(out, text.p[i]);
            continue;
        }
        is_code = !is_code;
        buf_add_str(out, is_code ? "<code>" : "</code>");
    }
    if (is_code)
        buf_add_str(out, "</code>");
}

static void html_begin(struct buf *out, struct slice anchor, struct slice name)
{
    buf_add_str(out, "<article id=\"");
    markup_escape(out, anchor);
    buf_add_str(out, "\"><h4><a href=\"#");
    markup_escape(out, anchor);
    buf_add_str(out, "\"><code>");
    markup_escape(out, name);
    buf_add_str(out, "</code></a></h4>\n");
}

const struct markup markup_html = {
    .text = html_text,
    .cell_text = html_text,
    .begin = html_begin,
    .end = "</article>\n",
    .part = { "<h3>", "</h3>\n" },
    .paragraph = { "<p>", "</p>\n" },
    .code = { "<code>", "</code>" },
    .stressed = { "<em>", "</em>" },
    .table = { "<table><thead><tr><th>field</th><th>required</th><th>value</th><th>meaning</th></tr>"
               "</thead><tbody>\n",
        "</tbody></table>\n" },
    .row = { "<tr><td>", "</td></tr>\n" },
    .cell = "</td><td>",
    .json = { "<pre><code>", "</code></pre>\n" },
};
