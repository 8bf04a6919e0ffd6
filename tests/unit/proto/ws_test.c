/*
 * WebSocket framing. A row of `streams` is what a client sends and what must come of it, written as
 * a line of text: "text=Hello ping= !PROTOCOL". Each row runs whole, cut in two at every place, and
 * byte by byte: the line must be the same.
 */
#include "proto/ws.h"

#include "base/blob.h"
#include "fault.h"
#include "proto/deflate.h"
#include "tap.h"

#include <stdlib.h>

#define FIN        0x80
#define RSV1       0x40
#define MAX_FRAMES 8
#define STREAM_LIMITS                          \
    {                                          \
        .message_bytes = 70000, .fragments = 6 \
    }
#define BIG         66000
#define ROWS(table) (sizeof(table) / sizeof(*(table)))

struct frame {
    unsigned first; /* byte of the head */
    struct slice payload;
    size_t zeros;     /* so many bytes more behind the payload */
    struct slice raw; /* instead of all this: exactly these bytes */
};

struct stream {
    const char *name;
    struct frame frames[MAX_FRAMES];
    const char *want;
};

#define T(text)                                        \
    {                                                  \
        .first = FIN | WS_TEXT, .payload = SLICE(text) \
    }
#define B(text)                                          \
    {                                                    \
        .first = FIN | WS_BINARY, .payload = SLICE(text) \
    }
#define F(b, text)                           \
    {                                        \
        .first = (b), .payload = SLICE(text) \
    }
#define CLOSE(text)                                     \
    {                                                   \
        .first = FIN | WS_CLOSE, .payload = SLICE(text) \
    }
#define RAW(bytes)          \
    {                       \
        .raw = SLICE(bytes) \
    }

