/* The ways in which others were fooled by a token, each against token_verify(): none gets in. Some
 * are signed by our own key, since what is wrong with them is not the signature; others by
 * something that an attacker knows. Then 10,000 tokens that something has gnawed at. */
#include "auth/token.h"
#include "forge.h"
#include "tap.h"

#include <stdlib.h>

#define NOW_MS 1700000000000ll
#define GOOD   "{\"sub\":\"ada\",\"admin\":true,\"exp\":1700003600}"
#define OURS   FORGE_SECRET

/* What is public, and was once taken for a key of HMAC. */
#define PEM                                                              \
    "-----BEGIN PUBLIC KEY-----\n"                                       \
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9\n" \
    "q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==\n"     \
    "-----END PUBLIC KEY-----\n"
#define JWK "{\"kty\":\"oct\",\"kid\":\"1\",\"alg\":\"HS256\",\"k\":\"" OURS "\"}"
#define DER "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d"

struct attack {
    const char *name;
    struct slice head;    /* empty: the usual one */
    struct slice payload; /* empty: one that says who, and holds */
    struct slice secret;  /* empty: ours */
    const char *pattern;  /* of its parts: see build(); NULL: "h.p.s" */
};

#define HEAD(json)    .head = SLICE(json)
#define PAYLOAD(json) .payload = SLICE(json)
#define BY(text)      .secret = SLICE(text)

