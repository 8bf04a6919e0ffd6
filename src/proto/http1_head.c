/* A request's head, in two steps.
 *
 * The scan goes over new bytes only. It finds the ends of lines, and whatever must not wait for the
 * end of the head: a control character, a CR or LF alone, a limit passed, a bad request line. Its
 * three numbers travel between calls in the caller's one, so that a head which comes byte by byte
 * costs linear time and every limit is noticed at the byte that passes it.
 *
 * Once the empty line is there, the header lines are cut and judged. Both steps go strictly from
 * left to right and the second waits for the first, so the verdict is the same however the bytes
 * were split.
 *
 * Where the RFCs leave a choice, the narrow one is taken. Equal Content-Length lines are refused
 * like different ones, and so are tabs around it or around Transfer-Encoding: not every parser cuts
 * them off. HTTP/1.2 to 1.9 are refused like 2.0, for the next hop may not take them for 1.1. The
 * host is a name, an IPv4 or a bracketed IPv6 address, never empty. Expect and Upgrade of an
 * HTTP/1.0 client are ignored (RFC 9110 10.1.1, 7.8). */
#include "base/panic.h"
#include "proto/http1.h"
#include "proto/http1_chars.h"

#define PLACE_BITS 28 /* of a place in the head, in the packed scan */
#define PLACE_MASK ((1u << PLACE_BITS) - 1)
#define LIMIT_MAX  (1u << (PLACE_BITS - 2)) /* so that a whole head's places fit */

_Static_assert(HTTP1_MAX_HEADERS < 256, "the number of lines has 8 bits in the packed scan");

struct scan {
    size_t at;        /* the bytes before were looked at and are good */
    size_t fields_at; /* where the header lines begin; 0 while in the request line */
    unsigned n;       /* header lines so far */
};

static struct scan scan_unpack(uint64_t packed)
{
    return (struct scan){
        .at = packed & PLACE_MASK,
        .fields_at = (packed >> PLACE_BITS) & PLACE_MASK,
        .n = (unsigned)(packed >> (2 * PLACE_BITS)),
    };
}

static uint64_t scan_pack(const struct scan *s)
{
    return s->at | (uint64_t)s->fields_at << PLACE_BITS | (uint64_t)s->n << (2 * PLACE_BITS);
}

/* What the header lines said, until it can be judged together. */
struct facts {
    struct slice line; /* the one being read */
    bool has_host;
    bool has_upgrade;
    bool says_close;
    bool says_keep_alive;
    bool says_upgrade;
    bool is_bad_expectation;
};

static const struct {
    struct slice name;
    enum http1_method method;
} methods[] = {
    { .name = SLICE("GET"), .method = HTTP1_GET },
    { .name = SLICE("POST"), .method = HTTP1_POST },
    { .name = SLICE("HEAD"), .method = HTTP1_HEAD },
    { .name = SLICE("PUT"), .method = HTTP1_PUT },
    { .name = SLICE("PATCH"), .method = HTTP1_PATCH },
    { .name = SLICE("DELETE"), .method = HTTP1_DELETE },
    { .name = SLICE("OPTIONS"), .method = HTTP1_OPTIONS },
};

static enum http1_method find_method(struct slice name)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (slice_eq(name, methods[i].name))
            return methods[i].method;
    }
    return HTTP1_OTHER;
}

/* ---- hosts and targets */

static bool is_port(struct slice s)
{
    uint64_t port;
    return s.p[0] == ':' && s.len <= 6 && slice_u64(&port, slice_drop(s, 1)) == 0 && port <= 65535;
}

/* Length of a bracketed address at the start; 0: there is none. */
static size_t ip6_len(struct slice s)
{
    size_t n = http1_span(s, 1, HTTP1_IP6);
    return n >= 2 && n + 1 < s.len && s.p[n + 1] == ']' ? n + 2 : 0;
}

static bool is_host(struct slice s)
{
    if (s.len == 0)
        return false;
    size_t n = s.p[0] == '[' ? ip6_len(s) : http1_span(s, 0, HTTP1_HOST);
    return n > 0 && (n == s.len || is_port(slice_drop(s, n)));
}

static void set_path(struct http1_head *h, struct slice s)
{
    ptrdiff_t at = slice_find(s, '?');
    h->path = at < 0 ? s : slice_take(s, (size_t)at);
    h->query = slice_drop(s, h->path.len + 1);
}

/* http://host/path. Its host outranks the Host header (RFC 9112 3.2.2). */
static int read_absolute(struct http1_head *h)
{
    static const struct slice schemes[] = { SLICE("http://"), SLICE("https://") };
    struct slice s = h->target;
    bool is_https = slice_eq_nocase(slice_take(s, schemes[1].len), schemes[1]);
    if (!is_https && !slice_eq_nocase(slice_take(s, schemes[0].len), schemes[0]))
        return ERR_BAD_REQUEST;
    s = slice_drop(s, schemes[is_https].len);
    size_t len = 0;
    while (len < s.len && s.p[len] != '/' && s.p[len] != '?')
        len++;
    h->host = slice_take(s, len);
    if (!is_host(h->host))
        return ERR_BAD_REQUEST;
    set_path(h, slice_drop(s, len));
    if (h->path.len == 0)
        h->path = slice_of(s.p - 1, 1); /* "/": the last byte of the scheme will do */
    return 0;
}

