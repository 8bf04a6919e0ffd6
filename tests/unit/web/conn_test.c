/* One HTTP connection against a table of routes of its own: what it answers, how long it waits, and
 * what becomes of it when memory or the socket fails. */
#include "web/conn.h"

#include "rig.h"
#include "web/reply.h"

#define BIG_BYTES 200000u

/* The one request that is answered later. */
static struct {
    struct timer timer;
    struct request *request;
    unsigned gone;
    unsigned begun;
    unsigned refused; /* minus the error */
} later;

static void answer_text(struct request *r, struct slice text)
{
    struct reply reply;
    reply_begin(&reply, r, 200);
    reply_body(&reply, text);
}

static void handle_now(struct request *r)
{
    answer_text(r, S("now"));
}

static void handle_big(struct request *r)
{
    struct buf text;
    buf_init(&text, BIG_BYTES);
    char *p = buf_room(&text, BIG_BYTES);
    if (p) {
        memset(p, 'b', BIG_BYTES);
        buf_grow(&text, BIG_BYTES);
    }
    reply_json(r, 200, &text);
    buf_fini(&text);
}

static void handle_post(struct request *r)
{
    answer_text(r, r->body);
}

/* By then the request's own bytes must have outlived those they were read from. */
static void on_later(void *arg)
{
    (void)arg;
    struct request *r = later.request;
    struct slice name = request_query(r, S("name"));
    later.request = NULL;
    answer_text(r, name.len ? name : request_header(r, S("Host")));
}

static void handle_later(struct request *r)
{
    ok(!later.request, "one request at a time");
    later.request = r;
    timer_init(&later.timer, on_later, NULL);
    loop_arm(r->front->loop, &later.timer, SECOND_US);
}

static void on_gone(struct request *r)
{
    loop_disarm(r->front->loop, &later.timer);
    later.request = NULL;
    later.gone++;
}

static void handle_watched(struct request *r)
{
    r->on_gone = on_gone;
    handle_later(r);
}

static void begin_early(struct request *r)
{
    later.begun++;
    if (slice_eq(r->path, S("/early")))
        reply_error(r, ERR_FORBIDDEN);
    else
        r->body_max = 4;
}

static void refuse(struct request *r, int err)
{
    later.refused = (unsigned)-err;
    answer_text(r, S("refused in words of its own"));
}

/* clang-format off */
const struct route routes[] = {
    { .pattern = "/now", .method = HTTP1_GET, .handle = handle_now },
    { .pattern = "/big", .method = HTTP1_GET, .handle = handle_big },
    { .pattern = "/later", .method = HTTP1_GET, .handle = handle_later },
    { .pattern = "/watched", .method = HTTP1_GET, .handle = handle_watched },
    { .pattern = "/post", .method = HTTP1_POST, .body_bytes = 60000, .handle = handle_post },
    { .pattern = "/early", .method = HTTP1_POST, .body_bytes = 100, .begin = begin_early,
        .handle = handle_post },
    { .pattern = "/less", .method = HTTP1_POST, .body_bytes = 100, .begin = begin_early,
        .handle = handle_post },
    { .pattern = "/own", .method = HTTP1_POST, .body_bytes = 4, .handle = handle_post,
        .refuse = refuse },
};
/* clang-format on */
const size_t routes_n = sizeof routes / sizeof *routes;

static void start(struct rig *r)
{
    memset(&later, 0, sizeof later);
    rig_init(r);
    rig_start(r);
}

/* ---- requests and answers ---- */

#define POST(path, length) "POST " path " HTTP/1.1\r\nHost: a\r\nContent-Length: " length "\r\n\r\n"
#define CHUNKED(path)      "POST " path " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
#define CONTINUE(length) \
    "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: " length "\r\nExpect: 100-continue\r\n\r\n"

