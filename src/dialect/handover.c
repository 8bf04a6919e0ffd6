/* A message that a client has said to its home, and that is for a room of another loop. Who sits
 * nowhere else goes there itself, and says it once more; else it travels to the deputy
 * (hub/deputy.h), whose dispatcher takes it up as if it had come to it, and it waits at home until
 * it is known what came of it. */
#include "base/panic.h"
#include "base/xalloc.h"
#include "dialect/dispatch_parts.h"

/* *Borrows* all. */
struct handover {
    struct dispatch *to;
    struct session *from; /* on its own loop only */
    struct slice name;
    struct slice json;
    uint64_t ack_id;
    uint32_t serial;
    bool is_probe; /* if it is for nobody there, it may be for another deputy */
};

/* Its texts lie behind it. */
struct parcel {
    struct mail mail;
    struct handover what;
    struct deputy_of whom;
    struct identity identity;
    char texts[];
};

/* ---- there ---- */

static void take_over(struct dispatch *d, struct session *s, const struct handover *h)
{
    struct request r = {
        .entry = map_find(&d->by_name, h->name),
        .json = h->json,
        .ack_id = h->ack_id,
        .serial = h->serial,
        .is_probe = h->is_probe,
    };
    struct refusal why = { .err = listener_make(d, s) };
    struct listener *l = s->listener;
    if (!why.err) {
        l->is_deputy = true;
        why.err = listener_take(d, s, &r);
    }
    if (!why.err)
        return;
    dispatch_say_no(s, r.entry, &why, h->ack_id);
    deputy_done(s, h->serial, 0);
}

static void on_arrival(struct mail *mail)
{
    struct parcel *p = CONTAINER_OF(mail, struct parcel, mail);
    struct hub *h = p->what.to->hub;
    struct session *deputy = NULL;
    int err = deputy_find(&deputy, h, &p->whom);
    if (err && deputy)
        deputy_done(deputy, p->whom.serial, err);
    else if (err)
        deputy_refuse(h, &p->whom, err);
    else
        take_over(p->what.to, deputy, &p->what);
    xfree(p);
}

/* ---- at home ---- */

static void keep(struct slice *s, char **to)
{
    if (s->len > 0)
        memcpy(*to, s->p, s->len);
    s->p = *to;
    *to += s->len;
}

/* Copies it and sends it on its way. */
static int hand_on(const struct handover *h)
{
    const struct session *s = h->from;
    const struct identity *who = &s->identity;
    const struct away *away = session_away_at(s, hub_place(h->to->hub));
    size_t len = h->name.len + h->json.len + strlen(s->id) + who->user_id.len + who->name.len +
        who->avatar_url.len + who->token_id.len;
    struct parcel *p = xtry(NULL, sizeof *p + len);
    if (!p)
        return ERR_NO_MEMORY;
    *p = (struct parcel){ .mail = { .fn = on_arrival }, .what = *h, .identity = *who };
    p->what.from = NULL;
    p->whom = (struct deputy_of){
        .home = hub_place(s->hub),
        .handle = s->handle,
        .line = s->line->number,
        .dialect = s->dialect,
        .id = slice_of(s->id, strlen(s->id)),
        .identity = &p->identity,
        .n_elsewhere = session_all_rooms(s) - (away ? away->n_rooms : 0),
        .peer = s->peer,
        .serial = h->serial,
    };
    char *to = p->texts;
    struct slice *texts[] = { &p->what.name, &p->what.json, &p->whom.id, &p->identity.user_id,
        &p->identity.name, &p->identity.avatar_url, &p->identity.token_id };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        keep(texts[i], &to);
    loop_post(hub_loop(h->to->hub), &p->mail);
    return 0;
}

/* A deputy says it there. ERR_AGAIN: it will be known what came of it. */
static int hand_over(struct ask *a, unsigned place, bool is_probe)
{
    struct session *s = a->session;
    struct listener *l = s->listener;
    const struct handover h = {
        .to = l->dispatch->peers[place],
        .from = s,
        .name = slice_str(a->row->name),
        .json = a->json,
        .ack_id = a->ack_id,
        .serial = ++l->serial,
        .is_probe = is_probe,
    };
    int err = hand_on(&h);
    if (err)
        return err;
    errand_desk_clear(a->desk);
    if (a->row->is_join)
        s->dialect = a->language->dialect;
    struct away *away = session_away_to(s, place);
    away->is_busy = true;
    away->serial = h.serial;
    l->is_handed = true;
    return ERR_AGAIN;
}

/* Who sits nowhere else goes there itself, and says this once more. */
int handover_to_room(struct ask *a)
{
    struct session *s = a->session;
    errand_desk_clear(a->desk); /* of a room that went without saying before */
    unsigned place = hub_place_of(s->hub, a->room_id);
    if (s->line->move && s->line->move(s, place))
        return ERR_AGAIN;
    ASSERT(!((struct listener *)s->listener)->is_deputy);
    return hand_over(a, place, false);
}

int handover_to_target(struct ask *a)
{
    struct listener *l = a->session->listener;
    struct away *next = NULL;
    unsigned n = 0;
    LIST_EACH(link, &a->session->away) {
        struct away *away = CONTAINER_OF(link, struct away, link);
        bool is_new = !(l->tried >> away->place & 1) && away->n_rooms > 0;
        next = is_new ? away : next;
        n += is_new;
    }
    return n > 0 ? hand_over(a, next->place, n > 1) : ERR_NOT_FOUND;
}

/* At home: the first of those that wait is done, or is for another one. */
static void on_deputy_done(struct session *s, unsigned place, uint32_t serial, int err)
{
    struct listener *l = s->listener;
    if (!l || !l->is_handed || l->serial != serial)
        return;
    l->is_handed = false;
    if (err == ERR_NOT_FOUND) {
        l->tried |= UINT64_C(1) << place;
    } else {
        struct waiting *w = listener_pop(l);
        struct refusal why = { .err = err };
        l->tried = 0;
        if (err)
            dispatch_say_no(s, w->request.entry, &why, w->request.ack_id);
        xfree(w);
    }
    listener_wake(l);
}

static void on_deputy_end(struct session *s)
{
    struct listener *l = s->listener;
    if (l)
        dispatch_drop(l->dispatch, s);
}

void dispatch_join(struct dispatch *d, struct dispatch *const *peers)
{
    d->peers = peers;
    hub_on_deputy_done(d->hub, on_deputy_done);
    hub_on_deputy_end(d->hub, on_deputy_end);
}
