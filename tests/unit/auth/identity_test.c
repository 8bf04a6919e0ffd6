#include "auth/identity.h"

#include "tap.h"

#define ID50 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"

struct text_case {
    struct slice text;
    bool is_good;
};

static void check(
    const char *what, bool (*holds)(struct slice), const struct text_case *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        is_int(holds(c[i].text), c[i].is_good, "%s %.20s", what, c[i].text.p);
}

#define CHECK(what, holds, rows) check(what, holds, rows, sizeof(rows) / sizeof(*(rows)))

static const struct text_case ids[] = {
    { SLICE("a"), true },
    { SLICE("a-_.:@+=~|Z9"), true },
    { SLICE(ID50), true },
    { SLICE(ID50 "Y"), false },
    { SLICE(""), false },
    { SLICE("a b"), false },
    { SLICE("a\0b"), false },
    { SLICE("a\n"), false },
    { SLICE("\xc3\xa9"), false },
};

static const struct text_case names[] = {
    { SLICE("a"), true },
    { SLICE("Zo\xc3\xab"), true },
    { SLICE(""), false },
    { SLICE(ID50 ID50), true },
    { SLICE(ID50 ID50 "x"), false },
    { SLICE("\xff"), false },
    { SLICE("a\tb"), false },
};

static const struct text_case avatars[] = {
    { SLICE(""), true },
    { SLICE("https://x.example/a.png"), true },
    { SLICE("/a.png"), true },
    { SLICE("//x.example/a.png"), false },
    { SLICE("data:image/png;base64,AAAA"), false },
};

static void whole(void)
{
    static const struct identity good = { .user_id = SLICE("a"), .name = SLICE("A") };
    struct identity who = good;
    is_int(identity_check(&who), 0, "an id and a name are enough");
    who.user_id = S("");
    is_int(identity_check(&who), ERR_BAD_VALUE, "without id");
    who = good;
    who.name = S("");
    is_int(identity_check(&who), ERR_BAD_VALUE, "without name");
    who = good;
    who.avatar_url = S("x");
    is_int(identity_check(&who), ERR_BAD_VALUE, "with a bad picture");
    who = good;
    who.is_guest = who.is_admin = true;
    is_int(identity_check(&who), ERR_BAD_VALUE, "a guest is no administrator");
    who.is_guest = false;
    is_int(identity_check(&who), 0, "others may be");
}

int main(void)
{
    CHECK("id", identity_is_id, ids);
    CHECK("name", identity_is_name, names);
    CHECK("picture", identity_is_avatar, avatars);
    whole();
    return done();
}
