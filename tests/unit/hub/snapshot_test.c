/* Snapshots: when a room is kept whole, and that it is loaded from that as it was, with what people
 * who come back have missed; what is too old to be loaded; that a restart is nobody's fault, and
 * doubles nothing. */
#include "base/log.h"
#include "rig.h"

#include <stdio.h>

#define REPLAYED_BYTES 256

static void name_replayed(void *arg, const struct room_news *news)
{
    char *out = arg;
    size_t len = strlen(out);
    snprintf(out + len, REPLAYED_BYTES - len, "%s ", event_info(news->event->type)->name);
}

static void chat_times(struct rig *r, struct hub_room *room, struct rig_client *c, unsigned n)
{
    int err = 0;
    for (unsigned i = 0; i < n && !err; i++) {
        err = rig_chat(room, c, "hi");
        rig_settle(r);
    }
    is_int(err, 0, "%u messages", n);
}

static void is_taken_every_so_often(void)
{
    struct rig r;
    static struct rig_client a;
    rig_init(&r);
    r.settings.snapshot_events = 5;
    rig_connect(&r, &a, "alice");
    struct hub_room *room = rig_create(&r, "r", "alice");
    is_int(rig_join(room, &a), 0, "created and joined: two events");
    chat_times(&r, room, &a, 2);
    is_int(r.held.n_snapshots, 0, "four are too few");
    chat_times(&r, room, &a, 1);
    is_int(r.held.n_snapshots, 1, "the fifth brings a snapshot");
    is_int(r.held.snapshot_seq, 5, "of all of them");
    is_int(room->kept_seq, 5, "which is known");
    chat_times(&r, room, &a, 4);
    is_int(r.held.n_snapshots, 1, "then it takes five more");
    r.held.is_refusing_snapshots = true;
    chat_times(&r, room, &a, 1);
    is_int(r.held.n_snapshots, 2, "the next one");
    is_int(room->kept_seq, 5, "is not stored");
    chat_times(&r, room, &a, 4);
    is_int(r.held.n_snapshots, 2, "and is not tried again at once");
    r.held.is_refusing_snapshots = false;
    chat_times(&r, room, &a, 1);
    is_int(r.held.n_snapshots, 3, "but after as many");
    is_int(room->kept_seq, 15, "this one is stored");
    r.held.status.state = STORE_DOWN;
    struct command draw = { .verb = VERB_DRAW, .draw = { .ops = S("[{\"type\":\"t\"}]") } };
    int err = 0;
    for (unsigned i = 0; i < 6; i++)
        err = err ? err : rig_do(room, &a, &draw);
    rig_settle(&r);
    is_int(err, 0, "while the store is away some things go on");
    is_int(r.held.n_snapshots, 3, "but not these");
    r.held.status.state = STORE_UP;
    rig_end(&r, &a);
    rig_fini(&r);
}

/* One at a time: while the store writes it, no other is asked for. */
static void waits_for_the_last_one(void)
{
    struct rig r;
    static struct rig_client a;
    rig_init(&r);
    r.settings.snapshot_events = 1;
    rig_connect(&r, &a, "alice");
    struct hub_room *room = rig_create(&r, "r", "alice");
    is_int(rig_join(room, &a) || rig_chat(room, &a, "1") || rig_chat(room, &a, "2"), 0, "a lot");
    while (r.held.n_snapshots == 0)
        loop_turn(r.loop, false);
    ok(room->snapshot != NULL, "one is on its way");
    is_int(rig_chat(room, &a, "3"), 0, "something else happens");
    snapshot_if_due(room);
    is_int(r.held.n_snapshots, 1, "there is no second one");
    rig_settle(&r);
    ok(!room->snapshot && r.held.n_snapshots == 2, "before the first is answered");
    is_int((int)room->kept_seq, (int)room->room->seq, "in the end all is kept");
    rig_end(&r, &a);
    rig_fini(&r);
}

