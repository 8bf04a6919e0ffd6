/* The claims are first collected, value by value, and then judged one after the other: so the order
 * in which a token names them does not matter, and of several names for one thing the first in our
 * order counts. Nothing of the payload is looked at before the signature was found good. */
#include "auth/token.h"

#include "auth/jws.h"
#include "base/field.h"
#include "base/json_write.h"
#include "base/panic.h"

#define SECOND_MS 1000

/* Claims for one purpose stand together, the strongest first. */
enum claim {
    CLAIM_USER_ID,
    CLAIM_ID,
    CLAIM_SUB,
    CLAIM__ID,
    CLAIM_USERNAME,
    CLAIM_NAME,
    CLAIM_DISPLAY_NAME,
    CLAIM_AVATAR_URL,
    CLAIM_GUEST,
    CLAIM_ADMIN,
    CLAIM_ROLE,
    CLAIM_EXP,
    CLAIM_NBF,
    CLAIM_IAT,
    CLAIM_MS,
    CLAIM_JTI,
    CLAIMS,
};

static const struct slice names[CLAIMS] = {
    [CLAIM_USER_ID] = SLICE("userId"),
    [CLAIM_ID] = SLICE("id"),
    [CLAIM_SUB] = SLICE("sub"),
    [CLAIM__ID] = SLICE("_id"),
    [CLAIM_USERNAME] = SLICE("username"),
    [CLAIM_NAME] = SLICE("name"),
    [CLAIM_DISPLAY_NAME] = SLICE("displayName"),
    [CLAIM_AVATAR_URL] = SLICE("avatarUrl"),
    [CLAIM_GUEST] = SLICE("guest"),
    [CLAIM_ADMIN] = SLICE("admin"),
    [CLAIM_ROLE] = SLICE("role"),
    [CLAIM_EXP] = SLICE("exp"),
    [CLAIM_NBF] = SLICE("nbf"),
    [CLAIM_IAT] = SLICE("iat"),
    [CLAIM_MS] = SLICE("ms"),
    [CLAIM_JTI] = SLICE("jti"),
};

/* What is absent has the type JSON_ERROR, which no value has. */
struct claim_set {
    struct json_value at[CLAIMS];
    struct arena *arena;
};

static int refuse(struct token *out, const char *why)
{
    out->why = why;
    return ERR_UNAUTHORIZED;
}

/* ---- reading ---- */

static void keep(struct claim_set *set, const struct json_value *key, const struct json_value *v)
{
    for (size_t i = 0; i < CLAIMS; i++) {
        if (json_is(key, names[i]))
            set->at[i] = *v;
    }
}

static int collect(struct claim_set *set, struct token *out, struct slice json)
{
    struct json j;
    struct json_value key, value;
    json_init(&j, json, set->arena);
    bool is_object = json_next(&key, &j) == JSON_OBJECT;
    while (is_object && json_next(&key, &j) == JSON_KEY && json_next_whole(&value, &j) > JSON_END)
        keep(set, &key, &value);
    if (json_err(&j) == ERR_TOO_BIG)
        return ERR_TOO_BIG;
    if (json_next(&value, &j) != JSON_END || !is_object)
        return refuse(out, "The token's claims are not a JSON object with every name once.");
    return 0;
}

/* The first of these claims that is there and not null; NULL: none is. */
static const struct json_value *first_of(
    const struct claim_set *set, enum claim from, enum claim to)
{
    for (enum claim i = from; i <= to; i++) {
        if (set->at[i].type > JSON_END && set->at[i].type != JSON_NULL)
            return &set->at[i];
    }
    return NULL;
}

static const struct json_value *find(const struct claim_set *set, enum claim which)
{
    return first_of(set, which, which);
}

static int take_id(struct token *out, const struct claim_set *set)
{
    static const struct field row = { .name = "id", .type = FIELD_ID, .max = ROOM_USER_ID_MAX };
    const struct json_value *v = first_of(set, CLAIM_USER_ID, CLAIM__ID);
    if (v == NULL)
        return refuse(
            out, "The token does not say whose it is: userId, id, sub and _id are absent.");
    int err = field_store_json(&out->who.user_id, set->arena, &row, v);
    if (err == ERR_BAD_FIELD)
        return refuse(out, "The user id in the token is not 1 to 50 letters, digits or marks.");
    return err;
}

