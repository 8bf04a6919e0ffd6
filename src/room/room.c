/* The room as a whole: its beginning and its end, which event is folded where, what time brings,
 * and who is told. What happens in a room is in the other files, each with its verbs and the fold
 * of the events that they make. */
#include "base/panic.h"
#include "base/xalloc.h"
#include "room/parts.h"

const char room_empty[1] = "";

int room_text_set(char **to, struct slice text)
{
    char *copy = room_no_text;
    if (slice_eq(slice_str(*to), text))
        return 0;
    if (text.len > 0) {
        copy = xtry(NULL, text.len + 1);
        if (copy == NULL)
            return ERR_NO_MEMORY;
        memcpy(copy, text.p, text.len);
        copy[text.len] = '\0';
    }
    room_text_clear(to);
    *to = copy;
    return 0;
}

void room_text_clear(char **text)
{
    if (*text != room_no_text)
        xfree(*text);
    *text = room_no_text;
}

/* ---- beginning and end ---- */

static char *copy_of(struct slice s)
{
    char *copy = xalloc(s.len + 1);
    if (s.len > 0)
        memcpy(copy, s.p, s.len);
    return copy;
}

struct room *room_new(struct slice id, struct map_key key)
{
    struct room *r = xalloc(sizeof(*r));
    *r = (struct room){ .id = copy_of(id),
        .title = room_no_text,
        .owner_id = room_no_text,
        .question = room_no_text,
        .goal = room_no_text,
        .grace_ms = ROOM_GRACE_MS };
    link_init(&r->members);
    link_init(&r->messages);
    link_init(&r->files);
    map_init(&r->by_user, key);
    map_init(&r->messages_by_id, key);
    board_init(r, key);
    return r;
}

void room_free(struct room *r)
{
    if (r == NULL)
        return;
    people_free(r);
    talk_free(r);
    board_free(r);
    map_fini(&r->by_user);
    room_text_clear(&r->title);
    room_text_clear(&r->owner_id);
    room_text_clear(&r->question);
    room_text_clear(&r->goal);
    xfree(r->id);
    xfree(r);
}

/* ---- folding ---- */

typedef int(fold_fn)(struct room *r, const struct event *e);

static fold_fn *const folds[EV_COUNT] = {
    [EV_CREATED] = life_fold,
    [EV_UPDATED] = life_fold,
    [EV_STARTED] = life_fold,
    [EV_ENDED] = life_fold,
    [EV_REQUESTED] = people_fold,
    [EV_APPROVED] = people_fold,
    [EV_REJECTED] = people_fold,
    [EV_JOINED] = people_fold,
    [EV_RETURNED] = people_fold,
    [EV_LOST] = people_fold,
    [EV_LEFT] = people_fold,
    [EV_ROLE] = people_fold,
    [EV_MUTED] = people_fold,
    [EV_KICKED] = people_fold,
    [EV_READMITTED] = people_fold,
    [EV_HAND] = people_fold,
    [EV_MEDIA] = people_fold,
    [EV_TYPING] = people_fold,
    [EV_SIGNAL] = people_fold,
    [EV_CHAT] = talk_fold,
    [EV_CHAT_EDITED] = talk_fold,
    [EV_CHAT_DELETED] = talk_fold,
    [EV_FILE] = talk_fold,
    [EV_DREW] = board_fold,
    [EV_UNDREW] = board_fold,
    [EV_CLEARED] = board_fold,
    [EV_BOARD_SAVED] = board_fold,
    [EV_CURSOR] = board_fold,
    [EV_TIMER] = focus_fold,
    [EV_GOAL] = focus_fold,
    [EV_FOCUSED] = focus_fold,
    [EV_VIOLATION] = exam_fold,
    [EV_WARNED] = exam_fold,
    [EV_VIOLATION_CLEARED] = exam_fold,
    [EV_CODE] = exam_fold,
    [EV_SUBMITTED] = exam_fold,
    [EV_KEPT_ROOM] = life_fold,
    [EV_KEPT_MEMBER] = people_fold,
    [EV_KEPT_MESSAGE] = talk_fold,
    [EV_KEPT_FILE] = talk_fold,
    [EV_KEPT_OP] = board_fold,
};

/* They stand last in event.def. */
static bool is_kept(enum event_type type)
{
    return type >= EV_KEPT_ROOM;
}

/* What was recalled comes before everything else, and all of it with the same number. */
static bool may_follow(const struct room *r, const struct event *e)
{
    if (e->type == EV_KEPT_ROOM)
        return r->seq == 0 && e->seq != 0;
    if (is_kept(e->type))
        return r->is_recalled && e->seq == r->seq;
    return e->seq == 0 || e->seq > r->seq;
}

