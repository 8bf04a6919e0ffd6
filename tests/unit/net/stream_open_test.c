/* What comes before a connection's first byte: PROXY protocol headers of version 2, whole and byte
 * by byte, true and false ones, and the deadline. TLS is tls_test's. */
#include "rig.h"

#define HEADER_BYTES 16
#define MAX_BYTES    600

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

/* A header and what follows it: v is version and command, f family and transport. */
struct header {
    const char *name;
    struct slice signature;
    uint8_t version_command;
    uint8_t family;
    int len; /* as it says */
    struct slice rest;
    int err;          /* ERR_NONE: it opens */
    const char *peer; /* as text; "" for none */
};

#define V4 "\x0a\x01\x02\x03\xc0\xa8\x00\x01\x30\x39\x01\xbb"
#define V6                                                             \
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\xfe\x80\0\0\0\0\0\0\0" \
    "\0\0\0\0\0\0\x01\x30\x39\x01\xbb"
#define TLV   "\x03\0\x04\x01\x02\x03\x04"
#define GIVEN SLICE(SIGNATURE)

/* clang-format off */
static const struct header headers[] = {
    { "IPv4", GIVEN, 0x21, 0x11, 12, SLICE(V4), 0, "10.1.2.3" },
    { "IPv4 with an extension", GIVEN, 0x21, 0x11, 19, SLICE(V4 TLV), 0, "10.1.2.3" },
    { "IPv6", GIVEN, 0x21, 0x21, 36, SLICE(V6), 0, "2001:db8::7" },
    { "IPv6 with an extension", GIVEN, 0x21, 0x21, 43, SLICE(V6 TLV), 0, "2001:db8::7" },
    { "LOCAL, a health check", GIVEN, 0x20, 0x00, 0, SLICE(""), 0, "" },
    { "LOCAL with an address, which does not count", GIVEN, 0x20, 0x11, 12, SLICE(V4), 0, "" },
    { "PROXY of an unknown family", GIVEN, 0x21, 0x00, 7, SLICE(TLV), 0, "" },
    { "PROXY of a unix socket", GIVEN, 0x21, 0x31, 7, SLICE(TLV), 0, "" },
    { "IPv4 without room for an address", GIVEN, 0x21, 0x11, 11, SLICE(V4), ERR_PROTOCOL, "" },
    { "IPv6 without room for an address", GIVEN, 0x21, 0x21, 35, SLICE(V6), ERR_PROTOCOL, "" },
    { "version 1", SLICE("PROXY TCP4 1"), 0x20, 0x31, 0, SLICE(""), ERR_PROTOCOL, "" },
    { "HTTP", SLICE("GET / HTTP/1"), 0x2e, 0x31, 0, SLICE(""), ERR_PROTOCOL, "" },
    { "version 3", GIVEN, 0x31, 0x11, 12, SLICE(V4), ERR_PROTOCOL, "" },
    { "an unknown command", GIVEN, 0x22, 0x11, 12, SLICE(V4), ERR_PROTOCOL, "" },
    { "more than a header may have", GIVEN, 0x21, 0x11, 537, SLICE(V4), ERR_PROTOCOL, "" },
};
/* clang-format on */

static size_t header_bytes(char out[MAX_BYTES], const struct header *h)
{
    memcpy(out, h->signature.p, 12);
    out[12] = (char)h->version_command;
    out[13] = (char)h->family;
    out[14] = (char)(h->len >> 8);
    out[15] = (char)h->len;
    size_t len = h->rest.len < (size_t)h->len ? h->rest.len : (size_t)h->len;
    memcpy(out + HEADER_BYTES, h->rest.p, len);
    return HEADER_BYTES + len;
}

static void open_rig(struct rig *r)
{
    rig_init(r);
    r->expects_proxy = true;
    rig_open(r);
}

static bool peer_is(const struct rig *r, const char *text)
{
    struct ip want = { { 0 } };
    if (*text && ip_parse(&want, slice_str(text)))
        return false;
    struct ip got = stream_peer(r->stream);
    return memcmp(&got, &want, sizeof got) == 0;
}

