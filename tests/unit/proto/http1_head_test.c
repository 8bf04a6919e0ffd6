/* Heads that are taken, heads that are refused (request smuggling above all), the limits, and that
 * the way in which the bytes arrive changes nothing. Every input is given to the parser in a block
 * of exactly its size, so that ASan sees a read behind it. */
#include "proto/http1.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define H            "Host: a\r\n"
#define GET          "GET / HTTP/1.1\r\n"
#define POST         "POST / HTTP/1.1\r\n" H

static const struct http1_limits limits = {
    .line_bytes = 65536,
    .header_bytes = 16384,
    .header_count = 100,
};

/* ---- what was read, as text */

static const char *const method_names[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE",
    "OPTIONS", "OTHER" };

static void add(char *out, size_t size, const char *what, struct slice s)
{
    size_t len = strlen(out);
    snprintf(out + len, size - len, " %s=%.*s", what, (int)s.len, s.len > 0 ? s.p : "");
}

/* "GET POST 1.1 target= path= query= host= keep chunked length=5 continue upgrade" */
static void describe(char *out, size_t size, const struct http1_head *h)
{
    snprintf(out, size, "%s 1.%u", method_names[h->method], h->minor);
    add(out, size, "path", h->path);
    add(out, size, "query", h->query);
    add(out, size, "host", h->host);
    size_t len = strlen(out);
    if (h->has_length)
        len += (size_t)snprintf(out + len, size - len, " length=%ju", (uintmax_t)h->length);
    snprintf(out + len, size - len, "%s%s%s%s", h->keep_alive ? " keep" : "",
        h->is_chunked ? " chunked" : "", h->expects_continue ? " continue" : "",
        h->wants_upgrade ? " upgrade" : "");
}

static char *copy(struct slice s)
{
    char *p = malloc(s.len > 0 ? s.len : 1);
    if (p == NULL)
        abort();
    if (s.len > 0)
        memcpy(p, s.p, s.len);
    return p;
}

/* A number that depends on every view in the head and where it lies. */
static uint64_t digest(const struct http1_head *h, const char *base)
{
    uint64_t sum = h->n_headers;
    for (unsigned i = 0; i < h->n_headers; i++) {
        const struct http1_header *f = &h->headers[i];
        sum = sum * 31 + (uint64_t)(f->name.p - base) + f->name.len;
        sum = sum * 31 + (uint64_t)(f->value.p - base) + f->value.len;
    }
    const struct slice views[] = { h->method_name, h->target, h->path, h->host };
    for (size_t i = 0; i < COUNT(views); i++)
        sum = sum * 31 + views[i].len + (views[i].p ? (uint64_t)(views[i].p - base) : 0);
    return sum;
}

struct verdict {
    int err;
    size_t used;
    size_t given; /* bytes that were there when the verdict fell */
    uint64_t digest;
    char text[512];
};

/* Feeds `step` bytes at a time, each time as a fresh copy. */
static struct verdict feed(struct slice in, size_t step, const struct http1_limits *l)
{
    struct verdict v = { .err = ERR_AGAIN };
    struct http1_head head;
    uint64_t scanned = 0;
    size_t n = 0;
    do {
        n = in.len - n > step ? n + step : in.len;
        char *p = copy(slice_take(in, n));
        v.given = n;
        v.err = http1_read_head(&head, &v.used, &scanned, slice_of(p, n), l);
        if (!v.err) {
            v.digest = digest(&head, p);
            describe(v.text, sizeof(v.text), &head);
        }
        free(p);
    } while (v.err == ERR_AGAIN && n < in.len);
    return v;
}

/* ---- taken */

