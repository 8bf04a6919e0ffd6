/* Both documents walk the same tables: the rows that are dispatched, and what each language may
 * say. The page is Markdown for a README, the other AsyncAPI; of the latter only what follows from
 * the tables is written, so that nothing in it can be wrong by itself. */
#include "dialect/document.h"

#include "base/fields_schema.h"

#include <stdio.h>

#define KEY_BYTES  96
#define TEXT_BYTES 1024

/* ---- who may, and when ---- */

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

#define PEOPLE (sizeof people / sizeof *people)

static void add_people(struct buf *out, const struct row *row)
{
    uint32_t roles = row->is_free ? ~0u : verb_info(row->verb)->roles;
    bool is_first = true;
    if (row->is_free) {
        buf_add_str(out, "everybody");
        return;
    }
    for (size_t i = 0; i < PEOPLE; i++) {
        if (!(roles & people[i].bit))
            continue;
        if (!is_first)
            buf_add_str(out, ", ");
        buf_add_str(out, people[i].name);
        is_first = false;
    }
}

static void add_rate(struct buf *out, const struct row *row)
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
    buf_add_str(out, names[row->is_free ? row->limit : (unsigned)verb_info(row->verb)->rate]);
}

/* ---- pages ---- */

/* A bar would end the cell. */
static void add_cell(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '|')
            buf_add_char(out, '\\');
        buf_add_char(out, text.p[i]);
    }
}

static void add_field(struct buf *out, const struct field *f)
{
    char what[FIELD_TEXT_BYTES];
    field_describe(what, f);
    buf_add_str(out, "| `");
    buf_add_str(out, f->name);
    buf_add_char(out, '`');
    for (size_t i = 0; i < FIELD_MAX_ALIASES && f->aliases[i]; i++) {
        buf_add_str(out, ", `");
        buf_add_str(out, f->aliases[i]);
        buf_add_char(out, '`');
    }
    buf_add_str(out, f->required ? " | yes | " : " | | ");
    add_cell(out, slice_str(what));
    buf_add_str(out, " | ");
    add_cell(out, slice_str(f->help));
    buf_add_str(out, " |\n");
}

static void add_answers(struct buf *out, struct slice names)
{
    struct slice name;
    const char *before = " Answered by `";
    while (slice_cut(&name, &names, ',')) {
        buf_add_str(out, before);
        buf_add_slice(out, slice_trim(name));
        buf_add_char(out, '`');
        before = ", `";
    }
    buf_add_char(out, '.');
}

