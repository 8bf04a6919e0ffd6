/* Only what follows from the tables is written, so that nothing in it can be wrong by itself. What
 * clients say is described by the rows' fields, what they are told by the shape of its example. */
#include "dialect/asyncapi.h"

#include "base/fields_schema.h"
#include "base/json_schema.h"
#include "dialect/document.h"

#define TEXT_BYTES 512

/* A message of a language: either a row or something said. */
struct entry {
    const struct language *language;
    const struct row *row;
    const struct said *said;
};

typedef void(put_fn)(struct json_writer *w, const struct entry *e);

static struct slice key_of(char key[DOCUMENT_KEY_BYTES], const struct entry *e)
{
    if (e->row)
        return document_key(key, e->language, "in", slice_str(e->row->name));
    return document_key(key, e->language, "out", slice_str(e->said->name));
}

static void put_each(struct json_writer *w, const struct language *l, put_fn *put)
{
    for (size_t i = 0; i < l->n_rows; i++)
        put(w, &(struct entry){ .language = l, .row = &l->rows[i] });
    for (size_t i = 0; i < l->n_said; i++)
        put(w, &(struct entry){ .language = l, .said = &l->said[i] });
}

static void put_all(struct json_writer *w, const char *name, put_fn *put)
{
    jw_field_object(w, name);
    for (size_t i = 0; i < REGISTRY_ALL; i++)
        put_each(w, registry_all[i], put);
    jw_end(w);
}

/* ---- references ---- */

/* { "$ref": a path of two or three parts }, as a value. */
static void put_ref(struct json_writer *w, const char *to, const char *channel, struct slice key)
{
    struct buf text;
    buf_init(&text, TEXT_BYTES);
    buf_add_str(&text, to);
    buf_add_str(&text, channel);
    if (channel[0] != '\0' && key.len > 0)
        buf_add_str(&text, "/messages/");
    buf_add_slice(&text, key);
    jw_object(w);
    jw_field_str(w, "$ref", buf_slice(&text));
    jw_end(w);
    buf_fini(&text);
}

static void put_channel_ref(struct json_writer *w, const struct language *l)
{
    jw_key(w, S("channel"));
    put_ref(w, "#/channels/", l->dialect->name, S(""));
}

static void put_message_ref(struct json_writer *w, const struct entry *e)
{
    char key[DOCUMENT_KEY_BYTES];
    put_ref(w, "#/channels/", e->language->dialect->name, key_of(key, e));
}

static void put_tag(struct json_writer *w, const char *name)
{
    jw_field_array(w, "tags");
    jw_object(w);
    jw_field_str(w, "name", slice_str(name));
    jw_end(w);
    jw_end(w);
}

/* ---- channels ---- */

static void put_channel_message(struct json_writer *w, const struct entry *e)
{
    char key[DOCUMENT_KEY_BYTES];
    struct slice k = key_of(key, e);
    jw_key(w, k);
    put_ref(w, "#/components/messages/", "", k);
}

static void put_parameters(struct json_writer *w, const struct language *l)
{
    struct slice name, address = slice_str(l->address);
    if (!strchr(l->address, '{'))
        return;
    jw_field_object(w, "parameters");
    while (fields_schema_param(&name, &address)) {
        jw_key(w, name);
        jw_object(w);
        jw_field_str(w, "description", S("the room; it is made if it does not exist"));
        jw_end(w);
    }
    jw_end(w);
}

static bool is_socket(const struct language *l)
{
    for (size_t i = 0; i < REGISTRY_SOCKET; i++) {
        if (registry_socket[i] == l)
            return true;
    }
    return false;
}

static void put_transport(struct json_writer *w, const struct language *l)
{
    put_tag(w, is_socket(l) ? "Socket.IO" : "WebSocket");
    if (!is_socket(l))
        return;
    jw_field_array(w, "x-namespaces");
    for (size_t i = 0; i < REGISTRY_NAMESPACES; i++)
        jw_str(w, slice_str(registry_namespaces[i]));
    jw_end(w);
}

