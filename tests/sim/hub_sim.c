/* The hub under a random driver: thousands of people in tens of rooms, over connections that break,
 * come back and read slowly, with a store whose answers come late, out of order between rooms, or
 * fail, and that is away for a while; rooms fail with it, are kept in snapshots, idle away and are
 * loaded again; the whole server stops and starts. It has one loop, or several in one thread,
 * turned in any order, so that mail between them is late: clients move to the loop of their room,
 * or sit in rooms of several.
 *
 * A run is a row of worlds. Each has a seed of its own, from which everything in it follows:
 *
 *     SEED=123 build/debug/tests/sim/hub_sim      plays that one world again
 *     SOAK=1 build/debug/tests/sim/hub_sim        five million steps, of worlds never seen before
 *
 * What must hold is decided from what the store is given alone (hub_ledger.h): who is to hear of an
 * event follows from the room as it is folded from that, by rules written anew (hub_oracle.h). Each
 * message is checked at the moment when a line gets it (hub_line.h): is it due to this client, next
 * in its room, worded for its ear, and stored if it has to be? Where nothing is left to be stored,
 * nothing may be left to be told. */
#include "base/log.h"
#include "hub_deed.h"
#include "hub_replay.h"

#include <time.h>
#include <unistd.h>

#define STEPS      200000
#define SOAK_STEPS 5000000
#define MANY       3000 /* clients of the largest worlds */

/* Somebody on the way into a room that has to be loaded. */
struct waiter {
    struct link link; /* world->waiters */
    struct hub_wait wait;
    struct world *world;
    char id[SESSION_ID_BYTES + 1]; /* of its session */
    unsigned place;
};

/* Something that a client has said, for a room of another loop, or the client itself, going. */
struct saying {
    struct mail mail;
    struct world *world;
    struct session *session; /* that goes; NULL: it stays, and a deputy speaks */
    struct deputy_of whom;
    struct identity identity;
    char id[SESSION_ID_BYTES + 1];
    char user[24];
    unsigned loop;
    unsigned place;
    unsigned place_turn;
    enum verb verb;
};

/* Somebody who wants to know when all is stored. */
struct vow {
    struct hub_promise promise;
    struct place *place;
    uint64_t seq;
};

/* ---- promises ---- */

/* Something that is told at once, where it can be. */
static void draw_now(struct place *p)
{
    struct command what = { .verb = VERB_DRAW, .draw = { .ops = S("[{\"type\":\"t\"}]") } };
    struct hub_room *r = hub_peek(hub_of(p), slice_str(p->id));
    const struct client *c = r ? pick_actor(p->world, p, false) : NULL;
    if (c && c->home == p->loop)
        (void)act(p, r, c->session, &what);
}

static void on_vow(struct hub_promise *promise, int err)
{
    struct vow *v = CONTAINER_OF(promise, struct vow, promise);
    struct place *p = v->place;
    demand(p->world, err || p->stored >= v->seq, "promised before it is stored");
    demand(p->world, !err || !p->is_open || p->world->is_ending, "a promise is broken for nothing");
    p->n_vows--;
    free(v);
    if (!err && one_in(p->world, 2))
        draw_now(p);
}

static void step_vow(struct place *p)
{
    struct hub_room *r = hub_peek(hub_of(p), slice_str(p->id));
    struct vow *v = calloc(1, sizeof(*v));
    *v = (struct vow){ .promise.fn = on_vow, .place = p, .seq = p->commit };
    p->n_vows++;
    if (r)
        hub_when_stored(r, &v->promise);
    else
        on_vow(&v->promise, 0);
}

/* ---- coming ---- */

static void join(struct session *s, struct place *p);

/* What its client asked for is done. */
static void conclude(struct session *s)
{
    const struct client *c = client_of(s);
    if (is_deputy(s))
        deputy_done(s, c ? c->serial : 0, 0);
}

