/* Clients that go from loop to loop: three engines with a server each, turn by turn on one thread.
 * Whoever looks for a session finds it from everywhere; sockets go with it, with what they may miss
 * later; who may not go stays; who ends on the way is told of once. */
#include "fault.h"
#include "rig.h"
#include "sio/history.h"
#include "sio/parts.h"

#include <stdio.h>

#define PLACES    3
#define KEEP_MS   60000u
#define LOOK_MS   100u /* as long as one who is to go waits for another look, at most */
#define LOOKS_MAX 20u  /* and no more often than that */

struct town {
    struct test_clock clock;
    struct places places;
    struct eio_settings settings;
    struct sio_settings server_settings;
    struct eio_servers engines;
    struct eio_server engine[PLACES];
    struct sio_server *server[PLACES];
    struct buf heard;
    struct sio_socket *socket; /* the newest */
    int may_leave;             /* what the application says */
    int may_enter;
    bool is_lost_inside; /* the carrier fails on its way in */
    unsigned moves;      /* of carriers */
};

static struct town *town; /* the one that callbacks know */

/* ---- carriers that move ---- */

static bool may_leave(const struct carrier *c)
{
    (void)c;
    return true;
}

static void leave(struct carrier *c)
{
    (void)c;
    town->moves++;
}

static void enter(struct carrier *c, unsigned place)
{
    (void)place;
    if (town->is_lost_inside)
        eio_carrier_lost(c, EIO_TRANSPORT_ERROR);
}

static struct carrier_ops moving(const struct carrier_ops *like)
{
    struct carrier_ops ops = *like;
    ops.may_leave = may_leave;
    ops.leave = leave;
    ops.enter = enter;
    return ops;
}

static struct carrier_ops socket_ops, polling_ops;

static void carrier_init(struct fake *f, const struct carrier_ops *ops)
{
    fake_init(f, ops);
    f->has_poll = ops == &socket_ops;
}

/* ---- an application ---- */

static unsigned place_of(const struct sio_socket *s)
{
    return s->nsp->server->engine->place;
}

static void note_of(const struct sio_socket *s, const char *what)
{
    char text[80];
    snprintf(text, sizeof text, "|%u %s", place_of(s), what);
    buf_add_str(&town->heard, text);
}

static void on_connect(struct sio_socket *s, const struct sio_greeting *g)
{
    town->socket = s;
    note_of(s, g->is_recovered ? "back" : "in");
}

static void on_event(struct sio_socket *s, const struct sio_event *e)
{
    char name[40];
    snprintf(name, sizeof name, "%.*s", (int)e->name.len, e->name.p);
    note_of(s, name);
}

static void on_disconnect(struct sio_socket *s, const char *reason)
{
    (void)reason;
    note_of(s, "out");
}

static int app_may_leave(const struct sio_socket *s)
{
    (void)s;
    return town->may_leave;
}

static void app_on_stay(struct sio_socket *s)
{
    note_of(s, "stays");
}

static void app_on_leave(struct sio_socket *s)
{
    note_of(s, "leaves");
}

static int app_on_enter(struct sio_socket *s)
{
    note_of(s, "enters");
    return town->may_enter;
}

static const struct sio_app app = { .name = "/",
    .on_connect = on_connect,
    .on_event = on_event,
    .on_disconnect = on_disconnect,
    .may_leave = app_may_leave,
    .on_stay = app_on_stay,
    .on_leave = app_on_leave,
    .on_enter = app_on_enter };
static const struct sio_app settled = { .name = "/settled", .on_connect = on_connect };

/* ---- a town ---- */

