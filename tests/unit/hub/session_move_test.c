/* Sessions that go to another loop's hub: who may, who has to wait for what it is owed, what goes
 * along, and what becomes of those who do not get in there. */
#include "auth/revocations.h"
#include "base/log.h"
#include "fault.h"
#include "rig.h"

#define SMALL 3 /* sessions, where they are limited */

struct pair {
    struct rig at[2];
    struct places places;
    struct hubs hubs;
};

static void pair_init(struct pair *p, uint32_t max_sessions)
{
    places_init(&p->places);
    for (unsigned i = 0; i < 2; i++) {
        rig_init(&p->at[i]);
        hub_free(p->at[i].hub);
        p->at[i].settings.max_sessions = max_sessions;
        if (places_add(&p->places, p->at[i].loop))
            abort();
    }
    hubs_init(&p->hubs, &p->places);
    for (unsigned i = 0; i < 2; i++)
        p->at[i].hub = hub_new(&p->hubs, i, &p->at[i].held.store, &p->at[i].settings);
}

static void pair_fini(struct pair *p)
{
    for (unsigned i = 0; i < 2; i++)
        rig_fini(&p->at[i]);
}

static int go(struct pair *p, struct rig_client *c)
{
    session_leave(c->session);
    rig_settle(&p->at[0]);
    return session_enter(c->session, p->at[1].hub, c->session->line);
}

/* ---- who may ---- */

enum state {
    IS_NEW,
    SITS,
    SITS_ELSEWHERE,
    HAS_LEFT,
    IS_OWED,
    IS_PAID,
    IS_LOST,
    IS_BACK,
    HAS_ENDED
};

static const struct {
    const char *what;
    enum state state;
    int err;
} cases[] = {
    { "one who sits nowhere", IS_NEW, 0 },
    { "one who sits", SITS, ERR_CONFLICT },
    { "one who sits elsewhere", SITS_ELSEWHERE, ERR_CONFLICT },
    { "one who has left", HAS_LEFT, 0 },
    { "one who is owed an answer", IS_OWED, ERR_AGAIN },
    { "one who has got it", IS_PAID, 0 },
    { "one who is lost", IS_LOST, ERR_CONFLICT },
    { "one who is back", IS_BACK, 0 },
    { "one who has gone", HAS_ENDED, ERR_CONFLICT },
};

/* Leaves the room, and wants to hear that it is done. */
static void leave(struct rig *r, struct hub_room *room, struct rig_client *c)
{
    struct words words;
    struct buf json;
    buf_init(&json, 100);
    words_init(&words, &json, false);
    words_begin(&words, "GONE");
    words_end(&words);
    is_int(rig_do(room, c, &(struct command){ .verb = VERB_LEAVE }), 0, "it leaves");
    hub_answer(room, c->session,
        &(struct hub_answer){ .words = &words,
            .ack_id = TONGUE_NO_ACK,
            .dialect = &rig_dialect,
            .request = "leave" });
    buf_fini(&json);
    rig_settle(r);
}

static void release(struct rig *r)
{
    r->held.is_holding = false;
    while (held_store_release(&r->held, 0))
        rig_settle(r);
}

static void bring_about(struct rig *r, struct rig_client *c, enum state state)
{
    struct hub_room *room = rig_create(r, "room", "alice");
    rig_settle(r);
    if (state == SITS_ELSEWHERE)
        session_away_to(c->session, 1);
    if (state == SITS || state == HAS_LEFT || state == IS_OWED || state == IS_PAID)
        is_int(rig_join(room, c), 0, "it joins");
    rig_settle(r);
    r->held.is_holding = state == IS_OWED || state == IS_PAID;
    if (state == HAS_LEFT || state == IS_OWED || state == IS_PAID)
        leave(r, room, c);
    if (state == IS_PAID)
        release(r);
    if (state == IS_LOST || state == IS_BACK)
        session_lose(c->session);
    if (state == IS_BACK)
        session_regain(c->session);
    if (state == HAS_ENDED)
        session_end(c->session);
}

