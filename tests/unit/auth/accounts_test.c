/* Deeds one by one; then two at once, the store or the workers failing in the middle, and an end in
 * the middle of everything. Passwords are hashed for real, cheaply. */
#include "auth/accounts.h"

#include "base/log.h"
#include "fault.h"
#include "tap.h"
#include "user_store.h"

#include <stdio.h>
#include <unistd.h>

#define CHEAP                                           \
    {                                                   \
        .memory_bytes = 8192, .passes = 1, .threads = 1 \
    }

struct rig {
    struct test_clock clock;
    struct loop *loop;
    struct user_store store;
    struct revocations *revocations;
    struct accounts *accounts;
    unsigned n_revoked;
};

/* One answer. */
struct heard {
    unsigned n;
    int err;
    char id[64];
    char email[256];
    char name[128];
    char avatar[128];
    bool is_admin;
    bool is_disabled;
    int64_t as_of_ms;
};

static void copy(char *to, size_t size, struct slice s)
{
    snprintf(to, size, "%.*s", (int)s.len, s.p ? s.p : "");
}

static void on_account(void *arg, int err, const struct account *a)
{
    struct heard *h = arg;
    h->n++;
    h->err = err;
    if ((a == NULL) != (err != 0))
        abort();
    if (err)
        return;
    copy(h->id, sizeof h->id, a->user.id);
    copy(h->email, sizeof h->email, a->user.email);
    copy(h->name, sizeof h->name, a->user.name);
    copy(h->avatar, sizeof h->avatar, a->user.avatar_url);
    h->is_admin = a->user.is_admin;
    h->is_disabled = a->user.is_disabled;
    h->as_of_ms = a->as_of_ms;
}

static void on_revoked(void *arg, const struct revocation *what)
{
    struct rig *r = arg;
    r->n_revoked += what->token_id.len == 0;
}

static void start_with(struct rig *r, struct password_settings passwords)
{
    *r = (struct rig){ 0 };
    test_clock_init(&r->clock);
    if (loop_new(&r->loop, &r->clock.clock))
        abort();
    user_store_init(&r->store, r->loop);
    r->revocations = revocations_new(&r->store.store);
    revocations_set_listener(r->revocations, on_revoked, r);
    const struct accounts_settings settings = { .loop = r->loop,
        .store = &r->store.store,
        .revocations = r->revocations,
        .passwords = passwords };
    r->accounts = accounts_new(&settings);
}

static void start(struct rig *r)
{
    start_with(r, (struct password_settings)CHEAP);
}

static void stop(struct rig *r)
{
    accounts_free(r->accounts);
    user_store_close(&r->store);
    revocations_free(r->revocations);
    loop_free(r->loop);
}

/* Until the answer is there. */
static int wait_for(struct rig *r, const struct heard *h)
{
    while (h->n == 0) {
        loop_turn(r->loop, true);
        test_clock_turn(&r->clock, 1000);
    }
    if (h->n > 1)
        ok(false, "%u answers", h->n);
    return h->err;
}

static int ask(struct rig *r, struct heard *h, const struct account_ask *what)
{
    *h = (struct heard){ 0 };
    int err = accounts_ask(r->accounts, what, on_account, h);
    return err ? err : wait_for(r, h);
}

static int create(struct rig *r, struct heard *h, const char *email, const char *password)
{
    const struct account_ask what = { .deed = ACCOUNT_CREATE,
        .email = slice_str(email),
        .name = S("Ada"),
        .new_password = slice_str(password) };
    return ask(r, h, &what);
}

static int log_in(struct rig *r, struct heard *h, const char *email, const char *password)
{
    const struct account_ask what = {
        .deed = ACCOUNT_LOG_IN, .email = slice_str(email), .password = slice_str(password)
    };
    return ask(r, h, &what);
}

static struct account_ask by_operator(enum account_deed deed, const char *id)
{
    bool is_email = strchr(id, '@') != NULL;
    return (struct account_ask){ .deed = deed,
        .is_operator = true,
        .user_id = is_email ? S("") : slice_str(id),
        .email = is_email ? slice_str(id) : S("") };
}

