/* One WebSocket: how it opens, how long it waits, how it ends, what it keeps while its user does
 * not listen, and what becomes of it when memory or the socket fails. */
#include "web/ws_conn.h"

#include "base/blob.h"
#include "rig.h"
#include "web/ws_echo.h"

#include <time.h>
#include <zlib.h>

/* What the user was told, and how it behaves. */
static struct {
    struct ws_conn *ws;
    char log[200]; /* short messages, each with a blank behind it */
    unsigned messages;
    unsigned pause_at; /* the message at which it pauses */
    bool resumes;      /* at once */
    unsigned closed;
    int close_err;
} seen;

static void on_message(void *arg, struct ws_conn *ws, enum ws_op op, struct slice payload)
{
    (void)arg;
    (void)op;
    size_t at = strlen(seen.log);
    if (payload.len < 40)
        snprintf(seen.log + at, sizeof seen.log - at, "%.*s ", (int)payload.len, payload.p);
    if (++seen.messages == seen.pause_at)
        ws_conn_pause(ws);
    if (seen.messages == seen.pause_at && seen.resumes)
        ws_conn_resume(ws);
}

static void on_close(void *arg, struct ws_conn *ws, int err)
{
    (void)arg;
    ok(ws == seen.ws, "the end is of the one that was opened");
    seen.ws = NULL;
    seen.closed++;
    seen.close_err = err;
}

static const struct ws_user user = {
    .name = "test",
    .on_message = on_message,
    .on_close = on_close,
};

static void handle(struct request *r)
{
    struct ws_conn *ws = ws_conn_accept(r, &user, NULL);
    if (ws)
        seen.ws = ws;
}

static void handle_quiet(struct request *r)
{
    handle(r);
    if (seen.ws)
        ws_conn_set_quiet(seen.ws);
}

/* clang-format off */
const struct route routes[] = {
    { .pattern = "/ws", .is_any_method = true, .is_socket = true, .handle = handle },
    { .pattern = "/quiet", .method = HTTP1_GET, .is_socket = true, .handle = handle_quiet },
    { .pattern = "/echo", .method = HTTP1_GET, .is_socket = true, .handle = ws_echo_handle },
};
/* clang-format on */
const size_t routes_n = sizeof routes / sizeof *routes;

/* ---- the client ---- */

#define KEY        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION    "Sec-WebSocket-Version: 13\r\n"
#define UPGRADE    "Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
#define OPEN(path) "GET " path " HTTP/1.1\r\n" UPGRADE VERSION KEY "\r\n"
#define FIN        0x80u
#define COMPRESSED 0x40u

static void start(struct rig *r)
{
    memset(&seen, 0, sizeof seen);
    rig_init(r);
    rig_start(r);
}

static void start_open(struct rig *r, const char *request)
{
    start(r);
    rig_ask(r, request);
    rig_forget(r);
}

static void finish(struct rig *r)
{
    rig_fini(r);
}

/* A frame under a mask of zeros. */
static void put_frame(struct buf *out, unsigned head, struct slice payload)
{
    buf_add_char(out, (char)head);
    buf_add_char(out, (char)(0x80u | (payload.len < 126 ? payload.len : 126)));
    if (payload.len >= 126) {
        buf_add_char(out, (char)(payload.len >> 8));
        buf_add_char(out, (char)payload.len);
    }
    buf_add(out, "\0\0\0\0", 4);
    buf_add_slice(out, payload);
}

static void say_frame(struct rig *r, unsigned head, struct slice payload)
{
    char bytes[300];
    size_t n = 6 + payload.len;
    if (n > sizeof bytes || payload.len > 125)
        abort();
    memset(bytes, 0, 6);
    bytes[0] = (char)head;
    bytes[1] = (char)(0x80u | payload.len);
    memcpy(bytes + 6, payload.p, payload.len);
    rig_say_bytes(r, bytes, n);
}

static void say_text(struct rig *r, const char *text)
{
    say_frame(r, FIN | WS_TEXT, slice_str(text));
}

/* What has come since the last time is exactly this. */
#define hears(r, literal, ...)                                                              \
    (rig_hear(r),                                                                           \
        tap_mem((r)->heard, (r)->len, literal, sizeof(literal) - 1, TAP_HERE, __VA_ARGS__), \
        rig_forget(r))

/* ---- the opening handshake ---- */

