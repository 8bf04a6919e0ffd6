/* What the store in memory promises beyond store_test.c: without memory it answers so and keeps
 * what it had, it does not grow without end, and what it gives back can be used again. */
#include "store/memory.h"

#include "base/xalloc.h"
#include "fault.h"
#include "rig.h"

/* ---- without memory ---- */

/* Appends of all kinds, while some allocation fails. An append is kept or is not. */
static void put_all(struct rig *r, struct rig_room *room)
{
    struct event first[] = { rig_created(1, "host", true), rig_chat("m2", "ann", "", "one") };
    struct event chats[40];
    struct event changes[] = {
        rig_edited(7, "m2", "two"),
        rig_updated("Other", true),
        rig_event(EV_ENDED, 8, "host"),
    };
    for (unsigned i = 0; i < COUNT(chats); i++)
        chats[i] = rig_chat("m", "ann", "", "x");
    rig_put(r, 'a', room, first, 2);
    rig_put(r, 'b', room, chats, COUNT(chats));
    rig_put(r, 'c', room, changes, COUNT(changes));
}

/* What is answered when the append `failed` ('-': none) could not be kept. */
static const char *wanted(char failed)
{
    switch (failed) {
    case 'a':
        return "a:NO_MEMORY b:ROOM_NOT_FOUND c:ROOM_NOT_FOUND ";
    case 'b':
        return "a:ok b:NO_MEMORY c:STORAGE_UNAVAILABLE ";
    case 'c':
        return "a:ok b:ok c:NO_MEMORY ";
    default:
        return "a:ok b:ok c:ok ";
    }
}

static char failed_one(const char *said)
{
    const char *at = strstr(said, ":NO_MEMORY");
    return at != NULL ? at[-1] : '-';
}

/* Loads the room, if it is there, and appends again what was not kept. */
static void go_on(struct rig *r, struct rig_room *room, char failed)
{
    struct store_message_query q = { .room_id = SLICE("room"), .limit = STORE_PAGE_MAX };
    struct event more = rig_chat("m9", "bob", "", "more");
    room->epoch = failed == 'a' ? "e1" : "e2";
    room->is_new = failed == 'a';
    room->seq = failed == 'a' ? 0 : failed == 'b' ? 2 : 42;
    if (failed != 'a')
        rig_load(r, 'l', "room", "e2");
    rig_put(r, 'm', room, &more, 1);
    rig_messages(r, 'p', &q);
    const char *said = rig_turn(r);
    ok(strstr(said, "m:ok ") != NULL, "loaded, it is appended to again");
    ok(strstr(said, ":bob:more>") != NULL, "and shows it");
    if (failed == 'b')
        is_str(said, "l:[1 CREATED,2 CHAT](e1@0) m:ok p:<2:ann:one,3:bob:more> ",
            "the log is as it was");
    if (failed == 'c')
        ok(strstr(said, "p:<2:ann:one,3:ann:x,") != NULL, "nothing was edited");
}

static void append_faulty(void *arg)
{
    struct rig *r = arg;
    struct rig_room room = { .id = "room", .epoch = "e1", .is_new = true };
    r->store = store_memory_new(r->loop);
    put_all(r, &room);
    char failed = failed_one(rig_turn(r));
    is_str(r->said, wanted(failed), "the answers");
    ok(fault_hit() == (failed != '-'), "one could not be kept, if an allocation failed");
    if (fault_hit())
        go_on(r, &room, failed);
    rig_close(r);
    loop_turn(r->loop, false);
}

static void load_faulty(void *arg)
{
    struct rig *r = arg;
    rig_load(r, 'a', "room", "e2");
    rig_turn(r);
    is_str(r->said, fault_hit() ? "a:NO_MEMORY " : "a:[1 CREATED](e1@0) ", "loaded, or not");
}

/* A load that could not be answered was none. */
static void test_load(struct rig *r)
{
    r->store = store_memory_new(r->loop);
    struct rig_room room = rig_begin(r, "room", 1);
    struct event e = rig_event(EV_HAND, 2, "ann");
    fault_alloc_at(1);
    rig_load(r, 'a', "room", "e2");
    is_str(rig_turn(r), "a:NO_MEMORY ", "not loaded");
    fault_off();
    rig_put(r, 'b', &room, &e, 1);
    is_str(rig_turn(r), "b:ok ", "so the older load goes on");
    rig_close(r);
    loop_turn(r->loop, false);
}

