/* While the store is away: what is refused and what goes on; what is told ahead of what waits, and
 * how often; that whoever comes back by number misses nothing of it. */
#include "base/log.h"
#include "rig.h"

#include <stdio.h>

/* ---- a line that shows numbers: "CHAT#7", or "DREW" where there is none ---- */

static struct frame *numbering_encode(
    const struct line *line, struct slice name, struct slice json, bool is_lasting)
{
    (void)is_lasting;
    char text[64];
    struct slice rest = json;
    ptrdiff_t at = slice_find(json, ':');
    (void)line;
    uint64_t seq = 0;
    bool has_seq = slice_starts(json, S("{\"seq\":"));
    for (rest = slice_drop(json, (size_t)at + 1); has_seq && rest.p[0] >= '0' && rest.p[0] <= '9';
         rest = slice_drop(rest, 1))
        seq = seq * 10 + (uint64_t)(rest.p[0] - '0');
    int n = has_seq
        ? snprintf(text, sizeof(text), "%.*s#%ju", (int)name.len, name.p, (uintmax_t)seq)
        : snprintf(text, sizeof(text), "%.*s", (int)name.len, name.p);
    return (struct frame *)blob_copy(slice_of(text, (size_t)n));
}

static const struct line numbering = { .name = "numbering",
    .number = 1,
    .encode = numbering_encode,
    .unref = rig_unref,
    .send = rig_send,
    .answer = rig_answer };

static void connect_as(
    struct rig *r, struct rig_client *c, const char *name, const struct dialect *dialect)
{
    *c = (struct rig_client){ 0 };
    struct identity who = { .user_id = slice_str(name), .name = slice_str(name) };
    struct session_options o = {
        .hub = r->hub, .line = &numbering, .dialect = dialect, .carrier = c, .identity = &who
    };
    if (session_new(&c->session, &o))
        abort();
}

static int join_as(struct hub_room *room, struct rig_client *c, const struct dialect *dialect)
{
    struct outcome ignored;
    struct command join = { .verb = VERB_JOIN,
        .join = { .name = c->session->identity.name, .avatar_url = S("") } };
    return hub_do(&ignored, room, c->session, dialect, &join);
}

/* Alice and bob in a room of alice's: 1 CREATED, 2 and 3 JOINED. */
struct scene {
    struct rig rig;
    struct hub_room *room;
    struct rig_client a, b, c;
};

static void scene_init(struct scene *s)
{
    rig_init(&s->rig);
    s->room = rig_create(&s->rig, "r", "alice");
    connect_as(&s->rig, &s->a, "alice", &rig_dialect);
    connect_as(&s->rig, &s->b, "bob", &rig_dialect);
    connect_as(&s->rig, &s->c, "carol", &rig_dialect);
    is_int(rig_join(s->room, &s->a) || rig_join(s->room, &s->b), 0, "a room with two in it");
    rig_settle(&s->rig);
    rig_forget(&s->a);
    rig_forget(&s->b);
}

static void scene_fini(struct scene *s)
{
    s->rig.held.status.state = STORE_UP;
    held_store_release_all(&s->rig.held);
    s->rig.held.is_holding = false;
    rig_settle(&s->rig);
    if (s->a.session)
        rig_end(&s->rig, &s->a);
    if (s->b.session)
        rig_end(&s->rig, &s->b);
    if (s->c.session)
        rig_end(&s->rig, &s->c);
    rig_fini(&s->rig);
}

static void leave(struct scene *s, enum store_state state)
{
    s->rig.held.status.state = state;
    s->rig.held.is_holding = true;
}

static void come_back(struct scene *s)
{
    s->rig.held.status.state = STORE_UP;
    rig_settle(&s->rig);
    held_store_release_all(&s->rig.held);
    s->rig.held.is_holding = false;
    rig_settle(&s->rig);
}

static const struct command draw = { .verb = VERB_DRAW,
    .draw = { .ops = SLICE("[{\"id\":\"o\",\"type\":\"t\"}]") } };
static const struct command hand = { .verb = VERB_HAND, .hand = { .is_raised = true } };
static const struct command timer = { .verb = VERB_TIMER,
    .timer = { .act = TIMER_ACT_START, .phase = TIMER_FOCUS, .length_ms = 20000 } };
static const struct command going = { .verb = VERB_LEAVE };
static const struct command media = { .verb = VERB_MEDIA, .media = { .audio = true } };

static struct command signal_to(const struct rig_client *c)
{
    return (struct command){ .verb = VERB_SIGNAL,
        .signal = { .to_seat = slice_str(c->session->id), .kind = S("offer"), .data = S("{}") } };
}

/* ---- what is refused ---- */

struct refused {
    struct command c;
    int down, full;
};

