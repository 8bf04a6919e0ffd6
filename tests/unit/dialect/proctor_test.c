/* Language D by itself: its tables are sound, what it says of events that no conversation of
 * tests/wire/proctor/ shows, and that the longest texts fit. */
#include "dialect/proctor/parts.h"
#include "dialect/registry.h"
#include "hearing.h"

static const struct dialect *dialect(void)
{
    return proctor_language.dialect;
}

/* ---- tables ---- */

static bool is_sound(const struct row *r)
{
    struct field_error error = { .text = "" };
    if (r->fields && fields_check(&error, r->fields, r->args_bytes)) {
        note("%s: %s", r->name, error.text);
        return false;
    }
    bool names_room = r->room_at > 0 && r->fields;
    return names_room == (r->room == ASK_ROOM) && r->handle && r->help &&
        times_rowed(&proctor_language, r->name) == 1;
}

static void test_rows(void)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < proctor_language.n_rows; i++) {
        const struct row *r = &proctor_language.rows[i];
        bool is_good = is_sound(r) && answers_are_said(&proctor_language, r);
        if (!is_good)
            note("the row %s", r->name);
        wrong += !is_good;
    }
    is_int(wrong, 0, "rows are whole, their fields sound, their answers known");
    is_int(proctor_language.n_rows, 16, "source D's fifteen and chat");
}

static void test_said(void)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < proctor_language.n_said; i++) {
        const struct said *s = &proctor_language.said[i];
        char start[64];
        snprintf(start, sizeof(start), "{\"type\":\"%s\",", s->name);
        bool is_good = example_is_sound(s) &&
            times_said(&proctor_language, slice_str(s->name)) == 1;
        if (!is_good || !slice_starts(slice_str(s->example), slice_str(start))) {
            note("what is said as %s", s->name);
            wrong++;
        }
    }
    is_int(wrong, 0, "every example is an object of its own type");
}

/* ---- refusals ---- */

static void refusal_is(const struct refusal *r, const char *want, const char *what)
{
    struct buf json;
    struct words w;
    buf_init(&json, 4096);
    words_init(&w, &json, true);
    dialect()->refuse(&w, r);
    is_slice(words_json(&w, 0), want, "%s", what);
    buf_fini(&json);
}

static void test_refusals(void)
{
    refusal_is(
        &(struct refusal){ .err = ERR_NOT_HOST, .text = S("Hosts only."), .request = "END_ROOM" },
        "{\"type\":\"ERROR\",\"code\":\"NOT_HOST\",\"message\":\"Hosts only.\","
        "\"requestType\":\"END_ROOM\"}",
        "a request that was refused");
    refusal_is(&(struct refusal){ .err = ERR_RATE_LIMITED, .text = S("Wait."), .retry_ms = 250 },
        "{\"type\":\"ERROR\",\"code\":\"RATE_LIMITED\",\"message\":\"Wait.\","
        "\"requestType\":null,\"retryAfterMs\":250}",
        "one without a name, too often");
}

/* ---- events ---- */

static void test_silence(void)
{
    static const enum event_type silent[] = { EV_CREATED, EV_UPDATED, EV_MUTED, EV_READMITTED,
        EV_HAND, EV_MEDIA, EV_TYPING, EV_SIGNAL, EV_CHAT_EDITED, EV_CHAT_DELETED, EV_FILE, EV_DREW,
        EV_UNDREW, EV_CLEARED, EV_BOARD_SAVED, EV_CURSOR, EV_TIMER, EV_GOAL };
    struct stage s;
    struct buf json;
    struct words w;
    stage_init(&s, MODE_INTERVIEW);
    buf_init(&json, 4096);
    words_init(&w, &json, true);
    const struct view v = { .room = s.room };
    for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
        dialect()->tell(&w, &v, &(struct event){ .type = silent[i] }, PROCTOR_EAR_OTHERS);
    is_int(w.n, 0, "what the language has no word for is not said");
    buf_fini(&json);
    stage_fini(&s, "silence");
}

static void test_private(void)
{
    static const char want[] =
        "CHAT_MESSAGE {\"type\":\"CHAT_MESSAGE\",\"seq\":%u,\"data\":{\"id\":\"%.*s\","
        "\"userId\":\"ann\",\"username\":\"%s\",\"text\":\"Hello\",\"timestamp\":%lld,"
        "\"to\":\"bob\"}}";
    char text[512];
    struct hearing h;
    struct stage s;
    stage_init(&s, MODE_INTERVIEW);
    stage_clear(&s);
    is_int(hear_chat(&s, "ann", "ann", S("bob")), 0, "a private message");
    const struct event *e = stage_event(&s, 0);
    const struct slice id = e->chat.id;
    snprintf(text, sizeof(text), want, (unsigned)e->seq, (int)id.len, id.p,
        room_member(s.room, S("ann"))->name, (long long)e->at_ms);
    is_str(hear(&h, dialect(), &s, e, "bob", "bob"), text, "says whom it is for");
    is_str(hear(&h, dialect(), &s, e, "host", "host"), "", "nobody else hears it");
    stage_fini(&s, "private");
}

