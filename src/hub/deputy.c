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

#define SLOW_US UINT64_C(1000000) /* so long a deputy believes that its client reads slowly */

/* A line that encodes as the real one of this loop does, and leads to the session's home. */
struct deputy_line {
    struct line line;
    const struct line *real;
};

/* Where a deputy's home is: its carrier. */
struct home {
    unsigned place;
    uint64_t handle;
    uint32_t identity_changes; /* of the deputy: home knows of so many */
    uint64_t slow_until_us;    /* the client reads slowly */
};

enum parcel_kind { PARCEL_FRAME, PARCEL_ANSWER, PARCEL_ROOMS, PARCEL_DONE };

/* What a deputy sends home. */
struct parcel {
    struct mail mail;
    struct hub *to;
    uint64_t handle;
    enum parcel_kind kind;
    unsigned from;
    uint64_t deputy;      /* of ROOMS and DONE: its handle there; 0: there is none */
    uint32_t serial;      /* of DONE */
    int err;              /* of DONE */
    struct identity *who; /* of DONE: who the client is by now; NULL: who it was */
    struct frame *frame;  /* of FRAME */
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
    unsigned n = s->n_rooms + s->n_elsewhere;
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

/* One that is dismissed stays if it sits somewhere again. */
enum order_kind { ORDER_LOSE, ORDER_REGAIN, ORDER_SLOW, ORDER_DISMISS, ORDER_END };

struct order {
    struct mail mail;
    struct hub *to;
    unsigned home;
    enum order_kind kind;
    uint64_t handle; /* of the deputy, where its home has no id any more; else 0 */
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

static void obey(struct session *s, enum order_kind kind)
{
    struct home *home = s->carrier;
    switch (kind) {
    case ORDER_LOSE:
        session_lose(s);
        return;
    case ORDER_REGAIN:
        session_regain(s);
        return;
    case ORDER_SLOW:
        home->slow_until_us = loop_now_us(s->hub->loop) + SLOW_US;
        return;
    case ORDER_DISMISS:
        if (s->n_rooms == 0 && s->n_owed == 0)
            end_deputy(s);
        return;
    case ORDER_END:
        end_deputy(s);
        return;
    }
}

static void on_order(struct mail *mail)
{
    struct order *o = CONTAINER_OF(mail, struct order, mail);
    struct session *s = o->handle ? session_by_handle(o->to, o->handle)
                                  : session_find(o->to, slice_str(o->id));
    if (s && is_deputy(s) && home_of(s)->place == o->home)
        obey(s, o->kind);
    xfree(o);
}

static struct order *order_new(const struct hub *home, unsigned place, enum order_kind kind)
{
    struct order *o = xalloc(sizeof *o);
    *o = (struct order){
        .mail = { .fn = on_order }, .to = home->all->at[place], .home = home->place, .kind = kind
    };
    return o;
}

static void order(const struct session *s, unsigned place, enum order_kind kind)
{
    struct order *o = order_new(s->hub, place, kind);
    memcpy(o->id, s->id, sizeof o->id);
    loop_post(o->to->loop, &o->mail);
}

void deputies_lose(struct session *s)
{
    LIST_EACH(l, &s->away)
        order(s, CONTAINER_OF(l, struct away, link)->place, ORDER_LOSE);
}

void deputies_regain(struct session *s)
{
    LIST_EACH(l, &s->away)
        order(s, CONTAINER_OF(l, struct away, link)->place, ORDER_REGAIN);
}

static void dismiss(struct session *s, struct away *a, enum order_kind kind)
{
    order(s, a->place, kind);
    link_leave(&a->link);
    xfree(a);
}

void deputies_end(struct session *s)
{
    while (!list_is_empty(&s->away))
        dismiss(s, CONTAINER_OF(s->away.next, struct away, link), ORDER_END);
}

/* ---- parcels, at home ---- */

/* A deputy that sits nowhere any more, and has nothing to do, is of no use. One that was dismissed
 * may have taken its seat again before it heard so: a room that goes back to what is stored takes
 * back who left it. */
static void note_rooms(struct session *s, const struct parcel *p)
{
    struct away *a = p->n_rooms > 0 ? session_away_to(s, p->from) : session_away_at(s, p->from);
    if (!a) {
        if (!p->is_owed)
            order(s, p->from, ORDER_DISMISS);
        return;
    }
    a->n_rooms = p->n_rooms;
    memcpy(a->room, p->text, p->len);
    a->room[p->len] = '\0';
    if (p->kind == PARCEL_DONE && p->serial == a->serial)
        a->is_busy = false;
    if (!a->is_busy && a->n_rooms == 0 && !p->is_owed)
        dismiss(s, a, ORDER_DISMISS);
}

/* Where the client does not read, its deputies leave out what does not last, too. */
static void note_pace(struct session *s, unsigned place)
{
    struct away *a = session_away_at(s, place);
    uint64_t now = loop_now_us(s->hub->loop);
    bool is_slow = s->line->is_slow && s->line->is_slow(s);
    if (!a || !is_slow || now < a->slow_told_us + SLOW_US / 2)
        return;
    a->slow_told_us = now;
    order(s, place, ORDER_SLOW);
}

/* False: by a token that was revoked meanwhile, so it has ended. */
static bool adopt(struct session *s, const struct identity *who)
{
    int err = who ? session_adopt(s, who) : 0;
    if (err == ERR_UNAUTHORIZED && s->line->end) {
        session_send_away(s);
        return false;
    }
    if (err)
        log_debug(LOG_HUB, "who a client is has not come home", LOG_ERR(err));
    return true;
}

static void take(struct session *s, const struct parcel *p)
{
    switch (p->kind) {
    case PARCEL_FRAME:
        s->line->send(s, p->frame);
        note_pace(s, p->from);
        return;
    case PARCEL_ANSWER:
        session_answer(s, p->ack_id, slice_of(p->text, p->len));
        return;
    case PARCEL_ROOMS:
        note_rooms(s, p);
        return;
    case PARCEL_DONE:
        if (!adopt(s, p->who))
            return;
        note_rooms(s, p);
        s->hub->deputy_done(s, p->from, p->serial, p->err);
        return;
    }
}

static void parcel_free(struct parcel *p)
{
    if (p->frame)
        p->unref(p->frame);
    if (p->who)
        identity_disown(p->who);
    xfree(p->who);
    xfree(p);
}

/* It does not know yet that its home has gone, or it was dismissed and stayed. */
static void end_orphan(const struct parcel *p)
{
    struct order *o = order_new(p->to, p->from, ORDER_END);
    o->handle = p->deputy;
    loop_post(o->to->loop, &o->mail);
}

static void on_parcel(struct mail *mail)
{
    struct parcel *p = CONTAINER_OF(mail, struct parcel, mail);
    struct session *s = session_by_handle(p->to, p->handle);
    if (s && !s->is_ended)
        take(s, p);
    else if (p->deputy)
        end_orphan(p);
    parcel_free(p);
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

/* Where it sits, for its home. */
static struct parcel *report(const struct session *s, enum parcel_kind kind)
{
    struct slice room = S("");
    if (s->n_rooms > 0)
        room = hub_room_id(attendance_of_session(s->attendances.next)->room);
    struct parcel *p = parcel_new(s->hub, home_of(s), kind, room);
    ASSERT(p); /* a hundred bytes: its home would wait for ever */
    p->deputy = s->handle;
    p->n_rooms = s->n_rooms;
    p->is_owed = s->n_owed > 0;
    return p;
}

static void on_rooms(struct session *s)
{
    if (!s->is_ended)
        post(report(s, PARCEL_ROOMS));
}

/* Without memory it is said with the next one. */
static void add_identity(struct parcel *p, const struct session *s)
{
    struct home *home = s->carrier;
    if (home->identity_changes == s->identity_changes)
        return;
    p->who = xtry(NULL, sizeof *p->who);
    if (p->who && identity_own(p->who, &s->identity)) {
        identity_disown(p->who);
        xfree(p->who);
        p->who = NULL;
    }
    if (p->who)
        home->identity_changes = s->identity_changes;
}

void deputy_done(struct session *s, uint32_t serial, int err)
{
    if (s->is_ended)
        return;
    struct parcel *p = report(s, PARCEL_DONE);
    p->serial = serial;
    p->err = err;
    add_identity(p, s);
    post(p);
}

void deputy_refuse(struct hub *h, const struct deputy_of *whom, int err)
{
    const struct home at = { .place = whom->home, .handle = whom->handle };
    struct parcel *p = parcel_new(h, &at, PARCEL_DONE, S(""));
    ASSERT(p);
    p->serial = whom->serial;
    p->err = err;
    post(p);
}

/* ---- a deputy's beginning ---- */

static struct frame *on_encode(
    const struct line *line, struct slice name, struct slice json, bool is_lasting)
{
    const struct line *real = CONTAINER_OF(line, const struct deputy_line, line)->real;
    return real->encode(real, name, json, is_lasting);
}

static bool on_is_slow(const struct session *s)
{
    return loop_now_us(s->hub->loop) < home_of(s)->slow_until_us;
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
            .is_slow = real->is_slow ? on_is_slow : NULL,
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
    *out = s;
    s->n_elsewhere = whom->n_elsewhere;
    if (s->is_lost) /* it was not known at home when that came back */
        session_regain(s);
    err = session_adopt(s, whom->identity);
    home->identity_changes = s->identity_changes;
    return err;
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
