/* Connection state recovery: who comes back in time, with the right words, is
 * who it was and gets exactly what it missed. */
#include "fault.h"
#include "sio/history.h"
#include "sio/parts.h"
#include "talk.h"

#define LOST_MAX       16384u /* as in sio/recovery.c */
#define LOST_MAX_BYTES (64u << 20)

/* The offset at the end of what the peer got last. */
static void offset_of(char out[SIO_OFFSET_BYTES + 1], struct peer *p)
{
    struct slice got = buf_slice(&p->fake.got);
    out[0] = 0;
    if (got.len <= SIO_OFFSET_BYTES + 2)
        return;
    memcpy(out, got.p + got.len - SIO_OFFSET_BYTES - 2, SIO_OFFSET_BYTES);
    out[SIO_OFFSET_BYTES] = 0;
}

/* A peer that has an offset to name. */
struct traveller {
    struct talk talk;
    struct peer p;
    char pid[SIO_ID_BYTES + 1];
    char id[SIO_ID_BYTES + 1];
    char offset[SIO_OFFSET_BYTES + 1];
};

static void emit(struct peer *p, const char *args)
{
    sio_emit(p->socket, S("e"), slice_str(args));
}

static void tell_all(struct talk *t, const char *args)
{
    const struct sio_audience all = { .n_rooms = 0 };
    struct sio_message *m = sio_event_new(talk_nsp(t), S("e"), slice_str(args), true);
    sio_broadcast(talk_nsp(t), &all, m);
    sio_message_unref(m);
}

static void start(struct traveller *v)
{
    talk_open(&v->talk, TALK_KEEP_MS);
    peer_enter(&v->p, &v->talk);
    memcpy(v->id, v->p.id, sizeof v->id);
    memcpy(v->pid, v->p.pid, sizeof v->pid);
    is_int(strlen(v->pid), SIO_ID_BYTES, "the answer has a secret");
    ok(strcmp(v->pid, v->id) != 0, "that is not the id");
    emit(&v->p, "0");
    offset_of(v->offset, &v->p);
    is_int(strlen(v->offset), SIO_OFFSET_BYTES, "an event has an offset");
    buf_reset(&v->p.fake.got);
}

static void lose(struct traveller *v)
{
    eio_carrier_lost(&v->p.fake.carrier, EIO_TRANSPORT_ERROR);
    rig_turn(&v->talk.rig);
    peer_close(&v->p);
    buf_reset(&v->talk.heard);
}

/* Comes with these words; whether as the same. */
static bool is_back_as(struct traveller *v, const char *pid, const char *offset)
{
    char auth[128];
    snprintf(auth, sizeof auth, "{\"pid\":\"%s\",\"offset\":\"%s\"}", pid, offset);
    peer_open(&v->p, &v->talk);
    peer_connect(&v->p, &v->talk, auth);
    bool is_same = strcmp(v->p.id, v->id) == 0;
    bool is_same_pid = strcmp(v->p.pid, v->pid) == 0;
    if (v->p.id[0] && (is_same != is_same_pid || strlen(v->p.pid) != SIO_ID_BYTES))
        note("the id and the secret go together");
    return is_same;
}

static bool is_back(struct traveller *v)
{
    return is_back_as(v, v->pid, v->offset);
}

static void stop(struct traveller *v)
{
    talk_close(&v->talk);
    peer_close(&v->p);
}

/* How many packets it got before its welcome. */
static unsigned n_missed(struct peer *p)
{
    unsigned n = 0;
    struct slice got = buf_slice(&p->fake.got);
    while (got.len && slice_starts(got, S("|42"))) {
        ptrdiff_t next = slice_find(slice_drop(got, 1), '|');
        got = slice_drop(got, next < 0 ? got.len : (size_t)next + 1);
        n++;
    }
    return slice_starts(got, S("|40{\"sid\"")) ? n : 1000 + n;
}

/* ---- the plain case ---- */

