/* Who may call what, by the product's own table of addresses: who a peer is behind proxies, what is
 * only for operators, and which names lead here. */
#include "web/gate.h"

#include "rig.h"

#define TOKEN "Authorization: Bearer sesame\r\n"
#define BY(x) "X-Forwarded-For: " x "\r\n"

#define FAR   "192.0.2.7"
#define NEAR  "10.1.2.3"
#define PROXY "198.51.100.1" /* of 198.51.100.0/24, the proxies */

static void start(struct rig *r, struct ip_range *proxies)
{
    rig_init(r);
    if (ip_range_parse(proxies, S("198.51.100.0/24")))
        abort();
    r->settings.proxies = proxies;
    r->settings.n_proxies = 1;
    r->settings.metrics_token = S("sesame");
    rig_start(r);
}

static int ask(struct rig *r, const char *from, const char *line, const char *headers)
{
    char request[500];
    snprintf(request, sizeof request, "%s HTTP/1.1\r\n%s\r\n", line, headers);
    if (!rig_connect_from(r, from))
        return 0;
    rig_say(r, request);
    rig_hear(r);
    return rig_status(r);
}

static const struct {
    const char *from;
    const char *headers;
    int status;
} operators[] = {
    { NEAR, "", 200 },
    { "127.0.0.1", "", 200 },
    { "::1", "", 200 },
    { "fe80::1", "", 200 },
    { "", "", 200 },
    { FAR, "", 403 },
    { "2001:db8::1", "", 403 },
    { PROXY, "", 403 },
    { FAR, TOKEN, 200 },
    { FAR, "Authorization: bearer sesame\r\n", 200 },
    { FAR, "Authorization: Bearer Sesame\r\n", 403 },
    { FAR, "Authorization: Bearer sesam\r\n", 403 },
    { FAR, "Authorization: Bearer sesame2\r\n", 403 },
    { FAR, "Authorization: Bearer \r\n", 403 },
    { FAR, "Authorization: Basic sesame\r\n", 403 },
    { FAR, "Authorization: sesame\r\n", 403 },
    { FAR, BY(NEAR), 403 },
    { NEAR, BY(NEAR), 403 },
    { NEAR, BY(""), 403 },
    { NEAR, BY(NEAR) TOKEN, 200 },
    { PROXY, BY(NEAR), 200 },
    { PROXY, BY(FAR), 403 },
    { PROXY, BY(NEAR ", " FAR), 403 },
    { PROXY, BY(FAR ", " NEAR), 200 },
    { PROXY, BY(FAR "," NEAR ",198.51.100.9"), 200 },
    { PROXY, BY(NEAR ", " FAR ", 198.51.100.9"), 403 },
    { PROXY, BY(NEAR) BY(FAR), 403 },
    { PROXY, BY(FAR) BY(NEAR), 200 },
    { PROXY, BY("unknown"), 403 },
    { PROXY, BY(NEAR ", nonsense"), 403 },
    { PROXY, BY(NEAR ","), 403 },
    { PROXY, BY("198.51.100.9"), 403 },
    { "", BY(NEAR), 200 },
    { "", BY(FAR), 403 },
    { "", BY(NEAR ", " FAR), 403 },
};

static void test_operators(void)
{
    struct rig r;
    struct ip_range proxies;
    start(&r, &proxies);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        char headers[300];
        snprintf(headers, sizeof headers, "Host: a\r\n%s", operators[i].headers);
        int status = ask(&r, operators[i].from, "GET /metrics", headers);
        is_int(
            status, operators[i].status, "from '%s', %s", operators[i].from, operators[i].headers);
    }
    r.settings.metrics_token = S("");
    is_int(ask(&r, FAR, "GET /metrics", "Host: a\r\nAuthorization: Bearer \r\n"), 403,
        "where there is no token, none is right");
    is_int(ask(&r, FAR, "GET /healthz", "Host: a\r\n"), 200, "its health is anybody's business");
    rig_fini(&r);
}

static void test_names(void)
{
    struct rig r;
    struct ip_range proxies;
    start(&r, &proxies);
    r.settings.public_url = S("https://stoa.example");
    r.settings.public_host = S("stoa.example");
    is_int(ask(&r, FAR, "GET /healthz", "Host: stoa.example\r\n"), 200, "the public name");
    is_int(ask(&r, FAR, "GET /healthz", "Host: evil.example\r\n"), 421, "another");
    is_int(ask(&r, FAR, "OPTIONS *", "Host: evil.example\r\n"), 421, "whatever it asks");
    is_int(ask(&r, FAR, "GET http://evil.example/healthz", "Host: stoa.example\r\n"), 421,
        "the target's name counts");
    is_int(ask(&r, NEAR, "GET /healthz", "Host: 127.0.0.1\r\n"), 200, "an address, from nearby");
    is_int(ask(&r, FAR, "GET /healthz", "Host: 127.0.0.1\r\n"), 421, "but not from afar");
    is_int(
        ask(&r, PROXY, "GET /healthz", "Host: 127.0.0.1\r\n" BY(FAR)), 421, "nor through a proxy");
    rig_fini(&r);
}

