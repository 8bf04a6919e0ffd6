/* What a connection makes of a stream of bytes with proto/http1: every request, one after the
 * other, and how it ended, written as one line of JSON. Used by tests/tools/http1_check.c (the
 * comparison with Node) and tests/fuzz/http1_fuzz.c (the same stream in other pieces). */
#pragma once

#include "base/buf.h"
#include "proto/http1.h"

struct http1_stream {
    struct slice all; /* the whole stream */
    size_t step;      /* it arrives in pieces of so many bytes */
    uint64_t max;     /* of a body */
    struct http1_limits limits;
    /* called for every head; may be NULL */
    void (*on_head)(const struct http1_head *head);

    size_t at; /* bytes used up */
    uint64_t scanned;
    struct http1_body body;
    uint32_t hash; /* FNV-1a of the content so far */
    unsigned n;    /* requests begun */
    bool in_body;
    bool keep_alive;
};

static inline void http1_stream_quote(struct buf *out, const char *name, struct slice s)
{
    buf_add_str(out, name);
    buf_add_char(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] == '"' || s.p[i] == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, s.p[i]);
    }
    buf_add_char(out, '"');
}

static inline void http1_stream_begin(
    struct buf *out, struct http1_stream *s, const struct http1_head *head)
{
    buf_add_str(out, s->n++ > 0 ? ",{" : "{");
    http1_stream_quote(out, "\"method\":", head->method_name);
    http1_stream_quote(out, ",\"target\":", head->target);
    http1_stream_quote(out, ",\"host\":", head->host);
    buf_add_str(out, head->keep_alive ? ",\"keepAlive\":true" : ",\"keepAlive\":false");
    s->keep_alive = head->keep_alive;
    s->hash = 2166136261;
    if (s->on_head != NULL)
        s->on_head(head);
}

static inline void http1_stream_end(struct buf *out, struct http1_stream *s)
{
    buf_add_str(out, ",\"bytes\":");
    buf_add_u64(out, s->body.total);
    buf_add_str(out, ",\"hash\":");
    buf_add_u64(out, s->hash);
    buf_add_str(out, http1_body_is_done(&s->body) ? ",\"done\":true}" : ",\"done\":false}");
    s->in_body = false;
}

static inline int http1_stream_head(struct buf *out, struct http1_stream *s, struct slice in)
{
    struct http1_head head;
    size_t used = 0;
    int err = http1_read_head(&head, &used, &s->scanned, in, &s->limits);
    if (err)
        return err;
    s->at += used;
    s->scanned = 0;
    http1_stream_begin(out, s, &head);
    err = http1_body_init(&s->body, &head, s->max);
    s->in_body = true;
    return err;
}

static inline int http1_stream_body(struct http1_stream *s, struct slice in)
{
    while (!http1_body_is_done(&s->body)) {
        struct slice data;
        if (in.len == 0)
            return ERR_AGAIN;
        size_t before = in.len;
        int err = http1_body_read(&data, &s->body, &in);
        s->at += before - in.len;
        if (err)
            return err;
        for (size_t i = 0; i < data.len; i++)
            s->hash = (s->hash ^ (unsigned char)data.p[i]) * 16777619u;
    }
    return 0;
}

/* The first `n` bytes are here. ERR_AGAIN: more is needed; ERR_CLOSED: no more is wanted. */
static inline int http1_stream_given(struct buf *out, struct http1_stream *s, size_t n)
{
    for (;;) {
        struct slice in = slice_drop(slice_take(s->all, n), s->at);
        int err = s->in_body ? http1_stream_body(s, in) : http1_stream_head(out, s, in);
        if (err)
            return err;
        if (!s->in_body || !http1_body_is_done(&s->body))
            continue;
        http1_stream_end(out, s);
        if (!s->keep_alive)
            return ERR_CLOSED;
    }
}

/* {"requests":[...],"end":"DONE","left":0}. The end is DONE between two requests, AGAIN in the
 * middle of one, CLOSED behind the last of a connection, or what was wrong. */
static inline void http1_stream_run(struct buf *out, struct http1_stream *s)
{
    int err = ERR_AGAIN;
    buf_add_str(out, "{\"requests\":[");
    for (size_t n = 0; err == ERR_AGAIN && n < s->all.len;) {
        n = s->all.len - n > s->step ? n + s->step : s->all.len;
        err = http1_stream_given(out, s, n);
    }
    bool is_between = err == ERR_AGAIN && !s->in_body && s->at == s->all.len;
    if (s->in_body)
        http1_stream_end(out, s);
    buf_add_str(out, "],\"end\":\"");
    buf_add_str(out, is_between ? "DONE" : err_name(err));
    buf_add_str(out, "\",\"left\":");
    buf_add_u64(out, s->all.len - s->at);
    buf_add_char(out, '}');
}
