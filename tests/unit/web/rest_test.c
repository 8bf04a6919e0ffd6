/* Calls that wait: for the store to keep what they did, for a room, for a page. The client may go
 * meanwhile, the store may fail, the server may stop. */
#include "web/rest.h"

#include "hub/held_store.h"
#include "rig.h"

#define POST(path, chunk)                                                     \
    "POST " path " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" \
    "Transfer-Encoding: chunked\r\n\r\n" chunk "\r\n0\r\n\r\n"

/* A room with an id, so that it must be looked for first. */
#define MAKE_X   POST("/rooms", "f\r\n{\"room_id\":\"x\"}")
#define RENAME_X POST("/rooms", "1b\r\n{\"room_id\":\"x\",\"name\":\"Y\"} ")

struct rest_rig {
    struct rig web;
    struct held_store held;
    struct hub_settings settings;
    struct lobby lobby;
    struct store_ops ops; /* the held store's, but for histories */
    bool is_holding;      /* histories wait for give_history() */
    store_history_done *history_done;
    void *history_arg; /* a call about the room x */
    unsigned n_histories;
};

static void hold_history(struct store *s, struct slice room_id, store_history_done *done, void *arg)
{
    struct rest_rig *r = CONTAINER_OF(held_store_of(s), struct rest_rig, held);
    r->n_histories++;
    r->history_done = r->is_holding ? done : NULL;
    r->history_arg = arg;
    if (!r->is_holding)
        r->held.inner->ops->history(r->held.inner, room_id, done, arg);
}

static void give_history(struct rest_rig *r)
{
    r->is_holding = false;
    if (r->history_done)
        r->held.inner->ops->history(r->held.inner, S("x"), r->history_done, r->history_arg);
    r->history_done = NULL;
}

static void start(struct rest_rig *r)
{
    static const struct language none = { .title = "none" };
    const struct language *languages[] = { &none };
    rig_init(&r->web);
    rig_start(&r->web);
    held_store_init(&r->held, r->web.loop);
    r->ops = *r->held.store.ops;
    r->ops.history = hold_history;
    r->held.store.ops = &r->ops;
    r->is_holding = false;
    r->history_done = NULL;
    r->n_histories = 0;
    r->settings = (struct hub_settings){ .max_rooms = 100,
        .max_sessions = 10,
        .idle_ms = 60000,
        .auth_mode = AUTH_OPTIONAL,
        .rates = { [LIMIT_MISS] = { .per_s = 1, .burst = 60 } },
        .token_secret = S("0123456789abcdef0123456789abcdef") };
    r->lobby = (struct lobby){ .rests = rests_new() };
    r->lobby.hub = hub_new(&r->web.hubs, 0, &r->held.store, &r->settings);
    r->lobby.socket = dispatch_new(r->lobby.hub, languages, 1);
    r->web.front->lobby = &r->lobby;
}

/* As the server ends: the clients, what is theirs, the store, the rooms. */
static void stop(struct rest_rig *r)
{
    struct loop *loop = r->web.loop;
    rig_hang_up(&r->web);
    front_free(r->web.front);
    fronts_fini(&r->web.fronts);
    dispatch_free(r->lobby.socket);
    r->held.store.ops->close(&r->held.store);
    rests_free(r->lobby.rests);
    hub_free(r->lobby.hub);
    loop_turn(loop, false);
    loop_free(loop);
    free(r->web.heard);
}

static int ask(struct rest_rig *r, const char *request)
{
    rig_ask(&r->web, request);
    return rig_status(&r->web);
}

static void release(struct rest_rig *r)
{
    r->held.is_holding = false;
    held_store_release_all(&r->held);
}

static void test_waits_until_stored(void)
{
    struct rest_rig r;
    start(&r);
    r.held.is_holding = true;
    is_int(ask(&r, MAKE_X), 0, "a room is made, and nobody is told");
    release(&r);
    rig_hear(&r.web);
    is_int(rig_status(&r.web), 201, "before it is stored");
    ok(rig_has(&r.web, "Location: /rooms/x\r\n"), "then, where it is");
    ok(rig_has(&r.web, "Set-Cookie: stoa_creator=x."), "and its key");
    r.held.is_holding = true;
    is_int(ask(&r, RENAME_X), 0, "it is changed");
    is_int(ask(&r, GET("/api/rooms/x")), 0, "who asks now waits, too");
    release(&r);
    rig_hear(&r.web);
    is_int(rig_status(&r.web), 200, "until that is stored");
    ok(rig_has(&r.web, "\"title\":\"Y\""), "and is told of it");
    stop(&r);
}