static void add_row(struct buf *out, const struct row *row)
{
    buf_add_str(out, "\n### `");
    buf_add_str(out, row->name);
    buf_add_str(out, "`\n\n");
    buf_add_str(out, row->help);
    buf_add_str(out, "\n\nBy ");
    add_people(out, row);
    buf_add_str(out, "; counted as *");
    add_rate(out, row);
    buf_add_str(out, "*.");
    if (row->answers)
        add_answers(out, slice_str(row->answers));
    buf_add_char(out, '\n');
    if (!row->fields)
        return;
    buf_add_str(out, "\n| field | required | value | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < row->fields->n; i++)
        add_field(out, &row->fields->list[i]);
}

void document_messages(struct buf *out, const struct language *l)
{
    buf_add_str(out, "\n## What clients say\n");
    for (size_t i = 0; i < l->n_rows; i++)
        add_row(out, &l->rows[i]);
    buf_add_str(out, "\n## What clients are told\n");
    for (size_t i = 0; i < l->n_said; i++) {
        buf_add_str(out, "\n### `");
        buf_add_str(out, l->said[i].name);
        buf_add_str(out, "`\n\n");
        buf_add_str(out, l->said[i].help);
        buf_add_str(out, "\n\n```json\n");
        buf_add_str(out, l->said[i].example);
        buf_add_str(out, "\n```\n");
    }
    buf_add_char(out, '\n');
}

/* ---- AsyncAPI ---- */

/* Keys know letters, digits, dots, dashes and underscores: "study.in.chat.message". */
static struct slice key_of(
    char key[KEY_BYTES], const struct language *l, const char *direction, const char *name)
{
    struct buf text;
    size_t len;
    buf_init(&text, KEY_BYTES - 1);
    buf_add_str(&text, l->dialect->name);
    buf_add_str(&text, direction);
    for (const char *c = name; *c; c++)
        buf_add_char(&text, *c == ':' ? '.' : *c);
    len = text.len;
    memcpy(key, text.p, len);
    buf_fini(&text);
    return slice_of(key, len);
}

static void put_ref(struct json_writer *w, const char *before, struct slice key)
{
    struct buf text;
    buf_init(&text, TEXT_BYTES);
    buf_add_str(&text, before);
    buf_add_slice(&text, key);
    jw_object(w);
    jw_field_str(w, "$ref", buf_slice(&text));
    jw_end(w);
    buf_fini(&text);
}

/* Calls `put` for every message of the language in both directions. */
typedef void(put_fn)(struct json_writer *w, const struct language *l, const char *direction,
    const char *name, const void *of);

static void put_each(struct json_writer *w, const struct language *l, put_fn *in, put_fn *out)
{
    for (size_t i = 0; i < l->n_rows; i++)
        in(w, l, ".in.", l->rows[i].name, &l->rows[i]);
    for (size_t i = 0; i < l->n_said; i++)
        out(w, l, ".out.", l->said[i].name, &l->said[i]);
}

static void put_channel_message(struct json_writer *w, const struct language *l,
    const char *direction, const char *name, const void *of)
{
    char key[KEY_BYTES];
    (void)of;
    struct slice k = key_of(key, l, direction, name);
    jw_key(w, k);
    put_ref(w, "#/components/messages/", k);
}

static void put_channel(struct json_writer *w, const struct language *l)
{
    jw_field_object(w, l->dialect->name);
    jw_field_str(w, "address", slice_str(l->address));
    jw_field_str(w, "title", slice_str(l->title));
    jw_field_str(w, "description", slice_str(l->help));
    jw_field_object(w, "messages");
    put_each(w, l, put_channel_message, put_channel_message);
    jw_end(w);
    if (strchr(l->address, '{')) {
        jw_field_object(w, "parameters");
        jw_field_object(w, "room_id");
        jw_field_str(w, "description", S("the room; it is made if it does not exist"));
        jw_end(w);
        jw_end(w);
    }
    jw_end(w);
}

static void put_operation(struct json_writer *w, const struct language *l, const char *direction,
    const char *name, const void *of)
{
    char key[KEY_BYTES];
    char path[KEY_BYTES * 2];
    (void)of;
    struct slice k = key_of(key, l, direction, name);
    jw_key(w, k);
    jw_object(w);
    /* As seen from the server. */
    jw_field_str(w, "action", strcmp(direction, ".in.") == 0 ? S("receive") : S("send"));
    jw_key(w, S("channel"));
    put_ref(w, "#/channels/", slice_str(l->dialect->name));
    jw_field_array(w, "messages");
    snprintf(path, sizeof path, "#/channels/%s/messages/", l->dialect->name);
    put_ref(w, path, k);
    jw_end(w);
    jw_end(w);
}

static void put_in_message(struct json_writer *w, const struct language *l, const char *direction,
    const char *name, const void *of)
{
    static const struct fields nothing;
    char key[KEY_BYTES];
    const struct row *row = of;
    jw_key(w, key_of(key, l, direction, name));
    jw_object(w);
    jw_field_str(w, "name", slice_str(name));
    jw_field_str(w, "summary", slice_str(row->help));
    jw_key(w, S("payload"));
    fields_schema(w, row->fields ? row->fields : &nothing);
    jw_end(w);
}

static void put_out_message(struct json_writer *w, const struct language *l, const char *direction,
    const char *name, const void *of)
{
    char key[KEY_BYTES];
    const struct said *said = of;
    jw_key(w, key_of(key, l, direction, name));
    jw_object(w);
    jw_field_str(w, "name", slice_str(name));
    jw_field_str(w, "summary", slice_str(said->help));
    jw_field_array(w, "examples");
    jw_object(w);
    jw_key(w, S("payload"));
    jw_raw(w, slice_str(said->example));
    jw_end(w);
    jw_end(w);
    jw_end(w);
}

static void put_info(struct json_writer *w, struct slice version)
{
    jw_field_object(w, "info");
    jw_field_str(w, "title", S("Stoa"));
    jw_field_str(w, "version", version);
    jw_field_str(
        w, "description", S("Rooms in five languages: clients of each meet in the same rooms."));
    jw_end(w);
}

void document_asyncapi(struct buf *out, struct slice version)
{
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    jw_field_str(&w, "asyncapi", S("3.0.0"));
    put_info(&w, version);
    jw_field_object(&w, "channels");
    for (size_t i = 0; i < REGISTRY_ALL; i++)
        put_channel(&w, registry_all[i]);
    jw_end(&w);
    jw_field_object(&w, "operations");
    for (size_t i = 0; i < REGISTRY_ALL; i++)
        put_each(&w, registry_all[i], put_operation, put_operation);
    jw_end(&w);
    jw_field_object(&w, "components");
    jw_field_object(&w, "messages");
    for (size_t i = 0; i < REGISTRY_ALL; i++)
        put_each(&w, registry_all[i], put_in_message, put_out_message);
    jw_end(&w);
    jw_end(&w);
    jw_end(&w);
}
