/* Files as HTTP serves them, from a table of files of the test's own: which form of a file a client
 * gets, which part of it, and when none at all. */
#include "web/static.h"

#include "rig.h"
#include "web/assets.h"

#define TEN "0123456789"

const struct asset assets[] = {
    { .path = SLICE("/app-1234.js"),
        .type = SLICE("text/javascript"),
        .etag = SLICE("\"js\""),
        .raw = SLICE("plain script"),
        .gzip = SLICE("gzip script"),
        .br = SLICE("br script"),
        .immutable = true },
    { .path = SLICE("/empty.txt"), .type = SLICE("text/plain"), .etag = SLICE("\"empty\"") },
    { .path = SLICE("/gzip.css"),
        .type = SLICE("text/css"),
        .etag = SLICE("\"css\""),
        .raw = SLICE("plain sheet"),
        .gzip = SLICE("gzip sheet") },
    { .path = SLICE("/index.html"),
        .type = SLICE("text/html; charset=utf-8"),
        .etag = SLICE("\"page\""),
        .raw = SLICE("plain page"),
        .br = SLICE("br page") },
    { .path = SLICE("/ten.bin"),
        .type = SLICE("application/octet-stream"),
        .etag = SLICE("\"ten\""),
        .raw = SLICE(TEN) },
};
const size_t assets_n = sizeof assets / sizeof *assets;

/* Asks for a path with these header lines. */
static void ask(struct rig *r, const char *method, const char *path, const char *headers)
{
    char request[500];
    snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: a\r\n%s\r\n", method, path, headers);
    rig_ask(r, request);
}

static void start(struct rig *r)
{
    rig_init(r);
    rig_start(r);
}

static bool ends_with(const struct rig *r, const char *body)
{
    char tail[100];
    snprintf(tail, sizeof tail, "\r\n\r\n%s", body);
    return slice_ends(slice_of(r->heard, r->len), slice_str(tail));
}

/* ---- which file ---- */

static const struct {
    const char *method;
    const char *path;
    int status;
    const char *body; /* NULL: an error's */
} files[] = {
    { "GET", "/", 200, "plain page" },
    { "GET", "/index.html", 200, "plain page" },
    { "GET", "/index%2ehtml", 200, "plain page" },
    { "GET", "/?a=b", 200, "plain page" },
    { "GET", "/ten.bin", 200, TEN },
    { "GET", "/empty.txt", 200, "" },
    { "HEAD", "/", 200, "" },
    { "HEAD", "/ten.bin", 200, "" },
    { "POST", "/", 405, NULL },
    { "DELETE", "/ten.bin", 405, NULL },
    { "OPTIONS", "/ten.bin", 204, "" },
    { "GET", "/a", 404, NULL },
    { "GET", "/zz", 404, NULL },
    { "GET", "/ten.bin/", 404, NULL },
    { "GET", "/ten.bi", 404, NULL },
    { "GET", "/TEN.bin", 404, NULL },
    { "GET", "//ten.bin", 404, NULL },
    { "OPTIONS", "/a", 404, NULL },
};

static void test_files(void)
{
    struct rig r;
    start(&r);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        ask(&r, files[i].method, files[i].path, "");
        is_int(rig_status(&r), files[i].status, "%s %s", files[i].method, files[i].path);
        ok(files[i].body ? ends_with(&r, files[i].body) : rig_has(&r, "{\"error\":{\"code\":"),
            "and its body");
        is_int(rig_has(&r, "Allow: GET, HEAD, OPTIONS\r\n"),
            files[i].status == 405 || files[i].status == 204, "and what it takes");
    }
    ask(&r, "GET", "/", "");
    ok(rig_has(&r, "Content-Security-Policy: default-src 'self';"), "a page may not do everything");
    ask(&r, "GET", "/ten.bin", "");
    ok(!rig_has(&r, "Content-Security-Policy"), "a file cannot do anything");
    for (size_t i = 0; i < assets_n; i++)
        ok(static_has(assets[i].path), "%s is there", assets[i].path.p);
    ok(static_has(S("/")), "the start page is at the root, too");
    ok(!static_has(S("")) && !static_has(S("/zz")), "nothing else is");
    rig_fini(&r);
}

