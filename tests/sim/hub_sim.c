/* The hub under a random driver: thousands of people in tens of rooms, over connections that break,
 * come back and read slowly, with a store whose answers come late, out of order between rooms, or
 * fail, and that is away for a while; rooms fail with it, are kept in snapshots, idle away and are
 * loaded again; the whole server stops and starts.
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
#include "hub_checks.h"
#include "hub_replay.h"
#include "hub_verbs.h"

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
    uint64_t seat;
    unsigned place;
};

/* Somebody who wants to know when all is stored. */
struct vow {
    struct hub_promise promise;
    struct place *place;
    uint64_t seq;
};

/* ---- doing something ---- */

/* What was told without a number must be what happened, to whom it is for. */
static void check_unnumbered(struct place *p, struct client *c, const struct event *e)
{
    struct world *w = p->world;
    struct slice seat = slice_str(c->session->id);
    const struct member *m = place_member(p, c);
    struct heard *heard = NULL;
    bool is_due = is_to_hear(e, m, seat) && words_of(c->language[p->number], e->type) > 0;
    bool is_left_out = is_volatile(e->type) && c->is_slow && c->session->line->is_slow;
    for (unsigned i = 0; i < w->n_heard && !heard; i++) {
        bool is_it = w->heard[i].client == c->number && w->heard[i].type == e->type;
        if (is_it && w->heard[i].seat == numbers_of(e->seat) && !w->heard[i].is_taken)
            heard = &w->heard[i];
    }
    uint64_t needs = later(joined(p, e->actor), joined(p, e->target));
    needs = later(needs, m ? m->joined_seq : 0);
    if (heard) {
        heard->is_taken = true;
        demand(w, is_due, "told what is not for it, and has no number");
        demand(w, p->stored >= needs, "told of somebody, or to somebody, who is not stored yet");
        demand(w, !is_left_out, "a slow reader gets what does not last");
    } else if (is_due && !is_left_out) {
        struct due d = { .place = p->number,
            .life = p->life,
            .needs = needs,
            .seat = numbers_of(e->seat),
            .type = e->type,
            .words = 1,
            .language = c->language[p->number],
            .ear = c->language[p->number] > 0 ? (uint8_t)ear_of(e, m, seat) : 0,
            .is_must = true };
        demand(w, place_awaits(p) != UINT64_MAX, "not told, and nothing to wait for");
        due_add(c, &d);
    }
}

static void check_heard(struct place *p, const struct outcome *out)
{
    struct world *w = p->world;
    for (uint32_t i = 0; out && i < out->n; i++) {
        for (unsigned k = 0; k < p->n_sitting && out->events[i].seq == 0; k++)
            check_unnumbered(p, &w->clients[p->sitting[k]], &out->events[i]);
    }
    for (unsigned i = 0; i < w->n_heard; i++)
        demand(w, w->heard[i].is_taken, "told of what has not happened");
    w->n_heard = 0;
}

static int act(struct place *p, struct hub_room *r, struct client *c, const struct command *what)
{
    struct world *w = p->world;
    struct outcome out = { .n = 0 };
    const struct dialect *language = c
        ? &languages[what->verb == VERB_JOIN ? draw(w, LANGUAGES) : 0]
        : NULL;
    bool is_in = c && place_member(p, c) && is_inside(place_member(p, c));
    bool is_no = is_refused(w->status.state, what->verb, is_in);
    w->in_verb = p;
    int err = c ? hub_do(&out, r, c->session, language, what) : hub_do_as(&out, r, S(""), what);
    w->in_verb = NULL;
    check_heard(p, err ? NULL : &out);
    demand(w, err != ERR_NO_MEMORY, "memory has ended");
    demand(w, err || !is_no, "what must be stored is taken while the store is away");
    demand(w, err != ERR_STORAGE_UNAVAILABLE || is_no || !p->is_open, "refused for nothing");
    w->counts[2] += !err;
    if (err || what->verb != VERB_JOIN)
        return err;
    place_seat(p, c);
    c->language[p->number] = (uint8_t)language->number;
    demand(w, has_place(p, c), "somebody came in without a seat");
    return err;
}

