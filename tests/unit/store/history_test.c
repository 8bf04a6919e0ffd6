/* What is kept of the people in a room, from each store: who is in it, what belongs to whom, in
 * which order, and what is left out when it is too much. */
#include "store/history.h"

#include "stores.h"

#define SAID_BYTES 8192

/* What a history says: "ann(Ann,APPROVED,5-,v2,s)" and behind it the person's violations,
 * submissions and kicks, with a space between people. */
struct said {
    char text[SAID_BYTES];
    size_t len;
    bool is_answered;
};

static void say(struct said *s, const char *format, ...) TAP_FMT(2, 3);
static void say(struct said *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    s->len += (size_t)vsnprintf(s->text + s->len, SAID_BYTES - s->len, format, args);
    va_end(args);
    if (s->len >= SAID_BYTES)
        abort();
}

static void say_person(struct said *s, const struct store_person *p)
{
    say(s, "%.*s(%.*s,%.*s,%jd-", RIG_TEXT(p->user_id), RIG_TEXT(p->name), RIG_TEXT(p->status),
        (intmax_t)p->joined_at_ms);
    if (p->left_at_ms != 0)
        say(s, "%jd", (intmax_t)p->left_at_ms);
    say(s, ",v%u%s)", p->violations, p->has_submitted ? ",s" : "");
    for (const struct store_violation *v = p->first_violation; v != NULL; v = v->next) {
        say(s, "[%.*s:%.*s@%jd:%u/%u]", RIG_TEXT(v->id), RIG_TEXT(v->type), (intmax_t)v->at_ms,
            v->total, v->of_type);
    }
    for (const struct store_submission *u = p->first_submission; u != NULL; u = u->next) {
        say(s, "{%ju:%.*s:%.*s:%.*s@%jd%s}", (uintmax_t)u->seq, RIG_TEXT(u->id),
            RIG_TEXT(u->language), RIG_TEXT(u->has_code ? u->code : S("-")), (intmax_t)u->at_ms,
            u->is_automatic ? "!" : "");
    }
    for (const struct store_kick *k = p->first_kick; k != NULL; k = k->next)
        say(s, "<%.*s:%.*s@%jd>", RIG_TEXT(k->by), RIG_TEXT(k->reason), (intmax_t)k->at_ms);
    say(s, " ");
}

static void on_history(void *arg, int err, const struct store_history *history)
{
    struct said *s = arg;
    s->is_answered = true;
    if (err)
        say(s, "%s", err_name(err));
    for (uint32_t i = 0; i < (err ? 0 : history->n); i++)
        say_person(s, &history->at[i]);
    if (!err && history->is_cut)
        say(s, "cut");
}

static void ask(struct rig *r, const char *room_id, store_history_done *done, void *arg)
{
    char *id = strdup(room_id);
    r->store->ops->history(r->store, slice_str(id), done, arg);
    free(id);
}

static void history_is(struct rig *r, const char *room_id, const char *want, const char *what)
{
    struct said s = { .len = 0 };
    ask(r, room_id, on_history, &s);
    while (!s.is_answered)
        loop_turn(r->loop, true);
    is_str(s.text, want, "%s", what);
}

/* ---- events ---- */

static struct event of_person(
    enum event_type type, int64_t at_ms, const char *who, const char *name, enum role role)
{
    struct event e = rig_event(type, at_ms, who);
    e.person.name = slice_str(name);
    e.person.role = role;
    return e;
}

static struct event comes(int64_t at_ms, const char *who, const char *name)
{
    return of_person(EV_JOINED, at_ms, who, name, ROLE_PARTICIPANT);
}

static struct event about(enum event_type type, int64_t at_ms, const char *by, const char *whom)
{
    struct event e = rig_event(type, at_ms, by);
    e.target = slice_str(whom);
    return e;
}

static struct event violates(
    int64_t at_ms, const char *who, enum report_kind kind, uint32_t total, uint32_t of_kind)
{
    struct event e = rig_event(EV_VIOLATION, at_ms, who);
    e.violation.kind = kind;
    e.violation.total = total;
    e.violation.of_kind = of_kind;
    return e;
}

static struct event submits(int64_t at_ms, const char *who, const char *id, struct slice code)
{
    struct event e = rig_event(EV_SUBMITTED, at_ms, who);
    e.code.id = slice_str(id);
    e.code.code = code;
    e.code.language = S("c");
    return e;
}

static struct event kicks(int64_t at_ms, const char *by, const char *whom, const char *reason)
{
    struct event e = about(EV_KICKED, at_ms, by, whom);
    e.kicked.reason = slice_str(reason);
    return e;
}

static struct event changes_role(const char *whom, enum role role)
{
    struct event e = about(EV_ROLE, 1, "host", whom);
    e.role.role = role;
    return e;
}

static void put(struct rig *r, struct rig_room *room, const struct event *events, uint32_t n)
{
    rig_put(r, 'p', room, events, n);
    is_str(rig_turn(r), "p:ok ", "%u events", n);
}

/* ---- who and what ---- */