/* ---- pages ---- */

static const struct {
    const char *method;
    const char *path;
    int status;
} pages[] = {
    { "GET", "/room/A7x9K2", 200 },
    { "HEAD", "/room/A7x9K2", 200 },
    { "GET", "/room/A7x9K2?token=x", 200 },
    { "GET", "/room.html?room=A7x9K2", 200 },
    { "GET", "/r/A7x9K2", 200 },
    { "GET", "/login", 200 },
    { "GET", "/signup", 200 },
    { "GET", "/account", 200 },
    { "GET", "/dashboard", 200 },
    { "GET", "/sessions", 200 },
    { "GET", "/sessions/s1", 200 },
    { "GET", "/new", 200 },
    { "POST", "/login", 405 },
    { "OPTIONS", "/login", 204 },
    { "GET", "/room", 404 },
    { "GET", "/room/", 404 },
    { "GET", "/room/a/b", 404 },
    { "GET", "/r/", 404 },
    { "GET", "/login/", 404 },
    { "GET", "/Login", 404 },
    { "GET", "/rooms/a/b", 404 },
    { "GET", "/new.html", 404 },
};

static void test_pages(void)
{
    struct rig r;
    start(&r);
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        ask(&r, pages[i].method, pages[i].path, "");
        is_int(rig_status(&r), pages[i].status, "%s %s", pages[i].method, pages[i].path);
        is_int(rig_has(&r, "ETag: \"page\"\r\n"), pages[i].status == 200, "is the start page");
        is_int(rig_has(&r, "Content-Security-Policy: default-src 'self'; script-src 'self'; "),
            pages[i].status == 200, "with what it may do");
    }
    ask(&r, "GET", "/dashboard", "If-None-Match: \"page\"\r\n");
    is_int(rig_status(&r), 304, "who has it has it under every address");
    ask(&r, "GET", "/login", "Accept-Encoding: br\r\n");
    ok(ends_with(&r, "br page"), "it comes in the form one likes");
    rig_fini(&r);
}

/* ---- what is not there ---- */

#define BROWSER "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"

static const struct {
    const char *method;
    const char *path;
    const char *headers;
    const char *body; /* NULL: an error's */
} missing[] = {
    { "GET", "/zz", BROWSER, "plain page" },
    { "HEAD", "/zz", BROWSER, "" },
    { "GET", "/room/a/b", BROWSER, "plain page" },
    { "GET", "/zz", "Accept: a/b , Text/HTML\r\n", "plain page" },
    { "GET", "/zz", BROWSER "Accept-Encoding: br\r\n", "br page" },
    { "GET", "/zz", BROWSER "If-None-Match: \"page\", *\r\nRange: bytes=0-1\r\n", "plain page" },
    { "GET", "/roomy", BROWSER, "plain page" },
    { "GET", "/zz", "Accept: */*\r\n", NULL },
    { "GET", "/zz", "Accept: application/json, text/htmlx\r\n", NULL },
    { "POST", "/zz", BROWSER, NULL },
    { "GET", "/api", BROWSER, NULL },
    { "GET", "/api/zz", BROWSER, NULL },
    { "GET", "/rooms/a/b", BROWSER, NULL },
    { "GET", "/sfu/", BROWSER, NULL },
    { "GET", "/files/", BROWSER, NULL },
    { "GET", "/admin/users", BROWSER, NULL },
    { "GET", "/ws/a/b", BROWSER, NULL },
};

static void test_missing(void)
{
    struct rig r;
    start(&r);
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        bool is_page = missing[i].body != NULL;
        ask(&r, missing[i].method, missing[i].path, missing[i].headers);
        is_int(rig_status(&r), 404, "%s %s", missing[i].method, missing[i].path);
        ok(is_page ? ends_with(&r, missing[i].body) : rig_has(&r, "{\"error\":{\"code\":"),
            "its body");
        is_int(rig_has(&r, "Content-Security-Policy: default-src 'self'"), is_page, "its policy");
        is_int(rig_has(&r, "Vary: Accept, Accept-Encoding\r\n"), is_page, "what it depends on");
        ok(!rig_has(&r, "ETag: "), "and no tag");
    }
    rig_fini(&r);
}

