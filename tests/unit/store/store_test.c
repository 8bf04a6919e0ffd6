/* What every store must do, asked through its operations alone: the order of answers, the log and
 * its epochs, appends that fail, messages and rooms in pages. */
#include "store/store.h"

#include "room/verb.h"
#include "store/record.h"
#include "stores.h"

#define MANY_ROOMS   10000
#define MANY_EVENTS  3000
#define MANY_AT_ONCE 500

static void say_hello(struct rig *r, char label, struct rig_room *room)
{
    struct event e = rig_event(EV_HAND, 2, "ann");
    rig_put(r, label, room, &e, 1);
}

/* ---- the log ---- */

static void test_order(struct rig *r)
{
    struct rig_room room = { .id = "room", .epoch = "e1", .is_new = true };
    struct event first[] = { rig_created(1, "host", true), rig_event(EV_STARTED, 2, "host") };
    rig_put(r, 'a', &room, first, 2);
    rig_load(r, 'b', "room", "e2");
    room.epoch = "e2";
    say_hello(r, 'c', &room);
    rig_load(r, 'd', "room", "e3");
    rig_load(r, 'e', "room", "e4");
    is_int(r->n_answered, 0, "nothing is answered at once");
    is_str(rig_turn(r),
        "a:ok b:[1 CREATED,2 STARTED](e1@0) c:ok d:[1 CREATED,2 STARTED,3 HAND](e1@0,e2@2) "
        "e:[1 CREATED,2 STARTED,3 HAND](e1@0,e2@2,e3@3) ",
        "in order, each sees what came before it and no more");
}

static void test_rooms_apart(struct rig *r)
{
    struct rig_room a = rig_begin(r, "a", 1), b = rig_begin(r, "b", 1);
    say_hello(r, 'a', &b);
    say_hello(r, 'b', &b);
    say_hello(r, 'c', &a);
    rig_load(r, 'd', "a", "x");
    is_str(rig_turn(r), "a:ok b:ok c:ok d:[1 CREATED,2 HAND](e1@0) ", "each has its own numbers");
    rig_load(r, 'e', "b", "x");
    is_str(rig_turn(r), "e:[1 CREATED,2 HAND,3 HAND](e1@0) ", "and its own log");
}

static void test_asked_by_an_answer(struct rig *r)
{
    rig_begin(r, "room", 1);
    r->load_at = 'a';
    rig_load(r, 'a', "room", "e2");
    rig_load(r, 'b', "room", "e3");
    is_str(rig_turn(r),
        "a:[1 CREATED](e1@0) b:[1 CREATED](e1@0,e2@1) A:[1 CREATED](e1@0,e2@1,e3@1) ",
        "what an answer asks for is answered after those that wait");
}

static void test_epochs(struct rig *r)
{
    char name[STORE_EPOCH_MAX + 1], want[512] = "z:[1 CREATED](";
    rig_begin(r, "room", 1);
    for (int i = 0; i < STORE_EPOCHS + 4; i++) {
        snprintf(name, sizeof(name), "epoch-of-24-characters%02d", i);
        rig_load(r, 'a', "room", name);
        if (i >= 4)
            snprintf(want + strlen(want), 64, "%s@1%s", name, i < STORE_EPOCHS + 3 ? "," : ") ");
    }
    rig_turn(r);
    rig_load(r, 'z', "room", "now");
    is_str(rig_turn(r), want, "the newest epochs are remembered, oldest first");
}

static void test_many_events(struct rig *r)
{
    struct rig_room room = rig_begin(r, "room", 1);
    struct event *events = malloc(MANY_EVENTS * sizeof(*events));
    for (unsigned i = 0; i < MANY_EVENTS; i++)
        events[i] = rig_event(i % 2 ? EV_LOST : EV_HAND, 1, "ann");
    rig_put(r, 'a', &room, events, MANY_EVENTS);
    say_hello(r, 'b', &room);
    rig_load(r, 'c', "room", "x");
    const char *said = rig_turn(r);
    ok(strstr(said, "a:ok b:ok c:[1 CREATED,2 HAND,3 LOST,4 HAND,") == said, "the beginning");
    ok(strstr(said, ",3000 HAND,3001 LOST,3002 HAND](e1@0) ") != NULL, "the end");
    ok(strstr(said, "(number") == NULL, "no hole");
    free(events);
}