static void test_return(void)
{
    struct traveller v;
    char want[512];
    char offsets[3][SIO_OFFSET_BYTES + 1];
    start(&v);
    emit(&v.p, "1"); /* sent, but who knows whether it arrived */
    offset_of(offsets[0], &v.p);
    eio_carrier_lost(&v.p.fake.carrier, EIO_TRANSPORT_CLOSE);
    talk_heard(&v.talk, "|out: transport close", "the application hears that it is gone");
    ok(!sio_find(talk_nsp(&v.talk), slice_str(v.id)), "nobody finds it");
    rig_turn(&v.talk.rig);
    peer_close(&v.p);
    tell_all(&v.talk, "2"); /* while it is away */

    ok(is_back(&v), "it is who it was");
    ok(n_missed(&v.p) == 2, "what it missed comes before the welcome");
    struct slice got = buf_slice(&v.p.fake.got);
    got = slice_drop(got, strlen("|42[\"e\",1,\"0123456789ab\"]|42[\"e\",2,\""));
    snprintf(offsets[1], sizeof offsets[1], "%.12s", got.p);
    snprintf(want, sizeof want,
        "|42[\"e\",1,\"%s\"]|42[\"e\",2,\"%s\"]|40{\"sid\":\"%s\",\"pid\":"
        "\"%s\"}",
        offsets[0], offsets[1], v.id, v.pid);
    fake_got(&v.p.fake, want, "in order, under the offsets they had");
    snprintf(want, sizeof want, "|back? {\"pid\":\"%s\",\"offset\":\"%s\"}|back", v.pid, v.offset);
    talk_heard(&v.talk, want, "the application knows that it is back, with nothing of its own");
    ok(sio_find(talk_nsp(&v.talk), slice_str(v.id)) == v.p.socket, "others find it again");
    emit(&v.p, "3");
    ok(fake_find(&v.p.fake, "42[\"e\",3,"), "life goes on");
    fake_say(&v.p.fake, "42[\"hi\"]");
    talk_heard(&v.talk, "|hi ", "both ways");

    buf_reset(&v.p.fake.got);
    lose(&v);
    ok(is_back(&v) && n_missed(&v.p) == 3, "it may come back again, by an old offset, too");
    stop(&v);
}

static void test_nothing_missed(void)
{
    struct traveller v;
    start(&v);
    lose(&v);
    ok(is_back(&v) && n_missed(&v.p) == 0, "nothing was missed");
    rig_pass_ms(&v.talk.rig, 2 * TALK_KEEP_MS);
    ok(v.p.fake.ended == FAKE_OPEN && sio_find(talk_nsp(&v.talk), slice_str(v.id)),
        "who is back is not forgotten");
    stop(&v);
}

/* Only messages that can be missed by nobody are kept. */
static void test_what_is_kept(void)
{
    struct traveller v;
    start(&v);
    lose(&v);
    const struct sio_audience all = { .is_volatile = true };
    struct sio_message *m = sio_event_new(talk_nsp(&v.talk), S("v"), S(""), false);
    const struct sio_audience surely = { .n_rooms = 0 };
    sio_broadcast(talk_nsp(&v.talk), &all, m);
    sio_broadcast(talk_nsp(&v.talk), &surely, m);
    sio_message_unref(m);
    tell_all(&v.talk, "1");
    ok(is_back(&v) && n_missed(&v.p) == 1, "what is not lasting is not");
    stop(&v);
}

static void test_binary(void)
{
    static const struct slice bytes = SLICE("\0\1");
    struct traveller v;
    const struct sio_event e = { .name = S("b"),
        .args = S("{\"_placeholder\":true,\"num\":0}"),
        .attachments = &bytes,
        .n_attachments = 1 };
    start(&v);
    lose(&v);
    const struct sio_audience all = { .n_rooms = 0 };
    struct sio_message *m = sio_binary_event_new(talk_nsp(&v.talk), &e, true);
    sio_broadcast(talk_nsp(&v.talk), &all, m);
    sio_message_unref(m);
    ok(is_back(&v), "back");
    struct slice got = buf_slice(&v.p.fake.got);
    ok(slice_starts(got, S("|451-[\"b\",{\"_placeholder\":true,\"num\":0},\"")), "a binary event");
    size_t head = strlen("|451-[\"b\",{\"_placeholder\":true,\"num\":0},\"\"]") + SIO_OFFSET_BYTES;
    ok(slice_starts(slice_drop(got, head), S("|#\0\1|40{")), "with its attachment");
    stop(&v);
}