static const struct {
    const char *name;
    const char *in;
    const char *text;
} taken[] = {
    { .name = "a plain GET", .in = GET H "\r\n", .text = "GET 1.1 path=/ query= host=a keep" },
    { .name = "path and query",
        .in = "GET /a/b?c=d?e HTTP/1.1\r\n" H "\r\n",
        .text = "GET 1.1 path=/a/b query=c=d?e host=a keep" },
    { .name = "an empty query",
        .in = "GET /a? HTTP/1.1\r\n" H "\r\n",
        .text = "GET 1.1 path=/a query= host=a keep" },
    { .name = "two slashes are a path",
        .in = "GET //b/c HTTP/1.1\r\n" H "\r\n",
        .text = "GET 1.1 path=//b/c query= host=a keep" },
    { .name = "one empty line before",
        .in = "\r\n" GET H "\r\n",
        .text = "GET 1.1 path=/ query= host=a keep" },
    { .name = "HTTP/1.0 without a host",
        .in = "GET / HTTP/1.0\r\n\r\n",
        .text = "GET 1.0 path=/ query= host=" },
    { .name = "HTTP/1.0 keep-alive",
        .in = "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
        .text = "GET 1.0 path=/ query= host= keep" },
    { .name = "HTTP/1.0 close and keep-alive",
        .in = "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
        .text = "GET 1.0 path=/ query= host=" },
    { .name = "connection: close",
        .in = GET H "connection:\tfoo , CLOSE \r\n\r\n",
        .text = "GET 1.1 path=/ query= host=a" },
    { .name = "close in a second line",
        .in = GET H "Connection: x\r\nConnection: close\r\n\r\n",
        .text = "GET 1.1 path=/ query= host=a" },
    { .name = "'closed' is not close",
        .in = GET H "Connection: closed\r\n\r\n",
        .text = "GET 1.1 path=/ query= host=a keep" },
    { .name = "a length",
        .in = POST "Content-Length: 5\r\n\r\n",
        .text = "POST 1.1 path=/ query= host=a length=5 keep" },
    { .name = "length 0",
        .in = POST "Content-Length:0\r\n\r\n",
        .text = "POST 1.1 path=/ query= host=a length=0 keep" },
    { .name = "leading zeros",
        .in = POST "content-length: 007\r\n\r\n",
        .text = "POST 1.1 path=/ query= host=a length=7 keep" },
    { .name = "the largest length",
        .in = POST "Content-Length: 18446744073709551615\r\n\r\n",
        .text = "POST 1.1 path=/ query= host=a length=18446744073709551615 keep" },
    { .name = "chunked, in any case",
        .in = POST "transfer-ENCODING:  Chunked  \r\n\r\n",
        .text = "POST 1.1 path=/ query= host=a keep chunked" },
    { .name = "an expectation",
        .in = POST "Content-Length: 5\r\nExpect: 100-Continue\r\n\r\n",
        .text = "POST 1.1 path=/ query= host=a length=5 keep continue" },
    { .name = "an expectation without a body",
        .in = POST "Expect: 100-continue\r\n\r\n",
        .text = "POST 1.1 path=/ query= host=a keep" },
    { .name = "an expectation of HTTP/1.0",
        .in = "POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
        .text = "POST 1.0 path=/ query= host= length=5" },
    { .name = "an upgrade",
        .in = GET H "Connection: keep-alive, Upgrade\r\nUpgrade: h\r\n\r\n",
        .text = "GET 1.1 path=/ query= host=a keep upgrade" },
    { .name = "an upgrade that Connection does not list",
        .in = GET H "Upgrade: h\r\n\r\n",
        .text = "GET 1.1 path=/ query= host=a keep" },
    { .name = "Connection: upgrade alone",
        .in = GET H "Connection: upgrade\r\n\r\n",
        .text = "GET 1.1 path=/ query= host=a keep" },
    { .name = "an upgrade of HTTP/1.0",
        .in = "GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: h\r\n\r\n",
        .text = "GET 1.0 path=/ query= host=" },
    { .name = "absolute form, its host wins",
        .in = "GET http://b:81/c?d HTTP/1.1\r\n" H "\r\n",
        .text = "GET 1.1 path=/c query=d host=b:81 keep" },
    { .name = "absolute form, https, no path",
        .in = "GET HTTPS://b HTTP/1.1\r\n" H "\r\n",
        .text = "GET 1.1 path=/ query= host=b keep" },
    { .name = "absolute form, only a query",
        .in = "GET http://b?c/d HTTP/1.1\r\n" H "\r\n",
        .text = "GET 1.1 path=/ query=c/d host=b keep" },
    { .name = "OPTIONS *",
        .in = "OPTIONS * HTTP/1.1\r\n" H "\r\n",
        .text = "OPTIONS 1.1 path=* query= host=a keep" },
    { .name = "a lower-case method is another",
        .in = "get / HTTP/1.1\r\n" H "\r\n",
        .text = "OTHER 1.1 path=/ query= host=a keep" },
    { .name = "a method of odd characters",
        .in = "M-~!#$ / HTTP/1.1\r\n" H "\r\n",
        .text = "OTHER 1.1 path=/ query= host=a keep" },
    { .name = "HEAD",
        .in = "HEAD / HTTP/1.1\r\n" H "\r\n",
        .text = "HEAD 1.1 path=/ query= host=a keep" },
    { .name = "PUT",
        .in = "PUT / HTTP/1.1\r\n" H "\r\n",
        .text = "PUT 1.1 path=/ query= host=a keep" },
    { .name = "PATCH",
        .in = "PATCH / HTTP/1.1\r\n" H "\r\n",
        .text = "PATCH 1.1 path=/ query= host=a keep" },
    { .name = "DELETE",
        .in = "DELETE / HTTP/1.1\r\n" H "\r\n",
        .text = "DELETE 1.1 path=/ query= host=a keep" },
    { .name = "TRACE is another",
        .in = "TRACE / HTTP/1.1\r\n" H "\r\n",
        .text = "OTHER 1.1 path=/ query= host=a keep" },
    { .name = "a host with port",
        .in = GET "Host: a-b_c.D:65535\r\n\r\n",
        .text = "GET 1.1 path=/ query= host=a-b_c.D:65535 keep" },
    { .name = "an IPv6 host",
        .in = GET "HOST:[fe80::1.2.3.4]:80\r\n\r\n",
        .text = "GET 1.1 path=/ query= host=[fe80::1.2.3.4]:80 keep" },
    { .name = "bytes above ASCII and a tab in a value",
        .in = GET H "X: \xff\t\xc3\xa9\r\n\r\n",
        .text = "GET 1.1 path=/ query= host=a keep" },
    { .name = "an empty value",
        .in = GET "Host: a\r\nX:\r\nY: \t \r\n\r\n",
        .text = "GET 1.1 path=/ query= host=a keep" },
    { .name = "Content_Length is some other name",
        .in = GET H "Content_Length: x\r\n\r\n",
        .text = "GET 1.1 path=/ query= host=a keep" },
};

