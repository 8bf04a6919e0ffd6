/* What is revoked and what is not, from which moment on; the store that refuses, forgets nothing,
 * answers late or never; many. */
#include "auth/revocations.h"

#include "base/log.h"
#include "fault.h"
#include "tap.h"
#include "user_store.h"

#include <stdio.h>

#define NOW_MS 1700000000000ll
#define DAY_MS 86400000ll

struct rig {
    struct test_clock clock;
    struct loop *loop;
    struct user_store store;
    struct revocations *revocations;
    unsigned done;
    int err;
    unsigned heard;
    char heard_of[128];
};

static void on_revoked(void *arg, const struct revocation *what)
{
    struct rig *r = arg;
    r->heard++;
    snprintf(r->heard_of, sizeof r->heard_of, "%.*s/%.*s", (int)what->user_id.len, what->user_id.p,
        (int)what->token_id.len, what->token_id.p ? what->token_id.p : "");
}

static void on_done(void *arg, int err)
{
    struct rig *r = arg;
    r->done++;
    r->err = err;
}

static void start(struct rig *r)
{
    *r = (struct rig){ 0 };
    test_clock_init(&r->clock);
    if (loop_new(&r->loop, &r->clock.clock))
        abort();
    user_store_init(&r->store, r->loop);
    r->revocations = revocations_new(&r->store.store);
    revocations_set_listener(r->revocations, on_revoked, r);
}

static void stop(struct rig *r)
{
    user_store_close(&r->store);
    revocations_free(r->revocations);
    loop_free(r->loop);
}

static void turn(struct rig *r)
{
    loop_turn(r->loop, false);
    loop_turn(r->loop, false);
}

static bool holds(const struct rig *r, const char *user, const char *token, int64_t issued_at_ms)
{
    struct token t = { .who = { .user_id = slice_str(user),
                           .name = slice_str(user),
                           .token_id = slice_str(token),
                           .issued_at_ms = issued_at_ms },
        .why = "" };
    int err = revocations_judge(r->revocations, &t);
    if (err && (err != ERR_UNAUTHORIZED || t.who.user_id.len > 0 || t.why[0] == '\0'))
        abort();
    return err == 0;
}

static int revoke(struct rig *r, const char *user, const char *token, int64_t before_ms)
{
    const struct revocation what = { .user_id = slice_str(user),
        .token_id = slice_str(token),
        .before_ms = before_ms,
        .until_ms = NOW_MS + DAY_MS };
    return revocations_add(r->revocations, &what, NOW_MS, on_done, r);
}

static void of_a_person(void)
{
    struct rig r;
    start(&r);
    ok(holds(&r, "ada", "t1", NOW_MS), "at first every token holds");
    is_int(revoke(&r, "ada", "", NOW_MS), 0, "those of a person are revoked");
    ok(holds(&r, "ada", "t1", NOW_MS - 1), "not before that is stored");
    turn(&r);
    is_int(r.done, 1, "it is");
    is_int(r.err, 0, "well");
    is_str(r.heard_of, "ada/", "and it was told");
    ok(!holds(&r, "ada", "t1", NOW_MS - 1), "what was made before does not hold");
    ok(!holds(&r, "ada", "t2", 0), "nor what does not say when it was made");
    ok(!holds(&r, "ada", "t2", INT64_MIN), "however early that was");
    ok(holds(&r, "ada", "t3", NOW_MS), "what is made from that moment on does");
    ok(holds(&r, "bob", "t1", 0), "others' do");
    ok(holds(&r, "ad", "at1", 0) && holds(&r, "ada:", "t1", 0), "by whatever name");
    is_int(revoke(&r, "ada", "", NOW_MS - 1000), 0, "an earlier moment");
    turn(&r);
    ok(!holds(&r, "ada", "t1", NOW_MS - 1), "takes nothing back");
    stop(&r);
}

