/* How a page of the documents is marked up: as Markdown for a README, as HTML for /docs. What is on
 * the page is dialect/document's; nothing here knows messages. */
#pragma once

#include "base/buf.h"

struct markup {
    /* A sentence: words between backticks are code. */
    void (*text)(struct buf *out, struct slice text);
    void (*cell_text)(struct buf *out, struct slice text); /* within a table */
    void (*json_text)(struct buf *out, struct slice json); /* between the marks of `json` */
    /* A message or a call, with the name that links lead to; `end` follows. */
    void (*begin)(struct buf *out, struct slice anchor, struct slice name);
    const char *end;
    /* Before and behind. */
    const char *part[2]; /* the heading of a part */
    const char *paragraph[2];
    const char *code[2];
    const char *stressed[2];
    const char *table[2]; /* with the first row: field, required, value, meaning */
    const char *row[2];
    const char *cell; /* between two */
    const char *json[2];
};

extern const struct markup markup_markdown;
extern const struct markup markup_html;

/* `what` between two marks: markup_add(out, m->code, S("seq")). */
void markup_add(struct buf *out, const char *const marks[2], struct slice what);

/* Text where HTML wants it, quotes of attributes included; nothing is code. */
void markup_escape(struct buf *out, struct slice text);