static const struct {
    const char *what;
    const char *request;
    int status;
    bool is_end;
    const char *has;
} answers[] = {
    { "a request", GET("/now"), 200, false, "\r\n\r\nnow" },
    { "close is asked for", "GET /now HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200, true,
        "Connection: close\r\n" },
    { "HTTP/1.0", "GET /now HTTP/1.0\r\n\r\n", 200, true, "\r\n\r\nnow" },
    { "HTTP/1.0 that stays", "GET /now HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, false,
        "Connection: keep-alive\r\n" },
    { "HEAD has no body", "HEAD /now HTTP/1.1\r\nHost: a\r\n\r\n", 200, false,
        "Content-Length: 3\r\n\r\n" },
    { "no such address", GET("/nowhere"), 404, false, "\"NOT_FOUND\"" },
    { "another method", "DELETE /now HTTP/1.1\r\nHost: a\r\n\r\n", 405, false,
        "Allow: GET, HEAD, OPTIONS\r\n" },
    { "OPTIONS", "OPTIONS /post HTTP/1.1\r\nHost: a\r\n\r\n", 204, false,
        "Allow: POST, OPTIONS\r\n" },
    { "OPTIONS of everything", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204, false,
        "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n" },
    { "a path that leads upwards", GET("/a/../now"), 404, false, "\"NOT_FOUND\"" },
    { "not HTTP", "hello\r\n\r\n", 400, true, "\"BAD_REQUEST\"" },
    { "HTTP of another time", "GET /now HTTP/3.0\r\nHost: a\r\n\r\n", 505, true, NULL },
    { "a body", POST("/post", "5") "hello", 200, false, "\r\n\r\nhello" },
    { "no body", POST("/post", "0"), 200, false, "Content-Length: 0\r\n" },
    { "a body in chunks", CHUNKED("/post") "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n", 200, false,
        "\r\n\r\nhello" },
    { "a chunk that is none", CHUNKED("/post") "x\r\n", 400, true, NULL },
    { "more than the route takes", POST("/post", "60001"), 413, true, NULL },
    { "more in chunks", CHUNKED("/early") "65\r\n", 403, true, NULL },
    { "a body that nobody reads", POST("/nowhere", "5") "hello", 404, true, NULL },
    { "an answer before the body", POST("/early", "5"), 403, true, NULL },
    { "an answer before no body", POST("/early", "0"), 403, false, NULL },
    { "less than the route takes", POST("/less", "4") "four", 200, false, "\r\n\r\nfour" },
    { "and no more", POST("/less", "5"), 413, true, NULL },
    { "a refusal in the route's words", POST("/own", "5"), 200, true, "words of its own" },
    { "a body that is waited for", CONTINUE("5"), 100, false, NULL },
    { "one that is not wanted", CONTINUE("60001"), 413, true, NULL },
};

static void test_answers(void)
{
    struct rig r;
    start(&r);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        rig_ask(&r, answers[i].request);
        bool is_right = rig_status(&r) == answers[i].status && r.is_end == answers[i].is_end &&
            (!answers[i].has || rig_has(&r, answers[i].has));
        if (!ok(is_right, "%s: %d", answers[i].what, answers[i].status))
            note("%d, %d: %s", rig_status(&r), r.is_end, rig_hear(&r));
    }
    is_int(later.refused, -ERR_TOO_BIG, "a route's refusal knows why");
    rig_hang_up(&r);
    rig_hear(&r);
    is_int(front_connections(r.front), 0, "nobody is left");
    rig_fini(&r);
}

/* The bytes of a request may come one by one. */
static void test_pieces(void)
{
    const char *text = GET("/now") POST("/post", "5") "hello" GET("/now");
    struct rig r;
    start(&r);
    rig_connect(&r);
    for (size_t i = 0; text[i]; i++) {
        rig_say_bytes(&r, text + i, 1);
        loop_turn(r.loop, false);
    }
    rig_hear(&r);
    is_int(rig_count(&r, "HTTP/1.1 200 OK\r\n"), 3, "three answers, byte by byte");
    is_int(r.front->stats.requests, 3, "three requests are counted");
    rig_fini(&r);
}

/* ---- time ---- */

static void test_head_deadline(void)
{
    struct rig r;
    start(&r);
    rig_connect(&r);
    rig_pass(&r, 10 * SECOND_US - 1);
    rig_hear(&r);
    ok(!r.is_end, "a client that says nothing may wait");
    rig_pass(&r, 1);
    rig_hear(&r);
    ok(r.is_end && r.len == 0, "and is hung up on in silence, to the microsecond");

    rig_connect(&r);
    for (unsigned i = 0; i < 9; i++) {
        rig_say_bytes(&r, &"GET /now "[i], 1);
        rig_pass(&r, SECOND_US);
    }
    rig_pass(&r, SECOND_US - 1);
    rig_hear(&r);
    is_int(rig_status(&r), 0, "a head that comes slowly is waited for");
    rig_pass(&r, 1);
    rig_hear(&r);
    is_int(rig_status(&r), 408, "as long as it began: each byte gives no more time");
    ok(r.is_end, "and that is all");
    rig_fini(&r);
}

static void test_keep_alive(void)
{
    struct rig r;
    start(&r);
    rig_ask(&r, GET("/now"));
    rig_pass(&r, 60 * SECOND_US - 1);
    rig_say(&r, GET("/now"));
    rig_hear(&r);
    is_int(rig_count(&r, "\r\n\r\nnow"), 2, "a second request comes just in time");
    rig_pass(&r, 60 * SECOND_US - 1);
    rig_hear(&r);
    ok(!r.is_end, "then the time begins anew");
    rig_pass(&r, 1);
    rig_hear(&r);
    ok(r.is_end && rig_count(&r, "HTTP/1.1") == 2, "an idle connection ends in silence");
    is_int(r.front->stats.closed[-ERR_TIMEOUT], 1, "for its time was over");
    rig_fini(&r);
}

