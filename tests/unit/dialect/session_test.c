/* Language B by itself: its tables, its objects, and what each kind of listener hears of an event.
 * Whole conversations are in tests/wire/session/. */
#include "dialect/session/session.h"

#include "dialect/registry.h"
#include "hearing.h"

#define AT "\"2023-11-14T22:13:20.000Z\""

static const struct dialect *dialect(void)
{
    return session_language.dialect;
}

/* ---- objects ---- */

struct page {
    struct buf json;
    struct json_writer w;
};

static struct json_writer *page_open(struct page *p)
{
    buf_init(&p->json, 65536);
    jw_init(&p->w, &p->json);
    return &p->w;
}

static void page_is(struct page *p, const char *want, const char *what)
{
    jw_end(&p->w);
    is_slice(buf_slice(&p->json), want, "%s", what);
    buf_fini(&p->json);
}

static void test_message(void)
{
    struct page p;
    struct store_message m = { .id = S("m1"),
        .user_id = S("u1"),
        .name = S("Ada"),
        .text = S("Hi"),
        .kind = MESSAGE_EMOJI,
        .at_ms = STAGE_START_MS };
    jw_object(page_open(&p));
    session_message(&p.w, S("s1"), &m);
    page_is(&p,
        "{\"id\":\"m1\",\"_id\":\"m1\",\"sessionId\":\"s1\",\"userId\":\"u1\",\"userName\":\"Ada\","
        "\"message\":\"Hi\",\"messageType\":\"emoji\",\"createdAt\":" AT ",\"updatedAt\":" AT
        ",\"timestamp\":1700000000000}",
        "a message");
    m.edited_at_ms = STAGE_START_MS + 1000;
    m.to = S("u2");
    m.kind = MESSAGE_SYSTEM;
    jw_object(page_open(&p));
    session_message(&p.w, S("s1"), &m);
    page_is(&p,
        "{\"id\":\"m1\",\"_id\":\"m1\",\"sessionId\":\"s1\",\"userId\":\"u1\",\"userName\":\"Ada\","
        "\"message\":\"Hi\",\"messageType\":\"system\",\"createdAt\":" AT
        ",\"updatedAt\":\"2023-11-14T22:13:21.000Z\",\"timestamp\":1700000000000,\"to\":\"u2\"}",
        "a private one of the system, edited");
}

static void card_is(
    const struct store_room *s, const struct room *room, const char *want, const char *what)
{
    struct page p;
    jw_object(page_open(&p));
    session_card(&p.w, s, room);
    page_is(&p, want, what);
}

static void test_card(void)
{
    struct stage s;
    struct store_room r = { .id = S("s1"), .created_at_ms = STAGE_START_MS };
    stage_init(&s, MODE_STUDY);
    card_is(&r, NULL,
        "{\"sessionId\":\"s1\",\"title\":\"s1\",\"participantCount\":0,\"createdAt\":" AT
        ",\"status\":\"live\"}",
        "a session without title, not in memory");
    r.title = S("Algebra");
    r.settings.mode = MODE_INTERVIEW;
    card_is(&r, s.room,
        "{\"sessionId\":\"s1\",\"title\":\"Algebra\",\"participantCount\":4,\"createdAt\":" AT
        ",\"status\":\"waiting\"}",
        "one that is to be started, with four people");
    r.is_started = true;
    card_is(&r, NULL,
        "{\"sessionId\":\"s1\",\"title\":\"Algebra\",\"participantCount\":0,\"createdAt\":" AT
        ",\"status\":\"live\"}",
        "started");
    r.is_ended = true;
    card_is(&r, NULL,
        "{\"sessionId\":\"s1\",\"title\":\"Algebra\",\"participantCount\":0,\"createdAt\":" AT
        ",\"status\":\"ended\"}",
        "ended");
    stage_fini(&s, "cards");
}

#define ENTRY(seat, user, name)                                                     \
    "{\"socketId\":\"" seat "\",\"userId\":\"" user "\",\"userName\":\"" name "\"," \
    "\"initiator\":true,\"polite\":false}"

static void test_roster(void)
{
    struct stage s;
    struct page p;
    stage_init(&s, MODE_STUDY);
    is_int(hear_join(&s, "ann", "ann2"), 0, "ann has a second connection");
    struct deed d = stage_deed(&s, "co");
    is_int(stage_did(&s, room_lose(&s.log, s.room, &d, LOSS_THEIRS)), 0, "co is lost");
    d = stage_deed(&s, "host");
    is_int(stage_did(&s, room_leave(&s.log, s.room, &d)), 0, "host has left");
    STAGE_SET(&s, approval, true);
    is_int(hear_join(&s, "eve", "eve"), 0, "eve waits");
    struct session_roster r = { .room = s.room, .but_seat = S("ann2") };
    jw_array(page_open(&p));
    session_participants(&p.w, &r);
    page_is(&p, "[" ENTRY("ann", "ann", "ann") "," ENTRY("bob", "bob", "Bob") "]",
        "every connection but one's own");
    r = (struct session_roster){ .room = s.room, .but_user = S("ann") };
    jw_array(page_open(&p));
    session_participants(&p.w, &r);
    page_is(&p, "[" ENTRY("bob", "bob", "Bob") "]", "all but one person's");
    stage_fini(&s, "rosters");
}

