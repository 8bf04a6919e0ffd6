/* The members of a room: who is remembered, with which seats, and how the events of people change
 * that. The verbs are in people.c and presence.c.
 *
 *     nobody --REQUESTED--> PENDING --APPROVED--> APPROVED --JOINED--> inside
 *                              |                     ^                   |
 *                           REJECTED                 '----- LEFT --------'
 *
 * Who is inside has a seat, or had one within the grace (LOST). KICKED leads out of every state,
 * and only READMITTED leads back, to APPROVED. Whoever has been here stays a member, with role,
 * code and counts; only when there is no place for more the guest who has been away for the longest
 * is forgotten, if nothing depends on the memory. */
#include "base/buf.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "room/parts.h"

static struct member *member_of(struct link *l)
{
    return CONTAINER_OF(l, struct member, link);
}

/* ---- seats ---- */

static struct seat *seat_of(struct link *l)
{
    return CONTAINER_OF(l, struct seat, link);
}

static void seat_free(struct seat *s)
{
    link_leave(&s->link);
    room_text_clear(&s->id);
    xfree(s);
}

static void free_seats(struct member *m)
{
    LIST_EACH(l, &m->seats)
        seat_free(seat_of(l));
}

static int seat_add(struct member *m, struct slice id)
{
    if (id.len == 0 || room_seat(m, id) != NULL)
        return 0;
    struct seat *s = xtry(NULL, sizeof(*s));
    if (s == NULL)
        return ERR_NO_MEMORY;
    *s = (struct seat){ .id = room_no_text };
    link_init(&s->link);
    int err = room_text_set(&s->id, id);
    if (err) {
        seat_free(s);
        return err;
    }
    list_push(&m->seats, &s->link);
    return 0;
}

static void seat_remove(struct member *m, struct slice id)
{
    struct seat *s = room_seat(m, id);
    if (s != NULL)
        seat_free(s);
}

struct seat *room_seat(const struct member *m, struct slice seat)
{
    LIST_EACH(l, &m->seats) {
        struct seat *s = seat_of(l);
        if (slice_eq(slice_str(s->id), seat))
            return s;
    }
    return NULL;
}

uint32_t member_seats(const struct member *m)
{
    uint32_t n = 0;
    LIST_EACH(l, &m->seats)
        n++;
    return n;
}

int member_list_seats(struct slice *out, struct arena *arena, const struct member *m)
{
    struct buf text;
    buf_init(&text, ROOM_MAX_SEATS * (4 * ROOM_SEAT_MAX + 1));
    LIST_EACH(l, &m->seats) {
        if (text.len > 0)
            buf_add_char(&text, '\n');
        buf_add_str(&text, seat_of(l)->id);
    }
    int err = buf_err(&text);
    if (!err)
        err = arena_copy(out, arena, buf_slice(&text));
    buf_fini(&text);
    return err;
}

/* ---- questions ---- */

struct member *room_member(const struct room *r, struct slice user_id)
{
    struct member *m = r->recent;
    if (m != NULL && slice_eq(user_id, slice_str(m->user_id)))
        return m;
    m = map_find(&r->by_user, user_id);
    if (m != NULL) /* the room is not another one for it */
        ((struct room *)(uintptr_t)r)->recent = m;
    return m;
}

bool member_is_owner(const struct room *r, struct slice user_id)
{
    return user_id.len > 0 && slice_eq(slice_str(r->owner_id), user_id);
}

bool member_is_inside(const struct member *m)
{
    return m->status == MEMBER_APPROVED && m->is_present;
}

bool member_is_lost(const struct member *m)
{
    return member_is_inside(m) && list_is_empty(&m->seats);
}

enum role room_role(const struct room *r, struct slice user_id)
{
    const struct member *m = room_member(r, user_id);
    if (m == NULL)
        return ROLE_OUTSIDER;
    if (m->status == MEMBER_PENDING)
        return ROLE_WAITING;
    return member_is_inside(m) ? m->role : ROLE_OUTSIDER;
}

