/* One cursor walks the text. Every function that reads leaves it behind what it has read, or, when
 * it fails, on the character that is to blame. The whole text is checked for bad characters before
 * the first entry, so that the rest need not think of them: a control character can hide a part of
 * the line from the person who reads it. */
#include "config_file.h"

#include "base/utf8.h"

void config_reader_init(struct config_reader *r, struct slice text)
{
    *r = (struct config_reader){
        .text = text.len > 0 ? text : S(""),
        .section = S(""),
    };
    buf_init(&r->value, CONFIG_MAX_VALUE_BYTES);
}

void config_reader_fini(struct config_reader *r)
{
    buf_fini(&r->value);
}

static bool at_end(const struct config_reader *r)
{
    return r->p == r->text.p + r->text.len;
}

/* The character under the cursor; the end of the text looks like one more newline. */
static char peek(const struct config_reader *r)
{
    return at_end(r) ? '\n' : *r->p;
}

static struct config_place here(const struct config_reader *r)
{
    size_t before = utf8_count(slice_of(r->line_start, (size_t)(r->p - r->line_start)));
    return (struct config_place){ .line = r->line, .column = (uint32_t)before + 1 };
}

static int fail(struct config_reader *r, const char *problem)
{
    r->problem = problem;
    r->problem_at = here(r);
    return ERR_BAD_CONFIG;
}

static void next_line(struct config_reader *r)
{
    if (!at_end(r))
        r->p++;
    r->line++;
    r->line_start = r->p;
}

static void rewind_text(struct config_reader *r)
{
    r->p = r->text.p;
    r->line_start = r->p;
    r->line = 1;
}

static bool is_control(uint32_t c)
{
    return (c < ' ' && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7f && c < 0xa0);
}

static int check_characters(struct config_reader *r)
{
    const char *end = r->text.p + r->text.len;
    while (!at_end(r)) {
        uint32_t c;
        size_t n = utf8_decode(&c, slice_of(r->p, (size_t)(end - r->p)));
        if (n == 0)
            return fail(r, "this is not UTF-8; save the file as UTF-8");
        if (is_control(c) || (c == '\r' && (end - r->p < 2 || r->p[1] != '\n')))
            return fail(r, "there is a control character here; remove it");
        if (c == '\n')
            next_line(r);
        else
            r->p += n;
    }
    return 0;
}

static int begin(struct config_reader *r)
{
    rewind_text(r);
    if (r->text.len > CONFIG_MAX_FILE_BYTES)
        return fail(r, "the file is larger than 256 KiB; is it a configuration file?");
    int err = check_characters(r);
    if (err)
        return err;
    rewind_text(r);
    return 0;
}

/* A carriage return stands only before a newline here. */
static void skip_blanks(struct config_reader *r)
{
    while (!at_end(r) && (*r->p == ' ' || *r->p == '\t' || *r->p == '\r'))
        r->p++;
}

static void skip_blanks_and_comment(struct config_reader *r)
{
    skip_blanks(r);
    if (peek(r) != '#')
        return;
    while (peek(r) != '\n')
        r->p++;
}

static void skip_lines(struct config_reader *r)
{
    skip_blanks_and_comment(r);
    while (!at_end(r) && *r->p == '\n') {
        next_line(r);
        skip_blanks_and_comment(r);
    }
}