static const struct {
    const char *what;
    const char *request;
    int status;
    const char *has;
} openings[] = {
    { "an upgrade", OPEN("/ws"), 101, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" },
    { "none asked for", GET("/ws"), 426, "Sec-WebSocket-Version: 13\r\n" },
    { "another protocol",
        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n" VERSION KEY "\r\n",
        426, "Upgrade: websocket\r\n" },
    { "another version", "GET /ws HTTP/1.1\r\n" UPGRADE "Sec-WebSocket-Version: 12\r\n" KEY "\r\n",
        426, "Sec-WebSocket-Version: 13\r\n" },
    { "no version", "GET /ws HTTP/1.1\r\n" UPGRADE KEY "\r\n", 426, NULL },
    { "no key", "GET /ws HTTP/1.1\r\n" UPGRADE VERSION "\r\n", 400, NULL },
    { "a short key", "GET /ws HTTP/1.1\r\n" UPGRADE VERSION "Sec-WebSocket-Key: YQ==\r\n\r\n", 400,
        NULL },
    { "HEAD", "HEAD /ws HTTP/1.1\r\n" UPGRADE VERSION KEY "\r\n", 400, NULL },
    { "POST", "POST /ws HTTP/1.1\r\n" UPGRADE VERSION KEY "\r\n", 400, NULL },
    { "our own page", "GET /ws HTTP/1.1\r\nOrigin: http://a\r\n" UPGRADE VERSION KEY "\r\n", 101,
        NULL },
    { "a strange page", "GET /ws HTTP/1.1\r\nOrigin: http://b\r\n" UPGRADE VERSION KEY "\r\n", 403,
        "BAD_ORIGIN" },
    { "compression that is not offered", OPEN("/ws"), 101, "Upgrade: websocket\r\n" },
};

static void test_openings(void)
{
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        struct rig r;
        start(&r);
        const char *answer = rig_ask(&r, openings[i].request);
        bool is_right = rig_status(&r) == openings[i].status &&
            (!openings[i].has || rig_has(&r, openings[i].has)) &&
            !rig_has(&r, "Sec-WebSocket-Extensions");
        if (!ok(is_right, "%s: %d", openings[i].what, openings[i].status))
            note("%s", answer);
        is_int(seen.ws != NULL, openings[i].status == 101, "a WebSocket, or none");
        finish(&r);
        is_int(seen.closed, openings[i].status == 101, "and its end");
    }
}

/* The first frames may come with the request itself. */
static void test_eager(void)
{
    struct rig r;
    struct buf bytes;
    buf_init(&bytes, 4096);
    buf_add_str(&bytes, OPEN("/ws"));
    put_frame(&bytes, FIN | WS_TEXT, S("one"));
    put_frame(&bytes, FIN | WS_PING, S("?"));
    put_frame(&bytes, WS_TEXT, S("t"));
    start(&r);
    rig_connect(&r);
    rig_say_bytes(&r, bytes.p, bytes.len);
    rig_hear(&r);
    is_str(seen.log, "one ", "a message that came with the request");
    ok(r.len > 3 && memcmp(r.heard + r.len - 3, "\x8a\x01?", 3) == 0, "and a ping, answered");
    say_frame(&r, FIN | WS_CONT, S("wo"));
    rig_hear(&r);
    is_str(seen.log, "one two ", "and half a message");
    is_int(r.front->stats.ws_received, 2, "two are counted");
    buf_fini(&bytes);
    finish(&r);
}

/* ---- pings ---- */

static void test_pings(void)
{
    struct rig r;
    start_open(&r, OPEN("/ws"));
    rig_pass(&r, 15 * SECOND_US - 1);
    hears(&r, "", "no ping before its time");
    rig_pass(&r, 1);
    hears(&r, "\x89\0", "a ping, to the microsecond");
    say_frame(&r, FIN | WS_PONG, S(""));
    rig_pass(&r, 10 * SECOND_US);
    rig_pass(&r, 5 * SECOND_US - 1);
    hears(&r, "", "it was answered");
    rig_pass(&r, 1);
    hears(&r, "\x89\0", "the next follows a full interval after it");
    say_text(&r, "I am here");
    rig_pass(&r, 10 * SECOND_US);
    rig_pass(&r, 5 * SECOND_US);
    hears(&r, "\x89\0", "whatever it says is an answer");
    rig_pass(&r, 10 * SECOND_US - 1);
    hears(&r, "", "a silent one has time to answer");
    is_int(seen.closed, 0, "until it is over");
    rig_pass(&r, 1);
    hears(&r, "", "no goodbye to one that is gone");
    ok(r.is_end && seen.close_err == ERR_TIMEOUT, "it took too long");
    is_int(r.front->stats.ws_open, 0, "and is no longer counted");
    finish(&r);

    start_open(&r, OPEN("/quiet"));
    rig_pass(&r, 3600 * SECOND_US);
    hears(&r, "", "a quiet one is not asked");
    ok(!r.is_end, "and stays");
    say_frame(&r, FIN | WS_PING, S("still there?"));
    hears(&r, "\x8a\x0cstill there?", "but answers");
    finish(&r);
}

