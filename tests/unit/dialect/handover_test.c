/* Rooms of another loop: two loops turn by turn on one thread, each with a hub, a dispatcher and a
 * store of its own, and clients who cannot move. What they say goes to their deputies and is done
 * once, in order; what their deputies learn comes home. */
#include "base/log.h"
#include "dialect/dispatch_parts.h"
#include "toy.h"

#define HOME  0
#define THERE 1

/* ---- a line that leads from loop to loop, a language that says who one is ---- */

struct far_client {
    struct toy_client toy; /* first: the line's own */
    bool is_slow;
};

static void far_ref(struct frame *f)
{
    f->refs++;
}

static bool far_is_slow(const struct session *s)
{
    const struct far_client *c = s->carrier;
    return c->is_slow;
}

static void far_end(struct session *s, int err)
{
    struct far_client *c = s->carrier;
    (void)err;
    dispatch_drop(c->toy.toy->dispatch, s);
    session_end(s);
    c->toy.session = NULL;
}

static const struct line far_line = { .name = "far",
    .number = 1,
    .encode = toy_encode,
    .ref = far_ref,
    .unref = toy_unref,
    .send = toy_send,
    .is_slow = far_is_slow,
    .answer = toy_answer,
    .end = far_end };

static void far_tell(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    (void)ear;
    if (e->type != EV_TYPING) {
        toy_tell(w, v, e, ear);
        return;
    }
    words_begin(w, "typing");
    words_end(w);
}

static const struct dialect far_dialect = {
    .name = "far", .number = 2, .tell = far_tell, .refuse = toy_refuse
};

/* As whoever `text` names, or as a guest of that name. */
static int in_come(struct ask *a)
{
    const struct toy_args *args = a->args;
    struct session *s = a->session;
    const struct identity as = { .user_id = args->text, .name = args->text };
    int err = args->n ? session_set_name(s, args->text) : 0;
    if (!err && !args->n && args->text.len > 0)
        err = session_identify(s, &as);
    if (!err)
        err = ask_join(a);
    if (!err)
        jw_field_str(ask_ack(a), "you", s->identity.user_id);
    return err;
}

static int in_go(struct ask *a)
{
    return ask_do(a, &(struct command){ .verb = VERB_LEAVE });
}

static int in_type(struct ask *a)
{
    return ask_do(a, &(struct command){ .verb = VERB_TYPING, .typing = { .is_typing = true } });
}

static const struct row far_rows[] = {
    { .name = "come", TOY_ARGS, TOY_ROOM, .verb = VERB_JOIN, .is_join = true, .handle = in_come },
    { .name = "go", TOY_ARGS, TOY_ROOM, .verb = VERB_LEAVE, .handle = in_go },
    { .name = "talk", TOY_ARGS, TOY_ROOM, .verb = VERB_CHAT, .handle = toy_in_talk },
    { .name = "type", TOY_ARGS, TOY_ROOM, .verb = VERB_TYPING, .handle = in_type },
};
static const struct language far_language = { .dialect = &far_dialect, LANGUAGE_ROWS(far_rows) };
static const struct language *const far_languages[] = { &far_language };

/* ---- two loops ---- */

struct pair {
    struct toy at[2];
    struct places places;
    struct hubs hubs;
    struct dispatch *dispatch[2];
};

static void pair_init(struct pair *p)
{
    places_init(&p->places);
    for (unsigned i = 0; i < 2; i++) {
        struct rig *r = &p->at[i].rig;
        rig_init(r);
        hub_free(r->hub);
        if (places_add(&p->places, r->loop))
            abort();
    }
    hubs_init(&p->hubs, &p->places);
    for (unsigned i = 0; i < 2; i++) {
        struct rig *r = &p->at[i].rig;
        r->hub = hub_new(&p->hubs, i, &r->held.store, &r->settings);
        hub_add_line(r->hub, &far_line);
        p->dispatch[i] = p->at[i].dispatch = dispatch_new(r->hub, far_languages, 1);
        dispatch_join(p->dispatch[i], p->dispatch);
    }
}

static void pair_settle(struct pair *p)
{
    for (unsigned i = 0; i < 24; i++)
        loop_turn(p->at[i % 2].rig.loop, false);
}

static void pair_fini(struct pair *p)
{
    pair_settle(p);
    for (unsigned i = 0; i < 2; i++)
        deputies_end_all(p->at[i].rig.hub);
    pair_settle(p);
    for (unsigned i = 0; i < 2; i++)
        dispatch_free(p->dispatch[i]);
    for (unsigned i = 0; i < 2; i++) {
        struct rig *r = &p->at[i].rig;
        r->held.store.ops->close(&r->held.store);
        hub_free(r->hub);
        loop_turn(r->loop, false);
    }
    for (unsigned i = 0; i < 2; i++)
        loop_free(p->at[i].rig.loop);
}

