/* One text for one option of the table: what becomes of it, in print. */
#include "option_value.h"

#include "fault.h"
#include "tap.h"

#define HUNDRED                                          \
    "/123456789/123456789/123456789/123456789/123456789" \
    "/123456789/123456789/123456789/123456789/123456789"

struct value_case {
    const char *option;
    struct slice text;
    const char *want; /* the value, or, behind "!", what the refusal says */
};

static const struct value_case cases[] = {
    { .option = "port", .text = SLICE("0"), .want = "0" },
    { .option = "port", .text = SLICE("65535"), .want = "65535" },
    { .option = "port",
        .text = SLICE("65536"),
        .want = "!\"65536\" is out of range; write a value from 0 to 65535" },
    { .option = "port", .text = SLICE(""), .want = "!\"\" is not a whole number" },
    { .option = "port", .text = SLICE("-1"), .want = "!\"-1\" is not a whole number" },
    { .option = "port", .text = SLICE("+1"), .want = "!\"+1\" is not a whole number" },
    { .option = "port", .text = SLICE("1 "), .want = "!\"1 \" is not a whole number" },
    { .option = "port", .text = SLICE("0x50"), .want = "!\"0x50\" is not a whole number" },
    { .option = "port",
        .text = SLICE("99999999999999999999"),
        .want = "!\"99999999999999999999\" is not" },
    { .option = "limits.tls-half-open", .text = SLICE("1"), .want = "1" },
    { .option = "limits.tls-half-open",
        .text = SLICE("0"),
        .want = "!\"0\" is out of range; write a value from 1 to 1000000" },

    { .option = "limits.body-bytes", .text = SLICE("4096"), .want = "4096" },
    { .option = "limits.body-bytes", .text = SLICE("1KiB"), .want = "1024" },
    { .option = "limits.body-bytes", .text = SLICE("3MiB"), .want = "3145728" },
    { .option = "limits.body-bytes", .text = SLICE("1GiB"), .want = "1073741824" },
    { .option = "limits.body-bytes",
        .text = SLICE("2GiB"),
        .want = "!\"2GiB\" is out of range; write a value from 1KiB to 1GiB" },
    { .option = "limits.body-bytes", .text = SLICE("1023"), .want = "!\"1023\" is out of range" },
    { .option = "limits.body-bytes",
        .text = SLICE("1kib"),
        .want = "!\"1kib\" is not a size; write bytes, or a whole number with KiB, MiB or GiB, "
                "from 1KiB to 1GiB" },
    { .option = "limits.body-bytes", .text = SLICE("1K"), .want = "!\"1K\" is not a size" },
    { .option = "limits.body-bytes", .text = SLICE("1.5MiB"), .want = "!\"1.5MiB\" is not a size" },
    { .option = "limits.body-bytes",
        .text = SLICE("17179869184GiB"),
        .want = "!\"17179869184GiB\" is not a size" },
    { .option = "limits.body-bytes", .text = SLICE("KiB"), .want = "!\"KiB\" is not a size" },
    { .option = "limits.body-rate", .text = SLICE("0"), .want = "0" },

    { .option = "ws.ping", .text = SLICE("10ms"), .want = "10" },
    { .option = "ws.ping", .text = SLICE("30s"), .want = "30000" },
    { .option = "ws.ping", .text = SLICE("2m"), .want = "120000" },
    { .option = "ws.ping", .text = SLICE("1h"), .want = "3600000" },
    { .option = "drain.deadline", .text = SLICE("1d"), .want = "86400000" },
    { .option = "drain.deadline", .text = SLICE("0"), .want = "0" },
    { .option = "drain.deadline", .text = SLICE("0s"), .want = "0" },
    { .option = "ws.ping",
        .text = SLICE("9ms"),
        .want = "!\"9ms\" is out of range; write a value from 10ms to 1h" },
    { .option = "ws.ping",
        .text = SLICE("30"),
        .want = "!\"30\" is not a duration; write a whole number with ms, s, m, h or d, "
                "from 10ms to 1h" },
    { .option = "ws.ping", .text = SLICE("30S"), .want = "!\"30S\" is not a duration" },
    { .option = "ws.ping", .text = SLICE("30 s"), .want = "!\"30 s\" is not a duration" },
    { .option = "ws.ping",
        .text = SLICE("213503982335d"),
        .want = "!\"213503982335d\" is not a duration" },

    { .option = "dev-tls", .text = SLICE("true"), .want = "true" },
    { .option = "dev-tls", .text = SLICE("1"), .want = "true" },
    { .option = "dev-tls", .text = SLICE("false"), .want = "false" },
    { .option = "dev-tls", .text = SLICE("0"), .want = "false" },
    { .option = "dev-tls", .text = SLICE("yes"), .want = "!\"yes\" is neither true nor false" },
    { .option = "dev-tls", .text = SLICE("True"), .want = "!\"True\" is neither" },
    { .option = "dev-tls", .text = SLICE(""), .want = "!\"\" is neither" },

    { .option = "log.format", .text = SLICE("auto"), .want = "0" },
    { .option = "log.format", .text = SLICE("json"), .want = "2" },
    { .option = "log.format",
        .text = SLICE("jso"),
        .want = "!\"jso\" is not known here; write one of auto|logfmt|json" },
    { .option = "log.format", .text = SLICE(""), .want = "!\"\" is not known here" },
    { .option = "log.format",
        .text = SLICE("auto|logfmt"),
        .want = "!\"auto|logfmt\" is not known" },
    { .option = "log.level", .text = SLICE("info,http=debug"), .want = "info,http=debug" },
    { .option = "log.level",
        .text = SLICE("loud"),
        .want = "!\"loud\" is not a list of log levels" },
    { .option = "log.level", .text = SLICE(""), .want = "!\"\" is empty" },

    { .option = "data", .text = SLICE("/x"), .want = "/x" },
    { .option = "data",
        .text = SLICE(""),
        .want = "!\"\" is empty; write something or leave the option away" },
    { .option = "data", .text = SLICE("a\0b"), .want = "!\"a?b\" holds a NUL byte" },
    { .option = "socket", .text = SLICE(""), .want = "" },
    { .option = "socket", .want = HUNDRED "/234567", .text = SLICE(HUNDRED "/234567") },
    { .option = "socket",
        .want = "!\"/123456789/123456789/123456789/123456789/123456789/123456789…\" "
                "is too long; it takes at most 107 bytes",
        .text = SLICE(HUNDRED "/2345678") },

    { .option = "host", .text = SLICE(""), .want = "[0]" },
    { .option = "host", .text = SLICE("127.0.0.1"), .want = "[1] 127.0.0.1" },
    { .option = "host", .text = SLICE(" ::1 , 10.0.0.1"), .want = "[2] ::1 10.0.0.1" },
    { .option = "host",
        .text = SLICE("localhost"),
        .want = "!\"localhost\" is not an IP address; write one such as" },
    { .option = "host",
        .text = SLICE("127.0.0.1:80"),
        .want = "!\"127.0.0.1:80\" is not an IP address" },
    { .option = "host",
        .text = SLICE("127.0.0.1,"),
        .want = "!\"127.0.0.1,\" has an empty item; remove the comma" },
    { .option = "host", .text = SLICE(",::1"), .want = "!\",::1\" has an empty item" },
    { .option = "host", .text = SLICE("::1,,::1"), .want = "!\"::1,,::1\" has an empty item" },
    { .option = "host", .text = SLICE(","), .want = "!\",\" has an empty item" },
    { .option = "trusted-proxies",
        .text = SLICE("10.0.0.0/8,fd00::/8,192.0.2.7"),
        .want = "[3] 10.0.0.0/8 fd00::/8 192.0.2.7" },
    { .option = "trusted-proxies",
        .text = SLICE("10.0.0.0/33"),
        .want = "!\"10.0.0.0/33\" is not a range" },
    { .option = "trusted-proxies",
        .text = SLICE("10.0.0.0/"),
        .want = "!\"10.0.0.0/\" is not a range" },
    { .option = "trusted-proxies", .text = SLICE("*"), .want = "!\"*\" is not a range" },

    { .option = "public-url",
        .text = SLICE("https://rooms.example.org"),
        .want = "https://rooms.example.org" },
    { .option = "public-url",
        .text = SLICE("http://localhost:5050"),
        .want = "http://localhost:5050" },
    { .option = "public-url",
        .text = SLICE("https://[2001:db8::1]:8443"),
        .want = "https://[2001:db8::1]:8443" },
    { .option = "public-url",
        .text = SLICE("https://a.example/"),
        .want = "!\"https://a.example/\" is not an origin; write http:// or https://" },
    { .option = "public-url",
        .text = SLICE("https://a.example/app"),
        .want = "!\"https://a.example/app\" is not an origin" },
    { .option = "public-url",
        .text = SLICE("https://a.example?x"),
        .want = "!\"https://a.example?x\" is" },
    { .option = "public-url",
        .text = SLICE("a.example"),
        .want = "!\"a.example\" is not an origin" },
    { .option = "public-url",
        .text = SLICE("ftp://a.example"),
        .want = "!\"ftp://a.example\" is not an origin" },
    { .option = "public-url",
        .text = SLICE("HTTPS://a.example"),
        .want = "!\"HTTPS://a.example\" is" },
    { .option = "public-url",
        .text = SLICE("https://A.example"),
        .want = "!\"https://A.example\" is" },
    { .option = "public-url",
        .text = SLICE("https://u@a.example"),
        .want = "!\"https://u@a.example\" is" },
    { .option = "public-url",
        .text = SLICE("https://u:p@a.example"),
        .want = "!\"https://u:p@a.example\" is" },
    { .option = "public-url",
        .text = SLICE("https://a.example:443"),
        .want = "!\"https://a.example:443\" is" },
    { .option = "public-url",
        .text = SLICE("http://a.example:80"),
        .want = "!\"http://a.example:80\" is" },
    { .option = "public-url",
        .text = SLICE("http://a.example:8080"),
        .want = "http://a.example:8080" },
    { .option = "public-url",
        .text = SLICE("https://a.example:0"),
        .want = "!\"https://a.example:0\" is" },
    { .option = "public-url",
        .text = SLICE("https://a.example:65536"),
        .want = "!\"https://a.example:65536\" is" },
    { .option = "public-url",
        .text = SLICE("https://a.example:"),
        .want = "!\"https://a.example:\" is" },
    { .option = "public-url", .text = SLICE("https://"), .want = "!\"https://\" is" },
    { .option = "public-url", .text = SLICE("https://a..b"), .want = "!\"https://a..b\" is" },
    { .option = "public-url", .text = SLICE("https://a.b."), .want = "!\"https://a.b.\" is" },
    { .option = "public-url", .text = SLICE("https://-a.b"), .want = "!\"https://-a.b\" is" },
    { .option = "public-url", .text = SLICE("https://[::1"), .want = "!\"https://[::1\" is" },
    { .option = "public-url", .text = SLICE("https://::1"), .want = "!\"https://::1\" is" },
    { .option = "public-url", .text = SLICE("https://*.a.b"), .want = "!\"https://*.a.b\" is" },
    { .option = "cors.origins",
        .text = SLICE("https://a.b,http://c"),
        .want = "[2] https://a.b http://c" },
    { .option = "cors.origins", .text = SLICE("*"), .want = "!\"*\" is not an origin" },
    { .option = "cors.origins", .text = SLICE("null"), .want = "!\"null\" is not an origin" },

    { .option = "ice.stun",
        .text = SLICE("stun:a.example, stuns:b.example:5349,stun:[::1]:3478,stun:192.0.2.1"),
        .want = "[4] stun:a.example stuns:b.example:5349 stun:[::1]:3478 stun:192.0.2.1" },
    { .option = "ice.stun",
        .text = SLICE("stun:"),
        .want = "!\"stun:\" is not the address of a STUN" },
    { .option = "ice.stun",
        .text = SLICE("a.example"),
        .want = "!\"a.example\" is not the address" },
    { .option = "ice.stun", .text = SLICE("turn:a"), .want = "!\"turn:a\" is not the address" },
    { .option = "ice.stun", .text = SLICE("stun://a"), .want = "!\"stun://a\" is not the address" },
    { .option = "ice.stun", .text = SLICE("stun:a:0"), .want = "!\"stun:a:0\" is not the address" },
    { .option = "ice.stun", .text = SLICE("stun:a?x"), .want = "!\"stun:a?x\" is not the address" },
    { .option = "ice.turn",
        .text = SLICE("turn:a:3478?transport=udp,turns:a?transport=tcp,turn:b"),
        .want = "[3] turn:a:3478?transport=udp turns:a?transport=tcp turn:b" },
    { .option = "ice.turn",
        .text = SLICE("turn:a?transport=sctp"),
        .want = "!\"turn:a?transport=sctp\" is not the address of a TURN" },
    { .option = "ice.turn", .text = SLICE("turn:a?"), .want = "!\"turn:a?\" is not the address" },
    { .option = "ice.turn", .text = SLICE("turn:u@a"), .want = "!\"turn:u@a\" is not the address" },
    { .option = "ice.turn", .text = SLICE("stun:a"), .want = "!\"stun:a\" is not the address" },

    { .option = "livekit.url", .text = SLICE("wss://a.example"), .want = "wss://a.example" },
    { .option = "livekit.url", .text = SLICE("ws://a:7880"), .want = "ws://a:7880" },
    { .option = "livekit.url", .text = SLICE("https://[::1]:1"), .want = "https://[::1]:1" },
    { .option = "livekit.url", .text = SLICE("http://a"), .want = "http://a" },
    { .option = "livekit.url", .text = SLICE(""), .want = "" },
    { .option = "livekit.url",
        .text = SLICE("wss://a/rtc"),
        .want = "!\"wss://a/rtc\" is not the address of a media server" },
    { .option = "livekit.url", .text = SLICE("wss://"), .want = "!\"wss://\" is not the address" },
    { .option = "livekit.url", .text = SLICE("a"), .want = "!\"a\" is not the address" },
    { .option = "livekit.api-key", .text = SLICE("a b"), .want = "!\"a b\" holds a space" },

    { .option = "auth.mode", .text = SLICE("open"), .want = "0" },
    { .option = "auth.mode", .text = SLICE("required"), .want = "2" },
    { .option = "auth.mode", .text = SLICE("Open"), .want = "!\"Open\" is not known here" },
    { .option = "auth.token-ttl", .text = SLICE("366d"), .want = "31622400000" },
    { .option = "rate.chat",
        .text = SLICE("0"),
        .want = "!\"0\" is out of range; write a value from 1 to 1000000" },
    { .option = "mesh.limit",
        .text = SLICE("51"),
        .want = "!\"51\" is out of range; write a value from 2 to 50" },

    { .option = "jwt.secret",
        .text = SLICE("-----BEGIN PUBLIC KEY-----\nMIIBIjANBg"),
        .want = "!the value is the one of a manual's example or a key in PEM or JSON form" },
    { .option = "jwt.secret",
        .text = SLICE("{0123456789abcdef0123456789abcdef"),
        .want = "{0123456789abcdef0123456789abcdef" },
    { .option = "jwt.secret",
        .text = SLICE("{\"kty\":\"oct\",\"k\":\"0123456789abcdef\"}"),
        .want = "!the value is the one of a manual's example or a key in PEM or JSON form" },
    { .option = "jwt.secret",
        .text = SLICE("0123456789abcdef0123456789abcdef"),
        .want = "0123456789abcdef0123456789abcdef" },
    { .option = "jwt.secret",
        .text = SLICE("0123456789abcdef0123456789abcde"),
        .want = "!the value is too short; it takes at least 32 bytes" },
    { .option = "jwt.secret", .text = SLICE(""), .want = "!the value is too short" },
    { .option = "jwt.secret",
        .text = SLICE("your-super-secret-jwt-key-change-this"),
        .want = "!the value is the one of a manual's example" },
    { .option = "metrics.token", .text = SLICE("0123456789abcdef"), .want = "0123456789abcdef" },
    { .option = "metrics.token",
        .text = SLICE("0123456789 abcdef"),
        .want = "!the value holds a space" },
    { .option = "metrics.token",
        .text = SLICE(""),
        .want = "!the value is too short; it takes at least 16 bytes" },
    { .option = "database.url", .text = SLICE(""), .want = "" },
    { .option = "database.url", .text = SLICE("sqlite:"), .want = "sqlite:" },
    { .option = "database.url",
        .text = SLICE("postgresql://u:p@h/d"),
        .want = "postgresql://u:p@h/d" },
    { .option = "database.url",
        .text = SLICE("mysql://u:p@h/d"),
        .want = "!the value is not the address of a database" },
    { .option = "redis.password", .text = SLICE(""), .want = "" },
};