static void test_people(struct rig *r)
{
    struct rig_room room = rig_begin(r, "room", 1);
    struct rig_room other = rig_begin(r, "other", 1);
    struct event elsewhere[] = { comes(9, "ann", "Elsewhere"), submits(9, "ann", "e", S("no")) };
    struct event events[] = {
        of_person(EV_JOINED, 2, "host", "Host", ROLE_HOST),
        of_person(EV_JOINED, 3, "co", "Co", ROLE_COHOST),
        comes(7, "late", "Late"),
        comes(5, "ann", "Ann"),
        comes(6, "made", "Made host"),
        changes_role("made", ROLE_HOST),
        of_person(EV_REQUESTED, 8, "waits", "Waits", ROLE_PARTICIPANT),
        of_person(EV_REQUESTED, 4, "out", "Out", ROLE_PARTICIPANT),
        about(EV_REJECTED, 9, "host", "out"),
        rig_event(EV_LEFT, 10, "late"),
    };
    history_is(r, "room", "", "nobody has been there");
    history_is(r, "nowhere", "ROOM_NOT_FOUND", "of no room");
    put(r, &other, elsewhere, COUNT(elsewhere));
    put(r, &room, events, COUNT(events));
    history_is(r, "room",
        "out(Out,REJECTED,4-9,v0) ann(Ann,APPROVED,5-,v0) late(Late,APPROVED,7-10,v0) "
        "waits(Waits,PENDING,8-,v0) ",
        "participants as they came, and who waits; no hosts");
    struct event later[] = { changes_role("ann", ROLE_COHOST),
        changes_role("made", ROLE_PARTICIPANT) };
    put(r, &room, later, COUNT(later));
    history_is(r, "room",
        "out(Out,REJECTED,4-9,v0) made(Made host,APPROVED,6-,v0) late(Late,APPROVED,7-10,v0) "
        "waits(Waits,PENDING,8-,v0) ",
        "as they are now");
}

static void test_deeds(struct rig *r)
{
    struct rig_room room = rig_begin(r, "room", 1);
    struct event by_time = submits(23, "ann", "", S("int \"b\";\n"));
    by_time.code.is_automatic = true;
    struct event events[] = {
        of_person(EV_JOINED, 2, "host", "Host", ROLE_HOST),
        comes(5, "ann", "Ann"),
        comes(6, "bob", "Bob"),
        violates(11, "ann", REPORT_TAB_SWITCH, 1, 1),
        violates(12, "bob", REPORT_PASTE, 1, 1),
        violates(13, "ann", REPORT_TAB_SWITCH, 2, 2),
        submits(20, "bob", "s1", S("")),
        submits(21, "host", "no", S("no")),
        submits(22, "ann", "s2", S("int a;")),
        by_time,
        violates(24, "host", REPORT_COPY, 1, 1),
        kicks(30, "host", "bob", "one"),
        comes(31, "bob", "Bobby"),
        kicks(32, "", "bob", "two"),
    };
    put(r, &room, events, COUNT(events));
    history_is(r, "room",
        "ann(Ann,APPROVED,5-,v2,s)[room:5:TAB_SWITCH@11:1/1][room:7:TAB_SWITCH@13:2/2]"
        "{10:s2:c:int a;@22}{11:room:11:c:int \"b\";\n@23!} "
        "bob(Bobby,KICKED,31-32,v1,s)[room:6:PASTE@12:1/1]{8:s1:c:@20}"
        "<host:one@30><:two@32> ",
        "each has what it did, the oldest first");
}

/* ---- too much ---- */

struct counted {
    uint32_t people, violations, submissions, codes, kicks;
    uint64_t first_code; /* the number of the oldest submission that has its code */
    int64_t first_ms;    /* when the first that is given came */
    uint32_t most;       /* violations of a person */
    uint32_t first_total;
    bool is_cut, is_answered;
};

static void count_deeds(struct counted *c, const struct store_person *p)
{
    uint32_t n = 0;
    if (p->first_violation != NULL)
        c->first_total = p->first_violation->total;
    for (const struct store_violation *v = p->first_violation; v != NULL; v = v->next)
        n++;
    for (const struct store_submission *s = p->first_submission; s != NULL; s = s->next)
        c->submissions++;
    for (const struct store_kick *k = p->first_kick; k != NULL; k = k->next)
        c->kicks++;
    c->violations += n;
    c->most = n > c->most ? n : c->most;
}

static void on_counted(void *arg, int err, const struct store_history *history)
{
    struct counted *c = arg;
    c->is_answered = true;
    if (err)
        return;
    c->people = history->n;
    c->is_cut = history->is_cut;
    c->first_ms = history->n > 0 ? history->at[0].joined_at_ms : 0;
    for (uint32_t i = 0; i < history->n; i++)
        count_deeds(c, &history->at[i]);
    for (const struct store_submission *s = history->newest; s != NULL; s = s->older) {
        c->codes += s->has_code;
        c->first_code = s->has_code ? s->seq : c->first_code;
    }
}

static struct counted count_all(struct rig *r)
{
    struct counted c = { .people = 0 };
    ask(r, "room", on_counted, &c);
    while (!c.is_answered)
        loop_turn(r->loop, true);
    return c;
}

