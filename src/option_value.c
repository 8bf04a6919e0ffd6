/* One function per type turns text into a value. A function that refuses says only what the text is
 * not ("is not a size; write ..."); the quoted value in front of that comes from one place, which
 * knows not to show a secret. */
#include "option_value.h"

struct parse {
    struct arena *memory;
    const struct option *row;
    struct slice text;
    struct buf *why;
};

struct unit {
    const char *name;
    uint64_t factor;
};

/* The greatest first, so that the first that divides is the one to print with. */
static const struct unit duration_units[] = {
    { .name = "d", .factor = 86400000 },
    { .name = "h", .factor = 3600000 },
    { .name = "m", .factor = 60000 },
    { .name = "s", .factor = 1000 },
    { .name = "ms", .factor = 1 },
    { .name = NULL },
};

static const struct unit size_units[] = {
    { .name = "GiB", .factor = 1u << 30 },
    { .name = "MiB", .factor = 1u << 20 },
    { .name = "KiB", .factor = 1u << 10 },
    { .name = "", .factor = 1 },
    { .name = NULL },
};

static const struct unit no_units[] = { { .name = "", .factor = 1 }, { .name = NULL } };

static const struct unit *units_of(enum option_type type)
{
    return type == OPTION_DURATION ? duration_units : type == OPTION_SIZE ? size_units : no_units;
}

void option_value_say_number(struct buf *out, enum option_type type, uint64_t n)
{
    const struct unit *u = units_of(type);
    if (n == 0) {
        buf_add_str(out, type == OPTION_DURATION ? "0s" : "0");
        return;
    }
    while (n % u->factor != 0)
        u++;
    buf_add_u64(out, n / u->factor);
    buf_add_str(out, u->name);
}

static int refuse(const struct parse *p, const char *says)
{
    if (p->row->is_secret)
        buf_add_str(p->why, "the value");
    else
        report_quote(p->why, p->text);
    REPORT_SAY(p->why, " ", says);
    return ERR_BAD_VALUE;
}

static int refuse_range(const struct parse *p, const char *says)
{
    (void)refuse(p, says);
    option_value_say_number(p->why, p->row->type, p->row->min);
    buf_add_str(p->why, " to ");
    option_value_say_number(p->why, p->row->type, p->row->max);
    return ERR_BAD_VALUE;
}

static int copy_text(const char **out, const struct parse *p, struct slice text)
{
    struct slice copy;
    int err = arena_copy(&copy, p->memory, text);
    if (err)
        return err;
    *out = copy.p;
    return 0;
}

static int refuse_length(const struct parse *p)
{
    if (p->text.len == 0 && p->row->min == 1)
        return refuse(p, "is empty; write something or leave the option away");
    (void)refuse(p,
        p->text.len < p->row->min ? "is too short; it takes at least "
                                  : "is too long; it takes at most ");
    buf_add_u64(p->why, p->text.len < p->row->min ? p->row->min : p->row->max);
    buf_add_str(p->why, " bytes");
    return ERR_BAD_VALUE;
}

/* "Not set" is an empty text where that is the default. A secret that has a least length must not
 * become unset by a file or a variable that is empty by accident. */
static bool may_be_empty(const struct option *row)
{
    return row->default_text[0] == '\0' && !(row->is_secret && row->min > 0);
}

static int parse_text(union option_value *out, const struct parse *p)
{
    const struct option *row = p->row;
    bool is_unset = p->text.len == 0 && may_be_empty(row);
    if (!is_unset && (p->text.len < row->min || p->text.len > row->max))
        return refuse_length(p);
    if (!is_unset && row->rule != NULL && !row->rule->holds(p->text))
        return refuse(p, row->rule->says);
    return copy_text(&out->text, p, p->text);
}

static int parse_number(uint64_t *out, struct slice text, const struct unit *u)
{
    uint64_t n;
    size_t digits = 0;
    while (digits < text.len && text.p[digits] >= '0' && text.p[digits] <= '9')
        digits++;
    int err = slice_u64(&n, slice_take(text, digits));
    if (err)
        return err;
    if (n == 0 && digits == text.len) {
        *out = 0; /* which needs no unit */
        return 0;
    }
    while (u->name != NULL && !slice_eq(slice_str(u->name), slice_drop(text, digits)))
        u++;
    if (u->name == NULL || __builtin_mul_overflow(n, u->factor, out))
        return ERR_BAD_VALUE;
    return 0;
}

static const char *number_says(enum option_type type)
{
    switch (type) {
    case OPTION_DURATION:
        return "is not a duration; write a whole number with ms, s, m, h or d, from ";
    case OPTION_SIZE:
        return "is not a size; write bytes, or a whole number with KiB, MiB or GiB, from ";
    default:
        return "is not a whole number; write one from ";
    }
}