/* The n-th id of that place; made there. */
static const char *make_room(char id[16], struct pair *p, unsigned place, unsigned n)
{
    for (unsigned i = 0; i < 10000; i++) {
        snprintf(id, 16, "room%u", i);
        if (places_of(&p->places, slice_str(id)) == place && n-- == 0)
            break;
    }
    if (!rig_create(&p->at[place].rig, id, "owner"))
        abort();
    pair_settle(p);
    return id;
}

static void connect_far(struct pair *p, struct far_client *c, const char *name, unsigned place)
{
    const struct identity who = { .user_id = slice_str(name), .name = slice_str(name) };
    const struct session_options o = { .hub = p->at[place].rig.hub,
        .line = &far_line,
        .dialect = &far_dialect,
        .carrier = c,
        .identity = name[0] ? &who : NULL };
    *c = (struct far_client){ .toy = { .toy = &p->at[place] } };
    if (session_new(&c->toy.session, &o))
        abort();
}

static void post_far(struct far_client *c, const char *name, const char *room, const char *text)
{
    char json[128];
    snprintf(json, sizeof json, "{\"room\":\"%s\",\"text\":\"%s\"}", room, text);
    toy_post(&c->toy, name, json, 7);
}

static const char *ask_far(
    struct pair *p, struct far_client *c, const char *name, const char *room, const char *text)
{
    toy_forget(&c->toy);
    post_far(c, name, room, text);
    pair_settle(p);
    return c->toy.heard;
}

static void end_far(struct pair *p, struct far_client *c)
{
    if (c->toy.session)
        far_end(c->toy.session, 0);
    pair_settle(p);
}