static void say_list(struct buf *out, const struct option_list *l)
{
    buf_add_str(out, "[");
    buf_add_u64(out, l->n);
    buf_add_str(out, "]");
    for (size_t i = 0; i < l->n; i++)
        REPORT_SAY(out, " ", l->at[i]);
}

static void say_value(struct buf *out, enum option_type type, const union option_value *v)
{
    switch (type) {
    case OPTION_TEXT:
    case OPTION_PATH:
        buf_add_str(out, v->text);
        return;
    case OPTION_BOOL:
        buf_add_str(out, v->truth ? "true" : "false");
        return;
    case OPTION_PORT:
        buf_add_u64(out, v->port);
        return;
    case OPTION_ENUM:
        buf_add_i64(out, v->word);
        return;
    case OPTION_LIST:
        say_list(out, &v->list);
        return;
    default:
        buf_add_u64(out, v->number);
        return;
    }
}

static void judge(struct buf *out, const struct value_case *c)
{
    const struct option *row = options_find(slice_str(c->option));
    union option_value v;
    struct arena a;
    arena_init(&a, 1 << 20);
    buf_reset(out);
    buf_add_str(out, "!");
    int err = option_value_parse(&v, &a, row, c->text, out);
    if (!err) {
        buf_reset(out);
        say_value(out, row->type, &v);
    }
    bool is_judged = err == (c->want[0] == '!' ? ERR_BAD_VALUE : 0);
    bool is_said = err ? slice_starts(buf_slice(out), slice_str(c->want))
                       : slice_eq(buf_slice(out), slice_str(c->want));
    if (!ok(is_judged && is_said, "%s = %.60s", c->option, c->text.len > 0 ? c->text.p : ""))
        note("got  %.*s\nwant %s", (int)out->len, out->p, c->want);
    arena_fini(&a);
}

