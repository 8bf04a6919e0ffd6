/* The embedded files are those of build/gen/static/, in the order that a binary search needs. */
#include "web/assets.h"

#include "tap.h"

#include <string.h>
#include <zlib.h>

static bool is_after(struct slice a, struct slice b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = memcmp(a.p, b.p, shorter);
    return order > 0 || (order == 0 && a.len > b.len);
}

static const struct asset *find(const char *path)
{
    for (size_t i = 0; i < assets_n; i++)
        if (assets[i].path.len == strlen(path) && memcmp(assets[i].path.p, path, strlen(path)) == 0)
            return &assets[i];
    return NULL;
}

static void test_order(void)
{
    size_t wrong = 0, encoded_big = 0, etag_bad = 0;
    for (size_t i = 0; i < assets_n; i++) {
        const struct asset *a = &assets[i];
        wrong += i > 0 && !is_after(a->path, assets[i - 1].path);
        encoded_big += a->gzip.len >= a->raw.len || a->br.len >= a->raw.len;
        etag_bad += a->etag.len != 34 || a->etag.p[0] != '"' || a->etag.p[33] != '"';
    }
    is_int(wrong, 0, "sorted by path, no path twice");
    is_int(encoded_big, 0, "an encoded form is smaller or not there");
    is_int(etag_bad, 0, "every ETag is strong");
}

static void test_gzip(const struct asset *a)
{
    char out[64 * 1024];
    z_stream z = { .next_in = (Bytef *)(uintptr_t)a->gzip.p,
        .avail_in = (uInt)a->gzip.len,
        .next_out = (Bytef *)out,
        .avail_out = sizeof(out) };
    is_int(inflateInit2(&z, 16 + MAX_WBITS), Z_OK, "zlib starts");
    is_int(inflate(&z, Z_FINISH), Z_STREAM_END, "the gzip form is whole");
    is_int(z.total_out, a->raw.len, "and as long as the plain form");
    is_mem(out, a->raw.p, a->raw.len, "and the same");
    inflateEnd(&z);
}

int main(void)
{
    test_order();
    const struct asset *page = find("/index.html");
    if (!ok(page != NULL, "there is a page"))
        return done();
    is_slice(page->type, "text/html; charset=utf-8", "of the right type");
    ok(memmem(page->raw.p, page->raw.len, "</html>\n", 8) == page->raw.p + page->raw.len - 8,
        "complete");
    ok(page->br.len > 0 && page->br.len < page->gzip.len, "brotli beats gzip on it");
    test_gzip(page);
    ok(!page->immutable, "its name carries no hash");

    const struct asset *icon = find("/favicon.svg");
    if (ok(icon != NULL, "there is an icon"))
        ok(icon->raw.len >= 1000 && icon->raw.len <= 1048, "it is the 1 KiB file of the benchmark");
    ok(find("/.hidden") == NULL, "hidden files are not embedded");
    return done();
}