static void of_one_token(void)
{
    struct rig r;
    start(&r);
    is_int(revoke(&r, "ada", "t1", NOW_MS), 0, "one token is revoked");
    turn(&r);
    is_str(r.heard_of, "ada/t1", "that one");
    ok(!holds(&r, "ada", "t1", NOW_MS + 5), "it does not hold, whenever it was made");
    ok(holds(&r, "ada", "t2", 0), "the others do");
    ok(holds(&r, "t1", "ada", 0), "ids and names are two things");
    is_str(r.store.revoked[0].subject, "token:t1", "that is how it is kept");
    is_int(r.store.revoked[0].until_ms, NOW_MS + DAY_MS, "until it is over");
    stop(&r);
}

static void how_long(void)
{
    struct rig r;
    struct revocation what = { .user_id = S("ada"), .before_ms = NOW_MS };
    start(&r);
    is_int(revocations_add(r.revocations, &what, NOW_MS, on_done, &r), 0, "no end is given");
    what.user_id = S("bob");
    what.until_ms = INT64_MAX;
    is_int(revocations_add(r.revocations, &what, NOW_MS, on_done, &r), 0, "or one too far away");
    turn(&r);
    for (unsigned i = 0; i < 2; i++)
        is_int(r.store.revoked[i].until_ms, NOW_MS + REVOKED_FOR_MS, "so it is the longest");
    ok(REVOKED_FOR_MS > 10ll * 366 * DAY_MS, "longer than any token");
    stop(&r);
}

static void the_store_refuses(void)
{
    struct rig r;
    start(&r);
    r.store.fails = ERR_STORAGE_UNAVAILABLE;
    is_int(revoke(&r, "ada", "", NOW_MS), 0, "it is asked");
    turn(&r);
    is_int(r.err, ERR_STORAGE_UNAVAILABLE, "and refuses");
    ok(holds(&r, "ada", "t1", 0), "nothing was revoked");
    is_int(r.heard, 0, "or told");
    r.store.fails = 0;
    is_int(revoke(&r, "ada", "", NOW_MS), 0, "asked again");
    turn(&r);
    ok(!holds(&r, "ada", "t1", 0), "it is");
    r.store.is_holding = true;
    is_int(revoke(&r, "bob", "", NOW_MS), 0, "one that is never answered");
    stop(&r);
    is_int(r.done, 2, "is not");
}

static void after_a_restart(void)
{
    struct rig r;
    start(&r);
    is_int(revoke(&r, "ada", "", NOW_MS), 0, "a person");
    is_int(revoke(&r, "bob", "t1", NOW_MS), 0, "a token");
    turn(&r);
    revocations_free(r.revocations);
    r.revocations = revocations_new(&r.store.store);
    ok(holds(&r, "ada", "t1", 0), "nobody knows of them");
    r.done = 0;
    revocations_load(r.revocations, NOW_MS, on_done, &r);
    turn(&r);
    is_int(r.done, 1, "until they are loaded");
    ok(!holds(&r, "ada", "t9", NOW_MS - 1) && holds(&r, "ada", "t9", NOW_MS), "the person is");
    ok(!holds(&r, "bob", "t1", NOW_MS) && holds(&r, "bob", "t2", NOW_MS), "the token is");
    r.store.fails = ERR_STORAGE_UNAVAILABLE;
    revocations_load(r.revocations, NOW_MS, on_done, &r);
    turn(&r);
    is_int(r.err, ERR_STORAGE_UNAVAILABLE, "a store that does not answer is said");
    r.store.fails = 0;
    r.store.is_holding = true;
    revocations_load(r.revocations, NOW_MS, on_done, &r);
    stop(&r);
}

static void moments(void)
{
    struct rig r;
    start(&r);
    is_int(revocations_moment(r.revocations, NOW_MS), NOW_MS, "a moment is now");
    is_int(revocations_moment(r.revocations, NOW_MS), NOW_MS + 1, "and nobody else's");
    is_int(revocations_moment(r.revocations, NOW_MS - 5), NOW_MS + 2, "whatever the clock does");
    is_int(revocations_moment(r.revocations, NOW_MS + 9), NOW_MS + 9, "and now again");
    stop(&r);
}

