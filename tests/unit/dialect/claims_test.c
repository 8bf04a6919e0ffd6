/* What was said as an event is found once by the request that says the same: by room, author and
 * text, or by the client's own id, for ten seconds. */
#include "dialect/claims.h"

#include "tap.h"

#include <stdio.h>

#define NOW 1700000000000

static struct claim claim(const char *room, const char *user, const char *text, const char *client)
{
    return (struct claim){ .room_id = slice_str(room),
        .user_id = slice_str(user),
        .text = slice_str(text),
        .client_id = slice_str(client) };
}

static const char *take(char id[CLAIMS_ID_BYTES + 1], struct claims *c, struct claim said)
{
    return claims_take(id, c, &said, NOW) ? id : "none";
}

static void add(struct claims *c, struct claim said, const char *id)
{
    claims_add(c, &said, slice_str(id), NOW);
}

static void test_match(void)
{
    char id[CLAIMS_ID_BYTES + 1];
    struct claims *c = claims_new();
    add(c, claim("r", "u", "hi", ""), "m1");
    is_str(take(id, c, claim("q", "u", "hi", "")), "none", "not of another room");
    is_str(take(id, c, claim("r", "v", "hi", "")), "none", "not by another author");
    is_str(take(id, c, claim("r", "u", "ho", "")), "none", "not of another text");
    is_str(take(id, c, claim("", "ru", "hi", "")), "none", "parts do not run together");
    is_str(take(id, c, claim("r", "u", "hi", "c1")), "m1", "an id on one side says nothing");
    is_str(take(id, c, claim("r", "u", "hi", "")), "none", "a second time there is none");
    claims_free(c);
}

static void test_order(void)
{
    char id[CLAIMS_ID_BYTES + 1];
    struct claims *c = claims_new();
    add(c, claim("r", "u", "ok", ""), "m1");
    add(c, claim("r", "u", "ok", ""), "m2");
    is_str(take(id, c, claim("r", "u", "ok", "")), "m1", "the first of two");
    is_str(take(id, c, claim("r", "u", "ok", "")), "m2", "then the second");
    is_str(take(id, c, claim("r", "u", "ok", "")), "none", "then none");
    claims_free(c);
}

static void test_client_ids(void)
{
    char id[CLAIMS_ID_BYTES + 1];
    struct claims *c = claims_new();
    add(c, claim("r", "u", "ok", "c1"), "m1");
    add(c, claim("r", "u", "ok", "c2"), "m2");
    is_str(take(id, c, claim("r", "u", "ok", "c3")), "none", "other ids: the texts do not count");
    is_str(take(id, c, claim("r", "u", "edited", "c2")), "m2", "the same id: nor does this one");
    is_str(take(id, c, claim("r", "v", "ok", "c1")), "none", "another author's id");
    is_str(take(id, c, claim("r", "u", "ok", "")), "m1", "without an id the text counts");
    claims_free(c);
}

static void test_time(void)
{
    char id[CLAIMS_ID_BYTES + 1];
    struct claims *c = claims_new();
    struct claim said = claim("r", "u", "hi", "");
    claims_add(c, &said, S("m1"), NOW);
    ok(!claims_take(id, c, &said, NOW + CLAIMS_MS + 1), "too late");
    ok(!claims_take(id, c, &said, NOW - CLAIMS_MS - 1), "the clock was set back for long");
    ok(claims_take(id, c, &said, NOW - CLAIMS_MS), "or for a moment");
    claims_add(c, &said, S("m2"), NOW);
    ok(claims_take(id, c, &said, NOW + CLAIMS_MS), "at the last moment");
    claims_free(c);
}

/* In a ring that has come round, too, the oldest is the first. */
static void test_order_across_the_seam(void)
{
    char id[CLAIMS_ID_BYTES + 1];
    struct claims *c = claims_new();
    for (unsigned i = 0; i < CLAIMS_MAX - 1; i++)
        add(c, claim("r", "u", "other", ""), "m0");
    add(c, claim("r", "u", "ok", ""), "m1");
    add(c, claim("r", "u", "ok", ""), "m2");
    is_str(take(id, c, claim("r", "u", "ok", "")), "m1", "the one before the seam");
    is_str(take(id, c, claim("r", "u", "ok", "")), "m2", "the one behind it");
    claims_free(c);
}

static void test_bounds(void)
{
    char id[CLAIMS_ID_BYTES + 1], name[32];
    struct claims *c = claims_new();
    for (unsigned i = 0; i <= CLAIMS_MAX; i++) {
        snprintf(name, sizeof(name), "m%u", i);
        add(c, claim("r", "u", name, ""), name);
    }
    is_str(take(id, c, claim("r", "u", "m0", "")), "none", "the oldest one is forgotten");
    is_str(take(id, c, claim("r", "u", "m1", "")), "m1", "the next one is not");
    snprintf(name, sizeof(name), "m%u", CLAIMS_MAX);
    is_str(take(id, c, claim("r", "u", name, "")), name, "nor the newest");
    add(c, claim("r", "u", "long", ""), "0123456789012345678901234567890123456789");
    is_int(strlen(take(id, c, claim("r", "u", "long", ""))), CLAIMS_ID_BYTES, "a long id");
    add(c, claim("r", "u", "long", ""), "01234567890123456789012345678901234567890");
    is_str(take(id, c, claim("r", "u", "long", "")), "none", "a longer one is not kept");
    claims_free(c);
}

int main(void)
{
    test_match();
    test_order();
    test_client_ids();
    test_time();
    test_order_across_the_seam();
    test_bounds();
    return done();
}
