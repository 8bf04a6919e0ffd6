#include "dialect/replay.h"

#define ROOM_FOR_ONE (WORDS_MAX / 2) /* messages that an event may take */

struct replay {
    struct ask *ask;
    const struct member *member;
    replay_wants_fn *wants;
};

static void on_missed(void *arg, const struct room_news *news)
{
    const struct replay *r = arg;
    const struct event *e = news->event;
    struct ask *a = r->ask;
    const struct dialect *d = a->language->dialect;
    struct view v = ask_view(a);
    if (!r->wants(e))
        return;
    if (a->words.n > WORDS_MAX - ROOM_FOR_ONE)
        ask_flush(a);
    d->tell(&a->words, &v, e, d->ear ? d->ear(news, r->member, a->session->id) : 0);
}

bool replay_missed(struct ask *a, const struct replay_point *from, replay_wants_fn *wants)
{
    struct replay r = { .ask = a, .member = ask_member(a), .wants = wants };
    if (!from->has_since || !r.member)
        return false;
    uint64_t since = (uint64_t)from->since;
    return hub_replay(a->room, r.member, since, from->epoch, on_missed, &r) == 0;
}