static int operate(struct rig *r, struct heard *h, enum account_deed deed, const char *id)
{
    struct account_ask what = by_operator(deed, id);
    return ask(r, h, &what);
}

static bool holds(const struct rig *r, const char *user, int64_t issued_at_ms)
{
    struct token t = {
        .who = { .user_id = slice_str(user), .token_id = S("t"), .issued_at_ms = issued_at_ms }
    };
    return revocations_judge(r->revocations, &t) == 0;
}

/* ---- one by one ---- */

static void coming(void)
{
    struct rig r;
    struct heard a, b;
    start(&r);
    is_int(create(&r, &a, "  Ada@Example.ORG ", "correct horse"), 0, "somebody makes an account");
    ok(strlen(a.id) == 22 && strncmp(a.id, "u_", 2) == 0, "gets an id: %s", a.id);
    is_str(a.email, "ada@example.org", "by the address as everybody writes it");
    is_str(a.name, "Ada", "under a name");
    const struct kept_user *u = user_store_find(&r.store, a.id, "");
    ok(u && strncmp(u->texts[4], "$argon2id$", 10) == 0, "the password is kept as a hash");
    ok(u && u->created_at_ms > 0 && !u->is_admin && !u->is_disabled, "as anybody");
    is_int(create(&r, &b, "ada@example.org", "another one"), ERR_EMAIL_TAKEN, "one an address");
    is_int(create(&r, &b, "bob@example.org", "correct horse"), 0, "others may come");
    ok(strcmp(a.id, b.id) != 0, "and are others");
    is_int(log_in(&r, &b, "ADA@example.org", "correct horse"), 0, "she logs in");
    is_str(b.id, a.id, "as herself");
    ok(b.as_of_ms > a.as_of_ms, "later");
    is_int(log_in(&r, &b, "ada@example.org", "correct horsf"), ERR_WRONG_LOGIN, "a wrong one");
    is_int(log_in(&r, &b, "eve@example.org", "correct horse"), ERR_WRONG_LOGIN, "nobody");
    is_int(log_in(&r, &b, "no address", "correct horse"), ERR_WRONG_LOGIN, "no address");
    is_int(log_in(&r, &b, "ada@example.org", "short"), ERR_WRONG_LOGIN, "no password");
    stop(&r);
}

static void faults(void)
{
    static const struct {
        const char *email, *name, *password, *why;
    } rows[] = {
        { "ada@example.org", "Ada", "correct horse", NULL },
        { "ada", "Ada", "correct horse", "e-mail" },
        { "", "Ada", "correct horse", "e-mail" },
        { "ada@example.org", "", "correct horse", "name" },
        { "ada@example.org", "a\nb", "correct horse", "name" },
        { "ada@example.org", "Ada", "1234567", "password" },
        { "ada@example.org", "Ada", "1234567\xff", "password" },
    };
    struct rig r;
    struct heard h;
    start(&r);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct account_ask what = { .deed = ACCOUNT_CREATE,
            .email = slice_str(rows[i].email),
            .name = slice_str(rows[i].name),
            .new_password = slice_str(rows[i].password) };
        const char *why = accounts_fault(&what);
        ok(rows[i].why ? why && strstr(why, rows[i].why) : !why, "row %zu: %s", i, why ? why : "");
        is_int(ask(&r, &h, &what), why ? ERR_BAD_FIELD : 0, "and that is what happens");
    }
    struct account_ask what = by_operator(ACCOUNT_DISABLE, "nonsense@");
    is_int(ask(&r, &h, &what), ERR_BAD_FIELD, "an operator, too, must know an address");
    what.email = S("");
    is_int(ask(&r, &h, &what), ERR_NOT_FOUND, "or anybody at all");
    static const char long_id[] = "012345678901234567890123456789012345678901234567890";
    what = by_operator(ACCOUNT_SHOW, long_id);
    is_int(ask(&r, &h, &what), ERR_BAD_FIELD, "whose id is not too long");
    stop(&r);
}

