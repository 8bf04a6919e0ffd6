/* Which names and which pages are ours: tables, with the tricks that are played on such checks. */
#include "web/cors.h"

#include "tap.h"
#include "web/front.h"

#define NEAR "10.1.2.3"
#define FAR  "192.0.2.7"

/* A front without a loop: only its settings are looked at. */
struct stage {
    struct web_settings settings;
    struct front front;
    struct request request;
};

static void set(struct stage *s, const char *public_url)
{
    *s = (struct stage){ .front = { .settings = &s->settings } };
    s->request.front = &s->front;
    struct slice url = slice_str(public_url);
    struct slice scheme = slice_starts(url, S("https")) ? S("https://") : S("http://");
    s->settings.public_url = url;
    s->settings.public_host = slice_drop(url, scheme.len);
}

static void set_origin(struct stage *s, const char *origin)
{
    s->request.head.n_headers = origin ? 1 : 0;
    s->request.head.headers[0].name = S("origin");
    s->request.head.headers[0].value = slice_str(origin);
}

/* ---- names ---- */

static const struct {
    const char *public_url;
    const char *host;
    const char *peer;
    bool is_ours;
    bool is_safe;
} hosts[] = {
    { "", "anything", FAR, true, false },
    { "", "localhost:5050", FAR, true, true },
    { "", "127.0.0.1", FAR, true, true },
    { "", "", FAR, true, false },
    { "https://stoa.example", "stoa.example", FAR, true, true },
    { "https://stoa.example", "Stoa.EXAMPLE", FAR, true, true },
    { "https://stoa.example", "stoa.example:443", FAR, true, true },
    { "https://stoa.example", "stoa.example:80", FAR, false, false },
    { "https://stoa.example", "stoa.example:8443", FAR, false, false },
    { "https://stoa.example", "stoa.example:", FAR, false, false },
    { "https://stoa.example", "stoa.example.", FAR, false, false },
    { "https://stoa.example", "stoa.example:443:443", FAR, false, false },
    { "https://stoa.example", "evil.example", NEAR, false, false },
    { "https://stoa.example", "evil-stoa.example", FAR, false, false },
    { "https://stoa.example", "stoa.example.evil.example", FAR, false, false },
    { "https://stoa.example", "x@stoa.example", FAR, false, false },
    { "https://stoa.example", "stoa.example@evil.example", FAR, false, false },
    { "https://stoa.example", "stoa", FAR, false, false },
    { "https://stoa.example", "", FAR, false, false },
    { "https://stoa.example", ":443", FAR, false, false },
    { "https://stoa.example:8443", "stoa.example:8443", FAR, true, true },
    { "https://stoa.example:8443", "stoa.example", FAR, false, false },
    { "https://stoa.example:8443", "stoa.example:443", FAR, false, false },
    { "http://stoa.example", "stoa.example:80", FAR, true, true },
    { "http://stoa.example", "stoa.example:443", FAR, false, false },
    { "http://[::1]:5050", "[::1]:5050", FAR, true, true },
    { "https://stoa.example", "localhost", NEAR, true, true },
    { "https://stoa.example", "localhost", FAR, false, true },
    { "https://stoa.example", "LOCALHOST:1", NEAR, true, true },
    { "https://stoa.example", "127.0.0.1:5050", NEAR, true, true },
    { "https://stoa.example", "127.0.0.1:5050", FAR, false, true },
    { "https://stoa.example", "10.0.0.1", NEAR, true, true },
    { "https://stoa.example", "[::1]", NEAR, true, true },
    { "https://stoa.example", "[fe80::1]:80", NEAR, true, true },
    { "https://stoa.example", "localhost.evil.example", NEAR, false, false },
    { "https://stoa.example", "127.0.0.1.evil.example", NEAR, false, false },
    { "https://stoa.example", "127.0.0.1:80.evil.example", NEAR, false, false },
    { "https://stoa.example", "127.0.0.1@evil.example", NEAR, false, false },
    { "https://stoa.example", "[::1]evil", NEAR, false, false },
    { "https://stoa.example", "2130706433", NEAR, false, false },
    { "https://stoa.example", "0x7f.1", NEAR, false, false },
};

static void test_hosts(void)
{
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct stage s;
        set(&s, hosts[i].public_url);
        s.request.head.host = slice_str(hosts[i].host);
        if (ip_parse(&s.request.peer, slice_str(hosts[i].peer)))
            ok(false, "an address: %s", hosts[i].peer);
        is_int(cors_host_is_ours(&s.request), hosts[i].is_ours, "'%s' at '%s' from %s",
            hosts[i].host, hosts[i].public_url, hosts[i].peer);
        is_int(cors_host_is_safe(&s.request, s.request.head.host), hosts[i].is_safe,
            "a link to '%s'", hosts[i].host);
    }
}

