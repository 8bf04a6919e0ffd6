/* The room engine under a random driver: people of all kinds come, wait, leave, get lost, kick,
 * draw, report and end rooms; time passes, sometimes in leaps; memory ends in the middle of a verb;
 * the server restarts, and loads the room from its events or from a snapshot and what came behind.
 * After every step the room must be one that a room can be.
 *
 * A run is a row of rooms. Each has a seed of its own, from which everything in it follows: the
 * number of people, the settings, every step. A failure tells that seed:
 *
 *     SEED=123 build/debug/tests/sim/room_sim      plays that one room again
 *     SOAK=1 build/debug/tests/sim/room_sim        five million steps, of rooms never seen before
 *
 * The driver knows by itself which seats there are, who is banned and what was numbered last. The
 * rest it reads from the room, and holds against what verb.def, event.def and room.h promise. In
 * rooms of many people it looks at all of it only now and then. */
#include "fault.h"
#include "room/play.h"
#include "room/recalled.h"

#include <time.h>

#define STEPS          200000
#define SOAK_STEPS     5000000
#define ROOM_STEPS_MAX 6000
#define AFTER_END      40   /* steps in a room that has ended */
#define FOLD_EVERY     500  /* steps */
#define PEOPLE_MAX     2300 /* more than a room remembers */
#define CROWD          64   /* people; with more of them, all is looked at every CROWD steps */
#define IDS            12   /* of messages, ops: few, so that they meet */
#define SEATS_MAX      (PEOPLE_MAX * ROOM_MAX_SEATS)

struct sim_seat {
    uint32_t number; /* "s7" */
    int user;
};

struct sim {
    struct play play;
    struct tape kept;  /* a snapshot; empty: there is none */
    uint32_t n_before; /* events of the tape that are in it */
    uint64_t seed;     /* of the room */
    uint64_t random;
    int people;
    uint32_t steps;
    uint32_t ended_at_step; /* 0: it has not */
    struct sim_seat *seats; /* those that are taken */
    int n_seats;
    uint32_t next_seat;
    bool banned[PEOPLE_MAX];
    uint64_t seq;      /* the last that was seen */
    uint32_t counted;  /* of the people, towards the maximum, before the step */
    enum verb verb;    /* of the step; VERB_COUNT: none */
    bool is_limit_off; /* the step may raise what is counted without anybody coming */
    char who[48];
    char target[24];
    char id[8];
    char ops[160];
    char last[256]; /* the step in words */
    const char *wrong;
    char why[160]; /* of a difference */
};

static void blame(struct sim *s, const char *what)
{
    if (s->wrong == NULL)
        s->wrong = what;
}

static void demand(struct sim *s, bool holds, const char *what)
{
    if (!holds)
        blame(s, what);
}

/* ---- chance ---- */

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

static uint32_t draw(struct sim *s, uint32_t below)
{
    s->random = mix(s->random);
    return (uint32_t)((s->random >> 32) % below);
}

static bool one_in(struct sim *s, uint32_t n)
{
    return draw(s, n) == 0;
}

/* ---- who ---- */

static int user_number(struct slice user_id)
{
    uint64_t n = 0;
    if (user_id.len < 2 || slice_u64(&n, slice_drop(user_id, 1)) != 0 || n >= PEOPLE_MAX)
        return -1;
    return (int)n;
}

static void forget_seat(struct sim *s, int i)
{
    s->seats[i] = s->seats[--s->n_seats];
}

static void forget_seats_of(struct sim *s, int user)
{
    for (int i = s->n_seats - 1; i >= 0; i--) {
        if (s->seats[i].user == user)
            forget_seat(s, i);
    }
}

static void take_seat(struct sim *s, int user, uint32_t number)
{
    for (int i = 0; i < s->n_seats; i++) {
        if (s->seats[i].number == number)
            return;
    }
    s->seats[s->n_seats++] = (struct sim_seat){ .number = number, .user = user };
}