static struct event *many(uint32_t n)
{
    return malloc(n * sizeof(struct event));
}

static void test_many_people(struct rig *r)
{
    struct rig_room room = rig_begin(r, "room", 1);
    struct event *events = many(STORE_PEOPLE + 1);
    char(*ids)[16] = malloc((STORE_PEOPLE + 1) * sizeof(*ids));
    for (uint32_t i = 0; i <= STORE_PEOPLE; i++) {
        snprintf(ids[i], sizeof(ids[i]), "u%u", i * 7919 % 10007);
        events[i] = comes(100 + i, ids[i], "x");
    }
    put(r, &room, events, STORE_PEOPLE);
    struct counted c = count_all(r);
    ok(c.people == STORE_PEOPLE && !c.is_cut, "as many as there may be");
    put(r, &room, events + STORE_PEOPLE, 1);
    c = count_all(r);
    ok(c.people == STORE_PEOPLE && c.is_cut, "one more");
    is_int(c.first_ms, 101, "the oldest is left out");
    free(ids);
    free(events);
}

static void test_many_deeds(struct rig *r)
{
    enum { MINE = STORE_VIOLATIONS_OF_ONE + 100 };
    struct rig_room room = rig_begin(r, "room", 1);
    struct event *events = many(MINE + STORE_SUBMISSIONS + STORE_KICKS + 2);
    uint32_t n = 0;
    events[n++] = comes(5, "ann", "Ann");
    for (uint32_t i = 1; i <= MINE; i++)
        events[n++] = violates(i, "ann", REPORT_COPY, i, i);
    for (uint32_t i = 0; i < STORE_SUBMISSIONS; i++)
        events[n++] = submits(i, "ann", "", S("x"));
    for (uint32_t i = 0; i < STORE_KICKS; i++)
        events[n++] = kicks(i, "host", "ann", "y");
    put(r, &room, events, n);
    struct counted c = count_all(r);
    is_int(c.most, STORE_VIOLATIONS_OF_ONE, "of a person's violations the newest");
    is_int(c.first_total, 101, "which are these");
    is_int(c.submissions, STORE_SUBMISSIONS, "all submissions");
    is_int(c.kicks, STORE_KICKS, "and kicks");
    ok(!c.is_cut, "all that is promised");
    put(r, &room, (struct event[]){ submits(1, "ann", "", S("z")) }, 1);
    c = count_all(r);
    ok(c.submissions == STORE_SUBMISSIONS && c.is_cut, "a submission more");
    free(events);
}

static void test_long_codes(struct rig *r)
{
    enum { BIG = 200000, FIT = STORE_CODE_CHARS / BIG };
    struct rig_room room = rig_begin(r, "room", 1);
    char *code = malloc(BIG);
    memset(code, 'x', BIG);
    struct event *events = many(FIT + 2);
    events[0] = comes(5, "ann", "Ann");
    for (uint32_t i = 1; i <= FIT + 1; i++)
        events[i] = submits(i, "ann", "", slice_of(code, BIG));
    put(r, &room, events, FIT + 1);
    struct counted c = count_all(r);
    ok(c.codes == FIT && !c.is_cut, "as much code as may be");
    put(r, &room, events + FIT + 1, 1);
    c = count_all(r);
    ok(c.submissions == FIT + 1 && c.codes == FIT && c.is_cut, "more of it: %u", c.codes);
    is_int((int64_t)c.first_code, 4, "the oldest has none");
    put(r, &room, (struct event[]){ submits(9, "ann", "", S("")) }, 1);
    is_int(count_all(r).codes, FIT + 1, "an empty one takes no place");
    free(code);
    free(events);
}

static void test_many_violations(struct rig *r)
{
    enum { PEOPLE = STORE_VIOLATIONS / STORE_VIOLATIONS_OF_ONE };
    struct rig_room room = rig_begin(r, "room", 1);
    char ids[PEOPLE + 1][8];
    struct event *events = many(STORE_VIOLATIONS + PEOPLE + 2);
    uint32_t n = 0;
    for (uint32_t i = 0; i <= PEOPLE; i++) {
        snprintf(ids[i], sizeof(ids[i]), "u%u", i);
        events[n++] = comes(i, ids[i], "x");
    }
    for (uint32_t i = 0; i < STORE_VIOLATIONS; i++)
        events[n++] = violates(i, ids[i % PEOPLE], REPORT_COPY, 1, 1);
    put(r, &room, events, n);
    struct counted c = count_all(r);
    ok(c.violations == STORE_VIOLATIONS && !c.is_cut, "as many as may be: %u", c.violations);
    put(r, &room, (struct event[]){ violates(1, ids[PEOPLE], REPORT_COPY, 1, 1) }, 1);
    c = count_all(r);
    ok(c.violations == STORE_VIOLATIONS && c.is_cut, "one more");
    free(events);
}

/* ---- all of them ---- */

static store_test *const tests[] = {
    test_people,
    test_deeds,
    test_many_people,
    test_many_deeds,
    test_long_codes,
    test_many_violations,
};

int main(void)
{
    stores_test(tests, COUNT(tests));
    return done();
}
