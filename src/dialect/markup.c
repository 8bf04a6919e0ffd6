/* Markdown takes everything as it is; HTML is escaped, and JSON laid out in lines, with a stack of
 * bits for what is open. */
#include "dialect/markup.h"

#include "base/panic.h"

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
    .json_text = buf_add_slice,
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

/* ---- JSON, as it is nice to read ---- */

#define LINE_CHARS   72 /* an object or list that is longer is broken into its members */
#define INDENT_CHARS 2
#define DEPTH_MAX    32 /* of our own examples */

struct layout {
    struct buf *out;
    uint32_t broken; /* bit d: each member of level d has a line of its own */
    unsigned depth;
};

/* Where the string that begins there ends. */
static size_t skip_string(struct slice json, size_t at)
{
    for (at++; at < json.len && json.p[at] != '"'; at++) {
        if (json.p[at] == '\\')
            at++;
    }
    return at;
}

/* Of the object or list that begins there. */
static size_t length_at(struct slice json, size_t at)
{
    unsigned depth = 0;
    for (size_t i = at; i < json.len; i++) {
        char c = json.p[i];
        if (c == '"')
            i = skip_string(json, i);
        else if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            return i - at;
    }
    return json.len - at;
}

static bool is_broken(const struct layout *l)
{
    return l->broken >> l->depth & 1;
}

static void break_line(const struct layout *l, unsigned depth)
{
    if (!is_broken(l))
        return;
    buf_add_char(l->out, '\n');
    for (unsigned i = 0; i < depth * INDENT_CHARS; i++)
        buf_add_char(l->out, ' ');
}

static void open_level(struct layout *l, struct slice json, size_t at)
{
    ASSERT(l->depth + 1 < DEPTH_MAX);
    l->depth++;
    l->broken &= ~(1u << l->depth);
    l->broken |= (uint32_t)(length_at(json, at) > LINE_CHARS) << l->depth;
    buf_add_char(l->out, json.p[at]);
    break_line(l, l->depth);
}

static void close_level(struct layout *l, char c)
{
    ASSERT(l->depth > 0);
    break_line(l, l->depth - 1);
    buf_add_char(l->out, c);
    l->depth--;
}

static void add_comma(struct layout *l)
{
    buf_add_char(l->out, ',');
    if (is_broken(l))
        break_line(l, l->depth);
    else
        buf_add_char(l->out, ' ');
}

static void html_json(struct buf *out, struct slice json)
{
    struct layout l = { .out = out };
    for (size_t i = 0; i < json.len; i++) {
        char c = json.p[i];
        size_t end = c == '"' ? skip_string(json, i) : i;
        if (c == '{' || c == '[')
            open_level(&l, json, i);
        else if (c == '}' || c == ']')
            close_level(&l, c);
        else if (c == ',')
            add_comma(&l);
        else
            markup_escape(out, slice_take(slice_drop(json, i), end - i + 1));
        if (c == ':')
            buf_add_char(out, ' ');
        i = end;
    }
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

#define TABLE_HEAD                                                    \
    "<table><thead><tr><th>field</th><th>required</th><th>value</th>" \
    "<th>meaning</th></tr></thead><tbody>\n"

const struct markup markup_html = {
    .text = html_text,
    .cell_text = html_text,
    .json_text = html_json,
    .begin = html_begin,
    .end = "</article>\n",
    .part = { "<h3>", "</h3>\n" },
    .paragraph = { "<p>", "</p>\n" },
    .code = { "<code>", "</code>" },
    .stressed = { "<em>", "</em>" },
    .table = { TABLE_HEAD, "</tbody></table>\n" },
    .row = { "<tr><td>", "</td></tr>\n" },
    .cell = "</td><td>",
    .json = { "<pre><code>", "</code></pre>\n" },
};