/* Mostly somebody who sits somewhere; else anybody, with any seat or none; rarely the room. */
static struct sim_seat pick_actor(struct sim *s)
{
    struct sim_seat any = { .number = draw(s, s->next_seat + 1), .user = -1 };
    if (one_in(s, 40))
        return any;
    if (s->n_seats > 0 && !one_in(s, 8))
        return s->seats[draw(s, (uint32_t)s->n_seats)];
    any.user = (int)draw(s, (uint32_t)s->people);
    return any;
}

static void write_who(struct sim *s, struct sim_seat actor, bool with_seat)
{
    if (actor.user < 0)
        s->who[0] = '\0';
    else if (with_seat)
        snprintf(s->who, sizeof(s->who), "u%d@s%u", actor.user, actor.number);
    else
        snprintf(s->who, sizeof(s->who), "u%d", actor.user);
}

/* Of verbs on people somebody, of signals a seat. */
static void write_target(struct sim *s, enum verb verb)
{
    int user = (int)draw(s, (uint32_t)s->people);
    bool is_near = s->n_seats > 0 && !one_in(s, 4);
    struct sim_seat near = is_near ? s->seats[draw(s, (uint32_t)s->n_seats)]
                                   : (struct sim_seat){ .number = 0, .user = user };
    bool is_public = (verb == VERB_CHAT || verb == VERB_SAY) && !one_in(s, 4);
    if (verb == VERB_SIGNAL)
        snprintf(s->target, sizeof(s->target), "s%u", near.number);
    else if (is_public)
        s->target[0] = '\0';
    else
        snprintf(s->target, sizeof(s->target), "u%d", near.user);
}

/* ---- with what ---- */

static struct slice pick_text(struct sim *s)
{
    static const struct slice texts[] = { SLICE("hello"), SLICE("h\xc3\xa9llo \xf0\x9f\x98\x80"),
        SLICE("a\nb"), SLICE(""), SLICE("\xff"), SLICE("int main(void) { return 0; }"),
        SLICE("x") };
    return texts[draw(s, sizeof(texts) / sizeof(texts[0]))];
}

static uint32_t pick_length(struct sim *s)
{
    static const uint32_t lengths[] = { 600, 5000, 60000, 1500000, 0, 599 };
    bool is_good = !one_in(s, 12);
    return lengths[draw(s, is_good ? 4 : 6)];
}

static struct room_settings pick_settings(struct sim *s, enum room_mode mode)
{
    static const uint32_t limits[] = { 0, 1, 2, 4, 30, 2001 };
    struct room_settings set = room_default_settings(mode);
    set.approval = one_in(s, 3);
    set.is_locked = one_in(s, 10);
    set.timer_by_hosts = one_in(s, 2);
    set.max_participants = limits[draw(s, one_in(s, 20) ? 6 : 5)];
    set.duration_ms = one_in(s, 4) ? 600 + draw(s, 3600000) : 0;
    set.focus_ms = pick_length(s);
    set.break_ms = pick_length(s);
    set.long_break_ms = pick_length(s);
    set.rounds = 1 + draw(s, 4);
    set.auto_focus = one_in(s, 2);
    set.warn_at = draw(s, 4);
    set.auto_submit_at = draw(s, 5);
    set.question = one_in(s, 2) ? pick_text(s) : S("");
    return set;
}

static struct slice pick_ops(struct sim *s)
{
    size_t len = 0;
    uint32_t n = 1 + draw(s, 3);
    len += (size_t)snprintf(s->ops, sizeof(s->ops), "[");
    for (uint32_t i = 0; i < n; i++) {
        len += (size_t)snprintf(s->ops + len, sizeof(s->ops) - len, "%s{", i > 0 ? "," : "");
        if (!one_in(s, 4))
            len += (size_t)snprintf(
                s->ops + len, sizeof(s->ops) - len, "\"id\":\"i%u\",", draw(s, IDS));
        len += (size_t)snprintf(
            s->ops + len, sizeof(s->ops) - len, "\"type\":\"t\",\"x\":%u}", draw(s, 1000));
    }
    snprintf(s->ops + len, sizeof(s->ops) - len, one_in(s, 20) ? "," : "]");
    return slice_str(s->ops);
}