/* ---- in which form ---- */

static const struct {
    const char *path;
    const char *headers;
    const char *body;
    const char *etag;
} forms[] = {
    { "/app-1234.js", "", "plain script", "\"js\"" },
    { "/app-1234.js", "Accept-Encoding: gzip\r\n", "gzip script", "\"js-gzip\"" },
    { "/app-1234.js", "Accept-Encoding: gzip, br\r\n", "br script", "\"js-br\"" },
    { "/app-1234.js", "Accept-Encoding: br;q=0.1, gzip;q=0.2\r\n", "gzip script", "\"js-gzip\"" },
    { "/app-1234.js", "Accept-Encoding: br;q=0\r\n", "plain script", "\"js\"" },
    { "/app-1234.js", "Accept-Encoding: identity, br;q=0.5\r\n", "plain script", "\"js\"" },
    { "/app-1234.js", "Accept-Encoding: *;q=0\r\n", "plain script", "\"js\"" },
    { "/gzip.css", "Accept-Encoding: br, gzip;q=0.1\r\n", "gzip sheet", "\"css-gzip\"" },
    { "/gzip.css", "Accept-Encoding: br\r\n", "plain sheet", "\"css\"" },
    { "/index.html", "Accept-Encoding: gzip\r\n", "plain page", "\"page\"" },
    { "/ten.bin", "Accept-Encoding: gzip, br\r\n", TEN, "\"ten\"" },
    { "/empty.txt", "Accept-Encoding: gzip, br\r\n", "", "\"empty\"" },
};

static void test_forms(void)
{
    struct rig r;
    start(&r);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char etag[40];
        char known[300];
        bool is_encoded = strchr(forms[i].etag, '-');
        ask(&r, "GET", forms[i].path, forms[i].headers);
        ok(rig_status(&r) == 200 && ends_with(&r, forms[i].body), "%s, %s", forms[i].path,
            forms[i].body);
        snprintf(etag, sizeof etag, "ETag: %s\r\n", forms[i].etag);
        ok(rig_has(&r, etag), "with a tag of its own");
        is_int(rig_has(&r, "Content-Encoding: "), is_encoded, "an encoding is told");
        snprintf(known, sizeof known, "%sIf-None-Match: \"x\", W/%s\r\n", forms[i].headers,
            forms[i].etag);
        ask(&r, "GET", forms[i].path, known);
        ok(rig_status(&r) == 304 && ends_with(&r, "") && rig_has(&r, etag), "known already");
        ok(!rig_has(&r, "Content-Length"), "and nothing of its length");
        snprintf(known, sizeof known, "%sIf-None-Match: \"x\"\r\n", forms[i].headers);
        ask(&r, "GET", forms[i].path, known);
        is_int(rig_status(&r), 200, "another is not the same");
    }
    ask(&r, "GET", "/app-1234.js", "");
    ok(rig_has(&r, "Vary: Accept-Encoding\r\n") && rig_has(&r, "immutable\r\n"), "kept for ever");
    ask(&r, "GET", "/ten.bin", "");
    ok(!rig_has(&r, "Vary:") && rig_has(&r, "Cache-Control: no-cache\r\n"), "asked for again");
    rig_fini(&r);
}

/* ---- which part ---- */

