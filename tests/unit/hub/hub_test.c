/* Rooms in the hub: who is told what and when, what waits for the store, what is left when the
 * store fails, coming back, replaying, idling. */
#include "rig.h"

#include <stdio.h>

static void chat_is_told_when_stored(void)
{
    struct rig r;
    static struct rig_client a, b;
    rig_init(&r);
    rig_connect(&r, &a, "alice");
    rig_connect(&r, &b, "bob");
    struct hub_room *room = rig_create(&r, "r", "alice");
    ok(room != NULL, "a room is made");
    is_int(rig_join(room, &a), 0, "alice joins");
    is_int(rig_join(room, &b), 0, "bob joins");
    is_str(a.heard, "", "nobody is told before it is stored");
    rig_settle(&r);
    is_str(a.heard, "JOINED ", "then alice is told of bob");
    is_str(b.heard, "", "the newcomer is not told of itself");
    r.held.is_holding = true;
    is_int(rig_chat(room, &a, "hi"), 0, "alice says something");
    rig_settle(&r);
    is_str(b.heard, "", "it is not told while the store writes");
    is_int(rig_type(room, &a), 0, "alice types");
    is_str(b.heard, "TYPING ", "typing waits for nothing");
    rig_forget(&a);
    rig_forget(&b);
    struct command draw = { .verb = VERB_DRAW, .draw = { .ops = S("[{\"type\":\"stroke\"}]") } };
    is_int(rig_do(room, &a, &draw), 0, "alice draws");
    is_str(b.heard, "", "what has a number waits for those before it");
    held_store_release_all(&r.held);
    rig_settle(&r);
    held_store_release_all(&r.held);
    is_str(b.heard, "CHAT DREW ", "then both are told, in order");
    is_str(a.heard, "CHAT ", "and alice hears her own message, not her own stroke");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_fini(&r);
}

struct promised {
    struct hub_promise promise;
    int calls;
    int err;
};

static void on_promise(struct hub_promise *p, int err)
{
    struct promised *got = CONTAINER_OF(p, struct promised, promise);
    got->calls++;
    got->err = err;
}

static void failed_store_takes_the_room_back(void)
{
    struct rig r;
    static struct rig_client a, b, c;
    struct promised promised = { .promise = { .fn = on_promise } };
    rig_init(&r);
    rig_connect(&r, &a, "alice");
    rig_connect(&r, &b, "bob");
    rig_connect(&r, &c, "carol");
    struct hub_room *room = rig_create(&r, "r", "alice");
    is_int(rig_join(room, &a), 0, "alice joins");
    is_int(rig_join(room, &b), 0, "bob joins");
    rig_settle(&r);
    rig_forget(&a);
    r.held.is_full = true;
    is_int(rig_chat(room, &a, "lost"), 0, "what cannot be stored is taken at first");
    is_int(rig_join(room, &c), 0, "and so is who comes then");
    hub_when_stored(room, &promised.promise);
    is_int(promised.calls, 0, "nothing is promised yet");
    r.held.is_full = false;
    held_store_release_all(&r.held);
    r.held.is_holding = false;
    is_int(promised.calls, 1, "the promise is broken");
    is_int(promised.err, ERR_STORAGE_UNAVAILABLE, "with the reason");
    rig_settle(&r);
    held_store_release_all(&r.held);
    rig_settle(&r);
    is_str(a.heard, "", "nobody was told");
    is_str(b.heard, "", "of anything");
    room = rig_open(&r, "r");
    ok(room && room->room->n_messages == 0, "the room is as it is stored");
    ok(room && room_member(room->room, S("bob")) != NULL, "with those who had come");
    ok(room && room_member(room->room, S("carol")) == NULL, "without those who had not");
    is_int(c.session->n_rooms, 0, "who does not sit there any more");
    is_int(rig_chat(room, &b, "again"), 0, "it goes on");
    rig_settle(&r);
    is_str(a.heard, "CHAT ", "and is told as ever");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_end(&r, &c);
    rig_fini(&r);
}