static void pick_args(struct sim *s)
{
    struct play_args *a = &s->play.args;
    enum room_mode mode = s->play.room->settings.mode;
    snprintf(s->id, sizeof(s->id), "i%u", draw(s, IDS));
    a->id = slice_str(s->id);
    a->text = pick_text(s);
    a->name = one_in(s, 3) ? pick_text(s) : S("Name");
    a->is_guest = !one_in(s, 4);
    a->yes = !one_in(s, 3);
    a->role = (enum role)(one_in(s, 20) ? draw(s, ROLE_COUNT) : 2 + draw(s, 3));
    a->report = (enum report_kind)draw(s, REPORT_TAB_FOCUS + 1);
    a->kind = (enum message_kind)draw(s, 2);
    a->ops = pick_ops(s);
    a->timer.act = (enum timer_act)draw(s, TIMER_ACT_SKIP + 1);
    a->timer.phase = (enum timer_phase)draw(s, TIMER_LONG_BREAK + 1);
    a->timer.length_ms = one_in(s, 2) ? pick_length(s) : 0;
    if (one_in(s, 8))
        mode = (enum room_mode)draw(s, MODE_INTERVIEW + 1);
    a->update.settings = pick_settings(s, mode);
    a->update.title = one_in(s, 2) ? pick_text(s) : slice_of(NULL, 0);
}

/* ---- steps ---- */

/* The seats, as what was done changes them. */
static void follow(struct sim *s, enum verb verb, struct sim_seat actor, bool with_seat)
{
    int target = user_number(slice_str(s->target));
    if (verb == VERB_JOIN)
        take_seat(s, actor.user, actor.number);
    if (verb == VERB_LEAVE && !with_seat)
        forget_seats_of(s, actor.user);
    if (verb == VERB_KICK || (verb == VERB_APPROVE && !s->play.args.yes))
        forget_seats_of(s, target);
    if (verb != VERB_LEAVE || !with_seat)
        return;
    for (int i = s->n_seats - 1; i >= 0; i--) {
        if (s->seats[i].number == actor.number)
            forget_seat(s, i);
    }
}

/* Takes a snapshot. */
static void keep(struct sim *s)
{
    struct arena arena;
    struct events all;
    arena_init(&arena, RECALLED_BYTES);
    events_init(&all, &arena);
    demand(s, room_recall(&all, s->play.room) == 0, "the room cannot be recalled");
    tape_clear(&s->kept);
    for (uint32_t i = 0; i < all.n; i++)
        tape_add(&s->kept, &all.at[i]);
    s->n_before = s->play.tape.n;
    arena_fini(&arena);
}

/* From the snapshot if there is one, and from what came behind it. */
static int fold_kept(struct room *r, const struct sim *s)
{
    int err = tape_fold(r, &s->kept);
    for (uint32_t i = s->n_before; i < s->play.tape.n && !err; i++)
        err = room_fold(r, &s->play.tape.at[i]);
    return err;
}

/* The room as the store would give it back. What was told only is gone. */
static void reload(struct sim *s)
{
    struct room *r = room_new(S("room"), tape_key());
    r->grace_ms = s->play.room->grace_ms;
    demand(s, fold_kept(r, s) == 0, "the log cannot be folded");
    room_free(s->play.room);
    s->play.room = r;
    play_forget(&s->play);
}

/* A new connection, or one that there is; `join` of a stranger's seat must fail. */
static struct sim_seat pick_joiner(struct sim *s)
{
    struct sim_seat joiner = { .number = s->next_seat, .user = (int)draw(s, (uint32_t)s->people) };
    if (one_in(s, 10))
        return pick_actor(s);
    s->next_seat++;
    return joiner;
}

