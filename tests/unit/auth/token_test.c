/* Claims: a table of payloads, each properly signed, and what they make of somebody. What is wrong
 * with an envelope is tested in jws_test.c. The clock stands at NOW. */
#include "auth/token.h"

#include "auth/jws.h"
#include "fault.h"
#include "forge.h"
#include "tap.h"

#include <stdio.h>

#define NOW    1700000000 /* seconds */
#define NOW_MS (NOW * 1000ll)

static const struct token_key key = { .secret = SLICE(FORGE_SECRET) };

static int verify(struct token *out, struct arena *a, struct slice payload, int64_t now_ms)
{
    struct buf text;
    buf_init(&text, TOKEN_ARENA_BYTES);
    forge(&text, S(FORGE_HEAD), payload, S(FORGE_SECRET));
    int err = token_verify(out, a, &key, buf_slice(&text), now_ms);
    buf_fini(&text);
    return err;
}

/* ---- who ---- */

struct claim_case {
    const char *payload;
    const char *who; /* "id|name|avatar|rights", or a part of the refusal behind a ! */
};

#define ID50 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"
#define N100                                                                 \
    "0123456789012345678901234567890123456789012345678901234567890123456789" \
    "012345678901234567890123456789"
#define NO_ID  "!does not say whose"
#define BAD_ID "!user id in the token"
#define NAME   "!name in the token"
#define JSON   "!not a JSON object"
#define LINK   "!avatarUrl"
#define RIGHT  "!guest and admin"

