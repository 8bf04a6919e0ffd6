/* A verb and what follows: the room changes, the store is given what happened, those who may know
 * are told, those who have no place any more are let go. */
#include "base/log.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "hub/parts.h"
#include "store/record.h"

/* Records that the store has and has not answered for yet. */
struct append {
    struct link link; /* room->appends */
    struct hub_room *room;
    uint64_t last_seq;
    bool is_void; /* the room failed meanwhile */
};

/* ---- storing ---- */

static struct append *append_of(struct link *l)
{
    return CONTAINER_OF(l, struct append, link);
}

static void void_appends(struct hub_room *r)
{
    LIST_EACH(l, &r->appends)
        append_of(l)->is_void = true;
}

static void on_stored(void *arg, int err)
{
    struct append *a = arg;
    struct hub_room *r = a->room;
    bool is_void = a->is_void;
    uint64_t seq = a->last_seq;
    link_leave(&a->link);
    xfree(a);
    if (is_void)
        hub_room_wind(r);
    else if (err)
        hub_room_fail(r, err);
    else {
        r->stored_seq = seq;
        tell_release(r);
        snapshot_if_due(r);
        hub_room_wind(r);
    }
}

static uint32_t count_stored(const struct events *happened)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < happened->n; i++)
        n += happened->at[i].seq != 0;
    return n;
}

/* The records of all, one behind the other in the hub's buffer. */
static int write_records(
    struct stored_event *out, struct hub_room *r, const struct events *happened)
{
    struct buf *records = &r->hub->record;
    uint32_t n = 0;
    for (uint32_t i = 0; i < happened->n; i++) {
        const struct event *e = &happened->at[i];
        if (e->seq == 0)
            continue;
        size_t before = records->len;
        record_write(records, e);
        out[n++] = (struct stored_event){
            .seq = e->seq, .record = slice_of(NULL, records->len - before), .event = e
        };
    }
    int err = buf_err(records);
    const char *p = records->p;
    for (uint32_t i = 0; i < n && !err; i++) {
        out[i].record.p = p;
        p += out[i].record.len;
    }
    return err;
}

static void note(struct hub_room *r, const struct stored_event *events, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        tail_add(&r->tail, events[i].seq, events[i].record);
        if (event_info(events[i].event->type)->durability == DURABILITY_COMMIT)
            r->commit_seq = events[i].seq;
    }
}

static void append(struct hub_room *r, struct stored_event *events, uint32_t n)
{
    struct append *a = xalloc(sizeof *a);
    *a = (struct append){ .room = r, .last_seq = events[n - 1].seq };
    link_init(&a->link);
    list_push(&r->appends, &a->link);
    struct store_append what = {
        .room_id = slice_str(r->id),
        .epoch = slice_str(r->epoch),
        .events = events,
        .n = n,
        .is_new = events[0].seq == 1,
        .is_fleeting = r->is_fleeting,
    };
    r->hub->store->ops->append(r->hub->store, &what, on_stored, a);
}

static int store_events(struct hub_room *r, const struct events *happened)
{
    uint32_t n = count_stored(happened);
    if (n == 0)
        return 0;
    struct stored_event *events = arena_alloc(&r->hub->arena, n * sizeof *events);
    int err = events ? write_records(events, r, happened) : ERR_NO_MEMORY;
    if (!err) {
        note(r, events, n);
        append(r, events, n);
    }
    buf_reset(&r->hub->record);
    return err;
}

/* ---- what follows ---- */

/* Coming, going, roles: they stand together in event.def. */
static bool is_about_people(enum event_type type)
{
    return type >= EV_REQUESTED && type <= EV_READMITTED;
}

/* The room's own events come first in event.def. */
static bool may_change_due(const struct events *happened)
{
    for (uint32_t i = 0; i < happened->n; i++) {
        enum event_type type = happened->at[i].type;
        if (type <= EV_ENDED || type == EV_TIMER || is_about_people(type))
            return true;
    }
    return false;
}

static bool has_moved_people(const struct events *happened)
{
    for (uint32_t i = 0; i < happened->n; i++) {
        if (is_about_people(happened->at[i].type))
            return true;
    }
    return false;
}

static void find_members(struct hub_room *r)
{
    LIST_EACH(l, &r->attendances) {
        struct attendance *a = attendance_of_room(l);
        a->member = room_member(r->room, a->session->identity.user_id);
    }
}

static bool has_place(const struct attendance *a)
{
    if (!a->member)
        return false;
    if (room_seat(a->member, session_slice(a->session)))
        return true;
    bool is_awaited = a->session->is_lost || a->is_back;
    return is_awaited && a->member->is_present && a->member->status == MEMBER_APPROVED;
}

/* A lost connection that may still come back believes that it sits where it sat. Who was put out
 * has been told so. */
