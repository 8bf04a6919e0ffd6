/* Four texts from the one table. Each walks the rows in order and begins a group where the section,
 * the part of the name before its dot, changes. */
#include "option_value.h"
#include "options.h"

enum { WIDTH = 80 };

struct section_title {
    const char *section;
    const char *title;
};

static const struct section_title titles[] = {
    { .section = "", .title = "General" },
    { .section = "log", .title = "Log" },
    { .section = "tls", .title = "TLS" },
    { .section = "cors", .title = "Other web pages" },
    { .section = "metrics", .title = "Metrics" },
    { .section = "limits", .title = "Limits" },
    { .section = "ws", .title = "WebSocket" },
    { .section = "sio", .title = "Socket.IO" },
    { .section = "drain", .title = "Shutting down" },
    { .section = "auth", .title = "Who may come in" },
    { .section = "jwt", .title = "Tokens of users" },
    { .section = "room", .title = "Rooms" },
    { .section = "rate", .title = "How much one client may do" },
    { .section = "mesh", .title = "Calls from browser to browser" },
    { .section = "ice", .title = "ICE servers" },
    { .section = "livekit", .title = "LiveKit" },
    { .section = "database", .title = "Database" },
    { .section = "redis", .title = "Redis" },
};

static struct slice section_of(const struct option *row)
{
    struct slice name = slice_str(row->name);
    ptrdiff_t dot = slice_find(name, '.');
    return slice_take(name, dot < 0 ? 0 : (size_t)dot);
}

static const char *key_of(const struct option *row)
{
    struct slice section = section_of(row);
    return row->name + (section.len > 0 ? section.len + 1 : 0);
}

static bool begins_section(size_t i)
{
    return i == 0 || !slice_eq(section_of(&options_table[i - 1]), section_of(&options_table[i]));
}

/* A section without a title of its own goes by its name. */
static struct slice title_of(struct slice section)
{
    for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++)
        if (slice_eq(slice_str(titles[i].section), section))
            return slice_str(titles[i].title);
    return section;
}

/* The words of `text` in lines of at most WIDTH columns, each behind `margin`. */
static void wrap(struct buf *out, const char *margin, const char *text)
{
    struct slice rest = slice_str(text);
    struct slice word;
    size_t column = 0;
    while (slice_cut(&word, &rest, ' ')) {
        if (column > 0 && column + 1 + word.len > WIDTH) {
            buf_add_char(out, '\n');
            column = 0;
        }
        buf_add_str(out, column == 0 ? margin : " ");
        buf_add_slice(out, word);
        column += (column == 0 ? strlen(margin) : 1) + word.len;
    }
    buf_add_char(out, '\n');
}

static bool is_number(const struct option *row)
{
    return row->type == OPTION_INTEGER || row->type == OPTION_PORT ||
        row->type == OPTION_DURATION || row->type == OPTION_SIZE;
}

static void say_range(struct buf *out, const struct option *row)
{
    option_value_say_number(out, row->type, row->min);
    buf_add_str(out, " to ");
    option_value_say_number(out, row->type, row->max);
    if (row->unit != NULL)
        REPORT_SAY(out, " ", row->unit);
}

/* ---- --help */

static void help_row(struct buf *out, const struct option *row)
{
    char flag[OPTIONS_NAME_BYTES];
    const char *kind = option_value_kind(row);
    options_flag_name(flag, row);
    REPORT_SAY(out, row->type == OPTION_BOOL ? "  --[no-]" : "  --", flag, *kind ? " " : "", kind);
    if (row->default_text[0] != '\0')
        REPORT_SAY(out, "   (", row->default_text, ")");
    buf_add_str(out, "\n");
    wrap(out, "        ", row->help);
}

void options_help(struct buf *out)
{
    wrap(out, "",
        "Usage: stoa serve [--option VALUE]... Defaults stand in parentheses. The option "
        "--tls-cert is also the variable STOA_TLS_CERT and, in a file, `cert` under [tls]. A flag "
        "wins over a variable, that over the file. `stoa help options` has limits and further "
        "variables, `stoa help config` prints a file.");
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option *row = &options_table[i];
        if (begins_section(i)) {
            buf_add_str(out, "\n");
            buf_add_slice(out, title_of(section_of(row)));
            buf_add_str(out, "\n");
        }
        help_row(out, row);
    }
}

/* ---- stoa.conf.example */

/* ["one", "two"] */
static void example_list(struct buf *out, struct slice items)
{
    struct slice item;
    const char *before = "";
    buf_add_str(out, "[");
    while (slice_cut(&item, &items, ',')) {
        REPORT_SAY(out, before, "\"");
        buf_add_slice(out, item);
        buf_add_str(out, "\"");
        before = ", ";
    }
    buf_add_str(out, "]");
}

static void example_value(struct buf *out, const struct option *row)
{
    switch (row->type) {
    case OPTION_TEXT:
    case OPTION_PATH:
    case OPTION_ENUM:
        REPORT_SAY(out, "\"", row->default_text, "\"");
        return;
    case OPTION_LIST:
        example_list(out, slice_str(row->default_text));
        return;
    default:
        buf_add_str(out, row->default_text);
        return;
    }
}

