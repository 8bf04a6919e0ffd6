/* A Socket.IO server for tests: the product's own code with applications that do what the official
 * suites and our live tests ask of them. `sio_peer PROFILE PORT`; it prints "ready" and its port
 * when it listens (port 0: on any, of IPv4 only), and ends with SIGTERM.
 *
 *   engine    Engine.IO alone at /engine.io/: says back what it is told
 *   hello     the same for the client package's tests: greets, small messages, headers
 *   socket    Socket.IO, for the protocol's suite
 *   client    Socket.IO with recovery, for the client package's tests: a handshake takes a moment
 *   live      the same without that moment, for our own tests */
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/panic.h"
#include "base/url.h"
#include "base/xalloc.h"
#include "net/listener.h"
#include "net/signals.h"
#include "sio/server.h"
#include "web/eio.h"
#include "web/front.h"
#include "web/reply.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SECOND_US  UINT64_C(1000000)
#define TEXT_BYTES (1u << 20)

struct profile {
    const char *name;
    struct eio_settings engine;
    struct sio_settings socket;
    uint32_t message_bytes;
    long pause_ns; /* before a handshake is answered, so that a client can lose its patience */
    void (*start)(struct front *f, const struct profile *p);
};

/* ---- Engine.IO alone ---- */

struct echo {
    struct eio_session *session;
    bool greets;
};

static struct blob *last_headers; /* of the newest POST, as JSON: one profile says it back */

static void send_text(struct eio_session *s, struct slice text)
{
    struct blob *frame = eio_text_frame(text);
    ASSERT(frame);
    eio_send(s, frame);
    blob_unref(frame);
}

static void send_binary(struct eio_session *s, struct slice bytes)
{
    struct blob *frame = eio_binary_frame(bytes);
    ASSERT(frame);
    eio_send(s, frame);
    blob_unref(frame);
}

static void *echo_open(void *arg, struct eio_session *s, const struct eio_opening *o)
{
    struct echo *e = xalloc(sizeof *e);
    (void)o;
    e->session = s;
    e->greets = arg != NULL;
    if (e->greets)
        send_text(s, S("hi"));
    return e;
}

static int echo_message(void *arg, struct slice data, bool is_binary)
{
    struct echo *e = arg;
    if (is_binary)
        send_binary(e->session, data);
    else if (e->greets && slice_eq(data, S("give binary")))
        send_binary(e->session, S("\0\1\2\3\4"));
    else if (e->greets && slice_eq(data, S("give utf8")))
        send_text(e->session, S("пойду спать всем спокойной ночи"));
    else if (e->greets && slice_eq(data, S("sendHeaders")) && last_headers)
        send_text(e->session, blob_slice(last_headers));
    else
        send_text(e->session, data);
    return 0;
}

static void echo_close(void *arg, enum eio_reason reason)
{
    (void)reason;
    xfree(arg);
}

static const struct eio_user echo_user = {
    .name = "echo", .on_open = echo_open, .on_message = echo_message, .on_close = echo_close
};

static void start_engine(struct front *f, const struct profile *p)
{
    bool greets = slice_eq(slice_str(p->name), S("hello"));
    eio_server_set_user(f->engine, &echo_user, greets ? f : NULL);
}

/* ---- Socket.IO ---- */

static void emit(struct sio_socket *s, const char *name, const char *args)
{
    sio_emit(s, slice_str(name), slice_str(args));
}

static void on_auth_connect(struct sio_socket *s, const struct sio_greeting *g)
{
    sio_emit(s, S("auth"), g->auth.len ? g->auth : S("{}"));
}

static void on_suite_event(struct sio_socket *s, const struct sio_event *e)
{
    if (slice_eq(e->name, S("message"))) {
        struct sio_event back = *e;
        back.name = S("message-back");
        struct sio_message *m = sio_binary_event_new(sio_namespace(s), &back, true);
        sio_send(s, m);
        sio_message_unref(m);
    } else if (slice_eq(e->name, S("message-with-ack"))) {
        sio_answer_binary(s, e, e->args, e->attachments, e->n_attachments);
    }
}

static const struct sio_app suite_apps[] = {
    { .name = "/", .on_connect = on_auth_connect, .on_event = on_suite_event },
    { .name = "/custom", .on_connect = on_auth_connect, .on_event = on_suite_event },
};

static struct sio_server *sockets;

static void start_socket(struct front *f, const struct profile *p)
{
    sockets = sio_server_new(f->engine, &p->socket);
    for (size_t i = 0; i < sizeof suite_apps / sizeof *suite_apps; i++)
        ASSERT(sio_register(sockets, &suite_apps[i]) == 0);
}

