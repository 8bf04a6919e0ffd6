/* Sessions: who they are, what they may do, where they sit; how they get lost, come back, end. */
#include "auth/revocations.h"
#include "base/log.h"
#include "fault.h"
#include "rig.h"

#include <stdio.h>

static const struct identity nobody_else = {
    .user_id = SLICE("alice"), .name = SLICE("Alice"), .avatar_url = SLICE("")
};

static struct session_options options(struct rig *r, struct rig_client *c)
{
    *c = (struct rig_client){ 0 };
    return (struct session_options){
        .hub = r->hub, .line = &rig_line, .dialect = &rig_dialect, .carrier = c
    };
}

/* A UUID of version 4. */
static bool is_uuid(const char *id)
{
    bool is_good = strlen(id) == SESSION_ID_BYTES && id[14] == '4' && strchr("89ab", id[19]);
    for (size_t i = 0; i < SESSION_ID_BYTES && is_good; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        is_good = is_dash ? id[i] == '-' : strchr("0123456789abcdef", id[i]) != NULL;
    }
    return is_good;
}

static void guests_get_an_id(void)
{
    struct rig r;
    static struct rig_client a, b;
    rig_init(&r);
    struct session_options o = options(&r, &a);
    o.guest_name = S("Ann");
    is_int(session_new(&a.session, &o), 0, "a guest comes");
    o = options(&r, &b);
    o.guest_name = S("two\nlines");
    is_int(session_new(&b.session, &o), 0, "another one");
    ok(is_uuid(a.session->id), "its id is a UUID: %s", a.session->id);
    ok(strcmp(a.session->id, b.session->id) != 0, "each has its own");
    ok(a.session->identity.is_guest, "it is a guest");
    ok(slice_starts(a.session->identity.user_id, S("g_")), "with a guest's user id");
    ok(!slice_eq(a.session->identity.user_id, b.session->identity.user_id), "of its own");
    is_slice(a.session->identity.name, "Ann", "it is called as it wants");
    is_slice(b.session->identity.name, "Guest", "what is no name is not taken");
    is_int(session_set_name(a.session, S("Eve")), 0, "it may change that");
    is_slice(a.session->identity.name, "Eve", "and is called so");
    is_int(session_set_name(a.session, S("two\nlines")), ERR_BAD_FIELD, "to a name");
    is_int(session_set_name(a.session, S("")), 0, "nothing changes nothing");
    is_slice(a.session->identity.name, "Eve", "as it was");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_fini(&r);
}

static void sessions_are_found(void)
{
    struct rig r;
    static struct rig_client a, b;
    rig_init(&r);
    struct session_options o = options(&r, &a);
    o.id = S("mine");
    is_int(session_new(&a.session, &o), 0, "one with an id");
    ok(session_find(r.hub, S("mine")) == a.session, "is found by it");
    o = options(&r, &b);
    o.id = S("mine");
    is_int(session_new(&b.session, &o), ERR_CONFLICT, "no other can have it");
    ok(session_find(r.hub, S("mine")) == a.session, "it stays the first one's");
    session_lose(a.session);
    rig_settle(&r);
    ok(session_find(r.hub, S("mine")) == a.session, "who is lost is found");
    uint64_t handle = a.session->handle;
    rig_end(&r, &a);
    ok(session_find(r.hub, S("mine")) == NULL, "who has gone is not");
    ok(session_by_handle(r.hub, handle) == NULL, "by no name");
    is_int(hub_stats(r.hub)->sessions, 0, "nor counted");
    rig_fini(&r);
}

static void there_is_a_limit(void)
{
    struct rig r;
    static struct rig_client many[4];
    rig_init(&r);
    r.settings.max_sessions = 3;
    hub_free(r.hub);
    r.hub = hub_new(&r.hubs, 0, &r.held.store, &r.settings);
    for (unsigned i = 0; i < 4; i++) {
        struct session_options o = options(&r, &many[i]);
        is_int(session_new(&many[i].session, &o), i < 3 ? 0 : ERR_BUSY, "session %u", i);
    }
    for (unsigned i = 0; i < 3; i++)
        rig_end(&r, &many[i]);
    rig_fini(&r);
}

