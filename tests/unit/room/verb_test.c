/* The table of verbs, and room_may(), whose answer depends on who asks, and only then on the state
 * of the room. matrix_test.c tries every verb for every role in every state; here are the corners:
 * people who are away, the room itself, the owner outside. */
#include "room/verb.h"

#include "play.h"

static const char *const names[VERB_COUNT] = {
#define VERB(id, who, states, rate, durability) [VERB_##id] = #id,
#include "room/verb.def"
#undef VERB
};

static void test_table(void)
{
    int bad = 0;
    for (int v = 0; v < VERB_COUNT; v++) {
        const struct verb_info *info = verb_info((enum verb)v);
        bad += strcmp(info->name, names[v]) != 0 || info->rate >= RATE_CLASSES;
        bad += info->roles == 0 || info->states == 0;
        bad += (info->roles & 1u << ROLE_HOST) == 0; /* nothing is closed to hosts */
    }
    is_int(bad, 0, "every verb has its name, roles, states and a rate class");
    is_int(verb_info(VERB_CHAT)->rate, RATE_CHAT, "chat's class");
    is_int(verb_info(VERB_START)->states, 1u << ROOM_WAITING, "only what waits is started");
    is_int(verb_info(VERB_END)->roles, 1u << ROLE_HOST | VERB_BY_ROOM, "who may end a room");
}

/* An interview of olga's: hal is host, cy cohost, pat in it, wes waits, ron was rejected, kim
 * kicked, abe approved and away, leo left as cohost, and lou lost the connection. */
static void people(struct play *p)
{
    int bad = play_init(p, MODE_INTERVIEW, "olga") != 0;
    static const char *const guests[] = { "hal", "cy", "pat", "ron", "kim", "abe", "leo", "lou" };
    bad += play(p, VERB_JOIN, "olga@o", "") != 0;
    for (size_t i = 0; i < sizeof(guests) / sizeof(guests[0]); i++) {
        char who[16];
        snprintf(who, sizeof(who), "%s@%s", guests[i], guests[i]);
        bad += play(p, VERB_JOIN, who, "") != 0;
        if (strcmp(guests[i], "abe") == 0)
            bad += play(p, VERB_LEAVE, who, "") != 0;
        bad += play_approve(p, "olga@o", guests[i], strcmp(guests[i], "ron") != 0) != 0;
    }
    bad += play_role(p, "olga@o", "hal", ROLE_HOST) != 0;
    bad += play_role(p, "olga@o", "cy", ROLE_COHOST) != 0;
    bad += play_role(p, "olga@o", "leo", ROLE_COHOST) != 0;
    bad += play(p, VERB_KICK, "olga@o", "kim") != 0;
    bad += play(p, VERB_LEAVE, "leo@leo", "") != 0;
    bad += play_lose(p, "lou@lou") != 0;
    bad += play(p, VERB_JOIN, "wes@wes", "") != 0;
    is_int(bad, 0, "an interview with all kinds of people");
}

