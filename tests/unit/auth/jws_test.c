/* The example of RFC 7515 (A.1) as a known answer; then all that is wrong with a token before
 * anybody looks at its claims. */
#include "auth/jws.h"

#include "fault.h"
#include "forge.h"
#include "tap.h"

#define ARENA_BYTES (32 << 10)

/* ---- RFC 7515, A.1 ---- */

static const char rfc_key[] =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
static const char rfc_token[] =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
static const char rfc_payload[] =
    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

static void known_answer(void)
{
    struct arena a;
    struct slice key, payload;
    const char *why;
    arena_init(&a, ARENA_BYTES);
    ok(base64_decode_arena(&key, &a, slice_str(rfc_key), BASE64_URL) == 0 && key.len == 64,
        "the key of the RFC");
    int err = jws_open(&payload, &why, &a, key, slice_str(rfc_token));
    is_int(err, 0, "its token opens: %s", why);
    is_slice(payload, rfc_payload, "with its payload");
    is_str(why, "", "and nothing is wrong");
    arena_fini(&a);
}

static void sealing(void)
{
    struct arena a;
    struct buf want;
    struct slice text, payload;
    const char *why;
    arena_init(&a, ARENA_BYTES);
    buf_init(&want, ARENA_BYTES);
    is_int(jws_seal(&text, &a, S(FORGE_SECRET), S("{\"a\":1}")), 0, "sealed");
    forge(&want, S(FORGE_HEAD), S("{\"a\":1}"), S(FORGE_SECRET));
    ok(slice_eq(text, buf_slice(&want)), "as another hand makes it");
    is_int(jws_open(&payload, &why, &a, S(FORGE_SECRET), text), 0, "and it opens");
    is_slice(payload, "{\"a\":1}", "with what was put in");
    is_int(jws_seal(&text, &a, S("k"), S("{}")), 0, "a short secret of somebody else's is used");
    buf_fini(&want);
    arena_fini(&a);
}

static void sizes(void)
{
    static char payload[JWS_MAX_BYTES + 1];
    struct arena a;
    struct slice text = S("");
    size_t longest = 0, wrong = 0;
    memset(payload, 'x', sizeof(payload));
    for (size_t n = 0; n <= sizeof(payload); n++) {
        arena_init(&a, ARENA_BYTES);
        int err = jws_seal(&text, &a, S(FORGE_SECRET), slice_of(payload, n));
        wrong += err ? err != ERR_TOO_BIG : text.len > JWS_MAX_BYTES;
        longest = err ? longest : n;
        arena_fini(&a);
    }
    is_int(wrong, 0, "no token is longer than 4096 bytes");
    is_int(longest, 3011, "the longest payload that fits");
    arena_init(&a, 64);
    is_int(jws_seal(&text, &a, S(FORGE_SECRET), slice_of(payload, 100)), ERR_TOO_BIG,
        "an arena without room");
    arena_fini(&a);
}

/* ---- headers ---- */

struct header_case {
    const char *head;
    const char *why; /* NULL: taken */
};

#define ALG  "another algorithm"
#define TYP  "type JWT"
#define KEY  "key of its own"
#define MORE "extension"
#define JSON "not a JSON object"

