/* Socket.IO on carriers that are none: the greeting, events and answers both
 * ways, attachments, every way to part, and coming back. */
#include "sio/server.h"

#include "fault.h"
#include "talk.h"

/* ---- the greeting ---- */

static void test_connect(void)
{
    struct talk t;
    struct peer p;
    talk_open(&t, 0);
    peer_open(&p, &t);
    fake_got(&p.fake, "", "nothing is said before the client connects");
    peer_connect(&p, &t, "{\"token\":\"x\"}");
    char want[128];
    snprintf(want, sizeof want, "|40{\"sid\":\"%s\"}", p.id);
    fake_got(&p.fake, want, "the answer has the id and nothing else");
    is_int(strlen(p.id), SIO_ID_BYTES, "an id");
    ok(!slice_eq(slice_str(p.id), eio_sid(p.session)), "that is not the session's");
    talk_heard(&t, "|may? {\"token\":\"x\"}|in", "the application is asked, then told");
    ok(sio_find(talk_nsp(&t), slice_str(p.id)) == p.socket, "others can find it");
    ok(!sio_find(talk_nsp(&t), eio_sid(p.session)), "by no other name");
    ok(sio_namespace(p.socket) == talk_nsp(&t), "its namespace");
    is_slice(sio_id(p.socket), p.id, "its id");

    fake_say(&p.fake, "40/other,");
    ok(t.newest != p.socket && sio_namespace(t.newest) != talk_nsp(&t), "another namespace");
    snprintf(want, sizeof want, "|40/other,{\"sid\":\"%.*s\"}", SIO_ID_BYTES, sio_id(t.newest).p);
    fake_got(&p.fake, want, "has another socket");
    fake_say(&p.fake, "40/bare");
    ok(p.fake.got.len > 0 && p.fake.ended == FAKE_OPEN, "an application may have one callback");
    talk_close(&t);
    peer_close(&p);
}

static void test_refusals(void)
{
    static const char *const rows[][2] = {
        { "40{\"no\":1}", "|44{\"message\":\"Not \\\"you\\\"\",\"data\":{\"code\":5}}" },
        { "40{\"no\":2}", "|44{\"message\":\"Log in first.\"}" },
        { "40/none,", "|44/none,{\"message\":\"Invalid namespace\"}" },
        { "40/none", "|44/none,{\"message\":\"Invalid namespace\"}" },
        { "40/other?a=b,", "|44/other?a=b,{\"message\":\"Invalid namespace\"}" },
    };
    struct talk t;
    struct peer p;
    talk_open(&t, 0);
    peer_open(&p, &t);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fake_say(&p.fake, rows[i][0]);
        fake_got(&p.fake, rows[i][1], rows[i][0]);
    }
    talk_heard(&t, "|may? {\"no\":1}|may? {\"no\":2}", "nobody came in");
    ok(p.fake.ended == FAKE_OPEN, "the connection stays");
    rig_pass_us(&t.rig, TALK_CONNECT_MS * 1000 - 1);
    ok(p.fake.ended == FAKE_OPEN, "for its time");
    rig_pass_us(&t.rig, 1);
    ok(p.fake.ended == CARRIER_GOODBYE, "but no longer: a refusal is no connect");
    talk_close(&t);
    peer_close(&p);
}

static void test_connect_timeout(void)
{
    struct talk t;
    struct peer p;
    talk_open(&t, 0);
    peer_open(&p, &t);
    rig_pass_us(&t.rig, TALK_CONNECT_MS * 1000 - 1);
    peer_connect(&p, &t, "");
    rig_pass_ms(&t.rig, 10 * TALK_CONNECT_MS);
    ok(p.fake.ended == FAKE_OPEN, "who connects in time may stay");
    fake_say(&p.fake, "41");
    rig_pass_ms(&t.rig, 10 * TALK_CONNECT_MS);
    ok(p.fake.ended == FAKE_OPEN, "even without a namespace, as with the original");
    talk_close(&t);
    peer_close(&p);
}

static void test_register(void)
{
    struct talk t;
    talk_open(&t, 0);
    is_int(sio_register(t.server, &talk_apps[1]), ERR_CONFLICT, "a name is taken once");
    ok(!sio_find_namespace(t.server, S("/none")), "no such namespace");
    talk_close(&t);
}

/* ---- what breaks the protocol ends that session, and no other ---- */

