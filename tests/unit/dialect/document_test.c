/* A small language as a page in both markups and as AsyncAPI; and all five, whole. */
#include "dialect/document.h"

#include "base/json_read.h"
#include "dialect/asyncapi.h"
#include "tap.h"

#include <stdio.h>

/* ---- a language ---- */

struct say {
    struct slice room_id;
    struct slice text;
};

static const struct field say_list[] = {
    { .name = "room",
        .aliases = { "room_id" },
        FIELD_MEMBER(struct say, room_id),
        .type = FIELD_ID,
        .max = 9,
        .help = "a `room` | or <none>" },
    { .name = "text",
        FIELD_MEMBER(struct say, text),
        .type = FIELD_STR,
        .max = 5,
        .required = true,
        .help = "what is said" },
};
static const struct fields say_fields = FIELDS(say_list);

static const struct row rows[] = {
    { .name = "chat:say",
        ROW_ARGS(struct say, say_fields),
        .verb = VERB_CHAT,
        .help = "Says `it`.",
        .answers = "heard, error" },
    { .name = "ping", .is_free = true, .limit = RATE_PRESENCE, .help = "Is it < there & \"up\"?" },
};

static const struct said said[] = {
    { .name = "heard", .help = "Somebody said something.", .example = "{\"a\":\"<b>\"}" },
};

static const struct dialect dialect = { .name = "toy" };

static const struct language toy = {
    .dialect = &dialect,
    .title = "A toy",
    .help = "For a test.",
    .address = "/toy",
    LANGUAGE_ROWS(rows),
    LANGUAGE_SAID(said),
};

/* ---- pages ---- */

static const char markdown[] = "\n## What clients say\n"
                               "\n### `chat:say`\n\nSays `it`.\n"
                               "\nBy participants, cohosts, hosts; counted as *chat*."
                               " Answered by `heard`, `error`.\n"
                               "\n| field | required | value | meaning |\n|---|---|---|---|\n"
                               "| `room`, `room_id` |  | an id of 1 to 9 letters, digits or "
                               "-_.:@+=~\\| | a `room` \\| or <none> |\n"
                               "| `text` | yes | text of 0 to 5 characters | what is said |\n"
                               "\n### `ping`\n\nIs it < there & \"up\"?\n"
                               "\nBy everybody; counted as *presence*.\n"
                               "\n## What clients are told\n"
                               "\n### `heard`\n\nSomebody said something.\n"
                               "\n```json\n{\"a\":\"<b>\"}\n```\n";

static const char html[] =
    "<h3>What clients say</h3>\n"
    "<article id=\"toy.in.chat.say\"><h4><a href=\"#toy.in.chat.say\"><code>chat:say</code></a>"
    "</h4>\n"
    "<p>Says <code>it</code>.</p>\n"
    "<p>By participants, cohosts, hosts; counted as <em>chat</em>."
    " Answered by <code>heard</code>, <code>error</code>.</p>\n"
    "<table><thead><tr><th>field</th><th>required</th><th>value</th><th>meaning</th></tr></thead>"
    "<tbody>\n"
    "<tr><td><code>room</code>, <code>room_id</code></td><td></td><td>an id of 1 to 9 letters, "
    "digits or -_.:@+=~|</td><td>a <code>room</code> | or &lt;none&gt;</td></tr>\n"
    "<tr><td><code>text</code></td><td>yes</td><td>text of 0 to 5 characters</td>"
    "<td>what is said</td></tr>\n"
    "</tbody></table>\n</article>\n"
    "<article id=\"toy.in.ping\"><h4><a href=\"#toy.in.ping\"><code>ping</code></a></h4>\n"
    "<p>Is it &lt; there &amp; &quot;up&quot;?</p>\n"
    "<p>By everybody; counted as <em>presence</em>.</p>\n</article>\n"
    "<h3>What clients are told</h3>\n"
    "<article id=\"toy.out.heard\"><h4><a href=\"#toy.out.heard\"><code>heard</code></a></h4>\n"
    "<p>Somebody said something.</p>\n"
    "<pre><code>{&quot;a&quot;: &quot;&lt;b&gt;&quot;}</code></pre>\n</article>\n";

static void test_pages(void)
{
    struct buf out;
    buf_init(&out, 1u << 16);
    document_messages(&out, &markup_markdown, &toy);
    is_slice(buf_slice(&out), markdown, "a page of Markdown");
    buf_reset(&out);
    document_messages(&out, &markup_html, &toy);
    is_slice(buf_slice(&out), html, "the same in HTML");
    buf_fini(&out);
}

