/* Coming and going: each way in and out, what is said of it, who becomes host; seats, grace,
 * capacity, approval, bans, roles; and what one does with a seat. */
#include "play.h"
#include "room/verb.h"

#define NONE "" /* nothing was said */

static unsigned list_length(const struct link *head)
{
    unsigned n = 0;
    for (const struct link *l = head->next; l != head; l = l->next)
        n++;
    return n;
}

/* One thing that somebody does, and what comes of it. */
struct deed_row {
    enum verb verb;
    const char *who;
    const char *target;
    int err;
    const char *said;
};

static void run(struct play *p, const struct deed_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct deed_row *row = &rows[i];
        const char *verb = verb_info(row->verb)->name;
        p->now_ms += 10;
        is_int(play(p, row->verb, row->who, row->target), row->err, "%s %s %s: %s", row->who, verb,
            row->target, row->err ? err_name(row->err) : "fine");
        is_str(play_said(p), row->said, "  said");
    }
}

#define RUN(p, ...)                                     \
    do {                                                \
        const struct deed_row rows[] = { __VA_ARGS__ }; \
        run(p, rows, sizeof(rows) / sizeof(rows[0]));   \
    } while (0)

static void test_hosts_of_nobodys_room(void)
{
    struct play p;
    is_int(play_init(&p, MODE_STUDY, ""), 0, "a room that nobody owns");
    RUN(&p, { VERB_JOIN, "ann@a", "", 0, "JOINED(ann@a participant 1) ROLE(>ann host)" },
        { VERB_JOIN, "bob@b", "", 0, "JOINED(bob@b participant 1)" },
        { VERB_JOIN, "cat@c", "", 0, "JOINED(cat@c participant 1)" },
        { VERB_LEAVE, "bob@b", "", 0, "LEFT(bob@b 0)" },
        { VERB_JOIN, "bob@b", "", 0, "JOINED(bob@b participant 1)" },
        { VERB_LEAVE, "ann@a", "", 0, "LEFT(ann@a 0) ROLE(>cat host) log:ROLE(>ann participant)" },
        { VERB_JOIN, "ann@a", "", 0, "JOINED(ann@a participant 1)" },
        { VERB_LEAVE, "bob@b", "", 0, "LEFT(bob@b 0)" },
        { VERB_LEAVE, "ann@a", "", 0, "LEFT(ann@a 0)" },
        { VERB_LEAVE, "cat@c", "", 0, "LEFT(cat@c 0)" },
        { VERB_JOIN, "cat@c", "", 0, "JOINED(cat@c host 1)" },
        { VERB_LEAVE, "cat@c", "", 0, "LEFT(cat@c 0)" },
        { VERB_JOIN, "dan@d", "", 0,
            "JOINED(dan@d participant 1) ROLE(>dan host) log:ROLE(>cat participant)" });
    play_fini(&p);
}

static void test_no_host_of_an_ended_room(void)
{
    struct play p;
    is_int(play_init(&p, MODE_STUDY, ""), 0, "a room that ends");
    RUN(&p, { VERB_JOIN, "ann@a", "", 0, "JOINED(ann@a participant 1) ROLE(>ann host)" },
        { VERB_JOIN, "bob@b", "", 0, "JOINED(bob@b participant 1)" });
    is_int(play(&p, VERB_END, "ann@a", ""), 0, "its host ends it");
    RUN(&p, { VERB_LEAVE, "ann@a", "", 0, "LEFT(ann@a 0)" });
    play_fini(&p);
}

static void test_owner(void)
{
    struct play p;
    is_int(play_init(&p, MODE_STUDY, "olga"), 0, "olga's room");
    RUN(&p, { VERB_JOIN, "ann@a", "", 0, "JOINED(ann@a participant 1)" },
        { VERB_JOIN, "olga@o", "", 0, "JOINED(olga@o host 1)" },
        { VERB_LEAVE, "olga@o", "", 0, "LEFT(olga@o 0)" },
        { VERB_JOIN, "olga@o2", "", 0, "JOINED(olga@o2 host 1)" });
    is_int(play_lose(&p, "olga@o2"), 0, "the owner is lost");
    is_int(play_wait(&p, ROOM_GRACE_MS), 0, "for good");
    is_str(play_said(&p), "LEFT(olga 0)", "the room waits for its owner");
    play_fini(&p);
}

static void test_seats(void)
{
    struct play p;
    is_int(play_init(&p, MODE_STUDY, ""), 0, "a person with several connections");
    RUN(&p, { VERB_JOIN, "ann@a1", "", 0, "JOINED(ann@a1 participant 1) ROLE(>ann host)" },
        { VERB_JOIN, "ann@a2", "", 0, "RETURNED(ann@a2 host 2)" },
        { VERB_JOIN, "ann@a2", "", 0, NONE }, { VERB_JOIN, "bob@a2", "", ERR_CONFLICT, NONE },
        { VERB_LEAVE, "ann@a1", "", 0, "LEFT(ann@a1 1)" },
        { VERB_LEAVE, "ann@a1", "", ERR_NOT_IN_ROOM, NONE },
        { VERB_JOIN, "ann@a3", "", 0, "RETURNED(ann@a3 host 2)" },
        { VERB_LEAVE, "ann", "", 0, "LEFT(ann@a2 1) LEFT(ann@a3 0)" },
        { VERB_LEAVE, "ann", "", ERR_NOT_IN_ROOM, NONE });
    is_int(room_connected(p.room), 0, "nobody is connected");
    is_int(room_member(p.room, S("ann"))->left_at_ms, p.now_ms - 10, "ann left a moment ago");
    for (int i = 0; i < ROOM_MAX_SEATS; i++) {
        char who[32];
        snprintf(who, sizeof(who), "ann@s%d", i);
        is_int(play(&p, VERB_JOIN, who, ""), 0, "connection %d", i);
    }
    is_int(room_member(p.room, S("ann"))->left_at_ms, 0, "and is back");
    is_int(p.result, JOIN_ENTERED, "one more connection is an entrance");
    RUN(&p, { VERB_JOIN, "ann@more", "", ERR_TOO_MANY, NONE });
    is_int(room_connected(p.room), 1, "connections are not people");
    play_fini(&p);
}