static void lost_ones_come_back(void)
{
    struct rig r;
    static struct rig_client a, b;
    rig_init(&r);
    rig_connect(&r, &a, "alice");
    rig_connect(&r, &b, "bob");
    struct hub_room *room = rig_create(&r, "r", "alice");
    is_int(rig_join(room, &a) || rig_join(room, &b), 0, "two join");
    rig_settle(&r);
    rig_forget(&a);
    session_lose(b.session);
    rig_settle(&r);
    is_str(a.heard, "LOST ", "alice hears that bob is gone");
    is_int(rig_chat(room, &a, "missed"), 0, "she says something");
    rig_settle(&r);
    is_str(b.heard, "CHAT ", "which bob's line keeps for him");
    session_regain(b.session);
    rig_settle(&r);
    is_str(a.heard, "LOST CHAT RETURNED ", "bob is back");
    is_str(b.heard, "CHAT ", "and is told nothing twice");
    is_int(rig_chat(room, &b, "here"), 0, "he sits where he sat");
    rig_settle(&r);
    rig_forget(&a);
    session_lose(b.session);
    rig_settle(&r);
    rig_pass(&r, 11000);
    is_str(a.heard, "LOST LEFT ", "after the grace he is gone for good");
    is_int(b.session->n_rooms, 0, "and sits nowhere");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_fini(&r);
}

static void kicked_ones_hear_no_more(void)
{
    struct rig r;
    static struct rig_client a, b;
    rig_init(&r);
    rig_connect(&r, &a, "alice");
    rig_connect(&r, &b, "bob");
    struct hub_room *room = rig_create(&r, "r", "alice");
    is_int(rig_join(room, &a) || rig_join(room, &b), 0, "two join");
    rig_settle(&r);
    struct command kick = { .verb = VERB_KICK, .kick = { .user_id = S("bob"), .reason = S("") } };
    is_int(rig_do(room, &b, &kick), ERR_NOT_HOST, "bob may not");
    is_int(rig_do(room, &a, &kick), 0, "alice may");
    is_int(rig_chat(room, &a, "alone"), 0, "and goes on");
    rig_settle(&r);
    is_str(b.heard, "KICKED ", "bob hears that and nothing more");
    is_int(rig_chat(room, &b, "me?"), ERR_NOT_IN_ROOM, "he has no say");
    is_int(rig_join(room, &b), ERR_KICKED, "and does not come in again");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_fini(&r);
}

#define REPLAYED_BYTES 256

static void name_replayed(void *arg, const struct room_news *news)
{
    char *out = arg;
    size_t len = strlen(out);
    snprintf(out + len, REPLAYED_BYTES - len, "%s ", event_info(news->event->type)->name);
}

static void rooms_idle_and_load(void)
{
    struct rig r;
    static struct rig_client a;
    char replayed[REPLAYED_BYTES] = "";
    char epoch[STORE_EPOCH_MAX + 1];
    rig_init(&r);
    rig_connect(&r, &a, "alice");
    struct hub_room *room = rig_create(&r, "r", "alice");
    is_int(rig_join(room, &a), 0, "alice joins");
    is_int(rig_chat(room, &a, "one"), 0, "says one thing");
    rig_settle(&r);
    uint64_t since = room->room->seq;
    memcpy(epoch, room->epoch, sizeof epoch);
    is_int(rig_chat(room, &a, "two"), 0, "and another");
    rig_settle(&r);
    const struct member *m = room_member(room->room, S("alice"));
    is_int(hub_replay(room, m, since, slice_str(epoch), name_replayed, replayed), 0,
        "what came after a number is replayed");
    is_str(replayed, "CHAT ", "exactly that");
    is_int(hub_replay(room, m, since, S("other"), name_replayed, replayed), ERR_NOT_FOUND,
        "a number of another epoch means nothing");
    rig_end(&r, &a);
    rig_pass(&r, 20000);
    ok(hub_peek(r.hub, S("r")) != NULL, "the room stays for a while");
    rig_pass(&r, 60000);
    ok(hub_peek(r.hub, S("r")) == NULL, "and is dropped then");
    room = rig_open(&r, "r");
    ok(room && room->room->n_messages == 2, "it is loaded with all that was said");
    ok(room && strcmp(room->epoch, epoch) != 0, "in another epoch");
    rig_connect(&r, &a, "alice");
    is_int(rig_join(room, &a), 0, "alice comes again");
    m = room_member(room->room, S("alice"));
    is_int(hub_replay(room, m, since, slice_str(epoch), name_replayed, replayed), ERR_NOT_FOUND,
        "who had left was away: the state is whole instead");
    rig_end(&r, &a);
    rig_fini(&r);
}