void options_example(struct buf *out)
{
    wrap(out, "# ",
        "Stoa's options, all at their defaults. To set one, remove the # in front of its line. "
        "Text stands in double quotes, a list as [\"one\", \"two\"], a duration as 250ms, 30s, "
        "5m, 2h or 1d, a size as 1000, 16KiB, 4MiB or 1GiB. Relative paths begin at the folder in "
        "which Stoa starts. `stoa check-config --config FILE` says whether a file is good.");
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option *row = &options_table[i];
        if (row->is_not_in_file)
            continue;
        buf_add_str(out, "\n");
        if (begins_section(i) && section_of(row).len > 0) {
            buf_add_str(out, "[");
            buf_add_slice(out, section_of(row));
            buf_add_str(out, "]\n\n");
        }
        wrap(out, "# ", row->help);
        REPORT_SAY(out, "#", key_of(row), " = ");
        example_value(out, row);
        buf_add_str(out, "\n");
    }
}

/* ---- docs/options.md */

/* A bar would end the cell. */
static void add_cell(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|')
            buf_add_char(out, '\\');
        buf_add_char(out, *text);
    }
}

static void markdown_value(struct buf *out, const struct option *row)
{
    switch (row->type) {
    case OPTION_BOOL:
        buf_add_str(out, "true or false");
        return;
    case OPTION_ENUM:
        add_cell(out, row->unit);
        return;
    case OPTION_LIST:
        buf_add_str(out, "list");
        return;
    default:
        break;
    }
    if (is_number(row)) {
        say_range(out, row);
        return;
    }
    buf_add_str(out, row->type == OPTION_PATH ? "path" : row->is_secret ? "secret" : "text");
    if (row->is_secret && row->min > 0) {
        buf_add_str(out, " of at least ");
        buf_add_u64(out, row->min);
        buf_add_str(out, " bytes");
    }
}

static void markdown_row(struct buf *out, const struct option *row)
{
    REPORT_SAY(out, "| `", row->name, "` | ");
    markdown_value(out, row);
    if (row->default_text[0] != '\0')
        REPORT_SAY(out, " | `", row->default_text, "` | ");
    else
        buf_add_str(out, " | | ");
    add_cell(out, row->help);
    if (row->env != NULL)
        REPORT_SAY(out, " Also the variable `", row->env, "`.");
    if (row->is_not_in_file)
        buf_add_str(out, " Not in a file.");
    buf_add_str(out, " |\n");
}

static const char *const markdown_head =
    "# Options\n\n"
    "This page is printed by `stoa help options`.\n\n"
    "The option `tls.cert` can be set in three ways. The first that is there wins:\n\n"
    "1. the flag `--tls-cert VALUE` or `--tls-cert=VALUE`; `--dev-tls` and `--no-dev-tls` for "
    "what is true or false;\n"
    "2. the variable `STOA_TLS_CERT` of the environment;\n"
    "3. `cert = \"VALUE\"` under `[tls]` in the file that `--config FILE` names. `stoa help "
    "config` prints one.\n\n"
    "A secret is best kept in a file of its own, named by its variable with `_FILE` behind it: "
    "`JWT_SECRET_FILE=/run/secrets/jwt`. Secrets are never shown.\n\n"
    "Durations are written `250ms`, `30s`, `5m`, `2h` or `1d`; sizes in bytes or as `16KiB`, "
    "`4MiB` or `1GiB`; lists with commas between their items, in a file as `[\"one\", "
    "\"two\"]`. Relative paths begin at the folder in which Stoa starts.\n\n"
    "What is unknown, malformed or set twice keeps Stoa from starting: exit status 64 for the "
    "command line, 78 for the rest. `stoa check-config` reads everything as `stoa serve` does and "
    "starts nothing.\n";

void options_markdown(struct buf *out)
{
    buf_add_str(out, markdown_head);
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option *row = &options_table[i];
        if (begins_section(i)) {
            buf_add_str(out, "\n## ");
            buf_add_slice(out, title_of(section_of(row)));
            buf_add_str(out, "\n\n| option | value | default | meaning |\n|---|---|---|---|\n");
        }
        markdown_row(out, row);
    }
}

/* ---- what was set */

void options_say_changed(struct buf *out, const struct options *o)
{
    for (size_t i = 0; i < options_table_len; i++) {
        const struct option_setting *s = &o->settings[i];
        if (s->from == OPTION_FROM_DEFAULT)
            continue;
        REPORT_SAY(out, options_table[i].name, " = ");
        if (options_table[i].is_secret)
            buf_add_str(out, s->text[0] != '\0' ? s->text : "(empty)");
        else
            report_quote(out, slice_str(s->text));
        buf_add_str(out, "  from ");
        options_say_place(out, s);
        buf_add_char(out, '\n');
    }
}