/* ---- messages that take long ---- */

static void test_assembly(void)
{
    struct rig r;
    start_open(&r, OPEN("/quiet"));
    for (unsigned i = 0; i < 3; i++) {
        say_frame(&r, i ? WS_CONT : WS_TEXT, S("x"));
        rig_pass(&r, 10 * SECOND_US - (i == 2));
    }
    is_int(seen.closed, 0, "a message may take its time");
    say_frame(&r, FIN | WS_CONT, S("x"));
    rig_pass(&r, 100 * SECOND_US);
    is_str(seen.log, "xxxx ", "and is there in the end");
    is_int(seen.closed, 0, "then the time does not run");
    rig_say_bytes(&r, "\x81", 1);
    rig_turns(&r, 2);
    rig_pass(&r, 30 * SECOND_US - 1);
    is_int(seen.closed, 0, "the head of a frame begins a message");
    rig_pass(&r, 1);
    is_int(seen.close_err, ERR_TIMEOUT, "which is not waited for any longer");
    finish(&r);
}

/* Each read ends in the middle of a message, each message takes ten seconds. */
static void test_assembly_of_many(void)
{
    struct rig r;
    start_open(&r, OPEN("/quiet"));
    say_frame(&r, WS_TEXT, S("a"));
    for (unsigned i = 0; i < 6; i++) {
        rig_pass(&r, 10 * SECOND_US);
        say_frame(&r, FIN | WS_CONT, S("b"));
        say_frame(&r, WS_TEXT, S("a"));
        rig_turns(&r, 2);
    }
    is_str(seen.log, "ab ab ab ab ab ab ", "messages that overlap the reads");
    is_int(seen.closed, 0, "each has a time of its own");
    rig_pass(&r, 30 * SECOND_US - 1);
    is_int(seen.closed, 0, "the last one too");
    rig_pass(&r, 1);
    is_int(seen.closed, 1, "and no more");
    finish(&r);
}

/* ---- the end ---- */

static const struct {
    const char *what;
    const char *path;
    unsigned head;
    struct slice payload;
    struct slice answer;
    int err;
} ends[] = {
    { "a goodbye", OPEN("/ws"), FIN | WS_CLOSE, SLICE("\x03\xe8why"), SLICE("\x88\x02\x03\xe8"),
        ERR_CLOSED },
    { "without a code", OPEN("/ws"), FIN | WS_CLOSE, SLICE(""), SLICE("\x88\0"), ERR_CLOSED },
    { "a wrong code", OPEN("/quiet"), FIN | WS_CLOSE, SLICE("\x03\xed"), SLICE("\x88\x02\x03\xea"),
        ERR_PROTOCOL },
    { "an unknown kind of frame", OPEN("/quiet"), FIN | 3, SLICE("x"), SLICE("\x88\x02\x03\xea"),
        ERR_PROTOCOL },
    { "the same, with words", OPEN("/ws"), FIN | 3, SLICE("x"),
        SLICE("\x88\x1e\x03\xeaThe peer broke the protocol."), ERR_PROTOCOL },
    { "not UTF-8", OPEN("/quiet"), FIN | WS_TEXT, SLICE("\xff"), SLICE("\x88\x02\x03\xef"),
        ERR_BAD_UTF8 },
    { "compressed, as never agreed", OPEN("/quiet"), FIN | COMPRESSED | WS_TEXT, SLICE("x"),
        SLICE("\x88\x02\x03\xea"), ERR_PROTOCOL },
};

static void test_ends(void)
{
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct rig r;
        start_open(&r, ends[i].path);
        say_frame(&r, ends[i].head, ends[i].payload);
        say_text(&r, "and then");
        rig_hear(&r);
        tap_mem(r.heard, r.len, ends[i].answer.p, ends[i].answer.len, TAP_HERE, "%s", ends[i].what);
        ok(r.is_end && seen.messages == 0, "then nothing");
        is_int(seen.closed, 1, "the user knows before the client has hung up");
        rig_hang_up(&r);
        rig_pass(&r, SECOND_US);
        is_int(seen.closed, 1, "and is told once");
        is_int(seen.close_err, ends[i].err, "and why");
        finish(&r);
    }
}

