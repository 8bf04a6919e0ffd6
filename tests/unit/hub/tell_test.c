/* Telling: one encoding for each language, ear and line; what waits and in which order; what slow
 * readers miss; what is left when memory ends on the way. */
#include "base/log.h"
#include "fault.h"
#include "rig.h"

#include <stdio.h>

/* ---- languages and lines that are counted ---- */

/* Who did it hears it from one ear, all others from another. */
static unsigned own_ear(const struct room_news *news, const struct member *m, const char *seat)
{
    (void)seat;
    return news->actor == m ? 1 : 0;
}

static void eared_tell(struct words *w, const struct view *v, const struct event *e, unsigned ear)
{
    (void)v;
    if (e->type == EV_HAND)
        return; /* no word for it */
    jw_field_u64(words_begin_event(w, ear ? "I" : "THEY", e), "ear", ear);
    words_end(w);
    if (e->type == EV_CHAT) {
        words_begin(w, "SAID");
        words_end(w);
    }
}

static const struct dialect eared = {
    .name = "eared", .number = 2, .ear = own_ear, .tell = eared_tell, .refuse = rig_refuse
};

struct counting_line {
    struct line line;
    unsigned encoded;
    bool is_slow;
    bool is_full; /* no memory for frames */
};

static struct counting_line *counting(const struct line *line)
{
    return (struct counting_line *)(uintptr_t)CONTAINER_OF(line, const struct counting_line, line);
}

static struct frame *count_encode(
    const struct line *line, struct slice name, struct slice json, bool is_lasting)
{
    if (counting(line)->is_full)
        return NULL;
    counting(line)->encoded++;
    return rig_encode(line, name, json, is_lasting);
}

static bool count_is_slow(const struct session *s)
{
    return counting(s->line)->is_slow;
}

static struct counting_line line_number(unsigned number)
{
    return (struct counting_line){ .line = { .name = "counting",
                                       .number = number,
                                       .encode = count_encode,
                                       .unref = rig_unref,
                                       .send = rig_send,
                                       .is_slow = count_is_slow } };
}

/* Another language than the rig's, on a line of its own. */
static void sit_as(struct hub_room *room, struct rig_client *c, const char *name,
    const struct dialect *dialect, struct counting_line *line)
{
    struct outcome ignored;
    struct identity who = { .user_id = slice_str(name), .name = slice_str(name) };
    struct command join = { .verb = VERB_JOIN,
        .join = { .name = slice_str(name), .avatar_url = S("") } };
    *c = (struct rig_client){ 0 };
    struct session_options o = { .hub = room->hub,
        .line = line ? &line->line : &rig_line,
        .dialect = dialect,
        .carrier = c,
        .identity = &who };
    if (session_new(&c->session, &o) || hub_do(&ignored, room, c->session, dialect, &join))
        abort();
}

/* ---- tests ---- */

static void is_encoded_once_for_each_kind(void)
{
    struct rig r;
    static struct rig_client a, many[6];
    struct counting_line one = line_number(1), two = line_number(2);
    rig_init(&r);
    struct hub_room *room = rig_create(&r, "r", "alice");
    sit_as(room, &a, "alice", &eared, &one);
    for (unsigned i = 0; i < 6; i++) {
        char name[8];
        snprintf(name, sizeof(name), "p%u", i);
        sit_as(room, &many[i], name, i < 4 ? &eared : &rig_dialect, i % 2 ? &two : &one);
    }
    rig_settle(&r);
    one.encoded = two.encoded = 0;
    rig_forget(&a);
    for (unsigned i = 0; i < 6; i++)
        rig_forget(&many[i]);
    is_int(rig_chat(room, &a, "hi"), 0, "alice says something");
    rig_settle(&r);
    is_str(a.heard, "I SAID ", "she hears it from her ear");
    is_str(many[0].heard, "THEY SAID ", "another from another");
    is_str(many[1].heard, "THEY SAID ", "also on another line");
    is_str(many[4].heard, "CHAT ", "and in another language");
    is_str(many[5].heard, "CHAT ", "there, too");
    is_int(one.encoded, 5, "two messages for each of two ears, and one: once on this line");
    is_int(two.encoded, 3, "and for one ear fewer on the other");
    struct command hand = { .verb = VERB_HAND, .hand = { .is_raised = true } };
    rig_forget(&many[0]);
    is_int(rig_do(room, &a, &hand), 0, "for some things a language has no word");
    rig_settle(&r);
    is_str(many[0].heard, "", "who speaks it hears nothing");
    is_str(many[4].heard, "CHAT HAND ", "who speaks another does");
    rig_end(&r, &a);
    for (unsigned i = 0; i < 6; i++)
        rig_end(&r, &many[i]);
    rig_fini(&r);
}

