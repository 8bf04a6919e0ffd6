/* What a store tells somebody of themselves: their rooms, their focus, their files. */
#include "stores.h"

#define MINUTE INT64_C(60000)
#define DAY    (1440 * MINUTE)
#define NOW    (20000 * DAY + DAY / 2)

/* ---- asking ---- */

/* "rooms id:role@seen;.. focus total/today/streak files id;..", the focus in minutes. */
static void on_dashboard(void *arg, int err, const struct store_dashboard *d)
{
    struct rig_asked *a = arg;
    rig_answered(a);
    if (!rig_say_err(a, err))
        return;
    rig_say(a->rig, "%c:rooms", a->label);
    for (uint32_t i = 0; i < d->n_visits; i++) {
        const struct store_visit *v = &d->visits[i];
        rig_say(a->rig, " %.*s:%.*s@%jd", RIG_TEXT(v->room->id), RIG_TEXT(v->role),
            (intmax_t)v->seen_at_ms);
    }
    rig_say(a->rig, " focus %g/%g/%u files", (double)d->focus->total_ms / MINUTE,
        (double)d->focus->day_ms[0] / MINUTE, focus_sum_streak(d->focus));
    for (uint32_t i = 0; i < d->n_files; i++)
        rig_say(a->rig, " %.*s", RIG_TEXT(d->files[i].id));
    rig_say(a->rig, " ");
    rig_said_it(a);
}

static void dashboard_is(struct rig *r, const char *user, const char *want, const char *what)
{
    struct store_dashboard_query q = { .user_id = slice_str(user), .now_ms = NOW };
    r->store->ops->dashboard(r->store, &q, on_dashboard, rig_ask(r, 'd'));
    is_str(rig_turn(r), want, "%s", what);
}

static struct event of(enum event_type type, int64_t at_ms, const char *user)
{
    struct event e = rig_event(type, at_ms, user);
    if (type == EV_JOINED || type == EV_REQUESTED)
        e.person.role = type == EV_JOINED ? ROLE_COHOST : ROLE_WAITING;
    return e;
}

static void put(struct rig *r, struct rig_room *room, struct event e)
{
    rig_put(r, 'p', room, &e, 1);
    rig_turn(r);
}

static struct rig_room make(struct rig *r, const char *id, const char *owner, int64_t at_ms)
{
    struct rig_room room = { .id = id, .epoch = "e1", .is_new = true };
    struct event created = rig_created(at_ms, owner, false);
    rig_put(r, '-', &room, &created, 1);
    rig_turn(r);
    return room;
}

/* ---- rooms ---- */

static void test_rooms(struct rig *r)
{
    struct rig_room a = make(r, "a", "ann", 10), b = make(r, "b", "host", 20);
    struct rig_room c = make(r, "c", "", 30), d = make(r, "d", "ann", 40);
    dashboard_is(r, "ann", "d:rooms d:@40 a:@10 focus 0/0/0 files ", "rooms that one owns");
    put(r, &b, of(EV_JOINED, 50, "ann"));
    put(r, &a, of(EV_JOINED, 60, "ann"));
    put(r, &a, of(EV_LEFT, 70, "ann"));
    put(r, &a, of(EV_HAND, 75, "bob"));
    put(r, &c, of(EV_REQUESTED, 80, "ann"));
    dashboard_is(r, "ann", "d:rooms a:cohost@70 b:cohost@50 d:@40 focus 0/0/0 files ",
        "and was let in, the liveliest first; not where one waits");
    put(r, &b, of(EV_HAND, 90, "host"));
    dashboard_is(r, "ann", "d:rooms b:cohost@90 a:cohost@70 d:@40 focus 0/0/0 files ",
        "where one still is, one was seen just now");
    struct event kicked = of(EV_KICKED, 100, "host");
    kicked.target = S("ann");
    put(r, &b, kicked);
    put(r, &d, of(EV_ENDED, 110, "ann"));
    dashboard_is(r, "ann", "d:rooms a:cohost@70 focus 0/0/0 files ",
        "not those that have ended, or that one was put out of");
    dashboard_is(r, "bob", "d:rooms focus 0/0/0 files ", "they are nobody else's");
}