static void on_loaded(struct hub_wait *wait)
{
    struct waiter *i = CONTAINER_OF(wait, struct waiter, wait);
    struct world *w = i->world;
    struct place *p = &w->places[i->place];
    struct session *s = session_find(hub_of(p), slice_str(i->id));
    struct client *c = client_at(w, numbers_of(slice_str(i->id)));
    link_leave(&i->link);
    free(i);
    if (c && c->home == p->loop)
        c->n_asking--;
    if (s && !s->is_lost)
        join(s, p);
    else if (s)
        conclude(s);
}

static unsigned rooms_open(const struct world *w)
{
    const struct hub_room *r;
    unsigned n = 0;
    uint32_t at = 0;
    for (unsigned i = 0; i < w->loops.n; i++, at = 0) {
        while ((r = map_next(&w->hubs.at[i]->rooms, &at)) != NULL)
            n += r->phase != HUB_ROOM_BROKEN;
    }
    return n;
}

static struct hub_room *make_room(struct world *w, struct place *p)
{
    struct hub_room *r = NULL;
    char owner[24] = "";
    unsigned before = rooms_open(w);
    if (one_in(w, 2))
        snprintf(owner, sizeof(owner), "u%u", draw(w, w->n_users));
    struct hub_creation creation = { .id = slice_str(p->id),
        .by = slice_str(owner),
        .is_fleeting = one_in(w, 5),
        .room = {
            .title = S("Room"), .owner_id = slice_str(owner), .settings = pick_settings(w) } };
    int err = hub_create(&r, hub_of(p), &creation);
    demand(
        w, (err == ERR_STORAGE_UNAVAILABLE) == is_away(w), "a room is made, or not, for nothing");
    if (is_away(w))
        return NULL;
    demand(w, !err || err == ERR_ROOM_LIMIT, "a room cannot be made");
    bool has_place = before < w->settings.max_rooms || rooms_open(w) <= before; /* one made way */
    demand(w, err || has_place, "more rooms than there may be");
    demand(w, err != ERR_ROOM_LIMIT || w->hubs.rooms >= w->settings.max_rooms,
        "no place for a room, and yet there is");
    p->is_fleeting = p->may_go = !err && creation.is_fleeting && creation.by.len == 0;
    return err ? NULL : r;
}

static void join_now(struct session *s, struct place *p, struct hub_room *r)
{
    struct command what = { .verb = VERB_JOIN,
        .join = {
            .name = s->identity.name, .avatar_url = S(""), .is_guest = s->identity.is_guest } };
    if (act(p, r, s, &what) == 0 && one_in(p->world, 2))
        ask_answer(p, r, s, VERB_JOIN);
}

static struct waiter *waiter_new(const struct session *s, const struct place *p)
{
    struct waiter *i = calloc(1, sizeof(*i));
    *i = (struct waiter){ .world = p->world, .place = p->number };
    memcpy(i->id, s->id, sizeof(i->id));
    i->wait.fn = on_loaded;
    link_init(&i->wait.link);
    link_init(&i->link);
    return i;
}

static void join(struct session *s, struct place *p)
{
    struct world *w = p->world;
    struct waiter *i = waiter_new(s, p);
    struct client *c = client_of(s);
    struct hub_room *r;
    int err = hub_open(&r, s->hub, slice_str(p->id), &i->wait);
    if (err == ERR_AGAIN) {
        list_push(&w->waiters, &i->link);
        if (c && c->home == p->loop)
            c->n_asking++;
        return;
    }
    free(i);
    demand(w, !err || err == ERR_ROOM_NOT_FOUND || err == ERR_STORAGE_UNAVAILABLE, "not opened");
    demand(w, err != ERR_ROOM_NOT_FOUND || p->n_log == 0, "a room that there is is not found");
    if (err == ERR_ROOM_NOT_FOUND)
        r = make_room(w, p);
    if (r)
        join_now(s, p, r);
    conclude(s);
}

/* ---- connections ---- */

