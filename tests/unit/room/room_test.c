/* The room as a whole: texts, folding, what is due when, who is told what, and every verb and every
 * fold without memory. */
#include "fault.h"
#include "play.h"
#include "room/parts.h"

#define MINUTE_MS 60000

static void test_texts(void)
{
    char *text = room_no_text;
    is_int(room_text_set(&text, S("abc")), 0, "a text is set");
    is_str(text, "abc", "with its end");
    const char *before = text;
    is_int(room_text_set(&text, S("abc")), 0, "the same again");
    ok(text == before, "stays where it is");
    is_int(room_text_set(&text, slice_of(text, 2)), 0, "a part of itself");
    is_str(text, "ab", "is fine");
    is_int(room_text_set(&text, S("")), 0, "nothing");
    ok(text == room_no_text, "is the text that nobody owns");
    is_int(room_text_set(&text, S("x")), 0, "something");
    room_text_clear(&text);
    ok(text == room_no_text, "cleared");
    room_text_clear(&text);
    ok(text == room_no_text, "twice");
}

static void test_empty(void)
{
    struct room *r = room_new(S("empty"), tape_key());
    is_str(r->id, "empty", "an empty room has its id");
    is_int(r->seq, 0, "and no event");
    is_int(r->grace_ms, ROOM_GRACE_MS, "the usual grace");
    is_int(room_next_due(r), INT64_MAX, "nothing is due");
    ok(room_member(r, S("ann")) == NULL && room_member_at(r, S("")) == NULL, "nobody is in it");
    is_int(room_connected(r), 0, "nobody is connected");
    room_free(r);
    room_free(NULL);
}

static void test_numbers(void)
{
    struct play p;
    is_int(play_init(&p, MODE_STUDY, ""), 0, "a room");
    is_int(play(&p, VERB_JOIN, "ann@a", ""), 0, "somebody comes");
    is_int(p.room->seq, 3, "three events with numbers");
    is_int(play(&p, VERB_TYPING, "ann@a", ""), 0, "and types");
    is_int(p.happened.at[0].seq, 0, "which has none");
    is_int(p.room->seq, 3, "and takes none");
    is_int(play(&p, VERB_CHAT, "ann@a", ""), 0, "and says something");
    is_int(p.happened.at[0].seq, 4, "which has the next");
    is_int(room_fold(p.room, &p.tape.at[3]), ERR_CONFLICT, "an event is not folded twice");
    is_int(room_fold(p.room, &p.tape.at[0]), ERR_CONFLICT, "nor an older one");
    is_int(p.room->n_messages, 1, "nothing came of it");
    play_fini(&p);
}

/* Events about people whom the log's reader has not met change nothing. */
static void test_strangers(void)
{
    static const enum event_type types[] = { EV_APPROVED, EV_REJECTED, EV_LOST, EV_LEFT, EV_ROLE,
        EV_KICKED, EV_READMITTED, EV_HAND, EV_MEDIA, EV_GOAL, EV_CODE, EV_SUBMITTED, EV_WARNED,
        EV_VIOLATION, EV_CHAT_DELETED, EV_UNDREW };
    struct play p;
    is_int(play_init(&p, MODE_STUDY, ""), 0, "a room");
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct event e = { .type = types[i], .actor = S("who"), .target = S("whom") };
        is_int(room_fold(p.room, &e), 0, "%s of a stranger", event_info(types[i])->name);
    }
    play_fini(&p);
}

/* ---- time ---- */

