/* Engine.IO sessions on carriers that are none: heartbeats to the microsecond,
 * every way to end, and the change of the carrier under a session. */
#include "sio/engine.h"

#include "fault.h"
#include "rig.h"

#include <ctype.h>
#include <stdio.h>

struct user {
    struct eio_session *session;
    struct buf said; /* messages, each behind a '|' */
    unsigned opened;
    unsigned closed;
    int reason;
    int answer;               /* of on_message */
    struct user *takes_along; /* closed when this one is */
};

static void *on_open(void *arg, struct eio_session *s, const struct eio_opening *o)
{
    struct user *u = arg;
    u->session = s;
    u->opened += slice_eq(o->path, S("/socket.io/"));
    return u;
}

static int on_message(void *arg, struct slice data, bool is_binary)
{
    struct user *u = arg;
    buf_add_str(&u->said, is_binary ? "|#" : "|");
    buf_add_slice(&u->said, data);
    return u->answer;
}

static void on_close(void *arg, enum eio_reason reason)
{
    struct user *u = arg;
    u->closed++;
    u->reason = (int)reason;
    if (u->takes_along)
        eio_close(u->takes_along->session, EIO_SERVER_CLOSE);
}

static const struct eio_user recorder = {
    .name = "recorder", .on_open = on_open, .on_message = on_message, .on_close = on_close
};

static void user_open(struct user *u, struct rig *r, struct fake *f)
{
    const struct eio_opening opening = rig_opening();
    struct eio_session *s = NULL;
    *u = (struct user){ .reason = -1 };
    buf_init(&u->said, 1u << 16);
    eio_server_set_user(&r->engine, &recorder, u);
    ok(eio_open(&s, &r->engine, &f->carrier, &opening) == 0 && s == u->session, "a session");
}

static bool user_heard(struct user *u, const char *want, const char *what)
{
    struct slice said = buf_slice(&u->said);
    bool is_same = is_slice(said, want, "%s", what);
    buf_reset(&u->said);
    return is_same;
}

/* One session on one carrier. */
struct scene {
    struct rig rig;
    struct fake fake;
    struct user user;
};

static void begin_quietly(struct scene *c, const struct carrier_ops *ops)
{
    rig_open(&c->rig);
    fake_init(&c->fake, ops);
    user_open(&c->user, &c->rig, &c->fake);
}

/* Its handshake is over. */
static void begin(struct scene *c, const struct carrier_ops *ops)
{
    begin_quietly(c, ops);
    if (ops == &fake_polling_ops)
        fake_poll(&c->fake);
    buf_reset(&c->fake.got);
}

static void end(struct scene *c)
{
    rig_close(&c->rig);
    buf_fini(&c->user.said);
    fake_fini(&c->fake);
}

static bool is_over(struct scene *c, int reason)
{
    return c->user.closed == 1 && c->user.reason == reason && !c->fake.carrier.session &&
        map_next(&c->rig.engine.sessions, &(uint32_t){ 0 }) == NULL;
}

static bool is_open(struct scene *c)
{
    return c->user.closed == 0 && c->fake.ended == FAKE_OPEN &&
        eio_find(&c->rig.engine, eio_sid(c->user.session)) == c->user.session;
}

/* ---- opening ---- */

static void test_handshake(void)
{
    static const struct {
        const struct carrier_ops *ops;
        const char *upgrades;
    } rows[] = { { &fake_polling_ops, "\"websocket\"" }, { &fake_socket_ops, "" } };
    for (size_t i = 0; i < 2; i++) {
        struct scene c;
        char want[256];
        begin_quietly(&c, rows[i].ops);
        struct slice sid = eio_sid(c.user.session);
        snprintf(want, sizeof want,
            "|0{\"sid\":\"%.*s\",\"upgrades\":[%s],\"pingInterval\":300,"
            "\"pingTimeout\":200,"
            "\"maxPayload\":1000}",
            (int)sid.len, sid.p, rows[i].upgrades);
        fake_poll(&c.fake);
        fake_got(&c.fake, want, "the handshake comes first");
        is_int(c.user.opened, 1, "its user knows what it came with");
        ok(is_open(&c), "it can be found");
        ok(!eio_find(&c.rig.engine, S("AAAAAAAAAAAAAAAAAAAA")), "another cannot");
        is_int(c.rig.engine.opened, 1, "it is counted");
        end(&c);
    }
}

