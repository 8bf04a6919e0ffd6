/* Time-limited TURN credentials, against values from another implementation of the scheme. */
#include "auth/turn.h"

#include "tap.h"

#define NOW_MS 1700000000123ll

/* echo -n "<username>" | openssl dgst -sha1 -hmac "<secret>" -binary | base64 */
static const struct {
    const char *secret;
    const char *user;
    int64_t now_ms;
    const char *username;
    const char *credential;
} good[] = {
    { "north", "ann", 1700000000123ll, "1700043200:ann", "Y815wedbqVOoE/qJ5d8csukTVCk=" },
    { "a secret with spaces and é", "u:1@x", 1700000000999ll, "1700043200:u:1@x",
        "mkDX2yMs5AR2MHE29f0cmZUeNJk=" },
    { "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", "guest-1", 0ll,
        "43200:guest-1", "NeEWnhpOjibZLP5eduGKwycYXr0=" },
};

static void test_known(void)
{
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct turn_pass pass;
        int err = turn_mint(
            &pass, slice_str(good[i].secret), slice_str(good[i].user), good[i].now_ms);
        is_int(err, 0, "a pass for %s", good[i].user);
        is_str(pass.username, good[i].username, "  its name");
        is_str(pass.credential, good[i].credential, "  its credential");
        is_int(pass.expires_at_ms / 1000, good[i].now_ms / 1000 + TURN_LIFETIME_S, "  its end");
    }
}

static void test_half_a_day(void)
{
    is_int(TURN_LIFETIME_S, 43200, "a pass is good for twelve hours");
}

static void test_longest(void)
{
    char user[TURN_USER_MAX + 2];
    struct turn_pass pass;
    memset(user, 'u', sizeof(user));
    is_int(turn_mint(&pass, S("s"), slice_of(user, TURN_USER_MAX), NOW_MS), 0, "the longest user");
    is_int(strlen(pass.username), 11 + TURN_USER_MAX, "whole");
    is_int(turn_mint(&pass, S("s"), slice_of(user, TURN_USER_MAX + 1), NOW_MS), ERR_BAD_VALUE,
        "one more is refused");
    is_str(pass.username, "", "and nothing is left of it");
    is_str(pass.credential, "", "nor a credential");
    int64_t latest = INT64_MAX - TURN_LIFETIME_S * 1000ll - 1;
    is_int(turn_mint(&pass, S("s"), slice_of(user, TURN_USER_MAX), latest), 0, "the latest time");
    is_int(turn_mint(&pass, S("s"), S("ann"), latest + 1), ERR_BAD_VALUE, "there is none later");
}

static void test_refused(void)
{
    struct turn_pass pass;
    is_int(turn_mint(&pass, S(""), S("ann"), NOW_MS), ERR_BAD_VALUE, "no secret");
    is_int(turn_mint(&pass, S("s"), S(""), NOW_MS), ERR_BAD_VALUE, "no user");
    is_int(turn_mint(&pass, S("s"), S("ann"), -1), ERR_BAD_VALUE, "before 1970");
    is_int(turn_mint(&pass, S("s"), S("ann"), 0), 0, "1970 itself");
}

int main(void)
{
    test_known();
    test_half_a_day();
    test_longest();
    test_refused();
    return done();
}
