/* HTTP connections and WebSockets that go from loop to loop: two web faces turn by turn on one
 * thread. What a client has said, says on the way and says afterwards is answered once, in order,
 * and by the place that it is for; who goes on the way leaves nothing behind. */
#include "pair.h"
#include "web/conn_move.h"
#include "web/reply.h"
#include "web/ws_conn.h"

/* ---- the address space ---- */

static struct {
    struct ws_conn *ws;
    unsigned closed;
    int close_err;
    unsigned pause_at;
    unsigned messages;
    char log[200]; /* short messages, each with the place before and a blank behind it */
} seen;

/* "?at=1": by that one; without it by the one that has it. */
static unsigned place_asked(struct request *r)
{
    struct slice at = request_query(r, S("at"));
    return at.len == 1 ? (unsigned)(at.p[0] - '0') : r->front->place;
}

static unsigned place_other(struct request *r)
{
    return r->front->place ^ 1;
}

static void answer(struct request *r)
{
    struct reply reply;
    char text[200];
    snprintf(text, sizeof text, "<%u %.*s %.*s>", r->front->place, (int)r->path.len, r->path.p,
        (int)r->body.len, r->body.p ? r->body.p : "");
    reply_begin(&reply, r, 200);
    reply_body(&reply, slice_str(text));
}

/* Where it belongs is known only when the body is read. */
static void answer_there(struct request *r)
{
    unsigned place = r->body.len > 0 ? (unsigned)(r->body.p[0] - '0') : r->front->place;
    if (place != r->front->place)
        conn_send_to(r->conn, place, true);
    else
        answer(r);
}

static void on_message(void *arg, struct ws_conn *ws, enum ws_op op, struct slice payload)
{
    size_t at = strlen(seen.log);
    (void)arg;
    (void)op;
    snprintf(seen.log + at, sizeof seen.log - at, "%u%.*s ", ws_conn_front(ws)->place,
        (int)payload.len, payload.p);
    if (++seen.messages == seen.pause_at)
        ws_conn_pause(ws);
}

static void on_close(void *arg, struct ws_conn *ws, int err)
{
    (void)arg;
    (void)ws;
    seen.ws = NULL;
    seen.closed++;
    seen.close_err = err;
}

static const struct ws_user user = {
    .name = "test", .on_message = on_message, .on_close = on_close
};

static void open_socket(struct request *r)
{
    seen.ws = ws_conn_accept(r, &user, NULL);
}

/* clang-format off */
const struct route routes[] = {
    { .pattern = "/a", .method = HTTP1_GET, .place = place_asked, .handle = answer },
    { .pattern = "/b", .method = HTTP1_GET, .place = place_asked, .handle = answer },
    { .pattern = "/lost", .method = HTTP1_GET, .place = place_other, .handle = answer },
    { .pattern = "/post", .method = HTTP1_POST, .body_bytes = 1000, .place = place_asked,
        .handle = answer },
    { .pattern = "/there", .method = HTTP1_POST, .body_bytes = 1000, .handle = answer_there },
    { .pattern = "/ws", .method = HTTP1_GET, .is_socket = true, .place = place_asked,
        .handle = open_socket },
};
/* clang-format on */
const size_t routes_n = sizeof routes / sizeof *routes;

/* ---- a client of the first ---- */

static void start(struct pair *p)
{
    memset(&seen, 0, sizeof seen);
    pair_open(p);
    rig_connect(&p->r);
}

/* The bodies of all answers: from '<' to '>'. */
static void bodies(char *out, size_t max, const char *heard)
{
    size_t n = 0;
    bool is_in = false;
    for (; *heard && n + 1 < max; heard++) {
        is_in = is_in || *heard == '<';
        if (is_in)
            out[n++] = *heard;
        is_in = is_in && *heard != '>';
    }
    out[n] = 0;
}

/* ---- requests ---- */

#define POST(path, length) "POST " path " HTTP/1.1\r\nHost: a\r\nContent-Length: " length "\r\n\r\n"
#define CHUNKED(path)      "POST " path " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
#define CLOSE(path)        "GET " path " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

struct asked {
    const char *what;
    const char *said;
    const char *on_the_way; /* when the first turn is over */
    const char *afterwards;
    const char *heard; /* bodies */
    unsigned place;    /* that has the connection in the end */
    bool is_end;
};