/* ---- what cannot be ---- */

static void test_unknown(struct rig *r)
{
    struct rig_room nowhere = { .id = "nowhere", .epoch = "e", .seq = 7 };
    struct store_message_query q = { .room_id = SLICE("nowhere"), .limit = 1 };
    rig_begin(r, "room", 1);
    rig_load(r, 'a', "nowhere", "e");
    say_hello(r, 'b', &nowhere);
    rig_messages(r, 'c', &q);
    rig_forget(r, 'd', "nowhere");
    rig_load(r, 'e', "nowhere", "e");
    is_str(rig_turn(r),
        "a:ROOM_NOT_FOUND b:ROOM_NOT_FOUND c:ROOM_NOT_FOUND d:ROOM_NOT_FOUND e:ROOM_NOT_FOUND ",
        "there is no such room");
}

static void test_long_names(struct rig *r)
{
    char name[301] = "";
    struct rig_room room = rig_begin(r, "room", 1);
    struct event chat[] = { rig_chat("m1", "ann", "", "hi"), rig_chat("m2", "ann", "bob", "ho") };
    memset(name, 'x', sizeof(name) - 1);
    struct store_message_query no_room = { .room_id = slice_str(name), .limit = 1 };
    struct store_message_query no_viewer = {
        .room_id = SLICE("room"), .viewer = slice_str(name), .limit = 9
    };
    struct store_room_query no_after = { .after = slice_str(name), .limit = 1 };
    rig_put(r, 'a', &room, chat, 2);
    rig_load(r, 'b', name, "e");
    rig_forget(r, 'c', name);
    rig_messages(r, 'd', &no_room);
    rig_messages(r, 'e', &no_viewer);
    rig_rooms(r, 'f', &no_after);
    is_str(rig_turn(r),
        "a:ok b:ROOM_NOT_FOUND c:ROOM_NOT_FOUND d:ROOM_NOT_FOUND e:<2:ann:hi> f:ROOM_NOT_FOUND ",
        "names that are too long are nobody's");
}

static void test_taken(struct rig *r)
{
    struct rig_room first = rig_begin(r, "room", 1);
    struct rig_room second = { .id = "room", .epoch = "e2", .is_new = true };
    struct rig_room twice = { .id = "room", .epoch = "e1", .is_new = true };
    struct event created = rig_created(9, "thief", false);
    rig_put(r, 'a', &second, &created, 1);
    say_hello(r, 'b', &second);
    rig_put(r, 'c', &twice, &created, 1);
    say_hello(r, 'd', &first);
    rig_load(r, 'e', "room", "e3");
    is_str(rig_turn(r), "a:CONFLICT b:CONFLICT c:CONFLICT d:ok e:[1 CREATED,2 HAND](e1@0) ",
        "a room that is there is not begun again, and goes on");
}

static void test_loaded_anew(struct rig *r)
{
    struct rig_room old = rig_begin(r, "room", 1), now = old;
    now.epoch = "e2";
    rig_load(r, 'a', "room", "e2");
    say_hello(r, 'b', &old);
    say_hello(r, 'c', &now);
    say_hello(r, 'd', &old);
    say_hello(r, 'e', &now);
    is_str(rig_turn(r), "a:[1 CREATED](e1@0) b:CONFLICT c:ok d:CONFLICT e:ok ",
        "who holds an older load writes no more, and does not disturb the newer one");
}

static void test_forget(struct rig *r)
{
    struct store_message_query q = { .room_id = SLICE("room"), .limit = 9 };
    struct store_room_query all = { .is_all = true, .limit = 9 };
    struct rig_room room = rig_begin(r, "room", 1);
    struct event chat = rig_chat("m1", "ann", "", "hi");
    rig_begin(r, "other", 2);
    rig_put(r, 'a', &room, &chat, 1);
    rig_load(r, 'b', "room", "e2");
    rig_forget(r, 'c', "room");
    rig_messages(r, 'd', &q);
    rig_rooms(r, 'e', &all);
    is_str(rig_turn(r), "a:ok b:[1 CREATED,2 CHAT](e1@0) c:ok d:ROOM_NOT_FOUND e:<other> ",
        "all of it is gone");
    rig_begin(r, "room", 5);
    rig_load(r, 'f', "room", "e9");
    rig_messages(r, 'g', &q);
    rig_rooms(r, 'h', &all);
    is_str(rig_turn(r), "f:[1 CREATED](e1@0) g:<> h:<room,other> ", "and may begin again");
}

