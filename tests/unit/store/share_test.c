/* Several handles on one store, each on a loop of its own: in turns on one thread, and, over the
 * databases, on threads that all write at once. */
#include "base/log.h"
#include "stores.h"

#include <pthread.h>

#define HANDLES 3
#define ROUNDS  40
#define ROOMS   4 /* of a handle */

static struct rig *handle_new(struct rig *of)
{
    struct rig *r = malloc(sizeof(*r));
    rig_init(r);
    r->is_threaded = of->is_threaded;
    if (of->store->ops->share(&r->store, of->store, r->loop))
        abort();
    return r;
}

static void handle_free(struct rig *r)
{
    rig_fini(r);
    free(r);
}

static void say_hello(struct rig *r, char label, struct rig_room *room)
{
    struct event e = rig_event(EV_HAND, 2, "ann");
    rig_put(r, label, room, &e, 1);
}

/* ---- in turns ---- */

static void test_order(struct rig *r)
{
    struct rig *other = handle_new(r);
    struct rig_room room = rig_begin(r, "room", 1);
    say_hello(r, 'a', &room);
    rig_load(other, 'b', "room", "e2");
    room.epoch = "e2";
    say_hello(other, 'c', &room);
    rig_load(r, 'd', "room", "e3");
    is_str(rig_turn(other), "b:[1 CREATED,2 HAND](e1@0) c:ok ", "one sees what the other asked");
    is_int(r->n_answered, 0, "whose answers wait for its own loop");
    is_str(rig_turn(r), "a:ok d:[1 CREATED,2 HAND,3 HAND](e1@0,e2@2) ", "and the other way round");
    handle_free(other);
}

static void test_fence(struct rig *r)
{
    struct rig *other = handle_new(r);
    struct rig_room old = rig_begin(r, "room", 1), now = old;
    struct rig_room thief = { .id = "room", .epoch = "e9", .is_new = true };
    struct event created = rig_created(9, "thief", false);
    now.epoch = "e2";
    rig_load(other, 'a', "room", "e2");
    say_hello(r, 'b', &old);
    say_hello(other, 'c', &now);
    rig_put(r, 'd', &thief, &created, 1);
    say_hello(r, 'e', &old);
    say_hello(other, 'f', &now);
    is_str(rig_turn(r), "b:CONFLICT d:CONFLICT e:CONFLICT ", "an older load writes no more");
    is_str(rig_turn(other), "a:[1 CREATED](e1@0) c:ok f:ok ", "the newer one goes on, elsewhere");
    handle_free(other);
}

static void test_status(struct rig *r)
{
    struct rig *other = handle_new(r);
    const struct store_status *mine = r->store->ops->status(r->store);
    is_int(mine->waiting, 0, "nothing waits");
    rig_load(other, 'a', "room", "e");
    const struct store_status *theirs = other->store->ops->status(other->store);
    is_int(theirs->waiting, 1, "what a handle asked waits");
    is_int(mine->waiting, 0, "a status is a handle's own");
    is_int(r->store->ops->status(r->store)->waiting, 1, "and tells of all");
    rig_turn(other);
    handle_free(other);
}

static void test_no_copies(struct rig *r)
{
    struct rig *other = handle_new(r);
    struct store_copy to = { .file = SLICE("x") };
    other->store->ops->copy(other->store, &to, rig_on_done, rig_ask(other, 'a'));
    is_str(rig_turn(other), "a:NOT_IMPLEMENTED ", "what the first cannot, no other can");
    handle_free(other);
}

/* What was asked last of a handle that is closed is kept; the others go on. */
static void test_close(struct rig *r)
{
    static const int orders[][HANDLES] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 },
        { 2, 0, 1 }, { 2, 1, 0 } };
    for (size_t i = 0; i < COUNT(orders); i++) {
        char first[8], second[8];
        snprintf(first, sizeof(first), "a%zu", i);
        snprintf(second, sizeof(second), "b%zu", i);
        struct rig *handles[] = { handle_new(r), handle_new(r), handle_new(r) };
        struct rig *last = handles[orders[i][2]];
        struct rig_room a = rig_begin(handles[orders[i][0]], first, 1);
        struct rig_room b = rig_begin(handles[orders[i][1]], second, 1);
        say_hello(handles[orders[i][0]], 'a', &a);
        rig_load(handles[orders[i][0]], 'b', first, "e2");
        handle_free(handles[orders[i][0]]);
        say_hello(handles[orders[i][1]], 'c', &b);
        rig_close(handles[orders[i][1]]);
        rig_load(last, 'd', first, "e3");
        is_str(
            rig_turn(last), "d:[1 CREATED,2 HAND](e1@0,e2@2) ", "what the first had asked is kept");
        rig_load(last, 'e', second, "e2");
        is_str(rig_turn(last), "e:[1 CREATED,2 HAND](e1@0) ", "what the second had asked, too");
        handle_free(handles[orders[i][1]]);
        handle_free(last);
    }
}

/* The handle that was there first goes first. */
static void test_first_closed(struct rig *r)
{
    struct rig *other = handle_new(r);
    struct rig_room room = rig_begin(r, "room", 1);
    say_hello(r, 'a', &room);
    rig_close(r);
    loop_turn(r->loop, false);
    rig_load(other, 'b', "room", "e2");
    is_str(rig_turn(other), "b:[1 CREATED,2 HAND](e1@0) ", "the store stays for the others");
    struct rig *third = handle_new(other);
    handle_free(other);
    rig_load(third, 'c', "room", "e3");
    is_str(rig_turn(third), "c:[1 CREATED,2 HAND](e1@0,e2@2) ", "and may be shared again");
    handle_free(third);
    r->n_asked = r->n_answered = 0;
}