static void test_due(void)
{
    struct play p;
    struct room_settings s = room_default_settings(MODE_STUDY);
    s.duration_ms = 60 * MINUTE_MS;
    play_init_bare(&p);
    is_int(play_create(&p, S(""), &s), 0, "a room of an hour");
    int64_t start = p.now_ms;
    is_int(room_next_due(p.room), start + 60 * MINUTE_MS, "its end is due");
    is_int(play(&p, VERB_JOIN, "ann@a", ""), 0, "somebody comes");
    is_int(play(&p, VERB_TIMER, "ann@a", ""), 0, "and starts the timer");
    is_int(room_next_due(p.room), start + 25 * MINUTE_MS, "its phase is due first");
    is_int(play_lose(&p, "ann@a"), 0, "and is lost");
    is_int(room_next_due(p.room), start + ROOM_GRACE_MS, "the grace is due first");
    is_int(play_wait(&p, ROOM_GRACE_MS), 0, "it is over");
    is_int(room_next_due(p.room), start + 25 * MINUTE_MS, "now the phase is due");
    is_int(play_wait(&p, 25 * MINUTE_MS), 0, "later than it was due");
    is_str(play_said(&p), "TIMER() TIMER()", "it ended, and a break began");
    is_int(p.happened.at[0].at_ms, start + 25 * MINUTE_MS, "when it was due");
    ok(room_next_due(p.room) > p.now_ms, "nothing is due any more");
    is_int(play_wait(&p, 600 * MINUTE_MS), 0, "long after the end");
    is_str(play_said(&p), "ENDED( 'The time is over')", "nothing but the end happens");
    is_int(room_next_due(p.room), INT64_MAX, "and then nothing");
    play_fini(&p);
}

/* ---- who is told ---- */

/* olga owns it, hal is host, cy cohost; pat has two connections, lou none; wes waits, ron was
 * rejected, kim kicked, abe has left. */
static void audience(struct play *p)
{
    static const char *const guests[] = { "hal", "cy", "pat", "lou", "ron", "kim", "abe" };
    int bad = play_init(p, MODE_INTERVIEW, "olga") != 0;
    bad += play(p, VERB_JOIN, "olga@o", "") != 0;
    for (size_t i = 0; i < sizeof(guests) / sizeof(guests[0]); i++) {
        char who[16];
        snprintf(who, sizeof(who), "%s@%c", guests[i], guests[i][0]);
        bad += play(p, VERB_JOIN, who, "") != 0;
        bad += play_approve(p, "olga@o", guests[i], strcmp(guests[i], "ron") != 0) != 0;
    }
    bad += play_role(p, "olga@o", "hal", ROLE_HOST) != 0;
    bad += play_role(p, "olga@o", "cy", ROLE_COHOST) != 0;
    bad += play(p, VERB_JOIN, "pat@p2", "") != 0;
    bad += play(p, VERB_KICK, "olga@o", "kim") != 0;
    bad += play(p, VERB_LEAVE, "abe@a", "") != 0;
    bad += play_lose(p, "lou@l") != 0;
    bad += play(p, VERB_JOIN, "wes@w", "") != 0;
    is_int(bad, 0, "a room with all kinds of people");
}

/* "olga hal pat": the members who are told. */
static const char *told(struct play *p, const struct event *e)
{
    p->said[0] = '\0';
    LIST_EACH(l, &p->room->members) {
        const struct member *m = CONTAINER_OF(l, struct member, link);
        const struct room_news news = room_news(p->room, e);
        if (room_is_told(&news, m))
            say(p, "%s%s", p->said[0] != '\0' ? " " : "", m->user_id);
    }
    return p->said;
}

/* "o h p p2": the seats that are told. */
static const char *told_seats(struct play *p, const struct event *e)
{
    p->said[0] = '\0';
    LIST_EACH(l, &p->room->members) {
        const struct member *m = CONTAINER_OF(l, struct member, link);
        const struct room_news news = room_news(p->room, e);
        LIST_EACH(s, &m->seats) {
            const struct seat *seat = CONTAINER_OF(s, struct seat, link);
            if (room_seat_is_told(&news, m, seat->id))
                say(p, "%s%s", p->said[0] != '\0' ? " " : "", seat->id);
        }
    }
    return p->said;
}

#define EVENT_OF(type_, audience_, actor_, seat_, target_)                            \
    {                                                                                 \
        .type = EV_##type_, .audience = AUDIENCE_##audience_, .actor = SLICE(actor_), \
        .seat = SLICE(seat_), .target = SLICE(target_)                                \
    }

