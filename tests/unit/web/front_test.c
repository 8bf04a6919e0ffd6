/* The front of a loop: where it listens, whom it lets in, and how it goes. */
#include "web/front.h"

#include "rig.h"

static void start(struct rig *r)
{
    rig_init(r);
    rig_start(r);
}

static void connect_to(struct rig *r, const struct addr *at)
{
    rig_hang_up(r);
    r->len = 0;
    r->is_end = false;
    r->peer = socket(at->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (r->peer < 0 || connect(r->peer, &at->any, at->len))
        abort();
}

/* A connection that is really made may take the kernel a moment. */
static void hear_all(struct rig *r, const char *end)
{
    struct timeval patience = { .tv_usec = 20000 };
    setsockopt(r->peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    for (unsigned i = 0; i < 100 && !r->is_end && !(*end && rig_has(r, end)); i++)
        rig_hear(r);
}

static void test_listen(void)
{
    struct rig r;
    struct addr at;
    start(&r);
    if (!is_int(addr_parse(&at, S("127.0.0.1"), 0), 0, "an address"))
        return;
    is_int(front_listen(r.front, &at), 0, "it listens");
    at = listener_addr(r.front->listeners[0]);
    ok(addr_port(&at) > 0, "at a port of the kernel's choice");
    connect_to(&r, &at);
    rig_say(&r, GET("/healthz"));
    hear_all(&r, "{\"status\":\"ok\"}");
    is_int(rig_status(&r), 200, "and answers there");
    is_int(front_connections(r.front), 1, "one connection");
    for (unsigned i = 1; i < FRONT_MAX_LISTENERS; i++) {
        struct addr more;
        if (addr_parse(&more, S("127.0.0.1"), 0) || front_listen(r.front, &more))
            ok(false, "more listeners");
    }
    is_int(front_listen(r.front, &at), ERR_TOO_MANY, "but not without end");
    front_close_listeners(r.front);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ok(connect(fd, &at.any, at.len) != 0, "nobody else is let in when it closes");
    close(fd);
    hear_all(&r, "");
    ok(r.is_end, "and who was idle is sent away");
    rig_fini(&r);
}

static void test_unix_socket(void)
{
    char dir[] = "/tmp/front_test.XXXXXX";
    char path[100];
    struct rig r;
    struct addr at;
    start(&r);
    if (!ok(mkdtemp(dir) != NULL, "a folder"))
        return;
    snprintf(path, sizeof path, "%s/socket", dir);
    is_int(addr_local(&at, slice_str(path)), 0, "a path is an address");
    is_int(front_listen(r.front, &at), 0, "it listens there");
    connect_to(&r, &at);
    rig_say(&r, GET("/metrics"));
    hear_all(&r, "stoa_resident_bytes ");
    is_int(rig_status(&r), 200, "who comes by it is near");
    rig_fini(&r);
    ok(access(path, F_OK) != 0, "the file goes with it");
    rmdir(dir);
}

/* At most four from one address, ten in all. */
static void test_limits(void)
{
    int held[10];
    struct rig r;
    start(&r);
    for (unsigned i = 0; i < 10; i++) {
        char from[] = "192.0.2.0";
        from[8] = (char)('0' + i / 4);
        ok(rig_connect_from(&r, from), "connection %u, from %s", i, from);
        held[i] = r.peer;
        r.peer = -1;
        if (i == 3)
            ok(!rig_connect_from(&r, from), "a fifth from one address is refused");
    }
    ok(!rig_connect_from(&r, "192.0.2.9"), "an eleventh is refused");
    is_int(r.fronts.admission.refused, 2, "both are counted");
    rig_hang_up(&r);
    close(held[0]);
    rig_turns(&r, 2);
    ok(rig_connect_from(&r, "192.0.2.0"), "who goes leaves a place, also at the address");
    is_int(front_connections(r.front), 10, "ten are there");
    rig_fini(&r);
    for (unsigned i = 1; i < 10; i++)
        close(held[i]);
}

/* The same limits where connections are really accepted. */
static void test_refused(void)
{
    int held[4];
    struct rig r;
    struct addr at;
    start(&r);
    if (addr_parse(&at, S("127.0.0.1"), 0) || front_listen(r.front, &at))
        abort();
    at = listener_addr(r.front->listeners[0]);
    for (unsigned i = 0; i < 4; i++) {
        connect_to(&r, &at);
        rig_say(&r, GET("/healthz"));
        hear_all(&r, "{\"status\":\"ok\"}");
        is_int(rig_status(&r), 200, "connection %u is served", i + 1);
        held[i] = r.peer;
        r.peer = -1;
    }
    connect_to(&r, &at);
    hear_all(&r, "");
    ok(r.is_end && r.len == 0, "the fifth is hung up on at once");
    is_int(r.front->stats.connections_opened, 4, "before it costs anything");
    rig_fini(&r);
    for (unsigned i = 0; i < 4; i++)
        close(held[i]);
}

static void test_ready(void)
{
    struct rig r;
    start(&r);
    rig_ask(&r, GET("/readyz"));
    ok(rig_status(&r) == 200 && rig_has(&r, "\"ready\""), "a server that wants clients says so");
    front_drain(r.front);
    rig_ask(&r, GET("/readyz"));
    ok(rig_status(&r) == 503 && rig_has(&r, "\"draining\""), "one that does not, too");
    ok(rig_has(&r, "Connection: close\r\n") && r.is_end, "and closes");
    rig_ask(&r, GET("/healthz"));
    is_int(rig_status(&r), 200, "but is alive");
    rig_fini(&r);
}

static void test_date(void)
{
    char first[HTTP1_DATE_BYTES];
    struct rig r;
    start(&r);
    struct slice date = front_date(r.front);
    is_int(date.len, HTTP1_DATE_BYTES, "a date");
    memcpy(first, date.p, sizeof first);
    test_clock_turn(&r.clock, SECOND_US - 1);
    rig_turns(&r, 1);
    is_mem(front_date(r.front).p, first, sizeof first, "is the same for a second");
    test_clock_turn(&r.clock, 1);
    rig_turns(&r, 1);
    ok(memcmp(front_date(r.front).p, first, sizeof first) != 0, "and then another");
    rig_fini(&r);
    front_free(NULL);
}

int main(void)
{
    rig_prepare();
    test_listen();
    test_unix_socket();
    test_limits();
    test_refused();
    test_ready();
    test_date();
    return done();
}
