/* The signature is made in the four steps of AWS' documentation: a canonical request, a string to
 * sign that holds its hash, a key that is derived for the day, the region and the service, and the
 * MAC of the string under that key. The address is the canonical request's path and query with the
 * signature behind them, so both are built once. */
#include "auth/sigv4.h"

#include "auth/mac.h"
#include "base/hex.h"
#include "base/rfc3339.h"
#include "base/url.h"

#include <openssl/evp.h>

#define TEXT_BYTES   16384u
#define TIME_BYTES   16 /* 20130524T000000Z */
#define DATE_BYTES   8
#define SERVICE      "s3"
#define ALGORITHM    "AWS4-HMAC-SHA256"
#define SCOPE_END    "aws4_request"
#define NUMBER_BYTES 20

/* Everything that is put together on the way. */
struct signing {
    const struct sigv4_key *key;
    const struct sigv4_request *request;
    char time[TIME_BYTES];
    struct buf scope;
    struct buf credential;
    struct buf signed_headers;
    struct buf expires;
    struct buf query;
    struct buf text; /* the canonical request, then the string to sign */
    struct sigv4_pair query_pairs[SIGV4_PAIRS_MAX];
    struct sigv4_pair header_pairs[SIGV4_PAIRS_MAX];
    size_t n_query;
    size_t n_headers;
};

static void init(struct signing *s, const struct sigv4_key *key, const struct sigv4_request *r)
{
    *s = (struct signing){ .key = key, .request = r };
    buf_init(&s->scope, TEXT_BYTES);
    buf_init(&s->credential, TEXT_BYTES);
    buf_init(&s->signed_headers, TEXT_BYTES);
    buf_init(&s->expires, NUMBER_BYTES);
    buf_init(&s->query, TEXT_BYTES);
    buf_init(&s->text, TEXT_BYTES);
}

static void fini(struct signing *s)
{
    buf_fini(&s->scope);
    buf_fini(&s->credential);
    buf_fini(&s->signed_headers);
    buf_fini(&s->expires);
    buf_fini(&s->query);
    buf_fini(&s->text);
}

/* ---- pairs ---- */

static void sort(struct sigv4_pair *pairs, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct sigv4_pair pair = pairs[i];
        size_t at = i;
        for (; at > 0 && slice_cmp(pairs[at - 1].name, pair.name) > 0; at--)
            pairs[at] = pairs[at - 1];
        pairs[at] = pair;
    }
}

static void copy_pairs(struct sigv4_pair *to, const struct sigv4_pair *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = from[i];
}

/* Without its scheme. */
static struct slice host_of(struct slice origin)
{
    ptrdiff_t colon = slice_find(origin, ':');
    return colon < 0 ? origin : slice_drop(origin, (size_t)colon + strlen("://"));
}

static int collect(struct signing *s)
{
    const struct sigv4_request *r = s->request;
    const struct sigv4_pair ours[] = {
        { .name = S("X-Amz-Algorithm"), .value = S(ALGORITHM) },
        { .name = S("X-Amz-Credential"), .value = buf_slice(&s->credential) },
        { .name = S("X-Amz-Date"), .value = slice_of(s->time, sizeof s->time) },
        { .name = S("X-Amz-Expires"), .value = buf_slice(&s->expires) },
        { .name = S("X-Amz-SignedHeaders"), .value = buf_slice(&s->signed_headers) },
    };
    size_t n = sizeof ours / sizeof *ours;
    if (r->n_query > SIGV4_PAIRS_MAX - n)
        return ERR_BAD_VALUE;
    copy_pairs(s->query_pairs, ours, n);
    copy_pairs(s->query_pairs + n, r->query, r->n_query);
    s->n_query = n + r->n_query;
    sort(s->query_pairs, s->n_query);
    return 0;
}

static int collect_headers(struct signing *s)
{
    const struct sigv4_request *r = s->request;
    if (r->n_headers > SIGV4_PAIRS_MAX - 1)
        return ERR_BAD_VALUE;
    s->header_pairs[0] = (struct sigv4_pair){ .name = S("host"), .value = host_of(r->origin) };
    copy_pairs(s->header_pairs + 1, r->headers, r->n_headers);
    s->n_headers = r->n_headers + 1;
    sort(s->header_pairs, s->n_headers);
    for (size_t i = 0; i < s->n_headers; i++) {
        if (i > 0)
            buf_add_char(&s->signed_headers, ';');
        buf_add_slice(&s->signed_headers, s->header_pairs[i].name);
    }
    return 0;
}

/* ---- parts ---- */

/* `2013-05-24T00:00:00.000Z` without what separates. */
static int set_time(struct signing *s, int64_t now_ms)
{
    static const unsigned char places[TIME_BYTES] = { 0, 1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 14, 15,
        17, 18, 23 };
    char text[RFC3339_LEN + 1];
    if (now_ms < 0 || now_ms > RFC3339_MAX_MS)
        return ERR_BAD_VALUE;
    rfc3339_format(text, now_ms);
    for (unsigned i = 0; i < TIME_BYTES; i++)
        s->time[i] = text[places[i]];
    return 0;
}

/* 20130524/us-east-1/s3/aws4_request */
static void set_scope(struct signing *s)
{
    buf_add(&s->scope, s->time, DATE_BYTES);
    buf_add_char(&s->scope, '/');
    buf_add_slice(&s->scope, s->key->region);
    buf_add_str(&s->scope, "/" SERVICE "/" SCOPE_END);
    buf_add_slice(&s->credential, s->key->access_key);
    buf_add_char(&s->credential, '/');
    buf_add_slice(&s->credential, buf_slice(&s->scope));
    buf_add_u64(&s->expires, s->request->expires_s);
}