static void test_grace(void)
{
    struct play p;
    is_int(play_init(&p, MODE_STUDY, ""), 0, "lost connections");
    RUN(&p, { VERB_JOIN, "ann@a1", "", 0, "JOINED(ann@a1 participant 1) ROLE(>ann host)" },
        { VERB_JOIN, "bob@b1", "", 0, "JOINED(bob@b1 participant 1)" },
        { VERB_JOIN, "ann@a2", "", 0, "RETURNED(ann@a2 host 2)" },
        { VERB_HAND, "ann@a1", "", 0, "HAND(ann@a1)" });
    is_int(play_lose(&p, "ann@a1"), 0, "one of two");
    is_str(play_said(&p), "LOST(ann@a1 1)", "she is still there");
    is_int(room_next_due(p.room), INT64_MAX, "nothing to wait for");
    is_int(play_lose(&p, "ann@a1"), ERR_NOT_IN_ROOM, "no connection is lost twice");
    is_int(play_lose(&p, "bob@a2"), ERR_NOT_IN_ROOM, "nor somebody else's");
    is_int(play_lose(&p, "ann@a2"), 0, "the other");
    is_str(play_said(&p), "LOST(ann@a2 0)", "she is gone");
    is_int(room_next_due(p.room), p.now_ms + ROOM_GRACE_MS, "her place is kept");
    is_int(room_connected(p.room), 1, "one person is connected");
    is_int(room_role(p.room, S("ann")), ROLE_HOST, "she is host");
    is_int(play_wait(&p, ROOM_GRACE_MS - 1), 0, "a moment before");
    is_str(play_said(&p), NONE, "nothing happens");
    RUN(&p, { VERB_JOIN, "ann@a3", "", 0, "RETURNED(ann@a3 host 1)" });
    is_int(p.result, JOIN_RETURNED, "she is back");
    ok(room_member(p.room, S("ann"))->hand, "with her hand up");
    is_int(play_lose(&p, "ann@a3"), 0, "lost again");
    is_int(play_wait(&p, ROOM_GRACE_MS), 0, "until the grace is over");
    is_str(play_said(&p), "LEFT(ann 0) ROLE(>bob host) log:ROLE(>ann participant)", "she has left");
    ok(!room_member(p.room, S("ann"))->hand, "and her hand is down");
    is_int(room_next_due(p.room), INT64_MAX, "nothing is due");
    RUN(&p, { VERB_JOIN, "ann@a4", "", 0, "JOINED(ann@a4 participant 1)" });
    is_int(play_lose(&p, "ann@a4"), 0, "lost once more");
    RUN(&p, { VERB_LEAVE, "ann", "", 0, "LEFT(ann 0)" });
    play_fini(&p);
}

static void test_approval(void)
{
    struct play p;
    is_int(play_init(&p, MODE_INTERVIEW, "olga"), 0, "a room with approval");
    RUN(&p, { VERB_JOIN, "ann@a1", "", 0, "REQUESTED(ann@a1 waiting 1)" },
        { VERB_JOIN, "ann@a1", "", 0, NONE },
        { VERB_JOIN, "ann@a2", "", 0, "log:REQUESTED(ann@a2 waiting 2)" },
        { VERB_CHAT, "ann@a1", "", ERR_WAITING_APPROVAL, NONE },
        { VERB_JOIN, "olga@o", "", 0, "JOINED(olga@o host 1)" },
        { VERB_APPROVE, "olga@o", "who", ERR_NOT_FOUND, NONE },
        { VERB_APPROVE, "olga@o", "ann", 0,
            "APPROVED(olga@o>ann) JOINED(ann@a1 participant 1) RETURNED(ann@a2 participant 2)" },
        { VERB_APPROVE, "olga@o", "ann", ERR_NOT_FOUND, NONE },
        { VERB_LEAVE, "ann", "", 0, "LEFT(ann@a1 1) LEFT(ann@a2 0)" },
        { VERB_JOIN, "ann@a1", "", 0, "JOINED(ann@a1 participant 1)" },
        { VERB_APPROVE, "ann@a1", "bob", ERR_NOT_HOST, NONE });
    is_int(p.result, JOIN_ENTERED, "who was approved once comes in");
    RUN(&p, { VERB_JOIN, "bob@b", "", 0, "REQUESTED(bob@b waiting 1)" });
    is_int(p.result, JOIN_WAITS, "others wait");
    is_int(play_lose(&p, "bob@b"), 0, "bob is lost");
    is_str(play_said(&p), "log:LOST(bob@b 0)", "which is nobody's business");
    is_int(room_role(p.room, S("bob")), ROLE_WAITING, "and waits");
    is_int(room_next_due(p.room), INT64_MAX, "without grace");
    RUN(&p, { VERB_APPROVE, "olga@o", "bob", 0, "APPROVED(olga@o>bob)" },
        { VERB_JOIN, "bob@b2", "", 0, "JOINED(bob@b2 participant 1)" },
        { VERB_JOIN, "cat@c", "", 0, "REQUESTED(cat@c waiting 1)" });
    is_int(play_approve(&p, "olga@o", "cat", false), 0, "cat is rejected");
    is_str(play_said(&p), "REJECTED(olga@o>cat)", "and told so");
    is_int(room_role(p.room, S("cat")), ROLE_OUTSIDER, "an outsider again");
    RUN(&p, { VERB_JOIN, "cat@c", "", 0, "REQUESTED(cat@c waiting 1)" },
        { VERB_LEAVE, "cat@c", "", 0, "log:LEFT(cat@c 0)" },
        { VERB_LEAVE, "cat", "", ERR_NOT_IN_ROOM, NONE },
        { VERB_KICK, "olga@o", "cat", 0, "hosts:KICKED(olga@o>cat)" },
        { VERB_JOIN, "cat@c", "", ERR_KICKED, NONE });
    play_fini(&p);
}

