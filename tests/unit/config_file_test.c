/* A good file is read and written down again in one line, `[log] log.level='info' `: texts in
 * single quotes, lists in brackets, bare values as they are. A bad one is known by its place and
 * its problem. */
#include "config_file.h"

#include "fault.h"
#include "tap.h"

struct good {
    const char *name;
    struct slice text;
    const char *want;
};

static const struct good good[] = {
    { .name = "nothing", .text = SLICE(""), .want = "" },
    { .name = "only comments", .text = SLICE("# a\n\n  # b"), .want = "" },
    { .name = "bare values",
        .text = SLICE("a=1\nb = true\nc = 16MiB # c\n d\t=\t-3.5_x+"),
        .want = ".a=1 .b=true .c=16MiB .d=-3.5_x+ " },
    { .name = "text", .text = SLICE("a = \"x # y = [z]\" # c\n"), .want = ".a='x # y = [z]' " },
    { .name = "empty text", .text = SLICE("a=\"\""), .want = ".a='' " },
    { .name = "escapes", .text = SLICE("a=\"\\\"\\\\\\n\\r\\t\""), .want = ".a='\"\\\n\r\t' " },
    { .name = "UTF-8", .text = SLICE("# ñ\na = \"日本\"\n"), .want = ".a='日本' " },
    { .name = "sections",
        .text = SLICE("a=1\n[b]\nc=2\n [ d-3 ] # x\ne=3\n"),
        .want = ".a=1 [b] b.c=2 [d-3] d-3.e=3 " },
    { .name = "an empty section", .text = SLICE("[b]"), .want = "[b] " },
    { .name = "CR LF", .text = SLICE("a=1\r\n[b]\r\nc=\"d\"\r\n"), .want = ".a=1 [b] b.c='d' " },
    { .name = "lists",
        .text = SLICE("a=[]\nb=[\"x\"]\nc=[ \"x\" , \"y\", ]"),
        .want = ".a=[] .b=[x] .c=[x,y] " },
    { .name = "a list over lines",
        .text = SLICE("a = [ # first\n \"x\",\n\n # second\n \"y\"\n]\nb=1\n"),
        .want = ".a=[x,y] .b=1 " },
    { .name = "the same key twice is not judged here",
        .text = SLICE("a=1\na=2"),
        .want = ".a=1 .a=2 " },
};

struct bad {
    const char *name;
    struct slice text;
    uint32_t line;
    uint32_t column;
    const char *says; /* the beginning */
};