static void keeps_rooms_that_are_dropped(void)
{
    struct rig r;
    static struct rig_client a, b;
    char replayed[REPLAYED_BYTES] = "", epoch[STORE_EPOCH_MAX + 1];
    rig_init(&r);
    r.settings.snapshot_events = 1000;
    rig_connect(&r, &a, "alice");
    rig_connect(&r, &b, "bob");
    struct hub_room *room = rig_create(&r, "r", "alice");
    is_int(rig_join(room, &a) || rig_join(room, &b), 0, "two join");
    chat_times(&r, room, &a, 3);
    uint64_t since = room->room->seq - 2;
    memcpy(epoch, room->epoch, sizeof epoch);
    struct command leave = { .verb = VERB_LEAVE };
    is_int(rig_do(room, &b, &leave), 0, "bob leaves");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_pass(&r, 11000);
    is_int(r.held.n_snapshots, 0, "nothing is asked for while it is in memory");
    rig_pass(&r, 60000);
    ok(hub_peek(r.hub, S("r")) == NULL, "it is dropped");
    is_int(r.held.n_snapshots, 1, "and kept whole");
    room = rig_open(&r, "r");
    ok(room && r.held.n_loaded_snapshot == 6,
        "it is loaded from that: itself, two people, three "
        "messages");
    is_int(room ? room->room->n_messages : 0, 3, "with all that was said");
    is_int(room ? (int)room->kept_seq : 0, (int)r.held.snapshot_seq, "nothing is to be kept anew");
    rig_connect(&r, &a, "alice");
    struct member *m = room ? room_member(room->room, S("alice")) : NULL;
    if (ok(m != NULL, "alice is known")) {
        m->status = MEMBER_APPROVED;
        is_int(hub_replay(room, m, since, slice_str(epoch), name_replayed, replayed), 0,
            "what came after a number is there");
    }
    rig_pass(&r, 60000);
    is_int(r.held.n_snapshots, 1, "when it goes as it came, it is not kept again");
    rig_end(&r, &a);
    rig_fini(&r);
}

static void restarts_are_seamless(void)
{
    struct rig r;
    static struct rig_client a, b;
    char replayed[REPLAYED_BYTES] = "", epoch[STORE_EPOCH_MAX + 1];
    rig_init(&r);
    r.settings.snapshot_events = 6;
    rig_connect(&r, &a, "alice");
    rig_connect(&r, &b, "bob");
    struct hub_room *room = rig_create(&r, "r", "alice");
    is_int(rig_join(room, &a) || rig_join(room, &b), 0, "two join");
    chat_times(&r, room, &a, 8);
    memcpy(epoch, room->epoch, sizeof epoch);
    uint64_t seq = room->room->seq;
    is_int(r.held.n_snapshots, 1, "somewhere on the way it was kept");
    is_int(r.held.snapshot_seq, 6, "after six events");
    session_end(a.session);
    session_end(b.session);
    rig_restart(&r);
    room = rig_open(&r, "r");
    if (!ok(room != NULL, "the room is there again"))
        exit(done());
    ok(r.held.n_loaded_snapshot > 0 && r.held.n_loaded >= seq,
        "from a snapshot and events, of "
        "which some are before it");
    const struct member *bob = room_member(room->room, S("bob"));
    ok(bob && bob->lost_at_ms == loop_wall_ms(r.loop), "bob is lost since now");
    is_int((int)room->room->seq, (int)seq + 2, "as is alice: two events more");
    is_int(hub_replay(room, bob, 4, slice_str(epoch), name_replayed, replayed), 0, "his number");
    is_str(replayed, "CHAT CHAT CHAT CHAT CHAT CHAT CHAT LOST ", "gives exactly what he missed");
    rig_fini(&r);
}

static int say(struct hub_room *room, struct rig_client *c, const char *id, const char *text)
{
    struct command chat = {
        .verb = VERB_CHAT, .id = slice_str(id), .chat = { .text = slice_str(text) }
    };
    return rig_do(room, c, &chat);
}