/* ---- messages ---- */

static void test_pages(struct rig *r)
{
    static const struct {
        const char *viewer;
        uint64_t before;
        uint32_t limit;
        const char *want;
    } rows[] = {
        { "", 0, 9, "q:<2:ann:a,4:ann:b,7:ann:e,8::f> " },
        { "ann", 0, 9, "q:<2:ann:a,4:ann:b,5:ann>bob:c,6:cy>ann:d,7:ann:e,8::f> " },
        { "bob", 0, 9, "q:<2:ann:a,4:ann:b,5:ann>bob:c,7:ann:e,8::f,9:>bob:g> " },
        { "dan", 0, 9, "q:<2:ann:a,4:ann:b,7:ann:e,8::f> " },
        { "bob", 0, 6, "q:<2:ann:a,4:ann:b,5:ann>bob:c,7:ann:e,8::f,9:>bob:g> " },
        { "bob", 0, 5, "q:<4:ann:b,5:ann>bob:c,7:ann:e,8::f,9:>bob:g>+ " },
        { "bob", 0, 1, "q:<9:>bob:g>+ " },
        { "bob", 9, 2, "q:<7:ann:e,8::f>+ " },
        { "bob", 7, 2, "q:<4:ann:b,5:ann>bob:c>+ " },
        { "bob", 4, 2, "q:<2:ann:a> " },
        { "bob", 3, 1, "q:<2:ann:a> " },
        { "bob", 2, 1, "q:<> " },
        { "dan", 7, 1, "q:<4:ann:b>+ " },
        { "dan", 6, 2, "q:<2:ann:a,4:ann:b> " },
        { "dan", 999, STORE_PAGE_MAX, "q:<2:ann:a,4:ann:b,7:ann:e,8::f> " },
    };
    struct rig_room room = rig_begin(r, "room", 1);
    struct event events[] = {
        rig_chat("m2", "ann", "", "a"),
        rig_event(EV_HAND, 3, "ann"),
        rig_chat("m4", "ann", "", "b"),
        rig_chat("m5", "ann", "bob", "c"),
        rig_chat("m6", "cy", "ann", "d"),
        rig_chat("m7", "ann", "", "e"),
        rig_chat("m8", "", "", "f"),
        rig_chat("m9", "", "bob", "g"),
    };
    rig_put(r, '-', &room, events, 3);
    rig_put(r, '-', &room, events + 3, 5);
    rig_turn(r);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct store_message_query q = {
            .room_id = SLICE("room"),
            .viewer = slice_str(rows[i].viewer),
            .before_seq = rows[i].before,
            .limit = rows[i].limit,
        };
        rig_messages(r, 'q', &q);
        is_str(rig_turn(r), rows[i].want, "'%s' before %ju, %u", rows[i].viewer,
            (uintmax_t)rows[i].before, rows[i].limit);
    }
}

#define ODD_TEXT "100% \\_/ \"o'c\""
#define ODD      "q:<5:ann:" ODD_TEXT "> "

