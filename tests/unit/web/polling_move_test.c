/* Clients that poll, and whose session goes from loop to loop: two web faces with an engine each. A
 * poll that hangs is answered, the next request follows the session by its trail, bodies on their
 * way are read where it is by then, and what it was to be told is told once, in order. */
#include "pair.h"
#include "sio/server.h"
#include "web/eio.h"

#define SID_BYTES 20

/* ---- an application ---- */

static struct {
    struct sio_socket *socket;
    struct sio_namespace *nsp; /* where it is */
    char log[200];             /* names of events, each with a blank behind it */
    unsigned enters;
} seen;

static void on_connect(struct sio_socket *s, const struct sio_greeting *g)
{
    (void)g;
    seen.socket = s;
}

static void on_event(struct sio_socket *s, const struct sio_event *e)
{
    size_t at = strlen(seen.log);
    (void)s;
    snprintf(seen.log + at, sizeof seen.log - at, "%.*s ", (int)e->name.len, e->name.p);
}

static void on_disconnect(struct sio_socket *s, const char *reason)
{
    (void)s;
    (void)reason;
    seen.socket = NULL;
}

static int may_leave(const struct sio_socket *s)
{
    (void)s;
    return 0;
}

static void on_leave(struct sio_socket *s)
{
    (void)s;
}

static int on_enter(struct sio_socket *s)
{
    (void)s;
    seen.enters++;
    return 0;
}

static const struct sio_app app = { .name = "/",
    .on_connect = on_connect,
    .on_event = on_event,
    .on_disconnect = on_disconnect,
    .may_leave = may_leave,
    .on_leave = on_leave,
    .on_enter = on_enter };

/* clang-format off */
const struct route routes[] = {
    { .pattern = "/socket.io/*", .is_any_method = true, .place = eio_place, .begin = eio_begin,
        .handle = eio_handle, .refuse = eio_refuse },
};
/* clang-format on */
const size_t routes_n = sizeof routes / sizeof *routes;

/* ---- two engines, one client with two connections ---- */

struct inn {
    struct pair pair;
    struct eio_settings settings;
    struct sio_settings server_settings;
    struct eio_servers engines;
    struct eio_server engine[2];
    struct sio_server *server[2];
    char sid[SID_BYTES + 1];
    int poll; /* the connections' client sides */
    int post;
};

static void connect_once_more(struct inn *n, int *fd)
{
    n->pair.r.peer = -1;
    rig_connect(&n->pair.r);
    *fd = n->pair.r.peer;
}

/* What that connection has heard since the last time. */
static const char *hear_on(struct inn *n, int fd)
{
    n->pair.r.peer = fd;
    rig_forget(&n->pair.r);
    return pair_hear(&n->pair);
}

static void say_on(struct inn *n, int fd, const char *text)
{
    n->pair.r.peer = fd;
    rig_say(&n->pair.r, text);
}

static void get(struct inn *n)
{
    char text[300];
    snprintf(text, sizeof text,
        "GET /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: a\r\n\r\n", n->sid);
    say_on(n, n->poll, text);
}

/* Of a body of so many bytes, these first. */
static void put(struct inn *n, size_t len, const char *body)
{
    char text[400];
    snprintf(text, sizeof text,
        "POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\nHost: a\r\n"
        "Content-Length: %zu\r\n\r\n%s",
        n->sid, len, body);
    say_on(n, n->post, text);
}

static void open_session(struct inn *n)
{
    connect_once_more(n, &n->poll);
    connect_once_more(n, &n->post);
    say_on(n, n->poll, "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\n\r\n");
    const char *at = strstr(hear_on(n, n->poll), "\"sid\":\"");
    if (!at)
        abort();
    memcpy(n->sid, at + 7, SID_BYTES);
    put(n, 2, "40");
    hear_on(n, n->post);
    get(n);
    ok(strstr(hear_on(n, n->poll), "40{\"sid\"") != NULL, "it is connected");
}

static void inn_open(struct inn *n)
{
    *n = (struct inn){ .settings = { .ping_interval_ms = 1u << 30,
                           .ping_timeout_ms = 1000,
                           .upgrade_timeout_ms = 1000,
                           .max_payload = 1000,
                           .queue_bytes = 1u << 20 },
        .server_settings = { .connect_timeout_ms = 1u << 30 } };
    memset(&seen, 0, sizeof seen);
    pair_open(&n->pair);
    eio_servers_init(&n->engines, &n->pair.r.places, &n->settings);
    for (unsigned i = 0; i < 2; i++) {
        eio_server_init(&n->engine[i], &n->engines, i, &n->settings);
        n->pair.front[i]->engine = &n->engine[i];
        n->server[i] = sio_server_new(&n->engine[i], &n->server_settings);
        if (sio_register(n->server[i], &app))
            abort();
    }
    open_session(n);
}

static void inn_close(struct inn *n, const char *what)
{
    n->pair.r.peer = n->poll;
    rig_hang_up(&n->pair.r);
    n->pair.r.peer = n->post;
    for (unsigned i = 0; i < 2; i++)
        eio_server_drain(&n->engine[i]);
    rig_hang_up(&n->pair.r);
    pair_hear(&n->pair);
    for (unsigned i = 0; i < 2; i++)
        eio_server_fini(&n->engine[i]);
    for (unsigned i = 0; i < 2; i++)
        sio_server_free(n->server[i]);
    pair_close(&n->pair, what);
    eio_servers_fini(&n->engines);
}