static void test_close(void)
{
    struct rig r;
    start_open(&r, OPEN("/ws"));
    ws_conn_close(seen.ws, 1001, S("bye"));
    ws_conn_close(seen.ws, 1000, S("twice"));
    ws_conn_send_message(seen.ws, WS_TEXT, S("afterwards"));
    hears(&r,
        "\x88\x05\x03\xe9"
        "bye",
        "one goodbye, and nothing behind it");
    say_text(&r, "not heard");
    say_frame(&r, FIN | WS_PING, S(""));
    hears(&r, "", "nor is anything answered");
    is_int(seen.messages, 0, "or listened to");
    rig_pass(&r, 5 * SECOND_US - 1);
    is_int(seen.closed, 0, "the peer may take a moment");
    say_frame(&r, FIN | WS_CLOSE, S("\x03\xe9"));
    hears(&r, "", "its goodbye is the answer");
    rig_hang_up(&r);
    rig_turns(&r, 2);
    is_int(seen.close_err, ERR_CLOSED, "that is the normal end");
    is_int(seen.closed, 1, "of it");
    finish(&r);

    start_open(&r, OPEN("/ws"));
    ws_conn_close(seen.ws, 1000, S(""));
    ws_conn_set_quiet(seen.ws);
    rig_pass(&r, 5 * SECOND_US - 1);
    is_int(seen.closed, 0, "a moment for a goodbye");
    rig_pass(&r, 1);
    is_int(seen.close_err, ERR_TIMEOUT, "and no more, quiet or not");
    finish(&r);

    start_open(&r, OPEN("/ws"));
    rig_hang_up(&r);
    rig_turns(&r, 2);
    is_int(seen.close_err, ERR_RESET, "one that leaves without a word is lost");
    finish(&r);
}

static void test_drain(void)
{
    struct rig r;
    start_open(&r, OPEN("/ws"));
    front_close_listeners(r.front);
    hears(&r, "\x88\x2d\x03\xe9The server is shutting down; connect again.", "a goodbye");
    finish(&r);
    is_int(seen.closed, 1, "the front's end is its end");

    start(&r);
    rig_ask(&r, "GET /ws HTTP/1.1\r\n");
    front_close_listeners(r.front);
    rig_say(&r, UPGRADE VERSION KEY "\r\n");
    rig_hear(&r);
    ok(rig_status(&r) == 503 && r.is_end, "nobody is let in to be forgotten");
    finish(&r);
}

/* ---- not listening ---- */

static void do_nothing(void *arg)
{
    (void)arg;
}