/* Its answer was lost, and with it the connection, and the server. */
static void a_message_is_said_once(void)
{
    struct rig r;
    static struct rig_client a, b;
    rig_init(&r);
    r.settings.snapshot_events = 4;
    rig_connect(&r, &a, "alice");
    struct hub_room *room = rig_create(&r, "r", "alice");
    is_int(rig_join(room, &a) || say(room, &a, "m1", "one") || say(room, &a, "m2", "two"), 0,
        "alice says two things, under ids of her own");
    rig_settle(&r);
    is_int(say(room, &a, "m3", "three"), 0, "and a third");
    rig_settle(&r);
    uint64_t seq = room->room->seq;
    is_int(say(room, &a, "m3", "three"), 0, "she says it again");
    is_int((int)room->room->seq, (int)seq, "nothing happens");
    session_end(a.session);
    rig_restart(&r);
    room = rig_open(&r, "r");
    ok(room && r.held.n_loaded_snapshot > 0, "the server is started anew");
    rig_connect(&r, &a, "alice");
    rig_connect(&r, &b, "bob");
    is_int(rig_join(room, &a) || rig_join(room, &b), 0, "she comes back");
    seq = room->room->seq;
    is_int(say(room, &a, "m1", "one") || say(room, &a, "m3", "three"), 0, "and says all again");
    is_int((int)room->room->seq, (int)seq, "of which nothing is new");
    is_int(say(room, &b, "m1", "mine"), ERR_CONFLICT, "her ids are hers");
    is_int(say(room, &b, "", "mine"), 0, "without one the message gets one");
    is_int((int)room->room->n_messages, 4, "four messages in all");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_fini(&r);
}

static void some_rooms_are_not_kept(void)
{
    struct rig r;
    static struct rig_client a;
    struct hub_room *room = NULL;
    rig_init(&r);
    r.settings.snapshot_events = 1000;
    struct hub_creation c = { .id = S("f"),
        .by = S("alice"),
        .is_fleeting = true,
        .room = { .title = S(""), .settings = room_default_settings(MODE_STUDY) } };
    is_int(hub_create(&room, r.hub, &c), 0, "a fleeting room");
    ok(r.held.is_fleeting, "which the store is told");
    rig_settle(&r);
    rig_pass(&r, 61000);
    ok(hub_peek(r.hub, S("f")) == NULL && r.held.n_snapshots == 0, "goes without a trace");
    r.settings.snapshot_events = 0;
    rig_connect(&r, &a, "alice");
    room = rig_create(&r, "r", "alice");
    ok(!r.held.is_fleeting, "another one is not");
    is_int(rig_join(room, &a), 0, "where somebody was");
    chat_times(&r, room, &a, 5);
    rig_end(&r, &a);
    rig_pass(&r, 90000);
    ok(hub_peek(r.hub, S("r")) == NULL && r.held.n_snapshots == 0, "without the setting: none");
    rig_fini(&r);
}

/* Fleeting also after a restart: then it goes when it is idle. */
static void fleeting_is_remembered(void)
{
    struct rig r;
    struct hub_room *room = NULL;
    rig_init(&r);
    struct hub_creation c = { .id = S("f"),
        .by = S("alice"),
        .is_fleeting = true,
        .room = { .title = S(""), .settings = room_default_settings(MODE_STUDY) } };
    is_int(hub_create(&room, r.hub, &c), 0, "a fleeting room");
    rig_settle(&r);
    rig_restart(&r);
    room = rig_open(&r, "f");
    ok(room && room->is_fleeting, "is one after a restart");
    rig_pass(&r, 61000);
    ok(rig_open(&r, "f") == NULL, "and goes for good when nobody comes");
    rig_fini(&r);
}

static void old_messages_are_forgotten(void)
{
    struct rig r;
    static struct rig_client a;
    rig_init(&r);
    r.settings.snapshot_events = 4;
    r.settings.message_age_ms = 100000;
    rig_connect(&r, &a, "alice");
    struct hub_room *room = rig_create(&r, "r", "alice");
    is_int(rig_join(room, &a), 0, "alice comes");
    chat_times(&r, room, &a, 3); /* two in a snapshot, one behind it */
    rig_pass(&r, 60000);
    chat_times(&r, room, &a, 1);
    uint64_t seq = room->room->seq;
    rig_end(&r, &a);
    rig_pass(&r, 10000);
    is_int(room->room->n_messages, 4, "four messages");
    rig_pass(&r, 60000);
    room = rig_open(&r, "r");
    is_int(room ? room->room->n_messages : 0, 1, "three of them are too old to be loaded");
    ok(room && room->room->seq > seq, "the numbers go on all the same");
    is_int(room ? (int)tail_first(&room->tail) : 0, (int)seq, "nobody is told of them again");
    rig_connect(&r, &a, "alice");
    is_int(room ? rig_join(room, &a) : -1, 0, "somebody comes");
    chat_times(&r, room, &a, 1);
    is_int(room->room->n_messages, 2, "and says something");
    rig_end(&r, &a);
    rig_fini(&r);
}