static void put_channel(struct json_writer *w, const struct language *l)
{
    jw_field_object(w, l->dialect->name);
    jw_field_str(w, "address", slice_str(l->address));
    jw_field_str(w, "title", slice_str(l->title));
    jw_field_str(w, "description", slice_str(l->help));
    put_transport(w, l);
    jw_field_object(w, "messages");
    put_each(w, l, put_channel_message);
    jw_end(w);
    put_parameters(w, l);
    jw_end(w);
}

/* ---- operations ---- */

static void put_reply(struct json_writer *w, const struct entry *e)
{
    char key[DOCUMENT_KEY_BYTES];
    struct slice name, rest = slice_str(e->row ? e->row->answers : NULL);
    if (rest.len == 0)
        return;
    jw_field_object(w, "reply");
    put_channel_ref(w, e->language);
    jw_field_array(w, "messages");
    while (slice_cut(&name, &rest, ','))
        put_ref(w, "#/channels/", e->language->dialect->name,
            document_key(key, e->language, "out", slice_trim(name)));
    jw_end(w);
    jw_end(w);
}

static void put_operation(struct json_writer *w, const struct entry *e)
{
    char key[DOCUMENT_KEY_BYTES];
    jw_key(w, key_of(key, e));
    jw_object(w);
    jw_field_str(w, "action", e->row ? S("receive") : S("send")); /* as seen from the server */
    put_channel_ref(w, e->language);
    put_tag(w, e->language->dialect->name);
    jw_field_array(w, "messages");
    put_message_ref(w, e);
    jw_end(w);
    put_reply(w, e);
    jw_end(w);
}

/* ---- messages ---- */

static void put_said_payload(struct json_writer *w, const struct said *said)
{
    jw_key(w, S("payload"));
    json_schema(w, slice_str(said->example), said->any);
    jw_field_array(w, "examples");
    jw_object(w);
    jw_field_raw(w, "payload", slice_str(said->example));
    jw_end(w);
    jw_end(w);
}

static void put_row_payload(struct json_writer *w, const struct language *l, const struct row *row)
{
    jw_key(w, S("payload"));
    fields_schema(w,
        &(struct fields_schema){
            .tables = { row->fields },
            .type = l->dialect->is_typed ? row->name : NULL,
        });
}

static void put_message(struct json_writer *w, const struct entry *e)
{
    char key[DOCUMENT_KEY_BYTES];
    jw_key(w, key_of(key, e));
    jw_object(w);
    jw_field_str(w, "name", slice_str(e->row ? e->row->name : e->said->name));
    jw_field_str(w, "summary", slice_str(e->row ? e->row->help : e->said->help));
    jw_field_str(w, "contentType", S("application/json"));
    if (e->row)
        put_row_payload(w, e->language, e->row);
    else
        put_said_payload(w, e->said);
    jw_end(w);
}

/* ---- the rest ---- */

static void put_info(struct json_writer *w, struct slice version)
{
    jw_field_object(w, "info");
    jw_field_str(w, "title", S("Stoa"));
    jw_field_str(w, "version", version);
    jw_field_str(w, "description",
        S("Rooms in five languages: clients of each meet in the same rooms. Of what clients are "
          "told the schemas say what is there when everything is there: any member may also be "
          "null or missing, and others may come."));
    jw_end(w);
}

static void put_server(struct json_writer *w, const char *name, const char *host, bool is_secure)
{
    jw_field_object(w, name);
    jw_field_str(w, "host", slice_str(host));
    jw_field_str(w, "protocol", is_secure ? S("wss") : S("ws"));
    jw_field_str(w, "description",
        is_secure ? S("behind TLS, under its public name") : S("as `make run` starts it"));
    jw_end(w);
}

void asyncapi_write(struct buf *out, struct slice version)
{
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    jw_field_str(&w, "asyncapi", S("3.0.0"));
    put_info(&w, version);
    jw_field_object(&w, "servers");
    put_server(&w, "local", "localhost:5050", false);
    put_server(&w, "public", "rooms.example.org", true);
    jw_end(&w);
    jw_field_object(&w, "channels");
    for (size_t i = 0; i < REGISTRY_ALL; i++)
        put_channel(&w, registry_all[i]);
    jw_end(&w);
    put_all(&w, "operations", put_operation);
    jw_field_object(&w, "components");
    put_all(&w, "messages", put_message);
    jw_end(&w);
    jw_end(&w);
}