static const struct attack attacks[] = {
    { "alg none, no signature", HEAD("{\"alg\":\"none\"}"), .pattern = "h.p." },
    { "alg none, without the last dot", HEAD("{\"alg\":\"none\"}"), .pattern = "h.p" },
    { "alg none, signed", HEAD("{\"alg\":\"none\",\"typ\":\"JWT\"}") },
    { "alg None", HEAD("{\"alg\":\"None\"}"), .pattern = "h.p." },
    { "alg NONE", HEAD("{\"alg\":\"NONE\"}"), .pattern = "h.p." },
    { "alg nOnE", HEAD("{\"alg\":\"nOnE\"}"), .pattern = "h.p." },
    { "alg none with a space", HEAD("{\"alg\":\"none \"}"), .pattern = "h.p." },
    { "alg empty", HEAD("{\"alg\":\"\"}") },
    { "alg null", HEAD("{\"alg\":null}") },
    { "alg missing", HEAD("{\"typ\":\"JWT\"}") },
    { "alg a list", HEAD("{\"alg\":[\"HS256\",\"none\"]}") },
    { "alg a number", HEAD("{\"alg\":256}") },
    { "alg in small letters", HEAD("{\"alg\":\"hs256\"}") },
    { "alg with NUL behind it", HEAD("{\"alg\":\"HS256\\u0000\"}") },
    { "alg twice, none first", HEAD("{\"alg\":\"none\",\"alg\":\"HS256\"}") },
    { "alg twice, none last", HEAD("{\"alg\":\"HS256\",\"alg\":\"none\"}") },
    { "alg twice, once escaped", HEAD("{\"alg\":\"HS256\",\"\\u0061lg\":\"none\"}") },
    { "RS256 over the bytes of HS256", HEAD("{\"alg\":\"RS256\",\"typ\":\"JWT\"}") },
    { "ES256 over the bytes of HS256", HEAD("{\"alg\":\"ES256\",\"typ\":\"JWT\"}") },
    { "PS256", HEAD("{\"alg\":\"PS256\"}") },
    { "EdDSA", HEAD("{\"alg\":\"EdDSA\"}") },
    { "HS512 over the bytes of HS256", HEAD("{\"alg\":\"HS512\"}") },
    { "HS384", HEAD("{\"alg\":\"HS384\"}") },
    { "HS1", HEAD("{\"alg\":\"HS1\"}") },
    { "an encrypted one", HEAD("{\"alg\":\"dir\",\"enc\":\"A256GCM\"}"), .pattern = "h.p.s.p.s" },
    { "an encrypted one, cut", HEAD("{\"alg\":\"dir\",\"enc\":\"A256GCM\"}") },
    { "zipped", HEAD("{\"alg\":\"HS256\",\"zip\":\"DEF\"}") },

    { "by the text of a public key", BY(PEM) },
    { "by its first line", BY("-----BEGIN PUBLIC KEY-----") },
    { "by its bytes", BY(DER) },
    { "by a key as JSON", BY(JWK) },
    { "by no key", BY("\0") },
    { "by many zeros", BY("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0") },
    { "by \"secret\"", BY("secret") },
    { "by \"null\"", BY("null") },
    { "by half of the key", BY("an-unguessable-s") },
    { "by the key and a newline", BY(OURS "\n") },
    { "by the key in capitals", BY("AN-UNGUESSABLE-SECRET-OF-32-BYTE") },

    { "with a key: jwk", HEAD("{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}}"),
        BY("secret") },
    { "with a key, and signed by ours", HEAD("{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\"}}") },
    { "with an address of keys: jku",
        HEAD("{\"alg\":\"HS256\",\"jku\":\"https://evil.example/\"}") },
    { "with a file of keys: jku", HEAD("{\"alg\":\"HS256\",\"jku\":\"file:///etc/passwd\"}") },
    { "with an address of a certificate: x5u",
        HEAD("{\"alg\":\"HS256\",\"x5u\":\"https://evil.example/c.pem\"}") },
    { "with a certificate: x5c", HEAD("{\"alg\":\"HS256\",\"x5c\":[\"AAAA\"]}") },
    { "with a name of a key: kid, by an empty file",
        HEAD("{\"alg\":\"HS256\",\"kid\":\"/dev/null\"}"), BY("\0") },
    { "with a name of a key: kid, by a known file",
        HEAD("{\"alg\":\"HS256\",\"kid\":\"../../VERSION\"}"), BY("0.1.0\n") },
    { "with a name of a key: kid, by what SQL would give",
        HEAD("{\"alg\":\"HS256\",\"kid\":\"' union select 'x\"}"), BY("x") },
    { "crit", HEAD("{\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}") },
    { "crit of nothing", HEAD("{\"alg\":\"HS256\",\"crit\":[]}") },
    { "b64 false", HEAD("{\"alg\":\"HS256\",\"b64\":false,\"crit\":[\"b64\"]}") },
    { "a type that is none of ours", HEAD("{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}") },
    { "a header that is a list", HEAD("[\"HS256\"]") },
    { "a header that is a text", HEAD("\"HS256\"") },
    { "a header that goes on", HEAD("{\"alg\":\"HS256\"}{\"alg\":\"none\"}") },
    { "a header that is cut", HEAD("{\"alg\":\"HS256\"") },

    { "nothing", .pattern = "" },
    { "one dot", .pattern = "." },
    { "two dots", .pattern = ".." },
    { "no signature", .pattern = "h.p." },
    { "no signature, no dot", .pattern = "h.p" },
    { "no payload", .pattern = "h..s" },
    { "no header", .pattern = ".p.s" },
    { "a signature too many", .pattern = "h.p.s.s" },
    { "two dots between", .pattern = "h..p.s" },
    { "a dot at the end", .pattern = "h.p.s." },
    { "a dot in front", .pattern = ".h.p.s" },
    { "parts in another order", .pattern = "p.h.s" },
    { "the payload as signature", .pattern = "h.p.p" },
    { "half a signature", .pattern = "h.p.S" },
    { "two signatures", .pattern = "h.p.ss" },
    { "padded", .pattern = "h.p.s=" },
    { "padded in the middle", .pattern = "h=.p.s" },
    { "of the other alphabet", .pattern = "h.p+.s" },
    { "with a space in front", .pattern = " h.p.s" },
    { "with a newline behind", .pattern = "h.p.s\n" },
    { "with NUL behind", .pattern = "h.p.s\x01" },
    { "with its scheme", .pattern = "Bearer h.p.s" },
    { "another's payload", .pattern = "h.q.s" },
    { "another's header", .pattern = "g.p.s" },

    { "expired", PAYLOAD("{\"sub\":\"ada\",\"exp\":1699999940}") },
    { "expired long ago", PAYLOAD("{\"sub\":\"ada\",\"exp\":0}") },
    { "expired before time", PAYLOAD("{\"sub\":\"ada\",\"exp\":-1}") },
    { "an end that is a text", PAYLOAD("{\"sub\":\"ada\",\"exp\":\"1700003600\"}") },
    { "an end that is null", PAYLOAD("{\"sub\":\"ada\",\"exp\":null}") },
    { "an end that is a list", PAYLOAD("{\"sub\":\"ada\",\"exp\":[1700003600]}") },
    { "an end that is no number", PAYLOAD("{\"sub\":\"ada\",\"exp\":1e999}") },
    { "two ends", PAYLOAD("{\"sub\":\"ada\",\"exp\":1,\"exp\":1700003600}") },
    { "an end that is escaped", PAYLOAD("{\"sub\":\"ada\",\"\\u0065xp\":1}") },
    { "not yet", PAYLOAD("{\"sub\":\"ada\",\"nbf\":1700000061}") },
    { "not for long", PAYLOAD("{\"sub\":\"ada\",\"nbf\":1e300}") },
    { "a beginning that is a text", PAYLOAD("{\"sub\":\"ada\",\"nbf\":\"0\"}") },
    { "two persons", PAYLOAD("{\"sub\":\"ada\",\"sub\":\"root\"}") },
    { "nobody", PAYLOAD("{\"exp\":1700003600}") },
    { "an empty name for somebody", PAYLOAD("{\"sub\":\"\"}") },
    { "somebody who is an object", PAYLOAD("{\"sub\":{\"$ne\":null}}") },
    { "somebody with NUL", PAYLOAD("{\"sub\":\"ada\\u0000\"}") },
    { "somebody with a path", PAYLOAD("{\"sub\":\"../ada\"}") },
    { "somebody far too long",
        PAYLOAD("{\"sub\":\"012345678901234567890123456789012345678901234567890\"}") },
    { "claims that are a list", PAYLOAD("[{\"sub\":\"ada\"}]") },
    { "claims that are a text", PAYLOAD("\"ada\"") },
    { "claims that are a number", PAYLOAD("1") },
    { "claims that are null", PAYLOAD("null") },
    { "claims that are not JSON", PAYLOAD("sub=ada") },
    { "claims that go on", PAYLOAD("{\"sub\":\"ada\"}{\"sub\":\"root\"}") },
    { "claims that are cut", PAYLOAD("{\"sub\":\"ada\"") },
    { "claims with a comma too many", PAYLOAD("{\"sub\":\"ada\",}") },
    { "claims behind a mark of order", PAYLOAD("\xef\xbb\xbf{\"sub\":\"ada\"}") },
    { "claims that are not UTF-8", PAYLOAD("{\"sub\":\"ada\",\"name\":\"\xff\"}") },
    { "rights that are a text", PAYLOAD("{\"sub\":\"ada\",\"admin\":\"yes\"}") },
    { "a picture that is a program",
        PAYLOAD("{\"sub\":\"ada\",\"avatarUrl\":\"javascript:alert(1)\"}") },
    { "a name of two lines", PAYLOAD("{\"sub\":\"ada\",\"name\":\"a\\nb\"}") },
};