/* What one says at the door: in the words of `args.knock`, whose p NULL says nothing about it. */
static void knock(struct play *p, const char *words)
{
    p->args.knock = words != NULL ? slice_str(words) : slice_of(NULL, 0);
}

static void test_knock(void)
{
    struct play p;
    is_int(play_init(&p, MODE_INTERVIEW, "olga"), 0, "a room at whose door one may say something");
    knock(&p, "It's me");
    RUN(&p, { VERB_JOIN, "ann@a1", "", 0, "REQUESTED(ann@a1 waiting 1 'It's me')" },
        { VERB_JOIN, "ann@a1", "", 0, NONE },
        { VERB_JOIN, "ann@a2", "", 0, "log:REQUESTED(ann@a2 waiting 2 'It's me')" });
    knock(&p, NULL);
    RUN(&p, { VERB_JOIN, "ann@a2", "", 0, NONE },
        { VERB_JOIN, "ann@a3", "", 0, "log:REQUESTED(ann@a3 waiting 3 'It's me')" });
    is_int(play_lose(&p, "ann@a1"), 0, "a connection is lost");
    is_int(play_lose(&p, "ann@a2"), 0, "another");
    is_int(play_lose(&p, "ann@a3"), 0, "the last");
    is_str(room_member(p.room, S("ann"))->knock, "It's me", "what was said is still known");
    RUN(&p, { VERB_JOIN, "ann@a4", "", 0, "log:REQUESTED(ann@a4 waiting 1 'It's me')" });
    knock(&p, "Ann, of 3b");
    RUN(&p, { VERB_JOIN, "ann@a4", "", 0, "REQUESTED(ann@a4 waiting 1 'Ann, of 3b')" });
    knock(&p, "");
    RUN(&p, { VERB_JOIN, "ann@a4", "", 0, "REQUESTED(ann@a4 waiting 1)" },
        { VERB_JOIN, "ann@a4", "", 0, NONE });
    knock(&p, "Please");
    RUN(&p, { VERB_JOIN, "ann@a4", "", 0, "REQUESTED(ann@a4 waiting 1 'Please')" },
        { VERB_JOIN, "olga@o", "", 0, "JOINED(olga@o host 1)" });
    is_int(play_approve(&p, "olga@o", "ann", false), 0, "she is turned down");
    is_str(room_member(p.room, S("ann"))->knock, "", "that is over");
    knock(&p, NULL);
    RUN(&p, { VERB_JOIN, "ann@a5", "", 0, "REQUESTED(ann@a5 waiting 1)" });
    knock(&p, "Once more");
    RUN(&p, { VERB_JOIN, "bob@b", "", 0, "REQUESTED(bob@b waiting 1 'Once more')" });
    is_int(play_approve(&p, "olga@o", "bob", true), 0, "another is let in");
    is_str(room_member(p.room, S("bob"))->knock, "", "and has nothing to say at the door");
    play_fini(&p);
}

static void test_seats_of_one_who_waits(void)
{
    struct play p;
    is_int(play_init(&p, MODE_INTERVIEW, "olga"), 0, "somebody waits with many connections");
    for (int i = 0; i < ROOM_MAX_SEATS; i++) {
        char who[32];
        snprintf(who, sizeof(who), "ann@s%d", i);
        is_int(play(&p, VERB_JOIN, who, ""), 0, "connection %d", i);
    }
    RUN(&p, { VERB_JOIN, "ann@more", "", ERR_TOO_MANY, NONE });
    play_fini(&p);
}

/* Nobody is let in for want of room; what opens is a seat for one, not for one more connection. */
static void test_seats_of_one_who_comes_late(void)
{
    struct play p;
    struct room_settings s = room_default_settings(MODE_STUDY);
    s.approval = true;
    s.max_participants = 1;
    play_init_bare(&p);
    is_int(play_create(&p, S("olga"), &s), 0, "a room for one");
    is_int(play(&p, VERB_JOIN, "bob@b", ""), 0, "bob asks");
    is_int(play_approve(&p, "olga", "bob", true), 0, "and is let in");
    for (int i = 0; i < ROOM_MAX_SEATS; i++) {
        char who[32];
        snprintf(who, sizeof(who), "ann@s%d", i);
        is_int(play(&p, VERB_JOIN, who, ""), 0, "ann waits with connection %d", i);
    }
    p.args.update.settings.approval = false;
    is_int(play(&p, VERB_UPDATE, "olga", ""), 0, "approval ends");
    is_int(play(&p, VERB_LEAVE, "bob@b", ""), 0, "and bob leaves");
    RUN(&p, { VERB_JOIN, "ann@more", "", ERR_TOO_MANY, NONE });
    is_int(play(&p, VERB_JOIN, "ann@s0", ""), 0, "a connection that waited comes in");
    is_int(list_length(&room_member(p.room, S("ann"))->seats), ROOM_MAX_SEATS, "with the others");
    play_fini(&p);
}