struct member *room_member_at(const struct room *r, struct slice seat)
{
    LIST_EACH(l, &r->members) {
        struct member *m = member_of(l);
        if (room_seat(m, seat) != NULL)
            return m;
    }
    return NULL;
}

unsigned room_connected(const struct room *r)
{
    unsigned n = 0;
    LIST_EACH(l, &r->members) {
        const struct member *m = member_of(l);
        n += member_is_inside(m) && !list_is_empty(&m->seats);
    }
    return n;
}

/* ---- remembering and forgetting ---- */

static void member_free(struct member *m)
{
    link_leave(&m->link);
    free_seats(m);
    room_text_clear(&m->user_id);
    room_text_clear(&m->name);
    room_text_clear(&m->avatar_url);
    room_text_clear(&m->knock);
    room_text_clear(&m->goal);
    room_text_clear(&m->code);
    room_text_clear(&m->language);
    room_text_clear(&m->reports);
    room_text_clear(&m->handed_in);
    xfree(m);
}

static void forget(struct room *r, struct member *m)
{
    r->recent = NULL;
    map_remove(&r->by_user, slice_str(m->user_id));
    r->n_members--;
    member_free(m);
}

/* Elsewhere what guests report and write counts for nothing: they could fill the room with it. */
static bool is_supervised(const struct room_settings *s)
{
    return s->mode == MODE_INTERVIEW || s->warn_at > 0 || s->auto_submit_at > 0;
}

static bool is_forgettable(const struct room *r, const struct member *m)
{
    bool is_away = !m->is_present && list_is_empty(&m->seats) && m->status != MEMBER_KICKED;
    bool has_done = m->violations > 0 || m->code_len > 0 || m->has_submitted;
    return is_away && m->is_guest && !(has_done && is_supervised(&r->settings)) &&
        !member_is_owner(r, slice_str(m->user_id));
}

/* Who may be forgotten and has been away for the longest, or NULL. */
static struct member *longest_gone(const struct room *r)
{
    struct member *longest = NULL;
    LIST_EACH(l, &r->members) {
        struct member *m = member_of(l);
        if (!is_forgettable(r, m))
            continue;
        if (longest == NULL || m->left_at_ms < longest->left_at_ms)
            longest = m;
    }
    return longest;
}

bool member_fits(const struct room *r)
{
    return r->n_members < ROOM_MAX_MEMBERS || longest_gone(r) != NULL;
}

static void make_place(struct room *r)
{
    struct member *m = r->n_members >= ROOM_MAX_MEMBERS ? longest_gone(r) : NULL;
    if (m != NULL)
        forget(r, m);
}

static int enlist(struct room *r, struct member *m, struct slice user_id)
{
    int err = room_text_set(&m->user_id, user_id);
    return err ? err : map_put(&r->by_user, slice_str(m->user_id), m, NULL);
}

static struct member *member_make(struct room *r, struct slice user_id)
{
    struct member *m = xtry(NULL, sizeof(*m));
    if (m == NULL)
        return NULL;
    *m = (struct member){ .user_id = room_no_text,
        .name = room_no_text,
        .avatar_url = room_no_text,
        .knock = room_no_text,
        .goal = room_no_text,
        .code = room_no_text,
        .language = room_no_text,
        .reports = room_no_text,
        .handed_in = room_no_text,
        .role = ROLE_PARTICIPANT };
    link_init(&m->link);
    link_init(&m->seats);
    if (enlist(r, m, user_id) != 0) {
        member_free(m);
        return NULL;
    }
    list_push(&r->members, &m->link);
    r->n_members++;
    return m;
}

void people_free(struct room *r)
{
    LIST_EACH(l, &r->members)
        forget(r, member_of(l));
}

/* ---- folding ---- */

/* What was said at the door ends with the waiting. */
static void set_status(struct member *m, enum member_status status)
{
    m->status = status;
    if (status != MEMBER_PENDING)
        room_text_clear(&m->knock);
}