static void some_things_are_refused(void)
{
    static const struct refused rows[] = {
        { { .verb = VERB_CHAT, .chat = { .text = SLICE("x") } }, ERR_STORAGE_UNAVAILABLE,
            ERR_STORAGE_UNAVAILABLE },
        { { .verb = VERB_FILE,
              .file = { .file_name = SLICE("a"), .url = SLICE("/a"), .type = SLICE("a/b") } },
            ERR_STORAGE_UNAVAILABLE, ERR_STORAGE_UNAVAILABLE },
        { { .verb = VERB_KICK, .kick = { .user_id = SLICE("bob") } }, ERR_STORAGE_UNAVAILABLE,
            ERR_STORAGE_UNAVAILABLE },
        { { .verb = VERB_ROLE, .role = { .user_id = SLICE("bob"), .role = ROLE_COHOST } },
            ERR_STORAGE_UNAVAILABLE, ERR_STORAGE_UNAVAILABLE },
        { { .verb = VERB_REPORT, .report = { .kind = REPORT_PASTE } }, ERR_STORAGE_UNAVAILABLE,
            ERR_STORAGE_UNAVAILABLE },
        { { .verb = VERB_END }, ERR_STORAGE_UNAVAILABLE, ERR_STORAGE_UNAVAILABLE },
        { { .verb = VERB_DRAW, .draw = { .ops = SLICE("[{\"type\":\"t\"}]") } }, 0,
            ERR_STORAGE_UNAVAILABLE },
        { { .verb = VERB_HAND, .hand = { .is_raised = true } }, 0, ERR_STORAGE_UNAVAILABLE },
        { { .verb = VERB_TIMER, .timer = { .act = TIMER_ACT_START, .phase = TIMER_FOCUS } }, 0,
            ERR_STORAGE_UNAVAILABLE },
        { { .verb = VERB_CODE, .code = { .code = SLICE("x"), .language = SLICE("c") } }, 0,
            ERR_STORAGE_UNAVAILABLE },
        { { .verb = VERB_TYPING, .typing = { .is_typing = true } }, 0, 0 },
        { { .verb = VERB_MEDIA, .media = { .audio = true } }, 0, 0 },
        { { .verb = VERB_CURSOR, .cursor = { .data = SLICE("{}") } }, 0, 0 },
    };
    struct hub_room *none;
    static struct scene s;
    struct hub_creation another = { .id = S("another"),
        .by = S("alice"),
        .room = { .title = S(""), .settings = room_default_settings(MODE_STUDY) } };
    scene_init(&s);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *name = verb_info(rows[i].c.verb)->name;
        leave(&s, STORE_FULL);
        uint64_t seq = s.room->room->seq;
        is_int(rig_do(s.room, &s.a, &rows[i].c), rows[i].full, "%s, nothing fits any more", name);
        is_int((int)s.room->room->seq, (int)seq, "nothing has changed");
        leave(&s, STORE_DOWN);
        is_int(rig_do(s.room, &s.a, &rows[i].c), rows[i].down, "%s, the store is away", name);
        come_back(&s);
    }
    leave(&s, STORE_DOWN);
    is_int(hub_create(&none, s.rig.hub, &another), ERR_STORAGE_UNAVAILABLE, "no new room");
    is_int(rig_join(s.room, &s.c), ERR_STORAGE_UNAVAILABLE, "nobody new comes in");
    ok(room_member(s.room->room, S("carol")) == NULL, "is not known, either");
    struct command again = signal_to(&s.b);
    is_int(rig_do(s.room, &s.a, &again), 0, "those who are there can call each other");
    leave(&s, STORE_FULL);
    is_int(rig_join(s.room, &s.b), 0, "and who sits there sits there");
    is_int(rig_do(s.room, &s.b, &going), 0, "one may always leave");
    come_back(&s);
    is_int(rig_join(s.room, &s.c), 0, "then everything works again");
    is_int(hub_create(&none, s.rig.hub, &another), 0, "new rooms, too");
    rig_settle(&s.rig);
    scene_fini(&s);
}

/* A connection breaks, and comes back, while nothing fits into the store. */
static void connections_come_and_go(void)
{
    static struct scene s;
    scene_init(&s);
    leave(&s, STORE_FULL);
    session_lose(s.b.session);
    rig_settle(&s.rig);
    is_str(s.a.heard, "LOST#4 ", "she hears that he is gone");
    session_regain(s.b.session);
    rig_settle(&s.rig);
    is_str(s.a.heard, "LOST#4 RETURNED#5 ", "and back");
    come_back(&s);
    is_int((int)s.room->stored_seq, 5, "which is stored later");
    scene_fini(&s);
}

/* ---- what goes ahead ---- */

static void name_numbered(void *arg, const struct room_news *news)
{
    const struct event *e = news->event;
    char *out = arg;
    size_t len = strlen(out);
    snprintf(out + len, 128 - len, "%s#%ju ", event_info(e->type)->name, (uintmax_t)e->seq);
}

