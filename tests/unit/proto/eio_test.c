/* Engine.IO: packets, payloads, what a request's query says, and what we write. */
#include "proto/eio.h"

#include "fault.h"
#include "tap.h"

#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    struct slice text;
    int err;
    enum eio_type type;
    bool is_binary;
    struct slice data;
} packets[] = {
    { SLICE("0{\"sid\":\"x\"}"), 0, EIO_OPEN, false, SLICE("{\"sid\":\"x\"}") },
    { SLICE("1"), 0, EIO_CLOSE, false, SLICE("") },
    { SLICE("2"), 0, EIO_PING, false, SLICE("") },
    { SLICE("2probe"), 0, EIO_PING, false, SLICE("probe") },
    { SLICE("3"), 0, EIO_PONG, false, SLICE("") },
    { SLICE("3probe"), 0, EIO_PONG, false, SLICE("probe") },
    { SLICE("4"), 0, EIO_MESSAGE, false, SLICE("") },
    { SLICE("4hello"), 0, EIO_MESSAGE, false, SLICE("hello") },
    { SLICE("4\xe2\x82\xac\0"), 0, EIO_MESSAGE, false, SLICE("\xe2\x82\xac\0") },
    { SLICE("44"), 0, EIO_MESSAGE, false, SLICE("4") },
    { SLICE("4bAQ=="), 0, EIO_MESSAGE, false, SLICE("bAQ==") },
    { SLICE("5"), 0, EIO_UPGRADE, false, SLICE("") },
    { SLICE("6"), 0, EIO_NOOP, false, SLICE("") },
    { SLICE("b"), 0, EIO_MESSAGE, true, SLICE("") },
    { SLICE("bAQIDBA=="), 0, EIO_MESSAGE, true, SLICE("\x01\x02\x03\x04") },
    { SLICE("bAQIDBA"), 0, EIO_MESSAGE, true, SLICE("\x01\x02\x03\x04") },
    { SLICE("bAQID"), 0, EIO_MESSAGE, true, SLICE("\x01\x02\x03") },
    { SLICE("b+/+/"), 0, EIO_MESSAGE, true, SLICE("\xfb\xff\xbf") },
    { SLICE("b-_-_"), 0, EIO_MESSAGE, true, SLICE("\xfb\xff\xbf") },
    { SLICE("b//8="), 0, EIO_MESSAGE, true, SLICE("\xff\xff") },
    { SLICE("b__9"), 0, EIO_MESSAGE, true, SLICE("\xff\xff") },
    { .text = SLICE(""), .err = ERR_PROTOCOL },
    { .text = SLICE("7"), .err = ERR_PROTOCOL },
    { .text = SLICE("/"), .err = ERR_PROTOCOL },
    { .text = SLICE(":"), .err = ERR_PROTOCOL },
    { .text = SLICE("abc"), .err = ERR_PROTOCOL },
    { .text = SLICE("B"), .err = ERR_PROTOCOL },
    { .text = SLICE(" 4"), .err = ERR_PROTOCOL },
    { .text = SLICE("-1"), .err = ERR_PROTOCOL },
    { .text = SLICE("\0"), .err = ERR_PROTOCOL },
    { .text = SLICE("\xb4"), .err = ERR_PROTOCOL },
    { .text = SLICE("\x1e"), .err = ERR_PROTOCOL },
    { .text = SLICE("{\"a\":1}"), .err = ERR_PROTOCOL },
    { .text = SLICE("bA"), .err = ERR_PROTOCOL },
    { .text = SLICE("b="), .err = ERR_PROTOCOL },
    { .text = SLICE("b===="), .err = ERR_PROTOCOL },
    { .text = SLICE("bAQ="), .err = ERR_PROTOCOL },
    { .text = SLICE("bAQ==="), .err = ERR_PROTOCOL },
    { .text = SLICE("bAQ==AQ=="), .err = ERR_PROTOCOL },
    { .text = SLICE("bAQ ="), .err = ERR_PROTOCOL },
    { .text = SLICE("bAQID\n"), .err = ERR_PROTOCOL },
    { .text = SLICE("b\xff\xff\xff\xff"), .err = ERR_PROTOCOL },
    { .text = SLICE("b4hello!"), .err = ERR_PROTOCOL },
};