static void people_are_who_they_are(void)
{
    struct rig r;
    static struct rig_client a;
    struct identity bob = { .user_id = S("bob"), .name = S("Bob"), .avatar_url = S("") };
    rig_init(&r);
    rig_connect(&r, &a, "alice");
    is_int(session_set_name(a.session, S("Eve")), 0, "an account may ask for another name");
    is_slice(a.session->identity.name, "alice", "and keeps its own");
    is_int(session_identify(a.session, &bob), 0, "it logs in as somebody else");
    is_slice(a.session->identity.user_id, "bob", "and is that");
    struct hub_room *room = rig_create(&r, "r", "bob");
    is_int(rig_join(room, &a), 0, "sits in a room");
    is_int(session_identify(a.session, &nobody_else), ERR_CONFLICT, "and cannot change now");
    is_slice(a.session->identity.user_id, "bob", "nor has");
    is_int(session_identify(a.session, &bob), 0, "the same is no change");
    rig_end(&r, &a);
    rig_fini(&r);
}

static void without_memory_nobody_changes(void)
{
    bool is_over = false;
    unsigned n = 0, wrong = 0;
    while (!is_over && n < 100) {
        struct rig r;
        static struct rig_client a;
        rig_init(&r);
        struct session_options o = options(&r, &a);
        o.guest_name = S("Ann");
        fault_alloc_at(++n);
        int err = session_new(&a.session, &o);
        is_over = !fault_hit();
        wrong += err != (is_over ? 0 : ERR_NO_MEMORY);
        wrong += hub_stats(r.hub)->sessions != (err ? 0 : 1);
        fault_off();
        if (!err)
            rig_end(&r, &a);
        rig_fini(&r);
    }
    ok(n > 5 && is_over, "coming was tried with %u faults", n - 1);
    is_int(wrong, 0, "somebody comes, or does not");
    for (n = 0, is_over = false; !is_over && n < 100;) {
        struct rig r;
        static struct rig_client a;
        rig_init(&r);
        rig_connect(&r, &a, "carol");
        fault_alloc_at(++n);
        int err = session_identify(a.session, &nobody_else);
        is_over = !fault_hit();
        fault_off();
        wrong += !slice_eq(a.session->identity.user_id, err ? S("carol") : S("alice"));
        rig_end(&r, &a);
        rig_fini(&r);
    }
    ok(n > 3 && is_over, "changing was tried with %u faults", n - 1);
    is_int(wrong, 0, "somebody changes, or does not");
}

/* How many deeds go through now. */
static unsigned spend_all(struct rig_client *c, uint64_t *retry_ms)
{
    unsigned n = 0;
    while (n < 100 && session_spend(retry_ms, c->session, RATE_CHAT) == 0)
        n++;
    return n;
}

static void deeds_are_counted(void)
{
    struct rig r;
    static struct rig_client a, b, c;
    uint64_t retry_ms = 0;
    rig_init(&r);
    r.settings.rates[RATE_CHAT] = (struct limit_rate){ .per_s = 2, .burst = 5 };
    rig_connect(&r, &a, "alice");
    rig_connect(&r, &b, "alice");
    is_int(spend_all(&a, &retry_ms), 5, "a connection has so many at once");
    is_int(retry_ms, 500, "and hears when the next one may come");
    is_int(spend_all(&b, &retry_ms), 5, "another one of the same person, too");
    rig_end(&r, &b);
    rig_connect(&r, &b, "alice");
    is_int(spend_all(&b, &retry_ms), 0, "a third one has nothing left: the person has had twice");
    rig_connect(&r, &c, "carol");
    is_int(spend_all(&c, &retry_ms), 5, "somebody else is somebody else");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_pass(&r, 500);
    rig_connect(&r, &a, "alice");
    is_int(spend_all(&a, &retry_ms), 2, "hanging up does not help: time does");
    ok(hub_stats(r.hub)->rate_limited > 0, "refusals are counted");
    rig_end(&r, &a);
    rig_pass(&r, 120000);
    rig_connect(&r, &a, "dave");
    is_int(r.hub->users.n, 2, "those who have been away for long are forgotten");
    rig_end(&r, &a);
    rig_end(&r, &c);
    rig_fini(&r);
}

