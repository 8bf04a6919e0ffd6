/* Bodies of known length and in chunks: content, what is left, refusals, limits, and that the way
 * in which the bytes arrive changes nothing. */
#include "proto/http1.h"
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_BODY     1000
#define EXT_32       ";bcdefghijklmnopqrstuvwxyz_BCDEF"
#define EXT_256      EXT_32 EXT_32 EXT_32 EXT_32 EXT_32 EXT_32 EXT_32 EXT_32

_Static_assert(sizeof(EXT_256) - 1 == HTTP1_MAX_CHUNK_EXT, "exactly at the limit");

static const struct http1_head chunked = { .is_chunked = true };

struct verdict {
    int err; /* ERR_AGAIN: not done */
    size_t left;
    size_t len;
    char content[2 * MAX_BODY];
};

static struct http1_body begin(const struct http1_head *head)
{
    struct http1_body b;
    int err = http1_body_init(&b, head, MAX_BODY);
    if (err)
        b.state = HTTP1_BODY_DONE;
    return b;
}

/* One piece, in a block of exactly its size. */
static int give(struct verdict *v, struct http1_body *b, struct slice piece, size_t *left)
{
    char *p = malloc(piece.len > 0 ? piece.len : 1);
    if (p == NULL)
        abort();
    memcpy(p, piece.p, piece.len);
    struct slice in = slice_of(p, piece.len), data;
    int err = 0;
    while (!err && in.len > 0 && !http1_body_is_done(b)) {
        err = http1_body_read(&data, b, &in);
        if (err || v->len + data.len > sizeof(v->content))
            break;
        memcpy(v->content + v->len, data.p, data.len);
        v->len += data.len;
    }
    *left = in.len;
    free(p);
    return err;
}

static struct verdict feed(const struct http1_head *head, struct slice in, size_t step)
{
    struct verdict v = { .err = ERR_AGAIN };
    struct http1_body b = begin(head);
    size_t at = 0, left = 0;
    int err = 0;
    while (!err && at < in.len && !http1_body_is_done(&b)) {
        struct slice piece = slice_take(slice_drop(in, at), step);
        err = give(&v, &b, piece, &left);
        at += piece.len - left;
    }
    v.left = in.len - at;
    if (err || http1_body_is_done(&b))
        v.err = err;
    if (!err && b.total != v.len)
        v.err = ERR_INTERNAL;
    return v;
}

struct row {
    const char *name;
    struct slice in;
    int err;
    const char *content;
    size_t left;
};

#define TAKEN(what, text, body, rest)                                  \
    {                                                                  \
        .name = what, .in = SLICE(text), .content = body, .left = rest \
    }
#define REFUSED(what, error, text)                    \
    {                                                 \
        .name = what, .in = SLICE(text), .err = error \
    }
#define BAD(what, text) REFUSED(what, ERR_BAD_REQUEST, text)