static void test_approval_ends(void)
{
    struct play p;
    is_int(play_init(&p, MODE_INTERVIEW, "olga"), 0, "approval that ends");
    p.args.update.settings.approval = false;
    p.args.update.settings.max_participants = 2;
    RUN(&p, { VERB_JOIN, "ann@a", "", 0, "REQUESTED(ann@a waiting 1)" },
        { VERB_JOIN, "bob@b", "", 0, "REQUESTED(bob@b waiting 1)" },
        { VERB_JOIN, "cat@c", "", 0, "REQUESTED(cat@c waiting 1)" },
        { VERB_LEAVE, "ann@a", "", 0, "log:LEFT(ann@a 0)" },
        { VERB_JOIN, "dan@d", "", 0, "REQUESTED(dan@d waiting 1)" },
        { VERB_UPDATE, "olga", "", 0,
            "UPDATED(olga) APPROVED(>bob) JOINED(bob@b participant 1) "
            "APPROVED(>cat) JOINED(cat@c participant 1)" },
        { VERB_JOIN, "dan@d", "", ERR_ROOM_FULL, NONE },
        { VERB_LEAVE, "bob@b", "", 0, "LEFT(bob@b 0)" },
        { VERB_JOIN, "dan@d2", "", 0,
            "APPROVED(dan@d2>dan) JOINED(dan@d2 participant 1) RETURNED(dan@d participant 2)" },
        { VERB_UPDATE, "olga", "", 0, "UPDATED(olga)" });
    play_fini(&p);
}

static void test_founder(void)
{
    struct play p;
    struct room_settings s = room_default_settings(MODE_STUDY);
    s.approval = true;
    s.is_locked = true;
    play_init_bare(&p);
    is_int(play_create(&p, S(""), &s), 0, "a guarded room that nobody owns");
    RUN(&p, { VERB_JOIN, "ann@a", "", 0, "JOINED(ann@a participant 1) ROLE(>ann host)" },
        { VERB_JOIN, "bob@b", "", ERR_ROOM_LOCKED, NONE },
        { VERB_LEAVE, "ann@a", "", 0, "LEFT(ann@a 0)" },
        { VERB_JOIN, "bob@b", "", ERR_ROOM_LOCKED, NONE },
        { VERB_JOIN, "ann@a", "", 0, "JOINED(ann@a host 1)" });
    p.args.update.settings.is_locked = false;
    RUN(&p, { VERB_UPDATE, "ann@a", "", 0, "UPDATED(ann@a)" },
        { VERB_JOIN, "bob@b", "", 0, "REQUESTED(bob@b waiting 1)" });
    p.args.update.settings.is_locked = true;
    RUN(&p, { VERB_UPDATE, "ann@a", "", 0, "UPDATED(ann@a)" },
        { VERB_JOIN, "bob@b2", "", ERR_ROOM_LOCKED, NONE },
        { VERB_APPROVE, "ann@a", "bob", 0, "APPROVED(ann@a>bob) JOINED(bob@b participant 1)" });
    play_fini(&p);
}

static void test_locked(void)
{
    struct play p;
    struct room_settings s = room_default_settings(MODE_STUDY);
    s.is_locked = true;
    play_init_bare(&p);
    is_int(play_create(&p, S("olga"), &s), 0, "a locked room of olga's");
    RUN(&p, { VERB_JOIN, "ann@a", "", ERR_ROOM_LOCKED, NONE },
        { VERB_JOIN, "olga@o", "", 0, "JOINED(olga@o host 1)" },
        { VERB_KICK, "olga@o", "ann", ERR_NOT_FOUND, NONE });
    play_fini(&p);
}

static void test_capacity(void)
{
    struct play p;
    struct room_settings s = room_default_settings(MODE_STUDY);
    s.max_participants = 2;
    play_init_bare(&p);
    is_int(play_create(&p, S("olga"), &s), 0, "a room for two");
    RUN(&p, { VERB_JOIN, "ann@a", "", 0, "JOINED(ann@a participant 1)" },
        { VERB_JOIN, "bob@b", "", 0, "JOINED(bob@b participant 1)" },
        { VERB_JOIN, "cat@c", "", ERR_ROOM_FULL, NONE },
        { VERB_JOIN, "olga@o", "", 0, "JOINED(olga@o host 1)" },
        { VERB_JOIN, "bob@b2", "", 0, "RETURNED(bob@b2 participant 2)" },
        { VERB_LEAVE, "ann@a", "", 0, "LEFT(ann@a 0)" });
    is_int(play_lose(&p, "bob@b"), 0, "bob is lost");
    is_int(play_lose(&p, "bob@b2"), 0, "wholly");
    RUN(&p, { VERB_JOIN, "cat@c", "", 0, "JOINED(cat@c participant 1)" },
        { VERB_JOIN, "ann@a", "", ERR_ROOM_FULL, NONE },
        { VERB_JOIN, "bob@b3", "", 0, "RETURNED(bob@b3 participant 1)" });
    p.args.update.settings.max_participants = 0;
    RUN(&p, { VERB_UPDATE, "olga@o", "", 0, "UPDATED(olga@o)" },
        { VERB_JOIN, "ann@a", "", 0, "JOINED(ann@a participant 1)" });
    play_fini(&p);
}