static void slow_ones_miss_what_does_not_last(void)
{
    struct rig r;
    static struct rig_client a, b;
    struct counting_line line = line_number(1);
    rig_init(&r);
    struct hub_room *room = rig_create(&r, "r", "alice");
    sit_as(room, &a, "alice", &rig_dialect, NULL);
    sit_as(room, &b, "bob", &rig_dialect, &line);
    rig_settle(&r);
    struct command cursor = { .verb = VERB_CURSOR, .cursor = { .data = S("{}") } };
    struct command media = { .verb = VERB_MEDIA, .media = { .audio = true } };
    is_int(rig_type(room, &a) || rig_do(room, &a, &cursor), 0, "she types and points");
    is_str(b.heard, "TYPING CURSOR ", "he hears it");
    rig_forget(&b);
    line.is_slow = true;
    is_int(rig_type(room, &a) || rig_do(room, &a, &cursor), 0, "the same while he reads slowly");
    is_str(b.heard, "", "he does not");
    is_int(hub_stats(r.hub)->dropped, 2, "which is counted");
    is_int(rig_do(room, &a, &media) || rig_chat(room, &a, "hi"), 0, "what lasts");
    rig_settle(&r);
    is_str(b.heard, "MEDIA CHAT ", "he hears all the same");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_fini(&r);
}

static void newcomers_hear_nothing_before_they_are_in(void)
{
    struct rig r;
    static struct rig_client a, b;
    rig_init(&r);
    struct hub_room *room = rig_create(&r, "r", "alice");
    sit_as(room, &a, "alice", &rig_dialect, NULL);
    rig_settle(&r);
    r.held.is_holding = true;
    sit_as(room, &b, "bob", &rig_dialect, NULL);
    struct command on = { .verb = VERB_MEDIA, .media = { .audio = true } };
    is_int(rig_do(room, &a, &on), 0, "her microphone is on while he comes");
    is_int(rig_type(room, &a), 0, "she types");
    rig_settle(&r);
    is_str(b.heard, "", "he is not in yet");
    held_store_release_all(&r.held);
    is_str(b.heard, "MEDIA TYPING ", "then he hears all of it, in order");
    rig_settle(&r);
    rig_end(&r, &a);
    rig_end(&r, &b);
    held_store_release_all(&r.held);
    rig_fini(&r);
}

static void connections_are_introduced_first(void)
{
    struct rig r;
    static struct rig_client a, b, c;
    rig_init(&r);
    struct hub_room *room = rig_create(&r, "r", "alice");
    sit_as(room, &a, "alice", &rig_dialect, NULL);
    sit_as(room, &b, "bob", &rig_dialect, NULL);
    rig_settle(&r);
    rig_forget(&a);
    r.held.is_holding = true;
    is_int(rig_chat(room, &a, "hi"), 0, "something is to be stored");
    sit_as(room, &c, "bob", &rig_dialect, NULL);
    struct command on = { .verb = VERB_MEDIA, .media = { .audio = true } };
    struct command off = { .verb = VERB_MEDIA, .media = { .audio = false } };
    is_int(rig_do(room, &c, &on), 0, "a second connection of his has a microphone");
    is_int(rig_type(room, &c), 0, "and types");
    is_str(a.heard, "", "she has not heard of it yet");
    rig_settle(&r);
    held_store_release(&r.held, 0);
    held_store_release(&r.held, 0);
    is_int(rig_do(room, &c, &off), 0, "it is off again");
    is_str(a.heard, "CHAT RETURNED MEDIA TYPING MEDIA ", "she is told in order");
    held_store_release_all(&r.held);
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_end(&r, &c);
    held_store_release_all(&r.held);
    rig_fini(&r);
}

struct drawing {
    struct hub_promise promise;
    struct hub_room *room;
    struct rig_client *by;
};