static const struct row rows[] = {
    TAKEN("one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello", 0),
    TAKEN("two chunks", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde", 0),
    TAKEN("none", "0\r\n\r\n", "", 0),
    TAKEN("a chunk that looks like the end", "5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n", 0),
    TAKEN("hex in both cases", "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n",
        "01234567890123456789a", 0),
    TAKEN("leading zeros", "0000000000000005\r\nhello\r\n0000000000000000\r\n\r\n", "hello", 0),
    TAKEN("an extension", "5;a=b;c=\"d;\"\r\nhello\r\n0;e\r\n\r\n", "hello", 0),
    TAKEN("a tab in an extension", "1;\ta\r\nx\r\n0\r\n\r\n", "x", 0),
    TAKEN("an extension of 16 bytes", "1;234567890abcdef\r\nx\r\n0\r\n\r\n", "x", 0),
    TAKEN("an extension of 256 bytes", "1" EXT_256 "\r\nx\r\n0\r\n\r\n", "x", 0),
    TAKEN("a trailer", "1\r\nx\r\n0\r\nA: b\r\nContent-Length: 7\r\n\r\nGET", "x", 3),
    TAKEN("a trailer without a value", "0\r\nA:\r\n\r\n", "", 0),
    TAKEN("the next request", "1\r\nx\r\n0\r\n\r\nGET / HTTP/1.1\r\n", "x", 16),
    TAKEN("an empty line belongs to the next", "0\r\n\r\n\r\n", "", 2),
    REFUSED("not over", ERR_AGAIN, "5\r\nhel"),
    REFUSED("size not over", ERR_AGAIN, "5"),
    REFUSED("trailer not over", ERR_AGAIN, "0\r\nA: b\r\n"),
    REFUSED("one LF short", ERR_AGAIN, "0\r\n\r"),
    BAD("no size", "\r\nhello\r\n0\r\n\r\n"),
    BAD("no size but an extension", ";a\r\nhello\r\n0\r\n\r\n"),
    BAD("nothing for the last size", "\r\n\r\n"),
    BAD("only an extension for the last size", ";a\r\n\r\n"),
    BAD("not hex", "g\r\nhello\r\n0\r\n\r\n"),
    BAD("the characters beside the digits: /", "/\r\nx"),
    BAD("the characters beside the digits: :", ":\r\nx"),
    BAD("the characters beside the letters: @", "@\r\nx"),
    BAD("the characters beside the letters: `", "`\r\nx"),
    BAD("a control character is no digit", "\x10\r\nx"),
    BAD("0x5", "0x5\r\nhello\r\n0\r\n\r\n"),
    BAD("-5", "-5\r\nhello\r\n0\r\n\r\n"),
    BAD("+5", "+5\r\nhello\r\n0\r\n\r\n"),
    BAD("a space before the size", " 5\r\nhello\r\n0\r\n\r\n"),
    BAD("a space behind the size", "5 \r\nhello\r\n0\r\n\r\n"),
    BAD("a space before the extension", "5 ;a\r\nhello\r\n0\r\n\r\n"),
    BAD("a tab behind the size", "5\t\r\nhello\r\n0\r\n\r\n"),
    BAD("17 digits", "00000000000000005\r\nhello\r\n0\r\n\r\n"),
    BAD("bare LF behind the size", "5\nhello\r\n0\r\n\r\n"),
    BAD("bare CR behind the size", "5\rhello\r\n0\r\n\r\n"),
    BAD("CR CR LF behind the size", "5\r\r\nhello\r\n0\r\n\r\n"),
    BAD("bare LF in an extension", "5;a\nhello\r\n0\r\n\r\n"),
    BAD("bare CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"),
    BAD("NUL in an extension", "5;\0\r\nhello\r\n0\r\n\r\n"),
    BAD("DEL in an extension", "5;\x7f\r\nhello\r\n0\r\n\r\n"),
    BAD("an extension of 257 bytes", "1" EXT_256 "x\r\nx\r\n0\r\n\r\n"),
    BAD("an extension without end", "1" EXT_256 "x"),
    BAD("a chunk longer than its size", "5\r\nhello!\r\n0\r\n\r\n"),
    BAD("a chunk shorter than its size", "6\r\nhello\r\n0\r\n\r\n"),
    BAD("bare LF behind a chunk", "5\r\nhello\n0\r\n\r\n"),
    BAD("bare CR behind a chunk", "5\r\nhello\r0\r\n\r\n"),
    BAD("no CRLF behind a chunk", "5\r\nhello0\r\n\r\n"),
    BAD("bare LF behind the last size", "0\n\r\n"),
    BAD("bare LF at the end", "0\r\n\n"),
    BAD("bare CR at the end", "0\r\n\rX"),
    BAD("a trailer that is no header", "0\r\nGET / HTTP/1.1\r\n\r\n"),
    BAD("a trailer without a name", "0\r\n: b\r\n\r\n"),
    BAD("a trailer without a colon", "0\r\nA\r\n\r\n"),
    BAD("a space before the colon of a trailer", "0\r\nA : b\r\n\r\n"),
    BAD("a folded trailer", "0\r\nA: b\r\n c\r\n\r\n"),
    BAD("bare LF in a trailer", "0\r\nA: b\n\r\n"),
    BAD("bare CR in a trailer", "0\r\nA: b\rc\r\n\r\n"),
    BAD("NUL in a trailer", "0\r\nA: \0\r\n\r\n"),
    REFUSED("a size over the maximum", ERR_TOO_BIG, "3e9\r\n"),
    REFUSED("the largest size", ERR_TOO_BIG, "ffffffffffffffff\r\n"),
    REFUSED("a sum over 64 bits", ERR_TOO_BIG, "1\r\nx\r\nffffffffffffffff\r\n"),
    REFUSED("over the maximum before the size ends", ERR_TOO_BIG, "fff"),
};

static void test_chunked(void)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct verdict v = feed(&chunked, rows[i].in, rows[i].in.len);
        if (!is_int(v.err, rows[i].err, "%s: %s", rows[i].name, v.err ? err_name(v.err) : "taken"))
            continue;
        if (rows[i].content == NULL)
            continue;
        is_slice(slice_of(v.content, v.len), rows[i].content, "%s: content", rows[i].name);
        is_int(v.left, rows[i].left, "%s: left", rows[i].name);
    }
}