static void test_sids(void)
{
    struct scene a;
    struct scene b;
    begin(&a, &fake_socket_ops);
    begin(&b, &fake_socket_ops);
    struct slice one = eio_sid(a.user.session);
    ok(one.len == 20 && !slice_eq(one, eio_sid(b.user.session)), "no two are alike");
    size_t odd = 0;
    for (size_t i = 0; i < one.len; i++)
        odd += !strchr("-_", one.p[i]) && !isalnum((unsigned char)one.p[i]);
    is_int(odd, 0, "letters, digits, - and _");
    end(&a);
    end(&b);
}

/* Sessions are counted, in all and for each address. */
static void test_limits(void)
{
    struct rig r;
    struct fake fakes[5];
    struct eio_session *sessions[5];
    struct user u = { .reason = -1 };
    struct eio_opening opening = rig_opening();
    rig_open(&r);
    eio_server_fini(&r.engine);
    eio_servers_fini(&r.engines);
    r.settings.sessions = 3;
    r.settings.sessions_per_address = 2;
    eio_servers_init(&r.engines, &r.places, &r.settings);
    eio_server_init(&r.engine, &r.engines, 0, &r.settings);
    eio_server_set_user(&r.engine, &recorder, &u);
    for (unsigned i = 0; i < 5; i++)
        fake_init(&fakes[i], &fake_socket_ops);
    ok(ip_parse(&opening.peer, S("192.0.2.1")) == 0, "an address");
    is_int(eio_open(&sessions[0], &r.engine, &fakes[0].carrier, &opening), 0, "the first");
    is_int(eio_open(&sessions[1], &r.engine, &fakes[1].carrier, &opening), 0, "the second");
    is_int(eio_open(&sessions[2], &r.engine, &fakes[2].carrier, &opening), ERR_RATE_LIMITED, "no");
    ok(!fakes[2].carrier.session && fakes[2].got.len == 0, "nothing happened to its carrier");
    ok(ip_parse(&opening.peer, S("192.0.2.2")) == 0, "another address");
    is_int(eio_open(&sessions[2], &r.engine, &fakes[2].carrier, &opening), 0, "has its own");
    is_int(eio_open(&sessions[3], &r.engine, &fakes[3].carrier, &opening), ERR_BUSY, "all are in");
    eio_close(sessions[0], EIO_SERVER_CLOSE);
    is_int(eio_open(&sessions[3], &r.engine, &fakes[3].carrier, &opening), 0, "until one goes");
    rig_close(&r);
    for (unsigned i = 0; i < 5; i++)
        fake_fini(&fakes[i]);
}

/* ---- heartbeat ---- */

static void test_ping_times(void)
{
    struct scene c;
    begin(&c, &fake_socket_ops);
    rig_pass_us(&c.rig, 299999);
    fake_got(&c.fake, "", "no ping a microsecond early");
    rig_pass_us(&c.rig, 1);
    fake_got(&c.fake, "|2", "a ping when it is due");
    rig_pass_ms(&c.rig, 50);
    fake_say(&c.fake, "3");
    rig_pass_us(&c.rig, 299999);
    fake_got(&c.fake, "", "the next counts from the pong");
    rig_pass_us(&c.rig, 1);
    fake_got(&c.fake, "|2", "and is sent then");
    rig_pass_us(&c.rig, 199999);
    ok(is_open(&c), "the pong has until the last microsecond");
    rig_pass_us(&c.rig, 1);
    ok(is_over(&c, EIO_PING_TIMEOUT), "then the session ends");
    is_int(c.fake.ended, CARRIER_GOODBYE, "and says so");
    is_int(c.rig.engine.closed[EIO_PING_TIMEOUT], 1, "counted");
    end(&c);
}

static void test_ping_is_late(void)
{
    struct scene c;
    begin(&c, &fake_socket_ops);
    rig_pass_ms(&c.rig, 340); /* the loop was busy */
    fake_got(&c.fake, "|2", "a late ping");
    rig_pass_us(&c.rig, 159999);
    ok(is_open(&c), "not yet");
    rig_pass_us(&c.rig, 1);
    ok(is_over(&c, EIO_PING_TIMEOUT), "lateness does not add up");
    end(&c);
}