static const struct bad bad[] = {
    { .name = "no =", .text = SLICE("a"), .line = 1, .column = 2, .says = "a = is missing" },
    { .name = "no = before the next line",
        .text = SLICE("a\n=1"),
        .line = 1,
        .column = 2,
        .says = "a = is" },
    { .name = "no value",
        .text = SLICE("\n a = \n"),
        .line = 2,
        .column = 6,
        .says = "the value is missing" },
    { .name = "no value but a comment",
        .text = SLICE("a = # 1"),
        .line = 1,
        .column = 5,
        .says = "the value is" },
    { .name = "no key", .text = SLICE("= 1"), .line = 1, .column = 1, .says = "a name is missing" },
    { .name = "capitals",
        .text = SLICE("Port = 1"),
        .line = 1,
        .column = 1,
        .says = "a name is missing" },
    { .name = "a dot in a key",
        .text = SLICE("tls.cert = \"\""),
        .line = 1,
        .column = 4,
        .says = "a name has no dot" },
    { .name = "two values",
        .text = SLICE("a = 1 2"),
        .line = 1,
        .column = 7,
        .says = "this does not belong" },
    { .name = "text without quotes",
        .text = SLICE("a = ./x"),
        .line = 1,
        .column = 6,
        .says = "this does not belong" },
    { .name = "text behind text",
        .text = SLICE("a = \"b\"\"c\""),
        .line = 1,
        .column = 8,
        .says = "this does not belong" },
    { .name = "single quotes",
        .text = SLICE("a = 'b'"),
        .line = 1,
        .column = 5,
        .says = "write text in double" },
    { .name = "an open text",
        .text = SLICE("b=1\na = \"b\nc = \"d\""),
        .line = 2,
        .column = 5,
        .says = "the closing quote" },
    { .name = "an open text at the end",
        .text = SLICE("a = \"b"),
        .line = 1,
        .column = 5,
        .says = "the closing quote" },
    { .name = "a text that ends in a backslash",
        .text = SLICE("a = \"b\\"),
        .line = 1,
        .column = 8,
        .says = "this escape is unknown" },
    { .name = "an unknown escape",
        .text = SLICE("a = \"日\\x\""),
        .line = 1,
        .column = 8,
        .says = "this escape is unknown" },
    { .name = "an open list",
        .text = SLICE("a = [\"b\",\nc = 1"),
        .line = 2,
        .column = 1,
        .says = "an item in double quotes" },
    { .name = "an open list at the end",
        .text = SLICE("a = [\"b\"\n"),
        .line = 2,
        .column = 1,
        .says = "a comma or the closing" },
    { .name = "a list of bare words",
        .text = SLICE("a = [b]"),
        .line = 1,
        .column = 6,
        .says = "an item in double quotes" },
    { .name = "a list without comma",
        .text = SLICE("a = [\"b\" \"c\"]"),
        .line = 1,
        .column = 10,
        .says = "a comma or the closing" },
    { .name = "only a comma",
        .text = SLICE("a = [,]"),
        .line = 1,
        .column = 6,
        .says = "an item in double" },
    { .name = "an empty item",
        .text = SLICE("a = [\"b\", \"\"]"),
        .line = 1,
        .column = 11,
        .says = "an item of a list" },
    { .name = "an item with a comma",
        .text = SLICE("a = [\"b,c\"]"),
        .line = 1,
        .column = 6,
        .says = "an item of a list" },
    { .name = "a list in a list",
        .text = SLICE("a = [[\"b\"]]"),
        .line = 1,
        .column = 6,
        .says = "an item in double quotes" },
    { .name = "an open section",
        .text = SLICE("[b\nc=1"),
        .line = 1,
        .column = 3,
        .says = "the section's name does not end" },
    { .name = "a section without name",
        .text = SLICE("[]"),
        .line = 1,
        .column = 2,
        .says = "a name is missing" },
    { .name = "a section of sections",
        .text = SLICE("[[b]]"),
        .line = 1,
        .column = 2,
        .says = "a name is missing" },
    { .name = "a nested section",
        .text = SLICE("[b.c]"),
        .line = 1,
        .column = 3,
        .says = "the section's name does not end" },
    { .name = "text behind a section",
        .text = SLICE("[b] c=1"),
        .line = 1,
        .column = 5,
        .says = "this does not belong" },
    { .name = "a section twice",
        .text = SLICE("[b]\n[c]\n[b]"),
        .line = 3,
        .column = 3,
        .says = "this section stands in the file twice" },
    { .name = "a byte that is not UTF-8",
        .text = SLICE("a=1\n# \xff"),
        .line = 2,
        .column = 3,
        .says = "this is not UTF-8" },
    { .name = "half a character at the end",
        .text = SLICE("a=\"\xe6\x97"),
        .line = 1,
        .column = 4,
        .says = "this is not UTF-8" },
    { .name = "NUL",
        .text = SLICE("a=1\0\n"),
        .line = 1,
        .column = 4,
        .says = "there is a control" },
    { .name = "ESC in a comment",
        .text = SLICE("# \x1b[2K"),
        .line = 1,
        .column = 3,
        .says = "there is a control" },
    { .name = "C1 in a text",
        .text = SLICE("a=\"\xc2\x9b\""),
        .line = 1,
        .column = 4,
        .says = "there is a control" },
    { .name = "a lone CR hides what follows",
        .text = SLICE("# a\rport = 1\n"),
        .line = 1,
        .column = 4,
        .says = "there is a control" },
    { .name = "a mistake far below stops the first line too",
        .text = SLICE("a=1\nb=\x01"),
        .line = 2,
        .column = 3,
        .says = "there is a control" },
};

static void say_entry(struct buf *out, const struct config_entry *e)
{
    if (e->kind == CONFIG_SECTION) {
        buf_add_str(out, "[");
        buf_add_slice(out, e->section);
        buf_add_str(out, "] ");
        return;
    }
    buf_add_slice(out, e->section);
    buf_add_str(out, ".");
    buf_add_slice(out, e->key);
    buf_add_str(out, e->kind == CONFIG_TEXT ? "='" : e->kind == CONFIG_LIST ? "=[" : "=");
    buf_add_slice(out, e->value);
    buf_add_str(out, e->kind == CONFIG_TEXT ? "' " : e->kind == CONFIG_LIST ? "] " : " ");
}

static int read_down(struct buf *out, struct config_reader *r)
{
    struct config_entry e = { .kind = CONFIG_BARE };
    while (e.kind != CONFIG_END) {
        int err = config_reader_next(&e, r);
        if (err)
            return err;
        if (e.kind != CONFIG_END)
            say_entry(out, &e);
    }
    return 0;
}

static void good_files(void)
{
    struct config_reader r;
    struct buf out;
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        buf_reset(&out);
        config_reader_init(&r, good[i].text);
        is_int(read_down(&out, &r), 0, "%s: is read", good[i].name);
        is_slice(buf_slice(&out), good[i].want, "%s: means", good[i].name);
        config_reader_fini(&r);
    }
    buf_fini(&out);
}