static void enter(struct world *w, struct client *c)
{
    char user[24], id[24];
    c->turn++;
    c->user = draw(w, w->n_users);
    c->home = draw(w, w->loops.n);
    c->is_moving = c->is_over = c->is_handed = c->is_lost = false;
    c->serial = c->n_asking = c->lost_at = 0;
    c->is_back = 0;
    c->is_slow = one_in(w, 10);
    snprintf(user, sizeof(user), "u%u", c->user);
    snprintf(id, sizeof(id), "s%u-%u", c->number, c->turn);
    struct identity who = { .user_id = slice_str(user),
        .name = slice_str(user),
        .avatar_url = S(""),
        .is_guest = c->user % 3 == 0 };
    struct session_options o = { .hub = w->hubs.at[c->home],
        .line = &lines[draw(w, LINES)],
        .dialect = &languages[draw(w, LANGUAGES)],
        .carrier = c,
        .id = slice_str(id),
        .identity = &who };
    unsigned before = w->hubs.sessions;
    int err = session_new(&c->session, &o);
    demand(w, !err || err == ERR_BUSY, "nobody can connect");
    demand(w, (err == 0) == (before < w->settings.max_sessions), "the sessions' limit");
    if (err)
        c->session = NULL;
}

/* Nobody is there any more whom anything could be due to. */
static void forget_client(struct world *w, struct client *c)
{
    for (unsigned i = 0; i < w->n_places; i++)
        place_unseat(&w->places[i], c);
    dues_drop_all(c);
    answers_void(w, c, true);
    c->n_posted = 0;
    c->session = NULL;
}

static void end(struct world *w, struct client *c)
{
    session_end(c->session);
    forget_client(w, c);
}

static void lose(struct world *w, struct client *c)
{
    c->is_lost = true;
    answers_void(w, c, false);
    posted_void(c);
    session_lose(c->session);
    spread_tidings(c, TIDINGS_LOST);
}

static void regain(struct world *w, struct client *c)
{
    if (one_in(w, 8)) /* before the rooms know that its time is over */
        test_clock_turn(&w->clock, w->settings.grace_ms * UINT64_C(1000));
    spread_tidings(c, TIDINGS_RETURNS);
    session_regain(c->session);
    c->is_lost = false;
    spread_tidings(c, TIDINGS_BACK);
}

static void step_connection(struct world *w)
{
    struct client *c = &w->clients[draw(w, w->n_clients)];
    unsigned what = draw(w, 16);
    if (!c->session)
        enter(w, c);
    else if (c->is_moving)
        c->is_over = what == 0;
    else if (c->is_lost && what > 1)
        regain(w, c);
    else if (what == 0)
        end(w, c);
    else if (what < 4 && !c->is_lost)
        lose(w, c);
    else if (what == 4)
        c->is_slow = !c->is_slow;
}

/* ---- to other loops ---- */

/* A message that has come to its deputy. */
static void hear_out(struct saying *y, struct session *s)
{
    struct place *p = &y->world->places[y->place];
    bool is_there = p->turn == y->place_turn;
    struct hub_room *r = is_there ? hub_peek(s->hub, slice_str(p->id)) : NULL;
    if (is_there && y->verb == VERB_JOIN) {
        join(s, p);
        return;
    }
    if (r)
        act_somehow(p, r, s, y->verb);
    conclude(s);
}

/* There is no place for it; or something of its name is left, that is to go. */
static bool is_no_wonder(struct world *w, const struct saying *y, int err)
{
    const struct client *c = client_at(w, numbers_of(slice_str(y->id)));
    if (err == ERR_BUSY)
        return w->hubs.sessions >= w->settings.max_sessions;
    return !err || (err == ERR_CONFLICT && c && is_taken_back(c, y->loop));
}

