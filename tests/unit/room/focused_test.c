/* Who has focused from when to when: stretches begin with the focus or with coming, end with the
 * focus or with going, belong to people and not to connections, and are noted once. Each test is a
 * room of 100 s of focus and 50 s of break, and what its verbs say has happened. */
#include "fault.h"
#include "play.h"

#define SECOND 1000

static int set_timer(struct play *p, enum timer_act act)
{
    p->args.timer = (struct room_timer){ .act = act, .phase = TIMER_FOCUS };
    return play(p, VERB_TIMER, "ann@a", "");
}

/* Seconds since the beginning, without a tick. */
static void at(struct play *p, double s)
{
    p->now_ms = PLAY_START_MS + (int64_t)(s * SECOND);
}

static int tick_at(struct play *p, double s)
{
    at(p, s);
    return play_wait(p, 0);
}

/* ann and bob, and a focus that began at 0. */
static int begin(struct play *p, bool auto_focus)
{
    struct room_settings s = room_default_settings(MODE_FOCUS);
    s.focus_ms = 100 * SECOND;
    s.break_ms = s.long_break_ms = 50 * SECOND;
    s.auto_focus = auto_focus;
    play_init_bare(p);
    int err = play_create(p, S(""), &s);
    if (!err)
        err = play(p, VERB_JOIN, "ann@a", "");
    if (!err)
        err = play(p, VERB_JOIN, "bob@b", "");
    return err ? err : set_timer(p, TIMER_ACT_START);
}

#define EXPECT(p, did, said, what)              \
    do {                                        \
        is_int((did), 0, "%s", what);           \
        is_str(play_said(p), said, "%s", what); \
    } while (0)

static void test_ends(void)
{
    struct play p;
    is_int(begin(&p, false), 0, "a focus");
    EXPECT(&p, tick_at(&p, 100), "FOCUSED(ann 0-100) FOCUSED(bob 0-100) TIMER() TIMER()",
        "all of it, for both");
    EXPECT(&p, tick_at(&p, 150), "TIMER()", "nothing in a break");
    EXPECT(&p, play_lose(&p, "bob@b"), "LOST(bob@b 0)", "nor when there is none");
    play_fini(&p);
}

/* A tick that comes late gives no more than there was. */
static void test_late(void)
{
    struct play p;
    is_int(begin(&p, false), 0, "a focus");
    EXPECT(&p, tick_at(&p, 5000), "FOCUSED(ann 0-100) FOCUSED(bob 0-100) TIMER() TIMER() TIMER()",
        "no more than a phase");
    play_fini(&p);
    is_int(begin(&p, false), 0, "a focus");
    at(&p, 5000);
    EXPECT(&p, play_lose(&p, "bob@b"), "FOCUSED(bob 0-100) LOST(bob@b 0)", "nor by going late");
    EXPECT(&p, tick_at(&p, 5001), "FOCUSED(ann 0-100) TIMER() TIMER() TIMER()", "once");
    play_fini(&p);
}

static void test_by_hand(void)
{
    struct play p;
    is_int(begin(&p, false), 0, "a focus");
    at(&p, 10);
    EXPECT(&p, set_timer(&p, TIMER_ACT_PAUSE), "FOCUSED(ann 0-10) FOCUSED(bob 0-10) TIMER(ann@a)",
        "a pause ends it");
    at(&p, 500);
    EXPECT(&p, set_timer(&p, TIMER_ACT_RESUME), "TIMER(ann@a)", "it does not count");
    at(&p, 520);
    EXPECT(&p, set_timer(&p, TIMER_ACT_RESET),
        "FOCUSED(ann 500-520) FOCUSED(bob 500-520) TIMER(ann@a)", "reset");
    EXPECT(&p, set_timer(&p, TIMER_ACT_START), "TIMER(ann@a)", "anew");
    at(&p, 530);
    EXPECT(&p, set_timer(&p, TIMER_ACT_START),
        "FOCUSED(ann 520-530) FOCUSED(bob 520-530) TIMER(ann@a)", "and over it, once more");
    at(&p, 541.5);
    EXPECT(&p, set_timer(&p, TIMER_ACT_SKIP),
        "FOCUSED(ann 530-541.5) FOCUSED(bob 530-541.5) TIMER(ann@a) TIMER(ann@a)", "skipped");
    at(&p, 550);
    EXPECT(&p, set_timer(&p, TIMER_ACT_SKIP), "TIMER(ann@a)", "a break is none");
    at(&p, 560);
    EXPECT(&p, play(&p, VERB_END, "ann@a", ""),
        "FOCUSED(ann 550-560) FOCUSED(bob 550-560) "
        "ENDED(ann@a 'The room has been ended by the host')",
        "the room ends");
    EXPECT(&p, tick_at(&p, 9000), "", "and nothing more");
    play_fini(&p);
}

