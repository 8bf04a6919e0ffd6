/* Interviews: what counts as a violation and for whom, thresholds, lost connections, code and
 * submissions. */
#include "fault.h"
#include "room/parts.h"
#include "room/room.h"
#include "stage.h"

static void exam_init(struct stage *s)
{
    stage_init(s, MODE_INTERVIEW);
    STAGE_SET(s, warn_at, 0);
    STAGE_SET(s, auto_submit_at, 0);
}

static int report(struct stage *s, const char *user, enum report_kind kind)
{
    struct deed d = stage_deed(s, user);
    return stage_did(s, room_report(&s->log, s->room, &d, kind));
}

static int type(struct stage *s, const char *user, const char *code)
{
    struct deed d = stage_deed(s, user);
    struct room_code a = { .code = slice_str(code), .language = S("c") };
    return stage_did(s, room_code(&s->log, s->room, &d, &a));
}

static int submit(struct stage *s, const char *user, const char *code)
{
    struct deed d = stage_deed(s, user);
    struct room_code a = { .code = slice_str(code), .language = S("c") };
    return stage_did(s, room_submit(&s->log, s->room, &d, &a));
}

/* Of those who have code and have not submitted it, as many as one call takes. */
static int submit_some(struct stage *s)
{
    bool more;
    return stage_did(s, exam_submit_some(&more, &s->log, s->room, s->now_ms));
}

static struct member *ann(const struct stage *s)
{
    return room_member(s->room, S("ann"));
}

/* The types since stage_clear(), one letter each. */
static const char *types(struct stage *s)
{
    static const char letters[EV_COUNT] = {
        [EV_VIOLATION] = 'V',
        [EV_WARNED] = 'W',
        [EV_VIOLATION_CLEARED] = 'c',
        [EV_CODE] = 'C',
        [EV_SUBMITTED] = 'S',
        [EV_ENDED] = 'E',
        [EV_LOST] = 'L',
    };
    char text[256];
    uint32_t n = 0;
    for (; n < s->log.n && n < sizeof(text) - 1; n++) {
        char letter = letters[stage_event(s, n)->type];
        text[n] = letter != '\0' ? letter : '?';
    }
    text[n] = '\0';
    return stage_text(s, text).p;
}

static const struct {
    enum report_kind kind;
    int err;
    enum event_type type; /* EV_COUNT: nothing is told */
    enum report_kind about;
} kinds[] = {
    { REPORT_FULLSCREEN_EXIT, 0, EV_VIOLATION, REPORT_FULLSCREEN_EXIT },
    { REPORT_TAB_SWITCH, 0, EV_VIOLATION, REPORT_TAB_SWITCH },
    { REPORT_PASTE, 0, EV_VIOLATION, REPORT_PASTE },
    { REPORT_COPY, 0, EV_VIOLATION, REPORT_COPY },
    { REPORT_DISCONNECT, ERR_BAD_FIELD, EV_COUNT, REPORT_DISCONNECT },
    { REPORT_FULLSCREEN_ENTER, 0, EV_VIOLATION_CLEARED, REPORT_FULLSCREEN_EXIT },
    { REPORT_TAB_FOCUS, 0, EV_VIOLATION_CLEARED, REPORT_TAB_SWITCH },
    { REPORT_TAB_FOCUS + 1, ERR_BAD_FIELD, EV_COUNT, REPORT_PASTE },
    { (enum report_kind) - 1, ERR_BAD_FIELD, EV_COUNT, REPORT_PASTE },
};

static void test_kinds(void)
{
    struct stage s;
    exam_init(&s);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        stage_clear(&s);
        is_int(report(&s, "ann", kinds[i].kind), kinds[i].err, "report %zu", i);
        const struct event *e = stage_event(&s, 0);
        is_int(e->type, kinds[i].type, "its event");
        if (e->type == EV_COUNT)
            continue;
        ok(e->audience == AUDIENCE_HOSTS && slice_eq(e->actor, S("ann")), "about ann, to hosts");
        is_int(e->violation.kind, kinds[i].about, "of that kind");
    }
    is_int(ann(&s)->violations, 4, "four are violations");
    is_int(ann(&s)->by_kind[REPORT_PASTE], 1, "each of a kind");
    is_int(report(&s, "zoe", REPORT_PASTE), ERR_NOT_IN_ROOM, "outsiders report nothing");
    stage_fini(&s, "kinds");
}