static void test_bad_packets(void)
{
    static const struct {
        bool is_connected;
        const char *packet;
    } rows[] = {
        { false, "42[\"a\"]" },
        { false, "41" },
        { false, "430[]" },
        { false, "44{\"message\":\"x\"}" },
        { true, "42/other,[\"a\"]" },
        { true, "40" },
        { true, "40{\"no\":1}" },
        { true, "44{\"message\":\"x\"}" },
        { true, "4" },
        { true, "47" },
        { true, "42{}" },
        { true, "42[\"connect\"]" },
        { true, "42[\"a\"" },
        { true, "450-[\"a\"]" },
        { true, "4511-[\"a\"]" },
        { true, "451-[\"a\"]" },
        { true, "bAQI=" },
    };
    struct talk t;
    struct peer bystander;
    talk_open(&t, TALK_KEEP_MS);
    peer_enter(&bystander, &t);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct peer p;
        peer_open(&p, &t);
        if (rows[i].is_connected)
            peer_connect(&p, &t, "");
        buf_reset(&t.heard);
        fake_say(&p.fake, rows[i].packet);
        is_int(p.fake.ended, CARRIER_GOODBYE, "'%s'", rows[i].packet);
        talk_heard(&t, rows[i].is_connected ? "|out: parse error" : "", "as the application hears");
        fake_say(&p.fake, "42[\"late\"]");
        talk_heard(&t, "", "and no more");
        rig_turn(&t.rig);
        peer_close(&p);
    }
    fake_say(&bystander.fake, "42[\"hi\"]");
    talk_heard(&t, "|hi ", "nobody else notices");
    ok(t.last == bystander.socket && bystander.fake.ended == FAKE_OPEN, "at all");
    talk_close(&t);
    peer_close(&bystander);
}

/* ---- events and answers ---- */

static void test_events(void)
{
    struct talk t;
    struct peer p;
    talk_open(&t, 0);
    peer_enter(&p, &t);
    fake_say(&p.fake, "42[\"hi\",1,{\"a\":\"b\"}]");
    talk_heard(&t, "|hi 1,{\"a\":\"b\"}", "an event");
    fake_say(&p.fake, "42[7]");
    talk_heard(&t, "|7 ", "a number for a name");
    fake_got(&p.fake, "", "nothing is answered that was not asked");
    fake_say(&p.fake, "42[\"echo\",1]");
    fake_got(&p.fake, "", "even if the application tries");
    fake_say(&p.fake, "429007199254740991[\"echo\",1,null]");
    fake_got(&p.fake, "|439007199254740991[1,null]", "an answer has the question's id");
    fake_say(&p.fake, "420[\"echo\"]");
    fake_got(&p.fake, "|430[]", "and may be empty");
    fake_say(&p.fake, "40/other,");
    buf_reset(&p.fake.got);
    fake_say(&p.fake, "42/other,5[\"echo\",2]");
    fake_got(&p.fake, "|43/other,5[2]", "in its namespace");
    sio_emit(p.socket, S("news"), S("1,2"));
    fake_got(&p.fake, "|42[\"news\",1,2]", "an event the other way");
    p.fake.is_blocked = true;
    struct sio_message *m = sio_event_new(talk_nsp(&t), S("v"), S(""), false);
    sio_send_volatile(p.socket, m);
    fake_got(&p.fake, "", "what can be missed does not wait");
    p.fake.is_blocked = false;
    sio_send_volatile(p.socket, m);
    fake_got(&p.fake, "|42[\"v\"]", "but goes when it can");
    sio_message_unref(m);
    talk_close(&t);
    peer_close(&p);
}

static void test_attachments(void)
{
    struct talk t;
    struct peer p;
    talk_open(&t, 0);
    peer_enter(&p, &t);
    buf_reset(&t.heard);
    fake_say(&p.fake,
        "452-3[\"echo\",{\"_placeholder\":true,\"num\":1},{\"_"
        "placeholder\":true,\"num\":0}]");
    eio_receive_binary(&p.fake.carrier, S("one"));
    talk_heard(&t, "", "an event waits for all its attachments");
    fake_say(&p.fake, "3"); /* a heartbeat may come between */
    fake_say(&p.fake, "bdHdv");
    talk_heard(&t,
        "|echo "
        "{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":"
        "0}#one#two",
        "then it is whole");
    fake_got(&p.fake,
        "|462-3[{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,"
        "\"num\":0}]|#one|#two",
        "and so is its answer");
    fake_say(&p.fake, "42[\"hi\"]");
    talk_heard(&t, "|hi ", "afterwards all is as before");
    talk_close(&t);
    peer_close(&p);
}

#define PLACEHOLDER(k) "{\"_placeholder\":true,\"num\":" #k "}"