static void test_closed_by_answer(struct rig *r)
{
    struct rig *other = handle_new(r);
    rig_begin(r, "room", 1);
    other->close_at = 'a';
    rig_load(other, 'a', "room", "e2");
    rig_load(other, 'b', "room", "e3");
    rig_load(r, 'c', "room", "e4");
    is_str(rig_turn(other), "a:[1 CREATED](e1@0) ", "an answer closes its handle, and is the last");
    is_str(rig_turn(r), "c:[1 CREATED](e1@0,e2@1,e3@1) ", "the other one is answered");
    handle_free(other);
}

/* ---- on threads ---- */

struct hand {
    struct rig *rig;
    unsigned which;
    pthread_t thread;
    unsigned wrong;
    unsigned wrong_thread;
    unsigned n_seen; /* of the user that all change */
};

static void on_user(void *arg, int err, const struct store_users *page)
{
    struct hand *h = arg;
    h->wrong_thread += !pthread_equal(pthread_self(), h->thread);
    h->wrong += err || page->n != 1 || !slice_eq(page->at[0].email, S("ann@example.org"));
    h->n_seen++;
}

static void on_changed(void *arg, int err)
{
    struct hand *h = arg;
    h->wrong_thread += !pthread_equal(pthread_self(), h->thread);
    h->wrong += err != 0;
}

static void change_user(struct hand *h, unsigned round)
{
    struct store *s = h->rig->store;
    char name[32];
    int len = snprintf(name, sizeof(name), "%u in round %u", h->which, round);
    const struct store_user user = {
        .id = SLICE("ann"), .email = SLICE("ann@example.org"), .name = slice_of(name, (size_t)len)
    };
    const struct store_user_query query = { .id = SLICE("ann"), .limit = 1 };
    s->ops->put_user(s, STORE_CHANGE, &user, on_changed, h);
    s->ops->users(s, &query, on_user, h);
}

/* So many numbers, and the epochs of all rounds so far: of those that are remembered. */
static void wanted(char *out, size_t size, unsigned round, unsigned n)
{
    size_t len = (size_t)snprintf(out, size, "a:ok b:ok c:[1 CREATED");
    for (unsigned i = 2; i <= n; i++)
        len += (size_t)snprintf(out + len, size - len, ",%u HAND", i);
    len += (size_t)snprintf(out + len, size - len, "](e1@0");
    for (unsigned i = 0; i < round; i++)
        len += (size_t)snprintf(out + len, size - len, ",r%u@%u", i, 3 + 2 * i);
    snprintf(out + len, size - len, ") ");
}

static void write_and_load(struct hand *h, struct rig_room *room, unsigned round, char epoch[16])
{
    char want[2048];
    say_hello(h->rig, 'a', room);
    say_hello(h->rig, 'b', room);
    snprintf(epoch, 16, "r%u", round);
    rig_load(h->rig, 'c', room->id, epoch);
    room->epoch = epoch;
    wanted(want, sizeof(want), round, (unsigned)room->seq);
    const char *said = rig_turn(h->rig);
    h->wrong += round < STORE_EPOCHS ? strcmp(said, want) != 0
                                     : strstr(said, "a:ok b:ok c:[1 CREATED,") != said;
}

static void *use(void *arg)
{
    struct hand *h = arg;
    char ids[ROOMS][16], epochs[ROOMS][16];
    struct rig_room rooms[ROOMS];
    h->thread = pthread_self();
    for (unsigned i = 0; i < ROOMS; i++) {
        snprintf(ids[i], sizeof(ids[i]), "%u-%u", h->which, i);
        rooms[i] = rig_begin(h->rig, ids[i], 1);
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        change_user(h, round);
        for (unsigned i = 0; i < ROOMS; i++)
            write_and_load(h, &rooms[i], round, epochs[i]);
        h->wrong += h->rig->store->ops->status(h->rig->store)->state != STORE_UP;
    }
    while (h->n_seen < ROUNDS)
        loop_turn(h->rig->loop, true);
    rig_close(h->rig);
    return NULL;
}

static void test_threads(struct rig *r)
{
    struct hand hands[HANDLES] = { { .which = 0 } };
    pthread_t threads[HANDLES];
    const struct store_user user = { .id = SLICE("ann"), .email = SLICE("ann@example.org") };
    if (!r->is_threaded)
        return;
    r->store->ops->put_user(r->store, STORE_ADD, &user, rig_on_done, rig_ask(r, 'a'));
    is_str(rig_turn(r), "a:ok ", "somebody whom all know");
    for (unsigned i = 0; i < HANDLES; i++) {
        hands[i].which = i;
        hands[i].rig = handle_new(r);
    }
    for (unsigned i = 0; i < HANDLES; i++) {
        if (pthread_create(&threads[i], NULL, use, &hands[i]))
            abort();
    }
    rig_begin(r, "room", 1);
    for (unsigned i = 0; i < HANDLES; i++) {
        pthread_join(threads[i], NULL);
        is_int(hands[i].wrong, 0, "each thread reads what it wrote");
        is_int(hands[i].wrong_thread, 0, "and is answered there");
        handle_free(hands[i].rig);
    }
    rig_load(r, 'z', "1-1", "end");
    ok(strstr(rig_turn(r), ",81 HAND](") != NULL, "all of it is in the store");
}

static store_test *const tests[] = {
    test_order,
    test_fence,
    test_status,
    test_no_copies,
    test_close,
    test_first_closed,
    test_closed_by_answer,
    test_threads,
};

int main(void)
{
    log_set_level(LOG_OFF);
    stores_test(tests, COUNT(tests));
    return done();
}