static void test_claimed(void)
{
    is_slice(session_claimed(S("\"u1\"")), "u1", "a text");
    is_slice(session_claimed(S("\"\"")), "", "an empty one");
    is_slice(session_claimed(S("17")), "17", "a number");
    is_slice(session_claimed(S("{\"$oid\":1}")), "{\"$oid\":1}", "an object");
    is_slice(session_claimed(S("\"a\\u0062\"")), "a\\u0062", "escapes stay");
    is_slice(session_claimed(S("")), "", "nothing");
}

/* ---- events ---- */

#define HEARS(user, seat) hear(&h, dialect(), &s, e, (user), (seat))

static void test_coming(void)
{
    static struct hearing h;
    struct stage s;
    stage_init(&s, MODE_STUDY);
    is_int(hear_join(&s, "ann", "ann2"), 0, "ann comes with a second connection");
    const struct event *e = stage_event(&s, 0);
    const char *want = "user-joined {\"seq\":7,\"socketId\":\"ann2\",\"userId\":\"ann\","
                       "\"userName\":\"ann\",\"initiator\":false,\"polite\":true}";
    is_str(HEARS("bob", "bob"), want, "the others hear of each connection");
    is_str(HEARS("ann", "ann"), want, "her first one, too");
    is_str(HEARS("ann", "ann2"), "", "that one itself does not");
    stage_clear(&s);
    struct deed d = stage_deed(&s, "ann");
    is_int(stage_did(&s, room_lose(&s.log, s.room, &d, LOSS_THEIRS)), 0, "her first one is lost");
    e = stage_event(&s, 0);
    is_str(HEARS("bob", "bob"),
        "user-left {\"seq\":8,\"socketId\":\"ann\",\"userId\":\"ann\",\"userName\":\"ann\"}",
        "that is told as leaving");
    struct event over = { .type = EV_LEFT, .actor = S("ann"), .seq = 9 };
    e = &over;
    is_str(HEARS("bob", "bob"), "", "that a place is no longer kept is not told");
    stage_fini(&s, "coming and going");
}

static void test_kick(void)
{
    static struct hearing h;
    struct stage s;
    stage_init(&s, MODE_STUDY);
    is_int(hear_join(&s, "ann", "ann2"), 0, "ann has two connections");
    stage_clear(&s);
    struct deed d = stage_deed(&s, "host");
    is_int(stage_did(&s, room_kick(&s.log, s.room, &d, S("ann"), S("Rude."))), 0, "is kicked");
    const struct event *e = stage_event(&s, 0);
    is_str(HEARS("ann", "ann2"), "kicked {\"seq\":8,\"reason\":\"Rude.\",\"sessionId\":\"stage\"}",
        "she hears why");
    is_str(HEARS("bob", "bob"),
        "user-left {\"seq\":8,\"socketId\":\"ann\",\"userId\":\"ann\",\"userName\":\"ann\"}\n"
        "user-left {\"seq\":8,\"socketId\":\"ann2\",\"userId\":\"ann\",\"userName\":\"ann\"}",
        "the others hear that each connection left");
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
    is_slice(e->kicked.seats, "eve", "from a seat");
    is_str(HEARS("host", "host"), "", "whom nobody saw come, nobody sees leave");
    stage_fini(&s, "kicked at the door");
}

static void test_chat(void)
{
    static struct hearing h;
    struct stage s;
    stage_init(&s, MODE_STUDY);
    is_int(hear_chat(&s, "ann", "ann", S("")), 0, "ann speaks");
    const struct event *e = stage_event(&s, 0);
    const char *want = "chat-message {\"seq\":7,\"id\":\"id6\",\"_id\":\"id6\",\"sessionId\":"
                       "\"stage\",\"userId\":\"ann\",\"userName\":\"Ann\",\"message\":\"Hello\","
                       "\"messageType\":\"text\",\"createdAt\":" AT ",\"updatedAt\":" AT
                       ",\"timestamp\":1700000000000}";
    is_str(HEARS("bob", "bob"), want, "the others hear it");
    is_str(HEARS("ann", "ann2"), want, "another connection of hers does");
    is_str(HEARS("ann", "ann"), "", "the one it came from has the answer");
    stage_clear(&s);
    is_int(hear_chat(&s, "ann", "", S("")), 0, "ann speaks by a route");
    e = stage_event(&s, 0);
    ok(HEARS("bob", "bob")[0] != '\0', "the others hear it");
    is_str(HEARS("ann", "ann"), "", "her route has answered her");
    stage_clear(&s);
    is_int(hear_chat(&s, "", "", S("")), 0, "the room speaks");
    e = stage_event(&s, 0);
    ok(HEARS("ann", "ann")[0] != '\0', "everybody hears it");
    stage_clear(&s);
    is_int(hear_chat(&s, "ann", "ann", S("bob")), 0, "ann speaks to bob alone");
    e = stage_event(&s, 0);
    ok(strstr(HEARS("bob", "bob"), "\"to\":\"bob\"") != NULL, "who hears to whom");
    is_str(HEARS("co", "co"), "", "nobody else hears it");
    stage_fini(&s, "chat");
}