static void test_only_pongs_count(void)
{
    struct scene c;
    begin(&c, &fake_polling_ops);
    c.fake.has_poll = false;
    rig_pass_ms(&c.rig, 300);
    is_int(c.fake.n_queued, 1, "the ping waits for a poll");
    rig_pass_ms(&c.rig, 150);
    fake_say(&c.fake, "4still here");
    rig_pass_us(&c.rig, 49999);
    ok(is_open(&c), "not yet");
    rig_pass_us(&c.rig, 1);
    ok(is_over(&c, EIO_PING_TIMEOUT), "a message is no pong, and time runs without a poll");
    end(&c);
}

struct look {
    struct scene *scene;
    struct slice sid;
    struct eio_session *found;
};

static void look(void *arg)
{
    struct look *l = arg;
    l->found = eio_find(&l->scene->rig.engine, l->sid);
}

/* A request that comes in the very turn in which the deadline passes finds
 * nothing. */
static void test_find_behind_deadline(void)
{
    struct scene c;
    struct timer earlier;
    char sid[EIO_SID_BYTES];
    begin(&c, &fake_socket_ops);
    memcpy(sid, eio_sid(c.user.session).p, sizeof sid);
    struct look l = { .scene = &c, .sid = slice_of(sid, sizeof sid) };
    timer_init(&earlier, look, &l);
    rig_pass_ms(&c.rig, 300);
    loop_arm(c.rig.loop, &earlier, 199999);
    rig_pass_us(&c.rig, 199999);
    ok(l.found, "until the deadline it is there");
    loop_arm(c.rig.loop, &earlier, 0); /* called before the session's own */
    rig_pass_us(&c.rig, 1);
    ok(!l.found && is_over(&c, EIO_PING_TIMEOUT), "behind it there is nothing");
    end(&c);
}

/* ---- packets ---- */

static void test_messages(void)
{
    struct scene c;
    begin(&c, &fake_socket_ops);
    fake_say(&c.fake, "4hello");
    fake_say(&c.fake, "4");
    fake_say(&c.fake, "bAQI=");
    eio_receive_binary(&c.fake.carrier, S("\x03"));
    user_heard(&c.user, "|hello||#\x01\x02|#\x03", "texts and bytes, in order");
    fake_say(&c.fake, "0");
    fake_say(&c.fake, "5");
    fake_say(&c.fake, "6");
    ok(is_open(&c), "open, upgrade and noop mean nothing");
    user_heard(&c.user, "", "and are not messages");
    struct blob *text = eio_text_frame(S("a"));
    struct blob *binary = eio_binary_frame(S("b"));
    eio_send(c.user.session, text);
    eio_send(c.user.session, binary);
    fake_got(&c.fake, "|4a|#b", "what is sent");
    ok(eio_is_writable(c.user.session), "it is writable");
    c.fake.is_blocked = true;
    ok(!eio_is_writable(c.user.session), "as its carrier says");
    blob_unref(text);
    blob_unref(binary);
    end(&c);
}