static void test_many_rooms(struct rig *r)
{
    char id[8];
    for (int i = 0; i < STORE_DASHBOARD_ROOMS + 5; i++) {
        snprintf(id, sizeof(id), "r%02d", i);
        make(r, id, "ann", 100 + i);
    }
    dashboard_is(r, "ann",
        "d:rooms r24:@124 r23:@123 r22:@122 r21:@121 r20:@120 r19:@119 r18:@118 r17:@117 r16:@116 "
        "r15:@115 r14:@114 r13:@113 r12:@112 r11:@111 r10:@110 r09:@109 r08:@108 r07:@107 r06:@106 "
        "r05:@105 focus 0/0/0 files ",
        "of many, the newest");
}

/* ---- focus ---- */

static void focus(
    struct rig *r, struct rig_room *room, const char *user, int64_t since_ms, int64_t until_ms)
{
    struct event e = of(EV_FOCUSED, until_ms, user);
    e.focused.since_ms = since_ms;
    put(r, room, e);
}

static void test_focus(struct rig *r)
{
    struct rig_room a = make(r, "a", "", 1), b = make(r, "b", "", 2);
    focus(r, &a, "ann", NOW - DAY, NOW - DAY + 25 * MINUTE);
    focus(r, &a, "ann", NOW - 50 * MINUTE, NOW - 25 * MINUTE);
    focus(r, &b, "ann", NOW - 40 * MINUTE, NOW - 20 * MINUTE);
    focus(r, &b, "bob", NOW - 7 * MINUTE, NOW);
    dashboard_is(
        r, "ann", "d:rooms focus 55/30/2 files ", "in two rooms at once, time counts once");
    dashboard_is(r, "bob", "d:rooms focus 7/7/1 files ", "each their own");
}

/* More stretches than a page, several of which begin at one moment. */
static void test_many_stretches(struct rig *r)
{
    enum { N = 2500, AT_ONCE = 5 };
    struct event *events = calloc(N, sizeof(*events));
    struct rig_room rooms[AT_ONCE];
    char ids[AT_ONCE][4];
    for (int i = 0; i < AT_ONCE; i++) {
        snprintf(ids[i], sizeof(ids[i]), "r%d", i);
        rooms[i] = make(r, ids[i], "", 1);
    }
    for (int i = 0; i < N; i++) {
        events[i] = of(EV_FOCUSED, NOW - (N - i) * 10000 + 6000, "ann");
        events[i].focused.since_ms = NOW - (N - i) * 10000;
    }
    for (int i = 0; i < AT_ONCE; i++)
        rig_put(r, 'p', &rooms[i], events, N);
    rig_turn(r);
    dashboard_is(r, "ann", "d:rooms focus 250/250/1 files ", "a tenth of a minute, 2500 times");
    free(events);
}

/* ---- files ---- */

static void add_file(struct rig *r, const struct store_file *f)
{
    r->store->ops->put_file(r->store, STORE_ADD, f, NULL, rig_on_done, rig_ask(r, 'f'));
    rig_turn(r);
}

static void test_files(struct rig *r)
{
    struct store_file f = { .user_id = S("ann"), .name = S("n"), .type = S("t"), .bytes = 1 };
    char id[8];
    f.is_complete = true;
    for (int i = 0; i < STORE_DASHBOARD_FILES + 3; i++) {
        snprintf(id, sizeof(id), "f%02d", i);
        f.id = slice_str(id);
        f.created_at_ms = 100 - i;
        add_file(r, &f);
    }
    f.created_at_ms = 1000;
    f.id = S("awaited");
    f.is_complete = false;
    add_file(r, &f);
    f.is_complete = true;
    f.id = S("doomed");
    f.is_doomed = true;
    add_file(r, &f);
    f.is_doomed = false;
    f.id = S("face");
    f.use = FILE_AVATAR;
    add_file(r, &f);
    f.use = FILE_SHARED;
    f.id = S("other");
    f.user_id = S("bob");
    add_file(r, &f);
    dashboard_is(r, "ann",
        "d:rooms focus 0/0/0 files f00 f01 f02 f03 f04 f05 f06 f07 f08 f09 f10 f11 f12 f13 f14 f15 "
        "f16 f17 f18 f19 ",
        "the newest that were shared and are there");
}

static store_test *const tests[] = {
    test_rooms,
    test_many_rooms,
    test_focus,
    test_many_stretches,
    test_files,
};

int main(void)
{
    stores_test(tests, COUNT(tests));
    return done();
}