static void test_counts(void)
{
    struct stage s;
    exam_init(&s);
    report(&s, "ann", REPORT_TAB_SWITCH);
    report(&s, "bob", REPORT_TAB_SWITCH);
    report(&s, "ann", REPORT_PASTE);
    report(&s, "ann", REPORT_TAB_SWITCH);
    report(&s, "ann", REPORT_TAB_FOCUS);
    const struct event *e = stage_event(&s, 3);
    is_int(e->violation.total, 3, "the third of ann");
    is_int(e->violation.of_kind, 2, "the second of its kind");
    e = stage_event(&s, 4);
    is_int(e->violation.total, 3, "its end counts for nothing");
    is_int(e->violation.of_kind, 2, "and tells the count");
    is_int(stage_event(&s, 1)->violation.total, 1, "bob's are his");
    is_int(ann(&s)->violations, 3, "they are kept");
    is_int(ann(&s)->by_kind[REPORT_TAB_SWITCH], 2, "by kind");
    stage_clear(&s);
    is_int(report(&s, "host", REPORT_TAB_SWITCH), 0, "a host may leave the page");
    is_int(report(&s, "co", REPORT_PASTE), 0, "and a cohost paste");
    is_int(report(&s, "co", REPORT_TAB_FOCUS), 0, "and come back");
    is_int(s.log.n, 0, "nobody hears of it");
    stage_fini(&s, "counts");
}

static void test_warning(void)
{
    struct stage s;
    exam_init(&s);
    STAGE_SET(&s, warn_at, 2);
    report(&s, "ann", REPORT_COPY);
    report(&s, "ann", REPORT_COPY);
    report(&s, "ann", REPORT_COPY);
    is_str(types(&s), "VVWV", "a warning when the threshold is reached, and once");
    const struct event *e = stage_event(&s, 2);
    is_int(e->audience, AUDIENCE_TARGET, "to one person");
    is_slice(e->target, "ann", "ann");
    is_slice(e->actor, "", "by the room");
    is_int(e->violation.total, 2, "for two");
    is_int(e->violation.kind, REPORT_COPY, "the last of this kind");
    report(&s, "bob", REPORT_COPY);
    STAGE_SET(&s, warn_at, 1);
    stage_clear(&s);
    report(&s, "ann", REPORT_COPY);
    report(&s, "bob", REPORT_COPY);
    is_str(types(&s), "VVW", "lowered later it is reached with the next, by who was not warned");
    stage_fini(&s, "warning");
}

static void test_auto_submit(void)
{
    struct stage s;
    exam_init(&s);
    STAGE_SET(&s, warn_at, 2);
    STAGE_SET(&s, auto_submit_at, 2);
    type(&s, "ann", "main");
    stage_clear(&s);
    s.now_ms += 5;
    report(&s, "ann", REPORT_PASTE);
    report(&s, "ann", REPORT_PASTE);
    is_str(types(&s), "VVWS", "the code is submitted when the threshold is reached");
    const struct event *e = stage_event(&s, 3);
    is_slice(e->actor, "ann", "as hers");
    is_slice(e->seat, "", "from nowhere");
    is_int(e->audience, AUDIENCE_HOSTS, "to hosts");
    is_slice(e->code.code, "main", "the latest");
    is_slice(e->code.language, "c", "in its language");
    ok(e->code.is_automatic, "not by herself");
    is_int(e->at_ms, s.now_ms, "at that time");
    ok(ann(&s)->has_submitted && ann(&s)->submitted_at_ms == s.now_ms, "it is kept");
    type(&s, "ann", "more");
    report(&s, "ann", REPORT_PASTE);
    is_str(types(&s), "VVWSCV", "once");
    stage_clear(&s);
    report(&s, "bob", REPORT_PASTE);
    report(&s, "bob", REPORT_PASTE);
    is_str(types(&s), "VVW", "without code there is nothing to submit");
    type(&s, "bob", "late");
    report(&s, "bob", REPORT_PASTE);
    is_str(types(&s), "VVWCVS", "until there is");
    stage_fini(&s, "auto-submit");
}

static void test_submitted_before(void)
{
    struct stage s;
    exam_init(&s);
    STAGE_SET(&s, auto_submit_at, 1);
    submit(&s, "ann", "main");
    report(&s, "ann", REPORT_PASTE);
    is_str(types(&s), "SV", "what was submitted is not submitted again");
    type(&s, "ann", "main");
    report(&s, "ann", REPORT_PASTE);
    is_str(types(&s), "SVCV", "nor is the same once more");
    type(&s, "ann", "");
    report(&s, "ann", REPORT_PASTE);
    is_str(types(&s), "SVCVCV", "nor nothing");
    stage_fini(&s, "submitted before");
}