static void changing(void)
{
    struct rig r;
    struct heard a, h;
    const struct slice picture = S("/files/a.png"), none = S(""), bad = S("javascript:x");
    start(&r);
    create(&r, &a, "ada@example.org", "correct horse");
    struct account_ask what = { .deed = ACCOUNT_CHANGE, .user_id = slice_str(a.id) };
    what.name = S("Ada L.");
    what.avatar = &picture;
    is_int(ask(&r, &h, &what), 0, "a name and a picture");
    is_str(h.name, "Ada L.", "the name");
    is_str(h.avatar, "/files/a.png", "the picture");
    what.name = S("");
    what.avatar = NULL;
    is_int(ask(&r, &h, &what), 0, "nothing");
    is_str(h.name, "Ada L.", "changes nothing");
    is_str(h.avatar, "/files/a.png", "at all");
    what.avatar = &none;
    is_int(ask(&r, &h, &what), 0, "no picture");
    is_str(h.avatar, "", "is none");
    what.avatar = &bad;
    is_int(ask(&r, &h, &what), ERR_BAD_FIELD, "what is no picture is not taken");
    is_int(r.n_revoked, 0, "for all this no token ends");
    is_int(log_in(&r, &h, "ada@example.org", "correct horse"), 0, "the password is the same");
    what = (struct account_ask){ .deed = ACCOUNT_SHOW, .user_id = slice_str(a.id) };
    is_int(ask(&r, &h, &what), 0, "looking");
    is_str(h.name, "Ada L.", "shows it");
    what.user_id = S("u_nobody");
    is_int(ask(&r, &h, &what), ERR_NOT_FOUND, "who is not there is not shown");
    what.deed = ACCOUNT_CHANGE;
    is_int(ask(&r, &h, &what), ERR_NOT_FOUND, "nor changed");
    stop(&r);
}

static void another_password(void)
{
    struct rig r;
    struct heard a, h, in;
    start(&r);
    create(&r, &a, "ada@example.org", "correct horse");
    log_in(&r, &in, "ada@example.org", "correct horse");
    struct account_ask what = { .deed = ACCOUNT_SET_PASSWORD,
        .user_id = slice_str(a.id),
        .password = S("correct horsf"),
        .new_password = S("battery staple") };
    is_int(ask(&r, &h, &what), ERR_WRONG_LOGIN, "without the old one nothing goes");
    ok(holds(&r, a.id, in.as_of_ms), "and nothing ends");
    what.password = S("correct horse");
    is_int(ask(&r, &h, &what), 0, "with it, it does");
    is_int(r.n_revoked, 1, "and all tokens end");
    ok(!holds(&r, a.id, a.as_of_ms) && !holds(&r, a.id, in.as_of_ms), "those from before");
    ok(holds(&r, a.id, h.as_of_ms), "the one that is made for it does not");
    is_int(log_in(&r, &h, "ada@example.org", "correct horse"), ERR_WRONG_LOGIN, "the old one");
    is_int(log_in(&r, &h, "ada@example.org", "battery staple"), 0, "the new one");
    ok(holds(&r, a.id, h.as_of_ms), "whose token holds");
    what.new_password = S("short");
    is_int(ask(&r, &h, &what), ERR_BAD_FIELD, "a new one must be one");
    stop(&r);
}