/* REQUESTED, JOINED, RETURNED: the actor as it is now, with its seat. */
static int fold_person(struct member **out, struct room *r, const struct event *e)
{
    struct member *m = room_member(r, e->actor);
    if (m == NULL) {
        make_place(r);
        m = member_make(r, e->actor);
    }
    if (m == NULL)
        return ERR_NO_MEMORY;
    m->is_guest = e->person.is_guest;
    int err = room_text_set(&m->name, e->person.name);
    if (!err)
        err = room_text_set(&m->avatar_url, e->person.avatar_url);
    if (!err)
        err = seat_add(m, e->seat);
    *out = m;
    return err;
}

static int fold_requested(struct room *r, const struct event *e)
{
    struct member *m;
    int err = fold_person(&m, r, e);
    if (err)
        return err;
    if (m->status != MEMBER_PENDING || m->joined_at_ms == 0)
        m->joined_at_ms = e->at_ms;
    set_status(m, MEMBER_PENDING);
    m->left_at_ms = 0;
    return room_text_set(&m->knock, e->person.knock);
}

static int fold_joined(struct room *r, const struct event *e)
{
    struct member *m;
    int err = fold_person(&m, r, e);
    if (err)
        return err;
    set_status(m, MEMBER_APPROVED);
    m->role = e->person.role;
    m->is_present = true;
    m->joined_at_ms = e->at_ms;
    m->joined_seq = e->seq;
    m->lost_at_ms = 0;
    m->left_at_ms = 0;
    focus_watch(r, m, e->at_ms);
    return 0;
}

/* The log may have lost the joining of somebody unknown. */
static int fold_returned(struct room *r, const struct event *e)
{
    struct member *m = room_member(r, e->actor);
    if (m == NULL)
        return fold_joined(r, e);
    int err = fold_person(&m, r, e);
    if (err)
        return err;
    m->lost_at_ms = 0;
    focus_watch(r, m, e->at_ms);
    return 0;
}

static int keep_texts(struct member *m, const struct event *e)
{
    int err = room_text_set(&m->name, e->kept_member.name);
    if (!err)
        err = room_text_set(&m->avatar_url, e->kept_member.avatar_url);
    if (!err)
        err = room_text_set(&m->knock, e->kept_member.knock);
    if (!err)
        err = room_text_set(&m->goal, e->kept_member.goal);
    return err;
}

static int keep_seats(struct member *m, struct slice seats)
{
    struct slice id;
    int err = 0;
    while (!err && slice_cut(&id, &seats, '\n'))
        err = seat_add(m, id);
    return err;
}

static int keep_exam(struct member *m, const struct event *e)
{
    m->violations = e->kept_member.violations;
    memcpy(m->by_kind, e->kept_member.by_kind, sizeof(m->by_kind));
    m->is_warned = e->kept_member.is_warned;
    m->has_submitted = e->kept_member.has_submitted;
    m->submitted_at_ms = e->kept_member.submitted_at_ms;
    m->is_auto_submitted = e->kept_member.is_auto_submitted;
    m->is_code_new = e->kept_member.is_code_new;
    int err = room_text_set(&m->code, e->kept_member.code);
    m->code_len = e->kept_member.code.len;
    if (!err)
        err = room_text_set(&m->language, e->kept_member.language);
    if (!err)
        err = room_text_set(&m->reports, e->kept_member.reports);
    return err ? err : room_text_set(&m->handed_in, e->kept_member.handed_in);
}