/* Under an id of the page's own; what it says may be something else the second time. */
static int report_as(struct stage *s, const char *user, enum report_kind kind, const char *id)
{
    struct deed d = stage_deed(s, user);
    d.id = slice_str(id);
    return stage_did(s, room_report(&s->log, s->room, &d, kind));
}

static int submit_as(struct stage *s, const char *user, const char *code, const char *id)
{
    struct deed d = stage_deed(s, user);
    struct room_code a = { .code = slice_str(code), .language = S("c") };
    d.id = slice_str(id);
    return stage_did(s, room_submit(&s->log, s->room, &d, &a));
}

static void test_reported_again(void)
{
    struct stage s;
    exam_init(&s);
    STAGE_SET(&s, warn_at, 2);
    is_int(report_as(&s, "ann", REPORT_PASTE, "r1"), 0, "a report under an id");
    is_slice(stage_event(&s, 0)->violation.id, "r1", "which is told with it");
    is_int(report_as(&s, "ann", REPORT_PASTE, "r1"), 0, "again");
    is_int(report_as(&s, "ann", REPORT_COPY, "r1"), 0, "whatever else it says");
    is_str(types(&s), "V", "does not count");
    is_int(report_as(&s, "bob", REPORT_PASTE, "r1"), 0, "another's counts");
    is_int(report_as(&s, "ann", REPORT_PASTE, "r2"), 0, "and another one");
    is_str(types(&s), "VVVW", "is another one");
    is_slice(stage_event(&s, 3)->violation.id, "", "the warning is not the report");
    is_int(report_as(&s, "ann", REPORT_TAB_FOCUS, "r3"), 0, "coming back");
    is_int(report_as(&s, "ann", REPORT_TAB_FOCUS, "r3"), 0, "is reported once, too");
    is_int(report_as(&s, "ann", REPORT_PASTE, ""), 0, "without an id");
    is_int(report_as(&s, "ann", REPORT_PASTE, ""), 0, "each");
    is_str(types(&s), "VVVWcVV", "counts");
    is_int(submit_as(&s, "ann", "x", "r1"), 0, "a submission is no report");
    is_str(types(&s), "VVVWcVVS", "though its id is the same");
    is_int(report_as(&s, "ann", REPORT_PASTE, "a\nb"), ERR_BAD_FIELD, "an id is one line");
    is_int(ann(&s)->violations, 4, "four in all");
    stage_fini(&s, "reported again");
}

static void test_reports_that_are_forgotten(void)
{
    struct stage s;
    char id[16] = "";
    exam_init(&s);
    for (int i = 0; i <= ROOM_KEEP_REPORTS; i++) {
        snprintf(id, sizeof(id), "r%d", i);
        report_as(&s, "ann", REPORT_COPY, id);
    }
    stage_clear(&s);
    is_int(report_as(&s, "ann", REPORT_COPY, "r1"), 0, "the oldest that is remembered");
    is_int(report_as(&s, "ann", REPORT_COPY, id), 0, "and the newest");
    is_int(s.log.n, 0, "are known");
    is_int(report_as(&s, "ann", REPORT_COPY, "r0"), 0, "what was before them");
    is_int(s.log.n, 1, "is not");
    stage_fini(&s, "reports that are forgotten");
}

static void test_handed_in_again(void)
{
    struct stage s;
    exam_init(&s);
    int64_t first_ms = s.now_ms;
    is_int(submit_as(&s, "ann", "one", "c1"), 0, "ann hands in");
    s.now_ms += 1000;
    is_int(type(&s, "ann", "two"), 0, "writes on");
    is_int(submit_as(&s, "ann", "two", "c1"), 0, "and her page hands the first in again");
    is_str(types(&s), "SC", "nothing happens");
    is_str(ann(&s)->code, "two", "to what she has written since");
    ok(room_handed_in_ms(s.room, S("ann"), S("c1")) == first_ms, "it is known when it was");
    ok(room_handed_in_ms(s.room, S("bob"), S("c1")) == 0, "and that nobody else did");
    ok(room_handed_in_ms(s.room, S("zoe"), S("c1")) == 0, "nor somebody unknown");
    ok(room_handed_in_ms(s.room, S("ann"), S("")) == 0, "nor without an id");
    is_int(submit_as(&s, "bob", "of bob", "c1"), 0, "bob may choose that id");
    is_int(submit_as(&s, "ann", "two", "c2"), 0, "the same under another id");
    is_str(types(&s), "SCSS", "is handed in");
    for (int i = 0; i < ROOM_KEEP_HANDED_IN; i++) {
        char id[16];
        snprintf(id, sizeof(id), "d%d", i);
        submit_as(&s, "ann", "many", id);
    }
    ok(room_handed_in_ms(s.room, S("ann"), S("d0")) == s.now_ms, "the newest are remembered");
    ok(room_handed_in_ms(s.room, S("ann"), S("c2")) == 0, "and no more");
    stage_fini(&s, "handed in again");
}