static const struct header_case header_cases[] = {
    { FORGE_HEAD, NULL },
    { "{\"alg\":\"HS256\"}", NULL },
    { " { \"typ\" : \"JWT\" , \"alg\" : \"HS256\" } ", NULL },
    { "{\"alg\":\"HS256\",\"kid\":\"1\",\"cty\":\"x\",\"more\":[{\"a\":[1]}]}", NULL },
    { "{\"alg\":\"\\u0048S256\"}", NULL },
    { "{\"alg\":\"none\"}", ALG },
    { "{\"alg\":\"None\"}", ALG },
    { "{\"alg\":\"NONE\"}", ALG },
    { "{\"alg\":\"nOnE\",\"typ\":\"JWT\"}", ALG },
    { "{\"alg\":\"\"}", ALG },
    { "{\"alg\":\"hs256\"}", ALG },
    { "{\"alg\":\"HS256 \"}", ALG },
    { "{\"alg\":\"HS256\\u0000\"}", ALG },
    { "{\"alg\":\"HS384\"}", ALG },
    { "{\"alg\":\"HS512\"}", ALG },
    { "{\"alg\":\"RS256\"}", ALG },
    { "{\"alg\":\"ES256\"}", ALG },
    { "{\"alg\":\"PS256\"}", ALG },
    { "{\"alg\":\"EdDSA\"}", ALG },
    { "{\"alg\":\"dir\",\"enc\":\"A128GCM\"}", ALG },
    { "{\"alg\":null}", ALG },
    { "{\"alg\":256}", ALG },
    { "{\"alg\":true}", ALG },
    { "{\"alg\":[\"HS256\"]}", ALG },
    { "{\"alg\":{\"alg\":\"HS256\"}}", ALG },
    { "{\"ALG\":\"HS256\"}", "how it is signed" },
    { "{\"typ\":\"JWT\"}", "how it is signed" },
    { "{}", "how it is signed" },
    { "{\"a\":{\"alg\":\"HS256\"}}", "how it is signed" },
    { "{\"alg\":\"HS256\",\"typ\":\"jwt\"}", TYP },
    { "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}", TYP },
    { "{\"alg\":\"HS256\",\"typ\":\"JWE\"}", TYP },
    { "{\"alg\":\"HS256\",\"typ\":null}", TYP },
    { "{\"alg\":\"HS256\",\"crit\":[]}", MORE },
    { "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}", MORE },
    { "{\"alg\":\"HS256\",\"crit\":null}", MORE },
    { "{\"alg\":\"HS256\",\"b64\":false}", MORE },
    { "{\"alg\":\"HS256\",\"zip\":\"DEF\"}", MORE },
    { "{\"alg\":\"HS256\",\"enc\":\"A256GCM\"}", MORE },
    { "{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}", KEY },
    { "{\"alg\":\"HS256\",\"jku\":\"https://evil.example/keys\"}", KEY },
    { "{\"alg\":\"HS256\",\"x5c\":[\"AAAA\"]}", KEY },
    { "{\"alg\":\"HS256\",\"x5u\":\"https://evil.example/cert\"}", KEY },
    { "{\"alg\":\"none\",\"alg\":\"HS256\"}", ALG },
    { "{\"alg\":\"HS256\",\"alg\":\"HS256\"}", JSON },
    { "{\"alg\":\"HS256\",\"\\u0061lg\":\"HS256\"}", JSON },
    { "{\"alg\":\"HS256\",\"a\":1,\"a\":2}", JSON },
    { "{\"alg\":\"HS256\"", JSON },
    { "{\"alg\":\"HS256\"}}", JSON },
    { "{\"alg\":\"HS256\"}{}", JSON },
    { "{\"alg\":\"HS256\",}", JSON },
    { "{\"alg\":\"HS256\",\"a\":\"\xff\"}", JSON },
    { "[\"alg\",\"HS256\"]", JSON },
    { "\"HS256\"", JSON },
    { "HS256", JSON },
    { "null", JSON },
    { "", JSON },
    { "\xef\xbb\xbf{\"alg\":\"HS256\"}", JSON },
};

static void check_header(const struct header_case *c)
{
    struct arena a;
    struct buf text;
    struct slice payload = S("");
    const char *why = NULL;
    arena_init(&a, ARENA_BYTES);
    buf_init(&text, ARENA_BYTES);
    forge(&text, slice_str(c->head), S("{}"), S(FORGE_SECRET));
    int err = jws_open(&payload, &why, &a, S(FORGE_SECRET), buf_slice(&text));
    is_int(err, c->why ? ERR_UNAUTHORIZED : 0, "%s: %s", c->head, why);
    ok(strstr(why, c->why ? c->why : "") != NULL && (c->why || why[0] == '\0'), "and it says so");
    buf_fini(&text);
    arena_fini(&a);
}

/* ---- envelopes ---- */

#define B64   "base64url"
#define PARTS "three parts"
#define MAC   "not one of HS256"
#define OURS  "not signed by"