static const struct asked requests[] = {
    { "here", GET("/a?at=0"), "", GET("/b"), "<0 /a ><0 /b >", 0, false },
    { "there", GET("/a?at=1"), "", "", "<1 /a >", 1, false },
    { "kept alive there", GET("/a?at=1"), "", GET("/b"), "<1 /a ><1 /b >", 1, false },
    { "there and back", GET("/a?at=1"), "", GET("/b?at=0") GET("/a"), "<1 /a ><0 /b ><0 /a >", 0,
        false },
    { "one behind it", GET("/a?at=1") GET("/b"), "", "", "<1 /a ><1 /b >", 1, false },
    { "one behind it, for here", GET("/a?at=1") GET("/b?at=0"), "", "", "<1 /a ><0 /b >", 0,
        false },
    { "many behind it", GET("/a?at=1") GET("/b?at=0") GET("/a?at=1") GET("/b"), GET("/a"),
        GET("/b?at=0"), "<1 /a ><0 /b ><1 /a ><1 /b ><1 /a ><0 /b >", 0, false },
    { "one on the way", GET("/a?at=1"), GET("/b"), "", "<1 /a ><1 /b >", 1, false },
    { "half a head behind it", GET("/a?at=1") "GET /b HT", "TP/1.1\r\nHo", "st: a\r\n\r\n",
        "<1 /a ><1 /b >", 1, false },
    { "the last one", CLOSE("/a?at=1"), "", "", "<1 /a >", 1, true },
    { "nobody knows where", GET("/lost"), "", GET("/a?at=1"), "<", 1, false },
    { "a body with it", POST("/post?at=1", "5") "hello", "", "", "<1 /post hello>", 1, false },
    { "a body on the way", POST("/post?at=1", "5") "he", "llo" GET("/a"), "",
        "<1 /post hello><1 /a >", 1, false },
    { "a body afterwards", POST("/post?at=1", "5"), "h", "ello", "<1 /post hello>", 1, false },
    { "chunks", CHUNKED("/post?at=1") "2\r\nhe\r\n3", "\r\nllo\r\n", "0\r\n\r\n" GET("/a"),
        "<1 /post hello><1 /a >", 1, false },
    { "known by its body", POST("/there", "3") "1st", "", GET("/b"), "<1 /there 1st><1 /b >", 1,
        false },
    { "known by its body, one behind it", POST("/there", "3") "1st" POST("/there", "3") "0th",
        GET("/b"), "", "<1 /there 1st><0 /there 0th><0 /b >", 0, false },
    { "more than it takes", POST("/post?at=1", "1001"), "", "", "", 1, true },
};

static void test_request(const struct asked *a)
{
    struct pair p;
    char got[400];
    start(&p);
    rig_say(&p.r, a->said);
    pair_turn(&p, 0);
    rig_say(&p.r, a->on_the_way);
    pair_hear(&p);
    if (*a->afterwards)
        rig_say(&p.r, a->afterwards);
    bodies(got, sizeof got, pair_hear(&p));
    if (strcmp(a->heard, "<") == 0) /* by either, but answered */
        is_int((int)rig_count(&p.r, "HTTP/1.1 200"), 2, "%s: answered", a->what);
    else
        is_str(got, a->heard, "%s", a->what);
    is_int(p.r.is_end, a->is_end, "%s: whether it ends", a->what);
    is_int((int)front_connections(p.front[a->place]), 1, "%s: where it is", a->what);
    pair_close(&p, a->what);
}

static void test_continue(void)
{
    struct pair p;
    start(&p);
    rig_say(&p.r,
        "POST /post?at=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    pair_hear(&p);
    is_int((int)rig_count(&p.r, "100 Continue"), 1, "the body is asked for, once");
    rig_say(&p.r, "hello");
    ok(strstr(pair_hear(&p), "<1 /post hello>") != NULL, "and comes there");
    pair_close(&p, "Expect");
}

/* ---- those who go, or wait ---- */

static void test_gone(void)
{
    static const char *const said[] = { GET("/a?at=1"), GET("/a?at=1") GET("/b"),
        POST("/post?at=1", "5"), POST("/post?at=1", "5") "he", POST("/there", "3") "1st" };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        for (unsigned turns = 0; turns < 4; turns++) {
            struct pair p;
            start(&p);
            rig_say(&p.r, said[i]);
            for (unsigned k = 0; k < turns; k++)
                pair_turn(&p, 0);
            rig_hang_up(&p.r);
            pair_close(&p, "the peer has gone");
        }
    }
}

struct waiting {
    const char *what;
    const char *said;
    uint64_t us;
    const char *heard; /* at its end */
};

static const struct waiting waits[] = {
    { "nothing is asked any more", GET("/a?at=1"), 60 * SECOND_US, "<1 /a >" },
    { "the next head does not end", GET("/a?at=1") "GET /b", 60 * SECOND_US, "<1 /a >" },
    { "the body does not come", POST("/post?at=1", "500"), 60 * SECOND_US, "" },
};