/* The end of the text is the end of its memory. */
static struct slice copy_of(struct slice text)
{
    char *p = malloc(text.len > 0 ? text.len : 1);
    if (p == NULL)
        abort();
    memcpy(p, text.p, text.len);
    return slice_of(p, text.len);
}

static void test_packets(void)
{
    struct arena a;
    arena_init(&a, 4096);
    for (size_t i = 0; i < COUNT(packets); i++) {
        struct slice text = copy_of(packets[i].text);
        struct eio_packet p;
        int err = eio_read(&p, &a, text);
        is_int(err, packets[i].err, "'%.*s'", (int)text.len, text.p);
        if (!err) {
            is_int(p.type, packets[i].type, "'%.*s': type", (int)text.len, text.p);
            ok(p.is_binary == packets[i].is_binary && slice_eq(p.data, packets[i].data),
                "'%.*s': data", (int)text.len, text.p);
        }
        free((char *)text.p);
        arena_reset(&a);
    }
    arena_fini(&a);
}

static void test_arena_ends(void)
{
    struct arena a;
    struct eio_packet p;
    arena_init(&a, 16);
    is_int(eio_read(&p, &a, S("bAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")), ERR_TOO_BIG, "too much");
    is_int(eio_read(&p, &a, S("4AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")), 0, "text needs no memory");
    ok(a.used_bytes == 0, "and takes none");
    arena_fini(&a);
}

static void read_binary(void *arg)
{
    struct arena a;
    struct eio_packet p;
    (void)arg;
    arena_init(&a, 4096);
    int err = eio_read(&p, &a, S("bAQID"));
    is_int(err, fault_hit() ? ERR_TOO_BIG : 0, "binary");
    arena_fini(&a);
}

/* The packets of a payload, each in brackets. */
static const struct {
    struct slice payload;
    const char *want;
} payloads[] = {
    { SLICE("4a"), "[4a]" },
    { SLICE("4a\x1e"
            "4b"),
        "[4a][4b]" },
    { SLICE("4a\x1e"
            "2\x1e"
            "bAQID"),
        "[4a][2][bAQID]" },
    { SLICE("4\xe2\x82\xac\x1e"
            "4\xf0\x9f\x98\x80"),
        "[4\xe2\x82\xac][4\xf0\x9f\x98\x80]" },
    { SLICE(""), "[]" },
    { SLICE("\x1e"), "[][]" },
    { SLICE("4a\x1e"), "[4a][]" },
    { SLICE("\x1e"
            "4a"),
        "[][4a]" },
    { SLICE("4a\x1e\x1e"
            "4b"),
        "[4a][][4b]" },
    { SLICE("\x1e\x1e\x1e"), "[][][][]" },
};

static void test_payloads(void)
{
    struct buf line;
    buf_init(&line, 1000);
    for (size_t i = 0; i < COUNT(payloads); i++) {
        struct slice payload = copy_of(payloads[i].payload), rest = payload, packet;
        buf_reset(&line);
        while (eio_cut(&packet, &rest)) {
            buf_add_char(&line, '[');
            buf_add_slice(&line, packet);
            buf_add_char(&line, ']');
        }
        is_slice(buf_slice(&line), payloads[i].want, "payload %zu: %s", i, payloads[i].want);
        ok(rest.p == NULL && !eio_cut(&packet, &rest), "payload %zu: used up", i);
        free((char *)payload.p);
    }
    buf_fini(&line);
}