/* Whose word that the client came by https is believed. */
static void test_scheme(void)
{
    struct rig r;
    struct ip_range proxies;
    start(&r, &proxies);
    ask(&r, PROXY, "GET /healthz", "Host: a\r\nX-Forwarded-Proto: https\r\n");
    ok(rig_has(&r, "Strict-Transport-Security: "), "a proxy's is");
    ask(&r, FAR, "GET /healthz", "Host: a\r\nX-Forwarded-Proto: https\r\n");
    ok(!rig_has(&r, "Strict-Transport-Security: "), "a stranger's is not");
    ask(&r, PROXY, "GET /healthz", "Host: a\r\nX-Forwarded-Proto: http\r\n");
    ok(!rig_has(&r, "Strict-Transport-Security: "), "nor any other word");
    rig_fini(&r);
}

static const struct {
    const char *line;
    int status;
} paths[] = {
    { "GET /healthz", 200 },
    { "GET /health%7a", 200 },
    { "GET /healthz/", 200 }, /* one slash at the end is none */
    { "GET /healthz//", 404 },
    { "GET /healthz/x", 404 },
    { "POST /healthz", 405 },
    { "GET /%", 404 },
    { "GET /%00", 404 },
    { "GET /%2e%2e/healthz", 404 },
    { "GET /%ff", 404 },
    { "BREW /healthz", 405 },
    { "GET /ws/echo", 426 },
};

static void test_paths(void)
{
    struct rig r;
    struct ip_range proxies;
    start(&r, &proxies);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        is_int(ask(&r, FAR, paths[i].line, "Host: a\r\n"), paths[i].status, "%s", paths[i].line);
    r.settings.ws_echo = false;
    is_int(ask(&r, FAR, "GET /ws/echo", "Host: a\r\n"), 404, "an echo that is off");
    rig_fini(&r);
}

/* ---- the admin socket ---- */

static int ask_admin(struct rig *r, const char *line)
{
    char request[200];
    int fds[2];
    const struct addr at = { .any.sa_family = AF_UNIX };
    rig_hang_up(r);
    rig_forget(r);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds))
        abort();
    r->peer = fds[1];
    conn_new_admin(r->front, fds[0], &at);
    snprintf(request, sizeof request, "%s HTTP/1.1\r\nHost: localhost\r\n\r\n", line);
    rig_say(r, request);
    rig_hear(r);
    return rig_status(r);
}

static const struct {
    const char *line;
    int admin;
    int others; /* as if there were no such thing */
} admins[] = {
    { "DELETE /admin/users", 405, 404 },
    { "DELETE /admin/copy", 405, 404 },
    { "DELETE /admin/nothing", 404, 404 },
    { "GET /admin/copy", 405, 404 },
    { "GET /healthz", 404, 200 },
    { "GET /metrics", 404, 200 },
    { "GET /", 404, 200 },
    { "OPTIONS *", 204, 204 },
};

static void test_admin(void)
{
    struct rig r;
    struct ip_range proxies;
    start(&r, &proxies);
    for (size_t i = 0; i < sizeof admins / sizeof *admins; i++) {
        is_int(ask_admin(&r, admins[i].line), admins[i].admin, "%s by the admin socket",
            admins[i].line);
        is_int(ask(&r, "127.0.0.1", admins[i].line, "Host: localhost\r\n"), admins[i].others,
            "and by TCP");
        is_int(ask(&r, "", admins[i].line, "Host: localhost\r\n"), admins[i].others,
            "and by another unix socket");
    }
    rig_fini(&r);
}

static int visit(const struct addr *at)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, &at->any, at->len))
        abort();
    return fd;
}

/* A server that is full of clients has place for its operator, and not for any number of those. */
static void test_admin_limit(void)
{
    struct rig r;
    struct ip_range proxies;
    struct addr at;
    char folder[] = "/tmp/stoa-admin-XXXXXX";
    char path[64], byte;
    int fds[FRONT_MAX_ADMIN + 1];
    start(&r, &proxies);
    r.fronts.admission.n = r.settings.connections;
    snprintf(path, sizeof path, "%s/socket", mkdtemp(folder));
    if (addr_local(&at, slice_str(path)))
        abort();
    is_int(front_listen_admin(r.front, &at), 0, "an admin socket");
    for (size_t i = 0; i <= FRONT_MAX_ADMIN; i++)
        fds[i] = visit(&at);
    rig_turns(&r, RIG_TURNS);
    is_int(r.front->n_admin, FRONT_MAX_ADMIN, "has a limit of its own");
    is_int(recv(fds[FRONT_MAX_ADMIN], &byte, 1, 0), 0, "and who comes after it is sent away");
    is_int(front_connections(r.front), r.settings.connections + FRONT_MAX_ADMIN, "all count");
    for (size_t i = 0; i <= FRONT_MAX_ADMIN; i++)
        close(fds[i]);
    rig_turns(&r, RIG_TURNS);
    is_int(r.front->n_admin, 0, "when they go, there is place again");
    r.fronts.admission.n = 0;
    front_close_listeners(r.front);
    ok(access(path, F_OK) != 0, "and the socket goes with its listener");
    rmdir(folder);
    rig_fini(&r);
}

int main(void)
{
    rig_prepare();
    test_admin();
    test_admin_limit();
    test_operators();
    test_names();
    test_scheme();
    test_paths();
    return done();
}