static void on_saying(struct mail *mail)
{
    struct saying *y = CONTAINER_OF(mail, struct saying, mail);
    struct world *w = y->world;
    struct hub *h = w->hubs.at[y->loop];
    struct session *s = NULL;
    int err = deputy_find(&s, h, &y->whom);
    demand(w, is_no_wonder(w, y, err), "there is no deputy");
    if (err)
        deputy_refuse(h, &y->whom, err);
    else
        hear_out(y, s);
    free(y);
}

static struct saying *saying_new(const struct client *c, const struct place *p, enum verb verb)
{
    struct saying *y = calloc(1, sizeof(*y));
    *y = (struct saying){ .mail = { .fn = on_saying },
        .world = p->world,
        .loop = p->loop,
        .place = p->number,
        .place_turn = p->turn,
        .verb = verb };
    memcpy(y->id, c->session->id, sizeof(y->id));
    snprintf(y->user, sizeof(y->user), "u%u", c->user);
    return y;
}

/* As dialect/dispatch does: one message after the other. */
static void say(struct client *c, const struct place *p, enum verb verb)
{
    struct saying *y = saying_new(c, p, verb);
    const struct session *s = c->session;
    struct away *a = session_away_to(c->session, p->loop);
    y->identity = s->identity;
    y->identity.user_id = y->identity.name = slice_str(y->user);
    y->identity.avatar_url = y->identity.token_id = S("");
    y->whom = (struct deputy_of){ .home = c->home,
        .handle = s->handle,
        .line = s->line->number,
        .dialect = s->dialect,
        .id = slice_str(y->id),
        .identity = &y->identity,
        .n_elsewhere = session_all_rooms(s) - a->n_rooms,
        .serial = ++c->serial };
    a->serial = c->serial;
    a->is_busy = c->is_handed = true;
    p->world->counts[10]++;
    loop_post(p->world->loops.loops[p->loop], &y->mail);
}

static void on_deputy_done(struct session *s, unsigned place, uint32_t serial, int err)
{
    struct client *c = s->carrier;
    demand(c->world, c->is_handed && serial == c->serial, "done, but not asked for");
    demand(c->world, place != c->home, "a deputy at home");
    c->is_handed = false;
    c->world->counts[13] += err != 0;
}

/* Nothing that it waited for is heard of. */
static void on_deputy_end(struct session *s)
{
    struct world *w = world_of_session(s);
    struct client *c = client_of(s);
    LIST_EACH(l, &w->waiters) {
        struct waiter *i = CONTAINER_OF(l, struct waiter, link);
        if (w->places[i->place].loop != s->hub->place || strcmp(i->id, s->id) != 0)
            continue;
        demand(w, c == NULL, "a deputy is let go while it waits for a room");
        link_leave(&i->wait.link);
        link_leave(&i->link);
        free(i);
    }
    if (c)
        unseat_deputy(c, s->hub->place);
}

static void on_move(struct mail *mail)
{
    struct saying *y = CONTAINER_OF(mail, struct saying, mail);
    struct world *w = y->world;
    struct place *p = &w->places[y->place];
    struct client *c = y->session->carrier;
    int err = session_enter(y->session, w->hubs.at[y->loop], y->session->line);
    demand(w, is_no_wonder(w, y, err), "somebody does not arrive");
    c->is_moving = false;
    c->home = y->loop;
    if (err)
        forget_client(w, c);
    else if (c->is_over)
        end(w, c);
    else if (p->turn == y->place_turn)
        join(c->session, p);
    free(y);
}

static void move(struct client *c, const struct place *p)
{
    struct saying *y = saying_new(c, p, VERB_JOIN);
    for (unsigned i = 0; i < c->n_posted; i++) {
        const struct posted *left = &c->posted[i];
        demand(p->world, !left->is_must || is_taken_back(c, left->loop),
            "it leaves behind what is on its way to it");
    }
    c->n_posted = 0;
    session_leave(c->session);
    c->is_moving = true;
    y->session = c->session;
    y->mail.fn = on_move;
    p->world->counts[11]++;
    loop_post(p->world->loops.loops[p->loop], &y->mail);
}