static void test_told(void)
{
    static const struct {
        struct event e;
        const char *people;
        const char *seats;
    } rows[] = {
        { EVENT_OF(CHAT, ALL, "pat", "p", ""), "olga hal cy pat lou", "o h c p p2" },
        { EVENT_OF(CHAT, PAIR, "pat", "p", "hal"), "hal pat", "h p p2" },
        { EVENT_OF(CHAT, PAIR, "pat", "p", "wes"), "pat", "p p2" },
        { EVENT_OF(CHAT, PAIR, "pat", "p", "kim"), "pat", "p p2" },
        { EVENT_OF(DREW, OTHERS, "pat", "p", ""), "olga hal cy pat lou", "o h c p2" },
        { EVENT_OF(DREW, OTHERS, "hal", "h", ""), "olga cy pat lou", "o c p p2" },
        { EVENT_OF(DREW, OTHERS, "pat", "", ""), "olga hal cy lou", "o h c" },
        { EVENT_OF(LEFT, OTHERS, "abe", "a", ""), "olga hal cy pat lou", "o h c p p2" },
        { EVENT_OF(VIOLATION, HOSTS, "pat", "p", ""), "olga hal cy", "o h c" },
        { EVENT_OF(REQUESTED, HOSTS, "wes", "w", ""), "olga hal cy", "o h c" },
        { EVENT_OF(WARNED, TARGET, "", "", "pat"), "pat", "p p2" },
        { EVENT_OF(WARNED, TARGET, "", "", "wes"), "", "" },
        { EVENT_OF(APPROVED, TARGET, "olga", "o", "pat"), "pat", "p p2" },
        { EVENT_OF(APPROVED, TARGET, "pat", "p2", "pat"), "pat", "p" },
        { EVENT_OF(APPROVED, TARGET, "olga", "o", "abe"), "abe", "" },
        { EVENT_OF(REJECTED, TARGET, "olga", "o", "ron"), "ron", "" },
        { EVENT_OF(REJECTED, TARGET, "olga", "o", "kim"), "", "" },
        { EVENT_OF(KICKED, ALL, "olga", "o", "kim"), "olga hal cy pat lou kim", "o h c p p2" },
        { EVENT_OF(KICKED, HOSTS, "olga", "o", "kim"), "olga hal cy kim", "o h c" },
        { EVENT_OF(KICKED, ALL, "olga", "o", "who"), "olga hal cy pat lou", "o h c p p2" },
        { EVENT_OF(MUTED, ALL, "olga", "o", "kim"), "olga hal cy pat lou", "o h c p p2" },
        { EVENT_OF(ENDED, ALL, "olga", "o", ""), "olga hal cy pat lou wes", "o h c p p2 w" },
        { EVENT_OF(READMITTED, NOBODY, "olga", "o", "kim"), "", "" },
        { EVENT_OF(CREATED, NOBODY, "olga", "", ""), "", "" },
    };
    struct play p;
    audience(&p);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct event *e = &rows[i].e;
        is_str(told(&p, e), rows[i].people, "row %zu: %s reaches these people", i,
            event_info(e->type)->name);
        is_str(told_seats(&p, e), rows[i].seats, "  at these seats");
    }
    struct event signal = EVENT_OF(SIGNAL, TARGET, "olga", "o", "pat");
    signal.signal.to_seat = S("p2");
    is_str(told_seats(&p, &signal), "p2", "a signal reaches the seat that it is for");
    signal.signal.to_seat = S("w");
    signal.target = S("wes");
    is_str(told_seats(&p, &signal), "", "and none of one who waits");
    play_fini(&p);
}

/* What was before one came one reads in the history. */
static void test_told_from_when_one_came(void)
{
    struct play p;
    is_int(play_init(&p, MODE_STUDY, "olga"), 0, "a room");
    is_int(play(&p, VERB_JOIN, "olga@o", ""), 0, "olga comes");
    is_int(play(&p, VERB_CHAT, "olga@o", ""), 0, "and says something");
    struct event before = p.tape.at[p.tape.n - 1];
    is_int(play(&p, VERB_JOIN, "ann@a", ""), 0, "ann comes");
    struct event joined = p.tape.at[p.tape.n - 1];
    p.args.id = S("id2");
    is_int(play(&p, VERB_CHAT, "olga@o", ""), 0, "olga says something else");
    struct event after = p.tape.at[p.tape.n - 1];
    is_str(told(&p, &before), "olga", "ann does not hear the first");
    is_str(told(&p, &joined), "olga", "nor of her own coming");
    is_str(told(&p, &after), "olga ann", "but the second");
    is_int(play_lose(&p, "ann@a"), 0, "ann is lost");
    is_int(play(&p, VERB_JOIN, "ann@a2", ""), 0, "and back");
    is_str(told(&p, &after), "olga ann", "what she heard she may be told again");
    is_int(play(&p, VERB_LEAVE, "ann", ""), 0, "ann leaves");
    is_str(told(&p, &after), "olga", "and hears nothing more");
    play_fini(&p);
}

