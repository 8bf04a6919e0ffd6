/* What happens on a connection before its first byte goes up: an optional PROXY protocol header
 * (version 2, binary) that names the real peer, then, where the port has TLS, a look at the first
 * byte to tell a TLS client from a plain one. Each is a step that waits for what it needs. */
#include "base/xalloc.h"
#include "net/stream_io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/epoll.h>

#define PROXY_FIXED_BYTES 16
#define PROXY_MAX_BYTES   536 /* of addresses and extensions behind the fixed part */
#define PROXY_V4_BYTES    12
#define PROXY_V6_BYTES    36
#define TLS_FIRST_BYTE    0x16

static const uint8_t proxy_signature[12] = { 0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55,
    0x49, 0x54, 0x0a };

struct opening {
    unsigned len;
    uint8_t bytes[PROXY_FIXED_BYTES + PROXY_MAX_BYTES];
};

/* Reads until `want` bytes are here and not one more: the next belongs to someone else. */
static int fill(struct stream *s, unsigned want)
{
    struct opening *o = s->opening;
    while (o->len < want) {
        ssize_t n = recv(s->watch.fd, o->bytes + o->len, want - o->len, 0);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR ? ERR_AGAIN : ERR_RESET;
        if (n == 0)
            return ERR_RESET;
        o->len += (unsigned)n;
    }
    return 0;
}

static int take_address(struct stream *s, unsigned len)
{
    const uint8_t *b = s->opening->bytes;
    const uint8_t *address = b + PROXY_FIXED_BYTES;
    struct addr a = { .len = 0 };
    bool is_proxied = (b[12] & 0x0f) == 1; /* else the proxy speaks for itself: a health check */
    unsigned family = b[13] >> 4;
    if (!is_proxied || family < 1 || family > 2)
        return 0;
    if (len < (family == 1 ? PROXY_V4_BYTES : PROXY_V6_BYTES))
        return ERR_PROTOCOL; /* else the client would pass for the proxy, which is trusted */
    if (family == 1) {
        a.v4.sin_family = AF_INET;
        memcpy(&a.v4.sin_addr, address, 4);
    } else {
        a.v6.sin6_family = AF_INET6;
        memcpy(&a.v6.sin6_addr, address, 16);
    }
    s->peer = addr_ip(&a);
    return 0;
}

static int sniff_step(struct stream *s)
{
    uint8_t first;
    ssize_t n = recv(s->watch.fd, &first, 1, MSG_PEEK);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? ERR_AGAIN : ERR_RESET;
    if (n == 0)
        return ERR_RESET;
    if (first == TLS_FIRST_BYTE)
        return stream_tls_start(s);
    s->is_plain_on_tls = true;
    s->step = NULL;
    return 0;
}

static int proxy_step(struct stream *s)
{
    int err = fill(s, PROXY_FIXED_BYTES);
    if (err)
        return err;
    const uint8_t *b = s->opening->bytes;
    unsigned len = (unsigned)b[14] << 8 | b[15];
    bool is_version_2 = memcmp(b, proxy_signature, sizeof proxy_signature) == 0 && b[12] >> 4 == 2;
    if (!is_version_2 || (b[12] & 0x0f) > 1 || len > PROXY_MAX_BYTES)
        return ERR_PROTOCOL;
    err = fill(s, PROXY_FIXED_BYTES + len);
    if (err)
        return err;
    s->step = s->tls ? sniff_step : NULL;
    return take_address(s, len);
}

void stream_open_begin(struct stream *s, bool expects_proxy)
{
    if (expects_proxy) {
        s->opening = xalloc(sizeof *s->opening);
        s->step = proxy_step;
    } else if (s->tls) {
        s->step = sniff_step;
    }
}

void stream_open_fini(struct stream *s)
{
    xfree(s->opening);
    s->opening = NULL;
}