static const struct claim_case claim_cases[] = {
    { "{\"sub\":\"a\"}", "a|a||" },
    { "{\"userId\":\"u\",\"id\":\"i\",\"sub\":\"s\",\"_id\":\"o\"}", "u|u||" },
    { "{\"_id\":\"o\",\"sub\":\"s\",\"id\":\"i\",\"userId\":\"u\"}", "u|u||" },
    { "{\"_id\":\"o\",\"sub\":\"s\",\"id\":\"i\"}", "i|i||" },
    { "{\"_id\":\"o\",\"sub\":\"s\"}", "s|s||" },
    { "{\"_id\":\"65f1a2b3c4d5e6f708192a3b\"}",
        "65f1a2b3c4d5e6f708192a3b|"
        "65f1a2b3c4d5e6f708192a3b||" },
    { "{\"userId\":null,\"sub\":\"s\"}", "s|s||" },
    { "{\"userId\":\"\",\"sub\":\"s\"}", BAD_ID },
    { "{\"userId\":{},\"sub\":\"s\"}", BAD_ID },
    { "{\"id\":42}", "42|42||" },
    { "{\"id\":0}", "0|0||" },
    { "{\"id\":12345678901234567890123456789012345678901234567890}",
        "12345678901234567890123456789012345678901234567890|"
        "12345678901234567890123456789012345678901234567890||" },
    { "{\"id\":123456789012345678901234567890123456789012345678901}", BAD_ID },
    { "{\"id\":-1}", BAD_ID },
    { "{\"id\":1.0}", BAD_ID },
    { "{\"id\":1.5}", BAD_ID },
    { "{\"id\":1e3}", BAD_ID },
    { "{\"id\":true}", BAD_ID },
    { "{\"id\":[\"a\"]}", BAD_ID },
    { "{\"sub\":\"" ID50 "\"}", ID50 "|" ID50 "||" },
    { "{\"sub\":\"" ID50 "Y\"}", BAD_ID },
    { "{\"sub\":\"a-_.:@+=~|z\"}", "a-_.:@+=~|z|a-_.:@+=~|z||" },
    { "{\"sub\":\"\\u0061lice\"}", "alice|alice||" },
    { "{\"s\\u0075b\":\"a\"}", "a|a||" },
    { "{\"sub\":\"a b\"}", BAD_ID },
    { "{\"sub\":\" a\"}", BAD_ID },
    { "{\"sub\":\"a\\u0000\"}", BAD_ID },
    { "{\"sub\":\"a\\n\"}", BAD_ID },
    { "{\"sub\":\"a/b\"}", BAD_ID },
    { "{\"sub\":\"<a>\"}", BAD_ID },
    { "{\"sub\":\"\xc3\xa9\"}", BAD_ID },
    { "{}", NO_ID },
    { "{\"SUB\":\"a\"}", NO_ID },
    { "{\"user\":{\"id\":\"a\"}}", NO_ID },
    { "{\"a\":{\"sub\":\"x\"},\"sub\":\"b\"}", "b|b||" },

    { "{\"sub\":\"a\",\"username\":\"U\",\"name\":\"N\",\"displayName\":\"D\"}", "a|U||" },
    { "{\"sub\":\"a\",\"displayName\":\"D\",\"name\":\"N\"}", "a|N||" },
    { "{\"sub\":\"a\",\"displayName\":\"D\"}", "a|D||" },
    { "{\"sub\":\"a\",\"username\":null,\"name\":\"N\"}", "a|N||" },
    { "{\"sub\":\"a\",\"name\":\"\"}", "a|a||" },
    { "{\"sub\":\"a\",\"name\":\"Zo\xc3\xab \xf0\x9f\xa6\x8a\"}",
        "a|Zo\xc3\xab \xf0\x9f\xa6\x8a||" },
    { "{\"sub\":\"a\",\"name\":\"\\ud83e\\udd8a\"}", "a|\xf0\x9f\xa6\x8a||" },
    { "{\"sub\":\"a\",\"name\":\"" N100 "\"}", "a|" N100 "||" },
    { "{\"sub\":\"a\",\"name\":\"" N100 "x\"}", NAME },
    { "{\"sub\":\"a\",\"name\":\"a\\nb\"}", NAME },
    { "{\"sub\":\"a\",\"name\":\"a\\u0000b\"}", NAME },
    { "{\"sub\":\"a\",\"name\":\"\\u009b\"}", NAME },
    { "{\"sub\":\"a\",\"name\":7}", NAME },
    { "{\"sub\":\"a\",\"name\":[]}", NAME },

    { "{\"sub\":\"a\",\"avatarUrl\":\"https://x.example/a.png\"}", "a|a|https://x.example/a.png|" },
    { "{\"sub\":\"a\",\"avatarUrl\":\"/files/a.png\"}", "a|a|/files/a.png|" },
    { "{\"sub\":\"a\",\"avatarUrl\":null}", "a|a||" },
    { "{\"sub\":\"a\",\"avatarUrl\":\"\"}", "a|a||" },
    { "{\"sub\":\"a\",\"avatarUrl\":\"javascript:alert(1)\"}", LINK },
    { "{\"sub\":\"a\",\"avatarUrl\":\"//x.example/\"}", LINK },
    { "{\"sub\":\"a\",\"avatarUrl\":1}", LINK },

    { "{\"sub\":\"a\",\"guest\":true}", "a|a||guest" },
    { "{\"sub\":\"a\",\"guest\":false}", "a|a||" },
    { "{\"sub\":\"a\",\"guest\":null}", "a|a||" },
    { "{\"sub\":\"a\",\"guest\":1}", RIGHT },
    { "{\"sub\":\"a\",\"guest\":\"true\"}", RIGHT },
    { "{\"sub\":\"a\",\"admin\":true}", "a|a||admin" },
    { "{\"sub\":\"a\",\"admin\":false}", "a|a||" },
    { "{\"sub\":\"a\",\"admin\":\"true\"}", RIGHT },
    { "{\"sub\":\"a\",\"admin\":1}", RIGHT },
    { "{\"sub\":\"a\",\"role\":\"admin\"}", "a|a||admin" },
    { "{\"sub\":\"a\",\"role\":\"Admin\"}", "a|a||" },
    { "{\"sub\":\"a\",\"role\":\"student\"}", "a|a||" },
    { "{\"sub\":\"a\",\"role\":[\"admin\"]}", "a|a||" },
    { "{\"sub\":\"a\",\"roles\":[\"admin\"],\"isAdmin\":true}", "a|a||" },
    { "{\"sub\":\"a\",\"guest\":true,\"admin\":true,\"role\":\"admin\"}", "a|a||guest" },

    { "{\"sub\":\"a\",\"aud\":[\"x\"],\"iss\":\"y\",\"more\":{\"sub\":{\"sub\":1}}}", "a|a||" },
    { " { \"sub\" : \"a\" } \n", "a|a||" },
    { "{\"sub\":\"a\",\"sub\":\"b\"}", JSON },
    { "{\"sub\":\"a\",\"s\\u0075b\":\"a\"}", JSON },
    { "{\"sub\":\"a\",\"x\":1,\"x\":1}", JSON },
    { "{\"sub\":\"a\",\"exp\":9999999999,\"exp\":1}", JSON },
    { "{\"sub\":\"a\",\"x\":{\"y\":1,\"y\":2}}", JSON },
    { "{\"sub\":\"a\"}x", JSON },
    { "{\"sub\":\"a\"}{}", JSON },
    { "{\"sub\":\"a\"", JSON },
    { "{\"sub\":\"a\",}", JSON },
    { "{'sub':'a'}", JSON },
    { "{\"sub\":\"\xff\"}", JSON },
    { "{\"sub\":\"a\",\"x\":\"\xed\xa0\x80\"}", JSON },
    { "{\"sub\":\"a\",\"x\":\"\\ud80\"}", JSON },
    { "{\"sub\":\"a\",\"x\":1e999}", JSON },
    { "{\"sub\":\"a\",\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
        JSON },
    { "[{\"sub\":\"a\"}]", JSON },
    { "\"sub\"", JSON },
    { "null", JSON },
    { "", JSON },
};

