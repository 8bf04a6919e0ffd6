/* permessage-deflate: which offers are taken and how they are answered, and the bytes themselves:
 * RFC 7692's examples, everything there and back in every parameter, exact caps, bombs. */
#include "proto/deflate.h"

#include "fault.h"
#include "tap.h"

#include <stdlib.h>
#include <time.h>
#include <zlib.h>

#define ROWS(table) (sizeof(table) / sizeof(*(table)))
#define PD          "permessage-deflate"
#define MIB         (1u << 20)

#define P(server, client, server_no, client_no)                                        \
    {                                                                                  \
        .server_bits = server, .client_bits = client, .server_no_takeover = server_no, \
        .client_no_takeover = client_no                                                \
    }

/* ---- offers */

static const struct deflate_params widest = { .server_bits = 15, .client_bits = 15 };

static const struct {
    const char *offers;
    const char *answer;
    struct deflate_params params;
} offers[] = {
    { PD, PD, P(15, 15, false, false) },
    { "  " PD "\t", PD, P(15, 15, false, false) },
    { PD "; server_no_context_takeover", PD "; server_no_context_takeover",
        P(15, 15, true, false) },
    { PD "; client_no_context_takeover", PD "; client_no_context_takeover",
        P(15, 15, false, true) },
    { PD ";server_max_window_bits=9", PD "; server_max_window_bits=9", P(9, 15, false, false) },
    { PD ";server_max_window_bits=15", PD "; server_max_window_bits=15", P(15, 15, false, false) },
    { PD "; client_max_window_bits", PD, P(15, 15, false, false) },
    { PD "; client_max_window_bits=15", PD, P(15, 15, false, false) },
    { PD "; client_max_window_bits=10", PD "; client_max_window_bits=10", P(15, 10, false, false) },
    { PD "; client_max_window_bits=8", PD "; client_max_window_bits=8", P(15, 8, false, false) },
    { PD "; server_max_window_bits=\"12\" ; client_max_window_bits = \"11\"",
        PD "; server_max_window_bits=12; client_max_window_bits=11", P(12, 11, false, false) },
    { PD "; client_no_context_takeover; server_no_context_takeover; client_max_window_bits=9; "
         "server_max_window_bits=10",
        PD "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; "
           "client_max_window_bits=9",
        P(10, 9, true, true) },

    { PD "; server_max_window_bits=8, " PD "; server_max_window_bits=9",
        PD "; server_max_window_bits=9", P(9, 15, false, false) },
    { "x-webkit-deflate-frame, " PD, PD, P(15, 15, false, false) },
    { "bbf-usp-protocol; eid=\"a,b;c\\\",\" ," PD, PD, P(15, 15, false, false) },
    { ",, ,\t, " PD " ,", PD, P(15, 15, false, false) },
    { PD "; mystery, " PD "; server_no_context_takeover", PD "; server_no_context_takeover",
        P(15, 15, true, false) },
    { PD "; server_no_context_takeover, " PD, PD "; server_no_context_takeover",
        P(15, 15, true, false) },
};

static const char *const refused[] = {
    PD "; server_max_window_bits=8",
    "",
    ", , ",
    "permessage-bzip2",
    PD "s",
    PD "; server_no_context_takeover; server_no_context_takeover",
    PD "; client_max_window_bits; client_max_window_bits=10",
    PD "; server_max_window_bits=9; server_max_window_bits=9",
    PD "; server_no_context_takeover=1",
    PD "; client_no_context_takeover=\"\"",
    PD "; server_max_window_bits",
    PD "; server_max_window_bits=",
    PD "; server_max_window_bits=\"\"",
    PD "; server_max_window_bits=7",
    PD "; server_max_window_bits=16",
    PD "; server_max_window_bits=09",
    PD "; server_max_window_bits=+9",
    PD "; server_max_window_bits=1x",
    PD "; server_max_window_bits=18446744073709551625",
    PD "; server_max_window_bits=\"1\\2\"",
    PD "; client_max_window_bits=\"\"",
    PD "; client_max_window_bits=7",
    PD "; client_max_window_bits=16",
    PD "; client_max_window_bits=\"9",
    PD "; client_max_window_bits=\"9\\",
    PD "; Server_no_context_takeover",
    PD " server_no_context_takeover",
    PD ";",
    PD "; ;server_no_context_takeover",
    PD "=1",
    "; " PD,
    "a b, " PD,
    "a=\"unfinished, " PD,
    "a; b=\"unfinished\\",
    PD "\x01",
    PD "\x80",
};

