/* Two kinds of mail: orders from home to a deputy (the client is lost, is back, has gone), and
 * parcels from a deputy home (frames, answers, where it sits). A deputy's line encodes with the
 * real line of its loop, so that it shares what is encoded there for the others, and posts the
 * frame; at home the real line sends it. Each finds the other by a name that dies with it (a
 * session's id, a handle), so mail to one who has gone finds nobody. */
#include "hub/deputy.h"

#include "base/log.h"
#include "base/panic.h"
#include "base/xalloc.h"
#include "hub/parts.h"

/* A line that encodes as the real one of this loop does, and leads to the session's home. */
struct deputy_line {
    struct line line;
    const struct line *real;
};

/* Where a deputy's home is: its carrier. */
struct home {
    unsigned place;
    uint64_t handle;
    uint32_t serial; /* of what was handed over last */
};

enum parcel_kind { PARCEL_FRAME, PARCEL_ANSWER, PARCEL_ROOMS, PARCEL_DONE };

/* What a deputy sends home. */
struct parcel {
    struct mail mail;
    struct hub *to;
    uint64_t handle;
    enum parcel_kind kind;
    unsigned from;
    uint32_t serial;     /* of DONE */
    int err;             /* of DONE */
    struct frame *frame; /* of FRAME */
    void (*unref)(struct frame *f);
    uint64_t ack_id;  /* of ANSWER */
    unsigned n_rooms; /* of ROOMS and DONE */
    bool is_owed;     /* likewise: answers are to come */
    size_t len;       /* of ANSWER: JSON; of ROOMS and DONE: a room's id */
    char text[];
};

/* ---- home ---- */

struct away *session_away_at(const struct session *s, unsigned place)
{
    LIST_EACH(l, &s->away) {
        struct away *a = CONTAINER_OF(l, struct away, link);
        if (a->place == place)
            return a;
    }
    return NULL;
}

struct away *session_away_to(struct session *s, unsigned place)
{
    struct away *a = session_away_at(s, place);
    if (a)
        return a;
    a = xalloc(sizeof *a);
    *a = (struct away){ .place = place };
    link_init(&a->link);
    list_push(&s->away, &a->link);
    return a;
}

unsigned session_all_rooms(const struct session *s)
{
    unsigned n = s->n_rooms;
    LIST_EACH(l, &s->away)
        n += CONTAINER_OF(l, struct away, link)->n_rooms;
    return n;
}

struct slice session_only_room_id(const struct session *s)
{
    const struct hub_room *r = session_only_room(s);
    if (session_all_rooms(s) != 1)
        return S("");
    if (r)
        return hub_room_id(r);
    LIST_EACH(l, &s->away) {
        const struct away *a = CONTAINER_OF(l, struct away, link);
        if (a->n_rooms == 1)
            return slice_str(a->room);
    }
    return S("");
}

/* ---- what home tells its deputies ---- */

enum order_kind { ORDER_LOSE, ORDER_REGAIN, ORDER_END };

struct order {
    struct mail mail;
    struct hub *to;
    unsigned home;
    enum order_kind kind;
    char id[SESSION_ID_BYTES + 1];
};

static const struct home *home_of(const struct session *s)
{
    return s->carrier;
}

static bool is_deputy(const struct session *s)
{
    return s->line == s->hub->deputy_lines[s->line->number];
}

static void end_deputy(struct session *s)
{
    void *home = s->carrier;
    if (s->hub->drop_deputy)
        s->hub->drop_deputy(s);
    session_end(s);
    xfree(home);
}

static void on_order(struct mail *mail)
{
    struct order *o = CONTAINER_OF(mail, struct order, mail);
    struct session *s = session_find(o->to, slice_str(o->id));
    bool is_theirs = s && is_deputy(s) && home_of(s)->place == o->home;
    if (is_theirs && o->kind == ORDER_LOSE)
        session_lose(s);
    else if (is_theirs && o->kind == ORDER_REGAIN)
        session_regain(s);
    else if (is_theirs)
        end_deputy(s);
    xfree(o);
}