#define ATTACKS (sizeof attacks / sizeof *attacks)

/* h, p, s stand for the parts of the token, S for half of its signature, g and q for header and
 * payload of others that we signed; everything else for itself. */
static void build(struct buf *out, const struct attack *a)
{
    struct buf text, other;
    struct slice rest, part[6];
    const char *pattern = a->pattern ? a->pattern : "h.p.s";
    buf_init(&text, TOKEN_ARENA_BYTES);
    buf_init(&other, TOKEN_ARENA_BYTES);
    rest = forge(&text, a->head.len ? a->head : S(FORGE_HEAD),
        a->payload.len ? a->payload : S(GOOD), a->secret.len ? a->secret : S(OURS));
    for (size_t i = 0; i < 3; i++)
        (void)slice_cut(&part[i], &rest, '.');
    part[3] = slice_take(part[2], part[2].len / 2);
    rest = forge(&other, S("{\"alg\":\"HS256\"}"), S("{\"sub\":\"root\"}"), S(OURS));
    (void)slice_cut(&part[4], &rest, '.');
    (void)slice_cut(&part[5], &rest, '.');
    buf_reset(out);
    for (; *pattern; pattern++) {
        const char *at = strchr("hpsSgq", *pattern);
        if (at)
            buf_add_slice(out, part[at - "hpsSgq"]);
        else
            buf_add_char(out, *pattern == '\x01' ? '\0' : *pattern);
    }
    buf_fini(&text);
    buf_fini(&other);
}