static void an_operator(void)
{
    struct rig r;
    struct heard a, h;
    start(&r);
    const bool yes = true, no = false;
    struct account_ask make = { .deed = ACCOUNT_CREATE,
        .is_operator = true,
        .email = S("ada@example.org"),
        .name = S("Ada"),
        .new_password = S("correct horse"),
        .is_admin = &yes };
    is_int(ask(&r, &a, &make), 0, "an operator makes an account");
    ok(a.is_admin, "with rights");
    is_int(operate(&r, &h, ACCOUNT_DISABLE, "Ada@example.org"), 0, "disables it, by its address");
    ok(h.is_disabled && r.n_revoked == 1, "and its tokens end");
    is_int(log_in(&r, &h, "ada@example.org", "correct horse"), ERR_WRONG_LOGIN, "it cannot log in");
    struct account_ask what = { .deed = ACCOUNT_SHOW, .user_id = slice_str(a.id) };
    is_int(ask(&r, &h, &what), ERR_NOT_FOUND, "nor do anything else");
    is_int(operate(&r, &h, ACCOUNT_SHOW, a.id), 0, "but the operator sees it");
    what = by_operator(ACCOUNT_SET_PASSWORD, a.id);
    what.new_password = S("battery staple");
    is_int(ask(&r, &h, &what), 0, "sets its password, without the old one");
    is_int(operate(&r, &h, ACCOUNT_ENABLE, a.id), 0, "and lets it in again");
    is_int(log_in(&r, &h, "ada@example.org", "battery staple"), 0, "then it comes");
    ok(holds(&r, a.id, h.as_of_ms) && !holds(&r, a.id, a.as_of_ms), "with a new token only");
    what = by_operator(ACCOUNT_CHANGE, a.id);
    what.is_admin = &no;
    is_int(ask(&r, &h, &what), 0, "takes its rights away");
    ok(!h.is_admin && r.n_revoked == 3, "and with them the tokens that say so");
    is_int(operate(&r, &h, ACCOUNT_DELETE, "ada@example.org"), 0, "removes it");
    is_int(operate(&r, &h, ACCOUNT_DELETE, a.id), ERR_NOT_FOUND, "once");
    is_int(log_in(&r, &h, "ada@example.org", "battery staple"), ERR_WRONG_LOGIN, "nobody comes");
    stop(&r);
}

static void leaving(void)
{
    struct rig r;
    struct heard a, h;
    start(&r);
    create(&r, &a, "ada@example.org", "correct horse");
    struct account_ask what = {
        .deed = ACCOUNT_DELETE, .user_id = slice_str(a.id), .password = S("battery staple")
    };
    is_int(ask(&r, &h, &what), ERR_WRONG_LOGIN, "one does not leave by a wrong password");
    what.password = S("x");
    is_int(ask(&r, &h, &what), ERR_WRONG_LOGIN, "nor by none");
    what.password = S("correct horse");
    is_int(ask(&r, &h, &what), 0, "but by the right one");
    is_str(h.id, a.id, "and hears who one was");
    ok(!holds(&r, a.id, h.as_of_ms - 1), "no token is left");
    is_int(log_in(&r, &h, "ada@example.org", "correct horse"), ERR_WRONG_LOGIN, "nor an account");
    is_int(create(&r, &h, "ada@example.org", "correct horse"), 0, "one may come again");
    ok(strcmp(h.id, a.id) != 0, "as somebody new");
    stop(&r);
}

/* ---- other settings ---- */

static void renewing(void)
{
    struct rig r;
    struct heard a, h;
    start(&r);
    create(&r, &a, "ada@example.org", "correct horse");
    accounts_free(r.accounts);
    const struct accounts_settings dearer = { .loop = r.loop,
        .store = &r.store.store,
        .revocations = r.revocations,
        .passwords = { .memory_bytes = 16384, .passes = 2, .threads = 1 } };
    r.accounts = accounts_new(&dearer);
    is_int(log_in(&r, &h, "ada@example.org", "correct horsf"), ERR_WRONG_LOGIN, "a wrong one");
    const struct kept_user *u = user_store_find(&r.store, a.id, "");
    ok(strstr(u->texts[4], "m=8,t=1,") != NULL, "leaves the hash");
    is_int(log_in(&r, &h, "ada@example.org", "correct horse"), 0, "the right one is answered");
    for (unsigned i = 0; i < 20; i++)
        loop_turn(r.loop, false);
    ok(strstr(u->texts[4], "m=16,t=2,") != NULL, "and kept as the settings now say");
    is_int(r.n_revoked, 0, "for which nobody is logged out");
    unsigned puts = r.store.n_puts;
    is_int(log_in(&r, &h, "ada@example.org", "correct horse"), 0, "it is right, again");
    for (unsigned i = 0; i < 20; i++)
        loop_turn(r.loop, false);
    is_int(r.store.n_puts, puts, "and stays");
    stop(&r);
}

