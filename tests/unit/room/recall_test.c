/* A room recalled is the room: after any history, and for any history that follows; what may be
 * folded where; and logs of which retention has taken whole kinds of events. */
#include "fault.h"
#include "play.h"
#include "recalled.h"

#define ROOMS         60
#define STEPS         400
#define RECALL_ONE_IN 40
#define PEOPLE        9
#define SEATS         24
#define IDS           6

/* ---- a random player ---- */

/* A room, and beside it one that began as a recalled copy of it; both do the same. */
struct pair {
    struct play a, b;
    bool is_twin; /* there is a b */
    uint64_t random;
    char who[24], target[16], id[16], ops[64];
    char last[64];
    char why[200]; /* the first difference */
};

static uint32_t draw(struct pair *p, uint32_t below)
{
    p->random = p->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(p->random >> 33) % below;
}

static void blame(struct pair *p, const char *what)
{
    if (p->why[0] == '\0')
        snprintf(p->why, sizeof(p->why), "%s: %s", p->last, what);
}

static void pick_who(struct pair *p, enum verb verb)
{
    unsigned seat = draw(p, SEATS);
    snprintf(p->who, sizeof(p->who), draw(p, 12) ? "u%u@s%u" : "u%u", seat % PEOPLE, seat);
    if (draw(p, 30) == 0)
        p->who[0] = '\0';
    if (verb == VERB_SIGNAL)
        snprintf(p->target, sizeof(p->target), "s%u", draw(p, SEATS));
    else if ((verb == VERB_CHAT || verb == VERB_SAY) && draw(p, 3))
        p->target[0] = '\0';
    else
        snprintf(p->target, sizeof(p->target), "u%u", draw(p, PEOPLE));
}

static struct room_settings pick_settings(struct pair *p)
{
    struct room_settings s = room_default_settings((enum room_mode)draw(p, 4));
    s.approval = draw(p, 3) == 0;
    s.is_locked = draw(p, 8) == 0;
    s.max_participants = draw(p, 3) ? 0 : 3;
    s.duration_ms = draw(p, 4) ? 0 : 600000;
    s.focus_ms = 600 + draw(p, 90000);
    s.break_ms = 600 + draw(p, 9000);
    s.auto_focus = draw(p, 2);
    s.warn_at = draw(p, 4);
    s.auto_submit_at = draw(p, 4);
    s.question = draw(p, 2) ? S("Why?\nAnd h\xc3\xb6w?") : S("");
    return s;
}

static void pick_args(struct pair *p)
{
    static const struct slice texts[] = { SLICE("hello"), SLICE("h\xc3\xa9 \xf0\x9f\x98\x80 \"\\"),
        SLICE("a\n\tb"), SLICE("int main() {}") };
    struct play_args *a = &p->a.args;
    snprintf(p->id, sizeof(p->id), "i%u", draw(p, IDS));
    snprintf(p->ops, sizeof(p->ops),
        "[{\"id\":\"i%u\",\"type\":\"t\"},{\"type\":\"t\",\"x\":\"\\\"\\n\"}]", draw(p, IDS));
    *a = (struct play_args){ .id = slice_str(p->id),
        .text = texts[draw(p, 4)],
        .name = texts[draw(p, 2)],
        .avatar_url = draw(p, 2) ? S("/a.png") : S(""),
        .knock = draw(p, 2) ? texts[draw(p, 2)] : slice_of(NULL, 0),
        .attachments = draw(p, 2) ? S("[{\"a\":\"\\u0000\"}]") : S(""),
        .reply_to = draw(p, 2) ? S("i0") : S(""),
        .is_done = draw(p, 2),
        .ops = slice_str(p->ops),
        .url = draw(p, 2) ? S("/b.png") : S(""),
        .is_guest = draw(p, 2),
        .yes = draw(p, 3),
        .role = ROLE_PARTICIPANT + (enum role)draw(p, 3),
        .report = (enum report_kind)draw(p, REPORT_TAB_FOCUS + 1),
        .kind = (enum message_kind)draw(p, 2),
        .timer = { .act = (enum timer_act)draw(p, TIMER_ACT_SKIP + 1),
            .phase = TIMER_FOCUS + (enum timer_phase)draw(p, 3) },
        .update = { .title = S("T"), .settings = pick_settings(p) } };
    p->b.args = p->a.args;
}

/* ---- both do it ---- */

static void check_events(struct pair *p)
{
    struct buf one, other;
    bool same = p->a.happened.n == p->b.happened.n;
    for (uint32_t i = 0; same && i < p->a.happened.n; i++) {
        buf_init(&one, RECORD_MAX_BYTES);
        buf_init(&other, RECORD_MAX_BYTES);
        record_write(&one, &p->a.happened.at[i]);
        record_write(&other, &p->b.happened.at[i]);
        same = slice_eq(buf_slice(&one), buf_slice(&other));
        same = same && p->a.happened.at[i].seq == p->b.happened.at[i].seq;
        buf_fini(&one);
        buf_fini(&other);
    }
    if (!same)
        blame(p, "something else happened in the recalled room");
}