static void test_store_fails(void)
{
    struct rest_rig r;
    start(&r);
    is_int(ask(&r, MAKE_X), 201, "a room");
    r.held.is_full = true;
    is_int(ask(&r, RENAME_X), 0, "a change that the store does not take");
    release(&r);
    rig_hear(&r.web);
    is_int(rig_status(&r.web), 503, "is refused");
    ok(rig_has(&r.web, "STORAGE_UNAVAILABLE"), "with the reason");
    r.held.is_full = false;
    is_int(ask(&r, GET("/api/rooms/x")), 200, "later the room is there");
    ok(rig_has(&r.web, "\"title\":\"x\""), "as it was");
    stop(&r);
}

static void test_client_goes(void)
{
    static const char *const asked[] = { MAKE_X, GET("/api/rooms/x"), GET("/api/rooms"),
        GET("/api/rooms/x/messages"), GET("/rooms"), RENAME_X };
    struct rest_rig r;
    unsigned heard = 0;
    start(&r);
    for (unsigned turns = 0; turns < 5; turns++) {
        for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
            r.held.is_holding = true;
            rig_connect(&r.web);
            rig_say(&r.web, asked[i]);
            rig_turns(&r.web, turns);
            rig_hang_up(&r.web);
            rig_turns(&r.web, RIG_TURNS);
            release(&r);
            rig_turns(&r.web, RIG_TURNS);
            heard += r.web.fronts.admission.n;
        }
    }
    is_int(heard, 0, "who goes in the middle is gone");
    is_int(ask(&r, GET("/api/rooms/x")), 200, "and the others are served");
    stop(&r);
}

static void test_server_stops(void)
{
    static const char *const asked[] = { MAKE_X, GET("/api/rooms/x"), GET("/api/rooms"),
        GET("/api/rooms/x/messages"), RENAME_X };
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        for (unsigned turns = 0; turns < 4; turns++) {
            struct rest_rig r;
            start(&r);
            if (i > 0)
                ask(&r, MAKE_X);
            r.held.is_holding = true;
            rig_connect(&r.web);
            rig_say(&r.web, asked[i]);
            rig_turns(&r.web, turns);
            stop(&r);
        }
    }
    ok(true, "the server stops in the middle of anything");
}

/* The request that shows the room's key. */
static const char *report_of_x(struct rest_rig *r, char out[300])
{
    char key[HUB_KEY_BYTES + 1];
    int64_t made_ms = hub_view(hub_peek(r->lobby.hub, S("x"))).room->created_at_ms;
    hub_creation_key(key, r->lobby.hub, S("x"), made_ms);
    snprintf(
        out, 300, "GET /api/rooms/x/report HTTP/1.1\r\nHost: a\r\nX-Creation-Key: %s\r\n\r\n", key);
    return out;
}

/* A room may be dropped while the store looks for what was in it. */
static void test_room_goes(void)
{
    struct rest_rig r;
    char request[300];
    start(&r);
    is_int(ask(&r, MAKE_X), 201, "a room");
    report_of_x(&r, request);
    is_int(ask(&r, GET("/api/rooms/x/report")), 403, "of which not everybody hears");
    is_int((int64_t)r.n_histories, 0, "nor is the store asked for them");
    is_int(ask(&r, request), 200, "who holds the key does");
    is_int((int64_t)r.n_histories, 1, "the store is asked once");
    r.is_holding = true;
    is_int(ask(&r, request), 0, "while the store looks");
    for (unsigned i = 0; i < 2; i++)
        rig_pass(&r.web, 61 * SECOND_US);
    ok(!hub_peek(r.lobby.hub, S("x")), "the room is dropped from memory");
    give_history(&r);
    rig_turns(&r.web, RIG_TURNS);
    rig_pass(&r.web, 1000);
    rig_hear(&r.web);
    is_int(rig_status(&r.web), 200, "and loaded again");
    is_int((int64_t)r.n_histories, 3, "when the store is asked once more");
    ok(rig_has(&r.web, "\"roomId\":\"x\"") && rig_has(&r.web, "\"truncated\":false"), "as it was");
    stop(&r);
}