/* ---- at once ---- */

/* Steps of both fall between each other in every way that the store allows. */
static void two_changes(void)
{
    struct rig r;
    struct heard a, h[2] = { 0 };
    start(&r);
    create(&r, &a, "ada@example.org", "correct horse");
    const struct account_ask password = { .deed = ACCOUNT_SET_PASSWORD,
        .user_id = slice_str(a.id),
        .password = S("correct horse"),
        .new_password = S("battery staple") };
    const struct account_ask name = {
        .deed = ACCOUNT_CHANGE, .user_id = slice_str(a.id), .name = S("Countess")
    };
    for (unsigned i = 0; i < 2; i++) {
        const struct account_ask *what = i ? &name : &password;
        is_int(accounts_ask(r.accounts, what, on_account, &h[i]), 0, "one of two");
    }
    is_int(wait_for(&r, &h[0]), 0, "the first");
    is_int(wait_for(&r, &h[1]), 0, "the second");
    is_int(log_in(&r, &a, "ada@example.org", "battery staple"), 0, "neither undoes the other");
    is_str(a.name, "Countess", "whichever was first");
    ok(!holds(&r, a.id, h[1].as_of_ms), "what was asked for before the password ends with it");
    stop(&r);
}

static void many_changes(void)
{
    struct rig r;
    struct heard a, h[20] = { 0 };
    char name[20];
    unsigned done_well = 0;
    start(&r);
    create(&r, &a, "ada@example.org", "correct horse");
    for (unsigned i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "n%u", i);
        const struct account_ask what = {
            .deed = ACCOUNT_CHANGE, .user_id = slice_str(a.id), .name = slice_str(name)
        };
        if (accounts_ask(r.accounts, &what, on_account, &h[i]))
            abort();
    }
    for (unsigned i = 0; i < 20; i++)
        done_well += wait_for(&r, &h[i]) == 0;
    is_int(done_well, 20, "twenty at once");
    is_str(h[19].name, "n19", "the last is the last");
    stop(&r);
}

/* The old password is read, then another one is set, then the old one is found right. */
static void an_old_password_in_time(void)
{
    struct rig r;
    struct heard a, in = { 0 }, h = { 0 };
    start(&r);
    create(&r, &a, "ada@example.org", "correct horse");
    const struct account_ask login = {
        .deed = ACCOUNT_LOG_IN, .email = S("ada@example.org"), .password = S("correct horse")
    };
    struct account_ask change = by_operator(ACCOUNT_SET_PASSWORD, a.id);
    change.new_password = S("battery staple");
    is_int(accounts_ask(r.accounts, &change, on_account, &h), 0, "a password is being set");
    is_int(accounts_ask(r.accounts, &login, on_account, &in), 0, "while somebody logs in");
    wait_for(&r, &h);
    wait_for(&r, &in);
    ok(in.err == 0 || in.err == ERR_WRONG_LOGIN, "with the old one: %s", err_name(in.err));
    ok(in.err || !holds(&r, a.id, in.as_of_ms), "whose token does not hold");
    ok(holds(&r, a.id, h.as_of_ms), "the new one's does");
    stop(&r);
}

static void too_many(void)
{
    static struct heard h[200];
    static const struct password_settings slow = {
        .memory_bytes = 8u << 20, .passes = 2, .threads = 1
    };
    struct rig r;
    unsigned busy = 0, wrong = 0, taken = 0;
    const struct account_ask what = {
        .deed = ACCOUNT_LOG_IN, .email = S("ada@example.org"), .password = S("correct horse")
    };
    start_with(&r, slow);
    for (unsigned i = 0; i < 200; i++) {
        h[i] = (struct heard){ 0 };
        taken += accounts_ask(r.accounts, &what, on_account, &h[i]) == 0;
    }
    for (unsigned i = 0; i < 200; i++) {
        int err = wait_for(&r, &h[i]);
        busy += err == ERR_BUSY;
        wrong += err == ERR_WRONG_LOGIN;
    }
    is_int(taken, 200, "two hundred log in");
    ok(wrong >= PASSWORD_WAITING && busy > 100, "%u wait, %u are sent away", wrong, busy);
    is_int(wrong + busy, 200, "and that is all");
    stop(&r);
}