/* Whoever sits nowhere goes, if nothing is owed to it. */
static void go_to(struct client *c, const struct place *p)
{
    int err = c->n_asking > 0 ? ERR_AGAIN : session_may_leave(c->session);
    if (err == 0 && !one_in(p->world, 4))
        move(c, p);
    else
        say(c, p, VERB_JOIN);
}

static void step_verb(struct world *w, struct place *p)
{
    enum verb verb = pick_verb(w);
    struct hub_room *r = hub_peek(hub_of(p), slice_str(p->id));
    bool is_by_room = one_in(w, 60);
    bool by_host = is_of_hosts(verb) && !one_in(w, 5);
    struct client *c = is_by_room ? NULL : pick_actor(w, p, by_host);
    if (!r || (!c && !is_by_room) || (is_by_room && verb == VERB_MUTE))
        return;
    if (c && c->home != p->loop)
        say(c, p, verb);
    else
        act_somehow(p, r, c ? c->session : NULL, verb);
}

static void step_join(struct world *w, struct place *p)
{
    bool is_first = w->steps < w->n_clients;
    struct client *c = &w->clients[is_first ? w->steps : draw(w, w->n_clients)];
    if (!c->session)
        enter(w, c);
    if (!c->session || !may_speak(c))
        return;
    if (c->home == p->loop)
        join(c->session, p);
    else
        go_to(c, p);
}

/* ---- the world ---- */

static void begin_hubs(struct world *w)
{
    hubs_init(&w->hubs, &w->loops);
    for (unsigned i = 0; i < w->loops.n; i++) {
        struct hub *h = hub_new(&w->hubs, i, &w->store, &w->settings);
        hub_on_deputy_done(h, on_deputy_done);
        hub_on_deputy_end(h, on_deputy_end);
        for (unsigned k = 0; k < LINES; k++)
            listen_in(w, h, &lines[k]);
    }
}

static void forget_waiters(struct world *w)
{
    struct link *l;
    while ((l = list_pop(&w->waiters)) != NULL) {
        struct waiter *i = CONTAINER_OF(l, struct waiter, link);
        link_leave(&i->wait.link);
        free(i);
    }
}

static void settle_mail(struct world *w)
{
    bool any = true;
    while (any) {
        any = false;
        for (unsigned i = 0; i < w->loops.n; i++)
            any = loop_settle(w->loops.loops[i]) || any;
    }
}

static void end_everybody(struct world *w)
{
    for (unsigned i = 0; i < w->n_clients; i++) {
        if (w->clients[i].session)
            end(w, &w->clients[i]);
    }
}

/* The server stops, hard: nobody is told, and the store answers no more. */
static void stop_hubs(struct world *w)
{
    settle_mail(w);
    forget_waiters(w);
    end_everybody(w);
    for (unsigned i = 0; i < w->loops.n; i++)
        deputies_end_all(w->hubs.at[i]);
    settle_mail(w);
    w->is_ending = true;
    store_drop_asked(w);
    for (unsigned i = 0; i < w->loops.n; i++)
        hub_free(w->hubs.at[i]);
    for (unsigned i = 0; i < w->n_places; i++) {
        place_back(&w->places[i]);
        w->places[i].may_go = w->places[i].may_go && w->places[i].n_log > 0;
        w->places[i].is_fleeting = w->places[i].may_go;
    }
    for (unsigned i = 0; i < w->loops.n; i++)
        loop_turn(w->loops.loops[i], false);
    w->is_ending = false;
}

static void step_time(struct world *w)
{
    uint64_t ms = one_in(w, 12) ? draw(w, 100000) : draw(w, 300);
    test_clock_turn(&w->clock, ms * 1000);
}

static void name_room(struct place *p)
{
    snprintf(p->id, sizeof(p->id), "r%u-%u", p->number, ++p->turn);
    p->loop = places_of(&p->world->loops, slice_str(p->id));
}