static enum verb pick_verb(struct sim *s)
{
    static const enum verb often[] = { VERB_JOIN, VERB_JOIN, VERB_JOIN, VERB_LEAVE, VERB_APPROVE,
        VERB_APPROVE, VERB_CODE, VERB_REPORT, VERB_DRAW, VERB_CHAT };
    if (one_in(s, 2))
        return often[draw(s, sizeof(often) / sizeof(often[0]))];
    enum verb verb = (enum verb)draw(s, VERB_COUNT);
    bool is_rare = verb == VERB_END || verb == VERB_KICK || verb == VERB_UPDATE;
    bool is_too_rare = verb == VERB_END && !one_in(s, 20);
    return is_rare && (is_too_rare || !one_in(s, 4)) ? VERB_JOIN : verb;
}

static void step_verb(struct sim *s)
{
    s->verb = pick_verb(s);
    bool with_seat = s->verb == VERB_JOIN || !one_in(s, 12);
    struct sim_seat actor = s->verb == VERB_JOIN ? pick_joiner(s) : pick_actor(s);
    if (s->n_seats + 1 >= SEATS_MAX)
        return;
    pick_args(s);
    write_who(s, actor, with_seat);
    write_target(s, s->verb);
    s->is_limit_off = s->verb == VERB_UPDATE || s->verb == VERB_ROLE;
    if (one_in(s, 400))
        fault_alloc_at(1 + draw(s, 12));
    int err = play(&s->play, s->verb, s->who, s->target);
    fault_off();
    snprintf(s->last, sizeof(s->last), "%s by '%s' on '%s': %s", verb_info(s->verb)->name, s->who,
        s->target, err ? err_name(err) : "fine");
    if (err == ERR_NO_MEMORY)
        reload(s);
    else if (!err)
        follow(s, s->verb, actor, with_seat);
}

static void step_lose(struct sim *s)
{
    if (s->n_seats == 0)
        return;
    int i = (int)draw(s, (uint32_t)s->n_seats);
    write_who(s, s->seats[i], true);
    snprintf(s->last, sizeof(s->last), "lose '%s'", s->who);
    demand(s, play_lose(&s->play, s->who) == 0, "a seat cannot be lost");
    forget_seat(s, i);
}

/* All connections are gone, and what was not stored. */
static void step_restart(struct sim *s)
{
    reload(s);
    while (s->n_seats > 0 && s->wrong == NULL) {
        write_who(s, s->seats[s->n_seats - 1], true);
        demand(s, play_lose_by(&s->play, s->who, LOSS_OURS) == 0, "a seat is not in the log");
        s->n_seats--;
        s->seq = s->play.room->seq;
    }
    play_forget(&s->play);
    snprintf(s->last, sizeof(s->last), "restart");
}

static int64_t pick_wait(struct sim *s)
{
    if (one_in(s, 200))
        return draw(s, 7200000);
    return one_in(s, 20) ? draw(s, 150000) : draw(s, 200);
}

static void step_tick(struct sim *s)
{
    demand(s, play_wait(&s->play, pick_wait(s)) == 0, "time brings an error");
    demand(s, room_next_due(s->play.room) > s->play.now_ms, "something is due after the tick");
    snprintf(s->last, sizeof(s->last), "tick");
}

static void step(struct sim *s)
{
    uint32_t what = draw(s, 1000);
    s->verb = VERB_COUNT;
    s->is_limit_off = false;
    play_forget(&s->play);
    if (what == 0)
        step_restart(s);
    else if (what == 1)
        keep(s);
    else if (what < 250)
        step_tick(s);
    else if (what < 330)
        step_lose(s);
    else
        step_verb(s);
}

/* ---- what must hold: of what happened ---- */

static void check_number(struct sim *s, const struct event *e)
{
    bool stored = event_info(e->type)->durability != DURABILITY_NONE;
    demand(s, stored == (e->seq != 0), "a number that should not be, or none that should");
    if (stored)
        demand(s, e->seq == ++s->seq, "a gap in the numbers");
}

static void follow_bans(struct sim *s, const struct event *e)
{
    int user = user_number(e->target);
    if (e->type == EV_KICKED)
        s->banned[user] = true;
    if (e->type == EV_READMITTED)
        s->banned[user] = false;
}

static bool is_about(const struct event *e, const struct member *m)
{
    return slice_eq(e->target, slice_str(m->user_id));
}