static void test_roles(struct play *p)
{
    static const struct {
        const char *who;
        enum role role;
        int chat, kick, end, leave;
    } rows[] = {
        { "olga", ROLE_HOST, 0, 0, 0, 0 },
        { "hal", ROLE_HOST, 0, 0, 0, 0 },
        { "cy", ROLE_COHOST, 0, 0, ERR_NOT_HOST, 0 },
        { "pat", ROLE_PARTICIPANT, 0, ERR_NOT_HOST, ERR_NOT_HOST, 0 },
        { "lou", ROLE_PARTICIPANT, 0, ERR_NOT_HOST, ERR_NOT_HOST, 0 },
        { "wes", ROLE_WAITING, ERR_WAITING_APPROVAL, ERR_WAITING_APPROVAL, ERR_WAITING_APPROVAL,
            0 },
        { "ron", ROLE_OUTSIDER, ERR_NOT_IN_ROOM, ERR_NOT_IN_ROOM, ERR_NOT_IN_ROOM,
            ERR_NOT_IN_ROOM },
        { "kim", ROLE_OUTSIDER, ERR_NOT_IN_ROOM, ERR_NOT_IN_ROOM, ERR_NOT_IN_ROOM,
            ERR_NOT_IN_ROOM },
        { "abe", ROLE_OUTSIDER, ERR_NOT_IN_ROOM, ERR_NOT_IN_ROOM, ERR_NOT_IN_ROOM,
            ERR_NOT_IN_ROOM },
        { "leo", ROLE_OUTSIDER, ERR_NOT_IN_ROOM, ERR_NOT_IN_ROOM, ERR_NOT_IN_ROOM,
            ERR_NOT_IN_ROOM },
        { "who", ROLE_OUTSIDER, ERR_NOT_IN_ROOM, ERR_NOT_IN_ROOM, ERR_NOT_IN_ROOM,
            ERR_NOT_IN_ROOM },
        { "", ROLE_OUTSIDER, ERR_NOT_IN_ROOM, 0, 0, ERR_NOT_IN_ROOM },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct slice who = slice_str(rows[i].who);
        is_int(room_role(p->room, who), rows[i].role, "'%s' is %s", rows[i].who,
            role_name(rows[i].role));
        is_int(room_may(p->room, VERB_CHAT, who), rows[i].chat, "'%s' chats", rows[i].who);
        is_int(room_may(p->room, VERB_KICK, who), rows[i].kick, "'%s' kicks", rows[i].who);
        is_int(room_may(p->room, VERB_END, who), rows[i].end, "'%s' ends", rows[i].who);
        is_int(room_may(p->room, VERB_LEAVE, who), rows[i].leave, "'%s' leaves", rows[i].who);
    }
}

static void test_owner_outside(struct play *p)
{
    is_int(play(p, VERB_LEAVE, "olga@o", ""), 0, "the owner leaves");
    is_int(room_role(p->room, S("olga")), ROLE_OUTSIDER, "and is not in the room");
    is_int(room_may(p->room, VERB_UPDATE, S("olga")), 0, "may update it");
    is_int(room_may(p->room, VERB_START, S("olga")), 0, "may start it");
    is_int(room_may(p->room, VERB_TIMER, S("olga")), 0, "may set the timer");
    is_int(room_may(p->room, VERB_CHAT, S("olga")), ERR_NOT_IN_ROOM, "may not speak");
    is_int(room_may(p->room, VERB_DRAW, S("olga")), ERR_NOT_IN_ROOM, "may not draw");
    is_int(room_may(p->room, VERB_UPDATE, S("hal")), 0, "a host may go on");
}

static void test_states(struct play *p)
{
    is_int(room_may(p->room, VERB_JOIN, S("who")), 0, "one may ask to come in");
    is_int(play(p, VERB_START, "hal@hal", ""), 0, "a host starts it");
    is_int(room_may(p->room, VERB_START, S("hal")), ERR_CONFLICT, "it has started");
    is_int(room_may(p->room, VERB_START, S("pat")), ERR_NOT_HOST, "who may not is told that");
    is_int(play(p, VERB_END, "hal@hal", ""), 0, "a host ends it");
    is_int(room_may(p->room, VERB_START, S("hal")), ERR_ROOM_ENDED, "it has ended");
    is_int(room_may(p->room, VERB_CHAT, S("pat")), ERR_ROOM_ENDED, "for all");
    is_int(room_may(p->room, VERB_JOIN, S("who")), ERR_ROOM_ENDED, "nobody comes in");
    is_int(room_may(p->room, VERB_CHAT, S("who")), ERR_NOT_IN_ROOM, "outsiders learn nothing");
    is_int(room_may(p->room, VERB_END, S("")), ERR_ROOM_ENDED, "it does not end twice");
    is_int(room_may(p->room, VERB_LEAVE, S("pat")), 0, "one may leave");
    is_int(room_may(p->room, VERB_LEAVE, S("wes")), 0, "or stop waiting");
}

int main(void)
{
    struct play p;
    test_table();
    people(&p);
    test_roles(&p);
    test_owner_outside(&p);
    test_states(&p);
    play_fini(&p);
    return done();
}