static void bad_files(void)
{
    struct config_reader r;
    struct buf out;
    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        const struct bad *b = &bad[i];
        config_reader_init(&r, b->text);
        is_int(read_down(&out, &r), ERR_BAD_CONFIG, "%s: is refused", b->name);
        ok(r.problem_at.line == b->line && r.problem_at.column == b->column,
            "%s: at %u:%u, not %u:%u", b->name, b->line, b->column, r.problem_at.line,
            r.problem_at.column);
        if (!ok(r.problem && strncmp(r.problem, b->says, strlen(b->says)) == 0, "%s: %s", b->name,
                b->says))
            note("it says: %s", r.problem ? r.problem : "nothing");
        config_reader_fini(&r);
    }
    buf_fini(&out);
}

static void places(void)
{
    struct config_reader r;
    struct config_entry e;
    config_reader_init(&r, S("\n  \"x\"\n"));
    is_int(config_reader_next(&e, &r), ERR_BAD_CONFIG, "a value without a key is refused");
    config_reader_fini(&r);
    config_reader_init(&r, S("# ñ\n  key  =  \"v\"\n[日]"));
    is_int(config_reader_next(&e, &r), 0, "an entry is read");
    ok(e.key_at.line == 2 && e.key_at.column == 3, "its key stands at 2:3");
    ok(e.value_at.line == 2 && e.value_at.column == 11, "its value at 2:11");
    is_int(config_reader_next(&e, &r), ERR_BAD_CONFIG, "a section's name is plain");
    config_reader_fini(&r);
}

static int read_made(char fill, size_t n, const char *before, const char *after)
{
    static char text[CONFIG_MAX_FILE_BYTES + 64];
    struct config_reader r;
    struct buf out;
    size_t head = strlen(before);
    memcpy(text, before, head);
    memset(text + head, fill, n);
    memcpy(text + head + n, after, strlen(after));
    buf_init(&out, 1 << 20);
    config_reader_init(&r, slice_of(text, head + n + strlen(after)));
    int err = read_down(&out, &r);
    config_reader_fini(&r);
    buf_fini(&out);
    return err;
}

static void limits(void)
{
    is_int(read_made('x', CONFIG_MAX_VALUE_BYTES, "a=\"", "\""), 0, "the longest value");
    is_int(
        read_made('x', CONFIG_MAX_VALUE_BYTES + 1, "a=\"", "\""), ERR_BAD_CONFIG, "one byte more");
    is_int(
        read_made('7', CONFIG_MAX_VALUE_BYTES + 1, "a=", "\n"), ERR_BAD_CONFIG, "a bare one too");
    is_int(read_made('x', CONFIG_MAX_VALUE_BYTES, "a=[\"x\", \"", "\"]"), ERR_BAD_CONFIG,
        "a list too");
    is_int(read_made('a', CONFIG_MAX_NAME_BYTES, "", "=1"), 0, "the longest name");
    is_int(read_made('a', CONFIG_MAX_NAME_BYTES + 1, "", "=1"), ERR_BAD_CONFIG, "one byte more");
    is_int(read_made('\n', CONFIG_MAX_FILE_BYTES, "", ""), 0, "the largest file");
    is_int(read_made('\n', CONFIG_MAX_FILE_BYTES, "#", ""), ERR_BAD_CONFIG, "one byte more");
}

static void many_sections(unsigned n, int want)
{
    struct config_reader r;
    struct buf text, out;
    buf_init(&text, 1 << 16);
    buf_init(&out, 1 << 16);
    for (unsigned i = 0; i < n; i++) {
        buf_add_str(&text, "[s");
        buf_add_u64(&text, i);
        buf_add_str(&text, "]\n");
    }
    config_reader_init(&r, buf_slice(&text));
    is_int(read_down(&out, &r), want, "%u sections", n);
    config_reader_fini(&r);
    buf_fini(&text);
    buf_fini(&out);
}

static void without_memory(void *arg)
{
    (void)arg;
    struct config_reader r;
    struct config_entry e;
    config_reader_init(&r, S("a = [\"x\", \"y\"]\nb = 1\n"));
    int err = config_reader_next(&e, &r);
    if (fault_hit())
        is_int(err, ERR_NO_MEMORY, "no memory is a clean error");
    config_reader_fini(&r);
}

int main(void)
{
    good_files();
    bad_files();
    places();
    limits();
    many_sections(CONFIG_MAX_SECTIONS, 0);
    many_sections(CONFIG_MAX_SECTIONS + 1, ERR_BAD_CONFIG);
    fault_each(FAULT_ALLOC, without_memory, NULL);
    return done();
}