static void test_search(struct rig *r)
{
    static const struct {
        const char *sought;
        const char *viewer;
        uint64_t before;
        uint32_t limit;
        const char *want;
    } rows[] = {
        { "hello", "", 0, 9, "q:<2:ann:Hello World,3:bob:say hello> " },
        { "HELLO", "", 0, 9, "q:<2:ann:Hello World,3:bob:say hello> " },
        { "hello", "cy", 0, 9, "q:<2:ann:Hello World,3:bob:say hello,4:ann>cy:hello cy> " },
        { "hello", "ann", 0, 9, "q:<2:ann:Hello World,3:bob:say hello,4:ann>cy:hello cy> " },
        { "hello", "cy", 0, 2, "q:<3:bob:say hello,4:ann>cy:hello cy>+ " },
        { "hello", "cy", 3, 2, "q:<2:ann:Hello World> " },
        { "hello", "bob", 0, 1, "q:<3:bob:say hello>+ " },
        { "o W", "", 0, 9, "q:<2:ann:Hello World> " },
        { "helloo", "", 0, 9, "q:<> " },
        { "hello world, and more", "", 0, 9, "q:<> " },
        { "%", "", 0, 9, ODD },
        { "0%", "", 0, 9, ODD },
        { "_", "", 0, 9, ODD },
        { "h_llo", "", 0, 9, "q:<> " },
        { "h%o", "", 0, 9, "q:<> " },
        { "\\", "", 0, 9, ODD },
        { "\\_", "", 0, 9, ODD },
        { "\\%", "", 0, 9, "q:<> " },
        { "'", "", 0, 9, ODD },
        { "\"O'C\"", "", 0, 9, ODD },
        { "''", "", 0, 9, "q:<> " },
        { "*", "", 0, 9, "q:<> " },
        { " ", "", 4, 9, "q:<2:ann:Hello World,3:bob:say hello> " },
        { "grüße 😀", "", 0, 9, "q:<6:ann:Grüße 😀> " },
        { "new", "", 0, 9, "q:<7:ann:brand NEW*9> " },
        { "old", "", 0, 9, "q:<> " },
        { "gone", "", 0, 9, "q:<> " },
        { "name", "", 0, 9, "q:<> " },
        { "\377", "", 0, 9, "q:<> " },
    };
    struct rig_room room = rig_begin(r, "room", 1);
    struct event events[] = {
        rig_chat("m2", "ann", "", "Hello World"),
        rig_chat("m3", "bob", "", "say hello"),
        rig_chat("m4", "ann", "cy", "hello cy"),
        rig_chat("m5", "ann", "", ODD_TEXT),
        rig_chat("m6", "ann", "", "Grüße 😀"),
        rig_chat("m7", "ann", "", "old"),
        rig_chat("m8", "ann", "", "gone"),
        rig_edited(9, 7, "brand NEW"),
        rig_deleted(8),
    };
    rig_put(r, '-', &room, events, COUNT(events));
    rig_turn(r);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct store_message_query q = {
            .room_id = SLICE("room"),
            .viewer = slice_str(rows[i].viewer),
            .sought = slice_str(rows[i].sought),
            .before_seq = rows[i].before,
            .limit = rows[i].limit,
        };
        rig_messages(r, 'q', &q);
        is_str(rig_turn(r), rows[i].want, "'%s', '%s' before %ju, %u", rows[i].sought,
            rows[i].viewer, (uintmax_t)rows[i].before, rows[i].limit);
    }
    struct store_message_query nowhere = {
        .room_id = SLICE("x"), .sought = SLICE("hello"), .limit = 1
    };
    rig_messages(r, 'q', &nowhere);
    is_str(rig_turn(r), "q:ROOM_NOT_FOUND ", "of no room");
}

struct found {
    struct rig *rig;
    uint64_t seq; /* of the only one on the page; 0: none is on it */
    uint64_t next;
    bool is_answered;
};

static void on_found(void *arg, int err, const struct store_messages *page)
{
    struct found *f = arg;
    bool is_one = !err && page->n == 1;
    f->is_answered = true;
    f->seq = is_one ? page->at[0].seq : 0;
    f->next = err || !page->has_more ? 0 : page->before_seq;
}

static void find(struct found *f, const char *sought, uint64_t before)
{
    struct store_message_query q = {
        .room_id = SLICE("room"), .sought = slice_str(sought), .before_seq = before, .limit = 9
    };
    f->is_answered = false;
    f->rig->store->ops->messages(f->rig->store, &q, on_found, f);
    while (!f->is_answered)
        loop_turn(f->rig->loop, true);
}