static void check(struct pair *p, int err, int err_b)
{
    char why[128] = "";
    if (!p->is_twin)
        return;
    if (err != err_b)
        blame(p, "the recalled room says something else");
    check_events(p);
    if (!room_equal(p->a.room, p->b.room, why))
        blame(p, why);
}

static void step(struct pair *p)
{
    static const enum verb often[] = { VERB_JOIN, VERB_JOIN, VERB_CHAT, VERB_DRAW, VERB_APPROVE,
        VERB_CODE, VERB_REPORT };
    enum verb verb = draw(p, 2) ? often[draw(p, 7)] : (enum verb)draw(p, VERB_COUNT);
    unsigned what = draw(p, 12);
    int64_t ms = draw(p, 20) ? draw(p, 3000) : 130000;
    if (verb == VERB_END && draw(p, 30))
        verb = VERB_JOIN;
    pick_who(p, verb);
    pick_args(p);
    snprintf(p->last, sizeof(p->last), "%s '%s' '%s'", verb_info(verb)->name, p->who, p->target);
    int err, err_b = 0;
    if (what == 0)
        err = play_wait(&p->a, ms);
    else if (what == 1)
        err = play_lose(&p->a, p->who);
    else
        err = play(&p->a, verb, p->who, p->target);
    if (!p->is_twin)
        return;
    if (what == 0)
        err_b = play_wait(&p->b, ms);
    else if (what == 1)
        err_b = play_lose(&p->b, p->who);
    else
        err_b = play(&p->b, verb, p->who, p->target);
    check(p, err, err_b);
}

/* From now on there is a twin, or another one. */
static void recall(struct pair *p)
{
    int err;
    char why[128] = "";
    if (p->is_twin)
        play_free(&p->b);
    p->b = (struct play){ .now_ms = p->a.now_ms };
    p->b.room = recalled(&err, p->a.room, tape_key());
    arena_init(&p->b.arena, PLAY_ARENA_MAX);
    play_forget(&p->b);
    p->is_twin = true;
    if (err || !room_equal(p->a.room, p->b.room, why))
        blame(p, err ? err_name(err) : why);
}

static void test_histories(void)
{
    unsigned recalls = 0;
    for (unsigned i = 0; i < ROOMS; i++) {
        struct pair p = { .random = i };
        struct room_settings settings = pick_settings(&p);
        play_init_bare(&p.a);
        if (play_create(&p.a, i % 2 ? S("u1") : S(""), &settings))
            blame(&p, "it cannot be made");
        for (unsigned k = 0; k < STEPS && p.why[0] == '\0'; k++) {
            step(&p);
            if (draw(&p, RECALL_ONE_IN) == 0) {
                recall(&p);
                recalls++;
            }
        }
        recall(&p);
        if (p.why[0] != '\0')
            is_str(p.why, "", "room %u", i);
        play_free(&p.a);
        play_free(&p.b);
    }
    ok(recalls > ROOMS, "%u times a room was recalled, and went on as it was", recalls);
}

/* ---- what may be folded where ---- */

static void test_order(void)
{
    struct play p;
    struct arena arena;
    struct events all;
    is_int(play_init(&p, MODE_STUDY, "ann"), 0, "a room");
    is_int(play(&p, VERB_JOIN, "ann@a", "") || play(&p, VERB_DRAW, "ann@a", ""), 0, "somebody");
    p.args.id = S("second");
    p.args.ops = S("[{\"type\":\"t\"}]");
    is_int(play(&p, VERB_CHAT, "ann@a", "") || play(&p, VERB_DRAW, "ann@a", ""), 0, "draws");
    arena_init(&arena, PLAY_ARENA_MAX);
    events_init(&all, &arena);
    is_int(room_recall(&all, p.room), 0, "is recalled");
    is_int(all.n, 5, "a room, a member, a message, two ops");
    struct event room = all.at[0], ann = all.at[1], said = all.at[2], op = all.at[3];
    is_int(op.type, EV_KEPT_OP, "in that order");
    struct room *again = room_new(S("room"), tape_key());
    is_int(room_fold(again, &ann), ERR_CONFLICT, "nobody before the room");
    struct event bare = room;
    bare.seq = 0;
    is_int(room_fold(again, &bare), ERR_CONFLICT, "not without a number");
    is_int(room_fold(again, &room), 0, "the room comes first");
    is_int(room_fold(again, &room), ERR_CONFLICT, "once");
    is_int(room_fold(again, &ann), 0, "a member");
    is_int(room_fold(again, &ann), ERR_CONFLICT, "once");
    struct event late = said;
    late.seq++;
    is_int(room_fold(again, &late), ERR_CONFLICT, "all have one number");
    is_int(room_fold(again, &all.at[4]), 0, "the second op");
    is_int(room_fold(again, &op), ERR_BAD_VALUE, "not the first behind it");
    struct event same = all.at[4];
    same.kept_op.number++;
    is_int(room_fold(again, &same), ERR_BAD_VALUE, "nor one of a number yet to come");
    is_int(room_fold(again, &p.tape.at[0]), ERR_CONFLICT, "nor what was before");
    is_int(room_skip(again, again->seq), ERR_CONFLICT, "a number is passed over once");
    is_int(room_skip(again, again->seq + 1), 0, "the next one");
    is_int((int)again->seq, (int)p.room->seq + 1, "counts");
    is_int(room_fold(again, &said), ERR_CONFLICT, "then nothing is recalled any more");
    room_free(again);
    arena_fini(&arena);
    play_fini(&p);
}