/* Whether somebody who is not inside may be told. */
static bool may_outsider_hear(const struct sim *s, const struct event *e, const struct member *m)
{
    if (s->banned[user_number(slice_str(m->user_id))])
        return e->type == EV_KICKED && is_about(e, m);
    if (e->type == EV_ENDED)
        return room_role(s->play.room, slice_str(m->user_id)) == ROLE_WAITING;
    return (e->type == EV_APPROVED || e->type == EV_REJECTED) && is_about(e, m);
}

static void check_told(struct sim *s, const struct event *e, const struct member *m)
{
    enum role role = room_role(s->play.room, slice_str(m->user_id));
    const struct room_news news = room_news(s->play.room, e);
    bool is_told = room_is_told(&news, m);
    bool is_actor = slice_eq(e->actor, slice_str(m->user_id));
    if (role < ROLE_PARTICIPANT) {
        demand(s, !is_told || may_outsider_hear(s, e, m), "an outsider is told");
        return;
    }
    if (e->audience == AUDIENCE_ALL && e->seq >= m->joined_seq)
        demand(s, is_told, "somebody is not told what all are told");
    if (e->audience == AUDIENCE_HOSTS)
        demand(s, !is_told || role >= ROLE_COHOST, "a participant is told what hosts are told");
    if (e->audience == AUDIENCE_TARGET)
        demand(s, !is_told || is_about(e, m), "a third person is told");
    if (e->audience == AUDIENCE_PAIR)
        demand(s, !is_told || is_about(e, m) || is_actor, "a third person is told of a pair");
    demand(s, !is_told || e->audience != AUDIENCE_NOBODY, "somebody is told what nobody is");
    LIST_EACH(l, &m->seats) {
        const struct seat *seat = CONTAINER_OF(l, struct seat, link);
        bool hears = room_seat_is_told(&news, m, seat->id);
        demand(s, !hears || is_told, "a seat is told, but not the member");
        if (e->type == EV_SIGNAL)
            demand(s, hears == slice_eq(slice_str(seat->id), e->signal.to_seat), "a stray signal");
    }
}

static void check_happened(struct sim *s)
{
    const struct room *r = s->play.room;
    bool look_at_all = r->n_members <= CROWD || s->steps % CROWD == 0;
    for (uint32_t i = 0; i < s->play.happened.n; i++) {
        const struct event *e = &s->play.happened.at[i];
        check_number(s, e);
        follow_bans(s, e);
    }
    demand(s, s->seq == r->seq, "the room's number is not the last event's");
    for (uint32_t i = 0; i < s->play.happened.n && look_at_all; i++) {
        LIST_EACH(l, &r->members)
            check_told(s, &s->play.happened.at[i], CONTAINER_OF(l, struct member, link));
    }
}

/* ---- what must hold: of the room ---- */

struct census {
    uint32_t members, seats, hosts, inside, counted;
};

static void check_owner(struct sim *s, const struct member *m, bool is_inside)
{
    const struct room *r = s->play.room;
    if (strcmp(m->user_id, r->owner_id) != 0)
        return;
    demand(s, m->status == MEMBER_APPROVED, "the owner waits, or was put out");
    demand(s, !is_inside || m->role == ROLE_HOST, "the owner is not host");
}

static void check_seats(struct sim *s, const struct member *m, uint32_t n)
{
    demand(s, n <= ROOM_MAX_SEATS, "too many seats");
    demand(s, n == 0 || m->status <= MEMBER_APPROVED, "a seat of one who was put out");
    demand(s, n == 0 || m->is_present || m->status == MEMBER_PENDING, "a seat of one who is away");
    demand(s, m->lost_at_ms == 0 || (n == 0 && m->is_present), "lost, and yet not");
}