static void order(const struct session *s, const struct away *a, enum order_kind kind)
{
    struct order *o = xalloc(sizeof *o);
    struct hub *to = s->hub->all->at[a->place];
    *o =
        (struct order){ .mail = { .fn = on_order }, .to = to, .home = s->hub->place, .kind = kind };
    memcpy(o->id, s->id, sizeof o->id);
    loop_post(to->loop, &o->mail);
}

void deputies_lose(struct session *s)
{
    LIST_EACH(l, &s->away)
        order(s, CONTAINER_OF(l, struct away, link), ORDER_LOSE);
}

void deputies_regain(struct session *s)
{
    LIST_EACH(l, &s->away)
        order(s, CONTAINER_OF(l, struct away, link), ORDER_REGAIN);
}

static void dismiss(struct session *s, struct away *a)
{
    order(s, a, ORDER_END);
    link_leave(&a->link);
    xfree(a);
}

void deputies_end(struct session *s)
{
    while (!list_is_empty(&s->away))
        dismiss(s, CONTAINER_OF(s->away.next, struct away, link));
}

/* ---- parcels, at home ---- */

/* A deputy that sits nowhere any more, and has nothing to do, is of no use. */
static void note_rooms(struct session *s, const struct parcel *p)
{
    struct away *a = session_away_at(s, p->from);
    if (!a)
        return;
    a->n_rooms = p->n_rooms;
    memcpy(a->room, p->text, p->len);
    a->room[p->len] = '\0';
    if (p->kind == PARCEL_DONE)
        a->is_busy = false;
    if (!a->is_busy && a->n_rooms == 0 && !p->is_owed)
        dismiss(s, a);
}

static void take(struct session *s, const struct parcel *p)
{
    switch (p->kind) {
    case PARCEL_FRAME:
        s->line->send(s, p->frame);
        return;
    case PARCEL_ANSWER:
        session_answer(s, p->ack_id, slice_of(p->text, p->len));
        return;
    case PARCEL_ROOMS:
        note_rooms(s, p);
        return;
    case PARCEL_DONE:
        note_rooms(s, p);
        s->hub->deputy_done(s, p->from, p->serial, p->err);
        return;
    }
}

static void on_parcel(struct mail *mail)
{
    struct parcel *p = CONTAINER_OF(mail, struct parcel, mail);
    struct session *s = session_by_handle(p->to, p->handle);
    if (s && !s->is_ended)
        take(s, p);
    if (p->frame)
        p->unref(p->frame);
    xfree(p);
}

/* ---- parcels, at the other place ---- */

/* NULL: no memory, and it does not arrive. */
static struct parcel *parcel_new(
    const struct hub *h, const struct home *home, enum parcel_kind kind, struct slice text)
{
    struct parcel *p = xtry(NULL, sizeof *p + text.len);
    if (!p)
        return NULL;
    *p = (struct parcel){
        .mail = { .fn = on_parcel },
        .to = h->all->at[home->place],
        .handle = home->handle,
        .kind = kind,
        .from = h->place,
        .serial = home->serial,
        .len = text.len,
    };
    if (text.len > 0)
        memcpy(p->text, text.p, text.len);
    return p;
}

static void post(struct parcel *p)
{
    loop_post(p->to->loop, &p->mail);
}

static void on_send(struct session *s, struct frame *f)
{
    const struct line *real = CONTAINER_OF(s->line, const struct deputy_line, line)->real;
    struct parcel *p = parcel_new(s->hub, home_of(s), PARCEL_FRAME, S(""));
    if (!p)
        return;
    real->ref(f);
    p->frame = f;
    p->unref = real->unref;
    post(p);
}

static void on_answer(struct session *s, uint64_t ack_id, struct slice json)
{
    struct parcel *p = parcel_new(s->hub, home_of(s), PARCEL_ANSWER, json);
    if (!p)
        return;
    p->ack_id = ack_id;
    post(p);
}