static void town_open(struct town *t)
{
    *t = (struct town){ .settings = { .ping_interval_ms = 1u << 30,
                            .ping_timeout_ms = RIG_PONG_MS,
                            .upgrade_timeout_ms = RIG_PROBE_MS,
                            .max_payload = RIG_MAX_BYTES },
        .server_settings = { .connect_timeout_ms = 1000, .recovery_ms = KEEP_MS } };
    town = t;
    test_clock_init(&t->clock);
    buf_init(&t->heard, 1u << 20);
    places_init(&t->places);
    for (unsigned i = 0; i < PLACES; i++) {
        struct loop *l;
        if (loop_new(&l, &t->clock.clock) || places_add(&t->places, l))
            abort();
    }
    eio_servers_init(&t->engines, &t->places, &t->settings);
    for (unsigned i = 0; i < PLACES; i++) {
        eio_server_init(&t->engine[i], &t->engines, i, &t->settings);
        t->server[i] = sio_server_new(&t->engine[i], &t->server_settings);
        if (sio_register(t->server[i], &app) || sio_register(t->server[i], &settled))
            abort();
    }
}

static void turns(struct town *t, unsigned n)
{
    for (unsigned i = 0; i < n * PLACES; i++)
        loop_turn(t->places.loops[i % PLACES], false);
}

static void pass_ms(struct town *t, uint64_t ms)
{
    test_clock_turn(&t->clock, ms * 1000);
    turns(t, 3);
}

static void town_close(struct town *t, const char *what)
{
    for (unsigned i = 0; i < PLACES; i++)
        eio_server_drain(&t->engine[i]);
    turns(t, 3);
    for (unsigned i = 0; i < PLACES; i++)
        is_int((int)t->engine[i].moved.n, 0, "%s: no trail is left at %u", what, i);
    for (unsigned i = 0; i < PLACES; i++)
        eio_server_fini(&t->engine[i]);
    eio_servers_fini(&t->engines);
    for (unsigned i = 0; i < PLACES; i++)
        sio_server_free(t->server[i]);
    turns(t, 2);
    for (unsigned i = 0; i < PLACES; i++)
        loop_free(t->places.loops[i]);
    buf_fini(&t->heard);
}

static void open_at(struct fake *f, struct town *t, unsigned place, const struct carrier_ops *ops)
{
    const struct eio_opening opening = rig_opening();
    struct eio_session *s;
    carrier_init(f, ops);
    if (eio_open(&s, &t->engine[place], &f->carrier, &opening))
        abort();
    fake_say(f, "40");
    buf_reset(&f->got);
    buf_reset(&t->heard);
}

static void go(struct town *t, unsigned place, const char *what)
{
    ok(sio_move(t->socket, place), "%s: it goes to %u", what, place);
    turns(t, 3);
    is_int((int)place_of(t->socket), (int)place, "%s: it is at %u", what, place);
}

static void heard(struct town *t, const char *want, const char *what)
{
    is_slice(buf_slice(&t->heard), want, "%s", what);
    buf_reset(&t->heard);
}

/* ---- trails ---- */

/* Where somebody ends who looks for it at that place. */
static unsigned follow(struct town *t, unsigned from, struct slice sid)
{
    unsigned hops = 0;
    while (eio_place_of(&t->engine[from], sid) != from && hops++ <= PLACES)
        from = eio_place_of(&t->engine[from], sid);
    return hops <= PLACES ? from : PLACES;
}

static void test_trails(void)
{
    static const char *const ways[] = { "1", "12", "120", "10", "101", "1010", "1201", "21021",
        "1212120" };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct town t;
        struct fake f;
        char sid[EIO_SID_BYTES];
        town_open(&t);
        open_at(&f, &t, 0, &socket_ops);
        memcpy(sid, eio_sid(f.carrier.session).p, sizeof sid);
        const struct slice name = slice_of(sid, sizeof sid);
        unsigned at = 0;
        for (const char *to = ways[i]; *to; to++) {
            at = (unsigned)(*to - '0');
            go(&t, at, ways[i]);
            for (unsigned from = 0; from < PLACES; from++)
                is_int(
                    (int)follow(&t, from, name), (int)at, "way %s: found from %u", ways[i], from);
            is_int(eio_find(&t.engine[at], name) != NULL, 1, "way %s: it is there", ways[i]);
        }
        is_int((int)t.moves, (int)strlen(ways[i]), "way %s: its carrier goes along", ways[i]);
        eio_carrier_lost(&f.carrier, EIO_TRANSPORT_CLOSE);
        turns(&t, 2);
        for (unsigned from = 0; from < PLACES; from++)
            is_int((int)eio_place_of(&t.engine[from], name), 0, "way %s: forgotten", ways[i]);
        town_close(&t, ways[i]);
        fake_fini(&f);
    }
}