static void test_taken(void)
{
    for (size_t i = 0; i < COUNT(taken); i++) {
        struct slice in = slice_str(taken[i].in);
        struct verdict whole = feed(in, in.len, &limits);
        ok(whole.err == 0 && whole.used == in.len, "%s: taken (%s)", taken[i].name,
            whole.err ? err_name(whole.err) : "all of it");
        is_str(whole.text, taken[i].text, "%s: read", taken[i].name);
    }
}

/* ---- refused */

struct refused {
    const char *name;
    int err;
    struct slice in;
};

#define BAD(what, text)                                         \
    {                                                           \
        .name = what, .err = ERR_BAD_REQUEST, .in = SLICE(text) \
    }
#define REFUSED(what, error, text)                    \
    {                                                 \
        .name = what, .err = error, .in = SLICE(text) \
    }

static const struct refused smuggling[] = {
    BAD("TE and CL", POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"),
    BAD("CL and TE", POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
    BAD("CL: 0 and TE", POST "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    BAD("two CL", POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"),
    BAD("two equal CL", POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n"),
    BAD("CL +5", POST "Content-Length: +5\r\n\r\n"),
    BAD("CL -5", POST "Content-Length: -5\r\n\r\n"),
    BAD("CL 5 6", POST "Content-Length: 5 6\r\n\r\n"),
    BAD("CL 5, 5", POST "Content-Length: 5, 5\r\n\r\n"),
    BAD("CL 5,", POST "Content-Length: 5,\r\n\r\n"),
    BAD("CL 0x5", POST "Content-Length: 0x5\r\n\r\n"),
    BAD("CL 5.0", POST "Content-Length: 5.0\r\n\r\n"),
    BAD("CL empty", POST "Content-Length:\r\n\r\n"),
    BAD("CL blank", POST "Content-Length:  \r\n\r\n"),
    BAD("CL 2^64", POST "Content-Length: 18446744073709551616\r\n\r\n"),
    BAD("CL with a NUL", POST "Content-Length: 5\0\r\n\r\n"),
    BAD("CL with a vertical tab", POST "Content-Length: 5\x0b\r\n\r\n"),
    BAD("CL with a no-break space", POST "Content-Length: 5\xa0\r\n\r\n"),
    BAD("CL behind a tab", POST "Content-Length:\t5\r\n\r\n"),
    BAD("CL before a tab", POST "Content-Length: 5\t\r\n\r\n"),
    BAD("TE behind a tab", POST "Transfer-Encoding:\tchunked\r\n\r\n"),
    BAD("TE before a tab", POST "Transfer-Encoding: chunked\t \r\n\r\n"),
    BAD("TE empty", POST "Transfer-Encoding:\r\n\r\n"),
    BAD("TE identity", POST "Transfer-Encoding: identity\r\n\r\n"),
    BAD("TE gzip, chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n"),
    BAD("TE chunked, identity", POST "Transfer-Encoding: chunked, identity\r\n\r\n"),
    BAD("TE chunked, chunked", POST "Transfer-Encoding: chunked, chunked\r\n\r\n"),
    BAD("TE chunked,", POST "Transfer-Encoding: chunked,\r\n\r\n"),
    BAD("TE xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n"),
    BAD("TE chunked;q=1", POST "Transfer-Encoding: chunked;q=1\r\n\r\n"),
    BAD("TE \"chunked\"", POST "Transfer-Encoding: \"chunked\"\r\n\r\n"),
    BAD("TE with a vertical tab",
        POST "Transfer-Encoding: \x0b"
             "chunked\r\n\r\n"),
    BAD("TE twice", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
    BAD("TE twice, one identity",
        POST "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n"),
    BAD("TE of HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    BAD("TE folded", POST "Transfer-Encoding:\r\n chunked\r\n\r\n"),
    BAD("TE with a space before the colon", POST "Transfer-Encoding : chunked\r\n\r\n"),
    BAD("TE with a tab before the colon", POST "Transfer-Encoding\t: chunked\r\n\r\n"),
    BAD("a folded line", GET H "X: a\r\n b\r\n\r\n"),
    BAD("a folded line, tab", GET H "X: a\r\n\tb\r\n\r\n"),
    BAD("a fold before any header", GET " " H "\r\n"),
    BAD("a line of blanks", GET H "  \r\n\r\n"),
    BAD("bare LF after the request line", "GET / HTTP/1.1\n" H "\r\n"),
    BAD("bare LF after a header", GET "Host: a\n\r\n"),
    BAD("bare LF at the end", GET H "\n"),
    BAD("bare LF in a value", GET H "X: a\nContent-Length: 5\r\n\r\n"),
    BAD("bare CR in a value", GET H "X: a\rContent-Length: 5\r\n\r\n"),
    BAD("bare CR in a name", GET H "X\rY: a\r\n\r\n"),
    BAD("bare CR in the request line", "GET /\r HTTP/1.1\r\n" H "\r\n"),
    BAD("LF LF for CR LF", "GET / HTTP/1.1\n\nHost: a\n\n\n\n"),
    BAD("NUL LF for CR LF", GET "Host: a\0\n\r\n"),
    BAD("CR CR LF", GET "Host: a\r\r\n\r\n"),
    BAD("CR at the end", GET H "\r\r\n"),
    BAD("NUL in a value", GET H "X: a\0b\r\n\r\n"),
    BAD("NUL in a name", GET H "X\0: a\r\n\r\n"),
    BAD("DEL in a value", GET H "X: a\x7f\r\n\r\n"),
    BAD("escape in a value", GET H "X: \x1b[0m\r\n\r\n"),
    BAD("no colon", GET H "X\r\n\r\n"),
    BAD("an empty name", GET H ": a\r\n\r\n"),
    BAD("a name in quotes", GET H "\"X\": a\r\n\r\n"),
    BAD("a name above ASCII", GET H "X\xe9: a\r\n\r\n"),
    BAD("a name with parentheses", GET H "X(): a\r\n\r\n"),
};

static const struct refused malformed[] = {
    BAD("HTTP/0.9", "GET /\r\n\r\n"),
    BAD("HTTP/0.9 with a space", "GET / \r\n\r\n"),
    BAD("no host", GET "\r\n"),
    BAD("no host beside an absolute target", "GET http://a/ HTTP/1.1\r\n\r\n"),
    BAD("two hosts", GET H H "\r\n"),
    BAD("two hosts in HTTP/1.0", "GET / HTTP/1.0\r\n" H H "\r\n"),
    BAD("an empty host", GET "Host:\r\n\r\n"),
    BAD("a host with a space", GET "Host: a b\r\n\r\n"),
    BAD("a host with a comma", GET "Host: a,b\r\n\r\n"),
    BAD("a host with a path", GET "Host: a/b\r\n\r\n"),
    BAD("a host with a user", GET "Host: u@a\r\n\r\n"),
    BAD("a host above ASCII", GET "Host: \xc3\xa4\r\n\r\n"),
    BAD("a bad host in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n"),
    BAD("an empty port", GET "Host: a:\r\n\r\n"),
    BAD("a port alone", GET "Host: :80\r\n\r\n"),
    BAD("a port of letters", GET "Host: a:b\r\n\r\n"),
    BAD("a port too large", GET "Host: a:65536\r\n\r\n"),
    BAD("a port of six digits", GET "Host: a:000080\r\n\r\n"),
    BAD("two ports", GET "Host: a:80:80\r\n\r\n"),
    BAD("an IPv6 host left open", GET "Host: [::1\r\n\r\n"),
    BAD("an IPv6 host with more behind", GET "Host: [::1]a\r\n\r\n"),
    BAD("an IPv6 host of one character", GET "Host: [:]\r\n\r\n"),
    BAD("an IPv6 host with a zone", GET "Host: [fe80::1%25eth0]\r\n\r\n"),
    BAD("authority form", "GET a:80 HTTP/1.1\r\n" H "\r\n"),
    BAD("CONNECT", "CONNECT a:80 HTTP/1.1\r\n" H "\r\n"),
    BAD("CONNECT with a path", "CONNECT / HTTP/1.1\r\n" H "\r\n"),
    BAD("CONNECT http://", "CONNECT http://a/ HTTP/1.1\r\n" H "\r\n"),
    BAD("GET *", "GET * HTTP/1.1\r\n" H "\r\n"),
    BAD("OPTIONS *?", "OPTIONS *? HTTP/1.1\r\n" H "\r\n"),
    BAD("a relative target", "GET a HTTP/1.1\r\n" H "\r\n"),
    BAD("a query alone", "GET ?a HTTP/1.1\r\n" H "\r\n"),
    BAD("another scheme", "GET ftp://a/ HTTP/1.1\r\n" H "\r\n"),
    BAD("http without slashes", "GET http:a HTTP/1.1\r\n" H "\r\n"),
    BAD("an absolute target without host", "GET http:///b HTTP/1.1\r\n" H "\r\n"),
    BAD("an absolute target with a user", "GET http://u@a/ HTTP/1.1\r\n" H "\r\n"),
    BAD("a fragment", "GET /a#b HTTP/1.1\r\n" H "\r\n"),
    BAD("a target above ASCII", "GET /\xc3\xa9 HTTP/1.1\r\n" H "\r\n"),
    BAD("a tab in the target", "GET /a\tb HTTP/1.1\r\n" H "\r\n"),
    BAD("NUL in the target", "GET /a\0 HTTP/1.1\r\n" H "\r\n"),
    BAD("a space in the target", "GET /a b HTTP/1.1\r\n" H "\r\n"),
    BAD("two spaces", "GET  / HTTP/1.1\r\n" H "\r\n"),
    BAD("two spaces before the version", "GET /  HTTP/1.1\r\n" H "\r\n"),
    BAD("a space at the end", "GET / HTTP/1.1 \r\n" H "\r\n"),
    BAD("a space at the start", " GET / HTTP/1.1\r\n" H "\r\n"),
    BAD("a tab for a space", "GET\t/ HTTP/1.1\r\n" H "\r\n"),
    BAD("a method in parentheses", "(GET) / HTTP/1.1\r\n" H "\r\n"),
    BAD("a method only", "GET\r\n\r\n"),
    BAD("a method and a space", "GET \r\n\r\n"),
    BAD("two empty lines before", "\r\n\r\n" GET H "\r\n"),
    BAD("LF before", "\n" GET H "\r\n"),
    BAD("http/1.1", "GET / http/1.1\r\n" H "\r\n"),
    BAD("HTTP/1", "GET / HTTP/1\r\n" H "\r\n"),
    BAD("HTTP/1.", "GET / HTTP/1.\r\n" H "\r\n"),
    BAD("HTTP/1.10", "GET / HTTP/1.10\r\n" H "\r\n"),
    BAD("HTTP/01.1", "GET / HTTP/01.1\r\n" H "\r\n"),
    BAD("HTTP/1,1", "GET / HTTP/1,1\r\n" H "\r\n"),
    BAD("HTTP/a.1", "GET / HTTP/a.1\r\n" H "\r\n"),
    BAD("HTTP/1.a", "GET / HTTP/1.a\r\n" H "\r\n"),
    BAD("HTTPS/1.1", "GET / HTTPS/1.1\r\n" H "\r\n"),
    BAD("TLS on a plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    REFUSED("HTTP/2.0", ERR_BAD_VERSION, "GET / HTTP/2.0\r\n" H "\r\n"),
    REFUSED("HTTP/1.2", ERR_BAD_VERSION, "GET / HTTP/1.2\r\n" H "\r\n"),
    REFUSED("HTTP/0.9 by name", ERR_BAD_VERSION, "GET / HTTP/0.9\r\n" H "\r\n"),
    REFUSED("HTTP/2 with prior knowledge", ERR_BAD_VERSION, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    REFUSED("another expectation", ERR_EXPECTATION, POST "Expect: 200-ok\r\n\r\n"),
    REFUSED("an empty expectation", ERR_EXPECTATION, POST "Expect:\r\n\r\n"),
    REFUSED("one expectation of two", ERR_EXPECTATION,
        POST "Expect: x\r\nExpect: 100-continue\r\n\r\n"),
    REFUSED("bad framing before a bad expectation", ERR_BAD_REQUEST,
        POST "Expect: x\r\nContent-Length: 5,\r\n\r\n"),
};

static void test_refused(const struct refused *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct verdict v = feed(rows[i].in, rows[i].in.len, &limits);
        is_int(v.err, rows[i].err, "refused: %s (%s)", rows[i].name, err_name(v.err));
    }
}

/* ---- early: no more bytes are waited for */

static const struct refused early[] = {
    BAD("bare LF", "GET / HTTP/1.1\n"),
    BAD("LF first", "\n"),
    BAD("bare CR", "GET / HTTP/1.1\r\nX: a\rb"),
    BAD("NUL", "GET /\0"),
    BAD("HTTP/0.9", "GET /\r\n"),
    BAD("two empty lines", "\r\n\r\n"),
    BAD("a bad target", "GET a HTTP/1.1\r\n"),
    REFUSED("a bad version", ERR_BAD_VERSION, "PRI * HTTP/2.0\r\n"),
};

static void test_early(void)
{
    for (size_t i = 0; i < COUNT(early); i++) {
        struct slice in = early[i].in;
        struct verdict v = feed(in, 1, &limits);
        is_int(v.err, early[i].err, "early: %s", early[i].name);
        is_int(v.given, in.len, "early: %s: at its last byte, not before", early[i].name);
    }
}

/* ---- split differently */

static bool same(struct slice in, size_t step)
{
    struct verdict a = feed(in, in.len, &limits), b = feed(in, step, &limits);
    if (a.err == b.err && a.used == b.used && a.digest == b.digest && strcmp(a.text, b.text) == 0)
        return true;
    note("%s as a whole, %s by %zu: %.*s", err_name(a.err), err_name(b.err), step, (int)in.len,
        in.p);
    return false;
}

static void test_splits(void)
{
    unsigned different = 0;
    for (size_t step = 1; step < 20; step++) {
        for (size_t i = 0; i < COUNT(taken); i++)
            different += !same(slice_str(taken[i].in), step);
        for (size_t i = 0; i < COUNT(smuggling); i++)
            different += !same(smuggling[i].in, step);
        for (size_t i = 0; i < COUNT(malformed); i++)
            different += !same(malformed[i].in, step);
    }
    is_int(different, 0, "every input gives the same verdict in pieces of 1 to 19 bytes");
    unsigned early_enough = 0, prefixes = 0;
    for (size_t i = 0; i < COUNT(taken); i++) {
        struct slice in = slice_str(taken[i].in);
        for (size_t n = 0; n < in.len; n++, prefixes++)
            early_enough += feed(slice_take(in, n), in.len, &limits).err == ERR_AGAIN;
    }
    is_int(early_enough, prefixes, "every proper prefix of a good head waits for more");
}

/* ---- limits */

/* A request line of `line` bytes, `n` headers that make `bytes` in all; complete or not. */
static struct slice make(char *out, size_t line, size_t n, size_t bytes)
{
    size_t at = 0;
    memcpy(out, "GET /", 5);
    memset(out + 5, 'x', line - 5);
    memcpy(out + line - 9, " HTTP/1.1\r\n", 11);
    at = line + 2;
    for (size_t i = 0; i < n; i++) {
        size_t len = i + 1 < n ? 9 : bytes - 9 * (n - 1);
        memset(out + at, 'v', len);
        memcpy(out + at, i == 0 ? "Host:" : "head:", 5);
        memcpy(out + at + len - 2, "\r\n", 2);
        at += len;
    }
    memcpy(out + at, "\r\n", 2);
    return slice_of(out, at + 2);
}

static const struct {
    const char *name;
    size_t line, n, bytes;
    int err;
} limit_rows[] = {
    { .name = "line, limit - 1", .line = 99, .n = 1, .bytes = 20, .err = 0 },
    { .name = "line, limit", .line = 100, .n = 1, .bytes = 20, .err = 0 },
    { .name = "line, limit + 1", .line = 101, .n = 1, .bytes = 20, .err = ERR_URI_TOO_LONG },
    { .name = "line, far over", .line = 5000, .n = 1, .bytes = 20, .err = ERR_URI_TOO_LONG },
    { .name = "headers, limit - 1", .line = 20, .n = 3, .bytes = 199, .err = 0 },
    { .name = "headers, limit", .line = 20, .n = 3, .bytes = 200, .err = 0 },
    { .name = "headers, limit + 1", .line = 20, .n = 3, .bytes = 201, .err = ERR_HEADERS_TOO_BIG },
    { .name = "one header, limit", .line = 20, .n = 1, .bytes = 200, .err = 0 },
    { .name = "one header, limit + 1",
        .line = 20,
        .n = 1,
        .bytes = 201,
        .err = ERR_HEADERS_TOO_BIG },
    { .name = "headers, far over", .line = 20, .n = 3, .bytes = 5000, .err = ERR_HEADERS_TOO_BIG },
    { .name = "count, limit - 1", .line = 20, .n = 9, .bytes = 90, .err = 0 },
    { .name = "count, limit", .line = 20, .n = 10, .bytes = 99, .err = 0 },
    { .name = "count, limit + 1", .line = 20, .n = 11, .bytes = 108, .err = ERR_HEADERS_TOO_BIG },
    { .name = "all three at their limits", .line = 100, .n = 10, .bytes = 200, .err = 0 },
};

static void test_limits(void)
{
    static const struct http1_limits small = {
        .line_bytes = 100,
        .header_bytes = 200,
        .header_count = 10,
    };
    char text[8192];
    for (size_t i = 0; i < COUNT(limit_rows); i++) {
        struct slice in = make(text, limit_rows[i].line, limit_rows[i].n, limit_rows[i].bytes);
        struct verdict whole = feed(in, in.len, &small);
        is_int(whole.err, limit_rows[i].err, "%s: %s", limit_rows[i].name, err_name(whole.err));
        struct verdict bytes = feed(in, 1, &small);
        is_int(bytes.err, whole.err, "%s: byte by byte", limit_rows[i].name);
        size_t most = 2 + 100 + 2 + 200 + 2;
        ok(bytes.given <= most, "%s: known after %zu bytes", limit_rows[i].name, bytes.given);
    }
}

/* The head never ends; the byte that breaks the limit is the last that is taken. */
static void test_limits_incomplete(void)
{
    static const struct http1_limits small = {
        .line_bytes = 100,
        .header_bytes = 200,
        .header_count = 10,
    };
    char text[4096];
    memset(text, 'x', sizeof(text));
    struct slice endless = slice_of(text, sizeof(text));
    struct verdict v = feed(endless, 1, &small);
    is_int(v.err, ERR_URI_TOO_LONG, "an endless request line");
    is_int(v.given, 101, "... ends at its 101st byte");
    memcpy(text, "\r\n", 2);
    is_int(feed(endless, 1, &small).given, 103, "... behind an empty line at the 103rd");
    memcpy(text, GET, 16);
    v = feed(endless, 1, &small);
    is_int(v.err, ERR_HEADERS_TOO_BIG, "an endless header");
    is_int(v.given, 16 + 201, "... ends at its 201st byte");
    for (size_t i = 16; i + 4 < sizeof(text); i += 4)
        memcpy(text + i, "a:\r\n", 4);
    v = feed(endless, 1, &small);
    is_int(v.err, ERR_HEADERS_TOO_BIG, "endless headers");
    is_int(v.given, 16 + 11 * 4, "... end with the 11th line");
    struct http1_limits wide = { .line_bytes = 100, .header_bytes = 4000, .header_count = 1000 };
    v = feed(endless, 1, &wide);
    is_int(v.err, ERR_HEADERS_TOO_BIG, "a limit above HTTP1_MAX_HEADERS");
    is_int(v.given, 16 + (HTTP1_MAX_HEADERS + 1) * 4, "... has no effect");
}

/* ---- the rest */

static void test_pipeline(void)
{
    static const struct slice in = SLICE(GET H "\r\n"
                                               "POST /b HTTP/1.1\r\n" H "\r\n"
                                               "GET");
    struct http1_head head;
    uint64_t scanned = 0;
    size_t used = 0;
    is_int(http1_read_head(&head, &used, &scanned, slice_take(in, 9), &limits), ERR_AGAIN,
        "the first of two requests, not whole");
    is_int(http1_read_head(&head, &used, &scanned, in, &limits), 0, "the first, whole");
    struct slice rest = slice_drop(in, used);
    is_int(scanned, 0, "ready for the next");
    is_int(http1_read_head(&head, &used, &scanned, rest, &limits), 0, "the second");
    is_slice(head.path, "/b", "its path");
    rest = slice_drop(rest, used);
    is_slice(rest, "GET", "what is left");
    is_int(http1_read_head(&head, &used, &scanned, rest, &limits), ERR_AGAIN, "half of a third");
}

static void test_lookup(void)
{
    static const struct slice in = SLICE(GET H "Accept: b\r\nX-List: a, , b;q=1,C\r\n"
                                               "x-list:\r\nX-LIST:  dd \r\naccept: c\r\n\r\n");
    struct http1_head head;
    uint64_t scanned = 0;
    size_t used = 0;
    is_int(http1_read_head(&head, &used, &scanned, in, &limits), 0, "six headers");
    is_int(head.n_headers, 6, "counted");
    is_slice(http1_header(&head, S("ACCEPT")), "b", "the first of a name, without case");
    ok(http1_header(&head, S("Accep")).p == NULL, "a part of a name is none");
    ok(http1_header(&head, S("Absent")).p == NULL, "no such header");
    static const struct {
        const char *token;
        bool is_there;
    } tokens[] = {
        { .token = "a", .is_there = true },
        { .token = "c", .is_there = true },
        { .token = "DD", .is_there = true },
        { .token = "b;q=1", .is_there = true },
        { .token = "b", .is_there = false },
        { .token = "d", .is_there = false },
    };
    for (size_t i = 0; i < COUNT(tokens); i++)
        is_int(http1_has_token(&head, S("x-list"), slice_str(tokens[i].token)), tokens[i].is_there,
            "token %s", tokens[i].token);
    ok(!http1_has_token(&head, S("accept"), S("a")), "another header's token");
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Linear takes milliseconds here and quadratic many seconds, under sanitizers too. */
static void test_time(void)
{
    static const struct http1_limits wide = {
        .line_bytes = 65536,
        .header_bytes = 65536,
        .header_count = 100,
    };
    size_t size = 131072;
    char *text = malloc(size);
    if (text == NULL)
        abort();
    memset(text, 'x', size);
    memcpy(text, "GET /", 5);
    memcpy(text + 65000, " HTTP/1.1\r\nHost: a\r\nConnection: ", 32);
    for (size_t i = 65032; i < size; i++)
        text[i] = "a, , , "[i % 7];
    memcpy(text + 130000, "\r\n\r\n", 4);
    struct http1_head head;
    uint64_t scanned = 0;
    size_t used = 0, n = 0;
    int err = ERR_AGAIN;
    double start = seconds();
    while (err == ERR_AGAIN && n < size)
        err = http1_read_head(&head, &used, &scanned, slice_of(text, ++n), &wide);
    is_int(err, 0, "a head of 130,004 bytes, byte by byte");
    is_int(used, 130004, "... all of it");
    ok(seconds() - start < 2, "... in linear time: %.3f s", seconds() - start);
    free(text);
}

int main(void)
{
    test_taken();
    test_refused(smuggling, COUNT(smuggling));
    test_refused(malformed, COUNT(malformed));
    test_early();
    test_splits();
    test_limits();
    test_limits_incomplete();
    test_pipeline();
    test_lookup();
    test_time();
    return done();
}