static void say(char *out, size_t size, const struct identity *who)
{
    snprintf(out, size, "%.*s|%.*s|%.*s|%s%s", (int)who->user_id.len, who->user_id.p,
        (int)who->name.len, who->name.p, (int)who->avatar_url.len, who->avatar_url.p,
        who->is_guest ? "guest" : "", who->is_admin ? "admin" : "");
}

static void check_claims(const struct claim_case *c)
{
    struct arena a;
    struct token t;
    char who[512];
    arena_init(&a, TOKEN_ARENA_BYTES);
    int err = verify(&t, &a, slice_str(c->payload), NOW_MS);
    bool is_refusal = c->who[0] == '!';
    is_int(err, is_refusal ? ERR_UNAUTHORIZED : 0, "%.60s: %s", c->payload, t.why);
    say(who, sizeof(who), &t.who);
    if (is_refusal)
        ok(strstr(t.why, c->who + 1) != NULL && strcmp(who, "|||") == 0, "and nobody is told of");
    else
        is_str(who, c->who, "and that is who");
    if (!err)
        ok(identity_check(&t.who) == 0 && t.why[0] == '\0', "a sound identity");
    arena_fini(&a);
}

/* ---- times ---- */

struct time_case {
    const char *claims; /* %lld is NOW plus `by` */
    int64_t by;
    int64_t now_ms; /* plus NOW_MS */
    const char *why;
};

#define EXPIRED "has expired"
#define EARLY   "not valid yet"
#define NUMBER  "are numbers"