/* Nothing goes round: a turn that may wait does wait. */
static bool is_idle(struct rig *r)
{
    struct timer timer;
    struct timespec from, to;
    timer_init(&timer, do_nothing, NULL);
    loop_arm(r->loop, &timer, 4000);
    clock_gettime(CLOCK_MONOTONIC, &from);
    loop_turn(r->loop, true);
    clock_gettime(CLOCK_MONOTONIC, &to);
    loop_disarm(r->loop, &timer);
    return (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000 >= 4000;
}

static void test_pause(void)
{
    struct rig r;
    start_open(&r, OPEN("/ws"));
    seen.pause_at = 2;
    for (unsigned i = 0; i < 5; i++)
        say_text(&r, (const char[]){ (char)('1' + i), 0 });
    rig_turns(&r, 5);
    is_str(seen.log, "1 2 ", "who pauses is told no more");
    ok(is_idle(&r), "and costs nothing");
    say_text(&r, "6");
    rig_turns(&r, 5);
    is_str(seen.log, "1 2 ", "of what comes later neither");
    rig_pass(&r, 15 * SECOND_US);
    hears(&r, "\x89\0", "a ping is sent all the same");
    rig_pass(&r, 10 * SECOND_US);
    is_int(seen.closed, 0, "but no answer expected that would not be heard");
    ws_conn_resume(seen.ws);
    is_str(seen.log, "1 2 ", "nothing happens inside the call");
    rig_turns(&r, 5);
    is_str(seen.log, "1 2 3 4 5 6 ", "all that was kept comes, in order");
    finish(&r);

    start_open(&r, OPEN("/ws"));
    seen.pause_at = 2;
    seen.resumes = true;
    for (unsigned i = 0; i < 4; i++)
        say_text(&r, (const char[]){ (char)('1' + i), 0 });
    rig_turns(&r, 3);
    is_str(seen.log, "1 2 3 4 ", "a short pause is none");
    finish(&r);

    start_open(&r, OPEN("/ws"));
    seen.pause_at = 1;
    say_text(&r, "1");
    say_text(&r, "2");
    rig_turns(&r, 3);
    finish(&r);
    is_int(seen.closed, 1, "what was kept goes with it");
}

/* The echo does not listen to who does not read. */
static void test_slow_echo(void)
{
    char bytes[4 + 4 + 60000] = { (char)0x82, (char)0xfe, (char)(60000 >> 8), (char)(60000 & 255) };
    struct rig r;
    start_open(&r, OPEN("/echo"));
    unsigned said = 0;
    for (; said < 100; said++) {
        ssize_t n = sendto(r.peer, bytes, sizeof bytes, MSG_NOSIGNAL, NULL, 0);
        if (n != (ssize_t)sizeof bytes)
            break;
        rig_turns(&r, 3);
    }
    ok(said >= 2 && said < 100, "a client that only talks is stopped");
    ok(r.front->stats.ws_sent <= said, "by an echo that keeps little");
    rig_hear(&r);
    for (unsigned i = 0; i < 20; i++)
        rig_hear(&r);
    ok(r.len >= said * 60004ul, "all of it comes back, when it reads");
    finish(&r);
}

/* ---- much from little ---- */

#define BIG_BYTES (512u * 1024)

/* A message of zeros, compressed; without the four bytes that end every one. */
static void put_zeros(struct buf *out)
{
    static const char zeros[BIG_BYTES];
    char small[4096];
    z_stream z = { .next_in = (Bytef *)(uintptr_t)zeros,
        .avail_in = sizeof zeros,
        .next_out = (Bytef *)small,
        .avail_out = sizeof small };
    if (deflateInit2(&z, 9, Z_DEFLATED, -12, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    deflate(&z, Z_SYNC_FLUSH);
    put_frame(out, FIN | COMPRESSED | WS_BINARY, slice_of(small, z.total_out - 4));
    deflateEnd(&z);
}

static void test_work_bound(void)
{
    enum { MESSAGES = 10 };
    struct rig r;
    struct buf bytes;
    memset(&seen, 0, sizeof seen);
    rig_init(&r);
    r.settings.ws_deflate = true;
    rig_start(&r);
    rig_ask(&r,
        "GET /ws HTTP/1.1\r\n" UPGRADE VERSION KEY
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n");
    ok(rig_has(&r, "permessage-deflate"), "compression is agreed on");
    buf_init(&bytes, 64 * 1024);
    for (unsigned i = 0; i < MESSAGES; i++)
        put_zeros(&bytes);
    rig_say_bytes(&r, bytes.p, bytes.len);
    for (unsigned turn = 1; turn <= MESSAGES / 2; turn++) {
        loop_turn(r.loop, false);
        is_int(seen.messages, turn * 2, "1 MiB of messages in turn %u", turn);
    }
    say_text(&r, "last");
    rig_turns(&r, 3);
    is_str(seen.log, "last ", "then the others, in order");
    buf_fini(&bytes);
    finish(&r);
}

/* ---- failures ---- */

static void exchange(void *arg)
{
    const char *request = arg;
    struct rig r;
    start(&r);
    seen.pause_at = 2;
    rig_ask(&r, request);
    bool is_open = rig_status(&r) == 101;
    if (is_open) {
        say_frame(&r, WS_TEXT, S("o"));
        rig_turns(&r, 1);
        say_frame(&r, FIN | WS_CONT, S("ne"));
        say_text(&r, "two");
        say_text(&r, "three");
        say_frame(&r, FIN | WS_PING, S("?"));
        rig_turns(&r, 3);
    }
    if (seen.ws) {
        ws_conn_send_message(seen.ws, WS_TEXT, S("something to say"));
        ws_conn_resume(seen.ws);
    }
    rig_pass(&r, 15 * SECOND_US);
    if (is_open)
        say_frame(&r, FIN | WS_CLOSE, S("\x03\xe8"));
    rig_hear(&r);
    if (!r.is_end && rig_status(&r) != 503 && rig_status(&r) != 413) /* 413: of the address */
        ok(false, "an answer or the end, not %d", rig_status(&r));
    rig_fini(&r);
    if (seen.ws)
        ok(false, "a WebSocket whose end was not told");
}

static void test_faults(void)
{
    static const char *const requests[] = { OPEN("/ws"), OPEN("/quiet"), OPEN("/echo"),
        OPEN("/%77s") };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        fault_each(FAULT_ALLOC, exchange, (void *)(uintptr_t)requests[i]);
        fault_each(FAULT_WRITE, exchange, (void *)(uintptr_t)requests[i]);
        fault_each(FAULT_READ, exchange, (void *)(uintptr_t)requests[i]);
    }
}

int main(void)
{
    rig_prepare();
    test_openings();
    test_eager();
    test_pings();
    test_assembly();
    test_assembly_of_many();
    test_ends();
    test_close();
    test_drain();
    test_pause();
    test_slow_echo();
    test_work_bound();
    test_faults();
    return done();
}
