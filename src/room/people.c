/* Coming and going: who gets in, who waits, who has to leave, and who is host.
 *
 * In an owned room the owner is host whenever present, and nobody becomes host by chance: without
 * the owner the room waits. In a room without owner the first to come is host, and when the last
 * host leaves the one who has been present for the longest becomes host; hosts who were away at
 * that moment come back as participants. A host whose connection was lost is host for the grace. */
#include "room/parts.h"
#include "room/text.h"

#define FOREVER INT64_MAX

static struct member *member_of(struct link *l)
{
    return CONTAINER_OF(l, struct member, link);
}

static struct deed by_room(int64_t at_ms)
{
    return (struct deed){ .at_ms = at_ms };
}

/* An event about a person, who is the target. */
static int tell_about(struct events *out, struct room *r, enum event_type type,
    const struct deed *d, struct slice target)
{
    struct event *e = room_begin(out, type, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->target = target;
    return room_emit(r, e);
}

/* ---- the host ---- */

static int emit_role(struct events *out, struct room *r, const struct deed *d,
    const struct member *m, enum role role)
{
    struct event *e = room_begin(out, EV_ROLE, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->target = slice_str(m->user_id);
    e->role.role = role;
    if (!member_is_inside(m))
        e->audience = AUDIENCE_NOBODY;
    return room_emit(r, e);
}

static bool is_host_inside(const struct member *m)
{
    return member_is_inside(m) && m->role == ROLE_HOST;
}

static unsigned hosts_inside(const struct room *r)
{
    unsigned n = 0;
    LIST_EACH(l, &r->members)
        n += is_host_inside(member_of(l));
    return n;
}

static struct member *longest_present(const struct room *r)
{
    struct member *longest = NULL;
    LIST_EACH(l, &r->members) {
        struct member *m = member_of(l);
        if (!member_is_inside(m))
            continue;
        if (longest == NULL || m->joined_seq < longest->joined_seq)
            longest = m;
    }
    return longest;
}

static int demote_absent(struct events *out, struct room *r, const struct deed *d)
{
    int err = 0;
    LIST_EACH(l, &r->members) {
        const struct member *m = member_of(l);
        if (!err && !member_is_inside(m) && m->role == ROLE_HOST)
            err = emit_role(out, r, d, m, ROLE_PARTICIPANT);
    }
    return err;
}

/* After whatever may have taken the last host away, or brought the first person. */
static int see_to_host(struct events *out, struct room *r, int64_t at_ms)
{
    struct deed d = by_room(at_ms);
    if (r->owner_id[0] != '\0' || r->status == ROOM_ENDED || hosts_inside(r) > 0)
        return 0;
    const struct member *m = longest_present(r);
    if (m == NULL)
        return 0;
    int err = emit_role(out, r, &d, m, ROLE_HOST);
    return err ? err : demote_absent(out, r, &d);
}

/* ---- coming in ---- */

/* Of an interview's people the candidates count. */
static bool is_counted(const struct room *r, struct slice user_id, enum role role)
{
    bool is_staff = r->settings.mode == MODE_INTERVIEW && role >= ROLE_COHOST;
    return !is_staff && !member_is_owner(r, user_id);
}

static uint32_t people_counted(const struct room *r)
{
    uint32_t n = 0;
    LIST_EACH(l, &r->members) {
        const struct member *m = member_of(l);
        n += member_is_inside(m) && is_counted(r, slice_str(m->user_id), m->role);
    }
    return n;
}

static bool is_full(const struct room *r, struct slice user_id, enum role role)
{
    uint32_t max = r->settings.max_participants;
    return max > 0 && is_counted(r, user_id, role) && people_counted(r) >= max;
}

static enum role role_to_be(const struct room *r, struct slice user_id)
{
    const struct member *m = room_member(r, user_id);
    if (member_is_owner(r, user_id))
        return ROLE_HOST;
    return m != NULL ? m->role : ROLE_PARTICIPANT;
}

/* What somebody who waits says to the hosts from now on. */
static struct slice knock_of(const struct member *m, const struct room_join *as)
{
    bool is_as_before = as->knock.p == NULL && m != NULL;
    return is_as_before ? slice_str(m->knock) : as->knock;
}

/* The hosts have been told that somebody waits, and of no other words. */
static bool is_known_to_wait(const struct member *m, const struct room_join *as)
{
    return m != NULL && m->status == MEMBER_PENDING &&
        slice_eq(knock_of(m, as), slice_str(m->knock));
}

static void fill_request(struct event *e, const struct member *m, const struct room_join *as)
{
    e->person.role = ROLE_WAITING;
    e->person.knock = knock_of(m, as);
    if (is_known_to_wait(m, as))
        e->audience = AUDIENCE_NOBODY;
}

/* REQUESTED, JOINED, RETURNED: of the person that the deed is of, with the deed's seat. */
static int emit_person(struct events *out, struct room *r, enum event_type type,
    const struct deed *d, const struct room_join *as)
{
    const struct member *m = room_member(r, d->user_id);
    bool has_seat = m != NULL && room_seat(m, d->seat) != NULL;
    struct event *e = room_begin(out, type, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->person.name = as->name;
    e->person.avatar_url = as->avatar_url;
    e->person.is_guest = as->is_guest;
    e->person.role = role_to_be(r, d->user_id);
    e->person.seats = m != NULL && type != EV_JOINED ? member_seats(m) + !has_seat : 1;
    if (type == EV_REQUESTED)
        fill_request(e, m, as);
    return room_emit(r, e);
}

/* The person is inside with the deed's seat; the seats it waited with are seats like that one. */
static int seat_others(struct events *out, struct room *r, const struct deed *d)
{
    const struct member *m = room_member(r, d->user_id);
    struct room_join as = {
        .name = slice_str(m->name), .avatar_url = slice_str(m->avatar_url), .is_guest = m->is_guest
    };
    uint32_t n = 1;
    int err = 0;
    LIST_EACH(l, &m->seats) {
        struct slice seat = slice_str(CONTAINER_OF(l, struct seat, link)->id);
        struct deed own = { .user_id = d->user_id, .seat = seat, .at_ms = d->at_ms };
        if (err || slice_eq(seat, d->seat))
            continue;
        err = emit_person(out, r, EV_RETURNED, &own, &as);
        if (!err)
            out->at[out->n - 1].person.seats = ++n;
    }
    return err;
}

/* Nobody has a role here yet who could let others in. */
static bool is_founder(const struct room *r)
{
    if (r->owner_id[0] != '\0')
        return false;
    LIST_EACH(l, &r->members) {
        if (member_of(l)->status == MEMBER_APPROVED)
            return false;
    }
    return true;
}

static bool is_known(const struct room *r, struct slice user_id)
{
    const struct member *m = room_member(r, user_id);
    bool is_approved = m != NULL && m->status == MEMBER_APPROVED;
    return is_approved || member_is_owner(r, user_id) || is_founder(r);
}

static int enter(
    struct events *out, struct room *r, const struct deed *d, const struct room_join *a)
{
    const struct member *m = room_member(r, d->user_id);
    bool has_waited = m != NULL && m->status == MEMBER_PENDING && !list_is_empty(&m->seats);
    int err = has_waited ? tell_about(out, r, EV_APPROVED, d, d->user_id) : 0;
    if (!err)
        err = emit_person(out, r, EV_JOINED, d, a);
    if (!err)
        err = seat_others(out, r, d);
    return err ? err : see_to_host(out, r, d->at_ms);
}

static int ask(struct events *out, struct room *r, const struct deed *d, const struct room_join *a)
{
    const struct member *m = room_member(r, d->user_id);
    if (is_known_to_wait(m, a) && room_seat(m, d->seat) != NULL)
        return 0;
    return emit_person(out, r, EV_REQUESTED, d, a);
}

/* Somebody who is not inside. */
static int come(enum join_result *result, struct events *out, struct room *r, const struct deed *d,
    const struct room_join *a)
{
    bool is_owner = member_is_owner(r, d->user_id);
    if (!is_known(r, d->user_id) && r->settings.is_locked)
        return ERR_ROOM_LOCKED;
    if (room_member(r, d->user_id) == NULL && !is_owner && !member_fits(r))
        return ERR_ROOM_FULL;
    if (!is_known(r, d->user_id) && r->settings.approval) {
        *result = JOIN_WAITS;
        return ask(out, r, d, a);
    }
    if (is_full(r, d->user_id, role_to_be(r, d->user_id)))
        return ERR_ROOM_FULL;
    *result = JOIN_ENTERED;
    return enter(out, r, d, a);
}

/* Somebody who is inside: back after a loss, or with one more connection. */
static int come_back(enum join_result *result, struct events *out, struct room *r,
    const struct deed *d, const struct room_join *a)
{
    const struct member *m = room_member(r, d->user_id);
    *result = member_is_lost(m) ? JOIN_RETURNED : JOIN_ENTERED;
    if (room_seat(m, d->seat) != NULL)
        return 0;
    return emit_person(out, r, EV_RETURNED, d, a);
}

static int check_join(const struct deed *d, const struct room_join *a)
{
    int err = text_check(d->user_id, 1, ROOM_USER_ID_MAX, TEXT_ONE_LINE);
    if (!err)
        err = text_check(d->seat, 1, ROOM_SEAT_MAX, TEXT_ONE_LINE);
    if (!err)
        err = text_check(a->name, 1, ROOM_NAME_MAX, TEXT_ONE_LINE);
    if (!err && a->avatar_url.len > 0)
        err = text_check_url(a->avatar_url);
    return err ? err : text_check(a->knock, 0, ROOM_KNOCK_MAX, TEXT_ONE_LINE);
}

/* Whether the deed's seat is one more than a person may have, inside or waiting. */
static bool is_seat_too_many(const struct member *m, struct slice seat)
{
    return m != NULL && room_seat(m, seat) == NULL && member_seats(m) >= ROOM_MAX_SEATS;
}

int room_join(enum join_result *result, struct events *out, struct room *r, const struct deed *d,
    const struct room_join *a)
{
    const struct member *m = room_member(r, d->user_id);
    if (m != NULL && m->status == MEMBER_KICKED)
        return ERR_KICKED;
    int err = room_may(r, VERB_JOIN, d->user_id);
    if (!err)
        err = check_join(d, a);
    if (err)
        return err;
    const struct member *sits = room_member_at(r, d->seat);
    if (sits != NULL && sits != m)
        return ERR_CONFLICT;
    if (is_seat_too_many(m, d->seat))
        return ERR_TOO_MANY;
    if (m != NULL && member_is_inside(m))
        return come_back(result, out, r, d, a);
    return come(result, out, r, d, a);
}

/* ---- being let in ---- */

/* Somebody who waits, let in by whoever the deed is of. Without a seat it may come later. */
static int admit(struct events *out, struct room *r, const struct deed *d, const struct member *m)
{
    struct deed own = { .user_id = slice_str(m->user_id), .at_ms = d->at_ms };
    bool is_here = !list_is_empty(&m->seats);
    if (is_here && is_full(r, own.user_id, m->role))
        return ERR_ROOM_FULL;
    int err = tell_about(out, r, EV_APPROVED, d, own.user_id);
    if (err || !is_here)
        return err;
    own.seat = slice_str(CONTAINER_OF(m->seats.next, struct seat, link)->id);
    return enter(out, r, &own,
        &(struct room_join){ .name = slice_str(m->name),
            .avatar_url = slice_str(m->avatar_url),
            .is_guest = m->is_guest });
}

int people_admit_all(struct events *out, struct room *r, int64_t at_ms)
{
    struct deed d = by_room(at_ms);
    int err = 0;
    LIST_EACH(l, &r->members) {
        const struct member *m = member_of(l);
        if (m->status == MEMBER_PENDING && !list_is_empty(&m->seats))
            err = admit(out, r, &d, m);
        if (err)
            break;
    }
    return err == ERR_ROOM_FULL ? 0 : err;
}

int room_approve(
    struct events *out, struct room *r, const struct deed *d, struct slice target, bool is_approved)
{
    int err = room_may(r, VERB_APPROVE, d->user_id);
    if (err)
        return err;
    const struct member *m = room_member(r, target);
    if (m == NULL || m->status != MEMBER_PENDING)
        return ERR_NOT_FOUND;
    return is_approved ? admit(out, r, d, m) : tell_about(out, r, EV_REJECTED, d, target);
}

/* ---- going ---- */

/* LEFT, LOST: of the deed's seat, or, without one, of a person that has none. */
static int emit_gone(struct events *out, struct room *r, enum event_type type, const struct deed *d)
{
    const struct member *m = room_member(r, d->user_id);
    uint32_t seats = member_seats(m);
    int err = seats == 1 ? focus_note(out, r, m, d->at_ms) : 0;
    if (err)
        return err;
    struct event *e = room_begin(out, type, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->gone.seats = seats > 0 ? seats - 1 : 0;
    if (!member_is_inside(m))
        e->audience = AUDIENCE_NOBODY;
    return room_emit(r, e);
}

static int leave_seat(struct events *out, struct room *r, const struct deed *d, struct slice seat)
{
    struct deed own = { .user_id = d->user_id, .at_ms = d->at_ms };
    int err = arena_copy(&own.seat, out->arena, seat); /* it is freed before it is told */
    return err ? err : emit_gone(out, r, EV_LEFT, &own);
}

static int leave_all(struct events *out, struct room *r, const struct deed *d)
{
    const struct member *m = room_member(r, d->user_id);
    int err = 0;
    if (list_is_empty(&m->seats))
        return member_is_inside(m) ? emit_gone(out, r, EV_LEFT, d) : ERR_NOT_IN_ROOM;
    while (!err && !list_is_empty(&m->seats)) {
        const struct seat *s = CONTAINER_OF(m->seats.next, struct seat, link);
        err = leave_seat(out, r, d, slice_str(s->id));
    }
    return err;
}

int room_leave(struct events *out, struct room *r, const struct deed *d)
{
    int err = room_may(r, VERB_LEAVE, d->user_id);
    if (err)
        return err;
    if (d->seat.len == 0)
        err = leave_all(out, r, d);
    else if (room_seat(room_member(r, d->user_id), d->seat) != NULL)
        err = emit_gone(out, r, EV_LEFT, d);
    else
        err = ERR_NOT_IN_ROOM;
    return err ? err : see_to_host(out, r, d->at_ms);
}

int room_lose(struct events *out, struct room *r, const struct deed *d, enum loss whose)
{
    const struct member *m = room_member(r, d->user_id);
    if (m == NULL || room_seat(m, d->seat) == NULL)
        return ERR_NOT_IN_ROOM;
    int err = emit_gone(out, r, EV_LOST, d);
    if (err || !member_is_lost(m) || whose == LOSS_OURS)
        return err;
    return exam_on_lost(out, r, d);
}

static int64_t grace_ends(const struct room *r, const struct member *m)
{
    return member_is_lost(m) ? m->lost_at_ms + r->grace_ms : FOREVER;
}

int people_tick(struct events *out, struct room *r, int64_t at_ms)
{
    int err = 0;
    LIST_EACH(l, &r->members) {
        const struct member *m = member_of(l);
        struct deed own = { .user_id = slice_str(m->user_id), .at_ms = at_ms };
        if (!err && grace_ends(r, m) <= at_ms)
            err = emit_gone(out, r, EV_LEFT, &own);
    }
    return err ? err : see_to_host(out, r, at_ms);
}

int64_t people_next_due(const struct room *r)
{
    int64_t soonest = FOREVER;
    LIST_EACH(l, &r->members) {
        int64_t due = grace_ends(r, member_of(l));
        if (due < soonest)
            soonest = due;
    }
    return soonest;
}

/* ---- being put out, and let in again ---- */

/* Nobody puts out the owner or, without being host, a host. */
static int may_kick(const struct room *r, const struct deed *d, struct slice target)
{
    const struct member *m = room_member(r, target);
    if (m == NULL)
        return ERR_NOT_FOUND;
    if (member_is_owner(r, target) || slice_eq(d->user_id, target))
        return ERR_FORBIDDEN;
    if (m->role == ROLE_HOST && room_role(r, d->user_id) == ROLE_COHOST)
        return ERR_FORBIDDEN;
    return m->status == MEMBER_KICKED ? ERR_CONFLICT : 0;
}

int room_kick(struct events *out, struct room *r, const struct deed *d, struct slice target,
    struct slice reason)
{
    int err = room_may(r, VERB_KICK, d->user_id);
    if (!err)
        err = may_kick(r, d, target);
    if (!err)
        err = text_check(reason, 0, ROOM_REASON_MAX, TEXT_LINES);
    struct slice seats = S(""); /* that are gone when it is told */
    if (!err)
        err = member_list_seats(&seats, out->arena, room_member(r, target));
    if (!err)
        err = focus_note(out, r, room_member(r, target), d->at_ms);
    if (err)
        return err;
    struct event *e = room_begin(out, EV_KICKED, d);
    if (e == NULL)
        return ERR_NO_MEMORY;
    e->target = target;
    e->kicked.reason = reason;
    e->kicked.seats = seats;
    if (!member_is_inside(room_member(r, target)))
        e->audience = AUDIENCE_HOSTS; /* the others have never seen the person, or seen it go */
    err = room_emit(r, e);
    return err ? err : see_to_host(out, r, d->at_ms);
}

int room_readmit(struct events *out, struct room *r, const struct deed *d, struct slice target)
{
    int err = room_may(r, VERB_READMIT, d->user_id);
    if (err)
        return err;
    const struct member *m = room_member(r, target);
    if (m == NULL || m->status != MEMBER_KICKED)
        return ERR_NOT_FOUND;
    return tell_about(out, r, EV_READMITTED, d, target);
}

/* ---- roles ---- */

/* Hosts of an owned room are made and unmade by its owner; one may lay it down oneself. */
static bool may_set_host(const struct room *r, const struct deed *d, struct slice target)
{
    if (r->owner_id[0] == '\0' || d->user_id.len == 0)
        return true;
    return member_is_owner(r, d->user_id) || slice_eq(d->user_id, target);
}

static int may_set_role(
    const struct room *r, const struct deed *d, const struct member *m, enum role role)
{
    struct slice target = slice_str(m->user_id);
    bool is_of_host = m->role == ROLE_HOST || role == ROLE_HOST;
    bool is_last = r->owner_id[0] == '\0' && is_host_inside(m) && hosts_inside(r) == 1;
    if (member_is_owner(r, target) || (is_last && role != ROLE_HOST))
        return ERR_FORBIDDEN;
    return is_of_host && !may_set_host(r, d, target) ? ERR_FORBIDDEN : 0;
}

int room_set_role(
    struct events *out, struct room *r, const struct deed *d, struct slice target, enum role role)
{
    int err = room_may(r, VERB_ROLE, d->user_id);
    if (err)
        return err;
    if (role < ROLE_PARTICIPANT || role > ROLE_HOST)
        return ERR_BAD_FIELD;
    const struct member *m = room_member(r, target);
    if (m == NULL || m->status != MEMBER_APPROVED)
        return ERR_NOT_FOUND;
    err = may_set_role(r, d, m, role);
    if (err || m->role == role)
        return err;
    return emit_role(out, r, d, m, role);
}