/* ---- many ---- */

static void answer_at_once(
    struct store *s, const struct store_revocation *r, store_done *fn, void *arg)
{
    (void)s;
    (void)r;
    fn(arg, 0);
}

static void add_tokens(struct rig *r, unsigned n, int64_t now_ms, int64_t until_ms)
{
    static unsigned number;
    for (unsigned i = 0; i < n; i++) {
        char id[32];
        snprintf(id, sizeof id, "n%u", number++);
        const struct revocation what = { .user_id = S("ada"),
            .token_id = slice_str(id),
            .before_ms = NOW_MS,
            .until_ms = until_ms };
        if (revocations_add(r->revocations, &what, now_ms, on_done, r))
            abort();
    }
}

/* Whoever logs out as often as that is logged out everywhere: nothing is forgotten. */
static void there_is_a_bound(void)
{
    static const struct store_ops ops = { .name = "quick", .revoke = answer_at_once };
    struct rig r;
    start(&r);
    r.store.store.ops = &ops;
    add_tokens(&r, REVOCATIONS_TOKENS_MAX, NOW_MS, NOW_MS + DAY_MS);
    ok(holds(&r, "ada", "mine", 0), "as many log-outs as are remembered");
    is_int(revoke(&r, "bob", "last", NOW_MS), 0, "one more");
    is_str(r.heard_of, "bob/", "is one of everything");
    ok(!holds(&r, "bob", "last", NOW_MS - 1), "that token is void");
    ok(!holds(&r, "bob", "other", NOW_MS - 1), "with the others of its owner");
    ok(holds(&r, "bob", "new", NOW_MS), "but not the next");
    ok(holds(&r, "ada", "mine", 0), "nor anybody else's");
    add_tokens(&r, 1, NOW_MS + 2 * DAY_MS, NOW_MS + 3 * DAY_MS);
    ok(holds(&r, "ada", "mine", 0), "when the old ones are over there is place again");
    stop(&r);
}

/* Guests who come and go for ever do not keep anybody from a new password. */
static void log_outs_leave_place(void)
{
    static const struct store_ops ops = { .name = "quick", .revoke = answer_at_once };
    struct rig r;
    int err = 0;
    unsigned n = 0;
    start(&r);
    r.store.store.ops = &ops;
    for (; n <= REVOCATIONS_MAX && !err; n++) {
        char id[32];
        snprintf(id, sizeof id, "guest%u", n);
        err = revoke(&r, id, id, NOW_MS);
    }
    is_int(err, ERR_BUSY, "a log-out too many");
    is_int(n - 1, REVOCATIONS_MAX - REVOCATIONS_KEPT_FREE, "is refused while there is place");
    is_int(revoke(&r, "ada", "", NOW_MS), 0, "for another password");
    ok(!holds(&r, "ada", "mine", NOW_MS - 1), "which ends the tokens from before");
    stop(&r);
}

static void without_memory(void *arg)
{
    struct rig r;
    (void)arg;
    start(&r);
    int err = revoke(&r, "ada", "", NOW_MS);
    turn(&r);
    bool is_clean = err == ERR_NO_MEMORY ? r.done == 0 && holds(&r, "ada", "t", 0)
                                         : r.done == 1 && !holds(&r, "ada", "t", 0);
    if (fault_hit())
        ok(is_clean, "no memory, no half things: %s", err_name(err));
    stop(&r);
}

int main(void)
{
    log_set_level(LOG_OFF);
    of_a_person();
    of_one_token();
    how_long();
    the_store_refuses();
    after_a_restart();
    moments();
    there_is_a_bound();
    log_outs_leave_place();
    fault_each(FAULT_ALLOC, without_memory, NULL);
    return done();
}