/* A page looks at so many and no more. With the messages 2 to 8001: 8001 to 3002, 3001 to 2. */
static void test_long_search(struct rig *r)
{
    struct found f = { .rig = r };
    struct rig_room room = rig_begin(r, "room", 1);
    struct event *events = malloc(8000 * sizeof(*events));
    for (unsigned i = 0; i < 8000; i++)
        events[i] = rig_chat("m", "ann", "", "hay");
    events[0].chat.text = S("first needle");
    events[2999].chat.text = S("the last of the second page");
    events[3000].chat.text = S("the first of the newest");
    rig_put(r, '-', &room, events, 8000);
    rig_turn(r);
    free(events);
    find(&f, "needle", 0);
    is_int((int64_t)f.seq, 0, "it is not on the first page");
    is_int((int64_t)f.next, 3002, "which says where the next begins");
    find(&f, "needle", f.next);
    is_int((int64_t)f.seq, 2, "it is on the second");
    is_int((int64_t)f.next, 0, "which is the last");
    find(&f, "newest", 0);
    is_int((int64_t)f.seq, 3002, "the first that a page looks at");
    is_int((int64_t)f.next, 3002, "and there may be more");
    find(&f, "last of", 0);
    is_int((int64_t)f.seq, 0, "the one before it is looked at");
    find(&f, "last of", f.next);
    is_int((int64_t)f.seq, 3001, "by the next page");
    find(&f, "needle", STORE_SEARCH_MAX + 2);
    is_int((int64_t)f.seq, 2, "as many as one looks at");
    is_int((int64_t)f.next, 0, "and not one more");
}

/* In appends of odd sizes, so that the store's own arrays fill up in the middle of one. */
static void test_many_messages(struct rig *r)
{
    struct store_message_query q = { .room_id = SLICE("room"), .before_seq = 4, .limit = 9 };
    struct rig_room room = rig_begin(r, "room", 1);
    struct event chats[13];
    for (size_t i = 0; i < COUNT(chats); i++)
        chats[i] = rig_chat("m", "ann", "", "x");
    for (int i = 0; i < 20; i++)
        rig_put(r, '-', &room, chats, COUNT(chats));
    rig_turn(r);
    rig_messages(r, 'a', &q);
    q.before_seq = 1 + 20 * COUNT(chats);
    q.limit = 3;
    rig_messages(r, 'b', &q);
    is_str(rig_turn(r), "a:<2:ann:x,3:ann:x> b:<258:ann:x,259:ann:x,260:ann:x>+ ",
        "all of them are there");
}

static void test_changes(struct rig *r)
{
    struct store_message_query q = { .room_id = SLICE("room"), .limit = 9 };
    struct rig_room room = rig_begin(r, "room", 1);
    struct event at_once[] = {
        rig_chat("a", "ann", "", "1"),
        rig_chat("b", "ann", "", "2"),
        rig_chat("c", "ann", "", "3"),
        rig_edited(7, 3, "two"),
        rig_edited(8, 2, "one"),
        rig_deleted(4),
        rig_edited(9, 2, "ONE"),
        rig_chat("d", "ann", "", "4"),
    };
    struct event later[] = {
        rig_edited(10, 9, "four"),
        rig_edited(11, 4, "what is gone"),
        rig_deleted(77),
        rig_deleted(3),
    };
    struct event last[] = { rig_edited(12, 9, "FOUR"), rig_deleted(2) };
    rig_messages(r, 'a', &q);
    rig_put(r, 'b', &room, at_once, COUNT(at_once));
    rig_messages(r, 'c', &q);
    rig_put(r, 'd', &room, later, COUNT(later));
    rig_messages(r, 'e', &q);
    rig_put(r, 'f', &room, last, COUNT(last));
    rig_messages(r, 'g', &q);
    is_str(rig_turn(r),
        "a:<> b:ok c:<2:ann:ONE*9,3:ann:two*7,9:ann:4> d:ok e:<2:ann:ONE*9,9:ann:four*10> "
        "f:ok g:<9:ann:FOUR*12> ",
        "edited and deleted, in one append and later");
}

struct seen {
    unsigned answers;
    unsigned wrong;
};

static void see_message(void *arg, int err, const struct store_messages *page)
{
    struct seen *seen = arg;
    seen->answers++;
    seen->wrong += err != 0 || page->n != 1 || page->has_more;
    if (seen->wrong)
        return;
    const struct store_message *m = page->at;
    seen->wrong += !slice_eq(m->id, S("m1")) || !slice_eq(m->user_id, S("ann"));
    seen->wrong += !slice_eq(m->name, S("Ann")) || !slice_eq(m->to, S("bob"));
    seen->wrong += !slice_eq(m->text, S("new")) || !slice_eq(m->attachments, S("[1]"));
    seen->wrong += !slice_eq(m->reply_to, S("m0")) || m->kind != MESSAGE_EMOJI;
    seen->wrong += m->seq != 2 || m->at_ms != 3 || m->edited_at_ms != 77;
}

