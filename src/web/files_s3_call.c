/* A BIO of OpenSSL over a socket, with TLS or without; the certificate must be one that this
 * machine trusts, for that host. The connection ends with the answer. */
#include "web/files_s3_call.h"

#include "base/buf.h"

#include <netdb.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define REQUEST_BYTES 8192
#define NAME_BYTES    300
#define STATUS_BYTES  12 /* HTTP/1.1 204 */

/* The parts of an address: texts with a NUL. */
struct target {
    bool is_tls;
    char host[NAME_BYTES];
    char port[8];
    struct slice authority; /* as in a Host header */
    struct slice rest;      /* path and query */
};

static int copy(char *to, size_t max, struct slice from)
{
    if (from.len == 0 || from.len >= max)
        return ERR_BAD_VALUE;
    memcpy(to, from.p, from.len);
    to[from.len] = '\0';
    return 0;
}

/* A port stands behind the last colon, but a colon within brackets is an address'. */
static int split_authority(struct target *t)
{
    struct slice host = t->authority;
    size_t at = host.len;
    while (at > 0 && host.p[at - 1] != ':' && host.p[at - 1] != ']')
        at--;
    bool has_port = at > 0 && host.p[at - 1] == ':';
    struct slice port = has_port ? slice_drop(host, at) : t->is_tls ? S("443") : S("80");
    host = has_port ? slice_take(host, at - 1) : host;
    if (slice_starts(host, S("[")) && slice_ends(host, S("]")))
        host = slice_of(host.p + 1, host.len - 2);
    int err = copy(t->host, sizeof t->host, host);
    return err ? err : copy(t->port, sizeof t->port, port);
}

static int parse(struct target *t, struct slice url)
{
    *t = (struct target){ .is_tls = slice_starts(url, S("https://")) };
    if (!t->is_tls && !slice_starts(url, S("http://")))
        return ERR_BAD_VALUE;
    struct slice rest = slice_drop(url, strlen(t->is_tls ? "https://" : "http://"));
    ptrdiff_t slash = slice_find(rest, '/');
    if (slash < 0)
        return ERR_BAD_VALUE;
    t->authority = slice_take(rest, (size_t)slash);
    t->rest = slice_drop(rest, (size_t)slash);
    return split_authority(t);
}

/* ---- the connection ---- */

/* connect() waits as long as writing does. */
static int connect_at(const struct addrinfo *at)
{
    const struct timeval patience = { .tv_sec = FILES_S3_CALL_S };
    int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, at->ai_addr, at->ai_addrlen) == 0)
        return fd;
    close(fd);
    return -1;
}

/* NULL: it cannot be reached by any of its addresses. */
static BIO *connect_plain(const struct target *t)
{
    const struct addrinfo wanted = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    int fd = -1;
    if (getaddrinfo(t->host, t->port, &wanted, &found))
        return NULL;
    for (const struct addrinfo *at = found; at && fd < 0; at = at->ai_next)
        fd = connect_at(at);
    freeaddrinfo(found);
    BIO *bio = fd < 0 ? NULL : BIO_new_socket(fd, BIO_CLOSE);
    if (fd >= 0 && !bio)
        close(fd);
    return bio;
}

static bool expect_host(SSL *ssl, const char *host)
{
    bool is_address = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    if (is_address)
        return true;
    return SSL_set1_host(ssl, host) && SSL_set_tlsext_host_name(ssl, host);
}

/* *takes* `plain`, also when it gives NULL. */
static BIO *wrap_tls(BIO *plain, const struct target *t)
{
    SSL *ssl = NULL;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    BIO *bio = NULL;
    if (context && SSL_CTX_set_default_verify_paths(context))
        bio = BIO_new_ssl(context, 1);
    SSL_CTX_free(context);
    if (!bio) {
        BIO_free_all(plain);
        return NULL;
    }
    bio = BIO_push(bio, plain);
    BIO_get_ssl(bio, &ssl);
    if (expect_host(ssl, t->host) && BIO_do_handshake(bio) == 1)
        return bio;
    BIO_free_all(bio);
    return NULL;
}

static BIO *connect_to(const struct target *t)
{
    BIO *bio = connect_plain(t);
    return bio && t->is_tls ? wrap_tls(bio, t) : bio;
}

/* ---- the exchange ---- */

static int say(BIO *bio, struct slice method, const struct target *t)
{
    struct buf text;
    buf_init(&text, REQUEST_BYTES);
    buf_add_slice(&text, method);
    buf_add_char(&text, ' ');
    buf_add_slice(&text, t->rest);
    buf_add_str(&text, " HTTP/1.1\r\nHost: ");
    buf_add_slice(&text, t->authority);
    buf_add_str(&text, "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    int err = buf_err(&text);
    size_t sent = 0;
    if (!err && (!BIO_write_ex(bio, text.p, text.len, &sent) || sent != text.len))
        err = ERR_IO;
    buf_fini(&text);
    return err;
}

static int hear(int *status, BIO *bio)
{
    char line[STATUS_BYTES];
    uint64_t number = 0;
    size_t len = 0;
    size_t got = 0;
    while (len < sizeof line && BIO_read_ex(bio, line + len, sizeof line - len, &got))
        len += got;
    struct slice text = slice_of(line, len);
    bool is_http = slice_starts(text, S("HTTP/1.1 ")) || slice_starts(text, S("HTTP/1.0 "));
    if (!is_http || slice_u64(&number, slice_drop(text, 9)))
        return ERR_IO;
    *status = (int)number;
    return 0;
}

int files_s3_call(int *status, struct slice method, struct slice url)
{
    struct target t;
    int err = parse(&t, url);
    if (err)
        return err;
    BIO *bio = connect_to(&t);
    err = bio ? say(bio, method, &t) : ERR_IO;
    if (!err)
        err = hear(status, bio);
    BIO_free_all(bio);
    ERR_clear_error();
    return err;
}