/* ---- pages ---- */

static const struct slice listed[] = { SLICE("https://friend.example"),
    SLICE("https://friend.example:8443") };

static const struct {
    const char *public_url;
    const char *host;
    bool is_secure;
    const char *origin; /* NULL: not told */
    bool may_connect;
} origins[] = {
    { "", "a.example", false, NULL, true },
    { "", "a.example", false, "", false },
    { "", "a.example", false, "null", false },
    { "", "a.example", false, "http://a.example", true },
    { "", "a.example", false, "http://A.example", true },
    { "", "a.example", false, "https://a.example", false },
    { "", "a.example", true, "https://a.example", true },
    { "", "a.example", true, "http://a.example", false },
    { "", "a.example:81", false, "http://a.example:81", true },
    { "", "a.example:81", false, "http://a.example", false },
    { "", "a.example", false, "http://a.example:81", false },
    { "", "a.example", false, "http://a.example.evil.example", false },
    { "", "a.example", false, "http://evil-a.example", false },
    { "", "a.example", false, "http://x@a.example", false },
    { "", "a.example", false, "http://a.example@evil.example", false },
    { "", "a.example", false, "http://a.example/", false },
    { "", "a.example", false, "http://", false },
    { "", "", false, "null", false },
    { "", "null", false, "null", false },
    { "", "a.example", false, "a.example", false },
    { "", "a.example", false, "ws://a.example", false },
    { "", "a.example", false, "https://friend.example", true },
    { "", "a.example", false, "HTTPS://friend.example", true },
    { "", "a.example", false, "http://friend.example", false },
    { "", "a.example", false, "https://friend.example:8443", true },
    { "", "a.example", false, "https://friend.example:443", false },
    { "", "a.example", false, "https://friend.example.evil.example", false },
    { "", "a.example", false, "https://friend.example:8443@evil.example", false },
    { "", "a.example", false, "https://friend.example https://evil.example", false },
    { "https://a.example", "a.example", false, "https://a.example", true },
    { "https://a.example", "a.example", true, "http://a.example", false },
    { "https://a.example", "10.0.0.1", false, "http://10.0.0.1", false },
    { "https://a.example", "evil.example", true, "https://evil.example", false },
    { "https://a.example:8443", "a.example:8443", true, "https://a.example", false },
};

static void test_origins(void)
{
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        struct stage s;
        set(&s, origins[i].public_url);
        set_origin(&s, origins[i].origin);
        s.settings.origins = listed;
        s.settings.n_origins = 2;
        s.request.head.host = slice_str(origins[i].host);
        s.request.is_secure = origins[i].is_secure;
        is_int(cors_origin_may_connect(&s.request), origins[i].may_connect, "%s calls %s%s",
            origins[i].origin ? origins[i].origin : "(no page)", origins[i].host,
            origins[i].is_secure ? " by https" : "");
    }
}

/* ---- the headers ---- */

static const struct {
    unsigned n_origins;
    const char *origin;
    const char *headers;
} allows[] = {
    { 0, "https://friend.example", "" },
    { 2, NULL, "Vary: Origin\r\n" },
    { 2, "https://evil.example", "Vary: Origin\r\n" },
    { 2, "null", "Vary: Origin\r\n" },
    { 2, "*", "Vary: Origin\r\n" },
    { 1, "https://friend.example:8443", "Vary: Origin\r\n" },
    { 2, "https://friend.example:8443",
        "Vary: Origin\r\nAccess-Control-Allow-Origin: https://friend.example:8443\r\n"
        "Access-Control-Allow-Credentials: true\r\n" },
};

static void test_headers(void)
{
    for (size_t i = 0; i < sizeof allows / sizeof *allows; i++) {
        struct stage s;
        struct buf out;
        buf_init(&out, 400);
        set(&s, "");
        set_origin(&s, allows[i].origin);
        s.settings.origins = listed;
        s.settings.n_origins = allows[i].n_origins;
        cors_write(&out, &s.request);
        is_slice(out, allows[i].headers, "%u sites may, and %s asks", allows[i].n_origins,
            allows[i].origin ? allows[i].origin : "no page");
        buf_fini(&out);
    }
}

int main(void)
{
    test_hosts();
    test_origins();
    test_headers();
    return done();
}
