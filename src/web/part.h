/* Which part of something a request for it wants: none, since its client has it already; all; a
 * range (RFC 9110, sections 13 and 14); or one that there is not. Used by web/static and
 * web/files_download. */
#pragma once

#include "web/reply.h"

enum part_kind {
    PART_ALL,       /* 200 */
    PART_RANGE,     /* 206 */
    PART_UNCHANGED, /* 304 */
    PART_NOWHERE,   /* 416 */
};

struct part {
    enum part_kind kind;
    uint64_t first; /* of ALL and RANGE */
    uint64_t len;
    uint64_t size; /* of the whole */
};

/* `etag` is a strong one, with its quotes. */
struct part part_wanted(const struct request *r, struct slice etag, uint64_t size);

/* The answer's Content-Range, of RANGE and NOWHERE. */
void part_put_range(struct reply *reply, const struct part *p);

/* Answers with 416. */
void part_refuse(struct request *r, const struct part *p);