#define SENDER "\"from\":\"ann\",\"fromSocketId\":\"ann\",\"userId\":\"ann\",\"userName\":\"Ann\""

static void test_signals(void)
{
    static const struct {
        const char *kind;
        const char *data;
        const char *want;
    } cases[] = {
        { "offer", "\"v=0\"", "webrtc-offer {" SENDER ",\"offer\":\"v=0\",\"sdp\":\"v=0\"}" },
        { "answer", "{\"a\":[]}",
            "webrtc-answer {" SENDER ",\"answer\":{\"a\":[]},\"sdp\":{\"a\":[]}}" },
        { "candidate", "", "webrtc-ice-candidate {" SENDER ",\"candidate\":null}" },
        { "data", "{}", "" },
    };
    static struct hearing h;
    struct stage s;
    stage_init(&s, MODE_STUDY);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        stage_clear(&s);
        is_int(hear_signal(&s, slice_str(cases[i].kind), slice_str(cases[i].data)), 0, "a signal");
        const struct event *e = stage_event(&s, 0);
        is_str(HEARS("bob", "bob"), cases[i].want, "of the kind %s", cases[i].kind);
        is_str(HEARS("co", "co"), "", "for nobody else");
    }
    stage_fini(&s, "signals");
}

static void test_approval(void)
{
    static struct hearing h;
    struct stage s;
    stage_init(&s, MODE_STUDY);
    STAGE_SET(&s, approval, true);
    is_int(hear_join(&s, "eve", "eve1"), 0, "eve waits");
    is_int(hear_join(&s, "eve", "eve2"), 0, "twice");
    const struct event *e = stage_event(&s, 0);
    is_str(HEARS("host", "host"), "", "the language has no word for it");
    stage_clear(&s);
    struct deed d = stage_deed(&s, "host");
    is_int(stage_did(&s, room_approve(&s.log, s.room, &d, S("eve"), true)), 0, "she is let in");
    e = stage_event(&s, 0);
    const char *want = "existing-participants [" ENTRY("host", "host", "Hannah") "," ENTRY(
        "co", "co", "Cole") "," ENTRY("ann", "ann", "Ann") "," ENTRY("bob", "bob", "Bob") "]";
    is_str(HEARS("eve", "eve1"), want, "she is told who is there");
    is_str(HEARS("eve", "eve2"), want, "on both");
    stage_fini(&s, "let in");
}

static void test_rejection(void)
{
    hear_rejection(dialect(),
        "join-rejected {\"seq\":8,\"message\":\"The host did not let you in.\","
        "\"sessionId\":\"stage\"}",
        "session-ended {\"seq\":9,\"message\":\"Over.\",\"sessionId\":\"stage\"}");
}

static void refusal_is(const struct refusal *r, const char *want, const char *what)
{
    struct buf json;
    struct words words;
    buf_init(&json, 4096);
    words_init(&words, &json, false);
    dialect()->refuse(&words, r);
    is_str(words.at[0].name, "error", "%s", what);
    is_slice(words_json(&words, 0), want, "%s", what);
    buf_fini(&json);
}

static void test_refusals(void)
{
    refusal_is(&(struct refusal){ .err = ERR_RATE_LIMITED,
                   .text = S("Wait."),
                   .request = "chat-message",
                   .retry_ms = 50 },
        "{\"code\":\"RATE_LIMITED\",\"message\":\"Wait.\",\"event\":\"chat-message\","
        "\"retryAfterMs\":50}",
        "too often");
    refusal_is(&(struct refusal){ .err = ERR_UNKNOWN_MESSAGE, .text = S("What?") },
        "{\"code\":\"UNKNOWN_MESSAGE\",\"message\":\"What?\",\"event\":null}", "of no name");
}

int main(void)
{
    language_is_sound(&session_language);
    test_message();
    test_card();
    test_roster();
    test_claimed();
    test_coming();
    test_kick();
    test_kick_of_one_who_waits();
    test_chat();
    test_signals();
    test_approval();
    test_rejection();
    test_refusals();
    return done();
}
