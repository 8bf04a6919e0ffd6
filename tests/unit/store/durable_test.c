/* A store without memory answers so, keeps what it had, and can go on; whatever is asked is refused
 * in its turn. Over a database in memory, without threads. */
#include "store/durable.h"

#include "fault.h"
#include "rig.h"
#include "store/memory.h"

/* ---- rooms ---- */

/* Appends of all kinds, while some allocation fails. An append is kept or is not. */
static void put_all(struct rig *r, struct rig_room *room)
{
    struct event first[] = { rig_created(1, "host", true), rig_chat("m2", "ann", "", "one") };
    struct event chats[40];
    struct event changes[] = {
        rig_edited(7, 2, "two"),
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

/* Also when the fault comes only now. */
static void clear_away(struct rig *r)
{
    do
        rig_forget(r, 'z', "room");
    while (strcmp(rig_turn(r), "z:NO_MEMORY ") == 0);
}

static void append_faulty(void *arg)
{
    struct rig *r = arg;
    struct rig_room room = { .id = "room", .epoch = "e1", .is_new = true };
    put_all(r, &room);
    char failed = failed_one(rig_turn(r));
    is_str(r->said, wanted(failed), "the answers");
    ok(fault_hit() == (failed != '-'), "one could not be kept, if an allocation failed");
    if (failed != '-')
        go_on(r, &room, failed);
    clear_away(r);
}

static void begin_with_snapshot(struct rig *r)
{
    struct rig_room room = rig_begin(r, "room", 1);
    rig_snapshot(r, 's', &room, 1, (const char *const[]){ "one", "two", NULL });
    rig_turn(r);
}

/* A load that failed may have begun all the same: then no older one goes on. */
static void load_faulty(void *arg)
{
    struct rig *r = arg;
    struct rig_room room = { .id = "room", .epoch = "late", .seq = 1 };
    struct event e = rig_event(EV_HAND, 2, "ann");
    rig_load(r, 'a', "room", "e2");
    const char *said = rig_turn(r);
    bool is_hit = fault_hit();
    const char *want = is_hit ? "a:NO_MEMORY " : "a:{1:one,two}[1 CREATED](e1@0) ";
    is_str(said, want, "loaded, or not");
    if (!is_hit)
        return;
    rig_load(r, 'b', "room", "late");
    rig_put(r, 'c', &room, &e, 1);
    ok(strstr(rig_turn(r), "c:ok ") != NULL, "and loaded anew it goes on");
    clear_away(r);
    begin_with_snapshot(r);
}

static void snapshot_faulty(void *arg)
{
    struct rig *r = arg;
    struct rig_room room = { .id = "room", .epoch = "e1", .seq = 1 };
    rig_snapshot(r, 's', &room, 1, (const char *const[]){ "one", "two", NULL });
    const char *said = rig_turn(r);
    is_str(said, fault_hit() ? "s:NO_MEMORY " : "s:ok ", "kept, or not");
}

static void page_faulty(void *arg)
{
    struct rig *r = arg;
    struct store_message_query messages = { .room_id = SLICE("room"), .limit = 9 };
    struct store_room_query rooms = { .is_all = true, .limit = 9 };
    rig_messages(r, 'm', &messages);
    rig_rooms(r, 'r', &rooms);
    const char *said = rig_turn(r);
    bool is_right = strcmp(said, "m:<2:ann:hi> r:<room> ") == 0;
    bool is_one_wrong = strcmp(said, "m:NO_MEMORY r:<room> ") == 0 ||
        strcmp(said, "m:<2:ann:hi> r:NO_MEMORY ") == 0;
    ok(fault_hit() ? is_one_wrong : is_right, "a page, or none: %s", said);
}

static void test_faults(struct rig *r)
{
    struct event chat = rig_chat("m", "ann", "", "hi");
    struct rig_room room = { .id = "room", .epoch = "e1", .is_new = true };
    put_all(r, &room); /* so that all statements are prepared */
    rig_forget(r, '-', "room");
    rig_turn(r);
    fault_each(FAULT_ALLOC, append_faulty, r);
    rig_begin(r, "room", 1);
    fault_each(FAULT_ALLOC, snapshot_faulty, r);
    fault_each(FAULT_ALLOC, load_faulty, r);
    clear_away(r);
    room = rig_begin(r, "room", 1);
    rig_put(r, '-', &room, &chat, 1);
    rig_turn(r);
    fault_each(FAULT_ALLOC, page_faulty, r);
}

/* ---- everything ---- */

struct refused {
    int errs[16];
    unsigned n;
};

static void on_done(void *arg, int err)
{
    struct refused *all = arg;
    all->errs[all->n++] = err;
}

static void on_users(void *arg, int err, const struct store_users *page)
{
    on_done(arg, page == NULL ? err : 0);
}

static void on_revocations(void *arg, int err, const struct store_revocations *all)
{
    on_done(arg, all == NULL ? err : 0);
}

static void on_files(void *arg, int err, const struct store_files *page)
{
    on_done(arg, page == NULL ? err : 0);
}

/* What rig.h does not ask. Each begins with an allocation. */
static void ask(struct store *s, unsigned which, struct refused *all)
{
    struct store_user user = { .id = SLICE("u") };
    struct store_user_query users = { .limit = 1 };
    struct store_revocation revocation = { .subject = SLICE("user:u") };
    struct store_file file = { .id = SLICE("f"), .user_id = SLICE("u") };
    struct store_file_query files = { .which = FILES_DOOMED, .limit = 1 };
    struct store_retention retention = { .now_ms = 1 };
    switch (which) {
    case 0:
        s->ops->put_user(s, STORE_ADD, &user, on_done, all);
        break;
    case 1:
        s->ops->users(s, &users, on_users, all);
        break;
    case 2:
        s->ops->drop_user(s, S("u"), on_done, all);
        break;
    case 3:
        s->ops->revoke(s, &revocation, on_done, all);
        break;
    case 4:
        s->ops->revocations(s, 1, on_revocations, all);
        break;
    case 5:
        s->ops->put_file(s, STORE_ADD, &file, NULL, on_done, all);
        break;
    case 6:
        s->ops->files(s, &files, on_files, all);
        break;
    case 7:
        s->ops->drop_file(s, S("f"), on_done, all);
        break;
    default:
        s->ops->sweep(s, &retention, on_done, all);
        break;
    }
}

static void test_refusals(struct rig *r)
{
    struct refused all = { .n = 0 };
    for (unsigned i = 0; i < 9; i++) {
        fault_alloc_at(1);
        ask(r->store, i, &all);
        is_int(all.n, i, "nothing is refused at once");
        while (all.n == i)
            loop_turn(r->loop, true);
        is_int(all.errs[i], ERR_NO_MEMORY, "refused without memory: %u", i);
        fault_off();
    }
}

static void test_no_copies(struct rig *r)
{
    struct store_copy to = { .file = SLICE("x") };
    r->store->ops->copy(r->store, &to, rig_on_done, rig_ask(r, 'a'));
    is_int(r->n_answered, 0, "not at once");
    is_str(rig_turn(r), "a:NOT_IMPLEMENTED ", "nothing can be copied from memory");
}

static void test_status(struct rig *r)
{
    const struct store_status *s = r->store->ops->status(r->store);
    is_int(s->state, STORE_UP, "it is up");
    is_int(s->waiting, 0, "and nothing waits");
    rig_load(r, 'a', "room", "e1");
    is_int(r->store->ops->status(r->store)->waiting, 1, "but what was asked");
    rig_turn(r);
    is_int(r->store->ops->status(r->store)->waiting, 0, "until it is answered");
}

/* What nobody's database can have is found nowhere. */
static void test_odd_names(struct rig *r)
{
    struct store_message_query messages = { .room_id = { .p = "ro\0m", .len = 4 }, .limit = 1 };
    struct store_room_query rooms = { .after = SLICE("\xff"), .limit = 1 };
    struct store_message_query viewer = {
        .room_id = SLICE("room"), .viewer = SLICE("\xc3"), .limit = 9
    };
    struct rig_room room = rig_begin(r, "room", 1);
    struct event chats[] = { rig_chat("m1", "ann", "", "a"), rig_chat("m2", "ann", "", "b") };
    chats[1].target = S("\xc3");
    rig_put(r, 'a', &room, chats, 2);
    rig_messages(r, 'b', &messages);
    rig_rooms(r, 'c', &rooms);
    rig_messages(r, 'd', &viewer);
    rig_load(r, 'e', "\xff", "e");
    rig_forget(r, 'f', "\xff");
    is_str(rig_turn(r),
        "a:ok b:ROOM_NOT_FOUND c:ROOM_NOT_FOUND d:<2:ann:a> e:ROOM_NOT_FOUND f:ROOM_NOT_FOUND ",
        "names that cannot be");
}

static void (*const tests[])(struct rig *r) = {
    test_faults,
    test_refusals,
    test_no_copies,
    test_status,
    test_odd_names,
};

int main(void)
{
    struct rig *r = malloc(sizeof(*r));
    for (size_t i = 0; i < COUNT(tests); i++) {
        long before = fault_live();
        rig_init(r);
        r->store = store_memory_new(r->loop);
        tests[i](r);
        rig_fini(r);
        is_int(fault_live(), before, "nothing is left");
    }
    free(r);
    return done();
}