/* Each of these has to let the attachments go that came already. */
static void test_broken_attachments(void)
{
    static const char *const next[] = { "42[\"hi\"]", "40", "41", "451-[\"b\"," PLACEHOLDER(0) "]",
        "2", "1", "x", NULL };
    for (size_t i = 0; i < sizeof next / sizeof *next; i++) {
        struct talk t;
        struct peer p;
        talk_open(&t, 0);
        peer_enter(&p, &t);
        fake_say(&p.fake, "452-[\"a\"," PLACEHOLDER(0) "," PLACEHOLDER(1) "]");
        eio_receive_binary(&p.fake.carrier, S("one"));
        if (next[i])
            fake_say(&p.fake, next[i]);
        else
            eio_carrier_lost(&p.fake.carrier, EIO_TRANSPORT_CLOSE);
        ok(!p.fake.carrier.session, "amid attachments '%s' ends it", next[i] ? next[i] : "nothing");
        ok(!slice_starts(buf_slice(&t.heard), S("|a")), "and the event never happened");
        talk_close(&t);
        peer_close(&p);
    }
}

/* Ten are the most, and count for nothing until they come. */
static void test_many_attachments(void)
{
    struct talk t;
    struct peer p;
    struct buf packet;
    talk_open(&t, 0);
    peer_enter(&p, &t);
    buf_init(&packet, 1024);
    buf_add_str(&packet, "4510-[\"a\"");
    for (unsigned k = 0; k < SIO_MAX_ATTACHMENTS; k++) {
        buf_add_char(&packet, ',');
        sio_write_placeholder(&packet, k);
    }
    buf_add_char(&packet, ']');
    eio_receive(&p.fake.carrier, buf_slice(&packet));
    buf_fini(&packet);
    for (int k = 0; k < SIO_MAX_ATTACHMENTS; k++)
        eio_receive_binary(&p.fake.carrier, S("x"));
    ok(slice_starts(buf_slice(&t.heard), S("|a {")), "ten attachments");
    talk_close(&t);
    peer_close(&p);
}

/* ---- questions ---- */

struct answer {
    unsigned n;
    int err;
    char args[64];
};

static void on_answer(void *arg, int err, const struct sio_event *answer)
{
    struct answer *a = arg;
    a->n++;
    a->err = err;
    if (!err)
        snprintf(a->args, sizeof a->args, "%.*s#%u", (int)answer->args.len, answer->args.p,
            answer->n_attachments);
}

static void test_questions(void)
{
    struct talk t;
    struct peer p;
    struct answer a = { .n = 0 };
    struct answer b = { .n = 0 };
    struct answer c = { .n = 0 };
    talk_open(&t, TALK_KEEP_MS);
    peer_enter(&p, &t);
    sio_ask(p.socket, S("q"), S("1"), 500, on_answer, &a);
    sio_ask(p.socket, S("q"), S(""), 500, on_answer, &b);
    sio_ask(p.socket, S("q"), S(""), 500, on_answer, &c);
    fake_got(&p.fake, "|420[\"q\",1]|421[\"q\"]|422[\"q\"]", "questions have ids and no offsets");
    fake_say(&p.fake, "431[2,3]");
    ok(b.n == 1 && !b.err && a.n == 0, "an answer finds its question");
    is_str(b.args, "2,3#0", "and is given");
    fake_say(&p.fake, "431[2,3]");
    fake_say(&p.fake, "437[]");
    fake_say(&p.fake, "43[]");
    ok(b.n == 1 && p.fake.ended == FAKE_OPEN, "answers to nothing are ignored");
    fake_say(&p.fake, "461-2[" PLACEHOLDER(0) "]");
    eio_receive_binary(&p.fake.carrier, S("x"));
    is_str(c.args, PLACEHOLDER(0) "#1", "a binary answer");
    rig_pass_us(&t.rig, 499999);
    is_int(a.n, 0, "there is time");
    rig_pass_us(&t.rig, 1);
    ok(a.n == 1 && a.err == ERR_TIMEOUT, "until there is not");
    fake_say(&p.fake, "430[]");
    ok(a.n == 1 && p.fake.ended == FAKE_OPEN, "too late is ignored");
    sio_ask(p.socket, S("q"), S(""), 500, on_answer, &a);
    fake_got(&p.fake, "|423[\"q\"]", "ids are not used again");
    fake_say(&p.fake, "41");
    ok(a.n == 2 && a.err == ERR_CLOSED, "who leaves will not answer");
    sio_ask(p.socket, S("q"), S(""), 500, on_answer, &a);
    ok(a.n == 3 && a.err == ERR_CLOSED, "and cannot be asked");
    rig_pass_ms(&t.rig, 1000);
    is_int(a.n, 3, "every question has one end");
    talk_close(&t);
    peer_close(&p);
}

static void test_question_and_lost(void)
{
    struct talk t;
    struct peer p;
    struct answer a = { .n = 0 };
    talk_open(&t, TALK_KEEP_MS);
    peer_enter(&p, &t);
    sio_emit(p.socket, S("e"), S(""));
    sio_ask(p.socket, S("q"), S(""), 500, on_answer, &a);
    eio_carrier_lost(&p.fake.carrier, EIO_TRANSPORT_ERROR);
    ok(a.n == 1 && a.err == ERR_CLOSED, "one who may come back answers nothing either");
    sio_ask(p.socket, S("q"), S(""), 500, on_answer, &a);
    is_int(a.n, 2, "at once");
    talk_close(&t);
    peer_close(&p);
}