static const struct stream streams[] = {
    { "a text", { T("Hello") }, "text=Hello" },
    { "texts in a row", { T("a"), T("bc"), B("\x00\xff") }, "text=a text=bc binary=\\00\\ff" },
    { "empty messages", { T(""), B(""), T("x") }, "text= binary= text=x" },
    { "125 bytes", { { .first = FIN | WS_BINARY, .zeros = 125 } }, "binary=125*0" },
    { "126 bytes", { { .first = FIN | WS_BINARY, .zeros = 126 } }, "binary=126*0" },
    { "300 bytes", { { .first = FIN | WS_TEXT, .zeros = 300 }, T("x") }, "text=300*0 text=x" },
    { "the example of RFC 6455 5.7", { RAW("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58") },
        "text=Hello" },

    { "two fragments", { F(WS_TEXT, "Hel"), F(FIN | WS_CONT, "lo"), T("x") }, "text=Hello text=x" },
    { "empty fragments", { F(WS_TEXT, ""), F(WS_CONT, ""), F(FIN | WS_CONT, "") }, "text=" },
    { "empty fragments, then all", { F(WS_BINARY, ""), F(FIN | WS_CONT, "abc") }, "binary=abc" },
    { "all, then an empty fragment", { F(WS_BINARY, "abc"), F(FIN | WS_CONT, "") }, "binary=abc" },
    { "control frames amid a message",
        { F(WS_TEXT, "a"), F(FIN | WS_PING, "1"), F(WS_CONT, "b"), F(FIN | WS_PONG, ""),
            F(FIN | WS_CONT, "c") },
        "ping=1 pong= text=abc" },
    { "as many fragments as allowed",
        { F(WS_TEXT, "1"), F(WS_CONT, "2"), F(WS_CONT, ""), F(WS_CONT, "4"), F(WS_CONT, "5"),
            F(FIN | WS_CONT, "6"), T("x") },
        "text=12456 text=x" },
    { "one fragment more",
        { F(WS_TEXT, "1"), F(WS_CONT, "2"), F(WS_CONT, ""), F(WS_CONT, "4"), F(WS_CONT, "5"),
            F(WS_CONT, ""), F(FIN | WS_CONT, "7") },
        "!TOO_MANY" },

    { "ping of 125 bytes", { { .first = FIN | WS_PING, .zeros = 125 } }, "ping=125*0" },
    { "ping of 126 bytes", { { .first = FIN | WS_PING, .zeros = 126 } }, "!PROTOCOL" },
    { "control frames in a row",
        { F(FIN | WS_PING, "abc"), F(FIN | WS_PING, "def"), F(FIN | WS_PONG, "") },
        "ping=abc ping=def pong=" },
    { "a pong nobody asked for", { F(FIN | WS_PONG, "so") }, "pong=so" },
    { "a ping in fragments", { F(WS_PING, "a"), F(FIN | WS_CONT, "b") }, "!PROTOCOL" },

    { "a bit for an extension", { F(FIN | RSV1 | WS_TEXT, "x") }, "!PROTOCOL" },
    { "the second reserved bit", { F(FIN | 0x20 | WS_TEXT, "x") }, "!PROTOCOL" },
    { "the third reserved bit", { F(FIN | 0x10 | WS_PING, "x") }, "!PROTOCOL" },
    { "the first reserved bit on a ping", { F(FIN | RSV1 | WS_PING, "x") }, "!PROTOCOL" },
    { "opcode 3", { T("a"), F(FIN | 3, "x"), T("b") }, "text=a !PROTOCOL" },
    { "opcode 7", { F(FIN | 7, "") }, "!PROTOCOL" },
    { "opcode 11", { F(FIN | 11, "") }, "!PROTOCOL" },
    { "opcode 15", { F(FIN | 15, "x") }, "!PROTOCOL" },
    { "no mask", { RAW("\x81\x01x") }, "!PROTOCOL" },
    { "no mask on a close frame", { RAW("\x88\x00") }, "!PROTOCOL" },
    { "a continuation of nothing", { F(FIN | WS_CONT, "x") }, "!PROTOCOL" },
    { "a continuation behind the end", { T("a"), F(WS_CONT, "x") }, "text=a !PROTOCOL" },
    { "a message amid a message", { F(WS_TEXT, "a"), T("b") }, "!PROTOCOL" },
    { "a binary amid a text", { F(WS_TEXT, "a"), F(WS_BINARY, "b") }, "!PROTOCOL" },

    { "125 in two bytes",
        { RAW("\x82\xfe\x00\x7d"
              "mask") },
        "!PROTOCOL" },
    { "0 in two bytes", { RAW("\x82\xfe\x00\x00mask") }, "!PROTOCOL" },
    { "65535 in eight bytes", { RAW("\x82\xff\0\0\0\0\0\0\xff\xffmask") }, "!PROTOCOL" },
    { "a length below zero", { RAW("\x82\xff\x80\0\0\0\0\x01\0\0mask") }, "!PROTOCOL" },
    { "the largest length", { RAW("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xffmask") }, "!TOO_BIG" },
    { "one byte too much is said", { RAW("\x82\xff\0\0\0\0\0\x01\x11\x71mask") }, "!TOO_BIG" },
    { "one byte too much over two fragments",
        { F(WS_BINARY, "ab"), RAW("\x80\xff\0\0\0\0\0\x01\x11\x6fmask") }, "!TOO_BIG" },

    { "UTF-8", { T("\xce\xba\xe1\xbd\xb9\xf0\x90\x80\x80") },
        "text=\\ce\\ba\\e1\\bd\\b9\\f0\\90\\80\\80" },
    { "a character over two fragments", { F(WS_TEXT, "\xce"), F(FIN | WS_CONT, "\xba") },
        "text=\\ce\\ba" },
    { "a character over four fragments, with a ping",
        { F(WS_TEXT, "\xf0"), F(WS_CONT, "\x90"), F(FIN | WS_PING, "\xff"), F(WS_CONT, "\x80"),
            F(FIN | WS_CONT, "\x80") },
        "ping=\\ff text=\\f0\\90\\80\\80" },
    { "an unfinished character", { T("a\xce") }, "!BAD_UTF8" },
    { "an unfinished character, then nothing", { F(WS_TEXT, "\xce"), F(FIN | WS_CONT, "") },
        "!BAD_UTF8" },
    { "a surrogate", { T("\xed\xa0\x80") }, "!BAD_UTF8" },
    { "above U+10FFFF", { T("\xf4\x90\x80\x80") }, "!BAD_UTF8" },
    { "an overlong slash", { T("\xc0\xaf") }, "!BAD_UTF8" },
    { "bad text before the message's end", { F(WS_TEXT, "a\xf4\x90") }, "!BAD_UTF8" },
    { "bad text before the frame's end", { RAW("\x81\x8a\0\0\0\0\xed\xa0") }, "!BAD_UTF8" },
    { "the next text starts anew", { T("\xce\xba"), F(WS_TEXT, "\xce"), F(FIN | WS_CONT, "\xba") },
        "text=\\ce\\ba text=\\ce\\ba" },
    { "binary may be anything", { B("\xff\xfe\xc0") }, "binary=\\ff\\fe\\c0" },

    { "close", { CLOSE("") }, "close=1005," },
    { "close with a code", { CLOSE("\x03\xe8") }, "close=1000," },
    { "close with a reason",
        { CLOSE("\x0f\xa0"
                "bye") },
        "close=4000,bye" },
    { "close with the longest reason",
        { { .first = FIN | WS_CLOSE, .payload = SLICE("\x03\xe9"), .zeros = 123 } },
        "close=1001,123*0" },
    { "close too long", { { .first = FIN | WS_CLOSE, .payload = SLICE("\x03\xe9"), .zeros = 124 } },
        "!PROTOCOL" },
    { "close with half a code", { CLOSE("\x03") }, "!PROTOCOL" },
    { "close with 1005", { CLOSE("\x03\xed") }, "!PROTOCOL" },
    { "close with a bad reason", { CLOSE("\x03\xe8\xce") }, "!BAD_UTF8" },
    { "nothing counts behind a close", { CLOSE(""), T("a"), F(FIN | 3, "") }, "close=1005," },
    { "nothing counts behind an error", { F(FIN | 3, ""), T("a") }, "!PROTOCOL" },
    { "close amid a message", { F(WS_TEXT, "a"), CLOSE("\x03\xe8") }, "close=1000," },
};