/* Asks for an answer in words and, where the line knows that, by an ack. */
static void ask_answer(struct place *p, struct hub_room *r, struct client *c, enum verb verb)
{
    struct world *w = p->world;
    struct words words;
    struct buf json;
    bool is_acked = c->session->line->answer != NULL && !one_in(w, 4);
    bool is_light = verb_info(verb)->durability != DURABILITY_COMMIT;
    uint64_t seq = is_light && is_away(w) ? joined(p, c->session->identity.user_id) : p->commit;
    uint64_t numbers[FRAME_NUMBERS] = { FRAME_SAID, p->number, p->life, seq };
    struct hub_answer a = { .words = &words,
        .ack = S("{\"ok\":true}"),
        .ack_id = is_acked ? w->next_ack : TONGUE_NO_ACK,
        .dialect = &languages[0],
        .request = "it",
        .is_light = is_light };
    buf_init(&json, 1024);
    words_init(&words, &json, false);
    say_numbers(&words, "SAID", numbers);
    if (is_acked) {
        GROW(w->answers, w->n_answers, w->cap_answers);
        w->answers[w->n_answers++] = (struct answer){ .ack_id = w->next_ack++,
            .client = c->number,
            .client_turn = c->turn,
            .place = p->number,
            .seq = seq };
        p->n_answers++;
    }
    hub_answer(r, c->session, &a);
    buf_fini(&json);
}