/* ---- going ---- */

static void test_going(void)
{
    struct town t;
    struct fake f;
    town_open(&t);
    open_at(&f, &t, 0, &socket_ops);
    ok(sio_move(t.socket, 1), "it may go");
    ok(sio_move(t.socket, 1), "once is enough");
    ok(!sio_move(t.socket, 2), "to one place at a time");
    loop_turn(t.places.loops[0], false);
    heard(&t, "|0 leaves", "it leaves at the end of the turn");
    ok(sio_find(sio_find_namespace(t.server[0], S("/")), sio_id(t.socket)) == NULL, "for good");
    turns(&t, 1);
    heard(&t, "|1 enters", "and enters there");
    ok(sio_find(sio_find_namespace(t.server[1], S("/")), sio_id(t.socket)) == t.socket, "found");
    fake_say(&f, "42[\"hi\"]");
    heard(&t, "|1 hi", "what it says is heard there");
    sio_emit(t.socket, S("e"), S("1"));
    ok(fake_find(&f, "42[\"e\",1"), "and it hears what is said");
    town_close(&t, "going");
    fake_fini(&f);
}

struct stay {
    const char *what;
    int may_leave;
    const char *say; /* before */
    bool joins;
    bool asks;
};

static const struct stay stays[] = {
    { .what = "the application says no", .may_leave = ERR_CONFLICT },
    { .what = "a socket in a room", .joins = true },
    { .what = "a question is open", .asks = true },
    { .what = "an application that cannot", .say = "40/settled," },
};

static void on_answer(void *arg, int err, const struct sio_event *answer)
{
    (void)arg;
    (void)err;
    (void)answer;
}

static void test_staying(void)
{
    for (size_t i = 0; i < sizeof stays / sizeof *stays; i++) {
        struct town t;
        struct fake f;
        town_open(&t);
        open_at(&f, &t, 0, &socket_ops);
        struct sio_socket *s = t.socket;
        t.may_leave = stays[i].may_leave;
        if (stays[i].say)
            fake_say(&f, stays[i].say);
        if (stays[i].joins && sio_join(s, S("room")))
            abort();
        if (stays[i].asks)
            sio_ask(s, S("q"), S("1"), 1000, on_answer, NULL);
        ok(!sio_move(s, 1), "%s: it stays", stays[i].what);
        turns(&t, 2);
        is_int((int)place_of(s), 0, "%s: where it is", stays[i].what);
        town_close(&t, stays[i].what);
        fake_fini(&f);
    }
}

static void test_soon(void)
{
    struct town t;
    struct fake f;
    town_open(&t);
    open_at(&f, &t, 0, &socket_ops);
    t.may_leave = ERR_AGAIN;
    ok(sio_move(t.socket, 1), "it may go soon");
    pass_ms(&t, 1);
    pass_ms(&t, 2);
    heard(&t, "", "it is still here");
    t.may_leave = 0;
    pass_ms(&t, LOOK_MS);
    heard(&t, "|0 leaves|1 enters", "until it may");
    t.may_leave = ERR_AGAIN;
    ok(sio_move(t.socket, 0), "it may go soon");
    for (unsigned i = 0; i < LOOKS_MAX; i++)
        pass_ms(&t, LOOK_MS);
    heard(&t, "|1 stays", "one who never may stays");
    t.may_leave = 0;
    ok(!sio_move(t.socket, 0), "which its next message does not ask again");
    go(&t, 0, "but the one behind it may");
    town_close(&t, "soon");
    fake_fini(&f);
}

/* ---- ends on the way ---- */

enum moment { BEFORE_THE_END_OF_THE_TURN, WAITING, ON_ENTERING, NOT_LET_IN, DRAINED };

