/* TLS streams against an OpenSSL client in the same thread, over a pair of sockets: versions, much
 * data both ways, peers that are plain, slow, silent or hostile, and certificates that change under
 * living sessions. */
#include "net/tls.h"

#include "base/xalloc.h"
#include "net/tls_dev.h"
#include "rig.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <sys/stat.h>

#define MUCH_BYTES (3u << 20)
#define SERIAL_MAX 64
#define FLOOD      150

struct files {
    char folder[64];
    char cert[96];
    char key[96];
};

struct client {
    SSL_CTX *ctx;
    SSL *ssl;
    struct buf heard;
    bool is_ended;
};

/* ---- certificates ---- */

static void make_cert(const struct files *f)
{
    char why[160] = "";
    unlink(f->cert);
    unlink(f->key);
    ok(tls_dev_make(f->cert, f->key, why) == 0, "a certificate %s", why);
}

static void files_init(struct files *f)
{
    const char *temp = getenv("TMPDIR");
    snprintf(f->folder, sizeof f->folder, "%.32s/stoa-tls-XXXXXX", temp ? temp : "/tmp");
    if (!mkdtemp(f->folder))
        abort();
    snprintf(f->cert, sizeof f->cert, "%s/cert.pem", f->folder);
    snprintf(f->key, sizeof f->key, "%s/key.pem", f->folder);
    make_cert(f);
}

static void files_fini(const struct files *f)
{
    unlink(f->cert);
    unlink(f->key);
    rmdir(f->folder);
}

static void write_file(const char *file, const char *text)
{
    FILE *f = fopen(file, "we");
    if (!f || fputs(text, f) < 0 || fclose(f))
        abort();
}

static struct tls *tls_of(const struct files *f)
{
    struct tls *t = NULL;
    char why[160] = "";
    if (tls_new(&t, f->cert, f->key, why))
        abort();
    return t;
}

/* ---- the client ---- */