/* Something that is told at once, where it can be. */
static void draw_now(struct place *p)
{
    struct command what = { .verb = VERB_DRAW, .draw = { .ops = S("[{\"type\":\"t\"}]") } };
    struct hub_room *r = hub_peek(p->world->hub, slice_str(p->id));
    struct client *c = r ? pick_actor(p->world, p, false) : NULL;
    if (c)
        (void)act(p, r, c, &what);
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

static void step_vow(struct world *w, struct place *p)
{
    struct hub_room *r = hub_peek(w->hub, slice_str(p->id));
    struct vow *v = calloc(1, sizeof(*v));
    *v = (struct vow){ .promise.fn = on_vow, .place = p, .seq = p->commit };
    p->n_vows++;
    if (r)
        hub_when_stored(r, &v->promise);
    else
        on_vow(&v->promise, 0);
}

static void step_verb(struct world *w, struct place *p)
{
    struct command what = { .verb = pick_verb(w) };
    struct hub_room *r = hub_peek(w->hub, slice_str(p->id));
    bool is_by_room = one_in(w, 60);
    bool by_host = is_of_hosts(what.verb) && !one_in(w, 5);
    struct client *c = is_by_room ? NULL : pick_actor(w, p, by_host);
    if (!r || (!c && !is_by_room) || (is_by_room && what.verb == VERB_MUTE))
        return;
    pick_args(&what, w, p);
    if (act(p, r, c, &what) == 0 && c && one_in(w, 3))
        ask_answer(p, r, c, what.verb);
}

/* ---- coming ---- */

static void join(struct world *w, struct client *c, struct place *p);

static void on_loaded(struct hub_wait *wait)
{
    struct waiter *i = CONTAINER_OF(wait, struct waiter, wait);
    struct world *w = i->world;
    struct place *p = &w->places[i->place];
    struct client *c = client_at(w, i->seat);
    link_leave(&i->link);
    free(i);
    if (c && !c->is_lost)
        join(w, c, p);
}

static unsigned rooms_open(const struct world *w)
{
    const struct hub_room *r;
    unsigned n = 0;
    uint32_t at = 0;
    while ((r = map_next(&w->hub->rooms, &at)) != NULL)
        n += r->phase != HUB_ROOM_BROKEN;
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
    int err = hub_create(&r, w->hub, &creation);
    demand(
        w, (err == ERR_STORAGE_UNAVAILABLE) == is_away(w), "a room is made, or not, for nothing");
    if (is_away(w))
        return NULL;
    demand(w, !err || err == ERR_ROOM_LIMIT, "a room cannot be made");
    bool has_place = before < w->settings.max_rooms || rooms_open(w) <= before; /* one made way */
    demand(w, err || has_place, "more rooms than there may be");
    demand(w, err != ERR_ROOM_LIMIT || w->hub->rooms.n >= w->settings.max_rooms,
        "no place for a room, and yet there is");
    p->is_fleeting = p->may_go = !err && creation.is_fleeting && creation.by.len == 0;
    return err ? NULL : r;
}

static void join_now(struct world *w, struct client *c, struct place *p, struct hub_room *r)
{
    struct command what = { .verb = VERB_JOIN,
        .join = { .name = c->session->identity.name,
            .avatar_url = S(""),
            .is_guest = c->session->identity.is_guest } };
    if (act(p, r, c, &what) == 0 && one_in(w, 2))
        ask_answer(p, r, c, VERB_JOIN);
}

static void join(struct world *w, struct client *c, struct place *p)
{
    struct waiter *i = calloc(1, sizeof(*i));
    struct hub_room *r;
    *i = (struct waiter){ .world = w, .seat = seat_of(c), .place = p->number };
    i->wait.fn = on_loaded;
    link_init(&i->wait.link);
    link_init(&i->link);
    int err = hub_open(&r, w->hub, slice_str(p->id), &i->wait);
    if (err == ERR_AGAIN) {
        list_push(&w->waiters, &i->link);
        return;
    }
    free(i);
    demand(w, !err || err == ERR_ROOM_NOT_FOUND || err == ERR_STORAGE_UNAVAILABLE, "not opened");
    demand(w, err != ERR_ROOM_NOT_FOUND || p->n_log == 0, "a room that there is is not found");
    if (err == ERR_ROOM_NOT_FOUND)
        r = make_room(w, p);
    if (r)
        join_now(w, c, p, r);
}

/* ---- connections ---- */

static void enter(struct world *w, struct client *c)
{
    char user[24], id[24];
    c->turn++;
    c->user = draw(w, w->n_users);
    c->is_lost = false;
    c->is_back = 0;
    c->is_slow = one_in(w, 10);
    snprintf(user, sizeof(user), "u%u", c->user);
    snprintf(id, sizeof(id), "s%u-%u", c->number, c->turn);
    struct identity who = { .user_id = slice_str(user),
        .name = slice_str(user),
        .avatar_url = S(""),
        .is_guest = c->user % 3 == 0 };
    struct session_options o = { .hub = w->hub,
        .line = &lines[draw(w, LINES)],
        .dialect = &languages[draw(w, LANGUAGES)],
        .carrier = c,
        .id = slice_str(id),
        .identity = &who };
    unsigned before = hub_stats(w->hub)->sessions;
    int err = session_new(&c->session, &o);
    demand(w, !err || err == ERR_BUSY, "nobody can connect");
    demand(w, (err == 0) == (before < w->settings.max_sessions), "the sessions' limit");
    if (err)
        c->session = NULL;
}

static void end(struct world *w, struct client *c)
{
    session_end(c->session);
    for (unsigned i = 0; i < w->n_places; i++)
        place_unseat(&w->places[i], c);
    dues_drop_all(c);
    answers_void(w, c, true);
    c->session = NULL;
}

static void lose(struct world *w, struct client *c)
{
    c->is_lost = true;
    c->is_back = 0;
    answers_void(w, c, false);
    session_lose(c->session);
}

static void regain(struct world *w, struct client *c)
{
    if (one_in(w, 8)) /* before the rooms know that its time is over */
        test_clock_turn(&w->clock, w->settings.grace_ms * UINT64_C(1000));
    c->is_back = c->sits;
    session_regain(c->session);
    c->is_lost = false;
    for (unsigned i = 0; i < w->n_places; i++) {
        struct place *p = &w->places[i];
        if (!p->is_open)
            continue;
        c->is_back &= ~(UINT64_C(1) << i);
        if (client_sits(c, p) && !has_place(p, c))
            place_unseat(p, c);
    }
}

static void step_connection(struct world *w)
{
    struct client *c = &w->clients[draw(w, w->n_clients)];
    unsigned what = draw(w, 16);
    if (!c->session)
        enter(w, c);
    else if (c->is_lost && what > 1)
        regain(w, c);
    else if (what == 0)
        end(w, c);
    else if (what < 4 && !c->is_lost)
        lose(w, c);
    else if (what == 4)
        c->is_slow = !c->is_slow;
}

static void step_join(struct world *w, struct place *p)
{
    bool is_first = w->steps < w->n_clients;
    struct client *c = &w->clients[is_first ? w->steps : draw(w, w->n_clients)];
    if (!c->session)
        enter(w, c);
    if (c->session && !c->is_lost)
        join(w, c, p);
}

/* ---- the world ---- */

/* The server stops, hard: nobody is told, and the store answers no more. */
static void begin_hub(struct world *w)
{
    places_alone(&w->loops, w->loop);
    hubs_init(&w->hubs, &w->loops);
    w->hub = hub_new(&w->hubs, 0, &w->store, &w->settings);
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

static void stop_hub(struct world *w)
{
    forget_waiters(w);
    for (unsigned i = 0; i < w->n_clients; i++) {
        if (w->clients[i].session)
            end(w, &w->clients[i]);
    }
    w->is_ending = true;
    store_drop_asked(w);
    hub_free(w->hub);
    for (unsigned i = 0; i < w->n_places; i++) {
        place_back(&w->places[i]);
        w->places[i].may_go = w->places[i].may_go && w->places[i].n_log > 0;
        w->places[i].is_fleeting = w->places[i].may_go;
    }
    loop_turn(w->loop, false);
    w->is_ending = false;
}

static void step_time(struct world *w)
{
    uint64_t ms = one_in(w, 12) ? draw(w, 100000) : draw(w, 300);
    test_clock_turn(&w->clock, ms * 1000);
}

static void new_room(struct place *p)
{
    struct world *w = p->world;
    p->stored = 0;
    place_back(p);
    p->n_pasts = 0;
    snprintf(p->id, sizeof(p->id), "r%u-%u", p->number, ++p->turn);
    w->counts[4]++;
}

/* A room that has ended empties, and when it is gone from memory another one takes its place. */
static void step_ended(struct world *w, struct place *p)
{
    struct client *c;
    bool is_gone = list_is_empty(&p->asked) && map_find(&w->hub->rooms, slice_str(p->id)) == NULL;
    if (p->n_sitting == 0 && is_gone)
        new_room(p);
    for (unsigned i = 0; i < 10 && (c = pick_sitting(w, p)) != NULL; i++)
        end(w, c);
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
        stop_hub(w);
        begin_hub(w);
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
        step_vow(w, p);
    else
        step_verb(w, p);
    check_place(p);
    if (one_in(w, 2))
        loop_turn(w->loop, false);
    answer_some(w);
    if (w->steps % 64 == 0)
        check_client(&w->clients[draw(w, w->n_clients)]);
    if (w->steps % 1024 == 0) {
        check_all(w);
        check_fold(p);
    }
}

/* ---- beginning and end ---- */

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
    if (loop_new(&w->loop, &w->clock.clock))
        abort();
    w->inner = store_memory_new(w->loop);
    w->clients = calloc(w->n_clients, sizeof(*w->clients));
    for (unsigned i = 0; i < w->n_clients; i++)
        w->clients[i] = (struct client){ .world = w, .number = i };
    for (unsigned i = 0; i < w->n_places; i++) {
        struct place *p = &w->places[i];
        *p = (struct place){ .world = w, .number = i };
        link_init(&p->asked);
        snprintf(p->id, sizeof(p->id), "r%u-%u", i, ++p->turn);
    }
    begin_hub(w);
}

/* Everybody goes, the store does what it was asked for, time passes: then nothing is left. */
static void wind_down(struct world *w)
{
    w->is_down = false;
    w->status.state = STORE_UP;
    w->failing = 0;
    w->pace = 1;
    for (unsigned i = 0; i < w->n_clients; i++) {
        if (w->clients[i].session)
            end(w, &w->clients[i]);
    }
    for (unsigned i = 0; i < 60 && hub_stats(w->hub)->rooms > 0 && !w->wrong; i++) {
        test_clock_turn(&w->clock, 60000000);
        for (unsigned k = 0; k < 4; k++) {
            loop_turn(w->loop, false);
            answer_some(w);
        }
    }
    demand(w, hub_stats(w->hub)->rooms == 0, "a room does not idle away");
    demand(w, hub_stats(w->hub)->sessions == 0, "a session is left");
    demand(w, list_is_empty(&w->waiters), "somebody waits for a room for ever");
    for (unsigned i = 0; i < w->n_places; i++)
        demand(w, !w->places[i].is_fleeting || w->places[i].n_log == 0, "a fleeting room is kept");
    check_all(w);
}

static void finish(struct world *w)
{
    stop_hub(w);
    w->inner->ops->close(w->inner);
    loop_turn(w->loop, false);
    loop_free(w->loop);
    for (unsigned i = 0; i < w->n_places; i++) {
        struct place *p = &w->places[i];
        place_forget_log(p, 0);
        room_free(p->shadow);
        free(p->log);
        free(p->sitting);
    }
    for (unsigned i = 0; i < w->n_clients; i++)
        free(w->clients[i].dues);
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
        note("SEED=%ju, step %ju, %u clients, %u rooms: %s", (uintmax_t)seed, (uintmax_t)w->steps,
            w->n_clients, w->n_places, w->wrong);
        free(w); /* as it is */
        return 0;
    }
    finish(w);
    demand(w, fault_live() == live, "memory is left behind");
    if (getenv("VERBOSE"))
        note("%u clients %u rooms %ju steps: told %ju, fails %ju loads %ju verbs %ju replays %ju "
             "new rooms %ju stops %ju ahead %ju snapshots %ju, loaded %ju",
            w->n_clients, w->n_places, (uintmax_t)w->steps, (uintmax_t)w->told, w->counts[0],
            w->counts[1], w->counts[2], w->counts[3], w->counts[4], w->counts[5], w->counts[6],
            w->counts[7], w->counts[8]);
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