static void fleeting_rooms_go_entirely(void)
{
    struct rig r;
    struct hub_room *room = NULL;
    rig_init(&r);
    struct hub_creation c = { .id = S("f"),
        .is_fleeting = true,
        .room = { .title = S("f"), .settings = room_default_settings(MODE_FOCUS) } };
    is_int(hub_create(&room, r.hub, &c), 0, "a room is made by the way");
    is_int(hub_create(&room, r.hub, &c), ERR_CONFLICT, "once");
    rig_pass(&r, 70000);
    ok(rig_open(&r, "f") == NULL, "nothing is left of it");
    rig_fini(&r);
}

static void deleted_rooms_go_when_all_is_told(void)
{
    struct rig r;
    static struct rig_client a, b;
    struct outcome ignored;
    const struct command end = { .verb = VERB_END };
    rig_init(&r);
    rig_connect(&r, &a, "alice");
    rig_connect(&r, &b, "bob");
    struct hub_room *room = rig_create(&r, "r", "alice");
    is_int(rig_join(room, &a) || rig_join(room, &b), 0, "two join");
    rig_settle(&r);
    rig_forget(&a);
    r.held.is_holding = true;
    is_int(hub_do_as(&ignored, room, S("alice"), &end), 0, "the room ends");
    hub_delete(room);
    ok(hub_peek(r.hub, S("r")) == NULL, "and nobody finds it any more");
    is_int(a.session->n_rooms, 1, "those inside are there until they are told");
    held_store_release_all(&r.held);
    r.held.is_holding = false;
    rig_settle(&r);
    is_str(a.heard, "ENDED ", "that it has ended");
    is_str(b.heard, "ENDED ", "all of them");
    is_int(a.session->n_rooms, 0, "then they sit nowhere");
    ok(rig_open(&r, "r") == NULL, "and nothing is left of it");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_fini(&r);
}

/* A client may come as somebody else each time. */
static void people_are_forgotten(void)
{
    struct rig r;
    static struct rig_client a;
    rig_init(&r);
    for (unsigned i = 0; i < 40000; i++) {
        char id[16];
        snprintf(id, sizeof id, "u%u", i);
        rig_connect(&r, &a, id);
        session_end(a.session);
        if (i % 100 == 0)
            loop_turn(r.loop, false);
    }
    rig_settle(&r);
    ok(r.hub->users.n > 30000, "people who went are remembered for a while");
    ok(r.hub->users.n < 33000, "but not all of very many: %u", r.hub->users.n);
    rig_pass(&r, 61000);
    rig_connect(&r, &a, "alice");
    is_int(r.hub->users.n, 1, "and then none");
    rig_end(&r, &a);
    rig_fini(&r);
}

static void the_limit_holds(void)
{
    struct rig r;
    char id[16];
    unsigned made = 0;
    rig_init(&r);
    for (unsigned i = 0; i < 120; i++) {
        snprintf(id, sizeof id, "r%u", i);
        made += rig_create(&r, id, "alice") != NULL;
    }
    is_int(made, 100, "there are as many rooms as there may be");
    rig_fini(&r);
}

/* Or whoever makes rooms and goes takes the place of all others. */
static void empty_rooms_make_place(void)
{
    struct rig r;
    static struct rig_client a;
    const struct command leave = { .verb = VERB_LEAVE };
    rig_init(&r);
    r.settings.max_rooms = 3;
    rig_connect(&r, &a, "alice");
    for (int i = 0; i < 3; i++)
        is_int(rig_join(rig_create(&r, (const char *[]){ "r0", "r1", "r2" }[i], "alice"), &a), 0,
            "a room with somebody in it");
    rig_pass(&r, 30000);
    ok(rig_create(&r, "r3", "bob") == NULL, "rooms with people stay");
    for (int i = 2; i > 0; i--)
        is_int(
            rig_do(hub_peek(r.hub, slice_str(i == 2 ? "r2" : "r1")), &a, &leave), 0, "she leaves");
    rig_pass(&r, 4999);
    ok(rig_create(&r, "r3", "bob") == NULL, "for a moment she may come back");
    rig_pass(&r, 1);
    ok(rig_create(&r, "r3", "bob") != NULL, "then the room makes place");
    ok(hub_peek(r.hub, S("r2")) == NULL, "the one that was empty first");
    ok(hub_peek(r.hub, S("r0")) && hub_peek(r.hub, S("r1")), "the others are there");
    rig_settle(&r);
    ok(rig_open(&r, "r2") != NULL, "it is stored, and can be opened");
    ok(hub_peek(r.hub, S("r1")) == NULL, "and the next one makes place");
    is_int(r.hub->rooms.n, 3, "there are never more");
    rig_end(&r, &a);
    rig_fini(&r);
}

