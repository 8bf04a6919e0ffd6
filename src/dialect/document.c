#include "dialect/document.h"

/* ---- who may, and how often ---- */

static const struct {
    uint32_t bit;
    const char *name;
} people[] = {
    { .bit = 1u << ROLE_OUTSIDER, .name = "people outside" },
    { .bit = 1u << ROLE_WAITING, .name = "people who wait" },
    { .bit = 1u << ROLE_PARTICIPANT, .name = "participants" },
    { .bit = 1u << ROLE_COHOST, .name = "cohosts" },
    { .bit = 1u << ROLE_HOST, .name = "hosts" },
};

static void add_people(struct buf *out, const struct row *row)
{
    const char *before = "";
    if (row->is_free) {
        buf_add_str(out, "everybody");
        return;
    }
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
        if (!(verb_info(row->verb)->roles & people[i].bit))
            continue;
        buf_add_str(out, before);
        buf_add_str(out, people[i].name);
        before = ", ";
    }
}

static struct slice rate_name(const struct row *row)
{
    static const char *const names[LIMITS] = {
        [RATE_JOIN] = "join",
        [RATE_CONTROL] = "control",
        [RATE_PRESENCE] = "presence",
        [RATE_SIGNAL] = "signal",
        [RATE_CHAT] = "chat",
        [RATE_BOARD] = "board",
        [RATE_PROCTOR] = "proctor",
        [RATE_CODE] = "code",
        [LIMIT_CREATE] = "create",
    };
    return slice_str(names[row->is_free ? row->limit : (unsigned)verb_info(row->verb)->rate]);
}

/* ---- fields ---- */

static void add_field(struct buf *out, const struct markup *m, const struct field *f)
{
    char what[FIELD_TEXT_BYTES];
    field_describe(what, f);
    buf_add_str(out, m->row[0]);
    markup_add(out, m->code, slice_str(f->name));
    for (size_t i = 0; i < FIELD_MAX_ALIASES && f->aliases[i]; i++) {
        buf_add_str(out, ", ");
        markup_add(out, m->code, slice_str(f->aliases[i]));
    }
    buf_add_str(out, m->cell);
    if (f->required)
        buf_add_str(out, "yes");
    buf_add_str(out, m->cell);
    m->cell_text(out, slice_str(what));
    buf_add_str(out, m->cell);
    m->cell_text(out, slice_str(f->help));
    buf_add_str(out, m->row[1]);
}

void document_fields(struct buf *out, const struct markup *m, const struct fields *table)
{
    buf_add_str(out, m->table[0]);
    for (size_t i = 0; i < table->n; i++)
        add_field(out, m, &table->list[i]);
    buf_add_str(out, m->table[1]);
}

void document_json(struct buf *out, const struct markup *m, const char *json)
{
    buf_add_str(out, m->json[0]);
    m->json_text(out, slice_str(json));
    buf_add_str(out, m->json[1]);
}

/* ---- messages ---- */

struct slice document_key(char key[DOCUMENT_KEY_BYTES], const struct language *l,
    const char *direction, struct slice name)
{
    struct buf text;
    buf_init(&text, DOCUMENT_KEY_BYTES - 1);
    buf_add_str(&text, l->dialect->name);
    buf_add_char(&text, '.');
    buf_add_str(&text, direction);
    buf_add_char(&text, '.');
    for (size_t i = 0; i < name.len; i++)
        buf_add_char(&text, name.p[i] == ':' ? '.' : name.p[i]);
    size_t len = buf_slice(&text).len;
    memcpy(key, buf_slice(&text).p, len);
    buf_fini(&text);
    return slice_of(key, len);
}

static void begin_message(
    struct buf *out, const struct markup *m, struct slice key, const char *name, const char *help)
{
    m->begin(out, key, slice_str(name));
    buf_add_str(out, m->paragraph[0]);
    m->text(out, slice_str(help));
    buf_add_str(out, m->paragraph[1]);
}

static void add_answers(struct buf *out, const struct markup *m, struct slice names)
{
    struct slice name;
    const char *before = " Answered by ";
    while (slice_cut(&name, &names, ',')) {
        buf_add_str(out, before);
        markup_add(out, m->code, slice_trim(name));
        before = ", ";
    }
    buf_add_char(out, '.');
}

static void add_row(
    struct buf *out, const struct markup *m, const struct language *l, const struct row *row)
{
    char key[DOCUMENT_KEY_BYTES];
    begin_message(out, m, document_key(key, l, "in", slice_str(row->name)), row->name, row->help);
    buf_add_str(out, m->paragraph[0]);
    buf_add_str(out, "By ");
    add_people(out, row);
    buf_add_str(out, "; counted as ");
    markup_add(out, m->stressed, rate_name(row));
    buf_add_char(out, '.');
    if (row->answers)
        add_answers(out, m, slice_str(row->answers));
    buf_add_str(out, m->paragraph[1]);
    if (row->fields)
        document_fields(out, m, row->fields);
    buf_add_str(out, m->end);
}

static void add_said(
    struct buf *out, const struct markup *m, const struct language *l, const struct said *said)
{
    char key[DOCUMENT_KEY_BYTES];
    begin_message(
        out, m, document_key(key, l, "out", slice_str(said->name)), said->name, said->help);
    document_json(out, m, said->example);
    buf_add_str(out, m->end);
}

void document_messages(struct buf *out, const struct markup *m, const struct language *l)
{
    markup_add(out, m->part, S("What clients say"));
    for (size_t i = 0; i < l->n_rows; i++)
        add_row(out, m, l, &l->rows[i]);
    markup_add(out, m->part, S("What clients are told"));
    for (size_t i = 0; i < l->n_said; i++)
        add_said(out, m, l, &l->said[i]);
}
