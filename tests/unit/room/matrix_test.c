/* Who may do what when: every verb, for every kind of person, in every state of a room, is done for
 * real, and comes out as verb.def says. What is done is such that nothing but permission can fail;
 * where something else does, for that kind of person, `exceptions` says so. A refusal changes
 * nothing; whatever happens, the log folded again gives the room. */
#include "play.h"

/* Who asks, how the room knows the one, and as what verb.def does. */
static const struct actor {
    const char *who;
    const char *what;
    uint32_t as;        /* bits of verb.def */
    bool owner_is_away; /* in this row's room */
} actors[] = {
    { "oli@x", "somebody new", 1u << ROLE_OUTSIDER, false },
    { "abe@x", "one who was approved and has left", 1u << ROLE_OUTSIDER, false },
    { "leo@x", "a cohost who has left", 1u << ROLE_OUTSIDER, false },
    { "han@x", "a host who has left", 1u << ROLE_OUTSIDER, false },
    { "ron@x", "one who was rejected", 1u << ROLE_OUTSIDER, false },
    { "kim@x", "one who was kicked", 1u << ROLE_OUTSIDER, false },
    { "wes@w", "one who waits", 1u << ROLE_WAITING, false },
    { "pat@p", "a participant", 1u << ROLE_PARTICIPANT, false },
    { "lou@x", "a participant who is lost", 1u << ROLE_PARTICIPANT, false },
    { "cy@c", "a cohost", 1u << ROLE_COHOST, false },
    { "hal@h", "a host", 1u << ROLE_HOST, false },
    { "hal@h", "a host without the owner", 1u << ROLE_HOST, true },
    { "olga@o", "the owner", 1u << ROLE_HOST | VERB_BY_ROOM, false },
    { "olga@x", "the owner, away", 1u << ROLE_OUTSIDER | VERB_BY_ROOM, true },
    { "", "the room itself", 1u << ROLE_OUTSIDER | VERB_BY_ROOM, false },
};

#define ACTORS (sizeof(actors) / sizeof(actors[0]))
#define STATES (ROOM_ENDED + 1)

/* Where something else than permission decides. */
static const struct {
    enum verb verb;
    const char *who;
    int instead_of;
    int err;
} exceptions[] = {
    { VERB_JOIN, "kim@x", 0, ERR_KICKED }, { VERB_JOIN, "kim@x", ERR_ROOM_ENDED, ERR_KICKED },
    { VERB_JOIN, "", 0, ERR_BAD_FIELD },         /* the room is nobody who could come */
    { VERB_LEAVE, "lou@x", 0, ERR_NOT_IN_ROOM }, /* that seat is gone */
    { VERB_HAND, "lou@x", 0, ERR_NOT_IN_ROOM },  /* and these take one */
    { VERB_MEDIA, "lou@x", 0, ERR_NOT_IN_ROOM }, { VERB_TYPING, "lou@x", 0, ERR_NOT_IN_ROOM },
    { VERB_SIGNAL, "lou@x", 0, ERR_NOT_IN_ROOM },
    { VERB_SAY, "oli@x", 0, ERR_NOT_IN_ROOM }, /* from outside into an interview */
    { VERB_SAY, "abe@x", 0, ERR_NOT_IN_ROOM }, { VERB_SAY, "leo@x", 0, ERR_NOT_IN_ROOM },
    { VERB_SAY, "han@x", 0, ERR_NOT_IN_ROOM }, { VERB_SAY, "ron@x", 0, ERR_NOT_IN_ROOM },
    { VERB_SAY, "kim@x", 0, ERR_KICKED }, { VERB_SAY, "", 0, ERR_NOT_IN_ROOM }, /* the room chats */
};

/* On whom: for each verb somebody with whom it can be done. */
static const char *const targets[VERB_COUNT] = {
    [VERB_APPROVE] = "wil", /* another who waits */
    [VERB_ROLE] = "vic",    /* another participant */
    [VERB_MUTE] = "vic",
    [VERB_KICK] = "vic",
    [VERB_READMIT] = "kit", /* another who was kicked */
    [VERB_SIGNAL] = "v",    /* vic's seat */
};