static const struct time_case time_cases[] = {
    { "\"exp\":%lld", 3600, 0, NULL },
    { "\"exp\":%lld", 0, 0, NULL },
    { "\"exp\":%lld", -59, 0, NULL },
    { "\"exp\":%lld", -60, -1, NULL },
    { "\"exp\":%lld", -60, 0, EXPIRED },
    { "\"exp\":%lld", -61, 0, EXPIRED },
    { "\"exp\":%lld.5", -60, 499, NULL },
    { "\"exp\":%lld.5", -60, 500, EXPIRED },
    { "\"exp\":%lld.0e0", 1, 0, NULL },
    { "\"nbf\":%lld", 0, 0, NULL },
    { "\"nbf\":%lld", 60, 0, NULL },
    { "\"nbf\":%lld", 60, -1, EARLY },
    { "\"nbf\":%lld", 61, 999, EARLY },
    { "\"nbf\":%lld", 61, 1000, NULL },
    { "\"nbf\":%lld,\"exp\":9e15", 3600, 0, EARLY },
    { "\"iat\":%lld", 86400, 0, NULL },
    { "\"iat\":%lld,\"nbf\":0,\"exp\":2e9", 0, 0, NULL },
    { "\"exp\":0", 0, 0, EXPIRED },
    { "\"exp\":-0.0", 0, 0, EXPIRED },
    { "\"exp\":-1", 0, 0, EXPIRED },
    { "\"exp\":-1e308", 0, 0, EXPIRED },
    { "\"exp\":1e308", 0, 0, NULL },
    { "\"exp\":9223372036854775807", 0, 0, NULL },
    { "\"exp\":18446744073709551616", 0, 0, NULL },
    { "\"nbf\":1e308", 0, 0, EARLY },
    { "\"nbf\":-1e308", 0, 0, NULL },
    { "\"iat\":-1e308", 0, 0, NULL },
    { "\"iat\":1e308", 0, 0, NULL },
    { "\"exp\":\"%lld\"", 3600, 0, NUMBER },
    { "\"exp\":null", 0, 0, NUMBER },
    { "\"exp\":true", 0, 0, NUMBER },
    { "\"exp\":[%lld]", 3600, 0, NUMBER },
    { "\"exp\":{}", 0, 0, NUMBER },
    { "\"exp\":\"\"", 0, 0, NUMBER },
    { "\"nbf\":\"0\"", 0, 0, NUMBER },
    { "\"nbf\":null", 0, 0, NUMBER },
    { "\"iat\":\"now\"", 0, 0, NUMBER },
    { "\"iat\":null", 0, 0, NUMBER },
    { "\"exp\":NaN", 0, 0, "JSON" },
    { "\"exp\":Infinity", 0, 0, "JSON" },
    { "\"exp\":1e309", 0, 0, "JSON" },
    { "\"exp\":0x7fffffff", 0, 0, "JSON" },
    { "\"x\":{\"exp\":0}", 0, 0, NULL },
};

static void check_time(const struct time_case *c)
{
    struct arena a;
    struct token t;
    char claims[128];
    char payload[160];
    const char *at = strstr(c->claims, "%lld");
    snprintf(claims, sizeof(claims), "%.*s", at ? (int)(at - c->claims) : 99, c->claims);
    size_t len = strlen(claims);
    if (at != NULL)
        snprintf(claims + len, sizeof(claims) - len, "%lld%s", (long long)(NOW + c->by), at + 4);
    snprintf(payload, sizeof(payload), "{\"sub\":\"a\",%s}", claims);
    arena_init(&a, TOKEN_ARENA_BYTES);
    int err = verify(&t, &a, slice_str(payload), NOW_MS + c->now_ms);
    is_int(
        err, c->why ? ERR_UNAUTHORIZED : 0, "%s at %lld: %s", claims, (long long)c->now_ms, t.why);
    ok(strstr(t.why, c->why ? c->why : "") != NULL, "for that reason");
    arena_fini(&a);
}

