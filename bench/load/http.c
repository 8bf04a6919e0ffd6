#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t http_put_get(char out[REQUEST_BYTES], const struct load *l, const char *path)
{
    int n = snprintf(out, REQUEST_BYTES, "GET %s HTTP/1.1\r\nHost: localhost:%ld\r\n%s\r\n", path,
        l->opt.port, l->protocol->headers);

    if (n < 0 || n >= REQUEST_BYTES)
        die(l, "the path is too long");
    return (size_t)n;
}

size_t http_head_len(const struct conn *c)
{
    const unsigned char *end = memmem(c->in, c->got, "\r\n\r\n", 4);

    return end ? (size_t)(end - c->in) + 4 : 0;
}

int http_head_starts(const struct conn *c, const char *what)
{
    return strncmp((const char *)c->in, what, strlen(what)) == 0;
}

static size_t body_len(const struct load *l, const struct conn *c, size_t head)
{
    static const char name[] = "\r\ncontent-length:";
    const char *p = NULL;
    size_t len;

    for (size_t i = 0; i + sizeof name < head && !p; i++) {
        if (strncasecmp((const char *)c->in + i, name, sizeof name - 1) == 0)
            p = (const char *)c->in + i + sizeof name - 1;
    }
    if (!p)
        die_of_reply(l, c);
    len = strtoul(p, NULL, 10);
    if (len == 0 || len > IN_BYTES - head)
        die_of_reply(l, c);
    return len;
}

int http_take_reply(struct load *l, struct conn *c)
{
    size_t head = http_head_len(c);

    if (head == 0)
        return 0;
    if (!http_head_starts(c, "HTTP/1.1 2"))
        die_of_reply(l, c);
    if (c->got < head + body_len(l, c, head))
        return 0;
    c->got = 0;
    return 1;
}

/* The first reply's body is remembered: every later one must equal it. */
static void on_reply(struct load *l, struct conn *c)
{
    size_t head = http_head_len(c);

    if (head == 0)
        return;
    if (!http_head_starts(c, "HTTP/1.1 200 "))
        die_of_reply(l, c);
    if (l->body_len == 0)
        l->body_len = body_len(l, c, head);
    if (c->got < head + l->body_len)
        return;
    if (!l->body) {
        l->body = xcalloc(l->body_len, 1);
        memcpy(l->body, c->in + head, l->body_len);
    }
    if (c->got != head + l->body_len || memcmp(c->in + head, l->body, l->body_len) != 0)
        die_of_reply(l, c);
    c->got = 0;
    reply_came(l, c->began_at);
    became_ready(l, c);
}

static void start(struct load *l, struct conn *c)
{
    l->pending++;
    c->on_reply = on_reply;
    c->began_at = now();
    conn_send(l, c, l->request, l->request_len);
}

const struct protocol http = {
    .path = "/favicon.svg",
    .headers = "",
    .start = start,
};