static unsigned count(const char *heard, const char *what)
{
    unsigned n = 0;
    for (const char *at = heard; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

/* ---- who it is ---- */

static void who_one_is_comes_home(void)
{
    struct pair p;
    struct far_client c;
    char there[16], here[16];
    pair_init(&p);
    make_room(there, &p, THERE, 0);
    make_room(here, &p, HOME, 0);
    connect_far(&p, &c, "", HOME);
    is_str(ask_far(&p, &c, "come", there, "ann"), "#7 {\"ok\":true,\"you\":\"ann\"}\n",
        "a guest shows there who it is");
    is_slice(c.toy.session->identity.user_id, "ann", "its home knows");
    is_str(ask_far(&p, &c, "come", here, ""), "#7 {\"ok\":true,\"you\":\"ann\"}\n",
        "and in a room at home it is nobody else");
    ok(strstr(ask_far(&p, &c, "come", here, "bob"), "CONFLICT"), "it cannot be somebody else now");
    end_far(&p, &c);
    pair_fini(&p);
}

static void what_one_is_called_comes_home(void)
{
    struct pair p;
    struct far_client c;
    char there[16];
    pair_init(&p);
    make_room(there, &p, THERE, 0);
    connect_far(&p, &c, "", HOME);
    toy_post(&c.toy, "come", "{\"room\":\"nowhere\",\"text\":\"Zoe\",\"n\":1}", 1);
    pair_settle(&p);
    char json[80];
    snprintf(json, sizeof json, "{\"room\":\"%s\",\"text\":\"Ann\",\"n\":1}", there);
    toy_post(&c.toy, "come", json, 2);
    pair_settle(&p);
    is_slice(c.toy.session->identity.name, "Ann", "its home calls the guest so, too");
    end_far(&p, &c);
    pair_fini(&p);
}

/* ---- what waits ---- */

/* The first message waits there for its room; the client is lost and comes back, and what it says
 * then waits behind that. */
static void what_is_done_is_what_was_meant(void)
{
    struct pair p;
    struct far_client c;
    char there[16];
    pair_init(&p);
    make_room(there, &p, THERE, 0);
    rig_pass(&p.at[THERE].rig, 15000);
    rig_pass(&p.at[THERE].rig, 65000); /* it goes from memory */
    connect_far(&p, &c, "ann", HOME);
    post_far(&c, "come", there, "");
    loop_turn(p.at[THERE].rig.loop, false);
    struct listener *l = c.toy.session->listener;
    const struct session *home = c.toy.session;
    const struct session *deputy = session_find(p.at[THERE].rig.hub, session_slice(home));
    is_int(deputy ? ((struct listener *)deputy->listener)->n : 0, 1, "it waits there");
    session_lose(c.toy.session);
    listener_wake(l); /* it drops what it has not heard an answer to */
    session_regain(c.toy.session);
    is_int(l->n, 0, "and is forgotten here");
    post_far(&c, "come", there, "");
    post_far(&c, "talk", there, "first");
    post_far(&c, "talk", there, "second");
    pair_settle(&p);
    is_int(count(c.toy.heard, "talked {\"text\":\"first\"}"), 1, "said once: %s", c.toy.heard);
    is_int(count(c.toy.heard, "talked {\"text\":\"second\"}"), 1, "and the next");
    is_int(count(c.toy.heard, "\"code\""), 0, "nothing was refused");
    is_int(l->n, 0, "nothing waits");
    end_far(&p, &c);
    pair_fini(&p);
}

/* Leaving could not be stored: the room takes its deputy back, which is not dismissed before that;
 * `is_late`: home hears all of it at once. */
static void who_is_taken_back_stays(bool is_late)
{
    struct pair p;
    struct far_client c;
    char there[16];
    pair_init(&p);
    struct held_store *store = &p.at[THERE].rig.held;
    make_room(there, &p, THERE, 0);
    connect_far(&p, &c, "ann", HOME);
    ask_far(&p, &c, "come", there, "");
    store->is_holding = true;
    store->is_full = true;
    post_far(&c, "go", there, "");
    pair_settle(&p);
    store->is_full = false;
    store->is_holding = false;
    held_store_release_all(store);
    for (unsigned i = 0; is_late && i < 8; i++)
        loop_turn(p.at[THERE].rig.loop, false);
    pair_settle(&p);
    is_int(session_all_rooms(c.toy.session), 1, "it sits where it sat: %s", c.toy.heard);
    ok(strstr(ask_far(&p, &c, "talk", there, "still here"), "talked"), "and is heard");
    end_far(&p, &c);
    pair_settle(&p);
    is_int(p.hubs.sessions, 0, "no deputy is left behind");
    pair_fini(&p);
}

/* ---- limits ---- */

static void rooms_of_all_loops_count(void)
{
    struct pair p;
    struct far_client c;
    char id[16];
    pair_init(&p);
    connect_far(&p, &c, "ann", HOME);
    unsigned n = 0;
    for (unsigned i = 0; i <= SESSION_MAX_ROOMS; i++) {
        make_room(id, &p, i % 2, i / 2);
        n += strstr(ask_far(&p, &c, "come", id, ""), "\"ok\":true") != NULL;
    }
    is_int(n, SESSION_MAX_ROOMS, "as many rooms as it may be in, wherever they are");
    make_room(id, &p, THERE, 20);
    ok(strstr(ask_far(&p, &c, "come", id, ""), "TOO_MANY"), "nor may its deputy");
    end_far(&p, &c);
    pair_fini(&p);
}

static void slow_readers_are_spared_there(void)
{
    struct pair p;
    struct far_client ann, bob;
    char there[16];
    pair_init(&p);
    make_room(there, &p, THERE, 0);
    connect_far(&p, &ann, "ann", HOME);
    connect_far(&p, &bob, "bob", THERE);
    ask_far(&p, &ann, "come", there, "");
    ask_far(&p, &bob, "come", there, "");
    ask_far(&p, &bob, "type", there, "");
    is_int(count(ann.toy.heard, "typing"), 1, "who reads hears that somebody writes");
    ann.is_slow = true;
    ask_far(&p, &bob, "talk", there, "x");
    toy_forget(&ann.toy);
    ask_far(&p, &bob, "type", there, "");
    ask_far(&p, &bob, "talk", there, "y");
    is_int(count(ann.toy.heard, "typing"), 0, "who does not is spared that");
    is_int(count(ann.toy.heard, "talked"), 1, "but not what lasts");
    ann.is_slow = false;
    for (unsigned i = 0; i < 2; i++)
        rig_pass(&p.at[i].rig, 2000);
    ask_far(&p, &bob, "type", there, "");
    is_int(count(ann.toy.heard, "typing"), 1, "later it hears it again");
    end_far(&p, &ann);
    end_far(&p, &bob);
    pair_fini(&p);
}

int main(void)
{
    log_set_level(LOG_OFF);
    who_one_is_comes_home();
    what_one_is_called_comes_home();
    what_is_done_is_what_was_meant();
    who_is_taken_back_stays(false);
    who_is_taken_back_stays(true);
    rooms_of_all_loops_count();
    slow_readers_are_spared_there();
    return done();
}