static void lively_things_go_ahead(void)
{
    static struct scene s;
    char replayed[128] = "";
    scene_init(&s);
    s.rig.held.is_holding = true;
    is_int(rig_chat(s.room, &s.a, "hi"), 0, "4 is being stored");
    rig_settle(&s.rig);
    leave(&s, STORE_DOWN);
    is_int(
        rig_do(s.room, &s.a, &draw) || rig_do(s.room, &s.a, &timer) || rig_do(s.room, &s.a, &hand),
        0, "when the store goes: 5, 6, 7");
    is_str(s.b.heard, "DREW TIMER HAND ", "they are told, without numbers");
    is_int(rig_type(s.room, &s.a) || rig_do(s.room, &s.a, &media), 0, "what has none");
    struct command call = signal_to(&s.b);
    is_int(rig_do(s.room, &s.a, &call), 0, "goes on as ever");
    is_str(s.b.heard, "DREW TIMER HAND TYPING MEDIA SIGNAL ", "too");
    const struct member *bob = room_member(s.room->room, S("bob"));
    is_int(hub_replay(s.room, bob, 3, slice_str(s.room->epoch), name_numbered, replayed), 0,
        "he comes back with the last number that he heard");
    is_str(replayed, "CHAT#4 DREW#5 TIMER#6 HAND#7 ", "and hears all");
    rig_forget(&s.b);
    rig_pass(&s.rig, 20500);
    is_str(s.b.heard, "TIMER TIMER ", "the timer rings: focus ends, break begins");
    rig_forget(&s.b);
    come_back(&s);
    is_str(s.b.heard, "CHAT#4 ", "what waited is told at last, nothing twice");
    is_int(rig_do(s.room, &s.a, &draw), 0, "from now on");
    is_str(s.b.heard, "CHAT#4 DREW#12 ", "as ever, behind the timer's and who has focused");
    scene_fini(&s);
}

/* What has waited since before the store went goes ahead as well, first. */
static void what_waited_goes_first(void)
{
    static struct scene s;
    scene_init(&s);
    s.rig.held.is_holding = true;
    is_int(rig_chat(s.room, &s.a, "hi"), 0, "4 is being stored");
    is_int(rig_do(s.room, &s.a, &draw) || rig_do(s.room, &s.a, &hand), 0, "5 and 6 wait for it");
    rig_settle(&s.rig);
    is_str(s.b.heard, "", "nothing is told yet");
    leave(&s, STORE_DOWN);
    rig_pass(&s.rig, 400);
    is_str(s.b.heard, "", "nor at once");
    rig_pass(&s.rig, 200);
    is_str(s.b.heard, "DREW HAND ", "but soon");
    is_int(s.room->n_lively, 0, "and they wait no longer");
    come_back(&s);
    is_str(s.b.heard, "DREW HAND CHAT#4 ", "nothing is told twice");
    s.rig.held.is_holding = true;
    rig_forget(&s.b);
    is_int(rig_chat(s.room, &s.a, "hi") || rig_do(s.room, &s.a, &draw), 0, "7 and 8 the same");
    leave(&s, STORE_DOWN);
    is_int(rig_do(s.room, &s.a, &timer), 0, "9 comes while it is away");
    is_str(s.b.heard, "DREW TIMER ", "in their order");
    come_back(&s);
    is_str(s.b.heard, "DREW TIMER CHAT#7 ", "nothing is told twice");
    scene_fini(&s);
}

/* What comes of somebody who has not been introduced waits, and so does what comes behind it. */
static void newcomers_wait(void)
{
    static struct scene s;
    scene_init(&s);
    s.rig.held.is_holding = true;
    is_int(rig_join(s.room, &s.c), 0, "4: carol is on her way in");
    leave(&s, STORE_DOWN);
    is_int(rig_do(s.room, &s.a, &hand), 0, "5: alice raises her hand");
    is_str(s.b.heard, "HAND ", "which bob sees");
    is_str(s.c.heard, "", "and carol not yet");
    struct command call = signal_to(&s.c), back = signal_to(&s.a);
    is_int(rig_do(s.room, &s.a, &call) || rig_do(s.room, &s.c, &back), 0, "they call each other");
    is_str(s.c.heard, "", "she has not been answered");
    is_str(s.a.heard, "HAND ", "nor introduced");
    struct command other = signal_to(&s.b);
    is_int(rig_do(s.room, &s.a, &other), 0, "alice calls bob");
    is_str(s.b.heard, "HAND SIGNAL ", "who can hear it");
    is_int(rig_do(s.room, &s.c, &draw), 0, "6: carol draws");
    is_int(rig_do(s.room, &s.a, &draw), 0, "7: alice draws over it");
    is_str(s.b.heard, "HAND SIGNAL ", "strokes keep their order");
    rig_forget(&s.a);
    come_back(&s);
    is_str(s.b.heard, "HAND SIGNAL JOINED#4 DREW#6 DREW#7 ", "now she is here");
    is_str(s.a.heard, "JOINED#4 SIGNAL DREW#6 ", "and what she said comes behind");
    is_str(s.c.heard, "HAND#5 SIGNAL DREW#7 ", "she has missed nothing, either");
    scene_fini(&s);
}