static void rooms_in_common(void)
{
    struct rig r;
    static struct rig_client a, b;
    rig_init(&r);
    rig_connect(&r, &a, "alice");
    rig_connect(&r, &b, "bob");
    struct hub_room *one = rig_create(&r, "one", "alice");
    struct hub_room *two = rig_create(&r, "two", "alice");
    ok(session_only_room(a.session) == NULL, "who sits nowhere has no room");
    is_int(rig_join(one, &a) || rig_join(two, &b), 0, "each in a room");
    ok(session_only_room(a.session) == one, "that is its only one");
    ok(session_common_room(a.session, slice_str(b.session->id)) == NULL, "none in common");
    is_int(rig_join(two, &a), 0, "the one comes to the other");
    ok(session_only_room(a.session) == NULL, "two rooms are not one");
    ok(session_common_room(a.session, slice_str(b.session->id)) == two, "they have one in common");
    ok(session_common_room(b.session, slice_str(a.session->id)) == two, "both of them");
    ok(session_common_room(a.session, S("none")) == NULL, "with nobody there is none");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_fini(&r);
}

static void refusals_are_said_and_answered(void)
{
    struct rig r;
    static struct rig_client a;
    struct refusal why = { .err = ERR_RATE_LIMITED, .retry_ms = 300 };
    rig_init(&r);
    rig_connect(&r, &a, "alice");
    session_refuse(a.session, &rig_dialect, &why, TONGUE_NO_ACK);
    is_str(a.heard, "REFUSED ", "in the language");
    rig_forget(&a);
    session_refuse(a.session, &rig_dialect, &why, 7);
    ok(strstr(a.heard, "\"ok\":false") && strstr(a.heard, "\"code\":\"RATE_LIMITED\"") &&
            strstr(a.heard, "\"retryAfterMs\":300"),
        "and by an answer, if one was asked for: %s", a.heard);
    ok(strstr(a.heard, "\"message\":\"\"") == NULL, "with a sentence");
    rig_forget(&a);
    session_lose(a.session);
    session_refuse(a.session, &rig_dialect, &why, 8);
    is_str(a.heard, "REFUSED ", "a lost connection cannot be answered");
    rig_end(&r, &a);
    rig_fini(&r);
}

/* Lost, and back before the room could be loaded again. */
static void coming_back_to_a_room_that_failed(void)
{
    struct rig r;
    static struct rig_client a, b;
    rig_init(&r);
    rig_connect(&r, &a, "alice");
    rig_connect(&r, &b, "bob");
    struct hub_room *room = rig_create(&r, "r", "alice");
    is_int(rig_join(room, &a) || rig_join(room, &b), 0, "two join");
    rig_settle(&r);
    session_lose(b.session);
    rig_settle(&r);
    rig_forget(&a);
    r.held.is_full = true;
    is_int(rig_chat(room, &a, "lost"), 0, "something cannot be stored");
    r.held.is_full = false;
    held_store_release_all(&r.held);
    r.held.is_holding = false;
    ok(hub_peek(r.hub, S("r")) == NULL, "the room goes back");
    session_regain(b.session);
    is_int(b.session->n_rooms, 1, "who comes back then waits for it");
    rig_settle(&r);
    is_str(a.heard, "RETURNED ", "and takes the seat when it is there");
    room = rig_open(&r, "r");
    is_int(rig_chat(room, &b, "here"), 0, "as if nothing had been");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_fini(&r);
}