static void test_layout(void)
{
    static const struct {
        const char *json;
        const char *want;
    } cases[] = {
        { "{\"a\":[1,2],\"b\":{}}", "{\"a\": [1, 2], \"b\": {}}" },
        { "{\"a\":\"0123456789012345678901234567890123456789\",\"b\":[\"{,:[\\\"]\",[true]],"
          "\"c\":\"0123456789\"}",
            "{\n  \"a\": \"0123456789012345678901234567890123456789\",\n"
            "  \"b\": [\"{,:[\\\"]\", [true]],\n  \"c\": \"0123456789\"\n}" },
        { "[[\"0123456789012345678901234567890123456789\",\"012345678901234567890123456789\"]]",
            "[\n  [\n    \"0123456789012345678901234567890123456789\",\n"
            "    \"012345678901234567890123456789\"\n  ]\n]" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out, want;
        buf_init(&out, 4096);
        buf_init(&want, 4096);
        markup_html.json_text(&out, slice_str(cases[i].json));
        markup_escape(&want, slice_str(cases[i].want));
        buf_add_char(&want, '\0');
        is_slice(buf_slice(&out), want.p, "layout %zu", i);
        buf_fini(&out);
        buf_fini(&want);
    }
}

/* A page that does not fit says so, and is no shorter page. */
static void test_full(void)
{
    struct buf out;
    buf_init(&out, 100);
    document_messages(&out, &markup_html, &toy);
    is_int(buf_err(&out), ERR_TOO_BIG, "too small a buffer");
    buf_fini(&out);
}

/* ---- AsyncAPI ---- */

/* Steps into a member of an object. */
static struct slice member(struct slice object, const char *name, struct arena *arena)
{
    struct json j;
    struct json_value key, value;
    json_init(&j, object, arena);
    if (json_next(&key, &j) != JSON_OBJECT)
        return S("");
    while (json_next(&key, &j) == JSON_KEY && json_next_whole(&value, &j) > JSON_END) {
        if (json_is(&key, slice_str(name)))
            return json_source(&value);
    }
    return S("");
}

static struct slice at(struct slice json, const char *path, struct arena *arena)
{
    struct slice name, rest = slice_str(path);
    while (slice_cut(&name, &rest, '/')) {
        char text[DOCUMENT_KEY_BYTES];
        snprintf(text, sizeof text, "%.*s", (int)name.len, name.p);
        json = member(json, text, arena);
    }
    return json;
}

static const struct {
    const char *path;
    const char *want;
} places[] = {
    { "asyncapi", "\"3.0.0\"" },
    { "info/version", "\"1.2\"" },
    { "servers/local/host", "\"localhost:5050\"" },
    { "servers/local/protocol", "\"ws\"" },
    { "servers/public/protocol", "\"wss\"" },
    { "channels/call/address", "\"/socket.io/\"" },
    { "channels/call/tags", "[{\"name\":\"Socket.IO\"}]" },
    { "channels/call/x-namespaces", "[\"/\",\"/rooms\"]" },
    { "channels/focus/tags", "[{\"name\":\"WebSocket\"}]" },
    { "channels/focus/x-namespaces", "" },
    { "channels/focus/parameters/room_id/description",
        "\"the room; it is made if it does not exist\"" },
    { "channels/call/parameters", "" },
    { "channels/call/messages/call.in.chat", "{\"$ref\":\"#/components/messages/call.in.chat\"}" },
    { "operations/call.in.chat",
        "{\"action\":\"receive\",\"channel\":{\"$ref\":\"#/channels/call\"},"
        "\"tags\":[{\"name\":\"call\"}],"
        "\"messages\":[{\"$ref\":\"#/channels/call/messages/call.in.chat\"}],"
        "\"reply\":{\"channel\":{\"$ref\":\"#/channels/call\"},"
        "\"messages\":[{\"$ref\":\"#/channels/call/messages/call.out.chat\"}]}}" },
    { "operations/call.out.peer-left",
        "{\"action\":\"send\",\"channel\":{\"$ref\":\"#/channels/call\"},"
        "\"tags\":[{\"name\":\"call\"}],"
        "\"messages\":[{\"$ref\":\"#/channels/call/messages/call.out.peer-left\"}]}" },
    { "components/messages/study.in.chat.message/name", "\"chat:message\"" },
    { "components/messages/focus.in.ping/payload",
        "{\"type\":\"object\",\"properties\":{\"type\":{\"const\":\"ping\"}},"
        "\"required\":[\"type\"]}" },
    { "components/messages/call.out.peer-left/payload",
        "{\"type\":\"object\",\"properties\":{\"seq\":{\"type\":[\"number\",\"null\"]},"
        "\"peerId\":{\"type\":[\"string\",\"null\"]}}}" },
    { "components/messages/call.out.signal/payload/properties/data", "{}" },
    { "components/messages/call.out.peer-left/examples",
        "[{\"payload\":{\"seq\":9,\"peerId\":\"x7Kd\"}}]" },
};

static void test_asyncapi(void)
{
    struct buf out;
    struct arena arena;
    struct json_value v;
    buf_init(&out, 1u << 20);
    arena_init(&arena, 1u << 20);
    asyncapi_write(&out, S("1.2"));
    is_int(json_read_whole(&v, buf_slice(&out), &arena), 0, "it is JSON");
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct slice got = at(buf_slice(&out), places[i].path, &arena);
        is_slice(got, places[i].want, "%s", places[i].path);
    }
    arena_fini(&arena);
    buf_fini(&out);
}

int main(void)
{
    test_pages();
    test_layout();
    test_full();
    test_asyncapi();
    return done();
}
