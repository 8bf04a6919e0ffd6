/* token: a text without a newline is a token as it comes; in one with a newline the first line is a
 * header and the rest a payload, which are signed here, so that the claims are reached. Whatever
 * is taken is a sound identity, from a token of HS256 and this key, and can be minted again. */
#include "auth/token.h"

#include "auth/jws.h"
#include "base/base64.h"
#include "fuzz.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#define NOW_MS 1700000000000

static const struct token_key key = { .secret = SLICE("an-unguessable-secret-of-32-byte") };
static const struct token_key other = { .secret = SLICE("an-unguessable-secret-of-32-bytf") };

static void must(bool condition)
{
    if (!condition)
        abort();
}

/* The MAC of everything before the last dot, made by OpenSSL. */
static void add_mac(struct buf *out)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    must(HMAC(EVP_sha256(), key.secret.p, (int)key.secret.len, (const unsigned char *)out->p,
             out->len, mac, &len) != NULL);
    buf_add_char(out, '.');
    base64_add(out, slice_of(mac, len), BASE64_URL);
}

static void build(struct buf *out, struct slice input)
{
    struct slice head;
    struct slice payload = input;
    if (slice_find(input, '\n') < 0) {
        buf_add_slice(out, input);
        return;
    }
    (void)slice_cut(&head, &payload, '\n');
    base64_add(out, head, BASE64_URL);
    buf_add_char(out, '.');
    base64_add(out, payload, BASE64_URL);
    add_mac(out);
}

/* A token that was taken has the one MAC there is, in the one spelling. */
static void check_mac(struct slice text)
{
    struct buf again;
    size_t end = text.len;
    while (end > 0 && text.p[end - 1] != '.')
        end--;
    must(end > 0);
    buf_init(&again, 2 * JWS_MAX_BYTES);
    buf_add(&again, text.p, end - 1);
    add_mac(&again);
    must(slice_eq(buf_slice(&again), text));
    buf_fini(&again);
}

static void check_again(const struct token *t)
{
    struct arena a;
    struct slice text;
    struct token again;
    struct token_claims claims = { .who = t->who, .now_ms = NOW_MS, .ttl_ms = 1000 };
    arena_init(&a, 2 * TOKEN_ARENA_BYTES);
    int err = token_mint(&text, &a, &key, &claims);
    must(err == 0 || err == ERR_TOO_BIG); /* an address may need more room when escaped */
    if (!err) {
        must(token_verify(&again, &a, &key, text, NOW_MS) == 0);
        must(slice_eq(again.who.user_id, t->who.user_id) && slice_eq(again.who.name, t->who.name));
        must(slice_eq(again.who.avatar_url, t->who.avatar_url));
        must(again.who.is_guest == t->who.is_guest && again.who.is_admin == t->who.is_admin);
    }
    arena_fini(&a);
}

static void check_taken(const struct token *t, struct slice text)
{
    must(t->why[0] == '\0' && identity_check(&t->who) == 0);
    must(t->expires_at_ms > NOW_MS - TOKEN_LEEWAY_S * 1000);
    must(text.len <= JWS_MAX_BYTES);
    check_mac(text);
    check_again(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct buf text;
    struct token t;
    buf_init(&text, 4 * size + 1024);
    build(&text, slice_of(data, size));
    arena_init(&a, TOKEN_ARENA_BYTES);
    int err = token_verify(&t, &a, &key, buf_slice(&text), NOW_MS);
    must(err == 0 || err == ERR_UNAUTHORIZED);
    if (err)
        must(t.why[0] != '\0' && t.who.user_id.len == 0 && !t.who.is_admin);
    else
        check_taken(&t, buf_slice(&text));
    must(token_verify(&t, &a, &other, buf_slice(&text), NOW_MS) != 0);
    arena_fini(&a);
    buf_fini(&text);
    return 0;
}