/* In a pattern, h, p and s stand for the parts of a good token, everything else for itself. */
static void build(struct buf *out, const char *pattern)
{
    struct buf good;
    struct slice rest, part[3];
    buf_init(&good, ARENA_BYTES);
    rest = forge(&good, S(FORGE_HEAD), S("{\"sub\":\"a\"}"), S(FORGE_SECRET));
    for (size_t i = 0; i < 3; i++)
        (void)slice_cut(&part[i], &rest, '.');
    for (; *pattern; pattern++) {
        const char *at = strchr("hps", *pattern);
        if (at != NULL)
            buf_add_slice(out, part[at - "hps"]);
        else
            buf_add_char(out, *pattern);
    }
    buf_fini(&good);
}

static const struct {
    const char *pattern;
    const char *why;
} envelopes[] = {
    { "h.p.s", NULL },
    { "", PARTS },
    { ".", PARTS },
    { "h", PARTS },
    { "h.p", PARTS },
    { "h.p.s.", PARTS },
    { ".h.p.s", PARTS },
    { "h..p.s", PARTS },
    { "h.p.s.s", PARTS },
    { "h.p.s.s.s", PARTS }, /* five: an encrypted one */
    { "..", JSON },
    { "h..s", OURS },
    { ".p.s", JSON },
    { "h.p.", MAC },
    { "h.s.p", MAC },
    { "p.h.s", "how it is signed" },
    { " h.p.s", B64 },
    { "h.p.s ", MAC },
    { "h.p.s\n", MAC },
    { "h .p.s", B64 },
    { "h.p .s", OURS },
    { "h=.p.s", B64 },
    { "h.p.s=", MAC },
    { "h.p=.s", OURS },
    { "h.p.ss", MAC },
    { "h.p.As", MAC },
    { "h.pA.s", OURS },
    { "h.pp.s", OURS },
    { "h+.p.s", B64 },
    { "h/.p.s", B64 },
    { "hA.p.s", B64 },
    { "\xc3\xa9.p.s", B64 },
};

static void check_envelope(size_t i)
{
    struct arena a;
    struct buf text;
    struct slice payload;
    const char *why;
    arena_init(&a, ARENA_BYTES);
    buf_init(&text, ARENA_BYTES);
    build(&text, envelopes[i].pattern);
    int err = jws_open(&payload, &why, &a, S(FORGE_SECRET), buf_slice(&text));
    is_int(err, envelopes[i].why ? ERR_UNAUTHORIZED : 0, "%s: %s", envelopes[i].pattern, why);
    ok(strstr(why, envelopes[i].why ? envelopes[i].why : "") != NULL, "for that reason");
    buf_fini(&text);
    arena_fini(&a);
}

/* Each bit of a good token turned, each of its beginnings: none counts. A turned bit of the last
 * character of a part may be one that carries nothing, and then strict base64 refuses it. */
static void damage(void)
{
    struct arena a;
    struct buf text;
    struct slice payload;
    const char *why;
    unsigned taken = 0, tried = 0;
    buf_init(&text, ARENA_BYTES);
    build(&text, "h.p.s");
    for (size_t i = 0; i < 8 * text.len; i++, tried++) {
        arena_init(&a, ARENA_BYTES);
        text.p[i / 8] ^= (char)(1 << i % 8);
        taken += jws_open(&payload, &why, &a, S(FORGE_SECRET), buf_slice(&text)) == 0;
        text.p[i / 8] ^= (char)(1 << i % 8);
        arena_fini(&a);
    }
    is_int(taken, 0, "none of %u turned bits is taken", tried);
    for (size_t n = 0; n < text.len; n++) {
        arena_init(&a, ARENA_BYTES);
        taken += jws_open(&payload, &why, &a, S(FORGE_SECRET), slice_of(text.p, n)) == 0;
        arena_fini(&a);
    }
    is_int(taken, 0, "nor a beginning");
    buf_fini(&text);
}

struct key_case {
    const char *name;
    struct slice secret;
};