/* CONNECT takes authority form alone, and what follows it is no HTTP. */
static int read_target(struct http1_head *h)
{
    if (slice_eq(h->method_name, S("CONNECT")))
        return ERR_BAD_REQUEST;
    if (h->target.p[0] == '/') {
        set_path(h, h->target);
        return 0;
    }
    if (!slice_eq(h->target, S("*")))
        return read_absolute(h);
    h->path = h->target;
    return h->method == HTTP1_OPTIONS ? 0 : ERR_BAD_REQUEST;
}

static int read_version(struct http1_head *h, struct slice s)
{
    static const struct slice name = SLICE("HTTP/");
    if (s.len != name.len + 3 || !slice_starts(s, name) || s.p[6] != '.')
        return ERR_BAD_REQUEST;
    unsigned major = (unsigned char)s.p[5] - (unsigned)'0';
    unsigned minor = (unsigned char)s.p[7] - (unsigned)'0';
    if (major > 9 || minor > 9)
        return ERR_BAD_REQUEST;
    h->minor = (uint8_t)minor;
    return major == 1 && minor <= 1 ? 0 : ERR_BAD_VERSION;
}

/* The version is judged before the target: who speaks HTTP/2 is told about that. */
static int read_request_line(struct http1_head *h, struct slice line)
{
    size_t n = http1_span(line, 0, HTTP1_TOKEN);
    if (n == 0 || n == line.len || line.p[n] != ' ')
        return ERR_BAD_REQUEST;
    h->method_name = slice_take(line, n);
    h->method = find_method(h->method_name);
    line = slice_drop(line, n + 1);
    n = http1_span(line, 0, HTTP1_TARGET);
    if (n == 0 || n == line.len || line.p[n] != ' ')
        return ERR_BAD_REQUEST;
    h->target = slice_take(line, n);
    int err = read_version(h, slice_drop(line, n + 1));
    return err ? err : read_target(h);
}

/* ---- the scan */

/* One empty line is tolerated before the request line (RFC 9112 2.2). */
static size_t line_at(struct slice in)
{
    return in.len >= 2 && in.p[0] == '\r' ? 2 : 0;
}

static int check_limits(const struct scan *s, struct slice in, const struct http1_limits *limits)
{
    if (s->fields_at > 0)
        return s->at - s->fields_at > limits->header_bytes ? ERR_HEADERS_TOO_BIG : 0;
    size_t from = line_at(in);
    return s->at > from && s->at - from > limits->line_bytes ? ERR_URI_TOO_LONG : 0;
}

/* A line ended: `end` is its CR, the scan stands behind its LF. */
static int end_first_line(struct http1_head *h, struct scan *s, struct slice in, size_t end)
{
    size_t from = line_at(in);
    if (end == 0)
        return 0;
    int err = read_request_line(h, slice_of(in.p + from, end - from));
    if (!err)
        s->fields_at = s->at;
    return err;
}

/* Looks at the new bytes. 0: the head is whole. The lines of which it saw the beginning are kept as
 * values in `h`. */
static int scan_lines(
    struct http1_head *h, struct scan *s, struct slice in, const struct http1_limits *limits)
{
    for (size_t from = s->at;; from = s->at) {
        s->at = http1_find_control(in, s->at);
        int err = check_limits(s, in, limits);
        if (err)
            return err;
        size_t end = s->at;
        if (in.len - end < 2 && (end == in.len || in.p[end] == '\r'))
            return ERR_AGAIN;
        if (in.p[end] != '\r' || in.p[end + 1] != '\n')
            return ERR_BAD_REQUEST;
        s->at += 2;
        if (s->fields_at == 0)
            err = end_first_line(h, s, in, end);
        else if (in.p[end - 1] == '\n')
            return 0;
        else if (s->n == HTTP1_MAX_HEADERS || s->n >= limits->header_count)
            err = ERR_HEADERS_TOO_BIG;
        else
            h->headers[s->n++].value = slice_of(in.p + from, end - from);
        if (err)
            return err;
    }
}

/* ---- header lines that matter here */

static int take_host(struct http1_head *h, struct facts *f, struct slice value)
{
    if (f->has_host || !is_host(value))
        return ERR_BAD_REQUEST;
    f->has_host = true;
    if (h->host.p == NULL)
        h->host = value;
    return 0;
}

static bool has_tab(const struct facts *f)
{
    return slice_find(f->line, '\t') >= 0;
}

static int take_length(struct http1_head *h, struct facts *f, struct slice value)
{
    if (h->has_length || has_tab(f) || slice_u64(&h->length, value))
        return ERR_BAD_REQUEST;
    h->has_length = true;
    return 0;
}