static void every_case(void)
{
    struct buf out;
    buf_init(&out, 1 << 16);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        judge(&out, &cases[i]);
    buf_fini(&out);
}

static int parse_many(unsigned items)
{
    struct buf text, why;
    struct arena a;
    union option_value v;
    buf_init(&text, 1 << 20);
    buf_init(&why, 1 << 16);
    arena_init(&a, 1 << 20);
    for (unsigned i = 0; i < items; i++)
        buf_add_str(&text, i > 0 ? ",::1" : "::1");
    int err = option_value_parse(&v, &a, options_find(S("host")), buf_slice(&text), &why);
    buf_fini(&text);
    buf_fini(&why);
    arena_fini(&a);
    return err;
}

static void limits(void)
{
    is_int(parse_many(OPTIONS_MAX_LIST), 0, "%u items", OPTIONS_MAX_LIST);
    is_int(parse_many(OPTIONS_MAX_LIST + 1), ERR_BAD_VALUE, "one more");
    is_int(parse_many(OPTIONS_MAX_TEXT), ERR_BAD_VALUE, "a text that is longer than any");
}

struct number {
    enum option_type type;
    uint64_t n;
    const char *want;
};

static const struct number numbers[] = {
    { .type = OPTION_INTEGER, .n = 0, .want = "0" },
    { .type = OPTION_INTEGER, .n = 1024, .want = "1024" },
    { .type = OPTION_SIZE, .n = 0, .want = "0" },
    { .type = OPTION_SIZE, .n = 1000000, .want = "1000000" },
    { .type = OPTION_SIZE, .n = 1536, .want = "1536" },
    { .type = OPTION_SIZE, .n = 65536, .want = "64KiB" },
    { .type = OPTION_SIZE, .n = 1u << 30, .want = "1GiB" },
    { .type = OPTION_DURATION, .n = 0, .want = "0s" },
    { .type = OPTION_DURATION, .n = 1500, .want = "1500ms" },
    { .type = OPTION_DURATION, .n = 90000, .want = "90s" },
    { .type = OPTION_DURATION, .n = 86400000, .want = "1d" },
};

static void numbers_in_print(void)
{
    struct buf out;
    buf_init(&out, 256);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        buf_reset(&out);
        option_value_say_number(&out, numbers[i].type, numbers[i].n);
        is_slice(buf_slice(&out), numbers[i].want, "printed as %s", numbers[i].want);
    }
    buf_fini(&out);
}

static void without_memory(void *arg)
{
    union option_value v;
    struct buf why;
    struct arena a;
    arena_init(&a, 1 << 20);
    buf_init(&why, 4096);
    int err = option_value_parse(&v, &a, options_find(S("host")), S("::1,127.0.0.1"), &why);
    if (fault_hit())
        is_int(err, ERR_NO_MEMORY, "no memory is a clean error");
    buf_fini(&why);
    arena_fini(&a);
    (void)arg;
}

int main(void)
{
    every_case();
    limits();
    numbers_in_print();
    fault_each(FAULT_ALLOC, without_memory, NULL);
    return done();
}