int room_fold(struct room *r, const struct event *e)
{
    ASSERT(e->type < EV_COUNT);
    if (!may_follow(r, e))
        return ERR_CONFLICT;
    int err = folds[e->type](r, e);
    if (err || e->seq == 0)
        return err;
    r->seq = e->seq;
    r->is_recalled = is_kept(e->type);
    return 0;
}

int room_skip(struct room *r, uint64_t seq)
{
    if (seq <= r->seq)
        return ERR_CONFLICT;
    r->seq = seq;
    r->is_recalled = false;
    return 0;
}

struct event *room_begin(struct events *out, enum event_type type, const struct deed *d)
{
    struct event *e = events_add(out, type);
    if (e == NULL)
        return NULL;
    e->at_ms = d->at_ms;
    e->actor = d->user_id;
    e->seat = d->seat;
    return e;
}

int room_emit(struct room *r, struct event *e)
{
    if (event_info(e->type)->durability != DURABILITY_NONE)
        e->seq = r->seq + 1;
    return room_fold(r, e);
}

/* ---- time ---- */

static const struct {
    int (*tick)(struct events *out, struct room *r, int64_t at_ms);
    int64_t (*next_due)(const struct room *r);
} clocks[] = {
    { .tick = life_tick,
        .next_due = life_next_due }, /* first: nothing else begins in an ended room */
    { .tick = focus_tick, .next_due = focus_next_due },
    { .tick = people_tick, .next_due = people_next_due },
};

#define CLOCKS (sizeof(clocks) / sizeof(clocks[0]))

int room_tick(struct events *out, struct room *r, int64_t at_ms)
{
    int err = 0;
    for (size_t i = 0; i < CLOCKS && !err; i++)
        err = clocks[i].tick(out, r, at_ms);
    return err;
}

int64_t room_next_due(const struct room *r)
{
    int64_t soonest = INT64_MAX;
    for (size_t i = 0; i < CLOCKS; i++) {
        int64_t due = clocks[i].next_due(r);
        if (due < soonest)
            soonest = due;
    }
    return soonest;
}

/* ---- who is told ---- */

struct room_news room_news(const struct room *r, const struct event *e)
{
    return (struct room_news){
        .event = e,
        .actor = e->actor.len > 0 ? room_member(r, e->actor) : NULL,
        .target = e->target.len > 0 ? room_member(r, e->target) : NULL,
    };
}

/* To a person inside, by some seat. */
static bool is_told_inside(const struct room_news *news, const struct member *m)
{
    switch (news->event->audience) {
    case AUDIENCE_ALL:
    case AUDIENCE_OTHERS:
        return true;
    case AUDIENCE_HOSTS:
        return m->role >= ROLE_COHOST;
    case AUDIENCE_TARGET:
        return news->target == m;
    case AUDIENCE_PAIR:
        return news->target == m || news->actor == m;
    case AUDIENCE_NOBODY:
        return false;
    }
    return false;
}

/* To one who waits, was refused, or was kicked. */
static bool is_told_outside(const struct room_news *news, const struct member *m)
{
    enum event_type type = news->event->type;
    if (type == EV_ENDED)
        return m->status == MEMBER_PENDING;
    if (news->target != m)
        return false;
    if (m->status == MEMBER_KICKED)
        return type == EV_KICKED;
    return type == EV_APPROVED || type == EV_REJECTED;
}

static bool is_told(const struct room_news *news, const struct member *m)
{
    const struct event *e = news->event;
    if (!member_is_inside(m))
        return is_told_outside(news, m);
    bool came_later = e->seq != 0 && e->seq < m->joined_seq;
    return (!came_later || e->type == EV_APPROVED) && is_told_inside(news, m);
}
/* Not the connection that an event came from, where that one knows; of a signal, the one it is
 * for. An actor without a connection has none that could tell it apart. */
static bool hears(const struct room_news *news, const struct member *m, const char *seat)
{
    const struct event *e = news->event;
    if (e->type == EV_SIGNAL)
        return slice_eq(slice_str(seat), e->signal.to_seat);
    if (e->type == EV_APPROVED)
        return !slice_eq(slice_str(seat), e->seat);
    if (e->audience != AUDIENCE_OTHERS || news->actor != m)
        return true;
    return e->seat.len > 0 && !slice_eq(slice_str(seat), e->seat);
}

bool room_seat_is_told(const struct room_news *news, const struct member *m, const char *seat)
{
    return is_told(news, m) && hears(news, m, seat);
}

bool room_is_told(const struct room_news *news, const struct member *m)
{
    if (!is_told(news, m))
        return false;
    if (news->event->audience != AUDIENCE_OTHERS || news->actor != m)
        return true;
    LIST_EACH(l, &m->seats) {
        if (hears(news, m, CONTAINER_OF(l, struct seat, link)->id))
            return true;
    }
    return false;
}