/* ---- the client package's server, and a little more for our own live tests ---- */

static int refuse_if_asked(void *arg, struct sio_greeting *g)
{
    struct slice value;
    (void)arg;
    if (url_query_find(&value, g->arena, g->query, S("fail")))
        return 0;
    g->message = S("Auth failed (main namespace)");
    return ERR_FORBIDDEN;
}

static int refuse_always(void *arg, struct sio_greeting *g)
{
    (void)arg;
    g->message = S("Auth failed (custom namespace)");
    g->data = S("{\"code\":\"NO_ENTRY\"}");
    return ERR_FORBIDDEN;
}

static void write_query(struct json_writer *w, const struct sio_greeting *g)
{
    struct slice rest = g->query;
    struct slice name;
    struct slice value;
    jw_object(w);
    while (url_query_next(&name, &value, &rest)) {
        if (url_decode(&name, g->arena, name, URL_PLUS) ||
            url_decode(&value, g->arena, value, URL_PLUS))
            continue;
        jw_key(w, name);
        jw_str(w, value);
    }
    jw_end(w);
}

/* What the original calls socket.handshake, as far as anybody asks for it. */
static struct blob *handshake_json(const struct sio_greeting *g)
{
    struct json_writer w;
    struct buf json;
    buf_init(&json, TEXT_BYTES);
    jw_init(&w, &json);
    jw_object(&w);
    jw_key(&w, S("query"));
    write_query(&w, g);
    jw_key(&w, S("auth"));
    jw_raw(&w, g->auth.len ? g->auth : S("{}"));
    jw_end(&w);
    struct blob *b = buf_blob(&json, 0);
    buf_fini(&json);
    return b;
}

static void on_client_connect(struct sio_socket *s, const struct sio_greeting *g)
{
    sio_set_data(s, handshake_json(g));
}

static void on_client_disconnect(struct sio_socket *s, const char *reason)
{
    (void)reason;
    blob_unref(sio_data(s));
}

static void on_greeter_connect(struct sio_socket *s, const struct sio_greeting *g)
{
    on_client_connect(s, g);
    sio_emit(s, S("handshake"), blob_slice(sio_data(s)));
}

static void quote(struct buf *out, struct slice text)
{
    struct json_writer w;
    jw_init(&w, out);
    jw_str(&w, text);
}

static void answer_id(struct sio_socket *s, const struct sio_event *e)
{
    struct buf json;
    buf_init(&json, 64);
    quote(&json, sio_id(s));
    sio_answer(s, e, buf_slice(&json));
    buf_fini(&json);
}

static void on_ack(void *arg, int err, const struct sio_event *answer)
{
    struct sio_socket *s = arg;
    if (!err && slice_eq(answer->args, S("5,{\"test\":true}")))
        emit(s, "got it", "");
    else
        emit(s, "no answer", err ? "\"timeout\"" : "\"wrong\"");
}

static void ask(struct sio_socket *s, const struct sio_event *e)
{
    (void)e;
    sio_ask(s, S("ack"), S(""), 5000, on_ack, s);
}

static void say_date(struct sio_socket *s, const struct sio_event *e)
{
    const char *date = "\"2026-11-21T10:40:45.123Z\"";
    if (slice_eq(e->name, S("getAckDate")))
        sio_answer(s, e, slice_str(date));
    else if (slice_eq(e->name, S("getDate")))
        emit(s, "takeDate", date);
    else
        emit(s, "takeDateObj", "{\"date\":\"2026-11-21T10:40:45.123Z\"}");
}

static void say_utf8(struct sio_socket *s, const struct sio_event *e)
{
    static const char *const texts[] = { "\"てすと\"", "\"Я Б Г Д Ж Й\"", "\"Ä ä Ü ü ß\"",
        "\"utf8 — string\"", "\"utf8 — string\"" };
    (void)e;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        emit(s, "takeUtf8", texts[i]);
}

static void say_binary(struct sio_socket *s, const struct sio_event *e)
{
    static const struct slice bytes = SLICE("asdfasdf");
    const struct sio_event event = {
        .name = slice_eq(e->name, S("getbin")) ? S("takebin") : e->name,
        .args = S("{\"_placeholder\":true,\"num\":0}"),
        .attachments = &bytes,
        .n_attachments = 1,
    };
    struct sio_message *m = sio_binary_event_new(sio_namespace(s), &event, true);
    sio_send(s, m);
    sio_message_unref(m);
}

static void echo_args(struct sio_socket *s, const struct sio_event *e)
{
    sio_answer_binary(s, e, e->args, e->attachments, e->n_attachments);
}