static void client_init(struct client *c, int fd, int version)
{
    *c = (struct client){ .ctx = SSL_CTX_new(TLS_client_method()) };
    buf_init(&c->heard, 64u << 20);
    SSL_CTX_set_min_proto_version(c->ctx, version);
    SSL_CTX_set_max_proto_version(c->ctx, version);
    if (version < TLS1_2_VERSION && SSL_CTX_set_cipher_list(c->ctx, "ALL:@SECLEVEL=0") != 1)
        abort();
    SSL_CTX_set_mode(c->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    c->ssl = SSL_new(c->ctx);
    if (!c->ssl || SSL_set_fd(c->ssl, fd) != 1)
        abort();
    SSL_set_connect_state(c->ssl);
}

static void client_fini(struct client *c)
{
    SSL_free(c->ssl);
    SSL_CTX_free(c->ctx);
    buf_fini(&c->heard);
    ERR_clear_error();
}

/* Both sides go on until the handshake is over on both or one gave up. */
static bool shake(struct rig *r, struct client *c)
{
    for (int i = 0; i < 50 && r->stream; i++) {
        int result = SSL_do_handshake(c->ssl);
        int error = SSL_get_error(c->ssl, result);
        ERR_clear_error();
        rig_turn(r);
        if (result == 1 && r->told[AT_OPEN])
            return true;
        if (result != 1 && error != SSL_ERROR_WANT_READ)
            break;
    }
    rig_turns(r, 3);
    return false;
}

static size_t client_say(struct client *c, const void *p, size_t len)
{
    size_t wrote = 0;
    if (SSL_write_ex(c->ssl, p, len, &wrote) != 1)
        ERR_clear_error();
    return wrote;
}

static void client_hear(struct client *c)
{
    for (;;) {
        size_t n = 0;
        char *p = buf_room(&c->heard, 16 * 1024);
        if (!p || SSL_read_ex(c->ssl, p, 16 * 1024, &n) != 1)
            break;
        buf_grow(&c->heard, n);
    }
    c->is_ended = SSL_get_shutdown(c->ssl) & SSL_RECEIVED_SHUTDOWN;
    ERR_clear_error();
}

static bool open_version(struct rig *r, struct client *c, struct tls *t, int version)
{
    rig_init(r);
    r->tls = t;
    rig_open(r);
    client_init(c, r->peer, version);
    return shake(r, c);
}

static bool open_pair(struct rig *r, struct client *c, struct tls *t)
{
    return open_version(r, c, t, TLS1_3_VERSION);
}

static void close_pair(struct rig *r, struct client *c)
{
    client_fini(c);
    rig_fini(r);
}

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

/* ---- handshakes ---- */

static void test_handshake(struct tls *t)
{
    for (int i = 0; i < 2; i++) {
        struct rig r;
        struct client c;
        ok(open_version(&r, &c, t, versions[i]), "a handshake");
        is_int(SSL_version(c.ssl), versions[i], "of version %s", SSL_get_version(c.ssl));
        ok(stream_is_open(r.stream) && stream_is_secure(r.stream), "open and secure");
        ok(!stream_is_plain_on_tls(r.stream), "not plain");
        is_int(r.told[AT_OPEN], 1, "opening is told");
        ok(r.stats.tls_handshakes == 1 && r.stats.tls_failures == 0, "and counted");
        is_int(r.stats.half_open, 0, "none is half open");
        is_int(client_say(&c, "ping", 4), 4, "the client says something");
        rig_turn(&r);
        is_slice(r.got, "ping", "it arrives");
        rig_send_str(&r, "po");
        rig_send_str(&r, "ng");
        rig_turn(&r);
        client_hear(&c);
        is_slice(c.heard, "pong", "the answer as well");
        is_int(r.stats.writes, 1, "in one record");
        ok(rig_is_idle(&r), "then nothing goes round");
        close_pair(&r, &c);
    }
}

static void test_versions(struct tls *t)
{
    struct rig r;
    struct client c;
    ok(!open_version(&r, &c, t, TLS1_1_VERSION), "TLS 1.1 is refused");
    is_int(r.close_err, ERR_TLS, "as an error of TLS");
    ok(r.stats.tls_failures == 1 && r.stats.half_open == 0, "and counted");
    is_int(r.told[AT_OPEN], 0, "it never was open");
    close_pair(&r, &c);
}

static void test_protocols(struct tls *t)
{
    static const unsigned char both[] = "\x02h2\x08http/1.1";
    static const unsigned char h2[] = "\x02h2";
    for (int i = 0; i < 2; i++) {
        struct rig r;
        struct client c;
        const unsigned char *chosen;
        unsigned len;
        rig_init(&r);
        r.tls = t;
        rig_open(&r);
        client_init(&c, r.peer, TLS1_3_VERSION);
        SSL_set_alpn_protos(c.ssl, i ? h2 : both, i ? 3 : 12);
        ok(shake(&r, &c), "a client that names protocols");
        SSL_get0_alpn_selected(c.ssl, &chosen, &len);
        is_mem(chosen, "http/1.1", i ? 0 : 8, "gets HTTP/1.1, or none named");
        is_int(len, i ? 0 : 8, "and nothing else");
        close_pair(&r, &c);
    }
}

static void test_byte_by_byte(struct tls *t)
{
    struct rig r;
    struct client c;
    char bytes[4096];
    rig_init(&r);
    r.tls = t;
    rig_open(&r);
    client_init(&c, r.peer, TLS1_3_VERSION);
    BIO *memory = BIO_new(BIO_s_mem());
    SSL_set0_wbio(c.ssl, memory);
    SSL_do_handshake(c.ssl);
    ERR_clear_error();
    int len = BIO_read(memory, bytes, sizeof bytes);
    for (int i = 0; i < len; i++) {
        rig_say(&r, bytes + i, 1);
        rig_turn(&r);
    }
    ok(rig_is_idle(&r), "a client that waits keeps nobody busy");
    SSL_do_handshake(c.ssl);
    ERR_clear_error();
    len = BIO_read(memory, bytes, sizeof bytes);
    rig_say(&r, bytes, (size_t)len);
    rig_turn(&r);
    is_int(r.told[AT_OPEN], 1, "a handshake byte by byte");
    close_pair(&r, &c);
}

static void test_deadline(struct tls *t)
{
    struct rig r;
    rig_init(&r);
    r.tls = t;
    rig_open(&r);
    is_int(r.stats.half_open, 1, "half open");
    rig_pass(&r, RIG_OPEN_US / 2);
    rig_say(&r, "\x16\x03\x01", 3);
    rig_turn(&r);
    ok(rig_is_idle(&r), "half a record keeps nobody busy");
    rig_pass(&r, RIG_OPEN_US / 2 - 1);
    is_int(r.told[AT_CLOSE], 0, "a client has time");
    rig_pass(&r, 1);
    is_int(r.close_err, ERR_TIMEOUT, "until the deadline");
    is_int(r.stats.half_open, 0, "none is half open");
    rig_fini(&r);

    rig_init(&r);
    r.tls = t;
    rig_open(&r);
    rig_pass(&r, RIG_OPEN_US);
    is_int(r.close_err, ERR_TIMEOUT, "who says nothing at all has it as well");
    rig_fini(&r);
}

static void test_plain(struct tls *t)
{
    struct rig r;
    rig_init(&r);
    r.tls = t;
    rig_open(&r);
    rig_say_str(&r, "GET / HTTP/1.1\r\n\r\n");
    rig_turn(&r);
    is_int(r.told[AT_OPEN], 1, "a plain client on a TLS port opens");
    ok(r.stream && stream_is_plain_on_tls(r.stream), "and is known for it");
    ok(r.stream && !stream_is_secure(r.stream), "it is not secure");
    is_slice(r.got, "GET / HTTP/1.1\r\n\r\n", "nothing of what it said is lost");
    rig_send_str(&r, "HTTP/1.1 400 ");
    stream_finish(r.stream);
    rig_turn(&r);
    struct buf heard;
    buf_init(&heard, 1 << 20);
    ok(!rig_hear(&r, &heard), "it can be answered");
    is_slice(heard, "HTTP/1.1 400 ", "in plain text");
    buf_fini(&heard);
    rig_fini(&r);
}

static void test_garbage(struct tls *t)
{
    struct rig r;
    rig_init(&r);
    r.tls = t;
    rig_open(&r);
    rig_say_str(&r, "\x16 is how TLS begins, but this is none at all, no, not at all");
    rig_turns(&r, 2);
    is_int(r.close_err, ERR_TLS, "garbage is an error of TLS");
    is_int(r.stats.tls_failures, 1, "counted");
    rig_fini(&r);
    rig_init(&r);
    r.tls = t;
    rig_open(&r);
    shutdown(r.peer, SHUT_WR);
    rig_turn(&r);
    is_int(r.close_err, ERR_RESET, "the end instead of a handshake");
    rig_fini(&r);
}

static void test_proxy(struct tls *t)
{
    static const char header[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x0a\x01\x02\x03\0\0\0\0\0\0\0";
    struct rig r;
    struct client c;
    char text[ADDR_TEXT_BYTES] = "";
    rig_init(&r);
    r.tls = t;
    r.expects_proxy = true;
    rig_open(&r);
    rig_say(&r, header, sizeof header);
    client_init(&c, r.peer, TLS1_3_VERSION);
    ok(shake(&r, &c), "TLS behind a PROXY header");
    if (r.stream)
        ip_text(text, stream_peer(r.stream));
    is_str(text, "10.1.2.3", "the peer is the header's");
    close_pair(&r, &c);
}

/* ---- data ---- */

static char *much(uint64_t seed)
{
    char *p = xalloc(MUCH_BYTES);
    for (size_t i = 0; i < MUCH_BYTES; i++)
        p[i] = (char)rig_draw(&seed, 256);
    return p;
}

/* Both send at the same time, in pieces of all sizes, and read when it suits them. */
static void exchange(struct rig *r, struct client *c, const char *down, const char *up)
{
    uint64_t seed = 521288629;
    size_t sent = 0, said = 0;
    for (int i = 0; i < 100000 && r->stream; i++) {
        size_t piece = 1 + rig_draw(&seed, rig_draw(&seed, 4) ? 300 : 50000);
        piece = piece < MUCH_BYTES - sent ? piece : MUCH_BYTES - sent;
        if (piece > 0 && stream_queued(r->stream) < 200000) {
            rig_send_bytes(r, down + sent, piece);
            sent += piece;
        }
        /* What the client offers again must begin with what it offered before. */
        if (said < MUCH_BYTES)
            said += client_say(c, up + said, MUCH_BYTES - said);
        if (rig_draw(&seed, 3) == 0)
            rig_turn(r);
        if (rig_draw(&seed, 3) == 0)
            client_hear(c);
        if (c->heard.len == MUCH_BYTES && r->got.len == MUCH_BYTES)
            break;
    }
}

static void test_much(struct tls *t)
{
    char *down = much(1), *up = much(2);
    for (int i = 0; i < 2; i++) {
        struct rig r;
        struct client c;
        int least = 1;
        ok(open_version(&r, &c, t, versions[i]), "a session");
        if (r.stream && i == 0)
            setsockopt(r.fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
        exchange(&r, &c, down, up);
        ok(r.got.len == MUCH_BYTES && memcmp(r.got.p, up, MUCH_BYTES) == 0, "all came up");
        ok(c.heard.len == MUCH_BYTES && memcmp(c.heard.p, down, MUCH_BYTES) == 0, "and down");
        is_int(r.stats.sent_bytes, MUCH_BYTES, "counted");
        close_pair(&r, &c);
    }
    xfree(down);
    xfree(up);
}

static void test_slow_reader(struct tls *t)
{
    struct rig r;
    struct client c;
    static char bytes[16 * 1024];
    ok(open_pair(&r, &c, t), "a session");
    for (int i = 0; i < 60 && r.stream && stream_queued(r.stream) < RIG_SOFT / 2; i++) {
        ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR); /* someone else's */
        rig_send_bytes(&r, bytes, sizeof bytes);
        rig_turn(&r);
    }
    ok(rig_is_idle(&r), "a blocked session keeps nobody busy");
    rig_pass(&r, RIG_STALL_US - RIG_IDLE_US);
    is_int(r.told[AT_CLOSE], 0, "a peer that does not read has time");
    rig_pass(&r, RIG_IDLE_US);
    is_int(r.close_err, ERR_SLOW_READER, "until the deadline");
    close_pair(&r, &c);
    ERR_clear_error();
}

static void pause_it(struct rig *r)
{
    stream_pause(r->stream);
}

static void test_pause(struct tls *t)
{
    struct rig r;
    struct client c;
    ok(open_pair(&r, &c, t), "a session");
    r.act_at = AT_DATA;
    r.act = pause_it;
    for (int i = 0; i < 3; i++)
        client_say(&c, "word", 4);
    rig_turns(&r, 3);
    is_slice(r.got, "word", "a paused session reads no further");
    ok(rig_is_idle(&r), "and keeps nobody busy");
    stream_resume(r.stream);
    loop_turn(r.loop, true);
    is_slice(r.got, "wordword", "resumed, it finds what OpenSSL has read already");
    stream_resume(r.stream);
    loop_turn(r.loop, true);
    is_slice(r.got, "wordwordword", "all of it");
    SSL_shutdown(c.ssl);
    rig_hang_up(&r);
    rig_turns(&r, 2);
    ok(r.told[AT_EOF] || r.told[AT_CLOSE], "a peer that leaves meanwhile is noticed");
    close_pair(&r, &c);
}

static void test_end_while_paused(struct tls *t)
{
    for (int with_words = 0; with_words < 2; with_words++) {
        struct rig r;
        struct client c;
        ok(open_pair(&r, &c, t), "a session");
        stream_pause(r.stream);
        if (with_words)
            client_say(&c, "last words", 10);
        SSL_shutdown(c.ssl);
        shutdown(r.peer, SHUT_WR);
        rig_turn(&r);
        is_int(r.told[AT_EOF], !with_words, "an end while paused is told, but not before words");
        ok(rig_is_idle(&r), "and keeps nobody busy");
        stream_resume(r.stream);
        rig_turns(&r, 3);
        is_slice(r.got, with_words ? "last words" : "", "the words come");
        is_int(r.told[AT_EOF], 1, "and then the end");
        close_pair(&r, &c);
    }
}

/* New keys, words and the end, all unread: not the end yet. */
static void test_keys_while_paused(struct tls *t)
{
    struct rig r;
    struct client c;
    ok(open_pair(&r, &c, t), "a session");
    stream_pause(r.stream);
    ok(SSL_key_update(c.ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1 && SSL_do_handshake(c.ssl) == 1,
        "new keys");
    client_say(&c, "last words", 10);
    shutdown(r.peer, SHUT_WR);
    rig_turn(&r);
    ok(r.told[AT_EOF] == 0 && r.told[AT_CLOSE] == 0, "are not the end");
    stream_resume(r.stream);
    rig_turns(&r, 4);
    is_slice(r.got, "last words", "the words come");
    is_int(r.told[AT_EOF], 1, "and then the end");
    close_pair(&r, &c);
}

static void test_close_resumed(struct tls *t)
{
    struct rig r;
    struct client c;
    ok(open_pair(&r, &c, t), "a session");
    stream_pause(r.stream);
    stream_resume(r.stream);
    stream_close(r.stream, ERR_BUSY);
    rig_turns(&r, 3);
    is_int(r.told[AT_CLOSE], 1, "closed right after it was resumed");
    close_pair(&r, &c);
}

/* ---- ends ---- */

static void test_finish(struct tls *t)
{
    struct rig r;
    struct client c;
    ok(open_pair(&r, &c, t), "a session");
    rig_send_str(&r, "the answer");
    stream_finish(r.stream);
    rig_turn(&r);
    client_hear(&c);
    is_slice(c.heard, "the answer", "the client gets all");
    ok(c.is_ended, "and the end, said in TLS");
    client_say(&c, "still talking", 13);
    rig_turn(&r);
    is_int(r.got.len, 0, "what it still says is ignored");
    SSL_shutdown(c.ssl);
    rig_turns(&r, 2);
    is_int(r.close_err, ERR_CLOSED, "its end ends it");
    close_pair(&r, &c);
}

/* The last bytes fill the socket, so that the words of farewell find no room. */
static void test_finish_full(struct tls *t)
{
    struct rig r;
    struct client c;
    char *bytes = much(3);
    int least = 1;
    size_t sent = 0;
    ok(open_pair(&r, &c, t), "a session");
    setsockopt(r.fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
    while (r.stream && stream_queued(r.stream) == 0 && sent < MUCH_BYTES) {
        rig_send_bytes(&r, bytes + sent, 100);
        sent += 100;
        rig_turn(&r);
    }
    stream_finish(r.stream);
    for (int i = 0; i < 1000 && !c.is_ended && r.stream; i++) {
        char some[100];
        size_t n = 0;
        if (SSL_read_ex(c.ssl, some, sizeof some, &n) != 1)
            client_hear(&c);
        buf_add(&c.heard, some, n);
        rig_turn(&r);
    }
    is_int(c.heard.len, sent, "a slow reader gets all");
    ok(c.is_ended, "and the end");
    xfree(bytes);
    close_pair(&r, &c);
}

/* The socket is full to the brim when the end is to be said. */
static void test_finish_at_brim(struct tls *t)
{
    struct rig r;
    struct client c;
    static char junk[4096];
    ok(open_pair(&r, &c, t), "a session");
    rig_send_str(&r, "all");
    rig_turn(&r);
    client_hear(&c);
    size_t filled = 0;
    for (ssize_t n = 0; n >= 0; filled += n > 0 ? (size_t)n : 0)
        n = send(r.fd, junk, sizeof junk, MSG_DONTWAIT);
    stream_finish(r.stream);
    rig_turn(&r);
    ok(r.stream && rig_is_idle(&r), "no room to say the end: it waits");
    while (filled > 0) {
        ssize_t n = read(r.peer, junk, sizeof junk < filled ? sizeof junk : filled);
        filled -= n > 0 ? (size_t)n : filled;
    }
    rig_turn(&r);
    client_hear(&c);
    ok(c.is_ended, "and says it when there is room");
    rig_pass(&r, 2 * SECOND_US);
    is_int(r.close_err, ERR_CLOSED, "then it is over");
    close_pair(&r, &c);
}

static void test_half_close(struct tls *t)
{
    struct rig r;
    struct client c;
    ok(open_pair(&r, &c, t), "a session");
    client_say(&c, "question", 8);
    SSL_shutdown(c.ssl);
    rig_turn(&r);
    is_slice(r.got, "question", "the client asks");
    is_int(r.told[AT_EOF], 1, "and ends its side");
    rig_send_str(&r, "answer");
    rig_turn(&r);
    client_hear(&c);
    is_slice(c.heard, "answer", "it still gets its answer");
    stream_finish(r.stream);
    rig_turn(&r);
    is_int(r.close_err, ERR_CLOSED, "and that was it");
    close_pair(&r, &c);

    ok(open_pair(&r, &c, t), "a session");
    shutdown(r.peer, SHUT_WR);
    rig_turn(&r);
    ok(r.told[AT_EOF] == 1 && r.told[AT_CLOSE] == 0, "an end that TLS does not know of is an end");
    close_pair(&r, &c);
}

static void close_it(struct rig *r)
{
    stream_close(r->stream, ERR_BUSY);
}

static void test_close_inside(struct tls *t)
{
    for (enum rig_moment moment = AT_OPEN; moment <= AT_DRAINED; moment++) {
        struct rig r;
        struct client c;
        rig_init(&r);
        r.tls = t;
        rig_open(&r);
        client_init(&c, r.peer, TLS1_3_VERSION);
        r.act_at = moment;
        r.act = close_it;
        shake(&r, &c);
        if (moment == AT_DRAINED)
            rig_send_str(&r, "hello");
        if (moment == AT_DATA)
            client_say(&c, "hello", 5);
        if (moment == AT_EOF)
            SSL_shutdown(c.ssl);
        rig_turns(&r, 2);
        is_int(r.close_err, ERR_BUSY, "closed inside a call");
        is_int(r.told[moment], 1, "which was the last");
        close_pair(&r, &c);
    }
}

/* ---- hostile ---- */

/* Bytes that change nothing must not keep a loop to themselves. */
static void test_flood(struct tls *t)
{
    struct rig r;
    struct client c;
    ok(open_pair(&r, &c, t), "a session");
    for (int i = 0; i < FLOOD; i++) {
        if (SSL_key_update(c.ssl, SSL_KEY_UPDATE_REQUESTED) != 1 || SSL_do_handshake(c.ssl) != 1)
            break;
    }
    is_int(client_say(&c, "at last", 7), 7, "many new keys in a row, then a word");
    rig_turn(&r);
    is_int(r.got.len, 0, "one turn does not read them all");
    for (int i = 0; i < 2 * FLOOD && r.got.len == 0; i++)
        loop_turn(r.loop, true);
    is_slice(r.got, "at last", "others do, without waiting");
    ok(rig_is_idle(&r), "then all is quiet");
    rig_send_str(&r, "yes");
    rig_turn(&r);
    client_hear(&c);
    is_slice(c.heard, "yes", "the session lives");
    close_pair(&r, &c);
}

static void test_half_record(struct tls *t)
{
    struct rig r;
    struct client c;
    ok(open_pair(&r, &c, t), "a session");
    client_say(&c, "x", 1);
    rig_say(&r, "\x17\x03\x03\x40", 4);
    rig_turn(&r);
    is_slice(r.got, "x", "a record is read");
    ok(rig_is_idle(&r), "half of the next keeps nobody busy");
    rig_say(&r, "\x00garbage", 8);
    rig_turn(&r);
    ok(rig_is_idle(&r), "nor does a little more of it");
    rig_hang_up(&r);
    rig_turns(&r, 2);
    ok(r.told[AT_EOF] + r.told[AT_CLOSE] > 0, "its end is noticed");
    close_pair(&r, &c);
}

static void test_bad_record(struct tls *t)
{
    struct rig r;
    struct client c;
    ok(open_pair(&r, &c, t), "a session");
    rig_say(&r, "\x17\x03\x03\x00\x20 thirty-two bytes but no TLS, no", 5 + 32);
    rig_turns(&r, 2);
    is_int(r.close_err, ERR_TLS, "a forged record ends it");
    close_pair(&r, &c);
}

/* An error that someone else left in the thread's queue is not this session's. */
static void test_foreign_error(struct tls *t)
{
    struct rig r;
    struct client c;
    ok(open_pair(&r, &c, t), "a session");
    client_say(&c, "x", 1);
    ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
    rig_turn(&r);
    ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
    rig_send_str(&r, "y");
    rig_turn(&r);
    ok(r.stream && r.got.len == 1, "somebody else's error changes nothing");
    close_pair(&r, &c);
}

/* ---- certificates that change ---- */

static void serial(char out[SERIAL_MAX], const struct client *c)
{
    X509 *cert = SSL_get1_peer_certificate(c->ssl);
    BIGNUM *number = cert ? ASN1_INTEGER_to_BN(X509_get_serialNumber(cert), NULL) : NULL;
    char *text = number ? BN_bn2hex(number) : NULL;
    snprintf(out, SERIAL_MAX, "%s", text ? text : "none");
    OPENSSL_free(text);
    BN_free(number);
    X509_free(cert);
}

static void test_reload(const struct files *f)
{
    struct rig old, new;
    struct client old_client, new_client;
    char first[SERIAL_MAX], second[SERIAL_MAX], why[160] = "";
    struct tls *t = tls_of(f);
    ok(open_pair(&old, &old_client, t), "a session");
    serial(first, &old_client);
    write_file(f->cert, "nonsense");
    is_int(tls_reload(t, why), ERR_BAD_CONFIG, "a broken certificate is not taken");
    ok(strstr(why, f->cert) != NULL, "which is explained: %s", why);
    ok(open_pair(&new, &new_client, t), "the old one serves on");
    close_pair(&new, &new_client);
    make_cert(f);
    is_int(tls_reload(t, why), 0, "a good one is");
    ok(open_pair(&new, &new_client, t), "a new session");
    serial(second, &new_client);
    ok(strcmp(first, second) != 0, "has the new certificate");
    client_say(&old_client, "still here", 10);
    rig_turn(&old);
    is_slice(old.got, "still here", "the living one goes on with the old");
    tls_unref(t);
    close_pair(&old, &old_client);
    client_say(&new_client, "here too", 8);
    rig_turn(&new);
    is_slice(new.got, "here too", "sessions outlive whoever holds the certificate");
    close_pair(&new, &new_client);
}

static void test_bad_files(const struct files *f)
{
    struct files other;
    struct tls *t = NULL;
    char why[160] = "";
    files_init(&other);
    is_int(tls_new(&t, "/nonexistent/cert", f->key, why), ERR_BAD_CONFIG, "no certificate");
    ok(strstr(why, "/nonexistent/cert") != NULL, "%s", why);
    is_int(tls_new(&t, f->cert, "/nonexistent/key", why), ERR_BAD_CONFIG, "no key");
    ok(strstr(why, "/nonexistent/key: No such file") != NULL, "%s", why);
    is_int(tls_new(&t, f->cert, other.key, why), ERR_BAD_CONFIG, "another's key");
    ok(strstr(why, "key") != NULL, "%s", why);
    ok(t == NULL, "nothing is made");
    ok(ERR_peek_error() == 0, "and no error left behind");
    files_fini(&other);
}

/* A key under a passphrase: nobody is there to be asked. */
static void test_passphrase(const struct files *f)
{
    struct tls *t = NULL;
    char why[160] = "", file[128];
    snprintf(file, sizeof file, "%s/locked.pem", f->folder);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    FILE *out = fopen(file, "we");
    unsigned char word[] = "open sesame";
    if (!key || !out || !PEM_write_PrivateKey(out, key, EVP_aes_128_cbc(), word, 11, NULL, NULL))
        abort();
    fclose(out);
    EVP_PKEY_free(key);
    is_int(tls_new(&t, f->cert, file, why), ERR_BAD_CONFIG, "a locked key is refused");
    /* One time in some hundred the empty passphrase decrypts to something that is no key. */
    ok(strstr(why, file) && (strstr(why, "decrypt") || strstr(why, "unsupported")), "%s", why);
    unlink(file);
}

/* ---- threads ---- */

static void *reload_often(void *arg)
{
    char why[160];
    for (int i = 0; i < 20; i++)
        (void)!tls_reload(arg, why);
    return NULL;
}

static void test_reload_elsewhere(const struct files *f)
{
    struct tls *t = tls_of(f);
    pthread_t thread;
    unsigned opened = 0;
    if (pthread_create(&thread, NULL, reload_often, t))
        abort();
    for (int i = 0; i < 10; i++) {
        struct rig r;
        struct client c;
        opened += open_pair(&r, &c, t);
        close_pair(&r, &c);
    }
    pthread_join(thread, NULL);
    is_int(opened, 10, "sessions begin while another thread reloads");
    tls_unref(t);
}

static void test_sessions(struct tls *t)
{
    test_handshake(t);
    test_versions(t);
    test_protocols(t);
    test_byte_by_byte(t);
    test_deadline(t);
    test_plain(t);
    test_garbage(t);
    test_proxy(t);
    test_much(t);
    test_slow_reader(t);
    test_pause(t);
    test_end_while_paused(t);
    test_keys_while_paused(t);
    test_close_resumed(t);
    test_finish(t);
    test_finish_full(t);
    test_finish_at_brim(t);
    test_half_close(t);
    test_close_inside(t);
    test_flood(t);
    test_half_record(t);
    test_bad_record(t);
    test_foreign_error(t);
}

/* ---- to another loop ---- */

#define HOPS 300

/* What the client says next: some bytes that count up. */
static void say_some(struct client *c, size_t *said, size_t len)
{
    unsigned char bytes[20000];
    for (size_t i = 0; i < len; i++)
        bytes[i] = (unsigned char)((*said + i) % 251);
    *said += client_say(c, bytes, len);
}

static void send_some(struct rig *r, size_t *sent, size_t len)
{
    unsigned char bytes[20000];
    for (size_t i = 0; i < len; i++)
        bytes[i] = (unsigned char)((*sent + i) % 251);
    rig_send_bytes(r, bytes, len);
    *sent += len;
}

static bool counts_up(const struct buf *b, size_t len)
{
    for (size_t i = 0; i < b->len; i++) {
        if ((unsigned char)b->p[i] != i % 251)
            return false;
    }
    return b->len == len;
}

/* A stream's place changes between any two records, also when what was read holds more of them. */
static void test_moves(struct tls *t)
{
    for (int i = 0; i < 2; i++) {
        struct rig r;
        struct client c;
        struct loop *other;
        uint64_t seed = 88172645463325252u;
        size_t said = 0, sent = 0;
        unsigned moves = 0;
        ok(open_version(&r, &c, t, versions[i]), "a handshake");
        if (loop_new(&other, &r.clock.clock))
            abort();
        for (unsigned k = 0; k < HOPS; k++) {
            say_some(&c, &said, rig_draw(&seed, rig_draw(&seed, 8) ? 50 : 20000));
            send_some(&r, &sent, rig_draw(&seed, rig_draw(&seed, 8) ? 50 : 20000));
            if (rig_draw(&seed, 3) == 0)
                rig_turn(&r);
            if (rig_draw(&seed, 3) == 0)
                client_hear(&c);
            if (!r.stream || !stream_may_leave(r.stream))
                break;
            stream_leave(r.stream);
            struct loop *from = r.loop;
            r.loop = other;
            other = from;
            moves += stream_enter(r.stream, r.loop, &r.stats) == 0;
        }
        for (unsigned k = 0; k < 200; k++) {
            rig_turn(&r);
            client_hear(&c);
        }
        is_int(moves, HOPS, "it moves again and again");
        ok(counts_up(&r.got, said), "what the client says comes, %zu bytes", said);
        ok(counts_up(&c.heard, sent), "and what it is sent, %zu bytes", sent);
        ok(rig_is_idle(&r), "then nothing goes round");
        close_pair(&r, &c);
        loop_turn(other, false);
        loop_free(other);
    }
}

int main(void)
{
    struct files f;
    rig_prepare();
    files_init(&f);
    struct tls *t = tls_of(&f);
    test_sessions(t);
    test_moves(t);
    tls_unref(t);
    test_reload(&f);
    test_bad_files(&f);
    test_passphrase(&f);
    test_reload_elsewhere(&f);
    files_fini(&f);
    return done();
}