static void count_member(struct sim *s, struct census *c, const struct member *m)
{
    const struct room *r = s->play.room;
    bool is_inside = room_role(r, slice_str(m->user_id)) >= ROLE_PARTICIPANT;
    bool is_owner = strcmp(m->user_id, r->owner_id) == 0;
    bool is_staff = r->settings.mode == MODE_INTERVIEW && m->role >= ROLE_COHOST;
    uint32_t n = 0;
    LIST_EACH(l, &m->seats)
        n++;
    c->members++;
    c->seats += n;
    c->inside += is_inside;
    c->hosts += is_inside && m->role == ROLE_HOST;
    c->counted += is_inside && !is_owner && !is_staff;
    check_seats(s, m, n);
    check_owner(s, m, is_inside);
    demand(s, room_member(r, slice_str(m->user_id)) == m, "a member is not found");
    demand(s, is_inside == (m->is_present && m->status == MEMBER_APPROVED), "half inside");
    demand(s, s->banned[user_number(slice_str(m->user_id))] == (m->status == MEMBER_KICKED),
        "banned, and yet not");
}

static void check_people(struct sim *s)
{
    const struct room *r = s->play.room;
    struct census c = { .members = 0 };
    uint32_t max = r->settings.max_participants;
    LIST_EACH(l, &r->members)
        count_member(s, &c, CONTAINER_OF(l, struct member, link));
    demand(s, c.members == r->n_members && c.members == r->by_user.n, "members are miscounted");
    demand(s, c.members <= ROOM_MAX_MEMBERS + 1, "too many members");
    demand(s, c.seats == (uint32_t)s->n_seats, "seats are not what was taken and left");
    bool is_over = max > 0 && c.counted > max;
    demand(
        s, !is_over || s->is_limit_off || c.counted <= s->counted, "somebody got into a full room");
    s->counted = c.counted;
    if (r->owner_id[0] == '\0' && r->status != ROOM_ENDED)
        demand(s, c.inside == 0 || c.hosts > 0, "people without a host");
}

static uint32_t length_of(const struct link *head)
{
    uint32_t n = 0;
    LIST_EACH(l, head)
        n++;
    return n;
}

static void check_things(struct sim *s)
{
    const struct room *r = s->play.room;
    size_t bytes = 0;
    uint32_t before_mark = 0;
    LIST_EACH(l, &r->board.ops) {
        const struct op *op = CONTAINER_OF(l, struct op, link);
        bytes += op->json_len;
        before_mark += op->number < r->board.snapshot_number;
        demand(s, map_find(&r->board.by_id, slice_str(op->id)) == op, "an op is not found");
    }
    demand(s, length_of(&r->board.ops) == r->board.n, "ops are miscounted");
    demand(s, r->board.by_id.n == r->board.n, "ops are misfiled");
    demand(s, bytes == r->board.bytes, "the board's bytes are miscounted");
    demand(s, before_mark == r->board.n_in_snapshot, "the snapshot is miscounted");
    demand(s, length_of(&r->messages) == r->n_messages, "messages are miscounted");
    demand(s, length_of(&r->files) == r->n_files, "files are miscounted");
    demand(s, r->n_messages <= ROOM_KEEP_MESSAGES && r->n_files <= ROOM_KEEP_FILES, "too many");
}

/* Each seat that was taken is where it should be. */
static void check_seating(struct sim *s)
{
    char id[24];
    for (int i = 0; i < s->n_seats; i++) {
        snprintf(id, sizeof(id), "s%u", s->seats[i].number);
        const struct member *m = room_member_at(s->play.room, slice_str(id));
        demand(s, m != NULL && user_number(slice_str(m->user_id)) == s->seats[i].user,
            "somebody sits on another's seat");
    }
}

static void check_fold(struct sim *s)
{
    char *why = s->why;
    if (s->wrong != NULL)
        return;
    snprintf(why, sizeof(s->why), "folded again: ");
    if (!tape_gives(&s->play.tape, s->play.room, why + strlen(why)))
        blame(s, why);
    snprintf(why, sizeof(s->why), "recalled: ");
    if (s->wrong == NULL && !recalled_is_same(s->play.room, why + strlen(why)))
        blame(s, why);
}

