#include "base/json_text.h"

#include "fault.h"
#include "tap.h"

/* A special byte at every place of texts of every length up to 40. */
static void test_plain_end(void)
{
    static const char specials[] = { '"', '\\', '\0', '\n', '\x1f' };
    size_t wrong = 0;
    char text[40];
    for (size_t len = 0; len <= sizeof(text); len++) {
        memset(text, '~', len);
        if (len > 2)
            text[len / 2] = (char)0xc3; /* high bytes are plain */
        wrong += json_text_plain_end(text, text + len) != text + len;
        for (size_t at = 0; at < len; at++) {
            char kept = text[at];
            for (size_t k = 0; k < sizeof(specials); k++) {
                text[at] = specials[k];
                wrong += json_text_plain_end(text, text + len) != text + at;
            }
            text[at] = kept;
        }
    }
    is_int(wrong, 0, "the first special byte is found wherever it is");
    for (int c = 0; c < 256; c++) {
        memset(text, c, sizeof(text));
        bool special = c < 0x20 || c == '"' || c == '\\';
        wrong += (json_text_plain_end(text, text + 40) == text) != special;
        wrong += (json_text_plain_end(text, text + 3) == text) != special;
    }
    is_int(wrong, 0, "34 bytes are special");
}

static void test_escapes(void)
{
    static const struct {
        const char *raw;
        size_t len; /* of the first escape; 0: not valid */
        struct slice text;
    } rows[] = {
        { "\\\"", 2, SLICE("\"") },
        { "\\\\", 2, SLICE("\\") },
        { "\\/", 2, SLICE("/") },
        { "\\b", 2, SLICE("\b") },
        { "\\f", 2, SLICE("\f") },
        { "\\n", 2, SLICE("\n") },
        { "\\r", 2, SLICE("\r") },
        { "\\t", 2, SLICE("\t") },
        { "\\u0041", 6, SLICE("A") },
        { "\\u0000", 6, SLICE("\0") },
        { "\\u00e9", 6, SLICE("\xc3\xa9") },
        { "\\u20AC", 6, SLICE("\xe2\x82\xac") },
        { "\\uD7FF", 6, SLICE("\xed\x9f\xbf") },
        { "\\uE000", 6, SLICE("\xee\x80\x80") },
        { "\\uFFFF", 6, SLICE("\xef\xbf\xbf") },
        { "\\ud83d\\ude00", 12, SLICE("\xf0\x9f\x98\x80") },
        { "\\uD800\\uDC00", 12, SLICE("\xf0\x90\x80\x80") },
        { "\\uDBFF\\uDFFF", 12, SLICE("\xf4\x8f\xbf\xbf") },
        { "\\", 0, SLICE("") },
        { "\\x", 0, SLICE("") },
        { "\\'", 0, SLICE("") },
        { "\\0", 0, SLICE("") },
        { "\\N", 0, SLICE("") },
        { "\\u", 0, SLICE("") },
        { "\\u004", 0, SLICE("") },
        { "\\u004g", 0, SLICE("") },
        { "\\U0041", 0, SLICE("") },
        { "\\ud83d", 6, SLICE("\xef\xbf\xbd") },
        { "\\ud83dx", 6, SLICE("\xef\xbf\xbdx") },
        { "\\ud83d\\n", 6, SLICE("\xef\xbf\xbd\n") },
        { "\\ud83d\\u0041", 6,
            SLICE("\xef\xbf\xbd"
                  "A") },
        { "\\ud83d\\ud83d", 6, SLICE("\xef\xbf\xbd\xef\xbf\xbd") },
        { "\\ud83d\\ue000", 6, SLICE("\xef\xbf\xbd\xee\x80\x80") },
        { "\\ude00", 6, SLICE("\xef\xbf\xbd") },
        { "\\uDC00\\uD800", 6, SLICE("\xef\xbf\xbd\xef\xbf\xbd") },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct slice raw = slice_str(rows[i].raw), text = { .p = NULL };
        const char *end = json_text_escape_end(raw.p, raw.p + raw.len);
        is_int(end != NULL ? end - raw.p : 0, rows[i].len, "%s: its length", rows[i].raw);
        if (rows[i].len == 0)
            continue;
        struct arena a;
        arena_init(&a, 100);
        is_int(json_text_decode(&text, &a, raw), 0, "%s: decoded", rows[i].raw);
        ok(slice_eq(text, rows[i].text), "%s: what it means", rows[i].raw);
        arena_fini(&a);
    }
}