static const struct {
    const char *method;
    const char *headers;
    int status;
    const char *range; /* Content-Range, or NULL */
    const char *body;  /* NULL: an error's */
} parts[] = {
    { "GET", "Range: bytes=0-0\r\n", 206, "bytes 0-0/10", "0" },
    { "GET", "Range: bytes=2-4\r\n", 206, "bytes 2-4/10", "234" },
    { "GET", "Range: bytes=8-\r\n", 206, "bytes 8-9/10", "89" },
    { "GET", "Range: bytes=-3\r\n", 206, "bytes 7-9/10", "789" },
    { "GET", "Range: bytes=-30\r\n", 206, "bytes 0-9/10", TEN },
    { "GET", "Range: bytes=9-99\r\n", 206, "bytes 9-9/10", "9" },
    { "GET", "Range: bytes=10-\r\n", 416, "bytes */10", NULL },
    { "GET", "Range: bytes=-0\r\n", 416, "bytes */10", NULL },
    { "GET", "Range: bytes=4-2\r\n", 200, NULL, TEN },
    { "GET", "Range: bytes=0-1,3-4\r\n", 200, NULL, TEN },
    { "GET", "Range: lines=0-1\r\n", 200, NULL, TEN },
    { "GET", "Range: \r\n", 200, NULL, TEN },
    { "HEAD", "Range: bytes=2-4\r\n", 200, NULL, "" },
    { "HEAD", "Range: bytes=10-\r\n", 200, NULL, "" },
    { "GET", "Range: bytes=2-4\r\nIf-Range: \"ten\"\r\n", 206, "bytes 2-4/10", "234" },
    { "GET", "Range: bytes=2-4\r\nIf-Range: W/\"ten\"\r\n", 200, NULL, TEN },
    { "GET", "Range: bytes=2-4\r\nIf-Range: \"old\"\r\n", 200, NULL, TEN },
    { "GET", "Range: bytes=10-\r\nIf-Range: \"old\"\r\n", 200, NULL, TEN },
    { "GET", "Range: bytes=2-4\r\nIf-None-Match: \"ten\"\r\n", 304, NULL, "" },
    { "GET", "Range: bytes=2-4\r\nIf-None-Match: \"old\"\r\n", 206, "bytes 2-4/10", "234" },
};

static void test_parts(void)
{
    struct rig r;
    start(&r);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char line[80];
        ask(&r, parts[i].method, "/ten.bin", parts[i].headers);
        is_int(rig_status(&r), parts[i].status, "%s, %.*s", parts[i].method,
            (int)strcspn(parts[i].headers, "\r"), parts[i].headers);
        snprintf(line, sizeof line, "Content-Range: %s\r\n", parts[i].range ? parts[i].range : "");
        is_int(rig_has(&r, parts[i].range ? line : "Content-Range"), parts[i].range != NULL,
            "which part it is");
        ok(parts[i].body ? ends_with(&r, parts[i].body) : rig_has(&r, "BAD_RANGE"), "that part");
    }
    ask(&r, "GET", "/app-1234.js", "Accept-Encoding: br\r\nRange: bytes=0-4\r\n");
    ok(ends_with(&r, "plain") && !rig_has(&r, "Content-Encoding"), "parts are of the plain form");
    ask(&r, "GET", "/app-1234.js",
        "Accept-Encoding: br\r\nRange: bytes=0-4\r\nIf-None-Match: \"js-br\"\r\n");
    is_int(rig_status(&r), 206, "who knows another form does not know them");
    ask(&r, "GET", "/app-1234.js",
        "Accept-Encoding: br\r\nRange: bytes=0-4\r\nIf-None-Match: \"js\"\r\n");
    is_int(rig_status(&r), 304, "who knows the plain one does");
    ask(&r, "GET", "/empty.txt", "Range: bytes=0-\r\n");
    is_int(rig_status(&r), 416, "nothing has no parts");
    rig_fini(&r);
}

static void fetch(void *arg)
{
    struct rig r;
    start(&r);
    ask(&r, "GET", "/app-1234.js", arg);
    int status = rig_status(&r);
    if (status != 200 && status != 206 && status != 304 && status != 416 && status != 503)
        ok(r.is_end, "a clean error, or the end, not %d", status);
    rig_fini(&r);
}

static void test_faults(void)
{
    static char headers[][60] = { "Accept-Encoding: br\r\n", "Range: bytes=0-4\r\n",
        "Range: bytes=40-\r\n", "If-None-Match: \"js\"\r\n" };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        fault_each(FAULT_ALLOC, fetch, headers[i]);
        fault_each(FAULT_WRITE, fetch, headers[i]);
    }
}

int main(void)
{
    rig_prepare();
    test_files();
    test_pages();
    test_missing();
    test_forms();
    test_parts();
    test_faults();
    return done();
}
