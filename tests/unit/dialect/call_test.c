/* Language E by itself: its tables, and what each kind of listener hears of an event. Whole
 * conversations are in tests/wire/call/. */
#include "dialect/call/parts.h"
#include "dialect/registry.h"
#include "hearing.h"

#define HEARS(user, seat) hear(&h, &call_dialect, &s, e, (user), (seat))

#define JOINED(seq, seat, roles)                                                    \
    "peer-joined {\"seq\":" seq ",\"peerId\":\"" seat "\",\"displayName\":\"ann\"," \
    "\"userId\":\"ann\",\"roomId\":\"stage\"," roles "}"
#define OFFERS "\"initiator\":true,\"polite\":false"
#define WAITS  "\"initiator\":false,\"polite\":true"

static void test_coming(void)
{
    static struct hearing h;
    struct stage s;
    stage_init(&s, MODE_CALL);
    is_int(hear_join(&s, "ann", "bm"), 0, "ann comes with a second connection");
    const struct event *e = stage_event(&s, 0);
    is_str(HEARS("ann", "ann"), JOINED("7", "bm", OFFERS), "the smaller id offers: ann's first");
    is_str(HEARS("host", "host"), JOINED("7", "bm", WAITS), "the greater one waits");
    is_str(HEARS("ann", "bm"), "", "the one that came does not hear itself come");
    e = &(struct event){ .type = EV_RETURNED, .seq = 8, .actor = S("ann"), .seat = S("bo") };
    ok(strstr(HEARS("bob", "bob"), WAITS) != NULL, "a beginning is smaller: bo before bob");
    e = &(struct event){ .type = EV_RETURNED, .seq = 8, .actor = S("ann"), .seat = S("bob0") };
    ok(strstr(HEARS("bob", "bob"), OFFERS) != NULL, "bob before bob0");
    stage_clear(&s);
    struct deed d = stage_deed(&s, "ann");
    is_int(stage_did(&s, room_lose(&s.log, s.room, &d, LOSS_THEIRS)), 0,
        "her first connection is lost");
    e = stage_event(&s, 0);
    is_str(HEARS("bob", "bob"), "peer-left {\"seq\":8,\"peerId\":\"ann\"}", "that is leaving");
    e = &(struct event){ .type = EV_LEFT, .actor = S("ann"), .seq = 9 };
    is_str(HEARS("bob", "bob"), "", "that a place is no longer kept is not told");
    stage_fini(&s, "coming and going");
}

static void test_kick(void)
{
    static struct hearing h;
    struct stage s;
    stage_init(&s, MODE_CALL);
    is_int(hear_join(&s, "ann", "ann2"), 0, "ann has two connections");
    stage_clear(&s);
    struct deed d = stage_deed(&s, "host");
    is_int(stage_did(&s, room_kick(&s.log, s.room, &d, S("ann"), S("Rude."))), 0, "is kicked");
    const struct event *e = stage_event(&s, 0);
    is_str(HEARS("ann", "ann2"), "kicked {\"seq\":8,\"reason\":\"Rude.\",\"roomId\":\"stage\"}",
        "she hears why");
    is_str(HEARS("bob", "bob"),
        "peer-left {\"seq\":8,\"peerId\":\"ann\"}\npeer-left {\"seq\":8,\"peerId\":\"ann2\"}",
        "the others hear that both peers left");
    stage_fini(&s, "kicked");
}

static void test_kick_of_one_who_waits(void)
{
    static struct hearing h;
    struct stage s;
    stage_init(&s, MODE_STUDY);
    STAGE_SET(&s, approval, true);
    is_int(hear_join(&s, "eve", "eve"), 0, "eve waits");
    stage_clear(&s);
    struct deed d = stage_deed(&s, "host");
    is_int(stage_did(&s, room_kick(&s.log, s.room, &d, S("eve"), S(""))), 0, "and is kicked");
    const struct event *e = stage_event(&s, 0);
    is_str(HEARS("host", "host"), "", "whom nobody saw come, nobody sees leave");
    stage_fini(&s, "kicked at the door");
}

#define PEERS "\"peers\":[\"host\",\"co\",\"ann\",\"bob\"],\"roomId\":\"stage\""
#define PEER(id, name, roles) \
    "{\"peerId\":\"" id "\",\"displayName\":\"" name "\",\"userId\":\"" id "\"" roles "}"

