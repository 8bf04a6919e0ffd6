#include "dialect/handover.h"

#include "base/log.h"
#include "base/xalloc.h"
#include "hub/deputy.h"

/* Its texts lie behind it. */
struct parcel {
    struct mail mail;
    struct handover what;
    struct deputy_of whom;
    struct identity identity;
    char texts[];
};

static void arrive(struct mail *mail)
{
    struct parcel *p = CONTAINER_OF(mail, struct parcel, mail);
    struct hub *h = dispatch_hub(p->what.to);
    struct session *deputy = NULL;
    int err = deputy_find(&deputy, h, &p->whom);
    if (err && deputy)
        deputy_done(deputy, err);
    else if (err)
        deputy_refuse(h, &p->whom, err);
    else
        dispatch_take_over(p->what.to, deputy, &p->what);
    xfree(p);
}

static void keep(struct slice *s, char **to)
{
    if (s->len > 0)
        memcpy(*to, s->p, s->len);
    s->p = *to;
    *to += s->len;
}

int handover_send(const struct handover *h)
{
    const struct session *s = h->from;
    const struct identity *who = &s->identity;
    size_t len = h->name.len + h->json.len + strlen(s->id) + who->user_id.len + who->name.len +
        who->avatar_url.len + who->token_id.len;
    struct parcel *p = xtry(NULL, sizeof *p + len);
    if (!p)
        return ERR_NO_MEMORY;
    *p = (struct parcel){ .mail = { .fn = arrive }, .what = *h, .identity = *who };
    p->what.from = NULL;
    p->whom = (struct deputy_of){
        .home = hub_place(s->hub),
        .handle = s->handle,
        .line = s->line->number,
        .dialect = s->dialect,
        .id = slice_of(s->id, strlen(s->id)),
        .identity = &p->identity,
        .is_bound = session_all_rooms(s) > 0,
        .peer = s->peer,
        .serial = h->serial,
    };
    char *to = p->texts;
    struct slice *texts[] = { &p->what.name, &p->what.json, &p->whom.id, &p->identity.user_id,
        &p->identity.name, &p->identity.avatar_url, &p->identity.token_id };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        keep(texts[i], &to);
    loop_post(hub_loop(dispatch_hub(h->to)), &p->mail);
    return 0;
}