static void test_wait(const struct waiting *w)
{
    struct pair p;
    char got[200];
    start(&p);
    rig_say(&p.r, w->said);
    pair_hear(&p);
    ok(!p.r.is_end, "%s: it has time", w->what);
    test_clock_turn(&p.r.clock, w->us);
    bodies(got, sizeof got, pair_hear(&p));
    ok(p.r.is_end, "%s: and it ends there", w->what);
    is_str(got, w->heard, "%s: what was heard", w->what);
    pair_close(&p, w->what);
}

static void test_closing(void)
{
    struct pair p;
    start(&p);
    rig_say(&p.r, GET("/a?at=1"));
    pair_turn(&p, 0);
    front_close_listeners(p.front[1]);
    ok(strstr(pair_hear(&p), "<1 /a >") != NULL, "where all ends, it is still answered");
    ok(p.r.is_end, "as the last one");
    pair_close(&p, "the end of a loop");
}

/* ---- WebSockets ---- */

#define OPEN(path)                                                                      \
    "GET " path " HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
#define TEXT(length) "\x81" length "\0\0\0\0"
#define PART(length) "\x01" length "\0\0\0\0"
#define REST(length) "\x80" length "\0\0\0\0"
#define PING         "\x89\x82\0\0\0\0hi"
#define BYE          "\x88\x82\0\0\0\0\x03\xe8"
#define BYTES(text)            \
    {                          \
        text, sizeof(text) - 1 \
    }

static void say(struct pair *p, const struct slice *bytes)
{
    if (bytes->len > 0)
        rig_say_bytes(&p->r, bytes->p, bytes->len);
}

static void open_ws(struct pair *p, const char *request)
{
    start(p);
    rig_say(&p->r, request);
    pair_hear(p);
    is_int(rig_status(&p->r), 101, "a WebSocket");
    rig_forget(&p->r);
}

struct spoken {
    const char *what;
    struct slice before;
    struct slice on_the_way;
    struct slice afterwards;
    const char *log;
    struct slice heard;
    unsigned pause_at;
    bool is_resumed; /* right before it leaves */
    bool is_end;
};

static const struct spoken speeches[] = {
    { .what = "a message before", .before = BYTES(TEXT("\x81") "a"), .log = "0a " },
    { .what = "a message on the way", .on_the_way = BYTES(TEXT("\x81") "a"), .log = "1a " },
    { .what = "a message afterwards", .afterwards = BYTES(TEXT("\x81") "a"), .log = "1a " },
    { .what = "in the middle of a head",
        .before = BYTES("\x81"),
        .on_the_way = BYTES("\x82\0\0"),
        .afterwards = BYTES("\0\0ab"),
        .log = "1ab " },
    { .what = "in the middle of a message",
        .before = BYTES(TEXT("\x83") "a"),
        .on_the_way = BYTES("b"),
        .afterwards = BYTES("c" TEXT("\x81") "d"),
        .log = "1abc 1d " },
    { .what = "between fragments",
        .before = BYTES(PART("\x81") "a"),
        .on_the_way = BYTES("\x00\x81\0\0\0\0b" PING),
        .afterwards = BYTES(REST("\x81") "c"),
        .log = "1abc ",
        .heard = BYTES("\x8a\x02hi") },
    { .what = "paused in the middle of what was read",
        .before = BYTES(TEXT("\x81") "a" TEXT("\x81") "b" TEXT("\x82") "c"),
        .on_the_way = BYTES("d" TEXT("\x81") "e"),
        .log = "0a 1b 1cd 1e ",
        .pause_at = 1 },
    { .what = "resumed in the middle of what was read",
        .before = BYTES(TEXT("\x81") "a" TEXT("\x81") "b" TEXT("\x82") "cd"),
        .log = "0a 1b 1cd ",
        .pause_at = 1,
        .is_resumed = true },
    { .what = "the peer says goodbye on the way",
        .on_the_way = BYTES(TEXT("\x81") "a" BYE),
        .log = "1a ",
        .heard = BYTES("\x88\x02\x03\xe8"),
        .is_end = true },
    { .what = "nonsense on the way",
        .on_the_way = BYTES("\xff\x80\0\0\0\0"),
        .log = "",
        .is_end = true },
};

static void move_ws(struct pair *p, unsigned to)
{
    ws_conn_leave(seen.ws);
    pair_turn(p, to ^ 1);
    pair_turn(p, to);
}