static bool same_params(const struct deflate_params *a, const struct deflate_params *b)
{
    return a->server_bits == b->server_bits && a->client_bits == b->client_bits &&
        a->server_no_takeover == b->server_no_takeover &&
        a->client_no_takeover == b->client_no_takeover;
}

static void test_offers(void)
{
    struct deflate_params params;
    struct buf answer;
    for (size_t i = 0; i < ROWS(offers); i++) {
        buf_init(&answer, 200);
        is_int(deflate_negotiate(&params, &answer, slice_str(offers[i].offers)), 0, "%s",
            offers[i].offers);
        is_slice(answer, offers[i].answer, "its answer");
        ok(same_params(&params, &offers[i].params), "its parameters");
        buf_fini(&answer);
    }
    buf_init(&answer, 10);
    for (size_t i = 0; i < ROWS(refused); i++)
        is_int(deflate_negotiate(&params, &answer, slice_str(refused[i])), ERR_NOT_FOUND,
            "refused: %s", refused[i]);
    is_int(answer.len, 0, "without a word");
    is_int(deflate_negotiate(&params, &answer, S(PD)), ERR_TOO_BIG, "no room for the answer");
    buf_fini(&answer);
}

static const struct {
    const char *offers;
    const char *answer;
    struct deflate_params params;
} wished[] = {
    { PD, PD "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12",
        P(12, 15, true, true) },
    { PD "; client_max_window_bits",
        PD "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; "
           "client_max_window_bits=11",
        P(12, 11, true, true) },
    { PD "; client_max_window_bits=9; server_max_window_bits=10",
        PD "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; "
           "client_max_window_bits=9",
        P(10, 9, true, true) },
};

static void test_wishes(void)
{
    static const struct deflate_params most = {
        .server_bits = 12, .client_bits = 11, .server_no_takeover = true, .client_no_takeover = true
    };
    for (size_t i = 0; i < ROWS(wished); i++) {
        struct buf answer;
        buf_init(&answer, 200);
        struct deflate_params params = { 0 };
        int err = deflate_negotiate_within(&params, &answer, &most, slice_str(wished[i].offers));
        is_int(err, 0, "within: %s", wished[i].offers);
        is_slice(answer, wished[i].answer, "its answer");
        ok(same_params(&params, &wished[i].params), "its parameters");
        buf_fini(&answer);
    }
}

/* A quadratic parser would take a hundred times as long as these allow, even with sanitizers. */
static void test_linear(void)
{
    static const char *const parts[] = { "a, , , ", ",", "a;", "a;b=\"\\\"\\\"\", ", "\"\\\\",
        PD "; x, ", PD ";client_max_window_bits=8;", " " };
    for (size_t i = 0; i < ROWS(parts); i++) {
        struct buf header, answer;
        buf_init(&header, 16384);
        buf_init(&answer, 200);
        while (header.len + strlen(parts[i]) <= 16384)
            buf_add_str(&header, parts[i]);
        struct deflate_params params;
        clock_t before = clock();
        int err = deflate_negotiate(&params, &answer, buf_slice(&header));
        clock_t took = clock() - before;
        ok(err == ERR_NOT_FOUND && took < CLOCKS_PER_SEC / 20, "16 KiB of \"%s\" take %ld us",
            parts[i], (long)(took * 1000000 / CLOCKS_PER_SEC));
        buf_fini(&header);
        buf_fini(&answer);
    }
}

/* ---- inflating: messages of one connection in a row */