static void tell_place_is_gone(const struct attendance *a)
{
    const struct refusal why = { .err = ERR_NOT_IN_ROOM,
        .text = S("Your place in this room was given up while you were away: join again."),
        .room_id = slice_str(a->room->id) };
    bool was_put_out = a->member && a->member->status != MEMBER_APPROVED;
    if (a->session->is_lost && !a->session->is_ended && !was_put_out)
        session_refuse(a->session, a->dialect, &why, TONGUE_NO_ACK);
}

void hub_sweep(struct hub_room *r)
{
    find_members(r);
    LIST_EACH(l, &r->attendances) {
        struct attendance *a = attendance_of_room(l);
        if (has_place(a))
            continue;
        tell_place_is_gone(a);
        attendance_free(a);
    }
}

int hub_settle(struct hub_room *r, const struct events *happened)
{
    bool has_moved = has_moved_people(happened);
    int err = store_events(r, happened);
    if (err) {
        hub_room_fail(r, err);
        return err;
    }
    if (has_moved)
        find_members(r);
    if (may_change_due(happened))
        r->due_ms = room_next_due(r->room);
    tell_events(r, happened);
    if (has_moved)
        hub_sweep(r);
    hub_room_wind(r);
    return 0;
}

void hub_room_fail(struct hub_room *r, int err)
{
    log_warning(LOG_HUB, "a room goes back to what is stored", LOG_STR("room", r->id), LOG_ERR(err),
        LOG_NUM("stored", r->stored_seq));
    void_appends(r);
    r->phase = HUB_ROOM_BROKEN;
    r->err = err;
    r->is_deleted = false; /* its end was not stored */
    r->is_failing = true;
    tell_fail(r, err);
    r->is_failing = false;
    hub_room_load(r);
}

/* ---- deeds ---- */

static bool makes_something(enum verb verb)
{
    static const bool makes[VERB_COUNT] = {
        [VERB_CHAT] = true,
        [VERB_SAY] = true,
        [VERB_FILE] = true,
        [VERB_DRAW] = true,
        [VERB_BOARD_SAVE] = true,
        [VERB_SUBMIT] = true,
    };
    return makes[verb];
}

/* Going is not up to the store, nor is coming back to a place that one has: that is stored when it
 * can be. */
static bool is_free_to_move(const struct hub_room *r, const struct deed *d, enum verb verb)
{
    bool is_inside = room_role(r->room, d->user_id) >= ROLE_PARTICIPANT;
    return verb == VERB_LEAVE || (verb == VERB_JOIN && is_inside);
}

/* What would have to wait for a store that is away is refused before it changes anything. */
static int may_store(const struct hub_room *r, const struct deed *d, enum verb verb)
{
    static const enum durability most[] = {
        [STORE_UP] = DURABILITY_COMMIT,
        [STORE_DOWN] = DURABILITY_LAZY,
        [STORE_FULL] = DURABILITY_NONE,
    };
    enum durability durability = verb_info(verb)->durability;
    bool may = durability == DURABILITY_NONE || durability <= most[hub_store_state(r->hub)];
    return may || is_free_to_move(r, d, verb) ? 0 : ERR_STORAGE_UNAVAILABLE;
}

/* The client's, or a new one for what the deed makes, if it makes something. */
static void give_id(struct deed *d, char made[HUB_ID_BYTES + 1], const struct command *c)
{
    d->id = c->id;
    if (c->id.len > 0 || !makes_something(c->verb))
        return;
    hub_make_id(made);
    d->id = slice_of(made, HUB_ID_BYTES);
}

static int run(struct outcome *out, struct hub_room *r, struct deed *d, const struct command *c)
{
    struct hub *h = r->hub;
    struct events happened;
    char *id;
    int err = hub_room_catch_up(r);
    if (err)
        return err;
    arena_reset(&h->arena);
    events_init(&happened, &h->arena);
    id = arena_alloc(&h->arena, HUB_ID_BYTES + 1);
    if (!id)
        return ERR_NO_MEMORY;
    give_id(d, id, c);
    d->at_ms = loop_wall_ms(h->loop);
    *out = (struct outcome){ .id = d->id };
    h->stats.verbs++;
    err = may_store(r, d, c->verb);
    if (!err)
        err = command_run(&out->joined, &happened, r->room, d, c);
    if (err == ERR_NO_MEMORY)
        hub_room_fail(r, err);
    if (err) {
        h->stats.refused++;
        return err;
    }
    out->events = happened.at;
    out->n = happened.n;
    return hub_settle(r, &happened);
}

static int may_come(const struct hub *h, const struct session *s, const struct hub_room *r)
{
    if (h->settings->auth_mode == AUTH_REQUIRED && s->identity.is_guest)
        return ERR_UNAUTHORIZED;
    return session_all_rooms(s) >= SESSION_MAX_ROOMS && !session_attendance(s, r) ? ERR_TOO_MANY
                                                                                  : 0;
}

