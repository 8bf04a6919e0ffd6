#include "net/tls.h"

#include "base/panic.h"
#include "base/xalloc.h"
#include "net/tls_io.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#define WHY_BYTES               160
#define MAX_EARLY_RECORDS_BYTES 0 /* no 0-RTT: a replayed request must not act twice */

struct tls {
    _Atomic unsigned refs;
    pthread_mutex_t lock; /* over ctx: one thread reloads while the loops of others make sessions */
    SSL_CTX *ctx;
    char *cert_file;
    char *key_file;
};

/* The oldest error in OpenSSL's queue is the cause; the newest only says which part met it. */
static int complain(char why[WHY_BYTES], const char *what, const char *file)
{
    unsigned long code = ERR_peek_error();
    const char *reason = ERR_SYSTEM_ERROR(code) ? strerrordesc_np(ERR_GET_REASON(code))
                                                : ERR_reason_error_string(code);
    snprintf(why, WHY_BYTES, "%s %.80s: %.48s", what, file, reason ? reason : "not usable");
    ERR_clear_error();
    return ERR_BAD_CONFIG;
}

/* HTTP/1.1 is all that is spoken; a client that insists on something else is let through to be
 * told so in HTTP. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *in, unsigned in_len, void *arg)
{
    static const unsigned char http11[] = "\x08http/1.1";
    (void)ssl;
    (void)arg;
    unsigned char *chosen;
    if (SSL_select_next_proto(&chosen, out_len, http11, sizeof http11 - 1, in, in_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* Never ask the terminal: a server has nobody there. */
static int no_passphrase(char *p, int max, int is_writing, void *arg)
{
    (void)p;
    (void)max;
    (void)is_writing;
    (void)arg;
    return 0;
}

static void set_policy(SSL_CTX *ctx)
{
    ASSERT(SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1);
    SSL_CTX_set_options(ctx,
        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
            SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_PRIORITIZE_CHACHA);
    ASSERT(SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1);
    SSL_CTX_set_mode(ctx,
        SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
            SSL_MODE_RELEASE_BUFFERS);
    /* Else a peer that sends new keys without end keeps us inside one call of SSL_read. */
    SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_read_ahead(ctx, 0);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF); /* tickets carry the state */
    SSL_CTX_set_num_tickets(ctx, 1);
    SSL_CTX_set_max_early_data(ctx, MAX_EARLY_RECORDS_BYTES);
    SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
    SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
}

static int load(SSL_CTX **out, const char *cert_file, const char *key_file, char why[WHY_BYTES])
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    int err = 0;
    ASSERT(ctx);
    ERR_clear_error();
    set_policy(ctx);
    if (SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1)
        err = complain(why, "the certificate", cert_file);
    else if (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) != 1)
        err = complain(why, "the key", key_file);
    else if (SSL_CTX_check_private_key(ctx) != 1)
        err = complain(why, "the key does not belong to the certificate", cert_file);
    if (err) {
        SSL_CTX_free(ctx);
        return err;
    }
    *out = ctx;
    return 0;
}

int tls_new(struct tls **out, const char *cert_file, const char *key_file, char why[WHY_BYTES])
{
    SSL_CTX *ctx;
    int err = load(&ctx, cert_file, key_file, why);
    if (err)
        return err;
    struct tls *t = xalloc(sizeof *t);
    atomic_init(&t->refs, 1);
    pthread_mutex_init(&t->lock, NULL);
    t->ctx = ctx;
    t->cert_file = xstrdup(cert_file);
    t->key_file = xstrdup(key_file);
    *out = t;
    return 0;
}

int tls_reload(struct tls *t, char why[WHY_BYTES])
{
    SSL_CTX *ctx;
    int err = load(&ctx, t->cert_file, t->key_file, why);
    if (err)
        return err;
    pthread_mutex_lock(&t->lock);
    SSL_CTX *old = t->ctx;
    t->ctx = ctx;
    pthread_mutex_unlock(&t->lock);
    SSL_CTX_free(old); /* sessions that live hold references of their own */
    return 0;
}

struct tls *tls_ref(struct tls *t)
{
    atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
    return t;
}

void tls_unref(struct tls *t)
{
    if (!t || atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) != 1)
        return;
    SSL_CTX_free(t->ctx);
    pthread_mutex_destroy(&t->lock);
    xfree(t->cert_file);
    xfree(t->key_file);
    xfree(t);
}

struct ssl_st *tls_session(struct tls *t, int fd)
{
    pthread_mutex_lock(&t->lock);
    SSL *ssl = SSL_new(t->ctx);
    pthread_mutex_unlock(&t->lock);
    if (!ssl || SSL_set_fd(ssl, fd) != 1) {
        SSL_free(ssl);
        ERR_clear_error();
        return NULL;
    }
    SSL_set_accept_state(ssl);
    return ssl;
}