/* Gives "" for what is absent. */
static int take_text(struct slice *text, const struct claim_set *set, const struct json_value *v)
{
    *text = S("");
    return v == NULL ? 0 : json_text(text, set->arena, v);
}

static int take_name(struct token *out, const struct claim_set *set)
{
    struct slice name;
    int err = take_text(&name, set, first_of(set, CLAIM_USERNAME, CLAIM_DISPLAY_NAME));
    if (err == ERR_TOO_BIG)
        return err;
    if (err || (name.len > 0 && !identity_is_name(name)))
        return refuse(out, "The name in the token is not one line of at most 100 characters.");
    out->who.name = name.len > 0 ? name : out->who.user_id;
    return 0;
}

static int take_avatar(struct token *out, const struct claim_set *set)
{
    struct slice *url = &out->who.avatar_url;
    int err = take_text(url, set, find(set, CLAIM_AVATAR_URL));
    if (err == ERR_TOO_BIG)
        return err;
    if (err || !identity_is_avatar(*url))
        return refuse(out, "The avatarUrl in the token is not an address of http or https.");
    return 0;
}

/* The signature is as good a name: no two tokens have the same, and it has one spelling. */
static int take_token_id(struct token *out, const struct claim_set *set, struct slice text)
{
    static const struct field row = { .name = "jti", .type = FIELD_ID, .max = IDENTITY_TOKEN_MAX };
    const struct json_value *v = find(set, CLAIM_JTI);
    struct slice *id = &out->who.token_id;
    int err = v == NULL ? ERR_BAD_FIELD : field_store_json(id, set->arena, &row, v);
    if (err != ERR_BAD_FIELD)
        return err;
    for (ptrdiff_t dot; (dot = slice_find(text, '.')) >= 0;)
        text = slice_drop(text, (size_t)dot + 1);
    return arena_copy(id, set->arena, text);
}

static bool is_truth(const struct json_value *v)
{
    return v == NULL || v->type == JSON_TRUE || v->type == JSON_FALSE;
}

/* A role other than "admin" means something to the issuer only. */
static int take_rights(struct token *out, const struct claim_set *set)
{
    const struct json_value *guest = find(set, CLAIM_GUEST);
    const struct json_value *admin = find(set, CLAIM_ADMIN);
    const struct json_value *role = find(set, CLAIM_ROLE);
    if (!is_truth(guest) || !is_truth(admin))
        return refuse(out, "The claims guest and admin of a token are true or false.");
    bool is_admin = admin != NULL && admin->type == JSON_TRUE;
    bool has_role = role != NULL && role->type == JSON_STRING && json_is(role, S("admin"));
    out->who.is_guest = guest != NULL && guest->type == JSON_TRUE;
    out->who.is_admin = !out->who.is_guest && (is_admin || has_role);
    return 0;
}

/* ---- times ---- */

/* Seconds since 1970, with a fraction if they like; `absent` where the claim is not there. */
static int take_time(double *out, const struct claim_set *set, enum claim which, double absent)
{
    const struct json_value *v = &set->at[which];
    *out = absent;
    return v->type == JSON_ERROR ? 0 : json_double(out, v);
}

/* Far away enough is never. */
static int64_t to_ms(double seconds)
{
    double ms = seconds * SECOND_MS;
    if (ms >= 0x1p63)
        return INT64_MAX;
    return ms < -0x1p63 ? INT64_MIN : (int64_t)ms;
}

/* Of tokens of ours: which of those of one second came first. */
static int64_t take_ms(const struct claim_set *set)
{
    const struct json_value *v = find(set, CLAIM_MS);
    int64_t ms;
    bool is_good = v != NULL && json_int(&ms, v) == 0 && ms >= 0 && ms < SECOND_MS;
    return is_good ? ms : 0;
}