static void say_handshake(struct sio_socket *s, const struct sio_event *e)
{
    sio_answer(s, e, blob_slice(sio_data(s)));
}

/* The same event, to the one it came from. */
static void mirror(struct sio_socket *s, const struct sio_event *e)
{
    struct sio_message *m = sio_binary_event_new(sio_namespace(s), e, true);
    sio_send(s, m);
    sio_message_unref(m);
}

/* Reads an event's arguments as the list that they were. */
static void open_list(struct json *j, const struct sio_event *e)
{
    struct json_value v;
    char *p = arena_alloc(e->arena, e->args.len + 2);
    ASSERT(p);
    p[0] = '[';
    memcpy(p + 1, e->args.p, e->args.len);
    p[e->args.len + 1] = ']';
    json_init(j, slice_of(p, e->args.len + 2), e->arena);
    ASSERT(json_next(&v, j) == JSON_ARRAY);
}

/* The next text of a list; false: no more. */
static bool next_name(struct slice *out, struct json *j, struct arena *arena)
{
    struct json_value v;
    return json_next(&v, j) == JSON_STRING && json_text(out, arena, &v) == 0;
}

/* "room", ... */
static void join(struct sio_socket *s, const struct sio_event *e)
{
    struct json j;
    struct slice room;
    open_list(&j, e);
    while (next_name(&room, &j, e->arena))
        ASSERT(sio_join(s, room) == 0);
    sio_answer(s, e, S("true"));
}

static void leave(struct sio_socket *s, const struct sio_event *e)
{
    struct json j;
    struct slice room;
    open_list(&j, e);
    while (next_name(&room, &j, e->arena))
        sio_leave(s, room);
    sio_answer(s, e, S("true"));
}

#define NAMES_MAX 8

static size_t read_names(struct slice names[NAMES_MAX], struct json *j, struct arena *arena)
{
    struct json_value v;
    size_t n = 0;
    ASSERT(json_next(&v, j) == JSON_ARRAY);
    while (n < NAMES_MAX && next_name(&names[n], j, arena))
        n++;
    return n;
}

/* [to], [except], isVolatile, value: an event `told` for those who are meant. */
static void tell(struct sio_socket *s, const struct sio_event *e)
{
    struct json j;
    struct json_value v;
    struct slice to[NAMES_MAX];
    struct slice except[NAMES_MAX];
    struct sio_audience audience = { .rooms = to, .except = except };
    open_list(&j, e);
    audience.n_rooms = read_names(to, &j, e->arena);
    audience.n_except = read_names(except, &j, e->arena);
    audience.is_volatile = json_next(&v, &j) == JSON_TRUE;
    json_next_whole(&v, &j);
    struct sio_message *m = sio_event_new(
        sio_namespace(s), S("told"), json_source(&v), !audience.is_volatile);
    ASSERT(m);
    sio_broadcast(sio_namespace(s), &audience, m);
    sio_message_unref(m);
    sio_answer(s, e, S("true"));
}

static void kick(struct sio_socket *s, const struct sio_event *e)
{
    sio_disconnect(s, slice_eq(e->args, S("true")));
}

/* Tells the sender that its event with a binary part arrived. */
static void acknowledge(struct sio_socket *s, const struct sio_event *e)
{
    static const struct {
        const char *event;
        const char *answer;
    } answers[] = { { "buffa", "buffack" }, { "jsonbuff", "jsonbuff-ack" },
        { "abuff2", "abuff2-ack" }, { "blob", "back" }, { "jsonblob", "jsonblob-ack" },
        { "blob3", "blob3-ack" } };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        if (slice_eq(e->name, slice_str(answers[i].event)))
            emit(s, answers[i].answer, "");
    }
}

static const struct {
    const char *name;
    void (*handle)(struct sio_socket *s, const struct sio_event *e);
} client_events[] = {
    { "echo", echo_args },
    { "ack", ask },
    { "getAckDate", say_date },
    { "getDate", say_date },
    { "getDateObj", say_date },
    { "getUtf8", say_utf8 },
    { "doge", say_binary },
    { "getbin", say_binary },
    { "buffa", acknowledge },
    { "jsonbuff", acknowledge },
    { "abuff1", acknowledge },
    { "abuff2", acknowledge },
    { "blob", acknowledge },
    { "jsonblob", acknowledge },
    { "blob1", acknowledge },
    { "blob2", acknowledge },
    { "blob3", acknowledge },
    { "getHandshake", say_handshake },
    { "getId", answer_id },
    { "join", join },
    { "leave", leave },
    { "tell", tell },
    { "mirror", mirror },
    { "kick", kick },
};