static void test_coming_and_going(void)
{
    struct play p;
    is_int(begin(&p, false), 0, "a focus");
    at(&p, 10);
    EXPECT(&p, play(&p, VERB_JOIN, "cat@c", ""), "JOINED(cat@c participant 1)", "who comes later");
    at(&p, 20);
    EXPECT(&p, play(&p, VERB_JOIN, "cat@c2", ""), "RETURNED(cat@c2 participant 2)", "twice");
    at(&p, 30);
    EXPECT(&p, play(&p, VERB_LEAVE, "cat@c", ""), "LEFT(cat@c 1)", "and goes once");
    at(&p, 40);
    EXPECT(&p, play(&p, VERB_LEAVE, "cat@c2", ""), "FOCUSED(cat 10-40) LEFT(cat@c2 0)",
        "has focused from the first to the last connection");
    at(&p, 50);
    EXPECT(&p, play_lose(&p, "bob@b"), "FOCUSED(bob 0-50) LOST(bob@b 0)", "who is lost");
    at(&p, 60);
    EXPECT(&p, play(&p, VERB_JOIN, "bob@b2", ""), "RETURNED(bob@b2 participant 1)", "and back");
    at(&p, 70);
    EXPECT(&p, play(&p, VERB_KICK, "ann@a", "bob"), "FOCUSED(bob 60-70) KICKED(ann@a>bob)",
        "was away between");
    EXPECT(&p, tick_at(&p, 100), "FOCUSED(ann 0-100) TIMER() TIMER()", "who stayed has all");
    play_fini(&p);
}

/* What is shorter than a second is nothing, and does not add up. */
static void test_short(void)
{
    struct play p;
    is_int(begin(&p, false), 0, "a focus");
    at(&p, 0.999);
    EXPECT(&p, set_timer(&p, TIMER_ACT_PAUSE), "TIMER(ann@a)", "less than a second");
    EXPECT(&p, set_timer(&p, TIMER_ACT_RESUME), "TIMER(ann@a)", "again");
    at(&p, 1.999);
    EXPECT(&p, set_timer(&p, TIMER_ACT_PAUSE),
        "FOCUSED(ann 0.999-1.999) FOCUSED(bob 0.999-1.999) TIMER(ann@a)", "a second");
    EXPECT(&p, set_timer(&p, TIMER_ACT_RESUME), "TIMER(ann@a)", "again");
    at(&p, 1);
    EXPECT(&p, set_timer(&p, TIMER_ACT_PAUSE), "TIMER(ann@a)", "a clock that was set back");
    play_fini(&p);
}

/* Of phases that the timer went on to unseen, nothing counts; of the one that runs, from now on. */
static void test_unseen(void)
{
    struct play p;
    is_int(begin(&p, true), 0, "a timer that goes on by itself");
    EXPECT(&p, tick_at(&p, 151),
        "FOCUSED(ann 0-100) FOCUSED(bob 0-100) TIMER() TIMER() TIMER() TIMER()", "a little late");
    EXPECT(&p, tick_at(&p, 250), "FOCUSED(ann 150-250) FOCUSED(bob 150-250) TIMER() TIMER()",
        "the next is seen whole");
    EXPECT(&p, tick_at(&p, 690),
        "TIMER() TIMER() TIMER() TIMER() TIMER() TIMER() TIMER() TIMER() TIMER() TIMER() "
        "FOCUSED(ann 690-690) FOCUSED(bob 690-690)",
        "much later: the phases that nobody saw are nobody's");
    EXPECT(&p, tick_at(&p, 700), "FOCUSED(ann 690-700) FOCUSED(bob 690-700) TIMER() TIMER()",
        "nor is what had passed of the one that runs");
    EXPECT(&p, tick_at(&p, 810), "TIMER() TIMER()", "a minute late");
    EXPECT(&p, tick_at(&p, 850), "FOCUSED(ann 750-850) FOCUSED(bob 750-850) TIMER() TIMER()",
        "is not too late");
    play_fini(&p);
}

/* A snapshot says who is focusing since when. */
static void test_recalled(void)
{
    struct play p;
    struct events all;
    struct room *again = room_new(S("room"), tape_key());
    int err = 0;
    is_int(begin(&p, false), 0, "a focus");
    at(&p, 30);
    play_forget(&p);
    all = p.happened;
    is_int(room_recall(&all, p.room), 0, "is recalled");
    for (uint32_t i = 0; i < all.n && !err; i++)
        err = room_fold(again, &all.at[i]);
    is_int(err, 0, "in another room");
    is_int(room_member(again, S("ann"))->focus_since_ms, PLAY_START_MS, "since when ann focuses");
    room_free(again);
    play_fini(&p);
}

static void focus_with_fault(void *arg)
{
    struct play p;
    (void)arg;
    int err = begin(&p, true);
    if (!err)
        err = tick_at(&p, 1000);
    if (!err)
        err = play_lose(&p, "bob@b");
    if (fault_hit() && err != 0 && err != ERR_NO_MEMORY)
        ok(false, "a fault gives %s", err_name(err));
    play_free(&p);
}

int main(void)
{
    test_ends();
    test_late();
    test_by_hand();
    test_coming_and_going();
    test_short();
    test_unseen();
    test_recalled();
    fault_each(FAULT_ALLOC, focus_with_fault, NULL);
    return done();
}