static void test_who_may(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pair p;
        static struct rig_client c;
        pair_init(&p, 100);
        rig_connect(&p.at[0], &c, "alice");
        bring_about(&p.at[0], &c, cases[i].state);
        is_int(session_may_leave(c.session), cases[i].err, "%s", cases[i].what);
        release(&p.at[0]);
        if (cases[i].state == SITS_ELSEWHERE)
            hub_add_line(p.at[1].hub, &rig_line); /* where its end is heard of */
        if (cases[i].state != HAS_ENDED)
            rig_end(&p.at[0], &c);
        rig_settle(&p.at[1]);
        pair_fini(&p);
    }
}

/* ---- what goes along ---- */

static unsigned told_rooms;

static void on_rooms(struct session *s)
{
    (void)s;
    told_rooms++;
}

static void test_paid(void)
{
    struct pair p;
    static struct rig_client c;
    struct line line = rig_line;
    line.on_rooms = on_rooms;
    pair_init(&p, 100);
    rig_connect(&p.at[0], &c, "alice");
    c.session->line = &line;
    bring_about(&p.at[0], &c, IS_OWED);
    told_rooms = 0;
    release(&p.at[0]);
    is_int((int)told_rooms, 1, "its line hears, once, that it is owed nothing more");
    is_int(session_may_leave(c.session), 0, "so it may go");
    ok(strstr(c.heard, "GONE") != NULL, "and has heard what it was owed");
    rig_end(&p.at[0], &c);
    pair_fini(&p);
}

static void test_going(void)
{
    struct pair p;
    static struct rig_client c, other;
    char id[SESSION_ID_BYTES + 1];
    pair_init(&p, 100);
    rig_connect(&p.at[0], &c, "alice");
    rig_connect(&p.at[1], &other, "bob");
    memcpy(id, c.session->id, sizeof id);
    uint64_t handle = c.session->handle;
    is_int(go(&p, &c), 0, "it goes");
    ok(session_find(p.at[0].hub, slice_str(id)) == NULL, "nobody finds it here");
    ok(session_by_handle(p.at[0].hub, handle) == NULL, "by no name");
    ok(session_find(p.at[1].hub, slice_str(id)) == c.session, "but there");
    ok(session_by_handle(p.at[1].hub, c.session->handle) == c.session, "by both");
    is_int((int)hub_stats(p.at[0].hub)->sessions, 0, "it is counted there");
    is_int((int)hub_stats(p.at[1].hub)->sessions, 2, "with the others");
    is_int((int)p.hubs.sessions, 2, "and once in all");
    is_slice(c.session->identity.user_id, "alice", "it is who it was");
    struct hub_room *room = rig_create(&p.at[1], "room", "bob");
    is_int(rig_join(room, &other), 0, "somebody sits there");
    is_int(rig_join(room, &c), 0, "it sits there, too");
    rig_settle(&p.at[1]);
    rig_forget(&c);
    is_int(rig_chat(room, &other, "hi"), 0, "what is said");
    rig_settle(&p.at[1]);
    is_str(c.heard, "CHAT ", "it hears");
    rig_end(&p.at[1], &c);
    rig_end(&p.at[1], &other);
    pair_fini(&p);
}

/* What it has done counts where it goes. */
static void test_limits(void)
{
    struct pair p;
    static struct rig_client c;
    uint64_t retry_ms;
    pair_init(&p, 100);
    for (unsigned i = 0; i < 2; i++)
        p.at[i].settings.rates[RATE_CHAT] =
            (struct limit_rate){ .per_s = 1, .slower = 60, .burst = 3 };
    rig_connect(&p.at[0], &c, "alice");
    for (unsigned i = 0; i < 3; i++)
        is_int(session_spend(&retry_ms, c.session, RATE_CHAT), 0, "it may, %u", i);
    is_int(go(&p, &c), 0, "it goes");
    is_int(session_spend(&retry_ms, c.session, RATE_CHAT), ERR_RATE_LIMITED, "no more, there");
    rig_end(&p.at[1], &c);
    pair_fini(&p);
}

