/* Bodies that are handed on in pieces, and answers that are sent in pieces: what one side may not
 * take faster than the other gives, and who hears of it when something ends early. */
#include "rig.h"
#include "web/conn.h"
#include "web/reply.h"

#define PIECE_BYTES 50000u
#define MANY        200u /* pieces: more than sockets hold */

/* What the one request under way does, and what came of it. */
static struct {
    bool is_held_first;
    unsigned hold_after; /* bytes; 0: never */
    unsigned refuse_after;
    unsigned break_after;
    bool is_late; /* the answer waits */
    struct request *request;
    struct buf got;
    unsigned pieces;
    unsigned gone;
    unsigned handled;
    unsigned n_pieces; /* of the answer */
    unsigned given;
    unsigned asked; /* on_room */
} plan;

static void on_gone(struct request *r)
{
    if (plan.request && plan.request != r)
        abort();
    plan.request = NULL;
    plan.gone++;
}

/* ---- a body ---- */

static void on_piece(struct request *r, struct slice piece)
{
    if (piece.len == 0)
        abort();
    buf_add_slice(&plan.got, piece);
    plan.pieces++;
    if (plan.break_after && plan.got.len >= plan.break_after) {
        plan.request = NULL;
        reply_break(r, ERR_IO);
    } else if (plan.refuse_after && plan.got.len >= plan.refuse_after) {
        plan.request = NULL;
        r->on_gone = NULL;
        reply_error(r, ERR_QUOTA);
    } else if (plan.hold_after && plan.got.len >= plan.hold_after) {
        request_hold(r);
    }
}

static void begin(struct request *r)
{
    plan.request = r;
    r->on_gone = on_gone;
    r->on_piece = on_piece;
    r->body_max = 64u << 20;
    if (plan.is_held_first)
        request_hold(r);
}

static void answer(void)
{
    struct reply reply;
    struct request *r = plan.request;
    plan.request = NULL;
    r->on_gone = NULL;
    reply_begin(&reply, r, 201);
    reply_body(&reply, slice_take(buf_slice(&plan.got), 40));
}

static void handle(struct request *r)
{
    (void)r;
    plan.handled++;
    if (!plan.is_late)
        answer();
}

/* ---- an answer ---- */

static void give(struct request *r)
{
    struct blob *blob = blob_new(PIECE_BYTES);
    if (plan.break_after && plan.given == plan.break_after) {
        plan.request = NULL;
        blob_unref(blob);
        reply_break(r, ERR_IO);
        return;
    }
    if (!blob) {
        reply_break(r, ERR_NO_MEMORY);
        return;
    }
    memset(blob->bytes, 'p', PIECE_BYTES);
    reply_piece(r, blob);
    blob_unref(blob);
    plan.given++;
    if (plan.given == plan.n_pieces) {
        plan.request = NULL;
        reply_end(r);
    }
}

static void on_room(struct request *r)
{
    plan.asked++;
    give(r);
}

static void stream(struct request *r)
{
    struct reply reply;
    uint64_t bytes = (uint64_t)plan.n_pieces * PIECE_BYTES;
    plan.given = 0;
    reply_begin(&reply, r, 200);
    if (r->head.method == HTTP1_HEAD) {
        reply_length(&reply, bytes);
        return;
    }
    plan.request = r;
    r->on_gone = on_gone;
    if (reply_pieces(&reply, bytes, on_room) == 0)
        give(r);
}

/* clang-format off */
const struct route routes[] = {
    { .pattern = "/body", .method = HTTP1_PUT, .begin = begin, .handle = handle },
    { .pattern = "/stream", .method = HTTP1_GET, .handle = stream },
};
/* clang-format on */
const size_t routes_n = sizeof routes / sizeof *routes;

static void start(struct rig *r)
{
    memset(&plan, 0, sizeof plan);
    buf_init(&plan.got, 64u << 20);
    plan.n_pieces = 1;
    rig_init(r);
    rig_start(r);
}

static void stop(struct rig *r)
{
    rig_fini(r);
    buf_fini(&plan.got);
}

#define PUT(length) "PUT /body HTTP/1.1\r\nHost: a\r\nContent-Length: " length "\r\n\r\n"
#define PUT_CONTINUE \
    "PUT /body HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
#define PUT_CHUNKED "PUT /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

