/* Signature Version 4 against the example that AWS publishes, and what must change the signature.
 * That others make the same ones is in tests/live/files-s3.test.mjs. */
#include "auth/sigv4.h"

#include "fault.h"
#include "tap.h"

#include <stdio.h>
#include <string.h>

#define AT_MS  1369353600000 /* 2013-05-24T00:00:00Z */
#define ORIGIN "https://examplebucket.s3.amazonaws.com"

static const struct sigv4_key example_key = {
    .access_key = SLICE("AKIAIOSFODNN7EXAMPLE"),
    .secret_key = SLICE("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    .region = SLICE("us-east-1"),
};

static const struct sigv4_request example = {
    .method = SLICE("GET"),
    .origin = SLICE(ORIGIN),
    .path = SLICE("/test.txt"),
    .expires_s = 86400,
};

/* From "Authenticating Requests: Using Query Parameters" of the S3 API reference. */
static const char published[] = ORIGIN
    "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
    "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

static char text[8192];

/* The address, or "" with the error in `*err`. */
static const char *presign(
    int *err, const struct sigv4_key *key, const struct sigv4_request *r, int64_t now_ms)
{
    struct buf url;
    buf_init(&url, sizeof text);
    *err = sigv4_presign(&url, key, r, now_ms);
    snprintf(text, sizeof text, "%.*s", (int)url.len, *err ? "" : url.p);
    buf_fini(&url);
    return text;
}

static const char *signature_of(const struct sigv4_request *r, int64_t now_ms)
{
    int err;
    const char *at = strstr(presign(&err, &example_key, r, now_ms), "X-Amz-Signature=");
    return at ? at + strlen("X-Amz-Signature=") : "none";
}

static void test_published(void)
{
    int err;
    is_str(presign(&err, &example_key, &example, AT_MS), published, "the published example");
    is_int(err, 0, "without an error");
}

static void test_parts(void)
{
    const struct sigv4_pair query[] = {
        { SLICE("response-content-type"), SLICE("image/png") },
        { SLICE("response-content-disposition"), SLICE("inline; filename=\"a b\"") },
        { SLICE("a"), SLICE("1+1=2&\xc3\xa9") },
    };
    const struct sigv4_pair headers[] = {
        { SLICE("content-type"), SLICE("image/png") },
        { SLICE("content-length"), SLICE("9") },
    };
    const struct sigv4_request r = {
        .method = SLICE("PUT"),
        .origin = SLICE("http://127.0.0.1:9000"),
        .path = SLICE("/bucket/a b/\xc3\xa9+~"),
        .query = query,
        .n_query = 3,
        .headers = headers,
        .n_headers = 2,
        .expires_s = 600,
    };
    int err;
    const char *url = presign(&err, &example_key, &r, AT_MS);
    is_int(err, 0, "a full one");
    static const char path[] = "http://127.0.0.1:9000/bucket/a%20b/%C3%A9%2B~?X-Amz-Algorithm=";
    ok(strncmp(url, path, sizeof path - 1) == 0, "the path is encoded, its slashes are not");
    ok(strstr(url,
           "&X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost&a=1%2B1%3D2%26%C3%A9"
           "&response-content-disposition=inline%3B%20filename%3D%22a%20b%22"
           "&response-content-type=image%2Fpng&X-Amz-Signature=") != NULL,
        "the query is sorted and encoded: %s", url);
}

/* Whatever is changed, the signature is another one. */
static void test_all_is_signed(void)
{
    const struct sigv4_pair query = { SLICE("a"), SLICE("b") };
    const struct sigv4_pair header = { SLICE("content-length"), SLICE("1") };
    const struct sigv4_pair header2 = { SLICE("content-length"), SLICE("2") };
    char seen[8][65];
    struct sigv4_request changed[8];
    for (size_t i = 0; i < 8; i++)
        changed[i] = example;
    changed[1].method = S("PUT");
    changed[2].origin = S("https://other.s3.amazonaws.com");
    changed[3].path = S("/test.txt2");
    changed[4].query = &query;
    changed[4].n_query = 1;
    changed[5].headers = &header;
    changed[5].n_headers = 1;
    changed[6].headers = &header2;
    changed[6].n_headers = 1;
    changed[7].expires_s = 86399;
    for (size_t i = 0; i < 8; i++) {
        snprintf(seen[i], sizeof seen[i], "%s", signature_of(&changed[i], AT_MS));
        for (size_t k = 0; k < i; k++)
            ok(strcmp(seen[i], seen[k]) != 0, "change %zu is not change %zu", i, k);
    }
    ok(strcmp(seen[0], signature_of(&example, AT_MS + 1000)) != 0, "a second later");
    is_str(signature_of(&example, AT_MS + 999), seen[0], "within the second");
}

static void test_refused(void)
{
    struct sigv4_pair many[SIGV4_PAIRS_MAX] = { { SLICE("a"), SLICE("b") } };
    int err;
    for (size_t i = 1; i < SIGV4_PAIRS_MAX; i++)
        many[i] = many[0];
    struct sigv4_request r = example;
    r.expires_s = 0;
    presign(&err, &example_key, &r, AT_MS);
    is_int(err, ERR_BAD_VALUE, "no time");
    r.expires_s = SIGV4_EXPIRES_MAX + 1;
    presign(&err, &example_key, &r, AT_MS);
    is_int(err, ERR_BAD_VALUE, "too much of it");
    r = example;
    r.path = S("x");
    presign(&err, &example_key, &r, AT_MS);
    is_int(err, ERR_BAD_VALUE, "no path");
    presign(&err, &example_key, &example, -1);
    is_int(err, ERR_BAD_VALUE, "before 1970");
    r = example;
    r.query = many;
    r.n_query = SIGV4_PAIRS_MAX - 5;
    presign(&err, &example_key, &r, AT_MS);
    is_int(err, 0, "as many pairs as there may be");
    r.n_query++;
    presign(&err, &example_key, &r, AT_MS);
    is_int(err, ERR_BAD_VALUE, "too many");
    r = example;
    r.headers = many;
    r.n_headers = SIGV4_PAIRS_MAX;
    presign(&err, &example_key, &r, AT_MS);
    is_int(err, ERR_BAD_VALUE, "too many headers");
    struct buf small;
    buf_init(&small, 100);
    is_int(sigv4_presign(&small, &example_key, &example, AT_MS), ERR_TOO_BIG, "no place");
    buf_fini(&small);
}

static void run(void *arg)
{
    struct buf url;
    (void)arg;
    buf_init(&url, 4096);
    int err = sigv4_presign(&url, &example_key, &example, AT_MS);
    if (fault_hit() ? err != ERR_NO_MEMORY : err != 0)
        ok(false, "an error, or an address: %d", err);
    buf_fini(&url);
}

int main(void)
{
    test_published();
    test_parts();
    test_all_is_signed();
    test_refused();
    fault_each(FAULT_ALLOC, run, NULL);
    return done();
}