static void test_approval(void)
{
    static struct hearing h;
    struct stage s;
    stage_init(&s, MODE_STUDY);
    STAGE_SET(&s, approval, true);
    is_int(hear_join(&s, "eve", "c1"), 0, "eve waits");
    is_int(hear_join(&s, "eve", "a2"), 0, "twice");
    is_int(hear_join(&s, "eve", "z3"), 0, "thrice");
    is_int(hear_join(&s, "eve", "z4"), 0, "and once more");
    is_int(hear_join(&s, "kim", "kim"), 0, "kim waits as well");
    stage_clear(&s);
    struct deed d = stage_deed(&s, "host");
    is_int(stage_did(&s, room_approve(&s.log, s.room, &d, S("eve"), true)), 0, "she is let in");
    const struct event *e = stage_event(&s, 0);
    is_str(HEARS("eve", "c1"),
        "peers {" PEERS ",\"participants\":[" PEER("host", "Hannah", "," OFFERS) "," PEER(
            "co", "Cole", "," OFFERS) "," PEER("ann", "Ann", "," WAITS) "," PEER("bob", "Bob",
            "," WAITS) "],\"seq\":16,\"epoch\":\"e1\"}",
        "she is told who is there, and to whom this connection offers");
    ok(strstr(HEARS("eve", "a2"), PEER("ann", "Ann", "," OFFERS)) != NULL, "and that one");
    ok(strstr(HEARS("eve", "z3"), PEER("host", "Hannah", "," WAITS)) != NULL, "and the third");
    ok(strstr(HEARS("eve", "z4"), PEER("host", "Hannah", "")) != NULL, "later ones compare ids");
    stage_fini(&s, "let in");
}

static void test_rejection(void)
{
    hear_rejection(&call_dialect,
        "join-rejected {\"seq\":8,\"message\":\"The host did not let you in.\","
        "\"roomId\":\"stage\"}",
        "room-ended {\"seq\":9,\"message\":\"Over.\",\"roomId\":\"stage\"}");
}

static void test_signal(void)
{
    static struct hearing h;
    struct stage s;
    stage_init(&s, MODE_CALL);
    is_int(hear_signal(&s, S("data"), S("[1,null]")), 0, "something for bob");
    const struct event *e = stage_event(&s, 0);
    is_str(
        HEARS("bob", "bob"), "signal {\"from\":\"ann\",\"data\":[1,null]}", "he gets it as it is");
    is_str(HEARS("co", "co"), "", "nobody else does");
    stage_clear(&s);
    is_int(hear_signal(&s, S("offer"), S("\"v=0\"")), 0, "an offer in another language");
    e = stage_event(&s, 0);
    is_str(HEARS("bob", "bob"), "signal {\"from\":\"ann\",\"data\":\"v=0\"}", "is a signal, too");
    stage_fini(&s, "signals");
}

static void test_chat(void)
{
    static struct hearing h;
    struct stage s;
    stage_init(&s, MODE_CALL);
    is_int(hear_chat(&s, "ann", "ann", S("")), 0, "ann speaks");
    const struct event *e = stage_event(&s, 0);
    const char *want = "chat {\"seq\":7,\"id\":\"id6\",\"from\":\"ann\",\"displayName\":\"Ann\","
                       "\"text\":\"Hello\",\"timestamp\":1700000000000,\"roomId\":\"stage\"}";
    is_str(HEARS("bob", "bob"), want, "the others hear it");
    is_str(HEARS("ann", "ann"), want, "so does she");
    stage_clear(&s);
    is_int(hear_chat(&s, "ann", "", S("bob")), 0, "by a route, to bob alone");
    e = stage_event(&s, 0);
    is_str(HEARS("bob", "bob"),
        "chat {\"seq\":8,\"id\":\"id7\",\"from\":\"ann\",\"displayName\":\"Ann\","
        "\"text\":\"Hello\",\"timestamp\":1700000000000,\"roomId\":\"stage\",\"to\":\"bob\"}",
        "he hears it, from the person");
    is_str(HEARS("co", "co"), "", "nobody else does");
    stage_fini(&s, "chat");
}

int main(void)
{
    language_is_sound(&call_language);
    test_coming();
    test_kick();
    test_kick_of_one_who_waits();
    test_approval();
    test_rejection();
    test_signal();
    test_chat();
    return done();
}