static void check(struct sim *s)
{
    bool look_at_all = s->play.room->n_members <= CROWD || s->steps % CROWD == 0;
    check_happened(s);
    if (look_at_all || s->is_limit_off)
        check_people(s);
    if (s->steps % CROWD == 0)
        check_things(s);
    if (s->steps % FOLD_EVERY != 0)
        return;
    check_seating(s);
    check_fold(s);
}

/* ---- rooms ---- */

static void begin(struct sim *s)
{
    static const int people[] = { 2, 3, 5, 8, 16, 40, 64 };
    char owner[16] = "";
    *s = (struct sim){ .seed = s->seed, .random = s->seed };
    s->people = people[draw(s, 7)];
    if (one_in(s, 25))
        s->people = one_in(s, 3) ? PEOPLE_MAX : 500;
    s->seats = malloc(SEATS_MAX * sizeof(*s->seats));
    if (one_in(s, 2))
        snprintf(owner, sizeof(owner), "u%u", draw(s, (uint32_t)s->people));
    play_init_bare(&s->play);
    s->play.room->grace_ms = one_in(s, 4) ? 0 : draw(s, 200000);
    struct room_settings set;
    int err;
    do { /* until the settings are good */
        set = pick_settings(s, (enum room_mode)draw(s, 4));
        err = play_create(&s->play, slice_str(owner), &set);
    } while (err == ERR_BAD_FIELD);
    demand(s, err == 0, "the room cannot be made");
    s->seq = s->play.room->seq;
}

static bool is_over(struct sim *s, uint32_t max)
{
    if (s->ended_at_step == 0 && s->play.room->status == ROOM_ENDED)
        s->ended_at_step = s->steps;
    bool has_ended = s->ended_at_step > 0 && s->steps >= s->ended_at_step + AFTER_END;
    return s->wrong != NULL || has_ended || s->steps >= max;
}

/* Nearly as many as a room remembers have been here. */
static void fill(struct sim *s)
{
    for (int i = 0; i < ROOM_MAX_MEMBERS - 5; i++) {
        write_who(s, (struct sim_seat){ .number = s->next_seat++, .user = i }, true);
        s->play.args.is_guest = !one_in(s, 4);
        s->play.now_ms++;
        (void)play(&s->play, VERB_JOIN, s->who, "");
        (void)play(&s->play, VERB_LEAVE, s->who, "");
    }
    s->seq = s->play.room->seq;
}

/* Returns the steps that were made; 0: something is wrong. */
static uint32_t play_room(uint64_t seed)
{
    struct sim s = { .seed = seed };
    begin(&s);
    if (s.people == PEOPLE_MAX)
        fill(&s);
    uint32_t max = s.people > CROWD ? ROOM_STEPS_MAX : 100 + draw(&s, ROOM_STEPS_MAX);
    while (!is_over(&s, max)) {
        s.steps++;
        step(&s);
        check(&s);
    }
    check_fold(&s);
    if (s.wrong != NULL) {
        note("SEED=%ju, step %u, %d people: %s", (uintmax_t)seed, s.steps, s.people, s.wrong);
        note("the step: %s; what happened: %s", s.last, play_said(&s.play));
    }
    uint32_t steps = s.wrong == NULL ? s.steps : 0;
    play_free(&s.play);
    tape_clear(&s.kept);
    free(s.seats);
    return steps;
}

int main(void)
{
    const char *given = getenv("SEED");
    bool is_soak = getenv("SOAK") != NULL;
    uint64_t seed = is_soak ? mix((uint64_t)time(NULL)) : 1;
    uint64_t want = is_soak ? SOAK_STEPS : STEPS;
    uint64_t steps = 0, last = 1;
    unsigned rooms = 0;
    if (given != NULL) {
        ok(play_room(strtoull(given, NULL, 10)) > 0, "the room of SEED=%s", given);
        return done();
    }
    for (; steps < want && last > 0; rooms++) {
        last = play_room(mix(seed + rooms));
        steps += last;
    }
    ok(last > 0, "%ju steps in %u rooms, from %ju", (uintmax_t)steps, rooms, (uintmax_t)seed);
    return done();
}