static void attend(struct hub_room *r, struct session *s, const struct dialect *dialect)
{
    struct attendance *a = session_attendance(s, r);
    if (!a)
        a = attendance_new(r, s, dialect);
    a->dialect = dialect;
    tell_newcomer(a);
    r->has_other_listeners = true;
    hub_room_wind(r);
}

int hub_do(struct outcome *out, struct hub_room *r, struct session *s,
    const struct dialect *dialect, const struct command *c)
{
    struct deed d = { .user_id = s->identity.user_id, .seat = session_slice(s) };
    int err = hub_room_err(r);
    if (!err && c->verb == VERB_JOIN)
        err = may_come(r->hub, s, r);
    if (!err)
        err = run(out, r, &d, c);
    if (!err && c->verb == VERB_JOIN)
        attend(r, s, dialect);
    return err;
}

int hub_do_as(
    struct outcome *out, struct hub_room *r, struct slice user_id, const struct command *c)
{
    struct deed d = { .user_id = user_id };
    int err = hub_room_err(r);
    return err ? err : run(out, r, &d, c);
}

int hub_leave_seat(struct hub_room *r, struct slice user_id, struct slice seat, enum loss whose)
{
    struct deed d = { .user_id = user_id, .seat = seat, .at_ms = loop_wall_ms(r->hub->loop) };
    struct events happened;
    int err = hub_room_catch_up(r);
    if (err)
        return err;
    arena_reset(&r->hub->arena);
    events_init(&happened, &r->hub->arena);
    err = room_lose(&happened, r->room, &d, whose);
    if (err == ERR_NO_MEMORY)
        hub_room_fail(r, err);
    return err ? err : hub_settle(r, &happened);
}

/* ---- answers ---- */

/* What the asker is told, or why not. */
struct late_answer {
    struct hub_promise promise;
    struct hub_wait wait; /* when it is refused: for the room as it is stored */
    struct hub_room *room;
    struct hub *hub;
    uint64_t handle;
    struct encoded *words; /* or NULL */
    const struct dialect *dialect;
    const char *request;
    uint64_t ack_id;
    struct buf ack;
};

static void refuse(const struct late_answer *a, struct session *s, int err)
{
    struct refusal why = { .err = err, .request = a->request };
    session_refuse(s, a->dialect, &why, a->ack_id);
}

static void give(const struct late_answer *a, struct session *s, int err)
{
    if (!err)
        err = buf_err(&a->ack);
    if (err) {
        refuse(a, s, err);
        return;
    }
    if (a->words)
        encoded_send(a->hub, a->words, s);
    session_answer(s, a->ack_id, buf_slice(&a->ack));
}

static void late_answer_fini(struct late_answer *a)
{
    encoded_unref(a->words);
    buf_fini(&a->ack);
}

static void settle(struct late_answer *a)
{
    struct session *s = session_by_handle(a->hub, a->handle);
    if (s)
        session_is_paid(s);
    late_answer_fini(a);
    xfree(a);
}

static void on_loaded(struct hub_wait *w)
{
    settle(CONTAINER_OF(w, struct late_answer, wait));
}

/* Who is refused because the room goes back to what is stored is owed something until it is: it may
 * be taken back to where it has left. */
static void on_answer(struct hub_promise *p, int err)
{
    struct late_answer *a = CONTAINER_OF(p, struct late_answer, promise);
    struct session *s = session_by_handle(a->hub, a->handle);
    if (s)
        give(a, s, err);
    if (s && a->room->is_failing)
        list_push(&a->room->waits, &a->wait.link);
    else
        settle(a);
}

static void answer_later(struct hub_room *r, struct session *s, const struct late_answer *what)
{
    struct late_answer *a = xalloc(sizeof *a);
    *a = *what;
    link_init(&a->wait.link);
    s->n_owed++;
    hub_when_stored(r, &a->promise);
}

void hub_answer(struct hub_room *r, struct session *s, const struct hub_answer *answer)
{
    struct late_answer a = {
        .promise = { .fn = on_answer },
        .wait = { .fn = on_loaded },
        .room = r,
        .hub = r->hub,
        .handle = s->handle,
        .words = encoded_new(s->line, answer->words, true),
        .dialect = answer->dialect,
        .request = answer->request,
        .ack_id = answer->ack_id,
    };
    buf_init(&a.ack, WORDS_MAX_BYTES);
    if (answer->ack_id != TONGUE_NO_ACK)
        buf_add_slice(&a.ack, answer->ack);
    if (tell_must_wait(r) && !(answer->is_light && tell_may_answer(r, s))) {
        answer_later(r, s, &a);
        return;
    }
    give(&a, s, hub_room_err(r));
    late_answer_fini(&a);
}