static void draw_now(struct hub_promise *p, int err)
{
    struct drawing *d = CONTAINER_OF(p, struct drawing, promise);
    struct command draw = { .verb = VERB_DRAW, .draw = { .ops = S("[{\"type\":\"t\"}]") } };
    is_int(err, 0, "it is stored");
    is_int(rig_do(d->room, d->by, &draw), 0, "then something follows");
}

static void who_waits_is_not_overtaken(void)
{
    struct rig r;
    static struct rig_client a, b;
    rig_init(&r);
    struct hub_room *room = rig_create(&r, "r", "alice");
    sit_as(room, &a, "alice", &rig_dialect, NULL);
    sit_as(room, &b, "bob", &rig_dialect, NULL);
    rig_settle(&r);
    struct drawing d = { .promise = { .fn = draw_now }, .room = room, .by = &a };
    r.held.is_holding = true;
    struct command goal = { .verb = VERB_GOAL, .goal = { .text = S("x") } };
    is_int(rig_chat(room, &a, "hi"), 0, "something is to be stored");
    hub_when_stored(room, &d.promise);
    is_int(rig_do(room, &a, &goal), 0, "and something waits behind it");
    rig_settle(&r);
    held_store_release(&r.held, 0);
    is_str(b.heard, "CHAT GOAL DREW ", "what comes of it comes last");
    held_store_release_all(&r.held);
    rig_end(&r, &a);
    rig_end(&r, &b);
    held_store_release_all(&r.held);
    rig_fini(&r);
}

static void those_who_have_gone_are_passed_over(void)
{
    struct rig r;
    static struct rig_client a, b;
    rig_init(&r);
    struct hub_room *room = rig_create(&r, "r", "alice");
    sit_as(room, &a, "alice", &rig_dialect, NULL);
    sit_as(room, &b, "bob", &rig_dialect, NULL);
    rig_settle(&r);
    r.held.is_holding = true;
    is_int(rig_chat(room, &a, "hi"), 0, "something is to be stored");
    rig_settle(&r);
    rig_forget(&a);
    rig_end(&r, &b);
    held_store_release(&r.held, 0);
    is_str(b.heard, "", "he has gone before he could be told");
    ok(strstr(a.heard, "CHAT ") == a.heard, "she has not");
    held_store_release_all(&r.held);
    rig_end(&r, &a);
    held_store_release_all(&r.held);
    rig_fini(&r);
}

static void without_frames_nobody_is_told(void)
{
    struct rig r;
    static struct rig_client a, b;
    struct counting_line line = line_number(1);
    rig_init(&r);
    struct hub_room *room = rig_create(&r, "r", "alice");
    sit_as(room, &a, "alice", &rig_dialect, NULL);
    sit_as(room, &b, "bob", &rig_dialect, &line);
    rig_settle(&r);
    line.is_full = true;
    is_int(rig_chat(room, &a, "hi"), 0, "she says something");
    rig_settle(&r);
    line.is_full = false;
    is_str(b.heard, "", "a line without memory has no frame of it");
    is_int(rig_chat(room, &a, "hi"), 0, "she says it again");
    rig_settle(&r);
    is_str(b.heard, "CHAT ", "that gets through");
    rig_end(&r, &a);
    rig_end(&r, &b);
    rig_fini(&r);
}

/* ---- memory ends ---- */

struct scene {
    struct rig rig;
    struct hub_room *room;
    struct rig_client a, b, c;
};

static void scene_init(struct scene *s)
{
    rig_init(&s->rig);
    s->room = rig_create(&s->rig, "r", "alice");
    sit_as(s->room, &s->a, "alice", &rig_dialect, NULL);
    sit_as(s->room, &s->b, "bob", &rig_dialect, NULL);
    rig_connect(&s->rig, &s->c, "carol");
    rig_settle(&s->rig);
    rig_forget(&s->a);
    rig_forget(&s->b);
}

/* Whatever has happened, the room works: for whoever sits there, and for others to come. */
static bool scene_is_whole(struct scene *s)
{
    struct rig *r = &s->rig;
    rig_pass(r, 1500); /* a room that could not be loaded is tried again */
    s->room = rig_open(r, "r");
    if (!s->room || s->b.session->n_rooms != 1)
        return false;
    int err = s->a.session->n_rooms == 0 ? rig_join(s->room, &s->a) : 0;
    rig_settle(r);
    rig_forget(&s->b);
    err = err ? err : rig_chat(s->room, &s->a, "after");
    rig_settle(r);
    return !err && strcmp(s->b.heard, "CHAT ") == 0;
}

