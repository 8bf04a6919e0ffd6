/* A connection's bytes through proto/http1: heads, bodies, what follows. The limits are small, so
 * that inputs reach them. Promises beyond memory safety: the same stream in other pieces gives the
 * same requests and the same end; a value that was read can be written; ranges lie in the file. */
#include "fuzz.h"
#include "http1_stream.h"

#include <stdlib.h>

static const struct http1_limits limits = {
    .line_bytes = 300,
    .header_bytes = 600,
    .header_count = 12,
};

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void try_fields(const struct http1_head *head)
{
    uint64_t first, last, size = 1000;
    struct slice range = http1_header(head, S("Range"));
    if (range.p != NULL && http1_range(&first, &last, range, size) == 0)
        must(first <= last && last < size);
    struct slice etags = http1_header(head, S("If-None-Match"));
    (void)http1_etag_matches(etags, S("W/\"a\""));
    struct slice codings = http1_header(head, S("Accept-Encoding"));
    must(http1_encoding_quality(codings, S("gzip")) <= 1000);
    must(http1_encoding_quality(codings, S("identity")) <= 1000);
}

/* No value that was read may split an answer. */
static void on_head(const struct http1_head *head)
{
    struct buf out;
    buf_init(&out, 4096);
    must(head->n_headers <= limits.header_count && head->target.len <= limits.line_bytes);
    for (unsigned i = 0; i < head->n_headers; i++)
        http1_write_header(&out, "X", head->headers[i].value);
    must(buf_err(&out) == 0);
    buf_fini(&out);
    must(!(head->is_chunked && head->has_length));
    must(head->minor == 0 || head->host.len > 0);
    (void)http1_has_token(head, S("Connection"), S("upgrade"));
    try_fields(head);
}

static void run(struct buf *out, struct slice all, size_t step)
{
    struct http1_stream s = {
        .all = all,
        .step = step,
        .max = 5000,
        .limits = limits,
        .on_head = on_head,
    };
    http1_stream_run(out, &s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice all = slice_of(data, size);
    const size_t steps[] = { 1, 2 + size % 61 };
    struct buf whole, pieces;
    buf_init(&whole, 1 << 24);
    buf_init(&pieces, 1 << 24);
    run(&whole, all, size);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        buf_reset(&pieces);
        run(&pieces, all, steps[i]);
        must(slice_eq(buf_slice(&whole), buf_slice(&pieces)));
    }
    buf_fini(&whole);
    buf_fini(&pieces);
    return 0;
}
