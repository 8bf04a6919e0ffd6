#include "web/part.h"

#define RANGE_BYTES 80 /* "bytes ", three numbers, and what separates them */

/* Of nothing but what is read are there parts (section 14.2), and of another version none. */
static bool is_range_wanted(const struct request *r, struct slice etag)
{
    struct slice condition = request_header(r, S("If-Range"));
    bool is_same = !condition.p || slice_eq(condition, etag);
    return r->head.method == HTTP1_GET && is_same;
}

struct part part_wanted(const struct request *r, struct slice etag, uint64_t size)
{
    struct part p = { .kind = PART_ALL, .len = size, .size = size };
    struct slice known = request_header(r, S("If-None-Match"));
    struct slice range = request_header(r, S("Range"));
    uint64_t last = 0;
    if (known.p && http1_etag_matches(known, etag)) {
        p.kind = PART_UNCHANGED;
        return p;
    }
    if (!range.p || !is_range_wanted(r, etag))
        return p;
    int err = http1_range(&p.first, &last, range, size);
    if (err == ERR_BAD_RANGE) {
        p.kind = PART_NOWHERE;
    } else if (!err) {
        p.kind = PART_RANGE;
        p.len = last - p.first + 1;
    }
    return p;
}

/* `bytes 0-99/1000`; where nothing fits, a star stands for the place. */
void part_put_range(struct reply *reply, const struct part *p)
{
    struct buf text;
    buf_init(&text, RANGE_BYTES);
    buf_add_str(&text, "bytes ");
    if (p->kind == PART_RANGE) {
        buf_add_u64(&text, p->first);
        buf_add_char(&text, '-');
        buf_add_u64(&text, p->first + p->len - 1);
    } else {
        buf_add_char(&text, '*');
    }
    buf_add_char(&text, '/');
    buf_add_u64(&text, p->size);
    reply_header(reply, "Content-Range", buf_slice(&text));
    buf_fini(&text);
}

void part_refuse(struct request *r, const struct part *p)
{
    struct reply reply;
    reply_error_begin(&reply, r, ERR_BAD_RANGE);
    part_put_range(&reply, p);
    reply_error_body(&reply, ERR_BAD_RANGE, slice_str(err_info(ERR_BAD_RANGE)->text));
}