static int fold_kept(struct room *r, const struct event *e)
{
    if (room_member(r, e->actor) != NULL)
        return ERR_CONFLICT;
    struct member *m = member_make(r, e->actor); /* all that there were have their place */
    if (m == NULL)
        return ERR_NO_MEMORY;
    m->status = e->kept_member.status;
    m->role = e->kept_member.role;
    m->is_guest = e->kept_member.is_guest;
    m->is_present = e->kept_member.is_present;
    m->hand = e->kept_member.hand;
    m->hand_at_ms = e->kept_member.hand_at_ms;
    m->focus_since_ms = e->kept_member.focus_since_ms;
    m->goal_done = e->kept_member.goal_done;
    m->joined_at_ms = e->at_ms;
    m->joined_seq = e->kept_member.joined_seq;
    m->lost_at_ms = e->kept_member.lost_at_ms;
    m->left_at_ms = e->kept_member.left_at_ms;
    int err = keep_texts(m, e);
    if (!err)
        err = keep_exam(m, e);
    return err ? err : keep_seats(m, e->kept_member.seats);
}

/* The person is out: nothing of it is in the room but the memory. */
static void put_out(struct member *m, int64_t at_ms)
{
    free_seats(m);
    m->is_present = false;
    m->hand = false;
    m->hand_at_ms = 0;
    m->lost_at_ms = 0;
    m->left_at_ms = at_ms;
}

static void fold_lost(struct member *m, const struct event *e)
{
    seat_remove(m, e->seat);
    if (member_is_lost(m))
        m->lost_at_ms = e->at_ms;
    else if (list_is_empty(&m->seats))
        m->left_at_ms = e->at_ms; /* of those who wait no place is kept */
}

static void fold_left(struct member *m, const struct event *e)
{
    seat_remove(m, e->seat);
    if (list_is_empty(&m->seats))
        put_out(m, e->at_ms);
}

static void fold_kicked(struct member *m, const struct event *e)
{
    put_out(m, e->at_ms);
    set_status(m, MEMBER_KICKED);
    m->role = ROLE_PARTICIPANT;
}

static void fold_rejected(struct member *m, const struct event *e)
{
    put_out(m, e->at_ms);
    set_status(m, MEMBER_REJECTED);
}

static void fold_hand(struct member *m, const struct event *e)
{
    m->hand = e->hand.is_raised;
    m->hand_at_ms = m->hand ? e->at_ms : 0;
}

static void fold_media(struct member *m, const struct event *e)
{
    struct seat *s = room_seat(m, e->seat);
    if (s == NULL)
        return;
    s->audio = e->media.audio;
    s->video = e->media.video;
    s->screen = e->media.screen;
}

/* Of whom the event tells, where it is somebody known. */
static struct member *subject_of(const struct room *r, const struct event *e)
{
    return room_member(r, e->target.len > 0 ? e->target : e->actor);
}

static void fold_change(struct member *m, const struct event *e)
{
    switch (e->type) {
    case EV_LOST:
        fold_lost(m, e);
        return;
    case EV_LEFT:
        fold_left(m, e);
        return;
    case EV_APPROVED:
    case EV_READMITTED:
        set_status(m, MEMBER_APPROVED);
        return;
    case EV_REJECTED:
        fold_rejected(m, e);
        return;
    case EV_KICKED:
        fold_kicked(m, e);
        return;
    case EV_ROLE:
        m->role = e->role.role;
        return;
    case EV_HAND:
        fold_hand(m, e);
        return;
    case EV_MEDIA:
        fold_media(m, e);
        return;
    default:
        PANIC("not of people: %s", event_info(e->type)->name);
    }
}

int people_fold(struct room *r, const struct event *e)
{
    struct member *m;
    switch (e->type) {
    case EV_REQUESTED:
        return fold_requested(r, e);
    case EV_JOINED:
        return fold_joined(r, e);
    case EV_RETURNED:
        return fold_returned(r, e);
    case EV_KEPT_MEMBER:
        return fold_kept(r, e);
    case EV_MUTED:
    case EV_TYPING:
    case EV_SIGNAL:
        return 0;
    default:
        m = subject_of(r, e);
        if (m == NULL)
            return 0;
        fold_change(m, e);
        focus_watch(r, m, e->at_ms);
        return 0;
    }
}