static const struct {
    const char *what;
    enum moment moment;
    const char *heard;
} ends[] = {
    { "before the turn ends", BEFORE_THE_END_OF_THE_TURN, "|0 out" },
    { "while it waits", WAITING, "|0 out" },
    { "as it enters", ON_ENTERING, "|0 leaves|1 enters|1 out" },
    { "it is not let in", NOT_LET_IN, "|0 leaves|1 enters|1 out" },
    { "where all ends", DRAINED, "|0 leaves|1 enters|1 out" },
};

static void test_ends(void)
{
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct town t;
        struct fake f;
        enum moment m = ends[i].moment;
        town_open(&t);
        open_at(&f, &t, 0, &socket_ops);
        t.may_leave = m == WAITING ? ERR_AGAIN : 0;
        t.is_lost_inside = m == ON_ENTERING;
        t.may_enter = m == NOT_LET_IN ? ERR_BUSY : 0;
        ok(sio_move(t.socket, 1), "%s: it is to go", ends[i].what);
        if (m == WAITING)
            turns(&t, 2);
        if (m == WAITING || m == BEFORE_THE_END_OF_THE_TURN)
            eio_carrier_lost(&f.carrier, EIO_TRANSPORT_CLOSE);
        if (m == DRAINED)
            eio_server_drain(&t.engine[1]);
        turns(&t, 3);
        pass_ms(&t, LOOK_MS);
        heard(&t, ends[i].heard, ends[i].what);
        if (m == NOT_LET_IN)
            ok(fake_find(&f, "41"), "its peer is told");
        town_close(&t, ends[i].what);
        fake_fini(&f);
    }
}

/* ---- what goes along ---- */

static void test_heartbeat(void)
{
    struct town t;
    struct fake f;
    town_open(&t);
    t.settings.ping_interval_ms = RIG_PING_MS;
    open_at(&f, &t, 0, &socket_ops);
    pass_ms(&t, RIG_PING_MS / 2);
    go(&t, 1, "heartbeat");
    fake_got(&f, "", "nobody is pinged for going");
    pass_ms(&t, RIG_PING_MS / 2);
    fake_got(&f, "|2", "in time it is, there");
    go(&t, 2, "asked");
    buf_reset(&t.heard);
    pass_ms(&t, RIG_PONG_MS);
    heard(&t, "|2 out", "and missed where it went meanwhile");
    town_close(&t, "heartbeat");
    fake_fini(&f);
}

static void test_probe(void)
{
    struct town t;
    struct fake f, probe;
    town_open(&t);
    open_at(&f, &t, 0, &polling_ops);
    carrier_init(&probe, &socket_ops);
    is_int(eio_attach_probe(f.carrier.session, &probe.carrier), 0, "a WebSocket asks");
    fake_say(&probe, "2probe");
    go(&t, 1, "in the middle of an upgrade");
    is_int((int)t.moves, 2, "both carriers go");
    sio_emit(t.socket, S("e"), S("1"));
    buf_reset(&probe.got);
    fake_say(&probe, "5");
    ok(fake_find(&probe, "42[\"e\",1"), "the upgrade ends there, with what was queued");
    is_int(f.ended, CARRIER_RELEASE, "and the other is let go");
    buf_reset(&t.heard);
    fake_say(&probe, "42[\"hi\"]");
    heard(&t, "|1 hi", "life goes on");
    town_close(&t, "probe");
    fake_fini(&f);
    fake_fini(&probe);
}