static void test_write_binary(void)
{
    static const struct {
        struct slice data;
        const char *want;
    } rows[] = {
        { SLICE(""), "b" },
        { SLICE("\x01"), "bAQ==" },
        { SLICE("\x01\x02"), "bAQI=" },
        { SLICE("\x01\x02\x03"), "bAQID" },
        { SLICE("\xfb\xff\xbf"), "b+/+/" },
    };
    struct buf out;
    buf_init(&out, 100);
    for (size_t i = 0; i < COUNT(rows); i++) {
        buf_reset(&out);
        eio_write_binary(&out, rows[i].data);
        is_slice(buf_slice(&out), rows[i].want, "%s", rows[i].want);
    }
    buf_fini(&out);
}

static void test_handshake(void)
{
    struct eio_handshake h = {
        .sid = S("lv_VI97HAXpY6yYWAAAC"),
        .can_upgrade = true,
        .ping_interval_ms = 25000,
        .ping_timeout_ms = 20000,
        .max_payload = 1000000,
    };
    struct buf out;
    buf_init(&out, 1000);
    eio_write_handshake(&out, &h);
    is_slice(buf_slice(&out),
        "0{\"sid\":\"lv_VI97HAXpY6yYWAAAC\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,"
        "\"pingTimeout\":20000,\"maxPayload\":1000000}",
        "over polling");
    h.can_upgrade = false;
    h.max_payload = UINT32_MAX;
    buf_reset(&out);
    eio_write_handshake(&out, &h);
    is_slice(buf_slice(&out),
        "0{\"sid\":\"lv_VI97HAXpY6yYWAAAC\",\"upgrades\":[],\"pingInterval\":25000,"
        "\"pingTimeout\":20000,\"maxPayload\":4294967295}",
        "over WebSocket");
    buf_fini(&out);
}

/* What the query says, as a line: transport, version, base64, sid. */
static const struct {
    const char *query;
    const char *want;
} queries[] = {
    { "EIO=4&transport=polling", "polling 4" },
    { "EIO=4&transport=polling&t=PqAz0Fy", "polling 4" },
    { "EIO=4&transport=websocket&sid=abc", "websocket 4 sid=abc" },
    { "sid=abc&transport=polling&EIO=4&b64=1", "polling 4 base64 sid=abc" },
    { "EIO=3&transport=polling", "polling 3" },
    { "EIO=4.0&transport=polling", "polling" },
    { "EIO=44&transport=polling", "polling" },
    { "EIO=04&transport=polling", "polling" },
    { "EIO=&transport=polling", "polling" },
    { "eio=4&transport=polling", "polling" },
    { "EIO=5&transport=polling", "polling" },
    { "transport=polling", "polling" },
    { "EIO=4", "none 4" },
    { "EIO=4&transport=", "none 4" },
    { "EIO=4&transport=webtransport", "none 4" },
    { "EIO=4&transport=Polling", "none 4" },
    { "EIO=4&transport=polling2", "none 4" },
    { "EIO=4&transport=constructor", "none 4" },
    { "", "none" },
    { "&&&", "none" },
    { "=", "none" },
    { "EIO=4&transport=polling&transport=websocket", "websocket 4" },
    { "EIO=3&EIO=4&transport=polling", "polling 4" },
    { "EIO=4&transport=polling&sid=a&sid=b", "polling 4 sid=b" },
    { "EIO=4&transport=polling&sid=a&sid=", "polling 4" },
    { "EIO=4&transport=polling&sid=", "polling 4" },
    { "EIO=4&transport=polling&sid", "polling 4" },
    { "EIO=4&transport=polling&sid=a%2Fb+c", "polling 4 sid=a/b c" },
    { "%45IO=%34&tr%61nsport=pol%6cing", "polling 4" },
    { "EIO=4&transport=polling&b64=0", "polling 4" },
    { "EIO=4&transport=polling&b64=false", "polling 4" },
    { "EIO=4&transport=polling&b64=", "polling 4" },
    { "EIO=4&transport=polling&b64", "polling 4" },
    { "EIO=4&transport=polling&b64=true", "polling 4 base64" },
    { "EIO=4&transport=polling&token=a%20b&%C3%A9=%C3%A9", "polling 4" },
    { "EIO=4&transport=polling&sid=%", "!BAD_REQUEST" },
    { "EIO=4&transport=polling&sid=%zz", "!BAD_REQUEST" },
    { "EIO=4&transport=polling&sid=a%00b", "!BAD_REQUEST" },
    { "EIO=4&transport=polling&x=%ff", "!BAD_REQUEST" },
    { "EIO=4&transport=polling&%4=1", "!BAD_REQUEST" },
    { "EIO=4&transport=polling&x=\xff", "!BAD_REQUEST" },
};

