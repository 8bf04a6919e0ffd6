/*
 * Socket.IO packets. A row of `packets` is a packet's text and what must come of it, written as a
 * line: "5+1 /a 7 name=x args=1" is type, attachments, namespace, ack id ("-": none), and the parts
 * that are not empty; "!PROTOCOL" is an error. A row runs in memory of exactly its size.
 */
#include "proto/sio.h"

#include "base/buf.h"
#include "fault.h"
#include "tap.h"

#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define P0           "{\"_placeholder\":true,\"num\":0}"
#define P1           "{\"_placeholder\":true,\"num\":1}"
#define P(n)         "{\"_placeholder\":true,\"num\":" n "}"
#define DEEP8        "[[[[[[[["
#define UNDEEP8      "]]]]]]]]"

struct packet {
    struct slice text;
    const char *want;
};

#define ROW(packet, line)                         \
    {                                             \
        .text = SLICE(packet), .want = "" line "" \
    }

static const struct packet packets[] = {
    /* connect */
    ROW("0", "0 / -"),
    ROW("0/", "0 / -"),
    ROW("0/,", "0 / -"),
    ROW("0/random", "0 /random -"),
    ROW("0/custom,", "0 /custom -"),
    ROW("0{\"a\":1}", "0 / - data={\"a\":1}"),
    ROW("0{}", "0 / - data={}"),
    ROW("0{} ", "0 / - data={} "),
    ROW("0/custom,{\"token\":\"x\"}", "0 /custom - data={\"token\":\"x\"}"),
    ROW("0/a?b=c,{}", "0 /a?b=c - data={}"),
    ROW("0/a?b=c", "0 /a?b=c -"),
    ROW("0/%61/b//c,", "0 /%61/b//c -"),
    ROW("0/a{\"b\":1}", "0 /a{\"b\":1} -"),
    ROW("0/caf\xc3\xa9,", "0 /caf\xc3\xa9 -"),
    ROW("012{}", "0 / 12 data={}"),
    ROW("0/a{\"b\":1,\"c\":2}", "!PROTOCOL"),
    ROW("0/caf\xc3,", "!BAD_UTF8"),
    ROW("0[]", "!PROTOCOL"),
    ROW("0\"x\"", "!PROTOCOL"),
    ROW("0null", "!PROTOCOL"),
    ROW("0true", "!PROTOCOL"),
    ROW("0 {}", "!PROTOCOL"),
    ROW("0{", "!BAD_JSON"),
    ROW("0{}{}", "!BAD_JSON"),
    ROW("0{}\0", "!BAD_JSON"),
    ROW("0{\"a\":1,\"a\":2}", "!BAD_JSON"),
    ROW("0{\"a\":\"\xff\"}", "!BAD_UTF8"),
    ROW("0a,{}", "!PROTOCOL"),

    /* disconnect */
    ROW("1", "1 / -"),
    ROW("1/custom", "1 /custom -"),
    ROW("1/custom,", "1 /custom -"),
    ROW("15", "1 / 5"),
    ROW("1{}", "!PROTOCOL"),
    ROW("1null", "!PROTOCOL"),
    ROW("1/custom,{}", "!PROTOCOL"),
    ROW("1/custom,[]", "!PROTOCOL"),
    ROW("1 ", "!PROTOCOL"),

    /* events */
    ROW("2[\"a\"]", "2 / - name=a"),
    ROW("2[\"\"]", "2 / -"),
    ROW("2[\"a\",1]", "2 / - name=a args=1"),
    ROW("2[\"a\",{\"b\":[1,2]},\"c\",null]", "2 / - name=a args={\"b\":[1,2]},\"c\",null"),
    ROW("2[ \"a\" , 1 , \"b\" ] ", "2 / - name=a args=1 , \"b\""),
    ROW("2[\n\"a\"\t,\r\"\"\n]", "2 / - name=a args=\"\""),
    ROW("2[\"a\",[]]", "2 / - name=a args=[]"),
    ROW("2/rooms,[\"a\"]", "2 /rooms - name=a"),
    ROW("2/rooms,7[\"a\"]", "2 /rooms 7 name=a"),
    ROW("2/,7[\"a\"]", "2 / 7 name=a"),
    ROW("2/a?b=c,[\"a\"]", "2 /a?b=c - name=a"),
    ROW("2[\"a\\u0062\\n\"]", "2 / - name=ab\n"),
    ROW("2[\"\\ud83d\\ude00\"]", "2 / - name=\xf0\x9f\x98\x80"),
    ROW("2[\"caf\xc3\xa9\"]", "2 / - name=caf\xc3\xa9"),
    ROW("2[\"presence:typing\",{\"roomId\":\"abc\",\"isTyping\":true}]",
        "2 / - name=presence:typing args={\"roomId\":\"abc\",\"isTyping\":true}"),
    ROW("2[1]", "2 / - name=1"),
    ROW("2[1,2]", "2 / - name=1 args=2"),
    ROW("2[-1.5e3,\"x\"]", "2 / - name=-1.5e3 args=\"x\""),
    ROW("2[\"connects\"]", "2 / - name=connects"),
    ROW("2[\"Connect\"]", "2 / - name=Connect"),
    ROW("2[\"message\",\"connect\"]", "2 / - name=message args=\"connect\""),
    ROW("2[\"constructor\"]", "2 / - name=constructor"),
    ROW("2", "!PROTOCOL"),
    ROW("2/rooms", "!PROTOCOL"),
    ROW("2/rooms,", "!PROTOCOL"),
    ROW("27", "!PROTOCOL"),
    ROW("2[]", "!PROTOCOL"),
    ROW("2[null]", "!PROTOCOL"),
    ROW("2[true,1]", "!PROTOCOL"),
    ROW("2[{}]", "!PROTOCOL"),
    ROW("2[[\"a\"]]", "!PROTOCOL"),
    ROW("2{}", "!PROTOCOL"),
    ROW("2{\"0\":\"a\"}", "!PROTOCOL"),
    ROW("2\"a\"", "!PROTOCOL"),
    ROW("2abc[\"a\"]", "!PROTOCOL"),
    ROW("2 [\"a\"]", "!PROTOCOL"),
    ROW("2/a, [\"a\"]", "!PROTOCOL"),
    ROW("2\xef\xbb\xbf[\"a\"]", "!PROTOCOL"),
    ROW("2[\"a\"", "!BAD_JSON"),
    ROW("2[\"a\",]", "!BAD_JSON"),
    ROW("2[,\"a\"]", "!BAD_JSON"),
    ROW("2[\"a\"]]", "!BAD_JSON"),
    ROW("2[\"a\"][\"b\"]", "!BAD_JSON"),
    ROW("2[\"a\"],1", "!BAD_JSON"),
    ROW("2[\"a\",01]", "!BAD_JSON"),
    ROW("2[\"a\",1e999]", "!BAD_JSON"),
    ROW("2[\"a\",'b']", "!BAD_JSON"),
    ROW("2[\"a\",undefined]", "!BAD_JSON"),
    ROW("2[\"a\",\"\\ud80\"]", "!BAD_JSON"),
    ROW("2[\"a\",\"\xff\"]", "!BAD_UTF8"),
    ROW("2[\"\xff\"]", "!BAD_UTF8"),
    ROW("2[\"a\",{\"b\":1,\"\\u0062\":2}]", "!BAD_JSON"),
    ROW("2[\"a\"," DEEP8 DEEP8 DEEP8 "[[[[[[[]]]]]]]" UNDEEP8 UNDEEP8 UNDEEP8 "]",
        "2 / - name=a args=" DEEP8 DEEP8 DEEP8 "[[[[[[[]]]]]]]" UNDEEP8 UNDEEP8 UNDEEP8),
    ROW("2[\"a\"," DEEP8 DEEP8 DEEP8 DEEP8 UNDEEP8 UNDEEP8 UNDEEP8 UNDEEP8 "]", "!TOO_DEEP"),

    /* names that nobody may send */
    ROW("2[\"connect\"]", "!PROTOCOL"),
    ROW("2[\"connect_error\",1]", "!PROTOCOL"),
    ROW("2[\"disconnect\"]", "!PROTOCOL"),
    ROW("2[\"disconnecting\"]", "!PROTOCOL"),
    ROW("2[\"newListener\"]", "!PROTOCOL"),
    ROW("2[\"removeListener\"]", "!PROTOCOL"),
    ROW("2[\"__proto__\"]", "!PROTOCOL"),
    ROW("2[\"c\\u006fnnect\"]", "!PROTOCOL"),
    ROW("51-[\"disconnect\"," P0 "]", "!PROTOCOL"),

    /* ack ids */
    ROW("20[\"a\"]", "2 / 0 name=a"),
    ROW("2007[\"a\"]", "2 / 7 name=a"),
    ROW("29007199254740991[\"a\"]", "2 / 9007199254740991 name=a"),
    ROW("2000000000000000000000000001[\"a\"]", "2 / 1 name=a"),
    ROW("29007199254740992[\"a\"]", "!PROTOCOL"),
    ROW("218446744073709551615[\"a\"]", "!PROTOCOL"),
    ROW("218446744073709551616[\"a\"]", "!PROTOCOL"),
    ROW("299999999999999999999999999999[\"a\"]", "!PROTOCOL"),
    ROW("2-1[\"a\"]", "!PROTOCOL"),
    ROW("2+1[\"a\"]", "!PROTOCOL"),
    ROW("21.5[\"a\"]", "!PROTOCOL"),
    ROW("21e3[\"a\"]", "!PROTOCOL"),
    ROW("20x1[\"a\"]", "!PROTOCOL"),
    ROW("21 [\"a\"]", "!PROTOCOL"),
    ROW("2\xd9\xa1[\"a\"]", "!PROTOCOL"),

    /* acks */
    ROW("37[]", "3 / 7"),
    ROW("37[1,\"a\"]", "3 / 7 args=1,\"a\""),
    ROW("37[ {\"a\":[]} ]", "3 / 7 args={\"a\":[]}"),
    ROW("37[\"connect\"]", "3 / 7 args=\"connect\""),
    ROW("3/custom,12[null]", "3 /custom 12 args=null"),
    ROW("3[]", "3 / -"),
    ROW("3", "!PROTOCOL"),
    ROW("37", "!PROTOCOL"),
    ROW("37{}", "!PROTOCOL"),
    ROW("37\"a\"", "!PROTOCOL"),
    ROW("37[", "!BAD_JSON"),
    ROW("37[1 2]", "!BAD_JSON"),

    /* connect errors, which only servers send */
    ROW("4{\"message\":\"no\"}", "4 / - data={\"message\":\"no\"}"),
    ROW("4/custom,\"no\"", "4 /custom - data=\"no\""),
    ROW("4", "4 / -"),
    ROW("4[]", "!PROTOCOL"),
    ROW("4null", "!PROTOCOL"),
    ROW("47", "4 / 7"),

    /* attachments */
    ROW("51-[\"a\"," P0 "]", "5+1 / - name=a args=" P0),
    ROW("52-/b,9[\"a\"," P0 ",{\"c\":[" P1 "]}]", "5+2 /b 9 name=a args=" P0 ",{\"c\":[" P1 "]}"),
    ROW("52-[\"a\"," P1 "," P0 "]", "5+2 / - name=a args=" P1 "," P0),
    ROW("61-7[" P0 "]", "6+1 / 7 args=" P0),
    ROW("61-[" P0 "]", "6+1 / - args=" P0),
    ROW("501-[\"a\"," P0 "]", "5+1 / - name=a args=" P0),
    ROW("510-[\"a\"," P0 "," P1
        "," P("2") "," P("3") "," P("4") "," P("5") "," P("6") "," P("7") "," P("8") "," P("9") "]",
        "5+10 / - name=a args=" P0 "," P1
        "," P("2") "," P("3") "," P("4") "," P("5") "," P("6") "," P("7") "," P("8") "," P("9")),
    ROW("51-[\"a\",{\"num\":0,\"_placeholder\":true}]",
        "5+1 / - name=a args={\"num\":0,\"_placeholder\":true}"),
    ROW("51-[\"a\",{\"n\\u0075m\":0,\"\\u005fplaceholder\":true}]",
        "5+1 / - name=a args={\"n\\u0075m\":0,\"\\u005fplaceholder\":true}"),
    ROW("51-[1," P0 "]", "5+1 / - name=1 args=" P0),
    ROW("50-[\"a\"]", "!PROTOCOL"),
    ROW("50-[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("50-", "!PROTOCOL"),
    ROW("500-[\"a\"]", "!PROTOCOL"),
    ROW("60-[]", "!PROTOCOL"),
    ROW("51-", "!PROTOCOL"),
    ROW("61-", "!PROTOCOL"),
    ROW("51-/a,", "!PROTOCOL"),
    ROW("51-[\"a\"]", "!PROTOCOL"),
    ROW("61-[]", "!PROTOCOL"),
    ROW("5", "!PROTOCOL"),
    ROW("51", "!PROTOCOL"),
    ROW("5[\"a\"]", "!PROTOCOL"),
    ROW("5[\"a-b\"," P0 "]", "!PROTOCOL"),
    ROW("51[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("51_[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("51,[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("5-[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("5-1-[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("5+1-[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("5 1-[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("51 -[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("51.0-[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("51.5-[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("51e0-[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("50x1-[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("5NaN-[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("5Infinity-[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("5/a,1-[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("511-[\"a\"," P0 "]", "!TOO_MANY"),
    ROW("599999999999-[\"a\"," P0 "]", "!TOO_MANY"),
    ROW("518446744073709551617-[\"a\"," P0 "]", "!TOO_MANY"),
    ROW("51-[" P0 "]", "!PROTOCOL"),
    ROW("51-{}", "!PROTOCOL"),
    ROW("61-7" P0, "!PROTOCOL"),
    ROW("51-[\"a\"," P0, "!BAD_JSON"),
    ROW("21-[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("31-[" P0 "]", "!PROTOCOL"),

    /* placeholders */
    ROW("51-[\"a\"," P1 "]", "!PROTOCOL"),
    ROW("51-[\"a\"," P("-1") "]", "!PROTOCOL"),
    ROW("51-[\"a\"," P("0.5") "]", "!PROTOCOL"),
    ROW("51-[\"a\"," P("1e300") "]", "!PROTOCOL"),
    ROW("51-[\"a\"," P("4294967296") "]", "!PROTOCOL"),
    ROW("51-[\"a\"," P("\"0\"") "]", "!PROTOCOL"),
    ROW("51-[\"a\"," P("null") "]", "!PROTOCOL"),
    ROW("51-[\"a\"," P("true") "]", "!PROTOCOL"),
    ROW("51-[\"a\"," P("[0]") "]", "!PROTOCOL"),
    ROW("51-[\"a\"," P("{\"num\":0}") "]", "!PROTOCOL"),
    ROW("51-[\"a\",{\"_placeholder\":true}]", "!PROTOCOL"),
    ROW("51-[\"a\",{\"_placeholder\":true,\"Num\":0}]", "!PROTOCOL"),
    ROW("51-[\"a\"," P0 "," P0 "]", "!PROTOCOL"),
    ROW("52-[\"a\"," P0 "," P0 "]", "!PROTOCOL"),
    ROW("51-[\"a\"," P0 "," P1 "]", "!PROTOCOL"),
    ROW("52-[\"a\"," P0 "]", "!PROTOCOL"),
    ROW("52-[\"a\"," P1 "]", "!PROTOCOL"),
    ROW("51-[\"a\",{\"_placeholder\":true,\"num\":0,\"x\":1}]", "!PROTOCOL"),
    ROW("51-[\"a\",{\"_placeholder\":true,\"num\":0,\"x\":{}}]", "!PROTOCOL"),
    ROW("51-[\"a\",{\"x\":[],\"_placeholder\":true,\"num\":0}]", "!PROTOCOL"),
    ROW("51-[\"a\",{\"x\":{},\"_placeholder\":true,\"num\":0}]", "!PROTOCOL"),
    ROW("51-[\"a\",{\"_placeholder\":true,\"x\":{\"num\":0,\"y\":1}}]", "!PROTOCOL"),
    ROW("51-[\"a\",{\"_placeholder\":true,\"num\":[0]}]", "!PROTOCOL"),
    ROW("51-[\"a\",{\"x\":" P0 ",\"_placeholder\":true,\"num\":0}]", "!PROTOCOL"),
    ROW("51-[\"a\",{\"x\":" P0 ",\"num\":0,\"_placeholder\":true}]", "!PROTOCOL"),
    ROW("51-[\"a\",{\"num\":" P0 ",\"_placeholder\":true}]", "!PROTOCOL"),
    ROW("51-[\"a\"," P0 ",{\"_placeholder\":false,\"num\":9}]",
        "5+1 / - name=a args=" P0 ",{\"_placeholder\":false,\"num\":9}"),
    ROW("51-[\"a\"," P0 ",{\"_placeholder\":\"true\"},{\"num\":7},[\"_placeholder\",true]]",
        "5+1 / - name=a args=" P0
        ",{\"_placeholder\":\"true\"},{\"num\":7},[\"_placeholder\",true]"),
    ROW("51-[\"a\",{\"_placeholder\":[true]," // an array is another value than its element
        "\"x\":" P0 "}]",
        "5+1 / - name=a args={\"_placeholder\":[true],\"x\":" P0 "}"),
    ROW("51-[\"a\",{\"x\":" P0 ",\"num\":0,\"y\":true}]",
        "5+1 / - name=a args={\"x\":" P0 ",\"num\":0,\"y\":true}"),
    ROW("2[\"a\"," P0 "]", "2 / - name=a args=" P0),
    ROW("37[" P("7") "," P("7") "]", "3 / 7 args=" P("7") "," P("7")),

    /* no packet at all */
    ROW("", "!PROTOCOL"),
    ROW(" ", "!PROTOCOL"),
    ROW("7", "!PROTOCOL"),
    ROW("9[\"a\"]", "!PROTOCOL"),
    ROW("/", "!PROTOCOL"),
    ROW("-2[\"a\"]", "!PROTOCOL"),
    ROW("[\"a\"]", "!PROTOCOL"),
    ROW("a", "!PROTOCOL"),
    ROW("\0", "!PROTOCOL"),
    ROW("\xb2[\"a\"]", "!PROTOCOL"),
};

static void add_part(struct buf *line, const char *label, struct slice part)
{
    if (part.len == 0)
        return;
    buf_add_str(line, label);
    buf_add_slice(line, part);
}

/* `data` only where it is not a list, which name and args show. */
static void write_line(struct buf *line, const struct sio_packet *p)
{
    bool is_list = p->data.len > 0 && p->data.p[0] == '[';
    buf_add_u64(line, p->type);
    if (p->n_attachments > 0)
        buf_add_char(line, '+');
    if (p->n_attachments > 0)
        buf_add_u64(line, p->n_attachments);
    add_part(line, " ", p->nsp);
    buf_add_char(line, ' ');
    if (p->ack_id == SIO_NO_ACK)
        buf_add_char(line, '-');
    else
        buf_add_u64(line, p->ack_id);
    add_part(line, " name=", p->name);
    add_part(line, " args=", p->args);
    add_part(line, " data=", is_list ? S("") : p->data);
}

static void run(struct buf *line, struct arena *a, struct slice text)
{
    struct sio_packet packet;
    char *copy = malloc(text.len + 1);
    if (copy == NULL)
        abort();
    char *p = copy + 1; /* so that the end of the text is the end of the memory */
    memcpy(p, text.p, text.len);
    buf_reset(line);
    int err = sio_read(&packet, a, slice_of(p, text.len));
    if (err)
        add_part(line, "!", slice_str(err_name(err)));
    else
        write_line(line, &packet);
    free(copy);
}

static void test_packets(void)
{
    struct arena a;
    struct buf line;
    arena_init(&a, 1 << 16);
    buf_init(&line, 1 << 16);
    for (size_t i = 0; i < COUNT(packets); i++) {
        const struct packet *p = &packets[i];
        run(&line, &a, p->text);
        is_slice(buf_slice(&line), p->want, "%.*s", (int)p->text.len, p->text.p);
        arena_reset(&a);
    }
    buf_fini(&line);
    arena_fini(&a);
}

/* Every beginning of a packet is refused or is a packet too, and no read leaves its memory. */
static void test_beginnings(void)
{
    struct arena a;
    struct buf line;
    unsigned n = 0;
    arena_init(&a, 1 << 16);
    buf_init(&line, 1 << 16);
    for (size_t i = 0; i < COUNT(packets); i++) {
        for (size_t len = 0; len < packets[i].text.len; len++, n++)
            run(&line, &a, slice_take(packets[i].text, len));
    }
    ok(n > 1000 && buf_err(&line) == 0, "%u beginnings", n);
    buf_fini(&line);
    arena_fini(&a);
}

/* Without escapes and large objects the arena is not touched. */
static void test_no_memory_needed(void)
{
    static const char *const texts[] = {
        "2[\"presence:typing\",{\"roomId\":\"abc\",\"isTyping\":true}]",
        "2/rooms,17[\"chat:message\",{\"text\":\"\\u0041\",\"at\":1700000000000}]",
        "51-[\"file\"," P0 "]",
        "0{\"token\":\"x\"}",
    };
    struct arena a;
    struct sio_packet p;
    arena_init(&a, 0);
    for (size_t i = 0; i < COUNT(texts); i++)
        is_int(sio_read(&p, &a, slice_str(texts[i])), 0, "no memory for %s", texts[i]);
    is_int(sio_read(&p, &a, S("2[\"\\u0061\"]")), ERR_TOO_BIG, "an escaped name needs some");
    arena_fini(&a);
}

static void add_object(struct buf *text, unsigned n_members)
{
    buf_add_char(text, '{');
    for (unsigned i = 0; i < n_members; i++) {
        buf_add_str(text, i > 0 ? ",\"k" : "\"k");
        buf_add_u64(text, i);
        buf_add_str(text, "\":0");
    }
    buf_add_char(text, '}');
}

/* An object with more keys than the reader keeps without the arena. */
static void read_with_arena(void *arg)
{
    struct buf *text = arg;
    struct sio_packet p;
    struct arena a;
    arena_init(&a, 1 << 20);
    int err = sio_read(&p, &a, buf_slice(text));
    if (fault_hit())
        is_int(err, ERR_TOO_BIG, "a clean error");
    else
        is_int(err, 0, "reads");
    arena_fini(&a);
}

static void test_memory_fails(void)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    buf_add_str(&text, "51-[\"n\\u0061me\"," P0 ",");
    add_object(&text, 200);
    buf_add_char(&text, ']');
    is_int(buf_err(&text), 0, "a packet that needs memory");
    fault_each(FAULT_ALLOC, read_with_arena, &text);

    struct arena a;
    struct sio_packet p;
    arena_init(&a, 1500); /* enough to read it once, not twice */
    is_int(sio_read(&p, &a, buf_slice(&text)), ERR_TOO_BIG, "the arena ends");
    arena_fini(&a);
    buf_fini(&text);
}

static void test_too_many_members(void)
{
    struct arena a;
    struct buf text;
    struct sio_packet p;
    arena_init(&a, 1 << 20);
    buf_init(&text, 1 << 20);
    buf_add_str(&text, "2[\"a\",");
    add_object(&text, 257);
    buf_add_char(&text, ']');
    is_int(sio_read(&p, &a, buf_slice(&text)), ERR_TOO_MANY, "257 members");
    buf_fini(&text);
    arena_fini(&a);
}

static const struct {
    enum sio_type type;
    unsigned n_attachments;
    struct slice nsp;
    uint64_t ack_id;
    const char *want;
} heads[] = {
    { SIO_CONNECT, 0, SLICE("/"), SIO_NO_ACK, "0" },
    { SIO_CONNECT, 0, SLICE("/a?b=c"), SIO_NO_ACK, "0/a?b=c," },
    { SIO_DISCONNECT, 0, SLICE("/a"), SIO_NO_ACK, "1/a," },
    { SIO_EVENT, 0, SLICE("/"), 0, "20" },
    { SIO_EVENT, 0, SLICE("/rooms"), 7, "2/rooms,7" },
    { SIO_ACK, 0, SLICE("/"), (1ull << 53) - 1, "39007199254740991" },
    { SIO_CONNECT_ERROR, 0, SLICE("/random"), SIO_NO_ACK, "4/random," },
    { SIO_BINARY_EVENT, 1, SLICE("/"), SIO_NO_ACK, "51-" },
    { SIO_BINARY_EVENT, 10, SLICE("/a"), 12, "510-/a,12" },
    { SIO_BINARY_ACK, 2, SLICE("/"), 3, "62-3" },
};

static void test_heads(void)
{
    struct buf out;
    buf_init(&out, 100);
    for (size_t i = 0; i < COUNT(heads); i++) {
        buf_reset(&out);
        sio_write_head(&out, heads[i].type, heads[i].n_attachments, heads[i].nsp, heads[i].ack_id);
        is_slice(buf_slice(&out), heads[i].want, "the head %s", heads[i].want);
    }
    buf_reset(&out);
    sio_write_placeholder(&out, 0);
    sio_write_placeholder(&out, 10);
    is_slice(buf_slice(&out), P0 P("10"), "placeholders");
    buf_fini(&out);
}

int main(void)
{
    test_packets();
    test_beginnings();
    test_no_memory_needed();
    test_memory_fails();
    test_too_many_members();
    test_heads();
    return done();
}