static void test_message(struct rig *r)
{
    struct seen seen = { .answers = 0 };
    struct rig_room room = rig_begin(r, "room", 1);
    struct event events[] = { rig_chat("m1", "ann", "bob", "old"), rig_edited(77, 2, "new") };
    struct store_message_query q = { .room_id = SLICE("room"), .viewer = SLICE("bob"), .limit = 1 };
    events[0].chat.name = S("Ann");
    events[0].chat.attachments = S("[1]");
    events[0].chat.reply_to = S("m0");
    events[0].chat.kind = MESSAGE_EMOJI;
    rig_put(r, 'a', &room, events, 2);
    r->store->ops->messages(r->store, &q, see_message, &seen);
    while (seen.answers == 0)
        loop_turn(r->loop, true);
    rig_turn(r);
    is_int(seen.wrong, 0, "every member of a message");
}

/* ---- rooms ---- */

static void put_room(
    struct rig *r, const char *id, int64_t at_ms, const char *owner, bool is_public)
{
    struct rig_room room = { .id = id, .epoch = "e1", .is_new = true };
    struct event created = rig_created(at_ms, owner, is_public);
    rig_put(r, '-', &room, &created, 1);
}

static void query_rooms(
    struct rig *r, const char *viewer, bool is_all, const char *after, uint32_t limit)
{
    struct store_room_query q = {
        .viewer = slice_str(viewer),
        .is_all = is_all,
        .after = slice_str(after),
        .limit = limit,
    };
    rig_rooms(r, 'q', &q);
}

static void test_rooms(struct rig *r)
{
    static const struct {
        const char *viewer;
        bool is_all;
        const char *after;
        uint32_t limit;
        const char *want;
    } rows[] = {
        { "", false, "", 9, "q:<new,d,c,a> " },
        { "", false, "", 4, "q:<new,d,c,a> " },
        { "", false, "", 3, "q:<new,d,c>+ " },
        { "ann", false, "", 9, "q:<new,anns,d,c,a> " },
        { "bob", false, "", 9, "q:<new,d,c,nobody's,a> " },
        { "", true, "", 9, "q:<new,anns,d,c,bobs,nobody's,a> " },
        { "", true, "", 2, "q:<new,anns>+ " },
        { "", true, "anns", 2, "q:<d,c>+ " },
        { "", true, "c", 2, "q:<bobs,nobody's>+ " },
        { "", true, "nobody's", 2, "q:<a> " },
        { "", true, "a", 2, "q:<> " },
        { "", false, "anns", 2, "q:<d,c>+ " },
        { "", false, "over", 9, "q:<c,a> " },
        { "", false, "unknown", 9, "q:ROOM_NOT_FOUND " },
    };
    struct rig_room over = { .id = "over", .epoch = "e1", .is_new = true };
    struct event events[] = { rig_created(20, "ann", true), rig_event(EV_ENDED, 21, "ann") };
    put_room(r, "c", 20, "x", true);
    put_room(r, "a", 10, "x", true);
    put_room(r, "new", 31, "x", true);
    put_room(r, "anns", 30, "ann", false);
    put_room(r, "bobs", 20, "", false);
    put_room(r, "nobody's", 11, "bob", false);
    rig_put(r, '-', &over, events, 2);
    put_room(r, "d", 21, "x", true);
    rig_turn(r);
    for (size_t i = 0; i < COUNT(rows); i++) {
        query_rooms(r, rows[i].viewer, rows[i].is_all, rows[i].after, rows[i].limit);
        is_str(rig_turn(r), rows[i].want, "'%s' %d after '%s', %u", rows[i].viewer, rows[i].is_all,
            rows[i].after, rows[i].limit);
    }
}

static void see_room(void *arg, int err, const struct store_rooms *page)
{
    struct seen *seen = arg;
    seen->answers++;
    seen->wrong += err != 0 || page->n != 1;
    if (seen->wrong)
        return;
    const struct store_room *room = page->at;
    const struct room_settings *s = &room->settings;
    bool is_updated = seen->answers == 2;
    seen->wrong += !slice_eq(room->id, S("room")) || !slice_eq(room->owner_id, S("host"));
    seen->wrong += !slice_eq(room->title, is_updated ? S("Other") : S("Title"));
    seen->wrong += !slice_eq(s->question, is_updated ? S("How?") : S("Why?"));
    seen->wrong += s->is_public == is_updated || room->is_started != is_updated;
    seen->wrong += room->is_ended || room->created_at_ms != 1;
}