static void test_next_head_deadline(void)
{
    struct rig r;
    start(&r);
    rig_ask(&r, GET("/now"));
    rig_forget(&r);
    rig_pass(&r, 55 * SECOND_US);
    rig_say(&r, "GET ");
    rig_hear(&r);
    rig_pass(&r, 10 * SECOND_US - 1);
    rig_hear(&r);
    is_int(rig_status(&r), 0, "the next head has a head's time");
    rig_pass(&r, 1);
    rig_hear(&r);
    is_int(rig_status(&r), 408, "and no more");
    rig_fini(&r);
}

/* After the grace of five seconds, 1000 bytes a second are owed. */
static void test_body_rate(void)
{
    char bytes[5000];
    struct rig r;
    memset(bytes, 'b', sizeof bytes);
    start(&r);
    rig_ask(&r, POST("/post", "60000"));
    rig_pass(&r, 5 * SECOND_US);
    rig_hear(&r);
    is_int(rig_status(&r), 0, "nothing is owed at first");
    rig_say_bytes(&r, bytes, 5000);
    rig_pass(&r, 5 * SECOND_US);
    rig_hear(&r);
    is_int(rig_status(&r), 0, "5000 bytes in ten seconds are enough");
    rig_say_bytes(&r, bytes, 4999);
    rig_pass(&r, 5 * SECOND_US - 1);
    rig_hear(&r);
    is_int(rig_status(&r), 0, "it is judged every five seconds");
    rig_pass(&r, 1);
    rig_hear(&r);
    is_int(rig_status(&r), 408, "9999 bytes in fifteen seconds are not enough");
    ok(rig_has(&r, "TOO_SLOW") && r.is_end, "it was too slow");
    rig_fini(&r);
}

/* ---- pipelining ---- */

static void test_pipeline(void)
{
    struct rig r;
    start(&r);
    rig_ask(&r, GET("/now") GET("/later?name=%61b") GET("/now") GET("/nowhere") GET("/later"));
    is_int(rig_count(&r, "HTTP/1.1"), 1, "what comes behind a late answer waits");
    rig_pass(&r, SECOND_US);
    rig_hear(&r);
    is_int(rig_count(&r, "HTTP/1.1"), 4, "and follows it at once");
    const char *late = strstr(rig_hear(&r), "\r\n\r\nab");
    ok(late && strstr(late, "404 "), "in order");
    rig_pass(&r, SECOND_US);
    rig_hear(&r);
    is_int(rig_count(&r, "\r\n\r\na"), 2, "the last is late again, and knows its host");
    rig_fini(&r);
}

/* A client that asks and does not read is not listened to either. */
static void test_back_pressure(void)
{
    enum { ASKED = 40 };
    struct rig r;
    start(&r);
    rig_connect(&r);
    for (unsigned i = 0; i < ASKED; i++)
        rig_say(&r, GET("/big"));
    rig_turns(&r, 50);
    uint64_t served = r.front->stats.requests;
    ok(served >= 1 && served < 5, "only some are served: %u", (unsigned)served);
    rig_pass(&r, 61 * SECOND_US);
    rig_turns(&r, 5);
    is_int(r.front->stats.requests, served, "nor with time");
    for (unsigned i = 0; i < ASKED * 20 && rig_count(&r, "HTTP/1.1 200") < ASKED; i += 5)
        rig_hear(&r);
    rig_hear(&r);
    is_int(rig_count(&r, "HTTP/1.1 200"), ASKED, "all, when it reads");
    ok(r.len > ASKED * BIG_BYTES && !r.is_end, "to the end");
    rig_fini(&r);
}

/* It has said all it wanted to say, and still gets what it asked for. */
static void test_half_close(void)
{
    struct rig r;
    start(&r);
    rig_connect(&r);
    for (unsigned i = 0; i < 5; i++)
        rig_say(&r, GET("/big"));
    shutdown(r.peer, SHUT_WR);
    for (unsigned i = 0; i < 50 && !r.is_end; i++)
        rig_hear(&r);
    is_int(rig_count(&r, "HTTP/1.1 200"), 5, "five answers for one who has hung up half");
    ok(r.is_end && r.len > 5 * BIG_BYTES, "whole ones, and then the end");
    rig_fini(&r);
}

/* ---- who leaves ---- */