static void a_pulse_beats_while_somebody_listens(void)
{
    struct rig r;
    static struct rig_client a, b;
    struct outcome ignored;
    rig_init(&r);
    rig_connect(&r, &a, "alice");
    rig_connect(&r, &b, "bob");
    struct hub_room *room = rig_create(&r, "r", "alice");
    struct command join = { .verb = VERB_JOIN, .join = { .name = S("A"), .avatar_url = S("") } };
    is_int(hub_do(&ignored, room, a.session, &rig_pulsing, &join), 0, "alice's language pulses");
    is_int(rig_join(room, &b), 0, "bob's does not");
    rig_settle(&r);
    rig_pass(&r, 5100);
    rig_pass(&r, 5100);
    is_str(a.heard, "JOINED PULSE PULSE ", "each five seconds");
    is_str(b.heard, "", "for those who speak it");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_fini(&r);
}

static void keys_belong_to_rooms(void)
{
    struct rig r;
    char key[HUB_KEY_BYTES + 1];
    rig_init(&r);
    hub_creation_key(key, r.hub, S("r1"), 1767225600123);
    struct slice k = slice_str(key);
    is_int(k.len, HUB_KEY_BYTES, "a key");
    ok(hub_is_creation_key(r.hub, S("r1"), 1767225600123, k), "fits its room");
    ok(hub_is_creation_key(r.hub, S("r1"), 0, k), "whenever that was");
    ok(!hub_is_creation_key(r.hub, S("r1"), 1767225600124, k), "but not a later one of its name");
    ok(!hub_is_creation_key(r.hub, S("r2"), 1767225600123, k), "nor another room");
    ok(!hub_is_creation_key(r.hub, S("r1"), 0, S("")), "nothing is no key");
    key[0] = key[0] == '0' ? '1' : '0';
    ok(!hub_is_creation_key(r.hub, S("r1"), 0, k), "nor is one of another time");
    rig_fini(&r);
}

static void addresses_have_limits(void)
{
    struct rig r;
    struct ip here = { .bytes = { 0x20, 0x01, [15] = 1 } };
    struct ip beside = { .bytes = { 0x20, 0x01, [15] = 2 } };
    struct ip there = { .bytes = { 0x20, 0x02, [15] = 1 } };
    uint64_t retry_ms;
    rig_init(&r);
    r.settings.rates[LIMIT_MISS] = (struct limit_rate){ .per_s = 1, .burst = 2 };
    for (int i = 0; i < 5; i++)
        is_int(hub_ask_from(&retry_ms, r.hub, here, LIMIT_MISS), 0, "asking costs nothing");
    is_int(hub_spend_from(&retry_ms, r.hub, here, LIMIT_MISS), 0, "one");
    is_int(hub_spend_from(&retry_ms, r.hub, beside, LIMIT_MISS), 0, "another, from next to it");
    is_int(hub_spend_from(&retry_ms, r.hub, here, LIMIT_MISS), ERR_RATE_LIMITED, "no more");
    is_int(hub_ask_from(&retry_ms, r.hub, beside, LIMIT_MISS), ERR_RATE_LIMITED, "as asking says");
    is_int(retry_ms, 1000, "and when");
    is_int(
        hub_spend_from(&retry_ms, r.hub, there, LIMIT_MISS), 0, "elsewhere it is nobody's fault");
    is_int(hub_spend(&retry_ms, r.hub, S("alice"), LIMIT_MISS), 0, "nor anybody's by name");
    rig_pass(&r, 1000);
    is_int(hub_ask_from(&retry_ms, r.hub, here, LIMIT_MISS), 0, "a second later");
    rig_fini(&r);
}

