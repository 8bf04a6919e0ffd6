/* range: the first line is the size of something (in digits), the second a Range header, the third
 * what a file is called, the fourth an If-None-Match. A part lies within the whole and is what the
 * header asks for; a name makes a header of one line that says the name again, and an address'
 * segment that may be routed. */
#include "base/url.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "proto/http1.h"
#include "web/files_name.h"

#include <stdlib.h>

#define ARENA_BYTES 65536u

static void must(bool condition)
{
    if (!condition)
        abort();
}

static void check_range(struct slice value, uint64_t size)
{
    uint64_t first = 7;
    uint64_t last = 7;
    uint64_t again_first, again_last;
    struct buf text;
    int err = http1_range(&first, &last, value, size);
    must(err == 0 || err == ERR_BAD_RANGE || err == ERR_NOT_IMPLEMENTED);
    if (err)
        return;
    must(first <= last && last < size);
    must(slice_find(value, ',') < 0);
    buf_init(&text, 100);
    buf_add_str(&text, "bytes=");
    buf_add_u64(&text, first);
    buf_add_char(&text, '-');
    buf_add_u64(&text, last);
    must(http1_range(&again_first, &again_last, buf_slice(&text), size) == 0);
    must(again_first == first && again_last == last);
    buf_fini(&text);
}

/* Nothing that ends a header or a quoted text; the name can be read from it. */
static void check_disposition(struct slice name)
{
    struct arena a;
    struct buf b;
    struct slice decoded;
    struct slice ext = S("filename*=UTF-8''");
    buf_init(&b, ARENA_BYTES);
    arena_init(&a, ARENA_BYTES);
    files_add_disposition(&b, "attachment", name);
    if (buf_err(&b) == 0) {
        unsigned quotes = 0;
        for (size_t i = 0; i < b.len; i++) {
            must(b.p[i] >= ' ' && b.p[i] <= '~' && b.p[i] != '\\');
            quotes += b.p[i] == '"';
        }
        must(quotes == 2);
        const char *at = memmem(b.p, b.len, ext.p, ext.len);
        struct slice rest = at ? slice_drop(buf_slice(&b), (size_t)(at - b.p) + ext.len) : S("");
        if (at && utf8_is_valid(name))
            must(url_decode(&decoded, &a, rest, URL_ANY_BYTES) == 0 && slice_eq(decoded, name));
    }
    arena_fini(&a);
    buf_fini(&b);
}

static void check_segment(struct slice name)
{
    struct buf b;
    if (!files_is_name(name))
        return;
    buf_init(&b, ARENA_BYTES);
    buf_add_str(&b, "/files/x/");
    files_add_segment(&b, name);
    must(buf_err(&b) == 0 && b.len <= strlen("/files/x/") + FILES_SEGMENT_MAX);
    must(url_check_path(buf_slice(&b)) == 0);
    buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_of(data, size);
    struct slice number = S(""), range = S(""), name = S("");
    uint64_t bytes = 0;
    (void)slice_cut(&number, &rest, '\n');
    (void)slice_cut(&range, &rest, '\n');
    (void)slice_cut(&name, &rest, '\n');
    if (slice_u64(&bytes, number))
        bytes = size;
    check_range(range, bytes);
    check_disposition(name);
    check_segment(name);
    must(!http1_etag_matches(rest, S("\"0123456789abcdef0123456789abcdef\"")) ||
        slice_find(rest, '*') >= 0 || memmem(rest.p, rest.len, "0123456789abcdef", 16) != NULL);
    return 0;
}