static void on_client_event(struct sio_socket *s, const struct sio_event *e)
{
    if (slice_eq(e->name, S("hi")))
        emit(s, "hi", "");
    else if (slice_eq(e->name, S("false")))
        emit(s, "false", "false");
    for (size_t i = 0; i < sizeof client_events / sizeof *client_events; i++) {
        if (slice_eq(e->name, slice_str(client_events[i].name)))
            client_events[i].handle(s, e);
    }
}

#define CLIENT_APP(name_, may_connect_, on_connect_)                                 \
    {                                                                                \
        .name = (name_), .may_connect = (may_connect_), .on_connect = (on_connect_), \
        .on_event = on_client_event, .on_disconnect = on_client_disconnect           \
    }

static const struct sio_app client_apps[] = {
    CLIENT_APP("/", refuse_if_asked, on_client_connect),
    CLIENT_APP("/foo", NULL, on_client_connect),
    CLIENT_APP("/timeout_socket", NULL, on_client_connect),
    CLIENT_APP("/valid", NULL, on_client_connect),
    CLIENT_APP("/asd", NULL, on_client_connect),
    CLIENT_APP("/abc", NULL, on_greeter_connect),
    CLIENT_APP("/no", refuse_always, on_client_connect),
};

static void start_client(struct front *f, const struct profile *p)
{
    sockets = sio_server_new(f->engine, &p->socket);
    for (size_t i = 0; i < sizeof client_apps / sizeof *client_apps; i++)
        ASSERT(sio_register(sockets, &client_apps[i]) == 0);
}

/* ---- the profiles ---- */

/* What the client package's test of cookies wants: two to keep, two that are over. */
static const struct eio_header cookies[] = {
    { .name = "Set-Cookie", .value = SLICE("1=1; Max-Age=86400") },
    { .name = "Set-Cookie", .value = SLICE("2=2; Path=/; HttpOnly; Secure; SameSite=Strict") },
    { .name = "Set-Cookie", .value = SLICE("3=3; Max-Age=0") },
    { .name = "Set-Cookie", .value = SLICE("4=4; Expires=Thu, 01 Jan 1970 00:00:00 GMT") },
};

#define ENGINE(interval, timeout, payload, headers_, n_headers_)                                   \
    {                                                                                              \
        .ping_interval_ms = (interval), .ping_timeout_ms = (timeout), .upgrade_timeout_ms = 10000, \
        .max_payload = (payload), .queue_bytes = 1u << 24, .headers = (headers_),                  \
        .n_headers = (n_headers_)                                                                  \
    }

static const struct profile profiles[] = {
    { .name = "engine",
        .engine = ENGINE(300, 200, 1000000, NULL, 0),
        .message_bytes = 1000000,
        .start = start_engine },
    { .name = "hello",
        .engine = ENGINE(500, 20000, 100, cookies, 4),
        .message_bytes = 100,
        .start = start_engine },
    { .name = "socket",
        .engine = ENGINE(300, 200, 1000000, NULL, 0),
        .socket = { .connect_timeout_ms = 1000 },
        .message_bytes = 1000000,
        .start = start_socket },
    { .name = "client",
        .engine = ENGINE(2000, 20000, 1000000, NULL, 0),
        .socket = { .connect_timeout_ms = 45000, .recovery_ms = 120000 },
        .message_bytes = 1000000,
        .pause_ns = 10000000,
        .start = start_client },
    { .name = "live",
        .engine = ENGINE(300, 20000, 1000000, NULL, 0),
        .socket = { .connect_timeout_ms = 45000, .recovery_ms = 120000 },
        .message_bytes = 1000000,
        .start = start_client },
};

static const struct profile *profile;

/* ---- the routes, in place of the product's ---- */

static void note_headers(struct request *r)
{
    struct json_writer w;
    struct buf json;
    buf_init(&json, TEXT_BYTES);
    jw_init(&w, &json);
    jw_object(&w);
    for (unsigned i = 0; i < r->head.n_headers; i++) {
        char lower[64] = "";
        struct slice name = slice_take(r->head.headers[i].name, sizeof lower);
        for (size_t k = 0; k < name.len; k++)
            lower[k] = (char)(name.p[k] >= 'A' && name.p[k] <= 'Z' ? name.p[k] | 32 : name.p[k]);
        jw_key(&w, slice_of(lower, name.len));
        jw_str(&w, r->head.headers[i].value);
    }
    jw_end(&w);
    blob_unref(last_headers);
    last_headers = buf_blob(&json, 0);
    buf_fini(&json);
}