static void test_faults(struct rig *r)
{
    fault_each(FAULT_ALLOC, append_faulty, r);
    r->store = store_memory_new(r->loop);
    rig_begin(r, "room", 1);
    fault_each(FAULT_ALLOC, load_faulty, r);
    rig_close(r);
    loop_turn(r->loop, false);
}

/* ---- a full store ---- */

/* One large record many times, so that the sum is too much while the test holds little. */
static void put_large(struct rig *r, char label, uint64_t first_seq, size_t bytes)
{
    size_t each = 1u << 20;
    uint32_t n = (uint32_t)(bytes / each);
    char *record = malloc(each);
    struct event *events = calloc(n, sizeof(*events));
    struct stored_event *stored = calloc(n, sizeof(*stored));
    memset(record, 'x', each);
    for (uint32_t i = 0; i < n; i++) {
        events[i] = rig_event(EV_HAND, 2, "ann");
        events[i].seq = first_seq + i;
        stored[i].seq = events[i].seq;
        stored[i].record = slice_of(record, each);
        stored[i].event = &events[i];
    }
    struct store_append a = {
        .room_id = SLICE("room"), .epoch = SLICE("e1"), .events = stored, .n = n
    };
    r->store->ops->append(r->store, &a, rig_on_done, rig_ask(r, label));
    free(stored);
    free(events);
    free(record);
}

/* More than the maximum, one after the other. */
static void test_place(struct rig *r)
{
    unsigned refused = 0;
    for (int i = 0; i < 20; i++) {
        put_large(r, 'd', 2, 60u << 20);
        rig_forget(r, 'e', "room");
        refused += strcmp(rig_turn(r), "d:ok e:ok ") != 0;
        rig_begin(r, "room", 1);
    }
    is_int(refused, 0, "what is forgotten makes place");
    rig_load(r, 'f', "room", "e2");
    for (int i = 0; i < 20; i++) {
        put_large(r, 'g', 2, 60u << 20);
        refused += strstr(rig_turn(r), "g:CONFLICT ") == NULL;
    }
    rig_forget(r, 'h', "room");
    rig_turn(r);
    rig_begin(r, "room", 1);
    put_large(r, 'i', 2, 60u << 20);
    is_str(rig_turn(r), "i:ok ", "and so does what was not kept");
    is_int(refused, 0, "all of which was refused for its old load");
}

static void test_full(struct rig *r)
{
    r->store = store_memory_new(r->loop);
    rig_begin(r, "room", 1);
    long live = fault_live();
    put_large(r, 'a', 2, STORE_MEMORY_MAX_BYTES);
    is_int(fault_live(), live + 1, "no memory is taken for it, but for the request");
    is_str(rig_turn(r), "a:STORAGE_UNAVAILABLE ", "an append that is too much");
    put_large(r, 'b', 2, 4u << 20);
    is_str(rig_turn(r), "b:STORAGE_UNAVAILABLE ", "and those behind it");
    rig_load(r, 'c', "room", "e1");
    is_str(rig_turn(r), "c:[1 CREATED](e1@0) ", "the log is as it was");
    test_place(r);
    rig_close(r);
    loop_turn(r->loop, false);
}

/* ---- closing ---- */

static void test_close(struct rig *r)
{
    long live = fault_live();
    r->store = store_memory_new(r->loop);
    rig_close(r);
    loop_turn(r->loop, false);
    is_int(fault_live(), live, "closed before it was used");
    r->store = store_memory_new(r->loop);
    is_str(r->store->ops->name, "memory", "it has a name");
    struct rig_room room = rig_begin(r, "room", 1);
    struct event e = rig_event(EV_HAND, 2, "ann");
    rig_put(r, 'a', &room, &e, 1);
    rig_close(r);
    loop_turn(r->loop, false);
    is_int(fault_live(), live, "an append that waits goes with it, at the end of the turn");
}

int main(void)
{
    struct rig *r = malloc(sizeof(*r));
    memset(r, 0, sizeof(*r));
    test_clock_init(&r->clock);
    if (loop_new(&r->loop, &r->clock.clock))
        abort();
    test_faults(r);
    test_load(r);
    test_full(r);
    test_close(r);
    loop_free(r->loop);
    free(r);
    return done();
}