/* Whoever is let in hears of it, though it was before. */
static void test_told_of_approval(void)
{
    struct play p;
    is_int(play_init(&p, MODE_INTERVIEW, "olga"), 0, "an interview");
    is_int(play(&p, VERB_JOIN, "olga@o", ""), 0, "olga comes");
    is_int(play(&p, VERB_JOIN, "ann@a", ""), 0, "ann asks");
    is_int(play(&p, VERB_APPROVE, "olga@o", "ann"), 0, "and is let in");
    struct event approved = p.happened.at[0], joined = p.happened.at[1];
    is_str(told_seats(&p, &approved), "a", "which she is told");
    is_str(told_seats(&p, &joined), "o", "and then the others");
    play_fini(&p);
}

/* ---- without memory ---- */

struct script_row {
    enum verb verb;
    const char *who;
    const char *target;
};

/* Each verb and each event at least once, and people of all kinds. */
static const struct script_row script[] = {
    { VERB_JOIN, "olga@o", "" },
    { VERB_JOIN, "ann@a", "" },
    { VERB_JOIN, "ann@a2", "" },
    { VERB_APPROVE, "olga@o", "ann" },
    { VERB_JOIN, "bob@b", "" },
    { VERB_UPDATE, "olga@o", "" },
    { VERB_JOIN, "cat@c", "" },
    { VERB_START, "olga@o", "" },
    { VERB_ROLE, "olga@o", "bob" },
    { VERB_MUTE, "olga@o", "ann" },
    { VERB_HAND, "ann@a", "" },
    { VERB_MEDIA, "ann@a", "" },
    { VERB_TYPING, "ann@a", "" },
    { VERB_SIGNAL, "ann@a", "o" },
    { VERB_CHAT, "ann@a", "" },
    { VERB_CHAT_EDIT, "ann@a", "" },
    { VERB_CHAT_DELETE, "ann@a", "" },
    { VERB_SAY, "bob@b", "" },
    { VERB_FILE, "ann@a", "" },
    { VERB_DRAW, "ann@a", "" },
    { VERB_BOARD_SAVE, "ann@a", "" },
    { VERB_UNDRAW, "ann@a", "" },
    { VERB_CLEAR, "bob@b", "" },
    { VERB_CURSOR, "ann@a", "" },
    { VERB_TIMER, "olga@o", "" },
    { VERB_GOAL, "ann@a", "" },
    { VERB_REPORT, "ann@a", "" },
    { VERB_CODE, "ann@a", "" },
    { VERB_SUBMIT, "cat@c", "" },
    { VERB_LEAVE, "ann@a2", "" },
    { VERB_KICK, "olga@o", "cat" },
    { VERB_READMIT, "olga@o", "cat" },
    { VERB_JOIN, "cat@c", "" },
    { VERB_LEAVE, "cat", "" },
};

#define SCRIPT (sizeof(script) / sizeof(script[0]))

/* What the script changes is more than the default: a title, a question, no approval any more. */
static int play_script(struct play *p)
{
    struct room_settings s = room_default_settings(MODE_INTERVIEW);
    s.question = S("What is it?");
    s.duration_ms = 10 * MINUTE_MS;
    s.warn_at = 1;
    int err = play_create(p, S("olga"), &s);
    p->args.update.title = S("Another");
    p->args.update.settings.question = S("And what is it now?");
    p->args.update.settings.approval = false;
    for (size_t i = 0; i < SCRIPT && !err; i++)
        err = play(p, script[i].verb, script[i].who, script[i].target);
    if (!err)
        err = play_lose(p, "ann@a");
    return err ? err : play_wait(p, 11 * MINUTE_MS);
}