/* ---- failures ---- */

static struct account_ask deed(unsigned i, const char *id)
{
    static const enum account_deed deeds[] = { ACCOUNT_CREATE, ACCOUNT_LOG_IN, ACCOUNT_SHOW,
        ACCOUNT_CHANGE, ACCOUNT_SET_PASSWORD, ACCOUNT_DISABLE, ACCOUNT_ENABLE, ACCOUNT_DELETE };
    bool is_by_email = deeds[i] == ACCOUNT_CREATE || deeds[i] == ACCOUNT_LOG_IN;
    return (struct account_ask){ .deed = deeds[i],
        .user_id = is_by_email ? S("") : slice_str(id),
        .email = !is_by_email            ? S("")
            : deeds[i] == ACCOUNT_CREATE ? S("eve@example.org")
                                         : S("ada@example.org"),
        .name = S("Eve"),
        .password = S("correct horse"),
        .new_password = S("battery staple") };
}

#define DEEDS 8

static void the_store_fails(void)
{
    for (unsigned i = 0; i < DEEDS; i++) {
        struct rig r;
        struct heard a, h;
        start(&r);
        create(&r, &a, "ada@example.org", "correct horse");
        r.store.fails = ERR_STORAGE_UNAVAILABLE;
        struct account_ask what = deed(i, a.id);
        is_int(ask(&r, &h, &what), ERR_STORAGE_UNAVAILABLE, "deed %u says so", i);
        r.store.fails = 0;
        is_int(log_in(&r, &h, "ada@example.org", "correct horse"), 0, "and nothing has changed");
        stop(&r);
    }
}

/* After each number of turns of each deed. */
static void an_end_in_the_middle(void)
{
    unsigned answered = 0, gone = 0;
    for (unsigned i = 0; i < DEEDS; i++) {
        for (unsigned turns = 0; turns < 12; turns++) {
            struct rig r;
            struct heard a, h = { 0 };
            start(&r);
            create(&r, &a, "ada@example.org", "correct horse");
            struct account_ask what = deed(i, a.id);
            if (accounts_ask(r.accounts, &what, on_account, &h))
                abort();
            for (unsigned n = 0; n < turns; n++)
                loop_turn(r.loop, false);
            unsigned before = h.n;
            stop(&r);
            answered += before;
            gone += h.n != before;
        }
    }
    ok(answered > 5 && answered < DEEDS * 12, "%u of %u were answered", answered, DEEDS * 12);
    is_int(gone, 0, "the others never are");
}

static void without_memory(void *arg)
{
    const unsigned *i = arg;
    struct rig r;
    struct heard a, h;
    start(&r);
    int made = create(&r, &a, "ada@example.org", "correct horse");
    struct account_ask what = deed(*i, made ? "u_x" : a.id);
    int err = made ? made : ask(&r, &h, &what);
    bool is_told = err == 0 || err == ERR_NO_MEMORY || err == ERR_TOO_BIG;
    if (!is_told)
        ok(false, "deed %u without memory: %s", *i, err_name(err));
    stop(&r);
}

int main(void)
{
    log_set_level(LOG_OFF);
    alarm(120); /* an answer that never comes */
    coming();
    faults();
    changing();
    another_password();
    an_operator();
    leaving();
    renewing();
    two_changes();
    many_changes();
    an_old_password_in_time();
    too_many();
    the_store_fails();
    an_end_in_the_middle();
    for (unsigned i = 0; i < DEEDS; i++)
        fault_each(FAULT_ALLOC, without_memory, &i);
    return done();
}
