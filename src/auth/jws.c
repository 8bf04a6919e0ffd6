#include "auth/jws.h"

#include "auth/mac.h"
#include "base/base64.h"
#include "base/json_read.h"
#include "base/panic.h"

#include <openssl/crypto.h>

/* As it is written by us; any other spelling is read. */
static const char head_json[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

static int refuse(const char **why, const char *says)
{
    *why = says;
    return ERR_UNAUTHORIZED;
}

/* ---- header ---- */

/* A member that decides something: it has this text, or must not be there. What only describes
 * (kid, cty) is ignored. */
struct header_rule {
    struct slice name;
    struct slice text; /* "": refused whatever it says */
    const char *why;
};

static const char offers_key[] = "The token brings a key of its own, which is not trusted.";
static const char needs_more[] = "The token needs an extension that this server does not have.";

static const struct header_rule header_rules[] = {
    { .name = SLICE("alg"),
        .text = SLICE("HS256"),
        .why = "The token is signed by another algorithm than HS256." },
    { .name = SLICE("typ"), .text = SLICE("JWT"), .why = "The token is not of the type JWT." },
    { .name = SLICE("crit"), .why = needs_more },
    { .name = SLICE("b64"), .why = needs_more },
    { .name = SLICE("zip"), .why = needs_more },
    { .name = SLICE("enc"), .why = needs_more },
    { .name = SLICE("jwk"), .why = offers_key },
    { .name = SLICE("jku"), .why = offers_key },
    { .name = SLICE("x5c"), .why = offers_key },
    { .name = SLICE("x5u"), .why = offers_key },
};

static int judge_member(
    const char **why, const struct json_value *key, const struct json_value *value)
{
    for (size_t i = 0; i < sizeof(header_rules) / sizeof(*header_rules); i++) {
        const struct header_rule *rule = &header_rules[i];
        if (!json_is(key, rule->name))
            continue;
        bool is_good = rule->text.len > 0 && value->type == JSON_STRING &&
            json_is(value, rule->text);
        return is_good ? 0 : refuse(why, rule->why);
    }
    return 0;
}

static int read_header(const char **why, struct arena *arena, struct slice json)
{
    struct json j;
    struct json_value key, value;
    bool has_alg = false;
    json_init(&j, json, arena);
    bool is_object = json_next(&key, &j) == JSON_OBJECT;
    while (is_object && json_next(&key, &j) == JSON_KEY && json_next_whole(&value, &j) > JSON_END) {
        int err = judge_member(why, &key, &value);
        if (err)
            return err;
        has_alg = has_alg || json_is(&key, S("alg"));
    }
    if (json_err(&j) == ERR_TOO_BIG)
        return ERR_TOO_BIG;
    if (json_next(&value, &j) != JSON_END || !is_object)
        return refuse(why, "The token's header is not a JSON object.");
    return has_alg ? 0 : refuse(why, "The token does not say how it is signed.");
}

/* ---- reading ---- */

struct parts {
    struct slice header;
    struct slice payload;
    struct slice mac;
    struct slice is_signed; /* header and payload with the dot between them */
};

static bool cut_parts(struct parts *out, struct slice text)
{
    ptrdiff_t first = slice_find(text, '.');
    struct slice rest = slice_drop(text, (size_t)first + 1);
    ptrdiff_t second = first < 0 ? -1 : slice_find(rest, '.');
    if (second < 0)
        return false;
    out->header = slice_take(text, (size_t)first);
    out->payload = slice_take(rest, (size_t)second);
    out->mac = slice_drop(rest, (size_t)second + 1);
    out->is_signed = slice_take(text, (size_t)(first + 1 + second));
    return slice_find(out->mac, '.') < 0;
}

static int check_mac(const char **why, struct slice secret, const struct parts *p)
{
    unsigned char want[MAC_BYTES];
    unsigned char got[MAC_BYTES];
    size_t len = 0;
    int err = base64_decode(&len, got, sizeof(got), p->mac, BASE64_URL);
    if (err || len != MAC_BYTES)
        return refuse(why, "The token's signature is not one of HS256.");
    err = mac_sha256(want, secret, p->is_signed);
    if (err)
        return err;
    bool is_ours = mac_is_equal(slice_of(got, MAC_BYTES), slice_of(want, MAC_BYTES));
    OPENSSL_cleanse(want, sizeof(want));
    return is_ours ? 0 : refuse(why, "The token was not signed by this server's key.");
}

static int decode(struct slice *out, const char **why, struct arena *arena, struct slice text)
{
    int err = base64_decode_arena(out, arena, text, BASE64_URL);
    return err == ERR_BAD_VALUE ? refuse(why, "The token is not written in base64url.") : err;
}

int jws_open(struct slice *payload, const char **why, struct arena *arena, struct slice secret,
    struct slice text)
{
    struct parts p;
    struct slice header;
    ASSERT(secret.len >= JWS_MIN_SECRET_BYTES);
    *why = "";
    if (text.len > JWS_MAX_BYTES)
        return refuse(why, "The token is longer than 4096 bytes.");
    if (!cut_parts(&p, text))
        return refuse(why, "A token has three parts with dots between them.");
    int err = decode(&header, why, arena, p.header);
    if (!err)
        err = read_header(why, arena, header);
    if (!err)
        err = check_mac(why, secret, &p);
    return err ? err : decode(payload, why, arena, p.payload);
}

/* ---- writing ---- */

/* Gives the place behind it. */
static char *put(char *to, struct slice bytes)
{
    base64_encode(to, bytes, BASE64_URL);
    return to + base64_encoded_len(bytes.len, BASE64_URL);
}

int jws_seal(struct slice *out, struct arena *arena, struct slice secret, struct slice payload)
{
    struct slice head = slice_str(head_json);
    unsigned char mac[MAC_BYTES];
    if (payload.len > JWS_MAX_BYTES)
        return ERR_TOO_BIG;
    size_t len = base64_encoded_len(head.len, BASE64_URL) + 1 +
        base64_encoded_len(payload.len, BASE64_URL) + 1 + base64_encoded_len(MAC_BYTES, BASE64_URL);
    char *text = len <= JWS_MAX_BYTES ? arena_alloc(arena, len) : NULL;
    if (text == NULL)
        return ERR_TOO_BIG;
    char *end = put(text, head);
    *end++ = '.';
    end = put(end, payload);
    int err = mac_sha256(mac, secret, slice_of(text, (size_t)(end - text)));
    if (err)
        return err;
    *end++ = '.';
    end = put(end, slice_of(mac, MAC_BYTES));
    *out = slice_of(text, (size_t)(end - text));
    return 0;
}