static void scene_fini(struct scene *s)
{
    rig_end(&s->rig, &s->a);
    rig_end(&s->rig, &s->b);
    rig_end(&s->rig, &s->c);
    rig_fini(&s->rig);
}

/* With the 1st, 2nd, 3rd ... allocation failing: the scene stays whole, and what was refused was
 * not told as `name`. */
static void each_fault(const char *what, int (*act)(struct scene *s), const char *name)
{
    static struct scene s;
    unsigned n = 0, wrong = 0, told = 0;
    bool is_over = false;
    while (!is_over && n < 500) {
        s = (struct scene){ 0 };
        scene_init(&s);
        fault_alloc_at(++n);
        int err = act(&s);
        rig_settle(&s.rig);
        is_over = !fault_hit();
        fault_off();
        bool is_told = strstr(s.b.heard, name) != NULL;
        told += is_told;
        wrong += (err && is_told) || (is_over && (err || !is_told)) || !scene_is_whole(&s);
        scene_fini(&s);
    }
    ok(n > 1 && is_over, "%s: tried with %u faults", what, n - 1);
    ok(told > 0, "%s: told when there was none", what);
    is_int(wrong, 0, "%s: else refused or left out, and all goes on", what);
}

static int act_chat(struct scene *s)
{
    return rig_chat(s->room, &s->a, "hi");
}

static int act_join(struct scene *s)
{
    return rig_join(s->room, &s->c);
}

static int act_type(struct scene *s)
{
    return rig_type(s->room, &s->a);
}

static int act_lose(struct scene *s)
{
    session_lose(s->a.session);
    rig_settle(&s->rig);
    session_regain(s->a.session);
    return 0;
}

static int act_fail(struct scene *s)
{
    int err = rig_chat(s->room, &s->a, "hi");
    if (!err)
        hub_room_fail(s->room, ERR_STORAGE_UNAVAILABLE);
    rig_settle(&s->rig);
    s->room = rig_open(&s->rig, "r");
    return err || !s->room ? ERR_STORAGE_UNAVAILABLE : rig_chat(s->room, &s->a, "again");
}

/* An answer, which is given or refused whatever happens. */
static void answers_come_in_any_case(void)
{
    static struct scene s;
    unsigned n = 0, wrong = 0;
    bool is_over = false;
    while (!is_over && n < 200) {
        struct words words;
        struct buf json;
        s = (struct scene){ 0 };
        scene_init(&s);
        buf_init(&json, 1024);
        words_init(&words, &json, false);
        words_begin(&words, "SAID");
        words_end(&words);
        struct hub_answer answer = { .words = &words,
            .ack = S("{\"whole\":true}"),
            .ack_id = 7,
            .dialect = &rig_dialect,
            .request = "x" };
        s.rig.held.is_holding = true;
        int err = rig_chat(s.room, &s.a, "hi");
        fault_alloc_at(++n);
        hub_answer(s.room, s.b.session, &answer);
        is_over = !fault_hit();
        fault_off();
        rig_settle(&s.rig);
        wrong += err || strcmp(s.b.heard, "") != 0;
        s.rig.held.is_holding = false;
        held_store_release_all(&s.rig.held);
        bool is_good = strstr(s.b.heard, "{\"whole\":true} ") != NULL;
        bool is_refused = strstr(s.b.heard, "REFUSED ") != NULL;
        wrong += is_good == is_refused || (is_over && !is_good);
        buf_fini(&json);
        scene_fini(&s);
    }
    ok(n > 1 && is_over, "answering was tried with %u faults", n - 1);
    is_int(wrong, 0, "it is whole, or refused");
}

int main(void)
{
    log_set_level(LOG_OFF);
    is_encoded_once_for_each_kind();
    slow_ones_miss_what_does_not_last();
    newcomers_hear_nothing_before_they_are_in();
    connections_are_introduced_first();
    who_waits_is_not_overtaken();
    those_who_have_gone_are_passed_over();
    without_frames_nobody_is_told();
    each_fault("a message", act_chat, "CHAT ");
    each_fault("somebody comes", act_join, "JOINED ");
    each_fault("typing", act_type, "TYPING ");
    each_fault("a lost connection", act_lose, "RETURNED ");
    each_fault("a room that failed", act_fail, "CHAT ");
    answers_come_in_any_case();
    return done();
}