static void times_told(void)
{
    static const struct {
        const char *payload;
        int64_t issued;
        int64_t expires;
    } rows[] = {
        { "{\"sub\":\"a\"}", 0, INT64_MAX },
        { "{\"sub\":\"a\",\"iat\":1699999999.25,\"exp\":1700000001}", 1699999999250,
            1700000001000 },
        { "{\"sub\":\"a\",\"iat\":1700000000,\"ms\":7}", 1700000000007, INT64_MAX },
        { "{\"sub\":\"a\",\"ms\":999,\"iat\":1700000000.0}", 1700000000999, INT64_MAX },
        { "{\"sub\":\"a\",\"iat\":1700000000.5,\"ms\":7}", 1700000000500, INT64_MAX },
        { "{\"sub\":\"a\",\"iat\":1700000000,\"ms\":1000}", 1700000000000, INT64_MAX },
        { "{\"sub\":\"a\",\"iat\":1700000000,\"ms\":-1}", 1700000000000, INT64_MAX },
        { "{\"sub\":\"a\",\"iat\":1700000000,\"ms\":\"7\"}", 1700000000000, INT64_MAX },
        { "{\"sub\":\"a\",\"iat\":1700000000,\"ms\":[]}", 1700000000000, INT64_MAX },
        { "{\"sub\":\"a\",\"iat\":1700000000,\"ms\":null}", 1700000000000, INT64_MAX },
        { "{\"sub\":\"a\",\"ms\":7}", 0, INT64_MAX },
        { "{\"sub\":\"a\",\"iat\":-1e308,\"exp\":1e308}", INT64_MIN, INT64_MAX },
        { "{\"sub\":\"a\",\"iat\":9007199254740992,\"exp\":9223372036854776}", 9007199254740992000,
            INT64_MAX },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct arena a;
        struct token t;
        arena_init(&a, TOKEN_ARENA_BYTES);
        is_int(verify(&t, &a, slice_str(rows[i].payload), NOW_MS), 0, "%s", rows[i].payload);
        is_int(t.who.issued_at_ms, rows[i].issued, "when it was issued");
        is_int(t.expires_at_ms, rows[i].expires, "when it expires");
        arena_fini(&a);
    }
}

/* Another issuer may mean something else by jti. */
static void names_of_tokens(void)
{
    static const struct {
        const char *jti;
        const char *id; /* NULL: the signature's */
    } rows[] = {
        { "\"a.b-c\"", "a.b-c" },
        { "17", "17" },
        { "\"0123456789012345678901234567890123456789012345678901234567890123\"",
            "0123456789012345678901234567890123456789012345678901234567890123" },
        { "\"01234567890123456789012345678901234567890123456789012345678901234\"", NULL },
        { "\"\"", NULL },
        { "\"a b\"", NULL },
        { "\"a\\u0000\"", NULL },
        { "null", NULL },
        { "{}", NULL },
        { "1.5", NULL },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct arena a;
        struct token t;
        char payload[160];
        snprintf(payload, sizeof(payload), "{\"jti\":%s,\"sub\":\"a\"}", rows[i].jti);
        arena_init(&a, TOKEN_ARENA_BYTES);
        is_int(verify(&t, &a, slice_str(payload), NOW_MS), 0, "%s", payload);
        if (rows[i].id != NULL)
            is_slice(t.who.token_id, rows[i].id, "is called so");
        else
            ok(t.who.token_id.len == 43 && identity_is_token_id(t.who.token_id), "has a name");
        arena_fini(&a);
    }
}

/* An expired token that nobody signed is not called expired: that would be a look at claims before
 * the signature. */
static void signature_first(void)
{
    struct arena a;
    struct buf text;
    struct token t;
    buf_init(&text, TOKEN_ARENA_BYTES);
    arena_init(&a, TOKEN_ARENA_BYTES);
    forge(&text, S(FORGE_HEAD), S("{\"sub\":\"a\",\"exp\":1}"),
        S("another-secret-of-32-bytes-or-so"));
    is_int(token_verify(&t, &a, &key, buf_slice(&text), NOW_MS), ERR_UNAUTHORIZED, "refused");
    ok(strstr(t.why, "not signed by") != NULL, "for its signature: %s", t.why);
    arena_fini(&a);
    buf_fini(&text);
}

/* ---- making ---- */

