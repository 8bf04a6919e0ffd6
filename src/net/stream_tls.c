/* TLS as a stream's transport. OpenSSL works on the descriptor itself, so there is no copy between
 * the two; its buffers are returned whenever they are empty, so that an idle connection is small.
 * It keeps errors in a queue of the thread, and takes any that others left there for its own: the
 * queue is emptied before each call. */
#include "base/panic.h"
#include "net/stream_io.h"
#include "net/tls_io.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>

#define RECORD_BYTES   (16u * 1024) /* the most that one record carries */
#define IOV_PER_RECORD 64

static int translate(struct stream *s, int result)
{
    int error = SSL_get_error(s->ssl, result);
    int system_error = errno;
    ERR_clear_error();
    switch (error) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return ERR_AGAIN;
    case SSL_ERROR_SYSCALL:
        return system_error == EAGAIN || system_error == EINTR ? ERR_AGAIN : ERR_RESET;
    default:
        return ERR_TLS;
    }
}

int stream_tls_start(struct stream *s)
{
    s->ssl = tls_session(s->tls, s->watch.fd);
    if (!s->ssl)
        return ERR_NO_MEMORY;
    s->io = &stream_io_tls;
    s->step = stream_tls_step;
    return 0;
}

int stream_tls_step(struct stream *s)
{
    ERR_clear_error();
    int result = SSL_accept(s->ssl);
    if (result == 1) {
        s->stats->tls_handshakes++;
        s->step = NULL;
        return 0;
    }
    bool wants_write = SSL_want_write(s->ssl);
    int err = translate(s, result);
    if (err != ERR_AGAIN)
        s->stats->tls_failures++;
    s->opening_events = wants_write ? EPOLLOUT : EPOLLIN;
    return err;
}

/* Never stays long: OpenSSL returns after each record, also after one that was not data, and reads
 * no further than that (see tls.c). So the descriptor knows of all that is left, but for bytes that
 * tls_peek_end() has looked at. */
static int tls_read(size_t *got, struct stream *s, char *p, size_t room)
{
    ERR_clear_error();
    if (SSL_read_ex(s->ssl, p, room, got) == 1)
        return 0;
    *got = 0;
    if (SSL_get_error(s->ssl, 0) == SSL_ERROR_ZERO_RETURN)
        return 0;
    return translate(s, 0);
}

static int tls_peek_end(bool *is_end, struct stream *s)
{
    char byte;
    size_t got;
    ERR_clear_error();
    if (SSL_peek_ex(s->ssl, &byte, 1, &got) == 1)
        return 0;
    *is_end = SSL_get_error(s->ssl, 0) == SSL_ERROR_ZERO_RETURN;
    return *is_end ? 0 : translate(s, 0);
}

/* Many small frames become one record. What waits in the queue only grows at its end, so that a
 * record which the descriptor did not take whole is offered again with the same beginning, as
 * OpenSSL demands. */
static size_t gather(struct stream *s, char *record)
{
    struct iovec iov[IOV_PER_RECORD];
    unsigned n = chunkq_iov(&s->out, iov, IOV_PER_RECORD, RECORD_BYTES);
    size_t len = 0;
    for (unsigned i = 0; i < n; i++) {
        memcpy(record + len, iov[i].iov_base, iov[i].iov_len);
        len += iov[i].iov_len;
    }
    return len;
}

static int tls_write(struct stream *s)
{
    char *record = loop_scratch(s->loop);
    _Static_assert(LOOP_SCRATCH_BYTES >= RECORD_BYTES, "a record fits");
    while (!chunkq_is_empty(&s->out)) {
        size_t wrote = 0;
        size_t len = gather(s, record);
        s->stats->writes++;
        ERR_clear_error();
        if (SSL_write_ex(s->ssl, record, len, &wrote) != 1)
            return translate(s, 0);
        s->stats->sent_bytes += wrote;
        chunkq_drop(&s->out, wrote);
    }
    return 0;
}

static int tls_shutdown(struct stream *s)
{
    ERR_clear_error();
    int result = SSL_shutdown(s->ssl);
    if (result < 0 && translate(s, result) == ERR_AGAIN)
        return ERR_AGAIN;
    shutdown(s->watch.fd, SHUT_WR);
    return 0;
}

static void tls_free(struct stream *s)
{
    SSL_free(s->ssl);
}

const struct stream_io stream_io_tls = {
    .name = "tls",
    .read = tls_read,
    .write = tls_write,
    .peek_end = tls_peek_end,
    .shutdown = tls_shutdown,
    .free = tls_free,
};
