/* Snapshots: what stands in for the beginning of a log, and which of them are refused. */
#include "store/store.h"
#include "stores.h"

#define RECORDS(...)      \
    (const char *const[]) \
    {                     \
        __VA_ARGS__, NULL \
    }
#define MANY     2500u /* events */
#define LARGE    40u   /* records */
#define LARGE_AT 17u   /* the one that is larger than a part */

static void put_hands(struct rig *r, char label, struct rig_room *room, unsigned n)
{
    struct event *events = malloc(n * sizeof(*events));
    for (unsigned i = 0; i < n; i++)
        events[i] = rig_event(EV_HAND, 2, "ann");
    rig_put(r, label, room, events, n);
    free(events);
}

static void test_load(struct rig *r)
{
    struct rig_room room = rig_begin(r, "room", 1);
    put_hands(r, 'a', &room, 2);
    rig_snapshot(r, 'b', &room, 2, RECORDS("one", "two"));
    put_hands(r, 'c', &room, 1);
    rig_load(r, 'd', "room", "e2");
    is_str(rig_turn(r), "a:ok b:ok c:ok d:{2:one,two}[1 CREATED,2 HAND,3 HAND,4 HAND](e1@0) ",
        "a load gives it, with what came before and after");
}

static void test_replaced(struct rig *r)
{
    struct rig_room room = rig_begin(r, "room", 1);
    put_hands(r, 'a', &room, 2);
    rig_snapshot(r, 'b', &room, 2, RECORDS("one", "two", "three"));
    rig_snapshot(r, 'c', &room, 3, RECORDS("new"));
    rig_snapshot(r, 'd', &room, 2, RECORDS("old"));
    rig_load(r, 'e', "room", "e2");
    room.epoch = "e2";
    rig_snapshot(r, 'f', &room, 3, RECORDS("again", "and again"));
    rig_load(r, 'g', "room", "e3");
    const char *said = rig_turn(r);
    ok(strstr(said, "a:ok b:ok c:ok d:CONFLICT e:") == said, "an older one does not replace it");
    ok(strstr(said, "f:ok g:{3:again,and again}[1 CREATED,") != NULL, "one of its number does");
}

static void test_refused(struct rig *r)
{
    struct rig_room room = rig_begin(r, "room", 1), nowhere = { .id = "nowhere", .epoch = "e1" };
    struct rig_room old = room;
    rig_snapshot(r, 'a', &nowhere, 1, RECORDS("x"));
    rig_snapshot(r, 'b', &room, 2, RECORDS("x"));
    rig_load(r, 'c', "room", "e2");
    rig_snapshot(r, 'd', &old, 1, RECORDS("x"));
    put_hands(r, 'e', &old, 1);
    rig_load(r, 'f', "room", "e3");
    is_str(rig_turn(r),
        "a:ROOM_NOT_FOUND b:CONFLICT c:[1 CREATED](e1@0) d:CONFLICT e:CONFLICT "
        "f:[1 CREATED](e1@0,e2@1) ",
        "of nothing, of what is not stored, of an older load; and nothing of it stays");
}

/* Of what is before the snapshot only the newest. */
static void test_tail(struct rig *r)
{
    struct rig_room room = rig_begin(r, "room", 1);
    char want[64];
    put_hands(r, 'a', &room, MANY);
    rig_snapshot(r, 'b', &room, MANY, RECORDS("all"));
    rig_load(r, 'c', "room", "e2");
    const char *said = rig_turn(r);
    snprintf(want, sizeof(want), "a:ok b:ok c:{%u:all}[%u HAND,", MANY, MANY - STORE_TAIL + 1);
    ok(strstr(said, want) == said, "it begins with %s", want);
    ok(strstr(said, "(number") == NULL, "without a hole");
    snprintf(want, sizeof(want), ",%u HAND](e1@0) ", MANY + 1);
    ok(strstr(said, want) != NULL, "and ends with the newest");
}

static void test_forgotten(struct rig *r)
{
    struct rig_room room = rig_begin(r, "room", 1);
    rig_snapshot(r, 'a', &room, 1, RECORDS("one"));
    rig_forget(r, 'b', "room");
    rig_snapshot(r, 'c', &room, 1, RECORDS("two"));
    rig_turn(r);
    rig_begin(r, "room", 1);
    rig_load(r, 'd', "room", "e2");
    is_str(rig_turn(r), "d:[1 CREATED](e1@0) ", "it goes with its room");
}

static void test_fleeting(struct rig *r)
{
    struct rig_room room = { .id = "room", .epoch = "e1", .is_new = true, .is_fleeting = true };
    put_hands(r, 'a', &room, 1);
    rig_load(r, 'b', "room", "e2");
    room.is_fleeting = false;
    room.epoch = "e2";
    put_hands(r, 'c', &room, 1);
    rig_load(r, 'd', "room", "e3");
    is_str(rig_turn(r), "a:ok b:fleeting[1 HAND](e1@0) c:ok d:fleeting[1 HAND,2 HAND](e1@0,e2@1) ",
        "a room that was made in passing stays so");
}

/* ---- large ones ---- */

static size_t large_len(unsigned i)
{
    return i == LARGE_AT ? 3u << 20 : (size_t)i * 9001 + 1;
}

struct seen {
    bool is_answered;
    unsigned wrong;
};

static void see_large(void *arg, int err, const struct store_log *log)
{
    struct seen *seen = arg;
    seen->is_answered = true;
    seen->wrong += err != 0 || log->n_snapshot != LARGE;
    for (unsigned i = 0; i < LARGE && !seen->wrong; i++) {
        struct slice s = log->snapshot[i];
        seen->wrong += s.len != large_len(i) || s.p[0] != 'A' + (char)i || s.p[s.len - 1] != s.p[0];
    }
}

static void test_large(struct rig *r)
{
    struct rig_room room = rig_begin(r, "room", 1);
    struct seen seen = { .wrong = 0 };
    char *records[LARGE + 1] = { NULL };
    for (unsigned i = 0; i < LARGE; i++) {
        records[i] = calloc(1, large_len(i) + 1);
        memset(records[i], 'A' + (int)i, large_len(i));
    }
    rig_snapshot(r, 'a', &room, 1, (const char *const *)records);
    is_str(rig_turn(r), "a:ok ", "kept");
    r->store->ops->load(r->store, S("room"), S("e2"), see_large, &seen);
    while (!seen.is_answered)
        loop_turn(r->loop, true);
    is_int(seen.wrong, 0, "each record is as it was");
    for (unsigned i = 0; i < LARGE; i++)
        free(records[i]);
}

static store_test *const tests[] = {
    test_load,
    test_replaced,
    test_refused,
    test_tail,
    test_forgotten,
    test_fleeting,
    test_large,
};

int main(void)
{
    stores_test(tests, COUNT(tests));
    return done();
}