static void new_room(struct place *p)
{
    p->stored = 0;
    place_back(p);
    p->n_pasts = 0;
    name_room(p);
    p->world->counts[4]++;
}

/* A room that has ended empties, and when it is gone from memory another one takes its place. */
static void step_ended(struct world *w, struct place *p)
{
    struct client *c;
    bool is_gone = list_is_empty(&p->asked) &&
        map_find(&hub_of(p)->rooms, slice_str(p->id)) == NULL;
    if (p->n_sitting == 0 && is_gone)
        new_room(p);
    for (unsigned i = 0; i < 10 && (c = pick_sitting(w, p)) != NULL; i++) {
        if (c->is_moving)
            return;
        end(w, c);
    }
}

static void step_trouble(struct world *w)
{
    unsigned what = draw(w, 10);
    if (what > 5 && !w->is_down)
        w->status.state = one_in(w, 4) ? STORE_FULL : STORE_DOWN;
    else if (what < 3)
        w->is_down = what == 0 && !is_away(w);
    else if (what == 3)
        w->failing = draw(w, 3) * 60;
    else if (what == 4)
        w->pace = 1 + draw(w, 8);
    else if (w->n_clients < 200 && one_in(w, 4)) {
        stop_hubs(w);
        begin_hubs(w);
        w->counts[5]++;
    }
}

/* ---- steps ---- */

static void answer_some(struct world *w)
{
    for (unsigned i = 0; i < w->n_places; i++) {
        struct place *p = &w->places[i];
        while (!list_is_empty(&p->asked) && one_in(w, w->pace)) {
            const struct link *first = p->asked.next;
            place_answer(p);
            check_place(p);
            if (p->asked.next == first)
                break;
        }
    }
}

/* Each of them, or not, in any order. Sometimes one of several reads no mail for a long while. */
static void turn_some(struct world *w)
{
    unsigned from = draw(w, w->loops.n);
    if (w->loops.n > 1 && one_in(w, 50))
        w->resting = draw(w, 2 * w->loops.n);
    for (unsigned i = 0; i < w->loops.n; i++) {
        unsigned at = (from + i) % w->loops.n;
        if (one_in(w, 2) && (w->loops.n == 1 || at != w->resting))
            loop_turn(w->loops.loops[at], false);
    }
}

/* Whoever has handed something over and is not answered waits for a room. */
static void check_handed(struct world *w)
{
    unsigned n = 0;
    for (unsigned i = 0; i < w->n_clients; i++)
        n += w->clients[i].session && w->clients[i].is_handed;
    LIST_EACH(l, &w->waiters) {
        const struct waiter *i = CONTAINER_OF(l, struct waiter, link);
        const struct client *c = client_at(w, numbers_of(slice_str(i->id)));
        n -= c && c->home != w->places[i->place].loop;
    }
    demand(w, n == 0, "what was handed to a deputy is never done");
}

static void step(struct world *w)
{
    struct place *p = &w->places[draw(w, w->n_places)];
    unsigned what = draw(w, 1000);
    bool has_ended = p->shadow && p->shadow->status == ROOM_ENDED && p->stored == p->shadow->seq;
    w->steps++;
    w->is_down = w->is_down && !one_in(w, 60);
    if (is_away(w))
        w->away_step = w->steps;
    if (one_in(w, 80))
        w->status.state = STORE_UP;
    if (what < 3)
        step_trouble(w);
    else if (has_ended && what < 700)
        step_ended(w, p);
    else if (what < 120 || p->n_sitting == 0 || w->steps < w->n_clients)
        step_join(w, p);
    else if (what < 260)
        step_connection(w);
    else if (what < 340)
        step_time(w);
    else if (what < 380)
        step_replay(w, p);
    else if (what < 400)
        step_vow(p);
    else
        step_verb(w, p);
    check_place(p);
    turn_some(w);
    answer_some(w);
    if (w->steps % 64 == 0)
        check_client(&w->clients[draw(w, w->n_clients)]);
    if (w->steps % 1024 == 0) {
        check_calm(w);
        check_handed(w);
        check_all(w);
        check_fold(p);
    }
}

