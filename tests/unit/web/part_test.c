/* What a request for something wants of it: ranges, conditions, and those that do not count. */
#include "web/part.h"

#include "tap.h"

#define TAG "\"abc\""

static const struct {
    const char *range;
    const char *if_range;
    const char *if_none_match;
    enum part_kind kind;
    uint64_t first;
    uint64_t len;
} rows[] = {
    { NULL, NULL, NULL, PART_ALL, 0, 1000 },
    { "bytes=0-99", NULL, NULL, PART_RANGE, 0, 100 },
    { "bytes=900-", NULL, NULL, PART_RANGE, 900, 100 },
    { "bytes=-100", NULL, NULL, PART_RANGE, 900, 100 },
    { "bytes=-5000", NULL, NULL, PART_RANGE, 0, 1000 },
    { "bytes=999-5000", NULL, NULL, PART_RANGE, 999, 1 },
    { "bytes=0-0", NULL, NULL, PART_RANGE, 0, 1 },
    { "bytes=1000-", NULL, NULL, PART_NOWHERE, 0, 1000 },
    { "bytes=-0", NULL, NULL, PART_NOWHERE, 0, 1000 },
    { "bytes=5-4", NULL, NULL, PART_ALL, 0, 1000 },
    { "bytes=0-1,5-6", NULL, NULL, PART_ALL, 0, 1000 },
    { "bytes=", NULL, NULL, PART_ALL, 0, 1000 },
    { "bytes=a-b", NULL, NULL, PART_ALL, 0, 1000 },
    { "pages=0-1", NULL, NULL, PART_ALL, 0, 1000 },
    { "bytes=0-18446744073709551616", NULL, NULL, PART_RANGE, 0, 1000 },
    { "bytes=18446744073709551616-", NULL, NULL, PART_NOWHERE, 0, 1000 },
    { "bytes=0-99", TAG, NULL, PART_RANGE, 0, 100 },
    { "bytes=0-99", "\"abd\"", NULL, PART_ALL, 0, 1000 },
    { "bytes=0-99", "W/" TAG, NULL, PART_ALL, 0, 1000 },
    { "bytes=0-99", "Sat, 21 Nov 2026 10:40:45 GMT", NULL, PART_ALL, 0, 1000 },
    { "bytes=1000-", "\"abd\"", NULL, PART_ALL, 0, 1000 },
    { NULL, NULL, TAG, PART_UNCHANGED, 0, 1000 },
    { NULL, NULL, "W/" TAG, PART_UNCHANGED, 0, 1000 },
    { NULL, NULL, "\"x\", " TAG, PART_UNCHANGED, 0, 1000 },
    { NULL, NULL, "*", PART_UNCHANGED, 0, 1000 },
    { NULL, NULL, "\"x\"", PART_ALL, 0, 1000 },
    { "bytes=0-99", NULL, TAG, PART_UNCHANGED, 0, 1000 },
    { "bytes=0-99", NULL, "\"x\"", PART_RANGE, 0, 100 },
};

static void add(struct request *r, const char *name, const char *value)
{
    if (!value)
        return;
    r->head.headers[r->head.n_headers++] = (struct http1_header){ .name = slice_str(name),
        .value = slice_str(value) };
}

static struct part ask(size_t i, enum http1_method method, uint64_t size)
{
    static struct request r;
    r.head.n_headers = 0;
    r.head.method = method;
    add(&r, "Range", rows[i].range);
    add(&r, "If-Range", rows[i].if_range);
    add(&r, "If-None-Match", rows[i].if_none_match);
    return part_wanted(&r, S(TAG), size);
}

int main(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct part p = ask(i, HTTP1_GET, 1000);
        ok(p.kind == rows[i].kind && p.first == rows[i].first && p.len == rows[i].len,
            "range %s, if %s, unless %s", rows[i].range, rows[i].if_range, rows[i].if_none_match);
        p = ask(i, HTTP1_HEAD, 1000);
        bool is_same = rows[i].kind == PART_UNCHANGED;
        ok(p.kind == (is_same ? PART_UNCHANGED : PART_ALL), "of HEAD there are no parts");
    }
    is_int(ask(1, HTTP1_GET, 0).kind, PART_NOWHERE, "of nothing there is no part");
    is_int(ask(0, HTTP1_GET, 0).len, 0, "all of nothing");
    return done();
}