static void test_script(void)
{
    struct play p;
    bool happened[EV_COUNT] = { false };
    bool done_verbs[VERB_COUNT] = { false };
    int missing = 0;
    play_init_bare(&p);
    is_int(play_script(&p), 0, "a script of all verbs");
    for (uint32_t i = 0; i < p.tape.n; i++)
        happened[p.tape.at[i].type] = true;
    for (size_t i = 0; i < SCRIPT; i++)
        done_verbs[script[i].verb] = true;
    done_verbs[VERB_END] = true;  /* time does that */
    happened[EV_REJECTED] = true; /* made like APPROVED; elsewhere */
    happened[EV_RETURNED] = happened[EV_VIOLATION_CLEARED] = true;
    for (int t = 0; t < EV_KEPT_ROOM; t++) { /* what is kept is not made by verbs */
        bool stored = event_info((enum event_type)t)->durability != DURABILITY_NONE;
        if (stored && !happened[t])
            note("no %s", event_info((enum event_type)t)->name);
        missing += stored && !happened[t];
    }
    for (int v = 0; v < VERB_COUNT; v++)
        missing += !done_verbs[v];
    is_int(missing, 0, "has every verb, and nearly every event that is stored");
    play_fini(&p);
}

/* Counts and lists agree, whatever failed. */
static bool is_whole(const struct room *r)
{
    uint32_t n = 0;
    LIST_EACH(l, &r->members) {
        const struct member *m = CONTAINER_OF(l, struct member, link);
        if (room_member(r, slice_str(m->user_id)) != m)
            return false;
        n++;
    }
    return n == r->n_members && n == r->by_user.n;
}

/* With a verb that fails the room is as good as lost, but in one piece; what is stored brings it
 * back as it was before that verb. */
static void script_without_memory(void *arg)
{
    bool *fine = arg;
    struct play p;
    char why[128] = "";
    play_init_bare(&p);
    int err = play_script(&p);
    bool hit = fault_hit();
    if (err != (hit ? ERR_NO_MEMORY : 0) || !is_whole(p.room))
        note("after %s: %s", play_said(&p), err_name(err));
    *fine = *fine && err == (hit ? ERR_NO_MEMORY : 0) && is_whole(p.room);
    struct room *again = room_new(S("room"), tape_key());
    int folded = tape_fold(again, &p.tape);
    bool hit_here = !hit && fault_hit();
    bool is_same = folded == 0 && room_equal(again, p.room, why);
    *fine = *fine && folded == (hit_here ? ERR_NO_MEMORY : 0) && is_whole(again);
    *fine = *fine && (is_same || hit || hit_here);
    room_free(again);
    for (size_t i = 0; i < SCRIPT; i++) /* nothing falls apart if it is used all the same */
        (void)play(&p, script[i].verb, script[i].who, script[i].target);
    *fine = *fine && is_whole(p.room);
    play_free(&p);
}

static void fold_without_memory(void *arg)
{
    struct play *p = arg;
    struct room *r = room_new(S("room"), tape_key());
    int err = tape_fold(r, &p->tape);
    if (err != (fault_hit() ? ERR_NO_MEMORY : 0) || !is_whole(r))
        p->args.yes = false;
    room_free(r);
}

static void test_without_memory(void)
{
    struct play p;
    bool fine = true;
    fault_each(FAULT_ALLOC, script_without_memory, &fine);
    ok(fine, "a verb without memory says so; the log brings the room back");
    play_init_bare(&p);
    is_int(play_script(&p), 0, "the script once more");
    p.args.yes = true;
    fault_each(FAULT_ALLOC, fold_without_memory, &p);
    ok(p.args.yes, "a fold without memory says so");
    play_fini(&p);
}

int main(void)
{
    test_texts();
    test_empty();
    test_numbers();
    test_strangers();
    test_due();
    test_told();
    test_told_from_when_one_came();
    test_told_of_approval();
    test_script();
    test_without_memory();
    return done();
}