static const struct key_case keys[] = {
    { "another key", SLICE("an-unguessable-secret-of-32-bytf") },
    { "its beginning", SLICE("an-unguessable-secret-of-32-byt") },
    { "with more behind it", SLICE(FORGE_SECRET "!") },
    { "in capitals", SLICE("AN-UNGUESSABLE-SECRET-OF-32-BYTE") },
    { "one NUL", SLICE("\0") },
};

static void other_keys(void)
{
    struct arena a;
    struct buf text;
    struct slice payload;
    const char *why;
    buf_init(&text, ARENA_BYTES);
    arena_init(&a, ARENA_BYTES);
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        forge(&text, S(FORGE_HEAD), S("{}"), keys[i].secret);
        int err = jws_open(&payload, &why, &a, S(FORGE_SECRET), buf_slice(&text));
        is_int(err, ERR_UNAUTHORIZED, "%s: %s", keys[i].name, why);
    }
    forge(&text, S(FORGE_HEAD), S("{}"), S(FORGE_SECRET "\0"));
    is_int(jws_open(&payload, &why, &a, S(FORGE_SECRET), buf_slice(&text)), 0,
        "HMAC fills keys up with NUL: the one equal key");
    arena_fini(&a);
    buf_fini(&text);
}

static void too_long(void)
{
    static char payload[JWS_MAX_BYTES];
    struct arena a;
    struct buf text;
    struct slice out;
    const char *why;
    memset(payload, ' ', sizeof(payload));
    buf_init(&text, ARENA_BYTES);
    arena_init(&a, ARENA_BYTES);
    forge(&text, S(FORGE_HEAD), slice_of(payload, 3011), S(FORGE_SECRET));
    is_int(text.len, JWS_MAX_BYTES, "a token of 4096 bytes");
    is_int(jws_open(&out, &why, &a, S(FORGE_SECRET), buf_slice(&text)), 0, "is opened");
    forge(&text, S(FORGE_HEAD), slice_of(payload, 3012), S(FORGE_SECRET));
    int err = jws_open(&out, &why, &a, S(FORGE_SECRET), buf_slice(&text));
    is_int(err, ERR_UNAUTHORIZED, "a longer one is not: %s", why);
    arena_fini(&a);
    buf_fini(&text);
}

static void without_memory(void *arg)
{
    struct arena a;
    struct slice text = S(""), payload = S("");
    const char *why;
    (void)arg;
    arena_init(&a, ARENA_BYTES);
    int err = jws_seal(&text, &a, S(FORGE_SECRET), S("{\"a\":1}"));
    if (!err)
        err = jws_open(&payload, &why, &a, S(FORGE_SECRET), text);
    if (fault_hit())
        ok(err == ERR_TOO_BIG || err == ERR_NO_MEMORY, "no memory is said: %s", err_name(err));
    arena_fini(&a);
}

static void small_arena(void)
{
    struct buf text;
    unsigned refused = 0, too_big = 0, opened = 0;
    buf_init(&text, ARENA_BYTES);
    build(&text, "h.p.s");
    for (size_t n = 0; n < 256; n++) {
        struct arena a;
        struct slice payload;
        const char *why;
        arena_init(&a, n);
        int err = jws_open(&payload, &why, &a, S(FORGE_SECRET), buf_slice(&text));
        refused += err == ERR_UNAUTHORIZED;
        too_big += err == ERR_TOO_BIG;
        opened += err == 0;
        arena_fini(&a);
    }
    ok(refused == 0 && too_big > 20 && opened > 20, "a small arena is never the token's fault");
    buf_fini(&text);
}

int main(void)
{
    known_answer();
    sealing();
    sizes();
    for (size_t i = 0; i < sizeof(header_cases) / sizeof(*header_cases); i++)
        check_header(&header_cases[i]);
    for (size_t i = 0; i < sizeof(envelopes) / sizeof(*envelopes); i++)
        check_envelope(i);
    damage();
    other_keys();
    too_long();
    small_arena();
    fault_each(FAULT_ALLOC, without_memory, NULL);
    return done();
}
