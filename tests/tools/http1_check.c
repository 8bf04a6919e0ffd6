/* Reads inputs from stdin, each behind its length (32 bits, little-endian), and prints for each a
 * line of JSON: what proto/http1 makes of it, or {"end":"SPLIT"} when pieces of 1 or 7 bytes give
 * something else. tests/live/http1-vs-node.test.mjs compares it with Node. */
#include "http1_stream.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_BYTES (1 << 20)

static const struct http1_limits limits = {
    .line_bytes = 65536,
    .header_bytes = 16384,
    .header_count = 100,
};

static void run(struct buf *out, struct slice in, size_t step)
{
    struct http1_stream s = { .all = in, .step = step, .max = INPUT_BYTES, .limits = limits };
    buf_reset(out);
    http1_stream_run(out, &s);
}

static void check(struct buf *out, struct buf *again, struct slice in)
{
    static const size_t steps[] = { 1, 7 };
    run(out, in, in.len);
    bool is_same = buf_err(out) == 0;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        run(again, in, steps[i]);
        is_same = is_same && slice_eq(buf_slice(out), buf_slice(again));
    }
    if (is_same)
        printf("%.*s\n", (int)out->len, out->p);
    else
        printf("{\"requests\":[],\"end\":\"SPLIT\",\"left\":0}\n");
}

/* The copy has exactly the size of the input, so that ASan sees a read past its end. */
static bool next(struct slice *in)
{
    uint32_t len;
    if (fread(&len, sizeof(len), 1, stdin) != 1)
        return false;
    len = le32toh(len);
    char *p = len <= INPUT_BYTES ? malloc(len > 0 ? len : 1) : NULL;
    if (p == NULL || fread(p, 1, len, stdin) != len) {
        fprintf(stderr, "http1_check: an input is cut off or larger than %d bytes\n", INPUT_BYTES);
        exit(2);
    }
    *in = slice_of(p, len);
    return true;
}

int main(void)
{
    struct buf out, again;
    struct slice in;
    buf_init(&out, 4 * INPUT_BYTES);
    buf_init(&again, 4 * INPUT_BYTES);
    while (next(&in)) {
        check(&out, &again, in);
        free((char *)in.p);
    }
    buf_fini(&out);
    buf_fini(&again);
    return 0;
}