static const struct token_claims alice = {
    .who = { .user_id = SLICE("alice"),
        .name = SLICE("Alice \"Al\" Liddell \xf0\x9f\xa6\x8a"),
        .avatar_url = SLICE("https://x.example/a.png") },
    .now_ms = NOW_MS,
    .ttl_ms = 3600 * 1000,
};

static void round_trip(const char *name, const struct token_claims *claims)
{
    struct arena a;
    struct slice text = S("");
    struct token t;
    int64_t end_ms = claims->now_ms + (int64_t)claims->ttl_ms;
    char want[4096];
    char got[4096];
    arena_init(&a, 2 * TOKEN_ARENA_BYTES);
    is_int(token_mint(&text, &a, &key, claims), 0, "%s: made", name);
    int err = token_verify(&t, &a, &key, text, claims->now_ms);
    is_int(err, 0, "%s: and taken: %s", name, t.why);
    say(want, sizeof(want), &claims->who);
    say(got, sizeof(got), &t.who);
    is_str(got, want, "%s: as the same person", name);
    is_int(t.who.issued_at_ms, claims->now_ms, "%s: issued", name);
    if (claims->who.token_id.len > 0)
        ok(slice_eq(t.who.token_id, claims->who.token_id), "%s: called so", name);
    else
        is_int(t.who.token_id.len, 43, "%s: called by its signature", name);
    is_int(t.expires_at_ms, end_ms / 1000 * 1000, "%s: expires", name);
    is_int(
        token_verify(&t, &a, &key, text, end_ms + 58999), 0, "%s: until then, with leeway", name);
    is_int(token_verify(&t, &a, &key, text, end_ms + 60000), ERR_UNAUTHORIZED, "%s: and no longer",
        name);
    arena_fini(&a);
}

static void round_trips(void)
{
    struct token_claims c = alice;
    round_trip("everything", &c);
    c.who.avatar_url = S("");
    round_trip("no picture", &c);
    c.who.is_admin = true;
    round_trip("an administrator", &c);
    c.who.is_admin = false;
    c.who.is_guest = true;
    round_trip("a guest", &c);
    c.now_ms += 999;
    c.ttl_ms = 1000;
    round_trip("for a second", &c);
    c.who.token_id = S("AbC-_.9");
    round_trip("with a name of its own", &c);
    c.who.user_id = S(ID50);
    c.who.name = S(N100);
    round_trip("at the limits", &c);
}

static void spelling(void)
{
    struct arena a;
    struct slice text, payload;
    const char *why;
    struct token_claims c = alice;
    c.who.name = S("A");
    c.who.is_guest = true;
    c.who.token_id = S("t~1");
    c.now_ms += 42;
    arena_init(&a, TOKEN_ARENA_BYTES);
    ok(token_mint(&text, &a, &key, &c) == 0 && jws_open(&payload, &why, &a, key.secret, text) == 0,
        "a guest's token");
    is_slice(payload,
        "{\"sub\":\"alice\",\"name\":\"A\",\"avatarUrl\":\"https://x.example/a.png\","
        "\"guest\":true,\"jti\":\"t~1\",\"iat\":1700000000,\"ms\":42,\"exp\":1700003600}",
        "says so");
    arena_fini(&a);
}