static void test_room(struct rig *r)
{
    struct seen seen = { .answers = 0 };
    struct rig_room room = rig_begin(r, "room", 1);
    struct store_room_query q = { .is_all = true, .limit = 1 };
    struct event events[] = { rig_updated("Some", true), rig_updated("Other", false) };
    struct event started = rig_event(EV_STARTED, 3, "host");
    struct event ended = rig_event(EV_ENDED, 3, "host");
    r->store->ops->rooms(r->store, &q, see_room, &seen);
    while (seen.answers < 1)
        loop_turn(r->loop, true);
    rig_put(r, 'a', &room, events, 2);
    rig_put(r, 'b', &room, &started, 1);
    r->store->ops->rooms(r->store, &q, see_room, &seen);
    while (seen.answers < 2)
        loop_turn(r->loop, true);
    rig_turn(r);
    is_int(seen.wrong, 0, "every member of a room, as it is created and as it is changed");
    query_rooms(r, "", false, "", 9);
    query_rooms(r, "host", false, "", 9);
    rig_put(r, 'c', &room, &ended, 1);
    query_rooms(r, "", true, "", 9);
    is_str(
        rig_turn(r), "q:<> q:<room> c:ok q:<> ", "listed as it says now, and no more when ended");
}

struct walk {
    struct rig *rig;
    unsigned n;
    unsigned wrong;
    bool is_over;
    char last[16];
};

/* Of the i-th room: its place in time is mixed, and some share one. */
static void many_id(char out[16], unsigned place)
{
    snprintf(out, 16, "room-%05u", place);
}

static void walk_on(void *arg, int err, const struct store_rooms *page)
{
    struct walk *w = arg;
    char want[16];
    w->is_over = err || !page->has_more || page->n == 0;
    w->wrong += err != 0;
    for (uint32_t i = 0; !err && i < page->n; i++) {
        many_id(want, MANY_ROOMS - 1 - w->n++);
        w->wrong += !slice_eq(page->at[i].id, slice_str(want));
    }
    snprintf(w->last, sizeof(w->last), "%s", err ? "" : want);
}

static void test_many_rooms(struct rig *r)
{
    struct walk w = { .rig = r };
    char id[16];
    for (unsigned i = 0; i < MANY_ROOMS; i++) {
        unsigned place = i * 7919 % MANY_ROOMS;
        many_id(id, place);
        put_room(r, id, place / 3, "x", true);
        if (i % MANY_AT_ONCE == 0)
            rig_turn(r);
    }
    rig_turn(r);
    while (!w.is_over) {
        struct store_room_query q = { .after = slice_str(w.last), .limit = STORE_PAGE_MAX };
        unsigned before = w.n;
        r->store->ops->rooms(r->store, &q, walk_on, &w);
        while (w.n == before && !w.is_over)
            loop_turn(r->loop, true);
    }
    is_int(w.n, MANY_ROOMS, "all rooms, page by page");
    is_int(w.wrong, 0, "in order");
}

/* ---- a real room ---- */

struct folded {
    struct arena arena;
    struct room *room;
    int err;
};

static void fold_log(void *arg, int err, const struct store_log *log)
{
    struct folded *f = arg;
    f->room = room_new(S("room"), tape_key());
    for (uint32_t i = 0; i < (err ? 0 : log->n) && !err; i++) {
        struct event e;
        err = record_read(&e, &f->arena, log->events[i].seq, log->events[i].record);
        if (!err)
            err = room_fold(f->room, &e);
    }
    f->err = err;
}