/* Who left waits to be stored; the others go on all the same. */
static void leaving_holds_nobody_up(void)
{
    static struct scene s;
    scene_init(&s);
    is_int(rig_join(s.room, &s.c), 0, "carol, too");
    rig_settle(&s.rig);
    rig_forget(&s.a);
    rig_forget(&s.b);
    leave(&s, STORE_DOWN);
    is_int(rig_do(s.room, &s.c, &going), 0, "leaves while the store is away");
    is_int(rig_do(s.room, &s.a, &draw) || rig_do(s.room, &s.a, &media), 0, "alice goes on");
    struct command call = signal_to(&s.b);
    is_int(rig_do(s.room, &s.a, &call), 0, "and calls bob");
    is_str(s.b.heard, "DREW MEDIA SIGNAL ", "who hears it");
    come_back(&s);
    is_str(s.b.heard, "DREW MEDIA SIGNAL LEFT#5 ", "and later that carol has gone");
    scene_fini(&s);
}

/* ---- pulses, answers ---- */

static void the_pulse_goes_on(void)
{
    static struct scene s;
    scene_init(&s);
    is_int(join_as(s.room, &s.c, &rig_pulsing), 0, "carol's language has a pulse");
    rig_settle(&s.rig);
    rig_forget(&s.c);
    s.rig.held.is_holding = true;
    is_int(rig_chat(s.room, &s.a, "hi"), 0, "something is being stored");
    rig_pass(&s.rig, 5100);
    is_str(s.c.heard, "", "for that the pulse waits");
    leave(&s, STORE_DOWN);
    rig_pass(&s.rig, 5100);
    is_str(s.c.heard, "PULSE ", "but not for ever");
    come_back(&s);
    is_str(s.c.heard, "PULSE CHAT#5 ", "until the store is back");
    scene_fini(&s);
}

static void ask(struct scene *s, struct rig_client *c, bool is_light)
{
    const struct hub_answer answer = { .words = &(struct words){ .n = 0 },
        .ack = S("ACK"),
        .ack_id = 1,
        .dialect = &rig_dialect,
        .request = "it",
        .is_light = is_light };
    hub_answer(s->room, c->session, &answer);
}

static void light_answers_go_ahead(void)
{
    static struct scene s;
    scene_init(&s);
    s.rig.held.is_holding = true;
    is_int(rig_join(s.room, &s.c), 0, "carol is on her way in");
    ask(&s, &s.a, true);
    is_str(s.a.heard, "", "as a rule an answer waits");
    leave(&s, STORE_DOWN);
    ask(&s, &s.a, true);
    is_str(s.a.heard, "ACK ", "one that promises nothing goes ahead");
    ask(&s, &s.a, false);
    ask(&s, &s.c, true);
    is_str(s.a.heard, "ACK ", "another one waits");
    is_str(s.c.heard, "", "as does who has not been let in");
    rig_forget(&s.a);
    come_back(&s);
    is_str(s.a.heard, "JOINED#4 ACK ACK ", "until the store is back");
    is_str(s.c.heard, "ACK ", "for all");
    scene_fini(&s);
}

/* The room is told by the store in the end that it cannot be: then it goes back as ever. */
static void the_worst_case(void)
{
    static struct scene s;
    scene_init(&s);
    s.rig.held.is_full = true;
    is_int(rig_chat(s.room, &s.a, "hi"), 0, "4 will not be stored");
    leave(&s, STORE_DOWN);
    is_int(rig_do(s.room, &s.a, &draw), 0, "5, too, but it is told");
    is_str(s.b.heard, "DREW ", "ahead");
    s.rig.held.is_full = false;
    come_back(&s);
    s.room = rig_open(&s.rig, "r");
    ok(s.room && s.room->room->board.n == 0 && s.room->n_lively == 0, "the room goes back");
    is_int(s.room ? rig_chat(s.room, &s.a, "again") : -1, 0, "and on");
    rig_settle(&s.rig);
    is_str(s.b.heard, "DREW CHAT#4 ", "as ever");
    scene_fini(&s);
}

int main(void)
{
    log_set_level(LOG_OFF);
    some_things_are_refused();
    connections_come_and_go();
    lively_things_go_ahead();
    what_waited_goes_first();
    newcomers_wait();
    leaving_holds_nobody_up();
    the_pulse_goes_on();
    light_answers_go_ahead();
    the_worst_case();
    return done();
}