static const struct {
    const char *name;
    struct slice in;
    int err;
    struct slice out;
} messages[] = {
    { "RFC 7692 7.2.3.1", SLICE("\xf2\x48\xcd\xc9\xc9\x07\x00"), 0, SLICE("Hello") },
    { "7.2.3.2: the window is kept", SLICE("\xf2\x00\x11\x00\x00"), 0, SLICE("Hello") },
    { "7.2.3.3: not compressed", SLICE("\x00\x05\x00\xfa\xffHello\x00"), 0, SLICE("Hello") },
    { "7.2.3.4: a last block", SLICE("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), 0, SLICE("Hello") },
    { "and the window is kept", SLICE("\xf2\x00\x11\x00\x00"), 0, SLICE("Hello") },
    { "7.2.3.5: two blocks", SLICE("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"), 0,
        SLICE("Hello") },
    { "7.2.3.6: empty", SLICE("\x00"), 0, SLICE("") },
    { "empty as no bytes at all", SLICE(""), 0, SLICE("") },
    { "empty with compression", SLICE("\x02\x00"), 0, SLICE("") },
    { "a last block without the byte behind it", SLICE("\xf3\x48\xcd\xc9\xc9\x07\x00"), 0,
        SLICE("Hello") },
    { "a last empty block whose length is cut off", SLICE("\x01"), 0, SLICE("") },
    { "last blocks amid a message",
        SLICE(
            "\xf3\x48\xcd\xc9\xc9\x07\x00\xf3\x48\xcd\xc9\xc9\x07\x00\x03\x00\xf2\x00\x11\x00\x00"),
        0, SLICE("HelloHelloHello") },
    { "still in step", SLICE("\xf2\x48\xcd\xc9\xc9\x07\x00"), 0, SLICE("Hello") },
};

static const struct {
    const char *name;
    struct slice in;
} bad_messages[] = {
    { "the type of block that does not exist", SLICE("\xff") },
    { "cut off", SLICE("\xf2\x48\xcd") },
    { "the tail is still there", SLICE("\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff") },
    { "garbage behind the end", SLICE("\xf2\x48\xcd\xc9\xc9\x07\x00garbage") },
    { "garbage behind a last block", SLICE("\xf3\x48\xcd\xc9\xc9\x07\x00\xff\xff") },
    { "half a block behind a last block", SLICE("\xf3\x48\xcd\xc9\xc9\x07\x00\xf2") },
    { "a distance to before the beginning", SLICE("\xf2\x00\x11\x00\x00") },
    { "lengths that do not agree", SLICE("\x00\x05\x00\xfa\xfeHello\x00") },
    { "a stored block without its end", SLICE("\x00\x15\x00\xea\xffHello") },
};

/* The same, in parts of `step` bytes. */
static int inflate_parts(struct buf *out, struct deflate *d, struct slice in, size_t step)
{
    int err = 0;
    for (struct slice rest = in; rest.len > 0 && !err; rest = slice_drop(rest, step))
        err = deflate_inflate_part(out, d, slice_take(rest, step));
    return err ? err : deflate_inflate_end(out, d);
}

static void test_messages(void)
{
    for (size_t step = 1; step < 10; step++) {
        struct deflate *d = deflate_new(&widest);
        for (size_t i = 0; i < ROWS(messages); i++) {
            struct buf out;
            buf_init(&out, 1000);
            int err = step == 9 ? deflate_inflate(&out, d, messages[i].in)
                                : inflate_parts(&out, d, messages[i].in, step);
            ok(err == messages[i].err && slice_eq(buf_slice(&out), messages[i].out),
                "%s, in parts of %zu", messages[i].name, step);
            buf_fini(&out);
        }
        deflate_free(d);
    }
}

static void test_bad_messages(void)
{
    for (size_t i = 0; i < 2 * ROWS(bad_messages); i++) {
        struct deflate *d = deflate_new(&widest);
        struct buf out;
        buf_init(&out, 1000);
        int err = inflate_parts(&out, d, bad_messages[i / 2].in, i % 2 ? 1 : 1000);
        is_int(err, ERR_PROTOCOL, "%s, %s", bad_messages[i / 2].name, i % 2 ? "bytewise" : "whole");
        buf_fini(&out);
        deflate_free(d);
    }
}

/* ---- there and back */

enum { TEXT, NOISE, ONES, KINDS };

/* Bytes of some kind, the same ones each time. */
static void fill(struct buf *out, size_t len, unsigned kind, uint32_t seed)
{
    static const char word[] = "{\"event\":\"chat:message\",\"room\":\"A7x9K2\",\"text\":\"";
    uint32_t x = seed * 2654435761u + 1;
    for (size_t i = 0; i < len; i++) {
        x = x * 1664525 + 1013904223;
        char noise = (char)(x >> 24);
        char text = x >> 29 == 0 ? (char)('a' + (x >> 16) % 26) : word[i % (sizeof(word) - 1)];
        buf_add_char(out, kind == NOISE ? noise : kind == TEXT ? text : '1');
    }
}

/* The peer: a connection whose client window is our server window. */
static struct deflate *new_peer(const struct deflate_params *p)
{
    return deflate_new(&(struct deflate_params){ .server_bits = 15,
        .client_bits = p->server_bits,
        .client_no_takeover = p->server_no_takeover });
}

static void test_round_trips(void)
{
    static const size_t lens[] = { 0, 1, 2, 255, 1024, 4096, 16000, 16384, 16385, 65535, 70000,
        300000 };
    for (unsigned bits = 9; bits <= 15; bits++) {
        for (unsigned takeover = 0; takeover < 2; takeover++) {
            struct deflate_params p = {
                .server_bits = (uint8_t)bits, .client_bits = 15, .server_no_takeover = !takeover
            };
            struct deflate *d = deflate_new(&p), *peer = new_peer(&p);
            unsigned wrong = 0;
            for (size_t i = 0; i < ROWS(lens) * KINDS; i++) {
                struct buf plain, packed, back;
                buf_init(&plain, 2 * MIB);
                buf_init(&packed, 2 * MIB);
                buf_init(&back, lens[i / KINDS]);
                fill(&plain, lens[i / KINDS], i % KINDS, bits);
                wrong += deflate_deflate(&packed, d, buf_slice(&plain)) != 0 || packed.len == 0 ||
                    deflate_inflate(&back, peer, buf_slice(&packed)) != 0 ||
                    !slice_eq(buf_slice(&back), buf_slice(&plain));
                buf_fini(&plain);
                buf_fini(&packed);
                buf_fini(&back);
            }
            is_int(wrong, 0, "there and back, window %u, %s takeover", bits,
                takeover ? "with" : "without");
            deflate_free(d);
            deflate_free(peer);
        }
    }
}

/* Without takeover equal messages give equal bytes, on any connection; with it, fewer. */
static void test_takeover(void)
{
    for (unsigned takeover = 0; takeover < 2; takeover++) {
        struct deflate *d = deflate_new(&(struct deflate_params){
            .server_bits = 12, .client_bits = 15, .server_no_takeover = !takeover });
        struct buf plain, one, two;
        buf_init(&plain, MIB);
        buf_init(&one, MIB);
        buf_init(&two, MIB);
        fill(&plain, 2000, TEXT, 1);
        is_int(deflate_deflate(&one, d, buf_slice(&plain)), 0, "once");
        is_int(deflate_deflate(&two, d, buf_slice(&plain)), 0, "and again");
        if (takeover)
            ok(two.len < one.len / 4, "%zu, then %zu bytes", one.len, two.len);
        else
            ok(slice_eq(buf_slice(&one), buf_slice(&two)), "the same %zu bytes", one.len);
        deflate_free(d);
        buf_fini(&plain);
        buf_fini(&one);
        buf_fini(&two);
    }
}

/* The promised window is not passed: a decoder with exactly that much memory reads everything. */
static void test_window(void)
{
    for (int bits = 9; bits <= 15; bits++) {
        struct deflate *d = deflate_new(
            &(struct deflate_params){ .server_bits = (uint8_t)bits, .client_bits = 15 });
        struct buf plain, packed;
        buf_init(&plain, MIB);
        buf_init(&packed, MIB);
        for (size_t len = 256; len <= 32768; len = len * 9 / 8) { /* repeated at this distance */
            fill(&plain, len, NOISE, 7);
            fill(&plain, len, NOISE, 7);
        }
        is_int(deflate_deflate(&packed, d, buf_slice(&plain)), 0, "compressed");
        z_stream z = { 0 };
        ok(inflateInit2(&z, -bits) == Z_OK, "a window of %d bits", bits);
        char byte;
        unsigned wrong = 0;
        z.next_in = (Bytef *)packed.p;
        z.avail_in = (uInt)packed.len;
        for (size_t i = 0; i < plain.len; i++) {
            z.next_out = (Bytef *)&byte;
            z.avail_out = 1; /* what is older than the window is gone */
            wrong += inflate(&z, Z_SYNC_FLUSH) != Z_OK || z.avail_out != 0 || byte != plain.p[i];
        }
        is_int(wrong, 0, "is enough");
        inflateEnd(&z);
        deflate_free(d);
        buf_fini(&plain);
        buf_fini(&packed);
    }
}

/* ---- caps */

static void test_caps(void)
{
    static const size_t lens[] = { 1, 100, 16383, 16384, 16385, 100000 };
    for (size_t i = 0; i < ROWS(lens) * KINDS; i++) {
        struct deflate *d = deflate_new(&widest);
        struct buf plain, packed, exact, less;
        size_t len = lens[i / KINDS];
        buf_init(&plain, MIB);
        buf_init(&packed, MIB);
        buf_init(&exact, len);
        buf_init(&less, len - 1);
        fill(&plain, len, i % KINDS, 3);
        is_int(deflate_deflate(&packed, d, buf_slice(&plain)), 0, "%zu bytes", len);
        struct deflate *a = deflate_new(&widest), *b = deflate_new(&widest);
        is_int(deflate_inflate(&exact, a, buf_slice(&packed)), 0, "pass a cap of as many");
        ok(slice_eq(buf_slice(&exact), buf_slice(&plain)), "whole");
        is_int(deflate_inflate(&less, b, buf_slice(&packed)), ERR_TOO_BIG, "not a smaller one");
        is_int(less.len, len - 1, "and stop exactly there");
        deflate_free(a);
        deflate_free(b);
        deflate_free(d);
        buf_fini(&plain);
        buf_fini(&packed);
        buf_fini(&exact);
        buf_fini(&less);
    }
}

/* What ends together with its room. */
static void test_exact_ends(void)
{
    static const struct slice ends[] = { SLICE("\xf3\x48\xcd\xc9\xc9\x07\x00"),
        SLICE("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), SLICE("\xf2\x48\xcd\xc9\xc9\x07\x00") };
    for (size_t i = 0; i < ROWS(ends); i++) {
        struct deflate *d = deflate_new(&widest);
        struct buf out;
        buf_init(&out, 5);
        is_int(deflate_inflate(&out, d, ends[i]), 0, "an end at the cap");
        is_slice(out, "Hello", "whole");
        deflate_free(d);
        buf_fini(&out);
    }
}

/* Without the client's takeover a message cannot refer to the one before. */
static void test_no_client_takeover(void)
{
    struct deflate *d = deflate_new(&(struct deflate_params){
        .server_bits = 15, .client_bits = 15, .client_no_takeover = true });
    struct buf out;
    buf_init(&out, 1000);
    is_int(deflate_inflate(&out, d, S("\xf2\x48\xcd\xc9\xc9\x07\x00")), 0, "a message");
    is_int(deflate_inflate(&out, d, S("\xf2\x48\xcd\xc9\xc9\x07\x00")), 0, "another");
    is_slice(out, "HelloHello", "both, one behind the other");
    is_int(deflate_inflate(&out, d, S("\xf2\x00\x11\x00\x00")), ERR_PROTOCOL,
        "not one that needs them");
    deflate_free(d);
    buf_fini(&out);
}

/* 1 MiB that stands for 1 GiB: a MiB of one byte, compressed as well as it can be, repeated. */
static void make_bomb(struct buf *bomb)
{
    struct buf plain;
    buf_init(&plain, MIB);
    fill(&plain, MIB, ONES, 0);
    z_stream z = { 0 };
    Bytef piece[4096];
    ok(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) == Z_OK, "a bomb");
    z.next_in = (Bytef *)plain.p;
    z.avail_in = MIB;
    z.next_out = piece;
    z.avail_out = sizeof(piece);
    ok(deflate(&z, Z_FULL_FLUSH) == Z_OK && z.avail_in == 0 && z.avail_out > 0, "of pieces");
    size_t len = sizeof(piece) - z.avail_out, n = 0;
    for (; bomb->len + len <= MIB; n++)
        buf_add(bomb, piece, len);
    ok(buf_err(bomb) == 0 && n > 1000, "1 MiB that stands for %zu", n);
    deflateEnd(&z);
    buf_fini(&plain);
}

static void test_bomb(void)
{
    struct buf bomb, out;
    buf_init(&bomb, MIB);
    buf_init(&out, 64000);
    make_bomb(&bomb);
    struct deflate *d = deflate_new(&widest);
    clock_t before = clock();
    is_int(deflate_inflate(&out, d, buf_slice(&bomb)), ERR_TOO_BIG, "the bomb");
    clock_t took = clock() - before;
    ok(out.len == 64000 && out.cap == 64000, "gives %zu bytes in %zu", out.len, out.cap);
    ok(took < CLOCKS_PER_SEC / 4, "in %ld us", (long)(took * 1000000 / CLOCKS_PER_SEC));
    deflate_free(d);
    buf_fini(&bomb);
    buf_fini(&out);
}

/* Memory follows the bytes that came. */
static void test_small(void)
{
    struct buf out;
    buf_init(&out, MIB);
    struct deflate *d = deflate_new(&widest);
    is_int(deflate_inflate_part(&out, d, S("\xf2\x48\xcd")), 0, "three bytes");
    ok(out.cap <= 1024, "take %zu", out.cap);
    deflate_free(d);
    buf_fini(&out);
}

static void test_full(void)
{
    struct deflate *d = deflate_new(&widest), *peer = deflate_new(&widest);
    struct buf plain, full, packed, back;
    buf_init(&plain, MIB);
    buf_init(&full, 500);
    buf_init(&packed, MIB);
    buf_init(&back, MIB);
    fill(&plain, 5000, NOISE, 1);
    buf_add_str(&full, "before");
    is_int(deflate_deflate(&full, d, buf_slice(&plain)), ERR_TOO_BIG, "no room");
    is_slice(full, "before", "leaves what was there");
    is_int(deflate_deflate(&packed, d, buf_slice(&plain)), 0, "the same message again");
    is_int(deflate_inflate(&back, peer, buf_slice(&packed)), 0,
        "does not refer to what was never sent");
    ok(slice_eq(buf_slice(&back), buf_slice(&plain)), "and is whole");
    deflate_free(d);
    deflate_free(peer);
    buf_fini(&plain);
    buf_fini(&full);
    buf_fini(&packed);
    buf_fini(&back);
}

static void both_ways(void *arg)
{
    const struct deflate_params *params = arg;
    struct deflate *d = deflate_new(params);
    struct buf plain, packed, back;
    buf_init(&plain, MIB);
    buf_init(&packed, MIB);
    buf_init(&back, MIB);
    fill(&plain, 3000, TEXT, 5);
    int err = plain.err;
    for (int i = 0; i < 2 && !err; i++) {
        buf_reset(&packed);
        buf_reset(&back);
        err = deflate_deflate(&packed, d, buf_slice(&plain));
        if (!err)
            err = deflate_inflate(&back, d, buf_slice(&packed));
    }
    is_int(err, fault_hit() ? ERR_NO_MEMORY : 0, "a clean error or none");
    if (!err)
        ok(slice_eq(buf_slice(&back), buf_slice(&plain)), "or the message");
    deflate_free(d);
    buf_fini(&plain);
    buf_fini(&packed);
    buf_fini(&back);
}

int main(void)
{
    static struct deflate_params no_takeover = {
        .server_bits = 12, .client_bits = 12, .server_no_takeover = true, .client_no_takeover = true
    };
    static struct deflate_params takeover = { .server_bits = 15, .client_bits = 15 };
    test_offers();
    test_wishes();
    test_linear();
    test_messages();
    test_bad_messages();
    test_round_trips();
    test_takeover();
    test_window();
    test_caps();
    test_exact_ends();
    test_no_client_takeover();
    test_bomb();
    test_small();
    test_full();
    fault_each(FAULT_ALLOC, both_ways, &no_takeover);
    fault_each(FAULT_ALLOC, both_ways, &takeover);
    deflate_free(NULL);
    return done();
}