static void add_path(struct buf *out, struct slice path)
{
    struct slice segment;
    path = slice_drop(path, 1);
    if (path.len == 0)
        buf_add_char(out, '/');
    while (slice_cut(&segment, &path, '/')) {
        buf_add_char(out, '/');
        url_encode(out, segment);
    }
}

static void add_query(struct signing *s)
{
    for (size_t i = 0; i < s->n_query; i++) {
        if (i > 0)
            buf_add_char(&s->query, '&');
        url_encode(&s->query, s->query_pairs[i].name);
        buf_add_char(&s->query, '=');
        url_encode(&s->query, s->query_pairs[i].value);
    }
}

/* Runs of spaces in a value count as one, those at its ends as none. */
static void add_value(struct buf *out, struct slice value)
{
    value = slice_trim(value);
    for (size_t i = 0; i < value.len; i++) {
        if (value.p[i] != ' ' || value.p[i - 1] != ' ')
            buf_add_char(out, value.p[i]);
    }
}

static void add_canonical_request(struct signing *s)
{
    struct buf *out = &s->text;
    buf_add_slice(out, s->request->method);
    buf_add_char(out, '\n');
    add_path(out, s->request->path);
    buf_add_char(out, '\n');
    buf_add_slice(out, buf_slice(&s->query));
    buf_add_char(out, '\n');
    for (size_t i = 0; i < s->n_headers; i++) {
        buf_add_slice(out, s->header_pairs[i].name);
        buf_add_char(out, ':');
        add_value(out, s->header_pairs[i].value);
        buf_add_char(out, '\n');
    }
    buf_add_char(out, '\n');
    buf_add_slice(out, buf_slice(&s->signed_headers));
    buf_add_str(out, "\nUNSIGNED-PAYLOAD");
}

/* ---- the signature ---- */

static int hash(char out[2 * MAC_BYTES], struct slice text)
{
    unsigned char digest[MAC_BYTES];
    if (!EVP_Digest(text.p, text.len, digest, NULL, EVP_sha256(), NULL))
        return ERR_NO_MEMORY;
    hex_encode(out, slice_of(digest, sizeof digest));
    return 0;
}

/* The canonical request makes place for what is signed. */
static int set_string_to_sign(struct signing *s)
{
    char digest[2 * MAC_BYTES];
    int err = buf_err(&s->text);
    if (!err)
        err = hash(digest, buf_slice(&s->text));
    if (err)
        return err;
    buf_reset(&s->text);
    buf_add_str(&s->text, ALGORITHM "\n");
    buf_add(&s->text, s->time, sizeof s->time);
    buf_add_char(&s->text, '\n');
    buf_add_slice(&s->text, buf_slice(&s->scope));
    buf_add_char(&s->text, '\n');
    buf_add(&s->text, digest, sizeof digest);
    return buf_err(&s->text);
}

/* A chain of MACs: each is the key of the next. */
static int derive(unsigned char mac[MAC_BYTES], const struct signing *s)
{
    const struct slice links[] = { slice_of(s->time, DATE_BYTES), s->key->region, S(SERVICE),
        S(SCOPE_END), buf_slice(&s->text) };
    struct buf first;
    buf_init(&first, TEXT_BYTES);
    buf_add_str(&first, "AWS4");
    buf_add_slice(&first, s->key->secret_key);
    int err = buf_err(&first);
    struct slice secret = buf_slice(&first);
    for (size_t i = 0; i < sizeof links / sizeof *links && !err; i++) {
        unsigned char next[MAC_BYTES];
        err = mac_sha256(next, secret, links[i]);
        memcpy(mac, next, MAC_BYTES);
        secret = slice_of(mac, MAC_BYTES);
    }
    buf_fini(&first);
    return err;
}

static int build(struct signing *s, int64_t now_ms)
{
    int err = set_time(s, now_ms);
    if (err)
        return err;
    set_scope(s);
    err = collect_headers(s);
    if (!err)
        err = collect(s);
    if (err)
        return err;
    add_query(s);
    add_canonical_request(s);
    return set_string_to_sign(s);
}

/* A buffer that failed would have left something out of what was signed. */
static int check(const struct signing *s)
{
    const struct buf *bufs[] = { &s->scope, &s->credential, &s->signed_headers, &s->expires,
        &s->query };
    int err = 0;
    for (size_t i = 0; i < sizeof bufs / sizeof *bufs && !err; i++)
        err = buf_err(bufs[i]);
    return err;
}

static int write_url(struct buf *url, const struct signing *s)
{
    unsigned char mac[MAC_BYTES];
    char signature[2 * MAC_BYTES];
    int err = derive(mac, s);
    if (err)
        return err;
    hex_encode(signature, slice_of(mac, sizeof mac));
    buf_add_slice(url, s->request->origin);
    add_path(url, s->request->path);
    buf_add_char(url, '?');
    buf_add_slice(url, buf_slice(&s->query));
    buf_add_str(url, "&X-Amz-Signature=");
    buf_add(url, signature, sizeof signature);
    return buf_err(url);
}

int sigv4_presign(
    struct buf *url, const struct sigv4_key *key, const struct sigv4_request *r, int64_t now_ms)
{
    struct signing s;
    if (r->expires_s == 0 || r->expires_s > SIGV4_EXPIRES_MAX || !slice_starts(r->path, S("/")))
        return ERR_BAD_VALUE;
    init(&s, key, r);
    int err = build(&s, now_ms);
    if (!err)
        err = check(&s);
    if (!err)
        err = write_url(url, &s);
    fini(&s);
    return err;
}
