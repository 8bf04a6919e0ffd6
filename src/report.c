#include "report.h"

#include "base/utf8.h"

void report_init(struct report *r)
{
    *r = (struct report){ .n_errors = 0 };
    buf_init(&r->errors, REPORT_MAX_BYTES);
    buf_init(&r->warnings, REPORT_MAX_BYTES);
}

void report_fini(struct report *r)
{
    buf_fini(&r->errors);
    buf_fini(&r->warnings);
}

struct buf *report_error(struct report *r)
{
    r->n_errors++;
    return &r->errors;
}

struct buf *report_usage(struct report *r)
{
    r->is_usage = true;
    return report_error(r);
}

struct buf *report_warning(struct report *r)
{
    return &r->warnings;
}

bool report_is_full(const struct report *r)
{
    return r->n_errors >= REPORT_MAX_ERRORS;
}

void report_say(struct buf *out, const char *const *words)
{
    for (; *words != NULL; words++)
        buf_add_str(out, *words);
}

/* No control, and nothing that turns the direction of the text around it. */
static bool is_plain(uint32_t c)
{
    bool is_control = c < ' ' || (c >= 0x7f && c <= 0x9f);
    bool is_turn = (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
        (c >= 0x2066 && c <= 0x2069);
    return !is_control && !is_turn;
}

void report_quote(struct buf *out, struct slice text)
{
    struct slice shown = slice_take(text, REPORT_QUOTE_BYTES);
    buf_add_char(out, '"');
    while (shown.len > 0) {
        uint32_t c;
        size_t n = utf8_decode(&c, shown);
        if (n > 0 && is_plain(c))
            buf_add(out, shown.p, n);
        else
            buf_add_char(out, '?');
        shown = slice_drop(shown, n > 0 ? n : 1);
    }
    buf_add_str(out, text.len > REPORT_QUOTE_BYTES ? "…\"" : "\"");
}