/* ---- rooms ---- */

static int bring(struct play *p)
{
    static const char *const let_in[] = { "abe@a", "leo@l", "han@n", "kim@k", "kit@t", "pat@p",
        "lou@u", "cy@c", "hal@h", "vic@v" };
    int err = play(p, VERB_JOIN, "olga@o", "");
    for (size_t i = 0; i < sizeof(let_in) / sizeof(let_in[0]) && !err; i++) {
        char name[8];
        snprintf(name, sizeof(name), "%.3s", let_in[i]);
        name[strcspn(name, "@")] = '\0';
        err = play(p, VERB_JOIN, let_in[i], "");
        if (!err)
            err = play_approve(p, "olga@o", name, true);
    }
    return err;
}

static int appoint_and_dismiss(struct play *p)
{
    static const char *const away[] = { "abe@a", "leo@l", "han@n" };
    int bad = play_role(p, "olga@o", "leo", ROLE_COHOST) != 0;
    bad += play_role(p, "olga@o", "cy", ROLE_COHOST) != 0;
    bad += play_role(p, "olga@o", "han", ROLE_HOST) != 0;
    bad += play_role(p, "olga@o", "hal", ROLE_HOST) != 0;
    for (size_t i = 0; i < sizeof(away) / sizeof(away[0]); i++)
        bad += play(p, VERB_LEAVE, away[i], "") != 0;
    bad += play(p, VERB_KICK, "olga@o", "kim") != 0;
    bad += play(p, VERB_KICK, "olga@o", "kit") != 0;
    bad += play_lose(p, "lou@u") != 0;
    bad += play(p, VERB_JOIN, "ron@r", "") != 0;
    bad += play_approve(p, "olga@o", "ron", false) != 0;
    bad += play(p, VERB_JOIN, "wes@w", "") != 0;
    bad += play(p, VERB_JOIN, "wil@i", "") != 0;
    return bad;
}

/* Whoever may has a message and an op to change, with who it is for its id. */
static int leave_traces(struct play *p)
{
    static const struct {
        const char *author;
        const char *ops;
    } traces[] = {
        { "pat@p", "[{\"id\":\"pat@p\",\"type\":\"line\"}]" },
        { "cy@c", "[{\"id\":\"cy@c\",\"type\":\"line\"}]" },
        { "hal@h", "[{\"id\":\"hal@h\",\"type\":\"line\"}]" },
        { "olga@o", "[{\"id\":\"olga@o\",\"type\":\"line\"}]" },
    };
    int bad = play(p, VERB_JOIN, "lou@u", "") != 0;
    for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
        p->args.id = slice_str(traces[i].author);
        p->args.ops = slice_str(traces[i].ops);
        bad += play(p, VERB_CHAT, traces[i].author, "") != 0;
        bad += play(p, VERB_DRAW, traces[i].author, "") != 0;
    }
    p->args.id = S("lou@x");
    p->args.ops = S("[{\"id\":\"lou@x\",\"type\":\"line\"}]");
    bad += play(p, VERB_CHAT, "lou@u", "") != 0;
    bad += play(p, VERB_DRAW, "lou@u", "") != 0;
    bad += play_lose(p, "lou@u") != 0;
    return bad;
}

/* The room in which a row is tried. */
static int build(struct play *p, enum room_status status, bool owner_is_away)
{
    int bad = play_init(p, MODE_INTERVIEW, "olga") != 0;
    bad += bring(p) != 0;
    bad += appoint_and_dismiss(p) != 0;
    bad += leave_traces(p) != 0;
    p->args.update.settings.timer_by_hosts = false;
    bad += play(p, VERB_UPDATE, "olga@o", "") != 0;
    if (status != ROOM_WAITING)
        bad += play(p, VERB_START, "olga@o", "") != 0;
    if (owner_is_away)
        bad += play(p, VERB_LEAVE, "olga@o", "") != 0;
    if (status == ROOM_ENDED)
        bad += play(p, VERB_END, "", "") != 0;
    return bad;
}