/* ---- those who do not get in ---- */

static void check_gone(struct pair *p, const struct rig_client *c, const char *what)
{
    rig_settle(&p->at[1]);
    ok(session_find(p->at[1].hub, S("s")) != c->session, "%s: it is not there", what);
    is_int((int)p->hubs.sessions, (int)hub_stats(p->at[1].hub)->sessions, "%s: it has gone", what);
}

static void connect_as(struct rig *r, struct rig_client *c, const struct identity *who)
{
    *c = (struct rig_client){ 0 };
    struct session_options o = { .hub = r->hub,
        .line = &rig_line,
        .dialect = &rig_dialect,
        .carrier = c,
        .id = S("s"),
        .identity = who };
    if (session_new(&c->session, &o))
        abort();
}

static const struct identity alice = { .user_id = SLICE("alice"),
    .name = SLICE("Alice"),
    .token_id = SLICE("token"),
    .issued_at_ms = 1000 };

static void test_taken(void)
{
    struct pair p;
    static struct rig_client c, other;
    pair_init(&p, 100);
    connect_as(&p.at[0], &c, &alice);
    connect_as(&p.at[1], &other, &alice);
    is_int(go(&p, &c), ERR_CONFLICT, "there is one of its id");
    check_gone(&p, &c, "taken");
    ok(session_find(p.at[1].hub, S("s")) == other.session, "which stays");
    rig_end(&p.at[1], &other);
    pair_fini(&p);
}

static void test_full(void)
{
    struct pair p;
    static struct rig_client c, others[SMALL];
    pair_init(&p, SMALL);
    connect_as(&p.at[0], &c, &alice);
    session_leave(c.session);
    for (unsigned i = 0; i < SMALL; i++)
        rig_connect(&p.at[1], &others[i], "bob");
    is_int(session_enter(c.session, p.at[1].hub, &rig_line), ERR_BUSY, "somebody took its place");
    check_gone(&p, &c, "full");
    for (unsigned i = 0; i < SMALL; i++)
        rig_end(&p.at[1], &others[i]);
    pair_fini(&p);
}

static void test_revoked(void)
{
    struct pair p;
    static struct rig_client c;
    const struct revocation what = {
        .user_id = S("alice"), .token_id = S("token"), .before_ms = 2000
    };
    pair_init(&p, 100);
    struct revocations *known = revocations_new(&p.at[1].held.store);
    p.at[1].settings.revocations = known;
    connect_as(&p.at[0], &c, &alice);
    session_leave(c.session);
    is_int(revocations_learn(known, &what, 3000), 0, "its token is revoked on the way");
    is_int(session_enter(c.session, p.at[1].hub, &rig_line), ERR_UNAUTHORIZED, "it is not let in");
    check_gone(&p, &c, "revoked");
    pair_fini(&p);
    revocations_free(known);
}

static void test_memory(void)
{
    unsigned n = 0;
    int err = ERR_NO_MEMORY;
    while (err && ++n < 20) {
        struct pair p;
        static struct rig_client c;
        pair_init(&p, 100);
        connect_as(&p.at[0], &c, &alice);
        session_leave(c.session);
        fault_alloc_at(n);
        err = session_enter(c.session, p.at[1].hub, &rig_line);
        bool is_hit = fault_hit();
        fault_off();
        is_int(err, is_hit ? ERR_NO_MEMORY : 0, "allocation %u fails", n);
        if (err)
            check_gone(&p, &c, "no memory");
        else
            rig_end(&p.at[1], &c);
        pair_fini(&p);
    }
    ok(n > 1 && n < 20, "at last it gets in");
}

int main(void)
{
    log_set_level(LOG_OFF);
    long live = fault_live();
    test_who_may();
    test_paid();
    test_going();
    test_limits();
    test_taken();
    test_full();
    test_revoked();
    test_memory();
    is_int((int)fault_live(), (int)live, "nothing is left behind");
    return done();
}