/* ---- beginning and end ---- */

static void begin_loops(struct world *w)
{
    static const unsigned loops[] = { 1, 1, 2, 4 };
    unsigned n = loops[draw(w, 4)];
    places_init(&w->loops);
    w->loops.key = (struct map_key){ .k0 = mix(w->seed), .k1 = mix(~w->seed) };
    for (unsigned i = 0; i < n; i++) {
        struct loop *l;
        if (loop_new(&l, &w->clock.clock) || places_add(&w->loops, l))
            abort();
        w->inner[i] = store_memory_new(l);
    }
}

static void begin(struct world *w)
{
    static const unsigned sizes[] = { 6, 12, 30, 100, 100, 300 };
    w->random = w->seed;
    test_clock_init(&w->clock);
    w->n_clients = one_in(w, 10) ? MANY : sizes[draw(w, 6)];
    w->n_users = 1 + w->n_clients * 2 / 3;
    w->n_places = w->n_clients == MANY ? WORLD_PLACES : 1 + draw(w, w->n_clients > 30 ? 12 : 4);
    bool is_tight = w->n_clients < MANY;
    w->settings = (struct hub_settings){
        .max_rooms = is_tight && one_in(w, 3) ? 1 + draw(w, w->n_places) : 100,
        .max_sessions = is_tight && one_in(w, 4) ? 1 + draw(w, w->n_clients) : 10000,
        .idle_ms = 1000 + draw(w, 60000),
        .grace_ms = 1000 + draw(w, 20000),
        .snapshot_events = one_in(w, 4) ? 0 : 1 + draw(w, 60),
        .token_secret = S("0123456789abcdef0123456789abcdef")
    };
    w->pace = 1 + draw(w, 8);
    w->failing = draw(w, 3) * 100;
    w->store.ops = &sim_store_ops;
    w->status.why = "";
    link_init(&w->dropped);
    link_init(&w->waiters);
    begin_loops(w);
    w->clients = calloc(w->n_clients, sizeof(*w->clients));
    for (unsigned i = 0; i < w->n_clients; i++)
        w->clients[i] = (struct client){ .world = w, .number = i };
    for (unsigned i = 0; i < w->n_places; i++) {
        struct place *p = &w->places[i];
        *p = (struct place){ .world = w, .number = i };
        link_init(&p->asked);
        name_room(p);
    }
    begin_hubs(w);
}

static unsigned rooms_left(const struct world *w)
{
    unsigned n = 0;
    for (unsigned i = 0; i < w->loops.n; i++)
        n += hub_stats(w->hubs.at[i])->rooms;
    return n;
}

static void pass_minute(struct world *w)
{
    test_clock_turn(&w->clock, 60000000);
    for (unsigned i = 0; i < 4; i++) {
        (void)turn_all(w);
        answer_some(w);
    }
}

/* Everybody goes, the store does what it was asked for, time passes: then nothing is left. A room
 * that has failed at that moment is loaded no more, and the store keeps it for its own sweep. */
static void wind_down(struct world *w)
{
    w->is_down = false;
    w->status.state = STORE_UP;
    w->failing = 0;
    w->pace = 1;
    check_calm(w);
    for (unsigned i = 0; i < w->n_places; i++)
        w->places[i].is_fleeting = w->places[i].is_fleeting && w->places[i].is_open;
    end_everybody(w);
    for (unsigned i = 0; i < 60 && rooms_left(w) > 0 && !w->wrong; i++)
        pass_minute(w);
    pass_minute(w); /* the store forgets the last of them */
    demand(w, rooms_left(w) == 0 && w->hubs.rooms == 0, "a room does not idle away");
    demand(w, w->hubs.sessions == 0, "a session is left");
    demand(w, list_is_empty(&w->waiters), "somebody waits for a room for ever");
    for (unsigned i = 0; i < w->n_places; i++)
        demand(w, !w->places[i].is_fleeting || w->places[i].n_log == 0, "a fleeting room is kept");
    check_all(w);
}