/* ---- rooms ---- */

static void tell(struct talk *t, const char *room, const char *except, const char *args)
{
    struct slice to = slice_str(room);
    struct slice without = slice_str(except);
    const struct sio_audience audience = {
        .rooms = &to, .n_rooms = to.len > 0, .except = &without, .n_except = without.len > 0
    };
    struct sio_message *m = sio_event_new(talk_nsp(t), S("e"), slice_str(args), true);
    sio_broadcast(talk_nsp(t), &audience, m);
    sio_message_unref(m);
}

static void test_rooms(void)
{
    struct traveller v;
    start(&v);
    is_int(sio_join(v.p.socket, S("x")), 0, "joins x");
    is_int(sio_join(v.p.socket, S("y")), 0, "joins y");
    lose(&v);
    tell(&v.talk, "x", "", "1");
    tell(&v.talk, "z", "", "2");
    tell(&v.talk, "x", "y", "3");
    tell(&v.talk, v.id, "", "4");
    tell(&v.talk, "", v.id, "5");
    tell(&v.talk, "", "z", "6");
    ok(is_back(&v) && n_missed(&v.p) == 3, "it missed what was meant for it");
    ok(fake_find(&v.p.fake, "[\"e\",1,") && fake_find(&v.p.fake, "[\"e\",4,") &&
            fake_find(&v.p.fake, "[\"e\",6,"),
        "and nothing else");
    buf_reset(&v.p.fake.got);
    tell(&v.talk, "x", "", "7");
    tell(&v.talk, "y", "", "8");
    ok(v.p.fake.got.len == 2 * strlen("|42[\"e\",7,\"0123456789ab\"]"), "its rooms are its rooms");
    fake_say(&v.p.fake, "41");
    buf_reset(&v.p.fake.got);
    tell(&v.talk, "x", "", "9");
    fake_got(&v.p.fake, "", "until it leaves");
    stop(&v);
}

static void leave_everything(struct talk *t, struct sio_socket *s)
{
    (void)t;
    sio_leave(s, S("x"));
    is_int(sio_join(s, S("z")), ERR_CLOSED, "no more rooms");
}

/* An application that tidies up does not take the rooms away from one who comes
 * back. */
static void test_tidy_application(void)
{
    struct traveller v;
    start(&v);
    is_int(sio_join(v.p.socket, S("x")), 0, "joins x");
    v.talk.on_end = leave_everything;
    lose(&v);
    v.talk.on_end = NULL;
    tell(&v.talk, "x", "", "1");
    ok(is_back(&v) && n_missed(&v.p) == 1, "still in x");
    stop(&v);
}

/* ---- who is not taken back ---- */

static void test_wrong_words(void)
{
    struct traveller v;
    start(&v);
    lose(&v);
    tell_all(&v.talk, "1");
    const char *const wrong[][2] = { { v.id, v.offset }, { "", v.offset }, { v.pid, "" },
        { v.pid, "000000000000" }, { v.pid, "0" }, { "AAAAAAAAAAAAAAAAAAAA", v.offset } };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ok(!is_back_as(&v, wrong[i][0], wrong[i][1]), "wrong words %zu", i);
        is_int(n_missed(&v.p), 0, "get nothing of another's");
        eio_carrier_lost(&v.p.fake.carrier, EIO_TRANSPORT_CLOSE);
        peer_close(&v.p);
    }
    static const char *const odd[] = { "{\"pid\":1,\"offset\":2}", "{\"pid\":{},\"offset\":[]}",
        "{\"offset\":\"x\"}", "{\"pid\":\"\\u0000\",\"offset\":\"\"}" };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        peer_open(&v.p, &v.talk);
        peer_connect(&v.p, &v.talk, odd[i]);
        ok(v.p.id[0] && strcmp(v.p.id, v.id) != 0, "%s is no claim", odd[i]);
        eio_carrier_lost(&v.p.fake.carrier, EIO_TRANSPORT_CLOSE);
        peer_close(&v.p);
    }
    ok(is_back(&v) && n_missed(&v.p) == 1, "the right ones still do");
    stop(&v);
}