static void test_ends(void)
{
    static const struct {
        const char *packet;
        int reason;
        int end;
    } rows[] = {
        { "1", EIO_TRANSPORT_CLOSE, CARRIER_RELEASE },
        { "2", EIO_TRANSPORT_ERROR, CARRIER_GOODBYE },
        { "2probe", EIO_TRANSPORT_ERROR, CARRIER_GOODBYE },
        { "", EIO_PARSE_ERROR, CARRIER_GOODBYE },
        { "7", EIO_PARSE_ERROR, CARRIER_GOODBYE },
        { "x", EIO_PARSE_ERROR, CARRIER_GOODBYE },
        { "b!", EIO_PARSE_ERROR, CARRIER_GOODBYE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene c;
        begin(&c, &fake_socket_ops);
        fake_say(&c.fake, rows[i].packet);
        ok(is_over(&c, rows[i].reason), "'%s' ends it", rows[i].packet);
        is_int(c.fake.ended, rows[i].end, "as it should");
        fake_say(&c.fake, "4late");
        eio_receive_binary(&c.fake.carrier, S("late"));
        eio_abort(&c.fake.carrier, EIO_TRANSPORT_ERROR);
        eio_told(&c.fake.carrier);
        eio_carrier_lost(&c.fake.carrier, EIO_TRANSPORT_ERROR);
        user_heard(&c.user, "", "nothing is heard afterwards");
        is_int(c.rig.engine.closed[rows[i].reason], 1, "counted once");
        end(&c);
    }
}

static void test_refused_message(void)
{
    for (int binary = 0; binary < 2; binary++) {
        struct scene c;
        begin(&c, &fake_socket_ops);
        c.user.answer = ERR_PROTOCOL;
        if (binary)
            eio_receive_binary(&c.fake.carrier, S("x"));
        else
            fake_say(&c.fake, "4x");
        ok(is_over(&c, EIO_PARSE_ERROR), "what the user refuses ends the session");
        is_int(c.fake.ended, CARRIER_GOODBYE, "politely");
        end(&c);
    }
}

/* ---- the end ---- */

static void test_close(void)
{
    struct scene c;
    begin(&c, &fake_socket_ops);
    eio_close(c.user.session, EIO_SERVER_CLOSE);
    ok(is_over(&c, EIO_SERVER_CLOSE), "closed at once");
    is_int(c.fake.ended, CARRIER_GOODBYE, "with a word");
    eio_close(c.user.session, EIO_SERVER_CLOSE);
    struct blob *frame = eio_text_frame(S("late"));
    eio_send(c.user.session, frame);
    blob_unref(frame);
    ok(!eio_is_writable(c.user.session), "not writable");
    is_int(c.user.closed, 1, "twice is once");
    end(&c);
}

/* Nobody is there to be told: the next poll is. */
static void test_closing(void)
{
    struct scene c;
    begin(&c, &fake_polling_ops);
    c.fake.has_poll = false;
    rig_pass_ms(&c.rig, 400); /* a ping waits, too */
    eio_close(c.user.session, EIO_SERVER_CLOSE);
    is_int(c.user.closed, 1, "its user knows at once");
    is_int(c.user.reason, EIO_SERVER_CLOSE, "and why");
    ok(eio_is_closing(c.user.session), "it is closing");
    fake_say(&c.fake, "4late");
    fake_say(&c.fake, "x");
    user_heard(&c.user, "", "what comes now is ignored");
    rig_pass_ms(&c.rig, 1000); /* far behind the pong's deadline */
    struct eio_session *s = eio_find(&c.rig.engine, eio_sid(c.user.session));
    ok(s == c.user.session, "a poll finds it");
    is_int(eio_attach_probe(s, &c.fake.carrier), ERR_CONFLICT, "but nothing takes it over");
    eio_told(&c.fake.carrier);
    is_int(c.fake.ended, CARRIER_RELEASE, "and lets go of it");
    ok(is_over(&c, EIO_SERVER_CLOSE), "then it is gone");
    is_int(c.rig.engine.closed[EIO_SERVER_CLOSE], 1, "counted once");
    end(&c);
}

static void test_closing_is_bounded(void)
{
    struct scene c;
    begin(&c, &fake_polling_ops);
    c.fake.has_poll = false;
    eio_close(c.user.session, EIO_SERVER_CLOSE);
    rig_pass_us(&c.rig, 29999999);
    ok(eio_find(&c.rig.engine, eio_sid(c.user.session)), "it is there for 30 seconds");
    rig_pass_us(&c.rig, 1);
    ok(is_over(&c, EIO_SERVER_CLOSE), "and no longer");
    end(&c);
}

static void test_carrier_lost(void)
{
    static const enum eio_reason reasons[] = { EIO_TRANSPORT_CLOSE, EIO_TRANSPORT_ERROR };
    for (size_t i = 0; i < 2; i++) {
        struct scene c;
        begin(&c, &fake_polling_ops);
        eio_carrier_lost(&c.fake.carrier, reasons[i]);
        ok(is_over(&c, (int)reasons[i]), "gone with its carrier");
        is_int(c.fake.ended, FAKE_OPEN, "which is not told");
        end(&c);
    }
}

static void test_abort(void)
{
    struct scene c;
    begin(&c, &fake_polling_ops);
    eio_abort(&c.fake.carrier, EIO_TRANSPORT_ERROR);
    ok(is_over(&c, EIO_TRANSPORT_ERROR), "gone");
    is_int(c.fake.ended, CARRIER_GOODBYE, "the peer is told");
    end(&c);
}

#define MANY 5

/* The end of one brings the end of the next: the walk over all must bear it. */
static void test_all_end(bool is_polite)
{
    struct rig r;
    struct fake fakes[MANY];
    struct user users[MANY];
    unsigned closed = 0;
    unsigned good = 0;
    rig_open(&r);
    for (unsigned i = 0; i < MANY; i++) {
        fake_init(&fakes[i], &fake_socket_ops);
        user_open(&users[i], &r, &fakes[i]);
    }
    users[0].takes_along = &users[1];
    users[1].takes_along = &users[2];
    users[3].takes_along = &users[0];
    if (is_polite)
        eio_server_drain(&r.engine);
    else
        eio_server_fini(&r.engine);
    for (unsigned i = 0; i < MANY; i++) {
        closed += users[i].closed;
        good += fakes[i].ended == CARRIER_GOODBYE;
    }
    is_int(closed, MANY, "every one once");
    ok(is_polite ? good == MANY : good < MANY, "with a word or without");
    is_int(r.engine.closed[EIO_SERVER_SHUTDOWN] + r.engine.closed[EIO_SERVER_CLOSE], MANY, "all");
    rig_close(&r);
    for (unsigned i = 0; i < MANY; i++) {
        buf_fini(&users[i].said);
        fake_fini(&fakes[i]);
    }
}

static void test_drain_leaves_nothing_open(void)
{
    struct scene c;
    begin(&c, &fake_polling_ops);
    c.fake.has_poll = false;
    eio_server_drain(&c.rig.engine);
    is_int(c.user.reason, EIO_SERVER_SHUTDOWN, "closing, until somebody asks");
    eio_server_drain(&c.rig.engine);
    is_int(c.user.closed, 1, "once");
    end(&c);
    is_int(c.fake.ended, CARRIER_DROP, "dropped in the end");
}

/* ---- upgrading ---- */

struct change {
    struct scene c; /* on long polling, which is not asking */
    struct fake ws;
};

static void change_begin(struct change *u)
{
    begin(&u->c, &fake_polling_ops);
    u->c.fake.has_poll = false;
    fake_init(&u->ws, &fake_socket_ops);
    is_int(eio_attach_probe(u->c.user.session, &u->ws.carrier), 0, "a second carrier");
}

static void change_end(struct change *u)
{
    end(&u->c);
    fake_fini(&u->ws);
}

static void send_text(struct scene *c, const char *text)
{
    struct blob *frame = eio_text_frame(slice_str(text));
    eio_send(c->user.session, frame);
    blob_unref(frame);
}

static void test_upgrade(void)
{
    struct change u;
    change_begin(&u);
    struct eio_session *s = u.c.user.session;
    send_text(&u.c, "a");
    fake_say(&u.ws, "2probe");
    fake_got(&u.ws, "|3probe", "the probe is answered at once");
    rig_pass_ms(&u.c.rig, 150);
    is_int(u.c.fake.n_queued, 1, "no poll, so no packet to end it");
    send_text(&u.c, "b");
    fake_say(&u.c.fake, "4from polling");
    user_heard(&u.c.user, "|from polling", "the old one is still in charge");
    ok(eio_carrier(s) == &u.c.fake.carrier, "as can be seen");
    fake_say(&u.ws, "5");
    fake_got(&u.ws, "|4a|4b", "what waited goes over, in order");
    is_int(u.c.fake.ended, CARRIER_RELEASE, "the old one is let go");
    ok(eio_carrier(s) == &u.ws.carrier, "the new one is in charge");
    send_text(&u.c, "c");
    fake_say(&u.ws, "4from the socket");
    fake_got(&u.ws, "|4c", "nothing twice");
    user_heard(&u.c.user, "|from the socket", "both ways");
    fake_say(&u.c.fake, "4too late");
    user_heard(&u.c.user, "", "the old one is not heard any more");
    rig_pass_ms(&u.c.rig, 150);
    fake_got(&u.ws, "|2", "the heartbeat goes on");
    u.c.rig.settings.ping_interval_ms = 60000;
    fake_say(&u.ws, "3");
    rig_pass_ms(&u.c.rig, 2 * RIG_PROBE_MS);
    ok(u.ws.ended == FAKE_OPEN && u.c.user.closed == 0, "the probe's deadline is off");
    change_end(&u);
}

static void test_poll_while_probing(void)
{
    struct change u;
    change_begin(&u);
    fake_poll(&u.c.fake);
    fake_say(&u.ws, "2probe");
    rig_pass_us(&u.c.rig, 99999);
    fake_got(&u.c.fake, "", "not at once");
    rig_pass_us(&u.c.rig, 1);
    fake_got(&u.c.fake, "|6", "a poll that waits is ended");
    rig_pass_ms(&u.c.rig, 100);
    fake_got(&u.c.fake, "|6", "and the next");
    send_text(&u.c, "a");
    fake_got(&u.c.fake, "|4a", "while it polls it gets what is sent");
    u.c.fake.has_poll = false;
    send_text(&u.c, "b");
    fake_say(&u.ws, "5");
    fake_got(&u.c.fake, "", "but no more afterwards");
    fake_got(&u.ws, "|3probe|4b", "and nothing is doubled");
    change_end(&u);
}

static void test_upgrade_without_probe(void)
{
    struct change u;
    change_begin(&u);
    fake_say(&u.ws, "5");
    ok(eio_carrier(u.c.user.session) == &u.ws.carrier, "as the original takes it");
    change_end(&u);
}

static void test_one_probe_at_a_time(void)
{
    struct change u;
    struct fake third;
    change_begin(&u);
    fake_init(&third, &fake_socket_ops);
    is_int(eio_attach_probe(u.c.user.session, &third.carrier), ERR_CONFLICT, "no second probe");
    fake_say(&u.ws, "5");
    is_int(eio_attach_probe(u.c.user.session, &third.carrier), ERR_CONFLICT, "none behind it");
    ok(!third.carrier.session, "it has no session");
    fake_say(&third, "4x");
    user_heard(&u.c.user, "", "and says nothing");
    fake_fini(&third);
    change_end(&u);

    struct scene c;
    begin(&c, &fake_socket_ops);
    fake_init(&third, &fake_socket_ops);
    is_int(eio_attach_probe(c.user.session, &third.carrier), ERR_CONFLICT,
        "what began on the best carrier keeps it");
    fake_fini(&third);
    end(&c);
}

static void test_bad_probes(void)
{
    static const char *const packets[] = { "2", "2prob", "2probe2", "3probe", "4hello", "1", "",
        "x", "6", "50" };
    for (size_t i = 0; i <= sizeof packets / sizeof *packets; i++) {
        struct change u;
        bool is_binary = i == sizeof packets / sizeof *packets;
        change_begin(&u);
        if (is_binary)
            eio_receive_binary(&u.ws.carrier, S("2probe"));
        else
            fake_say(&u.ws, packets[i]);
        ok(u.ws.ended == CARRIER_DROP && !u.ws.carrier.session, "'%s' is no probe",
            is_binary ? "bytes" : packets[i]);
        fake_say(&u.ws, "5");
        ok(is_open(&u.c) && eio_carrier(u.c.user.session) == &u.c.fake.carrier, "all else goes on");
        user_heard(&u.c.user, "", "and nothing was heard");
        struct fake again;
        fake_init(&again, &fake_socket_ops);
        is_int(eio_attach_probe(u.c.user.session, &again.carrier), 0, "it may try again");
        fake_fini(&again);
        change_end(&u);
    }
}

static void test_probe_times_out(void)
{
    struct change u;
    change_begin(&u);
    u.c.rig.settings.ping_interval_ms = 60000;
    fake_poll(&u.c.fake);
    fake_say(&u.c.fake, "3"); /* the next ping comes much later */
    rig_pass_ms(&u.c.rig, RIG_PROBE_MS - 950);
    fake_say(&u.ws, "2probe");
    for (int i = 0; i < 9; i++)
        rig_pass_ms(&u.c.rig, 100);
    rig_pass_us(&u.c.rig, 49999);
    fake_got(&u.c.fake, "|6|6|6|6|6|6|6|6|6", "a poll is ended every 100 ms");
    ok(u.ws.ended == FAKE_OPEN, "not yet");
    rig_pass_us(&u.c.rig, 1);
    ok(u.ws.ended == CARRIER_DROP, "it took too long");
    rig_pass_ms(&u.c.rig, 200);
    fake_got(&u.c.fake, "", "and polls may wait again");
    ok(is_open(&u.c), "the session does not mind");
    change_end(&u);
}

static void test_probe_lost(void)
{
    struct change u;
    change_begin(&u);
    u.c.rig.settings.ping_interval_ms = 60000;
    fake_say(&u.c.fake, "3"); /* no ping in between */
    fake_say(&u.ws, "2probe");
    eio_carrier_lost(&u.ws.carrier, EIO_TRANSPORT_ERROR);
    ok(is_open(&u.c), "polling goes on");
    fake_poll(&u.c.fake);
    buf_reset(&u.c.fake.got);
    rig_pass_ms(&u.c.rig, 120);
    fake_got(&u.c.fake, "", "and no poll is ended without need");
    u.c.fake.has_poll = false;
    send_text(&u.c, "a");
    is_int(u.c.fake.n_queued, 1, "and gets what is sent");
    rig_pass_ms(&u.c.rig, 250);
    ok(u.ws.ended == FAKE_OPEN, "what is lost is not told");
    is_int(eio_attach_probe(u.c.user.session, &u.ws.carrier), 0, "another comes");
    fake_poll(&u.c.fake);
    buf_reset(&u.c.fake.got);
    rig_pass_ms(&u.c.rig, 150);
    fake_got(&u.c.fake, "", "and starts from the beginning");
    ok(is_open(&u.c), "all is well");
    change_end(&u);
}

static void test_end_while_probing(void)
{
    struct change u;
    change_begin(&u);
    fake_say(&u.ws, "2probe");
    eio_carrier_lost(&u.c.fake.carrier, EIO_TRANSPORT_ERROR);
    ok(is_over(&u.c, EIO_TRANSPORT_ERROR), "the end of the one in charge is the session's");
    is_int(u.ws.ended, CARRIER_DROP, "the probe goes with it");
    fake_say(&u.ws, "5");
    change_end(&u);

    change_begin(&u);
    eio_close(u.c.user.session, EIO_SERVER_CLOSE);
    is_int(u.ws.ended, CARRIER_DROP, "closing lets the probe go, too");
    ok(eio_is_closing(u.c.user.session), "and tells the next poll");
    rig_pass_ms(&u.c.rig, RIG_PROBE_MS);
    is_int(u.c.fake.ended, FAKE_OPEN, "the probe's deadline is gone with it");
    change_end(&u);
}

/* ---- without memory ---- */

static void session_in_want(void *arg)
{
    struct rig *r = arg;
    struct fake polling;
    struct fake ws;
    struct user u = { .reason = -1 };
    struct eio_session *s = NULL;
    const struct eio_opening opening = rig_opening();
    buf_init(&u.said, 1000);
    fake_init(&polling, &fake_polling_ops);
    fake_init(&ws, &fake_socket_ops);
    eio_server_set_user(&r->engine, &recorder, &u);
    int err = eio_open(&s, &r->engine, &polling.carrier, &opening);
    if (err) {
        ok(err == ERR_NO_MEMORY && !polling.carrier.session && u.opened == 0, "no session");
    } else {
        fake_say(&polling, "bAQI=");
        if (u.closed == 0 && eio_attach_probe(s, &ws.carrier) == 0) {
            fake_say(&ws, "2probe");
            fake_say(&ws, "5");
            fake_say(&ws, "4x");
        }
        struct blob *frame = eio_text_frame(S("x"));
        if (frame)
            eio_send(s, frame);
        blob_unref(frame);
        eio_close(s, EIO_SERVER_CLOSE);
        is_int(u.closed, 1, "it has one end");
    }
    rig_turn(r);
    fake_fini(&polling);
    fake_fini(&ws);
    buf_fini(&u.said);
}

static void test_without_memory(void)
{
    struct rig r;
    rig_open(&r);
    session_in_want(&r); /* places for timers are there from now on */
    fault_each(FAULT_ALLOC, session_in_want, &r);
    rig_close(&r);
}

static void test_reasons(void)
{
    size_t n = 0;
    for (int i = 0; i < EIO_REASONS; i++)
        n += eio_reason_text((enum eio_reason)i) != NULL;
    is_int(n, EIO_REASONS, "every reason has a text");
    is_str(eio_reason_text(EIO_PING_TIMEOUT), "ping timeout", "the original's");
}

int main(void)
{
    rig_prepare();
    test_handshake();
    test_sids();
    test_limits();
    test_ping_times();
    test_ping_is_late();
    test_only_pongs_count();
    test_find_behind_deadline();
    test_messages();
    test_ends();
    test_refused_message();
    test_close();
    test_closing();
    test_closing_is_bounded();
    test_carrier_lost();
    test_abort();
    test_all_end(true);
    test_all_end(false);
    test_drain_leaves_nothing_open();
    test_upgrade();
    test_poll_while_probing();
    test_upgrade_without_probe();
    test_one_probe_at_a_time();
    test_bad_probes();
    test_probe_times_out();
    test_probe_lost();
    test_end_while_probing();
    test_without_memory();
    test_reasons();
    return done();
}