static int parse_limited(uint64_t *out, const struct parse *p)
{
    int err = parse_number(out, p->text, units_of(p->row->type));
    if (err)
        return refuse_range(p, number_says(p->row->type));
    if (*out < p->row->min || *out > p->row->max)
        return refuse_range(p, "is out of range; write a value from ");
    return 0;
}

static int parse_integer(union option_value *out, const struct parse *p)
{
    return parse_limited(&out->number, p);
}

static int parse_port(union option_value *out, const struct parse *p)
{
    uint64_t n;
    int err = parse_limited(&n, p);
    if (err)
        return err;
    out->port = (uint16_t)n;
    return 0;
}

static int parse_bool(union option_value *out, const struct parse *p)
{
    out->truth = slice_eq(p->text, S("true")) || slice_eq(p->text, S("1"));
    if (out->truth || slice_eq(p->text, S("false")) || slice_eq(p->text, S("0")))
        return 0;
    return refuse(p, "is neither true nor false; write one of these");
}

static int parse_enum(union option_value *out, const struct parse *p)
{
    struct slice word;
    struct slice words = slice_str(p->row->unit);
    for (out->word = 0; slice_cut(&word, &words, '|'); out->word++)
        if (slice_eq(word, p->text))
            return 0;
    (void)refuse(p, "is not known here; write one of ");
    buf_add_str(p->why, p->row->unit);
    return ERR_BAD_VALUE;
}

static size_t count_items(struct slice text)
{
    size_t n = text.len > 0;
    for (size_t i = 0; i < text.len; i++)
        n += text.p[i] == ',';
    return n;
}

static int parse_item(const char **out, const struct parse *list, struct slice item)
{
    struct parse p = *list;
    p.text = slice_trim(item);
    if (p.text.len == 0) {
        p.text = list->text;
        return refuse(&p, "has an empty item; remove the comma");
    }
    if (p.row->rule != NULL && !p.row->rule->holds(p.text))
        return refuse(&p, p.row->rule->says);
    return copy_text(out, &p, p.text);
}

static int parse_list(union option_value *out, const struct parse *p)
{
    struct slice rest = p->text;
    size_t n = count_items(p->text);
    out->list = (struct option_list){ .n = n };
    if (n > OPTIONS_MAX_LIST)
        return refuse(p, "has more than 256 items; write fewer");
    out->list.at = arena_alloc(p->memory, (n + 1) * sizeof(*out->list.at));
    if (out->list.at == NULL)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        struct slice item = S("");
        (void)slice_cut(&item, &rest, ','); /* false for the nothing behind a last comma */
        int err = parse_item(&out->list.at[i], p, item);
        if (err)
            return err;
    }
    return 0;
}

struct kind {
    const char *name; /* in a list of options */
    size_t size;
    int (*parse)(union option_value *out, const struct parse *p);
};

static const struct kind kinds[] = {
    [OPTION_TEXT] = { .name = "TEXT", .size = sizeof(const char *), .parse = parse_text },
    [OPTION_PATH] = { .name = "PATH", .size = sizeof(const char *), .parse = parse_text },
    [OPTION_INTEGER] = { .name = "NUMBER", .size = sizeof(uint64_t), .parse = parse_integer },
    [OPTION_PORT] = { .name = "PORT", .size = sizeof(uint16_t), .parse = parse_port },
    [OPTION_BOOL] = { .name = "", .size = sizeof(bool), .parse = parse_bool },
    [OPTION_DURATION] = { .name = "DURATION", .size = sizeof(uint64_t), .parse = parse_integer },
    [OPTION_SIZE] = { .name = "SIZE", .size = sizeof(uint64_t), .parse = parse_integer },
    [OPTION_LIST] = { .name = "LIST", .size = sizeof(struct option_list), .parse = parse_list },
    [OPTION_ENUM] = { .name = NULL, .size = sizeof(int), .parse = parse_enum },
};

size_t option_value_size(enum option_type type)
{
    return kinds[type].size;
}

const char *option_value_kind(const struct option *row)
{
    return row->type == OPTION_ENUM ? row->unit : kinds[row->type].name;
}

/* A C string ends at its first NUL: what stands behind one would be lost silently. */
int option_value_parse(union option_value *out, struct arena *a, const struct option *row,
    struct slice text, struct buf *why)
{
    struct parse p = { .memory = a, .row = row, .text = text, .why = why };
    if (text.len > OPTIONS_MAX_TEXT)
        return refuse(&p, "is longer than any value may be");
    if (slice_find(text, '\0') >= 0)
        return refuse(&p, "holds a NUL byte; remove it");
    return kinds[row->type].parse(out, &p);
}