/* `step`: so many bytes a turn. Data follows right behind the header. */
static void test_header(const struct header *h, size_t step)
{
    struct rig r;
    char bytes[MAX_BYTES];
    size_t len = header_bytes(bytes, h);
    open_rig(&r);
    memcpy(bytes + len, "data", 4);
    for (size_t at = 0; at < len + 4 && r.stream; at += step) {
        rig_say(&r, bytes + at, step < len + 4 - at ? step : len + 4 - at);
        rig_turn(&r);
    }
    rig_turn(&r);
    if (h->err) {
        is_int(r.close_err, h->err, "%s is refused, by %zu bytes", h->name, step);
        ok(r.told[AT_OPEN] == 0 && r.got.len == 0, "and nothing of it goes up");
    } else {
        ok(r.stream && r.told[AT_OPEN] == 1, "%s opens, by %zu bytes", h->name, step);
        ok(r.stream && peer_is(&r, h->peer), "the peer is '%s'", h->peer);
        is_slice(r.got, "data", "what follows is data");
        rig_pass(&r, 2 * RIG_OPEN_US);
        ok(r.stream != NULL, "and it has all the time");
    }
    is_int(r.stats.half_open, 0, "none is half open then");
    rig_fini(&r);
}

static void test_headers(void)
{
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        test_header(&headers[i], MAX_BYTES);
        test_header(&headers[i], 1);
    }
}

static void test_largest(void)
{
    struct rig r;
    char bytes[HEADER_BYTES + 536] = SIGNATURE "\x21\x11\x02\x18" V4;
    open_rig(&r);
    rig_say(&r, bytes, sizeof bytes - 1);
    rig_turns(&r, 2);
    is_int(r.told[AT_OPEN], 0, "a header of the largest size, but for a byte");
    rig_say(&r, "", 1);
    rig_turn(&r);
    ok(r.told[AT_OPEN] == 1 && peer_is(&r, "10.1.2.3"), "and the byte");
    rig_fini(&r);
}

static void test_waiting(void)
{
    struct rig r;
    open_rig(&r);
    is_int(r.stats.half_open, 1, "it is half open");
    ok(!stream_is_open(r.stream), "and not open");
    rig_send_str(&r, "too early");
    rig_say(&r, SIGNATURE, 12);
    ok(rig_is_idle(&r), "half a header keeps nobody busy");
    is_int(r.stats.sent_bytes, 0, "nothing is sent before it is open");
    rig_pass(&r, RIG_OPEN_US - 1);
    is_int(r.told[AT_CLOSE], 0, "it has time");
    rig_say(&r, "\x20", 1);
    rig_turn(&r);
    rig_pass(&r, 1);
    is_int(r.close_err, ERR_TIMEOUT, "until the deadline, which bytes do not move");
    is_int(r.stats.half_open, 0, "none is half open then");
    rig_fini(&r);
}

static void test_ends(void)
{
    struct rig r;
    open_rig(&r);
    rig_say(&r, SIGNATURE, 12);
    shutdown(r.peer, SHUT_WR);
    rig_turn(&r);
    is_int(r.close_err, ERR_RESET, "an end within the header");
    rig_fini(&r);
    open_rig(&r);
    rig_hang_up(&r);
    rig_turn(&r);
    is_int(r.close_err, ERR_RESET, "a hang-up before it");
    rig_fini(&r);
    open_rig(&r);
    stream_finish(r.stream);
    is_int(r.close_err, ERR_CLOSED, "finishing before it is open is closing");
    is_int(r.stats.half_open, 0, "none is half open");
    rig_fini(&r);
}

static void close_it(struct rig *r)
{
    stream_close(r->stream, ERR_BUSY);
}

static void pause_it(struct rig *r)
{
    stream_pause(r->stream);
}

static void send_it(struct rig *r)
{
    rig_send_str(r, "welcome");
}

static void open_and_act(struct rig *r, void (*act)(struct rig *r))
{
    char bytes[MAX_BYTES];
    size_t len = header_bytes(bytes, &headers[0]);
    memcpy(bytes + len, "data", 4);
    open_rig(r);
    r->act_at = AT_OPEN;
    r->act = act;
    rig_say(r, bytes, len + 4);
    rig_turns(r, 2);
}

static void test_inside(void)
{
    struct rig r;
    open_and_act(&r, close_it);
    ok(r.close_err == ERR_BUSY && r.got.len == 0, "closed inside on_open");
    rig_fini(&r);
    open_and_act(&r, pause_it);
    is_int(r.got.len, 0, "paused inside on_open");
    stream_resume(r.stream);
    rig_turn(&r);
    is_slice(r.got, "data", "and resumed");
    rig_fini(&r);
    open_and_act(&r, send_it);
    is_int(r.stats.sent_bytes, 7, "sent inside on_open");
    rig_fini(&r);
}

int main(void)
{
    rig_prepare();
    test_headers();
    test_largest();
    test_waiting();
    test_ends();
    test_inside();
    return done();
}