/* As many characters of four bytes as there may be. */
static struct slice longest(char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        memcpy(text + i * 4, "\xf0\x9f\x98\x80", 4);
    return slice_of(text, n * 4);
}

static void test_long_reason(void)
{
    static char reason[ROOM_REASON_MAX * 4];
    struct hearing h;
    struct stage s;
    stage_init(&s, MODE_INTERVIEW);
    stage_clear(&s);
    struct deed d = stage_deed(&s, "host");
    struct slice text = longest(reason, ROOM_REASON_MAX);
    is_int(stage_did(&s, room_kick(&s.log, s.room, &d, S("ann"), text)), 0, "a long reason");
    const char *heard = hear(&h, dialect(), &s, stage_event(&s, 0), "ann", "ann");
    ok(strstr(heard, " Reason: \xf0\x9f\x98\x80") != NULL, "is said");
    ok(strlen(heard) > sizeof(reason), "in full");
    stage_fini(&s, "a long reason");
}

static void test_long_name(void)
{
    static char name[ROOM_NAME_MAX * 4 + 1];
    struct hearing h;
    struct stage s;
    stage_init(&s, MODE_INTERVIEW);
    longest(name, ROOM_NAME_MAX);
    is_int(stage_join(&s, "cat", name), 0, "a long name");
    stage_clear(&s);
    struct deed d = stage_deed(&s, "cat");
    is_int(stage_did(&s, room_report(&s.log, s.room, &d, REPORT_TAB_SWITCH)), 0, "of one who goes");
    const char *heard = hear(&h, dialect(), &s, stage_event(&s, 0), "host", "host");
    ok(strstr(heard, "\xf0\x9f\x98\x80 switched to another tab\"") != NULL,
        "the sentence is whole");
    stage_fini(&s, "a long name");
}

/* ---- the host ---- */

static void host_is(const struct room *r, const char *want, const char *what)
{
    struct buf json;
    struct json_writer w;
    const struct view v = { .room = r };
    buf_init(&json, 4096);
    jw_init(&w, &json);
    jw_object(&w);
    proctor_put_host(&w, &v);
    jw_end(&w);
    is_slice(buf_slice(&json), want, "%s", what);
    buf_fini(&json);
}

static int enter(struct stage *s, struct room *r, const char *user, bool is_coming)
{
    enum join_result ignored;
    struct deed d = stage_deed(s, user);
    const struct room_join as = { .name = S("Ann") };
    return is_coming ? room_join(&ignored, &s->log, r, &d, &as) : room_leave(&s->log, r, &d);
}

static struct room *owned(struct stage *s, const char *owner)
{
    struct room *r = room_new(S("r2"), stage_key());
    struct deed d = stage_deed(s, "");
    const struct room_create a = {
        .title = S("R"), .owner_id = slice_str(owner), .settings = room_default_settings(MODE_STUDY)
    };
    is_int(room_create(&s->log, r, &d, &a), 0, "a room of '%s'", owner);
    return r;
}

static void test_host(void)
{
    struct stage s;
    stage_init(&s, MODE_STUDY);
    stage_clear(&s);
    struct room *r = owned(&s, "");
    host_is(r, "{\"hostId\":\"\",\"hostName\":\"\"}", "nobody's room, empty");
    is_int(enter(&s, r, "ann", true), 0, "ann comes");
    host_is(r, "{\"hostId\":\"ann\",\"hostName\":\"Ann\"}", "the host who is there");
    is_int(enter(&s, r, "ann", false), 0, "ann goes");
    host_is(r, "{\"hostId\":\"\",\"hostName\":\"\"}", "and is host no more");
    room_free(r);
    r = owned(&s, "ann");
    host_is(r, "{\"hostId\":\"ann\",\"hostName\":\"\"}", "an owner who has never come");
    is_int(enter(&s, r, "ann", true), 0, "ann comes");
    is_int(enter(&s, r, "ann", false), 0, "ann goes");
    host_is(r, "{\"hostId\":\"ann\",\"hostName\":\"Ann\"}", "the owner, though away");
    room_free(r);
    stage_fini(&s, "hosts");
}

int main(void)
{
    test_rows();
    test_said();
    test_refusals();
    test_silence();
    test_private();
    test_long_reason();
    test_long_name();
    test_host();
    return done();
}
