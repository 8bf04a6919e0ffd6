/* The words of the tokens; that LiveKit's own library takes them is seen in
 * tests/live/livekit_token.test.mjs. */
#include "auth/livekit.h"

#include "auth/jws.h"
#include "fault.h"
#include "tap.h"

#define ARENA_BYTES (32 << 10)
#define SECRET      "livekit-secret-of-more-than-32-bytes"

static const struct livekit_key key = { .api_key = SLICE("APIkey"), .api_secret = SLICE(SECRET) };

static const struct livekit_grant grant = {
    .room = SLICE("A7x9K2"),
    .identity = SLICE("alice"),
    .now_ms = 1700000000999,
    .ttl_ms = 3600 * 1000,
    .can_publish = true,
    .can_subscribe = true,
    .can_publish_data = true,
};

static void mint(const struct livekit_grant *g, const char *want)
{
    struct arena a;
    struct slice text, payload = S("");
    const char *why;
    arena_init(&a, ARENA_BYTES);
    is_int(livekit_mint(&text, &a, &key, g), 0, "minted");
    int err = jws_open(&payload, &why, &a, S(SECRET), text);
    is_int(err, 0, "signed with the API secret: %s", why);
    is_slice(payload, want, "with these claims");
    arena_fini(&a);
}

static void claims(void)
{
    struct livekit_grant g = grant;
    mint(&g,
        "{\"iss\":\"APIkey\",\"sub\":\"alice\",\"nbf\":1700000000,\"exp\":1700003600,"
        "\"video\":{\"room\":\"A7x9K2\",\"roomJoin\":true,\"canPublish\":true,"
        "\"canSubscribe\":true,\"canPublishData\":true}}");
    g.name = S("Al \"x\"");
    g.token_id = S("t1");
    g.can_publish = false;
    g.can_publish_data = false;
    g.can_subscribe = false;
    mint(&g,
        "{\"iss\":\"APIkey\",\"sub\":\"alice\",\"name\":\"Al \\\"x\\\"\",\"jti\":\"t1\","
        "\"nbf\":1700000000,\"exp\":1700003600,"
        "\"video\":{\"room\":\"A7x9K2\",\"roomJoin\":true,\"canPublish\":false,"
        "\"canSubscribe\":false,\"canPublishData\":false}}");
}

static void permissions(void)
{
    static const char *const names[] = { "canPublish\":true", "canSubscribe\":true",
        "canPublishData\":true" };
    for (size_t i = 0; i < 3; i++) {
        struct arena a;
        struct slice text, payload = S("");
        const char *why;
        struct livekit_grant g = grant;
        g.can_publish = i == 0;
        g.can_subscribe = i == 1;
        g.can_publish_data = i == 2;
        arena_init(&a, ARENA_BYTES);
        ok(livekit_mint(&text, &a, &key, &g) == 0 &&
                jws_open(&payload, &why, &a, S(SECRET), text) == 0,
            "one permission");
        for (size_t k = 0; k < 3; k++)
            is_int(memmem(payload.p, payload.len, names[k], strlen(names[k])) != NULL, k == i,
                "only that: %s", names[k]);
        arena_fini(&a);
    }
}

static void refused(void)
{
    static char name[JWS_MAX_BYTES];
    struct arena a;
    struct slice text;
    struct livekit_grant g[5] = { grant, grant, grant, grant, grant };
    g[0].room = S("");
    g[1].identity = S("");
    g[2].ttl_ms = 0;
    g[3].ttl_ms = 999;
    g[4].ttl_ms = UINT64_MAX;
    arena_init(&a, ARENA_BYTES);
    for (size_t i = 0; i < 5; i++)
        is_int(livekit_mint(&text, &a, &key, &g[i]), ERR_BAD_VALUE, "grant %zu", i);
    memset(name, 'x', sizeof(name));
    g[0] = grant;
    g[0].name = slice_of(name, sizeof(name));
    is_int(livekit_mint(&text, &a, &key, &g[0]), ERR_TOO_BIG, "a name that is too long");
    g[0].name = slice_of(name, 3000);
    is_int(livekit_mint(&text, &a, &key, &g[0]), ERR_TOO_BIG, "with all that stands around it");
    arena_fini(&a);
}

static void without_memory(void *arg)
{
    struct arena a;
    struct slice text;
    (void)arg;
    arena_init(&a, ARENA_BYTES);
    int err = livekit_mint(&text, &a, &key, &grant);
    if (fault_hit())
        ok(err == ERR_TOO_BIG || err == ERR_NO_MEMORY, "no memory is said: %s", err_name(err));
    arena_fini(&a);
}

int main(void)
{
    claims();
    permissions();
    refused();
    fault_each(FAULT_ALLOC, without_memory, NULL);
    return done();
}
