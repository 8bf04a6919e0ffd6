/* s3_presign METHOD ORIGIN PATH REGION KEY SECRET SECONDS NOW_MS [q:NAME=VALUE | h:NAME=VALUE]...:
 * prints the address that auth/sigv4 makes of it, for tests/live/files-s3.test.mjs to compare. */
#include "auth/sigv4.h"

#include <stdio.h>

enum { METHOD = 1, ORIGIN, PATH, REGION, KEY, SECRET, SECONDS, NOW_MS, PAIRS };

#define URL_BYTES 16384u

struct pairs {
    struct sigv4_pair at[SIGV4_PAIRS_MAX];
    size_t n;
};

/* False: it is no pair, or one too many. */
static bool add(struct pairs *to, struct slice text)
{
    ptrdiff_t at = slice_find(text, '=');
    if (at < 0 || to->n == SIGV4_PAIRS_MAX)
        return false;
    to->at[to->n++] = (struct sigv4_pair){ .name = slice_take(text, (size_t)at),
        .value = slice_drop(text, (size_t)at + 1) };
    return true;
}

static bool add_all(struct pairs *query, struct pairs *headers, int argc, char **argv)
{
    for (int i = PAIRS; i < argc; i++) {
        struct slice text = slice_str(argv[i]);
        bool is_header = slice_starts(text, S("h:"));
        if (!add(is_header ? headers : query, slice_drop(text, 2)))
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct pairs query, headers;
    struct buf url;
    uint64_t expires_s, now_ms;
    if (argc < PAIRS || slice_u64(&expires_s, slice_str(argv[SECONDS])) ||
        slice_u64(&now_ms, slice_str(argv[NOW_MS])) || !add_all(&query, &headers, argc, argv))
        return 2;
    const struct sigv4_key key = {
        .access_key = slice_str(argv[KEY]),
        .secret_key = slice_str(argv[SECRET]),
        .region = slice_str(argv[REGION]),
    };
    const struct sigv4_request r = {
        .method = slice_str(argv[METHOD]),
        .origin = slice_str(argv[ORIGIN]),
        .path = slice_str(argv[PATH]),
        .query = query.at,
        .n_query = query.n,
        .headers = headers.at,
        .n_headers = headers.n,
        .expires_s = (uint32_t)expires_s,
    };
    buf_init(&url, URL_BYTES);
    int err = sigv4_presign(&url, &key, &r, (int64_t)now_ms);
    if (!err)
        printf("%.*s\n", (int)url.len, url.p);
    buf_fini(&url);
    return err ? 1 : 0;
}