static void test_only_once(void)
{
    struct traveller v;
    struct peer first;
    start(&v);
    lose(&v);
    ok(is_back(&v), "back");
    first = v.p;
    ok(!is_back(&v), "not a second time while the first is there");
    eio_close(first.session, EIO_SERVER_SHUTDOWN);
    peer_close(&first);
    stop(&v);
}

static void test_window(void)
{
    for (unsigned late = 0; late < 2; late++) {
        struct traveller v;
        start(&v);
        lose(&v);
        rig_pass_us(&v.talk.rig, TALK_KEEP_MS * UINT64_C(1000) - 1 + late);
        is_int(is_back(&v), !late, "%s", late ? "too late by a microsecond" : "just in time");
        stop(&v);
    }
}

/* Each has a window of its own. */
static void test_windows_overlap(void)
{
    struct traveller v;
    struct peer other;
    start(&v);
    lose(&v);
    rig_pass_ms(&v.talk.rig, TALK_KEEP_MS / 2);
    peer_enter(&other, &v.talk);
    emit(&other, "0");
    char offset[SIO_OFFSET_BYTES + 1];
    offset_of(offset, &other);
    eio_carrier_lost(&other.fake.carrier, EIO_TRANSPORT_CLOSE);
    rig_pass_ms(&v.talk.rig, TALK_KEEP_MS / 2);
    ok(!is_back(&v), "the first is forgotten");
    eio_carrier_lost(&v.p.fake.carrier, EIO_TRANSPORT_CLOSE);
    peer_close(&v.p);
    rig_pass_us(&v.talk.rig, TALK_KEEP_MS / 2 * UINT64_C(1000) - 1);
    memcpy(v.id, other.id, sizeof v.id);
    memcpy(v.pid, other.pid, sizeof v.pid);
    ok(is_back_as(&v, other.pid, offset), "the second is not");
    peer_close(&other);
    stop(&v);
}