static void begin(struct request *r)
{
    bool is_hello = slice_eq(slice_str(profile->name), S("hello"));
    const struct timespec pause = { .tv_nsec = profile->pause_ns };
    if (is_hello && r->head.method == HTTP1_POST)
        note_headers(r);
    if (pause.tv_nsec && !request_query(r, S("sid")).p)
        nanosleep(&pause, NULL);
    if (is_hello && request_query(r, S("deny")).p)
        eio_reply_refusal(r, EIO_FORBIDDEN);
    else
        eio_begin(r);
}

/* For a browser to be at home on. */
static void serve_page(struct request *r)
{
    eio_reply_text(r, 200, "text/html; charset=utf-8",
        S("<!doctype html><link rel=icon href=data:,><title>Socket.IO</title>"));
}

#define EIO_ROUTE(pattern_)                                                                  \
    {                                                                                        \
        .pattern = (pattern_), .is_any_method = true, .body_bytes = 1000000, .begin = begin, \
        .handle = eio_handle, .refuse = eio_refuse, .help = "Engine.IO"                      \
    }

const struct route routes[] = {
    EIO_ROUTE("/engine.io/*"),
    EIO_ROUTE("/socket.io/*"),
    { .method = HTTP1_GET, .pattern = "/page", .handle = serve_page, .help = "A page" },
};
const size_t routes_n = sizeof routes / sizeof *routes;

/* ---- the program ---- */

static const struct stream_limits stream_limits = {
    .queue_hard_bytes = 1u << 24,
    .queue_soft_bytes = 1u << 20,
    .queue_soft_us = 10 * SECOND_US,
    .stall_us = 30 * SECOND_US,
    .handshake_us = 10 * SECOND_US,
};

static void on_signal(void *arg, int number)
{
    (void)number;
    loop_stop(arg);
}

static void fill(struct web_settings *s)
{
    *s = (struct web_settings){
        .http = { .line_bytes = 65536, .header_bytes = 16384, .header_count = 100 },
        .body_bytes = 1000000,
        .header_deadline_us = 10 * SECOND_US,
        .keep_alive_us = 60 * SECOND_US,
        .ws = { .message_bytes = profile->message_bytes, .fragments = 1024 },
        .ws_assembly_us = 30 * SECOND_US,
        .ws_ping_us = 15 * SECOND_US,
        .ws_pong_us = 10 * SECOND_US,
        .http_stream = stream_limits,
        .ws_stream = stream_limits,
        .tls_half_open = 1024,
        .connections = 100000,
        .connections_per_address = 100000,
    };
}

static const struct profile *find_profile(const char *name)
{
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        if (strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    }
    return NULL;
}

static void serve(uint16_t port)
{
    struct web_settings settings;
    struct eio_server engine;
    struct signals *signals;
    struct loop *loop;
    struct places places;
    struct eio_servers engines;
    struct fronts fronts;
    struct addr at;
    fill(&settings);
    ASSERT(loop_new(&loop, &clock_system) == 0);
    ASSERT(signals_open(&signals, loop, on_signal, loop) == 0);
    places_alone(&places, loop);
    eio_servers_init(&engines, &places, &profile->engine);
    eio_server_init(&engine, &engines, 0, &profile->engine);
    fronts_init(&fronts, &places, &settings);
    struct front *front = front_new(&fronts, 0, &settings, NULL);
    front->engine = &engine;
    profile->start(front, profile);
    ASSERT(addr_parse(&at, S("0.0.0.0"), port) == 0 && front_listen(front, &at) == 0);
    if (port)
        ASSERT(addr_parse(&at, S("::"), port) == 0 && front_listen(front, &at) == 0);
    at = listener_addr(front->listeners[0]);
    printf("ready %u\n", (unsigned)addr_port(&at));
    fflush(stdout);
    loop_run(loop);
    eio_server_fini(&engine);
    front_free(front);
    eio_servers_fini(&engines);
    fronts_fini(&fronts);
    sio_server_free(sockets);
    loop_turn(loop, false);
    signals_close(signals);
    loop_free(loop);
    blob_unref(last_headers);
}

int main(int argc, char **argv)
{
    uint64_t port;
    profile = argc == 3 ? find_profile(argv[1]) : NULL;
    if (!profile || slice_u64(&port, slice_str(argv[2])) || port > 65535) {
        fputs("usage: sio_peer engine|hello|socket|client|live PORT\n", stderr);
        return 64;
    }
    log_set_level(getenv("SIO_PEER_DEBUG") ? LOG_DEBUG : LOG_WARNING);
    serve((uint16_t)port);
    return 0;
}