static int take_times(struct token *out, const struct claim_set *set, int64_t now_ms)
{
    double expires, begins, issued;
    double now = (double)now_ms / SECOND_MS;
    if (take_time(&expires, set, CLAIM_EXP, (double)INT64_MAX) != 0 ||
        take_time(&begins, set, CLAIM_NBF, -(double)INT64_MAX) != 0 ||
        take_time(&issued, set, CLAIM_IAT, 0) != 0)
        return refuse(out, "The times exp, nbf and iat of a token are numbers.");
    if (now >= expires + TOKEN_LEEWAY_S)
        return refuse(out, "The token has expired; log in again.");
    if (now < begins - TOKEN_LEEWAY_S)
        return refuse(out, "The token is not valid yet.");
    out->expires_at_ms = to_ms(expires);
    out->who.issued_at_ms = to_ms(issued);
    if (issued > 0 && issued < (double)INT32_MAX * SECOND_MS && issued == (double)(int64_t)issued)
        out->who.issued_at_ms += take_ms(set);
    return 0;
}

static int judge(struct token *out, const struct claim_set *set, struct slice text, int64_t now_ms)
{
    int err = take_times(out, set, now_ms);
    if (!err)
        err = take_id(out, set);
    if (!err)
        err = take_name(out, set);
    if (!err)
        err = take_avatar(out, set);
    if (!err)
        err = take_token_id(out, set, text);
    return err ? err : take_rights(out, set);
}

int token_verify(struct token *out, struct arena *arena, const struct token_key *key,
    struct slice text, int64_t now_ms)
{
    struct claim_set set = { .arena = arena };
    struct slice payload;
    *out = (struct token){ .why = "" };
    int err = jws_open(&payload, &out->why, arena, key->secret, text);
    if (!err)
        err = collect(&set, out, payload);
    if (!err)
        err = judge(out, &set, text, now_ms);
    if (err)
        *out = (struct token){ .why = out->why[0] != '\0' ? out->why : err_info(err)->text };
    return err;
}

/* ---- making ---- */

static void write_claims(struct buf *out, const struct token_claims *c)
{
    struct json_writer w;
    jw_init(&w, out);
    jw_object(&w);
    jw_field_str(&w, "sub", c->who.user_id);
    jw_field_str(&w, "name", c->who.name);
    if (c->who.avatar_url.len > 0)
        jw_field_str(&w, "avatarUrl", c->who.avatar_url);
    if (c->who.is_guest)
        jw_field_bool(&w, "guest", true);
    if (c->who.is_admin)
        jw_field_bool(&w, "admin", true);
    if (c->who.token_id.len > 0)
        jw_field_str(&w, "jti", c->who.token_id);
    jw_field_i64(&w, "iat", c->now_ms / SECOND_MS);
    jw_field_i64(&w, "ms", c->now_ms % SECOND_MS);
    jw_field_i64(&w, "exp", (c->now_ms + (int64_t)c->ttl_ms) / SECOND_MS);
    jw_end(&w);
}

int token_mint(struct slice *out, struct arena *arena, const struct token_key *key,
    const struct token_claims *claims)
{
    struct buf json;
    int64_t end_ms;
    ASSERT(key->secret.len >= JWS_MIN_SECRET_BYTES);
    bool has_time = claims->ttl_ms >= SECOND_MS && claims->ttl_ms <= INT64_MAX &&
        !__builtin_add_overflow(claims->now_ms, claims->ttl_ms, &end_ms);
    bool has_id = claims->who.token_id.len > 0;
    if (!has_time || identity_check(&claims->who) != 0)
        return ERR_BAD_VALUE;
    if (has_id && !identity_is_token_id(claims->who.token_id))
        return ERR_BAD_VALUE;
    buf_init(&json, JWS_MAX_BYTES);
    write_claims(&json, claims);
    int err = buf_err(&json);
    if (!err)
        err = jws_seal(out, arena, key->secret, buf_slice(&json));
    buf_fini(&json);
    return err;
}