/* The newest event of all is too old. */
static void the_last_is_forgotten(void)
{
    struct rig r;
    static struct rig_client a;
    rig_init(&r);
    r.settings.message_age_ms = 100000;
    rig_connect(&r, &a, "alice");
    struct hub_room *room = rig_create(&r, "r", "alice");
    is_int(rig_join(room, &a), 0, "alice comes");
    struct command leave = { .verb = VERB_LEAVE };
    struct command say = { .verb = VERB_SAY,
        .say = { .name = S("Bob"), .chat = { .text = S("from outside") } } };
    struct outcome ignored;
    is_int(rig_do(room, &a, &leave), 0, "and leaves");
    is_int(hub_do_as(&ignored, room, S("bob"), &say), 0, "somebody says the last word");
    rig_settle(&r);
    uint64_t seq = room->room->seq;
    rig_end(&r, &a);
    rig_pass(&r, 200000);
    room = rig_open(&r, "r");
    is_int(room ? (int)room->room->n_messages : -1, 0, "which is forgotten");
    is_int(room ? (int)room->room->seq : -1, (int)seq, "but not its number");
    is_int(room ? hub_do_as(&ignored, room, S("bob"), &say) : -1, 0, "something new");
    rig_settle(&r);
    ok(hub_peek(r.hub, S("r")) == room && room->stored_seq == seq + 1, "is stored behind it");
    rig_fini(&r);
}

static void restarts_are_nobodys_fault(void)
{
    struct rig r;
    static struct rig_client h, a;
    rig_init(&r);
    rig_connect(&r, &h, "hal");
    rig_connect(&r, &a, "ann");
    struct hub_room *room = NULL;
    struct hub_creation c = { .id = S("i"),
        .by = S("hal"),
        .room = { .title = S(""),
            .owner_id = S("hal"),
            .settings = room_default_settings(MODE_INTERVIEW) } };
    c.room.settings.approval = false;
    is_int(hub_create(&room, r.hub, &c), 0, "an interview");
    struct command start = { .verb = VERB_START };
    is_int(rig_join(room, &h) || rig_join(room, &a) || rig_do(room, &h, &start), 0, "is live");
    rig_settle(&r);
    session_end(h.session);
    session_end(a.session);
    rig_restart(&r);
    rig_pass(&r, 3600000);
    room = rig_open(&r, "i");
    const struct member *ann = room ? room_member(room->room, S("ann")) : NULL;
    if (!ok(ann != NULL, "the server is started anew"))
        exit(done());
    is_int(ann->violations, 0, "that is no violation of hers");
    ok(room_role(room->room, S("ann")) == ROLE_PARTICIPANT, "she has her place, an hour later");
    rig_connect(&r, &a, "ann");
    rig_pass(&r, 9000);
    is_int(rig_join(room, &a), 0, "and time to come back");
    rig_settle(&r);
    is_int(ann->violations, 0, "still none");
    rig_end(&r, &a);
    is_int(ann->violations, 1, "what she does herself counts");
    rig_fini(&r);
}

int main(void)
{
    log_set_level(LOG_OFF);
    is_taken_every_so_often();
    waits_for_the_last_one();
    keeps_rooms_that_are_dropped();
    restarts_are_seamless();
    a_message_is_said_once();
    some_rooms_are_not_kept();
    fleeting_is_remembered();
    old_messages_are_forgotten();
    the_last_is_forgotten();
    restarts_are_nobodys_fault();
    return done();
}