static void finish(struct world *w)
{
    stop_hubs(w);
    for (unsigned i = 0; i < w->loops.n; i++) {
        w->inner[i]->ops->close(w->inner[i]);
        loop_turn(w->loops.loops[i], false);
        loop_free(w->loops.loops[i]);
    }
    for (unsigned i = 0; i < w->n_places; i++) {
        struct place *p = &w->places[i];
        place_forget_log(p, 0);
        room_free(p->shadow);
        free(p->log);
        free(p->sitting);
    }
    for (unsigned i = 0; i < w->n_clients; i++) {
        free(w->clients[i].dues);
        free(w->clients[i].posted);
    }
    free(w->clients);
    free(w->heard);
    free(w->answers);
}

/* Returns the steps that were made; 0: something is wrong. */
static uint64_t play_world(uint64_t seed)
{
    struct world *w = calloc(1, sizeof(*w));
    long live = fault_live();
    w->seed = seed;
    begin(w);
    uint64_t max = w->n_clients == MANY ? 12000 : 1000 + draw(w, 9000);
    while (w->steps < max && !w->wrong)
        step(w);
    if (!w->wrong)
        wind_down(w);
    if (w->wrong) {
        note("SEED=%ju, step %ju, %u clients, %u rooms, %u loops: %s", (uintmax_t)seed,
            (uintmax_t)w->steps, w->n_clients, w->n_places, w->loops.n, w->wrong);
        free(w); /* as it is */
        return 0;
    }
    finish(w);
    demand(w, fault_live() == live, "memory is left behind");
    if (getenv("VERBOSE"))
        note(
            "%u clients %u rooms %ju steps: told %ju, fails %ju loads %ju verbs %ju replays %ju "
            "new rooms %ju stops %ju ahead %ju snapshots %ju, loaded %ju; %u loops: came home %ju, "
            "handed over %ju, moved %ju, let go %ju, refused %ju",
            w->n_clients, w->n_places, (uintmax_t)w->steps, (uintmax_t)w->told, w->counts[0],
            w->counts[1], w->counts[2], w->counts[3], w->counts[4], w->counts[5], w->counts[6],
            w->counts[7], w->counts[8], w->loops.n, w->counts[9], w->counts[10], w->counts[11],
            w->counts[12], w->counts[13]);
    uint64_t steps = w->wrong ? 0 : w->steps;
    if (w->wrong)
        note("SEED=%ju: %s", (uintmax_t)seed, w->wrong);
    free(w);
    return steps;
}

/* A world that went wrong is left as it is, which no leak checker need describe. */
static int leave(bool is_fine)
{
    int code = done();
    if (!is_fine)
        _exit(code);
    return code;
}

int main(void)
{
    const char *given = getenv("SEED");
    bool is_soak = getenv("SOAK") != NULL;
    uint64_t seed = is_soak ? mix((uint64_t)time(NULL)) : 1;
    uint64_t want = is_soak ? SOAK_STEPS : STEPS;
    uint64_t steps = 0, last = 1;
    unsigned worlds = 0;
    log_set_level(LOG_OFF);
    if (given != NULL) {
        last = play_world(strtoull(given, NULL, 10));
        ok(last > 0, "the world of SEED=%s", given);
        return leave(last > 0);
    }
    for (; steps < want && last > 0; worlds++) {
        last = play_world(mix(seed + worlds));
        steps += last;
    }
    ok(last > 0, "%ju steps in %u worlds, from %ju", (uintmax_t)steps, worlds, (uintmax_t)seed);
    return leave(last > 0);
}