static void test_bodies(void)
{
    static const struct {
        const char *what;
        const char *request;
        bool is_held;
        int status;
        const char *got;
        unsigned handled;
        unsigned gone;
    } rows[] = {
        { "a body", PUT("5") "hello", false, 201, "hello", 1, 0 },
        { "one that comes later", PUT("5") "he", false, 0, "he", 0, 0 },
        { "in chunks", PUT_CHUNKED "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", false, 201, "hello", 1, 0 },
        { "an empty one", PUT("0"), false, 201, "", 1, 0 },
        { "empty in chunks", PUT_CHUNKED "0\r\n\r\n", false, 201, "", 1, 0 },
        { "not wanted yet", PUT("5") "hello", true, 0, "", 0, 0 },
        { "empty, and not wanted yet", PUT("0"), true, 201, "", 1, 0 },
        { "a chunk that is none", PUT_CHUNKED "2\r\nhe\r\nx\r\n", false, 400, "he", 0, 1 },
        { "more than it may be", PUT("99999999"), false, 413, "", 0, 1 },
        { "waits to be asked", PUT_CONTINUE, false, 100, "", 0, 0 },
        { "and is not asked yet", PUT_CONTINUE, true, 0, "", 0, 0 },
        { "then the next", PUT("2") "he" GET("/stream"), false, 201, "he", 1, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig r;
        start(&r);
        plan.is_held_first = rows[i].is_held;
        rig_ask(&r, rows[i].request);
        is_int(rig_status(&r), rows[i].status, "%s: the status", rows[i].what);
        is_slice(buf_slice(&plan.got), rows[i].got, "%s: what came", rows[i].what);
        is_int(plan.handled, rows[i].handled, "%s: handled", rows[i].what);
        is_int(plan.gone, rows[i].gone, "%s: told that no more comes", rows[i].what);
        stop(&r);
    }
}

static void test_go_on(void)
{
    struct rig r;
    start(&r);
    plan.is_held_first = true;
    rig_ask(&r, PUT("5") "hello" GET("/stream"));
    is_int(plan.pieces, 0, "what is held does not come");
    request_go_on(plan.request);
    is_slice(buf_slice(&plan.got), "hello", "it comes when it is wanted");
    rig_hear(&r);
    is_int(rig_count(&r, "HTTP/1.1 20"), 2, "and what stood behind it is asked, too");

    rig_ask(&r, PUT_CONTINUE);
    is_int(rig_status(&r), 0, "a client that waits");
    request_go_on(plan.request);
    rig_hear(&r);
    is_int(rig_status(&r), 100, "is asked for its body when it is wanted");
    request_hold(plan.request);
    request_go_on(plan.request);
    rig_hear(&r);
    is_int(rig_count(&r, "HTTP/1.1 100"), 1, "once");
    rig_say(&r, "hello");
    rig_hear(&r);
    is_int(rig_count(&r, "HTTP/1.1 201"), 1, "and answered");
    stop(&r);
}

/* As many bytes as the socket takes; gives how many. */
static size_t pour(struct rig *r, size_t max)
{
    static char bytes[8192];
    size_t sent = 0;
    ssize_t n = 1;
    memset(bytes, 'b', sizeof bytes);
    while (sent < max && n > 0) {
        size_t part = max - sent < sizeof bytes ? max - sent : sizeof bytes;
        n = sendto(r->peer, bytes, part, MSG_NOSIGNAL, NULL, 0);
        sent += n > 0 ? (size_t)n : 0;
    }
    return sent;
}

static void test_back_pressure(void)
{
    enum { TOTAL = 20000000 };
    struct rig r;
    size_t sent = 0;
    start(&r);
    plan.hold_after = 1000;
    rig_ask(&r, PUT("20000000"));
    for (unsigned i = 0; i < 50; i++) {
        sent += pour(&r, TOTAL - sent);
        rig_turns(&r, 2);
    }
    ok(plan.got.len <= LOOP_SCRATCH_BYTES, "one read at most: %zu", plan.got.len);
    ok(sent < TOTAL / 2, "the peer is not read: it sent %zu", sent);
    plan.hold_after = 0;
    request_go_on(plan.request);
    for (unsigned i = 0; i < 10000 && sent < TOTAL; i++) {
        sent += pour(&r, TOTAL - sent);
        rig_turns(&r, 2);
    }
    rig_hear(&r);
    is_int(plan.got.len, TOTAL, "then all of it comes");
    is_int(rig_status(&r), 201, "and is answered");
    stop(&r);
}

/* 1000 bytes a second are owed after five seconds; but not for the time that nobody wants them. */
static void test_rate(void)
{
    struct rig r;
    start(&r);
    plan.is_held_first = true;
    rig_ask(&r, PUT("60000"));
    for (unsigned i = 0; i < 20; i++)
        rig_pass(&r, 5 * SECOND_US);
    rig_hear(&r);
    is_int(rig_status(&r), 0, "a client that is not read may take its time");
    request_go_on(plan.request);
    rig_pass(&r, 5 * SECOND_US);
    rig_pass(&r, 4 * SECOND_US);
    rig_hear(&r);
    is_int(rig_status(&r), 0, "then it has its grace");
    rig_pass(&r, 5 * SECOND_US);
    rig_pass(&r, 5 * SECOND_US);
    rig_hear(&r);
    is_int(rig_status(&r), 408, "and no more");
    is_int(plan.gone, 1, "the handler is told");
    stop(&r);
}

static void test_early_ends(void)
{
    struct rig r;
    start(&r);
    plan.refuse_after = 3;
    rig_ask(&r, PUT("5") "hel");
    ok(rig_status(&r) == 507 && r.is_end, "an answer in the middle ends the connection");
    is_int(plan.handled + plan.gone, 0, "and nothing more is told");
    rig_ask(&r, PUT("3") "hel" GET("/stream"));
    is_int(rig_count(&r, "HTTP/1.1 "), 2, "unless all had come");
    plan.refuse_after = 0;
    plan.break_after = 3;
    plan.n_pieces = 1;
    rig_ask(&r, PUT("5") "hel");
    ok(rig_status(&r) == 0 && r.is_end, "a handler may hang up");
    plan.break_after = 0;

    for (unsigned held = 0; held < 2; held++) {
        plan.is_held_first = held;
        plan.gone = 0;
        rig_ask(&r, PUT("5") "hel");
        rig_hang_up(&r);
        rig_turns(&r, 3);
        is_int(plan.gone, 1, "a client that goes, held %u", held);
    }
    plan.is_held_first = false;
    plan.is_late = true;
    rig_ask(&r, PUT("5") "hello");
    rig_hang_up(&r);
    rig_turns(&r, 3);
    is_int(plan.gone, 2, "or goes while it waits for the answer");
    rig_ask(&r, PUT("5") "hel");
    r.peer = -1;
    stop(&r);
    is_int(plan.gone, 3, "or is cut off by the server");
}

/* From outside, in the middle: a disk that is full. */
static void test_refused_while_held(void)
{
    struct rig r;
    start(&r);
    plan.is_held_first = true;
    rig_ask(&r, PUT("500000"));
    pour(&r, 400000);
    rig_turns(&r, 3);
    struct request *request = plan.request;
    plan.request = NULL;
    request->on_gone = NULL;
    reply_error(request, ERR_QUOTA);
    rig_hear(&r);
    ok(rig_status(&r) == 507 && rig_has(&r, "Connection: close"), "refused, unread");
    stop(&r);
}

/* ---- answers ---- */

static void test_answer(void)
{
    struct rig r;
    start(&r);
    plan.n_pieces = 3;
    rig_ask(&r, GET("/stream") GET("/stream"));
    for (unsigned i = 0; i < 5; i++)
        rig_hear(&r);
    is_int(rig_count(&r, "Content-Length: 150000\r\n"), 2, "two answers, one behind the other");
    is_int(plan.asked, 4, "each piece but the first is asked for");
    ok(r.len > 300000 && !r.is_end, "whole");
    rig_ask(&r, "HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n" GET("/nowhere"));
    ok(rig_has(&r, "Content-Length: 150000\r\n\r\nHTTP/1.1 404"), "HEAD has no body");
    rig_ask(&r, "GET /stream HTTP/1.0\r\n\r\n");
    rig_hear(&r);
    ok(r.is_end && rig_has(&r, "Connection: close\r\n"), "HTTP/1.0 ends");
    plan.break_after = 2;
    rig_ask(&r, GET("/stream"));
    rig_hear(&r);
    ok(r.is_end && r.len < 3 * PIECE_BYTES, "what breaks off ends the connection");
    stop(&r);
}

static void test_slow_reader(void)
{
    struct rig r;
    start(&r);
    plan.n_pieces = MANY;
    rig_connect(&r);
    rig_say(&r, GET("/stream"));
    rig_turns(&r, 100);
    unsigned given = plan.given;
    ok(given >= 1 && given < 20, "not more than the sockets take: %u pieces", given);
    rig_turns(&r, 100);
    is_int(plan.given, given, "nor with time");
    for (unsigned i = 0; i < MANY && !r.is_end; i++)
        rig_hear(&r);
    is_int(plan.given, MANY, "all, when it reads");
    ok(r.len > (size_t)MANY * PIECE_BYTES, "to the end");
    is_int(plan.gone, 0, "and well");

    rig_connect(&r);
    rig_say(&r, GET("/stream"));
    rig_turns(&r, 10);
    rig_hang_up(&r);
    rig_turns(&r, 5);
    is_int(plan.gone, 1, "who goes in the middle is gone");
    stop(&r);
}

/* ---- failures ---- */

static void exchange(void *arg)
{
    struct rig r;
    start(&r);
    plan.n_pieces = 3;
    plan.is_held_first = true;
    rig_ask(&r, arg);
    if (plan.request && plan.request->on_piece)
        request_go_on(plan.request);
    rig_hear(&r);
    rig_hear(&r);
    stop(&r);
}

static void test_faults(void)
{
    static const char *const requests[] = { PUT("5") "hello" GET("/stream"),
        PUT_CHUNKED "5\r\nhello\r\n0\r\n\r\n", PUT_CHUNKED "x", GET("/stream") GET("/stream") };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        fault_each(FAULT_ALLOC, exchange, (void *)(uintptr_t)requests[i]);
        fault_each(FAULT_WRITE, exchange, (void *)(uintptr_t)requests[i]);
        fault_each(FAULT_READ, exchange, (void *)(uintptr_t)requests[i]);
    }
}

int main(void)
{
    rig_prepare();
    test_bodies();
    test_go_on();
    test_back_pressure();
    test_rate();
    test_early_ends();
    test_refused_while_held();
    test_answer();
    test_slow_reader();
    test_faults();
    return done();
}
