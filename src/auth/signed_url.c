/* What is signed is a list of parts, each behind its length; the query says the same parts in a
 * form that addresses take. Reading goes the other way: the query is cut into parts, the parts are
 * signed again, and only then is anything believed. */
#include "auth/signed_url.h"

#include "auth/mac.h"
#include "base/hex.h"
#include "base/url.h"

#define KEY_PURPOSE   "stoa: addresses of uploads, 1"
#define MAC_HEX_BYTES (2 * MAC_BYTES)
#define MESSAGE_MAX   (SIGNED_URL_MAX + 1024)
#define LENGTH_DIGITS 8 /* hexadecimal, before each part of what is signed */

/* The parts of a query, in the order in which they are written. */
enum part { PART_SIZE, PART_TYPE, PART_USER, PART_EXPIRES, PART_KEY, PART_SIGNATURE, PARTS };

static const char *const part_names[PARTS] = {
    [PART_SIZE] = "size",
    [PART_TYPE] = "type",
    [PART_USER] = "user",
    [PART_EXPIRES] = "expires",
    [PART_KEY] = "key",
    [PART_SIGNATURE] = "signature",
};

/* ---- keys ---- */

int signed_key_derive(struct signed_key *out, struct slice server_secret)
{
    unsigned char name[MAC_BYTES];
    int err = mac_sha256(out->secret, server_secret, S(KEY_PURPOSE));
    if (!err)
        err = mac_sha256(name, slice_of(out->secret, sizeof out->secret), S("name"));
    if (err)
        return err;
    hex_encode(out->id, slice_of(name, SIGNED_URL_KEY_ID / 2));
    out->id[SIGNED_URL_KEY_ID] = '\0';
    return 0;
}

/* ---- what is signed ---- */

/* Each part behind its length, so that no two lists of parts make the same message. */
static void add_part(struct buf *message, struct slice part)
{
    buf_add_hex(message, part.len, LENGTH_DIGITS);
    buf_add_slice(message, part);
}

static void add_number(struct buf *message, uint64_t n)
{
    buf_add_hex(message, 16, LENGTH_DIGITS);
    buf_add_hex(message, n, 16);
}

static int sign(
    char out[MAC_HEX_BYTES], const struct signed_key *key, const struct signed_upload *what)
{
    unsigned char mac[MAC_BYTES];
    struct buf message;
    buf_init(&message, MESSAGE_MAX);
    add_part(&message, what->method);
    add_part(&message, what->id);
    add_number(&message, what->bytes);
    add_part(&message, what->type);
    add_number(&message, (uint64_t)(what->expires_at_ms / 1000));
    add_part(&message, what->user_id);
    add_part(&message, slice_str(key->id));
    int err = buf_err(&message);
    if (!err)
        err = mac_sha256(mac, slice_of(key->secret, sizeof key->secret), buf_slice(&message));
    if (!err)
        hex_encode(out, slice_of(mac, sizeof mac));
    buf_fini(&message);
    return err;
}

/* ---- writing ---- */

static void begin_part(struct buf *query, enum part part)
{
    if (part != PART_SIZE)
        buf_add_char(query, '&');
    buf_add_str(query, part_names[part]);
    buf_add_char(query, '=');
}

int signed_url_write(
    struct buf *query, const struct signed_key *key, const struct signed_upload *what)
{
    char mac[MAC_HEX_BYTES];
    if (what->bytes > SIGNED_URL_BYTES || what->expires_at_ms < 0)
        return ERR_BAD_VALUE;
    int err = sign(mac, key, what);
    if (err)
        return err;
    begin_part(query, PART_SIZE);
    buf_add_u64(query, what->bytes);
    begin_part(query, PART_TYPE);
    url_encode(query, what->type);
    begin_part(query, PART_USER);
    url_encode(query, what->user_id);
    begin_part(query, PART_EXPIRES);
    buf_add_u64(query, (uint64_t)(what->expires_at_ms / 1000));
    begin_part(query, PART_KEY);
    buf_add_str(query, key->id);
    begin_part(query, PART_SIGNATURE);
    buf_add(query, mac, sizeof mac);
    return buf_err(query);
}

/* ---- reading ---- */

static int part_of(struct slice name)
{
    for (int i = 0; i < PARTS; i++) {
        if (slice_eq(name, slice_str(part_names[i])))
            return i;
    }
    return -1;
}

/* Every part once, and nothing else. ERR_BAD_VALUE. */
static int cut(struct slice parts[PARTS], struct arena *arena, struct slice query)
{
    struct slice name, value;
    unsigned seen = 0;
    while (url_query_next(&name, &value, &query)) {
        int part = part_of(name);
        if (part < 0 || seen & 1u << part)
            return ERR_BAD_VALUE;
        seen |= 1u << part;
        int err = url_decode(&parts[part], arena, value, 0);
        if (err)
            return err == ERR_BAD_UTF8 ? ERR_BAD_VALUE : err;
    }
    return seen == (1u << PARTS) - 1 ? 0 : ERR_BAD_VALUE;
}

/* The one spelling of a number that is written. */
static int read_number(uint64_t *out, struct slice text)
{
    bool is_longer = text.len > 1 && text.p[0] == '0';
    if (is_longer || slice_u64(out, text) || *out > SIGNED_URL_BYTES)
        return ERR_BAD_VALUE;
    return 0;
}

static int read_parts(
    struct signed_upload *out, const struct slice parts[PARTS], const struct signed_check *check)
{
    uint64_t expires_at_s;
    *out = (struct signed_upload){
        .method = check->method,
        .id = check->id,
        .type = parts[PART_TYPE],
        .user_id = parts[PART_USER],
    };
    int err = read_number(&out->bytes, parts[PART_SIZE]);
    if (!err)
        err = read_number(&expires_at_s, parts[PART_EXPIRES]);
    if (!err && expires_at_s > INT64_MAX / 1000)
        err = ERR_BAD_VALUE;
    if (!err)
        out->expires_at_ms = (int64_t)expires_at_s * 1000;
    return err;
}

static const struct signed_key *find_key(const struct signed_check *check, struct slice id)
{
    for (size_t i = 0; i < check->n_keys; i++) {
        if (slice_eq(id, slice_str(check->keys[i].id)))
            return &check->keys[i];
    }
    return NULL;
}

/* ERR_FORBIDDEN. */
static int check_mac(
    const struct signed_upload *what, const struct signed_key *key, struct slice signature)
{
    char mac[MAC_HEX_BYTES];
    int err = key ? sign(mac, key, what) : ERR_FORBIDDEN;
    if (!err && !mac_is_equal(slice_of(mac, sizeof mac), signature))
        err = ERR_FORBIDDEN;
    return err;
}

int signed_url_read(struct signed_upload *out, const char **why, struct arena *arena,
    const struct signed_check *check)
{
    struct slice parts[PARTS];
    *why = "This address was not given out by this server, or not for this.";
    if (check->query.len > SIGNED_URL_MAX)
        return ERR_FORBIDDEN;
    int err = cut(parts, arena, check->query);
    if (!err)
        err = read_parts(out, parts, check);
    if (!err)
        err = check_mac(out, find_key(check, parts[PART_KEY]), parts[PART_SIGNATURE]);
    if (err == ERR_BAD_VALUE)
        return ERR_FORBIDDEN;
    if (!err && check->now_ms >= out->expires_at_ms) {
        *why = "This address has expired: ask for another one.";
        return ERR_FORBIDDEN;
    }
    return err;
}
