/* url: what is decoded can be encoded again and comes back; a path that may be routed stays inside
 * its tree however often it is decoded; queries are cut without losing or inventing bytes. */
#include "base/url.h"

#include "base/utf8.h"
#include "fuzz.h"

#include <stdlib.h>

#define ARENA_BYTES (1u << 20)

static void must(bool condition)
{
    if (!condition)
        abort();
}

static void check_decode(struct arena *a, struct slice encoded, unsigned flags)
{
    struct slice text, again;
    struct buf b;
    if (url_decode(&text, a, encoded, flags))
        return;
    must(text.len <= encoded.len && url_eq(encoded, text, flags));
    must(flags & URL_ANY_BYTES || (utf8_is_valid(text) && slice_find(text, 0) < 0));
    buf_init(&b, ARENA_BYTES);
    url_encode(&b, text);
    must(buf_err(&b) == 0);
    must(url_decode(&again, a, buf_slice(&b), flags) == 0 && slice_eq(again, text));
    buf_fini(&b);
}

static void check_segment(struct arena *a, struct slice segment)
{
    struct slice text;
    must(url_decode(&text, a, segment, 0) == 0);
    must(text.len > 0 && !slice_eq(text, S(".")) && !slice_eq(text, S("..")));
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.p[i];
        must(c >= 0x20 && c != 0x7f && c != '/' && c != '\\');
    }
}

static void check_path(struct arena *a, struct slice target)
{
    struct slice path, query, segment;
    url_split(&path, &query, target);
    must(slice_find(path, '?') < 0 && path.len + query.len <= target.len);
    if (url_check_path(path))
        return;
    must(path.len > 0 && path.p[0] == '/');
    struct slice rest = slice_drop(path, 1);
    while (slice_cut(&segment, &rest, '/'))
        check_segment(a, segment);
}

static void check_query(struct arena *a, struct slice query)
{
    struct slice rest = query, name, value, text, found;
    size_t bytes = 0;
    while (url_query_next(&name, &value, &rest)) {
        must(slice_find(name, '=') < 0 && slice_find(name, '&') < 0 && slice_find(value, '&') < 0);
        must(name.p >= query.p && value.p + value.len <= query.p + query.len);
        bytes += name.len + value.len;
        if (url_decode(&text, a, name, URL_PLUS) == 0)
            must(url_query_find(&found, a, query, text) != ERR_NOT_FOUND);
        if (bytes > 200)
            return; /* quadratic */
    }
    must(bytes <= query.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct slice s = slice_of(data, size);
    arena_init(&a, ARENA_BYTES);
    for (unsigned flags = 0; flags <= (URL_PLUS | URL_ANY_BYTES); flags++)
        check_decode(&a, s, flags);
    check_path(&a, s);
    check_query(&a, s);
    arena_fini(&a);
    return 0;
}