/* The grace is over, but the room has not noticed; and there is no place any more. */
static void coming_back_too_late(void)
{
    struct rig r;
    static struct rig_client a, b;
    rig_init(&r);
    rig_connect(&r, &a, "alice");
    rig_connect(&r, &b, "bob");
    struct hub_room *room = rig_create(&r, "r", "alice");
    is_int(rig_join(room, &a) || rig_join(room, &b), 0, "two join");
    struct command end = { .verb = VERB_END, .end = { .message = S("over") } };
    session_lose(b.session);
    rig_settle(&r);
    is_int(rig_do(room, &a, &end), 0, "the room ends");
    test_clock_turn(&r.clock, 60000 * 1000);
    session_regain(b.session);
    is_int(b.session->n_rooms, 0, "who comes back does not sit there");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_fini(&r);
}

/* They went with something that could not be stored, so they have not gone. */
static void going_may_fail(void)
{
    struct rig r;
    static struct rig_client a, b;
    rig_init(&r);
    rig_connect(&r, &a, "alice");
    rig_connect(&r, &b, "bob");
    struct hub_room *room = rig_create(&r, "r", "alice");
    is_int(rig_join(room, &a) || rig_join(room, &b), 0, "two join");
    rig_settle(&r);
    rig_forget(&b);
    struct command kick = { .verb = VERB_KICK, .kick = { .user_id = S("bob"), .reason = S("") } };
    r.held.is_full = true;
    is_int(rig_do(room, &a, &kick), 0, "bob is put out");
    is_int(b.session->n_rooms, 0, "and sits there no more");
    r.held.is_full = false;
    held_store_release_all(&r.held);
    r.held.is_holding = false;
    rig_settle(&r);
    is_str(b.heard, "", "which could not be stored: nobody has heard of it");
    is_int(b.session->n_rooms, 1, "he sits where he sat");
    room = rig_open(&r, "r");
    is_int(rig_chat(room, &a, "well"), 0, "it goes on");
    rig_settle(&r);
    is_str(b.heard, "CHAT ", "for him, too");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_fini(&r);
}

/* ---- tokens that end ---- */

static void end_line(struct session *s, int err)
{
    struct rig_client *c = s->carrier;
    is_int(err, ERR_UNAUTHORIZED, "its line is told why");
    c->session = NULL;
    session_end(s);
}

static const struct line closing_line = { .name = "closing",
    .number = 0,
    .encode = rig_encode,
    .unref = rig_unref,
    .send = rig_send,
    .end = end_line };

static struct identity by_token(const char *user, const char *token, int64_t issued_at_ms)
{
    return (struct identity){ .user_id = slice_str(user),
        .name = slice_str(user),
        .token_id = slice_str(token),
        .issued_at_ms = issued_at_ms };
}

static void come(struct rig *r, struct rig_client *c, const struct identity *who)
{
    *c = (struct rig_client){ 0 };
    struct session_options o = {
        .hub = r->hub, .line = &closing_line, .dialect = &rig_dialect, .carrier = c, .identity = who
    };
    if (session_new(&c->session, &o))
        abort();
}

static void revoke(struct rig *r, const char *user, const char *token, int64_t before_ms)
{
    const struct revocation what = {
        .user_id = slice_str(user), .token_id = slice_str(token), .before_ms = before_ms
    };
    hub_send_away(r->hub, &what);
}