static void play(struct events *out, struct room *room)
{
    enum join_result result;
    struct deed ann = { .user_id = S("ann"), .seat = S("s"), .at_ms = 5, .id = S("x1") };
    struct room_create create = {
        .title = S("T"), .owner_id = S("ann"), .settings = room_default_settings(MODE_STUDY)
    };
    struct room_join join = { .name = S("Ann") };
    struct room_chat chat = { .text = S("a \"b\"\n"), .attachments = S("[{\"a\": [1]}]") };
    struct room_timer timer = { .act = TIMER_ACT_START, .phase = TIMER_FOCUS };
    unsigned wrong = 0;
    wrong += room_create(out, room, &ann, &create) != 0;
    wrong += room_join(&result, out, room, &ann, &join) != 0;
    wrong += room_chat(out, room, &ann, &chat) != 0;
    wrong += room_draw(out, room, &ann, S("[{\"type\":\"line\",\"p\":[1,2]},{\"type\":\"t\"}]")) !=
        0;
    wrong += room_set_timer(out, room, &ann, &timer) != 0;
    is_int(wrong, 0, "a room is played");
}

static void test_fold(struct rig *r)
{
    struct folded f = { .room = NULL };
    struct events happened;
    struct stored_event stored[16];
    struct buf records[16];
    struct store_append a = {
        .room_id = SLICE("room"), .epoch = SLICE("e1"), .events = stored, .is_new = true
    };
    char why[128] = "";
    struct room *room = room_new(S("room"), tape_key());
    arena_init(&f.arena, 1u << 20);
    events_init(&happened, &f.arena);
    play(&happened, room);
    for (; a.n < happened.n; a.n++) {
        buf_init(&records[a.n], RECORD_MAX_BYTES);
        record_write(&records[a.n], &happened.at[a.n]);
        stored[a.n] = (struct stored_event){
            .seq = happened.at[a.n].seq,
            .record = buf_slice(&records[a.n]),
            .event = &happened.at[a.n],
        };
    }
    r->store->ops->append(r->store, &a, rig_on_done, rig_ask(r, 'a'));
    for (uint32_t i = 0; i < a.n; i++)
        buf_fini(&records[i]);
    is_str(rig_turn(r), "a:ok ", "appended");
    r->store->ops->load(r->store, S("room"), S("e2"), fold_log, &f);
    while (f.room == NULL)
        loop_turn(r->loop, true);
    is_int(f.err, 0, "loaded, read and folded");
    ok(room_equal(room, f.room, why), "gives the room: %s", why);
    room_free(room);
    room_free(f.room);
    arena_fini(&f.arena);
}

/* ---- closing ---- */

static void ask_all(struct rig *r, struct rig_room *room)
{
    struct store_message_query q = { .room_id = SLICE("room"), .limit = 1 };
    struct event chat = rig_chat("m", "ann", "", "hi");
    rig_put(r, 'a', room, &chat, 1);
    rig_messages(r, 'b', &q);
    query_rooms(r, "", true, "", 1);
    rig_load(r, 'c', "room", "e2");
    rig_wait_for_readers(r);
    if (r->store != NULL)
        rig_forget(r, 'd', "room");
}

static void test_close(struct rig *r)
{
    struct rig_room room = rig_begin(r, "room", 1);
    ask_all(r, &room);
    unsigned before = r->n_answered;
    rig_close(r);
    loop_turn(r->loop, false);
    loop_turn(r->loop, false);
    is_int(r->n_answered, before, "what was asked is not answered");
}

static void test_close_in_answer(struct rig *r)
{
    struct rig_room room = rig_begin(r, "room", 1);
    r->close_at = 'c';
    r->load_at = 'c';
    ask_all(r, &room);
    is_str(rig_turn(r), "a:ok b:<2:ann:hi> q:<room> c:[1 CREATED,2 CHAT](e1@0) ",
        "nothing after the answer that closes, which may still read its log");
    loop_turn(r->loop, false);
    loop_turn(r->loop, false);
    is_int(r->n_answered, 0, "nor later");
}

/* ---- all of them ---- */

static store_test *const tests[] = {
    test_order,
    test_rooms_apart,
    test_asked_by_an_answer,
    test_epochs,
    test_many_events,
    test_unknown,
    test_long_names,
    test_taken,
    test_loaded_anew,
    test_forget,
    test_pages,
    test_search,
    test_long_search,
    test_many_messages,
    test_changes,
    test_message,
    test_rooms,
    test_room,
    test_many_rooms,
    test_fold,
    test_close,
    test_close_in_answer,
};

int main(void)
{
    stores_test(tests, COUNT(tests));
    return done();
}
