/* Names of files, where they stand in addresses and headers: whatever people call them. */
#include "web/files_name.h"

#include "base/arena.h"
#include "base/url.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    bool is_name;
    const char *segment;
    const char *disposition; /* behind "attachment; " */
} rows[] = {
    { "a.png", true, "a.png", "filename=\"a.png\"" },
    { "a b.png", true, "a%20b.png", "filename=\"a b.png\"" },
    { "caf\xc3\xa9.png", true, "caf%C3%A9.png",
        "filename=\"caf_.png\"; filename*=UTF-8''caf%C3%A9.png" },
    { "\xf0\x9f\xa6\x8a", true, "%F0%9F%A6%8A", "filename=\"_\"; filename*=UTF-8''%F0%9F%A6%8A" },
    { "a\"b.txt", true, "a%22b.txt", "filename=\"a_b.txt\"; filename*=UTF-8''a%22b.txt" },
    { "100%.txt", true, "100%25.txt", "filename=\"100_.txt\"; filename*=UTF-8''100%25.txt" },
    { "a;b=c.txt", true, "a%3Bb%3Dc.txt", "filename=\"a;b=c.txt\"" },
    { "...", true, "...", "filename=\"...\"" },
    { ".hidden", true, ".hidden", "filename=\".hidden\"" },
    { "%2e%2e%2f", true, "%252e%252e%252f",
        "filename=\"_2e_2e_2f\"; filename*=UTF-8''%252e%252e%252f" },
    { "?a#b", true, "%3Fa%23b", "filename=\"?a#b\"" },
    { "", false, NULL, NULL },
    { ".", false, NULL, NULL },
    { "..", false, NULL, NULL },
    { "a/b", false, NULL, NULL },
    { "../a", false, NULL, NULL },
    { "a\\b", false, NULL, NULL },
    { "a\nb", false, NULL, NULL },
    { "a\rb", false, NULL, NULL },
    { "a\x7f", false, NULL, NULL },
    { "a\xff", false, NULL, NULL },
    { "a\xe2\x80\xaegpj.exe", false, NULL, NULL },
};

static void test_rows(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf b;
        struct slice name = slice_str(rows[i].name);
        ok(files_is_name(name) == rows[i].is_name, "name %zu may be: %d", i, rows[i].is_name);
        if (!rows[i].is_name)
            continue;
        buf_init(&b, 4096);
        files_add_segment(&b, name);
        is_slice(buf_slice(&b), rows[i].segment, "in an address: %s", rows[i].segment);
        buf_reset(&b);
        files_add_disposition(&b, "attachment", name);
        is_slice(slice_take(buf_slice(&b), 12), "attachment; ", "the kind");
        is_slice(slice_drop(buf_slice(&b), 12), rows[i].disposition, "in a header: %s",
            rows[i].disposition);
        buf_fini(&b);
    }
}

static const struct {
    const char *type;
    bool is_type;
} types[] = {
    { "image/png", true },
    { "application/vnd.openxmlformats-officedocument.wordprocessingml.document", true },
    { "text/plain;charset=utf-8", true },
    { "text/plain; charset=\"utf-8\"", true },
    { "image/svg+xml", true },
    { "image", false },
    { "image/", false },
    { "/png", false },
    { "image/png ", false },
    { " image/png", false },
    { "image/png\r\nX: y", false },
    { "image/p\xc3\xa9", false },
    { "a/b/c", false },
    { "a b/c", false },
    { "text/plain;\x01", false },
    { "", false },
};

/* The end of a long name is what matters: it says what opens it. */
static void test_long(void)
{
    char name[1021];
    struct buf b;
    struct arena a;
    struct slice text;
    memset(name, 'x', sizeof name);
    memcpy(name + 245, ".png", 5);
    ok(files_is_name(slice_str(name)), "249 characters are a name");
    buf_init(&b, 4096);
    files_add_segment(&b, slice_str(name));
    is_int(b.len, FILES_SEGMENT_MAX, "as much of it as has place");
    ok(slice_ends(buf_slice(&b), S("xx.png")), "with its ending");
    buf_reset(&b);
    for (size_t i = 0; i < 251; i++)
        memcpy(name + 4 * i, "\xf0\x9f\xa6\x8a", 4);
    memcpy(name + 1004, ".png", 5);
    ok(files_is_name(slice_str(name)), "255 characters of four bytes");
    files_add_segment(&b, slice_str(name));
    arena_init(&a, 4096);
    ok(b.len <= FILES_SEGMENT_MAX && url_decode(&text, &a, buf_slice(&b), 0) == 0,
        "no character is cut in two");
    arena_fini(&a);
    buf_reset(&b);
    memset(name, 'x', 256);
    name[256] = '\0';
    ok(!files_is_name(slice_str(name)), "256 characters are too many");
    memset(name, '\x01', 300);
    buf_fini(&b);
    buf_init(&b, 4096);
    memset(name, '%', 250);
    memcpy(name + 250, "..", 3);
    files_add_segment(&b, slice_str(name));
    ok(!slice_eq(buf_slice(&b), S("..")), "what is cut does not lead upwards");
    buf_fini(&b);
}

int main(void)
{
    test_rows();
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        ok(files_is_type(slice_str(types[i].type)) == types[i].is_type, "type %zu may be: %d", i,
            types[i].is_type);
    test_long();
    return done();
}