static void test_empty(void)
{
    struct play p;
    struct arena arena;
    struct events all;
    play_init_bare(&p);
    arena_init(&arena, PLAY_ARENA_MAX);
    events_init(&all, &arena);
    is_int(room_recall(&all, p.room), 0, "a room before its first event");
    is_int(all.n, 0, "is nothing");
    arena_fini(&arena);
    play_free(&p);
}

/* More members than fit, since the owner always does; nobody is forgotten on the way back. */
static void test_crowd(void)
{
    struct play p;
    char who[24], why[128] = "";
    int err = play_init(&p, MODE_STUDY, "olga");
    p.args.is_guest = true;
    p.args.update.settings.max_participants = 0;
    err = err ? err : play(&p, VERB_UPDATE, "olga", "");
    for (unsigned i = 0; i < ROOM_MAX_MEMBERS && !err; i++) {
        snprintf(who, sizeof(who), "u%u@s%u", i, i);
        err = play(&p, VERB_JOIN, who, "");
    }
    if (!err)
        err = play(&p, VERB_JOIN, "olga@o", "");
    for (unsigned i = 0; i < 10 && !err; i++) {
        snprintf(who, sizeof(who), "u%u@s%u", i, i);
        err = play(&p, VERB_LEAVE, who, "");
    }
    is_int(err, 0, "a full room");
    is_int((int)p.room->n_members, ROOM_MAX_MEMBERS + 1, "and its owner");
    ok(recalled_is_same(p.room, why), "recalled");
    is_str(why, "", "with everybody");
    play_free(&p);
}

/* ---- logs that have lost something ---- */

static bool is_lost(enum event_type type, unsigned round)
{
    return (type * 7u + round) % 5 == 0;
}

static void test_retention(void)
{
    unsigned failed = 0, folded = 0;
    for (unsigned round = 0; round < 40; round++) {
        struct pair p = { .random = round };
        struct room_settings settings = pick_settings(&p);
        play_init_bare(&p.a);
        if (play_create(&p.a, S(""), &settings))
            blame(&p, "it cannot be made");
        for (unsigned k = 0; k < STEPS; k++)
            step(&p);
        struct room *r = room_new(S("room"), tape_key());
        for (uint32_t i = 0; i < p.a.tape.n; i++) {
            if (is_lost(p.a.tape.at[i].type, round))
                continue;
            failed += room_fold(r, &p.a.tape.at[i]) != 0;
            folded++;
        }
        struct events out;
        play_forget(&p.a);
        events_init(&out, &p.a.arena);
        failed += room_tick(&out, r, p.a.now_ms + 1000000) != 0;
        char why[128];
        failed += !recalled_is_same(r, why);
        room_free(r);
        play_free(&p.a);
    }
    is_int(failed, 0, "of %u events none is refused where others are missing", folded);
}

/* Somebody whose coming is not in the log any more, but whose coming back is. */
static void test_returned(void)
{
    struct play p;
    is_int(play_init(&p, MODE_STUDY, "olga"), 0, "a room");
    is_int(play(&p, VERB_JOIN, "ann@a", ""), 0, "ann comes");
    uint32_t joined = p.tape.n - 1;
    is_int(play_lose(&p, "ann@a") || play(&p, VERB_JOIN, "ann@b", ""), 0, "goes, comes back");
    struct room *r = room_new(S("room"), tape_key());
    int err = 0;
    for (uint32_t i = 0; i < p.tape.n && !err; i++)
        err = i == joined ? 0 : room_fold(r, &p.tape.at[i]);
    is_int(err, 0, "folded without her first coming");
    is_int(room_role(r, S("ann")), ROLE_PARTICIPANT, "she is inside");
    room_free(r);
    play_fini(&p);
}

/* ---- without memory ---- */

static void fold_again(void *arg)
{
    const struct room *r = arg;
    int err;
    struct room *again = recalled(&err, r, tape_key());
    (void)err;
    room_free(again);
}

static void test_memory(void)
{
    struct play p;
    struct arena small;
    struct events all;
    int err = play_init(&p, MODE_STUDY, "ann");
    if (!err)
        err = play(&p, VERB_JOIN, "ann@a", "") || play(&p, VERB_CHAT, "ann@a", "") ||
            play(&p, VERB_FILE, "ann@a", "") || play(&p, VERB_DRAW, "ann@a", "");
    is_int(err, 0, "a room");
    arena_init(&small, 512);
    events_init(&all, &small);
    ok(room_recall(&all, p.room) != 0, "needs more than that");
    arena_fini(&small);
    fault_each(FAULT_ALLOC, fold_again, p.room);
    play_fini(&p);
}

int main(void)
{
    test_histories();
    test_order();
    test_empty();
    test_crowd();
    test_retention();
    test_returned();
    test_memory();
    return done();
}