static int take_coding(struct http1_head *h, struct facts *f, struct slice value)
{
    if (h->is_chunked || h->minor == 0 || has_tab(f) || !slice_eq_nocase(value, S("chunked")))
        return ERR_BAD_REQUEST;
    h->is_chunked = true;
    return 0;
}

static int take_connection(struct http1_head *h, struct facts *f, struct slice value)
{
    (void)h;
    struct slice token;
    while (slice_cut(&token, &value, ',')) {
        token = slice_trim(token);
        if (token.len == 0)
            continue;
        f->says_close |= slice_eq_nocase(token, S("close"));
        f->says_keep_alive |= slice_eq_nocase(token, S("keep-alive"));
        f->says_upgrade |= slice_eq_nocase(token, S("upgrade"));
    }
    return 0;
}

static int take_upgrade(struct http1_head *h, struct facts *f, struct slice value)
{
    (void)h;
    f->has_upgrade |= value.len > 0;
    return 0;
}

static int take_expect(struct http1_head *h, struct facts *f, struct slice value)
{
    if (!slice_eq_nocase(value, S("100-continue")))
        f->is_bad_expectation = true;
    h->expects_continue = h->minor > 0;
    return 0;
}

static const struct {
    struct slice name;
    int (*take)(struct http1_head *h, struct facts *f, struct slice value);
} known[] = {
    { .name = SLICE("Host"), .take = take_host },
    { .name = SLICE("Connection"), .take = take_connection },
    { .name = SLICE("Content-Length"), .take = take_length },
    { .name = SLICE("Transfer-Encoding"), .take = take_coding },
    { .name = SLICE("Upgrade"), .take = take_upgrade },
    { .name = SLICE("Expect"), .take = take_expect },
};

/* A folded line begins with a blank, and a blank is no token: both end here. */
static int read_field(struct http1_header *field, struct slice line)
{
    size_t n = http1_span(line, 0, HTTP1_TOKEN);
    if (n == 0 || n == line.len || line.p[n] != ':')
        return ERR_BAD_REQUEST;
    field->name = slice_take(line, n);
    field->value = slice_trim(slice_drop(line, n + 1));
    return 0;
}

static int take_field(struct http1_head *h, struct facts *f, const struct http1_header *field)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (field->name.len == known[i].name.len && slice_eq_nocase(field->name, known[i].name))
            return known[i].take(h, f, field->value);
    }
    return 0;
}

static int judge(struct http1_head *h, const struct facts *f)
{
    if (h->is_chunked && h->has_length)
        return ERR_BAD_REQUEST;
    if (h->minor > 0 && !f->has_host)
        return ERR_BAD_REQUEST;
    if (f->is_bad_expectation)
        return ERR_EXPECTATION;
    h->keep_alive = !f->says_close && (h->minor > 0 || f->says_keep_alive);
    h->wants_upgrade = h->minor > 0 && f->says_upgrade && f->has_upgrade;
    h->expects_continue = h->expects_continue && (h->is_chunked || h->length > 0);
    return 0;
}

static int read_fields(struct http1_head *h)
{
    struct facts f = { .has_host = false };
    for (unsigned i = 0; i < h->n_headers; i++) {
        f.line = h->headers[i].value;
        int err = read_field(&h->headers[i], f.line);
        if (!err)
            err = take_field(h, &f, &h->headers[i]);
        if (err)
            return err;
    }
    return judge(h, &f);
}

/* ---- the module's own */

int http1_read_head(struct http1_head *head, size_t *used, uint64_t *scanned, struct slice in,
    const struct http1_limits *limits)
{
    ASSERT(limits->line_bytes <= LIMIT_MAX && limits->header_bytes <= LIMIT_MAX);
    struct scan scan = scan_unpack(*scanned);
    memset(head, 0, offsetof(struct http1_head, headers));
    int err = scan_lines(head, &scan, in, limits);
    if (!err && *scanned > 0) { /* lines of earlier calls are not in `head` yet */
        scan = (struct scan){ .at = 0 };
        err = scan_lines(head, &scan, in, limits);
    }
    if (err) {
        *scanned = scan_pack(&scan);
        return err;
    }
    *scanned = 0;
    *used = scan.at;
    head->n_headers = scan.n;
    return read_fields(head);
}

struct slice http1_header(const struct http1_head *head, struct slice name)
{
    for (unsigned i = 0; i < head->n_headers; i++) {
        const struct http1_header *h = &head->headers[i];
        if (h->name.len == name.len && slice_eq_nocase(h->name, name))
            return h->value;
    }
    return (struct slice){ .p = NULL };
}

static bool list_has(struct slice list, struct slice token)
{
    struct slice part;
    while (slice_cut(&part, &list, ',')) {
        if (part.len >= token.len && slice_eq_nocase(slice_trim(part), token))
            return true;
    }
    return false;
}

bool http1_has_token(const struct http1_head *head, struct slice name, struct slice token)
{
    for (unsigned i = 0; i < head->n_headers; i++) {
        const struct http1_header *h = &head->headers[i];
        if (h->name.len == name.len && slice_eq_nocase(h->name, name) && list_has(h->value, token))
            return true;
    }
    return false;
}