static int end_line(struct config_reader *r)
{
    skip_blanks_and_comment(r);
    if (peek(r) != '\n')
        return fail(r,
            "this does not belong here; write one setting a line, and text in "
            "double quotes");
    next_line(r);
    return 0;
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

static int read_name(struct slice *out, struct config_reader *r)
{
    const char *start = r->p;
    while (!at_end(r) && is_name_char(*r->p))
        r->p++;
    *out = slice_of(start, (size_t)(r->p - start));
    if (out->len == 0)
        return fail(r, "a name is missing here; names are lower-case letters, digits and hyphens");
    if (out->len > CONFIG_MAX_NAME_BYTES)
        return fail(r, "this name is longer than any option's");
    return 0;
}

/* A section that came back would let a line far below change what stands above. */
static int enter_section(struct config_reader *r, struct slice name)
{
    for (unsigned i = 0; i < r->n_sections; i++)
        if (slice_eq(r->sections[i], name))
            return fail(r, "this section stands in the file twice; put its settings together");
    if (r->n_sections == CONFIG_MAX_SECTIONS)
        return fail(r, "there are more sections than Stoa has");
    r->sections[r->n_sections++] = name;
    r->section = name;
    return 0;
}

static int read_section(struct config_entry *out, struct config_reader *r)
{
    struct slice name;
    r->p++;
    out->kind = CONFIG_SECTION;
    skip_blanks(r);
    out->key_at = here(r);
    int err = read_name(&name, r);
    if (err)
        return err;
    skip_blanks(r);
    if (peek(r) != ']')
        return fail(r, "the section's name does not end here; write [name]");
    err = enter_section(r, name);
    if (err)
        return err;
    r->p++;
    out->section = name;
    return end_line(r);
}

static int read_escape(struct config_reader *r)
{
    static const char from[] = "\"\\nrt";
    static const char to[] = "\"\\\n\r\t";
    const char *at = peek(r) != '\0' ? strchr(from, peek(r)) : NULL;
    if (at == NULL)
        return fail(r, "this escape is unknown; there are \\\" \\\\ \\n \\r and \\t");
    buf_add_char(&r->value, to[at - from]);
    r->p++;
    return 0;
}

static int read_text(struct config_reader *r)
{
    const char *opened = r->p++;
    while (peek(r) != '"') {
        if (peek(r) == '\n') {
            r->p = opened;
            return fail(r, "the closing quote of this text is missing");
        }
        bool is_escape = *r->p == '\\';
        if (!is_escape)
            buf_add_char(&r->value, *r->p);
        r->p++;
        int err = is_escape ? read_escape(r) : 0;
        if (err)
            return err;
    }
    r->p++;
    return 0;
}

/* Items travel with commas between them, so none may hold one or be empty. */
static int read_item(struct config_reader *r)
{
    if (peek(r) != '"')
        return fail(r, "an item in double quotes or the closing ] is missing here");
    const char *opened = r->p;
    size_t start = r->value.len;
    int err = read_text(r);
    if (err)
        return err;
    if (buf_err(&r->value))
        return 0; /* read_value tells */
    struct slice item = slice_drop(buf_slice(&r->value), start);
    if (item.len > 0 && slice_find(item, ',') < 0)
        return 0;
    r->p = opened;
    return fail(r, "an item of a list may not be empty or hold a comma");
}

static int read_list(struct config_reader *r)
{
    r->p++;
    skip_lines(r);
    while (peek(r) != ']') {
        if (r->value.len > 0)
            buf_add_char(&r->value, ',');
        int err = read_item(r);
        if (err)
            return err;
        skip_lines(r);
        if (peek(r) == ',')
            r->p++;
        else if (peek(r) != ']')
            return fail(r, "a comma or the closing ] of the list is missing here");
        skip_lines(r);
    }
    r->p++;
    return 0;
}

static bool is_bare_char(char c)
{
    return is_name_char(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '+';
}

static int read_bare(struct config_reader *r)
{
    size_t len = 0;
    for (; !at_end(r) && is_bare_char(*r->p); r->p++, len++)
        buf_add_char(&r->value, *r->p);
    if (len > 0)
        return 0;
    if (peek(r) == '\'')
        return fail(r, "write text in double quotes");
    return fail(r,
        "the value is missing here; write a number, true, false, or text in double "
        "quotes");
}

static int read_value(struct config_entry *out, struct config_reader *r)
{
    int err;
    out->value_at = here(r);
    out->kind = peek(r) == '"' ? CONFIG_TEXT : peek(r) == '[' ? CONFIG_LIST : CONFIG_BARE;
    if (out->kind == CONFIG_TEXT)
        err = read_text(r);
    else if (out->kind == CONFIG_LIST)
        err = read_list(r);
    else
        err = read_bare(r);
    if (err)
        return err;
    err = buf_err(&r->value);
    if (err == ERR_TOO_BIG)
        return fail(r, "this value is longer than 16 KiB");
    out->value = buf_slice(&r->value);
    return err;
}

static int read_setting(struct config_entry *out, struct config_reader *r)
{
    out->section = r->section;
    out->key_at = here(r);
    int err = read_name(&out->key, r);
    if (err)
        return err;
    if (peek(r) == '.')
        return fail(r, "a name has no dot here; write the first part as [section] above it");
    skip_blanks(r);
    if (peek(r) != '=')
        return fail(r, "a = is missing here; write name = value");
    r->p++;
    skip_blanks(r);
    err = read_value(out, r);
    return err ? err : end_line(r);
}

int config_reader_next(struct config_entry *out, struct config_reader *r)
{
    *out = (struct config_entry){ .kind = CONFIG_END };
    if (r->p == NULL) {
        int err = begin(r);
        if (err)
            return err;
    }
    buf_reset(&r->value);
    skip_lines(r);
    if (at_end(r))
        return 0;
    return peek(r) == '[' ? read_section(out, r) : read_setting(out, r);
}