static void go(struct inn *n, unsigned place, const char *what)
{
    unsigned before = seen.enters;
    ok(sio_move(seen.socket, place), "%s: it goes to %u", what, place);
    pair_hear(&n->pair);
    is_int((int)seen.enters, (int)before + 1, "%s: and is there", what);
    ok(eio_find(&n->engine[place], slice_str(n->sid)) != NULL, "%s: under its name", what);
}

/* ---- polls ---- */

static void test_poll_that_hangs(void)
{
    struct inn n;
    inn_open(&n);
    get(&n);
    is_str(hear_on(&n, n.poll), "", "nothing to hear: it hangs");
    go(&n, 1, "a poll that hangs");
    ok(strstr(n.pair.r.heard, "\r\n\r\n6") != NULL, "it was answered, by nothing to hear");
    inn_close(&n, "a poll that hangs");
}

static void test_follows(void)
{
    static const char *const ways[] = { "1", "10", "101", "1010" };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct inn n;
        inn_open(&n);
        for (const char *to = ways[i]; *to; to++) {
            get(&n);
            hear_on(&n, n.poll); /* it hangs */
            go(&n, (unsigned)(*to - '0'), ways[i]);
            ok(strstr(n.pair.r.heard, "HTTP/1.1 200") != NULL, "way %s: its poll ends", ways[i]);
            sio_emit(seen.socket, S("e"), S("1"));
            get(&n);
            ok(strstr(hear_on(&n, n.poll), "42[\"e\",1") != NULL, "way %s: it polls there",
                ways[i]);
            put(&n, 8, "42[\"hi\"]");
            ok(strstr(hear_on(&n, n.post), "\r\n\r\nok") != NULL, "way %s: it posts there",
                ways[i]);
        }
        is_int((int)(strlen(seen.log) / 3), (int)strlen(ways[i]), "way %s: all is heard", ways[i]);
        inn_close(&n, ways[i]);
    }
}

/* Queued when it leaves, where no poll waits; and on the way. */
static void test_queue(void)
{
    struct inn n;
    inn_open(&n);
    sio_emit(seen.socket, S("e"), S("1"));
    ok(sio_move(seen.socket, 1), "it goes with a queue");
    sio_emit(seen.socket, S("e"), S("2"));
    pair_hear(&n.pair);
    sio_emit(seen.socket, S("e"), S("3"));
    get(&n);
    const char *heard = hear_on(&n, n.poll);
    const char *at[3] = { strstr(heard, "\"e\",1"), strstr(heard, "\"e\",2"),
        strstr(heard, "\"e\",3") };
    ok(at[0] && at[0] < at[1] && at[1] < at[2], "which is told there, in order");
    inn_close(&n, "a queue");
}

/* Another poll right behind the one that its leaving answers, on the same connection. */
static void test_pipelined(void)
{
    struct inn n;
    inn_open(&n);
    get(&n);
    get(&n);
    pair_turn(&n.pair, 0);
    go(&n, 1, "a poll behind the one that hangs");
    sio_emit(seen.socket, S("e"), S("1"));
    ok(strstr(hear_on(&n, n.poll), "42[\"e\",1") != NULL, "it follows the session");
    inn_close(&n, "pipelined");
}

/* ---- bodies ---- */

static const struct {
    const char *what;
    const char *first; /* of "42[\"hi\"]" */
    const char *rest;
} bodies[] = {
    { "none of the body", "", "42[\"hi\"]" },
    { "half of the body", "42[\"", "hi\"]" },
    { "all but a byte", "42[\"hi\"", "]" },
};

static void test_bodies(void)
{
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct inn n;
        inn_open(&n);
        put(&n, 8, bodies[i].first);
        hear_on(&n, n.post);
        go(&n, 1, bodies[i].what);
        say_on(&n, n.post, bodies[i].rest);
        ok(strstr(hear_on(&n, n.post), "\r\n\r\nok") != NULL, "%s: answered", bodies[i].what);
        is_str(seen.log, "hi ", "%s: and heard, once", bodies[i].what);
        inn_close(&n, bodies[i].what);
    }
}

static void test_both_at_once(void)
{
    struct inn n;
    inn_open(&n);
    put(&n, 8, "42[\"");
    get(&n);
    hear_on(&n, n.poll);
    go(&n, 1, "both at once");
    get(&n);
    hear_on(&n, n.poll);
    say_on(&n, n.post, "hi\"]");
    hear_on(&n, n.post);
    is_str(seen.log, "hi ", "its body is heard");
    sio_emit(seen.socket, S("e"), S("1"));
    ok(strstr(hear_on(&n, n.poll), "42[\"e\",1") != NULL, "and its next poll hangs there");
    inn_close(&n, "both at once");
}

/* ---- ends ---- */

static void test_gone(void)
{
    struct inn n;
    inn_open(&n);
    get(&n);
    hear_on(&n, n.poll);
    ok(sio_move(seen.socket, 1), "it goes");
    pair_turn(&n.pair, 0);
    n.pair.r.peer = n.poll;
    rig_hang_up(&n.pair.r);
    pair_turn(&n.pair, 0);
    pair_turn(&n.pair, 1);
    ok(seen.socket != NULL, "its peer hangs up, but its poll was answered: it may ask again");
    connect_once_more(&n, &n.poll);
    sio_emit(seen.socket, S("e"), S("1"));
    get(&n);
    ok(strstr(hear_on(&n, n.poll), "42[\"e\",1") != NULL, "and does, by another connection");
    inn_close(&n, "gone");
}

int main(void)
{
    rig_prepare();
    test_poll_that_hangs();
    test_follows();
    test_queue();
    test_pipelined();
    test_bodies();
    test_both_at_once();
    test_gone();
    return done();
}