static void tokens_end(void)
{
    struct rig r;
    static struct rig_client c[6];
    const struct identity who[] = { by_token("ada", "t1", 1000), by_token("ada", "t2", 2000),
        by_token("ada", "t3", 3000), by_token("bob", "t4", 1000), by_token("ada", "", 0) };
    rig_init(&r);
    for (unsigned i = 0; i < 5; i++)
        come(&r, &c[i], &who[i]);
    come(&r, &c[5], NULL);
    struct hub_room *room = rig_create(&r, "r", "ada");
    is_int(rig_join(room, &c[0]) || rig_join(room, &c[3]), 0, "two sit in a room");
    rig_settle(&r);
    rig_forget(&c[0]);
    rig_forget(&c[3]);
    revoke(&r, "ada", "", 2000);
    is_str(c[0].heard, "REFUSED ", "who came by an older token hears of it");
    ok(c[0].session == NULL, "and is gone");
    rig_settle(&r);
    is_str(c[3].heard, "LOST ", "the others hear that");
    ok(c[1].session && c[2].session, "newer ones hold");
    ok(c[3].session && c[5].session, "so do others'");
    ok(c[4].session != NULL, "and who is here by no token at all");
    revoke(&r, "ada", "t3", 9000);
    ok(c[1].session && !c[2].session, "a single one");
    revoke(&r, "nobody", "", 9000);
    revoke(&r, "bob", "t1", 9000);
    ok(c[3].session != NULL, "of somebody else means nobody");
    session_lose(c[1].session);
    rig_settle(&r);
    revoke(&r, "ada", "", 9000);
    ok(c[1].session == NULL, "who is lost does not come back");
    for (unsigned i = 3; i < 6; i++)
        rig_end(&r, &c[i]);
    is_int(hub_stats(r.hub)->sessions, 0, "all have gone");
    rig_fini(&r);
}

static void newer_tokens(void)
{
    struct rig r;
    static struct rig_client c;
    const struct identity first = by_token("ada", "t1", 1000), older = by_token("ada", "t0", 500),
                          newer = by_token("ada", "t2", 3000);
    rig_init(&r);
    come(&r, &c, &first);
    is_int(session_identify(c.session, &older), 0, "an older token");
    revoke(&r, "ada", "t0", 0);
    ok(c.session != NULL, "is not what it is here by");
    is_int(session_identify(c.session, &newer), 0, "a newer one");
    revoke(&r, "ada", "t1", 0);
    revoke(&r, "ada", "", 3000);
    ok(c.session != NULL, "is");
    revoke(&r, "ada", "t2", 0);
    ok(c.session == NULL, "until that ends");
    rig_settle(&r);
    rig_fini(&r);
}

/* Many connections of one person, all at once. */
static void a_crowd(void)
{
    struct rig r;
    static struct rig_client c[200];
    const struct identity who = by_token("ada", "t", 1000);
    unsigned left = 0;
    rig_init(&r);
    for (unsigned i = 0; i < 200; i++)
        come(&r, &c[i], &who);
    revoke(&r, "ada", "", 1001);
    for (unsigned i = 0; i < 200; i++)
        left += c[i].session != NULL;
    is_int(left, 0, "all go");
    rig_settle(&r);
    is_int(hub_stats(r.hub)->sessions, 0, "and are gone");
    rig_fini(&r);
}

static void all_may_end_at_once(void)
{
    struct rig r;
    static struct rig_client a, b;
    rig_init(&r);
    rig_connect(&r, &a, "alice");
    rig_connect(&r, &b, "bob");
    struct hub_room *room = rig_create(&r, "r", "alice");
    is_int(rig_join(room, &a) || rig_join(room, &b), 0, "two join");
    rig_settle(&r);
    session_end(a.session);
    session_end(b.session);
    r.held.store.ops->close(&r.held.store);
    hub_free(r.hub);
    loop_turn(r.loop, false);
    loop_free(r.loop);
    is_str(a.heard, "JOINED ", "the hub goes in the turn in which its sessions end");
}

int main(void)
{
    log_set_level(LOG_OFF);
    guests_get_an_id();
    sessions_are_found();
    there_is_a_limit();
    people_are_who_they_are();
    without_memory_nobody_changes();
    deeds_are_counted();
    rooms_in_common();
    refusals_are_said_and_answered();
    coming_back_to_a_room_that_failed();
    coming_back_too_late();
    going_may_fail();
    tokens_end();
    newer_tokens();
    a_crowd();
    all_may_end_at_once();
    return done();
}