static void test_capacity_of_interview(void)
{
    struct play p;
    struct room_settings s = room_default_settings(MODE_INTERVIEW);
    s.max_participants = 1;
    play_init_bare(&p);
    is_int(play_create(&p, S("olga"), &s), 0, "an interview of one candidate");
    RUN(&p, { VERB_JOIN, "ann@a", "", 0, "REQUESTED(ann@a waiting 1)" },
        { VERB_JOIN, "bob@b", "", 0, "REQUESTED(bob@b waiting 1)" },
        { VERB_APPROVE, "olga", "ann", 0, "APPROVED(olga>ann) JOINED(ann@a participant 1)" },
        { VERB_APPROVE, "olga", "bob", ERR_ROOM_FULL, NONE });
    is_int(play_role(&p, "olga", "ann", ROLE_COHOST), 0, "ann helps");
    RUN(&p, { VERB_APPROVE, "olga", "bob", 0, "APPROVED(olga>bob) JOINED(bob@b participant 1)" },
        { VERB_LEAVE, "ann@a", "", 0, "LEFT(ann@a 0)" },
        { VERB_JOIN, "ann@a", "", 0, "JOINED(ann@a cohost 1)" });
    play_fini(&p);
}

static void test_kick(void)
{
    struct play p;
    is_int(play_init(&p, MODE_STUDY, "olga"), 0, "who may put out whom");
    static const char *const guests[] = { "hal@h", "cy@c", "cid@d", "ann@a", "bob@b" };
    for (size_t i = 0; i < sizeof(guests) / sizeof(guests[0]); i++)
        is_int(play(&p, VERB_JOIN, guests[i], ""), 0, "%s comes", guests[i]);
    is_int(play(&p, VERB_JOIN, "olga@o", ""), 0, "the owner comes");
    is_int(play_role(&p, "olga@o", "hal", ROLE_HOST), 0, "hal is host");
    is_int(play_role(&p, "olga@o", "cy", ROLE_COHOST), 0, "cy is cohost");
    is_int(play_role(&p, "olga@o", "cid", ROLE_COHOST), 0, "cid too");
    RUN(&p, { VERB_KICK, "hal@h", "olga", ERR_FORBIDDEN, NONE },
        { VERB_KICK, "", "olga", ERR_FORBIDDEN, NONE },
        { VERB_KICK, "hal@h", "hal", ERR_FORBIDDEN, NONE },
        { VERB_KICK, "cy@c", "hal", ERR_FORBIDDEN, NONE },
        { VERB_KICK, "cy@c", "who", ERR_NOT_FOUND, NONE },
        { VERB_KICK, "ann@a", "bob", ERR_NOT_HOST, NONE },
        { VERB_READMIT, "cy@c", "bob", ERR_NOT_FOUND, NONE },
        { VERB_HAND, "bob@b", "", 0, "HAND(bob@b)" },
        { VERB_KICK, "cy@c", "bob", 0, "KICKED(cy@c>bob)" },
        { VERB_KICK, "cy@c", "bob", ERR_CONFLICT, NONE },
        { VERB_CHAT, "bob@b", "", ERR_NOT_IN_ROOM, NONE },
        { VERB_LEAVE, "bob@b", "", ERR_NOT_IN_ROOM, NONE },
        { VERB_JOIN, "bob@b", "", ERR_KICKED, NONE },
        { VERB_JOIN, "dan@b", "", 0, "JOINED(dan@b participant 1)" },
        { VERB_READMIT, "cy@c", "bob", 0, "READMITTED(cy@c>bob)" },
        { VERB_READMIT, "cy@c", "bob", ERR_NOT_FOUND, NONE },
        { VERB_JOIN, "bob@b9", "", 0, "JOINED(bob@b9 participant 1)" },
        { VERB_KICK, "hal@h", "cid", 0, "KICKED(hal@h>cid)" },
        { VERB_READMIT, "olga", "cid", 0, "READMITTED(olga>cid)" },
        { VERB_JOIN, "cid@d", "", 0, "JOINED(cid@d participant 1)" },
        { VERB_KICK, "", "hal", 0, "KICKED(>hal)" });
    is_int(room_member(p.room, S("bob"))->hand, false, "a hand does not stay up over a kick");
    play_fini(&p);
}

/* Who is told after it knows which connections have ended with it. */
static void test_kick_seats(void)
{
    struct play p;
    is_int(play_init(&p, MODE_STUDY, "olga"), 0, "kicked with all seats");
    RUN(&p, { VERB_JOIN, "ann@a1", "", 0, "JOINED(ann@a1 participant 1)" },
        { VERB_JOIN, "ann@a2", "", 0, "RETURNED(ann@a2 participant 2)" },
        { VERB_KICK, "olga", "ann", 0, "KICKED(olga>ann)" });
    is_slice(p.happened.at[0].kicked.seats, "a1\na2", "the event says which");
    RUN(&p, { VERB_JOIN, "bob@b", "", 0, "JOINED(bob@b participant 1)" },
        { VERB_LEAVE, "bob@b", "", 0, "LEFT(bob@b 0)" },
        { VERB_KICK, "olga", "bob", 0, "hosts:KICKED(olga>bob)" });
    is_slice(p.happened.at[0].kicked.seats, "", "somebody away has none");
    play_fini(&p);
}

static void test_kick_last_host(void)
{
    struct play p;
    is_int(play_init(&p, MODE_STUDY, ""), 0, "the room puts its host out");
    RUN(&p, { VERB_JOIN, "ann@a", "", 0, "JOINED(ann@a participant 1) ROLE(>ann host)" },
        { VERB_JOIN, "bob@b", "", 0, "JOINED(bob@b participant 1)" },
        { VERB_KICK, "", "ann", 0, "KICKED(>ann) ROLE(>bob host)" });
    play_fini(&p);
}