static void write_query(struct buf *line, const struct eio_query *q)
{
    static const char *const transports[] = { "none", "polling", "websocket" };
    buf_add_str(line, transports[q->transport]);
    if (q->is_version_4)
        buf_add_str(line, " 4");
    if (q->is_version_3)
        buf_add_str(line, " 3");
    if (q->wants_base64)
        buf_add_str(line, " base64");
    if (q->has_sid)
        buf_add_str(line, " sid=");
    buf_add_slice(line, q->sid);
}

static void test_queries(void)
{
    struct arena a;
    struct buf line;
    arena_init(&a, 1 << 16);
    buf_init(&line, 1000);
    for (size_t i = 0; i < COUNT(queries); i++) {
        struct slice query = copy_of(slice_str(queries[i].query));
        struct eio_query q;
        buf_reset(&line);
        int err = eio_read_query(&q, &a, query);
        if (err)
            buf_add_char(&line, '!');
        if (err)
            buf_add_str(&line, err_name(err));
        else
            write_query(&line, &q);
        is_slice(buf_slice(&line), queries[i].want, "?%s", queries[i].query);
        free((char *)query.p);
    }
    arena_fini(&a);
    arena_init(&a, 0);
    struct eio_query q;
    is_int(eio_read_query(&q, &a, S("EIO=4&transport=polling&sid=abc")), 0, "no memory needed");
    is_int(eio_read_query(&q, &a, S("EIO=%34")), ERR_TOO_BIG, "but to decode");
    buf_fini(&line);
    arena_fini(&a);
}

static const struct {
    enum eio_refusal why;
    const char *text;
    const char *body;
} refusals[] = {
    { EIO_TRANSPORT_UNKNOWN, "Transport unknown",
        "{\"code\":0,\"message\":\"Transport unknown\"}" },
    { EIO_SESSION_UNKNOWN, "Session ID unknown",
        "{\"code\":1,\"message\":\"Session ID unknown\"}" },
    { EIO_BAD_METHOD, "Bad handshake method", "{\"code\":2,\"message\":\"Bad handshake method\"}" },
    { EIO_BAD_REQUEST, "Bad request", "{\"code\":3,\"message\":\"Bad request\"}" },
    { EIO_FORBIDDEN, "Forbidden", "{\"code\":4,\"message\":\"Forbidden\"}" },
    { EIO_UNSUPPORTED_VERSION, "Unsupported protocol version",
        "{\"code\":5,\"message\":\"Unsupported protocol version\"}" },
};

static void test_refusals(void)
{
    struct buf out;
    buf_init(&out, 1000);
    for (size_t i = 0; i < COUNT(refusals); i++) {
        buf_reset(&out);
        eio_write_refusal(&out, refusals[i].why);
        is_slice(buf_slice(&out), refusals[i].body, "%s", refusals[i].body);
        struct slice text = eio_refusal_text(refusals[i].why);
        is_slice(text, refusals[i].text, "%s", refusals[i].text);
    }
    buf_fini(&out);
}

int main(void)
{
    test_packets();
    test_arena_ends();
    fault_each(FAULT_ALLOC, read_binary, NULL);
    test_payloads();
    test_write_binary();
    test_handshake();
    test_queries();
    test_refusals();
    return done();
}