static void test_speech(const struct spoken *s)
{
    struct pair p;
    open_ws(&p, OPEN("/ws"));
    seen.pause_at = s->pause_at;
    say(&p, &s->before);
    pair_hear(&p);
    if (s->is_resumed)
        ws_conn_resume(seen.ws);
    ok(ws_conn_may_leave(seen.ws), "%s: it may leave", s->what);
    ws_conn_leave(seen.ws);
    is_int((int)p.front[0]->stats.ws_open, 0, "%s: it is counted no more", s->what);
    say(&p, &s->on_the_way);
    pair_hear(&p);
    ok(seen.closed == 0 && p.r.len == 0, "%s: nothing happens on the way", s->what);
    ws_conn_enter(seen.ws, 1);
    is_int((int)p.front[1]->stats.ws_open, 1, "%s: but there", s->what);
    pair_hear(&p);
    if (s->pause_at > 0 && !s->is_resumed) {
        is_int((int)seen.messages, 1, "%s: it is still paused", s->what);
        ws_conn_resume(seen.ws);
        pair_hear(&p);
    }
    say(&p, &s->afterwards);
    pair_hear(&p);
    is_str(seen.log, s->log, "%s", s->what);
    if (s->heard.len > 0)
        tap_mem(p.r.heard, p.r.len, s->heard.p, s->heard.len, TAP_HERE, "%s: what is answered",
            s->what);
    is_int((int)seen.closed, s->is_end, "%s: whether it ends", s->what);
    pair_close(&p, s->what);
    is_int((int)seen.closed, 1, "%s: the user is told once", s->what);
}

static void test_ws_request(void)
{
    struct pair p;
    open_ws(&p, OPEN("/ws?at=1"));
    is_int((int)p.front[1]->stats.ws_open, 1, "it is opened there");
    rig_say_bytes(&p.r, TEXT("\x81") "a", 7);
    pair_hear(&p);
    is_str(seen.log, "1a ", "and is heard there");
    pair_close(&p, "opened there");

    start(&p);
    rig_say_bytes(&p.r, OPEN("/ws?at=1") TEXT("\x81") "b", sizeof OPEN("/ws?at=1") - 1 + 7);
    pair_hear(&p);
    is_str(seen.log, "1b ", "what came with the request is, too");
    pair_close(&p, "eager");
}

static void test_ws_queued(void)
{
    struct pair p;
    open_ws(&p, OPEN("/ws"));
    ws_conn_send_message(seen.ws, WS_TEXT, S("one"));
    move_ws(&p, 1);
    rig_read(&p.r);
    is_int((int)p.r.len, 0, "what was queued waits");
    ws_conn_enter(seen.ws, 1);
    ws_conn_send_message(seen.ws, WS_TEXT, S("two"));
    pair_hear(&p);
    is_slice(slice_of(p.r.heard, p.r.len), "\x81\x03one\x81\x03two", "and comes first");
    pair_close(&p, "queued");
}

static void test_ws_ends(void)
{
    struct pair p;
    open_ws(&p, OPEN("/ws"));
    move_ws(&p, 1);
    rig_hang_up(&p.r);
    ws_conn_enter(seen.ws, 1);
    pair_hear(&p);
    is_int((int)seen.closed, 1, "the peer went on the way: the user is told");
    pair_close(&p, "gone");

    open_ws(&p, OPEN("/ws"));
    move_ws(&p, 1);
    front_close_listeners(p.front[1]);
    ws_conn_enter(seen.ws, 1);
    pair_hear(&p);
    ok(p.r.len > 4 && memcmp(p.r.heard + 2, "\x03\xe9", 2) == 0, "where all ends: 1001");
    pair_close(&p, "closing");

    open_ws(&p, OPEN("/ws"));
    ws_conn_close(seen.ws, 1000, S(""));
    ok(!ws_conn_may_leave(seen.ws), "who says goodbye stays");
    pair_close(&p, "saying goodbye");
}

static void test_ws_heartbeat(void)
{
    struct pair p;
    open_ws(&p, OPEN("/ws"));
    move_ws(&p, 1);
    ws_conn_enter(seen.ws, 1);
    pair_hear(&p);
    test_clock_turn(&p.r.clock, p.r.settings.ws_ping_us);
    pair_hear(&p);
    ok(p.r.len >= 2 && (unsigned char)p.r.heard[0] == 0x89, "it is pinged there");
    test_clock_turn(&p.r.clock, p.r.settings.ws_pong_us);
    pair_hear(&p);
    is_int((int)seen.closed, 1, "and missed there");
    pair_close(&p, "heartbeat");
}

int main(void)
{
    rig_prepare();
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        test_request(&requests[i]);
    test_continue();
    test_gone();
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
        test_wait(&waits[i]);
    test_closing();
    for (size_t i = 0; i < sizeof speeches / sizeof *speeches; i++)
        test_speech(&speeches[i]);
    test_ws_request();
    test_ws_queued();
    test_ws_ends();
    test_ws_heartbeat();
    return done();
}