static void test_roles_owned(void)
{
    struct play p;
    is_int(play_init(&p, MODE_STUDY, "olga"), 0, "roles in olga's room");
    RUN(&p, { VERB_JOIN, "olga@o", "", 0, "JOINED(olga@o host 1)" },
        { VERB_JOIN, "hal@h", "", 0, "JOINED(hal@h participant 1)" },
        { VERB_JOIN, "ann@a", "", 0, "JOINED(ann@a participant 1)" });
    is_int(play_role(&p, "olga@o", "hal", ROLE_HOST), 0, "the owner makes a host");
    is_str(play_said(&p), "ROLE(olga@o>hal host)", "all are told");
    is_int(play_role(&p, "olga@o", "hal", ROLE_HOST), 0, "twice");
    is_str(play_said(&p), NONE, "changes nothing");
    is_int(play_role(&p, "hal@h", "ann", ROLE_HOST), ERR_FORBIDDEN, "a host does not");
    is_int(play_role(&p, "hal@h", "ann", ROLE_COHOST), 0, "but makes a cohost");
    is_int(play_role(&p, "ann@a", "ann", ROLE_HOST), ERR_NOT_HOST, "who makes nobody");
    is_int(play_role(&p, "hal@h", "olga", ROLE_COHOST), ERR_FORBIDDEN, "the owner stays host");
    is_int(play_role(&p, "olga@o", "olga", ROLE_COHOST), ERR_FORBIDDEN, "even for herself");
    is_int(play_role(&p, "", "olga", ROLE_COHOST), ERR_FORBIDDEN, "even for the room");
    is_int(play_role(&p, "", "ann", ROLE_HOST), 0, "the room makes a host");
    is_int(play_role(&p, "hal@h", "ann", ROLE_COHOST), ERR_FORBIDDEN, "a host unmakes no other");
    is_int(play_role(&p, "hal@h", "hal", ROLE_PARTICIPANT), 0, "but himself");
    is_int(play_role(&p, "olga@o", "who", ROLE_COHOST), ERR_NOT_FOUND, "of strangers");
    is_int(play_role(&p, "olga@o", "ann", ROLE_WAITING), ERR_BAD_FIELD, "no role to give");
    is_int(play_role(&p, "olga@o", "ann", ROLE_COUNT), ERR_BAD_FIELD, "no role at all");
    is_int(play(&p, VERB_LEAVE, "ann@a", ""), 0, "a host leaves");
    is_int(play_role(&p, "olga@o", "ann", ROLE_COHOST), 0, "and gets another role");
    is_str(play_said(&p), "log:ROLE(olga@o>ann cohost)", "away");
    RUN(&p, { VERB_JOIN, "ann@a", "", 0, "JOINED(ann@a cohost 1)" });
    play_fini(&p);
}

static void test_roles_of_nobodys_room(void)
{
    struct play p;
    is_int(play_init(&p, MODE_STUDY, ""), 0, "roles in a room that nobody owns");
    RUN(&p, { VERB_JOIN, "ann@a", "", 0, "JOINED(ann@a participant 1) ROLE(>ann host)" },
        { VERB_JOIN, "bob@b", "", 0, "JOINED(bob@b participant 1)" });
    is_int(play_role(&p, "ann@a", "ann", ROLE_COHOST), ERR_FORBIDDEN, "the last host remains");
    is_int(play_role(&p, "", "ann", ROLE_COHOST), ERR_FORBIDDEN, "even for the room");
    is_int(play_role(&p, "ann@a", "bob", ROLE_HOST), 0, "two hosts");
    is_int(play(&p, VERB_LEAVE, "bob@b", ""), 0, "one of them away");
    is_int(play_role(&p, "ann@a", "ann", ROLE_COHOST), ERR_FORBIDDEN, "the other is the last");
    RUN(&p, { VERB_JOIN, "bob@b", "", 0, "JOINED(bob@b host 1)" });
    is_int(play_role(&p, "ann@a", "bob", ROLE_COHOST), 0, "one unmakes the other");
    is_int(play_role(&p, "ann@a", "bob", ROLE_HOST), 0, "and makes it again");
    is_int(play_role(&p, "ann@a", "ann", ROLE_PARTICIPANT), 0, "and lays it down");
    is_int(room_role(p.room, S("ann")), ROLE_PARTICIPANT, "ann is a participant");
    play_fini(&p);
}