static bool same(const struct http1_head *head, struct slice in, size_t step)
{
    struct verdict a = feed(head, in, in.len), b = feed(head, in, step);
    if (a.err == b.err && a.left == b.left && a.len == b.len &&
        memcmp(a.content, b.content, a.len) == 0)
        return true;
    note("%s as a whole, %s by %zu: %.*s", err_name(a.err), err_name(b.err), step, (int)in.len,
        in.p);
    return false;
}

static void test_splits(void)
{
    unsigned different = 0;
    for (size_t step = 1; step < 16; step++) {
        for (size_t i = 0; i < COUNT(rows); i++)
            different += !same(&chunked, rows[i].in, step);
    }
    is_int(different, 0, "every input gives the same verdict in pieces of 1 to 15 bytes");
}

static void test_sized(void)
{
    static const struct slice in = SLICE("hello world");
    struct http1_head head = { .has_length = true, .length = 5 };
    for (size_t step = 1; step <= in.len; step++) {
        struct verdict v = feed(&head, in, step);
        is_int(v.err, 0, "5 bytes in pieces of %zu", step);
        is_slice(slice_of(v.content, v.len), "hello", "... content");
        is_int(v.left, 6, "... left");
    }
    is_int(feed(&head, slice_take(in, 4), 9).err, ERR_AGAIN, "one byte is missing");
    struct http1_body b = begin(&(struct http1_head){ .has_length = true });
    ok(http1_body_is_done(&b), "length 0 is done at once");
    b = begin(&(struct http1_head){ .has_length = false });
    ok(http1_body_is_done(&b), "no length and no chunks: no body");
    struct slice rest = in, data;
    is_int(http1_body_read(&data, &b, &rest), 0, "a body that is done");
    ok(data.len == 0 && rest.len == in.len, "... takes nothing");
}

/* n bytes in chunks of 100, and the end. */
static struct slice chunks(char *out, size_t n)
{
    size_t at = 0;
    while (n > 0) {
        size_t len = n < 100 ? n : 100;
        at += (size_t)snprintf(out + at, 8, "%zx\r\n", len);
        memset(out + at, 'x', len);
        memcpy(out + at + len, "\r\n", 2);
        at += len + 2;
        n -= len;
    }
    memcpy(out + at, "0\r\n\r\n", 5);
    return slice_of(out, at + 5);
}

static void test_maximum(void)
{
    struct http1_body b;
    struct http1_head head = { .has_length = true, .length = MAX_BODY };
    is_int(http1_body_init(&b, &head, MAX_BODY), 0, "a declared length at the maximum");
    head.length++;
    is_int(http1_body_init(&b, &head, MAX_BODY), ERR_TOO_BIG, "one byte over it");
    head.length = UINT64_MAX;
    is_int(http1_body_init(&b, &head, MAX_BODY), ERR_TOO_BIG, "far over it");
    is_int(http1_body_init(&b, &head, UINT64_MAX), 0, "no maximum");
    is_int(http1_body_init(&b, &chunked, UINT64_MAX), 0, "chunks, no maximum");
    struct slice sum = S("1\r\nx\r\nffffffffffffffff"), data;
    is_int(http1_body_read(&data, &b, &sum), 0, "... the first byte");
    is_int(http1_body_read(&data, &b, &sum), ERR_TOO_BIG, "... no sum over 64 bits");
    char text[4096];
    for (int more = -1; more <= 1; more++) {
        struct slice in = chunks(text, (size_t)(MAX_BODY + more));
        struct verdict v = feed(&chunked, in, in.len);
        is_int(v.err, more > 0 ? ERR_TOO_BIG : 0, "chunks, maximum %+d", more);
        is_int(feed(&chunked, in, 1).err, v.err, "... byte by byte");
    }
}

static void test_trailer_maximum(void)
{
    char text[8192];
    for (int more = -1; more <= 1; more++) {
        size_t len = (size_t)(HTTP1_MAX_TRAILERS + more);
        memcpy(text, "0\r\n", 3);
        memset(text + 3, 'x', len);
        memcpy(text + 3, "A: b\r\nB:", 8);
        memcpy(text + 3 + len - 2, "\r\n\r\n", 4);
        struct verdict v = feed(&chunked, slice_of(text, len + 5), 9999);
        is_int(v.err, more > 0 ? ERR_TOO_BIG : 0, "trailers, maximum %+d", more);
    }
    memset(text + 3, 'x', sizeof(text) - 3);
    struct verdict v = feed(&chunked, slice_of(text, sizeof(text)), 1);
    is_int(v.err, ERR_TOO_BIG, "a trailer without end");
    is_int(v.left, sizeof(text) - 3 - HTTP1_MAX_TRAILERS, "... ends at the maximum");
}

int main(void)
{
    test_chunked();
    test_splits();
    test_sized();
    test_maximum();
    test_trailer_maximum();
    return done();
}
