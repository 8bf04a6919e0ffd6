/* HTTP/1.1 as a server hears and speaks it (RFC 9110, 9112), strictly: what two parsers could read
 * differently is refused. Sans-I/O: bytes in, views of them out. Knows no routes and no
 * connections; web/conn uses it. */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define HTTP1_MAX_HEADERS   100  /* the array below; the limit in force may be lower */
#define HTTP1_MAX_CHUNK_EXT 256  /* bytes of extensions behind one chunk size */
#define HTTP1_MAX_TRAILERS  4096 /* bytes; trailers are read and ignored */
#define HTTP1_DATE_BYTES    29   /* "Sat, 21 Nov 2026 10:40:45 GMT" */

enum http1_method {
    HTTP1_GET,
    HTTP1_HEAD,
    HTTP1_POST,
    HTTP1_PUT,
    HTTP1_PATCH,
    HTTP1_DELETE,
    HTTP1_OPTIONS,
    HTTP1_OTHER, /* a valid token that no route takes, TRACE among them; CONNECT is malformed */
};

struct http1_limits {
    uint32_t line_bytes;   /* of the request line, without its CRLF; below 64 MiB */
    uint32_t header_bytes; /* of all header lines together, each with its CRLF; below 64 MiB */
    uint32_t header_count; /* more than HTTP1_MAX_HEADERS has no effect */
};

struct http1_header {
    struct slice name;
    struct slice value; /* without white space around it */
};

/* A request's head. All slices lie in the bytes it was read from. */
struct http1_head {
    enum http1_method method;
    struct slice method_name;
    struct slice target; /* as sent */
    struct slice path;   /* of origin form and absolute form; "*" of OPTIONS * */
    struct slice query;  /* behind the '?', not decoded */
    struct slice host;   /* of an absolute target, else of the Host header; may hold a port; empty
                          * only in HTTP/1.0 */
    uint8_t minor;       /* HTTP/1.`minor`, 0 or 1 */
    bool keep_alive;
    bool expects_continue; /* and has a body */
    bool is_chunked;
    bool has_length;
    bool wants_upgrade; /* Connection lists "upgrade" and there is an Upgrade header */
    uint64_t length;    /* Content-Length; 0 without */
    unsigned n_headers;
    struct http1_header headers[HTTP1_MAX_HEADERS];
};

/* Reads a head from the start of `in`. `*scanned` (0 at first, kept by the caller between calls
 * with the same, longer `in`, 0 again behind a head; no plain number of bytes) makes a head that
 * comes byte by byte cost linear time.
 * 0: `*used` bytes were the head. ERR_AGAIN: more bytes are needed; `*head` holds nothing yet.
 * ERR_URI_TOO_LONG, ERR_HEADERS_TOO_BIG, ERR_BAD_VERSION, ERR_EXPECTATION, ERR_BAD_REQUEST: answer
 * and close. Limits and most faults are noticed at the byte that breaks them. */
int http1_read_head(struct http1_head *head, size_t *used, uint64_t *scanned, struct slice in,
    const struct http1_limits *limits) MUST_CHECK;

/* The value of the first header of that name; p is NULL when there is none. */
struct slice http1_header(const struct http1_head *head, struct slice name);

/* Whether a comma list among all headers of that name holds `token`, without case. */
bool http1_has_token(const struct http1_head *head, struct slice name, struct slice token);

/* A body of known length or in chunks, handed on as it comes. */
enum http1_body_state {
    HTTP1_BODY_SIZED,
    HTTP1_BODY_CHUNK_SIZE,
    HTTP1_BODY_CHUNK_EXT,
    HTTP1_BODY_CHUNK_SIZE_LF,
    HTTP1_BODY_CHUNK_DATA,
    HTTP1_BODY_CHUNK_END,
    HTTP1_BODY_CHUNK_END_LF,
    HTTP1_BODY_TRAILER, /* where a trailer line or the last, empty line begins */
    HTTP1_BODY_TRAILER_NAME,
    HTTP1_BODY_TRAILER_VALUE,
    HTTP1_BODY_TRAILER_LF,
    HTTP1_BODY_END_LF, /* of the last, empty line */
    HTTP1_BODY_DONE,
};

struct http1_body {
    enum http1_body_state state;
    uint32_t count; /* digits, extension or trailer bytes so far, by state */
    uint64_t left;  /* of this chunk, or of the sized body */
    uint64_t total; /* bytes handed on so far */
    uint64_t max;   /* more is ERR_TOO_BIG, known from the head or while reading */
};

/* ERR_TOO_BIG when the head declares more than `max`. */
int http1_body_init(struct http1_body *b, const struct http1_head *head, uint64_t max) MUST_CHECK;

/* Takes from the front of `*in`, gives the next piece of content in `*data` (a view of it, empty
 * when there was only framing). Call it until `*in` is empty or the body is done: what is left then
 * is the next request. ERR_BAD_REQUEST, ERR_TOO_BIG (of content or trailers): answer and close. */
int http1_body_read(struct slice *data, struct http1_body *b, struct slice *in) MUST_CHECK;

static inline bool http1_body_is_done(const struct http1_body *b)
{
    return b->state == HTTP1_BODY_DONE;
}

/* The answer. A value with a control character makes the buffer fail (ERR_BAD_VALUE) rather than
 * split the answer: callers need not look. Names are ours. */
void http1_write_status(struct buf *out, int status);
void http1_write_header(struct buf *out, const char *name, struct slice value);
void http1_write_number(struct buf *out, const char *name, uint64_t value);
void http1_write_end(struct buf *out);
const char *http1_reason(int status); /* "" for a status it does not know */

/* The form of the Date header; not terminated. */
void http1_date(char out[HTTP1_DATE_BYTES], int64_t wall_ms);

/* One range of a Range header over `size` bytes: 0 and [*first, *last]; ERR_BAD_RANGE when it lies
 * outside; ERR_NOT_IMPLEMENTED when the header is to be ignored (other units, several ranges,
 * malformed). */
int http1_range(uint64_t *first, uint64_t *last, struct slice value, uint64_t size) MUST_CHECK;

/* Whether an If-None-Match value lists `etag`, quotes and all (weak comparison), or is "*". */
bool http1_etag_matches(struct slice value, struct slice etag);

/* How an Accept-Encoding value rates a coding: 0 (not at all) to 1000. "identity", where it is not
 * mentioned, rates 1: permitted, but less than whatever is asked for. */
unsigned http1_encoding_quality(struct slice value, struct slice coding);