static void test_seat_deeds(void)
{
    struct play p;
    is_int(play_init(&p, MODE_STUDY, "olga"), 0, "what one does with a seat");
    RUN(&p, { VERB_JOIN, "ann@a1", "", 0, "JOINED(ann@a1 participant 1)" },
        { VERB_JOIN, "ann@a2", "", 0, "RETURNED(ann@a2 participant 2)" },
        { VERB_JOIN, "olga@o", "", 0, "JOINED(olga@o host 1)" },
        { VERB_HAND, "ann@o", "", ERR_NOT_IN_ROOM, NONE },
        { VERB_HAND, "ann", "", ERR_NOT_IN_ROOM, NONE },
        { VERB_HAND, "ann@a1", "", 0, "HAND(ann@a1)" }, { VERB_HAND, "ann@a2", "", 0, NONE },
        { VERB_MEDIA, "ann@o", "", ERR_NOT_IN_ROOM, NONE },
        { VERB_MEDIA, "ann@a2", "", 0, "MEDIA(ann@a2)" },
        { VERB_TYPING, "ann@o", "", ERR_NOT_IN_ROOM, NONE },
        { VERB_TYPING, "ann@a2", "", 0, "TYPING(ann@a2)" },
        { VERB_SIGNAL, "ann@a1", "o", 0, "SIGNAL(ann@a1>olga)" },
        { VERB_SIGNAL, "ann@a1", "a2", 0, "SIGNAL(ann@a1>ann)" },
        { VERB_SIGNAL, "ann@a1", "x", ERR_NOT_FOUND, NONE },
        { VERB_SIGNAL, "ann@a1", "", ERR_NOT_FOUND, NONE },
        { VERB_SIGNAL, "ann@o", "a2", ERR_NOT_IN_ROOM, NONE },
        { VERB_MUTE, "olga@o", "ann", 0, "MUTED(olga@o>ann)" },
        { VERB_MUTE, "olga@o", "who", ERR_NOT_FOUND, NONE },
        { VERB_MUTE, "ann@a1", "olga", ERR_NOT_HOST, NONE });
    const struct member *ann = room_member(p.room, S("ann"));
    ok(ann->hand && ann->hand_at_ms > PLAY_START_MS, "ann's hand is up, since then");
    const struct seat *seat = room_seat(ann, S("a2"));
    ok(seat->audio && seat->video && !seat->screen, "the second seat's media");
    ok(!room_seat(ann, S("a1"))->audio, "are not the first's");
    p.args.yes = false;
    RUN(&p, { VERB_HAND, "ann@a2", "", 0, "HAND(ann@a2)" }, { VERB_HAND, "ann@a2", "", 0, NONE });
    ok(!ann->hand && ann->hand_at_ms == 0, "ann's hand is down");
    struct deed d = play_deed(&p, "olga@o");
    is_int(room_mute(&p.happened, p.room, &d, S("ann"), S("brain")), ERR_BAD_FIELD, "mute what?");
    struct room_signal signal = { .to_seat = S("a1"), .kind = S("") };
    is_int(room_signal(&p.happened, p.room, &d, &signal), ERR_BAD_FIELD, "a signal of no kind");
    play_fini(&p);
}

static void test_signal_to_one_who_waits(void)
{
    struct play p;
    is_int(play_init(&p, MODE_INTERVIEW, "olga"), 0, "a signal into the lobby");
    RUN(&p, { VERB_JOIN, "olga@o", "", 0, "JOINED(olga@o host 1)" },
        { VERB_JOIN, "ann@a", "", 0, "REQUESTED(ann@a waiting 1)" },
        { VERB_SIGNAL, "olga@o", "a", ERR_NOT_FOUND, NONE },
        { VERB_MUTE, "olga@o", "ann", ERR_NOT_FOUND, NONE },
        { VERB_SIGNAL, "ann@a", "o", ERR_WAITING_APPROVAL, NONE });
    is_int(play_role(&p, "olga@o", "ann", ROLE_COHOST), ERR_NOT_FOUND, "no role for who waits");
    play_fini(&p);
}

/* A text that is too long by one. */
static struct slice long_text(char buf[1024], size_t max)
{
    memset(buf, 'x', max + 1);
    return slice_of(buf, max + 1);
}