/* ---- rows ---- */

/* In the words of verb.def's comment, not by room_may(). */
static int expected_by_table(enum verb verb, const struct actor *a, enum room_status status)
{
    const struct verb_info *v = verb_info(verb);
    if ((v->roles & a->as) == 0) {
        if (a->as & 1u << ROLE_OUTSIDER)
            return ERR_NOT_IN_ROOM;
        return a->as & 1u << ROLE_WAITING ? ERR_WAITING_APPROVAL : ERR_NOT_HOST;
    }
    if ((v->states & 1u << status) != 0)
        return 0;
    return status == ROOM_ENDED ? ERR_ROOM_ENDED : ERR_CONFLICT;
}

static int expected(enum verb verb, const struct actor *a, enum room_status status)
{
    int err = expected_by_table(verb, a, status);
    if (verb == VERB_CHAT && a->who[0] == '\0') /* the system may speak, until the end */
        return status == ROOM_ENDED ? ERR_ROOM_ENDED : 0;
    for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
        bool is_this = exceptions[i].verb == verb && strcmp(exceptions[i].who, a->who) == 0;
        if (is_this && err == exceptions[i].instead_of)
            return exceptions[i].err;
    }
    return err;
}

static void set_args(struct play *p, enum verb verb, const struct actor *a)
{
    bool of_old = verb == VERB_CHAT_EDIT || verb == VERB_CHAT_DELETE || verb == VERB_UNDRAW;
    p->args.id = of_old && a->who[0] != '\0' ? slice_str(a->who) : S("new");
    p->args.ops = S("[{\"id\":\"new\",\"type\":\"line\"}]");
    p->args.role = ROLE_COHOST;
    p->args.yes = true;
}

/* The most durable event that each verb has led to. */
struct strictest {
    enum durability of[VERB_COUNT];
};

static void note_durability(struct strictest *s, const struct play *p, enum verb verb)
{
    for (uint32_t i = 0; i < p->happened.n; i++) {
        enum durability durability = event_info(p->happened.at[i].type)->durability;
        if (durability > s->of[verb])
            s->of[verb] = durability;
    }
}

static bool row_holds(struct play *p, enum verb verb, const struct actor *a, int want)
{
    char why[128] = "";
    uint32_t before = p->tape.n;
    const char *target = targets[verb] != NULL ? targets[verb] : "";
    set_args(p, verb, a);
    int err = play(p, verb, a->who, target);
    bool fine = err == want && (!err || (p->tape.n == before && p->happened.n == 0));
    bool is_same = tape_gives(&p->tape, p->room, why);
    if (!fine || !is_same)
        note("%s by %s, status %d: %s, not %s; %s", verb_info(verb)->name, a->what,
            (int)p->room->status, err_name(err), err_name(want), why);
    return fine && is_same;
}

static unsigned run_verb(struct strictest *s, enum verb verb)
{
    unsigned rows = 0, bad = 0;
    for (size_t i = 0; i < ACTORS; i++) {
        for (int status = 0; status < STATES; status++, rows++) {
            struct play p;
            int err = build(&p, (enum room_status)status, actors[i].owner_is_away);
            int want = expected(verb, &actors[i], (enum room_status)status);
            bad += err || !row_holds(&p, verb, &actors[i], want);
            note_durability(s, &p, verb);
            play_free(&p);
        }
    }
    is_int(bad, 0, "%s: %u rows", verb_info(verb)->name, rows);
    return rows;
}

int main(void)
{
    struct strictest strictest = { .of = { DURABILITY_NONE } };
    unsigned rows = 0;
    for (int verb = 0; verb < VERB_COUNT; verb++) {
        rows += run_verb(&strictest, (enum verb)verb);
        is_int(strictest.of[verb], verb_info((enum verb)verb)->durability,
            "what it leads to is as durable as is said");
    }
    is_int(rows, VERB_COUNT * ACTORS * STATES, "every verb, kind of person and state");
    return done();
}
