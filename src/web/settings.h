/* What the web face needs to know of the configuration, parsed and checked. Filled once by the
 * server from its options, then only read. */
#pragma once

#include "base/slice.h"
#include "net/addr.h"
#include "net/stream.h"
#include "proto/http1.h"
#include "proto/ws.h"

struct web_settings {
    struct http1_limits http;
    uint32_t body_bytes;         /* of a request, unless its route says less or more */
    uint64_t header_deadline_us; /* for a whole head, from its first moment on */
    uint64_t keep_alive_us;      /* between two requests */
    uint32_t body_rate;          /* bytes a second, at least, after a moment of grace */

    struct ws_limits ws;
    uint64_t ws_assembly_us; /* from a message's first byte to its last */
    uint64_t ws_ping_us;     /* between two pings */
    uint64_t ws_pong_us;     /* for an answer */
    bool ws_deflate;
    bool ws_echo;

    struct stream_limits http_stream; /* the soft mark closes nothing: files may be large */
    struct stream_limits ws_stream;
    uint32_t tls_half_open; /* connections that have not finished opening */
    uint32_t connections;
    uint32_t connections_per_address;

    struct slice public_url;     /* "https://stoa.example:8443"; empty: not set */
    struct slice public_host;    /* "stoa.example:8443", as in a Host header */
    struct slice files_host;     /* by which nothing but files is given out; empty: there is none */
    struct slice page_origins;   /* from which pages show pictures, and to which they upload, beside
                                  their own: separated by spaces */
    const struct slice *origins; /* of other sites that may talk to this server */
    size_t n_origins;
    const struct ip_range *proxies; /* whose X-Forwarded-* headers are believed */
    size_t n_proxies;
    struct slice metrics_token; /* empty: none */
    bool expects_proxy;         /* PROXY protocol v2 on every connection of a proxy */
    bool is_dev_tls;            /* a certificate of our own making: no HSTS */
};