static void send_rooms(const struct session *s, enum parcel_kind kind, int err)
{
    struct slice room = S("");
    if (s->n_rooms > 0)
        room = hub_room_id(attendance_of_session(s->attendances.next)->room);
    struct parcel *p = parcel_new(s->hub, home_of(s), kind, room);
    ASSERT(p); /* a hundred bytes: its home would wait for ever */
    p->n_rooms = s->n_rooms;
    p->is_owed = s->n_owed > 0;
    p->err = err;
    post(p);
}

static void on_rooms(struct session *s)
{
    if (!s->is_ended)
        send_rooms(s, PARCEL_ROOMS, 0);
}

void deputy_done(struct session *s, int err)
{
    if (!s->is_ended)
        send_rooms(s, PARCEL_DONE, err);
}

void deputy_refuse(struct hub *h, const struct deputy_of *whom, int err)
{
    const struct home at = { .place = whom->home, .handle = whom->handle, .serial = whom->serial };
    struct parcel *p = parcel_new(h, &at, PARCEL_DONE, S(""));
    ASSERT(p);
    p->err = err;
    post(p);
}

/* ---- a deputy's beginning ---- */

static struct frame *on_encode(const struct line *line, struct slice name, struct slice json)
{
    const struct line *real = CONTAINER_OF(line, const struct deputy_line, line)->real;
    return real->encode(real, name, json);
}

void hub_add_line(struct hub *h, const struct line *real)
{
    struct deputy_line *l = xalloc(sizeof *l);
    ASSERT(real->number < TONGUE_LINES && !h->deputy_lines[real->number]);
    *l = (struct deputy_line){
        .line = { .name = real->name,
            .number = real->number,
            .encode = on_encode,
            .ref = real->ref,
            .unref = real->unref,
            .send = on_send,
            .answer = real->answer ? on_answer : NULL,
            .on_rooms = on_rooms },
        .real = real,
    };
    h->deputy_lines[real->number] = &l->line;
}

void hub_on_deputy_done(struct hub *h, deputy_done_fn *fn)
{
    h->deputy_done = fn;
}

void hub_on_deputy_end(struct hub *h, deputy_drop_fn *fn)
{
    h->drop_deputy = fn;
}

static int make(struct session **out, struct hub *h, const struct deputy_of *whom)
{
    struct home *home = xtry(NULL, sizeof *home);
    if (!home)
        return ERR_NO_MEMORY;
    *home = (struct home){ .place = whom->home, .handle = whom->handle };
    const struct session_options o = {
        .hub = h,
        .line = h->deputy_lines[whom->line],
        .dialect = whom->dialect,
        .carrier = home,
        .id = whom->id,
        .identity = whom->identity,
        .peer = whom->peer,
    };
    ASSERT(o.line);
    int err = session_new(out, &o);
    if (err)
        xfree(home);
    return err;
}

int deputy_find(struct session **out, struct hub *h, const struct deputy_of *whom)
{
    struct session *s = session_find(h, whom->id);
    int err = s ? 0 : make(&s, h, whom);
    if (!err && (!is_deputy(s) || home_of(s)->handle != whom->handle))
        err = ERR_CONFLICT;
    if (err)
        return err;
    struct home *home = s->carrier;
    home->serial = whom->serial;
    *out = s;
    return session_update(s, whom->identity, whom->is_bound);
}

/* Those whose homes have gone before they could say so. */
void deputies_end_all(struct hub *h)
{
    uint32_t at = 0;
    struct session *s;
    while ((s = map_next(&h->by_session_id, &at)) != NULL) {
        if (!is_deputy(s))
            continue;
        end_deputy(s);
        at = 0;
    }
}

void deputy_lines_free(struct hub *h)
{
    for (unsigned i = 0; i < TONGUE_LINES; i++) {
        if (h->deputy_lines[i])
            xfree(CONTAINER_OF(h->deputy_lines[i], struct deputy_line, line));
    }
}