static void not_made(void)
{
    struct arena a;
    struct slice text;
    struct token_claims c[11];
    static char long_url[1 + 3 * 1200] = "/";
    for (size_t i = 0; i < 11; i++)
        c[i] = alice;
    c[0].who.user_id = S("");
    c[1].who.user_id = S("a b");
    c[2].who.name = S("");
    c[3].who.name = S("a\nb");
    c[4].who.avatar_url = S("data:x");
    c[5].who.is_guest = c[5].who.is_admin = true;
    c[6].ttl_ms = 999;
    c[7].ttl_ms = (uint64_t)INT64_MAX;
    c[8].ttl_ms = UINT64_MAX;
    c[9].who.token_id = S("a b");
    c[10].who.token_id = S(N100);
    for (size_t i = 0; i < 11; i++) {
        arena_init(&a, TOKEN_ARENA_BYTES);
        is_int(token_mint(&text, &a, &key, &c[i]), ERR_BAD_VALUE, "claims %zu are refused", i);
        arena_fini(&a);
    }
    c[0] = alice;
    arena_init(&a, 64);
    is_int(token_mint(&text, &a, &key, &c[0]), ERR_TOO_BIG, "an arena without room");
    arena_fini(&a);
    memset(long_url + 1, 'x', sizeof(long_url) - 1);
    for (size_t i = 1; i + 2 < sizeof(long_url); i += 3)
        memcpy(long_url + i, "\xe2\x82\xac", 3);
    c[0].who.avatar_url = slice_of(long_url, sizeof(long_url));
    arena_init(&a, TOKEN_ARENA_BYTES);
    is_int(token_mint(&text, &a, &key, &c[0]), ERR_TOO_BIG, "a token that would be too long");
    arena_fini(&a);
}

/* ---- failures ---- */

static void without_memory(void *arg)
{
    struct arena a;
    struct token t = { .why = "" };
    struct slice text;
    (void)arg;
    arena_init(&a, TOKEN_ARENA_BYTES);
    int err = token_mint(&text, &a, &key, &alice);
    if (!err)
        err = token_verify(&t, &a, &key, text, NOW_MS);
    if (fault_hit())
        ok(err == ERR_TOO_BIG || err == ERR_NO_MEMORY, "no memory is said: %s", err_name(err));
    arena_fini(&a);
}

/* A token with as many claims, escapes and bytes as one can have still fits. */
static void greatest(void)
{
    struct arena a;
    struct buf payload;
    struct token t;
    arena_init(&a, TOKEN_ARENA_BYTES);
    buf_init(&payload, TOKEN_ARENA_BYTES);
    buf_add_str(&payload, "{\"sub\":\"\\u0061\",\"name\":\"\\u0061\",\"avatarUrl\":\"/\\u0061\"");
    for (unsigned i = 0; i < 253; i++) {
        buf_add_str(&payload, ",\"");
        buf_add_hex(&payload, i, 3);
        buf_add_str(&payload, "\":1");
    }
    buf_add_str(&payload, "}");
    int err = verify(&t, &a, buf_slice(&payload), NOW_MS);
    is_int(err, 0, "256 claims: %s", t.why);
    payload.len--;
    buf_add_str(&payload, ",\"more\":1}");
    err = verify(&t, &a, buf_slice(&payload), NOW_MS);
    is_int(err, ERR_UNAUTHORIZED, "257: %s", t.why);
    buf_fini(&payload);
    arena_fini(&a);
}

static void small_arena(void)
{
    unsigned refused = 0, too_big = 0, taken = 0, unsaid = 0;
    for (size_t n = 0; n < 512; n++) {
        struct arena a;
        struct token t;
        arena_init(&a, n);
        int err = verify(&t, &a, S("{\"sub\":\"\\u0061\",\"name\":\"\\u0062\"}"), NOW_MS);
        refused += err == ERR_UNAUTHORIZED;
        too_big += err == ERR_TOO_BIG;
        taken += err == 0;
        unsaid += err != 0 && t.why[0] == '\0';
        arena_fini(&a);
    }
    ok(refused == 0 && too_big > 50 && taken > 50, "a small arena is never the token's fault");
    is_int(unsaid, 0, "and that, too, has its sentence");
}

int main(void)
{
    for (size_t i = 0; i < sizeof(claim_cases) / sizeof(*claim_cases); i++)
        check_claims(&claim_cases[i]);
    for (size_t i = 0; i < sizeof(time_cases) / sizeof(*time_cases); i++)
        check_time(&time_cases[i]);
    times_told();
    names_of_tokens();
    signature_first();
    round_trips();
    spelling();
    not_made();
    greatest();
    small_arena();
    fault_each(FAULT_ALLOC, without_memory, NULL);
    return done();
}