/* Before the move, after it, and while it is away: all is one history. */
static void test_recovery(void)
{
    struct town t;
    struct fake f, again;
    char packet[200], pid[SIO_ID_BYTES + 1], offset[SIO_OFFSET_BYTES + 1];
    town_open(&t);
    open_at(&f, &t, 0, &socket_ops);
    struct sio_socket *s = t.socket;
    snprintf(pid, sizeof pid, "%.*s", SIO_ID_BYTES, s->pid);
    for (unsigned i = 0; i < 6; i++) {
        char args[8];
        snprintf(args, sizeof args, "%u", i);
        if (i == 3)
            go(&t, 1, "with a history");
        if (i == 5)
            eio_carrier_lost(&f.carrier, EIO_TRANSPORT_ERROR);
        struct sio_message *m = sio_event_new(s->nsp, S("e"), slice_str(args), true);
        sio_send(s, m);
        if (i == 1)
            snprintf(offset, sizeof offset, "%.*s", SIO_OFFSET_BYTES, m->offset);
        sio_message_unref(m);
    }
    turns(&t, 2);
    const struct eio_opening opening = rig_opening();
    struct eio_session *session;
    carrier_init(&again, &socket_ops);
    if (eio_open(&session, &t.engine[1], &again.carrier, &opening))
        abort();
    buf_reset(&t.heard);
    buf_reset(&again.got);
    snprintf(packet, sizeof packet, "40{\"pid\":\"%s\",\"offset\":\"%s\"}", pid, offset);
    fake_say(&again, packet);
    heard(&t, "|1 back", "who comes back there is who it was");
    const char *at = again.got.p;
    for (unsigned i = 2; i < 6; i++) {
        char want[20];
        snprintf(want, sizeof want, "42[\"e\",%u,", i);
        const char *next = fake_find(&again, want);
        ok(next && next >= at, "what it missed, in order: %u", i);
        at = next ? next : at;
    }
    ok(!fake_find(&again, "42[\"e\",1,"), "and nothing else");
    town_close(&t, "recovery");
    fake_fini(&f);
    fake_fini(&again);
}

static void tell_all(struct sio_server *server)
{
    const struct sio_audience all = { .n_rooms = 0 };
    struct sio_namespace *n = sio_find_namespace(server, S("/"));
    struct sio_message *m = sio_event_new(n, S("e"), S("1"), true);
    sio_broadcast(n, &all, m);
    sio_message_unref(m);
}

/* As many as there were of where it comes from. */
static void test_broadcasts(void)
{
    struct town t;
    struct fake f;
    town_open(&t);
    open_at(&f, &t, 0, &socket_ops);
    tell_all(t.server[0]);
    ok(fake_find(&f, "42[\"e\",1"), "what all are told");
    go(&t, 1, "broadcasts");
    buf_reset(&f.got);
    tell_all(t.server[1]);
    ok(fake_find(&f, "42[\"e\",1"), "and there");
    town_close(&t, "broadcasts");
    fake_fini(&f);
}

/* Nobody connects to a namespace any more: that is noticed there. */
static void test_connect_time(void)
{
    struct town t;
    struct fake f;
    town_open(&t);
    open_at(&f, &t, 0, &socket_ops);
    ok(sio_move(t.socket, 1), "it is to go");
    loop_turn(t.places.loops[0], false);
    turns(&t, 2);
    fake_say(&f, "41");
    heard(&t, "|0 leaves|1 enters|1 out", "its only socket goes there");
    town_close(&t, "no namespace");
    fake_fini(&f);
}

static void test_memory(void)
{
    unsigned n = 0;
    bool is_hit = true;
    while (is_hit && ++n < 20) {
        struct town t;
        struct fake f;
        town_open(&t);
        open_at(&f, &t, 0, &socket_ops);
        struct sio_socket *s = t.socket;
        ok(sio_move(s, 1), "it is to go");
        fault_alloc_at(n);
        turns(&t, 3);
        is_hit = fault_hit();
        fault_off();
        bool is_out = memmem(t.heard.p, t.heard.len, " out", 4) != NULL;
        ok(is_out || place_of(s) == 1, "allocation %u fails: it is there, or it has gone", n);
        town_close(&t, "no memory");
        fake_fini(&f);
    }
    ok(n > 1 && n < 20, "at last none fails");
}

int main(void)
{
    rig_prepare();
    socket_ops = moving(&fake_socket_ops);
    polling_ops = moving(&fake_polling_ops);
    test_trails();
    test_going();
    test_staying();
    test_soon();
    test_ends();
    test_heartbeat();
    test_probe();
    test_recovery();
    test_broadcasts();
    test_connect_time();
    test_memory();
    return done();
}