static void test_gone(void)
{
    struct rig r;
    start(&r);
    rig_ask(&r, GET("/watched"));
    rig_hang_up(&r);
    rig_turns(&r, 3);
    is_int(later.gone, 1, "a handler that wants to know is told that the client has gone");
    is_int(front_connections(r.front), 0, "and the connection is over");
    rig_pass(&r, 2 * SECOND_US);

    rig_ask(&r, GET("/later"));
    rig_hang_up(&r);
    rig_turns(&r, 3);
    is_int(front_connections(r.front), 0, "one that does not want to know is not told");
    ok(later.request && !later.request->conn, "but may see it");
    rig_pass(&r, SECOND_US);
    ok(!later.request, "its answer goes nowhere");
    is_int(r.front->stats.responses[2], 1, "and is an answer all the same");

    rig_ask(&r, POST("/post", "5") "hel");
    rig_hang_up(&r);
    rig_turns(&r, 3);
    is_int(front_connections(r.front), 0, "a body that does not come is not waited for");
    rig_fini(&r);
}

/* ---- the server leaves ---- */

static void test_drain(void)
{
    struct rig r;
    start(&r);
    rig_ask(&r, GET("/now"));
    front_drain(r.front);
    rig_say(&r, GET("/now"));
    rig_hear(&r);
    ok(rig_count(&r, "\r\n\r\nnow") == 2 && rig_has(&r, "Connection: close\r\n") && r.is_end,
        "a draining server answers, and closes");
    rig_fini(&r);

    start(&r);
    rig_ask(&r, GET("/now"));
    front_close_listeners(r.front);
    rig_hear(&r);
    ok(r.is_end, "an idle connection is closed");
    rig_connect(&r);
    front_close_listeners(r.front);
    rig_hear(&r);
    ok(r.is_end, "one that has said nothing yet, too");
    rig_ask(&r, "GET /now");
    front_close_listeners(r.front);
    rig_hear(&r);
    ok(!r.is_end, "one in the middle of a request is not");
    rig_say(&r, " HTTP/1.1\r\nHost: a\r\n\r\n" GET("/now"));
    rig_hear(&r);
    is_int(rig_count(&r, "\r\n\r\nnow"), 1, "it gets its answer, and no other");
    ok(rig_has(&r, "Connection: close\r\n") && r.is_end, "and is closed then");
    rig_ask(&r, GET("/later"));
    front_close_listeners(r.front);
    rig_hear(&r);
    ok(!r.is_end, "one that waits for an answer waits");
    rig_pass(&r, SECOND_US);
    rig_hear(&r);
    ok(rig_status(&r) == 200 && r.is_end, "and gets it");
    rig_fini(&r);
}

/* The end of the front is everybody's. */
static void test_free(void)
{
    struct rig r;
    start(&r);
    rig_ask(&r, GET("/watched"));
    int waiting = r.peer;
    r.peer = -1;
    rig_ask(&r, POST("/post", "5") "hel");
    rig_fini(&r);
    is_int(later.gone, 1, "who waits is forgotten, and its handler told");
    close(waiting);
}

/* ---- failures ---- */

/* 413 is said of an address that could not be decoded. */
static bool is_clean(int status)
{
    return status == 200 || status == 204 || status == 403 || status == 413 || status == 503;
}

static void exchange(void *arg)
{
    const char *request = arg;
    struct rig r;
    start(&r);
    rig_ask(&r, request);
    rig_pass(&r, SECOND_US);
    rig_hear(&r);
    int status = rig_status(&r);
    if (!is_clean(status) && !r.is_end)
        ok(false, "an answer or the end, not %d", status);
    rig_fini(&r);
    if (later.request)
        ok(false, "an answer that nobody gave");
}

static void test_faults(void)
{
    static const char *const requests[] = { GET("/now"), GET("/big"), GET("/later?name=x"),
        GET("/watched"), POST("/early", "3") "abc", POST("/own", "5") "abcde",
        POST("/post", "5") "hello" GET("/now"), CHUNKED("/post") "5\r\nhello\r\n0\r\n\r\n",
        CONTINUE("0"), "OPTIONS /now HTTP/1.1\r\nHost: a\r\n\r\n", GET("/%6eow") GET("/later") };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        fault_each(FAULT_ALLOC, exchange, (void *)(uintptr_t)requests[i]);
        fault_each(FAULT_WRITE, exchange, (void *)(uintptr_t)requests[i]);
        fault_each(FAULT_READ, exchange, (void *)(uintptr_t)requests[i]);
    }
}

int main(void)
{
    rig_prepare();
    test_answers();
    test_pieces();
    test_head_deadline();
    test_keep_alive();
    test_next_head_deadline();
    test_body_rate();
    test_pipeline();
    test_back_pressure();
    test_half_close();
    test_gone();
    test_drain();
    test_free();
    test_faults();
    return done();
}
