/* Cookies: what a header holds, and when it counts. */
#include "web/cookie.h"

#include "tap.h"
#include "web/front.h"

#include <stdio.h>

static const struct {
    const char *header;
    const char *value; /* NULL: there is none */
} values[] = {
    { "a=1", "1" },
    { "a=", "" },
    { "b=2; a=1", "1" },
    { "b=2;a=1;c=3", "1" },
    { " a=1 ", "1" },
    { "a=1; a=2", "1" },
    { "a=x=y", "x=y" },
    { "aa=1", NULL },
    { "A=1", NULL },
    { "a", NULL },
    { "", NULL },
    { ";;=;", NULL },
    { "b=a=1", NULL },
    { "a =1", NULL },
};

static void test_values(void)
{
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct slice got = cookie_value(slice_str(values[i].header), S("a"));
        bool is_none = values[i].value == NULL;
        is_int(got.p == NULL, is_none, "'%s': %s", values[i].header, is_none ? "none" : "one");
        if (!is_none)
            is_int(slice_eq(got, slice_str(values[i].value)), true, "'%s': its value",
                values[i].header);
    }
}

static const struct {
    enum http1_method method;
    const char *origin;
    const char *site;
    bool counts;
} requests[] = {
    { HTTP1_GET, NULL, NULL, false },
    { HTTP1_GET, NULL, "same-origin", true },
    { HTTP1_HEAD, NULL, "same-origin", true },
    { HTTP1_GET, NULL, "none", true },
    { HTTP1_GET, NULL, "same-site", false },
    { HTTP1_GET, NULL, "cross-site", false },
    { HTTP1_POST, NULL, "same-origin", false },
    { HTTP1_DELETE, NULL, "none", false },
    { HTTP1_POST, "http://rooms.example", NULL, true },
    { HTTP1_DELETE, "http://rooms.example", "cross-site", true },
    { HTTP1_GET, "http://rooms.example", NULL, true },
    { HTTP1_POST, "http://evil.example", "same-origin", false },
    { HTTP1_GET, "http://evil.example", "same-origin", false },
    { HTTP1_POST, "null", NULL, false },
};

static void test_requests(void)
{
    static const struct web_settings settings;
    struct front front = { .settings = &settings };
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        struct http1_header headers[3] = { { .name = S("Cookie"), .value = S("k=v") } };
        struct request r = { .front = &front };
        unsigned n = 1;
        r.head.method = requests[i].method;
        r.head.host = S("rooms.example");
        if (requests[i].origin)
            headers[n++] = (struct http1_header){ .name = S("Origin"),
                .value = slice_str(requests[i].origin) };
        if (requests[i].site)
            headers[n++] = (struct http1_header){ .name = S("Sec-Fetch-Site"),
                .value = slice_str(requests[i].site) };
        memcpy(r.head.headers, headers, n * sizeof headers[0]);
        r.head.n_headers = n;
        struct slice got = cookie_find(&r, S("k"));
        is_int(got.p != NULL, requests[i].counts, "row %zu", i);
    }
}

/* ---- of a session ---- */

static struct request request_of(struct front *front, bool is_secure)
{
    struct request r = { .front = front, .is_secure = is_secure };
    arena_init(&r.arena, REQUEST_ARENA_BYTES);
    r.head.method = HTTP1_GET;
    r.head.headers[0] = (struct http1_header){ .name = S("Cookie"),
        .value = S("stoa_session=plain; __Host-stoa_session=safe") };
    r.head.headers[1] = (struct http1_header){ .name = S("Sec-Fetch-Site"),
        .value = S("same-origin") };
    r.head.n_headers = 2;
    return r;
}

static void test_session(void)
{
    static const struct web_settings settings;
    static const char *const found[] = { "plain", "safe" };
    static const char *const given[] = {
        "stoa_session=a.b.c; Max-Age=60; Path=/; HttpOnly; SameSite=Lax",
        "__Host-stoa_session=a.b.c; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure",
    };
    static const char *const taken[] = {
        "stoa_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax",
        "__Host-stoa_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure",
    };
    struct front front = { .settings = &settings };
    for (unsigned tls = 0; tls < 2; tls++) {
        struct request r = request_of(&front, tls);
        struct slice text;
        is_slice(cookie_session(&r), found[tls], "%s: its own", tls ? "TLS" : "plain");
        is_int(cookie_give_session(&text, &r, S("a.b.c"), 60), 0, "one is given");
        is_slice(text, given[tls], "so");
        is_int(cookie_give_session(&text, &r, S(""), 60), 0, "and taken away");
        is_slice(text, taken[tls], "so");
        r.head.headers[1].value = S("cross-site");
        ok(cookie_session(&r).p == NULL, "on another site's request it does not count");
        arena_fini(&r.arena);
    }
}

static void test_long_session(void)
{
    static const struct web_settings settings;
    static char token[8192];
    struct front front = { .settings = &settings };
    struct request r = request_of(&front, false);
    struct slice text;
    memset(token, 'x', sizeof token);
    is_int(cookie_give_session(&text, &r, slice_of(token, 4096), 60), 0, "the longest token");
    is_int(cookie_give_session(&text, &r, slice_of(token, 8192), 60), ERR_TOO_BIG, "no longer one");
    arena_fini(&r.arena);
}

int main(void)
{
    test_values();
    test_requests();
    test_session();
    test_long_session();
    return done();
}