/* ---- parting ---- */

static void test_leaving(void)
{
    struct talk t;
    struct peer p;
    talk_open(&t, TALK_KEEP_MS);
    peer_enter(&p, &t);
    fake_say(&p.fake, "40/other,");
    struct sio_socket *other = t.newest;
    buf_reset(&p.fake.got);
    buf_reset(&t.heard);
    fake_say(&p.fake, "41/other,");
    talk_heard(&t, "|out: client namespace disconnect", "the client leaves");
    sio_emit(other, S("late"), S(""));
    sio_disconnect(other, true);
    fake_got(&p.fake, "", "and is not answered");
    fake_say(&p.fake, "42[\"kick\",false]");
    talk_heard(&t, "|kick false|out: server namespace disconnect", "the server sends it away");
    fake_got(&p.fake, "|41", "and says so");
    ok(p.fake.ended == FAKE_OPEN, "the connection stays in both cases");
    peer_connect(&p, &t, "");
    buf_reset(&p.fake.got);
    fake_say(&p.fake, "40/other,");
    buf_reset(&p.fake.got);
    buf_reset(&t.heard);
    fake_say(&p.fake, "42[\"kick\",true]");
    talk_heard(&t,
        "|kick true|out: server namespace disconnect|out: server "
        "namespace disconnect",
        "from all");
    fake_got(&p.fake, "|41|41/other,", "it hears of each");
    ok(p.fake.ended == CARRIER_GOODBYE && !p.fake.carrier.session, "then it is over");
    talk_close(&t);
    peer_close(&p);
}

static void test_reasons(void)
{
    static const struct {
        enum eio_reason reason;
        const char *heard;
    } rows[] = {
        { EIO_TRANSPORT_CLOSE, "|out: transport close" },
        { EIO_TRANSPORT_ERROR, "|out: transport error" },
        { EIO_SERVER_CLOSE, "|out: forced server close" },
        { EIO_SERVER_SHUTDOWN, "|out: server shutting down" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct talk t;
        struct peer p;
        talk_open(&t, 0);
        peer_enter(&p, &t);
        if (rows[i].reason < EIO_SERVER_CLOSE)
            eio_carrier_lost(&p.fake.carrier, rows[i].reason);
        else
            eio_close(p.session, rows[i].reason);
        talk_heard(&t, rows[i].heard, "why");
        ok(!sio_find(talk_nsp(&t), slice_str(p.id)), "it is not found any more");
        talk_close(&t);
        peer_close(&p);
    }
}

/* When a session ends, one socket's end may mean something to its sister. */
static void speak_to_everybody(struct talk *t, struct sio_socket *s)
{
    struct sio_namespace *n = sio_find_namespace(t->server, S("/other"));
    const struct sio_audience all = { .n_rooms = 0 };
    struct sio_message *m = sio_event_new(n, S("gone"), S(""), true);
    struct sio_message *soon = sio_event_new(n, S("gone"), S(""), false);
    const struct sio_audience soon_all = { .is_volatile = true };
    sio_broadcast(n, &all, m);
    sio_broadcast(n, &soon_all, soon);
    sio_message_unref(m);
    sio_message_unref(soon);
    if (t->newest && t->newest != s) {
        sio_emit(t->newest, S("gone"), S(""));
        sio_disconnect(t->newest, true);
    }
}

static void test_sisters(void)
{
    struct talk t;
    struct peer p;
    struct peer q;
    talk_open(&t, TALK_KEEP_MS);
    peer_enter(&q, &t);
    peer_enter(&p, &t);
    fake_say(&q.fake, "40/other,");
    fake_say(&p.fake, "40/other,");
    sio_emit(p.socket, S("e"), S(""));
    buf_reset(&t.heard);
    t.on_end = speak_to_everybody;
    eio_carrier_lost(&p.fake.carrier, EIO_TRANSPORT_CLOSE);
    talk_heard(&t, "|out: transport close|out: server namespace disconnect", "both are told once");
    ok(q.fake.ended == FAKE_OPEN && q.fake.carrier.session, "the other client is not");
    t.on_end = NULL;
    talk_close(&t);
    peer_close(&p);
    peer_close(&q);
}

int main(void)
{
    rig_prepare();
    test_connect();
    test_refusals();
    test_connect_timeout();
    test_register();
    test_bad_packets();
    test_events();
    test_attachments();
    test_broken_attachments();
    test_many_attachments();
    test_questions();
    test_question_and_lost();
    test_leaving();
    test_reasons();
    test_sisters();
    return done();
}