static void test_report_is_unheard(void)
{
    struct rest_rig r;
    char request[300];
    for (unsigned turns = 0; turns < 6; turns++) {
        start(&r);
        ask(&r, MAKE_X);
        report_of_x(&r, request);
        r.is_holding = turns % 2;
        rig_connect(&r.web);
        rig_say(&r.web, request);
        rig_turns(&r.web, turns);
        rig_hang_up(&r.web);
        rig_turns(&r.web, RIG_TURNS);
        give_history(&r);
        rig_turns(&r.web, RIG_TURNS);
        is_int(r.web.fronts.admission.n, 0, "who goes meanwhile is gone");
        stop(&r);
    }
}

static void test_pipelined(void)
{
    struct rest_rig r;
    start(&r);
    is_int(ask(&r, MAKE_X RENAME_X GET("/api/rooms/x") GET("/api/rooms/none") GET("/rooms")), 201,
        "several requests at once");
    rig_hear(&r.web);
    rig_hear(&r.web);
    is_int(rig_count(&r.web, "HTTP/1.1 "), 5, "have as many answers");
    is_int(rig_count(&r.web, "HTTP/1.1 200"), 3, "each its own");
    is_int(rig_count(&r.web, "HTTP/1.1 404"), 1, "in their order");
    ok(rig_has(&r.web, "\"title\":\"Y\""), "the later see what the former did");
    stop(&r);
}

static void test_misses(void)
{
    struct rest_rig r;
    unsigned missed = 0;
    start(&r);
    is_int(ask(&r, MAKE_X), 201, "a room");
    for (int i = 0; i < 60; i++)
        missed += ask(&r, GET("/api/rooms/none")) == 404;
    is_int(missed, 60, "rooms are looked for in vain");
    is_int(ask(&r, GET("/rooms/none")), 429, "until it is enough");
    ok(rig_has(&r.web, "Retry-After: 1\r\n") && rig_has(&r.web, "RATE_LIMITED"), "for a moment");
    is_int(ask(&r, GET("/api/rooms/x")), 429, "rooms that there are are not told apart");
    is_int(ask(&r, GET("/api/rooms?cursor=none")), 429, "nor in the list");
    is_int(ask(&r, GET("/api/rooms")), 200, "what needs no name is given");
    is_int(ask(&r, MAKE_X), 429, "nor is there another way");
    rig_pass(&r.web, SECOND_US);
    is_int(ask(&r, GET("/api/rooms/x")), 200, "a second later all is well");
    is_int(ask(&r, GET("/api/rooms?cursor=none")), 400, "a cursor can miss, too");
    is_int(ask(&r, GET("/api/rooms/x")), 429, "and that counts");
    stop(&r);
}

static void test_no_lobby(void)
{
    struct rest_rig r;
    start(&r);
    r.web.front->lobby = NULL;
    is_int(ask(&r, GET("/api/rooms")), 404, "a face that leads to no rooms has none");
    r.web.front->lobby = &r.lobby;
    stop(&r);
}

/* The n-th piece of memory from the first request on is not there. False: so many are not asked
 * for. */
static bool exchange(const char *asked, unsigned n)
{
    struct rest_rig r;
    start(&r);
    fault_alloc_at(n);
    ask(&r, MAKE_X);
    ask(&r, asked);
    bool was_hit = fault_hit();
    fault_off();
    bool is_answered = rig_status(&r.web) != 0 || r.web.is_end;
    if (!is_answered && !was_hit)
        ok(false, "no answer");
    stop(&r);
    return was_hit;
}

/* Whatever fails for want of memory, the client gets an answer or is hung up on. */
static void test_without_memory(void)
{
    static const char *const asked[] = { GET("/api/rooms/x"), GET("/api/rooms?limit=2"),
        GET("/api/rooms/x/messages"), GET("/rooms"), RENAME_X };
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        unsigned n = 0;
        while (exchange(asked[i], ++n))
            ;
        ok(n > 10, "%u pieces of memory are missing, one after the other", n - 1);
    }
}

int main(void)
{
    rig_prepare();
    test_waits_until_stored();
    test_store_fails();
    test_client_goes();
    test_server_stops();
    test_room_goes();
    test_report_is_unheard();
    test_pipelined();
    test_misses();
    test_no_lobby();
    test_without_memory();
    return done();
}
