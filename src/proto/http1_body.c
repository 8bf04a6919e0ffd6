#include "proto/http1.h"
#include "proto/http1_chars.h"

#define MAX_CHUNK_DIGITS 16 /* leading zeros count; so a size fits 64 bits */

/* Where the length is refused, the body counts as unread. */
int http1_body_init(struct http1_body *b, const struct http1_head *head, uint64_t max)
{
    *b = (struct http1_body){ .state = HTTP1_BODY_SIZED, .left = head->length, .max = max };
    if (head->is_chunked)
        b->state = HTTP1_BODY_CHUNK_SIZE;
    else if (head->length > max)
        return ERR_TOO_BIG;
    else if (head->length == 0)
        b->state = HTTP1_BODY_DONE;
    return 0;
}

static int go(struct http1_body *b, enum http1_body_state state)
{
    b->state = state;
    return 0;
}

/* A character that has to stand here. */
static int expect(struct http1_body *b, char c, char expected, enum http1_body_state next)
{
    return c == expected ? go(b, next) : ERR_BAD_REQUEST;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* No blank is taken behind the size, nor a sign or 0x before it. */
static int in_size(struct http1_body *b, char c)
{
    int digit = hex_value(c);
    if (digit < 0) {
        bool is_extended = c == ';';
        if (b->count == 0 || (c != '\r' && !is_extended))
            return ERR_BAD_REQUEST;
        b->count = is_extended;
        return go(b, is_extended ? HTTP1_BODY_CHUNK_EXT : HTTP1_BODY_CHUNK_SIZE_LF);
    }
    if (b->count == MAX_CHUNK_DIGITS)
        return ERR_BAD_REQUEST;
    b->count++;
    b->left = b->left << 4 | (uint64_t)digit;
    return b->left > b->max - b->total ? ERR_TOO_BIG : 0;
}

static bool is_text(char c)
{
    return c == '\t' || ((unsigned char)c >= 0x20 && c != 0x7f);
}

/* Extensions mean nothing here; what could end the line for somebody else is refused. */
static int in_extension(struct http1_body *b, char c)
{
    if (c == '\r')
        return go(b, HTTP1_BODY_CHUNK_SIZE_LF);
    if (!is_text(c) || b->count == HTTP1_MAX_CHUNK_EXT)
        return ERR_BAD_REQUEST;
    b->count++;
    return 0;
}

static int end_size_line(struct http1_body *b, char c)
{
    b->count = 0;
    return expect(b, c, '\n', b->left > 0 ? HTTP1_BODY_CHUNK_DATA : HTTP1_BODY_TRAILER);
}

static int in_trailer_name(struct http1_body *b, char c)
{
    if (http1_is(c, HTTP1_TOKEN))
        return go(b, HTTP1_BODY_TRAILER_NAME);
    bool is_begun = b->state == HTTP1_BODY_TRAILER_NAME;
    return is_begun ? expect(b, c, ':', HTTP1_BODY_TRAILER_VALUE) : ERR_BAD_REQUEST;
}

static int in_trailer_value(struct http1_body *b, char c)
{
    if (c == '\r')
        return go(b, HTTP1_BODY_TRAILER_LF);
    return is_text(c) ? 0 : ERR_BAD_REQUEST;
}

/* Header lines behind the last chunk: the form is checked, the content ignored. */
static int in_trailer(struct http1_body *b, char c)
{
    if (b->state == HTTP1_BODY_TRAILER && c == '\r')
        return go(b, HTTP1_BODY_END_LF);
    if (b->count == HTTP1_MAX_TRAILERS)
        return ERR_TOO_BIG;
    b->count++;
    if (b->state == HTTP1_BODY_TRAILER_VALUE)
        return in_trailer_value(b, c);
    if (b->state == HTTP1_BODY_TRAILER_LF)
        return expect(b, c, '\n', HTTP1_BODY_TRAILER);
    return in_trailer_name(b, c);
}

/* One byte of framing. */
static int step(struct http1_body *b, char c)
{
    switch (b->state) {
    case HTTP1_BODY_CHUNK_SIZE:
        return in_size(b, c);
    case HTTP1_BODY_CHUNK_EXT:
        return in_extension(b, c);
    case HTTP1_BODY_CHUNK_SIZE_LF:
        return end_size_line(b, c);
    case HTTP1_BODY_CHUNK_END:
        return expect(b, c, '\r', HTTP1_BODY_CHUNK_END_LF);
    case HTTP1_BODY_CHUNK_END_LF:
        return expect(b, c, '\n', HTTP1_BODY_CHUNK_SIZE);
    case HTTP1_BODY_END_LF:
        return expect(b, c, '\n', HTTP1_BODY_DONE);
    default:
        return in_trailer(b, c);
    }
}

static void take_content(struct slice *data, struct http1_body *b, struct slice *in)
{
    *data = slice_take(*in, b->left < in->len ? (size_t)b->left : in->len);
    *in = slice_drop(*in, data->len);
    b->left -= data->len;
    b->total += data->len;
    if (b->left == 0)
        b->state = b->state == HTTP1_BODY_SIZED ? HTTP1_BODY_DONE : HTTP1_BODY_CHUNK_END;
}

int http1_body_read(struct slice *data, struct http1_body *b, struct slice *in)
{
    *data = slice_of(in->p, 0);
    while (in->len > 0 && b->state != HTTP1_BODY_DONE) {
        if (b->state == HTTP1_BODY_SIZED || b->state == HTTP1_BODY_CHUNK_DATA) {
            take_content(data, b, in);
            return 0;
        }
        int err = step(b, in->p[0]);
        if (err)
            return err;
        *in = slice_drop(*in, 1);
    }
    return 0;
}