static int lose(struct stage *s, const char *user)
{
    struct deed d = stage_deed(s, user);
    return stage_did(s, exam_on_lost(&s->log, s->room, &d));
}

static int go_live(struct stage *s)
{
    struct deed d = stage_deed(s, "host");
    return s->room->status == ROOM_LIVE ? 0 : stage_did(s, room_start(&s->log, s->room, &d));
}

static void test_lost(void)
{
    static const struct {
        const char *name;
        enum room_mode mode;
        bool is_live;
        const char *user;
        const char *types;
    } rows[] = {
        { "a candidate of a live interview", MODE_INTERVIEW, true, "ann", "V" },
        { "before it starts", MODE_INTERVIEW, false, "ann", "" },
        { "a cohost", MODE_INTERVIEW, true, "co", "" },
        { "a host", MODE_INTERVIEW, true, "host", "" },
        { "an outsider", MODE_INTERVIEW, true, "zoe", "" },
        { "in a room to study", MODE_STUDY, true, "ann", "" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct stage s;
        stage_init(&s, rows[i].mode);
        if (rows[i].is_live)
            is_int(go_live(&s), 0, "it is live");
        stage_clear(&s);
        is_int(lose(&s, rows[i].user), 0, "%s is lost", rows[i].name);
        is_str(types(&s), rows[i].types, "%s: told", rows[i].name);
        is_int(ann(&s)->by_kind[REPORT_DISCONNECT], strlen(rows[i].types), "counted");
        stage_fini(&s, rows[i].name);
    }
}

static void test_lost_and_kicked(void)
{
    struct stage s;
    exam_init(&s);
    is_int(go_live(&s), 0, "it is live");
    struct deed d = stage_deed(&s, "host");
    is_int(stage_did(&s, room_kick(&s.log, s.room, &d, S("ann"), S(""))), 0, "ann is kicked");
    stage_clear(&s);
    is_int(lose(&s, "ann"), 0, "her connection is lost");
    is_int(s.log.n, 0, "which no longer matters");
    stage_fini(&s, "lost and kicked");
}

/* The server was started anew: that is not held against anybody. */
static void test_lost_by_us(void)
{
    struct stage s;
    exam_init(&s);
    is_int(go_live(&s), 0, "it is live");
    STAGE_SET(&s, warn_at, 1);
    stage_clear(&s);
    struct deed d = stage_deed(&s, "ann");
    is_int(stage_did(&s, room_lose(&s.log, s.room, &d, LOSS_OURS)), 0, "ann is lost");
    is_str(types(&s), "L", "and nothing follows");
    is_int(ann(&s)->violations, 0, "it is no violation");
    ok(room_next_due(s.room) == s.now_ms + s.room->grace_ms, "she has her grace");
    stage_fini(&s, "lost by us");
}

static void test_lost_counts(void)
{
    struct stage s;
    exam_init(&s);
    is_int(go_live(&s), 0, "it is live");
    STAGE_SET(&s, warn_at, 1);
    STAGE_SET(&s, auto_submit_at, 1);
    type(&s, "ann", "main");
    stage_clear(&s);
    struct deed d = stage_deed(&s, "ann");
    is_int(stage_did(&s, room_lose(&s.log, s.room, &d, LOSS_THEIRS)), 0, "ann is lost");
    is_str(types(&s), "LVWS", "and what follows from that");
    is_slice(stage_event(&s, 1)->actor, "ann", "it is her violation");
    is_int(stage_event(&s, 1)->violation.kind, REPORT_DISCONNECT, "of this kind");
    stage_fini(&s, "lost counts");
}

static void test_code(void)
{
    struct stage s;
    exam_init(&s);
    is_int(type(&s, "ann", "int\r\n\tx;\f"), 0, "ann types");
    const struct event *e = stage_event(&s, 0);
    is_int(e->type, EV_CODE, "it is told");
    is_int(e->audience, AUDIENCE_HOSTS, "to hosts");
    is_slice(e->code.code, "int\r\n\tx;\f", "as it is");
    is_slice(e->code.language, "c", "with its language");
    ok(!e->code.is_automatic && e->code.id.len == 0, "and no more");
    is_str(ann(&s)->code, "int\r\n\tx;\f", "it is kept");
    is_int(ann(&s)->code_len, 9, "whole");
    is_str(ann(&s)->language, "c", "in its language");
    ok(!ann(&s)->has_submitted, "and not submitted");
    is_int(type(&s, "ann", ""), 0, "all is deleted");
    is_int(ann(&s)->code_len, 0, "nothing is left");
    is_int(type(&s, "zoe", "x"), ERR_NOT_IN_ROOM, "outsiders do not type here");
    stage_fini(&s, "code");
}

static void test_submit(void)
{
    struct stage s;
    exam_init(&s);
    is_int(submit(&s, "ann", "one"), 0, "ann submits");
    const struct event *e = stage_event(&s, 0);
    is_int(e->type, EV_SUBMITTED, "it is told");
    is_int(e->audience, AUDIENCE_HOSTS, "to hosts");
    is_slice(e->code.id, stage_text(&s, "id6").p, "with the deed's id");
    ok(!e->code.is_automatic && slice_eq(e->seat, S("ann")), "it was herself");
    ok(ann(&s)->has_submitted && ann(&s)->submitted_at_ms == s.now_ms, "it is kept");
    s.now_ms += 1000;
    is_int(submit(&s, "ann", "two"), 0, "again");
    is_str(ann(&s)->code, "two", "the last counts");
    is_int(ann(&s)->submitted_at_ms, s.now_ms, "with its time");
    is_int(submit(&s, "ann", "two"), 0, "the same again");
    is_int(s.log.n, 3, "each is told");
    type(&s, "ann", "three");
    ok(ann(&s)->has_submitted, "who goes on has still submitted");
    is_int(submit(&s, "zoe", "x"), ERR_NOT_IN_ROOM, "outsiders submit nothing");
    struct deed d = stage_deed(&s, "ann");
    d.id = S("");
    struct room_code a = { .code = S("x"), .language = S("c") };
    is_int(stage_did(&s, room_submit(&s.log, s.room, &d, &a)), ERR_BAD_FIELD, "one has an id");
    is_str(ann(&s)->code, "three", "nothing of that counts");
    stage_fini(&s, "submit");
}

static void check_code_row(struct stage *s, struct room_code a, int err, const char *name)
{
    struct deed d = stage_deed(s, "ann");
    is_int(stage_did(s, room_code(&s->log, s->room, &d, &a)), err, "code: %s", name);
    d = stage_deed(s, "ann");
    is_int(stage_did(s, room_submit(&s->log, s->room, &d, &a)), err, "submission: %s", name);
}

static void test_limits(void)
{
    struct stage s;
    exam_init(&s);
    char *code = stage_many('x', ROOM_CODE_MAX + 1);
    char *language = stage_many('c', ROOM_LANGUAGE_MAX + 1);
    struct room_code a = { .code = slice_of(code, ROOM_CODE_MAX - 1), .language = S("c") };
    check_code_row(&s, a, 0, "a byte less than may be");
    a.code.len++;
    check_code_row(&s, a, 0, "as many");
    a.code.len++;
    check_code_row(&s, a, ERR_TOO_BIG, "one more");
    is_int(ann(&s)->code_len, ROOM_CODE_MAX, "the largest is kept");
    a.code = S("a\0b");
    check_code_row(&s, a, ERR_BAD_FIELD, "NUL");
    a.code = S("a\xc3");
    check_code_row(&s, a, ERR_BAD_FIELD, "a cut character");
    a.code = S("");
    check_code_row(&s, a, 0, "none");
    a.language = slice_of(language, ROOM_LANGUAGE_MAX);
    check_code_row(&s, a, 0, "a language as long as may be");
    a.language.len++;
    check_code_row(&s, a, ERR_BAD_FIELD, "longer");
    a.language = S("");
    check_code_row(&s, a, ERR_BAD_FIELD, "no language");
    a.language = S("c\n");
    check_code_row(&s, a, ERR_BAD_FIELD, "two lines of it");
    free(code);
    free(language);
    stage_clear(&s);
    stage_fini(&s, "limits");
}

static void test_submit_all(void)
{
    struct stage s;
    exam_init(&s);
    type(&s, "ann", "of ann");
    submit(&s, "bob", "of bob");
    type(&s, "co", "of co");
    stage_clear(&s);
    uint64_t seq = s.room->seq;
    is_int(submit_some(&s), 0, "all is submitted");
    is_str(types(&s), "SS", "that was not yet");
    is_slice(stage_event(&s, 0)->actor, "co", "in the order of coming");
    is_slice(stage_event(&s, 1)->actor, "ann", "one after the other");
    is_slice(stage_event(&s, 1)->code.code, "of ann", "the latest");
    char id[32];
    snprintf(id, sizeof(id), "stage-%u", (unsigned)seq + 2);
    is_slice(stage_event(&s, 1)->code.id, id, "with ids that no others have");
    stage_clear(&s);
    is_int(submit_some(&s), 0, "again");
    is_int(s.log.n, 0, "nothing is left");
    type(&s, "bob", "more of bob");
    type(&s, "ann", "more of ann");
    struct deed d = stage_deed(&s, "host");
    is_int(stage_did(&s, room_kick(&s.log, s.room, &d, S("ann"), S(""))), 0, "ann is kicked");
    stage_clear(&s);
    is_int(submit_some(&s), 0, "once more");
    is_str(types(&s), "S", "changes since a submission are submitted");
    is_slice(stage_event(&s, 0)->actor, "bob", "not for who was kicked");
    stage_fini(&s, "submit all");
}

/* More code than an append may hold, all of it unsent when the time is over. */
static void test_submit_much(void)
{
    struct stage s;
    char *code = calloc(1, ROOM_CODE_MAX + 1);
    memset(code, 'c', ROOM_CODE_MAX);
    exam_init(&s);
    STAGE_SET(&s, max_participants, 0);
    STAGE_SET(&s, duration_ms, 60000);
    struct deed d = stage_deed(&s, "host");
    is_int(stage_did(&s, room_start(&s.log, s.room, &d)), 0, "the time begins");
    for (unsigned i = 0; i < 50; i++) {
        char user[16];
        snprintf(user, sizeof(user), "user%u", i);
        if (stage_join(&s, user, "User") || type(&s, user, code))
            ok(false, "%s cannot write", user);
    }
    s.now_ms += 60000;
    unsigned calls = 0, submitted = 0;
    size_t most = 0;
    for (; s.room->status == ROOM_LIVE && calls < 100; calls++) {
        size_t bytes = 0;
        stage_clear(&s);
        is_int(stage_did(&s, room_tick(&s.log, s.room, s.now_ms)), 0, "the time is over");
        for (uint32_t i = 0; i < s.log.n; i++) {
            submitted += stage_event(&s, i)->type == EV_SUBMITTED;
            bytes += stage_event(&s, i)->type == EV_SUBMITTED ? ROOM_CODE_MAX : 0;
        }
        most = bytes > most ? bytes : most;
    }
    is_int(submitted, 50, "everybody's code is submitted");
    ok(most <= 5u << 20, "a part at a time");
    is_int(calls, 3, "as many as it takes");
    is_int(stage_event(&s, s.log.n - 1)->type, EV_ENDED, "and then it ends");
    free(code);
    stage_fini(&s, "submit much");
}

static void exam_with_fault(void *arg)
{
    struct stage s;
    (void)arg;
    int err = stage_init(&s, MODE_INTERVIEW);
    STAGE_SET(&s, warn_at, 1);
    STAGE_SET(&s, auto_submit_at, 1);
    if (!err)
        err = type(&s, "ann", "one");
    if (!err)
        err = report(&s, "ann", REPORT_PASTE);
    if (!err)
        err = submit(&s, "ann", "two");
    if (!err)
        err = type(&s, "bob", "three");
    if (!err)
        err = submit_some(&s);
    if (fault_hit() && err != 0 && err != ERR_NO_MEMORY)
        ok(false, "a fault gives %s", err_name(err));
    stage_free(&s);
}

int main(void)
{
    test_kinds();
    test_counts();
    test_warning();
    test_auto_submit();
    test_submitted_before();
    test_reported_again();
    test_reports_that_are_forgotten();
    test_handed_in_again();
    test_lost();
    test_lost_and_kicked();
    test_lost_by_us();
    test_lost_counts();
    test_code();
    test_submit();
    test_limits();
    test_submit_all();
    test_submit_much();
    fault_each(FAULT_ALLOC, exam_with_fault, NULL);
    return done();
}