static void test_bad_arguments(void)
{
    struct play p;
    char buf[1024];
    enum join_result result;
    is_int(play_init(&p, MODE_STUDY, "olga"), 0, "arguments that do not fit");
    const struct {
        struct deed d;
        struct room_join a;
        int err;
        const char *what;
    } rows[] = {
        { { .user_id = S("ann"), .seat = S("a") }, { .name = S("Ann") }, 0, "a good one" },
        { { .seat = S("b") }, { .name = S("Ann") }, ERR_BAD_FIELD, "nobody" },
        { { .user_id = S("a\0b"), .seat = S("b") }, { .name = S("Ann") }, ERR_BAD_FIELD, "NUL" },
        { { .user_id = S("bob") }, { .name = S("Bob") }, ERR_BAD_FIELD, "no seat" },
        { { .user_id = S("bob"), .seat = S("b") }, { .name = S("") }, ERR_BAD_FIELD, "no name" },
        { { .user_id = S("bob"), .seat = S("b") }, { .name = S("\xff") }, ERR_BAD_FIELD,
            "no text" },
        { { .user_id = S("bob"), .seat = S("b") },
            { .name = S("B"), .avatar_url = S("javascript:") }, ERR_BAD_FIELD,
            "an address that runs" },
        { { .user_id = S("bob"), .seat = S("b") }, { .name = S("B"), .avatar_url = S("/b.png") }, 0,
            "an address" },
        { { .user_id = long_text(buf, ROOM_USER_ID_MAX), .seat = S("c") }, { .name = S("C") },
            ERR_BAD_FIELD, "a long id" },
        { { .user_id = S("cat"), .seat = long_text(buf, ROOM_SEAT_MAX) }, { .name = S("C") },
            ERR_BAD_FIELD, "a long seat" },
        { { .user_id = S("cat"), .seat = S("c") }, { .name = long_text(buf, ROOM_NAME_MAX) },
            ERR_BAD_FIELD, "a long name" },
        { { .user_id = S("cat"), .seat = S("c") },
            { .name = S("C"), .knock = slice_of(long_text(buf, ROOM_KNOCK_MAX).p, ROOM_KNOCK_MAX) },
            0, "as many words at the door as may be" },
        { { .user_id = S("dan"), .seat = S("d") },
            { .name = S("D"), .knock = long_text(buf, ROOM_KNOCK_MAX) }, ERR_BAD_FIELD,
            "more of them" },
        { { .user_id = S("dan"), .seat = S("d") }, { .name = S("D"), .knock = S("a\nb") },
            ERR_BAD_FIELD, "two lines of them" },
        { { .user_id = S("dan"), .seat = S("d") }, { .name = S("D"), .knock = S("\xe2\x80\xaeX") },
            ERR_BAD_FIELD, "words that run backwards" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        play_forget(&p);
        int err = room_join(&result, &p.happened, p.room, &rows[i].d, &rows[i].a);
        is_int(play_settle(&p, err), rows[i].err, "%s", rows[i].what);
    }
    struct deed d = play_deed(&p, "olga");
    is_int(room_kick(&p.happened, p.room, &d, S("ann"), long_text(buf, ROOM_REASON_MAX)),
        ERR_BAD_FIELD, "a long reason");
    play_fini(&p);
}

/* ---- as many as are remembered ---- */

static void crowd(struct play *p, const char *prefix, int from, int to)
{
    int err = 0;
    for (int i = from; i < to && !err; i++) {
        char who[32];
        snprintf(who, sizeof(who), "%s%d@%s%d", prefix, i, prefix, i);
        p->now_ms++;
        err = play(p, VERB_JOIN, who, "");
        if (!err)
            err = play(p, VERB_LEAVE, who, "");
    }
    is_int(err, 0, "%s%d to %s%d come and go", prefix, from, prefix, to - 1);
}

static void test_forgetting(void)
{
    struct play p;
    struct room_settings s = room_default_settings(MODE_STUDY);
    s.max_participants = 0;
    s.warn_at = 1;
    play_init_bare(&p);
    is_int(play_create(&p, S("olga"), &s), 0, "a room that many come to");
    p.args.is_guest = true;
    crowd(&p, "guest", 0, 4);
    is_int(play(&p, VERB_JOIN, "guest0@0", ""), 0, "the first is back");
    is_int(play(&p, VERB_CODE, "guest0@0", ""), 0, "and writes code");
    is_int(play(&p, VERB_LEAVE, "guest0@0", ""), 0, "and leaves");
    is_int(play(&p, VERB_KICK, "olga", "guest1"), 0, "the second is kicked");
    is_int(play(&p, VERB_JOIN, "guest2@2", ""), 0, "the third is back");
    is_int(play(&p, VERB_REPORT, "guest2@2", ""), 0, "and has a violation");
    is_int(play(&p, VERB_LEAVE, "guest2@2", ""), 0, "and leaves");
    p.args.is_guest = false;
    crowd(&p, "user", 4, ROOM_MAX_MEMBERS - 1);
    p.args.is_guest = true;
    crowd(&p, "late", ROOM_MAX_MEMBERS - 1, ROOM_MAX_MEMBERS);
    is_int(p.room->n_members, ROOM_MAX_MEMBERS, "as many as are remembered");
    RUN(&p, { VERB_JOIN, "one@1", "", 0, "JOINED(one@1 participant 1)" });
    is_int(p.room->n_members, ROOM_MAX_MEMBERS, "and not one more");
    ok(room_member(p.room, S("guest3")) == NULL, "the guest who was away the longest is forgotten");
    ok(room_member(p.room, S("guest0")) != NULL, "not who wrote code");
    ok(room_member(p.room, S("guest1")) != NULL, "not who was kicked");
    ok(room_member(p.room, S("guest2")) != NULL, "not who has a violation");
    ok(room_member(p.room, S("user4")) != NULL, "not who has an account");
    RUN(&p, { VERB_JOIN, "two@2", "", 0, "JOINED(two@2 participant 1)" },
        { VERB_JOIN, "three@3", "", ERR_ROOM_FULL, NONE },
        { VERB_JOIN, "user4@3", "", 0, "JOINED(user4@3 participant 1)" },
        { VERB_JOIN, "olga@o", "", 0, "JOINED(olga@o host 1)" });
    is_int(play_lose(&p, "one@1"), 0, "one is lost");
    RUN(&p, { VERB_JOIN, "three@33", "", ERR_ROOM_FULL, NONE },
        { VERB_LEAVE, "one", "", 0, "LEFT(one 0)" },
        { VERB_JOIN, "three@33", "", 0, "JOINED(three@33 participant 1)" });
    ok(room_member(p.room, S("one")) == NULL, "one is forgotten");
    play_fini(&p);
}

/* Where nobody supervises, guests who write and report do not take the room's places for ever. */
static void test_forgetting_unsupervised(void)
{
    struct play p;
    struct room_settings s = room_default_settings(MODE_CALL);
    s.max_participants = 0;
    play_init_bare(&p);
    is_int(play_create(&p, S("olga"), &s), 0, "a call that many come to");
    p.args.is_guest = true;
    int err = 0;
    for (int i = 0; i < ROOM_MAX_MEMBERS && !err; i++) {
        char who[32];
        snprintf(who, sizeof(who), "guest%d@%d", i, i);
        err = play(&p, VERB_JOIN, who, "");
        if (!err)
            err = play(&p, VERB_CODE, who, "");
        if (!err)
            err = play(&p, VERB_REPORT, who, "");
        if (!err)
            err = play(&p, VERB_LEAVE, who, "");
    }
    is_int(err, 0, "guests come, write, report and go");
    is_int(play(&p, VERB_JOIN, "one@1", ""), 0, "somebody comes after them");
    ok(room_member(p.room, S("guest0")) == NULL, "and the first of them is forgotten");
    play_fini(&p);
}

int main(void)
{
    test_hosts_of_nobodys_room();
    test_no_host_of_an_ended_room();
    test_owner();
    test_seats();
    test_grace();
    test_approval();
    test_knock();
    test_seats_of_one_who_waits();
    test_seats_of_one_who_comes_late();
    test_approval_ends();
    test_founder();
    test_locked();
    test_capacity();
    test_capacity_of_interview();
    test_kick();
    test_kick_seats();
    test_kick_last_host();
    test_roles_owned();
    test_roles_of_nobodys_room();
    test_seat_deeds();
    test_signal_to_one_who_waits();
    test_bad_arguments();
    test_forgetting();
    test_forgetting_unsupervised();
    return done();
}