static struct ip address(uint8_t n)
{
    return (struct ip){ .bytes = { 0x20, n, [15] = 1 } };
}

static void addresses_share_a_limit(void)
{
    struct rig r;
    uint64_t retry_ms;
    rig_init(&r);
    r.settings.rates[LIMIT_MISS] = (struct limit_rate){ .per_s = 1, .burst = 3 };
    r.settings.rates[LIMIT_MISSES] = (struct limit_rate){ .per_s = 4, .burst = 4, .slower = 60 };
    rig_pass(&r, 1);
    for (uint8_t i = 0; i < 4; i++) {
        is_int(hub_ask_from(&retry_ms, r.hub, address(i), LIMIT_MISS), 0, "not too often: %d", i);
        is_int(hub_spend_from(&retry_ms, r.hub, address(i), LIMIT_MISS), 0, "a miss");
    }
    is_int(hub_spend_from(&retry_ms, r.hub, address(9), LIMIT_CREATE), 0, "something else");
    for (uint8_t i = 0; i < 4; i++)
        is_int(hub_ask_from(&retry_ms, r.hub, address(i), LIMIT_MISS), ERR_RATE_LIMITED,
            "too often, all of them: %d", i);
    is_int(retry_ms, 15000, "a fourth of a minute");
    is_int(hub_ask_from(&retry_ms, r.hub, address(0), LIMIT_CREATE), 0, "of misses alone");
    is_int(hub_ask_from(&retry_ms, r.hub, address(7), LIMIT_MISS), 0, "not who has missed nothing");
    is_int(hub_ask_from(&retry_ms, r.hub, address(9), LIMIT_MISS), 0, "but did something else");
    is_int(
        hub_spend_from(&retry_ms, r.hub, address(7), LIMIT_MISS), ERR_RATE_LIMITED, "until then");
    is_int(hub_ask_from(&retry_ms, r.hub, address(7), LIMIT_MISS), ERR_RATE_LIMITED, "not again");
    rig_pass(&r, 15000);
    is_int(
        hub_ask_from(&retry_ms, r.hub, address(1), LIMIT_MISS), 0, "one in a fourth of a minute");
    is_int(hub_spend_from(&retry_ms, r.hub, address(1), LIMIT_MISS), 0, "taken");
    is_int(hub_ask_from(&retry_ms, r.hub, address(2), LIMIT_MISS), ERR_RATE_LIMITED, "by one");
    rig_fini(&r);
}

static void guests_make_rooms_by_address(void)
{
    static struct rig_client a, b, carol;
    struct rig r;
    uint64_t retry_ms;
    rig_init(&r);
    r.settings.rates[LIMIT_CREATE] = (struct limit_rate){ .per_s = 1, .burst = 1 };
    rig_connect(&r, &a, NULL);
    rig_connect(&r, &b, NULL);
    rig_connect(&r, &carol, "carol");
    is_int(session_spend(&retry_ms, a.session, LIMIT_CREATE), 0, "a guest");
    is_int(session_spend(&retry_ms, b.session, LIMIT_CREATE), ERR_RATE_LIMITED,
        "another guest from there");
    is_int(session_spend(&retry_ms, carol.session, LIMIT_CREATE), 0, "an account");
    is_int(session_spend(&retry_ms, carol.session, LIMIT_CREATE), ERR_RATE_LIMITED,
        "which has its own");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_end(&r, &carol);
    rig_fini(&r);
}

int main(void)
{
    addresses_have_limits();
    addresses_share_a_limit();
    guests_make_rooms_by_address();
    chat_is_told_when_stored();
    failed_store_takes_the_room_back();
    lost_ones_come_back();
    kicked_ones_hear_no_more();
    rooms_idle_and_load();
    fleeting_rooms_go_entirely();
    deleted_rooms_go_when_all_is_told();
    people_are_forgotten();
    the_limit_holds();
    empty_rooms_make_place();
    a_pulse_beats_while_somebody_listens();
    keys_belong_to_rooms();
    return done();
}