static void decode(void *arg)
{
    (void)arg;
    struct arena a;
    struct slice text = { .p = NULL };
    arena_init(&a, 1000);
    int err = json_text_decode(&text, &a, S("a\\n\\n\\u00e9b\xc3\xa9\\\\"));
    if (fault_hit()) {
        is_int(err, ERR_TOO_BIG, "no memory is a clean error");
    } else {
        is_slice(text,
            "a\n\n\xc3\xa9"
            "b\xc3\xa9\\",
            "escapes between, before and after plain text");
        is_int(a.used_bytes, text.len, "takes no more of the arena than it needs");
        is_int(json_text_decode(&text, &a, S("")), 0, "nothing is decoded");
        is_slice(text, "", "to nothing");
    }
    arena_fini(&a);
}

/* Spellings that mean the same, and others that nearly do. */
static void test_sameness(void)
{
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        { "", "", true },
        { "abc", "abc", true },
        { "abc", "abd", false },
        { "abc", "abcd", false },
        { "a", "\\u0061", true },
        { "\\u0061", "\\u0061", true },
        { "\\u006a", "\\u006A", true },
        { "\\u0061b\\u0063", "a\\u0062c", true },
        { "\\u0061b\\u0063", "a\\u0062d", false },
        { "\\u0061b\\u0063", "a\\u0062", false },
        { "\\u0061b", "a\\u0062c", false },
        { "\\/", "/", true },
        { "\\\\u0061", "a", false },
        { "\\\\u0061", "\\u0061", false },
        { "\\ud83d\\ude00", "\xf0\x9f\x98\x80", true },
        { "01234567", "0123456\\u0037", true },
        { "0123456789", "012345678\\u0039", true },
        { "0123456789abcdef", "\\u0030123456789abcde\\u0066", true },
        { "0123456789abcdef0", "\\u0030123456789abcde\\u00660", true },
        { "a\\u0000", "a", false },
        { "\\u0000", "\\u0000\\u0000", false },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct slice a = slice_str(rows[i].a), b = slice_str(rows[i].b);
        is_int(json_text_eq(a, b), rows[i].same, "%s and %s", rows[i].a, rows[i].b);
        is_int(json_text_eq(b, a), rows[i].same, "and the other way");
        is_int(json_text_hash(a) == json_text_hash(b), rows[i].same, "and by their hashes");
    }
    ok(json_text_means(S("a\\u0062"), S("ab")), "raw and plain");
    ok(!json_text_means(S("a\\u0062"), S("a\\u0062")), "plain text has no escapes");
}

static void test_quote(void)
{
    static const struct {
        struct slice text;
        const char *json;
    } rows[] = {
        { SLICE(""), "\"\"" },
        { SLICE("plain"), "\"plain\"" },
        { SLICE("\"\\/"), "\"\\\"\\\\/\"" },
        { SLICE("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"" },
        { SLICE("\0\x01\x1f\x7f"), "\"\\u0000\\u0001\\u001f\x7f\"" },
        { SLICE("\xc3\xa9\xe2\x80\xa8"), "\"\xc3\xa9\xe2\x80\xa8\"" },
        { SLICE("a\xff"), "\"a\xef\xbf\xbd\"" },
        { SLICE("\xffz"), "\"\xef\xbf\xbdz\"" },
        { SLICE("a\xc3"), "\"a\xef\xbf\xbd\"" },
        { SLICE("\xe2\x82\""), "\"\xef\xbf\xbd\xef\xbf\xbd\\\"\"" },
        { SLICE("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
        { SLICE("long enough for words\nand more of them"),
            "\"long enough for words\\nand more of them\"" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b;
        buf_init(&b, 100);
        json_text_quote(&b, rows[i].text);
        is_slice(buf_slice(&b), rows[i].json, "%s", rows[i].json);
        buf_fini(&b);
    }
}

int main(void)
{
    test_plain_end();
    test_escapes();
    test_sameness();
    test_quote();
    fault_each(FAULT_ALLOC, decode, NULL);
    return done();
}