/* With permessage-deflate and context takeover. */
static const struct stream compressed_streams[] = {
    { "the examples of RFC 7692 7.2.3.1 and 7.2.3.2",
        { F(FIN | RSV1 | WS_TEXT, "\xf2\x48\xcd\xc9\xc9\x07\x00"),
            F(FIN | RSV1 | WS_TEXT, "\xf2\x00\x11\x00\x00") },
        "text=Hello text=Hello" },
    { "in fragments",
        { F(RSV1 | WS_TEXT, "\xf2\x48\xcd"), F(FIN | WS_PING, "p"), F(WS_CONT, ""),
            F(FIN | WS_CONT, "\xc9\xc9\x07\x00"), T("x") },
        "ping=p text=Hello text=x" },
    { "not compressed in between",
        { F(FIN | RSV1 | WS_BINARY, "\xf2\x48\xcd\xc9\xc9\x07\x00"), B("Hello"),
            F(FIN | RSV1 | WS_BINARY, "\xf2\x00\x11\x00\x00") },
        "binary=Hello binary=Hello binary=Hello" },
    { "empty", { F(FIN | RSV1 | WS_TEXT, "\x00"), F(FIN | RSV1 | WS_TEXT, "") }, "text= text=" },
    { "no block compressed (7.2.3.3)", { F(FIN | RSV1 | WS_TEXT, "\x00\x05\x00\xfa\xffHello\x00") },
        "text=Hello" },
    { "a last block (7.2.3.4)",
        { F(FIN | RSV1 | WS_TEXT, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"),
            F(FIN | RSV1 | WS_TEXT, "\xf2\x00\x11\x00\x00") },
        "text=Hello text=Hello" },
    { "two blocks (7.2.3.5)",
        { F(FIN | RSV1 | WS_TEXT, "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00") },
        "text=Hello" },
    { "RSV1 on a continuation",
        { F(RSV1 | WS_TEXT, "\xf2\x48\xcd"), F(FIN | RSV1 | WS_CONT, "\xc9\xc9\x07\x00") },
        "!PROTOCOL" },
    { "RSV1 on a continuation of plain text", { F(WS_TEXT, "a"), F(FIN | RSV1 | WS_CONT, "b") },
        "!PROTOCOL" },
    { "RSV1 on a ping", { F(FIN | RSV1 | WS_PING, "a") }, "!PROTOCOL" },
    { "RSV1 on a close", { F(FIN | RSV1 | WS_CLOSE, "\x03\xe8") }, "!PROTOCOL" },
    { "RSV2", { F(FIN | 0x20 | WS_TEXT, "a") }, "!PROTOCOL" },
    { "not deflate", { F(FIN | RSV1 | WS_TEXT, "\xff\xff\xff") }, "!PROTOCOL" },
    { "cut off", { F(FIN | RSV1 | WS_TEXT, "\xf2\x48\xcd\xc9") }, "!PROTOCOL" },
    { "bad text", { F(FIN | RSV1 | WS_TEXT, "\x00\x02\x00\xfd\xff\xc0\xaf\x00") }, "!BAD_UTF8" },
    { "bad text at once", { F(RSV1 | WS_TEXT, "\x00\x02\x00\xfd\xff\xc0\xaf") }, "!BAD_UTF8" },
    { "bad text in front of bad data",
        { F(FIN | RSV1 | WS_TEXT, "\x00\x02\x00\xfd\xff\xc0\xaf\xff\xff\xff") }, "!BAD_UTF8" },
    { "an unfinished character", { F(FIN | RSV1 | WS_TEXT, "\x00\x01\x00\xfe\xff\xce\x00") },
        "!BAD_UTF8" },
    { "a character over two fragments",
        { F(RSV1 | WS_TEXT, "\x00\x01\x00\xfe\xff\xce"),
            F(FIN | WS_CONT, "\x00\x01\x00\xfe\xff\xba\x00") },
        "text=\\ce\\ba" },
    { "too long by its head", { RAW("\xc2\xff\0\0\0\0\0\x01\x20\0mask") }, "!TOO_BIG" },
};

/* ---- making bytes, telling events */

static void add_frame(struct buf *out, const struct frame *f)
{
    static const uint8_t mask[4] = { 0x12, 0x00, 0xfe, 0x81 };
    buf_add_slice(out, f->raw);
    if (f->raw.len > 0)
        return;
    size_t len = f->payload.len + f->zeros;
    char head[WS_HEAD_MAX];
    unsigned size = ws_put_head(head + sizeof(head), WS_TEXT, false, len);
    char *start = head + sizeof(head) - size;
    start[0] = (char)f->first;
    start[1] = (char)(start[1] | 0x80);
    buf_add(out, start, size);
    buf_add(out, mask, sizeof(mask));
    for (size_t i = 0; i < len; i++) {
        char c = i < f->payload.len ? f->payload.p[i] : '0';
        buf_add_char(out, (char)(c ^ mask[i % 4]));
    }
}

static bool is_given(const struct frame *f)
{
    return f->first != 0 || f->payload.p != NULL || f->raw.p != NULL;
}

static void add_stream(struct buf *out, const struct stream *s)
{
    for (size_t i = 0; i < MAX_FRAMES && is_given(&s->frames[i]); i++)
        add_frame(out, &s->frames[i]);
}

static void tell_payload(struct buf *line, struct slice s)
{
    size_t zeros = 0;
    while (zeros < s.len && s.p[zeros] == '0')
        zeros++;
    if (s.len > 40 && zeros == s.len) {
        buf_add_u64(line, s.len);
        buf_add_str(line, "*0");
        return;
    }
    for (size_t i = 0; i < s.len; i++) {
        bool is_plain = s.p[i] > ' ' && s.p[i] < 0x7f;
        if (is_plain) {
            buf_add_char(line, s.p[i]);
            continue;
        }
        buf_add_char(line, '\\');
        buf_add_hex(line, (uint8_t)s.p[i], 2);
    }
}

static void tell_event(struct buf *line, const struct ws_event *event)
{
    static const char *const names[] = { [WS_TEXT] = "text",
        [WS_BINARY] = "binary",
        [WS_CLOSE] = "close",
        [WS_PING] = "ping",
        [WS_PONG] = "pong" };
    if (line->len > 0)
        buf_add_char(line, ' ');
    buf_add_str(line, names[event->op]);
    buf_add_char(line, '=');
    if (event->op == WS_CLOSE) {
        buf_add_u64(line, event->close_code);
        buf_add_char(line, ',');
    }
    tell_payload(line, event->payload);
}

/* Feeds a copy of exactly this size, so that ASan sees every step beyond. */
static void feed(struct buf *line, struct ws_reader *r, struct slice bytes)
{
    char *copy = malloc(bytes.len + 1), *p = copy + 1;
    memcpy(p, bytes.p, bytes.len);
    size_t len = bytes.len;
    struct ws_event event;
    int err;
    while ((err = ws_read(&event, r, &p, &len)) == 0)
        tell_event(line, &event);
    if (err != ERR_AGAIN) {
        buf_add_str(line, line->len > 0 ? " !" : "!");
        buf_add_str(line, err_name(err));
        err = ws_read(&event, r, &p, &len);
    }
    if (err != ERR_AGAIN || len != 0)
        buf_add_str(line, " (bytes left)");
    free(copy);
}

static struct deflate *new_deflate(void)
{
    return deflate_new(&(struct deflate_params){ .server_bits = 15, .client_bits = 15 });
}

/* ---- streams */

enum { WHOLE = SIZE_MAX, BYTEWISE = SIZE_MAX - 1 };

static void run(struct buf *line, struct slice bytes, size_t cut, struct deflate *deflate)
{
    struct ws_reader r;
    ws_reader_init(&r, &(struct ws_limits)STREAM_LIMITS, deflate);
    buf_reset(line);
    if (cut == (size_t)BYTEWISE) {
        for (size_t i = 0; i < bytes.len; i++)
            feed(line, &r, slice_of(bytes.p + i, 1));
    } else {
        feed(line, &r, slice_take(bytes, cut));
        feed(line, &r, slice_drop(bytes, cut));
    }
    ws_reader_fini(&r);
}

static void test_streams(const struct stream *rows, size_t n, bool is_compressed)
{
    for (size_t i = 0; i < n; i++) {
        struct buf bytes, line;
        buf_init(&bytes, 1 << 20);
        buf_init(&line, 1 << 20);
        add_stream(&bytes, &rows[i]);
        unsigned wrong = 0;
        for (size_t cut = 0; cut <= bytes.len + 1; cut++) {
            struct deflate *deflate = is_compressed ? new_deflate() : NULL;
            run(&line, buf_slice(&bytes), cut > bytes.len ? (size_t)BYTEWISE : cut, deflate);
            wrong += !slice_eq(buf_slice(&line), slice_str(rows[i].want));
            deflate_free(deflate);
        }
        is_slice(line, rows[i].want, "%s", rows[i].name);
        is_int(wrong, 0, "%s, cut in two anywhere", rows[i].name);
        buf_fini(&bytes);
        buf_fini(&line);
    }
}

/* ---- limits and memory */

static void test_size(void)
{
    ok(sizeof(struct ws_reader) <= 200, "an idle reader has %zu bytes", sizeof(struct ws_reader));
}

static const struct {
    const char *name;
    uint32_t limit;
    size_t len;
    const char *want;
} limits[] = {
    { "at the limit", 300, 300, "binary=300*0" },
    { "over the limit by one", 300, 301, "!TOO_BIG" },
    { "short at the limit", 100, 100, "binary=100*0" },
    { "short over the limit", 100, 101, "!TOO_BIG" },
    { "a long head, at the limit", BIG, BIG, "binary=66000*0" },
    { "a long head, over the limit", BIG, BIG + 1, "!TOO_BIG" },
    { "no bytes allowed, none sent", 0, 0, "binary=" },
    { "no bytes allowed", 0, 1, "!TOO_BIG" },
};

/* Twice, since each message has the whole limit for itself. */
static void test_limits(void)
{
    for (size_t i = 0; i < ROWS(limits); i++) {
        struct buf bytes, line, want;
        buf_init(&bytes, 1 << 20);
        buf_init(&line, 1000);
        buf_init(&want, 1000);
        add_frame(&bytes, &(struct frame){ .first = FIN | WS_BINARY, .zeros = limits[i].len });
        struct ws_reader r;
        ws_reader_init(
            &r, &(struct ws_limits){ .message_bytes = limits[i].limit, .fragments = 1 }, NULL);
        feed(&line, &r, buf_slice(&bytes));
        feed(&line, &r, buf_slice(&bytes));
        buf_add_str(&want, limits[i].want);
        if (limits[i].want[0] != '!') {
            buf_add_char(&want, ' ');
            buf_add_str(&want, limits[i].want);
        }
        ok(slice_eq(buf_slice(&line), buf_slice(&want)), "%s", limits[i].name);
        ws_reader_fini(&r);
        buf_fini(&bytes);
        buf_fini(&line);
        buf_fini(&want);
    }
}

/* The exact cap holds for what comes out of the compressed bytes, whole or as they arrive. */
static void test_inflated_limit(void)
{
    static const struct {
        size_t len;
        const char *want;
    } rows[] = { { 50000, "binary=50000*0" }, { 50001, "!TOO_BIG" }, { 900000, "!TOO_BIG" } };
    for (size_t i = 0; i < 2 * ROWS(rows); i++) {
        struct buf plain, packed, bytes, line;
        buf_init(&plain, 1 << 20);
        buf_init(&packed, 1 << 20);
        buf_init(&bytes, 1 << 20);
        buf_init(&line, 1000);
        for (size_t n = 0; n < rows[i / 2].len; n++)
            buf_add_char(&plain, '0');
        struct deflate *d = new_deflate();
        ok(deflate_deflate(&packed, d, buf_slice(&plain)) == 0, "compressed");
        add_frame(&bytes,
            &(struct frame){ .first = FIN | RSV1 | WS_BINARY, .payload = buf_slice(&packed) });
        struct ws_reader r;
        ws_reader_init(&r, &(struct ws_limits){ .message_bytes = 50000, .fragments = 1 }, d);
        for (size_t at = 0; at < bytes.len && line.len == 0; at += i % 2 ? 1 : bytes.len)
            feed(&line, &r, slice_of(bytes.p + at, i % 2 ? 1 : bytes.len));
        is_slice(line, rows[i / 2].want, "%zu bytes, %s", rows[i / 2].len,
            i % 2 ? "byte by byte" : "whole");
        ws_reader_fini(&r);
        deflate_free(d);
        buf_fini(&plain);
        buf_fini(&packed);
        buf_fini(&bytes);
        buf_fini(&line);
    }
}

static void test_memory(void)
{
    struct ws_reader r;
    ws_reader_init(&r, &(struct ws_limits){ .message_bytes = 1 << 24, .fragments = 2 }, NULL);
    struct ws_event event;
    char whole[] = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", *p = whole;
    size_t len = sizeof(whole) - 1;
    ok(!ws_reader_is_busy(&r), "idle at first");
    is_int(ws_read(&event, &r, &p, &len), 0, "a whole frame");
    ok(event.payload.p == whole + 6, "is handed on where it lies");
    ok(r.message.p == NULL && !ws_reader_is_busy(&r), "and nothing is kept");
    is_int(ws_read(&event, &r, &p, &len), ERR_AGAIN, "then no more");

    char part[] = "\x82\xff\0\0\0\0\0\x80\0\0mask0123456789";
    p = part;
    len = 1;
    is_int(ws_read(&event, &r, &p, &len), ERR_AGAIN, "one byte");
    ok(ws_reader_is_busy(&r), "starts the clock");
    len = sizeof(part) - 2;
    is_int(ws_read(&event, &r, &p, &len), ERR_AGAIN, "ten bytes of 8 MiB");
    ok(r.message.len == 10 && r.message.cap <= 4096, "take %zu bytes", r.message.cap);
    ok(ws_reader_is_busy(&r), "still busy");
    ws_reader_fini(&r);
}

static void test_release(void)
{
    struct ws_reader r;
    ws_reader_init(&r, &(struct ws_limits)STREAM_LIMITS, NULL);
    struct ws_event event;
    char fragments[] = "\x01\x81\0\0\0\0a\x80\x81\0\0\0\0b", *p = fragments;
    size_t len = sizeof(fragments) - 1;
    is_int(ws_read(&event, &r, &p, &len), 0, "a message of two fragments");
    is_slice(event.payload, "ab", "is put together");
    is_int(len, 0, "all bytes are used");
    ok(!ws_reader_is_busy(&r), "idle");
    is_int(ws_read(&event, &r, &p, &len), ERR_AGAIN, "the next call");
    ok(r.message.p == NULL, "frees it");

    char bad[] = "\x01\x81\0\0\0\0a\x83\x80\0\0\0\0";
    p = bad;
    len = sizeof(bad) - 1;
    is_int(ws_read(&event, &r, &p, &len), ERR_PROTOCOL, "an error amid a message");
    ok(r.message.p == NULL && !ws_reader_is_busy(&r), "frees it too");
    ws_reader_fini(&r);
}

static void feed_with_faults(void *arg)
{
    (void)arg;
    static const struct stream s = {
        .frames = { F(WS_TEXT, "Hel"), F(FIN | WS_PING, "1234"), F(FIN | WS_CONT, "lo"),
            F(FIN | RSV1 | WS_TEXT, "\xf2\x48\xcd\xc9\xc9\x07\x00") }
    };
    static char bytes[200], text[200];
    struct buf stream = { .p = bytes, .cap = sizeof(bytes), .max = sizeof(bytes) };
    struct buf line = { .p = text, .cap = sizeof(text), .max = sizeof(text) };
    add_stream(&stream, &s);
    struct deflate *d = new_deflate();
    struct ws_reader r;
    ws_reader_init(&r, &(struct ws_limits)STREAM_LIMITS, d);
    for (size_t i = 0; i < stream.len; i++)
        feed(&line, &r, slice_of(bytes + i, 1));
    bool is_right = slice_eq(buf_slice(&line), S("ping=1234 text=Hello text=Hello"));
    bool has_failed = slice_ends(buf_slice(&line), S("!NO_MEMORY"));
    ok(fault_hit() ? has_failed : is_right, "a clean error or none");
    ws_reader_fini(&r);
    deflate_free(d);
}

/* Every mask byte position, alignment and length around the words that unmasking works in. */
static void test_unmasking(void)
{
    unsigned wrong = 0;
    for (size_t len = 0; len < 70; len++) {
        for (size_t cut = 0; cut <= len; cut++) {
            struct buf bytes, line;
            buf_init(&bytes, 1000);
            buf_init(&line, 1000);
            add_frame(&bytes, &(struct frame){ .first = FIN | WS_TEXT, .zeros = len });
            struct ws_reader r;
            ws_reader_init(&r, &(struct ws_limits)STREAM_LIMITS, NULL);
            feed(&line, &r, slice_of(bytes.p, 6 + cut));
            feed(&line, &r, slice_drop(buf_slice(&bytes), 6 + cut));
            struct buf want;
            buf_init(&want, 1000);
            struct slice zeros = S(
                "0000000000000000000000000000000000000000000000000000000000000000000000");
            tell_event(
                &want, &(struct ws_event){ .op = WS_TEXT, .payload = slice_take(zeros, len) });
            wrong += !slice_eq(buf_slice(&line), buf_slice(&want));
            ws_reader_fini(&r);
            buf_fini(&bytes);
            buf_fini(&line);
            buf_fini(&want);
        }
    }
    is_int(wrong, 0, "unmasking in every length, cut anywhere");
}

static void test_close_codes(void)
{
    unsigned n = 0, wrong = 0;
    static const unsigned bad[] = { 0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000,
        65535, 65536 + 1000 };
    for (unsigned code = 0; code < 65536; code++)
        n += ws_is_close_code(code);
    is_int(n, 4 + 8 + 2000, "so many codes may be sent");
    for (size_t i = 0; i < ROWS(bad); i++)
        wrong += ws_is_close_code(bad[i]);
    is_int(wrong, 0, "not these");
    ok(ws_is_close_code(1000) && ws_is_close_code(1014) && ws_is_close_code(3000) &&
            ws_is_close_code(4999),
        "but these");
}

/* ---- writing */

static const struct {
    enum ws_op op;
    bool is_compressed;
    uint64_t len;
    struct slice want;
} heads[] = {
    { WS_TEXT, false, 0, SLICE("\x81\x00") },
    { WS_TEXT, true, 125, SLICE("\xc1\x7d") },
    { WS_BINARY, false, 126, SLICE("\x82\x7e\x00\x7e") },
    { WS_BINARY, true, 65535, SLICE("\xc2\x7e\xff\xff") },
    { WS_BINARY, false, 65536, SLICE("\x82\x7f\0\0\0\0\0\x01\0\0") },
    { WS_CLOSE, false, 2, SLICE("\x88\x02") },
    { WS_PONG, false, 0x123456789a, SLICE("\x8a\x7f\0\0\0\x12\x34\x56\x78\x9a") },
};

static void test_heads(void)
{
    for (size_t i = 0; i < ROWS(heads); i++) {
        char room[WS_HEAD_MAX + 2];
        memset(room, 0x5a, sizeof(room));
        unsigned n = ws_put_head(
            room + 1 + WS_HEAD_MAX, heads[i].op, heads[i].is_compressed, heads[i].len);
        struct slice got = slice_of(room + 1 + WS_HEAD_MAX - n, n);
        ok(slice_eq(got, heads[i].want), "head of %ju bytes", (uintmax_t)heads[i].len);
        ok(got.p[-1] == 0x5a && got.p[n] == 0x5a, "and no byte beside it");
    }
}

static void is_blob(struct blob *b, struct slice want, const char *name)
{
    ok(b != NULL && slice_eq(blob_slice(b), want), "%s", name);
    blob_unref(b);
}

#define TEN            "0123456789"
#define HUNDRED_TWENTY TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void test_frames(void)
{
    is_blob(ws_frame(WS_TEXT, S("Hello")), S("\x81\x05Hello"), "a frame");
    is_blob(ws_frame(WS_PONG, S("")), S("\x8a\x00"), "an empty frame");
    is_blob(ws_frame(WS_BINARY, S(HUNDRED_TWENTY TEN)), S("\x82\x7e\x00\x82" HUNDRED_TWENTY TEN),
        "a frame of 130 bytes");
    is_blob(ws_close_frame(1000, S("")), S("\x88\x02\x03\xe8"), "close");
    is_blob(ws_close_frame(4999, S("bye")),
        S("\x88\x05\x13\x87"
          "bye"),
        "close with a reason");
    is_blob(ws_close_frame(1005, S("bye")), S("\x88\x00"), "close without a code");
    is_blob(ws_close_frame(1001, S(HUNDRED_TWENTY "abcd")),
        S("\x88\x7d\x03\xe9" HUNDRED_TWENTY "abc"), "the reason is cut");
    is_blob(ws_close_frame(1001, S(HUNDRED_TWENTY "a\xe2\x82\xac")),
        S("\x88\x7b\x03\xe9" HUNDRED_TWENTY "a"), "on the border of a character");
    is_blob(ws_close_frame(1001, S("\xff")), S("\x88\x02\x03\xe9"), "a bad reason is left out");
    fault_alloc_at(1);
    ok(ws_frame(WS_TEXT, S("x")) == NULL, "no memory for a frame");
    fault_alloc_at(1);
    ok(ws_close_frame(1000, S("x")) == NULL, "no memory for a close frame");
    fault_off();
}

/* A frame that is filled later, and what is in it. */
static void test_frame_payload(void)
{
    static const size_t lens[] = { 0, 1, 125, 126, 65535, 65536 };
    unsigned wrong = 0;
    for (size_t i = 0; i < ROWS(lens); i++) {
        struct blob *b = ws_frame_new(WS_BINARY, lens[i]);
        if (!ok(b != NULL, "a frame of %zu bytes", lens[i]))
            return;
        memset(b->bytes + b->len - lens[i], 0x5a, lens[i]);
        enum ws_op op = WS_CONT;
        struct slice payload = ws_frame_payload(&op, b);
        wrong += op != WS_BINARY || payload.len != lens[i] ||
            payload.p != b->bytes + b->len - lens[i];
        blob_unref(b);
    }
    is_int(wrong, 0, "hold what was put there");
}

static const struct {
    const char *key;
    const char *want; /* NULL: refused */
} keys[] = {
    { "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" },
    { "x3JJHMbDL1EzLkh9GBhXDw==", "HSmrc0sMlYUkAGmm5OPpG2HaGWk=" },
    { "AQIDBAUGBwgJCgsMDQ4PEC==", "OfS0wDaT5NoxF2gqm7Zj2YtetzM=" },
    { "", NULL },
    { "dGhlIHNhbXBsZSBub25jZQ=", NULL },
    { "dGhlIHNhbXBsZSBub25jZQ", NULL },
    { "dGhlIHNhbXBsZSBub25jZQAA", NULL },
    { "dGhlIHNhbXBsZSBub25jZQ==AAAA", NULL },
    { "dGhlIHNhbXBsZSBub25j\nQ==", NULL },
    { "dGhlIHNhbXBsZSBub25jZWE=", NULL },
};

static void test_keys(void)
{
    for (size_t i = 0; i < ROWS(keys); i++) {
        char out[WS_ACCEPT_BYTES];
        int err = ws_accept_key(out, slice_str(keys[i].key));
        is_int(err, keys[i].want ? 0 : ERR_BAD_REQUEST, "key %zu", i);
        if (keys[i].want && !err)
            is_mem(out, keys[i].want, sizeof(out), "its answer");
    }
}

int main(void)
{
    test_streams(streams, ROWS(streams), false);
    test_streams(compressed_streams, ROWS(compressed_streams), true);
    test_size();
    test_limits();
    test_inflated_limit();
    test_memory();
    test_release();
    fault_each(FAULT_ALLOC, feed_with_faults, NULL);
    test_unmasking();
    test_close_codes();
    test_heads();
    test_frames();
    test_frame_payload();
    test_keys();
    return done();
}