static void test_reasons(void)
{
    static const struct {
        const char *packet;
        int reason;
        bool may_return;
    } rows[] = {
        { NULL, EIO_TRANSPORT_CLOSE, true },
        { NULL, EIO_TRANSPORT_ERROR, true },
        { "1", 0, true },
        { "2", 0, true },
        { "41", 0, false },
        { "42[\"kick\",false]", 0, false },
        { "42[\"kick\",true]", 0, false },
        { "x", 0, false },
        { "4x", 0, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct traveller v;
        start(&v);
        if (rows[i].packet)
            fake_say(&v.p.fake, rows[i].packet);
        else
            eio_carrier_lost(&v.p.fake.carrier, (enum eio_reason)rows[i].reason);
        peer_close(&v.p);
        is_int(is_back(&v), rows[i].may_return, "after '%s' (%d)",
            rows[i].packet ? rows[i].packet : "", rows[i].reason);
        stop(&v);
    }
}

static void test_refused(void)
{
    struct traveller v;
    char auth[160];
    start(&v);
    lose(&v);
    snprintf(auth, sizeof auth, "40/other,{\"pid\":\"%s\",\"offset\":\"%s\"}", v.pid, v.offset);
    peer_open(&v.p, &v.talk);
    fake_say(&v.p.fake, auth);
    ok(fake_find(&v.p.fake, "40/other,{\"sid\"") && !fake_find(&v.p.fake, v.id),
        "a secret holds in its namespace only");
    eio_carrier_lost(&v.p.fake.carrier, EIO_TRANSPORT_CLOSE);
    peer_close(&v.p);
    ok(is_back(&v), "where it still does");
    stop(&v);
}

/* The application's no is not the end. */
static void test_shut(void)
{
    struct traveller v;
    start(&v);
    lose(&v);
    v.talk.is_shut = true;
    ok(!is_back(&v) && fake_find(&v.p.fake, "|44{"), "kept out for now");
    peer_close(&v.p);
    v.talk.is_shut = false;
    ok(is_back(&v), "let in later, as who it was");
    stop(&v);
}

/* The secret alone is not enough: to whoever may not return all is as if it were too late. */
static void test_somebody_else(void)
{
    struct traveller v;
    start(&v);
    lose(&v);
    tell_all(&v.talk, "1");
    v.talk.is_distrustful = true;
    ok(!is_back(&v), "somebody else is somebody else");
    is_int(n_missed(&v.p), 0, "and is given nothing of it");
    ok(strlen(v.p.pid) == SIO_ID_BYTES && strcmp(v.p.pid, v.pid) != 0, "but a secret of its own");
    char want[160];
    snprintf(want, sizeof want, "|may? {\"pid\":\"%s\",\"offset\":\"%s\"}|in", v.pid, v.offset);
    talk_heard(&v.talk, want, "as anybody who comes");
    eio_carrier_lost(&v.p.fake.carrier, EIO_TRANSPORT_CLOSE);
    peer_close(&v.p);
    v.talk.is_distrustful = false;
    ok(is_back(&v) && n_missed(&v.p) == 1, "nothing is lost by it");
    stop(&v);
}

static void test_sent_away_while_lost(void)
{
    struct traveller v;
    start(&v);
    struct sio_socket *s = v.p.socket;
    lose(&v);
    sio_disconnect(s, false);
    talk_heard(&v.talk, "", "it is told nothing more");
    rig_turn(&v.talk.rig);
    ok(!is_back(&v), "who was sent away does not come back");
    is_int(n_missed(&v.p), 0, "to anything");
    stop(&v);
}

static void test_never_sent_anything(void)
{
    struct talk t;
    struct peer p;
    talk_open(&t, TALK_KEEP_MS);
    peer_enter(&p, &t);
    fake_say(&p.fake, "421[\"echo\"]");
    eio_carrier_lost(&p.fake.carrier, EIO_TRANSPORT_CLOSE);
    rig_turn(&t.rig);
    tell_all(&t, "1"); /* not kept: there is no offset from which on it could be missed */
    talk_close(&t);
    peer_close(&p);
}

static void test_switched_off(void)
{
    struct talk t;
    struct peer p;
    talk_open(&t, 0);
    peer_enter(&p, &t);
    is_str(p.pid, "", "no secret");
    emit(&p, "1");
    fake_got(&p.fake, "|42[\"e\",1]", "no offset");
    eio_carrier_lost(&p.fake.carrier, EIO_TRANSPORT_CLOSE);
    peer_close(&p);
    peer_open(&p, &t);
    peer_connect(&p, &t, "{\"pid\":\"\",\"offset\":\"\"}");
    ok(p.socket, "whoever asks is new");
    talk_close(&t);
    peer_close(&p);
}

/* ---- limits ---- */

static void test_missed_too_much(void)
{
    static const unsigned counts[] = { HISTORY_MAX - 1, HISTORY_MAX };
    for (size_t i = 0; i < 2; i++) {
        struct traveller v;
        start(&v);
        lose(&v);
        for (unsigned n = 0; n < counts[i]; n++)
            tell_all(&v.talk, "1");
        bool is_same = is_back(&v);
        ok(i == 0 ? is_same && n_missed(&v.p) == counts[i] : !is_same && n_missed(&v.p) == 0,
            "%u missed: all or nothing", counts[i]);
        stop(&v);
    }
}

/* Loses that many, each with this message in its history; the first is then the traveller. */
static void lose_many(struct traveller *v, unsigned n, struct sio_message *m)
{
    for (unsigned i = 0; i < n; i++) {
        struct peer p;
        peer_enter(&p, &v->talk);
        sio_send(p.socket, m);
        if (i == 0) {
            memcpy(v->id, p.id, sizeof v->id);
            memcpy(v->pid, p.pid, sizeof v->pid);
            snprintf(v->offset, sizeof v->offset, "%.12s", m->offset);
        }
        eio_carrier_lost(&p.fake.carrier, EIO_TRANSPORT_CLOSE);
        peer_close(&p);
        rig_turn(&v->talk.rig);
    }
}

/* Those lost first are forgotten first. `bytes` each, up to `most` of them. */
static void test_too_many_lost(size_t bytes, unsigned most)
{
    for (unsigned more = 0; more < 2; more++) {
        struct traveller v;
        char *args = malloc(bytes);
        memset(args, '1', bytes);
        talk_open(&v.talk, TALK_KEEP_MS);
        struct sio_message *m = sio_event_new(
            talk_nsp(&v.talk), S("e"), slice_of(args, bytes), true);
        lose_many(&v, most + more, m);
        is_int(is_back(&v), !more, "of %u the first is %s", most + more, more ? "gone" : "there");
        eio_carrier_lost(&v.p.fake.carrier, EIO_TRANSPORT_CLOSE);
        peer_close(&v.p);
        lose_many(&v, 2, m);
        ok(is_back(&v), "the newest are always there");
        sio_message_unref(m);
        free(args);
        stop(&v);
    }
}

/* What they miss counts as well: it is kept for them. */
static void test_too_much_missed(void)
{
    struct traveller v;
    const size_t bytes = 250000;
    char *args = malloc(bytes + 1);
    memset(args, '1', bytes);
    args[bytes] = '\0';
    talk_open(&v.talk, TALK_KEEP_MS);
    struct sio_message *m = sio_event_new(talk_nsp(&v.talk), S("e"), S("1"), true);
    lose_many(&v, LOST_MAX_BYTES / bytes + 2, m);
    is_int(v.talk.server->lost.n, LOST_MAX_BYTES / bytes + 2, "many are lost");
    tell_all(&v.talk, args);
    rig_pass_ms(&v.talk.rig, 1);
    ok(v.talk.server->lost_bytes <= LOST_MAX_BYTES, "what is kept for them is bounded");
    ok(v.talk.server->lost.n > 250, "most of them are still there: %u", v.talk.server->lost.n);
    ok(!is_back(&v), "who was lost first is not");
    sio_message_unref(m);
    free(args);
    stop(&v);
}

/* ---- without memory ---- */

static void journey(void *arg)
{
    struct talk *t = arg;
    struct peer p;
    struct peer q = { .id = "" };
    char offset[SIO_OFFSET_BYTES + 1] = "";
    bool is_here = peer_try(&p, t) == 0;
    if (is_here)
        peer_connect(&p, t, "");
    if (is_here && p.socket) {
        int err = sio_join(p.socket, S("x"));
        ok(!err || err == ERR_NO_MEMORY, "a room or none");
        for (unsigned i = 0; i < 6; i++)
            emit(&p, "1");
        offset_of(offset, &p);
        fake_say(&p.fake, "451-[\"a\",{\"_placeholder\":true,\"num\":0}]");
        eio_receive_binary(&p.fake.carrier, S("x"));
        fake_say(&p.fake, "451-[\"a\",{\"_placeholder\":true,\"num\":0}]");
    }
    if (is_here)
        eio_carrier_lost(&p.fake.carrier, EIO_TRANSPORT_CLOSE);
    if (is_here && p.socket) {
        char auth[128];
        tell_all(t, "2");
        snprintf(auth, sizeof auth, "{\"pid\":\"%s\",\"offset\":\"%s\"}", p.pid, offset);
        if (peer_try(&q, t) == 0) {
            peer_connect(&q, t, auth);
            fake_say(&q.fake, "41");
            eio_close(q.session, EIO_SERVER_CLOSE);
        }
        peer_close(&q);
    }
    peer_close(&p);
    rig_turn(&t->rig);
    rig_pass_ms(&t->rig, TALK_KEEP_MS);
    buf_reset(&t->heard);
}

static void test_without_memory(void)
{
    struct talk t;
    talk_open(&t, TALK_KEEP_MS);
    journey(&t); /* places for timers are there from now on */
    fault_each(FAULT_ALLOC, journey, &t);
    talk_close(&t);
}

int main(void)
{
    rig_prepare();
    test_return();
    test_nothing_missed();
    test_what_is_kept();
    test_binary();
    test_rooms();
    test_tidy_application();
    test_wrong_words();
    test_only_once();
    test_window();
    test_windows_overlap();
    test_reasons();
    test_refused();
    test_shut();
    test_somebody_else();
    test_sent_away_while_lost();
    test_never_sent_anything();
    test_switched_off();
    test_missed_too_much();
    test_too_much_missed();
    test_too_many_lost(1, LOST_MAX);
    test_too_many_lost(250000, LOST_MAX_BYTES / 250100);
    test_without_memory();
    return done();
}
