#include "dialect/replay.h"

#define ROOM_FOR_ONE (WORDS_MAX / 2) /* messages that an event may take */

struct replay {
    struct ask *ask;
    const struct member *member;
    replay_wants_fn *wants;
};

/* What was said goes out, and the list is empty again. */
static void flush(struct ask *a)
{
    const struct hub_answer answer = {
        .words = &a->words,
        .ack_id = TONGUE_NO_ACK,
        .dialect = a->language->dialect,
        .request = a->row->name,
    };
    hub_answer(a->room, a->session, &answer);
    words_init(&a->words, a->words.json, a->words.is_typed);
}

static void on_missed(void *arg, const struct event *e)
{
    const struct replay *r = arg;
    struct ask *a = r->ask;
    const struct dialect *d = a->language->dialect;
    struct view v = ask_view(a);
    if (!r->wants(e))
        return;
    if (a->words.n > WORDS_MAX - ROOM_FOR_ONE)
        flush(a);
    d->tell(&a->words, &v, e, d->ear ? d->ear(e, r->member, slice_str(a->session->id)) : 0);
}

bool replay_missed(struct ask *a, uint64_t since, struct slice epoch, replay_wants_fn *wants)
{
    struct replay r = { .ask = a, .member = ask_member(a), .wants = wants };
    return r.member && hub_replay(a->room, r.member, since, epoch, on_missed, &r) == 0;
}