static int verify(struct token *out, struct arena *arena, struct slice text)
{
    static const struct token_key key = { .secret = SLICE(OURS) };
    return token_verify(out, arena, &key, text, NOW_MS);
}

static bool is_nobody(const struct token *t)
{
    const struct identity *who = &t->who;
    return who->user_id.len == 0 && who->name.len == 0 && who->token_id.len == 0 && !who->is_admin;
}

static void try_attack(const struct attack *a)
{
    struct arena arena;
    struct buf text;
    struct token t;
    arena_init(&arena, TOKEN_ARENA_BYTES);
    buf_init(&text, TOKEN_ARENA_BYTES);
    build(&text, a);
    int err = verify(&t, &arena, buf_slice(&text));
    is_int(err, ERR_UNAUTHORIZED, "%s: %s", a->name, t.why);
    ok(is_nobody(&t) && t.why[0] != '\0', "it is nobody's");
    buf_fini(&text);
    arena_fini(&arena);
}

/* If the good one were refused, too, the table would say nothing. */
static void the_good_one(void)
{
    static const struct attack good = { .name = "good" };
    struct arena arena;
    struct buf text;
    struct token t;
    arena_init(&arena, TOKEN_ARENA_BYTES);
    buf_init(&text, TOKEN_ARENA_BYTES);
    build(&text, &good);
    is_int(verify(&t, &arena, buf_slice(&text)), 0, "the good one is taken: %s", t.why);
    is_slice(t.who.user_id, "ada", "as who it says");
    ok(t.who.is_admin, "and with its rights");
    buf_fini(&text);
    arena_fini(&arena);
}

/* ---- damage ---- */

/* A sequence that is the same each time. */
static uint32_t draw(uint32_t *state, uint32_t below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

/* Bytes changed, cut out, doubled, exchanged; one to three of that. */
static void gnaw(struct buf *b, uint32_t *state)
{
    static const char other[] = "ABCabc019-_.=+/ {}\"\n\xff";
    for (uint32_t n = 1 + draw(state, 3); n > 0 && b->len > 2; n--) {
        uint32_t at = draw(state, (uint32_t)b->len - 1);
        char c = b->p[at];
        switch (draw(state, 5)) {
        case 0:
            b->p[at] = other[draw(state, sizeof other - 1)];
            break;
        case 1:
            b->p[at] = (char)(c ^ 1 << draw(state, 8));
            break;
        case 2:
            memmove(b->p + at, b->p + at + 1, b->len - at - 1), b->len--;
            break;
        case 3:
            b->p[at] = b->p[at + 1], b->p[at + 1] = c;
            break;
        default:
            b->len = at + 1;
            break;
        }
    }
}

static void damage(void)
{
    static const struct attack good = { .name = "good" };
    struct buf text, whole;
    uint32_t state = 1;
    unsigned tried = 0, taken = 0, odd = 0;
    buf_init(&text, TOKEN_ARENA_BYTES);
    buf_init(&whole, TOKEN_ARENA_BYTES);
    build(&whole, &good);
    while (tried < 10000) {
        struct arena arena;
        struct token t;
        buf_reset(&text);
        buf_add_slice(&text, buf_slice(&whole));
        gnaw(&text, &state);
        if (slice_eq(buf_slice(&text), buf_slice(&whole)))
            continue;
        tried++;
        arena_init(&arena, TOKEN_ARENA_BYTES);
        int err = verify(&t, &arena, buf_slice(&text));
        taken += err == 0;
        odd += err && (err != ERR_UNAUTHORIZED || !is_nobody(&t));
        arena_fini(&arena);
    }
    is_int(taken, 0, "none of %u damaged tokens is taken", tried);
    is_int(odd, 0, "nor anything but refused");
    buf_fini(&text);
    buf_fini(&whole);
}

int main(void)
{
    the_good_one();
    for (size_t i = 0; i < ATTACKS; i++)
        try_attack(&attacks[i]);
    ok(ATTACKS >= 60, "%zu ways", ATTACKS);
    damage();
    return done();
}
